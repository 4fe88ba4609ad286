"""One transaction of the committer: known commits replayed, the others judged, everything written but the COMMIT itself."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec
import zstandard
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from sync.ids import uuid7, uuid_of
from sync.server import constraints, storage
from sync.server.batch import Batch, Slot
from sync.server.caller import Caller, SyncError
from sync.server.domain import Domain
from sync.server.judging import Judging, Task
from sync.server.ring import Exit, Ring
from sync.server.storage import Clock, Entity
from sync.wire import Commit, CommitResult, Refusal

_LOG = logging.getLogger("sync.server")
_pack = msgspec.msgpack.Encoder().encode
_result = msgspec.msgpack.Decoder(CommitResult).decode

Refused = Callable[[Connection, Caller, Commit, CommitResult], None]


class Group:
    """One transaction."""

    def __init__(
        self,
        connection: Connection,
        clock: Clock,
        tasks: Sequence[Task],
        domain: Domain,
        ring: Ring,
        now: dt.datetime,
        refused: Refused | None,
    ) -> None:
        self.domain = domain
        self.refused = refused
        self.connection = connection
        self.clock = clock
        self.tasks = tasks
        self.seq = clock.seq
        self.exits: list[Exit] = []
        self.written: list[Entity] = []
        self.users: set[bytes] = set()
        self._held: dict[bytes, frozenset[str]] = {}
        self.batch = Batch(connection, domain.registry, ring if ring.head == clock.seq else None)
        self.session = Session(connection, autoflush=False, expire_on_commit=False)
        self.judging = Judging(self.batch, domain, self.session, now, ring.epoch_starts)

    @property
    def clock_after(self) -> Clock:
        """The clock as it stands when this transaction is committed."""
        was = self.clock
        return Clock(self.seq, was.epoch, was.epoch_no, was.epoch_start, was.durable, was.floor)

    def judge(self, forced: Refusal | None) -> None:
        """Every task gets its result; known commits theirs from the log."""
        known = storage.known_commits(self.connection, list({task.commit.id for task in self.tasks}))
        fresh = [task for task in self.tasks if task.commit.id not in known]
        registry = self.domain.registry
        self.batch.load(
            (change.kind, change.id) for task in fresh for change in task.commit.changes if change.kind in registry
        )
        self.judging.look_over(task.commit for task in fresh)
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
        if max(self.judging.starts, default=0) > self.clock.epoch_no:  # put back under a server that runs
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
            self._held[user] = held or self.domain.grants(self.session, UUID(bytes=user))
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
            domain = self.domain
            self.users = self.regrant({user.bytes for user in domain.regrants(self.session, self.judging.judged)})
        storage.write_commits(self.connection, [self._log(task) for task in self.tasks if self._logged(task)])
        if self.seq > self.clock.seq:
            storage.set_seq(self.connection, self.seq)
        if self.refused is not None:
            for task in self.tasks:
                if task.result is not None and task.result.status == "rejected" and not task.stored:
                    self.refused(self.connection, task.caller, task.commit, task.result)

    @staticmethod
    def _logged(task: Task) -> bool:
        return not task.stored and task.result is not None and task.result.status != "held"

    def _entities(self) -> tuple[list[Entity], list[Entity]]:
        new: list[Entity] = []
        old: list[Entity] = []
        for (name, key), slot in self.batch.touched():
            state, was = slot.state, slot.entity
            if state is None:
                continue
            if state.deleted:
                if was is not None:
                    old.append(Entity(name, key, was.scope, was.scope_seq, state))
                elif (
                    not slot.born
                ):  # in nobody's scope: who still has the row lets go of it as of one that the server does not name
                    new.append(Entity(name, key, "", state.seq, state))
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
        domain = self.domain
        row = Looked(lambda: self.batch.python(slot, domain.registry[name]) or {})
        try:
            return domain.scope(self.session, name, uuid_of(key), row)
        except DBAPIError:
            raise
        except Exception as error:
            _LOG.warning("a row without a scope", extra={"kind": name, "row": key.hex()}, exc_info=True)
            raise constraints.NoScope(name, key) from error

    def regrant(self, users: set[bytes]) -> set[bytes]:
        """What USERS hold as of this transaction's last seq; those for whom it differs."""
        changed: set[bytes] = set()
        for user in users:
            now = self.domain.grants(self.session, UUID(bytes=user))
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


class Looked(Mapping[str, Any]):
    """A row whose values are made when somebody first looks at one."""

    __slots__ = ("_make", "_values")

    def __init__(self, make: Callable[[], Mapping[str, Any]]) -> None:
        self._make = make
        self._values: Mapping[str, Any] | None = None

    def _found(self) -> Mapping[str, Any]:
        if self._values is None:
            self._values = self._make()
        return self._values

    def __getitem__(self, name: str) -> Any:
        return self._found()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found())

    def __len__(self) -> int:
        return len(self._found())


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
