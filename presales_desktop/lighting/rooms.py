"""Rooms: prisms over simple polygons, cut into patches."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import shapely

from presales_desktop.lighting.errors import LightingError

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Point2 = tuple[float, float]

PATCH_M = 0.5
_MIN_PATCHES = 300
_MAX_PATCHES = 800
_HARD_MAX_PATCHES = 1600
MAX_CORNERS = 200
MAX_EXTENT_M = 1000.0
_MIN_EDGE_M = 1e-3
MAX_REFLECTANCE = 0.99

FLOOR, CEILING, FIRST_WALL = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Reflectance:
    """Diffuse reflectances, 0 to 0.99."""

    ceiling: float = 0.7
    walls: float = 0.5
    floor: float = 0.2


@dataclass(frozen=True, slots=True)
class Room:
    """A room with vertical walls; the polygon is in metres, in either sense, without its first corner repeated."""

    polygon_m: tuple[Point2, ...]
    height_m: float
    reflectance: Reflectance = Reflectance()
    name: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Patches:
    """The room's surfaces cut up: convex quads (triangles repeat a corner), counter-clockwise seen from inside."""

    corners_m: Floats  # [p, 4, 3]
    centres_m: Floats  # [p, 3]
    normals: Floats  # [p, 3], into the room
    areas_m2: Floats  # [p]
    surface: Ints  # [p]: 0 floor, 1 ceiling, 2.. walls in the order of the polygon's edges
    reflectance: Floats  # [p]
    sizes_m: Floats  # [p]: the longest diagonal


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
    if not 0.1 <= room.height_m <= 200.0:
        raise LightingError("room.height", field="height_m", expected="0.1…200", found=f"{room.height_m:g}")
    for name in ("ceiling", "walls", "floor"):
        value = getattr(room.reflectance, name)
        if not 0.0 <= value <= MAX_REFLECTANCE:
            raise LightingError(
                "room.reflectance",
                field=f"reflectance.{name}",
                expected=f"0…{MAX_REFLECTANCE}",
                found=f"{value:g}",
            )
    return polygon


def _reason(polygon: shapely.Polygon) -> str:
    return str(shapely.is_valid_reason(polygon))[:80]


def outline(room: Room) -> Floats:
    """Corners [k, 2] counter-clockwise seen from above, corners that repeat left out."""
    points: Floats = np.array(room.polygon_m, dtype=np.float64)
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


def patch_size(room: Room, polygon: shapely.Polygon) -> float:
    """Edge of the patches in m: 0.5, larger or smaller where that would give too many or too few."""
    area = 2.0 * polygon.area + polygon.length * room.height_m
    if area / PATCH_M**2 > _MAX_PATCHES:
        return math.sqrt(area / _MAX_PATCHES)
    if area / PATCH_M**2 < _MIN_PATCHES:
        return math.sqrt(area / _MIN_PATCHES)
    return PATCH_M


def cut(room: Room, size_m: float | None = None) -> Patches:
    """The room in patches of about ``size_m`` (default: :func:`patch_size`).

    :raises LightingError: room.*
    """
    polygon = check(room)
    corners = outline(room)
    size = size_m if size_m is not None else patch_size(room, polygon)
    quads: list[Floats] = []
    surface: list[int] = []
    # Splintered outlines give more patches than the areas say; coarser cells then.
    for _ in range(40):
        quads, surface = _floor_and_ceiling(shapely.Polygon(corners), room.height_m, size)
        _add_walls(corners, room.height_m, size, quads, surface)
        if len(quads) <= _HARD_MAX_PATCHES or size_m is not None:
            break
        size *= 1.25
    return _patches(room, np.array(quads), np.array(surface, dtype=np.int64))


def _patches(room: Room, quads: Floats, surface: Ints) -> Patches:
    diagonal_1, diagonal_2 = quads[:, 2] - quads[:, 0], quads[:, 3] - quads[:, 1]
    vector = np.cross(diagonal_1, diagonal_2) / 2.0
    areas = np.linalg.norm(vector, axis=1)
    parts = np.array([room.reflectance.floor, room.reflectance.ceiling, room.reflectance.walls])
    first = np.cross(quads[:, 1] - quads[:, 0], diagonal_1) / 2.0
    share = (np.linalg.norm(first, axis=1) / areas)[:, None]
    middle = quads[:, 0] + quads[:, 2]
    centres = share * (middle + quads[:, 1]) / 3.0 + (1 - share) * (middle + quads[:, 3]) / 3.0
    return Patches(
        corners_m=quads,
        centres_m=centres,
        normals=vector / areas[:, None],
        areas_m2=areas,
        surface=surface,
        reflectance=parts[np.minimum(surface, FIRST_WALL)],
        sizes_m=np.maximum(np.linalg.norm(diagonal_1, axis=1), np.linalg.norm(diagonal_2, axis=1)),
    )


def _floor_and_ceiling(polygon: shapely.Polygon, height: float, size: float) -> tuple[list[Floats], list[int]]:
    quads: list[Floats] = []
    surface: list[int] = []
    for flat in _cells(polygon, size):
        floor = np.column_stack([flat, np.zeros(4)])
        ceiling = np.column_stack([flat[::-1], np.full(4, height)])
        quads += [floor, ceiling]
        surface += [FLOOR, CEILING]
    return quads, surface


def _cells(polygon: shapely.Polygon, size: float) -> list[Floats]:
    """The polygon cut by a square grid into convex counter-clockwise quads [4, 2]."""
    x1, y1, x2, y2 = polygon.bounds
    xs = np.linspace(x1, x2, max(1, math.ceil((x2 - x1) / size - 1e-9)) + 1)
    ys = np.linspace(y1, y2, max(1, math.ceil((y2 - y1) / size - 1e-9)) + 1)
    left, bottom = (a.ravel() for a in np.meshgrid(xs[:-1], ys[:-1]))
    right, top = (a.ravel() for a in np.meshgrid(xs[1:], ys[1:]))
    boxes = shapely.box(left, bottom, right, top)
    whole = shapely.contains_properly(polygon, boxes) | (shapely.area(polygon) >= (x2 - x1) * (y2 - y1) * (1 - 1e-12))
    quads = [
        np.array([[a, b], [c, b], [c, d], [a, d]])
        for a, b, c, d in zip(left[whole], bottom[whole], right[whole], top[whole], strict=True)
    ]
    smallest = 1e-6 * size * size
    for piece in shapely.get_parts(shapely.intersection(polygon, boxes[~whole])):
        if piece.geom_type == "Polygon" and piece.area > smallest:
            quads += _quads(piece, smallest)
    return quads


def _quads(piece: shapely.Polygon, smallest: float) -> list[Floats]:
    ring = np.array(shapely.geometry.polygon.orient(shapely.simplify(piece, 1e-9)).exterior.coords)[:-1]
    if is_convex(ring):
        fan = [[0, k, k + 1, min(k + 2, len(ring) - 1)] for k in range(1, len(ring) - 1, 2)]
        return [ring[corners] for corners in fan]
    triangles = shapely.get_parts(shapely.constrained_delaunay_triangles(piece))
    rings = [np.array(shapely.geometry.polygon.orient(t).exterior.coords)[:3] for t in triangles if t.area > smallest]
    return [ring[[0, 1, 2, 2]] for ring in rings]


def _add_walls(corners: Floats, height: float, size: float, quads: list[Floats], surface: list[int]) -> None:
    rows = max(1, math.ceil(height / size - 1e-9))
    z = np.linspace(0.0, height, rows + 1)
    for k, (a, b) in enumerate(zip(corners, np.roll(corners, -1, axis=0), strict=True)):
        columns = max(1, math.ceil(float(np.linalg.norm(b - a)) / size - 1e-9))
        marks = a + (b - a) * np.linspace(0.0, 1.0, columns + 1)[:, None]
        for p, q in pairwise(marks):
            for low, high in pairwise(z):
                # Inside is to the left of a counter-clockwise outline: the wall's front side looks there.
                quads.append(np.array([[*q, low], [*p, low], [*p, high], [*q, high]]))
                surface.append(FIRST_WALL + k)
