"""The small window before the program: welcome, unlock, progress. It asks and shows; app.py does the work."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from presales_desktop.models.errors import PresalesError
from presales_desktop.settings import DeviceSettings
from presales_desktop.texts import language, set_language, tr
from presales_desktop.views.kit import qt_words, tokens
from presales_desktop.views.kit.basics import button, icon_label, row, words
from presales_desktop.views.kit.jobs import Progress
from presales_desktop.views.kit.states import ErrorBar, ProgressPanel
from presales_desktop.views.shell.unlock import UnlockPage

if TYPE_CHECKING:
    from presales_desktop.views.shell.welcome import WelcomePage


class Brand(QWidget):
    """The program's mark and name at the top of the small window; beside it the other language, while one may choose."""

    def __init__(self, turn: Callable[[], None]) -> None:
        super().__init__()
        other = "中文" if language() == "en" else "English"
        self.other = button(other, turn, look="link", name="start.language")
        self.other.setAccessibleName(f"{tr('语言')}: {other}")
        self.other.hide()
        inner = QVBoxLayout(self)
        inner.setContentsMargins(0, 0, 0, 12)
        inner.setSpacing(2)
        inner.addLayout(
            row(icon_label("lightbulb", 28, "accent"), words(tr("灯饰售前工作台"), "title"), None, self.other, gap=10)
        )
        inner.addWidget(words(tr("客户、需求、照明方案、报价、合同，一台电脑从头做到尾。"), "secondary"))


class StartWindow(QWidget):
    """`demo`, `new(NewWorkspace)`, `open(Path)`, `connect_server(ConnectWanted)`: what was chosen; `show_unlock(folder)` answers an UnlockPage; `closed` when given up."""

    demo = Signal()
    new = Signal(object)
    open = Signal(object)
    connect_server = Signal(object)
    closed = Signal()

    def __init__(self, default_folder: Path, *, keyring: bool, settings: DeviceSettings | None = None) -> None:
        super().__init__()
        self._settings = settings
        self.setObjectName("start")
        self.setWindowTitle(tr("灯饰售前工作台"))
        self.resize(580, 620)
        self.setMinimumSize(480, 520)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.error_bar = ErrorBar()
        self._default_folder, self._keyring = default_folder, keyring
        self._welcome: WelcomePage | None = None
        self.unlock: UnlockPage | None = None
        self._stack = QStackedWidget()
        self._progress: QWidget | None = None
        inner = QVBoxLayout(self)
        inner.setContentsMargins(28, 24, 28, tokens.MARGIN)
        inner.setSpacing(10)
        self._brand = Brand(self._turn_language)
        inner.addWidget(self._brand)
        inner.addWidget(self.error_bar)
        inner.addWidget(self._stack, 1)

    @property
    def welcome(self) -> WelcomePage:
        """The first choice; made when it is first needed, for most starts go straight into a workspace."""
        if self._welcome is None:
            # Not at the top: a third of the way to the first paint would be this page, which most starts never show.
            from presales_desktop.views.shell.welcome import WelcomePage

            self._welcome = WelcomePage(self._default_folder, keyring=self._keyring)
            self._welcome.demo.connect(self.demo)
            self._welcome.new.connect(self.new)
            self._welcome.open.connect(self.open)
            self._welcome.connect_server.connect(self.connect_server)
            self._stack.addWidget(self._welcome)
        return self._welcome

    def show_welcome(self) -> None:
        """The first choice."""
        self._stack.setCurrentWidget(self.welcome)
        self._brand.other.setVisible(self._settings is not None)
        self.show()

    def _turn_language(self) -> None:
        """The other language, from here on and at the next start: nobody must read a page that he can't read."""
        assert self._settings is not None
        chosen = "zh" if language() == "en" else "en"
        self._settings.language = chosen
        set_language("en" if chosen == "en" else "zh")
        qt_words.speak(language())
        self.setWindowTitle(tr("灯饰售前工作台"))
        old, self._brand = self._brand, Brand(self._turn_language)
        layout = self.layout()
        assert layout is not None
        layout.replaceWidget(old, self._brand)
        self._brand.show()
        old.hide()
        old.deleteLater()
        if self._welcome is not None:
            self._stack.removeWidget(self._welcome)
            self._welcome.deleteLater()
            self._welcome = None
        self.show_welcome()
        self._brand.other.setFocus()

    def show_unlock(self, folder: Path) -> UnlockPage:
        """Ask for the passphrase of the workspace in FOLDER."""
        if self.unlock is not None:
            self._stack.removeWidget(self.unlock)
            self.unlock.deleteLater()
        self._brand.other.hide()
        self.unlock = UnlockPage(folder)
        self.unlock.other.connect(self.show_welcome)
        self._stack.addWidget(self.unlock)
        self._stack.setCurrentWidget(self.unlock)
        self.show()
        return self.unlock

    def show_progress(self, title: str, progress: Progress, *, cancellable: bool = True) -> None:
        """Show what is being done; 取消 calls progress.cancel()."""
        self.error_bar.clear()
        self._brand.other.hide()
        if self._progress is not None:
            self._stack.removeWidget(self._progress)
            self._progress.deleteLater()
        holder = QWidget()
        whole = QVBoxLayout(holder)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(ProgressPanel(title, progress, cancellable=cancellable))
        whole.addStretch(1)
        self._progress = holder
        self._stack.addWidget(holder)
        self._stack.setCurrentWidget(holder)
        self.show()

    def show_error(self, error: PresalesError) -> None:
        """Say what went wrong on the page that the user is on; a progress page gives way to the choice."""
        from presales_desktop.texts import lookup  # the words of all areas: not needed for the first paint

        said = lookup.error_text(error)
        current = self._stack.currentWidget()
        if current is self.unlock and self.unlock is not None:
            self.unlock.show_error(said)
            return
        if current is self._progress:
            self.show_welcome()
        self.welcome.show_error(said, error.code)

    def closeEvent(self, event: QCloseEvent) -> None:
        """The user gave up."""
        super().closeEvent(event)
        self.closed.emit()
