"""How many luminaires, and where: the lumen method's count, then the exact calculation of regular arrays."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import shapely

from presales_desktop.lighting import grids, rooms, utilisation
from presales_desktop.lighting.errors import LightingError
from presales_desktop.lighting.fields import Fields, load
from presales_desktop.lighting.live import Grid, LiveRoom, LuminaireInput, LuxResult, Room
from presales_desktop.lighting.photometry import Photometry
from presales_desktop.lighting.scene_file import Photometries, read_grid, read_maintenance, read_room

MAX_LUMINAIRES = 1000
_MAX_TRIALS = 120
# Spacings along and across that differ more than this make a row, not an array.
_MOST_UNEQUAL = 2.5
_BELOW_CEILING_M = 0.01


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """A room to be lit by one product to a maintained average."""

    room: Room
    photometry: Photometry
    target_lux: float
    grid: Grid = field(default_factory=Grid)
    maintenance_factor: float = 0.8
    mounting_height_m: float | None = None  # None: just under the ceiling
    rotation_deg: float = 0.0
    flux_factor: float = 1.0
    uniformity: float = 0.0  # least minimum / average
    watts: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Arrangement:
    """The smallest array found that reaches the target."""

    rows: int  # along y
    columns: int  # along x
    positions_m: tuple[tuple[float, float, float], ...]
    result: LuxResult
    lumen_method_count: int


def lumen_method(task: Task) -> int:
    """N = E A / (flux x CU x MF), rounded up; at least 1 (IES zonal cavity, floor 0.2).

    :raises LightingError: photometry.no_light
    """
    polygon = rooms.check(task.room)
    mounting = _mounting(task)
    light = task.room.reflectance
    rcr = utilisation.room_cavity_ratio(polygon.area, polygon.length, max(mounting - task.grid.height_m, 0.05))
    cu = utilisation.coefficient(task.photometry, rcr, light.ceiling, light.walls, light.floor)
    flux = (task.photometry.rated_lumens or task.photometry.lumens) * task.flux_factor
    if flux * cu <= 0:
        raise LightingError("photometry.no_light", field="photometry")
    area = float(polygon.area)
    return max(1, math.ceil(task.target_lux * area / (flux * cu * task.maintenance_factor) - 1e-9))


def arrange(task: Task) -> Arrangement:
    """The array with the fewest luminaires that reaches target and uniformity; the evener of equals.

    :raises LightingError: arrange.unreachable with ``expected`` (target) and ``found`` (best average), room.*, grid.*
    """
    count = lumen_method(task)
    if count > MAX_LUMINAIRES:
        raise LightingError("arrange.too_many", field="target_lux", expected=MAX_LUMINAIRES, found=count)
    live = LiveRoom(task.room, task.grid, task.maintenance_factor)
    polygon = rooms.check(task.room)
    start = _first_guess(task, live, polygon, count)
    best = 0.0
    trials = 0
    for rows, columns in _shapes(polygon, start):
        positions = places(polygon, rows, columns, _mounting(task))
        if not positions:
            continue
        trials += 1
        if trials > _MAX_TRIALS or len(positions) > MAX_LUMINAIRES:
            break
        result = _light(task, live, positions)
        best = max(best, result.average_lux)
        if result.average_lux >= task.target_lux and result.uniformity >= task.uniformity:
            return Arrangement(rows, columns, tuple(positions), result, count)
    raise LightingError("arrange.unreachable", field="target_lux", expected=f"{task.target_lux:g}", found=f"{best:.0f}")


def places(polygon: shapely.Polygon, rows: int, columns: int, z: float) -> list[tuple[float, float, float]]:
    """An array over the polygon's bounds, half a spacing off them; what is not inside is left out."""
    x1, y1, x2, y2 = polygon.bounds
    xs = x1 + (x2 - x1) * (np.arange(columns) + 0.5) / columns
    ys = y1 + (y2 - y1) * (np.arange(rows) + 0.5) / rows
    x, y = np.meshgrid(xs, ys)
    inside = shapely.contains_xy(polygon, x, y)
    return [(round(float(a), 4), round(float(b), 4), z) for a, b in zip(x[inside], y[inside], strict=True)]


def _mounting(task: Task) -> float:
    if task.mounting_height_m is not None:
        return task.mounting_height_m
    return max(task.room.height_m - _BELOW_CEILING_M, 0.0)


def _light(task: Task, live: LiveRoom, positions: list[tuple[float, float, float]]) -> LuxResult:
    live.set_luminaires(
        LuminaireInput(place, task.photometry, place, task.rotation_deg, 0.0, task.flux_factor, task.watts)
        for place in positions
    )
    return live.result()


def _first_guess(task: Task, live: LiveRoom, polygon: shapely.Polygon, count: int) -> int:
    """The lumen method's count corrected by one exact calculation, a little low on purpose."""
    rows, columns = next(_shapes(polygon, count))
    positions = places(polygon, rows, columns, _mounting(task))
    if not positions:
        return 1
    average = _light(task, live, positions).average_lux
    if average <= 0:
        return count
    return max(1, math.floor(0.93 * task.target_lux * len(positions) / average))


def _shapes(polygon: shapely.Polygon, least: int) -> Iterator[tuple[int, int]]:
    """(rows, columns) by their number, from ``least`` on, each number's evenest spacing first.

    In a room that fills its bounds in part only, an array loses what falls outside.
    """
    x1, y1, x2, y2 = polygon.bounds
    share = polygon.area / ((x2 - x1) * (y2 - y1))
    total = max(1, math.floor(least / share))
    for number in range(total, 2 * MAX_LUMINAIRES):
        shapes = [(rows, number // rows) for rows in range(1, number + 1) if number % rows == 0]
        unequal = [(abs(math.log((x2 - x1) / c / ((y2 - y1) / r))), r, c) for r, c in shapes]
        allowed = [item for item in unequal if item[0] <= math.log(_MOST_UNEQUAL)]
        # A long corridor has no even array of few: its evenest row must do.
        if not allowed and number <= max(x2 - x1, y2 - y1) / min(x2 - x1, y2 - y1):
            allowed = [min(unequal)]
        for _, rows, columns in sorted(allowed):
            yield rows, columns


def read_task(path: Path) -> Task:
    """A task in a JSON file: "room" (or "rooms" with one), "photometry", "target_lux"; the rest as in a scene, with
    "mounting_height_m", "rotation_deg", "flux_factor", "uniformity" and "watts" as options.

    :raises LightingError: scene.*, room.*, photometry.*, file.*
    """
    fields = load(path)
    part = _room_part(fields)
    room = read_room(part)
    grid = read_grid(fields.part("grid", {}))
    try:
        grids.lay(rooms.check(room), room.height_m, grid)
    except LightingError as error:
        raise error.within(path.name, "grid") from None
    holder = fields
    if not fields.has("photometry") and fields.has("luminaires"):
        holder = (fields.parts("luminaires", limit=1) or [fields])[0]
    return Task(
        room=room,
        photometry=Photometries(path.parent).get(holder, "photometry"),
        target_lux=fields.number("target_lux", low=0.01, high=200_000.0),
        grid=grid,
        maintenance_factor=read_maintenance(fields),
        mounting_height_m=(
            fields.number("mounting_height_m", low=0.0, high=room.height_m) if fields.has("mounting_height_m") else None
        ),
        rotation_deg=fields.number("rotation_deg", 0.0),
        flux_factor=fields.number("flux_factor", 1.0, low=0.001, high=1000.0),
        uniformity=fields.number("uniformity", 0.0, low=0.0, high=1.0),
        watts=fields.number("watts", low=0.0) if fields.has("watts") else None,
    )


def _room_part(fields: Fields) -> Fields:
    if fields.has("room"):
        return fields.part("room")
    parts = fields.parts("rooms", limit=1)
    if not parts:
        fields.fail("scene.empty", "rooms")
    return parts[0]


def arrange_answer(path: Path) -> dict[str, object]:
    """What `lighting arrange` answers: the positions and the figures that they reach.

    :raises LightingError: as :func:`read_task` and :func:`arrange`, with the file
    """
    task = read_task(path)
    try:
        found = arrange(task)
    except LightingError as error:
        error.file = error.file or path.name
        raise
    result = found.result
    return {
        "name": task.room.name,
        "target_lux": task.target_lux,
        "lumen_method_count": found.lumen_method_count,
        "count": len(found.positions_m),
        "rows": found.rows,
        "columns": found.columns,
        "rotation_deg": task.rotation_deg,
        "positions_m": [list(place) for place in found.positions_m],
        "average_lux": result.average_lux,
        "minimum_lux": result.minimum_lux,
        "maximum_lux": result.maximum_lux,
        "uniformity": result.uniformity,
        "watts": result.watts,
        "lpd_w_m2": result.lpd_w_m2,
        "lpd_workplane_w_m2": result.lpd_workplane_w_m2,
    }
