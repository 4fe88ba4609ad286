"""Exceptions from a grade's terms: asked for by sales for one case, signed by finance and management on one content, until a day (I15)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from presales_desktop.models import canonical
from presales_desktop.models.approvals import Choice, Outcome
from presales_desktop.models.cases import Case
from presales_desktop.models.credit import (
    EXCEPTION_FIELDS,
    EXCEPTION_STATES,
    EXCEPTION_STEPS,
    EXCEPTION_TRANSITIONS,
    LONGEST_EXCEPTION_DAYS,
    CreditException,
)
from presales_desktop.models.customers import Customer
from presales_desktop.models.errors import Problem, UserError, ValidationError
from presales_desktop.models.fields import validate
from presales_desktop.models.permissions import Ownership
from presales_desktop.models.users import User
from presales_desktop.models.workflow import find
from presales_desktop.services import approvals, numbered
from presales_desktop.services.approvals import StepStatus
from presales_desktop.services.credit_gate import Standing, standing
from presales_desktop.services.kinds import Kind
from presales_desktop.services.listing import Listing, ListQuery, Page
from presales_desktop.services.steps import take
from presales_desktop.services.work import Work

FORMAT: Final = "presales.credit_exception/1"
_DECISIONS: Final = {"approve": Choice.APPROVE, "return": Choice.RETURN, "reject": Choice.REJECT}
_SOFT: Final = ("prepay_percent", "term_days", "waive_guarantee", "over_limit")
_HEAD: Final = ("owner_id", *_SOFT, "reason", "expires_on")


@dataclass
class ExceptionDraft:
    """An exception being asked for; None and False where it softens nothing."""

    id: UUID | None = None
    base_version: int = 0
    number: str = ""
    state: str = "draft"
    case_id: UUID | None = None
    customer_id: UUID | None = None
    owner_id: UUID | None = None
    prepay_percent: int | None = None
    term_days: int | None = None
    waive_guarantee: bool = False
    over_limit: bool = False
    reason: str = ""
    expires_on: dt.date | None = None


@dataclass(frozen=True)
class ExceptionRow:
    """An exception as lists show it; `phase`: its state, or "expired"."""

    id: UUID
    number: str
    customer_id: UUID
    customer: str
    case_id: UUID
    case_title: str
    state: str
    phase: str
    prepay_percent: int | None
    term_days: int | None
    waive_guarantee: bool
    over_limit: bool
    reason: str
    expires_on: dt.date
    owner: str
    updated_at: dt.datetime


@dataclass(frozen=True)
class ExceptionShown:
    """An exception whole; `now` how the customer stands in this case."""

    id: UUID
    version: int
    number: str
    state: str
    phase: str
    customer: str
    customer_id: UUID
    case_id: UUID
    case_title: str
    owner: str
    owner_id: UUID | None
    created_by: UUID | None
    content_hash: str
    draft: ExceptionDraft
    steps: tuple[StepStatus, ...]
    now: Standing


def ownership(found: CreditException) -> Ownership:
    """Whose an exception is."""
    return Ownership(found.owner_id, found.created_by)


def _phase(found: CreditException, today: dt.date) -> str:
    return "expired" if found.state == "approved" and found.expires_on < today else found.state


def list_rows(work: Work, query: ListQuery) -> Page[ExceptionRow]:
    """Exceptions, the newest first. Filters: state, customer_id, case_id, owner_id (me), waiting=1 (for the actor's decision)."""
    work.require("credit.view")
    record = CreditException
    table = record.__table__.c
    names = {u.id: u.name for u in work.session.scalars(select(User))}
    statement: Any = (
        select(record, Customer.name, Case.title)
        .join(Customer, Customer.id == record.customer_id)
        .join(Case, Case.id == record.case_id)
    )
    if query.search.strip():
        words = f"%{query.search.strip()}%"
        statement = statement.where(Customer.name.like(words) | Case.title.like(words) | record.number.like(words))
    listing = Listing[ExceptionRow](
        statement=statement,
        id_column=table.id,
        sortable={
            "updated_at": table.updated_at, "number": table.number, "state": table.state,
            "expires_on": table.expires_on, "customer": Customer.__table__.c.name,
        },
        filters={
            "state": lambda v: record.state == v,
            "customer_id": lambda v: record.customer_id == UUID(v),
            "case_id": lambda v: record.case_id == UUID(v),
            "owner_id": lambda v: record.owner_id == (work.actor.id if v == "me" else UUID(v)),
            "waiting": lambda v: approvals.waiting_for_actor(work, record, EXCEPTION_STEPS),
        },
        make=lambda row: _row(row, names, work.today),
        default_sort="-updated_at",
    )  # fmt: skip
    return listing.page(work, ListQuery("", query.filters, query.sort, query.limit, query.offset, query.after))


def _row(row: Any, names: dict[UUID, str], today: dt.date) -> ExceptionRow:
    e, customer, case_title = row
    return ExceptionRow(
        e.id, e.number, e.customer_id, customer, e.case_id, case_title, e.state, _phase(e, today), e.prepay_percent,
        e.term_days, e.waive_guarantee, e.over_limit, e.reason, e.expires_on, names.get(e.owner_id, ""), e.updated_at,
    )  # fmt: skip


def resolve(work: Work, text: str) -> UUID:
    """An exception's id from UUID or number."""
    return numbered.resolve(work, CreditException, "credit_exception", text)


def new_draft(work: Work, initial: dict[str, Any]) -> ExceptionDraft:
    """An exception for a case, for thirty days; `copy_of`: an earlier one to begin with."""
    work.require("credit_exception.create")
    given = dict(initial)
    source = given.pop("copy_of", None)
    draft = ExceptionDraft(owner_id=work.actor.id, expires_on=work.today + dt.timedelta(days=30))
    if source:
        earlier = work.get(CreditException, UUID(str(source)))
        for name in ("case_id", "customer_id", *_SOFT, "reason"):
            setattr(draft, name, getattr(earlier, name))
    for name in ("case_id", "customer_id", "owner_id"):
        if given.get(name):
            given[name] = UUID(str(given[name]))
    for name, value in given.items():
        setattr(draft, name, value)
    if draft.case_id is not None:
        draft.customer_id = work.get(Case, draft.case_id).customer_id
    return draft


def load(work: Work, exception_id: UUID) -> ExceptionDraft:
    """An exception to edit."""
    work.require("credit.view")
    found = work.get(CreditException, exception_id)
    return ExceptionDraft(
        id=found.id, base_version=found.version, number=found.number, state=found.state, case_id=found.case_id,
        customer_id=found.customer_id, **{name: getattr(found, name) for name in _HEAD},
    )  # fmt: skip


def problems_of(draft: ExceptionDraft, today: dt.date) -> list[Problem]:
    """What keeps an exception from being saved: it must soften something, and end within a year."""
    found = validate(EXCEPTION_FIELDS, draft)
    if all((value := getattr(draft, name)) is None or value is False for name in _SOFT):  # 0 % softens
        found.append(Problem("credit.exception_empty", "prepay_percent", {}))
    if draft.expires_on is not None and not 0 <= (draft.expires_on - today).days <= LONGEST_EXCEPTION_DAYS:
        found.append(Problem("credit.exception_days", "expires_on", {"days": LONGEST_EXCEPTION_DAYS}))
    return found


def save(work: Work, draft: ExceptionDraft) -> UUID:
    """Ask for an exception, or change one in draft. Raises ValidationError, UserError credit.frozen, PermissionDenied."""
    if draft.id is None:
        work.require("credit_exception.create")
    found = problems_of(draft, work.today)
    if found:
        raise ValidationError(found)
    values = {name: getattr(draft, name) for name in _HEAD} | {"reason": draft.reason.strip()}
    if draft.id is None:
        case = work.get(Case, draft.case_id)  # type: ignore[arg-type]  # required, asked above
        made = work.add(
            CreditException(
                number=work.next_number("XL"), family_id=work.new_id(), case_id=case.id, customer_id=case.customer_id,
                title=case.title, **values,
            )
        )  # fmt: skip
        work.session.flush()
    else:
        made = work.get(CreditException, draft.id)
        work.require("credit_exception.edit", ownership(made))
        if made.state != "draft":
            raise UserError("credit.frozen", number=made.number)
        work.touch(made, draft.base_version)
        for name, value in values.items():
            setattr(made, name, value)
    audit(work, made, "created" if draft.id is None else "changed")
    return made.id


def audit(work: Work, found: CreditException, action: str, **detail: Any) -> None:
    """Write the journal with what timelines of case and customer need."""
    work.audit(
        found, action, title=f"{found.number} {found.title}".strip(), customer_id=found.customer_id,
        case_id=found.case_id, **detail,
    )  # fmt: skip


def content_of(found: CreditException) -> str:
    """What finance and management sign, as canonical text."""
    names = ("id", "case_id", *_SOFT, "reason", "expires_on")
    return canonical.text({"format": FORMAT, **{name: getattr(found, name) for name in names}})


def submit(work: Work, exception_id: UUID) -> None:
    """Hand it to finance and management. Raises UserError credit.exception_days for one that has ended already."""
    found = work.get(CreditException, exception_id)
    take(work, EXCEPTION_TRANSITIONS, found.state, "submit", ownership(found), {})
    if found.expires_on < work.today:
        raise UserError("credit.exception_days", days=LONGEST_EXCEPTION_DAYS)
    found.frozen = content_of(found)
    found.content_hash = canonical.sha256(found.frozen)
    found.submitted_at, found.submitted_by = work.now, work.actor.id
    _move(work, found, "submitted", content_hash=found.content_hash)


def _move(work: Work, found: CreditException, state: str, **detail: Any) -> None:
    found.state = state
    work.touch(found)
    audit(work, found, state, **detail)


def unaltered(found: CreditException) -> bool:
    """Whether what is stored is what was handed in."""
    return bool(found.frozen) and found.frozen == content_of(found) and (
        canonical.sha256(found.frozen) == found.content_hash
    )  # fmt: skip


def decide(
    work: Work, exception_id: UUID, verdict: Choice, *, step: str = "", comment: str = "", seen_hash: str = ""
) -> Outcome:
    """The actor's decision as finance or management. Raises as approvals.decide, and UserError credit.altered."""
    found = work.get(CreditException, exception_id)
    find(EXCEPTION_TRANSITIONS, found.state, verdict.value)
    if not unaltered(found):
        raise UserError("credit.altered", number=found.number)
    outcome = approvals.decide(
        work, found, EXCEPTION_STEPS, verdict, step=step, comment=comment, seen_hash=seen_hash
    )  # fmt: skip
    if outcome is Outcome.WAITING:
        work.touch(found)
    else:
        _move(work, found, outcome.value)
    return outcome


def end(work: Work, exception_id: UUID, action: str, reason: str) -> None:
    """cancel a draft or revoke what was approved, with the reason."""
    found = work.get(CreditException, exception_id)
    step = take(work, EXCEPTION_TRANSITIONS, found.state, action, ownership(found), {"reason": reason})
    assert step.to is not None
    _move(work, found, step.to, reason=reason.strip())


def do(work: Work, exception_id: UUID, action: str, parameters: dict[str, str]) -> UUID:
    """Steps by name, for the command line."""
    given = {k: v.strip() for k, v in parameters.items()}
    if action in _DECISIONS:
        decide(
            work, exception_id, _DECISIONS[action], step=given.get("step", ""), comment=given.get("comment", "")
        )  # fmt: skip
    elif action == "submit":
        submit(work, exception_id)
    else:
        end(work, exception_id, action, given.get("reason", ""))
    return exception_id


def show(work: Work, exception_id: UUID) -> ExceptionShown:
    """An exception whole."""
    draft = load(work, exception_id)
    found = work.get(CreditException, exception_id)
    owner = work.session.get(User, found.owner_id) if found.owner_id else None
    return ExceptionShown(
        found.id, found.version, found.number, found.state, _phase(found, work.today),
        work.get(Customer, found.customer_id).name, found.customer_id, found.case_id,
        work.get(Case, found.case_id).title, owner.name if owner else "", found.owner_id, found.created_by,
        found.content_hash, draft, approvals.status(work, found, EXCEPTION_STEPS),
        standing(work, found.customer_id, found.case_id),
    )  # fmt: skip


KIND: Final = Kind(
    name="credit_exception",
    fields=EXCEPTION_FIELDS,
    list_rows=list_rows,
    show=show,
    resolve=resolve,
    states=EXCEPTION_STATES,
    transitions=EXCEPTION_TRANSITIONS,
    new_draft=new_draft,
    load=load,
    save=save,
    do=do,
    rights={"create": "credit_exception.create", "edit": "credit_exception.edit"},
    filters=("state", "customer_id", "case_id", "owner_id", "waiting"),
    sorts=("updated_at", "number", "state", "expires_on", "customer"),
)
