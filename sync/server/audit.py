"""The organisation's audit log: administration, logins, refusals; a hash chain that a command verifies."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select

from sync.server.account_tables import audit_log


@dataclass(frozen=True)
class Broken:
    """Where the chain does not hold: entry `n`, and what is wrong ("missing", "previous" or "hash")."""

    n: int
    what: str


def _digest(n: int, at: int, actor: str, device: str, action: str, detail: Mapping[str, Any], previous: str) -> str:
    content = [n, at, actor, device, action, detail, previous]
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def append(
    connection: Connection, at_us: int, action: str, detail: Mapping[str, Any], actor: str = "", device: str = ""
) -> int:
    """Add an entry in the caller's transaction; its number. DETAIL must be JSON and hold no secret.

    Two writers at once: the second meets the primary key and its transaction fails; callers hold the organisation's clock row or retry.
    """
    last = connection.execute(select(audit_log.c.n, audit_log.c.hash).order_by(audit_log.c.n.desc()).limit(1)).first()
    n, previous = (last.n + 1, last.hash) if last else (1, "")
    plain = json.loads(json.dumps(detail))
    connection.execute(
        insert(audit_log).values(
            n=n, at=at_us, actor=actor, device=device, action=action, detail=plain, previous=previous,
            hash=_digest(n, at_us, actor, device, action, plain, previous),
        )
    )  # fmt: skip
    return n


def verify(connection: Connection) -> Broken | None:
    """The first place where the chain does not hold, None when it is whole."""
    previous, expected = "", 1
    rows = connection.execute(select(audit_log).order_by(audit_log.c.n)).yield_per(1000)
    for row in rows:
        if row.n != expected:
            return Broken(expected, "missing")
        if row.previous != previous:
            return Broken(row.n, "previous")
        if row.hash != _digest(row.n, row.at, row.actor, row.device, row.action, row.detail, row.previous):
            return Broken(row.n, "hash")
        previous, expected = row.hash, expected + 1
    return None
