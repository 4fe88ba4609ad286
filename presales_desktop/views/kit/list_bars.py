"""Bars of a list page: saved views as tabs, filter chips, and what can be done with several rows at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QActionGroup, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from presales_desktop.texts import tr
from presales_desktop.views.kit import icons, shortcuts, theme
from presales_desktop.views.kit.basics import button, column, icon_button, row, words
from presales_desktop.views.kit.dressing import chip_sheet, own_sheet, tab_sheet

Filters = tuple[tuple[str, str], ...]
# So many tabs are never squeezed; whoever keeps more views has them smaller.
_WHOLE_TABS = 6


@dataclass(frozen=True)
class SavedView:
    """A tab: title, (field, value) filters, order ("" the service's own)."""

    title: str
    filters: Filters = ()
    sort: str = ""


@dataclass(frozen=True)
class FilterChoice:
    """A filter chip. CHOICES: (value, word) pairs, or a function that gives them when the menu opens."""

    name: str
    title: str
    choices: Sequence[tuple[str, str]] | Callable[[], Sequence[tuple[str, str]]]


@dataclass(frozen=True)
class ListAction:
    """Something to do with the selected rows: callback(rows), offered in the bar and in the context menu.

    ENABLED(rows) greys it out; BULK False: for a single row only; TONE "bad" for what removes.
    """

    title: str
    icon: str
    callback: Callable[[list[Any]], Any]
    shortcut: str = ""
    enabled: Callable[[list[Any]], bool] | None = None
    bulk: bool = True
    tone: str = ""


class ViewTabs(QWidget):
    """Saved views side by side; ←→ moves between them. `menu_asked(number, place)`: right click or Menu key on one."""

    chosen = Signal(int)
    menu_asked = Signal(int, QPoint)

    def __init__(self, titles: Sequence[str]) -> None:
        super().__init__()
        self._group = QButtonGroup(self)
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(2)
        self._group.idClicked.connect(self.chosen.emit)
        self.set_titles([tr(title) for title in titles])

    def set_titles(self, titles: Sequence[str]) -> None:
        """Other tabs, the first is marked; TITLES as they are shown."""
        for old in self._group.buttons():
            self._group.removeButton(old)
            self._layout.removeWidget(old)
            old.hide()
            old.deleteLater()
        for i, title in enumerate(titles):
            tab = QPushButton(title)
            tab.setCheckable(True)
            own_sheet(tab, tab_sheet)
            tab.setObjectName(f"view.{i}")
            if len(titles) <= _WHOLE_TABS:
                tab.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
            tab.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
            tab.customContextMenuRequested.connect(partial(self._menu, i, tab))
            self._group.addButton(tab, i)
            self._layout.addWidget(tab)
        self.setVisible(len(titles) > 1)
        if titles:
            self.select(0)

    def _menu(self, number: int, tab: QPushButton, at: QPoint) -> None:
        self.menu_asked.emit(number, tab.mapToGlobal(at))

    def select(self, index: int) -> None:
        """Mark a tab (no signal); -1 marks none."""
        self._group.setExclusive(False)
        for tab in self._group.buttons():
            tab.setChecked(self._group.id(tab) == index)
        self._group.setExclusive(index >= 0)

    def current(self) -> int:
        """The marked tab, or -1."""
        return self._group.checkedId()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        tabs = self._group.buttons()
        if not step or not tabs:
            super().keyPressEvent(event)
            return
        place = max(0, min(len(tabs) - 1, self.current() + step))
        tabs[place].setFocus(Qt.FocusReason.TabFocusReason)
        tabs[place].click()


class ViewBar(QWidget):
    """Views, filters and buttons in one line; where they don't fit, the filters get a line of their own: nothing is squeezed."""

    def __init__(self, tabs: ViewTabs, filters: Sequence[QWidget], buttons: Sequence[QWidget]) -> None:
        super().__init__()
        self._tabs = tabs
        self._filters, self._buttons = QWidget(), QWidget()
        self._filters.setLayout(row(*filters, gap=6))
        self._buttons.setLayout(row(*buttons, gap=6))
        self._first, self._second = row(tabs, None, self._filters, self._buttons, gap=6), row(None)
        self.setLayout(column(gap=6))
        whole = self.layout()
        assert isinstance(whole, QVBoxLayout)
        whole.addLayout(self._first)
        whole.addLayout(self._second)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lay the filters where they have room."""
        super().resizeEvent(event)
        needed = sum(part.sizeHint().width() for part in (self._tabs, self._filters, self._buttons)) + 2 * 6
        below = needed > self.width()
        if below == (self._second.indexOf(self._filters) >= 0):
            return
        old, new, at = (self._first, self._second, 0) if below else (self._second, self._first, 2)
        old.removeWidget(self._filters)
        new.insertWidget(at, self._filters)

    def minimumSizeHint(self) -> QSize:
        """As narrow as the views and the buttons: the filters go below."""
        least = super().minimumSizeHint()
        wide = self._tabs.minimumSizeHint().width() + self._buttons.minimumSizeHint().width() + 6
        return QSize(min(least.width(), wide), least.height())


class FilterChip(QToolButton):
    """One filter: its title, and the chosen word when it is on. `changed(value | "")`."""

    changed = Signal(str)

    def __init__(self, choice: FilterChoice) -> None:
        super().__init__()
        self.choice = choice
        self.value = ""
        self.setObjectName(f"filter.{choice.name}")
        own_sheet(self, chip_sheet)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setIconSize(icons.size(14))
        self.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        menu = QMenu(self)
        menu.aboutToShow.connect(lambda: self._fill(menu))
        self.setMenu(menu)
        self.set_value("")

    def options(self) -> Sequence[tuple[str, str]]:
        """(value, word) pairs now."""
        found = self.choice.choices
        return found() if callable(found) else found

    def set_value(self, value: str) -> None:
        """Show VALUE as chosen (no signal)."""
        self.value = value
        title = tr(self.choice.title)
        word = next((tr(w) for v, w in self.options() if v == value), value) if value else ""
        self.setText(f"{title}: {word}" if value else title)
        self.setAccessibleName(self.text())
        self.setIcon(icons.icon("chevron-down", "accent" if value else "secondary"))
        theme.dress(self, on="true" if value else "false")

    def _fill(self, menu: QMenu) -> None:
        menu.clear()
        group = QActionGroup(menu)
        for value, word in (("", tr("全部")), *((v, tr(w)) for v, w in self.options())):
            action = menu.addAction(word)
            action.setCheckable(True)
            action.setChecked(value == self.value)
            action.triggered.connect(lambda _=False, value=value: self._choose(value))
            group.addAction(action)

    def _choose(self, value: str) -> None:
        self.set_value(value)
        self.changed.emit(value)


class BulkBar(QFrame):
    """Appears under the table when several rows are selected."""

    asked = Signal(object)  # ListAction
    cleared = Signal()

    def __init__(self, actions: Sequence[ListAction]) -> None:
        super().__init__()
        self.setObjectName("bulk.bar")
        self.setProperty("look", "accent")
        self._count: QLabel = words("", "strong")
        inner = QHBoxLayout(self)
        inner.setContentsMargins(12, 5, 6, 5)
        inner.setSpacing(6)
        inner.addWidget(self._count)
        inner.addSpacing(8)
        self._buttons: list[tuple[QPushButton, ListAction]] = []
        for action in actions:
            if action.bulk:
                made = button(tr(action.title), partial(self.asked.emit, action), look="quiet", icon=action.icon)
                self._buttons.append((made, action))
                inner.addWidget(made)
        inner.addStretch(1)
        inner.addWidget(icon_button("x", tr("取消选择"), self.cleared.emit, shortcut=shortcuts.shown("Esc")))
        self.hide()

    def show_count(self, count: int, rows: list[Any]) -> None:
        """COUNT rows are selected; ROWS: those of them that are in memory."""
        self._count.setText(tr("已选 {n} 项", n=f"{count:,}"))
        for made, action in self._buttons:
            made.setEnabled(action.enabled is None or action.enabled(rows))
        self.setVisible(count > 1)
