"""Coroutines on Qt's own event loop: `jobs.start(page, page._load())`, inside it `rows = await ctx.db.run(f, …)`.

Why not asyncio tasks here: a coroutine that opens a menu or a file dialog (a nested event loop) would make asyncio re-enter a
running task. This driver has no current task, so nesting is harmless; network work has threads of its own.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Coroutine, Generator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from functools import partial
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal, SignalInstance
from shiboken6 import isValid

T = TypeVar("T")


class Cancelled(Exception):
    """The user cancelled, or the page that waited was closed."""


class _Bridge(QObject):
    """Carries a call from any thread to the UI thread."""

    call = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.call.connect(self._run, Qt.ConnectionType.QueuedConnection)

    def _run(self, function: Callable[[], None]) -> None:
        function()


_bridge: _Bridge | None = None


def on_ui_thread(function: Callable[[], None]) -> None:
    """Run FUNCTION on the UI thread soon. `prepare()` must have run there once before."""
    assert _bridge is not None, "jobs.prepare() first"
    _bridge.call.emit(function)


def prepare() -> None:
    """Make the bridge on the UI thread; called once when the application starts."""
    global _bridge
    if _bridge is None:
        _bridge = _Bridge()


class Pending(Generic[T]):
    """A result that arrives on the UI thread; await it inside a job, or give it `then` callbacks."""

    def __init__(self) -> None:
        self._done = False
        self._result: T | None = None
        self._error: BaseException | None = None
        self._callbacks: list[Callable[[], None]] = []

    def resolve(self, result: T) -> None:
        """Deliver the result (UI thread)."""
        self._finish(result, None)

    def reject(self, error: BaseException) -> None:
        """Deliver a failure (UI thread)."""
        self._finish(None, error)

    def _finish(self, result: T | None, error: BaseException | None) -> None:
        if self._done:
            return
        self._done, self._result, self._error = True, result, error
        callbacks, self._callbacks = self._callbacks, []
        for callback in callbacks:
            callback()

    def add_done(self, callback: Callable[[], None]) -> None:
        """Call back on the UI thread when done (at once if it already is)."""
        if self._done:
            callback()
        else:
            self._callbacks.append(callback)

    def result(self) -> T:
        """The result, or raise what went wrong."""
        if self._error is not None:
            raise self._error
        return self._result  # type: ignore[return-value]  # set together with _done

    def __await__(self) -> Generator[Pending[T], None, T]:
        if not self._done:
            yield self
        return self.result()


class Job(QObject):
    """A running coroutine that belongs to a widget: closed when the widget goes, its failure shown in one place."""

    finished = Signal()

    def __init__(
        self, owner: QObject, coroutine: Coroutine[Any, Any, Any], failed: Callable[[BaseException], None] | None
    ) -> None:
        super().__init__(owner)
        self._coroutine = coroutine
        self._failed = failed
        self.running = True
        owner.destroyed.connect(self._drop)

    def step(self) -> None:
        """Run the coroutine up to its next await."""
        if not self.running:
            return
        try:
            pending = self._coroutine.send(None)
        except StopIteration:
            self._end()
        except Cancelled:
            self._end()
        except Exception as error:  # noqa: BLE001  # the one place where a job's failure is shown
            failed = self._failed or report
            self._end()
            failed(error)
        else:
            pending.add_done(self.step)

    def cancel(self) -> None:
        """Stop at the current await; its finally blocks run."""
        if self.running:
            self._end()
            self._coroutine.close()

    def _end(self) -> None:
        self.running = False
        self._failed = None  # it may hold the last reference to the owner, which must not die inside our own end
        self.finished.emit()
        self.deleteLater()

    def _drop(self) -> None:
        if self.running:
            self.running = False
            self._coroutine.close()


def _raise_later(error: BaseException) -> None:
    """Without a presenter a failure must not vanish: it goes to sys.excepthook."""
    import sys

    sys.excepthook(type(error), error, error.__traceback__)


report: Callable[[BaseException], None] = _raise_later


def set_reporter(function: Callable[[BaseException], None]) -> None:
    """Where failures of jobs without a `failed` go: the shell's error presenter."""
    global report
    report = function


def start(
    owner: QObject, coroutine: Coroutine[Any, Any, Any], failed: Callable[[BaseException], None] | None = None
) -> Job:
    """Run COROUTINE for OWNER, its first part at once. FAILED gets the exception; without it the shell shows it."""
    job = Job(owner, coroutine, failed)
    job.step()
    return job


def sleep(milliseconds: int) -> Pending[None]:
    """Await a pause without blocking."""
    pending: Pending[None] = Pending()
    QTimer.singleShot(milliseconds, lambda: pending.resolve(None))
    return pending


def when(signal: SignalInstance) -> Pending[Any]:
    """Await the next emission of a signal (a dialog's `finished`)."""
    pending: Pending[Any] = Pending()
    signal.connect(lambda *values: pending.resolve(values[0] if values else None))
    return pending


class Progress(QObject):
    """Progress of slow work: `step(done, total, what)` from any thread; raises Cancelled there once the user cancelled or the page is gone."""

    changed = Signal(int, int, str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        prepare()
        cancelled = self._cancelled = threading.Event()
        self.destroyed.connect(lambda: cancelled.set())

    def cancel(self) -> None:
        """Ask the work to stop at its next step."""
        self._cancelled.set()

    def step(self, done: int, total: int, what: str = "") -> None:
        """Report from the worker."""
        if self._cancelled.is_set():
            raise Cancelled
        if threading.current_thread() is threading.main_thread():
            self._say(done, total, what)
        else:  # never a signal from there: the page may be taking this object along at this moment
            on_ui_thread(partial(self._say, done, total, what))

    def _say(self, done: int, total: int, what: str) -> None:
        if isValid(self):
            self.changed.emit(done, total, what)


class Pool:
    """Threads for work without the database: parsing, rendering, light. Results come back on the UI thread."""

    def __init__(self, threads: int = 2) -> None:
        self._executor: Executor = ThreadPoolExecutor(threads, thread_name_prefix="work")
        self._closed = False

    def run(self, function: Callable[..., T], /, *args: Any, **kwargs: Any) -> Pending[T]:
        """FUNCTION(*args) on a thread; Cancelled once the pool is closed."""
        if self._closed:
            return never()
        return ask(self._executor, function, *args, **kwargs)

    def close(self) -> None:
        """Wait for running work and stop."""
        self._closed = True
        self._executor.shutdown(wait=True, cancel_futures=True)


def never() -> Pending[Any]:
    """What is asked of a thread that ended: who awaits it stops there, quietly (its window is going)."""
    pending: Pending[Any] = Pending()
    pending.reject(Cancelled())
    return pending


class _Call(Generic[T]):
    """What a thread is to do and what came of it.

    A thread lets go of a call when it is through with it, which may be after the UI thread has got the answer and closed the page; the last
    hold on something of Qt (by an argument, a closure, the frames of an error) would then end on the wrong thread. So all a thread holds is
    this, and the UI thread empties it.
    """

    def __init__(self, function: Callable[..., T], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        self.pending: Pending[T] = Pending()
        self._what: tuple[Callable[..., T], tuple[Any, ...], dict[str, Any]] | None = (function, args, kwargs)
        self._tell: Callable[[Pending[T]], None] = _cancelled

    def __call__(self) -> None:
        assert self._what is not None
        function, args, kwargs = self._what
        try:
            result = function(*args, **kwargs)
        except BaseException as error:  # noqa: BLE001  # handed on to whoever awaits
            self._tell = partial(_reject, error)
        else:
            self._tell = partial(_resolve, result)

    def done(self, _future: Future[None]) -> None:
        """Ran or was cancelled (any thread)."""
        on_ui_thread(self._finish)

    def _finish(self) -> None:
        pending, tell = self.pending, self._tell
        self.pending, self._what, self._tell = Pending(), None, _cancelled
        tell(pending)


def _resolve(result: T, pending: Pending[T]) -> None:
    pending.resolve(result)


def _reject(error: BaseException, pending: Pending[Any]) -> None:
    pending.reject(error)


def _cancelled(pending: Pending[Any]) -> None:
    pending.reject(Cancelled())


def ask(executor: Executor, function: Callable[..., T], /, *args: Any, **kwargs: Any) -> Pending[T]:
    """FUNCTION(*args, **kwargs) on a thread of EXECUTOR; the answer arrives on the UI thread, and what it took is let go there."""
    call = _Call(function, args, kwargs)
    pending = call.pending
    executor.submit(call).add_done_callback(call.done)
    return pending
