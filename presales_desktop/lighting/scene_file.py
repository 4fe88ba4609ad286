"""Scenes: rooms, luminaires, grid and points in a JSON file, as `presales lighting lux` reads them (docs/scenes.md)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import shapely

from presales_desktop.lighting import glare, grids, maintenance, read, rooms, surfaces
from presales_desktop.lighting.direct import LuminaireInput
from presales_desktop.lighting.errors import LightingError
from presales_desktop.lighting.fields import Fields, brief, load, number
from presales_desktop.lighting.glare import Observer
from presales_desktop.lighting.grids import Grid
from presales_desktop.lighting.maintenance import Factor
from presales_desktop.lighting.photometry import Photometry
from presales_desktop.lighting.rooms import Doorway, Obstruction, Reflectance, Room, Space

Floats = npt.NDArray[np.float64]

MAX_ROOMS = 200
MAX_LUMINAIRES = 5000
MAX_POINTS = 50_000
_INSIDE_M = 1e-6
_UNIT = 1e-3
DEFAULT_MAINTENANCE = 0.8


@dataclass(frozen=True, slots=True)
class Placed:
    """A luminaire of a scene with what is not light: its dimming group, its colour, whether it only decorates."""

    light: LuminaireInput
    group: str = ""
    cct_k: float | None = None
    ra: float | None = None
    decorative: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class TaskArea:
    """A part of a room that is judged by itself, with the band around it."""

    name: str
    polygon: shapely.Polygon
    grid: Grid
    target_lux: float | None
    uniformity: float | None
    surround_m: float


@dataclass(frozen=True, slots=True, eq=False)
class Wishes:
    """What is asked of one room beyond its work plane."""

    room_type: str = ""
    target_lux: float | None = None
    tasks: tuple[TaskArea, ...] = ()
    observers: tuple[Observer, ...] = ()
    glare: bool = False
    cylindrical_m: float | None = None
    vertical_m: float | None = None
    directions_deg: tuple[float, ...] = (0.0, 90.0, 180.0, 270.0)


@dataclass(frozen=True, slots=True)
class Mood:
    """A lighting scene: dimming levels by group, 0 to 1; groups that it does not name are at full."""

    name: str
    levels: dict[str, float]


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A scene file's content; luminaires and points already belong to rooms (by index)."""

    rooms: tuple[Room, ...]
    luminaires: tuple[tuple[Placed, ...], ...]
    points: tuple[Floats, ...]  # per room [n, 6]: x, y, z and the unit normal
    grid: Grid | None
    maintenance_factor: float
    interreflection: bool
    wishes: tuple[Wishes, ...]
    doorways: tuple[Doorway, ...] = ()
    moods: tuple[Mood, ...] = ()
    hours_per_year: float | None = None
    maintenance: Factor | None = None
    standards: tuple[Path, ...] = ()


class Photometries:
    """Photometric files by their paths relative to a folder, each read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, Photometry] = {}

    def get(self, fields: Fields, key: str) -> Photometry:
        """The photometry that a field names.

        :raises LightingError: scene.photometry_missing, photometry.* with the photometric file's own name and line
        """
        name = fields.text(key)
        if name not in self._read:
            try:
                self._read[name] = read.read_file(self._folder / name)
            except LightingError as error:
                if error.code in {"file.missing", "file.unreadable"}:
                    fields.fail("scene.photometry_missing", key, found=name[:200])
                raise
        return self._read[name]


def read_scene(path: Path) -> Scene:
    """The scene in a JSON file.

    :raises LightingError: scene.*, room.*, grid.*, luminaire.*, photometry.* with file and field
    """
    fields = load(path)
    room_parts = fields.parts("rooms", limit=MAX_ROOMS)
    if not room_parts:
        fields.fail("scene.empty", "rooms")
    all_rooms = [read_room(part) for part in room_parts]
    zones = [_Zone(room) for room in all_rooms]
    grid = read_grid(fields.part("grid")) if fields.has("grid") else None
    wishes = [_wishes(part, grid or Grid()) for part in room_parts]
    if grid is None and not fields.has("points") and not any(_asks(wish) for wish in wishes):
        fields.fail("scene.nothing_asked", "grid")
    photometries = Photometries(path.parent)
    luminaires: list[list[Placed]] = [[] for _ in all_rooms]
    for k, part in enumerate(fields.parts("luminaires", [], limit=MAX_LUMINAIRES)):
        placed = _luminaire(part, k, photometries)
        at = _room_of(placed.light.position_m, zones)
        if at is None:
            part.fail("luminaire.outside", "position_m", found=_place(placed.light.position_m))
        luminaires[at].append(placed)
    factor = _maintenance(fields)
    operation = fields.part("operation", {})
    return Scene(
        rooms=tuple(all_rooms),
        luminaires=tuple(tuple(inside) for inside in luminaires),
        points=_points(fields, zones),
        grid=grid,
        maintenance_factor=factor.total if factor is not None else read_maintenance(fields),
        interreflection=fields.flag("interreflection", True),
        wishes=tuple(wishes),
        doorways=_doorways(fields, all_rooms),
        moods=_moods(fields, {placed.group for inside in luminaires for placed in inside}),
        hours_per_year=operation.number("hours_per_year", low=0.0, high=8784.0)
        if operation.has("hours_per_year")
        else None,
        maintenance=factor,
        standards=tuple(path.parent / name for name in _texts(fields, "standards", 20)),
    )


def read_room(fields: Fields) -> Room:
    """A room, checked.

    :raises LightingError: scene.*, room.*
    """
    corners = fields.vectors("polygon_m", sizes=(2,), limit=rooms.MAX_CORNERS + 1)
    if len(corners) > 3 and corners[0] == corners[-1]:
        corners = corners[:-1]
    light, usual = fields.part("reflectance", {}), Reflectance()
    slope = fields.part("ceiling", {})
    room = Room(
        polygon_m=tuple((x, y) for x, y in corners),
        height_m=fields.number("height_m"),
        reflectance=Reflectance(
            ceiling=light.number("ceiling", usual.ceiling),
            walls=light.number("walls", usual.walls),
            floor=light.number("floor", usual.floor),
            each_wall=numbers(light, "each_wall", rooms.MAX_CORNERS) if light.has("each_wall") else (),
        ),
        name=fields.text("name", ""),
        obstructions=tuple(
            _obstruction(part) for part in fields.parts("obstructions", [], limit=rooms.MAX_OBSTRUCTIONS)
        ),
        high_m=slope.number("high_m") if slope.has("high_m") else None,
        rise_deg=slope.number("rise_deg", 0.0),
    )
    try:
        rooms.check(room)
    except LightingError as error:
        raise error.within(fields.file, fields.path) from None
    return room


def numbers(fields: Fields, key: str, limit: int) -> tuple[float, ...]:
    """A list of finite numbers."""
    items = fields.items(key, limit=limit)
    return tuple(number(item, fields.file, f"{fields.name(key)}[{k}]") for k, item in enumerate(items))


def _texts(fields: Fields, key: str, limit: int) -> list[str]:
    items = fields.items(key, [], limit=limit)
    for k, item in enumerate(items):
        if not isinstance(item, str):
            fields.fail("scene.text_expected", f"{key}[{k}]", found=brief(item))
    return [str(item) for item in items]


def _obstruction(fields: Fields) -> Obstruction:
    """A solid by its outline, as a box, or as a line with a thickness (a partition)."""
    bottom = fields.number("bottom_m", 0.0, low=0.0)
    top = fields.number("top_m", low=0.0) if fields.has("top_m") else None
    if fields.has("box_m"):
        x1, y1, bottom, x2, y2, top = fields.vector("box_m", 6)
        polygon: tuple[tuple[float, float], ...] = ((x1, y1), (x2, y1), (x2, y2), (x1, y2))
    elif fields.has("line_m"):
        line = fields.vectors("line_m", sizes=(2,), limit=rooms.MAX_CORNERS)
        thickness = fields.number("thickness_m", 0.1, low=0.005, high=5.0)
        area = (
            shapely.LineString(line).buffer(thickness / 2.0, cap_style="flat", join_style="mitre")
            if len(line) > 1
            else None
        )
        if area is None or area.geom_type != "Polygon" or len(area.interiors):
            fields.fail("room.not_simple", "line_m", found=len(line))
        polygon = tuple((x, y) for x, y in area.exterior.coords[:-1])
    else:
        corners = fields.vectors("polygon_m", sizes=(2,), limit=rooms.MAX_CORNERS + 1)
        polygon = tuple(
            (x, y) for x, y in (corners[:-1] if len(corners) > 3 and corners[0] == corners[-1] else corners)
        )
    return Obstruction(polygon, bottom, top, fields.number("reflectance", 0.5), fields.text("name", ""))


def _doorways(fields: Fields, all_rooms: list[Room]) -> tuple[Doorway, ...]:
    made = []
    for part in fields.parts("openings", [], limit=MAX_ROOMS):
        line = part.vectors("line_m", sizes=(2,), limit=2)
        if len(line) != 2:
            part.fail("scene.vector_expected", "line_m", expected=2, found=len(line))
        made.append(
            Doorway(
                line_m=((line[0][0], line[0][1]), (line[1][0], line[1][1])),
                bottom_m=part.number("bottom_m", 0.0, low=0.0),
                top_m=part.number("top_m", 2.1, low=0.0),
                reflectance=part.number("reflectance", 0.1, low=0.0, high=rooms.MAX_REFLECTANCE),
            )
        )
    try:
        surfaces.find_passages(Space(tuple(all_rooms), tuple(made)))
    except LightingError as error:
        error.file = error.file or fields.file
        raise
    return tuple(made)


def _asks(wish: Wishes) -> bool:
    return bool(
        wish.tasks or wish.observers or wish.glare or wish.cylindrical_m is not None or wish.vertical_m is not None
    )


def _wishes(fields: Fields, grid: Grid) -> Wishes:
    cylinder, upright = fields.part("cylindrical", {}), fields.part("vertical", {})
    directions = numbers(upright, "directions_deg", 36) if upright.has("directions_deg") else ()
    return Wishes(
        room_type=fields.text("room_type", ""),
        target_lux=fields.number("target_lux", low=0.01, high=200_000.0) if fields.has("target_lux") else None,
        tasks=tuple(_task(part, grid) for part in fields.parts("tasks", [], limit=100)),
        observers=tuple(_observer(part) for part in fields.parts("observers", [], limit=200)),
        glare=fields.flag("glare", False),
        cylindrical_m=cylinder.number("height_m", glare.SEATED_EYE_M, low=0.0) if fields.has("cylindrical") else None,
        vertical_m=upright.number("height_m", glare.SEATED_EYE_M, low=0.0) if fields.has("vertical") else None,
        directions_deg=directions or (0.0, 90.0, 180.0, 270.0),
    )


def _task(fields: Fields, grid: Grid) -> TaskArea:
    corners = fields.vectors("polygon_m", sizes=(2,), limit=rooms.MAX_CORNERS + 1)
    polygon = shapely.Polygon(corners) if len(corners) > 2 else shapely.Polygon()
    if not polygon.is_valid or polygon.area < 1e-4:
        fields.fail("room.not_simple", "polygon_m", found=len(corners))
    height = fields.number("height_m", grid.height_m, low=0.0)
    return TaskArea(
        name=fields.text("name", ""),
        polygon=polygon,
        grid=Grid(height, fields.number("spacing_m", min(grid.spacing_m, 0.2), low=0.01, high=10.0), 0.0),
        target_lux=fields.number("target_lux", low=0.01, high=200_000.0) if fields.has("target_lux") else None,
        uniformity=fields.number("uniformity", low=0.0, high=1.0) if fields.has("uniformity") else None,
        surround_m=fields.number("surround_m", 0.5, low=0.0, high=10.0),
    )


def _observer(fields: Fields) -> Observer:
    x, y, z = fields.vector("position_m", 3)
    return Observer((x, y, z), fields.number("direction_deg", 0.0))


def _moods(fields: Fields, groups: set[str]) -> tuple[Mood, ...]:
    made = []
    for part in fields.parts("scenes", [], limit=50):
        levels = part.part("levels", {})
        for name in levels.names():
            if name not in groups:
                levels.fail("scene.group_unknown", name, expected=" / ".join(sorted(groups)), found=name[:40])
        made.append(
            Mood(part.text("name", ""), {name: levels.number(name, low=0.0, high=1.0) for name in levels.names()})
        )
    return tuple(made)


def _maintenance(fields: Fields) -> Factor | None:
    """The maintenance factor by its surroundings, where the scene tells them."""
    if not fields.has("maintenance"):
        return None
    part = fields.part("maintenance")
    try:
        return maintenance.factor(
            part.text("environment"),
            luminaire=part.text("luminaire", "enclosed"),
            cleaning_years=part.number("cleaning_years", 1.0, low=0.0, high=20.0),
            room_cleaning_years=part.number("room_cleaning_years", 3.0, low=0.0, high=50.0),
            hours=part.number("hours", 50_000.0, low=0.0, high=500_000.0),
            survival=part.number("survival", 1.0, low=0.01, high=1.0),
            upward_share=part.number("upward_share", 0.0, low=0.0, high=1.0),
        )
    except LightingError as error:
        raise error if error.file else error.within(fields.file, "maintenance") from None


def read_grid(fields: Fields) -> Grid:
    """A grid; its fit into the rooms is checked when it is laid.

    :raises LightingError: scene.*
    """
    usual = Grid()
    return Grid(
        height_m=fields.number("height_m", usual.height_m),
        spacing_m=fields.number("spacing_m", usual.spacing_m),
        margin_m=fields.number("margin_m", usual.margin_m),
    )


def read_maintenance(fields: Fields) -> float:
    """The maintenance factor, above 0 up to 1.

    :raises LightingError: scene.*
    """
    return fields.number("maintenance_factor", DEFAULT_MAINTENANCE, low=1e-6, high=1.0)


def lay_grid(room: Room, grid: Grid, file: str) -> grids.GridPoints:
    """The grid in a room, errors put on the scene's field "grid".

    :raises LightingError: grid.*
    """
    try:
        return grids.lay(rooms.check(room), rooms.lowest_ceiling(room), grid, rooms.footprints(room, grid.height_m))
    except LightingError as error:
        raise error.within(file, "grid") from None


class _Zone:
    """Whether something is in a room, its surfaces included."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.area = rooms.check(room).buffer(_INSIDE_M, join_style="mitre")
        shapely.prepare(self.area)

    def holds(self, x: float, y: float, z: float) -> bool:
        roof = float(rooms.ceiling_at(self.room, np.array(x), np.array(y)))
        return -_INSIDE_M <= z <= roof + _INSIDE_M and bool(shapely.contains_xy(self.area, x, y))


def _room_of(place: tuple[float, float, float], zones: list[_Zone]) -> int | None:
    return next((k for k, zone in enumerate(zones) if zone.holds(*place)), None)


def _place(place: tuple[float, ...]) -> str:
    return ", ".join(f"{value:g}" for value in place[:3])


def _luminaire(fields: Fields, index: int, photometries: Photometries) -> Placed:
    photometry = photometries.get(fields, "photometry")
    x, y, z = fields.vector("position_m", 3)
    light = LuminaireInput(
        key=index,
        photometry=photometry,
        position_m=(x, y, z),
        rotation_deg=fields.number("rotation_deg", 0.0),
        tilt_deg=fields.number("tilt_deg", 0.0, low=-360.0, high=360.0),
        flux_factor=fields.number("flux_factor", 1.0, low=0.0, high=1000.0),
        watts=fields.number("watts", low=0.0) if fields.has("watts") else None,
    )
    cct = fields.number("cct_k", low=1000.0, high=40_000.0) if fields.has("cct_k") else photometry.cct_k
    ra = fields.number("ra", low=0.0, high=100.0) if fields.has("ra") else photometry.ra
    return Placed(light, fields.text("group", ""), cct, ra, fields.flag("decorative", False))


def _points(fields: Fields, zones: list[_Zone]) -> tuple[Floats, ...]:
    inside: list[list[tuple[float, ...]]] = [[] for _ in zones]
    for k, values in enumerate(fields.vectors("points", [], sizes=(3, 6), limit=MAX_POINTS)):
        x, y, z, *normal = values
        if not normal:
            normal = [0.0, 0.0, 1.0]
        length = float(np.linalg.norm(normal))
        if abs(length - 1.0) > _UNIT:
            fields.fail("point.normal", f"points[{k}]", found=f"{length:g}")
        at = _room_of((x, y, z), zones)
        if at is None:
            fields.fail("point.outside", f"points[{k}]", found=_place((x, y, z)))
        inside[at].append((x, y, z, *(value / length for value in normal)))
    return tuple(np.array(points, dtype=np.float64).reshape(-1, 6) for points in inside)
