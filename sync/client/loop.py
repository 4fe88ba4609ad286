"""One exchange with the server, and the loop that has one whenever there is a reason: a save, a sign of life, the time.

What to do next is read from the tables each time (an outbox that is not empty, a cursor behind the head), never remembered: a crash or a
lost wake-up can delay an exchange, not lose it.
"""

from __future__ import annotations

import contextlib
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from sync.client.replica import Position, Replica
from sync.client.transport import Offline, ServerProblem, Transport, Unauthorised
from sync.wire import WireError

PULL_LIMIT = 5_000
IDLE_S = 30.0
FIRST_BACKOFF_S, MAX_BACKOFF_S = 1.0, 60.0
HELD_RETRY_S = 24 * 3600.0
MAX_STEPS = 100_000

Ref = tuple[str, UUID]


class MassDelete(Exception):
    """The server wants more deleted than is believable; `counts`: kind → rows. Nothing was done."""

    def __init__(self, counts: dict[str, int]) -> None:
        super().__init__(str(counts))
        self.counts = counts


@dataclass
class Exchanged:
    """What one exchange did."""

    pushed: int = 0
    pulled: int = 0
    refs: frozenset[Ref] = frozenset()


def exchange(
    replica: Replica,
    transport: Transport,
    *,
    confirm: bool = False,
    step: Callable[[int, int, int], None] = lambda done, total, pushed: None,
    on_refs: Callable[[frozenset[Ref]], None] = lambda refs: None,
    ended: Callable[[], bool] = lambda: False,
    ticks: Callable[[], float] = time.monotonic,
) -> Exchanged:
    """Pull, push, pull until nothing is left; the round is in the history whatever came of it.

    STEP(seq reached, server's head, commits pushed). Raises Offline, Unauthorised, ServerProblem, WireError, MassDelete.
    """
    begun, done = ticks(), Exchanged()
    sent, received = transport.sent, transport.received
    error = ""
    try:
        _pull(replica, transport, done, confirm, step, on_refs, ended)
        if _push(replica, transport, done, on_refs, ended) or done.pushed:
            _pull(replica, transport, done, confirm, step, on_refs, ended)
    except (Unauthorised, ServerProblem, WireError) as caught:
        error = caught.code
        raise
    except Offline:
        error = "network.offline"
        raise
    except MassDelete:
        error = "sync.mass_delete"
        raise
    finally:
        if error or done.pushed or done.pulled:
            replica.log(
                pushed=done.pushed,
                pulled=done.pulled,
                sent=transport.sent - sent,
                received=transport.received - received,
                ms=int((ticks() - begun) * 1000),
                error=error,
            )
    return done


def _pull(
    replica: Replica,
    transport: Transport,
    done: Exchanged,
    confirm: bool,
    step: Callable[[int, int, int], None],
    on_refs: Callable[[frozenset[Ref]], None],
    ended: Callable[[], bool],
) -> None:
    for _ in range(MAX_STEPS):
        at = replica.position()
        answer = transport.pull(at, PULL_LIMIT)
        applied = replica.apply(answer, at, transport.segment, confirm=confirm)
        if applied.asks:
            raise MassDelete(applied.asks)
        done.pulled += len(applied.refs)
        done.refs |= applied.refs
        if applied.refs:
            on_refs(applied.refs)
        step(answer.cursor, answer.head, done.pushed)
        if ended() or not (applied.more or applied.stale):
            return


def _push(
    replica: Replica,
    transport: Transport,
    done: Exchanged,
    on_refs: Callable[[frozenset[Ref]], None],
    ended: Callable[[], bool],
) -> bool:
    """Whether an answer was stale: the server began a new epoch in between, the next pull tells."""
    while not ended():
        request = replica.take_push()
        if request is None:
            return False
        applied = replica.acknowledged(transport.push(request))
        if applied.stale:
            return True
        done.pushed += len(request.commits)
        done.refs |= applied.refs
        if applied.refs:
            on_refs(applied.refs)
    return False


class Loop:
    """Exchanges in a thread of its own, until `stop`.

    ROUND does one exchange (and says what came of it to whom it concerns); LISTEN yields whenever the server has something new and
    returns or raises Offline when the channel is gone. `wake` after a save.
    """

    def __init__(
        self,
        round_: Callable[[], bool],
        listen: Callable[[threading.Event, Callable[[], None]], None] | None = None,
        *,
        idle_s: float = IDLE_S,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._round = round_
        self._listen = listen
        self._idle_s = idle_s
        self._jitter = jitter
        self._wake = threading.Event()
        self._ended = threading.Event()
        self._threads: list[threading.Thread] = []

    @property
    def ended(self) -> bool:
        """Whether it was told to stop."""
        return self._ended.is_set()

    def start(self) -> None:
        """Begin with an exchange at once."""
        self._wake.set()
        self._threads = [threading.Thread(target=self._run, name="sync", daemon=True)]
        if self._listen is not None:
            self._threads.append(threading.Thread(target=self._hear, name="sync-live", daemon=True))
        for thread in self._threads:
            thread.start()

    def wake(self) -> None:
        """There is something to send or to fetch."""
        self._wake.set()

    def stop(self, timeout_s: float = 1.0) -> None:
        """End; an exchange under way is left to itself after TIMEOUT_S (its transactions are whole)."""
        self._ended.set()
        self._wake.set()
        end = time.monotonic() + timeout_s
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))

    def _run(self) -> None:
        backoff = FIRST_BACKOFF_S
        wait_s = 0.0
        while not self._ended.is_set():
            self._wake.wait(wait_s)
            self._wake.clear()
            if self._ended.is_set():
                return
            if self._round():
                backoff, wait_s = FIRST_BACKOFF_S, self._idle_s
            else:
                wait_s = backoff * (0.5 + self._jitter())
                backoff = min(backoff * 2, MAX_BACKOFF_S)

    def _hear(self) -> None:
        assert self._listen is not None
        backoff = FIRST_BACKOFF_S
        while not self._ended.is_set():
            begun = time.monotonic()
            with contextlib.suppress(Offline, Unauthorised, ServerProblem):  # the exchange says what is wrong
                self._listen(self._ended, self.wake)
            backoff = FIRST_BACKOFF_S if time.monotonic() - begun > MAX_BACKOFF_S else min(backoff * 2, MAX_BACKOFF_S)
            self._ended.wait(backoff * (0.5 + self._jitter()))


__all__ = ["Exchanged", "Loop", "MassDelete", "Position", "exchange"]
