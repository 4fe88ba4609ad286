"""The table of a list page: rows from a WindowedModel, sorting in SQL, columns that remember how the user likes them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QEvent, QItemSelectionModel, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QFontMetrics,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QMenu, QTableView, QWidget

from presales_desktop.services.work import ChangeSet
from presales_desktop.texts import language, tr
from presales_desktop.views.kit import icons, jobs, theme, tokens
from presales_desktop.views.kit.columns import Column
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.delegate import PAD, CellDelegate, parts_of
from presales_desktop.views.kit.window_model import Query, WindowedModel

__all__ = ["RowTable", "StayingMenu", "WindowedModel"]

_SAVE_AFTER_MS = 400
_MARK = 14  # the arrow of the order beside the title
_GIVES = 0.75  # what the stretching column keeps of its declared width where room is short
_ENGLISH = 1.2  # how much wider the same words are in English


class StayingMenu(QMenu):
    """A menu that stays open while boxes are ticked."""

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        action = self.actionAt(event.position().toPoint())
        if action is not None and action.isCheckable() and action.isEnabled():
            action.trigger()
            return
        super().mouseReleaseEvent(event)


class TableHeader(QHeaderView):
    """Column titles with the mark of the order, drawn from tokens."""

    def __init__(self, table: RowTable) -> None:
        super().__init__(Qt.Orientation.Horizontal, table)
        self._table = table
        self.setSectionsClickable(True)
        self.setSectionsMovable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(48)
        self.setFixedHeight(tokens.row_height())
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    def paintSection(self, painter: QPainter, rect: QRect, logical: int) -> None:
        if not rect.isValid() or logical >= len(self._table.columns):
            return
        column = self._table.columns[logical]
        painter.fillRect(rect, tokens.color("panel"))
        painter.setPen(tokens.color("hairline"))
        painter.drawLine(rect.left(), rect.bottom(), rect.right(), rect.bottom())
        painter.drawLine(rect.right(), rect.top() + 9, rect.right(), rect.bottom() - 9)
        name, down = self._table.order()
        sorted_here = bool(name) and column.sort_name == name
        inner = rect.adjusted(tokens.MARGIN if logical == self._table.first_column() else PAD, 0, -PAD, 0)
        painter.setFont(theme.font(tokens.SMALL, tokens.SEMIBOLD if sorted_here else tokens.REGULAR))
        painter.setPen(tokens.color("text" if sorted_here else "secondary"))
        if sorted_here:
            mark = QRect(inner.right() - 11, inner.center().y() - 6, 12, 12)
            if column.align == "right":
                mark.moveLeft(inner.left())
                inner.setLeft(inner.left() + 14)
            else:
                text = painter.fontMetrics().horizontalAdvance(column.shown_title())
                mark.moveLeft(min(inner.left() + text + 4, inner.right() - 11))
                inner.setRight(inner.right() - 14)
            icons.paint(painter, mark.toRectF(), "arrow-down" if down else "arrow-up", "accent")
        side = {"left": Qt.AlignmentFlag.AlignLeft, "right": Qt.AlignmentFlag.AlignRight}
        flags = int(side.get(column.align, Qt.AlignmentFlag.AlignHCenter)) | int(Qt.AlignmentFlag.AlignVCenter)
        shown = painter.fontMetrics().elidedText(column.shown_title(), Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, flags, shown)


class RowTable(QTableView):
    """A table over a WindowedModel; KEY names its place in settings.tables.

    `opened(row)`: Enter or double click. `preview_asked()`: Space. `current_changed(row | None)`, `selection_changed(int)`:
    how many rows are selected. `menu_asked(QPoint)`: context menu on rows, global position.
    """

    opened = Signal(object)
    preview_asked = Signal()
    current_changed = Signal(object)
    selection_changed = Signal(int)
    menu_asked = Signal(QPoint)

    def __init__(
        self, ctx: ViewContext, query_fn: Query, columns: Sequence[Column], *, key: str, kinds: Sequence[str] = ()
    ) -> None:
        super().__init__()
        self.setObjectName(f"{key}.table")
        self._ctx = ctx
        self._key = key
        self._base_sort = ""
        self._applying = False
        self._given: set[str] = set()  # columns whose width the user chose
        self._stale = False
        self.windowed = WindowedModel(ctx, query_fn, columns, self)
        self._kinds = frozenset(kinds)
        ctx.bus.changed.connect(self._bus_changed)
        self._painter = CellDelegate(self, self.windowed)
        self.setModel(self.windowed)
        self.setItemDelegate(self._painter)
        self._behave()
        self._head = TableHeader(self)
        self.setHorizontalHeader(self._head)
        self._later = QTimer(self, singleShot=True, interval=_SAVE_AFTER_MS)
        self._later.timeout.connect(self._remember)
        self.restore()
        self._connect()

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns, hidden ones too, in declared order."""
        return self.windowed.columns

    def _behave(self) -> None:
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setMouseTracking(True)
        self.setCornerButtonEnabled(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        vertical = self.verticalHeader()
        vertical.hide()
        vertical.setMinimumSectionSize(20)
        vertical.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        vertical.setDefaultSectionSize(tokens.row_height())
        theme.notifier.theme_changed.connect(self._take_theme)

    def _take_theme(self) -> None:
        self.verticalHeader().setDefaultSectionSize(tokens.row_height())
        self._head.setFixedHeight(tokens.row_height())
        self.viewport().update()

    def _connect(self) -> None:
        head = self._head
        head.sectionClicked.connect(self._title_clicked)
        head.sectionResized.connect(self._resized)
        head.sectionMoved.connect(self._moved)
        head.customContextMenuRequested.connect(lambda pos: self.choose_columns(head.mapToGlobal(pos)))
        self.customContextMenuRequested.connect(self._row_menu)
        self.doubleClicked.connect(lambda index: self._open(index.row()))
        self.selectionModel().currentRowChanged.connect(lambda *_: self.current_changed.emit(self.current_row()))
        self.selectionModel().selectionChanged.connect(lambda *_: self.selection_changed.emit(self.selected_count()))
        self.windowed.loaded.connect(self._after_load)

    # order

    def order(self) -> tuple[str, bool]:
        """(name, descending) of the order now; "" for the service's own."""
        sort = self.windowed.query.sort
        return sort.removeprefix("-"), sort.startswith("-")

    def set_base_sort(self, sort: str) -> None:
        """The order of the view that is on; a click on a title overrides it until the third click."""
        self._base_sort = sort

    def _title_clicked(self, logical: int) -> None:
        column = self.columns[logical]
        if not column.sortable:
            return
        name, down = self.order()
        if name != column.sort_name:
            sort = f"-{column.sort_name}" if column.align == "right" else column.sort_name
        elif down == (column.align == "right"):
            sort = column.sort_name if down else f"-{column.sort_name}"
        else:
            sort = self._base_sort
        self.sort_by(sort)

    def sort_by(self, sort: str) -> None:
        """Order by a field ("-name" descending) in SQL, and remember it."""
        self.windowed.set_query(dataclasses.replace(self.windowed.query, sort=sort))
        self._head.viewport().update()
        self.scrollToTop()
        self._later.start()

    def remember_order(self) -> None:
        """Remember the order that is on without a click on a title."""
        self._later.start()

    # columns: chosen, moved, resized, remembered

    def choose_columns(self, where: QPoint) -> None:
        """The menu of columns; boxes can be ticked one after the other."""
        menu = StayingMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        visible = [i for i in range(len(self.columns)) if not self.isColumnHidden(i)]
        for i, column in enumerate(self.columns):
            action = QAction(column.shown_title() or column.name, menu, checkable=True, checked=i in visible)
            action.toggled.connect(lambda on, i=i: self.show_column(i, on))
            menu.addAction(action)
        menu.addSeparator()
        menu.addAction(tr("恢复默认列"), self.reset_columns)
        menu.popup(where)

    def show_column(self, logical: int, on: bool) -> None:
        """Show or hide a column; the last one stays."""
        left = sum(not self.isColumnHidden(i) for i in range(len(self.columns)))
        if not on and left <= 1:
            return
        self.setColumnHidden(logical, not on)
        self._fill_width()
        self._later.start()

    def reset_columns(self) -> None:
        """Order, widths and choice as declared."""
        tables = dict(self._ctx.settings.tables)
        kept = {k: v for k, v in dict(tables.get(self._key, {})).items() if k in ("sort", "views", "tab", "filters")}
        tables[self._key] = kept
        self._ctx.settings.tables = tables
        self.restore()
        self._fill_width()

    def restore(self) -> None:
        """Columns as the user left them; what is damaged or unknown falls back to the declaration."""
        state = _dict_of(self._ctx.settings.tables.get(self._key))
        names = [c.name for c in self.columns]
        widths = _dict_of(state.get("width"))
        hidden = state.get("hidden")
        self._applying = True
        self._given = {n for n in names if isinstance(widths.get(n), int) and 24 <= widths[n] <= 2000}
        for i, column in enumerate(self.columns):
            self.setColumnWidth(i, widths[column.name] if column.name in self._given else self.declared_width(i))
            self.setColumnHidden(i, column.name in hidden if isinstance(hidden, list) else column.hidden)
        if self.columns and all(self.isColumnHidden(i) for i in range(len(self.columns))):
            self.setColumnHidden(0, False)
        order = [n for n in state.get("order", []) if n in names] if isinstance(state.get("order"), list) else []
        for place, name in enumerate([*order, *(n for n in names if n not in order)]):
            self._head.moveSection(self._head.visualIndex(names.index(name)), place)
        sort = state.get("sort")
        known = {c.sort_name for c in self.columns if c.sortable}
        if isinstance(sort, str) and sort.removeprefix("-") in known:
            self.windowed.query = dataclasses.replace(self.windowed.query, sort=sort)
        self._applying = False

    def declared_width(self, logical: int) -> int:
        """A column's width before anybody changed it: as declared, never cutting its title; English words take more room."""
        column = self.columns[logical]
        longer = language() == "en" and column.align != "right" and not column.stretch
        metrics = QFontMetrics(theme.font(tokens.SMALL, tokens.SEMIBOLD))
        title = metrics.horizontalAdvance(column.shown_title()) + 2 * PAD + (_MARK if column.sortable else 0)
        return max(round(column.width * _ENGLISH) if longer else column.width, title)

    def _resized(self, logical: int, _old: int, new: int) -> None:
        if not self._applying:
            if new:  # 0: hidden, not narrowed
                self._given.add(self.columns[logical].name)
            self._later.start()

    def _moved(self, *_: int) -> None:
        self._painter.first = self.first_column()
        if not self._applying:
            self._later.start()

    def _remember(self) -> None:
        names = [c.name for c in self.columns]
        stretch = self._stretch_column()
        tables = dict(self._ctx.settings.tables)
        old = tables.get(self._key)
        state = dict(old) if isinstance(old, dict) else {}
        state["order"] = [names[self._head.logicalIndex(v)] for v in range(len(names))]
        # Only what the user chose: the rest follows the language and later versions.
        kept = _dict_of(state.get("width"))
        state["width"] = {
            n: self.columnWidth(i) or kept.get(n, 0) for i, n in enumerate(names) if i != stretch and n in self._given
        }
        state["hidden"] = [n for i, n in enumerate(names) if self.isColumnHidden(i)]
        state["sort"] = self.windowed.query.sort
        tables[self._key] = state
        self._ctx.settings.tables = tables

    def _stretch_column(self) -> int:
        visible = [i for i in range(len(self.columns)) if not self.isColumnHidden(i)]
        for i in visible:
            if self.columns[i].stretch:
                return i
        plain = [i for i in visible if self.columns[i].align == "left" and self.columns[i].chip is None]
        return max(plain, key=lambda i: self.columns[i].width, default=-1)

    def _fill_width(self) -> None:
        """Columns nobody changed take what they would like while there is room, the stretching one what is left.

        Where room is short they go back towards their declared widths, and the stretching one gives up a quarter of its own:
        an important column beyond the edge is worse than a title that is cut.
        """
        self._painter.first = self.first_column()
        stretch = self._stretch_column()
        room = self.viewport().width()
        if stretch < 0 or room < 50:
            return
        others = [i for i in range(len(self.columns)) if i != stretch and not self.isColumnHidden(i)]
        free = [i for i in others if self.columns[i].name not in self._given]
        declared = sum(self.columns[i].width if i in free else self.columnWidth(i) for i in others)
        wished = sum(self.declared_width(i) - self.columns[i].width for i in free)
        least = self.columns[stretch].width
        if room - declared - wished < least:
            least = round(least * _GIVES)
        part = max(0.0, min(1.0, (room - declared - least) / wished)) if wished else 0.0
        self._applying = True
        for i in free:
            plain = self.columns[i].width
            self.setColumnWidth(i, plain + int((self.declared_width(i) - plain) * part))
        self.setColumnWidth(stretch, max(least, room - sum(self.columnWidth(i) for i in others)))
        self._applying = False

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fill_width()

    # rows

    def current_row(self) -> Any | None:
        """The row that the keyboard is on, when it is loaded."""
        index = self.currentIndex()
        return self.windowed.cached(index.row()) if index.isValid() else None

    def selected_numbers(self) -> list[int]:
        """Positions of the selected rows, from the top."""
        found: set[int] = set()
        for part in parts_of(self):
            found.update(range(part.top(), part.bottom() + 1))
        return sorted(found)

    def selected_count(self) -> int:
        """How many rows are selected."""
        selection = self.selectionModel().selection()
        if selection.count() == 1:
            return int(selection.first().height())
        return len(self.selected_numbers())

    async def selected_rows(self) -> list[Any]:
        """The selected rows, those out of memory from the database (at most 5,000)."""
        return await self.windowed.fetch(self.selected_numbers())

    def select_first(self) -> None:
        """Put the keyboard on the first row."""
        if self.windowed.total:
            self.setCurrentIndex(self.windowed.index(0, self.first_column()))

    def first_column(self) -> int:
        """The column at the left edge."""
        order = (self._head.logicalIndex(v) for v in range(len(self.columns)))
        return next((i for i in order if not self.isColumnHidden(i)), 0)

    def _open(self, number: int) -> None:
        row = self.windowed.cached(number)
        if row is not None:
            self.opened.emit(row)

    def _row_menu(self, pos: QPoint) -> None:
        if self.indexAt(pos).isValid():
            self.menu_asked.emit(self.viewport().mapToGlobal(pos))

    def copy(self) -> None:
        """Selected rows as TSV with titles (visible columns, in their order) to the clipboard."""
        jobs.start(self, self._copy())

    async def _copy(self) -> None:
        rows = await self.selected_rows()
        if not rows:
            return
        order = [self._head.logicalIndex(v) for v in range(len(self.columns))]
        shown = [self.columns[i] for i in order if not self.isColumnHidden(i)]
        lines = ["\t".join(c.shown_title() for c in shown)] if len(rows) > 1 else []
        lines += ["\t".join(_one_line(c.value_text(row)) for c in shown) for row in rows]
        QGuiApplication.clipboard().setText("\n".join(lines))
        self._ctx.nav.toast(tr("已复制 {n} 行", n=len(rows)))

    # keyboard and mouse

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, plain = (
            event.key(),
            event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier),
        )
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif plain and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.currentIndex().row())
        elif plain and key == Qt.Key.Key_Space:
            self.preview_asked.emit()
        elif plain and key in (Qt.Key.Key_Home, Qt.Key.Key_End) and self.windowed.total:
            last = self.windowed.total - 1 if key == Qt.Key.Key_End else 0
            self.setCurrentIndex(self.windowed.index(last, max(0, self.currentIndex().column())))
        elif plain and key == Qt.Key.Key_Escape and self.selected_count() > 1:
            self.clear_selection()
        elif key == Qt.Key.Key_Menu:
            self.menu_asked.emit(self.viewport().mapToGlobal(self.visualRect(self.currentIndex()).bottomLeft()))
        else:
            super().keyPressEvent(event)

    def clear_selection(self) -> None:
        """Only the current row stays selected."""
        index = self.currentIndex()
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        if index.isValid():
            self.selectionModel().select(index, flags)
        else:
            self.clearSelection()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._hover(self.rowAt(int(event.position().y())))

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hover(-1)

    def _hover(self, number: int) -> None:
        if number != self._painter.hovered:
            for row in (self._painter.hovered, number):
                if row >= 0:
                    self.viewport().update(
                        0, self.rowViewportPosition(row), self.viewport().width(), self.rowHeight(row)
                    )
            self._painter.hovered = number

    def paintEvent(self, event: QPaintEvent) -> None:
        height = self.viewport().height()
        first = max(0, self.rowAt(0))
        last = self.rowAt(height - 1)
        self.windowed.look_at(first, last if last >= 0 else max(0, self.windowed.total - 1, first))
        super().paintEvent(event)
        index = self.currentIndex()
        if index.isValid() and self.hasFocus():
            painter = QPainter(self.viewport())
            top = self.rowViewportPosition(index.row())
            painter.fillRect(0, top, 3, self.rowHeight(index.row()) - 1, tokens.color("accent"))

    # refreshing

    def _after_load(self) -> None:
        if not self.currentIndex().isValid() and self.windowed.total:
            # current without selection: arrows and Space work at once, nothing looks chosen
            self.selectionModel().setCurrentIndex(
                self.windowed.index(0, self.first_column()), QItemSelectionModel.SelectionFlag.NoUpdate
            )
        self._fill_width()
        self.selection_changed.emit(self.selected_count())
        self.current_changed.emit(self.current_row())

    def _bus_changed(self, changes: ChangeSet, _initiator: object) -> None:
        if not changes.kinds & self._kinds or not self.windowed.ready:
            return
        if self.isVisible():
            self.windowed.refresh()
        else:
            self._stale = True

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self._stale = False
            self.windowed.refresh()


def _dict_of(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _one_line(text: str) -> str:
    return " ".join(text.split())


def table_menu(parent: QWidget) -> QMenu:
    """A menu that goes when it closes."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return menu
