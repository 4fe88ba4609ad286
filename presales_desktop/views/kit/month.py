"""A month to pick a day from, inside the window: rest days and workdays as the Chinese calendar has them."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache

from PySide6.QtCore import QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from presales_desktop.texts import tr
from presales_desktop.views.kit import theme, tokens
from presales_desktop.views.kit.basics import icon_button, row, words
from presales_desktop.views.kit.typed import add_months

_CELL_W, _CELL_H = 36, 28
_HEAD = 22


@lru_cache(maxsize=64)
def _rest_days(year: int, month: int) -> frozenset[dt.date]:
    """Days off of the 42 days that a month's page shows; weekends where the holiday calendar has no year."""
    first = dt.date(year, month, 1)
    start = first - dt.timedelta(days=first.weekday())
    days = [start + dt.timedelta(days=i) for i in range(42)]
    try:
        from chinese_calendar import is_holiday

        return frozenset(day for day in days if is_holiday(day))
    except (NotImplementedError, ImportError):
        return frozenset(day for day in days if day.weekday() >= 5)


class _Grid(QWidget):
    picked = Signal(object)
    turned = Signal()

    def __init__(self, day: dt.date, today: dt.date) -> None:
        super().__init__()
        self.day, self.today = day, today
        self.hover = -1
        self.setFixedSize(7 * _CELL_W, _HEAD + 6 * _CELL_H)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName(tr("日历"))

    def start(self) -> dt.date:
        """The Monday at the top left."""
        first = self.day.replace(day=1)
        return first - dt.timedelta(days=first.weekday())

    def set_day(self, day: dt.date) -> None:
        """Mark a day; the page turns with it."""
        self.day = day
        self.turned.emit()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(tokens.SMALL))
        names = tr("一二三四五六日")
        center = int(Qt.AlignmentFlag.AlignCenter)
        painter.setPen(tokens.color("faint"))
        for i, name in enumerate(names):
            painter.drawText(QRect(i * _CELL_W, 0, _CELL_W, _HEAD), center, name)
        start, rest = self.start(), _rest_days(self.day.year, self.day.month)
        for i in range(42):
            day = start + dt.timedelta(days=i)
            box = QRectF(i % 7 * _CELL_W + 3, _HEAD + i // 7 * _CELL_H + 1, _CELL_W - 6, _CELL_H - 2)
            painter.setPen(Qt.PenStyle.NoPen)
            if day == self.day:
                painter.setBrush(tokens.color("accent_fill"))
                painter.drawRoundedRect(box, tokens.RADIUS, tokens.RADIUS)
            elif i == self.hover:
                painter.setBrush(tokens.color("hover"))
                painter.drawRoundedRect(box, tokens.RADIUS, tokens.RADIUS)
            if day == self.today and day != self.day:
                painter.setPen(tokens.color("accent"))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(box, tokens.RADIUS, tokens.RADIUS)
            painter.setPen(tokens.color(self._ink(day, rest)))
            painter.drawText(box, center, str(day.day))

    def _ink(self, day: dt.date, rest: frozenset[dt.date]) -> str:
        if day == self.day:
            return "on_accent"
        if day.month != self.day.month:
            return "border"
        return "faint" if day in rest else "text"

    def _at(self, where: QPoint) -> int:
        if not self.rect().contains(where) or where.y() < _HEAD:
            return -1
        return (where.y() - _HEAD) // _CELL_H * 7 + where.x() // _CELL_W

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.hover = self._at(event.position().toPoint())
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        cell = self._at(event.position().toPoint())
        if 0 <= cell < 42:
            self.picked.emit(self.start() + dt.timedelta(days=cell))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -7, Qt.Key.Key_Down: 7}
        key = Qt.Key(event.key())
        if key in steps:
            self.set_day(self.day + dt.timedelta(days=steps[key]))
        elif key in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            self.set_day(add_months(self.day, -1 if key == Qt.Key.Key_PageUp else 1))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.picked.emit(self.day)
        elif key == Qt.Key.Key_Escape:
            self.picked.emit(None)
        else:
            super().keyPressEvent(event)


class MonthPopup(QFrame):
    """`picked(date | None)`: a day, or None for Esc."""

    picked = Signal(object)

    def __init__(self, window: QWidget, day: dt.date, today: dt.date) -> None:
        super().__init__(window)
        self.setObjectName("popup.calendar")
        self.setProperty("look", "raised")
        self.grid = _Grid(day, today)
        self.grid.picked.connect(self.picked.emit)
        self.grid.turned.connect(self._say)
        self._title = words("", "strong")
        before = icon_button("chevron-left", tr("上个月"), lambda: self._turn(-1), shortcut="PgUp")
        after = icon_button("chevron-right", tr("下个月"), lambda: self._turn(1), shortcut="PgDn")
        for part in (before, after):
            part.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        inner = QVBoxLayout(self)
        inner.setContentsMargins(10, 6, 10, 10)
        inner.setSpacing(2)
        inner.addLayout(row(self._title, None, before, after, gap=2))
        inner.addWidget(self.grid)
        self._say()
        self.adjustSize()

    def _turn(self, months: int) -> None:
        self.grid.set_day(add_months(self.grid.day, months))
        self.grid.setFocus()

    def _say(self) -> None:
        self._title.setText(tr("{year} 年 {month} 月", year=self.grid.day.year, month=self.grid.day.month))
