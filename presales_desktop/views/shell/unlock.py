"""The page that asks for the passphrase of a workspace."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from presales_desktop.texts import tr
from presales_desktop.views.kit import theme
from presales_desktop.views.kit.basics import Elided, button, icon_button, row, words


class UnlockPage(QWidget):
    """`submitted(passphrase)`; `other` to choose another workspace. `show_error(text)` lets try again."""

    submitted = Signal(str)
    other = Signal()

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.setObjectName("unlock")
        self.input = QLineEdit()
        self.input.setObjectName("unlock.passphrase")
        self.input.setEchoMode(QLineEdit.EchoMode.Password)
        self.input.setAccessibleName(tr("口令"))
        self.input.returnPressed.connect(self.submit)
        self._eye = icon_button("eye", tr("显示口令"), self._toggle, checkable=True)
        self._error = words("", "bad", wrap=True)
        self._error.setObjectName("unlock.error")
        self._error.hide()
        self._open = button(tr("打开"), self.submit, look="primary", name="unlock.open")
        self._other = button(tr("换一个工作区"), self.other.emit, look="quiet", name="unlock.other")
        inner = QVBoxLayout(self)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(8)
        inner.addWidget(words(tr("输入口令打开工作区"), "section"))
        inner.addWidget(Elided(str(folder), "small"))
        inner.addSpacing(8)
        inner.addLayout(row(self.input, self._eye, gap=4))
        inner.addWidget(self._error)
        inner.addSpacing(4)
        inner.addLayout(row(self._other, None, self._open))
        inner.addStretch(1)
        inner.addWidget(words(tr("口令不保存在任何地方。忘记了口令，只能用备份恢复。"), "faint", wrap=True))

    def submit(self) -> None:
        """Hand the passphrase over; an empty one is not worth asking."""
        if not self.input.text():
            self.show_error(tr("请输入口令。"))
            return
        self.set_busy(True)
        self._error.hide()
        self.submitted.emit(self.input.text())

    def set_busy(self, busy: bool) -> None:
        """While the key is derived and the database opened."""
        self._open.setEnabled(not busy)
        self.input.setEnabled(not busy)
        self._open.setText(tr("正在打开…") if busy else tr("打开"))

    def show_error(self, text: str) -> None:
        """Say what went wrong; the passphrase stays, chosen, to be typed anew."""
        self.set_busy(False)
        self._error.setText(text)
        self._error.show()
        theme.dress(self.input, problem="true")
        self.input.selectAll()
        self.input.setFocus()

    def _toggle(self) -> None:
        shown = self._eye.isChecked()
        self.input.setEchoMode(QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password)

    def showEvent(self, event: QShowEvent) -> None:
        """Ready to type."""
        super().showEvent(event)
        self.input.setFocus()
