"""Fills an empty workspace with the demo company, area by area."""

from __future__ import annotations

import datetime as dt
import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
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
    "quotes": (36, 212), "credit": (4, 60), "contracts": (7, 75), "agenda": (1, 20),
}  # fmt: skip
AREAS = ("customers", "cases", "catalogue", "surveys", "designs", "quotes", "credit", "contracts", "agenda")
TITLES = {
    "customers": "客户",
    "cases": "项目",
    "catalogue": "产品",
    "surveys": "需求调研",
    "designs": "方案设计",
    "quotes": "报价",
    "credit": "信用",
    "contracts": "合同",
    "agenda": "工作台",
}


@contextmanager
def _seldom_collecting() -> Iterator[None]:
    """Records come by the thousand and go by themselves: looking for cycles among them all the time costs a fifth of the filling."""
    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _tell(progress: Callable[[int, int, str], None], stage: Stage, bar: tuple[int, int, int, int], title: str) -> None:
    before, share, transactions, total = bar
    progress(before + share * min(stage.begun, transactions) // transactions, total, title)


def fill(
    engine: Engine,
    progress: Callable[[int, int, str], None] = lambda done, total, what: None,
    today: dt.date | None = None,
    areas: tuple[str, ...] = AREAS,
) -> dict[str, Actor]:
    """Make the demo company; the demo users' actors by login.

    PROGRESS(done, total, area's Chinese title), called before each transaction, may raise to stop: then the file is to be thrown away.
    """
    with _seldom_collecting(), filling(engine):
        actors = users.fill(engine)
        stage = Stage(engine, actors, today or shanghai_day(dt.datetime.now(dt.UTC)))
        total = sum(SHARES[area][0] for area in areas)
        before = 0
        for area in areas:
            share, transactions = SHARES[area]
            stage.begun = 0
            stage.on_begin = partial(_tell, progress, stage, (before, share, transactions, total), TITLES[area])
            stage.on_begin()
            # One module an area, found by its name: the window starts without loading any of them.
            import_module(f"presales_desktop.services.demo.{area}").fill(stage)
            before += share
    progress(total, total, "")
    return actors
