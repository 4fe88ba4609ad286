"""The illuminance of one room while luminaires are dragged through it.

All that depends on the room alone is made once. Each luminaire's share is kept, so that moving one of
hundreds costs one luminaire: the sums lose its old share and gain its new one. A LiveRoom belongs to one
thread at a time; results and copies may be handed to others.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import shapely

from presales_desktop.lighting import direct, grids, radiosity, rooms
from presales_desktop.lighting.direct import LuminaireInput, Point3
from presales_desktop.lighting.errors import LightingError
from presales_desktop.lighting.grids import Grid, GridPoints
from presales_desktop.lighting.indirect import IndirectMap
from presales_desktop.lighting.patch_light import PatchLight
from presales_desktop.lighting.rooms import CEILING, FIRST_WALL, FLOOR, Reflectance, Room, Space, check, space_of

__all__ = ["Grid", "LiveRoom", "LuminaireInput", "LuxResult", "Reflectance", "Room"]

Floats = npt.NDArray[np.float64]
Floats32 = npt.NDArray[np.float32]

_INSIDE_M = 1e-6
_LATTICE_SHARE = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class LuxResult:
    """What a room's light comes to; illuminances in lx, maintained.

    Tables are [rows along ``y_m``, columns along ``x_m``], NaN outside the room's inset. Averages and extremes
    are those of the grid's points. ``outside`` names luminaires that stand outside the room and light nothing.
    """

    average_lux: float
    minimum_lux: float
    maximum_lux: float
    uniformity: float  # U0 = minimum / average
    diversity: float  # Ud = minimum / maximum
    x_m: Floats
    y_m: Floats
    values_lux: Floats32
    direct_lux: Floats32
    indirect_lux: Floats32
    ceiling_average_lux: float
    floor_average_lux: float
    wall_average_lux: tuple[float, ...]  # in the order of the outline, counter-clockwise
    watts: float
    lpd_w_m2: float
    lpd_workplane_w_m2: float
    outside: tuple[Hashable, ...]


@dataclass(frozen=True, slots=True, eq=False)
class _Share:
    luminaire: LuminaireInput
    direct: Floats32  # [n] at the points, before maintenance
    patches: Floats32  # [p] on the patches; empty without inter-reflection
    inside: bool


class _Scene:
    """What is made once for a room and a grid, and shared by all copies."""

    def __init__(self, space: Space, grid: Grid, interreflection: bool) -> None:
        room = space.rooms[0]
        self.polygon = check(room)
        self.room = room
        solid = rooms.footprints(room, grid.height_m)
        self.points: GridPoints = grids.lay(self.polygon, rooms.lowest_ceiling(room), grid, solid)
        self.area_m2 = float(self.polygon.area)
        x1, y1, _, _ = self.polygon.bounds
        self.origin: Point3 = (x1, y1, 0.0)
        self.zone = self.polygon.buffer(_INSIDE_M, join_style="mitre")
        shapely.prepare(self.zone)
        self.transfer = radiosity.build(space)
        places = self.points.points_m
        self.x = (places[:, 0] - x1).astype(np.float32)
        self.y = (places[:, 1] - y1).astype(np.float32)
        self.z = np.float32(self.points.height_m)
        # Where most of the lattice is left out, points one by one are fewer.
        self.lattice: direct.Lattice | None = None
        if self.points.inside.mean() > _LATTICE_SHARE:
            self.lattice = direct.Lattice(self.points.x_m - x1, self.points.y_m - y1, self.points.height_m)
        self.sight = self.transfer.sight.moved((x1, y1))
        self.patch_light: PatchLight | None = None
        self.indirect: IndirectMap | None = None
        self.averages: Floats32 = np.zeros((FIRST_WALL, 0), dtype=np.float32)
        if interreflection:
            self.patch_light = PatchLight(self.transfer, self.origin)
            self.indirect = IndirectMap(self.transfer, self.points, shapely.difference(self.polygon, solid))
            self.averages = self.transfer.surface_averages().astype(np.float32)
        self._whole = bool(self.points.inside.all())
        self._none: Floats32 = np.zeros(self.patch_count, dtype=np.float32)
        self._no_direct: Floats32 = np.zeros(len(self.x), dtype=np.float32)

    @property
    def patch_count(self) -> int:
        return int(self.averages.shape[1])

    def shares(self, luminaires: list[LuminaireInput]) -> list[_Share]:
        """Each luminaire's light; those alike go through the patches together."""
        answer = [self._dark(luminaire) for luminaire in luminaires]
        alike: dict[tuple[int, float, float], list[int]] = {}
        for k in np.nonzero(self._contain([luminaire.position_m for luminaire in luminaires]))[0].tolist():
            luminaire = luminaires[k]
            kind = (id(luminaire.photometry), luminaire.rotation_deg, luminaire.tilt_deg)
            alike.setdefault(kind, []).append(k)
        for members in alike.values():
            lights = direct.sources([luminaires[k] for k in members], self.origin)
            patches = [self._none] * len(members)
            if self.patch_light is not None:
                patches = self.patch_light.of(lights, luminaires[members[0]].photometry)
            for k, lux, onto in zip(members, self._on_grid(lights), patches, strict=True):
                answer[k] = _Share(luminaires[k], lux, onto, inside=True)
        return answer

    def _on_grid(self, lights: list[direct.Source]) -> Iterable[Floats32]:
        if self.lattice is None:
            table = np.array([direct.illuminance(light, self.x, self.y, self.z) for light in lights])
        else:
            table = self.lattice.illuminance(lights)
            if not self._whole:
                table = table[:, self.points.inside.reshape(-1)]
        if not self.sight.clear:
            x, y = self.x.astype(np.float64), self.y.astype(np.float64)
            for light, lux in zip(lights, table, strict=True):
                lux[self.sight.blocked(light.x, light.y, light.z, x, y, float(self.z))] = 0.0
        return table

    def _dark(self, luminaire: LuminaireInput) -> _Share:
        return _Share(luminaire, self._no_direct, self._none, inside=False)

    def _contain(self, positions: list[Point3]) -> npt.NDArray[np.bool_]:
        x, y, z = np.array(positions, dtype=np.float64).reshape(-1, 3).T
        in_height = (z >= -_INSIDE_M) & (z <= rooms.ceiling_at(self.room, x, y) + _INSIDE_M)
        inside: npt.NDArray[np.bool_] = in_height & np.asarray(shapely.contains_xy(self.zone, x, y), dtype=np.bool_)
        return inside


class LiveRoom:
    """A room with its luminaires, always up to date.

    :param room: or a space of this one room with its doors and windows, which count as panes
    :param maintenance_factor: 0 to 1, applied to all results
    :param interreflection: False leaves the surfaces' light out
    :raises LightingError: room.*, grid.*, luminaire.* with ``field``
    """

    def __init__(
        self, room: Room | Space, grid: Grid, maintenance_factor: float = 0.8, *, interreflection: bool = True
    ) -> None:
        self._scene = _Scene(space_of(room), grid, interreflection)
        self._factor = _maintenance(maintenance_factor)
        self._shares: dict[Hashable, _Share] = {}
        self._direct = np.zeros(len(self._scene.x))
        self._patches = np.zeros(self._scene.patch_count)

    @property
    def room(self) -> Room:
        """The room it was built for; another geometry needs another LiveRoom."""
        return self._scene.room

    @property
    def transfer(self) -> radiosity.Transfer:
        """Patches and inter-reflection of the room, for what is calculated beside the grid; never changed."""
        return self._scene.transfer

    @property
    def luminaires(self) -> tuple[LuminaireInput, ...]:
        """What is in the room now, in the order of addition."""
        return tuple(share.luminaire for share in self._shares.values())

    def set_luminaires(self, luminaires: Iterable[LuminaireInput]) -> None:
        """Exactly these luminaires; those that did not change cost nothing.

        :raises LightingError: luminaire.duplicate_key, luminaire.* as :meth:`add`
        """
        items = list(luminaires)
        wanted = {luminaire.key: luminaire for luminaire in items}
        if len(wanted) != len(items):
            keys = [luminaire.key for luminaire in items]
            twice = next(key for key in keys if keys.count(key) > 1)
            raise LightingError("luminaire.duplicate_key", field="key", found=str(twice))
        old = self._shares
        new = [item for item in items if (before := old.get(item.key)) is None or before.luminaire != item]
        for luminaire in new:
            _check(luminaire)
        made = {share.luminaire.key: share for share in self._scene.shares(new)}
        self._shares = {key: made.get(key) or old[key] for key in wanted}
        self._sum_up()

    def add(self, luminaire: LuminaireInput) -> None:
        """One more luminaire, or another one in place of that with the same key.

        :raises LightingError: luminaire.not_finite, luminaire.flux_factor
        """
        _check(luminaire)
        self._replace(luminaire.key, self._scene.shares([luminaire])[0])

    def remove(self, key: Hashable) -> None:
        """The luminaire is gone; an unknown key changes nothing."""
        self._replace(key, None)

    def move(
        self,
        key: Hashable,
        position_m: Point3,
        rotation_deg: float | None = None,
        tilt_deg: float | None = None,
    ) -> None:
        """The luminaire elsewhere; None keeps its rotation or tilt. Outside the room it lights nothing.

        :raises KeyError: no such luminaire
        :raises LightingError: luminaire.not_finite
        """
        luminaire = self._shares[key].luminaire
        self.add(
            replace(
                luminaire,
                position_m=position_m,
                rotation_deg=luminaire.rotation_deg if rotation_deg is None else rotation_deg,
                tilt_deg=luminaire.tilt_deg if tilt_deg is None else tilt_deg,
            )
        )

    def set_maintenance_factor(self, maintenance_factor: float) -> None:
        """Another maintenance factor, 0 to 1.

        :raises LightingError: scene.maintenance_factor
        """
        self._factor = _maintenance(maintenance_factor)

    def result(self) -> LuxResult:
        """The figures and tables of this moment; the arrays are the caller's own."""
        scene, points = self._scene, self._scene.points
        straight = np.maximum(self._direct * self._factor, 0.0)
        light = np.maximum(self._patches * self._factor, 0.0).astype(np.float32)
        bounced = scene.indirect.at_points(light) if scene.indirect is not None else np.zeros_like(straight)
        values = straight + bounced
        averages = scene.averages @ light if scene.patch_count else np.full(FIRST_WALL, np.nan)
        average, low, high = float(values.mean()), float(values.min()), float(values.max())
        watts = sum(share.luminaire.power_w for share in self._shares.values())
        return LuxResult(
            average_lux=average,
            minimum_lux=low,
            maximum_lux=high,
            uniformity=low / average if average > 0 else 0.0,
            diversity=low / high if high > 0 else 0.0,
            x_m=points.x_m,
            y_m=points.y_m,
            values_lux=points.spread(values),
            direct_lux=points.spread(straight),
            indirect_lux=points.spread(bounced),
            ceiling_average_lux=float(averages[CEILING]),
            floor_average_lux=float(averages[FLOOR]),
            wall_average_lux=tuple(float(value) for value in averages[FIRST_WALL:]),
            watts=watts,
            lpd_w_m2=watts / scene.area_m2,
            lpd_workplane_w_m2=watts / points.area_m2 if points.area_m2 > 0 else 0.0,
            outside=tuple(key for key, share in self._shares.items() if not share.inside),
        )

    def at_points(self, points_m: Floats, normals: Floats) -> tuple[Floats, Floats]:
        """(total, direct) illuminance in lx, maintained, at any points [n, 3] with unit normals [n, 3].

        Exact, without the interpolation between the grid's nodes; milliseconds per hundred points.
        """
        scene = self._scene
        places = points_m - np.array(scene.origin)
        x, y, z = (np.ascontiguousarray(column) for column in places.T.astype(np.float32))
        normal = tuple(np.ascontiguousarray(column) for column in normals.T.astype(np.float32))
        total = np.zeros(len(points_m))
        for share in self._shares.values():
            if share.inside:
                light = direct.source(share.luminaire, scene.origin)
                lux = direct.illuminance(light, x, y, z, (normal[0], normal[1], normal[2]))
                if not scene.sight.clear:
                    lux[scene.sight.blocked(light.x, light.y, light.z, *places.T)] = 0.0
                total += lux
        straight = total * self._factor
        if scene.patch_count == 0:
            return straight, straight
        bounced = scene.transfer.to_points(points_m, normals) @ (self._patches * self._factor)
        return straight + bounced, straight

    def patch_light(self) -> tuple[Floats, Floats]:
        """(direct, total) illuminance [p] on the room's patches in lx, maintained; empty without inter-reflection."""
        if self._scene.patch_count == 0:
            return self._patches, self._patches
        straight = self._patches * self._factor
        return straight, self._scene.transfer.total @ straight

    def copy(self) -> LiveRoom:
        """Another room with the same luminaires; cheap, and changes of either do not show in the other."""
        other = object.__new__(LiveRoom)
        other._scene = self._scene
        other._factor = self._factor
        other._shares = dict(self._shares)
        other._direct = self._direct.copy()
        other._patches = self._patches.copy()
        return other

    def _replace(self, key: Hashable, share: _Share | None) -> None:
        before = self._shares.get(key)
        if before is not None:
            self._direct -= before.direct
            self._patches -= before.patches
        if share is None:
            self._shares.pop(key, None)
        else:
            self._shares[key] = share
            self._direct += share.direct
            self._patches += share.patches

    def _sum_up(self) -> None:
        self._direct = np.zeros(len(self._scene.x))
        self._patches = np.zeros(self._scene.patch_count)
        for share in self._shares.values():
            self._direct += share.direct
            self._patches += share.patches


def _check(luminaire: LuminaireInput) -> None:
    # A sum is finite only if all its parts are.
    if not math.isfinite(sum(luminaire.position_m) + luminaire.rotation_deg + luminaire.tilt_deg):
        raise LightingError("luminaire.not_finite", field="position_m")
    if not 0.0 <= luminaire.flux_factor <= 1000.0:
        raise LightingError(
            "luminaire.flux_factor", field="flux_factor", expected="0…1000", found=f"{luminaire.flux_factor:g}"
        )


def _maintenance(factor: float) -> float:
    if not 0.0 < factor <= 1.0:
        raise LightingError("scene.maintenance_factor", field="maintenance_factor", expected="0…1", found=f"{factor:g}")
    return factor
