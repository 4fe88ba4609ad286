"""The right column for an underlay: scale, layers, opacity, lock; and the list of plans of a floor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QSlider, QVBoxLayout, QWidget

from presales_desktop.services.design_drafts import UnderlayDraft
from presales_desktop.services.underlays import Plan
from presales_desktop.texts import lookup, tr
from presales_desktop.views.designs.document import PlanDocument
from presales_desktop.views.designs.fields import FieldGrid, FlagField, NumberField, TextField
from presales_desktop.views.kit import tokens
from presales_desktop.views.kit.basics import button, clear, words
from presales_desktop.views.kit.side_panel import SidePanel


class UnderlayPanel(QWidget):
    """One underlay."""

    calibrate_wanted = Signal()
    remove_wanted = Signal()

    def __init__(self, document: PlanDocument, plans: dict[str, Plan]) -> None:
        super().__init__()
        self.document, self.plans = document, plans
        self._state = words("", "", wrap=True)
        self._state.setObjectName("design.underlay.scale")
        self._doubts = words("", "small", wrap=True)
        self.calibrate = button(
            tr("两点校准比例"), self.calibrate_wanted.emit, look="primary", icon="scale", name="design.calibrate"
        )
        self._grid = FieldGrid("underlay")
        self._grid.add("name", TextField(self._setter("name"), limit=120))
        for name in ("x_m", "y_m"):
            self._grid.add(name, NumberField(self._setter(name), unit="m", step=0.1, length=True))
        self._grid.add("rotation_deg", NumberField(self._setter("rotation_deg"), unit="°", low=-360, high=360, step=1))
        self._grid.add("visible", FlagField(tr("显示"), self._setter("visible")))
        self._grid.add("locked", FlagField(tr("锁定，避免误移动"), self._setter("locked")))
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(10, 100)
        self.opacity.setAccessibleName(tr("浓淡"))
        self.opacity.valueChanged.connect(lambda value: self._setter("opacity")(value / 100))
        self._layers_panel = SidePanel(tr("图层"), key="design.layers")
        self._layers = QVBoxLayout()
        self._layers.setSpacing(2)
        self._layers_panel.body.addLayout(self._layers)
        scale, place = SidePanel(tr("底图比例"), key="design.scale"), SidePanel(tr("底图"), key="design.underlay")
        for part in (self._state, self._doubts, self.calibrate):
            scale.body.addWidget(part)
        for piece in (self._grid, words(tr("浓淡"), "small"), self.opacity):
            place.body.addWidget(piece)
        place.body.addWidget(
            button(tr("移除底图"), self.remove_wanted.emit, icon="trash-2", name="design.underlay.remove")
        )
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(tokens.GAP)
        for panel in (scale, place, self._layers_panel):
            whole.addWidget(panel)
        whole.addStretch(1)
        self._shown_layers: tuple[Any, ...] = ()

    def _setter(self, name: str) -> Callable[[Any], None]:
        def put(value: Any) -> None:
            chosen = self.document.selected_underlay()
            if chosen is not None and chosen.id is not None and getattr(chosen, name) != value:
                self.document.apply(tr("修改底图"), {chosen.id: replace(chosen, **{name: value})}, f"underlay.{name}")

        return put

    def show_parts(self) -> None:
        """Fields from the selected underlay."""
        chosen = self.document.selected_underlay()
        if chosen is None:
            return
        self._grid.show_parts([chosen])
        self._grid.set_read_only(self.document.read_only)
        self.calibrate.setEnabled(not self.document.read_only)
        self.opacity.blockSignals(True)
        self.opacity.setValue(round(chosen.opacity * 100))
        self.opacity.blockSignals(False)
        plan = self.plans.get(chosen.sha256)
        self._state.setText(scale_text(chosen, plan))
        said = [lookup.sentence(d.code, d.values) for d in plan.doubts] if plan is not None else []
        if chosen.metres_per_unit is not None:
            said = [
                s for s, d in zip(said, plan.doubts if plan else (), strict=False) if d.code != "underlay.unit_doubtful"
            ]
        self._doubts.setText("\n".join(said))
        self._doubts.setVisible(bool(said))
        self._show_layers(chosen, plan)

    def _show_layers(self, chosen: UnderlayDraft, plan: Plan | None) -> None:
        names = tuple(layer.name for layer in plan.layers) if plan is not None and plan.format == "dxf" else ()
        wanted = (chosen.id, names, chosen.hidden_layers)
        self._layers_panel.setVisible(bool(names))
        if wanted == self._shown_layers:
            return
        self._shown_layers = wanted
        clear(self._layers)
        for name in names:
            box = QCheckBox(name.rsplit("$", 1)[-1] if "$" in name else name)
            box.setToolTip(name)
            box.setChecked(name not in chosen.hidden_layers)
            box.setEnabled(not self.document.read_only)
            box.toggled.connect(lambda on, name=name: self._layer(name, on))
            self._layers.addWidget(box)

    def _layer(self, name: str, on: bool) -> None:
        chosen = self.document.selected_underlay()
        if chosen is None:
            return
        hidden = [h for h in chosen.hidden_layers if h != name]
        if not on:
            hidden.append(name)
        self._setter("hidden_layers")(tuple(sorted(hidden)))


def scale_text(underlay: UnderlayDraft, plan: Plan | None) -> str:
    """What is known of an underlay's scale."""
    if underlay.metres_per_unit is None:
        return tr("尚未校准：现在的大小只是暂定，请先点选两点并输入实际长度。")
    if plan is None:
        return tr("已校准")
    return tr(
        "已校准：整张图 {width} × {height} m", width=f"{plan.width * underlay.metres_per_unit:.2f}",
        height=f"{plan.height * underlay.metres_per_unit:.2f}",
    )  # fmt: skip
