"""The control loop with a server in this process: what it does follows from data, whatever the network does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sync import planner
from sync.client.loop import Report, SyncLoop
from sync.client.replica import Position
from sync.client.transport import Offline, ServerProblem, Unauthorised
from sync.ids import uuid7
from sync.planner import Facts
from sync.server.core import Core
from sync.server.database import Database, Part
from sync.wire import PullAnswer, PushAnswer, PushRequest, Segment
from tests.sync import shop
from tests.sync.client.world import Laptop, Plan, laptop_engine, plan


class Wire:
    """A transport to a Core that can be made to fail."""

    def __init__(self, laptop: Laptop, core: Core) -> None:
        self.laptop, self.core = laptop, core
        self.sent = self.received = 0
        self.trouble: Exception | None = None

    def _may(self) -> None:
        if self.trouble is not None:
            raise self.trouble

    def push(self, request: PushRequest) -> PushAnswer:
        self._may()
        return self.core.push(self.laptop.caller, request)

    def pull(self, at: Position, limit: int = 5000) -> PullAnswer:
        self._may()
        return self.core.pull(self.laptop.caller, at.epoch, at.cursor, limit, at.place)

    def segment(self, segment: Segment) -> bytes:
        self._may()
        return self.core.segment(self.laptop.caller, segment.sha256)

    def live(self, seq: int) -> Iterator[int]:
        self._may()
        yield seq + 1
        raise Offline

    def close(self) -> None: ...


Bench = tuple[Laptop, Wire, SyncLoop, list[Report], list[float]]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    database = Database.open(None, tmp_path / "server", (Part("shop", shop.TABLES),))
    domain = shop.Shop()
    core = Core(database.add("o1", "O").engine, domain, poll_s=0.0)
    user = uuid7()
    domain.staff[user] = shop.MANAGER
    laptop = Laptop(laptop_engine(tmp_path / "a.db"), user)
    wire, reports, now = Wire(laptop, core), [], [100.0]
    loop = SyncLoop(
        laptop.replica, wire, on_report=reports.append, clock=lambda: now[0], chance=lambda: 0.0, live=False
    )
    yield laptop, wire, loop, reports, now
    core.close()
    laptop.engine.dispose()
    database.close()


def run(loop: SyncLoop) -> int:
    """Steps until there is nothing to do."""
    steps = 0
    while loop.step():
        steps += 1
        assert steps < 20, "it never comes to rest"
    return steps


def test_it_pushes_and_pulls_until_all_is_quiet(bench: Bench) -> None:
    laptop, _, loop, reports, _ = bench
    made = laptop.add(plan())
    assert run(loop) == 3  # where am I, push, pull
    assert reports[-1].state == "up_to_date"
    assert {report.state for report in reports} >= {"syncing", "up_to_date"}
    assert laptop.get(Plan, made) is not None
    assert run(loop) == 0
    assert [row[0] for row in laptop.rows("sync_log", "pushed")] == [0, 1, 0] or len(laptop.rows("sync_log")) >= 2


def test_no_network_is_no_error_and_waiting_grows(bench: Bench) -> None:
    laptop, wire, loop, reports, now = bench
    run(loop)
    wire.trouble = Offline()
    laptop.add(plan())
    assert not loop.step()
    assert (reports[-1].state, reports[-1].waiting) == ("offline", 1)
    assert not loop.step()  # not before it is due
    first = loop.facts.due - now[0]
    now[0] += first
    assert not loop.step()
    assert loop.facts.due - now[0] == 2 * first
    wire.trouble = None
    loop.wake()
    run(loop)
    assert (reports[-1].state, reports[-1].waiting) == ("up_to_date", 0)


def test_a_login_that_is_over_keeps_the_queue(bench: Bench) -> None:
    laptop, wire, loop, reports, now = bench
    run(loop)
    wire.trouble = Unauthorised("token.expired")
    laptop.add(plan())
    loop.step()
    assert (reports[-1].state, reports[-1].code, reports[-1].waiting) == ("needs_you", "token.expired", 1)
    now[0] += 10_000
    assert not loop.step()
    wire.trouble = None
    loop.logged_in()
    run(loop)
    assert reports[-1].state == "up_to_date"


def test_a_refusal_does_not_stop_it_and_asks_for_a_person(bench: Bench) -> None:
    laptop, _, loop, reports, _ = bench
    laptop.add(plan("forbidden"))
    later = laptop.add(plan("fine"))
    run(loop)
    assert (reports[-1].state, reports[-1].inbox, reports[-1].waiting) == ("needs_you", 1, 0)
    assert laptop.get(Plan, later) is not None


def test_a_server_that_says_no_to_everything_is_not_asked_at_once_again(bench: Bench) -> None:
    _, wire, loop, reports, now = bench
    wire.trouble = ServerProblem("sync.server_went_back", 409)
    loop.step()
    assert (reports[-1].state, reports[-1].code) == ("needs_you", "sync.server_went_back")
    assert not loop.step()
    wire.trouble = None
    now[0] += planner.SERVER_WAIT_S
    run(loop)
    assert reports[-1].state == "up_to_date"


def test_a_server_in_a_new_epoch_is_asked_before_it_is_told(bench: Bench) -> None:
    laptop, wire, loop, reports, _ = bench
    run(loop)
    number = wire.core.new_epoch("restored")
    laptop.add(plan())
    run(loop)
    assert (reports[-1].state, laptop.replica.facts()["epoch_number"]) == ("up_to_date", number)


def test_threads_end_within_a_second(bench: Bench) -> None:
    laptop, wire, _, reports, _ = bench
    loop = SyncLoop(laptop.replica, wire, on_report=reports.append)
    loop.start()
    loop.stop()
    assert not any(thread.is_alive() for thread in loop._threads)


@pytest.mark.parametrize(
    ("facts", "step", "state"),
    [
        (Facts(0), "idle", "local"),
        (Facts(0, connected=True), "pull", "waiting"),
        (Facts(0, connected=True, known=True, waiting=3, pulled_at=0), "push", "waiting"),
        (Facts(0, connected=True, known=True, waiting=3, trouble="offline", due=5), "idle", "offline"),
        (Facts(6, connected=True, known=True, waiting=3, trouble="offline", due=5), "push", "offline"),
        (Facts(0, connected=True, known=True, pulled_at=0), "idle", "up_to_date"),
        (Facts(0, connected=True, known=True, pulled_at=0, inbox=1), "idle", "needs_you"),
        (Facts(50, connected=True, known=True, pulled_at=0), "pull", "up_to_date"),
        (Facts(0, connected=True, known=True, pulled_at=0, pushed=True), "pull", "waiting"),
        (Facts(9e9, connected=True, known=True, trouble="login"), "idle", "needs_you"),
    ],
)
def test_what_comes_next_follows_from_the_facts(facts: Facts, step: str, state: str) -> None:
    assert (planner.next_step(facts), planner.state(facts)) == (step, state)
    assert planner.wake_in(facts) >= 0


def test_backoff_grows_to_a_bound_and_spreads() -> None:
    draw: Callable[[int, float], float] = planner.backoff
    assert [draw(n, 0.999) for n in (1, 2, 3)] == pytest.approx([1.0, 2.0, 4.0], rel=0.01)
    assert draw(50, 0.999) <= planner.LONGEST_WAIT_S
    assert draw(3, 0.0) == pytest.approx(2.0)
