"""One luminaire's light distribution, as its file gives it and as the calculation needs it.

Directions: gamma 0 is the nadir, 180 the zenith; C0 points along the luminaire's own +x axis,
C90 along +y. In LM-63 files the length of the opening lies in the plane C0, in EULUMDAT files in
the plane C90 (a linear luminaire's C0 plane is crosswise there).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Literal, TypeVar, cast

import numpy as np
import numpy.typing as npt

from presales_desktop.lighting import spheres
from presales_desktop.lighting.errors import PhotometryWarning
from presales_desktop.lighting.lamps import LampSet

Floats = npt.NDArray[np.float64]
Floats32 = npt.NDArray[np.float32]
T = TypeVar("T")
Symmetry = Literal["axial", "quadrant", "bilateral_0_180", "bilateral_90_270", "none"]
PhotometricType = Literal["A", "B", "C"]
Shape = Literal[
    "point", "rectangle", "circle", "ellipse", "box", "cylinder", "sphere", "ellipsoid", "horizontal_cylinder",
    "vertical_circle",
]  # fmt: skip
# Seen from below they are round.
ROUND: frozenset[Shape] = frozenset({"circle", "ellipse", "cylinder", "sphere", "ellipsoid"})

_CANDELA_SHARE_BEAM = 0.5
_CANDELA_SHARE_FIELD = 0.1


@dataclass(frozen=True, slots=True)
class Opening:
    """The luminous opening; metres, never negative. ``length_axis_deg`` is the C plane that the length lies in."""

    shape: Shape = "point"
    length_m: float = 0.0
    width_m: float = 0.0
    height_m: float = 0.0
    length_axis_deg: int = 0

    @property
    def along_c0_m(self) -> float:
        """Extent in the plane C0-C180, metres."""
        return self.length_m if self.length_axis_deg == 0 else self.width_m

    @property
    def along_c90_m(self) -> float:
        """Extent in the plane C90-C270, metres."""
        return self.width_m if self.length_axis_deg == 0 else self.length_m

    @property
    def size_m(self) -> float:
        """The largest extent, metres: what "five times its size" means."""
        return max(self.length_m, self.width_m, self.height_m)


@dataclass(frozen=True, eq=False)
class Photometry:
    """A luminaire's intensities with what its file says about it.

    ``candela`` is [number of c_angles, number of gamma_angles] in cd, as in the file after its
    multipliers; for types A and B ``c_angles_deg`` holds the horizontal and ``gamma_angles_deg`` the
    vertical angles. ``rated_lumens`` is the lamps' flux, None for absolute photometry.
    Compared and hashed by identity: one object stands for one file.
    """

    format: str
    type: PhotometricType
    manufacturer: str
    catalog_number: str
    luminaire: str
    lamp: str
    keywords: dict[str, str]
    rated_lumens: float | None
    watts: float
    opening: Opening
    c_angles_deg: Floats
    gamma_angles_deg: Floats
    candela: Floats
    symmetry: Symmetry
    absolute: bool
    lamp_tilt_deg: Floats | None = None
    lamp_tilt_factor: Floats | None = None
    cct_k: int | None = None
    ra: int | None = None
    lamp_sets: tuple[LampSet, ...] = ()
    warnings: tuple[PhotometryWarning, ...] = ()
    _cache: dict[str, object] = field(default_factory=dict, repr=False, compare=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)

    def __post_init__(self) -> None:
        # dataclasses.replace hands the old tables on; they belong to the old intensities.
        object.__setattr__(self, "_cache", {})
        object.__setattr__(self, "_lock", threading.Lock())

    def full(self) -> tuple[Floats, Floats, Floats]:
        """C angles 0..360 (both ends), gamma 0..180 and cd [n_c, n_gamma], symmetry unfolded, type A/B turned into C.

        Directions that the file leaves out are 0 cd; negative intensities (a warning was given) count as 0.
        """
        return self._cached("full", lambda: spheres.unfold(self))

    def lut(self) -> Floats32:
        """Intensities in cd on whole degrees, float32 [361 C, 181 gamma], read-only and computed once."""
        return self._cached("lut", lambda: spheres.whole_degrees(*self.full()))

    def fast_table(self) -> Floats32 | spheres.Cells:
        """What :mod:`direct` looks intensities up in: over the cosine if axial, else on an octahedral map."""
        if self.axial:
            return self._cached("fast", lambda: spheres.by_cosine(self.full()[1], self.full()[2][0]))
        return self._cached("fast", lambda: spheres.hemispheres(*self.full()))

    @property
    def axial(self) -> bool:
        """Whether the intensity depends on gamma alone."""
        return self.symmetry == "axial"

    def zonal_lumens(self, bounds_deg: npt.ArrayLike) -> Floats:
        """Flux in lm between successive gamma angles of ``bounds_deg`` (ascending, 0..180)."""
        return spheres.zonal_lumens(*self.full(), np.asarray(bounds_deg, dtype=np.float64))

    @property
    def lumens(self) -> float:
        """Flux in lm: the integral of the intensities over the sphere."""
        return self._cached("lumens", lambda: float(self.zonal_lumens([0.0, 180.0])[0]))

    @property
    def lumens_down(self) -> float:
        """Flux in lm into the lower hemisphere."""
        return self._cached("down", lambda: float(self.zonal_lumens([0.0, 90.0])[0]))

    @property
    def no_uplight(self) -> bool:
        """Whether nothing goes above the horizontal while the luminaire is not tilted."""
        return self._cached("no_uplight", lambda: not bool(self.lut()[:, 91:].any()))

    def lumens_below(self, tilt_deg: float) -> float:
        """Flux in lm below the horizontal when the luminaire is tilted by ``tilt_deg``."""
        if tilt_deg == 0.0:
            return self.lumens_down
        share = self._cached(f"below {tilt_deg:.3f}", lambda: spheres.share_below(self.lut(), tilt_deg))
        return self.lumens * share

    def tilt_factor(self, tilt_deg: float) -> float:
        """Flux factor of a lamp whose output depends on the luminaire's tilt (LM-63 TILT=INCLUDE); else 1."""
        if self.lamp_tilt_deg is None or self.lamp_tilt_factor is None:
            return 1.0
        return float(np.interp(abs(tilt_deg), self.lamp_tilt_deg, self.lamp_tilt_factor))

    def figures(self) -> dict[str, object]:
        """The values of ``lighting photometry`` but for the warnings, which the caller puts into words.

        Angles are full angles in degrees: the width, averaged over C0-C180 and C90-C270, outside which the
        intensity stays below 50 % (beam) or 10 % (field) of the maximum.
        """
        lumens = self.lumens
        down = self.lumens_down
        lor = lumens / self.rated_lumens if self.rated_lumens else None
        return {
            "format": self.format,
            "type": self.type,
            "manufacturer": self.manufacturer,
            "catalog_number": self.catalog_number,
            "luminaire": self.luminaire,
            "rated_lumens": self.rated_lumens,
            "lumens": lumens,
            "lumens_down": down,
            "lumens_up": max(lumens - down, 0.0),
            "watts": self.watts,
            "efficacy_lm_w": lumens / self.watts if self.watts > 0 else None,
            "lor": lor,
            "max_candela": float(self.full()[2].max()),
            "beam_angle_deg": spheres.width_deg(*self.full(), _CANDELA_SHARE_BEAM),
            "field_angle_deg": spheres.width_deg(*self.full(), _CANDELA_SHARE_FIELD),
            "symmetry": self.symmetry,
            "absolute": self.absolute,
            "cct_k": self.cct_k,
            "ra": self.ra,
            "lamp_sets": [asdict(lamp_set) for lamp_set in self.lamp_sets],
            "opening": {
                "shape": self.opening.shape,
                "length_m": self.opening.length_m,
                "width_m": self.opening.width_m,
                "height_m": self.opening.height_m,
            },
        }

    def _cached(self, name: str, make: Callable[[], T]) -> T:
        # The lock only guards the dictionary's one-time work: several threads may ask for the same table.
        with self._lock:
            if name in self._cache:
                return cast(T, self._cache[name])
        value = make()
        with self._lock:
            return cast(T, self._cache.setdefault(name, value))
