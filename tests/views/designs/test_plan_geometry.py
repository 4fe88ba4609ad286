"""Geometry, snapping and the camera: pure."""

from __future__ import annotations

import math
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from presales_desktop.services.design_drafts import LuminaireDraft
from presales_desktop.views.designs import geometry, snapping
from presales_desktop.views.designs.camera import Camera, nice_step
from presales_desktop.views.designs.snapping import SWITCHES, Targets, VertexIndex, snap

SQUARE = ((0.0, 0.0), (6.0, 0.0), (6.0, 4.0), (0.0, 4.0))
coordinate = st.floats(-50, 50)
point = st.tuples(coordinate, coordinate)


def lamps(*places: tuple[float, float], rotation: float = 0.0) -> list[LuminaireDraft]:
    return [LuminaireDraft(id=uuid4(), x_m=x, y_m=y, rotation_deg=rotation) for x, y in places]


@given(point, point, st.floats(-720, 720))
def test_turning_keeps_distances(p: tuple[float, float], about: tuple[float, float], degrees: float) -> None:
    assert math.dist(geometry.rotated(p, about, degrees), about) == pytest.approx(math.dist(p, about), abs=1e-9)


@given(st.lists(point, min_size=1, max_size=8), st.floats(-360, 360))
def test_turning_back_is_where_it_was(places: list[tuple[float, float]], degrees: float) -> None:
    held = lamps(*places, rotation=30)
    about = geometry.centre(places)
    back = geometry.turned(geometry.turned(held, degrees, about), -degrees, about)
    for a, b in zip(held, back, strict=True):
        assert (b.x_m, b.y_m) == pytest.approx((a.x_m, a.y_m), abs=1e-6)
        assert math.isclose(b.rotation_deg % 360, 30, abs_tol=1e-5)


@given(st.lists(point, min_size=1, max_size=8), st.sampled_from(["x", "y"]))
def test_mirroring_twice_is_nothing(places: list[tuple[float, float]], axis: str) -> None:
    held = lamps(*places, rotation=40)
    twice = geometry.mirrored(geometry.mirrored(held, axis), axis)  # type: ignore[arg-type]
    for a, b in zip(held, twice, strict=True):
        assert (b.x_m, b.y_m, b.rotation_deg) == pytest.approx((a.x_m, a.y_m, 40), abs=1e-6)


def test_mirroring_turns_the_beam() -> None:
    right = lamps((0, 0), (2, 0), rotation=30)
    assert [r.rotation_deg for r in geometry.mirrored(right, "x")] == [150, 150]
    assert [r.rotation_deg for r in geometry.mirrored(right, "y")] == [330, 330]


def test_aligning_and_spreading() -> None:
    held = lamps((0, 0), (1, 1), (5, 2))
    assert {r.x_m for r in geometry.aligned(held, "left")} == {0}
    assert {r.x_m for r in geometry.aligned(held, "right")} == {5}
    assert {r.y_m for r in geometry.aligned(held, "middle")} == {1}
    assert {r.y_m for r in geometry.aligned(held, "top")} == {2}
    assert sorted(r.x_m for r in geometry.distributed(held, "x")) == [0, 2.5, 5]
    assert geometry.distributed(held[:2], "x") == held[:2]


@given(st.integers(1, 12), st.integers(1, 12))
def test_arrays_stand_half_a_spacing_from_the_walls(columns: int, rows: int) -> None:
    field = geometry.field_over(SQUARE, columns, rows)
    found = geometry.places_inside(field, SQUARE)
    assert len(found) == columns * rows
    xs, ys = sorted({round(x, 9) for x, _ in found}), sorted({round(y, 9) for _, y in found})
    assert xs[0] == pytest.approx(3 / columns)
    assert ys[-1] == pytest.approx(4 - 2 / rows)


def test_lines_from_end_to_end_or_with_half_spacings() -> None:
    assert geometry.line_places((0, 0), (6, 0), 3) == [(0, 0), (3, 0), (6, 0)]
    assert geometry.line_places((0, 0), (6, 0), 3, ends=False) == [(1, 0), (3, 0), (5, 0)]
    assert geometry.line_places((0, 0), (6, 0), 1) == [(3, 0)]


def test_the_suggested_mesh_is_square() -> None:
    assert geometry.arrange(6, 4, 6) == (3, 2)
    assert geometry.arrange(12, 3, 4) == (4, 1)


def test_labels_stand_inside_an_l_shaped_room() -> None:
    shape = [(0.0, 0.0), (6.0, 0.0), (6.0, 1.0), (1.0, 1.0), (1.0, 6.0), (0.0, 6.0)]
    from presales_desktop.models.designs import contains

    assert contains(shape, *geometry.label_point(shape))


def test_pushing_a_wall_keeps_the_others_straight() -> None:
    assert geometry.move_edge(SQUARE, 1, (1.5, 7.0)) == ((0.0, 0.0), (7.5, 0.0), (7.5, 4.0), (0.0, 4.0))


def test_right_angles_while_drawing() -> None:
    assert geometry.ortho((0, 0), (3, 0.2)) == pytest.approx((math.hypot(3, 0.2), 0))
    assert geometry.ortho((0, 0), (2, 2.1))[0] == pytest.approx(geometry.ortho((0, 0), (2, 2.1))[1])


# -- snapping ----------------------------------------------------------------------------------------------------------


def targets(**values: object) -> Targets:
    return Targets(**({"outlines": [SQUARE], "grid_m": 0.1} | values))  # type: ignore[arg-type]


def test_corners_win_over_the_grid() -> None:
    found = snap((5.93, 3.95), targets(), SWITCHES, 0.2)
    assert (found.kind, found.point) == ("endpoint", (6.0, 4.0))


def test_middles_of_walls() -> None:
    assert snap((3.05, 0.04), targets(), SWITCHES, 0.2).kind == "midpoint"


def test_other_luminaires() -> None:
    found = snap((2.06, 2.0), targets(luminaires=[(2.0, 2.0)]), SWITCHES, 0.2)
    assert (found.kind, found.point) == ("luminaire", (2.0, 2.0))


def test_corners_of_the_underlay() -> None:
    index = VertexIndex(np.array([[1.0, 9.0], [9.0, 9.0], [2.0, 8.0]]))
    found = snap((2.05, 8.05), targets(underlay=index), SWITCHES, 0.2)
    assert (found.kind, found.point) == ("underlay", (2.0, 8.0))
    assert index.nearest((5.0, 5.0), 0.2) is None


def test_the_foot_of_a_perpendicular() -> None:
    found = snap((2.52, 0.03), targets(), {"perpendicular"}, 0.2, origin=(2.5, 2.0))
    assert (found.kind, found.point) == ("perpendicular", (2.5, 0.0))
    assert found.guides == (((2.5, 2.0), (2.5, 0.0)),)


def test_in_line_with_another_luminaire() -> None:
    found = snap((2.03, 3.3), targets(luminaires=[(2.0, 1.0)]), SWITCHES, 0.2)
    assert found.kind == "align"
    assert found.point == pytest.approx((2.0, 3.3))
    assert found.guides


def test_the_grid_last_and_nothing_when_all_is_off() -> None:
    assert snap((1.234, 2.345), targets(outlines=[]), SWITCHES, 0.05).point == pytest.approx((1.2, 2.3))
    assert snap((1.234, 2.345), targets(), (), 0.5) == snapping.Snap((1.234, 2.345), "free")


@given(point)
def test_a_snap_never_leaps(mouse: tuple[float, float]) -> None:
    found = snap(mouse, targets(luminaires=[(1.0, 1.0)]), SWITCHES, 0.3, origin=(0.5, 0.5))
    assert math.dist(found.point, mouse) <= 0.3 * math.sqrt(2) + 1e-9


# -- camera ------------------------------------------------------------------------------------------------------------


@given(point, st.floats(1, 500))
def test_there_and_back(p: tuple[float, float], scale: float) -> None:
    camera = Camera(3.0, -2.0, scale, 900, 600)
    assert camera.to_plan(camera.to_screen(p)) == pytest.approx(p, abs=1e-6)


@given(st.floats(0.2, 5), st.tuples(st.floats(0, 900), st.floats(0, 600)))
def test_zooming_keeps_what_is_under_the_mouse(factor: float, at: tuple[float, float]) -> None:
    camera = Camera(3.0, -2.0, 60, 900, 600)
    assert camera.zoomed(factor, at).to_plan(at) == pytest.approx(camera.to_plan(at), abs=1e-6)


def test_upwards_is_upwards() -> None:
    camera = Camera(0, 0, 60, 900, 600)
    assert camera.to_screen((0, 1))[1] < camera.to_screen((0, 0))[1]


def test_fitting_shows_all() -> None:
    camera = Camera(0, 0, 60, 900, 600).fitted(0, 0, 24, 10)
    left, bottom, right, top = camera.visible
    assert left < 0 < 24 < right
    assert bottom < 0 < 10 < top


@given(st.floats(1e-3, 1e4))
def test_steps_are_one_two_or_five(least: float) -> None:
    step = nice_step(least)
    assert least * (1 - 1e-6) <= step <= least * 2.5 * (1 + 1e-6)
    assert round(step / 10 ** math.floor(math.log10(step) + 1e-9), 6) in (1, 2, 5)
