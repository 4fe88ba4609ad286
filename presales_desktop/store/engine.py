"""The encrypted SQLite engine: SQLCipher with a raw 32-byte key, foreign keys on, durable commits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlcipher3.dbapi2 as sqlcipher
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlalchemy.pool import QueuePool

from presales_desktop.models.errors import EnvironmentProblem

KEY_BYTES = 32


def open_engine(path: Path, key: bytes) -> Engine:
    """An engine on the database file PATH, created when missing. KEY: 32 random bytes; nothing is read yet."""
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
            "PRAGMA cache_size = -65536",  # 64 MB: at 100,000 customers a search else decrypts the same pages again and again
        ):
            cursor.execute(statement)
        cursor.close()

    return engine


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
