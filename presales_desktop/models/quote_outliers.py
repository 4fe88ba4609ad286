"""Whether a price is far from what a product was sold at. Pure.

Modified z-score: B. Iglewicz, D. C. Hoaglin, "How to Detect and Handle Outliers", ASQC Basic References in Quality Control 16 (1993):
M = 0.6745 (x - median) / MAD, an outlier when |M| > 3.5; where more than half of the prices are one and the same (MAD = 0) the mean
absolute deviation stands in, M = (x - median) / (1.253314 MeanAD).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Final

LIMIT: Final = 3.5
# Fewer prices say nothing about how they scatter.
LEAST: Final = 5
# A price within so much of the median is never worth a look, however close together the others are.
NEAR: Final = 0.05


@dataclass(frozen=True)
class Outlier:
    """A price that stands out: `usual_fen` the median of COUNT earlier ones, `share` how far above (+) or below (-) it, as a fraction."""

    usual_fen: int
    share: float
    count: int


def outlier(price_fen: int, earlier_fen: Sequence[int]) -> Outlier | None:
    """Whether PRICE_FEN stands out among EARLIER_FEN (unit prices after discount, fen); None for fewer than LEAST of them."""
    if len(earlier_fen) < LEAST:
        return None
    middle = median(earlier_fen)
    if middle <= 0:
        return None
    share = (price_fen - middle) / middle
    if abs(share) <= NEAR:
        return None
    deviations = [abs(p - middle) for p in earlier_fen]
    spread = median(deviations) / 0.6745 or fmean(deviations) * 1.253314
    if spread > 0 and abs(price_fen - middle) / spread <= LIMIT:
        return None
    return Outlier(round(middle), share, len(earlier_fen))
