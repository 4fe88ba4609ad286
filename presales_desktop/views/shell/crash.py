"""When the program itself is wrong: a panel that says so, keeps the rest usable, and hands over a report to copy."""

from __future__ import annotations

import platform
import traceback

from PySide6.QtCore import QEvent, QObject, Qt, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QVBoxLayout, QWidget

from presales_desktop import __version__
from presales_desktop.texts import tr
from presales_desktop.views.kit import shortcuts, theme, tokens
from presales_desktop.views.kit.basics import button, icon_button, icon_label, row, words

_WIDTH = 520


def report(error: BaseException, where: str = "") -> str:
    """What a developer needs: versions and the stack. No values: messages of the database driver carry row contents."""
    frames = "".join(traceback.format_list(traceback.extract_tb(error.__traceback__)))
    said = str(error)
    if type(error).__module__.split(".")[0] in ("sqlalchemy", "sqlcipher3", "sqlite3"):
        said = said.split("[SQL", 1)[0].split("[parameters", 1)[0].strip()
    return (
        f"Presales Desktop {__version__}\n"
        f"Python {platform.python_version()} · Qt {qVersion()} · {platform.platform(terse=True)}\n"
        f"{where}\n\n{frames}{type(error).__module__}.{type(error).__name__}: {said[:500]}\n"
    )


class CrashPanel(QFrame):
    """Stands at the right bottom of WINDOW until it is closed; a second bug replaces the first."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.setObjectName("crash")
        self.setProperty("look", "raised")
        self._window = window
        self._title = words(tr("程序出错了，这一步没有完成"), "section")
        self._hint = words(
            tr("已保存的数据没有受影响，可以继续使用。请把报告复制给开发人员；发出前可以先查看内容。"),
            "secondary",
            wrap=True,
        )
        self._text = QPlainTextEdit(readOnly=True)
        self._text.setFont(theme.font(tokens.SMALL))
        self._text.setFixedHeight(180)
        self._text.setAccessibleName(tr("错误报告"))
        self._text.hide()
        self._details = button(tr("查看报告"), self._toggle, look="quiet", name="crash.details")
        self._copy = button(tr("复制报告"), self.copy, icon="copy", name="crash.copy")
        close = icon_button("x", tr("关闭"), self.hide, name="crash.close")
        inner = QVBoxLayout(self)
        inner.setContentsMargins(16, 12, 12, 14)
        inner.setSpacing(8)
        inner.addLayout(row(icon_label("circle-alert", tokens.ICON_LARGE, "bad"), self._title, None, close))
        inner.addWidget(self._hint)
        inner.addWidget(self._text)
        inner.addLayout(row(None, self._details, self._copy))
        shortcuts.register(self, "Esc", tr("关闭"), self.hide)
        window.installEventFilter(self)
        self.hide()

    @property
    def report(self) -> str:
        """The report that is shown."""
        return self._text.toPlainText()

    def show_error(self, error: BaseException, where: str = "") -> None:
        """Show a bug."""
        self._text.setPlainText(report(error, where))
        self._copy.setText(tr("复制报告"))
        self.show()
        self._place()
        self._copy.setFocus(Qt.FocusReason.OtherFocusReason)

    def copy(self) -> None:
        """The report into the clipboard."""
        QGuiApplication.clipboard().setText(self.report)
        self._copy.setText(tr("已复制"))

    def _toggle(self) -> None:
        self._text.setVisible(self._text.isHidden())
        self._place()

    def _place(self) -> None:
        width = min(_WIDTH, self._window.width() - 40)
        self.setFixedWidth(width)
        self.adjustSize()
        self.move(self._window.width() - width - 20, self._window.height() - self.height() - 20)
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the corner."""
        if event.type() == QEvent.Type.Resize and not self.isHidden():
            self._place()
        return False
