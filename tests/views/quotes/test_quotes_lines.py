"""Kinds of lines by hand: accessories ride, sections have discounts, quantity breaks follow, a pasted block brings its own header."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QMenu, QPushButton

from presales_desktop.services import bills, quotes
from presales_desktop.services.catalogue_prices import PriceEntry, set_prices
from presales_desktop.services.quotes import QuoteLineDraft
from presales_desktop.views.kit import theme
from presales_desktop.views.kit.dialogs import set_file_hook
from presales_desktop.views.quotes import FEATURE, lists_in
from presales_desktop.views.quotes.bill_sheet import BillTable
from presales_desktop.views.quotes.editor import QuoteEditor
from tests.services.bill_data import workbook
from tests.services.quote_data import DAY, World, make, make_world

Run = Callable[..., Any]
Open = Callable[[str, UUID], QuoteEditor]


@pytest.fixture(autouse=True)
def _no_hook() -> Iterator[None]:
    yield
    set_file_hook(None)


@pytest.fixture
def world(run: Run) -> World:
    return make_world(run)


@pytest.fixture
def open_page(qtbot: Any, make_ctx: Any, settle: Any) -> Open:
    def make_it(who: str, quote_id: UUID) -> QuoteEditor:
        ctx = make_ctx(who)
        page = FEATURE.editor(ctx, quote_id, {})
        assert isinstance(page, QuoteEditor)
        qtbot.addWidget(page)
        page.resize(1366, 768)
        with qtbot.waitActive(page):
            page.show()
            page.activateWindow()
        qtbot.waitUntil(lambda: page.is_built, timeout=15_000)
        settle(ctx)
        return page

    return make_it


def shoot(page: QuoteEditor, settle: Any, name: str) -> None:
    """Pictures to look at by hand: QUOTE_SHOT=/tmp/x (QUOTE_THEME=dark)."""
    if shot := os.environ.get("QUOTE_SHOT"):
        theme.apply(QApplication.instance(), os.environ.get("QUOTE_THEME", "light"))  # type: ignore[arg-type]
        settle(page.ctx)
        page.grab().save(f"{shot}-{name}.png")


def column(page: QuoteEditor, name: str) -> int:
    return next(i for i, c in enumerate(page.lines.lines.columns) if c.name == name)


def cell(page: QuoteEditor, number: int, name: str) -> str:
    return page.lines.lines.text(number, column(page, name))


def put(page: QuoteEditor, number: int, name: str, text: str) -> None:
    assert page.lines.lines.set_text(number, column(page, name), text)


def press_sheet(qtbot: Any, page: QuoteEditor, word: str) -> None:
    found = [b for b in page.window().findChildren(QPushButton) if b.text() == word and b.isVisible()]
    assert found, word
    qtbot.mouseClick(found[-1], Qt.MouseButton.LeftButton)


def test_kinds_breaks_and_discounts_by_hand(run: Run, world: World, open_page: Open, qtbot: Any, settle: Any) -> None:
    run("finance", set_prices, [PriceEntry(world.variants[0], 11_000, DAY, min_quantity=30)])
    page = open_page("sales", make(run, world))
    # 24 pieces at 128.00; 30 over the whole quote reach the break, another line of the product follows, a hand-set price stays
    assert cell(page, 1, "unit_price_fen") == "128.00"
    put(page, 1, "quantity", "30")
    assert cell(page, 1, "unit_price_fen") == "110.00"
    page.draft.undo_stack.undo()
    assert (cell(page, 1, "quantity"), cell(page, 1, "unit_price_fen")) == ("24", "128.00")
    put(page, 1, "unit_price_fen", "120")
    put(page, 1, "quantity", "30")
    assert cell(page, 1, "unit_price_fen") == "120.00"
    # the second line becomes an accessory of the first: two for each of thirty
    page.lines.show_cell(2, column(page, "name"))
    qtbot.keyClick(page.lines, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert page.draft.value.lines[2].type == "accessory"
    assert cell(page, 2, "name").startswith("└ ")
    qtbot.waitUntil(lambda: cell(page, 2, "amount_fen") == "160,800.00")
    # discount of its section
    page.run(page.tools_of_lines.discount_section)
    qtbot.waitUntil(lambda: page.window().findChild(QLineEdit, "quote.section.discount") is not None)
    edit = page.window().findChild(QLineEdit, "quote.section.discount")
    edit.setFocus()
    qtbot.keyClicks(edit, "10")
    press_sheet(qtbot, page, "应用")
    qtbot.waitUntil(lambda: cell(page, 0, "amount_fen") == "147,960.00")
    assert cell(page, 0, "discount_percent") == "−10%"
    menu = page.tools_of_lines.menu()
    assert {"quote.kind.kit", "quote.section_discount", "quote.convert"} <= {a.objectName() for a in menu.actions()}
    assert isinstance(menu, QMenu)
    menu.deleteLater()
    shoot(page, settle, "kinds")


def test_a_block_with_its_own_header_goes_where_it_says(run: Run, world: World, open_page: Open, qtbot: Any) -> None:
    page = open_page("sales", make(run, world))
    count = len(page.draft.value.lines)
    QGuiApplication.clipboard().setText("备注\t数量\t规格型号\t单价（元）\n易碎\t7\tDG-2-30\t300\n\t3\t外购件\t12.5\n")
    page.lines.show_cell(count, column(page, "name"))
    page.lines.paste()
    rows = page.draft.value.lines
    assert len(rows) == count + 2
    assert (rows[-2].note, rows[-2].quantity, rows[-1].model) == ("易碎", Decimal(7), "外购件")
    assert (rows[-1].quantity, rows[-1].unit_price_fen) == (Decimal(3), 1250)
    qtbot.waitUntil(lambda: page.draft.value.lines[-2].variant_id == world.variants[2], timeout=8000)


def test_another_currency_is_one_step_that_can_be_undone(run: Run, world: World, open_page: Open, qtbot: Any) -> None:
    quote_id = make(run, world, freight_fen=71_230)
    page = open_page("sales", quote_id)
    before = page.totals.total_text
    page.run(page.tools_of_lines.convert)
    qtbot.waitUntil(lambda: page.window().findChild(QLineEdit, "quote.convert.rate") is not None)
    rate = page.window().findChild(QLineEdit, "quote.convert.rate")
    rate.setFocus()
    qtbot.keyClicks(rate, "7.123")
    choice = page.window().findChild(QComboBox, "quote.convert.currency")
    assert choice.currentData() == "USD"
    press_sheet(qtbot, page, "换算")
    qtbot.waitUntil(lambda: page.draft.value.currency == "USD")
    value = page.draft.value
    assert (value.freight_fen, value.lines[1].unit_price_fen, value.language) == (10_000, 1_797, "en")
    assert page.totals.total_text.startswith("US$")
    assert page.totals.capitals_text.startswith("SAY US DOLLARS ")
    page.draft.undo_stack.undo()
    qtbot.waitUntil(lambda: page.totals.total_text == before)
    page.draft.undo_stack.redo()
    assert page.draft.value.lines[1] == QuoteLineDraft(**vars(value.lines[1]))
    assert run("sales", quotes.load, quote_id).currency == "CNY"


def test_a_clients_bill_is_looked_at_changed_and_taken(
    run: Run, world: World, open_page: Open, qtbot: Any, settle: Any, tmp_path: Any
) -> None:
    path = tmp_path / "星河湾清单.xlsx"
    path.write_bytes(workbook())
    page = open_page("sales", make(run, world))
    before = len(page.draft.value.lines)
    set_file_hook(lambda _mode, _title, _name: path)
    page.run(lambda: lists_in.read_bill(page))
    qtbot.waitUntil(lambda: page.window().findChild(BillTable) is not None, timeout=8000)
    table = page.window().findChild(BillTable)
    assert [table.lines.text(n, 3) for n in range(3)] == ["型号一致", "有 3 个相近", "目录外"]
    assert "DG-0-30" in table.lines.text(0, 2)
    shoot(page, settle, "bill")
    press_sheet(qtbot, page, "加入报价")
    qtbot.waitUntil(lambda: len(page.draft.value.lines) == before + 5)
    assert page.draft.value.lines[before].name == "大堂"
    assert page.draft.value.lines[before + 1].customer_code == "HT-01"
    qtbot.waitUntil(lambda: bool(run("sales", bills.learned, world.customer)), timeout=8000)
    page.draft.undo_stack.undo()
    assert len(page.draft.value.lines) == before


def test_the_customers_total_is_reached_in_one_step(
    run: Run, world: World, open_page: Open, qtbot: Any, settle: Any
) -> None:
    page = open_page("sales", make(run, world))
    before = page.totals.total_text
    page.lines.show_cell(1, column(page, "unit_price_fen"))
    qtbot.waitUntil(lambda: not page.basis.isHidden(), timeout=8000)
    page.run(page.tools_of_lines.menu().actions()[-2].trigger)
    qtbot.waitUntil(lambda: page.window().findChild(QLineEdit, "quote.target.total") is not None)
    edit = page.window().findChild(QLineEdit, "quote.target.total")
    edit.setFocus()
    qtbot.keyClicks(edit, "12000")
    qtbot.waitUntil(lambda: any("12,000.00" in w.text() for w in page.window().findChildren(QLabel)), timeout=8000)
    shoot(page, settle, "target")
    press_sheet(qtbot, page, "采用")
    qtbot.waitUntil(lambda: page.totals.total_text == "¥12,000.00")
    page.draft.undo_stack.undo()
    qtbot.waitUntil(lambda: page.totals.total_text == before)


def test_a_subtotal_and_a_component_show_nothing_of_a_line(run: Run, world: World, open_page: Open, qtbot: Any) -> None:
    lines = [
        QuoteLineDraft(type="kit", name="套装", unit_price_fen=50_000),
        QuoteLineDraft(type="component", name="壁灯", quantity=Decimal(3)),
        QuoteLineDraft(type="subtotal", quantity=Decimal(0)),
    ]
    page = open_page("sales", make(run, world, lines=lines))
    qtbot.waitUntil(lambda: cell(page, 2, "amount_fen") == "500.00")
    assert [cell(page, 2, name) for name in ("name", "quantity", "unit", "unit_price_fen")] == ["小计", "", "", ""]
    assert [cell(page, 1, name) for name in ("quantity", "unit_price_fen", "amount_fen")] == ["3", "", "含"]
    page.lines.show_cell(1, column(page, "name"))
    qtbot.keyClick(page.lines, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert [line.type for line in page.draft.value.lines] == ["component", "kit", "subtotal"]
