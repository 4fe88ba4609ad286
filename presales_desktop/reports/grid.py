"""Tables on paper: header repeated on every page, rows that stay whole where they can, amounts that never break."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from reportlab.platypus import CondPageBreak, Flowable

from presales_desktop.reports import typeset
from presales_desktop.reports.frame import ACCENT, GREY, HAIRLINE, INK, PANEL, Image, Style, draw_line, ink, style

PAD = 4.0
# How many rows go with the totals when these stand on a new page.
_WITH_TOTALS = 2
_NEXT_PAGE = 10_000.0


@dataclass(frozen=True)
class Col:
    """A column: fixed `width` in points, or a share (`weight`) of what is left. `nowrap`: one line, set smaller when it must be
    (amounts, numbers). A title may hold a line break."""

    title: str
    width: float = 0.0
    weight: float = 1.0
    align: str = "left"
    nowrap: bool = False


@dataclass(frozen=True)
class Row:
    """Cells of a row, one per column from the left (None where another covers it); a cell may be a text or a picture.

    `span`: columns that the first cell covers (0: one). `look`: "" plain, "section" band, "total" strong, "note" grey.
    `strong`: indexes of columns set strong. `least`: height in points at least.
    """

    cells: tuple[str | Image | None, ...]
    look: str = ""
    span: int = 0
    strong: frozenset[int] = field(default_factory=frozenset)
    least: float = 0.0


_Cell = tuple[int, int, tuple[str, ...] | Image]


@dataclass
class _Laid:
    """A row with its lines broken: per cell (column, columns covered, lines or picture)."""

    row: Row
    cells: list[_Cell]
    height: float


@lru_cache(maxsize=64)
def _cell_style(strong: bool, size: float, align: str, grey: bool) -> Style:
    return style("cell_strong" if strong else "cell", size=size, align=align, color=GREY if grey else INK)


class Grid(Flowable):  # type: ignore[misc]  # reportlab has no types
    """A table. Rows break between pages only when one is taller than a page; a section row never stands last on a page.

    FOLLOW: height of what must not stand without its last rows (totals): where it would, the last two rows go with it.
    """

    def __init__(
        self,
        columns: Sequence[Col],
        rows: Sequence[Row],
        *,
        size: float = 8.0,
        header: bool = True,
        picture_height: float = 34.0,
        lined: bool = True,
        pad: float = PAD,
        follow: float = 0.0,
    ) -> None:
        super().__init__()
        self.follow = follow
        self.columns, self.rows = tuple(columns), list(rows)
        self.size, self.header, self.picture_height, self.lined, self.pad = size, header, picture_height, lined, pad
        self._widths: list[float] = []
        self._laid: list[_Laid] = []
        self._space = -1.0

    def getSpaceAfter(self) -> float:
        return 6.0

    def wrap(self, space: float, height: float) -> tuple[float, float]:
        if space != self._space:
            self._space = space
            self._widths = self._share(space)
            self._laid = [self._lay(row) for row in self.rows]
        self.width = space
        self.height = self._header_height() + sum(laid.height for laid in self._laid)
        if self.height <= height < self.height + self.follow and len(self._laid) > _WITH_TOTALS:
            return space, height + 1.0  # it fits, what follows does not: asked to split, it gives its last rows along
        return space, self.height

    def _share(self, space: float) -> list[float]:
        left = space - sum(c.width for c in self.columns)
        weights = sum(c.weight for c in self.columns if not c.width) or 1.0
        return [c.width or max(20.0, left * c.weight / weights) for c in self.columns]

    def _style(self, row: Row, index: int) -> Style:
        column = self.columns[index]
        align = "left" if row.span and index == 0 else column.align
        strong = row.look in ("section", "total") or index in row.strong
        return _cell_style(strong, self.size, align, row.look == "note")

    def _lay(self, row: Row) -> _Laid:
        cells: list[_Cell] = []
        tallest = self.size * 1.4
        for i, value in enumerate(row.cells):
            covered = row.span if row.span and i == 0 else 1
            if value is None:
                continue
            if isinstance(value, Image):
                cells.append((i, covered, value))
                tallest = max(tallest, self.picture_height)
                continue
            if not value:
                continue
            set_in = self._style(row, i)
            space = round(sum(self._widths[i : i + covered]) - 2 * PAD, 2)
            text = typeset.clean(value)
            nowrap = self.columns[i].nowrap and covered == 1
            broken = (text.replace("\n", " "),) if nowrap else typeset.lines(text, set_in.font, set_in.size, space)
            cells.append((i, covered, broken))
            tallest = max(tallest, len(broken) * set_in.line)
        return _Laid(row, cells, max(row.least, tallest + 2 * self.pad))

    def _header_height(self) -> float:
        if not self.header:
            return 0.0
        return max(len(self._title(i)) for i in range(len(self.columns))) * self.size * 1.3 + 2 * PAD

    def _title(self, index: int) -> tuple[str, ...]:
        column = self.columns[index]
        return typeset.lines(
            typeset.clean(column.title), typeset.BOLD, self.size, round(self._widths[index] - 2 * PAD, 2)
        )

    def split(self, space: float, height: float) -> list[Flowable]:
        self.wrap(space, 10**6)
        if self.height <= height < self.height + self.follow:
            cut = self._cut(len(self._laid) - _WITH_TOTALS)
            if cut <= 0:
                return []
            return [self._part(self._laid[:cut]), CondPageBreak(_NEXT_PAGE), self._part(self._laid[cut:])]
        room = height - self._header_height()
        fitting, used = 0, 0.0
        while fitting < len(self._laid) and used + self._laid[fitting].height <= room + 0.01:
            used += self._laid[fitting].height
            fitting += 1
        if fitting >= len(self._laid):
            return []
        cut = self._cut(fitting)
        if cut > 0:
            return [self._part(self._laid[:cut]), self._part(self._laid[cut:], self.follow)]
        if height < 240 or self._laid[fitting].height <= 400:
            return []
        return self._split_row(fitting, room - used)

    def _cut(self, at: int) -> int:
        """Where to break at or before row AT, so that no section stands last."""
        while at > 0 and self._laid[at - 1].row.look == "section":
            at -= 1
        return at

    def _split_row(self, index: int, room: float) -> list[Flowable]:
        """A row taller than a page: as many of its lines as fit here, the rest on the next page."""
        laid = self._laid[index]
        keep = max(1, int((room - 2 * PAD) // (self.size * 1.4)))
        upper: list[_Cell] = []
        lower: list[_Cell] = []
        for i, covered, content in laid.cells:
            if isinstance(content, Image):
                upper.append((i, covered, content))
                continue
            upper.append((i, covered, content[:keep]))
            if content[keep:]:
                lower.append((i, covered, content[keep:]))
        rest = max((len(c) for _, _, c in lower if not isinstance(c, Image)), default=0)
        top = _Laid(laid.row, upper, keep * self.size * 1.4 + 2 * PAD)
        bottom = _Laid(laid.row, lower, rest * self.size * 1.4 + 2 * PAD)
        return [self._part([*self._laid[:index], top]), self._part([bottom, *self._laid[index + 1 :]], self.follow)]

    def _part(self, laid: list[_Laid], follow: float = 0.0) -> Grid:
        part = Grid(
            self.columns,
            [each.row for each in laid],
            size=self.size,
            header=self.header,
            picture_height=self.picture_height,
            lined=self.lined,
            pad=self.pad,
            follow=follow,
        )
        part._space, part._widths, part._laid = self._space, self._widths, laid
        return part

    def draw(self) -> None:
        y = self.height
        if self.header:
            y = self._draw_header(y)
        for laid in self._laid:
            self._draw_row(laid, y)
            y -= laid.height
        self.canv.setStrokeColor(ink(INK))
        self.canv.setLineWidth(0.8)
        self.canv.line(0, y, self.width, y)

    def _draw_header(self, y: float) -> float:
        high = self._header_height()
        self.canv.setFillColor(ink(PANEL))
        self.canv.rect(0, y - high, self.width, high, stroke=0, fill=1)
        self.canv.setStrokeColor(ink(INK))
        self.canv.setLineWidth(0.8)
        self.canv.line(0, y, self.width, y)
        self.canv.setLineWidth(0.5)
        self.canv.line(0, y - high, self.width, y - high)
        x = 0.0
        for i, column in enumerate(self.columns):
            said = self._title(i)
            of = style("cell_strong", size=self.size, align=column.align)
            top = y - PAD - (high - 2 * PAD - len(said) * self.size * 1.3) / 2 - self.size * 1.02
            for n, line in enumerate(said):
                draw_line(self.canv, line, x + PAD, top - n * self.size * 1.3, of, self._widths[i] - 2 * PAD)
            x += self._widths[i]
        return y - high

    def _draw_row(self, laid: _Laid, y: float) -> None:
        bottom = y - laid.height
        if laid.row.look == "section":
            self.canv.setFillColor(ink("#e9eef7"))
            self.canv.rect(0, bottom, self.width, laid.height, stroke=0, fill=1)
            self.canv.setFillColor(ink(ACCENT))
            self.canv.rect(0, bottom, 2.4, laid.height, stroke=0, fill=1)
        if self.lined:
            self.canv.setStrokeColor(ink(HAIRLINE))
            self.canv.setLineWidth(0.4)
            self.canv.line(0, bottom, self.width, bottom)
        for i, covered, content in laid.cells:
            x = sum(self._widths[:i])
            space = sum(self._widths[i : i + covered]) - 2 * PAD
            if isinstance(content, Image):
                content.draw(self.canv, x + PAD / 2, bottom + 2, space + PAD, laid.height - 4)
                continue
            of = self._style(laid.row, i)
            block = len(content) * of.line
            top = y - (laid.height - block) / 2 - of.size * 1.12
            for n, line in enumerate(content):
                shrink = self.columns[i].nowrap and covered == 1
                draw_line(self.canv, line, x + PAD, top - n * of.line, of, space, shrink=shrink)
