"""Prices far from what a product was sold at."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presales_desktop.models.quote_outliers import LEAST, LIMIT, NEAR, outlier

SOLD = [10_000, 10_200, 9_800, 10_100, 9_900, 10_000, 10_300]


def test_a_price_beyond_the_scatter_stands_out_on_either_side() -> None:
    low, high = outlier(7_000, SOLD), outlier(14_000, SOLD)
    assert low is not None
    assert high is not None
    assert (low.usual_fen, low.count, round(low.share, 2)) == (10_000, 7, -0.30)
    assert round(high.share, 2) == 0.40
    assert outlier(10_400, SOLD) is None


def test_the_worked_score_is_that_of_the_book() -> None:
    # median 10,000, MAD 100 → |x - median| = 3.5 / 0.6745 * 100 = 518.9 is the border
    prices = [9_800, 9_900, 10_000, 10_100, 10_200]
    border = LIMIT / 0.6745 * 100
    assert outlier(10_000 + int(border), prices) is None
    assert outlier(10_000 + int(border) + 2, prices) is not None


def test_few_prices_say_nothing_and_equal_ones_bear_a_little() -> None:
    assert outlier(1, SOLD[: LEAST - 1]) is None
    same = [10_000] * 6
    assert outlier(round(10_000 * (1 + NEAR)), same) is None
    assert outlier(12_000, same) is not None
    assert outlier(5, [0] * 9) is None


@given(st.integers(0, 10**9), st.lists(st.integers(1, 10**9), min_size=LEAST, max_size=40))
def test_the_median_itself_never_stands_out(price: int, earlier: list[int]) -> None:
    found = outlier(price, earlier)
    if found is not None:
        assert abs(found.share) > NEAR
        assert outlier(found.usual_fen, earlier) is None or abs(found.usual_fen) < 20


@pytest.mark.parametrize("factor", [2, 10])
def test_the_unit_does_not_matter(factor: int) -> None:
    assert (outlier(7_000 * factor, [p * factor for p in SOLD]) is None) == (outlier(7_000, SOLD) is None)
