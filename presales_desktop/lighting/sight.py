"""What stands between two places: walls of concave rooms and of neighbours, with their doors, and obstructions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from presales_desktop.lighting.rooms import (
    Obstruction,
    Room,
    Space,
    highest_ceiling,
    is_convex,
    outline,
    ring,
    wall_segments,
)
from presales_desktop.lighting.surfaces import Hole, Passage, find_passages

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

# Sight lines are shortened by this share at both ends, so that the wall they end on does not block them.
_SHORTER = 1e-6
# Solids are made smaller by this all round, so that their own faces are not behind themselves; m.
_SKIN_M = 1e-4


@dataclass(frozen=True, slots=True, eq=False)
class _Wall:
    x1: float
    y1: float
    x2: float
    y2: float
    holes: tuple[tuple[float, float, float, float], ...]  # from and to as shares of the wall, bottom and top in m


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """Whether two places of a space see one another; coordinates in m from ``origin``."""

    walls: tuple[_Wall, ...]
    solids: tuple[Floats, ...]  # convex: planes [f, 4], inside is n . x <= d

    @property
    def clear(self) -> bool:
        """Nothing can stand in the way: a convex, empty room."""
        return not self.walls and not self.solids

    def moved(self, origin_m: tuple[float, ...]) -> Sight:
        """The same seen from another origin in plan."""
        dx, dy = float(origin_m[0]), float(origin_m[1])
        walls = tuple(_Wall(w.x1 - dx, w.y1 - dy, w.x2 - dx, w.y2 - dy, w.holes) for w in self.walls)
        solids = []
        for planes in self.solids:
            shifted = planes.copy()
            shifted[:, 3] -= planes[:, 0] * dx + planes[:, 1] * dy
            solids.append(shifted)
        return Sight(walls, tuple(solids))

    def blocked(
        self,
        ax: npt.ArrayLike,
        ay: npt.ArrayLike,
        az: npt.ArrayLike,
        bx: npt.ArrayLike,
        by: npt.ArrayLike,
        bz: npt.ArrayLike,
    ) -> Bools:
        """Whether something stands between a and b (arrays that broadcast)."""
        places = [np.asarray(value, dtype=np.float64) for value in (ax, ay, az, bx, by, bz)]
        result: Bools = np.zeros(np.broadcast(*places).shape, dtype=np.bool_)
        for wall in self.walls:
            result |= _crosses(wall, *places)
        for planes in self.solids:
            result |= _through(planes, *places)
        return result


def _crosses(wall: _Wall, ax: Floats, ay: Floats, az: Floats, bx: Floats, by: Floats, bz: Floats) -> Bools:
    """Proper crossing in plan, outside of the wall's holes."""
    sx, sy = (bx - ax) * _SHORTER, (by - ay) * _SHORTER
    px, py, qx, qy = ax + sx, ay + sy, bx - sx, by - sy
    dx, dy = qx - px, qy - py
    ex, ey = wall.x2 - wall.x1, wall.y2 - wall.y1
    side_a = ex * (py - wall.y1) - ey * (px - wall.x1)
    side_b = ex * (qy - wall.y1) - ey * (qx - wall.x1)
    side_1 = dx * (wall.y1 - py) - dy * (wall.x1 - px)
    side_2 = dx * (wall.y2 - py) - dy * (wall.x2 - px)
    crossing: Bools = (side_a * side_b < 0) & (side_1 * side_2 < 0)
    if wall.holes and crossing.any():
        along = side_1 / np.where(crossing, side_1 - side_2, 1.0)
        share = side_a / np.where(crossing, side_a - side_b, 1.0)
        z = az + share * (bz - az)
        for start, end, bottom, top in wall.holes:
            within = (along >= start - _SHORTER) & (along <= end + _SHORTER)
            crossing &= ~(within & (z >= bottom - _SHORTER) & (z <= top + _SHORTER))
    return crossing


def _through(planes: Floats, ax: Floats, ay: Floats, az: Floats, bx: Floats, by: Floats, bz: Floats) -> Bools:
    """Whether the segment passes through a convex solid (Cyrus and Beck 1978)."""
    shape = np.broadcast(ax, bx).shape
    enter, leave = np.zeros(shape), np.ones(shape)
    dx, dy, dz = bx - ax, by - ay, bz - az
    for nx, ny, nz, limit in planes.tolist():
        ahead = limit - (nx * ax + ny * ay + nz * az)
        speed = nx * dx + ny * dy + nz * dz
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            at = ahead / speed
        leave = np.where(speed > 0, np.minimum(leave, at), leave)
        enter = np.where(speed < 0, np.maximum(enter, at), enter)
        leave = np.where((speed == 0) & (ahead < 0), -1.0, leave)
    inside: Bools = leave > enter
    return inside


def of(space: Space, passages: list[Passage] | None = None) -> Sight:
    """Walls and solids of a space.

    In one room alone, walls on the edge of its convex hull are left out: no line within the room crosses them.

    :raises LightingError: doorway.*
    """
    passages = find_passages(space) if passages is None else passages
    walls: list[_Wall] = []
    solids: list[Floats] = []
    for index, room in enumerate(space.rooms):
        corners = outline(room)
        segments = wall_segments(corners)
        alone = len(space.rooms) == 1
        if not (alone and is_convex(corners)):
            walls += [
                _wall(segment, _holes(passages, index, k))
                for k, segment in enumerate(segments)
                if not (alone and _on_hull(segment, corners))
            ]
        for item in room.obstructions:
            solids += _convex_parts(item, room)
    return Sight(tuple(walls), tuple(solids))


def _holes(passages: list[Passage], room: int, wall: int) -> list[Hole]:
    # A pane is part of its wall: light does not pass.
    return [
        hole
        for passage in passages
        if len(passage.sides) > 1
        for at_room, at_wall, hole in passage.sides
        if (at_room, at_wall) == (room, wall)
    ]


def _wall(segment: Floats, holes: list[Hole]) -> _Wall:
    x1, y1, x2, y2 = segment.tolist()
    length = float(np.hypot(x2 - x1, y2 - y1))
    shares = tuple((h.start_m / length, h.end_m / length, h.bottom_m, h.top_m) for h in holes)
    return _Wall(x1, y1, x2, y2, shares)


def _on_hull(segment: Floats, corners: Floats) -> bool:
    x1, y1, x2, y2 = segment.tolist()
    sides = (x2 - x1) * (corners[:, 1] - y1) - (y2 - y1) * (corners[:, 0] - x1)
    return bool(np.all(sides >= -1e-9))


def _convex_parts(item: Obstruction, room: Room) -> list[Floats]:
    corners = ring(item.polygon_m)
    top = 2.0 * highest_ceiling(room) if item.top_m is None else item.top_m
    if is_convex(corners):
        return [_planes(corners, item.bottom_m, top)]
    triangles = shapely.get_parts(shapely.constrained_delaunay_triangles(shapely.Polygon(corners)))
    rings = [np.array(shapely.geometry.polygon.orient(t).exterior.coords)[:3] for t in triangles if t.area > 1e-9]
    return [_planes(some, item.bottom_m, top, shapely.LinearRing(corners)) for some in rings]


def _planes(corners: Floats, bottom: float, top: float, outer: shapely.LinearRing | None = None) -> Floats:
    """Bounds of a convex prism; sides that are not part of the ``outer`` edge overlap their neighbour's."""
    planes = [(0.0, 0.0, -1.0, -bottom - _SKIN_M), (0.0, 0.0, 1.0, top - _SKIN_M)]
    for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        dx, dy = b - a
        length = float(np.hypot(dx, dy))
        nx, ny = dy / length, -dx / length
        middle = shapely.Point((a + b) / 2.0)
        skin = _SKIN_M if outer is None or shapely.distance(outer, middle) < 1e-6 else -_SKIN_M
        planes.append((nx, ny, 0.0, nx * a[0] + ny * a[1] - skin))
    return np.array(planes)
