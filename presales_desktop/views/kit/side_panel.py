"""A panel of the right column that folds; it remembers in the settings of the device whether it was open."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from presales_desktop.views.kit import icons, tokens
from presales_desktop.views.kit.basics import words

_folded: set[str] = set()


class _Head(QFrame):
    """The line that folds its panel: a click, Enter or Space."""

    pressed = Signal()

    def __init__(self, title: str) -> None:
        super().__init__()
        self.setProperty("look", "row")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(title)
        self.arrow = QLabel()
        self.note = words("", "faint")
        self.tools = QHBoxLayout()
        self.tools.setSpacing(2)
        inner = QHBoxLayout(self)
        inner.setContentsMargins(4, 3, 4, 3)
        inner.setSpacing(6)
        inner.addWidget(self.arrow)
        inner.addWidget(words(title, "strong"))
        inner.addWidget(self.note)
        inner.addStretch(1)
        inner.addLayout(self.tools)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click folds."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space fold."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.pressed.emit()
        else:
            super().keyPressEvent(event)


class SidePanel(QFrame):
    """`body` is the layout to fill; KEY: panels of the same key stay folded together while the program runs."""

    def __init__(self, title: str, *, key: str = "", folded: bool = False) -> None:
        super().__init__()
        self._key = key or title
        self.title = title
        self._head = _Head(title)
        self._head.pressed.connect(self.toggle)
        self._holder = QWidget()
        self.body = QVBoxLayout(self._holder)
        self.body.setContentsMargins(8, 4, 8, 12)
        self.body.setSpacing(6)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(8, 6, 8, 4)
        whole.setSpacing(0)
        whole.addWidget(self._head)
        whole.addWidget(self._holder)
        self.setProperty("look", "section")
        self._open = True
        self.set_open(not folded and self._key not in _folded)

    @property
    def is_open(self) -> bool:
        """Whether its body shows."""
        return self._open

    def set_open(self, is_open: bool) -> None:
        """Unfold or fold."""
        self._open = is_open
        self._holder.setVisible(is_open)
        self._head.arrow.setPixmap(icons.pixmap("chevron-down" if is_open else "chevron-right", tokens.ICON))

    def toggle(self) -> None:
        """The other way round, and remember it."""
        self.set_open(not self._open)
        (_folded.discard if self._open else _folded.add)(self._key)

    def set_note(self, text: str) -> None:
        """A small word beside the title: a count."""
        self._head.note.setText(text)

    def add_tool(self, widget: QWidget) -> None:
        """A button in the head line."""
        self._head.tools.addWidget(widget)
