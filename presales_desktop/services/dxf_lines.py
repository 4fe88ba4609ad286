"""The plain lines of a large DXF drawing, taken out before the library reads the rest.

Nine tenths of a large plan are LINE and straight LWPOLYLINE entities, and a library that keeps each as an object that could be edited
takes a quarter of a millisecond for one. Here they are read as numbers. Whatever is not quite plain (curved, turned out of its plane, on
paper space, with a broken number) stays in the file for the library, and so does a file that is not the even rows of code and value
that the format asks for: `take` answers None then. The format: Autodesk's DXF reference, "ENTITIES section".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
# tell(share): how much of it is done, 0 to 1; may raise to stop.
Tell = Callable[[float], None]

_BEGIN: Final = re.compile(rb"(?:^|\n)[ \t]*0[ \t]*\r?\nSECTION[ \t]*\r?\n[ \t]*2[ \t]*\r?\nENTITIES[ \t]*\r?\n")
_END: Final = re.compile(rb"(?<=\n)[ \t]*0[ \t]*\r?\nENDSEC[ \t]*\r?\n")
_LOOK_EVERY: Final = 4096
_BLOCK: Final = b"0"
_X1, _Y1, _X2, _Y2 = b"10", b"20", b"11", b"21"
_LAYER, _PAPER, _FLAGS, _BULGE = b"8", b"67", b"70", b"42"
# Where these stand the entity may lie in a plane of its own.
_TURNED: Final = frozenset((b"210", b"220", b"230"))
_CLOSED: Final = 1
_FARTHEST: Final = 1e12


@dataclass
class Taken:
    """`rest`: the file without what was taken. `lines` [n, 2, 2]: LINE entities by layer, as the file names it; `polylines`: (layer,
    corners [m, 2]) with the first corner again at the end of a closed one. `count`: how many entities that is."""

    rest: bytes
    lines: dict[bytes, Floats]
    polylines: list[tuple[bytes, Floats]]
    count: int


def take(data: bytes, tell: Tell = lambda share: None) -> Taken | None:
    """What is plain in DATA, an ASCII drawing, and the rest of it; None when it has no well-formed ENTITIES section."""
    begin = _BEGIN.search(data)
    end = _END.search(data, begin.end()) if begin is not None else None
    if begin is None or end is None:
        return None
    rows = data[begin.end() : end.start()].split(b"\n")
    rows.pop()  # what follows the last line's end: nothing
    if len(rows) % 2:
        return None
    codes = [row.strip() for row in rows[0::2]]
    if not all(code.isdigit() for code in set(codes)):
        return None
    starts = [n for n, code in enumerate(codes) if code == _BLOCK]
    if not starts or starts[0] != 0:
        return None
    made = _Reader(codes, rows[1::2])
    kept: list[bytes] = []
    for n, (a, b) in enumerate(pairwise([*starts, len(codes)])):
        if not n % _LOOK_EVERY:
            tell(a / len(codes))
        if not made.reads(a, b):
            kept += rows[2 * a : 2 * b]
    tell(1.0)
    kept.append(b"")
    rest = data[: begin.end()] + b"\n".join(kept) + data[end.start() :]
    return Taken(rest, dict(made.whole()), made.polylines, made.count)


class _Reader:
    """Reads entities by the places of their first and last rows."""

    def __init__(self, codes: list[bytes], values: list[bytes]) -> None:
        self._codes, self._values = codes, values
        self._lines: dict[bytes, list[float]] = {}
        self.polylines: list[tuple[bytes, Floats]] = []
        self.count = 0

    def reads(self, a: int, b: int) -> bool:
        """Whether the entity of the rows A to B was plain, and is taken."""
        kind = self._values[a].strip()
        try:
            taken = (kind == b"LINE" and self._line(a, b)) or (kind == b"LWPOLYLINE" and self._polyline(a, b))
        except ValueError:  # a broken number: the library says what it makes of it
            return False
        self.count += taken
        return taken

    def _line(self, a: int, b: int) -> bool:
        found = dict(zip(self._codes[a + 1 : b], self._values[a + 1 : b], strict=True))
        if not (_X1 in found and _Y1 in found and _X2 in found and _Y2 in found) or _is_set(found.get(_PAPER)):
            return False
        numbers = (float(found[_X1]), float(found[_Y1]), float(found[_X2]), float(found[_Y2]))
        if not all(-_FARTHEST < number < _FARTHEST for number in numbers):
            return False
        self._lines.setdefault(found.get(_LAYER, b"0").strip(), []).extend(numbers)
        return True

    def _polyline(self, a: int, b: int) -> bool:
        codes, values = self._codes[a + 1 : b], self._values[a + 1 : b]
        found = dict(zip(codes, values, strict=True))
        if _is_set(found.get(_PAPER)) or not _TURNED.isdisjoint(found):
            return False
        if _BULGE in found and any(float(v) for c, v in zip(codes, values, strict=True) if c == _BULGE):
            return False
        xs = [float(v) for c, v in zip(codes, values, strict=True) if c == _X1]
        ys = [float(v) for c, v in zip(codes, values, strict=True) if c == _Y1]
        if len(xs) != len(ys) or len(xs) < 2:
            return False
        corners = np.array((xs, ys)).T
        if not np.all(np.abs(corners) < _FARTHEST):
            return False
        if int(found.get(_FLAGS, b"0")) & _CLOSED:
            corners = np.concatenate((corners, corners[:1]))
        self.polylines.append((found.get(_LAYER, b"0").strip(), corners))
        return True

    def whole(self) -> Iterator[tuple[bytes, Floats]]:
        """The lines of each layer."""
        for layer, numbers in self._lines.items():
            yield layer, np.array(numbers).reshape(-1, 2, 2)


def _is_set(value: bytes | None) -> bool:
    return value is not None and int(value) != 0
