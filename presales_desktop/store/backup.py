"""Backup and restore: one file with the header, the encrypted database and the encrypted large contents, checked before anything is
replaced."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import secrets
import shutil
import tempfile
import zipfile
from pathlib import Path
from typing import Any

from sqlalchemy.exc import DatabaseError

from presales_desktop.models.errors import EnvironmentProblem, InputError
from presales_desktop.store import files as contents
from presales_desktop.store import keys, migrate
from presales_desktop.store.engine import open_engine
from presales_desktop.store.files import FileStore
from presales_desktop.store.workspace import BACKUPS, DATABASE, HEADER, LOCK, MIN_FREE_BYTES, Workspace, lock_folder

MANIFEST = "manifest.json"
FORMAT = "presales-backup-1"
MAX_HEADER_BYTES = 64 * 1024
MAX_MANIFEST_BYTES = 64 * 1024 * 1024
_CONTENT = re.compile(r"files/([0-9a-f]{2})/\1[0-9a-f]{62}\.bin")
_COPY = 1024 * 1024


def backup(workspace: Workspace, target: Path, *, passphrase: str | None = None) -> int:
    """Write the whole workspace to TARGET, encrypted; its size in bytes. TARGET is replaced only by a complete file.

    Contents that are on the server only are not in it: the restored workspace fetches them from there. With PASSPHRASE the copy is encrypted under it, so that another computer can open it; without, under the workspace's own key.
    Raises EnvironmentProblem store.disk_full, store.file_missing, store.file_damaged, InputError file.not_writable.
    """
    database = workspace.folder / DATABASE
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        store = contents.beside(workspace.engine)
        large = sum(store.path(name).stat().st_size for name in store.names())
        if shutil.disk_usage(target.parent).free < 2 * database.stat().st_size + large + MIN_FREE_BYTES:
            raise EnvironmentProblem("store.disk_full", file=str(target.parent))
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=".backup") as folder:
            copy = Path(folder) / DATABASE
            with workspace.engine.connect() as connection:
                connection.exec_driver_sql("VACUUM INTO ?", (str(copy),))
            header = keys.Header(**workspace.header.__dict__)
            names = _contents_of(copy, workspace.key)
            key = workspace.key
            if passphrase is not None:
                key = _rekey(workspace, copy, header, passphrase)
            header.save(Path(folder) / HEADER)
            packed = Path(folder) / "packed"
            _pack(Path(folder), packed, store, names, None if key == workspace.key else key)
            packed.replace(target)
    except OSError as error:
        raise InputError("file.not_writable", file=str(target), reason=error.strerror or "") from None
    return target.stat().st_size


def _rekey(workspace: Workspace, copy: Path, header: keys.Header, passphrase: str) -> bytes:
    new = keys.new_key(header, passphrase)
    engine = open_engine(copy, workspace.key)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"PRAGMA rekey = \"x'{new.hex()}'\"")
    engine.dispose()
    return new


def _contents_of(database: Path, key: bytes) -> list[str]:
    """The large contents that a copy of the database names."""
    engine = open_engine(database, key)
    try:
        with engine.connect() as connection:
            rows = connection.exec_driver_sql("SELECT sha256 FROM blob WHERE stored = 'file' ORDER BY sha256")
            return [row[0] for row in rows]
    finally:
        engine.dispose()


def _pack(folder: Path, packed: Path, store: FileStore, names: list[str], new_key: bytes | None) -> None:
    # Stored, not deflated: what is encrypted does not compress.
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        hashes = {name: _add(archive, folder / name, name) for name in (HEADER, DATABASE)}
        for name in names:
            inside = f"{contents.FOLDER}/{name[:2]}/{name}.bin"
            if new_key is None:
                store.size(name)  # the header is ours and the length is right
                hashes[inside] = _add(archive, store.path(name), inside)
            else:
                other = FileStore(folder / contents.FOLDER, new_key)
                with store.open(name) as stream:
                    other.put(stream)
                hashes[inside] = _add(archive, other.path(name), inside)
                other.remove(name)
        manifest = {
            "format": FORMAT,
            "made_at": dt.datetime.now(dt.UTC).isoformat(),
            "schema": migrate.HEAD,
            "sha256": hashes,
        }
        archive.writestr(MANIFEST, json.dumps(manifest, indent=1))


def _add(archive: zipfile.ZipFile, path: Path, name: str) -> str:
    """Put a file into the archive; its SHA-256."""
    whole = hashlib.sha256()
    with path.open("rb") as source, archive.open(name, "w", force_zip64=True) as sink:
        while data := source.read(_COPY):
            whole.update(data)
            sink.write(data)
    return whole.hexdigest()


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
        key = keys.find_key(header, passphrase)
        _prove(staging / DATABASE, key)
        _prove_contents(source, staging, key)
        aside = _move_aside(folder)
        if (staging / contents.FOLDER).is_dir():
            (staging / contents.FOLDER).replace(folder / contents.FOLDER)
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
            if infos[MANIFEST].file_size > MAX_MANIFEST_BYTES or infos[HEADER].file_size > MAX_HEADER_BYTES:
                raise bad
            manifest = json.loads(archive.read(MANIFEST))
            if not _lists(manifest, infos):
                raise bad
            if shutil.disk_usage(staging.parent).free < sum(i.file_size for i in infos.values()) + MIN_FREE_BYTES:
                raise EnvironmentProblem("store.disk_full", file=str(staging.parent))
            staging.mkdir()
            for name in manifest["sha256"]:
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


def _lists(manifest: dict[str, Any], infos: dict[str, zipfile.ZipInfo]) -> bool:
    """Whether the manifest is one of ours and names exactly what is in the archive, under no name that leaves the folder."""
    names = set(manifest["sha256"])
    large = names - {HEADER, DATABASE}
    return (
        manifest.get("format") == FORMAT
        and names >= {HEADER, DATABASE}
        and all(_CONTENT.fullmatch(name) for name in large)
        and set(infos) == names | {MANIFEST}
        and all(i.compress_type == zipfile.ZIP_STORED for name, i in infos.items() if name in names)
    )


def _prove_contents(source: Path, staging: Path, key: bytes) -> None:
    """Every large content that the database names is there under the same key."""
    store = FileStore(staging / contents.FOLDER, key)
    try:
        for name in _contents_of(staging / DATABASE, key):
            store.size(name)
    except EnvironmentProblem:
        raise InputError("store.backup_unreadable", file=str(source)) from None


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
    names = (DATABASE, HEADER)
    present = [
        p for p in folder.iterdir() if (p.name.startswith(names) and p.name != LOCK) or p.name == contents.FOLDER
    ]
    if not present:
        return None
    aside = folder / BACKUPS / f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S}-before-restore"
    aside.mkdir(parents=True)
    for path in present:
        path.replace(aside / path.name)
    return aside
