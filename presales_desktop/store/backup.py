"""Backup and restore: one file with the header and the encrypted database, checked before anything is replaced."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import secrets
import shutil
import tempfile
import zipfile
from pathlib import Path

from sqlalchemy.exc import DatabaseError

from presales_desktop.models.errors import EnvironmentProblem, InputError
from presales_desktop.store import keys, migrate
from presales_desktop.store.engine import open_engine
from presales_desktop.store.workspace import BACKUPS, DATABASE, HEADER, LOCK, MIN_FREE_BYTES, Workspace, lock_folder

MANIFEST = "manifest.json"
FORMAT = "presales-backup-1"
MAX_HEADER_BYTES = 64 * 1024


def backup(workspace: Workspace, target: Path, *, passphrase: str | None = None) -> int:
    """Write the whole workspace to TARGET, encrypted; its size in bytes. TARGET is replaced only by a complete file.

    With PASSPHRASE the copy is encrypted under it, so that another computer can open it; without, under the workspace's own key.
    Raises EnvironmentProblem store.disk_full, InputError file.not_writable.
    """
    database = workspace.folder / DATABASE
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(target.parent).free < 2 * database.stat().st_size + MIN_FREE_BYTES:
            raise EnvironmentProblem("store.disk_full", file=str(target.parent))
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup") as folder:
            copy = Path(folder) / DATABASE
            with workspace.engine.connect() as connection:
                connection.exec_driver_sql("VACUUM INTO ?", (str(copy),))
            header = keys.Header(**workspace.header.__dict__)
            if passphrase is not None:
                _rekey(workspace, copy, header, passphrase)
            header.save(Path(folder) / HEADER)
            packed = Path(folder) / "packed"
            _pack(Path(folder), packed)
            packed.replace(target)
    except OSError as error:
        raise InputError("file.not_writable", file=str(target), reason=error.strerror or "") from None
    return target.stat().st_size


def _rekey(workspace: Workspace, copy: Path, header: keys.Header, passphrase: str) -> None:
    new = keys.new_key(header, passphrase)
    engine = open_engine(copy, workspace.key)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA rekey = \"x'{new.hex()}'\"")
    engine.dispose()


def _pack(folder: Path, packed: Path) -> None:
    manifest = {
        "format": FORMAT,
        "made_at": dt.datetime.now(dt.UTC).isoformat(),
        "schema": migrate.HEAD,
        "sha256": {name: _sha256(folder / name) for name in (HEADER, DATABASE)},
    }
    # Stored, not deflated: encrypted pages do not compress.
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(MANIFEST, json.dumps(manifest, indent=1))
        for name in (HEADER, DATABASE):
            archive.write(folder / name, name)


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def restore(source: Path, folder: Path, *, passphrase: str | None = None) -> Path | None:
    """Put the backup SOURCE into FOLDER, once it is proved readable; what was there moves to backups/ (its path is returned).

    Raises InputError store.backup_unreadable, EnvironmentProblem store.in_use, store.passphrase_*, store.newer_schema, store.disk_full.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = lock_folder(folder)
    staging = folder / f".restore-{secrets.token_hex(4)}"
    try:
        _unpack(source, staging)
        header = keys.load_header(staging / HEADER)
        _prove(staging / DATABASE, keys.find_key(header, passphrase))
        aside = _move_aside(folder)
        (staging / DATABASE).replace(folder / DATABASE)
        (staging / HEADER).replace(folder / HEADER)
    finally:
        shutil.rmtree(staging, ignore_errors=True)
        lock.release()
    return aside


def _unpack(source: Path, staging: Path) -> None:
    bad = InputError("store.backup_unreadable", file=str(source))
    try:
        with zipfile.ZipFile(source) as archive:
            infos = {i.filename: i for i in archive.infolist()}
            if set(infos) != {MANIFEST, HEADER, DATABASE} or infos[MANIFEST].file_size > MAX_HEADER_BYTES:
                raise bad
            if infos[HEADER].file_size > MAX_HEADER_BYTES or infos[DATABASE].compress_type != zipfile.ZIP_STORED:
                raise bad
            manifest = json.loads(archive.read(MANIFEST))
            if manifest.get("format") != FORMAT:
                raise bad
            if shutil.disk_usage(staging.parent).free < infos[DATABASE].file_size + MIN_FREE_BYTES:
                raise EnvironmentProblem("store.disk_full", file=str(staging.parent))
            staging.mkdir()
            for name in (HEADER, DATABASE):
                archive.extract(name, staging)
                if _sha256(staging / name) != manifest["sha256"][name]:
                    raise bad
    except (
        OSError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        zipfile.BadZipFile,
        NotImplementedError,
        RuntimeError,
    ):
        raise bad from None


def _prove(database: Path, key: bytes) -> None:
    engine = open_engine(database, key)
    try:
        revision = migrate.current_revision(engine)
        if revision not in migrate.known_revisions():
            raise EnvironmentProblem("store.newer_schema", file=str(database), revision=str(revision))
        with engine.connect() as connection:
            if connection.exec_driver_sql("PRAGMA quick_check").scalar() != "ok":
                raise InputError("store.backup_unreadable", file=str(database))
    except DatabaseError:
        raise InputError("store.backup_unreadable", file=str(database)) from None
    finally:
        engine.dispose()


def _move_aside(folder: Path) -> Path | None:
    present = [p for p in folder.iterdir() if p.name.startswith((DATABASE, HEADER)) and p.name != LOCK]
    if not present:
        return None
    aside = folder / BACKUPS / f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S}-before-restore"
    aside.mkdir(parents=True)
    for path in present:
        path.replace(aside / path.name)
    return aside
