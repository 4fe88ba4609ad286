"""The queue of files that go to the server or come from it, on the product's own metadata."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, String, Table

UP: Final = "up"
DOWN: Final = "down"
# waiting: nothing is there yet; partial: some chunks are; verified: the server (up) or this computer (down) has the whole;
# failed: tried often enough, somebody has to look.
WAITING, PARTIAL, VERIFIED, FAILED = "waiting", "partial", "verified", "failed"


def blob_table(metadata: MetaData) -> Table:
    """Declare sync_blob on METADATA, once per metadata.

    `received`: a bit for each chunk that has arrived at the other end, lowest first; `priority`: the lowest goes first; `at`: not
    tried again before this moment (µs); `error`: the code of the last failure.
    """
    return Table(
        "sync_blob",
        metadata,
        Column("sha256", LargeBinary(32), primary_key=True),
        Column("direction", String, primary_key=True),
        Column("size", BigInteger, nullable=False),
        Column("state", String, nullable=False),
        Column("received", LargeBinary, nullable=False),
        Column("priority", Integer, nullable=False),
        Column("tries", Integer, nullable=False),
        Column("at", BigInteger, nullable=False),
        Column("error", String, nullable=False, server_default=""),
        Index("ix_sync_blob_next", "direction", "state", "priority"),
        sqlite_with_rowid=False,
    )
