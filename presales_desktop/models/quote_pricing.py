"""What a quote costs the customer and what it leaves us: pure and exact, in fen. Fast enough for every keystroke.

Formulas (rule book 3.2, business.md I9, I11):
    line amount = unit price x quantity x (1 - line discount), rounded half up to the fen
    goods       = Σ amounts of counted lines - discount; the discount (percent of Σ, rounded, plus an absolute amount) is spread
                  over the lines in proportion by largest remainder, so that Σ lines = goods to the fen
    total       = goods + freight + installation, in the quote's price mode (tax included or not)
    tax included: net = total / (1 + rate) rounded, tax = total - net;  tax on top: tax = total x rate rounded
    margin      = (net - cost) / net, on amounts without tax, of goods (freight and installation are passed on)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Protocol

from presales_desktop.models.errors import Problem
from presales_desktop.models.quotes import COUNTED, PRICED

_SCALE = 10**7


class PricedLine(Protocol):
    """What pricing reads of a line: draft, record and snapshot have it."""

    @property
    def type(self) -> str: ...
    @property
    def quantity(self) -> Decimal: ...
    @property
    def unit_price_fen(self) -> int: ...
    @property
    def discount_percent(self) -> Decimal: ...


class Terms(Protocol):
    """What pricing reads of the quote."""

    @property
    def tax_rate(self) -> Decimal: ...
    @property
    def tax_included(self) -> bool: ...
    @property
    def discount_percent(self) -> Decimal: ...
    @property
    def discount_fen(self) -> int: ...
    @property
    def freight_fen(self) -> int: ...
    @property
    def installation_fen(self) -> int: ...


@dataclass(frozen=True)
class Totals:
    """All amounts in fen. `amounts`: per line what it shows (a section its sum, a subtotal what stands above it); `goods_lines`:
    per line what is left of a counted item after its share of the discount, 0 for others."""

    amounts: tuple[int, ...]
    goods_lines: tuple[int, ...]
    lines_fen: int
    discount_fen: int
    goods_fen: int
    freight_fen: int
    installation_fen: int
    net_fen: int
    tax_fen: int
    gross_fen: int


@dataclass(frozen=True)
class LineMargin:
    """One counted line: net amount after discount, cost without tax, both in fen; margin as a fraction, None for a gift."""

    net_fen: int
    cost_fen: int
    margin: Decimal | None


@dataclass(frozen=True)
class Margins:
    """Per line (None where it has no cost or isn't counted) and whole. `missing`: counted lines without a known cost; the
    whole covers the others only, so it says nothing about them."""

    lines: tuple[LineMargin | None, ...]
    net_fen: int
    cost_fen: int
    margin: Decimal | None
    missing: int

    @property
    def profit_fen(self) -> int:
        """What is left of the covered lines, in fen."""
        return self.net_fen - self.cost_fen


def half_up(numerator: int, denominator: int) -> int:
    """NUMERATOR / DENOMINATOR (positive) rounded half away from zero, exactly."""
    if numerator < 0:
        return -half_up(-numerator, denominator)
    return (2 * numerator + denominator) // (2 * denominator)


@lru_cache(maxsize=65_536)
def _scaled(value: Decimal, places: int) -> int:
    """Exact integer of a Decimal; quantities and discounts repeat, and looking one up is five times faster than scaling."""
    return int(value.scaleb(places))


def line_amount(unit_price_fen: int, quantity: Decimal, discount: Decimal) -> int:
    """Amount of a line in fen. QUANTITY has at most 3 places, DISCOUNT is a fraction with at most 4."""
    exact = unit_price_fen * _scaled(quantity, 3) * (10_000 - _scaled(discount, 4) if discount else 10_000)
    if exact < 0:
        return half_up(exact, _SCALE)
    return (2 * exact + _SCALE) // (2 * _SCALE)


def spread(total: int, weights: Sequence[int]) -> list[int]:
    """TOTAL in whole parts in proportion to WEIGHTS (none negative), exactly: largest remainder, ties to the earlier.

    Every part lies within one fen of its exact share. All-zero weights raise ValueError unless TOTAL is 0.
    """
    whole = sum(weights)
    if whole == 0:
        if total:
            raise ValueError(total)
        return [0] * len(weights)
    floors = [total * w // whole for w in weights]
    left = total - sum(floors)
    if left:
        remainders = [total * w % whole for w in weights]
        # a reversed sort keeps equal ones in their order
        for i in sorted(range(len(weights)), key=remainders.__getitem__, reverse=True)[:left]:
            floors[i] += 1
    return floors


def price(lines: Sequence[PricedLine], terms: Terms) -> Totals:
    """Totals of LINES under TERMS. A discount larger than the lines counts as the whole of them (`problems` reports it)."""
    own = [
        line_amount(line.unit_price_fen, line.quantity, line.discount_percent) if line.type in PRICED else 0
        for line in lines
    ]
    counted = [a if line.type in COUNTED else 0 for a, line in zip(own, lines, strict=True)]
    lines_fen = sum(counted)
    discount = min(lines_fen, discount_of(lines_fen, terms))
    shares = spread(discount, counted) if discount else [0] * len(counted)
    goods_lines = tuple(a - s for a, s in zip(counted, shares, strict=True))
    goods = lines_fen - discount
    total = goods + terms.freight_fen + terms.installation_fen
    rate = _scaled(terms.tax_rate, 4)
    if terms.tax_included:
        gross, net = total, half_up(total * 10_000, 10_000 + rate)
        tax = gross - net
    else:
        net, tax = total, half_up(total * rate, 10_000)
        gross = net + tax
    return Totals(
        amounts=_shown(lines, own, counted),
        goods_lines=goods_lines,
        lines_fen=lines_fen,
        discount_fen=discount,
        goods_fen=goods,
        freight_fen=terms.freight_fen,
        installation_fen=terms.installation_fen,
        net_fen=net,
        tax_fen=tax,
        gross_fen=gross,
    )


def discount_of(lines_fen: int, terms: Terms) -> int:
    """The discount on Σ lines in fen: the percentage rounded half up, plus the absolute amount."""
    return half_up(lines_fen * _scaled(terms.discount_percent, 4), 10_000) + terms.discount_fen


def _shown(lines: Sequence[PricedLine], own: list[int], counted: list[int]) -> tuple[int, ...]:
    """Own amounts; a section shows the sum of what follows up to the next, a subtotal what came since the last of either."""
    shown = list(own)
    section: int | None = None
    running = 0
    for i, line in enumerate(lines):
        if line.type == "section":
            section, running = i, 0
        elif line.type == "subtotal":
            shown[i], running = running, 0
        elif counted[i]:
            running += counted[i]
            if section is not None:
                shown[section] += counted[i]
    return tuple(shown)


def margins(lines: Sequence[PricedLine], totals: Totals, terms: Terms, unit_costs: Mapping[int, int]) -> Margins:
    """Margins from UNIT_COSTS (line index → cost per unit without tax, fen). Only for those who may see costs."""
    rate = _scaled(terms.tax_rate, 4) if terms.tax_included else 0
    whole_net = half_up(totals.goods_fen * 10_000, 10_000 + rate)
    nets = spread(whole_net, totals.goods_lines) if totals.goods_fen else [0] * len(lines)
    made: list[LineMargin | None] = []
    net = cost = missing = 0
    for i, line in enumerate(lines):
        if line.type not in COUNTED:
            made.append(None)
            continue
        if i not in unit_costs:
            missing += 1
            made.append(None)
            continue
        line_cost = half_up(unit_costs[i] * _scaled(line.quantity, 3), 1000)
        made.append(LineMargin(nets[i], line_cost, ratio(nets[i], line_cost)))
        net, cost = net + nets[i], cost + line_cost
    return Margins(tuple(made), net, cost, ratio(net, cost), missing)


def ratio(net_fen: int, cost_fen: int) -> Decimal | None:
    """(net - cost) / net to four places; None without net."""
    if net_fen <= 0:
        return None
    return Decimal(half_up((net_fen - cost_fen) * 10_000, net_fen)).scaleb(-4)


def problems(lines: Sequence[PricedLine], terms: Terms) -> list[Problem]:
    """What can't be priced: more discount than there is to discount."""
    counted = sum(
        line_amount(line.unit_price_fen, line.quantity, line.discount_percent) for line in lines if line.type in COUNTED
    )
    if discount_of(counted, terms) > counted:
        return [Problem("quote.discount_too_large", "discount_fen" if terms.discount_fen else "discount_percent")]
    return []
