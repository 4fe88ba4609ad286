"""An editable grid of parts with the manners of a spreadsheet: type to replace, Tab and Enter, paste from Excel, fill down.

    LineTable(ctx, draft, "lines", (LineColumn("name", "名称", stretch=True), …), kind="quote_line", new_row=LineDraft)

Keys: F2 edit · Enter next row · Tab next cell · Delete empty · Ctrl+D fill down · Ctrl+C/X/V · Ctrl+Delete remove rows ·
Insert a row above · Alt+↑/↓ and Ctrl+Shift+↑/↓ move rows · Space switches a flag · Alt+↓ opens the list of a cell that has one · Ctrl+Tab leaves the table.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFontMetrics, QGuiApplication, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu

from presales_desktop.models.errors import Problem
from presales_desktop.models.fields import FieldType
from presales_desktop.texts import lookup, tr
from presales_desktop.views.kit import line_paste, theme, tokens
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.draft import Draft
from presales_desktop.views.kit.editor_parts import PartMark
from presales_desktop.views.kit.line_columns import LineColumn
from presales_desktop.views.kit.line_delegate import LineDelegate
from presales_desktop.views.kit.line_headers import LineHeader, RowGutter
from presales_desktop.views.kit.line_model import LineModel
from presales_desktop.views.kit.line_rows import LineRows
from presales_desktop.views.kit.popup import Choice
from presales_desktop.views.kit.typed_edits import today_of

__all__ = ["Choice", "LineColumn", "LineTable"]

_CTRL = Qt.KeyboardModifier.ControlModifier
_SHIFT = Qt.KeyboardModifier.ShiftModifier


class LineTable(PartMark, LineRows):
    """Rows of the list at PATH in DRAFT.

    KIND: whose words label the columns and problems; NEW_ROW: makes an empty row (without it rows cannot be added);
    ROW_KIND(row): "", "section", "note" (both span all columns and show SPAN_NAME) or "subtotal"; FIT: grows with its rows up
    to that many (0: takes the room it is given); KEY: where widths are remembered.
    `rows_changed()` once after any number of changes in one go: recompute totals there. `current_changed(row index)`.
    """

    rows_changed = Signal()
    current_changed = Signal(int)

    def __init__(
        self,
        ctx: ViewContext,
        draft: Draft,
        path: str,
        columns: Sequence[LineColumn],
        *,
        kind: str = "",
        new_row: Callable[[], Any] | None = None,
        row_kind: Callable[[Any], str] | None = None,
        span_name: str = "name",
        key: str = "",
        fit: int = 12,
    ) -> None:
        super().__init__()
        self.ctx, self.draft, self.path, self.kind = ctx, draft, path, kind
        self._key = f"lines.{key or kind or path}"
        self._fit = fit
        self._loading = False
        self.drop_at = -1
        self.setObjectName(f"{kind or path}.table")
        self.setAccessibleName(lookup.kind_title(kind) if kind else path)
        self.lines = LineModel(
            draft, path, columns, kind=kind, today=lambda: today_of(ctx), new_row=new_row, row_kind=row_kind,
            span_name=span_name, parent=self,
        )  # fmt: skip
        self.setModel(self.lines)
        self._cells = LineDelegate(self, self.lines)
        self.setItemDelegate(self._cells)
        self._gutter = RowGutter(self)
        self.setVerticalHeader(self._gutter)
        self._head = LineHeader(self)
        self.setHorizontalHeader(self._head)
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self._settled)
        self._shape_later = QTimer(self, singleShot=True, interval=0)
        self._shape_later.timeout.connect(self._arrange)
        self._remember_later = QTimer(self, singleShot=True, interval=400)
        self._remember_later.timeout.connect(self._remember)
        self._behave()
        self._restore()
        self._connect()
        self._respan()
        self._fit_height()
        self._gutter.viewport().update()

    def _behave(self) -> None:
        trigger = QAbstractItemView.EditTrigger
        self.setEditTriggers(trigger.AnyKeyPressed | trigger.DoubleClicked)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectItems)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        vertical = self.verticalHeader()
        vertical.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        vertical.setMinimumSectionSize(20)
        vertical.setDefaultSectionSize(tokens.row_height())

    def _connect(self) -> None:
        model = self.lines
        model.edited.connect(self._later.start)
        for signal in (model.rowsInserted, model.rowsRemoved, model.modelReset):
            signal.connect(self._reshape)
        model.kinds_changed.connect(self._reshape)
        self._head.sectionResized.connect(self._resized)
        self.customContextMenuRequested.connect(lambda pos: self.menu().popup(self.viewport().mapToGlobal(pos)))
        self.selectionModel().currentRowChanged.connect(lambda now, _before: self.current_changed.emit(now.row()))
        theme.notifier.theme_changed.connect(self._take_theme)

    def _take_theme(self) -> None:
        self.verticalHeader().setDefaultSectionSize(tokens.row_height())
        self._fit_height()
        self.viewport().update()

    # shape

    def _settled(self) -> None:
        self._repaint_subtotals()
        self.rows_changed.emit()

    def _repaint_subtotals(self) -> None:
        """Subtotals in view hang on other rows; the changed rows themselves are painted by dataChanged."""
        if not self.lines.has_kinds:
            return
        number, width = max(0, self.rowAt(0)), self.viewport().width()
        last = self.rowAt(self.viewport().height() - 1)
        for row in range(number, (last if last >= 0 else len(self.lines.rows) - 1) + 1):
            if self.lines.row_kind(row) == "subtotal":
                self.viewport().update(0, self.rowViewportPosition(row), width, self.rowHeight(row))

    def _reshape(self) -> None:
        """Once after any number of rows came or went: a paste of 500 rows must not arrange 500 times."""
        self._shape_later.start()

    def _arrange(self) -> None:
        self._shape_later.stop()
        self._respan()
        self._fit_height()

    def _respan(self) -> None:
        if not self.lines.has_kinds:
            return
        self.clearSpans()
        if len(self.lines.columns) > 1:
            for number in range(len(self.lines.rows)):
                if self.lines.row_kind(number) in ("section", "note"):
                    self.setSpan(number, 0, 1, len(self.lines.columns))

    def _fit_height(self) -> None:
        if not self._fit:
            return
        rows = max(1 if self._says_nothing() else 2, min(self._fit, self.lines.rowCount()))
        self.setFixedHeight(self._head.height() + rows * tokens.row_height() + 12)

    def sizeHint(self) -> QSize:
        return QSize(400, super().sizeHint().height())

    def first_text_column(self) -> int:
        """Where 添加一行 stands and typing begins."""
        found = [
            i for i, c in enumerate(self.lines.columns) if not c.right and c.pixmap is None and c.editable is not False
        ]
        return found[0] if found else 0

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fill_width()

    def _fill_width(self) -> None:
        columns = self.lines.columns
        stretch = next((i for i, c in enumerate(columns) if c.stretch), -1)
        if stretch < 0:
            return
        others = sum(self.columnWidth(i) for i in range(len(columns)) if i != stretch)
        self._loading = True
        self.setColumnWidth(stretch, max(columns[stretch].width, self.viewport().width() - others))
        self._loading = False

    def _restore(self) -> None:
        state = self.ctx.settings.tables.get(self._key, {})
        widths = state.get("width", {}) if isinstance(state, dict) else {}
        self._loading = True
        for i, column in enumerate(self.lines.columns):
            width = widths.get(column.name) if isinstance(widths, dict) else None
            usable = isinstance(width, int) and 24 <= width <= 2000
            self.setColumnWidth(i, int(width) if usable and width else self._declared_width(i))
        self._loading = False

    def _declared_width(self, index: int) -> int:
        """As declared, never cutting the title."""
        metrics = QFontMetrics(theme.font(tokens.SMALL))
        return max(self.lines.columns[index].width, metrics.horizontalAdvance(self.lines.title(index)) + 18)

    def _resized(self, *_: int) -> None:
        if not self._loading:
            self._remember_later.start()

    def _remember(self) -> None:
        widths = {
            c.name: self.columnWidth(i)
            for i, c in enumerate(self.lines.columns)
            if not c.stretch and self.columnWidth(i) != self._declared_width(i)
        }
        self.ctx.settings.tables = {**self.ctx.settings.tables, self._key: {"width": widths}}

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._shape_later.isActive():
            self._arrange()
        super().paintEvent(event)
        if self._says_nothing():
            painter = QPainter(self.viewport())
            painter.setPen(tokens.color("secondary"))
            where = self.viewport().rect().adjusted(8, 0, -8, 0)
            painter.drawText(where, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), tr("没有内容"))
        if self.drop_at >= 0:
            last = self.drop_at - 1
            top = self.rowViewportPosition(last) + self.rowHeight(last) if self.drop_at else 0
            QPainter(self.viewport()).fillRect(0, top - 1, self.viewport().width(), 2, tokens.color("accent"))

    def _says_nothing(self) -> bool:
        """Read only and without a row: an empty grid would look as if it were still loading."""
        return self.lines.rowCount() == 0

    def show_cell(self, number: int, column: int) -> None:
        """Put the keyboard on a cell."""
        if 0 <= number < self.lines.rowCount():
            index = self.lines.index(number, column)
            self.setCurrentIndex(index)
            self.scrollTo(index)

    # moving

    def go(self, down: int, along: int) -> None:
        """From the current cell: DOWN rows, or ALONG to the next cell that can be changed, over the line's end."""
        now = self.currentIndex()
        if not now.isValid():
            self.show_cell(0, self.first_text_column())
            return
        if down:
            self.show_cell(max(0, min(self.lines.rowCount() - 1, now.row() + down)), now.column())
            return
        number, column, width = now.row(), now.column(), len(self.lines.columns)
        while True:
            column += along
            if column >= width or column < 0 or self.lines.row_kind(number) in ("section", "note"):
                number, column = number + along, 0 if along > 0 else width - 1
            if not 0 <= number < self.lines.rowCount():
                self.focusNextPrevChild(along > 0)
                return
            if self.lines.editable(number, column):
                self.show_cell(number, column)
                return

    # keyboard

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._ours(event):
            event.accept()
            return True
        key = event.key() if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) else 0
        if key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab) and isinstance(event, QKeyEvent):
            if event.modifiers() & _CTRL:
                self.focusNextPrevChild(key == Qt.Key.Key_Tab)
            else:
                self.go(0, 1 if key == Qt.Key.Key_Tab else -1)
            return True
        return super().event(event)

    def _ours(self, event: QKeyEvent) -> bool:
        return self._command(event) is not None

    def _command(self, event: QKeyEvent) -> Callable[[], Any] | None:
        """What a key does here, if anything."""
        key, mods = Qt.Key(event.key()), event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        for standard, do in (
            (QKeySequence.StandardKey.Copy, self.copy),
            (QKeySequence.StandardKey.Cut, self.cut),
            (QKeySequence.StandardKey.Paste, self.paste),
        ):
            if event.matches(standard):
                return do
        commands: dict[tuple[Qt.Key, Any], Callable[[], Any]] = {
            (Qt.Key.Key_D, _CTRL): self.fill_down,
            (Qt.Key.Key_Delete, _CTRL): self.remove_lines,
            (Qt.Key.Key_Minus, _CTRL): self.remove_lines,
            (Qt.Key.Key_Up, _CTRL | _SHIFT): lambda: self.move_lines(-1),
            (Qt.Key.Key_Down, _CTRL | _SHIFT): lambda: self.move_lines(1),
            (Qt.Key.Key_Insert, Qt.KeyboardModifier.NoModifier): lambda: self.add_row(at=max(0, self.current_line())),
            (Qt.Key.Key_F2, Qt.KeyboardModifier.NoModifier): self.edit_cell,
            (Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier): lambda: self.move_lines(-1),
            (Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier): self._list_or_down,
        }
        return commands.get((key, mods))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        command = self._command(event)
        if command is not None:
            command()
            return
        key, plain = Qt.Key(event.key()), not event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers() & _CTRL:
            self.go(-1 if event.modifiers() & _SHIFT else 1, 0)
        elif plain and key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.clear_cells()
        elif plain and key == Qt.Key.Key_Space and self._flag_here():
            self._switch_flag()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.ignore()
        else:
            super().keyPressEvent(event)

    def edit_cell(self) -> None:
        """F2: open the cell with the cursor at its end."""
        index = self.currentIndex()
        if index.isValid() and self.lines.flags(index) & Qt.ItemFlag.ItemIsEditable:
            self.edit(index)
            if self._cells.editor is not None:
                self._cells.editor.deselect()
                self._cells.editor.end(False)

    def _list_or_down(self) -> None:
        """Alt+↓: the list of a cell that has one; everywhere else the row moves down."""
        index = self.currentIndex()
        listed = index.isValid() and (
            self.lines.columns[index.column()].type is FieldType.CHOICE
            or (self.lines.row_kind(index.row()) == "new" and self.lines.columns[index.column()].completer is not None)
        )
        if not listed:
            self.move_lines(1)
            return
        self.edit_cell()
        look_up = getattr(self._cells.editor, "look_up", None)
        if callable(look_up):
            look_up()

    def _flag_here(self) -> bool:
        index = self.currentIndex()
        return index.isValid() and self.lines.columns[index.column()].type is FieldType.FLAG

    def _switch_flag(self) -> None:
        index = self.currentIndex()
        if self.lines.row_kind(index.row()) == "" and self.lines.editable(index.row(), index.column()):
            path = f"{self.path}.{index.row()}.{self.lines.columns[index.column()].name}"
            self.draft.set(path, not self.draft.get(path), merge=False)

    # cells in bulk

    def _cells_selected(self) -> list[QModelIndex]:
        found = [i for i in self.selectionModel().selectedIndexes() if i.row() < len(self.lines.rows)]
        return sorted(found, key=lambda i: (i.row(), i.column()))

    def clear_cells(self) -> None:
        """Empty the selected cells."""
        with self.draft.macro(tr("清空单元格")):
            for index in self._cells_selected():
                self.lines.clear_cell(index.row(), index.column())

    def copy(self) -> None:
        """Selected cells as TSV."""
        cells = self._cells_selected()
        if not cells:
            return
        texts = {(i.row(), i.column()): self.lines.edit_text(i.row(), i.column()) for i in cells}
        QGuiApplication.clipboard().setText(line_paste.to_tsv(texts))

    def cut(self) -> None:
        """Copy, then empty."""
        self.copy()
        self.clear_cells()

    def paste(self) -> None:
        """Cells of the clipboard from the current cell on; rows are added where there are none."""
        if not self.lines.read_only and self.currentIndex().isValid():
            line_paste.paste(self, QGuiApplication.clipboard().text())

    def fill_down(self) -> None:
        """The first selected row's cells into the rows below it."""
        cells = self._cells_selected()
        rows = sorted({i.row() for i in cells})
        columns = sorted({i.column() for i in cells})
        if len(rows) == 1 and rows[0] > 0:
            rows = [rows[0] - 1, rows[0]]
        if len(rows) < 2:
            return
        with self.draft.macro(tr("向下填充")):
            for column in columns:
                name = self.lines.columns[column].name
                value = getattr(self.lines.rows[rows[0]], name, None)
                for number in rows[1:]:
                    if self.lines.editable(number, column) and not self.lines.row_kind(number):
                        self.lines.write(number, column, name, value)

    def menu(self) -> QMenu:
        """What can be done with rows."""
        made = QMenu(self)
        made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        here = max(0, self.current_line())
        can = self.lines.can_add
        place = self.currentIndex()
        if place.isValid() and self.lines.theirs_at(place.row(), place.column()) is not None:
            take = made.addAction(
                tr("采用对方的值"), lambda: self.lines.take_theirs(place.row(), place.column())
            )  # fmt: skip
            take.setObjectName(f"{self.objectName()}.take")
            take.setToolTip(self.lines.problem_text(place.row(), place.column()))
            made.addSeparator()
        for title, key, do, on in (
            (tr("在上方插入一行"), "Insert", lambda: self.add_row(at=here), can),
            (tr("复制行"), "", self.duplicate_lines, can and bool(self.selected_lines())),
            (tr("删除行"), "Ctrl+Delete", self.remove_lines, can and bool(self.selected_lines())),
            (tr("上移"), "Alt+Up", lambda: self.move_lines(-1), not self.lines.read_only),
            (tr("下移"), "Alt+Down", lambda: self.move_lines(1), not self.lines.read_only),
            (tr("向下填充"), "Ctrl+D", self.fill_down, not self.lines.read_only),
            (tr("复制"), "Ctrl+C", self.copy, True),
            (tr("从 Excel 粘贴"), "Ctrl+V", self.paste, not self.lines.read_only),
        ):
            entry = made.addAction(title, do)
            entry.setEnabled(on)
            if key:
                entry.setShortcut(QKeySequence(key))
                entry.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
                entry.setShortcutVisibleInContextMenu(True)
        return made

    def show_menu(self, where: QPoint) -> None:
        """The menu at a global position."""
        self.menu().popup(where)

    # part of an editor page

    def set_read_only(self, on: bool) -> None:
        """Nothing may be changed."""
        self._cells.cancel()
        self.lines.set_read_only(on)

    def commit(self) -> None:
        """End of typing in the open cell."""
        self._cells.finish()

    def owns(self, path: str | None) -> bool:
        """Whether PATH is one of these rows, or the list itself."""
        return path is not None and (path == self.path or path.startswith(f"{self.path}."))

    def set_problems(self, problems: Sequence[Problem]) -> None:
        """Mark the cells."""
        self.lines.set_problems(problems)

    def set_theirs(self, clashes: Sequence[tuple[str, Any]], who: str) -> None:
        """Mark the cells where a colleague made another value than stands here; the menu of the cell takes it."""
        self.lines.set_theirs(clashes, who)

    def local_problems(self) -> list[Problem]:
        """Cells whose text cannot be read."""
        return self.lines.local_problems()

    def describe(self, problem: Problem) -> str:
        """The sentence with the table's name and the row's number: pages have several tables."""
        number, name = self.lines.place_of(problem.field or "")
        said = lookup.problem_text(dataclasses.replace(problem, field=name or problem.field), self.kind)
        if number < 0:
            return said
        return tr("{table}第 {n} 行：{text}", table=lookup.kind_title(self.kind), n=number + 1, text=said)

    def focus_path(self, path: str) -> bool:
        """Put the keyboard on the cell."""
        number, name = self.lines.place_of(path)
        column = next((i for i, c in enumerate(self.lines.columns) if c.name == name), self.first_text_column())
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.show_cell(max(0, number), column)
        return True
