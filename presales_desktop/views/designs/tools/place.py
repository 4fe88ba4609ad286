"""Placing luminaires one by one: the fixture hangs under the mouse and lights the room before it is let go."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtGui import QCursor

from presales_desktop.services.design_drafts import LuminaireDraft, Point, RoomDraft
from presales_desktop.services.design_light import Fixture
from presales_desktop.texts import tr
from presales_desktop.views.designs import typed
from presales_desktop.views.designs.geometry import normal_degrees
from presales_desktop.views.designs.pointer import Pointer
from presales_desktop.views.designs.tools.base import Tool
from sync.ids import uuid7

if TYPE_CHECKING:
    from presales_desktop.views.designs.canvas import PlanCanvas

PENDANT_DROP_M = 0.6
_LOW = {"wall": 1.9, "table": 1.1, "floor": 1.5, "ground": 0.1}


def hanging_height(fixture: Fixture | None, room: RoomDraft | None) -> float:
    """Height of the light centre over the floor: at the ceiling, below it for pendants and bodies, low for walls and tables."""
    ceiling = room.height_m if room is not None else 2.8
    if fixture is None:
        return ceiling
    facts = fixture.facts
    body = (facts.height_mm or 0) / 1000
    if facts.mounting in _LOW:
        return min(_LOW[facts.mounting], ceiling)
    if facts.mounting == "pendant":
        return round(max(ceiling - max(PENDANT_DROP_M, body), 0.3), 3)
    if facts.mounting in ("surface", "track"):
        return round(max(ceiling - min(body, ceiling / 2), 0.1), 3)
    return ceiling


class PlaceTool(Tool):
    """L: a click hangs one; [ and ] turn it; coordinates can be typed ("1.2,3.4")."""

    name, title, icon, shortcut = "place", "放置灯具", "lightbulb", "L"

    def __init__(self, canvas: PlanCanvas) -> None:
        super().__init__(canvas)
        self._id: UUID = uuid7()
        self.rotation = 0.0

    def enter(self) -> None:
        """A fresh fixture in the hand."""
        self._id = uuid7()

    def hint(self) -> str:
        """What a click does."""
        if self.canvas.variant_id is None:
            return tr("先在左侧选一个产品")
        fixture = self.document.fixtures.get(self.canvas.variant_id)
        name = fixture.facts.name if fixture else ""
        return tr("点击放置 {name}；[ ] 旋转，输入 1.2,3.4 定坐标", name=name)

    def cursor(self) -> QCursor:
        """A cross, or a sign that nothing is in the hand."""
        if self.canvas.variant_id is None:
            return QCursor(Qt.CursorShape.ForbiddenCursor)
        return super().cursor()

    def moving(self) -> tuple[UUID, ...]:
        """The fixture in the hand."""
        return (self._id,)

    def ghost(self, point: Point) -> LuminaireDraft | None:
        """The fixture as it would hang at a point."""
        variant = self.canvas.variant_id
        if variant is None:
            return None
        room = self.document.room_at(*point)
        z = hanging_height(self.document.fixtures.get(variant), room)
        return LuminaireDraft(
            id=self._id, floor=self.document.floor, variant_id=variant, x_m=point[0], y_m=point[1], z_m=z,
            rotation_deg=self.rotation, decorative=False, sort=self.document.next_sort(),
        )  # fmt: skip

    def show(self, point: Point) -> None:
        """Light the room with it."""
        ghost = self.ghost(point)
        self.document.preview({self._id: ghost} if ghost else {})

    def move(self, pointer: Pointer, *, pressed: bool) -> None:
        """Follow."""
        self.show(pointer.point)

    def away(self) -> None:
        """Take it out of the room."""
        self.document.cancel_preview()

    def press(self, pointer: Pointer) -> None:
        """Hang it, take the next one."""
        self.put(pointer.point)

    def put(self, point: Point) -> bool:
        """Hang one at a point."""
        ghost = self.ghost(point)
        if ghost is None:
            return False
        self.document.apply(tr("放置灯具"), {self._id: ghost})
        self._id = uuid7()
        return True

    def key(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """[ and ] turn; Esc puts the tool away."""
        if key in (Qt.Key.Key_BracketLeft, Qt.Key.Key_BracketRight):
            self.rotation = normal_degrees(self.rotation + (15 if key == Qt.Key.Key_BracketLeft else -15))
            if self.canvas.pointer is not None:
                self.show(self.canvas.pointer.point)
            return True
        if key == Qt.Key.Key_Escape:
            self.canvas.use_tool("select")
            return True
        return False

    def typed(self, text: str) -> bool:
        """Coordinates."""
        meant = typed.parse(text)
        if not isinstance(meant, typed.Place):
            return False
        pointer = self.canvas.pointer
        origin = pointer.point if pointer else (0.0, 0.0)
        return self.put(typed.target_of(meant, origin, origin))


def dragged_copy(tool: PlaceTool, pointer: Pointer) -> None:
    """A fixture dragged in from the palette: the same as the tool's ghost."""
    tool.rotation = 0.0
    tool.show(pointer.point)
