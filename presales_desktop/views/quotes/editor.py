"""The quote page: the line table is the page, totals are pinned below, margin and approvals stand at the right."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from presales_desktop.models import quote_pricing
from presales_desktop.models.permissions import Ownership
from presales_desktop.models.quotes import COSTED, FIELDS, QuotePolicy
from presales_desktop.services import (
    catalogue_facts,
    design_reviews,
    quote_costs,
    quote_steps,
    quotes,
    quotes_from,
)
from presales_desktop.services.design_reviews import DesignBasis
from presales_desktop.services.quote_costs import CostSheet
from presales_desktop.services.quote_drafts import QuoteDraft
from presales_desktop.services.quotes import QuoteShown
from presales_desktop.services.work import ChangeSet
from presales_desktop.texts import tr
from presales_desktop.views.kit import format as formats
from presales_desktop.views.kit import jobs, shortcuts, tokens
from presales_desktop.views.kit.adapters import CustomAdapter
from presales_desktop.views.kit.basics import button, column, row
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.editor_page import EditorPage, Heading, Step
from presales_desktop.views.kit.form import Form
from presales_desktop.views.kit.panels import FilesPanel, RelatedPanel, RelatedRow, TimelinePanel
from presales_desktop.views.quotes import lists_in, outgoing, reading
from presales_desktop.views.quotes.contact import ContactEdit
from presales_desktop.views.quotes.design_bar import DesignBar
from presales_desktop.views.quotes.hanging import HangingPanel
from presales_desktop.views.quotes.line_tools import LineTools
from presales_desktop.views.quotes.lines import Computed, QuoteLines, new_note, new_section
from presales_desktop.views.quotes.panels import ChangesPanel, DecisionPanel, HistoryPanel, MarginPanel, SendsPanel
from presales_desktop.views.quotes.pricing import Bases, BasisPanel
from presales_desktop.views.quotes.reading import Breaks
from presales_desktop.views.quotes.since import Marks, SincePanel
from presales_desktop.views.quotes.steps import steps_of
from presales_desktop.views.quotes.totals import TotalsBar
from presales_desktop.views.quotes.words import state_word

_HEAD = ("case_id", "contact_id", "title", "valid_until")
_TERMS = (
    "language",
    "show_images",
    "exchange_rate",
    "rate_on",
    "payment",
    "delivery",
    "delivery_place",
    "warranty",
    "owner_id",
    "notes",
    "internal_notes",
)
FILE_ROLES = (("file", "内部文件"), ("enclosure", "随报价发出"), ("scan", "客户回签"), ("bill", "客户清单"))


class QuoteEditor(EditorPage):
    """One revision. See the module."""

    def __init__(self, ctx: ViewContext, record_id: UUID | None, initial: dict[str, Any]) -> None:
        self.shown: QuoteShown | None = None
        self.sheet: CostSheet | None = None
        self.design: DesignBasis | None = None
        self.policy = QuotePolicy()
        self.computed = Computed()
        self.sees_costs = ctx.may("cost.view").allowed
        self._live_costs: dict[UUID, int] = {}
        self.breaks: Breaks = {}
        super().__init__(ctx, "quote", record_id, initial)

    # what the page asks for

    async def load(self) -> QuoteDraft:
        if self.record_id is None:
            draft, self.design, self.breaks = await self.ctx.db.run(reading.fresh, self.initial)
            return draft
        found = await self.ctx.db.run(reading.page, self.record_id)
        draft, self.shown, self.sheet, self.policy, self.breaks = found
        self.design = self.shown.design
        return draft

    async def save(self, value: QuoteDraft) -> UUID:
        return await self.ctx.db.run(quotes.save, value, initiator=self)

    def read_only(self) -> bool:
        value: QuoteDraft | None = self.draft.value
        if value is None:
            return True
        if self.record_id is None:
            return not self.ctx.may("quote.create").allowed
        return value.state != "draft" or not self.mine("quote.edit")

    def mine(self, right: str) -> bool:
        """Whether the acting user holds RIGHT on this quote."""
        if self.shown is None:
            return self.ctx.may(right).allowed
        return self.ctx.may(right, Ownership(self.shown.owner_id, self.shown.created_by)).allowed

    def heading(self) -> Heading:
        value: QuoteDraft | None = self.draft.value
        if value is None or self.shown is None:
            return Heading("", value.title if value else "", state_word("draft"))
        shown = self.shown
        person = f" {shown.contact} {shown.contact_phone}".rstrip() if self.read_only() else ""
        parts = [f"{shown.customer}{person}", f"{shown.case_number} {shown.case_title}"]
        if shown.hash_short:
            parts.append(tr("校验码 {hash}", hash=shown.hash_short))
        chip = state_word(shown.state, expired=shown.expired)
        return Heading(shown.label, value.title, chip, " · ".join(parts))

    def steps(self) -> list[Step]:
        return steps_of(self)

    # frame

    def build(self) -> None:
        by_name = {f.name: f for f in FIELDS}
        contact = ContactEdit(self.ctx, lambda: self.draft.value.customer_id if self.draft.value else None)
        self.contact = contact
        self.head_form = Form(
            self.ctx, self.draft, [by_name[n] for n in _HEAD], "quote", columns=4,
            adapters={"contact_id": CustomAdapter(contact, contact.set_value, contact.chosen)},
        )  # fmt: skip
        self.head_form.edited.connect(self._head_edited)
        self.marks = Marks()
        self.lines = QuoteLines(self.ctx, self.draft, self.computed, self.marks, with_costs=self.sees_costs)
        self.tools_of_lines = LineTools(self)
        self.terms = Form(self.ctx, self.draft, [by_name[n] for n in _TERMS], "quote", columns=2)
        self.totals = TotalsBar(self.ctx, self.draft)
        self.design_bar = DesignBar(self.ctx, lambda other: self.run(lambda: self.take_design(other)))
        self.add_bar(self.design_bar)
        self.ctx.bus.changed.connect(self._design_changed)
        self._build_body()
        self.set_footer(self.totals)
        self._build_side()
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self.recompute)
        self.lines.rows_changed.connect(self._rows_changed)
        self.lines.current_changed.connect(self._line_chosen)
        self.draft.changed.connect(lambda path: None if path.startswith("lines.") else self._later.start())
        self.draft.replaced.connect(self._later.start)
        self.draft.replaced.connect(self._follow_design)
        self.draft.changed.connect(lambda path: self.bases.forget() if path in ("tax_rate", "tax_included") else None)

    def _build_body(self) -> None:
        body = QWidget()
        self.tools = {
            "section": button(tr("区域"), self.add_section_line, look="quiet", icon="layers", name="quote.add_section", tip="Ctrl+Shift+G"),
            "note": button(tr("说明"), self.add_note_line, look="quiet", icon="message-square", name="quote.add_note"),
            "internal": button(tr("内部备注"), self.add_internal_line, look="quiet", icon="lock", name="quote.add_internal"),
            "kind": button(tr("行类型"), self.tools_of_lines.pop_kinds, look="quiet", icon="list", name="quote.kind", tip="Ctrl+Shift+K"),
            "bill": button(tr("客户清单"), lambda: self.run(lambda: lists_in.read_bill(self)), look="quiet", icon="file-down", name="quote.bill", tip="Ctrl+Shift+B"),
            "import": button(tr("从清单导入"), lambda: self.run(lambda: lists_in.import_list(self)), look="quiet", icon="file-spreadsheet", name="quote.import", tip="Ctrl+Shift+I"),
        }  # fmt: skip
        self.terms_button = button(tr("商务条款"), self.toggle_terms, look="quiet", icon="scroll-text", name="quote.terms", tip="Ctrl+T")  # fmt: skip
        self.terms_button.setCheckable(True)
        inner = QVBoxLayout(body)
        inner.setContentsMargins(tokens.MARGIN, 4, tokens.MARGIN, 0)
        inner.setSpacing(6)
        inner.addWidget(self.head_form)
        inner.addLayout(row(*self.tools.values(), None, self.terms_button, gap=4))
        self.terms_area = QScrollArea()
        self.terms_area.setWidgetResizable(True)
        self.terms_area.setFrameShape(QFrame.Shape.NoFrame)
        self.terms_area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.terms_area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        holder = QWidget()
        holder.setLayout(column(self.terms, None, margins=(0, 0, 0, tokens.GAP)))
        self.terms_area.setWidget(holder)
        inner.addWidget(self.terms_area, 1)
        inner.addWidget(self.lines, 1)
        self.terms_area.hide()
        self.set_body(body)
        shortcuts.register(self, "Ctrl+T", tr("商务条款"), lambda: self.terms_button.click())
        shortcuts.register(self, "Ctrl+Shift+G", tr("添加区域"), self.add_section_line)
        self.tools_of_lines.register_keys()
        shortcuts.register(self, "Ctrl+Shift+B", tr("读入客户清单"), lambda: self.run(lambda: lists_in.read_bill(self)))
        shortcuts.register(self, "Ctrl+Shift+I", tr("从清单导入"), lambda: self.run(lambda: lists_in.import_list(self)))

    def _build_side(self) -> None:
        self.margin = MarginPanel() if self.sees_costs else None
        if self.margin is not None:
            self.add_side(self.margin)
        self.approvals = DecisionPanel(self._decide)
        self.approvals.register_keys(self)
        self.since = SincePanel(self)
        self.hanging = HangingPanel(self)
        self.changes = ChangesPanel(lambda: self.run(self.take_over))
        self.sends = SendsPanel()
        self.history = HistoryPanel(self.ctx)
        self.bases = Bases(self)
        self.basis = BasisPanel(self.bases.take)
        self.related = RelatedPanel(self.ctx)
        self.files = FilesPanel(self.ctx, "quote", self.record_id, FILE_ROLES)
        self.timeline = TimelinePanel(self.ctx)
        for panel in (
            self.approvals,
            self.since,
            self.hanging,
            self.changes,
            self.basis,
            self.history,
            self.sends,
            self.files,
            self.related,
            self.timeline,
        ):
            self.add_side(panel)

    def toggle_terms(self) -> None:
        """Terms in place of the lines, and back."""
        on = self.terms_button.isChecked()
        self.terms_area.setVisible(on)
        self.lines.setVisible(not on)
        for tool in self.tools.values():
            tool.setVisible(not on and not self.read_only())

    def focus_path(self, path: str) -> bool:
        wants_terms = path.split(".")[0] in _TERMS
        if wants_terms != self.terms_button.isChecked() and (wants_terms or path.startswith("lines")):
            self.terms_button.setChecked(wants_terms)
            self.toggle_terms()
        return super().focus_path(path)

    def refresh(self) -> None:
        only = self.read_only()
        self.lines.breaks = dict(self.breaks)
        self.head_form.set_visible("contact_id", not only)
        for tool in self.tools.values():
            tool.setVisible(not only and not self.terms_button.isChecked())
        self._show_design()
        self.approvals.show_quote(self.shown)
        self.since.load(self.record_id)
        self.hanging.load()
        self.sends.show_quote(self.shown)
        self.changes.show_changes(self.shown.changes if self.shown else (), editable=not only)
        self.files.load("quote", self.record_id)
        self.files.set_read_only(not self.mine("quote.edit"))
        self.related.set_rows(self._related())
        if self.record_id is not None:
            self.timeline.load("quote", self.record_id)
        self.contact.read()
        self._ask_costs()
        self.recompute()

    def _related(self) -> Sequence[RelatedRow]:
        shown = self.shown
        if shown is None:
            return ()
        rows = [
            RelatedRow("case", shown.case_id, shown.case_title, shown.case_number),
            RelatedRow("customer", shown.customer_id, shown.customer, shown.contact),
        ]
        if shown.design_id is not None:
            rows.append(RelatedRow("design", shown.design_id, tr("设计方案")))
        for other in shown.revisions:
            if other.id != shown.id:
                title = f"{shown.number}-R{other.revision}"
                rows.append(
                    RelatedRow(
                        "quote",
                        other.id,
                        title,
                        formats.money(other.total_fen, currency=shown.currency),
                        state_word(other.state),
                    )
                )
        return rows

    # the design it stands on

    def _show_design(self) -> None:
        state = self.shown.state if self.shown is not None else "draft"
        self.design_bar.show_basis(self.design, state, editable=not self.read_only())

    def _design_changed(self, changes: ChangeSet, initiator: object) -> None:
        """Somebody reviewed the design, or made its next revision, while the quote is open."""
        value: QuoteDraft | None = self.draft.value
        if value is not None and value.design_id is not None and any(kind == "design" for kind, _ in changes.refs):
            jobs.start(self, self._read_design(value.design_id))
            self.hanging.soon()

    def _follow_design(self) -> None:
        """Undoing a change of the design brings the earlier one's standing back."""
        value: QuoteDraft | None = self.draft.value
        standing = self.design.id if self.design is not None else None
        if value is not None and value.design_id is not None and value.design_id != standing:
            jobs.start(self, self._read_design(value.design_id))

    async def _read_design(self, design_id: UUID) -> None:
        self.design = await self.ctx.db.run(design_reviews.basis, design_id)
        if self.shown is not None and self.record_id is not None:
            self.shown = await self.ctx.db.run(quotes.show, self.record_id)
            self.head.show_steps()
            self.sends.show_quote(self.shown)
        self._show_design()
        self.hanging.soon()

    async def take_design(self, design_id: UUID) -> None:
        """Stand on another revision of the design, as one step that can be undone."""
        taken = await self.ctx.db.run(quotes_from.other_revision, self.draft.snapshot(), design_id)
        self.draft.take_over(taken, tr("改用方案的另一版"))
        await self._read_design(design_id)

    # figures

    def _rows_changed(self) -> None:
        self.hanging.soon()
        self._ask_costs()
        self.recompute()

    def _line_chosen(self, number: int) -> None:
        value: QuoteDraft = self.draft.value
        chosen = value.lines[number].variant_id if 0 <= number < len(value.lines) else None
        self.history.show_for(chosen, value.customer_id, value.number)
        self.bases.show(number)

    def recompute(self) -> None:
        """Totals, capitals and margins of what stands in the draft now."""
        value: QuoteDraft | None = self.draft.value
        if value is None:
            return
        for name in (
            "tax_rate",
            "discount_percent",
            "discount_fen",
            "freight_fen",
            "installation_fen",
            "exchange_rate",
        ):
            if getattr(value, name) is None:
                return  # a field is being emptied; the form says so
        totals = quote_pricing.price(value.lines, value)
        before = self.computed.shown()
        self.computed.amounts = {id(row): totals.amounts[i] for i, row in enumerate(value.lines)}
        self.computed.optional = {
            id(row) for i, row in enumerate(value.lines) if row.type == "accessory" and not totals.counted[i]
        }
        self.totals.show_totals(totals, included=value.tax_included, currency=value.currency)
        self._show_margin(value, totals)
        self.lines.repaint_rows(self.computed.changed_since(before))

    def _show_margin(self, value: QuoteDraft, totals: quote_pricing.Totals) -> None:
        if self.margin is None:
            return
        costs = self._unit_costs(value)
        found = quote_pricing.margins(value.lines, totals, value, costs)
        drift = formats.percent(self.sheet.drift) if self.sheet is not None and self.sheet.drift else ""
        frozen = self.sheet is not None and self.sheet.frozen
        self.margin.show_margins(found, self.policy, frozen=frozen, drift=drift)
        rows = value.lines
        self.computed.costs = {id(rows[i]): fen for i, fen in costs.items()}
        self.computed.margins = {id(rows[i]): m.margin for i, m in enumerate(found.lines) if m is not None}
        self.computed.low = {
            id(rows[i])
            for i, m in enumerate(found.lines)
            if m is not None and (m.margin is None or m.margin < self.policy.line_floor)
        }

    def _unit_costs(self, value: QuoteDraft) -> dict[int, int]:
        if self.sheet is not None and self.sheet.frozen:
            kept = {r.line_id: r.unit_cost_fen for r in self.sheet.rows if r.unit_cost_fen is not None}
            return {i: kept[r.id] for i, r in enumerate(value.lines) if r.id is not None and r.id in kept}
        known = self._live_costs
        return {i: known[r.variant_id] for i, r in enumerate(value.lines) if r.type in COSTED and r.variant_id in known}

    def _ask_costs(self) -> None:
        """Costs of variants that came in; only for those who may see them."""
        if not self.sees_costs or (self.sheet is not None and self.sheet.frozen) or self.draft.value is None:
            return
        wanted = {r.variant_id for r in self.draft.value.lines if r.variant_id is not None} - set(self._live_costs)
        if wanted:
            jobs.start(self, self._fetch_costs(list(wanted)))

    async def _fetch_costs(self, wanted: list[UUID]) -> None:
        self._live_costs.update(await self.ctx.db.run(quote_costs.live_costs, wanted))
        self.recompute()

    # editing

    def _head_edited(self, path: str) -> None:
        if path == "case_id" and self.draft.value.case_id is not None:
            jobs.start(self, self._take_case(), lambda error: self.ctx.nav.show_error(error, self))

    async def _take_case(self) -> None:
        taken: QuoteDraft = await self.ctx.db.run(quotes.take_case, self.draft.snapshot())
        for name in ("customer_id", "contact_id", "title"):
            self.draft.set(name, getattr(taken, name))
        self.contact.read()

    def add_section_line(self) -> None:
        """An area under the current line, its name ready to be typed."""
        if not self.read_only():
            place = self.lines.place()
            self.lines.insert_rows([new_section()], place, tr("添加区域"))
            self.lines.show_cell(place, 0)
            self.lines.setFocus()
            self.lines.edit_cell()

    def add_note_line(self) -> None:
        """A note for the customer."""
        self._add_note(internal=False)

    def add_internal_line(self) -> None:
        """A note that is never printed for the customer."""
        self._add_note(internal=True)

    def _add_note(self, *, internal: bool) -> None:
        if not self.read_only():
            place = self.lines.place()
            self.lines.insert_rows([new_note(internal=internal)], place, tr("添加说明"))
            self.lines.show_cell(place, 0)
            self.lines.setFocus()
            self.lines.edit_cell()

    async def take_over(self) -> None:
        """Today's catalogue facts into all lines, as one step that can be undone."""
        ids = [r.variant_id for r in self.draft.value.lines if r.variant_id is not None]
        known = await self.ctx.db.run(catalogue_facts.facts, ids)
        changed = self.lines.take_over(known)
        self.changes.show_changes((), editable=False)
        self.ctx.nav.toast(tr("已采用 {n} 行的最新资料，Ctrl+Z 可撤销", n=changed))

    # steps

    def _decide(self, verdict: str, remark: str) -> None:
        step = next((s for s in self.steps() if s.action == verdict), None)
        if step is not None:
            self.run_step(step)

    async def do(self, action: str, **parameters: str) -> Any:
        """A step of the service, with what the page is looking at."""
        assert self.record_id is not None
        return await self.ctx.db.run(quotes.do, self.record_id, action, parameters, initiator=self)

    async def decide(self, verdict: str) -> None:
        """The verdict with the remark from the panel, bound to the content that is on the screen."""
        assert self.record_id is not None
        assert self.shown is not None
        await self.ctx.db.run(
            quote_steps.decide, self.record_id, verdict, comment=self.approvals.remark.toPlainText(),
            seen_hash=self.shown.content_hash, remarks=dict(self.since.pending), initiator=self,
        )  # fmt: skip
        self.since.pending.clear()
        self.approvals.remark.clear()

    async def send(self) -> None:
        """Ask how, print the file, record the sending."""
        await outgoing.send(self)

    async def export(self, ending: str) -> None:
        """A file of this revision: pdf, plain.pdf, internal.pdf, xlsx. Unapproved ones carry their watermark."""
        if await self.save_all():
            await outgoing.export(self, ending)

    async def print_document(self) -> None:
        """Ctrl+P: the customer's paper to look at, print or save."""
        if await self.save_all():
            await outgoing.preview(self)
