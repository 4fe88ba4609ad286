"""The approval desk in the window: moving, deciding from the keyboard, marks, the harmless together, who sees costs."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit

from presales_desktop.models.permissions import may
from presales_desktop.services import quotes
from presales_desktop.services.quotes import QuoteLineDraft
from presales_desktop.views.features import FEATURES
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.dialogs import Sheet
from presales_desktop.views.quotes.desk import Desk
from tests.services.quote_data import World, make, make_world

Run = Callable[..., Any]
WAIT = 20_000


def one(world: World, price: int, quantity: int) -> list[QuoteLineDraft]:
    return [QuoteLineDraft(variant_id=world.variants[0], quantity=Decimal(quantity), unit_price_fen=price)]


def test_finance_decides_from_the_keyboard(
    make_ctx: Callable[[str], ViewContext], run: Run, settle: Callable[[ViewContext], None], qtbot: Any
) -> None:
    world = make_world(run)
    made = [
        make(run, world, lines=one(world, price, n))
        for price, n in ((12_800, 900), (8_000, 60), (12_800, 20), (12_800, 10))
    ]
    for quote_id in made:
        run("sales", quotes.do, quote_id, "submit", {})
    large, cheap, fine, other = made
    ctx = make_ctx("finance")
    page = Desk(ctx)
    page.resize(1166, 768)
    qtbot.addWidget(page)
    with qtbot.waitExposed(page):
        page.show()
    page.activateWindow()
    assert page.focusWidget() is page.queue  # the keyboard starts in the queue

    def shown(quote_id: Any) -> bool:
        return page.case is not None and page._shown() is page.case and page.case.row.id == quote_id

    def press(key: Any) -> None:
        qtbot.keyClick(page.queue, key)

    def sheet(name: str, said: str | None = None) -> None:
        qtbot.waitUntil(lambda: any(s.objectName() == name for s in page.findChildren(Sheet)), timeout=WAIT)
        found = next(s for s in page.findChildren(Sheet) if s.objectName() == name)
        if said is not None:
            (found.findChildren(QPlainTextEdit) + found.findChildren(QLineEdit))[0].setPlainText(said)
        found.primary.click()

    def state(quote_id: Any) -> str:
        return str(run("finance", quotes.show, quote_id).state)

    qtbot.waitUntil(lambda: shown(large), timeout=WAIT)
    assert page.panel.lines.windowed.total == 1
    assert [c.name for c in page.panel.lines.columns][-2:] == ["cost", "margin"]
    assert page.marks[large] == ("large",)
    press(Qt.Key.Key_J)
    qtbot.waitUntil(lambda: shown(cheap), timeout=WAIT)
    # a margin below the floor is asked about before it is approved; returned it is with a remark
    press(Qt.Key.Key_R)
    sheet("desk.return.sheet", "毛利太低，请重新报价")
    qtbot.waitUntil(lambda: page.queue.windowed.total == 3 and not page._busy, timeout=WAIT)
    assert state(cheap) == "returned"
    qtbot.waitUntil(lambda: shown(fine), timeout=WAIT)  # the keyboard goes on with the next
    press(Qt.Key.Key_K)
    qtbot.waitUntil(lambda: shown(large), timeout=WAIT)
    # H marks the harmless; Space marks one more, which is refused by name and stops nobody
    press(Qt.Key.Key_H)
    qtbot.waitUntil(lambda: set(page.marked) == {fine, other} and not page._busy, timeout=WAIT)
    press(Qt.Key.Key_Space)
    assert set(page.marked) == {large, fine, other}
    press(Qt.Key.Key_A)
    sheet("desk.bulk.sheet")
    qtbot.waitUntil(lambda: page.queue.windowed.total == 1 and not page._busy, timeout=WAIT)
    assert page.error_bar.text
    assert page.marked == {}
    decided = [run("finance", quotes.show, q).decisions for q in (fine, other)]
    assert [[(d.step, d.verdict) for d in ds] for ds in decided] == [[("finance", "approve")]] * 2
    # the large one by itself, asked about first
    qtbot.waitUntil(lambda: shown(large), timeout=WAIT)
    press(Qt.Key.Key_A)
    sheet("desk.approve.sheet")
    qtbot.waitUntil(lambda: page._states.currentWidget() is page._empty, timeout=WAIT)
    settle(ctx)


def test_a_superior_sees_no_costs_and_a_seller_no_desk(
    make_ctx: Callable[[str], ViewContext], settle: Callable[[ViewContext], None], qtbot: Any
) -> None:
    ctx = make_ctx("sales_head")
    page = Desk(ctx)
    qtbot.addWidget(page)
    page.show()
    settle(ctx)
    assert not {"cost", "margin"} & {c.name for c in (*page.panel.lines.columns, *page.panel.sold.columns)}
    assert page._states.currentWidget() is page._empty
    right = next(f.right for f in FEATURES if f.key == "quote_desk")
    assert may(ctx.actor, right).allowed
    assert not may(make_ctx("sales").actor, right).allowed
