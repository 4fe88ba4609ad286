"""Between drafts and plain data: what the command line and JSON files say, and what rows look like as JSON.

Money is {"fen": 128000, "currency": "CNY"} under the field's name without `_fen`; decimals are strings, moments RFC 3339.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, is_dataclass
from dataclasses import fields as dataclass_fields
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Any, get_args, get_type_hints
from uuid import UUID

from presales_desktop.models.errors import InputError, NotFound, Problem, ValidationError
from presales_desktop.models.fields import Field, FieldType
from presales_desktop.models.values import CURRENCY, money, plain, yuan_to_fen
from presales_desktop.services import registry
from presales_desktop.services.kinds import Kind
from presales_desktop.services.work import Work
from presales_desktop.texts.core import tr_in
from presales_desktop.texts.lookup import chinese_choices, part_kind

HIDDEN = frozenset({"name_key", "phone_key", "frozen"})
_TRUE = frozenset({"true", "1", "yes", "y", "是", "真"})
_FALSE = frozenset({"false", "0", "no", "n", "否", "假"})


def outer_name(field: Field) -> str:
    """The field's name outside: money without its unit suffix."""
    return field.name.removesuffix("_fen") if field.type is FieldType.MONEY else field.name


def to_plain(value: Any, currency: str = CURRENCY) -> Any:
    """Rows and drafts as JSON-ready data."""
    if value is None or (isinstance(value, (bool, int, float)) and not isinstance(value, Enum)):
        return value
    if is_dataclass(value) and not isinstance(value, type):
        own = getattr(value, "currency", None) or currency
        pairs = ((f.name, getattr(value, f.name)) for f in dataclass_fields(value) if f.name not in HIDDEN)
        return {_out(name, item): _item(name, item, own) for name, item in pairs}
    if isinstance(value, Mapping):
        return {
            str(k): _item(str(k), v, currency) if isinstance(k, str) else to_plain(v, currency)
            for k, v in value.items()
        }
    if isinstance(value, (list, tuple, set, frozenset)):
        return [to_plain(item, currency) for item in value]
    return _scalar(value)


def whole(kind: Kind, shown: Any) -> dict[str, Any]:
    """A record as `show` answered it: fields at the top (never inside "draft"), declared decimals as strings."""
    found: dict[str, Any] = to_plain(shown)
    draft = found.pop("draft", None)
    if isinstance(draft, dict):
        own = {k: v for k, v in draft.items() if k not in ("base_version", "known")}
        found = own | {k: v for k, v in found.items() if v is not None or k not in own}
    _exact(kind.fields, found)
    for name, fields in kind.parts.items():
        for part in found.get(name) or ():
            if isinstance(part, dict):
                _exact(fields, part)
    return found


def _exact(fields: Iterable[Field], found: dict[str, Any]) -> None:
    """Floats of fields that are declared as decimals become strings, in place."""
    for field in fields:
        value = found.get(field.name)
        if isinstance(value, float) and field.type in (FieldType.DECIMAL, FieldType.PERCENT):
            found[field.name] = plain(Decimal(repr(value)))


def _out(name: str, item: Any) -> str:
    return name.removesuffix("_fen") if name.endswith("_fen") and (item is None or isinstance(item, int)) else name


def _item(name: str, item: Any, currency: str) -> Any:
    if name.endswith("_fen") and isinstance(item, int) and not isinstance(item, bool):
        return money(item, currency)
    return to_plain(item, currency)


def _scalar(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dt.datetime):
        return value.isoformat()
    if isinstance(value, (dt.date, UUID)):
        return str(value) if isinstance(value, UUID) else value.isoformat()
    if isinstance(value, bytes):
        return f"<{len(value)} bytes>"
    return str(value)


def parse(work: Work, field: Field, value: Any, prefix: str = "") -> Any:
    """VALUE (text of the command line or JSON) as the draft's type. Raises ValidationError field.type at PREFIX + field."""
    if value is None or value == "":
        return "" if field.type in (FieldType.TEXT, FieldType.MULTILINE, FieldType.CHOICE) else None
    try:
        return _parsed(work, field, value)
    except (ValueError, TypeError, InvalidOperation, KeyError):
        raise ValidationError(
            [Problem("field.type", prefix + field.name, {"expected": field.type.value, "found": str(value)[:80]})]
        ) from None


def _parsed(work: Work, field: Field, value: Any) -> Any:
    if field.type is FieldType.REFERENCE:
        return _reference(work, field.target or "", str(value))
    read = _READERS[field.type](value)
    if field.type is FieldType.PERCENT and field.unit != "%" and str(value).strip().endswith("%"):
        # The field holds a fraction: 0.05 is shown as 5 %, and "5%" means the same.
        return read / 100
    return read


def _reference(work: Work, target: str, text: str) -> UUID:
    """An id from a UUID, the number people use, or a variant's order number."""
    if target in registry.AREAS:
        return registry.kind(target).resolve(work, text)
    try:
        return UUID(text)
    except ValueError:
        if target != "variant":
            raise
    from presales_desktop.services import catalogue

    found = catalogue.match_variant(work, text)
    if found is None:
        raise NotFound("record.not_found", kind="product", id=text)
    return found.variant_id


def _money_text(value: Any) -> str:
    if isinstance(value, (Mapping, list, bool, float)):
        raise TypeError
    return str(value)


def _integer(value: Any) -> int:
    if isinstance(value, (bool, float)):
        raise TypeError
    return int(value)


def _decimal(value: Any) -> Decimal:
    if isinstance(value, bool):
        raise TypeError
    found = Decimal(str(value).strip().removesuffix("%"))
    if not found.is_finite():
        raise ValueError
    return found


def _flag(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    text = str(value).strip().lower()
    if text not in _TRUE | _FALSE:
        raise ValueError
    return text in _TRUE


def _text(value: Any) -> str:
    if not isinstance(value, (str, int, float)) or isinstance(value, bool):
        raise TypeError
    return str(value)


def _money(value: Any) -> int:
    if isinstance(value, Mapping) and isinstance(value["fen"], int) and not isinstance(value["fen"], bool):
        return value["fen"]
    return yuan_to_fen(_money_text(value))


def _moment(value: Any) -> dt.datetime:
    moment = dt.datetime.fromisoformat(str(value))
    if moment.tzinfo is None:
        raise ValueError
    return moment


def _choices(value: Any) -> list[str]:
    if isinstance(value, list):
        return [_text(v) for v in value]
    return [v.strip() for v in _text(value).split(",") if v.strip()]


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError
    return value


_READERS: dict[FieldType, Callable[[Any], Any]] = {
    FieldType.TEXT: _text,
    FieldType.MULTILINE: _text,
    FieldType.CHOICE: _text,
    FieldType.INTEGER: _integer,
    FieldType.DECIMAL: _decimal,
    FieldType.PERCENT: _decimal,
    FieldType.MONEY: _money,
    FieldType.DATE: lambda value: dt.date.fromisoformat(str(value)),
    FieldType.MOMENT: _moment,
    FieldType.FLAG: _flag,
    FieldType.CHOICES: _choices,
    FieldType.PARTS: _list,
}


def fill(work: Work, kind: Kind, draft: Any, values: Mapping[str, Any]) -> None:
    """Put VALUES (by outer or plain field names) into DRAFT; parts replace the parts that were there. A choice may be given by
    its value or by its word in either language.

    Raises ValidationError field.unknown, field.read_only, field.type.
    """
    _fill(work, kind.name, kind.fields, kind.parts, draft, values, "")


def _fill(
    work: Work,
    kind: str,
    fields: Iterable[Field],
    parts: Mapping[str, tuple[Field, ...]],
    draft: Any,
    values: Mapping[str, Any],
    prefix: str,
) -> None:
    by_name: dict[str, Field] = {}
    for field in fields:
        for name in (field.name, outer_name(field), field.name.removesuffix("_id")):
            by_name.setdefault(name, field)
    for name, value in values.items():
        if name in parts:
            own = part_kind(kind, name)
            setattr(draft, name, _parts(work, own, parts[name], draft, name, value, f"{prefix}{name}"))
            continue
        if name in ("id", "version", "base_version"):
            continue
        found = by_name.get(name)
        if found is None:
            known = "、".join([*dict.fromkeys(outer_name(f) for f in by_name.values() if not f.read_only), *parts])
            raise ValidationError([Problem("field.unknown", None, {"name": prefix + name, "known": known})])
        if found.read_only:
            raise ValidationError([Problem("field.read_only", prefix + found.name, {})])
        given = parse(work, found, _chosen(kind, found, value), prefix)
        if given is None and not found.required:
            given = _emptied(draft, found.name)
        setattr(draft, found.name, given)


def _emptied(draft: Any, name: str) -> Any:
    """What "nothing" is for a field of the draft: None where its type allows it, else what a new draft begins with."""
    if type(None) in get_args(get_type_hints(type(draft))[name]):
        return None
    own = next(f for f in dataclass_fields(draft) if f.name == name)
    if own.default_factory is not MISSING:
        return own.default_factory()
    return None if own.default is MISSING else own.default


def _chosen(kind: str, field: Field, value: Any) -> Any:
    """The value of a choice whose word was given; anything else as it is."""
    if field.type is not FieldType.CHOICE or not isinstance(value, str):
        return value
    return chosen(kind, field.name, value)


def chosen(kind: str, name: str, value: str) -> str:
    """The value of a choice whose word was given in Chinese or English; anything else as it is."""
    words = chinese_choices(kind, name)
    wanted = value.strip().casefold()
    if value in words or not wanted:
        return value
    found = (k for k, word in words.items() if k and wanted in (word.casefold(), tr_in("en", word).casefold()))
    return next(found, value)


def _parts(
    work: Work, kind: str, fields: tuple[Field, ...], draft: Any, name: str, value: Any, prefix: str
) -> list[Any]:
    if not isinstance(value, list) or not all(isinstance(v, Mapping) for v in value):
        raise ValidationError([Problem("field.type", prefix, {"expected": "parts", "found": str(value)[:80]})])
    part_type = get_args(get_type_hints(type(draft))[name])[0]
    made = []
    for i, item in enumerate(value):
        part = part_type()
        _fill(work, kind, fields, {}, part, item, f"{prefix}.{i}.")
        if "id" in item and hasattr(part, "id") and item["id"]:
            part.id = UUID(str(item["id"]))
        made.append(part)
    return made


def read_pairs(pairs: Iterable[str]) -> dict[str, str]:
    """["name=王敏", …] → dict. Raises InputError usage.bad_pair."""
    found: dict[str, str] = {}
    for pair in pairs:
        name, mark, value = pair.partition("=")
        if not mark or not name.strip():
            raise InputError("usage.bad_pair", found=pair)
        found[name.strip()] = value
    return found
