"""Measuring, and giving an underlay its scale by two points and a typed length."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPen

from presales_desktop.models.errors import InputError
from presales_desktop.services.design_drafts import Point, UnderlayDraft
from presales_desktop.services.underlays import scale_of
from presales_desktop.texts import tr
from presales_desktop.views.designs import paint_plan, typed
from presales_desktop.views.designs.geometry import ortho
from presales_desktop.views.designs.pointer import Pointer
from presales_desktop.views.designs.tools.base import Tool
from presales_desktop.views.designs.underlay_layer import to_plan, to_unit

if TYPE_CHECKING:
    from presales_desktop.views.designs.canvas import PlanCanvas


class MeasureTool(Tool):
    """M: two clicks; the distance stays until the next one."""

    name, title, icon, shortcut = "measure", "测量", "ruler", "M"

    def __init__(self, canvas: PlanCanvas) -> None:
        super().__init__(canvas)
        self._from: Point | None = None
        self._to: Point | None = None
        self._fixed = False

    def enter(self) -> None:
        """From the start."""
        self._from = self._to = None
        self._fixed = False

    def origin(self) -> Point | None:
        """The first point while measuring."""
        return None if self._fixed else self._from

    def takes_typing(self) -> bool:
        """There is nothing to type."""
        return False

    def hint(self) -> str:
        """The distance, with its parts."""
        if self._from is None or self._to is None:
            return tr("点起点和终点；Shift 锁定方向")
        dx, dy = self._to[0] - self._from[0], self._to[1] - self._from[1]
        return tr(
            "距离 {d} m · ΔX {dx} · ΔY {dy} · {angle}°",
            d=paint_plan.metres(math.hypot(dx, dy)), dx=paint_plan.metres(abs(dx)), dy=paint_plan.metres(abs(dy)),
            angle=f"{math.degrees(math.atan2(dy, dx)) % 360:.1f}",
        )  # fmt: skip

    def press(self, pointer: Pointer) -> None:
        """From, to, and again."""
        if self._from is None or self._fixed:
            self._from, self._to, self._fixed = pointer.point, None, False
        else:
            self._to = self._end(pointer)
            self._fixed = True

    def _end(self, pointer: Pointer) -> Point:
        return ortho(self._from, pointer.raw) if pointer.shift and self._from else pointer.point

    def move(self, pointer: Pointer, *, pressed: bool) -> None:
        """Follow until the second click."""
        if self._from is not None and not self._fixed:
            self._to = self._end(pointer)

    def key(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """Esc forgets, then puts the tool away."""
        if key != Qt.Key.Key_Escape:
            return False
        if self._from is None:
            self.canvas.use_tool("select")
        self.enter()
        return True

    def paint(self, painter: QPainter) -> None:
        """The line with its length."""
        if self._from is not None and self._to is not None:
            camera = self.canvas.camera
            painter.setPen(QPen(paint_plan.accent(), 1.6))
            a, b = QPointF(*camera.to_screen(self._from)), QPointF(*camera.to_screen(self._to))
            painter.drawLine(a, b)
            for p in (a, b):
                painter.drawEllipse(p, 3, 3)
            paint_plan.paint_length(painter, camera, self._from, self._to)
        self.paint_snap(painter)


class CalibrateTool(Tool):
    """K: two points of the underlay and the length between them, typed: the only way to its scale."""

    name, title, icon, shortcut = "calibrate", "校准底图比例", "scale", "K"

    def __init__(self, canvas: PlanCanvas) -> None:
        super().__init__(canvas)
        self.underlay: UnderlayDraft | None = None
        self._from: Point | None = None
        self._to: Point | None = None
        self.refused: Callable[[InputError], None] = lambda error: None

    def enter(self) -> None:
        """The selected underlay, else the floor's first."""
        self._from = self._to = None
        self.underlay = self.document.selected_underlay() or next(
            (u for u in self.document.underlays() if u.floor == self.document.floor and u.visible), None
        )

    def leave(self) -> None:
        """Forget the points."""
        super().leave()
        self._from = self._to = None

    def origin(self) -> Point | None:
        """The first point."""
        return self._from if self._to is None else None

    def takes_typing(self) -> bool:
        """Once both points stand."""
        return self._to is not None

    def hint(self) -> str:
        """What comes next."""
        if self.underlay is None:
            return tr("这一层还没有底图，请先导入 DXF 或图片")
        if self._from is None:
            return tr("点选底图上已知长度的一段：第一点（如墙线一端、门洞一侧）")
        if self._to is None:
            return tr("点第二点；选得越远，比例越准")
        return tr("输入这一段的实际长度：3.6（米）或 3600（毫米），回车")

    def press(self, pointer: Pointer) -> None:
        """First, second; then the length is asked for."""
        if self.underlay is None:
            return
        if self._from is None or self._to is not None:
            self._from, self._to = pointer.point, None
            return
        if math.dist(self._from, pointer.point) <= 1e-6:
            return
        self._to = pointer.point
        self.canvas.begin_typing("", tr("实际长度"), pointer.screen.toPoint())

    def typed(self, text: str) -> bool:
        """Take the length: the underlay grows or shrinks about the first point."""
        length = typed.parse_length(text)
        plan = self.canvas.plans.get(self.underlay.sha256) if self.underlay else None
        if length is None or plan is None or self.underlay is None or self._from is None or self._to is None:
            return False
        a, b = to_unit(self.underlay, plan, self._from), to_unit(self.underlay, plan, self._to)
        try:
            scale = scale_of(a, b, length)
        except InputError as error:
            self.refused(error)
            return False
        record = {"a": [*a], "b": [*b], "length_m": length}
        sized = replace(self.underlay, metres_per_unit=scale, calibration=record)
        x, y = to_plan(sized, plan, a)
        sized = replace(sized, x_m=sized.x_m + self._from[0] - x, y_m=sized.y_m + self._from[1] - y)
        assert sized.id is not None
        self.document.apply(tr("校准底图"), {sized.id: sized})
        self.canvas.use_tool("select")
        self.canvas.fit()
        return True

    def key(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """Esc takes the points back, then puts the tool away."""
        if key != Qt.Key.Key_Escape:
            return False
        if self._from is None:
            self.canvas.use_tool("select")
        self._from = self._to = None
        return True

    def paint(self, painter: QPainter) -> None:
        """The stretch."""
        pointer = self.canvas.pointer
        end = self._to or (pointer.point if pointer else None)
        if self._from is not None and end is not None:
            camera = self.canvas.camera
            painter.setPen(QPen(paint_plan.accent(), 2))
            a, b = QPointF(*camera.to_screen(self._from)), QPointF(*camera.to_screen(end))
            painter.drawLine(a, b)
            for p in (a, b):
                painter.drawEllipse(p, 4, 4)
        self.paint_snap(painter)
