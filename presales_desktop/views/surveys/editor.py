"""The survey's editor, made for an interview at the customer's table: dimensions, spaces, needs, with a live analysis beside them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any
from uuid import UUID

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout

from presales_desktop.models.fields import FieldType
from presales_desktop.models.permissions import Ownership
from presales_desktop.models.survey_analysis import analyse
from presales_desktop.models.surveys import EDITABLE, FIELDS, NEED_DIMENSIONS, NeedDraft, SurveyDraft, completeness
from presales_desktop.models.values import shanghai_day
from presales_desktop.services import surveys
from presales_desktop.services.surveys import CaseFacts, ReportRow, SurveyView
from presales_desktop.services.work import ChangeSet, Work
from presales_desktop.texts import lookup, tr
from presales_desktop.texts import surveys as texts
from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit import jobs
from presales_desktop.views.kit.basics import button, clear, column, row, words
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.editor_page import EditorPage, Heading, Step
from presales_desktop.views.kit.form import Form
from presales_desktop.views.kit.line_table import Choice, LineColumn, LineTable
from presales_desktop.views.kit.panels import FilesPanel, RelatedPanel, RelatedRow, SidePanel, TimelinePanel
from presales_desktop.views.surveys import steps
from presales_desktop.views.surveys.analysis_panel import AnalysisPanel, MeterPanel
from presales_desktop.views.surveys.dimensions import Dimensions
from presales_desktop.views.surveys.list import TONES
from presales_desktop.views.surveys.photos import PhotoStrip
from presales_desktop.views.surveys.spaces import Spaces

_ANALYSE_MS = 120
_BY_NAME = {f.name: f for f in FIELDS}
_BASICS = ("case_id", "method", "reason", "people", "planned_on", "held_on", "owner_id", "total_area_m2")


def _both(work: Work, survey_id: UUID) -> tuple[SurveyDraft, SurveyView]:
    return surveys.load(work, survey_id), surveys.show(work, survey_id)


class SurveyEditor(EditorPage):
    """See the module. `view`: the survey as shown, None while it is new."""

    def __init__(self, ctx: ViewContext, record_id: UUID | None, initial: dict[str, Any] | None = None) -> None:
        self.view: SurveyView | None = None
        self._facts: CaseFacts | None = None
        super().__init__(ctx, "survey", record_id, initial)

    # loading and saving

    async def load(self) -> SurveyDraft:
        """The draft, and for head and panels the survey whole."""
        if self.record_id is None:
            draft = await self.ctx.db.run(surveys.new_draft, self.initial)
            if draft.case_id is not None:
                self._facts = await self.ctx.db.run(surveys.case_facts, draft.case_id)
            return draft
        draft, self.view = await self.ctx.db.run(_both, self.record_id)
        return draft

    async def save(self, value: SurveyDraft) -> UUID:
        """Through the service; what is wrong comes back to its field."""
        return await self.ctx.db.run(surveys.save, value, initiator=self)

    async def saved_id(self) -> UUID | None:
        """The survey's id once all that was typed is saved: photos hang on it."""
        return self.record_id if await self.save_all() else None

    def read_only(self) -> bool:
        """Frozen once the report is made, and for those who may not edit."""
        return self.view is not None and not self._may_edit()

    def _may_edit(self) -> bool:
        view = self.view
        if view is None:
            return True
        own = Ownership(view.owner_id, view.created_by)
        return view.state in EDITABLE and self.ctx.may("survey.edit", own).allowed

    # building

    def build(self) -> Iterator[None]:
        """Sections at the left, meter, analysis, files and history at the right; what an interview begins with first."""
        self.basics = Form(
            self.ctx, self.draft, [_BY_NAME[n] for n in _BASICS], "survey", columns=4, wide=()
        )  # fmt: skip
        self.add_section(tr("基本情况"), self.basics, wide=True)
        yield
        self.dimensions = Dimensions(self.ctx, self.draft)
        self.add_section(tr("五个方面"), self.dimensions, wide=True)
        yield from self.dimensions.fill()
        self.spaces = Spaces(self.ctx, self.draft, self.saved_id)
        self.spaces.photos_changed.connect(lambda: self.run(self._reload_photos))
        section = self.add_section(tr("各空间的需求"), self.spaces, wide=True)
        section.add_action(self.spaces.toggle)
        self._space_section = section
        yield
        yield from self.spaces.fill()
        self._add_needs()
        yield
        self.words = Form(self.ctx, self.draft, [_BY_NAME["summary"], _BY_NAME["notes"]], "survey", columns=1)
        self.add_section(tr("小结与备注"), self.words, wide=True)
        self.photos = PhotoStrip(self.ctx, self.saved_id, "survey.photos")
        self.photos.changed.connect(lambda: self.run(self._reload_photos))
        self.add_section(tr("整体照片"), self.photos, wide=True)
        yield
        self._add_panels()
        yield
        self._later = QTimer(self, singleShot=True, interval=_ANALYSE_MS)
        self._later.timeout.connect(self.analyse_now)
        for signal in (self.draft.changed, self.draft.structure_changed):
            signal.connect(lambda _path: self._later.start())
        self.draft.replaced.connect(self._later.start)
        self.draft.changed.connect(self._case_chosen)

    def _add_needs(self) -> None:
        kind = "survey_need"
        labels = lookup.kinds()[kind].labels
        self.needs = LineTable(
            self.ctx, self.draft, "needs",
            (
                LineColumn("text", labels["text"], width=220, stretch=True),
                LineColumn("dimension", labels["dimension"], FieldType.CHOICE, 110, choices=NEED_DIMENSIONS),
                LineColumn("space", labels["space"], width=130, completer=self._find_space),
                LineColumn("weight", labels["weight"], FieldType.INTEGER, 90),
                LineColumn("core", labels["core"], FieldType.FLAG, 84),
                LineColumn("concern", labels["concern"], FieldType.FLAG, 84),
            ),
            kind=kind, new_row=NeedDraft,
        )  # fmt: skip
        self.needs.setObjectName("survey.needs")
        section = self.add_section(tr("需求清单"), self.needs, wide=True)
        self._add_need = button(
            tr("添加需求"), lambda: self.needs.add_row(), look="link", icon="plus", name="survey.need.add"
        )
        section.add_action(self._add_need)

    async def _find_space(self, text: str) -> list[Choice]:
        names = [s.name.strip() for s in self.draft.value.spaces if s.name.strip()]
        return [Choice(name, name) for name in names if text.strip() in name]

    def _add_panels(self) -> None:
        self.meter = MeterPanel()
        self.meter.asked.connect(self.go_to)
        self.analysis = AnalysisPanel()
        self.analysis.asked.connect(self.go_to)
        self.reports = SidePanel(tr("调研报告"), key="survey.reports")
        self._report_list = column(gap=6)
        self.reports.body.addLayout(self._report_list)
        self.related = RelatedPanel(self.ctx)
        self.files = FilesPanel(self.ctx, "survey", self.record_id, (("scan", "确认凭证"), ("file", "其他文件")))
        self.timeline = TimelinePanel(self.ctx)
        for panel in (self.meter, self.analysis, self.reports, self.related, self.files, self.timeline):
            self.add_side(panel)

    # live

    def analyse_now(self) -> None:
        """Meter and analysis of what is typed now."""
        value: SurveyDraft = self.draft.value
        photos = len(self.view.photos) if self.view is not None else 0
        self.meter.show_meter(completeness(value, photos))
        today = shanghai_day(self.ctx.db.runner.clock())
        self.analysis.show_analysis(analyse(value, value.held_on or today))
        self._space_section.set_note(self._area_note(value))
        self.head.show_state()

    def _area_note(self, value: SurveyDraft) -> str:
        areas = [s.area_m2 for s in value.spaces if s.area_m2]
        if not value.spaces:
            return ""
        said = tr("{n} 个", n=len(value.spaces))
        return f"{said} · {fmt.number(sum(areas), 'm²')}" if areas else said

    def go_to(self, path: str) -> None:
        """Put the keyboard where an open point or a contradiction is settled."""
        if path == "spaces":
            if not self.draft.value.spaces:
                self.spaces.add()
                return
            path = "spaces.0.name"
        if path == "needs":
            self.needs.setFocus()
            self._area.ensureWidgetVisible(self.needs)
            return
        if path == "photos":
            self._area.ensureWidgetVisible(self.photos)
            return
        self.focus_path(path)

    def focus_path(self, path: str) -> bool:
        """As the base; a path of a space brings its card up first."""
        if self.spaces.show_path(path) and self.spaces.card is not None:
            card = self.spaces.card
            found = card.form.focus_path(path) or card.more.focus_path(path)
            if found:
                self._area.ensureWidgetVisible(card, 50, 80)
                return True
        return super().focus_path(path)

    def _case_chosen(self, path: str) -> None:
        if path == "case_id" and self.draft.value.case_id is not None:
            jobs.start(self, self._take_case(self.draft.value.case_id))

    async def _take_case(self, case_id: UUID) -> None:
        facts = await self.ctx.db.run(surveys.case_facts, case_id)
        if self.draft.value.case_id != case_id:
            return
        self._facts = facts
        if not self.draft.value.people.strip() and facts.people:
            self.draft.set("people", facts.people, merge=False)
        self.head.show_heading()

    async def _reload_photos(self) -> None:
        if self.record_id is None:
            return
        self.view = await self.ctx.db.run(surveys.show, self.record_id)
        if not self.draft.dirty:
            self.draft.value.base_version = self.view.version
        self._show_photos()

    def _show_photos(self) -> None:
        pictures = self.view.photos if self.view is not None else ()
        self.photos.set_rows([p for p in pictures if p.kind == "survey"])
        self.spaces.set_photos(tuple(p for p in pictures if p.kind == "survey_space"))
        self.analyse_now()

    # head, steps, panels

    def heading(self) -> Heading:
        """Number, customer, state; the case below."""
        if self.view is None:
            title = self._facts.customer if self._facts is not None else tr("新建调研")
            return Heading("", title, None, self._facts.case_title if self._facts is not None else "")
        view = self.view
        chip = (lookup.state("survey", view.state), TONES[view.state])
        number = f"{view.number} · R{view.revision}" if view.revision > 1 else view.number
        return Heading(number, view.customer, chip, f"{view.case_title}（{view.case_number}）")

    def steps(self) -> list[Step]:
        """What can be done in this state: see steps.py."""
        return steps.of(self)

    async def print_document(self) -> None:
        """Ctrl+P: the report as PDF."""
        await steps.print_report(self)

    def refresh(self) -> None:
        """After every load and save."""
        only = self.read_only()
        self.spaces.set_read_only(only)
        self.photos.set_read_only(only)
        self._add_need.setVisible(not only)
        self.dimensions.show_values()
        self._show_photos()
        view = self.view
        self._show_reports(view.reports if view is not None else ())
        if view is None:
            return
        self.timeline.load("survey", view.id)
        self.files.load("survey", view.id)
        own = Ownership(view.owner_id, view.created_by)
        self.files.set_read_only(not self.ctx.may("survey.edit", own).allowed)
        self.related.set_rows(
            [
                RelatedRow("case", view.case_id, view.case_title, view.case_number),
                RelatedRow("customer", view.customer_id, view.customer),
            ]
        )

    def _show_reports(self, reports: tuple[ReportRow, ...]) -> None:
        clear(self._report_list)
        self.reports.set_note(str(len(reports)) if reports else "")
        if not reports:
            self._report_list.addWidget(words(tr("还没有生成报告。"), "small", wrap=True))
        for report in reports:
            self._report_list.addLayout(self._report(report))

    def _report(self, report: ReportRow) -> QVBoxLayout:
        said = tr("第 {n} 版", n=report.revision)
        again = partial(self.run, partial(steps.print_report, self, report.revision))
        printer = button(tr("打印"), again, look="link", name=f"survey.report.{report.revision}")
        made = QVBoxLayout()
        made.setSpacing(0)
        made.addLayout(row(words(said, "strong"), words(report.content_hash[:8], "faint"), None, printer))
        made.addWidget(words(f"{fmt.moment(report.made_at)} · {report.made_by}", "small"))
        if report.confirmed_by:
            how = tr(texts.HOW.get(report.confirmed_how, report.confirmed_how))
            confirmed = tr(
                "{name} 于 {day} 确认（{how}）", name=report.confirmed_by, day=str(report.confirmed_on), how=how
            )
            made.addWidget(words(confirmed, "good", wrap=True))
        if report.reopened_reason:
            made.addWidget(words(tr("重新调研：{reason}", reason=report.reopened_reason), "small", wrap=True))
        return made

    def _bus_changed(self, changes: ChangeSet, initiator: object) -> None:
        """Photos are saved by their strips: that is no foreign change."""
        if isinstance(initiator, PhotoStrip):
            return
        super()._bus_changed(changes, initiator)
