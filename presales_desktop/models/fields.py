"""Fields of a kind, declared once: forms, validation, `presales describe`, imports and the command line read the same list."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from presales_desktop.models.errors import Problem


class FieldType(StrEnum):
    """How a value looks in a draft: text/multiline/choice `str`, integer `int`, decimal/percent `Decimal`, money `int` fen,
    date `datetime.date`, moment aware `datetime`, flag `bool`, reference `UUID`, choices a list of `str`."""

    TEXT = "text"
    MULTILINE = "multiline"
    INTEGER = "integer"
    DECIMAL = "decimal"
    PERCENT = "percent"
    MONEY = "money"
    DATE = "date"
    MOMENT = "datetime"
    FLAG = "boolean"
    CHOICE = "choice"
    CHOICES = "choices"
    REFERENCE = "reference"
    PARTS = "parts"


@dataclass(frozen=True)
class Field:
    """One field of a kind.

    Attributes:
        name: attribute in record, row and draft; its label stands in texts/<area>.py LABELS[name].
        unit: unit of a plain number ("m", "lm", "W", "K", "lx", "%"), shown after it.
        choices: allowed values of a choice; their labels stand in texts/<area>.py CHOICES[field name][value].
        target: kind that a reference points at; for parts, the kind of the parts.
        low, high: inclusive bounds of a number.
        places: decimals of a Decimal.
        read_only: computed or set by steps, never by `set`.
        restricted: right without which the field is neither shown nor accepted.
    """

    name: str
    type: FieldType
    required: bool = False
    unit: str | None = None
    choices: tuple[str, ...] = ()
    target: str | None = None
    low: Decimal | int | None = None
    high: Decimal | int | None = None
    places: int | None = None
    max_length: int | None = None
    read_only: bool = False
    restricted: str | None = None


_EXPECTED: dict[FieldType, tuple[type[Any], ...]] = {
    FieldType.TEXT: (str,),
    FieldType.MULTILINE: (str,),
    FieldType.INTEGER: (int,),
    FieldType.DECIMAL: (Decimal,),
    FieldType.PERCENT: (Decimal,),
    FieldType.MONEY: (int,),
    FieldType.DATE: (dt.date,),
    FieldType.MOMENT: (dt.datetime,),
    FieldType.FLAG: (bool,),
    FieldType.CHOICE: (str,),
    FieldType.CHOICES: (list, tuple),
    FieldType.REFERENCE: (UUID,),
    FieldType.PARTS: (list, tuple),
}


def validate(fields: Iterable[Field], draft: object, prefix: str = "") -> list[Problem]:
    """Problems of DRAFT (any object with the fields as attributes): missing, wrong type, out of bounds, unknown choice.

    Dotted PREFIX stands before the field names of parts, e.g. "contacts.0.".
    """
    problems: list[Problem] = []
    for field in fields:
        if field.read_only:
            continue
        value = getattr(draft, field.name, None)
        code, values = _check(field, value)
        if code:
            problems.append(Problem(code, prefix + field.name, values))
    return problems


def _is_empty(value: Any) -> bool:
    return (
        value is None
        or (isinstance(value, str) and not value.strip())
        or (isinstance(value, (list, tuple)) and not value)
    )


def _check(field: Field, value: Any) -> tuple[str, dict[str, object]]:
    if _is_empty(value):
        return ("field.required", {}) if field.required else ("", {})
    if not isinstance(value, _EXPECTED[field.type]) or (isinstance(value, bool) and field.type is not FieldType.FLAG):
        return "field.type", {"expected": field.type.value, "found": str(value)[:80]}
    if field.choices and field.type in (FieldType.CHOICE, FieldType.CHOICES):
        return _check_choices(field, [value] if isinstance(value, str) else list(value))
    if isinstance(value, str):
        limit = field.max_length or (20000 if field.type is FieldType.MULTILINE else 400)
        return ("field.too_long", {"limit": limit}) if len(value) > limit else ("", {})
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        return _check_number(field, value)
    return "", {}


def _check_choices(field: Field, chosen: Sequence[Any]) -> tuple[str, dict[str, object]]:
    unknown = [v for v in chosen if v not in field.choices]
    return ("field.choice", {"found": str(unknown[0]), "choices": "、".join(field.choices)}) if unknown else ("", {})


def _check_number(field: Field, value: Any) -> tuple[str, dict[str, object]]:
    if isinstance(value, Decimal):
        if not value.is_finite():
            return "field.type", {"expected": field.type.value, "found": str(value)}
        exponent = value.normalize().as_tuple().exponent
        if field.places is not None and isinstance(exponent, int) and -exponent > field.places:
            return "field.places", {"places": field.places}
    if field.low is not None and value < field.low:
        return "field.low", {"low": str(field.low)}
    if field.high is not None and value > field.high:
        return "field.high", {"high": str(field.high)}
    if abs(value) > 10**15:
        return "field.high", {"high": "10^15"}
    return "", {}
