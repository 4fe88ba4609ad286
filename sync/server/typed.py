"""Writing the product's typed rows in batches: one statement a kind and group, whatever the number of rows.

PostgreSQL takes columns in its binary form (sync.server.binary), or, of kinds with columns of its own or a type without such a form, one
JSON parameter (json_populate_recordset); SQLite takes tuples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Column, Connection, Dialect, Table
from sqlalchemy.types import JSON, LargeBinary, TypeDecorator

from sync import codec
from sync.kinds import KEY, SEQ, SyncKind
from sync.server import binary
from sync.server.binary import Cells, Form
from sync.server.values import defaults

_encode = msgspec.json.Encoder().encode
_CHUNK_BYTES = 32 * 1024 * 1024

# id, seq, wire values of the row, Python values of the synced columns where somebody has made them already
Row = tuple[bytes, int, Mapping[str, Any], Mapping[str, Any] | None]


def insert(connection: Connection, kind: SyncKind, rows: Sequence[Row]) -> None:
    """New rows. Local columns are filled in by the kind."""
    if connection.dialect.name == "postgresql" and (forms := _forms(kind)) is not None:
        try:
            cells = _cells(kind, forms, rows)
        except binary.Unsayable:
            pass
        else:
            names = ", ".join(_quoted(kind.table, _synced(kind)))
            binary.insert(connection, _table(kind.table), names, forms, cells)
            return
    values = [_row(kind, row) for row in rows]
    if kind.local:
        _fill_local(connection, kind, values)
    columns = tuple(kind.table.columns.keys()) if kind.local else _synced(kind)
    names = ", ".join(_quoted(kind.table, columns))
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(columns))
        sql = f"INSERT INTO {_table(kind.table)} ({names}) VALUES ({marks})"
        connection.exec_driver_sql(sql, _tuples(connection.dialect, kind.table, columns, values))
        return
    sql = (
        f"INSERT INTO {_table(kind.table)} ({names}) SELECT {names} "
        f"FROM json_populate_recordset(NULL::{_table(kind.table)}, %s::json)"
    )
    _json(connection, sql, kind.table, columns, values)


def update(connection: Connection, kind: SyncKind, rows: Sequence[Row]) -> None:
    """Rows that are there, whole; local columns stay as they are."""
    columns = _synced(kind)
    quoted = dict(zip(columns, _quoted(kind.table, columns), strict=True))
    key = quoted.pop(KEY)
    if connection.dialect.name == "sqlite":
        sets = ", ".join(f"{name} = ?" for name in quoted.values())
        sql = f"UPDATE {_table(kind.table)} SET {sets} WHERE {key} = ?"
        order = (*quoted, KEY)
        values = [_row(kind, row) for row in rows]
        connection.exec_driver_sql(sql, _tuples(connection.dialect, kind.table, order, values))
        return
    sets = ", ".join(f"{name} = source.{name}" for name in quoted.values())
    update = f"UPDATE {_table(kind.table)} AS target SET {sets} FROM"
    where = f"WHERE target.{key} = source.{key}"
    forms = _forms(kind)
    if forms is not None:
        try:
            cells = _cells(kind, forms, rows)
        except binary.Unsayable:
            pass
        else:
            given = ", ".join(f"%b::{form.name}[]" for form in forms)
            sql = f"{update} unnest({given}) AS source ({', '.join((key, *quoted.values()))}) {where}"
            connection.exec_driver_sql(sql, binary.arrays(forms, cells))
            return
    sql = f"{update} json_populate_recordset(NULL::{_table(kind.table)}, %s::json) AS source {where}"
    _json(connection, sql, kind.table, columns, [_row(kind, row) for row in rows])


def delete(connection: Connection, kind: SyncKind, ids: Sequence[UUID]) -> None:
    """Rows that leave the database."""
    key = _quoted(kind.table, (KEY,))[0]
    if connection.dialect.name == "sqlite":
        bind = _binders(connection.dialect, kind.table, (KEY,))[0]
        sql = f"DELETE FROM {_table(kind.table)} WHERE {key} = ?"
        connection.exec_driver_sql(sql, [(bind(one) if bind else one,) for one in ids])
    else:
        sql = f"DELETE FROM {_table(kind.table)} WHERE {key} = ANY(%s)"
        connection.exec_driver_sql(sql, (list(ids),))
    if kind.mend is not None:
        kind.mend(connection)


def _row(kind: SyncKind, row: Row) -> dict[str, Any]:
    key, seq, fields, python = row
    made = {**(python if python is not None else python_values(kind, fields)), KEY: UUID(bytes=key)}
    if kind.numbered:
        made[SEQ] = seq
    return made


def python_values(kind: SyncKind, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Python values of every column of a row; columns that an older client does not know have their default."""
    found = codec.from_wire(kind, fields)
    if len(found) < len(kind.columns):
        lacking = {name: value for name, value in defaults(kind).items() if name not in found}
        found.update(codec.from_wire(kind, lacking))
    return found


def _fill_local(connection: Connection, kind: SyncKind, values: list[dict[str, Any]]) -> None:
    for name in kind.local:
        default = kind.table.columns[name].default
        value = default.arg if default is not None and default.is_scalar else None  # type: ignore[attr-defined]
        for row in values:
            row.setdefault(name, value)
    if kind.fill is not None:
        kind.fill(connection, values)


@lru_cache(maxsize=256)
def _synced(kind: SyncKind) -> tuple[str, ...]:
    return (KEY, *kind.columns, *((SEQ,) if kind.numbered else ()))


@lru_cache(maxsize=256)
def _table(table: Table) -> str:
    return '"' + table.name.replace('"', '""') + '"'


@lru_cache(maxsize=512)
def _quoted(table: Table, columns: tuple[str, ...]) -> tuple[str, ...]:
    return tuple('"' + table.columns[name].name.replace('"', '""').replace("%", "%%") + '"' for name in columns)


# --- SQLite -------------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=512)
def _binders(dialect: Dialect, table: Table, columns: tuple[str, ...]) -> tuple[Callable[[Any], Any] | None, ...]:
    return tuple(table.columns[n].type.dialect_impl(dialect).bind_processor(dialect) for n in columns)


def _tuples(
    dialect: Dialect, table: Table, columns: tuple[str, ...], values: Iterable[Mapping[str, Any]]
) -> list[tuple[Any, ...]]:
    binders = list(zip(columns, _binders(dialect, table, columns), strict=True))
    return [
        tuple(
            None if (value := row[name]) is None else value if bind is None else bind(value) for name, bind in binders
        )
        for row in values
    ]


# --- PostgreSQL, binary -------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _forms(kind: SyncKind) -> tuple[Form, ...] | None:
    """The forms of the synced columns; None where the row must go as JSON."""
    if kind.local:
        return None
    found = [binary.form_of(kind.table.columns[name].type) for name in _synced(kind)]
    return None if None in found else tuple(form for form in found if form is not None)


def _cells(kind: SyncKind, forms: Sequence[Form], rows: Sequence[Row]) -> list[Cells]:
    """ROWS as columns of cells. Raises Unsayable."""
    keys, seqs, fields, _ = zip(*rows, strict=True)
    columns: list[Sequence[Any]] = [keys]
    for name in kind.columns:
        try:
            columns.append([row[name] for row in fields])
        except KeyError:
            default = defaults(kind)[name]
            columns.append([row.get(name, default) for row in fields])
    if kind.numbered:
        columns.append(seqs)
    return [binary.cells(form, column) for form, column in zip(forms, columns, strict=True)]


# --- PostgreSQL, JSON ---------------------------------------------------------------------------------------------------------------


def _hex(value: bytes) -> str:
    return "\\x" + bytes(value).hex()


@lru_cache(maxsize=512)
def _renderers(table: Table, columns: tuple[str, ...]) -> tuple[tuple[str, Callable[[Any], Any]], ...]:
    """The columns whose Python values JSON cannot say as PostgreSQL wants them."""
    found: list[tuple[str, Callable[[Any], Any]]] = []
    for name in columns:
        column: Column[Any] = table.columns[name]
        kind = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
        if isinstance(kind, LargeBinary):
            found.append((name, _hex))
        elif isinstance(column.type, TypeDecorator) and not isinstance(kind, JSON):
            to_wire = codec.coders(column)[0]
            if kind.python_type is int:
                found.append((name, to_wire))
    return tuple(found)


def _json(
    connection: Connection, sql: str, table: Table, columns: tuple[str, ...], values: list[dict[str, Any]]
) -> None:
    for name, render in _renderers(table, columns):
        for row in values:
            if row[name] is not None:
                row[name] = render(row[name])
    for body in _chunks(values):
        connection.exec_driver_sql(sql, (body,))


def _chunks(values: list[dict[str, Any]]) -> Iterable[str]:
    """JSON arrays of bounded size: PostgreSQL takes no parameter over 1 GB, and memory is not free."""
    parts: list[bytes] = []
    size = 0
    whole = _encode(values)
    if len(whole) <= _CHUNK_BYTES:
        return [whole.decode()]
    found = []
    for row in values:
        part = _encode(row)
        parts.append(part)
        size += len(part)
        if size > _CHUNK_BYTES:
            found.append("[" + b",".join(parts).decode() + "]")
            parts, size = [], 0
    if parts:
        found.append("[" + b",".join(parts).decode() + "]")
    return found
