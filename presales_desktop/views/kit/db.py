"""The one thread that owns the database, and the bus that tells pages what changed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal

from presales_desktop.services.work import ChangeSet, Runner
from presales_desktop.views.kit.jobs import Pending, deliver

T = TypeVar("T")


class ChangeBus(QObject):
    """`changed(changes, initiator)` after each commit; the initiator is the page that saved, so that it can ignore its own."""

    changed = Signal(object, object)


class Db:
    """`await db.run(customers.load, customer_id)`: runs load(work, customer_id) on the database thread."""

    def __init__(self, runner: Runner, bus: ChangeBus) -> None:
        self.runner = runner
        self.bus = bus
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="database")

    def run(
        self, function: Callable[..., T], /, *args: Any, initiator: QObject | None = None, **kwargs: Any
    ) -> Pending[T]:
        """FUNCTION(work, *args, **kwargs) in a transaction of its own; its answer arrives on the UI thread.

        After a commit that changed something, bus.changed goes out before the answer is delivered.
        """
        inner = deliver(self._executor.submit(self.runner.run, function, *args, **kwargs))
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
        self._executor.shutdown(wait=True, cancel_futures=False)
