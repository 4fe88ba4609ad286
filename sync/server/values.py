"""What a column may hold, asked of every wire value before it is merged: hostile and broken clients are refused with kind and field."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import BigInteger, Column, SmallInteger
from sqlalchemy.types import TypeDecorator

from sync import codec
from sync.kinds import KEY, SEQ, SyncKind
from sync.wire import Change, Refusal

MAX_NAME = 63
MAX_DEPTH = 32
_MAX_MICROSECONDS = 253_402_300_799_999_999  # end of the year 9999
_MIN_MICROSECONDS = -62_135_596_800_000_000
_MAX_ORDINAL = 3_652_059

Check = Callable[[Any], bool]


def _is_json(value: Any, depth: int = 0) -> bool:
    if value is None or isinstance(value, (bool, int)):
        return True
    if isinstance(value, str):
        return "\0" not in value
    if isinstance(value, float):
        return math.isfinite(value)
    if depth >= MAX_DEPTH:
        return False
    if isinstance(value, list):
        return all(_is_json(member, depth + 1) for member in value)
    if isinstance(value, dict):
        return all(isinstance(name, str) and "\0" not in name and _is_json(v, depth + 1) for name, v in value.items())
    return False


def _is_uuid(value: Any) -> bool:
    return isinstance(value, bytes) and len(value) == 16


def _is_moment(value: Any) -> bool:
    return type(value) is int and _MIN_MICROSECONDS <= value <= _MAX_MICROSECONDS


def _is_date(value: Any) -> bool:
    return type(value) is int and 1 <= value <= _MAX_ORDINAL


def _is_bool(value: Any) -> bool:
    return isinstance(value, bool)


def _is_float(value: Any) -> bool:
    return (type(value) is int and abs(value) < 1 << 53) or (isinstance(value, float) and math.isfinite(value))


def _is_bytes(value: Any) -> bool:
    return isinstance(value, bytes)


# Checks of whole columns whose values are all of one type.
_COLUMNS: dict[Check, tuple[type[Any], Callable[[list[Any]], bool]]] = {
    _is_uuid: (bytes, lambda values: set(map(len, values)) == {16}),
    _is_moment: (int, lambda values: min(values) >= _MIN_MICROSECONDS and max(values) <= _MAX_MICROSECONDS),
    _is_date: (int, lambda values: min(values) >= 1 and max(values) <= _MAX_ORDINAL),
    _is_bool: (bool, lambda values: True),
    _is_float: (float, lambda values: all(map(math.isfinite, values))),
    _is_bytes: (bytes, lambda values: True),
}


def _integer(bits: int) -> Check:
    top = 1 << (bits - 1)

    def check(value: Any) -> bool:
        return type(value) is int and -top <= value < top

    _COLUMNS[check] = int, lambda values: -top <= min(values) and max(values) < top
    return check


def _text(length: int | None) -> Check:
    def check(value: Any) -> bool:
        return isinstance(value, str) and "\0" not in value and (length is None or len(value) <= length)

    def column(values: list[str]) -> bool:
        return "\0" not in "".join(values) and (length is None or max(map(len, values)) <= length)

    _COLUMNS[check] = str, column
    return check


def _unknown(value: Any) -> bool:
    return isinstance(value, bytes) or _is_json(value)


def _plain_check(column: Column[Any]) -> Check:
    wire = {"UUID": _is_uuid, "datetime": _is_moment, "date": _is_date, "bool": _is_bool, "float": _is_float}
    kind = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    try:
        python = kind.python_type
    except NotImplementedError:
        return _is_json
    if python in (dict, list):
        return _is_json
    if python is bytes:
        return _is_bytes
    if python is str:
        return _text(getattr(kind, "length", None))
    if python is int:
        return _integer(64 if isinstance(kind, BigInteger) else 16 if isinstance(kind, SmallInteger) else 32)
    return wire.get(python.__name__, _unknown)


@lru_cache(maxsize=2048)
def check_of(column: Column[Any]) -> Check:
    """Whether a wire value that is not None fits COLUMN."""
    return _plain_check(column)


@lru_cache(maxsize=256)
def checks(kind: SyncKind) -> dict[str, tuple[Check, bool]]:
    """Column → (check, whether it may be None)."""
    return {name: (check_of(column), bool(column.nullable)) for name, column in kind.columns.items()}


@lru_cache(maxsize=256)
def defaults(kind: SyncKind) -> dict[str, Any]:
    """Wire values that a row has in columns which an older client does not know."""
    found: dict[str, Any] = {}
    for name, column in kind.columns.items():
        value: Any = None
        default = column.default
        if default is not None and default.is_scalar:
            value = default.arg  # type: ignore[attr-defined]
        elif default is not None and default.is_callable:
            value = default.arg(None)  # type: ignore[attr-defined]
        found[name] = None if value is None else codec.coders(column)[0](value)
    return found


@lru_cache(maxsize=256)
def _no_fields(kind: SyncKind) -> frozenset[str]:
    return frozenset({KEY, SEQ}) | kind.local


def refusals(kind: SyncKind, change: Change) -> list[Refusal]:
    """Why CHANGE cannot be taken as it stands: sync.id, sync.field, sync.required, sync.value."""
    if len(change.id) != 16:
        return [Refusal("sync.id", change.kind, b"", "id")]
    found: list[Refusal] = []
    known = checks(kind)
    never = _no_fields(kind)
    for name, value in change.fields.items():
        rule = known.get(name)
        if rule is None:
            if name in never or not name.isidentifier() or len(name) > MAX_NAME:
                found.append(Refusal("sync.field", change.kind, change.id, name[:MAX_NAME]))
            elif not _unknown(value):
                found.append(Refusal("sync.value", change.kind, change.id, name))
        elif value is None:
            if not rule[1]:
                found.append(Refusal("sync.required", change.kind, change.id, name))
        elif not rule[0](value) and not _says_origin(kind, name, value, rule[0]):
            found.append(Refusal("sync.value", change.kind, change.id, name))
    return found


_FEW = 4  # changes up to here are asked one by one


def sound(kind: SyncKind, changes: Sequence[Change]) -> bool:
    """Whether `refusals` would find nothing in CHANGES, all of which name the same fields: asked by columns, for the many that are well.

    False when they must be asked one by one.
    """
    if len(changes) <= _FEW or any(len(change.id) != 16 for change in changes):
        return False
    known = checks(kind)
    for name in changes[0].fields:
        rule = known.get(name)
        if rule is None or not _sound(rule[0], rule[1], [change.fields[name] for change in changes]):
            return False
    return True


def _sound(check: Check, nullable: bool, values: list[Any]) -> bool:
    kinds = set(map(type, values))
    if type(None) in kinds:
        if not nullable:
            return False
        values = [value for value in values if value is not None]
        kinds.discard(type(None))
        if not values:
            return True
    if len(kinds) == 1:
        of = _COLUMNS.get(check)
        if of is not None:
            return kinds == {of[0]} and of[1](values)
    return all(map(check, values))


def _says_origin(kind: SyncKind, name: str, value: Any, check: Check) -> bool:
    """Whether VALUE is a set or text change (sync.merge.set_change, text_change)."""
    how = kind.merge_class(name)
    if how == "text" and isinstance(value, dict) and value.keys() == {"from", "to"}:
        return check(value["from"]) and check(value["to"])
    return False


@lru_cache(maxsize=256)
def required(kind: SyncKind) -> tuple[str, ...]:
    """Columns that a new row must come with: not nullable, and not the server's to fill."""
    return tuple(n for n, (_, nullable) in checks(kind).items() if not nullable and kind.merge_class(n) != "stamp")


@lru_cache(maxsize=256)
def stamps(kind: SyncKind) -> frozenset[str]:
    """Columns that the server keeps."""
    return frozenset(name for name in kind.columns if kind.merge_class(name) == "stamp")


@lru_cache(maxsize=256)
def names(kind: SyncKind) -> frozenset[str]:
    """All synced columns."""
    return frozenset(kind.columns)
