"""What `presales lighting …` answers: JSON-ready dicts from a file."""

from __future__ import annotations

import math
from pathlib import Path

from presales_desktop.lighting import scene_file, scene_lux, ugr, utilisation
from presales_desktop.lighting.arrange import arrange_answer
from presales_desktop.lighting.read import read_file

__all__ = ["arrange_answer", "lux_answer", "photometry_answer", "ugr_answer", "utilisation_answer"]


def photometry_answer(path: Path) -> dict[str, object]:
    """Figures of a photometric file; "warnings" are {"code", "line", "values"}, put into words by the caller.

    :raises LightingError: photometry.*, file.*
    """
    photometry = read_file(path)
    warnings = [{"code": w.code, "line": w.line, "values": dict(w.values)} for w in photometry.warnings]
    return {**photometry.figures(), "warnings": warnings}


def utilisation_answer(path: Path) -> dict[str, object]:
    """The table of coefficients of utilisation of a photometric file.

    :raises LightingError: photometry.*, file.*
    """
    table = utilisation.table(read_file(path))
    return {
        "floor_reflectance": utilisation.FLOOR_REFLECTANCE,
        "rcr": list(utilisation.RCRS),
        "reflectances": [list(pair) for pair in utilisation.REFLECTANCES],
        "cu": [[round(value, 6) for value in row] for row in table],
    }


def ugr_answer(path: Path) -> dict[str, object]:
    """The UGR tables of a photometric file; null where nothing can glare.

    :raises LightingError: photometry.*, file.*
    """
    corrected, uncorrected = ugr.tables(read_file(path))
    return {
        "spacing_to_height": ugr.SPACING_H,
        "rooms_h": [list(room) for room in ugr.ROOMS_H],
        "reflectances": [list(triple) for triple in ugr.REFLECTANCES],
        "columns": ["crosswise"] * len(ugr.REFLECTANCES) + ["endwise"] * len(ugr.REFLECTANCES),
        "corrected": _rows(corrected.tolist()),
        "uncorrected": _rows(uncorrected.tolist()),
    }


def _rows(table: list[list[float]]) -> list[list[float | None]]:
    return [[None if math.isnan(value) else round(value, 3) for value in row] for row in table]


def lux_answer(path: Path) -> dict[str, object]:
    """Illuminances of a scene: ``{"rooms": [...]}``.

    :raises LightingError: scene.*, room.*, grid.*, luminaire.*, point.*, photometry.*, file.*
    """
    return scene_lux.lux(scene_file.read_scene(path), path.name)
