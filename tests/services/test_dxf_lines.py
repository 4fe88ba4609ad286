"""What is read past the library is what the library would have read."""

from __future__ import annotations

import io
from typing import Any

import ezdxf
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from presales_desktop.models.errors import InputError
from presales_desktop.services import dxf_lines, underlays
from presales_desktop.services.underlays import Plan, parse


def _bytes(document: Any, encoding: str = "utf-8", ending: str = "\n") -> bytes:
    out = io.StringIO()
    document.write(out)
    return out.getvalue().replace("\n", ending).encode(encoding, "dxfreplace")


def _mixed(version: str = "R2010") -> Any:
    """Of everything that is plain or nearly so, and what is neither."""
    made: Any = ezdxf.new(version)  # type: ignore[attr-defined]
    made.layers.add("墙体 WALL")
    made.layers.add("OLD").off()
    space = made.modelspace()
    for n in range(40):
        space.add_line((n * 100, 0), (n * 100 + 50, 4000.25), dxfattribs={"layer": "墙体 WALL"})
    space.add_line((0, 0, 5), (4000, 100, 7), dxfattribs={"layer": "OLD"})
    space.add_circle((2000, 2000), 500)
    space.add_text("客厅", dxfattribs={"insert": (1000, 1000), "height": 200})
    block = made.blocks.new("DOOR")
    block.add_line((0, 0), (900, 0))
    space.add_blockref("DOOR", (100, 100))
    made.layout("Layout1").add_line((0, 0), (99_999, 99_999))
    if version != "R12":
        space.add_lwpolyline([(0, 0), (4000, 0), (4000, 4000)], close=True, dxfattribs={"layer": "墙体 WALL"})
        space.add_lwpolyline([(0, 0), (100, 900), (300, 900)])
        space.add_lwpolyline([(0, 0, 0.5), (1000, 0, 0)], format="xyb")
        space.add_lwpolyline([(10, 10), (60, 10)], dxfattribs={"extrusion": (0, 0, -1)})
    return made


def _said(plan: Plan) -> Any:
    layers = {
        layer.name: (layer.off, sorted(np.round(line, 2).tolist() for line in layer.lines()), layer.texts)
        for layer in plan.layers
    }
    return plan.width, plan.height, plan.hint_m, plan.doubts, layers


@pytest.mark.parametrize(
    ("version", "encoding", "ending"),
    [("R2010", "utf-8", "\n"), ("R2010", "utf-8", "\r\n"), ("R2000", "gbk", "\r\n"), ("R12", "cp1252", "\n")],
)
def test_a_large_drawing_reads_the_same_as_a_small_one(
    version: str, encoding: str, ending: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = _mixed(version)
    document.encoding = encoding
    if encoding == "gbk":
        document.header["$DWGCODEPAGE"] = "ANSI_936"
    data = _bytes(document, encoding, ending)
    taken = dxf_lines.take(data)
    assert taken is not None
    assert taken.count == (41 if version == "R12" else 43)
    by_the_library = parse(data, "plan.dxf")
    monkeypatch.setattr(underlays, "LARGE_BYTES", 0)
    assert _said(parse(data, "plan.dxf")) == _said(by_the_library)
    assert "墙体 WALL" in {layer.name for layer in by_the_library.layers}


def test_what_is_no_even_rows_of_code_and_value_is_left_to_the_library() -> None:
    data = _bytes(_mixed())
    assert dxf_lines.take(data) is not None
    head, section, entities = data.partition(b"\nENTITIES\n")
    assert dxf_lines.take(head + section + entities.replace(b"\nLINE\n", b"\nLINE\n\n", 1)) is None
    assert dxf_lines.take(data.replace(b"ENTITIES", b"ENTITLES")) is None
    assert dxf_lines.take(data[: len(data) // 3]) is None


def test_a_line_with_a_broken_number_stays_in_the_file() -> None:
    data = _bytes(_mixed())
    whole, broken = dxf_lines.take(data), dxf_lines.take(data.replace(b"4000.25", b"4OOO.25", 1))
    assert whole is not None
    assert broken is not None
    assert broken.count == whole.count - 1
    assert b"4OOO.25" in broken.rest


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.floats(0, 0.999), st.binary(min_size=1, max_size=12)), min_size=1, max_size=5))
def test_a_garbled_large_drawing_is_read_or_refused(
    monkeypatch: pytest.MonkeyPatch, edits: list[tuple[float, bytes]]
) -> None:
    monkeypatch.setattr(underlays, "LARGE_BYTES", 0)
    data = bytearray(_SMALL)
    section = data.index(b"ENTITIES")
    for place, noise in edits:
        at = section + int(place * (len(data) - section))
        data[at : at + len(noise)] = noise
    try:
        plan = parse(bytes(data), "plan.dxf")
    except InputError:
        return
    assert plan.width > 0 or plan.height > 0
    for layer in plan.layers:
        assert np.isfinite(layer.points).all()


_SMALL = _bytes(_mixed())


def test_more_points_than_a_canvas_draws_are_cut_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(underlays, "LARGE_BYTES", 0)
    monkeypatch.setattr(underlays, "MAX_POINTS", 50)
    plan = parse(_SMALL, "plan.dxf")
    assert "underlay.truncated" in [doubt.code for doubt in plan.doubts]
    assert sum(len(layer.points) for layer in plan.layers) <= 50
