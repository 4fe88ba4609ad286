"""The workbench of a seller, and of the head who sees all, over 2,000 open cases with surveys, quotes and approvals.

`run()` → [{"name", "value", "unit", "n", "target"}]; values are medians of processor time in milliseconds (the database is in the same process).
"""

from __future__ import annotations

import datetime as dt
import gc
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

from presales_desktop.models.cases import Case
from presales_desktop.models.customers import Customer
from presales_desktop.models.quotes import Quote
from presales_desktop.models.surveys import Survey
from presales_desktop.services import workbench
from presales_desktop.services.demo import users as demo_users
from presales_desktop.services.work import Runner, Work
from presales_desktop.store import workspace as store
from sync.ids import uuid7

CASES = 2_000
REPEAT = 15
_QUOTE_STATES = ("draft", "submitted", "approved", "sent", "sent", "accepted")


def fill(work: Work, count: int = CASES) -> None:
    """Open cases of one seller: two thirds with a survey, half with a quote of two revisions, in all the states."""
    customers: list[dict[str, Any]] = []
    cases: list[dict[str, Any]] = []
    surveys: list[dict[str, Any]] = []
    quotes: list[dict[str, Any]] = []
    me = work.actor.id
    for n in range(count):
        stamp = {
            "version": 1,
            "created_at": work.now - dt.timedelta(days=n % 90),
            "updated_at": work.now - dt.timedelta(days=n % 30),
        }
        customer, case, family = uuid7(), uuid7(), uuid7()
        name = f"锦绣湾酒店 {n}"
        customers.append(
            {"id": customer, **stamp, "number": f"KH{n:07d}", "name": name, "name_key": name, "owner_id": me}
        )
        cases.append(
            {
                "id": case,
                **stamp,
                "number": f"AL{n:07d}",
                "title": name,
                "customer_id": customer,
                "owner_id": me,
                "status": "open",
            }
        )
        if n % 3:
            surveys.append(
                {
                    "id": uuid7(), **stamp, "number": f"DC{n:07d}", "case_id": case, "customer_id": customer, "owner_id": me,
                    "state": "planned" if n % 6 == 1 else "draft", "planned_on": work.today + dt.timedelta(days=n % 9 - 4),
                    "scene": "大堂、客房与宴会厅",
                }
            )  # fmt: skip
        if n % 2:
            quotes += [
                {
                    "id": uuid7(), **stamp, "number": f"BJ{n:07d}", "family_id": family, "revision": revision, "title": name,
                    "case_id": case, "customer_id": customer, "owner_id": me, "total_fen": 12_345_600 + n,
                    "state": "superseded" if revision == 1 else _QUOTE_STATES[n // 2 % len(_QUOTE_STATES)],
                    "valid_until": work.today + dt.timedelta(days=n % 40),
                    "submitted_at": work.now, "content_hash": f"{n:064x}",
                }
                for revision in (1, 2)
            ]  # fmt: skip
    for model, rows in ((Customer, customers), (Case, cases), (Survey, surveys), (Quote, quotes)):
        work.session.execute(insert(model), rows)
    work.session.execute(text("ANALYZE"))


def _median(runner: Runner) -> float:
    runner.run(workbench.today)
    gc.disable()  # as in the window, where kit/garbage.py looks for cycles between the turns
    times = []
    for _ in range(REPEAT):
        begun = time.process_time()
        runner.run(workbench.today)
        times.append((time.process_time() - begun) * 1000)
    gc.enable()
    return round(statistics.median(times), 2)


def run(count: int = CASES) -> list[dict[str, Any]]:
    """Make the workspace in a temporary folder and measure."""
    with (
        tempfile.TemporaryDirectory() as folder,
        store.create(Path(folder) / "w", passphrase="benchmark pass phrase", demo=True) as made,
    ):
        actors = demo_users.fill(made.engine)
        seller = Runner(made.engine, actors["wangmin"])
        seller.run(fill, count)
        return [
            {
                "name": f"workbench.{name}",
                "value": _median(Runner(made.engine, actors[login])),
                "unit": "ms",
                "n": count,
                "target": 300,
            }
            for name, login in (("due_2000_cases", "wangmin"), ("due_2000_cases_of_the_company", "zhaolei"))
        ]


if __name__ == "__main__":
    import json

    print(json.dumps(run(), ensure_ascii=False, indent=1))
