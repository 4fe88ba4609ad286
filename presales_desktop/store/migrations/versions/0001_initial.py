"""The first schema: customers, cases, surveys, catalogue, designs, quotes, contracts, journal."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import presales_desktop.models.base
from presales_desktop.store.extras import statements

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attachment",
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("thumbnail_sha256", sa.String(), server_default="", nullable=False),
        sa.Column("sort", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("sync_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    op.create_index(op.f("ix_attachment_sha256"), "attachment", ["sha256"], unique=False)
    op.create_index("ix_attachment_subject", "attachment", ["subject_kind", "subject_id"], unique=False)
    op.create_table(
        "audit_event",
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor_name", sa.String(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("subject_title", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("case_id", sa.Uuid(), nullable=True),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_audit_event")),
        sa.UniqueConstraint("id", name=op.f("uq_audit_event_id")),
    )
    op.create_index("ix_audit_event_case", "audit_event", ["case_id", "n"], unique=False)
    op.create_index("ix_audit_event_customer", "audit_event", ["customer_id", "n"], unique=False)
    op.create_index("ix_audit_event_subject", "audit_event", ["subject_kind", "subject_id", "n"], unique=False)
    op.create_table(
        "blob",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("stored", sa.String(), server_default="database", nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_blob")),
    )
    op.create_table(
        "clause",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("edition", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("heading", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("heading_en", sa.String(), nullable=False),
        sa.Column("body_en", sa.String(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("pick", sa.String(), nullable=False),
        sa.Column("use_when", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("sort", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("sync_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clause")),
        sa.UniqueConstraint("key", "edition", name=op.f("uq_clause_key_edition")),
    )
    op.create_table(
        "company_fact",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("sync_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_company_fact")),
        sa.UniqueConstraint("key", name=op.f("uq_company_fact_key")),
    )
    op.create_table(
        "credit_scheme",
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("card", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("sync_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_scheme")),
    )
    op.create_index(op.f("ix_credit_scheme_effective_on"), "credit_scheme", ["effective_on"], unique=False)
    op.create_table(
        "decision",
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("step", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("comment", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_by_name", sa.String(), nullable=False),
        sa.Column("decided_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("on_behalf_of", sa.Uuid(), nullable=True),
        sa.Column("on_behalf_of_name", sa.String(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("sync_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    op.create_index("ix_decision_subject", "decision", ["subject_kind", "subject_id"], unique=False)
    op.create_table(
        "file_receipt",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("sync_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file_receipt")),
        sa.UniqueConstraint("sha256", "scope", name=op.f("uq_file_receipt_sha256_scope")),
    )
    op.create_table(
        "local_draft",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("base_version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("saved_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "key", "user_id", name=op.f("pk_local_draft")),
    )
    op.create_table(
        "meta",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_meta")),
    )
    op.create_table(
        "number_counter",
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("last", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.PrimaryKeyConstraint("series", name=op.f("pk_number_counter")),
    )
    op.create_table(
        "price_event",
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("observed_on", sa.Date(), nullable=False),
        sa.Column("value", presales_desktop.models.base.ScaledDecimal(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("notes", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("sync_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_event")),
    )
    op.create_index(op.f("ix_price_event_observed_on"), "price_event", ["observed_on"], unique=False)
    op.create_index(op.f("ix_price_event_subject"), "price_event", ["subject"], unique=False)
    op.create_table(
        "product",
        sa.Column("model_no", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("brand", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("style", sa.String(), nullable=False),
        sa.Column("grade", sa.String(), nullable=False),
        sa.Column("functions", sa.JSON(), nullable=False),
        sa.Column("mounting", sa.String(), nullable=False),
        sa.Column("shape", sa.String(), nullable=False),
        sa.Column("length_mm", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("width_mm", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("height_mm", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("cutout_mm", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("ip_rating", sa.String(), nullable=False),
        sa.Column("certificates", sa.String(), nullable=False),
        sa.Column("warranty_years", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("lead_days", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("description", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("keywords", sa.String(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("sync_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product")),
        sa.UniqueConstraint("model_no", name=op.f("uq_product_model_no")),
    )
    op.create_index(op.f("ix_product_category"), "product", ["category"], unique=False)
    op.create_index(op.f("ix_product_name"), "product", ["name"], unique=False)
    op.create_index(op.f("ix_product_state"), "product", ["state"], unique=False)
    op.create_index("ix_product_updated_at", "product", ["updated_at", "id"], unique=False)
    op.create_table(
        "ruling",
        sa.Column("decision_id", sa.Uuid(), nullable=False),
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("effective", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("sync_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ruling")),
        sa.UniqueConstraint("decision_id", name=op.f("uq_ruling_decision_id")),
    )
    op.create_index("ix_ruling_subject", "ruling", ["subject_kind", "subject_id"], unique=False)
    op.create_table(
        "search_entry",
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("subtitle", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("initials", sa.String(), nullable=False),
        sa.Column("updated_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_search_entry")),
    )
    op.create_index("ix_search_entry_record", "search_entry", ["kind", "record_id"], unique=True)
    op.create_table(
        "send_record",
        sa.Column("subject_kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("file_sha256", sa.String(), nullable=False),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("sent_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("sent_by", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("sync_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_send_record")),
    )
    op.create_index("ix_send_record_subject", "send_record", ["subject_kind", "subject_id"], unique=False)
    op.create_table(
        "sync_base",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("gone", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", name=op.f("pk_sync_base")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sync_blob",
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("direction", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("received", sa.LargeBinary(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.String(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("sha256", "direction", name=op.f("pk_sync_blob")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_sync_blob_next", "sync_blob", ["direction", "state", "priority"], unique=False)
    op.create_table(
        "sync_inbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("commit_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("row_kind", sa.String(), nullable=False),
        sa.Column("row_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("op", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("mine", sa.LargeBinary(), nullable=False),
        sa.Column("theirs", sa.LargeBinary(), nullable=False),
        sa.Column("base", sa.LargeBinary(), nullable=False),
        sa.Column("mine_at", sa.BigInteger(), nullable=False),
        sa.Column("mine_by", sa.LargeBinary(), nullable=False),
        sa.Column("theirs_at", sa.BigInteger(), nullable=False),
        sa.Column("theirs_by", sa.LargeBinary(), nullable=False),
        sa.Column("theirs_seq", sa.BigInteger(), nullable=False),
        sa.Column("theirs_gone", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("params", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sync_inbox")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_sync_inbox_row", "sync_inbox", ["row_kind", "row_id"], unique=False)
    op.create_index("ix_sync_inbox_state", "sync_inbox", ["state"], unique=False)
    op.create_table(
        "sync_log",
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("pushed", sa.Integer(), nullable=False),
        sa.Column("pulled", sa.Integer(), nullable=False),
        sa.Column("sent_bytes", sa.BigInteger(), nullable=False),
        sa.Column("received_bytes", sa.BigInteger(), nullable=False),
        sa.Column("ms", sa.Integer(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_sync_log")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "sync_meta",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sync_meta")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sync_outbox",
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("commit_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("user_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("hlc", sa.BigInteger(), nullable=False),
        sa.Column("schema", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_sync_outbox")),
        sa.UniqueConstraint("commit_id", name=op.f("uq_sync_outbox_commit_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "sync_pending",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("commit_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("change", sa.LargeBinary(), nullable=False),
        sa.Column("before", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", "n", name=op.f("pk_sync_pending")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_sync_pending_n", "sync_pending", ["n"], unique=False)
    op.create_table(
        "sync_quarantine",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", name=op.f("pk_sync_quarantine")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sync_settled",
        sa.Column("n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("commit_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("user_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("hlc", sa.BigInteger(), nullable=False),
        sa.Column("schema", sa.Integer(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("covered", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_sync_settled")),
    )
    op.create_index("ix_sync_settled_seq", "sync_settled", ["seq"], unique=False)
    op.create_table(
        "sync_unnamed",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", name=op.f("pk_sync_unnamed")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "user",
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("department", sa.String(), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("superior_id", sa.Uuid(), nullable=True),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("sync_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["superior_id"], ["user.id"], name=op.f("fk_user_superior_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sa.UniqueConstraint("login", name=op.f("uq_user_login")),
    )
    op.create_table(
        "customer",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("short_name", sa.String(), nullable=False),
        sa.Column("uscc", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("industry", sa.String(), nullable=False),
        sa.Column("importance", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("credit_grade", sa.String(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("notes", sa.String(), nullable=False),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.Column("merged_into", sa.Uuid(), nullable=True),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.Column("phone_key", sa.String(), nullable=False),
        sa.Column("contact_words", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("sync_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_customer_owner_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer")),
        sa.UniqueConstraint("number", name=op.f("uq_customer_number")),
    )
    op.create_index("ix_customer_importance", "customer", ["importance", "archived", "updated_at", "id"], unique=False)
    op.create_index(op.f("ix_customer_merged_into"), "customer", ["merged_into"], unique=False)
    op.create_index("ix_customer_name", "customer", ["name", "id"], unique=False)
    op.create_index("ix_customer_name_key", "customer", ["name_key"], unique=False)
    op.create_index("ix_customer_owner", "customer", ["owner_id", "archived", "updated_at", "id"], unique=False)
    op.create_index(op.f("ix_customer_phone_key"), "customer", ["phone_key"], unique=False)
    op.create_index("ix_customer_updated_at", "customer", ["archived", "updated_at", "id"], unique=False)
    op.create_index("ix_customer_uscc", "customer", ["uscc"], unique=False)
    op.create_table(
        "delegation",
        sa.Column("principal_id", sa.Uuid(), nullable=False),
        sa.Column("delegate_id", sa.Uuid(), nullable=False),
        sa.Column("rights", sa.JSON(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("to_day", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("revoked_at", presales_desktop.models.base.UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("sync_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["delegate_id"], ["user.id"], name=op.f("fk_delegation_delegate_id_user")),
        sa.ForeignKeyConstraint(["principal_id"], ["user.id"], name=op.f("fk_delegation_principal_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delegation")),
    )
    op.create_table(
        "price_change",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=True),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("brand", sa.String(), nullable=False),
        sa.Column("series", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("percent", presales_desktop.models.base.ScaledDecimal(), nullable=True),
        sa.Column("amount_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("rounding", sa.String(), nullable=False),
        sa.Column("breaks", sa.Boolean(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("applied_at", presales_desktop.models.base.UtcDateTime(), nullable=True),
        sa.Column("applied_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("sync_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["price_event.id"], name=op.f("fk_price_change_event_id_price_event")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_change")),
        sa.UniqueConstraint("number", name=op.f("uq_price_change_number")),
    )
    op.create_index(op.f("ix_price_change_state"), "price_change", ["state"], unique=False)
    op.create_index("ix_price_change_updated_at", "price_change", ["updated_at", "id"], unique=False)
    op.create_table(
        "variant",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("sku", sa.String(), nullable=False),
        sa.Column("finish", sa.String(), nullable=False),
        sa.Column("power_w", presales_desktop.models.base.ScaledDecimal(), nullable=True),
        sa.Column("flux_lm", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("cct_k", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("ra", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("beam_deg", presales_desktop.models.base.ScaledDecimal(), nullable=True),
        sa.Column("dimming", sa.String(), nullable=False),
        sa.Column("sort", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("sync_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_variant_product_id_product")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_variant")),
        sa.UniqueConstraint("sku", name=op.f("uq_variant_sku")),
    )
    op.create_index(op.f("ix_variant_product_id"), "variant", ["product_id"], unique=False)
    op.create_table(
        "contact",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("phone", sa.String(), nullable=False),
        sa.Column("phone_key", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("wechat", sa.String(), nullable=False),
        sa.Column("primary", sa.Boolean(), nullable=False),
        sa.Column("notes", sa.String(), nullable=False),
        sa.Column("sort", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("sync_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_contact_customer_id_customer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contact")),
    )
    op.create_index(op.f("ix_contact_customer_id"), "contact", ["customer_id"], unique=False)
    op.create_index(op.f("ix_contact_phone_key"), "contact", ["phone_key"], unique=False)
    op.create_table(
        "credit",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("monthly_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("notes", sa.String(), nullable=False),
        sa.Column("applied_at", presales_desktop.models.base.UtcDateTime(), nullable=True),
        sa.Column("applied_by", sa.Uuid(), nullable=True),
        sa.Column("assessor_id", sa.Uuid(), nullable=True),
        sa.Column("grade", sa.String(), nullable=False),
        sa.Column("prepay_percent", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("term_days", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("guarantee", sa.String(), nullable=False),
        sa.Column("guarantee_note", sa.String(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("scheme_on", sa.Date(), nullable=True),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("sync_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["assessor_id"], ["user.id"], name=op.f("fk_credit_assessor_id_user")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_credit_customer_id_customer")),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_credit_owner_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit")),
        sa.UniqueConstraint("number", name=op.f("uq_credit_number")),
    )
    op.create_index(op.f("ix_credit_customer_id"), "credit", ["customer_id"], unique=False)
    op.create_index(op.f("ix_credit_owner_id"), "credit", ["owner_id"], unique=False)
    op.create_index(op.f("ix_credit_state"), "credit", ["state"], unique=False)
    op.create_index("ix_credit_updated_at", "credit", ["updated_at", "id"], unique=False)
    op.create_table(
        "photometry",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("figures", sa.JSON(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("sync_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["product_id"], ["product.id"], name=op.f("fk_photometry_product_id_product")),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_photometry_variant_id_variant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photometry")),
    )
    op.create_index(op.f("ix_photometry_product_id"), "photometry", ["product_id"], unique=False)
    op.create_index(op.f("ix_photometry_variant_id"), "photometry", ["variant_id"], unique=False)
    op.create_table(
        "price",
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("list_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("min_quantity", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("change_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("sync_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_price_variant_id_variant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price")),
    )
    op.create_index(op.f("ix_price_change_id"), "price", ["change_id"], unique=False)
    op.create_index("ix_price_variant_id_effective_on", "price", ["variant_id", "effective_on"], unique=False)
    op.create_table(
        "price_floor",
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("floor_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("sync_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_price_floor_variant_id_variant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_floor")),
    )
    op.create_index(
        "ix_price_floor_variant_id_effective_on", "price_floor", ["variant_id", "effective_on"], unique=False
    )
    op.create_table(
        "price_notice",
        sa.Column("change_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("via", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.Column("sent_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("sync_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(
            ["change_id"], ["price_change.id"], name=op.f("fk_price_notice_change_id_price_change")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_price_notice_customer_id_customer")),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_price_notice_owner_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_price_notice")),
    )
    op.create_index(op.f("ix_price_notice_change_id"), "price_notice", ["change_id"], unique=False)
    op.create_index(op.f("ix_price_notice_customer_id"), "price_notice", ["customer_id"], unique=False)
    op.create_index(op.f("ix_price_notice_owner_id"), "price_notice", ["owner_id"], unique=False)
    op.create_index(op.f("ix_price_notice_state"), "price_notice", ["state"], unique=False)
    op.create_table(
        "site",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("region", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("contact_name", sa.String(), nullable=False),
        sa.Column("contact_phone", sa.String(), nullable=False),
        sa.Column("sort", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("sync_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_site_customer_id_customer")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
    )
    op.create_index(op.f("ix_site_customer_id"), "site", ["customer_id"], unique=False)
    op.create_table(
        "variant_cost",
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("cost_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("supplier", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("sync_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_variant_cost_variant_id_variant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_variant_cost")),
    )
    op.create_index(
        "ix_variant_cost_variant_id_effective_on", "variant_cost", ["variant_id", "effective_on"], unique=False
    )
    op.create_table(
        "case",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("site_id", sa.Uuid(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("designer_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("building_type", sa.String(), nullable=False),
        sa.Column("expected_amount_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("next_step", sa.String(), nullable=False),
        sa.Column("next_due_on", sa.Date(), nullable=True),
        sa.Column("outcome_reason", sa.String(), nullable=False),
        sa.Column("closed_at", presales_desktop.models.base.UtcDateTime(), nullable=True),
        sa.Column("notes", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("sync_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_case_customer_id_customer")),
        sa.ForeignKeyConstraint(["designer_id"], ["user.id"], name=op.f("fk_case_designer_id_user")),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_case_owner_id_user")),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name=op.f("fk_case_site_id_site")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case")),
        sa.UniqueConstraint("number", name=op.f("uq_case_number")),
    )
    op.create_index(op.f("ix_case_customer_id"), "case", ["customer_id"], unique=False)
    op.create_index("ix_case_owner", "case", ["owner_id", "status", "updated_at", "id"], unique=False)
    op.create_index(op.f("ix_case_status"), "case", ["status"], unique=False)
    op.create_index("ix_case_updated_at", "case", ["updated_at", "id"], unique=False)
    op.create_table(
        "credit_sheet",
        sa.Column("credit_id", sa.Uuid(), nullable=False),
        sa.Column("years", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("capital_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("ownership", sa.String(), nullable=False),
        sa.Column("licence", sa.String(), nullable=False),
        sa.Column("basics_note", sa.String(), nullable=False),
        sa.Column("market", sa.String(), nullable=False),
        sa.Column("premises", sa.String(), nullable=False),
        sa.Column("staff", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("operations_note", sa.String(), nullable=False),
        sa.Column("finances_note", sa.String(), nullable=False),
        sa.Column("paid", sa.String(), nullable=False),
        sa.Column("court", sa.String(), nullable=False),
        sa.Column("tax_level", sa.String(), nullable=False),
        sa.Column("agency", sa.String(), nullable=False),
        sa.Column("reputation", sa.String(), nullable=False),
        sa.Column("record_note", sa.String(), nullable=False),
        sa.Column("limit_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("score", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("frozen", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("sync_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["credit_id"], ["credit.id"], name=op.f("fk_credit_sheet_credit_id_credit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_sheet")),
        sa.UniqueConstraint("credit_id", name=op.f("uq_credit_sheet_credit_id")),
    )
    op.create_table(
        "credit_statement",
        sa.Column("credit_id", sa.Uuid(), nullable=False),
        sa.Column("year", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("revenue_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("net_profit_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("current_assets_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("inventory_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("receivables_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("assets_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("current_liabilities_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("liabilities_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("operating_cash_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("sort", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("sync_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["credit_id"], ["credit.id"], name=op.f("fk_credit_statement_credit_id_credit")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_statement")),
    )
    op.create_index(op.f("ix_credit_statement_credit_id"), "credit_statement", ["credit_id"], unique=False)
    op.create_table(
        "credit_exception",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("family_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("prepay_percent", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("term_days", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("waive_guarantee", sa.Boolean(), nullable=False),
        sa.Column("over_limit", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("frozen", sa.String(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("submitted_at", presales_desktop.models.base.UtcDateTime(), nullable=True),
        sa.Column("submitted_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("sync_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_credit_exception_case_id_case")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("fk_credit_exception_customer_id_customer")
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_credit_exception_owner_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credit_exception")),
    )
    op.create_index(op.f("ix_credit_exception_case_id"), "credit_exception", ["case_id"], unique=False)
    op.create_index(op.f("ix_credit_exception_customer_id"), "credit_exception", ["customer_id"], unique=False)
    op.create_index(op.f("ix_credit_exception_number"), "credit_exception", ["number"], unique=False)
    op.create_index(op.f("ix_credit_exception_owner_id"), "credit_exception", ["owner_id"], unique=False)
    op.create_index(op.f("ix_credit_exception_state"), "credit_exception", ["state"], unique=False)
    op.create_index("ix_credit_exception_updated_at", "credit_exception", ["updated_at", "id"], unique=False)
    op.create_table(
        "survey",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("revision", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=True),
        sa.Column("held_on", sa.Date(), nullable=True),
        sa.Column("people", sa.String(), nullable=False),
        sa.Column("scene", sa.String(), nullable=False),
        sa.Column("style", sa.String(), nullable=False),
        sa.Column("functions", sa.String(), nullable=False),
        sa.Column("budget_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("delivery_on", sa.Date(), nullable=True),
        sa.Column("undecided", sa.JSON(), nullable=False),
        sa.Column("total_area_m2", presales_desktop.models.base.ScaledDecimal(), nullable=True),
        sa.Column("notes", sa.String(), nullable=False),
        sa.Column("summary", sa.String(), nullable=False),
        sa.Column("completeness", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("frozen", sa.String(), nullable=False),
        sa.Column("confirmed_by", sa.String(), nullable=False),
        sa.Column("confirmed_on", sa.Date(), nullable=True),
        sa.Column("confirmed_how", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("sync_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_survey_case_id_case")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_survey_customer_id_customer")),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_survey_owner_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey")),
        sa.UniqueConstraint("number", name=op.f("uq_survey_number")),
    )
    op.create_index(op.f("ix_survey_case_id"), "survey", ["case_id"], unique=False)
    op.create_index(op.f("ix_survey_customer_id"), "survey", ["customer_id"], unique=False)
    op.create_index(op.f("ix_survey_owner_id"), "survey", ["owner_id"], unique=False)
    op.create_index(op.f("ix_survey_state"), "survey", ["state"], unique=False)
    op.create_index("ix_survey_updated_at", "survey", ["updated_at", "id"], unique=False)
    op.create_table(
        "design",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("family_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("survey_id", sa.Uuid(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("maintenance_factor", sa.Double(), nullable=False),
        sa.Column("grid_spacing_m", sa.Double(), nullable=False),
        sa.Column("standard", sa.String(), nullable=False),
        sa.Column("hours_per_year", sa.Double(), nullable=False),
        sa.Column("moods", sa.JSON(), nullable=False),
        sa.Column("view", sa.JSON(), nullable=False),
        sa.Column("notes", sa.String(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("frozen", sa.String(), nullable=False),
        sa.Column("submitted_at", presales_desktop.models.base.UtcDateTime(), nullable=True),
        sa.Column("submitted_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("sync_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_design_case_id_case")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_design_customer_id_customer")),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_design_owner_id_user")),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("fk_design_survey_id_survey")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_design")),
    )
    op.create_index(op.f("ix_design_case_id"), "design", ["case_id"], unique=False)
    op.create_index(op.f("ix_design_customer_id"), "design", ["customer_id"], unique=False)
    op.create_index(op.f("ix_design_family_id"), "design", ["family_id"], unique=False)
    op.create_index(op.f("ix_design_number"), "design", ["number"], unique=False)
    op.create_index(op.f("ix_design_owner_id"), "design", ["owner_id"], unique=False)
    op.create_index(op.f("ix_design_state"), "design", ["state"], unique=False)
    op.create_index("ix_design_updated_at", "design", ["updated_at", "id"], unique=False)
    op.create_table(
        "survey_report",
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("frozen", sa.String(), nullable=False),
        sa.Column("confirmed_by", sa.String(), nullable=False),
        sa.Column("confirmed_on", sa.Date(), nullable=True),
        sa.Column("confirmed_how", sa.String(), nullable=False),
        sa.Column("confirmed_note", sa.String(), nullable=False),
        sa.Column("reopened_reason", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("sync_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("fk_survey_report_survey_id_survey")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_report")),
        sa.UniqueConstraint("survey_id", "revision", name=op.f("uq_survey_report_survey_id_revision")),
    )
    op.create_index(op.f("ix_survey_report_survey_id"), "survey_report", ["survey_id"], unique=False)
    op.create_table(
        "survey_space",
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("room_type", sa.String(), nullable=False),
        sa.Column("area_m2", presales_desktop.models.base.ScaledDecimal(), nullable=True),
        sa.Column("height_m", presales_desktop.models.base.ScaledDecimal(), nullable=True),
        sa.Column("style", sa.String(), nullable=False),
        sa.Column("functions", sa.String(), nullable=False),
        sa.Column("target_lux", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("cct_k", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("ra", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("glare", sa.String(), nullable=False),
        sa.Column("dimming", sa.String(), nullable=False),
        sa.Column("budget_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("notes", sa.String(), nullable=False),
        sa.Column("sort", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("sync_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("fk_survey_space_survey_id_survey")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_space")),
    )
    op.create_index(op.f("ix_survey_space_survey_id"), "survey_space", ["survey_id"], unique=False)
    op.create_table(
        "luminaire",
        sa.Column("design_id", sa.Uuid(), nullable=False),
        sa.Column("floor", sa.String(), nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=False),
        sa.Column("x_m", sa.Double(), nullable=False),
        sa.Column("y_m", sa.Double(), nullable=False),
        sa.Column("z_m", sa.Double(), nullable=False),
        sa.Column("rotation_deg", sa.Double(), nullable=False),
        sa.Column("tilt_deg", sa.Double(), nullable=False),
        sa.Column("flux_factor", sa.Double(), nullable=False),
        sa.Column("decorative", sa.Boolean(), nullable=False),
        sa.Column("group_id", sa.Uuid(), nullable=True),
        sa.Column("circuit", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("sort", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("sync_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["design_id"], ["design.id"], name=op.f("fk_luminaire_design_id_design")),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_luminaire_variant_id_variant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_luminaire")),
    )
    op.create_index(op.f("ix_luminaire_design_id"), "luminaire", ["design_id"], unique=False)
    op.create_index(op.f("ix_luminaire_variant_id"), "luminaire", ["variant_id"], unique=False)
    op.create_table(
        "plan_item",
        sa.Column("design_id", sa.Uuid(), nullable=False),
        sa.Column("floor", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("points", sa.JSON(), nullable=False),
        sa.Column("thickness_m", sa.Double(), nullable=False),
        sa.Column("bottom_m", sa.Double(), nullable=False),
        sa.Column("top_m", sa.Double(), nullable=True),
        sa.Column("reflectance", sa.Double(), nullable=False),
        sa.Column("rotation_deg", sa.Double(), nullable=False),
        sa.Column("target_lux", sa.Double(), nullable=True),
        sa.Column("uniformity", sa.Double(), nullable=True),
        sa.Column("surround_m", sa.Double(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("sort", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("sync_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["design_id"], ["design.id"], name=op.f("fk_plan_item_design_id_design")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_item")),
    )
    op.create_index(op.f("ix_plan_item_design_id"), "plan_item", ["design_id"], unique=False)
    op.create_table(
        "quote",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("family_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("design_id", sa.Uuid(), nullable=True),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("currency", sa.String(), nullable=False),
        sa.Column("exchange_rate", presales_desktop.models.base.ScaledDecimal(), nullable=False),
        sa.Column("rate_on", sa.Date(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("show_images", sa.Boolean(), nullable=False),
        sa.Column("tax_rate", presales_desktop.models.base.ScaledDecimal(), nullable=False),
        sa.Column("tax_included", sa.Boolean(), nullable=False),
        sa.Column("discount_percent", presales_desktop.models.base.ScaledDecimal(), nullable=False),
        sa.Column("discount_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("freight_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("installation_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=True),
        sa.Column("delivery", sa.String(), nullable=False),
        sa.Column("delivery_place", sa.String(), nullable=False),
        sa.Column("payment", sa.String(), nullable=False),
        sa.Column("warranty", sa.String(), nullable=False),
        sa.Column("notes", sa.String(), nullable=False),
        sa.Column("internal_notes", sa.String(), nullable=False),
        sa.Column("total_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("frozen", sa.String(), nullable=False),
        sa.Column("submitted_at", presales_desktop.models.base.UtcDateTime(), nullable=True),
        sa.Column("submitted_by", sa.Uuid(), nullable=True),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("answer_note", sa.String(), nullable=False),
        sa.Column("stale", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("sync_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_quote_case_id_case")),
        sa.ForeignKeyConstraint(["contact_id"], ["contact.id"], name=op.f("fk_quote_contact_id_contact")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_quote_customer_id_customer")),
        sa.ForeignKeyConstraint(["design_id"], ["design.id"], name=op.f("fk_quote_design_id_design")),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_quote_owner_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote")),
        sa.UniqueConstraint("family_id", "revision", name=op.f("uq_quote_family_id_revision")),
    )
    op.create_index(op.f("ix_quote_case_id"), "quote", ["case_id"], unique=False)
    op.create_index(op.f("ix_quote_customer_id"), "quote", ["customer_id"], unique=False)
    op.create_index(op.f("ix_quote_family_id"), "quote", ["family_id"], unique=False)
    op.create_index(op.f("ix_quote_number"), "quote", ["number"], unique=False)
    op.create_index(op.f("ix_quote_owner_id"), "quote", ["owner_id"], unique=False)
    op.create_index(op.f("ix_quote_state"), "quote", ["state"], unique=False)
    op.create_index("ix_quote_updated_at", "quote", ["updated_at", "id"], unique=False)
    op.create_table(
        "room",
        sa.Column("design_id", sa.Uuid(), nullable=False),
        sa.Column("floor", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("room_type", sa.String(), nullable=False),
        sa.Column("polygon", sa.JSON(), nullable=False),
        sa.Column("height_m", sa.Double(), nullable=False),
        sa.Column("workplane_m", sa.Double(), nullable=False),
        sa.Column("margin_m", sa.Double(), nullable=False),
        sa.Column("reflectance_ceiling", sa.Double(), nullable=False),
        sa.Column("reflectance_walls", sa.Double(), nullable=False),
        sa.Column("reflectance_floor", sa.Double(), nullable=False),
        sa.Column("maintenance_factor", sa.Double(), nullable=True),
        sa.Column("target_lux", sa.Double(), nullable=True),
        sa.Column("survey_space_id", sa.Uuid(), nullable=True),
        sa.Column("environment", sa.String(), nullable=False),
        sa.Column("housing", sa.String(), nullable=False),
        sa.Column("cleaning_years", sa.Double(), nullable=False),
        sa.Column("hours_per_year", sa.Double(), nullable=True),
        sa.Column("eye_m", sa.Double(), nullable=False),
        sa.Column("cylindrical", sa.Boolean(), nullable=False),
        sa.Column("vertical", sa.Boolean(), nullable=False),
        sa.Column("high_m", sa.Double(), nullable=True),
        sa.Column("rise_deg", sa.Double(), nullable=False),
        sa.Column("sort", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("sync_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["design_id"], ["design.id"], name=op.f("fk_room_design_id_design")),
        sa.ForeignKeyConstraint(
            ["survey_space_id"], ["survey_space.id"], name=op.f("fk_room_survey_space_id_survey_space")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room")),
    )
    op.create_index(op.f("ix_room_design_id"), "room", ["design_id"], unique=False)
    op.create_table(
        "survey_need",
        sa.Column("survey_id", sa.Uuid(), nullable=False),
        sa.Column("space_id", sa.Uuid(), nullable=True),
        sa.Column("dimension", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("core", sa.Boolean(), nullable=False),
        sa.Column("concern", sa.Boolean(), nullable=False),
        sa.Column("weight", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sort", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("sync_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["space_id"], ["survey_space.id"], name=op.f("fk_survey_need_space_id_survey_space")),
        sa.ForeignKeyConstraint(["survey_id"], ["survey.id"], name=op.f("fk_survey_need_survey_id_survey")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_survey_need")),
    )
    op.create_index(op.f("ix_survey_need_survey_id"), "survey_need", ["survey_id"], unique=False)
    op.create_table(
        "underlay",
        sa.Column("design_id", sa.Uuid(), nullable=False),
        sa.Column("floor", sa.String(), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("metres_per_unit", sa.Double(), nullable=True),
        sa.Column("calibration", sa.JSON(), nullable=False),
        sa.Column("x_m", sa.Double(), nullable=False),
        sa.Column("y_m", sa.Double(), nullable=False),
        sa.Column("rotation_deg", sa.Double(), nullable=False),
        sa.Column("hidden_layers", sa.JSON(), nullable=False),
        sa.Column("opacity", sa.Double(), nullable=False),
        sa.Column("locked", sa.Boolean(), nullable=False),
        sa.Column("visible", sa.Boolean(), nullable=False),
        sa.Column("sort", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("sync_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["design_id"], ["design.id"], name=op.f("fk_underlay_design_id_design")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_underlay")),
    )
    op.create_index(op.f("ix_underlay_design_id"), "underlay", ["design_id"], unique=False)
    op.create_table(
        "contract",
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("family_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("quote_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("sign_place", sa.String(), nullable=False),
        sa.Column("sign_on", sa.Date(), nullable=True),
        sa.Column("copies", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("parties", sa.JSON(), nullable=False),
        sa.Column("deposit_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("prepayment_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("total_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("notes", sa.String(), nullable=False),
        sa.Column("content_hash", sa.String(), nullable=False),
        sa.Column("frozen", sa.String(), nullable=False),
        sa.Column("submitted_at", presales_desktop.models.base.UtcDateTime(), nullable=True),
        sa.Column("submitted_by", sa.Uuid(), nullable=True),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("signed_by", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("sync_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["case.id"], name=op.f("fk_contract_case_id_case")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("fk_contract_customer_id_customer")),
        sa.ForeignKeyConstraint(["owner_id"], ["user.id"], name=op.f("fk_contract_owner_id_user")),
        sa.ForeignKeyConstraint(["quote_id"], ["quote.id"], name=op.f("fk_contract_quote_id_quote")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract")),
        sa.UniqueConstraint("family_id", "revision", name=op.f("uq_contract_family_id_revision")),
    )
    op.create_index(op.f("ix_contract_case_id"), "contract", ["case_id"], unique=False)
    op.create_index(op.f("ix_contract_customer_id"), "contract", ["customer_id"], unique=False)
    op.create_index(op.f("ix_contract_family_id"), "contract", ["family_id"], unique=False)
    op.create_index(op.f("ix_contract_number"), "contract", ["number"], unique=False)
    op.create_index(op.f("ix_contract_owner_id"), "contract", ["owner_id"], unique=False)
    op.create_index(op.f("ix_contract_quote_id"), "contract", ["quote_id"], unique=False)
    op.create_index(op.f("ix_contract_state"), "contract", ["state"], unique=False)
    op.create_index("ix_contract_updated_at", "contract", ["updated_at", "id"], unique=False)
    op.create_table(
        "quote_light",
        sa.Column("quote_id", sa.Uuid(), nullable=False),
        sa.Column("light", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("sync_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["quote_id"], ["quote.id"], name=op.f("fk_quote_light_quote_id_quote")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote_light")),
        sa.UniqueConstraint("quote_id", name=op.f("uq_quote_light_quote_id")),
    )
    op.create_table(
        "quote_line",
        sa.Column("quote_id", sa.Uuid(), nullable=False),
        sa.Column("sort", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("room", sa.String(), nullable=False),
        sa.Column("variant_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("spec", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("quantity", presales_desktop.models.base.ScaledDecimal(), nullable=False),
        sa.Column("list_price_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("unit_price_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("discount_percent", presales_desktop.models.base.ScaledDecimal(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("customer_code", sa.String(), nullable=False),
        sa.Column("tax_rate", presales_desktop.models.base.ScaledDecimal(), nullable=True),
        sa.Column("lead_days", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("image_sha256", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("attention", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("sync_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["quote_id"], ["quote.id"], name=op.f("fk_quote_line_quote_id_quote")),
        sa.ForeignKeyConstraint(["variant_id"], ["variant.id"], name=op.f("fk_quote_line_variant_id_variant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote_line")),
    )
    op.create_index("ix_quote_line_quote_id", "quote_line", ["quote_id", "sort"], unique=False)
    op.create_index(op.f("ix_quote_line_variant_id"), "quote_line", ["variant_id"], unique=False)
    op.create_table(
        "contract_clause",
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("edition", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("heading", sa.String(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("sort", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("sync_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_contract_clause_contract_id_contract")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_clause")),
    )
    op.create_index(op.f("ix_contract_clause_contract_id"), "contract_clause", ["contract_id"], unique=False)
    op.create_table(
        "contract_step",
        sa.Column("contract_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("base", sa.String(), nullable=False),
        sa.Column("days", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("sort", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("sync_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name=op.f("fk_contract_step_contract_id_contract")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_step")),
    )
    op.create_index(op.f("ix_contract_step_contract_id"), "contract_step", ["contract_id"], unique=False)
    op.create_table(
        "quote_line_cost",
        sa.Column("quote_id", sa.Uuid(), nullable=False),
        sa.Column("line_id", sa.Uuid(), nullable=False),
        sa.Column("unit_cost_fen", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("updated_at", presales_desktop.models.base.UtcDateTime(), nullable=False),
        sa.Column("updated_by", sa.Uuid(), nullable=True),
        sa.Column("sync_seq", sa.BigInteger(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["line_id"], ["quote_line.id"], name=op.f("fk_quote_line_cost_line_id_quote_line")),
        sa.ForeignKeyConstraint(["quote_id"], ["quote.id"], name=op.f("fk_quote_line_cost_quote_id_quote")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quote_line_cost")),
    )
    op.create_index(op.f("ix_quote_line_cost_line_id"), "quote_line_cost", ["line_id"], unique=False)
    op.create_index(op.f("ix_quote_line_cost_quote_id"), "quote_line_cost", ["quote_id"], unique=False)
    for statement in statements():
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE search_gram")
    op.drop_index(op.f("ix_quote_line_cost_quote_id"), table_name="quote_line_cost")
    op.drop_index(op.f("ix_quote_line_cost_line_id"), table_name="quote_line_cost")
    op.drop_table("quote_line_cost")
    op.drop_index(op.f("ix_contract_step_contract_id"), table_name="contract_step")
    op.drop_table("contract_step")
    op.drop_index(op.f("ix_contract_clause_contract_id"), table_name="contract_clause")
    op.drop_table("contract_clause")
    op.drop_index(op.f("ix_quote_line_variant_id"), table_name="quote_line")
    op.drop_index("ix_quote_line_quote_id", table_name="quote_line")
    op.drop_table("quote_line")
    op.drop_table("quote_light")
    op.drop_index("ix_contract_updated_at", table_name="contract")
    op.drop_index(op.f("ix_contract_state"), table_name="contract")
    op.drop_index(op.f("ix_contract_quote_id"), table_name="contract")
    op.drop_index(op.f("ix_contract_owner_id"), table_name="contract")
    op.drop_index(op.f("ix_contract_number"), table_name="contract")
    op.drop_index(op.f("ix_contract_family_id"), table_name="contract")
    op.drop_index(op.f("ix_contract_customer_id"), table_name="contract")
    op.drop_index(op.f("ix_contract_case_id"), table_name="contract")
    op.drop_table("contract")
    op.drop_index(op.f("ix_underlay_design_id"), table_name="underlay")
    op.drop_table("underlay")
    op.drop_index(op.f("ix_survey_need_survey_id"), table_name="survey_need")
    op.drop_table("survey_need")
    op.drop_index(op.f("ix_room_design_id"), table_name="room")
    op.drop_table("room")
    op.drop_index("ix_quote_updated_at", table_name="quote")
    op.drop_index(op.f("ix_quote_state"), table_name="quote")
    op.drop_index(op.f("ix_quote_owner_id"), table_name="quote")
    op.drop_index(op.f("ix_quote_number"), table_name="quote")
    op.drop_index(op.f("ix_quote_family_id"), table_name="quote")
    op.drop_index(op.f("ix_quote_customer_id"), table_name="quote")
    op.drop_index(op.f("ix_quote_case_id"), table_name="quote")
    op.drop_table("quote")
    op.drop_index(op.f("ix_plan_item_design_id"), table_name="plan_item")
    op.drop_table("plan_item")
    op.drop_index(op.f("ix_luminaire_variant_id"), table_name="luminaire")
    op.drop_index(op.f("ix_luminaire_design_id"), table_name="luminaire")
    op.drop_table("luminaire")
    op.drop_index(op.f("ix_survey_space_survey_id"), table_name="survey_space")
    op.drop_table("survey_space")
    op.drop_index(op.f("ix_survey_report_survey_id"), table_name="survey_report")
    op.drop_table("survey_report")
    op.drop_index("ix_design_updated_at", table_name="design")
    op.drop_index(op.f("ix_design_state"), table_name="design")
    op.drop_index(op.f("ix_design_owner_id"), table_name="design")
    op.drop_index(op.f("ix_design_number"), table_name="design")
    op.drop_index(op.f("ix_design_family_id"), table_name="design")
    op.drop_index(op.f("ix_design_customer_id"), table_name="design")
    op.drop_index(op.f("ix_design_case_id"), table_name="design")
    op.drop_table("design")
    op.drop_index("ix_survey_updated_at", table_name="survey")
    op.drop_index(op.f("ix_survey_state"), table_name="survey")
    op.drop_index(op.f("ix_survey_owner_id"), table_name="survey")
    op.drop_index(op.f("ix_survey_customer_id"), table_name="survey")
    op.drop_index(op.f("ix_survey_case_id"), table_name="survey")
    op.drop_table("survey")
    op.drop_index("ix_credit_exception_updated_at", table_name="credit_exception")
    op.drop_index(op.f("ix_credit_exception_state"), table_name="credit_exception")
    op.drop_index(op.f("ix_credit_exception_owner_id"), table_name="credit_exception")
    op.drop_index(op.f("ix_credit_exception_number"), table_name="credit_exception")
    op.drop_index(op.f("ix_credit_exception_customer_id"), table_name="credit_exception")
    op.drop_index(op.f("ix_credit_exception_case_id"), table_name="credit_exception")
    op.drop_table("credit_exception")
    op.drop_index(op.f("ix_credit_statement_credit_id"), table_name="credit_statement")
    op.drop_table("credit_statement")
    op.drop_table("credit_sheet")
    op.drop_index("ix_case_updated_at", table_name="case")
    op.drop_index(op.f("ix_case_status"), table_name="case")
    op.drop_index("ix_case_owner", table_name="case")
    op.drop_index(op.f("ix_case_customer_id"), table_name="case")
    op.drop_table("case")
    op.drop_index("ix_variant_cost_variant_id_effective_on", table_name="variant_cost")
    op.drop_table("variant_cost")
    op.drop_index(op.f("ix_site_customer_id"), table_name="site")
    op.drop_table("site")
    op.drop_index(op.f("ix_price_notice_state"), table_name="price_notice")
    op.drop_index(op.f("ix_price_notice_owner_id"), table_name="price_notice")
    op.drop_index(op.f("ix_price_notice_customer_id"), table_name="price_notice")
    op.drop_index(op.f("ix_price_notice_change_id"), table_name="price_notice")
    op.drop_table("price_notice")
    op.drop_index("ix_price_floor_variant_id_effective_on", table_name="price_floor")
    op.drop_table("price_floor")
    op.drop_index("ix_price_variant_id_effective_on", table_name="price")
    op.drop_index(op.f("ix_price_change_id"), table_name="price")
    op.drop_table("price")
    op.drop_index(op.f("ix_photometry_variant_id"), table_name="photometry")
    op.drop_index(op.f("ix_photometry_product_id"), table_name="photometry")
    op.drop_table("photometry")
    op.drop_index("ix_credit_updated_at", table_name="credit")
    op.drop_index(op.f("ix_credit_state"), table_name="credit")
    op.drop_index(op.f("ix_credit_owner_id"), table_name="credit")
    op.drop_index(op.f("ix_credit_customer_id"), table_name="credit")
    op.drop_table("credit")
    op.drop_index(op.f("ix_contact_phone_key"), table_name="contact")
    op.drop_index(op.f("ix_contact_customer_id"), table_name="contact")
    op.drop_table("contact")
    op.drop_index(op.f("ix_variant_product_id"), table_name="variant")
    op.drop_table("variant")
    op.drop_index("ix_price_change_updated_at", table_name="price_change")
    op.drop_index(op.f("ix_price_change_state"), table_name="price_change")
    op.drop_table("price_change")
    op.drop_table("delegation")
    op.drop_index("ix_customer_uscc", table_name="customer")
    op.drop_index("ix_customer_updated_at", table_name="customer")
    op.drop_index(op.f("ix_customer_phone_key"), table_name="customer")
    op.drop_index("ix_customer_owner", table_name="customer")
    op.drop_index("ix_customer_name_key", table_name="customer")
    op.drop_index("ix_customer_name", table_name="customer")
    op.drop_index(op.f("ix_customer_merged_into"), table_name="customer")
    op.drop_index("ix_customer_importance", table_name="customer")
    op.drop_table("customer")
    op.drop_table("user")
    op.drop_table("sync_unnamed")
    op.drop_index("ix_sync_settled_seq", table_name="sync_settled")
    op.drop_table("sync_settled")
    op.drop_table("sync_quarantine")
    op.drop_index("ix_sync_pending_n", table_name="sync_pending")
    op.drop_table("sync_pending")
    op.drop_table("sync_outbox")
    op.drop_table("sync_meta")
    op.drop_table("sync_log")
    op.drop_index("ix_sync_inbox_state", table_name="sync_inbox")
    op.drop_index("ix_sync_inbox_row", table_name="sync_inbox")
    op.drop_table("sync_inbox")
    op.drop_index("ix_sync_blob_next", table_name="sync_blob")
    op.drop_table("sync_blob")
    op.drop_table("sync_base")
    op.drop_index("ix_send_record_subject", table_name="send_record")
    op.drop_table("send_record")
    op.drop_index("ix_search_entry_record", table_name="search_entry")
    op.drop_table("search_entry")
    op.drop_index("ix_ruling_subject", table_name="ruling")
    op.drop_table("ruling")
    op.drop_index("ix_product_updated_at", table_name="product")
    op.drop_index(op.f("ix_product_state"), table_name="product")
    op.drop_index(op.f("ix_product_name"), table_name="product")
    op.drop_index(op.f("ix_product_category"), table_name="product")
    op.drop_table("product")
    op.drop_index(op.f("ix_price_event_subject"), table_name="price_event")
    op.drop_index(op.f("ix_price_event_observed_on"), table_name="price_event")
    op.drop_table("price_event")
    op.drop_table("number_counter")
    op.drop_table("meta")
    op.drop_table("local_draft")
    op.drop_table("file_receipt")
    op.drop_index("ix_decision_subject", table_name="decision")
    op.drop_table("decision")
    op.drop_index(op.f("ix_credit_scheme_effective_on"), table_name="credit_scheme")
    op.drop_table("credit_scheme")
    op.drop_table("company_fact")
    op.drop_table("clause")
    op.drop_table("blob")
    op.drop_index("ix_audit_event_subject", table_name="audit_event")
    op.drop_index("ix_audit_event_customer", table_name="audit_event")
    op.drop_index("ix_audit_event_case", table_name="audit_event")
    op.drop_table("audit_event")
    op.drop_index("ix_attachment_subject", table_name="attachment")
    op.drop_index(op.f("ix_attachment_sha256"), table_name="attachment")
    op.drop_table("attachment")
