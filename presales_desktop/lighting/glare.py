"""Unified glare rating at an observer's eye in a calculated room (CIE 117:1995; GB/T 50034-2024 annex A)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from presales_desktop.lighting import spheres, ugr
from presales_desktop.lighting.direct import LuminaireInput
from presales_desktop.lighting.exact import ExactRoom
from presales_desktop.lighting.rooms import Room, outline

Floats = npt.NDArray[np.float64]
Point3 = tuple[float, float, float]

SEATED_EYE_M = 1.2
STANDING_EYE_M = 1.5
# Below this luminous area (m2) a luminaire counts by its intensity alone: 200 I^2 / (r^2 p^2) (CIE 147:2002; GB annex A).
SMALL_M2 = 0.005
_OFF_THE_WALL_M = 0.01
_SHORTEST_WALL_M = 1.5


@dataclass(frozen=True, slots=True)
class Observer:
    """An eye at a place (m) that looks level toward a direction in plan, degrees counter-clockwise from +x."""

    position_m: Point3
    direction_deg: float


def default_observers(room: Room, eye_m: float = SEATED_EYE_M) -> list[Observer]:
    """In the middle of each wall, looking straight away from it (CIE 117; GB/T 50034-2024 annex A), eyes at 1.2 m."""
    corners = outline(room)
    found = []
    for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        length = float(np.linalg.norm(b - a))
        if length < _SHORTEST_WALL_M:
            continue
        along = (b - a) / length
        inward = np.array([-along[1], along[0]])
        x, y = ((a + b) / 2.0 + _OFF_THE_WALL_M * inward).tolist()
        found.append(Observer((x, y, eye_m), math.degrees(math.atan2(inward[1], inward[0])) % 360.0))
    return found


def ratings(exact: ExactRoom, observers: Sequence[Observer], levels: Floats | None = None) -> list[float | None]:
    """UGR at each observer with new luminaires (maintenance factor 1); None where nothing glares or no light comes back.

    :param levels: of each luminaire, 0 to 1; None: all at full
    """
    if not observers:
        return []
    given = np.ones(len(exact.lights)) if levels is None else levels
    eyes = np.array([observer.position_m for observer in observers])
    turns = np.radians([observer.direction_deg for observer in observers])
    ahead = np.column_stack([np.cos(turns), np.sin(turns), np.zeros(len(turns))])
    total, straight = exact.by_levels(eyes, ahead, given[None, :])
    background = (total[0] - straight[0]) / math.pi
    found: list[float | None] = []
    for k in range(len(observers)):
        glare = _glare(exact, eyes[k], ahead[k], given)
        rated = glare > 0 and background[k] > 0
        found.append(8.0 * math.log10(0.25 / float(background[k]) * glare) if rated else None)
    return found


def _glare(exact: ExactRoom, eye: Floats, ahead: Floats, levels: Floats) -> float:
    """Sum of L^2 omega / p^2 over the luminaires in sight.

    Position indices are tabled for what stands above the line of sight; what stands below counts as its mirror image.
    """
    side = np.array([-ahead[1], ahead[0], 0.0])
    total = 0.0
    for luminaire, level in zip(exact.luminaires, levels.tolist(), strict=True):
        way = np.array(luminaire.position_m) - eye
        depth, across, height = float(way @ ahead), abs(float(way @ side)), abs(float(way[2]))
        if level <= 0 or depth <= 0 or height > ugr.HIGHEST_SEEN * depth or across > ugr.WIDEST_SEEN * depth:
            continue
        origin = np.array(exact.origin)
        if bool(exact.near.blocked(*(eye - origin), *(eye + way - origin))):
            continue
        r = float(np.linalg.norm(way))
        candela, area = _toward(luminaire, -way / r)
        candela *= level
        sigma = np.array([math.degrees(math.acos(min(depth / r, 1.0)))])
        tau = np.array([math.degrees(math.atan2(across, height))])
        p = float(ugr.position_index(sigma, tau)[0])
        total += candela**2 / max(area, SMALL_M2) / (r * p) ** 2
    return total


def _toward(luminaire: LuminaireInput, direction: Floats) -> tuple[float, float]:
    """(cd, seen luminous area in m2) toward a direction of the room (unit vector from the luminaire)."""
    turn, tilt = math.radians(luminaire.rotation_deg), math.radians(luminaire.tilt_deg)
    x, y, z = direction.tolist()
    # The world turned back by rotation, then by tilt.
    u, v = x * math.cos(turn) + y * math.sin(turn), -x * math.sin(turn) + y * math.cos(turn)
    own_x, own_z = u * math.cos(tilt) + z * math.sin(tilt), -u * math.sin(tilt) + z * math.cos(tilt)
    c = np.array([math.degrees(math.atan2(v, own_x)) % 360.0])
    gamma = np.array([math.degrees(math.acos(min(max(-own_z, -1.0), 1.0)))])
    photometry = luminaire.photometry
    factor = luminaire.flux_factor * photometry.tilt_factor(luminaire.tilt_deg)
    candela = float(spheres.bilinear(*photometry.full(), c, gamma)[0]) * factor
    return candela, float(ugr.seen_area(photometry.opening, c, gamma)[0])
