"""What a repricing puts at stake: live quotes with goods that it touches, in fen of yuan, by the day on which they expire."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import select

from presales_desktop.models.customers import Customer
from presales_desktop.models.quote_pricing import in_yuan
from presales_desktop.models.quotes import Quote, QuoteLine
from presales_desktop.services.work import Work

# Quotes that a customer can still accept, or that may go out as they are.
LIVE: Final = ("approved", "sent")


@dataclass(frozen=True)
class Entry:
    """One price of the preview; `below_floor` None for who may not know floors."""

    variant: str
    sku: str
    name: str
    min_quantity: int
    old_fen: int
    new_fen: int
    below_floor: bool | None = None

    @property
    def id(self) -> tuple[str, int]:
        """What tells it apart."""
        return self.variant, self.min_quantity

    @property
    def variant_id(self) -> UUID:
        """The variant, whose id is kept as it lies in the database: making 50,000 of them takes longer than all the rest."""
        return UUID(self.variant)


@dataclass(frozen=True)
class Preview:
    """What a rule would do: `entries` that change, `same` that would not, `without_cost` that cost-plus can't reach."""

    entries: tuple[Entry, ...]
    same: int
    without_cost: int
    below_floor: int

    @property
    def average_percent(self) -> Decimal:
        """Mean change, weighing each price alike."""
        if not self.entries:
            return Decimal(0)
        total = sum((Decimal(e.new_fen - e.old_fen) / e.old_fen for e in self.entries), Decimal(0))
        return (total * 100 / len(self.entries)).quantize(Decimal("0.01"))


@dataclass(frozen=True)
class ExposedQuote:
    """A live quote with goods that are repriced; `at_stake_fen`: what the goods would bring more at the new prices, in fen of yuan."""

    quote_id: UUID
    label: str
    title: str
    customer_id: UUID
    customer: str
    owner_id: UUID | None
    state: str
    valid_until: dt.date | None
    at_stake_fen: int


@dataclass(frozen=True)
class ExposedDay:
    """What ends on one day."""

    day: dt.date | None
    quotes: int
    at_stake_fen: int


def exposure(work: Work, entries: Iterable[Entry], effective_on: dt.date) -> tuple[ExposedQuote, ...]:
    """Live quotes with goods that ENTRIES reprice, and that are still valid on EFFECTIVE_ON: the dearest first."""
    ratio = {e.variant: Decimal(e.new_fen) / e.old_fen - 1 for e in entries if e.min_quantity == 1}
    found: dict[UUID, tuple[Quote, str, Decimal]] = {}
    statement = (
        select(QuoteLine.variant_id, QuoteLine.amount_fen, Quote, Customer.name)
        .join(Quote, Quote.id == QuoteLine.quote_id)
        .join(Customer, Customer.id == Quote.customer_id)
        .where(Quote.state.in_(LIVE), QuoteLine.variant_id.is_not(None), QuoteLine.amount_fen > 0)
        .where((Quote.valid_until.is_(None)) | (Quote.valid_until >= effective_on))
    )
    for variant_id, amount, quote, customer in work.session.execute(statement):
        if variant_id is not None and variant_id.hex in ratio:
            more = in_yuan(amount, quote) * ratio[variant_id.hex]
            _, _, known = found.get(quote.id, (quote, customer, Decimal(0)))
            found[quote.id] = (quote, customer, known + more)
    made = [
        ExposedQuote(
            q.id, f"{q.number}-R{q.revision}", q.title, q.customer_id, customer, q.owner_id, q.state, q.valid_until,
            round(more),
        )
        for q, customer, more in found.values()
    ]  # fmt: skip
    return tuple(sorted(made, key=lambda q: (-abs(q.at_stake_fen), q.label)))


def by_day(quotes: Iterable[ExposedQuote]) -> tuple[ExposedDay, ...]:
    """Sums by the day on which the quotes expire, the nearest first."""
    sums: dict[dt.date | None, list[int]] = {}
    for quote in quotes:
        found = sums.setdefault(quote.valid_until, [0, 0])
        found[0] += 1
        found[1] += quote.at_stake_fen
    return tuple(
        ExposedDay(day, *sums[day]) for day in sorted(sums, key=lambda d: d if d is not None else dt.date.max)
    )  # fmt: skip
