"""The contact of a quote: one of the customer's people."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from PySide6.QtCore import Signal

from presales_desktop.services import quotes
from presales_desktop.services.quotes import ContactRow
from presales_desktop.texts import tr
from presales_desktop.views.kit import jobs
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.pickers import Choice, LookupEdit


class ContactEdit(LookupEdit):
    """Type to find among the contacts of CUSTOMER(); `chosen(UUID | None)`."""

    chosen = Signal(object)

    def __init__(self, ctx: ViewContext, customer: Callable[[], UUID | None]) -> None:
        super().__init__(self._find_contacts)
        self._ctx, self._customer = ctx, customer
        self._rows: tuple[ContactRow, ...] = ()
        self._value: UUID | None = None
        self.setPlaceholderText(tr("选择联系人"))
        self.picked.connect(self._on_picked)

    def _on_picked(self, choice: Choice | None) -> None:
        self._value = choice.value if choice else None
        self.chosen.emit(self._value)

    def set_value(self, value: UUID | None) -> None:
        """Show a contact."""
        self._value = value
        self._show()

    def read(self) -> None:
        """Read the customer's contacts anew."""
        jobs.start(self, self._read())

    async def _read(self) -> None:
        customer = self._customer()
        self._rows = await self._ctx.db.run(quotes.contacts, customer) if customer is not None else ()
        self._show()

    def _show(self) -> None:
        found = next((r for r in self._rows if r.id == self._value), None)
        self.show_choice(_choice(found) if found else None)

    async def _find_contacts(self, text: str) -> Sequence[Choice]:
        await self._read_if_empty()
        wanted = text.strip().lower()
        return [_choice(r) for r in self._rows if wanted in f"{r.name} {r.phone} {r.title}".lower()]

    async def _read_if_empty(self) -> None:
        customer = self._customer()
        if not self._rows and customer is not None:
            self._rows = await self._ctx.db.run(quotes.contacts, customer)


def _choice(row: ContactRow) -> Choice:
    return Choice(row.id, row.name, " · ".join(filter(None, (row.title, row.phone))))
