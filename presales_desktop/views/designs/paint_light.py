"""Paints light: heat maps, isolines, values, and the legend."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter, QPainterPath, QPen, QPolygonF

from presales_desktop.lighting.live import LuxResult
from presales_desktop.services.design_drafts import RoomDraft
from presales_desktop.texts import tr
from presales_desktop.views.designs import heat
from presales_desktop.views.designs.camera import Camera
from presales_desktop.views.designs.light_state import LightState
from presales_desktop.views.kit import theme, tokens

HEAT_OPACITY = 0.86
VALUE_GAP_PX = 46.0


def outline_path(room: RoomDraft, camera: Camera) -> QPainterPath:
    """The room's outline in pixels."""
    path = QPainterPath()
    path.addPolygon(QPolygonF([QPointF(*camera.to_screen(p)) for p in room.polygon]))
    path.closeSubpath()
    return path


class HeatPainter:
    """Keeps the picture of each room until its light or the scale changes."""

    def __init__(self, state: LightState) -> None:
        self._state = state
        self._images: dict[UUID, tuple[int, float, QImage, QRectF]] = {}

    def paint(self, painter: QPainter, camera: Camera, rooms: list[RoomDraft]) -> None:
        """All rooms that have light."""
        painter.save()
        painter.setOpacity(HEAT_OPACITY)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        for room in rooms:
            light = self._state.lights.get(room.id) if room.id else None
            if light is None or light.lux is None or room.id is None:
                continue
            image, box = self._image(room.id, light.lux)
            left, top = camera.to_screen((box.left(), box.top() + box.height()))
            right, bottom = camera.to_screen((box.left() + box.width(), box.top()))
            painter.setClipPath(outline_path(room, camera))
            painter.drawImage(QRectF(left, top, right - left, bottom - top), image)
        painter.restore()

    def _image(self, room_id: UUID, lux: LuxResult) -> tuple[QImage, QRectF]:
        held = self._images.get(room_id)
        if held is None or held[0] != id(lux) or held[1] != self._state.upper:
            held = (id(lux), self._state.upper, heat.image(lux.values_lux, self._state.upper), heat.extent(lux))
            self._images[room_id] = held
        return held[2], held[3]


class IsolinePainter:
    """Keeps each room's lines of equal light until its light or the scale changes: contouring costs milliseconds a room."""

    def __init__(self, state: LightState) -> None:
        self._state = state
        self._lines: dict[UUID, tuple[LuxResult, float, list[tuple[float, Any]]]] = {}

    def paint(self, painter: QPainter, camera: Camera, rooms: list[RoomDraft], *, on_heat: bool) -> None:
        """Lines of equal light with their lux, over every lit room."""
        painter.save()
        line_ink = QColor(255, 255, 255, 210) if on_heat else tokens.color("accent")
        painter.setFont(theme.font(10))
        for room in rooms:
            light = self._state.lights.get(room.id) if room.id else None
            if light is None or light.lux is None or room.id is None:
                continue
            painter.setClipPath(outline_path(room, camera))
            labels: list[tuple[QPointF, str]] = []
            for level, line in self._of(room.id, light.lux):
                points = QPolygonF([QPointF(*camera.to_screen((float(x), float(y)))) for x, y in line])
                painter.setPen(QPen(line_ink, 1.1))
                painter.drawPolyline(points)
                at = _label_place(points, labels)
                if at is not None:
                    labels.append((at, f"{level:.0f}"))
            for at, text in labels:
                _tag(painter, at, text, on_heat=on_heat)
        painter.restore()

    def _of(self, room_id: UUID, lux: LuxResult) -> list[tuple[float, Any]]:
        held = self._lines.get(room_id)
        if held is None or held[0] is not lux or held[1] != self._state.upper:
            held = (lux, self._state.upper, heat.isolines(lux, heat.levels(self._state.upper)))
            self._lines[room_id] = held
        return held[2]


_LABEL_GAP_PX = 34.0


def _label_place(points: QPolygonF, taken: list[tuple[QPointF, str]]) -> QPointF | None:
    """A place on a line for its label that covers no other label; None where the line is too short for one."""
    count = points.size()
    if count < 8:
        return None
    box = points.boundingRect()
    if box.width() + box.height() < 2 * _LABEL_GAP_PX:
        return None
    for share in (0.5, 0.25, 0.75, 0.12, 0.88, 0.37, 0.63):
        at = points.at(int(count * share))
        if all((at - other).manhattanLength() > _LABEL_GAP_PX for other, _ in taken):
            return at
    return None


def _tag(painter: QPainter, at: QPointF, text: str, *, on_heat: bool) -> None:
    box = QRectF(at.x() - 14, at.y() - 7, 28, 14)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(20, 22, 26, 170) if on_heat else tokens.color("raised"))
    painter.drawRoundedRect(box, 3, 3)
    painter.setPen(QColor(255, 255, 255) if on_heat else tokens.color("accent"))
    painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)


def paint_values(
    painter: QPainter, camera: Camera, state: LightState, rooms: list[RoomDraft], *, on_heat: bool
) -> None:
    """Lux at grid points, as many as have room."""
    painter.save()
    painter.setFont(theme.font(10))
    for room in rooms:
        light = state.lights.get(room.id) if room.id else None
        if light is None or light.lux is None or len(light.lux.x_m) < 2:
            continue
        lux = light.lux
        spacing_px = float(lux.x_m[1] - lux.x_m[0]) * camera.scale
        every = max(1, round(VALUE_GAP_PX / max(spacing_px, 1e-6)))
        for j in range(every // 2, len(lux.y_m), every):
            for i in range(every // 2, len(lux.x_m), every):
                value = float(lux.values_lux[j, i])
                if value == value:
                    x, y = camera.to_screen((float(lux.x_m[i]), float(lux.y_m[j])))
                    painter.setPen(_ink_on(value / state.upper) if on_heat else tokens.color("text"))
                    box = QRectF(x - 22, y - 8, 44, 16)
                    painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), f"{value:.0f}")
    painter.restore()


def _ink_on(share: float) -> QColor:
    """Readable on the scale's colour at SHARE."""
    return QColor(20, 22, 26) if share > 0.62 else QColor(255, 255, 255)


def paint_legend(painter: QPainter, camera: Camera, state: LightState, target: float | None) -> QRectF:
    """The colour scale in lux with the target marked; where it was drawn."""
    width, bar = 212.0, 10.0
    box = QRectF(12, camera.height - 58, width + 28, 46)
    painter.save()
    painter.setPen(QPen(tokens.color("hairline"), 1))
    painter.setBrush(tokens.color("raised"))
    painter.drawRoundedRect(box, tokens.RADIUS, tokens.RADIUS)
    scale = QRectF(box.left() + 14, box.top() + 9, width, bar)
    gradient = QLinearGradient(scale.topLeft(), scale.topRight())
    for i in range(11):
        gradient.setColorAt(i / 10, tokens.viridis(i / 10))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(gradient)
    painter.drawRect(scale)
    painter.setFont(theme.font(11))
    painter.setPen(tokens.color("secondary"))
    for i in range(5):
        x = scale.left() + width * i / 4
        left, align = x - 30, Qt.AlignmentFlag.AlignHCenter
        if i == 0:
            left, align = x, Qt.AlignmentFlag.AlignLeft
        elif i == 4:
            left, align = x - 60, Qt.AlignmentFlag.AlignRight
        text = f"{state.upper * i / 4:.0f}" + (" lx" if i == 4 else "")
        painter.drawText(QRectF(left, scale.bottom() + 5, 60, 16), int(align), text)
    if target is not None and target <= state.upper:
        x = scale.left() + width * target / state.upper
        painter.setPen(QPen(tokens.color("text"), 2))
        painter.drawLine(QPointF(x, scale.top() - 4), QPointF(x, scale.bottom() + 4))
        painter.setFont(theme.font(10, tokens.SEMIBOLD))
    painter.restore()
    return box


def legend_text(state: LightState, target: float | None) -> str:
    """What the legend says, for readers of the screen."""
    if target is None:
        return tr("色标 0 到 {upper} lx", upper=f"{state.upper:.0f}")
    return tr("色标 0 到 {upper} lx，目标 {target} lx", upper=f"{state.upper:.0f}", target=f"{target:.0f}")
