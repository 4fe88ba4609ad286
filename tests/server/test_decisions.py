"""Decisions made without a network: recorded in any case, and the server says on both sides whether they count and why not."""

from __future__ import annotations

import datetime as dt
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest

from presales_desktop.models.permissions import Role
from presales_desktop.services import (
    approvals,
    catalogue_prices,
    design_steps,
    designs,
    quote_costs,
    quote_steps,
    quotes,
    timeline,
    users,
)
from presales_desktop.texts.lookup import sentence
from presales_desktop.views.kit.events import event_detail
from tests.helpers.accepted_quotes import PDF
from tests.helpers.design_data import lamp, room
from tests.server.conftest import Firm
from tests.server.lab import Commit, Refused
from tests.services.quote_data import make


@pytest.fixture
def waiting(firm: Firm, quote: UUID) -> UUID:
    """A submitted quote."""
    firm.run("sales", quotes.do, quote, "submit", {})
    return quote


def held(firm: Firm, login: str, quote: UUID, action: str = "approve", **given: str) -> Commit:
    return firm.lab.hold(login, quotes.do, quote, action, given)


def rulings(firm: Firm) -> list[tuple[bool, str]]:
    return [(r["effective"], r["reason"]) for r in firm.lab.all("ruling")]


def test_an_approval_on_the_train_counts_when_it_arrives(firm: Firm, waiting: UUID) -> None:
    offline = held(firm, "zhoufang", waiting)
    assert firm.lab.row("quote", waiting)["state"] == "submitted"
    firm.run("sales_head", quotes.do, waiting, "approve", {})
    assert firm.lab.row("quote", waiting)["state"] == "submitted"
    firm.lab.push(offline)
    assert firm.lab.row("quote", waiting)["state"] == "approved"
    assert rulings(firm) == [(True, ""), (True, "")]
    titles = [(t.action, t.title) for t in firm.lab.read("wangmin", timeline.of, "quote", waiting)]
    assert "approved" in [action for action, _ in titles]
    # made with a provisional number, shown with the final one
    assert all(title.startswith("BJ20261124-") for _, title in titles)


def test_an_approval_of_what_was_withdrawn_and_revised_has_no_effect(firm: Firm, waiting: UUID) -> None:
    offline = held(firm, "zhoufang", waiting)
    firm.run("sales", quotes.do, waiting, "withdraw", {"reason": "客户改数量"})
    second = firm.run("sales", quotes.do, waiting, "revise", {})
    firm.run("sales", quotes.do, second, "submit", {})
    firm.lab.push(offline)
    assert rulings(firm) == [(False, "ruling.not_waiting")]
    assert firm.lab.row("quote", waiting)["state"] == "withdrawn"
    assert firm.lab.row("quote", second)["state"] == "submitted"
    said = firm.lab.all("ruling")[0]
    for login in ("wangmin", "zhoufang"):
        found = firm.lab.read(login, approvals.rulings, [said["decision_id"]])[said["decision_id"]]
        assert "R2" in sentence(found.reason, found.values, kind="quote")
        events = {t.action: t.detail for t in firm.lab.read(login, timeline.of, "quote", waiting)}
        assert "R2" in event_detail("quote", events["decision.void"])
        assert "approved" not in events
        assert [d.holds for d in firm.lab.read(login, quotes.show, waiting).decisions] == [False]


def test_the_second_of_two_decisions_on_one_step_has_no_effect(firm: Firm, waiting: UUID) -> None:
    def more(work: Any) -> None:
        draft = users.load(work, firm.lab.ids["wuting"])
        draft.roles = [*draft.roles, Role.FINANCE.value]
        users.save(work, draft)

    firm.run("admin", more)
    late = held(firm, "wuting", waiting, "reject", comment="不同意")
    firm.run("finance", quotes.do, waiting, "approve", {})
    firm.lab.push(late)
    assert rulings(firm) == [(True, ""), (False, "ruling.decided")]
    assert firm.lab.row("quote", waiting)["state"] == "submitted"
    firm.run("sales_head", quotes.do, waiting, "approve", {})
    assert firm.lab.row("quote", waiting)["state"] == "approved"


def test_a_right_that_was_revoked_meanwhile_has_no_effect_and_is_no_forgery(firm: Firm, waiting: UUID) -> None:
    offline = held(firm, "zhoufang", waiting)

    def less(work: Any) -> None:
        draft = users.load(work, firm.lab.ids["zhoufang"])
        draft.roles = [Role.CREDIT.value]
        users.save(work, draft)

    firm.run("admin", less)
    firm.lab.push(offline)
    assert rulings(firm) == [(False, "ruling.right")]
    assert [s.verdict for s in firm.lab.read("wangmin", quotes.show, waiting).approvals] == [None, None]


def test_one_person_takes_no_two_steps_from_two_laptops(firm: Firm, waiting: UUID) -> None:
    def more(work: Any) -> None:
        draft = users.load(work, firm.lab.ids["zhaolei"])
        draft.roles = [Role.SALES_HEAD.value, Role.FINANCE.value]
        users.save(work, draft)

    firm.run("admin", more)
    one = held(firm, "zhaolei", waiting, step="finance")
    two = held(firm, "zhaolei", waiting, step="superior")
    firm.lab.push(one)
    firm.lab.push(two)
    assert rulings(firm) == [(True, ""), (False, "ruling.same_person")]
    assert firm.lab.row("quote", waiting)["state"] == "submitted"


def test_costs_that_moved_beyond_the_policy_void_an_approval(firm: Firm, waiting: UUID) -> None:
    offline = held(firm, "zhoufang", waiting)
    entries = [catalogue_prices.CostEntry(v, 200_000, dt.date(2026, 11, 1)) for v in firm.world.variants]
    firm.run("finance", catalogue_prices.set_costs, entries)
    firm.lab.push(offline)
    assert rulings(firm) == [(False, "ruling.cost_drift")]
    firm.run("finance", quotes.do, waiting, "return", {"comment": "成本变了"})
    assert firm.lab.row("quote", waiting)["state"] == "returned"


def test_an_approved_quote_turns_stale_on_a_laptop_without_costs(firm: Firm, waiting: UUID) -> None:
    firm.run("finance", quotes.do, waiting, "approve", {})
    firm.run("sales_head", quotes.do, waiting, "approve", {})
    send = firm.lab.hold("wangmin", quote_steps.send, waiting, "email", "x@example.com", PDF)
    entries = [catalogue_prices.CostEntry(v, 200_000, dt.date(2026, 11, 1)) for v in firm.world.variants]
    firm.run("finance", catalogue_prices.set_costs, entries)
    assert firm.lab.row("quote", waiting)["stale"]
    assert firm.lab.read("wangmin", quotes.show, waiting).blocked == ("quote.stale",)
    with pytest.raises(Refused) as refused:
        firm.lab.push(send)
    assert refused.value.codes == ["quote.stale"]


def test_costs_are_kept_by_the_server_and_never_reach_a_seller(firm: Firm, waiting: UUID) -> None:
    assert len(firm.lab.all("quote_line_cost", quote_id=waiting)) == 3
    held_rows = firm.lab.hold("wangmin", quotes.do, waiting, "withdraw", {})
    assert {c.kind for c in held_rows.changes} == {"quote", "audit_event"}
    sheet = firm.lab.read("zhoufang", quote_costs.sheet, waiting)
    assert sheet.missing == 0
    assert sheet.frozen
    # the head of sales sees a light, the seller nothing
    assert firm.lab.read("zhaolei", quotes.show, waiting).margin_band in ("good", "watch", "bad")
    assert firm.lab.read("wangmin", quotes.show, waiting).margin_band == ""
    assert "floor" not in firm.lab.grants("wangmin")


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_three_answers_in_any_order_end_in_one_state(firm: Firm, waiting: UUID, order: tuple[int, ...]) -> None:
    commits = [
        held(firm, "zhoufang", waiting),
        held(firm, "zhaolei", waiting, "reject", comment="不做"),
        firm.lab.hold("wangmin", quotes.do, waiting, "withdraw", {"reason": "x"}),
    ]
    refused: list[str] = []
    for n in order:
        try:
            firm.lab.push(commits[n])
        except Refused as error:
            refused += error.codes
    state = firm.lab.row("quote", waiting)["state"]
    assert state in ("rejected", "withdrawn")
    assert (state == "rejected") == (order.index(1) < order.index(2))
    assert refused == (["judge.state_jump"] if state == "rejected" else [])
    assert len(firm.lab.all("decision")) == 2
    assert len(firm.lab.all("ruling")) == 2


def test_a_design_is_reviewed_offline(firm: Firm) -> None:
    draft = firm.run("design", designs.new_draft, {"case_id": firm.world.case, "title": "大堂"})
    draft.rooms, draft.luminaires = [room()], [lamp(firm.world.variants[0], 1.5, 2.0)]
    design = firm.run("design", designs.save, draft)
    assert isinstance(design, UUID)
    firm.run("design", design_steps.submit, design)
    one = firm.lab.hold("linna", design_steps.decide, design, "approve_with_notes", "注意眩光")
    two = firm.lab.hold("sunhao", design_steps.decide, design, "reject", "不行")
    firm.lab.push(one)
    firm.lab.push(two)
    assert firm.lab.row("design", design)["state"] == "approved_with_notes"
    assert rulings(firm) == [(True, ""), (False, "ruling.decided")]


def test_numbers_are_provisional_then_final_and_never_twice(firm: Firm) -> None:
    commits = [firm.lab.hold("wangmin", make_quote, firm) for _ in range(3)]
    assert {c.of("quote").values["number"] for c in commits} == {"临D7-0001"}
    for commit in reversed(commits):
        firm.lab.push(commit)
    numbers = [firm.lab.row("quote", c.answer)["number"] for c in commits]
    assert sorted(numbers) == ["BJ20261124-001", "BJ20261124-002", "BJ20261124-003"]
    refused = firm.lab.hold("wangmin", make_quote, firm).with_values("quote", state="approved")
    with pytest.raises(Refused):
        firm.lab.push(refused)
    after = firm.lab.do("wangmin", make_quote, firm)
    assert firm.lab.row("quote", after)["number"] == "BJ20261124-004"


def make_quote(work: Any, firm: Firm) -> UUID:
    return make(lambda who, function, *args, **kwargs: function(work, *args, **kwargs), firm.world)
