"""Alembic on the local database: upgrade with a backup before it, refuse what a newer program wrote."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine

HERE = Path(__file__).resolve().parent
# Kept equal to the newest revision by a test, so that opening an up-to-date workspace never imports alembic (0.3 s).
HEAD = "0001"


def current_revision(engine: Engine) -> str | None:
    """The schema revision of the database, None for an empty one."""
    with engine.connect() as connection:
        found = connection.exec_driver_sql(
            "SELECT count(*) FROM sqlite_master WHERE type='table' AND name='alembic_version'"
        ).scalar_one()
        if not found:
            return None
        return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()


def known_revisions() -> tuple[str, ...]:
    """All revisions this program knows."""
    return tuple(sorted(p.name.split("_")[0] for p in (HERE / "migrations" / "versions").glob("[0-9]*.py")))


def upgrade(engine: Engine, revision: str = "head") -> None:
    """Bring the schema to REVISION in one transaction."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(HERE / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def create_all(connection: Connection) -> None:
    """The schema straight from the records, for the test that compares it with the migrations."""
    from presales_desktop.models.tables import METADATA

    METADATA.create_all(connection)
