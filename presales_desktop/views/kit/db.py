"""The one thread that owns the database, and the bus that tells pages what changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar
from uuid import UUID

from PySide6.QtCore import QObject, Signal

from presales_desktop.services.work import ChangeSet, Runner
from presales_desktop.views.kit.jobs import Pending, ask, never

T = TypeVar("T")


class ChangeBus(QObject):
    """`changed(changes, initiator)` after each commit; the initiator is the page that saved, so that it can ignore its own.

    What came from other laptops has the bus itself as its initiator.
    """

    changed = Signal(object, object)

    def arrived(self, refs: Iterable[tuple[str, UUID]]) -> None:
        """Rows REFS (kind, id of the whole) were changed by sync."""
        self.changed.emit(ChangeSet(frozenset(refs)), self)


class Db:
    """`await db.run(customers.load, customer_id)`: runs load(work, customer_id) on the database thread."""

    def __init__(self, runner: Runner, bus: ChangeBus) -> None:
        self.runner = runner
        self.bus = bus
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="database")
        self._closed = False

    def run(
        self, function: Callable[..., T], /, *args: Any, initiator: QObject | None = None, **kwargs: Any
    ) -> Pending[T]:
        """FUNCTION(work, *args, **kwargs) in a transaction of its own; its answer arrives on the UI thread.

        After a commit that changed something, bus.changed goes out before the answer is delivered.
        Once closed, whoever awaits an answer is cancelled: pages of a window that goes may still ask.
        """
        if self._closed:
            return never()
        inner = ask(self._executor, self.runner.run, function, *args, **kwargs)
        outer: Pending[T] = Pending()

        def arrived() -> None:
            try:
                result, changes = inner.result()
            except BaseException as error:  # noqa: BLE001  # handed on to whoever awaits
                outer.reject(error)
                return
            if isinstance(changes, ChangeSet) and changes:
                self.bus.changed.emit(changes, initiator)
            outer.resolve(result)

        inner.add_done(arrived)
        return outer

    def close(self) -> None:
        """Finish what is running, then stop."""
        self._closed = True
        self._executor.shutdown(wait=True, cancel_futures=False)
