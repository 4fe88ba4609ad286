"""The list of quotes: mine, what waits for my decision, what can be sent, what is out."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from presales_desktop.services import quotes
from presales_desktop.services.quotes import QuoteRow, QuoteShown
from presales_desktop.texts import lookup, tr
from presales_desktop.views.kit import format as formats
from presales_desktop.views.kit import jobs
from presales_desktop.views.kit.basics import words
from presales_desktop.views.kit.columns import Column
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.list_page import EmptyText, FilterChoice, ListAction, ListPage, ListSpec, SavedView
from presales_desktop.views.quotes.words import state_word

_SHOWN_LINES = 12


def _total(row: QuoteRow) -> str:
    return formats.money(row.total_fen, currency=row.currency)


def columns() -> tuple[Column, ...]:
    """Columns of quote lists."""
    return (
        Column("label", "报价单号", 170, strong=True),
        Column("title", "项目名称", 220, stretch=True, detail=lambda r: r.customer),
        Column("state", "状态", 124, chip=lambda r: state_word(r.state, expired=r.expired)),
        Column("total_fen", "合计", 130, align="right", text=_total),
        Column("valid_until", "有效期至", 120, format=formats.day, tone=_validity_tone),
        Column("owner", "报价人", 80, tone=lambda r: "secondary"),
        Column("customer", "客户", 180, hidden=True),
        Column("submitted_at", "提交", 110, format=formats.ago, tone=lambda r: "secondary", hidden=True),
        Column("updated_at", "更新", 110, format=formats.ago, tone=lambda r: "secondary"),
    )


def _validity_tone(row: Any) -> str:
    return "bad" if row.expired else "secondary"


def make_page(ctx: ViewContext) -> QWidget:
    """The page."""

    def copy(rows: list[QuoteRow]) -> None:
        ctx.nav.new("quote", copy_of=rows[0].id)

    states = tuple((name, word) for name, word in lookup.kinds()["quote"].states.items())
    return ListPage(
        ctx,
        ListSpec(
            key="quotes",
            kind="quote",
            title="报价",
            icon="receipt-text",
            columns=columns(),
            query=quotes.list_rows,
            views=_views(ctx),
            filters=(
                FilterChoice("state", "状态", states),
                FilterChoice("expired", "有效期", (("1", "已过期"), ("0", "有效"))),
            ),
            empty=EmptyText(
                "receipt-text", "还没有报价单", "从设计方案一键生成，从 Excel 清单导入，或新建一张空白报价单。"
            ),
            new_right="quote.create",
            new_title="新建报价单",
            preview=_Preview,
            actions=(ListAction("复制为新报价", "copy", copy, "Ctrl+Shift+D", bulk=False),),
            also=("decision",),
            search_hint="搜索报价单号、项目或拼音首字母",
        ),
    )


def _views(ctx: ViewContext) -> tuple[SavedView, ...]:
    mine = SavedView("我的报价", (("owner_id", "me"), ("latest", "1")), "-updated_at")
    waiting = SavedView("待我审批", (("waiting", "me"),), "submitted_at")
    rest = (
        SavedView("待发送", (("state", "approved"),), "-updated_at"),
        SavedView("已发送", (("state", "sent"),), "valid_until"),
        SavedView("全部", (), "-updated_at"),
    )
    decides = ctx.may("quote.finance").allowed or ctx.may("quote.superior").allowed
    sells = ctx.may("quote.create").allowed
    first = (*((waiting,) if decides else ()), *((mine,) if sells else ()))
    return (*first, *rest)


class _Preview(QWidget):
    """A quote at a glance: state, totals, and its first lines."""

    def __init__(self, ctx: ViewContext, row: QuoteRow) -> None:
        super().__init__()
        self._ctx = ctx
        self._inner = QVBoxLayout(self)
        self._inner.setSpacing(6)
        self._inner.addWidget(words(row.label, "secondary"))
        self._inner.addWidget(words(row.title, "section", wrap=True))
        self._inner.addWidget(words(f"{row.customer} · {row.owner}", "secondary", wrap=True))
        self._inner.addWidget(words(_total(row), "figure"))
        self._inner.addStretch(1)
        jobs.start(self, self._fill(row))

    async def _fill(self, row: QuoteRow) -> None:
        shown: QuoteShown = await self._ctx.db.run(quotes.show, row.id)
        place = self._inner.count() - 1
        items = [line for line in shown.lines if line.type == "item"]
        for line in items[:_SHOWN_LINES]:
            text = f"{line.name}  × {formats.number(line.quantity)}  {formats.money(line.amount_fen)}"
            self._inner.insertWidget(place, words(text, "small", wrap=True))
            place += 1
        if len(items) > _SHOWN_LINES:
            self._inner.insertWidget(place, words(tr("还有 {n} 行", n=len(items) - _SHOWN_LINES), "faint"))
