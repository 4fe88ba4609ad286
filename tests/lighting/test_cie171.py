"""CIE 171:2006, the electric part; closed forms where the publication is known to be off."""

from __future__ import annotations

import math

import numpy as np
import pytest

from presales_desktop.lighting import geometry
from presales_desktop.lighting.direct import LuminaireInput
from presales_desktop.lighting.exact import ExactRoom
from presales_desktop.lighting.photometry import Opening
from tests.lighting import samples

SQUARE = ((0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 4.0))
UP = np.array([[0.0, 0.0, 1.0]])
WALL_Y0 = np.array([[2.0, 0.0, z] for z in (2.75, 2.25, 1.75, 1.25, 0.75, 0.25)])
FLOOR_X2 = np.array([[2.0, y, 0.0] for y in (0.25, 0.75, 1.25, 1.75)])


def up(points: np.ndarray) -> np.ndarray:
    return np.tile(UP, (len(points), 1))


def test_5_2_point_source() -> None:
    xy = [(0, 0), (0.5, 0), (1, 0), (1.5, 0), (0.5, 0.5), (1, 0.5), (1.5, 0.5), (1, 1), (1.5, 1), (1.5, 1.5)]
    published = [111.11, 105.21, 90.02, 71.11, 99.73, 85.64, 68.06, 74.36, 59.98, 49.39]
    points = np.array([[x + 2, y + 2, 0.0] for x, y in xy])
    room = ExactRoom(samples.room(SQUARE, 3.0, (0, 0, 0)), [LuminaireInput(0, samples.lambertian(1000), (2, 2, 3))])
    lux, direct = room.at_points(points, up(points))
    exact = [1000 * 9 / (x * x + y * y + 9) ** 2 for x, y in xy]
    assert direct == pytest.approx(exact, rel=1e-3)
    assert lux == pytest.approx(published, rel=1e-3)


def test_5_3_area_source() -> None:
    panel = samples.lambertian(1000, Opening("rectangle", 1.0, 1.0))
    room = ExactRoom(samples.room(SQUARE, 3.0, (0, 0, 0)), [LuminaireInput(0, panel, (2, 2, 3))])
    wall, _ = room.at_points(WALL_Y0, np.tile([0.0, 1.0, 0.0], (6, 1)))
    floor, _ = room.at_points(FLOOR_X2, up(FLOOR_X2))
    assert wall == pytest.approx([32.677, 75.194, 81.323, 69.061, 53.404, 40.002], rel=2e-3)
    assert floor == pytest.approx([61.424, 79.255, 95.667, 105.778], rel=1e-3)
    assert [*wall, *floor] == pytest.approx(
        [32.68, 75.09, 81.38, 69.12, 53.41, 39.90, 61.27, 79.18, 95.52, 105.89], rel=5e-3
    )


def test_5_4_flux_conservation() -> None:
    room = ExactRoom(samples.room(SQUARE, 3.0, (0, 0, 0)), [LuminaireInput(0, samples.isotropic(10_000), (2, 2, 1.5))])
    assert room.patches is not None
    assert float(room.patches @ room.transfer.patches.areas_m2) == pytest.approx(10_000, rel=1e-5)


def square(side: float) -> np.ndarray:
    h = side / 2
    return np.array([[[2 - h, 2 - h, 0.0], [2 + h, 2 - h, 0.0], [2 + h, 2 + h, 0.0], [2 - h, 2 + h, 0.0]]])


def test_5_6_diffuse_reflection() -> None:
    wall = WALL_Y0[::-1]
    ceiling = np.array([[2.0, y, 3.0] for y in (0.25, 0.75, 1.25, 1.75)])
    inward, down = np.tile([0.0, 1.0, 0.0], (6, 1)), np.tile([0.0, 0.0, -1.0], (4, 1))

    def percent(side: float) -> list[float]:
        on_wall = geometry.point_to_polygons(wall, inward, square(side))[:, 0]
        return [*(100 * on_wall), *(100 * geometry.point_to_polygons(ceiling, down, square(side))[:, 0])]

    assert percent(0.5) == pytest.approx(
        [0.246, 0.580, 0.644, 0.556, 0.433, 0.325, 0.491, 0.639, 0.778, 0.864], abs=6e-4
    )
    assert percent(4.0)[1:] == pytest.approx(
        [35.901, 27.992, 21.639, 16.716, 12.967, 26.80, 30.94, 33.98, 35.57], rel=1e-3
    )
    assert percent(500.0) == pytest.approx([49.943, 49.830, 49.717, 49.604, 49.491, 49.378] + [99.988] * 4, rel=1e-4)


def test_5_7_obstruction() -> None:
    """The box hides a strip of the wall behind; what is left of the wall is a polygon, in plan the same for each point."""
    inward = np.tile([0.0, 1.0, 0.0], (6, 1))
    floor = np.array([[2.0, y, 0.0] for y in (0.25, 0.75, 1.25, 1.75, 2.25)])

    def seen(point: np.ndarray, normal: np.ndarray) -> float:
        # The lowest height at y = 4 that looks over the box's top edges at y 2.5 and 2.7, z 1.
        _, y, z = point
        low = max(z + (1 - z) * (4 - y) / (edge - y) for edge in (2.5, 2.7))
        low = min(max(low, 0.0), 3.0)
        wall = np.array([[[4.0, 4.0, low], [0.0, 4.0, low], [0.0, 4.0, 3.0], [4.0, 4.0, 3.0]]])[:, ::-1]
        # Its lit side looks toward -y.
        return 100 * max(
            float(geometry.point_to_polygons(point[None], normal[None], quad)[0, 0]) for quad in (wall, wall[:, ::-1])
        )

    wall = [seen(p, n) for p, n in zip(WALL_Y0, inward, strict=True)]
    below = [seen(p, UP[0]) for p in floor]
    assert wall == pytest.approx([16.07, 16.33, 15.40, 13.32, 10.32, 7.08], rel=1e-3)
    assert below == pytest.approx([3.38, 3.63, 3.01, 0.0, 0.0], abs=5e-3)


@pytest.mark.parametrize("rho", [0.05, 0.3, 0.5, 0.8, 0.9, 0.95])
def test_5_8_interreflection(rho: float) -> None:
    room = ExactRoom(
        samples.room(SQUARE, 4.0, (rho, rho, rho)), [LuminaireInput(0, samples.isotropic(10_000), (2, 2, 2))]
    )
    assert room.patches is not None
    areas = room.transfer.patches.areas_m2
    total = room.transfer.total @ room.patches
    indirect = float((total - room.patches) @ areas) / float(areas.sum())
    assert indirect == pytest.approx(10_000 * rho / (96 * (1 - rho)), rel=1e-3)


def test_disc_and_line() -> None:
    """Disc on its axis E = pi L a^2 / (a^2 + h^2); a line's end E = I0 / (2 L h) (alpha + sin cos)."""
    disc = samples.lambertian(1000 * math.pi * 0.25, Opening("circle", 1.0, 1.0))
    line = samples.lambertian(1000, Opening("rectangle", 1.2, 0.0))
    room = samples.room(((0, 0), (8, 0), (8, 8), (0, 8)), 4.0, (0, 0, 0))
    lux, _ = ExactRoom(room, [LuminaireInput(0, disc, (4, 4, 3.0))]).at_points(np.array([[4.0, 4.0, 1.0]]), UP)
    assert lux[0] == pytest.approx(184.80, rel=3e-3)
    lux, _ = ExactRoom(room, [LuminaireInput(0, line, (4.6, 4, 3.0))]).at_points(np.array([[4.0, 4.0, 1.0]]), UP)
    # The table's intensity is Lambertian in all planes: exact is the integral of I0 h^2 / (L r^4) along the line.
    x = np.linspace(0, 1.2, 20001)
    exact = float(np.mean(1000 * 4 / (x * x + 4) ** 2))
    assert lux[0] == pytest.approx(exact, rel=1e-3)
    alpha = math.atan(0.6)
    assert exact == pytest.approx(1000 / (2 * 1.2 * 2) * (alpha + math.sin(alpha) * math.cos(alpha)), rel=1e-3)
