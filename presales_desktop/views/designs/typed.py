"""What is typed while a tool draws: "6x4", "3.5", "3.5<45", "1.2,3.4", "@1,0", "3600" (millimetres), "3*4". Pure.

A bare number of 100 or more means millimetres, as on every Chinese plan; smaller ones are metres; a unit decides always.
"""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass

_NUMBER = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)"
_LENGTH = rf"({_NUMBER})\s*(mm|cm|m|毫米|厘米|米)?"
_SIZE = re.compile(rf"^{_LENGTH}\s*[x×*]\s*{_LENGTH}$", re.IGNORECASE)
_POLAR = re.compile(rf"^{_LENGTH}\s*<\s*({_NUMBER})\s*°?$", re.IGNORECASE)
_PAIR = re.compile(rf"^(@)?\s*{_LENGTH}\s*,\s*{_LENGTH}$", re.IGNORECASE)
_SINGLE = re.compile(rf"^{_LENGTH}$", re.IGNORECASE)
_COUNTS = re.compile(r"^(\d{1,3})\s*[x×*]\s*(\d{1,3})$", re.IGNORECASE)
_ONE_COUNT = re.compile(r"^(\d{1,4})$")
_ANGLE = re.compile(rf"^({_NUMBER})\s*°?$")
_UNITS = {"mm": 0.001, "毫米": 0.001, "cm": 0.01, "厘米": 0.01, "m": 1.0, "米": 1.0}
MILLIMETRES_FROM = 100.0
FARTHEST_M = 100_000.0


@dataclass(frozen=True)
class Size:
    """Width and depth, m."""

    width: float
    height: float


@dataclass(frozen=True)
class Length:
    """A distance in the direction of the mouse, m."""

    metres: float


@dataclass(frozen=True)
class Polar:
    """A distance at an angle, counter-clockwise from the x axis."""

    metres: float
    degrees: float


@dataclass(frozen=True)
class Place:
    """Coordinates, or an offset from the last point when `relative`."""

    x: float
    y: float
    relative: bool


Typed = Size | Length | Polar | Place


def parse(text: str) -> Typed | None:
    """What TEXT means; None when it means nothing (yet)."""
    raw = unicodedata.normalize("NFKC", text).strip().replace("，", ",").replace("×", "x")
    if len(raw) > 60:
        return None
    if match := _SIZE.match(raw):
        width, height = _metres(match[1], match[2] or match[4]), _metres(match[3], match[4])
        return Size(width, height) if _possible(width, height) and width > 0 and height > 0 else None
    if match := _POLAR.match(raw):
        metres, degrees = _metres(match[1], match[2]), float(match[3])
        return Polar(metres, degrees) if _possible(metres) and math.isfinite(degrees) else None
    if match := _PAIR.match(raw):
        x, y = _metres(match[2], match[3] or match[5]), _metres(match[4], match[5])
        return Place(x, y, bool(match[1])) if _possible(x, y) else None
    if match := _SINGLE.match(raw):
        metres = _metres(match[1], match[2])
        return Length(metres) if _possible(metres) else None
    return None


def parse_counts(text: str) -> tuple[int, int] | None:
    """Columns and rows of an array: "3x4"; None otherwise."""
    match = _COUNTS.match(unicodedata.normalize("NFKC", text).strip().replace("×", "x"))
    if match is None or int(match[1]) < 1 or int(match[2]) < 1 or int(match[1]) * int(match[2]) > 2000:
        return None
    return int(match[1]), int(match[2])


def parse_count(text: str) -> int | None:
    """A single number of pieces; None otherwise."""
    match = _ONE_COUNT.match(unicodedata.normalize("NFKC", text).strip())
    return int(match[1]) if match and 1 <= int(match[1]) <= 1000 else None


def parse_length(text: str) -> float | None:
    """A single length in m, as `parse` reads it; None otherwise."""
    found = parse(text)
    return found.metres if isinstance(found, Length) else None


def parse_angle(text: str) -> float | None:
    """Degrees: "45", "-30°"; None otherwise."""
    match = _ANGLE.match(unicodedata.normalize("NFKC", text).strip())
    return float(match[1]) if match and abs(float(match[1])) <= 36000 else None


def _metres(number: str, unit: str | None) -> float:
    value = float(number)
    if unit:
        return value * _UNITS[unit.lower()]
    return value / 1000 if abs(value) >= MILLIMETRES_FROM else value


def _possible(*values: float) -> bool:
    return all(math.isfinite(v) and abs(v) <= FARTHEST_M for v in values)


def target_of(typed: Typed, origin: tuple[float, float], mouse: tuple[float, float]) -> tuple[float, float]:
    """The point that TYPED names, drawing from ORIGIN with the mouse at MOUSE (its direction, or the quadrant of a size)."""
    dx, dy = mouse[0] - origin[0], mouse[1] - origin[1]
    if isinstance(typed, Size):
        return origin[0] + math.copysign(typed.width, dx or 1.0), origin[1] + math.copysign(typed.height, dy or 1.0)
    if isinstance(typed, Length):
        distance = math.hypot(dx, dy)
        if distance < 1e-9:
            return origin[0] + typed.metres, origin[1]
        return origin[0] + dx / distance * typed.metres, origin[1] + dy / distance * typed.metres
    if isinstance(typed, Polar):
        turn = math.radians(typed.degrees)
        return origin[0] + typed.metres * math.cos(turn), origin[1] + typed.metres * math.sin(turn)
    return (origin[0] + typed.x, origin[1] + typed.y) if typed.relative else (typed.x, typed.y)
