"""The field that opens beside the mouse as soon as somebody types a number."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from presales_desktop.texts import tr
from presales_desktop.views.kit import tokens
from presales_desktop.views.kit.theme import dress


class TypedEntry(QLineEdit):
    """`entered(text)` by Enter, `changed(text)` at every key, `cancelled` by Esc."""

    entered = Signal(str)
    changed = Signal(str)
    cancelled = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("design.typed")
        self.setAccessibleName(tr("输入数值"))
        self.setFixedSize(150, tokens.control_height())
        self.textEdited.connect(self.changed)
        self.hide()

    def begin(self, text: str, at: QPoint, hint: str = "", *, select: bool = False) -> None:
        """Open beside AT with TEXT."""
        parent = self.parentWidget()
        assert parent is not None
        dress(self, problem=False)
        self.setPlaceholderText(hint)
        self.setText(text)
        x = min(max(at.x() + 16, 4), parent.width() - self.width() - 4)
        y = min(max(at.y() + 16, 4), parent.height() - self.height() - 4)
        self.move(x, y)
        self.show()
        self.raise_()
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        if select:
            self.selectAll()
        else:
            self.end(False)
        self.changed.emit(text)

    def refuse(self) -> None:
        """What was typed means nothing here."""
        dress(self, problem=True)
        self.selectAll()

    def dismiss(self) -> None:
        """Close without a word."""
        self.hide()
        self.clear()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter takes it, Esc gives up. A line edit lets Enter through to its parent: the tool would take it twice."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            event.accept()
            self.entered.emit(self.text())
            return
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
            self.changed.emit("")
            self.cancelled.emit()
            return
        super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """A click elsewhere gives up, too."""
        super().focusOutEvent(event)
        if event.reason() == Qt.FocusReason.MouseFocusReason:
            self.dismiss()
