"""Light at any points of a room or of several, without the short cuts that dragging needs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from presales_desktop.lighting import direct, radiosity, sight
from presales_desktop.lighting.direct import LuminaireInput
from presales_desktop.lighting.patch_light import PatchLight
from presales_desktop.lighting.rooms import Room, Space, check, space_of

Floats = npt.NDArray[np.float64]

_POINTS_AT_A_TIME = 2000
# Along the longer side of an opening that is partly hidden; its shadows are soft.
_SHADOW_PLACES = 6
_SOFT_PLACES = 24
# Smaller openings than this throw hard shadows as far as anyone can see.
_SMALL_M = 0.02


class ExactRoom:
    """A room (or rooms with doors between them) and its luminaires, all of them inside.

    :param transfer: of the same place, where it was made before
    :raises LightingError: room.*, obstruction.*, doorway.*
    """

    def __init__(
        self,
        place: Room | Space,
        luminaires: Sequence[LuminaireInput],
        *,
        interreflection: bool = True,
        transfer: radiosity.Transfer | None = None,
    ) -> None:
        space = space_of(place)
        bounds = np.array([check(room).bounds for room in space.rooms])
        self.origin = (float(bounds[:, 0].min()), float(bounds[:, 1].min()), 0.0)
        self.luminaires = tuple(luminaires)
        self.lights = [direct.source(luminaire, self.origin) for luminaire in luminaires]
        self.transfer = transfer
        self.patches: Floats | None = None
        if interreflection:
            self.transfer = transfer or radiosity.build(space)
            patch_light = PatchLight(self.transfer, self.origin)
            # By luminaire: scenes dim them one by one.
            self.by_luminaire = np.zeros((len(self.lights), len(self.transfer.patches.areas_m2)))
            for k, luminaire in enumerate(luminaires):
                self.by_luminaire[k] = patch_light.of([self.lights[k]], luminaire.photometry)[0]
            self.patches = self.by_luminaire.sum(axis=0)
        self.sight = self.transfer.sight if self.transfer is not None else sight.of(space)
        self.near = self.sight.moved(self.origin)

    def at_points(self, points_m: Floats, normals: Floats) -> tuple[Floats, Floats]:
        """(total, direct) illuminance [n] in lx, before maintenance, at points [n, 3] with unit normals [n, 3]."""
        total, straight = self.by_levels(points_m, normals, np.ones((1, len(self.lights))))
        return total[0], straight[0]

    def by_levels(self, points_m: Floats, normals: Floats, levels: Floats) -> tuple[Floats, Floats]:
        """As :meth:`at_points` for several scenes at once, [scenes, n], each with its ``levels`` [scenes, luminaires]."""
        total = np.zeros((len(levels), len(points_m)))
        straight = np.zeros_like(total)
        for start in range(0, len(points_m), _POINTS_AT_A_TIME):
            rows = slice(start, start + _POINTS_AT_A_TIME)
            straight[:, rows] = levels @ self.direct_by_luminaire(points_m[rows], normals[rows])
            total[:, rows] = straight[:, rows]
            if self.patches is not None and self.transfer is not None:
                operator = self.transfer.to_points(points_m[rows], normals[rows])
                total[:, rows] += levels @ (self.by_luminaire @ operator.T)
        return total, straight

    def direct_by_luminaire(self, points_m: Floats, normals: Floats) -> Floats:
        """[luminaires, n] direct lx."""
        places = points_m - np.array(self.origin)
        x, y, z = (np.ascontiguousarray(column) for column in places.T.astype(np.float32))
        nx, ny, nz = (np.ascontiguousarray(column) for column in normals.T.astype(np.float32))
        table = np.zeros((len(self.lights), len(points_m)))
        for k, light in enumerate(self.lights):
            table[k] = direct.illuminance(light, x, y, z, (nx, ny, nz))
            if not self.near.clear:
                table[k] *= self._seen(light, places)
        return table

    def _seen(self, light: direct.Source, places: Floats) -> Floats:
        """Share of the luminaire's opening that each place sees."""
        x, y, z = places.T
        if light.size_m <= _SMALL_M:
            return np.where(self.near.blocked(light.x, light.y, light.z, x, y, z), 0.0, 1.0)
        seen = np.zeros(len(places))
        for dx, dy, dz, share in direct.parts(light, _SHADOW_PLACES):
            hidden = self.near.blocked(light.x + dx, light.y + dy, light.z + dz, x, y, z)
            seen += np.where(hidden, 0.0, share)
        partly = np.nonzero((seen > 1e-9) & (seen < 1.0 - 1e-9))[0]
        if len(partly):
            seen[partly] = self._seen_in_part(light, places[partly])
        return seen

    def _seen_in_part(self, light: direct.Source, places: Floats) -> Floats:
        """As :meth:`_seen` for the places in a soft shadow: the edge cuts the opening anywhere, so many even steps."""
        x, y, z = (column[:, None] for column in places.T)
        offsets = np.array(direct.even_parts(light, _SOFT_PLACES))
        return np.asarray(
            1.0
            - self.near.blocked(
                light.x + offsets[:, 0], light.y + offsets[:, 1], light.z + offsets[:, 2], x, y, z
            ).mean(axis=1)
        )
