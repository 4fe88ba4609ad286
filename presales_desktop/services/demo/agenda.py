"""The sellers' own dates: who works with a list gives what has waited too long a new day, and still is late with something."""

from __future__ import annotations

import datetime as dt
from uuid import UUID

from presales_desktop.models.workdays import add_workdays
from presales_desktop.services import cases
from presales_desktop.services.demo.stage import Stage
from presales_desktop.services.listing import ListQuery
from presales_desktop.services.work import Work

_SELLERS = ("wangmin", "liqiang")
# The last two, the least late ones, stay late. The others are due in so many working days, over and over.
_STAY_LATE = 2
_AGREED = (0, 1, 3, 2, 5, 8, 4)


def fill(stage: Stage) -> None:
    """Whatever day it is, a few steps are late, several due this week, most later."""
    for login in _SELLERS:
        stage.day(0, 8, 30)
        for n, case_id in enumerate(stage.run(login, _late)[:-_STAY_LATE]):
            draft = stage.run(login, cases.load, case_id)
            draft.next_due_on = add_workdays(stage.today, _AGREED[n % len(_AGREED)])
            stage.run(login, cases.save, draft)


def _late(work: Work) -> list[UUID]:
    """The actor's own cases whose next step is late, the latest first."""
    rows = [r for r in cases.list_rows(work, ListQuery(limit=500)).rows if r.overdue and r.owner_id == work.actor.id]
    return [r.id for r in sorted(rows, key=lambda r: (r.next_due or dt.date.min, r.number))]
