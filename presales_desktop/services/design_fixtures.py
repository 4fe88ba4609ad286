"""Catalogue variants as light sources: photometric files by content, estimates where there is none. Qt-free."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from uuid import UUID

import numpy as np

from presales_desktop.lighting.direct import LuminaireInput
from presales_desktop.lighting.errors import LightingError
from presales_desktop.lighting.photometry import Opening, Photometry
from presales_desktop.lighting.read import read
from presales_desktop.services.catalogue_facts import VariantFacts, facts
from presales_desktop.services.catalogue_photometry import PhotometryData, photometries
from presales_desktop.services.design_drafts import LuminaireDraft
from presales_desktop.services.work import Work

# A variant's own file whose flux differs more than this from the catalogue's is used, and said so.
FLUX_TOLERANCE = 0.10
_CACHE_SIZE = 512


@dataclass(frozen=True, eq=False)
class Fixture:
    """A variant as a light source.

    `photometry` None: it gives no light (nothing is known of it). `estimated`: no file, a cosine lobe of the catalogue's flux
    and beam stands in. `flux_scale`: what the file's intensities are multiplied by; `doubtful`: file and catalogue differ by more than 10 %.
    """

    facts: VariantFacts
    photometry: Photometry | None
    watts: float
    flux_scale: float = 1.0
    estimated: bool = False
    doubtful: bool = False
    problem: str = ""

    @property
    def lumens(self) -> float:
        """Flux of one luminaire, lm."""
        return self.photometry.lumens * self.flux_scale if self.photometry else 0.0

    @property
    def size_m(self) -> tuple[float, float]:
        """Extent in the plan along C0 and C90, m; 0.1 where the catalogue does not say."""
        length = (self.facts.length_mm or self.facts.width_mm or 100) / 1000
        width = (self.facts.width_mm or self.facts.length_mm or 100) / 1000
        return length, width


class _PhotometryCache:
    """Parsed files by SHA-256: the engine's tables hang on the object, so one content must stay one object."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[str, Photometry | str] = {}

    def get(self, sha256: str, load: Callable[[], bytes]) -> Photometry | str:
        with self._lock:
            if sha256 in self._held:
                return self._held[sha256]
        try:
            made: Photometry | str = read(load(), sha256[:12])
        except LightingError as error:
            made = error.code
        with self._lock:
            if len(self._held) >= _CACHE_SIZE:
                self._held.pop(next(iter(self._held)))
            return self._held.setdefault(sha256, made)


_cache = _PhotometryCache()


def fixtures(work: Work, variant_ids: Iterable[UUID]) -> dict[UUID, Fixture]:
    """Light sources by variant; unknown variants are left out. A damaged file becomes an estimate with its `problem`."""
    wanted = list(variant_ids)
    files = photometries(work, wanted)
    return {v: fixture_of(known, files.get(v)) for v, known in facts(work, wanted).items()}


def fixture_of(known: VariantFacts, file: PhotometryData | None) -> Fixture:
    """Put facts and file together: the catalogue gives watts, a product's file is scaled to the variant's flux."""
    watts = float(known.power_w) if known.power_w is not None else 0.0
    parsed = _cache.get(file.sha256, lambda: file.data) if file else None
    if file is not None and isinstance(parsed, Photometry) and parsed.lumens > 0:
        lumens = parsed.lumens * file.flux_factor
        doubtful = bool(known.flux_lm) and abs(lumens / (known.flux_lm or 1) - 1.0) > FLUX_TOLERANCE
        return Fixture(known, parsed, watts or parsed.watts, file.flux_factor, doubtful=doubtful)
    problem = parsed if isinstance(parsed, str) else "photometry.no_light" if parsed else ""
    if not known.flux_lm:
        return Fixture(known, None, watts, problem=problem)
    beam = float(known.beam_deg) if known.beam_deg else 120.0
    lobe = cosine_lobe(
        round(beam, 1),
        known.shape,
        (known.length_mm or known.width_mm or 0) / 1000,
        (known.width_mm or known.length_mm or 0) / 1000,
    )
    return Fixture(known, lobe, watts, known.flux_lm / 1000.0, estimated=True, problem=problem)


@lru_cache(maxsize=64)
def cosine_lobe(beam_deg: float, shape: str = "", length_m: float = 0.0, width_m: float = 0.0) -> Photometry:
    """1000 lm downwards as I0 cosⁿ γ with half of I0 at half of BEAM_DEG (flux 2π I0/(n+1)); a Lambertian panel is 120°.

    The body's size stands in for that of its opening: glare and what is near to it depend on it.
    """
    opening = Opening()
    if length_m > 0 and width_m > 0:
        opening = Opening("circle" if shape == "round" else "rectangle", length_m, width_m)
    half = math.radians(min(max(beam_deg, 4.0), 170.0) / 2)
    exponent = math.log(0.5) / math.log(max(math.cos(half), 1e-6))
    gamma = np.arange(0.0, 90.5, 0.5)
    peak = 1000.0 * (exponent + 1) / (2 * math.pi)
    candela = peak * np.cos(np.radians(gamma)).clip(0.0) ** exponent
    lobe = Photometry(
        format="estimate", type="C", manufacturer="", catalog_number="", luminaire="", lamp="", keywords={},
        rated_lumens=None, watts=0.0, opening=opening, c_angles_deg=np.array([0.0]), gamma_angles_deg=gamma,
        candela=candela[None, :], symmetry="axial", absolute=True,
    )  # fmt: skip
    # The half-degree steps integrate to within 0.1 %; scaled so that it is exactly 1000 lm.
    return replace(lobe, candela=lobe.candela * (1000.0 / lobe.lumens), _cache={}, _lock=threading.Lock())


def source_of(luminaire: LuminaireDraft, fixture: Fixture) -> LuminaireInput | None:
    """A placed luminaire for the engine; None when it gives no light."""
    if fixture.photometry is None or luminaire.id is None:
        return None
    return LuminaireInput(
        key=luminaire.id,
        photometry=fixture.photometry,
        position_m=(luminaire.x_m, luminaire.y_m, luminaire.z_m),
        rotation_deg=luminaire.rotation_deg,
        tilt_deg=luminaire.tilt_deg,
        flux_factor=luminaire.flux_factor * fixture.flux_scale,
        watts=fixture.watts,
    )
