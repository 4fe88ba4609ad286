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

from presales_desktop.lighting import direct, geometry
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
BATCH = 8


class PatchLight:
    """Samples on all patches, made once for a room; :meth:`of` answers for luminaires."""

    def __init__(self, transfer: Transfer, origin_m: tuple[float, float, float]) -> None:
        patches = transfer.patches
        origin = np.array(origin_m)
        centres = (patches.centres_m - origin).astype(np.float32)
        self._centres = [np.ascontiguousarray(column) for column in centres.T]
        self._inverse_size2 = (1.0 / patches.sizes_m**2).astype(np.float32)
        self._areas = patches.areas_m2.astype(np.float32)
        self._height = transfer.room.height_m
        self._walls = transfer.walls - np.tile(origin[:2], 2)
        self._outline = transfer.corners - origin[:2]
        self._lowest = (patches.corners_m[:, :, 2].min(axis=1) - origin_m[2]).astype(np.float32)
        self._patch_m = float(np.sqrt(np.median(patches.areas_m2)))
        # All samples of all sets, one after the other: x, y, z, normal and share of the patch.
        columns: list[list[Floats]] = [[] for _ in range(7)]
        for side in _SIDES:
            points, shares = geometry.spread(patches.corners_m, side)
            normals = np.repeat(patches.normals, side * side, axis=0)
            parts = [*(points - origin).reshape(-1, 3).T, *normals.T, shares.ravel()]
            for column, part in zip(columns, parts, strict=True):
                column.append(part)
        self._samples = [np.concatenate(column).astype(np.float32) for column in columns]

    def of(self, lights: Sequence[direct.Source], photometry: Photometry) -> list[Floats32]:
        """Direct illuminance [p] in lx, averaged over each patch, for luminaires alike but in place and factor."""
        answer: list[Floats32] = []
        for start in range(0, len(lights), BATCH):
            batch = lights[start : start + BATCH]
            mean, near = self._means(batch, photometry)
            answer += [self._scaled(mean[k], near[k], light, photometry) for k, light in enumerate(batch)]
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
        patches = level.shape[1]
        owners, samples, starts = self._choose(level)
        n_owner = owners // patches
        sx, sy, sz, nx, ny, nz, share = (column[samples] for column in self._samples)
        like = replace(self._split_by_patches(lights[0]), factor=1.0)
        lux = direct.toward(like, sx - x[n_owner], sy - y[n_owner], sz - z[n_owner], (nx, ny, nz))
        lux *= share
        if len(self._walls):
            lux[self._hidden(lights, n_owner, sx, sy)] = 0.0
        mean = np.zeros(level.size, dtype=np.float32)
        if len(starts):
            mean[owners[starts]] = np.add.reduceat(lux, starts)
        factors = np.array([[light.factor] for light in lights], dtype=np.float32)
        return mean.reshape(level.shape) * factors, level == len(_SIDES) - 1

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

    def _choose(self, level: npt.NDArray[np.int8]) -> tuple[Ints, Ints, Ints]:
        """(flat [light, patch] of each sample, its place among all samples, where each patch's samples begin)."""
        patches = level.shape[1]
        flat = level.ravel()
        owners, samples, starts = [], [], []
        base, filled = 0, 0
        for k, side in enumerate(_SIDES):
            count = side * side
            members = np.nonzero(flat == k)[0]
            first = base + (members % patches) * count
            owners.append(np.repeat(members, count))
            samples.append((first[:, None] + np.arange(count)).ravel())
            starts.append(filled + np.arange(len(members)) * count)
            filled += len(members) * count
            base += patches * count
        return np.concatenate(owners), np.concatenate(samples), np.concatenate(starts)

    def _hidden(
        self, lights: Sequence[direct.Source], n_owner: Ints, sx: Floats32, sy: Floats32
    ) -> npt.NDArray[np.bool_]:
        from_x = np.array([light.x for light in lights])[n_owner]
        from_y = np.array([light.y for light in lights])[n_owner]
        return geometry.blocked(from_x, from_y, sx.astype(np.float64), sy.astype(np.float64), self._walls)

    def _split_by_patches(self, light: direct.Source) -> direct.Source:
        """An opening split no finer than the patches: they smooth what is smaller."""
        places = min(8, math.ceil(light.size_m / (_OPENING_SHARE * self._patch_m)))
        if places <= 1:
            return replace(light, along_c0_m=0.0, along_c90_m=0.0)
        return replace(light, splits=((0.0, places),))

    def _scaled(
        self, mean: Floats32, near: npt.NDArray[np.bool_], light: direct.Source, photometry: Photometry
    ) -> Floats32:
        due = self._arriving(light, photometry)
        flux = mean * self._areas
        arrived = float(flux.sum())
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

    def _arriving(self, light: direct.Source, photometry: Photometry) -> float | None:
        """The flux in lm that must arrive on all patches together; None for a luminaire set into a wall."""
        if _distance(light.x, light.y, self._outline) <= RECESSED_M:
            return None
        if light.z >= self._height - RECESSED_M:
            return light.factor * photometry.lumens_below(math.degrees(light.tilt_rad))
        if light.z <= RECESSED_M:
            return light.factor * (photometry.lumens - photometry.lumens_below(math.degrees(light.tilt_rad)))
        return light.factor * photometry.lumens


def _distance(x: float, y: float, outline: Floats) -> float:
    """From a point to the nearest wall in plan, m; a loop, since rooms have few corners."""
    nearest = math.inf
    x1, y1 = outline[-1].tolist()
    for x2, y2 in outline.tolist():
        dx, dy = x2 - x1, y2 - y1
        t = min(max(((x - x1) * dx + (y - y1) * dy) / (dx * dx + dy * dy), 0.0), 1.0)
        nearest = min(nearest, math.hypot(x - x1 - t * dx, y - y1 - t * dy))
        x1, y1 = x2, y2
    return nearest
