"""What an organisation's database knows of people's access: accounts, devices, refresh tokens, throttles, escrowed keys, audit log."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Column, Index, Integer, LargeBinary, MetaData, String, Table, Uuid

ACCESS = MetaData()

# Times are microseconds since 1970, UTC: the same number on every database.
account = Table(
    "sync_account",
    ACCESS,
    Column("user_id", Uuid, primary_key=True),
    Column("login", String, nullable=False, unique=True),
    Column("password", String, nullable=False),
    Column("disabled", Boolean, nullable=False, default=False),
    Column("must_change", Boolean, nullable=False, default=False),
    Column("changed_at", BigInteger, nullable=False),
)

device = Table(
    "sync_device",
    ACCESS,
    Column("no", Integer, primary_key=True, autoincrement=True),
    Column("id", Uuid, nullable=False, unique=True),
    Column("user_id", Uuid, nullable=False),
    Column("name", String, nullable=False, default=""),
    Column("public_key", LargeBinary, nullable=False),
    Column("schema", Integer, nullable=False, default=1),
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("seen_seq", BigInteger, nullable=False, default=0),
    Column("revoked_at", BigInteger),
    Column("escrow", LargeBinary),
    Index("ix_sync_device_user_id", "user_id"),
)

refresh_token = Table(
    "sync_refresh_token",
    ACCESS,
    Column("hash", LargeBinary, primary_key=True),
    Column("device_no", Integer, nullable=False),
    Column("issued_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("used_at", BigInteger),
    Column("successor", LargeBinary),
    Index("ix_sync_refresh_token_device_no", "device_no"),
)

throttle = Table(
    "sync_throttle",
    ACCESS,
    Column("key", String, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("until", BigInteger, nullable=False),
    Column("last_at", BigInteger, nullable=False),
)

# Hash chain; PostgreSQL and SQLite refuse UPDATE and DELETE by trigger.
audit_log = Table(
    "sync_audit",
    ACCESS,
    Column("n", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("actor", String, nullable=False, default=""),
    Column("device", String, nullable=False, default=""),
    Column("action", String, nullable=False),
    Column("detail", JSON, nullable=False),
    Column("previous", String, nullable=False),
    Column("hash", String, nullable=False),
)

secret = Table(
    "sync_secret", ACCESS, Column("name", String, primary_key=True), Column("value", LargeBinary, nullable=False)
)


def append_only_statements(dialect: str, schema: str = "") -> list[str]:
    """SQL that makes the audit log refuse UPDATE and DELETE. SCHEMA: PostgreSQL's, without quotes."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER IF NOT EXISTS sync_audit_no_{event.lower()} BEFORE {event} ON sync_audit "
            "BEGIN SELECT RAISE(ABORT, 'append_only'); END"
            for event in ("UPDATE", "DELETE")
        ]
    at = f'"{schema}".' if schema else ""
    return [
        f"CREATE OR REPLACE FUNCTION {at}sync_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'append_only'; END $$",
        f"DROP TRIGGER IF EXISTS sync_audit_append_only ON {at}sync_audit",
        f"CREATE TRIGGER sync_audit_append_only BEFORE UPDATE OR DELETE ON {at}sync_audit "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {at}sync_append_only()",
    ]
