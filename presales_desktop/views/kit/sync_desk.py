"""The window's side of sync: what the link to the server says, brought to the UI thread, and what can be asked of it.

The link runs on a thread of its own (services/link.py). Nothing here waits for the network.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from PySide6.QtCore import QObject, QTimer, Signal

from presales_desktop.views.kit import jobs
from presales_desktop.views.kit.db import ChangeBus

if TYPE_CHECKING:
    from presales_desktop.services.syncing import SyncStatus

# Rows that arrive within that time are told to the pages at once: a page of a thousand rows is one refresh.
GATHER_MS = 40
# Closing the window waits no longer for the link; what it did not send lies in the outbox.
STOP_S = 1.0

Refs = frozenset[tuple[str, UUID]]


class LinkLike(Protocol):
    """What is used of services.link.Link; tests hand in one without a server."""

    status: SyncStatus
    on_status: Callable[[SyncStatus], None]
    on_changes: Callable[[Refs], None]

    def start(self) -> None:
        """Begin."""

    def stop(self) -> None:
        """End; may wait for the network."""

    def sync_now(self) -> None:
        """Don't wait for the timer."""

    def login(self, password: str, new_password: str = "") -> None:
        """Blocking. Raises PresalesError."""

    def confirm_deletes(self) -> None:
        """The user has seen the mass delete and means it."""


class SyncDesk(QObject):
    """`changed(SyncStatus)` whenever the link says something new; rows from elsewhere go to the bus."""

    changed = Signal(object)

    def __init__(self, bus: ChangeBus, pool: jobs.Pool, link: LinkLike, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bus, self._pool = bus, pool
        self._open = True
        self._refs: set[tuple[str, UUID]] = set()
        self._gather = QTimer(self, singleShot=True, interval=GATHER_MS)
        self._gather.timeout.connect(self._tell)
        self.link = link
        link.on_status, link.on_changes = self._heard, self._arrived
        self.status: SyncStatus = link.status

    # from the link's thread

    def _heard(self, status: SyncStatus) -> None:
        jobs.on_ui_thread(lambda: self._show(status))

    def _arrived(self, refs: Refs) -> None:
        jobs.on_ui_thread(lambda: self._collect(refs))

    # on the UI thread

    def _show(self, status: SyncStatus) -> None:
        if self._open and status != self.status:
            self.status = status
            self.changed.emit(status)

    def _collect(self, refs: Refs) -> None:
        if self._open:
            self._refs |= refs
            if not self._gather.isActive():
                self._gather.start()

    def _tell(self) -> None:
        refs, self._refs = self._refs, set()
        if refs:
            self._bus.arrived(refs)

    def start(self) -> None:
        """Begin, once the window is usable."""
        self.link.start()

    def sync_now(self) -> None:
        """Send and fetch now."""
        self.link.sync_now()

    def login(self, password: str, new_password: str = "") -> jobs.Pending[None]:
        """Log in again, on a worker; NEW_PASSWORD where one is due. Raises PresalesError when awaited."""
        return self._pool.run(self.link.login, password, new_password)

    def confirm_deletes(self) -> None:
        """Go on with a mass delete that was held back."""
        self.link.confirm_deletes()

    def close(self) -> None:
        """End the link, waiting STOP_S at most."""
        if not self._open:
            return
        self._open = False
        self._gather.stop()
        ending = threading.Thread(target=self.link.stop, name="link-stop", daemon=True)
        ending.start()
        ending.join(STOP_S)
