"""Alembic's entry: it gets an open connection handed over and never opens one itself."""

from __future__ import annotations

from alembic import context

from presales_desktop.models.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    transaction_per_migration=False,
)
with context.begin_transaction():
    context.run_migrations()
