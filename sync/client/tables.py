"""What a laptop keeps beside its rows, on the product's own metadata, so that row and outbox are one transaction.

n is the place of an own commit in the order they were made; a commit keeps its n from outbox to settled and back.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, MetaData, String, Table, Text

# States of an outbox commit. held: the server cannot judge it yet (newer schema); it is offered again later.
WAITING, SENT, HELD = "waiting", "sent", "held"
# Kinds and states of an inbox entry.
REJECTED, CONFLICT, REVOKED, QUARANTINE = "rejected", "conflict", "revoked", "quarantine"
OPEN, SETTLED = "open", "settled"
# While this key stands in sync_meta (only inside a transaction of the replica) triggers that keep people from changing
# append-only and frozen rows let the server's word through.
APPLYING = "applying"


@dataclass(frozen=True)
class ClientTables:
    """The tables, for those who read them (status, sync centre, tests). Only sync/client writes them."""

    outbox: Table
    pending: Table
    settled: Table
    base: Table
    unnamed: Table
    quarantine: Table
    inbox: Table
    meta: Table
    log: Table

    @property
    def all(self) -> tuple[Table, ...]:
        """Every table of the client."""
        return tuple(getattr(self, name) for name in self.__dataclass_fields__)


def client_tables(metadata: MetaData) -> ClientTables:
    """Declare the tables sync_* on METADATA, once per metadata."""
    number = BigInteger().with_variant(Integer, "sqlite")
    return ClientTables(
        # Own commits that the server has not answered. `payload`: wire.Commit in msgpack; `changes`, `size`: for limits.
        outbox=Table(
            "sync_outbox",
            metadata,
            Column("n", number, primary_key=True, autoincrement=True),
            Column("commit_id", LargeBinary(16), nullable=False, unique=True),
            Column("user_id", LargeBinary(16), nullable=False),
            Column("hlc", BigInteger, nullable=False),
            Column("schema", Integer, nullable=False),
            Column("epoch", Integer, nullable=False),
            Column("payload", LargeBinary, nullable=False),
            Column("changes", Integer, nullable=False),
            Column("size", Integer, nullable=False),
            Column("state", String, nullable=False),
            Column("at", BigInteger, nullable=False),
            sqlite_autoincrement=True,
        ),
        # Own changes that mask the truth of a row: those of outbox commits and of settled ones that no pull covers yet.
        # `change`: wire.Change in msgpack; `before`: the values that the author had on screen.
        pending=Table(
            "sync_pending",
            metadata,
            Column("kind", String, primary_key=True),
            Column("id", LargeBinary(16), primary_key=True),
            Column("n", number, primary_key=True),
            Column("commit_id", LargeBinary(16), nullable=False),
            Column("epoch", Integer, nullable=False),
            Column("change", LargeBinary, nullable=False),
            Column("before", LargeBinary, nullable=False),
            Index("ix_sync_pending_n", "n"),
            sqlite_with_rowid=False,
        ),
        # Commits that the server took (`seq`). Offered again after a restore of the server until `durable` covers them.
        settled=Table(
            "sync_settled",
            metadata,
            Column("n", number, primary_key=True, autoincrement=False),
            Column("commit_id", LargeBinary(16), nullable=False),
            Column("user_id", LargeBinary(16), nullable=False),
            Column("hlc", BigInteger, nullable=False),
            Column("schema", Integer, nullable=False),
            Column("epoch", Integer, nullable=False),
            Column("payload", LargeBinary, nullable=False),
            Column("changes", Integer, nullable=False),
            Column("size", Integer, nullable=False),
            Column("at", BigInteger, nullable=False),
            Column("seq", BigInteger, nullable=False),
            Column("covered", Integer, nullable=False),
            Index("ix_sync_settled_seq", "seq"),
        ),
        # Server truth of just those rows that own changes mask. `body`: wire values in msgpack; `gone`: there is no such row.
        base=Table(
            "sync_base",
            metadata,
            Column("kind", String, primary_key=True),
            Column("id", LargeBinary(16), primary_key=True),
            Column("seq", BigInteger, nullable=False),
            Column("body", LargeBinary, nullable=False),
            Column("gone", Integer, nullable=False),
            sqlite_with_rowid=False,
        ),
        # While the replica is built anew: rows that the server has not named yet. What is left at the end is gone.
        unnamed=Table(
            "sync_unnamed",
            metadata,
            Column("kind", String, primary_key=True),
            Column("id", LargeBinary(16), primary_key=True),
            sqlite_with_rowid=False,
        ),
        # Rows as they came that the typed tables would not take; tried again with every pull.
        quarantine=Table(
            "sync_quarantine",
            metadata,
            Column("kind", String, primary_key=True),
            Column("id", LargeBinary(16), primary_key=True),
            Column("seq", BigInteger, nullable=False),
            Column("raw", LargeBinary, nullable=False),
            Column("error", Text, nullable=False),
            sqlite_with_rowid=False,
        ),
        # What needs a person: nothing leaves it by itself. Payloads are msgpack maps of wire values.
        inbox=Table(
            "sync_inbox",
            metadata,
            Column("id", number, primary_key=True, autoincrement=True),
            Column("commit_id", LargeBinary(16), nullable=False),
            Column("kind", String, nullable=False),
            Column("row_kind", String, nullable=False),
            Column("row_id", LargeBinary(16), nullable=False),
            Column("op", String, nullable=False),
            Column("title", String, nullable=False),
            Column("mine", LargeBinary, nullable=False),
            Column("theirs", LargeBinary, nullable=False),
            Column("base", LargeBinary, nullable=False),
            Column("mine_at", BigInteger, nullable=False),
            Column("mine_by", LargeBinary, nullable=False),
            Column("theirs_at", BigInteger, nullable=False),
            Column("theirs_by", LargeBinary, nullable=False),
            Column("theirs_seq", BigInteger, nullable=False),
            Column("theirs_gone", Integer, nullable=False),
            Column("code", String, nullable=False),
            Column("params", LargeBinary, nullable=False),
            Column("state", String, nullable=False),
            Column("outcome", String, nullable=False),
            Column("at", BigInteger, nullable=False),
            Column("settled_at", BigInteger, nullable=False),
            Index("ix_sync_inbox_state", "state"),
            Index("ix_sync_inbox_row", "row_kind", "row_id"),
            sqlite_autoincrement=True,
        ),
        meta=Table(
            "sync_meta",
            metadata,
            Column("key", String, primary_key=True),
            Column("value", LargeBinary, nullable=False),
            sqlite_with_rowid=False,
        ),
        # The last rounds, for the sync centre.
        log=Table(
            "sync_log",
            metadata,
            Column("n", number, primary_key=True, autoincrement=True),
            Column("at", BigInteger, nullable=False),
            Column("pushed", Integer, nullable=False),
            Column("pulled", Integer, nullable=False),
            Column("sent_bytes", BigInteger, nullable=False),
            Column("received_bytes", BigInteger, nullable=False),
            Column("ms", Integer, nullable=False),
            Column("error", String, nullable=False),
            sqlite_autoincrement=True,
        ),
    )
