"""Column values on the wire: small, exact, the same for every database.

uuid → 16 bytes · moment → microseconds since 1970 (int) · date → proleptic ordinal (int) · decimals of a fixed scale → int as their column
type stores them · everything else as it is (None, bool, int, float, str, bytes, lists and maps of those).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Column
from sqlalchemy.dialects import sqlite
from sqlalchemy.types import TypeDecorator

from sync.ids import uuid_of
from sync.kinds import SyncKind

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
_DIALECT = sqlite.dialect()

Coder = Callable[[Any], Any]


def _same(value: Any) -> Any:
    return value


def _moment_to(value: dt.datetime) -> int:
    return (value - _EPOCH) // _MICROSECOND


def _moment_from(value: int) -> dt.datetime:
    return _EPOCH + value * _MICROSECOND


def _uuid_to(value: UUID) -> bytes:
    return value.bytes


@lru_cache(maxsize=65_536)
def _uuid_from(value: bytes) -> UUID:
    return uuid_of(value)


@lru_cache(maxsize=2048)
def coders(column: Column[Any]) -> tuple[Coder, Coder]:
    """(to wire, from wire) of a column's Python values that are not None."""
    python = _python_type(column)
    if python is UUID:
        return _uuid_to, _uuid_from
    if python is dt.datetime:
        return _moment_to, _moment_from
    if python is dt.date:
        return dt.date.toordinal, dt.date.fromordinal
    if isinstance(column.type, TypeDecorator) and _impl_python(column) is int:
        kind = column.type
        return (
            lambda value: kind.process_bind_param(value, _DIALECT),
            lambda value: kind.process_result_value(value, _DIALECT),
        )
    return _same, _same


def _impl_python(column: Column[Any]) -> type[Any]:
    kind = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    return kind.python_type


def _python_type(column: Column[Any]) -> type[Any]:
    try:
        return _impl_python(column)
    except NotImplementedError:
        return object


@lru_cache(maxsize=256)
def _tables(kind: SyncKind) -> tuple[dict[str, Coder | None], dict[str, Coder | None]]:
    """Column → coder (None: the value is the same on both sides), to and from wire."""
    pairs = {name: coders(column) for name, column in kind.columns.items()}
    return (
        {name: None if pair[0] is _same else pair[0] for name, pair in pairs.items()},
        {name: None if pair[1] is _same else pair[1] for name, pair in pairs.items()},
    )


def to_wire(kind: SyncKind, values: Mapping[str, Any]) -> dict[str, Any]:
    """Wire values of some columns of a row."""
    table = _tables(kind)[0]
    found: dict[str, Any] = {}
    for name, value in values.items():
        code = table[name]
        found[name] = value if code is None or value is None else code(value)
    return found


def from_wire(kind: SyncKind, values: Mapping[str, Any]) -> dict[str, Any]:
    """Python values of the columns that this program knows; fields of a newer client are left out.

    Raises ValueError, TypeError or OverflowError for a value that the column cannot hold.
    """
    table = _tables(kind)[1]
    found: dict[str, Any] = {}
    for name, value in values.items():
        if name in table:
            code = table[name]
            found[name] = value if code is None or value is None else code(value)
    return found
