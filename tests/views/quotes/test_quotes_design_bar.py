"""The quote page says before anybody tries that its design has not passed, and follows the review while it is open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from PySide6.QtWidgets import QPushButton

from presales_desktop.services import design_steps, quotes
from presales_desktop.services.work import ChangeSet
from presales_desktop.views.quotes import FEATURE
from presales_desktop.views.quotes.editor import QuoteEditor
from tests.helpers.design_data import World, make_world, saved

Run = Callable[..., Any]


@pytest.fixture
def world(run: Run) -> World:
    return make_world(run)


@pytest.fixture
def open_page(qtbot: Any, make_ctx: Any, settle: Any) -> Callable[..., QuoteEditor]:
    def make_it(quote_id: UUID | None = None, **initial: Any) -> QuoteEditor:
        ctx = make_ctx("sales")
        page = FEATURE.editor(ctx, quote_id, initial)
        assert isinstance(page, QuoteEditor)
        qtbot.addWidget(page)
        page.resize(1200, 760)
        page.show()
        qtbot.waitUntil(lambda: page.is_built, timeout=15_000)
        settle(ctx)
        return page

    return make_it


def stored(run: Run, design_id: UUID) -> UUID:
    draft = run("sales", quotes.new_draft, {"design_id": design_id})
    for line in draft.lines:
        line.unit_price_fen, line.attention = (10_000 if line.type == "item" else 0), ""
    return run("sales", quotes.save, draft)  # type: ignore[no-any-return]


def approve_quote(run: Run, quote_id: UUID) -> None:
    run("sales", quotes.do, quote_id, "submit", {})
    run("finance", quotes.do, quote_id, "approve", {})
    run("sales_head", quotes.do, quote_id, "approve", {})


def test_a_new_quote_from_an_unreviewed_design_says_so(open_page: Any, world: World, run: Run) -> None:
    page = open_page(None, design_id=saved(run, world))
    assert "还没有提交评审" in page.design_bar.text
    page.design_bar.findChild(QPushButton, "quote.design_bar.open").click()
    assert page.ctx.nav.opened == [("design", page.draft.value.design_id)]


def test_the_bar_goes_and_sending_opens_when_the_review_passes(
    qtbot: Any, open_page: Any, world: World, run: Run
) -> None:
    design_id = saved(run, world)
    quote_id = stored(run, design_id)
    approve_quote(run, quote_id)
    page = open_page(quote_id)
    send = next(s for s in page.steps() if s.action == "send")
    assert not send.enabled
    assert "还没有通过内部评审" in send.why
    assert page.design_bar.text
    run("design", design_steps.submit, design_id)
    run("technical", design_steps.decide, design_id, "approve")
    page.ctx.bus.changed.emit(ChangeSet(frozenset({("design", design_id)})), None)
    qtbot.waitUntil(lambda: page.design_bar.text == "", timeout=5000)
    assert next(s for s in page.steps() if s.action == "send").enabled


def test_a_draft_changes_to_the_passed_revision_and_back(qtbot: Any, open_page: Any, world: World, run: Run) -> None:
    first = saved(run, world)
    quote_id = stored(run, first)
    run("design", design_steps.submit, first)
    second = run("design", design_steps.revise, first)
    run("design", design_steps.submit, second)
    run("technical", design_steps.decide, second, "approve")
    page = open_page(quote_id)
    assert "没有评审就被新版取代" in page.design_bar.text
    page.design_bar.findChild(QPushButton, "quote.design_bar.switch").click()
    qtbot.waitUntil(lambda: page.draft.value.design_id == second and page.design_bar.text == "", timeout=5000)
    page.draft.undo_stack.undo()
    qtbot.waitUntil(lambda: page.draft.value.design_id == first and page.design_bar.text != "", timeout=5000)
