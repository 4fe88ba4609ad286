"""Delegations in one workspace: who may hand over what to whom, and what the stand-in's decision is."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

import pytest

from presales_desktop.models.errors import PermissionDenied, UserError, ValidationError
from presales_desktop.services import delegations, quotes, timeline, users
from presales_desktop.services.delegations import DelegationDraft
from presales_desktop.services.listing import ListQuery
from presales_desktop.services.work import Runner
from presales_desktop.views.kit.events import event_detail
from tests.services.quote_data import World, make, make_world
from tests.services.test_quotes import Run

DAY = dt.date(2026, 11, 23)


@pytest.fixture
def world(run: Run) -> World:
    """A seller's customer with a case and products."""
    return make_world(run)


@pytest.fixture
def waiting(run: Run, world: World) -> UUID:
    """A submitted quote of the seller's."""
    quote = make(run, world)
    run("sales", quotes.do, quote, "submit", {})
    return quote


@pytest.fixture
def as_now(as_user: Any, engine: Any, clock: Any) -> Run:
    """As `run`, with the roles that the user has by now."""

    def call(role: str, function: Any, *args: Any) -> Any:
        actor = as_user(role).run(lambda work: users.actor_of(work, work.actor.id))[0]
        return Runner(engine, actor, clock).run(function, *args)[0]

    return call


def hand_over(run: Run, principal: str, delegate: str, *rights: str, days: int = 7, start: dt.date = DAY) -> UUID:
    to = run(principal, users.resolve, delegate)
    draft = DelegationDraft(None, 0, to, list(rights), start, start + dt.timedelta(days=days - 1), "出差")
    made: UUID = run(principal, delegations.save, draft)
    return made


def test_a_stand_in_decides_and_it_says_so_everywhere(run: Run, waiting: UUID) -> None:
    assert [r.id for r in run("credit", quotes.list_rows, ListQuery(filters=(("waiting", "true"),))).rows] == []
    hand_over(run, "finance", "wuting", "quote.finance")
    assert [r.id for r in run("credit", quotes.list_rows, ListQuery(filters=(("waiting", "true"),))).rows] == [waiting]
    steps = {s.step: s for s in run("credit", quotes.show, waiting).approvals}
    assert steps["finance"].may.allowed
    assert steps["finance"].may.principal.name == "周芳"
    run("credit", quotes.do, waiting, "approve", {})
    shown = run("sales", quotes.show, waiting)
    assert {s.step: s.who for s in shown.approvals}["finance"] == "吴婷（代 周芳）"
    assert shown.decisions[0].who == "吴婷（代 周芳）"
    said = next(t for t in run("sales", timeline.of, "quote", waiting) if t.action == "decision.approve")
    assert "代 周芳" in event_detail("quote", said.detail)


@pytest.mark.parametrize(
    ("principal", "delegate", "rights", "code"),
    [
        ("finance", "wangmin", ("quote.finance",), "delegation.sees_too_little"),
        ("finance", "sunhao", ("quote.finance",), "delegation.sees_no_costs"),
        ("finance", "zhoufang", ("quote.finance",), "delegation.oneself"),
        ("finance", "fengrui", ("quote.superior",), "delegation.not_yours"),
        ("sales", "fengrui", ("quote.superior",), "delegation.not_yours"),
    ],
)
def test_what_cannot_be_handed_over(
    run: Run, principal: str, delegate: str, rights: tuple[str, ...], code: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        hand_over(run, principal, delegate, *rights)
    assert code in [p.code for p in refused.value.problems]


def test_a_period_that_makes_no_sense_is_refused(run: Run) -> None:
    for start, days in ((DAY, 0), (DAY - dt.timedelta(days=9), 5), (DAY, 100)):
        with pytest.raises(ValidationError):
            hand_over(run, "finance", "wuting", "quote.finance", start=start, days=days)


def test_before_after_and_taken_back_it_does_not_count(run: Run, waiting: UUID, clock: Any) -> None:
    first = hand_over(run, "finance", "wuting", "quote.finance", start=DAY + dt.timedelta(days=2), days=2)
    for shift, may in ((0, False), (2, True), (3, True), (4, False)):
        clock.moment = dt.datetime(2026, 11, 23, 2, 0, tzinfo=dt.UTC) + dt.timedelta(days=shift)
        steps = {s.step: s.may for s in run("credit", quotes.show, waiting).approvals}
        assert (steps["finance"].allowed, steps["finance"].code) == (may, "" if may else "permission.role")
    clock.moment = dt.datetime(2026, 11, 25, 2, 0, tzinfo=dt.UTC)
    with pytest.raises(PermissionDenied):
        run("sales_head", delegations.revoke, first)
    run("finance", delegations.revoke, first)
    with pytest.raises(UserError, match=r"delegation\.revoked"):
        run("finance", delegations.revoke, first)
    with pytest.raises(PermissionDenied):
        run("credit", quotes.do, waiting, "approve", {"step": "finance"})


def test_one_person_takes_no_two_steps_in_whosever_name(run: Run, waiting: UUID) -> None:
    """赵磊 hands his step to 冯锐, 周芳 hers to 冯锐: he takes one of them, and neither of those two the other for him."""
    hand_over(run, "finance", "fengrui", "quote.finance")
    hand_over(run, "sales_head", "fengrui", "quote.superior")
    run("management", quotes.do, waiting, "approve", {"step": "finance"})
    with pytest.raises(PermissionDenied) as refused:
        run("management", quotes.do, waiting, "approve", {"step": "superior"})
    assert refused.value.code == "approval.same_person"
    run("sales_head", quotes.do, waiting, "approve", {})
    assert run("sales", quotes.show, waiting).state == "approved"


def test_whose_place_it_was_in_has_decided_too(run: Run, as_now: Run, waiting: UUID) -> None:
    def more(work: Any) -> None:
        draft = users.load(work, users.resolve(work, "zhaolei"))
        draft.roles = ["sales_head", "finance"]
        users.save(work, draft)

    run("admin", more)
    hand_over(as_now, "sales_head", "wuting", "quote.finance")
    run("credit", quotes.do, waiting, "approve", {"step": "finance"})
    with pytest.raises(PermissionDenied) as refused:
        as_now("sales_head", quotes.do, waiting, "approve", {"step": "superior"})
    assert refused.value.code == "approval.same_person"


def test_an_author_decides_nothing_in_anothers_name_nor_by_another(run: Run, world: World) -> None:
    """赵磊 writes a quote himself: he stands in for his superior in vain, and so does whoever stands in for him."""
    own = make(run, world)

    def take(work: Any) -> None:
        from presales_desktop.models.quotes import Quote

        work.get(Quote, own).owner_id = users.resolve(work, "zhaolei")

    run("management", take)
    run("sales", quotes.do, own, "submit", {})
    hand_over(run, "management", "zhaolei", "quote.superior")
    hand_over(run, "sales_head", "wuting", "quote.superior")
    for role in ("sales_head", "credit"):
        with pytest.raises(PermissionDenied):
            run(role, quotes.do, own, "approve", {"step": "superior"})


def test_what_was_handed_over_is_not_handed_on(run: Run, waiting: UUID) -> None:
    hand_over(run, "finance", "wuting", "quote.finance")
    with pytest.raises(ValidationError) as refused:
        hand_over(run, "credit", "fengrui", "quote.finance")
    assert [p.code for p in refused.value.problems] == ["delegation.not_yours"]


def test_who_stands_in_needs_what_it_takes_on_the_day(run: Run, as_now: Run, waiting: UUID) -> None:
    hand_over(run, "finance", "wuting", "quote.finance")

    def less(work: Any) -> None:
        draft = users.load(work, users.resolve(work, "wuting"))
        draft.roles = ["legal"]
        users.save(work, draft)

    run("admin", less)
    with pytest.raises(PermissionDenied):
        as_now("credit", quotes.do, waiting, "approve", {"step": "finance"})


def test_candidates_are_those_who_could(run: Run) -> None:
    names = {c.name for c in run("finance", delegations.candidates)}
    assert {"吴婷", "冯锐"} <= names
    assert not names & {"周芳", "王敏", "李强", "孙浩"}
    assert run("sales", delegations.candidates) == ()
