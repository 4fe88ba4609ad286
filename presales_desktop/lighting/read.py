"""One way into photometric files: the content decides, not the ending of the name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from presales_desktop.lighting import ies, ldt
from presales_desktop.lighting.errors import LightingError, PhotometryWarning
from presales_desktop.lighting.photometry import Photometry
from presales_desktop.lighting.textfile import MAX_BYTES, read_bytes, split_lines

# Integrating steep curves over coarse angles may exceed the lamps' flux a little.
_LARGEST_LOR = 1.02


def read(data: bytes, name: str, *, beside: ies.Beside | None = None, lamp_set: int = 0) -> Photometry:
    """The photometry in the bytes of an LM-63 (IES) or EULUMDAT (LDT) file; ``name`` is for errors.

    :param beside: finds a file that this one names (the tilt factors of an IES file)
    :param lamp_set: which of an EULUMDAT file's lamp sets counts, from 0
    :raises LightingError: photometry.* with file and line
    """
    lines = split_lines(data, name)
    if ies.recognises(lines):
        return _doubt_flux(ies.parse(lines, name, beside))
    if ldt.recognises(lines):
        return _doubt_flux(ldt.parse(lines, name, lamp_set))
    raise LightingError("photometry.unknown_format", file=name, line=1, found=lines[0].strip()[:60])


def _doubt_flux(photometry: Photometry) -> Photometry:
    """A warning where the intensities hold no light, or more than the lamps give."""
    lumens, rated = photometry.lumens, photometry.rated_lumens
    values: dict[str, object] = {"found": f"{lumens:.0f}", "expected": f"{rated or 0:.0f}"}
    if lumens <= 0:
        doubt = PhotometryWarning("photometry.no_light")
    elif rated is not None and lumens > _LARGEST_LOR * rated:
        doubt = PhotometryWarning("photometry.lor_above_one", None, values)
    else:
        return photometry
    return replace(photometry, warnings=(*photometry.warnings, doubt))


def read_file(path: Path) -> Photometry:
    """The photometry in a file.

    :raises LightingError: photometry.*, file.missing, file.unreadable
    """

    def beside(name: str) -> bytes | None:
        try:
            return read_bytes(path.with_name(name), MAX_BYTES)
        except (LightingError, ValueError):
            return None

    return read(read_bytes(path, MAX_BYTES), path.name, beside=beside)
