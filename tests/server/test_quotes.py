"""Quotes before the judge: what honest laptops send goes through, what a tampered one sends does not."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from presales_desktop.services import quote_steps, quotes
from presales_desktop.services.quote_drafts import QuoteLineDraft
from tests.server.conftest import Firm


def submitted(firm: Firm, quote: UUID) -> None:
    firm.run("sales", quotes.do, quote, "submit", {})


def approved(firm: Firm, quote: UUID) -> None:
    submitted(firm, quote)
    firm.run("finance", quotes.do, quote, "approve", {})
    firm.run("sales_head", quotes.do, quote, "approve", {"comment": "同意"})


def test_a_quote_goes_its_way_through_the_server(firm: Firm, quote: UUID) -> None:
    approved(firm, quote)
    assert firm.lab.row("quote", quote)["state"] == "approved"
    firm.run("sales", quote_steps.send, quote, "email", "lin@example.com", b"%PDF-1.7\n%%EOF")
    firm.run("sales", quotes.do, quote, "accept", {})
    assert firm.lab.row("quote", quote)["state"] == "accepted"


def test_the_server_judges_kinds_taxes_and_currencies_as_the_laptop_does(firm: Firm, quote: UUID) -> None:
    """A quote with an accessory, a kit, a service under another rate and another currency has one total and one hash on both sides."""
    draft = firm.run("sales", quotes.load, quote)
    fixture = draft.lines[-1]
    draft.lines += [
        QuoteLineDraft(type="accessory", name="驱动", quantity=Decimal(2), unit_price_fen=1_500, room=fixture.room),
        QuoteLineDraft(type="kit", name="套装", quantity=Decimal(2), unit_price_fen=90_000),
        QuoteLineDraft(type="component", name="灯头", quantity=Decimal(3)),
        QuoteLineDraft(type="installation", name="安装", unit_price_fen=10_001, tax_rate=Decimal("0.09")),
    ]
    firm.run("sales", quotes.save, draft)
    firm.run("sales", quotes.do, quote, "convert", {"currency": "USD", "rate": "7.1234", "on": "2026-11-20"})
    here = firm.run("sales", quotes.show, quote)
    assert firm.lab.row("quote", quote)["total_fen"] == here.total_fen
    approved(firm, quote)
    row = firm.lab.row("quote", quote)
    assert (row["state"], row["currency"]) == ("approved", "USD")
    assert row["content_hash"] == firm.run("sales", quotes.show, quote).content_hash
