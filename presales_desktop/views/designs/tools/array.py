"""Arrays: n x m over a room with half a spacing to the walls, and along a line; both lit while they are still being shaped."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from presales_desktop.models.designs import area_m2
from presales_desktop.models.standards import find
from presales_desktop.services.design_drafts import LuminaireDraft, Point, RoomDraft
from presales_desktop.texts import tr
from presales_desktop.views.designs import paint_plan, typed
from presales_desktop.views.designs.geometry import (
    Field,
    arrange,
    bounds,
    field_over,
    line_places,
    ortho,
    places_inside,
)
from presales_desktop.views.designs.pointer import Pointer
from presales_desktop.views.designs.tools.base import Tool
from presales_desktop.views.designs.tools.place import hanging_height
from sync.ids import uuid7

if TYPE_CHECKING:
    from presales_desktop.views.designs.canvas import PlanCanvas

MAX_PIECES = 1000
# A first guess of the utilisation factor; the light that is shown at once corrects it.
_GUESSED_UTILISATION = 0.6


class _ManyTool(Tool):
    """What both arrays share: a set of fixtures in preview with ids that stay while the shape changes."""

    def __init__(self, canvas: PlanCanvas) -> None:
        super().__init__(canvas)
        self._ids: list[UUID] = []
        self._group = uuid7()
        self.rotation = 0.0

    def enter(self) -> None:
        """A fresh set."""
        self._ids, self._group = [], uuid7()

    def moving(self) -> tuple[UUID, ...]:
        """The set in the hand."""
        return tuple(self._ids)

    def many(self, places: Sequence[Point]) -> dict[UUID, LuminaireDraft]:
        """Fixtures at places, as many as there are."""
        variant = self.canvas.variant_id
        if variant is None:
            return {}
        while len(self._ids) < len(places):
            self._ids.append(uuid7())
        fixture = self.document.fixtures.get(variant)
        first = self.document.next_sort()
        made = {}
        for i, (x, y) in enumerate(places):
            key = self._ids[i]
            made[key] = LuminaireDraft(
                id=key, floor=self.document.floor, variant_id=variant, x_m=round(x, 6), y_m=round(y, 6),
                z_m=hanging_height(fixture, self.document.room_at(x, y)), rotation_deg=self.rotation,
                group_id=self._group, sort=first + i,
            )  # fmt: skip
        return made

    def finish(self, places: Sequence[Point]) -> bool:
        """Hang them all as one step, selected."""
        made = self.many(places)
        if not made:
            return False
        self.document.apply(tr("布置 {n} 盏灯具", n=len(made)), made)
        self.document.select(made)
        self.enter()
        self.canvas.use_tool("select")
        return True

    def key(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """[ and ] turn every one."""
        if key in (Qt.Key.Key_BracketLeft, Qt.Key.Key_BracketRight):
            self.rotation = (self.rotation + (15 if key == Qt.Key.Key_BracketLeft else -15)) % 360
            self.reshow()
            return True
        return False

    def reshow(self) -> None:
        """Show the set again."""


class ArrayTool(_ManyTool):
    """A: over the room under the mouse; ← → columns, ↑ ↓ rows, or typed "4x3"; a pull makes a box of one's own."""

    name, title, icon, shortcut = "array", "阵列布灯", "layout-grid", "A"

    def __init__(self, canvas: PlanCanvas) -> None:
        super().__init__(canvas)
        self.columns, self.rows = 0, 0
        self._chosen = False
        self._room: RoomDraft | None = None
        self._from: Point | None = None
        self._field: Field | None = None

    def enter(self) -> None:
        """The selected room at once, else the one under the mouse."""
        super().enter()
        self._chosen, self._field, self._from = False, None, None
        rooms = self.document.selected_rooms()
        if rooms:
            self._over(rooms[0])

    def leave(self) -> None:
        """Forget the field."""
        super().leave()
        self._field = self._room = self._from = None

    def hint(self) -> str:
        """What is shown, in figures."""
        if self.canvas.variant_id is None:
            return tr("先在左侧选一个产品")
        if self._field is None:
            return tr("移到房间上预览阵列，或拖出一个范围；输入 4x3 定列数和行数")
        sx, sy = self._field.spacing
        return tr(
            "{columns}×{rows} = {n} 盏 · 间距 {sx}×{sy} m · 距墙 {wx}/{wy} m；←→↑↓ 增减，点击布置",
            columns=self.columns, rows=self.rows, n=len(self._places()), sx=f"{sx:.2f}", sy=f"{sy:.2f}",
            wx=f"{sx / 2:.2f}", wy=f"{sy / 2:.2f}",
        )  # fmt: skip

    def _places(self) -> list[Point]:
        if self._field is None:
            return []
        return places_inside(self._field, self._room.polygon if self._room else None)[:MAX_PIECES]

    def suggest(self, room: RoomDraft) -> tuple[int, int]:
        """Columns and rows for the room's target by the lumen method (N = E A / (flux x MF x U), U = 0.6)."""
        row = find(room.room_type)
        target = room.target_lux or (row.lux if row else 150)
        fixture = self.document.fixtures.get(self.canvas.variant_id) if self.canvas.variant_id else None
        lumens = fixture.lumens if fixture else 0.0
        factor = room.maintenance_factor or self.document.head.maintenance_factor
        left, bottom, right, top = bounds(room.polygon)
        if lumens <= 0:
            return 2, 2
        count = target * area_m2(room.polygon) / (lumens * factor * _GUESSED_UTILISATION)
        filling = area_m2(room.polygon) / max((right - left) * (top - bottom), 1e-9)
        return arrange(right - left, top - bottom, min(count / max(filling, 0.2), 400))

    def _over(self, room: RoomDraft) -> None:
        if self._room is None or self._room.id != room.id:
            self._room = room
            if not self._chosen:
                self.columns, self.rows = self.suggest(room)
        self._field = field_over(room.polygon, self.columns, self.rows)
        self.reshow()

    def reshow(self) -> None:
        """The set as it would hang."""
        if self._field is None:
            self.document.cancel_preview()
            return
        self.document.preview(self.many(self._places()))

    def move(self, pointer: Pointer, *, pressed: bool) -> None:
        """The room under the mouse, or the box that is pulled."""
        if pressed and self._from is not None:
            left, bottom, right, top = bounds((self._from, pointer.point))
            if right - left > 0.1 and top - bottom > 0.1:
                self._room = None
                if not self._chosen:
                    self.columns, self.rows = self.columns or 2, self.rows or 2
                self._field = Field(self.columns, self.rows, left, bottom, right - left, top - bottom)
                self.reshow()
            return
        room = self.document.room_at(*pointer.raw)
        if room is not None:
            self._over(room)

    def press(self, pointer: Pointer) -> None:
        """The corner of a box, perhaps."""
        self._from = pointer.point

    def release(self, pointer: Pointer) -> None:
        """Hang them: a click in the room, or the end of a pull."""
        clicked = self._from is not None and math.dist(self._from, pointer.point) < 0.1
        self._from = None
        room = self.document.room_at(*pointer.raw)
        if clicked and room is not None:
            self._over(room)
        self.finish(self._places())

    def key(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """Arrows change the numbers, Enter hangs, Esc gives up."""
        steps = {
            Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1),
        }  # fmt: skip
        step = steps.get(Qt.Key(key))
        if step is not None:
            self.set_counts(max(1, self.columns + step[0]), max(1, self.rows + step[1]))
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return self.finish(self._places())
        if key == Qt.Key.Key_Escape:
            self.canvas.use_tool("select")
            return True
        return super().key(key, modifiers)

    def set_counts(self, columns: int, rows: int) -> None:
        """Columns and rows that somebody chose; they stay for the next rooms."""
        self.columns, self.rows, self._chosen = min(columns, 100), min(rows, 100), True
        if self._field is not None:
            f = self._field
            self._field = Field(self.columns, self.rows, f.left, f.bottom, f.width, f.height, f.rotation_deg)
        self.reshow()

    def typing(self, text: str) -> None:
        """Show the typed numbers."""
        counts = typed.parse_counts(text)
        if counts is not None:
            self.set_counts(*counts)

    def typed(self, text: str) -> bool:
        """Hang the typed numbers in the room that is shown."""
        counts = typed.parse_counts(text)
        if counts is None:
            return False
        self.set_counts(*counts)
        return self.finish(self._places()) if self._field is not None else True

    def paint(self, painter: QPainter) -> None:
        """The box and its mesh."""
        if self._field is not None:
            f = self._field
            camera = self.canvas.camera
            painter.setPen(QPen(paint_plan.accent(0.7), 1, Qt.PenStyle.DashLine))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            left, top = camera.to_screen((f.left, f.bottom + f.height))
            right, bottom = camera.to_screen((f.left + f.width, f.bottom))
            painter.drawRect(QRectF(left, top, right - left, bottom - top))
            text = f"{self.columns}×{self.rows} = {len(self._places())}"
            paint_plan.paint_tag(painter, QPointF((left + right) / 2, top - 14), text, tone="accent")
        self.paint_snap(painter)


class LineArrayTool(_ManyTool):
    """Shift+A: two points and a number of pieces; "8" sets the number, a length or coordinates the second point."""

    name, title, icon, shortcut = "line", "沿线布灯", "ellipsis", "Shift+A"

    def __init__(self, canvas: PlanCanvas) -> None:
        super().__init__(canvas)
        self._from: Point | None = None
        self._to: Point | None = None
        self.count = 4
        self.ends = False

    def leave(self) -> None:
        """Forget the line."""
        super().leave()
        self._from = self._to = None

    def origin(self) -> Point | None:
        """The line's beginning."""
        return self._from

    def hint(self) -> str:
        """What comes next."""
        if self.canvas.variant_id is None:
            return tr("先在左侧选一个产品")
        if self._from is None:
            return tr("点线的起点；输入数字定盏数（现在 {n}）", n=self.count)
        length = math.dist(self._from, self._to) if self._to else 0.0
        spacing = length / (max(self.count - 1, 1) if self.ends else self.count)
        rule = tr("两端到头") if self.ends else tr("两端留半距")
        return tr(
            "{n} 盏 · 间距 {s} m · {rule}；↑↓ 增减盏数，E 切换端部，点终点", n=self.count, s=f"{spacing:.2f}", rule=rule
        )

    def _end(self, pointer: Pointer) -> Point:
        if pointer.shift and self._from is not None:
            return ortho(self._from, pointer.raw)
        return pointer.point

    def places(self) -> list[Point]:
        """Where they would hang."""
        if self._from is None or self._to is None:
            return []
        return line_places(self._from, self._to, self.count, ends=self.ends)

    def reshow(self) -> None:
        """The row as it would hang."""
        self.document.preview(self.many(self.places()))

    def move(self, pointer: Pointer, *, pressed: bool) -> None:
        """Follow."""
        if self._from is not None:
            self._to = self._end(pointer)
            self.reshow()

    def press(self, pointer: Pointer) -> None:
        """Beginning, then end."""
        if self._from is None:
            self._from = pointer.point
            return
        self._to = self._end(pointer)
        if math.dist(self._from, self._to) > 0.05:
            self.finish(self.places())

    def key(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """↑ ↓ the number, E the ends, Esc gives up."""
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.count = max(1, min(200, self.count + (1 if key == Qt.Key.Key_Up else -1)))
        elif key == Qt.Key.Key_E and not modifiers:
            self.ends = not self.ends
        elif key == Qt.Key.Key_Escape:
            if self._from is None:
                self.canvas.use_tool("select")
            self._from = self._to = None
            self.document.cancel_preview()
            return True
        else:
            return super().key(key, modifiers)
        self.reshow()
        return True

    def typed(self, text: str) -> bool:
        """A number of pieces, or where the line ends."""
        count = typed.parse_count(text)
        if count is not None and count <= 200:
            self.count = count
            self.reshow()
            return True
        meant = typed.parse(text)
        if meant is None or self._from is None or isinstance(meant, typed.Size):
            return False
        self._to = typed.target_of(meant, self._from, self._to or (self._from[0] + 1, self._from[1]))
        return self.finish(self.places())

    def paint(self, painter: QPainter) -> None:
        """The line and its length."""
        if self._from is not None and self._to is not None:
            camera = self.canvas.camera
            painter.setPen(QPen(paint_plan.accent(0.7), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(*camera.to_screen(self._from)), QPointF(*camera.to_screen(self._to)))
            paint_plan.paint_length(painter, camera, self._from, self._to)
        self.paint_snap(painter)
