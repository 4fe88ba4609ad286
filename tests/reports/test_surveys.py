"""The survey report on paper: what was frozen stands on it, word for word, in both languages."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pypdfium2
import pytest
from PIL import Image, ImageDraw

from presales_desktop.models.surveys import NeedDraft, SpaceDraft
from presales_desktop.reports import surveys as reports
from presales_desktop.services import survey_photos, survey_steps, surveys
from presales_desktop.services.survey_steps import SurveyDocument
from presales_desktop.services.work import Work
from tests.helpers.need_records import customer_and_case

Run = Callable[..., Any]


def picture(color: str, word: str) -> bytes:
    image = Image.new("RGB", (640, 480), color)
    ImageDraw.Draw(image).ellipse((200, 120, 440, 360), fill="#ffe9b0")
    ImageDraw.Draw(image).text((20, 20), word, fill="white")
    out = io.BytesIO()
    image.save(out, "JPEG")
    return out.getvalue()


def make(work: Work, spaces: int) -> UUID:
    _, case_id = customer_and_case(work, "粤港澳大湾区国际文化艺术交流中心酒店管理运营有限责任公司广州分公司")
    draft = surveys.new_draft(work, {"case_id": case_id})
    draft.scene, draft.style = "五星级酒店大堂、全日餐厅与客房，接待商务客人和会议团队。", "新中式、轻奢"
    draft.functions = "迎宾氛围、全天四个场景自动切换；餐厅菜品要显得新鲜。"
    draft.budget_fen, draft.delivery_undecided = 38_000_000, "等消防改造排期，预计下周三确定"
    draft.total_area_m2 = Decimal(600)
    draft.summary = "客户最在意大堂的第一印象和后期维护；预算总额已定，交货期要看消防改造。"
    draft.spaces = [
        SpaceDraft(name="大堂", room_type="lobby", area_m2=Decimal("180.5"), height_m=Decimal("7.2"), target_lux=300, cct_k=3000, ra=90, glare="22", dimming="none", functions="四个场景自动切换", budget_fen=16_800_000),
        SpaceDraft(name="全日餐厅", room_type="chinese_restaurant", area_m2=Decimal(120), height_m=Decimal("3.6"), target_lux=150, cct_k=3000, ra=80, dimming="dim", functions="突出食材颜色"),
    ]  # fmt: skip
    draft.spaces += [
        SpaceDraft(
            name=f"客房 {800 + i}", room_type="guest_room", area_m2=Decimal(32), target_lux=75, cct_k=2700, ra=90
        )
        for i in range(spaces)
    ]
    draft.needs = [
        NeedDraft(text="一进门就要有迎宾感，客人愿意拍照", core=True, weight=5, space="大堂"),
        NeedDraft(text="灯不能老坏，换灯太麻烦", concern=True, weight=4, space="大堂", dimension="functions"),
        NeedDraft(text="样板间要先看", weight=2, dimension="other"),
    ]
    survey_id = surveys.save(work, draft)
    for color, word in (("#4a5a6a", "lobby"), ("#6a4a3a", "restaurant"), ("#3a4a3a", "ceiling"), ("#223344", "door")):
        survey_photos.add(work, survey_id, f"{word}.jpg", picture(color, word), draft.spaces[0].id)
    survey_steps.make_report(work, survey_id)
    return survey_id


def text_of(pdf: bytes) -> tuple[str, int]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return "".join("".join(p.get_textpage().get_text_range().split()) for p in document), len(document)
    finally:
        document.close()


@pytest.fixture
def survey_id(run: Run) -> UUID:
    return run("sales", make, 2)


@pytest.fixture
def doc(run: Run, survey_id: UUID) -> SurveyDocument:
    return run("sales", survey_steps.document, survey_id)


def test_report_shows_dimensions_needs_spaces_contradictions_and_its_fingerprint(doc: SurveyDocument) -> None:
    said, pages = text_of(reports.render(doc))
    for expected in (
        "需求调研报告", "粤港澳大湾区国际文化艺术交流中心", "新中式、轻奢", "¥380,000.00", "客户未定：等消防改造排期，预计下周三确定",
        "一进门就要有迎宾感，客人愿意拍照", "180.5", "想要场景却不调光", "照度低于标准", "GB/T50034-2024",
        f"SHA-256{doc.content_hash[:8]}", f"第1页共{pages}页", "签字：",
    ):  # fmt: skip
        assert expected.replace(" ", "") in said, expected
    assert "草稿" not in said
    assert 1 < pages <= 3


def test_english_report_has_no_chinese_of_ours(doc: SurveyDocument) -> None:
    said, _ = text_of(reports.render(doc, "en"))
    for expected in ("Needssurveyreport", "Leftopenbythecustomer", "Sceneswithoutdimming", "Hotellobby"):
        assert expected in said
    for ours in ("需求调研报告", "核心需求", "照度", "空间"):
        assert ours not in said


def test_a_survey_still_collecting_prints_as_draft(run: Run, survey_id: UUID) -> None:
    run("sales", survey_steps.reopen, survey_id, "补充")
    said, _ = text_of(reports.render(run("sales", survey_steps.document, survey_id)))
    assert "草稿" in said
    assert "SHA-256" not in said
    old, _ = text_of(reports.render(run("sales", survey_steps.document, survey_id, 1)))
    assert "已被新版取代" in old


def test_the_confirmation_is_printed(run: Run, survey_id: UUID) -> None:
    run("sales", survey_steps.confirm, survey_id, by="林晓", how="signature", on=dt.date(2026, 11, 23))
    said, _ = text_of(reports.render(run("sales", survey_steps.document, survey_id)))
    assert "已确认：林晓（书面签字）" in said
    assert "日期：2026-11-23" in said


def test_same_content_same_bytes_and_many_spaces_break_over_pages(run: Run, doc: SurveyDocument) -> None:
    assert reports.render(doc) == reports.render(doc)
    many = run("sales", make, 120)
    said, pages = text_of(reports.render(run("sales", survey_steps.document, many)))
    assert pages > 4
    assert all(f"客房{800 + i}" in said for i in range(120))


def test_no_photos_no_heading(doc: SurveyDocument) -> None:
    said, _ = text_of(reports.render(dataclasses.replace(doc, photos=())))
    assert "现场照片" not in said
