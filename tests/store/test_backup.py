"""A backup brings everything back; a bad one changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from presales_desktop.models.errors import EnvironmentProblem, InputError
from presales_desktop.store import backup
from presales_desktop.store import workspace as store
from tests.conftest import PASSPHRASE

OTHER = "another long passphrase"


def people(folder: Path, passphrase: str) -> int:
    with store.open_workspace(folder, passphrase=passphrase) as opened, opened.engine.connect() as connection:
        return int(connection.execute(text("SELECT count(*) FROM user")).scalar_one())


def test_backup_under_another_passphrase_opens_elsewhere(workspace: store.Workspace, tmp_path: Path) -> None:
    backup.backup(workspace, tmp_path / "b.presales", passphrase=OTHER)

    backup.restore(tmp_path / "b.presales", tmp_path / "elsewhere", passphrase=OTHER)

    assert people(tmp_path / "elsewhere", OTHER) == 10


def test_restore_keeps_what_was_there(workspace: store.Workspace, tmp_path: Path) -> None:
    backup.backup(workspace, tmp_path / "b.presales")
    workspace.close()

    aside = backup.restore(tmp_path / "b.presales", workspace.folder, passphrase=PASSPHRASE)

    assert aside is not None
    assert (aside / store.DATABASE).is_file()
    assert people(workspace.folder, PASSPHRASE) == 10


def test_restore_into_an_open_workspace_is_refused(workspace: store.Workspace, tmp_path: Path) -> None:
    backup.backup(workspace, tmp_path / "b.presales")
    with pytest.raises(EnvironmentProblem) as caught:
        backup.restore(tmp_path / "b.presales", workspace.folder, passphrase=PASSPHRASE)
    assert caught.value.code == "store.in_use"


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_backup_is_refused_and_nothing_changes(
    data: st.DataObject, workspace: store.Workspace, tmp_path: Path
) -> None:
    source = tmp_path / "b.presales"
    if not source.exists():
        backup.backup(workspace, source)
    whole = source.read_bytes()
    cut = data.draw(st.integers(0, len(whole) - 1))
    damaged = whole[:cut] if data.draw(st.booleans()) else whole[:cut] + bytes([whole[cut] ^ 0xFF]) + whole[cut + 1 :]
    (tmp_path / "damaged").write_bytes(damaged)
    target = tmp_path / "target"
    try:
        backup.restore(tmp_path / "damaged", target, passphrase=PASSPHRASE)
    except (InputError, EnvironmentProblem):
        assert not (target / store.DATABASE).exists()
    else:
        # A flipped byte in the archive's own slack (times, attributes) does not touch the content.
        assert people(target, PASSPHRASE) == 10
        (target / store.DATABASE).unlink()
        (target / store.HEADER).unlink()
