"""How far the reading of a foreign file has come, told from inside a parser that knows nothing of it."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Final

# step(done, total): called now and then while a file is read; may raise to stop.
Step = Callable[[int, int], None]
WHOLE: Final = 100


class Stopped(Exception):
    """Carries what STEP raised past the guards around the foreign parser."""


class Watch:
    """Turns counts into steps of a hundred, each told once."""

    def __init__(self, step: Step) -> None:
        self._step, self._last = step, -1
        self.why: BaseException | None = None

    def at(self, percent: int) -> None:
        if percent > self._last:
            self._last = percent
            try:
                self._step(percent, WHOLE)
            except Exception as error:
                self.why = error
                raise Stopped from error


class WatchedBytes(io.BytesIO):
    """A file that tells how far it was read, from SINCE to UNTIL of the whole."""

    def __init__(self, data: bytes, watch: Watch, since: int, until: int) -> None:
        super().__init__(data)
        self._watch, self._size, self._lines, self._share = watch, len(data), 0, (since, until)

    def readline(self, size: int | None = -1, /) -> bytes:
        self._lines += 1
        if not self._lines % 4096:
            since, until = self._share
            self._watch.at(since + self.tell() * (until - since) // self._size)
        return super().readline(size)
