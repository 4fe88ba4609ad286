"""What a customer owes or may come to owe: contracts under way and quotes at the customer, as far as they are not paid in advance."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select

from presales_desktop.models.contracts import LIVE, Contract
from presales_desktop.models.quote_pricing import in_yuan
from presales_desktop.models.quotes import Quote
from presales_desktop.services.work import Work

# Payments are not kept here: a signed contract counts for a year, then it is taken as paid.
COUNTED_DAYS: Final = 365


@dataclass(frozen=True)
class ExposureRow:
    """One paper; `open_fen` what of it is not paid in advance. `firm`: a contract, which counts against the limit."""

    kind: str
    id: UUID
    label: str
    title: str
    state: str
    open_fen: int
    firm: bool


@dataclass(frozen=True)
class Exposure:
    """All of a customer: `firm_fen` contracts, `possible_fen` quotes that may become some."""

    rows: tuple[ExposureRow, ...]

    @property
    def firm_fen(self) -> int:
        """Contracts under way."""
        return sum(r.open_fen for r in self.rows if r.firm)

    @property
    def possible_fen(self) -> int:
        """Quotes at the customer without a contract."""
        return sum(r.open_fen for r in self.rows if not r.firm)


def exposure_of(work: Work, customer_id: UUID, *, without: UUID | None = None) -> Exposure:
    """Exposure of a customer, the largest first; WITHOUT a family of contracts that is looked at itself."""
    since = work.today - dt.timedelta(days=COUNTED_DAYS)
    rows: list[ExposureRow] = []
    used: set[UUID] = set()
    for c in work.session.scalars(
        select(Contract).where(Contract.customer_id == customer_id, Contract.state.in_(LIVE))
    ):
        used.add(c.quote_id)
        over = c.state == "signed" and c.signed_on is not None and c.signed_on < since
        if c.family_id == without or c.state in ("draft", "returned") or over:
            continue
        owed = max(0, c.total_fen - c.deposit_fen - c.prepayment_fen)
        rows.append(ExposureRow("contract", c.id, f"{c.number}-R{c.revision}", c.title, c.state, owed, firm=True))
    for q in work.session.scalars(
        select(Quote).where(Quote.customer_id == customer_id, Quote.state.in_(("sent", "accepted")))
    ):
        if q.id not in used and (q.state == "accepted" or q.valid_until is None or q.valid_until >= work.today):
            owed = in_yuan(q.total_fen, q)
            rows.append(ExposureRow("quote", q.id, f"{q.number}-R{q.revision}", q.title, q.state, owed, firm=False))
    return Exposure(tuple(sorted(rows, key=lambda r: (not r.firm, -r.open_fen, r.label))))
