"""Selecting, moving, turning, reshaping: the hand that is there when no other tool is."""

from __future__ import annotations

import math
from collections.abc import Collection
from dataclasses import replace
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QCursor, QPainter, QPen

from presales_desktop.models import designs as rules
from presales_desktop.services.design_drafts import LuminaireDraft, Point, RoomDraft, UnderlayDraft
from presales_desktop.services.design_symbols import symbol_of
from presales_desktop.texts import tr
from presales_desktop.views.designs import paint_plan, typed
from presales_desktop.views.designs.document import Part, shifted
from presales_desktop.views.designs.geometry import bounds, centre, edges, move_edge, nearest_on_segment, ortho, turned
from presales_desktop.views.designs.paint_fixtures import reach_px
from presales_desktop.views.designs.pointer import Pointer
from presales_desktop.views.designs.tools.base import Tool
from presales_desktop.views.designs.underlay_layer import to_unit
from sync.ids import uuid7

if TYPE_CHECKING:
    from presales_desktop.views.designs.canvas import PlanCanvas

GRAB_PX = 7.0
TURN_PX = 26.0
Doing = Literal["", "press", "move", "band", "vertex", "edge", "turn"]


class SelectTool(Tool):
    """V: click selects, a pull on empty ground catches, a pull on something moves it; Ctrl copies, Shift keeps to 45°."""

    name, title, icon, shortcut = "select", "选择", "mouse-pointer-2", "V"

    def __init__(self, canvas: PlanCanvas) -> None:
        super().__init__(canvas)
        self._doing: Doing = ""
        self._from: Point = (0.0, 0.0)
        self._pressed_at = QPointF()
        self._grabbed: dict[UUID, Part] = {}
        self._anchor: Point = (0.0, 0.0)
        self._copies: dict[UUID, UUID] = {}
        self._room: RoomDraft | None = None
        self._index = 0
        self._hit: UUID | None = None
        self._angle = 0.0

    # asked by the canvas

    def leave(self) -> None:
        """Nothing is held any more."""
        super().leave()
        self._doing = ""

    def cursor(self) -> QCursor:
        """What a press here would do."""
        pointer = self.canvas.pointer
        if self._doing == "move":
            return QCursor(Qt.CursorShape.SizeAllCursor)
        if pointer is None or self.document.read_only:
            return QCursor(Qt.CursorShape.ArrowCursor)
        if self._turn_handle_hit(pointer) or self._doing == "turn":
            return QCursor(Qt.CursorShape.PointingHandCursor)
        kind = self._handle_at(pointer)[0]
        if kind in ("vertex", "edge"):
            return QCursor(Qt.CursorShape.SizeAllCursor)
        return QCursor(Qt.CursorShape.ArrowCursor)

    def hint(self) -> str:
        """What the hand holds."""
        if self._doing == "move":
            return tr("移动：输入 1.2 或 @1,0 定距离；Ctrl 复制，Shift 锁定方向，Alt 不捕捉")
        if self._doing == "turn":
            return tr("旋转 {angle}°；Shift 每 15°，可直接输入角度", angle=f"{self._angle:.1f}")
        n = len(self.document.selection)
        if n > 1:
            return tr("已选 {n} 项", n=n)
        return ""

    def origin(self) -> Point | None:
        """Where a move began."""
        return self._from if self._doing in ("move", "vertex") else None

    def moving(self) -> Collection[UUID]:
        """What moves with the mouse."""
        if self._doing == "move":
            return {*self._grabbed, *self._copies.values()}
        return {self._room.id} if self._doing in ("vertex", "edge") and self._room and self._room.id else ()

    def takes_typing(self) -> bool:
        """A distance while moving, an angle while turning."""
        return self._doing in ("move", "turn")

    # hits

    def luminaire_at(self, pointer: Pointer) -> LuminaireDraft | None:
        """The luminaire under the mouse, the nearest of several."""
        camera, document = self.canvas.camera, self.document
        best: tuple[float, LuminaireDraft] | None = None
        for r in document.luminaires():
            if r.floor != document.floor:
                continue
            fixture = document.fixtures.get(r.variant_id) if r.variant_id else None
            reach = reach_px(symbol_of(fixture.facts if fixture else None), camera) + 2
            x, y = camera.to_screen((r.x_m, r.y_m))
            distance = math.hypot(x - pointer.screen.x(), y - pointer.screen.y())
            if distance <= reach and (best is None or distance < best[0]):
                best = (distance, r)
        return best[1] if best else None

    def _badge_at(self, pointer: Pointer) -> UUID | None:
        return next((k for k, box in self.canvas.badge_boxes.items() if box.contains(pointer.screen)), None)

    def _wall_at(self, pointer: Pointer) -> UUID | None:
        reach = GRAB_PX / self.canvas.camera.scale
        for room in self.document.rooms():
            if room.floor == self.document.floor:
                for a, b in edges(room.polygon):
                    if math.dist(nearest_on_segment(pointer.raw, a, b), pointer.raw) <= reach:
                        return room.id
        return None

    def _handle_at(self, pointer: Pointer) -> tuple[Literal["", "vertex", "edge"], int]:
        """The corner or edge handle of the one selected room under the mouse."""
        rooms = self.document.selected_rooms()
        if len(rooms) != 1 or len(self.document.selection) != 1:
            return "", 0
        camera = self.canvas.camera
        for i, corner in enumerate(rooms[0].polygon):
            if _near(camera.to_screen(corner), pointer.screen):
                return "vertex", i
        for i, (a, b) in enumerate(edges(rooms[0].polygon)):
            if _near(camera.to_screen(((a[0] + b[0]) / 2, (a[1] + b[1]) / 2)), pointer.screen):
                return "edge", i
        return "", 0

    def _turn_handle(self) -> QPointF | None:
        """The place of the rotation handle, above what is selected."""
        chosen = self.document.selected_luminaires()
        if not chosen or len(chosen) != len(self.document.selection) or self.document.read_only:
            return None
        left, _, right, top = bounds((r.x_m, r.y_m) for r in chosen)
        x, y = self.canvas.camera.to_screen(((left + right) / 2, top))
        known = [f for r in chosen if r.variant_id and (f := self.document.fixtures.get(r.variant_id))]
        reach = max((reach_px(symbol_of(f.facts), self.canvas.camera) for f in known), default=8.0)
        return QPointF(x, y - reach - TURN_PX)

    def _turn_handle_hit(self, pointer: Pointer) -> bool:
        handle = self._turn_handle()
        return handle is not None and _near((handle.x(), handle.y()), pointer.screen)

    def _underlay_at(self, pointer: Pointer) -> UnderlayDraft | None:
        for underlay in self.document.underlays():
            plan = self.canvas.plans.get(underlay.sha256)
            if underlay.locked or not underlay.visible or plan is None or underlay.floor != self.document.floor:
                continue
            x, y = to_unit(underlay, plan, pointer.raw)
            if 0 <= x <= plan.width and 0 <= y <= plan.height:
                return underlay
        return None

    def _something_at(self, pointer: Pointer) -> UUID | None:
        """What a press takes hold of: a luminaire, a room by its badge or walls, an unlocked underlay."""
        luminaire = self.luminaire_at(pointer)
        if luminaire is not None:
            return luminaire.id
        found = self._badge_at(pointer) or self._wall_at(pointer)
        if found is not None:
            return found
        if self.document.room_at(*pointer.raw) is not None:
            return None
        underlay = self._underlay_at(pointer)
        return underlay.id if underlay else None

    # the mouse

    def press(self, pointer: Pointer) -> None:
        """Take hold."""
        self._from, self._pressed_at = pointer.raw, pointer.screen
        self._hit = None
        if self._turn_handle_hit(pointer):
            self._doing, self._angle = "turn", 0.0
            self._grab(self.document.selection)
            return
        kind, self._index = self._handle_at(pointer)
        if kind and not self.document.read_only:
            self._doing = kind
            self._room = self.document.selected_rooms()[0]
            return
        self._hit = self._something_at(pointer)
        if self._hit is None:
            self._doing = "press"
            return
        if pointer.shift:
            self.document.toggle([self._hit])
        elif self._hit not in self.document.selection:
            self.document.select([self._hit])
        self._doing = "press"

    def move(self, pointer: Pointer, *, pressed: bool) -> None:
        """Follow."""
        if not pressed:
            return
        if self._doing == "press":
            gone = pointer.screen - self._pressed_at
            if abs(gone.x()) + abs(gone.y()) < 5:
                return
            self._begin(pointer)
        if self._doing == "move":
            self._move_to(pointer)
        elif self._doing == "vertex":
            self._pull_vertex(pointer)
        elif self._doing == "edge":
            self._push_edge(pointer)
        elif self._doing == "turn":
            self._turn_to(pointer)

    def _begin(self, pointer: Pointer) -> None:
        if self._hit is None or self._hit not in self.document.selection or self.document.read_only:
            self._doing = "band"
            return
        self._doing = "move"
        self._grab(self.document.selection, with_contents=not pointer.modifiers & Qt.KeyboardModifier.AltModifier)
        self._copies = {}
        held = self._grabbed.get(self._hit)
        self._anchor = (held.x_m, held.y_m) if isinstance(held, LuminaireDraft) else self._from
        if isinstance(held, RoomDraft):
            self._anchor = min(held.polygon, key=lambda p: math.dist(p, self._from))

    def _grab(self, ids: Collection[UUID], *, with_contents: bool = False) -> None:
        """Remember what is moved; rooms take their luminaires with them."""
        self._grabbed = {i: p for i in ids if (p := self.document.part(i)) is not None}
        if not with_contents:
            return
        rooms = [p for p in self._grabbed.values() if isinstance(p, RoomDraft)]
        for r in self.document.luminaires():
            if r.id is not None and any(
                room.floor == r.floor and rules.contains(room.polygon, r.x_m, r.y_m) for room in rooms
            ):
                self._grabbed.setdefault(r.id, r)

    def _move_to(self, pointer: Pointer) -> None:
        raw = ortho(self._from, pointer.raw) if pointer.shift else pointer.raw
        wanted = (self._anchor[0] + raw[0] - self._from[0], self._anchor[1] + raw[1] - self._from[1])
        off = pointer.shift or bool(pointer.modifiers & Qt.KeyboardModifier.AltModifier)
        place = self.canvas.snap(wanted, None, without=self.moving(), off=off).point
        self._shift_by(place[0] - self._anchor[0], place[1] - self._anchor[1], copy=pointer.ctrl)

    def _shift_by(self, dx: float, dy: float, *, copy: bool) -> None:
        shown: dict[UUID, Part | None] = {}
        sort = self.document.next_sort()
        for key, part in self._grabbed.items():
            elsewhere = shifted(part, dx, dy)
            if copy:
                twin = self._copies.setdefault(key, uuid7())
                shown[twin] = replace(elsewhere, id=twin, sort=sort)
                sort += 1
            else:
                shown[key] = elsewhere
        self.document.preview(shown)

    def _pull_vertex(self, pointer: Pointer) -> None:
        room = self._room
        if room is None or room.id is None:
            return
        corners = list(room.polygon)
        before = corners[self._index - 1]
        corners[self._index] = ortho(before, pointer.raw) if pointer.shift else pointer.point
        self._reshape(room, tuple(corners))

    def _push_edge(self, pointer: Pointer) -> None:
        room = self._room
        if room is None:
            return
        delta = (pointer.point[0] - self._from[0], pointer.point[1] - self._from[1])
        self._reshape(room, move_edge(room.polygon, self._index, delta))

    def _reshape(self, room: RoomDraft, corners: tuple[Point, ...]) -> None:
        """Show another outline as long as it is one."""
        if room.id is not None and not rules.outline_problems(corners, room.height_m, "polygon"):
            self.document.preview({room.id: replace(room, polygon=corners)})

    def _turn_to(self, pointer: Pointer) -> None:
        chosen = [p for p in self._grabbed.values() if isinstance(p, LuminaireDraft)]
        if not chosen:
            return
        cx, cy = centre((r.x_m, r.y_m) for r in chosen)
        now = math.degrees(math.atan2(pointer.raw[1] - cy, pointer.raw[0] - cx))
        self._angle = now - 90.0
        if pointer.shift:
            self._angle = round(self._angle / 15) * 15
        self._angle = (self._angle + 180) % 360 - 180
        self.document.preview({r.id: r for r in turned(chosen, self._angle) if r.id is not None})

    def release(self, pointer: Pointer) -> None:
        """Let go: one step of the history."""
        doing, self._doing = self._doing, ""
        if doing == "move":
            copied = list(self._copies.values()) if pointer.ctrl else []
            self.document.commit_preview(tr("复制") if copied else tr("移动"))
            if copied:
                self.document.select(copied)
        elif doing in ("vertex", "edge"):
            self.document.commit_preview(tr("调整房间"))
        elif doing == "turn":
            self.document.commit_preview(tr("旋转"))
        elif doing == "band":
            self._catch(pointer)
        elif doing == "press" and self._hit is None and not pointer.shift:
            room = self.document.room_at(*pointer.raw)
            self.document.select([room.id] if room and room.id else [])
        self._grabbed, self._copies = {}, {}

    def _catch(self, pointer: Pointer) -> None:
        """What the band holds: luminaires wholly by their middles; rooms when every corner is inside."""
        left, bottom, right, top = bounds((self._from, pointer.raw))
        floor = self.document.floor
        caught = [
            r.id for r in self.document.luminaires()
            if r.id and r.floor == floor and left <= r.x_m <= right and bottom <= r.y_m <= top
        ]  # fmt: skip
        if not caught:
            caught = [
                r.id for r in self.document.rooms()
                if r.id and r.floor == floor and all(left <= x <= right and bottom <= y <= top for x, y in r.polygon)
            ]  # fmt: skip
        self.document.select([*self.document.selection, *caught] if pointer.shift else caught)

    def double(self, pointer: Pointer) -> None:
        """On a luminaire: all of its kind in the room. On an edge of the selected room: a new corner."""
        self._doing = ""
        luminaire = self.luminaire_at(pointer)
        if luminaire is not None:
            room = self.document.room_at(luminaire.x_m, luminaire.y_m)
            same = [
                r.id for r in self.document.luminaires()
                if r.id and r.variant_id == luminaire.variant_id and self.document.room_at(r.x_m, r.y_m) == room
            ]  # fmt: skip
            self.document.select(same)
            return
        rooms = self.document.selected_rooms()
        if len(rooms) == 1:
            self._insert_corner(rooms[0], pointer.raw)

    def _insert_corner(self, room: RoomDraft, at: Point) -> None:
        reach = GRAB_PX / self.canvas.camera.scale
        for i, (a, b) in enumerate(edges(room.polygon)):
            on = nearest_on_segment(at, a, b)
            if math.dist(on, at) <= reach and math.dist(on, a) > 0.05 and math.dist(on, b) > 0.05 and room.id:
                corners = (*room.polygon[: i + 1], on, *room.polygon[i + 1 :])
                self.document.apply(tr("添加角点"), {room.id: replace(room, polygon=corners)})
                return

    # typed

    def key(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """Arrows nudge by the grid's step (Shift ten times, Ctrl 1 cm); Esc lets go, then selects nothing."""
        directions = {
            Qt.Key.Key_Left: (-1, 0),
            Qt.Key.Key_Right: (1, 0),
            Qt.Key.Key_Up: (0, 1),
            Qt.Key.Key_Down: (0, -1),
        }
        towards = directions.get(Qt.Key(key))
        if towards is not None and self.document.selection and not self._doing:
            step = 0.01 if modifiers & Qt.KeyboardModifier.ControlModifier else self.canvas.camera.grid_step(10.0)
            step *= 10 if modifiers & Qt.KeyboardModifier.ShiftModifier else 1
            self._nudge(towards[0] * step, towards[1] * step)
            return True
        if key == Qt.Key.Key_Escape:
            if self._doing:
                self._doing = ""
                self.document.cancel_preview()
            else:
                self.document.select(())
            return True
        return False

    def _nudge(self, dx: float, dy: float) -> None:
        parts = [p for i in self.document.selection if (p := self.document.part(i)) is not None]
        movable = [p for p in parts if not (isinstance(p, UnderlayDraft) and p.locked)]
        self.document.apply(tr("微移"), {p.id: shifted(p, dx, dy) for p in movable if p.id is not None}, "nudge")

    def typed(self, text: str) -> bool:
        """A distance in the direction of the mouse, an offset, or an angle."""
        if self._doing == "turn":
            angle = typed.parse_angle(text)
            chosen = [p for p in self._grabbed.values() if isinstance(p, LuminaireDraft)]
            if angle is None or not chosen:
                return False
            self.document.preview({r.id: r for r in turned(chosen, angle) if r.id is not None})
            self._doing = ""
            self.document.commit_preview(tr("旋转"))
            return True
        meant = typed.parse(text)
        pointer = self.canvas.pointer
        if self._doing != "move" or meant is None or isinstance(meant, typed.Size) or pointer is None:
            return False
        if isinstance(meant, typed.Place) and not meant.relative:
            target = (meant.x, meant.y)
            self._shift_by(target[0] - self._anchor[0], target[1] - self._anchor[1], copy=pointer.ctrl)
        else:
            target = typed.target_of(meant, self._from, pointer.raw)
            self._shift_by(target[0] - self._from[0], target[1] - self._from[1], copy=pointer.ctrl)
        self._doing = ""
        self.document.commit_preview(tr("移动"))
        return True

    # painting

    def paint(self, painter: QPainter) -> None:
        """Handles, the band, the snap mark while something moves."""
        camera = self.canvas.camera
        rooms = self.document.selected_rooms()
        if len(rooms) == 1 and not self.document.read_only:
            paint_plan.paint_room_handles(painter, camera, rooms[0])
        handle = self._turn_handle()
        if handle is not None and self._doing in ("", "press", "turn"):
            painter.setPen(QPen(paint_plan.accent(), 1.4))
            painter.setBrush(paint_plan.accent(0.15))
            painter.drawEllipse(handle, 5, 5)
            painter.drawLine(QPointF(handle.x(), handle.y() + 5), QPointF(handle.x(), handle.y() + TURN_PX - 8))
        pointer = self.canvas.pointer
        if self._doing == "band" and pointer is not None:
            painter.setPen(QPen(paint_plan.accent(), 1, Qt.PenStyle.DashLine))
            painter.setBrush(paint_plan.accent(0.08))
            painter.drawRect(QRectF(self._pressed_at, pointer.screen).normalized())
        if self._doing == "move" and pointer is not None:
            self._paint_move(painter)
        if self._doing in ("vertex", "edge"):
            self.paint_snap(painter)

    def _paint_move(self, painter: QPainter) -> None:
        """Guide lines of the anchor, and how far it went."""
        held = next((p for k, p in self._grabbed.items() if k == self._hit), None)
        key = self._copies.get(self._hit, self._hit) if self._hit else None
        now = self.document.part(key) if key else None
        if isinstance(held, LuminaireDraft) and isinstance(now, LuminaireDraft):
            start, end = (held.x_m, held.y_m), (now.x_m, now.y_m)
            paint_plan.paint_snap(painter, self.canvas.camera, self.canvas.snap(end, None, without=self.moving()))
            if math.dist(start, end) > 1e-6:
                painter.setPen(QPen(paint_plan.accent(0.6), 1, Qt.PenStyle.DashLine))
                camera = self.canvas.camera
                painter.drawLine(QPointF(*camera.to_screen(start)), QPointF(*camera.to_screen(end)))
                paint_plan.paint_length(painter, camera, start, end)


def _near(place: Point, screen: QPointF) -> bool:
    return abs(place[0] - screen.x()) <= GRAB_PX and abs(place[1] - screen.y()) <= GRAB_PX
