"""The light of a room as a picture: colours by lux, isolines, and the values themselves. numpy in, QImage out."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage

from presales_desktop.lighting.live import LuxResult
from presales_desktop.views.designs.camera import nice_step
from presales_desktop.views.kit import tokens

Floats32 = npt.NDArray[np.float32]
_FILL_STEPS = 4


@lru_cache(maxsize=1)
def _table() -> npt.NDArray[np.uint32]:
    """256 colours of the scale as ARGB32."""
    rgb = [tokens.viridis_rgb(i / 255) for i in range(256)]
    return np.array([(255 << 24) | (r << 16) | (g << 8) | b for r, g, b in rgb], dtype=np.uint32)


def filled(values: Floats32) -> Floats32:
    """NaN cells next to known ones get their neighbours' mean, so that smooth scaling has no dark rim at slanted walls."""
    table = values
    for _ in range(_FILL_STEPS):
        gaps = np.isnan(table)
        if not gaps.any():
            break
        padded = np.pad(table, 1, constant_values=np.nan)
        around = np.stack([padded[1:-1, :-2], padded[1:-1, 2:], padded[:-2, 1:-1], padded[2:, 1:-1]])
        known = ~np.isnan(around)
        count = known.sum(axis=0)
        total = np.where(known, around, 0.0).sum(axis=0)
        table = np.where(gaps & (count > 0), total / np.maximum(count, 1), table).astype(np.float32)
    return table


def image(values: Floats32, upper_lux: float) -> QImage:
    """One pixel a grid point and one more all round (the grid may end short of the walls, the outline clips), the top row the
    largest y; unknown points are transparent."""
    table = np.pad(filled(values), 1, mode="edge")
    share = np.nan_to_num(table / max(upper_lux, 1e-6), nan=0.0).clip(0.0, 1.0)
    colours = _table()[(share * 255).astype(np.uint8)]
    colours[np.isnan(table)] = 0
    flipped = np.ascontiguousarray(colours[::-1])
    height, width = flipped.shape
    return QImage(flipped.data, width, height, width * 4, QImage.Format.Format_ARGB32).copy()


def extent(lux: LuxResult) -> QRectF:
    """The box in plan metres that the image covers: one and a half cells around the outer points (y of the rect is the lower edge)."""
    dx = float(lux.x_m[1] - lux.x_m[0]) if len(lux.x_m) > 1 else 0.25
    dy = float(lux.y_m[1] - lux.y_m[0]) if len(lux.y_m) > 1 else 0.25
    return QRectF(
        float(lux.x_m[0]) - dx * 1.5,
        float(lux.y_m[0]) - dy * 1.5,
        float(lux.x_m[-1] - lux.x_m[0]) + dx * 3,
        float(lux.y_m[-1] - lux.y_m[0]) + dy * 3,
    )


def upper_of(targets: list[float], highest: list[float]) -> float:
    """The scale's end in lux: half as much again as the highest target, or what there is when nothing asks for more."""
    wanted = max(targets, default=0.0) * 1.6
    if wanted <= 0:
        wanted = max(highest, default=0.0)
    return max(nice_step(max(wanted, 1.0)), 50.0) if wanted > 0 else 500.0


def levels(upper_lux: float) -> list[float]:
    """Isolines to draw: about eight, at round values."""
    step = nice_step(upper_lux / 8)
    return [step * i for i in range(1, int(upper_lux * 2 / step) + 1)][:24]


def isolines(lux: LuxResult, at: list[float]) -> list[tuple[float, Any]]:
    """(level, points [n, 2] in metres) of every isoline."""
    from contourpy import contour_generator

    if min(lux.values_lux.shape) < 2:
        return []
    generator = contour_generator(lux.x_m, lux.y_m, np.ma.masked_invalid(lux.values_lux))
    low, high = float(np.nanmin(lux.values_lux)), float(np.nanmax(lux.values_lux))
    found: list[tuple[float, Any]] = []
    for level in at:
        if low < level < high:
            found += [(level, line) for line in generator.lines(level)]
    return found


def value_at(lux: LuxResult, x: float, y: float) -> float | None:
    """Lux at a point, linear between the grid's points; None outside."""
    if len(lux.x_m) < 2 or len(lux.y_m) < 2:
        return None
    u = (x - float(lux.x_m[0])) / float(lux.x_m[1] - lux.x_m[0])
    v = (y - float(lux.y_m[0])) / float(lux.y_m[1] - lux.y_m[0])
    rows, columns = lux.values_lux.shape
    if not (-0.5 <= u <= columns - 0.5 and -0.5 <= v <= rows - 0.5):
        return None
    u, v = min(max(u, 0.0), columns - 1.0), min(max(v, 0.0), rows - 1.0)
    i, j = min(int(u), columns - 2), min(int(v), rows - 2)
    a, b = u - i, v - j
    block = lux.values_lux[j : j + 2, i : i + 2].astype(np.float64)
    weights = np.array([[(1 - a) * (1 - b), a * (1 - b)], [(1 - a) * b, a * b]])
    known = ~np.isnan(block)
    total = float(weights[known].sum())
    if total <= 1e-9:
        return None
    value = float((block[known] * weights[known]).sum()) / total
    return value if math.isfinite(value) else None
