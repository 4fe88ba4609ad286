"""Inter-reflected light on a fine grid from a few exact places: it varies slowly."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
import shapely

from presales_desktop.lighting.grids import GridPoints
from presales_desktop.lighting.radiosity import Transfer

Floats = npt.NDArray[np.float64]
Floats32 = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

_NODE_STEP_M = 0.6
_MAX_NODES_A_SIDE = 28
_EDGE_M = (0.0, 0.15, 0.35, 0.65, 1.1)
_EDGE_STEP_M = 0.28
_MAX_EXACT = 3000


class IndirectMap:
    """[patches] to the grid's points, from nodes half a metre apart.

    Rectangles: cubic along both axes. Other rooms: bilinear, and exact where a node would be behind a wall.
    """

    def __init__(self, transfer: Transfer, points: GridPoints, polygon: shapely.Polygon) -> None:
        places = points.points_m
        self._index: Ints | None = None
        self._along: tuple[Floats32, Floats32] | None = None
        nodes_x, nodes_y = _nodes(points.x_m), _nodes(points.y_m)
        if len(places) <= len(nodes_x) * len(nodes_y):
            self._operator = _rows(transfer, places)
            return
        i, u = _cells(nodes_x, places[:, 0])
        j, v = _cells(nodes_y, places[:, 1])
        free_cells = _free_cells(nodes_x, nodes_y, polygon)
        if free_cells.all() and points.inside.all():
            grid_x, grid_y = np.meshgrid(nodes_x, nodes_y)
            height = np.full(grid_x.size, points.height_m)
            self._operator = _rows(transfer, np.column_stack([grid_x.ravel(), grid_y.ravel(), height]))
            self._along = (_cubic(nodes_y, points.y_m), _cubic(nodes_x, points.x_m).T.copy())
            return
        free = free_cells[j, i]
        corners = np.stack([j * len(nodes_x) + i, j * len(nodes_x) + i + 1], axis=1)
        corners = np.hstack([corners, corners + len(nodes_x)])
        weights = np.stack([(1 - u) * (1 - v), u * (1 - v), (1 - u) * v, u * v], axis=1)
        used, inverse = np.unique(corners[free], return_inverse=True)
        grid_x, grid_y = np.meshgrid(nodes_x, nodes_y)
        exact = np.column_stack([grid_x.ravel()[used], grid_y.ravel()[used], np.full(len(used), points.height_m)])
        index = np.zeros(corners.shape, dtype=np.int64)
        index[free] = inverse.reshape(-1, 4)
        alone = np.nonzero(~free)[0]
        # Finely gridded rooms with many slanted walls: every few of the points near them stand for the rest.
        chosen = alone[:: max(1, math.ceil(len(alone) / _MAX_EXACT))]
        if len(alone):
            index[alone] = (len(used) + _nearest(places[alone], places[chosen]))[:, None]
            weights[alone] = (1.0, 0.0, 0.0, 0.0)
        self._operator = _rows(transfer, np.vstack([exact, places[chosen]]))
        self._index = index
        self._weights = weights.astype(np.float32)

    def at_points(self, patches: Floats32) -> Floats32:
        """Indirect illuminance [n] from the direct illuminance of the patches [p]."""
        # Row by row on this thread: the library's threaded product leaves its workers spinning for some 20 ms, which
        # takes a core from whatever comes next.
        exact: Floats32 = np.vecdot(self._operator, patches)
        if self._along is not None:
            rows, columns = self._along
            table: Floats32 = (rows @ exact.reshape(rows.shape[1], columns.shape[0]) @ columns).astype(np.float32)
            return table.reshape(-1)
        if self._index is None:
            return exact
        result = self._weights[:, 0] * exact[self._index[:, 0]]
        for k in range(1, 4):
            result += self._weights[:, k] * exact[self._index[:, k]]
        return result


def _rows(transfer: Transfer, places: Floats) -> Floats32:
    up = np.tile([0.0, 0.0, 1.0], (len(places), 1))
    operator: Floats32 = transfer.to_points(places, up, fine=False).astype(np.float32)
    return operator


def _nodes(lines: Floats) -> Floats:
    """Nodes from the first to the last line, closer at both ends: near a wall the light changes fastest."""
    extent = lines[-1] - lines[0]
    if extent <= 0.0:
        return np.array([lines[0], lines[0] + 1.0])
    inner = extent - 2.0 * _EDGE_M[-1]
    if inner <= 0.0:
        count = math.ceil(extent / _EDGE_STEP_M) + 1
        return np.linspace(lines[0], lines[-1] + 1e-9, count)
    steps = min(max(1, math.ceil(inner / _NODE_STEP_M)), _MAX_NODES_A_SIDE)
    middle = np.linspace(_EDGE_M[-1], extent - _EDGE_M[-1], steps + 1)
    edge = np.array(_EDGE_M[:-1])
    nodes: Floats = lines[0] + np.concatenate([edge, middle, extent - edge[::-1] + 1e-9])
    return nodes


def _cubic(nodes: Floats, values: Floats) -> Floats32:
    """[values, nodes]: Lagrange's cubic through the four nodes around each value (fewer where there are fewer)."""
    count = min(4, len(nodes))
    cell, _ = _cells(nodes, values)
    first = np.clip(cell - 1, 0, len(nodes) - count)
    matrix = np.zeros((len(values), len(nodes)))
    for k in range(count):
        weight = np.ones(len(values))
        for other in range(count):
            if other != k:
                weight *= (values - nodes[first + other]) / (nodes[first + k] - nodes[first + other])
        matrix[np.arange(len(values)), first + k] = weight
    return matrix.astype(np.float32)


def _cells(nodes: Floats, values: Floats) -> tuple[Ints, Floats]:
    cell = np.clip(np.searchsorted(nodes, values, side="right") - 1, 0, len(nodes) - 2)
    return cell, (values - nodes[cell]) / (nodes[cell + 1] - nodes[cell])


def _free_cells(nodes_x: Floats, nodes_y: Floats, polygon: shapely.Polygon) -> Bools:
    """[rows, columns] of cells that lie in the room as a whole."""
    left, bottom = np.meshgrid(nodes_x[:-1], nodes_y[:-1])
    right, top = np.meshgrid(nodes_x[1:], nodes_y[1:])
    shapely.prepare(polygon)
    inside: Bools = np.asarray(shapely.covers(polygon, shapely.box(left, bottom, right, top)), dtype=np.bool_)
    return inside


def _nearest(points: Floats, chosen: Floats) -> Ints:
    if len(points) == len(chosen):
        return np.arange(len(points))
    result = np.empty(len(points), dtype=np.int64)
    for start in range(0, len(points), 500):
        gap = points[start : start + 500, None, :2] - chosen[None, :, :2]
        result[start : start + 500] = (gap * gap).sum(axis=2).argmin(axis=1)
    return result
