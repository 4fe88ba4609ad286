"""Cases (售前项目): lists with computed phase and next step, the case page, editing, and the steps pause, win, lose, reopen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, false, func, select

from presales_desktop.models.cases import FIELDS, STATES, TRANSITIONS, Case
from presales_desktop.models.contracts import Contract
from presales_desktop.models.customers import Contact, Customer, Site
from presales_desktop.models.errors import InputError, Problem, UserError, ValidationError
from presales_desktop.models.fields import validate
from presales_desktop.models.permissions import Ownership, Role
from presales_desktop.models.progress import OPEN_PHASES, PIPELINE, SIGNED, NextStep, Phase, amount, next_step, phase
from presales_desktop.models.quotes import Quote
from presales_desktop.models.users import User
from presales_desktop.services import customer_merge, numbered, users
from presales_desktop.services.case_facts import CaseItem, facts, items_of, phase_expression
from presales_desktop.services.case_rows import CaseDraft, CaseRow, CaseWhole, ContactLine, PipelineRow
from presales_desktop.services.kinds import Kind
from presales_desktop.services.listing import Listing, ListQuery, Page
from presales_desktop.services.steps import take
from presales_desktop.services.work import Work

__all__ = ["KIND", "CaseDraft", "CaseItem", "CaseRow", "CaseWhole", "ContactLine", "PipelineRow"]

_EDITED: Final = tuple(f.name for f in FIELDS if not f.read_only)
_SELLERS: Final = frozenset({Role.SALES, Role.SALES_HEAD})
_EVENTS: Final = {"pause": "paused", "resume": "resumed", "win": "won", "lose": "lost", "reopen": "reopened"}
_DUE: Final = ("late", "today", "week")


# lists ---------------------------------------------------------------------------------------------------------------


def _filters(work: Work) -> Mapping[str, Callable[[str], ColumnElement[bool]]]:
    def owner(value: str) -> ColumnElement[bool]:
        return Case.owner_id == (work.actor.id if value == "me" else users.resolve(work, value))

    def customer(value: str) -> ColumnElement[bool]:
        try:
            return Case.customer_id == UUID(value)
        except ValueError:
            return Case.customer_id.in_(
                select(Customer.id).where((Customer.number == value) | (Customer.name == value))
            )

    def due(value: str) -> ColumnElement[bool]:
        ids = _due_ids(work, value)
        return Case.id.in_(ids) if ids else false()

    return {
        "owner": owner,
        "customer": customer,
        "status": lambda v: Case.status.in_(v.split(",")),
        "phase": lambda v: phase_expression().in_(v.split(",")),
        "open": lambda v: phase_expression().in_([p.value for p in (*OPEN_PHASES, Phase.PAUSED)]),
        "building_type": lambda v: Case.building_type == v,
        "due": due,
    }


def list_rows(work: Work, query: ListQuery) -> Page[CaseRow]:
    """Cases. Filters: owner (login, name or "me"), customer (id, number or name), status, phase (several with commas), open
    (any value: neither won nor lost), building_type, due (late, today, week: the next step's day). Search finds title, number
    and notes."""
    work.require("case.view")
    table = Case.__table__.c
    customer = select(Customer.name).where(Customer.id == Case.customer_id).scalar_subquery()
    statement: Any = select(
        Case.id, Case.number, Case.title, Case.customer_id, customer.label("customer"), Case.owner_id, Case.designer_id,
        Case.status, Case.building_type, Case.expected_amount_fen, Case.expected_on, Case.next_step, Case.next_due_on,
        Case.created_at, Case.updated_at,
    )  # fmt: skip
    listing = Listing[Any](
        statement=statement,
        id_column=table.id,
        sortable={
            "updated_at": table.updated_at,
            "created_at": table.created_at,
            "number": table.number,
            "title": table.title,
            "expected_on": table.expected_on,
            "expected_amount_fen": table.expected_amount_fen,
        },
        filters=_filters(work),
        make=lambda row: row,
        default_sort="-updated_at",
        search_kind="case",
    )
    page = listing.page(work, query)
    held = items_of(work, [row.id for row in page.rows])
    names = users.names(work)
    return Page(tuple(_row(work, r, held[r.id], names) for r in page.rows), page.total, page.offset)


def _row(work: Work, r: Any, items: Sequence[CaseItem], names: Mapping[UUID, str]) -> CaseRow:
    known = facts(work, r, items)
    step = next_step(known)
    return CaseRow(
        id=r.id,
        number=r.number,
        title=r.title,
        customer_id=r.customer_id,
        customer=r.customer,
        owner_id=r.owner_id,
        owner=names.get(r.owner_id, "") if r.owner_id else "",
        status=r.status,
        phase=phase(known).value,
        building_type=r.building_type,
        amount_fen=amount(known, r.expected_amount_fen),
        expected_on=r.expected_on,
        next_action=step.action if step else "",
        next_text=step.text if step else "",
        next_who=step.who if step else "",
        next_person=names.get(step.user_id, "") if step and step.user_id else "",
        next_due=step.due if step else None,
        overdue=step.overdue if step else False,
        updated_at=r.updated_at,
    )


def _open_cases(work: Work, mine: bool) -> list[tuple[Any, list[CaseItem]]]:
    statement = select(
        Case.id, Case.number, Case.title, Case.customer_id, Case.owner_id, Case.designer_id, Case.status,
        Case.building_type, Case.expected_amount_fen, Case.expected_on, Case.next_step, Case.next_due_on,
        Case.created_at, Case.updated_at,
        select(Customer.name).where(Customer.id == Case.customer_id).scalar_subquery().label("customer"),
    ).where(Case.status.in_(("open", "paused")))  # fmt: skip
    if mine:
        statement = statement.where(Case.owner_id == work.actor.id)
    rows = list(work.session.execute(statement))
    held = items_of(work, [row.id for row in rows])
    return [(row, held[row.id]) for row in rows]


def _last_day(work: Work, due: str) -> dt.date:
    if due not in _DUE:
        raise InputError("case.due_unknown", found=due, known="、".join(_DUE))
    if due == "late":
        return work.today - dt.timedelta(days=1)
    return work.today if due == "today" else work.today + dt.timedelta(days=6 - work.today.weekday())


def _due_ids(work: Work, due: str) -> list[UUID]:
    last = _last_day(work, due)
    found = []
    for row, items in _open_cases(work, mine=False):
        step = next_step(facts(work, row, items))
        if step is not None and step.due is not None and step.due <= last:
            found.append(row.id)
    return found


def owed(work: Work, limit: int = 50) -> tuple[CaseRow, ...]:
    """Open cases whose next step the actor owes, the most urgent first: for the 工作台."""
    work.require("case.view")
    names = users.names(work)
    mine = []
    for row, items in _open_cases(work, mine=False):
        step = next_step(facts(work, row, items))
        if step is not None and step.user_id == work.actor.id and step.who != "customer":
            mine.append(_row(work, row, items, names))
    mine.sort(key=lambda r: (r.next_due or dt.date.max, r.number))
    return tuple(mine[:limit])


def pipeline(work: Work, mine: bool = False) -> tuple[PipelineRow, ...]:
    """Open cases by phase with their amounts, every phase of the pipeline but won; paused ones are left out."""
    work.require("case.view")
    totals = {p: [0, 0] for p in OPEN_PHASES}
    for row, items in _open_cases(work, mine):
        known = facts(work, row, items)
        bucket = totals.get(phase(known))
        if bucket is not None:
            bucket[0] += 1
            bucket[1] += amount(known, row.expected_amount_fen) or 0
    return tuple(PipelineRow(p.value, *totals[p]) for p in OPEN_PHASES)


def resolve(work: Work, text: str) -> UUID:
    """A case's id from UUID or number. Raises NotFound."""
    return numbered.resolve(work, Case, "case", text)


# one -----------------------------------------------------------------------------------------------------------------


def show(work: Work, case_id: UUID) -> CaseWhole:
    """One case whole."""
    work.require("case.view")
    c = work.get(Case, case_id)
    items = items_of(work, [c.id])[c.id]
    known = facts(work, c, items)
    step = next_step(known)
    names = users.names(work)
    site = work.session.get(Site, c.site_id) if c.site_id else None
    person = work.session.scalar(
        select(Contact)
        .where(Contact.customer_id == c.customer_id)
        .order_by(Contact.primary.desc(), Contact.sort)
        .limit(1)
    )
    return CaseWhole(
        id=c.id, version=c.version, number=c.number, title=c.title, customer_id=c.customer_id,
        customer=work.get(Customer, c.customer_id).name,
        contact=ContactLine(person.name, person.title, person.phone) if person else None,
        site_id=c.site_id, site=f"{site.label} {site.address}".strip() if site else "",
        building_type=c.building_type, expected_amount_fen=c.expected_amount_fen,
        amount_fen=amount(known, c.expected_amount_fen), expected_on=c.expected_on,
        owner_id=c.owner_id, owner=names.get(c.owner_id, "") if c.owner_id else "",
        designer_id=c.designer_id, designer=names.get(c.designer_id, "") if c.designer_id else "",
        created_by=c.created_by, status=c.status, phase=phase(known).value, next=step,
        next_person=names.get(step.user_id, "") if step and step.user_id else "",
        outcome_reason=c.outcome_reason, closed_at=c.closed_at, notes=c.notes,
        created_at=c.created_at, updated_at=c.updated_at, items=tuple(items),
    )  # fmt: skip


def progress(work: Work, case_id: UUID) -> tuple[str, NextStep | None]:
    """Phase and next step of one case: for side panels of other areas."""
    c = work.get(Case, case_id)
    known = facts(work, c, items_of(work, [case_id])[case_id])
    return phase(known).value, next_step(known)


# editing -------------------------------------------------------------------------------------------------------------


def new_draft(work: Work, initial: Mapping[str, Any]) -> CaseDraft:
    """An empty case. With customer_id its owner and, where there is one only, its site are taken over."""
    work.require("case.create")
    draft = CaseDraft(owner_id=work.actor.id if work.actor.roles & _SELLERS else None)
    for name, value in initial.items():
        setattr(draft, name, value)
    if draft.customer_id is not None:
        customer = work.get(Customer, draft.customer_id)
        if draft.owner_id is None:
            draft.owner_id = customer.owner_id
        sites = work.session.scalars(select(Site.id).where(Site.customer_id == customer.id, Site.kind == "site")).all()
        if draft.site_id is None and len(sites) == 1:
            draft.site_id = sites[0]
    return draft


def load(work: Work, case_id: UUID) -> CaseDraft:
    """A case to edit."""
    work.require("case.view")
    c = work.get(Case, case_id)
    return CaseDraft(id=c.id, base_version=c.version, **{name: getattr(c, name) for name in _EDITED})


def save(work: Work, draft: CaseDraft) -> UUID:
    """Create or change a case; unchanged drafts save nothing.

    Raises PermissionDenied, ValidationError, ConflictError; a customer can't change once quotes or contracts stand on it.
    """
    problems = validate(FIELDS, draft) + _references(work, draft)
    if problems:
        raise ValidationError(problems)
    values = {name: _clean(getattr(draft, name)) for name in _EDITED}
    if draft.id is None:
        work.require("case.create")
        case = work.add(Case(number=work.next_number("XM"), **values))
        work.audit(case, "created", title=case.title, customer_id=case.customer_id, case_id=case.id)
        return case.id
    case = work.get(Case, draft.id)
    work.require("case.edit", Ownership(case.owner_id, case.created_by))
    if draft.owner_id != case.owner_id:
        work.require("customer.assign")
    changed = [name for name, value in values.items() if getattr(case, name) != value]
    if not changed and case.version == draft.base_version:
        return case.id
    if "customer_id" in changed and _has_documents(work, case.id):
        raise ValidationError([Problem("case.customer_fixed", "customer_id")])
    work.touch(case, draft.base_version)
    for name, value in values.items():
        setattr(case, name, value)
    work.audit(case, "changed", title=case.title, customer_id=case.customer_id, case_id=case.id, fields=changed)
    return case.id


def _clean(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value


def _references(work: Work, draft: CaseDraft) -> list[Problem]:
    found = []
    customer = work.session.get(Customer, draft.customer_id) if isinstance(draft.customer_id, UUID) else None
    if isinstance(draft.customer_id, UUID) and customer is None:
        found.append(Problem("case.customer_unknown", "customer_id"))
    if customer is not None:
        found += customer_merge.merged_problem(work, customer, "customer_id")
    if isinstance(draft.site_id, UUID):
        site = work.session.get(Site, draft.site_id)
        if site is None or site.customer_id != draft.customer_id:
            found.append(Problem("case.site_other_customer", "site_id"))
    for name in ("owner_id", "designer_id"):
        person = getattr(draft, name)
        if isinstance(person, UUID) and work.session.get(User, person) is None:
            found.append(Problem("case.person_unknown", name))
    return found


def _has_documents(work: Work, case_id: UUID) -> bool:
    return any(
        work.session.scalar(select(func.count()).select_from(model).where(model.case_id == case_id))
        for model in (Quote, Contract)
    )


# steps ---------------------------------------------------------------------------------------------------------------


def do(work: Work, case_id: UUID, action: str, parameters: Mapping[str, str]) -> UUID:
    """pause, resume, win reason=…, lose reason=…, reopen reason=…, assign owner=LOGIN.

    Raises InvalidTransition, PermissionDenied; UserError case.signed when a case with a signed contract shall be lost or reopened.
    """
    case = work.get(Case, case_id)
    step = take(work, TRANSITIONS, case.status, action, Ownership(case.owner_id, case.created_by), parameters)
    if action == "assign":
        return _assign(work, case, users.resolve(work, parameters["owner"]))
    if action in ("lose", "reopen", "pause") and _is_signed(work, case.id):
        raise UserError("case.signed", number=case.number)
    reason = parameters.get("reason", "").strip()
    work.touch(case)
    case.status = step.to or case.status
    if step.to in ("won", "lost"):
        case.outcome_reason, case.closed_at = reason, work.now
    elif action == "reopen":
        case.outcome_reason, case.closed_at = "", None
    detail = {"reason": reason} if reason else {}
    event = _EVENTS[action]
    work.audit(case, event, title=case.title, customer_id=case.customer_id, case_id=case.id, **detail)
    return case.id


def _is_signed(work: Work, case_id: UUID) -> bool:
    return bool(
        work.session.scalar(
            select(func.count()).select_from(Contract).where(Contract.case_id == case_id, Contract.state.in_(SIGNED))
        )
    )


def contract_signed(work: Work, case_id: UUID, contract: str) -> None:
    """Close the case as won because its CONTRACT (number and revision) was signed: part of recording the signature.

    The signature counts more than what was set by hand: a paused case and one given up for lost are won by it, too.
    """
    case = work.get(Case, case_id)
    if case.status == "won":
        return
    work.touch(case)
    case.status, case.outcome_reason, case.closed_at = "won", "", work.now
    work.audit(case, "won", title=case.title, customer_id=case.customer_id, case_id=case.id, note=contract)


def _assign(work: Work, case: Case, owner_id: UUID) -> UUID:
    if owner_id != case.owner_id:
        before = work.session.get(User, case.owner_id) if case.owner_id else None
        after = work.get(User, owner_id)
        work.touch(case)
        case.owner_id = owner_id
        work.audit(
            case,
            "assigned",
            title=case.title,
            customer_id=case.customer_id,
            case_id=case.id,
            before=before.name if before else "",
            to=after.name,
        )
    return case.id


KIND = Kind(
    name="case",
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
    rights={"create": "case.create", "edit": "case.edit"},
    filters=("owner", "customer", "status", "phase", "open", "building_type", "due"),
    sorts=("updated_at", "created_at", "number", "title", "expected_on", "expected_amount_fen"),
)
PHASES: Final = tuple(p.value for p in PIPELINE)
