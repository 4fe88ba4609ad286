"""One demo company for all tests of the command line, with the key derived once and nothing of this machine's settings."""

from __future__ import annotations

import functools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from presales_desktop.reports import printer
from presales_desktop.services import printing
from presales_desktop.services.demo.fill import fill
from presales_desktop.store import keys
from presales_desktop.store import workspace as store
from tests.end2end.cli.program import Presales


@pytest.fixture(scope="session", autouse=True)
def _own_machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Settings, logs and caches of these tests lie in a folder of their own; argon2 runs once per salt, not per command."""
    home = tmp_path_factory.mktemp("home")
    patch = pytest.MonkeyPatch()
    for name in ("XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        patch.setenv(name, str(home / name.lower()))
    patch.delenv("PRESALES_PASSPHRASE", raising=False)
    real = keys.derive
    known: dict[tuple[Any, ...], bytes] = {}

    @functools.wraps(real)
    def derive(passphrase: str, header: keys.Header) -> bytes:
        key = (passphrase, header.salt, header.time_cost, header.memory_kib, header.lanes)
        if key not in known:
            known[key] = real(passphrase, header)
        return known[key]

    patch.setattr(keys, "derive", derive)
    yield
    patch.undo()


@pytest.fixture(autouse=True)
def _no_printer_left() -> Iterator[None]:
    yield
    printing.set_printer(None)


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a demo workspace as `init --demo` makes it; made once for all workers of a run."""
    own = tmp_path_factory.getbasetemp()
    root = own.parent if os.environ.get("PYTEST_XDIST_WORKER") else own
    folder = root / "demo-company"
    with FileLock(root / "demo-company.lock"):
        if not (folder / "done").exists():
            printer.install()
            with store.create(folder, demo=True) as made:
                fill(made.engine)
                with made.engine.connect() as connection:
                    connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            (folder / "done").touch()
    return folder


@pytest.fixture
def presales(company: Path, tmp_path: Path) -> Presales:
    """The program on a copy of the demo company, as 王敏 (sales)."""
    folder = tmp_path / "workspace"
    shutil.copytree(company, folder, ignore=shutil.ignore_patterns("*.lock"))
    program = Presales(folder)
    program("as", "wangmin")
    return program


@pytest.fixture(scope="session")
def still(company: Path, tmp_path_factory: pytest.TempPathFactory) -> Presales:
    """The same for tests that change nothing: one copy for all of them."""
    folder = tmp_path_factory.mktemp("still") / "workspace"
    shutil.copytree(company, folder, ignore=shutil.ignore_patterns("*.lock"))
    program = Presales(folder)
    program("as", "wangmin")
    return program
