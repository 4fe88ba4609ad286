"""Twelve random rooms calculated by Radiance, too: `make soak` (minutes); `make test` asks for one small room's direct light."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import shapely

from presales_desktop.lighting.direct import LuminaireInput
from presales_desktop.lighting.exact import ExactRoom
from presales_desktop.lighting.photometry import Opening, Photometry
from presales_desktop.lighting.rooms import Obstruction, Reflectance, Room, check, footprints
from tests.lighting import radiance, samples

Floats = npt.NDArray[np.float64]
needs_radiance = pytest.mark.skipif(radiance.folder() is None, reason="pyradiance has no wheel for this machine")
needs_soak = pytest.mark.skipif("SOAK_STEPS" not in os.environ, reason="minutes: make soak")

MEAN, WORST = 0.01, 0.03
POINTS = 24
_APART_M = 0.8
SHAPES = ("box", "L", "T", "U", "partition", "column", "desk", "sloped", "screen", "L column", "box", "cupboard")


@dataclass(frozen=True)
class Case:
    room: Room
    luminaires: list[LuminaireInput]
    points: Floats
    normals: Floats


def downlight(random: np.random.Generator, opening: Opening) -> Photometry:
    """No symmetry, downward only, fine enough that both programs interpolate alike."""
    c, gamma = np.arange(0.0, 361.0, 5.0), np.arange(0.0, 91.0, 2.5)
    cr, gr = np.radians(c)[:, None], np.radians(gamma)[None, :]
    lean, turn, narrow = random.uniform(0, 0.6), random.uniform(0, 6.28), random.uniform(1, 4)
    candela = 1000 * np.cos(gr).clip(0) ** narrow * (1 + lean * np.sin(gr) * np.cos(cr - turn))
    candela[:, -1] = 0.0
    return replace(
        samples.skewed(), c_angles_deg=c, gamma_angles_deg=gamma, candela=candela, rated_lumens=None, absolute=True,
        opening=opening,
    )  # fmt: skip


def outline_of(kind: str, x: float, y: float) -> tuple[tuple[float, float], ...]:
    if kind.startswith("L"):
        return ((0, 0), (x, 0), (x, 0.5 * y), (0.55 * x, 0.5 * y), (0.55 * x, y), (0, y))
    if kind == "T":
        return (
            (0, 0.6 * y),
            (0.3 * x, 0.6 * y),
            (0.3 * x, 0),
            (0.7 * x, 0),
            (0.7 * x, 0.6 * y),
            (x, 0.6 * y),
            (x, y),
            (0, y),
        )
    if kind == "U":
        return (
            (0, 0),
            (x, 0),
            (x, y),
            (0.65 * x, y),
            (0.65 * x, 0.45 * y),
            (0.35 * x, 0.45 * y),
            (0.35 * x, y),
            (0, y),
        )
    return ((0, 0), (x, 0), (x, y), (0, y))


def things_in(kind: str, x: float, y: float, height: float) -> tuple[Obstruction, ...]:
    def box(x1: float, y1: float, x2: float, y2: float, low: float, high: float | None) -> Obstruction:
        return Obstruction(((x1, y1), (x2, y1), (x2, y2), (x1, y2)), low, high, 0.4)

    made = {
        "partition": box(0.5 * x, 0, 0.5 * x + 0.1, 0.6 * y, 0, None),
        "column": box(0.4 * x, 0.45 * y, 0.4 * x + 0.4, 0.45 * y + 0.4, 0, None),
        "desk": box(0.3 * x, 0.3 * y, 0.3 * x + 1.6, 0.3 * y + 0.8, 0.6, 0.7),
        "screen": box(0.5 * x, 0.2 * y, 0.5 * x + 0.1, 0.8 * y, 0, 0.55 * height),
        "L column": box(0.25 * x, 0.25 * y, 0.25 * x + 0.3, 0.25 * y + 0.3, 0, None),
        "cupboard": box(0, 0.4 * y, 0.6, 0.4 * y + 1.2, 0, 1.9),
    }
    return (made[kind],) if kind in made else ()


def case(seed: int) -> Case:
    random = np.random.default_rng(seed)
    kind = SHAPES[seed % len(SHAPES)]
    x, y, height = random.uniform(4.5, 8), random.uniform(3.5, 6), random.uniform(2.5, 3.5)
    light = Reflectance(random.uniform(0.6, 0.8), random.uniform(0.3, 0.6), random.uniform(0.15, 0.3))
    room = Room(outline_of(kind, x, y), height, light, kind, things_in(kind, x, y, height))
    if kind == "sloped":
        room = replace(room, high_m=height + 1.0, rise_deg=random.uniform(0, 360))
    free = check(room).buffer(-0.3).difference(footprints(room, 0.75).buffer(0.25))
    # Small: to Radiance a luminaire also hides the ceiling behind it, to us it is only its light.
    openings = [Opening("circle", 0.1, 0.1), Opening("rectangle", 0.15, 0.15), Opening("rectangle", 0.4, 0.04)]
    products = [downlight(random, opening) for opening in openings]
    low = min(room.height_m, room.high_m or room.height_m)

    def somewhere(least: float) -> tuple[float, float]:
        while True:
            px, py = random.uniform((0, 0), (x, y))
            if shapely.contains_xy(free.buffer(-least), px, py):
                return float(px), float(py)

    luminaires: list[LuminaireInput] = []
    # All at one height and apart: to Radiance luminaires are bodies that stand in one another's light, to us they are not.
    hang = low - float(random.uniform(0.25, 0.6))
    for k in range(int(random.integers(3, 7))):
        px, py = somewhere(0.3)
        while any(math.dist((px, py), other.position_m[:2]) < _APART_M for other in luminaires):
            px, py = somewhere(0.3)
        tilt = float(random.choice([0.0, 0.0, random.uniform(-40, 40)]))
        luminaires.append(LuminaireInput(k, products[k % 3], (px, py, hang), float(random.uniform(0, 360)), tilt))
    points = np.array([[*somewhere(0.0), 0.75] for _ in range(POINTS)])
    return Case(room, luminaires, points, np.tile([0.0, 0.0, 1.0], (POINTS, 1)))


@needs_soak
@needs_radiance
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(12), ids=lambda seed: f"{seed}-{SHAPES[seed % len(SHAPES)]}")
def test_soak_against_radiance(seed: int, tmp_path: Path) -> None:
    made = case(seed)
    ours, _ = ExactRoom(made.room, made.luminaires).at_points(made.points, made.normals)
    theirs = radiance.lux(made.room, made.luminaires, made.points, made.normals, tmp_path)
    off = ours / theirs - 1.0
    print(seed, made.room.name, f"mean {ours.mean() / theirs.mean() - 1:+.4f} worst {np.abs(off).max():.4f}")
    assert abs(ours.mean() / theirs.mean() - 1.0) <= MEAN
    assert np.abs(off).max() <= WORST


@needs_radiance
def test_radiance_sees_the_same_direct_light(tmp_path: Path) -> None:
    """Rotation, tilt, intensity table and the shadow of a partition, without reflections: seconds."""
    made = case(4)
    black = replace(
        made.room,
        reflectance=Reflectance(0.0, 0.0, 0.0),
        obstructions=tuple(replace(item, reflectance=0.0) for item in made.room.obstructions),
    )
    ours, _ = ExactRoom(black, made.luminaires, interreflection=False).at_points(made.points, made.normals)
    theirs = radiance.lux(black, made.luminaires, made.points, made.normals, tmp_path, radiance.DIRECT)
    off = np.abs(ours - theirs)
    # A point that sees a luminaire partly, past the partition's edge, is a matter of chance to Radiance: it shoots at random parts of it.
    half_shaded = off > np.maximum(5e-3 * theirs, 0.02 * float(theirs.mean()))
    assert half_shaded.sum() <= 1
    assert (off <= 0.03 * theirs)[half_shaded].all()
    assert ours.mean() == pytest.approx(theirs.mean(), rel=2e-3)
