"""Which contents move between this computer and the server, and where each of them is.

What should move follows from the rows: a content that a row names and that the server has given no receipt for goes up; one with a
receipt that is not here comes down, small ones by themselves, large ones when somebody asks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sqlalchemy import Connection, Engine, delete, exists, func, insert, literal, select, union, update
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from presales_desktop.models.attachments import IN_DATABASE, IN_FILE, REMOTE, Attachment, Blob, FileReceipt
from presales_desktop.models.catalogue import Photometry
from presales_desktop.models.designs import Underlay
from presales_desktop.models.errors import EnvironmentProblem, UserError
from presales_desktop.models.quotes import QuoteLine
from presales_desktop.models.tables import SYNC_BLOB
from presales_desktop.services import contents
from presales_desktop.services.attachments import AttachmentRow, list_of
from presales_desktop.services.work import Work
from presales_desktop.store import files
from presales_desktop.store.engine import translate_database_error
from sync.client import blob_queue
from sync.client.blob_queue import BlobQueue, Plan, Wish
from sync.client.blob_tables import DOWN, FAILED, UP, VERIFIED
from sync.client.blobs import CHUNK, BlobLoop, LocalProblem, Pace

if TYPE_CHECKING:
    from sync.client.session import DeviceSession

# Every column that names a content.
NAMED: Final[tuple[tuple[type[Any], str], ...]] = (
    (Attachment, "thumbnail_sha256"),
    (Attachment, "sha256"),
    (Photometry, "sha256"),
    (Underlay, "sha256"),
    (QuoteLine, "image_sha256"),
)
# Up to this size contents come down by themselves.
AUTOMATIC: Final = 2 * 1024 * 1024
_GENERIC: Final = "application/octet-stream"
_DISK: Final = frozenset(
    {"store.disk_full", "store.disk_failed", "store.not_writable", "store.read_only", "store.locked"}
)
_queue: Final = BlobQueue(SYNC_BLOB)


@dataclass(frozen=True)
class Place:
    """Where a content is: "here", "up" or "down" (on its way; percent), "server" (only there), "elsewhere" (on the computer that added
    it, not on the server yet), "failed" (it could not be sent or fetched: `error`; `here` tells which)."""

    state: str
    percent: int = 0
    error: str = ""
    here: bool = True
    secured: bool = False  # the server has it, and this computer knows that it has


def named_by(session: Session, sha256: str) -> list[UUID]:
    """Ids of the rows of any kind that name a content: who may see one of them may have the content."""
    found: list[UUID] = []
    for model, column in NAMED:
        found.extend(session.scalars(select(model.id).where(getattr(model, column) == sha256)))
    return found


# --- what should move ------------------------------------------------------------------------------------------------------------


def plan(connection: Connection) -> Plan:
    """What the rows say; contents that rows came to name get their entry as remote ones."""
    _note_remote(connection)
    named = _named()
    up = connection.execute(
        select(Blob.sha256, Blob.size, func.min(named.c.rank))
        .join(named, named.c.sha256 == Blob.sha256)
        .where(Blob.stored != REMOTE, ~exists().where(FileReceipt.sha256 == Blob.sha256))
        .group_by(Blob.sha256, Blob.size)
    )
    down = connection.execute(
        select(Blob.sha256, FileReceipt.size, func.min(named.c.rank))
        .join(FileReceipt, FileReceipt.sha256 == Blob.sha256)
        .join(named, named.c.sha256 == Blob.sha256)
        .where(Blob.stored == REMOTE, FileReceipt.size <= AUTOMATIC)
        .group_by(Blob.sha256, FileReceipt.size)
    )
    wishes = [Wish(bytes.fromhex(s), n, UP, _priority(n, rank)) for s, n, rank in up]
    wishes += [Wish(bytes.fromhex(s), n, DOWN, _priority(n, rank)) for s, n, rank in down]
    return Plan(wishes, _settled(connection))


def _named() -> Any:
    """Every content that a row names; rank 0 for small pictures of large ones."""
    parts = []
    for rank, (model, column) in enumerate(NAMED):
        c = getattr(model.__table__.c, column)
        parts.append(select(c.label("sha256"), literal(min(rank, 1)).label("rank")).where(c != ""))
    return union(*parts).subquery("named")


def _note_remote(connection: Connection) -> None:
    named = _named()
    fresh = connection.execute(
        select(named.c.sha256, FileReceipt.size)
        .join(FileReceipt, FileReceipt.sha256 == named.c.sha256)
        .where(~exists().where(Blob.sha256 == named.c.sha256))
        .distinct()
    ).all()
    for sha256, size in fresh:
        kind = connection.scalar(select(Attachment.media_type).where(Attachment.sha256 == sha256).limit(1))
        connection.execute(
            insert(Blob).values(sha256=sha256, size=size, media_type=kind or _GENERIC, stored=REMOTE, content=None)
        )


def _priority(size: int, rank: int) -> int:
    if rank == 0:
        return blob_queue.THUMBNAIL
    return blob_queue.SMALL if size <= AUTOMATIC else blob_queue.LARGE


def _settled(connection: Connection) -> list[tuple[bytes, str]]:
    """Entries of the queue where nothing is left to do: the receipt is here, the content is here, or its last row has gone."""
    queued = connection.execute(select(SYNC_BLOB.c.sha256, SYNC_BLOB.c.direction)).all()
    done: list[tuple[bytes, str]] = []
    for raw, direction in queued:
        sha256 = bytes(raw).hex()
        stored = connection.scalar(select(Blob.stored).where(Blob.sha256 == sha256))
        receipt = connection.scalar(select(FileReceipt.id).where(FileReceipt.sha256 == sha256))
        gone = stored in (None, REMOTE) if direction == UP else stored not in (None, REMOTE)
        if gone or (direction == UP and receipt is not None) or not _is_named(connection, sha256):
            done.append((bytes(raw), direction))
    return done


def _is_named(connection: Connection, sha256: str) -> bool:
    return any(
        connection.scalar(select(exists().where(getattr(model.__table__.c, column) == sha256)))
        for model, column in NAMED
    )


# --- the bytes, for the loop -------------------------------------------------------------------------------------------------------


class WorkspaceShelf:
    """The workspace's contents as the loop of sync/client/blobs sees them; used on its thread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._files = files.beside(engine)

    def read(self, sha256: bytes, number: int) -> bytes:
        """One chunk of a content that is here. Raises LocalProblem."""
        name = sha256.hex()
        with _local_problems():
            stored = self._stored(name)
            if stored == IN_FILE:
                with self._files.open(name) as stream:
                    stream.seek(number * CHUNK)
                    return stream.read(CHUNK)
            with self._engine.connect() as connection:
                part = func.substr(Blob.content, number * CHUNK + 1, CHUNK)
                content = connection.scalar(select(part).where(Blob.sha256 == name, Blob.stored == IN_DATABASE))
        if content is None:
            raise LocalProblem("store.file_missing")
        return bytes(content)

    def sound(self, sha256: bytes) -> bool:
        """Whether the content that is here is what its name says."""
        name = sha256.hex()
        with _local_problems():
            if self._stored(name) == IN_FILE:
                return self._files.sound(name)
            with self._engine.connect() as connection:
                content = connection.scalar(select(Blob.content).where(Blob.sha256 == name))
            return content is not None and hashlib.sha256(content).digest() == sha256

    def keep(self, sha256: bytes, size: int, number: int, data: bytes) -> None:
        """One chunk of a content that arrives. Raises LocalProblem."""
        with _local_problems():
            self._files.keep_piece(sha256.hex(), size, number * CHUNK, data)

    def finish(self, sha256: bytes, size: int) -> bool:
        """Hash what has arrived; when it is the content it is here from now on, a small one in the database."""
        name = sha256.hex()
        with _local_problems():
            if not self._files.finish_pieces(name, size):
                return False
            small = size <= contents.SMALL
            content = self._files.read(name) if small else None
            with self._engine.begin() as connection:
                connection.execute(
                    update(Blob)
                    .where(Blob.sha256 == name)
                    .values(stored=IN_DATABASE if small else IN_FILE, content=content, size=size)
                )
            if small:
                self._files.remove(name)
            return True

    def _stored(self, name: str) -> str | None:
        with self._engine.connect() as connection:
            return connection.scalar(select(Blob.stored).where(Blob.sha256 == name))


class _local_problems:  # noqa: N801  # a context manager that reads as a word
    """Errors of the store and the disk as the loop's own."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, DatabaseError):
            error = translate_database_error(error) or error
        if isinstance(error, EnvironmentProblem):
            raise LocalProblem(error.code, disk=error.code in _DISK) from None
        if isinstance(error, OSError):
            raise LocalProblem("store.disk_failed", disk=True) from None


def make_loop(
    engine: Engine,
    session: DeviceSession,
    *,
    limit: Callable[[], int] = lambda: 0,
    arrived: Callable[[str], None] = lambda sha256: None,
) -> BlobLoop:
    """The thread that moves the workspace's contents: start() it after the login, wake() it after each pull, stop() it at the end.

    LIMIT: bytes a second each time it is asked, 0 for none. ARRIVED: called on the loop's thread with the SHA-256 of what came.
    """
    from sync.client.blob_transport import HttpBlobs

    pace = Pace(limit)
    loop = BlobLoop(
        engine, SYNC_BLOB, WorkspaceShelf(engine), HttpBlobs(session, pace), plan, pace=pace,
        arrived=lambda raw: arrived(raw.hex()),
    )  # fmt: skip
    files.beside(engine).woken = loop.wake
    return loop


# --- what people ask ---------------------------------------------------------------------------------------------------------------


def fetch(work: Work, sha256: str) -> None:
    """Bring a content here, before all others. Raises UserError file.elsewhere, NotFound; nothing happens when it is here."""
    if contents.here(work, sha256):
        return
    size = work.session.scalar(select(FileReceipt.size).where(FileReceipt.sha256 == sha256))
    if size is None:
        contents.blob(work, sha256)  # says why not
        return
    connection = work.session.connection()
    _note_remote(connection)
    wish = Wish(bytes.fromhex(sha256), size, DOWN, blob_queue.ASKED)
    _queue.want(connection, wish, again=True)
    contents.after_commit(work, lambda: contents.shelf(work).woken())


def retry(work: Work, sha256: str | None = None) -> int:
    """Try again what has failed (one content, or all); how many."""
    connection = work.session.connection()
    names = None if sha256 is None else [bytes.fromhex(sha256)]
    failed = [e for e in _queue.entries(connection, names) if e.state == FAILED]
    for entry in failed:
        _queue.want(connection, Wish(entry.sha256, entry.size, entry.direction, entry.priority), again=True)
    contents.after_commit(work, lambda: contents.shelf(work).woken())
    return len(failed)


def give_up(work: Work, sha256: str) -> None:
    """Stop fetching a content; what has arrived of it goes."""
    name = bytes.fromhex(sha256)
    work.session.execute(delete(SYNC_BLOB).where(SYNC_BLOB.c.sha256 == name, SYNC_BLOB.c.direction == DOWN))
    contents.after_commit(work, lambda: contents.shelf(work).drop_pieces(sha256))


def let_go(work: Work, sha256: str) -> int:
    """Keep a large content on the server only; the bytes that this frees. Raises UserError file.not_secured without its receipt, or
    while the file is too small to be worth it.
    """
    freed = _let_go(work, [sha256])
    if not freed:
        raise UserError("file.not_secured", file=sha256[:12])
    return freed


def free_space(work: Work, keep: Iterable[str] = ()) -> int:
    """Keep all large contents that the server has on the server only, but those of KEEP; the bytes that this frees."""
    kept = set(keep)
    large = work.session.scalars(select(Blob.sha256).where(Blob.stored == IN_FILE))
    return _let_go(work, [sha256 for sha256 in large if sha256 not in kept])


def _let_go(work: Work, names: Sequence[str]) -> int:
    freed = 0
    for sha256 in names:
        row = work.session.get(Blob, sha256)
        secured = work.session.scalar(select(FileReceipt.size).where(FileReceipt.sha256 == sha256))
        if row is None or row.stored != IN_FILE or row.size <= AUTOMATIC or secured != row.size:
            continue
        row.stored = REMOTE
        freed += row.size
        contents.after_commit(work, _remover(contents.shelf(work), sha256))
    return freed


def _remover(store: files.FileStore, sha256: str) -> Callable[[], None]:
    return lambda: store.remove(sha256)


def counts(work: Work) -> blob_queue.Counts:
    """Files and bytes under way, and files that somebody has to look at."""
    return _queue.counts(work.session.connection())


def places(work: Work, hashes: Iterable[str]) -> dict[str, Place]:
    """Where each content is."""
    names = list(dict.fromkeys(hashes))
    connection = work.session.connection()
    queued = {e.sha256.hex(): e for e in _queue.entries(connection, [bytes.fromhex(n) for n in names])}
    rows = work.session.execute(select(Blob.sha256, Blob.stored).where(Blob.sha256.in_(names)))
    stored = {sha256: where for sha256, where in rows}  # noqa: C416  # rows are no pairs to the type checker
    receipts = set(work.session.scalars(select(FileReceipt.sha256).where(FileReceipt.sha256.in_(names))))
    return {n: _place(n in stored and stored[n] != REMOTE, queued.get(n), n in receipts) for n in names}


def list_placed(work: Work, kind: str, record_id: UUID) -> tuple[tuple[AttachmentRow, ...], dict[str, Place]]:
    """Files of a record, in order, and where their contents are."""
    rows = list_of(work, kind, record_id)
    return rows, places(work, [row.sha256 for row in rows])


def _place(here: bool, entry: blob_queue.Entry | None, secured: bool) -> Place:
    if entry is not None and entry.state == FAILED:
        return Place("failed", error=entry.error, here=here, secured=secured)
    if entry is not None and entry.state != VERIFIED and (entry.direction == UP) == here:
        percent = entry.done_bytes * 100 // max(1, entry.size)
        return Place(entry.direction, percent, entry.error, here, secured)
    if here:
        return Place("here", secured=secured)
    return Place("server" if secured else "elsewhere", here=False, secured=secured)
