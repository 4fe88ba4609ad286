"""The grid of points that a room's work plane is judged on."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely

from presales_desktop.lighting.errors import LightingError

Floats = npt.NDArray[np.float64]
Floats32 = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]

MAX_POINTS = 250_000
_INSIDE_M = 1e-6


@dataclass(frozen=True, slots=True)
class Grid:
    """A horizontal grid: height over the floor, spacing, and the edge zone along the walls that is left out; m."""

    height_m: float = 0.75
    spacing_m: float = 0.25
    margin_m: float = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class GridPoints:
    """Where the points stand: columns ``x_m``, rows ``y_m``, and which of [rows, columns] are in the room's inset."""

    x_m: Floats
    y_m: Floats
    inside: Bools
    height_m: float
    area_m2: float  # of the inset, what the power per work plane refers to

    @property
    def points_m(self) -> Floats:
        """[n, 3] of the points inside, row by row."""
        rows, columns = np.nonzero(self.inside)
        return np.column_stack([self.x_m[columns], self.y_m[rows], np.full(len(rows), self.height_m)])

    def spread(self, values: npt.NDArray[np.floating]) -> Floats32:
        """Values of the points inside [n] as [rows, columns] with NaN elsewhere."""
        table: Floats32 = np.full(self.inside.shape, np.nan, dtype=np.float32)
        table[self.inside] = values
        return table


def lay(polygon: shapely.Polygon, height_m: float, grid: Grid, solid: shapely.Geometry | None = None) -> GridPoints:
    """The grid in a room of this floor and clear height.

    The first lines stand half a spacing inside the margin; points nearer to a wall than the margin are left out, and
    those within ``solid``, what stands in the room at that height.

    :raises LightingError: grid.* with ``field`` "height_m", "spacing_m" or "margin_m"
    """
    _check(height_m, grid)
    x1, y1, x2, y2 = polygon.bounds
    xs, ys = _lines(x1, x2, grid), _lines(y1, y2, grid)
    if len(xs) == 0 or len(ys) == 0:
        raise _margin(grid, min(x2 - x1, y2 - y1))
    if len(xs) * len(ys) > MAX_POINTS:
        raise LightingError("grid.too_many_points", field="spacing_m", expected=MAX_POINTS, found=len(xs) * len(ys))
    inset = polygon.buffer(-grid.margin_m, join_style="mitre") if grid.margin_m > 0 else polygon
    x, y = np.meshgrid(xs, ys)
    zone = inset.buffer(_INSIDE_M, join_style="mitre")
    if solid is not None and not solid.is_empty:
        inset, zone = shapely.difference(inset, solid), shapely.difference(zone, solid)
    shapely.prepare(zone)
    inside: Bools = np.asarray(shapely.contains_xy(zone, x, y), dtype=np.bool_)
    if not inside.any():
        raise _margin(grid, min(x2 - x1, y2 - y1))
    return GridPoints(xs, ys, inside, grid.height_m, float(inset.area))


def _check(height_m: float, grid: Grid) -> None:
    if not (math.isfinite(grid.spacing_m) and 0.001 <= grid.spacing_m <= 1000.0):
        raise LightingError("grid.spacing", field="spacing_m", expected="0.001…1000", found=f"{grid.spacing_m:g}")
    if not (math.isfinite(grid.margin_m) and 0.0 <= grid.margin_m <= 1000.0):
        raise LightingError("grid.margin", field="margin_m", expected="0…1000", found=f"{grid.margin_m:g}")
    if not 0.0 <= grid.height_m < height_m:
        raise LightingError("grid.height", field="height_m", expected=f"0…{height_m:g}", found=f"{grid.height_m:g}")


def _margin(grid: Grid, extent: float) -> LightingError:
    return LightingError(
        "grid.no_points",
        field="margin_m",
        expected=f"{max(extent - grid.spacing_m, 0) / 2:g}",
        found=f"{grid.margin_m:g}",
    )


def _lines(low: float, high: float, grid: Grid) -> Floats:
    usable = high - low - 2.0 * grid.margin_m
    count = math.floor(usable / grid.spacing_m + 0.5 + 1e-9)
    if count > MAX_POINTS:
        raise LightingError("grid.too_many_points", field="spacing_m", expected=MAX_POINTS, found=count)
    steps: Floats = np.arange(max(count, 0), dtype=np.float64)
    return low + grid.margin_m + grid.spacing_m * (0.5 + steps)
