"""The group committer: all pushes that wait become one transaction under the organisation's clock row.

Safety rests on the row lock alone: the clock is locked first, everything is read after it, so any number of server processes may commit
to one organisation. Groups are for speed.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InternalError, OperationalError

from sync.server import constraints, storage
from sync.server.caller import Caller, SyncError
from sync.server.domain import Domain
from sync.server.group import Group, Refused
from sync.server.judging import Task
from sync.server.ring import Ring
from sync.server.storage import Clock
from sync.wire import Commit, CommitResult, Refusal

_LOG = logging.getLogger("sync.server")
_GROUP_CHANGES = 6_000
_ATTEMPTS = 4
_IDLE_S = 20.0
_FAR_BEHIND = 20_000

_Broken = (IntegrityError, DataError, InternalError, constraints.NoScope)


@dataclass
class Waiting:
    """One push in the queue."""

    tasks: list[Task]
    future: Future[list[CommitResult]]

    @property
    def changes(self) -> int:
        """How large it is."""
        return sum(len(task.commit.changes) for task in self.tasks) + len(self.tasks)


class Committer:
    """Commits to one organisation. `refused` is called in the transaction for each refused commit (audit)."""

    def __init__(
        self,
        engine: Engine,
        domain: Domain,
        ring: Ring,
        clock: Callable[[], dt.datetime],
        refused: Refused | None = None,
        name: str = "",
    ) -> None:
        self.engine = engine
        self.domain = domain
        self.ring = ring
        self.clock = clock
        self.refused = refused
        self.name = name
        self.groups = 0
        self.commits = 0
        self._queue: deque[Waiting] = deque()
        self._guard = threading.Lock()
        self._leading = threading.Lock()
        self._work = threading.Condition(self._guard)
        self._thread: threading.Thread | None = None
        self._closed = False

    # --- the queue ------------------------------------------------------------------------------------------------------------

    def push(self, caller: Caller, commits: Sequence[Commit]) -> list[CommitResult]:
        """Commits, in order; blocks. Whoever finds nobody at work does the work, for the others in the queue, too."""
        waiting = self._enqueue(caller, commits)
        while not waiting.future.done():
            if self._leading.acquire(timeout=0.05):
                try:
                    while not waiting.future.done() and self._drain():
                        pass
                finally:
                    self._leading.release()
        return waiting.future.result()

    def submit(self, caller: Caller, commits: Sequence[Commit]) -> Future[list[CommitResult]]:
        """The same for callers that must not block: a thread of the organisation works as long as there is something to do."""
        waiting = self._enqueue(caller, commits)
        with self._guard:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name=f"commit-{self.name}", daemon=True)
                self._thread.start()
            self._work.notify()
        return waiting.future

    def _enqueue(self, caller: Caller, commits: Sequence[Commit]) -> Waiting:
        waiting = Waiting([Task(caller, commit) for commit in commits], Future())
        with self._guard:
            if self._closed:
                raise SyncError("sync.unavailable", 503)
            self._queue.append(waiting)
        return waiting

    @property
    def waiting(self) -> int:
        """Pushes that nobody works on yet."""
        return len(self._queue)

    def _run(self) -> None:
        while True:
            with self._leading:
                while self._drain():
                    pass
            with self._guard:
                if self._queue:
                    continue
                if self._closed or not self._work.wait(_IDLE_S):
                    if self._queue:
                        continue
                    self._thread = None
                    return

    def close(self) -> None:
        """No new pushes; what waits is finished."""
        with self._guard:
            self._closed = True
            thread = self._thread
            self._work.notify_all()
        if thread is not None:
            thread.join()

    def _drain(self) -> bool:
        """Commit one group; whether there was one."""
        group: list[Waiting] = []
        size = 0
        with self._guard:
            while self._queue and (not group or size + self._queue[0].changes <= _GROUP_CHANGES):
                group.append(self._queue.popleft())
                size += group[-1].changes
        if not group:
            return False
        try:
            self.commit([task for waiting in group for task in waiting.tasks])
        except BaseException as error:
            for waiting in group:
                waiting.future.set_exception(_unavailable(error))
            if not isinstance(error, Exception):
                raise
            return True
        for waiting in group:
            waiting.future.set_result([_answer(task) for task in waiting.tasks])
        return True

    # --- a group --------------------------------------------------------------------------------------------------------------

    def commit(self, tasks: Sequence[Task]) -> None:
        """Judge and write TASKS; each has its result afterwards. A constraint that breaks the group makes it fall apart."""
        try:
            self._transact(tasks)
        except _Broken:
            if len(tasks) == 1:
                self._alone(tasks[0])
                return
            _LOG.info("a group fell apart", extra={"organisation": self.name, "commits": len(tasks)})
            for task in tasks:
                try:
                    self._transact([task])
                except _Broken:
                    self._alone(task)

    def _alone(self, task: Task) -> None:
        """A single commit that broke a constraint: once more with what goes first, then it is refused."""
        try:
            self._transact([task], deletes_first=True)
        except _Broken as error:
            refusal = constraints.refusal(error, self.domain.registry)
            self._transact([task], forced=refusal)

    def _transact(self, tasks: Sequence[Task], *, forced: Refusal | None = None, deletes_first: bool = False) -> None:
        for attempt in range(_ATTEMPTS):
            for task in tasks:
                task.result, task.stored = None, False
            try:
                self._once(tasks, forced, deletes_first)
                return
            except OperationalError as error:
                if attempt + 1 == _ATTEMPTS or not constraints.passing(error):
                    raise
                _LOG.warning("a transaction is tried again", extra={"organisation": self.name})

    def _once(self, tasks: Sequence[Task], forced: Refusal | None, deletes_first: bool) -> None:
        with self.engine.begin() as connection:
            clock = storage.lock_clock(connection)
            self.catch_up(connection, clock)
            group = self._group(connection, clock, tasks)
            group.judge(forced)
            group.write(deletes_first)
        if group.seq > clock.seq:
            self.ring.advance(clock.seq, group.clock_after, group.written, group.exits, group.users)
        self.groups += 1
        self.commits += len(tasks)

    def _group(self, connection: Connection, clock: Clock, tasks: Sequence[Task]) -> Group:
        return Group(connection, clock, tasks, self.domain, self.ring, self.clock(), self.refused)

    def catch_up(self, connection: Connection, clock: Clock, *, locked: bool = True) -> None:
        """Other processes' commits come into the ring. CONNECTION's transaction sees CLOCK, and holds it when LOCKED."""
        ring = self.ring
        known = ring.clock
        went_back = clock.seq < known.seq and locked
        if clock.epoch != known.epoch or went_back or clock.seq - known.seq > _FAR_BEHIND:
            if locked or clock.epoch_no >= known.epoch_no:
                ring.restart(clock, storage.epoch_starts(connection))
        elif clock.seq > known.seq:
            rows = storage.changed_between(connection, known.seq, clock.seq)
            exits = storage.exits_between(connection, known.seq, clock.seq)
            ring.advance(known.seq, clock, rows, exits, storage.regranted_since(connection, known.seq))
        elif clock.seq == known.seq:
            ring.advance(known.seq, clock, (), (), ())

    def regrant(self, users: Iterable[bytes]) -> int:
        """Find anew what USERS may hold; answers the seq as of which it is so (the present one when nothing changed)."""
        with self._leading, self.engine.begin() as connection:
            clock = storage.lock_clock(connection)
            self.catch_up(connection, clock)
            group = self._group(connection, clock, ())
            group.seq += 1
            changed = group.regrant(set(users))
            if changed:
                group.log_own("grants")
                storage.set_seq(connection, group.seq)
        if changed:
            self.ring.advance(clock.seq, group.clock_after, (), (), changed)
            return group.seq
        return clock.seq


def _answer(task: Task) -> CommitResult:
    assert task.result is not None
    return task.result


def _unavailable(error: BaseException) -> BaseException:
    if isinstance(error, DBAPIError):
        _LOG.error("the database refused", exc_info=error)
        return constraints.unavailable(error)
    return error
