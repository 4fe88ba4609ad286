"""The list of products as table or cards; imports of products, prices and photometric files; discontinuing in bulk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QWidget

from presales_desktop.services import catalogue
from presales_desktop.services.catalogue_lists import ProductRow
from presales_desktop.services.work import Work
from presales_desktop.texts import tr
from presales_desktop.texts.catalogue import KINDS
from presales_desktop.views.catalogue import words
from presales_desktop.views.catalogue.cards import CardGrid
from presales_desktop.views.catalogue.light_import import LightImport, choose_light_files
from presales_desktop.views.catalogue.preview import ProductPreview
from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit import shortcuts
from presales_desktop.views.kit.basics import icon_button
from presales_desktop.views.kit.columns import Column, choice_text, state_chip
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.import_page import ImportPage
from presales_desktop.views.kit.list_page import (
    EmptyText,
    FilterChoice,
    HeaderAction,
    ListAction,
    ListPage,
    ListSpec,
    SavedView,
)

_CHOICES = KINDS["product"].choices
_CCTS = (2700, 3000, 3500, 4000, 5000, 5700, 6000, 6500)
_CARDS = "products_cards"
LIGHT_FILES = (".ies", ".ldt", ".gldf")
TABLES = (".xlsx", ".xlsm", ".xls", ".et", ".csv", ".tsv", ".txt")


def discontinue_many(work: Work, ids: list[Any], action: str) -> int:
    """Take a step with several products in one transaction; how many."""
    for product_id in ids:
        catalogue.do(work, product_id, action, {})
    return len(ids)


def _choices(name: str) -> FilterChoice:
    return FilterChoice(
        name, KINDS["product"].labels[name], lambda: [(value, tr(word)) for value, word in _CHOICES[name].items()]
    )


class ProductsPage(ListPage):
    """See the module. `cards`: the grid; `show_cards(bool)` switches."""

    def __init__(self, ctx: ViewContext) -> None:
        super().__init__(ctx, _spec(self, ctx))
        self.setAcceptDrops(ctx.may("product.edit").allowed)
        self.table.set_base_sort("model_no")
        shortcuts.register(self, "Ctrl+Shift+G", tr("表格 / 卡片"), lambda: self.show_cards(not self.as_cards))
        self.show_cards(bool(ctx.settings.window.get(_CARDS, False)))

    # table or cards

    def _build_states(self) -> None:
        super()._build_states()
        self.cards = CardGrid(self.ctx, self.model)
        self.cards.setSelectionModel(self.table.selectionModel())
        self.cards.opened.connect(self.open_row)
        self.cards.preview_asked.connect(self.toggle_preview)
        self.cards.menu_asked.connect(self._row_menu)
        self._states.addWidget(self.cards)
        self.as_cards = False

    def _bar_buttons(self) -> list[QWidget]:
        self._as_table = icon_button("layout-list", tr("表格"), lambda: self.show_cards(False), checkable=True,
                                     shortcut=shortcuts.shown("Ctrl+Shift+G"), name="products.as_table")  # fmt: skip
        self._as_cards = icon_button("layout-grid", tr("卡片"), lambda: self.show_cards(True), checkable=True,
                                     shortcut=shortcuts.shown("Ctrl+Shift+G"), name="products.as_cards")  # fmt: skip
        return [self._as_table, self._as_cards, *super()._bar_buttons()]

    def show_cards(self, on: bool) -> None:
        """Cards instead of the table; remembered on this device."""
        self.as_cards = on
        self._as_table.setChecked(not on)
        self._as_cards.setChecked(on)
        if bool(self.ctx.settings.window.get(_CARDS, False)) != on:
            self.ctx.settings.window = {**self.ctx.settings.window, _CARDS: on}
        if self._states.currentWidget() in (self.table, self.cards):
            had = self.table.hasFocus() or self.cards.hasFocus()
            self._switch(self.table)
            if had:
                (self.cards if on else self.table).setFocus()

    def _switch(self, part: QWidget) -> None:
        super()._switch(self.cards if part is self.table and self.as_cards else part)

    def _fill_preview(self) -> None:
        # The kit's pane looks whether its table shows; behind the cards it is the same selection.
        if self.as_cards and self._preview_on and self._states.currentWidget() is self.cards:
            found = self.table.current_row()
            if found is not None:
                self._preview_area.setWidget(ProductPreview(self.ctx, found))
                return
        super()._fill_preview()

    # what comes in from files

    def import_list(self, target: str) -> ImportPage:
        """Lay the import of products or prices over the list."""
        page = ImportPage.open_over(self, self.ctx, target)
        page.imported.connect(lambda _result: self.reload())
        return page

    async def import_light(self) -> None:
        """Choose photometric files and attach them by model number."""
        paths = await choose_light_files(self)
        if paths:
            self.attach_light(paths)

    def attach_light(self, paths: list[Path]) -> LightImport:
        """Attach photometric files; the sheet shows what became of each."""
        made = LightImport(self, self.ctx)
        made.start(paths)
        return made

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _files(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        files = _files(event.mimeData())
        event.acceptProposedAction()
        light = [f for f in files if f.suffix.lower() in LIGHT_FILES]
        if light:
            self.attach_light(light)
        elif files:
            self.import_list("products").read(files[0])

    # steps

    async def step(self, rows: list[ProductRow], action: str) -> None:
        """Discontinue or sell again what is selected; the message offers to undo it."""
        ids = [row.id for row in rows]
        count = await self.ctx.db.run(discontinue_many, ids, action)
        stopped = action == "discontinue"
        text = tr("{n} 个产品已停产", n=count) if stopped else tr("{n} 个产品已恢复在售", n=count)
        back = "reactivate" if stopped else "discontinue"
        self.ctx.nav.toast(text, tone="good", action=(tr("撤销"), lambda: self.run(lambda: self.step(rows, back))))

    async def quote(self, rows: list[ProductRow]) -> None:
        """A new quote with the first variant of the selected product."""
        known = await self.ctx.db.run(catalogue.variant_ids, [rows[0].id])
        if known:
            self.ctx.nav.new("quote", variant_id=known[rows[0].id][0])


def _files(mime: QMimeData) -> list[Path]:
    paths = [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]
    return [p for p in paths if p.suffix.lower() in (*LIGHT_FILES, *TABLES)]


def _spec(page: ProductsPage, ctx: ViewContext) -> ListSpec:
    actions = []
    if ctx.may("quote.create").allowed:
        actions.append(
            ListAction("加入报价", "receipt-text", lambda rows: page.quote(rows), "Ctrl+Shift+Q", bulk=False)
        )
    if ctx.may("product.edit").allowed:
        actions += [
            ListAction(
                "停产", "ban", lambda rows: page.step(rows, "discontinue"), "",
                lambda rows: all(r.state == "active" for r in rows),
            ),
            ListAction(
                "恢复在售", "rotate-ccw", lambda rows: page.step(rows, "reactivate"), "",
                lambda rows: all(r.state == "discontinued" for r in rows),
            ),
        ]  # fmt: skip
    return ListSpec(
        key="products",
        kind="product",
        title="产品",
        icon="lamp-ceiling",
        columns=(
            Column("model_no", "型号", 110, strong=True),
            Column("name", "品名", 240, stretch=True),
            Column("series", "系列", 90, hidden=True),
            Column("category", "类别", 84, format=choice_text("product", "category")),
            Column("style", "风格", 84, format=choice_text("product", "style"), sortable=False, tone=lambda _: "secondary"),
            Column("mounting", "安装方式", 84, format=choice_text("product", "mounting"), sortable=False, hidden=True),
            Column("power", "功率", 92, align="right", text=words.power, sortable=False),
            Column("flux", "光通量", 130, align="right", text=words.flux, sortable=False),
            Column("ccts", "色温", 142, align="right", text=words.ccts, sortable=False),
            Column("variants", "规格", 76, align="right", sortable=False),
            Column("list_from_fen", "面价", 116, align="right", text=words.price, sortable=False),
            Column("photometry", "光度", 56, align="center", text=_light_mark, sortable=False, tone=lambda _: "accent"),
            Column("lead_days", "交货期（天）", 88, align="right", sortable=False, hidden=True),
            Column("brand", "品牌", 90, hidden=True),
            Column("state", "状态", 72, chip=state_chip("product", words.STATE_TONES), sortable=False),
            Column("updated_at", "更新时间", 100, format=fmt.ago, tone=lambda _: "secondary", hidden=True),
        ),
        query=catalogue.list_rows,
        views=(
            SavedView("在售", (("state", "active"),), "model_no"),
            SavedView("最近更新", (("state", "active"),), "-updated_at"),
            SavedView("缺光度文件", (("state", "active"), ("photometry", "no")), "model_no"),
            SavedView("停产", (("state", "discontinued"),), "model_no"),
        ),
        filters=(
            *(_choices(name) for name in ("category", "style", "mounting")),
            FilterChoice("cct", "色温", [(str(k), f"{k} K") for k in _CCTS]),
        ),
        empty=EmptyText(
            "lamp-ceiling", "目录还是空的", "从公司的 Excel 产品表导入，或新建第一个产品；光度文件可以直接拖进来。"
        ),
        new_right="product.create",
        new_title="新建产品",
        preview=lambda context, row: ProductPreview(context, row),
        actions=tuple(actions),
        header=(
            HeaderAction("导入产品", "import", lambda: page.import_list("products"), "Ctrl+I", "product.edit"),
            HeaderAction("导入价格", "tag", lambda: page.import_list("prices"), "Ctrl+Shift+I", "price.edit"),
            HeaderAction("光度文件", "lightbulb", page.import_light, "Ctrl+Shift+L", "product.edit"),
        ),
        also=("price", "photometry", "attachment"),
        search_hint="搜索品名、型号、订货号或拼音首字母",
    )  # fmt: skip


def _light_mark(row: ProductRow) -> str:
    return "●" if row.photometry else ""
