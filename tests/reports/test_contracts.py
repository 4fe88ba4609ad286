"""The contract on paper: watermark until approved, the eight contents, capitals, numbered clauses, seals."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pypdfium2
import pytest

from presales_desktop.models.approvals import Choice
from presales_desktop.models.capitals import capitals
from presales_desktop.models.numerals import numeral
from presales_desktop.reports import contracts as reports
from presales_desktop.services import contract_steps, contracts
from presales_desktop.services.demo.users import LETTERHEAD
from presales_desktop.services.work import Work
from tests.helpers.accepted_quotes import accepted_quote

Run = Callable[..., Any]


def pages_of(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    try:
        return ["".join(page.get_textpage().get_text_range().split()) for page in document]
    finally:
        document.close()


def make(work: Work, quote_id: UUID) -> UUID:
    draft = contracts.new_draft(work, {"quote_id": quote_id, "deposit_fen": 100_000})
    return contracts.save(work, draft)


@pytest.fixture
def contract_id(run: Run) -> UUID:
    return run("sales", make, accepted_quote(run, lines=3, installation_fen=60_000))


def paper(run: Run, contract_id: UUID, lang: str = "zh") -> list[str]:
    return pages_of(reports.render(run("sales", contract_steps.document, contract_id), lang))  # type: ignore[arg-type]


def test_draft_and_submitted_are_watermarked_on_every_page_approved_is_clear(run: Run, contract_id: UUID) -> None:
    assert all("未审核" in page for page in paper(run, contract_id))
    made = run("sales", contract_steps.submit, contract_id)
    pages = paper(run, contract_id)
    assert all("未审核" in page and f"校验码{made[:8]}" in page for page in pages)
    for who in ("legal", "sales_head", "finance"):
        run(who, contract_steps.decide, contract_id, Choice.APPROVE)
    pages = paper(run, contract_id)
    assert all("未审核" not in page for page in pages)
    assert [f"第{n}页共{len(pages)}页" in page for n, page in enumerate(pages, start=1)] == [True] * len(pages)


def test_the_eight_contents_stand_on_the_paper(run: Run, contract_id: UUID) -> None:
    said = "".join(paper(run, contract_id))
    for expected in (
        "甲方（买方）", "广州天河云栖酒店管理有限公司", "体育西路191号", "中山市灯港照明科技有限公司", LETTERHEAD.tax_no,
        "DG-DL-003", "¥38,400.00", "安装费", "¥39,000.00", capitals(3_900_000), "第一条标的", "质量标准", "违约责任", "争议解决",
        "定金¥1,000.00", "骑缝章", "盖公章或合同专用章", "收到预付款后30天内", "广东省中山市",
    ):  # fmt: skip
        assert expected in said, expected
    assert "备用光源" not in said, "an option that was not taken is not sold"
    assert "【" not in said


def test_english_paper_is_a_marked_translation_of_our_clauses(run: Run, contract_id: UUID) -> None:
    said = "".join(paper(run, contract_id, "en"))
    assert "Referencetranslation:theChinesetextprevails." in said
    assert "Liabilityforbreach" in said
    assert "违约金" not in said


def test_superseded_and_signed_papers_say_so(run: Run, contract_id: UUID) -> None:
    run("sales", contract_steps.submit, contract_id)
    for who in ("legal", "sales_head", "finance"):
        run(who, contract_steps.decide, contract_id, Choice.APPROVE)
    pdf = reports.render(run("sales", contract_steps.document, contract_id))
    run("sales", contract_steps.send, contract_id, "print", "林晓", pdf)
    run("sales", contract_steps.sign, contract_id, on=dt.date(2026, 11, 23), by="陈总")
    said = "".join(paper(run, contract_id))
    assert "已签订：2026-11-23，客户签署人陈总。" in said


def test_a_revised_contract_prints_as_superseded(run: Run, contract_id: UUID) -> None:
    run("sales", contract_steps.submit, contract_id)
    run("sales", contract_steps.revise, contract_id)
    assert all("已被取代" in page for page in paper(run, contract_id))


@pytest.mark.parametrize(
    ("n", "said"), [(1, "一"), (10, "十"), (12, "十二"), (20, "二十"), (21, "二十一"), (99, "九十九"), (100, "一百"), (105, "一百零五"), (115, "一百一十五"), (120, "一百二十")]
)  # fmt: skip
def test_clause_numbers(n: int, said: str) -> None:
    assert numeral(n) == said


def test_same_content_same_bytes_and_many_lines_break_over_pages(run: Run) -> None:
    contract_id = run("sales", make, accepted_quote(run, lines=150))
    document = run("sales", contract_steps.document, contract_id)
    pdf = reports.render(document)
    assert pdf == reports.render(document)
    pages = pages_of(pdf)
    assert len(pages) > 6
    assert all(f"DG-DL-{n:03d}" in "".join(pages) for n in range(1, 151))
