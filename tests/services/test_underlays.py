"""Underlays: DXF and pictures into polylines; every bad file is one clear error."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import ezdxf
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from presales_desktop.models.errors import InputError
from presales_desktop.services import underlays
from presales_desktop.services.underlays import parse, scale_of
from presales_desktop.texts import designs as words


def drawing(**header: Any) -> Any:
    made = ezdxf.new("R2010", setup=False)
    for name, value in header.items():
        made.header[f"${name}"] = value
    return made


def as_bytes(document: Any) -> bytes:
    out = io.StringIO()
    document.write(out)
    return out.getvalue().encode("utf-8")


def house(unit: int = 4) -> bytes:
    """A 6 x 4 m house in millimetres: walls, a door as a block, a curve, words, a hatch, a switched-off layer."""
    made = drawing(INSUNITS=unit)
    space = made.modelspace()
    made.layers.add("WALL")
    made.layers.add("OLD").off()
    space.add_lwpolyline(
        [(1000, 2000), (7000, 2000), (7000, 6000), (1000, 6000)], close=True, dxfattribs={"layer": "WALL"}
    )
    block = made.blocks.new("DOOR")
    block.add_line((0, 0), (900, 0))
    block.add_arc((0, 0), 900, 0, 90, dxfattribs={"layer": "SWING"})
    space.add_blockref("DOOR", (2000, 2000), dxfattribs={"layer": "DOORS", "rotation": 90})
    space.add_circle((4000, 4000), 500, dxfattribs={"layer": "FURNITURE"})
    space.add_spline([(1000, 2000), (2000, 3000), (3000, 2500)], dxfattribs={"layer": "FURNITURE"})
    space.add_ellipse((4000, 4000), (800, 0), 0.5, dxfattribs={"layer": "FURNITURE"})
    space.add_text("客厅", dxfattribs={"insert": (3000, 3000), "height": 250, "layer": "TEXT"})
    space.add_mtext("卧室\\P12 m2", dxfattribs={"insert": (5000, 5000), "char_height": 200, "layer": "TEXT"})
    space.add_hatch(dxfattribs={"layer": "HATCH"}).paths.add_polyline_path([(1000, 2000), (2000, 2000), (2000, 3000)])
    space.add_line((1000, 2000), (7000, 6000), dxfattribs={"layer": "OLD"})
    return as_bytes(made)


def test_a_drawing_becomes_lines_by_layer() -> None:
    plan = parse(house(), "house.dxf")
    layers = {layer.name: layer for layer in plan.layers}
    assert plan.width == pytest.approx(6000, abs=1)
    assert plan.height == pytest.approx(4000, abs=1)
    assert layers["WALL"].points.min() == 0
    assert {"WALL", "DOORS", "SWING", "FURNITURE", "TEXT", "HATCH", "OLD"} <= set(layers)
    assert layers["OLD"].off
    assert not layers["WALL"].off
    assert len(list(layers["FURNITURE"].lines())) == 3


def test_blocks_are_placed_and_turned() -> None:
    plan = parse(house(), "house.dxf")
    line = next(iter(next(layer for layer in plan.layers if layer.name == "DOORS").lines()))
    assert np.allclose(line, [[1000, 0], [1000, 900]], atol=1)


def test_words_are_read() -> None:
    plan = parse(house(), "house.dxf")
    texts = {t.text for layer in plan.layers for t in layer.texts}
    assert {"客厅", "卧室", "12 m2"} <= texts


def test_a_plausible_unit_is_only_a_hint() -> None:
    plan = parse(house(), "house.dxf")
    assert (plan.hint_m, plan.hint_plausible) == (0.001, True)
    assert plan.first_scale() == 0.001
    lying = parse(house(unit=6), "house.dxf")
    assert not lying.hint_plausible
    assert [d.code for d in lying.doubts] == ["underlay.unit_doubtful"]
    assert lying.first_scale() == pytest.approx(20 / 6000)
    assert parse(house(unit=0), "house.dxf").hint_m is None


def test_survey_coordinates_keep_their_millimetres() -> None:
    made = drawing()
    made.modelspace().add_line((500_000_000.123, 4_000_000_000.456), (500_006_000.123, 4_000_004_000.456))
    made.modelspace().add_line((500_000_000.123, 4_000_000_000.456), (500_006_000.123, 4_000_000_000.456))
    plan = parse(as_bytes(made), "survey.dxf")
    assert plan.width == pytest.approx(500_006_000.123 - 500_000_000.123)


def test_a_stray_far_away_does_not_shrink_the_house() -> None:
    made = drawing()
    for i in range(60):
        made.modelspace().add_line((i * 100, 0), (i * 100, 4000))
    made.modelspace().add_line((9e8, 9e8), (9e8 + 1, 9e8))
    plan = parse(as_bytes(made), "stray.dxf")
    assert plan.width == pytest.approx(5900)
    assert "underlay.strays" in [d.code for d in plan.doubts]


def test_too_many_entities_are_cut_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(underlays, "MAX_ENTITIES", 5)
    plan = parse(house(), "house.dxf")
    assert "underlay.truncated" in [d.code for d in plan.doubts]


def test_blocks_inside_themselves_end() -> None:
    made = drawing()
    block = made.blocks.new("LOOP")
    block.add_line((0, 0), (1, 0))
    block.add_blockref("LOOP", (1, 1))
    made.modelspace().add_blockref("LOOP", (0, 0))
    made.modelspace().add_line((0, 0), (100, 50))
    assert parse(as_bytes(made), "loop.dxf").width >= 100


def test_a_picture_counts_in_pixels() -> None:
    out = io.BytesIO()
    Image.new("RGB", (400, 300), "white").save(out, "PNG")
    plan = parse(out.getvalue(), "plan.png")
    assert (plan.format, plan.width, plan.height, plan.hint_m) == ("image", 400, 300, None)
    big = io.BytesIO()
    Image.new("L", (6000, 3000)).save(big, "JPEG")
    reduced = parse(big.getvalue(), "plan.jpg")
    assert reduced.width == 6000
    assert max(Image.open(io.BytesIO(reduced.picture)).size) == 4000


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file.empty"),
        (b"AC1032\x00\x00rest of a dwg", "underlay.dwg"),
        (b"%PDF-1.7 ...", "underlay.pdf"),
        (b"PK\x03\x04 a spreadsheet", "underlay.unknown"),
        ("客户,电话".encode(), "underlay.unknown"),
        (b"\x89PNG\r\n\x1a\n broken", "image.unreadable"),
        (b"\xff\xd8\xff\xe0 broken", "image.unreadable"),
        (b"  0\nSECTION\n  2\nENTITIES\n", "underlay.nothing_drawn"),
    ],
)
def test_foreign_and_broken_files(data: bytes, code: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(data, "x.bin")
    assert (
        caught.value.code in (code, "underlay.unreadable")
        if code == "underlay.nothing_drawn"
        else caught.value.code == code
    )
    assert caught.value.file == "x.bin"


def test_a_huge_file_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(underlays, "MAX_BYTES", 1000)
    with pytest.raises(InputError, match=r"file\.too_large"):
        parse(house(), "house.dxf")


def test_a_bomb_of_pixels_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(underlays, "MAX_PIXELS", 1000)
    out = io.BytesIO()
    Image.new("L", (100, 100)).save(out, "PNG")
    with pytest.raises(InputError, match=r"file\.too_large"):
        parse(out.getvalue(), "bomb.png")


HOUSE = house()


@given(cut=st.integers(0, len(HOUSE) - 1))
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_truncated_drawing_is_read_or_refused(cut: int) -> None:
    try:
        plan = parse(HOUSE[:cut], "cut.dxf")
    except InputError:
        return
    assert plan.width > 0 or plan.height > 0


@given(
    edits=st.lists(
        st.tuples(st.integers(0, len(HOUSE) - 1), st.binary(min_size=1, max_size=12)), min_size=1, max_size=12
    )
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_garbled_drawing_is_read_or_refused(edits: list[tuple[int, bytes]]) -> None:
    data = bytearray(HOUSE)
    for place, noise in edits:
        data[place : place + len(noise)] = noise
    try:
        plan = parse(bytes(data), "noise.dxf")
    except InputError:
        return
    assert np.isfinite([plan.width, plan.height]).all()
    for layer in plan.layers:
        assert np.isfinite(layer.points).all()


@given(st.binary(max_size=400))
@settings(max_examples=60, deadline=None)
def test_noise_is_refused(data: bytes) -> None:
    with pytest.raises(InputError):
        parse(data, "noise")


def test_scale_from_two_points() -> None:
    assert scale_of((0, 0), (141.7, 0), 3.6) == pytest.approx(3.6 / 141.7)
    with pytest.raises(InputError, match=r"underlay\.points_equal"):
        scale_of((1, 1), (1, 1), 3.6)
    for bad in (0.0, -1.0, float("nan"), 1e9):
        with pytest.raises(InputError, match=r"underlay\.length_bad"):
            scale_of((0, 0), (1, 0), bad)


def test_every_doubt_has_its_sentence() -> None:
    source = Path(underlays.__file__).read_text("utf-8")
    codes = {part.split('"')[0] for part in source.split('Doubt("')[1:]}
    assert codes
    assert codes <= set(words.ERRORS)


@pytest.mark.shared
def test_the_real_house(shared_data: Path) -> None:
    """Its header says millimetres, its coordinates are inches: 961 x 691 in = 24.4 x 17.6 m."""
    plan = parse((shared_data / "plans" / "house.dxf").read_bytes(), "house.dxf")
    assert plan.hint_m == 0.001
    assert not plan.hint_plausible
    assert "underlay.unit_doubtful" in [d.code for d in plan.doubts]
    assert plan.width * 0.0254 == pytest.approx(24.41, abs=0.05)
    wall = next(layer for layer in plan.layers if layer.name.endswith("A-WALL"))
    assert len(list(wall.lines())) > 100


def _many_lines(count: int) -> bytes:
    drawing = ezdxf.new("R2000")
    space = drawing.modelspace()
    for n in range(count):
        space.add_line((n % 100, n // 100), (n % 100 + 1, n // 100))
    out = io.StringIO()
    drawing.write(out)
    return out.getvalue().encode()


def test_reading_a_drawing_tells_how_far_it_is() -> None:
    heard: list[tuple[int, int]] = []
    plan = parse(_many_lines(4000), "plan.dxf", lambda done, total: heard.append((done, total)))
    assert plan.format == "dxf"
    assert {total for _, total in heard} == {100}
    percents = [done for done, _ in heard]
    assert percents == sorted(set(percents))
    assert percents[0] == 0
    assert any(0 < p <= 30 for p in percents)
    assert percents[-1] > 90


@pytest.mark.parametrize("stop_at", [1, 86])
def test_what_stops_the_reading_comes_out_as_it_is_and_nothing_is_remembered(stop_at: int) -> None:
    class StoppedByUserError(Exception):
        pass

    def step(done: int, _total: int) -> None:
        if done >= stop_at:
            raise StoppedByUserError

    data = _many_lines(3000 + stop_at)
    with pytest.raises(StoppedByUserError):
        underlays.read(data, "plan.dxf", step)
    heard: list[int] = []
    assert underlays.read(data, "plan.dxf", lambda done, _: heard.append(done)).layers
    assert heard  # read again, not from memory
