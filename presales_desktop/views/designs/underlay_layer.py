"""Draws plans under the drawing: one path a layer, rendered to a picture by a worker once a view, so that a drag costs a blit."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
from PySide6.QtCore import QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QTransform

from presales_desktop.services.design_drafts import Point, UnderlayDraft
from presales_desktop.services.underlays import Layer, Plan
from presales_desktop.views.designs.camera import Camera
from presales_desktop.views.designs.snapping import VertexIndex
from presales_desktop.views.kit import jobs, theme, tokens
from presales_desktop.views.kit.jobs import Pool


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


def corner_index(plan: Plan, hidden: frozenset[str]) -> VertexIndex:
    """The ends of a plan's visible lines in the file's units (worker thread: a large plan has a million)."""
    parts = [layer.points for layer in plan.layers if layer.name not in hidden and len(layer.points)]
    if not parts:
        return VertexIndex()
    return VertexIndex(np.unique(np.concatenate(parts).astype(np.float64), axis=0))


class UnderlayCorners(VertexIndex):
    """A plan's corners as they lie under the drawing: asked in the plan's metres, looked up in the file's units."""

    def __init__(self, index: VertexIndex, underlay: UnderlayDraft, plan: Plan) -> None:
        super().__init__()
        self._index, self._underlay, self._plan = index, underlay, plan

    def __len__(self) -> int:
        return len(self._index)

    def nearest(self, point: Point, within: float) -> Point | None:
        """The nearest corner not farther than WITHIN metres."""
        found = self._index.nearest(
            to_unit(self._underlay, self._plan, point), within / scale_of(self._underlay, self._plan)
        )
        return to_plan(self._underlay, self._plan, found) if found is not None else None


@dataclass(frozen=True)
class _Wanted:
    """What a picture of underlays shows."""

    camera: Camera
    shown: tuple[tuple[str, Plan], ...]
    underlays: tuple[UnderlayDraft, ...]
    theme: str
    ratio: float
    ink: str

    def same_content(self, other: _Wanted | None) -> bool:
        """Whether only the view differs."""
        return other is not None and (self.underlays, self.theme, self.ratio) == (
            other.underlays,
            other.theme,
            other.ratio,
        )


class UnderlayLayer(QObject):
    """All underlays of a floor. Pictures are drawn by a worker; until one is ready the last is stretched to the new view.
    `request`: repaint."""

    def __init__(self, pool: Pool, request: Callable[[], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool, self._request = pool, request
        self._picture: QImage | None = None
        self._made: _Wanted | None = None
        self._wanted: _Wanted | None = None
        self._drawing = False

    def paint(self, painter: QPainter, camera: Camera, underlays: list[UnderlayDraft], plans: dict[str, Plan]) -> None:
        """Draw what there is, ask for what is missing."""
        shown = tuple(u for u in underlays if u.visible and u.sha256 in plans)
        if not shown:
            self._picture = self._made = self._wanted = None
            return
        used = tuple((u.sha256, plans[u.sha256]) for u in shown)
        ratio = painter.device().devicePixelRatioF()
        ink = tokens.palette().secondary
        self._wanted = _Wanted(camera, used, shown, tokens.palette().name, ratio, ink)
        if self._picture is not None and self._made is not None:
            self._stretched(painter, camera, self._made.camera, self._picture)
        if self._made is None or self._made.camera != camera or not self._wanted.same_content(self._made):
            self._draw()

    def _stretched(self, painter: QPainter, camera: Camera, old: Camera, picture: QImage) -> None:
        left, top = camera.to_screen(old.to_plan((0.0, 0.0)))
        factor = camera.scale / old.scale
        if factor == 1.0 and left == round(left) and top == round(top):
            painter.drawImage(QPointF(left, top), picture)
        else:
            box = QRectF(left, top, old.width * factor, old.height * factor)
            painter.drawImage(box, picture, QRectF(picture.rect()))

    def _draw(self) -> None:
        if not self._drawing and self._wanted is not None:
            self._drawing = True
            jobs.start(self, self._make(self._wanted))

    async def _make(self, wanted: _Wanted) -> None:
        try:
            picture = await self._pool.run(draw, wanted)
        finally:
            self._drawing = False
        self._picture, self._made = picture, wanted
        self._request()


_paths_lock = threading.Lock()
# By the plan itself, not its id(): that is given again once the plan is gone.
_paths: WeakKeyDictionary[Plan, dict[str, QPainterPath]] = WeakKeyDictionary()


def draw(wanted: _Wanted) -> QImage:
    """The picture of underlays in a view (worker thread: QImage and QPainterPath need no window)."""
    camera, ratio = wanted.camera, wanted.ratio
    made = QImage(
        max(1, int(camera.width * ratio)), max(1, int(camera.height * ratio)), QImage.Format.Format_ARGB32_Premultiplied
    )
    made.setDevicePixelRatio(ratio)
    made.fill(QColor(0, 0, 0, 0))
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for underlay, (_, plan) in zip(wanted.underlays, wanted.shown, strict=True):
        _draw_one(painter, camera, underlay, plan, QColor(wanted.ink))
    painter.end()
    return made


def _draw_one(painter: QPainter, camera: Camera, underlay: UnderlayDraft, plan: Plan, ink: QColor) -> None:
    painter.save()
    painter.setOpacity(underlay.opacity)
    x, y = camera.to_screen((underlay.x_m, underlay.y_m))
    scale = scale_of(underlay, plan) * camera.scale
    painter.setTransform(QTransform().translate(x, y).rotate(-underlay.rotation_deg).scale(scale, -scale), True)
    if plan.format == "image":
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.scale(1, -1)
        painter.drawImage(QRectF(0, -plan.height, plan.width, plan.height), QImage.fromData(plan.picture))
        painter.restore()
        return
    pen = QPen(ink, 1.0)
    pen.setCosmetic(True)
    painter.setPen(pen)
    hidden = set(underlay.hidden_layers)
    for layer in plan.layers:
        if layer.name not in hidden:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawPath(_path(plan, layer))
            _draw_texts(painter, layer, scale)
    painter.restore()


def _path(plan: Plan, layer: Layer) -> QPainterPath:
    with _paths_lock:
        held = _paths.get(plan, {}).get(layer.name)
    if held is not None:
        return held
    path = QPainterPath()
    for line in layer.lines():
        rows = line.tolist()
        path.moveTo(*rows[0])
        for row in rows[1:]:
            path.lineTo(*row)
    with _paths_lock:
        _paths.setdefault(plan, {})[layer.name] = path
    return path


def _draw_texts(painter: QPainter, layer: Layer, scale: float) -> None:
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
