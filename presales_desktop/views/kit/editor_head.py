"""The head of an editor page: number, title, chip; how it stands with saving in words; the next step, and the rest in a menu."""

from __future__ import annotations

import datetime as dt
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtGui import QFontMetrics, QKeySequence
from PySide6.QtWidgets import QFrame, QMenu, QPushButton, QSizePolicy, QVBoxLayout

from presales_desktop.texts import lookup, tr
from presales_desktop.views.kit import format as formats
from presales_desktop.views.kit import icons, shortcuts, theme, tokens
from presales_desktop.views.kit.basics import Elided, button, icon_button, row, words
from presales_desktop.views.kit.editor_parts import Step
from presales_desktop.views.kit.states import Chip

if TYPE_CHECKING:
    from presales_desktop.views.kit.editor_page import EditorPage


class _Title(Elided):
    """As wide as its words while there is room, so that the chip stands right behind it."""

    def sizeHint(self) -> QSize:
        metrics = QFontMetrics(theme.font(tokens.TITLE, tokens.SEMIBOLD))
        return QSize(metrics.horizontalAdvance(self.text()) + 4, metrics.height() + 4)


class EditorHead(QFrame):
    """Shows what the page's `heading()` and `steps()` say."""

    def __init__(self, page: EditorPage) -> None:
        super().__init__()
        self.setProperty("look", "bar")
        self._page = page
        self._kept_at: dt.datetime | None = None
        self._saved_at: dt.datetime | None = None
        self._others = ""
        self._step: Step | None = None
        self._keys: set[str] = set()
        kind = page.kind
        self._number = words("", "secondary", selectable=True)
        self._number.setObjectName(f"{kind}.head.number")
        self._title = _Title("", "title")
        self._title.setObjectName(f"{kind}.head.title")
        self._title.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self._chip = Chip()
        self._chip.setObjectName(f"{kind}.head.state")
        self._state = words("", "small")
        self._state.setObjectName(f"{kind}.head.saved")
        self._subtitle = Elided("", "secondary")
        self._subtitle.hide()
        self._save = button(
            tr("保存"), page.save_now, name=f"{kind}.save", tip=f"{tr('保存')}  {shortcuts.shown('Ctrl+S')}"
        )
        self._primary = button("", self._run_primary, look="primary")
        self._primary.hide()
        self._more = icon_button("ellipsis", tr("更多"), self._open_menu, name=f"{kind}.more")
        self._side = icon_button(
            "panel-right-close", tr("侧栏"), page.toggle_side, shortcut="Ctrl+.", name=f"{kind}.side"
        )
        self._side.hide()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(tokens.MARGIN, 10, 12, 10)
        whole.setSpacing(2)
        line = row(self._number, self._title, self._chip, None, gap=10)
        for part in (self._state, self._save, self._primary, self._more, self._side):
            line.addWidget(part)
        whole.addLayout(line)
        whole.addWidget(self._subtitle)

    def register_keys(self) -> None:
        """The page's keys."""
        page, add = self._page, shortcuts.register
        add(page, "Ctrl+S", tr("保存"), page.save_now)
        add(page, "Ctrl+Return", tr("下一步"), self._run_primary)
        add(page, "Ctrl+Enter", tr("下一步"), self._run_primary)
        add(page, "Ctrl+Z", tr("撤销"), self._undo)
        add(page, "Ctrl+Y", tr("重做"), self._redo)
        add(page, "Ctrl+Shift+Z", tr("重做"), self._redo)
        add(page, "Ctrl+P", tr("预览和打印"), lambda: page.run(page.print_document))
        add(page, "Ctrl+.", tr("侧栏"), page.toggle_side)
        add(page, "F5", tr("重新载入"), page.reload)

    def _undo(self) -> None:
        if not self._page.draft.read_only:
            self._page.draft.undo_stack.undo()

    def _redo(self) -> None:
        if not self._page.draft.read_only:
            self._page.draft.undo_stack.redo()

    # showing

    def show_all(self) -> None:
        """Everything anew."""
        self.show_heading()
        self.show_steps()
        self.show_state()

    def show_heading(self) -> None:
        """Number, title, chip."""
        said = self._page.heading()
        self._number.setText(said.number)
        self._number.setVisible(bool(said.number))
        fresh = tr("新建{kind}", kind=lookup.kind_noun(self._page.kind))
        title = said.title or (fresh if self._page.record_id is None else lookup.kind_title(self._page.kind))
        if title != self._title.text():
            self._title.setText(title)
            self._title.updateGeometry()
        self._chip.setVisible(said.chip is not None)
        if said.chip is not None:
            self._chip.set(*said.chip)
        self._subtitle.setText(said.subtitle)
        self._subtitle.setVisible(bool(said.subtitle))

    def show_steps(self) -> None:
        """The primary step as a button; the others wait in the menu."""
        step = self._page.primary_step()
        self._step = step
        self._primary.setVisible(step is not None)
        if step is not None:
            self._primary.setText(step.title)
            self._primary.setObjectName(f"{self._page.kind}.{step.action}")
            # What is not saved yet is saved first: that is its next step, and there is one primary button.
            fresh = self._page.record_id is None
            theme.dress(self._primary, look="danger" if step.tone == "bad" else "" if fresh else "primary")
            self._primary.setEnabled(step.enabled)
            tip = step.why if not step.enabled else f"{step.title}  {shortcuts.shown('Ctrl+Return')}"
            self._primary.setToolTip(tip)
            self._primary.setAccessibleDescription(step.why)

        for each in self._page.steps():
            if each.shortcut and each.shortcut not in self._keys:
                self._keys.add(each.shortcut)
                key = each.shortcut
                shortcuts.register(self._page, key, each.title, partial(self._run_by_key, key))

    def _run_by_key(self, key: str) -> None:
        step = next((s for s in self._page.steps() if s.shortcut == key), None)
        if step is not None:
            self._page.run_step(step)

    def show_state(self) -> None:
        """The words of saving."""
        page = self._page
        dirty, saving = page.draft.dirty, page.is_saving
        only = page.read_only() if page.draft.value is not None else False
        self._save.setVisible(not only)
        self._save.setEnabled((dirty or page.record_id is None) and not saving)
        theme.dress(self._save, look="primary" if page.record_id is None or (self._step is None and dirty) else "")
        self._state.setText(self._words(dirty, saving, only))

    def _words(self, dirty: bool, saving: bool, only: bool) -> str:
        if saving:
            return tr("正在保存…")
        if only:
            return tr("只读")
        if dirty:
            kept = self._kept_at
            return tr("未保存 · {clock} 已暂存", clock=formats.clock(kept)) if kept else tr("未保存的修改")
        if self._others:
            return self._others
        if self._saved_at is not None:
            return tr("已保存 {clock}", clock=formats.clock(self._saved_at))
        return tr("尚未保存") if self._page.record_id is None else tr("已保存")

    def saved(self, moment: dt.datetime) -> None:
        """Saved at MOMENT."""
        self._saved_at, self._kept_at, self._others = moment, None, ""

    def others_saved(self, who: str, moment: dt.datetime) -> None:
        """A colleague saved at MOMENT; the page shows it already."""
        self._others = tr("{who} {clock} 修改", who=who, clock=formats.clock(moment))
        self.show_state()

    def kept(self, moment: dt.datetime) -> None:
        """Autosaved at MOMENT."""
        self._kept_at = moment
        self.show_state()

    def show_side_button(self, has: bool, on: bool) -> None:
        """The button of the right column."""
        self._side.setVisible(has)
        self._side.setIcon(icons.icon("panel-right-close" if on else "panel-right-open"))

    @property
    def state_words(self) -> str:
        """What the words of saving say."""
        return self._state.text()

    @property
    def primary(self) -> QPushButton:
        """The button of the next step."""
        return self._primary

    # doing

    def _run_primary(self) -> None:
        step = self._page.primary_step()
        if step is not None:
            self._page.run_step(step)
        elif self._page.draft.dirty:
            self._page.save_now()

    def menu(self) -> QMenu:
        """The menu of everything else."""
        page = self._page
        made = QMenu(self)
        made.setObjectName(f"{page.kind}.menu")
        made.setToolTipsVisible(True)
        for step in page.steps():
            if step.primary:
                continue
            entry = made.addAction(step.title, partial(page.run_step, step))
            entry.setObjectName(f"{page.kind}.{step.action}")
            entry.setEnabled(step.enabled)
            entry.setToolTip(step.why)
            if step.icon:
                entry.setIcon(icons.icon(step.icon, "bad" if step.tone == "bad" else "secondary"))
            if step.shortcut:
                entry.setShortcut(QKeySequence(step.shortcut))
        if not made.isEmpty():
            made.addSeparator()
        stack = page.draft.undo_stack
        for title, key, do, on in (
            (tr("撤销"), "Ctrl+Z", self._undo, stack.canUndo() and not page.draft.read_only),
            (tr("重做"), "Ctrl+Y", self._redo, stack.canRedo() and not page.draft.read_only),
            (tr("预览和打印"), "Ctrl+P", lambda: page.run(page.print_document), self._can_print()),
            (tr("重新载入"), "F5", page.reload, True),
        ):
            entry = made.addAction(title, do)
            entry.setShortcut(QKeySequence(key))
            entry.setEnabled(on)
        return made

    def _can_print(self) -> bool:
        from presales_desktop.views.kit.editor_page import EditorPage

        return type(self._page).print_document is not EditorPage.print_document

    def _open_menu(self) -> None:
        made = self.menu()
        made.aboutToHide.connect(made.deleteLater)
        made.popup(self._more.mapToGlobal(self._more.rect().bottomLeft()))
