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


def fill(
    engine: Engine,
    progress: Callable[[int, int, str], None] = lambda done, total, what: None,
    today: dt.date | None = None,
    areas: tuple[str, ...] = AREAS,
) -> dict[str, Actor]:
    """Make the demo company; the demo users' actors by login. PROGRESS(done, total, area's Chinese title) may raise to stop."""
    with _seldom_collecting(), filling(engine):
        actors = users.fill(engine)
        stage = Stage(engine, actors, today or shanghai_day(dt.datetime.now(dt.UTC)))
        for done, area in enumerate(areas):
            progress(done, len(areas), TITLES[area])
            # One module an area, found by its name: the window starts without loading any of them.
            import_module(f"presales_desktop.services.demo.{area}").fill(stage)
    progress(len(areas), len(areas), "")
    return actors
