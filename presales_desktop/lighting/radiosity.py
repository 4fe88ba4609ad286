"""Inter-reflection between a room's diffuse surfaces: form factors once, then one product a change.

E = E0 + F rho E on the patches, so E = (I - F rho)^-1 E0, and the light that the surfaces send to a
point is f rho E with f its form factors (Goral et al. 1984; CIE 171:2006 5.8 is the test).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from presales_desktop.lighting import geometry
from presales_desktop.lighting.rooms import FIRST_WALL, Patches, Room, cut, is_convex, outline, wall_segments

Floats = npt.NDArray[np.float64]
Floats32 = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

# (samples along a side, distance in patch diagonals from which so few do); touching patches need the most.
_SAMPLING = ((1, 6.5), (2, 1.5), (4, 0.9), (8, 0.0))
_BALANCE_STEPS = 300


@dataclass(frozen=True, slots=True, eq=False)
class Transfer:
    """A room's geometry and how its patches light one another."""

    room: Room
    corners: Floats  # [k, 2] the outline, counter-clockwise
    walls: Floats  # [k, 4] of a concave room, [0, 4] of a convex one: what can stand in the way
    patches: Patches
    form_factors: Floats  # [p, p]
    total: Floats  # [p, p]: E = total @ E0

    @property
    def convex(self) -> bool:
        return len(self.walls) == 0

    def to_points(self, points: Floats, normals: Floats) -> Floats:
        """[n, p]: indirect illuminance at the points = this @ E0 (direct illuminance of the patches).

        ``points`` [n, 3] in m, ``normals`` [n, 3] unit vectors.
        """
        f = geometry.point_to_polygons(points, normals, self.patches.corners_m)
        if not self.convex:
            f *= self._visible(points)
        bounced: Floats = (f * self.patches.reflectance) @ self.total
        return bounced

    def surface_averages(self) -> Floats:
        """[2 + walls, p]: mean illuminance of floor, ceiling and each wall = this @ E0."""
        surface, areas = self.patches.surface, self.patches.areas_m2
        rows = np.zeros((FIRST_WALL + len(self.corners), len(areas)))
        rows[surface, np.arange(len(areas))] = areas
        rows /= np.maximum(rows.sum(axis=1, keepdims=True), 1e-12)
        means: Floats = rows @ self.total
        return means

    def _visible(self, points: Floats) -> Floats:
        """Share of each patch that each point sees, from four places on the patch."""
        places, shares = geometry.spread(self.patches.corners_m, 2)
        seen = np.zeros((len(points), len(places)))
        for k in range(places.shape[1]):
            hidden = geometry.blocked(
                points[:, :1], points[:, 1:2], places[None, :, k, 0], places[None, :, k, 1], self.walls
            )
            seen += np.where(hidden, 0.0, shares[:, k])
        return seen


def build(room: Room, patch_m: float | None = None) -> Transfer:
    """Patches, form factors and the solved inter-reflection of a room.

    :raises LightingError: room.*
    """
    patches = cut(room, patch_m)
    corners = outline(room)
    walls = np.zeros((0, 4)) if is_convex(corners) else wall_segments(corners)
    factors = _form_factors(patches, walls)
    system = -factors * patches.reflectance
    system[np.diag_indices_from(system)] += 1.0
    total: Floats = np.linalg.inv(system).astype(np.float64)
    return Transfer(room, corners, walls, patches, factors, total)


def _form_factors(patches: Patches, walls: Floats) -> Floats:
    """[p, p], rows sum to 1 and A_i F_ij = A_j F_ji, so that no light is lost or made.

    Each pair once: from points on one patch to the whole of the other, by Lambert's formula; what the sampling
    leaves over is evened out by scaling rows and columns alike (Sinkhorn).
    """
    i, j = _facing_pairs(patches)
    gap = np.linalg.norm(patches.centres_m[i] - patches.centres_m[j], axis=1)
    ratio = gap / np.maximum(patches.sizes_m[i], patches.sizes_m[j])
    flux = np.zeros((len(patches.areas_m2), len(patches.areas_m2)))
    nearest = np.inf
    for count, limit in _SAMPLING:
        members = (ratio < nearest) & (ratio >= limit)
        nearest = limit
        a, b = i[members], j[members]
        if len(a):
            flux[a, b] = _pair_factors(patches, a, b, count, walls) * patches.areas_m2[a]
    flux += flux.T
    return _balanced(flux, patches.areas_m2) / patches.areas_m2[:, None]


def _facing_pairs(patches: Patches) -> tuple[Ints, Ints]:
    i, j = np.triu_indices(len(patches.areas_m2), 1)
    different = patches.surface[i] != patches.surface[j]
    i, j = i[different], j[different]
    # A patch sees another only if some corner of each lies in front of the other.
    front = _in_front(patches, i, j) & _in_front(patches, j, i)
    return i[front], j[front]


def _in_front(patches: Patches, i: Ints, j: Ints) -> Bools:
    """Whether a corner of patch j is in front of patch i's plane; tabulated per pair of surfaces' patches."""
    offset = (patches.normals * patches.corners_m[:, 0]).sum(axis=1)
    highest = np.full((len(patches.areas_m2), len(patches.areas_m2)), -np.inf)
    for k in range(4):
        np.maximum(highest, patches.normals @ patches.corners_m[:, k].T - offset[:, None], out=highest)
    ahead: Bools = highest[i, j] > 1e-6
    return ahead


def _pair_factors(patches: Patches, a: Ints, b: Ints, count: int, walls: Floats) -> Floats:
    places, shares = geometry.spread(patches.corners_m, count)
    clip = len(walls) > 0
    total = np.zeros(len(a))
    for k in range(places.shape[1]):
        factor = geometry.pairs_to_polygons(places[a, k], patches.normals[a], patches.corners_m[b], clip=clip)
        if clip:
            factor *= _seen(places[a, k], patches, b, walls)
        total += shares[a, k] * factor
    return total


def _seen(points: Floats, patches: Patches, b: Ints, walls: Floats) -> Floats:
    # Two places on the target halve the steps of the shadow's edge at little cost.
    share = np.zeros(len(points))
    for corner in (0, 2):
        target = 0.5 * (patches.centres_m[b] + patches.corners_m[b, corner])
        hidden = geometry.blocked(points[:, 0], points[:, 1], target[:, 0], target[:, 1], walls)
        share += np.where(hidden, 0.0, 0.5)
    return share


def _balanced(flux: Floats, areas: Floats) -> Floats:
    """The symmetric matrix scaled on both sides by one vector until its rows sum to the areas."""
    scale = np.ones(len(areas))
    for _ in range(_BALANCE_STEPS):
        sums = scale * (flux @ scale)
        step = np.sqrt(areas / np.maximum(sums, 1e-300))
        scale *= step
        if np.all(np.abs(step - 1.0) < 1e-7):
            break
    balanced: Floats = flux * scale[:, None] * scale[None, :]
    return balanced
