"""A workspace is whole or not there; each way it can fail to open is told apart."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from presales_desktop.models.errors import EnvironmentProblem, InputError
from presales_desktop.services.work import Runner
from presales_desktop.store import keys, migrate
from presales_desktop.store import workspace as store
from presales_desktop.store.engine import open_engine
from tests.conftest import PASSPHRASE


def refusal(folder: Path, passphrase: str | None = PASSPHRASE) -> str:
    with pytest.raises((EnvironmentProblem, InputError)) as caught:
        store.open_workspace(folder, passphrase=passphrase)
    return caught.value.code


@pytest.fixture
def closed(workspace: store.Workspace) -> Path:
    workspace.close()
    return workspace.folder


def test_file_on_disk_is_not_readable_without_the_key(closed: Path) -> None:
    assert b"SQLite format 3" not in (closed / store.DATABASE).read_bytes()[:100]
    plain = sqlite3.connect(closed / store.DATABASE)
    with pytest.raises(sqlite3.DatabaseError):
        plain.execute("SELECT * FROM user").fetchall()
    plain.close()


def test_wrong_passphrase_is_told_from_a_damaged_file(closed: Path) -> None:
    assert refusal(closed, "wrong horse battery") == "store.passphrase_wrong"
    assert refusal(closed, None) == "store.passphrase_needed"

    data = bytearray((closed / store.DATABASE).read_bytes())
    data[0:4096] = os.urandom(4096)
    (closed / store.DATABASE).write_bytes(bytes(data))

    assert refusal(closed) == "store.damaged"
    assert (closed / store.DATABASE).read_bytes() == bytes(data), "a damaged file is left as it is"


def test_truncated_file_and_missing_file_and_damaged_header(closed: Path) -> None:
    whole = (closed / store.DATABASE).read_bytes()
    (closed / store.DATABASE).write_bytes(whole[:1000])
    assert refusal(closed) == "store.damaged"
    (closed / store.DATABASE).unlink()
    assert refusal(closed) == "store.database_missing"
    (closed / store.HEADER).write_text("{")
    (closed / store.DATABASE).write_bytes(whole)
    assert refusal(closed) == "store.header_damaged"
    (closed / store.HEADER).unlink()
    assert refusal(closed) == "store.missing"


def test_newer_schema_is_refused_untouched(closed: Path) -> None:
    key = keys.find_key(keys.load_header(closed / store.HEADER), PASSPHRASE)
    engine = open_engine(closed / store.DATABASE, key)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num='9999'"))
    engine.dispose()

    assert refusal(closed) == "store.newer_schema"
    assert not (closed / store.BACKUPS).exists()


def test_header_of_a_newer_program_is_refused(closed: Path) -> None:
    header = json.loads((closed / store.HEADER).read_text())
    (closed / store.HEADER).write_text(json.dumps(header | {"format": 2}))
    assert refusal(closed) == "store.newer_program"


def test_second_instance_is_refused_and_first_goes_on(workspace: store.Workspace) -> None:
    assert refusal(workspace.folder) == "store.in_use"
    with workspace.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM user")).scalar_one() == 10


def test_create_refuses_a_folder_that_holds_one(closed: Path) -> None:
    with pytest.raises(InputError) as caught:
        store.create(closed, passphrase=PASSPHRASE)
    assert caught.value.code == "store.exists"


def test_failed_create_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def explode(engine: object, revision: str = "head") -> None:
        raise OSError("no space")

    monkeypatch.setattr(migrate, "upgrade", explode)
    with pytest.raises(EnvironmentProblem):
        store.create(tmp_path / "w", passphrase=PASSPHRASE)
    assert [p.name for p in (tmp_path / "w").iterdir() if p.name != store.LOCK] == []


def test_full_disk_loses_nothing(workspace: store.Workspace, as_user: object) -> None:
    """SQLite's page limit stands in for the disk: the same SQLITE_FULL comes back."""
    from presales_desktop.services import company
    from presales_desktop.services.users import FOUNDER

    def grow(work: object) -> None:
        session = work.session  # type: ignore[attr-defined]
        session.connection().exec_driver_sql("PRAGMA max_page_count = 1")
        company.put(work, "big", {"text": "灯" * 3_000_000})  # type: ignore[arg-type]

    with pytest.raises(EnvironmentProblem) as caught:
        Runner(workspace.engine, FOUNDER).run(grow)
    assert caught.value.code == "store.disk_full"
    fact, _ = Runner(workspace.engine, FOUNDER).run(company.fact, "big")
    assert fact == {}


def test_short_passphrase_and_no_keyring(tmp_path: Path) -> None:
    with pytest.raises(InputError) as short:
        store.create(tmp_path / "a", passphrase="short")
    assert short.value.code == "store.passphrase_short"
    with pytest.raises(EnvironmentProblem) as none:
        store.create(tmp_path / "b")
    assert none.value.code == "store.no_keyring"
    assert not (tmp_path / "b" / store.DATABASE).exists()


def test_older_schema_is_upgraded_after_a_backup(closed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    key = keys.find_key(keys.load_header(closed / store.HEADER), PASSPHRASE)
    monkeypatch.setattr(migrate, "HEAD", "0002")
    monkeypatch.setattr(migrate, "upgrade", lambda engine: None)
    with store.open_workspace(closed, passphrase=PASSPHRASE):
        pass
    backups = list((closed / store.BACKUPS).iterdir())
    assert len(backups) == 1
    engine = open_engine(backups[0], key)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM user")).scalar_one() == 10
    engine.dispose()


def test_journal_and_decisions_cannot_be_changed(workspace: store.Workspace) -> None:
    from presales_desktop.services import users
    from presales_desktop.services.users import FOUNDER

    def write(work: object) -> None:
        user = work.get(users.User, users.resolve(work, "wangmin"))  # type: ignore[attr-defined,arg-type]
        work.audit(user, "changed", title="王敏")  # type: ignore[attr-defined]

    Runner(workspace.engine, FOUNDER).run(write)
    for statement in ("UPDATE audit_event SET action='x'", "DELETE FROM audit_event"):
        with pytest.raises(DatabaseError, match="append_only"), workspace.engine.begin() as connection:
            connection.execute(text(statement))


def test_copy_of_the_folder_opens_like_the_original(closed: Path, tmp_path: Path) -> None:
    shutil.copytree(closed, tmp_path / "moved")
    with store.open_workspace(tmp_path / "moved", passphrase=PASSPHRASE) as opened:
        assert opened.header.demo


def test_workspace_opened_on_one_thread_is_closed_by_another(closed: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        opened = pool.submit(store.open_workspace, closed, passphrase=PASSPHRASE).result()
    opened.close()
    with store.open_workspace(closed, passphrase=PASSPHRASE):
        pass
