"""What an organisation's database knows beside its typed rows: the clock, every row's sync image, commits, grants, segments.

Ids are 16 raw bytes and times microseconds: the same on every database, nothing to convert on the hot path.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, MetaData, String, Table
from sqlalchemy.dialects import postgresql

ROOT = MetaData()
SYNC = MetaData()
# Byte order, so that "every scope that begins with c:" is a range of the index.
SCOPE = String().with_variant(postgresql.VARCHAR(collation="C"), "postgresql")

# The server's list of organisations.
organisation = Table(
    "organisation",
    ROOT,
    Column("slug", String(40), primary_key=True),
    Column("id", LargeBinary, nullable=False, unique=True),
    Column("name", String(200), nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

# One row: the order of everything. Whoever writes holds it from the beginning of his transaction.
clock = Table(
    "sync_clock",
    SYNC,
    Column("one", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
    Column("epoch", LargeBinary, nullable=False),
    Column("epoch_no", Integer, nullable=False),
    Column("epoch_start", BigInteger, nullable=False),
    Column("durable_seq", BigInteger, nullable=False),
    # Tombstones and exits up to here are gone: a replica that is older begins again.
    Column("floor", BigInteger, nullable=False),
)

epoch = Table(
    "sync_epoch",
    SYNC,
    Column("epoch_no", Integer, primary_key=True, autoincrement=False),
    Column("epoch", LargeBinary, nullable=False),
    Column("start_seq", BigInteger, nullable=False),
    Column("reason", String, nullable=False),
    Column("at", BigInteger, nullable=False),
)

# Every commit that was judged; seq is NULL for refused ones. `payload` (zstd) is kept where something was not applied.
commit = Table(
    "sync_commit",
    SYNC,
    Column("id", LargeBinary, primary_key=True),
    Column("seq", BigInteger, unique=True),
    Column("device", LargeBinary, nullable=False),
    Column("actor", LargeBinary, nullable=False),
    Column("hlc", BigInteger, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("schema_v", Integer, nullable=False),
    Column("status", String, nullable=False),
    Column("result", LargeBinary, nullable=False),
    Column("payload", LargeBinary),
)

# body: field → wire value (fields of newer clients included); fv: field → [seq, commit id], "*" for all not named; both msgpack.
# scope_seq: since when the row is in its scope.
entity = Table(
    "sync_entity",
    SYNC,
    Column("id", LargeBinary, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("scope", SCOPE, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("scope_seq", BigInteger, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("fv", LargeBinary, nullable=False),
    Index("ix_sync_entity_seq", "seq"),
    Index("ix_sync_entity_scope", "scope", "seq"),
)

scope_exit = Table(
    "sync_exit",
    SYNC,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("id", LargeBinary, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("scope", SCOPE, primary_key=True),
)

user_grant = Table(
    "sync_grant",
    SYNC,
    Column("user_id", LargeBinary, primary_key=True),
    Column("scope", SCOPE, primary_key=True),
    Column("from_seq", BigInteger, primary_key=True, autoincrement=False),
    Column("to_seq", BigInteger),
    Index("ix_sync_grant_from", "from_seq"),
    Index("ix_sync_grant_to", "to_seq"),
)

segment = Table(
    "sync_segment",
    SYNC,
    Column("scope", SCOPE, primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("made_at", BigInteger, nullable=False),
    Index("ix_sync_segment_sha256", "sha256"),
)

segment_part = Table(
    "sync_segment_part",
    SYNC,
    Column("sha256", LargeBinary, primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("data", LargeBinary, nullable=False),
)
