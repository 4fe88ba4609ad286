"""Maintenance factor from the surroundings: MF = LLMF x LSF x LMF x RSMF (CIE 97:2005; ISO/CIE TS 22012:2019).

The tables are data (resources/standards/maintenance.json); a file of that name in the company's standards folder replaces them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from presales_desktop.lighting.errors import LightingError
from presales_desktop.lighting.fields import Fields, load, number
from presales_desktop.paths import config_dir, resource

FILE = "maintenance.json"
ENVIRONMENTS = ("clean", "normal", "dirty")
LUMINAIRES = ("open", "closed_top", "enclosed", "dustproof", "uplighter")
_MAX_STEPS = 100


@dataclass(frozen=True, slots=True)
class Factor:
    """A maintenance factor with what it is made of."""

    total: float
    llmf: float  # lamp lumen maintenance
    lsf: float  # lamp survival
    lmf: float  # luminaire
    rsmf: float  # room surfaces

    def shown(self) -> dict[str, float]:
        """As an answer shows it."""
        return {"factor": self.total, "llmf": self.llmf, "lsf": self.lsf, "lmf": self.lmf, "rsmf": self.rsmf}


def factor(
    environment: str,
    *,
    luminaire: str = "enclosed",
    cleaning_years: float = 1.0,
    room_cleaning_years: float = 3.0,
    hours: float = 50_000.0,
    survival: float = 1.0,
    upward_share: float = 0.0,
    folder: Path | None = None,
) -> Factor:
    """MF of an installation just before cleaning and group replacement.

    :param environment: "clean", "normal" or "dirty"
    :param luminaire: its build: "open", "closed_top", "enclosed" (IP2X), "dustproof" (IP5X) or "uplighter"
    :param cleaning_years: between cleanings of the luminaires; ``room_cleaning_years`` of the room's surfaces
    :param hours: of burning until replacement
    :param survival: LSF, 1 where failed lamps are replaced at once
    :param upward_share: of the flux; light by way of the ceiling suffers more from dirty surfaces
    :raises LightingError: maintenance.unknown with ``field``, scene.* of the company's own table
    """
    tables = _tables(folder)
    for name, value, known in (("environment", environment, ENVIRONMENTS), ("luminaire", luminaire, LUMINAIRES)):
        if value not in known:
            raise LightingError("maintenance.unknown", field=name, expected=" / ".join(known), found=value[:40])
    lamp = tables.part("llmf")
    llmf = float(np.interp(hours, _numbers(lamp, "hours"), _numbers(lamp, "factor")))
    years = _numbers(tables, "years")
    lmf = float(np.interp(cleaning_years, years, _numbers(tables.part("lmf").part(luminaire), environment)))
    surfaces = tables.part("rsmf")
    straight, by_ceiling = (
        float(np.interp(room_cleaning_years, years, _numbers(surfaces.part(kind), environment)))
        for kind in ("direct", "indirect")
    )
    rsmf = straight + (by_ceiling - straight) * min(max(upward_share, 0.0), 1.0)
    return Factor(llmf * survival * lmf * rsmf, llmf, survival, lmf, rsmf)


def _tables(folder: Path | None) -> Fields:
    own = (folder if folder is not None else config_dir() / "standards") / FILE
    return load(own if own.is_file() else resource(f"standards/{FILE}"))


def _numbers(fields: Fields, key: str) -> list[float]:
    items = fields.items(key, limit=_MAX_STEPS)
    values = [number(item, fields.file, f"{fields.name(key)}[{k}]", 0.0, 1e6) for k, item in enumerate(items)]
    if not values or not all(math.isfinite(value) for value in values):
        fields.fail("scene.list_expected", key, found="[]")
    return values
