from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from presales_desktop.lighting import scene
from presales_desktop.lighting.errors import LightingError
from tests.lighting import samples


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "downlight.ies").write_bytes(samples.ies())
    (tmp_path / "broken.ies").write_bytes(samples.ies(candela="500 x 0"))
    return tmp_path


def example(**changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = {
        "rooms": [{"name": "客厅", "polygon_m": [[0, 0], [6, 0], [6, 4], [0, 4]], "height_m": 2.8,
                   "reflectance": {"ceiling": 0.7, "walls": 0.5, "floor": 0.2}}],
        "luminaires": [{"photometry": "downlight.ies", "position_m": [3, 2, 2.79], "rotation_deg": 0, "tilt_deg": 0,
                        "flux_factor": 1.0}],
        "maintenance_factor": 0.8,
        "grid": {"height_m": 0.75, "spacing_m": 0.25, "margin_m": 0.5},
        "points": [[3.0, 2.0, 0.75, 0, 0, 1]],
        "interreflection": True,
    }  # fmt: skip
    made.update(changes)
    return {key: value for key, value in made.items() if value is not ...}


def answer(folder: Path, content: object, ask=scene.lux_answer) -> dict[str, Any]:
    path = folder / "scene.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    made = ask(path)
    json.dumps(made, allow_nan=False)
    return made


def test_shape_of_the_answer(folder: Path) -> None:
    (room,) = answer(folder, example())["rooms"]
    for name in ("average_lux", "minimum_lux", "maximum_lux", "uniformity", "lpd_w_m2", "lpd_workplane_w_m2"):
        assert isinstance(room[name], float)
    assert room["name"] == "客厅"
    assert len(room["points"]) == 12 * 20 + 1
    x, y, z, lux, direct = room["points"][0]
    assert (x, y, z) == (0.625, 0.625, 0.75)
    assert lux > direct > 0
    assert room["uniformity"] == pytest.approx(room["minimum_lux"] / room["average_lux"])
    assert room["lpd_w_m2"] == pytest.approx(9.5 / 24)
    assert room["lpd_workplane_w_m2"] == pytest.approx(9.5 / 15)


def test_direct_light_by_hand(folder: Path) -> None:
    (room,) = answer(folder, example(grid=..., interreflection=False))["rooms"]
    (point,) = room["points"]
    assert point[3] == pytest.approx(0.8 * 500 / 2.04**2, rel=1e-4)
    assert point[3] == point[4]
    assert room["average_lux"] == pytest.approx(point[3], rel=1e-4)
    assert room["lpd_workplane_w_m2"] is None


def test_grid_alone_and_several_rooms(folder: Path) -> None:
    second = {"name": "B", "polygon_m": [[6, 0], [9, 0], [9, 4], [6, 4], [6, 0]], "height_m": 2.5}
    content = example(points=...)
    content["rooms"].append(second)
    first, dark = answer(folder, content)["rooms"]
    assert first["average_lux"] > 0
    assert dark["average_lux"] == 0
    assert len(dark["points"]) == 8 * 12


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"rooms": ...}, "scene.field_missing", "rooms"),
        ({"rooms": []}, "scene.empty", "rooms"),
        ({"rooms": {}}, "scene.list_expected", "rooms"),
        ({"rooms": [7]}, "scene.object_expected", "rooms[0]"),
        ({"grid": ..., "points": ...}, "scene.nothing_asked", "grid"),
        ({"grid": {"margin_m": 2.0}}, "grid.no_points", "grid.margin_m"),
        ({"grid": {"spacing_m": "x"}}, "scene.number_expected", "grid.spacing_m"),
        ({"grid": {"spacing_m": 1e-9}}, "grid.spacing", "grid.spacing_m"),
        ({"grid": {"spacing_m": 0.002}}, "grid.too_many_points", "grid.spacing_m"),
        ({"maintenance_factor": 0}, "scene.out_of_range", "maintenance_factor"),
        ({"maintenance_factor": True}, "scene.number_expected", "maintenance_factor"),
        ({"interreflection": 1}, "scene.flag_expected", "interreflection"),
        ({"points": [[1, 2]]}, "scene.vector_expected", "points[0]"),
        ({"points": [[3, 2, 0.75, 0, 0, 2]]}, "point.normal", "points[0]"),
        ({"points": [[30, 2, 0.75, 0, 0, 1]]}, "point.outside", "points[0]"),
        ({"points": [[3, "2", 0.75]]}, "scene.number_expected", "points[0][1]"),
    ],
)
def test_refusals_name_the_field(folder: Path, change: dict[str, Any], code: str, field: str) -> None:
    with pytest.raises(LightingError) as caught:
        answer(folder, example(**change))
    assert (caught.value.code, caught.value.field, caught.value.file) == (code, field, "scene.json")


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"photometry": "none.ies"}, "scene.photometry_missing", "luminaires[0].photometry"),
        ({"photometry": 5}, "scene.text_expected", "luminaires[0].photometry"),
        ({"photometry": "\x00"}, "scene.photometry_missing", "luminaires[0].photometry"),
        ({"position_m": [9, 9, 2]}, "luminaire.outside", "luminaires[0].position_m"),
        ({"position_m": [3, 2]}, "scene.vector_expected", "luminaires[0].position_m"),
        ({"flux_factor": -1}, "scene.out_of_range", "luminaires[0].flux_factor"),
    ],
)
def test_luminaire_refusals(folder: Path, change: dict[str, Any], code: str, field: str) -> None:
    content = example()
    content["luminaires"][0].update(change)
    with pytest.raises(LightingError) as caught:
        answer(folder, content)
    assert (caught.value.code, caught.value.field) == (code, field)


def test_a_broken_photometry_names_its_own_line(folder: Path) -> None:
    content = example()
    content["luminaires"][0]["photometry"] = "broken.ies"
    with pytest.raises(LightingError) as caught:
        answer(folder, content)
    assert (caught.value.file, caught.value.line) == ("broken.ies", 10)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "scene.not_json"), ("[1, 2", "scene.not_json"), ("[]", "scene.object_expected"),
        ('{"rooms": NaN}', "scene.not_finite"), ('{"a": -Infinity}', "scene.not_finite"),
        ("[" * 100_000, "scene.not_json"), ('{"rooms": ' + "9" * 5000 + "}", "scene.not_json"),
        ('{"rooms": [{"polygon_m": [[0,0],[1e999,0],[1,1]]}]}', "scene.out_of_range"),
        ('{"rooms": [{"polygon_m": [[0,0],[2,2],[2,0],[0,2]], "height_m": 3}]}', "room.not_simple"),
    ],
)  # fmt: skip
def test_not_a_scene(folder: Path, text: str, code: str) -> None:
    with pytest.raises(LightingError) as caught:
        answer(folder, text)
    assert caught.value.code == code


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(LightingError) as caught:
        scene.lux_answer(tmp_path / "none.json")
    assert caught.value.code == "file.missing"
    with pytest.raises(LightingError) as caught:
        scene.photometry_answer(tmp_path)
    assert caught.value.code == "file.unreadable"


def test_other_answers(folder: Path) -> None:
    path = folder / "downlight.ies"
    assert scene.photometry_answer(path)["warnings"] == []
    table = scene.utilisation_answer(path)
    assert (len(table["cu"]), len(table["cu"][0]), len(table["reflectances"])) == (11, 18, 18)
    glare = scene.ugr_answer(path)
    assert len(glare["corrected"]) == len(glare["rooms_h"]) == 19
    # A point source has no area to glare with.
    assert glare["corrected"][0][0] is None


def test_arrange(folder: Path) -> None:
    task = {**example(points=..., luminaires=...), "photometry": "downlight.ies", "target_lux": 300}
    found = answer(folder, task, scene.arrange_answer)
    assert found["average_lux"] >= 300
    assert found["count"] == len(found["positions_m"]) == found["rows"] * found["columns"]
    # One luminaire's worth less would not do.
    assert found["average_lux"] * (found["count"] - 1) / found["count"] < 300 * 1.1
    content = example(points=..., luminaires=[
        {"photometry": "downlight.ies", "position_m": place} for place in found["positions_m"]
    ])  # fmt: skip
    (room,) = answer(folder, content)["rooms"]
    assert room["average_lux"] == pytest.approx(found["average_lux"], rel=2e-3)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"target_lux": 150_000}, "arrange.too_many"),
        ({"target_lux": "x"}, "scene.number_expected"),
        ({"target_lux": ...}, "scene.field_missing"),
        ({"photometry": ...}, "scene.field_missing"),
        ({"uniformity": 0.999}, "arrange.unreachable"),
    ],
)
def test_arrange_refusals(folder: Path, change: dict[str, Any], code: str) -> None:
    task = {**example(points=..., luminaires=...), "photometry": "downlight.ies", "target_lux": 300, **change}
    with pytest.raises(LightingError) as caught:
        answer(folder, {k: v for k, v in task.items() if v is not ...}, scene.arrange_answer)
    assert caught.value.code == code
