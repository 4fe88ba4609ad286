"""Organisations on a real PostgreSQL and on SQLite."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from sync.server.core import Core
from sync.server.database import Database, Organisation, Part
from tests.sync import shop

_NUMBERS = count(1)


@pytest.fixture(scope="session")
def postgres(postgres_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """The server's database on PostgreSQL."""
    with_tables = (Part("shop", shop.TABLES),)
    database = Database.open(postgres_url, tmp_path_factory.mktemp("server"), with_tables)
    yield database
    database.close()


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Database]:
    """The embedded one."""
    database = Database.open(None, tmp_path / "server", (Part("shop", shop.TABLES),))
    yield database
    database.close()


@pytest.fixture(params=["sqlite", "postgres"])
def organisation(request: pytest.FixtureRequest) -> Organisation:
    """An empty organisation on either database."""
    database: Database = request.getfixturevalue(request.param)
    return database.add(f"o{next(_NUMBERS)}_{os.getpid()}", "Organisation")


@pytest.fixture
def domain() -> shop.Shop:
    """The small product."""
    return shop.Shop()


@pytest.fixture
def core_of(organisation: Organisation, domain: shop.Shop) -> Iterator[Callable[..., Core]]:
    """core_of(**options) → another server process on the organisation."""
    made: list[Core] = []

    def make(**options: Any) -> Core:
        made.append(Core(organisation.engine, domain, clock=lambda: shop.NOW, **options))
        return made[-1]

    yield make
    for core in made:
        core.close()


@pytest.fixture
def core(core_of: Callable[..., Core]) -> Core:
    """The organisation's sync."""
    return core_of()
