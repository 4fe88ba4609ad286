"""The approval desk: the queue of quotes that wait for the acting user, decided from the keyboard, with costs and history beside it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Final
from uuid import UUID

from PySide6.QtCore import QItemSelectionModel, Qt, QTimer
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from presales_desktop.models.approvals import Choice
from presales_desktop.models.errors import PresalesError
from presales_desktop.models.quote_desk import HARMFUL, harmless
from presales_desktop.services import quote_desk, quote_steps
from presales_desktop.services.listing import ListQuery
from presales_desktop.services.quote_desk import DeskCase, DeskRow
from presales_desktop.texts import lookup, tr
from presales_desktop.texts import quotes as texts
from presales_desktop.views.kit import dialogs, jobs, shortcuts, tokens
from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit.basics import button, column, frame, row, words
from presales_desktop.views.kit.columns import Column
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.events import step_word
from presales_desktop.views.kit.states import EmptyState, ErrorBar, LoadingBar
from presales_desktop.views.kit.table import RowTable
from presales_desktop.views.quotes.desk_case import CasePanel, mark_chips

_LOOK_MS: Final = 60  # a held J asks for the quote that it stops at
_BATCH: Final = 20
_MOST: Final = 400  # so many small quotes are looked through for the harmless at once


class Desk(QWidget):
    """J K move, A approves, R returns, X rejects, Space marks, H marks the harmless, Enter opens the quote."""

    def __init__(self, ctx: ViewContext) -> None:
        super().__init__()
        self.ctx = ctx
        self.setObjectName("desk")
        self.setWindowTitle(tr("审批台"))
        self.setAccessibleName(tr("审批台"))
        self.marks: dict[UUID, tuple[str, ...]] = {}
        self.marked: dict[UUID, DeskRow] = {}
        self.case: DeskCase | None = None
        self._place = -1  # where the keyboard goes on after a decision
        self._busy = False
        self._marking: jobs.Job | None = None
        self.error_bar = ErrorBar()
        self.queue = RowTable(ctx, quote_desk.queue, self._columns(), key="quote_desk", kinds=("quote", "decision"))
        self.queue.setAccessibleName(tr("等我审批的报价"))
        self.panel = CasePanel(ctx)
        self._look_later = QTimer(self, singleShot=True, interval=_LOOK_MS)
        self._look_later.timeout.connect(lambda: jobs.start(self, self._look()))
        self._build()
        self._connect()
        self.queue.windowed.set_query(self.queue.windowed.query)
        self.queue.setFocus()  # remembered until the page is shown: a key decides what is seen, not a button that had the focus

    def first_focus(self) -> None:
        """The keyboard starts in the queue."""
        self.queue.setFocus(Qt.FocusReason.TabFocusReason)

    def reload(self) -> None:
        """Ask again."""
        self.error_bar.clear()
        self.queue.windowed.refresh()

    # --- building ----------------------------------------------------------------------------------------------------
    def _columns(self) -> tuple[Column, ...]:
        return (
            Column("mark", "", 34, "center", text=lambda r: "✓" if r.id in self.marked else "", tone=lambda _: "accent",
                   sortable=False),
            Column("label", "报价单号", 146, tone=lambda _: "secondary"),
            Column("customer", "客户", 130, stretch=True, strong=True, detail=lambda r: r.title),
            Column("yuan_fen", "金额", 84, "right", format=fmt.money_short),
            Column("days", "已等", 58, "right", format=lambda n: tr("{n} 天", n=n), sort="submitted_at",
                   tone=lambda r: "amber" if r.days >= 3 else "secondary"),
            Column("first", "留意", 96, chip=self._chip, sortable=False),
            Column("step", "环节", 90, text=_step_text, sortable=False, hidden=True),
        )  # fmt: skip

    def _chip(self, found: DeskRow) -> tuple[str, str] | None:
        known = self.marks.get(found.id)
        if known is None:
            return None
        if found.principal and harmless(known):
            return (tr(texts.DESK_MARKS["delegated"]), "amber")
        return mark_chips(known)[0]

    def _build(self) -> None:
        self._count = words("", "secondary")
        self._loading = LoadingBar()
        self._verbs = {
            "approve": self._verb("approve", "A", "circle-check", self.approve, look="primary"),
            "return": self._verb("return", "R", "undo-2", lambda: self.refuse("return")),
            "reject": self._verb("reject", "X", "circle-x", lambda: self.refuse("reject")),
        }
        harmless_button = button(f"{tr('选出无碍的')}  H", self.mark_harmless, look="quiet", icon="list-checks",
                                 name="desk.harmless")  # fmt: skip
        self._keys = words(tr("J K 移动 · 空格 选中 · Enter 打开 · Esc 取消选中"), "faint")
        top = frame("bar")
        head = row(words(tr("审批台"), "title"), self._count, None, harmless_button, *self._verbs.values(), gap=8)
        whole = column(margins=(tokens.MARGIN, 14, tokens.MARGIN, 8), gap=6)
        whole.addLayout(head)
        whole.addWidget(self._keys)
        top.setLayout(whole)
        self._split = QSplitter(Qt.Orientation.Horizontal)
        self._split.setChildrenCollapsible(False)
        self._split.addWidget(self.queue)
        self._split.addWidget(self.panel)
        self._split.setSizes([556, 610])
        self._empty = EmptyState(
            "circle-check", tr("没有等您审批的报价"), tr("销售提交后，轮到您审的报价会按金额和等待时间排在这里。")
        )
        self._states = QStackedWidget()
        self._states.addWidget(self._split)
        self._states.addWidget(self._empty)
        page = QVBoxLayout(self)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(0)
        for part in (top, self._loading, self.error_bar):
            page.addWidget(part)
        page.addWidget(self._states, 1)

    def _verb(self, action: str, key: str, icon: str, run: Callable[[], object], look: str = "") -> Any:
        return button(f"{lookup.action('quote', action)}  {key}", run, look=look, icon=icon, name=f"desk.{action}")

    def _connect(self) -> None:
        model = self.queue.windowed
        model.loaded.connect(self._loaded)
        model.failed.connect(lambda error: self.ctx.nav.show_error(error, self))
        model.busy.connect(lambda on: self._loading.start() if on else self._loading.stop())
        self.queue.current_changed.connect(lambda _: self._look_later.start())
        self.queue.preview_asked.connect(self.toggle_mark)
        self.queue.opened.connect(lambda found: self.ctx.nav.open("quote", found.id))
        for key, title, run in (
            ("J", tr("下一份"), lambda: self.step(1)),
            ("K", tr("上一份"), lambda: self.step(-1)),
            ("A", lookup.action("quote", "approve"), self.approve),
            ("R", lookup.action("quote", "return"), lambda: self.refuse("return")),
            ("X", lookup.action("quote", "reject"), lambda: self.refuse("reject")),
            ("H", tr("选出无碍的"), self.mark_harmless),
            ("Esc", tr("取消选中"), self.clear_marks),
            ("F5", tr("刷新"), self.reload),
        ):
            shortcuts.register(self, key, title, run)
        shortcuts.register(self, "Space", tr("选中，成批通过"))
        shortcuts.register(self, "Enter", tr("打开报价单"))

    # --- the queue ---------------------------------------------------------------------------------------------------
    def _loaded(self) -> None:
        model = self.queue.windowed
        self._states.setCurrentWidget(self._split if model.total else self._empty)
        if model.total and (self._place >= 0 or not self.queue.selected_count()):
            at = self._place if self._place >= 0 else max(0, self.queue.currentIndex().row())
            self._go(min(at, model.total - 1))
            self._place = -1
        self._say_count()
        if self._marking is not None:
            self._marking.cancel()
        self._marking = jobs.start(self, self._mark_visible())
        self._look_later.start()

    def _say_count(self) -> None:
        told = tr("{n} 份", n=self.queue.windowed.total)
        if self.marked:
            told = f"{told} · {tr('已选 {n} 份', n=len(self.marked))}"
        self._count.setText(told)
        for name in ("return", "reject"):
            self._verbs[name].setEnabled(not self.marked)

    async def _mark_visible(self) -> None:
        """Marks of the rows in memory, a few at a time, so that the database has its turn for others."""
        model = self.queue.windowed
        rows = [found for n in range(min(model.total, _MOST)) if (found := model.cached(n)) is not None]
        for begin in range(0, len(rows), _BATCH):
            self.marks |= await self.ctx.db.run(quote_desk.marks_of, rows[begin : begin + _BATCH])
            self.queue.viewport().update()

    def _go(self, number: int) -> None:
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        index = self.queue.windowed.index(number, self.queue.first_column())
        self.queue.selectionModel().setCurrentIndex(index, flags)

    def step(self, by: int) -> None:
        """To the next quote or the one before."""
        total = self.queue.windowed.total
        if total:
            self._go(max(0, min(total - 1, self.queue.currentIndex().row() + by)))

    async def _look(self) -> None:
        found = self.queue.current_row()
        if found is None or (self.case is not None and self.case.row == found):
            return
        case = await self.ctx.db.run(quote_desk.look, found.id)
        now = self.queue.current_row()
        if now is not None and now.id == case.row.id:
            self.case = case
            self.marks[case.row.id] = case.marks
            self.panel.show_case(case)
            self.queue.viewport().update()

    def toggle_mark(self) -> None:
        """Mark the current quote for the bulk, or not."""
        found = self.queue.current_row()
        if found is None:
            return
        if self.marked.pop(found.id, None) is None:
            self.marked[found.id] = found
        self._say_count()
        self.queue.viewport().update()
        self.step(1)

    def clear_marks(self) -> None:
        """Mark none."""
        self.marked.clear()
        self._say_count()
        self.queue.viewport().update()

    def mark_harmless(self) -> None:
        """Look through the small ones and mark what is harmless by the rule."""
        self._start(self._mark_harmless())

    async def _mark_harmless(self) -> None:
        small = (("small", "1"),)
        page = await self.ctx.db.run(quote_desk.queue, ListQuery(filters=small, sort="submitted_at", limit=_MOST))
        for begin in range(0, len(page.rows), _BATCH):
            part = page.rows[begin : begin + _BATCH]
            self.marks |= await self.ctx.db.run(quote_desk.marks_of, part)
            self.marked |= {found.id: found for found in part if harmless(self.marks[found.id])}
            self._say_count()
            self.queue.viewport().update()
        if not self.marked:
            self.ctx.nav.toast(tr("没有无碍的报价：每一份都有需要单独看的地方。"))
        elif page.total > len(page.rows):
            self.ctx.nav.toast(tr("先查了等得最久的 {n} 份小额报价；通过后再按 H 继续。", n=len(page.rows)))

    # --- decisions ---------------------------------------------------------------------------------------------------
    def _start(self, coroutine: Any) -> None:
        """One thing at a time: a key held down decides nothing twice."""
        if self._busy:
            coroutine.close()
            return
        self._busy = True
        self.error_bar.clear()
        jobs.start(self, self._freed(coroutine))

    async def _freed(self, coroutine: Any) -> None:
        try:
            await coroutine
        except PresalesError as error:
            self.error_bar.show_text(lookup.error_text(error, "quote"))
            self.queue.windowed.refresh()
        finally:
            self._busy = False

    def approve(self) -> None:
        """The marked ones, else the one that is shown."""
        self._start(self._approve_marked() if self.marked else self._approve())

    async def _approve(self) -> None:
        case = self._shown()
        if case is None:
            return
        said: str | None = ""
        grave = [tr(texts.DESK_MARKS[m]) for m in case.marks if m in HARMFUL]
        if grave:
            title = tr("通过 {label}？", label=case.row.label)
            hint = tr("请留意：{marks}。", marks=tr("、").join(grave))
            said = await dialogs.ask_text(
                self, title, tr("意见"), primary=lookup.action("quote", "approve"), required=False, hint=hint,
                name="desk.approve.sheet",
            )  # fmt: skip
        if said is not None:
            await self._decide(case, "approve", said)

    def refuse(self, verdict: str) -> None:
        """Return or reject the one that is shown, with a remark."""
        if not self.marked:
            self._start(self._refuse(verdict))

    async def _refuse(self, verdict: str) -> None:
        case = self._shown()
        if case is None:
            return
        word = lookup.action("quote", verdict)
        tone = "bad" if verdict == "reject" else ""
        said = await dialogs.ask_text(
            self, f"{word} {case.row.label}", tr("原因"), primary=word, tone=tone, name=f"desk.{verdict}.sheet"
        )
        if said is not None:
            await self._decide(case, verdict, said)

    def _shown(self) -> DeskCase | None:
        """What stands on the right, when it is the quote that the keyboard is on: nobody decides what he was not shown."""
        found = self.queue.current_row()
        return self.case if self.case is not None and found is not None and self.case.row.id == found.id else None

    async def _decide(self, case: DeskCase, verdict: str, comment: str) -> None:
        self._place = self.queue.currentIndex().row()
        try:
            await self.ctx.db.run(
                quote_steps.decide, case.row.id, Choice(verdict), step=case.row.step, comment=comment,
                seen_hash=case.row.content_hash,
            )  # fmt: skip
        except PresalesError:
            self._place = -1
            raise
        done = lookup.action("quote", verdict)
        self.ctx.nav.toast(f"{done}: {case.row.label}", tone="good" if verdict == "approve" else "neutral")

    async def _approve_marked(self) -> None:
        rows = list(self.marked.values())
        said = await dialogs.ask_text(
            self, tr("成批通过 {n} 份报价", n=len(rows)), tr("意见"), primary=lookup.action("quote", "approve"), required=False,
            text=tr("成批通过：无碍"), hint=tr("每一份都单独记录审批；有需要单独看的，会留下并说明原因。"), multiline=False,
            name="desk.bulk.sheet",
        )  # fmt: skip
        if said is None:
            return
        self._place = 0
        refused: list[tuple[DeskRow, str]] = []
        for found in rows:
            try:
                await self.ctx.db.run(quote_desk.approve_harmless, found.id, found.content_hash, said)
            except PresalesError as error:
                refused.append((found, lookup.error_text(error, "quote")))
            self.marked.pop(found.id, None)
            self._say_count()
        done = len(rows) - len(refused)
        if done:
            self.ctx.nav.toast(tr("已通过 {n} 份", n=done), tone="good")
        if refused:
            self.error_bar.show_text(
                tr("{n} 份没有通过，其余已记录：", n=len(refused)),
                tone="amber",
                problems=[(told, partial(self.ctx.nav.open, "quote", found.id)) for found, told in refused],
            )


def _step_text(found: DeskRow) -> str:
    return step_word(found.step)
