"""Rows of the typed tables in SQLite's own values ↔ wire values, without the ORM: a first load is a hundred thousand rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Connection, Dialect, Integer
from sqlalchemy.types import JSON, TypeDecorator

from sync import codec
from sync.client.raw import run, scalar
from sync.kinds import KEY, SEQ, SyncKind

Value = Callable[[Any], Any]
CHUNK = 400  # ids in one IN list; far below SQLite's limit of variables

_EPOCH = dt.datetime(1970, 1, 1)  # noqa: DTZ001 - SQLite holds UTC without a zone
_PLAIN = {"int": (int,), "float": (float, int), "str": (str,), "bool": (bool,), "bytes": (bytes,)}


def hex_id(row_id: bytes) -> str:
    """A row's id as SQLAlchemy stores a UUID in SQLite."""
    return bytes(row_id).hex()


@lru_cache(maxsize=65536)
def _second_raw(second: int) -> str:
    return (_EPOCH + dt.timedelta(seconds=second)).isoformat(" ", "seconds")


def _moment_raw(moment: int) -> str:
    second, fraction = divmod(moment, 1_000_000)
    return f"{_second_raw(second)}.{fraction:06d}"


@lru_cache(maxsize=65536)
def _moment_wire(value: str) -> int:
    return (dt.datetime.fromisoformat(value) - _EPOCH) // dt.timedelta(microseconds=1)


def _uuid_raw(given: bytes) -> str:
    if len(given) != 16:
        raise ValueError("an id has 16 bytes")
    return bytes.hex(given)


@lru_cache(maxsize=4096)
def _date_raw(value: int) -> str:
    return dt.date.fromordinal(value).isoformat()


def _date_wire(value: str) -> int:
    return dt.date.fromisoformat(value).toordinal()


def _python_type(column: Column[Any]) -> type[Any]:
    kind = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    try:
        return kind.python_type
    except NotImplementedError:
        return object


class TypedColumn:
    """How one column's wire values become SQLite's and back."""

    def __init__(self, column: Column[Any], dialect: Dialect) -> None:
        self.name = column.name
        self.nullable = bool(column.nullable)
        self.json = isinstance(column.type, JSON)
        self.check: tuple[type[Any], ...] = ()
        self.to_raw: Value | None = None
        self.to_wire: Value | None = None
        python = _python_type(column)
        decorated = isinstance(column.type, TypeDecorator)
        if python is UUID:
            self.to_raw, self.to_wire, self.check = _uuid_raw, bytes.fromhex, (bytes,)
        elif python is dt.datetime:
            self.to_raw, self.to_wire, self.check = _moment_raw, _moment_wire, (int,)
        elif python is dt.date:
            self.to_raw, self.to_wire, self.check = _date_raw, _date_wire, (int,)
        elif decorated and python is int:
            self.check = (int,)  # the wire value is what the database holds
        elif python is bool:
            self.to_raw, self.to_wire, self.check = int, bool, (bool,)
        elif python.__name__ in _PLAIN and not decorated and not self.json:
            self.check = _PLAIN[python.__name__]
        else:
            self._generic(column, dialect)
        self.default = self._default(column)

    def _generic(self, column: Column[Any], dialect: Dialect) -> None:
        bind = column.type.bind_processor(dialect)
        result = column.type.result_processor(dialect, None)
        to_wire, from_wire = codec.coders(column)
        if self.json:
            self.to_raw, self.to_wire = bind, result
        else:
            self.to_raw = lambda value: bind(from_wire(value)) if bind else from_wire(value)
            self.to_wire = lambda value: to_wire(result(value) if result else value)

    def _default(self, column: Column[Any]) -> Any:
        """What a row gets that comes without this column (from an older server)."""
        if column.default is not None and column.default.is_scalar:
            value = column.default.arg  # type: ignore[attr-defined]
        elif column.default is not None and column.default.is_callable:
            value = column.default.arg(None)  # type: ignore[attr-defined]
        else:
            return None
        return None if value is None else codec.coders(column)[0](value)

    def raws(self, values: Sequence[Any]) -> Sequence[Any]:
        """A column of wire values as SQLite's. Raises TypeError, ValueError, OverflowError for what it cannot hold."""
        kinds = set(map(type, values))
        if self.check and not kinds <= {*self.check, type(None)}:
            raise TypeError(self.name)
        convert = self.to_raw
        if convert is None:
            return values
        if convert is _uuid_raw and kinds == {bytes} and set(map(len, values)) == {16}:
            return list(map(bytes.hex, values))
        if convert is _moment_raw and kinds == {int}:
            return [f"{_second_raw(moment // 1_000_000)}.{moment % 1_000_000:06d}" for moment in values]
        if self.json or type(None) not in kinds:
            return list(map(convert, values))
        return [None if value is None else convert(value) for value in values]

    def raw(self, value: Any) -> Any:
        """One wire value as SQLite's; the same errors."""
        return self.raws((value,))[0]

    def wire(self, value: Any) -> Any:
        """One of SQLite's values on the wire."""
        return value if value is None or self.to_wire is None else self.to_wire(value)


class TypedRows:
    """Reads and writes rows of one kind on a connection. Made once per kind and dialect (`typed`)."""

    def __init__(self, kind: SyncKind, dialect: Dialect) -> None:
        self.kind = kind
        quote = dialect.identifier_preparer.quote
        self._quote = quote
        self.table = dialect.identifier_preparer.format_table(kind.table)
        self.columns = {name: TypedColumn(column, dialect) for name, column in kind.columns.items()}
        self.names = tuple(self.columns)
        self.counters = tuple(
            name
            for name, column in kind.columns.items()
            if kind.merge_class(name) == "stamp" and isinstance(column.type, Integer)
        )
        self.stamps = tuple(name for name in self.names if kind.merge_class(name) == "stamp")
        seq = quote(SEQ) if kind.numbered else "0"
        listed = ", ".join([quote(KEY), *map(quote, self.names), seq])
        self._select = f"SELECT {listed} FROM {self.table} WHERE {quote(KEY)} IN "
        self.ids_sql = f"SELECT {quote(KEY)} FROM {self.table}"
        self._delete = f"DELETE FROM {self.table} WHERE {quote(KEY)} = ?"
        self._upserts: dict[tuple[tuple[str, ...], bool], str] = {}
        self._updates: dict[tuple[str, ...], str] = {}

    def read(self, connection: Connection, ids: Iterable[bytes]) -> dict[bytes, tuple[dict[str, Any], int]]:
        """Id → (wire values, sync_seq) of the rows that are there."""
        found: dict[bytes, tuple[dict[str, Any], int]] = {}
        wanted = [hex_id(row_id) for row_id in ids]
        readers = [(name, column.wire) for name, column in self.columns.items()]
        for start in range(0, len(wanted), CHUNK):
            part = wanted[start : start + CHUNK]
            marks = f"({','.join('?' * len(part))})"
            for row in run(connection, self._select + marks, tuple(part)):
                values = {name: wire(raw) for (name, wire), raw in zip(readers, row[1:-1], strict=True)}
                found[bytes.fromhex(row[0])] = (values, row[-1])
        return found

    def exists(self, connection: Connection) -> bool:
        """Whether the table holds any row."""
        return bool(scalar(connection, f"SELECT EXISTS(SELECT 1 FROM {self.table})"))

    def count(self, connection: Connection) -> int:
        """How many rows the table holds."""
        return int(scalar(connection, f"SELECT count(*) FROM {self.table}"))

    def delete(self, connection: Connection, ids: Iterable[bytes]) -> None:
        """Remove rows; those that are not there are none of our business."""
        rows = [(hex_id(row_id),) for row_id in ids]
        if rows:
            run(connection, self._delete, rows)

    def upsert(
        self,
        connection: Connection,
        ids: Sequence[bytes],
        seqs: Sequence[int],
        columns: Mapping[str, Sequence[Any]],
        *,
        fresh: bool = False,
        own_counters: bool = False,
    ) -> None:
        """Write whole rows given as columns. FRESH: the table is known to be empty. OWN_COUNTERS: counters are taken as they come.

        Raises TypeError, ValueError, OverflowError or IntegrityError; then some rows may be written already.
        """
        names = tuple(name for name in self.names if name in columns)
        total = len(ids)
        if self.kind.fill is not None:
            self._upsert_filled(connection, ids, seqs, columns)
            return
        raws = [self.columns[name].raws(columns[name]) for name in names]
        missing = [c for name, c in self.columns.items() if name not in columns and (c.default is not None or c.json)]
        raws += [[c.raw(c.default)] * total for c in missing]
        names += tuple(c.name for c in missing)
        key = (names, own_counters)
        sql = self._upserts.get(key) or self._upsert_sql(key, {c.name for c in missing})
        numbers = [seqs] if self.kind.numbered else []
        rows = list(zip(list(map(bytes.hex, ids)), *raws, *numbers, strict=True))
        if rows:
            run(connection, sql.partition(" ON CONFLICT")[0] if fresh else sql, rows)

    def _upsert_filled(
        self, connection: Connection, ids: Sequence[bytes], seqs: Sequence[int], columns: Mapping[str, Sequence[Any]]
    ) -> None:
        """Insert the rows that are not there yet with the values of their local columns; set the others."""
        assert self.kind.fill is not None
        there = self.present(connection, ids)
        made: list[dict[str, Any]] = []
        for index, row_id in enumerate(ids):
            if row_id in there:
                if not self.kind.append_only:
                    self.update(connection, row_id, {n: values[index] for n, values in columns.items()}, seqs[index])
            else:
                there.add(row_id)
                wire = {name: values[index] for name, values in columns.items()}
                for name, column in self.columns.items():
                    if name not in wire:
                        wire[name] = column.default
                numbered = {SEQ: seqs[index]} if self.kind.numbered else {}
                made.append({KEY: UUID(bytes=row_id), **numbered, **codec.from_wire(self.kind, wire)})
        if not made:
            return
        self.kind.fill(connection, made)
        names = [c.name for c in self.kind.table.columns if c.name in made[0]]
        binders = [self.kind.table.columns[name].type.bind_processor(connection.dialect) for name in names]
        rows = [tuple(b(row[n]) if b else row[n] for n, b in zip(names, binders, strict=True)) for row in made]
        listed = ", ".join(map(self._quote, names))
        sql = f"INSERT INTO {self.table} ({listed}) VALUES ({','.join('?' * len(names))})"
        run(connection, sql, rows)

    def present(self, connection: Connection, ids: Sequence[bytes]) -> set[bytes]:
        """Those of IDS that have a row."""
        found: set[bytes] = set()
        wanted = [hex_id(row_id) for row_id in ids]
        for start in range(0, len(wanted), CHUNK):
            part = wanted[start : start + CHUNK]
            sql = f"{self.ids_sql} WHERE {self._quote(KEY)} IN ({','.join('?' * len(part))})"
            found.update(bytes.fromhex(row[0]) for row in run(connection, sql, tuple(part)))
        return found

    def _upsert_sql(self, key: tuple[tuple[str, ...], bool], absent: set[str]) -> str:
        names, own_counters = key
        quote = self._quote
        listed = [KEY, *names, *([SEQ] if self.kind.numbered else [])]
        sets = []
        for name in listed[1:]:
            if name in absent:
                continue
            column = quote(name)
            if name in self.counters and not own_counters and self.kind.numbered:
                # A draft names the version that it was made from: whenever the row changes the version must grow,
                # also where own changes that came to nothing had counted it up before.
                old = f"{self.table}.{column}"
                seq = quote(SEQ)
                sets.append(
                    f"{column} = CASE WHEN excluded.{column} > {old} THEN excluded.{column} "
                    f"WHEN excluded.{seq} = {self.table}.{seq} THEN {old} ELSE {old} + 1 END"
                )
            else:
                sets.append(f"{column} = excluded.{column}")
        then = f"UPDATE SET {', '.join(sets)}" if sets else "NOTHING"
        marks = ",".join("?" * len(listed))
        sql = (
            f"INSERT INTO {self.table} ({', '.join(map(quote, listed))}) VALUES ({marks})"
            f" ON CONFLICT ({quote(KEY)}) DO {then}"
        )
        self._upserts[key] = sql
        return sql

    def update(self, connection: Connection, row_id: bytes, fields: Mapping[str, Any], seq: int) -> bool:
        """Set some fields of a row and its seq; False when there is no such row. Errors as `upsert`."""
        return self.update_all(connection, [row_id], [seq], {name: (value,) for name, value in fields.items()})

    def update_all(
        self, connection: Connection, ids: Sequence[bytes], seqs: Sequence[int], columns: Mapping[str, Sequence[Any]]
    ) -> bool:
        """Set the same fields, given as columns, of different rows, and their seqs; False when one of them is not there (others may be written).

        Errors as `upsert`.
        """
        names = tuple(name for name in columns if name in self.columns)
        values = [self.columns[name].raws(columns[name]) for name in names]
        if self.kind.numbered:
            values.append(seqs)
        if not values:
            return len(self.present(connection, ids)) == len(set(ids))
        sql = self._updates.get(names) or self._update_sql(names)
        rows = list(zip(*values, map(hex_id, ids), strict=True))
        done = run(connection, sql, rows if len(rows) > 1 else rows[0])
        return bool(done.rowcount == len(rows))

    def _update_sql(self, names: tuple[str, ...]) -> str:
        sets = []
        for name in names:
            quoted = self._quote(name)
            sets.append(f"{quoted} = max(?, {quoted} + 1)" if name in self.counters else f"{quoted} = ?")
        if self.kind.numbered:
            sets.append(f"{self._quote(SEQ)} = ?")
        sql = f"UPDATE {self.table} SET {', '.join(sets)} WHERE {self._quote(KEY)} = ?"
        self._updates[names] = sql
        return sql


_made: dict[tuple[int, str], TypedRows] = {}


def typed(kind: SyncKind, connection: Connection) -> TypedRows:
    """The reader and writer of KIND on CONNECTION's database."""
    key = (id(kind), connection.dialect.name)
    found = _made.get(key)
    if found is None or found.kind is not kind:
        found = _made[key] = TypedRows(kind, connection.dialect)
    return found
