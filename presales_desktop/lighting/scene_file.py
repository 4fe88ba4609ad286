"""Scenes: rooms, luminaires, grid and points in a JSON file, as `presales lighting lux` reads them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import shapely

from presales_desktop.lighting import grids, read, rooms
from presales_desktop.lighting.direct import LuminaireInput
from presales_desktop.lighting.errors import LightingError
from presales_desktop.lighting.exact import ExactRoom
from presales_desktop.lighting.fields import Fields, load
from presales_desktop.lighting.grids import Grid
from presales_desktop.lighting.photometry import Photometry
from presales_desktop.lighting.rooms import Reflectance, Room

Floats = npt.NDArray[np.float64]

MAX_ROOMS = 200
MAX_LUMINAIRES = 5000
MAX_POINTS = 50_000
_INSIDE_M = 1e-6
_UNIT = 1e-3
DEFAULT_MAINTENANCE = 0.8


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """A scene file's content; luminaires and points already belong to rooms (by index)."""

    rooms: tuple[Room, ...]
    luminaires: tuple[tuple[LuminaireInput, ...], ...]
    points: tuple[Floats, ...]  # per room [n, 6]: x, y, z and the unit normal
    grid: Grid | None
    maintenance_factor: float
    interreflection: bool


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
    if grid is None and not fields.has("points"):
        fields.fail("scene.nothing_asked", "grid")
    photometries = Photometries(path.parent)
    luminaires: list[list[LuminaireInput]] = [[] for _ in all_rooms]
    for k, part in enumerate(fields.parts("luminaires", [], limit=MAX_LUMINAIRES)):
        luminaire = _luminaire(part, k, photometries)
        at = _room_of(luminaire.position_m, zones)
        if at is None:
            part.fail("luminaire.outside", "position_m", found=_place(luminaire.position_m))
        luminaires[at].append(luminaire)
    return Scene(
        rooms=tuple(all_rooms),
        luminaires=tuple(tuple(inside) for inside in luminaires),
        points=_points(fields, zones),
        grid=grid,
        maintenance_factor=read_maintenance(fields),
        interreflection=fields.flag("interreflection", True),
    )


def lux(scene: Scene, file: str) -> dict[str, object]:
    """What `lighting lux` answers: ``{"rooms": [...]}`` in the order of the scene.

    :raises LightingError: grid.* with ``file`` and field
    """
    return {"rooms": [_room_answer(scene, k, file) for k in range(len(scene.rooms))]}


def read_room(fields: Fields) -> Room:
    """A room, checked.

    :raises LightingError: scene.*, room.*
    """
    corners = fields.vectors("polygon_m", sizes=(2,), limit=rooms.MAX_CORNERS + 1)
    if len(corners) > 3 and corners[0] == corners[-1]:
        corners = corners[:-1]
    light, usual = fields.part("reflectance", {}), Reflectance()
    room = Room(
        polygon_m=tuple((x, y) for x, y in corners),
        height_m=fields.number("height_m"),
        reflectance=Reflectance(
            ceiling=light.number("ceiling", usual.ceiling),
            walls=light.number("walls", usual.walls),
            floor=light.number("floor", usual.floor),
        ),
        name=fields.text("name", ""),
    )
    try:
        rooms.check(room)
    except LightingError as error:
        raise error.within(fields.file, fields.path) from None
    return room


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
        return grids.lay(rooms.check(room), room.height_m, grid)
    except LightingError as error:
        raise error.within(file, "grid") from None


class _Zone:
    """Whether something is in a room, its surfaces included."""

    def __init__(self, room: Room) -> None:
        self.height = room.height_m
        self.area = rooms.check(room).buffer(_INSIDE_M, join_style="mitre")
        shapely.prepare(self.area)

    def holds(self, x: float, y: float, z: float) -> bool:
        return -_INSIDE_M <= z <= self.height + _INSIDE_M and bool(shapely.contains_xy(self.area, x, y))


def _room_of(place: tuple[float, float, float], zones: list[_Zone]) -> int | None:
    return next((k for k, zone in enumerate(zones) if zone.holds(*place)), None)


def _place(place: tuple[float, ...]) -> str:
    return ", ".join(f"{value:g}" for value in place[:3])


def _luminaire(fields: Fields, index: int, photometries: Photometries) -> LuminaireInput:
    photometry = photometries.get(fields, "photometry")
    x, y, z = fields.vector("position_m", 3)
    return LuminaireInput(
        key=index,
        photometry=photometry,
        position_m=(x, y, z),
        rotation_deg=fields.number("rotation_deg", 0.0),
        tilt_deg=fields.number("tilt_deg", 0.0, low=-360.0, high=360.0),
        flux_factor=fields.number("flux_factor", 1.0, low=0.0, high=1000.0),
        watts=fields.number("watts", low=0.0) if fields.has("watts") else None,
    )


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


def _room_answer(scene: Scene, index: int, file: str) -> dict[str, object]:
    room, luminaires, asked = scene.rooms[index], scene.luminaires[index], scene.points[index]
    laid = lay_grid(room, scene.grid, file) if scene.grid is not None else None
    on_grid = laid.points_m if laid is not None else np.zeros((0, 3))
    up = np.tile([0.0, 0.0, 1.0], (len(on_grid), 1))
    places = np.vstack([on_grid, asked[:, :3]])
    total, straight = ExactRoom(room, luminaires, interreflection=scene.interreflection).at_points(
        places, np.vstack([up, asked[:, 3:]])
    )
    total, straight = total * scene.maintenance_factor, straight * scene.maintenance_factor
    # The figures are those of the work plane; points that were asked for one by one only stand in without a grid.
    judged = total[: len(on_grid)] if laid is not None else total
    watts = sum(luminaire.power_w for luminaire in luminaires)
    area = float(rooms.check(room).area)
    return {
        "name": room.name,
        **figures(judged),
        "watts": watts,
        "area_m2": area,
        "lpd_w_m2": watts / area,
        "lpd_workplane_w_m2": watts / laid.area_m2 if laid is not None and laid.area_m2 > 0 else None,
        "grid_points": len(on_grid),
        "points": [
            [*(round(float(v), 6) for v in place), round(float(lux), 4), round(float(direct), 4)]
            for place, lux, direct in zip(places, total, straight, strict=True)
        ],
    }


def figures(values: npt.NDArray[np.floating]) -> dict[str, object]:
    """Average, extremes and uniformity (minimum / average) of illuminances; null without any point."""
    if len(values) == 0:
        return {"average_lux": None, "minimum_lux": None, "maximum_lux": None, "uniformity": None}
    average, low, high = float(values.mean()), float(values.min()), float(values.max())
    return {
        "average_lux": average,
        "minimum_lux": low,
        "maximum_lux": high,
        "uniformity": low / average if average > 0 else 0.0,
    }
