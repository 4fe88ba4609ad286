"""Snapping: the place that the mouse probably means. Pure; tolerances in metres (the canvas turns its pixels into metres).

Order: corners and other luminaires before middles, the underlay's corners, perpendiculars and edges, alignments, the grid.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from presales_desktop.services.design_drafts import Point
from presales_desktop.views.designs.geometry import edges, foot, nearest_on_segment

Kind = Literal["endpoint", "luminaire", "midpoint", "underlay", "perpendicular", "edge", "align", "grid", "free"]
SWITCHES: tuple[str, ...] = ("endpoint", "midpoint", "perpendicular", "luminaire", "underlay", "align", "grid")
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Snap:
    """Where to, why, and the guide lines to show (from, to)."""

    point: Point
    kind: Kind
    guides: tuple[tuple[Point, Point], ...] = ()


class VertexIndex:
    """Underlay corners [n, 2] in the plan's metres, sorted for quick looks around a point."""

    def __init__(self, points: Floats | None = None) -> None:
        self._points = np.zeros((0, 2)) if points is None or not len(points) else points[np.argsort(points[:, 0])]

    def __len__(self) -> int:
        return len(self._points)

    def nearest(self, point: Point, within: float) -> Point | None:
        """The nearest corner not farther than WITHIN."""
        xs = self._points[:, 0]
        a, b = np.searchsorted(xs, [point[0] - within, point[0] + within])
        near = self._points[a:b]
        if not len(near):
            return None
        distance = np.hypot(near[:, 0] - point[0], near[:, 1] - point[1])
        k = int(distance.argmin())
        return (float(near[k, 0]), float(near[k, 1])) if distance[k] <= within else None


@dataclass
class Targets:
    """What can be snapped to; made once when a tool starts or a drag begins."""

    outlines: Sequence[Sequence[Point]] = ()
    luminaires: Sequence[Point] = ()
    underlay: VertexIndex = field(default_factory=VertexIndex)
    extra: Sequence[Point] = ()
    grid_m: float = 0.1


def snap(
    mouse: Point,
    targets: Targets,
    switches: Collection[str],
    tolerance_m: float,
    origin: Point | None = None,
) -> Snap:
    """The place for the mouse. ORIGIN: the point drawn from, for perpendiculars and alignments."""
    exact = _points(mouse, targets, switches, tolerance_m)
    if exact is not None:
        return exact
    if "perpendicular" in switches:
        found = _walls(mouse, targets.outlines, tolerance_m, origin)
        if found is not None:
            return found
    if "align" in switches:
        return _aligned(mouse, targets, switches, tolerance_m, origin)
    return _grid(mouse, targets, switches)


def _points(mouse: Point, targets: Targets, switches: Collection[str], tolerance: float) -> Snap | None:
    candidates: list[tuple[float, Point, Kind]] = []

    def offer(points: Iterable[Point], kind: Kind, handicap: float) -> None:
        for p in points:
            distance = math.dist(mouse, p)
            if distance <= tolerance:
                candidates.append((distance + handicap * tolerance, p, kind))

    if "endpoint" in switches:
        offer((p for outline in targets.outlines for p in outline), "endpoint", 0.0)
        offer(targets.extra, "endpoint", 0.0)
    if "luminaire" in switches:
        offer(targets.luminaires, "luminaire", 0.1)
    if "midpoint" in switches:
        middles = (((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for o in targets.outlines for a, b in edges(o))
        offer(middles, "midpoint", 0.35)
    if "underlay" in switches:
        corner = targets.underlay.nearest(mouse, tolerance)
        if corner is not None:
            offer((corner,), "underlay", 0.25)
    if not candidates:
        return None
    _, point, kind = min(candidates)
    return Snap(point, kind)


def _walls(mouse: Point, outlines: Sequence[Sequence[Point]], tolerance: float, origin: Point | None) -> Snap | None:
    best: tuple[float, Snap] | None = None
    for outline in outlines:
        for a, b in edges(outline):
            if origin is not None:
                p = foot(origin, a, b)
                if p is not None and math.dist(p, mouse) <= tolerance and math.dist(p, origin) > 1e-9:
                    return Snap(p, "perpendicular", ((origin, p),))
            on = nearest_on_segment(mouse, a, b)
            distance = math.dist(on, mouse)
            if distance <= tolerance * 0.6 and (best is None or distance < best[0]):
                best = (distance, Snap(on, "edge"))
    return best[1] if best else None


def _aligned(mouse: Point, targets: Targets, switches: Collection[str], tolerance: float, origin: Point | None) -> Snap:
    """The same x or y as another luminaire or corner: a guide line shows which."""
    others = [*targets.luminaires, *(p for o in targets.outlines for p in o), *targets.extra]
    if origin is not None:
        others.append(origin)
    reach = tolerance * 0.6
    x_hit = min(((abs(p[0] - mouse[0]), p) for p in others if abs(p[0] - mouse[0]) <= reach), default=None)
    y_hit = min(((abs(p[1] - mouse[1]), p) for p in others if abs(p[1] - mouse[1]) <= reach), default=None)
    if x_hit is None and y_hit is None:
        return _grid(mouse, targets, switches)
    gridded = _grid(mouse, targets, switches).point
    point = (x_hit[1][0] if x_hit else gridded[0], y_hit[1][1] if y_hit else gridded[1])
    guides = tuple((hit[1], point) for hit in (x_hit, y_hit) if hit is not None)
    return Snap(point, "align", guides)


def _grid(mouse: Point, targets: Targets, switches: Collection[str]) -> Snap:
    step = targets.grid_m
    if "grid" not in switches or step <= 0:
        return Snap(mouse, "free")
    return Snap((round(mouse[0] / step) * step, round(mouse[1] / step) * step), "grid")
