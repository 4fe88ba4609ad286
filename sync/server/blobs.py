"""Files on the server: chunks of 4 MiB by the SHA-256 of the whole file, resumable, verified; on disk or S3 (obstore).

A file is `arriving` until every chunk is there and the whole hashes to its name; only then anybody may fetch it. Chunks lie under
<organisation>/<first two hex digits>/<sha256>/<number>, each written whole or not at all.

A hash is no key. Whoever has no right to a file yet (no row that he may see is linked to it) has to bring every byte of it himself, also
when it is here already; only then rows that he wrote are linked to it, and who sees a linked row may fetch it.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from obstore.exceptions import BaseError, NotFoundError
from obstore.store import ObjectStore
from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Integer,
    LargeBinary,
    String,
    Table,
    delete,
    insert,
    select,
    update,
)

from sync.server.account_tables import ACCESS

CHUNK = 4 * 1024 * 1024
MAX_SIZE = 8 * 1024**3
ARRIVING, VERIFIED = "arriving", "verified"
US = 1_000_000
# Nothing is swept before it has been without a reference for so long.
KEEP_S = 30 * 24 * 3600
ABANDONED_S = 7 * 24 * 3600

blob = Table(
    "sync_blob",
    ACCESS,
    Column("sha256", LargeBinary, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("state", String, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("unreferenced_at", BigInteger),
)

# What somebody has brought of a file, chunk by chunk: nobody can name the digest of a chunk that he has not. -1: all of it.
part = Table(
    "sync_blob_part",
    ACCESS,
    Column("sha256", LargeBinary, primary_key=True),
    Column("user_id", LargeBinary, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("digest", LargeBinary, nullable=False),
)
# Rows that rightly name a file: their author had it when he wrote them, or brought it afterwards.
link = Table(
    "sync_blob_link",
    ACCESS,
    Column("sha256", LargeBinary, primary_key=True),
    Column("row_id", LargeBinary, primary_key=True),
)
WHOLE = -1

Transaction = Callable[[], AbstractContextManager[Connection]]


class BlobError(Exception):
    """`code`: blob.size, blob.unknown, blob.not_ready, blob.chunk, blob.damaged, blob.store; `status` the HTTP status."""

    def __init__(self, code: str, status: int = 422, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.status = status
        self.params = params


@dataclass(frozen=True)
class BlobStatus:
    """What the server has of a file. `missing`: numbers of chunks that it still wants."""

    state: str
    size: int
    missing: tuple[int, ...] = ()


def chunks_of(size: int) -> int:
    """How many chunks a file of SIZE bytes has; an empty file has none."""
    return -(-size // CHUNK)


class BlobStore:
    """The files of one organisation."""

    def __init__(
        self, organisation: str, store: ObjectStore, transaction: Transaction, clock: Callable[[], float]
    ) -> None:
        self.organisation = organisation
        self.store = store
        self.transaction = transaction
        self.clock = clock
        # Hashing a large file takes a core: one at a time.
        self._verifying = threading.Semaphore(1)

    def begin(self, sha256: bytes, size: int, user: bytes | None = None, *, entitled: bool = True) -> BlobStatus:
        """Announce a file; which chunks are missing. Announcing twice is harmless. USER, who is not ENTITLED to it, is told nothing of
        what others brought: he brings all of it.

        Raises BlobError blob.size when it is too large, or (for who may know) known with another size.
        """
        if not 0 < size <= MAX_SIZE:
            raise BlobError("blob.size", 413, size=size, limit=MAX_SIZE)
        with self.transaction() as connection:
            row = connection.execute(select(blob).where(blob.c.sha256 == sha256)).first()
            if row is None:
                connection.execute(insert(blob).values(sha256=sha256, size=size, state=ARRIVING, at=self._now()))
        if user is not None and not entitled:
            return BlobStatus(ARRIVING, size, self._unproven(sha256, size if row is None else row.size, size, user))
        if row is not None and row.size != size:
            raise BlobError("blob.size", 409, size=size, limit=row.size)
        if row is not None and row.state == VERIFIED:
            return BlobStatus(VERIFIED, size)
        return BlobStatus(ARRIVING, size, self._missing(sha256, size))

    def status(self, sha256: bytes) -> BlobStatus:
        """What is here of a file. Raises BlobError blob.unknown."""
        row = self._row(sha256)
        return BlobStatus(row.state, row.size, () if row.state == VERIFIED else self._missing(sha256, row.size))

    def put(self, sha256: bytes, number: int, data: bytes, digest: bytes, user: bytes | None = None) -> None:
        """Keep one chunk; DIGEST is the SHA-256 that its sender made of it; that USER brought it is noted. Repeating it is harmless.

        Raises BlobError blob.unknown, blob.chunk (number, length or digest are wrong), blob.store (disk full, bucket away).
        """
        row = self._row(sha256)
        count = chunks_of(row.size)
        expected = CHUNK if number < count - 1 else row.size - CHUNK * (count - 1)
        if not 0 <= number < count or len(data) != expected or hashlib.sha256(data).digest() != digest:
            raise BlobError("blob.chunk", 422, chunk=number)
        if row.state != VERIFIED:
            try:
                self.store.put(self._path(sha256, number), data)
            except (BaseError, OSError) as error:
                raise BlobError("blob.store", 507, detail=str(error)[:200]) from None
        if user is not None:
            self._note(sha256, user, number, digest)

    def complete(self, sha256: bytes, user: bytes | None = None, *, entitled: bool = True) -> bool:
        """Hash the whole; True when it has become verified just now, False when it was before. USER has brought all of it himself, or was
        ENTITLED to it before.

        Raises BlobError blob.not_ready with the missing chunks; blob.damaged: all of it is to be sent again.
        """
        row = self._row(sha256)
        missing = () if row.state == VERIFIED else self._missing(sha256, row.size)
        if user is not None and not entitled:
            missing = tuple(sorted({*missing, *self._unproven(sha256, row.size, row.size, user)}))
        if missing:
            raise BlobError("blob.not_ready", 409, missing=list(missing[:1000]))
        if row.state == VERIFIED and (user is None or entitled):
            return False
        whole, digests = self._hashed(sha256, row.size)
        if whole != sha256:
            self._drop(sha256, row.size)
            raise BlobError("blob.damaged", 422)
        if user is not None and not entitled:
            self._prove(sha256, user, digests)
        with self.transaction() as connection:
            done = connection.execute(
                update(blob)
                .where(blob.c.sha256 == sha256, blob.c.state == ARRIVING)
                .values(state=VERIFIED, at=self._now())
            )
            return done.rowcount > 0

    # --- who brought what ---------------------------------------------------------------------------------------------------------
    def holds(self, sha256: bytes, user: bytes) -> bool:
        """Whether USER has brought all of a file."""
        with self.transaction() as connection:
            return holds(connection, sha256, user)

    def _unproven(self, sha256: bytes, stored: int, size: int, user: bytes) -> tuple[int, ...]:
        """Chunks that USER has yet to bring of a file that he says is of SIZE bytes (STORED: as it was announced first)."""
        with self.transaction() as connection:
            brought = set(
                connection.scalars(select(part.c.number).where(part.c.sha256 == sha256, part.c.user_id == user))
            )
        if WHOLE in brought and stored == size:
            return ()
        return tuple(sorted({*range(chunks_of(size))} - brought | {*self._missing(sha256, size)}))

    def _note(self, sha256: bytes, user: bytes, number: int, digest: bytes) -> None:
        here = (part.c.sha256 == sha256, part.c.user_id == user, part.c.number == number)
        with self.transaction() as connection:
            if not connection.execute(update(part).where(*here).values(digest=digest)).rowcount:
                connection.execute(insert(part).values(sha256=sha256, user_id=user, number=number, digest=digest))

    def _prove(self, sha256: bytes, user: bytes, digests: list[bytes]) -> None:
        """USER's chunks were those of the file, each of them. Raises BlobError blob.not_ready with those that were not."""
        mine = (part.c.sha256 == sha256, part.c.user_id == user)
        with self.transaction() as connection:
            brought = {n: bytes(d) for n, d in connection.execute(select(part.c.number, part.c.digest).where(*mine))}
            if WHOLE in brought:
                return
            wrong = [n for n, digest in enumerate(digests) if brought.get(n) != digest]
            connection.execute(delete(part).where(*mine, part.c.number.in_(wrong) if wrong else part.c.number >= 0))
            if not wrong:
                connection.execute(insert(part).values(sha256=sha256, user_id=user, number=WHOLE, digest=sha256))
        if wrong:
            raise BlobError("blob.not_ready", 409, missing=wrong[:1000])

    def _hashed(self, sha256: bytes, size: int) -> tuple[bytes, list[bytes]]:
        """SHA-256 of the whole and of each chunk."""
        with self._verifying:
            whole, digests = hashlib.sha256(), []
            for number in range(chunks_of(size)):
                data = self._read(sha256, number)
                whole.update(data)
                digests.append(hashlib.sha256(data).digest())
        return whole.digest(), digests

    def get(self, sha256: bytes, number: int) -> bytes:
        """One chunk of a verified file. Raises BlobError blob.unknown, blob.chunk."""
        row = self._row(sha256)
        if row.state != VERIFIED:
            raise BlobError("blob.unknown", 404)
        if not 0 <= number < chunks_of(row.size):
            raise BlobError("blob.chunk", 404, chunk=number)
        return self._read(sha256, number)

    def sweep(self, referenced: Iterable[bytes], *, verified: bool = True) -> int:
        """Mark and sweep: files that nobody refers to go 30 days after that was first seen (those of whose receipt laptops know only
        with VERIFIED: whoever asks for it takes the receipts back, too), half-sent ones after 7; how many went."""
        wanted, now, gone = set(referenced), self._now(), 0
        with self.transaction() as connection:
            rows = connection.execute(select(blob)).all()
        for row in rows:
            if row.state == VERIFIED and not verified:
                continue
            if bytes(row.sha256) in wanted:
                self._mark(row.sha256, None)
            elif row.unreferenced_at is None:
                self._mark(row.sha256, now)
            elif now - row.unreferenced_at > (KEEP_S if row.state == VERIFIED else ABANDONED_S) * US:
                with self.transaction() as connection:
                    for table in (blob, part, link):
                        connection.execute(table.delete().where(table.c.sha256 == row.sha256))
                self._drop(bytes(row.sha256), row.size)
                gone += 1
        return gone

    def check(self) -> list[str]:
        """Hex names of verified files whose bytes are not what they were."""
        wrong = []
        with self.transaction() as connection:
            rows = connection.execute(select(blob).where(blob.c.state == VERIFIED)).all()
        for row in rows:
            whole = hashlib.sha256()
            try:
                for number in range(chunks_of(row.size)):
                    whole.update(self._read(bytes(row.sha256), number))
            except BlobError:
                whole.update(b"missing")
            if whole.digest() != bytes(row.sha256):
                wrong.append(bytes(row.sha256).hex())
        return wrong

    # --- parts -------------------------------------------------------------------------------------------------------------------
    def _now(self) -> int:
        return int(self.clock() * US)

    def _row(self, sha256: bytes) -> Any:
        with self.transaction() as connection:
            row = connection.execute(select(blob).where(blob.c.sha256 == sha256)).first()
        if row is None:
            raise BlobError("blob.unknown", 404)
        return row

    def _mark(self, sha256: bytes, when: int | None) -> None:
        with self.transaction() as connection:
            connection.execute(update(blob).where(blob.c.sha256 == sha256).values(unreferenced_at=when))

    def _path(self, sha256: bytes, number: int | str) -> str:
        name = sha256.hex()
        return f"{self.organisation}/{name[:2]}/{name}/{number}"

    def _missing(self, sha256: bytes, size: int) -> tuple[int, ...]:
        count = chunks_of(size)
        last = size - CHUNK * (count - 1)
        there = set()
        for batch in self.store.list(self._path(sha256, "")):
            for found in batch:
                tail = str(found["path"]).rsplit("/", 1)[-1]
                if tail.isdigit() and found["size"] == (last if int(tail) == count - 1 else CHUNK):
                    there.add(int(tail))
        return tuple(n for n in range(count) if n not in there)

    def _read(self, sha256: bytes, number: int) -> bytes:
        try:
            return bytes(self.store.get(self._path(sha256, number)).bytes())
        except (NotFoundError, FileNotFoundError):
            raise BlobError("blob.chunk", 404, chunk=number) from None
        except (BaseError, OSError) as error:
            raise BlobError("blob.store", 503, detail=str(error)[:200]) from None

    def _drop(self, sha256: bytes, size: int) -> None:
        paths = [self._path(sha256, n) for n in range(chunks_of(size)) if n not in self._missing(sha256, size)]
        if paths:
            self.store.delete(paths)


def holds(connection: Connection, sha256: bytes, user: bytes) -> bool:
    """Whether USER has brought all of a file."""
    here = (part.c.sha256 == sha256, part.c.user_id == user, part.c.number == WHOLE)
    return connection.scalar(select(part.c.number).where(*here)) is not None


def size_of(connection: Connection, sha256: bytes) -> int | None:
    """The size of a verified file, None when there is none of this name."""
    return connection.scalar(select(blob.c.size).where(blob.c.sha256 == sha256, blob.c.state == VERIFIED))


def linked(connection: Connection, sha256: bytes) -> list[bytes]:
    """Ids of the rows that rightly name a file."""
    return [bytes(row_id) for row_id in connection.scalars(select(link.c.row_id).where(link.c.sha256 == sha256))]


def link_rows(connection: Connection, sha256: bytes, rows: Iterable[bytes]) -> None:
    """ROWS rightly name a file; those that are known are passed over."""
    known = set(linked(connection, sha256))
    fresh = [{"sha256": sha256, "row_id": row_id} for row_id in dict.fromkeys(rows) if row_id not in known]
    if fresh:
        connection.execute(insert(link), fresh)
