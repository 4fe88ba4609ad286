"""Repricing by rule: preview, what live quotes stand to lose, apply from a day on, roll back. Prices are added, none is overwritten."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from operator import itemgetter
from typing import Any, Final
from uuid import UUID

from sqlalchemy import String, select, type_coerce

from presales_desktop.models.catalogue import Price, PriceFloor, Product, Variant, VariantCost
from presales_desktop.models.errors import UserError, ValidationError
from presales_desktop.models.fields import validate
from presales_desktop.models.permissions import Ownership, may
from presales_desktop.models.prices import (
    FIELDS,
    STATES,
    TRANSITIONS,
    PriceChange,
    PriceEvent,
    PriceNotice,
    new_price,
    rule_problems,
)
from presales_desktop.models.users import User
from presales_desktop.services import numbered
from presales_desktop.services.catalogue_facts import batches
from presales_desktop.services.kinds import Kind
from presales_desktop.services.listing import Listing, ListQuery, Page
from presales_desktop.services.price_exposure import Entry, ExposedDay, ExposedQuote, Preview, by_day, exposure
from presales_desktop.services.steps import take
from presales_desktop.services.work import Work

_HEAD: Final = tuple(f.name for f in FIELDS if not f.read_only)


@dataclass
class PriceChangeDraft:
    """A repricing being made."""

    id: UUID | None = None
    base_version: int = 0
    number: str = ""
    state: str = "draft"
    title: str = ""
    event_id: UUID | None = None
    category: str = ""
    brand: str = ""
    series: str = ""
    method: str = "percent"
    percent: Decimal | None = None
    amount_fen: int | None = None
    rounding: str = "100"
    breaks: bool = True
    effective_on: dt.date | None = None
    reason: str = ""


@dataclass(frozen=True)
class PriceChangeRow:
    """A repricing as lists show it."""

    id: UUID
    number: str
    title: str
    state: str
    method: str
    percent: Decimal | None
    amount_fen: int | None
    effective_on: dt.date
    made_by: str
    updated_at: dt.datetime


@dataclass(frozen=True)
class PriceChangeShown:
    """A repricing whole: what it did or would do, in sums."""

    id: UUID
    version: int
    number: str
    state: str
    title: str
    made_by: str
    applied_at: dt.datetime | None
    draft: PriceChangeDraft
    prices: int
    average_percent: Decimal
    below_floor: int
    exposed: tuple[ExposedQuote, ...]
    days: tuple[ExposedDay, ...]
    notices: int
    notices_sent: int


# -- lists and drafts --------------------------------------------------------------------------------------------------


def list_rows(work: Work, query: ListQuery) -> Page[PriceChangeRow]:
    """Repricings, the newest first; filter state."""
    work.require("price.view")
    names = {u.id: u.name for u in work.session.scalars(select(User))}
    table = PriceChange.__table__.c
    listing = Listing[PriceChangeRow](
        statement=select(PriceChange),
        id_column=table.id,
        sortable={
            "updated_at": table.updated_at, "number": table.number, "title": table.title, "state": table.state,
            "effective_on": table.effective_on,
        },
        filters={"state": lambda v: PriceChange.state == v},
        make=lambda row: _row(row[0], names),
        default_sort="-updated_at",
        search_kind="price_change",
    )  # fmt: skip
    return listing.page(work, query)


def _row(found: PriceChange, names: dict[UUID, str]) -> PriceChangeRow:
    by = names.get(found.created_by, "") if found.created_by is not None else ""
    return PriceChangeRow(
        found.id, found.number, found.title, found.state, found.method, found.percent, found.amount_fen,
        found.effective_on, by, found.updated_at,
    )  # fmt: skip


def resolve(work: Work, text: str) -> UUID:
    """A repricing's id from UUID or number."""
    return numbered.resolve(work, PriceChange, "price_change", text)


def new_draft(work: Work, initial: dict[str, Any]) -> PriceChangeDraft:
    """A repricing from the first of next month on."""
    work.require("price_change.edit")
    first = (work.today.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
    draft = PriceChangeDraft(**{"effective_on": first, **initial})
    if draft.event_id is not None:
        draft.event_id = UUID(str(draft.event_id))
        event = work.get(PriceEvent, draft.event_id)
        draft.title = draft.title or event.subject
        draft.reason = draft.reason or f"{event.subject} {event.value.normalize():f} {event.unit}（{event.source}）"
    return draft


def load(work: Work, change_id: UUID) -> PriceChangeDraft:
    """A repricing to edit."""
    work.require("price.view")
    found = work.get(PriceChange, change_id)
    values = {name: getattr(found, name) for name in _HEAD}
    return PriceChangeDraft(found.id, found.version, found.number, found.state, **values)


def save(work: Work, draft: PriceChangeDraft) -> UUID:
    """Create or change a repricing in draft. Raises ValidationError, UserError price_change.frozen, PermissionDenied, ConflictError."""
    work.require("price_change.edit")
    found = validate(FIELDS, draft) + rule_problems(draft)
    if found:
        raise ValidationError(found)
    values = {n: v.strip() if isinstance(v := getattr(draft, n), str) else v for n in _HEAD}
    if draft.id is None:
        made = work.add(PriceChange(number=work.next_number("TJ"), **values))
        work.session.flush()
    else:
        made = work.get(PriceChange, draft.id)
        if made.state != "draft":
            raise UserError("price_change.frozen", number=made.number)
        work.touch(made, draft.base_version)
        for name, value in values.items():
            setattr(made, name, value)
    _audit(work, made, "created" if draft.id is None else "changed")
    return made.id


def _audit(work: Work, found: PriceChange, action: str, **detail: Any) -> None:
    work.audit(found, action, title=f"{found.number} {found.title}", **detail)


# -- preview -----------------------------------------------------------------------------------------------------------


def preview(work: Work, rule: Any) -> Preview:
    """What RULE (a draft or a record) does to the prices in force on its first day. Raises PermissionDenied, and cost.view for
    cost-plus."""
    work.require("price.view")
    if rule.method == "cost_plus":
        work.require("cost.view")
    costs = _all_on(work, VariantCost, "cost_fen", rule.effective_on) if rule.method == "cost_plus" else {}
    sees = may(work.actor, "price.floor").allowed
    floors = _all_on(work, PriceFloor, "floor_fen", rule.effective_on) if sees else {}
    step, entries, same, without, below = int(rule.rounding), [], 0, 0, 0
    for variant, least, old, sku, name in _prices(work, rule):
        fen = new_price(
            old, rule.method, step, percent=rule.percent, amount_fen=rule.amount_fen, cost_fen=costs.get(variant)
        )
        if fen is None:
            without += 1
        elif fen == old:
            same += 1
        else:
            low = sees and fen < floors.get(variant, 0)
            below += low
            entries.append(Entry(variant, sku, name, least, old, fen, low if sees else None))
    return Preview(tuple(entries), same, without, below)


def _all_on(work: Work, record: Any, column: str, day: dt.date) -> dict[str, int]:
    """A dated figure of every variant as of DAY, in one statement. The right to it was asked."""
    rows = work.session.execute(
        select(type_coerce(record.variant_id, String), getattr(record, column))
        .where(record.effective_on <= day)
        .order_by(record.effective_on, record.id)
    )
    return {variant: fen for variant, fen in rows}  # noqa: C416  # the last one stays


def _prices(work: Work, rule: Any) -> list[Any]:
    """The price in force on the rule's first day of each variant and quantity break that it reaches, by order number.

    All rows up to that day are read and the last of each place kept: a window function over them is joined row by row (minutes).
    """
    wanted = [Price.effective_on <= rule.effective_on, Product.state == "active", Variant.active]
    wanted += [
        getattr(Product, name) == value for name in ("category", "brand", "series") if (value := getattr(rule, name))
    ]
    if not rule.breaks:
        wanted.append(Price.min_quantity == 1)
    rows = work.session.execute(
        select(
            type_coerce(Price.variant_id, String).label("variant"),
            Price.min_quantity,
            Price.list_fen,
            Variant.sku,
            Product.name,
        )
        .join(Variant, Variant.id == Price.variant_id)
        .join(Product, Product.id == Variant.product_id)
        .where(*wanted)
        .order_by(Price.effective_on, Price.id)
    )
    newest = {row[:2]: row for row in rows}
    return sorted(newest.values(), key=itemgetter(3, 1))


# -- steps -------------------------------------------------------------------------------------------------------------


def apply(work: Work, change_id: UUID, base_version: int | None = None) -> int:
    """Write the new prices into the history, from the rule's first day on; how many.

    Raises UserError price_change.past for a day that has gone by, price_change.nothing where no price would change.
    """
    change = _begin(work, change_id, "apply", {})
    if change.effective_on < work.today:
        raise UserError("price_change.past", number=change.number)
    found = preview(work, change)
    if not found.entries:
        raise UserError("price_change.nothing", number=change.number)
    work.touch(change, base_version)
    source = change.title[:120]
    for e in found.entries:
        work.add(_price(e.variant_id, e.new_fen, e.min_quantity, change.effective_on, source, change.id))
    change.applied_at, change.applied_by = work.now, work.actor.id
    change.state = "applied"
    _audit(work, change, "applied", prices=len(found.entries), effective_on=change.effective_on.isoformat())
    return len(found.entries)


def _price(variant_id: UUID, fen: int, least: int, day: dt.date, source: str, change_id: UUID) -> Price:
    return Price(
        variant_id=variant_id, list_fen=fen, min_quantity=least, effective_on=day, source=source, change_id=change_id
    )  # fmt: skip


def roll_back(work: Work, change_id: UUID, reason: str) -> int:
    """Put the earlier prices in force again: from today on, or from the change's day where that is still to come; how many.

    What was repriced again since stays as it is. Nothing is deleted: what applied on which day can always be told.
    """
    change = _begin(work, change_id, "roll_back", {"reason": reason})
    day = max(work.today, change.effective_on)
    made = {
        (p.variant_id, p.min_quantity): p
        for p in work.session.scalars(select(Price).where(Price.change_id == change.id))
    }
    before = _before(work, change)
    now = _latest(work, made, day)
    undone = 0
    for key, price in made.items():
        if now.get(key) == price.id and key in before:
            work.add(_price(key[0], before[key], key[1], day, change.title[:120], change.id))
            undone += 1
    change.state = "rolled_back"
    work.touch(change)
    _audit(work, change, "rolled_back", reason=reason.strip(), prices=undone)
    return undone


def _before(work: Work, change: PriceChange) -> dict[tuple[UUID, int], int]:
    """What held without the change: of every product, also those that were discontinued meanwhile."""
    rows = work.session.execute(
        select(Price.variant_id, Price.min_quantity, Price.list_fen)
        .where(Price.effective_on <= change.effective_on)
        .where((Price.change_id.is_(None)) | (Price.change_id != change.id))
        .order_by(Price.effective_on, Price.id)
    )
    return {(variant, least): fen for variant, least, fen in rows}


def _latest(work: Work, keys: Iterable[tuple[UUID, int]], day: dt.date) -> dict[tuple[UUID, int], UUID]:
    """The price row that counts on DAY, by variant and quantity break."""
    found: dict[tuple[UUID, int], UUID] = {}
    for part in batches(variant for variant, _ in keys):
        rows = work.session.execute(
            select(Price.variant_id, Price.min_quantity, Price.id)
            .where(Price.variant_id.in_(part), Price.effective_on <= day)
            .order_by(Price.effective_on, Price.id)
        )
        found.update({(variant, least): price_id for variant, least, price_id in rows})
    return found


def _begin(work: Work, change_id: UUID, action: str, given: dict[str, str]) -> PriceChange:
    change = work.get(PriceChange, change_id)
    take(work, TRANSITIONS, change.state, action, Ownership(None, change.created_by), given)
    return change


def cancel(work: Work, change_id: UUID, reason: str) -> None:
    """Give a draft up."""
    change = _begin(work, change_id, "cancel", {"reason": reason})
    change.state = "cancelled"
    work.touch(change)
    _audit(work, change, "cancelled", reason=reason.strip())


def do(work: Work, change_id: UUID, action: str, parameters: dict[str, str]) -> UUID:
    """Steps by name, for the command line."""
    given = {k: v.strip() for k, v in parameters.items()}
    if action == "apply":
        apply(work, change_id)
    else:
        _begin(work, change_id, action, given)
        (roll_back if action == "roll_back" else cancel)(work, change_id, given["reason"])
    return change_id


# -- whole -------------------------------------------------------------------------------------------------------------


def show(work: Work, change_id: UUID) -> PriceChangeShown:
    """A repricing whole: of a draft what it would do, else what it did."""
    draft = load(work, change_id)
    change = work.get(PriceChange, change_id)
    found = _done(work, change) if change.state in ("applied", "rolled_back") else _would(work, change)
    exposed = exposure(work, found.entries, change.effective_on) if change.state != "rolled_back" else ()
    user = work.session.get(User, change.created_by) if change.created_by is not None else None
    states = work.session.scalars(select(PriceNotice.state).where(PriceNotice.change_id == change_id)).all()
    return PriceChangeShown(
        change.id, change.version, change.number, change.state, change.title, user.name if user else "",
        change.applied_at, draft, len(found.entries), found.average_percent, found.below_floor, exposed,
        by_day(exposed), len(states), sum(1 for s in states if s == "sent"),
    )  # fmt: skip


def _would(work: Work, change: PriceChange) -> Preview:
    if change.method == "cost_plus" and not may(work.actor, "cost.view").allowed:
        return Preview((), 0, 0, 0)
    return preview(work, change)


def entries_of(work: Work, change_id: UUID) -> Preview:
    """The prices of a repricing: those it would set while it is a draft, else those it did."""
    change = work.get(PriceChange, change_id)
    work.require("price.view")
    return _done(work, change) if change.state in ("applied", "rolled_back") else _would(work, change)


def _done(work: Work, change: PriceChange) -> Preview:
    before = _before(work, change)
    rows = work.session.execute(
        select(Price, Variant.sku, Product.name)
        .join(Variant, Variant.id == Price.variant_id)
        .join(Product, Product.id == Variant.product_id)
        .where(Price.change_id == change.id)
        .order_by(Price.id)
    )
    made: dict[tuple[UUID, int], Entry] = {}
    for price, sku, name in rows:
        key = (price.variant_id, price.min_quantity)
        if key in before and key not in made:  # the second row of a rolled back one puts the first back
            made[key] = Entry(price.variant_id.hex, sku, name, price.min_quantity, before[key], price.list_fen)
    return Preview(tuple(sorted(made.values(), key=lambda e: (e.sku, e.min_quantity))), 0, 0, 0)


@dataclass
class _OnDay:
    """A rule without a rule: every price of a day."""

    effective_on: dt.date
    breaks: bool = False
    category: str = ""
    brand: str = ""
    series: str = ""


def priced_on(work: Work, day: dt.date) -> tuple[tuple[str, int], ...]:
    """(order number, list price in fen) of every active variant as it was on DAY. Raises PermissionDenied (price.view)."""
    work.require("price.view")
    return tuple((r.sku, r.list_fen) for r in _prices(work, _OnDay(day)))


KIND: Final = Kind(
    name="price_change",
    fields=FIELDS,
    list_rows=list_rows,
    show=show,
    resolve=resolve,
    states=STATES,
    transitions=TRANSITIONS,
    new_draft=new_draft,
    load=load,
    save=save,
    do=do,
    rights={"create": "price_change.edit", "edit": "price_change.edit"},
    filters=("state",),
    sorts=("updated_at", "number", "title", "state", "effective_on"),
)
