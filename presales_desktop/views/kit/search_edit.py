"""A search field: glass at the left, a cross at the right while there is something to clear."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit

from presales_desktop.texts import tr
from presales_desktop.views.kit import icons
from presales_desktop.views.kit.basics import icon_button


class SearchEdit(QLineEdit):
    """QLineEdit in that dress; the cross clears it and emits textEdited(""), as typing would."""

    def __init__(self, placeholder: str = "") -> None:
        super().__init__()
        self.setPlaceholderText(placeholder)
        self.setAccessibleName(tr("搜索"))
        self.setTextMargins(20, 0, 20, 0)
        self._cross = icon_button("x", tr("清除"), self._clear)
        self._cross.setParent(self)
        self._cross.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._cross.setCursor(Qt.CursorShape.ArrowCursor)
        self._cross.setIconSize(icons.size(14))
        self._cross.setStyleSheet("QToolButton { border: none; background: transparent; padding: 0; min-height: 0; }")
        self._cross.hide()
        self.textChanged.connect(lambda text: self._cross.setVisible(bool(text)))

    def _clear(self) -> None:
        self.clear()
        self.textEdited.emit("")
        self.setFocus()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._cross.setGeometry(self.width() - 26, (self.height() - 20) // 2, 20, 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        icons.paint(painter, QRectF(9, (self.height() - 16) / 2, 16, 16), "search", "faint")
