"""What prices can be set by: cost-plus and market side by side, and the way to a total that the customer names.

A discount takes from our margin what it takes from the price; a product that is equal or better and cheaper takes less, where its cost
is lower too. So products are exchanged first, those that lose the least margin for what they save, and the rest is taken off the whole.
Costs steer the choice where this workspace has them; nothing of them is in an answer to who may not see them.
"""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final
from uuid import UUID

from sqlalchemy import select

from presales_desktop.models import quote_pricing
from presales_desktop.models.bills import Evidence
from presales_desktop.models.errors import Problem, ValidationError
from presales_desktop.models.permissions import may
from presales_desktop.models.quote_pricing import half_up
from presales_desktop.models.quotes import PRICED, TRANSITIONS, Quote, QuoteLine, QuotePolicy
from presales_desktop.models.values import yuan_to_fen
from presales_desktop.models.workflow import find
from presales_desktop.services import bill_match, catalogue_facts, catalogue_prices, quote_policy, quotes
from presales_desktop.services.catalogue_facts import VariantFacts
from presales_desktop.services.quote_costs import COMFORT
from presales_desktop.services.quote_drafts import QuoteDraft, take_facts
from presales_desktop.services.work import Work

_OFFERED: Final = ("approved", "sent", "accepted", "declined", "expired", "superseded")
_RECENT: Final = 40
_MOST_SWAPS: Final = 12


@dataclass(frozen=True)
class Basis:
    """What a unit price can be set by, fen of yuan. `market`: the middle of what was offered lately, `samples` of it between `low` and
    `high`; `floor_price`, `target_price`: cost-plus at the policy's floor and with comfort above it, None without cost.view."""

    list_fen: int | None
    market_fen: int | None
    low_fen: int | None
    high_fen: int | None
    samples: int
    floor_price_fen: int | None
    target_price_fen: int | None


def bases(
    work: Work, variant_ids: Sequence[UUID], tax_rate: Decimal, *, included: bool, besides: str = ""
) -> dict[UUID, Basis]:
    """For each variant what its price can be set by, in the quote's price mode; the quote with the number BESIDES is no market."""
    work.require("quote.view")
    lists = catalogue_facts.list_prices(work, variant_ids)
    costs = catalogue_prices.costs(work, variant_ids) if may(work.actor, "cost.view").allowed else {}
    offered = _offered(work, variant_ids, besides)
    policy = quote_policy.policy(work)
    made = {}
    for variant_id in dict.fromkeys(variant_ids):
        seen = offered.get(variant_id, [])
        cost = costs.get(variant_id)
        made[variant_id] = Basis(
            lists.get(variant_id),
            int(statistics.median_low(seen)) if seen else None,
            min(seen, default=None),
            max(seen, default=None),
            len(seen),
            None if cost is None else cost_plus(cost, policy.margin_floor, tax_rate, included=included),
            None if cost is None else cost_plus(cost, _comfortable(policy), tax_rate, included=included),
        )
    return made


def _comfortable(policy: QuotePolicy) -> Decimal:
    return min(policy.margin_floor + COMFORT, Decimal("0.95"))


def cost_plus(cost_fen: int, margin: Decimal, tax_rate: Decimal, *, included: bool) -> int:
    """The price that leaves MARGIN (fraction of the net price, under 1): cost / (1 - margin), with tax when INCLUDED; rounded up to the
    fen, so that the margin is not missed by it."""
    numerator = cost_fen * 10_000 * (10_000 + (int(tax_rate * 10_000) if included else 0))
    return -(-numerator // ((10_000 - int(margin * 10_000)) * 10_000))


def _offered(work: Work, variant_ids: Sequence[UUID], besides: str) -> dict[UUID, list[int]]:
    """Unit prices after their discount in yuan of the newest quotes that were approved, whatever became of them."""
    found: dict[UUID, list[int]] = {}
    for part in catalogue_facts.batches(variant_ids):
        rows = work.session.execute(
            select(QuoteLine.variant_id, QuoteLine.unit_price_fen, QuoteLine.discount_percent, Quote.exchange_rate)
            .join(Quote, Quote.id == QuoteLine.quote_id)
            .where(
                QuoteLine.variant_id.in_(part),
                QuoteLine.type.in_(PRICED),
                Quote.state.in_(_OFFERED),
                Quote.number != besides,
            )
            .order_by(Quote.submitted_at.desc(), QuoteLine.id.desc())
        )
        for row in rows:
            kept = found.setdefault(row.variant_id, []) if row.variant_id is not None else []
            if row.unit_price_fen and len(kept) < _RECENT:
                net = half_up(row.unit_price_fen * (10_000 - int(row.discount_percent * 10_000)), 10_000)
                kept.append(half_up(net * int(row.exchange_rate * 1_000_000), 1_000_000))
    return found


# ------------------------------------------------------------------------------------------------- a total to reach


@dataclass(frozen=True)
class Swap:
    """A line with a product in its place that is equal or better and cheaper. `saves_fen`: of the quote's total."""

    line: int
    was: str
    facts: VariantFacts
    saves_fen: int
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True)
class Plan:
    """How TARGET is reached: products exchanged, and what is taken off the whole (`discount_fen`, in place of the amount before). `draft`
    is the quote as it would stand, `total_fen` what it comes to: never above the target when `reached`."""

    target_fen: int
    before_fen: int
    total_fen: int
    swaps: tuple[Swap, ...]
    discount_fen: int
    reached: bool
    draft: QuoteDraft

    @property
    def off(self) -> Decimal:
        """By how much of its price the quote comes down, as a fraction."""
        if not self.before_fen:
            return Decimal(0)
        return Decimal(half_up((self.before_fen - self.total_fen) * 10_000, self.before_fen)).scaleb(-4)


def solve(work: Work, draft: QuoteDraft, target_fen: int, *, swaps: bool = True) -> Plan:
    """The way from DRAFT to TARGET_FEN (with tax, in the quote's currency). A total at or under the target already stays as it is.

    Raises ValidationError quote.target_low for a target under freight, installation and what cannot be discounted."""
    before = quote_pricing.price(draft.lines, draft).gross_fen
    if target_fen >= before:
        return Plan(target_fen, before, before, (), draft.discount_fen, reached=True, draft=draft)
    made = replace(draft, lines=[replace(line) for line in draft.lines])
    taken: list[Swap] = []
    if swaps:
        taken = _exchange(work, made, before - target_fen)
    discount = _discount(made, target_fen)
    if discount is None:
        least = quote_pricing.price(made.lines, replace(made, discount_fen=10**15)).gross_fen
        raise ValidationError([Problem("quote.target_low", "total", {"least": f"{Decimal(least).scaleb(-2):,.2f}"})])
    made.discount_fen = discount
    total = quote_pricing.price(made.lines, made).gross_fen
    return Plan(target_fen, before, total, tuple(taken), discount, reached=total <= target_fen, draft=made)


def _discount(draft: QuoteDraft, target_fen: int) -> int | None:
    """The least amount off the whole with which the total is at most TARGET_FEN, None when not even everything off is enough."""
    totals = quote_pricing.price(draft.lines, draft)
    low, high = 0, totals.lines_fen
    if quote_pricing.price(draft.lines, replace(draft, discount_fen=high)).gross_fen > target_fen:
        return None
    while low < high:
        middle = (low + high) // 2
        if quote_pricing.price(draft.lines, replace(draft, discount_fen=middle)).gross_fen <= target_fen:
            high = middle
        else:
            low = middle + 1
    return low


def _exchange(work: Work, draft: QuoteDraft, needed_fen: int) -> list[Swap]:
    """Put cheaper products that are equal or better into DRAFT, those first that lose the least margin for what they save, until
    enough is saved."""
    options = _options(work, draft)
    taken: list[Swap] = []
    saved = 0
    for _, swap in sorted(options, key=lambda o: (o[0], -o[1].saves_fen, o[1].line)):
        if saved >= needed_fen or len(taken) == _MOST_SWAPS:
            break
        if swap.saves_fen > needed_fen - saved and taken:
            continue  # would give away more than is asked
        line = draft.lines[swap.line]
        line.variant_id, line.list_price_fen = swap.facts.variant_id, line.unit_price_fen
        take_facts(line, swap.facts, draft.exchange_rate)
        line.attention = "substitute"
        taken.append(swap)
        saved += swap.saves_fen
    return sorted(taken, key=lambda s: s.line)


def _options(work: Work, draft: QuoteDraft) -> list[tuple[Decimal, Swap]]:
    """(margin lost for each yuan saved, exchange) of lines at the list price; at most the best for each line."""
    ids = [line.variant_id for line in draft.lines if line.variant_id is not None]
    known = catalogue_facts.facts(work, ids)
    totals = quote_pricing.price(draft.lines, draft)
    places = [
        n for n, line in enumerate(draft.lines)
        if line.type == "item" and line.variant_id in known and line.quantity and line.unit_price_fen == line.list_price_fen
    ]  # fmt: skip
    similar = bill_match.equals(work, [line_id for n in places if (line_id := draft.lines[n].variant_id) is not None])
    others = catalogue_facts.facts(work, [c.variant_id for found in similar.values() for c in found])
    costs = {} if work.connected else catalogue_prices.snapshot_costs(work, [*ids, *others])
    made: list[tuple[Decimal, Swap]] = []
    for n in places:
        line = draft.lines[n]
        best: tuple[Decimal, Swap] | None = None
        for candidate in similar.get(line.variant_id, ()) if line.variant_id is not None else ():
            facts = others.get(candidate.variant_id)
            if facts is None or facts.list_fen is None or not facts.active or facts.unit != line.unit:
                continue
            option = _weigh(draft, n, totals.gross_fen, facts, candidate.evidence, costs)
            if option is not None and (
                best is None or (option[0], -option[1].saves_fen) < (best[0], -best[1].saves_fen)
            ):
                best = option
        if best is not None:
            made.append(best)
    return made


def _weigh(
    draft: QuoteDraft,
    place: int,
    before: int,
    facts: VariantFacts,
    evidence: tuple[Evidence, ...],
    costs: Mapping[UUID, int],
) -> tuple[Decimal, Swap] | None:
    """What an exchange saves the customer and what it loses us, None when it saves nothing."""
    line = draft.lines[place]
    trial = replace(line, list_price_fen=line.unit_price_fen)
    take_facts(trial, facts, draft.exchange_rate)
    lines = [*draft.lines[:place], trial, *draft.lines[place + 1 :]]
    saves = before - quote_pricing.price(lines, draft).gross_fen
    if saves <= 0:
        return None
    lost = Decimal(1)  # without costs a discount and an exchange are taken to lose the same
    if line.variant_id in costs and facts.variant_id in costs and line.variant_id is not None:
        cheaper = (costs[line.variant_id] - costs[facts.variant_id]) * line.quantity
        net = Decimal(quote_pricing.in_yuan(saves, draft)) / (1 + draft.tax_rate)
        lost = (net - cheaper) / net if net else Decimal(1)
        if lost > 1:
            return None  # a discount of as much would lose less
    return lost, Swap(place, f"{line.model} {line.name}".strip(), facts, saves, evidence)


def apply(work: Work, quote_id: UUID, total: str, swap: str = "") -> dict[str, object]:
    """Bring a draft quote to TOTAL (yuan as text); SWAP "no": by discount alone. What was done. Raises as `solve` and quotes.save."""
    draft = quotes.load(work, quote_id)
    find(TRANSITIONS, draft.state, "target")
    try:
        target = yuan_to_fen(total)
    except ValueError:
        raise ValidationError([Problem("field.type", "total", {"expected": "money", "found": total[:80]})]) from None
    plan = solve(work, draft, target, swaps=swap.strip().lower() not in ("no", "0", "否", "false"))
    quotes.save(work, plan.draft)
    return {
        "total_fen": plan.total_fen,
        "discount_fen": plan.discount_fen,
        "swaps": [{"line": s.line + 1, "was": s.was, "now": s.facts.sku, "saves_fen": s.saves_fen} for s in plan.swaps],
    }
