"""The light thread: it calculates the newest scene only and tells the window when rooms are ready, never faster than they are read."""

from __future__ import annotations

import threading
from uuid import UUID

from PySide6.QtCore import QObject, Qt, Signal
from shiboken6 import isValid

from presales_desktop.services.design_light import LightPlan, LightScene, RoomLight


class LightFeed(QObject):
    """`show(scene)` from the UI thread as often as wanted; `lit` fires there when `take()` has rooms, `settled` when all is done.

    Scenes that were overtaken are never calculated: each `show` raises the generation, and the thread works on the last.
    """

    lit = Signal()
    settled = Signal(int)
    failed = Signal(object)
    _wake = Signal()
    _done = Signal(int)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._condition = threading.Condition()
        self._scene: LightScene | None = None
        self._generation = 0
        self._finished = 0
        self._ready: dict[UUID, RoomLight] = {}
        self._told = False
        self._stop = False
        self._wake.connect(self._on_wake, Qt.ConnectionType.QueuedConnection)
        self._done.connect(self._on_done, Qt.ConnectionType.QueuedConnection)
        self._thread = threading.Thread(target=self._run, name="light", daemon=True)
        self._thread.start()

    @property
    def busy(self) -> bool:
        """Whether the last scene is still being calculated."""
        with self._condition:
            return self._finished < self._generation

    def show(self, scene: LightScene) -> int:
        """Calculate SCENE next; its generation."""
        with self._condition:
            self._scene = scene
            self._generation += 1
            self._condition.notify()
            return self._generation

    def take(self) -> dict[UUID, RoomLight]:
        """Rooms that became ready since the last call."""
        with self._condition:
            ready, self._ready, self._told = self._ready, {}, False
            return ready

    def close(self) -> None:
        """Stop the thread; called when the page goes."""
        with self._condition:
            self._stop = True
            self._condition.notify()
        self._thread.join(timeout=10)

    # on the light thread

    def _run(self) -> None:
        plan = LightPlan()
        while True:
            with self._condition:
                while not self._stop and self._scene is None:
                    self._condition.wait()
                if self._stop:
                    return
                scene, generation = self._scene, self._generation
                self._scene = None
            assert scene is not None
            try:
                # A feed whose page is gone emits into nothing: Qt says so by RuntimeError, and the thread ends.
                for light in plan.update(scene, self._overtaken):
                    self._hand_over(light)
            except RuntimeError as error:
                if not isValid(self):
                    return
                plan = LightPlan()
                self._tell(error)
            except Exception as error:  # noqa: BLE001  # a bug on this thread must reach the window, not end the light
                plan = LightPlan()
                self._tell(error)
            with self._condition:
                last = self._scene is None and not self._stop
                if last:
                    self._finished = generation
            if not last:
                continue
            if not isValid(self):
                return
            self._done.emit(generation)
            plan.prepare(scene, self._overtaken)

    def _overtaken(self) -> bool:
        with self._condition:
            return self._stop or self._scene is not None

    def _hand_over(self, light: RoomLight) -> None:
        with self._condition:
            self._ready[light.room_id] = light
            told, self._told = self._told, True
        if not told:
            self._wake.emit()

    def _tell(self, error: Exception) -> None:
        self.failed.emit(error)

    # on the UI thread

    def _on_wake(self) -> None:
        self.lit.emit()

    def _on_done(self, generation: int) -> None:
        self.settled.emit(generation)
