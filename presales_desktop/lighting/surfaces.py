"""The surfaces of rooms cut into patches: floors, ceilings, walls around doors, and what stands in the room."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import shapely

from presales_desktop.lighting.errors import LightingError
from presales_desktop.lighting.rooms import (
    CEILING,
    FIRST_WALL,
    FLOOR,
    Doorway,
    Obstruction,
    Room,
    Space,
    ceiling_at,
    check,
    footprints,
    is_convex,
    outline,
    ring,
    space_of,
    wall_reflectances,
)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

PATCH_M = 0.5
_MIN_PATCHES = 300
_MAX_PATCHES = 800
_HARD_MAX_PATCHES = 1600
_TOUCHING_M = 1e-3
# Thicker walls than this have no door in common.
_THICKEST_WALL_M = 0.6
_PARALLEL = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class Patches:
    """Surfaces cut up: convex quads (triangles repeat a corner), counter-clockwise seen from the lit side."""

    corners_m: Floats  # [p, 4, 3]
    centres_m: Floats  # [p, 3]
    normals: Floats  # [p, 3], into the room
    areas_m2: Floats  # [p]
    surface: Ints  # [p]: of its room: 0 floor, 1 ceiling, 2.. walls in the order of the outline, then obstructions
    reflectance: Floats  # [p]
    sizes_m: Floats  # [p]: the longest diagonal
    room: Ints  # [p]: which room of the space
    plane: Ints  # [p]: patches of one plane cannot see one another


@dataclass(frozen=True, slots=True)
class Hole:
    """A rectangle that is left out of a wall: from and to along it (m from its first corner), bottom and top."""

    start_m: float
    end_m: float
    bottom_m: float
    top_m: float


@dataclass(frozen=True, slots=True)
class Passage:
    """A doorway as it opens walls: (room, wall, hole) of each; one alone is a pane."""

    doorway: Doorway
    sides: tuple[tuple[int, int, Hole], ...]


@dataclass(slots=True)
class _Cut:
    """Quads with what they belong to, while they are being made."""

    size: float
    quads: list[Floats] = field(default_factory=list)
    surface: list[int] = field(default_factory=list)
    reflectance: list[float] = field(default_factory=list)
    room: list[int] = field(default_factory=list)
    plane: list[int] = field(default_factory=list)
    planes: int = 0

    def add(self, quads: list[Floats], room: int, surface: int, reflectance: float) -> None:
        self.quads += quads
        self.surface += [surface] * len(quads)
        self.reflectance += [reflectance] * len(quads)
        self.room += [room] * len(quads)
        self.plane += [self.planes] * len(quads)
        self.planes += 1


def cut(place: Room | Space, size_m: float | None = None) -> Patches:
    """The surfaces in patches of about ``size_m`` (default: 0.5 m, larger or smaller where that gives too many or few).

    :raises LightingError: room.*, obstruction.*, doorway.*
    """
    space = space_of(place)
    floors = [check(room) for room in space.rooms]
    passages = find_passages(space)
    size = size_m if size_m is not None else _patch_size(space, floors)
    made = _Cut(size)
    # Splintered outlines give more patches than the areas say; coarser cells then.
    for _ in range(40):
        made = _Cut(size)
        for index, room in enumerate(space.rooms):
            _add_room(made, index, room, passages)
        for passage in passages:
            _add_reveal(made, space, passage)
        if len(made.quads) <= _HARD_MAX_PATCHES or size_m is not None:
            break
        size *= 1.25
    return _patches(made)


def _patch_size(space: Space, floors: list[shapely.Polygon]) -> float:
    area = sum(2.0 * f.area + f.length * r.height_m for f, r in zip(floors, space.rooms, strict=True))
    limit = 1.0 if len(floors) == 1 else 1.5
    if area / PATCH_M**2 > limit * _MAX_PATCHES:
        return math.sqrt(area / (limit * _MAX_PATCHES))
    if area / PATCH_M**2 < _MIN_PATCHES:
        return math.sqrt(area / _MIN_PATCHES)
    return PATCH_M


def _patches(made: _Cut) -> Patches:
    quads = np.array(made.quads)
    diagonal_1, diagonal_2 = quads[:, 2] - quads[:, 0], quads[:, 3] - quads[:, 1]
    vector = np.cross(diagonal_1, diagonal_2) / 2.0
    areas = np.linalg.norm(vector, axis=1)
    first = np.cross(quads[:, 1] - quads[:, 0], diagonal_1) / 2.0
    share = (np.linalg.norm(first, axis=1) / areas)[:, None]
    middle = quads[:, 0] + quads[:, 2]
    centres = share * (middle + quads[:, 1]) / 3.0 + (1 - share) * (middle + quads[:, 3]) / 3.0
    return Patches(
        corners_m=quads,
        centres_m=centres,
        normals=vector / areas[:, None],
        areas_m2=areas,
        surface=np.array(made.surface, dtype=np.int64),
        reflectance=np.array(made.reflectance),
        sizes_m=np.maximum(np.linalg.norm(diagonal_1, axis=1), np.linalg.norm(diagonal_2, axis=1)),
        room=np.array(made.room, dtype=np.int64),
        plane=np.array(made.plane, dtype=np.int64),
    )


def _add_room(made: _Cut, index: int, room: Room, passages: list[Passage]) -> None:
    corners = outline(room)
    polygon = shapely.Polygon(corners)
    solids = [_Solid(item, room, polygon) for item in room.obstructions]
    light = room.reflectance
    lying = shapely.difference(polygon, footprints(room, 0.0)) if solids else polygon
    floor, ceiling = [], []
    for flat in _cells(lying, made.size):
        floor.append(np.column_stack([flat, np.zeros(4)]))
        if lying is polygon:
            ceiling.append(np.column_stack([flat[::-1], ceiling_at(room, *flat[::-1].T)]))
    if lying is not polygon:
        touching = [shapely.Polygon(solid.corners) for solid in solids if solid.to_ceiling]
        for flat in _cells(shapely.difference(polygon, shapely.union_all(touching)), made.size):
            ceiling.append(np.column_stack([flat[::-1], ceiling_at(room, *flat[::-1].T)]))
    made.add(floor, index, FLOOR, light.floor)
    made.add(ceiling, index, CEILING, light.ceiling)
    _add_walls(made, index, room, passages, solids)
    for j, solid in enumerate(solids):
        for quads in solid.faces(made.size):
            made.add(quads, index, FIRST_WALL + len(corners) + j, solid.item.reflectance)


def _add_walls(made: _Cut, index: int, room: Room, passages: list[Passage], solids: list[_Solid]) -> None:
    corners, reflectances = outline(room), wall_reflectances(room)
    for k, (a, b) in enumerate(zip(corners, np.roll(corners, -1, axis=0), strict=True)):
        opened = [(p, hole) for p in passages for room_at, wall, hole in p.sides if (room_at, wall) == (index, k)]
        holes = [hole for _, hole in opened] + [hole for solid in solids for hole in solid.against(a, b)]
        made.add(_wall(a, b, room, made.size, holes), index, FIRST_WALL + k, float(reflectances[k]))
        for passage, hole in opened:
            if len(passage.sides) == 1:
                made.add(_pane(a, b, hole, made.size), index, FIRST_WALL + k, passage.doorway.reflectance)


def _wall(a: Floats, b: Floats, room: Room, size: float, holes: list[Hole]) -> list[Floats]:
    length = float(np.linalg.norm(b - a))
    heights = ceiling_at(room, *np.array([a, b]).T)
    if not holes and not room.sloped:
        z = np.linspace(0.0, room.height_m, max(1, math.ceil(room.height_m / size - 1e-9)) + 1)
        marks = a + (b - a) * np.linspace(0.0, 1.0, max(1, math.ceil(length / size - 1e-9)) + 1)[:, None]
        # Inside is to the left of a counter-clockwise outline: the wall's front side looks there.
        return [
            np.array([[*q, low], [*p, low], [*p, high], [*q, high]])
            for p, q in pairwise(marks)
            for low, high in pairwise(z)
        ]
    face = shapely.Polygon([(0, 0), (length, 0), (length, heights[1]), (0, heights[0])])
    open_parts = [shapely.box(h.start_m, h.bottom_m, h.end_m, h.top_m) for h in holes]
    return _upright(shapely.difference(face, shapely.union_all(open_parts)), a, b, size, flip=True)


def _pane(a: Floats, b: Floats, hole: Hole, size: float) -> list[Floats]:
    return _upright(shapely.box(hole.start_m, hole.bottom_m, hole.end_m, hole.top_m), a, b, size, flip=True)


def _upright(face: shapely.Geometry, a: Floats, b: Floats, size: float, *, flip: bool) -> list[Floats]:
    """Quads of a polygon in (along the wall, height); ``flip`` turns them to the left of a-b."""
    along = (b - a) / float(np.linalg.norm(b - a))
    quads = []
    for flat in _cells(face, size):
        turned = flat[::-1] if flip else flat
        quads.append(np.column_stack([a + turned[:, :1] * along, turned[:, 1]]))
    return quads


class _Solid:
    """An obstruction within its room."""

    def __init__(self, item: Obstruction, room: Room, floor: shapely.Polygon) -> None:
        self.item, self.room = item, room
        inside = shapely.intersection(shapely.Polygon(item.polygon_m), floor)
        parts = [part for part in shapely.get_parts(inside) if part.geom_type == "Polygon"]
        largest = max(parts, key=lambda part: float(part.area))
        self.corners = ring(tuple(largest.exterior.coords)[:-1])
        self._floor = outline(room)
        top = item.top_m
        roof = ceiling_at(room, *self.corners.T)
        self.to_ceiling = top is None or top >= float(roof.max()) - _TOUCHING_M
        self.tops = roof if top is None else np.minimum(roof, top)

    def faces(self, size: float) -> list[list[Floats]]:
        """Quads of each face that the room's light can reach."""
        found: list[list[Floats]] = []
        item = self.item
        for k in range(len(self.corners)):
            a, b = self.corners[k], self.corners[(k + 1) % len(self.corners)]
            if self._on_wall(a, b):
                continue
            length = float(np.linalg.norm(b - a))
            ends = self.tops[k], self.tops[(k + 1) % len(self.corners)]
            face = shapely.Polygon([(0, item.bottom_m), (length, item.bottom_m), (length, ends[1]), (0, ends[0])])
            found.append(_upright(face, a, b, size, flip=False))
        polygon = shapely.Polygon(self.corners)
        if not self.to_ceiling:
            found.append([np.column_stack([f, np.full(4, item.top_m)]) for f in _cells(polygon, size)])
        if item.bottom_m > _TOUCHING_M:
            found.append([np.column_stack([f[::-1], np.full(4, item.bottom_m)]) for f in _cells(polygon, size)])
        return found

    def against(self, a: Floats, b: Floats) -> list[Hole]:
        """The parts of the wall a-b that this covers."""
        holes = []
        for k in range(len(self.corners)):
            p, q = self.corners[k], self.corners[(k + 1) % len(self.corners)]
            if _along(p, q, a, b):
                start, end = sorted(_positions(np.array([p, q]), a, b).tolist())
                holes.append(Hole(start, end, self.item.bottom_m, float(self.tops.max())))
        return holes

    def _on_wall(self, p: Floats, q: Floats) -> bool:
        ends = np.roll(self._floor, -1, axis=0)
        return any(_along(p, q, a, b) for a, b in zip(self._floor, ends, strict=True))


def _positions(points: Floats, a: Floats, b: Floats) -> Floats:
    """Along a-b, m from a."""
    along = (b - a) / float(np.linalg.norm(b - a))
    positions: Floats = (points - a) @ along
    return positions


def _offsets(points: Floats, a: Floats, b: Floats) -> Floats:
    """Left of a-b, m."""
    along = (b - a) / float(np.linalg.norm(b - a))
    offsets: Floats = (points - a) @ np.array([-along[1], along[0]])
    return offsets


def _along(p: Floats, q: Floats, a: Floats, b: Floats) -> bool:
    """Whether the segment p-q lies on the segment a-b."""
    both = np.array([p, q])
    if float(np.abs(_offsets(both, a, b)).max()) > _TOUCHING_M:
        return False
    start, end = sorted(_positions(both, a, b).tolist())
    return bool(start >= -_TOUCHING_M and end <= float(np.linalg.norm(b - a)) + _TOUCHING_M)


def find_passages(space: Space) -> list[Passage]:
    """Which walls each doorway opens.

    :raises LightingError: doorway.no_wall, doorway.height with ``field`` "openings[k]…"
    """
    passages = []
    for k, doorway in enumerate(space.doorways):
        field_name = f"openings[{k}]"
        line = np.array(doorway.line_m, dtype=np.float64)
        if float(np.linalg.norm(line[1] - line[0])) < 0.01:
            raise LightingError("doorway.no_wall", field=f"{field_name}.line_m")
        if not 0.0 <= doorway.bottom_m < doorway.top_m:
            raise LightingError(
                "doorway.height", field=f"{field_name}.top_m", expected=f"{doorway.bottom_m:g}…", found=doorway.top_m
            )
        sides = [side for side in (_side(n, room, line, doorway) for n, room in enumerate(space.rooms)) if side]
        if not sides:
            raise LightingError("doorway.no_wall", field=f"{field_name}.line_m")
        if len(sides) > 2:
            sides = sorted(sides, key=lambda side: side[3])[:2]
        passages.append(Passage(doorway, tuple(side[:3] for side in sides)))
    return passages


def _side(index: int, room: Room, line: Floats, doorway: Doorway) -> tuple[int, int, Hole, float] | None:
    """The wall of a room nearest to a doorway's line, with the hole; None where none runs along it."""
    corners = outline(room)
    best: tuple[int, int, Hole, float] | None = None
    for k, (a, b) in enumerate(zip(corners, np.roll(corners, -1, axis=0), strict=True)):
        length = float(np.linalg.norm(b - a))
        offsets = _offsets(line, a, b)
        gap = float(np.abs(offsets).max())
        if gap > _THICKEST_WALL_M or abs(offsets[1] - offsets[0]) > _PARALLEL * float(
            np.linalg.norm(line[1] - line[0])
        ):
            continue
        start, end = sorted(_positions(line, a, b).tolist())
        start, end = max(start, 0.0), min(end, length)
        roof = float(ceiling_at(room, *np.array([a, b]).T).min())
        top = min(doorway.top_m, roof)
        if end - start < 0.05 or top - doorway.bottom_m < 0.05:
            continue
        if best is None or gap < best[3]:
            best = (index, k, Hole(start, end, doorway.bottom_m, top), gap)
    return best


def hole_corners(room: Room, wall: int, hole: Hole) -> Floats:
    """[2, 2]: both ends of a hole in plan."""
    corners = outline(room)
    a, b = corners[wall], corners[(wall + 1) % len(corners)]
    along = (b - a) / float(np.linalg.norm(b - a))
    return np.array([a + hole.start_m * along, a + hole.end_m * along])


def _add_reveal(made: _Cut, space: Space, passage: Passage) -> None:
    """Floor, head and jambs of a doorway through a wall with thickness."""
    if len(passage.sides) < 2:
        return
    (room_1, wall_1, hole_1), (room_2, wall_2, hole_2) = passage.sides
    here, there = hole_corners(space.rooms[room_1], wall_1, hole_1), hole_corners(space.rooms[room_2], wall_2, hole_2)
    # Walls of neighbours run against one another.
    there = there[::-1] if np.linalg.norm(here[0] - there[0]) > np.linalg.norm(here[0] - there[1]) else there
    if float(np.abs(here - there).max()) < _TOUCHING_M:
        return
    room = space.rooms[room_1]
    bottom, top = max(hole_1.bottom_m, hole_2.bottom_m), min(hole_1.top_m, hole_2.top_m)
    middle = np.array([*((here + there) / 2.0).mean(axis=0), (bottom + top) / 2.0])
    around = [
        (np.array([[*here[0], z], [*here[1], z], [*there[1], z], [*there[0], z]]), reflectance)
        for z, reflectance in ((bottom, room.reflectance.floor), (top, room.reflectance.walls))
    ]
    around += [
        (np.array([[*p, bottom], [*q, bottom], [*q, top], [*p, top]]), room.reflectance.walls)
        for p, q in zip(here, there, strict=True)
    ]
    for quad, reflectance in around:
        normal = np.cross(quad[2] - quad[0], quad[3] - quad[1])
        facing = quad if float(normal @ (middle - quad.mean(axis=0))) > 0 else quad[::-1]
        made.add([facing], room_1, FIRST_WALL + wall_1, reflectance)


def _cells(area: shapely.Geometry, size: float) -> list[Floats]:
    """An area cut by a square grid into convex counter-clockwise quads [4, 2]."""
    if area.is_empty:
        return []
    x1, y1, x2, y2 = area.bounds
    xs = np.linspace(x1, x2, max(1, math.ceil((x2 - x1) / size - 1e-9)) + 1)
    ys = np.linspace(y1, y2, max(1, math.ceil((y2 - y1) / size - 1e-9)) + 1)
    left, bottom = (a.ravel() for a in np.meshgrid(xs[:-1], ys[:-1]))
    right, top = (a.ravel() for a in np.meshgrid(xs[1:], ys[1:]))
    boxes = shapely.box(left, bottom, right, top)
    whole = shapely.contains_properly(area, boxes) | (shapely.area(area) >= (x2 - x1) * (y2 - y1) * (1 - 1e-12))
    quads = [
        np.array([[a, b], [c, b], [c, d], [a, d]])
        for a, b, c, d in zip(left[whole], bottom[whole], right[whole], top[whole], strict=True)
    ]
    smallest = 1e-6 * size * size
    for piece in shapely.get_parts(shapely.intersection(area, boxes[~whole])):
        for part in shapely.get_parts(piece):
            if part.geom_type == "Polygon" and part.area > smallest:
                quads += _quads(part, smallest)
    return quads


def _quads(piece: shapely.Polygon, smallest: float) -> list[Floats]:
    corners = np.array(shapely.geometry.polygon.orient(shapely.simplify(piece, 1e-9)).exterior.coords)[:-1]
    if len(piece.interiors) == 0 and is_convex(corners):
        fan = [[0, k, k + 1, min(k + 2, len(corners) - 1)] for k in range(1, len(corners) - 1, 2)]
        return [corners[some] for some in fan]
    triangles = shapely.get_parts(shapely.constrained_delaunay_triangles(piece))
    rings = [np.array(shapely.geometry.polygon.orient(t).exterior.coords)[:3] for t in triangles if t.area > smallest]
    return [triangle[[0, 1, 2, 2]] for triangle in rings]
