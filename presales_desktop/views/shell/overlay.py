"""A veil over the window with one panel in it: the palette and the list of shortcuts. Esc or a click beside closes it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGraphicsDropShadowEffect, QWidget

from presales_desktop.views.kit import shortcuts, tokens


class Overlay(QWidget):
    """Covers its window; `panel` stands at the top centre, WIDTH px wide. `home()`: where the keyboard goes if its place is gone."""

    def __init__(self, window: QWidget, width: int) -> None:
        super().__init__(window)
        self.home: Callable[[], QWidget | None] = lambda: None
        self._window = window
        self._width = width
        self._focus_before: QWidget | None = None
        self.panel = QFrame(self)
        self.panel.setProperty("look", "raised")
        shadow = QGraphicsDropShadowEffect(self.panel)
        shadow.setBlurRadius(32)
        shadow.setOffset(0, 8)
        shadow.setColor(QColor(0, 0, 0, 70))
        self.panel.setGraphicsEffect(shadow)
        window.installEventFilter(self)
        self.hide()

    def open(self) -> None:
        """Show it over everything and remember where the keyboard was."""
        if self.isHidden():
            self._focus_before = self._window.focusWidget()
        self.setGeometry(self._window.rect())
        self.place()
        self.show()
        self.raise_()

    def close_overlay(self) -> None:
        """Hide it and give the keyboard back."""
        if self.isHidden():
            return
        self.hide()
        before, self._focus_before = self._focus_before, None
        if before is None:
            return
        try:
            before.setFocus()
        except RuntimeError:  # gone meanwhile, as a message's button is: the keyboard must not be lost with it
            shortcuts.focus_first(self.home() or self._window)

    def place(self) -> None:
        """The panel's place for the window's size."""
        width = min(self._width, self.width() - 40)
        height = min(self.panel_height(), self.height() - 80)
        self.panel.setGeometry((self.width() - width) // 2, min(72, (self.height() - height) // 2), width, height)

    def panel_height(self) -> int:
        """How high the panel wants to be."""
        return self.panel.sizeHint().height()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The veil."""
        veil = QColor("#000000")
        veil.setAlpha(60 if tokens.palette().name == "light" else 120)
        QPainter(self).fillRect(self.rect(), veil)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click beside the panel closes."""
        if not self.panel.geometry().contains(event.position().toPoint()):
            self.close_overlay()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_overlay()
        else:
            super().keyPressEvent(event)

    def focusNextPrevChild(self, following: bool) -> bool:
        """Tab stays inside while the veil is up."""
        inside = [
            w for w in self.panel.findChildren(QWidget) if w.focusPolicy() & Qt.FocusPolicy.TabFocus and w.isVisible()
        ]
        if not inside:
            return True
        focus = self.focusWidget()
        at = inside.index(focus) if focus in inside else -1
        inside[(at + (1 if following else -1)) % len(inside)].setFocus(Qt.FocusReason.TabFocusReason)
        return True

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Grow with the window."""
        if event.type() == QEvent.Type.Resize and not self.isHidden():
            self.setGeometry(self._window.rect())
            self.place()
        return False
