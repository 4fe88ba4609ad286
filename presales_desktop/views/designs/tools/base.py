"""What every tool of the canvas is."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtGui import QCursor, QPainter

from presales_desktop.services.design_drafts import Point
from presales_desktop.views.designs import paint_plan
from presales_desktop.views.designs.pointer import Pointer

if TYPE_CHECKING:
    from presales_desktop.views.designs.canvas import PlanCanvas
    from presales_desktop.views.designs.document import PlanDocument


class Tool:
    """A mode of the mouse. `name` is its key in the strip, `title` Chinese, `shortcut` a single key."""

    name = ""
    title = ""
    icon = ""
    shortcut = ""

    def __init__(self, canvas: PlanCanvas) -> None:
        self.canvas = canvas

    @property
    def document(self) -> PlanDocument:
        """What is drawn on."""
        return self.canvas.document

    # coming and going

    def enter(self) -> None:
        """Taken into the hand."""

    def leave(self) -> None:
        """Put away: nothing half drawn stays."""
        self.document.cancel_preview()

    def away(self) -> None:
        """The mouse left the canvas."""

    # what the canvas asks

    def hint(self) -> str:
        """One line for the status bar: what a click does, what may be typed."""
        return ""

    def cursor(self) -> QCursor:
        """The mouse pointer."""
        return QCursor(Qt.CursorShape.CrossCursor)

    def origin(self) -> Point | None:
        """The point drawn from, for perpendiculars, alignments and typed lengths."""
        return None

    def moving(self) -> Collection[UUID]:
        """Parts that move with the mouse: nothing snaps to them."""
        return ()

    def own_points(self) -> Collection[Point]:
        """Points of the half-drawn shape that can be snapped to."""
        return ()

    def takes_typing(self) -> bool:
        """Whether a digit opens the field for typed values."""
        return True

    # what happens

    def press(self, pointer: Pointer) -> None:
        """Left button down."""

    def move(self, pointer: Pointer, *, pressed: bool) -> None:
        """The mouse moved."""

    def release(self, pointer: Pointer) -> None:
        """Left button up."""

    def double(self, pointer: Pointer) -> None:
        """Double click (the first click has been seen as press and release)."""

    def key(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """A key; whether it was taken."""
        return False

    def typing(self, text: str) -> None:
        """The typed text changed: show what it would do."""

    def typed(self, text: str) -> bool:
        """Enter in the typed field; False refuses it."""
        return False

    def paint(self, painter: QPainter) -> None:
        """The half-drawn shape, above everything."""
        self.paint_snap(painter)

    def paint_snap(self, painter: QPainter) -> None:
        """The mark of what the mouse snapped to."""
        if self.canvas.pointer is not None:
            paint_plan.paint_snap(painter, self.canvas.camera, self.canvas.pointer.snap)
