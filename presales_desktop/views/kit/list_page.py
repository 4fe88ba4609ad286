"""The list page that every feature has: title with count, views, filters, search, table, preview, bulk bar, its states."""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any
from uuid import UUID

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence, QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from presales_desktop.models.errors import PresalesError
from presales_desktop.services.listing import ListQuery
from presales_desktop.texts import lookup, tr, tr_place
from presales_desktop.views.kit import icons, jobs, shortcuts, tokens
from presales_desktop.views.kit.basics import button, column, frame, icon_button, line, row, words
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.list_bars import (
    BulkBar,
    FilterChip,
    FilterChoice,
    Filters,
    ListAction,
    SavedView,
    ViewBar,
    ViewTabs,
)
from presales_desktop.views.kit.list_spec import EmptyText, HeaderAction, ListSpec
from presales_desktop.views.kit.list_views import OwnViews
from presales_desktop.views.kit.search_edit import SearchEdit
from presales_desktop.views.kit.states import EmptyState, ErrorState, LoadingBar
from presales_desktop.views.kit.table import RowTable, table_menu

__all__ = ["EmptyText", "FilterChoice", "HeaderAction", "ListAction", "ListPage", "ListSpec", "SavedView"]

_TYPING_MS = 120
_PREVIEW_MS = 60


class ListPage(QWidget):
    """A list by its ListSpec. `set_filters(state="sent")` and `set_search(text)` lead it from outside."""

    title_changed = Signal(str)

    def __init__(self, ctx: ViewContext, spec: ListSpec) -> None:
        super().__init__()
        self.ctx, self.spec = ctx, spec
        self.setObjectName(f"{spec.key}.list")
        self.setAccessibleName(tr_place(spec.title))
        self.setWindowTitle(tr_place(spec.title))
        self.table = RowTable(ctx, spec.query, spec.columns, key=spec.key, kinds=(spec.kind, *spec.also))
        self.table.setAccessibleName(tr_place(spec.title))
        self.model = self.table.windowed
        self._extra: dict[str, str] = {}
        self._begun = False
        self._led = False  # from outside, before it was shown: then nothing is put back
        self._preview_on = False
        self._typing = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._typing.timeout.connect(self.reload)
        self._preview_later = QTimer(self, singleShot=True, interval=_PREVIEW_MS)
        self._preview_later.timeout.connect(self._fill_preview)
        self._build()
        self._connect()
        self._keys()

    # building

    def _build(self) -> None:
        spec = self.spec
        self.search = SearchEdit(tr(spec.search_hint) if spec.search_hint else tr("搜索名称、编号或拼音首字母"))
        self.search.setObjectName(f"{spec.key}.search")
        self.search.setMinimumWidth(120)
        self.search.setMaximumWidth(300)
        self.search.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._count = words("", "secondary")
        self._loading = LoadingBar()
        self._tabs = ViewTabs([])
        self.own = OwnViews(self, self._tabs)
        self._chips = [FilterChip(choice) for choice in spec.filters]
        self._reset = button(tr("清除筛选"), self.clear_filters, look="link", name=f"{spec.key}.reset")
        self._bulk = BulkBar(spec.actions)
        top = frame("bar")
        head = row(words(tr_place(spec.title), "title"), self._count, gap=10)
        head.addStretch(1)
        head.addWidget(self.search, 2)
        for part in self._header_buttons():
            head.addWidget(part)
        filters = (*self._chips, self._reset, self.own.save)
        whole = column(margins=(tokens.MARGIN, 14, tokens.MARGIN, 8), gap=10)
        whole.addLayout(head)
        whole.addWidget(ViewBar(self._tabs, filters, self._bar_buttons()))
        top.setLayout(whole)
        self._states = QStackedWidget()
        self._build_states()
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(self._states)
        self._split.addWidget(self._build_preview())
        self._split.setStretchFactor(0, 1)
        foot = QVBoxLayout()
        foot.setContentsMargins(tokens.MARGIN, 6, tokens.MARGIN, 6)
        foot.addWidget(self._bulk)
        self._foot = QWidget()
        self._foot.setLayout(foot)
        self._foot.hide()
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(0)
        for part in (top, self._loading):
            page.addWidget(part)
        page.addWidget(self._split, 1)
        page.addWidget(self._foot)

    def _header_buttons(self) -> list[QWidget]:
        made: list[QWidget] = []
        for action in self.spec.header:
            if action.right and not self.ctx.may(action.right).allowed:
                continue
            tip = f"{tr(action.title)}  {shortcuts.shown(action.shortcut)}" if action.shortcut else ""
            made.append(button(tr(action.title), partial(self.run, action.callback), icon=action.icon, tip=tip))
            if action.shortcut:
                shortcuts.register(self, action.shortcut, tr(action.title), partial(self.run, action.callback))
        if self.can_make():
            tip = f"{self._new_words()}  {shortcuts.shown('Ctrl+N')}"
            made.append(
                button(
                    self._new_words(), self.make_new, look="primary", icon="plus", name=f"{self.spec.key}.new", tip=tip
                )
            )
        return made

    def _bar_buttons(self) -> list[QWidget]:
        columns = icon_button("columns-3", tr("选择列"), name=f"{self.spec.key}.columns")
        columns.clicked.connect(lambda: self.table.choose_columns(columns.mapToGlobal(QPoint(0, columns.height()))))
        made: list[QWidget] = [columns]
        if self.spec.preview is not None:
            self._preview_button = icon_button(
                "panel-right-open",
                tr("预览"),
                self.toggle_preview,
                shortcut=tr("空格"),
                name=f"{self.spec.key}.preview",
            )
            made.append(self._preview_button)
        return made

    def _build_states(self) -> None:
        empty = self.spec.empty
        action = (tr(empty.action_title) if empty.action_title else self._new_words()) if self.can_make() else ""
        self._empty = EmptyState(empty.icon, tr(empty.title), tr(empty.hint), action, shortcuts.shown("Ctrl+N"))
        self._no_hit = EmptyState("search", tr("没有符合的记录"), "", tr("清除搜索和筛选"), shortcuts.shown("Esc"))
        self._error = ErrorState()
        for part in (self.table, self._empty, self._no_hit, self._error):
            self._states.addWidget(part)

    def _build_preview(self) -> QFrame:
        self._preview = QFrame()
        self._preview.setProperty("look", "sheet")
        self._preview.setObjectName(f"{self.spec.key}.preview.pane")
        self._preview.setMinimumWidth(280)
        self._preview.setMaximumWidth(560)
        self._preview_area = QScrollArea()
        self._preview_area.setWidgetResizable(True)
        self._preview_area.setFrameShape(QFrame.Shape.NoFrame)
        self._preview_area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._preview_area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        head = row(
            words(tr("预览"), "group"),
            None,
            button(tr("打开"), self.open_current, look="link"),
            icon_button("x", tr("关闭预览"), self.toggle_preview, shortcut=tr("空格")),
            margins=(16, 8, 8, 4),
        )
        inner = column(gap=0)
        inner.addLayout(head)
        inner.addWidget(line())
        inner.addWidget(self._preview_area, 1)
        self._preview.setLayout(inner)
        self._preview.hide()
        return self._preview

    def _connect(self) -> None:
        self.search.textEdited.connect(lambda _text: self._typing.start())
        self.search.returnPressed.connect(self._search_entered)
        self._tabs.chosen.connect(self.show_view)
        for chip in self._chips:
            chip.changed.connect(self._chip_changed)
        table = self.table
        table.opened.connect(self.open_row)
        table.preview_asked.connect(self.toggle_preview)
        table.current_changed.connect(lambda _row: self._preview_later.start())
        table.selection_changed.connect(lambda _count: self._selected())
        table.menu_asked.connect(self._row_menu)
        self._bulk.asked.connect(self.run_action)
        self._bulk.cleared.connect(table.clear_selection)
        self.model.busy.connect(lambda on: self._loading.start() if on else self._loading.stop())
        self.model.loaded.connect(self._loaded)
        self.model.rowsInserted.connect(self._show_count)
        self.model.rowsRemoved.connect(self._show_count)
        self.model.failed.connect(self._failed)
        self._empty.action.connect(self.make_new)
        self._no_hit.action.connect(self.clear_filters)
        self._error.retry.connect(self.reload)

    def _keys(self) -> None:
        add = shortcuts.register
        add(self, "Ctrl+F", tr("搜索"), self._focus_search)
        if self.can_make():
            add(self, "Ctrl+N", self._new_words(), self.make_new)
        add(self, "Esc", tr("清除搜索和筛选"), self._escape)
        add(self, "F5", tr("刷新"), self.reload)
        add(self, "Return", tr("打开"))
        add(self, "Ctrl+C", tr("复制为表格"))
        if self.spec.preview is not None:
            add(self, "Space", tr("预览"))
        if self.spec.paste is not None:
            add(self, "Ctrl+V", tr("从 Excel 粘贴"), self._paste)
        for action in self.spec.actions:
            if action.shortcut:
                add(self, action.shortcut, tr(action.title), partial(self.run_action, action))

    # loading

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._begun:
            self._begun = True
            if not self._led:
                self.own.restore(self._chips)
            view = self.own.current()
            if view is not None:
                self.table.set_base_sort(view.sort)
                if not self.model.query.sort:
                    self.model.query = dataclasses.replace(self.model.query, sort=view.sort)
            self.reload()
            self.table.setFocus()

    def reload(self) -> None:
        """Ask again with the search and filters of now."""
        self._begun = True
        self._typing.stop()
        self._reset.setVisible(self._narrowed())
        self.own.save.setVisible(bool(self._extra or any(chip.value for chip in self._chips)))
        self.model.set_query(
            ListQuery(search=self.search.text().strip(), filters=self.filters(), sort=self.model.query.sort)
        )

    def filters(self) -> Filters:
        """Filters of the view, of the chips and from outside; the chips win over the view."""
        found: dict[str, str] = {}
        view = self.own.current()
        if view is not None:
            found.update(dict(view.filters))
        found.update(self._extra)
        found.update({chip.choice.name: chip.value for chip in self._chips if chip.value})
        return tuple(found.items())

    def set_filters(self, **filters: str) -> None:
        """Filter from outside (ctx.nav.list("quotes", state="sent")): chips where there is one, else hidden."""
        self._led = True
        self._extra = {}
        chips = {chip.choice.name: chip for chip in self._chips}
        for chip in self._chips:
            chip.set_value("")
        for name, value in filters.items():
            if name in chips:
                chips[name].set_value(value)
            else:
                self._extra[name] = value
        self.reload()

    def set_search(self, text: str) -> None:
        """Search from outside."""
        self.search.setText(text)
        self.reload()

    def clear_filters(self) -> None:
        """Everything of the view that is on."""
        self.search.clear()
        self.set_filters()
        self.own.leave(self._chips)
        self.table.setFocus()

    def _narrowed(self) -> bool:
        return bool(self.search.text().strip() or self._extra or any(chip.value for chip in self._chips))

    def _chip_changed(self, _value: str) -> None:
        self.reload()
        self.own.leave(self._chips)

    def show_view(self, number: int) -> None:
        """A tab was chosen: its filters and its order; chips stay as they are."""
        self._tabs.select(number)
        view = self.own.current()
        assert view is not None
        self.table.set_base_sort(view.sort)
        self.model.query = dataclasses.replace(self.model.query, sort=view.sort)
        self.table.remember_order()
        self._extra = {}
        self.own.leave(self._chips)
        self.reload()

    def _loaded(self) -> None:
        self._show_count()
        if self.model.total:
            self._switch(self.table)
        elif self._narrowed() or self._tabs.current() > 0:
            said = self.search.text().strip()
            hint = (
                tr("没有找到“{text}”。换个写法，或减少筛选条件。", text=said)
                if said
                else tr("换一个视图，或减少筛选条件。")
            )
            self._no_hit.set("search", tr("没有符合的记录"), hint, tr("清除搜索和筛选"), shortcuts.shown("Esc"))
            self._switch(self._no_hit)
        else:
            self._switch(self._empty)
        self._preview_later.start()

    def _switch(self, part: QWidget) -> None:
        had_focus = self._states.isAncestorOf(self.focusWidget() or self)
        self._states.setCurrentWidget(part)
        if had_focus and part is self.table:
            part.setFocus()

    def _show_count(self) -> None:
        self._count.setText(tr("{n} 项", n=f"{self.model.total:,}") if self.model.ready else "")

    def _failed(self, error: BaseException) -> None:
        if not isinstance(error, PresalesError):
            self.ctx.nav.show_error(error, self)
        text = lookup.error_text(error) if isinstance(error, PresalesError) else tr("程序出错，已记录。可以重试。")
        self._error.set_text(text)
        self._switch(self._error)

    # doing

    def can_make(self) -> bool:
        """Whether 新建 is offered: the right is there, or none is asked and something makes one."""
        if self.spec.new_right:
            return self.ctx.may(self.spec.new_right).allowed
        return self.spec.new is not None

    def _new_words(self) -> str:
        return tr(self.spec.new_title) if self.spec.new_title else tr("新建")

    def make_new(self) -> None:
        """Open an empty editor (or what the spec does instead)."""
        if self.spec.new is not None:
            self.run(self.spec.new)
        else:
            self.ctx.nav.new(self.spec.kind)

    def open_row(self, found: Any) -> None:
        """Open a row's editor."""
        if self.spec.open is not None:
            self.run(lambda: self.spec.open(found) if self.spec.open else None)
        else:
            self.ctx.nav.open(self.spec.kind, found.id)

    def open_current(self) -> None:
        """Open the row that the keyboard is on."""
        found = self.table.current_row()
        if found is not None:
            self.open_row(found)

    def run(self, callback: Callable[[], Any]) -> None:
        """Call back; a coroutine becomes a job, what fails is shown in this page."""
        try:
            answer = callback()
        except PresalesError as error:
            self.ctx.nav.show_error(error, self)
            return
        if isinstance(answer, Awaitable):
            jobs.start(self, _awaited(answer), lambda error: self.ctx.nav.show_error(error, self))

    def run_action(self, action: ListAction) -> None:
        """Do ACTION with the selected rows (the current one when none is selected)."""
        jobs.start(self, self._act(action), lambda error: self.ctx.nav.show_error(error, self))

    async def _act(self, action: ListAction) -> None:
        rows = await self.table.selected_rows()
        current = self.table.current_row()
        if not rows and current is not None:
            rows = [current]
        if not rows or (not action.bulk and len(rows) > 1) or (action.enabled is not None and not action.enabled(rows)):
            return
        answer = action.callback(rows)
        if isinstance(answer, Awaitable):
            await _awaited(answer)

    def _row_menu(self, where: QPoint) -> None:
        known = [self.model.cached(n) for n in self.table.selected_numbers()[:500]]
        rows = [r for r in known if r is not None] or [r for r in (self.table.current_row(),) if r is not None]
        menu = table_menu(self)
        menu.setObjectName(f"{self.spec.key}.menu")
        if len(rows) == 1:
            self._menu_entry(menu.addAction(tr("打开"), self.open_current), "Return")
        for action in self.spec.actions:
            if len(rows) > 1 and not action.bulk:
                continue
            entry = menu.addAction(tr(action.title), partial(self.run_action, action))
            entry.setIcon(icons.icon(action.icon, "bad" if action.tone == "bad" else "secondary"))
            entry.setEnabled(action.enabled is None or action.enabled(rows))
            self._menu_entry(entry, action.shortcut)
        menu.addSeparator()
        self._menu_entry(menu.addAction(tr("复制为表格"), self.table.copy), "Ctrl+C")
        menu.popup(where)

    @staticmethod
    def _menu_entry(entry: QAction, shortcut: str) -> None:
        if shortcut:
            entry.setShortcut(QKeySequence(shortcut))
            entry.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            entry.setShortcutVisibleInContextMenu(True)

    def _selected(self) -> None:
        count = self.table.selected_count()
        known = [self.model.cached(n) for n in self.table.selected_numbers()[:500]] if count > 1 else []
        self._bulk.show_count(count, [r for r in known if r is not None])
        self._foot.setVisible(count > 1)

    def _search_entered(self) -> None:
        self.reload()
        self.table.setFocus()

    def _focus_search(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def _escape(self) -> None:
        if self.table.selected_count() > 1:
            self.table.clear_selection()
        elif self._preview_on and not self.search.hasFocus():
            self.toggle_preview()
        elif self._narrowed():
            self.clear_filters()
        else:
            self.table.setFocus()

    def _paste(self) -> None:
        text = QGuiApplication.clipboard().text()
        if text.strip() and self.spec.paste is not None:
            paste = self.spec.paste
            self.run(lambda: paste(text))

    # preview

    def toggle_preview(self) -> None:
        """Show or hide the pane at the right."""
        if self.spec.preview is None:
            return
        self._preview_on = not self._preview_on
        self._preview_button.setIcon(icons.icon("panel-right-close" if self._preview_on else "panel-right-open"))
        if self._preview_on:
            self._fill_preview()
            width = min(400, max(300, self.width() // 3))
            self._preview.show()
            self._split.setSizes([self.width() - width, width])
        else:
            self._preview.hide()
        self.table.setFocus()

    def _fill_preview(self) -> None:
        if not self._preview_on or self.spec.preview is None:
            return
        found = self.table.current_row() if self._states.currentWidget() is self.table else None
        made = self.spec.preview(self.ctx, found) if found is not None else None
        if made is None:
            made = words(tr("选中一行，在这里看它的概况。"), "secondary", wrap=True)
            made.setContentsMargins(16, 12, 16, 12)
            made.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._preview_area.setWidget(made)

    def show_record(self, record_id: UUID) -> None:
        """Put the keyboard on a record when it is among the loaded rows."""
        number = self.model.row_of(record_id)
        if number >= 0:
            self.table.selectRow(number)


async def _awaited(answer: Awaitable[Any]) -> Any:
    return await answer
