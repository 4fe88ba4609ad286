"""Plan symbols of luminaires as lines and circles in metres: window and paper draw the same. Pure.

The luminaire's own axes: x along C0, y along C90; (0, 0) is its middle.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

from presales_desktop.services.catalogue_facts import VariantFacts

Point = tuple[float, float]
SMALLEST_M = 0.08


@dataclass(frozen=True)
class Symbol:
    """`outline`: the body as a closed polygon, filled; `circles`: (x, y, radius); `lines`: strokes. `reach`: farthest extent."""

    outline: tuple[Point, ...]
    circle: float
    circles: tuple[tuple[float, float, float], ...]
    lines: tuple[tuple[Point, ...], ...]
    reach: float


def symbol_of(facts: VariantFacts | None) -> Symbol:
    """The symbol of a variant; a crossed circle for one that is not known."""
    if facts is None:
        return _make("other", "round", 0.15, 0.15)
    length = (facts.length_mm or facts.width_mm or 120) / 1000
    width = (facts.width_mm or facts.length_mm or 120) / 1000
    shape = facts.shape or ("round" if abs(length - width) < 0.02 and length < 0.4 else "rectangle")
    return _make(facts.category, shape, max(round(length, 3), SMALLEST_M), max(round(width, 3), SMALLEST_M))


@lru_cache(maxsize=512)
def _make(category: str, shape: str, length: float, width: float) -> Symbol:
    if category == "wall":
        return _half_round(max(length, width) / 2)
    if shape in ("round", "ring") or (shape == "other" and max(length, width) < 0.5):
        return _round(category, max(length, width) / 2, shape == "ring")
    return _box(category, length, width)


def _round(category: str, radius: float, ring: bool) -> Symbol:
    lines: tuple[tuple[Point, ...], ...]
    circles: tuple[tuple[float, float, float], ...] = ()
    d = radius * math.sqrt(0.5)
    cross: tuple[tuple[Point, ...], ...] = (((-d, -d), (d, d)), ((-d, d), (d, -d)))
    if category in ("spotlight", "track", "flood", "inground"):
        tip = radius * 1.9
        lines = (
            ((radius, 0.0), (tip, 0.0)),
            ((tip - radius * 0.4, radius * 0.3), (tip, 0.0), (tip - radius * 0.4, -radius * 0.3)),
        )
        circles = ((0.0, 0.0, radius * 0.45),)
        return Symbol((), radius, circles, lines, tip)
    if category == "pendant":
        ticks = tuple(
            ((radius * math.cos(a), radius * math.sin(a)), (radius * 1.3 * math.cos(a), radius * 1.3 * math.sin(a)))
            for a in (math.radians(t) for t in range(0, 360, 45))
        )
        return Symbol((), radius, ((0.0, 0.0, radius * 0.5),), ticks, radius * 1.3)
    if category in ("downlight", "ceiling"):
        circles = ((0.0, 0.0, radius * (0.72 if ring else 0.55)),)
        return Symbol((), radius, circles, () if ring else cross[:0], radius)
    return Symbol((), radius, ((0.0, 0.0, radius * 0.7),) if ring else (), cross, radius)


def _box(category: str, length: float, width: float) -> Symbol:
    x, y = length / 2, width / 2
    outline = ((-x, -y), (x, -y), (x, y), (-x, y))
    long = max(length, width) > 3 * min(length, width)
    if long:
        middle: tuple[Point, ...] = ((-x, 0.0), (x, 0.0)) if length >= width else ((0.0, -y), (0.0, y))
        lines: tuple[tuple[Point, ...], ...] = (middle,)
    else:
        lines = (((-x, -y), (x, y)), ((-x, y), (x, -y)))
    if category in ("spotlight", "flood"):
        lines += (((x, 0.0), (x * 1.8, 0.0)),)
    return Symbol(outline, 0.0, (), lines, math.hypot(x, y))


def _half_round(radius: float) -> Symbol:
    arc = tuple((radius * math.cos(math.radians(t)), radius * math.sin(math.radians(t))) for t in range(-90, 91, 15))
    return Symbol(arc, 0.0, (), (((0.0, -radius), (0.0, radius)), ((0.0, 0.0), (radius, 0.0))), radius)
