"""Random walks over the real replica and the real server, with a network that loses, repeats, delays and cuts messages, crashes at any
statement, backups put back on either side, purges, and rights that come and go.

In the end: all are equal to the server, the queues are empty, no change has vanished in silence, the moves add up, and nobody holds a row
outside his scope. A write is not lost when it is what the server has, when it stands in an inbox, or when whoever wrote over it had it
on screen. `SOAK_STEPS=n` walks n steps and tries the test itself on seeded faults.
"""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
import pytest
import zstandard
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from sync import merge, overlay, wire
from sync.client.book import Book, unpack
from sync.client.replica import Applied, Replica
from sync.ids import uuid7
from sync.server import storage
from sync.server.core import Core
from sync.server.database import Database, Part
from sync.server.pull import Puller
from sync.wire import PullAnswer, PushAnswer, WireError
from tests.sync import shop
from tests.sync.client.world import Laptop, Move, Plan, laptop_engine, plan

SOAK = int(os.environ.get("SOAK_STEPS") or 0)
STEPS_A_RUN = 60
FAULTS = ("", "", "", "request lost", "reply lost", "repeated", "late", "cut")


class PowerCut(Exception):
    """The laptop dies at this statement."""


class World:
    """One server, three laptops, and what every write had on screen."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.rng = random.Random(seed)
        self.domain = shop.Shop()
        self.database = Database.open(None, folder / "server", (Part("shop", shop.TABLES),))
        self.engine = self.database.add("o1", "O").engine
        self.core = Core(self.engine, self.domain, poll_s=0.0, segment_rows=2)
        self.laptops: list[Laptop] = []
        for n in range(3):
            user = uuid7()
            self.domain.staff[user] = shop.MANAGER if n < 2 else frozenset({"org", "c:1", "c:2"})
            self.laptops.append(Laptop(laptop_engine(folder / f"{n}.db"), user))
        self.seen: dict[tuple[str, bytes, str], Any] = {}  # (value, row, field) → what its author had on screen
        self.deleted: list[tuple[bytes, bytes, dict[str, Any]]] = []
        self.values = 0
        self.moves: set[bytes] = set()
        self.late: list[tuple[Laptop, Any]] = []
        self.image: dict[int, Path] = {}
        self.restored = False
        self.imaged = False
        first = self.laptops[0]
        first.pull(self.core)
        first.add(*(plan("start", customer=c) for c in ("1", "2", "")))
        for laptop in self.laptops:
            laptop.sync(self.core)

    # --- what people do --------------------------------------------------------------------------------------------------------

    def plans(self, laptop: Laptop) -> list[Any]:
        with Session(laptop.engine, expire_on_commit=False) as session:
            return list(session.scalars(select(Plan).order_by(shop.plan.c.id)))

    def fresh(self) -> str:
        self.values += 1
        return f"v{self.values}"

    def edit(self, laptop: Laptop) -> None:
        rows = self.plans(laptop)
        if not rows:
            return
        chosen = self.rng.sample(rows, min(len(rows), self.rng.choice((1, 1, 2))))
        field = self.rng.choice(("name", "number"))
        wrote: list[tuple[str, bytes, str, Any]] = []

        def work(session: Session) -> None:
            for row in chosen:
                record = session.get_one(Plan, row.id)
                value = self.fresh()
                wrote.append((value, row.id.bytes, field, getattr(record, field)))
                setattr(record, field, value)
                record.version += 1

        laptop.do(work)
        for value, row_id, name, saw in wrote:
            self.seen[(value, row_id, name)] = saw

    def create(self, laptop: Laptop) -> None:
        value = self.fresh()
        made = laptop.add(plan(value, customer=self.rng.choice(("1", "2", ""))))
        self.seen[(value, made.bytes, "name")] = None

    def delete(self, laptop: Laptop) -> None:
        rows = self.plans(laptop)
        if len(rows) < 2:
            return
        row = self.rng.choice(rows)
        laptop.remove(Plan, row.id)
        commit = laptop.rows("sync_outbox", "commit_id, n")
        newest = max(commit, key=lambda pair: pair[1])[0]
        self.deleted.append((newest, row.id.bytes, {"name": row.name, "number": row.number}))

    def move(self, laptop: Laptop) -> None:
        made = uuid7()
        laptop.do(lambda session: session.add(Move(id=made, what="lamp", by=1, n=self._next_n(session))))
        self.moves.add(made.bytes)

    @staticmethod
    def _next_n(session: Session) -> int:
        return (session.scalar(select(shop.move.c.n).order_by(shop.move.c.n.desc()).limit(1)) or 0) + 1

    # --- what the network does ---------------------------------------------------------------------------------------------------

    def push(self, laptop: Laptop) -> None:
        if not laptop.replica.position().epoch:
            return
        request = laptop.replica.take_push()
        if request is None:
            return
        fault = self.rng.choice(FAULTS)
        if fault == "request lost":
            return
        request = wire.decode(wire.encode(request), wire.PushRequest)
        answer = self.core.push(laptop.caller, request)
        if fault == "repeated":
            answer = self.core.push(laptop.caller, request)
        self._deliver(laptop, answer, fault, PushAnswer)

    def pull(self, laptop: Laptop) -> None:
        at = laptop.replica.position()
        answer = self.core.pull(laptop.caller, at.epoch, at.cursor, self.rng.choice((1, 2, 99)), at.place)
        fault = self.rng.choice(FAULTS)
        self._deliver(laptop, (answer, at), fault, PullAnswer)

    def _deliver(self, laptop: Laptop, answer: Any, fault: str, of: type[Any]) -> None:
        if fault in ("reply lost", "request lost"):
            return
        if fault == "late":
            self.late.append((laptop, answer))
            return
        if fault == "cut":
            body = wire.encode(answer[0] if isinstance(answer, tuple) else answer)
            part = body[: self.rng.randrange(len(body))]
            with contextlib.suppress(WireError):
                wire.decode(part, of)
                raise AssertionError("half a message was taken for a whole one")
            return
        self._hand(laptop, answer)
        if fault == "repeated":
            self._hand(laptop, answer)

    def _hand(self, laptop: Laptop, answer: Any) -> None:
        if isinstance(answer, PushAnswer):
            laptop.replica.acknowledged(answer)
        else:
            laptop.replica.apply(answer[0], answer[1], lambda s: self.core.segment(laptop.caller, s.sha256))

    def hand_late(self, _laptop: Laptop) -> None:
        if self.late:
            self._hand(*self.late.pop(self.rng.randrange(len(self.late))))

    # --- what fate does ----------------------------------------------------------------------------------------------------------

    def crash(self, laptop: Laptop) -> None:
        left = [self.rng.randrange(1, 40)]

        def cut(*_: Any) -> None:
            left[0] -= 1
            if left[0] == 0:
                raise PowerCut

        event.listen(laptop.engine, "before_cursor_execute", cut)
        deleted, moves = len(self.deleted), set(self.moves)
        try:
            self.rng.choice((self.edit, self.push, self.pull, self.move))(laptop)
        except PowerCut:
            del self.deleted[deleted:]
            self.moves = moves
        finally:
            event.remove(laptop.engine, "before_cursor_execute", cut)

    def purge(self, _laptop: Laptop) -> None:
        self.core.purge_to(self.core.refresh(force=True))

    def back_up(self, _laptop: Laptop) -> None:
        copy_database(Path(str(self.engine.url.database)), self.folder / "backup.db")

    def restore(self, _laptop: Laptop) -> None:
        if self.imaged or not (self.folder / "backup.db").exists():
            return
        self.restored = True
        path = Path(str(self.engine.url.database))
        self.core.close()
        copy_database(self.folder / "backup.db", path)
        self.core = Core(self.engine, self.domain, poll_s=0.0, segment_rows=2)
        self.late.clear()  # answers of the server that is no more were on their way to nobody
        self.core.new_epoch("restored")
        self.core.regrant()

    def take_image(self, laptop: Laptop) -> None:
        n = self.laptops.index(laptop)
        self.image[n] = self.folder / f"image{n}.db"
        copy_database(Path(str(laptop.engine.url.database)), self.image[n])

    def put_image_back(self, laptop: Laptop) -> None:
        """What lived on that disk only is gone with it; all else must survive, and what is written next, too."""
        n = self.laptops.index(laptop)
        if n not in self.image or self.restored:
            return
        self.imaged = True
        self.late = [(who, answer) for who, answer in self.late if who is not laptop]
        old = {row[0]: row[1] for row in laptop.rows("sync_outbox", "commit_id, payload")}
        settled_inbox = laptop.rows("sync_inbox", "mine, row_id")
        copy_database(self.image[n], Path(str(laptop.engine.url.database)))
        laptop.replica.new_device(uuid7())
        known = {row[0] for row in laptop.rows("sync_outbox", "commit_id")} | self._commits()
        self.lost_inbox = [*getattr(self, "lost_inbox", []), *settled_inbox]
        for commit_id, payload in old.items():
            if commit_id in known:
                continue
            for change in msgspec.msgpack.decode(payload, type=wire.Commit).changes:
                if change.kind == "move":
                    self.moves.discard(change.id)
                for name, value in change.fields.items():
                    self.seen.pop((value, change.id, name), None) if isinstance(value, str) else None
            self.deleted = [gone for gone in self.deleted if gone[0] != commit_id]

    def _commits(self) -> set[bytes]:
        with self.engine.connect() as connection:
            return {bytes(row[0]) for row in connection.exec_driver_sql("SELECT id FROM sync_commit")}

    def regrant(self, _laptop: Laptop) -> None:
        third = self.laptops[2]
        self.domain.staff[third.user] = self.rng.choice(
            (frozenset({"org"}), frozenset({"org", "c:1"}), frozenset({"org", "c:1", "c:2"}))
        )
        self.core.regrant([third.user])

    def walk(self, steps: int) -> None:
        """STEPS random deeds."""
        deeds: list[tuple[int, Callable[[Laptop], None]]] = [
            (10, self.edit), (2, self.create), (2, self.delete), (2, self.move), (9, self.push), (10, self.pull), (2, self.hand_late),
            (2, self.crash), (1, self.purge), (1, self.back_up), (1, self.restore), (1, self.take_image), (1, self.put_image_back),
            (1, self.regrant),
        ]  # fmt: skip
        weights = [weight for weight, _ in deeds]
        for _ in range(steps):
            deed = self.rng.choices(deeds, weights)[0][1]
            deed(self.rng.choice(self.laptops))

    # --- in the end ---------------------------------------------------------------------------------------------------------------

    def settle(self) -> None:
        """Everybody syncs until all is quiet."""
        for _ in range(3):
            for laptop in self.laptops:
                laptop.sync(self.core)
        for laptop in self.laptops:
            laptop.pull(self.core)

    def check(self) -> None:
        """What must hold."""
        assert self.core.check() == []
        columns = "id, customer, name, number, notes, sync_seq"
        with self.engine.connect() as connection:
            truth = sorted(tuple(row) for row in connection.exec_driver_sql(f"SELECT {columns} FROM plan"))
            moves = {UUID(row[0]).bytes for row in connection.exec_driver_sql("SELECT id FROM move")}
        assert moves == self.moves, "moves got lost or came twice"
        for laptop in self.laptops:
            for table in ("sync_outbox", "sync_pending", "sync_base", "sync_unnamed", "sync_quarantine"):
                assert laptop.rows(table) == [], f"{table} is not empty"
            scopes = self.domain.staff[laptop.user]
            want = [row for row in truth if (f"c:{row[1]}" if row[1] else "org") in scopes or "c:*" in scopes]
            assert sorted(laptop.rows("plan", columns)) == want, (
                "a laptop differs from the server or holds what it must not"
            )
            assert {UUID(row[0]).bytes for row in laptop.rows("move", "id")} == moves
        self._nothing_vanished(truth)

    def _nothing_vanished(self, truth: list[Any]) -> None:
        commits = self._commits()
        roots: set[tuple[Any, bytes, str]] = set()
        for row in truth:
            roots |= {(row[2], UUID(row[0]).bytes, "name"), (row[3], UUID(row[0]).bytes, "number")}
        inboxes = [row for laptop in self.laptops for row in laptop.rows("sync_inbox", "mine, row_id")]
        for mine, row_id in [*inboxes, *getattr(self, "lost_inbox", [])]:
            roots |= {(value, row_id, name) for name, value in unpack(mine).items() if isinstance(value, str)}
        with (
            self.engine.connect() as connection
        ):  # what was not applied stays readable on the server, whatever becomes of a laptop
            kept = [
                bytes(row[0])
                for row in connection.exec_driver_sql("SELECT payload FROM sync_commit WHERE payload IS NOT NULL")
            ]
        for payload in kept:
            for change in msgspec.msgpack.decode(zstandard.decompress(payload), type=wire.Commit).changes:
                roots |= {(value, change.id, name) for name, value in change.fields.items() if isinstance(value, str)}
        for commit, row_id, saw in self.deleted:
            if commit in commits:
                roots |= {(value, row_id, name) for name, value in saw.items()}
        reached: set[tuple[Any, bytes, str]] = set()
        todo = list(roots)
        while todo:
            one = todo.pop()
            if one in reached or one not in self.seen:
                reached.add(one)
                continue
            reached.add(one)
            todo.append((self.seen[one], one[1], one[2]))
        lost = [one for one in self.seen if one not in reached]
        assert not lost, f"vanished in silence: {[(v, r.hex()[-6:], f) for v, r, f in lost][:5]}"

    def close(self) -> None:
        self.core.close()
        self.database.close()
        for laptop in self.laptops:
            laptop.engine.dispose()


def copy_database(source: Path, target: Path) -> None:
    """SQLite's own backup."""
    with contextlib.closing(sqlite3.connect(source)) as one, contextlib.closing(sqlite3.connect(target)) as other:
        one.backup(other)


@contextlib.contextmanager
def a_world(seed: int) -> Iterator[World]:
    folder = Path(tempfile.mkdtemp(prefix="walk-", dir="/dev/shm" if Path("/dev/shm").is_dir() else None))
    world = World(folder, seed)
    try:
        yield world
    finally:
        world.close()
        shutil.rmtree(folder)


def walk(seed: int, steps: int = STEPS_A_RUN) -> None:
    """One run."""
    with a_world(seed) as world:
        world.walk(steps)
        world.settle()
        world.check()


# --- the walks --------------------------------------------------------------------------------------------------------------------

RUNS = max(1, SOAK // STEPS_A_RUN) if SOAK else 24  # about 10 ms CPU a step: 20,000 steps are `make soak`


@pytest.mark.parametrize("part", range(4))
def test_random_walk_state_machine(part: int) -> None:
    """The same walks each time in `make test`; new ones in `make soak`."""
    first = random.SystemRandom().randrange(1 << 40) if SOAK else 0
    for seed in range(first + part, first + RUNS, 4):
        try:
            walk(seed)
        except Exception as error:
            raise AssertionError(f"seed {seed}: {error}") from error


# --- a test of the test: faults that real products had, one by one, put into the real code -----------------------------------------

Patch = Callable[[pytest.MonkeyPatch], None]


def _forgets_outbox_at_once(patch: pytest.MonkeyPatch) -> None:
    real = Replica.take_push

    def take(self: Replica, *args: Any) -> Any:
        request = real(self, *args)
        with self.transaction() as book:
            book.connection.exec_driver_sql("DELETE FROM sync_outbox WHERE state = 'sent'")
        return request

    patch.setattr(Replica, "take_push", take)


def _push_moves_cursor(patch: pytest.MonkeyPatch) -> None:
    real = Replica.acknowledged

    def acknowledged(self: Replica, answer: PushAnswer) -> Applied:
        found = real(self, answer)
        newest = max((result.seq for result in answer.results), default=0)
        with self.transaction() as book:
            if not found.stale and newest > book.get("cursor", 0):
                book.put(cursor=newest)
        return found

    patch.setattr(Replica, "acknowledged", acknowledged)


def _last_writer_wins(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(merge._Knowledge, "group", lambda self, row, group: True)


def _base_is_the_cursor(patch: pytest.MonkeyPatch) -> None:
    real = Book.record

    def record(self: Book, header: Any, edits: Any) -> int:
        for edit in edits:
            edit.seq = self.get("cursor", 0)
        return real(self, header, edits)

    patch.setattr(Book, "record", record)


def _base_is_not_frozen(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(overlay, "_base", lambda name, seq, own, epoch: seq)


def _overlay_ends_with_the_answer(patch: pytest.MonkeyPatch) -> None:
    real = Replica._settle

    def settle(self: Replica, book: Any, incoming: Any, n: int, result: Any, cursor: int) -> None:
        real(self, book, incoming, n, result, cursor)
        incoming.refresh(book.drop_pending([n]))

    patch.setattr(Replica, "_settle", settle)


def _acknowledged_is_forgotten(patch: pytest.MonkeyPatch) -> None:
    def offer(self: Replica, book: Book) -> None:
        numbers = [row[0] for row in book.connection.exec_driver_sql("SELECT n FROM sync_settled")]
        book.drop_pending(numbers)
        book.connection.exec_driver_sql("DELETE FROM sync_settled")

    patch.setattr(Replica, "_offer_again", offer)


def _epoch_is_ignored(patch: pytest.MonkeyPatch) -> None:
    real = Puller.from_snapshot

    def same(self: Puller, connection: Any, user: bytes, epoch: bytes, cursor: int, limit: int, data: bytes) -> Any:
        clock = storage.read_clock(connection)
        return real(self, connection, user, clock.epoch if epoch else epoch, min(cursor, clock.seq), limit, data)

    patch.setattr(Puller, "from_snapshot", same)
    patch.setattr(Puller, "from_ring", lambda *args: None)


def _blind_delete(patch: pytest.MonkeyPatch) -> None:
    real = merge._delete
    patch.setattr(
        merge, "_delete", lambda kind, row, change, know, seq, commit: real(kind, row, change, _Knows(), seq, commit)
    )


class _Knows:
    """Somebody who has seen everything."""

    def stamp(self, stamp: Any, name: str) -> bool:
        return True


def _deleted_comes_back(patch: pytest.MonkeyPatch) -> None:
    real = merge.merge

    def resurrect(kind: Any, row: Any, change: Any, seq: int, commit: bytes, cap: int = merge.NO_CAP) -> Any:
        if change.op == "set" and (row is None or row.deleted):
            return merge.Merged(row)
        return real(kind, row, change, seq, commit, cap)

    patch.setattr(merge, "merge", resurrect)


def _exits_are_ignored(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Replica, "_exits", lambda self, book, incoming, exits: None)


FAULTS_SEEDED: dict[str, Patch] = {
    "ack_early": _forgets_outbox_at_once,
    "own_push_cursor": _push_moves_cursor,
    "lww": _last_writer_wins,
    "cursor_base": _base_is_the_cursor,
    "unfrozen_base": _base_is_not_frozen,
    "drop_overlay": _overlay_ends_with_the_answer,
    "forget_acked": _acknowledged_is_forgotten,
    "no_epoch": _epoch_is_ignored,
    "blind_delete": _blind_delete,
    "silent_refusal": _deleted_comes_back,
    "kept_after_revoke": _exits_are_ignored,
}
QUICK = ("ack_early", "lww", "forget_acked")


@pytest.mark.parametrize("name", FAULTS_SEEDED if SOAK else QUICK)
def test_the_walk_finds_a_seeded_fault(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    FAULTS_SEEDED[name](monkeypatch)
    for seed in range(1000 if SOAK else 60):
        try:
            walk(seed)
        except Exception:  # noqa: BLE001 - whatever it broke
            return
    pytest.fail(f"{name} was not found")
