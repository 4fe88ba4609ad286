"""The plan of a contract through its services: part of what is signed, held against credit, in the workbench when due, in a calendar file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from icalendar import Calendar
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from presales_desktop.models.approvals import Choice
from presales_desktop.models.contract_plan import ContractStepDraft
from presales_desktop.models.errors import PermissionDenied, UserError, ValidationError
from presales_desktop.reports import calendars
from presales_desktop.services import contract_changes, contract_plans, contract_steps, contracts, workbench
from tests.helpers.accepted_quotes import PDF, accepted_quote

Run = Callable[..., Any]


def planned(run: Run, **changes: Any) -> UUID:
    """A contract in draft with the plan that is proposed."""
    draft = run("sales", contracts.new_draft, {"quote_id": accepted_quote(run), "prepayment_fen": 1_000_000})
    draft.steps = run("sales", contract_plans.propose, draft)
    for name, value in changes.items():
        setattr(draft, name, value)
    made: UUID = run("sales", contracts.save, draft)
    return made


def signed(run: Run, contract_id: UUID, day: dt.date) -> None:
    run("sales", contract_steps.submit, contract_id)
    for who in ("legal", "sales_head", "finance"):
        run(who, contract_steps.decide, contract_id, Choice.APPROVE)
    run("sales", contract_steps.send, contract_id, "print", "林晓", PDF)
    run("sales", contract_steps.sign, contract_id, on=day, by="林晓")


def codes(error: pytest.ExceptionInfo[ValidationError]) -> set[str]:
    return {p.code for p in error.value.problems}


def test_a_signed_plan_is_worked_off_and_nothing_else_of_it_changes(run: Run, clock: Any) -> None:
    contract_id = planned(run)
    today = run("sales", lambda work: work.today)
    with pytest.raises(UserError, match=r"contract\.not_signed"):
        run("sales", contract_plans.settle, contract_id, 1, today)
    signed(run, contract_id, today)
    plan = run("sales", contract_plans.calendar, contract_id)
    assert plan.days[0].amount_fen == 1_000_000
    assert sum(d.amount_fen for d in plan.days) == 2_560_000
    first = plan.days[0]
    clock.forward(days=(first.due_on - today).days + 1)
    owed = [t for t in run("sales", workbench.today).owed if t.action == "plan_payment_due"]
    assert [(t.kind, t.id, t.tone) for t in owed] == [("contract", contract_id, "bad")]
    assert not [t for t in run("sales2", workbench.today).owed if t.action.startswith("plan_")]
    with pytest.raises(PermissionDenied):
        run("sales2", contract_plans.settle, contract_id, 1, today)
    with pytest.raises(ValidationError) as error:
        run("sales", contract_plans.settle, contract_id, 1, today + dt.timedelta(days=400))
    assert codes(error) == {"contract.settle_day"}
    with pytest.raises(ValidationError) as error:
        run("sales", contracts.do, contract_id, "settle", {"step": "99"})
    assert codes(error) == {"contract.no_such_step"}
    run("finance", contracts.do, contract_id, "settle", {"step": "1", "on": today.isoformat()})
    assert run("sales", contracts.show, contract_id).draft.steps[0].done_on == today
    assert not [t for t in run("sales", workbench.today).owed if t.action == "plan_payment_due"]
    for statement in ("UPDATE contract_step SET amount_fen = 1", "DELETE FROM contract_step"):
        with pytest.raises(IntegrityError, match="frozen"):
            run("sales", lambda work, s=statement: work.session.execute(text(s)))
    run("sales", contracts.do, contract_id, "settle", {"step": "1"})
    assert run("sales", contracts.show, contract_id).draft.steps[0].done_on is None


def test_a_plan_that_does_not_add_up_is_not_submitted(run: Run) -> None:
    contract_id = planned(run, steps=[ContractStepDraft(kind="payment", title="全款", amount_fen=100)])
    with pytest.raises(ValidationError) as error:
        run("sales", contract_steps.submit, contract_id)
    assert "contract.steps_sum" in codes(error)


def test_a_plan_beyond_the_term_of_the_grade_is_not_let_through_by_finance(run: Run) -> None:
    total = 2_560_000
    steps = [
        ContractStepDraft(kind="payment", title="预付款", amount_fen=total // 2),
        ContractStepDraft(kind="delivery", title="交货", base="payment", days=10),
        ContractStepDraft(kind="payment", title="余款", amount_fen=total - total // 2, base="delivery", days=400),
    ]
    contract_id = planned(run, steps=steps)
    assert "credit.term_long" in {p.code for p in run("sales", contracts.show, contract_id).hints}
    run("sales", contract_steps.submit, contract_id)
    with pytest.raises(ValidationError) as error:
        run("finance", contract_steps.decide, contract_id, Choice.APPROVE)
    assert "credit.term_long" in codes(error)


def test_the_next_revision_takes_the_plan_along_and_tells_what_changed(run: Run) -> None:
    contract_id = planned(run)
    run("sales", contract_steps.submit, contract_id)
    run("legal", contract_steps.decide, contract_id, Choice.RETURN, comment="付款")
    second = run("sales", contract_steps.revise, contract_id)
    draft = run("sales", contracts.load, second)
    assert [s.title for s in draft.steps] == [s.title for s in run("sales", contracts.load, contract_id).steps]
    draft.steps[0].days += 5
    run("sales", contracts.save, draft)
    since = run("sales", contract_changes.since_last, second)
    assert [(c.area, c.fact) for c in since.changes] == [("step", "days")]


def test_the_calendar_file_has_an_entry_for_each_day_that_is_known(run: Run) -> None:
    contract_id = planned(run)
    signed(run, contract_id, run("sales", lambda work: work.today))
    plan = run("sales", contract_plans.calendar, contract_id)
    events = Calendar.from_ical(calendars.render(plan)).walk("VEVENT")
    assert [e.decoded("dtstart") for e in events] == [d.due_on for d in plan.days]
    assert len({str(e["uid"]) for e in events}) == len(plan.days)
    assert "¥" in str(events[0]["summary"])
    assert plan.customer in str(events[0]["summary"])
    run("sales", contract_plans.settle, contract_id, 1, run("sales", lambda work: work.today))
    later = Calendar.from_ical(calendars.render(run("sales", contract_plans.calendar, contract_id), "en"))
    assert len(later.walk("VEVENT")) == len(plan.days) - 1
