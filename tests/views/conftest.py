"""Fixtures for pages: a context on a real database, with a navigation that records instead of opening."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from presales_desktop.services.work import Runner
from presales_desktop.settings import DeviceSettings
from presales_desktop.views.kit import jobs
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.db import ChangeBus, Db
from tests.views.standing import _models_keep_their_word, _no_layout_items

__all__ = ["_models_keep_their_word", "_no_layout_items"]


class RecordingNavigation:
    """Remembers what pages asked for. Errors land in `errors`: tests that expect none check it is empty."""

    def __init__(self) -> None:
        self.opened: list[tuple[str, UUID]] = []
        self.made: list[tuple[str, dict[str, Any]]] = []
        self.listed: list[tuple[str, dict[str, str]]] = []
        self.toasts: list[str] = []
        self.errors: list[BaseException] = []

    def open(self, kind: str, record_id: UUID, parts: Any = ()) -> None:
        self.opened.append((kind, record_id))
        self.parts = tuple(parts)

    def new(self, kind: str, **initial: Any) -> None:
        self.made.append((kind, initial))

    def list(self, key: str, **filters: str) -> None:
        self.listed.append((key, filters))

    def toast(self, text: str, *, tone: str = "neutral", action: tuple[str, Callable[[], None]] | None = None) -> None:
        self.toasts.append(text)

    def show_error(self, error: BaseException, page: QWidget | None = None) -> None:
        self.errors.append(error)


@pytest.fixture(autouse=True, scope="module")
def _collector_off() -> Iterator[None]:
    """As in the program (kit/garbage.py): widgets in a cycle must not be destroyed by the database thread, nor by that of pytest-xdist."""
    gc.disable()
    yield
    gc.collect()
    gc.enable()


@pytest.fixture(autouse=True)
def _collect_on_this_thread() -> Iterator[None]:
    yield
    gc.collect(1)


@pytest.fixture
def make_ctx(qapp: Any, as_user: Callable[[str], Runner]) -> Iterator[Callable[[str], ViewContext]]:
    """make_ctx("sales") → ViewContext acting as that role; its nav is a RecordingNavigation."""
    jobs.prepare()
    made: list[ViewContext] = []

    def make(who: str = "sales") -> ViewContext:
        bus = ChangeBus()
        runner = as_user(who)
        nav = RecordingNavigation()
        context = ViewContext(Db(runner, bus), jobs.Pool(1), bus, nav, DeviceSettings(None), runner.actor)
        jobs.set_reporter(nav.show_error)
        made.append(context)
        return context

    yield make
    for context in made:
        context.db.close()
        context.pool.close()


@pytest.fixture
def ctx(make_ctx: Callable[[str], ViewContext]) -> ViewContext:
    """A context acting as sales (wangmin)."""
    return make_ctx("sales")


@pytest.fixture
def settle(qtbot: Any) -> Callable[[ViewContext], None]:
    """settle(ctx): wait until the database and the worker threads have nothing left to do, pages have heard of it and are built."""

    def built() -> bool:
        return not any(getattr(widget, "building", False) for widget in QApplication.allWidgets())

    def quiet(context: ViewContext) -> None:
        for _ in range(3):
            done: list[bool] = []
            context.db.run(lambda work: None).add_done(lambda done=done: done.append(True))
            qtbot.waitUntil(lambda done=done: bool(done), timeout=30000)
            finished: list[bool] = []
            context.pool.run(lambda: None).add_done(lambda finished=finished: finished.append(True))
            qtbot.waitUntil(lambda finished=finished: bool(finished), timeout=30000)

    def wait(context: ViewContext) -> None:
        quiet(context)
        if not built():
            qtbot.waitUntil(built, timeout=30000)
            quiet(context)

    return wait
