"""The approval desk's rules: what is far from the usual price, and what is harmless."""

from __future__ import annotations

import statistics
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from presales_desktop.models import quote_desk
from presales_desktop.models.quote_desk import DeskRule, Weighed, harmless, marks, usual

RULE = DeskRule()
# Prices in fen with one that is far off; the score below is reckoned by hand.
EXAMPLE = (210, 260, 320, 310, 280, 290, 300, 700, 250, 270)


def test_the_score_is_the_modified_z_score_by_hand() -> None:
    # median 285, deviations 75 25 35 25 5 5 15 415 35 15: their median 25
    found = usual(700, EXAMPLE, RULE)
    assert found is not None
    assert (found.median_fen, found.score, found.side) == (Decimal(285), Decimal("11.2"), 1)  # 0.6745 x 415 / 25
    near = usual(320, EXAMPLE, RULE)
    assert near is not None
    assert (near.score, near.side) == (Decimal("0.9"), 0)
    low = usual(120, EXAMPLE, RULE)
    assert low is not None
    assert low.side == -1


def test_equal_prices_fall_back_on_the_mean_and_then_on_a_part_of_the_price() -> None:
    mostly = usual(900, (1000,) * 6 + (1100,), RULE)
    assert mostly is not None
    assert (mostly.score, mostly.side) == (Decimal("-5.6"), -1)  # 100 / (1.253314 x 100 / 7)
    same = (1000,) * 5
    sides = []
    for price in (849, 850, 1150, 1151):
        found = usual(price, same, RULE)
        assert found is not None
        assert found.score is None
        sides.append(found.side)
    assert sides == [-1, 0, 0, 1]
    assert usual(1, same[:4], RULE) is None  # four sales say nothing


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 10**9), min_size=5, max_size=40),
    st.integers(0, 10**9),
    st.integers(1, 9),
    st.integers(1, 50),
)
def test_the_score_does_not_depend_on_the_unit_or_the_order(prices: list[int], price: int, n: int, k: int) -> None:
    assert quote_desk.median(prices) == Decimal(str(statistics.median([Decimal(p) for p in prices])))
    found = usual(price, prices, RULE)
    other = usual(price * k, [p * k for p in prices[n % len(prices) :] + prices[: n % len(prices)]], RULE)
    assert found is not None
    assert other is not None
    assert found.side == other.side
    if min(prices) <= price <= max(prices) and len(set(prices)) == 1:
        assert found.side == 0


GOOD = Weighed(total_yuan_fen=10_000_000, sound=True)


@pytest.mark.parametrize(
    ("worse", "mark"),
    [
        (Weighed(10_000_001, True), "large"),
        (Weighed(1, False), "margin"),
        (Weighed(1, True, thin=True), "thin"),
        (Weighed(1, True, weak_lines=1), "line_margin"),
        (Weighed(1, True, unknown_costs=1), "no_cost"),
        (Weighed(1, True, drifted=True), "drift"),
        (Weighed(1, True, below=1), "below_usual"),
        (Weighed(1, True, above=1), "above_usual"),
    ],
)
def test_one_mark_is_enough_to_be_looked_at_alone(worse: Weighed, mark: str) -> None:
    assert marks(GOOD, RULE) == ()
    assert harmless(())
    assert marks(worse, RULE) == (mark,)
    assert not harmless((mark,))
    assert harmless(("delegated",))
