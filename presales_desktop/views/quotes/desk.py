"""审批台: quotes that wait for the user's decision, with what they are judged by beside them, decided by keyboard, the harmless together."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from presales_desktop.models.approvals import Choice
from presales_desktop.services import quote_desk, quote_steps, quotes
from presales_desktop.services.listing import ListQuery, Page
from presales_desktop.services.quote_desk import AgreedQuote, DeskLine, DeskQuote
from presales_desktop.services.quotes import QuoteRow
from presales_desktop.services.work import Work
from presales_desktop.texts import lookup, tr
from presales_desktop.texts.quotes import BANDS, DOUBTS
from presales_desktop.views.kit import dialogs, jobs, shortcuts
from presales_desktop.views.kit import format as formats
from presales_desktop.views.kit.basics import button, column, row, words
from presales_desktop.views.kit.columns import Column
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.list_page import EmptyText, ListAction, ListPage, ListSpec, SavedView
from presales_desktop.views.kit.panels import RowButton
from presales_desktop.views.kit.states import Chip

MAX_LINES = 40


def waiting(work: Work, query: ListQuery) -> Page[QuoteRow]:
    """What the actor may decide now, and nothing else, whatever is filtered."""
    filters = (*(f for f in query.filters if f[0] != "waiting"), ("waiting", "me"))
    return quotes.list_rows(work, ListQuery(**{**vars(query), "filters": filters}))


def make_page(ctx: ViewContext) -> QWidget:
    """The page."""
    page = ListPage(
        ctx,
        ListSpec(
            key="desk",
            kind="quote",
            title="审批台",
            icon="clipboard-check",
            columns=_columns(),
            query=waiting,
            views=(
                SavedView("等得最久的在前", (), "submitted_at"),
                SavedView("金额大的在前", (), "-total_fen"),
            ),
            empty=EmptyText("clipboard-check", "没有待审批的报价", "提交给您审批的报价会出现在这里，离线也可以审批。"),
            preview=lambda of, chosen: _Judged(of, chosen, page),
            actions=(
                ListAction("批准", "circle-check", lambda rows: _approve(page, rows[0]), "Ctrl+Return", bulk=False),
                ListAction("退回…", "undo-2", lambda rows: _refuse(page, rows[0], Choice.RETURN), "Ctrl+Shift+R", bulk=False),
                ListAction(
                    "驳回…", "circle-x", lambda rows: _refuse(page, rows[0], Choice.REJECT), "Ctrl+Shift+J", bulk=False, tone="bad"
                ),
                ListAction("批准其中无疑问的", "list-checks", lambda rows: _approve_harmless(page, rows), "Ctrl+Shift+A"),
            ),
            also=("decision", "variant_cost"),
            search_hint="搜索报价单号、项目或拼音首字母",
        ),
    )  # fmt: skip
    # Who sits at the desk looks at what he decides.
    QTimer.singleShot(0, page, page.toggle_preview)
    return page


def _columns() -> tuple[Column, ...]:
    return (
        Column("label", "报价单号", 168, strong=True),
        Column("title", "项目名称", 200, stretch=True, detail=lambda r: r.customer),
        Column("total_fen", "合计", 130, align="right", text=lambda r: formats.money(r.total_fen, currency=r.currency)),
        Column("submitted_at", "提交", 100, format=formats.ago, tone=lambda r: "secondary"),
        Column("owner", "报价人", 76, tone=lambda r: "secondary"),
        Column("valid_until", "有效期至", 120, format=formats.day, hidden=True),
    )


async def _approve(page: ListPage, chosen: QuoteRow) -> None:
    """On exactly the content that the preview shows."""
    found = await page.ctx.db.run(quote_desk.look, chosen.id)
    await page.ctx.db.run(
        quote_steps.decide, chosen.id, Choice.APPROVE, seen_hash=found.content_hash, initiator=page
    )  # fmt: skip
    page.ctx.nav.toast(tr("已批准 {label}", label=chosen.label), tone="good")
    page.reload()


async def _refuse(page: ListPage, chosen: QuoteRow, verdict: Choice) -> None:
    title = f"{lookup.action('quote', verdict.value)} {chosen.label}"
    said = await dialogs.ask_text(
        page, title, tr("意见"), primary=lookup.action("quote", verdict.value), tone="bad", name="desk.refuse",
        hint=tr("要对单独的行写批注，请打开报价单。"),
    )  # fmt: skip
    if said is None:
        return
    found = await page.ctx.db.run(quote_desk.look, chosen.id)
    await page.ctx.db.run(
        quote_steps.decide, chosen.id, verdict, comment=said, seen_hash=found.content_hash, initiator=page
    )
    page.reload()


async def _approve_harmless(page: ListPage, rows: list[QuoteRow]) -> None:
    found = await page.ctx.db.run(quote_desk.approve_harmless, [r.id for r in rows], initiator=page)
    page.reload()
    if not found.left:
        page.ctx.nav.toast(tr("已批准 {n} 份", n=len(found.approved)), tone="good")
        return
    body = column(gap=6)
    body.addWidget(
        words(tr("已批准 {n} 份，{left} 份留待逐份审批：", n=len(found.approved), left=len(found.left)), wrap=True)
    )
    for label, code in found.left:
        body.addWidget(words(f"{label}：{_doubt(code)}", "small", wrap=True))
    holder = QWidget()
    holder.setLayout(body)
    await dialogs.ask(page, tr("批准其中无疑问的"), holder, "", name="desk.bulk")


def _doubt(code: str) -> str:
    return tr(DOUBTS[code]) if code in DOUBTS else lookup.sentence(code, {})


class _Judged(QWidget):
    """A revision with what it is judged by: doubts, margin, lines with cost and outliers, what was agreed before."""

    def __init__(self, ctx: ViewContext, chosen: QuoteRow, page: ListPage) -> None:
        super().__init__()
        self._ctx = ctx
        self.setObjectName("desk.judged")
        self._inner = QVBoxLayout(self)
        self._inner.setContentsMargins(16, 12, 16, 12)
        self._inner.setSpacing(6)
        for text, role in (
            (chosen.label, "secondary"),
            (chosen.title, "section"),
            (f"{chosen.customer} · {chosen.owner}", "secondary"),
        ):
            self._inner.addWidget(words(text, role, wrap=True))
        self._inner.addWidget(words(formats.money(chosen.total_fen, currency=chosen.currency), "figure"))
        verdicts = (
            ("批准", "primary", "Ctrl+Return", partial(_approve, page, chosen)),
            ("退回…", "", "Ctrl+Shift+R", partial(_refuse, page, chosen, Choice.RETURN)),
            ("驳回…", "quiet", "Ctrl+Shift+J", partial(_refuse, page, chosen, Choice.REJECT)),
        )
        made = [
            button(tr(word), partial(page.run, act), look=look, tip=f"{tr(word)}  {shortcuts.shown(key)}")
            for word, look, key, act in verdicts
        ]
        self._inner.addLayout(row(*made, None, gap=6))
        self._inner.addStretch(1)
        jobs.start(self, self._fill(chosen))

    async def _fill(self, chosen: QuoteRow) -> None:
        found: DeskQuote = await self._ctx.db.run(quote_desk.look, chosen.id)
        self._inner.takeAt(self._inner.count() - 1)
        self._add_doubts(found)
        self._add_margin(found)
        for each in found.lines[:MAX_LINES]:
            self._inner.addWidget(self._line(each, sees=found.sheet is not None))
        if len(found.lines) > MAX_LINES:
            self._inner.addWidget(words(tr("还有 {n} 行", n=len(found.lines) - MAX_LINES), "faint"))
        if found.before:
            self._inner.addSpacing(6)
            self._inner.addWidget(words(tr("和这位客户以前的成交与报价"), "strong"))
            for past in found.before:
                self._inner.addWidget(self._past(past))
        self._inner.addStretch(1)

    def _add_doubts(self, found: DeskQuote) -> None:
        if found.harmless:
            self._inner.addLayout(row(Chip(tr("无疑问"), "good"), None))
            return
        for code in found.doubts:
            tone = "bad" if code in ("margin", "drift") else "amber"
            self._inner.addLayout(row(Chip(tr("留意"), tone), words(_doubt(code), "small", wrap=True), gap=8))

    def _add_margin(self, found: DeskQuote) -> None:
        sheet = found.sheet
        if sheet is None:
            if found.band:
                self._inner.addWidget(words(tr(BANDS[found.band]), "secondary"))
            return
        said = tr(
            "毛利率 {margin} · 毛利 {profit} · 成本 {cost}", margin=formats.percent(sheet.margin),
            profit=formats.money(sheet.profit_fen), cost=formats.money(sheet.cost_fen),
        )  # fmt: skip
        self._inner.addWidget(words(said, "bad" if sheet.low else "strong", wrap=True))
        if sheet.drift:
            self._inner.addWidget(
                words(tr("提交后成本变动 {drift}。", drift=formats.percent(sheet.drift)), "amber", wrap=True)
            )

    def _line(self, each: DeskLine, *, sees: bool) -> QWidget:
        told = column(gap=0)
        told.addLayout(
            row(words(f"{each.place}. {each.name}", "", wrap=True), None, words(formats.money(each.amount_fen)), gap=8)
        )
        facts = [f"{formats.money(each.unit_fen)} × {formats.number(each.quantity)}"]
        if each.discount_percent:
            facts.append(f"−{formats.percent(each.discount_percent, 0)}")
        if sees:
            cost = formats.money(each.unit_cost_fen) if each.unit_cost_fen is not None else "—"
            facts.append(tr("成本 {cost} · 毛利率 {margin}", cost=cost, margin=formats.percent(each.margin)))
        told.addWidget(words(" · ".join(facts), "bad" if each.low else "small", wrap=True))
        if each.outlier is not None:
            far = each.outlier
            word = tr("比以往成交价高 {share}") if far.share > 0 else tr("比以往成交价低 {share}")
            said = word.format(share=f"{abs(far.share):.0%}")
            usual = tr("（{n} 次，中位数 {usual}）", n=far.count, usual=formats.money(far.usual_fen))
            told.addWidget(words(said + usual, "amber", wrap=True))
        made = QWidget()
        made.setLayout(told)
        return made

    def _past(self, past: AgreedQuote) -> QWidget:
        made = RowButton(past.label, partial(self._ctx.nav.open, "quote", past.id))
        state = lookup.state("quote", past.state)
        facts = [state, formats.ago(past.on)]
        if past.discount_percent:
            facts.append(tr("整单 −{share}", share=formats.percent(past.discount_percent, 0)))
        if past.margin is not None:
            facts.append(tr("毛利率 {margin}", margin=formats.percent(past.margin)))
        inner = column(gap=0, margins=(4, 3, 4, 3))
        inner.addLayout(row(words(past.title, wrap=True), None, words(formats.money(past.total_fen)), gap=8))
        inner.addWidget(words(" · ".join([past.label, *facts]), "faint", wrap=True))
        made.setLayout(inner)
        return made
