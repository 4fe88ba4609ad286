"""Plane geometry of the plan editor: pure functions over points in metres and luminaires; no Qt."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from presales_desktop.models.designs import contains
from presales_desktop.services.design_drafts import LuminaireDraft, Point

Align = Literal["left", "centre", "right", "top", "middle", "bottom"]


def rotated(point: Point, about: Point, degrees: float) -> Point:
    """POINT turned counter-clockwise about ABOUT."""
    turn = math.radians(degrees)
    c, s = math.cos(turn), math.sin(turn)
    dx, dy = point[0] - about[0], point[1] - about[1]
    return about[0] + c * dx - s * dy, about[1] + s * dx + c * dy


def bounds(points: Iterable[Point]) -> tuple[float, float, float, float]:
    """(left, bottom, right, top). Raises ValueError for no points."""
    listed = list(points)
    xs, ys = [p[0] for p in listed], [p[1] for p in listed]
    return min(xs), min(ys), max(xs), max(ys)


def centre(points: Iterable[Point]) -> Point:
    """Middle of the bounds."""
    left, bottom, right, top = bounds(points)
    return (left + right) / 2, (bottom + top) / 2


def centroid(polygon: Sequence[Point]) -> Point:
    """Centre of gravity of a simple polygon; the mean of its corners where it has no area."""
    area = cx = cy = 0.0
    for (x1, y1), (x2, y2) in zip(polygon, [*polygon[1:], *polygon[:1]], strict=True):
        cross = x1 * y2 - x2 * y1
        area += cross
        cx += (x1 + x2) * cross
        cy += (y1 + y2) * cross
    if abs(area) < 1e-12:
        return sum(p[0] for p in polygon) / len(polygon), sum(p[1] for p in polygon) / len(polygon)
    return cx / (3 * area), cy / (3 * area)


def label_point(polygon: Sequence[Point]) -> Point:
    """A point inside the polygon to write its name at: the centroid, or the middle of the widest stretch at its height."""
    found = centroid(polygon)
    if contains(polygon, *found):
        return found
    y = found[1] + 1e-9
    crossings = sorted(
        x1 + (y - y1) * (x2 - x1) / (y2 - y1)
        for (x1, y1), (x2, y2) in zip(polygon, [*polygon[1:], *polygon[:1]], strict=True)
        if (y1 > y) != (y2 > y)
    )
    pairs = [(b - a, (a + b) / 2) for a, b in zip(crossings[::2], crossings[1::2], strict=False)]
    return (max(pairs)[1], y) if pairs else found


def nearest_on_segment(point: Point, a: Point, b: Point) -> Point:
    """The point of the segment AB that is nearest to POINT."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = dx * dx + dy * dy
    if length <= 0:
        return a
    t = min(1.0, max(0.0, ((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / length))
    return a[0] + t * dx, a[1] + t * dy


def foot(point: Point, a: Point, b: Point) -> Point | None:
    """Foot of the perpendicular from POINT on the segment AB; None when it falls beside it."""
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = dx * dx + dy * dy
    if length <= 0:
        return None
    t = ((point[0] - a[0]) * dx + (point[1] - a[1]) * dy) / length
    return (a[0] + t * dx, a[1] + t * dy) if 0 <= t <= 1 else None


def edges(polygon: Sequence[Point]) -> list[tuple[Point, Point]]:
    """The edges in order, the closing one last."""
    return list(zip(polygon, [*polygon[1:], *polygon[:1]], strict=True))


def rectangle(a: Point, b: Point) -> tuple[Point, ...]:
    """The rectangle over two opposite corners, counter-clockwise."""
    left, bottom, right, top = bounds((a, b))
    return (left, bottom), (right, bottom), (right, top), (left, top)


def ortho(origin: Point, point: Point, step_deg: float = 45.0) -> Point:
    """POINT seen from ORIGIN turned to the nearest multiple of STEP_DEG, its distance kept (Shift while drawing)."""
    dx, dy = point[0] - origin[0], point[1] - origin[1]
    distance = math.hypot(dx, dy)
    turn = math.radians(round(math.degrees(math.atan2(dy, dx)) / step_deg) * step_deg)
    return origin[0] + distance * math.cos(turn), origin[1] + distance * math.sin(turn)


def move_edge(polygon: Sequence[Point], index: int, delta: Point) -> tuple[Point, ...]:
    """Edge INDEX pushed along its normal by DELTA's share of it: its neighbours stay straight where they are square to it."""
    a, b = polygon[index], polygon[(index + 1) % len(polygon)]
    dx, dy = b[0] - a[0], b[1] - a[1]
    length = math.hypot(dx, dy) or 1.0
    nx, ny = dy / length, -dx / length
    push = delta[0] * nx + delta[1] * ny
    made = list(polygon)
    made[index] = (a[0] + nx * push, a[1] + ny * push)
    made[(index + 1) % len(polygon)] = (b[0] + nx * push, b[1] + ny * push)
    return tuple(made)


# -- luminaires --------------------------------------------------------------------------------------------------------


def moved(luminaires: Iterable[LuminaireDraft], dx: float, dy: float) -> list[LuminaireDraft]:
    """Copies elsewhere, with their ids."""
    return [replace(r, x_m=r.x_m + dx, y_m=r.y_m + dy) for r in luminaires]


def turned(luminaires: Sequence[LuminaireDraft], degrees: float, about: Point | None = None) -> list[LuminaireDraft]:
    """Turned together about ABOUT (their middle when None), each one with its own rotation."""
    if not luminaires:
        return []
    pivot = about or centre((r.x_m, r.y_m) for r in luminaires)
    made = []
    for r in luminaires:
        x, y = rotated((r.x_m, r.y_m), pivot, degrees)
        made.append(replace(r, x_m=x, y_m=y, rotation_deg=normal_degrees(r.rotation_deg + degrees)))
    return made


def mirrored(luminaires: Sequence[LuminaireDraft], axis: Literal["x", "y"]) -> list[LuminaireDraft]:
    """Mirrored left-right (axis "x") or up-down (axis "y") about their middle; rotations are mirrored, too."""
    if not luminaires:
        return []
    cx, cy = centre((r.x_m, r.y_m) for r in luminaires)
    if axis == "x":
        return [replace(r, x_m=2 * cx - r.x_m, rotation_deg=normal_degrees(180.0 - r.rotation_deg)) for r in luminaires]
    return [replace(r, y_m=2 * cy - r.y_m, rotation_deg=normal_degrees(-r.rotation_deg)) for r in luminaires]


def normal_degrees(value: float) -> float:
    """In [0, 360), without the noise of sums."""
    return round(value % 360.0, 9) % 360.0


def aligned(luminaires: Sequence[LuminaireDraft], how: Align) -> list[LuminaireDraft]:
    """All on one line: the outermost's, or the middle of all."""
    if not luminaires:
        return []
    left, bottom, right, top = bounds((r.x_m, r.y_m) for r in luminaires)
    across = {"left": left, "centre": (left + right) / 2, "right": right}
    if how in across:
        return [replace(r, x_m=across[how]) for r in luminaires]
    along = {"top": top, "middle": (bottom + top) / 2, "bottom": bottom}
    return [replace(r, y_m=along[how]) for r in luminaires]


def distributed(luminaires: Sequence[LuminaireDraft], axis: Literal["x", "y"]) -> list[LuminaireDraft]:
    """Equal distances between the first and the last along an axis; fewer than three stay where they are."""
    name = "x_m" if axis == "x" else "y_m"
    ordered = sorted(luminaires, key=lambda r: getattr(r, name))
    if len(ordered) < 3:
        return list(luminaires)
    first, last = getattr(ordered[0], name), getattr(ordered[-1], name)
    step = (last - first) / (len(ordered) - 1)
    places = [first + i * step for i in range(len(ordered))]
    if axis == "x":
        return [replace(r, x_m=p) for r, p in zip(ordered, places, strict=True)]
    return [replace(r, y_m=p) for r, p in zip(ordered, places, strict=True)]


@dataclass(frozen=True)
class Field:
    """An array field: columns x rows over a box, half a spacing to the walls, turned by `rotation_deg` about its middle."""

    columns: int
    rows: int
    left: float
    bottom: float
    width: float
    height: float
    rotation_deg: float = 0.0

    @property
    def spacing(self) -> Point:
        """Distance between neighbours along x and y, m."""
        return self.width / self.columns, self.height / self.rows

    def places(self) -> list[Point]:
        """All places, row by row from the bottom left."""
        sx, sy = self.spacing
        middle = (self.left + self.width / 2, self.bottom + self.height / 2)
        return [
            rotated((self.left + sx * (c + 0.5), self.bottom + sy * (r + 0.5)), middle, self.rotation_deg)
            for r in range(self.rows)
            for c in range(self.columns)
        ]


def field_over(polygon: Sequence[Point], columns: int, rows: int) -> Field:
    """A field over a room's bounds; places outside an L-shaped room are left out by `places_inside`."""
    left, bottom, right, top = bounds(polygon)
    return Field(max(1, columns), max(1, rows), left, bottom, right - left, top - bottom)


def places_inside(field: Field, polygon: Sequence[Point] | None) -> list[Point]:
    """The field's places that lie in the room (all of them without one)."""
    return [p for p in field.places() if polygon is None or contains(polygon, *p)]


def line_places(a: Point, b: Point, count: int, *, ends: bool = True) -> list[Point]:
    """COUNT places along AB: from end to end, or half a spacing in from both."""
    if count <= 1:
        return [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)]
    if ends:
        shares = [i / (count - 1) for i in range(count)]
    else:
        shares = [(i + 0.5) / count for i in range(count)]
    return [(a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t) for t in shares]


def arrange(width: float, depth: float, count_for_target: float) -> tuple[int, int]:
    """Columns and rows for at least COUNT_FOR_TARGET luminaires in a box, as square a mesh as goes."""
    wanted = max(1.0, count_for_target)
    best: tuple[float, int, int] | None = None
    for columns in range(1, 41):
        rows = max(1, math.ceil(wanted / columns - 1e-9))
        if rows > 40:
            continue
        mesh = abs(math.log((width / columns) / max(depth / rows, 1e-9)))
        waste = columns * rows / wanted - 1
        score = mesh + 1.5 * waste
        if best is None or score < best[0] - 1e-12:
            best = (score, columns, rows)
    assert best is not None
    return best[1], best[2]


def each(
    luminaires: Iterable[LuminaireDraft], change: Callable[[LuminaireDraft], LuminaireDraft]
) -> list[LuminaireDraft]:
    """CHANGE on every one."""
    return [change(r) for r in luminaires]
