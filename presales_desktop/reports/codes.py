"""The QR code on paper that may go out: number, content and total, bound by the company's key (models/proofs.py).

The encoder is reportlab's; which of the eight masks is best (ISO/IEC 18004, 7.8.3) is counted here on rows as whole numbers, a bit a
module: its own count took a third of the time of a short quote.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import groupby, pairwise
from typing import Any, Final

from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel, QRUtil
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable

from presales_desktop.reports.frame import INK, ink

CODE_SIZE: Final = 50.0  # with two modules of quiet zone about 0.45 mm each: a phone reads it off paper
_QUIET: Final = 2
_MASKS: Final = 8
# Dark and light as at the edge of a finder pattern, with the light quiet zone beside it.
_LIKE_A_FINDER: Final = (True, False, True, True, True, False, True, False, False, False, False)
Rows = Sequence[Sequence[bool]]


class Code(QRCode):  # type: ignore[misc]  # reportlab has no types
    """TEXT as modules: `rows`, from the top, True is dark."""

    def __init__(self, text: str) -> None:
        super().__init__(None, QRErrorCorrectLevel.L)
        self.addData(text)
        self.make()
        self.rows: Rows = [[bool(module) for module in row] for row in self.modules]

    def getBestMaskPattern(self) -> int:
        """The mask with the fewest faults, the first of equals."""
        self.makeImpl(True, 0)
        plain = _numbers(self.modules)
        first, *others = _masks(self, self.version)
        found = [penalty(plain, self.moduleCount)]
        for mask in others:
            masked = [row ^ was ^ now for row, was, now in zip(plain, first, mask, strict=True)]
            found.append(penalty(masked, self.moduleCount))
        return found.index(min(found))


_known: dict[int, list[list[int]]] = {}


def _masks(code: Any, version: int) -> list[list[int]]:
    """What each mask turns over, as rows of bits; the same for every code of a VERSION."""
    if version not in _known:
        places = list(code.dataPosIterator())
        side = code.moduleCount
        _known[version] = []
        for pattern in range(_MASKS):
            turned = QRUtil.getMask(pattern)
            rows = [0] * side
            for column, row in places:
                if turned(row, column):
                    rows[row] |= 1 << (side - 1 - column)
            _known[version].append(rows)
    return _known[version]


def _numbers(rows: Iterable[Iterable[Any]]) -> list[int]:
    """Each row as a number, its first module the highest bit."""
    return [int("".join("1" if module else "0" for module in row), 2) for row in rows]


def penalty(rows: Sequence[int], side: int) -> int:
    """The faults of a symbol of SIDE × SIDE modules: long runs, blocks of one colour, what looks like a finder, unequal shares."""
    columns = _turned(rows, side)
    runs = sum(_runs(row, side) + _finders(row, side) for row in (*rows, *columns))
    dark = sum(row.bit_count() for row in rows)
    return runs + _blocks(rows, side) + 10 * (abs(100 * dark // side**2 - 50) // 5)


def _turned(rows: Sequence[int], side: int) -> list[int]:
    texts = [f"{row:0{side}b}" for row in rows]
    return [int("".join(column), 2) for column in zip(*texts, strict=True)]


def _runs(row: int, side: int) -> int:
    """Of runs of five or more of one colour their length less two."""
    same = ~(row ^ (row >> 1)) & ((1 << (side - 1)) - 1)
    fives = same & (same >> 1) & (same >> 2) & (same >> 3)
    return fives.bit_count() + 2 * (fives & ~(fives << 1)).bit_count()


def _blocks(rows: Sequence[int], side: int) -> int:
    """Three for each square of two by two of one colour."""
    inner = (1 << (side - 1)) - 1
    found = 0
    for above, below in pairwise(rows):
        unlike = (above ^ below) | ((above ^ below) >> 1) | (above ^ (above >> 1))
        found += (~unlike & inner).bit_count()
    return 3 * found


def _finders(row: int, side: int) -> int:
    """Forty for each place that looks like the edge of a finder pattern, read either way."""
    all_ones = (1 << side) - 1
    places = [all_ones, all_ones]
    for way, pattern in enumerate((_LIKE_A_FINDER, _LIKE_A_FINDER[::-1])):
        for n, dark in enumerate(pattern):
            places[way] &= ((row if dark else ~row) & all_ones) >> n
    inside = (1 << (side - len(_LIKE_A_FINDER) + 1)) - 1
    return 40 * sum((found & inside).bit_count() for found in places)


@lru_cache(maxsize=8)
def modules(text: str) -> tuple[tuple[bool, ...], ...]:
    """The modules of TEXT's code (error correction L), rows from the top."""
    return tuple(tuple(row) for row in Code(text).rows)


def draw_code(canvas: Canvas, text: str, x: float, y: float, size: float = CODE_SIZE) -> None:
    """TEXT as a code whose lower left corner is X, Y."""
    rows = modules(text)
    each = size / (len(rows) + 2 * _QUIET)
    canvas.saveState()
    canvas.setFillColor(ink(INK))
    canvas.translate(x, y)
    canvas.scale(each, each)
    path = canvas.beginPath()
    for n, row in enumerate(rows):
        column = _QUIET
        for dark, run in groupby(row):
            length = len(list(run))
            if dark:
                # A little over the row below: no viewer shows a hairline between them.
                path.rect(column, len(rows) + _QUIET - n - 1, length, 1.05)
            column += length
    canvas.drawPath(path, stroke=0, fill=1)
    canvas.restoreState()


class CodeAtRight(Flowable):  # type: ignore[misc]  # reportlab has no types
    """A code at the right edge, beside what follows: it takes no room of its own."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text
        self.height = 0.0

    def wrap(self, space: float, _height: float) -> tuple[float, float]:
        self.width = space
        return space, 0.0

    def draw(self) -> None:
        if self.text:
            draw_code(self.canv, self.text, self.width - CODE_SIZE, -CODE_SIZE)
