"""The first schema: clock, epochs, commits, sync images, exits, grants, segments; accounts, devices, audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "sync_clock",
        sa.Column("one", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("epoch", sa.LargeBinary(), nullable=False),
        sa.Column("epoch_no", sa.Integer(), nullable=False),
        sa.Column("epoch_start", sa.BigInteger(), nullable=False),
        sa.Column("durable_seq", sa.BigInteger(), nullable=False),
        sa.Column("floor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("one"),
    )
    op.create_table(
        "sync_commit",
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("device", sa.LargeBinary(), nullable=False),
        sa.Column("actor", sa.LargeBinary(), nullable=False),
        sa.Column("hlc", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("schema_v", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("result", sa.LargeBinary(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("seq"),
    )
    op.create_table(
        "sync_entity",
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("scope", sa.String().with_variant(sa.VARCHAR(collation="C"), "postgresql"), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("scope_seq", sa.BigInteger(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("fv", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", "kind"),
    )
    op.create_index("ix_sync_entity_scope", "sync_entity", ["scope", "seq"], unique=False)
    op.create_index("ix_sync_entity_seq", "sync_entity", ["seq"], unique=False)
    op.create_table(
        "sync_epoch",
        sa.Column("epoch_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("epoch", sa.LargeBinary(), nullable=False),
        sa.Column("start_seq", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("epoch_no"),
    )
    op.create_table(
        "sync_exit",
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("scope", sa.String().with_variant(sa.VARCHAR(collation="C"), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("seq", "id", "kind", "scope"),
    )
    op.create_table(
        "sync_grant",
        sa.Column("user_id", sa.LargeBinary(), nullable=False),
        sa.Column("scope", sa.String().with_variant(sa.VARCHAR(collation="C"), "postgresql"), nullable=False),
        sa.Column("from_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("to_seq", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("user_id", "scope", "from_seq"),
    )
    op.create_index("ix_sync_grant_from", "sync_grant", ["from_seq"], unique=False)
    op.create_index("ix_sync_grant_to", "sync_grant", ["to_seq"], unique=False)
    op.create_table(
        "sync_segment",
        sa.Column("scope", sa.String().with_variant(sa.VARCHAR(collation="C"), "postgresql"), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "seq"),
    )
    op.create_index("ix_sync_segment_sha256", "sync_segment", ["sha256"], unique=False)
    op.create_table(
        "sync_segment_part",
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("n", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", "n"),
    )
    op.create_table(
        "sync_blob",
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("unreferenced_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("sha256"),
    )
    op.create_table(
        "sync_blob_part",
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("user_id", sa.LargeBinary(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", "user_id", "number"),
    )
    op.create_table(
        "sync_blob_link",
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("row_id", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", "row_id"),
    )
    op.create_table(
        "sync_account",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("password", sa.String(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("must_change", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("user_id"),
        sa.UniqueConstraint("login"),
    )
    op.create_table(
        "sync_audit",
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("device", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("n"),
    )
    op.create_table(
        "sync_device",
        sa.Column("no", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("schema", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_seq", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("escrow", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("no"),
        sa.UniqueConstraint("id"),
    )
    op.create_index("ix_sync_device_user_id", "sync_device", ["user_id"], unique=False)
    op.create_table(
        "sync_refresh_token",
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("device_no", sa.Integer(), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("successor", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("hash"),
    )
    op.create_index("ix_sync_refresh_token_device_no", "sync_refresh_token", ["device_no"], unique=False)
    op.create_table(
        "sync_secret",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "sync_throttle",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )


def downgrade() -> None:
    op.drop_table("sync_throttle")
    op.drop_table("sync_secret")
    op.drop_index("ix_sync_refresh_token_device_no", table_name="sync_refresh_token")
    op.drop_table("sync_refresh_token")
    op.drop_index("ix_sync_device_user_id", table_name="sync_device")
    op.drop_table("sync_device")
    op.drop_table("sync_audit")
    op.drop_table("sync_blob_link")
    op.drop_table("sync_blob_part")
    op.drop_table("sync_blob")
    op.drop_table("sync_account")
    op.drop_table("sync_segment_part")
    op.drop_index("ix_sync_segment_sha256", table_name="sync_segment")
    op.drop_table("sync_segment")
    op.drop_index("ix_sync_grant_to", table_name="sync_grant")
    op.drop_index("ix_sync_grant_from", table_name="sync_grant")
    op.drop_table("sync_grant")
    op.drop_table("sync_exit")
    op.drop_table("sync_epoch")
    op.drop_index("ix_sync_entity_seq", table_name="sync_entity")
    op.drop_index("ix_sync_entity_scope", table_name="sync_entity")
    op.drop_table("sync_entity")
    op.drop_table("sync_commit")
    op.drop_table("sync_clock")
