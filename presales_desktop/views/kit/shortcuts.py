"""Every shortcut is registered here, so that Ctrl+/ can show what works on the page that is open.

The same key may be registered by the window, a page and a part of it: the innermost one around the keyboard focus wins.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

_INSIDE = Qt.ShortcutContext.WidgetWithChildrenShortcut


@dataclass(frozen=True)
class Entry:
    """One shortcut: where it works, its keys as people read them, and what it does."""

    widget: QWidget
    key: str
    title: str
    group: str
    callback: Callable[[], object] | None = None
    shortcut: QShortcut | None = None


_entries: list[Entry] = []


def register(
    widget: QWidget,
    key: str,
    title: str,
    callback: Callable[[], object] | None = None,
    *,
    group: str = "",
    context: Qt.ShortcutContext = _INSIDE,
) -> QShortcut | None:
    """Make KEY ("Ctrl+S") call CALLBACK while the focus is inside WIDGET, and list it as TITLE.

    Without CALLBACK it is only listed: the widget handles the key itself. CONTEXT WindowShortcut for the shell's own.
    """
    _forget_gone()
    if callback is None:
        _entries.append(Entry(widget, key, title, group))
        return None
    made = QShortcut(QKeySequence(key), widget)
    made.setContext(context)
    made.activated.connect(lambda: callback())
    made.activatedAmbiguously.connect(lambda: _innermost(key))
    _entries.append(Entry(widget, key, title, group, callback, made))
    return made


def _forget_gone() -> None:
    _entries[:] = [e for e in _entries if isValid(e.widget)]


def _depth(widget: QWidget | None) -> int:
    steps = 0
    while widget is not None:
        steps += 1
        widget = widget.parentWidget()
    return steps


def _innermost(key: str) -> None:
    """Several registered KEY: call the one whose widget is nearest around the focus."""
    _forget_gone()
    focus = QApplication.focusWidget()
    wanted = QKeySequence(key)
    window = focus.window() if focus is not None else QApplication.activeWindow()
    fitting = [
        e
        for e in _entries
        if e.shortcut is not None
        and e.shortcut.isEnabled()
        and QKeySequence(e.key) == wanted
        and (
            (e.shortcut.context() is not _INSIDE and e.widget.window() is window)
            or (focus is not None and (e.widget is focus or e.widget.isAncestorOf(focus)))
        )
    ]
    if fitting:
        chosen = max(fitting, key=lambda e: _depth(e.widget))
        assert chosen.callback is not None
        chosen.callback()


def forget(widget: QWidget) -> None:
    """Take everything that was registered for WIDGET itself off the list; the caller disposes of the shortcuts."""
    _entries[:] = [e for e in _entries if isValid(e.widget) and e.widget is not widget]


def listed(window: QWidget) -> list[Entry]:
    """What works in WINDOW now: shortcuts of visible widgets, in the order of registration, each key and title once."""
    _forget_gone()
    found: dict[tuple[str, str], Entry] = {}
    for entry in _entries:
        if entry.widget is window or (entry.widget.window() is window and entry.widget.isVisibleTo(window)):
            found.setdefault((entry.key, entry.title), entry)
    return list(found.values())


def shown(key: str) -> str:
    """Keys as the platform writes them: "Ctrl+S", "⌘S"; arrows as arrows."""
    said = QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText)
    for name, sign in (("Left", "←"), ("Right", "→"), ("Up", "↑"), ("Down", "↓"), ("Return", "Enter")):
        said = sign if said == name else said.replace(f"+{name}", f"+{sign}")
    return said


def focus_first(widget: QWidget) -> None:
    """Put the keyboard into WIDGET's first place that takes it; a page's own `first_focus()` says where it wants it."""
    own = getattr(widget, "first_focus", None)
    if callable(own):
        own()
        return
    inner = widget.nextInFocusChain()
    while inner is not None and inner is not widget:
        wants = bool(inner.focusPolicy() & Qt.FocusPolicy.TabFocus)
        if wants and widget.isAncestorOf(inner) and inner.isVisibleTo(widget) and inner.isEnabled():
            inner.setFocus(Qt.FocusReason.TabFocusReason)
            return
        inner = inner.nextInFocusChain()
    widget.setFocus(Qt.FocusReason.TabFocusReason)
