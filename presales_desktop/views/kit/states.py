"""What a page shows when there is nothing, when it waits, when something went wrong; chips and toasts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from presales_desktop.texts import tr
from presales_desktop.views.kit import icons, theme, tokens
from presales_desktop.views.kit.basics import button, clear, column, icon_button, icon_label, row, words
from presales_desktop.views.kit.jobs import Progress

_MARK = {"bad": "circle-alert", "amber": "triangle-alert", "good": "circle-check", "accent": "info"}


# --- chips -----------------------------------------------------------------------------------------------------------
def chip_size(word: str, font: QFont | None = None) -> QSize:
    """How large paint_chip draws WORD."""
    metrics = QFontMetrics(font or theme.font(tokens.SMALL))
    return QSize(metrics.horizontalAdvance(word) + 16, 20)


def paint_chip(painter: QPainter, rect: QRect, word: str, tone: str) -> int:
    """Draw a chip left-aligned and vertically centred in RECT (for delegates); the width that it took."""
    ink, ground = tokens.tone_colors(tone)
    font = theme.font(tokens.SMALL)
    width = min(chip_size(word, font).width(), rect.width())
    box = QRectF(rect.left(), rect.center().y() - 9.5, width, 20)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(box, 10, 10)
    painter.setPen(ink)
    painter.setFont(font)
    shown = QFontMetrics(font).elidedText(word, Qt.TextElideMode.ElideRight, width - 12)
    painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), shown)
    painter.restore()
    return width


class Chip(QWidget):
    """A state as word and colour: tone "neutral", "accent", "amber", "good", "bad"."""

    def __init__(self, word: str = "", tone: str = "neutral") -> None:
        super().__init__()
        self._word, self._tone = "", ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set(word, tone)

    @property
    def word(self) -> str:
        """What it says."""
        return self._word

    @property
    def tone(self) -> str:
        """Its tone."""
        return self._tone

    def set(self, word: str, tone: str = "neutral") -> None:
        """Say something else."""
        self._word, self._tone = word, tone
        self.setAccessibleName(word)
        # Never shown before it stands in something: a widget without a parent would become a window and take the focus.
        if not word:
            self.hide()
        elif self.parent() is not None:
            self.show()
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as the word."""
        return chip_size(self._word)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw it."""
        if self._word:
            painter = QPainter(self)
            paint_chip(painter, self.rect(), self._word, self._tone)


def _fit(label: QLabel, width: int) -> None:
    """Wrap LABEL at WIDTH and give it the height for that: a layout that centres a label does not ask for it."""
    label.ensurePolished()
    label.setFixedWidth(width)
    label.setFixedHeight(max(label.heightForWidth(width), 1))


# --- nothing there ---------------------------------------------------------------------------------------------------
class EmptyState(QWidget):
    """Says what a place is for and offers the first action; signal `action` when its button is pressed."""

    action = Signal()

    def __init__(
        self, icon: str = "inbox", title: str = "", hint: str = "", action_title: str = "", shortcut: str = ""
    ) -> None:
        super().__init__()
        self._button = button(action_title, self.action.emit, look="primary", name="empty.action")
        self._title = words(title, "section")
        self._hint = words(hint, "secondary", wrap=True)
        self._shortcut = words(shortcut, "faint")
        for label in (self._title, self._hint, self._shortcut):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._picture = icon_label(icon, 40, "faint")
        inner = QVBoxLayout(self)
        inner.setSpacing(10)
        inner.addStretch(2)
        for part in (self._picture, self._title, self._hint, self._button, self._shortcut):
            inner.addWidget(part, 0, Qt.AlignmentFlag.AlignHCenter)
        inner.addStretch(3)
        self.set(icon, title, hint, action_title, shortcut)

    def set(self, icon: str, title: str, hint: str = "", action_title: str = "", shortcut: str = "") -> None:
        """Say something else."""
        self._picture.setPixmap(icons.pixmap(icon, 40, "faint"))
        self._title.setText(title)
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))
        _fit(self._hint, 400)
        self._button.setText(action_title)
        self._button.setVisible(bool(action_title))
        self._shortcut.setText(shortcut)
        self._shortcut.setVisible(bool(shortcut) and bool(action_title))


class ErrorState(QWidget):
    """In place of a page that could not be loaded: what happened, and 重试 (signal `retry`)."""

    retry = Signal()

    def __init__(self, text: str = "", title: str = "") -> None:
        super().__init__()
        self._title = words(title or tr("这一页没有加载出来"), "section")
        self._text = words(text, "secondary", wrap=True, selectable=True)
        for label in (self._title, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        inner = QVBoxLayout(self)
        inner.setSpacing(10)
        inner.addStretch(2)
        again = button(tr("重试"), self.retry.emit, icon="refresh-cw", name="error.retry")
        for part in (icon_label("circle-alert", 40, "bad"), self._title, self._text, again):
            inner.addWidget(part, 0, Qt.AlignmentFlag.AlignHCenter)
        inner.addStretch(3)
        _fit(self._text, 460)

    def set_text(self, text: str) -> None:
        """What happened, why, what to do."""
        self._text.setText(text)
        _fit(self._text, 460)


# --- waiting ---------------------------------------------------------------------------------------------------------
class LoadingBar(QWidget):
    """A thin bar in place: start() shows it only when the wait is worth showing, stop() takes it away."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(2)
        self.setAccessibleName(tr("正在加载"))
        self._position = 0.0
        self._late = QTimer(self, singleShot=True, interval=tokens.LOADING_AFTER_MS)
        self._late.timeout.connect(self._begin)
        self._ticks = QTimer(self, interval=33)
        self._ticks.timeout.connect(self._advance)
        self._on = False

    @property
    def running(self) -> bool:
        """Between start and stop."""
        return self._on

    def start(self) -> None:
        """Something is under way."""
        self._on = True
        if not self._ticks.isActive():
            self._late.start()

    def stop(self) -> None:
        """It is done."""
        self._on = False
        self._late.stop()
        self._ticks.stop()
        self.update()

    def _begin(self) -> None:
        self._position = 0.0
        self._ticks.start()

    def _advance(self) -> None:
        self._position = (self._position + 0.025) % 1.3
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A piece that wanders from left to right; nothing at rest."""
        if not self._ticks.isActive():
            return
        painter = QPainter(self)
        painter.fillRect(self.rect(), tokens.color("accent_soft"))
        width = self.width()
        painter.fillRect(QRectF((self._position - 0.3) * width, 0, 0.3 * width, self.height()), tokens.color("accent"))


class ProgressPanel(QFrame):
    """Longer work: what is being done, how far, and 取消. Bound to a jobs.Progress; signal `cancelled`."""

    cancelled = Signal()

    def __init__(self, title: str, progress: Progress | None = None, *, cancellable: bool = True) -> None:
        super().__init__()
        self.setProperty("look", "panel")
        self._title = words(title, "strong")
        self._what = words("", "small")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self._bar.setRange(0, 0)
        self._bar.setAccessibleName(title)
        self._cancel = button(tr("取消"), self._ask_cancel, look="quiet", name="progress.cancel")
        self._cancel.setVisible(cancellable)
        self._progress: Progress | None = None
        self.setLayout(
            column(gap=8, margins=(16, 12, 16, 14)),
        )
        inner = self.layout()
        assert isinstance(inner, QVBoxLayout)
        inner.addLayout(row(self._title, None, self._cancel))
        inner.addWidget(self._bar)
        inner.addWidget(self._what)
        if progress is not None:
            self.bind(progress)

    def bind(self, progress: Progress) -> None:
        """Follow PROGRESS."""
        self._progress = progress
        self._cancel.setEnabled(True)
        progress.changed.connect(self.set_step)

    def set_step(self, done: int, total: int, what: str) -> None:
        """DONE of TOTAL (0: not known), and what is being done."""
        self._bar.setRange(0, total)
        self._bar.setValue(done)
        self._what.setText(what)

    def _ask_cancel(self) -> None:
        self._cancel.setEnabled(False)
        self._what.setText(tr("正在取消…"))
        if self._progress is not None:
            self._progress.cancel()
        self.cancelled.emit()


# --- something went wrong --------------------------------------------------------------------------------------------
class ErrorBar(QFrame):
    """A bar at the top of a page: what happened, the single problems (each leads to its field), one action.

    Hidden while there is nothing to say.
    """

    dismissed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("page.error")
        self._icon = QLabel()
        self._icon.setFixedSize(tokens.ICON, tokens.ICON + 4)
        self._text = words("", wrap=True, selectable=True)
        self._action = button("", look="quiet", name="page.error.action")
        self._close = icon_button("x", tr("关闭"), self.clear, name="page.error.close")
        self._problems = column(gap=0)
        self._pressed: Callable[[], object] | None = None
        self._action.clicked.connect(self._act)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        top.addWidget(self._text, 1)
        top.addWidget(self._action)
        top.addWidget(self._close)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(12, 6, 6, 6)
        whole.setSpacing(2)
        whole.addLayout(top)
        whole.addLayout(self._problems)
        self.hide()

    @property
    def text(self) -> str:
        """What it says now, "" when hidden."""
        return self._text.text() if not self.isHidden() else ""

    def show_text(
        self,
        text: str,
        *,
        tone: str = "bad",
        problems: Sequence[tuple[str, Callable[[], object] | None]] = (),
        action: tuple[str, Callable[[], object]] | None = None,
    ) -> None:
        """Say TEXT; PROBLEMS: (sentence, what a click does); ACTION: (verb, what it does)."""
        theme.dress(self, look=tone)
        self._icon.setPixmap(icons.pixmap(_MARK.get(tone, "info"), tokens.ICON, tone if tone in _MARK else "accent"))
        self._text.setText(text)
        self.setAccessibleName(text)
        clear(self._problems)
        for said, go in problems:
            link = button(f"· {said}", go, look="link")
            link.setEnabled(go is not None)
            self._problems.addLayout(row(16, link, None))
        self._pressed = action[1] if action else None
        self._action.setText(action[0] if action else "")
        self._action.setVisible(action is not None)
        self.show()

    def clear(self) -> None:
        """Nothing is wrong any more."""
        if not self.isHidden():
            self.hide()
            self._text.clear()
            self.dismissed.emit()

    def _act(self) -> None:
        do = self._pressed
        self.clear()
        if do is not None:
            do()


# --- toasts ----------------------------------------------------------------------------------------------------------
class Toast(QFrame):
    """A short message at the bottom that goes by itself; stays while the pointer or the focus is on it."""

    closed = Signal()

    def __init__(self, text: str, tone: str = "neutral", action: tuple[str, Callable[[], None]] | None = None) -> None:
        super().__init__()
        self.setObjectName("toast")
        self.setProperty("look", "raised")
        self.setAccessibleName(text)
        self.text = text
        inner = QHBoxLayout(self)
        inner.setContentsMargins(14, 8, 8, 8)
        inner.setSpacing(10)
        inner.addWidget(icon_label(_MARK.get(tone, "info"), tokens.ICON, tone if tone in _MARK else "secondary"))
        label = words(text, wrap=len(text) > 48)
        label.setMaximumWidth(520)
        inner.addWidget(label)
        self.action_button: QPushButton | None = None
        if action is not None:
            title, do = action
            self.action_button = button(title, partial(self._act, do), look="link", name="toast.action")
            inner.addWidget(self.action_button)
        inner.addWidget(icon_button("x", tr("关闭"), self._close))
        self._timer = QTimer(self, singleShot=True, interval=8000 if action else (6000 if tone == "bad" else 3500))
        self._timer.timeout.connect(self._maybe_close)
        self._timer.start()

    def _act(self, do: Callable[[], None]) -> None:
        self._close()
        do()

    def _maybe_close(self) -> None:
        focus = self.focusWidget()
        if self.underMouse() or (focus is not None and focus.hasFocus()):
            self._timer.start(1500)
        else:
            self._close()

    def _close(self) -> None:
        self._timer.stop()
        self.hide()
        self.closed.emit()
        self.deleteLater()


class ToastHost(QObject):
    """Stacks toasts at the bottom of WINDOW, at most three."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self.toasts: list[Toast] = []
        window.installEventFilter(self)

    def show(self, text: str, tone: str = "neutral", action: tuple[str, Callable[[], None]] | None = None) -> Toast:
        """Show one more; the same words twice are shown once."""
        for same in [t for t in self.toasts if t.text == text] + self.toasts[:-2]:
            same._close()  # noqa: SLF001  # our own part
        made = Toast(text, tone, action)
        made.setParent(self._window)
        self.toasts.append(made)
        made.closed.connect(lambda: self._gone(made))
        made.show()
        self._place()
        return made

    def _gone(self, toast: Toast) -> None:
        if toast in self.toasts:
            self.toasts.remove(toast)
            self._place()

    def _place(self) -> None:
        bottom = self._window.height() - 20
        for toast in reversed(self.toasts):
            toast.adjustSize()
            bottom -= toast.height()
            toast.move((self._window.width() - toast.width()) // 2, bottom)
            toast.raise_()
            bottom -= 8

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep them at the bottom when the window changes."""
        if event.type() == QEvent.Type.Resize and self.toasts:
            self._place()
        return False


class Badge(QLabel):
    """A small count; hidden at 0. Amber when something waits for the user."""

    def __init__(self, count: int = 0, tone: str = "amber") -> None:
        super().__init__()
        self._tone = tone
        self._count = 0
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setFixedHeight(18)
        self.set(count)

    def set(self, count: int) -> None:
        """Show COUNT (99+ beyond)."""
        self._count = count
        self.setText("99+" if count > 99 else str(count))
        self.setFixedWidth(18 if count < 10 else 26 if count < 100 else 32)
        self.setVisible(count > 0)

    @property
    def count(self) -> int:
        """What it shows."""
        return self._count

    def paintEvent(self, event: QPaintEvent) -> None:
        """A rounded ground and the number."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        ink, ground = tokens.tone_colors(self._tone)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawRoundedRect(self.rect(), 9, 9)
        painter.setPen(QColor(ink))
        painter.setFont(theme.font(11, tokens.SEMIBOLD))
        painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), self.text())
