"""Charts drawn with QPainter (Qt Charts is GPL): cached in a pixmap until data, size or theme change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit import theme, tokens

_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_CENTER = int(Qt.AlignmentFlag.AlignCenter)


class Chart(QWidget):
    """Draws itself into a pixmap once; `draw(painter)` is what a chart fills in."""

    def __init__(self, title: str = "") -> None:
        super().__init__()
        self._drawn: QPixmap | None = None
        self.setAccessibleName(title)
        theme.notifier.theme_changed.connect(self.redraw)

    def redraw(self) -> None:
        """Data or colours changed."""
        self._drawn = None
        self.update()

    def draw(self, painter: QPainter) -> None:
        """Draw the chart into the widget's rectangle."""
        raise NotImplementedError

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A new size is a new picture."""
        self._drawn = None

    def changeEvent(self, event: QEvent) -> None:
        """So is another font."""
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.EnabledChange):
            self._drawn = None
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Show the picture."""
        ratio = self.devicePixelRatioF()
        if self._drawn is None or self._drawn.devicePixelRatio() != ratio:
            drawn = QPixmap(self.size() * ratio)
            drawn.setDevicePixelRatio(ratio)
            drawn.fill(Qt.GlobalColor.transparent)
            painter = QPainter(drawn)
            painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
            self.draw(painter)
            painter.end()
            self._drawn = drawn
        QPainter(self).drawPixmap(0, 0, self._drawn)


def _text(
    painter: QPainter,
    box: QRectF,
    text: str,
    align: int,
    token: str = "text",
    size: int = tokens.SMALL,
    weight: int = 400,
) -> None:
    painter.setFont(theme.font(size, weight))
    painter.setPen(tokens.color(token))
    shown = QFontMetricsF(painter.font()).elidedText(text, Qt.TextElideMode.ElideRight, box.width())
    painter.drawText(box, align, shown)


def _bar(painter: QPainter, box: QRectF, color: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    painter.drawRoundedRect(
        box, min(3.0, box.width() / 2, box.height() / 2), min(3.0, box.width() / 2, box.height() / 2)
    )


def nice_step(span: float, count: int = 4) -> float:
    """A round step (1, 2, 2.5 or 5 times a power of ten) that divides SPAN into at most COUNT parts."""
    if span <= 0:
        return 1.0
    raw = span / count
    power = 1.0
    while power * 10 <= raw:
        power *= 10
    while power > raw:
        power /= 10
    return next(power * f for f in (1, 2, 2.5, 5, 10) if power * f >= raw * 0.999999)


# --- bars ------------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Bar:
    """One bar; `value_text` stands above it (the value itself when empty)."""

    label: str
    value: float
    value_text: str = ""
    tone: str = "accent"


class BarChart(Chart):
    """Upright bars with a grid and, if wanted, a dashed target line with its word."""

    def __init__(
        self, bars: Sequence[Bar] = (), *, target: float | None = None, target_text: str = "", title: str = ""
    ) -> None:
        super().__init__(title)
        self.setMinimumHeight(140)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._bars: tuple[Bar, ...] = ()
        self._target: float | None = None
        self._target_text = ""
        self.set_bars(bars, target=target, target_text=target_text)

    def sizeHint(self) -> QSize:
        """A usual size."""
        return QSize(360, 200)

    def set_bars(self, bars: Sequence[Bar], *, target: float | None = None, target_text: str = "") -> None:
        """Show other data."""
        self._bars, self._target, self._target_text = tuple(bars), target, target_text
        self.setAccessibleDescription("; ".join(f"{b.label} {b.value_text or b.value}" for b in self._bars))
        self.redraw()

    def draw(self, painter: QPainter) -> None:
        """Grid, bars, target."""
        top = max([b.value for b in self._bars] + [self._target or 0.0, 1e-9])
        step = nice_step(top)
        top = step * -(-top * 1.02 // step)
        area = QRectF(44, 18, self.width() - 52, self.height() - 42)
        for i in range(round(top / step) + 1):
            y = area.bottom() - area.height() * i * step / top
            painter.setPen(QPen(tokens.color("hairline"), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            _text(painter, QRectF(0, y - 9, 38, 18), fmt.number(round(i * step, 6)), _RIGHT, "faint", 11)
        slot = area.width() / max(len(self._bars), 1)
        for i, bar in enumerate(self._bars):
            height = area.height() * max(bar.value, 0.0) / top
            width = min(slot * 0.6, 44)
            left = area.left() + slot * i + (slot - width) / 2
            fill = "glow" if bar.tone == "amber" else bar.tone
            _bar(painter, QRectF(left, area.bottom() - height, width, height), tokens.color(fill))
            around = QRectF(area.left() + slot * i, area.bottom() - height - 18, slot, 16)
            _text(painter, around, bar.value_text or fmt.number(bar.value), _CENTER, "secondary", 11)
            _text(painter, QRectF(around.left() + 2, area.bottom() + 4, slot - 4, 18), bar.label, _CENTER, "secondary")
        if self._target is not None:
            self._draw_target(painter, area, area.bottom() - area.height() * self._target / top)

    def _draw_target(self, painter: QPainter, area: QRectF, y: float) -> None:
        painter.setPen(QPen(tokens.color("amber"), 1.5, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        if self._target_text:
            _text(painter, QRectF(area.right() - 160, y - 17, 160, 16), self._target_text, _RIGHT, "amber", 11, 600)


# --- funnel ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class FunnelStage:
    """One phase: its word, how many, how much (as it is to be read), and the share 0 … 1 of the widest bar."""

    key: str
    label: str
    count: int
    amount_text: str
    share: float


class Funnel(Chart):
    """The pipeline by phase: a bar as wide as its amount. `chosen(key)` on a click, or Enter on the marked one."""

    chosen = Signal(str)
    _ROW = 34

    def __init__(self, stages: Sequence[FunnelStage] = (), title: str = "") -> None:
        super().__init__(title)
        self._stages: tuple[FunnelStage, ...] = ()
        self._at = 0
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_stages(stages)

    def set_stages(self, stages: Sequence[FunnelStage]) -> None:
        """Show other data."""
        self._stages = tuple(stages)
        self._at = 0
        self.setAccessibleDescription("; ".join(f"{s.label} {s.count} {s.amount_text}" for s in self._stages))
        self.setFixedHeight(max(1, len(self._stages)) * self._ROW + 4)
        self.redraw()

    def sizeHint(self) -> QSize:
        """As high as its phases."""
        return QSize(420, self._ROW * max(1, len(self._stages)))

    def draw(self, painter: QPainter) -> None:
        """One line per phase: word, bar with the count in it, amount."""
        words_at, amount_at = 84.0, 110.0
        for i, stage in enumerate(self._stages):
            y = i * self._ROW + 2
            box = QRectF(0, y, self.width(), self._ROW - 2)
            if self.hasFocus() and i == self._at:
                painter.setPen(QPen(tokens.color("accent"), 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 5, 5)
            _text(painter, QRectF(8, y, words_at - 12, box.height()), stage.label, _LEFT, "text", tokens.BODY)
            room = self.width() - words_at - amount_at - 12
            width = max(stage.share * room, 3.0 if stage.count else 0.0)
            track = QRectF(words_at, y + 6, room, box.height() - 12)
            _bar(painter, track, tokens.color("neutral_soft"))
            if width:
                _bar(painter, QRectF(track.left(), track.top(), width, track.height()), _funnel_color(i))
            inside = width > 34
            count = QRectF(track.left() + (8 if inside else width + 6), track.top(), 40, track.height())
            self._count(painter, count, str(stage.count), i if inside else -1)
            _text(
                painter,
                QRectF(track.right() + 8, y, amount_at - 4, box.height()),
                stage.amount_text,
                _RIGHT,
                "text",
                13,
            )

    def _count(self, painter: QPainter, box: QRectF, text: str, over: int) -> None:
        painter.setFont(theme.font(tokens.SMALL, tokens.SEMIBOLD))
        if over < 0:
            ink = tokens.color("secondary")
        else:
            ground = _funnel_color(over)
            ink = max((QColor("#FFFFFF"), QColor("#14161A")), key=lambda c: tokens.contrast(c, ground))
        painter.setPen(ink)
        painter.drawText(box, _LEFT, text)

    def _index(self, y: float) -> int:
        return min(max(int(y // self._ROW), 0), len(self._stages) - 1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click opens the phase."""
        if self._stages and event.button() == Qt.MouseButton.LeftButton:
            self._at = self._index(event.position().y())
            self.redraw()
            self.chosen.emit(self._stages[self._at].key)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows walk, Enter opens."""
        if not self._stages:
            return
        if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self._at = (self._at + (1 if event.key() == Qt.Key.Key_Down else -1)) % len(self._stages)
            self.redraw()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(self._stages[self._at].key)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """The focus ring comes and goes."""
        if event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.redraw()
        return super().event(event)


def _funnel_color(index: int) -> QColor:
    """From light to full accent along the way to the contract."""
    full, soft = tokens.color("accent_fill"), tokens.color("accent")
    part = min(index / 5, 1.0)
    if tokens.palette().name == "light":
        soft = QColor("#8FAAE8")
    return QColor(*(round(soft_c + (full_c - soft_c) * part) for soft_c, full_c in _channels(soft, full)))


def _channels(one: QColor, other: QColor) -> list[tuple[int, int]]:
    return [(one.red(), other.red()), (one.green(), other.green()), (one.blue(), other.blue())]


# --- small ones ------------------------------------------------------------------------------------------------------
class Sparkline(Chart):
    """A line without axes, its last point marked."""

    def __init__(self, values: Sequence[float] = (), tone: str = "accent", title: str = "") -> None:
        super().__init__(title)
        self._values = tuple(values)
        self._tone = tone
        self.setMinimumSize(60, 20)

    def set_values(self, values: Sequence[float]) -> None:
        """Show other data."""
        self._values = tuple(values)
        self.redraw()

    def sizeHint(self) -> QSize:
        """A usual size."""
        return QSize(120, 28)

    def draw(self, painter: QPainter) -> None:
        """The line over a soft ground."""
        if len(self._values) < 2:
            return
        low, high = min(self._values), max(self._values)
        span = (high - low) or 1.0
        area = QRectF(4, 4, self.width() - 8, self.height() - 8)
        points = [
            QPointF(
                area.left() + area.width() * i / (len(self._values) - 1),
                area.bottom() - area.height() * (v - low) / span,
            )
            for i, v in enumerate(self._values)
        ]
        under = QPainterPath(QPointF(points[0].x(), self.height()))
        for point in points:
            under.lineTo(point)
        under.lineTo(points[-1].x(), self.height())
        ground = tokens.color(self._tone)
        ground.setAlpha(28)
        painter.fillPath(under, ground)
        painter.setPen(QPen(tokens.color(self._tone), 1.5))
        painter.drawPolyline(QPolygonF(points))
        painter.setBrush(tokens.color(self._tone))
        painter.drawEllipse(points[-1], 2.5, 2.5)


@dataclass(frozen=True)
class Slice:
    """One part of a donut."""

    label: str
    value: float
    value_text: str = ""


class Donut(Chart):
    """Shares of a whole with their legend; a figure in the middle."""

    def __init__(self, slices: Sequence[Slice] = (), centre: str = "", title: str = "") -> None:
        super().__init__(title)
        self._slices: tuple[Slice, ...] = ()
        self._centre = ""
        self.setMinimumHeight(120)
        self.set_slices(slices, centre)

    def set_slices(self, slices: Sequence[Slice], centre: str = "") -> None:
        """Show other data."""
        self._slices, self._centre = tuple(slices), centre
        self.setAccessibleDescription("; ".join(f"{s.label} {s.value_text or s.value}" for s in self._slices))
        self.redraw()

    def sizeHint(self) -> QSize:
        """A usual size."""
        return QSize(300, 140)

    def draw(self, painter: QPainter) -> None:
        """Ring left, legend right."""
        edge = min(self.height(), 150) - 8.0
        ring = QRectF(4, (self.height() - edge) / 2, edge, edge).adjusted(8, 8, -8, -8)
        total = sum(max(s.value, 0.0) for s in self._slices)
        painter.setPen(QPen(tokens.color("neutral_soft"), 14, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        painter.drawArc(ring, 0, 360 * 16)
        start = 90.0
        for i, part in enumerate(self._slices):
            if total <= 0 or part.value <= 0:
                continue
            span = 360.0 * part.value / total
            painter.setPen(QPen(tokens.series_color(i), 14, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
            gap = 1.2 if len(self._slices) > 1 and span > 3 else 0.0
            painter.drawArc(ring, round((start - gap / 2) * 16), round(-(span - gap) * 16))
            start -= span
        _text(painter, ring, self._centre, _CENTER, "text", tokens.SECTION, 600)
        left = edge + 20
        top = (self.height() - 22 * len(self._slices)) / 2
        for i, part in enumerate(self._slices):
            y = top + 22 * i
            _bar(painter, QRectF(left, y + 6, 10, 10), tokens.series_color(i))
            room = self.width() - left - 18
            _text(painter, QRectF(left + 18, y, room * 0.6, 22), part.label, _LEFT, "text")
            said = part.value_text or fmt.number(part.value)
            _text(painter, QRectF(left + 18 + room * 0.6, y, room * 0.4 - 4, 22), said, _RIGHT, "secondary")


def __getattr__(name: str) -> object:
    """PolarChart stands in polar.py and is offered here, where people look for it."""
    if name == "PolarChart":
        from presales_desktop.views.kit.polar import PolarChart

        return PolarChart
    raise AttributeError(name)
