"""The same story as on the PDF, as a Word document that people can go on writing in: `build(sheet, story)`.

Words that were set for the printed page are set again here: paragraphs, facts beside each other, tables with their sums, boxes to
sign in. What is not approved says so in the header of every page. The same story gives the same bytes.
"""

# ruff: noqa: SLF001  # python-docx has no words for fonts of Chinese text, shading and borders; its elements are underscored

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor
from reportlab.platypus import CondPageBreak, Flowable, KeepTogether

from presales_desktop.reports.codes import CodeAtRight
from presales_desktop.reports.frame import BAD, GREY, HAIRLINE, MARGIN, PANEL, Gap, Pairs, Rule, Sheet, Signatures, Text
from presales_desktop.reports.grid import Grid, Row
from presales_desktop.reports.letterhead import Head
from presales_desktop.reports.typeset import BOLD
from presales_desktop.texts import tr_in

LATIN: Final = "Arial"
CHINESE: Final = "Microsoft YaHei"
_BAND: Final = "E9EEF7"
_ALIGN: Final = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
}
# Zip entries carry a day; documents that are equal shall be equal byte for byte.
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


def build(sheet: Sheet, story: Iterable[Flowable]) -> bytes:
    """The DOCX of STORY. Raises TypeError for a part that has no form here."""
    made = _Word(sheet)
    made.write(story)
    return made.bytes()


class _Word:
    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.document = Document()
        self.writers: dict[type[Any], Callable[[Any], None]] = {
            Head: self._head, Text: self._text, Pairs: self._pairs, Grid: self._grid, Signatures: self._signatures,
            Rule: self._nothing, CodeAtRight: self._nothing, Gap: self._nothing, CondPageBreak: self._nothing,
            KeepTogether: lambda part: self.write(part._content),
        }  # fmt: skip
        self._page()
        self._fonts()
        self._frame()

    def write(self, story: Iterable[Flowable]) -> None:
        """Each part of the story in turn."""
        for part in story:
            writer = self.writers.get(type(part))
            if writer is None:
                raise TypeError(f"no form in Word: {type(part).__name__}")
            writer(part)

    def bytes(self) -> bytes:
        """The file, its entries without the time of writing."""
        raw, out = io.BytesIO(), io.BytesIO()
        self.document.save(raw)
        with zipfile.ZipFile(raw) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
            for name in source.namelist():
                info = zipfile.ZipInfo(name, _EPOCH)
                info.compress_type = zipfile.ZIP_DEFLATED
                target.writestr(info, source.read(name))
        return out.getvalue()

    # -- the page

    def _page(self) -> None:
        section = self.document.sections[0]
        wide, high = self.sheet.size
        section.orientation = WD_ORIENT.LANDSCAPE if self.sheet.landscape else WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = Pt(wide), Pt(high)
        section.left_margin = section.right_margin = Pt(MARGIN)
        section.top_margin = section.bottom_margin = Pt(MARGIN + 8)
        properties = self.document.core_properties
        properties.title, properties.author, properties.subject = (
            self.sheet.title,
            self.sheet.author,
            self.sheet.subject,
        )
        properties.language = "zh-CN" if self.sheet.lang == "zh" else "en"
        properties.comments = ""
        properties.created = properties.modified = dt.datetime(2000, 1, 1)  # noqa: DTZ001  # Word's own form has no zone
        properties.last_modified_by = self.sheet.author

    def _fonts(self) -> None:
        """Chinese text takes its font from its own attribute; without it Word picks one that this computer may not have."""
        normal = self.document.styles["Normal"]
        normal.font.name, normal.font.size = LATIN, Pt(9.5)
        fonts = normal.element.get_or_add_rPr().get_or_add_rFonts()
        fonts.set(qn("w:eastAsia"), CHINESE)
        language = OxmlElement("w:lang")
        language.set(qn("w:val"), "en-US")
        language.set(qn("w:eastAsia"), "zh-CN")
        normal.element.get_or_add_rPr().append(language)
        normal.paragraph_format.space_after = Pt(2)
        normal.paragraph_format.space_before = Pt(0)

    def _frame(self) -> None:
        """Header with the mark of what is not approved, footer with number, hash and pages."""
        section = self.document.sections[0]
        top = section.header.paragraphs[0]
        if self.sheet.watermark:
            top.alignment = WD_ALIGN_PARAGRAPH.CENTER
            self._run(top, self.sheet.watermark, size=22, bold=True, color=BAD)
            top = section.header.add_paragraph()
        self._run(top, self.sheet.running, size=7.5, color=GREY)
        foot = section.footer.paragraphs[0]
        before, _, rest = tr_in(self.sheet.lang, "第 {page} 页 共 {pages} 页", page="\x00", pages="\x01").partition(
            "\x00"
        )
        middle, _, after = rest.partition("\x01")
        self._run(foot, f"{self.sheet.footer}    {before}", size=7.5, color=GREY)
        self._number(foot, "PAGE")
        self._run(foot, middle, size=7.5, color=GREY)
        self._number(foot, "NUMPAGES")
        self._run(foot, after, size=7.5, color=GREY)

    def _number(self, paragraph: Any, name: str) -> None:
        """A field that Word counts itself."""
        run = self._run(paragraph, "", size=7.5, color=GREY)
        for kind in ("begin", "", "end"):
            if kind:
                part = OxmlElement("w:fldChar")
                part.set(qn("w:fldCharType"), kind)
            else:
                part = OxmlElement("w:instrText")
                part.set(qn("xml:space"), "preserve")
                part.text = name
            run._r.append(part)

    # -- words

    def _run(self, paragraph: Any, text: str, *, size: float = 9.5, bold: bool = False, color: str = "") -> Any:
        run = paragraph.add_run(text)
        run.font.size, run.font.bold, run.font.name = Pt(size), bold, LATIN
        run._r.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), CHINESE)
        if color:
            run.font.color.rgb = RGBColor.from_string(color.removeprefix("#").upper())
        return run

    def _paragraph(self, text: str, *, align: str = "left", **looks: Any) -> Any:
        paragraph = self.document.add_paragraph()
        paragraph.alignment = _ALIGN[align]
        self._run(paragraph, text, **looks)
        return paragraph

    def _nothing(self, part: Flowable) -> None:
        """Space and page breaks are the writing program's own here."""

    def _head(self, head: Head) -> None:
        self._paragraph(head.name, size=13, bold=True)
        for line in (head.second, *head.lines):
            if line and line != head.name:
                self._paragraph(line, size=7.5, color=GREY)
        self._paragraph(head.title, size=18, bold=True, align="center")
        if head.number:
            self._paragraph(head.number, size=9, color=GREY, align="center")

    def _text(self, part: Text) -> None:
        of = part.of
        made = self._paragraph(part.value, align=of.align, size=of.size, bold=of.font == BOLD, color=of.color)
        made.paragraph_format.space_before = Pt(of.before)
        made.paragraph_format.space_after = Pt(max(of.after, 2))
        made.paragraph_format.keep_with_next = of.before > 6

    # -- tables

    def _table(self, widths: Sequence[float], *, lined: bool) -> Any:
        table = self.document.add_table(rows=0, cols=len(widths))
        table.alignment, table.autofit = WD_TABLE_ALIGNMENT.CENTER, False
        for column, width in zip(table.columns, widths, strict=True):
            column.width = Pt(width)
        if lined:
            _borders(table)
        return table

    def _cell(self, cell: Any, width: float, text: str, *, align: str = "left", fill: str = "", **looks: Any) -> None:
        cell.width = Pt(width)
        paragraph = cell.paragraphs[0]
        paragraph.alignment = _ALIGN[align]
        paragraph.paragraph_format.space_after = Pt(0)
        self._run(paragraph, text, **looks)
        if fill:
            shade = OxmlElement("w:shd")
            for name, value in (("val", "clear"), ("color", "auto"), ("fill", fill)):
                shade.set(qn(f"w:{name}"), value)
            cell._tc.get_or_add_tcPr().append(shade)

    def _pairs(self, part: Pairs) -> None:
        each = self.sheet.width / part.columns
        table = self._table([part.label_width, each - part.label_width] * part.columns, lined=False)
        for start in range(0, len(part.pairs), part.columns):
            cells = table.add_row().cells
            for i, (name, value) in enumerate(part.pairs[start : start + part.columns]):
                self._cell(cells[2 * i], part.label_width, name, size=8, color=GREY)
                self._cell(cells[2 * i + 1], each - part.label_width, value, size=9)
        self._after()

    def _grid(self, part: Grid) -> None:
        widths = part._share(self.sheet.width)
        table = self._table(widths, lined=part.lined)
        if part.header:
            row = table.add_row()
            for cell, column, width in zip(row.cells, part.columns, widths, strict=True):
                fill = PANEL.removeprefix("#").upper()
                self._cell(cell, width, column.title, align=column.align, bold=True, size=part.size, fill=fill)
            _mark(row, "w:tblHeader")
        for each in part.rows:
            self._row(table, part, each, widths)
        self._after()

    def _row(self, table: Any, part: Grid, row: Row, widths: Sequence[float]) -> None:
        made = table.add_row()
        _mark(made, "w:cantSplit")
        cells = made.cells
        strong = row.look in ("section", "total")
        fill = _BAND if row.look == "section" else ""
        color = GREY if row.look == "note" else ""
        first = cells[0].merge(cells[row.span - 1]) if row.span > 1 else cells[0]
        for i, value in enumerate(row.cells):
            if not isinstance(value, str):
                continue
            cell, width = (first, sum(widths[: row.span or 1])) if i == 0 else (cells[i], widths[i])
            align = "left" if row.span and i == 0 else part.columns[i].align
            bold = strong or i in row.strong
            self._cell(cell, width, value, align=align, bold=bold, color=color, size=part.size, fill=fill)

    def _signatures(self, part: Signatures) -> None:
        each = self.sheet.width / len(part.boxes)
        table = self._table([each] * len(part.boxes), lined=True)
        row = table.add_row()
        _mark(row, "w:cantSplit")
        for cell, (heading, said) in zip(row.cells, part.boxes, strict=True):
            self._cell(cell, each, heading, bold=True, size=8.5)
            blank = max(1, int(part.height / 14) - len(said) - 1)
            for line in (*[""] * blank, *said):
                paragraph = cell.add_paragraph()
                paragraph.paragraph_format.space_after = Pt(0)
                self._run(paragraph, line, size=8, color=GREY)
        self._after()

    def _after(self) -> None:
        """Two tables that touch become one in Word."""
        self.document.add_paragraph().paragraph_format.space_after = Pt(0)


def _mark(row: Any, name: str) -> None:
    """A property of a table's row that python-docx has no word for."""
    row._tr.get_or_add_trPr().append(OxmlElement(name))


def _borders(table: Any) -> None:
    borders = OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        edge = OxmlElement(f"w:{side}")
        for name, value in (
            ("val", "single"),
            ("sz", "4"),
            ("space", "0"),
            ("color", HAIRLINE.removeprefix("#").upper()),
        ):
            edge.set(qn(f"w:{name}"), value)
        borders.append(edge)
    table._tbl.tblPr.append(borders)
