"""To the total that the customer names with the least loss, and what a price can be set by; costs show nowhere they may not."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presales_desktop.models.errors import ValidationError
from presales_desktop.services import catalogue, quote_solver, quotes
from presales_desktop.services.catalogue_prices import CostEntry, PriceEntry, set_costs, set_prices
from presales_desktop.services.quote_drafts import QuoteDraft, QuoteLineDraft
from presales_desktop.services.quotes import QuoteLineDraft as Line
from tests.services.catalogue_data import draft as product
from tests.services.quote_data import COSTS, DAY, PRICES, World, approved, make, make_world

Run = Callable[..., Any]


@pytest.fixture
def world(run: Run) -> World:
    return make_world(run)


def lamp(run: Run, sku: str, price: int, cost: int, **facts: Any) -> Any:
    values = {"power_w": Decimal(10), "flux_lm": 900, "cct_k": 3000, "ra": 90} | facts
    made = product(sku, f"筒灯{sku}", category="downlight", variants=[catalogue.VariantDraft(sku=f"{sku}-V", **values)])
    variant = run("technical", catalogue.load, run("technical", catalogue.save, made)).variants[0].id
    run("finance", set_prices, [PriceEntry(variant, price, DAY)])
    run("finance", set_costs, [CostEntry(variant, cost, DAY)])
    return variant


@given(st.integers(1, 10**8), st.integers(0, 9_000), st.sampled_from([0, 600, 900, 1300]), st.booleans())
def test_cost_plus_never_misses_its_margin(cost: int, margin: int, rate: int, included: bool) -> None:
    tax = Decimal(rate).scaleb(-4)
    price = quote_solver.cost_plus(cost, Decimal(margin).scaleb(-4), tax, included=included)
    divisor = 1 + Fraction(rate, 10_000) if included else Fraction(1)
    assert 1 - cost / (Fraction(price) / divisor) >= Fraction(margin, 10_000)
    assert 1 - cost / (Fraction(price - 1) / divisor) < Fraction(margin, 10_000) if price > 1 else True


@given(
    st.lists(st.tuples(st.integers(1, 500), st.integers(1, 10**6)), min_size=1, max_size=6),
    st.integers(1, 99),
    st.booleans(),
)
def test_a_discount_reaches_the_target_and_no_lower(rows: list[tuple[int, int]], percent: int, included: bool) -> None:
    lines = [QuoteLineDraft(name="灯", quantity=Decimal(n), unit_price_fen=fen) for n, fen in rows]
    draft = QuoteDraft(lines=lines, tax_included=included)
    whole = quote_solver.quote_pricing.price(lines, draft).gross_fen
    target = whole * percent // 100
    plan = quote_solver.solve(None, draft, target, swaps=False)  # type: ignore[arg-type]  # no catalogue is asked
    assert plan.reached
    assert target - (0 if included else 2) <= plan.total_fen <= target
    assert draft.discount_fen == 0


def test_products_that_lose_the_least_are_exchanged_first(run: Run, world: World) -> None:
    dear = lamp(run, "DEAR", 20_000, 9_000)
    equal = lamp(run, "EQUAL", 15_000, 5_000, flux_lm=950, ra=92)
    lamp(run, "WEAK", 9_000, 2_000, flux_lm=600)
    lamp(run, "COLD", 9_000, 2_000, cct_k=4000)
    lamp(run, "COSTLY", 14_000, 8_900)  # saves 60 a piece and loses more than a discount would
    quote_id = make(run, world, lines=[Line(variant_id=dear, quantity=Decimal(10)), Line(variant_id=world.variants[1])])
    draft = run("sales", quotes.load, quote_id)
    plan = run("sales", quote_solver.solve, draft, 400_000)
    assert [(s.line, s.facts.variant_id, s.saves_fen) for s in plan.swaps] == [(0, equal, 50_000)]
    assert {e.verdict for e in plan.swaps[0].evidence} <= {"equal", "better"}
    assert (plan.total_fen, plan.discount_fen) == (400_000, 18_000)
    assert "cost" not in repr(plan)
    alone = run("sales", quote_solver.solve, draft, 400_000, swaps=False)
    assert (alone.swaps, alone.discount_fen) == ((), 68_000)
    assert run("sales", quotes.load, quote_id).lines[0].variant_id == dear


def test_by_the_command_and_what_it_refuses(run: Run, world: World) -> None:
    quote_id = make(run, world, freight_fen=50_000)
    done = run("sales", quotes.do, quote_id, "target", {"total": "10,000", "swap": "no"})
    assert done["total_fen"] == 1_000_000
    assert run("sales", quotes.show, quote_id).total_fen == 1_000_000
    for total, code in (("400", "quote.target_low"), ("很便宜", "field.type")):
        with pytest.raises(ValidationError) as raised:
            run("sales", quotes.do, quote_id, "target", {"total": total})
        assert [p.code for p in raised.value.problems] == [code]
    unchanged = run("sales", quotes.do, quote_id, "target", {"total": "999999"})
    assert unchanged["total_fen"] == 1_000_000


def test_cost_plus_stands_beside_the_market_for_those_who_may(run: Run, world: World) -> None:
    lines = [Line(variant_id=world.variants[0], quantity=Decimal(5), discount_percent=Decimal("0.1"))]
    approved(run, world, lines=lines)
    rate = Decimal("0.13")
    seen = run("sales", quote_solver.bases, [world.variants[0]], rate, included=True)[world.variants[0]]
    assert (seen.list_fen, seen.market_fen, seen.samples) == (PRICES[0], 11_520, 1)
    assert (seen.floor_price_fen, seen.target_price_fen) == (None, None)
    own = run("finance", quote_solver.bases, [world.variants[0]], rate, included=True)[world.variants[0]]
    assert own.floor_price_fen == -(-COSTS[0] * 113 // 80)
    assert own.target_price_fen is not None
    assert own.target_price_fen > own.floor_price_fen
