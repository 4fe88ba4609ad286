"""Quotes and contracts as Word documents: read back, they hold the same words and sums as the paper, and the mark of what is not approved."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import docx
import pytest
from docx.oxml.ns import qn

from presales_desktop.models.approvals import Choice
from presales_desktop.models.capitals import capitals
from presales_desktop.models.errors import InputError
from presales_desktop.reports import registry
from presales_desktop.services import contract_steps, contracts, quotes
from presales_desktop.texts import Language
from tests.helpers.accepted_quotes import accepted_quote
from tests.services.quote_data import approved, make, make_world

Run = Callable[..., Any]


def written(
    run: Run, kind: str, record_id: UUID, lang: Language = "zh", who: str = "sales", ending: str = "docx"
) -> Any:
    report = registry.find(kind, f"out.{ending}")
    data = report.render(run(who, report.load, record_id), lang)
    assert data == report.render(run(who, report.load, record_id), lang)
    return docx.Document(io.BytesIO(data))


def words(document: Any) -> str:
    said = [p.text for p in document.paragraphs]
    said += [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return "\n".join(said)


def header(document: Any) -> str:
    return "\n".join(p.text for p in document.sections[0].header.paragraphs)


def test_a_quote_holds_lines_sections_and_sums(run: Run) -> None:
    world = make_world(run)
    quote_id = make(run, world, freight_fen=80_000)
    document = written(run, "quote", quote_id)
    shown = run("sales", quotes.show, quote_id)
    text = words(document)
    for line in shown.lines:
        assert line.name in text
        assert f"{Decimal(line.amount_fen) / 100:,.2f}" in text
    assert f"{Decimal(shown.total_fen) / 100:,.2f}" in text
    assert capitals(shown.total_fen) in text
    assert "未审核" in header(document)
    goods = next(t for t in document.tables if t.rows[0].cells[0].text == "序号")
    assert len(goods.rows) == 1 + len(shown.lines)
    assert goods.rows[1].cells[0].text == "大堂"


def test_the_mark_goes_with_the_approval(run: Run) -> None:
    quote_id = approved(run, make_world(run))
    assert "未审核" not in header(written(run, "quote", quote_id))
    assert "Not approved" not in header(written(run, "quote", quote_id, "en"))


def test_costs_stand_only_in_the_edition_for_ourselves(run: Run) -> None:
    quote_id = make(run, make_world(run))
    assert "67.31" not in words(written(run, "quote", quote_id))
    assert "67.31" in words(written(run, "quote", quote_id, who="finance", ending="internal.docx"))


def test_every_run_names_a_chinese_font(run: Run) -> None:
    document = written(run, "quote", make(run, make_world(run)))
    fonts = {
        run_.find(qn("w:rPr")).find(qn("w:rFonts")).get(qn("w:eastAsia")) for run_ in document.element.iter(qn("w:r"))
    }
    assert fonts == {"Microsoft YaHei"}


def test_a_contract_holds_parties_clauses_and_the_total_in_capitals(run: Run) -> None:
    quote_id = accepted_quote(run)
    contract_id = run("sales", lambda work: contracts.save(work, contracts.new_draft(work, {"quote_id": quote_id})))
    document = written(run, "contract", contract_id)
    text, draft = words(document), run("sales", contracts.load, contract_id)
    assert "未审核" in header(document)
    assert draft.buyer_name in text
    assert capitals(draft.total_fen) in text
    for clause in draft.clauses:
        assert clause.heading in text
    english = written(run, "contract", contract_id, "en")
    assert "Contract" in words(english)
    run("sales", contract_steps.submit, contract_id)
    for who in ("legal", "sales_head", "finance"):
        run(who, contract_steps.decide, contract_id, Choice.APPROVE)
    assert "未审核" not in header(written(run, "contract", contract_id))


def test_the_file_is_well_formed_and_carries_no_time(run: Run) -> None:
    report = registry.find("quote", "x.docx")
    data = report.render(run("sales", report.load, make(run, make_world(run))), "zh")
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        assert book.testzip() is None
        assert {i.date_time for i in book.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize(("kind", "ending"), [("contract", "xlsx"), ("survey", "docx"), ("quote", "odt")])
def test_another_ending_says_which_there_are(kind: str, ending: str) -> None:
    with pytest.raises(InputError) as error:
        registry.find(kind, f"x.{ending}")
    assert error.value.code == "report.format_unknown"
    assert ".pdf" in str(error.value.values["known"])
    with pytest.raises(InputError) as error:
        registry.find("customer", f"x.{ending}")
    assert error.value.code == "report.unknown"
