"""Lines of all quotes in one list: what was offered to whom at which price. A million of them are jumped through in
milliseconds: the window's ids come from the index alone, only its rows are joined."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, func, select

from presales_desktop.models.customers import Customer
from presales_desktop.models.errors import InputError
from presales_desktop.models.quotes import HOME, PRICED, Quote, QuoteLine
from presales_desktop.services.listing import ListQuery, Page
from presales_desktop.services.work import Work

_OFFERED: Final = ("approved", "sent", "accepted", "declined", "expired", "superseded")


@dataclass(frozen=True)
class OfferedLine:
    """A line with the quote it stands in. Amounts in fen; no cost."""

    id: UUID
    quote_id: UUID
    label: str
    state: str
    customer_id: UUID
    customer: str
    type: str
    room: str
    name: str
    model: str
    unit: str
    quantity: Decimal
    unit_price_fen: int
    discount_percent: Decimal
    amount_fen: int
    updated_at: dt.datetime
    currency: str = HOME


_LINE = QuoteLine.__table__.c
_SORTS: Final[Mapping[str, tuple[ColumnElement[Any], ...]]] = {
    "id": (_LINE.id,),
    "quote": (_LINE.quote_id, _LINE.sort),
}
_FILTERS: Final[Mapping[str, Callable[[str], ColumnElement[bool]]]] = {
    "quote_id": lambda v: QuoteLine.quote_id == UUID(v),
    "variant_id": lambda v: QuoteLine.variant_id == UUID(v),
    "type": lambda v: QuoteLine.type == v,
    "customer_id": lambda v: QuoteLine.quote_id.in_(select(Quote.id).where(Quote.customer_id == UUID(v))),
}


def list_rows(work: Work, query: ListQuery) -> Page[OfferedLine]:
    """Lines in the order they were made, newest first ("-id"), or by quote. Raises InputError list.unknown_field."""
    work.require("quote.view")
    name = query.sort or "-id"
    down, columns = name.startswith("-"), _known(_SORTS, name.removeprefix("-"))
    conditions = [_known(_FILTERS, field)(value) for field, value in query.filters]
    total = work.session.execute(select(func.count()).select_from(QuoteLine).where(*conditions)).scalar_one()
    ids = _window(work, conditions, columns, down, query, total)
    found = {row.id: row for row in _rows(work, QuoteLine.id.in_(ids))}
    return Page(tuple(found[i] for i in ids), total, query.offset)


def _window(
    work: Work,
    conditions: Sequence[ColumnElement[bool]],
    columns: Sequence[ColumnElement[Any]],
    down: bool,
    query: ListQuery,
    total: int,
) -> list[UUID]:
    """The ids of the window's lines; those of the second half are counted from the end, which is nearer."""
    count = max(min(query.limit, total - query.offset), 0)
    backwards = query.offset > total // 2
    skip = total - query.offset - count if backwards else query.offset
    order = [c.desc() if down != backwards else c.asc() for c in columns]
    statement = select(QuoteLine.id).where(*conditions).order_by(*order).offset(skip or None).limit(count)
    ids = list(work.session.scalars(statement))
    return ids[::-1] if backwards else ids


def _known(table: Mapping[str, Any], name: str) -> Any:
    if name not in table:
        raise InputError("list.unknown_field", field=name, known="、".join(table))
    return table[name]


def _rows(work: Work, *conditions: ColumnElement[bool], limit: int | None = None) -> list[OfferedLine]:
    # Columns, not records: making two records a line takes longer than reading them.
    rows = work.session.execute(
        select(
            QuoteLine.id, QuoteLine.quote_id, Quote.number, Quote.revision, Quote.state, Quote.customer_id, Customer.name,
            QuoteLine.type, QuoteLine.room, QuoteLine.name, QuoteLine.model, QuoteLine.unit, QuoteLine.quantity,
            QuoteLine.unit_price_fen, QuoteLine.discount_percent, QuoteLine.amount_fen,
            func.coalesce(Quote.submitted_at, Quote.updated_at), Quote.currency,
        )
        .join(Quote, Quote.id == QuoteLine.quote_id)
        .join(Customer, Customer.id == Quote.customer_id)
        .where(*conditions)
        .order_by(Quote.updated_at.desc(), QuoteLine.id.desc())
        .limit(limit)
    )  # fmt: skip
    return [OfferedLine(line, quote, f"{number}-R{revision}", *rest) for line, quote, number, revision, *rest in rows]


def history(
    work: Work, variant_id: UUID, customer_id: UUID | None, besides: str = "", limit: int = 5
) -> tuple[OfferedLine, ...]:
    """At which prices a variant was offered before, to this customer first, then to others.

    Drafts and what was never approved don't count, nor does the quote with the number BESIDES.
    """
    work.require("quote.view")
    offered = (
        QuoteLine.variant_id == variant_id,
        QuoteLine.type.in_(PRICED),
        Quote.state.in_(_OFFERED),
        Quote.number != besides,
    )
    own = _rows(work, *offered, Quote.customer_id == customer_id, limit=limit) if customer_id is not None else []
    if len(own) >= limit:
        return tuple(own)
    others = offered if customer_id is None else (*offered, Quote.customer_id != customer_id)
    return (*own, *_rows(work, *others, limit=limit - len(own)))
