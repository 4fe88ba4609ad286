"""A customer at a glance, beside the list."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from presales_desktop.models.errors import PresalesError
from presales_desktop.services import customers
from presales_desktop.services.customers import CustomerWhole
from presales_desktop.texts import lookup, tr
from presales_desktop.views.customers.related import related_rows
from presales_desktop.views.kit import jobs
from presales_desktop.views.kit.basics import row, words
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.panels import RelatedPanel
from presales_desktop.views.kit.states import Chip


class CustomerPreview(QWidget):
    """Reads one customer and shows who it is, whom to call, and what hangs on it."""

    def __init__(self, ctx: ViewContext, customer_id: UUID) -> None:
        super().__init__()
        self._ctx = ctx
        self._whole = QVBoxLayout(self)
        self._whole.setContentsMargins(16, 12, 16, 16)
        self._whole.setSpacing(10)
        jobs.start(self, self._load(customer_id), self._failed)

    async def _load(self, customer_id: UUID) -> None:
        self._fill(await self._ctx.db.run(customers.show, customer_id))

    def _failed(self, error: BaseException) -> None:
        text = lookup.error_text(error) if isinstance(error, PresalesError) else tr("没有读出来，请稍后重试。")
        self._whole.addWidget(words(text, "secondary", wrap=True))
        if not isinstance(error, PresalesError):
            jobs.report(error)

    def _fill(self, found: CustomerWhole) -> None:
        from presales_desktop.views.customers.list import importance_chip

        self._whole.addWidget(words(found.name, "section", wrap=True, selectable=True))
        chip = importance_chip(found)
        line = row(words(found.number, "secondary", selectable=True), gap=8)
        if chip is not None:
            line.addWidget(Chip(*chip))
        line.addStretch(1)
        self._whole.addLayout(line)
        self._whole.addLayout(_facts(found))
        for contact in found.contacts[:4]:
            said = " · ".join(p for p in (contact.name, contact.title, contact.phone) if p)
            self._whole.addWidget(words(said, wrap=True, selectable=True))
        if found.notes:
            self._whole.addWidget(words(found.notes, "secondary", wrap=True))
        related = RelatedPanel(self._ctx, tr("项目、报价和合同"))
        related.set_rows(related_rows(found.related))
        self._whole.addWidget(related)
        self._whole.addStretch(1)


def _facts(found: CustomerWhole) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(12)
    grid.setVerticalSpacing(4)
    grid.setColumnStretch(1, 1)
    pairs = [
        ("owner", found.owner),
        ("phone", found.phone),
        ("region", found.region),
        ("industry", lookup.choice("customer", "industry", found.industry) if found.industry else ""),
        ("uscc", found.uscc),
    ]
    for name, value in pairs:
        if value:
            n = grid.rowCount()
            grid.addWidget(words(lookup.label("customer", name), "small"), n, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(words(value, wrap=True, selectable=True), n, 1)
    return grid
