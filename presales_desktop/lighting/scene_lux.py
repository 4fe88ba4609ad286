"""What a scene comes to: illuminances, glare, power, energy, colour, and what the standards say of each room."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from presales_desktop.lighting import colour, glare, radiosity, rooms, scene_file, standards
from presales_desktop.lighting.errors import LightingError
from presales_desktop.lighting.exact import ExactRoom
from presales_desktop.lighting.grids import Grid, GridPoints
from presales_desktop.lighting.rooms import CEILING, FIRST_WALL, FLOOR, Room, Space, outline
from presales_desktop.lighting.scene_file import Placed, Scene, TaskArea, Wishes
from presales_desktop.lighting.standards import Measured, Row
from presales_desktop.lighting.surfaces import Passage, find_passages

Floats = npt.NDArray[np.float64]

# Directions that a cylinder's illuminance is averaged over: within 0.3 % of the integral in the worst place.
_AROUND = 36
_MOST_UPRIGHT_POINTS = 150


@dataclass(frozen=True, slots=True, eq=False)
class _Lit:
    """A room of a calculated space; ``exact`` holds the luminaires of all its rooms."""

    scene: Scene
    file: str
    index: int
    room: Room
    wishes: Wishes
    mine: tuple[Placed, ...]
    all: tuple[Placed, ...]
    exact: ExactRoom
    at: int  # the room within its space

    def lux(self, points: Floats, normals: Floats) -> tuple[Floats, Floats]:
        """(total, direct) maintained, with all luminaires at full."""
        total, straight = self.exact.at_points(points, normals)
        return total * self.scene.maintenance_factor, straight * self.scene.maintenance_factor


def lux(
    scene: Scene, file: str, *, only: int | None = None, transfer: radiosity.Transfer | None = None
) -> dict[str, object]:
    """What `lighting lux` answers: ``{"rooms": [...]}`` in the order of the scene.

    :param only: the one room that is asked; the others only lend their light through the doors
    :param transfer: of a space of the scene, where it was made before
    :raises LightingError: grid.*, standard.* with ``file`` and field
    """
    rows = standards.library(scene.standards)
    answers: dict[int, dict[str, object]] = {}
    for members, space in spaces(scene):
        if only is not None and only not in members:
            continue
        together = tuple(placed for k in members for placed in scene.luminaires[k])
        exact = ExactRoom(
            space,
            [placed.light for placed in together],
            interreflection=scene.interreflection,
            transfer=transfer if transfer is not None and transfer.space == space else None,
        )
        for at, k in enumerate(members):
            if only is not None and k != only:
                continue
            lit = _Lit(scene, file, k, scene.rooms[k], scene.wishes[k], scene.luminaires[k], together, exact, at)
            answers[k] = _room(lit, rows)
    answer: dict[str, object] = {"rooms": [answers[k] for k in sorted(answers)]}
    answer["maintenance_factor"] = scene.maintenance_factor
    if scene.maintenance is not None:
        answer["maintenance"] = scene.maintenance.shown()
    return answer


def spaces(scene: Scene) -> list[tuple[list[int], Space]]:
    """The rooms (indices) that doors join, with their doors and panes."""
    passages = find_passages(Space(scene.rooms, scene.doorways))
    group = list(range(len(scene.rooms)))
    for passage in passages:
        touched = {group[room] for room, _, _ in passage.sides}
        group = [min(touched) if g in touched else g for g in group]
    found = []
    for first in sorted(set(group)):
        members = [k for k, g in enumerate(group) if g == first]
        doors = tuple(passage.doorway for passage in passages if _touches(passage, members))
        found.append((members, Space(tuple(scene.rooms[k] for k in members), doors)))
    return found


def _touches(passage: Passage, members: list[int]) -> bool:
    return any(room in members for room, _, _ in passage.sides)


def _room(lit: _Lit, rows: Mapping[tuple[str, str], Row]) -> dict[str, object]:
    scene, asked = lit.scene, lit.scene.points[lit.index]
    laid = scene_file.lay_grid(lit.room, scene.grid, lit.file) if scene.grid is not None else None
    on_grid = laid.points_m if laid is not None else np.zeros((0, 3))
    up = np.tile([0.0, 0.0, 1.0], (len(on_grid), 1))
    places = np.vstack([on_grid, asked[:, :3]])
    total, straight = lit.lux(places, np.vstack([up, asked[:, 3:]]))
    # The figures are those of the work plane; points that were asked for one by one only stand in without a grid.
    judged = total[: len(on_grid)] if laid is not None else total
    watts = sum(placed.light.power_w for placed in lit.mine)
    area = float(rooms.check(lit.room).area)
    answer: dict[str, object] = {
        "name": lit.room.name,
        **figures(judged),
        "watts": watts,
        "area_m2": area,
        "lpd_w_m2": watts / area,
        "lpd_workplane_w_m2": watts / laid.area_m2 if laid is not None and laid.area_m2 > 0 else None,
        "grid_points": len(on_grid),
    }
    answer["lpd_w_m2_100lx"] = _per_100_lux(answer["lpd_w_m2"], answer["average_lux"])
    answer |= _surfaces(lit)
    answer |= _glare(lit)
    answer |= _upright(lit, laid)
    answer |= _colour(lit, places, up, asked)
    answer |= _moods(lit, laid)
    answer |= _energy(lit, watts, area)
    if lit.wishes.tasks:
        answer["tasks"] = [_task(lit, task, k, rows) for k, task in enumerate(lit.wishes.tasks)]
    answer["verdicts"] = _verdicts(lit, answer, rows)
    answer["points"] = [
        [*(round(float(v), 6) for v in place), round(float(lux), 4), round(float(direct), 4)]
        for place, lux, direct in zip(places, total, straight, strict=True)
    ]
    return answer


def figures(values: npt.NDArray[np.floating]) -> dict[str, object]:
    """Average, extremes, uniformity (minimum / average) and diversity (minimum / maximum); null without any point."""
    if len(values) == 0:
        names = ("average_lux", "minimum_lux", "maximum_lux", "uniformity", "diversity")
        return dict.fromkeys(names)
    average, low, high = float(values.mean()), float(values.min()), float(values.max())
    return {
        "average_lux": average,
        "minimum_lux": low,
        "maximum_lux": high,
        "uniformity": low / average if average > 0 else 0.0,
        "diversity": low / high if high > 0 else 0.0,
    }


def _per_100_lux(power: object, average: object) -> float | None:
    if not isinstance(power, float) or not isinstance(average, float) or average <= 0:
        return None
    return power / average * 100.0


def _surfaces(lit: _Lit) -> dict[str, object]:
    """Mean illuminances of the room's own surfaces."""
    transfer = lit.exact.transfer
    if transfer is None or lit.exact.patches is None:
        return {"surfaces": None}
    patches = transfer.patches
    light = transfer.total @ lit.exact.patches * lit.scene.maintenance_factor
    mine = patches.room == lit.at

    def mean(surface: int) -> float | None:
        members = mine & (patches.surface == surface)
        area = float(patches.areas_m2[members].sum())
        return float((light * patches.areas_m2)[members].sum()) / area if area > 0 else None

    walls = [mean(FIRST_WALL + k) for k in range(len(outline(lit.room)))]
    all_walls = mine & (patches.surface >= FIRST_WALL) & (patches.surface < FIRST_WALL + len(walls))
    return {
        "surfaces": {
            "floor_lux": mean(FLOOR),
            "ceiling_lux": mean(CEILING),
            "walls_lux": float(np.average(light[all_walls], weights=patches.areas_m2[all_walls])),
            "each_wall_lux": walls,
        }
    }


def _glare(lit: _Lit) -> dict[str, object]:
    if not (lit.wishes.glare or lit.wishes.observers):
        return {}
    observers = list(lit.wishes.observers) or glare.default_observers(lit.room)
    found = glare.ratings(lit.exact, observers)
    known = [value for value in found if value is not None]
    return {
        "ugr": [
            {"position_m": list(o.position_m), "direction_deg": o.direction_deg, "ugr": value}
            for o, value in zip(observers, found, strict=True)
        ],
        "ugr_max": max(known) if known else None,
    }


def _upright(lit: _Lit, laid: GridPoints | None) -> dict[str, object]:
    """Cylindrical and vertical illuminance on a grid at eye level."""
    answer: dict[str, object] = {}
    usual = lit.scene.grid or Grid()
    if lit.wishes.cylindrical_m is not None:
        places = _coarse(lit, Grid(lit.wishes.cylindrical_m, usual.spacing_m, usual.margin_m), "cylindrical")
        turns = np.arange(_AROUND) * (360.0 / _AROUND)
        answer["cylindrical"] = {
            "height_m": lit.wishes.cylindrical_m,
            **figures(np.mean([_facing(lit, places, turn) for turn in turns], axis=0)),
        }
    if lit.wishes.vertical_m is not None:
        places = _coarse(lit, Grid(lit.wishes.vertical_m, usual.spacing_m, usual.margin_m), "vertical")
        answer["vertical"] = [
            {"height_m": lit.wishes.vertical_m, "direction_deg": turn, **figures(_facing(lit, places, turn))}
            for turn in lit.wishes.directions_deg
        ]
    return answer


def _coarse(lit: _Lit, grid: Grid, field: str) -> Floats:
    """Points of a grid, as many as upright surfaces are worth."""
    area = float(rooms.check(lit.room).area)
    spacing = max(grid.spacing_m, math.sqrt(area / _MOST_UPRIGHT_POINTS))
    try:
        return scene_file.lay_grid(lit.room, Grid(grid.height_m, spacing, grid.margin_m), lit.file).points_m
    except LightingError as error:
        if error.code == "grid.no_points":
            # A room too small for the margin is judged in its middle.
            point = rooms.check(lit.room).representative_point()
            return np.array([[point.x, point.y, grid.height_m]])
        error.field = f"rooms[{lit.index}].{field}.height_m"
        error.values["at"] = error.field
        raise


def _facing(lit: _Lit, places: Floats, direction_deg: float) -> Floats:
    turn = math.radians(direction_deg)
    normals = np.tile([math.cos(turn), math.sin(turn), 0.0], (len(places), 1))
    return lit.lux(places, normals)[0]


def _categories(lit: _Lit) -> tuple[list[tuple[str, float | None, float | None]], Floats]:
    """(group, colour temperature, Ra) of luminaires alike, and which luminaire [categories, luminaires] is of which."""
    keys = [(placed.group, placed.cct_k, placed.ra) for placed in lit.all]
    kinds = list(dict.fromkeys(keys))
    table = np.array([[1.0 if key == kind else 0.0 for key in keys] for kind in kinds])
    return kinds, table.reshape(len(kinds), len(keys))


def _colour(lit: _Lit, places: Floats, up: Floats, asked: Floats) -> dict[str, object]:
    """Colour temperature and Ra where the light arrives, mixed by illuminance."""
    kinds, table = _categories(lit)
    if not any(cct is not None or ra is not None for _, cct, ra in kinds) or len(places) == 0:
        return {}
    chosen = slice(0, len(places), max(1, len(places) // 500))
    normals = np.vstack([up, asked[:, 3:]])
    total, _ = lit.exact.by_levels(places[chosen], normals[chosen], table)
    ccts, ras = [cct for _, cct, _ in kinds], [ra for _, _, ra in kinds]
    whole = colour.mix(total.mean(axis=1).tolist(), ccts, ras)
    spots = [colour.mix(column.tolist(), ccts, ras).cct_k for column in total.T]
    known = [cct for cct in spots if cct is not None]
    return {
        "colour": {
            "cct_k": whole.cct_k,
            "cct_min_k": min(known) if known else None,
            "cct_max_k": max(known) if known else None,
            "ra_mean": whole.ra_mean,
            "ra_lowest": whole.ra_lowest,
        }
    }


def _levels(lit: _Lit, levels: Mapping[str, float]) -> Floats:
    return np.array([levels.get(placed.group, 1.0) for placed in lit.all])


def _moods(lit: _Lit, laid: GridPoints | None) -> dict[str, object]:
    """Each lighting scene's figures on the work plane."""
    if not lit.scene.moods or laid is None:
        return {}
    places = laid.points_m
    up = np.tile([0.0, 0.0, 1.0], (len(places), 1))
    table = np.array([_levels(lit, mood.levels) for mood in lit.scene.moods]).reshape(len(lit.scene.moods), -1)
    total, _ = lit.exact.by_levels(places, up, table)
    return {
        "scenes": [
            {
                "name": mood.name,
                "levels": mood.levels,
                **figures(values * lit.scene.maintenance_factor),
                # Dimmed drivers draw about in proportion to their light.
                "watts": sum(p.light.power_w * mood.levels.get(p.group, 1.0) for p in lit.mine),
            }
            for mood, values in zip(lit.scene.moods, total, strict=True)
        ]
    }


def _energy(lit: _Lit, watts: float, area: float) -> dict[str, object]:
    """W = P t / 1000 (EN 15193-1 without controls and standby); per area the numeric indicator LENI."""
    hours = lit.scene.hours_per_year
    if hours is None:
        return {}
    energy = watts * hours / 1000.0
    return {"energy_kwh_year": energy, "energy_kwh_m2_year": energy / area}


def _task(lit: _Lit, task: TaskArea, index: int, rows: Mapping[tuple[str, str], Row]) -> dict[str, object]:
    floor = rooms.check(lit.room)
    area = shapely.intersection(task.polygon, floor)
    solid = rooms.footprints(lit.room, task.grid.height_m)
    inside = _within(area, task.grid, solid)
    if len(inside) == 0:
        field = f"rooms[{lit.index}].tasks[{index}].polygon_m"
        raise LightingError("task.outside", file=lit.file, field=field)
    around = shapely.difference(shapely.intersection(area.buffer(task.surround_m, join_style="mitre"), floor), area)
    on_task = _horizontal(lit, inside)
    answer: dict[str, object] = {
        "name": task.name,
        "area_m2": float(area.area),
        "height_m": task.grid.height_m,
        **figures(on_task),
    }
    target = task.target_lux
    if target is None and lit.wishes.room_type:
        found = standards.find(rows, lit.wishes.room_type)
        target = found[0].lux if found else None
    if target is not None:
        answer["target_lux"] = target
        answer["ok"] = round(float(on_task.mean())) >= round(target) and (
            task.uniformity is None or round(float(on_task.min() / max(on_task.mean(), 1e-9)), 2) >= task.uniformity
        )
    band = _within(around, task.grid, solid)
    if len(band):
        on_band = _horizontal(lit, band)
        surround: dict[str, object] = {"width_m": task.surround_m, **figures(on_band)}
        if target is not None:
            needed = standards.surround_lux(target, european=False)
            surround |= {"required_lux": needed, "ok": round(float(on_band.mean())) >= round(needed)}
        answer["surround"] = surround
    return answer


def _within(area: shapely.Geometry, grid: Grid, solid: shapely.Geometry) -> Floats:
    """Points of a grid in an area, centred in it; [n, 3]."""
    if area.is_empty or area.area < 1e-6:
        return np.zeros((0, 3))
    x1, y1, x2, y2 = area.bounds
    steps = [max(1, min(math.ceil(extent / grid.spacing_m - 1e-9), 400)) for extent in (x2 - x1, y2 - y1)]
    xs = x1 + (np.arange(steps[0]) + 0.5) * (x2 - x1) / steps[0]
    ys = y1 + (np.arange(steps[1]) + 0.5) * (y2 - y1) / steps[1]
    x, y = (a.ravel() for a in np.meshgrid(xs, ys))
    inside = shapely.contains_xy(shapely.difference(area, solid), x, y)
    return np.column_stack([x[inside], y[inside], np.full(int(inside.sum()), grid.height_m)])


def _horizontal(lit: _Lit, places: Floats) -> Floats:
    return lit.lux(places, np.tile([0.0, 0.0, 1.0], (len(places), 1)))[0]


def _verdicts(lit: _Lit, answer: dict[str, object], rows: Mapping[tuple[str, str], Row]) -> list[dict[str, object]]:
    """What each standard with a row of that room type says; judged on the grid's average."""
    wanted = lit.wishes.room_type
    if not wanted:
        return []
    found = standards.find(rows, wanted)
    if not found:
        field = f"rooms[{lit.index}].room_type"
        some = ", ".join(sorted({key for _, key in rows})[:10])
        raise LightingError("standard.unknown", file=lit.file, field=field, expected=some, found=wanted[:40])
    if answer["average_lux"] is None:
        return []
    seen = _measured(lit, answer)
    return [standards.judge(row, seen, lit.wishes.target_lux) for row in found]


def _measured(lit: _Lit, answer: dict[str, object]) -> Measured:
    general = [placed for placed in lit.mine if not placed.decorative]
    polygon = rooms.check(lit.room)
    plane = lit.scene.grid.height_m if lit.scene.grid is not None else 0.0
    heights = [placed.light.position_m[2] - plane for placed in lit.mine]
    mounting = sum(heights) / len(heights) if heights else None
    ras = [placed.ra for placed in general if placed.ra is not None]
    surfaces, cylinder = answer.get("surfaces"), answer.get("cylindrical")

    def within(part: object, name: str) -> float | None:
        value = part.get(name) if isinstance(part, dict) else None
        return float(value) if isinstance(value, int | float) else None

    return Measured(
        average_lux=within(answer, "average_lux") or 0.0,
        uniformity=within(answer, "uniformity") or 0.0,
        watts=sum(placed.light.power_w for placed in general),
        decorative_w=sum(placed.light.power_w for placed in lit.mine if placed.decorative),
        area_m2=float(polygon.area),
        room_index=standards.room_index(float(polygon.area), float(polygon.length), mounting),
        ugr=within(answer, "ugr_max"),
        lowest_ra=min(ras) if ras else None,
        wall_lux=within(surfaces, "walls_lux"),
        ceiling_lux=within(surfaces, "ceiling_lux"),
        cylindrical_lux=within(cylinder, "average_lux"),
    )
