"""The SQL of the sync tables: what the committer and the pull read and write, in as few statements as there are tables."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection

from sync.merge import ALL, RowState
from sync.server import binary
from sync.server.binary import BOOL, BYTES, INT, LONG, TEXT, Form

Key = tuple[str, bytes]  # kind, id

_pack = msgspec.msgpack.Encoder().encode
_unpack_body = msgspec.msgpack.Decoder(dict[str, Any]).decode
_unpack_fv = msgspec.msgpack.Decoder(dict[str, tuple[int, bytes]]).decode
_ENTITY = "kind, id, scope, seq, scope_seq, deleted, body, fv"
_CHUNK = 400


@dataclass(frozen=True, slots=True)
class Clock:
    """The organisation's order as one transaction sees it."""

    seq: int
    epoch: bytes
    epoch_no: int
    epoch_start: int
    durable: int
    floor: int


@dataclass(slots=True)
class Entity:
    """One row's sync image."""

    kind: str
    id: bytes
    scope: str
    scope_seq: int
    state: RowState

    @property
    def key(self) -> Key:
        """(kind, id)"""
        return self.kind, self.id


@dataclass(frozen=True, slots=True)
class Known:
    """A commit that was judged before."""

    id: bytes
    actor: bytes
    result: bytes


_CLOCK = "SELECT seq, epoch, epoch_no, epoch_start, durable_seq, floor FROM sync_clock WHERE one = 1"


def _clock(connection: Connection, sql: str) -> Clock:
    seq, epoch, number, start, durable, floor = connection.exec_driver_sql(sql).one()
    return Clock(seq, bytes(epoch), number, start, durable, floor)


def read_clock(connection: Connection) -> Clock:
    """The clock as this transaction sees it."""
    return _clock(connection, _CLOCK)


def lock_clock(connection: Connection) -> Clock:
    """The clock, held until the transaction ends: everything read afterwards is the newest there is."""
    suffix = " FOR UPDATE" if connection.dialect.name == "postgresql" else ""
    return _clock(connection, _CLOCK + suffix)


def set_seq(connection: Connection, seq: int) -> None:
    """The clock goes on."""
    connection.exec_driver_sql(f"UPDATE sync_clock SET seq = {int(seq)} WHERE one = 1")


def epoch_starts(connection: Connection) -> dict[int, int]:
    """Epoch number → the seq at which it began."""
    rows = connection.exec_driver_sql("SELECT epoch_no, start_seq FROM sync_epoch")
    return dict(rows.all())


def _any(
    connection: Connection, select: str, column: str, values: Sequence[Any], form: Form, more: str = ""
) -> Iterable[Any]:
    """Rows of SELECT whose COLUMN is one of VALUES."""
    if not values:
        return
    if connection.dialect.name == "postgresql":
        sql = f"{select} WHERE {column} = ANY(%b::{form.name}[]){more}"
        yield from connection.exec_driver_sql(sql, (binary.array(form, values),))
        return
    for at in range(0, len(values), _CHUNK):
        part = list(values[at : at + _CHUNK])
        width = 1 if len(part) == 1 else 16 if len(part) <= 16 else _CHUNK
        part += [part[-1]] * (width - len(part))
        yield from connection.exec_driver_sql(
            f"{select} WHERE {column} IN ({','.join('?' * width)}){more}", tuple(part)
        )


def known_commits(connection: Connection, ids: Sequence[bytes]) -> dict[bytes, Known]:
    """Those of the commits IDS that were judged before."""
    rows = _any(connection, "SELECT id, actor, result FROM sync_commit", "id", ids, BYTES)
    return {bytes(key): Known(bytes(key), bytes(actor), bytes(result)) for key, actor, result in rows}


def authors(connection: Connection, seqs: Sequence[int]) -> dict[int, tuple[bytes, int]]:
    """Seq → (actor, moment) of commits."""
    rows = _any(connection, "SELECT seq, actor, at FROM sync_commit", "seq", seqs, LONG)
    return {seq: (bytes(actor), at) for seq, actor, at in rows}


def entity(row: Any) -> Entity:
    """An Entity from a row of sync_entity."""
    kind, key, scope, seq, scope_seq, deleted, body, fv = row
    state = RowState(_unpack_body(body), _unpack_fv(fv), seq, bool(deleted))
    return Entity(kind, bytes(key), scope, scope_seq, state)


def load(connection: Connection, keys: Iterable[Key]) -> dict[Key, Entity]:
    """The sync images of rows, those that there are."""
    wanted = set(keys)
    rows = _any(connection, f"SELECT {_ENTITY} FROM sync_entity", "id", list({key for _, key in wanted}), BYTES)
    found = (entity(row) for row in rows)
    return {one.key: one for one in found if one.key in wanted}


def _many(
    connection: Connection, table: str, columns: Mapping[str, Form], rows: Sequence[tuple[Any, ...]], tail: str = ""
) -> None:
    """INSERT many rows; TAIL: what to do with those that are there."""
    if not rows:
        return
    names = ", ".join(columns)
    if connection.dialect.name != "postgresql":
        marks = ", ".join("?" * len(columns))
        connection.exec_driver_sql(f"INSERT INTO {table} ({names}) VALUES ({marks}) {tail}", list(rows))
        return
    forms = list(columns.values())
    made = [binary.cells(form, values) for form, values in zip(forms, zip(*rows, strict=True), strict=True)]
    if not tail:
        binary.insert(connection, table, names, forms, made)
        return
    arrays = ", ".join(f"%b::{form.name}[]" for form in forms)
    sql = f"INSERT INTO {table} ({names}) SELECT * FROM unnest({arrays}) {tail}"
    connection.exec_driver_sql(sql, binary.arrays(forms, made))


_ENTITY_COLUMNS: dict[str, Form] = {
    "id": BYTES, "kind": TEXT, "scope": TEXT, "seq": LONG, "scope_seq": LONG, "deleted": BOOL, "body": BYTES, "fv": BYTES,
}  # fmt: skip
_ENTITY_UPSERT = "ON CONFLICT (id, kind) DO UPDATE SET " + ", ".join(
    f"{name} = excluded.{name}" for name in list(_ENTITY_COLUMNS)[2:]
)


def _entity_rows(entities: Iterable[Entity]) -> list[tuple[Any, ...]]:
    made = []
    last: Any = None
    stamps = b""
    for one in entities:
        state = one.state
        fv = state.fv
        if len(fv) > 1:
            packed = _pack(fv)
        else:  # rows made by one commit say the same of their fields
            if fv[ALL] != last:
                last, stamps = fv[ALL], _pack(fv)
            packed = stamps
        made.append((one.id, one.kind, one.scope, state.seq, one.scope_seq, state.deleted, _pack(state.fields), packed))
    return made


def write_entities(connection: Connection, new: Iterable[Entity], old: Iterable[Entity]) -> None:
    """NEW rows and such as are there already (OLD)."""
    _many(connection, "sync_entity", _ENTITY_COLUMNS, _entity_rows(new))
    _many(connection, "sync_entity", _ENTITY_COLUMNS, _entity_rows(old), _ENTITY_UPSERT)


_COMMIT_COLUMNS: dict[str, Form] = {
    "id": BYTES, "seq": LONG, "device": BYTES, "actor": BYTES, "hlc": LONG, "at": LONG,
    "schema_v": INT, "status": TEXT, "result": BYTES, "payload": BYTES,
}  # fmt: skip


def write_commits(connection: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """(id, seq or None, device, actor, hlc, at, schema, status, result, payload or None)"""
    _many(connection, "sync_commit", _COMMIT_COLUMNS, rows)


_EXIT_COLUMNS: dict[str, Form] = {"seq": LONG, "id": BYTES, "kind": TEXT, "scope": TEXT}


def write_exits(connection: Connection, rows: Sequence[tuple[int, bytes, str, str]]) -> None:
    """(seq, id, kind, scope left)"""
    _many(connection, "sync_exit", _EXIT_COLUMNS, rows, "ON CONFLICT DO NOTHING")


# --- grants -------------------------------------------------------------------------------------------------------------------


def open_grants(connection: Connection, user: bytes) -> dict[str, int]:
    """Scope → since when, of what USER holds now."""
    mark = "%s" if connection.dialect.name == "postgresql" else "?"
    sql = f"SELECT scope, from_seq FROM sync_grant WHERE user_id = {mark} AND to_seq IS NULL"
    return dict(connection.exec_driver_sql(sql, (user,)).all())


def grant_history(connection: Connection, user: bytes) -> list[tuple[str, int, int | None]]:
    """(scope, from, to) of everything that USER ever held."""
    mark = "%s" if connection.dialect.name == "postgresql" else "?"
    sql = f"SELECT scope, from_seq, to_seq FROM sync_grant WHERE user_id = {mark} ORDER BY from_seq"
    return [(scope, since, until) for scope, since, until in connection.exec_driver_sql(sql, (user,))]


def granted_users(connection: Connection) -> list[bytes]:
    """Everybody who ever held a scope."""
    return [bytes(user) for (user,) in connection.exec_driver_sql("SELECT DISTINCT user_id FROM sync_grant")]


def regranted_since(connection: Connection, seq: int) -> set[bytes]:
    """Users whose grants changed after SEQ."""
    sql = f"SELECT user_id FROM sync_grant WHERE from_seq > {int(seq)} OR to_seq > {int(seq)}"
    return {bytes(user) for (user,) in connection.exec_driver_sql(sql)}


def change_grants(connection: Connection, user: bytes, given: Iterable[str], taken: Iterable[str], seq: int) -> None:
    """USER gets the scopes GIVEN and loses TAKEN, as of SEQ."""
    mark = "%s" if connection.dialect.name == "postgresql" else "?"
    close = f"UPDATE sync_grant SET to_seq = {int(seq)} WHERE user_id = {mark} AND scope = {mark} AND to_seq IS NULL"
    for scope in sorted(taken):
        connection.exec_driver_sql(close, (user, scope))
    rows = [(user, scope, seq, None) for scope in sorted(given)]
    columns = {"user_id": BYTES, "scope": TEXT, "from_seq": LONG, "to_seq": LONG}
    _many(connection, "sync_grant", columns, rows, "ON CONFLICT (user_id, scope, from_seq) DO UPDATE SET to_seq = NULL")


# --- reading for pulls --------------------------------------------------------------------------------------------------------


def visible_sql(connection: Connection, scopes: Iterable[str]) -> tuple[str, tuple[Any, ...]]:
    """A condition on `scope`, with its parameters: one of SCOPES; "c:*" stands for every scope that begins with "c:"."""
    single = sorted(scope for scope in scopes if not scope.endswith(":*"))
    stars = sorted(scope[:-1] for scope in scopes if scope.endswith(":*"))
    parts: list[str] = []
    values: list[Any] = []
    if connection.dialect.name == "postgresql":
        if single:
            parts.append("scope = ANY(%s::text[])")
            values.append(single)
        mark = "%s"
    else:
        if single:
            parts.append("scope IN (SELECT value FROM json_each(?))")
            values.append(msgspec.json.encode(single).decode())
        mark = "?"
    for star in stars:
        parts.append(f"(scope >= {mark} AND scope < {mark})")  # "c:" ≤ scope < "c;"
        values += [star, star[:-1] + chr(ord(star[-1]) + 1)]
    return ("(" + " OR ".join(parts) + ")" if parts else "(1 = 0)"), tuple(values)


def rows_between(
    connection: Connection,
    scopes: Mapping[str, int],
    after: int,
    upto: int,
    limit: int | None = None,
    *,
    living: bool = False,
) -> list[Entity]:
    """Rows with AFTER < seq ≤ UPTO, oldest commit first. SCOPES: scope → rows of it up to this seq are left out."""
    if not scopes:
        return []
    by_floor: dict[int, list[str]] = {}
    for scope, floor in scopes.items():
        by_floor.setdefault(max(floor, after), []).append(scope)
    parts: list[str] = []
    values: list[Any] = []
    for floor, group in sorted(by_floor.items()):
        condition, given = visible_sql(connection, group)
        parts.append(condition if len(by_floor) == 1 else f"(seq > {floor} AND {condition})")
        values += given
    sql = f"SELECT {_ENTITY} FROM sync_entity WHERE seq > {min(by_floor)} AND seq <= {int(upto)} AND ({' OR '.join(parts)})"
    if living:
        sql += " AND NOT deleted"
    sql += " ORDER BY seq"
    if limit is not None:
        sql += f" LIMIT {int(limit)}"
    return [entity(row) for row in connection.exec_driver_sql(sql, tuple(values))]


def changed_between(connection: Connection, after: int, upto: int) -> list[Entity]:
    """All rows with AFTER < seq ≤ UPTO, oldest commit first."""
    sql = f"SELECT {_ENTITY} FROM sync_entity WHERE seq > {int(after)} AND seq <= {int(upto)} ORDER BY seq"
    return [entity(row) for row in connection.exec_driver_sql(sql)]


def exits_between(connection: Connection, after: int, upto: int) -> list[tuple[int, bytes, str, str]]:
    """(seq, id, kind, scope left) with AFTER < seq ≤ UPTO."""
    sql = f"SELECT seq, id, kind, scope FROM sync_exit WHERE seq > {int(after)} AND seq <= {int(upto)} ORDER BY seq"
    return [(seq, bytes(key), kind, scope) for seq, key, kind, scope in connection.exec_driver_sql(sql)]
