"""Credit through its services: application, assessment, grade, what it does to a contract, exceptions, who sees what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from presales_desktop.models.approvals import Choice
from presales_desktop.models.customers import Customer
from presales_desktop.models.errors import ConflictError, PermissionDenied, UserError, ValidationError
from presales_desktop.models.quotes import Quote
from presales_desktop.services import (
    contract_steps,
    contracts,
    credit,
    credit_exceptions,
    credit_gate,
    credit_schemes,
    credit_steps,
    timeline,
)
from presales_desktop.services.listing import ListQuery
from tests.helpers.accepted_quotes import accepted_quote
from tests.helpers.graded import GOOD, WEAK, applied, assessed, graded
from tests.helpers.need_records import customer_and_case

Run = Callable[..., Any]


def customer_of(run: Run) -> UUID:
    return run("sales", customer_and_case)[0]


def grade_on(run: Run, customer_id: UUID) -> str:
    return run("sales", lambda work: work.get(Customer, customer_id).credit_grade)


def codes(error: pytest.ExceptionInfo[ValidationError]) -> set[str]:
    return {p.code for p in error.value.problems}


# -- assessment --------------------------------------------------------------------------------------------------------


def test_from_the_application_to_the_grade_on_the_customer(run: Run, clock: Any) -> None:
    customer_id = customer_of(run)
    credit_id = applied(run, customer_id)
    waiting = run("finance", credit.list_rows, ListQuery(filters=(("waiting", "1"),))).rows
    assert [r.id for r in waiting] == [credit_id]
    assessed(run, credit_id, GOOD)
    assert run("finance", credit_steps.grade, credit_id) == "B"  # a new customer's best
    shown = run("finance", credit.show, credit_id)
    assert shown.figures.result.computed == "A"
    assert shown.figures.result.caps == ("new",)
    # ten million yuan a month × 30 days × 80 %, capped by a tenth of 120 million net assets
    assert shown.figures.limit_fen == 800_000_000
    assert (shown.terms.prepay_percent, shown.terms.term_days) == (10, 30)
    assert grade_on(run, customer_id) == "B"
    actions = {e.action for e in run("sales", timeline.of, "customer", customer_id)}
    assert {"applied", "assessing", "graded"} <= actions
    clock.forward(days=400)
    assert run("finance", credit.show, credit_id).phase == "expired"
    assert [r.id for r in run("credit", credit.list_rows, ListQuery(filters=(("due", "1"),))).rows] == [credit_id]


def test_a_seller_sees_grade_and_terms_and_no_figure(run: Run) -> None:
    credit_id = graded(run, customer_of(run))
    shown = run("sales", credit.show, credit_id)
    assert shown.grade == "B"
    assert shown.figures is None
    assert shown.draft.statements == []
    assert shown.draft.years is None
    with pytest.raises(PermissionDenied):
        run("sales", credit_steps.document, credit_id)
    events = run("sales", timeline.of, "credit", credit_id)
    assert all("limit" not in str(e.detail) and "score" not in str(e.detail) for e in events)


def test_a_sheet_is_written_by_assessors_only_and_never_on_ones_own_application(run: Run) -> None:
    credit_id = applied(run, customer_of(run))
    draft = run("sales", credit.load, credit_id)
    draft.years = 50
    with pytest.raises(PermissionDenied):
        run("sales", credit.save, draft)
    with pytest.raises(PermissionDenied):
        run("legal", credit_steps.take, credit_id)
    own = applied(run, customer_of(run), seller="credit")
    with pytest.raises(UserError, match=r"credit\.own"):
        run("credit", credit_steps.take, own)


def test_every_question_is_answered_before_a_grade_is_given(run: Run) -> None:
    credit_id = applied(run, customer_of(run))
    run("finance", credit_steps.take, credit_id)
    with pytest.raises(ValidationError) as error:
        run("finance", credit_steps.grade, credit_id)
    assert codes(error) == {"credit.no_sheet"}
    draft = run("finance", credit.load, credit_id)
    for name, value in {**GOOD, "court": ""}.items():
        setattr(draft, name, value)
    run("finance", credit.save, draft)
    with pytest.raises(ValidationError) as error:
        run("finance", credit_steps.grade, credit_id)
    assert [(p.code, p.field) for p in error.value.problems] == [("credit.unanswered", "court")]


def test_a_grade_may_be_worse_with_a_reason_and_never_better(run: Run) -> None:
    credit_id = applied(run, customer_of(run))
    assessed(run, credit_id, GOOD)
    with pytest.raises(ValidationError) as error:
        run("finance", credit_steps.grade, credit_id, "A")
    assert codes(error) == {"credit.grade_better"}
    with pytest.raises(ValidationError) as error:
        run("finance", credit_steps.grade, credit_id, "C")
    assert codes(error) == {"credit.note_required"}
    run("finance", credit.do, credit_id, "grade", {"grade": "C", "note": "现场走访时仓库已搬空"})
    assert run("sales", credit.show, credit_id).terms.prepay_percent == 50


def test_a_new_grade_replaces_the_old_and_revoking_takes_it_off_the_customer(run: Run) -> None:
    customer_id = customer_of(run)
    first = graded(run, customer_id)
    second = graded(run, customer_id, WEAK, statements=False)
    assert run("sales", credit.show, first).state == "superseded"
    assert grade_on(run, customer_id) == "D"
    run("finance", credit.do, second, "revoke", {"reason": "实际控制人失联"})
    assert grade_on(run, customer_id) == ""
    assert run("sales", credit_gate.standing, customer_id).required is None


def test_what_was_handed_in_stays_and_comes_back_only_through_the_assessor(run: Run) -> None:
    customer_id = customer_of(run)
    credit_id = applied(run, customer_id)
    draft = run("sales", credit.load, credit_id)
    draft.monthly_fen = 1
    with pytest.raises(UserError, match=r"credit\.frozen"):
        run("sales", credit.save, draft)
    run("finance", credit.do, credit_id, "ask_back", {"reason": "请补充采购计划"})
    draft = run("sales", credit.load, credit_id)
    stale = run("sales", credit.load, credit_id)
    draft.monthly_fen = 200
    run("sales", credit.save, draft)
    stale.monthly_fen = 300
    with pytest.raises(ConflictError):
        run("sales", credit.save, stale)
    other = run("sales", credit.new_draft, {"customer_id": customer_id, "monthly_fen": 1})
    with pytest.raises(ValidationError) as error:
        run("sales", credit.save, other)
    assert codes(error) == {"credit.already_open"}


# -- score cards -------------------------------------------------------------------------------------------------------


def test_a_score_card_counts_from_its_day_on_and_old_grades_keep_theirs(run: Run, clock: Any) -> None:
    first = graded(run, customer_of(run))
    draft = run("management", credit_schemes.new_draft, {})
    draft.prepay_b, draft.cap_new, draft.weight_record = 25, "A", 40
    with pytest.raises(ValidationError) as error:
        run("management", credit_schemes.save, draft)
    assert codes(error) == {"credit.weights"}
    draft.weight_finances = 15
    run("management", credit_schemes.save, draft)
    with pytest.raises(PermissionDenied):
        run("finance", credit_schemes.new_draft, {})
    assert run("finance", lambda work: credit_schemes.in_force(work, work.today)).cap_new == "B"
    clock.forward(days=1)
    later = graded(run, customer_of(run))
    assert run("finance", credit.show, later).grade == "A"
    assert run("finance", credit.show, first).terms.prepay_percent == 10
    rows = run("finance", credit_schemes.list_rows, ListQuery()).rows
    assert [(r.phase, r.weights) for r in rows] == [("running", "20% / 25% / 15% / 40%")]


# -- contracts ---------------------------------------------------------------------------------------------------------


def contract_for(run: Run, **facts: Any) -> tuple[UUID, UUID, UUID]:
    """(contract in review, customer, case) of a customer without any grade."""
    quote_id = accepted_quote(run, grade=False)
    customer_id, case_id = run(
        "sales", lambda work: (work.get(Quote, quote_id).customer_id, work.get(Quote, quote_id).case_id)
    )
    if facts.get("answers"):
        graded(run, customer_id, facts["answers"], statements=facts.get("statements", True))
    draft = run("sales", contracts.new_draft, {"quote_id": quote_id})
    if "prepayment_fen" in facts:
        draft.prepayment_fen = facts["prepayment_fen"]
    if not draft.prepayment_fen:
        draft.clauses = [c for c in draft.clauses if c.key != "prepayment"]
    contract_id = run("sales", contracts.save, draft)
    run("sales", contract_steps.submit, contract_id)
    return contract_id, customer_id, case_id


def test_no_contract_goes_anywhere_without_a_grade(run: Run, clock: Any) -> None:
    contract_id, customer_id, _ = contract_for(run)
    run("legal", contract_steps.decide, contract_id, Choice.APPROVE)
    run("sales_head", contract_steps.decide, contract_id, Choice.APPROVE)
    with pytest.raises(ValidationError) as error:
        run("finance", contract_steps.decide, contract_id, Choice.APPROVE)
    assert codes(error) == {"credit.none"}
    credit_id = graded(run, customer_id, assessor="credit")
    with pytest.raises(ValidationError) as error:
        run("finance", contract_steps.decide, contract_id, Choice.APPROVE)
    assert codes(error) == {"credit.prepay_short"}
    run("credit", credit.do, credit_id, "revoke", {"reason": "测试"})


def test_the_grades_prepayment_is_proposed_and_it_is_asked_again_when_the_paper_goes_out(run: Run, clock: Any) -> None:
    contract_id, customer_id, _ = contract_for(run, answers=GOOD)
    draft = run("sales", contracts.load, contract_id)
    assert draft.prepayment_fen * 10 >= draft.total_fen > 0
    assert any(c.key == "prepayment" for c in draft.clauses)
    for who in ("legal", "sales_head", "finance"):
        run(who, contract_steps.decide, contract_id, Choice.APPROVE)
    found = run("credit", credit_gate.current, customer_id)
    run("credit", credit.do, found.id, "revoke", {"reason": "被列为失信被执行人"})
    with pytest.raises(ValidationError) as error:
        run("sales", contract_steps.send, contract_id, "print", "", b"%PDF-1.7\n%%EOF")
    assert codes(error) == {"credit.none"}
    graded(run, customer_id, assessor="credit")
    run("sales", contract_steps.send, contract_id, "print", "", b"%PDF-1.7\n%%EOF")
    clock.forward(days=370)
    with pytest.raises(ValidationError) as error:
        run("sales", contract_steps.sign, contract_id, on=clock().date(), by="林晓")
    assert codes(error) == {"credit.expired"}


def test_a_weak_grade_asks_for_prepayment_or_a_guarantee(run: Run) -> None:
    contract_id, customer_id, _ = contract_for(run, answers=WEAK, statements=False, prepayment_fen=1_000)
    with pytest.raises(ValidationError) as error:
        run("finance", contract_steps.decide, contract_id, Choice.APPROVE)
    assert codes(error) == {"credit.prepay_or_guarantee", "credit.over_limit"}
    credit_id = run("finance", credit_gate.current, customer_id).id
    with pytest.raises(PermissionDenied):
        run("sales", credit_steps.accept_guarantee, credit_id, "我担保")
    run("credit", credit_steps.accept_guarantee, credit_id, "母公司连带责任保证至 2027-12-31", ("保函.pdf", b"%PDF-1"))
    run("finance", contract_steps.decide, contract_id, Choice.APPROVE)


# -- exceptions --------------------------------------------------------------------------------------------------------


def exception_for(run: Run, case_id: UUID, **facts: Any) -> UUID:
    draft = run("sales", credit_exceptions.new_draft, {"case_id": case_id})
    draft.reason = "战略客户，首单打样"
    for name, value in facts.items():
        setattr(draft, name, value)
    exception_id: UUID = run("sales", credit_exceptions.save, draft)
    run("sales", credit_exceptions.submit, exception_id)
    return exception_id


def test_softer_terms_need_finance_and_management_until_their_day(run: Run, clock: Any) -> None:
    contract_id, customer_id, case_id = contract_for(run, answers=WEAK, statements=False, prepayment_fen=1_000)
    exception_id = exception_for(run, case_id, prepay_percent=0, over_limit=True)
    run("finance", credit_exceptions.decide, exception_id, Choice.APPROVE)
    with pytest.raises(ValidationError):
        run("finance", contract_steps.decide, contract_id, Choice.APPROVE)
    with pytest.raises(PermissionDenied):
        run("sales_head", credit_exceptions.decide, exception_id, Choice.APPROVE, step="management")
    rows = run("management", credit_exceptions.list_rows, ListQuery(filters=(("waiting", "1"),))).rows
    assert [r.id for r in rows] == [exception_id]
    run("management", credit_exceptions.decide, exception_id, Choice.APPROVE)
    assert run("sales", credit_gate.standing, customer_id, case_id).required.prepay_percent == 0
    clock.forward(days=40)
    assert run("sales", credit_gate.standing, customer_id, case_id).required.prepay_percent == 100
    assert run("sales", credit_exceptions.show, exception_id).phase == "expired"


def test_an_exception_softens_something_and_can_be_taken_back(run: Run) -> None:
    _, customer_id, case_id = contract_for(run, answers=WEAK, statements=False, prepayment_fen=0)
    with pytest.raises(ValidationError) as error:
        exception_for(run, case_id, expires_on=dt.date(2035, 1, 1))
    assert codes(error) == {"credit.exception_empty", "credit.exception_days"}
    exception_id = exception_for(run, case_id, term_days=30)
    for who in ("finance", "management"):
        run(who, credit_exceptions.decide, exception_id, Choice.APPROVE)
    run("management", credit_exceptions.do, exception_id, "revoke", {"reason": "客户已逾期"})
    assert run("sales", credit_gate.standing, customer_id, case_id).required.term_days == 0
    again = run("sales", credit_exceptions.new_draft, {"copy_of": exception_id})
    assert (again.case_id, again.term_days, again.state) == (case_id, 30, "draft")
