"""What quotes cost us: the snapshot a revision was judged by, margins for those who may see them, drift since the approval.

Only `sheet` and `live_costs` hand out figures, and both require cost.view. Everything else answers yes, no or a band.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from presales_desktop.models import quote_pricing
from presales_desktop.models.errors import Problem, UserError, ValidationError
from presales_desktop.models.quote_pricing import Margins, half_up
from presales_desktop.models.quotes import (
    COSTED,
    COUNTED,
    SERVICES,
    Quote,
    QuoteLight,
    QuoteLine,
    QuoteLineCost,
    QuotePolicy,
)
from presales_desktop.services import catalogue_prices, quote_policy
from presales_desktop.services.work import Work

COMFORT = Decimal("0.05")


@dataclass(frozen=True)
class CostRow:
    """A counted line as finance sees it; None where no cost is known. Fen, without tax."""

    line_id: UUID
    unit_cost_fen: int | None
    cost_fen: int | None
    net_fen: int | None
    margin: Decimal | None
    low: bool


@dataclass(frozen=True)
class CostSheet:
    """Costs and margins of a revision. `frozen`: the snapshot of its submission, else today's costs. `drift`: change of the
    snapshot's cost since (a fraction), None where nothing can be compared."""

    frozen: bool
    rows: tuple[CostRow, ...]
    net_fen: int
    cost_fen: int
    profit_fen: int
    margin: Decimal | None
    missing: int
    drift: Decimal | None
    policy: QuotePolicy
    low: bool


def live_costs(work: Work, variant_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Today's costs by variant, for margins while typing. Raises PermissionDenied without cost.view."""
    return catalogue_prices.costs(work, variant_ids)


def sheet(work: Work, quote_id: UUID) -> CostSheet:
    """Costs and margins of a revision. Raises PermissionDenied without cost.view."""
    work.require("cost.view")
    quote = work.get(Quote, quote_id)
    lines = _lines(work, quote_id)
    unit_costs = _unit_costs(work, quote, lines)
    margins = _margins(quote, lines, unit_costs)
    policy = quote_policy.policy(work)
    rows = []
    for i, line in enumerate(lines):
        if line.type not in COUNTED or line.type in SERVICES:
            continue
        found = margins.lines[i]
        low = found is not None and (found.margin is None or found.margin < policy.line_floor)
        rows.append(
            CostRow(
                line.id,
                unit_costs.get(i),
                found.cost_fen if found else None,
                found.net_fen if found else None,
                found.margin if found else None,
                low,
            )
        )
    return CostSheet(
        frozen=bool(quote.frozen),
        rows=tuple(rows),
        net_fen=margins.net_fen,
        cost_fen=margins.cost_fen,
        profit_fen=margins.profit_fen,
        margin=margins.margin,
        missing=margins.missing,
        drift=_drift(work, quote, lines, unit_costs)[0] if quote.frozen else None,
        policy=policy,
        low=margins.margin is not None and margins.margin < policy.margin_floor,
    )


def snapshot(work: Work, quote: Quote, lines: Sequence[QuoteLine]) -> int:
    """Keep today's costs of LINES with the revision; how many lines have one. The actor never sees them.

    In a connected workspace that is the server's task: who may not see costs has none on his disk.
    """
    if work.connected:
        return 0
    known = known_costs(work, lines)
    for line, fen in known:
        work.add(QuoteLineCost(quote_id=quote.id, line_id=line.id, unit_cost_fen=fen))
    return len(known)


def known_costs(work: Work, lines: Sequence[QuoteLine]) -> list[tuple[QuoteLine, int]]:
    """The counted lines whose cost is known today, with the unit cost in fen. For the snapshot only: never shown."""
    ids = [line.variant_id for line in lines if line.variant_id is not None and line.type in COSTED]
    known = catalogue_prices.snapshot_costs(work, ids)
    return [(line, known[line.variant_id]) for line in lines if line.type in COSTED and line.variant_id in known]


def estimate(work: Work, quote_id: UUID, line_id: UUID, unit_cost_fen: int) -> None:
    """Finance enters the cost of a line that the catalogue doesn't know, while the revision is under review; only once.

    Raises PermissionDenied (cost.edit), UserError quote.cost_not_now, quote.cost_known, ValidationError.
    """
    work.require("cost.edit")
    quote = work.get(Quote, quote_id)
    line = work.get(QuoteLine, line_id)
    if quote.state != "submitted" or line.quote_id != quote_id or line.type not in COSTED:
        raise UserError("quote.cost_not_now")
    if unit_cost_fen < 0:
        raise ValidationError([Problem("field.low", "unit_cost_fen", {"low": "0"})])
    if work.session.scalar(select(QuoteLineCost.id).where(QuoteLineCost.line_id == line_id)) is not None:
        raise UserError("quote.cost_known", name=line.name)
    work.add(QuoteLineCost(quote_id=quote_id, line_id=line_id, unit_cost_fen=unit_cost_fen, source_id=work.actor.id))
    work.touch(quote)


def is_stale(work: Work, quote: Quote) -> bool:
    """Whether costs have moved so far since the submission that its approval no longer stands (I10). In a connected workspace as
    the server found it: who may not see costs has none on his disk."""
    if not quote.frozen:
        return False
    if work.connected:
        return quote.stale
    lines = _lines(work, quote.id)
    then = _unit_costs(work, quote, lines)
    drift, now = _drift(work, quote, lines, then)
    policy = quote_policy.policy(work)
    if drift is not None and abs(drift) > policy.cost_drift:
        return True
    before, after = _margins(quote, lines, then).margin, _margins(quote, lines, now).margin
    return before is not None and after is not None and before >= policy.margin_floor > after


def band(work: Work, quote: Quote) -> str:
    """The margin of a submitted revision as "good", "watch", "bad", or "" when unknown: frozen, so that no cost can be
    solved from it by trying prices. In a connected workspace as the server found it, for those who are sent it."""
    if not quote.frozen:
        return ""
    if work.connected:
        return work.session.scalar(select(QuoteLight.light).where(QuoteLight.quote_id == quote.id)) or ""
    lines = _lines(work, quote.id)
    return _light(quote, lines, _unit_costs(work, quote, lines), quote_policy.policy(work))


def light_of(work: Work, quote: Quote, lines: Sequence[QuoteLine], costs: Mapping[UUID, int]) -> str:
    """`band` from COSTS (line → unit cost in fen) that are about to be kept with the revision. For the server only."""
    unit_costs = {i: costs[line.id] for i, line in enumerate(lines) if line.id in costs}
    return _light(quote, lines, unit_costs, quote_policy.policy(work))


def _light(quote: Quote, lines: Sequence[QuoteLine], unit_costs: Mapping[int, int], policy: QuotePolicy) -> str:
    found = _margins(quote, lines, unit_costs)
    if found.margin is None:
        return ""
    if found.margin < policy.margin_floor:
        return "bad"
    weak = any(m is not None and (m.margin is None or m.margin < policy.line_floor) for m in found.lines)
    return "watch" if weak or found.missing or found.margin < policy.margin_floor + COMFORT else "good"


def _lines(work: Work, quote_id: UUID) -> list[QuoteLine]:
    return list(
        work.session.scalars(
            select(QuoteLine).where(QuoteLine.quote_id == quote_id).order_by(QuoteLine.sort, QuoteLine.id)
        )
    )


def _unit_costs(work: Work, quote: Quote, lines: Sequence[QuoteLine]) -> dict[int, int]:
    """Cost per unit by line index: the snapshot of a submitted revision, today's costs of a draft."""
    if quote.frozen:
        rows = work.session.execute(
            select(QuoteLineCost.line_id, QuoteLineCost.unit_cost_fen).where(QuoteLineCost.quote_id == quote.id)
        )
        kept = {row.line_id: row.unit_cost_fen for row in rows}
        return {i: kept[line.id] for i, line in enumerate(lines) if line.id in kept}
    known = catalogue_prices.snapshot_costs(work, [line.variant_id for line in lines if line.variant_id is not None])
    return {
        i: known[line.variant_id] for i, line in enumerate(lines) if line.variant_id in known and line.type in COSTED
    }


def _margins(quote: Any, lines: Sequence[Any], unit_costs: Mapping[int, int]) -> Margins:
    return quote_pricing.margins(lines, quote_pricing.price(lines, quote), quote, unit_costs)


def _drift(
    work: Work, quote: Quote, lines: Sequence[QuoteLine], then: Mapping[int, int]
) -> tuple[Decimal | None, dict[int, int]]:
    """Relative change of the snapshot's cost to today's, and today's unit costs (the snapshot's where none is known)."""
    known = catalogue_prices.snapshot_costs(work, [line.variant_id for line in lines if line.variant_id is not None])
    now = {}
    for i, fen in then.items():
        variant_id = lines[i].variant_id
        now[i] = known.get(variant_id, fen) if variant_id is not None else fen
    pieces = quote_pricing.price(lines, quote).pieces
    before = sum(fen * pieces[i] for i, fen in then.items())
    after = sum(fen * pieces[i] for i, fen in now.items())
    if not before:
        return None, now
    return Decimal(half_up((after - before) * 10_000, before)).scaleb(-4), now
