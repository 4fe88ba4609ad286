"""The classic polar diagram of a luminaire: nadir down, rings in cd/klm, one closed curve per pair of C-planes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy

from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit import theme, tokens
from presales_desktop.views.kit.charts import Chart, nice_step

Curve = tuple[str, Sequence[float], Sequence[float]]


@dataclass(frozen=True)
class _Frame:
    """Where the pole is and how many px one candela takes."""

    pole: QPointF
    scale: float
    radius: float
    above: bool

    def point(self, angle_deg: float, candela: float) -> QPointF:
        """The place of an intensity; 0° is straight down, positive angles go to the right."""
        turn = math.radians(angle_deg)
        reach = max(candela, 0.0) * self.scale
        return QPointF(self.pole.x() + reach * math.sin(turn), self.pole.y() + reach * math.cos(turn))


class PolarChart(Chart):
    """CURVES: (label, angles in degrees, candela). 0° is the nadir and 180° the zenith; positive angles are drawn right
    (C0, C90), negative ones left (C180, C270); a curve without negative angles is mirrored.

    Light that goes only downwards gets the lower half alone, which then is larger. BEAM_DEG marks the half-peak angle.
    """

    def __init__(
        self, curves: Sequence[Curve] = (), *, unit: str = "cd/klm", beam_deg: float | None = None, title: str = ""
    ) -> None:
        super().__init__(title)
        self._curves: list[Curve] = []
        self._unit = unit
        self._beam = beam_deg
        self.setMinimumSize(160, 140)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.set_curves(curves, unit=unit, beam_deg=beam_deg)

    def sizeHint(self) -> QSize:
        """A usual size."""
        return QSize(300, 280)

    def set_curves(self, curves: Sequence[Curve], *, unit: str = "cd/klm", beam_deg: float | None = None) -> None:
        """Show other light."""
        self._curves = [_mirrored(curve) for curve in curves]
        self._unit, self._beam = unit, beam_deg
        self.setAccessibleDescription(f"{fmt.number(self._peak(), unit, 0)}")
        self.redraw()

    def _peak(self) -> float:
        return max((c for _, _, candela in self._curves for c in candela), default=0.0)

    def _goes_up(self) -> bool:
        limit = self._peak() * 0.02
        return any(
            abs(angle) > 92 and value > limit
            for _, angles, candela in self._curves
            for angle, value in zip(angles, candela, strict=True)
        )

    def draw(self, painter: QPainter) -> None:
        """Rings, rays, curves, legend."""
        step = nice_step(max(self._peak(), 1e-6), 4)
        rings = max(1, math.ceil(self._peak() / step - 1e-9)) if self._peak() > 0 else 4
        legend = 20.0
        area = QRectF(26, 8, self.width() - 52, self.height() - 16 - legend)
        above = self._goes_up()
        room = area.height() / 2 - 10 if above else area.height() - 24
        radius = max(min(area.width() / 2, room), 20.0)
        spare = area.height() - (2 * radius + 20 if above else radius + 24)
        pole = QPointF(area.center().x(), area.top() + (radius + 10 if above else 8) + max(spare, 0) / 2)
        frame = _Frame(pole, radius / (rings * step), radius, above)
        self._draw_grid(painter, frame, step, rings)
        for i, (_, angles, candela) in enumerate(self._curves):
            self._draw_curve(painter, frame, angles, candela, tokens.series_color(i))
        self._draw_numbers(painter, frame, step, rings)
        self._draw_legend(painter, legend)

    def _draw_grid(self, painter: QPainter, frame: _Frame, step: float, rings: int) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for n in range(1, rings + 1):
            painter.setPen(QPen(tokens.color("border" if n == rings else "hairline"), 1))
            reach = frame.scale * step * n
            box = QRectF(frame.pole.x() - reach, frame.pole.y() - reach, 2 * reach, 2 * reach)
            painter.drawArc(box, 0 if frame.above else 180 * 16, (360 if frame.above else 180) * 16)
        for angle in range(-180 if frame.above else -90, 181 if frame.above else 91, 30):
            painter.setPen(QPen(tokens.color("hairline"), 1))
            painter.drawLine(frame.pole, frame.point(angle, frame.radius / frame.scale))
            if angle != -180:
                self._label(painter, frame, angle, f"{abs(angle)}°")

    def _draw_numbers(self, painter: QPainter, frame: _Frame, step: float, rings: int) -> None:
        # Over the curves, on a ground of their own, along 15°: between two rays.
        painter.setFont(theme.font(10))
        for n in range(1, rings + 1):
            at = frame.point(15, step * n)
            said = fmt.number(round(step * n, 3))
            width = painter.fontMetrics().horizontalAdvance(said) + 6
            box = QRectF(at.x() - width / 2, at.y() - 7, width, 13)
            painter.fillRect(box, _ground(self))
            painter.setPen(tokens.color("faint"))
            painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), said)

    def _label(self, painter: QPainter, frame: _Frame, angle: int, text: str) -> None:
        at = frame.point(angle, (frame.radius + 13) / frame.scale)
        painter.setFont(theme.font(10))
        painter.setPen(tokens.color("secondary"))
        painter.drawText(QRectF(at.x() - 18, at.y() - 8, 36, 16), int(Qt.AlignmentFlag.AlignCenter), text)

    def _draw_curve(
        self, painter: QPainter, frame: _Frame, angles: Sequence[float], candela: Sequence[float], color: QColor
    ) -> None:
        points = QPolygonF([frame.point(a, c) for a, c in zip(angles, candela, strict=True)])
        ground = QColor(color)
        ground.setAlpha(26)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ground)
        painter.drawPolygon(points)
        painter.setPen(QPen(color, 1.75, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPolyline(points)
        if self._beam is not None and self._beam < 180:
            painter.setPen(QPen(tokens.color("amber"), 1, Qt.PenStyle.DashLine))
            for side in (-1, 1):
                painter.drawLine(frame.pole, frame.point(side * self._beam / 2, frame.radius / frame.scale))

    def _draw_legend(self, painter: QPainter, height: float) -> None:
        painter.setFont(theme.font(11))
        metrics = painter.fontMetrics()
        y = self.height() - height
        x = 8.0
        for i, (label, _, _) in enumerate(self._curves):
            painter.setPen(QPen(tokens.series_color(i), 2))
            painter.drawLine(QPointF(x, y + 10), QPointF(x + 14, y + 10))
            painter.setPen(tokens.color("secondary"))
            painter.drawText(QRectF(x + 18, y, 120, 20), int(Qt.AlignmentFlag.AlignVCenter), label)
            x += 30 + metrics.horizontalAdvance(label)
        painter.setPen(tokens.color("faint"))
        right = QRectF(self.width() - 128, y, 120, 20)
        painter.drawText(right, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), self._unit)


def _ground(widget: Chart) -> QColor:
    """What lies behind a ring's number: the panel, a little translucent, so that the ring shows through at its ends."""
    ground = tokens.color("panel")
    ground.setAlpha(220)
    return ground


def _mirrored(curve: Curve) -> Curve:
    label, angles, candela = curve
    pairs = sorted(zip((float(a) for a in angles), (float(c) for c in candela), strict=True))
    if pairs and pairs[0][0] >= 0:
        pairs = [(-a, c) for a, c in reversed(pairs) if a > 0] + pairs
    return label, [a for a, _ in pairs], [c for _, c in pairs]
