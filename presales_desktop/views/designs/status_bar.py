"""The line under the canvas: what the tool expects, where the mouse is, the light there, what is snapped to, the floor."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QToolButton, QWidget

from presales_desktop.texts import tr
from presales_desktop.views.designs.canvas import PlanCanvas
from presales_desktop.views.designs.light_state import LightState
from presales_desktop.views.designs.paint_plan import metres
from presales_desktop.views.designs.snapping import SWITCHES
from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit import icons
from presales_desktop.views.kit.basics import Elided, icon_button, words

SCREEN_PX_PER_M = 96 / 0.0254


def snap_word(name: str) -> str:
    """The word of a snap."""
    return {
        "endpoint": tr("端点"),
        "midpoint": tr("中点"),
        "perpendicular": tr("垂足与墙线"),
        "luminaire": tr("灯具"),
        "underlay": tr("底图端点"),
        "align": tr("对齐线"),
        "grid": tr("网格"),
    }[name]


class StatusBar(QFrame):
    """One line."""

    floor_wanted = Signal(str)
    new_floor_wanted = Signal()

    def __init__(self, canvas: PlanCanvas, light: LightState) -> None:
        super().__init__()
        self.setObjectName("design.status")
        self.setProperty("look", "foot")
        self.canvas, self.light = canvas, light
        self.hint = Elided("", "secondary")
        self.hint.setObjectName("design.hint")
        self.place = words("", "small")
        self.place.setMinimumWidth(128)
        self.lux = words("", "small")
        self.lux.setObjectName("design.lux")
        self.lux.setMinimumWidth(64)
        self.scale = words("", "small")
        self.busy = words("", "faint")
        self._snaps = QToolButton()
        self._snaps.setProperty("look", "quiet")
        self._snaps.setObjectName("design.snaps")
        self._snaps.setText(tr("捕捉"))
        self._snaps.setIcon(icons.icon("magnet"))
        self._snaps.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._snaps.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self)
        self._snaps.setMenu(self._menu)
        self._fill_snaps()
        self.floor = QToolButton()
        self.floor.setProperty("look", "quiet")
        self.floor.setObjectName("design.floor")
        self.floor.setAccessibleName(tr("楼层"))
        self.floor.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._floors = QMenu(self)
        self._floors.aboutToShow.connect(self._fill_floors)
        self.floor.setMenu(self._floors)
        inner = QHBoxLayout(self)
        inner.setContentsMargins(10, 2, 10, 2)
        inner.setSpacing(10)
        inner.addWidget(self.hint, 1)
        parts: tuple[QWidget, ...] = (
            self.busy, self.lux, self.place, self.scale, self._snaps, self.floor,
            icon_button("zoom-out", tr("缩小"), lambda: canvas.zoom(1 / 1.25), shortcut="Ctrl+-"),
            icon_button("zoom-in", tr("放大"), lambda: canvas.zoom(1.25), shortcut="Ctrl+="),
            icon_button("maximize", tr("显示全部"), canvas.fit, shortcut="Ctrl+0", name="design.fit"),
        )  # fmt: skip
        for part in parts:
            inner.addWidget(part)
        canvas.moved.connect(self._moved)
        canvas.hint_changed.connect(self.hint.setText)
        canvas.camera_changed.connect(self._scaled)
        canvas.document.replaced.connect(self.show_floor)
        light.updated.connect(lambda _: self._relight())
        light.settled.connect(lambda: self.busy.setText(""))
        self._last: Any = None
        self._scaled()
        self.show_floor()

    def _fill_snaps(self) -> None:
        for name in SWITCHES:
            action = self._menu.addAction(snap_word(name))
            action.setCheckable(True)
            action.setChecked(name in self.canvas.switches.snaps)
            action.setObjectName(f"design.snap.{name}")
            action.toggled.connect(lambda on, name=name: self._switch(name, on))

    def _switch(self, name: str, on: bool) -> None:
        kept = [s for s in self.canvas.switches.snaps if s != name]
        self.canvas.switches.snaps = tuple(s for s in SWITCHES if s in kept or (on and s == name))

    def show_switches(self) -> None:
        """After the design's own switches were read."""
        for action, name in zip(self._menu.actions(), SWITCHES, strict=True):
            action.blockSignals(True)
            action.setChecked(name in self.canvas.switches.snaps)
            action.blockSignals(False)

    def _fill_floors(self) -> None:
        self._floors.clear()
        for name in self.canvas.document.floors():
            action = self._floors.addAction(name)
            action.setCheckable(True)
            action.setChecked(name == self.canvas.document.floor)
            action.triggered.connect(lambda _=False, name=name: self.floor_wanted.emit(name))
        self._floors.addSeparator()
        self._floors.addAction(tr("新楼层…")).triggered.connect(lambda: self.new_floor_wanted.emit())

    def show_floor(self) -> None:
        """The floor that is shown."""
        self.floor.setText(self.canvas.document.floor)

    def _moved(self, point: Any) -> None:
        self._last = point
        self.place.setText("" if point is None else f"{metres(point[0])}, {metres(point[1])} m")
        self._relight()

    def _relight(self) -> None:
        value = self.light.lux_at(*self._last) if self._last is not None else None
        self.lux.setText("" if value is None else fmt.lux(value))
        self.busy.setText(tr("计算中…") if self.light.busy and not self.canvas.document.previewing() else "")

    def _scaled(self) -> None:
        self.scale.setText(f"1:{SCREEN_PX_PER_M / self.canvas.camera.scale:.0f}")
