"""What a database says about a broken rule, as a refusal that names kind and field where the driver tells."""

from __future__ import annotations

import errno
import re
from typing import Any

from sqlalchemy import Table
from sqlalchemy.exc import DBAPIError

from sync.kinds import Registry
from sync.server.caller import SyncError
from sync.wire import Refusal

_SQLITE = re.compile(r"(?:UNIQUE|NOT NULL) constraint failed: (\w+)\.(\w+)")
_DETAIL = re.compile(r"Key \(\"?(\w+)")
_PASSING = frozenset({"40001", "40P01", "55P03"})  # serialisation, deadlock, lock not available
_SQLITE_PASSING = ("database is locked", "database table is locked")


class NoScope(Exception):
    """The product cannot say where a row belongs: what it hangs on is not there."""

    def __init__(self, kind: str, row_id: bytes) -> None:
        super().__init__(kind)
        self.kind = kind
        self.row_id = row_id


def refusal(error: DBAPIError | NoScope, registry: Registry) -> Refusal:
    """`sync.constraint` with what is known of the place."""
    if isinstance(error, NoScope):
        return Refusal("sync.constraint", error.kind, error.row_id)
    origin = error.orig
    diag = getattr(origin, "diag", None)
    if diag is not None:
        table, column = diag.table_name or "", diag.column_name or ""
        if not column and diag.constraint_name:
            column = _column_of(registry, table, diag.constraint_name)
        if not column and (key := _DETAIL.match(diag.message_detail or "")):
            column = key.group(1)
        return _made(registry, table, column, diag.constraint_name or "")
    found = _SQLITE.search(str(origin))
    if found:
        return _made(registry, found.group(1), found.group(2), "")
    return Refusal("sync.constraint")


def passing(error: DBAPIError) -> bool:
    """Whether trying again may help at once."""
    origin: Any = error.orig
    return getattr(origin, "sqlstate", None) in _PASSING or str(origin) in _SQLITE_PASSING


def full(error: BaseException | None) -> bool:
    """Whether the server's disk is full."""
    origin: Any = getattr(error, "orig", error)
    return (
        getattr(origin, "sqlstate", None) == "53100"
        or "disk is full" in str(origin)
        or (isinstance(origin, OSError) and origin.errno == errno.ENOSPC)
    )


def unavailable(error: BaseException | None) -> SyncError:
    """What a client is told when the database fails: sync.disk_full (507) or sync.unavailable (503). Nothing was kept; it tries again."""
    return SyncError("sync.disk_full", 507) if full(error) else SyncError("sync.unavailable", 503)


def _made(registry: Registry, table: str, column: str, constraint: str) -> Refusal:
    kind = registry.of_table(table)
    params = {"constraint": constraint} if constraint else {}
    return Refusal("sync.constraint", kind.name if kind else "", field=column, params=params)


def _column_of(registry: Registry, table: str, constraint: str) -> str:
    kind = registry.of_table(table)
    if kind is None:
        return ""
    found: Table = kind.table
    for one in found.constraints:
        if one.name == constraint:
            return next((c.name for c in getattr(one, "columns", ())), "")
    for index in found.indexes:
        if index.name == constraint:
            return next((c.name for c in index.columns), "")
    return ""
