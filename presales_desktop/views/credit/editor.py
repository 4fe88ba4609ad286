"""The editor of an application: what sales says, the assessment in four dimensions with its live result, evidence, exposure, history."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

from PySide6.QtCore import QTimer

from presales_desktop.models import credit_rules as rules
from presales_desktop.models.credit import APPLICATION_FIELDS, ASSESSABLE, SHEET_FIELDS, STATEMENT_FIELDS
from presales_desktop.models.credit_rules import Scheme
from presales_desktop.models.fields import FieldType, validate
from presales_desktop.models.permissions import Ownership
from presales_desktop.services import credit, credit_schemes
from presales_desktop.services.credit import CreditDraft, CreditShown, StatementDraft
from presales_desktop.services.work import Work
from presales_desktop.texts import credit as texts
from presales_desktop.texts import tr
from presales_desktop.views.credit import steps
from presales_desktop.views.credit.card import RatioTable, ScoreCard
from presales_desktop.views.credit.list import grade_chip, phase_chip
from presales_desktop.views.credit.terms import ExposurePanel, TermsPanel
from presales_desktop.views.kit.basics import words
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.editor_page import EditorPage, Heading, Step
from presales_desktop.views.kit.form import Form
from presales_desktop.views.kit.line_columns import LineColumn
from presales_desktop.views.kit.line_table import LineTable
from presales_desktop.views.kit.panels import FilesPanel, RelatedPanel, RelatedRow, TimelinePanel

_BY_NAME: Final = {f.name: f for f in SHEET_FIELDS}
_PARTS: Final = {
    "basics": ("years", "capital_fen", "ownership", "licence", "basics_note"),
    "operations": ("market", "premises", "staff", "operations_note"),
    "record": ("paid", "court", "tax_level", "agency", "reputation", "record_note"),
}
_CHECK_MS: Final = 120


def _all(work: Work, credit_id: UUID) -> tuple[CreditDraft, CreditShown, Scheme, UUID | None]:
    shown = credit.show(work, credit_id)
    sheet = credit.sheet_of(work, credit_id) if shown.figures is not None else None
    scheme = credit_schemes.in_force(work, shown.scheme_on or work.today)
    return shown.draft, shown, scheme, sheet.id if sheet is not None else None


class CreditEditor(EditorPage):
    """See the module. `shown`: the application whole, None while it is new."""

    def __init__(self, ctx: ViewContext, record_id: UUID | None, initial: dict[str, Any] | None = None) -> None:
        self.shown: CreditShown | None = None
        self.scheme = rules.DEFAULT
        self.sheet_id: UUID | None = None
        self.sees = ctx.may("credit.figures").allowed
        super().__init__(ctx, "credit", record_id, initial)

    # loading and saving

    async def load(self) -> CreditDraft:
        """The draft with what stands around it."""
        if self.record_id is None:
            return await self.ctx.db.run(credit.new_draft, self.initial)
        draft, self.shown, self.scheme, self.sheet_id = await self.ctx.db.run(_all, self.record_id)
        return draft

    async def save(self, value: CreditDraft) -> UUID:
        """Through the service; what is wrong comes back to its field."""
        return await self.ctx.db.run(credit.save, value, initiator=self)

    def mine(self, right: str) -> bool:
        """Whether the user has RIGHT on this application."""
        if self.shown is None:
            return self.ctx.may("credit.create").allowed
        return self.ctx.may(right, Ownership(self.shown.owner_id, self.shown.created_by)).allowed

    def writes_head(self) -> bool:
        """Whether the application may be written now."""
        return self.shown is None or (self.shown.state == "draft" and self.mine("credit.edit"))

    def is_own(self) -> bool:
        """Whether the user applied himself: then a colleague assesses."""
        found = self.shown
        return found is not None and self.ctx.actor.id in (found.applied_by, found.owner_id, found.created_by)

    def writes_sheet(self) -> bool:
        """Whether the assessment may be written now."""
        found = self.shown
        return (
            found is not None
            and found.state in ASSESSABLE
            and self.ctx.may("credit.assess").allowed
            and not self.is_own()
        )

    def read_only(self) -> bool:
        """When neither part may be written."""
        return not self.writes_head() and not self.writes_sheet()

    # building

    def build(self) -> Iterator[None]:
        """The application, then for assessors the result and the four dimensions."""
        self.head_form = Form(self.ctx, self.draft, APPLICATION_FIELDS, "credit", columns=2, wide=("notes",))
        self._head_section = self.add_section(tr("申请"), self.head_form, wide=True)
        yield
        self.forms: list[Form] = []
        if self.sees:
            yield from self._build_assessment()
        self.terms = TermsPanel()
        self.related = RelatedPanel(self.ctx)
        self.files = FilesPanel(self.ctx, "credit", self.record_id, (("file", "客户资料"),), tr("客户资料"))
        self.timeline = TimelinePanel(self.ctx)
        panels: list[Any] = [self.terms]
        if self.sees:
            self.exposure = ExposurePanel(self.ctx)
            roles = (("evidence", "评估资料"), ("guarantee", "担保文件"))
            self.evidence = FilesPanel(self.ctx, "credit_sheet", None, roles, tr("评估资料"))
            panels += [self.exposure, self.evidence]
        for panel in (*panels, self.related, self.files, self.timeline):
            self.add_side(panel)

    def _build_assessment(self) -> Iterator[None]:
        self.card = ScoreCard()
        self._card_section = self.add_section(tr("评估结果"), self.card, wide=True)
        yield
        for i, (name, fields) in enumerate(_PARTS.items()):
            notes = tuple(f for f in fields if f.endswith("_note"))
            form = Form(self.ctx, self.draft, [_BY_NAME[f] for f in fields], "credit", columns=2, wide=notes)
            form.setObjectName(f"credit.{name}")
            self.forms.append(form)
            self.add_section(tr(texts.DIMENSIONS[name]), form, wide=i == len(_PARTS) - 1, column=i if i < 2 else -1)
            yield
        self.statements = LineTable(
            self.ctx, self.draft, "statements", _statement_columns(), kind="credit_statement", new_row=StatementDraft,
            key="credit_statements", fit=4,
        )  # fmt: skip
        self.statements.setObjectName("credit.statements")
        self.ratios = RatioTable()
        self.finances = Form(self.ctx, self.draft, [_BY_NAME["finances_note"]], "credit", columns=1)
        self.forms.append(self.finances)
        hint = words(tr("单位为元，取自审计报告或报税报表。填两年可以算出增长率。"), "small", wrap=True)
        self.add_section(tr(texts.DIMENSIONS["finances"]), hint, self.statements, self.ratios, self.finances, wide=True)
        self._later = QTimer(self, singleShot=True, interval=_CHECK_MS)
        self._later.timeout.connect(self.check_now)
        self.draft.changed.connect(lambda _path: self._later.start())
        self.draft.structure_changed.connect(lambda _path: self._later.start())
        self.draft.replaced.connect(self._later.start)

    # live

    def check_now(self) -> None:
        """What is typed now comes to this grade and limit."""
        value: CreditDraft = self.draft.value
        whole = [s for s in value.statements if not validate(STATEMENT_FIELDS, s)]
        new = self.shown.new_customer if self.shown is not None else True
        result = rules.assess(value, whole, value.monthly_fen or 0, new=new, scheme=self.scheme)
        self.card.show_result(result, self.shown)
        self.ratios.show_ratios(result.ratios)
        missing = len(rules.unanswered(value))
        self._card_section.set_note(tr("还有 {n} 项没有填写", n=missing) if missing else "")

    # head, steps, panels

    def heading(self) -> Heading:
        """Number, customer, where it stands."""
        if self.shown is None:
            return Heading("", tr("申请信用评估"), None, "")
        grade = grade_chip(self.shown)
        subtitle = " · ".join(p for p in (grade[0] if grade else "", tr(texts.REASONS[self.draft.value.reason])) if p)
        return Heading(self.shown.number, self.shown.customer, phase_chip(self.shown), subtitle)

    def steps(self) -> list[Step]:
        """What can be done in this state: see steps.py."""
        return steps.steps_of(self)

    async def print_document(self) -> None:
        """Ctrl+P: the report."""
        if await self.save_all():
            await steps.show_report(self)

    def refresh(self) -> Iterator[None]:
        """After every load and save."""
        self.head_form.set_read_only(not self.writes_head())
        self.head_form.set_field_read_only("customer_id", self.record_id is not None)
        yield
        if self.sees:
            writes = self.writes_sheet()
            for form in self.forms:
                form.set_read_only(not writes)
            self.statements.set_read_only(not writes)
            self.check_now()
        yield
        shown = self.shown
        self.terms.show_terms(shown)
        if shown is None:
            return
        self.related.set_rows([RelatedRow("customer", shown.customer_id, shown.customer)])
        self.files.load("credit", shown.id)
        self.files.set_read_only(not self.mine("credit.edit"))
        if shown.figures is not None:
            self.exposure.show_exposure(shown.figures)
            self.evidence.load("credit_sheet", self.sheet_id)
            self.evidence.set_read_only(not self.ctx.may("credit.assess").allowed)
        self.timeline.load("credit", shown.id)


def _statement_columns() -> tuple[LineColumn, ...]:
    made = [LineColumn("year", type=FieldType.INTEGER, width=84, read=lambda s: "" if s.year is None else str(s.year))]
    made += [LineColumn(f.name, type=FieldType.MONEY, width=128) for f in STATEMENT_FIELDS if f.name != "year"]
    return tuple(made)
