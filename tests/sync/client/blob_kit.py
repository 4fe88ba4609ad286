"""A laptop's shelf in memory, a server's files on disk, and lines between them that fail."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from obstore.store import LocalStore
from sqlalchemy import Connection, MetaData, create_engine

from sync.client.blob_queue import CHUNK, BlobQueue, Entry, Plan, Wish, chunks_of
from sync.client.blob_tables import DOWN, UP, blob_table
from sync.client.blobs import Begun, BlobLoop, LocalProblem, Offline, Refused
from sync.server.account_tables import ACCESS
from sync.server.blobs import BlobError, BlobStore

T = TypeVar("T")


def name(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


class Shelf:
    """Files in memory."""

    def __init__(self) -> None:
        self.files: dict[bytes, bytes] = {}
        self.pieces: dict[bytes, dict[int, bytes]] = {}
        self.full = False

    def read(self, sha256: bytes, number: int) -> bytes:
        if sha256 not in self.files:
            raise LocalProblem("store.file_missing")
        return self.files[sha256][number * CHUNK : (number + 1) * CHUNK]

    def sound(self, sha256: bytes) -> bool:
        return name(self.files[sha256]) == sha256

    def keep(self, sha256: bytes, size: int, number: int, data: bytes) -> None:
        if self.full:
            raise LocalProblem("store.disk_full", disk=True)
        self.pieces.setdefault(sha256, {})[number] = data

    def finish(self, sha256: bytes, size: int) -> bool:
        pieces = self.pieces.pop(sha256, {})
        data = b"".join(pieces.get(n, b"") for n in range(chunks_of(size)))
        if name(data) != sha256:
            return False
        self.files[sha256] = data
        return True


class Line:
    """The server's files without a network. `fault(verb)` may raise before a call arrives or, answering True, lose its answer."""

    def __init__(self, store: BlobStore, fault: Callable[[str], bool] = lambda verb: False) -> None:
        self.store = store
        self.fault = fault
        self.sent: list[int] = []
        self.fetched: list[int] = []
        self.receipts: set[bytes] = set()

    def begin(self, sha256: bytes, size: int) -> Begun:
        status = self._call("begin", lambda: self.store.begin(sha256, size))
        return Begun(status.state, status.missing)

    def put(self, sha256: bytes, number: int, data: bytes) -> None:
        self.sent.append(number)
        self._call("put", lambda: self.store.put(sha256, number, data, name(data)))

    def complete(self, sha256: bytes) -> None:
        def done() -> None:
            self.store.complete(sha256)
            self.receipts.add(sha256)

        self._call("complete", done)

    def get(self, sha256: bytes, number: int) -> bytes:
        self.fetched.append(number)
        return self._call("get", lambda: self.store.get(sha256, number))

    def _call(self, verb: str, call: Callable[[], T]) -> T:
        lost = self.fault(verb)
        try:
            said = call()
        except BlobError as error:
            raise Refused(error.code, error.status) from None
        if lost:
            raise Offline
        return said


class Laptop:
    """One queue on disk; `again()` is a restart of the program."""

    def __init__(self, folder: Path, line: Line, clock: Callable[[], float]) -> None:
        metadata = MetaData()
        self.table = blob_table(metadata)
        self.engine = create_engine(f"sqlite:///{folder / 'laptop.db'}")
        metadata.create_all(self.engine)
        self.shelf = Shelf()
        self.line = line
        self.clock = clock
        self.plan = Plan()
        self.arrived: list[bytes] = []
        self.loop = self._loop()

    def _loop(self) -> BlobLoop:
        return BlobLoop(
            self.engine, self.table, self.shelf, self.line, lambda connection: self.plan, clock=self.clock,
            arrived=self.arrived.append,
        )  # fmt: skip

    def again(self) -> None:
        self.loop = self._loop()

    def wants(self, *wishes: Wish, settled: list[tuple[bytes, str]] | None = None) -> None:
        self.plan = Plan(wishes, settled or [])
        self.loop.wake()

    def up(self, *files: bytes, priority: int = 3) -> None:
        for data in files:
            self.shelf.files[name(data)] = data
        self.wants(*(Wish(name(data), len(data), UP, priority) for data in files))

    def down(self, *files: bytes, priority: int = 3) -> None:
        self.wants(*(Wish(name(data), len(data), DOWN, priority) for data in files))

    def entries(self) -> dict[bytes, Entry]:
        with self.engine.connect() as connection:
            return {e.sha256: e for e in BlobQueue(self.table).entries(connection)}

    def work(self, turns: int = 500) -> int:
        """Until nothing is to be done; how many turns it took."""
        for turn in range(turns):
            if self.loop.turn() > 0 and not self.loop.problem:
                return turn
        raise AssertionError(f"not done after {turns} turns: {self.loop.problem} {self.entries()}")


class Server:
    """The files of an organisation."""

    def __init__(self, folder: Path, clock: Callable[[], float]) -> None:
        self.engine = create_engine(f"sqlite:///{folder / 'server.db'}")
        ACCESS.create_all(self.engine)
        self.store = BlobStore("acme", LocalStore(folder / "server", mkdir=True), self.begin, clock)

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        with self.engine.begin() as connection:
            yield connection

    def content(self, sha256: bytes) -> bytes:
        return b"".join(self.store.get(sha256, n) for n in range(chunks_of(self.store.status(sha256).size)))
