"""Beside the queue of the approval desk: one quote with its costs, and what its products and its customer were approved at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from presales_desktop.models.quote_desk import HARMFUL
from presales_desktop.services.listing import ListQuery, Page
from presales_desktop.services.quote_desk import DeskCase, DeskLine
from presales_desktop.services.work import Work
from presales_desktop.texts import quotes as texts
from presales_desktop.texts import tr
from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit import tokens
from presales_desktop.views.kit.basics import Elided, clear, column, row, words
from presales_desktop.views.kit.columns import Column
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.events import step_word
from presales_desktop.views.kit.key_figures import Figure, KeyFigures
from presales_desktop.views.kit.states import Chip
from presales_desktop.views.kit.table import RowTable

_LIGHTS = {"good": ("毛利正常", "good"), "watch": ("毛利偏低", "amber"), "bad": ("毛利不足", "bad")}


def mark_chips(marks: Sequence[str]) -> list[tuple[str, str]]:
    """Words and tones of MARKS; a quote without any that matters is said to be harmless."""
    chips = [(tr(texts.DESK_MARKS[m]), "bad" if m in ("drift", "margin", "below_usual") else "amber") for m in marks]
    return chips if HARMFUL & set(marks) else [(tr("无碍"), "good"), *chips]


class _Rows(RowTable):
    """Rows in memory as a table that pages, copies and remembers its columns like every other."""

    def __init__(self, ctx: ViewContext, columns: Sequence[Column], key: str) -> None:
        self._rows: tuple[Any, ...] = ()
        super().__init__(ctx, self._page, columns, key=key)
        self.setFrameShape(RowTable.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)

    def _page(self, _work: Work, query: ListQuery) -> Page[Any]:
        rows = self._rows
        return Page(rows[query.offset : query.offset + query.limit], len(rows), query.offset)

    def show_rows(self, rows: Sequence[Any]) -> None:
        """Show ROWS."""
        self._rows = tuple(rows)
        self.windowed.set_query(ListQuery())


def _usual(line: DeskLine) -> str:
    if line.usual is None:
        return "—"
    middle = fmt.money(int(line.usual.median_fen), symbol=False)
    return tr("{price}（{n} 次）", price=middle, n=line.usual.count)


def _line_columns(*, costs: bool) -> tuple[Column, ...]:
    made = [
        Column("name", "产品", 150, stretch=True, sortable=False, detail=lambda x: x.model),
        Column("pieces", "数量", 54, "right", format=fmt.number, sortable=False),
        Column(
            "unit_fen", "未税单价", 84, "right", format=lambda v: fmt.money(v, symbol=False), sortable=False,
            tone=lambda x: "bad" if x.usual is not None and x.usual.side else "text",
        ),
        Column("usual", "往常中位价", 96, "right", text=_usual, sortable=False, tone=lambda _: "secondary"),
    ]  # fmt: skip
    if costs:
        made += [
            Column(
                "cost", "成本", 76, "right", sortable=False, tone=lambda _: "secondary",
                text=lambda x: fmt.money(x.cost.unit_cost_fen, symbol=False) if x.cost is not None else "—",
            ),
            Column(
                "margin", "毛利率", 62, "right", sortable=False,
                text=lambda x: fmt.percent(x.cost.margin) if x.cost is not None else "—",
                tone=lambda x: "bad" if x.cost is not None and x.cost.low else "text",
            ),
        ]  # fmt: skip
    return tuple(made)


def _sold_columns(*, costs: bool) -> tuple[Column, ...]:
    made = [
        Column("day", "日期", 98, format=lambda v: fmt.day_short(v.date()) if v else "", sortable=False,
               tone=lambda _: "secondary"),
        Column("of", "类别", 80, chip=lambda x: (tr("同产品"), "accent") if x.of == "product" else (tr("同客户"), "neutral"),
               sortable=False),
        Column("customer", "客户", 90, sortable=False, stretch=True),
        Column("name", "产品", 96, sortable=False, detail=lambda x: x.model),
        Column("unit_fen", "未税单价", 76, "right", format=lambda v: fmt.money(v, symbol=False), sortable=False),
        Column("discount", "折扣", 56, "right", format=fmt.percent, sortable=False),
    ]  # fmt: skip
    if costs:
        made.append(Column("margin", "毛利率", 62, "right", format=fmt.percent, sortable=False))
    return tuple(made)


class CasePanel(QWidget):
    """`show_case(case)`; without one it is empty."""

    def __init__(self, ctx: ViewContext) -> None:
        super().__init__()
        self.setObjectName("desk.case")
        self._costs = ctx.may("cost.view").allowed
        self._title = Elided("", "section")
        self._under = Elided("", "secondary")
        self._chips = row(gap=6)
        self._figures = KeyFigures()
        self._figures.setObjectName("desk.figures")
        self.lines = _Rows(ctx, _line_columns(costs=self._costs), "desk_lines")
        self.lines.setAccessibleName(tr("明细与成本"))
        self.sold = _Rows(ctx, _sold_columns(costs=self._costs), "desk_sold")
        self.sold.setAccessibleName(tr("以往批准的价格"))
        self._none = words(tr("这些产品和这位客户还没有批准过的报价。"), "small", wrap=True)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(tokens.MARGIN, 12, tokens.MARGIN, 8)
        whole.setSpacing(8)
        whole.addLayout(column(self._title, self._under, gap=2))
        whole.addLayout(self._chips)
        whole.addWidget(self._figures)
        whole.addWidget(words(tr("明细与成本") if self._costs else tr("明细"), "strong"))
        whole.addWidget(self.lines, 3)
        whole.addWidget(words(tr("以往批准的价格"), "strong"))
        whole.addWidget(self._none)
        whole.addWidget(self.sold, 2)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_case(self, case: DeskCase) -> None:
        """Show CASE."""
        found = case.row
        self._title.setText(f"{found.label}  {found.title}")
        step = step_word(found.step)
        parts = [found.customer, found.owner, tr("已等 {n} 天", n=found.days)]
        parts.append(tr("{step}（代{name}）", step=step, name=found.principal) if found.principal else step)
        self._under.setText(" · ".join(part for part in parts if part))
        clear(self._chips)
        for chip in mark_chips(case.marks):
            self._chips.addWidget(Chip(*chip))
        self._chips.addStretch(1)
        self._figures.set_figures(self._told(case))
        self.lines.show_rows(case.lines)
        self.sold.show_rows(case.sold)
        self._none.setVisible(not case.sold)

    def _told(self, case: DeskCase) -> list[Figure]:
        found = case.row
        foreign = found.currency != "CNY"
        total = fmt.money(found.total_fen, currency=found.currency)
        made = [Figure(total, tr("含税总价"), note=fmt.money(found.yuan_fen) if foreign else "")]
        sheet = case.sheet
        if sheet is not None:
            tone = "bad" if sheet.low or sheet.margin is None else ""
            made.append(Figure(fmt.money(sheet.cost_fen), tr("成本")))
            made.append(Figure(fmt.percent(sheet.margin), tr("毛利率"), tone, fmt.money(sheet.profit_fen)))
            if sheet.drift:
                far = abs(sheet.drift) > sheet.policy.cost_drift
                made.append(Figure(f"{sheet.drift * 100:+.1f}%", tr("成本变动"), "bad" if far else ""))
        elif case.band:
            word, tone = _LIGHTS[case.band]
            made.append(Figure(tr(word), tr("毛利"), tone))
        return made
