"""Setting prices on the quote page: what the current line's price can be set by, and the way to a total that the customer names."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from presales_desktop.models.errors import PresalesError
from presales_desktop.models.quotes import HOME
from presales_desktop.services import bills, quote_solver
from presales_desktop.services.quote_drafts import QuoteDraft, foreign
from presales_desktop.services.quote_solver import Basis, Plan
from presales_desktop.texts import lookup, tr
from presales_desktop.views.kit import dialogs, jobs
from presales_desktop.views.kit import format as formats
from presales_desktop.views.kit.basics import clear, column, row, words
from presales_desktop.views.kit.panels import RowButton, SidePanel
from presales_desktop.views.kit.typed_edits import MoneyEdit

if TYPE_CHECKING:
    from presales_desktop.views.quotes.editor import QuoteEditor

_SHOWN = 12


class BasisPanel(SidePanel):
    """Prices that the current line could have, side by side; a click or Enter takes one: TAKE(fen of the quote's currency)."""

    def __init__(self, take: Callable[[int], object]) -> None:
        super().__init__(tr("定价参考"), key="quote.basis")
        self.setObjectName("quote.basis")
        self._take = take
        self._list = column(gap=2)
        self.body.addLayout(self._list)
        self.hide()

    def show_basis(self, basis: Basis | None, draft: QuoteDraft, *, editable: bool) -> None:
        """What BASIS says; hidden when the line has none."""
        clear(self._list)
        self.setVisible(basis is not None)
        if basis is None:
            return
        rows = [(tr("目录价"), "", basis.list_fen), (tr("市场价"), _market(basis, draft), basis.market_fen)]
        if basis.floor_price_fen is not None:
            rows.append((tr("成本加成 · 底线"), tr("刚好到毛利底线"), basis.floor_price_fen))
            rows.append((tr("成本加成 · 目标"), tr("底线之上留有余地"), basis.target_price_fen))
        for title, under, fen in rows:
            if fen is not None:
                self._list.addWidget(
                    self._row(title, under, foreign(fen, draft.exchange_rate) or 0, draft, editable=editable)
                )

    def _row(self, title: str, under: str, fen: int, draft: QuoteDraft, *, editable: bool) -> QWidget:
        made = RowButton(tr("采用{title}", title=title), lambda: self._take(fen))
        made.setEnabled(editable)
        inner = row(margins=(6, 3, 4, 3))
        made.setLayout(inner)
        told = column(words(title), gap=0)
        if under:
            told.addWidget(words(under, "small"))
        inner.addLayout(told, 1)
        inner.addWidget(words(formats.money(fen, currency=draft.currency)))
        return made


def _market(basis: Basis, draft: QuoteDraft) -> str:
    if basis.low_fen is None or basis.high_fen is None:
        return ""
    low, high = (
        formats.money(foreign(f, draft.exchange_rate), currency=draft.currency) for f in (basis.low_fen, basis.high_fen)
    )
    return tr("最近 {n} 次报价 {low}–{high}", n=basis.samples, low=low, high=high)


class Bases:
    """What the page knows of prices by variant; asks for what it does not know yet."""

    def __init__(self, page: QuoteEditor) -> None:
        self._page = page
        self._known: dict[UUID, Basis] = {}

    def show(self, number: int) -> None:
        """The panel for line NUMBER."""
        page, value = self._page, self._page.draft.value
        line = value.lines[number] if 0 <= number < len(value.lines) else None
        if line is None or line.variant_id is None or line.type == "component":
            page.basis.show_basis(None, value, editable=False)
        elif line.variant_id in self._known:
            page.basis.show_basis(self._known[line.variant_id], value, editable=not page.read_only())
        else:
            jobs.start(page, self._ask(line.variant_id))

    async def _ask(self, variant_id: UUID) -> None:
        value = self._page.draft.value
        found = await self._page.ctx.db.run(
            quote_solver.bases, [variant_id], value.tax_rate, included=value.tax_included, besides=value.number
        )
        self._known.update(found)
        now = self._page.lines.current_line()
        if 0 <= now < len(self._page.draft.value.lines) and self._page.draft.value.lines[now].variant_id == variant_id:
            self.show(now)

    def forget(self) -> None:
        """Tax or currency changed: figures are asked for again."""
        self._known.clear()

    def take(self, fen: int) -> None:
        """FEN for the current line."""
        page, number = self._page, self._page.lines.current_line()
        if number >= 0 and not page.read_only():
            page.draft.set(f"lines.{number}.unit_price_fen", fen, merge=False)
            page.lines.setFocus()


async def ask_target(page: QuoteEditor) -> None:
    """Ask for the customer's total, show the way there, take it as one step that can be undone."""
    if page.read_only():
        return
    body = QWidget()
    inner = QVBoxLayout(body)
    inner.setContentsMargins(0, 0, 0, 0)
    edit = MoneyEdit()
    edit.setObjectName("quote.target.total")
    edit.setAccessibleName(tr("客户要的总价"))
    swap = QCheckBox(tr("允许换成等同或更优、更便宜的产品"))
    swap.setObjectName("quote.target.swap")
    swap.setChecked(True)
    told = column(gap=3)
    inner.addWidget(words(tr("客户要的总价（含税，{currency}）", currency=page.draft.value.currency), "small"))
    inner.addWidget(edit)
    inner.addWidget(swap)
    inner.addLayout(told)
    plans: list[Plan | None] = [None]
    held = page.draft.snapshot()

    async def reckon() -> None:
        fen = edit.value
        plans[0] = None
        if fen is None:
            clear(told)
            return
        try:
            plan = await page.ctx.db.run(quote_solver.solve, held, fen, swaps=swap.isChecked())
        except PresalesError as error:
            clear(told)
            told.addWidget(words(lookup.error_text(error, "quote"), "bad", wrap=True))
            return
        if edit.value == fen:
            plans[0] = plan
            clear(told)
            for text, role in _plan_words(plan):
                told.addWidget(words(text, role, wrap=True))

    def again(*_: object) -> None:
        jobs.start(page, reckon(), lambda error: page.ctx.nav.show_error(error, page))

    edit.value_changed.connect(again)
    swap.toggled.connect(again)
    edit.setFocus()

    def valid() -> str:
        return "" if plans[0] is not None else tr("请填写一个能达到的总价。")

    if (
        await dialogs.ask(page, tr("按目标价"), body, tr("采用"), valid=valid, name="quote.target.sheet")
        and plans[0] is not None
    ):
        page.draft.take_over(plans[0].draft, tr("按目标价"))
        page.recompute()


def _plan_words(plan: Plan) -> list[tuple[str, str]]:
    money = plan.draft.currency

    def said(fen: int) -> str:
        return formats.money(fen, currency=money)

    if plan.total_fen == plan.before_fen:
        return [(tr("现在就是 {now}，不高于目标，不用改。", now=said(plan.before_fen)), "")]
    off = formats.percent(plan.off)
    made = [
        (
            tr("{before} → {after}，下降 {off}", before=said(plan.before_fen), after=said(plan.total_fen), off=off),
            "strong",
        )
    ]
    for each in plan.swaps[:_SHOWN]:
        now = f"{each.facts.sku} {each.facts.name}"
        line = tr(
            "第 {n} 行 {was} 换成 {now}，省 {saves}", n=each.line + 1, was=each.was, now=now, saves=said(each.saves_fen)
        )
        made.append((line, ""))
        made.append((tr("；").join(bills.evidence_words(e) for e in each.evidence), "small"))
    made.append((tr("整单优惠 {amount}", amount=said(plan.discount_fen)), ""))
    if plan.swaps:
        made.append((tr("光通量不低于原来、光束角相近；配光不同时请在方案里再算一次照度。"), "faint"))
    if money != HOME:
        made.append((tr("按汇率 {rate} 折算。", rate=plan.draft.exchange_rate.normalize()), "faint"))
    return made
