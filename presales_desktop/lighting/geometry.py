"""Exact form factors of polygons, sight lines in plan, and points spread over patches."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
_Vector = tuple[Floats, Floats, Floats]

_CHUNK = 40_000
_TINY = 1e-300
# Sight lines are shortened by this share at both ends, so that the wall they end on does not block them.
_SHORTER = 1e-6


def point_to_polygons(points: Floats, normals: Floats, polygons: Floats, *, clip: bool = True) -> Floats:
    """Form factors [n, m] from surface elements to convex polygons: E = F x exitance.

    Lambert's formula F = 1/(2 pi) sum of beta_k (n . G_k), beta_k the angle that edge k subtends and G_k the unit
    normal of its triangle with the point (Lambert 1760; Howell's catalogue, B-section). Polygons [m, v, 3] run
    counter-clockwise seen from their lit side; a polygon seen from behind gives 0. ``clip`` cuts away what lies
    behind the element's own plane; without it the caller promises that nothing does.
    """
    n, m = len(points), len(polygons)
    result = np.zeros((n, m))
    for rows in _chunks(n, max(1, _CHUNK // max(m, 1))):
        p, normal = points[rows, None, :], normals[rows, None, :]
        if not clip:
            result[rows] = _lambert(_corners(p, polygons), _components(normal))
            continue
        whole, partly = _in_front(points[rows], normals[rows], polygons)
        if whole.any():
            result[rows, whole] = _lambert(_corners(p, polygons[whole]), _components(normal))
        if partly.any():
            result[rows, partly] = _lambert_clipped(_corners(p, polygons[partly]), _components(normal))
    return result


def _corners(p: Floats, polygons: Floats) -> list[_Vector]:
    return [_components(polygons[None, :, k, :] - p) for k in range(polygons.shape[1])]


def _in_front(points: Floats, normals: Floats, polygons: Floats) -> tuple[Bools, Bools]:
    """Which polygons are in front of all the elements' planes, and which of a part of them only."""
    planes = (normals * points).sum(axis=1)[:, None]
    low = np.full(len(polygons), np.inf)
    high = np.full(len(polygons), -np.inf)
    for k in range(polygons.shape[1]):
        heights = normals @ polygons[:, k].T - planes
        low = np.minimum(low, heights.min(axis=0))
        high = np.maximum(high, heights.max(axis=0))
    return low >= 0, (low < 0) & (high > 0)


def pairs_to_polygons(points: Floats, normals: Floats, polygons: Floats, *, clip: bool) -> Floats:
    """Form factors [n] from element k to polygon k, as :func:`point_to_polygons`."""
    result = np.empty(len(points))
    for rows in _chunks(len(points), _CHUNK):
        corners = [_components(polygons[rows, k, :] - points[rows]) for k in range(polygons.shape[1])]
        sides = _components(normals[rows])
        result[rows] = _lambert_clipped(corners, sides) if clip else _lambert(corners, sides)
    return result


def _components(vectors: Floats) -> _Vector:
    return (
        np.ascontiguousarray(vectors[..., 0]),
        np.ascontiguousarray(vectors[..., 1]),
        np.ascontiguousarray(vectors[..., 2]),
    )


def _edge(a: _Vector, b: _Vector, n: _Vector) -> Floats:
    """beta x (n . G) of one edge."""
    x = a[1] * b[2] - a[2] * b[1]
    y = a[2] * b[0] - a[0] * b[2]
    z = a[0] * b[1] - a[1] * b[0]
    size = np.sqrt(x * x + y * y + z * z)
    beta = np.arctan2(size, a[0] * b[0] + a[1] * b[1] + a[2] * b[2])
    value: Floats = beta * (x * n[0] + y * n[1] + z * n[2]) / (size + _TINY)
    return value


def _lambert(corners: list[_Vector], n: _Vector) -> Floats:
    total = _edge(corners[-1], corners[0], n)
    for a, b in pairwise(corners):
        total = total + _edge(a, b, n)
    return np.maximum(total * (-0.5 / np.pi), 0.0)


def _lambert_clipped(corners: list[_Vector], n: _Vector) -> Floats:
    """As :func:`_lambert` for the part in front of the element's plane.

    A convex polygon leaves and enters the plane once at most; the new edge between both points lies in the plane.
    """
    heights = [c[0] * n[0] + c[1] * n[1] + c[2] * n[2] for c in corners]
    if all(bool(np.all(h >= 0)) for h in heights):
        return _lambert(corners, n)
    zero = np.zeros_like(heights[0])
    leave, enter = (zero, zero, zero), (zero, zero, zero)
    total = zero
    for k, b in enumerate(corners):
        a, ha, hb = corners[k - 1], heights[k - 1], heights[k]
        down, up = (ha > 0) & (hb <= 0), (ha <= 0) & (hb > 0)
        t = np.where(down | up, ha / np.where(ha == hb, 1.0, ha - hb), 0.0)
        cut = (a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1]), a[2] + t * (b[2] - a[2]))
        leave, enter = _where(down, cut, leave), _where(up, cut, enter)
        value = _edge(_where(up, cut, a), _where(down, cut, b), n)
        total = total + np.where((ha > 0) | (hb > 0), value, 0.0)
    total = total + _edge(leave, enter, n)
    return np.maximum(total * (-0.5 / np.pi), 0.0)


def _where(mask: Bools, yes: _Vector, no: _Vector) -> _Vector:
    return np.where(mask, yes[0], no[0]), np.where(mask, yes[1], no[1]), np.where(mask, yes[2], no[2])


def _chunks(count: int, size: int) -> Iterator[slice]:
    for start in range(0, count, size):
        yield slice(start, min(start + size, count))


def blocked(ax: Floats | float, ay: Floats | float, bx: Floats, by: Floats, walls: Floats) -> Bools:
    """Whether the plan segments a-b (arrays that broadcast) properly cross one of the ``walls`` [k, 4] (x1 y1 x2 y2).

    In a room of vertical walls from floor to ceiling a sight line is free exactly if its plan is.
    """
    dx, dy = (bx - ax) * _SHORTER, (by - ay) * _SHORTER
    ax, ay, bx, by = ax + dx, ay + dy, bx - dx, by - dy
    dx, dy = bx - ax, by - ay
    result: Bools = np.zeros(np.broadcast(ax, bx).shape, dtype=np.bool_)
    for x1, y1, x2, y2 in walls:
        ex, ey = x2 - x1, y2 - y1
        side_a = ex * (ay - y1) - ey * (ax - x1)
        side_b = ex * (by - y1) - ey * (bx - x1)
        side_1 = dx * (y1 - ay) - dy * (x1 - ax)
        side_2 = dx * (y2 - ay) - dy * (x2 - ax)
        result |= (side_a * side_b < 0) & (side_1 * side_2 < 0)
    return result


@lru_cache(maxsize=16)
def gauss(count: int) -> tuple[Floats, Floats]:
    """Gauss-Legendre places in 0..1 and weights that sum to 1."""
    places, weights = np.polynomial.legendre.leggauss(count)
    return (places + 1.0) / 2.0, weights / 2.0


def spread(quads: Floats, count: int) -> tuple[Floats, Floats]:
    """Points [p, count^2, 3] over each quad [p, 4, 3] and their shares of its area [p, count^2] (rows sum to 1).

    Bilinear map with Gauss-Legendre places; a triangle is a quad with a repeated corner.
    """
    places, weights = gauss(count)
    u, v = (a.ravel() for a in np.meshgrid(places, places, indexing="ij"))
    w = np.outer(weights, weights).ravel()
    a, b, c, d = (quads[:, None, k, :] for k in range(4))
    u, v = u[None, :, None], v[None, :, None]
    points = (1 - u) * (1 - v) * a + u * (1 - v) * b + u * v * c + (1 - u) * v * d
    along_u = (1 - v) * (b - a) + v * (c - d)
    along_v = (1 - u) * (d - a) + u * (c - b)
    stretch = np.linalg.norm(np.cross(along_u, along_v), axis=2) * w
    return points, stretch / stretch.sum(axis=1, keepdims=True)
