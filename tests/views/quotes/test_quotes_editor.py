"""The quote page by hand: type lines, totals follow; submit, decide as others, send; costs stay hidden."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QWidget

from presales_desktop.models.capitals import capitals
from presales_desktop.reports import printer
from presales_desktop.services import attachments, printing, quotes
from presales_desktop.services.catalogue_prices import PriceEntry, set_prices
from presales_desktop.services.listing import ListQuery
from presales_desktop.services.quotes import QuoteLineDraft
from presales_desktop.views.kit.dialogs import set_file_hook
from presales_desktop.views.kit.paper import Paper
from presales_desktop.views.quotes import FEATURE
from presales_desktop.views.quotes.editor import QuoteEditor
from tests.services.quote_data import DAY, World, approved, make, make_world

Run = Callable[..., Any]


@pytest.fixture
def world(run: Run) -> World:
    return make_world(run)


@pytest.fixture(autouse=True)
def _printer() -> Iterator[None]:
    printer.install()
    yield
    printing.set_printer(None)
    set_file_hook(None)


@pytest.fixture
def open_page(qtbot: Any, make_ctx: Any, settle: Any) -> Callable[..., QuoteEditor]:
    def make_it(who: str, quote_id: UUID | None = None, **initial: Any) -> QuoteEditor:
        ctx = make_ctx(who)
        page = FEATURE.editor(ctx, quote_id, initial)
        assert isinstance(page, QuoteEditor)
        qtbot.addWidget(page)
        page.resize(1200, 760)
        with qtbot.waitActive(page):
            page.show()
            page.activateWindow()
        qtbot.waitUntil(lambda: page.is_built, timeout=15_000)
        settle(ctx)
        return page

    return make_it


def press(qtbot: Any, page: QWidget, name: str) -> None:
    found = page.window().findChild(QPushButton, name)
    assert found is not None, name
    assert found.isEnabled(), name
    qtbot.mouseClick(found, Qt.MouseButton.LeftButton)


def column(page: QuoteEditor, name: str) -> int:
    return next(i for i, c in enumerate(page.lines.lines.columns) if c.name == name)


def cell(page: QuoteEditor, number: int, name: str) -> str:
    return page.lines.lines.text(number, column(page, name))


def put(page: QuoteEditor, number: int, name: str, text: str) -> None:
    assert page.lines.lines.set_text(number, column(page, name), text)


def errors(page: QuoteEditor) -> list[BaseException]:
    return page.ctx.nav.errors  # type: ignore[attr-defined, no-any-return]


def test_typing_lines_moves_totals_and_capitals(
    qtbot: Any, open_page: Any, world: World, run: Run, settle: Any
) -> None:
    page = open_page("sales", None, case_id=world.case)
    put(page, 0, "name", "定制吊灯")
    put(page, 0, "quantity", "3")
    put(page, 0, "unit_price_fen", "1,280.50")
    put(page, 1, "name", "壁灯")
    put(page, 1, "unit_price_fen", "99")
    qtbot.waitUntil(lambda: page.totals.total_text == "¥3,940.50")
    assert cell(page, 0, "amount_fen") == "3,841.50"
    assert page.totals.capitals_text == capitals(394_050)
    put(page, 0, "discount_percent", "10")
    qtbot.waitUntil(lambda: page.totals.total_text == "¥3,556.35")
    page.draft.set("freight_fen", 10_000)
    page.draft.set("tax_included", False)
    qtbot.waitUntil(lambda: page.totals.total_text == "¥4,131.68")
    page.draft.undo_stack.undo()
    page.draft.undo_stack.undo()
    page.draft.undo_stack.undo()
    qtbot.waitUntil(lambda: page.totals.total_text == "¥3,940.50")
    page.save_now()
    qtbot.waitUntil(lambda: page.record_id is not None and not page.is_dirty)
    settle(page.ctx)
    assert run("sales", quotes.show, page.record_id).total_fen == 394_050
    assert errors(page) == []


def test_a_section_shows_what_stands_below_it_while_it_is_typed(
    qtbot: Any, open_page: Any, world: World, run: Run
) -> None:
    page = open_page("sales", make(run, world))
    before = cell(page, 0, "amount_fen")
    assert before == "8,432.00"
    assert cell(page, 3, "amount_fen") == "4,428.00"
    unpainted = page.lines.viewport().grab().toImage()
    put(page, 1, "quantity", "25")
    qtbot.waitUntil(lambda: cell(page, 0, "amount_fen") == "8,560.00")
    assert cell(page, 3, "amount_fen") == "4,428.00"
    row = page.lines.visualRect(page.lines.model().index(0, 0))
    assert page.lines.viewport().grab().toImage().copy(row) != unpainted.copy(row)


def test_the_product_look_up_fills_the_line(qtbot: Any, open_page: Any, world: World) -> None:
    page = open_page("sales", None, case_id=world.case)
    table = page.lines
    table.setFocus()
    table.show_cell(0, column(page, "name"))
    qtbot.keyClicks(table, "s")
    edit: Any = table._cells.editor
    assert isinstance(edit, QLineEdit)
    qtbot.keyClicks(edit, "hdd")
    qtbot.waitUntil(lambda: edit.popup.isVisible(), timeout=5000)
    qtbot.keyClick(edit, Qt.Key.Key_Down)
    qtbot.keyClick(edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bool(page.draft.value.lines) and page.draft.value.lines[0].variant_id == world.variants[1])
    line = page.draft.value.lines[0]
    assert (line.name, line.model, line.unit_price_fen) == ("双环吊灯", "DG-1-30", 268_000)
    qtbot.waitUntil(lambda: page.totals.total_text == "¥2,680.00")


def test_submit_approve_as_two_people_send_accept(
    qtbot: Any, open_page: Any, world: World, run: Run, settle: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quote_id = make(run, world)
    seller = open_page("sales", quote_id)
    press(qtbot, seller, "quote.submit")
    qtbot.waitUntil(lambda: seller.shown.state == "submitted", timeout=5000)
    assert seller.read_only()
    assert not seller.approvals.can_decide
    for who in ("finance", "sales_head"):
        page = open_page(who, quote_id)
        assert page.approvals.can_decide
        page.approvals.remark.setPlainText("同意")
        page.approvals.decide("approve")
        qtbot.waitUntil(lambda page=page: not page.approvals.can_decide, timeout=5000)
        settle(page.ctx)
        assert errors(page) == []
    seller.reload()
    qtbot.waitUntil(lambda: seller.shown.state == "approved", timeout=5000)
    press(qtbot, seller, "quote.send")
    sheet_name = "quote.send.sheet.confirm"
    qtbot.waitUntil(lambda: seller.findChild(QPushButton, sheet_name) is not None, timeout=5000)
    recipient = seller.findChild(QLineEdit, "quote.send.recipient")
    assert recipient is not None
    recipient.setText("lin@example.com")
    offered: list[Any] = []
    opened: list[str] = []
    monkeypatch.setattr(seller.ctx.nav, "toast", lambda text, *, tone="", action=None: offered.append(action))
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: not opened.append(url.toLocalFile()))
    press(qtbot, seller, sheet_name)
    qtbot.waitUntil(lambda: seller.shown.state == "sent" and bool(offered), timeout=15000)
    assert seller.shown.sends[0].recipient == "lin@example.com"
    stored = run("sales", attachments.list_of, "quote", quote_id, "sent")
    filed = run("sales", attachments.content, stored[0].id)
    assert filed.startswith(b"%PDF-")
    set_file_hook(lambda mode, title, name: tmp_path / name)
    try:
        offered[0][1]()
        qtbot.waitUntil(lambda: bool(opened), timeout=15000)
    finally:
        set_file_hook(None)
    mail = message_from_bytes(Path(opened[0]).read_bytes(), policy=default)
    assert mail["To"] == "lin@example.com"
    assert [part.get_content() for part in mail.iter_attachments()] == [filed], "what goes is what was recorded"
    press(qtbot, seller, "quote.accept")
    qtbot.waitUntil(lambda: seller.findChild(QPushButton, "quote.accept.sheet.confirm") is not None, timeout=5000)
    press(qtbot, seller, "quote.accept.sheet.confirm")
    qtbot.waitUntil(lambda: seller.shown.state == "accepted", timeout=5000)
    press(qtbot, seller, "quote.contract")
    qtbot.waitUntil(lambda: seller.ctx.nav.made == [("contract", {"quote_id": quote_id})], timeout=5000)
    assert errors(seller) == []


def test_returning_asks_for_a_reason_and_leads_to_the_next_revision(
    qtbot: Any, open_page: Any, world: World, run: Run
) -> None:
    quote_id = make(run, world)
    run("sales", quotes.do, quote_id, "submit", {})
    page = open_page("finance", quote_id)
    page.approvals.decide("return")
    assert page.shown.state == "submitted"
    assert any("写明原因" in label.text() for label in page.approvals.findChildren(QLabel))
    page.approvals.remark.setPlainText("运费未计")
    page.approvals.decide("return")
    qtbot.waitUntil(lambda: page.shown.state == "returned", timeout=5000)
    seller = open_page("sales", quote_id)
    press(qtbot, seller, "quote.revise")
    qtbot.waitUntil(lambda: bool(seller.ctx.nav.opened), timeout=5000)
    kind, newer = seller.ctx.nav.opened[0]
    assert kind == "quote"
    assert run("sales", quotes.show, newer).revision == 2


def test_what_is_missing_is_said_beside_the_field(qtbot: Any, open_page: Any, world: World, run: Run) -> None:
    page = open_page("sales", make(run, world, payment="", valid_until=None))
    press(qtbot, page, "quote.submit")
    qtbot.waitUntil(lambda: bool(page.error_bar.text), timeout=5000)
    assert page.shown.state == "draft"
    assert page.terms_button.isChecked() or page.head_form.boxes["valid_until"].problem


def test_margin_is_there_only_for_those_who_may_see_costs(open_page: Any, world: World, run: Run) -> None:
    quote_id = make(run, world)
    run("sales", quotes.do, quote_id, "submit", {})
    for who, sees in (("sales", False), ("sales_head", False), ("finance", True), ("management", True)):
        page = open_page(who, quote_id)
        assert (page.margin is not None) is sees
        assert (page.findChild(QWidget, "quote.margin") is not None) is sees
        names = [c.name for c in page.lines.lines.columns]
        assert ("unit_cost_fen" in names) is sees
        assert page.sheet is None or sees
        if sees:
            assert cell(page, 1, "unit_cost_fen") == "67.31"
            figure = page.findChild(QLabel, "quote.margin.figure")
            assert figure is not None
            assert figure.text().endswith("%")


def test_catalogue_changes_are_offered_and_taken_over(
    qtbot: Any, open_page: Any, world: World, run: Run, settle: Any
) -> None:
    quote_id = make(run, world)
    run("finance", set_prices, [PriceEntry(world.variants[0], 13_500, DAY.replace(month=11, day=20))])
    page = open_page("sales", quote_id)
    assert page.changes.isVisibleTo(page)
    press(qtbot, page, "quote.take_over")
    qtbot.waitUntil(lambda: page.draft.value.lines[1].unit_price_fen == 13_500, timeout=5000)
    page.draft.undo_stack.undo()
    assert page.draft.value.lines[1].unit_price_fen == 12_800


def test_a_list_is_looked_at_before_it_goes_in(qtbot: Any, open_page: Any, world: World, tmp_path: Path) -> None:
    file = tmp_path / "清单.csv"
    file.write_text("区域,名称,型号,数量,单价\n大堂,筒灯,DG-0-30,24,\n客房,壁灯,XX-9,6,88.50\n", "gb18030")
    set_file_hook(lambda mode, title, name: file)
    page = open_page("sales", None, case_id=world.case)
    press(qtbot, page, "quote.import")
    qtbot.waitUntil(lambda: page.findChild(QPushButton, "quote.list.sheet.confirm") is not None, timeout=8000)
    press(qtbot, page, "quote.list.sheet.confirm")
    qtbot.waitUntil(lambda: len(page.draft.value.lines) == 4, timeout=5000)
    lines = page.draft.value.lines
    assert [line.type for line in lines] == ["section", "item", "section", "item"]
    assert lines[3].attention == "unmatched"
    page.draft.undo_stack.undo()
    assert page.draft.value.lines == []


def test_print_writes_a_file_with_the_watermark(
    qtbot: Any, open_page: Any, world: World, run: Run, tmp_path: Path
) -> None:
    target = tmp_path / "out.pdf"
    set_file_hook(lambda mode, title, name: target)
    page = open_page("sales", make(run, world))
    page.run(page.print_document)
    qtbot.waitUntil(lambda: page.findChild(Paper) is not None, timeout=15000)
    page.findChild(Paper).save.click()
    qtbot.waitUntil(target.exists, timeout=15000)
    qtbot.waitUntil(lambda: bool(page.ctx.nav.toasts), timeout=5000)
    assert target.read_bytes().startswith(b"%PDF-")
    assert errors(page) == []


def test_a_missing_glyph_is_said_and_nothing_is_written(
    qtbot: Any, open_page: Any, world: World, run: Run, tmp_path: Path
) -> None:
    target = tmp_path / "out.pdf"
    set_file_hook(lambda mode, title, name: target)
    page = open_page("sales", make(run, world, notes="🦄"))
    page.run(page.print_document)
    qtbot.waitUntil(lambda: bool(errors(page)), timeout=15000)
    assert getattr(errors(page)[0], "code", "") == "report.glyph_missing"
    assert not target.exists()


def test_a_new_quote_from_a_copy_shows_its_lines(open_page: Any, world: World, run: Run) -> None:
    source = approved(run, world)
    page = open_page("sales", None, copy_of=source)
    assert [line.name for line in page.draft.value.lines] == ["大堂", "防眩筒灯", "双环吊灯", "客房", "洗墙灯"]
    assert not page.read_only()


def test_the_list_shows_what_waits(qtbot: Any, make_ctx: Any, world: World, run: Run, settle: Any) -> None:
    quote_id = make(run, world)
    run("sales", quotes.do, quote_id, "submit", {})
    ctx = make_ctx("finance")
    page = FEATURE.list_page(ctx)
    qtbot.addWidget(page)
    page.show()
    qtbot.waitUntil(lambda: page.model.total == 1, timeout=5000)  # type: ignore[attr-defined]
    settle(ctx)
    run("finance", quotes.do, quote_id, "approve", {})
    page.reload()  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: page.model.total == 0, timeout=5000)  # type: ignore[attr-defined]
    assert run("finance", quotes.list_rows, ListQuery()).total == 1


def test_every_keystroke_among_200_lines_reaches_the_totals(qtbot: Any, open_page: Any, world: World, run: Run) -> None:
    rows = [QuoteLineDraft(variant_id=world.variants[n % 3], quantity=Decimal(n + 1)) for n in range(200)]
    page = open_page("sales", make(run, world, lines=rows))
    for n in range(12):
        before = page.totals.total_text
        put(page, n, "quantity", str(500 + n))
        page.recompute()
        assert page.totals.total_text != before


def test_a_reviewer_remarks_on_a_line_and_the_seller_sees_what_is_answered(
    qtbot: Any, open_page: Any, world: World, run: Run
) -> None:
    quote_id = make(run, world)
    run("sales", quotes.do, quote_id, "submit", {})
    finance = open_page("finance", quote_id)
    qtbot.waitUntil(lambda: finance.since.may_remark, timeout=15_000)
    finance.lines.show_cell(1, column(finance, "name"))
    finance.run(finance.since.remark)
    qtbot.waitUntil(lambda: finance.findChild(QWidget, "quote.remark.sheet") is not None, timeout=15_000)
    sheet = finance.findChild(QWidget, "quote.remark.sheet")
    sheet.findChild(QWidget, "quote.remark.sheet.text").setPlainText("单价偏低")
    sheet.confirm()
    qtbot.waitUntil(lambda: list(finance.since.pending.values()) == ["单价偏低"], timeout=15_000)
    finance.approvals.remark.setPlainText("见行批注")
    finance.approvals.decide("return")
    qtbot.waitUntil(lambda: finance.shown.state == "returned", timeout=15_000)
    second = run("sales", quotes.do, quote_id, "revise", {})
    page = open_page("sales", second)
    qtbot.waitUntil(lambda: any("单价偏低" in text for text in page.since.texts), timeout=15_000)
    assert any(text.startswith("未修改") for text in page.since.texts)
    lines, price = page.draft.value.lines, column(page, "unit_price_fen")
    assert page.marks.tone(lines[1], "name") == "bad"
    assert "单价偏低" in page.marks.tip(lines[1], "name")
    before = page.lines.lines.text(1, price)
    put(page, 1, "unit_price_fen", "199")
    assert page.marks.tone(lines[1], "unit_price_fen") == "amber"
    assert before in page.marks.tip(lines[1], "unit_price_fen")
    page.run(page.save_all)
    qtbot.waitUntil(lambda: any(text.startswith("已修改") for text in page.since.texts), timeout=15_000)
    assert errors(page) == []
