"""The typed tables of an organisation on the server: what is shared, and the counters that numbers come from. No laptop's own tables."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import MetaData, Table

from presales_desktop.models.local import NumberCounter
from presales_desktop.models.syncing import REGISTRY

# Kept equal to the newest revision by a test.
HEAD: Final = "0001"
MIGRATIONS: Final = Path(__file__).resolve().parent / "server_migrations"


def server_tables() -> list[Table]:
    """The tables, parents first; number_counter last."""
    counter = NumberCounter.__table__
    assert isinstance(counter, Table)
    return [kind.table for kind in REGISTRY] + [counter]


def server_metadata() -> MetaData:
    """A metadata of just those tables, for migrations."""
    metadata = MetaData(naming_convention=NumberCounter.metadata.naming_convention)
    for table in server_tables():
        table.to_metadata(metadata)
    return metadata
