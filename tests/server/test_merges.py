"""Merging two customers through the judge: taken whole, nothing left behind, nobody loses what he holds; forged merges are refused."""

from __future__ import annotations

from uuid import UUID

import pytest

from presales_desktop.models import syncing
from presales_desktop.services import cases, customer_merge, customers, quote_steps, quotes, timeline
from tests.helpers.accepted_quotes import PDF
from tests.server.conftest import Firm
from tests.server.lab import Change, Refused
from tests.services.quote_data import approved, make


@pytest.fixture
def other(firm: Firm) -> UUID:
    """The same firm once more, kept by the other seller."""
    draft = customers.CustomerDraft(
        name="星河湾酒店", owner_id=firm.lab.ids["liqiang"], contacts=[customers.ContactDraft(name="何总", phone="13911110000")]
    )  # fmt: skip
    made = firm.run("sales2", customers.save, draft)
    assert isinstance(made, UUID)
    return made


@pytest.mark.parametrize("who", ["sales_head", "marketing"])
def test_a_merge_is_taken_with_all_that_hangs_on_it(firm: Firm, other: UUID, who: str) -> None:
    gone = firm.world.customer
    quote = approved(firm.run, firm.world)
    commit = firm.lab.hold(firm_login(who), customer_merge.merge, gone, other, ["phone"])
    verdict = firm.lab.push(commit)
    assert firm.lab.row("customer", gone)["merged_into"] == other
    for kind in ("contact", "case", "quote"):
        assert firm.lab.all(kind, customer_id=gone) == []
    words = firm.lab.row("customer", other)["contact_words"]
    assert "何总" in words
    assert "林晓峰" in words
    assert firm.lab.row("customer", gone)["contact_words"] == ""
    # whoever sees the one that stays sees the sign and its history
    scope = syncing.of_customer(other)
    assert verdict.scopes["customer", gone] == scope
    assert all(firm.lab.grants(login) >= {scope} for login in ("wangmin", "liqiang"))
    events = firm.lab.read("liqiang", timeline.of, "customer", other)
    assert {"absorbed", "submitted"} <= {e.action for e in events}
    firm.run("sales", quote_steps.send, quote, "email", "a@b.cn", PDF)
    firm.run("sales", quotes.do, quote, "accept", {})
    assert firm.lab.row("quote", quote)["state"] == "accepted"


def firm_login(role: str) -> str:
    return {"sales_head": "zhaolei", "marketing": "hemei"}[role]


def test_what_others_made_meanwhile_goes_along(firm: Firm, other: UUID) -> None:
    gone = firm.world.customer
    draft = firm.run("sales", cases.new_draft, {"customer_id": gone})
    draft.title = "二期"
    offline = firm.lab.hold("wangmin", cases.save, draft)
    early = firm.lab.hold("zhaolei", customer_merge.merge, gone, other)
    added = firm.lab.hold("wangmin", _with_contact, gone)
    firm.lab.push(added)  # the merging laptop has not seen it
    firm.lab.push(early)
    firm.lab.push(offline)
    assert firm.lab.all("case", customer_id=gone) == []
    assert {c["title"] for c in firm.lab.all("case", customer_id=other)} == {"星河湾酒店大堂照明", "二期"}
    assert firm.lab.all("contact", customer_id=gone) == []
    assert "新来的" in {c["name"] for c in firm.lab.all("contact", customer_id=other)}
    assert [r["subject_title"] for r in firm.lab.all("audit_event", action="created") if r["subject_title"] == "二期"]


def _with_contact(work: object, customer: UUID) -> UUID:
    draft = customers.load(work, customer)  # type: ignore[arg-type]
    draft.contacts.append(customers.ContactDraft(name="新来的", phone="13700001111"))
    return customers.save(work, draft)  # type: ignore[arg-type]


def test_a_quote_submitted_before_the_merge_is_taken_after_it(firm: Firm, other: UUID) -> None:
    quote = make(firm.run, firm.world)
    late = firm.lab.hold("wangmin", quotes.do, quote, "submit", {})
    firm.run("sales_head", customer_merge.merge, firm.world.customer, other)
    firm.lab.push(late)
    assert firm.lab.row("quote", quote)["state"] == "submitted"
    firm.run("finance", quotes.do, quote, "approve", {})
    firm.run("sales_head", quotes.do, quote, "approve", {"comment": "同意"})
    assert firm.lab.row("quote", quote)["state"] == "approved"


def test_nobody_writes_on_a_sign(firm: Firm, other: UUID) -> None:
    gone = firm.world.customer
    draft = firm.run("sales", customers.load, gone)
    draft.notes = "晚到的备注"
    late = firm.lab.hold("wangmin", customers.save, draft)
    firm.run("sales_head", customer_merge.merge, gone, other)
    assert "customer.merged" in firm.lab.refusals(late)
    firm.run("sales_head", customers.do, other, "archive", {})
    back = firm.lab.hold("zhaolei", customers.do, other, "restore", {})
    restored = [
        Change("customer", gone, "set", c.values) if c.kind == "customer" else c for c in back.changes
    ]  # fmt: skip
    assert firm.lab.refusals(type(back)("zhaolei", restored))


def test_forged_merges_are_refused(firm: Firm, other: UUID) -> None:
    gone = firm.world.customer
    commit = firm.lab.hold("zhaolei", customer_merge.merge, gone, other)
    assert firm.lab.refusals(commit.by("wangmin"))  # a seller may not merge
    contact = next(c for c in commit.changes if c.kind == "contact" and c.op == "set")
    alone = type(commit)("zhaolei", [contact])
    assert "judge.fixed" in firm.lab.refusals(alone)  # a part moves with a merge only
    quote = make(firm.run, firm.world)
    firm.run("sales", quotes.do, quote, "submit", {})
    moved = type(commit)("zhaolei", [Change("quote", quote, "set", {"customer_id": other})])
    assert firm.lab.refusals(moved)
    circle = type(commit)(
        "zhaolei", [Change("customer", gone, "set", {"merged_into": gone, "archived": True})]
    )  # fmt: skip
    assert firm.lab.refusals(circle)
    nowhere = type(commit)("zhaolei", [Change("customer", gone, "set", {"merged_into": UUID(int=5), "archived": True})])
    assert firm.lab.refusals(nowhere)
    half = type(commit)("zhaolei", [Change("customer", gone, "set", {"merged_into": other})])
    with pytest.raises(Refused):
        firm.lab.push(half)
