"""Numbers, money, days and moments as people read them here: ¥12,800.00 · 2026-11-23 周一 · 500 lx."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal

from presales_desktop.models.values import (
    CURRENCY,
    SHANGHAI,
    currency_symbol,
    fen_to_yuan,
    plain,
    shanghai_day,
    utc_now,
)
from presales_desktop.texts import language, tr

THIN = "\u2009"
_WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
_UNIT_STEPS_ZH = ((Decimal(10**8), "亿"), (Decimal(10**4), "万"))
_UNIT_STEPS_EN = ((Decimal(10**9), "B"), (Decimal(10**6), "M"), (Decimal(10**3), "k"))


def money(fen: int | None, *, symbol: bool = True, currency: str = CURRENCY) -> str:
    """Fen as ¥12,800.00 (US$12,800.00 in another CURRENCY); negative amounts −¥5.00; None is "—"."""
    if fen is None:
        return "—"
    sign = "−" if fen < 0 else ""
    return f"{sign}{currency_symbol(currency) if symbol else ''}{abs(fen_to_yuan(fen)):,.2f}"


def money_short(fen: int | None) -> str:
    """Fen for charts and key figures: ¥128.5 万, ¥1.3 亿 (¥1.29M in English); below 10,000 yuan whole yuan."""
    if fen is None:
        return "—"
    yuan = fen_to_yuan(fen)
    for step, word in _UNIT_STEPS_ZH if language() == "zh" else _UNIT_STEPS_EN:
        if abs(yuan) >= step:
            scaled = (yuan / step).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
            space = THIN if language() == "zh" else ""
            return f"¥{plain(scaled)}{space}{word}"
    return f"¥{yuan.quantize(Decimal(1), rounding=ROUND_HALF_UP):,}"


def number(value: Decimal | int | float | None, unit: str | None = None, places: int | None = None) -> str:
    """A number with thousands separators and its unit after a thin space; PLACES fixes the decimals; None is "—"."""
    if value is None:
        return "—"
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    if not exact.is_finite():
        return "—"
    if places is not None:
        exact = exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
        text = f"{exact:,f}"
    else:
        whole, _, fraction = plain(exact).partition(".")
        text = f"{int(whole):,}" if whole not in ("-0",) else "-0"
        text += f".{fraction}" if fraction else ""
    return f"{text}{THIN}{unit}" if unit else text


def percent(value: Decimal | float | None, places: int = 1) -> str:
    """A fraction (0.235) as 23.5%."""
    if value is None:
        return "—"
    scaled = (value if isinstance(value, Decimal) else Decimal(str(value))) * 100
    return f"{scaled.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP):,f}%"


def lux(value: float | None) -> str:
    """Illuminance: whole lux from 10 upwards, one decimal below."""
    if value is None:
        return "—"
    return number(value, "lx", 0 if abs(value) >= 9.95 else 1)


def weekday(day_: dt.date) -> str:
    """周一 … 周日 in the current language."""
    return tr(_WEEKDAYS[day_.weekday()])


def day(value: dt.date | None) -> str:
    """2026-11-23 周一; None is "—"."""
    return "—" if value is None else f"{value.isoformat()} {weekday(value)}"


def day_short(value: dt.date | None) -> str:
    """2026-11-23; None is "—"."""
    return "—" if value is None else value.isoformat()


def moment(value: dt.datetime | None) -> str:
    """2026-11-23 10:32 in Chinese time; None is "—"."""
    return "—" if value is None else value.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def clock(value: dt.datetime | None) -> str:
    """10:32 in Chinese time."""
    return "—" if value is None else value.astimezone(SHANGHAI).strftime("%H:%M")


def ago(value: dt.datetime | None, now: dt.datetime | None = None) -> str:
    """How long ago, as people say it: 刚刚 · 5 分钟前 · 今天 10:32 · 昨天 16:05 · 11-20 09:00 · 2025-12-31."""
    if value is None:
        return "—"
    at = now or utc_now()
    minutes = int((at - value).total_seconds() // 60)
    today, then = shanghai_day(at), shanghai_day(value)
    if 0 <= minutes < 1:
        return tr("刚刚")
    if 1 <= minutes < 60:
        return tr("{n} 分钟前", n=minutes)
    if then == today:
        return tr("今天 {clock}", clock=clock(value))
    if (today - then).days == 1:
        return tr("昨天 {clock}", clock=clock(value))
    if then.year == today.year:
        return value.astimezone(SHANGHAI).strftime("%m-%d %H:%M")
    return then.isoformat()


def due(value: dt.date | None, today: dt.date) -> tuple[str, str]:
    """A due day as (words, tone): 逾期 3 天 bad · 今天 amber · 明天 · 周五 within a week · 12-04."""
    if value is None:
        return "", "neutral"
    days = (value - today).days
    if days < 0:
        return tr("逾期 {n} 天", n=-days), "bad"
    if days == 0:
        return tr("今天"), "amber"
    if days == 1:
        return tr("明天"), "neutral"
    if days < 7:
        return weekday(value), "neutral"
    return (value.strftime("%m-%d") if value.year == today.year else value.isoformat()), "neutral"


def size(count: int) -> str:
    """Bytes as 512 B · 34.5 KB · 2.1 MB."""
    value = Decimal(count)
    for unit in ("B", "KB", "MB"):
        if value < 1024 or unit == "MB":
            return number(value, unit, 0 if unit == "B" else 1)
        value /= 1024
    return ""
