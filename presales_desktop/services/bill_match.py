"""Lines of a client's bill against the catalogue: the same order number or model, else what is equal or better, each with its evidence.

Thousands of products are measured at once for every line (numpy); only the nearest are looked at one by one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from presales_desktop.models.bills import BillLine, Evidence, Offered, Wanted, compare, is_equal_or_better, wanted
from presales_desktop.models.catalogue import Product, Variant
from presales_desktop.services.catalogue_facts import match_key
from presales_desktop.services.work import Work

EXACT: Final = "exact"
EQUAL: Final = "equal"
NEAR: Final = "near"
NONE: Final = "none"
_NEAREST: Final = 12
_MOST: Final = 5
_PLACES: Final = re.compile(r"[^0-9a-z一-鿿]+")
# How much meeting a property counts, and missing it costs.
_WEIGHTS: Final = {
    "category": 6.0, "flux_lm": 3.0, "power_w": 2.0, "cct_k": 3.0, "ra": 1.5, "ip": 2.0, "beam_deg": 1.5, "size_mm": 1.5,
    "dimming": 1.0,
}  # fmt: skip


@dataclass(frozen=True)
class Candidate:
    """A variant for a line. `met`: everything that was asked is equal or better, with enough asked to say so."""

    variant_id: UUID
    sku: str
    name: str
    evidence: tuple[Evidence, ...]
    met: bool
    score: float


@dataclass(frozen=True)
class LineMatch:
    """What the catalogue has for a line, the best first. `kind`: "exact" (its order number or model), "equal" (all that is asked is
    met), "near" (something is not), "none"."""

    line: BillLine
    asked: Wanted
    kind: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True)
class _Row:
    id: UUID
    sku: str
    name: str
    offer: Offered


def match(work: Work, lines: Sequence[BillLine]) -> tuple[LineMatch, ...]:
    """For each line what the catalogue has. Active variants only; no price plays a part. Raises PermissionDenied (product.view)."""
    work.require("product.view")
    return _Index(_catalogue(work)).match_all(lines)


def equals(work: Work, variant_ids: Sequence[UUID]) -> dict[UUID, tuple[Candidate, ...]]:
    """For each variant others that can stand in its place: the same kind, colour and dimming, flux, Ra and IP at least, beam and size alike,
    no more power. So a layout that was reckoned with it keeps its light; the one in hand is not among them."""
    work.require("product.view")
    index = _Index(_catalogue(work))
    return {variant_id: index.equals(variant_id) for variant_id in dict.fromkeys(variant_ids)}


def _catalogue(work: Work) -> list[tuple[_Row, str]]:
    """Active variants with what they offer, and the model of their product."""
    found = work.session.execute(
        select(
            Variant.id, Variant.sku, Variant.power_w, Variant.flux_lm, Variant.cct_k, Variant.ra, Variant.beam_deg, Variant.dimming,
            Product.model_no, Product.name, Product.category, Product.ip_rating, Product.cutout_mm, Product.length_mm,
            Product.width_mm,
        )
        .join(Product, Product.id == Variant.product_id)
        .where(Variant.active, Product.state == "active")
        .order_by(Product.model_no, Variant.sort, Variant.sku)
    )  # fmt: skip
    made = []
    for r in found:
        digits = re.search(r"([0-9])([0-9])", r.ip_rating)
        sizes = (r.cutout_mm,) if r.cutout_mm else tuple(size for size in (r.length_mm, r.width_mm) if size)
        offer = Offered(
            category=r.category,
            power_w=float(r.power_w) if r.power_w is not None else None,
            flux_lm=float(r.flux_lm) if r.flux_lm is not None else None,
            cct_k=r.cct_k,
            ra=r.ra,
            beam_deg=float(r.beam_deg) if r.beam_deg is not None else None,
            ip=digits[1] + digits[2] if digits else "",
            size_mm=sizes,
            dimming="" if r.dimming == "none" else r.dimming,
        )
        made.append((_Row(r.id, r.sku, r.name, offer), r.model_no))
    return made


class _Index:
    """The catalogue as columns of numbers."""

    def __init__(self, found: Sequence[tuple[_Row, str]]) -> None:
        import numpy as np

        self._np = np
        self.rows = [row for row, _ in found]
        self.by_key: dict[str, list[int]] = {}
        for n, (row, model) in enumerate(found):
            for text in {match_key(row.sku), match_key(model)}:
                if text:
                    self.by_key.setdefault(text, []).append(n)
        offers = [row.offer for row in self.rows]
        self._codes: dict[str, int] = {}
        self.categories = np.array([self._code(o.category) for o in offers], dtype=np.int32)
        self.dimmings = np.array([self._code(o.dimming) for o in offers], dtype=np.int32)
        self.numbers: dict[str, Any] = {}
        for name in ("power_w", "flux_lm", "cct_k", "ra", "beam_deg"):
            values = [getattr(o, name) for o in offers]
            self.numbers[name] = np.array([np.nan if v is None else v for v in values], dtype=float)
        self.numbers["ip"] = np.array([int(o.ip) if o.ip else np.nan for o in offers], dtype=float)
        self.numbers["size_mm"] = np.array([o.size_mm[0] if o.size_mm else np.nan for o in offers], dtype=float)
        self.pairs = [_pairs(row.name) for row in self.rows]
        self._places: dict[UUID, int] = {}
        self._known: dict[tuple[str, str, str], tuple[str, Wanted, tuple[Candidate, ...]]] = {}

    def _code(self, word: str) -> int:
        return self._codes.setdefault(word, len(self._codes))

    def match_all(self, lines: Sequence[BillLine]) -> tuple[LineMatch, ...]:
        """Lines that ask for the same are measured once: a bill says many things floor by floor."""
        made = []
        for line in lines:
            said = (line.name, line.model, line.spec)
            if said not in self._known:
                self._known[said] = self._match(*said)
            kind, asked, candidates = self._known[said]
            made.append(LineMatch(line, asked, kind, candidates))
        return tuple(made)

    def _match(self, name: str, model: str, spec: str) -> tuple[str, Wanted, tuple[Candidate, ...]]:
        asked = wanted(name, spec, model)
        exact = self._named(name, model)
        if exact:
            found = [self._candidate(n, asked, name) for n in exact]
            found.sort(key=lambda c: (not c.met, -c.score, c.sku))
            return EXACT, asked, tuple(found[:_MOST])
        if not asked.figures() or not self.rows:
            return NONE, asked, ()
        scores = self._scores(asked)
        count = min(_NEAREST, len(self.rows))
        nearest = self._np.argpartition(-scores, count - 1)[:count]
        found = [self._candidate(int(n), asked, name) for n in nearest]
        found = [c for c in found if c.score > 0]
        found.sort(key=lambda c: (not c.met, -c.score, c.sku))
        if not found:
            return NONE, asked, ()
        return (EQUAL if found[0].met else NEAR), asked, tuple(found[:_MOST])

    def equals(self, variant_id: UUID) -> tuple[Candidate, ...]:
        """See `equals` of the module."""
        if not self._places:
            self._places.update({row.id: n for n, row in enumerate(self.rows)})
        place = self._places.get(variant_id)
        if place is None:
            return ()
        row = self.rows[place]
        has = {name: value for name, value in vars(row.offer).items() if name != "size_mm"}
        asked = Wanted(**has, size_mm=row.offer.size_mm[0] if row.offer.size_mm else None)
        scores = self._scores(asked)
        count = min(4 * _NEAREST, len(self.rows))
        nearest = self._np.argpartition(-scores, count - 1)[:count]
        found = [self._candidate(int(n), asked, row.name) for n in nearest if int(n) != place]
        return tuple(sorted((c for c in found if c.met and row.offer.flux_lm), key=lambda c: (-c.score, c.sku)))

    def _named(self, name: str, model: str) -> list[int]:
        """Variants whose order number or model the line names: as a whole, or as a word of it."""
        for text in (model, name):
            for part in (text, *re.split(r"[\s/,，;；、()（）]+", text)):
                found = self.by_key.get(match_key(part)) if len(part.strip()) >= 3 else None
                if found:
                    return found
        return []

    def _scores(self, asked: Wanted) -> Any:
        """A rough measure of every variant; the same properties that `compare` judges exactly."""
        np = self._np
        total = np.zeros(len(self.rows))
        for name, value in asked.figures().items():
            weight = _WEIGHTS[name]
            if name == "category":
                total += np.where(self.categories == self._code(value), weight, -weight)
                continue
            if name == "dimming":
                total += np.where(self.dimmings == self._code(value), weight, 0.0)
                continue
            has, want = self.numbers[name], float(value)
            away = abs(has - want)
            if name == "flux_lm":
                fits = has >= want * 0.97
            elif name in ("ra", "ip"):
                fits = has >= want
            elif name == "cct_k":
                fits = away <= 50
            elif name == "power_w" and asked.flux_lm is not None:
                fits = has <= want * 1.05
            else:
                fits = away <= max(5.0 if name != "power_w" else 0.0, want * 0.2)
            off = np.fmin(away / max(want, 1.0), 1.0)  # what is unknown counts as far off
            total += np.where(fits, weight - 0.5 * off, -weight * off)
        return total

    def _candidate(self, n: int, asked: Wanted, name: str) -> Candidate:
        row = self.rows[n]
        evidence = compare(asked, row.offer)
        score = 0.0
        for each in evidence:
            weight = _WEIGHTS[each.name]
            score += {"equal": weight, "better": weight * 0.9, "unknown": -0.2 * weight, "worse": -weight}[each.verdict]
        # Far more than asked is dearer than asked: of two that meet it the nearer one stands first.
        if asked.flux_lm and row.offer.flux_lm and row.offer.flux_lm > asked.flux_lm:
            score -= min(3.0, (row.offer.flux_lm / asked.flux_lm - 1) * 3)
        pairs = _pairs(name)
        common = len(pairs & self.pairs[n]) / len(pairs | self.pairs[n]) if pairs else 0.0
        return Candidate(
            row.id, row.sku, row.name, evidence, is_equal_or_better(evidence), round(score + 2 * common, 3)
        )


def _pairs(text: str) -> frozenset[str]:
    """Pairs of neighbouring characters: how alike two names are."""
    plain = _PLACES.sub("", text.lower())
    return frozenset(plain[i : i + 2] for i in range(len(plain) - 1)) or frozenset((plain,))
