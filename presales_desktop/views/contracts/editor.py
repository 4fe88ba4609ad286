"""The contract's editor: quote, parties, goods, deposit and clauses; the eight contents and the reviews beside them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from presales_desktop.models.contract_text import Subject, placeholder_values
from presales_desktop.models.contracts import DEPOSIT_SHARE, FIELDS, PARTY, ContractDraft, LibraryClause, check_parts
from presales_desktop.models.errors import Problem
from presales_desktop.models.permissions import Ownership
from presales_desktop.services import clauses as library
from presales_desktop.services import contracts, contracts_from
from presales_desktop.services.contract_changes import Since, since_last
from presales_desktop.services.contracts import ContractShown
from presales_desktop.services.work import Work
from presales_desktop.texts import contracts as texts
from presales_desktop.texts import lookup, tr
from presales_desktop.views.contracts import steps
from presales_desktop.views.contracts.changes import Changes
from presales_desktop.views.contracts.clauses import Clauses
from presales_desktop.views.contracts.goods import GoodsTable
from presales_desktop.views.contracts.list import TONES
from presales_desktop.views.contracts.panels import HintsPanel, PartsPanel, RevisionsPanel
from presales_desktop.views.contracts.plan import PlanSection
from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit.basics import button, row, words
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.editor_page import EditorPage, Heading, Step
from presales_desktop.views.kit.form import Form
from presales_desktop.views.kit.panels import (
    ApprovalPanel,
    FilesPanel,
    RelatedPanel,
    RelatedRow,
    StepRow,
    TimelinePanel,
)
from presales_desktop.views.kit.pickers import RecordPicker
from presales_desktop.views.kit.popup import Choice

_BY_NAME = {f.name: f for f in FIELDS}
_CHECK_MS = 120
_PART_PLACES = {"parties": "buyer_address", "subject": "", "quantity": "", "price": ""}


def _all(work: Work, contract_id: UUID) -> tuple[ContractDraft, ContractShown, Since | None]:
    return contracts.load(work, contract_id), contracts.show(work, contract_id), since_last(work, contract_id)


def _fresh(work: Work, initial: dict[str, Any]) -> tuple[ContractDraft, Subject | None, list[Problem]]:
    draft = contracts.new_draft(work, initial)
    subject = contracts_from.subject_of(work, draft.quote_id) if draft.quote_id is not None else None
    return draft, subject, contracts.hints_of(work, draft, subject)


class ContractEditor(EditorPage):
    """See the module. `shown`: the contract whole, None while it is new; `subject`: what the chosen quote sells."""

    def __init__(self, ctx: ViewContext, record_id: UUID | None, initial: dict[str, Any] | None = None) -> None:
        self.shown: ContractShown | None = None
        self.since: Since | None = None
        self.subject: Subject | None = None
        self._hints: list[Problem] = []
        super().__init__(ctx, "contract", record_id, initial)

    # loading and saving

    async def load(self) -> ContractDraft:
        """The draft with what it stands on."""
        if self.record_id is None:
            draft, self.subject, self._hints = await self.ctx.db.run(_fresh, self.initial)
            return draft
        draft, shown, self.since = await self.ctx.db.run(_all, self.record_id)
        self.shown, self.subject, self._hints = shown, shown.subject, list(shown.hints)
        return draft

    async def save(self, value: ContractDraft) -> UUID:
        """Through the service; what is wrong comes back to its field."""
        return await self.ctx.db.run(contracts.save, value, initiator=self)

    def mine(self, right: str) -> bool:
        """Whether the user has RIGHT on this contract."""
        if self.shown is None:
            return self.ctx.may("contract.create").allowed
        return self.ctx.may(right, Ownership(self.shown.owner_id, self.shown.created_by)).allowed

    def read_only(self) -> bool:
        """Everything but a draft of one's own."""
        return self.shown is not None and (self.shown.state != "draft" or not self.mine("contract.edit"))

    # building

    def build(self) -> Iterator[None]:
        """Sections at the left; contents, reviews and history at the right."""
        self.changes = Changes()
        self._changes_section = self.add_section(tr("这一版的变化"), self.changes, wide=True)
        self._add_quote()
        yield
        names = ("title", "sign_place", "sign_on", "copies", "owner_id")
        self.facts = Form(
            self.ctx, self.draft, [_BY_NAME[n] for n in names], "contract", columns=3, wide=("title",), later=True
        )
        self.add_section(tr("合同信息"), self.facts, wide=True)
        yield from self.facts.fill()
        yield
        self.sides: dict[str, Form] = {}
        for i, (side, word) in enumerate(texts.SIDES.items()):
            fields = [_BY_NAME[f"{side}_{name}"] for name in PARTY]
            form = Form(self.ctx, self.draft, fields, "contract", columns=1, later=True)
            form.setObjectName(f"contract.{side}")
            self.sides[side] = form
            self.add_section(tr(word), form, column=i)
            yield from form.fill()
            yield
        self.goods = GoodsTable(self.ctx)
        self._goods_section = self.add_section(tr("标的"), self.goods, wide=True)
        yield
        self._add_money()
        yield
        self.plan = PlanSection(self)
        self.add_section(tr("付款与交付计划"), self.plan, wide=True)
        yield
        self.clauses = Clauses(self.ctx, self.draft, self, self.values)
        section = self.add_section(tr("条款"), self.clauses, wide=True)
        section.add_action(self.clauses.add_button)
        section.add_action(self.clauses.new_button)
        self._clause_section = section
        yield
        self.notes = Form(self.ctx, self.draft, [_BY_NAME["notes"]], "contract", columns=1)
        self.add_section(tr("内部备注"), self.notes, wide=True)
        yield
        self._add_panels()
        yield
        self._later = QTimer(self, singleShot=True, interval=_CHECK_MS)
        self._later.timeout.connect(self.check_now)
        self.draft.changed.connect(self._soon)
        self.draft.structure_changed.connect(self._soon)
        self.draft.replaced.connect(self._later.start)

    def _soon(self, _path: str) -> None:
        self._later.start()

    def _add_quote(self) -> None:
        """Which quote it stands on: chosen once, when the contract is new."""
        self.quote = RecordPicker(self.ctx, "quote", find=self._find_quotes)
        self.quote.setObjectName("contract.quote")
        self.quote.setAccessibleName(tr("依据的报价单"))
        self.quote.setPlaceholderText(tr("查找客户已接受、仍在有效期内的报价单"))
        self.quote.chosen.connect(self._quote_chosen)
        self._quote_note = words("", "small", wrap=True)
        self._quote_section = self.add_section(tr("依据的报价单"), self.quote, self._quote_note, wide=True)

    async def _find_quotes(self, text: str) -> list[Choice]:
        found = await self.ctx.db.run(contracts_from.candidates, text)
        return [
            Choice(c.quote_id, f"{c.label} {c.title}", c.customer, fmt.money(c.total_fen)) for c in found
        ]  # fmt: skip

    def _quote_chosen(self, quote_id: UUID | None) -> None:
        if quote_id is not None and self.record_id is None:
            self.run(lambda: self.take_quote(quote_id))

    async def take_quote(self, quote_id: UUID) -> None:
        """Fill the new contract from a quote, as one step that can be undone."""
        draft, subject, hints = await self.ctx.db.run(_fresh, {"quote_id": quote_id})
        self.subject, self._hints = subject, hints
        self.draft.take_over(draft, tr("选择报价单"))
        for _ in self.refresh():
            pass
        self.head.show_heading()

    def _add_money(self) -> None:
        names = [_BY_NAME["deposit_fen"], _BY_NAME["prepayment_fen"]]
        self.money = Form(self.ctx, self.draft, names, "contract", columns=2)
        self._money_note = words("", "small", wrap=True)
        self._money_note.setObjectName("contract.money.note")
        self._add_deposit = button(
            tr("插入定金条款"), lambda: self.run(lambda: self._insert("deposit")), look="link", icon="plus",
            name="contract.deposit.clause",
        )  # fmt: skip
        self._add_prepayment = button(
            tr("插入预付款条款"), lambda: self.run(lambda: self._insert("prepayment")), look="link", icon="plus",
            name="contract.prepayment.clause",
        )  # fmt: skip
        holder = QWidget()
        holder.setLayout(row(self._add_deposit, self._add_prepayment, None))
        self.add_section(tr("定金与预付款"), self.money, self._money_note, holder, wide=True)

    async def _insert(self, key: str) -> None:
        found: tuple[LibraryClause, ...] = await self.ctx.db.run(library.library)
        clause = next((c for c in found if c.key == key), None)
        if clause is not None:
            keys = [c.key for c in self.draft.value.clauses]
            self.clauses.current = keys.index("payment") if "payment" in keys else len(keys) - 1
            self.clauses.insert(clause.draft)

    def _add_panels(self) -> None:
        self.parts_panel = PartsPanel()
        self.parts_panel.asked.connect(self._go_to_part)
        self.hints_panel = HintsPanel()
        self.hints_panel.asked.connect(self._go_to)
        self.approvals = ApprovalPanel(tr("审核"))
        self.revisions = RevisionsPanel(self.ctx)
        self.related = RelatedPanel(self.ctx)
        self.files = FilesPanel(
            self.ctx, "contract", self.record_id, (("scan", "扫描件"), ("sent", "送签文件"), ("file", "其他文件"))
        )
        self.timeline = TimelinePanel(self.ctx)
        panels: list[QWidget] = [self.parts_panel, self.hints_panel]
        # While it is reviewed, the reviews come first; while it is drafted, what is still missing.
        drafting = self.shown is None or self.shown.state == "draft"
        panels.insert(len(panels) if drafting else 0, self.approvals)
        for panel in (*panels, self.revisions, self.related, self.files, self.timeline):
            self.add_side(panel)

    # live

    def values(self) -> dict[str, str]:
        """What the blanks of clauses stand for now."""
        return placeholder_values(self.draft.value, self.subject) if self.subject is not None else {}

    def check_now(self) -> None:
        """Required contents, deposit, numbers: of what is typed now."""
        value: ContractDraft = self.draft.value
        self.parts_panel.show_checks(check_parts(value, self.subject))
        self._clause_section.set_note(tr("{n} 条", n=len(value.clauses)) if value.clauses else "")
        keys = {c.key for c in value.clauses}
        only = self.read_only()
        self._add_deposit.setVisible(not only and bool(value.deposit_fen) and "deposit" not in keys)
        self._add_prepayment.setVisible(not only and bool(value.prepayment_fen) and "prepayment" not in keys)
        self._show_money(value)
        self.plan.show_plan(value, self.subject.total_fen if self.subject is not None else 0)
        self.head.show_state()

    def _show_money(self, value: ContractDraft) -> None:
        total = self.subject.total_fen if self.subject is not None else 0
        if not total:
            self._money_note.setText("")
            return
        said = [tr("定金不得超过总价的 20%（上限 {limit}）。", limit=fmt.money(total // DEPOSIT_SHARE))]
        if value.deposit_fen:
            said.append(tr("现在占 {share}%。", share=f"{value.deposit_fen * 100 / total:.1f}"))
        rest = total - value.deposit_fen - value.prepayment_fen
        if value.deposit_fen or value.prepayment_fen:
            said.append(tr("签约时共收 {now}，余款 {rest}。", now=fmt.money(total - rest), rest=fmt.money(rest)))
        self._money_note.setText("".join(said))
        over = value.deposit_fen * DEPOSIT_SHARE > total
        self._money_note.setProperty("role", "bad" if over else "small")
        self._money_note.style().polish(self._money_note)

    # leading to fields

    def _go_to_part(self, part: str) -> None:
        place = _PART_PLACES.get(part)
        if place == "":
            self._area.ensureWidgetVisible(self.goods, 50, 80)
            return
        if place is not None:
            self.focus_path(place)
            return
        found = next((i for i, c in enumerate(self.draft.value.clauses) if c.part == part), None)
        if found is None:
            self.clauses.open_library()
        else:
            self.focus_path(f"clauses.{found}.body")

    def _go_to(self, path: str) -> None:
        if path:
            self.focus_path(path)

    def focus_path(self, path: str) -> bool:
        """As the base; a path of a clause brings its card up first."""
        if self.clauses.show_path(path) and self.clauses.card is not None:
            card = self.clauses.card
            if card.form.focus_path(path):
                self._area.ensureWidgetVisible(card, 50, 80)
                return True
        if path == "quote_id" and self._quote_section.isVisible():
            self.quote.setFocus()
            return True
        return super().focus_path(path)

    def show_problems(self, problems: Any) -> None:
        """Mark the clauses, too."""
        super().show_problems(problems)
        self.clauses.set_problems(list(problems))

    # head, steps, panels

    def heading(self) -> Heading:
        """Number and revision, title, state; the customer below."""
        value: ContractDraft = self.draft.value
        if self.shown is None:
            return Heading("", value.title or tr("新建合同"), None, value.buyer_name)
        shown = self.shown
        chip = (lookup.state("contract", shown.state), TONES[shown.state])
        subtitle = " · ".join((shown.customer, fmt.money(shown.total_fen)))
        return Heading(f"{shown.number}-R{shown.revision}", value.title, chip, subtitle)

    def steps(self) -> list[Step]:
        """What can be done in this state: see steps.py."""
        return steps.steps_of(self)

    async def print_document(self) -> None:
        """Ctrl+P: the contract as PDF."""
        if await self.save_all():
            await steps.show_contract(self)

    def refresh(self) -> Iterator[None]:
        """After every load and save."""
        only = self.read_only()
        value: ContractDraft = self.draft.value
        self._changes_section.setVisible(self.since is not None)
        self.changes.show_since(self.since)
        if self.since is not None:
            self._changes_section.set_note(tr("和 R{n} 相比", n=self.since.revision))
        self._quote_section.setVisible(self.shown is None)
        self.quote.set_value(value.quote_id)
        note = tr("只列出客户已接受、仍在有效期、还没有合同的报价单。") if value.quote_id is None else ""
        self._quote_note.setText(note)
        self._quote_note.setVisible(bool(note))
        self.goods.show_subject(self.subject)
        if self.subject is not None:
            self._goods_section.set_note(tr("来自 {label}", label=self.subject.quote_label))
        yield
        self.clauses.set_read_only(only)
        self.plan.set_read_only(only)
        yield
        self.hints_panel.show_hints([] if self.shown is not None and self.shown.state == "signed" else self._hints)
        self.check_now()
        yield
        shown = self.shown
        if shown is None:
            self.approvals.set_steps(())
            return
        waiting = shown.state == "submitted"
        self.approvals.set_steps(
            [StepRow(s.step, s.who, s.verdict or "", s.comment, s.at, waiting) for s in shown.steps]
            if shown.content_hash
            else ()
        )
        yield
        self.revisions.show_revisions(shown.revisions, shown.decisions, shown.id)
        self.related.set_rows(
            [
                RelatedRow("quote", shown.quote_id, shown.quote_label, fmt.money(shown.total_fen)),
                RelatedRow("case", shown.case_id, shown.case_title, shown.case_number),
                RelatedRow("customer", shown.customer_id, shown.customer),
            ]
        )
        yield
        self.files.load("contract", shown.id)
        self.files.set_read_only(not self.mine("contract.edit"))
        self.timeline.load("contract", shown.id)
