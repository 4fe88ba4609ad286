"""A row that opens something; apart from panels.py so that the first window loads no database."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame


class RowButton(QFrame):
    """A row that opens something: hovered, focused and pressed like a button, Enter and Space work."""

    def __init__(self, name: str, clicked: Callable[[], object]) -> None:
        super().__init__()
        self._clicked = clicked
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setProperty("look", "row")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click that ends inside opens."""
        if event.button() == Qt.MouseButton.LeftButton and self.rect().contains(event.position().toPoint()):
            self._clicked()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter or Space open; the arrows go to the neighbour."""
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self._clicked()
        elif key == Qt.Key.Key_Down:
            self.focusNextChild()
        elif key == Qt.Key.Key_Up:
            self.focusPreviousChild()
        else:
            super().keyPressEvent(event)
