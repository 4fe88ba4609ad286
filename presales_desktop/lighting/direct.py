"""Light that reaches points straight from the luminaires.

E = I(C, gamma) cos(theta) / r^2 with the intensity from the 1-degree table, bilinear. Nearer than five
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

from presales_desktop.lighting import geometry
from presales_desktop.lighting.photometry import Floats32, Photometry

Bools = npt.NDArray[np.bool_]
Point3 = tuple[float, float, float]
# A float32 array [n], or one number for all points.
Coordinate = Any

_DEGREES = np.float32(180.0 / math.pi)
_GAMMAS = 181
_CLOSEST_M2 = 1e-6
_POINT_SOURCE_BEYOND = 5.0
# (distance in sizes above which so many places along the longest side suffice, places)
_SPLITS = ((2.0, 2), (1.0, 3), (0.4, 5), (0.0, 8))
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
    table: Floats32  # flat [361 * 181] cd
    axial: bool
    rotation_deg: float
    tilt_rad: float
    along_c0_m: float
    along_c90_m: float

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
        table=photometry.lut().reshape(-1),
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
    dx, dy = x - np.float32(light.x), y - np.float32(light.y)
    dz: Coordinate = z - np.float32(light.z)
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
    for limit, places in _SPLITS:
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
    inverse: Floats32 = np.float32(1.0) / np.sqrt(r2)
    candela = _intensity(light, dx, dy, dz, inverse)
    if normal is None:
        facing = np.broadcast_to(np.float32(-1.0) * dz, dx.shape)
    else:
        facing = -(normal[0] * dx + normal[1] * dy + normal[2] * dz)
    inverse *= np.float32(light.factor) / r2
    inverse *= np.maximum(facing, np.float32(0.0))
    candela *= inverse
    return candela


def _intensity(light: Source, dx: Floats32, dy: Floats32, dz: Coordinate, inverse: Floats32) -> Floats32:
    """cd toward the directions; the world turned back by rotation, then by tilt, into the luminaire's own axes."""
    rotation = light.rotation_deg
    x, y, z = dx, dy, dz
    if light.tilt_rad != 0.0:
        turn = math.radians(rotation)
        cos_r, sin_r = np.float32(math.cos(turn)), np.float32(math.sin(turn))
        cos_t, sin_t = np.float32(math.cos(light.tilt_rad)), np.float32(math.sin(light.tilt_rad))
        flat = cos_r * dx + sin_r * dy
        y = cos_r * dy - sin_r * dx
        x = cos_t * flat + sin_t * dz
        z = cos_t * dz - sin_t * flat
        rotation = 0.0
    cos_gamma = -z * inverse
    np.clip(cos_gamma, np.float32(-1.0), np.float32(1.0), out=cos_gamma)
    gamma = np.arccos(cos_gamma, out=cos_gamma)
    gamma *= _DEGREES
    low = gamma.astype(np.int32)
    np.minimum(low, _GAMMAS - 2, out=low)
    gamma -= low
    if light.axial:
        here = np.take(light.table, low, mode="clip")
        low += 1
        return _mix(here, np.take(light.table, low, mode="clip"), gamma)
    c = np.arctan2(y, x)
    c *= _DEGREES
    # 720 keeps the angle positive for the truncation below, whatever the rotation (0 to 360) was.
    c += np.float32(720.0 - rotation)
    plane = c.astype(np.int32)
    c -= plane
    plane %= 360
    plane *= _GAMMAS
    plane += low
    table = light.table
    here = np.take(table, plane, mode="clip")
    plane += 1
    here = _mix(here, np.take(table, plane, mode="clip"), gamma)
    plane += _GAMMAS
    beyond = np.take(table, plane, mode="clip")
    plane -= 1
    beyond = _mix(np.take(table, plane, mode="clip"), beyond, gamma)
    return _mix(here, beyond, c)


def _mix(low: Floats32, high: Floats32, share: Floats32) -> Floats32:
    """``low`` + ``share`` x (``high`` - ``low``), in place of ``high``."""
    high -= low
    high *= share
    high += low
    return high
