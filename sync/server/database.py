"""The server's databases: PostgreSQL with one schema an organisation, or embedded SQLite with one file an organisation. The same code.

The root holds the list of organisations. An organisation's database holds the product's typed tables, the sync tables and the
accounts. Schemas are brought up to date when they are opened, under a lock, and what a newer program wrote is refused.
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, MetaData, create_engine, event, insert, inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import QueuePool

from sync.ids import uuid7
from sync.returned import roll_back_when_returned
from sync.server import tables
from sync.server.account_tables import ACCESS, append_only_statements

HERE = Path(__file__).resolve().parent
SYNC_HEAD = "0001"
ROOT_SCHEMA = "presales"
SLUG = re.compile(r"[a-z][a-z0-9_]{0,38}")
_US = 1_000_000


class DatabaseError(Exception):
    """A database that cannot be used. `code`: server.schema_newer, server.organisation_unknown, server.organisation_exists,
    server.organisation_name, server.database_url."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(f"{code} {params}" if params else code)
        self.code = code
        self.params = params


@dataclass(frozen=True)
class Part:
    """A set of tables with its own history of migrations in an organisation's database.

    Attributes:
        name: e.g. "sync"; the version is kept in alembic_version_<name>.
        metadata: the tables; created as they are where there are no migrations (tests).
        migrations: folder of an Alembic environment that takes its connection from config.attributes["connection"].
        head: the newest revision this program knows.
    """

    name: str
    metadata: MetaData
    migrations: Path | None = None
    head: str = ""

    @property
    def version_table(self) -> str:
        """Where the revision is kept."""
        return f"alembic_version_{self.name}"


SYNC_PART = Part("sync", tables.SYNC, HERE / "migrations", SYNC_HEAD)


@dataclass(frozen=True)
class Organisation:
    """One organisation and the way to its database."""

    slug: str
    id: UUID
    name: str
    engine: Engine


class Database:
    """All organisations of a server."""

    def __init__(self, url: str | None, data_dir: Path, parts: Sequence[Part], clock: Callable[[], float]) -> None:
        self.url = url
        self.data_dir = data_dir
        self.parts = (SYNC_PART, *parts)
        self.clock = clock
        self._open: dict[str, Organisation] = {}
        self._lock = threading.Lock()
        self.root = _engine(url, data_dir / "root.db", ROOT_SCHEMA, pool=2)
        with self.root.begin() as connection:
            if url is not None:
                _hold(connection, ROOT_SCHEMA)
                connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{ROOT_SCHEMA}"'))
            tables.ROOT.create_all(connection)

    @classmethod
    def open(
        cls,
        url: str | None,
        data_dir: Path,
        parts: Sequence[Part] = (),
        clock: Callable[[], float] = time.time,
    ) -> Database:
        """The databases at URL (postgresql://…), or embedded ones under DATA_DIR. Raises DatabaseError."""
        if url is not None:
            try:
                name = make_url(url).get_backend_name()
            except Exception as error:
                raise DatabaseError("server.database_url") from error
            if name not in ("postgresql", "postgres"):
                raise DatabaseError("server.database_url")
        data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        return cls(url, data_dir, parts, clock)

    def organisations(self) -> list[tuple[str, str]]:
        """(slug, name) of all."""
        with self.root.connect() as connection:
            table = tables.organisation
            rows = connection.execute(select(table.c.slug, table.c.name).order_by(table.c.slug))
            return [(row.slug, row.name) for row in rows]

    def add(self, slug: str, name: str) -> Organisation:
        """A new organisation with an empty database."""
        if not SLUG.fullmatch(slug):
            raise DatabaseError("server.organisation_name", slug=slug)
        with self.root.begin() as connection:
            table = tables.organisation
            if connection.execute(select(table.c.slug).where(table.c.slug == slug)).first():
                raise DatabaseError("server.organisation_exists", slug=slug)
            now = int(self.clock() * _US)
            connection.execute(insert(table).values(slug=slug, id=uuid7().bytes, name=name, created_at=now))
        return self.organisation(slug)

    def organisation(self, slug: str) -> Organisation:
        """An organisation, its schema brought up to date when it is opened first. Raises DatabaseError."""
        with self._lock:
            found = self._open.get(slug)
            if found is None:
                found = self._open[slug] = self._opened(slug)
            return found

    def _opened(self, slug: str) -> Organisation:
        with self.root.connect() as connection:
            table = tables.organisation
            row = connection.execute(select(table).where(table.c.slug == slug)).first()
        if row is None:
            raise DatabaseError("server.organisation_unknown", slug=slug)
        schema = f"org_{slug}"
        engine = _engine(self.url, self.data_dir / f"{schema}.db", schema, pool=8)
        try:
            with engine.begin() as connection:
                _bring_up(connection, schema, self.parts, int(self.clock() * _US))
        except BaseException:
            engine.dispose()
            raise
        return Organisation(slug, UUID(bytes=bytes(row.id)), row.name, engine)

    def close(self) -> None:
        """Give all connections back."""
        with self._lock:
            for found in self._open.values():
                found.engine.dispose()
            self._open.clear()
        self.root.dispose()


def _engine(url: str | None, file: Path, schema: str, pool: int) -> Engine:
    if url is None:
        engine = create_engine(
            f"sqlite:///{file}",
            poolclass=QueuePool,
            pool_size=pool,
            max_overflow=32,
            connect_args={"check_same_thread": False, "timeout": 30, "cached_statements": 512},
        )
        event.listen(engine, "connect", _sqlite_connect)
        roll_back_when_returned(engine)
        event.listen(engine, "begin", _sqlite_begin)
        if not file.exists():
            os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
        return engine
    return create_engine(
        make_url(url).set(drivername="postgresql+psycopg"),
        pool_size=pool,
        max_overflow=8,
        pool_pre_ping=False,
        connect_args={"options": f"-csearch_path={schema}", "prepare_threshold": 3, "connect_timeout": 10},
    )


def _sqlite_connect(connection: Any, _record: Any) -> None:
    connection.isolation_level = (
        None  # BEGIN is ours: IMMEDIATE for writers, so that nobody waits with half a transaction
    )
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "busy_timeout=30000",
        "cache_size=-65536",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _sqlite_begin(connection: Connection) -> None:
    reads = connection.get_execution_options().get("sync_reads")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
    if not reads:
        connection.exec_driver_sql("PRAGMA defer_foreign_keys=ON")


def reading(engine: Engine) -> Engine:
    """ENGINE for transactions that only read and see one moment."""
    if engine.dialect.name == "sqlite":
        return engine.execution_options(sync_reads=True)
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


# --- schema -------------------------------------------------------------------------------------------------------------------


def _hold(connection: Connection, name: str) -> None:
    """One server at a time brings a schema up to date (SQLite: the write transaction is the lock)."""
    if connection.dialect.name == "postgresql":
        key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def _bring_up(connection: Connection, schema: str, parts: Iterable[Part], now: int) -> None:
    _hold(connection, schema)
    if connection.dialect.name == "postgresql":
        connection.execute(text(f'CREATE SCHEMA IF NOT EXISTS "{schema}"'))
    for part in parts:
        if part.migrations is None:
            part.metadata.create_all(connection)
        else:
            _migrate(connection, part, part.migrations)
    _begin_clock(connection, now)


def _migrate(connection: Connection, part: Part, folder: Path) -> None:
    current = None
    if inspect(connection).has_table(part.version_table):
        current = connection.execute(text(f"SELECT version_num FROM {part.version_table}")).scalar()
    if current == part.head:
        return
    if current is not None and current not in _known(folder):
        raise DatabaseError("server.schema_newer", part=part.name, revision=current)
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.attributes["connection"] = connection
    config.attributes["version_table"] = part.version_table
    command.upgrade(config, "head")


def _known(folder: Path) -> frozenset[str]:
    return frozenset(p.name.split("_")[0] for p in (folder / "versions").glob("[0-9]*.py"))


def _begin_clock(connection: Connection, now: int) -> None:
    """The first epoch of a new organisation."""
    if connection.execute(select(tables.clock.c.one)).first() is not None:
        return
    epoch = uuid7().bytes
    connection.execute(
        insert(tables.clock).values(one=1, seq=0, epoch=epoch, epoch_no=1, epoch_start=0, durable_seq=0, floor=0)
    )
    connection.execute(insert(tables.epoch).values(epoch_no=1, epoch=epoch, start_seq=0, reason="first", at=now))
    for statement in append_only_statements(connection.dialect.name):
        connection.exec_driver_sql(statement)


__all__ = ["ACCESS", "SYNC_PART", "Database", "DatabaseError", "Organisation", "Part", "reading"]
