"""The encrypted SQLite engine: SQLCipher with a raw 32-byte key, foreign keys on, durable commits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.pool import QueuePool

from presales_desktop.models.errors import EnvironmentProblem
from presales_desktop.store import files
from sync.returned import roll_back_when_returned

KEY_BYTES = 32


def open_engine(path: Path, key: bytes) -> Engine:
    """An engine on the database file PATH, created when missing; `files.beside` finds its large contents. KEY: 32 random bytes;
    nothing is read yet."""
    if len(key) != KEY_BYTES:
        raise ValueError("the key has 32 bytes")
    engine = create_engine(
        f"sqlite:///{path}",
        module=sqlcipher,
        poolclass=QueuePool,
        pool_size=2,
        connect_args={"check_same_thread": False, "timeout": 10},
        query_cache_size=1200,
    )
    roll_back_when_returned(engine)
    files.attach(engine, path, key)
    pragma_key = f"PRAGMA key = \"x'{key.hex()}'\""

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        for statement in (
            "PRAGMA cipher_log_level = NONE",
            pragma_key,
            "PRAGMA foreign_keys = ON",
            "PRAGMA busy_timeout = 10000",
            "PRAGMA synchronous = FULL",
            "PRAGMA temp_store = MEMORY",
            # What somebody may no longer hold leaves the file, free pages and slack included.
            "PRAGMA secure_delete = ON",
            "PRAGMA cache_size = -65536",  # 64 MB: at 100,000 customers a search else decrypts the same pages again and again
        ):
            cursor.execute(statement)
        cursor.close()

    return engine


@contextmanager
def filling(engine: Engine) -> Iterator[None]:
    """While a new database is filled its commits don't wait for the disk; at the end all of it is on the disk.

    Only for a file that is thrown away when the filling fails: a power cut before the end can damage it.
    """
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA synchronous = OFF")
    yield
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA synchronous = FULL")
        # A checkpoint that finds nothing to copy forces nothing to the disk: writing a page makes sure that there is something.
        version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        connection.exec_driver_sql(f"PRAGMA user_version = {int(version)}")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def translate_database_error(error: DatabaseError) -> EnvironmentProblem | None:
    """The environment's problem behind a driver error, or None when it is our own bug."""
    text = str(error.orig).lower()
    for mark, code in (
        ("disk is full", "store.disk_full"),
        ("disk i/o error", "store.disk_failed"),
        ("database is locked", "store.locked"),
        ("readonly database", "store.read_only"),
        ("unable to open database", "store.not_writable"),
        ("malformed", "store.damaged"),
        ("not a database", "store.damaged"),
    ):
        if mark in text:
            return EnvironmentProblem(code)
    return EnvironmentProblem("store.locked") if isinstance(error, OperationalError) and "busy" in text else None
