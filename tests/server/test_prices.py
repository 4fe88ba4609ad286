"""Price changes before the judge: with their prices, by finance only; letters by whoever says that he sent them."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from presales_desktop.services import price_changes, price_notices, quote_steps, quotes
from tests.helpers.accepted_quotes import PDF
from tests.server.conftest import Firm
from tests.services.quote_data import make


def rule(firm: Firm) -> UUID:
    """Ten percent on everything from today on."""
    draft = firm.run("finance", price_changes.new_draft, {"title": "铝价上涨", "reason": "三周连涨"})
    draft.percent, draft.effective_on = Decimal(10), firm.lab.now.date()
    change_id: UUID = firm.run("finance", price_changes.save, draft)
    return change_id


def test_a_repricing_comes_with_its_prices_and_by_finance(firm: Firm) -> None:
    change_id = rule(firm)
    honest = firm.lab.hold("zhoufang", price_changes.apply, change_id)
    assert firm.lab.refusals(honest) == []
    assert "permission.role" in firm.lab.refusals(honest.by("wangmin"))
    bare = [c for c in honest.changes if c.kind != "price"]
    assert "price_change.nothing" in firm.lab.refusals(type(honest)("zhoufang", bare))
    prices = [c for c in honest.changes if c.kind != "price_change" and c.kind != "audit_event"]
    assert "judge.fixed" in firm.lab.refusals(type(honest)("zhoufang", prices))
    firm.lab.push(honest)
    assert firm.lab.row("price_change", change_id)["state"] == "applied"
    back = firm.lab.hold("zhoufang", price_changes.roll_back, change_id, "回落")
    assert firm.lab.refusals(back) == []


def test_letters_are_sent_by_who_says_so_and_reach_only_the_customers_people(firm: Firm) -> None:
    quote = make(firm.run, firm.world)
    firm.run("sales", quotes.do, quote, "submit", {})
    for who in ("finance", "sales_head"):
        firm.run(who, quotes.do, quote, "approve", {})
    firm.run("sales", quote_steps.send, quote, "email", "lin@example.com", PDF)
    change_id = rule(firm)
    firm.run("finance", price_changes.apply, change_id)
    assert firm.run("finance", price_notices.draft_all, change_id) == 1
    notice = firm.lab.all("price_notice")[0]
    sent = firm.lab.hold("wangmin", price_notices.send, notice["id"], "email", "林晓")
    assert firm.lab.refusals(sent) == []
    assert "judge.forged_author" in firm.lab.refusals(sent.with_values("price_notice", sent_by=firm.lab.ids["zhaolei"]))
    assert "judge.out_of_reach" in firm.lab.refusals(sent.by("liqiang"))
    firm.lab.push(sent)
    late = sent.with_values("price_notice", state="withdrawn", recipient="")
    assert firm.lab.refusals(late)
