"""Quotes through their services: drafts, steps, invariants I1 to I11, secrecy, sources."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError

from presales_desktop.models.errors import (
    ConflictError,
    InputError,
    InvalidTransition,
    NotFound,
    PermissionDenied,
    UserError,
    ValidationError,
)
from presales_desktop.models.quotes import QuotePolicy
from presales_desktop.reports import printer
from presales_desktop.services import (
    attachments,
    plain,
    printing,
    quote_costs,
    quote_policy,
    quote_steps,
    quotes,
    quotes_from,
    registry,
    spreadsheets,
    timeline,
)
from presales_desktop.services.catalogue_prices import CostEntry, PriceEntry, set_costs, set_prices
from presales_desktop.services.listing import ListQuery
from presales_desktop.services.quotes import QuoteLineDraft
from tests.services.quote_data import COSTS, SEND, World, approved, draft, make, make_world

Run = Callable[..., Any]


@pytest.fixture
def world(run: Run) -> World:
    return make_world(run)


@pytest.fixture(autouse=True)
def _printer() -> Iterator[None]:
    printer.install()
    yield
    printing.set_printer(None)


def codes(error: pytest.ExceptionInfo[ValidationError]) -> list[str]:
    return [p.code for p in error.value.problems]


# -- drafts


def test_a_product_starts_a_quote_with_its_line(run: Run, world: World) -> None:
    draft = run("sales", quotes.new_draft, {"variant_id": world.variants[1], "case_id": world.case})
    (line,) = draft.lines
    assert (line.name, line.model, line.quantity, line.list_price_fen, line.unit_price_fen) == (
        "双环吊灯", "DG-1-30", 1, 268_000, 268_000,
    )  # fmt: skip
    quote_id = run("sales", quotes.save, draft)
    run("sales", quotes.do, quote_id, "submit", {})
    assert [row.unit_cost_fen for row in run("finance", quote_costs.sheet, quote_id).rows] == [COSTS[1]]
    with pytest.raises(NotFound):
        run("sales", quotes.new_draft, {"variant_id": uuid4()})


def test_a_product_goes_into_an_open_draft_of_ones_own(run: Run, world: World) -> None:
    quote_id = make(run, world)
    approved(run, world)
    (offered,) = run("sales", quotes_from.open_drafts)
    assert (offered.id, offered.customer) == (quote_id, "深圳前海星河湾酒店管理有限公司")
    assert run("sales", quotes_from.open_drafts, "星河 大堂") == (offered,)
    assert run("sales", quotes_from.open_drafts, "没有") == ()
    assert run("sales2", quotes_from.open_drafts) == ()
    before = run("sales", quotes.show, quote_id)
    assert run("sales", quotes_from.add_variant, quote_id, world.variants[1], Decimal(3)) == before.label
    after = run("sales", quotes.show, quote_id)
    assert (after.lines[-1].name, after.lines[-1].room, after.lines[-1].amount_fen) == ("双环吊灯", "客房", 804_000)
    assert after.total_fen == before.total_fen + 804_000
    with pytest.raises(PermissionDenied):
        run("sales2", quotes_from.add_variant, quote_id, world.variants[1])


def test_a_new_quote_takes_customer_contact_and_terms(run: Run, world: World) -> None:
    made = run("sales", quotes.new_draft, {"case_id": world.case})
    assert (made.customer_id, made.title) == (world.customer, "星河湾酒店大堂照明")
    assert made.contact_id is not None
    assert made.valid_until == dt.date(2026, 12, 23)
    assert "30%" in made.payment


def test_saving_fills_catalogue_facts_rooms_and_totals(run: Run, world: World) -> None:
    shown = run("sales", quotes.show, make(run, world))
    assert shown.label == "BJ20261123-001-R1"
    assert [(line.type, line.room) for line in shown.lines] == [
        ("section", "大堂"), ("item", "大堂"), ("item", "大堂"), ("section", "客房"), ("item", "客房"),
    ]  # fmt: skip
    first = shown.lines[1]
    assert (first.name, first.model, first.unit_price_fen, first.amount_fen) == ("防眩筒灯", "DG-0-30", 12_800, 307_200)
    assert shown.lines[0].amount_fen == 307_200 + 536_000
    assert shown.total_fen == 307_200 + 536_000 + 442_800
    assert shown.net_fen + shown.tax_fen == shown.total_fen


def test_rooms_of_a_flat_list_become_sections(run: Run, world: World) -> None:
    rows = [
        QuoteLineDraft(variant_id=world.variants[0], room="客厅"),
        QuoteLineDraft(variant_id=world.variants[1], room="卧室"),
        QuoteLineDraft(variant_id=world.variants[2], room="客厅"),
        QuoteLineDraft(name="运杂", room=""),
    ]
    shown = run("sales", quotes.show, make(run, world, lines=rows))
    assert [line.name for line in shown.lines] == ["运杂", "客厅", "防眩筒灯", "洗墙灯", "卧室", "双环吊灯"]


def test_saving_again_keeps_lines_and_finds_conflicts(run: Run, world: World) -> None:
    quote_id = make(run, world)
    mine, theirs = run("sales", quotes.load, quote_id), run("sales", quotes.load, quote_id)
    ids = [line.id for line in mine.lines]
    mine.lines[1].quantity = Decimal(30)
    mine.lines.append(mine.lines.pop(2))
    run("sales", quotes.save, mine)
    after = run("sales", quotes.load, quote_id)
    assert {line.id for line in after.lines} == set(ids)
    with pytest.raises(ConflictError):
        run("sales", quotes.save, theirs)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda d, w: d.lines.append(QuoteLineDraft(name="")), "quote.line_name"),
        (lambda d, w: setattr(d.lines[1], "quantity", Decimal("-1")), "field.low"),
        (lambda d, w: setattr(d.lines[1], "quantity", Decimal("1.2345")), "field.places"),
        (lambda d, w: setattr(d, "discount_percent", Decimal("1.5")), "field.high"),
        (lambda d, w: setattr(d, "discount_fen", 10**9), "quote.discount_too_large"),
        (lambda d, w: setattr(d, "case_id", None), "field.required"),
        (lambda d, w: setattr(d, "case_id", uuid4()), "record.not_found"),
        (lambda d, w: setattr(d, "contact_id", uuid4()), "quote.contact_of_other"),
        (lambda d, w: d.lines.append(QuoteLineDraft(sku="NO-SUCH")), "quote.sku_unknown"),
        (lambda d, w: setattr(d.lines[1], "type", "gift"), "field.choice"),
    ],
)
def test_wrong_drafts_are_refused_whole(run: Run, world: World, change: Any, code: str) -> None:
    wrong = draft(run, world)
    change(wrong, world)
    with pytest.raises(ValidationError) as error:
        run("sales", quotes.save, wrong)
    assert code in codes(error)
    assert run("sales", quotes.list_rows, ListQuery()).total == 0


def test_an_order_number_becomes_a_catalogue_line(run: Run, world: World) -> None:
    rows = [QuoteLineDraft(sku="dg-1-30", quantity=Decimal(3))]
    shown = run("sales", quotes.show, make(run, world, lines=rows))
    assert (shown.lines[0].variant_id, shown.lines[0].unit_price_fen) == (world.variants[1], 268_000)


def test_colleagues_may_not_edit_and_superiors_may(run: Run, world: World) -> None:
    quote_id = make(run, world)
    made = run("sales", quotes.load, quote_id)
    for who in ("sales2", "finance", "design", "legal"):
        with pytest.raises(PermissionDenied):
            run(who, quotes.save, replace(made))
        with pytest.raises(PermissionDenied):
            run(who, quotes.do, quote_id, "submit", {})
    run("sales_head", quotes.save, made)
    with pytest.raises(PermissionDenied):
        run("finance", quotes.new_draft, {})


# -- submit and freeze


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"valid_until": None}, "quote.validity_missing"),
        ({"valid_until": dt.date(2026, 11, 22)}, "quote.validity_past"),
        ({"payment": ""}, "field.required"),
        ({"delivery": " "}, "field.required"),
        ({"lines": []}, "quote.no_items"),
        ({"lines": [QuoteLineDraft(type="option", name="x")]}, "quote.no_items"),
        ({"lines": [QuoteLineDraft(name="x", quantity=Decimal(0))]}, "quote.line_quantity"),
        ({"lines": [QuoteLineDraft(name="x", attention="unmatched")]}, "quote.line_unpriced"),
    ],
)
def test_what_may_not_be_submitted(run: Run, world: World, values: dict[str, Any], code: str) -> None:
    quote_id = make(run, world, **values)
    with pytest.raises(ValidationError) as error:
        run("sales", quotes.do, quote_id, "submit", {})
    assert code in codes(error)
    assert run("sales", quotes.show, quote_id).state == "draft"


def test_a_submitted_revision_is_immutable_in_services_and_database(run: Run, world: World, engine: Engine) -> None:
    quote_id = make(run, world)
    before = run("sales", quotes.load, quote_id)
    run("sales", quotes.do, quote_id, "submit", {})
    shown = run("sales", quotes.show, quote_id)
    assert len(shown.content_hash) == 64
    loaded = run("sales", quotes.load, quote_id)
    loaded.notes = "改"
    for made in (before, loaded):
        with pytest.raises(UserError, match=r"quote\.frozen"):
            run("sales", quotes.save, made)
    with pytest.raises(InvalidTransition):
        run("sales", quotes.do, quote_id, "submit", {})
    key = {"id": quote_id.hex}
    for statement in (
        "UPDATE quote SET frozen='{}' WHERE id=:id",
        "UPDATE quote SET content_hash='' WHERE id=:id",
        "UPDATE quote_line SET unit_price_fen=1 WHERE quote_id=:id",
        "DELETE FROM quote_line WHERE quote_id=:id",
        "UPDATE quote_line_cost SET unit_cost_fen=1 WHERE quote_id=:id",
        "DELETE FROM quote_line_cost WHERE quote_id=:id",
    ):
        with pytest.raises(IntegrityError, match="frozen"), engine.begin() as connection:
            connection.execute(text(statement), key)


def test_decisions_cannot_be_changed_afterwards(run: Run, world: World, engine: Engine) -> None:
    approved(run, world)
    for statement in ("UPDATE decision SET verdict='reject'", "DELETE FROM decision"):
        with pytest.raises(IntegrityError, match="append_only"), engine.begin() as connection:
            connection.execute(text(statement))


# -- decisions


@pytest.mark.parametrize("order", [("finance", "sales_head"), ("sales_head", "finance")])
def test_finance_and_superior_decide_in_either_order(run: Run, world: World, order: tuple[str, str]) -> None:
    quote_id = make(run, world)
    run("sales", quotes.do, quote_id, "submit", {})
    run(order[0], quotes.do, quote_id, "approve", {})
    assert run("sales", quotes.show, quote_id).state == "submitted"
    with pytest.raises(UserError, match=r"quote\.not_approved"):
        run("sales", quotes.do, quote_id, "send", SEND)
    run(order[1], quotes.do, quote_id, "approve", {})
    shown = run("sales", quotes.show, quote_id)
    assert shown.state == "approved"
    assert shown.blocked == ()
    assert {step.who for step in shown.approvals} == {"周芳", "赵磊"}


@pytest.mark.parametrize(
    ("author", "who", "code"),
    [
        ("sales", "sales", "permission.role"),
        ("sales", "sales2", "permission.role"),
        ("sales_head", "sales_head", "approval.author"),
        ("sales", "design", "permission.role"),
        ("sales", "legal", "permission.role"),
    ],
)
def test_who_may_not_decide(run: Run, world: World, author: str, who: str, code: str) -> None:
    quote_id = make(run, world)
    run(author, quotes.do, quote_id, "submit", {})
    with pytest.raises(PermissionDenied) as error:
        run(who, quotes.do, quote_id, "approve", {})
    assert error.value.code == code
    assert run("sales", quotes.show, quote_id).decisions == ()


def test_a_head_who_submits_needs_his_own_superior(run: Run, world: World) -> None:
    quote_id = make(run, world)
    run("sales_head", quotes.do, quote_id, "submit", {})
    run("finance", quotes.do, quote_id, "approve", {})
    run("management", quotes.do, quote_id, "approve", {})
    assert run("sales", quotes.show, quote_id).state == "approved"


def test_one_person_never_decides_two_steps_nor_one_twice(run: Run, world: World) -> None:
    quote_id = make(run, world)
    run("sales", quotes.do, quote_id, "submit", {})
    run("sales_head", quotes.do, quote_id, "approve", {})
    with pytest.raises(UserError, match=r"approval\.decided"):
        run("sales_head", quotes.do, quote_id, "approve", {"step": "superior"})
    with pytest.raises(UserError, match=r"approval\.decided"):
        run("management", quotes.do, quote_id, "approve", {"step": "superior"})
    with pytest.raises(UserError, match=r"approval\.step_unknown"):
        run("finance", quotes.do, quote_id, "approve", {"step": "legal"})


@pytest.mark.parametrize(("action", "state"), [("return", "returned"), ("reject", "rejected")])
def test_refusing_needs_a_reason_and_leads_to_a_revision_without_approvals(
    run: Run, world: World, action: str, state: str
) -> None:
    quote_id = make(run, world)
    run("sales", quotes.do, quote_id, "submit", {})
    run("sales_head", quotes.do, quote_id, "approve", {})
    with pytest.raises(ValidationError) as error:
        run("finance", quotes.do, quote_id, action, {"comment": "  "})
    assert codes(error) == ["approval.comment_required"]
    run("finance", quotes.do, quote_id, action, {"comment": "毛利太低"})
    assert run("sales", quotes.show, quote_id).state == state
    newer = run("sales", quotes.do, quote_id, "revise", {})
    old, new = run("sales", quotes.show, quote_id), run("sales", quotes.show, newer)
    assert (new.number, new.revision, new.state) == (old.number, 2, "draft")
    assert all(step.verdict is None for step in new.approvals)
    assert new.content_hash == ""
    assert [line.name for line in new.lines] == [line.name for line in old.lines]
    assert [d.comment for d in new.decisions if d.verdict == action] == ["毛利太低"]
    assert not any(d.holds for d in new.decisions)
    with pytest.raises(UserError, match=r"quote\.newer_open"):
        run("sales", quotes.do, quote_id, "revise", {})


def test_a_decision_on_other_content_is_not_recorded(run: Run, world: World) -> None:
    quote_id = make(run, world)
    run("sales", quotes.do, quote_id, "submit", {})
    with pytest.raises(UserError, match=r"approval\.content_changed"):
        run("finance", quote_steps.decide, quote_id, "approve", seen_hash="0" * 64)


def test_what_waits_for_whom(run: Run, world: World) -> None:
    quote_id = make(run, world)
    waiting = ListQuery(filters=(("waiting", "me"),))
    assert run("finance", quotes.list_rows, waiting).total == 0
    run("sales", quotes.do, quote_id, "submit", {})
    counts = {w: run(w, quotes.list_rows, waiting).total for w in ("sales", "sales2", "finance", "sales_head", "management", "design")}  # fmt: skip
    assert counts == {"sales": 0, "sales2": 0, "finance": 1, "sales_head": 1, "management": 1, "design": 0}
    run("finance", quotes.do, quote_id, "approve", {})
    assert run("finance", quotes.list_rows, waiting).total == 0
    run("sales_head", quotes.do, quote_id, "approve", {})
    assert run("management", quotes.list_rows, waiting).total == 0


# -- sending


def test_sending_records_the_file_and_supersedes_earlier_revisions(run: Run, world: World) -> None:
    first = approved(run, world)
    answer = run("sales", quotes.do, first, "send", SEND)
    shown = run("sales", quotes.show, first)
    stored = run("sales", attachments.list_of, "quote", first, "sent")[0]
    data = run("sales", attachments.content, stored.id)
    assert shown.sends[0].file_sha256 == answer["file_sha256"] == hashlib.sha256(data).hexdigest()
    assert data.startswith(b"%PDF-")
    second = run("sales", quotes.do, first, "revise", {})
    assert run("sales", quotes.show, first).state == "sent"
    run("sales", quotes.do, second, "submit", {})
    run("finance", quotes.do, second, "approve", {})
    run("sales_head", quotes.do, second, "approve", {})
    run("sales", quotes.do, second, "send", SEND)
    assert run("sales", quotes.show, first).state == "superseded"
    with pytest.raises(InvalidTransition):
        run("sales", quotes.do, first, "accept", {})


def test_the_same_content_prints_to_the_same_file(run: Run, world: World) -> None:
    quote_id = approved(run, world)
    one = run("sales", quotes.do, quote_id, "send", SEND)
    two = run("sales", quotes.do, quote_id, "send", SEND | {"via": "wechat"})
    assert len(run("sales", quotes.show, quote_id).sends) == 2
    # the state of the quote is no part of the customer's paper
    assert one == two


def test_after_the_validity_nothing_is_sent_or_accepted(run: Run, world: World, clock: Any) -> None:
    sent, unsent = approved(run, world), approved(run, world)
    run("sales", quotes.do, sent, "send", SEND)
    with pytest.raises(UserError, match=r"quote\.not_expired"):
        run("sales", quotes.do, sent, "expire", {})
    clock.forward(days=31)
    assert run("sales", quotes.show, sent).expired
    with pytest.raises(UserError, match=r"quote\.expired"):
        run("sales", quotes.do, unsent, "send", SEND)
    with pytest.raises(UserError, match=r"quote\.expired"):
        run("sales", quotes.do, sent, "accept", {})
    run("sales", quotes.do, sent, "accept", {"on": "2026-12-20"})
    assert run("sales", quote_steps.expire_due) == 1
    newer = run("sales", quotes.do, unsent, "revise", {})
    assert run("sales", quotes.show, newer).valid_until == dt.date(2027, 1, 23)


@pytest.mark.parametrize("on", ["2026-11-24", "2026-11-01", "gestern"])
def test_the_day_of_an_answer_lies_between_sending_and_today(run: Run, world: World, on: str) -> None:
    quote_id = approved(run, world)
    run("sales", quotes.do, quote_id, "send", SEND)
    with pytest.raises(ValidationError):
        run("sales", quotes.do, quote_id, "accept", {"on": on})


def test_moved_costs_make_an_approval_stale(run: Run, world: World) -> None:
    quote_id = approved(run, world)
    day = dt.date(2026, 11, 20)
    run("finance", set_costs, [CostEntry(world.variants[1], int(COSTS[1] * 1.04), day)])
    assert run("sales", quotes.show, quote_id).blocked == ()
    run("finance", set_costs, [CostEntry(world.variants[1], int(COSTS[1] * 1.4), day)])
    assert run("sales", quotes.show, quote_id).blocked == ("quote.stale",)
    with pytest.raises(UserError, match=r"quote\.stale"):
        run("sales", quotes.do, quote_id, "send", SEND)


def test_an_enclosure_added_after_the_approval_voids_it(run: Run, world: World) -> None:
    quote_id = approved(run, world)
    run("sales", attachments.add, "quote", quote_id, "scan", "x.txt", b"ours")
    assert run("sales", quotes.show, quote_id).blocked == ()
    run("sales", attachments.add, "quote", quote_id, "enclosure", "x.txt", b"theirs")
    with pytest.raises(UserError, match=r"quote\.altered"):
        run("sales", quotes.do, quote_id, "send", SEND)


def test_a_renamed_customer_is_other_content(run: Run, world: World) -> None:
    from presales_desktop.services import customers

    quote_id = approved(run, world)
    customer = run("sales", customers.load, world.customer)
    customer.name = "别家公司"
    run("sales", customers.save, customer)
    with pytest.raises(UserError, match=r"quote\.altered"):
        run("sales", quotes.do, quote_id, "send", SEND)


def test_sending_needs_a_way_a_recipient_and_the_owner(run: Run, world: World) -> None:
    quote_id = approved(run, world)
    for wrong in ({"via": "pigeon", "recipient": "x"}, {"via": "email", "recipient": " "}):
        with pytest.raises(UserError):
            run("sales", quotes.do, quote_id, "send", wrong)
    for who in ("sales2", "finance", "design"):
        with pytest.raises(PermissionDenied):
            run(who, quotes.do, quote_id, "send", SEND)
    with pytest.raises(ValidationError):
        run("sales", quote_steps.send, quote_id, "email", "x", b"not a pdf")
    assert run("sales", quotes.show, quote_id).sends == ()


def test_a_contract_stands_only_on_what_was_accepted(run: Run, world: World, clock: Any) -> None:
    quote_id = approved(run, world)
    with pytest.raises(UserError, match=r"quote\.not_accepted"):
        run("sales", quote_steps.basis_for_contract, quote_id)
    run("sales", quotes.do, quote_id, "send", SEND)
    run("sales", quotes.do, quote_id, "accept", {"note": "口头确认"})
    assert run("sales", quote_steps.basis_for_contract, quote_id).state == "accepted"
    clock.forward(days=40)
    with pytest.raises(UserError, match=r"quote\.expired"):
        run("sales", quote_steps.basis_for_contract, quote_id)


def test_every_step_is_on_the_timeline_and_in_the_chain(run: Run, world: World) -> None:
    quote_id = approved(run, world)
    run("sales", quotes.do, quote_id, "send", SEND)
    run("sales", quotes.do, quote_id, "decline", {"reason": "价格高"})
    told = [row.action for row in run("sales", timeline.of, "quote", quote_id)]
    assert told == ["declined", "sent", "approved", "decision.approve", "decision.approve", "submitted", "created"]
    assert run("sales", timeline.verify) is None
    assert len(run("sales", timeline.of, "case", world.case)) >= len(told)


# -- secrecy


def test_no_cost_reaches_who_may_not_see_it(run: Run, world: World) -> None:
    quote_id = approved(run, world)
    forbidden = [str(c) for c in COSTS] + [f"{c / 100:,.2f}" for c in COSTS]
    for who in ("sales", "sales2", "sales_head", "design", "marketing", "legal"):
        with pytest.raises(PermissionDenied):
            run(who, quote_costs.sheet, quote_id)
        with pytest.raises(PermissionDenied):
            run(who, quote_costs.live_costs, list(world.variants))
        answers = [
            run(who, quotes.show, quote_id),
            run(who, quotes.load, quote_id),
            run(who, quotes.list_rows, ListQuery()),
            run(who, timeline.of, "quote", quote_id),
        ]
        said = str([plain.to_plain(a) for a in answers]) + repr(answers)
        assert not [f for f in forbidden if f in said]
        assert "cost_fen" not in said
    assert run("sales", quotes.show, quote_id).margin_band == ""
    assert run("sales_head", quotes.show, quote_id).margin_band == "good"


def test_finance_sees_the_snapshot_not_todays_cost(run: Run, world: World) -> None:
    quote_id = approved(run, world)
    run("finance", set_costs, [CostEntry(world.variants[0], 99_999, dt.date(2026, 11, 20))])
    sheet = run("finance", quote_costs.sheet, quote_id)
    assert sheet.frozen
    assert [row.unit_cost_fen for row in sheet.rows] == list(COSTS)
    assert sheet.cost_fen == COSTS[0] * 24 + COSTS[1] * 2 + COSTS[2] * 12
    assert sheet.drift is not None
    assert sheet.drift > 0


def test_finance_estimates_what_the_catalogue_does_not_know(run: Run, world: World) -> None:
    rows = [QuoteLineDraft(name="定制水晶灯", unit_price_fen=1_130_000)]
    quote_id = make(run, world, lines=rows)
    line = run("sales", quotes.show, quote_id).lines[0].id
    with pytest.raises(UserError, match=r"quote\.cost_not_now"):
        run("finance", quote_costs.estimate, quote_id, line, 500_000)
    run("sales", quotes.do, quote_id, "submit", {})
    assert run("finance", quote_costs.sheet, quote_id).missing == 1
    with pytest.raises(PermissionDenied):
        run("sales", quote_costs.estimate, quote_id, line, 1)
    run("finance", quote_costs.estimate, quote_id, line, 500_000)
    assert run("finance", quote_costs.sheet, quote_id).margin == Decimal("0.5")
    with pytest.raises(UserError, match=r"quote\.cost_known"):
        run("finance", quote_costs.estimate, quote_id, line, 1)


def test_the_band_turns_when_the_policy_does(run: Run, world: World) -> None:
    quote_id = approved(run, world)
    run("management", quote_policy.save_policy, QuotePolicy(margin_floor=Decimal("0.9")))
    assert run("sales_head", quotes.show, quote_id).margin_band == "bad"
    assert run("finance", quote_costs.sheet, quote_id).policy.version == 2
    with pytest.raises(PermissionDenied):
        run("sales", quote_policy.save_policy, QuotePolicy())
    with pytest.raises(ValidationError):
        run("management", quote_policy.save_policy, QuotePolicy(cost_drift=Decimal(2)))


# -- sources


def test_a_copy_brings_lines_and_no_lineage(run: Run, world: World) -> None:
    source = approved(run, world)
    copied = run("sales", quotes.save, run("sales", quotes.new_draft, {"copy_of": source}))
    old, new = run("sales", quotes.show, source), run("sales", quotes.show, copied)
    assert new.number != old.number
    assert (new.revision, new.state, new.content_hash, new.decisions) == (1, "draft", "", ())
    assert [line.amount_fen for line in new.lines] == [line.amount_fen for line in old.lines]


def test_a_changed_catalogue_is_told_with_the_fact(run: Run, world: World) -> None:
    quote_id = make(run, world)
    assert run("sales", quotes.show, quote_id).changes == ()
    run("finance", set_prices, [PriceEntry(world.variants[0], 13_500, dt.date(2026, 11, 22))])
    found = run("sales", quotes.show, quote_id).changes
    assert [(c.line, c.field, c.before, c.now) for c in found] == [(1, "list_price_fen", 12_800, 13_500)]
    run("sales", quotes.do, quote_id, "submit", {})
    assert run("sales", quotes.show, quote_id).changes == ()


def sheet_of(content: str) -> spreadsheets.Sheet:
    return spreadsheets.read_table(content.encode(), "清单.csv", known=quotes_from.WORDS)


def test_a_list_becomes_lines_and_what_is_unknown_is_marked(run: Run, world: World) -> None:
    sheet = sheet_of(
        "星河湾灯具清单,,,,,\n区域,名称,型号,数量,单位,单价\n大堂,筒灯,DG-0-30,24,套,\n,吊灯,DG-1-30,2,套,2500\n"
        "客房,未知壁灯,XX-9,6,个,88.50\n,坏数量,DG-2-30,许多,套,\n合计,,,,,9999\n"
    )
    found = run("sales", quotes_from.from_list, sheet)
    assert (found.matched, found.unmatched) == (3, 1)
    assert [(x.room, x.name, x.quantity, x.unit_price_fen, x.attention) for x in found.lines] == [
        ("大堂", "防眩筒灯", Decimal(24), 12_800, ""),
        ("大堂", "双环吊灯", Decimal(2), 250_000, ""),
        ("客房", "未知壁灯", Decimal(6), 8_850, "unmatched"),
        ("客房", "洗墙灯", Decimal(1), 36_900, ""),
    ]
    assert [(p.line, p.code) for p in found.problems] == [(6, "field.type")]
    shown = run("sales", quotes.show, make(run, world, lines=list(found.lines)))
    assert [line.name for line in shown.lines if line.type == "section"] == ["大堂", "客房"]


def test_a_list_without_names_or_models_is_refused_with_its_header(run: Run, world: World) -> None:
    with pytest.raises(InputError) as error:
        run("sales", quotes_from.from_list, sheet_of("甲,乙,数量\n1,2,3\n4,5,6\n"))
    assert error.value.code == "quote.list_columns"
    assert error.value.line == 1


# -- lists and the command line's door


def test_filters_and_numbers(run: Run, world: World) -> None:
    first = make(run, world)
    approved(run, world)
    rows = run("sales", quotes.list_rows, ListQuery(filters=(("state", "approved,sent"),)))
    assert [row.state for row in rows.rows] == ["approved"]
    assert run("sales2", quotes.list_rows, ListQuery(filters=(("owner_id", "me"),))).total == 0
    assert run("sales", quotes.list_rows, ListQuery(search="星河湾")).total == 2
    assert run("sales", quotes.resolve, "bj20261123-001") == first
    assert run("sales", quotes.resolve, "BJ20261123-001-R1") == first
    for unknown in ("BJ1", "BJ20261123-001-R9", str(uuid4())):
        with pytest.raises(NotFound):
            run("sales", quotes.resolve, unknown)
    with pytest.raises(InputError):
        run("sales", quotes.list_rows, ListQuery(filters=(("cost", "1"),)))


def test_the_command_line_makes_and_changes_quotes_like_the_window(run: Run, world: World) -> None:
    kind = registry.kind("quote")

    def make_it(work: Any) -> UUID:
        assert kind.new_draft is not None
        assert kind.save is not None
        made = kind.new_draft(work, {"case_id": world.case})
        values = {"freight": "120.50", "lines": [{"sku": "DG-0-30", "quantity": "3", "room": "客厅"}]}
        plain.fill(work, kind, made, values)
        return kind.save(work, made)

    quote_id = run("sales", make_it)
    shown = run("sales", quotes.show, quote_id)
    assert shown.total_fen == 3 * 12_800 + 12_050
    assert plain.to_plain(shown)["total"] == {"fen": 50_450, "currency": "CNY"}
    assert "frozen" not in plain.to_plain(shown)
