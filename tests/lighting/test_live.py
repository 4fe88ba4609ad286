from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from presales_desktop.lighting import grids, rooms, surfaces
from presales_desktop.lighting.errors import LightingError
from presales_desktop.lighting.exact import ExactRoom
from presales_desktop.lighting.live import Grid, LiveRoom, LuminaireInput
from presales_desktop.lighting.photometry import Opening
from tests.lighting import samples

GRID = Grid(0.75, 0.25, 0.5)
SKEWED = samples.skewed()
places = st.tuples(st.floats(0.3, 5.7), st.floats(0.3, 3.7), st.floats(1.0, 2.79))
angles = st.floats(0.0, 360.0)


@pytest.fixture(scope="module")
def base() -> LiveRoom:
    return LiveRoom(samples.room(), GRID, 0.8)


@pytest.fixture
def live(base: LiveRoom) -> LiveRoom:
    return base.copy()


def lamp(
    key: object, position=(3.0, 2.0, 2.7), rotation=0.0, tilt=0.0, factor=1.0, photometry=SKEWED
) -> LuminaireInput:
    return LuminaireInput(key, photometry, position, rotation, tilt, factor)


def test_dialux_case() -> None:
    """6 x 4 x 2.8 m, 1000 lm isotropic at 2.5 m: DIALux evo 14 gives 23.2 lx, U0 0.46, 0.42 and 0.67 W/m2."""
    live = LiveRoom(samples.room(), Grid(0.8, 0.125, 0.5), 0.8)
    live.add(LuminaireInput("a", samples.isotropic(1000), (3, 2, 2.5)))
    result = live.result()
    assert result.average_lux == pytest.approx(23.2, rel=0.01)
    assert result.uniformity == pytest.approx(0.46, abs=0.01)
    assert result.lpd_w_m2 == pytest.approx(0.42, abs=0.005)
    assert result.lpd_workplane_w_m2 == pytest.approx(0.67, abs=0.005)


def test_empty_room_is_dark(live: LiveRoom) -> None:
    result = live.result()
    assert (result.average_lux, result.uniformity, result.watts) == (0.0, 0.0, 0.0)
    assert result.values_lux.shape == (12, 20)


def test_grid_stands_half_a_spacing_inside(live: LiveRoom) -> None:
    result = live.result()
    assert result.x_m[0] == pytest.approx(0.625)
    assert result.y_m[-1] == pytest.approx(3.375)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(places, angles, st.floats(-60, 60)), min_size=1, max_size=4))
def test_dragging_equals_starting_afresh(base: LiveRoom, moves: list) -> None:
    live, other = base.copy(), base.copy()
    live.set_luminaires([lamp("still", (1.0, 1.0, 2.5)), lamp("dragged")])
    for position, rotation, tilt in moves:
        live.move("dragged", position, rotation, tilt)
    position, rotation, tilt = moves[-1]
    other.set_luminaires([lamp("still", (1.0, 1.0, 2.5)), lamp("dragged", position, rotation, tilt)])
    assert np.allclose(live.result().values_lux, other.result().values_lux, rtol=1e-4, atol=1e-4, equal_nan=True)


def test_add_and_remove_leave_nothing_behind(live: LiveRoom) -> None:
    live.add(lamp("a"))
    before = live.result()
    for k in range(50):
        live.add(lamp("b", (1 + k / 20, 2.0, 2.5), factor=100.0))
    live.remove("b")
    live.remove("never there")
    assert np.allclose(live.result().values_lux, before.values_lux, rtol=1e-6)


def test_copy_is_independent(live: LiveRoom) -> None:
    live.add(lamp("a"))
    before = live.result().average_lux
    other = live.copy()
    other.move("a", (0.5, 0.5, 2.0))
    other.add(lamp("b"))
    assert live.result().average_lux == before
    assert len(live.luminaires) == 1


@settings(max_examples=10, deadline=None)
@given(places, angles, st.floats(0.1, 3.0))
def test_superposition_and_dimming(base: LiveRoom, position: tuple, rotation: float, factor: float) -> None:
    one, two, both, dimmed = (base.copy() for _ in range(4))
    one.add(lamp("a", position, rotation))
    two.add(lamp("b"))
    both.set_luminaires([lamp("a", position, rotation), lamp("b")])
    dimmed.add(lamp("a", position, rotation, factor=factor))
    a, b, ab = (r.result().values_lux for r in (one, two, both))
    assert np.allclose(a + b, ab, rtol=1e-4, equal_nan=True)
    assert np.allclose(a * factor, dimmed.result().values_lux, rtol=1e-4, equal_nan=True)
    half = one.copy()
    half.set_maintenance_factor(0.4)
    assert np.allclose(a / 2, half.result().values_lux, rtol=1e-5, equal_nan=True)


@settings(max_examples=10, deadline=None)
@given(places, angles, st.floats(-80, 80))
def test_energy_balance(base: LiveRoom, position: tuple, rotation: float, tilt: float) -> None:
    """Sum of E A (1 - rho) = flux in any closed room."""
    live = base.copy()
    live.set_maintenance_factor(1.0)
    live.add(lamp("a", position, rotation, tilt))
    straight, total = live.patch_light()
    patches = surfaces.cut(live.room)
    assert float(straight @ patches.areas_m2) == pytest.approx(SKEWED.lumens, rel=1e-4)
    assert float(total @ (patches.areas_m2 * (1 - patches.reflectance))) == pytest.approx(SKEWED.lumens, rel=1e-4)


@settings(max_examples=5, deadline=None)
@given(st.floats(-500, 500), st.floats(-500, 500))
def test_translation(base: LiveRoom, dx: float, dy: float) -> None:
    live = base.copy()
    live.add(lamp("a", (2.0, 1.5, 2.6), 30.0, 20.0))
    moved_room = samples.room(tuple((x + dx, y + dy) for x, y in samples.RECTANGLE))
    moved = LiveRoom(moved_room, GRID, 0.8)
    moved.add(lamp("a", (2.0 + dx, 1.5 + dy, 2.6), 30.0, 20.0))
    assert np.allclose(live.result().values_lux, moved.result().values_lux, rtol=2e-3)


def test_quarter_turn() -> None:
    """Room and luminaire turned by 90 degrees: the same light, turned."""
    square = ((0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0))
    live = LiveRoom(samples.room(square), GRID, 0.8)
    other = live.copy()
    live.add(lamp("a", (1.2, 1.7, 2.6), 25.0, 30.0))
    other.add(lamp("a", (4 - 1.7, 1.2, 2.6), 115.0, 30.0))
    assert np.allclose(np.rot90(live.result().values_lux, -1), other.result().values_lux, rtol=1e-3)


def test_tilt_and_rotation_as_promised() -> None:
    """At tilt t and rotation 0 the nadir looks along (sin t, 0, -cos t)."""
    narrow = samples.axial(lambda g: max(math.cos(g), 0.0) ** 200)
    live = LiveRoom(samples.room(), Grid(0.0, 0.05, 0.0), 1.0, interreflection=False)
    for rotation, tilt, x, y in ((0, 30, 1, 0), (90, 30, 0, 1), (0, -30, -1, 0), (180, 30, -1, 0)):
        live.set_luminaires([lamp("a", (3.0, 2.0, 2.5), rotation, tilt, photometry=narrow)])
        result = live.result()
        row, column = np.unravel_index(int(np.nanargmax(result.values_lux)), result.values_lux.shape)
        reach = 2.5 * math.tan(math.radians(30)) * 0.97
        assert result.x_m[column] == pytest.approx(3 + x * reach, abs=0.1)
        assert result.y_m[row] == pytest.approx(2 + y * reach, abs=0.1)


def test_c0_points_along_x() -> None:
    p = samples.skewed()
    c0_only = replace(
        p, candela=np.where(np.abs((p.c_angles_deg[:, None] + 180) % 360 - 180) < 80, p.candela, 0.0), _cache={}
    )
    live = LiveRoom(samples.room(), Grid(0.75, 0.25, 0.0), 1.0, interreflection=False)
    live.add(lamp("a", (3.0, 2.0, 2.7), photometry=c0_only))
    values = live.result().values_lux
    assert values[:, :10].sum() < 0.05 * values.sum()
    live.move("a", (3.0, 2.0, 2.7), rotation_deg=90.0)
    values = live.result().values_lux
    assert values[:6].sum() < 0.1 * values.sum()


def test_live_equals_exact(live: LiveRoom) -> None:
    lamps = [lamp("a", (1.0, 1.0, 2.7)), lamp("b", (4.5, 2.2, 2.0), 40.0, 10.0)]
    live.set_luminaires(lamps)
    result = live.result()
    grid = grids.lay(rooms.check(live.room), 2.8, GRID)
    points = grid.points_m
    normals = np.tile([0.0, 0.0, 1.0], (len(points), 1))
    total, _ = ExactRoom(live.room, lamps).at_points(points, normals)
    assert np.allclose(result.values_lux[grid.inside], total * 0.8, rtol=3e-3)
    again, _ = live.at_points(points, normals)
    assert np.allclose(again, total * 0.8, rtol=1e-5)


def test_near_field_equals_many_small_ones(live: LiveRoom) -> None:
    panel = samples.lambertian(800, Opening("rectangle", 0.6, 0.6))
    live.add(LuminaireInput("panel", panel, (3.0, 2.0, 1.4)))
    parts = live.copy()
    step = (np.arange(12) + 0.5) / 12 * 0.6 - 0.3
    parts.set_luminaires(
        LuminaireInput((i, j), samples.lambertian(800 / 144), (3.0 + float(a), 2.0 + float(b), 1.4))
        for i, a in enumerate(step)
        for j, b in enumerate(step)
    )
    assert np.allclose(live.result().direct_lux, parts.result().direct_lux, rtol=3e-3)


def test_concave_room() -> None:
    room = samples.room(samples.L_SHAPE, 2.8)
    live = LiveRoom(room, Grid(0.75, 0.25, 0.25), 1.0)
    live.add(lamp("a", (5.0, 1.0, 2.6), photometry=samples.isotropic(3000)))
    result = live.result()
    at = {
        (round(float(x), 3), round(float(y), 3)): (j, i)
        for i, x in enumerate(result.x_m)
        for j, y in enumerate(result.y_m)
    }
    assert np.isnan(result.values_lux[at[(4.625, 3.625)]])
    # Behind the corner there is no direct light, but some from the walls.
    hidden = at[(2.625, 4.125)]
    assert result.direct_lux[hidden] == 0.0
    assert result.indirect_lux[hidden] > 1.0
    assert result.direct_lux[at[(1.125, 1.125)]] > 0.0
    _, total = live.patch_light()
    patches = surfaces.cut(room)
    assert float(total @ (patches.areas_m2 * (1 - patches.reflectance))) == pytest.approx(3000, rel=1e-3)
    exact, _ = live.at_points(np.array([[2.625, 4.125, 0.75]]), np.array([[0.0, 0.0, 1.0]]))
    # The grid takes a patch in part behind the corner by its share, a single point follows the shadow edge within it.
    assert result.values_lux[hidden] == pytest.approx(exact[0], rel=1e-2)


def test_recessed_and_outside(live: LiveRoom) -> None:
    live.set_maintenance_factor(1.0)
    live.add(lamp("a", (3.0, 2.0, 2.8), photometry=samples.isotropic(1000)))
    areas = surfaces.cut(live.room).areas_m2
    assert float(live.patch_light()[0] @ areas) == pytest.approx(500, rel=1e-3)
    live.move("a", (7.0, 2.0, 2.7))
    assert live.result().outside == ("a",)
    assert live.result().average_lux == 0.0
    live.move("a", (3.0, 2.0, 3.2))
    assert live.result().average_lux == 0.0


def test_very_near_the_ceiling(live: LiveRoom) -> None:
    """A hand's breadth or a hair below the ceiling: all the light still arrives once."""
    live.set_maintenance_factor(1.0)
    averages = []
    for z in (2.70, 2.78, 2.797):
        live.set_luminaires([lamp("a", (2.9, 1.9, z), photometry=samples.isotropic(1000))])
        averages.append(live.result().average_lux)
    assert max(averages) / min(averages) < 1.05


@pytest.mark.parametrize(
    ("polygon", "height", "rho", "code"),
    [
        (((0, 0), (1, 0)), 3, 0.5, "room.corners"),
        (((0, 0), (2, 2), (2, 0), (0, 2)), 3, 0.5, "room.not_simple"),
        (((0, 0), (2, 0), (4, 0)), 3, 0.5, "room.not_simple"),
        (((0, 0), (math.nan, 0), (4, 4)), 3, 0.5, "room.not_finite"),
        (((0, 0), (6000, 0), (6000, 4000)), 3, 0.5, "room.too_large"),
        (samples.RECTANGLE, 0, 0.5, "room.height"),
        (samples.RECTANGLE, math.nan, 0.5, "room.height"),
        (samples.RECTANGLE, 3, 1.0, "room.reflectance"),
    ],
)
def test_room_refusals(polygon, height, rho, code) -> None:
    with pytest.raises(LightingError) as caught:
        LiveRoom(samples.room(polygon, height, (rho, rho, rho)), GRID)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("grid", "code"),
    [
        (Grid(0.75, 0.25, 2.1), "grid.no_points"),
        (Grid(0.75, 0.0, 0.5), "grid.spacing"),
        (Grid(0.75, 0.001, 0.0), "grid.too_many_points"),
        (Grid(2.8, 0.25, 0.5), "grid.height"),
        (Grid(0.75, 0.25, -1.0), "grid.margin"),
    ],
)
def test_grid_refusals(grid: Grid, code: str) -> None:
    with pytest.raises(LightingError) as caught:
        LiveRoom(samples.room(), grid)
    assert caught.value.code == code


def test_luminaire_refusals(live: LiveRoom) -> None:
    with pytest.raises(LightingError, match="not_finite"):
        live.add(lamp("a", (math.nan, 0, 0)))
    with pytest.raises(LightingError, match="flux_factor"):
        live.add(lamp("a", factor=-1))
    with pytest.raises(LightingError, match="duplicate"):
        live.set_luminaires([lamp("a"), lamp("a")])
    with pytest.raises(LightingError, match="maintenance"):
        live.set_maintenance_factor(0.0)
