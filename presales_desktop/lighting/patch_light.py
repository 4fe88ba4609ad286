"""The light that luminaires send onto each of a room's patches.

Integrated over the patch, finer where it is near, and scaled so that all patches together receive exactly
the luminaire's flux: a patch's centre alone errs by some 15 % of the room's average in small rooms.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import shapely

from presales_desktop.lighting import direct, geometry, rooms
from presales_desktop.lighting.photometry import Floats32, Photometry
from presales_desktop.lighting.radiosity import Transfer

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

# Samples along a patch's side, and below which distance in patch diagonals the next finer set is due.
_SIDES = (1, 2, 4, 8)
_LIMITS = (4.0, 1.6, 0.75)
_OPENING_SHARE = 0.75
# A luminaire nearer than this to a surface is recessed into it.
RECESSED_M = 1e-3
# Larger differences than this, with a surface very near, come from the nearest patches alone.
_SAMPLING_ERROR = 0.05
# So many luminaires at a time: enough to make the steps long, few enough to stay in the cache.
BATCH = 50


class PatchLight:
    """Samples on all patches, made once for a room; :meth:`of` answers for luminaires."""

    def __init__(self, transfer: Transfer, origin_m: tuple[float, float, float]) -> None:
        patches = transfer.patches
        origin = np.array(origin_m)
        centres = (patches.centres_m - origin).astype(np.float32)
        self._centres = [np.ascontiguousarray(column) for column in centres.T]
        self._inverse_size2 = (1.0 / patches.sizes_m**2).astype(np.float32)
        self._areas = patches.areas_m2.astype(np.float32)
        self._rooms = transfer.space.rooms
        self._origin = origin
        self._sight = transfer.sight.moved(origin_m)
        self._outlines = [rooms.outline(room) - origin[:2] for room in self._rooms]
        self._lowest = (patches.corners_m[:, :, 2].min(axis=1) - origin_m[2]).astype(np.float32)
        self._patch_m = float(np.sqrt(np.median(patches.areas_m2)))
        # Of each set, [sample, patch]: x, y, z and share of the patch; the first has one sample a patch.
        self._sets: list[list[Floats32]] = []
        for side in _SIDES:
            points, shares = geometry.spread(patches.corners_m, side)
            parts = [*np.moveaxis(points - origin, (2, 1), (0, 1)), shares.T]
            self._sets.append([np.ascontiguousarray(part, dtype=np.float32) for part in parts])
        self._normals = [np.ascontiguousarray(column, dtype=np.float32) for column in patches.normals.T]

    def of(self, lights: Sequence[direct.Source], photometry: Photometry) -> list[Floats32]:
        """Direct illuminance [p] in lx, averaged over each patch, for luminaires alike but in place and factor."""
        answer: list[Floats32] = []
        due = self._arriving(lights, photometry)
        for start in range(0, len(lights), BATCH):
            batch = lights[start : start + BATCH]
            mean, near = self._means(batch, photometry)
            flux = mean * self._areas
            arrived = flux.sum(axis=1, dtype=np.float64).tolist()
            for k in range(len(batch)):
                answer.append(_scaled(mean[k], flux[k], near[k], due[start + k], arrived[k]))
        return answer

    def _means(self, lights: Sequence[direct.Source], photometry: Photometry) -> tuple[Floats32, npt.NDArray[np.bool_]]:
        """([lights, p] lx by sampling, which patches are very near)."""
        x, y, z = (
            np.array(values, dtype=np.float32) for values in zip(*((s.x, s.y, s.z) for s in lights), strict=True)
        )
        level = self._levels(x, y, z)
        if photometry.no_uplight and lights[0].tilt_rad == 0.0:
            # Most luminaires hang under the ceiling and throw nothing upward: what is above them stays dark.
            level[self._lowest >= z[:, None]] = -1
        like = replace(self._split_by_patches(lights[0]), factor=1.0)
        mean = np.zeros(level.shape, dtype=np.float32)
        # One sample suffices for nearly all patches: all pairs at once, without picking any out.
        lit = np.nonzero((level == 0).any(axis=0))[0]
        if len(lit):
            mean[:, lit] = self._lux(like, (x[:, None], y[:, None], z[:, None]), 0, lit)
            mean[level != 0] = 0.0
        for k in range(1, len(_SIDES)):
            owner, patch = np.divmod(np.flatnonzero(level == k), level.shape[1])
            if len(owner):
                lux = self._lux(like, (x[owner], y[owner], z[owner]), k, patch)
                mean[owner, patch] = lux.sum(axis=0)
        mean *= np.array([[light.factor] for light in lights], dtype=np.float32)
        return mean, level == len(_SIDES) - 1

    def _lux(self, like: direct.Source, places: Sequence[Floats32], level: int, patch: Ints) -> Floats32:
        """lx at the samples of patches from luminaires at ``places``, times the samples' shares."""
        sx, sy, sz, share = (column.take(patch, axis=1) for column in self._sets[level])
        x, y, z = places
        normal = (self._normals[0].take(patch), self._normals[1].take(patch), self._normals[2].take(patch))
        lux = direct.toward(like, sx - x, sy - y, sz - z, normal)
        if level > 0:
            lux *= share
        if not self._sight.clear:
            lux[self._sight.blocked(x, y, z, sx, sy, sz)] = 0.0
        return lux

    def _levels(self, x: Floats32, y: Floats32, z: Floats32) -> npt.NDArray[np.int8]:
        """[lights, p]: which set of samples each patch takes."""
        nearness = np.zeros((len(x), len(self._areas)), dtype=np.float32)
        for centre, place in zip(self._centres, (x, y, z), strict=True):
            gap = centre - place[:, None]
            gap *= gap
            nearness += gap
        nearness *= self._inverse_size2
        level = np.zeros(nearness.shape, dtype=np.int8)
        for limit in _LIMITS:
            level += nearness < limit * limit
        return level

    def _split_by_patches(self, light: direct.Source) -> direct.Source:
        """An opening split no finer than the patches: they smooth what is smaller."""
        places = min(8, math.ceil(light.size_m / (_OPENING_SHARE * self._patch_m)))
        if places <= 1:
            return replace(light, along_c0_m=0.0, along_c90_m=0.0)
        return replace(light, splits=((0.0, places),))

    def _arriving(self, lights: Sequence[direct.Source], photometry: Photometry) -> list[float | None]:
        """The flux in lm that must arrive on all patches together; None for a luminaire set into a wall."""
        if not lights:
            return []
        below = photometry.lumens_below(math.degrees(lights[0].tilt_rad))
        whole = photometry.lumens
        in_wall = np.min([_distances(lights, outline) for outline in self._outlines], axis=0) <= RECESSED_M
        due: list[float | None] = []
        for light, recessed in zip(lights, in_wall.tolist(), strict=True):
            flux = whole
            room = self._room_of(light)
            if room is not None and light.z >= self._roof(room, light) - RECESSED_M:
                if room.sloped:
                    # How much of the light a slanting roof swallows is left to the sampling.
                    due.append(None)
                    continue
                flux = below
            elif light.z <= RECESSED_M:
                flux = whole - below
            due.append(None if recessed else light.factor * flux)
        return due

    def _room_of(self, light: direct.Source) -> rooms.Room | None:
        """The room that the luminaire hangs in; of one room alone no question."""
        if len(self._rooms) == 1:
            return self._rooms[0]
        x, y = light.x + self._origin[0], light.y + self._origin[1]
        return next((room for room in self._rooms if shapely.Polygon(room.polygon_m).covers(shapely.Point(x, y))), None)

    def _roof(self, room: rooms.Room, light: direct.Source) -> float:
        if not room.sloped:
            return room.height_m
        x, y = light.x + self._origin[0], light.y + self._origin[1]
        return float(rooms.ceiling_at(room, np.array(x), np.array(y)))


def _scaled(mean: Floats32, flux: Floats32, near: npt.NDArray[np.bool_], due: float | None, arrived: float) -> Floats32:
    """``mean`` so that the patches receive ``due`` lm together."""
    if due is None or arrived <= 0.0 or due <= 0.0:
        return mean
    scale = due / arrived
    if abs(scale - 1.0) > _SAMPLING_ERROR:
        close = float(flux[near].sum())
        missing = due - (arrived - close)
        if close > _SAMPLING_ERROR * due and missing > 0.0:
            mean[near] *= np.float32(missing / close)
            return mean
    mean *= np.float32(scale)
    return mean


def _distances(lights: Sequence[direct.Source], outline: Floats) -> Floats:
    """From each light to the nearest wall in plan, m; a loop over walls, since rooms have few."""
    x, y = np.array([light.x for light in lights]), np.array([light.y for light in lights])
    nearest = np.full(len(lights), math.inf)
    x1, y1 = outline[-1].tolist()
    for x2, y2 in outline.tolist():
        dx, dy = x2 - x1, y2 - y1
        t = np.clip(((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy), 0.0, 1.0)
        np.minimum(nearest, np.hypot(x - x1 - t * dx, y - y1 - t * dy), out=nearest)
        x1, y1 = x2, y2
    return nearest
