"""Questions inside the page, never in front of it: a sheet slides in at the right, Esc closes it, Ctrl+Enter confirms.

reason = await ask_text(self, tr("退回修改"), tr("退回原因"), primary=tr("退回"))   # None when closed
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QAbstractAnimation, QEasingCurve, QEvent, QObject, QPropertyAnimation, QRect, Qt, Signal
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import QFileDialog, QFrame, QLineEdit, QPlainTextEdit, QScrollArea, QVBoxLayout, QWidget
from shiboken6 import isValid

from presales_desktop.texts import tr
from presales_desktop.views.kit import shortcuts, tokens
from presales_desktop.views.kit.basics import button, icon_button, line, row, words
from presales_desktop.views.kit.jobs import Pending

_WIDTH = 440

FileHook = Callable[[str, str, str], Path | None]
_file_hook: FileHook | None = None


def set_file_hook(hook: FileHook | None) -> None:
    """For tests and the tour: HOOK("open" | "save", title, suggested name) answers instead of a file dialog."""
    global _file_hook
    _file_hook = hook


class _Veil(QWidget):
    """Dims the page behind a sheet; a click on it closes nothing, so that no typing is lost."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        veil = tokens.color("text" if tokens.palette().name == "light" else "window")
        veil.setAlphaF(0.12 if tokens.palette().name == "light" else 0.55)
        painter.fillRect(self.rect(), veil)


class Sheet(QFrame):
    """BODY on a sheet over PAGE's right side with the button PRIMARY. `confirmed` on the button, `closed(bool confirmed)`.

    VALID(): the sentence why it cannot be confirmed yet, or "". The page behind stays as it is.
    """

    confirmed = Signal()
    closed = Signal(bool)

    def __init__(
        self,
        page: QWidget,
        title: str,
        body: QWidget,
        primary: str = "",
        *,
        tone: str = "",
        valid: Callable[[], str] | None = None,
        name: str = "sheet",
        width: int = _WIDTH,
        keep_open: bool = False,
    ) -> None:
        super().__init__(page)
        self._page, self._valid, self._wide, self._keep = page, valid, width, keep_open
        self._done = False
        self.setObjectName(name)
        self.setProperty("look", "sheet")
        self.setAccessibleName(title)
        self._before = page.window().focusWidget()
        self._veil = _Veil(page)
        self._problem = words("", "bad", wrap=True)
        self._problem.hide()
        self.primary = button(
            primary, self.confirm, look="danger" if tone == "bad" else "primary", name=f"{name}.confirm",
            tip=f"{primary}  {shortcuts.shown('Ctrl+Return')}",
        )  # fmt: skip
        if not primary:
            self.primary.hide()  # never shown before it has a parent: it would flash up as a window and take the focus
        self._cancel = button(tr("取消") if primary else tr("关闭"), self.dismiss, name=f"{name}.cancel", tip="Esc")
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        holder = QWidget()
        inner = QVBoxLayout(holder)
        inner.setContentsMargins(20, 14, 20, 14)
        inner.addWidget(body)
        inner.addStretch(1)
        area.setWidget(holder)
        close = icon_button("x", tr("关闭"), self.dismiss, shortcut="Esc")
        close.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(1, 0, 0, 0)
        whole.setSpacing(0)
        whole.addLayout(row(words(title, "section"), None, close, margins=(20, 12, 12, 10)))
        whole.addWidget(line())
        whole.addWidget(area, 1)
        whole.addWidget(line())
        whole.addLayout(row(self._problem, None, self._cancel, self.primary, margins=(20, 12, 20, 14)))
        self._hushed = self._hush()
        for key in ("Ctrl+Return", "Ctrl+Enter"):
            shortcuts.register(self, key, primary or tr("关闭"), self.confirm)
        shortcuts.register(self, "Esc", tr("关闭"), self.dismiss)
        page.installEventFilter(self)
        self._slide = QPropertyAnimation(self, b"geometry", self)
        self._slide.setDuration(tokens.MOTION_MS)
        self._slide.setEasingCurve(QEasingCurve.Type.OutCubic)
        self._appear(body)

    def _hush(self) -> list[QShortcut]:
        """Shortcuts of the page on our keys sleep meanwhile: Qt calls none of two that match."""
        ours = [QKeySequence(key) for key in ("Ctrl+Return", "Ctrl+Enter", "Esc")]
        found = [s for s in self._page.window().findChildren(QShortcut) if s.isEnabled() and s.key() in ours]
        for each in found:
            each.setEnabled(False)
        return found

    def _place(self) -> QRect:
        width = min(self._wide, self._page.width())
        return QRect(self._page.width() - width, 0, width, self._page.height())

    def _appear(self, body: QWidget) -> None:
        self._veil.setGeometry(self._page.rect())
        self._veil.show()
        self._veil.raise_()
        end = self._place()
        self.setGeometry(end.translated(24, 0))
        self.show()
        self.raise_()
        self._slide.setStartValue(end.translated(24, 0))
        self._slide.setEndValue(end)
        self._slide.start()
        shortcuts.focus_first(body)
        now = self.window().focusWidget()
        if now is None or now.focusPolicy() == Qt.FocusPolicy.NoFocus or not body.isAncestorOf(now):
            # nothing to fill in: of a danger the way out has the keyboard, else the button
            safe = self.primary.property("look") == "danger" or not self.primary.isVisibleTo(self)
            (self._cancel if safe else self.primary).setFocus(Qt.FocusReason.OtherFocusReason)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        QPainter(self).fillRect(0, 0, 1, self.height(), tokens.color("border"))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._page and event.type() == QEvent.Type.Resize:
            self._veil.setGeometry(self._page.rect())
            if self._slide.state() == QAbstractAnimation.State.Running:
                self._slide.stop()
            self.setGeometry(self._place())
        return False

    def focusNextPrevChild(self, next_: bool) -> bool:
        """Tab stays on the sheet."""
        before = self.focusWidget()
        moved = super().focusNextPrevChild(next_)
        now = self.window().focusWidget()
        if now is None or not self.isAncestorOf(now):
            if next_:
                shortcuts.focus_first(self)
            else:
                self._cancel.setFocus(Qt.FocusReason.BacktabFocusReason)
        return moved or before is not None

    def show_problem(self, text: str) -> None:
        """Why it cannot be confirmed."""
        self._problem.setText(text)
        self._problem.setVisible(bool(text))

    def confirm(self) -> None:
        """The primary button; with `keep_open` who listens closes it (`finish`)."""
        problem = self._valid() if self._valid is not None else ""
        self.show_problem(problem)
        if problem or self._done or not self.primary.isVisibleTo(self):
            return
        self.confirmed.emit()
        if not self._keep:
            self.finish(True)

    def dismiss(self) -> None:
        """Esc, 取消."""
        self.finish(False)

    def finish(self, confirmed: bool) -> None:
        """Take it away and give the keyboard back."""
        if self._done:
            return
        self._done = True
        self._page.removeEventFilter(self)
        for each in self._hushed:
            if isValid(each):
                each.setEnabled(True)
        self.hide()
        self._veil.hide()
        self._veil.deleteLater()
        if self._before is not None:
            try:
                self._before.setFocus()
            except RuntimeError:  # the widget went meanwhile
                self._page.setFocus()
        self.closed.emit(confirmed)
        self.deleteLater()


def ask(page: QWidget, title: str, body: QWidget, primary: str, *, tone: str = "", valid: Callable[[], str] | None = None,
        name: str = "sheet") -> Pending[bool]:  # fmt: skip
    """A sheet with any BODY; whether it was confirmed."""
    pending: Pending[bool] = Pending()
    Sheet(page, title, body, primary, tone=tone, valid=valid, name=name).closed.connect(pending.resolve)
    return pending


def ask_text(
    page: QWidget,
    title: str,
    label: str,
    *,
    primary: str = "",
    multiline: bool = True,
    required: bool = True,
    text: str = "",
    hint: str = "",
    tone: str = "",
    name: str = "ask",
) -> Pending[str | None]:
    """Ask for a text; None when the sheet was closed."""
    body = QWidget()
    inner = QVBoxLayout(body)
    inner.setContentsMargins(0, 0, 0, 0)
    inner.setSpacing(6)
    head = words(label, "small")
    edit: QLineEdit | QPlainTextEdit
    if multiline:
        edit = QPlainTextEdit(text)
        edit.setTabChangesFocus(True)
        edit.setMinimumHeight(140)
    else:
        edit = QLineEdit(text)
    edit.setObjectName(f"{name}.text")
    edit.setAccessibleName(label)
    head.setBuddy(edit)
    for part in (head, edit):
        inner.addWidget(part)
    if hint:
        inner.addWidget(words(hint, "faint", wrap=True))

    def typed() -> str:
        return (edit.toPlainText() if isinstance(edit, QPlainTextEdit) else edit.text()).strip()

    def valid() -> str:
        return tr("{label}不能为空，请填写。", label=label) if required and not typed() else ""

    pending: Pending[str | None] = Pending()
    sheet = Sheet(page, title, body, primary or tr("确定"), tone=tone, valid=valid, name=name)
    sheet.closed.connect(lambda confirmed: pending.resolve(typed() if confirmed else None))
    if isinstance(edit, QLineEdit):
        edit.returnPressed.connect(sheet.confirm)
    return pending


def confirm_danger(page: QWidget, title: str, consequence: str, verb: str, *, name: str = "danger") -> Pending[bool]:
    """Ask before what cannot be undone: names the thing and the CONSEQUENCE; VERB is the button."""
    return ask(page, title, words(consequence, wrap=True), verb, tone="bad", name=name)


def choose_file(
    page: QWidget, title: str, patterns: Sequence[str], *, folder: Path | None = None
) -> Pending[Path | None]:
    """Ask for an existing file; PATTERNS like "Excel (*.xlsx *.csv)". None when nothing was chosen."""
    return _file(page, "open", title, patterns, folder, "")


def choose_save(
    page: QWidget, title: str, name: str, patterns: Sequence[str], *, folder: Path | None = None
) -> Pending[Path | None]:
    """Ask where to write; NAME is suggested. Replacing an existing file is asked by the dialog itself."""
    return _file(page, "save", title, patterns, folder, name)


def _file(
    page: QWidget, mode: str, title: str, patterns: Sequence[str], folder: Path | None, name: str
) -> Pending[Path | None]:
    pending: Pending[Path | None] = Pending()
    if _file_hook is not None:
        pending.resolve(_file_hook(mode, title, name))
        return pending
    dialog = QFileDialog(page.window(), title, str(folder or Path.home()))
    dialog.setNameFilters([*patterns, tr("所有文件 (*)")] if mode == "open" else list(patterns))
    if mode == "save":
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setFileMode(QFileDialog.FileMode.AnyFile)
        dialog.selectFile(name)
        if "." in name:
            dialog.setDefaultSuffix(name.rsplit(".", 1)[-1])
        if len(patterns) > 1:
            dialog.filterSelected.connect(lambda chosen: _follow_kind(dialog, chosen))
    else:
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)

    def finished(result: int) -> None:
        chosen = dialog.selectedFiles()
        dialog.deleteLater()
        pending.resolve(Path(chosen[0]) if result and chosen else None)

    dialog.finished.connect(finished)
    dialog.open()
    return pending


def _follow_kind(dialog: QFileDialog, pattern: str) -> None:
    """Another kind of file was chosen: the suggested name ends as it does."""
    found = re.search(r"\*\.(\w+)", pattern)
    if found is None:
        return
    dialog.setDefaultSuffix(found[1])
    typed = [Path(file).name for file in dialog.selectedFiles()]
    if typed and typed[0]:
        dialog.selectFile(f"{typed[0].rsplit('.', 1)[0]}.{found[1]}")
