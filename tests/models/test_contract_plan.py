"""When a contract is paid and delivered: days counted from one another, sums, the term that credit looks at."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presales_desktop.models.contract_plan import (
    BASES,
    KINDS,
    ContractStepDraft,
    due_days,
    paid_ahead_fen,
    plan_problems,
    proposed,
    settle_problem,
    term_days,
)

NAMES = {n: n for n in ("deposit", "prepayment", "rest", "delivery", "acceptance")}
SIGNED = dt.date(2026, 11, 24)


def step(kind: str = "payment", fen: int = 0, base: str = "signing", days: int = 0, **more: Any) -> ContractStepDraft:
    return ContractStepDraft(kind=kind, title=kind, amount_fen=fen, base=base, days=days, **more)


PLAN = (
    step(fen=300, days=7),
    step("delivery", base="payment", days=20),
    step("acceptance", base="delivery", days=3),
    step(fen=650, base="acceptance", days=27),
    step(fen=50, base="day", due_on=dt.date(2028, 1, 1)),
)


def day(month: int, day_: int, year: int = 2026) -> dt.date:
    return dt.date(year, month, day_)


def test_days_are_counted_from_the_nearest_above_and_from_when_it_really_came() -> None:
    assert due_days(PLAN, SIGNED) == (day(12, 1), day(12, 21), day(12, 24), day(1, 20, 2027), dt.date(2028, 1, 1))
    assert due_days(PLAN, None) == (None, None, None, None, dt.date(2028, 1, 1))
    late = [
        ContractStepDraft(**{**vars(s), "done_on": day(1, 10, 2027) if s.kind == "delivery" else None}) for s in PLAN
    ]
    assert due_days(late, SIGNED)[2:4] == (day(1, 13, 2027), day(2, 9, 2027))


def test_the_term_is_what_the_last_payment_waits_after_the_delivery() -> None:
    assert term_days(PLAN) == 30
    assert term_days(PLAN[:1]) == 0
    assert term_days(PLAN[1:3]) is None
    dated = [step("delivery", base="day", due_on=day(12, 1)), step(fen=1, base="day", due_on=day(12, 31))]
    assert term_days(dated) == 30


@pytest.mark.parametrize(
    ("plan", "total", "prepaid", "codes"),
    [
        (PLAN, 1000, 300, []),
        ((), 1000, 300, []),
        (PLAN, 999, 300, ["contract.steps_sum"]),
        (PLAN, 1000, 301, ["contract.steps_ahead"]),
        ((step(fen=5, base="delivery"),), 5, 0, ["contract.step_base"]),
        ((step(fen=5, base="day"),), 5, 0, ["field.required"]),
        ((step(fen=5), step()), 5, 0, ["contract.step_amount"]),
        ((step(fen=5), step("delivery", 5)), 5, 0, ["contract.step_no_money"]),
    ],
)
def test_what_keeps_a_plan_from_being_submitted(
    plan: tuple[ContractStepDraft, ...], total: int, prepaid: int, codes: list[str]
) -> None:
    assert [p.code for p in plan_problems(plan, total, prepaid)] == codes


@given(
    total=st.integers(1, 10**12),
    parts=st.tuples(st.integers(0, 100), st.integers(0, 100)),
    term=st.one_of(st.none(), st.integers(0, 365)),
    delivery=st.sampled_from(["", "签约后 20 个工作日", "45天内", "2026-13-40", "另议"]),
)
def test_a_proposed_plan_can_be_submitted_and_keeps_the_term(
    total: int, parts: tuple[int, int], term: int | None, delivery: str
) -> None:
    deposit = total * parts[0] // 500
    prepaid = min(total - deposit, total * parts[1] // 100)
    plan = proposed(total, deposit, prepaid, term, delivery, NAMES)
    assert plan_problems(plan, total, deposit + prepaid) == []
    assert (term_days(plan) or 0) <= (term or 0)
    assert None not in due_days(plan, SIGNED)
    if not term:
        assert paid_ahead_fen(plan) == total


@given(
    st.lists(
        st.builds(
            step,
            st.sampled_from(KINDS),
            st.integers(0, 10),
            st.sampled_from(BASES),
            st.integers(0, 400),
            due_on=st.none() | st.dates(dt.date(2026, 1, 1), dt.date(2030, 1, 1)),
        ),
        max_size=8,
    )
)
def test_any_plan_gets_an_answer(plan: list[ContractStepDraft]) -> None:
    due = due_days(plan, SIGNED)
    assert len(due) == len(plan)
    assert (term_days(plan) or 0) >= 0
    unknown = [p for p in plan_problems(plan, 1, 0) if p.code in ("contract.step_base", "field.required")]
    assert unknown or None not in due


def test_nothing_came_tomorrow() -> None:
    assert settle_problem(SIGNED + dt.timedelta(days=1), SIGNED) is not None
    assert settle_problem(SIGNED, SIGNED) is None
    assert settle_problem(None, SIGNED) is None
