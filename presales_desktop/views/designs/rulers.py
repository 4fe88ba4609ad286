"""Rulers along the canvas, in metres, with a mark where the mouse is."""

from __future__ import annotations

import math

from PySide6.QtCore import QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QGridLayout, QWidget

from presales_desktop.views.designs.camera import nice_step
from presales_desktop.views.designs.canvas import PlanCanvas
from presales_desktop.views.kit import theme, tokens

THICK = 20
LABEL_PX = 64.0


class Ruler(QWidget):
    """One ruler."""

    def __init__(self, canvas: PlanCanvas, *, vertical: bool) -> None:
        super().__init__()
        self.canvas, self.vertical = canvas, vertical
        if vertical:
            self.setFixedWidth(THICK)
        else:
            self.setFixedHeight(THICK)
        self._mouse: float | None = None
        canvas.camera_changed.connect(self.update)
        canvas.moved.connect(self._moved)

    def sizeHint(self) -> QSize:
        """Thin."""
        return QSize(THICK, THICK)

    def _moved(self, point: object) -> None:
        self._mouse = None
        if isinstance(point, tuple):
            screen = self.canvas.camera.to_screen((float(point[0]), float(point[1])))
            self._mouse = screen[1 if self.vertical else 0]
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ticks and metres."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), tokens.color("panel"))
        camera = self.canvas.camera
        left, bottom, right, top = camera.visible
        low, high = (bottom, top) if self.vertical else (left, right)
        step = nice_step(LABEL_PX / camera.scale)
        painter.setFont(theme.font(10))
        for part, length in ((step / 5, 4.0), (step, 9.0)):
            lines = []
            for k in range(math.floor(low / part), math.ceil(high / part) + 1):
                place = camera.to_screen((k * part, k * part))[1 if self.vertical else 0]
                if self.vertical:
                    lines.append(QLineF(THICK - length, place, THICK, place))
                else:
                    lines.append(QLineF(place, THICK - length, place, THICK))
            painter.setPen(QPen(tokens.color("border"), 1))
            painter.drawLines(lines)
        painter.setPen(tokens.color("faint"))
        for k in range(math.floor(low / step), math.ceil(high / step) + 1):
            self._label(painter, camera.to_screen((k * step, k * step))[1 if self.vertical else 0], f"{k * step:g}")
        if self._mouse is not None:
            painter.setPen(QPen(tokens.color("accent"), 1))
            if self.vertical:
                painter.drawLine(QLineF(0, self._mouse, THICK, self._mouse))
            else:
                painter.drawLine(QLineF(self._mouse, 0, self._mouse, THICK))
        painter.setPen(QPen(tokens.color("hairline"), 1))
        edge = self.rect()
        if self.vertical:
            painter.drawLine(edge.topRight(), edge.bottomRight())
        else:
            painter.drawLine(edge.bottomLeft(), edge.bottomRight())
        painter.end()

    def _label(self, painter: QPainter, place: float, text: str) -> None:
        if not self.vertical:
            painter.drawText(QRectF(place + 3, 1, 60, 12), int(Qt.AlignmentFlag.AlignLeft), text)
            return
        painter.save()
        painter.translate(1, place - 3)
        painter.rotate(-90)
        painter.drawText(QRectF(0, 0, 60, 12), int(Qt.AlignmentFlag.AlignLeft), text)
        painter.restore()


class Ruled(QWidget):
    """The canvas between its rulers."""

    def __init__(self, canvas: PlanCanvas) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(0)
        corner = QWidget()
        corner.setFixedSize(THICK, THICK)
        grid.addWidget(corner, 0, 0)
        grid.addWidget(Ruler(canvas, vertical=False), 0, 1)
        grid.addWidget(Ruler(canvas, vertical=True), 1, 0)
        grid.addWidget(canvas, 1, 1)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(1, 1)
