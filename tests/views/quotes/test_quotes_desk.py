"""The approval desk by hand: look, decide by keyboard, the harmless together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from presales_desktop.services import quote_steps, quotes
from presales_desktop.views.quotes import DESK
from tests.services.quote_data import World, make, make_world

Run = Callable[..., Any]


@pytest.fixture
def world(run: Run) -> World:
    return make_world(run)


def test_what_waits_is_judged_and_decided_without_the_mouse(
    qtbot: Any, make_ctx: Any, settle: Any, run: Run, world: World
) -> None:
    first, second = make(run, world), make(run, world)
    for quote_id in (first, second):
        run("sales", quote_steps.submit, quote_id)
    ctx = make_ctx("finance")
    page: Any = DESK.list_page(ctx)
    qtbot.addWidget(page)
    page.resize(1200, 760)
    with qtbot.waitActive(page):
        page.show()
        page.activateWindow()
    qtbot.waitUntil(lambda: page.model.rowCount() == 2, timeout=15_000)

    def said() -> str:
        shown = page.findChild(QWidget, "desk.judged")
        return " ".join(label.text() for label in shown.findChildren(QLabel)) if shown is not None else ""

    page.table.selectRow(0)
    qtbot.waitUntil(lambda: "成本" in said() and "毛利率" in said(), timeout=15_000)
    page.table.setFocus()
    qtbot.keyClick(page.table, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: page.model.rowCount() == 1, timeout=15_000)
    states = [run("finance", quotes.show, q).approvals[0].verdict for q in (first, second)]
    assert states.count("approve") == 1
    page.table.selectRow(0)
    qtbot.keyClick(page.table, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    qtbot.waitUntil(lambda: page.findChild(QWidget, "desk.refuse") is not None, timeout=15_000)
    sheet = page.findChild(QWidget, "desk.refuse")
    sheet.findChild(QWidget, "desk.refuse.text").setPlainText("请复核折扣")
    sheet.confirm()
    qtbot.waitUntil(lambda: page.model.rowCount() == 0, timeout=15_000)
    assert sorted(run("finance", quotes.show, q).state for q in (first, second)) == ["returned", "submitted"]
    settle(ctx)
