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
from typing import Any
from uuid import UUID

import msgspec
import zstandard
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InternalError, OperationalError
from sqlalchemy.orm import Session

from sync.ids import uuid7
from sync.server import constraints, storage
from sync.server.batch import Batch, Slot
from sync.server.caller import Caller, SyncError
from sync.server.domain import Domain
from sync.server.judging import Judging, Task
from sync.server.ring import Exit, Ring
from sync.server.storage import Clock, Entity
from sync.wire import Commit, CommitResult, Refusal

_LOG = logging.getLogger("sync.server")
_GROUP_CHANGES = 6_000
_ATTEMPTS = 4
_IDLE_S = 20.0
_FAR_BEHIND = 20_000
_pack = msgspec.msgpack.Encoder().encode
_result = msgspec.msgpack.Decoder(CommitResult).decode

Refused = Callable[[Connection, Caller, Commit, CommitResult], None]
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
            group = _Group(self, connection, clock, tasks)
            group.judge(forced)
            group.write(deletes_first)
        if group.seq > clock.seq:
            self.ring.advance(clock.seq, group.clock_after, group.written, group.exits, group.users)
        self.groups += 1
        self.commits += len(tasks)

    def catch_up(self, connection: Connection, clock: Clock, *, locked: bool = True) -> None:
        """Other processes' commits come into the ring. CONNECTION's transaction sees CLOCK, and holds it when LOCKED."""
        ring = self.ring
        known = ring.clock
        went_back = clock.seq < known.seq and locked
        if clock.epoch != known.epoch or went_back or clock.seq - known.seq > _FAR_BEHIND:
            if clock.epoch_no >= known.epoch_no:
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
            group = _Group(self, connection, clock, ())
            group.seq += 1
            changed = group.regrant(set(users))
            if changed:
                group.log_own("grants")
                storage.set_seq(connection, group.seq)
        if changed:
            self.ring.advance(clock.seq, group.clock_after, (), (), changed)
            return group.seq
        return clock.seq


class _Group:
    """One transaction."""

    def __init__(self, committer: Committer, connection: Connection, clock: Clock, tasks: Sequence[Task]) -> None:
        self.committer = committer
        self.connection = connection
        self.clock = clock
        self.tasks = tasks
        self.seq = clock.seq
        self.exits: list[Exit] = []
        self.written: list[Entity] = []
        self.users: set[bytes] = set()
        self._held: dict[bytes, frozenset[str]] = {}
        domain = committer.domain
        self.batch = Batch(connection, domain.registry, committer.ring if committer.ring.head == clock.seq else None)
        self.session = Session(connection, autoflush=False, expire_on_commit=False)
        self.judging = Judging(self.batch, domain, self.session, committer.clock(), committer.ring.epoch_starts)

    @property
    def clock_after(self) -> Clock:
        """The clock as it stands when this transaction is committed."""
        was = self.clock
        return Clock(self.seq, was.epoch, was.epoch_no, was.epoch_start, was.durable, was.floor)

    def judge(self, forced: Refusal | None) -> None:
        """Every task gets its result; known commits theirs from the log."""
        known = storage.known_commits(self.connection, list({task.commit.id for task in self.tasks}))
        fresh = [task for task in self.tasks if task.commit.id not in known]
        registry = self.committer.domain.registry
        self.batch.load(
            (change.kind, change.id) for task in fresh for change in task.commit.changes if change.kind in registry
        )
        here: dict[bytes, Task] = {}
        for task in self.tasks:
            commit_id = task.commit.id
            before = known.get(commit_id)
            if before is not None:
                task.stored = True
                same = before.actor == task.caller.user.bytes
                task.result = _result(before.result) if same else _taken(task)
            elif commit_id in here:
                task.stored = True
                same = here[commit_id].caller.user == task.caller.user
                task.result = here[commit_id].result if same else _taken(task)
            else:
                here[commit_id] = task
                self._judge_one(task, forced)
        self._name_authors([task for task in here.values() if task.result is not None])

    def _judge_one(self, task: Task, forced: Refusal | None) -> None:
        if task.commit.epoch > self.clock.epoch_no:
            raise SyncError("sync.server_went_back", 409, epoch=self.clock.epoch_no)
        if forced is not None:
            task.result = CommitResult(task.commit.id, "rejected", refusals=[forced])
            return
        task.result = self.judging.judge(task, self.seq + 1, _Lazy(lambda: self.held(task.caller.user.bytes)))
        if task.result.seq:
            self.seq += 1

    def held(self, user: bytes) -> frozenset[str]:
        """The scopes of USER as this transaction finds them."""
        if user not in self._held:
            held = frozenset(storage.open_grants(self.connection, user))
            # Somebody who pushes before he has ever pulled has none written down yet.
            self._held[user] = held or self.committer.domain.grants(self.session, UUID(bytes=user))
        return self._held[user]

    def _name_authors(self, tasks: Sequence[Task]) -> None:
        conflicts = [one for task in tasks if task.result is not None for one in task.result.conflicts if one.seq]
        if not conflicts:
            return
        found = storage.authors(self.connection, sorted({one.seq for one in conflicts}))
        now = self.judging.now_us
        for task in tasks:
            if task.result is not None and task.result.seq:
                found[task.result.seq] = (task.caller.user.bytes, now)
        for one in conflicts:
            one.author, one.at = found.get(one.seq, (b"", 0))

    def write(self, deletes_first: bool) -> None:
        """Typed rows, scopes, sync images, grants, the log, the clock: everything but COMMIT."""
        if deletes_first:
            self.batch.flush_deletes_first()
        else:
            self.batch.flush()
        self.session.expunge_all()
        new, old = self._entities()
        storage.write_entities(self.connection, new, old)
        storage.write_exits(self.connection, self.exits)
        self.written = sorted([*new, *old], key=lambda one: one.state.seq)
        if self.judging.judged:
            domain = self.committer.domain
            self.users = self.regrant({user.bytes for user in domain.regrants(self.session, self.judging.judged)})
        storage.write_commits(self.connection, [self._log(task) for task in self.tasks if self._logged(task)])
        if self.seq > self.clock.seq:
            storage.set_seq(self.connection, self.seq)
        if self.committer.refused is not None:
            for task in self.tasks:
                if task.result is not None and task.result.status == "rejected" and not task.stored:
                    self.committer.refused(self.connection, task.caller, task.commit, task.result)

    @staticmethod
    def _logged(task: Task) -> bool:
        return not task.stored and task.result is not None and task.result.status != "held"

    def _entities(self) -> tuple[list[Entity], list[Entity]]:
        new: list[Entity] = []
        old: list[Entity] = []
        for (name, key), slot in self.batch.touched():
            state, was = slot.state, slot.entity
            if state is None or (state.deleted and was is None):
                continue
            if state.deleted and was is not None:
                old.append(Entity(name, key, was.scope, was.scope_seq, state))
                continue
            scope = slot.scope or self._scope(name, key, slot)
            moved = was is not None and was.scope != scope
            if not slot.touched:
                if not moved:
                    continue
                state = type(state)(state.fields, state.fv, slot.rescope_seq)
            if was is None:
                new.append(Entity(name, key, scope, state.seq, state))
                continue
            if moved and not was.state.deleted:
                self.exits.append((state.seq, key, name, was.scope))
            again = moved or was.state.deleted
            old.append(Entity(name, key, scope, state.seq if again else was.scope_seq, state))
        self.exits.sort()
        return new, old

    def _scope(self, name: str, key: bytes, slot: Slot) -> str:
        domain = self.committer.domain
        row = self.batch.python(slot, domain.registry[name]) or {}
        try:
            return domain.scope(self.session, name, UUID(bytes=key), row)
        except DBAPIError:
            raise
        except Exception as error:
            _LOG.warning("a row without a scope", extra={"kind": name, "row": key.hex()}, exc_info=True)
            raise constraints.NoScope(name, key) from error

    def regrant(self, users: set[bytes]) -> set[bytes]:
        """What USERS hold as of this transaction's last seq; those for whom it differs."""
        changed: set[bytes] = set()
        for user in users:
            now = self.committer.domain.grants(self.session, UUID(bytes=user))
            had = storage.open_grants(self.connection, user).keys()
            if now != had:
                storage.change_grants(self.connection, user, now - had, had - now, self.seq)
                changed.add(user)
        return changed

    def _log(self, task: Task) -> tuple[Any, ...]:
        result, commit, caller = task.result, task.commit, task.caller
        assert result is not None
        keep = result.status != "applied" or bool(commit.signature)
        payload = zstandard.ZstdCompressor(level=3).compress(_pack(commit)) if keep else None
        return (
            commit.id, result.seq or None, caller.device.bytes, caller.user.bytes, commit.hlc, self.judging.now_us,
            commit.schema, result.status, _pack(result), payload,
        )  # fmt: skip

    def log_own(self, status: str) -> None:
        """A seq that the server itself took."""
        key = uuid7().bytes
        result = _pack(CommitResult(key, "applied", self.seq))
        row = (key, self.seq, b"", b"", 0, self.judging.now_us, 0, status, result, None)
        storage.write_commits(self.connection, [row])


class _Lazy:
    """A set that is read when somebody first looks into it."""

    def __init__(self, read: Callable[[], frozenset[str]]) -> None:
        self._read = read

    def __contains__(self, scope: object) -> bool:
        return scope in self._read()

    def __iter__(self) -> Any:
        return iter(self._read())


def _taken(task: Task) -> CommitResult:
    return CommitResult(task.commit.id, "rejected", refusals=[Refusal("sync.commit_taken")])


def _answer(task: Task) -> CommitResult:
    assert task.result is not None
    return task.result


def _unavailable(error: BaseException) -> BaseException:
    if isinstance(error, DBAPIError):
        _LOG.error("the database refused", exc_info=error)
        return SyncError("sync.unavailable", 503)
    return error
