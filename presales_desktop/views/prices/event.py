"""The editor of a market event: what, when, how much, where it was seen, with its picture."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from presales_desktop.models.permissions import Ownership
from presales_desktop.models.prices import EVENT_FIELDS
from presales_desktop.services import price_events
from presales_desktop.services.price_events import PriceEventDraft, PriceEventRow
from presales_desktop.texts import tr
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.editor_page import EditorPage, Heading, Step
from presales_desktop.views.kit.form import Form
from presales_desktop.views.kit.panels import FilesPanel, TimelinePanel
from presales_desktop.views.prices.list import signed


class PriceEventEditor(EditorPage):
    """See the module."""

    def __init__(self, ctx: ViewContext, record_id: UUID | None, initial: dict[str, Any] | None = None) -> None:
        self.shown: PriceEventRow | None = None
        super().__init__(ctx, "price_event", record_id, initial)

    async def load(self) -> PriceEventDraft:
        """The event, or a new one of today."""
        if self.record_id is None:
            return await self.ctx.db.run(price_events.new_draft, self.initial)
        self.shown = await self.ctx.db.run(price_events.show, self.record_id)
        return await self.ctx.db.run(price_events.load, self.record_id)

    async def save(self, value: PriceEventDraft) -> UUID:
        """Through the service."""
        return await self.ctx.db.run(price_events.save, value, initiator=self)

    def _mine(self) -> bool:
        if self.shown is None:
            return self.ctx.may("price_event.create").allowed
        return self.ctx.may("price_event.edit", Ownership(None, self.shown.created_by)).allowed

    def read_only(self) -> bool:
        """For all but who recorded it, marketing and finance."""
        return not self._mine()

    def build(self) -> None:
        """Facts at the left; pictures and history at the right."""
        form = Form(self.ctx, self.draft, EVENT_FIELDS, "price_event", columns=2, wide=("subject", "notes", "source"))
        self.add_section(tr("市场动态"), form, wide=True)
        self.files = FilesPanel(self.ctx, "price_event", self.record_id)
        self.timeline = TimelinePanel(self.ctx)
        self.add_side(self.files)
        self.add_side(self.timeline)

    def heading(self) -> Heading:
        """The subject and how far it moved."""
        if self.shown is None:
            return Heading("", tr("记录市场动态"), None, "")
        moved = self.shown.change_percent
        tone = "amber" if moved is not None and moved > 0 else "good"
        return Heading("", self.shown.subject, (signed(moved), tone) if moved is not None else None, self.shown.source)

    def steps(self) -> list[Step]:
        """On to a repricing."""
        if self.record_id is None:
            return []
        may = self.ctx.may("price_change.edit").allowed
        why = "" if may else tr("由财务制定和执行调价。")
        return [
            Step(action="reprice", title=tr("从这条动态制定调价"), callback=self._reprice, icon="percent", enabled=may,
                 why=why, reloads=False)
        ]  # fmt: skip

    def _reprice(self) -> None:
        self.ctx.nav.new("price_change", event_id=str(self.record_id))

    def refresh(self) -> None:
        """After every load and save."""
        if self.record_id is not None:
            self.files.load("price_event", self.record_id)
            self.files.set_read_only(not self._mine())
            self.timeline.load("price_event", self.record_id)
