"""Values of spreadsheet cells as people write them: "¥1,280.00", "2026/3/1", "是", 13800138000.0. Pure functions.

Every reader takes a cell (text, number, date, flag or None), answers None for an empty one, and raises CellProblem with an
error code (sentence in texts) when the cell can't mean what the column is for.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation

from presales_desktop.models.errors import Problem
from presales_desktop.models.values import yuan_to_fen

Cell = str | int | float | bool | dt.date | dt.datetime | dt.time | dt.timedelta | Decimal | None
CellReader = Callable[[Cell], object]

_BRACKETS = re.compile(r"[(（\[【][^)）\]】]*[)）\]】]")
_NOISE = re.compile(r"[\s*＊:：/\\、,，。.\-_·|\"'“”]+")
_DATE = re.compile(r"^(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ T]\d{1,2}:\d{2}.*)?$")
_COMPACT_DATE = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_MAX_TEXT = 20_000
_TRUE = frozenset({"是", "有", "y", "yes", "true", "1", "√", "✓", "对", "on"})
_FALSE = frozenset({"否", "无", "没有", "n", "no", "false", "0", "×", "✗", "off"})


class CellProblem(Exception):
    """A cell that can't be read: error code and values, as in Problem."""

    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values

    def problem(self, field: str) -> Problem:
        """The same as a Problem of FIELD."""
        return Problem(self.code, field, dict(self.values))


def header_key(value: object) -> str:
    """What column titles are compared by: 单价（元/套） and " 单 价* " are both 单价; English in lower case."""
    folded = unicodedata.normalize("NFKC", str(value if value is not None else "")).lower()
    bare = _NOISE.sub("", _BRACKETS.sub("", folded))
    return bare or _NOISE.sub("", folded)


def text(cell: Cell) -> str:
    """The cell as a person sees it: 13800138000.0 → "13800138000", a date as 2026-11-23; blanks trimmed, NFC."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return _number_text(cell)
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(" ", "minutes")
    if isinstance(cell, str):
        return unicodedata.normalize("NFC", cell.replace("\u3000", " ").replace("\xa0", " ")).strip()
    return str(cell)


def _number_text(value: float) -> str:
    if value != value or value in (float("inf"), float("-inf")):
        return str(value)
    return str(int(value)) if value == int(value) else repr(value)


def as_text(cell: Cell) -> str | None:
    """Text of at most 20,000 characters. Raises field.too_long."""
    found = text(cell)
    if len(found) > _MAX_TEXT:
        raise CellProblem("field.too_long", limit=_MAX_TEXT)
    return found or None


def as_decimal(cell: Cell) -> Decimal | None:
    """An exact number; thousands separators and full width digits allowed. Raises field.type."""
    if isinstance(cell, bool):
        raise CellProblem("field.type", expected="decimal", found=text(cell))
    raw = unicodedata.normalize("NFKC", text(cell)).replace(",", "").strip()
    if not raw:
        return None
    try:
        value = Decimal(raw)
    except InvalidOperation:
        raise CellProblem("field.type", expected="decimal", found=raw[:80]) from None
    if not value.is_finite() or abs(value) > 10**15:
        raise CellProblem("field.type", expected="decimal", found=raw[:80])
    return value


def as_integer(cell: Cell) -> int | None:
    """A whole number. Raises field.type."""
    value = as_decimal(cell)
    if value is None:
        return None
    if value != value.to_integral_value():
        raise CellProblem("field.type", expected="integer", found=text(cell)[:80])
    return int(value)


def as_fen(cell: Cell) -> int | None:
    """Yuan ("¥1,280.00", "1280元") as whole fen; a price with a fraction of a fen is refused. Raises field.type."""
    raw = unicodedata.normalize("NFKC", text(cell)).strip().removesuffix("元").strip()
    if not raw:
        return None
    try:
        if isinstance(cell, float):
            # Excel keeps 12.35 as the nearest double; 15 significant digits are what it shows and what was typed
            return yuan_to_fen(Decimal(f"{cell:.15g}"))
        return yuan_to_fen(raw)
    except (ValueError, InvalidOperation):
        raise CellProblem("field.type", expected="money", found=raw[:80]) from None


def as_percent(cell: Cell) -> Decimal | None:
    """A fraction as percent: "85%" → 85, 0.85 → 85, 85 → 85. Raises field.type."""
    raw = unicodedata.normalize("NFKC", text(cell)).strip()
    if raw.endswith("%"):
        return as_decimal(raw[:-1])
    value = as_decimal(cell)
    return value * 100 if value is not None and 0 < value < 1 else value


def as_date(cell: Cell) -> dt.date | None:
    """A day: Excel dates, 2026-11-23, 2026/11/23, 2026.11.23, 2026年11月23日, 20261123. Raises field.type."""
    if isinstance(cell, dt.datetime):
        return cell.date()
    if isinstance(cell, dt.date):
        return cell
    raw = unicodedata.normalize("NFKC", text(cell)).strip()
    if not raw:
        return None
    found = _DATE.match(raw) or _COMPACT_DATE.match(raw)
    try:
        if found:
            return dt.date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        pass
    raise CellProblem("field.type", expected="date", found=raw[:80])


def as_flag(cell: Cell) -> bool | None:
    """是/否, yes/no, 1/0, √/×. Raises field.type."""
    if isinstance(cell, bool):
        return cell
    raw = unicodedata.normalize("NFKC", text(cell)).strip().lower()
    if not raw:
        return None
    if raw in _TRUE:
        return True
    if raw in _FALSE:
        return False
    raise CellProblem("field.type", expected="boolean", found=raw[:80])


def as_choice(words: Mapping[str, str]) -> CellReader:
    """A reader of choices. WORDS: what may stand in the cell (any language, compared like headers) → value of the choice."""
    known = {header_key(word): value for word, value in words.items()}
    shown = "、".join(dict.fromkeys(words.values()))

    def read(cell: Cell) -> str | None:
        raw = text(cell)
        if not raw:
            return None
        found = known.get(header_key(raw))
        if found is None:
            raise CellProblem("field.choice", found=raw[:80], choices=shown)
        return found

    return read
