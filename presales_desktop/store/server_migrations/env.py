"""Alembic's entry for the typed tables of one organisation on the server: it gets an open connection handed over."""

from __future__ import annotations

from alembic import context

from presales_desktop.store.server_schema import server_metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=server_metadata(),
    version_table=context.config.attributes["version_table"],
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
