"""The pages of price changes: a rule with its live preview is applied and rolled back; events lead to it, letters come from it."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from presales_desktop.services import catalogue_prices, price_events
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.dialogs import Sheet
from presales_desktop.views.prices.change import PriceChangeEditor
from presales_desktop.views.prices.event import PriceEventEditor
from presales_desktop.views.prices.list import changes_page, events_page, notices_page
from tests.services.quote_data import make_world

Run = Callable[..., Any]
Settle = Callable[[ViewContext], None]
WAIT = 15_000


@pytest.fixture
def shown(settle: Settle, qtbot: Any) -> Callable[[Any, ViewContext], Any]:
    def show(page: Any, ctx: ViewContext) -> Any:
        page.resize(1166, 900)
        qtbot.addWidget(page)
        page.show()
        settle(ctx)
        return page

    return show


def test_a_rule_shows_what_it_does_is_applied_and_lists_open(
    make_ctx: Callable[[str], ViewContext], run: Run, shown: Any, settle: Settle, qtbot: Any, clock: Any
) -> None:
    world = make_world(run)
    event = run("marketing", price_events.new_draft, {"subject": "铝锭", "unit": "元/吨", "source": "长江有色网"})
    event.value = Decimal(21_500)
    event_id = run("marketing", price_events.save, event)
    ctx = make_ctx("finance")
    seen = shown(PriceEventEditor(ctx, event_id), ctx)
    next(s for s in seen.steps() if s.action == "reprice").callback()
    assert ctx.nav.made == [("price_change", {"event_id": str(event_id)})]  # type: ignore[attr-defined]
    page = shown(PriceChangeEditor(ctx, None, {"event_id": str(event_id)}), ctx)
    assert page.draft.value.title == "铝锭"
    page.draft.set("percent", Decimal(10))
    page.draft.set("effective_on", clock().date())
    qtbot.waitUntil(lambda: page.found is not None and len(page.found.entries) == 3, timeout=WAIT)
    qtbot.waitUntil(lambda: page.table.windowed.total == 3, timeout=WAIT)
    page.run_step(next(s for s in page.steps() if s.action == "apply"))
    qtbot.waitUntil(lambda: bool(page.findChildren(Sheet)), timeout=WAIT)
    page.findChildren(Sheet)[-1].primary.click()
    qtbot.waitUntil(lambda: page.shown is not None and page.shown.state == "applied", timeout=WAIT)
    settle(ctx)
    price = run("finance", catalogue_prices.price_on, world.variants[0], clock().date())
    assert price == 14_100  # 128.00 and a tenth, in whole yuan
    assert page.read_only()
    for made in (changes_page(ctx), events_page(ctx), notices_page(ctx)):
        shown(made, ctx)
    assert not ctx.nav.errors  # type: ignore[attr-defined]
