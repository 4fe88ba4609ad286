"""Exact values: money in integer fen, Decimal quantities, days and moments. No float touches an amount."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any, Final
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")
CURRENCY = "CNY"
_SYMBOLS = {"CNY": "¥", "USD": "US$", "EUR": "€", "GBP": "£", "HKD": "HK$", "SGD": "S$", "AUD": "A$"}


def currency_symbol(currency: str) -> str:
    """What stands before an amount: ¥, US$; the code and a space where there is none."""
    return _SYMBOLS.get(currency, f"{currency} ")


def utc_now() -> dt.datetime:
    """The default clock; services take theirs from the unit of work."""
    return dt.datetime.now(dt.UTC)


def round_fen(value: Decimal) -> int:
    """VALUE in fen rounded half up to a whole fen (the habit of Chinese invoices)."""
    return int(value.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def yuan_to_fen(text: str | Decimal | int) -> int:
    """Yuan as text ("1,280.00", "¥12") or Decimal to fen. Raises ValueError for text, fractions of a fen, NaN, infinity."""
    raw = str(text).strip().replace(",", "").replace("，", "").removeprefix("¥").removeprefix("￥").strip()
    try:
        amount = Decimal(raw) * 100
    except InvalidOperation:
        raise ValueError(str(text)) from None
    if not amount.is_finite() or amount != amount.to_integral_value() or abs(amount) > 10**15:
        raise ValueError(str(text))
    return int(amount)


def fen_to_yuan(fen: int) -> Decimal:
    """Fen to yuan with two places."""
    return Decimal(fen).scaleb(-2)


def money(fen: int | None, currency: str = CURRENCY) -> dict[str, Any] | None:
    """The JSON shape of an amount: {"fen": 128000, "currency": "CNY"}."""
    return None if fen is None else {"fen": fen, "currency": currency}


_EAST: Final = dt.timedelta(hours=8)
_LAST_SUMMER_TIME: Final = 1991


def shanghai_day(moment: dt.datetime) -> dt.date:
    """The Chinese calendar day of a moment."""
    # What the database gives is UTC, and asked for by the ten thousand. China's last summer time was in 1991.
    if moment.tzinfo is dt.UTC and moment.year > _LAST_SUMMER_TIME:
        return (moment + _EAST).date()
    return moment.astimezone(SHANGHAI).date()


def plain(value: Decimal) -> str:
    """The shortest exact decimal text, never with an exponent: 1.50 → "1.5"."""
    text = format(value.normalize(), "f")
    return "0" if text in ("-0", "") else text
