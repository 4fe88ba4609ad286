"""Quotes: lists, pages, drafts and how they are saved. Steps stand in quote_steps.py, sources in quotes_from.py, costs in
quote_costs.py, paper in quote_print.py."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, not_, select
from sqlalchemy.orm import aliased

from presales_desktop.models import quote_pricing
from presales_desktop.models.approvals import QUOTE_STEPS
from presales_desktop.models.cases import Case
from presales_desktop.models.customers import Contact, Customer
from presales_desktop.models.designs import Design
from presales_desktop.models.errors import Problem, UserError, ValidationError
from presales_desktop.models.fields import FieldType, validate
from presales_desktop.models.permissions import Ownership
from presales_desktop.models.quote_content import short
from presales_desktop.models.quotes import (
    FIELDS,
    HOME,
    LINE_FIELDS,
    LIVE,
    PRICED,
    STATES,
    TRANSITIONS,
    Quote,
    QuoteLine,
    is_expired,
)
from presales_desktop.models.users import User
from presales_desktop.services import approvals, catalogue_facts, numbered, quote_policy
from presales_desktop.services.kinds import Kind
from presales_desktop.services.listing import Listing, ListQuery, Page
from presales_desktop.services.quote_drafts import (
    LINE_COLUMNS,
    FactChange,
    LineRead,
    QuoteDraft,
    QuoteLineDraft,
    arrange,
    fact_changes,
    follow_breaks,
    lines_of,
    take_facts,
)
from presales_desktop.services.quote_rows import (
    ContactRow,
    DecisionRow,
    QuoteLineShown,
    QuoteRow,
    QuoteShown,
    RevisionRow,
    SendRow,
)
from presales_desktop.services.work import Work

PREFIX = "BJ"
_PLAIN = tuple(f.name for f in FIELDS if f.type is not FieldType.PARTS and not f.read_only)
_TEXTS = tuple(f.name for f in FIELDS if f.type in (FieldType.TEXT, FieldType.MULTILINE) and not f.read_only)


def ownership(quote: Quote) -> Ownership:
    """Whose the quote is, for rights of the scope "own"."""
    return Ownership(quote.owner_id, quote.created_by)


def label_of(quote: Quote) -> str:
    """Number and revision: BJ20261123-007-R2."""
    return f"{quote.number}-R{quote.revision}"


def title_of(quote: Quote) -> str:
    """How the journal names it."""
    return f"{label_of(quote)} {quote.title}".strip()


def records_of(work: Work, quote_id: UUID) -> list[QuoteLine]:
    """The line records in order; for services of this area only."""
    return list(
        work.session.scalars(
            select(QuoteLine).where(QuoteLine.quote_id == quote_id).order_by(QuoteLine.sort, QuoteLine.id)
        )
    )


def lines_read(work: Work, quote_id: UUID) -> list[Any]:
    """What the lines say, in order, without records: a third of the time for thousands of them. To be read only."""
    rows = work.session.execute(
        select(*(getattr(QuoteLine, name) for name in ("id", *LINE_COLUMNS)))
        .where(QuoteLine.quote_id == quote_id)
        .order_by(QuoteLine.sort, QuoteLine.id)
    )
    return [LineRead._make(row) for row in rows]


def list_rows(work: Work, query: ListQuery) -> Page[QuoteRow]:
    """Revisions; filters: state, owner_id ("me" for the actor), customer_id, case_id, design_id, number, latest (1: only the
    newest of each family), waiting ("me": what the actor may decide now), expired (1 or 0)."""
    work.require("quote.view")
    owner = aliased(User)
    statement: Any = (
        select(Quote, Customer.name, Case.number, Case.title, owner.name)
        .join(Customer, Customer.id == Quote.customer_id)
        .join(Case, Case.id == Quote.case_id)
        .outerjoin(owner, owner.id == Quote.owner_id)
    )
    table = Quote.__table__.c
    listing = Listing[QuoteRow](
        statement=statement,
        id_column=table.id,
        sortable={
            "updated_at": table.updated_at,
            "number": table.number,
            "label": table.number,
            "revision": table.revision,
            "title": table.title,
            "customer": Customer.__table__.c.name,
            "owner": func.coalesce(owner.name, ""),
            "state": table.state,
            "total_fen": table.total_fen,
            "valid_until": func.coalesce(table.valid_until, ""),
            "submitted_at": func.coalesce(table.submitted_at, ""),
        },
        filters={
            "state": lambda v: Quote.state.in_(v.split(",")),
            "owner_id": lambda v: Quote.owner_id == (work.actor.id if v == "me" else UUID(v)),
            "customer_id": lambda v: Quote.customer_id == UUID(v),
            "case_id": lambda v: Quote.case_id == UUID(v),
            "design_id": lambda v: Quote.design_id == UUID(v),
            "number": lambda v: Quote.number == v,
            "latest": lambda v: numbered.wanted(v, numbered.is_newest(Quote)),
            "waiting": lambda _: approvals.waiting_for_actor(work, Quote, QUOTE_STEPS),
            "expired": lambda v: expired(work.today) if v not in ("0", "") else not_(expired(work.today)),
        },
        make=lambda row: _row(work, row),
        default_sort="-updated_at",
        search_kind="quote",
    )
    return listing.page(work, query)


def expired(today: dt.date) -> ColumnElement[bool]:
    """Live, but past its validity."""
    return and_(Quote.state.in_(LIVE), Quote.valid_until.is_not(None), Quote.valid_until < today)


def _row(work: Work, row: Any) -> QuoteRow:
    quote, customer, case_number, case_title, owner = row
    return QuoteRow(
        id=quote.id,
        number=quote.number,
        revision=quote.revision,
        label=label_of(quote),
        title=quote.title,
        customer_id=quote.customer_id,
        customer=customer,
        case_id=quote.case_id,
        case_number=case_number,
        case_title=case_title,
        owner_id=quote.owner_id,
        owner=owner or "",
        state=quote.state,
        currency=quote.currency,
        total_fen=quote.total_fen,
        valid_until=quote.valid_until,
        expired=is_expired(quote.state, quote.valid_until, work.today),
        submitted_at=quote.submitted_at,
        updated_at=quote.updated_at,
    )


def resolve(work: Work, text: str) -> UUID:
    """A revision's id from UUID, "BJ20261123-007-R2", or the number alone for its newest revision. Raises NotFound."""
    return numbered.resolve_revision(work, Quote, "quote", text)


def new_draft(work: Work, initial: dict[str, Any]) -> QuoteDraft:
    """An empty quote under the policy's terms; with design_id filled from the design, with copy_of (a quote's id) a copy, with
    variant_id (one or several) a line each at today's list price.

    Further names of INITIAL fill fields. Raises PermissionDenied; NotFound for a variant that the catalogue does not have.
    """
    from presales_desktop.services import quotes_from

    work.require("quote.create")
    values = dict(initial)
    if (source := values.pop("copy_of", None)) is not None:
        draft = quotes_from.copy(work, source)
    elif (design_id := values.pop("design_id", None)) is not None:
        draft = quotes_from.design(work, design_id)
    else:
        draft = blank(work)
    if (variants := values.pop("variant_id", None)) is not None:
        draft.lines += quotes_from.of_variants(work, variants if isinstance(variants, (list, tuple)) else [variants])
    for name, value in values.items():
        setattr(draft, name, value)
    for_case(work, draft)
    return draft


def blank(work: Work) -> QuoteDraft:
    """A draft with the policy's proposals and nothing else."""
    policy = quote_policy.policy(work)
    return QuoteDraft(
        owner_id=work.actor.id,
        valid_until=work.today + dt.timedelta(days=policy.valid_days),
        delivery=policy.delivery,
        payment=policy.payment,
        warranty=policy.warranty,
    )


def for_case(work: Work, draft: QuoteDraft) -> None:
    """Customer, contact and title as the case says, where the draft does not say otherwise."""
    case = work.session.get(Case, draft.case_id) if draft.case_id else None
    if case is None:
        return
    if draft.customer_id != case.customer_id:
        draft.customer_id, draft.contact_id = case.customer_id, None
    draft.title = draft.title or case.title
    if draft.contact_id is None:
        draft.contact_id = work.session.scalar(
            select(Contact.id)
            .where(Contact.customer_id == case.customer_id)
            .order_by(Contact.primary.desc(), Contact.sort, Contact.id)
            .limit(1)
        )


def contacts(work: Work, customer_id: UUID) -> tuple[ContactRow, ...]:
    """The customer's contacts, the primary one first."""
    work.require("quote.view")
    rows = work.session.scalars(
        select(Contact)
        .where(Contact.customer_id == customer_id)
        .order_by(Contact.primary.desc(), Contact.sort, Contact.id)
    )
    return tuple(ContactRow(c.id, c.name, c.title, c.phone) for c in rows)


def take_case(work: Work, draft: QuoteDraft) -> QuoteDraft:
    """DRAFT with customer, contact and title of the case it names."""
    for_case(work, draft)
    return draft


def load(work: Work, quote_id: UUID, lines: Sequence[Any] | None = None) -> QuoteDraft:
    """A revision to edit; one that was submitted can be looked at but not saved. LINES: as `lines_read` has read them already."""
    work.require("quote.view")
    quote = work.get(Quote, quote_id)
    values = {name: getattr(quote, name) for name in _PLAIN}
    found = lines_read(work, quote_id) if lines is None else lines
    return QuoteDraft(
        id=quote.id,
        base_version=quote.version,
        number=quote.number,
        revision=quote.revision,
        state=quote.state,
        customer_id=quote.customer_id,
        **values,
        lines=lines_of(found),
    )


def save(work: Work, draft: QuoteDraft) -> UUID:
    """Create or change a draft revision with its lines; sections and rooms are brought into agreement, totals computed.

    Raises PermissionDenied; ConflictError; ValidationError; UserError quote.frozen for a revision that was submitted (I3).
    """
    if draft.id is None:
        work.require("quote.create")
        quote = None
    else:
        quote = work.get(Quote, draft.id)
        work.require("quote.edit", ownership(quote))
        if quote.state != "draft":
            raise UserError("quote.frozen", kind="quote", number=label_of(quote), state=quote.state)
    prepare(work, draft)
    problems = check(work, draft)
    if quote is not None and _only_renamed(work, quote, draft):
        problems.append(Problem("quote.currency_by_step", "currency", {"number": label_of(quote)}))
    if problems:
        raise ValidationError(problems)
    totals = quote_pricing.price(draft.lines, draft)
    values = {name: getattr(draft, name) for name in _PLAIN} | {
        "customer_id": draft.customer_id,
        "total_fen": totals.gross_fen,
    }
    if quote is None:
        quote = work.add(
            Quote(number=work.next_number(PREFIX), family_id=work.new_id(), revision=1, state="draft", **values)
        )
        work.session.flush()
        work.audit(quote, "created", title=title_of(quote), customer_id=quote.customer_id, case_id=quote.case_id)
    else:
        work.touch(quote, draft.base_version)
        for name, value in values.items():
            setattr(quote, name, value)
    _save_lines(work, quote, draft.lines, totals.amounts)
    return quote.id


def _only_renamed(work: Work, quote: Quote, draft: QuoteDraft) -> bool:
    """Whether another currency was set and no price was converted: 128 yuan would have become 128 dollars."""
    if quote.currency == draft.currency:
        return False
    before = {record.id: record.unit_price_fen for record in records_of(work, quote.id)}
    kept = [line for line in draft.lines if line.id in before and line.unit_price_fen]
    return bool(kept) and all(before[line.id] == line.unit_price_fen for line in kept if line.id is not None)


def customer_codes(work: Work, customer_id: UUID | None, variant_ids: Sequence[UUID]) -> dict[UUID, str]:
    """The customer's own item numbers as they stood on his last quote with the variant."""
    if customer_id is None:
        return {}
    found: dict[UUID, str] = {}
    for part in catalogue_facts.batches(variant_ids):
        rows = work.session.execute(
            select(QuoteLine.variant_id, QuoteLine.customer_code)
            .join(Quote, Quote.id == QuoteLine.quote_id)
            .where(Quote.customer_id == customer_id, QuoteLine.customer_code != "", QuoteLine.variant_id.in_(part))
            .order_by(QuoteLine.updated_at, QuoteLine.id)
        )
        found.update({row.variant_id: row.customer_code for row in rows if row.variant_id is not None})
    return found


def _known_codes(work: Work, draft: QuoteDraft) -> None:
    """New lines get the customer's own numbers that are known; one that a person took out of an old line stays out."""
    fresh = [line for line in draft.lines if line.id is None and line.variant_id is not None and not line.customer_code]
    if fresh:
        known = customer_codes(
            work, draft.customer_id, [line.variant_id for line in fresh if line.variant_id is not None]
        )
        for line in fresh:
            line.customer_code = known.get(line.variant_id, "") if line.variant_id is not None else ""


def prepare(work: Work, draft: QuoteDraft) -> None:
    """Trim, take the customer from the case, look order numbers up, fill a new quote from its design, agree on rooms."""
    from presales_desktop.services import quotes_from

    for name in _TEXTS:
        setattr(draft, name, getattr(draft, name).strip())
    for line in draft.lines:
        for name in ("room", "name", "model", "spec", "unit", "note", "sku", "customer_code"):
            setattr(line, name, getattr(line, name).strip())
    if draft.id is None and draft.design_id is not None and not draft.lines:
        draft.lines = quotes_from.design(work, draft.design_id).lines
    for_case(work, draft)
    _look_up(work, draft.lines, draft.exchange_rate)
    _known_codes(work, draft)
    draft.lines = arrange(draft.lines)


def _look_up(work: Work, lines: Sequence[QuoteLineDraft], rate: Decimal) -> None:
    """Order numbers and bare variant ids (from the command line) become lines with the catalogue's facts."""
    for n, line in enumerate(lines):
        if not line.sku or line.variant_id is not None:
            continue
        found = catalogue_facts.match_variant(work, line.sku)
        if found is None:
            raise ValidationError([Problem("quote.sku_unknown", f"lines.{n}.sku", {"sku": line.sku, "n": n + 1})])
        line.variant_id = found.variant_id
    bare = [line for line in lines if line.variant_id is not None and not line.name]
    known = catalogue_facts.facts(work, [line.variant_id for line in bare if line.variant_id is not None])
    for line in bare:
        facts = known.get(line.variant_id) if line.variant_id else None
        if facts is not None:
            price = line.unit_price_fen
            take_facts(line, facts, rate)
            line.unit_price_fen = price or line.list_price_fen or 0
    for n, fen in follow_breaks(bare, known, rate).items():
        bare[n].unit_price_fen = fen


def check(work: Work, draft: QuoteDraft) -> list[Problem]:
    """What is wrong with a draft; a draft may still be incomplete, `submit` asks for more."""
    problems = validate(FIELDS, draft)
    for n, line in enumerate(draft.lines):
        problems += validate(LINE_FIELDS, line, f"lines.{n}.")
        if line.type in PRICED and not line.name:
            problems.append(Problem("quote.line_name", f"lines.{n}.name", {"n": n + 1}))
    if draft.currency == HOME and draft.exchange_rate != 1:
        problems.append(Problem("quote.rate_of_yuan", "exchange_rate"))
    if draft.case_id is not None and work.session.get(Case, draft.case_id) is None:
        problems.append(Problem("record.not_found", "case_id", {"kind": "case", "id": str(draft.case_id)}))
    problems += _design_problems(work, draft)
    if draft.contact_id is not None:
        contact = work.session.get(Contact, draft.contact_id)
        if contact is None or contact.customer_id != draft.customer_id:
            problems.append(Problem("quote.contact_of_other", "contact_id"))
    return problems or quote_pricing.problems(draft.lines, draft)


def _design_problems(work: Work, draft: QuoteDraft) -> list[Problem]:
    """A quote stands on a design of its own case: another one's review says nothing about it."""
    if draft.design_id is None:
        return []
    design = work.session.get(Design, draft.design_id)
    if design is None:
        return [Problem("record.not_found", "design_id", {"kind": "design", "id": str(draft.design_id)})]
    if draft.case_id is None or design.case_id == draft.case_id:
        return []
    case = work.get(Case, design.case_id)
    label = f"{design.number}-R{design.revision}"
    return [Problem("quote.design_of_other", "design_id", {"design": label, "case": case.number})]


def _save_lines(work: Work, quote: Quote, drafts: Sequence[QuoteLineDraft], amounts: Sequence[int]) -> None:
    before = {record.id: record for record in records_of(work, quote.id)}
    for sort, (line, amount) in enumerate(zip(drafts, amounts, strict=True)):
        values = {name: getattr(line, name) for name in LINE_COLUMNS} | {"sort": sort, "amount_fen": amount}
        record = before.pop(line.id, None) if line.id is not None else None
        if record is None:
            work.add(QuoteLine(quote_id=quote.id, **values))
        elif any(getattr(record, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(record, name, value)
            work.touch(record)
    for record in before.values():
        work.remove(record)
    work.session.flush()


def changes(work: Work, lines: Sequence[Any], rate: Decimal = Decimal(1)) -> tuple[FactChange, ...]:
    """What the catalogue says differently today from the snapshots in LINES (drafts or records), in a currency of RATE yuan."""
    known = catalogue_facts.facts(work, [line.variant_id for line in lines if line.variant_id is not None])
    return fact_changes(lines, known, rate)


def show(work: Work, quote_id: UUID, lines: Sequence[Any] | None = None) -> QuoteShown:
    """A revision whole. Costs are in quote_costs.sheet, for those who may see them. LINES: as `lines_read` has read them already."""
    from presales_desktop.services import quote_pages

    return quote_pages.show(work, quote_id, lines)


def do(work: Work, quote_id: UUID, action: str, parameters: dict[str, str]) -> Any:
    """A step: submit, approve, return, reject, revise, send, accept, decline, withdraw, expire, cancel, convert, target, bill."""
    if action == "convert":
        from presales_desktop.services import quote_currency

        quote_currency.convert(
            work, quote_id, parameters.get("currency", ""), parameters.get("rate", ""), parameters.get("on", "")
        )
        return None
    if action == "target":
        from presales_desktop.services import quote_solver

        return quote_solver.apply(work, quote_id, parameters.get("total", ""), parameters.get("swap", ""))
    if action == "bill":
        from presales_desktop.services import bills

        return bills.apply(work, quote_id, parameters.get("file", ""), parameters.get("map", ""))
    from presales_desktop.services import quote_steps

    return quote_steps.do(work, quote_id, action, parameters)


KIND = Kind(
    name="quote",
    fields=FIELDS,
    parts={"lines": LINE_FIELDS},
    list_rows=list_rows,
    show=show,
    resolve=resolve,
    states=STATES,
    transitions=TRANSITIONS,
    new_draft=new_draft,
    load=load,
    save=save,
    do=do,
    rights={"create": "quote.create", "edit": "quote.edit"},
    filters=("state", "owner_id", "customer_id", "case_id", "design_id", "number", "latest", "waiting", "expired"),
    sorts=("updated_at", "number", "title", "customer", "owner", "state", "total_fen", "valid_until", "submitted_at"),
)

__all__ = [
    "KIND", "ContactRow", "DecisionRow", "QuoteDraft", "QuoteLineDraft", "QuoteLineShown", "QuoteRow", "QuoteShown", "RevisionRow",
    "SendRow", "blank", "changes", "check", "do", "label_of", "list_rows", "load", "new_draft", "ownership",
    "records_of", "resolve", "save", "short", "show", "title_of",
]  # fmt: skip
