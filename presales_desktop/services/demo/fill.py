"""Fills an empty workspace with the demo company, area by area."""

from __future__ import annotations

import datetime as dt
import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module

from sqlalchemy import Engine

from presales_desktop.models.permissions import Actor
from presales_desktop.models.values import shanghai_day
from presales_desktop.services.demo import users
from presales_desktop.services.demo.stage import Stage
from presales_desktop.store.engine import filling

# Of the time that the whole takes, in percent, and in how many transactions it is made: for the bar only.
SHARES = {
    "customers": (7, 64), "cases": (6, 130), "catalogue": (20, 6), "surveys": (10, 132), "designs": (9, 59),
    "quotes": (36, 212), "credit": (4, 60), "contracts": (7, 75), "prices": (1, 20), "agenda": (1, 20),
}  # fmt: skip
AREAS = ("customers", "cases", "catalogue", "surveys", "designs", "quotes", "credit", "contracts", "prices", "agenda")
TITLES = {
    "customers": "客户",
    "cases": "项目",
    "catalogue": "产品",
    "surveys": "需求调研",
    "designs": "方案设计",
    "quotes": "报价",
    "credit": "信用",
    "contracts": "合同",
    "prices": "调价",
    "agenda": "工作台",
}


def each_area(say: Callable[[int, int, str], None]) -> Callable[[int, int, str], None]:
    """A progress that SAYs once for each area: a terminal shows lines, not a bar."""
    last = ""

    def progress(done: int, total: int, what: str) -> None:
        nonlocal last
        if what and what != last:
            last = what
            say(done, total, what)

    return progress


@contextmanager
def _seldom_collecting() -> Iterator[None]:
    """Records come by the thousand and go by themselves: looking for cycles among them all the time costs a fifth of the filling."""
    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)


class _Bar:
    """Tells how far it is: when another area begins, and with each further hundredth."""

    def __init__(self, progress: Callable[[int, int, str], None], stage: Stage, areas: tuple[str, ...]) -> None:
        self._progress, self._stage = progress, stage
        self._total = sum(SHARES[area][0] for area in areas)
        self._before = self._share = self._last = 0
        self._transactions = 1
        self._title = ""

    def area(self, name: str) -> None:
        """The area NAME begins."""
        self._before += self._share
        self._share, self._transactions = SHARES[name]
        self._title, self._last = TITLES[name], -1
        self._stage.begun, self._stage.on_begin = 0, self._look
        self._look()

    def _look(self) -> None:
        done = self._before + self._share * min(self._stage.begun, self._transactions) // self._transactions
        if done > self._last:
            self._last = done
            self._progress(done, self._total, self._title)

    def end(self) -> None:
        """All of it is made."""
        self._progress(self._total, self._total, "")


def fill(
    engine: Engine,
    progress: Callable[[int, int, str], None] = lambda done, total, what: None,
    today: dt.date | None = None,
    areas: tuple[str, ...] = AREAS,
) -> dict[str, Actor]:
    """Make the demo company; the demo users' actors by login.

    PROGRESS(done, total, area's Chinese title), called a hundred times, may raise to stop: then the file is to be thrown away.
    """
    with _seldom_collecting(), filling(engine):
        actors = users.fill(engine)
        stage = Stage(engine, actors, today or shanghai_day(dt.datetime.now(dt.UTC)))
        bar = _Bar(progress, stage, areas)
        for area in areas:
            bar.area(area)
            # One module an area, found by its name: the window starts without loading any of them.
            import_module(f"presales_desktop.services.demo.{area}").fill(stage)
    bar.end()
    return actors
