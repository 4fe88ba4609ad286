"""Kinds of lines, currencies and the customer's numbers through the services: saved, submitted, decided, refused."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from presales_desktop.models.errors import PresalesError, UserError, ValidationError
from presales_desktop.reports import printer
from presales_desktop.services import contracts, printing, quote_costs, quotes
from presales_desktop.services.catalogue_prices import PriceEntry, set_prices
from presales_desktop.services.quotes import QuoteLineDraft
from tests.services.quote_data import COSTS, DAY, SEND, World, approved, make, make_world

Run = Callable[..., Any]


@pytest.fixture
def world(run: Run) -> World:
    return make_world(run)


@pytest.fixture(autouse=True)
def _printer() -> Iterator[None]:
    printer.install()
    yield
    printing.set_printer(None)


def kinds(world: World) -> list[QuoteLineDraft]:
    return [
        QuoteLineDraft(variant_id=world.variants[0], quantity=Decimal(10)),
        QuoteLineDraft(
            type="accessory", name="驱动电源", quantity=Decimal(2), unit_price_fen=3_500, customer_code="K-77"
        ),
        QuoteLineDraft(type="kit", name="样板间套装", quantity=Decimal(2), unit_price_fen=400_000),
        QuoteLineDraft(type="component", variant_id=world.variants[1], quantity=Decimal(1)),
        QuoteLineDraft(type="component", variant_id=world.variants[2], quantity=Decimal(3)),
        QuoteLineDraft(
            type="installation", name="安装调试", quantity=Decimal(1), unit_price_fen=50_000, tax_rate=Decimal("0.09")
        ),
    ]


def codes(raised: pytest.ExceptionInfo[ValidationError]) -> list[str]:
    return [p.code for p in raised.value.problems]


def test_all_kinds_pass_through_approval_with_their_costs(run: Run, world: World) -> None:
    quote_id = approved(run, world, lines=kinds(world))
    shown = run("sales", quotes.show, quote_id)
    assert [line.pieces for line in shown.lines] == [10, 20, 2, 2, 6, 1]
    assert shown.lines_fen == 128_000 + 70_000 + 800_000
    assert shown.installation_fen == 50_000
    assert {share.rate for share in shown.taxes} == {Decimal("0.13"), Decimal("0.09")}
    assert sum(s.net_fen + s.tax_fen for s in shown.taxes) == shown.total_fen == 1_048_000
    sheet = run("finance", quote_costs.sheet, quote_id)
    kit = next(row for row in sheet.rows if row.line_id == shown.lines[2].id)
    assert kit.cost_fen == 2 * (COSTS[1] + 3 * COSTS[2])
    assert sheet.missing == 1  # the driver has none
    run("sales", quotes.do, quote_id, "send", SEND)
    run("sales", quotes.do, quote_id, "accept", {})
    contract = run("sales", contracts.new_draft, {"quote_id": quote_id})
    assert contract.quote_id == quote_id
    frozen = json.loads(run("sales", lambda work: work.get(quotes.Quote, quote_id).frozen))
    assert frozen["format"] == "presales.quote/2"
    assert [line["counted"] for line in frozen["lines"]] == [True, True, True, False, False, True]


def test_what_has_nothing_to_ride_on_is_not_submitted(run: Run, world: World) -> None:
    lines = [
        QuoteLineDraft(type="accessory", name="驱动"),
        *kinds(world),
        QuoteLineDraft(type="component", name="螺丝"),
    ]
    quote_id = make(run, world, lines=lines, tax_rate=Decimal("0.16"))
    with pytest.raises(ValidationError) as raised:
        run("sales", quotes.do, quote_id, "submit", {})
    assert codes(raised) == ["quote.tax_unknown", "quote.accessory_alone", "quote.component_alone"]


def test_quantity_breaks_hold_for_all_of_a_product_together(run: Run, world: World) -> None:
    run("finance", set_prices, [PriceEntry(world.variants[0], 11_000, DAY, min_quantity=50)])
    lines = [QuoteLineDraft(variant_id=world.variants[0], quantity=Decimal(n)) for n in (20, 30)]
    shown = run("sales", quotes.show, make(run, world, lines=lines))
    assert [line.unit_price_fen for line in shown.lines] == [11_000, 11_000]
    assert [line.list_price_fen for line in shown.lines] == [12_800, 12_800]
    few = run(
        "sales",
        quotes.show,
        make(run, world, lines=[QuoteLineDraft(variant_id=world.variants[0], quantity=Decimal(49))]),
    )
    assert few.lines[0].unit_price_fen == 12_800
    assert few.changes == ()


def test_a_currency_is_converted_never_renamed(run: Run, world: World) -> None:
    quote_id = make(run, world)
    draft = run("sales", quotes.load, quote_id)
    draft.currency = "USD"
    with pytest.raises(ValidationError) as raised:
        run("sales", quotes.save, draft)
    assert codes(raised) == ["quote.currency_by_step"]
    with pytest.raises(ValidationError) as raised:
        run("sales", quotes.do, quote_id, "convert", {"currency": "usd"})
    assert codes(raised) == ["quote.rate_missing"]
    with pytest.raises(ValidationError) as raised:
        run("sales", quotes.do, quote_id, "convert", {"currency": "usd", "rate": "NaN"})
    assert codes(raised) == ["field.type"]
    run("sales", quotes.do, quote_id, "convert", {"currency": "usd", "rate": "7.1", "on": "2026-11-20"})
    shown = run("sales", quotes.show, quote_id)
    assert (shown.currency, shown.lines[1].unit_price_fen) == ("USD", 1_803)
    assert shown.changes == ()  # the catalogue says the same, in dollars
    other = make(run, world)
    run("sales", quotes.do, other, "convert", {"currency": "USD"})
    assert run("sales", quotes.show, other).exchange_rate == Decimal("7.1")
    run("sales", quotes.do, quote_id, "convert", {"currency": "CNY"})
    back = run("sales", quotes.show, quote_id)
    assert (back.exchange_rate, back.rate_on) == (1, None)
    assert abs(back.lines[1].unit_price_fen - 12_800) <= 4


def test_margins_of_a_foreign_quote_are_in_yuan_and_it_carries_no_contract(run: Run, world: World) -> None:
    quote_id = make(run, world)
    before = run("finance", quote_costs.sheet, quote_id)
    run("sales", quotes.do, quote_id, "convert", {"currency": "USD", "rate": "7.1", "on": "2026-11-20"})
    after = run("finance", quote_costs.sheet, quote_id)
    assert after.cost_fen == before.cost_fen
    assert after.margin is not None
    assert abs(after.margin - before.margin) < Decimal("0.001")
    run("sales", quotes.do, quote_id, "submit", {})
    run("finance", quotes.do, quote_id, "approve", {})
    run("sales_head", quotes.do, quote_id, "approve", {})
    run("sales", quotes.do, quote_id, "send", SEND)
    run("sales", quotes.do, quote_id, "accept", {})
    with pytest.raises(UserError) as raised:
        run("sales", contracts.new_draft, {"quote_id": quote_id})
    assert raised.value.code == "quote.currency_contract"


def test_the_customers_own_numbers_are_remembered(run: Run, world: World) -> None:
    first = make(run, world)
    draft = run("sales", quotes.load, first)
    draft.lines[1].customer_code = "HT-0042"
    run("sales", quotes.save, draft)
    second = run("sales", quotes.load, make(run, world))
    assert second.lines[1].customer_code == "HT-0042"
    second.lines[1].customer_code = ""
    run("sales", quotes.save, second)
    assert run("sales", quotes.load, second.id).lines[1].customer_code == ""


def test_a_revision_keeps_kinds_language_and_currency(run: Run, world: World) -> None:
    quote_id = make(run, world, lines=kinds(world), language="en", show_images=False)
    run("sales", quotes.do, quote_id, "submit", {})
    run("finance", quotes.do, quote_id, "return", {"comment": "单价有误"})
    revised = run("sales", quotes.load, run("sales", quotes.do, quote_id, "revise", {}))
    assert [line.type for line in revised.lines] == [line.type for line in kinds(world)]
    assert (revised.language, revised.show_images, revised.lines[5].tax_rate) == ("en", False, Decimal("0.09"))
    with pytest.raises(PresalesError):
        run("sales", quotes.do, quote_id, "convert", {"currency": "USD", "rate": "7"})
