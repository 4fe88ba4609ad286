"""A contract that came back: unchanged ones say so, as DOCX and as PDF; what a client changed is told by clause and row."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from docx import Document
from reportlab.pdfgen.canvas import Canvas

from presales_desktop.models.approvals import Choice
from presales_desktop.models.contract_returned import Returned
from presales_desktop.models.errors import InputError
from presales_desktop.reports import contracts as reports
from presales_desktop.reports.contracts_returned import check, lines_of
from presales_desktop.services import contract_steps, contracts
from presales_desktop.services.contract_steps import ContractDocument
from presales_desktop.services.work import Work
from tests.helpers.accepted_quotes import accepted_quote

Run = Callable[..., Any]


@pytest.fixture
def paper(run: Run) -> ContractDocument:
    def make(work: Work) -> Any:
        return contracts.save(work, contracts.new_draft(work, {"quote_id": accepted, "deposit_fen": 100_000}))

    accepted = accepted_quote(run, lines=3, installation_fen=60_000)
    contract_id = run("sales", make)
    run("sales", contract_steps.submit, contract_id)
    for who in ("legal", "sales_head", "finance"):
        run(who, contract_steps.decide, contract_id, Choice.APPROVE)
    made: ContractDocument = run("sales", contract_steps.document, contract_id)
    return made


def changed(doc: ContractDocument, *swaps: tuple[str, str], drop: str = "") -> Returned:
    """The DOCX as sent, each first word put by the second as a client does in Word; DROP: the clause with this heading is cut out."""
    document = Document(io.BytesIO(reports.render_docx(doc)))
    places = [*document.paragraphs, *(p for t in document.tables for c in t._cells for p in c.paragraphs)]
    for old, new in swaps:
        hits = [run for p in places for run in p.runs if old in run.text]
        assert hits, old
        for run in hits:
            run.text = run.text.replace(old, new)
    cutting = False
    for p in document.paragraphs if drop else ():
        if p.text.startswith("第") and "条　" in p.text:
            cutting = p.text.endswith(drop)
        if cutting:
            p._p.getparent().remove(p._p)
    out = io.BytesIO()
    document.save(out)
    return check(doc, "back.docx", out.getvalue())


def codes(found: Returned) -> list[str]:
    return [p.code for p in found.problems]


def test_what_comes_back_unchanged_is_the_same_as_word_and_as_pdf(paper: ContractDocument) -> None:
    assert check(paper, "back.docx", reports.render_docx(paper)).same
    found = check(paper, "back.pdf", reports.render(paper))
    assert found.same, found


def test_a_price_a_word_and_a_party_that_were_changed_are_told_with_their_place(paper: ContractDocument) -> None:
    heading = next(c for c in paper.content["clauses"] if c["part"] == "disputes")
    word = heading["body"][:4]
    found = changed(paper, (word, "甲方说了算"))
    (only,) = found.differences
    assert only.area == "clause"
    assert only.name.endswith(heading["heading"])
    assert any(p.how == "added" and "说了算" in p.text for p in only.pieces)
    good = paper.content["goods"][1]
    amount = f"{good['amount_fen'] / 100:,.2f}"
    found = changed(paper, (amount, "1.00"))
    assert any(d.area == "goods" and d.figures and d.name == good["name"] for d in found.differences), found


def test_total_capitals_deposit_and_a_cut_clause_are_named(paper: ContractDocument) -> None:
    from presales_desktop.models.capitals import capitals

    total = paper.content["totals"]["gross"]
    found = changed(paper, (capitals(total), "人民币壹元整"))
    assert "returned.capitals_changed" in codes(found)
    assert "returned.total_changed" not in codes(found)
    assert "returned.total_changed" in codes(changed(paper, (f"{total / 100:,.2f}", "1.00")))
    assert "returned.deposit_over" in codes(changed(paper, ("1,000.00", f"{total / 200:,.2f}")))
    disputes = next(c for c in paper.content["clauses"] if c["part"] == "disputes")
    found = changed(paper, drop=disputes["heading"])
    assert "returned.part_disputes_missing" in codes(found)
    assert [d.how for d in found.differences] == ["removed"]


def test_files_that_cannot_be_compared_say_why(paper: ContractDocument) -> None:
    scan = io.BytesIO()
    canvas = Canvas(scan)
    canvas.rect(50, 50, 100, 100)
    canvas.save()
    locked = io.BytesIO()
    canvas = Canvas(locked, encrypt="secret")
    canvas.drawString(50, 50, "x" * 60)
    canvas.save()
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("xl/workbook.xml", "<a/>")
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100)
    docx = reports.render_docx(paper)
    for data, code in (
        (scan.getvalue(), "no_text"),
        (locked.getvalue(), "encrypted"),
        (ole, "old_doc"),
        (ole + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (other.getvalue(), "not_document"),
        (b"hello", "not_document"),
        (b"", "not_document"),
        (docx[: len(docx) // 2], "broken"),
        (b"%PDF-1.7\n" + bytes(50), "broken"),
    ):
        with pytest.raises(InputError) as caught:
            lines_of("back", data)
        assert caught.value.code == f"returned.{code}"
    letter = Document()
    letter.add_paragraph("各位老师好，展会的请柬已经寄出，请查收。" * 5)
    out = io.BytesIO()
    letter.save(out)
    assert codes(check(paper, "letter.docx", out.getvalue())) == ["returned.other_paper"]
