"""The editor of an exception: which terms of the grade are softened for one case, why, until when; the two signatures beside it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any, Final
from uuid import UUID

from presales_desktop.models.approvals import Choice
from presales_desktop.models.credit import EXCEPTION_FIELDS, EXCEPTION_STEPS
from presales_desktop.models.permissions import Ownership
from presales_desktop.services import credit_exceptions
from presales_desktop.services.credit_exceptions import ExceptionDraft, ExceptionShown
from presales_desktop.texts import credit as texts
from presales_desktop.texts import lookup, tr
from presales_desktop.views.credit.list import EXCEPTION_TONES
from presales_desktop.views.kit.basics import words
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.dialogs import ask_text
from presales_desktop.views.kit.editor_page import EditorPage, Heading, Step
from presales_desktop.views.kit.form import Form
from presales_desktop.views.kit.panels import ApprovalPanel, RelatedPanel, RelatedRow, StepRow, TimelinePanel

_BY_NAME: Final = {f.name: f for f in EXCEPTION_FIELDS}
_TERMS: Final = ("prepay_percent", "term_days", "waive_guarantee", "over_limit")


def _both(work: Any, exception_id: UUID) -> tuple[ExceptionDraft, ExceptionShown]:
    shown = credit_exceptions.show(work, exception_id)
    return shown.draft, shown


class ExceptionEditor(EditorPage):
    """See the module."""

    def __init__(self, ctx: ViewContext, record_id: UUID | None, initial: dict[str, Any] | None = None) -> None:
        self.shown: ExceptionShown | None = None
        super().__init__(ctx, "credit_exception", record_id, initial)

    async def load(self) -> ExceptionDraft:
        """The draft with how the customer stands."""
        if self.record_id is None:
            return await self.ctx.db.run(credit_exceptions.new_draft, self.initial)
        draft, self.shown = await self.ctx.db.run(_both, self.record_id)
        return draft

    async def save(self, value: ExceptionDraft) -> UUID:
        """Through the service."""
        return await self.ctx.db.run(credit_exceptions.save, value, initiator=self)

    def mine(self, right: str) -> bool:
        """Whether the user has RIGHT on this exception."""
        if self.shown is None:
            return self.ctx.may("credit_exception.create").allowed
        return self.ctx.may(right, Ownership(self.shown.owner_id, self.shown.created_by)).allowed

    def read_only(self) -> bool:
        """Everything but a draft of one's own."""
        return self.shown is not None and (self.shown.state != "draft" or not self.mine("credit_exception.edit"))

    def build(self) -> Iterator[None]:
        """Which case, what is softened, why."""
        head = [_BY_NAME[n] for n in ("case_id", "owner_id", "expires_on")]
        self.head_form = Form(self.ctx, self.draft, head, "credit_exception", columns=2, wide=("case_id",))
        self.add_section(tr("项目与期限"), self.head_form, wide=True)
        yield
        self._now = words("", "small", wrap=True)
        self._now.setObjectName("credit.exception.now")
        terms = Form(self.ctx, self.draft, [_BY_NAME[n] for n in _TERMS], "credit_exception", columns=2)
        self.add_section(tr("放宽的条件"), self._now, terms, wide=True)
        reason = Form(self.ctx, self.draft, [_BY_NAME["reason"]], "credit_exception", columns=1)
        self.add_section(tr("理由"), reason, wide=True)
        yield
        self.approvals = ApprovalPanel()
        self.related = RelatedPanel(self.ctx)
        self.timeline = TimelinePanel(self.ctx)
        for panel in (self.approvals, self.related, self.timeline):
            self.add_side(panel)

    def heading(self) -> Heading:
        """Number, case, state; the customer below."""
        if self.shown is None:
            return Heading("", tr("申请信用例外"), None, "")
        found = self.shown
        word = tr(texts.KINDS["credit_exception"].states[found.phase])
        return Heading(found.number, found.case_title, (word, EXCEPTION_TONES[found.phase]), found.customer)

    def steps(self) -> list[Step]:
        """Submit, decide, take back, ask again."""
        state = self.shown.state if self.shown is not None else "draft"
        made: list[Step] = []
        if state == "draft":
            made.append(self._step("submit", self._submit, "credit_exception.edit", primary=True, icon="send"))
            if self.shown is not None:
                made.append(
                    self._step("cancel", lambda: self._end("cancel"), "credit_exception.edit", tone="bad", icon="ban")
                )
        elif state == "submitted":
            made += self._decisions()
        elif state == "approved":
            made.append(
                self._step("revoke", lambda: self._end("revoke"), "credit_exception.management", tone="bad", icon="ban")
            )
        if state not in ("draft", "submitted"):
            again = self.ctx.may("credit_exception.create").allowed
            made.append(
                Step(action="again", title=tr("再次申请"), callback=self._again, icon="copy", enabled=again, saves=False,
                     reloads=False, why="" if again else tr("由销售申请。"))
            )  # fmt: skip
        return made

    def _step(self, action: str, callback: Any, right: str, **more: Any) -> Step:
        allowed = self.mine(right)
        why = "" if allowed else tr("您的岗位不能做这一步。")
        title = lookup.action("credit_exception", action)
        return Step(action=action, title=title, callback=callback, enabled=allowed, why=why, **more)

    def _decisions(self) -> list[Step]:
        assert self.shown is not None
        open_steps = [s for s in self.shown.steps if s.verdict is None]
        may = next((s.may for s in open_steps if s.may.allowed), None)
        code = open_steps[0].may.code if open_steps else "approval.not_waiting"
        values = {"right": EXCEPTION_STEPS.right(open_steps[0].step) if open_steps else "", "user": self.ctx.actor.name}
        why = "" if may is not None else lookup.sentence(code, {**values, "number": self.shown.number})
        words_of = (
            ("approve", "check", True, ""),
            ("return", "undo-2", False, ""),
            ("reject", "circle-x", False, "bad"),
        )
        return [
            Step(action=action, title=lookup.action("credit_exception", action), icon=icon, primary=primary, tone=tone,
                 callback=partial(self._decide, action), enabled=may is not None, why=why, saves=False)
            for action, icon, primary, tone in words_of
        ]  # fmt: skip

    async def _submit(self) -> None:
        assert self.record_id is not None
        await self.ctx.db.run(credit_exceptions.submit, self.record_id, initiator=self)
        self.ctx.nav.toast(tr("已提交：财务和管理层都同意后生效。"), tone="good")

    async def _decide(self, action: str) -> None:
        assert self.record_id is not None
        assert self.shown is not None
        word = lookup.action("credit_exception", action)
        seen = self.shown.content_hash
        comment = await ask_text(
            self, word, tr("意见"), primary=word, required=action != "approve", name=f"credit.exception.{action}"
        )
        if comment is not None:
            await self.ctx.db.run(
                credit_exceptions.decide, self.record_id, Choice(action), comment=comment, seen_hash=seen, initiator=self
            )  # fmt: skip

    async def _end(self, action: str) -> None:
        assert self.record_id is not None
        word = lookup.action("credit_exception", action)
        reason = await ask_text(self, word, tr("原因"), primary=word, name=f"credit.exception.{action}")
        if reason is not None:
            await self.ctx.db.run(credit_exceptions.end, self.record_id, action, reason, initiator=self)

    def _again(self) -> None:
        self.ctx.nav.new("credit_exception", copy_of=self.record_id)

    def refresh(self) -> None:
        """After every load and save."""
        self.head_form.set_field_read_only("case_id", self.record_id is not None)
        shown = self.shown
        self._now.setText(self._stands())
        self._now.setVisible(bool(self._now.text()))
        if shown is None:
            self.approvals.set_steps(())
            return
        waiting = shown.state == "submitted"
        self.approvals.set_steps(
            [
                StepRow(tr(texts.STEPS[s.step]), s.who, s.verdict or "", s.comment, s.at, waiting) for s in shown.steps
            ]
            if shown.content_hash
            else ()
        )  # fmt: skip
        self.related.set_rows(
            [RelatedRow("case", shown.case_id, shown.case_title), RelatedRow("customer", shown.customer_id, shown.customer)]
        )  # fmt: skip
        self.timeline.load("credit_exception", shown.id)

    def _stands(self) -> str:
        if self.shown is None:
            return ""
        terms = self.shown.now.required
        if terms is None:
            return tr("客户现在没有有效的信用等级：例外只能放宽等级条件，不能代替评级。")
        return tr(
            "客户现为 {grade} 级：至少预付 {percent}%，账期最长 {days} 天，担保{guarantee}。",
            grade=terms.grade, percent=terms.prepay_percent, days=terms.term_days,
            guarantee=tr(texts.GUARANTEES[terms.guarantee]),
        )  # fmt: skip
