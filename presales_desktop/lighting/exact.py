"""Light at any points of a room, without the short cuts that dragging needs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from presales_desktop.lighting import direct, geometry, radiosity
from presales_desktop.lighting.direct import LuminaireInput
from presales_desktop.lighting.patch_light import PatchLight
from presales_desktop.lighting.rooms import Room, check

Floats = npt.NDArray[np.float64]

_POINTS_AT_A_TIME = 2000


class ExactRoom:
    """A room with its luminaires (all of them inside).

    :raises LightingError: room.*
    """

    def __init__(self, room: Room, luminaires: Sequence[LuminaireInput], *, interreflection: bool = True) -> None:
        x1, y1, _, _ = check(room).bounds
        self.origin = (x1, y1, 0.0)
        self.transfer = radiosity.build(room)
        self.lights = [direct.source(luminaire, self.origin) for luminaire in luminaires]
        self.patches: Floats | None = None
        if interreflection:
            patch_light = PatchLight(self.transfer, self.origin)
            self.patches = np.zeros(len(self.transfer.patches.areas_m2))
            for light, luminaire in zip(self.lights, luminaires, strict=True):
                self.patches += patch_light.of([light], luminaire.photometry)[0]

    def at_points(self, points_m: Floats, normals: Floats) -> tuple[Floats, Floats]:
        """(total, direct) illuminance [n] in lx, before maintenance, at points [n, 3] with unit normals [n, 3]."""
        total, straight = np.zeros(len(points_m)), np.zeros(len(points_m))
        for start in range(0, len(points_m), _POINTS_AT_A_TIME):
            rows = slice(start, start + _POINTS_AT_A_TIME)
            straight[rows] = self._direct(points_m[rows], normals[rows])
            total[rows] = straight[rows]
            if self.patches is not None:
                total[rows] += self.transfer.to_points(points_m[rows], normals[rows]) @ self.patches
        return total, straight

    def _direct(self, points_m: Floats, normals: Floats) -> Floats:
        places = points_m - np.array(self.origin)
        x, y, z = (np.ascontiguousarray(column) for column in places.T.astype(np.float32))
        nx, ny, nz = (np.ascontiguousarray(column) for column in normals.T.astype(np.float32))
        walls = self.transfer.walls - np.tile(self.origin[:2], 2)
        total = np.zeros(len(points_m))
        for light in self.lights:
            lux = direct.illuminance(light, x, y, z, (nx, ny, nz))
            if len(walls):
                lux[geometry.blocked(light.x, light.y, places[:, 0], places[:, 1], walls)] = 0.0
            total += lux
        return total
