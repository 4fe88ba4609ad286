"""Contracts: made from an accepted quote, with clauses from the library; lists and drafts. Steps and paper: contract_steps.py."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from presales_desktop.models.approvals import CONTRACT_STEPS
from presales_desktop.models.cases import Case
from presales_desktop.models.contract_plan import STEP_FIELDS, ContractStep, ContractStepDraft, due_days, term_days
from presales_desktop.models.contract_text import Subject
from presales_desktop.models.contracts import (
    CLAUSE_FIELDS,
    FIELDS,
    PARTY,
    STATES,
    TRANSITIONS,
    ClauseDraft,
    Contract,
    ContractClause,
    ContractDraft,
    PartCheck,
    check_parts,
    hints,
    money_problems,
    problems,
)
from presales_desktop.models.customers import Customer
from presales_desktop.models.errors import Problem, UserError, ValidationError
from presales_desktop.models.permissions import Ownership
from presales_desktop.models.quotes import Quote
from presales_desktop.models.users import User
from presales_desktop.services import approvals, attachments, credit_gate, numbered, parts
from presales_desktop.services.approvals import StepStatus
from presales_desktop.services.attachments import AttachmentRow
from presales_desktop.services.contracts_from import subject_of, take_quote
from presales_desktop.services.kinds import Kind
from presales_desktop.services.listing import Listing, ListQuery, Page
from presales_desktop.services.work import Work

SIDES = ("buyer", "seller")
_HEAD = ("title", "owner_id", "sign_place", "sign_on", "copies", "deposit_fen", "prepayment_fen", "notes")


@dataclass(frozen=True)
class ContractRow:
    """A contract as lists show it."""

    id: UUID
    number: str
    revision: int
    title: str
    state: str
    customer_id: UUID
    customer: str
    case_id: UUID
    case_number: str
    case_title: str
    quote_id: UUID
    quote_number: str
    owner_id: UUID | None
    owner: str
    total_fen: int
    submitted_at: dt.datetime | None
    signed_on: dt.date | None
    updated_at: dt.datetime


@dataclass(frozen=True)
class DecisionRow:
    """A decision on any revision of the family; `bound` when it holds for the revision that is shown."""

    revision: int
    step: str
    verdict: str
    by: str
    at: dt.datetime
    comment: str
    bound: bool


@dataclass(frozen=True)
class RevisionRow:
    """One revision of the family."""

    id: UUID
    revision: int
    state: str
    updated_at: dt.datetime


@dataclass(frozen=True)
class ContractShown:
    """A contract whole."""

    id: UUID
    version: int
    number: str
    revision: int
    title: str
    state: str
    customer_id: UUID
    customer: str
    case_id: UUID
    case_number: str
    case_title: str
    quote_id: UUID
    quote_label: str
    owner_id: UUID | None
    owner: str
    created_by: UUID | None
    draft: ContractDraft
    subject: Subject
    parts: tuple[PartCheck, ...]
    hints: tuple[Problem, ...]
    steps: tuple[StepStatus, ...]
    decisions: tuple[DecisionRow, ...]
    revisions: tuple[RevisionRow, ...]
    total_fen: int
    content_hash: str
    credit_grade: str
    submitted_at: dt.datetime | None
    signed_on: dt.date | None
    signed_by: str
    files: tuple[AttachmentRow, ...]
    latest: bool
    due: tuple[dt.date | None, ...] = ()


def ownership(contract: Contract) -> Ownership:
    """Whose the contract is, for rights of the scope "own"."""
    return Ownership(contract.owner_id, contract.created_by)


def label_of(contract: Contract) -> str:
    """Number and revision, as it is printed."""
    return f"{contract.number}-R{contract.revision}"


def title_of(contract: Contract) -> str:
    """How the journal names it."""
    return f"{label_of(contract)} {contract.title}".strip()


# -- lists -------------------------------------------------------------------------------------------------------------


def list_rows(work: Work, query: ListQuery) -> Page[ContractRow]:
    """Contracts, newest change first; filters state, states, owner_id (or "me"), customer_id, case_id, quote_id, family_id, latest,
    waiting ("me": what the actor may decide now)."""
    work.require("contract.view")
    statement: Any = (
        select(Contract, Customer.name, Case.number, Case.title, Quote.number, Quote.revision, User.name)
        .join(Customer, Customer.id == Contract.customer_id)
        .join(Case, Case.id == Contract.case_id)
        .join(Quote, Quote.id == Contract.quote_id)
        .outerjoin(User, User.id == Contract.owner_id)
    )
    table = Contract.__table__.c
    listing = Listing[ContractRow](
        statement=statement,
        id_column=table.id,
        sortable={
            "updated_at": table.updated_at, "number": table.number, "title": table.title, "state": table.state,
            "customer": Customer.__table__.c.name, "total_fen": table.total_fen, "submitted_at": table.submitted_at,
            "signed_on": table.signed_on, "revision": table.revision,
        },
        filters={
            "state": lambda v: Contract.state == v,
            "states": lambda v: Contract.state.in_(v.split(",")),
            "case_id": lambda v: Contract.case_id == UUID(v),
            "customer_id": lambda v: Contract.customer_id == UUID(v),
            "quote_id": lambda v: Contract.quote_id == UUID(v),
            "family_id": lambda v: Contract.family_id == UUID(v),
            "owner_id": lambda v: Contract.owner_id == (work.actor.id if v == "me" else UUID(v)),
            "latest": lambda v: numbered.wanted(v, numbered.is_newest(Contract)),
            "waiting": lambda v: approvals.waiting_for_actor(work, Contract, CONTRACT_STEPS),
        },
        make=_row,
        default_sort="-updated_at",
        search_kind="contract",
    )  # fmt: skip
    return listing.page(work, query)


def _row(row: Any) -> ContractRow:
    contract, customer, case_number, case_title, quote_number, quote_revision, owner = row
    return ContractRow(
        contract.id, contract.number, contract.revision, contract.title, contract.state, contract.customer_id, customer,
        contract.case_id, case_number, case_title, contract.quote_id, f"{quote_number}-R{quote_revision}",
        contract.owner_id, owner or "", contract.total_fen, contract.submitted_at, contract.signed_on,
        contract.updated_at,
    )  # fmt: skip


def resolve(work: Work, text: str) -> UUID:
    """A contract's id from UUID, number (its latest revision) or number with revision ("HT20261123-001-R2")."""
    return numbered.resolve_revision(work, Contract, "contract", text)


# -- drafts ------------------------------------------------------------------------------------------------------------


def new_draft(work: Work, initial: dict[str, Any]) -> ContractDraft:
    """A contract from an accepted quote (quote_id), with both parties and the clauses that fit; without one, an empty draft.

    Raises UserError quote.not_accepted, quote.not_approved, quote.altered, quote.expired, contract.quote_used.
    """
    work.require("contract.create")
    values = {"owner_id": work.actor.id, **initial}
    quote_id = values.pop("quote_id", None)
    values.pop("case_id", None)
    values.pop("customer_id", None)
    values["owner_id"] = UUID(str(values["owner_id"]))
    draft = ContractDraft(**values)
    if quote_id:
        take_quote(work, draft, UUID(str(quote_id)))
    return draft


def load(work: Work, contract_id: UUID) -> ContractDraft:
    """A contract to edit."""
    work.require("contract.view")
    contract = work.get(Contract, contract_id)
    draft = ContractDraft(
        id=contract.id, base_version=contract.version, number=contract.number, revision=contract.revision,
        state=contract.state, quote_id=contract.quote_id, case_id=contract.case_id, customer_id=contract.customer_id,
        total_fen=contract.total_fen, clauses=[parts.to_draft(c, ClauseDraft) for c in clauses_of(work, contract_id)],
        steps=[parts.to_draft(s, ContractStepDraft) for s in steps_of(work, contract_id)],
        **{name: getattr(contract, name) for name in _HEAD},
    )  # fmt: skip
    for side in SIDES:
        for name in PARTY:
            setattr(draft, f"{side}_{name}", str(contract.parties.get(side, {}).get(name, "")))
    return draft


def clauses_of(work: Work, contract_id: UUID) -> list[ContractClause]:
    """The clauses of a contract, in order."""
    statement = select(ContractClause).where(ContractClause.contract_id == contract_id)
    return list(work.session.scalars(statement.order_by(ContractClause.sort, ContractClause.id)))


def steps_of(work: Work, contract_id: UUID) -> list[ContractStep]:
    """The plan of a contract, in order."""
    statement = select(ContractStep).where(ContractStep.contract_id == contract_id)
    return list(work.session.scalars(statement.order_by(ContractStep.sort, ContractStep.id)))


def save(work: Work, draft: ContractDraft) -> UUID:
    """Create or change a contract in draft.

    Raises ValidationError; UserError contract.frozen for what was submitted, and for a new one those of `take_quote`;
    ConflictError; PermissionDenied.
    """
    if draft.id is None:
        work.require("contract.create")
        if draft.quote_id is None:
            raise ValidationError([Problem("contract.quote_missing", "quote_id")])
        take_quote(work, draft, draft.quote_id)
    contract = None if draft.id is None else _open(work, draft.id)
    if contract is not None:
        # What the quote says is never taken from a form.
        draft.quote_id, draft.total_fen = contract.quote_id, contract.total_fen
        draft.buyer_name = str(contract.parties.get("buyer", {}).get("name", ""))
    found = problems(draft) + [p for p in money_problems(draft, draft.total_fen) if p.code == "contract.deposit_over"]
    if found:
        raise ValidationError(found)
    if contract is None:
        contract = _create(work, draft)
    else:
        work.touch(contract, draft.base_version)
    for name in _HEAD:
        value = getattr(draft, name)
        setattr(contract, name, value.strip() if isinstance(value, str) else value)
    contract.parties = {side: {n: getattr(draft, f"{side}_{n}").strip() for n in PARTY} for side in SIDES}
    work.session.flush()
    contract_id = contract.id
    parts.sync(
        work, clauses_of(work, contract_id), draft.clauses, CLAUSE_FIELDS,
        lambda values: ContractClause(contract_id=contract_id, **values),
    )  # fmt: skip
    parts.sync(
        work, steps_of(work, contract_id), draft.steps, STEP_FIELDS,
        lambda values: ContractStep(contract_id=contract_id, **values),
    )  # fmt: skip
    audit(work, contract, "created" if draft.id is None else "changed")
    return contract_id


def _create(work: Work, draft: ContractDraft) -> Contract:
    assert draft.case_id is not None
    assert draft.customer_id is not None
    return work.add(
        Contract(
            number=work.next_number("HT"), family_id=work.new_id(), revision=1, title=draft.title,
            case_id=draft.case_id, customer_id=draft.customer_id, quote_id=draft.quote_id, total_fen=draft.total_fen,
            state="draft", frozen="", content_hash="", signed_by="",
        )
    )  # fmt: skip


def _open(work: Work, contract_id: UUID) -> Contract:
    contract = work.get(Contract, contract_id)
    work.require("contract.edit", ownership(contract))
    if contract.state != "draft":
        raise UserError("contract.frozen", kind="contract", number=label_of(contract))
    return contract


def audit(work: Work, contract: Contract, action: str, **detail: Any) -> None:
    """Write the journal with what timelines of case and customer need."""
    work.audit(
        contract, action, title=title_of(contract), customer_id=contract.customer_id, case_id=contract.case_id,
        revision=contract.revision, total_fen=contract.total_fen, **detail,
    )  # fmt: skip


# -- whole -------------------------------------------------------------------------------------------------------------


def is_new_customer(work: Work, customer_id: UUID) -> bool:
    """Whether no contract with the customer was ever signed."""
    return not work.session.scalar(
        select(func.count()).where(Contract.customer_id == customer_id, Contract.state == "signed")
    )


def hints_of(work: Work, draft: ContractDraft, subject: Subject | None) -> list[Problem]:
    """What to look at once more, credit included; none of it blocks."""
    if draft.customer_id is None:
        return []
    stands = credit_gate.standing(work, draft.customer_id, draft.case_id)
    found = hints(draft, subject, stands.grade, new_customer=is_new_customer(work, draft.customer_id))
    if stands.required is not None:
        stored = work.session.get(Contract, draft.id) if draft.id is not None else None
        asked = credit_gate.problems_of(
            work, draft.customer_id, draft.case_id, total_fen=draft.total_fen,
            prepaid_fen=draft.deposit_fen + draft.prepayment_fen, family_id=stored.family_id if stored else None,
            term_days=term_days(draft.steps),
        )  # fmt: skip
        found = [replace(p, blocking=False) for p in asked] + found
    return found


def show(work: Work, contract_id: UUID) -> ContractShown:
    """A contract whole, with decisions, revisions and files."""
    draft = load(work, contract_id)
    contract = work.get(Contract, contract_id)
    customer, case = work.get(Customer, contract.customer_id), work.get(Case, contract.case_id)
    owner = work.session.get(User, contract.owner_id) if contract.owner_id else None
    subject = subject_of(work, contract.quote_id)
    family = work.session.scalars(
        select(Contract).where(Contract.family_id == contract.family_id).order_by(Contract.revision.desc())
    ).all()
    return ContractShown(
        id=contract.id, version=contract.version, number=contract.number, revision=contract.revision,
        title=contract.title, state=contract.state, customer_id=customer.id, customer=customer.name, case_id=case.id,
        case_number=case.number, case_title=case.title, quote_id=contract.quote_id, quote_label=subject.quote_label,
        owner_id=contract.owner_id, owner=owner.name if owner else "", created_by=contract.created_by, draft=draft,
        subject=subject, parts=check_parts(draft, subject), hints=tuple(hints_of(work, draft, subject)),
        steps=approvals.status(work, contract, CONTRACT_STEPS), decisions=_decisions(work, contract, family),
        revisions=tuple(RevisionRow(c.id, c.revision, c.state, c.updated_at) for c in family),
        total_fen=contract.total_fen, content_hash=contract.content_hash, credit_grade=customer.credit_grade,
        submitted_at=contract.submitted_at, signed_on=contract.signed_on, signed_by=contract.signed_by,
        files=attachments.list_of(work, "contract", contract_id), latest=family[0].id == contract.id,
        due=due_days(draft.steps, contract.signed_on or contract.sign_on),
    )  # fmt: skip


def _decisions(work: Work, contract: Contract, family: Sequence[Contract]) -> tuple[DecisionRow, ...]:
    made = [
        DecisionRow(
            d.revision, d.step, d.verdict, approvals.who(d), d.at, d.comment,
            each.id == contract.id and d.content_hash == contract.content_hash,
        )
        for each in family
        for d in approvals.decisions(work, "contract", each.id)
    ]  # fmt: skip
    return tuple(sorted(made, key=lambda d: d.at, reverse=True))


def do(work: Work, contract_id: UUID, action: str, parameters: dict[str, str]) -> Any:
    """A step of the workflow: see contract_steps.do."""
    from presales_desktop.services import contract_steps

    return contract_steps.do(work, contract_id, action, parameters)


KIND = Kind(
    name="contract",
    fields=FIELDS,
    parts={"clauses": CLAUSE_FIELDS},
    states=STATES,
    transitions=TRANSITIONS,
    list_rows=list_rows,
    show=show,
    resolve=resolve,
    new_draft=new_draft,
    load=load,
    save=save,
    do=do,
    rights={"create": "contract.create", "edit": "contract.edit"},
    filters=("state", "states", "case_id", "customer_id", "quote_id", "family_id", "owner_id", "latest", "waiting"),
    sorts=("updated_at", "number", "title", "state", "customer", "total_fen", "submitted_at", "signed_on", "revision"),
)
