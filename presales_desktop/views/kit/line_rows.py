"""Rows of a line table as a whole: added, removed, copied, moved; each one step that can be undone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QItemSelection, QItemSelectionModel
from PySide6.QtWidgets import QTableView

from presales_desktop.texts import tr
from presales_desktop.views.kit.delegate import parts_of
from presales_desktop.views.kit.draft import Draft, copy_value
from presales_desktop.views.kit.line_model import LineModel


class LineRows(QTableView):
    """What LineTable does with rows; it brings `draft`, `path`, `lines`, and its own ways to show a cell."""

    draft: Draft
    path: str
    lines: LineModel

    def show_cell(self, number: int, column: int) -> None:
        """Put the keyboard on a cell."""
        raise NotImplementedError

    def first_text_column(self) -> int:
        """Where typing begins."""
        raise NotImplementedError

    def current_line(self) -> int:
        """Index of the current row, -1 for none or the place at the end."""
        number = self.currentIndex().row()
        return number if number < len(self.lines.rows) else -1

    def selected_lines(self) -> list[int]:
        """Indexes of rows with a selected cell (the current one when nothing is selected)."""
        found: set[int] = set()
        for part in parts_of(self):
            found.update(range(part.top(), part.bottom() + 1))
        if not found and self.currentIndex().isValid():
            found.add(self.currentIndex().row())
        return sorted(n for n in found if n < len(self.lines.rows))

    def insert_rows(self, rows: Sequence[Any], at: int | None = None, text: str = "") -> None:
        """Put ROWS in (at the end, or before AT) as one step, and go there."""
        place = len(self.lines.rows) if at is None else at
        with self.draft.macro(text or tr("添加 {n} 行", n=len(rows))):
            for i, row in enumerate(rows):
                self.draft.insert(self.path, place + i, row)
        self.show_cell(place, self.first_text_column())

    def add_row(self, row: Any | None = None, at: int | None = None) -> None:
        """One more row (an empty one when none is given)."""
        made = row if row is not None else (self.lines.new_row() if self.lines.new_row else None)
        if made is not None and not self.lines.read_only:
            self.insert_rows([made], at, tr("添加一行"))

    def remove_lines(self) -> None:
        """Take the selected rows out; Ctrl+Z brings them back."""
        lines = self.selected_lines()
        if not lines or self.lines.read_only or self.lines.new_row is None:
            return
        with self.draft.macro(tr("删除 {n} 行", n=len(lines))):
            for number in reversed(lines):
                self.draft.remove(self.path, number)
        self.show_cell(min(lines[0], self.lines.rowCount() - 1), max(0, self.currentIndex().column()))

    def duplicate_lines(self) -> None:
        """Copies of the selected rows under them (without their ids)."""
        lines = self.selected_lines()
        if not lines or not self.lines.can_add:
            return
        copies = []
        for number in lines:
            made = copy_value(self.lines.rows[number])
            if hasattr(made, "id"):
                made.id = None
            copies.append(made)
        self.insert_rows(copies, lines[-1] + 1, tr("复制行"))

    def move_lines(self, step: int) -> None:
        """Selected rows one up (-1) or down (1), together."""
        lines = self.selected_lines()
        if not lines or self.lines.read_only:
            return
        if (lines[0] == 0 and step < 0) or (lines[-1] == len(self.lines.rows) - 1 and step > 0):
            return
        column = max(0, self.currentIndex().column())
        with self.draft.macro(tr("移动行")):
            for number in lines if step < 0 else reversed(lines):
                self.draft.move(self.path, number, number + step)
        self._select_rows([n + step for n in lines], column)

    def move_to(self, lines: Sequence[int], before: int) -> None:
        """Rows LINES (ascending) so that they stand before what is at BEFORE now; the drag of the gutter ends here."""
        if not lines or self.lines.read_only:
            return
        if before in range(lines[0], lines[-1] + 2) and len(lines) == lines[-1] - lines[0] + 1:
            return
        above = [n for n in lines if n < before]
        target = before - len(above)
        with self.draft.macro(tr("移动行")):
            for i, number in enumerate(reversed(above)):
                self.draft.move(self.path, number, before - 1 - i)
            for i, number in enumerate(lines[len(above) :]):
                self.draft.move(self.path, number, before + i)
        self._select_rows(list(range(target, target + len(lines))), max(0, self.currentIndex().column()))

    def _select_rows(self, lines: Sequence[int], column: int) -> None:
        if not lines:
            return
        self.show_cell(lines[0], column)
        last = len(self.lines.columns) - 1
        for number in lines:
            part = QItemSelection(self.lines.index(number, 0), self.lines.index(number, last))
            self.selectionModel().select(part, QItemSelectionModel.SelectionFlag.Select)
