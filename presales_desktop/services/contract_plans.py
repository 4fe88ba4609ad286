"""The plan of payments, deliveries and acceptances of contracts: what came, what is due, and a plan to begin with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from presales_desktop.models.contract_plan import ContractStep, ContractStepDraft, due_days, proposed, settle_problem
from presales_desktop.models.contracts import Contract, ContractDraft
from presales_desktop.models.customers import Customer
from presales_desktop.models.errors import Problem, UserError, ValidationError
from presales_desktop.services import contracts, contracts_from, credit_gate
from presales_desktop.services.work import Work
from presales_desktop.texts.contracts import STEP_TITLES


@dataclass(frozen=True)
class PlannedDay:
    """A step with the day it is due, None while that is not known; `done_on` when it came."""

    id: UUID
    n: int
    kind: str
    title: str
    amount_fen: int
    note: str
    due_on: dt.date | None
    done_on: dt.date | None


@dataclass(frozen=True)
class ContractCalendar:
    """The plan of one contract as a calendar shows it."""

    label: str
    title: str
    customer: str
    signed: bool
    days: tuple[PlannedDay, ...]


@dataclass(frozen=True)
class DueStep:
    """A step of a signed contract that has not come yet."""

    contract_id: UUID
    title: str
    customer: str
    kind: str
    step: str
    amount_fen: int
    due_on: dt.date


def propose(work: Work, draft: ContractDraft) -> list[ContractStepDraft]:
    """Steps that fit the DRAFT's deposit, prepayment and delivery and the terms of the customer's credit grade."""
    subject = contracts_from.subject_of(work, draft.quote_id) if draft.quote_id is not None else None
    total = subject.total_fen if subject is not None else draft.total_fen
    required = (
        credit_gate.standing(work, draft.customer_id, draft.case_id).required if draft.customer_id is not None else None
    )
    return proposed(
        total, draft.deposit_fen, draft.prepayment_fen, required.term_days if required is not None else None,
        subject.delivery if subject is not None else "", STEP_TITLES,
    )  # fmt: skip


def calendar(work: Work, contract_id: UUID) -> ContractCalendar:
    """The plan of a contract; before the signing counted from the day that was agreed for it."""
    work.require("contract.view")
    contract = work.get(Contract, contract_id)
    steps = contracts.steps_of(work, contract_id)
    due = due_days(steps, contract.signed_on or contract.sign_on)
    days = tuple(
        PlannedDay(s.id, n, s.kind, s.title, s.amount_fen, s.note, day, s.done_on)
        for n, (s, day) in enumerate(zip(steps, due, strict=True), start=1)
    )
    customer = work.get(Customer, contract.customer_id).name
    return ContractCalendar(contracts.label_of(contract), contract.title, customer, contract.state == "signed", days)


def due_until(work: Work, last: dt.date, owner_id: UUID | None) -> Iterator[DueStep]:
    """What is due of signed contracts up to LAST and has not come; of one owner, or of all with None."""
    open_ones = select(ContractStep.contract_id).where(ContractStep.done_on.is_(None))
    statement = (
        select(Contract, Customer.name)
        .join(Customer, Customer.id == Contract.customer_id)
        .where(Contract.state == "signed", Contract.id.in_(open_ones))
    )
    if owner_id is not None:
        statement = statement.where(Contract.owner_id == owner_id)
    found = work.session.execute(statement).all()
    plans: dict[UUID, list[ContractStep]] = {contract.id: [] for contract, _ in found}
    for step in work.session.scalars(
        select(ContractStep)
        .where(ContractStep.contract_id.in_(statement.with_only_columns(Contract.id)))
        .order_by(ContractStep.sort, ContractStep.id)
    ):
        plans[step.contract_id].append(step)
    for contract, customer in found:
        steps = plans[contract.id]
        for step, day in zip(steps, due_days(steps, contract.signed_on), strict=True):
            if step.done_on is None and day is not None and day <= last:
                yield DueStep(contract.id, contract.title, customer, step.kind, step.title, step.amount_fen, day)


def settle(work: Work, contract_id: UUID, step: int, on: dt.date | None) -> None:
    """Record the day ON which step number STEP (from 1) of a signed contract's plan came; None takes it back.

    Raises UserError contract.not_signed; ValidationError contract.no_such_step, contract.settle_day for a day in the future; PermissionDenied.
    """
    contract = work.get(Contract, contract_id)
    work.require("contract.settle", contracts.ownership(contract))
    if contract.state != "signed":
        raise UserError("contract.not_signed", number=contracts.label_of(contract))
    plan = contracts.steps_of(work, contract_id)
    if not 1 <= step <= len(plan):
        raise ValidationError([Problem("contract.no_such_step", "step", {"n": step, "count": len(plan)})])
    found = settle_problem(on, work.today)
    if found is not None:
        raise ValidationError([found])
    row = plan[step - 1]
    if row.done_on == on:
        return
    work.touch(row)
    row.done_on = on
    contracts.audit(work, contract, "settled" if on else "unsettled", step=row.title, on=on.isoformat() if on else "")
