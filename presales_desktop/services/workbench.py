"""工作台: what the actor owes today, what others owe him, the pipeline, this week. Computed from what the records hold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import func, or_, select

from presales_desktop.models.approvals import CONTRACT_STEPS, QUOTE_STEPS, Steps
from presales_desktop.models.cases import Case
from presales_desktop.models.contracts import Contract
from presales_desktop.models.credit import (
    ASSESSABLE,
    EXCEPTION_STEPS,
    REASSESS_DAYS,
    CreditApplication,
    CreditException,
)
from presales_desktop.models.customers import Customer
from presales_desktop.models.designs import REVIEW_STEPS, Design
from presales_desktop.models.journal import SendRecord
from presales_desktop.models.permissions import Role, may
from presales_desktop.models.progress import OPEN_PHASES, SIGNED, NextStep, amount, next_step, phase
from presales_desktop.models.quote_pricing import in_yuan
from presales_desktop.models.quotes import Quote, yuan_total
from presales_desktop.models.surveys import Survey
from presales_desktop.models.values import SHANGHAI, shanghai_day
from presales_desktop.models.workdays import add_workdays
from presales_desktop.services import approvals, contract_plans, users
from presales_desktop.services.case_facts import CaseItem, facts, items_in
from presales_desktop.services.work import Work

EXPIRING_DAYS: Final = 7
_APPROVAL_DAYS: Final = 2
_LIMIT: Final = 60
_APPROVALS: Final[tuple[tuple[type[Any], Steps, str, str], ...]] = (
    (Quote, QUOTE_STEPS, "approve_quote", "quotes"),
    (Contract, CONTRACT_STEPS, "approve_contract", "contracts"),
    (Design, REVIEW_STEPS, "review_design", "designs"),
    (CreditException, EXCEPTION_STEPS, "approve_exception", "credit_exceptions"),
)
_WHOLE_COMPANY: Final = frozenset({Role.SALES_HEAD, Role.MANAGEMENT, Role.MANAGER, Role.SUPERVISION, Role.FINANCE})


@dataclass(frozen=True)
class Task:
    """Something to be done on a record.

    `action`: a code of texts/cases.py NEXT_STEPS ("approve_quote", "manual" with `text`) or "quote_expiring"; `who`: who owes it as
    in NextStep.who, `person` his name where it is one person; `tone`: "bad" late, "amber" today, else "neutral".
    """

    kind: str
    id: UUID
    title: str
    customer: str
    action: str
    text: str
    who: str
    person: str
    due_on: dt.date | None
    tone: str
    amount_fen: int | None = None


@dataclass(frozen=True)
class PhaseSum:
    """Open cases of one phase."""

    phase: str
    count: int
    amount_fen: int


@dataclass(frozen=True)
class Week:
    """What this week (Monday to Sunday) has brought so far."""

    first: dt.date
    last: dt.date
    new_cases: int
    sent: int
    sent_fen: int
    signed: int
    signed_fen: int


@dataclass(frozen=True)
class Workbench:
    """All of it; `team_late`: overdue steps of those who report to the actor; `mine`: whether pipeline and week are the actor's
    own or the company's."""

    today: dt.date
    owed: tuple[Task, ...]
    waiting_for_others: tuple[Task, ...]
    team_late: tuple[Task, ...]
    pipeline: tuple[PhaseSum, ...]
    week: Week
    mine: bool


def _tone(due: dt.date | None, today: dt.date) -> str:
    if due is None or due > today:
        return "neutral"
    return "bad" if due < today else "amber"


def today(work: Work) -> Workbench:
    """The actor's 工作台."""
    work.require("case.view")
    mine = not work.actor.roles & _WHOLE_COMPANY  # then only his own cases are read: no sums of the company from them
    known = [(row, items, facts(work, row, items)) for row, items in _open_cases(work)]
    names = users.names(work)
    owed = [_made(task) for task in _approvals(work)]
    seen = {(found.kind, found.id) for found in owed}
    waiting: list[_Candidate] = []
    team: list[_Candidate] = []
    for row, items, held in known:
        step = next_step(held)
        if step is None:
            continue
        found = _candidate(work, row, items, step, names)
        late = _tone(step.due, work.today) == "bad"
        if step.user_id == work.actor.id and (step.who != "customer" or late):
            if (found.kind, found.id) not in seen:
                owed.append(found)
        elif row.owner_id == work.actor.id:
            waiting.append(found)
        if step.user_id in work.actor.reports and late:
            team.append(found)
    seen |= {(found.kind, found.id) for found in owed}
    owed += [_made(task) for task in _expiring(work) if (task.kind, task.id) not in seen]
    owed += [_made(task) for task in _credit(work)]
    owed += [_made(task) for task in _planned(work)]
    sums: dict[str, list[int]] = {p.value: [0, 0] for p in OPEN_PHASES}
    for row, _, held in known:
        bucket = sums.get(phase(held).value)
        if bucket is not None and (not mine or work.actor.id in (row.owner_id, row.designer_id)):
            bucket[0] += 1
            bucket[1] += amount(held, row.expected_amount_fen) or 0
    return Workbench(
        work.today,
        _most_urgent(owed),
        _most_urgent(waiting),
        _most_urgent(team),
        tuple(PhaseSum(p, *values) for p, values in sums.items()),
        _week(work, mine),
        mine,
    )


class _Candidate(NamedTuple):
    """Where a task would stand; made only if it is among the first, for there may be thousands."""

    due: dt.date
    title: str
    kind: str
    id: UUID
    make: Callable[[], Task]


def _made(task: Task) -> _Candidate:
    return _Candidate(task.due_on or dt.date.max, task.title, task.kind, task.id, lambda: task)


def _most_urgent(found: Sequence[_Candidate]) -> tuple[Task, ...]:
    return tuple(c.make() for c in nsmallest(_LIMIT, found, key=lambda c: (c.due, c.title, c.id)))


def _open_cases(work: Work) -> Iterator[tuple[Any, Sequence[CaseItem]]]:
    """Open cases with what they hold; somebody who only sells or designs gets his own."""
    which = [Case.status == "open"]
    if not work.actor.roles & _WHOLE_COMPANY:
        me = work.actor.id
        which.append(or_(Case.owner_id == me, Case.designer_id == me))
    rows = work.session.execute(
        select(
            Case.id, Case.number, Case.title, Case.owner_id, Case.designer_id, Case.status, Case.expected_amount_fen,
            Case.next_step, Case.next_due_on, Case.created_at, Customer.name.label("customer"),
        )
        .join(Customer, Customer.id == Case.customer_id)
        .where(*which)
    ).all()  # fmt: skip
    held = items_in(work, select(Case.id).where(*which))
    for row in rows:
        yield row, held.get(row.id, ())


def _candidate(work: Work, row: Any, items: Sequence[CaseItem], step: NextStep, names: dict[UUID, str]) -> _Candidate:
    """The next step of a case as a task on the record that it is done on, else on the case."""
    item = next((i for i in items if i.id == step.record_id), None) if step.record_id is not None else None
    makes_new = item is None or step.action.startswith(("make_", "start_", "plan_"))
    # what stands on a submitted revision waits for others: whoever opens it sees the record itself
    kind, record_id = ("case", row.id) if makes_new or item is None else (item.kind, item.id)
    # a survey has no title of its own: its summary says nothing about where it belongs
    own = "" if item is None or kind in ("case", "survey") else item.title
    title = own or row.title

    def make() -> Task:
        return Task(
            kind, record_id, title, row.customer, step.action, step.text, step.who,
            names.get(step.user_id, "") if step.user_id else "", step.due, _tone(step.due, work.today),
            item.amount_fen if item is not None else row.expected_amount_fen,
        )  # fmt: skip

    return _Candidate(step.due or dt.date.max, title, kind, record_id, make)


def _approvals(work: Work) -> Iterator[Task]:
    """Submitted quotes, contracts and designs of which the actor may decide a step."""
    for model, steps, action, _ in _APPROVALS:
        if not any(may(work.actor, steps.right(s)).allowed for s in steps.steps):
            continue
        rows = work.session.execute(
            select(model, Customer.name)
            .join(Customer, Customer.id == model.customer_id)
            .where(approvals.waiting_for_actor(work, model, steps))
            .order_by(model.submitted_at)
            .limit(_LIMIT)
        )
        for record, customer in rows:
            due = add_workdays(shanghai_day(record.submitted_at or record.updated_at), _APPROVAL_DAYS)
            yield Task(
                record.KIND, record.id, record.title or record.number, customer, action, "", "owner", work.actor.name,
                due, _tone(due, work.today), _worth(record),
            )  # fmt: skip


def _credit(work: Work) -> Iterator[Task]:
    """Applications to be assessed, for assessors; the actor's customers whose grade ends within a month or has ended."""
    found = select(CreditApplication, Customer.name).join(Customer, Customer.id == CreditApplication.customer_id)
    if may(work.actor, "credit.assess").allowed:
        own = or_(CreditApplication.applied_by == work.actor.id, CreditApplication.owner_id == work.actor.id)
        waiting = found.where(CreditApplication.state.in_(ASSESSABLE), ~own).order_by(CreditApplication.applied_at)
        for credit, customer in work.session.execute(waiting.limit(_LIMIT)):
            due = add_workdays(shanghai_day(credit.applied_at or credit.updated_at), _APPROVAL_DAYS)
            yield _credit_task(work, credit, customer, "assess_credit", due)
    soon = work.today + dt.timedelta(days=REASSESS_DAYS)
    ending = found.where(
        CreditApplication.state == "graded", CreditApplication.valid_until <= soon, Customer.owner_id == work.actor.id
    )
    for credit, customer in work.session.execute(ending.order_by(CreditApplication.valid_until).limit(_LIMIT)):
        yield _credit_task(work, credit, customer, "reassess_credit", credit.valid_until)


def _planned(work: Work) -> Iterator[Task]:
    """What is due within a week of the actor's signed contracts: payments to come in, deliveries, acceptances."""
    last = work.today + dt.timedelta(days=EXPIRING_DAYS)
    for step in contract_plans.due_until(work, last, work.actor.id):
        yield Task(
            "contract", step.contract_id, f"{step.step} · {step.title}", step.customer, f"plan_{step.kind}_due", "", "owner",
            work.actor.name, step.due_on, _tone(step.due_on, work.today), step.amount_fen or None,
        )  # fmt: skip


def _credit_task(work: Work, credit: CreditApplication, customer: str, action: str, due: dt.date | None) -> Task:
    return Task(
        "credit", credit.id, credit.number, customer, action, "", "owner", work.actor.name, due, _tone(due, work.today)
    )  # fmt: skip


def _worth(record: Any) -> int | None:
    """What a paper comes to in fen of yuan."""
    return in_yuan(record.total_fen, record) if isinstance(record, Quote) else getattr(record, "total_fen", None)


def _expiring(work: Work) -> Iterator[Task]:
    """The actor's quotes at customers that lose their validity within a week."""
    rows = work.session.execute(
        select(Quote, Customer.name)
        .join(Customer, Customer.id == Quote.customer_id)
        .where(
            Quote.owner_id == work.actor.id,
            Quote.state == "sent",
            Quote.valid_until >= work.today,
            Quote.valid_until <= work.today + dt.timedelta(days=EXPIRING_DAYS),
        )
        .order_by(Quote.valid_until)
        .limit(_LIMIT)
    )
    for quote, customer in rows:
        yield Task(
            "quote", quote.id, quote.title or quote.number, customer, "quote_expiring", "", "owner", work.actor.name,
            quote.valid_until, _tone(quote.valid_until, work.today), _worth(quote),
        )  # fmt: skip


def _week(work: Work, mine: bool) -> Week:
    first = work.today - dt.timedelta(days=work.today.weekday())
    since = dt.datetime.combine(first, dt.time(), SHANGHAI)
    cases = select(func.count()).select_from(Case).where(Case.created_at >= since)
    sent = (
        select(func.count(func.distinct(Quote.id)), func.coalesce(func.sum(yuan_total()), 0))
        .select_from(Quote)
        .where(
            Quote.id.in_(
                select(SendRecord.subject_id).where(SendRecord.subject_kind == "quote", SendRecord.sent_at >= since)
            )
        )
    )
    signed = select(func.count(), func.coalesce(func.sum(Contract.total_fen), 0)).where(
        Contract.state.in_(SIGNED), Contract.signed_on >= first
    )
    if mine:
        me = work.actor.id
        cases = cases.where(or_(Case.owner_id == me, Case.designer_id == me))
        sent, signed = sent.where(Quote.owner_id == me), signed.where(Contract.owner_id == me)
    sent_row, signed_row = work.session.execute(sent).one(), work.session.execute(signed).one()
    return Week(
        first, first + dt.timedelta(days=6), work.session.execute(cases).scalar_one(),
        sent_row[0], int(sent_row[1]), signed_row[0], int(signed_row[1]),
    )  # fmt: skip


def counts(work: Work) -> dict[str, int]:
    """What waits for the actor, by entry of the navigation: approvals that he may decide, surveys of his due by today."""
    found: dict[str, int] = {}
    for model, steps, _, key in _APPROVALS:
        if any(may(work.actor, steps.right(s)).allowed for s in steps.steps):
            condition = approvals.waiting_for_actor(work, model, steps)
            found[key] = work.session.execute(select(func.count()).select_from(model).where(condition)).scalar_one()
    found["surveys"] = work.session.execute(
        select(func.count())
        .select_from(Survey)
        .where(Survey.owner_id == work.actor.id, Survey.state == "planned", Survey.planned_on <= work.today)
    ).scalar_one()
    if may(work.actor, "credit.assess").allowed:
        found["credit"] = work.session.execute(
            select(func.count()).select_from(CreditApplication).where(CreditApplication.state.in_(ASSESSABLE))
        ).scalar_one()
    return {key: count for key, count in found.items() if count}
