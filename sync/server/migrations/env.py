"""Alembic's entry for the sync tables of one organisation: it gets an open connection handed over."""

from __future__ import annotations

from alembic import context

from sync.server.tables import SYNC

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SYNC,
    version_table=context.config.attributes["version_table"],
    render_as_batch=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
