"""A long text that is read: wraps, can be selected, and measures itself once for each width.

A QLabel lays its text out anew each time that a layout asks for its size, and a page of twenty asks each a dozen times: a second of the
UI thread for a contract.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtWidgets import QLabel

_USUAL_WIDTH = 480
_LEAST_WIDTH = 120


class Paragraph(QLabel):
    """Plain text over as many lines as it takes."""

    def __init__(self, text: str = "", role: str = "") -> None:
        super().__init__(text)
        self._heights: dict[int, int] = {}
        self.setTextFormat(Qt.TextFormat.PlainText)
        if role:
            self.setProperty("role", role)
        self.setWordWrap(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )

    def setText(self, text: str) -> None:
        """Another text."""
        self._heights.clear()
        super().setText(text)

    def changeEvent(self, event: QEvent) -> None:
        """Another font or style measures otherwise."""
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._heights.clear()
        super().changeEvent(event)

    def heightForWidth(self, width: int) -> int:
        """The height of the text at WIDTH."""
        if width not in self._heights:
            self._heights[width] = super().heightForWidth(width)
        return self._heights[width]

    def sizeHint(self) -> QSize:
        """As wide as a paragraph is usually read; the layout asks for the height at its own width."""
        return QSize(_USUAL_WIDTH, self.heightForWidth(_USUAL_WIDTH))

    def minimumSizeHint(self) -> QSize:
        """A few words wide and a line high: what else there is comes from heightForWidth."""
        return QSize(_LEAST_WIDTH, self.fontMetrics().lineSpacing())
