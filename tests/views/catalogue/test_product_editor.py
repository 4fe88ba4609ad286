"""The product's page: editing, prices by right, pictures and light attached, the datasheet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from presales_desktop.services import catalogue, catalogue_images, quotes
from presales_desktop.services.catalogue_photometry import attach, rows_of
from presales_desktop.views.catalogue.editor import ProductEditor
from presales_desktop.views.kit import dialogs
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.pickers import NumberEdit, RecordPicker
from tests.helpers.accepted_quotes import draft_quote
from tests.services.catalogue_data import COST_FEN, FLOOR_FEN, Run, make, make_secret, price
from tests.services.test_catalogue_images import picture
from tests.services.test_catalogue_photometry import file

Settle = Callable[[ViewContext], None]


@pytest.fixture
def product(run: Run) -> tuple[Any, Any]:
    product_id, (first, _) = make(run)
    price(run, first, 1_500_000, dt.date(2026, 1, 1))
    make_secret(run, first)
    return product_id, first


def editor(ctx: ViewContext, show: Any, product_id: Any = None) -> ProductEditor:
    return show(ctx, ProductEditor(ctx, "product", product_id, {}))


def everything_said(page: QWidget) -> str:
    """All words on the page: labels and every cell of every table, hidden columns too."""
    from PySide6.QtWidgets import QTableView

    said = [label.text() for label in page.findChildren(QLabel)]
    for table in page.findChildren(QTableView):
        model = table.model()
        said += [
            str(model.data(model.index(r, c)) or "")
            for r in range(model.rowCount())
            for c in range(model.columnCount())
        ]
    return "\n".join(said)


def test_typing_and_saving(product: Any, make_ctx: Any, show: Any, settle: Settle, run: Run) -> None:
    ctx = make_ctx("technical")
    page = editor(ctx, show, product[0])
    page.draft.set("name", "新星筒灯")
    page.draft.set("variants.0.cct_k", 2700)
    page.save_now()
    settle(ctx)
    settle(ctx)
    shown = run("sales", catalogue.show, product[0])
    assert (shown.name, shown.variants[0].cct_k) == ("新星筒灯", 2700)
    assert not page.is_dirty
    assert "新星筒灯" in page.windowTitle()
    assert not ctx.nav.errors


def test_a_new_product_is_made_and_problems_stand_beside_their_fields(
    make_ctx: Any, show: Any, settle: Settle, run: Run
) -> None:
    ctx = make_ctx("technical")
    page = editor(ctx, show)
    page.save_now()
    settle(ctx)
    assert page.record_id is None
    assert page.facts.boxes["model_no"].problem == "型号不能为空，请填写。"
    for path, value in (("model_no", "N-1"), ("name", "新灯"), ("category", "panel"), ("variants.0.sku", "N-1-A")):
        page.draft.set(path, value)
    page.save_now()
    settle(ctx)
    settle(ctx)
    assert page.record_id == run("sales", catalogue.resolve, "N-1")
    assert not ctx.nav.errors


def test_one_more_variant_is_like_the_last_but_for_its_number(product: Any, make_ctx: Any, show: Any) -> None:
    page = editor(make_ctx("technical"), show, product[0])
    page.add_variant()
    last = page.draft.get("variants")[-1]
    assert (last.id, last.sku, last.cct_k, last.power_w) == (None, "", 4000, Decimal(10))


@pytest.mark.parametrize(("who", "floor", "cost"), [("sales", False, False), ("technical", False, False), ("design", False, False),
                                                    ("sales_head", True, False), ("finance", True, True)])  # fmt: skip
def test_costs_and_floors_are_on_the_page_only_for_those_who_may(
    product: Any, make_ctx: Any, show: Any, who: str, floor: bool, cost: bool
) -> None:
    page = editor(make_ctx(who), show, product[0])
    page.prices.toggle_history()
    said = everything_said(page)
    assert ("9,191.93" in said) is floor
    assert ("7,313.17" in said) is cost
    assert ("古镇铝材厂" in said) is cost
    assert "15,000.00" in said
    assert f"{COST_FEN}" not in said
    assert f"{FLOOR_FEN}" not in said
    assert page.prices.adjust_button.isVisible() is (who == "finance")


def test_finance_sets_prices_from_a_day_on(product: Any, make_ctx: Any, show: Any, settle: Settle, run: Run) -> None:
    ctx = make_ctx("finance")
    page = editor(ctx, show, product[0])
    assert page.read_only()
    page.prices.adjust()
    sheet = page.prices.sheet
    sheet.confirm()
    assert "还没有填写新的价格" in "".join(label.text() for label in sheet.findChildren(QLabel))
    sheet.percent.set_value(Decimal("0.1"))
    sheet.fill_by_percent()
    sheet.draft.set("lines.1.list_fen", 9_900)
    sheet.draft.set("lines.1.cost_fen", 4_000)
    sheet.day.set_value(dt.date(2027, 1, 1))
    sheet.source.setText("新年价目表")
    sheet.confirm()
    settle(ctx)
    settle(ctx)
    day = dt.date(2027, 1, 1)
    shown = run("finance", catalogue.show, product[0])
    first, second = (v.id for v in shown.variants)
    assert [run("sales", catalogue.price_on, v, day) for v in (first, second)] == [1_650_000, 9_900]
    assert run("sales", catalogue.price_on, first) == 1_500_000
    assert run("finance", catalogue.costs, [second], day) == {second: 4_000}
    assert [line.next_fen for line in page.prices.table.rows] == [1_650_000, 9_900]
    assert ctx.nav.toasts == ["已保存 3 个价格，2027-01-01 起生效"]


def test_light_is_attached_shown_and_taken_off(
    product: Any, make_ctx: Any, show: Any, settle: Settle, run: Run, tmp_path: Path
) -> None:
    ctx = make_ctx("technical")
    page = editor(ctx, show, product[0])
    assert "把 IES 或 LDT 文件拖到这里" in everything_said(page)
    good, bad = tmp_path / "好.ies", tmp_path / "坏.ies"
    good.write_bytes(file())
    bad.write_bytes(file()[:-50])
    page.light.attach([good])
    for _ in range(4):
        settle(ctx)
    assert [r.name for r in page.light.rows] == ["好.ies"]
    said = everything_said(page.light)
    assert "900\u2009lm" in said
    assert "36°" in said
    assert page.light.chart.isVisible()
    page.light.attach([bad])
    for _ in range(4):
        settle(ctx)
    assert [(e.code.split(".")[0], e.file) for e in ctx.nav.errors] == [("photometry", "坏.ies")]
    page.light.remove()
    for _ in range(4):
        settle(ctx)
    assert run("sales", rows_of, product[0]) == ()
    assert page.light.rows == ()


def test_pictures_are_added_ordered_and_removed(
    product: Any, make_ctx: Any, show: Any, settle: Settle, run: Run, tmp_path: Path
) -> None:
    ctx = make_ctx("technical")
    page = editor(ctx, show, product[0])
    paths = [tmp_path / "a.jpg", tmp_path / "b.png", tmp_path / "c.txt.png"]
    paths[0].write_bytes(picture())
    paths[1].write_bytes(picture(fmt="PNG", color=0x00FF00))
    paths[2].write_bytes(b"no picture")
    page.pictures.add_paths(paths)
    for _ in range(6):
        settle(ctx)
    assert [r.name for r in page.pictures.rows] == ["a.jpg", "b.jpg"]
    assert [e.code for e in ctx.nav.errors] == ["catalogue.image_type"]
    page.pictures.make_first(1)
    for _ in range(3):
        settle(ctx)
    assert [r.name for r in run("sales", catalogue_images.images, product[0])] == ["b.jpg", "a.jpg"]
    page.pictures.remove(0)
    for _ in range(3):
        settle(ctx)
    assert [r.name for r in page.pictures.rows] == ["a.jpg"]


def test_sales_adds_to_a_quote_and_prints_the_datasheet(
    product: Any, make_ctx: Any, show: Any, settle: Settle, run: Run, tmp_path: Path
) -> None:
    run("technical", attach, product[0], "a.ies", file())
    ctx = make_ctx("sales")
    page = editor(ctx, show, product[0])
    assert page.read_only()
    page.run_step(page.primary_step())
    assert ctx.nav.made == [("quote", {"variant_id": product[1]})]
    target = tmp_path / "DL-8010.pdf"
    dialogs.set_file_hook(lambda mode, title, name: target)
    try:
        page.run(page.print_document)
        for _ in range(4):
            settle(ctx)
    finally:
        dialogs.set_file_hook(None)
    assert target.read_bytes().startswith(b"%PDF")
    assert not ctx.nav.errors


def test_sales_puts_a_variant_into_an_open_draft(
    qtbot: Any, product: Any, make_ctx: Any, show: Any, settle: Settle, run: Run
) -> None:
    quote_id = run("sales", draft_quote)
    before = len(run("sales", quotes.show, quote_id).lines)
    ctx = make_ctx("sales")
    page = editor(ctx, show, product[0])
    page.run_step(next(s for s in page.steps() if s.action == "to_quote"))
    settle(ctx)
    picker = page.window().findChild(RecordPicker, "product.to_quote.quote")
    quantity = page.window().findChild(NumberEdit, "product.to_quote.quantity")
    confirm = page.window().findChild(QPushButton, "product.to_quote.confirm")
    assert picker is not None
    assert quantity is not None
    assert confirm is not None
    picker.look_up()
    qtbot.waitUntil(lambda: picker.popup.is_open, timeout=5000)
    picker.setFocus()
    assert picker.popup.take_current()
    quantity.set_value(Decimal(6))
    confirm.click()
    qtbot.waitUntil(lambda: bool(ctx.nav.toasts) or bool(ctx.nav.errors), timeout=8000)
    assert ctx.nav.errors == []
    lines = run("sales", quotes.show, quote_id).lines
    assert (len(lines), lines[-1].variant_id, lines[-1].quantity) == (before + 1, product[1], 6)


def test_a_discontinued_product_cannot_be_quoted(product: Any, make_ctx: Any, show: Any, run: Run) -> None:
    run("technical", catalogue.do, product[0], "discontinue", {})
    page = editor(make_ctx("sales"), show, product[0])
    step = page.primary_step()
    assert not step.enabled
    assert "不能报价" in step.why


def test_prices_set_elsewhere_show_without_disturbing_what_is_typed(
    product: Any, make_ctx: Any, show: Any, settle: Settle
) -> None:
    from presales_desktop.services.catalogue_photometry import attach as attach_file

    ctx = make_ctx("technical")
    page = editor(ctx, show, product[0])
    page.draft.set("name", "半途")
    ctx.db.run(attach_file, product[0], "x.ies", file())
    for _ in range(3):
        settle(ctx)
    assert [r.name for r in page.light.rows] == ["x.ies"]
    assert page.draft.get("name") == "半途"
