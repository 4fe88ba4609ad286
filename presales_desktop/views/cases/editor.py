"""The case page: where it stands and what comes next on top, its facts, all that it holds, its history."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from presales_desktop.models.cases import FIELDS
from presales_desktop.models.permissions import Ownership
from presales_desktop.models.values import shanghai_day
from presales_desktop.services import cases, customers
from presales_desktop.services.cases import CaseDraft, CaseWhole
from presales_desktop.services.customers import SiteRow
from presales_desktop.services.work import Work
from presales_desktop.texts import lookup, tr
from presales_desktop.views.cases.held import MAKE_RIGHTS, HeldGroups
from presales_desktop.views.cases.overview import CaseOverview
from presales_desktop.views.cases.words import phase_chip
from presales_desktop.views.kit.adapters import ReferenceAdapter
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.dialogs import ask, ask_text
from presales_desktop.views.kit.editor_page import EditorPage, Heading, Step
from presales_desktop.views.kit.form import Form
from presales_desktop.views.kit.panels import TimelinePanel
from presales_desktop.views.kit.pickers import RecordPicker
from presales_desktop.views.kit.popup import Choice

# what a next step makes when there is nothing yet to do it on
_STARTS = {"plan_survey": "survey", "start_design": "design", "make_quote": "quote", "make_contract": "contract"}


def _both(work: Work, case_id: UUID) -> tuple[CaseDraft, CaseWhole, tuple[SiteRow, ...]]:
    draft = cases.load(work, case_id)
    return draft, cases.show(work, case_id), customers.sites_of(work, draft.customer_id) if draft.customer_id else ()


class _SitePicker(RecordPicker):
    """Places of the case's customer; they are edited on the customer's page."""

    def open_record(self) -> None:
        """Sites have no page of their own."""

    def set_value(self, value: UUID | None) -> None:
        """Without the mark that opens."""
        super().set_value(value)
        self._link.hide()


class CaseEditor(EditorPage):
    """See the module. `whole`: the case as shown, None while it is new."""

    def __init__(
        self, ctx: ViewContext, kind: str, record_id: UUID | None, initial: dict[str, Any] | None = None
    ) -> None:
        self.whole: CaseWhole | None = None
        self._sites: tuple[SiteRow, ...] = ()
        super().__init__(ctx, kind, record_id, initial)

    async def load(self) -> CaseDraft:
        """The draft, and for everything else on the page the case whole."""
        if self.record_id is None:
            return await self.ctx.db.run(cases.new_draft, self.initial)
        draft, self.whole, self._sites = await self.ctx.db.run(_both, self.record_id)
        return draft

    def build(self) -> Iterator[None]:
        """Overview, what it holds, facts; history at the right."""
        self.overview = CaseOverview(self._go, self._open_customer)
        self.overview_section = self.add_section("", self.overview, wide=True)
        yield
        self.form = Form(
            self.ctx, self.draft, FIELDS, "case", omit=("number", "status", "phase", "outcome_reason"), wide=("title", "notes"),
            adapters={"site_id": self._site_adapter()}, later=True,
        )  # fmt: skip
        fresh = self.record_id is None  # nothing to stand beside the facts yet
        self.add_section(tr("项目资料"), self.form, column=0, wide=fresh)
        yield from self.form.fill()
        yield
        self.held = HeldGroups(self.ctx, self._new)
        self.held_section = self.add_section(tr("调研、方案、报价和合同"), self.held, column=1, wide=fresh)
        yield
        self.timeline = TimelinePanel(self.ctx)
        self.add_side(self.timeline)
        self.draft.changed.connect(self._customer_changed)

    def _site_adapter(self) -> ReferenceAdapter:
        async def find(text: str) -> Sequence[Choice]:
            customer_id = self.draft.get("customer_id")
            if customer_id is None:
                return []
            self._sites = await self.ctx.db.run(customers.sites_of, customer_id)
            return [_site_choice(s) for s in self._sites if text.strip().lower() in f"{s.label}{s.address}".lower()]

        return ReferenceAdapter(_SitePicker(self.ctx, "site", find=find))

    def _customer_changed(self, path: str) -> None:
        if path == "customer_id":
            self.draft.set("site_id", None)

    # the page

    def today(self) -> dt.date:
        """The Chinese day of the program's clock."""
        return shanghai_day(self.ctx.db.runner.clock())

    def heading(self) -> Heading:
        """Number, title, phase."""
        if self.whole is None:
            return Heading("", self.draft.get("title"))
        return Heading(self.whole.number, self.draft.get("title"), phase_chip(self.whole.phase), self.whole.customer)

    def refresh(self) -> Iterator[None]:
        """After each load and save."""
        found = self.whole
        self.overview_section.setVisible(found is not None)
        self.held_section.setVisible(found is not None)
        if found is None:
            return
        self.overview.show_case(found, self.today(), self._go_title())
        yield
        self.held.set_items(found.items)
        yield
        self.timeline.load("case", found.id)
        self.form.set_field_read_only("owner_id", self.read_only() or not self.ctx.may("customer.assign").allowed)

    def read_only(self) -> bool:
        """Those who may not edit read."""
        if self.whole is None:
            return not self.ctx.may("case.create").allowed
        return not self.ctx.may("case.edit", Ownership(self.whole.owner_id, self.whole.created_by)).allowed

    async def save(self, value: CaseDraft) -> UUID:
        """Save through the service."""
        return await self.ctx.db.run(cases.save, value, initiator=self)

    # next step

    def _starts(self) -> str:
        """The kind that the next step begins, "" when it is done on something that is there."""
        step = self.whole.next if self.whole else None
        kind = _STARTS.get(step.action, "") if step else ""
        return kind if kind and self.ctx.may(MAKE_RIGHTS[kind]).allowed else ""

    def _go_title(self) -> str:
        step = self.whole.next if self.whole else None
        if self._starts():
            return tr("新建{kind}", kind=lookup.kind_noun(self._starts()))
        if step is not None and step.record_id is not None:
            return tr("打开{kind}", kind=lookup.kind_noun(step.kind))
        return ""

    def _go(self) -> None:
        step = self.whole.next if self.whole else None
        if self._starts():
            self._new(self._starts())
        elif step is not None and step.record_id is not None:
            self.ctx.nav.open(step.kind, step.record_id)

    def _open_customer(self) -> None:
        if self.whole is not None:
            self.ctx.nav.open("customer", self.whole.customer_id)

    def _new(self, kind: str) -> None:
        """Make one of KIND for this case; a quote starts from the approved design and a contract from the accepted quote."""
        initial: dict[str, Any] = {"case_id": self.record_id}
        source = {"quote": ("design", ("approved", "approved_with_notes")), "contract": ("quote", ("accepted",))}.get(
            kind
        )
        if source is not None and self.whole is not None:
            fit = next((i for i in self.whole.items if i.kind == source[0] and i.state in source[1]), None)
            if fit is not None:
                initial[f"{source[0]}_id"] = fit.id
        self.ctx.nav.new(kind, **initial)

    # steps

    def steps(self) -> list[Step]:
        """The next step first; then what ends, rests or moves the case."""
        if self.whole is None:
            return []
        status = self.whole.status
        steps = []
        if self._go_title():
            steps.append(Step(action="next", title=self._go_title(), callback=self._go, primary=True, reloads=False))
        edit = not self.read_only()
        of = Ownership(self.whole.owner_id, self.whole.created_by)
        close = self.ctx.may("case.close", of).allowed
        why = tr("只有负责人和他的上级可以")
        if status == "open":
            steps += [
                _step(
                    "pause", tr("暂停…"), lambda: self._ask("pause", tr("暂停原因"), required=False), "pause", edit, why
                ),
                _step("win", tr("标记成交…"), lambda: self._ask("win", tr("成交说明")), "trophy", close, why),
            ]
        if status in ("open", "paused"):
            steps.append(
                _step("lose", tr("标记流失…"), lambda: self._ask("lose", tr("流失原因")), "flag", close, why, "bad")
            )
        if status == "paused":
            steps.append(_step("resume", tr("恢复"), lambda: self._do("resume", {}), "play", edit, why))
        if status in ("won", "lost"):
            steps.append(
                _step("reopen", tr("重新打开…"), lambda: self._ask("reopen", tr("原因")), "rotate-ccw", close, why)
            )
        if self.ctx.may("customer.assign").allowed:
            steps.append(_step("assign", tr("转交…"), self._assign, "user-check", True, ""))
        return steps

    async def _do(self, action: str, parameters: dict[str, str]) -> None:
        await self.ctx.db.run(cases.do, self.record_id, action, parameters, initiator=self)

    async def _ask(self, action: str, label: str, *, required: bool = True) -> None:
        title = lookup.action("case", action)
        tone = "bad" if action == "lose" else ""
        reason = await ask_text(self, title, label, primary=title, required=required, tone=tone, name=f"case.{action}")
        if reason is not None:
            await self._do(action, {"reason": reason})

    async def _assign(self) -> None:
        picker = RecordPicker(self.ctx, "user")
        picker.setObjectName("case.assign.owner")
        picker.setAccessibleName(tr("新的负责人"))

        def valid() -> str:
            return "" if picker.value is not None else tr("请选择新的负责人。")

        if await ask(self, tr("转交项目"), picker, tr("转交"), valid=valid, name="case.assign"):
            await self._do("assign", {"owner": str(picker.value)})


def _step(action: str, title: str, callback: Any, icon: str, enabled: bool, why: str, tone: str = "") -> Step:
    return Step(
        action=action, title=title, callback=callback, icon=icon, enabled=enabled, why="" if enabled else why, tone=tone
    )


def _site_choice(site: SiteRow) -> Choice:
    return Choice(site.id, site.label or site.address, site.address if site.label else "")
