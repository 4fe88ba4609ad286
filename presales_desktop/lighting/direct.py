"""Light that reaches points straight from the luminaires.

E = I(C, gamma) cos(theta) / r^2 with the intensity from a table finer than one degree, bilinear. Nearer than five
times its size a luminaire counts as several points spread over its opening (Gauss-Legendre places, so
that few suffice), each with its share of the light and the same distribution.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from presales_desktop.lighting import geometry, spheres
from presales_desktop.lighting.photometry import ROUND, Floats32, Photometry
from presales_desktop.lighting.spheres import Cells

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Point3 = tuple[float, float, float]
# A float32 array [n], or one number for all points.
Coordinate = Any

_ROW = np.float32(spheres.HEMISPHERE_CELLS + 2)
_UPPER = np.float32((spheres.HEMISPHERE_CELLS + 2) ** 2)
_CLOSEST_M2 = 1e-6
_POINT_SOURCE_BEYOND = 5.0
# Enough that a call of numpy does more than it costs, few enough to stay in the cache.
_VALUES_AT_A_TIME = 40_000
# (distance in sizes above which so many places along the longest side suffice, places)
_SPLITS = ((2.5, 2), (1.2, 3), (0.5, 5), (0.0, 8))
# A disc and the square of this share of its diameter spread their light equally far from the middle.
_DISC_TO_SQUARE = math.sqrt(0.75)


@dataclass(frozen=True, slots=True)
class LuminaireInput:
    """A luminaire in its place; the conventions of rotation and tilt are those of docs "Lighting".

    ``rotation_deg`` is about the vertical, counter-clockwise from above; at 0 the plane C0 points along +x and C90
    along +y. ``tilt_deg`` turns the luminaire about its own C90 axis before that, positive toward C0.
    ``flux_factor`` dims or scales the light, not the watts; ``watts`` None takes the photometry's.
    """

    key: Hashable
    photometry: Photometry
    position_m: Point3
    rotation_deg: float = 0.0
    tilt_deg: float = 0.0
    flux_factor: float = 1.0
    watts: float | None = None

    @property
    def power_w(self) -> float:
        """Connected power in W."""
        return self.photometry.watts if self.watts is None else self.watts


@dataclass(frozen=True, slots=True, eq=False)
class Source:
    """A luminaire ready for the inner loop; coordinates in m from some origin."""

    x: float
    y: float
    z: float
    factor: float
    table: Any  # Photometry.fast_table(): Floats32 if axial, else Cells
    axial: bool
    rotation_deg: float
    tilt_rad: float
    along_c0_m: float
    along_c90_m: float
    splits: tuple[tuple[float, int], ...] = _SPLITS

    @property
    def size_m(self) -> float:
        """The longest side of the opening."""
        return max(self.along_c0_m, self.along_c90_m)


def source(luminaire: LuminaireInput, origin_m: Point3 = (0.0, 0.0, 0.0)) -> Source:
    """The luminaire seen from an origin near the room, so that float32 coordinates stay exact."""
    return sources([luminaire], origin_m)[0]


def sources(luminaires: Sequence[LuminaireInput], origin_m: Point3) -> list[Source]:
    """As :func:`source`, for luminaires of one photometry, rotation and tilt: what they share is found once."""
    if not luminaires:
        return []
    first = luminaires[0]
    photometry = first.photometry
    opening = photometry.opening
    shrink = _DISC_TO_SQUARE if opening.shape in ROUND else 1.0
    share = photometry.tilt_factor(first.tilt_deg)
    table, axial = photometry.fast_table(), photometry.axial
    rotation, tilt = first.rotation_deg % 360.0, math.radians(first.tilt_deg)
    along_c0, along_c90 = opening.along_c0_m * shrink, opening.along_c90_m * shrink
    ox, oy, oz = origin_m
    found = []
    for luminaire in luminaires:
        x, y, z = luminaire.position_m
        factor = luminaire.flux_factor * share
        place = (float(x) - ox, float(y) - oy, float(z) - oz)
        found.append(Source(*place, factor, table, axial, rotation, tilt, along_c0, along_c90))
    return found


def illuminance(
    light: Source,
    x: Floats32,
    y: Floats32,
    z: Coordinate,
    normal: tuple[Coordinate, Coordinate, Coordinate] | None = None,
) -> Floats32:
    """Direct illuminance in lx (before maintenance) at points x, y, z (float32 [n], m, same origin as ``light``).

    ``normal`` is the surfaces' unit normal, None for horizontal surfaces facing up. Light from behind counts 0.
    """
    return toward(light, x - np.float32(light.x), y - np.float32(light.y), z - np.float32(light.z), normal)


def toward(
    light: Source,
    dx: Floats32,
    dy: Floats32,
    dz: Coordinate,
    normal: tuple[Coordinate, Coordinate, Coordinate] | None = None,
) -> Floats32:
    """As :func:`illuminance`, for points given by their offsets from the luminaire; its own place does not count.

    Of any number of dimensions; the normals' are broadcast to it.
    """
    if normal is not None and dx.ndim > 1:
        normal = (_all(normal[0], dx), _all(normal[1], dx), _all(normal[2], dx))
    if light.size_m <= 0.0:
        return _from_point(light, dx, dy, dz, normal)
    r2 = dx * dx + dy * dy + dz * dz
    reach = (_POINT_SOURCE_BEYOND * light.size_m) ** 2
    if float(r2.min(initial=np.inf)) >= reach:
        return _from_point(light, dx, dy, dz, normal)
    return _from_opening(light, dx, dy, dz, normal, r2)


def _from_opening(
    light: Source,
    dx: Floats32,
    dy: Floats32,
    dz: Coordinate,
    normal: tuple[Coordinate, Coordinate, Coordinate] | None,
    r2: Floats32,
) -> Floats32:
    result = np.empty_like(dx)
    nearest = _POINT_SOURCE_BEYOND
    far = r2 >= (nearest * light.size_m) ** 2
    _fill(result, far, light, dx, dy, dz, normal, ((0.0, 0.0, 0.0, 1.0),))
    closest = float(r2.min())
    for limit, places in light.splits:
        if closest >= (nearest * light.size_m) ** 2:
            break
        members = (r2 < (nearest * light.size_m) ** 2) & (r2 >= (limit * light.size_m) ** 2)
        _fill(result, members, light, dx, dy, dz, normal, parts(light, places))
        nearest = limit
    return result


def _fill(
    result: Floats32,
    members: Bools,
    light: Source,
    dx: Floats32,
    dy: Floats32,
    dz: Coordinate,
    normal: tuple[Coordinate, Coordinate, Coordinate] | None,
    parts: tuple[tuple[float, float, float, float], ...],
) -> None:
    """``result`` at the members: the sum over parts (offset x, y, z and share of the light)."""
    index = np.nonzero(members)
    if len(index[0]) == 0:
        return
    if len(parts) == 1:
        parts = ((0.0, 0.0, 0.0, 1.0),)
    x, y, z = dx[index], dy[index], _at(dz, index)
    facing = None if normal is None else (_at(normal[0], index), _at(normal[1], index), _at(normal[2], index))
    total = np.zeros(len(x), dtype=np.float32)
    for ox, oy, oz, share in parts:
        total += np.float32(share) * _from_point(
            light, x - np.float32(ox), y - np.float32(oy), z - np.float32(oz), facing
        )
    result[index] = total


def _all(values: Coordinate, like: Floats32) -> Coordinate:
    return np.broadcast_to(values, like.shape) if isinstance(values, np.ndarray) else values


def _at(values: Coordinate, index: tuple[npt.NDArray[np.intp], ...]) -> Coordinate:
    return values[index] if isinstance(values, np.ndarray) else values


def parts(light: Source, places: int) -> tuple[tuple[float, float, float, float], ...]:
    """Offsets in the room's axes and shares of the points that stand for the opening (Gauss-Legendre)."""
    size = light.size_m
    along_0 = geometry.gauss(max(1, math.ceil(places * light.along_c0_m / size - 1e-9)))
    along_90 = geometry.gauss(max(1, math.ceil(places * light.along_c90_m / size - 1e-9)))
    return tuple(
        (*_offset(light, float(u), float(v)), float(w_u * w_v))
        for u, w_u in zip(*along_0, strict=True)
        for v, w_v in zip(*along_90, strict=True)
    )


def even_parts(light: Source, places: int) -> list[Point3]:
    """Offsets in the room's axes of points spread evenly over the opening, ``places`` along its longest side."""
    counts = [max(1, math.ceil(places * side / light.size_m - 1e-9)) for side in (light.along_c0_m, light.along_c90_m)]
    return [
        _offset(light, (i + 0.5) / counts[0], (j + 0.5) / counts[1]) for i in range(counts[0]) for j in range(counts[1])
    ]


def _offset(light: Source, u: float, v: float) -> Point3:
    """The place of the opening at the shares u (along C0) and v (along C90), m from its middle in the room's axes."""
    cos_t, sin_t = math.cos(light.tilt_rad), math.sin(light.tilt_rad)
    rotation = math.radians(light.rotation_deg)
    cos_r, sin_r = math.cos(rotation), math.sin(rotation)
    a, b = (u - 0.5) * light.along_c0_m, (v - 0.5) * light.along_c90_m
    flat = a * cos_t
    return (flat * cos_r - b * sin_r, flat * sin_r + b * cos_r, a * sin_t)


def _from_point(
    light: Source,
    dx: Floats32,
    dy: Floats32,
    dz: Coordinate,
    normal: tuple[Coordinate, Coordinate, Coordinate] | None,
) -> Floats32:
    r2 = dx * dx
    r2 += dy * dy
    r2 += dz * dz
    if normal is None:
        facing = -dz
    else:
        facing = normal[0] * dx
        facing += normal[1] * dy
        facing += normal[2] * dz
        np.negative(facing, out=facing)
    turned = [_along(row, dx, dy, dz) for row in _axes(light)]
    return _lux(light, r2, turned, facing, light.factor)


def _along(row: Point3, dx: Floats32, dy: Floats32, dz: Coordinate) -> Coordinate:
    """row . (dx, dy, dz), without what is multiplied by 0."""
    if row[0] == 0.0 and row[1] == 0.0:
        return dz if row[2] == 1.0 else dz * np.float32(row[2])
    total = dx * np.float32(row[0])
    total += dy * np.float32(row[1])
    if row[2] != 0.0:
        total += dz * np.float32(row[2])
    return total


def _axes(light: Source) -> tuple[Point3, Point3, Point3]:
    """What the offset is multiplied by for x + y, x - y and z in the luminaire's own axes.

    The world turned back by rotation, then by tilt.
    """
    cos_t, sin_t = math.cos(light.tilt_rad), math.sin(light.tilt_rad)
    if light.axial and light.tilt_rad == 0.0:
        return (0.0, 0.0, 1.0), (0.0, 0.0, 1.0), (0.0, 0.0, 1.0)
    turn = math.radians(light.rotation_deg)
    cos_r, sin_r = math.cos(turn), math.sin(turn)
    x, y, z = (
        (cos_t * cos_r, cos_t * sin_r, sin_t),
        (-sin_r, cos_r, 0.0),
        (-sin_t * cos_r, -sin_t * sin_r, cos_t),
    )
    return (x[0] + y[0], x[1] + y[1], x[2]), (x[0] - y[0], x[1] - y[1], x[2]), z


def _lux(light: Source, r2: Floats32, turned: Sequence[Coordinate], facing: Coordinate, factor: float) -> Floats32:
    """I cos(theta) / r^2 with ``facing`` = r cos(theta); uses up ``r2`` and ``turned``."""
    np.maximum(r2, np.float32(_CLOSEST_M2), out=r2)
    r = np.sqrt(r2)
    plus, minus, z = turned
    candela = _axial(light.table, z, r) if light.axial else _octahedral(light.table, plus, minus, z)
    r2 *= r
    candela /= r2
    towards = np.maximum(facing, np.float32(0.0))
    if factor != 1.0:
        towards *= np.float32(factor)
    candela *= towards
    return candela


def _axial(table: Floats32, z: Coordinate, r: Floats32) -> Floats32:
    at: Floats32 = z / r
    at *= np.float32(-0.5 * spheres.AXIAL_CELLS)
    at += np.float32(0.5 * spheres.AXIAL_CELLS)
    # Rounding may step out by a hair at both ends.
    np.maximum(at, np.float32(0.0), out=at)
    whole = np.trunc(at)
    at -= whole
    low = whole.astype(np.intp)
    here: Floats32 = table.take(low)
    low += 1
    high = table.take(low)
    high -= here
    high *= at
    here += high
    return here


def _octahedral(cells: Cells, plus: Floats32, minus: Floats32, z: Coordinate) -> Floats32:
    """cd from x + y, x - y and z of the directions; ``plus`` and ``minus`` are used up."""
    half = np.float32(0.5 * spheres.HEMISPHERE_CELLS)
    # |x| + |y| is the larger of |x + y| and |x - y|.
    scale = np.abs(plus)
    np.maximum(scale, np.abs(minus), out=scale)
    scale += np.abs(z)
    # A point in the luminaire itself has no direction; any will do, it gets no light.
    np.maximum(scale, np.float32(1e-9), out=scale)
    np.divide(half, scale, out=scale)
    p, q = plus, minus
    p *= scale
    p += half
    q *= scale
    q += half
    # Places in the table stay below 2^24: whole numbers that float32 holds exactly.
    row, index = np.trunc(p), np.trunc(q)
    p -= row
    q -= index
    row *= _ROW
    index += row
    if isinstance(z, np.ndarray):
        index += (z > 0.0) * _UPPER
    elif z > 0.0:
        index += _UPPER
    # Four numbers a cell, fetched as one: base + q (by_q + p by_pq) + p by_p.
    cell = cells.take(index.astype(np.intp)).view(np.float32).reshape(*p.shape, 4)
    candela = cell[..., 3] * p
    candela += cell[..., 1]
    candela *= q
    p *= cell[..., 2]
    candela += p
    candela += cell[..., 0]
    return candela


class Lattice:
    """Points of a horizontal grid, columns ``x`` by rows ``y`` at the height ``z`` (m, from the lights' origin).

    What the luminaire's own axes make of a place is linear in it: found once for all luminaires that look the same way,
    and each then takes off its own. Several go together, so that numpy's calls are few against what they do.
    """

    def __init__(self, x: Floats, y: Floats, z: float) -> None:
        self._x, self._y, self._z = x, y, z

    def illuminance(self, lights: Sequence[Source]) -> Floats32:
        """[lights, rows x columns] direct lx on surfaces facing up, before maintenance; the lights as of :func:`sources`."""
        points = len(self._x) * len(self._y)
        lux = np.empty((len(lights), points), dtype=np.float32)
        if not lights:
            return lux
        axes = _axes(lights[0])
        turned = [None if a == b == 0.0 else _outer(b * self._y, a * self._x).reshape(-1) for a, b, _ in axes]
        step = max(1, _VALUES_AT_A_TIME // points)
        for start in range(0, len(lights), step):
            some = slice(start, start + step)
            lux[some] = self._some(lights[some], axes, turned)
        return lux

    def _some(self, lights: Sequence[Source], axes: tuple[Point3, ...], turned: Sequence[Floats32 | None]) -> Floats32:
        first = lights[0]
        places = np.array([(light.x, light.y, light.z) for light in lights])
        x, y = self._x - places[:, :1], self._y - places[:, 1:2]
        z = self._z - places[:, 2:]
        r2 = _outer(y * y + z * z, x * x).reshape(len(lights), -1)
        own: list[Floats32] = []
        for (a, b, c), all_places in zip(axes, turned, strict=True):
            shift = (c * z[:, 0] - places[:, :2] @ (a, b)).astype(np.float32)[:, None]
            own.append(shift if all_places is None else all_places + shift)
        near = None
        if first.size_m > 0.0 and float(np.abs(z).min()) < _POINT_SOURCE_BEYOND * first.size_m:
            near = r2 < (_POINT_SOURCE_BEYOND * first.size_m) ** 2
        factors = np.array([[light.factor] for light in lights])
        lux = _lux(first, r2, own, (-z * factors).astype(np.float32), 1.0)
        if near is not None:
            for k in np.nonzero(near.any(axis=1))[0].tolist():
                at = np.nonzero(near[k])[0]
                row, column = np.divmod(at, len(self._x))
                dx, dy = x[k, column].astype(np.float32), y[k, row].astype(np.float32)
                lux[k, at] = toward(lights[k], dx, dy, np.float32(z[k, 0]))
        return lux


def _outer(rows: Floats, columns: Floats) -> Floats32:
    """Sums [..., rows, columns]."""
    total: Floats32 = rows.astype(np.float32)[..., :, None] + columns.astype(np.float32)[..., None, :]
    return total
