"""The light thread: it calculates the newest scene only and tells the window when rooms are ready, never faster than they are read."""

from __future__ import annotations

import atexit
import threading
import weakref
from collections.abc import Callable
from functools import partial
from uuid import UUID

from PySide6.QtCore import QObject, Signal
from shiboken6 import isValid

from presales_desktop.services.design_light import DetailJob, LightPlan, LightScene, RoomDetails, RoomLight, details
from presales_desktop.views.kit import jobs

_AT_EXIT_S = 5.0


class LightFeed(QObject):
    """`show(scene)` from the UI thread as often as wanted; `lit` fires there when `take()` has rooms, `settled` when all is done,
    `detailed` when `take_details()` has what takes longer than a drag allows (glare, task areas …): a thread of its own makes it.

    Scenes that were overtaken are never calculated: each `show` raises the generation, and the thread works on the last.
    The thread ends with `close()`, or by itself when the page takes this object along.
    """

    lit = Signal()
    settled = Signal(int)
    failed = Signal(object)
    detailed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        jobs.prepare()
        self._thread = _LightThread(weakref.ref(self))
        self.destroyed.connect(self._thread.stop)

    @property
    def busy(self) -> bool:
        """Whether the last scene is still being calculated."""
        return self._thread.busy

    def show(self, scene: LightScene) -> int:
        """Calculate SCENE next; its generation."""
        return self._thread.show(scene)

    def take(self) -> dict[UUID, RoomLight]:
        """Rooms that became ready since the last call."""
        return self._thread.take()

    def take_details(self) -> dict[UUID, RoomDetails]:
        """Details that became ready since the last call."""
        return self._thread.details.take()

    @property
    def detailing(self) -> bool:
        """Whether details are still being calculated."""
        return self._thread.details.busy

    def close(self) -> None:
        """Let the thread end at its next step; the window does not wait for it."""
        self._thread.stop()


def _fail(error: Exception, feed: LightFeed) -> None:
    feed.failed.emit(error)


def _settle(generation: int, feed: LightFeed) -> None:
    feed.settled.emit(generation)


class _LightThread:
    """Knows nothing of Qt: an object of the window that goes while its thread emits on it is a crash (both touch its insides at once).

    What it has to say travels as a function over the bridge of `jobs`, and the feed is looked up on the UI thread.
    """

    def __init__(self, feed: weakref.ref[LightFeed]) -> None:
        self._feed = feed
        self._condition = threading.Condition()
        self._scene: LightScene | None = None
        self._generation = 0
        self._finished = 0
        self._ready: dict[UUID, RoomLight] = {}
        self._told = False
        self._stop = False
        self.details = _DetailThread(self._send)
        self._thread = threading.Thread(target=self._run, name="light", daemon=True)
        _running.add(self)
        self._thread.start()

    @property
    def busy(self) -> bool:
        with self._condition:
            return self._finished < self._generation

    def show(self, scene: LightScene) -> int:
        with self._condition:
            self._scene = scene
            self._generation += 1
            self._condition.notify()
            self.details.interrupt()
            return self._generation

    def take(self) -> dict[UUID, RoomLight]:
        with self._condition:
            ready, self._ready, self._told = self._ready, {}, False
            return ready

    def stop(self, *_: object) -> None:
        with self._condition:
            self._stop = True
            self._scene = None
            self._condition.notify()
        self.details.stop()

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)
        self.details.join(seconds)

    # on the light thread

    def _run(self) -> None:
        plan = LightPlan()
        while True:
            with self._condition:
                while not self._stop and self._scene is None:
                    self._condition.wait()
                if self._stop or self._scene is None:
                    return
                scene, generation = self._scene, self._generation
                self._scene = None
            try:
                for light in plan.update(scene, self._overtaken):
                    self._hand_over(light)
            except Exception as error:  # noqa: BLE001  # a bug on this thread must reach the window, not end the light
                plan = LightPlan()
                self._send(partial(_fail, error))
            with self._condition:
                last = self._scene is None and not self._stop
                if last:
                    self._finished = generation
            if last:
                self.details.show(plan.jobs(scene))
                self._send(partial(_settle, generation))
                plan.prepare(scene, self._overtaken)

    def _overtaken(self) -> bool:
        with self._condition:
            return self._stop or self._scene is not None

    def _hand_over(self, light: RoomLight) -> None:
        with self._condition:
            self._ready[light.room_id] = light
            told, self._told = self._told, True
        if not told:
            self._send(lambda feed: feed.lit.emit())

    def _send(self, say: Callable[[LightFeed], None]) -> None:
        """SAY on the UI thread, unless the feed went or was closed meanwhile."""

        def arrived() -> None:
            feed = None if self._stop else self._feed()
            if feed is not None and isValid(feed):
                say(feed)

        jobs.on_ui_thread(arrived)


class _DetailThread:
    """Calculates one room's details after another; a new scene takes away what it had not begun."""

    def __init__(self, send: Callable[[Callable[[LightFeed], None]], None]) -> None:
        self._send = send
        self._condition = threading.Condition()
        self._jobs: list[DetailJob] = []
        self._known: dict[UUID, int] = {}
        self._ready: dict[UUID, RoomDetails] = {}
        self._working = False
        self._stop = False
        self._thread = threading.Thread(target=self._run, name="light-details", daemon=True)
        self._thread.start()

    @property
    def busy(self) -> bool:
        with self._condition:
            return self._working or bool(self._jobs)

    def show(self, jobs: list[DetailJob]) -> None:
        with self._condition:
            if not self._stop:
                self._jobs = [job for job in jobs if job.room.id and self._known.get(job.room.id) != job.stamp]
                self._condition.notify()

    def interrupt(self) -> None:
        with self._condition:
            self._jobs = []

    def take(self) -> dict[UUID, RoomDetails]:
        with self._condition:
            ready, self._ready = self._ready, {}
            return ready

    def stop(self) -> None:
        with self._condition:
            self._stop, self._jobs = True, []
            self._condition.notify()

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)

    def _run(self) -> None:
        while True:
            with self._condition:
                self._working = False
                while not self._stop and not self._jobs:
                    self._condition.wait()
                if self._stop:
                    return
                job = self._jobs.pop(0)
                self._working = True
            try:
                found = details(job)
            except Exception as error:  # noqa: BLE001  # as on the light thread
                with self._condition:
                    self._jobs = []
                self._send(partial(_fail, error))
                continue
            with self._condition:
                self._known[found.room_id] = job.stamp
                self._ready[found.room_id] = found
            self._send(lambda feed: feed.detailed.emit())


_running: weakref.WeakSet[_LightThread] = weakref.WeakSet()


def _end_all() -> None:
    """A thread that still calculates while Python goes away would pull the program down with it."""
    for each in list(_running):
        each.stop()
    for each in list(_running):
        each.join(_AT_EXIT_S)


atexit.register(_end_all)
