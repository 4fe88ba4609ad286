"""The page that every printed document stands on: A4 frame with footer and page x/y, watermark, styles, text and pictures.

A report is `build(Sheet(...), story)` with a story of flowables: `Text`, `Gap`, `Rule`, `Pairs`, `Picture`, `Signatures` from here,
`Grid` from reports/grid.py, or any reportlab flowable (drawings, plans). Everything is measured in points.
The same story always gives the same bytes, so that a file's SHA-256 names its content.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final

from reportlab import rl_config
from reportlab.lib.colors import Color, HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate

from presales_desktop.models.errors import InputError
from presales_desktop.reports import typeset
from presales_desktop.reports.typeset import BOLD, REGULAR
from presales_desktop.texts import Language, tr_in

INK: Final = "#1b1f27"
GREY: Final = "#5c6470"
FAINT: Final = "#8b93a1"
HAIRLINE: Final = "#cfd4dc"
PANEL: Final = "#f3f5f8"
ACCENT: Final = "#1f4b99"
GOOD: Final = "#1a7f4b"
BAD: Final = "#b3261e"
AMBER: Final = "#a86400"

rl_config.useA85 = 0  # binary streams: smaller, and the ASCII coding in Python costs a third of the time

MARGIN: Final = 40.0
FOOTER: Final = 30.0
_TALL: Final = 300.0


@dataclass(frozen=True)
class Style:
    """How a text looks; `leading` is a factor of the size."""

    font: str = REGULAR
    size: float = 9.0
    leading: float = 1.5
    color: str = INK
    align: str = "left"
    before: float = 0.0
    after: float = 0.0

    @property
    def line(self) -> float:
        """Height of one line in points."""
        return self.size * self.leading


STYLES: Final[dict[str, Style]] = {
    "title": Style(BOLD, 18, 1.35, after=4),
    "subtitle": Style(REGULAR, 10, 1.5, GREY, after=6),
    "heading": Style(BOLD, 12, 1.4, before=10, after=4),
    "section": Style(BOLD, 10, 1.45, before=6, after=3),
    "body": Style(after=3),
    "strong": Style(BOLD, after=3),
    "small": Style(size=7.5, color=GREY, after=2),
    "label": Style(size=8, color=GREY),
    "cell": Style(size=8, leading=1.4),
    "cell_strong": Style(BOLD, 8, 1.4),
    "figure": Style(BOLD, 20, 1.25, ACCENT),
}


def style(of: str | Style, **changes: Any) -> Style:
    """A named style, or the given one, with changes: style("body", align="right")."""
    base = STYLES[of] if isinstance(of, str) else of
    return replace(base, **changes) if changes else base


@dataclass(frozen=True)
class Sheet:
    """One document's paper. `footer` stands at the left of every page, page x/y at the right; `running` at the top from page 2."""

    title: str
    footer: str = ""
    running: str = ""
    watermark: str = ""
    landscape: bool = False
    lang: Language = "zh"
    author: str = ""
    subject: str = ""
    keywords: str = ""

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the page."""
        wide, high = A4
        return (high, wide) if self.landscape else (wide, high)

    @property
    def width(self) -> float:
        """Width between the margins."""
        return float(self.size[0] - 2 * MARGIN)


@lru_cache(maxsize=128)
def ink(color: str, alpha: float = 1.0) -> Color:
    """The colour of a hex name; reportlab's own parsing costs more than drawing the line."""
    made = HexColor(color)
    return made if alpha >= 1 else Color(made.red, made.green, made.blue, alpha)


def draw_line(
    canvas: Canvas,
    text: str,
    x: float,
    y: float,
    of: Style,
    space: float = 0.0,
    *,
    shrink: bool = False,
    alpha: float = 1.0,
) -> None:
    """One line of text with its baseline at Y, aligned in SPACE points from X; refuses characters without a glyph.

    `shrink`: set smaller where it would not fit (amounts are never broken or cut).
    """
    if not text:
        return
    typeset.check(text, of.font)
    size = typeset.fit(text, of.font, of.size, space) if shrink and space else of.size
    if of.align == "right":
        x += space - typeset.width(text, of.font, size)
    elif of.align == "center":
        x += (space - typeset.width(text, of.font, size)) / 2
    if alpha >= 1:
        _write(canvas, text, x, y, of, size)
        return
    line = canvas.beginText(x, y)
    line.setFont(of.font, size)
    line.setFillColor(ink(of.color, alpha))
    line.textOut(text)
    canvas.drawText(line)


_ESCAPED: Final = tuple(
    chr(n) if 32 <= n < 127 and n not in (40, 41, 92) else f"\\{n:03o}" for n in range(256)
)  # ( ) and the backslash have a meaning in PDF strings


def _write(canvas: Canvas, text: str, x: float, y: float, of: Style, size: float) -> None:
    """The PDF operators of one line; reportlab's text object writes the same ones four times slower."""
    face = typeset.font(of.font)
    shown = []
    for subset, part in face.splitString(text, canvas._doc):  # noqa: SLF001  # reportlab offers no other way to it
        name = face.getSubsetInternalName(subset, canvas._doc)  # noqa: SLF001
        shown.append(f"{name} {size:.4g} Tf ({''.join([_ESCAPED[b] for b in part])}) Tj")
    canvas._code.append(f"BT {_rgb(of.color)} rg 1 0 0 1 {x:.3f} {y:.3f} Tm {' '.join(shown)} ET")  # noqa: SLF001


@lru_cache(maxsize=64)
def _rgb(color: str) -> str:
    made = ink(color)
    return f"{made.red:.4g} {made.green:.4g} {made.blue:.4g}"


class Text(Flowable):  # type: ignore[misc]  # reportlab has no types
    """A paragraph in one style, broken by our own rule; splits between pages at line ends."""

    def __init__(self, value: str, of: str | Style = "body", **changes: Any) -> None:
        super().__init__()
        self.of = style(of, **changes)
        self.value = typeset.clean(value)
        self._set: tuple[str, ...] = ()

    def getSpaceBefore(self) -> float:
        return self.of.before

    def getSpaceAfter(self) -> float:
        return self.of.after

    def wrap(self, space: float, _height: float) -> tuple[float, float]:
        self._set = typeset.lines(self.value, self.of.font, self.of.size, round(space, 2))
        self.width, self.height = space, len(self._set) * self.of.line
        return self.width, self.height

    def split(self, space: float, height: float) -> list[Flowable]:
        self.wrap(space, height)
        room = int(height // self.of.line)
        if room < 1 or room >= len(self._set):
            return []
        parts = ("\n".join(self._set[:room]), "\n".join(self._set[room:]))
        return [Text(part, self.of) for part in parts]

    def draw(self) -> None:
        y = self.height - self.of.size * 1.06
        for line in self._set:
            draw_line(self.canv, line, 0, y, self.of, self.width)
            y -= self.of.line


class Gap(Flowable):  # type: ignore[misc]
    """Empty space."""

    def __init__(self, height: float = 8.0) -> None:
        super().__init__()
        self.width, self.height = 0.0, height

    def wrap(self, space: float, _height: float) -> tuple[float, float]:
        return space, float(self.height)

    def draw(self) -> None:
        """Nothing."""


class Rule(Flowable):  # type: ignore[misc]
    """A hairline across the page."""

    def __init__(self, color: str = HAIRLINE, weight: float = 0.6, gap: float = 5.0) -> None:
        super().__init__()
        self.color, self.weight, self.gap = color, weight, gap

    def wrap(self, space: float, _height: float) -> tuple[float, float]:
        self.width, self.height = space, self.weight + 2 * self.gap
        return space, self.height

    def draw(self) -> None:
        self.canv.setStrokeColor(ink(self.color))
        self.canv.setLineWidth(self.weight)
        self.canv.line(0, self.gap, self.width, self.gap)


@dataclass(frozen=True)
class Image:
    """A picture as bytes (PNG, JPEG …); read when made, so that a damaged one is refused before the page is set."""

    reader: ImageReader
    width: int
    height: int

    @classmethod
    def read(cls, content: bytes, name: str = "") -> Image:
        """Raises InputError image.unreadable."""
        try:
            reader = ImageReader(io.BytesIO(content))
            width, height = reader.getSize()
            reader.getRGBData()
        except Exception as error:  # the imaging library raises anything for damaged files
            raise InputError("image.unreadable", file=name) from error
        return cls(reader, width, height)

    def draw(self, canvas: Canvas, x: float, y: float, width: float, height: float) -> None:
        """Fitted into the box without distortion, centred."""
        factor = min(width / self.width, height / self.height)
        w, h = self.width * factor, self.height * factor
        canvas.drawImage(self.reader, x + (width - w) / 2, y + (height - h) / 2, w, h, mask="auto")


class Picture(Flowable):  # type: ignore[misc]
    """A picture at most WIDTH x HEIGHT points, never wider than the page."""

    def __init__(self, image: Image, width: float, height: float) -> None:
        super().__init__()
        self.image, self.box = image, (width, height)

    def wrap(self, space: float, height: float) -> tuple[float, float]:
        self.width, self.height = min(self.box[0], space), min(self.box[1], max(height, 40))
        return self.width, self.height

    def draw(self) -> None:
        self.image.draw(self.canv, 0, 0, self.width, self.height)


class Pairs(Flowable):  # type: ignore[misc]
    """Label and value beside each other in columns, as the head of a business letter has them."""

    def __init__(self, pairs: Sequence[tuple[str, str]], columns: int = 2, label_width: float = 62.0) -> None:
        super().__init__()
        self.columns, self.label_width = columns, label_width
        self.pairs = [(typeset.clean(a), typeset.clean(b)) for a, b in pairs]
        self._rows: list[list[tuple[tuple[str, ...], tuple[str, ...]]]] = []

    def wrap(self, space: float, _height: float) -> tuple[float, float]:
        label, body = STYLES["label"], STYLES["cell"]
        column = round(space / self.columns - self.label_width - 10, 2)
        cells = [
            (
                typeset.lines(a, label.font, label.size, round(self.label_width - 4, 2)),
                typeset.lines(b, body.font, body.size, column),
            )
            for a, b in self.pairs
        ]
        self._rows = [cells[i : i + self.columns] for i in range(0, len(cells), self.columns)]
        self.width = space
        self.height = sum(self._row_height(row) for row in self._rows)
        return space, self.height

    def _row_height(self, row: list[tuple[tuple[str, ...], tuple[str, ...]]]) -> float:
        return max(max(len(a), len(b)) for a, b in row) * STYLES["cell"].line + 3

    def split(self, space: float, height: float) -> list[Flowable]:
        self.wrap(space, height)
        used, n = 0.0, 0
        while n < len(self._rows) and used + self._row_height(self._rows[n]) <= height:
            used += self._row_height(self._rows[n])
            n += 1
        if n >= len(self._rows):
            return []
        if n == 0:
            # A single row taller than what is left: on to the next page, and cut only where that is not enough either.
            return self._cut_first(height) if height > _TALL and self._row_height(self._rows[0]) > _TALL else []
        cut = n * self.columns
        return [Pairs(part, self.columns, self.label_width) for part in (self.pairs[:cut], self.pairs[cut:])]

    def _cut_first(self, height: float) -> list[Flowable]:
        keep = max(1, int((height - 3) // STYLES["cell"].line))
        upper, lower = [], []
        for names, values in self._rows[0]:
            upper.append(("\n".join(names[:keep]), "\n".join(values[:keep])))
            lower.append(("\n".join(names[keep:]), "\n".join(values[keep:])))
        rest = [*lower, *self.pairs[len(upper) :]]
        return [Pairs(part, self.columns, self.label_width) for part in (upper, rest)]

    def draw(self) -> None:
        label, body = STYLES["label"], STYLES["cell"]
        y = self.height
        for row in self._rows:
            for i, (names, values) in enumerate(row):
                x = i * self.width / self.columns
                for n, line in enumerate(names):
                    draw_line(self.canv, line, x, y - 9 - n * body.line, label)
                for n, line in enumerate(values):
                    draw_line(self.canv, line, x + self.label_width, y - 9 - n * body.line, body)
            y -= self._row_height(row)


class Signatures(Flowable):  # type: ignore[misc]
    """Boxes to sign and seal in: (heading, lines printed in it) each; stay together on one page."""

    def __init__(self, boxes: Sequence[tuple[str, Sequence[str]]], height: float = 84.0) -> None:
        super().__init__()
        self.boxes = [(typeset.clean(head), [typeset.clean(line) for line in said]) for head, said in boxes]
        self.height = height

    def wrap(self, space: float, _height: float) -> tuple[float, float]:
        self.width = space
        return space, self.height

    def draw(self) -> None:
        each = self.width / len(self.boxes)
        self.canv.setLineWidth(0.6)
        for i, (heading, said) in enumerate(self.boxes):
            x = i * each
            self.canv.setStrokeColor(ink(HAIRLINE))
            self.canv.rect(x, 0, each, self.height)
            draw_line(self.canv, heading, x + 7, self.height - 13, STYLES["cell_strong"], each - 14, shrink=True)
            for n, line in enumerate(said):
                y = 9 + (len(said) - 1 - n) * 13
                draw_line(self.canv, line, x + 7, y, STYLES["label"], each - 14, shrink=True)


class _Pages(Canvas):  # type: ignore[misc]
    """Holds finished pages back until their number is known: page x of y."""

    finish: Callable[[Canvas, int, int], None]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._finished: list[dict[str, Any]] = []

    def showPage(self) -> None:
        self._finished.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        total = len(self._finished)
        for n, state in enumerate(self._finished, start=1):
            self.__dict__.update(state)
            self.finish(self, n, total)
            super().showPage()
        super().save()


def _decorate(sheet: Sheet) -> Callable[[Canvas, int, int], None]:
    wide, high = sheet.size
    small = STYLES["small"]
    running, footer, mark = (typeset.clean(t) for t in (sheet.running, sheet.footer, sheet.watermark))

    def finish(canvas: Canvas, page: int, pages: int) -> None:
        if running and page > 1:
            draw_line(canvas, running, MARGIN, high - 26, small, sheet.width, shrink=True)
        canvas.setStrokeColor(ink(HAIRLINE))
        canvas.setLineWidth(0.5)
        canvas.line(MARGIN, FOOTER + 6, wide - MARGIN, FOOTER + 6)
        draw_line(canvas, footer, MARGIN, FOOTER - 5, small, sheet.width - 90, shrink=True)
        number = tr_in(sheet.lang, "第 {page} 页 共 {pages} 页", page=page, pages=pages)
        draw_line(canvas, number, MARGIN, FOOTER - 5, style(small, align="right"), sheet.width)
        if mark:
            _watermark(canvas, mark, wide, high)

    return finish


def _watermark(canvas: Canvas, mark: str, wide: float, high: float) -> None:
    """Across the whole page, over everything but transparent, so that no part can be cut off clean."""
    size = min(96.0, 1.0 * min(wide, high) / max(1, len(mark)))
    canvas.saveState()
    canvas.translate(wide / 2, high / 2)
    canvas.rotate(30)
    for dy in (-high * 0.34, 0.0, high * 0.34):
        of = Style(BOLD, size, color=BAD, align="center")
        draw_line(canvas, mark, -wide / 2, dy - size / 3, of, wide, alpha=0.1)
    canvas.restoreState()


def build(sheet: Sheet, story: Sequence[Flowable]) -> bytes:
    """The PDF of STORY. Raises InputError report.glyph_missing rather than leave out a character."""
    typeset.font(REGULAR)
    out = io.BytesIO()
    wide, high = sheet.size
    document = BaseDocTemplate(
        out,
        pagesize=sheet.size,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=MARGIN,
        bottomMargin=FOOTER + 12,
        title=sheet.title,
        author=sheet.author,
        subject=sheet.subject,
        keywords=[sheet.keywords] if sheet.keywords else [],
        creator="Presales Desktop",
        lang="zh-CN" if sheet.lang == "zh" else "en",
        invariant=1,
        initialFontName=REGULAR,
        pageCompression=1,
    )
    inner = Frame(MARGIN, FOOTER + 12, wide - 2 * MARGIN, high - MARGIN - FOOTER - 12, 0, 0, 0, 0, id="body")
    document.addPageTemplates([PageTemplate("page", [inner])])
    maker = type("_SheetPages", (_Pages,), {"finish": staticmethod(_decorate(sheet))})
    document.build(list(story) or [Gap(1)], canvasmaker=maker)
    return out.getvalue()
