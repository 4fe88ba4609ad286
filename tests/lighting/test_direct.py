"""What makes many luminaires fast gives what the formula gives, one by one, in float64."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from presales_desktop.lighting import direct, radiosity, rooms
from presales_desktop.lighting.direct import LuminaireInput
from presales_desktop.lighting.exact import ExactRoom
from presales_desktop.lighting.live import Grid, LiveRoom
from presales_desktop.lighting.patch_light import PatchLight
from presales_desktop.lighting.photometry import Opening, Photometry
from tests.lighting import samples

X, Y, HEIGHT = np.arange(0.13, 6.0, 0.37), np.arange(0.21, 4.0, 0.29), 0.75
POINTS = np.array([(x, y, HEIGHT) for y in Y for x in X])
KINDS = {
    "skewed": samples.skewed(),
    "axial": samples.axial(lambda g: 500.0 * (1.0 + math.cos(g)) ** 2),
    "panel": samples.lambertian(800, Opening("rectangle", 1.2, 0.3)),
}
places = st.tuples(st.floats(0.0, 6.0), st.floats(0.0, 4.0), st.floats(0.0, 2.8), st.floats(0.1, 3.0))


def alike(kind: str, spots: list, rotation: float, tilt: float) -> list[LuminaireInput]:
    return [
        LuminaireInput(k, KINDS[kind], (x, y, z), rotation, tilt, factor) for k, (x, y, z, factor) in enumerate(spots)
    ]


def formula(luminaire: LuminaireInput) -> np.ndarray:
    """I(C, gamma) cos / r^2 in float64, by arc functions; the intensity at each direction alone comes from the engine."""
    offset = POINTS - np.array(luminaire.position_m)
    r = np.linalg.norm(offset, axis=1)
    photometry = luminaire.photometry
    turn, tilt = math.radians(luminaire.rotation_deg), math.radians(luminaire.tilt_deg)
    x = math.cos(turn) * offset[:, 0] + math.sin(turn) * offset[:, 1]
    y = math.cos(turn) * offset[:, 1] - math.sin(turn) * offset[:, 0]
    x, z = math.cos(tilt) * x + math.sin(tilt) * offset[:, 2], math.cos(tilt) * offset[:, 2] - math.sin(tilt) * x
    gamma, c = np.degrees(np.arccos(np.clip(-z / r, -1, 1))), np.degrees(np.arctan2(y, x)) % 360.0
    table = photometry.lut().astype(np.float64)
    i, j = c.astype(int) % 360, np.minimum(gamma.astype(int), 179)
    u, v = c - c.astype(int), gamma - j
    low = table[i, j] * (1 - v) + table[i, j + 1] * v
    high = table[i + 1, j] * (1 - v) + table[i + 1, j + 1] * v
    return (low * (1 - u) + high * u) * luminaire.flux_factor * np.maximum(-offset[:, 2], 0.0) / r**3


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from(sorted(KINDS)),
    st.lists(places, min_size=1, max_size=7),
    st.sampled_from([0.0, 30.0, 90.0, 211.0]),
    st.sampled_from([0.0, 25.0, -80.0]),
)
def test_a_lattice_is_lit_as_its_points(kind: str, spots: list, rotation: float, tilt: float) -> None:
    lights = direct.sources(alike(kind, spots, rotation, tilt), (0.0, 0.0, 0.0))
    tables = direct.Lattice(X, Y, HEIGHT).illuminance(lights)
    x, y = POINTS[:, 0].astype(np.float32), POINTS[:, 1].astype(np.float32)
    for light, table in zip(lights, tables, strict=True):
        points = direct.illuminance(light, x, y, np.float32(HEIGHT))
        assert np.allclose(table, points, rtol=1e-3, atol=1e-4 * max(float(points.max()), 1.0))


@settings(max_examples=25, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 6), st.floats(0, 4), st.floats(1.2, 2.8), st.floats(0.1, 3)), min_size=1, max_size=5),
    st.floats(0.0, 360.0),
    st.floats(-60.0, 60.0),
)  # fmt: skip
def test_a_lattice_is_lit_as_the_formula_says(spots: list, rotation: float, tilt: float) -> None:
    """Against float64 with arc functions in the table of whole degrees; both are linear between, in different cells."""
    luminaires = alike("skewed", spots, rotation, tilt)
    tables = direct.Lattice(X, Y, HEIGHT).illuminance(direct.sources(luminaires, (0.0, 0.0, 0.0)))
    for luminaire, table in zip(luminaires, tables, strict=True):
        due = formula(luminaire)
        assert float(table.mean()) == pytest.approx(float(due.mean()), rel=1e-3)
        assert np.allclose(table, due, rtol=8e-3, atol=2e-4 * due.max())


def test_more_luminaires_than_go_together(monkeypatch: pytest.MonkeyPatch) -> None:
    spots = [(0.1 * k, 0.06 * k, 2.7, 1.0) for k in range(60)]
    lights = direct.sources(alike("skewed", spots, 15.0, 0.0), (0.0, 0.0, 0.0))
    lattice = direct.Lattice(X, Y, HEIGHT)
    together = lattice.illuminance(lights)
    monkeypatch.setattr(direct, "_VALUES_AT_A_TIME", 1)
    assert np.array_equal(lattice.illuminance(lights), together)
    assert direct.Lattice(X, Y, HEIGHT).illuminance([]).shape == (0, len(POINTS))


@lru_cache
def _patch_light(outline: tuple) -> PatchLight:
    return PatchLight(radiosity.build(samples.room(outline)), (0.0, 0.0, 0.0))


@pytest.mark.parametrize("outline", [samples.RECTANGLE, samples.L_SHAPE])
@settings(max_examples=10, deadline=None)
@given(st.sampled_from(sorted(KINDS)), st.lists(places, min_size=2, max_size=6), st.sampled_from([0.0, 40.0]))
def test_patches_are_lit_by_many_as_by_each(outline, kind: str, spots: list, tilt: float) -> None:
    patch_light = _patch_light(outline)
    luminaires = alike(kind, spots, 20.0, tilt)
    lights = direct.sources(luminaires, (0.0, 0.0, 0.0))
    for light, onto in zip(lights, patch_light.of(lights, KINDS[kind]), strict=True):
        alone = patch_light.of([light], KINDS[kind])[0]
        assert np.allclose(onto, alone, rtol=1e-5, atol=1e-6 * float(alone.max()))


REACH_M = 0.43  # from the middle of the panel to its corners


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("outline", [samples.RECTANGLE, samples.L_SHAPE])
def test_a_whole_array_equals_the_exact_path(kind: str, outline) -> None:
    """A full recompute of an array, as the window shows it, within 0.1 % of each point's exact direct light; within 3 % where a large
    opening is half behind a corner: the exact path cuts it finer there."""
    room = samples.room(outline)
    luminaires = [
        LuminaireInput((i, j), KINDS[kind], (0.45 + 0.8 * i, 0.4 + 0.7 * j, 2.75), 30.0)
        for i in range(7)
        for j in range(6)
        # What stands out through a wall is cut off by the exact path.
        if shapely.contains_xy(rooms.check(room).buffer(-REACH_M), 0.45 + 0.8 * i, 0.4 + 0.7 * j)
    ]
    live = LiveRoom(room, Grid(0.75, 0.25, 0.25), 1.0)
    live.set_luminaires(luminaires)
    result = live.result()
    rows, columns = np.nonzero(~np.isnan(result.values_lux))
    points = np.column_stack([result.x_m[columns], result.y_m[rows], np.full(len(rows), 0.75)])
    total, straight = ExactRoom(room, luminaires).at_points(points, np.tile([0.0, 0.0, 1.0], (len(points), 1)))
    shadowed = outline != samples.RECTANGLE and kind == "panel"
    assert np.allclose(result.direct_lux[rows, columns], straight, rtol=3e-2 if shadowed else 1e-3)
    assert float(result.direct_lux[rows, columns].mean()) == pytest.approx(float(straight.mean()), rel=2e-3)
    # The bounced light stands between nodes, only bilinear in a room with a corner inside (indirect.py).
    at_a_point, on_average = (3e-3, 1e-3) if outline == samples.RECTANGLE else (3e-2 if shadowed else 1.5e-2, 2e-3)
    assert np.allclose(result.values_lux[rows, columns], total, rtol=at_a_point)
    assert result.average_lux == pytest.approx(float(total.mean()), rel=on_average)


def test_cells_hold_the_corners_of_the_map() -> None:
    """Base, by_q, by_p and by_pq of a cell give its neighbours' bases."""
    photometry: Photometry = KINDS["skewed"]
    side = 384 + 2
    cells = photometry.fast_table().view(np.float32).reshape(2, side, side, 4).astype(np.float64)
    base, by_q, by_p, by_pq = np.moveaxis(cells, -1, 0)
    assert np.allclose((base + by_q)[:, :, :-1], base[:, :, 1:], atol=1e-3)
    assert np.allclose((base + by_p)[:, :-1], base[:, 1:], atol=1e-3)
    assert np.allclose((base + by_q + by_p + by_pq)[:, :-1, :-1], base[:, 1:, 1:], atol=1e-3)
