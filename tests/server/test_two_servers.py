"""Two server processes on one PostgreSQL behind a small proxy, now this one killed, now that one: clients go on, are told of each other's
work across the processes, and the numbers of commits have no gap."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

from presales_desktop.models.errors import EnvironmentProblem
from presales_desktop.server.house import House
from presales_desktop.services.link import Refs
from presales_desktop.services.syncing import SyncStatus
from sync.server import audit, tables
from tests.server.actors import CONTEXT, Process, Relay, server
from tests.server.premises import Laptop, Laptops, Premises, arguments, cheap_secrets, free_port, new_slug

PATIENCE_S = 120


class Fleet:
    """Two processes that serve one organisation, each by its port."""

    def __init__(self, site: Premises) -> None:
        self.site = site
        self.ports = [free_port(), free_port()]
        self.processes = [Process(server), Process(server)]

    def start(self, n: int) -> None:
        """Process N takes requests when this returns."""
        ready = CONTEXT.Event()
        process = self.processes[n]
        process.start(str(self.site.folder), self.site.database_url, self.ports[n], process.countdown, ready)
        assert ready.wait(60), (self.site.folder / "server.log").read_text()[-3000:]

    def kill(self, n: int) -> None:
        """As a power cut would."""
        self.processes[n].kill()
        assert self.processes[n].died(30)

    def close(self) -> None:
        """Both."""
        for process in self.processes:
            if process.alive:
                process.kill()
                process.process.join(30)


@pytest.fixture
def fleet(tmp_path: Path, empty_postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fleet]:
    """Both serve."""
    with cheap_secrets(monkeypatch):
        site = Premises(tmp_path / "server", empty_postgres_url, slug=new_slug())
        site.close()
        made = Fleet(site)
        made.start(0)
        made.start(1)
        yield made
        made.close()


class Watcher:
    """A laptop's link at work, and a place to wait until something is so."""

    def __init__(self, laptop: Laptop) -> None:
        self.laptop = laptop
        self._news = threading.Condition()
        laptop.link.on_changes = self._changed
        laptop.link.on_status = self._said
        laptop.link.start()

    def _changed(self, refs: Refs) -> None:
        with self._news:
            self._news.notify_all()

    def _said(self, status: SyncStatus) -> None:
        with self._news:
            self._news.notify_all()

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Waits until CONDITION, asked at each piece of news, is true."""
        with self._news:
            assert self._news.wait_for(condition, PATIENCE_S), (what, self.laptop.link.status)


@pytest.mark.timeout(400)
def test_one_of_two_servers_is_killed_and_the_clients_go_on(fleet: Fleet, tmp_path: Path) -> None:
    one, two = fleet.ports
    # Each laptop has its own way to the two, so that what passes between them passes between the processes.
    first_way, second_way = Relay([one, two]), Relay([two, one])
    laptops = Laptops(tmp_path)
    seller = laptops.join(first_way.url, f"王敏@{fleet.site.slug}")
    head = laptops.join(second_way.url, f"冯锐@{fleet.site.slug}")
    writes, reads = Watcher(seller), Watcher(head)
    made: list[str] = []

    def work(mark: str) -> None:
        """The seller saves, the head is told by the other process."""
        for n in range(3):
            made.append(f"客户 {mark}{n}")
            seller.customer(made[-1])
        reads.until(lambda: set(made) <= set(head.names()), mark)

    work("both")
    assert first_way.used[two] == 0 == second_way.used[one], "the two spoke to different processes"
    fleet.kill(0)
    work("the seller's was killed")
    assert first_way.used[two] > 0, "he came over to the other one"
    fleet.start(0)
    work("it is back")
    fleet.kill(1)
    work("the head's was killed")
    assert second_way.used[one] > 0
    fleet.start(1)
    head.edit(_id(head, made[0]), notes="由另一台服务器")
    writes.until(lambda: "由另一台服务器" in seller.query("SELECT notes FROM customer"), "the way back")
    writes.until(lambda: seller.waiting() == 0, "nothing waits")
    for watcher in (writes, reads):
        watcher.laptop.link.stop()
    assert seller.names() == head.names() == sorted(made)
    laptops.close()
    fleet.close()
    for way in (first_way, second_way):
        way.close()
    _numbers_are_whole(fleet.site)


@pytest.mark.timeout(400)
def test_requests_of_one_client_may_go_to_either_server(fleet: Fleet, tmp_path: Path) -> None:
    """No state of a client lies in one process: each connection of the same laptops goes to the next one, in the middle one dies."""
    way = Relay(fleet.ports, spread=True)
    laptops = Laptops(tmp_path)
    people = [laptops.join(way.url, f"{name}@{fleet.site.slug}") for name in ("王敏", "李强")]
    failures: list[BaseException] = []

    def work(laptop: Laptop, mark: str) -> None:
        try:
            for n in range(8):
                laptop.customer(f"客户 {mark} {n}")
                _exchanged(laptop)
        except BaseException as error:  # noqa: BLE001  # told by the test's own thread
            failures.append(error)

    threads = [threading.Thread(target=work, args=(laptop, str(n))) for n, laptop in enumerate(people)]
    for thread in threads:
        thread.start()
    fleet.kill(0)
    for thread in threads:
        thread.join(PATIENCE_S)
    assert failures == []
    fleet.start(0)
    head = laptops.join(way.url, f"冯锐@{fleet.site.slug}")
    assert head.names() == sorted(f"客户 {who} {n}" for who in range(2) for n in range(8))
    assert all(way.used.values())
    laptops.close()
    fleet.close()
    way.close()
    _numbers_are_whole(fleet.site)


def _exchanged(laptop: Laptop) -> None:
    """As the loop does: what met a dying server is tried again."""
    for _ in range(50):
        try:
            laptop.sync()
            return
        except EnvironmentProblem as problem:
            if problem.code != "network.offline":
                raise
    raise AssertionError("no server answers")


def _id(laptop: Laptop, name: str) -> UUID:
    return UUID(laptop.query(f"SELECT id FROM customer WHERE name = '{name}'")[0])


def _numbers_are_whole(site: Premises) -> None:
    with House.open(arguments(site.folder, site.database_url)) as house:
        core = house.core(site.slug)
        assert core.check() == []
        with core.engine.begin() as connection:
            assert audit.verify(connection) is None
            log = tables.commit.c
            seqs = list(connection.scalars(select(log.seq).where(log.seq.is_not(None)).order_by(log.seq)))
        assert seqs == list(range(1, len(seqs) + 1)), "one number each and no gap, whichever process gave it"
