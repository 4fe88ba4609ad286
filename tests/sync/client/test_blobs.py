"""Files reach the other end over any line, whole; small ones first; nothing is sent twice without need; one bad file stops no other."""

from __future__ import annotations

import random
import tempfile
import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.client.blob_queue import ASKED, CHUNK, SMALL, THUMBNAIL, BlobQueue, Counts, Wish, pack_bits, unpack_bits
from sync.client.blob_tables import DOWN, FAILED, PARTIAL, UP, VERIFIED, WAITING
from sync.client.blobs import MAX_TRIES, Offline, Pace, Stopped
from tests.sync.client.blob_kit import Laptop, Line, Server, name


class Clock:
    def __init__(self) -> None:
        self.now = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


class Site:
    def __init__(self, folder: Path) -> None:
        self.clock = Clock()
        self.server = Server(folder, self.clock)
        self.line = Line(self.server.store)
        self.laptop = Laptop(folder, self.line, self.clock)

    def close(self) -> None:
        self.server.engine.dispose()
        self.laptop.engine.dispose()

    def on_server(self, *files: bytes) -> None:
        for data in files:
            self.server.store.begin(name(data), len(data))
            for n in range(-(-len(data) // CHUNK)):
                part = data[n * CHUNK : (n + 1) * CHUNK]
                self.server.store.put(name(data), n, part, name(part))
            self.server.store.complete(name(data))


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    yield made
    made.close()


def some(size: int, seed: int = 0) -> bytes:
    return random.Random(seed).randbytes(size)


BIG = some(3 * CHUNK + 5)


def test_a_file_goes_up_and_waits_for_its_receipt(site: Site) -> None:
    site.laptop.up(BIG)
    site.laptop.work()
    assert site.server.content(name(BIG)) == BIG
    assert site.line.sent == [0, 1, 2, 3]
    entry = site.laptop.entries()[name(BIG)]
    assert (entry.state, entry.done_bytes) == (VERIFIED, len(BIG)), "the server has it; its receipt has not been pulled"
    site.laptop.wants(settled=[(name(BIG), UP)])
    site.laptop.work()
    assert site.laptop.entries() == {}


def test_a_receipt_that_never_came_is_asked_for_again_without_sending_the_file(site: Site) -> None:
    site.laptop.up(BIG)
    site.laptop.work()
    site.line.receipts.clear()
    site.clock.now += 3600
    site.laptop.loop.wake()
    site.laptop.work()
    assert site.line.receipts == {name(BIG)}
    assert len(site.line.sent) == 4


def test_a_file_comes_down_and_counts_only_as_a_whole(site: Site) -> None:
    site.on_server(BIG)
    site.laptop.down(BIG)
    for _ in range(3):
        site.laptop.loop.turn()
    assert name(BIG) not in site.laptop.shelf.files
    assert site.laptop.entries()[name(BIG)].state == PARTIAL
    site.laptop.again()  # the program is restarted
    site.laptop.work()
    assert site.laptop.shelf.files[name(BIG)] == BIG
    assert site.laptop.arrived == [name(BIG)]
    assert site.line.fetched == [0, 1, 2, 3]
    assert site.laptop.entries() == {}


@settings(max_examples=10, deadline=None)
@given(
    size=st.integers(1, 3 * CHUNK),
    faults=st.lists(st.sampled_from("-!?"), max_size=30),
    restarts=st.sets(st.integers(0, 30)),
)
def test_every_line_brings_the_file_through(size: int, faults: list[str], restarts: set[int]) -> None:
    """`!`: the call never arrives; `?`: it arrives and its answer is lost."""
    with tempfile.TemporaryDirectory() as folder:
        site = Site(Path(folder))
        left = list(faults)

        def fault(verb: str) -> bool:
            mark = left.pop(0) if left else "-"
            if mark == "!":
                raise Offline
            return mark == "?"

        site.line.fault = fault
        data, other = some(size, 1), some(size, 2)
        site.on_server(other)
        site.laptop.up(data)
        site.laptop.wants(Wish(name(data), size, UP), Wish(name(other), size, DOWN))
        for turn in range(200):
            if turn in restarts:
                site.laptop.again()
            if site.laptop.loop.turn() > 0 and not site.laptop.loop.problem:
                break
        assert site.server.content(name(data)) == data
        assert site.laptop.shelf.files[name(other)] == other
        cuts = sum(f != "-" for f in faults)
        chunks = -(-size // CHUNK)
        assert len(site.line.sent) <= chunks + cuts
        assert len(site.line.fetched) <= chunks + cuts + len(restarts)
        site.close()


def test_what_somebody_waits_for_goes_first_then_thumbnails_then_small_ones(site: Site) -> None:
    asked, thumb, small, large = some(2 * CHUNK, 1), some(9, 2), some(99, 3), some(CHUNK + 1, 4)
    site.on_server(asked, small)
    for data in (thumb, large):
        site.laptop.shelf.files[name(data)] = data
    site.laptop.wants(
        Wish(name(large), len(large), UP),
        Wish(name(small), len(small), DOWN, SMALL),
        Wish(name(asked), len(asked), DOWN),
        Wish(name(thumb), len(thumb), UP, THUMBNAIL),
    )
    site.laptop.loop.turn()
    with site.laptop.engine.begin() as connection:
        BlobQueue(site.laptop.table).want(connection, Wish(name(asked), len(asked), DOWN, ASKED), again=True)
    order = []

    def fault(verb: str) -> bool:
        order.append(verb)
        return False

    site.line.fault = fault
    site.laptop.work()
    # The thumbnail was announced before the other was asked for.
    assert order == ["get", "get", "put", "complete", "get", "begin", "put", "put", "complete"]


def test_a_sender_whose_file_has_rotted_says_so_at_once(site: Site) -> None:
    site.laptop.up(BIG)
    site.laptop.shelf.files[name(BIG)] = BIG[:-1] + b"?"
    site.laptop.work()
    entry = site.laptop.entries()[name(BIG)]
    assert (entry.state, entry.error) == (FAILED, "file.damaged")
    assert len(site.line.sent) == 4, "sent once, not again and again"


def test_a_file_that_is_missing_here_keeps_no_other_waiting(site: Site) -> None:
    site.laptop.up(some(10), BIG)
    del site.laptop.shelf.files[name(some(10))]
    site.laptop.work()
    assert site.server.content(name(BIG)) == BIG
    assert site.laptop.entries()[name(some(10))].error == "store.file_missing"


def test_a_file_that_the_server_will_not_show_is_asked_for_less_and_less_often(site: Site) -> None:
    site.laptop.down(some(10))
    asked = []
    while site.laptop.entries().get(name(some(10))) is None or site.laptop.entries()[name(some(10))].state != FAILED:
        before = len(site.line.fetched)
        site.laptop.loop.turn()
        if len(site.line.fetched) > before:
            asked.append(site.clock.now)
        site.clock.now += 4
    gaps = [b - a for a, b in pairwise(asked)]
    assert len(asked) == MAX_TRIES
    assert gaps == sorted(gaps)
    assert gaps[-1] > 100
    # Somebody clicks on it.
    site.on_server(some(10))
    with site.laptop.engine.begin() as connection:
        BlobQueue(site.laptop.table).want(connection, Wish(name(some(10)), 10, DOWN, ASKED), again=True)
    site.laptop.work()
    assert site.laptop.arrived == [name(some(10))]


def test_a_full_disk_makes_all_wait_and_loses_nothing(site: Site) -> None:
    site.on_server(BIG)
    site.laptop.down(BIG)
    site.laptop.shelf.full = True
    assert site.laptop.loop.turn() > 0
    assert site.laptop.loop.problem == "store.disk_full"
    assert site.laptop.entries()[name(BIG)].state == WAITING
    site.laptop.shelf.full = False
    site.laptop.work()
    assert site.laptop.shelf.files[name(BIG)] == BIG


def test_chunks_that_rotted_on_the_server_are_never_taken(site: Site) -> None:
    site.on_server(BIG)
    victim = site.server.store
    assert victim.store is not None
    victim.store.put(f"acme/{name(BIG).hex()[:2]}/{name(BIG).hex()}/1", bytes(CHUNK))
    site.laptop.down(BIG)
    for _ in range(40):
        site.laptop.loop.turn()
        site.clock.now += 600
    assert name(BIG) not in site.laptop.shelf.files
    entry = site.laptop.entries()[name(BIG)]
    assert (entry.state, entry.error) == (FAILED, "blob.damaged")


def test_waiting_grows_while_nobody_answers_and_ends_when_somebody_wakes_it(site: Site) -> None:
    def away(verb: str) -> bool:
        raise Offline

    site.line.fault = away
    site.laptop.up(BIG)
    waits = [site.laptop.loop.turn() for _ in range(9)]
    assert waits[0] <= 1
    assert 25 <= waits[-1] <= 60
    assert site.laptop.loop.problem == "network.offline"
    with site.laptop.engine.connect() as connection:
        assert BlobQueue(site.laptop.table).counts(connection) == Counts(1, 0, len(BIG), 0)
    site.line.fault = lambda verb: False
    site.laptop.work()
    assert site.laptop.loop.problem == ""


def test_the_thread_works_and_stops_in_the_middle(site: Site) -> None:
    completing = threading.Event()

    def told(verb: str) -> bool:
        if verb == "complete":
            completing.set()
        return False

    site.line.fault = told
    site.laptop.up(BIG)
    site.laptop.loop.start()
    assert completing.wait(20)
    site.laptop.loop.stop()
    assert site.server.content(name(BIG)) == BIG
    site.laptop.loop.pace.stop()
    with pytest.raises(Stopped):
        site.laptop.loop.pace(1)


def test_the_limit_holds_over_time() -> None:
    now = [0.0]

    def wait(seconds: float) -> bool:
        now[0] += seconds
        return False

    pace = Pace(lambda: 1000, lambda: now[0], wait)
    for _ in range(11):
        pace(500)
    assert now[0] == pytest.approx(5.0)
    free = Pace(lambda: 0, lambda: now[0], wait)
    free(10**9)
    assert now[0] == pytest.approx(5.0)


@given(st.sets(st.integers(0, 600)))
def test_bits_come_back(numbers: set[int]) -> None:
    assert unpack_bits(pack_bits(numbers)) == numbers
