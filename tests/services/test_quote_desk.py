"""The approval desk: whose quotes wait, in which order, what is known of them, and the harmless approved one by one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from presales_desktop.models.errors import PermissionDenied, UserError, ValidationError
from presales_desktop.models.journal import Decision
from presales_desktop.models.quote_desk import DeskRule
from presales_desktop.services import delegations, quote_desk, quotes
from presales_desktop.services.catalogue_prices import CostEntry, set_costs
from presales_desktop.services.listing import ListQuery
from presales_desktop.services.quotes import QuoteLineDraft
from tests.services.quote_data import COSTS, World, approved, make, make_world

Run = Callable[..., Any]


@pytest.fixture
def world(run: Run) -> World:
    return make_world(run)


def submitted(run: Run, world: World, **values: Any) -> UUID:
    quote_id = make(run, world, **values)
    run("sales", quotes.do, quote_id, "submit", {})
    return quote_id


def one(world: World, price: int | None = None, quantity: int = 10) -> list[QuoteLineDraft]:
    line = QuoteLineDraft(variant_id=world.variants[0], quantity=Decimal(quantity))
    if price is not None:
        line.unit_price_fen = price
    return [line]


def queue(run: Run, who: str, sort: str = "") -> Any:
    return run(who, quote_desk.queue, ListQuery(sort=sort))


def test_the_queue_holds_ones_own_step_and_is_ordered_by_value_and_waiting(run: Run, world: World, clock: Any) -> None:
    old_small = submitted(run, world, lines=one(world))
    clock.forward(days=9)
    new_large = submitted(run, world, lines=one(world, quantity=50))
    rows = queue(run, "finance").rows
    # ten pieces that wait for nine days press more than fifty of today
    assert [r.id for r in rows] == [old_small, new_large]
    assert [(r.step, r.days, r.principal) for r in rows] == [("finance", 9, ""), ("finance", 0, "")]
    assert [r.id for r in queue(run, "finance", "-yuan_fen").rows] == [new_large, old_small]
    assert [r.id for r in queue(run, "finance", "submitted_at").rows] == [old_small, new_large]
    assert [r.step for r in queue(run, "sales_head").rows] == ["superior", "superior"]
    assert queue(run, "sales").rows == ()
    run("finance", quotes.do, old_small, "approve", {})
    assert [r.id for r in queue(run, "finance").rows] == [new_large]
    assert queue(run, "sales_head").total == 2
    with pytest.raises(UserError) as gone:
        run("finance", quote_desk.look, old_small)
    assert gone.value.code == "desk.not_waiting"


def test_a_delegated_step_is_marked_with_its_principal(run: Run, world: World, clock: Any, as_user: Any) -> None:
    quote_id = submitted(run, world, lines=one(world))
    made = run("finance", delegations.new_draft, {})
    made.delegate_id, made.rights = as_user("credit").actor.id, ["quote.finance"]
    made.from_day, made.to_day = clock().date(), clock().date() + dt.timedelta(days=3)
    made.reason = "休假"
    run("finance", delegations.save, made)
    found = run("credit", quote_desk.look, quote_id)
    assert (found.row.step, found.row.principal) == ("finance", as_user("finance").actor.name)
    assert found.marks == ("delegated",)


def test_costs_history_and_outliers_stand_beside_the_lines(run: Run, world: World) -> None:
    for n in range(5):
        approved(run, world, lines=one(world, 12_800 + n * 10))
    quote_id = submitted(run, world, lines=one(world, 9_000))
    found = run("finance", quote_desk.look, quote_id)
    (line,) = found.lines
    assert line.cost is not None
    assert line.cost.unit_cost_fen == COSTS[0]
    assert line.unit_fen == 7_965  # 90.00 with 13 % of tax in it, from a whole of 796.46
    assert (line.usual.count, line.usual.side) == (5, -1)
    assert found.sheet.margin == Decimal("0.1549")  # (79,646 - 67,310) / 79,646
    assert found.marks == ("margin", "below_usual")
    assert [s.of for s in found.sold] == ["product"] * 5
    assert found.sold[0].margin is not None
    assert found.sold[0].discount is not None
    # the same page for a superior who may see no cost
    other = run("sales_head", quote_desk.look, quote_id)
    assert other.sheet is None
    assert other.band == "bad"
    assert [(x.cost, x.usual.side) for x in other.lines] == [(None, -1)]
    assert {s.margin for s in other.sold} == {None}
    assert str(COSTS[0]) not in repr(other)


def test_costs_that_moved_since_the_submission_are_marked(run: Run, world: World, clock: Any) -> None:
    quote_id = submitted(run, world, lines=one(world))
    assert run("finance", quote_desk.look, quote_id).marks == ()
    clock.forward(days=1)
    run("finance", set_costs, [CostEntry(world.variants[0], COSTS[0] * 11 // 10, clock().date())])
    assert run("finance", quote_desk.look, quote_id).marks == ("drift",)
    assert run("finance", quote_desk.marks_of, queue(run, "finance").rows) == {quote_id: ("drift",)}


def test_the_harmless_are_approved_one_by_one_and_a_refusal_names_why(run: Run, world: World, as_user: Any) -> None:
    fine = submitted(run, world, lines=one(world))
    cheap = submitted(run, world, lines=one(world, 8_000))
    hashes = {r.id: r.content_hash for r in queue(run, "finance").rows}
    with pytest.raises(UserError) as refused:
        run("finance", quote_desk.approve_harmless, cheap, hashes[cheap], "成批")
    assert refused.value.code == "desk.not_harmless"
    assert "毛利不足" in refused.value.values["marks"]
    with pytest.raises(UserError) as changed:
        run("finance", quote_desk.approve_harmless, fine, "0" * 64, "成批")
    assert changed.value.code == "approval.content_changed"
    run("finance", quote_desk.approve_harmless, fine, hashes[fine], "成批")

    def kept(work: Any) -> list[Any]:
        found = work.session.execute(select(Decision.subject_id, Decision.step, Decision.verdict, Decision.comment))
        return [tuple(row) for row in found]

    assert run("finance", kept) == [(fine, "finance", "approve", "成批")]
    with pytest.raises(UserError) as again:
        run("finance", quote_desk.approve_harmless, fine, hashes[fine], "成批")
    assert again.value.code == "desk.not_waiting"


def test_the_bound_of_the_harmless_is_data(run: Run, world: World) -> None:
    quote_id = submitted(run, world, lines=one(world))
    with pytest.raises(PermissionDenied):
        run("finance", quote_desk.save_rule, DeskRule())
    with pytest.raises(ValidationError):
        run("management", quote_desk.save_rule, DeskRule(least_sales=0))
    run("management", quote_desk.save_rule, DeskRule(harmless_fen=100_000))
    assert run("finance", quote_desk.rule) == DeskRule(harmless_fen=100_000)
    assert run("finance", quote_desk.look, quote_id).marks == ("large",)
