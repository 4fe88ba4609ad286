"""One way into photometric files: the content decides, not the ending of the name."""

from __future__ import annotations

from pathlib import Path

from presales_desktop.lighting import ies, ldt
from presales_desktop.lighting.errors import LightingError
from presales_desktop.lighting.photometry import Photometry
from presales_desktop.lighting.textfile import MAX_BYTES, split_lines


def read(data: bytes, name: str) -> Photometry:
    """The photometry in the bytes of an LM-63 (IES) or EULUMDAT (LDT) file; ``name`` is for errors.

    :raises LightingError: photometry.* with file and line
    """
    lines = split_lines(data, name)
    if ies.recognises(lines):
        return ies.parse(lines, name)
    if ldt.recognises(lines):
        return ldt.parse(lines, name)
    raise LightingError("photometry.unknown_format", file=name, line=1, found=lines[0].strip()[:60])


def read_file(path: Path) -> Photometry:
    """The photometry in a file.

    :raises LightingError: photometry.*, file.missing, file.unreadable
    """
    return read(read_bytes(path, MAX_BYTES), path.name)


def read_bytes(path: Path, limit: int) -> bytes:
    """At most ``limit`` + 1 bytes of a file, so that a huge one is refused without being loaded.

    :raises LightingError: file.missing, file.unreadable
    """
    try:
        with path.open("rb") as stream:
            return stream.read(limit + 1)
    except FileNotFoundError:
        raise LightingError("file.missing", file=str(path)) from None
    except (OSError, ValueError) as error:
        raise LightingError("file.unreadable", file=str(path), found=type(error).__name__) from error
