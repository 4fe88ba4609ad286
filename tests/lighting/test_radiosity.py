from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from presales_desktop.lighting import geometry, radiosity, rooms, surfaces
from tests.lighting import samples

CUBE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))


@st.composite
def star_rooms(draw: st.DrawFn) -> tuple[tuple[float, float], ...]:
    """Simple polygons, often concave, around a point that sees all corners."""
    count = draw(st.integers(3, 8))
    radii = draw(st.lists(st.floats(1.0, 4.0), min_size=count, max_size=count))
    turn = 2 * math.pi / count
    return tuple((r * math.cos(k * turn), r * math.sin(k * turn)) for k, r in enumerate(radii))


def test_unit_cube() -> None:
    transfer = radiosity.build(samples.room(CUBE, 1.0))
    patches, f = transfer.patches, transfer.form_factors
    floor, ceiling, wall = (patches.surface == k for k in (0, 1, 2))
    areas = patches.areas_m2[floor, None]
    assert float((areas * f[np.ix_(floor, ceiling)]).sum()) == pytest.approx(0.19982, abs=2e-4)
    assert float((areas * f[np.ix_(floor, wall)]).sum()) == pytest.approx(0.20004, abs=2e-4)


@settings(max_examples=12, deadline=None)
@given(star_rooms(), st.floats(2.0, 4.0))
def test_rows_sum_to_one_and_are_reciprocal(polygon: tuple, height: float) -> None:
    transfer = radiosity.build(samples.room(polygon, height), 0.8)
    areas, f = transfer.patches.areas_m2, transfer.form_factors
    assert np.allclose(f.sum(axis=1), 1.0, atol=1e-5)
    exchanged = areas[:, None] * f
    assert np.allclose(exchanged, exchanged.T)
    total = rooms.check(samples.room(polygon, height))
    assert areas.sum() == pytest.approx(2 * total.area + total.length * height, rel=1e-4)


def test_patch_counts() -> None:
    assert len(surfaces.cut(samples.room()).areas_m2) == 432
    for polygon in (CUBE, ((0, 0), (30, 0), (30, 20), (0, 20)), samples.L_SHAPE):
        assert 250 <= len(surfaces.cut(samples.room(polygon)).areas_m2) <= 1000


def test_many_cornered_room_stays_small() -> None:
    circle = tuple((5 * math.cos(t), 5 * math.sin(t)) for t in np.linspace(0, 2 * math.pi, 121)[:-1])
    assert len(surfaces.cut(samples.room(circle)).areas_m2) <= 1600


@given(st.floats(0.2, 5.0), st.floats(0.2, 5.0))
def test_corner_rectangles(x: float, y: float) -> None:
    """Howell C-11 and C-12: a rectangle parallel and one at right angles, seen from under its corner at distance 1."""
    point = np.zeros((1, 3))
    parallel = np.array([[[0, 0, 1], [0, y, 1], [x, y, 1], [x, 0, 1]]], dtype=float)
    a, b = math.sqrt(1 + x * x), math.sqrt(1 + y * y)
    exact = (x / a * math.atan(y / a) + y / b * math.atan(x / b)) / (2 * math.pi)
    assert geometry.point_to_polygons(point, np.array([[0.0, 0, 1]]), parallel)[0, 0] == pytest.approx(exact, rel=1e-9)
    sideways = np.array([[[1, 0, 0], [1, x, 0], [1, x, y], [1, 0, y]]], dtype=float)[:, ::-1]
    exact = (math.atan(x) - math.atan(x / math.hypot(1, y)) / math.hypot(1, y)) / (2 * math.pi)
    assert geometry.point_to_polygons(point, np.array([[0.0, 0, 1]]), sideways)[0, 0] == pytest.approx(exact, rel=1e-9)


@given(st.tuples(st.floats(-1, 1), st.floats(-1, 1), st.floats(-1, 1)).filter(lambda n: np.linalg.norm(n) > 0.1))
def test_clipping_fills_the_hemisphere(normal: tuple[float, float, float]) -> None:
    """From inside a convex room any direction sees a whole hemisphere of surfaces."""
    unit = np.array([normal]) / np.linalg.norm(normal)
    seen = geometry.point_to_polygons(np.array([[2.0, 1.7, 1.1]]), unit, surfaces.cut(samples.room(), 1.0).corners_m)
    assert seen.sum() == pytest.approx(1.0, abs=1e-9)


def test_sight_lines() -> None:
    walls = rooms.wall_segments(np.array(samples.L_SHAPE))
    one = np.array([1.0])
    assert geometry.blocked(5.0, 1.0, 2.5 * one, 4.5 * one, walls)[0]
    assert not geometry.blocked(5.0, 1.0, one, one, walls)[0]
    # A point of a wall is seen although the wall is there.
    assert not geometry.blocked(5.0, 1.0, 6.0 * one, 0.5 * one, walls)[0]
