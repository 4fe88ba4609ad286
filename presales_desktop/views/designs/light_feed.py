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

from presales_desktop.services.design_light import LightPlan, LightScene, RoomLight
from presales_desktop.views.kit import jobs

_AT_EXIT_S = 5.0


class LightFeed(QObject):
    """`show(scene)` from the UI thread as often as wanted; `lit` fires there when `take()` has rooms, `settled` when all is done.

    Scenes that were overtaken are never calculated: each `show` raises the generation, and the thread works on the last.
    The thread ends with `close()`, or by itself when the page takes this object along.
    """

    lit = Signal()
    settled = Signal(int)
    failed = Signal(object)

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

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)

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


_running: weakref.WeakSet[_LightThread] = weakref.WeakSet()


def _end_all() -> None:
    """A thread that still calculates while Python goes away would pull the program down with it."""
    for each in list(_running):
        each.stop()
    for each in list(_running):
        each.join(_AT_EXIT_S)


atexit.register(_end_all)
