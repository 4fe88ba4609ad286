"""Where demo data is made: services run as demo users on chosen days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from random import Random
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Engine

from presales_desktop.models.permissions import Actor
from presales_desktop.models.values import SHANGHAI
from presales_desktop.services.work import Runner

T = TypeVar("T")


class Stage:
    """Runs services as demo users. `ids` holds what each area made: ids["customer"], ids["case"] …"""

    def __init__(self, engine: Engine, actors: dict[str, Actor], today: dt.date, seed: int = 20261123) -> None:
        self.engine = engine
        self.actors = actors
        self.today = today
        self.rng = Random(seed)
        self.ids: dict[str, list[UUID]] = {}
        # How many transactions were begun, and who is told before each (it may raise to stop).
        self.begun = 0
        self.on_begin: Callable[[], None] = lambda: None
        self._now = dt.datetime.combine(today, dt.time(9), SHANGHAI)

    def day(self, days_ago: int, hour: int = 10, minute: int = 0) -> dt.date:
        """Set the clock to HOUR:MINUTE in Shanghai DAYS_AGO days before today; that day."""
        date = self.today - dt.timedelta(days=days_ago)
        self._now = dt.datetime.combine(date, dt.time(hour, minute), SHANGHAI)
        return date

    def now(self) -> dt.datetime:
        """The stage's clock: goes on by a second at each look, so that orders stay told apart."""
        self._now += dt.timedelta(seconds=1)
        return self._now.astimezone(dt.UTC)

    def run(self, login: str, function: Callable[..., T], /, *args: Any, **kwargs: Any) -> T:
        """FUNCTION(work, …) as the demo user LOGIN, committed."""
        self.on_begin()
        self.begun += 1
        result, _ = Runner(self.engine, self.actors[login], self.now).run(function, *args, **kwargs)
        return result

    def note(self, kind: str, record_id: UUID) -> UUID:
        """Remember what was made."""
        self.ids.setdefault(kind, []).append(record_id)
        return record_id
