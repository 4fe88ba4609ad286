"""What a case holds: its surveys, designs, quotes and contracts with state and amount, and a way to make the next one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Final

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from presales_desktop.services.case_facts import CaseItem
from presales_desktop.texts import lookup, tr
from presales_desktop.views.kit import events
from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit.basics import Elided, button, clear, column, icon_label, line, row, words
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.panels import RowButton
from presales_desktop.views.kit.states import Chip

# kind → right to make one, in the order of the work
MAKE_RIGHTS: Final = {
    "survey": "survey.create",
    "design": "design.create",
    "quote": "quote.create",
    "contract": "contract.create",
}
_TONES: Final = {
    "confirmed": "good", "approved": "good", "approved_with_notes": "good", "accepted": "good", "signed": "good",
    "effective": "good", "submitted": "amber", "report_draft": "amber", "sent": "accent", "returned": "bad", "rejected": "bad",
    "declined": "bad", "expired": "bad",
}  # fmt: skip


class HeldGroups(QWidget):
    """One group per kind; `make(kind)` begins a new one."""

    def __init__(self, ctx: ViewContext, make: Callable[[str], None]) -> None:
        super().__init__()
        self._ctx = ctx
        self._rows: dict[str, QVBoxLayout] = {}
        self._counts = {kind: words("", "faint") for kind in MAKE_RIGHTS}
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(6)
        for n, (kind, right) in enumerate(MAKE_RIGHTS.items()):
            if n:
                whole.addWidget(line())
            head = row(words(lookup.kind_title(kind), "strong"), self._counts[kind], None, gap=6)
            if ctx.may(right).allowed:
                tip = tr("新建{kind}", kind=lookup.kind_noun(kind))
                add = button(
                    tr("新建"), partial(make, kind), look="link", icon="plus", name=f"case.new.{kind}", tip=tip
                )
                add.setAccessibleName(tip)
                head.addWidget(add)
            whole.addLayout(head)
            self._rows[kind] = column(gap=0)
            whole.addLayout(self._rows[kind])

    def set_items(self, items: Iterable[CaseItem]) -> None:
        """Show what the case holds now."""
        found = list(items)
        for kind, layout in self._rows.items():
            clear(layout)
            own = [item for item in found if item.kind == kind]
            self._counts[kind].setText(str(len(own)) if own else "")
            for item in own:
                layout.addWidget(self._row(item))

    def _row(self, item: CaseItem) -> QWidget:
        title = item.title or item.number
        made = RowButton(title, lambda: self._ctx.nav.open(item.kind, item.id))
        made.setObjectName(f"case.{item.kind}.row")
        number = f"{item.number}-R{item.revision}" if item.kind != "survey" else item.number
        inner = QHBoxLayout(made)
        inner.setContentsMargins(6, 4, 6, 4)
        inner.setSpacing(8)
        inner.addWidget(icon_label(events.kind_icon(item.kind)))
        told = column(Elided(title), Elided(f"{number} · {fmt.ago(item.updated_at)}", "small"), gap=0)
        inner.addLayout(told, 1)
        if item.amount_fen:
            inner.addWidget(words(fmt.money(item.amount_fen)))
        inner.addWidget(Chip(lookup.state(item.kind, item.state), _TONES.get(item.state, "neutral")))
        return made
