"""Hybrid logical clock: a laptop's time that never goes back, for people to read and for the audit. It never decides an order."""

from __future__ import annotations

from collections.abc import Callable

COUNTER_BITS = 16
# A clock that was set back by more than this was wrong before: its old readings are not worth following.
MAX_AHEAD_MS = 24 * 3600 * 1000


class HybridClock:
    """Readings are milliseconds since 1970 times 65,536 plus a counter. NOW gives milliseconds since 1970."""

    def __init__(self, now: Callable[[], int], last: int = 0) -> None:
        self._now = now
        self._last = last

    def tick(self) -> int:
        """A reading later than every one before it, unless the clock was found wrong by more than a day."""
        now = self._now()
        if self._last >> COUNTER_BITS > now + MAX_AHEAD_MS:
            self._last = 0
        self._last = max(now << COUNTER_BITS, self._last + 1)
        return self._last

    def observe(self, reading: int) -> None:
        """Be later than READING of another clock, when it is believable."""
        if reading >> COUNTER_BITS <= self._now() + MAX_AHEAD_MS:
            self._last = max(self._last, reading)


def milliseconds(reading: int) -> int:
    """Milliseconds since 1970 of a reading."""
    return reading >> COUNTER_BITS
