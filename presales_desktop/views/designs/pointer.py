"""Where the mouse is, as tools see it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, Qt

from presales_desktop.services.design_drafts import Point
from presales_desktop.views.designs.snapping import Snap


@dataclass(frozen=True)
class Pointer:
    """`raw`: the plan point under the mouse; `snap`: what it means; `screen`: its pixels."""

    raw: Point
    snap: Snap
    screen: QPointF
    modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier

    @property
    def point(self) -> Point:
        """The snapped point."""
        return self.snap.point

    @property
    def shift(self) -> bool:
        """Straight lines, more of the same."""
        return bool(self.modifiers & Qt.KeyboardModifier.ShiftModifier)

    @property
    def ctrl(self) -> bool:
        """Copies."""
        return bool(self.modifiers & Qt.KeyboardModifier.ControlModifier)
