"""The control loop: one thread that pushes and pulls while there is anything to do. What it does follows from facts (sync.planner),
so a lost wake-up only costs time. A refusal never stops it; a transport error only makes it wait."""

from __future__ import annotations

import contextlib
import logging
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TypeVar

from sync import planner
from sync.client.replica import Applied, Ref, Replica
from sync.client.transport import PAGE, Offline, ServerProblem, Transport, Unauthorised
from sync.planner import Facts, State
from sync.wire import WireError

_LOG = logging.getLogger("sync.loop")
T = TypeVar("T")
_RETRY_HELD_S = 24 * 3600.0


@dataclass(frozen=True)
class Report:
    """What the window shows. `code`: why it needs a person or is offline; `asks`: kind → rows that the server wants deleted;
    `done`, `total`: seqs of a pull that runs."""

    state: State
    waiting: int = 0
    held: int = 0
    foreign: int = 0
    inbox: int = 0
    code: str = ""
    asks: dict[str, int] | None = None
    done: int = 0
    total: int = 0


class SyncLoop:
    """Keeps one replica and one server together. `on_report` and `on_changed` are called on the loop's thread.

    EXECUTE runs a function on the database (the window hands in its database thread); without it the loop's own thread does. EXPLAIN gives
    an error that is none of the network's its code for the status ("" for none).
    """

    def __init__(
        self,
        replica: Replica,
        transport: Transport,
        *,
        on_report: Callable[[Report], None] = lambda report: None,
        on_changed: Callable[[frozenset[Ref]], None] = lambda refs: None,
        execute: Callable[[Callable[[], object]], object] | None = None,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
        live: bool = True,
        explain: Callable[[Exception], str] = lambda error: "",
    ) -> None:
        self.replica = replica
        self.transport = transport
        self.on_report = on_report
        self.on_changed = on_changed
        self._execute = execute
        self.clock = clock
        self.chance = chance
        self._live = live
        self._explain = explain
        self._retried = -_RETRY_HELD_S
        self.facts = Facts(clock())
        self.report = Report("local")
        self._code = ""
        self._asks: dict[str, int] = {}
        self._failures = 0
        self._confirmed = False
        self._wake = threading.Event()
        self._poked = threading.Event()
        self._login = threading.Event()
        self._stop = threading.Event()
        self._relisten = threading.Event()
        self._threads: list[threading.Thread] = []

    # --- from outside ---------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin, in threads of its own."""
        self._stop.clear()
        work = [self._run] + ([self._listen] if self._live else [])
        self._threads = [threading.Thread(target=one, name=f"sync-{one.__name__}", daemon=True) for one in work]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End within a second; a request on its way is left to itself, it can do no harm."""
        self._stop.set()
        self._wake.set()
        self._relisten.set()
        self.transport.close()
        end = time.monotonic() + 1.0
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))

    def wake(self) -> None:
        """Something was saved, or somebody wants to sync now: try at once, also while waiting after an error."""
        self._poked.set()  # taken up by the loop's own thread: facts have one writer
        self._wake.set()

    def logged_in(self) -> None:
        """Somebody logged in again."""
        self._login.set()
        self.wake()

    def confirm(self) -> None:
        """A person agreed to the deletions that were asked about."""
        self._confirmed = True
        self._asks = {}
        self.wake()

    # --- the loop -------------------------------------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            try:
                worked = self.step()
            except Exception as error:  # noqa: BLE001 - whatever it was, the next round is tried, and a person told
                _LOG.exception("sync")
                self._failed("server", self._explain(error) or "sync.unexpected")
                with contextlib.suppress(Exception):  # a database that cannot be written may still be read
                    self._tell()
                worked = False
            if not worked and not self._stop.is_set():
                self._wake.wait(max(0.05, planner.wake_in(self._look())))

    def step(self) -> bool:
        """One push or one pull, if there is one to make; whether there was."""
        self._offer_held()
        facts = self._look()
        step = planner.next_step(facts)
        if step == "idle":
            self._tell()
            return False
        self.facts = replace(self.facts, running=True)
        self._tell()
        began, sent, received = self.clock(), self.transport.sent, self.transport.received
        pushed = pulled = 0
        error = ""
        try:
            if step == "push":
                pushed = self._push()
            else:
                pulled = self._pull()
            if self._failures:
                # The channel of before the cut may hang for as long as its timeout: nobody would hear any news of it.
                self.transport.close()
                self._relisten.set()
            self._failures = 0
            self._code = ""
            self.facts = replace(self.facts, trouble="", due=0.0)
        except Offline as problem:
            error = problem.code
            self._failures += 1
            self._failed("offline", problem.code, planner.backoff(self._failures, self.chance()))
        except WireError as problem:
            error = problem.code
            self._failures += 1
            self._failed("offline", "network.damaged", planner.backoff(self._failures, self.chance()))
        except Unauthorised as problem:
            error = problem.code
            self._failed("login", problem.code)
        except ServerProblem as problem:
            error = problem.code
            self._failed("server", problem.code, planner.SERVER_WAIT_S)
        finally:
            self.facts = replace(self.facts, running=False)
        if pushed or pulled or error:
            ms = int((self.clock() - began) * 1000)
            out, back = self.transport.sent - sent, self.transport.received - received
            self._do(
                lambda: self.replica.log(pushed=pushed, pulled=pulled, sent=out, received=back, ms=ms, error=error)
            )
        self._tell()
        return not error

    def _offer_held(self) -> None:
        """What a server could not judge yet is offered again at each start and once a day: it may have been updated."""
        if self.clock() - self._retried >= _RETRY_HELD_S:
            self._retried = self.clock()
            if self._do(self.replica.status).held:
                self._do(self.replica.retry_held)

    def _failed(self, trouble: planner.Trouble, code: str, wait: float = planner.SERVER_WAIT_S) -> None:
        self._code = code
        self.facts = replace(self.facts, news=True, trouble=trouble, due=self.clock() + wait, running=False)

    def _push(self) -> int:
        request = self._do(self.replica.take_push)
        if request is None:
            return 0
        answer = self.transport.push(request)
        applied = self._do(lambda: self.replica.acknowledged(answer))
        if applied.stale:  # the server has begun a new epoch: its word comes first
            self.facts = replace(self.facts, chained=True)
            return 0
        self.facts = replace(self.facts, pushed=True)
        self._changed(applied)
        return sum(len(commit.changes) for commit in request.commits)

    def _pull(self) -> int:
        at = self._do(self.replica.position)
        self.facts = replace(self.facts, news=False)  # what comes from now on is news again
        answer = self.transport.pull(at, PAGE)
        if answer is None:
            self.facts = replace(self.facts, chained=False, pushed=False, pulled_at=self.clock())
            return 0
        self.report = replace(self.report, done=answer.cursor, total=answer.head)
        confirmed, self._confirmed = self._confirmed, False
        applied = self._do(lambda: self.replica.apply(answer, at, self.transport.segment, confirm=confirmed))
        self._asks = applied.asks
        if not applied.stale and not applied.asks:
            done = not applied.more
            self.facts = replace(
                self.facts,
                chained=applied.more,
                pushed=self.facts.pushed and not done,
                pulled_at=self.clock() if done else self.facts.pulled_at,
            )
        self._changed(applied)
        return len(applied.refs)

    def _changed(self, applied: Applied) -> None:
        if applied.refs:
            self.on_changed(applied.refs)

    def _look(self) -> Facts:
        """The facts as they are now."""
        if self._login.is_set():
            self._login.clear()
            self.facts = replace(self.facts, trouble="")
        if self._poked.is_set():
            self._poked.clear()
            self.facts = replace(self.facts, due=0.0, news=True)
        status = self._do(self.replica.status)
        self.facts = replace(
            self.facts,
            now=self.clock(),
            connected=status.connected,
            known=bool(status.position.epoch),
            waiting=status.waiting,
            inbox=status.inbox,
            asks=bool(self._asks),
        )
        self.report = replace(
            self.report, waiting=status.waiting, held=status.held, foreign=status.foreign, inbox=status.inbox
        )
        return self.facts

    def _tell(self) -> None:
        facts = self._look()
        said = replace(self.report, state=planner.state(facts), code=self._code, asks=self._asks or None)
        self.report = said
        self.on_report(said)

    def _do(self, function: Callable[[], T]) -> T:
        if self._execute is None:
            return function()
        return self._execute(function)  # type: ignore[return-value]

    # --- live -----------------------------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        """Wake the loop when the server has news; without a channel the timer does."""
        failures = 0
        while not self._stop.is_set():
            if self.facts.trouble == "login" or not self.facts.known:
                self._stop.wait(0.5)
                continue
            try:
                for seq in self.transport.live(self._do(self.replica.position).cursor):
                    failures = 0
                    if self._stop.is_set():
                        return
                    if seq > self._do(self.replica.position).cursor:
                        self.wake()
            except Unauthorised:
                self.wake()  # the next exchange hears why, and a person is told at once
            except (Offline, ServerProblem):
                pass  # the timer does without
            failures += 1
            self._relisten.wait(planner.backoff(failures, self.chance()))
            self._relisten.clear()
