"""A workspace: one folder with the encrypted database, its header, its lock and its backups."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import DatabaseError

from presales_desktop.models.errors import EnvironmentProblem, InputError
from presales_desktop.store import files, keys, migrate
from presales_desktop.store.engine import open_engine, translate_database_error
from presales_desktop.store.lock import FileLock, InUse
from sync.ids import uuid7

DATABASE = keys.DATABASE
HEADER = keys.HEADER
LOCK = "workspace.lock"
BACKUPS = "backups"
MIN_FREE_BYTES = 20 * 1024 * 1024


@dataclass
class Workspace:
    """An open workspace; close() it. `fresh` is true right after it was made."""

    folder: Path
    header: keys.Header
    engine: Engine
    lock: FileLock
    key: bytes = field(repr=False)
    fresh: bool = False

    @property
    def demo(self) -> bool:
        """Whether it holds the demo company."""
        return self.header.demo

    def close(self) -> None:
        """Close the database and let the next instance in."""
        self.engine.dispose()
        self.lock.release()

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def exists(folder: Path) -> bool:
    """Whether FOLDER holds a workspace."""
    return (folder / HEADER).is_file()


def create(folder: Path, *, passphrase: str | None = None, demo: bool = False) -> Workspace:
    """Make a new workspace in FOLDER (made when missing), whole or not at all.

    Raises InputError store.exists, EnvironmentProblem store.disk_full, store.not_writable, store.no_keyring.
    """
    if exists(folder) or (folder / DATABASE).exists():
        raise InputError("store.exists", file=str(folder))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder).free
    except OSError:
        raise EnvironmentProblem("store.not_writable", file=str(folder)) from None
    if free < MIN_FREE_BYTES:
        raise EnvironmentProblem("store.disk_full", file=str(folder))
    lock = lock_folder(folder)
    header = keys.Header(id=str(uuid7()), key_source="", demo=demo)
    engine: Engine | None = None
    try:
        key = keys.new_key(header, passphrase)
        engine = open_engine(folder / DATABASE, key)
        with engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        migrate.upgrade(engine)
        header.save(folder / HEADER)
    except DatabaseError as error:
        _undo_create(folder, engine, lock)
        raise (translate_database_error(error) or error) from error
    except OSError:
        _undo_create(folder, engine, lock)
        raise EnvironmentProblem("store.not_writable", file=str(folder)) from None
    except BaseException:
        _undo_create(folder, engine, lock)
        raise
    return Workspace(folder, header, engine, lock, key, fresh=True)


def _undo_create(folder: Path, engine: Engine | None, lock: FileLock) -> None:
    if engine is not None:
        engine.dispose()
    discard(folder)
    lock.release()


def open_workspace(folder: Path, *, passphrase: str | None = None, unlocked: keys.Unlocked | None = None) -> Workspace:
    """Open the workspace in FOLDER, upgrading its schema after a backup when it is older. UNLOCKED: the key, if already found.

    Raises InputError store.missing; EnvironmentProblem store.in_use, store.header_damaged, store.passphrase_needed,
    store.passphrase_wrong, store.no_keyring, store.key_missing, store.damaged, store.newer_schema, store.disk_full.
    """
    found = unlocked or keys.unlock(folder, passphrase)
    lock = lock_folder(folder)
    engine = open_engine(folder / DATABASE, found.key)
    try:
        _bring_up_to_date(folder, engine)
    except DatabaseError as error:
        engine.dispose()
        lock.release()
        problem = translate_database_error(error)
        if problem is not None:
            problem.file = str(folder / DATABASE)
            raise problem from error
        raise
    except BaseException:
        engine.dispose()
        lock.release()
        raise
    return Workspace(folder, found.header, engine, lock, found.key)


def _bring_up_to_date(folder: Path, engine: Engine) -> None:
    revision = migrate.current_revision(engine)
    if revision == migrate.HEAD:
        return
    if revision is None:
        raise EnvironmentProblem("store.damaged", file=str(folder / DATABASE))
    if revision not in migrate.known_revisions():
        raise EnvironmentProblem("store.newer_schema", file=str(folder / DATABASE), revision=revision)
    snapshot(folder, engine, f"before-{migrate.HEAD}")
    migrate.upgrade(engine)


def snapshot(folder: Path, engine: Engine, reason: str) -> Path:
    """A whole encrypted copy of the database under backups/, made by SQLite's own backup. Raises store.disk_full."""
    size = (folder / DATABASE).stat().st_size
    if shutil.disk_usage(folder).free < size + MIN_FREE_BYTES:
        raise EnvironmentProblem("store.disk_full", file=str(folder))
    target = folder / BACKUPS / f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S}-{reason}.db"
    target.parent.mkdir(exist_ok=True)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.exec_driver_sql("VACUUM INTO ?", (str(target),))
    return target


def lock_folder(folder: Path) -> FileLock:
    """Hold FOLDER for this process; raises EnvironmentProblem store.in_use, store.not_writable."""
    lock = FileLock(folder / LOCK)
    try:
        lock.acquire()
    except InUse:
        raise EnvironmentProblem("store.in_use", file=str(folder)) from None
    except OSError:
        raise EnvironmentProblem("store.not_writable", file=str(folder)) from None
    return lock


def discard(folder: Path) -> None:
    """Remove database, header and large contents of a workspace that was never finished; other files stay."""
    for name in (DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", HEADER):
        (folder / name).unlink(missing_ok=True)
    shutil.rmtree(folder / files.FOLDER, ignore_errors=True)
