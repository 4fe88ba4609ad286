"""What people type means what: "1.28万", "¥12,800", "+7", "明天", "周五". Pure; fields, cells and imports share it."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from decimal import Decimal, InvalidOperation

from presales_desktop.models.values import SHANGHAI

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
