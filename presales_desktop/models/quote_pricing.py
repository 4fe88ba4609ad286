"""What a quote costs the customer and what it leaves us: pure and exact, in hundredths of its currency. Fast enough for every keystroke.

Formulas (rule book 3.2, business.md I9, I11; docs/decisions/015):
    pieces      = quantity; of an accessory, or a component of a kit, quantity x pieces of the line it rides on
    line amount = unit price x pieces x (1 - line discount), rounded half up to the fen
    goods       = Σ amounts of counted lines - discounts of sections - discount of the whole. A section's discount (percent of its
                  goods, rounded) is spread over its lines, then that of the whole (percent of what is left, rounded, plus an absolute
                  amount) over all, each in proportion by largest remainder, so that Σ lines = goods to the fen
    total       = goods + freight + installation (lines of these kinds, and the amounts of the whole), in the quote's price mode
    tax         = by rate, over all that stands under it: included: net = amount / (1 + rate) rounded, tax = amount - net;
                  on top: tax = amount x rate rounded
    margin      = (net - cost) / net in yuan, on amounts without tax, of goods (freight and installation are passed on)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Final, Protocol

from presales_desktop.models.errors import Problem
from presales_desktop.models.quotes import BREAKS, COUNTED, PRICED, RIDDEN, SERVICES

_SCALE: Final = 10**7
_RIDING_SCALE: Final = 10**10


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
    @property
    def tax_rate(self) -> Decimal | None: ...


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
    @property
    def exchange_rate(self) -> Decimal: ...


@dataclass(frozen=True)
class TaxShare:
    """What stands under one rate (a fraction), in fen."""

    rate: Decimal
    net_fen: int
    tax_fen: int


@dataclass(frozen=True)
class Totals:
    """All amounts in fen. `amounts`: per line what it shows (a section its sum after its discount, a subtotal what stands above it);
    `goods_lines`: per line what is left of counted goods after their share of the discounts, 0 for others; `pieces`: per line how
    many there are in thousandths; `counted`: whether it is in the total; `discount_fen`: of sections and whole together."""

    amounts: tuple[int, ...]
    goods_lines: tuple[int, ...]
    pieces: tuple[int, ...]
    counted: tuple[bool, ...]
    lines_fen: int
    sections_off_fen: int
    discount_fen: int
    goods_fen: int
    freight_fen: int
    installation_fen: int
    net_fen: int
    tax_fen: int
    gross_fen: int
    taxes: tuple[TaxShare, ...]

    def pieces_of(self, index: int) -> Decimal:
        """How many pieces line INDEX comes to."""
        return Decimal(self.pieces[index]).scaleb(-3)


@dataclass(frozen=True)
class LineMargin:
    """One counted line: net amount after discount, cost without tax, both in fen of yuan; margin as a fraction, None for a gift."""

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


@dataclass
class _Own:
    """Lines one by one, before any discount of section or whole."""

    amounts: list[int]
    pieces: list[int]  # thousandths
    counted: list[bool]


def _own(lines: Sequence[PricedLine]) -> _Own:
    """Amount, pieces and whether it counts, of every line: what rides multiplies with what carries it."""
    amounts, pieces, counted = [], [], []
    carrier, carrier_counts, in_kit = 1000, True, False
    for line in lines:
        kind = line.type
        amount, own, counts = 0, 0, False
        if kind == "item":  # nearly all lines: the short way
            own = carrier = _scaled(line.quantity, 3)
            carrier_counts = counts = True
            in_kit = False
            off = line.discount_percent
            exact = line.unit_price_fen * own * (10_000 - _scaled(off, 4) if off else 10_000)
            amount = (2 * exact + _SCALE) // (2 * _SCALE) if exact >= 0 else half_up(exact, _SCALE)
        elif kind == "accessory":
            per, off = _scaled(line.quantity, 3), line.discount_percent
            counts = carrier_counts
            own = half_up(per * carrier, 1000)
            exact = line.unit_price_fen * per * carrier * (10_000 - _scaled(off, 4) if off else 10_000)
            amount = half_up(exact, _RIDING_SCALE)
        elif kind == "component":
            per = _scaled(line.quantity, 3)
            own = half_up(per * carrier, 1000) if in_kit else per
        elif kind in PRICED:
            own, counts = _scaled(line.quantity, 3), kind in COUNTED
            amount = line_amount(line.unit_price_fen, line.quantity, line.discount_percent)
            if kind in RIDDEN:
                carrier, carrier_counts, in_kit = own, counts, kind == "kit"
        if kind in BREAKS:
            carrier, carrier_counts, in_kit = 1000, True, False
        amounts.append(amount)
        pieces.append(own)
        counted.append(counts)
    return _Own(amounts, pieces, counted)


def pieces(lines: Sequence[PricedLine]) -> list[int]:
    """How many pieces every line comes to, in thousandths: what rides multiplies with what carries it."""
    return _own(lines).pieces


def price(lines: Sequence[PricedLine], terms: Terms) -> Totals:
    """Totals of LINES under TERMS. A discount larger than the lines counts as the whole of them (`problems` reports it)."""
    own = _own(lines)
    goods_lines = [
        a if c and line.type not in SERVICES else 0 for a, c, line in zip(own.amounts, own.counted, lines, strict=True)
    ]
    lines_fen = sum(goods_lines)
    sections_off = _take_sections(lines, goods_lines)
    shown = _shown(lines, own, goods_lines)
    left = lines_fen - sections_off
    whole = min(left, discount_of(left, terms))
    if whole:
        goods_lines = [a - s for a, s in zip(goods_lines, spread(whole, goods_lines), strict=True)]
    freight, installation = _services(lines, own.amounts)
    taxes = _taxes(lines, goods_lines, own.amounts, terms)
    net, tax = sum(share.net_fen for share in taxes), sum(share.tax_fen for share in taxes)
    return Totals(
        amounts=tuple(shown),
        goods_lines=tuple(goods_lines),
        pieces=tuple(own.pieces),
        counted=tuple(own.counted),
        lines_fen=lines_fen,
        sections_off_fen=sections_off,
        discount_fen=sections_off + whole,
        goods_fen=left - whole,
        freight_fen=freight + terms.freight_fen,
        installation_fen=installation + terms.installation_fen,
        net_fen=net,
        tax_fen=tax,
        gross_fen=net + tax,
        taxes=taxes,
    )


def discount_of(lines_fen: int, terms: Terms) -> int:
    """The discount on the whole in fen: the percentage rounded half up, plus the absolute amount."""
    return half_up(lines_fen * _scaled(terms.discount_percent, 4), 10_000) + terms.discount_fen


def _take_sections(lines: Sequence[PricedLine], goods: list[int]) -> int:
    """Take the sections' own discounts off GOODS (in place); how much that is together."""
    taken = 0
    starts = [i for i, line in enumerate(lines) if line.type == "section"]
    for start, end in pairwise([*starts, len(lines)]):
        percent = lines[start].discount_percent
        if not percent:
            continue
        inside = goods[start:end]
        off = half_up(sum(inside) * _scaled(percent, 4), 10_000)
        if off:
            goods[start:end] = [a - s for a, s in zip(inside, spread(off, inside), strict=True)]
            taken += off
    return taken


def _services(lines: Sequence[PricedLine], amounts: Sequence[int]) -> tuple[int, int]:
    """Σ of freight and of installation lines."""
    freight = installation = 0
    for line, amount in zip(lines, amounts, strict=True):
        if line.type == "freight":
            freight += amount
        elif line.type == "installation":
            installation += amount
    return freight, installation


def _taxes(
    lines: Sequence[PricedLine], goods: Sequence[int], amounts: Sequence[int], terms: Terms
) -> tuple[TaxShare, ...]:
    """Net and tax by rate, the quote's own rate first; what stands under one rate is rounded once."""
    under: dict[Decimal, int] = {terms.tax_rate: terms.freight_fen + terms.installation_fen}
    for i, line in enumerate(lines):
        amount = amounts[i] if line.type in SERVICES else goods[i]
        if amount:
            rate = line.tax_rate
            rate = terms.tax_rate if rate is None else rate
            under[rate] = under.get(rate, 0) + amount
    made = []
    for rate, amount in under.items():
        if terms.tax_included:
            net = half_up(amount * 10_000, 10_000 + _scaled(rate, 4))
            made.append(TaxShare(rate, net, amount - net))
        else:
            made.append(TaxShare(rate, amount, half_up(amount * _scaled(rate, 4), 10_000)))
    return tuple(made) if len(made) == 1 else tuple(s for s in made if s.net_fen or s.tax_fen) or tuple(made[:1])


def _shown(lines: Sequence[PricedLine], own: _Own, goods: Sequence[int]) -> list[int]:
    """Own amounts; a section shows the sum of what follows up to the next, after its discount; a subtotal what came since the last of
    either. Freight and installation that stand in a section are in its sum."""
    shown = list(own.amounts)
    section: int | None = None
    running = 0
    for i, line in enumerate(lines):
        kind = line.type
        if kind == "section":
            section, running = i, 0
        elif kind == "subtotal":
            shown[i], running = running, 0
        elif own.counted[i]:
            amount = own.amounts[i] if kind in SERVICES else goods[i]
            running += amount
            if section is not None:
                shown[section] += amount
    return shown


def nets(lines: Sequence[PricedLine], totals: Totals, terms: Terms) -> list[int]:
    """Per line what is left without tax, in fen of the quote's currency: goods only, exact under each rate."""
    groups: dict[Decimal, list[int]] = {}
    for i, amount in enumerate(totals.goods_lines):
        if amount:
            rate = lines[i].tax_rate
            groups.setdefault(terms.tax_rate if rate is None else rate, []).append(i)
    made = [0] * len(lines)
    for rate, members in groups.items():
        weights = [totals.goods_lines[i] for i in members]
        scaled = _scaled(rate, 4) if terms.tax_included else 0
        for i, net in zip(members, spread(half_up(sum(weights) * 10_000, 10_000 + scaled), weights), strict=True):
            made[i] = net
    return made


def in_yuan(fen: int, terms: Terms) -> int:
    """An amount of the quote's currency in fen of yuan, at the quote's rate, rounded half up."""
    rate = terms.exchange_rate
    return fen if rate == 1 else half_up(fen * _scaled(rate, 6), 1_000_000)


def margins(lines: Sequence[PricedLine], totals: Totals, terms: Terms, unit_costs: Mapping[int, int]) -> Margins:
    """Margins from UNIT_COSTS (line index → cost per unit without tax, fen of yuan). Only for those who may see costs.

    A kit or lot without a cost of its own costs what its components do, when all of them are known.
    """
    costs = _costs(lines, totals, unit_costs)
    left = nets(lines, totals, terms)
    made: list[LineMargin | None] = []
    net = cost = missing = 0
    for i, line in enumerate(lines):
        if not totals.counted[i] or line.type in SERVICES:
            made.append(None)
            continue
        if i not in costs:
            missing += 1
            made.append(None)
            continue
        own = in_yuan(left[i], terms)
        made.append(LineMargin(own, costs[i], ratio(own, costs[i])))
        net, cost = net + own, cost + costs[i]
    return Margins(tuple(made), net, cost, ratio(net, cost), missing)


def _costs(lines: Sequence[PricedLine], totals: Totals, unit_costs: Mapping[int, int]) -> dict[int, int]:
    """What counted lines cost us, fen."""
    made: dict[int, int] = {}
    holder = -1
    parts: dict[int, int] = {}
    for i, line in enumerate(lines):
        if line.type == "component":
            if holder >= 0:
                if i in unit_costs:
                    parts[holder] = parts.get(holder, 0) + half_up(unit_costs[i] * totals.pieces[i], 1000)
                else:
                    parts.pop(holder, None)
                    holder = -1  # one unknown part: the whole is unknown
            continue
        if line.type in RIDDEN or line.type in BREAKS:
            holder = i if line.type in ("kit", "lot") else -1
        if i in unit_costs:
            made[i] = half_up(unit_costs[i] * totals.pieces[i], 1000)
    return {**parts, **made}


def ratio(net_fen: int, cost_fen: int) -> Decimal | None:
    """(net - cost) / net to four places; None without net."""
    if net_fen <= 0:
        return None
    return Decimal(half_up((net_fen - cost_fen) * 10_000, net_fen)).scaleb(-4)


def problems(lines: Sequence[PricedLine], terms: Terms) -> list[Problem]:
    """What can't be priced: more discount than there is to discount."""
    found = price(lines, terms)
    left = found.lines_fen - found.sections_off_fen
    if discount_of(left, terms) > left:
        return [Problem("quote.discount_too_large", "discount_fen" if terms.discount_fen else "discount_percent")]
    return []
