"""A small universe for random walks over the real replica and the real server: laptops, their disks, one server, what travels between.

Everything that chance decides is handed in, so that a walk can be repeated: the deeds are methods of `World`, tests/sync/test_machine.py
chooses among them, tests/sync/oracle.py says in the end whether all is well. What people wrote and what they had on screen is noted
from each new commit of an outbox.
"""

from __future__ import annotations

import atexit
import contextlib
import datetime as dt
import shutil
import sqlite3
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from sync import wire
from sync.client import replica as replica_module
from sync.client.book import commit_of, unpack
from sync.client.replica import Position, Replica
from sync.ids import uuid7
from sync.kinds import Registry
from sync.returned import roll_back_when_returned
from sync.server.caller import Caller, SyncError
from sync.server.core import Core
from sync.server.database import Database, Part
from sync.wire import Commit, PullAnswer, PushAnswer, PushRequest, WireError
from tests.sync import shop, shop_decisions
from tests.sync.client.world import CLIENT, MOMENT, Cost, Decision, Item, Laptop, Move, Plan, item, plan, stamps

LAPTOPS = 3
YEAR_US = 365 * 86_400_000_000
OLD, NEW = Registry(shop.KINDS, schema_version=3), Registry(shop.KINDS, schema_version=4)
RIGHTS = (frozenset({"org"}), frozenset({"org", "c:1"}), frozenset({"org", "c:1", "c:2"}))
GUARD_ROWS = 4  # the question before a mass delete, for a universe of a dozen rows
NUMBERS = ("A", "B")  # few, so that two people give the same one
Key = tuple[str, bytes]
Saw = dict[Key, dict[str, Any]]


class PowerCut(BaseException):
    """The machine dies here; nobody catches it."""


@dataclass
class Disk:
    """Where a laptop's statements and commits pass: after LEFT more of them TROUBLE happens."""

    left: int = 0
    trouble: BaseException = field(default_factory=PowerCut)

    def point(self) -> None:
        if self.left > 0:
            self.left -= 1
            if self.left == 0:
                raise self.trouble


class _Cursor(sqlite3.Cursor):
    connection: _Connection

    def execute(self, *given: Any) -> Any:
        self.connection.disk.point()
        return super().execute(*given)

    def executemany(self, *given: Any) -> Any:
        self.connection.disk.point()
        return super().executemany(*given)


class _Connection(sqlite3.Connection):
    disk: Disk

    def cursor(self, *_: Any) -> Any:
        return super().cursor(_Cursor)

    def execute(self, *given: Any) -> Any:  # as `executemany` without a cursor of ours
        self.disk.point()
        return super().execute(*given)

    def executemany(self, *given: Any) -> Any:
        self.disk.point()
        return super().executemany(*given)

    def commit(self) -> None:
        self.disk.point()
        super().commit()
        if isinstance(self.disk.trouble, PowerCut):  # a disk that is full says so before
            self.disk.point()  # it is on the disk, and nobody has heard of it


def _laptop_engine(path: Path, disk: Disk) -> Engine:
    factory = type("Wired", (_Connection,), {"disk": disk})
    engine = create_engine(f"sqlite:///{path}", connect_args={"factory": factory})

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        for pragma in ("foreign_keys = ON", "synchronous = OFF", "journal_mode = WAL"):
            connection.execute(f"PRAGMA {pragma}")

    roll_back_when_returned(engine)
    with engine.begin() as connection:
        shop.TABLES.create_all(connection)
        CLIENT.create_all(connection)
    return engine


class Seat:
    """A laptop's disk and the eyes of who sits there; its database is the same file for all walks of a process."""

    def __init__(self, folder: Path, n: int, user: UUID) -> None:
        self.n = n
        self.user = user
        self.disk = Disk()
        self.engine = _laptop_engine(folder / f"{n}.db", self.disk)
        self.eyes = sqlite3.connect(folder / f"{n}.db", isolation_level=None)
        self.start = sqlite3.connect(":memory:")


class Arena:
    """The databases of this process; every walk begins with copies of the same small company."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="walk-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
        atexit.register(shutil.rmtree, self.folder, ignore_errors=True)
        self.database = Database.open(None, self.folder / "server", (Part("shop", shop.TABLES),))
        event.listen(self.database.root, "connect", _hasty)
        self.engine = self.database.add("o1", "O").engine
        self.engine.dispose()
        event.listen(self.engine, "connect", _hasty)
        self.server = sqlite3.connect(str(self.engine.url.database), isolation_level=None)
        self.start = sqlite3.connect(":memory:")
        anna, ben = uuid7(), uuid7()
        self.users = (anna, ben, anna)  # the third laptop is the first person's other one
        self.seats = [Seat(self.folder, n, user) for n, user in enumerate(self.users)]
        self.keys = {user: Ed25519PrivateKey.generate() for user in (anna, ben)}
        self._found()

    def _found(self) -> None:
        """The beginning that walks copy: three plans with parts, everybody up to date."""
        domain = _domain_of(self)
        core = Core(self.engine, domain, poll_s=0.0)
        laptops = [Member(seat, OLD) for seat in self.seats]
        laptops[0].pull(core)
        plans = [plan("start", customer=customer, notes="top\n") for customer in ("1", "2", "")]
        parts = [item(one.id, x=0.25, y=0.5) for one in plans[:2]]
        laptops[0].do(lambda session: add_in_order(session, [*plans, *parts, Cost(id=parts[0].id, fen=1, **stamps())]))
        for laptop in laptops:
            laptop.sync(core)
        laptops[0].sync(core)
        core.close()
        self.server.backup(self.start)
        for seat in self.seats:
            seat.eyes.backup(seat.start)


def add_in_order(session: Session, records: list[Any]) -> None:
    """New records, wholes before parts."""
    for record in records:
        session.add(record)
        session.flush()


def _domain_of(arena: Arena) -> shop.Shop:
    domain = shop.Shop(dict.fromkeys(arena.users, shop.MANAGER))
    domain.staff[arena.users[1]] = RIGHTS[2]
    domain.registry = OLD
    domain.judges = shop_decisions.judge
    domain.reads = True
    return domain


def _hasty(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")


_arena: list[Arena] = []


def arena() -> Arena:
    """This process's."""
    if not _arena:
        _arena.append(Arena())
    return _arena[0]


class Member(Laptop):
    """One person's laptop in the universe."""

    def __init__(self, seat: Seat, registry: Registry) -> None:
        super().__init__(seat.engine, seat.user)
        self.seat = seat
        self.now_us = int(MOMENT.timestamp() * 1_000_000)
        self.noted = 0
        self.asked = False
        self.start(registry)
        self.mark()

    def start(self, registry: Registry) -> None:
        """The program begins anew: nothing but the disk is known."""
        self.seat.disk.left = 0
        self.replica = Replica(self.engine, registry, now_us=self.tick)

    def tick(self) -> int:
        """The laptop's clock."""
        self.now_us += 1000
        return self.now_us

    def mark(self) -> None:
        """Commits made from now on are new."""
        self.noted = self.one("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'sync_outbox'") or 0

    def see(self, sql: str, *given: Any) -> list[Any]:
        """What is on the disk."""
        return self.seat.eyes.execute(sql, given).fetchall()

    def one(self, sql: str, *given: Any) -> Any:
        """A single value."""
        found = self.seat.eyes.execute(sql, given).fetchone()
        return found[0] if found else None


@dataclass
class Written:
    """A commit and what its author had on screen."""

    commit: Commit
    saw: Saw


COLUMNS = {
    "plan": ("customer", "name", "number", "state", "notes", "tags"),
    "item": ("plan_id", "label", "x", "y", "z"),
    "cost": ("fen",),
}


class World:
    """One walk."""

    def __init__(self) -> None:
        self.arena = arena()
        self.guard = replica_module.GUARD_ROWS
        replica_module.GUARD_ROWS = GUARD_ROWS
        self.engine = self.arena.engine
        self.arena.start.backup(self.arena.server)
        for seat in self.arena.seats:
            seat.start.backup(seat.eyes)
        self.now = MOMENT
        self.domain = _domain_of(self.arena)
        self.cores: list[Core] = []
        self.start_server()
        self.laptops = [Member(seat, OLD) for seat in self.arena.seats]
        self.values = 10
        self.made: dict[bytes, Written] = {}
        self.excused: set[bytes] = set()  # of laptops that an image was put back on: what was on that disk only
        self.lost_inbox: list[tuple[bytes, bytes]] = []
        # Commit → rows whose change the laptop forgot, as it must, when the rows left it.
        self.forgotten: dict[bytes, set[Key]] = {}
        self.recreated: set[bytes] = set()
        self.forged: set[bytes] = set()
        self.requests: list[tuple[Member, Caller, bytes]] = []
        self.answers: list[tuple[Member, Any]] = []
        self.backup: sqlite3.Connection | None = None
        self.images: dict[int, sqlite3.Connection] = {}
        self.restored = self.imaged = False
        self.asked = 0
        self.failing = False
        self.came: Counter[str] = Counter()

    def close(self) -> None:
        replica_module.GUARD_ROWS = self.guard
        for core in self.cores:
            core.close()

    # --- the server ----------------------------------------------------------------------------------------------------------------

    def start_server(self) -> None:
        """Two processes on one database; they remember little, so that answers come from memory and from the database."""
        for core in self.cores:
            core.close()
        self.cores = [self._core(), self._core()]

    def _core(self) -> Core:
        return Core(self.engine, self.domain, clock=self._clock, poll_s=0.0, segment_rows=4, ring_size=6)

    def _clock(self) -> dt.datetime:
        self.now += dt.timedelta(milliseconds=1)
        return self.now

    def commits(self) -> set[bytes]:
        """The ids of the commits that the server has."""
        return {row[0] for row in self.arena.server.execute("SELECT id FROM sync_commit")}

    def caller(self, laptop: Member) -> Caller:
        key = self.arena.keys[laptop.user].public_key().public_bytes_raw()
        device = unpack(laptop.one("SELECT value FROM sync_meta WHERE key = 'device'"))
        return Caller(laptop.user, UUID(bytes=device), key)

    # --- what people write ---------------------------------------------------------------------------------------------------------

    def fresh(self) -> str:
        """A value nobody wrote before."""
        self.values += 1
        return f"v{self.values}"

    def look(self, laptop: Member, kind: str) -> list[tuple[UUID, dict[str, Any]]]:
        """The rows on screen."""
        names = COLUMNS[kind]
        rows = laptop.see(f"SELECT id, {', '.join(names)} FROM {kind} ORDER BY id")
        return [(UUID(row[0]), dict(zip(names, row[1:], strict=True))) for row in rows]

    def write(
        self, laptop: Member, saw: Saw, work: Callable[[Session], object], *expected: tuple[Key, str, Any]
    ) -> None:
        """One unit of work of somebody who has SAW on screen; EXPECTED (row, field, value) must be in the commit that comes of it."""
        done = False
        try:
            laptop.do(work)
            done = True
        finally:
            commits = self.note(laptop, saw)
        if done:
            assert len(commits) == 1, "a unit of work is one commit"
            fields = {(c.kind, c.id, n): v for c in commits[0].changes for n, v in c.fields.items()}
            for (kind, row), name, value in expected:
                assert fields.get((kind, row, name)) == value, "what was written is not in the outbox"

    def note(self, laptop: Member, saw: Saw) -> list[Commit]:
        """Remember commits that came into the outbox."""
        rows = laptop.see("SELECT n, payload FROM sync_outbox WHERE n > ? ORDER BY n", laptop.noted)
        made = [commit_of(payload) for _, payload in rows]
        for commit in made:
            self.made[commit.id] = Written(commit, saw)
        if rows:
            laptop.noted = rows[-1][0]
        return made

    def set_fields(self, laptop: Member, model: type[Any], rows: dict[UUID, dict[str, Any]], saw: Saw) -> None:
        """Change fields of rows, in one commit."""
        kind = model.__name__.lower()

        def work(session: Session) -> None:
            for row, values in rows.items():
                record = session.get_one(model, row)
                record.version += 1
                for name, value in values.items():
                    setattr(record, name, value)

        plain = ((key, name, value) for row, values in rows.items() for name, value in values.items()
                 for key in ((kind, row.bytes),) if name not in ("notes", "tags"))  # fmt: skip
        self.write(laptop, saw, work, *plain)

    # --- the network ---------------------------------------------------------------------------------------------------------------

    def push(self, laptop: Member, fault: str, process: int = 0, cut: float = 0.5) -> None:
        """What waits goes to the server, and its answer comes back, unless FAULT."""
        if not laptop.replica.position().epoch:
            return
        request = laptop.replica.take_push()
        if request is None:
            return
        data = wire.encode(request)
        if fault == "request late":
            self.requests.append((laptop, self.caller(laptop), data))
        if fault in ("request lost", "request late"):
            return
        if fault == "request cut":
            _half(data, PushRequest, cut)
            return
        answer = self._pushed(self.caller(laptop), data, process)
        if fault == "repeated":
            answer = self._pushed(self.caller(laptop), data, 1 - process)
        if answer is not None:
            self._deliver(laptop, wire.encode(answer), PushAnswer, None, fault, cut)

    def _pushed(self, caller: Caller, data: bytes, process: int) -> PushAnswer | None:
        try:
            return self.cores[process].push(caller, wire.decode(data, PushRequest))
        except SyncError as error:
            if self.failing and error.status >= 500:
                return None
            # A server that was put back does not take what was made in an epoch it never heard of; the laptop pulls first.
            asked = wire.decode(data, PushRequest).epoch
            if error.code != "sync.server_went_back" or asked == self.cores[process].ring.clock.epoch:
                raise
            return None

    def pull(self, laptop: Member, fault: str, limit: int = 5000, process: int = 0, cut: float = 0.5) -> None:
        """A page comes from the server, unless FAULT."""
        at = laptop.replica.position()
        answer = self.cores[process].pull(self.caller(laptop), at.epoch, at.cursor, limit, at.place)
        self._deliver(laptop, wire.encode(answer), PullAnswer, at, fault, cut)

    def _deliver(self, laptop: Member, data: bytes, of: type[Any], at: Position | None, fault: str, cut: float) -> None:
        if fault == "answer lost":
            return
        if fault == "answer late":
            self.answers.append((laptop, (data, of, at)))
            return
        if fault == "answer cut":
            _half(data, of, cut)
            return
        self.hand(laptop, (data, of, at))
        if fault == "repeated":
            self.hand(laptop, (data, of, at))

    def hand(self, laptop: Member, message: tuple[bytes, type[Any], Position | None], *, confirm: bool = False) -> bool:
        """An answer arrives; whether there is more."""
        data, of, at = message
        answer = wire.decode(data, of)
        if at is None:
            self.came["held"] += sum(result.status == "held" for result in answer.results)
            laptop.replica.acknowledged(answer)
            return False
        before = laptop.one("SELECT count(*) FROM plan")
        kept = self._kept(laptop) if answer.exits else {}
        try:
            done = laptop.replica.apply(answer, at, lambda s: self.segment(laptop, s.sha256), confirm=confirm)
        except SyncError as error:
            # A file of the first load was replaced meanwhile, or the server is in trouble: once more.
            if error.code == "sync.segment_unknown" or (self.failing and error.status >= 500):
                return False
            raise
        if done.asks:
            self.asked += 1
            laptop.asked = True
            assert laptop.one("SELECT count(*) FROM plan") >= before, "rows went before anybody agreed"
        elif not done.stale:
            laptop.asked = False
        if kept and not done.asks:
            now = self._kept(laptop)
            for commit, rows in kept.items():
                self.forgotten.setdefault(commit, set()).update(rows - now.get(commit, set()))
        return done.more

    @staticmethod
    def _kept(laptop: Member) -> dict[bytes, set[Key]]:
        """What the laptop could offer again if the server lost it."""
        payloads = laptop.see("SELECT payload FROM sync_settled UNION ALL SELECT payload FROM sync_outbox")
        return {commit.id: {(c.kind, c.id) for c in commit.changes} for commit in (commit_of(p) for (p,) in payloads)}

    def lose(self, lost: set[bytes]) -> None:
        """The server was put back to before the commits LOST: what nobody may keep of them is gone, by right."""
        for commit_id in lost & self.forgotten.keys() & self.made.keys():
            written = self.made[commit_id]
            changes = [c for c in written.commit.changes if (c.kind, c.id) not in self.forgotten[commit_id]]
            if changes:
                self.made[commit_id] = Written(msgspec.structs.replace(written.commit, changes=changes), written.saw)
            else:
                del self.made[commit_id]

    def segment(self, laptop: Member, sha256: bytes) -> bytes:
        """A file of the first load."""
        return self.cores[0].segment(self.caller(laptop), sha256)

    def late(self, which: int) -> None:
        """Something that was thought to be lost arrives."""
        waiting: list[Any] = [*self.requests, *self.answers]
        if not waiting:
            return
        chosen = waiting[which % len(waiting)]
        if chosen in self.requests:
            self.requests.remove(chosen)
            self._pushed(chosen[1], chosen[2], which % 2)
        else:
            self.answers.remove(chosen)
            self.hand(*chosen)

    def round(self, laptop: Member, *, confirm: bool = False, process: int = 0) -> None:
        """Push and pull until both are done, over a network without faults."""
        for _ in range(60):
            at = laptop.replica.position()
            answer = self.cores[process].pull(self.caller(laptop), at.epoch, at.cursor, 5000, at.place)
            more = self.hand(laptop, (wire.encode(answer), PullAnswer, at), confirm=confirm)
            if laptop.asked and not confirm:
                return
            if more:
                continue
            request = laptop.replica.take_push()
            if request is None:
                return
            pushed = self._pushed(self.caller(laptop), wire.encode(request), process)
            if pushed is not None and not laptop.replica.acknowledged(pushed).stale and not _settled(pushed):
                return
        raise AssertionError("pushing and pulling does not end")

    # --- trouble -------------------------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def trouble(self, laptop: Member, after: int, *, full: bool = False) -> Iterator[None]:
        """AFTER so many statements the power goes, or (FULL) the disk is full."""
        error: BaseException = sqlite3.OperationalError("database or disk is full") if full else PowerCut()
        laptop.seat.disk.left, laptop.seat.disk.trouble = after, error
        try:
            yield
        except BaseException as raised:
            if raised is not error and raised.__cause__ is not error and getattr(raised, "orig", None) is not error:
                raise
            if not full:
                laptop.start(laptop.replica.registry)
        finally:
            laptop.seat.disk.left = 0

    @contextlib.contextmanager
    def server_trouble(self, after: int, *, full: bool = False) -> Iterator[None]:
        """The same on the server: after a power cut its processes begin anew, with a full disk they go on."""
        left = [after]

        def cut(*_: Any) -> None:
            left[0] -= 1
            if left[0] == 0:
                raise sqlite3.OperationalError("database or disk is full") if full else PowerCut

        event.listen(self.engine, "before_cursor_execute", cut)
        self.failing = True
        try:
            yield
        except PowerCut:
            pass
        except (SyncError, SQLAlchemyError) as raised:  # a pull says that it cannot, and is tried again
            if not full or left[0] > 0 or "disk is full" not in str(raised.__cause__ or raised):
                raise
        finally:
            self.failing = False
            event.remove(self.engine, "before_cursor_execute", cut)
            if not full:
                self.start_server()


def _settled(answer: PushAnswer) -> bool:
    return any(result.status != "held" for result in answer.results)


def _half(data: bytes, of: type[Any], part: float) -> None:
    """Part of a message is not taken for a whole one."""
    with contextlib.suppress(WireError):
        wire.decode(data[: int(len(data) * part)], of)
        raise AssertionError("half a message was taken for a whole one")


__all__ = ["Decision", "Item", "Member", "Move", "Plan", "PowerCut", "World", "Written"]
