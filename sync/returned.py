"""What a pooled SQLite connection must not bring along: a transaction whose COMMIT failed.

SQLite may leave it open then (a full disk, a reader in the way), and SQLAlchemy, for which it is over, gives the connection back without
a ROLLBACK: the next unit of work would write what the last one said it could not.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, event


def roll_back_when_returned(engine: Engine) -> None:
    """Connections of ENGINE go back to its pool without an open transaction."""
    event.listen(engine, "checkin", _roll_back)


def _roll_back(connection: Any, _record: Any) -> None:
    if connection is not None and connection.in_transaction:
        connection.rollback()


__all__ = ["roll_back_when_returned"]
