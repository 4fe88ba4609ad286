"""The pages of credit: an application handed in, assessed with a live result, graded in the sheet; exceptions signed; lists by role."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from PySide6.QtWidgets import QComboBox, QLabel, QPlainTextEdit, QPushButton, QWidget

from presales_desktop.services import credit
from presales_desktop.views.credit.editor import CreditEditor
from presales_desktop.views.credit.exceptions import ExceptionEditor
from presales_desktop.views.credit.list import credit_page, exceptions_page, schemes_page
from presales_desktop.views.credit.schemes import SchemeEditor
from presales_desktop.views.kit.context import ViewContext
from tests.helpers.graded import GOOD, applied, assessed, graded, statement
from tests.helpers.need_records import customer_and_case

Run = Callable[..., Any]
Settle = Callable[[ViewContext], None]


@pytest.fixture
def shown(settle: Settle, qtbot: Any) -> Callable[[Any, ViewContext], Any]:
    def show(page: Any, ctx: ViewContext) -> Any:
        page.resize(1166, 900)
        qtbot.addWidget(page)
        page.show()
        settle(ctx)
        return page

    return show


def take(page: Any, action: str) -> None:
    step = next(s for s in page.steps() if s.action == action)
    assert step.enabled, step.why
    page.run_step(step)


def test_an_assessor_sees_the_result_while_he_types_and_gives_the_grade(
    make_ctx: Callable[[str], ViewContext], run: Run, shown: Any, settle: Settle, qtbot: Any
) -> None:
    customer_id = run("sales", customer_and_case)[0]
    credit_id = applied(run, customer_id)
    ctx = make_ctx("finance")
    page = shown(CreditEditor(ctx, credit_id), ctx)
    assert page.writes_sheet()
    for name, value in GOOD.items():
        page.draft.set(name, value)
    page.draft.append("statements", statement(2025))
    qtbot.waitUntil(lambda: page.card.findChildren(QLabel)[1].text() == "B", timeout=15_000)
    assert page.ratios.isVisible()
    take(page, "take")
    qtbot.waitUntil(lambda: page.shown.state == "assessing", timeout=15_000)
    settle(ctx)
    take(page, "grade")
    qtbot.waitUntil(lambda: page.findChild(QComboBox, "credit.grade.choice") is not None, timeout=15_000)
    box = page.findChild(QComboBox, "credit.grade.choice")
    assert [box.itemData(i) for i in range(box.count())] == ["B", "C", "D"]
    box.setCurrentIndex(1)
    page.findChild(QPlainTextEdit, "credit.grade.note").setPlainText("集中在一个项目上")
    sheet = page.findChild(QWidget, "credit.grade")
    next(b for b in sheet.findChildren(QPushButton) if b.text() == "给出等级").click()
    qtbot.waitUntil(lambda: page.shown.state == "graded", timeout=15_000)
    settle(ctx)
    assert run("sales", credit.show, credit_id).grade == "C"
    assert page.read_only()


def test_a_seller_applies_and_never_sees_the_sheet(
    make_ctx: Callable[[str], ViewContext], run: Run, shown: Any, settle: Settle, qtbot: Any
) -> None:
    customer_id = run("sales", customer_and_case)[0]
    ctx = make_ctx("sales")
    page = shown(CreditEditor(ctx, None, {"customer_id": customer_id}), ctx)
    page.draft.set("monthly_fen", 50_000_000)
    take(page, "apply")
    qtbot.waitUntil(lambda: page.shown is not None and page.shown.state == "applied", timeout=15_000)
    settle(ctx)
    assert page.findChild(QWidget, "credit.card") is None
    assert not next(s for s in page.steps() if s.action == "grade").enabled
    assert not ctx.nav.errors  # type: ignore[attr-defined]


def test_lists_and_the_other_editors_open_for_those_who_use_them(
    make_ctx: Callable[[str], ViewContext], run: Run, shown: Any, settle: Settle, qtbot: Any
) -> None:
    customer_id, case_id = run("sales", customer_and_case)
    credit_id: UUID = graded(run, customer_id)
    other = run("sales", customer_and_case)[0]
    waiting = applied(run, other)
    assessed(run, waiting, GOOD, assessor="credit")
    ctx = make_ctx("finance")
    page = shown(credit_page(ctx), ctx)
    qtbot.waitUntil(lambda: page.model.total == 1, timeout=15_000)  # what waits comes first
    page.set_filters(customer_id=str(customer_id))
    shown(schemes_page(ctx), ctx)
    sales = make_ctx("sales")
    asked = shown(ExceptionEditor(sales, None, {"case_id": case_id}), sales)
    asked.draft.set("prepay_percent", 0)
    asked.draft.set("reason", "首单打样")
    take(asked, "submit")
    qtbot.waitUntil(lambda: asked.shown is not None and asked.shown.state == "submitted", timeout=15_000)
    settle(sales)
    heads = make_ctx("management")
    shown(exceptions_page(heads), heads)
    card = shown(SchemeEditor(heads, None), heads)
    assert card.draft.value.weight_basics == 20
    seen = shown(CreditEditor(heads, credit_id), heads)
    assert seen.read_only()
    assert "B" in seen.heading().subtitle
    for context in (ctx, sales, heads):
        assert not context.nav.errors  # type: ignore[attr-defined]
