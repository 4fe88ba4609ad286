"""The desk of who decides: what a quote is judged by, and several harmless ones at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from presales_desktop.models.errors import PermissionDenied
from presales_desktop.services import quote_desk, quote_policy, quote_steps, quotes
from presales_desktop.services.catalogue_prices import CostEntry, set_costs
from tests.services.quote_data import World, approved, make, make_world

Run = Callable[..., Any]


@pytest.fixture
def world(run: Run) -> World:
    return make_world(run)


def submitted(run: Run, world: World, **values: Any) -> UUID:
    quote_id = make(run, world, **values)
    run("sales", quote_steps.submit, quote_id)
    return quote_id


def lifted(run: Run, fen: int = 10**12) -> None:
    """Amounts are no doubt here."""
    run("admin", quote_policy.save_policy, replace(run("admin", quote_policy.policy), harmless_fen=fen))


def test_finance_sees_costs_doubts_and_what_was_agreed(run: Run, world: World) -> None:
    lifted(run)
    for _ in range(5):
        approved(run, world)
    quote_id = submitted(run, world)
    found = run("finance", quote_desk.look, quote_id)
    assert found.harmless
    assert [line.place for line in found.lines] == [1, 2, 3]
    assert all(line.margin is not None and line.outlier is None for line in found.lines)
    assert len(found.before) == 5
    assert found.before[0].margin is not None
    draft = run("sales", quotes.load, make(run, world))
    draft.lines[1].unit_price_fen = 7_000
    cheap = run("sales", quotes.save, draft)
    run("sales", quote_steps.submit, cheap)
    found = run("finance", quote_desk.look, cheap)
    assert set(found.doubts) == {"line_margin", "outlier"}
    assert found.lines[0].outlier.share < -0.4


def test_the_superior_sees_no_cost_and_the_seller_nothing(run: Run, world: World) -> None:
    lifted(run)
    quote_id = submitted(run, world)
    found = run("sales_head", quote_desk.look, quote_id)
    assert (found.sheet, found.band) == (None, "good")
    assert all(line.margin is None and line.unit_cost_fen is None for line in found.lines)
    assert found.harmless
    with pytest.raises(PermissionDenied):
        run("sales", quote_desk.look, quote_id)


def test_the_harmless_are_approved_each_by_its_own_decision_and_the_others_are_named(run: Run, world: World) -> None:
    lifted(run)
    good, dear, returned = submitted(run, world), submitted(run, world), submitted(run, world)
    run("finance", quote_steps.decide, returned, "return", comment="改")
    again = run("sales", quote_steps.revise, returned)
    run("sales", quote_steps.submit, again)
    run("finance", set_costs, [CostEntry(world.variants[0], 12_000, run("finance", lambda work: work.today))])
    drifted = run("finance", quote_desk.look, dear)
    assert "drift" in drifted.doubts
    fresh = submitted(run, world, discount_percent=Decimal("0.6"))
    run("finance", set_costs, [CostEntry(world.variants[0], 6_731, run("finance", lambda work: work.today))])
    found = run("finance", quote_desk.approve_harmless, [good, dear, again, fresh])
    assert found.approved == (good, dear)
    assert [code for _, code in found.left] == ["returned", "margin"]
    assert [s.verdict for s in run("finance", quotes.show, good).approvals] == ["approve", None]
    lifted(run, 100)
    rest = run("sales_head", quote_desk.approve_harmless, [good])
    assert rest.approved == ()
    assert rest.left[0][1] == "amount"
    assert run("finance", quote_desk.approve_harmless, [good]).left[0][1] == "not_mine"
