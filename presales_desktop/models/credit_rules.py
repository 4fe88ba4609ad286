"""The arithmetic of credit, pure: ratios of statements, scores of four dimensions, grade, limit, terms, and what a contract owes them.

Ratios as Chinese statements are read (企业绩效评价标准值, 财政部): 资产负债率, 流动比率, 速动比率, 净利率, 应收账款周转天数,
经营现金流动负债比, 营业收入增长率. Limit as practised (business.md 1.9): monthly purchases × term × the grade's factor, capped by a
share of net assets.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from presales_desktop.models.credit import DIMENSIONS, GRADES
from presales_desktop.models.errors import Problem
from presales_desktop.models.values import fen_to_yuan

# ------------------------------------------------------------------------------------------------- scheme and terms


@dataclass(frozen=True)
class Terms:
    """What a grade asks of a contract: at least `prepay_percent` of the price in advance (deposit and prepayment), the rest within
    `term_days` after delivery, and whether a guarantee may stand for the prepayment (or_prepay) or is owed besides (required)."""

    grade: str
    prepay_percent: int
    term_days: int
    guarantee: str = "none"


@dataclass(frozen=True)
class GradeRule:
    """One grade of a scheme: terms, `factor` of the limit in percent, `months` of validity."""

    terms: Terms
    factor: int
    months: int


@dataclass(frozen=True)
class Scheme:
    """A score card: weights in percent (sum 100), lowest scores of A, B and C, highest grades of new customers and of those without
    statements, the share of net assets that no limit exceeds (0: no such cap)."""

    effective_on: dt.date
    weights: Mapping[str, int]
    bands: tuple[int, int, int]
    cap_new: str
    cap_no_statements: str
    equity_percent: int
    grades: Mapping[str, GradeRule]


# What holds until the company has set its own.
DEFAULT_VALUES: Final[Mapping[str, Any]] = {
    "weight_basics": 20, "weight_operations": 25, "weight_finances": 30, "weight_record": 25,
    "from_a": 85, "from_b": 70, "from_c": 55, "cap_new": "B", "cap_no_statements": "B", "equity_percent": 10,
    "prepay_a": 0, "days_a": 60, "guarantee_a": "none", "factor_a": 100, "months_a": 12,
    "prepay_b": 10, "days_b": 30, "guarantee_b": "none", "factor_b": 80, "months_b": 12,
    "prepay_c": 50, "days_c": 15, "guarantee_c": "or_prepay", "factor_c": 40, "months_c": 6,
    "prepay_d": 100, "days_d": 0, "guarantee_d": "or_prepay", "factor_d": 0, "months_d": 3,
}  # fmt: skip
FIRST_DAY: Final = dt.date(2000, 1, 1)


def scheme_of(values: Mapping[str, Any], effective_on: dt.date) -> Scheme:
    """The scheme that a row's VALUES are; what a row lacks is the default's."""
    v = {**DEFAULT_VALUES, **values}
    grades = {}
    for grade in GRADES:
        g = grade.lower()
        terms = Terms(grade, int(v[f"prepay_{g}"]), int(v[f"days_{g}"]), str(v[f"guarantee_{g}"]))
        grades[grade] = GradeRule(terms, int(v[f"factor_{g}"]), int(v[f"months_{g}"]))
    weights = {name: int(v[f"weight_{name}"]) for name in DIMENSIONS}
    bands = (int(v["from_a"]), int(v["from_b"]), int(v["from_c"]))
    return Scheme(effective_on, weights, bands, v["cap_new"], v["cap_no_statements"], int(v["equity_percent"]), grades)


DEFAULT: Final = scheme_of({}, FIRST_DAY)


def scheme_problems(draft: Any) -> list[Problem]:
    """What speaks against a scheme beyond its fields: weights that are not 100 % together, bands or terms that don't descend."""
    found = []
    total = sum(getattr(draft, f"weight_{name}") for name in DIMENSIONS)
    if total != 100:
        found.append(Problem("credit.weights", "weight_basics", {"total": total}))
    if not draft.from_a > draft.from_b > draft.from_c > 0:
        found.append(Problem("credit.bands", "from_a", {}))
    pairs = list(zip("abc", "bcd", strict=True))
    for better, worse in pairs:
        if getattr(draft, f"prepay_{better}") > getattr(draft, f"prepay_{worse}"):
            found.append(Problem("credit.softer_below", f"prepay_{worse}", {"grade": worse.upper()}))
        if getattr(draft, f"days_{better}") < getattr(draft, f"days_{worse}"):
            found.append(Problem("credit.softer_below", f"days_{worse}", {"grade": worse.upper()}))
        if getattr(draft, f"factor_{better}") < getattr(draft, f"factor_{worse}"):
            found.append(Problem("credit.softer_below", f"factor_{worse}", {"grade": worse.upper()}))
    return found


def terms_for(grade: str, scheme: Scheme = DEFAULT) -> Terms:
    """The terms that GRADE means. Raises KeyError for no grade."""
    return scheme.grades[grade].terms


# ------------------------------------------------------------------------------------------------- ratios


@dataclass(frozen=True)
class Ratios:
    """Figures of the newest statement, each None where it can't be computed; ratios as fractions, `receivable_days` in days."""

    year: int
    debt: Decimal | None
    current: Decimal | None
    quick: Decimal | None
    margin: Decimal | None
    receivable_days: Decimal | None
    cash: Decimal | None
    growth: Decimal | None
    equity_fen: int = 0


RATIOS: Final = ("debt", "current", "quick", "margin", "receivable_days", "cash", "growth")


def _part(top: int | None, bottom: int | None, factor: int = 1) -> Decimal | None:
    if top is None or not bottom:
        return None
    return (Decimal(top) * factor / Decimal(bottom)).quantize(Decimal("0.0001"), ROUND_HALF_UP)


def ratios(statements: Iterable[Any]) -> Ratios | None:
    """Of the newest of STATEMENTS (rows with the fields of STATEMENT_FIELDS); growth against the year before. None without any."""
    years = sorted(statements, key=lambda s: -s.year)
    if not years:
        return None
    now = years[0]
    before = next((s for s in years if s.year == now.year - 1), None)
    return Ratios(
        now.year,
        _part(now.liabilities_fen, now.assets_fen),
        _part(now.current_assets_fen, now.current_liabilities_fen),
        _part(now.current_assets_fen - now.inventory_fen, now.current_liabilities_fen),
        _part(now.net_profit_fen, now.revenue_fen),
        _part(now.receivables_fen, now.revenue_fen, 365),
        _part(now.operating_cash_fen, now.current_liabilities_fen),
        _part(now.revenue_fen - before.revenue_fen, before.revenue_fen) if before is not None else None,
        now.assets_fen - now.liabilities_fen,
    )


def statement_problems(statements: Sequence[Any]) -> list[Problem]:
    """What can't be in a balance sheet: parts larger than the whole, a year twice."""
    found = []
    for i, s in enumerate(statements):
        if s.current_assets_fen > s.assets_fen:
            found.append(Problem("credit.part_larger", f"statements.{i}.current_assets_fen", {"year": s.year}))
        if s.inventory_fen + s.receivables_fen > s.current_assets_fen:
            found.append(Problem("credit.part_larger", f"statements.{i}.inventory_fen", {"year": s.year}))
        if s.current_liabilities_fen > s.liabilities_fen:
            found.append(Problem("credit.part_larger", f"statements.{i}.current_liabilities_fen", {"year": s.year}))
        if any(other.year == s.year for other in statements[:i]):
            found.append(Problem("credit.year_twice", f"statements.{i}.year", {"year": s.year}))
    return found


# ------------------------------------------------------------------------------------------------- scores


def _at_least(*steps: tuple[str, int], rest: int) -> Callable[[Any], int]:
    """Points of a figure that is the better the larger it is: of the first step that it reaches."""
    bounds = [(Decimal(bound), points) for bound, points in steps]
    return lambda value: next((points for bound, points in bounds if value >= bound), rest)


def _at_most(*steps: tuple[str, int], rest: int) -> Callable[[Any], int]:
    """Points of a figure that is the better the smaller it is."""
    bounds = [(Decimal(bound), points) for bound, points in steps]
    return lambda value: next((points for bound, points in bounds if value <= bound), rest)


def _chosen(**points: int) -> Callable[[Any], int]:
    return lambda value: points[value]


# What each answer is worth, of 100.
POINTS: Final[Mapping[str, Mapping[str, Callable[[Any], int]]]] = {
    "basics": {
        "years": _at_least(("10", 100), ("5", 85), ("3", 70), ("1", 50), rest=20),
        "capital_fen": _at_least(("2000000000", 100), ("500000000", 85), ("100000000", 70), ("50000000", 50), rest=30),
        "ownership": _chosen(government=100, state=100, private=75, individual=50),
        "licence": _chosen(verified=100, unverified=40, abnormal=0),
    },
    "operations": {
        "market": _chosen(leading=100, steady=80, starting=50, shrinking=20),
        "premises": _chosen(owned=100, leased=75, not_visited=40, none=15),
        "staff": _at_least(("100", 100), ("20", 80), ("5", 60), rest=35),
    },
    "finances": {
        "debt": _at_most(("0.4", 100), ("0.6", 75), ("0.75", 45), rest=10),
        "current": _at_least(("2", 100), ("1.5", 80), ("1", 50), rest=15),
        "quick": _at_least(("1", 100), ("0.7", 70), ("0.5", 40), rest=10),
        "margin": _at_least(("0.08", 100), ("0.04", 75), ("0.01", 50), ("0", 30), rest=0),
        "receivable_days": _at_most(("60", 100), ("90", 75), ("150", 45), rest=15),
        "cash": _at_least(("0.2", 100), ("0.1", 75), ("0", 45), rest=0),
        "growth": _at_least(("0.1", 100), ("0", 75), ("-0.1", 45), rest=10),
    },
    "record": {
        "paid": _chosen(prompt=100, late_30=60, late_90=25, overdue=0, none=60),
        "court": _chosen(none=100, past=40, current=0),
        "tax_level": _chosen(A=100, B=85, M=60, C=30, D=0, unknown=50),
        "agency": _chosen(AAA=100, AA=85, A=70, BBB=50, below=20, none=50),
        "reputation": _chosen(good=100, mixed=50, bad=0, unknown=50),
    },
}
ANSWERS: Final = tuple(name for d in ("basics", "operations", "record") for name in POINTS[d])


@dataclass(frozen=True)
class Dimension:
    """One dimension's score (0-100, one decimal) with the points of each answer; None where nothing was there to score."""

    name: str
    weight: int
    score: Decimal | None
    points: Mapping[str, int]


@dataclass(frozen=True)
class Result:
    """What an assessment comes to. `computed`: the grade of the score alone; `caps`: codes of what lowered it; `limit_fen` in fen."""

    score: Decimal
    computed: str
    grade: str
    caps: tuple[str, ...]
    limit_fen: int
    dimensions: tuple[Dimension, ...]
    ratios: Ratios | None


def _mean(points: Iterable[int]) -> Decimal | None:
    found = list(points)
    if not found:
        return None
    return (Decimal(sum(found)) / len(found)).quantize(Decimal("0.1"), ROUND_HALF_UP)


def dimension(name: str, weight: int, values: Any) -> Dimension:
    """The score of what VALUES (answers as attributes) say; what is not answered counts neither way."""
    points = {
        key: rule(value)
        for key, rule in POINTS[name].items()
        if (value := getattr(values, key, None)) is not None and value != ""
    }
    return Dimension(name, weight, _mean(points.values()), points)


def worse(first: str, second: str) -> str:
    """The worse of two grades."""
    return max(first, second, key=GRADES.index)


def assess(sheet: Any, statements: Sequence[Any], monthly_fen: int, *, new: bool, scheme: Scheme = DEFAULT) -> Result:
    """Score, grade and limit. NEW: no contract was ever signed with the customer.

    Without statements finances score nothing and the grade is capped; somebody whom a court enforces against now is a D.
    """
    figures = ratios(statements)
    sources = {"basics": sheet, "operations": sheet, "finances": figures, "record": sheet}
    found = tuple(dimension(name, scheme.weights[name], sources[name]) for name in DIMENSIONS)
    total = sum(((d.score or Decimal(0)) * d.weight for d in found), Decimal(0)) / 100
    score = total.quantize(Decimal("0.1"), ROUND_HALF_UP)
    computed = next((g for g, low in zip(GRADES, scheme.bands, strict=False) if score >= low), GRADES[-1])
    grade, caps = computed, []
    limits = (
        ("new", new, scheme.cap_new),
        ("no_statements", figures is None, scheme.cap_no_statements),
        ("court", sheet.court == "current", GRADES[-1]),
    )
    for code, holds, cap in limits:
        if holds and worse(grade, cap) != grade:
            grade = cap
            caps.append(code)
    return Result(score, computed, grade, tuple(caps), limit_of(grade, monthly_fen, figures, scheme), found, figures)


_STEP_FEN: Final = 100_000  # limits are whole thousands of yuan


def limit_of(grade: str, monthly_fen: int, figures: Ratios | None, scheme: Scheme) -> int:
    """Monthly purchases × days of the term ÷ 30 × factor, at most the share of net assets where those are known; whole thousands of
    yuan, rounded down."""
    rule = scheme.grades[grade]
    limit = monthly_fen * rule.terms.term_days * rule.factor // 3000
    if figures is not None and scheme.equity_percent:
        limit = min(limit, max(0, figures.equity_fen) * scheme.equity_percent // 100)
    return limit // _STEP_FEN * _STEP_FEN


def unanswered(sheet: Any) -> list[Problem]:
    """What the assessor still has to find out: a grade stands on all answers ("unknown" is one)."""
    return [Problem("credit.unanswered", name, {}) for name in ANSWERS if getattr(sheet, name) in (None, "")]


def result_values(result: Result) -> dict[str, Any]:
    """RESULT as plain values, for the frozen assessment."""
    return {
        "score": str(result.score), "computed": result.computed, "grade": result.grade, "caps": list(result.caps),
        "limit_fen": result.limit_fen,
        "dimensions": [
            {"name": d.name, "weight": d.weight, "score": None if d.score is None else str(d.score), "points": dict(d.points)}
            for d in result.dimensions
        ],
        "ratios": None if result.ratios is None else {
            k: str(v) if isinstance(v, Decimal) else v for k, v in asdict(result.ratios).items()
        },
    }  # fmt: skip


def valid_until(grade: str, from_day: dt.date, scheme: Scheme) -> dt.date:
    """The last day of a grade given on FROM_DAY."""
    months = from_day.month - 1 + scheme.grades[grade].months
    year, month = from_day.year + months // 12, months % 12 + 1
    following = dt.date(year + month // 12, month % 12 + 1, 1)
    day = min(from_day.day, (following - dt.timedelta(days=1)).day)
    return dt.date(year, month, day) - dt.timedelta(days=1)


# ------------------------------------------------------------------------------------------------- what a contract owes


@dataclass(frozen=True)
class Softened:
    """An exception as far as terms go: None where it says nothing."""

    prepay_percent: int | None
    term_days: int | None
    waive_guarantee: bool
    over_limit: bool


def requirements_for(terms: Terms, exceptions: Iterable[Softened] = ()) -> Terms:
    """The terms that hold after EXCEPTIONS: only ever softer, never harder than the grade's."""
    found = terms
    for given in exceptions:
        if given.prepay_percent is not None:
            found = replace(found, prepay_percent=min(found.prepay_percent, given.prepay_percent))
        if given.term_days is not None:
            found = replace(found, term_days=max(found.term_days, given.term_days))
        if given.waive_guarantee:
            found = replace(found, guarantee="or_prepay" if found.guarantee == "or_prepay" else "none")
    return found


def shortfalls(
    required: Terms, *, total_fen: int, prepaid_fen: int, guaranteed: bool, term_days: int | None = None
) -> list[Problem]:
    """What a contract lacks against REQUIRED. PREPAID_FEN: deposit and prepayment; GUARANTEED: evidence of a guarantee is there;
    TERM_DAYS: its payment term where it says one (None: not known as a figure)."""
    found = []
    if prepaid_fen * 100 < total_fen * required.prepay_percent and not (
        required.guarantee == "or_prepay" and guaranteed
    ):
        need = -(-total_fen * required.prepay_percent // 100)
        code = "credit.prepay_or_guarantee" if required.guarantee == "or_prepay" else "credit.prepay_short"
        values = {"grade": required.grade, "percent": required.prepay_percent, "need": f"{fen_to_yuan(need):,.2f}"}
        found.append(Problem(code, "prepayment_fen", values))
    if required.guarantee == "required" and not guaranteed:
        found.append(Problem("credit.guarantee_missing", None, {"grade": required.grade}))
    if term_days is not None and term_days > required.term_days:
        found.append(
            Problem("credit.term_long", None, {"grade": required.grade, "days": term_days, "limit": required.term_days})
        )
    return found


def is_valid(credit: Any, day: dt.date) -> bool:
    """Whether a grade (record or row with state, valid_from, valid_until) holds on DAY."""
    return (
        credit.state == "graded"
        and credit.valid_from is not None
        and credit.valid_until is not None
        and credit.valid_from <= day <= credit.valid_until
    )
