"""Panes of the import page: matching columns to fields, and the preview of what would change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QFrame, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from presales_desktop.services import imports
from presales_desktop.services.imports import Preview, PreviewRow, Target
from presales_desktop.services.listing import ListQuery, Page
from presales_desktop.services.spreadsheets import Sheet
from presales_desktop.services.work import Work
from presales_desktop.texts import tr
from presales_desktop.texts.lookup import label
from presales_desktop.views.kit import tokens
from presales_desktop.views.kit.adapters import ChoiceBox
from presales_desktop.views.kit.basics import Elided, column, row, words
from presales_desktop.views.kit.columns import Column
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.list_bars import ViewTabs
from presales_desktop.views.kit.panels import Figure, KeyFigures
from presales_desktop.views.kit.table import RowTable


class MappingPane(QScrollArea):
    """Field by field the column that fills it, with the first values of that column. `sheet_chosen(index)`."""

    sheet_chosen = Signal(int)

    def __init__(self, target: Target) -> None:
        super().__init__()
        self.target = target
        self.sheet: Sheet
        self.boxes: dict[str, QComboBox] = {}
        self._samples: dict[str, Elided] = {}
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self._file = words("", "section")
        self._about = words("", "secondary")
        self._sheet_word = words(tr("工作表"), "secondary")
        self._sheets = ChoiceBox()
        self._sheets.setObjectName("import.sheet")
        self._sheets.setAccessibleName(tr("工作表"))
        self._sheets.activated.connect(self.sheet_chosen.emit)
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnMinimumWidth(0, 150)
        self._grid.setColumnMinimumWidth(1, 260)
        self._grid.setColumnStretch(2, 1)
        panel = QFrame()
        panel.setProperty("look", "panel")
        inner = QVBoxLayout(panel)
        inner.setContentsMargins(16, 12, 16, 16)
        inner.addLayout(self._grid)
        body = QWidget()
        whole = column(gap=tokens.GAP, margins=(tokens.MARGIN, 12, tokens.MARGIN, tokens.MARGIN))
        whole.addLayout(row(self._file, self._about, None, self._sheet_word, self._sheets))
        whole.addWidget(panel)
        whole.addStretch(1)
        body.setLayout(whole)
        self.setWidget(body)
        self._make_rows()

    def _make_rows(self) -> None:
        for i, title in enumerate((tr("字段"), tr("文件中的列"), tr("前几个值"))):
            self._grid.addWidget(words(title, "small"), 0, i)
        for n, wanted in enumerate(self.target.fields, start=1):
            word = label(self.target.kind, wanted.name)
            name = QLabel(f"{word} *" if wanted.required else word)
            box = ChoiceBox()
            box.setObjectName(f"import.map.{wanted.name}")
            box.setAccessibleName(tr("{field}对应的列", field=word))
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            box.activated.connect(lambda _i, field=wanted.name: self._chosen(field))
            name.setBuddy(box)
            sample = Elided("", "secondary")
            self.boxes[wanted.name], self._samples[wanted.name] = box, sample
            for i, part in enumerate((name, box, sample)):
                self._grid.addWidget(part, n, i)

    def set_sheets(self, sheets: Sequence[Sheet], current: int) -> None:
        """The sheets of the file; the choice shows when there are several."""
        self._sheets.clear()
        for sheet in sheets:
            self._sheets.addItem(sheet.name or sheet.file)
        self._sheets.setCurrentIndex(current)
        for part in (self._sheets, self._sheet_word):
            part.setVisible(len(sheets) > 1)

    def set_mapping(self, sheet: Sheet, mapping: dict[str, str], *, remembered: bool) -> None:
        """Offer the columns of SHEET, chosen as MAPPING (field → column) says."""
        self.sheet = sheet
        self._file.setText(sheet.file)
        said = tr("{n} 行 · 表头在第 {line} 行", n=f"{len(sheet.rows):,}", line=sheet.header_line)
        if remembered:
            said += " · " + tr("沿用上次的对应关系")
        self._about.setText(said)
        for name, box in self.boxes.items():
            box.clear()
            box.addItem(tr("— 不导入 —"), "")
            for header in sheet.headers:
                box.addItem(header, header)
            box.setCurrentIndex(max(0, box.findData(mapping.get(name, ""))))
            self._show_sample(name)

    def _chosen(self, field: str) -> None:
        """A column serves one field: where it was before it is taken away."""
        header = self.boxes[field].currentData()
        for name, box in self.boxes.items():
            if header and name != field and box.currentData() == header:
                box.setCurrentIndex(0)
                self._show_sample(name)
        self._show_sample(field)

    def _show_sample(self, field: str) -> None:
        header = self.boxes[field].currentData()
        self._samples[field].setText(" · ".join(self.sheet.samples(header)) if header else "")

    def mapping(self) -> dict[str, str]:
        """Field → column as chosen."""
        return {name: box.currentData() for name, box in self.boxes.items() if box.currentData()}


@dataclass(frozen=True)
class _Line:
    id: int
    line: int
    title: str
    what: str


class PreviewPane(QWidget):
    """Counts, and the rows of each kind: what is new, what changes from what to what, what is refused and why."""

    def __init__(self, ctx: ViewContext) -> None:
        super().__init__()
        self._ctx = ctx
        self._seen: Preview | None = None
        self._current = 0
        self.figures = KeyFigures()
        self._note = words("", "secondary", wrap=True)
        self.tabs = ViewTabs(["待修正", "新建", "修改", "无变化"])
        self.tabs.chosen.connect(self._choose)
        self.table = RowTable(
            ctx,
            self._rows,
            (
                Column("line", "行号", 70, align="right", tone=lambda _: "secondary", sortable=False),
                Column("title", "名称", 280, strong=True, sortable=False),
                Column("what", "详情", 500, sortable=False, stretch=True),
            ),
            key="import.preview",
            kinds=(),
        )
        self.table.setAccessibleName(tr("导入预览"))
        whole = column(gap=10, margins=(tokens.MARGIN, 12, tokens.MARGIN, 0))
        whole.addWidget(self.figures)
        whole.addWidget(self._note)
        whole.addLayout(row(self.tabs, None))
        whole.addWidget(self.table, 1)
        self.setLayout(whole)

    def _group(self, index: int) -> Sequence[PreviewRow]:
        seen = self._seen
        return (seen.rejected, seen.new, seen.changed, seen.unchanged)[index] if seen else ()

    def _rows(self, _work: Work, query: ListQuery) -> Page[_Line]:
        """One window of the rows, put into words only now: a file may have 200,000."""
        found, index, seen = self._group(self._current), self._current, self._seen
        window = found[query.offset : query.offset + query.limit]
        lines = tuple(_Line(r.line, r.line, r.title, _said(seen, r, index)) for r in window) if seen else ()
        return Page(lines, len(found), query.offset)

    def set_preview(self, seen: Preview) -> None:
        """Show SEEN, the refused rows first when there are any."""
        self._seen = seen
        counts = seen.counts
        self.figures.set_figures(
            (
                Figure(f"{counts['new']:,}", tr("新建"), "good" if counts["new"] else ""),
                Figure(f"{counts['changed']:,}", tr("修改"), "accent" if counts["changed"] else ""),
                Figure(f"{counts['unchanged']:,}", tr("无变化")),
                Figure(f"{counts['rejected']:,}", tr("待修正"), "bad" if counts["rejected"] else ""),
            )
        )
        self._note.setText(_note(seen))
        first = next((i for i in range(4) if self._group(i)), 0)
        self.tabs.select(first)
        self._choose(first)

    def _choose(self, index: int) -> None:
        self._current = index
        self.table.windowed.set_query(ListQuery())


def _note(seen: Preview) -> str:
    said = []
    if seen.rejected:
        said.append(tr("一个文件要么全部导入，要么都不导入。请保存有问题的行、改好后再导入，或者只导入其余各行。"))
    if seen.ignored:
        said.append(tr("表格下方的 {n} 行（合计、备注）没有计入。", n=seen.ignored))
    if not seen.rejected and not seen.new and not seen.changed:
        said.append(tr("文件内容与现有数据完全一致，没有需要导入的。"))
    return " ".join(said)


def _said(seen: Preview, found: PreviewRow, group: int) -> str:
    reasons = imports.reasons(found, seen.target.kind)
    told = {1: _values, 2: _changes}.get(group)
    return " ".join(part for part in (reasons, told(seen, found) if told else "") if part)


def _values(seen: Preview, found: PreviewRow) -> str:
    return " · ".join(
        f"{label(seen.target.kind, name)} {_short(seen.text(name, value))}"
        for name, value in found.values.items()
        if name != seen.target.fields[0].name
    )


def _changes(seen: Preview, found: PreviewRow) -> str:
    def said(name: str, old: Any, new: Any) -> str:
        before = _short(seen.text(name, old)) if old not in (None, "") else tr("空")
        return f"{label(seen.target.kind, name)} {before} → {_short(seen.text(name, new))}"

    return " · ".join(said(name, old, new) for name, (old, new) in found.changes.items())


def _short(text: str) -> str:
    one = " ".join(text.split())
    return one if len(one) <= 40 else one[:39] + "…"
