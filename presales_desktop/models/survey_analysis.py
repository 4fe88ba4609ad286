"""What a survey says (rule book 1.6): core needs ranked, key concerns, and contradictions, each with the evidence it stands on.

Pure: the editor runs it on the draft while an interview goes on, the report on what is frozen. Planning values of the company stand in
resources/templates/survey_guide.json, targets of the standard in models/standards.py; the sentences in texts/surveys.py.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_UP, Decimal
from functools import cache
from typing import Any, Final

from presales_desktop.models.standards import MAX_EXCESS, RoomType, find, source
from presales_desktop.models.surveys import DIMENSIONS, NeedDraft, SpaceDraft, SurveyDraft, answered
from presales_desktop.models.values import fen_to_yuan
from presales_desktop.paths import resource

CONFLICT: Final = "conflict"  # both can't be had
ATTENTION: Final = "attention"  # to be asked or explained
# From this height on, lamps are changed from a lift or scaffold: the customer should know before he chooses.
HIGH_CEILING_M: Final = 6


@dataclass(frozen=True)
class Guide:
    """The company's planning values: what light costs at least, how long things take, which words mean what.

    yuan_per_klm and least_per_m2 by group of room types, in yuan per 1000 lm and per m² of floor; days are calendar days.
    """

    utilisation: Decimal
    maintenance: Decimal
    yuan_per_klm: Mapping[str, Decimal]
    least_per_m2: Mapping[str, Decimal]
    lux_default: Mapping[str, int]
    factor_ra90: Decimal
    factor_ra95: Decimal
    factor_dimming: Mapping[str, Decimal]
    short_below: Decimal
    lead_days: Mapping[str, int]
    large_area_m2: Decimal
    large_extra_days: int
    custom_words: tuple[str, ...]
    scene_words: tuple[str, ...]
    quality_words: tuple[str, ...]
    glare_words: tuple[str, ...]
    work_types: frozenset[str]
    rest_types: frozenset[str]
    warm_below_k: int
    cool_above_k: int


@cache
def guide() -> Guide:
    """The values that come with the program."""
    raw = json.loads(resource("templates/survey_guide.json").read_text("utf-8"))
    exact = {name: {k: Decimal(str(v)) for k, v in raw[name].items()} for name in ("yuan_per_klm", "factor_dimming")}
    return Guide(
        utilisation=Decimal(raw["utilisation"]),
        maintenance=Decimal(raw["maintenance"]),
        yuan_per_klm=exact["yuan_per_klm"],
        least_per_m2={k: Decimal(str(v)) for k, v in raw["yuan_per_m2_least"].items()},
        lux_default=raw["lux_default"],
        factor_ra90=Decimal(raw["factor_ra90"]),
        factor_ra95=Decimal(raw["factor_ra95"]),
        factor_dimming=exact["factor_dimming"],
        short_below=Decimal(raw["short_below"]),
        lead_days=raw["lead_days"],
        large_area_m2=Decimal(raw["lead_days_large_area_m2"]),
        large_extra_days=raw["lead_days_large_extra"],
        custom_words=tuple(raw["custom_words"]),
        scene_words=tuple(raw["scene_words"]),
        quality_words=tuple(raw["quality_words"]),
        glare_words=tuple(raw["glare_words"]),
        work_types=frozenset(raw["work_types"]),
        rest_types=frozenset(raw["rest_types"]),
        warm_below_k=raw["warm_below_k"],
        cool_above_k=raw["cool_above_k"],
    )


@dataclass(frozen=True)
class Finding:
    """One contradiction. `fields` are the draft's dotted names that it stands on; `values` fill its sentence (plain, exact)."""

    code: str
    severity: str
    fields: tuple[str, ...]
    values: dict[str, Any] = field(default_factory=dict)
    space: str = ""


@dataclass(frozen=True)
class RankedNeed:
    """A need with its rank and why it stands there: `reasons` are codes (core, weight, area, derived)."""

    rank: int
    text: str
    dimension: str
    space: str
    weight: int
    core: bool
    concern: bool
    reasons: tuple[str, ...]
    score: int


@dataclass(frozen=True)
class Estimate:
    """What the wished light costs at least: area, lumens and yuan of one space, by the lumen method and the company's values."""

    space: str
    area_m2: Decimal
    lux: int
    lumens: int
    fen: int


@dataclass(frozen=True)
class Analysis:
    """The analysis of one survey."""

    core: tuple[RankedNeed, ...]
    concerns: tuple[RankedNeed, ...]
    others: tuple[RankedNeed, ...]
    findings: tuple[Finding, ...]
    estimates: tuple[Estimate, ...]

    @property
    def estimate_fen(self) -> int:
        """Sum over all spaces, in fen."""
        return sum(e.fen for e in self.estimates)

    @property
    def conflicts(self) -> tuple[Finding, ...]:
        """Contradictions proper, without what only needs attention."""
        return tuple(f for f in self.findings if f.severity == CONFLICT)


def analyse(draft: SurveyDraft, today: dt.date, with_guide: Guide | None = None) -> Analysis:
    """Analyse DRAFT as of TODAY (the day of the interview where one is recorded)."""
    known = with_guide or guide()
    spaces = [(i, s) for i, s in enumerate(draft.spaces) if s.name.strip()]
    estimates = tuple(e for _, s in spaces if (e := estimate(s, known)) is not None)
    ranked = rank(draft)
    findings = [
        *_budget(draft, spaces, estimates, known),
        *_delivery(draft, draft.held_on or today, known),
        *_area(draft, spaces),
    ]
    for i, space in spaces:
        findings += _standard(i, space)
        findings += _wishes(i, space, draft.needs, known)
        findings += _style(i, space, draft.style)
    findings.sort(key=lambda f: f.severity != CONFLICT)
    return Analysis(
        core=tuple(r for r in ranked if r.core),
        concerns=tuple(r for r in ranked if r.concern),
        others=tuple(r for r in ranked if not r.core and not r.concern),
        findings=tuple(findings),
        estimates=estimates,
    )


# ------------------------------------------------------------------------------------------------- needs


def rank(draft: SurveyDraft) -> tuple[RankedNeed, ...]:
    """Needs in order of what they mean to the customer: core first, then weight, then how much of the area they concern.

    Score = 100 if core + 10 x weight + up to 9 for the share of the area. Where nothing was marked as core, the heaviest needs
    (weight 4 and 5) are; where no need was written down, the answers to scene and functions stand in ("derived").
    """
    needs = [n for n in draft.needs if n.text.strip()]
    derived = not needs
    if derived:
        needs = [
            NeedDraft(text=getattr(draft, d).strip(), dimension=d, weight=4)
            for d in ("functions", "scene")
            if answered(draft, d)
        ]
    marked = any(n.core for n in needs)
    made = [_ranked(n, draft, marked, derived) for n in needs]
    made.sort(key=lambda r: -r.score)
    return tuple(
        RankedNeed(i, r.text, r.dimension, r.space, r.weight, r.core, r.concern, r.reasons, r.score)
        for i, r in enumerate(made, start=1)
    )


def _ranked(need: NeedDraft, draft: SurveyDraft, marked: bool, derived: bool) -> RankedNeed:
    core = need.core if marked else need.weight >= 4
    share = _area_share(need.space.strip(), draft)
    reasons = ["derived"] if derived else []
    if need.core:
        reasons.append("core")
    if need.weight >= 4:
        reasons.append("weight")
    if share >= Decimal("0.3"):
        reasons.append("area")
    score = (100 if core else 0) + 10 * need.weight + int(share * 9)
    return RankedNeed(
        0, need.text.strip(), need.dimension, need.space.strip(), need.weight, core, need.concern, tuple(reasons), score
    )


def _area_share(space: str, draft: SurveyDraft) -> Decimal:
    """Share of the surveyed area that a need of SPACE concerns; a need of the whole concerns all of it."""
    if not space:
        return Decimal(1)
    areas = [(s.name.strip(), s.area_m2 or Decimal(0)) for s in draft.spaces]
    total = sum((a for _, a in areas), Decimal(0))
    own = sum((a for name, a in areas if name == space), Decimal(0))
    return own / total if total else Decimal(0)


# ------------------------------------------------------------------------------------------------- budget


def estimate(space: SpaceDraft, known: Guide) -> Estimate | None:
    """At least what SPACE costs: lumens = E x A / (utilisation x maintenance) times the company's price per 1000 lm, with factors for
    colour rendering and dimming, never under its least price per m². None without an area."""
    if space.area_m2 is None or space.area_m2 <= 0:
        return None
    row = find(space.room_type)
    # A company's own group of room types has no prices of its own: it counts as the general one.
    group = row.group if row and row.group in known.yuan_per_klm else ""
    lux = space.target_lux or (round(row.lux) if row else known.lux_default[group])
    lumens = lux * space.area_m2 / (known.utilisation * known.maintenance)
    yuan = lumens / 1000 * known.yuan_per_klm[group]
    ra = space.ra or 80
    if ra >= 95:
        yuan *= known.factor_ra95
    elif ra >= 90:
        yuan *= known.factor_ra90
    yuan *= known.factor_dimming.get(space.dimming or "none", Decimal(1))
    yuan = max(yuan, known.least_per_m2[group] * space.area_m2)
    hundreds = (yuan / 100).to_integral_value(ROUND_UP) * 100
    return Estimate(
        space.name.strip(), space.area_m2, lux, int(lumens.to_integral_value(ROUND_UP)), int(hundreds * 100)
    )


def _per_m2(fen: int, area: Decimal) -> Decimal:
    return (fen_to_yuan(fen) / area).quantize(Decimal(1))


def _budget(
    draft: SurveyDraft, spaces: list[tuple[int, SpaceDraft]], estimates: tuple[Estimate, ...], known: Guide
) -> Iterable[Finding]:
    total, area = sum(e.fen for e in estimates), sum((e.area_m2 for e in estimates), Decimal(0))
    if draft.budget_fen is not None and estimates and draft.budget_fen < total * known.short_below:
        lightest = max(estimates, key=lambda e: e.fen)
        yield Finding(
            "budget_short",
            CONFLICT,
            ("budget_fen", "spaces"),
            {
                "budget_fen": draft.budget_fen,
                "estimate_fen": total,
                "area_m2": area,
                "per_m2": _per_m2(draft.budget_fen, area),
                "needed_per_m2": _per_m2(total, area),
                "largest": lightest.space,
                "largest_lux": lightest.lux,
            },
        )
    by_name = {e.space: e for e in estimates}
    for i, space in spaces:
        own = by_name.get(space.name.strip())
        if own is not None and space.budget_fen is not None and space.budget_fen < own.fen * known.short_below:
            yield Finding(
                "space_budget_short",
                CONFLICT,
                (f"spaces.{i}.budget_fen", f"spaces.{i}.target_lux"),
                {
                    "space": own.space,
                    "budget_fen": space.budget_fen,
                    "estimate_fen": own.fen,
                    "lux": own.lux,
                    "area_m2": own.area_m2,
                    "lumens": own.lumens,
                },
                own.space,
            )
    given = sum(s.budget_fen or 0 for _, s in spaces)
    if draft.budget_fen is not None and given > draft.budget_fen:
        yield Finding(
            "space_budgets_exceed",
            CONFLICT,
            ("budget_fen", "spaces"),
            {"sum_fen": given, "budget_fen": draft.budget_fen, "over_fen": given - draft.budget_fen},
        )


# ------------------------------------------------------------------------------------------------- delivery and area


def lead_days(draft: SurveyDraft, known: Guide) -> tuple[int, str]:
    """Calendar days that the wishes need from order to delivery, and what makes them so long (stock, dim, tunable, scene, custom)."""
    levels = ["stock"]
    levels += [s.dimming for s in draft.spaces if s.dimming in ("dim", "tunable", "scene")]
    if _mentions(_all_texts(draft), known.custom_words):
        levels.append("custom")
    why = max(levels, key=lambda level: known.lead_days[level])
    area = sum((s.area_m2 or Decimal(0) for s in draft.spaces), Decimal(0))
    extra = known.large_extra_days if area >= known.large_area_m2 else 0
    return known.lead_days[why] + extra, why


def _delivery(draft: SurveyDraft, from_day: dt.date, known: Guide) -> Iterable[Finding]:
    if draft.delivery_on is None:
        return
    if draft.delivery_on < from_day:
        yield Finding("delivery_past", CONFLICT, ("delivery_on",), {"day": draft.delivery_on, "from_day": from_day})
        return
    days, why = lead_days(draft, known)
    left = (draft.delivery_on - from_day).days
    if left < days:
        yield Finding(
            "delivery_soon",
            CONFLICT,
            ("delivery_on",),
            {"day": draft.delivery_on, "left": left, "needed": days, "why": why, "from_day": from_day},
        )


def _area(draft: SurveyDraft, spaces: list[tuple[int, SpaceDraft]]) -> Iterable[Finding]:
    total = draft.total_area_m2
    given = sum((s.area_m2 or Decimal(0) for _, s in spaces), Decimal(0))
    if total is None or not given:
        return
    values = {"sum_m2": given, "total_m2": total, "share": int(given * 100 / total)}
    if given > total * Decimal("1.05"):
        yield Finding("area_over", CONFLICT, ("total_area_m2", "spaces"), values)
    elif given < total * Decimal("0.7"):
        yield Finding("area_under", ATTENTION, ("total_area_m2", "spaces"), values)


# ------------------------------------------------------------------------------------------------- spaces


def _standard(i: int, space: SpaceDraft) -> Iterable[Finding]:
    row = find(space.room_type)
    if row is None:
        return
    name, src = space.name.strip(), source(row)
    base: dict[str, Any] = {"space": name, "source": src, "room_type": row.key}
    if space.target_lux is not None and space.target_lux < row.lux:
        values = base | {"lux": space.target_lux, "required": row.lux}
        yield Finding("lux_below_standard", CONFLICT, (f"spaces.{i}.target_lux",), values, name)
    elif space.target_lux is not None and space.target_lux > row.lux * (1 + MAX_EXCESS) * 1.25:
        yield Finding(
            "lux_far_above", ATTENTION, (f"spaces.{i}.target_lux",), base | _power(space.target_lux, row), name
        )
    if space.ra is not None and row.ra is not None and space.ra < row.ra:
        values = base | {"ra": space.ra, "required": row.ra}
        yield Finding("ra_below_standard", CONFLICT, (f"spaces.{i}.ra",), values, name)
    if space.glare not in ("", "any") and row.ugr is not None and int(space.glare) > row.ugr:
        values = base | {"ugr": int(space.glare), "required": row.ugr}
        yield Finding("ugr_above_standard", CONFLICT, (f"spaces.{i}.glare",), values, name)
    if space.glare == "any" and row.ugr is not None:
        yield Finding("ugr_ignored", ATTENTION, (f"spaces.{i}.glare",), base | {"required": row.ugr}, name)


def _power(lux: int, row: RoomType) -> dict[str, Any]:
    return {"lux": lux, "required": row.lux, "times": (Decimal(lux) / Decimal(str(row.lux))).quantize(Decimal("0.1"))}


def _wishes(i: int, space: SpaceDraft, needs: Iterable[NeedDraft], known: Guide) -> Iterable[Finding]:
    name = space.name.strip()
    said = [space.functions, space.notes] + [n.text for n in needs if n.space.strip() == name]

    def made(code: str, severity: str, *names: str, **values: Any) -> Finding:
        return Finding(code, severity, tuple(f"spaces.{i}.{n}" for n in names), {"space": name, **values}, name)

    if space.dimming == "none" and (word := _mentions(said, known.scene_words)):
        yield made("scene_without_dimming", CONFLICT, "dimming", "functions", word=word)
    cct = space.cct_k
    if cct is not None and space.room_type in known.work_types and cct < known.warm_below_k:
        if space.dimming != "tunable":
            yield made("warm_for_work", CONFLICT, "cct_k", "room_type", cct=cct, room_type=space.room_type)
    elif cct is not None and space.room_type in known.rest_types and cct > known.cool_above_k:
        yield made("cool_for_rest", ATTENTION, "cct_k", "room_type", cct=cct, room_type=space.room_type)
    if space.ra is not None and space.ra < 90 and (word := _mentions(said, known.quality_words)):
        yield made("ra_for_colour", ATTENTION, "ra", "functions", word=word, ra=space.ra)
    if space.glare == "any" and (word := _mentions(said, known.glare_words)):
        yield made("glare_unset", CONFLICT, "glare", word=word)
    if space.height_m is not None and space.height_m >= HIGH_CEILING_M:
        yield made("high_ceiling", ATTENTION, "height_m", height=space.height_m)


def _style(i: int, space: SpaceDraft, overall: str) -> Iterable[Finding]:
    own = _styles(space.style)
    whole = _styles(overall)
    if own and whole and not own & whole:
        values = {"space": space.name.strip(), "style": space.style.strip(), "overall": overall.strip()}
        yield Finding("style_differs", ATTENTION, ("style", f"spaces.{i}.style"), values, space.name.strip())


def _styles(text: str) -> frozenset[str]:
    cut = text
    for mark in "、，,；;/ +":
        cut = cut.replace(mark, "\n")
    return frozenset(part.strip().removesuffix("风格").removesuffix("风") for part in cut.split("\n") if part.strip())


def _mentions(texts: Iterable[str], words: Iterable[str]) -> str:
    """The first of WORDS that stands in TEXTS and is not denied right before it (不需要调光), or ""."""
    joined = "\n".join(texts)
    for word in words:
        start = joined.find(word)
        while start >= 0:
            before = joined[max(0, start - 4) : start]
            if not any(no in before for no in ("不", "无", "没", "no ")):
                return word
            start = joined.find(word, start + 1)
    return ""


def _all_texts(draft: SurveyDraft) -> list[str]:
    texts = [draft.scene, draft.functions, draft.notes, draft.style]
    texts += [t for s in draft.spaces for t in (s.functions, s.notes, s.style)]
    return texts + [n.text for n in draft.needs]


def undecided(draft: SurveyDraft) -> tuple[tuple[str, str], ...]:
    """(dimension, reason) of what the customer left open."""
    return tuple(
        (d, getattr(draft, f"{d}_undecided").strip())
        for d in DIMENSIONS
        if not answered(draft, d) and getattr(draft, f"{d}_undecided").strip()
    )
