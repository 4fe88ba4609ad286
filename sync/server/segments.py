"""The first load from immutable files: every living row of a scope up to a seq, as columns under zstd, named by its SHA-256.

Made when somebody begins a replica and enough has changed since the last file; kept in the database in parts, so that every server
process can serve what another one made.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import threading
from collections.abc import Callable, Iterable

from sqlalchemy import Connection, Engine

from sync import wire
from sync.server import storage
from sync.server.caller import SyncError
from sync.server.database import reading
from sync.server.pull import page_of
from sync.server.ring import visible
from sync.server.storage import Clock, Entity
from sync.wire import Page, Segment

MIN_ROWS = 20_000
_PART = 2 * 1024 * 1024
_PAGE_ROWS = 50_000
_MAX_PLAIN = 1 << 30


def shared(scope: str) -> bool:
    """Whether many hold the same: one person's or one customer's scope is not worth a file."""
    return ":" not in scope or scope.endswith(":*")


class Segments:
    """The files of one organisation."""

    def __init__(self, engine: Engine, clock: Callable[[], dt.datetime], min_rows: int | None = None) -> None:
        self.engine = engine
        self.clock = clock
        self.min_rows = MIN_ROWS if min_rows is None else min_rows
        self._making = threading.Lock()

    def offer(self, connection: Connection, clock: Clock, held: Iterable[str]) -> dict[str, Segment]:
        """Scope → the newest file that CONNECTION's snapshot knows, for those of HELD that have one."""
        found: dict[str, Segment] = {}
        for scope in held:
            if shared(scope):
                one = _usable(connection, scope, clock)
                if one is not None:
                    found[scope] = one
        return found

    def make(self, scopes: Iterable[str]) -> None:
        """Bring the files of SCOPES up to date where enough has changed."""
        for scope in sorted(set(scopes)):
            if not shared(scope):
                continue
            with self._making, reading(self.engine).begin() as connection:
                clock = storage.read_clock(connection)
                last = _usable(connection, scope, clock)
                after = last.seq if last is not None else 0
                if _count(connection, scope, after, clock.seq) < self.min_rows:
                    continue
                rows = storage.rows_between(connection, {scope: 0}, 0, clock.seq, living=True)
                data = _file(rows)
            self._store(scope, clock.seq, data, len(rows))

    def _store(self, scope: str, seq: int, data: bytes, rows: int) -> None:
        digest = hashlib.sha256(data).digest()
        now = int(self.clock().timestamp() * 1_000_000)
        with self.engine.begin() as connection:
            mark = "%s" if connection.dialect.name == "postgresql" else "?"
            known = f"SELECT 1 FROM sync_segment_part WHERE sha256 = {mark} AND n = 0"
            if connection.exec_driver_sql(known, (digest,)).first() is None:
                for n, at in enumerate(range(0, len(data), _PART)):
                    sql = f"INSERT INTO sync_segment_part (sha256, n, data) VALUES ({mark}, {mark}, {mark})"
                    connection.exec_driver_sql(sql, (digest, n, data[at : at + _PART]))
            connection.exec_driver_sql(
                f"INSERT INTO sync_segment (scope, seq, sha256, rows, size, made_at) "
                f"VALUES ({mark}, {mark}, {mark}, {mark}, {mark}, {mark}) ON CONFLICT DO NOTHING",
                (scope, seq, digest, rows, len(data), now),
            )
            _forget(connection, scope, mark)

    def read(self, connection: Connection, sha256: bytes, held: Iterable[str]) -> bytes:
        """The file named SHA256, for somebody who holds one of its scopes."""
        mark = "%s" if connection.dialect.name == "postgresql" else "?"
        scopes = connection.exec_driver_sql(f"SELECT scope FROM sync_segment WHERE sha256 = {mark}", (sha256,))
        if not any(visible(scope, held) for (scope,) in scopes):
            raise SyncError("sync.segment_unknown", 404)
        sql = f"SELECT data FROM sync_segment_part WHERE sha256 = {mark} ORDER BY n"
        return b"".join(bytes(data) for (data,) in connection.exec_driver_sql(sql, (sha256,)))


def _usable(connection: Connection, scope: str, clock: Clock) -> Segment | None:
    """The newest file of SCOPE that leaks nothing and misses nothing: not older than the floor, of this epoch's numbers, and no row
    has left the scope since."""
    mark = "%s" if connection.dialect.name == "postgresql" else "?"
    row = connection.exec_driver_sql(
        f"SELECT sha256, seq, rows, size FROM sync_segment WHERE scope = {mark} AND seq >= {clock.floor} "
        f"AND seq <= {clock.seq} ORDER BY seq DESC LIMIT 1",
        (scope,),
    ).first()
    if row is None:
        return None
    digest, seq, rows, size = row
    condition, values = storage.visible_sql(connection, [scope])
    left = connection.exec_driver_sql(f"SELECT 1 FROM sync_exit WHERE seq > {seq} AND {condition} LIMIT 1", values)
    if left.first() is not None and not scope.endswith(":*"):
        return None
    return Segment(bytes(digest), seq, rows, size)


def _count(connection: Connection, scope: str, after: int, upto: int) -> int:
    condition, values = storage.visible_sql(connection, [scope])
    sql = f"SELECT count(*) FROM sync_entity WHERE seq > {after} AND seq <= {upto} AND {condition} AND NOT deleted"
    return int(connection.exec_driver_sql(sql, values).scalar_one())


def _forget(connection: Connection, scope: str, mark: str) -> None:
    """The two newest files of a scope stay: a replica may be loading the older one."""
    sql = f"SELECT seq FROM sync_segment WHERE scope = {mark} ORDER BY seq DESC LIMIT 1 OFFSET 2"
    last = connection.exec_driver_sql(sql, (scope,)).scalar()
    if last is not None:
        connection.exec_driver_sql(f"DELETE FROM sync_segment WHERE scope = {mark} AND seq <= {last}", (scope,))
        connection.exec_driver_sql(
            "DELETE FROM sync_segment_part WHERE sha256 NOT IN (SELECT sha256 FROM sync_segment)"
        )


def _file(rows: list[Entity]) -> bytes:
    by_kind: dict[str, list[Entity]] = {}
    for one in rows:
        by_kind.setdefault(one.kind, []).append(one)
    pages = [
        page_of(name, found[at : at + _PAGE_ROWS])
        for name, found in sorted(by_kind.items())
        for at in range(0, len(found), _PAGE_ROWS)
    ]
    return wire.encode(pages)


def pages(data: bytes) -> list[Page]:
    """The pages in a file (the client reads it with this). Raises WireError."""
    return wire.decode(data, list[Page], _MAX_PLAIN)
