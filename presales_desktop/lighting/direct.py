"""Light that reaches points straight from the luminaires.

E = I(C, gamma) cos(theta) / r^2 with the intensity from a table finer than one degree, bilinear. Nearer than five
times its size a luminaire counts as several points spread over its opening (Gauss-Legendre places, so
that few suffice), each with its share of the light and the same distribution.
"""

from __future__ import annotations

import math
from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from presales_desktop.lighting import geometry, spheres
from presales_desktop.lighting.photometry import Floats32, Photometry

Bools = npt.NDArray[np.bool_]
Point3 = tuple[float, float, float]
# A float32 array [n], or one number for all points.
Coordinate = Any

_ROW = spheres.HEMISPHERE_CELLS + 2
_HALF = _ROW * _ROW
_CLOSEST_M2 = 1e-6
_POINT_SOURCE_BEYOND = 5.0
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
    table: Floats32  # Photometry.fast_table()
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
    photometry = luminaire.photometry
    opening = photometry.opening
    shrink = _DISC_TO_SQUARE if opening.shape in {"circle", "ellipse", "cylinder", "sphere"} else 1.0
    x, y, z = (float(p) - o for p, o in zip(luminaire.position_m, origin_m, strict=True))
    return Source(
        x=x,
        y=y,
        z=z,
        factor=luminaire.flux_factor * photometry.tilt_factor(luminaire.tilt_deg),
        table=photometry.fast_table(),
        axial=photometry.axial,
        rotation_deg=luminaire.rotation_deg % 360.0,
        tilt_rad=math.radians(luminaire.tilt_deg),
        along_c0_m=opening.along_c0_m * shrink,
        along_c90_m=opening.along_c90_m * shrink,
    )


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
    """As :func:`illuminance`, for points given by their offsets from the luminaire; its own place does not count."""
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
        _fill(result, members, light, dx, dy, dz, normal, _parts(light, places))
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
    index = np.nonzero(members)[0]
    if len(index) == 0:
        return
    if len(parts) == 1:
        parts = ((0.0, 0.0, 0.0, 1.0),)
    x, y, z = dx[index], dy[index], _at(dz, index)
    facing = None if normal is None else (_at(normal[0], index), _at(normal[1], index), _at(normal[2], index))
    total = np.zeros(len(index), dtype=np.float32)
    for ox, oy, oz, share in parts:
        total += np.float32(share) * _from_point(
            light, x - np.float32(ox), y - np.float32(oy), z - np.float32(oz), facing
        )
    result[index] = total


def _at(values: Coordinate, index: npt.NDArray[np.intp]) -> Coordinate:
    return values[index] if isinstance(values, np.ndarray) else values


def _parts(light: Source, places: int) -> tuple[tuple[float, float, float, float], ...]:
    """Offsets in the room's axes and shares of the points that stand for the opening."""
    size = light.size_m
    along_0 = geometry.gauss(max(1, math.ceil(places * light.along_c0_m / size - 1e-9)))
    along_90 = geometry.gauss(max(1, math.ceil(places * light.along_c90_m / size - 1e-9)))
    cos_t, sin_t = math.cos(light.tilt_rad), math.sin(light.tilt_rad)
    rotation = math.radians(light.rotation_deg)
    cos_r, sin_r = math.cos(rotation), math.sin(rotation)
    parts = []
    for u, w_u in zip(*along_0, strict=True):
        for v, w_v in zip(*along_90, strict=True):
            a, b = (float(u) - 0.5) * light.along_c0_m, (float(v) - 0.5) * light.along_c90_m
            flat = a * cos_t
            parts.append((flat * cos_r - b * sin_r, flat * sin_r + b * cos_r, a * sin_t, float(w_u * w_v)))
    return tuple(parts)


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
    np.maximum(r2, np.float32(_CLOSEST_M2), out=r2)
    inverse: Floats32 = np.sqrt(r2)
    np.reciprocal(inverse, out=inverse)
    candela = _intensity(light, dx, dy, dz, inverse)
    if normal is None:
        facing = -dz
    else:
        facing = normal[0] * dx
        facing += normal[1] * dy
        facing += normal[2] * dz
        np.negative(facing, out=facing)
    candela *= inverse
    candela /= r2
    candela *= np.maximum(facing, np.float32(0.0)) * np.float32(light.factor)
    return candela


def _intensity(light: Source, dx: Floats32, dy: Floats32, dz: Coordinate, inverse: Floats32) -> Floats32:
    """cd toward the directions; the world turned back by rotation, then by tilt, into the luminaire's own axes."""
    x, y, z = dx, dy, dz
    tilted = light.tilt_rad != 0.0
    if tilted or (light.rotation_deg != 0.0 and not light.axial):
        turn = math.radians(light.rotation_deg)
        cos_r, sin_r = np.float32(math.cos(turn)), np.float32(math.sin(turn))
        x = cos_r * dx
        x += sin_r * dy
        y = cos_r * dy
        y -= sin_r * dx
    if tilted:
        cos_t, sin_t = np.float32(math.cos(light.tilt_rad)), np.float32(math.sin(light.tilt_rad))
        x, z = cos_t * x + sin_t * dz, cos_t * dz - sin_t * x
    if light.axial:
        return _axial(light.table, z, inverse)
    return _octahedral(light.table, x, y, z)


def _axial(table: Floats32, z: Coordinate, inverse: Floats32) -> Floats32:
    at: Floats32 = z * inverse
    at *= np.float32(-0.5 * spheres.AXIAL_CELLS)
    at += np.float32(0.5 * spheres.AXIAL_CELLS)
    # Rounding may step out by a hair at both ends.
    np.maximum(at, np.float32(0.0), out=at)
    low = at.astype(np.intp)
    at -= low.astype(np.float32)
    here = table[low]
    low += 1
    return _mix(here, table[low], at)


def _octahedral(table: Floats32, x: Floats32, y: Floats32, z: Coordinate) -> Floats32:
    half = np.float32(0.5 * spheres.HEMISPHERE_CELLS)
    scale = np.abs(x)
    scale += np.abs(y)
    scale += np.abs(z)
    # A point in the luminaire itself has no direction; any will do, it gets no light.
    np.maximum(scale, np.float32(1e-9), out=scale)
    np.divide(half, scale, out=scale)
    p = x + y
    p *= scale
    p += half
    q = x - y
    q *= scale
    q += half
    row, index = p.astype(np.int32), q.astype(np.int32)
    p -= row.astype(np.float32)
    q -= index.astype(np.float32)
    row *= _ROW
    index += row
    if isinstance(z, np.ndarray):
        index += (z > 0.0) * np.int32(_HALF)
    elif z > 0.0:
        index += _HALF
    at = index.astype(np.intp)
    here = table[at]
    at += 1
    here = _mix(here, table[at], q)
    at += _ROW
    beyond = table[at]
    at -= 1
    return _mix(here, _mix(table[at], beyond, q), p)


def _mix(low: Floats32, high: Floats32, share: Floats32) -> Floats32:
    """``low`` + ``share`` x (``high`` - ``low``), in place of ``high``."""
    high -= low
    high *= share
    high += low
    return high
