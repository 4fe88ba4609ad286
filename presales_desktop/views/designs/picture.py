"""The canvas's picture: what is painted, in which order, and what is kept from one frame to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPixmap

from presales_desktop.services.design_drafts import RoomDraft
from presales_desktop.services.design_schedule import schedule
from presales_desktop.views.designs import paint_light, paint_plan
from presales_desktop.views.designs.paint_fixtures import FixturePainter
from presales_desktop.views.designs.paint_light import HeatPainter, IsolinePainter
from presales_desktop.views.designs.underlay_layer import UnderlayLayer
from presales_desktop.views.kit import tokens

if TYPE_CHECKING:
    from presales_desktop.views.designs.canvas import PlanCanvas


class PlanPicture:
    """Paints the canvas it is given."""

    def __init__(self, canvas: PlanCanvas) -> None:
        self.canvas = canvas
        self._heat = HeatPainter(canvas.light)
        self._isolines = IsolinePainter(canvas.light)
        self._fixtures = FixturePainter()
        self._underlays = UnderlayLayer(canvas.pool, canvas.update, canvas)
        self._ground_for: tuple[object, ...] = ()
        self._ground_pixmap = QPixmap()
        self.badge_boxes: dict[UUID, QRectF] = {}

    def rooms(self) -> list[RoomDraft]:
        """Rooms of the floor that is shown."""
        document = self.canvas.document
        return [r for r in document.rooms() if r.floor == document.floor and len(r.polygon) > 2]

    def paint(self, painter: QPainter) -> None:
        """From the ground up: grid, light, underlay, rooms, luminaires, badges, tool."""
        painter.drawPixmap(0, 0, self._ground())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rooms = self.rooms()
        selected = frozenset(self.canvas.document.selection)
        lit = {r.id for r in rooms if self.canvas.switches.heat and self._has_light(r)}
        for room in rooms:
            paint_plan.paint_room(painter, self.canvas.camera, room, selected=room.id in selected, lit=room.id in lit)
        if self.canvas.switches.heat:
            self._heat.paint(painter, self.canvas.camera, rooms)
        if self.canvas.switches.isolines:
            self._isolines.paint(painter, self.canvas.camera, rooms, on_heat=self.canvas.switches.heat)
        self._paint_underlays(painter)
        if self.canvas.switches.heat:
            for room in rooms:
                paint_plan.paint_room(painter, self.canvas.camera, room, selected=room.id in selected, lit=True)
        if self.canvas.switches.values:
            paint_light.paint_values(
                painter, self.canvas.camera, self.canvas.light, rooms, on_heat=self.canvas.switches.heat
            )
        self._paint_fixtures(painter, selected)
        self._paint_observers(painter)
        self._paint_badges(painter, rooms, selected)
        if self.canvas.tool is not None:
            self.canvas.tool.paint(painter)
            paint_plan.paint_hint(painter, self.canvas.width(), self.canvas.tool.hint())
        if self.canvas.switches.heat and lit:
            paint_light.paint_legend(painter, self.canvas.camera, self.canvas.light, self._shown_target())

    def _ground(self) -> QPixmap:
        """Background and grid, drawn once a view: hundreds of lines a frame would cost more than all the rest."""
        ratio = self.canvas.devicePixelRatioF()
        key = (self.canvas.camera, self.canvas.switches.grid, tokens.palette().name, ratio)
        if self._ground_for != key:
            self._ground_pixmap = QPixmap(int(self.canvas.width() * ratio), int(self.canvas.height() * ratio))
            self._ground_pixmap.setDevicePixelRatio(ratio)
            self._ground_pixmap.fill(tokens.color("window"))
            if self.canvas.switches.grid:
                painter = QPainter(self._ground_pixmap)
                paint_plan.paint_grid(painter, self.canvas.camera)
                painter.end()
            self._ground_for = key
        return self._ground_pixmap

    def _has_light(self, room: RoomDraft) -> bool:
        light = self.canvas.light.lights.get(room.id) if room.id else None
        return light is not None and light.lux is not None

    def _paint_underlays(self, painter: QPainter) -> None:
        if not self.canvas.switches.underlay:
            return
        shown = [u for u in self.canvas.document.underlays() if u.floor == self.canvas.document.floor]
        self._underlays.paint(painter, self.canvas.camera, shown, self.canvas.plans)

    def _paint_fixtures(self, painter: QPainter, selected: frozenset[UUID]) -> None:
        shown = [r for r in self.canvas.document.luminaires() if r.floor == self.canvas.document.floor]
        positions = (
            schedule(self.canvas.document.rooms(), self.canvas.document.luminaires()).positions
            if self.canvas.switches.numbers
            else {}
        )
        self._fixtures.paint(
            painter,
            self.canvas.camera,
            shown,
            self.canvas.document.fixtures,
            positions,
            selected,
            numbers=self.canvas.switches.numbers,
        )

    def _paint_observers(self, painter: QPainter) -> None:
        """Of the selected rooms, once their glare is known."""
        for room in self.canvas.document.selected_rooms():
            light = self.canvas.light.lights.get(room.id) if room.id else None
            if light is not None and light.details is not None and room.floor == self.canvas.document.floor and room.id:
                verdict = self.canvas.light.verdicts.get(room.id)
                limit = verdict.row.ugr if verdict is not None and verdict.row is not None else None
                paint_plan.paint_observers(painter, self.canvas.camera, light.details, limit)

    def _paint_badges(self, painter: QPainter, rooms: list[RoomDraft], selected: frozenset[UUID]) -> None:
        self.badge_boxes = {}
        if not self.canvas.switches.badges:
            return
        hanging = [
            self.canvas.camera.to_screen((r.x_m, r.y_m))
            for r in self.canvas.document.luminaires()
            if r.floor == self.canvas.document.floor
        ]
        for room in rooms:
            if room.id is None:
                continue
            badge = paint_plan.badge_of(
                room, self.canvas.light.lights.get(room.id), self.canvas.light.verdicts.get(room.id)
            )
            self.badge_boxes[room.id] = paint_plan.paint_badge(
                painter, self.canvas.camera, room, badge, selected=room.id in selected, taken=hanging
            )

    def _shown_target(self) -> float | None:
        """The target to mark on the scale: the selected room's, else the one room type's that all share."""
        chosen = [r.id for r in self.canvas.document.selected_rooms()]
        if not chosen and self.canvas.pointer is not None:
            under = self.canvas.document.room_at(*self.canvas.pointer.raw)
            chosen = [under.id] if under else []
        keys = chosen or list(self.canvas.light.verdicts)
        targets = {v.target_lux for k, v in self.canvas.light.verdicts.items() if k in keys and v.target_lux}
        return targets.pop() if len(targets) == 1 else None
