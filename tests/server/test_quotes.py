"""Quotes before the judge: what honest laptops send goes through, what a tampered one sends does not."""

from __future__ import annotations

from uuid import UUID

from presales_desktop.services import quote_steps, quotes
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
