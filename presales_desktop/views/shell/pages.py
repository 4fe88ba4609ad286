"""The pages that are open: one is shown, the others wait; of editors the least recently used go when there are many.

What the shell looks for on a page (all of it optional):
`windowTitle()` with `title_changed(str)`: its name in the breadcrumb; `record_id`: set once a new record is saved;
`set_filters(**filters)` on lists; `reload()`: what 重试 does; `steps()`: commands for the palette; `show_problems(problems)`
and `error_bar`: where errors appear; `leave()`: called before the page is dropped, to write what was typed (autosave);
`is_dirty`: such pages are dropped last.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from presales_desktop.views.kit import shortcuts
from presales_desktop.views.shell.places import History, Place

MAX_EDITORS = 12
Make = Callable[[Place], QWidget]


class Pages(QStackedWidget):
    """`go(place)` shows a page, made by MAKE when it isn't open. Signals: `moved` to another place, `titled` anew."""

    moved = Signal()
    titled = Signal()

    def __init__(self, make: Make) -> None:
        super().__init__()
        self._make = make
        self._open: OrderedDict[Place, QWidget] = OrderedDict()
        self.history = History()
        self.titles: dict[Place, str] = {}

    # --- where we are ------------------------------------------------------------------------------------------------
    @property
    def place(self) -> Place | None:
        """The place that is shown."""
        return self.history.current

    @property
    def page(self) -> QWidget | None:
        """The page that is shown."""
        return self._open.get(self.place) if self.place is not None else None

    @property
    def open_pages(self) -> dict[Place, QWidget]:
        """All open pages, the least recently used first."""
        return dict(self._open)

    def go(self, place: Place) -> QWidget:
        """Show PLACE and remember the way."""
        page = self._page(place)
        self.history.go(place)
        self._show(page)
        return page

    def back(self) -> None:
        """Where we came from."""
        self._go_along(self.history.back())

    def forward(self) -> None:
        """Where we went back from."""
        self._go_along(self.history.forward())

    def _go_along(self, place: Place | None) -> None:
        if place is not None:
            self._show(self._page(place))

    def close_place(self, place: Place) -> None:
        """Drop a page; if it was shown, the one before it is."""
        shown = place == self.place
        self._drop(place)
        self.history.forget(place)
        if shown and self.history.current is not None:
            self._show(self._page(self.history.current))
        else:
            self.moved.emit()

    # --- pages -------------------------------------------------------------------------------------------------------
    def _page(self, place: Place) -> QWidget:
        page = self._open.get(place)
        if page is None:
            page = self._make(place)
            self._open[place] = page
            self.addWidget(page)
            self._watch(page)
            self._trim(place)
        self._open.move_to_end(place)
        return page

    def _watch(self, page: QWidget) -> None:
        """Follow its title; a signal of the page itself wins over the window title."""
        signal: Any = getattr(page, "title_changed", None) or page.windowTitleChanged
        signal.connect(lambda *_: self._titled(page))

    def _titled(self, page: QWidget) -> None:
        place = next((p for p, w in self._open.items() if w is page), None)
        if place is None:
            return
        record_id = getattr(page, "record_id", None)
        if place.type == "new" and record_id is not None:
            place = self._became(place, Place("record", place.key, record_id))
        self.titles[place] = self.title(page)
        self.titled.emit()

    def _became(self, old: Place, new: Place) -> Place:
        page = self._open.pop(old)
        self._open[new] = page
        self.history.became(old, new)
        return new

    @staticmethod
    def title(page: QWidget | None) -> str:
        """The name of a page."""
        return page.windowTitle() if page is not None else ""

    def _show(self, page: QWidget) -> None:
        had_focus = self.isAncestorOf(self.focusWidget()) if self.focusWidget() else True
        self.setCurrentWidget(page)
        place = self.place
        if place is not None:
            self.titles[place] = self.title(page) or self.titles.get(place, "")
        if had_focus and not (page.focusWidget() and page.focusWidget() is not page):
            shortcuts.focus_first(page)
        elif page.focusWidget() is not None:
            page.focusWidget().setFocus()
        self.moved.emit()

    def _trim(self, keep: Place) -> None:
        """Beyond the limit the least recently used editor goes; those with unsaved words go last."""
        editors = [p for p in self._open if p.type in ("record", "new") and p != keep]
        excess = len(editors) - MAX_EDITORS + 1
        clean_first = sorted(editors, key=lambda p: bool(getattr(self._open[p], "is_dirty", False)))
        for place in clean_first[: max(excess, 0)]:
            if place != self.place and place.type != "new":
                self._drop(place)

    def _drop(self, place: Place) -> None:
        page = self._open.pop(place, None)
        if page is None:
            return
        leave = getattr(page, "leave", None)
        if callable(leave):
            leave()
        self.removeWidget(page)
        page.hide()
        page.deleteLater()

    def drop_all(self) -> None:
        """Close every page; the history stays, pages are made again when they are visited."""
        for place in list(self._open):
            self._drop(place)
