"""Every shortcut is registered here, so that Ctrl+/ can show what works on the page that is open."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid


@dataclass(frozen=True)
class Entry:
    """One shortcut: where it works, its keys as people read them, and what it does."""

    widget: QWidget
    key: str
    title: str
    group: str


_entries: list[Entry] = []


def register(
    widget: QWidget,
    key: str,
    title: str,
    callback: Callable[[], object] | None = None,
    *,
    group: str = "",
    context: Qt.ShortcutContext = Qt.ShortcutContext.WidgetWithChildrenShortcut,
) -> QShortcut | None:
    """Make KEY ("Ctrl+S") call CALLBACK while the focus is inside WIDGET, and list it as TITLE.

    Without CALLBACK it is only listed: the widget handles the key itself. CONTEXT WindowShortcut for the shell's own.
    """
    _forget_gone()
    _entries.append(Entry(widget, key, title, group))
    if callback is None:
        return None
    made = QShortcut(QKeySequence(key), widget)
    made.setContext(context)
    made.activated.connect(lambda: callback())
    return made


def _forget_gone() -> None:
    _entries[:] = [e for e in _entries if isValid(e.widget)]


def listed(window: QWidget) -> list[Entry]:
    """What works in WINDOW now: shortcuts of visible widgets, in the order of registration, each key and title once."""
    _forget_gone()
    found: dict[tuple[str, str], Entry] = {}
    for entry in _entries:
        if entry.widget is window or (entry.widget.window() is window and entry.widget.isVisibleTo(window)):
            found.setdefault((entry.key, entry.title), entry)
    return list(found.values())


def shown(key: str) -> str:
    """Keys as the platform writes them: "Ctrl+S", "⌘S"."""
    return QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)


def focus_first(widget: QWidget) -> None:
    """Put the keyboard into WIDGET's first place that takes it."""
    widget.setFocus(Qt.FocusReason.TabFocusReason)
    inner = widget.nextInFocusChain()
    while inner is not None and inner is not widget:
        policy = inner.focusPolicy() & Qt.FocusPolicy.TabFocus
        if policy and widget.isAncestorOf(inner) and inner.isVisibleTo(widget) and inner.isEnabled():
            inner.setFocus(Qt.FocusReason.TabFocusReason)
            return
        inner = inner.nextInFocusChain()
    if QApplication.focusWidget() is None:
        widget.setFocus()
