"""Files put on records by hand ask for the right to edit that record; what a step filed as proof stays."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from presales_desktop.models.credit import CreditSheet
from presales_desktop.models.errors import InputError, NotFound, PermissionDenied, UserError
from presales_desktop.services import attachments, catalogue, contracts, designs, price_events, registry, surveys
from presales_desktop.services.work import Work
from tests.helpers.accepted_quotes import accepted_quote
from tests.helpers.graded import GOOD, applied, assessed
from tests.services.catalogue_data import draft as product
from tests.services.quote_data import World, make, make_world

Run = Callable[..., Any]


@pytest.fixture
def world(run: Run) -> World:
    return make_world(run)


def sheet_of(work: Work, credit_id: UUID) -> UUID:
    sheet = work.session.scalars(select(CreditSheet).where(CreditSheet.credit_id == credit_id)).one()
    return sheet.id


def price_of_aluminium(run: Run) -> Any:
    draft = run("sales", price_events.new_draft, {"subject": "铝锭 A00", "unit": "元/吨", "source": "长江有色网"})
    draft.observed_on, draft.value = dt.date(2026, 11, 1), Decimal(20_000)
    return draft


def record(run: Run, world: World, kind: str) -> tuple[UUID, str]:
    """A record of KIND and who made it."""
    if kind in ("customer", "case"):
        return {"customer": world.customer, "case": world.case}[kind], "sales"
    if kind == "quote":
        return make(run, world), "sales"
    if kind == "product":
        return run("technical", catalogue.save, product("DG-F", "格栅灯")), "technical"
    if kind == "credit":
        return applied(run, world.customer), "sales"
    if kind == "credit_sheet":
        credit_id = applied(run, world.customer)
        assessed(run, credit_id, GOOD)
        return run("finance", sheet_of, credit_id), "finance"
    if kind == "price_event":
        return run("sales", price_events.save, price_of_aluminium(run)), "sales"
    service: Any
    if kind == "contract":
        service, initial = contracts, {"quote_id": accepted_quote(run)}
    else:
        service, initial = {"survey": surveys, "design": designs}[kind], {"case_id": world.case}
    return run("sales", service.save, run("sales", service.new_draft, initial)), "sales"


@pytest.mark.parametrize("kind", sorted(attachments.OWNERS))
def test_only_who_may_edit_the_record_adds_or_removes_its_files(run: Run, world: World, kind: str) -> None:
    record_id, author = record(run, world, kind)
    stranger = "sales2" if author == "sales" else "sales"
    with pytest.raises(PermissionDenied):
        run(stranger, attachments.attach, kind, record_id, "file", "报价.txt", b"12")
    made = run(author, attachments.attach, kind, record_id, "file", "报价.txt", b"12")
    with pytest.raises(PermissionDenied):
        run(stranger, attachments.detach, made)
    assert [row.id for row in run(stranger, attachments.list_of, kind, record_id)] == [made]
    run(author, attachments.detach, made)
    assert run(author, attachments.list_of, kind, record_id) == ()


# Rules, people and letters: what proves them stands in the record or with what they are about.
WITHOUT = {"user", "delegation", "clause", "credit_scheme", "credit_exception", "price_change", "price_notice"}


def test_every_kind_with_a_page_of_its_own_can_hold_files() -> None:
    holders = set(attachments.OWNERS) - {"credit_sheet"}  # a part of the application's page
    assert holders == set(registry.names()) - WITHOUT
    assert {registry.kind(k).rights["edit"] for k in holders} == {f"{k}.edit" for k in holders}


def test_the_file_that_was_sent_is_neither_made_nor_taken_off_by_hand(run: Run, world: World) -> None:
    quote_id = make(run, world)
    with pytest.raises(UserError) as refused:
        run("sales", attachments.attach, "quote", quote_id, "sent", "BJ.pdf", b"%PDF-1")
    assert refused.value.code == "file.kept"
    kept = run("sales", attachments.add, "quote", quote_id, "sent", "BJ.pdf", b"%PDF-1")
    with pytest.raises(UserError) as refused:
        run("sales", attachments.detach, kept)
    assert refused.value.code == "file.kept"
    assert len(run("sales", attachments.list_of, "quote", quote_id, "sent")) == 1


def test_files_need_a_record_that_exists_and_a_kind_that_has_files(run: Run, world: World) -> None:
    with pytest.raises(NotFound):
        run("sales", attachments.attach, "quote", world.case, "file", "a.txt", b"1")
    with pytest.raises(InputError) as unknown:
        run("sales", attachments.attach, "user", world.case, "file", "a.txt", b"1")
    assert unknown.value.code == "record.kind_unknown"
