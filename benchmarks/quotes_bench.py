"""Quotes: a keystroke in 200 and 2,000 lines up to the totals, the PDF of 200 lines, a jump to the middle of 1,000,000 lines.

`run()` → [{"name", "value", "unit", "n"}]; values are medians in milliseconds.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from presales_desktop.models import quote_pricing
from presales_desktop.models.permissions import Actor
from presales_desktop.services import cases, customers, quote_lines, quotes
from presales_desktop.services.demo import users as demo_users
from presales_desktop.services.listing import ListQuery
from presales_desktop.services.quote_drafts import QuoteDraft, QuoteLineDraft
from presales_desktop.services.work import Runner
from presales_desktop.store import workspace as store
from sync.ids import uuid7

LINES = 1_000_000
_PER_QUOTE = 200


def _median(call: Callable[[], Any], n: int) -> float:
    call()
    times = []
    for _ in range(n):
        begun = time.perf_counter()
        call()
        times.append(time.perf_counter() - begun)
    return statistics.median(times) * 1000


# What issues 2 and 5 promise at most, ms.
_TARGETS = {
    "keystroke_to_totals_200_lines": 16,
    "keystroke_to_totals_2000_lines": 16,
    "page_keystroke_to_painted_totals_200_lines": 16,
    "page_keystroke_to_painted_totals_2000_lines": 16,
    "page_open_2000_lines": 300,
    "pdf_200_lines": 500,
    "pdf_2000_lines": 4000,
    "pdf_2000_lines_size": 1000,
    "pdf_200_lines_with_loading": 500,
    "million_lines_jump_to_the_middle": 30,
    "million_lines_first_page": 30,
}


def _figure(name: str, value: float, n: int, unit: str = "ms") -> dict[str, Any]:
    target = {"target": _TARGETS[name]} if name in _TARGETS else {}
    return {"name": f"quotes.{name}", "value": round(value, 3), "unit": unit, "n": n, **target}


def lines_of(count: int) -> list[QuoteLineDraft]:
    """Plausible lines in rooms of twenty."""
    made = []
    for n in range(count):
        if n % 20 == 0:
            made.append(QuoteLineDraft(type="section", name=f"区域 {n // 20 + 1}", quantity=Decimal(0), unit=""))
        made.append(
            QuoteLineDraft(
                name=f"嵌入式防眩筒灯 {n}", model=f"DG-DL{n:04d}-30K", spec="9W 850lm 3000K Ra95 24° IP44", unit="套",
                quantity=Decimal(n % 37 + 1), unit_price_fen=12_800 + n * 37, discount_percent=Decimal(n % 4).scaleb(-2),
                lead_days=15, note="含驱动" if n % 3 else "",
            )
        )  # fmt: skip
    return made


def _pricing() -> Iterator[dict[str, Any]]:
    for count in (200, 2000):
        draft = QuoteDraft(discount_percent=Decimal("0.03"), discount_fen=1000, lines=lines_of(count))

        def keystroke(draft: QuoteDraft = draft) -> None:
            draft.lines[7].quantity += 1
            quote_pricing.price(draft.lines, draft)

        yield _figure(f"keystroke_to_totals_{count}_lines", _median(keystroke, 50), 50)


def _page(runner: Runner, quote_id: Any, count: int = 200) -> Iterator[dict[str, Any]]:
    """The same keystroke in the real page: cell, draft, totals, capitals; and how long the page takes to open."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    from presales_desktop.settings import DeviceSettings
    from presales_desktop.views.kit import jobs, theme
    from presales_desktop.views.kit.context import ViewContext
    from presales_desktop.views.kit.db import ChangeBus, Db
    from presales_desktop.views.quotes.editor import QuoteEditor

    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    jobs.prepare()
    theme.apply(app, "light")
    bus = ChangeBus()
    db, pool = Db(runner, bus), jobs.Pool(1)
    begun = time.perf_counter()
    page = QuoteEditor(ViewContext(db, pool, bus, None, DeviceSettings(None), runner.actor), quote_id, {})  # type: ignore[arg-type]  # no navigation is needed
    page.resize(1366, 768)
    page.show()
    while not hasattr(page, "timeline") or page.shown is None or not page.totals.total_text:
        QTest.qWait(1)
    app.processEvents()
    opened = (time.perf_counter() - begun) * 1000
    QTest.qWait(300)
    column = next(i for i, c in enumerate(page.lines.lines.columns) if c.name == "quantity")
    quantities = iter(range(1000, 100_000))

    def keystroke() -> None:
        page.lines.lines.set_text(1, column, str(next(quantities)))
        app.processEvents()

    yield _figure(f"page_keystroke_to_painted_totals_{count}_lines", _median(keystroke, 40), 40)
    yield _figure(f"page_open_{count}_lines", opened, 1)
    page.leave()
    page.close()
    db.close()
    pool.close()


def _million(engine: Engine, runner: Runner, quote_id: Any) -> Iterator[dict[str, Any]]:
    now = "2026-11-23 02:00:00.000000"
    names = (
        "id", "version", "created_at", "created_by", "updated_at", "updated_by", "quote_id", "sort", "type", "room",
        "variant_id", "name", "model", "spec", "unit", "quantity", "list_price_fen", "unit_price_fen", "discount_percent",
        "amount_fen", "lead_days", "image_sha256", "note", "attention",
    )  # fmt: skip
    quote = quote_id.hex

    def rows() -> Iterator[tuple[Any, ...]]:
        for n in range(LINES):
            yield (
                uuid7().hex, 1, now, None, now, None, quote, n % _PER_QUOTE, "item", "大堂", None, f"防眩筒灯 {n % 997}",
                "DG-DL75-30K", "9W 850lm 3000K Ra95", "套", 12_000, 12_800, 12_800, 0, 153_600, 15, "", "", "",
            )  # fmt: skip

    with engine.begin() as connection:
        cursor = connection.connection.driver_connection.cursor()  # type: ignore[union-attr]
        marks = ",".join("?" * len(names))
        cursor.executemany(f"INSERT INTO quote_line({','.join(names)}) VALUES ({marks})", rows())
        cursor.close()
    middles = iter(range(LINES // 2, LINES, 997))

    def jump() -> None:
        page = runner.run(quote_lines.list_rows, ListQuery(offset=next(middles), limit=50))[0]
        assert len(page.rows) == 50
        assert page.total > LINES

    yield _figure("million_lines_jump_to_the_middle", _median(jump, 21), 21)
    top = _median(lambda: runner.run(quote_lines.list_rows, ListQuery(limit=50)), 21)
    yield _figure("million_lines_first_page", top, 21)


def _printing(runner: Runner, quote_id: Any) -> Iterator[dict[str, Any]]:
    from presales_desktop.reports import registry

    report = registry.find("quote", "x.pdf")
    document = runner.run(report.load, quote_id)[0]
    yield _figure("pdf_200_lines", _median(lambda: report.render(document, "zh"), 7), 7)

    def whole() -> None:
        report.render(runner.run(report.load, quote_id)[0], "zh")

    yield _figure("pdf_200_lines_with_loading", _median(whole, 7), 7)


def _large(runner: Runner, quote_id: Any) -> Iterator[dict[str, Any]]:
    from presales_desktop.reports import registry

    report = registry.find("quote", "x.plain.pdf")
    document = runner.run(report.load, quote_id)[0]
    yield _figure("pdf_2000_lines", _median(lambda: report.render(document, "zh"), 3), 3)
    yield _figure("pdf_2000_lines_size", len(report.render(document, "zh")) / 1000, 1, "kB")


def _quote(runner: Runner, count: int = 200) -> Any:
    customer = runner.run(customers.new_draft, {})[0]
    customer.name, customer.phone = f"深圳前海星河湾酒店管理有限公司{count}", f"0755-8320{count:04d}"
    customer_id = runner.run(customers.save, customer)[0]
    case = runner.run(cases.new_draft, {"customer_id": customer_id})[0]
    case.customer_id, case.title = customer_id, "星河湾酒店"
    draft = runner.run(quotes.new_draft, {"case_id": runner.run(cases.save, case)[0]})[0]
    draft.lines = lines_of(count)
    return runner.run(quotes.save, draft)[0]


def run() -> list[dict[str, Any]]:
    """All figures."""
    os.environ["PRESALES_NO_KEYRING"] = "1"
    found = list(_pricing())
    with (
        tempfile.TemporaryDirectory(prefix="quotes-bench-") as folder,
        store.create(Path(folder) / "w", passphrase="benchmark only", demo=True) as made,
    ):
        actors: dict[str, Actor] = demo_users.fill(made.engine)
        runner = Runner(made.engine, actors["wangmin"])
        quote_id = _quote(runner)
        found += _printing(runner, quote_id)
        found += _page(runner, quote_id)
        large = _quote(runner, 2000)
        found += _page(runner, large, 2000)
        found += _large(runner, large)
        found += _million(made.engine, runner, quote_id)
    return found
