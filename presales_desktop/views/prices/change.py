"""The editor of a repricing: the rule, what it does to which price while one types, which live quotes are concerned, apply and roll back."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Final
from uuid import UUID

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout

from presales_desktop.models.fields import validate
from presales_desktop.models.prices import FIELDS, rule_problems
from presales_desktop.services import price_changes, price_exposure, price_notices
from presales_desktop.services.price_changes import PriceChangeDraft, PriceChangeShown
from presales_desktop.services.price_exposure import ExposedQuote, Preview
from presales_desktop.services.work import Work
from presales_desktop.texts import lookup, tr
from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit import jobs
from presales_desktop.views.kit.basics import Elided, clear, column, row, words
from presales_desktop.views.kit.columns import Column
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.dialogs import ask_text, confirm_danger
from presales_desktop.views.kit.editor_page import EditorPage, Heading, Step
from presales_desktop.views.kit.form import Form
from presales_desktop.views.kit.panels import Figure, KeyFigures, RelatedPanel, RelatedRow, TimelinePanel
from presales_desktop.views.kit.row_button import RowButton
from presales_desktop.views.kit.side_panel import SidePanel
from presales_desktop.views.prices.list import TONES, signed
from presales_desktop.views.prices.table import PriceTable

_CHECK_MS: Final = 250
_SHOWN_QUOTES: Final = 30


def _both(work: Work, change_id: UUID) -> tuple[PriceChangeDraft, PriceChangeShown, Preview]:
    return (
        price_changes.load(work, change_id),
        price_changes.show(work, change_id),
        price_changes.entries_of(work, change_id),
    )


def _try(work: Work, draft: PriceChangeDraft) -> tuple[Preview, tuple[ExposedQuote, ...]]:
    found = price_changes.preview(work, draft)
    assert draft.effective_on is not None
    return found, price_exposure.exposure(work, found.entries, draft.effective_on)


class PriceChangeEditor(EditorPage):
    """See the module. `found`: the prices that are shown now."""

    def __init__(self, ctx: ViewContext, record_id: UUID | None, initial: dict[str, Any] | None = None) -> None:
        self.shown: PriceChangeShown | None = None
        self.found: Preview | None = None
        self._asked = 0
        super().__init__(ctx, "price_change", record_id, initial)

    async def load(self) -> PriceChangeDraft:
        """The rule with what it does."""
        if self.record_id is None:
            return await self.ctx.db.run(price_changes.new_draft, self.initial)
        draft, self.shown, self.found = await self.ctx.db.run(_both, self.record_id)
        return draft

    async def save(self, value: PriceChangeDraft) -> UUID:
        """Through the service."""
        return await self.ctx.db.run(price_changes.save, value, initiator=self)

    def read_only(self) -> bool:
        """Everything but a draft, for all but finance."""
        drafting = self.shown is None or self.shown.state == "draft"
        return not drafting or not self.ctx.may("price_change.edit").allowed

    def build(self) -> Iterator[None]:
        """Rule, figures, prices; the quotes beside them."""
        fields = [f for f in FIELDS if not f.read_only]
        form = Form(self.ctx, self.draft, fields, "price_change", columns=3, wide=("title", "reason"))
        self.add_section(tr("规则"), form, wide=True)
        yield
        self.figures = KeyFigures()
        self._note = words("", "small", wrap=True)
        self.table = PriceTable(
            self.ctx,
            (
                Column("sku", "产品编码", 150, sortable=False),
                Column("name", "名称", 240, stretch=True, sortable=False),
                Column("min_quantity", "最少数量", 90, align="right", sortable=False),
                Column("old_fen", "现价", 120, align="right", format=fmt.money, sortable=False),
                Column("new_fen", "新价", 120, align="right", format=fmt.money, strong=True, sortable=False),
                Column("change", "涨跌", 90, align="right", text=_moved, sortable=False),
            ),
        )
        self._prices = self.add_section(tr("价格预览"), self.figures, self._note, self.table, wide=True)
        yield
        self.exposed = ExposedPanel(self.ctx)
        self.related = RelatedPanel(self.ctx)
        self.timeline = TimelinePanel(self.ctx)
        for panel in (self.exposed, self.related, self.timeline):
            self.add_side(panel)
        self._later = QTimer(self, singleShot=True, interval=_CHECK_MS)
        self._later.timeout.connect(self.check_now)
        self.draft.changed.connect(lambda _path: self._later.start())
        self.draft.replaced.connect(self._later.start)

    # live

    def check_now(self) -> None:
        """Ask anew what the rule does as it is typed now."""
        if not self.read_only():
            self._asked += 1
            jobs.start(self, self._check(self._asked))

    async def _check(self, asked: int) -> None:
        value: PriceChangeDraft = self.draft.snapshot()
        if rule_problems(value) or [p for p in validate(FIELDS, value) if p.field not in ("title", "reason")]:
            self._show(None, ())
            return
        self._prices.set_note(tr("正在计算…"))
        found, exposed = await self.ctx.db.run(_try, value)
        if asked == self._asked:
            self._show(found, exposed)

    def _show(self, found: Preview | None, exposed: tuple[ExposedQuote, ...]) -> None:
        self.found = found
        entries = found.entries if found is not None else ()
        self.table.show_rows(entries)
        self._prices.set_note(tr("{n} 条价格", n=f"{len(entries):,}") if entries else "")
        self.exposed.show_quotes(exposed)
        if found is None or not entries:
            self.figures.set_figures(())
            self._note.setText(tr("暂时没有符合规则的价格。"))
            self._note.setVisible(True)
            return
        at_stake = sum(q.at_stake_fen for q in exposed)
        self.figures.set_figures(
            [
                Figure(f"{len(entries):,}", tr("价格条数")),
                Figure(signed(found.average_percent), tr("平均涨跌（%）")),
                Figure(fmt.money(at_stake), tr("受影响的报价"), note=tr("{n} 份", n=len(exposed))),
            ]
        )
        said = []
        if found.below_floor:
            said.append(tr("{n} 条低于底价", n=found.below_floor))
        if found.without_cost:
            said.append(tr("{n} 条没有成本，不调整", n=found.without_cost))
        if found.same:
            said.append(tr("{n} 条不变", n=found.same))
        self._note.setText(" · ".join(said))
        self._note.setVisible(bool(said))

    # head and steps

    def heading(self) -> Heading:
        """Number, name, state."""
        if self.shown is None:
            return Heading("", tr("新建调价"), None, "")
        chip = (lookup.state("price_change", self.shown.state), TONES[self.shown.state])
        return Heading(self.shown.number, self.shown.title, chip, tr("从 {day} 起", day=self.draft.value.effective_on))

    def steps(self) -> list[Step]:
        """Apply, letters, roll back."""
        state = self.shown.state if self.shown is not None else "draft"
        may = self.ctx.may("price_change.edit").allowed
        why = "" if may else tr("由财务制定和执行调价。")
        made: list[Step] = []
        if state == "draft":
            made.append(self._step("apply", self._apply, may, why, primary=True, icon="check"))
            if self.shown is not None:
                made.append(self._step("cancel", self._cancel, may, why, icon="ban", tone="bad", saves=False))
        if state == "applied":
            tells = self.ctx.may("price_notice.edit").allowed
            made += [
                Step(action="notices", title=tr("起草通知函"), callback=self._notices, icon="mail", primary=True,
                     enabled=tells, why=tr("您的岗位不能做这一步。"), saves=False),
                self._step("roll_back", self._roll_back, may, why, icon="rotate-ccw", tone="bad", saves=False),
            ]  # fmt: skip
        return made

    def _step(self, action: str, callback: Any, may: bool, why: str, **more: Any) -> Step:
        title = lookup.action("price_change", action)
        return Step(action=action, title=title, callback=callback, enabled=may, why=why, **more)

    async def _apply(self) -> None:
        assert self.record_id is not None
        n = len(self.found.entries) if self.found is not None else 0
        said = tr("执行调价后，{n} 条价格从 {day} 起生效。", n=n, day=self.draft.value.effective_on)
        if await confirm_danger(self, tr("执行调价"), said, tr("执行调价")):
            done = await self.ctx.db.run(price_changes.apply, self.record_id, initiator=self)
            self.ctx.nav.toast(tr("已执行：{n} 条价格。", n=done), tone="good")

    async def _cancel(self) -> None:
        reason = await ask_text(self, tr("取消"), tr("原因"), primary=tr("取消调价"), name="price_change.cancel")
        if reason is not None and self.record_id is not None:
            await self.ctx.db.run(price_changes.cancel, self.record_id, reason, initiator=self)

    async def _roll_back(self) -> None:
        reason = await ask_text(self, tr("撤回调价"), tr("原因"), primary=tr("撤回调价"), name="price_change.roll_back")
        if reason is not None and self.record_id is not None:
            done = await self.ctx.db.run(price_changes.roll_back, self.record_id, reason, initiator=self)
            self.ctx.nav.toast(tr("已撤回：{n} 条价格恢复。", n=done), tone="good")

    async def _notices(self) -> None:
        assert self.record_id is not None
        done = await self.ctx.db.run(price_notices.draft_all, self.record_id, initiator=self)
        said = tr("已起草 {n} 份通知函。", n=done) if done else tr("没有需要通知的新客户。")
        opens = partial(self.ctx.nav.list, "price_notices", change_id=str(self.record_id))
        self.ctx.nav.toast(said, tone="good" if done else "neutral", action=(tr("打开通知函"), opens))

    def refresh(self) -> None:
        """After every load and save."""
        if self.shown is None:
            self.check_now()
            return
        self._show(self.found, self.shown.exposed)
        event = self.draft.value.event_id
        self.related.set_rows([RelatedRow("price_event", event, tr("市场动态"))] if event is not None else [])
        self.timeline.load("price_change", self.shown.id)


def _moved(entry: Any) -> str:
    return f"{(entry.new_fen - entry.old_fen) * 100 / entry.old_fen:+.1f}%"


class ExposedPanel(SidePanel):
    """Live quotes with goods that are repriced, by the day on which they expire."""

    def __init__(self, ctx: ViewContext) -> None:
        super().__init__(tr("受影响的报价"), key="price_exposed")
        self.setObjectName("price_change.exposed")
        self._ctx = ctx
        self._list = column(gap=4)
        self.body.addLayout(self._list)

    def show_quotes(self, quotes: tuple[ExposedQuote, ...]) -> None:
        """Sums a day, then the dearest quotes."""
        clear(self._list)
        self.set_note(str(len(quotes)) if quotes else "")
        if not quotes:
            self._list.addWidget(words(tr("没有受影响的有效报价。"), "small", wrap=True))
            return
        for day in price_exposure.by_day(quotes):
            until = day.day.isoformat() if day.day is not None else tr("长期有效")
            said = tr("{n} 份 · 差额 {amount}", n=day.quotes, amount=fmt.money(day.at_stake_fen))
            self._list.addLayout(row(words(until, "strong"), None, words(said, "small")))
        for quote in quotes[:_SHOWN_QUOTES]:
            made = RowButton(f"{quote.label} {quote.title}", partial(self._ctx.nav.open, "quote", quote.quote_id))
            made.setObjectName("price_change.exposed.quote")
            inner = QHBoxLayout(made)
            inner.setContentsMargins(6, 4, 4, 4)
            inner.addLayout(column(Elided(quote.customer), Elided(f"{quote.label} {quote.title}", "small"), gap=0), 1)
            inner.addWidget(words(fmt.money(quote.at_stake_fen)))
            self._list.addWidget(made)
