"""The quote page beside its plan: differences, taking them over, leading to the luminaires."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtWidgets import QPushButton

from presales_desktop.services import designs, quotes
from presales_desktop.views.quotes import FEATURE
from presales_desktop.views.quotes.editor import QuoteEditor
from tests.helpers.design_data import World, lamp, make_world, saved

Run = Callable[..., Any]


@pytest.fixture
def world(run: Run) -> World:
    return make_world(run)


def test_a_luminaire_more_on_the_plan_is_one_more_on_the_quote(
    qtbot: Any, make_ctx: Any, settle: Any, run: Run, world: World
) -> None:
    design_id = saved(run, world)
    quote_id = run("sales", quotes.save, run("sales", quotes.new_draft, {"design_id": design_id}))
    ctx = make_ctx("sales")
    page = FEATURE.editor(ctx, quote_id, {})
    assert isinstance(page, QuoteEditor)
    qtbot.addWidget(page)
    page.resize(1200, 760)
    page.show()
    qtbot.waitUntil(lambda: page.is_built and page.hanging.against is not None, timeout=15_000)
    assert page.hanging.against is not None
    assert page.hanging.against.differing == ()
    place = next(n for n, line in enumerate(page.draft.value.lines) if line.type == "item")
    before = page.draft.value.lines[place].quantity
    plan = run("design", designs.load, design_id)
    plan.luminaires += [lamp(page.draft.value.lines[place].variant_id, 2.2, 1.2), lamp(world.panel, 1.0, 1.0)]
    run("design", designs.save, plan)
    page.hanging.load()
    qtbot.waitUntil(lambda: len(page.hanging.against.differing) >= 1, timeout=15_000)
    take = page.findChild(QPushButton, "quote.hanging.take")
    assert take is not None
    take.click()
    qtbot.waitUntil(lambda: page.hanging.against.differing == (), timeout=15_000)
    assert page.draft.value.lines[place].quantity == before + 1
    page.lines.show_cell(place, 1)
    page.hanging.locate()
    nav: Any = ctx.nav
    assert nav.opened[-1] == ("design", design_id)
    assert len(nav.parts) == before + 1
    page.draft.undo_stack.undo()
    assert page.draft.value.lines[place].quantity == before
    settle(ctx)
    assert nav.errors == []
