"""What a quote looks like while it is edited, and how catalogue facts get into its lines."""

from __future__ import annotations

import datetime as dt
from collections import namedtuple
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from operator import attrgetter
from typing import Any
from uuid import UUID

from presales_desktop.models import quote_pricing
from presales_desktop.models.quote_pricing import half_up
from presales_desktop.models.quotes import COSTED, COUNTED, HOME, LINE_FIELDS, PRICED
from presales_desktop.services.catalogue_facts import VariantFacts


@dataclass
class QuoteLineDraft:
    """A line being edited. Money in fen, discount a fraction. `sku`: an order number to be looked up on save."""

    id: UUID | None = None
    type: str = "item"
    room: str = ""
    variant_id: UUID | None = None
    sku: str = ""
    name: str = ""
    model: str = ""
    spec: str = ""
    unit: str = "套"
    quantity: Decimal = Decimal(1)
    list_price_fen: int | None = None
    unit_price_fen: int = 0
    discount_percent: Decimal = Decimal(0)
    customer_code: str = ""
    tax_rate: Decimal | None = None
    lead_days: int | None = None
    image_sha256: str = ""
    note: str = ""
    attention: str = ""
    source: str = ""


@dataclass
class QuoteDraft:
    """One revision being edited; lines in order."""

    id: UUID | None = None
    base_version: int = 0
    number: str = ""
    revision: int = 1
    state: str = "draft"
    title: str = ""
    case_id: UUID | None = None
    customer_id: UUID | None = None
    contact_id: UUID | None = None
    design_id: UUID | None = None
    owner_id: UUID | None = None
    currency: str = "CNY"
    exchange_rate: Decimal = Decimal(1)
    rate_on: dt.date | None = None
    language: str = "zh"
    show_images: bool = True
    tax_included: bool = True
    tax_rate: Decimal = Decimal("0.13")
    discount_percent: Decimal = Decimal(0)
    discount_fen: int = 0
    freight_fen: int = 0
    installation_fen: int = 0
    valid_until: dt.date | None = None
    delivery: str = ""
    delivery_place: str = ""
    payment: str = ""
    warranty: str = ""
    notes: str = ""
    internal_notes: str = ""
    lines: list[QuoteLineDraft] = field(default_factory=list)


LINE_COLUMNS = (*(f.name for f in LINE_FIELDS if f.name != "sku"), "image_sha256")
LineRead = namedtuple("LineRead", ("id", *LINE_COLUMNS))  # type: ignore[misc]  # what is stored of a line, as it is read

# fact of a line ← attribute of VariantFacts; the unit price follows the list price only where it was the list price
FACTS: Mapping[str, str] = {
    "name": "name",
    "model": "sku",
    "spec": "spec",
    "unit": "unit",
    "list_price_fen": "list_fen",
    "lead_days": "lead_days",
    "image_sha256": "image_sha256",
}
# What a change is worth telling for: a new picture is not.
TOLD = ("name", "model", "spec", "unit", "list_price_fen", "lead_days")


@dataclass(frozen=True)
class FactChange:
    """One fact of a line that the catalogue says differently today. `gone`: the variant is no longer sold."""

    line: int
    name: str
    field: str
    before: Any
    now: Any
    gone: bool = False


def line_of(
    facts: VariantFacts, quantity: Decimal = Decimal(1), room: str = "", rate: Decimal = Decimal(1)
) -> QuoteLineDraft:
    """A new item line of a variant at its list price (that of its quantity), at RATE yuan for one unit of the quote's currency."""
    made = QuoteLineDraft(variant_id=facts.variant_id, quantity=quantity, room=room)
    take_facts(made, facts, rate)
    made.unit_price_fen = price_for(facts, int(quantity * 1000), rate) or 0
    made.attention = "" if facts.list_fen is not None else "no_price"
    return made


def foreign(fen: int | None, rate: Decimal) -> int | None:
    """Fen of yuan in hundredths of a currency of which one unit is RATE yuan, rounded half up."""
    if fen is None or rate == 1:
        return fen
    return half_up(fen * 1_000_000, int(rate.scaleb(6)))


def price_for(facts: VariantFacts, pieces: int, rate: Decimal = Decimal(1)) -> int | None:
    """Catalogue price of one of PIECES (thousandths): that of the largest quantity break that is reached, else the list price."""
    best = facts.list_fen
    for least, fen in facts.breaks:
        if pieces >= least * 1000:
            best = fen
    return foreign(best, rate)


def follow_breaks(
    lines: Sequence[Any], known: Mapping[UUID, VariantFacts], rate: Decimal = Decimal(1)
) -> dict[int, int]:
    """New unit prices by line where a quantity break is reached or left. The pieces of a variant count over the whole quote; a
    price that is no catalogue price was set by a person and stays."""
    tiered = [
        n for n, x in enumerate(lines) if x.variant_id in known and x.type in COUNTED and known[x.variant_id].breaks
    ]
    if not tiered:
        return {}
    pieces = quote_pricing.pieces(lines)
    together: dict[UUID, int] = {}
    for n in tiered:
        together[lines[n].variant_id] = together.get(lines[n].variant_id, 0) + pieces[n]
    found = {}
    for n in tiered:
        facts, price = known[lines[n].variant_id], lines[n].unit_price_fen
        wanted = price_for(facts, together[facts.variant_id], rate)
        ours = {
            lines[n].list_price_fen,
            foreign(facts.list_fen, rate),
            *(foreign(fen, rate) for _, fen in facts.breaks),
        }
        if wanted is not None and wanted != price and price in ours:
            found[n] = wanted
    return found


def in_currency(draft: QuoteDraft, currency: str, rate: Decimal, on: dt.date | None) -> QuoteDraft:
    """A copy of DRAFT in another CURRENCY at RATE (yuan for one unit), as known ON that day: every amount converted, each rounded
    half up once. Into yuan the rate is 1. What stays the same to the last fraction cannot be promised: there and back may differ
    by a fen a price."""
    new = Decimal(1) if currency == HOME else rate
    made = replace(draft, currency=currency, exchange_rate=new, rate_on=None if currency == HOME else on)

    def turn(fen: int) -> int:
        return half_up(fen * int(draft.exchange_rate.scaleb(6)), int(new.scaleb(6)))

    for name in ("discount_fen", "freight_fen", "installation_fen"):
        setattr(made, name, turn(getattr(draft, name)))
    made.lines = [
        replace(
            line,
            unit_price_fen=turn(line.unit_price_fen),
            list_price_fen=None if line.list_price_fen is None else turn(line.list_price_fen),
        )
        for line in draft.lines
    ]
    return made


def take_facts(line: QuoteLineDraft, facts: VariantFacts, rate: Decimal = Decimal(1)) -> None:
    """Put today's catalogue facts into LINE. Its price follows only where it stood at the list price."""
    at_list = line.list_price_fen is not None and line.unit_price_fen == line.list_price_fen
    for name, source in FACTS.items():
        value = getattr(facts, source)
        if name == "list_price_fen":
            value = foreign(value, rate)
        setattr(line, name, value if value is not None or name in ("list_price_fen", "lead_days") else "")
    if at_list and line.list_price_fen is not None:
        line.unit_price_fen = line.list_price_fen


def fact_changes(
    lines: Sequence[Any], facts: Mapping[UUID, VariantFacts], rate: Decimal = Decimal(1)
) -> tuple[FactChange, ...]:
    """What the catalogue says differently from the snapshots in LINES (rule book 0.2)."""
    found = []
    for i, line in enumerate(lines):
        if line.variant_id is None or line.type not in PRICED | COSTED:
            continue
        known = facts.get(line.variant_id)
        if known is None or not known.active:
            found.append(FactChange(i, line.name, "variant_id", line.model, "", gone=True))
            continue
        for name in TOLD:
            before, now = getattr(line, name), getattr(known, FACTS[name])
            if name == "list_price_fen":
                now = foreign(now, rate)
            if before != now and not (name == "list_price_fen" and now is None):
                found.append(FactChange(i, line.name, name, before, now))
    return tuple(found)


def arrange(lines: Sequence[QuoteLineDraft]) -> list[QuoteLineDraft]:
    """Lines with sections and rooms in agreement.

    Sections rule: a line's room is the section above it. Where there is no section but rooms are named (a list from outside),
    the lines are grouped under new sections in order of first appearance; lines without a room come first.
    """
    if any(line.type == "section" for line in lines):
        made, room = [], ""
        for line in lines:
            room = line.name.strip() if line.type == "section" else room
            made.append(line if line.room == room else replace(line, room=room))
        return made
    rooms = list(dict.fromkeys(line.room.strip() for line in lines))
    if rooms in ([], [""]):
        return list(lines)
    made = [line for line in lines if not line.room.strip()]
    for room in (r for r in rooms if r):
        made.append(QuoteLineDraft(type="section", name=room, room=room, quantity=Decimal(0), unit=""))
        made += [replace(line, room=room) for line in lines if line.room.strip() == room]
    return made


def lines_of(records: Iterable[Any], *, keep_ids: bool = True) -> list[QuoteLineDraft]:
    """Drafts of stored lines (records, or as they were read); without ids they are copies."""
    read = attrgetter(*LINE_COLUMNS)
    return [
        QuoteLineDraft(record.id if keep_ids else None, **dict(zip(LINE_COLUMNS, read(record), strict=True)))
        for record in records
    ]
