"""Cases in the window: the phase bar, the next step as the primary button, what the case holds, its steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from presales_desktop.models.designs import Design
from presales_desktop.services import cases, customers
from presales_desktop.services.cases import CaseDraft
from presales_desktop.services.customers import SiteDraft
from presales_desktop.services.work import Work
from presales_desktop.views.cases import FEATURE
from presales_desktop.views.cases.editor import CaseEditor
from presales_desktop.views.cases.list import CasesPage
from presales_desktop.views.kit.context import ViewContext

Run = Callable[..., Any]
Make = Callable[[str], ViewContext]


@pytest.fixture
def customer(run: Run) -> UUID:
    """A customer with two places."""
    draft = run("sales", customers.new_draft, {"name": "锦绣湾酒店"})
    draft.sites = [SiteDraft(label="一期", address="情侣路 1 号"), SiteDraft(label="二期", address="情侣路 2 号")]
    found: UUID = run("sales", customers.save, draft)
    return found


@pytest.fixture
def case(run: Run, customer: UUID) -> UUID:
    """A case of 王敏."""
    found: UUID = run(
        "sales", cases.save, run("sales", cases.new_draft, {"customer_id": customer, "title": "大堂照明"})
    )
    return found


def editor(qtbot: Any, ctx: ViewContext, record_id: UUID | None, **initial: Any) -> CaseEditor:
    page = FEATURE.editor(ctx, record_id, initial)
    assert isinstance(page, CaseEditor)
    qtbot.addWidget(page)
    page.resize(1166, 720)
    page.show()
    qtbot.waitUntil(lambda: page.is_built, timeout=15_000)
    return page


def hold_design(run: Run, case_id: UUID, state: str) -> UUID:
    def fill(work: Work) -> UUID:
        c = work.get(cases.Case, case_id)
        made = Design(
            number="FA1", family_id=uuid4(), title="大堂方案", case_id=c.id, customer_id=c.customer_id, state=state
        )
        return work.add(made).id

    found: UUID = run("sales", fill)
    return found


def test_a_new_case_starts_with_its_customer_and_is_saved(qtbot: Any, ctx: ViewContext, customer: UUID) -> None:
    page = editor(qtbot, ctx, None, customer_id=customer)
    assert not page.overview_section.isVisible()
    page.draft.set("title", "全日餐厅")
    page.save_now()
    qtbot.waitUntil(lambda: page.whole is not None, timeout=10_000)
    assert page.whole is not None
    assert page.whole.customer == "锦绣湾酒店"
    qtbot.waitUntil(page.overview_section.isVisible, timeout=10_000)


def test_the_next_step_is_the_primary_button(qtbot: Any, ctx: ViewContext, case: UUID) -> None:
    page = editor(qtbot, ctx, case)
    assert page.overview.phases.accessibleName() == "阶段：咨询"
    step = page.primary_step()
    assert step is not None
    assert step.title == "新建需求调研"
    page.run_step(step)
    qtbot.waitUntil(lambda: bool(ctx.nav.made), timeout=10_000)  # type: ignore[attr-defined]
    assert ctx.nav.made == [("survey", {"case_id": case})]  # type: ignore[attr-defined]


def test_a_quote_starts_from_the_approved_design(qtbot: Any, ctx: ViewContext, case: UUID, run: Run) -> None:
    design = hold_design(run, case, "approved")
    page = editor(qtbot, ctx, case)
    step = page.primary_step()
    assert step is not None
    page.run_step(step)
    qtbot.waitUntil(lambda: bool(ctx.nav.made), timeout=10_000)  # type: ignore[attr-defined]
    assert ctx.nav.made == [("quote", {"case_id": case, "design_id": design})]  # type: ignore[attr-defined]


def test_what_waits_for_others_is_opened_not_made(qtbot: Any, ctx: ViewContext, case: UUID, run: Run) -> None:
    design = hold_design(run, case, "submitted")
    page = editor(qtbot, ctx, case)
    page.findChild(QWidget, "case.next.go").click()  # type: ignore[union-attr]
    page.findChild(QWidget, "case.design.row").setFocus()  # type: ignore[union-attr]
    assert ctx.nav.opened == [("design", design)]  # type: ignore[attr-defined]


def test_the_page_follows_what_happens_elsewhere(qtbot: Any, ctx: ViewContext, case: UUID) -> None:
    page = editor(qtbot, ctx, case)
    ctx.db.run(cases.do, case, "pause", {})
    qtbot.waitUntil(lambda: page.whole is not None and page.whole.phase == "paused", timeout=10_000)
    assert {s.action for s in page.steps()} >= {"resume", "lose"}


def test_losing_a_case_asks_for_the_reason(qtbot: Any, ctx: ViewContext, case: UUID) -> None:
    page = editor(qtbot, ctx, case)
    page.run_step(next(s for s in page.steps() if s.action == "lose"))
    qtbot.waitUntil(lambda: page.findChild(QPlainTextEdit, "case.lose.text") is not None, timeout=10_000)
    confirm = page.findChild(QWidget, "case.lose.confirm")
    assert confirm is not None
    confirm.click()  # type: ignore[attr-defined]
    assert ctx.db.runner.run(cases.show, case)[0].status == "open"
    text = page.findChild(QPlainTextEdit, "case.lose.text")
    assert text is not None
    text.setPlainText("价格")
    confirm.click()  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: page.whole is not None and page.whole.phase == "lost", timeout=10_000)
    assert page.whole is not None
    assert page.whole.outcome_reason == "价格"


def test_another_customer_empties_the_site(qtbot: Any, ctx: ViewContext, run: Run, case: UUID) -> None:
    other = run("sales", customers.save, run("sales", customers.new_draft, {"name": "云境设计"}))
    site = run("sales", customers.show, run("sales", cases.load, case).customer_id).sites[0].id
    page = editor(qtbot, ctx, case)
    page.draft.set("site_id", site)
    page.draft.set("customer_id", other)
    assert page.draft.get("site_id") is None


def test_others_cases_are_read_only(qtbot: Any, make_ctx: Make, case: UUID) -> None:
    page = editor(qtbot, make_ctx("finance"), case)
    assert page.read_only()
    assert page.findChild(QWidget, "case.new.quote") is None


def test_the_list_shows_phase_next_step_and_who_owes_it(
    qtbot: Any, ctx: ViewContext, case: UUID, run: Run, customer: UUID
) -> None:
    run("sales2", cases.save, CaseDraft(title="别人的", customer_id=customer))
    page = FEATURE.list_page(ctx)
    assert isinstance(page, CasesPage)
    qtbot.addWidget(page)
    page.resize(1366, 700)
    page.show()
    qtbot.waitUntil(lambda: page.model.ready and page.model.cached(0) is not None, timeout=10_000)
    found = page.model.cached(0)
    texts = {c.name: c.value_text(found) for c in page.spec.columns}
    assert page.model.total == 1
    assert (texts["phase"], texts["next_action"], texts["next_who"], texts["owner"]) == (
        "咨询",
        "安排需求调研",
        "王敏",
        "王敏",
    )
    page.table.selectRow(0)
    page.toggle_preview()
    page.run(lambda: page.resume([]))
    page.set_filters(phase="won")
    qtbot.waitUntil(lambda: page.model.ready and page.model.total == 0, timeout=10_000)
