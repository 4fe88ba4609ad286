"""Bytes of unknown origin to lines and numbers: what the LM-63 and EULUMDAT readers share."""

from __future__ import annotations

import re
from pathlib import Path

from presales_desktop.lighting.errors import LightingError

MAX_BYTES = 20_000_000
MAX_VALUES = 1_000_000

_LINE_ENDS = re.compile(r"\r\n|\n|\r")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eEdD][+-]?\d+)?", re.ASCII)
_HIGH_RUN = re.compile(rb"[\x80-\xff]+")
_GB2312_PAIR = re.compile(rb"[\xa1-\xf7][\xa1-\xfe]")
_LARGEST = 1e12
# Nothing measured is smaller; dividing by such numbers overflows.
_SMALLEST = 1e-12


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
        raise LightingError("file.unreadable", file=str(path), reason=getattr(error, "strerror", None) or "") from error


def decode(data: bytes) -> str:
    """Text of a header in whatever code page its maker used; never fails.

    ASCII, UTF-8 (with or without mark), UTF-16 with mark, then GB 18030 if the high bytes come in at least two
    Chinese pairs, else Windows-1252: a lone 0xA0 or degree sign is Western, not half of a Chinese character.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    if _looks_chinese(data):
        try:
            return data.decode("gb18030")
        except UnicodeDecodeError:
            pass
    # Five bytes are undefined in Windows-1252.
    return data.decode("cp1252", errors="replace")


def _looks_chinese(data: bytes) -> bool:
    runs = _HIGH_RUN.findall(data)
    pairs = sum(len(_GB2312_PAIR.findall(run)) for run in runs)
    high = sum(len(run) for run in runs)
    return pairs >= 2 and 2 * pairs >= 0.8 * high


def split_lines(data: bytes, name: str) -> list[str]:
    """Lines of CR LF, LF or CR files, without an end-of-file mark.

    :raises LightingError: photometry.too_large, photometry.empty
    """
    if len(data) > MAX_BYTES:
        raise LightingError("photometry.too_large", file=name, expected=MAX_BYTES, found=len(data))
    text = decode(data).partition("\x1a")[0]
    if not text.strip("\x00\r\n\t "):
        raise LightingError("photometry.empty", file=name)
    return _LINE_ENDS.split(text)


def parse_number(token: str) -> float | None:
    """The number that ``token`` is in full, None if it is none, not finite or absurd (above 1e12); below 1e-12 it is 0."""
    if len(token) > 40 or not _NUMBER.fullmatch(token):
        return None
    value = float(token.replace("d", "e").replace("D", "e"))
    if abs(value) < _SMALLEST:
        return 0.0
    return value if abs(value) <= _LARGEST else None
