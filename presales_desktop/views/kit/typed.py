"""Text ↔ values of fields and cells: how a value is shown while it is edited, and what typed text means for a field."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from presales_desktop.models.fields import Field, FieldType
from presales_desktop.models.parsing import add_months, parse_day, parse_flag, parse_moment, parse_money, parse_number
from presales_desktop.models.values import SHANGHAI, fen_to_yuan, plain
from presales_desktop.texts import tr

__all__ = [
    "add_months", "day_text", "group", "moment_text", "money_text", "number_text", "parse_day", "parse_flag", "parse_moment",
    "parse_money", "parse_number", "percent_is_fraction", "text_of", "value_of",
]  # fmt: skip


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
