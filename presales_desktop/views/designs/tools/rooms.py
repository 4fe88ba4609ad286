"""Drawing rooms: rectangles over two corners, polygons corner by corner; sizes can be typed at any moment."""

from __future__ import annotations

import math
from collections.abc import Collection
from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPen

from presales_desktop.models import designs as rules
from presales_desktop.services.design_drafts import Point, RoomDraft
from presales_desktop.texts import tr
from presales_desktop.views.designs import paint_plan, typed
from presales_desktop.views.designs.geometry import edges, ortho, rectangle
from presales_desktop.views.designs.pointer import Pointer
from presales_desktop.views.designs.tools.base import Tool
from sync.ids import uuid7

if TYPE_CHECKING:
    from presales_desktop.views.designs.canvas import PlanCanvas

LEAST_M = 0.2


def new_room(tool: Tool, polygon: Collection[Point]) -> RoomDraft:
    """A room with the values that the last one was given, and the next free name."""
    rooms = tool.document.rooms()
    last = rooms[-1] if rooms else RoomDraft()
    names = {r.name for r in rooms}
    n = len(rooms) + 1
    while tr("房间 {n}", n=n) in names:
        n += 1
    corners = tuple(polygon)
    if rules.signed_area(corners) < 0:
        corners = corners[::-1]
    return RoomDraft(
        id=uuid7(), floor=tool.document.floor, name=tr("房间 {n}", n=n), polygon=corners, height_m=last.height_m,
        workplane_m=0.75, margin_m=last.margin_m, reflectance_ceiling=last.reflectance_ceiling,
        reflectance_walls=last.reflectance_walls, reflectance_floor=last.reflectance_floor,
        sort=tool.document.next_sort(),
    )  # fmt: skip


class _RoomTool(Tool):
    """What rectangle and polygon share."""

    def add(self, polygon: Collection[Point]) -> bool:
        """Make the room when its outline is one; select it and put the tool away."""
        room = new_room(self, polygon)
        if rules.outline_problems(room.polygon, room.height_m, "polygon"):
            return False
        assert room.id is not None
        self.document.apply(tr("画房间"), {room.id: room})
        self.document.select([room.id])
        self.canvas.use_tool("select")
        return True

    def paint_outline(self, painter: QPainter, points: list[Point], *, closed: bool) -> None:
        """The shape so far with the lengths of its sides."""
        camera = self.canvas.camera
        painter.setPen(QPen(paint_plan.accent(), 1.8))
        painter.setBrush(paint_plan.accent(0.08) if closed else Qt.BrushStyle.NoBrush)
        outline = paint_plan.polygon_px(points, camera)
        if closed:
            painter.drawPolygon(outline)
        else:
            painter.drawPolyline(outline)
        stretches = edges(points) if closed else list(pairwise(points))
        for a, b in stretches:
            paint_plan.paint_length(painter, camera, a, b)


class RectangleTool(_RoomTool):
    """R: press and pull, or click twice; "6x4" from the first corner, or from the mouse before any."""

    name, title, icon, shortcut = "rect", "矩形房间", "square", "R"

    def __init__(self, canvas: PlanCanvas) -> None:
        super().__init__(canvas)
        self._from: Point | None = None
        self._pulled = False
        self._typed: Point | None = None

    def enter(self) -> None:
        """From the start."""
        self._from = self._typed = None

    def leave(self) -> None:
        """Forget the first corner."""
        super().leave()
        self._from = self._typed = None

    def hint(self) -> str:
        """What comes next."""
        if self._from is None:
            return tr("点第一个角，或直接输入 6x4 回车")
        return tr("点对角，或输入尺寸 6x4（米）、3600x4200（毫米）")

    def origin(self) -> Point | None:
        """The first corner."""
        return self._from

    def press(self, pointer: Pointer) -> None:
        """First corner, or the second."""
        if self._from is None:
            self._from, self._pulled = pointer.point, False
        else:
            self._finish(pointer.point)

    def move(self, pointer: Pointer, *, pressed: bool) -> None:
        """Whether this is a pull."""
        if pressed and self._from is not None and math.dist(pointer.point, self._from) > self.canvas.tolerance_m:
            self._pulled = True

    def release(self, pointer: Pointer) -> None:
        """The end of a pull is the second corner."""
        if self._from is not None and self._pulled:
            self._finish(pointer.point)

    def _finish(self, corner: Point) -> None:
        start = self._from
        if start is None or abs(corner[0] - start[0]) < LEAST_M or abs(corner[1] - start[1]) < LEAST_M:
            self._pulled = False
            return
        if self.add(rectangle(start, corner)):
            self._from = None

    def key(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """Esc takes the corner back, then puts the tool away."""
        if key == Qt.Key.Key_Escape:
            if self._from is None:
                self.canvas.use_tool("select")
            self._from = None
            return True
        return False

    def _corner(self, text: str) -> tuple[Point, Point] | None:
        meant = typed.parse(text)
        pointer = self.canvas.pointer
        camera = self.canvas.camera
        start = self._from or (pointer.point if pointer else (round(camera.x, 1), round(camera.y, 1)))
        if isinstance(meant, typed.Length):
            meant = typed.Size(meant.metres, meant.metres) if meant.metres > 0 else None
        if isinstance(meant, typed.Place) and self._from is None:
            return None
        if meant is None:
            return None
        toward = pointer.point if pointer and self._from else (start[0] + 1, start[1] + 1)
        return start, typed.target_of(meant, start, toward)

    def typing(self, text: str) -> None:
        """Show the typed size."""
        found = self._corner(text)
        self._typed = found[1] if found else None

    def typed(self, text: str) -> bool:
        """Make it."""
        meant = typed.parse(text)
        if isinstance(meant, typed.Place) and self._from is None and not meant.relative:
            self._from = (meant.x, meant.y)
            return True
        found = self._corner(text)
        if found is None:
            return False
        self._from = found[0]
        return self.add(rectangle(*found))

    def paint(self, painter: QPainter) -> None:
        """The rectangle so far."""
        pointer = self.canvas.pointer
        corner = self._typed or (pointer.point if pointer else None)
        start = self._from or (pointer.point if pointer and self._typed else None)
        if start is not None and corner is not None and corner != start:
            self.paint_outline(painter, list(rectangle(start, corner)), closed=True)
        self.paint_snap(painter)


class PolygonTool(_RoomTool):
    """P: a click a corner; the first corner, Enter or a double click closes; Shift keeps to 45°; lengths can be typed."""

    name, title, icon, shortcut = "polygon", "多边形房间", "pentagon", "P"

    def __init__(self, canvas: PlanCanvas) -> None:
        super().__init__(canvas)
        self._points: list[Point] = []
        self._typed: Point | None = None

    def enter(self) -> None:
        """From the start."""
        self._points = []

    def leave(self) -> None:
        """Forget the corners."""
        super().leave()
        self._points, self._typed = [], None

    def hint(self) -> str:
        """What comes next."""
        if not self._points:
            return tr("点第一个角点")
        if len(self._points) < 3:
            return tr("点下一个角点；输入 3.5 定长度，3.5<45 定长度和角度；Shift 锁定方向")
        return tr("点下一个角点，回车或点起点闭合；退格撤回一点")

    def origin(self) -> Point | None:
        """The last corner."""
        return self._points[-1] if self._points else None

    def own_points(self) -> Collection[Point]:
        """Corners so far."""
        return self._points[:-1]

    def _next(self, pointer: Pointer) -> Point:
        if pointer.shift and self._points and pointer.snap.kind in ("grid", "free", "align", "edge"):
            return ortho(self._points[-1], pointer.raw)
        return pointer.point

    def press(self, pointer: Pointer) -> None:
        """One more corner; the first one closes."""
        point = self._next(pointer)
        if len(self._points) > 2 and math.dist(point, self._points[0]) <= self.canvas.tolerance_m:
            self._close()
        elif not self._points or math.dist(point, self._points[-1]) > 1e-3:
            self._points.append(point)

    def double(self, pointer: Pointer) -> None:
        """Close."""
        self._close()

    def _close(self) -> bool:
        if len(self._points) > 2 and self.add(tuple(self._points)):
            self._points = []
            return True
        return False

    def key(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """Enter closes, backspace takes a corner back, Esc all."""
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return self._close()
        if key == Qt.Key.Key_Backspace and self._points:
            self._points.pop()
            return True
        if key == Qt.Key.Key_Escape:
            if not self._points:
                self.canvas.use_tool("select")
            self._points = []
            return True
        return False

    def _target(self, text: str) -> Point | None:
        meant = typed.parse(text)
        if meant is None or isinstance(meant, typed.Size):
            return None
        if not self._points:
            return (meant.x, meant.y) if isinstance(meant, typed.Place) and not meant.relative else None
        pointer = self.canvas.pointer
        mouse = self._next(pointer) if pointer else (self._points[-1][0] + 1, self._points[-1][1])
        return typed.target_of(meant, self._points[-1], mouse)

    def typing(self, text: str) -> None:
        """Show the typed corner."""
        self._typed = self._target(text)

    def typed(self, text: str) -> bool:
        """Take it."""
        point = self._target(text)
        self._typed = None
        if point is None:
            return False
        self._points.append(point)
        return True

    def paint(self, painter: QPainter) -> None:
        """The outline so far."""
        pointer = self.canvas.pointer
        tip = self._typed or (self._next(pointer) if pointer else None)
        if self._points:
            points = [*self._points, *([tip] if tip else [])]
            self.paint_outline(painter, points, closed=False)
            if len(self._points) > 1 and tip is not None:
                painter.setPen(QPen(paint_plan.accent(0.5), 1, Qt.PenStyle.DashLine))
                camera = self.canvas.camera
                painter.drawLine(QPointF(*camera.to_screen(tip)), QPointF(*camera.to_screen(self._points[0])))
        self.paint_snap(painter)
