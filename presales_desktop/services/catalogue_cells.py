"""Cells of price lists and product lists: "10W", "900 lm", "Ra≥90", "φ95*H62mm", "3000K 36° IP44". Pure functions.

Every reader answers None for an empty cell and raises CellProblem for one that cannot mean what the column is for; nothing is
guessed from a cell that holds several values ("3000K/4000K").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import suppress
from decimal import Decimal
from typing import Any, Final

from presales_desktop.services.cells import Cell, CellProblem, CellReader, header_key, text
from presales_desktop.texts import tr_in

_EMPTY = frozenset({"-", "--", "—", "——", "/", "\\", "无", "n/a", "na", "none", "待定", "暂无"})
_DASH = r"[-~～—至到]"
_NUMBER = r"\d[\d,]*(?:\.\d+)?|\.\d+"
_SIZE_SPLIT = re.compile(r"[*×xX✕╳]")
_SIZE_PART = re.compile(r"^(?:[φΦøØ∅ф]|直径|[LWHDlwhd长宽高深]\s*[:：]?)?\s*(\d+(?:\.\d+)?)\s*(mm|cm|m|毫米|厘米|米)?$")
_TO_MM: Final = {"": 1, "mm": 1, "毫米": 1, "cm": 10, "厘米": 10, "m": 1000, "米": 1000}
_SPEC: Final = {
    "power_w": re.compile(r"(?<![\d.])(\d+(?:\.\d+)?)\s*(?:W|瓦)(?![a-z])", re.IGNORECASE),
    "flux_lm": re.compile(r"(?<![\d.])(\d+)\s*(?:lm|流明)(?!/)", re.IGNORECASE),
    "cct_k": re.compile(r"(?<![\d.])(\d{4,5})\s*K(?![a-z])", re.IGNORECASE),
    "ra": re.compile(r"(?:Ra|CRI)\s*[>≥＞]?=?\s*(\d{2,3})", re.IGNORECASE),
    "beam_deg": re.compile(r"(?<![\d.])(\d+(?:\.\d+)?)\s*(?:°|度)", re.IGNORECASE),
    "ip_rating": re.compile(r"(IP\s*\d{2})", re.IGNORECASE),
}
_DIMENSIONS = re.compile(
    r"[φΦøØ∅]?\s*\d+(?:\.\d+)?\s*(?:mm|cm)?\s*[*×xX]\s*[HhφΦ]?\s*\d+(?:\.\d+)?(?:\s*(?:mm|cm)?\s*[*×xX]\s*[Hh]?\s*\d+(?:\.\d+)?)?\s*(?:mm|cm)?"
)


def _folded(cell: Cell) -> str:
    raw = unicodedata.normalize("NFKC", text(cell)).strip()
    return "" if raw.lower() in _EMPTY else raw


def measure(units: Sequence[str], example: str, *, places: int = 0, before: Sequence[str] = ()) -> CellReader:
    """A reader of one number with or without its unit: "10W", "≥90", "10 W±10%". Whole numbers unless PLACES.

    BEFORE: words that may stand in front ("Ra"). Raises catalogue.unreadable_number; catalogue.several_values for "10/15W".
    """
    after = "|".join(re.escape(u.lower()) for u in sorted(units, key=len, reverse=True))
    ahead = "|".join(re.escape(u.lower()) for u in sorted(before, key=len, reverse=True))
    one = re.compile(
        rf"^(?:{ahead})?\s*[:：]?\s*[>≥<≤~约=]*\s*({_NUMBER})\s*(?:{after})?\s*(?:±\s*\d+(?:\.\d+)?\s*(?:%|{after})?)?$"
        if ahead
        else rf"^[>≥<≤~约=]*\s*({_NUMBER})\s*(?:{after})?\s*(?:±\s*\d+(?:\.\d+)?\s*(?:%|{after})?)?$"
    )
    several = re.compile(rf"(?:{_NUMBER})\s*(?:{after})?\s*(?:[/、,，;]|{_DASH})\s*(?:{_NUMBER})")

    def read(cell: Cell) -> Decimal | int | None:
        raw = _folded(cell).lower()
        if not raw:
            return None
        found = one.match(raw)
        if found is None:
            code = "catalogue.several_values" if several.search(raw) else "catalogue.unreadable_number"
            raise CellProblem(code, found=text(cell)[:80], example=example)
        value = Decimal(found[1].replace(",", ""))
        if places:
            return value.quantize(Decimal(1).scaleb(-places)) if value.as_tuple().exponent != 0 else value
        if value != value.to_integral_value() or len(found[1]) > 12:
            raise CellProblem("catalogue.unreadable_number", found=text(cell)[:80], example=example)
        return int(value)

    return read


def millimetres(cell: Cell) -> int | None:
    """A length in mm: "600", "600mm", "60cm", "0.6m", "φ95". A range gives its smaller end. Raises catalogue.unreadable_number."""
    raw = _folded(cell)
    if not raw:
        return None
    first = re.split(_DASH, raw.removesuffix("mm") + "mm" if re.search(rf"\d\s*{_DASH}\s*\d", raw) else raw)[0]
    found = _SIZE_PART.match(first.strip())
    if found is None:
        raise CellProblem("catalogue.unreadable_number", found=text(cell)[:80], example="600mm")
    return _to_mm(found, text(cell), found[2] or "")


def _to_mm(found: re.Match[str], shown: str, unit: str) -> int:
    value = Decimal(found[1]) * _TO_MM[unit.lower()]
    if not 0 < value < 10**7:
        raise CellProblem("catalogue.unreadable_number", found=shown[:80], example="600mm")
    return int(value.to_integral_value())


def size(cell: Cell) -> dict[str, int] | None:
    """Outer measures in one cell: "600*600*32mm", "φ95×H62", "L1200*W300". A φ is length and width; two measures without φ are
    length and width; H or 高 is the height. Raises catalogue.unreadable_size."""
    raw = _folded(cell).replace(" ", "")
    if not raw:
        return None
    parts = [p for p in _SIZE_SPLIT.split(raw.rstrip("()")) if p]
    matches = [_SIZE_PART.match(p) for p in parts]
    if not 1 <= len(parts) <= 3 or any(m is None for m in matches):
        raise CellProblem("catalogue.unreadable_size", found=text(cell)[:80])
    # A unit at the end is meant for all of them.
    unit = next((m[2] for m in reversed(matches) if m is not None and m[2]), "")
    values = [_to_mm(m, text(cell), m[2] or unit) for m in matches if m is not None]
    names: tuple[str, ...] = ("length_mm", "width_mm", "height_mm")
    if parts[0][0] in "φΦøØ∅ф直" or (len(parts) == 2 and parts[1][0] in "Hh高"):
        names = ("diameter", "height_mm")
    found = dict(zip(names, values, strict=False))
    if "diameter" in found:
        diameter = found.pop("diameter")
        found |= {"length_mm": diameter, "width_mm": diameter}
    return found


def spec(cell: Cell) -> dict[str, Any] | None:
    """What a free column 规格 says: power, flux, colour temperature, Ra, beam, protection and measures; the rest of it is
    left alone. Values that occur twice with different numbers are not taken. Never raises."""
    raw = unicodedata.normalize("NFKC", text(cell))
    if not raw:
        return None
    found: dict[str, Any] = {}
    for name, pattern in _SPEC.items():
        hits = {hit.replace(" ", "").upper() for hit in pattern.findall(raw)}
        if len(hits) == 1:
            hit = hits.pop()
            found[name] = hit if name == "ip_rating" else Decimal(hit) if name in ("power_w", "beam_deg") else int(hit)
    measures = _DIMENSIONS.search(raw)
    if measures is not None:
        with suppress(CellProblem):
            found |= size(measures[0]) or {}
    return found


def ip_rating(cell: Cell) -> str | None:
    """ "IP44", "44", "ip 65" → "IP44". Raises catalogue.unreadable_number."""
    raw = _folded(cell).upper().replace(" ", "").removeprefix("IP")
    if not raw:
        return None
    if not re.fullmatch(r"[0-6X][0-9X]K?", raw):
        raise CellProblem("catalogue.unreadable_number", found=text(cell)[:80], example="IP44")
    return f"IP{raw}"


def days(cell: Cell) -> int | None:
    """A delivery time in days: "7天", "7-10天" (the longer), "2周", "现货" (0). Raises catalogue.unreadable_number."""
    raw = _folded(cell).lower().replace(" ", "")
    if not raw:
        return None
    if raw in ("现货", "有现货", "库存"):
        return 0
    found = re.fullmatch(
        rf"(?:约)?(?:(\d+){_DASH})?(\d+)(?:个)?(天|日|工作日|周|星期|days?|d|weeks?)?(?:内|左右|发货)?", raw
    )
    if found is None or len(found[2]) > 4:
        raise CellProblem("catalogue.unreadable_number", found=text(cell)[:80], example="7天")
    return int(found[2]) * (7 if found[3] in ("周", "星期", "week", "weeks") else 1)


def _words(choices: Mapping[str, str], synonyms: Mapping[str, str]) -> dict[str, str]:
    known: dict[str, str] = {}
    for value, word in choices.items():
        for writing in (word, tr_in("en", word), value):
            known[header_key(writing)] = value
    return known | {header_key(word): value for word, value in synonyms.items()}


def choice_within(choices: Mapping[str, str], synonyms: Mapping[str, str]) -> CellReader:
    """A reader of choices that also knows synonyms, and longer writings that hold one known word ("LED嵌入式筒灯" → downlight).
    Raises field.choice."""
    known = _words(choices, synonyms)

    def read(cell: Cell) -> str | None:
        raw = _folded(cell)
        if not raw:
            return None
        found = known.get(header_key(raw)) or inside(raw, known)
        if found is None:
            raise CellProblem("field.choice", found=text(cell)[:80], choices="、".join(choices))
        return found

    return read


def inside(writing: str, known: Mapping[str, str]) -> str | None:
    """The value whose word stands in WRITING: of several the one that ends last, of those the longest (磁吸轨道射灯 ends in 射灯
    but 轨道射灯 is longer). None when there is no word of two characters or more."""
    key = header_key(writing)
    best: tuple[int, int, str] | None = None
    for word, value in known.items():
        at = key.rfind(word) if len(word) >= 2 else -1
        if at >= 0 and (best is None or (at + len(word), len(word)) > best[:2]):
            best = (at + len(word), len(word), value)
    return best[2] if best else None


def several_choices(choices: Mapping[str, str], synonyms: Mapping[str, str]) -> CellReader:
    """A reader of lists: "防眩、可调色温". Raises field.choice for a word it does not know."""
    one = choice_within(choices, synonyms)

    def read(cell: Cell) -> list[str] | None:
        words = [w for w in re.split(r"[、,，;；/\s]+", _folded(cell)) if w]
        return list(dict.fromkeys(str(one(word)) for word in words)) or None

    return read
