"""Price changes: the preview of a rule over 50,000 prices in force (25,000 variants with a quantity break each, two rows of history),
by percent and by cost.

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

from presales_desktop.models.catalogue import Price, PriceFloor, Product, Variant, VariantCost
from presales_desktop.services import price_changes
from presales_desktop.services.demo import users as demo_users
from presales_desktop.services.price_changes import PriceChangeDraft
from presales_desktop.services.work import Runner
from presales_desktop.store import workspace as store
from sync.ids import uuid7

PRODUCTS = 5_000
VARIANTS = 25_000
_TARGETS = {"preview_50000_prices": 2000, "preview_50000_prices_cost_plus": 2000}


def _fill(connection: Connection) -> None:
    now = dt.datetime(2026, 11, 1, tzinfo=dt.UTC)
    stamps: dict[str, Any] = {
        "version": 1,
        "created_at": now,
        "created_by": None,
        "updated_at": now,
        "updated_by": None,
    }
    products = [uuid7() for _ in range(PRODUCTS)]
    variants = [uuid7() for _ in range(VARIANTS)]
    connection.execute(
        insert(Product),
        [
            {"id": p, "model_no": f"DG-{i:05d}", "name": f"防眩筒灯 {i}", "category": "downlight", "functions": [], **stamps}
            for i, p in enumerate(products)
        ],
    )  # fmt: skip
    connection.execute(
        insert(Variant),
        [
            {"id": v, "product_id": products[i % PRODUCTS], "sku": f"SKU-{i:06d}", **stamps}
            for i, v in enumerate(variants)
        ],
    )  # fmt: skip
    for day, base in ((dt.date(2026, 1, 1), 12_000), (dt.date(2026, 6, 1), 12_800)):
        for least, percent in ((1, 100), (50, 92)):
            connection.execute(
                insert(Price),
                [
                    {"id": uuid7(), "variant_id": v, "list_fen": (base + i % 997) * percent // 100, "min_quantity": least,
                     "effective_on": day, "source": "", "change_id": None, **stamps}
                    for i, v in enumerate(variants)
                ],
            )  # fmt: skip
    for model, column in ((VariantCost, "cost_fen"), (PriceFloor, "floor_fen")):
        connection.execute(
            insert(model),
            [
                {"id": uuid7(), "variant_id": v, column: 7_000 + i % 499, "effective_on": dt.date(2026, 1, 1), **stamps}
                for i, v in enumerate(variants)
            ],
        )  # fmt: skip


def run() -> list[dict[str, Any]]:
    """All figures of price changes."""
    made = []
    with tempfile.TemporaryDirectory() as folder, store.create(Path(folder) / "workspace", demo=True) as workspace:
        actors = demo_users.fill(workspace.engine)
        with workspace.engine.begin() as connection:
            _fill(connection)
        runner = Runner(workspace.engine, actors["zhoufang"])
        for name, method in (("preview_50000_prices", "percent"), ("preview_50000_prices_cost_plus", "cost_plus")):
            rule = PriceChangeDraft(method=method, percent=Decimal(7), rounding="1", effective_on=dt.date(2026, 12, 1))
            times = []
            for _ in range(5):
                begun = time.perf_counter()
                found, _ = runner.run(price_changes.preview, rule)
                times.append((time.perf_counter() - begun) * 1000)
            assert len(found.entries) == 2 * VARIANTS
            made.append(
                {"name": f"prices.{name}", "value": round(statistics.median(times), 1), "unit": "ms", "n": 5,
                 "target": _TARGETS[name]}
            )  # fmt: skip
    return made
