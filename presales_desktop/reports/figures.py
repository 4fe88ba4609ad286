"""How figures are written on paper, the same in every document."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal

from presales_desktop.models.values import CURRENCY, SHANGHAI, currency_symbol, fen_to_yuan, plain


def money(fen: int | None, currency: str = CURRENCY) -> str:
    """¥12,800.00, US$1,800.00; nothing for None."""
    if fen is None:
        return ""
    sign = "-" if fen < 0 else ""
    return f"{sign}{currency_symbol(currency)}{fen_to_yuan(abs(fen)):,.2f}"


def quantity(value: Decimal) -> str:
    """12, 2.5, 1,200: as short as exact."""
    whole, _, part = plain(value).partition(".")
    return f"{int(whole):,}" + (f".{part}" if part else "")


def percent(value: Decimal | None, places: int = 2) -> str:
    """A fraction as a percentage: 0.125 → 12.5%."""
    if value is None:
        return ""
    rounded = (value * 100).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return f"{plain(rounded)}%"


def day(value: dt.date | None) -> str:
    """2026-11-23."""
    return value.isoformat() if value else ""


def moment(value: dt.datetime | None) -> str:
    """2026-11-23 10:05, Chinese time."""
    return f"{value.astimezone(SHANGHAI):%Y-%m-%d %H:%M}" if value else ""
