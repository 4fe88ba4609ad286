"""The approval desk (审批台): which prices are far from what a product was sold at, and which quotes are harmless. Pure.

Outliers, by the modified z-score of Iglewicz and Hoaglin ("How to Detect and Handle Outliers", ASQC Basic References in Quality
Control, vol. 16, 1993, section 3): M = 0.6745 (x - median) / MAD, far off where |M| > 3.5; MAD is the median of |x_i - median|. Median
and MAD bear up to half of the observations being odd, so one dumped price does not hide the next. Where more than half of the prices
are the same MAD is 0; their proposal for that is (x - median) / (1.253314 x mean absolute deviation). Where all are the same, a
change by more than `flat` of the price counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

# Marks of a quote in the queue, the gravest first; each has its word in texts/quotes.py DESK_MARKS.
MARKS: Final = ("drift", "margin", "thin", "line_margin", "no_cost", "below_usual", "above_usual", "large", "delegated")
# Why a quote is none of the harmless ones; a delegated step alone does not make it harmful.
HARMFUL: Final = frozenset(MARKS) - {"delegated"}
_SCORE: Final = Decimal("0.6745")
_MEAN: Final = Decimal("1.253314")


@dataclass(frozen=True)
class DeskRule:
    """The company's rule, kept as data. `harmless_fen`: what a harmless quote comes to at most, fen of yuan with tax; `least_sales`:
    below so many earlier prices nothing is said about a product; `outlier`: modified z-score; `flat`: a fraction of the price."""

    harmless_fen: int = 10_000_000
    least_sales: int = 5
    outlier: Decimal = Decimal("3.5")
    flat: Decimal = Decimal("0.15")


@dataclass(frozen=True)
class Usual:
    """What a product was sold at: unit prices without tax in fen of yuan. `score`: None where too few are known or all are equal."""

    count: int
    low_fen: int
    median_fen: Decimal
    high_fen: int
    score: Decimal | None
    side: int  # -1 far below, 1 far above, 0 neither


def median(values: Sequence[int] | Sequence[Decimal]) -> Decimal:
    """The middle of VALUES (at least one), exactly."""
    ordered = sorted(Decimal(value) for value in values)
    half, odd = divmod(len(ordered), 2)
    if odd:
        return ordered[half]
    return (ordered[half - 1] + ordered[half]) / 2


def usual(price_fen: int, earlier: Sequence[int], rule: DeskRule) -> Usual | None:
    """How PRICE_FEN stands among EARLIER prices of the same product; None where there are fewer than the rule asks for."""
    if len(earlier) < max(1, rule.least_sales):
        return None
    middle = median(earlier)
    off = Decimal(price_fen) - middle
    away = [abs(Decimal(x) - middle) for x in earlier]
    score: Decimal | None
    if (mad := median(away)) > 0:
        score = _SCORE * off / mad
    elif (mean := sum(away, Decimal(0)) / len(away)) > 0:
        score = off / (_MEAN * mean)
    else:
        score = None
    far = abs(score) > rule.outlier if score is not None else abs(off) > rule.flat * middle
    side = 0 if not far else (1 if off > 0 else -1)
    shown = score.quantize(Decimal("0.1")) if score is not None else None
    return Usual(len(earlier), min(earlier), middle, max(earlier), shown, side)


@dataclass(frozen=True)
class Weighed:
    """What is known of a quote that waits: each False or 0 is what a harmless one has. `weak_lines`, `unknown_costs`, `below`, `above`:
    how many lines; `sound`: whether the margin of the whole is at or over the floor; `thin`: what somebody without sight of costs is told
    by the light where it is neither good nor bad."""

    total_yuan_fen: int
    sound: bool
    thin: bool = False
    weak_lines: int = 0
    unknown_costs: int = 0
    drifted: bool = False
    below: int = 0
    above: int = 0
    delegated: bool = False


def marks(found: Weighed, rule: DeskRule) -> tuple[str, ...]:
    """MARKS that FOUND has, the gravest first."""
    has = {
        "drift": found.drifted,
        "margin": not found.sound,
        "thin": found.thin,
        "line_margin": found.weak_lines > 0,
        "no_cost": found.unknown_costs > 0,
        "below_usual": found.below > 0,
        "above_usual": found.above > 0,
        "large": found.total_yuan_fen > rule.harmless_fen,
        "delegated": found.delegated,
    }
    return tuple(mark for mark in MARKS if has[mark])


def harmless(found: Sequence[str]) -> bool:
    """Whether a quote with the marks FOUND may be approved together with others."""
    return not HARMFUL & set(found)
