"""Inter-reflection between a room's diffuse surfaces: form factors once, then one product a change.

E = E0 + F rho E on the patches, so E = (I - F rho)^-1 E0, and the light that the surfaces send to a
point is f rho E with f its form factors (Goral et al. 1984; CIE 171:2006 5.8 is the test).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from presales_desktop.lighting import geometry, sight
from presales_desktop.lighting.rooms import FIRST_WALL, Room, Space, outline, space_of
from presales_desktop.lighting.sight import Sight
from presales_desktop.lighting.surfaces import Patches, cut

Floats = npt.NDArray[np.float64]
Floats32 = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

# (samples along a side, distance in patch diagonals from which so few do); touching patches need the most.
_SAMPLING = ((1, 6.5), (2, 1.5), (4, 0.9), (8, 0.0))
_BALANCE_STEPS = 300
# Geometries kept; one takes 10 MB, at most 40.
_KEPT = 4
# Of patches that see one another in part, so many samples along a side at least.
_SHADED_SAMPLES = 2
_PROBES = (0.01, 0.5, 0.99)
_SEEN_AT_ALL = 1e-7
# Cells along the side of a patch that a point sees in part, fewer for many points.
_CELLS = (3, 24)
_CELLS_AT_MOST = 3e5
# A patch that sees less than this share of a hemisphere is covered by something else.
_CLOSED_IN = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class Transfer:
    """The geometry of a space (often one room) and how its patches light one another."""

    space: Space
    sight: Sight  # what can stand in the way
    patches: Patches
    form_factors: Floats  # [p, p]
    total: Floats  # [p, p]: E = total @ E0

    def to_points(self, points: Floats, normals: Floats, *, fine: bool = True) -> Floats:
        """[n, p]: indirect illuminance at the points = this @ E0 (direct illuminance of the patches).

        ``points`` [n, 3] in m, ``normals`` [n, 3] unit vectors; ``fine`` follows the edges of shadows within patches.
        """
        f = geometry.point_to_polygons(points, normals, self.patches.corners_m)
        if not self.sight.clear:
            seen = self._visible(points, f > _SEEN_AT_ALL)
            f *= seen
            if fine:
                self._refine(f, (seen > 0.0) & (seen < 1.0), points, normals)
        bounced: Floats = (f * self.patches.reflectance) @ self.total
        return bounced

    def surface_averages(self) -> Floats:
        """[2 + walls, p]: mean illuminance of floor, ceiling and each wall of the first room = this @ E0."""
        surface, areas = self.patches.surface, self.patches.areas_m2
        count = FIRST_WALL + len(outline(self.space.rooms[0]))
        ours = np.nonzero((surface < count) & (self.patches.room == 0))[0]
        rows = np.zeros((count, len(areas)))
        rows[surface[ours], ours] = areas[ours]
        rows /= np.maximum(rows.sum(axis=1, keepdims=True), 1e-12)
        means: Floats = rows @ self.total
        return means

    def _visible(self, points: Floats, asked: Bools) -> Floats:
        """Share of nine places on each patch (corners, sides, middle) that each point sees; 1 where it is not ``asked``."""
        seen = np.ones(asked.shape)
        n, p = np.nonzero(asked)
        share = np.zeros(len(n))
        x, y, z = points[n].T
        for u in _PROBES:
            for v in _PROBES:
                hidden = self.sight.blocked(x, y, z, *_within(self.patches.corners_m[p], u, v).T)
                share += ~hidden
        seen[n, p] = share / len(_PROBES) ** 2
        return seen

    def _refine(self, f: Floats, partly: Bools, points: Floats, normals: Floats) -> None:
        """Form factors of patches that are hidden in part, cell by cell: the shadow's edge runs anywhere across them."""
        n, p = np.nonzero(partly)
        if len(n) == 0:
            return
        side = int(np.clip(np.sqrt(_CELLS_AT_MOST / len(n)), *_CELLS))
        total = np.zeros(len(n))
        quads = self.patches.corners_m[p]
        marks = np.linspace(0.0, 1.0, side + 1).tolist()
        for u1, u2 in pairwise(marks):
            for v1, v2 in pairwise(marks):
                corners = ((u1, v1), (u2, v1), (u2, v2), (u1, v2))
                cells = np.stack([_within(quads, u, v) for u, v in corners], axis=1)
                free = ~self.sight.blocked(*points[n].T, *_within(quads, (u1 + u2) / 2, (v1 + v2) / 2).T)
                part = geometry.pairs_to_polygons(points[n[free]], normals[n[free]], cells[free], clip=True)
                total[free] += part
        f[n, p] = total


def _within(quads: Floats, u: float, v: float) -> Floats:
    """Places [n, 3] of quads [n, 4, 3] by bilinear shares."""
    a, b, c, d = (quads[:, k] for k in range(4))
    places: Floats = (1 - u) * (1 - v) * a + u * (1 - v) * b + u * v * c + (1 - u) * v * d
    return places


def build(place: Room | Space, patch_m: float | None = None) -> Transfer:
    """Patches, form factors and the solved inter-reflection of a room, or of rooms with doors between them.

    The last few are kept: the same geometry asked for again costs nothing.

    :raises LightingError: room.*, obstruction.*, doorway.*
    """
    return _build(space_of(place), patch_m)


def forget() -> None:
    """Drop the geometries that are kept."""
    _build.cache_clear()


@lru_cache(maxsize=_KEPT)
def _build(space: Space, patch_m: float | None) -> Transfer:
    patches = cut(space, patch_m)
    between = sight.of(space)
    factors = _form_factors(patches, between)
    system = -factors * patches.reflectance
    system[np.diag_indices_from(system)] += 1.0
    total: Floats = np.linalg.inv(system).astype(np.float64)
    return Transfer(space, between, patches, factors, total)


def _form_factors(patches: Patches, between: Sight) -> Floats:
    """[p, p], rows sum to 1 and A_i F_ij = A_j F_ji, so that no light is lost or made.

    Each pair once: from points on one patch to the whole of the other, by Lambert's formula; what the sampling
    leaves over is evened out by scaling rows and columns alike (Sinkhorn).
    """
    i, j = _facing_pairs(patches)
    unsure = np.zeros(len(i), dtype=np.bool_)
    if not between.clear:
        hidden = _hidden_share(patches, i, j, between)
        keep = hidden < 1.0
        i, j, unsure = i[keep], j[keep], hidden[keep] > 0.0
    gap = np.linalg.norm(patches.centres_m[i] - patches.centres_m[j], axis=1)
    ratio = gap / np.maximum(patches.sizes_m[i], patches.sizes_m[j])
    flux = np.zeros((len(patches.areas_m2), len(patches.areas_m2)))
    nearest = np.inf
    for count, limit in _SAMPLING:
        members = (ratio < nearest) & (ratio >= limit)
        nearest = limit
        for shaded in (False, True):
            a, b = i[members & (unsure == shaded)], j[members & (unsure == shaded)]
            if len(a):
                sight_lines = between if shaded else None
                finer = max(count, _SHADED_SAMPLES) if shaded else count
                part = _pair_factors(patches, a, b, finer, sight_lines, clip=not between.clear)
                flux[a, b] = part * patches.areas_m2[a]
    flux += flux.T
    return _balanced(flux, patches.areas_m2) / patches.areas_m2[:, None]


def _hidden_share(patches: Patches, i: Ints, j: Ints, between: Sight) -> Floats:
    """How many of nine lines between patches are blocked, as a share; 0 and 1 are taken for all of the patch."""
    inner = 0.1 * patches.centres_m[:, None, :] + 0.9 * patches.corners_m
    pairs = [(patches.centres_m[i], patches.centres_m[j])]
    pairs += [(inner[i, k], inner[j, (k + turn) % 4]) for k in range(4) for turn in (0, 2)]
    blocked = np.zeros(len(i))
    for here, there in pairs:
        blocked += between.blocked(*here.T, *there.T)
    return blocked / len(pairs)


def _facing_pairs(patches: Patches) -> tuple[Ints, Ints]:
    i, j = np.triu_indices(len(patches.areas_m2), 1)
    different = patches.plane[i] != patches.plane[j]
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


def _pair_factors(patches: Patches, a: Ints, b: Ints, count: int, between: Sight | None, *, clip: bool) -> Floats:
    places, shares = geometry.spread(patches.corners_m, count)
    total = np.zeros(len(a))
    for k in range(places.shape[1]):
        factor = geometry.pairs_to_polygons(places[a, k], patches.normals[a], patches.corners_m[b], clip=clip)
        if between is not None:
            factor *= _seen(places[a, k], patches, b, between, k)
        total += shares[a, k] * factor
    return total


def _seen(points: Floats, patches: Patches, b: Ints, between: Sight, turn: int) -> Floats:
    # Two places on the target halve the steps of the shadow's edge at little cost; they change from sample to sample.
    share = np.zeros(len(points))
    for corner in (turn % 4, (turn + 2) % 4):
        target = 0.5 * (patches.centres_m[b] + patches.corners_m[b, corner])
        share += np.where(between.blocked(*points.T, *target.T), 0.0, 0.5)
    return share


def _balanced(flux: Floats, areas: Floats) -> Floats:
    """The symmetric matrix scaled on both sides by one vector until its rows sum to the areas.

    Patches that see next to nothing (within a solid, behind another) stay as they are.
    """
    scale = np.ones(len(areas))
    open_ones = flux.sum(axis=1) > _CLOSED_IN * areas
    for _ in range(_BALANCE_STEPS):
        sums = scale * (flux @ scale)
        step = np.where(open_ones, np.sqrt(areas / np.maximum(sums, 1e-300)), 1.0)
        scale *= step
        if np.all(np.abs(step - 1.0) < 1e-7):
            break
    balanced: Floats = flux * scale[:, None] * scale[None, :]
    return balanced
