"""The newest rows of an organisation in memory: live clients are answered without SQL, the committer finds what it needs at hand."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from itertools import islice

from sync.server.storage import Clock, Entity, Key

Exit = tuple[int, bytes, str, str]  # seq, id, kind, scope left


def visible(scope: str, held: Iterable[str]) -> bool:
    """Whether SCOPE is among those HELD ("c:*" stands for every scope that begins with "c:")."""
    if scope in held:
        return True
    head, colon, _ = scope.partition(":")
    return bool(colon) and f"{head}:*" in held


class Ring:
    """Everything after `start`, up to `head`. Entities in it are never changed, only replaced."""

    def __init__(self, clock: Clock, starts: dict[int, int], size: int = 50_000) -> None:
        self.size = size
        self.lock = threading.RLock()
        self.moved = threading.Condition(self.lock)
        self.clock = clock
        self.epoch_starts = starts
        self.start = clock.seq
        self._rows: dict[Key, Entity] = {}  # in the order of their seq
        self._exits: deque[Exit] = deque()
        self._regrants: dict[bytes, int] = {}
        self._held: dict[bytes, frozenset[str]] = {}
        self._listeners: list[Callable[[int], None]] = []

    @property
    def head(self) -> int:
        """The newest seq known here."""
        return self.clock.seq

    def row(self, key: Key) -> Entity | None:
        """The newest state of a row, if it is here."""
        return self._rows.get(key)

    def advance(
        self, after: int, clock: Clock, rows: Iterable[Entity], exits: Iterable[Exit], users: Iterable[bytes]
    ) -> None:
        """Everything committed between AFTER and CLOCK. ROWS in the order of their seq; what is known already is passed over."""
        with self.moved:
            seen = self.clock.seq
            if clock.seq < seen or (clock.seq == seen and clock == self.clock):
                return
            if after > seen:  # a gap: begin anew rather than miss a row
                self._rows.clear()
                self._exits.clear()
                self.start = after
            for one in rows:
                self._rows.pop(one.key, None)
                self._rows[one.key] = one
            self._exits.extend(left for left in exits if left[0] > seen)
            for user in users:
                self._regrants[user] = clock.seq
                self._held.pop(user, None)
            self.clock = clock
            self._evict()
            self.moved.notify_all()
            listeners = list(self._listeners)
        for listener in listeners:
            listener(clock.seq)

    def restart(self, clock: Clock, starts: dict[int, int]) -> None:
        """Another epoch, or too far behind: begin with nothing at CLOCK."""
        with self.moved:
            self._rows.clear()
            self._exits.clear()
            self._regrants.clear()
            self._held.clear()
            self.start = clock.seq
            self.clock = clock
            self.epoch_starts = starts
            self.moved.notify_all()
            listeners = list(self._listeners)
        for listener in listeners:
            listener(clock.seq)

    def _evict(self) -> None:
        # One walk from the front: a dictionary that lost its first entries walks over their places each time it is begun anew.
        for key in list(islice(self._rows, max(0, len(self._rows) - self.size))):
            self.start = max(self.start, self._rows.pop(key).state.seq)
        while len(self._exits) > self.size:
            self.start = max(self.start, self._exits.popleft()[0])

    def since(self, seq: int) -> tuple[list[Entity], list[Exit]] | None:
        """Rows and exits after SEQ, oldest first; None when the ring does not reach back so far. Call with the lock held."""
        if seq < self.start:
            return None
        rows: list[Entity] = []
        for one in reversed(self._rows.values()):
            if one.state.seq <= seq:
                break
            rows.append(one)
        rows.reverse()
        exits: list[Exit] = []
        for left in reversed(self._exits):
            if left[0] <= seq:
                break
            exits.append(left)
        return rows, exits

    def regranted(self, user: bytes) -> int:
        """When the grants of USER changed last, as far as the ring knows (0: not since `start`)."""
        return self._regrants.get(user, 0)

    def held(self, user: bytes) -> frozenset[str] | None:
        """The scopes of USER, if known here."""
        return self._held.get(user)

    def keep_held(self, user: bytes, scopes: frozenset[str], seq: int) -> None:
        """SCOPES of USER were read from the database when the clock stood at SEQ."""
        with self.lock:
            if seq == self.clock.seq:
                self._held[user] = scopes

    def wait(self, seq: int, timeout: float) -> int:
        """Blocks until the head has passed SEQ or TIMEOUT seconds are over; the head."""
        with self.moved:
            self.moved.wait_for(lambda: self.clock.seq > seq, timeout)
            return self.clock.seq

    def listen(self, listener: Callable[[int], None]) -> Callable[[], None]:
        """LISTENER(seq) is called after each group, in the committing thread; answers how to stop it."""
        with self.lock:
            self._listeners.append(listener)

        def stop() -> None:
            with self.lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return stop

    @property
    def listened(self) -> bool:
        """Whether anybody waits for news."""
        return bool(self._listeners)
