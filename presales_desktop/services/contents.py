"""Contents by their SHA-256: kept once, small ones in the database, larger ones in files beside it, some only on the server."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

from sqlalchemy import select

from presales_desktop.models.attachments import IN_DATABASE, IN_FILE, REMOTE, Attachment, Blob, FileReceipt
from presales_desktop.models.errors import InputError, NotFound, PresalesError, UserError
from presales_desktop.services.work import Work
from presales_desktop.store import files
from presales_desktop.store.files import FileStore

# Up to this size a content lies in the database itself.
SMALL: Final = files.BLOCK
MAX_BYTES: Final = 2 * 1024**3
# What is worked on as a whole (pictures, plans, photometry) must fit into memory.
MAX_IN_MEMORY: Final = 200 * 1024 * 1024
_AT_ONCE = 500  # values in one statement


@dataclass(frozen=True)
class Staged:
    """A file from disk on its way into the workspace: `data` of a small one; a large one lies in the store already."""

    name: str
    size: int
    sha256: str
    data: bytes | None = field(default=None, repr=False)


def shelf(work: Work) -> FileStore:
    """Where the workspace's large contents lie; may be handed to another thread, for `stage`."""
    return files.beside(work.session.get_bind())


# --- in ---------------------------------------------------------------------------------------------------------------------------


def put_blob(work: Work, data: bytes, media_type: str, name: str = "") -> str:
    """Keep bytes once; their SHA-256. Raises InputError file.empty, file.too_large."""
    return put_blobs(work, [(data, name)], media_type)[0]


def put_blobs(work: Work, given: Sequence[tuple[bytes, str]], media_type: str) -> list[str]:
    """Keep the bytes of files (content, name), each content once; their SHA-256s. Raises as `put_blob`."""
    contents: dict[str, bytes] = {}
    hashes = []
    for data, name in given:
        _check_size(len(data), name)
        hashes.append(hashlib.sha256(data).hexdigest())
        contents[hashes[-1]] = data
    wanted = list(contents)
    for start in range(0, len(wanted), _AT_ONCE):
        part = wanted[start : start + _AT_ONCE]
        known = {b.sha256: b for b in work.session.scalars(select(Blob).where(Blob.sha256.in_(part)))}
        for sha256 in part:
            _keep(work, known.get(sha256), sha256, contents[sha256], media_type)
    work.session.flush()
    _tell(work)
    return hashes


def _keep(work: Work, row: Blob | None, sha256: str, data: bytes, media_type: str) -> None:
    if row is not None and row.stored != REMOTE:
        return
    small = len(data) <= SMALL
    if not small:
        shelf(work).put(io.BytesIO(data))
    if row is None:
        row = Blob(sha256=sha256, size=len(data), media_type=media_type)
        work.session.add(row)
    row.stored = IN_DATABASE if small else IN_FILE
    row.content = data if small else None


def stage(store: FileStore, path: Path, step: Callable[[int, int], None] = lambda done, total: None) -> Staged:
    """Read a file from disk, a large one as a stream into the encrypted store: work for another thread, without the database.

    STEP hears (bytes done, bytes in all); what it raises ends the work and leaves nothing behind. Raises InputError file.unreadable,
    file.empty, file.too_large, file.changed, EnvironmentProblem store.disk_full.
    """
    try:
        before = path.stat()
        _check_size(before.st_size, path.name)
        with path.open("rb") as source:
            if before.st_size <= SMALL:
                data = source.read(SMALL + 1)
                sha256, size = hashlib.sha256(data).hexdigest(), len(data)
            else:
                store.room(before.st_size)

                def told(done: int) -> None:
                    if done > before.st_size:  # it grows as fast as it is read, a recording that still runs
                        raise InputError("file.changed", file=path.name)
                    step(done, before.st_size)

                data, (sha256, size) = None, store.put(source, told)
        after = path.stat()
    except OSError as error:
        raise InputError("file.unreadable", file=path.name, reason=error.strerror or str(error)) from None
    if size != before.st_size or (after.st_size, after.st_mtime_ns) != (before.st_size, before.st_mtime_ns):
        raise InputError("file.changed", file=path.name)
    step(size, size)
    return Staged(path.name, size, sha256, data)


def put_staged(work: Work, staged: Staged, media_type: str) -> str:
    """Make what was staged a content of the workspace; its SHA-256. Raises EnvironmentProblem store.file_missing."""
    if staged.data is not None:
        return put_blob(work, staged.data, media_type, staged.name)
    shelf(work).size(staged.sha256)  # it is there and ours
    row = work.session.get(Blob, staged.sha256)
    if row is None:
        row = Blob(sha256=staged.sha256, size=staged.size, media_type=media_type)
        work.session.add(row)
    if row.stored != IN_DATABASE:
        row.stored, row.content = IN_FILE, None
    work.session.flush()
    _tidy(work)
    _tell(work)
    return staged.sha256


def _check_size(size: int, name: str) -> None:
    if not size:
        raise InputError("file.empty", file=name)
    if size > MAX_BYTES:
        raise InputError("file.too_large", file=name, size=f"{size / 2**20:.0f} MB", limit=f"{MAX_BYTES >> 20} MB")


def _tidy(work: Work) -> None:
    """Files that no row came to name (cancelled, rolled back, crashed) go after a day."""
    store = shelf(work)
    store.clear()
    old = [name for name in store.names() if store.old(name)]
    if old:
        known = set(work.session.scalars(select(Blob.sha256).where(Blob.stored == IN_FILE)))
        for name in old:
            if name not in known:
                store.remove(name)


def _tell(work: Work) -> None:
    """Once this is committed there may be something to send."""
    after_commit(work, shelf(work).woken)


def after_commit(work: Work, call: Callable[[], None]) -> None:
    """CALL once when this unit of work is written; never when it is not."""
    from sqlalchemy import event

    event.listen(work.session, "after_commit", lambda _session: call(), once=True)


# --- out ----------------------------------------------------------------------------------------------------------------------------


def blob(work: Work, sha256: str) -> bytes:
    """The bytes of a content, as a whole in memory.

    Raises NotFound; UserError file.remote, file.elsewhere when it is not on this computer; EnvironmentProblem store.file_damaged,
    store.file_missing; InputError file.too_large for what must be read as a stream.
    """
    row = work.session.execute(select(Blob.stored, Blob.size).where(Blob.sha256 == sha256)).first()
    if row is None or row.stored == REMOTE:
        raise _away(work, sha256)
    if row.stored == IN_FILE:
        if row.size > MAX_IN_MEMORY:
            limit = f"{MAX_IN_MEMORY >> 20} MB"
            raise InputError("file.too_large", file=sha256[:12], size=f"{row.size >> 20} MB", limit=limit)
        return shelf(work).read(sha256)
    content = work.session.scalar(select(Blob.content).where(Blob.sha256 == sha256))
    if content is None:
        raise _away(work, sha256)
    return content


def open_stream(work: Work, sha256: str) -> BinaryIO:
    """The content as a seekable stream that may be read on another thread. Raises as `blob`, but for the size."""
    stored = work.session.scalar(select(Blob.stored).where(Blob.sha256 == sha256))
    return shelf(work).open(sha256) if stored == IN_FILE else io.BytesIO(blob(work, sha256))


def blobs(work: Work, hashes: Iterable[str]) -> dict[str, bytes]:
    """Bytes by SHA-256; what is not on this computer is left out."""
    wanted = list(dict.fromkeys(hashes))
    found: dict[str, bytes] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        part = wanted[start : start + _AT_ONCE]
        rows = work.session.execute(
            select(Blob.sha256, Blob.content, Blob.stored).where(Blob.sha256.in_(part), Blob.stored != REMOTE)
        )
        for sha256, content, stored in rows.all():
            if stored == IN_DATABASE and content is not None:
                found[sha256] = content
            elif stored == IN_FILE:
                found[sha256] = blob(work, sha256)
    return found


def here(work: Work, sha256: str) -> bool:
    """Whether this computer has the content."""
    stored = work.session.scalar(select(Blob.stored).where(Blob.sha256 == sha256))
    return stored not in (None, REMOTE)


def _away(work: Work, sha256: str) -> PresalesError:
    name = work.session.scalar(select(Attachment.name).where(Attachment.sha256 == sha256).limit(1))
    if work.session.scalar(select(FileReceipt.id).where(FileReceipt.sha256 == sha256)) is not None:
        return UserError("file.remote", file=name or sha256[:12])
    if name is not None:
        return UserError("file.elsewhere", file=name)
    return NotFound("record.not_found", kind="attachment", id=sha256[:12])


def save_to(source: BinaryIO, target: Path) -> None:
    """Copy a content to a file of the user's, whole or not at all, closing SOURCE. Raises InputError file.not_writable."""
    temporary = target.with_name(f".{target.name}.part")
    try:
        with source, temporary.open("wb") as sink:
            while data := source.read(files.BLOCK):
                sink.write(data)
        temporary.replace(target)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise InputError("file.not_writable", file=str(target), reason=error.strerror or str(error)) from None
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
