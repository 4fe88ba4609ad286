"""Surveys on a real database: drafts, the frozen report, confirmation, reopening, photos, rights."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from PIL import Image
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from presales_desktop.models import canonical
from presales_desktop.models.errors import (
    ConflictError,
    InputError,
    InvalidTransition,
    NotFound,
    PermissionDenied,
    UserError,
    ValidationError,
)
from presales_desktop.models.journal import Decision
from presales_desktop.models.surveys import NeedDraft, SpaceDraft, SurveyReport
from presales_desktop.services import plain, survey_photos, survey_steps, surveys, timeline
from presales_desktop.services.listing import ListQuery
from presales_desktop.services.work import Work
from tests.conftest import Clock
from tests.helpers.need_records import customer_and_case

Run = Callable[..., Any]


def picture(color: str = "#886644") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), color).save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def case_id(run: Run) -> UUID:
    return run("sales", customer_and_case)[1]


def fill(work: Work, case_id: UUID) -> UUID:
    draft = surveys.new_draft(work, {"case_id": case_id})
    draft.scene, draft.style, draft.functions = "酒店大堂与餐厅", "新中式", "迎宾、用餐"
    draft.budget_fen, draft.delivery_on = 60_000_000, dt.date(2027, 4, 1)
    draft.spaces = [
        SpaceDraft(name="大堂", room_type="lobby", area_m2=Decimal("180.5"), target_lux=200, cct_k=3000, ra=90),
        SpaceDraft(name="餐厅", room_type="chinese_restaurant", area_m2=Decimal(120), target_lux=200),
    ]
    draft.needs = [
        NeedDraft(text="一进门要有迎宾感", core=True, weight=5, space="大堂"),
        NeedDraft(text="怕工期拖", concern=True, dimension="delivery"),
    ]
    return surveys.save(work, draft)


@pytest.fixture
def survey_id(run: Run, case_id: UUID) -> UUID:
    return run("sales", fill, case_id)


def test_draft_of_a_case_knows_customer_people_and_day(run: Run, case_id: UUID) -> None:
    draft = run("sales", surveys.new_draft, {"case_id": str(case_id)})
    assert draft.people == "林晓（工程部经理）"
    assert draft.planned_on == dt.date(2026, 11, 23)
    assert draft.customer_id is not None


def test_what_was_saved_comes_back(run: Run, survey_id: UUID) -> None:
    draft = run("sales", surveys.load, survey_id)
    assert draft.number == "XQ20261123-001"
    assert [s.name for s in draft.spaces] == ["大堂", "餐厅"]
    assert draft.spaces[0].area_m2 == Decimal("180.5")
    assert [(n.text, n.space) for n in draft.needs] == [("一进门要有迎宾感", "大堂"), ("怕工期拖", "")]
    row = run("sales", surveys.list_rows, ListQuery()).rows[0]
    assert (row.spaces, row.area_m2, row.customer, row.owner) == (
        2,
        Decimal("300.5"),
        "广州天河云栖酒店管理有限公司",
        "王敏",
    )
    assert 60 < row.completeness < 100


def test_spaces_are_reordered_renamed_and_removed_with_their_needs_kept(run: Run, survey_id: UUID) -> None:
    draft = run("sales", surveys.load, survey_id)
    draft.spaces.reverse()
    draft.spaces[1].name = "大堂吧"
    draft.needs[0].space = "大堂吧"
    run("sales", surveys.save, draft)
    again = run("sales", surveys.load, survey_id)
    assert [s.name for s in again.spaces] == ["餐厅", "大堂吧"]
    assert again.needs[0].space == "大堂吧"
    assert {s.id for s in again.spaces} == {s.id for s in draft.spaces}
    del again.spaces[1]
    again.needs[0].space = ""
    run("sales", surveys.save, again)
    assert [n.space for n in run("sales", surveys.load, survey_id).needs] == ["", ""]


def test_two_people_editing_one_survey_is_a_conflict_not_a_loss(run: Run, survey_id: UUID) -> None:
    mine, theirs = run("sales", surveys.load, survey_id), run("sales", surveys.load, survey_id)
    theirs.notes = "先到"
    run("sales", surveys.save, theirs)
    mine.notes = "后到"
    with pytest.raises(ConflictError):
        run("sales", surveys.save, mine)
    assert run("sales", surveys.load, survey_id).notes == "先到"


def test_unknown_case_and_bad_values_are_named(run: Run) -> None:
    draft = run("sales", surveys.new_draft, {})
    with pytest.raises(ValidationError) as missing:
        run("sales", surveys.save, draft)
    assert [p.field for p in missing.value.problems] == ["case_id"]
    draft.case_id = UUID(int=7)
    draft.spaces = [SpaceDraft(name="", area_m2=Decimal(-1))]
    with pytest.raises(ValidationError) as error:
        run("sales", surveys.save, draft)
    assert {p.field for p in error.value.problems} == {"case_id", "spaces.0.name", "spaces.0.area_m2"}


def test_only_those_who_may_create_and_edit(run: Run, case_id: UUID, survey_id: UUID) -> None:
    with pytest.raises(PermissionDenied):
        run("finance", fill, case_id)
    draft = run("sales2", surveys.load, survey_id)
    with pytest.raises(PermissionDenied) as error:
        run("sales2", surveys.save, draft)
    assert error.value.code == "permission.not_own"
    assert run("sales_head", surveys.save, run("sales_head", surveys.load, survey_id)) == survey_id


def test_report_is_frozen_by_its_hash_and_nothing_changes_it(run: Run, survey_id: UUID) -> None:
    made = run("sales", survey_steps.make_report, survey_id)
    view = run("sales", surveys.show, survey_id)
    assert (view.state, view.content_hash) == ("report_draft", made)
    draft = run("sales", surveys.load, survey_id)
    draft.notes = "想改"
    for attempt in (
        lambda: run("sales", surveys.save, draft),
        lambda: run("sales", survey_photos.add, survey_id, "a.jpg", picture()),
    ):
        with pytest.raises(UserError) as error:
            attempt()
        assert error.value.code == "survey.frozen"
    stored = run("sales", lambda work: work.session.scalars(select(SurveyReport)).one())
    assert canonical.sha256(stored.frozen) == made
    content = json.loads(stored.frozen)
    assert content["customer"]["name"] == "广州天河云栖酒店管理有限公司"
    assert content["spaces"][0]["area_m2"] == "180.5"
    assert content["analysis"]["core"][0]["text"] == "一进门要有迎宾感"


def test_report_refused_while_a_dimension_is_open(run: Run, survey_id: UUID) -> None:
    draft = run("sales", surveys.load, survey_id)
    draft.budget_fen = None
    run("sales", surveys.save, draft)
    with pytest.raises(ValidationError) as error:
        run("sales", survey_steps.make_report, survey_id)
    assert [(p.code, p.field) for p in error.value.problems] == [("survey.dimension_open", "budget_fen")]
    assert run("sales", surveys.show, survey_id).state == "planned"
    draft = run("sales", surveys.load, survey_id)
    draft.budget_undecided = "总部 12 月定预算"
    run("sales", surveys.save, draft)
    run("sales", survey_steps.make_report, survey_id)
    document = run("sales", survey_steps.document, survey_id)
    assert ("budget", None, "总部 12 月定预算") in survey_steps.dimension_answers(document.content)


def test_a_report_cannot_be_altered_and_if_somebody_breaks_the_lock_it_is_not_printed(
    run: Run, survey_id: UUID
) -> None:
    run("sales", survey_steps.make_report, survey_id)

    def alter(work: Work) -> None:
        report = work.session.scalars(select(SurveyReport)).one()
        report.frozen = report.frozen.replace("新中式", "旧中式")

    with pytest.raises(IntegrityError, match="frozen"):
        run("sales", alter)
    run("sales", lambda work: work.session.execute(text("DROP TRIGGER survey_report_frozen")))
    run("sales", alter)
    with pytest.raises(UserError) as error:
        run("sales", survey_steps.document, survey_id)
    assert error.value.code == "survey.report_altered"


def test_confirmation_names_person_day_way_evidence_and_the_exact_content(
    run: Run, survey_id: UUID, clock: Clock
) -> None:
    made = run("sales", survey_steps.make_report, survey_id)
    clock.forward(days=2)
    run(
        "sales", survey_steps.confirm, survey_id, by="林晓", how="signature", on=dt.date(2026, 11, 24), note="逐页签字",
        scan=("签字页.jpg", picture()),
    )  # fmt: skip
    view = run("sales", surveys.show, survey_id)
    assert (view.state, view.confirmed_by, view.confirmed_on) == ("confirmed", "林晓", dt.date(2026, 11, 24))
    assert [s.name for s in view.scans] == ["签字页.jpg"]
    decision = run("sales", lambda work: work.session.scalars(select(Decision)).one())
    assert (decision.content_hash, decision.step, decision.detail["evidence"]) == (made, "customer", "签字页.jpg")


@pytest.mark.parametrize("day", [dt.date(2026, 11, 22), dt.date(2026, 11, 24)])
def test_confirmation_before_the_report_or_tomorrow_is_refused(run: Run, survey_id: UUID, day: dt.date) -> None:
    run("sales", survey_steps.make_report, survey_id)
    with pytest.raises(ValidationError) as error:
        run("sales", survey_steps.confirm, survey_id, by="林晓", on=day)
    assert error.value.code == "survey.confirm_day"
    assert run("sales", surveys.show, survey_id).state == "report_draft"


def test_reopening_makes_the_next_revision_and_keeps_the_old_report_as_it_was(run: Run, survey_id: UUID) -> None:
    first = run("sales", survey_steps.make_report, survey_id)
    run("sales", survey_steps.confirm, survey_id, by="林晓")
    run("sales", survey_steps.reopen, survey_id, "客户增加包间")
    view = run("sales", surveys.show, survey_id)
    assert (view.state, view.revision, view.confirmed_by, view.content_hash) == ("collecting", 2, "", "")
    draft = run("sales", surveys.load, survey_id)
    draft.spaces.append(SpaceDraft(name="包间"))
    run("sales", surveys.save, draft)
    second = run("sales", survey_steps.make_report, survey_id)
    assert second != first
    reports = run("sales", surveys.show, survey_id).reports
    assert [(r.revision, r.content_hash, r.confirmed_by) for r in reports] == [(2, second, ""), (1, first, "林晓")]
    old = run("sales", survey_steps.document, survey_id, 1)
    assert (old.state, len(old.content["spaces"]), old.confirmed_by) == ("superseded", 2, "林晓")
    assert len(run("sales", survey_steps.document, survey_id).content["spaces"]) == 3


def test_steps_by_name_as_the_command_line_takes_them(run: Run, survey_id: UUID) -> None:
    run("sales", surveys.do, survey_id, "start", {"held_on": "2026-11-20"})
    assert run("sales", surveys.load, survey_id).held_on == dt.date(2026, 11, 20)
    run("sales", surveys.do, survey_id, "report", {})
    with pytest.raises(UserError) as missing:
        run("sales", surveys.do, survey_id, "confirm", {})
    assert missing.value.code == "workflow.parameter_missing"
    with pytest.raises(ValidationError):
        run("sales", surveys.do, survey_id, "confirm", {"by": "林晓", "on": "下周"})
    with pytest.raises(InvalidTransition):
        run("sales", surveys.do, survey_id, "start", {})
    run("sales", surveys.do, survey_id, "confirm", {"by": "林晓", "how": "wechat"})
    run("sales", surveys.do, survey_id, "reopen", {"reason": "加一个空间"})
    actions = [e.action for e in run("sales", timeline.of, "survey", survey_id)]
    assert actions == ["reopened", "confirmed", "reported", "started", "created"]


def test_photos_of_survey_and_space_count_and_go_with_the_space(run: Run, survey_id: UUID) -> None:
    space = run("sales", surveys.load, survey_id).spaces[1]
    before = run("sales", surveys.show, survey_id).completeness.percent
    own = run("sales", survey_photos.add, survey_id, "大堂.jpg", picture())
    run("sales", survey_photos.add, survey_id, "餐厅.jpg", picture("#223344"), space.id)
    view = run("sales", surveys.show, survey_id)
    assert [(p.name, p.kind) for p in view.photos] == [("大堂.jpg", "survey"), ("餐厅.jpg", "survey_space")]
    assert view.completeness.percent > before
    with pytest.raises(InputError) as error:
        run("sales", survey_photos.add, survey_id, "坏.jpg", b"no picture")
    assert error.value.code == "image.unreadable"
    run("sales", survey_photos.remove, own)
    draft = run("sales", surveys.load, survey_id)
    del draft.spaces[1]
    run("sales", surveys.save, draft)
    assert run("sales", surveys.show, survey_id).photos == ()


def test_photo_of_a_space_of_another_survey_is_refused(run: Run, case_id: UUID, survey_id: UUID) -> None:
    other = run("sales", fill, case_id)
    space = run("sales", surveys.load, other).spaces[0]
    with pytest.raises(NotFound):
        run("sales", survey_photos.add, survey_id, "a.jpg", picture(), space.id)


@pytest.mark.parametrize("words", ["云栖", "大堂与", "20261123-001", "yqjd"])
def test_found_by_customer_wishes_number_and_initials(run: Run, survey_id: UUID, words: str) -> None:
    assert [r.id for r in run("sales", surveys.list_rows, ListQuery(search=words)).rows] == [survey_id]


def test_search_misses_what_is_not_there(run: Run, survey_id: UUID) -> None:
    assert run("sales", surveys.list_rows, ListQuery(search="学校")).total == 0


def test_list_filters_states_owner_and_late(run: Run, survey_id: UUID, clock: Clock) -> None:
    def count(*filters: tuple[str, str]) -> int:
        return int(run("sales", surveys.list_rows, ListQuery(filters=filters)).total)

    assert count(("owner_id", "me"), ("states", "planned,collecting")) == 1
    assert count(("late", "1")) == 0
    clock.forward(days=1)
    assert count(("late", "1")) == 1
    assert run("sales", surveys.list_rows, ListQuery()).rows[0].late
    assert run("sales2", surveys.list_rows, ListQuery(filters=(("owner_id", "me"),))).total == 0


def test_new_from_json_as_the_command_line_fills_it(run: Run, case_id: UUID) -> None:
    def make(work: Work) -> UUID:
        draft = surveys.new_draft(work, {})
        values = {
            "case_id": str(case_id),
            "budget": "120,000",
            "delivery_on": "2027-03-01",
            "style_undecided": "等设计师",
            "spaces": [{"name": "客厅", "area_m2": "32.5", "target_lux": 150, "budget": {"fen": 1_000_000}}],
            "needs": [{"text": "不要主灯", "core": True, "space": "客厅"}],
        }
        plain.fill(work, surveys.KIND, draft, values)
        return surveys.save(work, draft)

    view = run("sales", surveys.show, run("sales", make))
    assert view.draft.budget_fen == 12_000_000
    assert view.draft.spaces[0].budget_fen == 1_000_000
    assert view.draft.needs[0].core
    shown = json.dumps(plain.to_plain(view), ensure_ascii=False)
    assert "不要主灯" in shown


def test_resolve_by_number_and_not_found(run: Run, survey_id: UUID) -> None:
    assert run("sales", surveys.resolve, "XQ20261123-001") == survey_id
    assert run("sales", surveys.resolve, "XQ20261123-001-R1") == survey_id
    with pytest.raises(NotFound):
        run("sales", surveys.resolve, "XQ20261123-999")
