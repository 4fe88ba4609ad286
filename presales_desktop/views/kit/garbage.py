"""Python's cycle collector runs on the UI thread only.

Left alone it starts wherever an allocation happens to cross its threshold, also on the database thread: widgets that hang in a cycle would
then be destroyed there, and Qt allows that on the UI thread only (seen as rare crashes by many PySide programs).
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

INTERVAL_MS = 2_000


class UiCollector(QObject):
    """Takes the collector over while it lives: looks every two seconds whether a generation is full, oldest last."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._thresholds = gc.get_threshold()
        self._stopped = False
        gc.disable()
        self._timer = QTimer(self, interval=INTERVAL_MS)
        self._timer.timeout.connect(self.look)
        self._timer.start()

    def pause(self) -> None:
        """No look while libraries are being imported: `loaded` follows."""
        self._timer.stop()

    def loaded(self) -> None:
        """What the imported libraries made stays: no look goes through it (that took an eighth of a second in one turn)."""
        if not self._stopped:
            gc.freeze()
            self._timer.start()

    def look(self) -> None:
        """Collect the oldest generation that is full; a young one costs well under a millisecond."""
        counts = gc.get_count()
        for generation in (2, 1, 0):
            if counts[generation] > self._thresholds[generation]:
                gc.collect(generation)
                return

    def stop(self) -> None:
        """The window closes. Python's collector stays off: threads that still end would collect what is left of the window."""
        self._stopped = True
        self._timer.stop()
        gc.unfreeze()
