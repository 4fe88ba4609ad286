"""The schema that migrations build is the schema that the records describe."""

from __future__ import annotations

import re
from pathlib import Path

from sqlalchemy import Engine

from presales_desktop.store import migrate
from presales_desktop.store.engine import open_engine


def _schema(engine: Engine) -> dict[str, str]:
    with engine.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND type IN ('table', 'index')"
            " AND name NOT LIKE 'search_gram%' AND name <> 'alembic_version' AND name NOT LIKE 'sqlite_%'"
        ).all()
    return {name: " ".join(sorted(re.split(r"[\s,()]+", sql.replace('"', "")))) for name, sql in rows}


def test_migrated_schema_equals_the_records(tmp_path: Path) -> None:
    migrated = open_engine(tmp_path / "a.db", bytes(32))
    migrate.upgrade(migrated)
    straight = open_engine(tmp_path / "b.db", bytes(32))
    with straight.begin() as connection:
        migrate.create_all(connection)
    try:
        assert _schema(migrated) == _schema(straight)
    finally:
        migrated.dispose()
        straight.dispose()


def test_head_is_the_newest_revision() -> None:
    assert migrate.known_revisions()[-1] == migrate.HEAD
