"""Prices of a product: what is in force, what comes next, the history; floors and costs only for those who may see them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from presales_desktop.models.errors import PresalesError
from presales_desktop.models.fields import FieldType
from presales_desktop.models.values import round_fen
from presales_desktop.services import catalogue_prices
from presales_desktop.services.catalogue import ProductShown
from presales_desktop.services.catalogue_prices import CostEntry, FloorEntry, PriceEntry, PriceRow
from presales_desktop.texts import lookup, tr
from presales_desktop.views.catalogue.static_table import StaticTable
from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit import jobs
from presales_desktop.views.kit.basics import button, column, row, words
from presales_desktop.views.kit.columns import Column
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.dialogs import Sheet
from presales_desktop.views.kit.draft import Draft
from presales_desktop.views.kit.line_table import LineColumn, LineTable
from presales_desktop.views.kit.typed_edits import DatePicker, PercentEdit, today_of


@dataclass(frozen=True)
class PriceLine:
    """What a variant costs now. Amounts in fen; floor and cost stay None for those who may not see them."""

    id: UUID
    sku: str
    spec: str
    list_fen: int | None = None
    since: dt.date | None = None
    next_fen: int | None = None
    next_on: dt.date | None = None
    floor_fen: int | None = None
    cost_fen: int | None = None
    supplier: str = ""


@dataclass(frozen=True)
class HistoryLine:
    """One dated amount of any sort."""

    id: UUID
    effective_on: dt.date
    sku: str
    sort: str
    amount_fen: int
    source: str
    in_force: bool


@dataclass
class Change:
    """One variant in the sheet that sets new amounts; empty ones stay as they are."""

    variant_id: UUID
    sku: str
    now_fen: int | None
    list_fen: int | None = None
    floor_fen: int | None = None
    cost_fen: int | None = None


@dataclass
class Changes:
    """What the sheet edits."""

    lines: list[Change] = field(default_factory=list)


def lines_of(shown: ProductShown) -> list[PriceLine]:
    """One line a variant."""
    whole = [p for p in shown.prices if p.min_quantity == 1]  # quantity breaks stand in the history
    today = {p.variant_id: p for p in whole if p.in_force}
    coming: dict[UUID, Any] = {}
    for p in whole:  # newest first: the last one met is the next to come
        known = today.get(p.variant_id)
        if not p.in_force and (known is None or p.effective_on > known.effective_on):
            coming[p.variant_id] = p
    floors = {f.variant_id: f.floor_fen for f in getattr(shown, "floors", ()) if f.in_force}
    costs = {c.variant_id: c for c in getattr(shown, "costs", ()) if c.in_force}
    made = []
    for v in shown.variants:
        now, later, cost = today.get(v.id), coming.get(v.id), costs.get(v.id)
        made.append(
            PriceLine(
                v.id,
                v.sku,
                v.spec,
                now.list_fen if now else None,
                now.effective_on if now else None,
                later.list_fen if later else None,
                later.effective_on if later else None,
                floors.get(v.id),
                cost.cost_fen if cost else None,
                cost.supplier if cost else "",
            )
        )
    return made


def history_of(shown: ProductShown) -> list[HistoryLine]:
    """All dated amounts that the user may see, newest first."""
    made = [
        HistoryLine(p.id, p.effective_on, p.sku, "list", p.list_fen, _break_source(p), p.in_force) for p in shown.prices
    ]
    made += [
        HistoryLine(f.id, f.effective_on, f.sku, "floor", f.floor_fen, "", f.in_force)
        for f in getattr(shown, "floors", ())
    ]
    made += [
        HistoryLine(c.id, c.effective_on, c.sku, "cost", c.cost_fen, " · ".join(t for t in (c.supplier, c.source) if t), c.in_force)
        for c in getattr(shown, "costs", ())
    ]  # fmt: skip
    return sorted(made, key=lambda line: (line.effective_on, line.sku), reverse=True)


def _break_source(price: PriceRow) -> str:
    """The source, after from how many pieces a quantity break holds."""
    if price.min_quantity == 1:
        return price.source
    return " · ".join(filter(None, (tr("满 {n} 件起", n=price.min_quantity), price.source)))


class Prices(QWidget):
    """See the module. `adjust()` opens the sheet for those who may."""

    def __init__(self, ctx: ViewContext, page: QWidget) -> None:
        super().__init__()
        self._ctx, self._page = ctx, page
        self._shown: ProductShown | None = None
        self.setObjectName("product.prices")
        self.sees_floors = ctx.may("price.floor").allowed
        self.sees_costs = ctx.may("cost.view").allowed
        self.may_adjust = ctx.may("price.edit").allowed
        self.table = StaticTable(ctx, self._columns(), key="product.prices")
        self.table.setAccessibleName(tr("价格"))
        self.history = StaticTable(ctx, self._history_columns(), key="product.price_history", most=10)
        self.history.setAccessibleName(tr("价格历史"))
        self.history.hide()
        self.adjust_button = button(tr("调价"), self.adjust, look="link", icon="tag", name="product.prices.adjust")
        self.adjust_button.setVisible(self.may_adjust)
        self.history_button = button(
            tr("历史"), self.toggle_history, look="link", icon="history", name="product.prices.history"
        )
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(10)
        whole.addWidget(self.table)
        whole.addWidget(self.history)

    def _columns(self) -> list[Column]:
        def money(name: str, title: str, width: int = 90) -> Column:
            return Column(name, title, width, align="right", format=fmt.money, sortable=False)

        made = [
            Column("sku", "订货号", 130, sortable=False, strong=True),
            # The technical data stand in the table above; who sees costs needs the room for them.
            Column(
                "spec",
                "技术参数",
                130,
                sortable=False,
                stretch=True,
                hidden=self.sees_costs,
                tone=lambda _: "secondary",
            ),
            money("list_fen", "面价"),
            Column("since", "生效日期", 94, format=fmt.day_short, sortable=False, tone=lambda _: "secondary"),
            Column("next_on", "下次调价", 166, text=_coming, sortable=False, tone=lambda _: "amber"),
        ]
        if self.sees_floors:
            made.append(money("floor_fen", "底价"))
        if self.sees_costs:
            made.append(money("cost_fen", "成本（不含税）", 104))
            made.append(Column("supplier", "供应商", 130, sortable=False, hidden=True, tone=lambda _: "secondary"))
        return made

    def _history_columns(self) -> list[Column]:
        return [
            Column("effective_on", "生效日期", 110, format=fmt.day_short, sortable=False),
            Column("sku", "订货号", 190, sortable=False),
            Column("sort", "种类", 80, text=lambda r: tr(_SORTS[r.sort]), sortable=False),
            Column("amount_fen", "金额（元）", 120, align="right", format=fmt.money, sortable=False),
            Column("in_force", "状态", 80, chip=_force_chip, sortable=False),
            Column("source", "来源", 200, sortable=False, stretch=True, tone=lambda _: "secondary"),
        ]

    def show_product(self, shown: ProductShown | None) -> None:
        """Show the prices of a product; None while it is new."""
        self._shown = shown
        self.adjust_button.setEnabled(shown is not None)
        self.table.set_rows(lines_of(shown) if shown else ())
        self.history.set_rows(history_of(shown) if shown else ())

    def toggle_history(self) -> None:
        """Show or hide the history."""
        self.history.setVisible(not self.history.isVisibleTo(self))

    # setting

    def adjust(self) -> None:
        """A sheet with a line a variant: new amounts from a day on."""
        if self._shown is None or not self.may_adjust:
            return
        self.sheet = PriceSheet(self._page, self._ctx, lines_of(self._shown), floors=self.sees_floors,
                                costs=self._ctx.may("cost.edit").allowed)  # fmt: skip


def _coming(line: PriceLine) -> str:
    if line.next_on is None:
        return ""
    return tr("{day} 起 {price}", day=fmt.day_short(line.next_on), price=fmt.money(line.next_fen))


def _force_chip(line: HistoryLine) -> tuple[str, str] | None:
    return (tr("现行"), "good") if line.in_force else None


_SORTS = {"list": "面价", "floor": "底价", "cost": "成本"}


class PriceSheet(Sheet):
    """New list prices, floors and costs from a day on; nothing that was is overwritten."""

    def __init__(self, page: QWidget, ctx: ViewContext, lines: list[PriceLine], *, floors: bool, costs: bool) -> None:
        self._ctx, self._host = ctx, page
        self.day = DatePicker(lambda: today_of(ctx))
        self.day.setObjectName("price.day")
        self.day.setAccessibleName(tr("生效日期"))
        self.day.set_value(today_of(ctx))
        self.source = QLineEdit()
        self.source.setObjectName("price.source")
        self.source.setAccessibleName(tr("来源"))
        self.source.setPlaceholderText(tr("例如：铜铝上涨调价"))
        self.percent = PercentEdit(fraction=True)
        self.percent.setObjectName("price.percent")
        self.percent.setAccessibleName(tr("按比例调整面价"))
        self.draft = Draft(Changes([Change(line.id, line.sku, line.list_fen) for line in lines]))
        self.table = LineTable(
            ctx, self.draft, "lines", _sheet_columns(floors=floors, costs=costs), kind="price", fit=14
        )
        body = QWidget()
        inner = column(gap=12)
        inner.addLayout(row(words(tr("生效日期"), "small"), self.day, 12, words(tr("来源"), "small"), self.source))
        fill = button(tr("填入"), self.fill_by_percent, name="price.fill")
        inner.addLayout(row(words(tr("按比例调整面价"), "small"), self.percent, fill, None))
        inner.addWidget(self.table)
        inner.addWidget(words(tr("留空的不变；旧价格保留在历史中。"), "faint", wrap=True))
        inner.setContentsMargins(0, 0, 0, 0)
        body.setLayout(inner)
        super().__init__(
            page, tr("调价"), body, tr("保存价格"), valid=self._valid, name="price.sheet", width=720, keep_open=True
        )
        self.draft.setParent(self)
        self.confirmed.connect(lambda: jobs.start(self, self._save(), self._not_saved))

    def fill_by_percent(self) -> None:
        """New list prices by the percentage, rounded to whole yuan above 20 yuan."""
        share = self.percent.value
        if share is None:
            return
        with self.draft.macro(tr("按比例调整")):
            for n, line in enumerate(self.draft.value.lines):
                if line.now_fen is not None:
                    exact = line.now_fen * (1 + share)
                    step = 100 if exact > 2000 else 10
                    self.draft.set(f"lines.{n}.list_fen", max(step, round_fen(exact / step) * step))

    def _valid(self) -> str:
        self.table.commit()
        if self.day.value is None:
            return tr("请填写生效日期。")
        if not any(c.list_fen is not None or c.floor_fen is not None or c.cost_fen is not None for c in self._lines()):
            return tr("还没有填写新的价格。")
        return ""

    def _lines(self) -> list[Change]:
        lines: list[Change] = self.draft.value.lines
        return lines

    async def _save(self) -> None:
        day, source = self.day.value, self.source.text().strip()
        lines = self._lines()
        count = await self._ctx.db.run(
            catalogue_prices.adjust,
            [PriceEntry(c.variant_id, c.list_fen, day, source) for c in lines if c.list_fen is not None],
            [FloorEntry(c.variant_id, c.floor_fen, day) for c in lines if c.floor_fen is not None],
            [CostEntry(c.variant_id, c.cost_fen, day, source=source) for c in lines if c.cost_fen is not None],
        )
        self._ctx.nav.toast(tr("已保存 {n} 个价格，{day} 起生效", n=count, day=fmt.day_short(day)), tone="good")
        self.finish(True)

    def _not_saved(self, error: BaseException) -> None:
        if isinstance(error, PresalesError):
            self.show_problem(lookup.error_text(error, "price"))
        else:
            self._ctx.nav.show_error(error, self._host)


def _sheet_columns(*, floors: bool, costs: bool) -> tuple[LineColumn, ...]:
    made = [
        LineColumn("sku", "订货号", FieldType.TEXT, 140, editable=False, stretch=True),
        LineColumn("now_fen", "现价", FieldType.MONEY, 104, editable=False, tone=lambda _: "secondary"),
        LineColumn("list_fen", "新面价", FieldType.MONEY, 104, strong=True),
    ]
    if floors:
        made.append(LineColumn("floor_fen", "新底价", FieldType.MONEY, 104))
    if costs:
        made.append(LineColumn("cost_fen", "新成本（不含税）", FieldType.MONEY, 120))
    return tuple(made)
