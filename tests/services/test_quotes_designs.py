"""Rule 2.8: a quote made from a design goes to the customer only when that revision has passed its review."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from presales_desktop.models.approvals import Outcome
from presales_desktop.models.designs import STATES, passed
from presales_desktop.models.errors import UserError, ValidationError
from presales_desktop.reports import printer
from presales_desktop.services import design_steps, designs, printing, quote_print, quotes, quotes_from
from presales_desktop.services.quotes import QuoteLineDraft
from tests.helpers.design_data import World, lamp, make_world, saved
from tests.helpers.need_records import customer_and_case
from tests.services.quote_data import SEND

Run = Callable[..., Any]


@pytest.fixture
def world(run: Run) -> World:
    return make_world(run)


@pytest.fixture(autouse=True)
def _printer() -> Iterator[None]:
    printer.install()
    yield
    printing.set_printer(None)


def quote_from(run: Run, design_id: UUID) -> UUID:
    draft = run("sales", quotes.new_draft, {"design_id": design_id})
    for line in draft.lines:
        if line.type == "item":
            line.unit_price_fen, line.attention = 10_000, ""
    return run("sales", quotes.save, draft)  # type: ignore[no-any-return]


def approve_quote(run: Run, quote_id: UUID) -> None:
    run("sales", quotes.do, quote_id, "submit", {})
    run("finance", quotes.do, quote_id, "approve", {})
    run("sales_head", quotes.do, quote_id, "approve", {})


def review(run: Run, design_id: UUID, action: str = "approve", comment: str = "") -> None:
    run("design", design_steps.submit, design_id)
    run("technical", design_steps.decide, design_id, action, comment)


def refused(run: Run, quote_id: UUID) -> UserError:
    with pytest.raises(UserError) as error:
        run("sales", quotes.do, quote_id, "send", SEND)
    return error.value


def test_only_an_approving_decision_passes_a_revision() -> None:
    for state in STATES:
        for outcome in Outcome:
            good = state in ("approved", "approved_with_notes", "superseded") and outcome is Outcome.APPROVED
            assert passed(state, outcome) is good


def test_a_quote_of_an_unreviewed_design_is_written_and_approved_but_not_sent(run: Run, world: World) -> None:
    design_id = saved(run, world)
    quote_id = quote_from(run, design_id)
    approve_quote(run, quote_id)
    error = refused(run, quote_id)
    label = run("design", designs.show, design_id).number + "-R1"
    assert (error.code, error.values["design"]) == ("quote.design_not_passed", label)
    shown = run("sales", quotes.show, quote_id)
    assert shown.blocked == ("quote.design_not_passed",)
    assert (shown.design.label, shown.design.passed, shown.design.state) == (label, False, "draft")
    assert shown.sends == ()


@pytest.mark.parametrize(("action", "comment"), [("approve", ""), ("approve_with_notes", "检修口")])
def test_the_review_frees_the_quote_without_another_round(run: Run, world: World, action: str, comment: str) -> None:
    design_id = saved(run, world)
    quote_id = quote_from(run, design_id)
    approve_quote(run, quote_id)
    review(run, design_id, action, comment)
    assert run("sales", quotes.show, quote_id).blocked == ()
    run("sales", quotes.do, quote_id, "send", SEND)
    assert run("sales", quotes.show, quote_id).state == "sent"


@pytest.mark.parametrize("action", ["return", "reject"])
def test_a_refused_design_keeps_the_quote_in_the_house(run: Run, world: World, action: str) -> None:
    design_id = saved(run, world)
    quote_id = quote_from(run, design_id)
    review(run, design_id, action, "照度不足")
    approve_quote(run, quote_id)
    assert refused(run, quote_id).code == "quote.design_not_passed"


def test_paper_of_an_approved_quote_stays_marked_until_its_design_has_passed(run: Run, world: World) -> None:
    design_id = saved(run, world)
    quote_id = quote_from(run, design_id)
    approve_quote(run, quote_id)
    assert run("sales", quote_print.document, quote_id).watermark == "unapproved"
    review(run, design_id)
    assert run("sales", quote_print.document, quote_id).watermark == ""


def test_a_passed_revision_stays_good_when_a_newer_one_replaces_it(run: Run, world: World) -> None:
    first = saved(run, world)
    quote_id = quote_from(run, first)
    review(run, first)
    second = run("design", design_steps.revise, first)
    review(run, second)
    assert run("design", designs.show, first).state == "superseded"
    approve_quote(run, quote_id)
    run("sales", quotes.do, quote_id, "send", SEND)


def test_a_revision_taken_back_from_its_review_never_passed(run: Run, world: World) -> None:
    first = saved(run, world)
    quote_id = quote_from(run, first)
    run("design", design_steps.submit, first)
    second = run("design", design_steps.revise, first)
    review(run, second)
    assert run("design", designs.show, first).state == "superseded"
    approve_quote(run, quote_id)
    assert refused(run, quote_id).code == "quote.design_not_passed"
    basis = run("sales", quotes.show, quote_id).design
    assert (basis.newer_id, basis.newer.endswith("-R2")) == (second, True)


def test_standing_on_the_passed_revision_takes_its_quantities_and_keeps_prices(run: Run, world: World) -> None:
    first = saved(run, world)
    quote_id = quote_from(run, first)
    run("design", design_steps.submit, first)
    second = run("design", design_steps.revise, first)
    draft = run("design", designs.load, second)
    draft.luminaires = [*draft.luminaires, lamp(world.down, 3.0, 2.0)]
    run("design", designs.save, draft)
    review(run, second)
    quote = run("sales", quotes.load, quote_id)
    down = next(line for line in quote.lines if line.variant_id == world.down)
    down.discount_percent, down.note = Decimal("0.05"), "含驱动"
    quote.lines.append(QuoteLineDraft(type="option", name="备用光源", unit_price_fen=999, room=quote.lines[-1].room))
    taken = run("sales", quotes_from.other_revision, dataclasses.replace(quote), second)
    found = next(line for line in taken.lines if line.variant_id == world.down)
    assert (found.quantity, found.unit_price_fen, found.discount_percent, found.note) == (3, 10_000, Decimal("0.05"), "含驱动")  # fmt: skip
    assert [line.name for line in taken.lines if line.type == "option"] == ["备用光源"]
    run("sales", quotes.save, taken)
    approve_quote(run, quote_id)
    run("sales", quotes.do, quote_id, "send", SEND)
    assert run("sales", quotes.show, quote_id).design_id == second


def test_a_design_of_another_case_is_no_basis(run: Run, world: World) -> None:
    design_id = saved(run, world)
    draft = run("sales", quotes.load, quote_from(run, design_id))
    _, draft.case_id = run("sales", customer_and_case)
    with pytest.raises(ValidationError) as error:
        run("sales", quotes.save, draft)
    assert [p.code for p in error.value.problems] == ["quote.design_of_other"]
    draft.design_id = UUID(int=7)
    with pytest.raises(ValidationError) as error:
        run("sales", quotes.save, draft)
    assert [p.code for p in error.value.problems] == ["record.not_found"]


def test_a_quote_without_a_design_needs_no_review(run: Run, world: World) -> None:
    draft = run("sales", quotes.new_draft, {"case_id": world.case_id})
    draft.lines = [QuoteLineDraft(name="吊灯", unit_price_fen=100)]
    quote_id = run("sales", quotes.save, draft)
    approve_quote(run, quote_id)
    run("sales", quotes.do, quote_id, "send", SEND)
    assert run("sales", quotes.show, quote_id).design is None
