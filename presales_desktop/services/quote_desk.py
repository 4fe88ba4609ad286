"""The desk of who decides quotes: what a revision is judged by beside its lines, what was agreed before, and which ones are harmless."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import select

from presales_desktop.models.approvals import QUOTE_STEPS, Choice
from presales_desktop.models.errors import PresalesError
from presales_desktop.models.permissions import may
from presales_desktop.models.quote_outliers import Outlier, outlier
from presales_desktop.models.quote_pricing import in_yuan
from presales_desktop.models.quotes import COUNTED, PRICED, SERVICES, Quote, QuoteLine
from presales_desktop.services import approvals, quote_costs, quote_policy, quote_steps
from presales_desktop.services.quote_costs import CostSheet
from presales_desktop.services.quotes import label_of, records_of
from presales_desktop.services.work import Work

# Prices that were really agreed; older ones say little about today's.
AGREED: Final = ("approved", "sent", "accepted")
LOOK_BACK: Final = dt.timedelta(days=730)
BEFORE: Final = 6


@dataclass(frozen=True)
class DeskLine:
    """A line as it is judged: `unit_fen` after its discount; `margin` None without a cost or the right to see it."""

    line_id: UUID
    place: int
    name: str
    model: str
    quantity: Decimal
    unit_fen: int
    discount_percent: Decimal
    amount_fen: int
    unit_cost_fen: int | None
    margin: Decimal | None
    low: bool
    outlier: Outlier | None


@dataclass(frozen=True)
class DeskQuote:
    """A revision on the desk. `sheet`: costs for those who may see them; `band`: the light for those who may not; `stale`: costs have
    moved beyond what an approval bears; `before`: what was agreed with the customer, newest first; `doubts`: why it is not harmless."""

    id: UUID
    label: str
    content_hash: str
    total_fen: int
    lines: tuple[DeskLine, ...]
    sheet: CostSheet | None
    band: str
    stale: bool
    before: tuple[AgreedQuote, ...]
    doubts: tuple[str, ...]

    @property
    def harmless(self) -> bool:
        """Whether it may be approved together with others."""
        return not self.doubts


@dataclass(frozen=True)
class AgreedQuote:
    """An earlier quote of the same customer: total in fen of yuan, discount on the whole."""

    id: UUID
    label: str
    title: str
    state: str
    total_fen: int
    discount_percent: Decimal
    on: dt.datetime
    margin: Decimal | None


@dataclass(frozen=True)
class Bulk:
    """What became of several at once: ids that were approved; label and reason code of those that were not."""

    approved: tuple[UUID, ...]
    left: tuple[tuple[str, str], ...]


def look(work: Work, quote_id: UUID) -> DeskQuote:
    """Everything that QUOTE_ID is judged by. Raises NotFound, PermissionDenied."""
    work.require("quote.desk")
    quote = work.get(Quote, quote_id)
    lines = records_of(work, quote_id)
    sees = may(work.actor, "cost.view").allowed
    sheet = quote_costs.sheet(work, quote_id) if sees else None
    band = quote_costs.band(work, quote) if quote.frozen else ""
    rows = tuple(_lines(lines, sheet, _earlier(work, quote, lines), quote.exchange_rate))
    stale = quote_costs.is_stale(work, quote)
    return DeskQuote(
        quote.id, label_of(quote), quote.content_hash, in_yuan(quote.total_fen, quote), rows, sheet, "" if sees else band,
        stale, _before(work, quote, sees=sees), _doubts(work, quote, rows, sheet, band, stale=stale),
    )  # fmt: skip


def approve_harmless(work: Work, quote_ids: Sequence[UUID]) -> Bulk:
    """Approve those of QUOTE_IDS that are harmless, each with a decision of its own; one refusal stops no other."""
    done, left = [], []
    for quote_id in quote_ids:
        label = label_of(work.get(Quote, quote_id))
        found = look(work, quote_id)
        if not found.harmless:
            left.append((label, found.doubts[0]))
            continue
        savepoint = work.session.begin_nested()
        try:
            quote_steps.decide(work, quote_id, Choice.APPROVE, seen_hash=found.content_hash)
        except PresalesError as error:
            savepoint.rollback()
            left.append((label, error.code))
        else:
            savepoint.commit()
            done.append(quote_id)
    return Bulk(tuple(done), tuple(left))


def _lines(
    lines: Sequence[QuoteLine], sheet: CostSheet | None, earlier: Mapping[UUID, list[int]], rate: Decimal
) -> Iterable[DeskLine]:
    costs = {row.line_id: row for row in sheet.rows} if sheet is not None else {}
    place = 0
    for line in lines:
        if line.type in PRICED:
            place += 1
        if line.type not in COUNTED or line.type in SERVICES:
            continue
        known = costs.get(line.id)
        unit = _unit(line.unit_price_fen, line.discount_percent, rate)
        found = outlier(unit, earlier.get(line.variant_id, [])) if line.variant_id is not None else None
        yield DeskLine(
            line.id, place, line.name, line.model, line.quantity, unit, line.discount_percent, line.amount_fen,
            known.unit_cost_fen if known else None, known.margin if known else None, bool(known and known.low), found,
        )  # fmt: skip


def _unit(unit_price_fen: int, discount_percent: Decimal, rate: Decimal) -> int:
    """What a piece comes to after the line's discount, fen of yuan. A share beside others, never an amount."""
    return int((Decimal(unit_price_fen) * (1 - discount_percent) * rate).to_integral_value())


def _earlier(work: Work, quote: Quote, lines: Sequence[QuoteLine]) -> dict[UUID, list[int]]:
    """Agreed unit prices by variant, of other quotes than this one's family."""
    wanted = {line.variant_id for line in lines if line.variant_id is not None}
    found: dict[UUID, list[int]] = defaultdict(list)
    rows = work.session.execute(
        select(QuoteLine.variant_id, QuoteLine.unit_price_fen, QuoteLine.discount_percent, Quote.exchange_rate)
        .join(Quote, Quote.id == QuoteLine.quote_id)
        .where(
            QuoteLine.variant_id.in_(wanted),
            QuoteLine.type.in_(COUNTED),
            Quote.state.in_(AGREED),
            Quote.family_id != quote.family_id,
            Quote.updated_at >= work.now - LOOK_BACK,
        )
    )
    for variant_id, price, discount, rate in rows:
        assert variant_id is not None
        found[variant_id].append(_unit(price, discount, rate))
    return found


def _before(work: Work, quote: Quote, *, sees: bool) -> tuple[AgreedQuote, ...]:
    rows = work.session.scalars(
        select(Quote)
        .where(Quote.customer_id == quote.customer_id, Quote.state.in_(AGREED), Quote.family_id != quote.family_id)
        .order_by(Quote.updated_at.desc())
        .limit(BEFORE)
    )
    return tuple(
        AgreedQuote(
            q.id, label_of(q), q.title, q.state, in_yuan(q.total_fen, q), q.discount_percent,
            q.submitted_at or q.updated_at, quote_costs.sheet(work, q.id).margin if sees else None,
        )
        for q in rows
    )  # fmt: skip


def _doubts(
    work: Work, quote: Quote, rows: Sequence[DeskLine], sheet: CostSheet | None, band: str, *, stale: bool
) -> tuple[str, ...]:
    """Codes of texts/quotes.py DOUBTS, the gravest first; empty for what is harmless."""
    policy = quote_policy.policy(work)
    returned = work.session.scalar(
        select(Quote.id).where(Quote.family_id == quote.family_id, Quote.state.in_(("returned", "rejected"))).limit(1)
    )
    found = (
        ("not_mine", not any(s.may.allowed for s in approvals.status(work, quote, QUOTE_STEPS))),
        ("margin", sheet.low if sheet is not None else band == "bad"),
        ("line_margin", any(row.low for row in rows) if sheet is not None else band == "watch"),
        ("cost_unknown", bool(sheet.missing) if sheet is not None else not band),
        ("drift", stale),
        ("outlier", any(row.outlier is not None for row in rows)),
        ("amount", in_yuan(quote.total_fen, quote) > policy.harmless_fen),
        ("returned", returned is not None),
    )
    return tuple(code for code, holds in found if holds)
