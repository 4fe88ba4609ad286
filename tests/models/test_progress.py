"""Where a case stands and what comes next."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presales_desktop.models import contracts, designs, quotes, surveys
from presales_desktop.models.progress import (
    _RANK,
    _RULES,
    GONE,
    OPEN_PHASES,
    SIGNED,
    Facts,
    Held,
    Phase,
    amount,
    leading,
    next_step,
    phase,
)
from presales_desktop.models.workdays import add_workdays, is_workday

MONDAY = dt.date(2026, 11, 23)
OWNER, DESIGNER = UUID(int=1), UUID(int=2)


def held(kind: str, state: str, since: dt.date = MONDAY, n: int = 9, **more: object) -> Held:
    return Held(kind, UUID(int=n), state, since, **more)  # type: ignore[arg-type]


def facts(*things: Held, status: str = "open", today: dt.date = MONDAY, **more: object) -> Facts:
    return Facts(status, MONDAY, today, OWNER, DESIGNER, held=things, **more)  # type: ignore[arg-type]


def test_an_empty_case_is_an_inquiry_whose_owner_plans_a_survey_in_two_working_days() -> None:
    step = next_step(facts())
    assert phase(facts()) is Phase.INQUIRY
    assert step is not None
    assert (step.action, step.who, step.user_id, step.due) == ("plan_survey", "owner", OWNER, dt.date(2026, 11, 25))


@pytest.mark.parametrize(
    ("things", "expected"),
    [
        ([held("survey", "planned")], Phase.SURVEY),
        ([held("survey", "confirmed"), held("design", "draft")], Phase.DESIGN),
        ([held("design", "approved"), held("quote", "draft")], Phase.QUOTE),
        ([held("quote", "superseded"), held("design", "approved")], Phase.DESIGN),
        ([held("quote", "accepted"), held("contract", "draft")], Phase.CONTRACT),
        ([held("quote", "accepted"), held("contract", "cancelled")], Phase.QUOTE),
        ([held("contract", "signed")], Phase.WON),
    ],
)
def test_the_phase_is_the_furthest_thing_that_lives(things: list[Held], expected: Phase) -> None:
    assert phase(facts(*things)) is expected


def test_status_set_by_hand_goes_first_but_a_signed_contract_cannot_be_paused_away() -> None:
    assert phase(facts(held("quote", "sent"), status="lost")) is Phase.LOST
    assert phase(facts(held("quote", "sent"), status="paused")) is Phase.PAUSED
    assert phase(facts(status="won")) is Phase.WON
    assert phase(facts(held("contract", "signed"), status="paused")) is Phase.WON


def test_a_submitted_quote_waits_for_the_step_nobody_has_decided() -> None:
    step = next_step(facts(held("quote", "submitted", waiting_for=("superior",))))
    assert step is not None
    assert (step.action, step.who, step.user_id, step.kind) == ("approve_quote", "superior", None, "quote")


def test_a_sent_quote_is_followed_up_before_it_expires() -> None:
    soon = MONDAY + dt.timedelta(days=2)
    step = next_step(facts(held("quote", "sent", due=soon)))
    assert step is not None
    assert step.due == soon
    far = next_step(facts(held("quote", "sent", due=MONDAY + dt.timedelta(days=60))))
    assert far is not None
    assert far.due == add_workdays(MONDAY, 5)
    assert far.user_id == OWNER


def test_a_planned_survey_is_due_on_its_own_day() -> None:
    day = MONDAY + dt.timedelta(days=20)
    step = next_step(facts(held("survey", "planned", due=day)))
    assert step is not None
    assert step.due == day


def test_design_work_falls_to_the_owner_where_there_is_no_designer() -> None:
    one = Facts("open", MONDAY, MONDAY, OWNER, None, held=(held("design", "draft"),))
    step = next_step(one)
    assert step is not None
    assert step.user_id == OWNER


def test_a_step_written_by_hand_goes_first_and_a_day_alone_moves_the_computed_one() -> None:
    day = MONDAY + dt.timedelta(days=3)
    step = next_step(facts(held("quote", "draft"), manual_step=" 带样灯上门 ", manual_due=day))
    assert step is not None
    assert (step.action, step.text, step.due) == ("manual", "带样灯上门", day)
    moved = next_step(facts(held("quote", "draft"), manual_due=day))
    assert moved is not None
    assert (moved.action, moved.due) == ("submit_quote", day)


def test_overdue_from_the_day_after() -> None:
    due = add_workdays(MONDAY, 2)
    assert not next_step(facts(today=due)).overdue  # type: ignore[union-attr]
    assert next_step(facts(today=due + dt.timedelta(days=1))).overdue  # type: ignore[union-attr]


def test_of_several_quotes_the_furthest_leads() -> None:
    one = facts(
        held("quote", "declined", MONDAY, 1, amount_fen=1),
        held("quote", "sent", MONDAY - dt.timedelta(days=9), 2, amount_fen=500),
        held("quote", "draft", MONDAY, 3, amount_fen=3),
    )
    found = leading(one, "quote")
    assert found is not None
    assert found.id == UUID(int=2)
    assert amount(one, 7) == 500


def test_the_contract_counts_before_the_quote_and_expectation_comes_last() -> None:
    assert amount(facts(held("quote", "accepted", amount_fen=5), held("contract", "draft", amount_fen=4)), 9) == 4
    assert amount(facts(held("quote", "draft", amount_fen=0)), 9) == 9
    assert amount(facts(), None) is None


_STATES = {
    "survey": surveys.STATES,
    "design": designs.STATES,
    "quote": quotes.STATES,
    "contract": contracts.STATES,
}


@pytest.mark.parametrize("kind", sorted(_STATES))
def test_every_state_of_every_kind_has_a_rule_and_a_rank(kind: str) -> None:
    for state in _STATES[kind]:
        if state in GONE or state in SIGNED:
            continue
        assert (kind, state) in _RULES, state
        assert state in _RANK[kind], state


things = st.one_of(
    [
        st.builds(
            held,
            st.just(kind),
            st.sampled_from([*states, "unheard of"]),
            st.dates(dt.date(2026, 1, 1), dt.date(2026, 12, 1)),
            st.integers(1, 50),
        )
        for kind, states in sorted(_STATES.items())
    ]
)


@given(st.lists(things, max_size=8), st.sampled_from(["open", "paused", "won", "lost"]))
def test_any_case_has_a_phase_and_every_open_one_a_next_step_with_a_day(found: list[Held], status: str) -> None:
    one = facts(*found, status=status)
    now, step = phase(one), next_step(one)
    if now in (Phase.WON, Phase.LOST):
        assert step is None
    elif now is Phase.PAUSED:
        assert step is not None
        assert step.action == "resume"
    else:
        assert now in OPEN_PHASES
        assert step is not None
        assert step.due is not None
        assert is_workday(step.due) or step.kind in ("survey", "quote")


def test_working_days_know_holidays_and_make_up_days() -> None:
    assert not is_workday(dt.date(2026, 10, 1))  # National Day
    assert is_workday(dt.date(2026, 10, 10))  # a Saturday that is worked for it
    assert add_workdays(dt.date(2026, 9, 30), 1) == dt.date(2026, 10, 8)
    assert add_workdays(MONDAY, 0) == MONDAY
    assert is_workday(dt.date(2031, 1, 6))  # nothing announced yet: a Monday
    assert not is_workday(dt.date(2031, 1, 5))
