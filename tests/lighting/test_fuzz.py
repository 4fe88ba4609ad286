"""Whatever bytes come: a photometry, an answer or a LightingError, and soon."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from presales_desktop.lighting import scene
from presales_desktop.lighting.errors import LightingError
from presales_desktop.lighting.read import read
from tests.lighting import samples

SEEDS = [
    samples.ies(),
    samples.ies(header="IESNA91", tilt="TILT=INCLUDE\n1\n3\n0 30 60\n1 .9 .8"),
    samples.ies(line_1="1 -1 1 3 2 2 2 -1 -1 0", angles="-90 0 90\n-90 90", candela="1 2 3 4 5 6"),
    samples.ldt(),
    samples.ldt(isym=3, planes=8, c=tuple(range(0, 360, 45)), values=[1] * 15),
]
NASTY = [
    b"nan",
    b"-1",
    b"1e400",
    b"99999999999",
    b"0",
    b"",
    b"\xff\xfe",
    b"\x00",
    b"1e-320",
    b"-0",
    b"3.7",
    "飞".encode(),
    b"1,5",
]


def outcome(step: Callable[[], object]) -> LightingError | None:
    """The refusal, None for an answer that can be written as JSON; any other exception is a failure."""
    try:
        json.dumps(step(), allow_nan=False)
    except LightingError as error:
        return error
    return None


def tried(data: bytes) -> None:
    # A hang ends at pytest's time limit; no clock decides here.
    error = outcome(lambda: read(data, "fuzz").figures())
    assert error is None or error.code.startswith("photometry.")


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(SEEDS), st.data())
def test_cut_and_garbled(seed: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(seed)))
    end = data.draw(st.integers(start, min(len(seed), start + 12)))
    tried(seed[:start] + data.draw(st.sampled_from(NASTY) | st.binary(max_size=6)) + seed[end:])
    tried(seed[:end])


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(SEEDS), st.integers(0, 60), st.sampled_from(NASTY))
def test_one_number_replaced(seed: bytes, index: int, value: bytes) -> None:
    words = seed.split(b"\n")
    place = index % len(words)
    inner = words[place].split(b" ")
    inner[index % len(inner)] = value
    words[place] = b" ".join(inner)
    tried(b"\n".join(words))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=400))
def test_foreign_bytes(data: bytes) -> None:
    tried(data)
    tried(b"IESNA:LM-63-2002\nTILT=NONE\n" + data)


def test_large_inputs_end_soon() -> None:
    tried(b"IESNA:LM-63-2002\nTILT=NONE\n" + b"1 " * 2_000_000)
    tried(b"IESNA:LM-63-2002\n" + b"[MORE] x\n" * 500_000)
    tried(b"\n".join([b"1"] * 1_000_000))
    wide = samples.ies(
        line_1="1 -1 1 1000 900 1 2 0 0 0",
        angles=" ".join(f"{k * 0.18:.4f}" for k in range(1000)) + "\n" + " ".join(f"{k * 0.4:.4f}" for k in range(900)),
        candela="1 " * 900_000,
    )
    tried(wide)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=8,
)
ROOM = {"polygon_m": [[0, 0], [6, 0], [6, 4], [0, 4]], "height_m": 2.8}
SCENE: dict[str, Any] = {
    "rooms": [ROOM],
    "luminaires": [{"photometry": "a.ies", "position_m": [3, 2, 2.7]}],
    "grid": {"spacing_m": 1.0},
    "points": [[3, 2, 0.75, 0, 0, 1]],
    "photometry": "a.ies",
    "target_lux": 100,
}
PATHS: list[list[Any]] = [
    [], ["rooms"], ["rooms", 0], ["rooms", 0, "polygon_m"], ["rooms", 0, "polygon_m", 1], ["rooms", 0, "polygon_m", 1, 0],
    ["rooms", 0, "height_m"], ["rooms", 0, "reflectance"], ["luminaires"], ["luminaires", 0], ["luminaires", 0, "position_m"],
    ["luminaires", 0, "position_m", 2], ["luminaires", 0, "photometry"], ["luminaires", 0, "tilt_deg"], ["grid"],
    ["grid", "spacing_m"], ["grid", "margin_m"], ["grid", "height_m"], ["points"], ["points", 0], ["points", 0, 3],
    ["target_lux"], ["maintenance_factor"], ["interreflection"], ["uniformity"], ["mounting_height_m"], ["name"],
]  # fmt: skip


def planted(value: Any, path: list[Any]) -> Any:
    content = json.loads(json.dumps(SCENE))
    if not path:
        return value
    inner = content
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return content


@pytest.fixture(scope="module")
def folder() -> Any:
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "a.ies").write_bytes(samples.ies())
        yield Path(name)


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(PATHS), JSON, st.booleans())
def test_scenes(folder: Path, path: list[Any], value: Any, arranged: bool) -> None:
    file = folder / "scene.json"
    file.write_text(json.dumps(planted(value, path)), encoding="utf-8", errors="replace")
    error = outcome(lambda: (scene.arrange_answer if arranged else scene.lux_answer)(file))
    assert error is None or error.file


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=200))
def test_scene_of_any_bytes(folder: Path, data: bytes) -> None:
    file = folder / "bytes.json"
    file.write_bytes(data)
    with pytest.raises(LightingError):
        scene.lux_answer(file)
