"""Kinds of lines, discounts of sections, several tax rates, other currencies: every fen is where it belongs."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from presales_desktop.models import taxes
from presales_desktop.models.quote_pricing import in_yuan, margins, nets, pieces, price
from presales_desktop.models.quotes import LINE_TYPES, SERVICES, place_problems


@dataclass(frozen=True)
class Line:
    type: str = "item"
    quantity: Decimal = Decimal(1)
    unit_price_fen: int = 0
    discount_percent: Decimal = Decimal(0)
    tax_rate: Decimal | None = None
    name: str = "灯"


@dataclass(frozen=True)
class Terms:
    tax_rate: Decimal = Decimal("0.13")
    tax_included: bool = True
    discount_percent: Decimal = Decimal(0)
    discount_fen: int = 0
    freight_fen: int = 0
    installation_fen: int = 0
    exchange_rate: Decimal = Decimal(1)


fractions = st.integers(0, 10_000).map(lambda n: Decimal(n).scaleb(-4))
lines = st.lists(
    st.builds(
        Line,
        type=st.sampled_from([*LINE_TYPES, "item", "accessory"]),
        quantity=st.integers(0, 10**6).map(lambda n: Decimal(n).scaleb(-3)),
        unit_price_fen=st.integers(0, 10**8),
        discount_percent=fractions,
        tax_rate=st.none() | st.sampled_from([Decimal("0.13"), Decimal("0.09"), Decimal("0.06"), Decimal(0)]),
    ),
    max_size=20,
)
terms = st.builds(
    Terms,
    tax_included=st.booleans(),
    discount_percent=fractions,
    discount_fen=st.integers(0, 10**7),
    freight_fen=st.integers(0, 10**7),
    installation_fen=st.integers(0, 10**7),
)


def half_up(value: Fraction) -> int:
    return int((Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def test_an_accessory_multiplies_with_the_fixture_above_it() -> None:
    rows = [
        Line(quantity=Decimal(24), unit_price_fen=10_000),
        Line("note"),
        Line("accessory", Decimal(2), 1_500, Decimal("0.1")),
        Line("accessory", Decimal("0.5"), 300),
    ]
    totals = price(rows, Terms())
    assert [totals.pieces_of(i) for i in range(4)] == [24, 0, 48, 12]
    assert totals.amounts == (240_000, 0, 64_800, 3_600)
    assert totals.lines_fen == 308_400


def test_what_rides_on_an_option_is_optional_and_after_a_section_nothing_rides() -> None:
    rows = [
        Line("option", Decimal(3), 1_000),
        Line("accessory", Decimal(1), 200),
        Line("section"),
        Line("accessory", Decimal(4), 50),
    ]
    totals = price(rows, Terms())
    assert totals.amounts[:2] == (3_000, 600)
    assert totals.counted == (False, False, False, True)
    assert totals.lines_fen == 200
    assert [p.code for p in place_problems(rows)] == ["quote.accessory_alone"]


def test_components_are_paid_for_by_their_kit_and_multiply_with_it() -> None:
    rows = [
        Line("kit", Decimal(5), 90_000),
        Line("component", Decimal(3), 999),
        Line("component", Decimal("1.5"), 999),
        Line("lot", Decimal(1), 500_000),
        Line("component", Decimal(40), 999),
        Line(),
        Line("component", Decimal(2), 999),
    ]
    totals = price(rows, Terms())
    assert [totals.pieces_of(i) for i in range(7)] == [5, 15, Decimal("7.5"), 1, 40, 1, 2]
    assert totals.lines_fen == 450_000 + 500_000
    assert [p.field for p in place_problems(rows)] == ["lines.6.type"]
    found = margins(rows, totals, Terms(), {1: 10_000, 2: 4_000, 4: 6_000, 5: 1})
    assert found.lines[0] is not None
    assert found.lines[0].cost_fen == 15 * 10_000 + 30_000
    assert found.lines[3] is not None
    assert found.lines[3].cost_fen == 40 * 6_000
    assert found.missing == 0


def test_a_kit_with_one_unknown_part_is_unknown_unless_it_has_a_cost_of_its_own() -> None:
    rows = [Line("kit", Decimal(2), 90_000), Line("component", Decimal(3)), Line("component")]
    totals = price(rows, Terms())
    assert margins(rows, totals, Terms(), {1: 10}).missing == 1
    assert margins(rows, totals, Terms(), {2: 10}).missing == 1
    own = margins(rows, totals, Terms(), {0: 700, 1: 10})
    assert own.lines[0] is not None
    assert own.lines[0].cost_fen == 1_400


def test_a_sections_discount_is_its_own() -> None:
    rows = [
        Line("section", discount_percent=Decimal("0.1")),
        Line(unit_price_fen=333),
        Line(unit_price_fen=333),
        Line("installation", unit_price_fen=1_000),
        Line("subtotal"),
        Line("section"),
        Line(unit_price_fen=1_000),
    ]
    totals = price(rows, Terms(discount_percent=Decimal("0.5")))
    assert totals.sections_off_fen == 67
    assert totals.amounts[0] == totals.amounts[4] == 599 + 1_000
    assert totals.amounts[5] == 1_000
    assert totals.discount_fen == 67 + 800  # half of 1599, rounded up
    assert totals.goods_fen == 1_666 - 867
    assert totals.installation_fen == 1_000


@given(lines, terms)
def test_not_a_fen_is_lost(rows: list[Line], of: Terms) -> None:
    totals = price(rows, of)
    services = [a for a, row in zip(totals.amounts, rows, strict=True) if row.type in SERVICES]
    assert totals.freight_fen + totals.installation_fen == sum(services) + of.freight_fen + of.installation_fen
    assert sum(totals.goods_lines) == totals.goods_fen == totals.lines_fen - totals.discount_fen
    assert totals.net_fen + totals.tax_fen == totals.gross_fen
    base = totals.goods_fen + totals.freight_fen + totals.installation_fen
    assert (totals.gross_fen if of.tax_included else totals.net_fen) == base
    assert all(part >= 0 for part in totals.goods_lines)
    goods = price(
        [row for row in rows if row.type != "section"], replace(of, discount_percent=Decimal(0), discount_fen=0)
    )
    assert goods.sections_off_fen == 0
    assert goods.lines_fen == goods.goods_fen


@given(lines, terms)
def test_tax_is_rounded_once_for_each_rate(rows: list[Line], of: Terms) -> None:
    totals = price(rows, of)
    under: dict[Decimal, int] = {of.tax_rate: of.freight_fen + of.installation_fen}
    for i, row in enumerate(rows):
        amount = totals.amounts[i] if row.type in SERVICES else totals.goods_lines[i]
        rate = of.tax_rate if row.tax_rate is None else row.tax_rate
        under[rate] = under.get(rate, 0) + amount
    for share in totals.taxes:
        amount = under.pop(share.rate)
        if of.tax_included:
            assert share.net_fen == half_up(Fraction(amount) / (1 + Fraction(share.rate)))
            assert share.tax_fen == amount - share.net_fen
        else:
            assert (share.net_fen, share.tax_fen) == (amount, half_up(amount * Fraction(share.rate)))
    assert not any(under.values())


@given(lines, terms)
def test_nets_of_lines_add_up_to_the_goods_without_tax(rows: list[Line], of: Terms) -> None:
    totals = price(rows, of)
    goods = {}
    for i, amount in enumerate(totals.goods_lines):
        rate = rows[i].tax_rate if rows[i].tax_rate is not None else of.tax_rate
        goods[rate] = goods.get(rate, 0) + amount
    expected = sum(half_up(Fraction(a) / (1 + Fraction(r) if of.tax_included else 1)) for r, a in goods.items())
    assert sum(nets(rows, totals, of)) == expected


@given(lines)
def test_pieces_follow_what_carries_them(rows: list[Line]) -> None:
    """Against a second, slower reading of the rule."""
    found = pieces(rows)
    for n, row in enumerate(rows):
        if row.type not in ("accessory", "component"):
            continue
        above: Any = None
        for other in reversed(rows[:n]):
            if other.type in ("section", "subtotal", "freight", "installation"):
                break
            if other.type in ("item", "kit", "lot", "option", "alternative"):
                above = other
                break
        rides = above is not None and (row.type == "accessory" or above.type == "kit")
        assert found[n] == half_up(Fraction(row.quantity) * 1000 * (Fraction(above.quantity) if rides else 1))


def test_margin_of_a_foreign_quote_is_reckoned_in_yuan() -> None:
    of = Terms(tax_rate=Decimal(0), exchange_rate=Decimal("7.1234"))
    rows = [Line(quantity=Decimal(10), unit_price_fen=2_000)]
    found = margins(rows, price(rows, of), of, {0: 9_000})
    assert found.net_fen == in_yuan(20_000, of) == 142_468
    assert found.cost_fen == 90_000
    assert found.margin == Decimal("0.3683")


def test_the_tax_table_knows_its_days() -> None:
    assert Decimal("0.13") in taxes.rates(dt.date(2026, 11, 24))
    assert Decimal("0.16") not in taxes.rates(dt.date(2026, 11, 24))
    assert taxes.rates(dt.date(2018, 12, 1))[0] == Decimal("0.16")
    assert Decimal("0.01") not in taxes.rates(dt.date(2028, 1, 1))
    for row in taxes.table():
        assert row.until is None or row.since <= row.until
