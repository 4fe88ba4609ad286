"""Line edits that hold a value: numbers with unit, money, days, moments. What cannot be read stays as typed and is marked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit

from presales_desktop.models.fields import Field, FieldType
from presales_desktop.models.values import SHANGHAI
from presales_desktop.texts import tr
from presales_desktop.views.kit import format as formats
from presales_desktop.views.kit import icons, theme, tokens, typed
from presales_desktop.views.kit.basics import icon_button
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.month import MonthPopup


def today_of(ctx: ViewContext) -> dt.date:
    """The Chinese calendar day of the workspace's clock."""
    return ctx.db.runner.clock().astimezone(SHANGHAI).date()


class TypedEdit(QLineEdit):
    """`value_changed(value)` when the user typed a readable value (LIVE: while typing, else at the end);
    `invalid_changed(text)`: what cannot be read, "" once it can. PREFIX and SUFFIX are drawn beside the text."""

    value_changed = Signal(object)
    invalid_changed = Signal(str)

    def __init__(
        self,
        parse: Callable[[str], Any],
        show: Callable[[Any], str],
        *,
        live: bool = True,
        prefix: str = "",
        suffix: str = "",
    ) -> None:
        super().__init__()
        self._parse, self._show_value = parse, show
        self._live = live
        self._prefix, self._suffix = prefix, suffix
        self._value: Any = None
        self.invalid = ""
        self._right = 0
        self._margins()
        self.textEdited.connect(self._typed)
        self.editingFinished.connect(self.commit)

    def _margins(self) -> None:
        metrics = QFontMetrics(theme.font(tokens.BODY))
        left = metrics.horizontalAdvance(self._prefix) + 4 if self._prefix else 0
        right = metrics.horizontalAdvance(self._suffix) + 6 if self._suffix else 0
        self.setTextMargins(left, 0, right + self._right, 0)

    @property
    def value(self) -> Any:
        """The last readable value."""
        return self._value

    def set_value(self, value: Any) -> None:
        """Show VALUE; what is being typed is left alone when it means the same."""
        if self.hasFocus() and not self.invalid and self._value == value and type(self._value) is type(value):
            return
        self._value = value
        self.setText(self._shown(value))
        self._mark("")

    @property
    def typing(self) -> bool:
        """Whether a text stands here that is no value yet: being typed, or unreadable."""
        if self.invalid:
            return True
        return self.hasFocus() and self.isModified() and self.text() != self._shown(self._value)

    def _shown(self, value: Any) -> str:
        return "" if value is None else self._show_value(value)

    def stand_on(self, value: Any) -> None:
        """Another value under the text that is being typed: what is typed counts against it at the end."""
        self._value = value

    def commit(self) -> None:
        """End of typing: read the text, or mark it."""
        try:
            value = self._parse(self.text())
        except (ValueError, ArithmeticError):
            self._mark(self.text().strip())
            return
        self._mark("")
        self._take(value)
        self.setText(self._shown(value))

    def _typed(self, text: str) -> None:
        if not self._live:
            return
        try:
            value = self._parse(text)
        except (ValueError, ArithmeticError):
            return
        self._mark("")
        self._take(value)

    def _take(self, value: Any) -> None:
        if value != self._value or type(value) is not type(self._value):
            self._value = value
            self.value_changed.emit(value)

    def _mark(self, invalid: str) -> None:
        if invalid != self.invalid:
            self.invalid = invalid
            self.invalid_changed.emit(invalid)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not (self._prefix or self._suffix):
            return
        painter = QPainter(self)
        painter.setPen(tokens.color("secondary"))
        inner = self.rect().adjusted(10, 0, -10 - self._right, 0)
        if self._prefix:
            painter.drawText(inner, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), self._prefix)
        if self._suffix:
            painter.drawText(inner, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), self._suffix)


class NumberEdit(TypedEdit):
    """A Decimal (or int) with its unit; PLACES limits the decimals that are shown, not what may be typed."""

    def __init__(self, unit: str = "", places: int | None = None, *, integer: bool = False) -> None:
        kind = FieldType.INTEGER if integer else FieldType.DECIMAL
        field = Field("", kind, unit=unit or None, places=places)
        super().__init__(
            lambda text: typed.value_of(field, text, dt.date.min),
            lambda value: typed.text_of(field, value),
            suffix=unit,
        )
        self._integer = integer
        self.setAlignment(Qt.AlignmentFlag.AlignLeft)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Up: 1, Qt.Key.Key_Down: -1}.get(Qt.Key(event.key()), 0)
        if step and not self.isReadOnly() and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            now = self.value if self.value is not None else 0
            new = int(now) + step if self._integer else Decimal(now) + step
            self.setText(self._show_value(new))
            self._typed(self.text())
            return
        super().keyPressEvent(event)


class PercentEdit(TypedEdit):
    """A percentage; FRACTION: the value is 0.13 where 13 % is shown."""

    def __init__(self, *, fraction: bool = False) -> None:
        field = Field("", FieldType.PERCENT, unit=None if fraction else "%")
        super().__init__(
            lambda text: typed.value_of(field, text, dt.date.min), lambda value: typed.text_of(field, value), suffix="%"
        )


class MoneyEdit(TypedEdit):
    """Fen, typed as yuan: 12800, 12,800.00, 1.28万."""

    def __init__(self) -> None:
        super().__init__(typed.parse_money, typed.money_text, prefix="¥")


class DatePicker(TypedEdit):
    """A day, typed ("11-30", "明天", "+7", "周五") or chosen (Alt+↓). ↑ ↓ go a day on and back."""

    def __init__(self, today: Callable[[], dt.date]) -> None:
        super().__init__(lambda text: typed.parse_day(text, today()), formats.day, live=False)
        self._today = today
        self._popup: MonthPopup | None = None
        self._right = 22
        self._margins()
        self.setPlaceholderText(tr("如 11-30、明天、+7"))
        self._button = icon_button("calendar", tr("打开日历"), self.open_calendar, shortcut="Alt+↓")
        self._button.setParent(self)
        self._button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._button.setCursor(Qt.CursorShape.ArrowCursor)
        self._button.setIconSize(icons.size(14))
        self._button.setStyleSheet("QToolButton { border: none; background: transparent; padding: 0; min-height: 0; }")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._button.setGeometry(self.width() - 28, (self.height() - 22) // 2, 22, 22)

    def open_calendar(self) -> None:
        """Show the month of the value (or of today)."""
        self._close()
        self.commit()
        window = self.window()
        popup = MonthPopup(window, self.value or self._today(), self._today())
        self._popup = popup
        popup.picked.connect(self._picked)
        below = self.mapTo(window, QPoint(0, self.height() + 2))
        high = popup.height()
        top = below.y() if below.y() + high < window.height() else max(4, below.y() - self.height() - 4 - high)
        popup.move(max(4, min(below.x(), window.width() - popup.width() - 8)), top)
        popup.show()
        popup.raise_()
        popup.grid.setFocus()
        popup.grid.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut:
            QTimer.singleShot(0, self, self._close)
        return False

    def _picked(self, day: dt.date | None) -> None:
        self._close()
        self.setFocus()
        if day is not None:
            self._mark("")
            self.setText(formats.day(day))
            self._take(day)

    def _close(self) -> None:
        if self._popup is not None:
            self._popup.hide()
            self._popup.deleteLater()
            self._popup = None

    def focusInEvent(self, event: QFocusEvent) -> None:
        self._close()
        super().focusInEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        alt = bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        if alt and event.key() == Qt.Key.Key_Down:
            self.open_calendar()
        elif step and not alt and not self.isReadOnly():
            self.commit()
            if not self.invalid:
                day = (self.value or self._today()) + dt.timedelta(days=step)
                self.setText(formats.day(day))
                self._take(day)
        else:
            super().keyPressEvent(event)


class MomentEdit(TypedEdit):
    """A day with a time: "11-30 14:00", "明天 9:30"."""

    def __init__(self, today: Callable[[], dt.date]) -> None:
        super().__init__(lambda text: typed.parse_moment(text, today()), typed.moment_text, live=False)
        self.setPlaceholderText(tr("如 11-30 14:00、明天 9:30"))
