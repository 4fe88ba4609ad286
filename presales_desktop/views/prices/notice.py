"""The editor of a letter: its words, how it looks on paper, to whom it went."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from presales_desktop.models.permissions import Ownership
from presales_desktop.models.prices import NOTICE_FIELDS, VIA
from presales_desktop.services import price_notices
from presales_desktop.services.price_notices import NoticeDocument, PriceNoticeDraft, PriceNoticeRow
from presales_desktop.texts import Language, language, lookup, tr
from presales_desktop.texts import prices as texts
from presales_desktop.views.kit.adapters import ChoiceBox
from presales_desktop.views.kit.basics import words
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.dialogs import ask, ask_text
from presales_desktop.views.kit.editor_page import EditorPage, Heading, Step
from presales_desktop.views.kit.form import Form
from presales_desktop.views.kit.panels import RelatedPanel, RelatedRow, TimelinePanel
from presales_desktop.views.kit.paper import show_paper
from presales_desktop.views.prices.list import NOTICE_TONES

_SHOWN: Final = ("title", "owner_id", "body")


class PriceNoticeEditor(EditorPage):
    """See the module."""

    def __init__(self, ctx: ViewContext, record_id: UUID | None, initial: dict[str, Any] | None = None) -> None:
        self.shown: PriceNoticeRow | None = None
        super().__init__(ctx, "price_notice", record_id, initial)

    async def load(self) -> PriceNoticeDraft:
        """The letter."""
        if self.record_id is None:
            return await self.ctx.db.run(price_notices.new_draft, self.initial)
        self.shown = await self.ctx.db.run(price_notices.show, self.record_id)
        return await self.ctx.db.run(price_notices.load, self.record_id)

    async def save(self, value: PriceNoticeDraft) -> UUID:
        """Through the service."""
        return await self.ctx.db.run(price_notices.save, value, initiator=self)

    def _mine(self) -> bool:
        of = Ownership(self.shown.owner_id, None) if self.shown is not None else None
        return self.ctx.may("price_notice.edit", of).allowed

    def read_only(self) -> bool:
        """What went out stays as it is."""
        return not self._mine() or (self.shown is not None and self.shown.state != "drafted")

    def build(self) -> None:
        """The words at the left; where it belongs at the right."""
        fields = [f for f in NOTICE_FIELDS if f.name in _SHOWN]
        self.add_section(
            tr("通知函"), Form(self.ctx, self.draft, fields, "price_notice", columns=2, wide=("body",)), wide=True
        )
        self.related = RelatedPanel(self.ctx)
        self.timeline = TimelinePanel(self.ctx)
        self.add_side(self.related)
        self.add_side(self.timeline)

    def heading(self) -> Heading:
        """To whom, and whether it went."""
        if self.shown is None:
            return Heading("", tr("调价通知函"), None, "")
        chip = (lookup.state("price_notice", self.shown.state), NOTICE_TONES[self.shown.state])
        return Heading("", self.shown.customer, chip, self.shown.change)

    def steps(self) -> list[Step]:
        """Send, withdraw, print."""
        made: list[Step] = []
        if self.shown is not None and self.shown.state == "drafted":
            may, why = self._mine(), tr("由客户负责人发送。")
            made = [
                Step(action="send", title=tr("登记发送"), callback=self._send, icon="send", primary=True, enabled=may, why=why),
                Step(action="withdraw", title=tr("不发送"), callback=self._withdraw, icon="ban", tone="bad", enabled=may,
                     why=why, saves=False),
            ]  # fmt: skip
        if self.record_id is not None:
            made.append(
                Step(action="print", title=tr("预览 PDF"), callback=self.print_document, icon="printer", reloads=False)
            )  # fmt: skip
        return made

    async def _send(self) -> None:
        assert self.record_id is not None
        body = QWidget()
        box = QVBoxLayout(body)
        box.setContentsMargins(0, 0, 0, 0)
        via, to = ChoiceBox(), QLineEdit()
        for value in VIA:
            via.addItem(tr(texts.VIA[value]), value)
        for word, widget, name in ((tr("方式"), via, "via"), (tr("收件人"), to, "recipient")):
            widget.setObjectName(f"price_notice.send.{name}")
            widget.setAccessibleName(word)
            label = words(word, "small")
            label.setBuddy(widget)
            box.addWidget(label)
            box.addWidget(widget)

        def valid() -> str:
            return "" if to.text().strip() else tr("请填写收件人。")

        if await ask(self, tr("登记发送"), body, tr("登记发送"), valid=valid, name="price_notice.send"):
            chosen = str(via.currentData())
            await self.ctx.db.run(price_notices.send, self.record_id, chosen, to.text().strip(), initiator=self)

    async def _withdraw(self) -> None:
        reason = await ask_text(self, tr("不发送"), tr("原因"), primary=tr("不发送"), name="price_notice.withdraw")
        if reason is not None and self.record_id is not None:
            await self.ctx.db.run(price_notices.withdraw, self.record_id, reason, initiator=self)

    async def print_document(self) -> None:
        """Ctrl+P: the letter."""
        if self.record_id is None or not await self.save_all():
            return
        document = await self.ctx.db.run(price_notices.document, self.record_id)
        data = await self.ctx.pool.run(_render, document, language())
        await show_paper(self, document.title, data, f"{document.title}-{document.customer}.pdf")

    def refresh(self) -> None:
        """After every load and save."""
        if self.shown is not None:
            self.related.set_rows(
                [
                    RelatedRow("price_change", self.shown.change_id, self.shown.change),
                    RelatedRow("customer", self.shown.customer_id, self.shown.customer),
                ]
            )
            self.timeline.load("price_notice", self.shown.id)


def _render(document: NoticeDocument, lang: Language) -> bytes:
    """On a worker: reportlab is loaded there."""
    from presales_desktop.reports import prices as reports

    return reports.render(document, lang)
