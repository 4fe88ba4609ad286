"""Credit applications and their assessment sheets: lists, drafts, the whole. Steps: credit_steps.py; what contracts ask: credit_gate.py."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, or_, select

from presales_desktop.models import credit_rules as rules
from presales_desktop.models.contracts import Contract
from presales_desktop.models.credit import (
    APPLICATION_FIELDS,
    ASSESSABLE,
    FIELDS,
    MAX_STATEMENTS,
    OPEN,
    REASSESS_DAYS,
    SHEET_FIELDS,
    STATEMENT_FIELDS,
    STATES,
    TRANSITIONS,
    CreditApplication,
    CreditSheet,
    CreditStatement,
)
from presales_desktop.models.credit_rules import Result, Terms
from presales_desktop.models.customers import Customer
from presales_desktop.models.errors import Problem, UserError, ValidationError
from presales_desktop.models.fields import validate
from presales_desktop.models.permissions import Ownership, may
from presales_desktop.models.progress import SIGNED
from presales_desktop.models.users import User
from presales_desktop.services import attachments, credit_schemes, customer_merge, numbered, parts
from presales_desktop.services.attachments import AttachmentRow
from presales_desktop.services.credit_exposure import Exposure, exposure_of
from presales_desktop.services.kinds import Kind
from presales_desktop.services.listing import Listing, ListQuery, Page
from presales_desktop.services.work import Work
from presales_desktop.store import search

_HEAD: Final = tuple(f.name for f in APPLICATION_FIELDS)
SHEET: Final = tuple(f.name for f in SHEET_FIELDS)


@dataclass
class StatementDraft:
    """One year of the customer's statements, in fen."""

    id: UUID | None = None
    year: int | None = None
    revenue_fen: int | None = None
    net_profit_fen: int | None = None
    current_assets_fen: int | None = None
    inventory_fen: int | None = None
    receivables_fen: int | None = None
    assets_fen: int | None = None
    current_liabilities_fen: int | None = None
    liabilities_fen: int | None = None
    operating_cash_fen: int | None = None


@dataclass
class CreditDraft:
    """An application with its sheet; the sheet's fields are empty for who may not see figures."""

    id: UUID | None = None
    base_version: int = 0
    number: str = ""
    state: str = "draft"
    customer_id: UUID | None = None
    owner_id: UUID | None = None
    reason: str = "new_customer"
    monthly_fen: int | None = None
    notes: str = ""
    years: int | None = None
    capital_fen: int | None = None
    ownership: str = ""
    licence: str = ""
    basics_note: str = ""
    market: str = ""
    premises: str = ""
    staff: int | None = None
    operations_note: str = ""
    finances_note: str = ""
    paid: str = ""
    court: str = ""
    tax_level: str = ""
    agency: str = ""
    reputation: str = ""
    record_note: str = ""
    statements: list[StatementDraft] = field(default_factory=list)


@dataclass(frozen=True)
class CreditRow:
    """An application as lists show it. `phase`: the state, or valid, due (ends within 30 days), expired for a grade."""

    id: UUID
    number: str
    customer_id: UUID
    customer: str
    state: str
    phase: str
    reason: str
    grade: str
    valid_until: dt.date | None
    owner_id: UUID | None
    owner: str
    assessor: str
    monthly_fen: int
    updated_at: dt.datetime


@dataclass(frozen=True)
class Figures:
    """What only finance, credit and management see: what the sheet comes to now, the granted limit and what stands against it."""

    result: Result
    score: int | None
    limit_fen: int | None
    exposure: Exposure
    evidence: tuple[AttachmentRow, ...]
    missing: tuple[Problem, ...]


@dataclass(frozen=True)
class CreditShown:
    """An application whole; `terms` what its grade asks of a contract, None before; `figures` None without the right to them."""

    id: UUID
    version: int
    number: str
    state: str
    phase: str
    customer_id: UUID
    customer: str
    owner_id: UUID | None
    owner: str
    created_by: UUID | None
    applied_by: UUID | None
    applied_at: dt.datetime | None
    assessor_id: UUID | None
    assessor: str
    grade: str
    terms: Terms | None
    prepay_percent: int | None
    term_days: int | None
    guarantee: str
    guarantee_note: str
    valid_from: dt.date | None
    valid_until: dt.date | None
    scheme_on: dt.date | None
    content_hash: str
    new_customer: bool
    draft: CreditDraft
    figures: Figures | None
    files: tuple[AttachmentRow, ...]


def phase(credit: Any, today: dt.date) -> str:
    """Where an application stands on a day: its state; of a grade "graded", "due" or "expired"."""
    if credit.state != "graded" or credit.valid_until is None:
        return str(credit.state)
    if credit.valid_until < today:
        return "expired"
    return "due" if credit.valid_until <= today + dt.timedelta(days=REASSESS_DAYS) else "graded"


def ownership(credit: CreditApplication) -> Ownership:
    """Whose an application is."""
    return Ownership(credit.owner_id, credit.created_by)


# -- lists -------------------------------------------------------------------------------------------------------------


def list_rows(work: Work, query: ListQuery) -> Page[CreditRow]:
    """Applications, the newest first; searched by customer and number.

    Filters: state, grade, customer_id, owner_id (me), waiting=1 (for an assessor), due=1 (grade ends within 30 days or has ended),
    valid=1.
    """
    work.require("credit.view")
    record = CreditApplication
    names = {u.id: u.name for u in work.session.scalars(select(User))}
    soon = work.today + dt.timedelta(days=REASSESS_DAYS)
    statement: Any = select(record, Customer.name).join(Customer, Customer.id == record.customer_id)
    if query.search.strip():
        condition, values = search.condition("customer", query.search)
        hits = select(_hits(condition, values))
        statement = statement.where(
            or_(record.customer_id.in_(hits), record.number.contains(query.search.strip().upper(), autoescape=True))
        )
    table = record.__table__.c
    listing = Listing[CreditRow](
        statement=statement,
        id_column=table.id,
        sortable={
            "updated_at": table.updated_at, "number": table.number, "state": table.state, "grade": table.grade,
            "valid_until": table.valid_until, "customer": Customer.__table__.c.name, "monthly_fen": table.monthly_fen,
        },
        filters={
            "state": lambda v: record.state == v,
            "grade": lambda v: record.grade == v,
            "customer_id": lambda v: record.customer_id == UUID(v),
            "owner_id": lambda v: record.owner_id == (work.actor.id if v == "me" else UUID(v)),
            "waiting": lambda v: numbered.wanted(v, record.state.in_(ASSESSABLE)),
            "due": lambda v: numbered.wanted(v, (record.state == "graded") & (record.valid_until <= soon)),
            "valid": lambda v: numbered.wanted(v, (record.state == "graded") & (record.valid_until >= work.today)),
        },
        make=lambda row: _row(row, names, work.today),
        default_sort="-updated_at",
    )  # fmt: skip
    return listing.page(work, ListQuery("", query.filters, query.sort, query.limit, query.offset, query.after))


def _hits(condition: str, values: dict[str, Any]) -> Any:
    from sqlalchemy import text

    found = text(condition).bindparams(**values).columns(record_id=Customer.__table__.c.id.type)
    return found.subquery("hits").c.record_id


def _row(row: Any, names: dict[UUID, str], today: dt.date) -> CreditRow:
    c, customer = row
    return CreditRow(
        c.id, c.number, c.customer_id, customer, c.state, phase(c, today), c.reason, c.grade, c.valid_until, c.owner_id,
        names.get(c.owner_id, ""), names.get(c.assessor_id, ""), c.monthly_fen, c.updated_at,
    )  # fmt: skip


def resolve(work: Work, text: str) -> UUID:
    """An application's id from UUID or number."""
    return numbered.resolve(work, CreditApplication, "credit", text)


# -- drafts ------------------------------------------------------------------------------------------------------------


def new_draft(work: Work, initial: dict[str, Any]) -> CreditDraft:
    """An application, of the customer in INITIAL when there is one."""
    work.require("credit.create")
    values = {"owner_id": work.actor.id, **initial}
    for name in ("customer_id", "owner_id"):
        if values.get(name):
            values[name] = UUID(str(values[name]))
    if values.get("customer_id") and "reason" not in initial:
        values["reason"] = "new_customer" if is_new(work, values["customer_id"]) else "unclear"
    return CreditDraft(**values)


def load(work: Work, credit_id: UUID) -> CreditDraft:
    """An application to edit, with its sheet for who may see it."""
    work.require("credit.view")
    credit = work.get(CreditApplication, credit_id)
    draft = CreditDraft(
        id=credit.id, base_version=credit.version, number=credit.number, state=credit.state,
        **{name: getattr(credit, name) for name in _HEAD},
    )  # fmt: skip
    if not may(work.actor, "credit.figures").allowed:
        return draft
    sheet = sheet_of(work, credit_id)
    if sheet is not None:
        for name in SHEET:
            setattr(draft, name, getattr(sheet, name))
    draft.statements = [parts.to_draft(s, StatementDraft) for s in statements_of(work, credit_id)]
    return draft


def sheet_of(work: Work, credit_id: UUID) -> CreditSheet | None:
    """The sheet's row; for services that have asked for the right."""
    return work.session.scalars(select(CreditSheet).where(CreditSheet.credit_id == credit_id)).first()


def statements_of(work: Work, credit_id: UUID) -> list[CreditStatement]:
    """The statements, in order; for services that have asked for the right."""
    found = select(CreditStatement).where(CreditStatement.credit_id == credit_id)
    return list(work.session.scalars(found.order_by(CreditStatement.sort, CreditStatement.id)))


def is_new(work: Work, customer_id: UUID) -> bool:
    """Whether no contract was ever signed with the customer."""
    signed = select(func.count()).where(Contract.customer_id == customer_id, Contract.state.in_(SIGNED))
    return not work.session.scalar(signed)


def problems_of(work: Work, draft: CreditDraft) -> list[Problem]:
    """What keeps DRAFT from being saved."""
    found = validate([f for f in FIELDS if f.name != "statements"], draft)
    for i, statement in enumerate(draft.statements):
        found += validate(STATEMENT_FIELDS, statement, f"statements.{i}.")
    if len(draft.statements) > MAX_STATEMENTS:
        found.append(Problem("credit.too_many_statements", "statements", {"limit": MAX_STATEMENTS}))
    if not found:
        found += rules.statement_problems(draft.statements)
    if draft.id is None and draft.customer_id is not None and not found:
        customer = work.get(Customer, draft.customer_id)
        found += customer_merge.merged_problem(work, customer, "customer_id")
        other = work.session.scalars(
            select(CreditApplication).where(
                CreditApplication.customer_id == customer.id, CreditApplication.state.in_(OPEN)
            )
        ).first()
        if other is not None:
            found.append(Problem("credit.already_open", "customer_id", {"number": other.number}))
    return found


def save(work: Work, draft: CreditDraft) -> UUID:
    """Create or change an application; its sheet by finance or credit while it is being assessed.

    Raises ValidationError; UserError credit.frozen for an application that was handed in, credit.sheet_closed; PermissionDenied,
    ConflictError.
    """
    if draft.id is None:
        work.require("credit.create")
    found = problems_of(work, draft)
    if found:
        raise ValidationError(found)
    credit = _create(work, draft) if draft.id is None else work.get(CreditApplication, draft.id)
    if draft.id is not None:
        work.touch(credit, draft.base_version)
        _save_head(work, credit, draft)
    if draft.id is not None or _says_something(draft):
        _save_sheet(work, credit, draft)
    audit(work, credit, "created" if draft.id is None else "changed")
    return credit.id


def _create(work: Work, draft: CreditDraft) -> CreditApplication:
    values = {name: getattr(draft, name) for name in _HEAD}
    made = work.add(
        CreditApplication(number=work.next_number("XY"), **{**values, "notes": draft.notes.strip()}),
    )
    work.session.flush()
    return made


def _save_head(work: Work, credit: CreditApplication, draft: CreditDraft) -> None:
    changed = [n for n in _HEAD if getattr(credit, n) != getattr(draft, n)]
    if not changed:
        return
    work.require("credit.edit", ownership(credit))
    if credit.state != "draft":
        raise UserError("credit.frozen", number=credit.number)
    if "customer_id" in changed:
        raise ValidationError([Problem("credit.other_customer", "customer_id", {})])
    for name in changed:
        setattr(credit, name, getattr(draft, name))


def _says_something(draft: CreditDraft) -> bool:
    return bool(draft.statements) or any(getattr(draft, name) not in (None, "") for name in SHEET)


def _save_sheet(work: Work, credit: CreditApplication, draft: CreditDraft) -> None:
    """The sheet as DRAFT says it. Who may not see it says nothing about it."""
    if not may(work.actor, "credit.figures").allowed and not _says_something(draft):
        return
    sheet = sheet_of(work, credit.id)
    now = {name: getattr(sheet, name) if sheet is not None else getattr(CreditDraft(), name) for name in SHEET}
    wanted = {name: v.strip() if isinstance(v := getattr(draft, name), str) else v for name in SHEET}
    stored = statements_of(work, credit.id)
    same = [parts.to_draft(s, StatementDraft) for s in stored] == draft.statements
    if now == wanted and same:
        return
    work.require("credit.assess")
    refuse_own(work, credit)
    if credit.state not in ASSESSABLE:
        raise UserError("credit.sheet_closed", number=credit.number)
    if sheet is None:
        work.add(CreditSheet(credit_id=credit.id, **wanted))
    elif now != wanted:
        work.touch(sheet)
        for name, value in wanted.items():
            setattr(sheet, name, value)
    work.session.flush()
    parts.sync(
        work, stored, draft.statements, STATEMENT_FIELDS, lambda v: CreditStatement(credit_id=credit.id, **v)
    )  # fmt: skip


def refuse_own(work: Work, credit: CreditApplication) -> None:
    """Nobody assesses what he applied for (I4). Raises UserError credit.own."""
    if work.actor.id in (credit.applied_by, credit.owner_id, credit.created_by):
        raise UserError("credit.own", number=credit.number)


def audit(work: Work, credit: CreditApplication, action: str, **detail: Any) -> None:
    """Write the journal; no figure ever stands in it."""
    customer = work.get(Customer, credit.customer_id)
    work.audit(credit, action, title=f"{credit.number} {customer.name}", customer_id=customer.id, **detail)


# -- whole -------------------------------------------------------------------------------------------------------------


def result_of(work: Work, credit: CreditApplication, day: dt.date | None = None) -> Result:
    """What the sheet comes to by the scheme of DAY (today). For services that have asked for the right to figures."""
    sheet = sheet_of(work, credit.id) or CreditSheet(**{name: getattr(CreditDraft(), name) for name in SHEET})
    scheme = credit_schemes.in_force(work, day or work.today)
    new = is_new(work, credit.customer_id)
    return rules.assess(sheet, statements_of(work, credit.id), credit.monthly_fen, new=new, scheme=scheme)


def terms_of(credit: CreditApplication) -> Terms | None:
    """The terms that were given with the grade, None before."""
    if not credit.grade:
        return None
    return Terms(credit.grade, credit.prepay_percent, credit.term_days, credit.guarantee)


def show(work: Work, credit_id: UUID) -> CreditShown:
    """An application whole."""
    draft = load(work, credit_id)
    credit = work.get(CreditApplication, credit_id)
    customer = work.get(Customer, credit.customer_id)
    names = {u.id: u.name for u in work.session.scalars(select(User))}
    return CreditShown(
        id=credit.id, version=credit.version, number=credit.number, state=credit.state, phase=phase(credit, work.today),
        customer_id=customer.id, customer=customer.name, owner_id=credit.owner_id,
        owner=_name(names, credit.owner_id), created_by=credit.created_by, applied_by=credit.applied_by,
        applied_at=credit.applied_at, assessor_id=credit.assessor_id, assessor=_name(names, credit.assessor_id),
        grade=credit.grade, terms=terms_of(credit), prepay_percent=credit.prepay_percent if credit.grade else None,
        term_days=credit.term_days if credit.grade else None, guarantee=credit.guarantee if credit.grade else "",
        guarantee_note=credit.guarantee_note, valid_from=credit.valid_from, valid_until=credit.valid_until,
        scheme_on=credit.scheme_on, content_hash=credit.content_hash, new_customer=is_new(work, customer.id),
        draft=draft, figures=_figures(work, credit), files=attachments.list_of(work, "credit", credit_id),
    )  # fmt: skip


def _name(names: dict[UUID, str], user_id: UUID | None) -> str:
    return names.get(user_id, "") if user_id is not None else ""


def _figures(work: Work, credit: CreditApplication) -> Figures | None:
    if not may(work.actor, "credit.figures").allowed:
        return None
    sheet = sheet_of(work, credit.id)
    missing: Sequence[Problem] = rules.unanswered(sheet if sheet is not None else CreditDraft())
    return Figures(
        result_of(work, credit, credit.scheme_on), sheet.score if sheet is not None else None,
        sheet.limit_fen if sheet is not None else None, exposure_of(work, credit.customer_id),
        attachments.list_of(work, "credit_sheet", sheet.id) if sheet is not None else (), tuple(missing),
    )  # fmt: skip


def do(work: Work, credit_id: UUID, action: str, parameters: dict[str, str]) -> Any:
    """A step of the workflow: see credit_steps.do."""
    from presales_desktop.services import credit_steps

    return credit_steps.do(work, credit_id, action, parameters)


KIND: Final = Kind(
    name="credit",
    fields=FIELDS,
    parts={"statements": STATEMENT_FIELDS},
    states=STATES,
    transitions=TRANSITIONS,
    list_rows=list_rows,
    show=show,
    resolve=resolve,
    new_draft=new_draft,
    load=load,
    save=save,
    do=do,
    rights={"create": "credit.create", "edit": "credit.edit"},
    filters=("state", "grade", "customer_id", "owner_id", "waiting", "due", "valid"),
    sorts=("updated_at", "number", "state", "grade", "valid_until", "customer", "monthly_fen"),
)
