"""One organisation's sync: push, pull, segment, wait. Blocking, safe to call from many threads; the same in production and simulation."""

from __future__ import annotations

import datetime as dt
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from uuid import UUID

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from sync import wire
from sync.ids import uuid7
from sync.server import constraints, storage, upkeep
from sync.server.caller import Caller, SyncError
from sync.server.committer import Committer
from sync.server.database import reading
from sync.server.domain import Domain
from sync.server.group import Refused
from sync.server.pull import MAX_LIMIT, Puller
from sync.server.ring import Ring
from sync.server.segments import Segments
from sync.wire import Commit, CommitResult, PullAnswer, PushAnswer, PushRequest

POLL_S = 0.2
DEFAULT_LIMIT = 5_000

__all__ = ["Caller", "Core", "SyncError"]


def _utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Core:
    """The sync of one organisation.

    `clock` gives aware moments, `new_id` UUIDv7, `ticks` monotonic seconds: handed in, so that a simulation is deterministic. `poll_s`: how old
    may what this process knows of other processes' commits be.
    """

    def __init__(
        self,
        engine: Engine,
        domain: Domain,
        *,
        clock: Callable[[], dt.datetime] = _utc_now,
        new_id: Callable[[], UUID] = uuid7,
        ticks: Callable[[], float] = time.monotonic,
        refused: Refused | None = None,
        name: str = "",
        poll_s: float = POLL_S,
        ring_size: int = 50_000,
        segment_rows: int | None = None,
    ) -> None:
        self.engine = engine
        self.reader = reading(engine)
        self.domain = domain
        self.clock = clock
        self.new_id = new_id
        self.name = name
        self.poll_s = poll_s
        self._ticks = ticks
        self._asked = ticks()
        self._asking = threading.Lock()
        self._met: set[bytes] = set()
        with self.reader.begin() as connection:
            self.ring = Ring(storage.read_clock(connection), storage.epoch_starts(connection), ring_size)
        self.committer = Committer(engine, domain, self.ring, clock, refused, name)
        self.segments = Segments(engine, clock, segment_rows)
        self.puller = Puller(domain.registry, self.ring, self.segments.offer)

    # --- push -----------------------------------------------------------------------------------------------------------------

    def push(self, caller: Caller, request: PushRequest) -> PushAnswer:
        """Judge and write the commits of one device. Raises SyncError."""
        self._check(caller, request)
        if self._pulls_first(request):
            return self._pushed([])
        return self._pushed(self.committer.push(caller, request.commits))

    def submit(self, caller: Caller, request: PushRequest) -> Future[PushAnswer]:
        """The same without blocking."""
        self._check(caller, request)
        answer: Future[PushAnswer] = Future()
        if self._pulls_first(request):
            answer.set_result(self._pushed([]))
            return answer

        def done(results: Future[list[CommitResult]]) -> None:
            error = results.exception()
            if error is not None:
                answer.set_exception(error)
            else:
                answer.set_result(self._pushed(results.result()))

        self.committer.submit(caller, request.commits).add_done_callback(done)
        return answer

    def _pulls_first(self, request: PushRequest) -> bool:
        """Whether the laptop does not know yet that the server was put back. What waits there may rest on what it has to offer again
        first (delete a row whose making was lost): nothing is taken, and the answer's epoch tells it."""
        if request.epoch in (b"", self.ring.clock.epoch):
            return False
        self.refresh(force=True)
        return request.epoch != self.ring.clock.epoch

    def _pushed(self, results: list[CommitResult]) -> PushAnswer:
        clock = self.ring.clock
        return PushAnswer(clock.epoch, results, clock.durable)

    def _check(self, caller: Caller, request: PushRequest) -> None:
        if request.protocol != wire.PROTOCOL:
            raise SyncError("sync.protocol", 400, server=wire.PROTOCOL)
        if request.device != caller.device.bytes:
            raise SyncError("sync.device", 403)
        commits = request.commits
        if len(commits) > 1 and sum(len(commit.changes) for commit in commits) > wire.MAX_CHANGES:
            raise SyncError("sync.too_many", 413, limit=wire.MAX_CHANGES)
        for commit in commits:
            _check_commit(commit)
        if any(commit.epoch > self.ring.clock.epoch_no for commit in commits):
            self.refresh(force=True)
            clock = self.ring.clock
            # Who has pulled from this epoch knows where he is, whatever epoch his older commits were made in.
            if request.epoch != clock.epoch and any(commit.epoch > clock.epoch_no for commit in commits):
                raise SyncError("sync.server_went_back", 409, epoch=self.ring.clock.epoch_no)

    # --- pull -----------------------------------------------------------------------------------------------------------------

    def pull(
        self, caller: Caller, epoch: bytes, cursor: int, limit: int = DEFAULT_LIMIT, place: bytes = b""
    ) -> PullAnswer:
        """What CALLER's replica at CURSOR lacks. PLACE: as the last answer gave it, empty after the last page. Raises SyncError."""
        limit = max(1, min(limit, MAX_LIMIT))
        user = caller.user.bytes
        self.refresh()
        if not place:
            found = self.puller.from_ring(user, epoch, cursor, limit)
            if found is not None:
                return found
        try:
            self._meet(user)
            if not place and (cursor <= 0 or epoch != self.ring.clock.epoch):
                self._make_segments(user)
            with self.reader.begin() as connection:
                return self.puller.from_snapshot(connection, user, epoch, cursor, limit, place)
        except DBAPIError as error:
            raise constraints.unavailable(error) from error

    def pull_now(self, caller: Caller, epoch: bytes, cursor: int, limit: int = DEFAULT_LIMIT) -> bytes | None:
        """The encoded answer when memory alone gives it: never blocks. None: ask `pull_bytes`."""
        if self._ticks() - self._asked > 3 * self.poll_s:
            return None
        return self.puller.encoded(caller.user.bytes, epoch, cursor, max(1, min(limit, MAX_LIMIT)))

    def nothing_new(self, caller: Caller, epoch: bytes, cursor: int) -> bool:
        """Whether memory alone says that CALLER's replica at CURSOR has everything: never blocks."""
        return self._ticks() - self._asked <= 3 * self.poll_s and self.puller.complete(caller.user.bytes, epoch, cursor)

    def pull_bytes(
        self, caller: Caller, epoch: bytes, cursor: int, limit: int = DEFAULT_LIMIT, place: bytes = b""
    ) -> bytes:
        """`pull`, encoded."""
        return wire.encode(self.pull(caller, epoch, cursor, limit, place))

    def _meet(self, user: bytes) -> None:
        """Somebody who comes for the first time is told what he may hold."""
        if user in self._met:
            return
        with self.reader.begin() as connection:
            known = bool(storage.grant_history(connection, user))
        if not known:
            self.committer.regrant([user])
        self._met.add(user)

    def _make_segments(self, user: bytes) -> None:
        with self.reader.begin() as connection:
            held = storage.open_grants(connection, user)
        self.segments.make(held)

    def segment(self, caller: Caller, sha256: bytes) -> bytes:
        """A file of the first load. Raises SyncError sync.segment_unknown, also for one of a scope that CALLER does not hold."""
        try:
            with self.reader.begin() as connection:
                held = frozenset(storage.open_grants(connection, caller.user.bytes))
                return self.segments.read(connection, sha256, held)
        except DBAPIError as error:
            raise constraints.unavailable(error) from error

    # --- news -----------------------------------------------------------------------------------------------------------------

    def refresh(self, *, force: bool = False) -> int:
        """Learn of other processes' commits, at most every `poll_s` seconds; the head."""
        if not force and self._ticks() - self._asked < self.poll_s:
            return self.ring.head
        with self._asking:
            if not force and self._ticks() - self._asked < self.poll_s:
                return self.ring.head
            try:
                with self.reader.begin() as connection:
                    self.committer.catch_up(connection, storage.read_clock(connection), locked=False)
            except DBAPIError as error:
                raise constraints.unavailable(error) from error
            self._asked = self._ticks()
        return self.ring.head

    @property
    def due(self) -> bool:
        """Whether `refresh` would ask the database."""
        return self._ticks() - self._asked >= self.poll_s

    @property
    def waiting(self) -> int:
        """Pushes in the queue."""
        return self.committer.waiting

    def wait(self, seq: int, timeout: float) -> int:
        """Blocks until there is a commit after SEQ or TIMEOUT seconds are over; the head."""
        end = time.monotonic() + timeout
        while True:
            head = self.refresh()
            left = end - time.monotonic()
            if head > seq or left <= 0:
                return head
            if self.ring.wait(seq, min(left, self.poll_s)) > seq:
                return self.ring.head

    def listen(self, listener: Callable[[int], None]) -> Callable[[], None]:
        """LISTENER(head) after each group of this process and whatever `refresh` finds; answers how to stop it."""
        return self.ring.listen(listener)

    # --- administration -------------------------------------------------------------------------------------------------------

    def regrant(self, users: Iterable[UUID] | None = None) -> int:
        """Find anew what USERS (all) may hold: after rights changed outside of a commit."""
        if users is not None:
            return self.committer.regrant([user.bytes for user in users])
        with self.reader.begin() as connection:
            known = storage.granted_users(connection)
        return self.committer.regrant(known)

    def new_epoch(self, reason: str) -> int:
        """After a restore: numbers of before say nothing any more, replicas begin again. The epoch's number."""
        number = upkeep.new_epoch(self.engine, reason, self.new_id().bytes, self._now_us())
        self.refresh(force=True)
        return number

    def durable(self, seq: int) -> None:
        """Everything up to SEQ is in a verified backup."""
        upkeep.set_durable(self.engine, seq)
        self.refresh(force=True)

    def purge(self, before: dt.datetime) -> int:
        """Forget tombstones, exits and payloads older than BEFORE; the new floor."""
        floor = upkeep.purge(self.engine, int(before.timestamp() * 1_000_000))
        self.refresh(force=True)
        return floor

    def purge_to(self, seq: int) -> int:
        """Forget tombstones and exits up to SEQ; the new floor."""
        floor = upkeep.purge_to(self.engine, seq)
        self.refresh(force=True)
        return floor

    def check(self) -> list[str]:
        """What is wrong with the organisation's sync tables; empty when all is well."""
        with self.reader.begin() as connection:
            return upkeep.check(connection, self.domain.registry)

    def _now_us(self) -> int:
        return int(self.clock().timestamp() * 1_000_000)

    def close(self) -> None:
        """Finish what waits."""
        self.committer.close()


def _check_commit(commit: Commit) -> None:
    if len(commit.id) != 16 or not 0 <= commit.hlc < 1 << 63 or not 0 <= commit.epoch < 1 << 31:
        raise SyncError("sync.commit", 422)
    if not 0 <= commit.schema < 1 << 31:
        raise SyncError("sync.commit", 422)
