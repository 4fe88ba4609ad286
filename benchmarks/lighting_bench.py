"""The light engine's promises in milliseconds: a dragged luminaire, a full recompute, a new room.

Run as a script it prints JSON; ``run`` answers the same list.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from presales_desktop.lighting import radiosity
from presales_desktop.lighting.exact import ExactRoom
from presales_desktop.lighting.live import Grid, LiveRoom, LuminaireInput, Reflectance, Room
from presales_desktop.lighting.photometry import Opening, Photometry
from presales_desktop.lighting.rooms import Obstruction

HALL = Room(((0.0, 0.0), (25.0, 0.0), (25.0, 12.5), (0.0, 12.5)), 3.0, Reflectance())
SMALL = Room(((0.0, 0.0), (6.0, 0.0), (6.0, 4.0), (0.0, 4.0)), 2.8, Reflectance())
COLUMN = replace(SMALL, obstructions=(Obstruction(((2.5, 1.8), (2.9, 1.8), (2.9, 2.2), (2.5, 2.2))),))
# 100 x 50 points.
GRID = Grid(0.75, 0.25, 0.0)
DRAGS = 300
WARM_UP = 10


def product(symmetry_free: bool = True, opening: Opening | None = None) -> Photometry:
    """A downlight, without symmetry so that no short cut applies."""
    c, gamma = np.arange(0.0, 361.0, 15.0), np.arange(0.0, 91.0, 2.5)
    cr, gr = np.radians(c)[:, None], np.radians(gamma)[None, :]
    candela = 800.0 * np.cos(gr) ** 2 * (1.0 + (0.3 * np.sin(gr) * np.cos(cr - 0.5) if symmetry_free else 0.0))
    return Photometry(
        format="benchmark", type="C", manufacturer="", catalog_number="", luminaire="", lamp="", keywords={},
        rated_lumens=None, watts=20.0, opening=opening or Opening("circle", 0.1, 0.1), c_angles_deg=c,
        gamma_angles_deg=gamma, candela=candela, symmetry="none", absolute=True,
    )  # fmt: skip


def array(photometry: Photometry, columns: int = 10, rows: int = 10) -> list[LuminaireInput]:
    """Luminaires spread over the hall."""
    return [
        LuminaireInput((i, j), photometry, (25.0 * (i + 0.5) / columns, 12.5 * (j + 0.5) / rows, 2.95))
        for i in range(columns)
        for j in range(rows)
    ]


def timed(step: Callable[[], object], count: int) -> list[float]:
    """Milliseconds of each of ``count`` steps."""
    spent = []
    for _ in range(count):
        begin = time.perf_counter()
        step()
        spent.append((time.perf_counter() - begin) * 1000.0)
    return spent


def entries(
    name: str, spent: list[float], target: float | None = None, target_p95: float | None = None
) -> list[dict[str, object]]:
    """Median and 95th percentile of a series, with what they may be at most."""
    ordered = sorted(spent)
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return [
        {
            "name": f"{name} {what}",
            "value": round(value, 3),
            "unit": "ms",
            "n": len(spent),
            **({"target": limit} if limit is not None else {}),
        }
        for what, value, limit in (("median", statistics.median(ordered), target), ("p95", p95, target_p95))
    ]


def naive(points: npt.NDArray[np.float64], luminaires: list[LuminaireInput]) -> npt.NDArray[np.float64]:
    """Direct light as one writes it first: all pairs at once, float64, arc functions, bilinear in the degree table."""
    table = luminaires[0].photometry.lut()
    places = np.array([luminaire.position_m for luminaire in luminaires])
    d = points[None, :, :] - places[:, None, :]
    r = np.linalg.norm(d, axis=2)
    gamma = np.degrees(np.arccos(-d[..., 2] / r))
    c = np.degrees(np.arctan2(d[..., 1], d[..., 0])) % 360.0
    i, j = c.astype(int), np.minimum(gamma.astype(int), 179)
    u, v = c - i, gamma - j
    candela = (
        table[i, j] * (1 - u) * (1 - v)
        + table[i + 1, j] * u * (1 - v)
        + table[i, j + 1] * (1 - u) * v
        + table[i + 1, j + 1] * u * v
    )
    lux: npt.NDArray[np.float64] = (candela * -d[..., 2] / r**3).sum(axis=0)
    return lux


def drag(live: LiveRoom, count: int) -> list[float]:
    """Milliseconds of moving one luminaire and asking for the result."""
    random = np.random.default_rng(1)

    def step() -> None:
        x, y = random.uniform((0.2, 0.2), (24.8, 12.3))
        live.move((4, 4), (float(x), float(y), 2.95))
        live.result()

    timed(step, WARM_UP)
    return timed(step, count)


def _fresh(room: Room, grid: Grid) -> LiveRoom:
    """A room whose geometry was never seen."""
    radiosity.forget()
    return LiveRoom(room, grid)


def _many(photometry: Photometry) -> Callable[[], object]:
    """All of 500 luminaires anew on 10,000 points, direct light."""
    live = LiveRoom(HALL, Grid(0.75, 0.1767, 0.0), interreflection=False)
    luminaires = array(photometry, 25, 20)

    def step() -> None:
        live.set_luminaires([])
        live.set_luminaires(luminaires)
        live.result()

    step()
    return step


def radiance_figures() -> list[dict[str, object]]:
    """Radiance (`rtrace -ab 5`) on a small room as the peer: the same 12 points by both; [] where it is not installed."""
    from tests.lighting import radiance

    if radiance.folder() is None:
        return []
    points = np.array([[x, y, 0.75] for x in (1.0, 2.3, 3.7, 5.0) for y in (0.8, 2.0, 3.2)])
    normals = np.tile([0.0, 0.0, 1.0], (len(points), 1))
    luminaires = [LuminaireInput(k, product(), (1.5 + 3.0 * (k % 2), 1.0 + 2.0 * (k // 2), 2.7)) for k in range(4)]
    options = [*radiance.OPTIONS]
    options[options.index("-ab") + 1] = "5"
    found = []
    with tempfile.TemporaryDirectory() as folder:
        spent = timed(lambda: found.append(radiance.lux(SMALL, luminaires, points, normals, Path(folder), options)), 1)
    radiosity.forget()
    ours: list[npt.NDArray[np.float64]] = []
    mine = timed(lambda: ours.append(ExactRoom(SMALL, luminaires).at_points(points, normals)[0]), 1)
    off = float(ours[0].mean() / found[0].mean() - 1.0) * 100.0
    name = "4 luminaires, 12 points, inter-reflected"
    return [
        {"name": f"Radiance -ab 5: {name}", "value": round(spent[0], 1), "unit": "ms", "n": 1},
        {"name": f"new room: {name}", "value": round(mine[0], 1), "unit": "ms", "n": 1},
        {"name": "mean of our points over Radiance's", "value": round(off, 3), "unit": "%", "n": len(points)},
    ]


def run(drags: int = DRAGS) -> list[dict[str, object]]:
    """All measurements, each as {"name", "value", "unit", "n"} and "target" where one is promised."""
    photometry = product()
    luminaires = array(photometry)
    live = LiveRoom(HALL, GRID)
    live.set_luminaires(luminaires)
    result = live.result()

    def full() -> None:
        live.set_luminaires([])
        live.set_luminaires(luminaires)
        live.result()

    points = np.column_stack(
        [*(a.ravel() for a in np.meshgrid(result.x_m, result.y_m)), np.full(result.values_lux.size, 0.75)]
    )
    panels = LiveRoom(HALL, GRID)
    panels.set_luminaires(array(product(opening=Opening("rectangle", 1.2, 0.3))))
    found = entries("drag 1 of 100 over 5000 points, inter-reflected", drag(live, drags), 5, 12)
    found += entries("drag 1 of 100 panels 1.2 m (near field) over 5000 points", drag(panels, drags))
    full()
    found += entries("full recompute 100 x 5000, inter-reflected", timed(full, 20), 30)
    found += entries("new room, 432 patches", timed(lambda: _fresh(SMALL, Grid(0.75, 0.1, 0.5)), 10), 400)
    found += entries("the same room again (kept)", timed(lambda: LiveRoom(SMALL, Grid(0.75, 0.1, 0.5)), 10))
    found += entries("new hall 25 x 12.5 m, 5000 points", timed(lambda: _fresh(HALL, GRID), 5))
    found += entries("new room with a column", timed(lambda: _fresh(COLUMN, Grid(0.75, 0.1, 0.5)), 3))
    found += entries("500 luminaires x 10000 points, direct", timed(_many(photometry), 10), 200)
    found += radiance_figures()
    found += entries("naive numpy, direct only, 100 x 5000", timed(lambda: naive(points, luminaires), 5))
    return found


if __name__ == "__main__":
    print(json.dumps(run(), indent=1))
