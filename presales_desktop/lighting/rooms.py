"""Rooms: upright prisms over simple polygons, with what stands in them and the doors between them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from presales_desktop.lighting.errors import LightingError

Floats = npt.NDArray[np.float64]
Point2 = tuple[float, float]

MAX_CORNERS = 200
MAX_EXTENT_M = 1000.0
MAX_OBSTRUCTIONS = 200
MAX_REFLECTANCE = 0.99
_MIN_EDGE_M = 1e-3

FLOOR, CEILING, FIRST_WALL = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Reflectance:
    """Diffuse reflectances, 0 to 0.99; ``each_wall`` in the order of the outline given, empty where all are alike."""

    ceiling: float = 0.7
    walls: float = 0.5
    floor: float = 0.2
    each_wall: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Obstruction:
    """A column, partition, cupboard or desk: an upright prism; ``top_m`` None reaches the ceiling."""

    polygon_m: tuple[Point2, ...]
    bottom_m: float = 0.0
    top_m: float | None = None
    reflectance: float = 0.5
    name: str = ""


@dataclass(frozen=True, slots=True)
class Room:
    """A room with vertical walls; the polygon is in metres, in either sense, without its first corner repeated.

    A sloped ceiling rises evenly from ``height_m`` to ``high_m`` toward ``rise_deg`` (in plan, counter-clockwise from +x).
    """

    polygon_m: tuple[Point2, ...]
    height_m: float
    reflectance: Reflectance = Reflectance()
    name: str = ""
    obstructions: tuple[Obstruction, ...] = ()
    high_m: float | None = None
    rise_deg: float = 0.0

    @property
    def sloped(self) -> bool:
        """Whether the ceiling is not level."""
        return self.high_m is not None and self.high_m != self.height_m


@dataclass(frozen=True, slots=True)
class Doorway:
    """A rectangle through the walls along a line in plan: a door to another room, or a pane.

    It opens every wall of the space that runs along it. In the wall of one room only it is a pane (window, glass door)
    of the given reflectance.
    """

    line_m: tuple[Point2, Point2]
    bottom_m: float = 0.0
    top_m: float = 2.1
    reflectance: float = 0.1


@dataclass(frozen=True, slots=True)
class Space:
    """Rooms that exchange light through doorways; a single room is a space, too."""

    rooms: tuple[Room, ...]
    doorways: tuple[Doorway, ...] = ()


def space_of(place: Room | Space) -> Space:
    """A room as a space."""
    return place if isinstance(place, Space) else Space((place,))


def ceiling_at(room: Room, x: Floats, y: Floats) -> Floats:
    """Clear height in m over places of the plan."""
    x, y = np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64)
    if not room.sloped or room.high_m is None:
        return np.full(np.broadcast(x, y).shape, room.height_m)
    turn = math.radians(room.rise_deg)
    cos, sin = math.cos(turn), math.sin(turn)
    along = np.array([cx * cos + cy * sin for cx, cy in room.polygon_m])
    low, high = float(along.min()), float(along.max())
    share = (x * cos + y * sin - low) / (high - low)
    heights: Floats = room.height_m + (room.high_m - room.height_m) * share
    return heights


def lowest_ceiling(room: Room) -> float:
    """The smallest clear height in m."""
    return min(room.height_m, room.high_m if room.high_m is not None else room.height_m)


def highest_ceiling(room: Room) -> float:
    """The largest clear height in m."""
    return max(room.height_m, room.high_m if room.high_m is not None else room.height_m)


def footprints(room: Room, at_height_m: float) -> shapely.Geometry:
    """What the obstructions cover of a horizontal plane."""
    through = [
        shapely.Polygon(item.polygon_m)
        for item in room.obstructions
        if item.bottom_m <= at_height_m + _MIN_EDGE_M
        and (item.top_m is None or item.top_m >= at_height_m - _MIN_EDGE_M)
    ]
    return shapely.union_all(through)


def check(room: Room) -> shapely.Polygon:
    """The floor as a polygon.

    :raises LightingError: room.* with ``field`` "polygon_m", "height_m" or "reflectance.walls"
    """
    if not 3 <= len(room.polygon_m) <= MAX_CORNERS:
        raise LightingError("room.corners", field="polygon_m", expected=f"3…{MAX_CORNERS}", found=len(room.polygon_m))
    if not all(math.isfinite(v) for corner in room.polygon_m for v in corner):
        raise LightingError("room.not_finite", field="polygon_m")
    polygon = shapely.Polygon(room.polygon_m)
    if not polygon.is_valid or polygon.area < 1e-4:
        raise LightingError("room.not_simple", field="polygon_m", found=_reason(polygon))
    x1, y1, x2, y2 = polygon.bounds
    if max(x2 - x1, y2 - y1) > MAX_EXTENT_M:
        raise LightingError(
            "room.too_large", field="polygon_m", expected=f"{MAX_EXTENT_M:g}", found=f"{max(x2 - x1, y2 - y1):g}"
        )
    for name in ("height_m", "high_m"):
        height = getattr(room, name)
        if height is not None and not 0.1 <= height <= 200.0:
            raise LightingError("room.height", field=name, expected="0.1…200", found=f"{height:g}")
    _check_reflectance(room)
    for k, item in enumerate(room.obstructions):
        _check_obstruction(item, polygon, f"obstructions[{k}]")
    return polygon


def _check_reflectance(room: Room) -> None:
    for name in ("ceiling", "walls", "floor"):
        value = getattr(room.reflectance, name)
        if not 0.0 <= value <= MAX_REFLECTANCE:
            raise LightingError(
                "room.reflectance",
                field=f"reflectance.{name}",
                expected=f"0…{MAX_REFLECTANCE}",
                found=f"{value:g}",
            )
    for k, value in enumerate(room.reflectance.each_wall):
        if not 0.0 <= value <= MAX_REFLECTANCE:
            field = f"reflectance.each_wall[{k}]"
            raise LightingError("room.reflectance", field=field, expected=f"0…{MAX_REFLECTANCE}", found=f"{value:g}")
    if room.reflectance.each_wall and len(room.reflectance.each_wall) != len(room.polygon_m):
        raise LightingError(
            "room.each_wall",
            field="reflectance.each_wall",
            expected=len(room.polygon_m),
            found=len(room.reflectance.each_wall),
        )


def _check_obstruction(item: Obstruction, floor: shapely.Polygon, field: str) -> None:
    if not 3 <= len(item.polygon_m) <= MAX_CORNERS or not all(math.isfinite(v) for c in item.polygon_m for v in c):
        raise LightingError(
            "room.corners", field=f"{field}.polygon_m", expected=f"3…{MAX_CORNERS}", found=len(item.polygon_m)
        )
    polygon = shapely.Polygon(item.polygon_m)
    if not polygon.is_valid or polygon.area < 1e-6:
        raise LightingError("room.not_simple", field=f"{field}.polygon_m", found=_reason(polygon))
    if item.bottom_m < 0 or (item.top_m is not None and not item.bottom_m + _MIN_EDGE_M <= item.top_m <= 200.0):
        raise LightingError(
            "obstruction.height", field=f"{field}.top_m", expected=f"{item.bottom_m:g}…", found=f"{item.top_m}"
        )
    if not 0.0 <= item.reflectance <= MAX_REFLECTANCE:
        raise LightingError(
            "room.reflectance",
            field=f"{field}.reflectance",
            expected=f"0…{MAX_REFLECTANCE}",
            found=f"{item.reflectance:g}",
        )
    if not shapely.intersects(polygon, floor):
        raise LightingError("obstruction.outside", field=f"{field}.polygon_m")


def _reason(polygon: shapely.Polygon) -> str:
    return str(shapely.is_valid_reason(polygon))[:80]


def outline(room: Room) -> Floats:
    """Corners [k, 2] counter-clockwise seen from above, corners that repeat left out."""
    return ring(room.polygon_m)


def wall_reflectances(room: Room) -> Floats:
    """Of each wall of :func:`outline`."""
    corners = outline(room)
    each = room.reflectance.each_wall
    if not each:
        return np.full(len(corners), room.reflectance.walls)
    middles = (corners + np.roll(corners, -1, axis=0)) / 2.0
    given = np.array(room.polygon_m, dtype=np.float64)
    known = (given + np.roll(given, -1, axis=0)) / 2.0
    gaps = np.linalg.norm(middles[:, None, :] - known[None, :, :], axis=2)
    found: Floats = np.array(each, dtype=np.float64)[gaps.argmin(axis=1)]
    return found


def ring(polygon_m: tuple[Point2, ...]) -> Floats:
    """Corners [k, 2] counter-clockwise, without those that repeat."""
    points: Floats = np.array(polygon_m, dtype=np.float64)
    keep = np.linalg.norm(points - np.roll(points, 1, axis=0), axis=1) > _MIN_EDGE_M
    points = points[keep]
    x, y = points.T
    if float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)) < 0:
        points = points[::-1]
    return points


def is_convex(corners: Floats) -> bool:
    """Whether a counter-clockwise outline [k, 2] turns left (or straight on) at every corner."""
    edges = np.roll(corners, -1, axis=0) - corners
    following = np.roll(edges, -1, axis=0)
    turn = edges[:, 0] * following[:, 1] - edges[:, 1] * following[:, 0]
    return bool(np.all(turn >= -1e-9))


def wall_segments(corners: Floats) -> Floats:
    """[k, 4]: x1 y1 x2 y2 of each wall in plan."""
    return np.hstack([corners, np.roll(corners, -1, axis=0)])
