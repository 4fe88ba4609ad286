"""Columns of wire values in PostgreSQL's own binary form: as COPY streams and as arrays, made by loops in C.

A cell is its length (four bytes) and its bytes; a COPY row is cells side by side, an array is cells one after the other. Whatever a column
cannot be said in raises Unsayable: the caller takes the slow way, on which the database itself says what is wrong.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain, repeat
from typing import Any

import msgspec
import psycopg
from psycopg.adapt import Dumper
from psycopg.pq import Format
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import (
    JSON,
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Float,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    TypeDecorator,
    TypeEngine,
    Uuid,
)

_NULL = b"\xff\xff\xff\xff"
_HEAD = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TAIL = b"\xff\xff"
_MOMENT = 946_684_800_000_000  # µs from 1970 to 2000, where PostgreSQL's time begins
_DAY = 730_120  # ordinal of 2000-01-01
# From so many rows on a COPY is worth its two more messages.
COPY_FROM = 32
# A message to PostgreSQL may have 1 GB; memory is not free.
_MOST = 64 * 1024 * 1024

_size = struct.Struct(">i").pack
_i8 = struct.Struct(">iq").pack
_i4 = struct.Struct(">ii").pack
_i2 = struct.Struct(">ih").pack
_f8 = struct.Struct(">id").pack
_YES, _NO = _size(1) + b"\1", _size(1) + b"\0"
_UUID = _size(16)
_json = msgspec.json.Encoder().encode

Cells = list[bytes]


class Unsayable(Exception):
    """A value that its column's binary form has no place for."""


class Packed(bytes):
    """A parameter that is in binary form already."""


class _PackedDumper(Dumper):
    """Passes Packed on as it is; its type is what the statement casts it to."""

    format = Format.BINARY
    oid = 0

    def dump(self, obj: bytes) -> bytes:
        return obj


psycopg.adapters.register_dumper(Packed, _PackedDumper)


@dataclass(frozen=True)
class Form:
    """How one PostgreSQL type is said. `name`: as a cast writes it; `oid`: its number in arrays; `cells`: of values none of which is None."""

    name: str
    oid: int
    cells: Callable[[Sequence[Any]], Cells]


def _uuids(values: Sequence[bytes]) -> Cells:
    if set(map(len, values)) - {16}:
        raise Unsayable
    return [_UUID + value for value in values]


def _bytes(values: Sequence[bytes]) -> Cells:
    return [_size(len(value)) + value for value in values]


def _texts(values: Sequence[str]) -> Cells:
    known = set(values)
    if len(known) * 3 < len(values):  # names, units, scopes: said once each
        made = dict(zip(known, _bytes(list(map(str.encode, known))), strict=True))
        return list(map(made.__getitem__, values))
    return _bytes(list(map(str.encode, values)))


def _longs(values: Sequence[int]) -> Cells:
    return list(map(_i8, repeat(8), values))


def _ints(values: Sequence[int]) -> Cells:
    return list(map(_i4, repeat(4), values))


def _shorts(values: Sequence[int]) -> Cells:
    return list(map(_i2, repeat(2), values))


def _floats(values: Sequence[float]) -> Cells:
    return list(map(_f8, repeat(8), values))


def _moments(values: Sequence[int]) -> Cells:
    return [_i8(8, value - _MOMENT) for value in values]


def _dates(values: Sequence[int]) -> Cells:
    return [_i4(4, value - _DAY) for value in values]


def _bools(values: Sequence[bool]) -> Cells:
    return [_YES if value else _NO for value in values]


def _jsons(values: Sequence[Any]) -> Cells:
    return _bytes(list(map(_json, values)))


LONG = Form("bigint", 20, _longs)
INT = Form("integer", 23, _ints)
TEXT = Form("text", 25, _texts)
BYTES = Form("bytea", 17, _bytes)
BOOL = Form("boolean", 16, _bools)
_SHORT = Form("smallint", 21, _shorts)
_FLOAT = Form("double precision", 701, _floats)
_ID = Form("uuid", 2950, _uuids)
_ZONED = Form("timestamptz", 1184, _moments)
_MOMENT_FORM = Form("timestamp", 1114, _moments)
_DATE = Form("date", 1082, _dates)
_JSON = Form("json", 114, _jsons)


@lru_cache(maxsize=512)
def form_of(type_: TypeEngine[Any]) -> Form | None:
    """The form of a column's wire values (sync.codec); None for a type that this module does not know."""
    kind: Any = type_.impl_instance if isinstance(type_, TypeDecorator) else type_
    if isinstance(kind, DateTime):
        return _ZONED if kind.timezone else _MOMENT_FORM
    found: tuple[tuple[type[Any], Form], ...] = (
        (Uuid, _ID),
        (SmallInteger, _SHORT),
        (BigInteger, LONG),
        (Integer, INT),
        (Boolean, BOOL),
        (Date, _DATE),
        (LargeBinary, BYTES),
        (JSON, _JSON),
    )
    for of, form in found:
        if isinstance(kind, of):
            return None if form is _JSON and type(kind) is not JSON else form
    if isinstance(kind, Float):
        return _FLOAT if kind.__visit_name__ in ("double", "DOUBLE", "double_precision", "DOUBLE_PRECISION") else None
    return TEXT if isinstance(kind, String) else None


def cells(form: Form, values: Sequence[Any]) -> Cells:
    """VALUES, any of them None, as cells. Raises Unsayable."""
    try:
        if None not in values:
            return form.cells(values)
        made = iter(form.cells([value for value in values if value is not None]))
        return [_NULL if value is None else next(made) for value in values]
    except (struct.error, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise Unsayable from error


def array(form: Form, values: Sequence[Any]) -> Packed:
    """VALUES as an array of PostgreSQL. Raises Unsayable."""
    made = cells(form, values)
    head = struct.pack(">iiIii", 1, int(_NULL in made), form.oid, len(made), 1)
    return Packed(head + b"".join(made))


def rows_of(columns: Sequence[Cells]) -> bytes:
    """Columns of cells as COPY takes them, without head and tail."""
    return b"".join(chain.from_iterable(zip(repeat(struct.pack(">h", len(columns))), *columns, strict=False)))


def insert(connection: Connection, table: str, names: str, forms: Sequence[Form], columns: Sequence[Cells]) -> None:
    """New rows given as columns of cells. TABLE, NAMES: quoted. Raises DBAPIError as any statement."""
    count = len(columns[0])
    if count >= COPY_FROM:
        _copy(connection, f"COPY {table} ({names}) FROM STDIN (FORMAT BINARY)", columns)
        return
    given = ", ".join(f"%b::{form.name}[]" for form in forms)
    sql = f"INSERT INTO {table} ({names}) SELECT * FROM unnest({given})"
    connection.exec_driver_sql(sql, arrays(forms, columns))


def arrays(forms: Sequence[Form], columns: Sequence[Cells]) -> tuple[Packed, ...]:
    """Columns of cells as arrays."""
    return tuple(
        Packed(struct.pack(">iiIii", 1, int(_NULL in made), form.oid, len(made), 1) + b"".join(made))
        for form, made in zip(forms, columns, strict=True)
    )


def _copy(connection: Connection, sql: str, columns: Sequence[Cells]) -> None:
    driver: Any = connection.connection.driver_connection
    try:
        with driver.cursor() as cursor, cursor.copy(sql) as copy:
            data = _HEAD + rows_of(columns) + _TAIL
            for at in range(0, len(data), _MOST):
                copy.write(data[at : at + _MOST])
    except psycopg.Error as error:
        raise DBAPIError.instance(sql, None, error, psycopg.Error, dialect=connection.dialect) from error
