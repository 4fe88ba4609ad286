"""Draws plans under the drawing: one path a layer, rendered to a pixmap once a view, so that a drag costs a blit."""

from __future__ import annotations

import math
from collections.abc import Callable
from uuid import UUID

import numpy as np
from PySide6.QtCore import QObject, QPointF, QRectF, QTimer
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QPixmap, QTransform

from presales_desktop.services.design_drafts import Point, UnderlayDraft
from presales_desktop.services.underlays import Plan
from presales_desktop.views.designs.camera import Camera
from presales_desktop.views.designs.snapping import VertexIndex
from presales_desktop.views.kit import theme, tokens

REDRAW_MS = 70


def scale_of(underlay: UnderlayDraft, plan: Plan) -> float:
    """Metres per unit that it is shown with: measured, or provisional until somebody has."""
    return underlay.metres_per_unit or plan.first_scale()


def to_plan(underlay: UnderlayDraft, plan: Plan, unit_point: Point) -> Point:
    """A point of the file (its units, from its lower left corner) in the plan's metres."""
    s, turn = scale_of(underlay, plan), math.radians(underlay.rotation_deg)
    x, y = unit_point[0] * s, unit_point[1] * s
    return underlay.x_m + x * math.cos(turn) - y * math.sin(turn), underlay.y_m + x * math.sin(turn) + y * math.cos(
        turn
    )


def to_unit(underlay: UnderlayDraft, plan: Plan, point: Point) -> Point:
    """A point of the plan in the file's units."""
    s, turn = scale_of(underlay, plan), math.radians(underlay.rotation_deg)
    dx, dy = point[0] - underlay.x_m, point[1] - underlay.y_m
    return (dx * math.cos(turn) + dy * math.sin(turn)) / s, (-dx * math.sin(turn) + dy * math.cos(turn)) / s


def corners(underlay: UnderlayDraft, plan: Plan) -> list[Point]:
    """The four corners of its box in the plan."""
    return [to_plan(underlay, plan, p) for p in ((0, 0), (plan.width, 0), (plan.width, plan.height), (0, plan.height))]


def vertices(underlay: UnderlayDraft, plan: Plan) -> VertexIndex:
    """The ends of its visible lines in the plan's metres, for snapping."""
    hidden = set(underlay.hidden_layers)
    parts = [layer.points for layer in plan.layers if layer.name not in hidden and len(layer.points)]
    if not parts:
        return VertexIndex()
    points = np.concatenate(parts).astype(np.float64) * scale_of(underlay, plan)
    turn = math.radians(underlay.rotation_deg)
    c, s = math.cos(turn), math.sin(turn)
    x = underlay.x_m + points[:, 0] * c - points[:, 1] * s
    y = underlay.y_m + points[:, 0] * s + points[:, 1] * c
    return VertexIndex(np.unique(np.round(np.column_stack([x, y]), 6), axis=0))


class UnderlayLayer(QObject):
    """All underlays of a floor. `request`: repaint, called when a sharper picture is ready to be drawn."""

    def __init__(self, request: Callable[[], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._paths: dict[tuple[int, str], QPainterPath] = {}
        self._images: dict[int, QImage] = {}
        self._pixmap: QPixmap | None = None
        self._made_for: tuple[object, ...] = ()
        self._made_at = Camera()
        self._later = QTimer(self, singleShot=True, interval=REDRAW_MS)
        self._later.timeout.connect(self._sharpen)
        self._request = request
        self._sharp = True

    def _sharpen(self) -> None:
        self._sharp = True
        self._request()

    def paint(
        self,
        painter: QPainter,
        camera: Camera,
        underlays: list[UnderlayDraft],
        plans: dict[str, Plan],
        selected: frozenset[UUID],
    ) -> None:
        """While zooming the last picture is stretched; a sharp one follows when the hand rests."""
        shown = [u for u in underlays if u.visible and u.sha256 in plans]
        if not shown:
            self._pixmap = None
            return
        ratio = painter.device().devicePixelRatioF()
        key = (
            tuple(repr(u) for u in shown),
            tuple(id(plans[u.sha256]) for u in shown),
            tokens.palette().name,
            ratio,
            selected,
        )
        same_content = key == self._made_for and self._pixmap is not None
        if same_content and self._made_at != camera and not self._sharp:
            self._stretched(painter, camera)
            self._later.start()
            return
        if not same_content or self._made_at != camera:
            self._render(camera, shown, plans, ratio)
            self._made_for, self._made_at, self._sharp = key, camera, False
        assert self._pixmap is not None
        painter.drawPixmap(QPointF(0, 0), self._pixmap)

    def _stretched(self, painter: QPainter, camera: Camera) -> None:
        assert self._pixmap is not None
        old = self._made_at
        left, top = camera.to_screen(old.to_plan((0.0, 0.0)))
        factor = camera.scale / old.scale
        painter.drawPixmap(
            QRectF(left, top, old.width * factor, old.height * factor), self._pixmap, QRectF(self._pixmap.rect())
        )

    def _render(self, camera: Camera, shown: list[UnderlayDraft], plans: dict[str, Plan], ratio: float) -> None:
        self._pixmap = QPixmap(int(camera.width * ratio), int(camera.height * ratio))
        self._pixmap.setDevicePixelRatio(ratio)
        self._pixmap.fill(QColor(0, 0, 0, 0))
        painter = QPainter(self._pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for underlay in shown:
            self._one(painter, camera, underlay, plans[underlay.sha256])
        painter.end()

    def _one(self, painter: QPainter, camera: Camera, underlay: UnderlayDraft, plan: Plan) -> None:
        painter.save()
        painter.setOpacity(underlay.opacity)
        x, y = camera.to_screen((underlay.x_m, underlay.y_m))
        scale = scale_of(underlay, plan) * camera.scale
        transform = QTransform().translate(x, y).rotate(-underlay.rotation_deg).scale(scale, -scale)
        painter.setTransform(transform, True)
        if plan.format == "image":
            self._picture(painter, plan)
        else:
            ink = tokens.color("secondary")
            pen = QPen(ink, 1.0)
            pen.setCosmetic(True)
            hidden = set(underlay.hidden_layers)
            for layer in plan.layers:
                if layer.name not in hidden:
                    painter.setPen(pen)
                    painter.drawPath(self._path(plan, layer.name))
                    self._texts(painter, plan, layer.name, scale)
        painter.restore()

    def _picture(self, painter: QPainter, plan: Plan) -> None:
        image = self._images.get(id(plan))
        if image is None:
            image = self._images[id(plan)] = QImage.fromData(plan.picture)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.scale(1, -1)
        painter.drawImage(QRectF(0, -plan.height, plan.width, plan.height), image)

    def _path(self, plan: Plan, name: str) -> QPainterPath:
        key = (id(plan), name)
        path = self._paths.get(key)
        if path is None:
            path = QPainterPath()
            layer = next(found for found in plan.layers if found.name == name)
            for line in layer.lines():
                rows = line.tolist()
                path.moveTo(*rows[0])
                for row in rows[1:]:
                    path.lineTo(*row)
            self._paths[key] = path
        return path

    def _texts(self, painter: QPainter, plan: Plan, name: str, scale: float) -> None:
        layer = next(found for found in plan.layers if found.name == name)
        painter.setPen(tokens.color("secondary"))
        for text in layer.texts:
            height_px = text.height * scale
            if not 5 <= height_px <= 200:
                continue
            painter.save()
            painter.translate(text.x, text.y)
            painter.rotate(text.rotation_deg)
            painter.scale(1 / scale, -1 / scale)
            painter.setFont(theme.font(max(6, round(height_px * 1.25))))
            painter.drawText(QPointF(0, 0), text.text)
            painter.restore()
