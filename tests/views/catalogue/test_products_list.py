"""The list of products: table and cards over the same rows, filters, steps in bulk, files dropped on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from presales_desktop.services import catalogue, catalogue_images
from presales_desktop.services.catalogue_photometry import rows_of
from presales_desktop.texts import set_language
from presales_desktop.views.catalogue.list import ProductsPage
from presales_desktop.views.kit.context import ViewContext
from tests.services.catalogue_data import Run, make, price, variant
from tests.services.test_catalogue_images import picture
from tests.services.test_catalogue_photometry import file

Settle = Callable[[ViewContext], None]


@pytest.fixture
def products(run: Run) -> dict[str, Any]:
    first, (a, _) = make(run)
    make(run, "TR-2020", "追光轨道射灯", category="track", variants=[variant("TR-2020-B", cct_k=2700)])
    price(run, a, 12_800, dt.date(2026, 1, 1))
    run("technical", catalogue_images.add_image, first, "a.png", picture(fmt="PNG"))
    return {"first": first}


def shown(page: ProductsPage, column: str) -> list[str]:
    place = next(i for i, c in enumerate(page.table.columns) if c.name == column)
    model = page.model
    return [model.data(model.index(n, place)) for n in range(model.total)]


def test_rows_say_model_light_and_price(products: Any, make_ctx: Any, show: Any) -> None:
    ctx = make_ctx("sales")
    page = show(ctx, ProductsPage(ctx))
    assert shown(page, "model_no") == ["DL-8010", "TR-2020"]
    assert shown(page, "list_from_fen") == ["¥128.00", ""]
    assert shown(page, "ccts") == ["3000/4000\u2009K", "2700\u2009K"]
    assert shown(page, "category") == ["筒灯", "轨道灯"]
    assert not ctx.nav.errors


def test_search_and_filters_narrow(products: Any, make_ctx: Any, show: Any, settle: Settle) -> None:
    ctx = make_ctx("sales")
    page = show(ctx, ProductsPage(ctx))
    page.set_search("xcqrs")
    settle(ctx)
    assert shown(page, "model_no") == ["DL-8010"]
    page.set_search("")
    page.set_filters(cct="2700")
    settle(ctx)
    assert shown(page, "model_no") == ["TR-2020"]


def test_cards_show_the_same_rows_and_share_the_selection(
    products: Any, make_ctx: Any, show: Any, settle: Settle, qtbot: Any
) -> None:
    ctx = make_ctx("sales")
    page = show(ctx, ProductsPage(ctx))
    qtbot.keyClick(page.table, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert page.as_cards
    assert page.cards.isVisible()
    assert not page.table.isVisible()
    assert page.cards.model().rowCount() == 2
    page.cards.grab()
    settle(ctx)
    settle(ctx)
    row = page.model.cached(0)
    qtbot.waitUntil(lambda: page.cards.pictures.get(row.image_sha256) is not None, timeout=5000)
    page.cards.setCurrentIndex(page.model.index(1, 0))
    assert page.table.current_row().model_no == "TR-2020"
    qtbot.keyClick(page.cards, Qt.Key.Key_Return)
    assert ctx.nav.opened == [("product", page.model.cached(1).id)]
    assert ctx.settings.window["products_cards"] is True
    again = show(ctx, ProductsPage(ctx))
    assert again.cards.isVisible()
    qtbot.mouseClick(again.findChild(object, "products.as_table"), Qt.MouseButton.LeftButton)
    assert again.table.isVisible()


def test_the_preview_shows_variants_and_prices(
    products: Any, make_ctx: Any, show: Any, settle: Settle, qtbot: Any
) -> None:
    ctx = make_ctx("sales")
    page = show(ctx, ProductsPage(ctx))
    page.table.select_first()
    qtbot.keyClick(page.table, Qt.Key.Key_Space)
    settle(ctx)
    settle(ctx)
    said = [label.text() for label in page.findChild(object, "product.preview").findChildren(QLabel)]
    assert "¥128.00" in said
    assert "10W 900lm 3000K Ra90 36° IP44 哑白" in said


@pytest.mark.parametrize(
    ("who", "offered"),
    [
        ("sales", set()),
        ("technical", {"导入产品", "光度文件", "新建产品"}),
        ("finance", {"导入价格"}),
    ],
)
def test_only_what_the_role_may_do_is_offered(
    products: Any, make_ctx: Any, show: Any, who: str, offered: set[str]
) -> None:
    from PySide6.QtWidgets import QPushButton

    ctx = make_ctx(who)
    page = show(ctx, ProductsPage(ctx))
    words = {b.text() for b in page.findChildren(QPushButton)}
    assert words & {"导入产品", "导入价格", "光度文件", "新建产品"} == offered


def test_discontinuing_in_bulk_can_be_undone(products: Any, make_ctx: Any, show: Any, settle: Settle, run: Run) -> None:
    ctx = make_ctx("technical")
    page = show(ctx, ProductsPage(ctx))
    page.table.selectAll()
    page.run_action(next(a for a in page.spec.actions if a.title == "停产"))
    settle(ctx)
    settle(ctx)
    assert ctx.nav.toasts == ["2 个产品已停产"]
    assert page.model.total == 0
    assert run("sales", catalogue.show, products["first"]).state == "discontinued"


def test_photometric_files_dropped_on_the_list_go_to_their_products(
    products: Any, make_ctx: Any, show: Any, settle: Settle, run: Run, tmp_path: Path
) -> None:
    paths = [tmp_path / name for name in ("DL-8010.ies", "unknown.ldt", "broken.ies", "gone.ies")]
    for path, data in zip(paths, (file(), file("nobody", ldt=True), file()[:-40]), strict=False):
        path.write_bytes(data)
    ctx = make_ctx("technical")
    page = show(ctx, ProductsPage(ctx))
    work = page.attach_light(paths)
    for _ in range(4):
        settle(ctx)
    assert [(r.name, r.outcome) for r in work.results] == [
        ("DL-8010.ies", "matched"), ("unknown.ldt", "unmatched"), ("broken.ies", "failed"), ("gone.ies", "failed"),
    ]  # fmt: skip
    assert page.findChild(QLabel, "light.summary").text() == "已添加 1 个，未匹配 1 个，读不出 2 个"
    assert len(run("sales", rows_of, products["first"])) == 1
    work.sheet.finish(False)
    assert not ctx.nav.errors


def test_a_product_list_in_excel_is_imported_from_the_page(
    make_ctx: Any, show: Any, settle: Settle, qtbot: Any, tmp_path: Path
) -> None:
    from tests.services.test_catalogue_imports import HEAD, ROWS, workbook

    ctx = make_ctx("technical")
    page = show(ctx, ProductsPage(ctx))
    assert page.model.total == 0
    importing = page.import_list("products")
    importing.read(workbook(tmp_path, HEAD, ROWS))
    for _ in range(2):
        settle(ctx)
    button = importing.findChild(object, "import.next")
    for _ in range(2):  # preview, then import
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
        for _ in range(2):
            settle(ctx)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    settle(ctx)
    assert shown(page, "model_no") == ["DG-2030", "DG-9010"]
    assert not ctx.nav.errors


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_paints_in_both_languages_with_long_names(
    run: Run, make_ctx: Any, show: Any, settle: Settle, lang: str
) -> None:
    make(run, "X" * 40, "名" * 60, variants=[variant("S" * 50)])
    set_language(lang)
    ctx = make_ctx("technical")
    page = show(ctx, ProductsPage(ctx), (900, 600))
    page.show_cards(True)
    page.grab()
    settle(ctx)
    assert not ctx.nav.errors
