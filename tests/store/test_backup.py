"""A backup brings everything back; a bad one changes nothing."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from presales_desktop.models.errors import EnvironmentProblem, InputError
from presales_desktop.services import contents, doctor
from presales_desktop.services.users import FOUNDER
from presales_desktop.services.work import Runner, Work
from presales_desktop.store import backup, files
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


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
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


def with_large_content(opened: store.Workspace, data: bytes) -> str:
    """A content that lies beside the database."""

    def put(work: Work) -> str:
        return contents.put_blob(work, data, "video/mp4")

    return Runner(opened.engine, FOUNDER).run(put)[0]


@pytest.mark.parametrize("passphrase", [None, OTHER])
def test_large_contents_are_in_the_backup_under_its_key(
    workspace: store.Workspace, tmp_path: Path, passphrase: str | None
) -> None:
    data = b"film " * 500_000
    sha256 = with_large_content(workspace, data)
    backup.backup(workspace, tmp_path / "b.presales", passphrase=passphrase)
    opens = passphrase or PASSPHRASE
    backup.restore(tmp_path / "b.presales", tmp_path / "elsewhere", passphrase=opens)
    with store.open_workspace(tmp_path / "elsewhere", passphrase=opens) as opened:
        assert files.beside(opened.engine).read(sha256) == data
        findings = {f.check: f for f in Runner(opened.engine, FOUNDER).run(doctor.examine)[0]}
        assert findings["files"].sound
    assert not list(tmp_path.glob(".backup*"))


def test_restore_keeps_the_large_contents_that_were_there(workspace: store.Workspace, tmp_path: Path) -> None:
    backup.backup(workspace, tmp_path / "b.presales")
    sha256 = with_large_content(workspace, b"later" * 500_000)
    workspace.close()
    aside = backup.restore(tmp_path / "b.presales", workspace.folder, passphrase=PASSPHRASE)
    assert aside is not None
    assert (aside / "files" / sha256[:2] / f"{sha256}.bin").is_file()
    assert not (workspace.folder / "files").exists()


def test_a_backup_that_lacks_a_content_or_names_a_foreign_path_is_refused(
    workspace: store.Workspace, tmp_path: Path
) -> None:
    with_large_content(workspace, b"film " * 500_000)
    backup.backup(workspace, tmp_path / "b.presales")
    with zipfile.ZipFile(tmp_path / "b.presales") as whole:
        parts = {name: whole.read(name) for name in whole.namelist()}
    manifest = json.loads(parts[backup.MANIFEST])
    (large,) = (name for name in parts if name.startswith("files/"))
    for name in (None, "../out.bin", "files/aa/../../out.bin"):
        changed = {k: v for k, v in parts.items() if k not in (large, backup.MANIFEST)}
        hashes = {k: v for k, v in manifest["sha256"].items() if k != large}
        if name is not None:
            changed[name], hashes[name] = parts[large], manifest["sha256"][large]
        with zipfile.ZipFile(tmp_path / "changed", "w") as archive:
            for k, v in changed.items():
                archive.writestr(k, v)
            archive.writestr(backup.MANIFEST, json.dumps(manifest | {"sha256": hashes}))
        with pytest.raises(InputError, match="backup_unreadable"):
            backup.restore(tmp_path / "changed", tmp_path / "target", passphrase=PASSPHRASE)
        assert not (tmp_path / "target" / store.DATABASE).exists()
        assert not list(tmp_path.rglob("out.bin"))
