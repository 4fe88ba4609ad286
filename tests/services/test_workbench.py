"""工作台: who owes what, computed from real records through the real services."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from presales_desktop.models.quotes import Quote
from presales_desktop.services import cases, customers, workbench
from presales_desktop.services.cases import CaseDraft
from presales_desktop.services.customers import CustomerDraft
from presales_desktop.services.work import Runner, Work

AsUser = Callable[[str], Runner]


def run(runner: Runner, function: Callable[..., Any], *args: Any) -> Any:
    return runner.run(function, *args)[0]


@pytest.fixture
def case(as_user: AsUser) -> UUID:
    """A case of the seller wangmin, worth ¥80,000."""
    seller = as_user("sales")
    customer = run(seller, customers.save, CustomerDraft(name="欧派照明有限公司"))
    found: UUID = run(
        seller,
        cases.save,
        CaseDraft(title="展厅改造", customer_id=customer, owner_id=seller.actor.id, expected_amount_fen=8_000_000),
    )
    return found


def add_quote(work: Work, case_id: UUID, state: str, **more: Any) -> UUID:
    """A quote in a state, without the steps that lead there: the workbench only reads."""
    from presales_desktop.models.cases import Case

    case = work.get(Case, case_id)
    quote = work.add(
        Quote(
            number=work.next_number("BJ"),
            family_id=work.new_id(),
            revision=1,
            title="展厅报价",
            case_id=case.id,
            customer_id=case.customer_id,
            owner_id=work.actor.id,
            state=state,
            total_fen=7_700_000,
            content_hash="f" * 64 if state != "draft" else "",
            frozen="{}" if state != "draft" else "",
            submitted_at=work.now,
            submitted_by=work.actor.id,
            **more,
        )
    )
    return quote.id


def test_a_new_case_is_owed_by_its_owner_and_by_nobody_else(as_user: AsUser, case: UUID) -> None:
    mine = run(as_user("sales"), workbench.today)
    assert [(t.kind, t.id, t.action, t.tone) for t in mine.owed] == [("case", case, "plan_survey", "neutral")]
    assert mine.mine
    other = run(as_user("sales2"), workbench.today)
    assert other.owed == ()
    assert sum(s.count for s in other.pipeline) == 0


def test_what_is_late_says_so_and_stands_first(as_user: AsUser, case: UUID, clock: Any) -> None:
    clock.forward(days=10)
    seller = as_user("sales")
    customer = run(seller, customers.save, CustomerDraft(name="星辉酒店"))
    run(seller, cases.save, CaseDraft(title="大堂", customer_id=customer, owner_id=seller.actor.id))
    owed = run(seller, workbench.today).owed
    assert [(t.title, t.tone) for t in owed] == [("展厅改造", "bad"), ("大堂", "neutral")]


def test_what_is_late_shows_up_with_the_superiors_not_with_colleagues(as_user: AsUser, case: UUID, clock: Any) -> None:
    assert run(as_user("sales_head"), workbench.today).team_late == ()
    clock.forward(days=10)
    for who, seen in (("sales_head", [case]), ("management", [case]), ("finance", []), ("sales2", [])):
        assert [t.id for t in run(as_user(who), workbench.today).team_late] == seen, who


def test_a_submitted_quote_waits_for_finance_and_the_superior_not_for_its_author(as_user: AsUser, case: UUID) -> None:
    quote = run(as_user("sales"), add_quote, case, "submitted")
    for who in ("finance", "sales_head"):
        found = run(as_user(who), workbench.today)
        assert ("quote", quote, "approve_quote") in [(t.kind, t.id, t.action) for t in found.owed], who
        assert run(as_user(who), workbench.counts)["quotes"] == 1
    seller = run(as_user("sales"), workbench.today)
    assert seller.owed == ()
    assert [(t.id, t.who) for t in seller.waiting_for_others] == [(quote, "finance")]
    assert "quotes" not in run(as_user("sales"), workbench.counts)
    assert run(as_user("legal"), workbench.today).owed == ()


def test_a_decided_step_no_longer_waits(as_user: AsUser, case: UUID) -> None:
    from presales_desktop.models.approvals import QUOTE_STEPS
    from presales_desktop.services import approvals

    quote = run(as_user("sales"), add_quote, case, "submitted")
    run(
        as_user("finance"),
        lambda work: approvals.decide(work, work.get(Quote, quote), QUOTE_STEPS, "approve", step="finance"),
    )
    assert run(as_user("finance"), workbench.today).owed == ()
    waiting = run(as_user("sales"), workbench.today).waiting_for_others
    assert [t.who for t in waiting] == ["superior"]


def test_a_returned_quote_comes_back_to_the_seller(as_user: AsUser, case: UUID) -> None:
    quote = run(as_user("sales"), add_quote, case, "returned")
    owed = run(as_user("sales"), workbench.today).owed
    assert [(t.id, t.action) for t in owed] == [(quote, "revise_quote")]


def test_a_sent_quote_about_to_expire_is_owed_once(as_user: AsUser, case: UUID) -> None:
    soon = dt.date(2026, 11, 27)
    quote = run(as_user("sales"), add_quote, case, "sent", )  # fmt: skip
    run(as_user("sales"), lambda work: setattr(work.get(Quote, quote), "valid_until", soon))
    owed = run(as_user("sales"), workbench.today).owed
    assert [(t.id, t.action, t.due_on) for t in owed] == [(quote, "quote_expiring", soon)]


def test_pipeline_sums_the_leading_amount_by_phase(as_user: AsUser, case: UUID) -> None:
    before = {s.phase: (s.count, s.amount_fen) for s in run(as_user("sales"), workbench.today).pipeline}
    assert before["inquiry"] == (1, 8_000_000)
    run(as_user("sales"), add_quote, case, "draft")
    after = {s.phase: (s.count, s.amount_fen) for s in run(as_user("sales_head"), workbench.today).pipeline}
    assert after["quote"] == (1, 7_700_000)
    assert after["inquiry"] == (0, 0)


def test_the_week_counts_what_it_brought(as_user: AsUser, case: UUID, clock: Any) -> None:
    week = run(as_user("sales"), workbench.today).week
    assert (week.first, week.last) == (dt.date(2026, 11, 23), dt.date(2026, 11, 29))
    assert (week.new_cases, week.sent, week.signed) == (1, 0, 0)
    clock.forward(days=7)
    assert run(as_user("sales"), workbench.today).week.new_cases == 0


def test_nothing_of_costs_stands_on_the_workbench(as_user: AsUser, case: UUID) -> None:
    run(as_user("sales"), add_quote, case, "submitted")
    assert "cost" not in repr(run(as_user("finance"), workbench.today))
