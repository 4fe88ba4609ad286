"""Files on the server: chunks of 4 MiB by the SHA-256 of the whole file, resumable, verified; on disk or S3 (obstore).

A file is `arriving` until every chunk is there and the whole hashes to its name; only then anybody may fetch it. Chunks lie under
<organisation>/<first two hex digits>/<sha256>/<number>, each written whole or not at all.
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
from sqlalchemy import BigInteger, Column, Connection, LargeBinary, String, Table, insert, select, update

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

    def begin(self, sha256: bytes, size: int) -> BlobStatus:
        """Announce a file; which chunks are missing. Announcing twice is harmless.

        Raises BlobError blob.size when it is too large, or known with another size.
        """
        if not 0 < size <= MAX_SIZE:
            raise BlobError("blob.size", 413, size=size, limit=MAX_SIZE)
        with self.transaction() as connection:
            row = connection.execute(select(blob).where(blob.c.sha256 == sha256)).first()
            if row is None:
                connection.execute(insert(blob).values(sha256=sha256, size=size, state=ARRIVING, at=self._now()))
        if row is not None and row.size != size:
            raise BlobError("blob.size", 409, size=size, limit=row.size)
        if row is not None and row.state == VERIFIED:
            return BlobStatus(VERIFIED, size)
        return BlobStatus(ARRIVING, size, self._missing(sha256, size))

    def status(self, sha256: bytes) -> BlobStatus:
        """What is here of a file. Raises BlobError blob.unknown."""
        row = self._row(sha256)
        return BlobStatus(row.state, row.size, () if row.state == VERIFIED else self._missing(sha256, row.size))

    def put(self, sha256: bytes, number: int, data: bytes, digest: bytes) -> None:
        """Keep one chunk; DIGEST is the SHA-256 that its sender made of it. Repeating it is harmless.

        Raises BlobError blob.unknown, blob.chunk (number, length or digest are wrong), blob.store (disk full, bucket away).
        """
        row = self._row(sha256)
        count = chunks_of(row.size)
        expected = CHUNK if number < count - 1 else row.size - CHUNK * (count - 1)
        if not 0 <= number < count or len(data) != expected or hashlib.sha256(data).digest() != digest:
            raise BlobError("blob.chunk", 422, chunk=number)
        if row.state == VERIFIED:
            return
        try:
            self.store.put(self._path(sha256, number), data)
        except (BaseError, OSError) as error:
            raise BlobError("blob.store", 507, detail=str(error)[:200]) from None

    def complete(self, sha256: bytes) -> bool:
        """Hash the whole; True when it has become verified just now, False when it was before.

        Raises BlobError blob.not_ready with the missing chunks; blob.damaged: all of it is to be sent again.
        """
        row = self._row(sha256)
        if row.state == VERIFIED:
            return False
        missing = self._missing(sha256, row.size)
        if missing:
            raise BlobError("blob.not_ready", 409, missing=list(missing[:1000]))
        with self._verifying:
            whole = hashlib.sha256()
            for number in range(chunks_of(row.size)):
                whole.update(self._read(sha256, number))
        if whole.digest() != sha256:
            self._drop(sha256, row.size)
            raise BlobError("blob.damaged", 422)
        with self.transaction() as connection:
            done = connection.execute(
                update(blob)
                .where(blob.c.sha256 == sha256, blob.c.state == ARRIVING)
                .values(state=VERIFIED, at=self._now())
            )
            return done.rowcount > 0

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
                    connection.execute(blob.delete().where(blob.c.sha256 == row.sha256))
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
