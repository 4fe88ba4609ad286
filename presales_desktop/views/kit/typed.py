"""Text ↔ values: what people type into fields and cells ("1.28万", "+7", "明天", "12,5") and how a value reads."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from decimal import Decimal, InvalidOperation
from typing import Any

from presales_desktop.models.fields import Field, FieldType
from presales_desktop.models.values import SHANGHAI, fen_to_yuan, plain
from presales_desktop.texts import tr

_SCALES = {"万": Decimal(10_000), "亿": Decimal(100_000_000), "k": Decimal(1000), "K": Decimal(1000)}
_YES = frozenset({"1", "true", "yes", "y", "是", "有", "√", "✓", "x", "对"})
_NO = frozenset({"0", "false", "no", "n", "否", "无", "", "错"})
_WEEKDAYS = "一二三四五六日"
_DAY_WORDS = {"今天": 0, "今日": 0, "today": 0, "明天": 1, "tomorrow": 1, "后天": 2, "大后天": 3, "昨天": -1, "yesterday": -1, "前天": -2}  # fmt: skip


def parse_number(text: str) -> Decimal | None:
    """A number as people write it: "1,280.5", "１２", "1.28万", "-3". None for nothing; ValueError for what is no number."""
    raw = unicodedata.normalize("NFKC", text).strip().replace(",", "").replace(" ", "")
    if not raw:
        return None
    scale = Decimal(1)
    if raw[-1] in _SCALES and len(raw) > 1:
        scale, raw = _SCALES[raw[-1]], raw[:-1]
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)", raw):
        raise ValueError(text)
    try:
        return Decimal(raw) * scale
    except InvalidOperation:
        raise ValueError(text) from None


def parse_money(text: str) -> int | None:
    """Yuan as typed, in fen: "¥12,800", "1.28万", "12800元". None for nothing; ValueError for text and fractions of a fen."""
    raw = unicodedata.normalize("NFKC", text).strip()
    for mark in ("¥", "￥", "CNY", "RMB"):
        raw = raw.removeprefix(mark).strip()
    for mark in ("元整", "元"):
        raw = raw.removesuffix(mark).strip()
    number = parse_number(raw)
    if number is None:
        return None
    fen = number * 100
    if fen != fen.to_integral_value() or abs(fen) > 10**15:
        raise ValueError(text)
    return int(fen)


def parse_day(text: str, today: dt.date) -> dt.date | None:
    """A day: "2026-11-30", "11-30", "11月30日", "30", "明天", "+7", "+2周", "周五". None for nothing; ValueError otherwise.

    A month and day without a year, or a day alone, mean the nearest such day that is not past.
    """
    raw = unicodedata.normalize("NFKC", text).strip().lower()
    if not raw:
        return None
    raw = re.sub(r"\s*(周|星期)[一二三四五六日天]$", "", raw) if raw[:1].isdigit() else raw
    if raw in _DAY_WORDS:
        return today + dt.timedelta(days=_DAY_WORDS[raw])
    relative = re.fullmatch(r"([+-])(\d{1,4})\s*(天|日|d|周|星期|w|个?月|m)?", raw)
    if relative:
        return _relative(today, relative)
    weekday = re.fullmatch(r"(下)?(?:周|星期|礼拜)([一二三四五六日天])", raw)
    if weekday:
        return _weekday(today, bool(weekday[1]), weekday[2].replace("天", "日"))
    parts = [int(p) for p in re.findall(r"\d+", raw)]
    if not re.fullmatch(r"[\d\s./年月日号-]+", raw) or not 1 <= len(parts) <= 3:
        raise ValueError(text)
    if len(parts) == 1 and len(raw) == 8 and raw.isdigit():
        parts = [int(raw[:4]), int(raw[4:6]), int(raw[6:])]
    return _from_parts(parts, today, text)


def _relative(today: dt.date, found: re.Match[str]) -> dt.date:
    count = int(found[2]) * (-1 if found[1] == "-" else 1)
    unit = found[3] or "天"
    if unit in ("周", "星期", "w"):
        return today + dt.timedelta(weeks=count)
    if unit.endswith("月") or unit == "m":
        return add_months(today, count)
    return today + dt.timedelta(days=count)


def add_months(day: dt.date, count: int) -> dt.date:
    """The same day COUNT months on; the month's last day where it has no such day."""
    index = day.year * 12 + day.month - 1 + count
    for last in (day.day, 30, 29, 28):
        try:
            return dt.date(index // 12, index % 12 + 1, min(last, day.day))
        except ValueError:
            continue
    raise ValueError(str(day))


def _weekday(today: dt.date, next_week: bool, name: str) -> dt.date:
    monday = today - dt.timedelta(days=today.weekday())
    day = monday + dt.timedelta(days=_WEEKDAYS.index(name), weeks=1 if next_week else 0)
    return day if next_week or day >= today else day + dt.timedelta(weeks=1)


def _from_parts(parts: list[int], today: dt.date, text: str) -> dt.date:
    if len(parts) == 3:
        year = parts[0] + 2000 if parts[0] < 100 else parts[0]
        return dt.date(year, parts[1], parts[2])
    if len(parts) == 2:
        day = dt.date(today.year, parts[0], parts[1])
        return day if day >= today else dt.date(today.year + 1, parts[0], parts[1])
    if not 1 <= parts[0] <= 31:
        raise ValueError(text)
    month = today.replace(day=1)
    for _ in range(3):
        try:
            day = month.replace(day=parts[0])
        except ValueError:
            day = dt.date.min
        if day >= today:
            return day
        month = add_months(month, 1)
    raise ValueError(text)


def parse_moment(text: str, today: dt.date) -> dt.datetime | None:
    """A day with a time in Shanghai: "11-30 14:00", "明天 9:30", "14:00" (today). None for nothing; ValueError otherwise."""
    raw = unicodedata.normalize("NFKC", text).strip()
    if not raw:
        return None
    found = re.fullmatch(r"(.*?)\s*(\d{1,2})[:时点](\d{1,2})?分?", raw)
    if not found:
        raise ValueError(text)
    day = parse_day(found[1], today) or today
    clock = dt.time(int(found[2]), int(found[3] or 0))
    return dt.datetime.combine(day, clock, tzinfo=SHANGHAI)


def parse_flag(text: str) -> bool:
    """ "是", "否", "1", "0", "√" …; ValueError otherwise."""
    raw = text.strip().lower()
    if raw in _YES:
        return True
    if raw in _NO:
        return False
    raise ValueError(text)


def group(text: str) -> str:
    """Thousands separators into a plain decimal text: "12800.5" → "12,800.5"."""
    sign = "-" if text.startswith("-") else ""
    whole, dot, rest = text.removeprefix("-").partition(".")
    return f"{sign}{int(whole or 0):,}{dot}{rest}"


def number_text(value: Decimal | int, places: int | None = None) -> str:
    """A number for reading: grouped; PLACES fixed decimals, or as many as it has."""
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.{places}f}" if places is not None else group(plain(value))


def money_text(fen: int) -> str:
    """Fen as grouped yuan without the sign: 1280050 → "12,800.50"."""
    return f"{fen_to_yuan(fen):,.2f}"


def day_text(day: dt.date) -> str:
    """2026-11-23."""
    return f"{day:%Y-%m-%d}"


def moment_text(moment: dt.datetime) -> str:
    """2026-11-23 10:32 in Shanghai."""
    return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def percent_is_fraction(field: Field) -> bool:
    """A PERCENT field without a unit holds a fraction (0.13 shown as 13 %); with unit "%" it holds the number shown."""
    return field.type is FieldType.PERCENT and field.unit != "%"


def text_of(field: Field, value: Any) -> str:
    """A value as it is edited: without unit and currency. Choices are translated by who calls."""
    if value is None:
        return ""
    if field.type is FieldType.MONEY:
        return money_text(value)
    if field.type is FieldType.PERCENT:
        return number_text(value * 100 if percent_is_fraction(field) else value)
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return number_text(value)
    if isinstance(value, dt.datetime):
        return moment_text(value)
    if isinstance(value, dt.date):
        return day_text(value)
    if isinstance(value, bool):
        return tr("是") if value else tr("否")
    return str(value)


def value_of(field: Field, text: str, today: dt.date) -> Any:
    """The value that TEXT means for FIELD; ValueError when it means none. Choices and references are looked up by who calls."""
    kind = field.type
    if kind is FieldType.MONEY:
        return parse_money(text)
    if kind is FieldType.PERCENT:
        number = parse_number(text.strip().removesuffix("%").removesuffix("％"))
        return number / 100 if number is not None and percent_is_fraction(field) else number
    if kind is FieldType.DECIMAL:
        return parse_number(_without_unit(text, field.unit))
    if kind is FieldType.INTEGER:
        number = parse_number(_without_unit(text, field.unit))
        if number is None:
            return None
        if number != number.to_integral_value():
            raise ValueError(text)
        return int(number)
    if kind is FieldType.DATE:
        return parse_day(text, today)
    if kind is FieldType.MOMENT:
        return parse_moment(text, today)
    if kind is FieldType.FLAG:
        return parse_flag(text)
    return text


def _without_unit(text: str, unit: str | None) -> str:
    return text.strip().removesuffix(unit).strip() if unit else text
