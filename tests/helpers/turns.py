"""How long the UI thread is held up: a heart that beats on the event loop and measures the work between its beats."""

from __future__ import annotations

from time import perf_counter, thread_time
from types import TracebackType

from PySide6.QtCore import Qt, QTimer


class Turns:
    """`with Turns() as turns: …` (events must be processed inside). `longest`: the longest turn's own work in ms.

    The work is CPU time of this thread, so that a busy machine does not count; `waited` is the same by the clock.
    """

    def __init__(self) -> None:
        self.work_ms: list[float] = []
        self.wall_ms: list[float] = []
        self._timer = QTimer()
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._beat)
        self._cpu = self._wall = 0.0

    def __enter__(self) -> Turns:
        self._cpu, self._wall = thread_time(), perf_counter()
        self._timer.start()
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: object, _where: TracebackType | None) -> None:
        self._beat()
        self._timer.stop()

    def _beat(self) -> None:
        cpu, wall = thread_time(), perf_counter()
        self.work_ms.append((cpu - self._cpu) * 1000)
        self.wall_ms.append((wall - self._wall) * 1000)
        self._cpu, self._wall = cpu, wall

    @property
    def longest(self) -> float:
        """The longest turn in ms of work."""
        return max(self.work_ms, default=0.0)

    @property
    def waited(self) -> float:
        """The longest turn in ms by the clock."""
        return max(self.wall_ms, default=0.0)

    def over(self, limit_ms: float) -> list[float]:
        """Turns of more than LIMIT ms of work, the longest first."""
        return sorted((ms for ms in self.work_ms if ms > limit_ms), reverse=True)
