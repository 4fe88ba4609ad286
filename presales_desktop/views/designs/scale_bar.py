"""A bar over the canvas while an underlay has no measured scale: nothing drawn on it can be trusted until it has."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame

from presales_desktop.texts import lookup, tr
from presales_desktop.views.designs.canvas import PlanCanvas
from presales_desktop.views.kit.basics import button, icon_label, row, words


class ScaleBar(QFrame):
    """Shown only when it has something to say."""

    calibrate_wanted = Signal()

    def __init__(self, canvas: PlanCanvas) -> None:
        super().__init__()
        self.setObjectName("design.scale_bar")
        self.setProperty("look", "amber")
        self.canvas = canvas
        self._text = words("", "amber", wrap=True)
        inner = row(
            icon_label("triangle-alert", tone="amber"), self._text,
            button(tr("两点校准比例"), self.calibrate_wanted.emit, name="design.scale_bar.calibrate"),
            gap=8, margins=(10, 4, 10, 4),
        )  # fmt: skip
        inner.setStretch(1, 1)
        self.setLayout(inner)
        self.hide()
        canvas.document.changed.connect(lambda _: self.look())
        canvas.document.replaced.connect(self.look)

    def look(self) -> None:
        """Whether an underlay of the floor waits for its scale."""
        document = self.canvas.document
        waiting = [
            u for u in document.underlays() if u.metres_per_unit is None and u.visible and u.floor == document.floor
        ]
        self.setVisible(bool(waiting))
        if not waiting:
            return
        plan = self.canvas.plans.get(waiting[0].sha256)
        doubt = next((d for d in plan.doubts if d.code == "underlay.unit_doubtful"), None) if plan else None
        text = tr("底图“{name}”尚未校准比例，现在的大小只是暂定。", name=waiting[0].name)
        if doubt is not None:
            text += lookup.sentence(doubt.code, doubt.values)
        self._text.setText(text)
