"""The survey's pages: an interview typed in the widgets, the live analysis, the report, the customer's confirmation."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QLineEdit, QPushButton, QToolButton, QWidget

from presales_desktop.models.surveys import SpaceDraft
from presales_desktop.services import surveys
from presales_desktop.services.work import Work
from presales_desktop.views.kit import dialogs
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.paper import Paper
from presales_desktop.views.surveys import FEATURE
from presales_desktop.views.surveys.editor import SurveyEditor
from presales_desktop.views.surveys.list import surveys_page
from tests.helpers.need_records import customer_and_case

Run = Callable[..., Any]
Settle = Callable[[ViewContext], None]


@pytest.fixture
def case_id(run: Run) -> UUID:
    return run("sales", customer_and_case)[1]


@pytest.fixture
def choose(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Path | None]]:
    """What file dialogs answer."""
    answer: dict[str, Path | None] = {"open": None, "save": None}
    dialogs.set_file_hook(lambda mode, title, name: answer[mode])
    yield answer
    dialogs.set_file_hook(None)


def fill(work: Work, case_id: UUID) -> UUID:
    draft = surveys.new_draft(work, {"case_id": case_id})
    draft.scene, draft.style, draft.functions = "酒店大堂", "新中式", "迎宾"
    draft.budget_fen, draft.delivery_on = 60_000_000, dt.date(2027, 4, 1)
    draft.spaces = [SpaceDraft(name="大堂", room_type="lobby", area_m2=None, target_lux=200, dimming="scene")]
    return surveys.save(work, draft)


@pytest.fixture
def survey_id(run: Run, case_id: UUID) -> UUID:
    return run("sales", fill, case_id)


class Opened:
    """A page and what a person does on it."""

    def __init__(self, page: SurveyEditor, ctx: ViewContext, settle: Settle, qtbot: Any) -> None:
        self.page, self.ctx, self.settle_all, self.qtbot = page, ctx, settle, qtbot

    def settle(self) -> None:
        self.settle_all(self.ctx)
        self.page.analyse_now()

    def until(self, state: str) -> None:
        """Wait for the state that a step leads to: it may take several turns of database and worker."""
        self.qtbot.waitUntil(lambda: self.page.view is not None and self.page.view.state == state, timeout=30000)
        self.settle()

    def find(self, kind: type[Any], name: str) -> Any:
        found = self.page.findChild(kind, name)
        assert found is not None, name
        return found

    def type(self, name: str, text: str) -> None:
        edit = self.find(QWidget, name)
        if isinstance(edit, QLineEdit):
            edit.selectAll()
        # As an input method does it: Chinese has no keys to press.
        committed = QInputMethodEvent()
        committed.setCommitString(text)
        QApplication.sendEvent(edit, committed)
        if isinstance(edit, QLineEdit):
            self.qtbot.keyClick(edit, Qt.Key.Key_Return)

    def click(self, name: str) -> None:
        button = self.find(QWidget, name)
        button.click()

    def step(self, action: str) -> None:
        step = next(s for s in self.page.steps() if s.action == action)
        assert step.enabled, step.why
        self.page.run_step(step)
        self.settle()

    def said(self, panel: QWidget) -> str:
        return "\n".join(label.text() for label in panel.findChildren(QLabel))


@pytest.fixture
def opened(ctx: ViewContext, settle: Settle, qtbot: Any) -> Callable[..., Opened]:
    def make(record_id: UUID | None, initial: dict[str, Any] | None = None, who: ViewContext | None = None) -> Opened:
        context = who or ctx
        page = SurveyEditor(context, record_id, initial)
        page.resize(1166, 900)
        qtbot.addWidget(page)
        page.show()
        made = Opened(page, context, settle, qtbot)
        settle(context)
        made.settle()
        return made

    return make


def nav(ctx: ViewContext) -> Any:
    return ctx.nav


def test_an_interview_typed_in_from_nothing_to_the_report(
    run: Run, opened: Callable[..., Opened], case_id: UUID, ctx: ViewContext
) -> None:
    at = opened(None, {"case_id": case_id})
    page = at.page
    assert page.heading().title == "广州天河云栖酒店管理有限公司"
    assert "scene" in [i.code for i in page.meter._shown.open if i.mandatory]
    at.type("survey.scene", "酒店大堂改造")
    at.click("survey.quick.style.新中式")
    at.click("survey.quick.style.轻奢")
    at.click("survey.quick.functions.可调光")
    at.type("survey.budget_fen", "60万")
    at.click("survey.delivery.undecided")
    at.click("survey.quick.delivery_undecided.等上级批复")
    at.click("survey.space.add")
    at.type("survey_space.name", "大堂")
    at.type("survey_space.area_m2", "180.5")
    at.click("survey.quick.spaces.0.cct_k.3000")
    at.click("survey.quick.spaces.0.dimming.scene")
    value = page.draft.value
    assert (value.style, value.functions, value.budget_fen) == ("新中式、轻奢", "可调光", 60_000_000)
    assert value.delivery_undecided == "等上级批复"
    assert (value.spaces[0].name, value.spaces[0].cct_k, value.spaces[0].dimming) == ("大堂", 3000, "scene")
    at.settle()
    assert page.meter._shown.ready
    page.save_now()
    at.settle()
    assert page.record_id is not None
    at.step("start")
    at.step("report")
    at.until("report_draft")
    assert page.view is not None
    assert page.view.state == "report_draft"
    assert page.read_only()
    assert nav(ctx).errors == []


def test_room_type_brings_the_standards_values_into_empty_fields_as_one_step(
    opened: Callable[..., Opened], case_id: UUID
) -> None:
    at = opened(None, {"case_id": case_id})
    at.click("survey.space.add")
    box = at.page.spaces.card.form.widget("room_type")
    box.setCurrentIndex(box.findData("office_high"))
    box.activated.emit(box.currentIndex())
    space = at.page.draft.value.spaces[0]
    assert (space.room_type, space.target_lux, space.ra, space.glare) == ("office_high", 500, 80, "19")
    at.page.draft.undo_stack.undo()
    assert at.page.draft.value.spaces[0].target_lux is None


def test_contradictions_appear_while_typing_and_lead_to_their_field(
    opened: Callable[..., Opened], survey_id: UUID, ctx: ViewContext
) -> None:
    at = opened(survey_id)
    assert "没有发现矛盾" in at.said(at.page.analysis)
    at.type("survey_space.target_lux", "50")
    at.settle()
    assert "照度低于标准" in at.page.analysis.findChild(QWidget, "survey.finding.lux_below_standard").accessibleName()
    at.page.analysis.findChild(QWidget, "survey.finding.lux_below_standard")._clicked()
    assert at.page.focusWidget().objectName() == "survey_space.target_lux"
    at.type("survey_space.target_lux", "200")
    at.settle()
    assert "没有发现矛盾" in at.said(at.page.analysis)


def test_report_refused_with_the_open_dimension_marked(
    opened: Callable[..., Opened], run: Run, case_id: UUID, ctx: ViewContext
) -> None:
    def bare(work: Work) -> UUID:
        draft = surveys.new_draft(work, {"case_id": case_id})
        draft.spaces = [SpaceDraft(name="大堂")]
        return surveys.save(work, draft)

    at = opened(run("sales", bare))
    at.step("report")
    assert "有 5 处需要修改" in at.page.error_bar.text
    assert "使用场景" in at.said(at.page.error_bar) or "使用场景" in "".join(
        b.text() for b in at.page.error_bar.findChildren(QPushButton)
    )
    assert at.page.view is not None
    assert at.page.view.state == "planned"


def test_spaces_are_added_copied_moved_and_removed_with_undo(opened: Callable[..., Opened], survey_id: UUID) -> None:
    at = opened(survey_id)
    names = lambda: [s.name for s in at.page.draft.value.spaces]  # noqa: E731
    at.click("survey.space.copy")
    assert names() == ["大堂", "大堂（副本）"]
    assert at.page.draft.value.spaces[1].id is None
    at.click("survey.space.up")
    assert names() == ["大堂（副本）", "大堂"]
    at.settle()
    at.click("survey.space.remove")
    assert names() == ["大堂"]
    at.page.draft.undo_stack.undo()
    assert names() == ["大堂（副本）", "大堂"]
    at.click("survey.spaces.table")
    assert at.page.spaces.table is not None
    assert at.page.spaces.table.isVisible()
    assert at.page.spaces.table.model().rowCount() >= 2


def test_photos_are_added_to_the_space_and_taken_off_again(
    opened: Callable[..., Opened],
    survey_id: UUID,
    choose: dict[str, Path | None],
    tmp_path: Path,
    run: Run,
    ctx: ViewContext,
) -> None:
    out = io.BytesIO()
    Image.new("RGB", (80, 60), "#886644").save(out, "JPEG")
    path = tmp_path / "大堂.jpg"
    path.write_bytes(out.getvalue())
    choose["open"] = path
    at = opened(survey_id)
    at.find(QToolButton, "survey.space.photos.add").click()
    at.settle()
    view = run("sales", surveys.show, survey_id)
    assert [(p.name, p.kind) for p in view.photos] == [("大堂.jpg", "survey_space")]
    assert len(at.page.spaces.card.photos.rows) == 1
    at.page.spaces.card.photos.remove(at.page.spaces.card.photos.rows[0])
    at.settle()
    assert run("sales", surveys.show, survey_id).photos == ()
    assert "已移除 大堂.jpg" in nav(ctx).toasts
    broken = tmp_path / "坏.jpg"
    broken.write_bytes(b"no picture")
    at.page.photos.add_paths([broken])
    at.settle()
    assert [e.code for e in nav(ctx).errors] == ["image.unreadable"]


def test_confirmation_is_recorded_in_a_sheet_and_then_the_design_starts(
    opened: Callable[..., Opened], survey_id: UUID, choose: dict[str, Path | None], tmp_path: Path, ctx: ViewContext
) -> None:
    at = opened(survey_id)
    at.step("report")
    choose["open"] = tmp_path / "签字页.pdf"
    choose["open"].write_bytes(b"%PDF-1.7 scan")
    at.step("confirm")
    assert at.find(QLineEdit, "survey.confirm.by").text() == "林晓"
    at.find(QPushButton, "survey.confirm.file").click()
    at.find(QPushButton, "survey.confirm.confirm").click()
    at.until("confirmed")
    assert at.page.view is not None
    assert (at.page.view.state, at.page.view.confirmed_by) == ("confirmed", "林晓")
    assert [s.name for s in at.page.view.scans] == ["签字页.pdf"]
    at.step("design")
    assert nav(ctx).made == [("design", {"case_id": at.page.view.case_id, "survey_id": survey_id})]
    assert nav(ctx).errors == []


def test_reopening_asks_for_the_reason_and_makes_the_page_editable_again(
    opened: Callable[..., Opened], survey_id: UUID
) -> None:
    at = opened(survey_id)
    at.step("report")
    at.step("reopen")
    at.type("survey.reopen.text", "增加包间")
    at.find(QPushButton, "survey.reopen.confirm").click()
    at.until("collecting")
    assert at.page.view is not None
    assert (at.page.view.state, at.page.view.revision) == ("collecting", 2)
    assert not at.page.read_only()


def test_the_report_is_written_where_the_user_wants_it_and_a_full_disk_is_told(
    opened: Callable[..., Opened], survey_id: UUID, choose: dict[str, Path | None], tmp_path: Path, ctx: ViewContext
) -> None:
    at = opened(survey_id)
    choose["save"] = tmp_path / "报告.pdf"
    at.step("print")
    at.settle()
    paper = at.find(Paper, "paper")
    paper.save.click()
    at.settle()
    assert (tmp_path / "报告.pdf").read_bytes().startswith(b"%PDF-")
    choose["save"] = tmp_path / "报告.pdf" / "报告.pdf"  # a file is no folder
    paper.save.click()
    at.settle()
    assert [e.code for e in nav(ctx).errors] == ["file.not_writable"]


def test_a_colleague_reads_but_does_not_edit(
    opened: Callable[..., Opened], survey_id: UUID, make_ctx: Callable[[str], ViewContext]
) -> None:
    other = make_ctx("design")
    at = opened(survey_id, None, other)
    assert at.page.read_only()
    assert not at.find(QWidget, "survey.space.add").isVisible()
    assert not at.find(QCheckBox, "survey.delivery.undecided").isVisible()
    assert not next(s for s in at.page.steps() if s.action == "start").enabled


def test_the_list_shows_opens_and_previews(
    run: Run, survey_id: UUID, ctx: ViewContext, settle: Settle, qtbot: Any
) -> None:
    page = surveys_page(ctx)
    page.resize(1166, 700)
    qtbot.addWidget(page)
    page.show()
    settle(ctx)
    assert page.model.total == 1
    preview = page.spec.preview(ctx, page.model.cached(0))
    qtbot.addWidget(preview)
    settle(ctx)
    assert "广州天河云栖酒店管理有限公司" in "".join(label.text() for label in preview.findChildren(QLabel))
    assert nav(ctx).errors == []
    assert FEATURE.list_page(ctx) is not None
