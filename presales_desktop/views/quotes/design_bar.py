"""The bar that says a quote's design has not passed its review: written and submitted it may be, sent it may not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final
from uuid import UUID

from PySide6.QtWidgets import QFrame

from presales_desktop.services.design_reviews import DesignBasis
from presales_desktop.texts import tr
from presales_desktop.views.kit import tokens
from presales_desktop.views.kit.basics import button, icon_label, row, words
from presales_desktop.views.kit.context import ViewContext

# States of a quote in which it may still go to the customer.
_BEFORE: Final = ("draft", "submitted", "approved", "sent")
_WHY: Final = {
    "draft": "方案 {design} 还没有提交评审",
    "submitted": "方案 {design} 正在评审",
    "returned": "方案 {design} 评审时被退回",
    "rejected": "方案 {design} 评审没有通过",
    "superseded": "方案 {design} 没有评审就被新版取代",
}


class DesignBar(QFrame):
    """Opens the design; where another revision has passed, a draft can stand on that: TAKE(its id)."""

    def __init__(self, ctx: ViewContext, take: Callable[[UUID], object]) -> None:
        super().__init__()
        self._ctx, self._take = ctx, take
        self.basis: DesignBasis | None = None
        self.setObjectName("quote.design_bar")
        self.setProperty("look", "amber")
        self._text = words("", wrap=True)
        self._switch = button("", self._on_switch, name="quote.design_bar.switch", icon="refresh-cw")
        self._open = button(tr("打开方案"), self._on_open, look="quiet", name="quote.design_bar.open")
        inner = row(
            icon_label("triangle-alert", tokens.ICON, "amber"),
            self._text,
            self._switch,
            self._open,
            margins=(12, 5, 6, 5),
        )
        inner.setStretch(1, 1)
        self.setLayout(inner)
        self.hide()

    def show_basis(self, basis: DesignBasis | None, state: str, *, editable: bool) -> None:
        """BASIS of a quote in STATE; hidden once the design has passed, or when the quote goes nowhere any more."""
        self.basis = basis
        self.setVisible(basis is not None and not basis.passed and state in _BEFORE)
        if basis is None or basis.passed:
            return
        why = tr(_WHY.get(basis.state, _WHY["draft"]), design=basis.label)
        then = tr("报价可以照常编辑和审核，方案通过评审后才能发送给客户。")
        if basis.newer_id is not None:
            then = tr("新版 {newer} 已通过；改用它以后才能发送给客户。", newer=basis.newer)
        self._text.setText(tr("{why}。{then}", why=why, then=then))
        self.setAccessibleName(self._text.text())
        self._switch.setText(tr("改用 {newer}", newer=basis.newer))
        self._switch.setVisible(editable and basis.newer_id is not None)

    @property
    def text(self) -> str:
        """What it says, "" when hidden."""
        return "" if self.isHidden() else self._text.text()

    def _on_open(self) -> None:
        if self.basis is not None:
            self._ctx.nav.open("design", self.basis.id)

    def _on_switch(self) -> None:
        if self.basis is not None and self.basis.newer_id is not None:
            self._take(self.basis.newer_id)
