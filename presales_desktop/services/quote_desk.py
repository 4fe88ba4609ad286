"""The approval desk: the quotes that wait for the acting user, what is known of each, and the approval of the harmless.

It writes nothing of its own but the rule: every decision goes through quote_steps.decide, one transaction each.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, func, literal, select
from sqlalchemy.orm import aliased

from presales_desktop.models import approvals as rules
from presales_desktop.models import quote_desk, quote_pricing
from presales_desktop.models.approvals import QUOTE_STEPS, Choice, Outcome
from presales_desktop.models.company import DESK_RULE
from presales_desktop.models.customers import Customer
from presales_desktop.models.errors import InputError, Problem, UserError, ValidationError
from presales_desktop.models.permissions import may
from presales_desktop.models.quote_desk import DeskRule, Usual, Weighed
from presales_desktop.models.quotes import OPTIONAL, PRICED, SERVICES, Quote, QuoteLine, QuoteLineCost, yuan_total
from presales_desktop.models.users import User
from presales_desktop.services import approvals, company, delegations, quote_costs, quote_steps
from presales_desktop.services.listing import ListQuery, Page
from presales_desktop.services.quote_costs import CostRow, CostSheet
from presales_desktop.services.quote_drafts import LINE_COLUMNS
from presales_desktop.services.quotes import label_of, records_of
from presales_desktop.services.work import Work
from presales_desktop.texts import tr
from presales_desktop.texts.quotes import DESK_MARKS

# Revisions that both steps have approved once.
SOLD: Final = ("approved", "sent", "accepted", "declined", "expired", "superseded")
# So many of the latest quotes with a product say what it is sold at.
_LATEST: Final = 200
_HISTORY_SHOWN: Final = 60
_WAITING_COLUMNS: Final = (
    Quote.id, Quote.number, Quote.revision, Quote.title, Quote.currency, Quote.total_fen, Quote.submitted_at, Quote.submitted_by,
    Quote.owner_id, Quote.created_by, Quote.content_hash,
)  # fmt: skip
_QUOTE_COLUMNS: Final = (
    Quote.id, Quote.family_id, Quote.number, Quote.revision, Quote.state, Quote.customer_id, Quote.submitted_at, Quote.total_fen,
    Quote.currency, Quote.exchange_rate, Quote.tax_rate, Quote.tax_included, Quote.discount_percent, Quote.discount_fen,
    Quote.freight_fen, Quote.installation_fen,
)  # fmt: skip


@dataclass(frozen=True)
class DeskRow:
    """A quote that waits for the acting user. `step`: the one that is his; `principal`: in whose place, "" in his own name; `days`: how
    long it has waited; `content_hash`: what a decision on what is seen here must name."""

    id: UUID
    label: str
    title: str
    customer: str
    owner: str
    currency: str
    total_fen: int
    yuan_fen: int
    submitted_at: dt.datetime | None
    days: int
    step: str
    principal: str
    content_hash: str


@dataclass(frozen=True)
class DeskLine:
    """A counted line beside its cost (None without cost.view) and what the product was sold at. `unit_fen`: without tax, after all
    discounts, fen of yuan."""

    id: UUID
    name: str
    model: str
    unit: str
    pieces: Decimal
    unit_fen: int
    net_fen: int
    usual: Usual | None
    cost: CostRow | None


@dataclass(frozen=True)
class SoldRow:
    """An approved price of the past. `of`: "product" for one of this quote's products, "customer" for another product of the same
    customer; `discount`: off the list price, None where that is unknown; `margin`: None without cost.view or without costs."""

    id: UUID
    quote_id: UUID
    of: str
    label: str
    customer: str
    name: str
    model: str
    pieces: Decimal
    unit_fen: int
    discount: Decimal | None
    margin: Decimal | None
    day: dt.datetime | None


@dataclass(frozen=True)
class DeskCase:
    """All that the desk shows of one quote."""

    row: DeskRow
    marks: tuple[str, ...]
    lines: tuple[DeskLine, ...]
    sold: tuple[SoldRow, ...]
    sheet: CostSheet | None
    band: str


def rule(work: Work) -> DeskRule:
    """The rule of the harmless in force; the built-in one until somebody sets another."""
    kept = company.fact(work, DESK_RULE)
    values: dict[str, Any] = {name: kept.get(name, value) for name, value in asdict(DeskRule()).items()}
    return DeskRule(
        int(values["harmless_fen"]),
        int(values["least_sales"]),
        Decimal(str(values["outlier"])),
        Decimal(str(values["flat"])),
    )


def save_rule(work: Work, new: DeskRule) -> None:
    """Replace the rule. Raises PermissionDenied, ValidationError."""
    work.require("policy.edit")
    problems = []
    if new.harmless_fen < 0:
        problems.append(Problem("field.low", "harmless_fen", {"low": "0"}))
    if new.least_sales < 1:
        problems.append(Problem("field.low", "least_sales", {"low": "1"}))
    if not 0 < new.outlier <= 100:
        problems.append(Problem("field.high", "outlier", {"high": "100"}))
    if not 0 <= new.flat <= 1:
        problems.append(Problem("field.high", "flat", {"high": "1"}))
    if problems:
        raise ValidationError(problems)
    company.put(work, DESK_RULE, {k: str(v) if isinstance(v, Decimal) else v for k, v in asdict(new).items()})


def _pressing(work: Work) -> ColumnElement[Any]:
    """Value times waiting: a large quote comes first, a small one moves up each day and is never left behind by new large ones."""
    now = literal(work.now, Quote.submitted_at.type)
    waited = func.julianday(now) - func.julianday(Quote.submitted_at)
    return (yuan_total() + 1) * (1 + func.coalesce(waited, 0))


_FILTERS: Final[Mapping[str, Callable[[Work, str], ColumnElement[bool]]]] = {
    "id": lambda _, value: Quote.id == UUID(value),
    "small": lambda work, value: (yuan_total() <= rule(work).harmless_fen) == (value == "1"),
}


def queue(work: Work, query: ListQuery) -> Page[DeskRow]:
    """Quotes of which the acting user may decide a step now, the most pressing first. Sorts: pressing, yuan_fen, submitted_at, label,
    customer; filters id, small (1: no larger than a harmless one may be). Raises PermissionDenied, InputError list.unknown_field.

    Ids and total come from one pass over narrow rows; only the page's own are joined, so that 10,000 cost no more than sorting them.
    """
    work.require("quote.view")
    sorts: dict[str, ColumnElement[Any]] = {
        "pressing": _pressing(work),
        "yuan_fen": yuan_total(),
        "submitted_at": func.coalesce(Quote.__table__.c.submitted_at, ""),
        "label": Quote.__table__.c.number,
        "customer": select(Customer.name).where(Customer.id == Quote.customer_id).scalar_subquery(),
    }
    name = query.sort or "-pressing"
    down, name = name.startswith("-"), name.removeprefix("-")
    for unknown in [f for f, _ in query.filters if f not in _FILTERS] + ([name] if name not in sorts else []):
        raise InputError("list.unknown_field", field=unknown, known="、".join((*_FILTERS, *sorts)))
    waiting = select(Quote.id.label("id"), sorts[name].label("key")).where(
        approvals.waiting_for_actor(work, Quote, QUOTE_STEPS),
        *(_FILTERS[f](work, value) for f, value in query.filters),
    )
    matched = waiting.cte("matched").prefix_with("MATERIALIZED")
    key, one = matched.c.key, matched.c.id
    total = select(func.count()).select_from(matched).scalar_subquery()
    ids = work.session.execute(
        select(one, total)
        .order_by(*((key.desc(), one.desc()) if down else (key, one)))
        .offset(query.offset or None)
        .limit(query.limit)
    ).all()
    if not ids:
        count = work.session.execute(select(total)).scalar_one() if query.offset else 0
        return Page((), count, query.offset)
    owner = aliased(User)
    found = work.session.execute(
        select(
            *_WAITING_COLUMNS, Customer.name.label("customer"), owner.name.label("owner"), yuan_total().label("yuan")
        )
        .join(Customer, Customer.id == Quote.customer_id)
        .outerjoin(owner, owner.id == Quote.owner_id)
        .where(Quote.id.in_([row[0] for row in ids]))
    )
    by_id = {row.id: row for row in found}
    ordered = [by_id[row[0]] for row in ids]
    steps = _own_steps(work, ordered)
    rows = tuple(_row(work, row, steps.get(row.id, ("", ""))) for row in ordered)
    return Page(rows, ids[0][1], query.offset)


def _row(work: Work, found: Any, step: tuple[str, str]) -> DeskRow:
    days = (work.now - found.submitted_at).days if found.submitted_at is not None else 0
    return DeskRow(
        found.id, label_of(found), found.title, found.customer, found.owner or "", found.currency, found.total_fen, found.yuan,
        found.submitted_at, max(0, days), *step, found.content_hash,
    )  # fmt: skip


def _own_steps(work: Work, quotes: Sequence[Any]) -> dict[UUID, tuple[str, str]]:
    """By quote the step that the acting user may decide, and in whose place."""
    actor = delegations.standing_in(work)
    earlier = approvals.bound_of(work, Quote.KIND, quotes)
    headed: dict[UUID, bool] = {}
    made: dict[UUID, tuple[str, str]] = {}
    for quote in quotes:
        author = approvals.author_of(work, quote, headed)
        for step in QUOTE_STEPS.steps:
            verdict = rules.may_decide(QUOTE_STEPS, step, actor, author, earlier.get(quote.id, ()), work.today)
            if verdict.allowed:
                made[quote.id] = (step, verdict.principal.name if verdict.principal is not None else "")
                break
    return made


def look(work: Work, quote_id: UUID) -> DeskCase:
    """One quote of the queue with its cost sheet (with cost.view), what its products and its customer were approved at, and its marks.

    Raises PermissionDenied; UserError desk.not_waiting when it no longer waits for the acting user.
    """
    found = queue(work, ListQuery(filters=(("id", str(quote_id)),), limit=1))
    if not found.rows:
        raise UserError("desk.not_waiting", number=label_of(work.get(Quote, quote_id)))
    return _weigh(work, found.rows[0], _sales(work, [quote_id], customers=True))


def marks_of(work: Work, rows: Sequence[DeskRow]) -> dict[UUID, tuple[str, ...]]:
    """The marks of ROWS, for the queue; what the products were sold at is read once for all of them."""
    work.require("quote.view")
    sales = _sales(work, [row.id for row in rows], customers=False)
    return {row.id: _weigh(work, row, sales).marks for row in rows}


def approve_harmless(work: Work, quote_id: UUID, seen_hash: str, comment: str) -> Outcome:
    """Approve one of several, when it is harmless by the rule at this moment: a decision of its own, as any other.

    Raises UserError desk.not_harmless (MARKS names why), desk.not_waiting, and as quote_steps.decide.
    """
    found = look(work, quote_id)
    if not quote_desk.harmless(found.marks):
        grave = "、".join(tr(DESK_MARKS[mark]) for mark in found.marks if mark in quote_desk.HARMFUL)
        raise UserError("desk.not_harmless", number=found.row.label, marks=grave)
    return quote_steps.decide(work, quote_id, Choice.APPROVE, step=found.row.step, comment=comment, seen_hash=seen_hash)


# --- what is known of one quote ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Sale:
    """A counted line of an approved revision, or of the quote that is weighed."""

    line_id: UUID
    variant_id: UUID | None
    name: str
    model: str
    unit: str
    pieces: Decimal
    unit_fen: int
    net_fen: int
    discount: Decimal | None
    margin: Decimal | None
    quote: Any


def _weigh(work: Work, row: DeskRow, sales: Sequence[_Sale]) -> DeskCase:
    quote = work.get(Quote, row.id)
    sees = may(work.actor, "cost.view").allowed
    sheet = quote_costs.sheet(work, row.id) if sees else None
    band = "" if sees else quote_costs.band(work, quote)
    costs = {cost.line_id: cost for cost in sheet.rows} if sheet is not None else {}
    desk_rule = rule(work)
    others = [s for s in sales if s.quote.family_id != quote.family_id]
    by_variant: dict[UUID | None, list[_Sale]] = {}
    for sale in others:
        by_variant.setdefault(sale.variant_id, []).append(sale)
    lines = []
    for own in _priced(quote, records_of(work, row.id), {}):
        earlier = [s.unit_fen for s in by_variant.get(own.variant_id, ())] if own.variant_id is not None else []
        said = quote_desk.usual(own.unit_fen, earlier, desk_rule)
        lines.append(
            DeskLine(own.line_id, own.name, own.model, own.unit, own.pieces, own.unit_fen, own.net_fen, said,
                     costs.get(own.line_id))
        )  # fmt: skip
    found = Weighed(
        total_yuan_fen=row.yuan_fen,
        sound=_sound(sheet, band),
        thin=band == "watch",
        weak_lines=sum(cost.low for cost in costs.values()),
        unknown_costs=sheet.missing if sheet is not None else 0,
        drifted=quote_costs.is_stale(work, quote) or _drifted(sheet),
        below=sum(line.usual is not None and line.usual.side < 0 for line in lines),
        above=sum(line.usual is not None and line.usual.side > 0 for line in lines),
        delegated=bool(row.principal),
    )
    wanted = {line.variant_id for line in records_of(work, row.id)} - {None}
    shown = _shown(work, quote, others, wanted)
    return DeskCase(row, quote_desk.marks(found, desk_rule), tuple(lines), shown, sheet, band)


def _sound(sheet: CostSheet | None, band: str) -> bool:
    """Who may not see figures goes by the light, which he is shown anyway (quote_costs.band)."""
    if sheet is None:
        return band in ("good", "watch")
    return sheet.margin is not None and not sheet.low


def _drifted(sheet: CostSheet | None) -> bool:
    return sheet is not None and sheet.drift is not None and abs(sheet.drift) > sheet.policy.cost_drift


def _shown(work: Work, quote: Quote, sales: Sequence[_Sale], wanted: set[Any]) -> tuple[SoldRow, ...]:
    """Newest first, the products of this quote before what else the customer bought."""
    found = work.session.execute(
        select(Customer.id, Customer.name).where(Customer.id.in_({s.quote.customer_id for s in sales}))
    )
    names = {row.id: row.name for row in found}
    made = [
        SoldRow(
            s.line_id, s.quote.id, "product" if s.variant_id in wanted else "customer", label_of(s.quote),
            names.get(s.quote.customer_id, ""), s.name, s.model, s.pieces, s.unit_fen, s.discount, s.margin,
            s.quote.submitted_at,
        )
        for s in sales
        if s.variant_id in wanted or s.quote.customer_id == quote.customer_id
    ]  # fmt: skip
    return tuple(sorted(made, key=lambda s: s.of == "customer")[:_HISTORY_SHOWN])


def _sales(work: Work, quote_ids: Iterable[UUID], *, customers: bool) -> list[_Sale]:
    """Counted lines of the latest approved revisions, one a family, that hold a product of QUOTE_IDS, or (CUSTOMERS) are of their
    customers; newest first."""
    ids = list(quote_ids)
    variants = select(QuoteLine.variant_id).where(QuoteLine.quote_id.in_(ids), QuoteLine.variant_id.is_not(None))
    holding: ColumnElement[bool] = Quote.id.in_(select(QuoteLine.quote_id).where(QuoteLine.variant_id.in_(variants)))
    if customers:
        holding |= Quote.customer_id.in_(select(Quote.customer_id).where(Quote.id.in_(ids)))
    newer = aliased(Quote)
    newest = ~(
        select(newer.id)
        .where(newer.family_id == Quote.family_id, newer.revision > Quote.revision, newer.state.in_(SOLD))
        .exists()
    )
    found = work.session.execute(
        select(*_QUOTE_COLUMNS)
        .where(Quote.state.in_(SOLD), holding, newest)
        .order_by(Quote.submitted_at.desc(), Quote.id.desc())
        .limit(_LATEST)
    ).all()
    lines: dict[UUID, list[Any]] = {row.id: [] for row in found}
    columns = [getattr(QuoteLine, name) for name in ("id", "quote_id", *LINE_COLUMNS)]
    for line in work.session.execute(
        select(*columns).where(QuoteLine.quote_id.in_(lines)).order_by(QuoteLine.sort, QuoteLine.id)
    ):
        lines[line.quote_id].append(line)
    costs = _costs(work, lines)
    return [sale for row in found for sale in _priced(row, lines[row.id], costs)]


def _costs(work: Work, quote_ids: Iterable[UUID]) -> dict[UUID, int]:
    """Cost per unit by line as kept with the revisions; none for who may not see costs."""
    if not may(work.actor, "cost.view").allowed:
        return {}
    rows = work.session.execute(
        select(QuoteLineCost.line_id, QuoteLineCost.unit_cost_fen).where(QuoteLineCost.quote_id.in_(list(quote_ids)))
    )
    return {row.line_id: row.unit_cost_fen for row in rows}


def _priced(quote: Any, lines: Sequence[Any], costs: Mapping[UUID, int]) -> list[_Sale]:
    """The counted goods of QUOTE with unit prices without tax, after every discount, in fen of yuan."""
    totals = quote_pricing.price(lines, quote)
    left = quote_pricing.nets(lines, totals, quote)
    unit_costs = {i: costs[line.id] for i, line in enumerate(lines) if line.id in costs}
    margins = quote_pricing.margins(lines, totals, quote, unit_costs).lines if unit_costs else (None,) * len(lines)
    made = []
    for i, line in enumerate(lines):
        if not totals.counted[i] or line.type in SERVICES | OPTIONAL or line.type not in PRICED or not totals.pieces[i]:
            continue
        net = quote_pricing.in_yuan(left[i], quote)
        own = margins[i]
        made.append(
            _Sale(
                line.id, line.variant_id, line.name, line.model, line.unit, totals.pieces_of(i),
                quote_pricing.half_up(net * 1000, totals.pieces[i]), net, _discount(line, totals, i),
                own.margin if own is not None else None, quote,
            )
        )  # fmt: skip
    return made


def _discount(line: Any, totals: quote_pricing.Totals, index: int) -> Decimal | None:
    """What the line is below its list price after all discounts, as a fraction to four places."""
    if not line.list_price_fen:
        return None
    listed = quote_pricing.half_up(line.list_price_fen * totals.pieces[index], 1000)
    return quote_pricing.ratio(listed, totals.goods_lines[index])
