"""Files between a laptop and the server: a thread of its own that sends and fetches chunk by chunk, and goes on where it was cut.

Rows never wait for files. The loop knows no product: a `Shelf` has the bytes, a plan made from the rows says what should move.
"""

from __future__ import annotations

import contextlib
import logging
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from sqlalchemy import Connection, Engine, Table

from sync.client.blob_queue import CHUNK, US, BlobQueue, Entry, Plan, Wish, chunk_size
from sync.client.blob_tables import UP

__all__ = [
    "CHUNK",
    "Begun",
    "BlobLoop",
    "BlobTransport",
    "LocalProblem",
    "Offline",
    "Pace",
    "Plan",
    "Refused",
    "Shelf",
    "Wish",
]

_LOG = logging.getLogger("sync.blobs")
# How often one file is tried before somebody has to look, and how long between.
MAX_TRIES: Final = 8
_FIRST_WAIT_S, _LONGEST_WAIT_S = 1.0, 60.0
_IDLE_S: Final = 30.0
_SLICE_S: Final = 0.5
# Refused for good: trying again would bring the same answer.
_FINAL: Final = frozenset({"blob.size", "request.too_large"})


class Offline(Exception):
    """Nobody answered, or somebody who is not our server: no error, only later. `code` for the status."""

    def __init__(self, code: str = "network.offline", detail: str = "") -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code = code


class Refused(Exception):
    """The server said no: `code`, and the HTTP status."""

    def __init__(self, code: str, status: int = 422) -> None:
        super().__init__(code)
        self.code = code
        self.status = status


class LocalProblem(Exception):
    """This computer cannot: `code`. `disk`: it is no single file's fault (full, read-only), all wait."""

    def __init__(self, code: str, *, disk: bool = False) -> None:
        super().__init__(code)
        self.code = code
        self.disk = disk


class Stopped(Exception):
    """The program ends."""


@dataclass(frozen=True)
class Begun:
    """What the server has of an announced file."""

    state: str
    missing: tuple[int, ...] = ()


class BlobTransport(Protocol):
    """The server. Each call raises Offline or Refused."""

    def begin(self, sha256: bytes, size: int) -> Begun:
        """Announce a file; what is missing."""

    def put(self, sha256: bytes, number: int, data: bytes) -> None:
        """Send one chunk; repeating it is harmless."""

    def complete(self, sha256: bytes) -> None:
        """Let the server hash the whole; it then gives its receipt, unless it did before."""

    def get(self, sha256: bytes, number: int) -> bytes:
        """One chunk of a verified file."""


class Shelf(Protocol):
    """The files of this computer. Each call raises LocalProblem, and is called on the loop's thread."""

    def read(self, sha256: bytes, number: int) -> bytes:
        """One chunk of a file that is here."""

    def sound(self, sha256: bytes) -> bool:
        """Whether the file that is here is what its name says."""

    def keep(self, sha256: bytes, size: int, number: int, data: bytes) -> None:
        """One chunk of a file that arrives; it is on disk when this returns."""

    def finish(self, sha256: bytes, size: int) -> bool:
        """Every chunk has arrived: hash the whole. Only then it is here; otherwise all of it is dropped."""


class Pace:
    """A limit of bytes per second; called with how many are about to move, it waits its turn. 0 means no limit."""

    def __init__(
        self,
        limit: Callable[[], int] = lambda: 0,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], bool] | None = None,
    ) -> None:
        self.limit = limit
        self._clock = clock
        self._stopping = threading.Event()
        self._wait = wait or self._stopping.wait
        self._free_at = 0.0

    def __call__(self, count: int) -> None:
        """Raises Stopped when the loop ends meanwhile."""
        if self._stopping.is_set():
            raise Stopped
        limit = self.limit()
        if limit <= 0:
            return
        now = self._clock()
        start = max(now, self._free_at)
        self._free_at = start + count / limit
        if start > now and self._wait(start - now):
            raise Stopped

    def stop(self) -> None:
        """Let whoever waits go at once."""
        self._stopping.set()

    def resume(self) -> None:
        """Begin anew."""
        self._stopping.clear()


class BlobLoop:
    """Sends and fetches files. `plan(connection)` reads the rows; `arrived(sha256)` is called when a download is here."""

    def __init__(
        self,
        engine: Engine,
        table: Table,
        shelf: Shelf,
        transport: BlobTransport,
        plan: Callable[[Connection], Plan],
        *,
        pace: Pace | None = None,
        arrived: Callable[[bytes], None] = lambda sha256: None,
        clock: Callable[[], float] = time.time,
        dice: random.Random | None = None,
    ) -> None:
        self.engine = engine
        self.queue = BlobQueue(table)
        self.shelf = shelf
        self.transport = transport
        self.plan = plan
        self.pace = pace or Pace()
        self.arrived = arrived
        self.clock = clock
        self.problem = ""  # code of what keeps all files waiting; "" when none does
        self._dice = dice or random.Random()
        self._missing: dict[bytes, list[int]] = {}
        self._replan = True
        self._pauses = 0
        self._woken = threading.Event()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    # --- the thread -----------------------------------------------------------------------------------------------------------
    def start(self) -> None:
        """Begin in a thread of its own."""
        if self._thread is None:
            self._stop.clear()
            self.pace.resume()
            self._thread = threading.Thread(target=self._run, name="files", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End soon; what is under way goes on at the next start."""
        self._stop.set()
        self.pace.stop()
        self._woken.set()
        if self._thread is not None:
            self._thread.join(20)
            self._thread = None

    def wake(self) -> None:
        """Rows have changed, a pull brought something, the network is back: look at once."""
        self._replan = True
        self._woken.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            wait = self.turn()
            if wait > 0 and not self._stop.is_set():
                self._woken.wait(wait)
            self._woken.clear()

    def turn(self) -> float:
        """One step and whatever goes wrong with it; how many seconds to wait before the next."""
        try:
            busy = self.step()
        except Stopped:
            return 0.0
        except Offline as error:
            return self._pause(error.code)
        except LocalProblem as error:
            return self._pause(error.code)
        except Exception:  # noqa: BLE001  # the thread must live on: a busy database, a full disk
            _LOG.exception("files")
            return self._pause("internal.bug")
        self.problem, self._pauses = "", 0
        return 0.0 if busy else self._until_due()

    def _pause(self, code: str) -> float:
        self.problem = code
        self._missing.clear()  # what the server has is asked anew: a chunk may have arrived before the line was cut
        self._replan = True
        self._pauses = min(self._pauses + 1, 12)
        longest = min(_LONGEST_WAIT_S, _FIRST_WAIT_S * 2 ** (self._pauses - 1))
        return float(longest * self._dice.uniform(0.5, 1.0))

    def _until_due(self) -> float:
        with self.engine.connect() as connection:
            due = self.queue.due(connection)
        return _IDLE_S if due is None else min(_IDLE_S, max(_SLICE_S, due / US - self.clock()))

    # --- one step -------------------------------------------------------------------------------------------------------------
    def step(self) -> bool:
        """Move one chunk of the file that comes first; false when there is nothing to do.

        Raises Offline, LocalProblem when all files have to wait, Stopped.
        """
        if self._replan:
            self._replan = False
            with self._begin() as connection:
                self.queue.apply(connection, self.plan(connection), self._now())
        with self.engine.connect() as connection:
            entry = self.queue.next(connection, self._now())
        if entry is None:
            return False
        try:
            (self._send if entry.direction == UP else self._fetch)(entry)
        except Refused as error:
            self._refused(entry, error)
        except LocalProblem as error:
            if error.disk:
                raise
            self._missing.pop(entry.sha256, None)
            with self._begin() as connection:
                self.queue.failed(connection, entry, error.code)
        return True

    def _send(self, entry: Entry) -> None:
        missing = self._missing.get(entry.sha256)
        if missing is None:
            begun = self.transport.begin(entry.sha256, entry.size)
            missing = self._missing[entry.sha256] = list(begun.missing)
            have = frozenset(range(entry.chunks)) - frozenset(missing)
            with self._begin() as connection:
                self.queue.received(connection, entry, have)
            if missing:
                return
        if missing:
            number = missing[0]
            self.transport.put(entry.sha256, number, self.shelf.read(entry.sha256, number))
            missing.pop(0)
            with self._begin() as connection:
                self.queue.received(connection, entry, frozenset(range(entry.chunks)) - frozenset(missing))
        if not missing:
            self._missing.pop(entry.sha256, None)
            self.transport.complete(entry.sha256)
            with self._begin() as connection:
                self.queue.verified(connection, entry, self._now())

    def _fetch(self, entry: Entry) -> None:
        left = [n for n in range(entry.chunks) if n not in entry.received]
        have = entry.received
        if left:
            data = self.transport.get(entry.sha256, left[0])
            if len(data) != chunk_size(entry.size, left[0]):
                raise Refused("blob.chunk")
            self.shelf.keep(entry.sha256, entry.size, left[0], data)
            have |= {left[0]}
            with self._begin() as connection:
                self.queue.received(connection, entry, have)
        if len(have) < entry.chunks:
            return
        if not self.shelf.finish(entry.sha256, entry.size):
            raise Refused("blob.damaged")
        with self._begin() as connection:
            self.queue.verified(connection, entry, self._now())
        self.arrived(entry.sha256)

    def _refused(self, entry: Entry, error: Refused) -> None:
        """One file's trouble does not keep the others waiting; a login that ended does."""
        self._missing.pop(entry.sha256, None)
        if error.status in (
            401,
            403,
            503,
            507,
        ):  # logged out; the server's database away, its disk full: all wait, none has failed
            raise Offline(error.code) from None
        # The sender's own copy may have rotted: then sending it again would not help.
        rotten = error.code == "blob.damaged" and entry.direction == UP and not self.shelf.sound(entry.sha256)
        with self._begin() as connection:
            if rotten or error.code in _FINAL or entry.tries + 1 >= MAX_TRIES:
                self.queue.failed(connection, entry, "file.damaged" if rotten else error.code)
            else:
                wait = min(3600.0, 2.0**entry.tries * 5)
                again = error.code == "blob.damaged"
                self.queue.later(connection, entry, error.code, self._now() + int(wait * US), again=again)

    @contextlib.contextmanager
    def _begin(self) -> Iterator[Connection]:
        with self.engine.begin() as connection:
            yield connection

    def _now(self) -> int:
        return int(self.clock() * US)
