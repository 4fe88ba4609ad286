"""The approval desk: a page of the queue of 10,000 quotes that wait for finance and for a superior, and the whole view of one quote.

`run()` → [{"name", "value", "unit", "n"}]; values are medians in milliseconds.
"""

from __future__ import annotations

import datetime as dt
import statistics
import tempfile
import time
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert

from presales_desktop.models.quotes import Quote, QuoteLine
from presales_desktop.services import cases, customers, quote_desk
from presales_desktop.services.demo import users as demo_users
from presales_desktop.services.listing import ListQuery
from presales_desktop.services.work import Runner
from presales_desktop.store import workspace as store
from sync.ids import uuid7

QUOTES = 10_000
_LINES = 3
_TARGETS = {"queue_10000": 100, "queue_10000_superior": 100, "queue_10000_by_age": 100}


def _fill(connection: Connection, case_id: Any, customer_id: Any, seller: Any) -> Any:
    now = dt.datetime.now(dt.UTC)
    stamps: dict[str, Any] = {
        "version": 1,
        "created_at": now,
        "created_by": seller,
        "updated_at": now,
        "updated_by": seller,
    }
    quotes = [
        {
            "id": (own := uuid7()), "number": f"BJ{i:08d}", "family_id": own, "revision": 1, "title": f"项目 {i}", "case_id": case_id,
            "customer_id": customer_id, "owner_id": seller, "state": "submitted", "submitted_by": seller,
            "submitted_at": now - dt.timedelta(hours=i % 700), "total_fen": 100_000 + i * 7919 % 90_000_000,
            "content_hash": f"{i:064x}", "frozen": "{}", **stamps,
        }
        for i in range(QUOTES)
    ]  # fmt: skip
    lines = [
        {"id": uuid7(), "quote_id": quote["id"], "sort": n, "name": "筒灯", "quantity": Decimal(n + 1), "unit_price_fen": 12_800, **stamps}
        for quote in quotes
        for n in range(_LINES)
    ]  # fmt: skip
    connection.execute(insert(Quote), quotes)
    connection.execute(insert(QuoteLine), lines)
    return quotes[0]["id"]


def run() -> list[dict[str, Any]]:
    """All figures of the desk."""
    made = []
    with tempfile.TemporaryDirectory() as folder, store.create(Path(folder) / "workspace", demo=True) as workspace:
        actors = demo_users.fill(workspace.engine)
        seller = Runner(workspace.engine, actors["wangmin"])
        customer = seller.run(customers.new_draft, {})[0]
        customer.name, customer.phone = "深圳前海星河湾酒店管理有限公司", "0755-83201234"
        customer_id = seller.run(customers.save, customer)[0]
        case = seller.run(cases.new_draft, {"customer_id": customer_id})[0]
        case.customer_id, case.title = customer_id, "星河湾酒店"
        case_id = seller.run(cases.save, case)[0]
        with workspace.engine.begin() as connection:
            quote_id = _fill(connection, case_id, customer_id, actors["wangmin"].id)
        for name, who, sort in (
            ("queue_10000", "zhoufang", ""),
            ("queue_10000_superior", "zhaolei", ""),
            ("queue_10000_by_age", "zhoufang", "submitted_at"),
        ):
            runner = Runner(workspace.engine, actors[who])
            times = []
            for _ in range(7):
                begun = time.perf_counter()
                page, _ = runner.run(quote_desk.queue, ListQuery(sort=sort, limit=200))
                times.append((time.perf_counter() - begun) * 1000)
            assert page.total == QUOTES
            assert len(page.rows) == 200
            assert all(row.step for row in page.rows)
            made.append(
                {"name": f"desk.{name}", "value": round(statistics.median(times), 1), "unit": "ms", "n": 7,
                 "target": _TARGETS[name]}
            )  # fmt: skip
        times = []
        for _ in range(7):
            begun = time.perf_counter()
            Runner(workspace.engine, actors["zhoufang"]).run(quote_desk.look, quote_id)
            times.append((time.perf_counter() - begun) * 1000)
        made.append({"name": "desk.look", "value": round(statistics.median(times), 1), "unit": "ms", "n": 7})
    return made
