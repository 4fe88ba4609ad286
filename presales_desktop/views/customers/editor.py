"""The customer's editor: facts, contacts, places; a warning of duplicates while typing; what hangs on it and its history."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from PySide6.QtCore import QTimer

from presales_desktop.models.customers import CONTACT_FIELDS, FIELDS, SITE_FIELDS
from presales_desktop.models.fields import Field
from presales_desktop.models.permissions import Ownership
from presales_desktop.services import customers
from presales_desktop.services.customers import ContactDraft, CustomerDraft, CustomerWhole, SiteDraft
from presales_desktop.services.work import Work
from presales_desktop.texts import lookup, tr
from presales_desktop.views.customers.duplicates_bar import DuplicatesBar
from presales_desktop.views.customers.merge import MergedBar
from presales_desktop.views.customers.merge import ask_merge as lay_merge
from presales_desktop.views.customers.related import related_rows, sign_rows
from presales_desktop.views.kit import jobs
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.dialogs import ask
from presales_desktop.views.kit.editor_page import EditorPage, Heading, Step
from presales_desktop.views.kit.form import Form
from presales_desktop.views.kit.line_table import LineColumn, LineTable
from presales_desktop.views.kit.panels import RelatedPanel, TimelinePanel
from presales_desktop.views.kit.pickers import RecordPicker

_LOOK_AFTER_MS = 250
_CONTACT_WIDTHS = {"name": 90, "title": 110, "phone": 120, "email": 140, "wechat": 90, "primary": 80, "notes": 110}
_SITE_WIDTHS = {"kind": 90, "label": 110, "region": 100, "address": 240, "contact_name": 90, "contact_phone": 110}
_WATCHED = ("name", "phone", "uscc", "kind")


def _both(work: Work, customer_id: UUID) -> tuple[CustomerDraft, CustomerWhole]:
    return customers.load(work, customer_id), customers.show(work, customer_id)


def _columns(kind: str, fields: tuple[Field, ...], widths: dict[str, int]) -> tuple[LineColumn, ...]:
    last = fields[-1].name  # takes what a large window has left
    return tuple(
        LineColumn(f.name, lookup.label(kind, f.name), f.type, widths.get(f.name, 120), stretch=f.name == last)
        for f in fields
    )


class CustomerEditor(EditorPage):
    """See the module. `whole`: the customer as shown, None while it is new."""

    def __init__(
        self, ctx: ViewContext, kind: str, record_id: UUID | None, initial: dict[str, Any] | None = None
    ) -> None:
        self.whole: CustomerWhole | None = None
        super().__init__(ctx, kind, record_id, initial)

    async def load(self) -> CustomerDraft:
        """The draft, and for the head and the panels the customer whole."""
        if self.record_id is None:
            return await self.ctx.db.run(customers.new_draft, self.initial)
        draft, self.whole = await self.ctx.db.run(_both, self.record_id)
        return draft

    def build(self) -> Iterator[None]:
        """Facts, contacts, places; the warning above, panels at the right."""
        self.merged = MergedBar(self.ctx)
        self.add_bar(self.merged)
        may_merge = self.record_id is not None and self.ctx.may("customer.merge").allowed
        self.duplicates = DuplicatesBar(self.ctx, self.ask_merge if may_merge else None)
        self.add_bar(self.duplicates)
        form = Form(
            self.ctx, self.draft, FIELDS, "customer", omit=("number", "state", "credit_grade"), wide=("name", "notes"),
            later=True,
        )  # fmt: skip
        self.form = form
        self.add_section(tr("基本资料"), form, wide=True)
        yield from form.fill()
        if not self._may_assign():
            form.set_field_read_only("owner_id", True)
        yield
        self._add_lines("contacts", "contact", CONTACT_FIELDS, ContactDraft, _CONTACT_WIDTHS)
        yield
        self._add_lines("sites", "site", SITE_FIELDS, SiteDraft, _SITE_WIDTHS)
        yield
        self.related = RelatedPanel(self.ctx, tr("项目、报价和合同"))
        self.timeline = TimelinePanel(self.ctx)
        self.add_side(self.related)
        self.add_side(self.timeline)
        self._look = QTimer(self, singleShot=True, interval=_LOOK_AFTER_MS)
        self._look.timeout.connect(self._look_for_duplicates)
        self.draft.changed.connect(self._typed)
        self._look.start()

    def _add_lines(
        self, path: str, kind: str, fields: tuple[Field, ...], part: type[Any], widths: dict[str, int]
    ) -> None:
        table = LineTable(self.ctx, self.draft, path, _columns(kind, fields, widths), kind=kind, new_row=part)
        table.setObjectName(f"customer.{path}")
        table.setAccessibleName(lookup.label("customer", path))
        self.add_section(lookup.label("customer", path), table, wide=True)

    def _may_assign(self) -> bool:
        return self.record_id is None or self.ctx.may("customer.assign").allowed

    # duplicates

    def _typed(self, path: str) -> None:
        if path in _WATCHED or path.endswith(".phone"):
            self._look.start()

    def _look_for_duplicates(self) -> None:
        jobs.start(self, self._find_duplicates())

    async def _find_duplicates(self) -> None:
        asked = self.draft.snapshot()
        hits = await self.ctx.db.run(customers.duplicates, asked)
        if all(getattr(asked, name) == self.draft.get(name) for name in _WATCHED):
            # The draft that was asked about may be older than the save that gave it its id.
            self.duplicates.show_hits(tuple(hit for hit in hits if hit.id != self.record_id))

    # the page

    def heading(self) -> Heading:
        """Number and name, marked when archived or merged."""
        state = self.whole.state if self.whole is not None else "active"
        chip = (lookup.state("customer", state), "neutral") if state != "active" else None
        return Heading(self.whole.number if self.whole else "", self.draft.get("name"), chip)

    def refresh(self) -> Iterator[None]:
        """Panels after each load and save."""
        if self.whole is not None:
            self.related.set_rows([*related_rows(self.whole.related), *sign_rows(self.whole.signs)])
            yield
            self.merged.show_whole(self.whole)
            self.timeline.load("customer", self.whole.id)
            self.form.set_field_read_only("owner_id", self.read_only() or not self._may_assign())

    def read_only(self) -> bool:
        """Those who may not edit read."""
        if self.whole is None:
            return not self.ctx.may("customer.create").allowed
        if self.whole.merged_into is not None:
            return True
        of = Ownership(self.whole.owner_id, self.whole.created_by)
        return not self.ctx.may("customer.edit", of).allowed

    async def save(self, value: CustomerDraft) -> UUID:
        """Save through the service."""
        return await self.ctx.db.run(customers.save, value, initiator=self)

    def steps(self) -> list[Step]:
        """A case for this customer first; hand over, archive, restore, merge."""
        steps: list[Step] = []
        if self.whole is not None and self.whole.merged_into is not None:
            return steps
        if self.ctx.may("case.create").allowed:
            steps.append(
                Step(
                    action="new_case",
                    title=tr("新建项目"),
                    callback=self._new_case,
                    primary=True,
                    icon="briefcase",
                    reloads=False,
                )
            )
        if self.whole is None:
            return steps
        may_edit = not self.read_only()
        why = "" if may_edit else tr("只有负责人和他的上级可以")
        if self.ctx.may("customer.assign").allowed:
            steps.append(Step(action="assign", title=tr("转交…"), callback=self._assign, icon="user-check"))
        if self.whole.state == "active":
            steps.append(
                Step(
                    action="archive",
                    title=tr("归档"),
                    callback=lambda: self._do("archive"),
                    icon="box",
                    enabled=may_edit,
                    why=why,
                )
            )
        else:
            steps.append(
                Step(
                    action="restore",
                    title=tr("恢复"),
                    callback=lambda: self._do("restore"),
                    icon="rotate-ccw",
                    enabled=may_edit,
                    why=why,
                )
            )
        if self.ctx.may("customer.merge").allowed:
            steps.append(Step(action="merge", title=tr("合并…"), callback=self.ask_merge, icon="merge", reloads=False))
        return steps

    def ask_merge(self, other: UUID | None = None) -> None:
        """Merge this customer with another, chosen on the sheet or given."""
        if self.record_id is not None:
            lay_merge(self, self.ctx, self.record_id, other, self._merged)

    def _merged(self, stays: UUID) -> None:
        if stays != self.record_id:
            self.ctx.nav.open("customer", stays)
        else:
            self.run(self.reload)

    def _new_case(self) -> None:
        self.ctx.nav.new("case", customer_id=self.record_id)

    async def _do(self, action: str) -> None:
        await self.ctx.db.run(customers.do, self.record_id, action, {}, initiator=self)

    async def _assign(self) -> None:
        picker = RecordPicker(self.ctx, "user")
        picker.setObjectName("customer.assign.owner")
        picker.setAccessibleName(tr("新的负责人"))

        def valid() -> str:
            return "" if picker.value is not None else tr("请选择新的负责人。")

        if await ask(self, tr("转交客户"), picker, tr("转交"), valid=valid, name="customer.assign"):
            await self.ctx.db.run(customers.assign_many, [self.record_id], picker.value, initiator=self)
