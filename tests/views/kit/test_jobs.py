"""What is asked of a thread: answers, errors and the end of everything that was handed over, all on the UI thread."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import QObject

from presales_desktop.views.kit import jobs

MAIN = threading.main_thread()


class Held:
    """Tells on which thread the last hold on it ended."""

    def __init__(self, ends: list[threading.Thread]) -> None:
        self._ends = ends

    def __del__(self) -> None:
        self._ends.append(threading.current_thread())

    def work(self) -> int:
        return 1

    def fail(self) -> int:
        raise ValueError("held")


@pytest.fixture
def pool(qapp: Any) -> Iterator[jobs.Pool]:
    jobs.prepare()
    made = jobs.Pool(1)
    yield made
    made.close()


ASKED: dict[str, Callable[[jobs.Pool, Held], jobs.Pending[Any]]] = {
    "its method": lambda pool, held: pool.run(held.work),
    "an argument": lambda pool, held: pool.run(lambda one: 1, held),
    "a closure": lambda pool, held: pool.run(lambda: held.work()),
    "the answer": lambda pool, held: pool.run(lambda: held),
    "the frames of an error": lambda pool, held: pool.run(held.fail),
}


@pytest.mark.parametrize("way", ASKED)
def test_what_a_thread_was_given_ends_on_the_ui_thread(qtbot: Any, pool: jobs.Pool, way: str) -> None:
    ends: list[threading.Thread] = []
    for _ in range(50):
        done: list[bool] = []
        ASKED[way](pool, Held(ends)).add_done(partial(done.append, True))
        qtbot.waitUntil(lambda done=done: bool(done), timeout=5_000)
    pool.close()
    gc.collect()

    assert len(ends) == 50
    assert set(ends) == {MAIN}


def test_answers_and_errors_arrive_on_the_ui_thread(qtbot: Any, pool: jobs.Pool) -> None:
    seen: list[Any] = []

    async def job() -> None:
        seen.append((await pool.run(lambda a, b: a + b, 1, b=2), threading.current_thread()))
        try:
            await pool.run(Held([]).fail)
        except ValueError as error:
            seen.append((str(error), threading.current_thread()))

    owner = QObject()
    with qtbot.waitSignal(jobs.start(owner, job()).finished):
        pass

    assert seen == [(3, MAIN), ("held", MAIN)]


def test_what_waited_when_the_pool_closed_is_cancelled(qtbot: Any, qapp: Any) -> None:
    jobs.prepare()
    go = threading.Event()
    executor = ThreadPoolExecutor(1)
    first, second = jobs.ask(executor, go.wait), jobs.ask(executor, lambda: 2)
    ended: list[bool] = []
    second.add_done(lambda: ended.append(True))
    executor.shutdown(wait=False, cancel_futures=True)
    go.set()
    qtbot.waitUntil(lambda: bool(ended), timeout=5_000)

    with pytest.raises(jobs.Cancelled):
        second.result()
    executor.shutdown(wait=True)
    qtbot.waitUntil(lambda: first._done, timeout=5_000)
    assert first.result() is True


def test_progress_is_heard_on_the_ui_thread(qtbot: Any, pool: jobs.Pool) -> None:
    progress = jobs.Progress()
    heard: list[tuple[Any, ...]] = []
    progress.changed.connect(lambda *values: heard.append((*values, threading.current_thread())))
    pool.run(progress.step, 2, 7, "a")
    qtbot.waitUntil(lambda: bool(heard), timeout=5_000)

    assert heard == [(2, 7, "a", MAIN)]


def test_work_ends_at_its_next_step_when_its_page_goes(qtbot: Any, pool: jobs.Pool) -> None:
    """Again and again, at whatever moment the thread is just reporting."""

    def work(step: Callable[[int, int], None], begun: threading.Event) -> None:
        done = 0
        while True:
            step(done, 10)
            begun.set()
            done += 1

    for _ in range(20):
        page, begun = QObject(), threading.Event()
        pending = pool.run(work, jobs.Progress(page).step, begun)
        assert begun.wait(5)
        shiboken6.delete(page)
        qtbot.waitUntil(lambda pending=pending: pending._done, timeout=5_000)
        with pytest.raises(jobs.Cancelled):
            pending.result()
