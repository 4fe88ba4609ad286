"""The 工作台 page: its rows open with Enter, it follows changes, its funnel leads to the filtered list."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from presales_desktop.services import cases, customers
from presales_desktop.services.cases import CaseDraft
from presales_desktop.services.customers import CustomerDraft
from presales_desktop.services.work import Work
from presales_desktop.views.kit import theme
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.gallery import GalleryPage
from presales_desktop.views.kit.states import ErrorState
from presales_desktop.views.workbench.page import WorkbenchPage

Settle = Callable[[ViewContext], None]


def make_case(work: Work) -> Any:
    customer = customers.save(work, CustomerDraft(name="欧派照明有限公司"))
    return cases.save(work, CaseDraft(title="展厅改造", customer_id=customer, owner_id=work.actor.id))


@pytest.fixture
def page(qtbot: Any, ctx: ViewContext, settle: Settle) -> WorkbenchPage:
    made = WorkbenchPage(ctx)
    qtbot.addWidget(made)
    made.resize(1160, 720)
    made.show()
    settle(ctx)
    return made


def test_a_change_appears_and_its_row_opens_with_enter(
    qtbot: Any, ctx: ViewContext, settle: Settle, page: WorkbenchPage
) -> None:
    assert page.owed.tasks == ()
    ctx.db.run(make_case)
    qtbot.waitUntil(lambda: len(page.owed.tasks) == 1, timeout=5000)
    row = page.owed.rows[0]
    assert "展厅改造" in row.accessibleName()
    page.activateWindow()
    page.first_focus()
    qtbot.waitUntil(row.hasFocus, timeout=3000)
    qtbot.keyClick(row, Qt.Key.Key_Return)
    assert ctx.nav.opened == [("case", page.owed.tasks[0].id)]  # type: ignore[attr-defined]


def test_the_funnel_leads_to_the_cases_of_a_phase(qtbot: Any, ctx: ViewContext, page: WorkbenchPage) -> None:
    page.funnel.chosen.emit("quote")
    assert ctx.nav.listed == [("cases", {"phase": "quote"})]  # type: ignore[attr-defined]


def test_a_failure_is_shown_in_place_and_can_be_tried_again(
    qtbot: Any, ctx: ViewContext, settle: Settle, page: WorkbenchPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    from presales_desktop.models.errors import EnvironmentProblem
    from presales_desktop.services import workbench

    def broken(_work: Work) -> None:
        raise EnvironmentProblem("store.locked")

    with monkeypatch.context() as patch:
        patch.setattr(workbench, "today", broken)
        page.reload()
        settle(ctx)
    state = page.findChild(ErrorState)
    assert not state.isHidden()
    state.retry.emit()
    settle(ctx)
    assert state.isHidden()


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_gallery_draws_every_part(
    qtbot: Any, qapp: QApplication, ctx: ViewContext, settle: Settle, mode: str
) -> None:
    theme.apply(qapp, mode)
    try:
        page = GalleryPage(ctx)
        qtbot.addWidget(page)
        page.resize(1160, 800)
        page.show()
        settle(ctx)
        assert not page.widget().grab().isNull()
        assert ctx.nav.errors == []  # type: ignore[attr-defined]
    finally:
        theme.apply(qapp, "light")
