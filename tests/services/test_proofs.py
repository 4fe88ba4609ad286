"""Checking paper that comes back: valid, altered, superseded and the rest, for quotes and their codes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

import pypdfium2
import pytest
from sqlalchemy import text as sql

from presales_desktop.models import proofs as model
from presales_desktop.models.errors import InputError, NotFound
from presales_desktop.reports import printer, registry
from presales_desktop.reports import proofs as papers
from presales_desktop.services import company, printing, proofs, quote_print, quotes
from presales_desktop.services.proofs import Checked
from tests.conftest import Clock
from tests.services.quote_data import SEND, World, approved, make, make_world

Run = Callable[..., Any]


@pytest.fixture
def world(run: Run) -> World:
    return make_world(run)


@pytest.fixture(autouse=True)
def _printer() -> Iterator[None]:
    printer.install()
    yield
    printing.set_printer(None)


def pdf(run: Run, quote_id: UUID, name: str = "x.pdf", lang: Any = "zh", who: str = "sales") -> bytes:
    report = registry.find("quote", name)
    return report.render(run(who, report.load, quote_id), lang)


def check(run: Run, data: bytes) -> Checked:
    return run("sales2", proofs.of_file, data, "x.pdf", papers.said(data))  # type: ignore[no-any-return]


def saved_anew(data: bytes) -> bytes:
    """What another program writes of the same pages."""
    import io

    document = pypdfium2.PdfDocument(data)
    out = io.BytesIO()
    document.save(out)
    document.close()
    return out.getvalue()


@pytest.mark.parametrize(("name", "lang"), [("x.pdf", "zh"), ("x.pdf", "en"), ("x.plain.pdf", "zh")])
def test_an_approved_quote_is_valid_in_every_edition(run: Run, world: World, name: str, lang: Any) -> None:
    quote_id = approved(run, world)
    found = check(run, pdf(run, quote_id, name, lang))
    assert (found.verdict, found.reason, found.id, found.newer) == ("valid", "", quote_id, "")


def test_the_edition_for_ourselves_is_valid_too_and_the_answer_names_no_cost(run: Run, world: World) -> None:
    found = check(run, pdf(run, approved(run, world), "x.internal.pdf", who="finance"))
    assert found.verdict == "valid"


def test_a_changed_byte_is_an_alteration(run: Run, world: World) -> None:
    data = bytearray(pdf(run, approved(run, world)))
    data[len(data) // 2] ^= 1
    found = check(run, bytes(data))
    assert (found.verdict, found.reason) == ("altered", "bytes")


def test_a_file_saved_anew_is_not_the_companys(run: Run, world: World) -> None:
    quote_id = approved(run, world)
    found = check(run, saved_anew(pdf(run, quote_id)))
    assert (found.verdict, found.reason, found.id) == ("altered", "resaved", quote_id)


def test_pages_without_any_properties_are_known_by_their_number(run: Run, world: World) -> None:
    quote_id = approved(run, world)
    label = run("sales", quotes.show, quote_id).label
    bare = b"%PDF-1.4 printed by something else"
    found = run("sales", proofs.of_file, bare, "x.pdf", f"XX20260101-001-R1 {label}")
    assert (found.verdict, found.reason, found.label) == ("altered", "resaved", label)


def test_an_unapproved_quote_says_so(run: Run, world: World) -> None:
    quote_id = make(run, world)
    draft = pdf(run, quote_id)
    assert check(run, draft).verdict == "unapproved"
    run("sales", quotes.do, quote_id, "submit", {})
    # The draft had no hash; what is submitted has one.
    assert (check(run, draft).verdict, check(run, draft).reason) == ("altered", "content")
    submitted = pdf(run, quote_id)
    assert (check(run, submitted).verdict, check(run, submitted).reason) == ("unapproved", "submitted")
    run("finance", quotes.do, quote_id, "approve", {})
    run("sales_head", quotes.do, quote_id, "approve", {"comment": "同意"})
    # Approved by now, but this sheet bears the watermark.
    assert (check(run, submitted).verdict, check(run, submitted).reason) == ("unapproved", "printed_before")


def test_a_newer_revision_supersedes_when_it_is_approved(run: Run, world: World) -> None:
    quote_id = approved(run, world)
    data = pdf(run, quote_id)
    newer = run("sales", quotes.do, quote_id, "revise", {})
    found = check(run, data)
    assert found.newer.endswith("-R2")
    assert found.verdict in ("valid", "superseded")  # as the rules of revising say
    run("sales", quotes.do, newer, "submit", {})
    run("finance", quotes.do, newer, "approve", {})
    run("sales_head", quotes.do, newer, "approve", {"comment": "同意"})
    found = check(run, data)
    assert (found.verdict, found.newer) == ("superseded", run("sales", quotes.show, newer).label)


def test_expired_and_withdrawn_paper_no_longer_holds(run: Run, world: World, clock: Clock) -> None:
    first, second = approved(run, world), approved(run, world)
    data, other = pdf(run, first), pdf(run, second)
    run("sales", quotes.do, second, "withdraw", {"reason": "项目取消"})
    assert (check(run, other).verdict, check(run, other).reason) == ("void", "withdrawn")
    clock.forward(days=400)
    assert check(run, data).verdict == "expired"


def test_a_sent_file_is_known_by_its_very_bytes(run: Run, world: World) -> None:
    quote_id = approved(run, world)
    run("sales", quotes.do, quote_id, "send", SEND)
    found = check(run, pdf(run, quote_id))
    assert (found.verdict, found.sent_to) == ("valid", "lin@example.com")
    assert found.sent_at is not None


def test_what_is_stored_must_still_be_what_was_approved(run: Run, world: World, engine: Any) -> None:
    quote_id = approved(run, world)
    data = pdf(run, quote_id)
    with engine.begin() as connection:  # past all services, as a tampered database would have it
        for name in connection.execute(sql("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars().all():
            connection.execute(sql(f"DROP TRIGGER {name}"))
        connection.execute(sql("UPDATE quote_line SET unit_price_fen = unit_price_fen + 1"))
    assert (check(run, data).verdict, check(run, data).reason) == ("altered", "record")


def test_the_code_on_paper(run: Run, world: World) -> None:
    quote_id = approved(run, world)
    document = run("sales", quote_print.document, quote_id)
    shown = document.quote
    proof = model.Proof("quote", str(shown.id), shown.label, shown.content_hash, shown.total_fen)
    code = model.code(proof, document.key)
    assert run("sales", proofs.of_code, code).verdict == "valid"
    forged = code.replace(f" {shown.total_fen} ", f" {shown.total_fen - 100} ")
    assert (run("sales", proofs.of_code, forged).reason) == "code"
    with pytest.raises(NotFound, match=r"proof\.not_here"):
        run("sales", proofs.of_code, code.replace(shown.label, "BJ20200101-001-R1"))
    with pytest.raises(InputError, match=r"proof\.code_unreadable"):
        run("sales", proofs.of_code, "https://example.com")


def test_other_files_are_told_apart(run: Run) -> None:
    with pytest.raises(InputError, match=r"proof\.not_pdf"):
        check(run, b"PK\x03\x04 a workbook")
    with pytest.raises(InputError, match=r"proof\.none"):
        check(run, b"%PDF-1.4 somebody else's invoice")
    stranger = model.bind(
        b"%PDF-1.4\n", model.Proof("quote", str(UUID(int=7)), "BJ20200101-001-R1", "ab", 1), b"x" * 32
    )
    with pytest.raises(NotFound, match=r"proof\.not_here"):
        check(run, stranger)


def test_the_places_that_differ_are_named(run: Run, world: World) -> None:
    first, second = approved(run, world), approved(run, world, notes="交货前付清")
    found = papers.differences(pdf(run, second), pdf(run, first))
    assert any("交货前付清" in f.theirs for f in found)
    assert papers.differences(pdf(run, first), pdf(run, first)) == ()


def test_the_key_is_made_once(run: Run) -> None:
    before = run("admin", company.document_key)
    assert len(before) == 32
    run("admin", company.make_document_key)
    assert run("admin", company.document_key) == before
