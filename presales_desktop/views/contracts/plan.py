"""The plan of payments, deliveries and acceptances: typed as a spreadsheet, with the day each comes to; what came is recorded after the signing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from presales_desktop.models.contract_plan import BASES, KINDS, ContractStepDraft, due_days, plan_problems
from presales_desktop.models.contracts import ContractDraft
from presales_desktop.models.fields import FieldType
from presales_desktop.models.values import shanghai_day
from presales_desktop.services import contract_plans
from presales_desktop.services.contract_plans import ContractCalendar, PlannedDay
from presales_desktop.services.saving import replace_file
from presales_desktop.texts import Language, language, lookup, tr
from presales_desktop.texts import contracts as texts
from presales_desktop.views.kit import dialogs
from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit.adapters import ChoiceBox
from presales_desktop.views.kit.basics import button, row, words
from presales_desktop.views.kit.line_table import LineColumn, LineTable
from presales_desktop.views.kit.typed_edits import DatePicker

if TYPE_CHECKING:
    from presales_desktop.views.contracts.editor import ContractEditor


class PlanSection(QWidget):
    """The table, what it comes to, and a button that proposes one."""

    def __init__(self, page: ContractEditor) -> None:
        super().__init__()
        self._page = page
        self._due: dict[int, dt.date | None] = {}
        kind = FieldType
        self.table = LineTable(
            page.ctx, page.draft, "steps",
            (
                LineColumn("kind", type=kind.CHOICE, width=66, choices=KINDS),
                LineColumn("title", width=96, stretch=True, strong=True),
                LineColumn("amount_fen", type=kind.MONEY, width=94, shows=_is_payment),
                LineColumn("base", type=kind.CHOICE, width=108, choices=BASES),
                LineColumn("days", type=kind.INTEGER, width=48, shows=_is_counted),
                LineColumn("due_on", type=kind.DATE, width=96, shows=_has_day),
                LineColumn("due", "到期", width=126, editable=False, read=self._due_words, tone=self._due_tone),
                LineColumn("note", width=84),
            ),
            kind="contract_step", new_row=ContractStepDraft, key="contract_steps", fit=8,
        )  # fmt: skip
        self.table.setObjectName("contract.steps")
        self._note = words("", "small", wrap=True)
        self._note.setObjectName("contract.steps.note")
        self.propose = button(
            tr("按付款条件生成"), lambda: page.run(self._propose), look="link", icon="sparkles",
            name="contract.steps.propose",
        )  # fmt: skip
        inner = QVBoxLayout(self)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(8)
        inner.addWidget(self.table)
        inner.addLayout(row(self._note, None, self.propose))

    def set_read_only(self, only: bool) -> None:
        """Shown, not typed."""
        self.table.set_read_only(only)
        self.propose.setVisible(not only)

    def show_plan(self, value: ContractDraft, total_fen: int) -> None:
        """Days and sums of what is typed now."""
        shown = self._page.shown
        signed = shown.signed_on if shown is not None else None
        due = due_days(value.steps, signed or value.sign_on)
        found = {id(step): day for step, day in zip(value.steps, due, strict=True)}
        if found != self._due:
            self._due = found
            self.table.viewport().update()
        self._note.setText(self._said(value, total_fen))
        bad = total_fen and any(
            p.code in ("contract.steps_sum", "contract.steps_ahead")
            for p in plan_problems(value.steps, total_fen, value.deposit_fen + value.prepayment_fen)
        )
        self._note.setProperty("role", "bad" if bad else "small")
        self._note.style().polish(self._note)

    def _said(self, value: ContractDraft, total_fen: int) -> str:
        if not value.steps:
            return tr("约定何时付款、交货和验收。签订后到期日进入工作台，也可以导出到日历。")
        paid = sum(step.amount_fen or 0 for step in value.steps if step.kind == "payment")
        said = tr("付款合计 {sum}", sum=fmt.money(paid))
        if not total_fen:
            return said
        rest = total_fen - paid
        if rest:
            return said + (
                tr("，还差 {rest}", rest=fmt.money(rest)) if rest > 0 else tr("，多出 {over}", over=fmt.money(-rest))
            )
        return said + tr("，与合同总价一致")

    def _due_words(self, step: Any) -> str:
        if step.done_on is not None:
            return tr("已完成 {day}", day=step.done_on.isoformat())
        day = self._due.get(id(step))
        return fmt.day(day) if day is not None else ""

    def _due_tone(self, step: Any) -> str:
        if step.done_on is not None:
            return "good"
        day, shown = self._due.get(id(step)), self._page.shown
        late = day is not None and shown is not None and shown.state == "signed" and day < _today(self._page)
        return "bad" if late else "secondary"

    async def _propose(self) -> None:
        value: ContractDraft = self._page.draft.value
        if value.steps and not await dialogs.confirm_danger(
            self._page, tr("重新生成计划"), tr("现有的 {n} 项会被替换，可以撤销。", n=len(value.steps)), tr("重新生成")
        ):
            return
        made = await self._page.ctx.db.run(contract_plans.propose, value)
        for step in made:
            step.title = tr(step.title)
        with self._page.draft.macro(tr("生成付款与交付计划")):
            self._page.draft.set("steps", made)


def _today(page: ContractEditor) -> dt.date:
    return shanghai_day(page.ctx.db.runner.clock())


def _is_payment(step: Any) -> bool:
    return bool(step.kind == "payment")


def _is_counted(step: Any) -> bool:
    return bool(step.base != "day")


def _has_day(step: Any) -> bool:
    return bool(step.base == "day")


def _words_of(step: PlannedDay) -> str:
    kind = tr(texts.STEP_KINDS[step.kind])
    said = f"{step.n}. " + (step.title if kind in step.title else f"{kind} · {step.title}")
    if step.amount_fen:
        said += f" {fmt.money(step.amount_fen)}"
    return said + (tr("（已完成）") if step.done_on is not None else "")


class _Settle(QWidget):
    """Which step, on which day."""

    def __init__(self, plan: ContractCalendar, today: Callable[[], dt.date]) -> None:
        super().__init__()
        self.step = ChoiceBox()
        self.step.setObjectName("contract.settle.step")
        self.step.setAccessibleName(lookup.label("contract_step", "title"))
        for each in plan.days:
            self.step.addItem(_words_of(each), each.n)
        first = next((i for i, each in enumerate(plan.days) if each.done_on is None), 0)
        self.step.setCurrentIndex(first)
        self.day = DatePicker(today)
        self.day.setObjectName("contract.settle.on")
        self.day.setAccessibleName(lookup.label("contract_step", "done_on"))
        self.day.set_value(plan.days[first].done_on or today())
        self.step.currentIndexChanged.connect(lambda i: self.day.set_value(plan.days[i].done_on or today()))
        inner = QVBoxLayout(self)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(4)
        for word, widget in (("title", self.step), ("done_on", self.day)):
            inner.addWidget(words(lookup.label("contract_step", word), "small"))
            inner.addWidget(widget)
            inner.addSpacing(6)
        inner.addWidget(words(tr("日期留空表示还没有完成。"), "faint", wrap=True))

    def valid(self) -> str:
        """Takes what was typed."""
        self.day.commit()
        return ""


async def settle(page: ContractEditor) -> None:
    """Record on which day a payment, delivery or acceptance really came."""
    assert page.record_id is not None
    plan = await page.ctx.db.run(contract_plans.calendar, page.record_id)
    body = _Settle(plan, lambda: _today(page))
    if not await dialogs.ask(
        page, lookup.action("contract", "settle"), body, tr("登记"), valid=body.valid, name="contract.settle.sheet"
    ):
        return
    day = body.day.value
    await page.ctx.db.run(
        contract_plans.settle, page.record_id, int(body.step.currentData()), day if isinstance(day, dt.date) else None,
        initiator=page,
    )  # fmt: skip


async def export_calendar(page: ContractEditor) -> None:
    """The plan as a file for any calendar."""
    assert page.record_id is not None
    plan = await page.ctx.db.run(contract_plans.calendar, page.record_id)
    path = await dialogs.choose_save(page, tr("导出到日历"), f"{plan.label}.ics", [tr("日历 (*.ics)")])
    if path is None:
        return
    data = await page.ctx.pool.run(_rendered, plan, language())
    await page.ctx.pool.run(replace_file, path, data)
    page.ctx.nav.toast(tr("已保存 {name}", name=path.name), tone="good")


def _rendered(plan: ContractCalendar, lang: Language) -> bytes:
    """On a worker, which loads what writes it."""
    from presales_desktop.reports import calendars

    return calendars.render(plan, lang)
