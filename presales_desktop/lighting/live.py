"""The illuminance of one room while luminaires are dragged through it (skeleton: signatures are final)."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from presales_desktop.lighting.photometry import Photometry

Floats = npt.NDArray[np.float64]
Floats32 = npt.NDArray[np.float32]
Point3 = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Reflectance:
    ceiling: float = 0.7
    walls: float = 0.5
    floor: float = 0.2


@dataclass(frozen=True, slots=True)
class Room:
    polygon_m: tuple[tuple[float, float], ...]
    height_m: float
    reflectance: Reflectance = Reflectance()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    height_m: float = 0.75
    spacing_m: float = 0.25
    margin_m: float = 0.5


@dataclass(frozen=True, slots=True)
class LuminaireInput:
    key: Hashable
    photometry: Photometry
    position_m: Point3
    rotation_deg: float = 0.0
    tilt_deg: float = 0.0
    flux_factor: float = 1.0
    watts: float | None = None  # None: the photometry's


@dataclass(frozen=True, slots=True, eq=False)
class LuxResult:
    """rows run along y (y_m), columns along x (x_m), NaN outside the polygon's inset; lux are maintained."""

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
    wall_average_lux: tuple[float, ...]  # in the order of the polygon's edges
    watts: float
    lpd_w_m2: float
    lpd_workplane_w_m2: float


class LiveRoom:
    def __init__(
        self, room: Room, grid: Grid, maintenance_factor: float = 0.8, *, interreflection: bool = True
    ) -> None:
        raise NotImplementedError

    def set_luminaires(self, luminaires: Iterable[LuminaireInput]) -> None:
        raise NotImplementedError

    def add(self, luminaire: LuminaireInput) -> None:
        raise NotImplementedError

    def remove(self, key: Hashable) -> None:
        raise NotImplementedError

    def move(
        self,
        key: Hashable,
        position_m: Point3,
        rotation_deg: float | None = None,
        tilt_deg: float | None = None,
    ) -> None:
        raise NotImplementedError

    def set_maintenance_factor(self, maintenance_factor: float) -> None:
        raise NotImplementedError

    def result(self) -> LuxResult:
        raise NotImplementedError

    def copy(self) -> LiveRoom:
        """Shares everything immutable; later steps on either do not touch the other."""
        raise NotImplementedError
