"""What a tampered client sends is refused, rule by rule; each begins with a commit of the real services that would have been taken."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from presales_desktop.models import canonical
from presales_desktop.models.permissions import Role
from presales_desktop.models.syncing import DOCUMENTS, REGISTRY
from presales_desktop.services import cases, catalogue_prices, customers, quotes, users
from presales_desktop.services.quote_drafts import QuoteLineDraft
from sync.ids import uuid7
from tests.server.conftest import Firm
from tests.server.lab import Change, Commit


def customer_edit(firm: Firm, login: str = "wangmin") -> Commit:
    def rename(work: Any) -> None:
        draft = customers.load(work, firm.world.customer)
        draft.short_name = "星河湾"
        customers.save(work, draft)

    return firm.lab.hold(login, rename)


def quote_edit(firm: Firm) -> Commit:
    def edit(work: Any) -> None:
        draft = quotes.load(work, firm.ids["draft"])
        draft.lines.append(QuoteLineDraft(name="辅材", unit_price_fen=100))
        quotes.save(work, draft)

    return firm.lab.hold("wangmin", edit)


def submit(firm: Firm) -> Commit:
    return firm.lab.hold("wangmin", quotes.do, firm.ids["draft"], "submit", {})


def approve(firm: Firm, login: str = "zhoufang") -> Commit:
    return firm.lab.hold(login, quotes.do, firm.ids["submitted"], "approve", {})


def setting(kind: str, row_id: UUID, **values: Any) -> Change:
    return Change(kind, row_id, "set", values)


def test_the_commits_that_are_tampered_with_below_are_taken_as_they_are(fixed: Firm) -> None:
    for commit in (customer_edit(fixed), quote_edit(fixed), submit(fixed), approve(fixed), approve(fixed, "zhaolei")):
        assert fixed.lab.refusals(commit) == []


def test_another_sellers_customer_is_out_of_reach(fixed: Firm) -> None:
    theirs = fixed.ids["theirs"]
    for change in (
        setting("customer", theirs, notes="抢单"),
        setting("customer", theirs, owner_id=fixed.lab.ids["wangmin"]),
        Change("contact", uuid7(), "create", {**_contact(theirs)}),
    ):
        assert fixed.lab.refusals(Commit("wangmin", [change])) == ["judge.out_of_reach"]


def _contact(customer: UUID) -> dict[str, Any]:
    return {
        "customer_id": customer, "name": "x", "title": "", "phone": "", "phone_key": "", "email": "", "wechat": "",
        "primary": False, "notes": "", "sort": 0,
    }  # fmt: skip


def test_nobody_takes_a_customer_over_without_the_right_to_assign(fixed: Firm) -> None:
    change = setting("customer", fixed.world.customer, owner_id=fixed.lab.ids["liqiang"])
    assert "permission.role" in fixed.lab.refusals(Commit("wangmin", [change]))
    assert fixed.lab.refusals(Commit("zhaolei", [change])) == []


def test_who_may_not_edit_does_not(fixed: Firm) -> None:
    assert "permission.role" in fixed.lab.refusals(customer_edit(fixed).by("zhengkai"))
    assert set(fixed.lab.refusals(quote_edit(fixed).by("zhoufang"))) & {"permission.role", "judge.forged_author"}


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("name", "", "field.required"),
        ("name", "长" * 300, "field.too_long"),
        ("importance", "huge", "field.choice"),
        ("number", "KH20261124-999", "judge.fixed"),
        ("uscc", "91440101MA5CXXXX3K", "customer.uscc"),
    ],
)
def test_values_are_asked_for_as_in_every_form(fixed: Firm, column: str, value: Any, code: str) -> None:
    found = fixed.lab.refusals(Commit("wangmin", [setting("customer", fixed.world.customer, **{column: value})]))
    assert found[0].startswith(code)


def test_a_cost_is_written_by_finance_and_by_nobody_else(fixed: Firm) -> None:
    entry = catalogue_prices.CostEntry(fixed.world.variants[0], 1, dt.date(2026, 11, 1))
    honest = fixed.lab.hold("zhoufang", catalogue_prices.set_costs, [entry])
    assert fixed.lab.refusals(honest) == []
    assert fixed.lab.refusals(honest.by("wangmin"))
    assert fixed.lab.refusals(honest.by("fengrui"))
    row = fixed.lab.all("variant_cost")[0]
    assert fixed.lab.refusals(Commit("zhoufang", [setting("variant_cost", row["id"], cost_fen=1)])) == ["judge.history"]
    kept = fixed.lab.all("quote_line_cost")[0]
    changed = Commit("zhoufang", [setting("quote_line_cost", kept["id"], unit_cost_fen=1)])
    assert fixed.lab.refusals(changed) == ["judge.history"]
    values = {"quote_id": kept["quote_id"], "line_id": kept["line_id"], "unit_cost_fen": 1, "source_id": None}
    again = Change("quote_line_cost", uuid7(), "create", values)
    assert fixed.lab.refusals(Commit("zhoufang", [again])) == ["quote.cost_known"]
    assert fixed.lab.refusals(Commit("wangmin", [again])) == ["judge.out_of_reach"]


@pytest.mark.parametrize("state", ["approved", "sent", "accepted", "returned", "rejected", "superseded", "expired"])
def test_no_state_is_jumped_to(fixed: Firm, state: str) -> None:
    for quote in ("draft", "submitted"):
        change = setting("quote", fixed.ids[quote], state=state)
        assert "judge.state_jump" in fixed.lab.refusals(Commit("wangmin", [change]))


def test_what_was_submitted_is_frozen(fixed: Firm) -> None:
    quote = fixed.ids["submitted"]
    line = fixed.lab.all("quote_line", quote_id=quote)[1]
    for change in (
        setting("quote_line", line["id"], unit_price_fen=1),
        setting("quote_line", line["id"], sort=99),
        Change("quote_line", line["id"], "delete"),
        setting("quote", quote, delivery="明天"),
        setting("quote", quote, owner_id=fixed.lab.ids["liqiang"]),
    ):
        assert "quote.frozen" in fixed.lab.refusals(Commit("wangmin", [change]))
    for change in (setting("quote", quote, frozen="{}"), setting("quote", quote, content_hash="0" * 64)):
        assert fixed.lab.refusals(Commit("wangmin", [change]))


def test_the_submitted_content_is_what_its_rows_say(fixed: Firm) -> None:
    honest = submit(fixed)
    text = honest.of("quote").values["frozen"]
    cheap = text.replace("12800", "128")
    assert cheap != text
    assert fixed.lab.refusals(honest.with_values("quote", frozen=cheap)) == ["judge.hash"]
    forged = honest.with_values("quote", frozen=cheap, content_hash=canonical.sha256(cheap))
    assert fixed.lab.refusals(forged) == ["judge.content_differs"]
    line = fixed.lab.all("quote_line", quote_id=fixed.ids["draft"])[1]
    late = honest.plus(setting("quote_line", line["id"], unit_price_fen=1))
    assert "judge.content_differs" in fixed.lab.refusals(late)
    assert "judge.forged_author" in fixed.lab.refusals(honest.with_values("quote", submitted_by=uuid7()))


def test_a_submission_is_frozen_in_the_newest_format(fixed: Firm) -> None:
    """The first format says nothing of tax rates of lines, currencies' rates and pieces: an approval of it would not bind them."""
    honest = submit(fixed)
    found = json.loads(honest.of("quote").values["frozen"])
    for name in ("exchange", "paper"):
        del found[name]
    del found["tax"]["shares"]
    for line in found["lines"]:
        for name in ("customer_code", "tax_rate", "pieces", "counted"):
            del line[name]
    text = canonical.text(found | {"format": "presales.quote/1"})
    forged = honest.with_values("quote", frozen=text, content_hash=canonical.sha256(text))
    assert "judge.content_differs" in fixed.lab.refusals(forged)


def test_kinds_and_taxes_are_judged_as_on_the_laptop(fixed: Firm) -> None:
    honest = submit(fixed)
    assert "quote.tax_unknown" in fixed.lab.refusals(
        honest.plus(setting("quote", fixed.ids["draft"], tax_rate=Decimal("0.16")))
    )
    line = next(row for row in fixed.lab.all("quote_line", quote_id=fixed.ids["draft"]) if row["type"] == "item")
    alone = honest.plus(setting("quote_line", line["id"], type="component"))
    assert "quote.component_alone" in fixed.lab.refusals(alone)


def test_a_seller_cannot_write_an_approval(fixed: Firm) -> None:
    honest = approve(fixed)
    assert "judge.forged_author" in fixed.lab.refusals(honest.by("wangmin"))
    mine = honest.of("decision").values | {
        "decided_by": fixed.lab.ids["liqiang"], "decided_by_name": "李强",
    }  # fmt: skip
    forged = _signed(fixed, "liqiang", mine)
    assert "judge.out_of_reach" in fixed.lab.refusals(forged)
    own = _signed(fixed, "chenjing", mine | {"decided_by": fixed.lab.ids["chenjing"], "decided_by_name": "陈静"})
    assert fixed.lab.refusals(own) == ["permission.role"]


def _signed(firm: Firm, login: str, values: dict[str, Any]) -> Commit:
    from types import SimpleNamespace

    from presales_desktop.models.approvals import decision_bytes

    stamps = {"created_by": firm.lab.ids[login], "updated_by": firm.lab.ids[login]}
    signature = firm.lab.keys[login].sign(decision_bytes(SimpleNamespace(**values))).hex()
    return Commit(login, [Change("decision", uuid7(), "create", {**values, **stamps, "signature": signature})])


def test_nobody_approves_his_own_quote(fixed: Firm) -> None:
    values = approve(fixed).of("decision").values
    mine = {"decided_by": fixed.lab.ids["wangmin"], "decided_by_name": "王敏", "step": "superior"}
    assert fixed.lab.refusals(_signed(fixed, "wangmin", values | mine)) == ["approval.author"]


@pytest.mark.parametrize(
    "tampered",
    [
        {"comment": "改了"}, {"verdict": "reject", "comment": "x"}, {"step": "superior"}, {"revision": 2},
        {"content_hash": "0" * 64}, {"decided_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}, {"signature": ""},
        {"signature": "00" * 64}, {"signature": "no hex"},
    ],
)  # fmt: skip
def test_a_signature_covers_the_whole_decision(fixed: Firm, tampered: dict[str, Any]) -> None:
    assert fixed.lab.refusals(approve(fixed).with_values("decision", **tampered)) == ["judge.signature"]


def test_a_decision_of_another_device_is_forged(fixed: Firm) -> None:
    from types import SimpleNamespace

    from presales_desktop.models.approvals import decision_bytes

    values = approve(fixed).of("decision").values
    stranger = fixed.lab.keys["wangmin"].sign(decision_bytes(SimpleNamespace(**values))).hex()
    assert fixed.lab.refusals(approve(fixed).with_values("decision", signature=stranger)) == ["judge.signature"]


def test_history_is_neither_changed_nor_made_up(fixed: Firm) -> None:
    event = fixed.lab.all("audit_event")[-1]
    assert fixed.lab.refusals(Commit("wangmin", [Change("audit_event", event["id"], "delete")]))
    alone = Commit("wangmin", [c for c in customer_edit(fixed).changes if c.kind == "audit_event"])
    assert fixed.lab.refusals(alone) == ["judge.event_alone"]
    honest = customer_edit(fixed)
    assert "judge.forged_author" in fixed.lab.refusals(honest.with_values("audit_event", actor_name="冯锐"))
    other = honest.with_values("audit_event", customer_id=fixed.ids["theirs"])
    assert set(fixed.lab.refusals(other)) & {"judge.other_customer", "judge.out_of_reach"}
    untrue = quote_edit(fixed).plus(
        Change("audit_event", uuid7(), "create", _event(fixed, "approved", fixed.ids["draft"]))
    )
    assert "judge.event_untrue" in fixed.lab.refusals(untrue)


def _event(firm: Firm, action: str, quote: UUID) -> dict[str, Any]:
    row = firm.lab.row("quote", quote)
    return {
        "at": firm.lab.now, "actor_id": firm.lab.ids["wangmin"], "actor_name": "王敏", "subject_kind": "quote",
        "subject_id": quote, "subject_title": "", "action": action, "detail": {}, "customer_id": row["customer_id"],
        "case_id": row["case_id"],
    }  # fmt: skip


def test_authors_are_not_made_up(fixed: Firm) -> None:
    def make(work: Any) -> None:
        draft = customers.new_draft(work, {})
        draft.name = "东莞松山湖酒店有限公司"
        customers.save(work, draft)

    honest = fixed.lab.hold("wangmin", make)
    assert fixed.lab.refusals(honest) == []
    assert "judge.forged_author" in fixed.lab.refusals(
        honest.with_values("customer", created_by=fixed.lab.ids["liqiang"])
    )
    assert "judge.not_initial" in fixed.lab.refusals(honest.with_values("customer", archived=True))


def test_what_is_not_approved_is_not_recorded_as_sent(fixed: Firm) -> None:
    quote = fixed.lab.row("quote", fixed.ids["submitted"])
    now, me = fixed.lab.now, fixed.lab.ids["wangmin"]
    record = {
        "subject_kind": "quote", "subject_id": quote["id"], "revision": 1, "content_hash": quote["content_hash"],
        "file_sha256": "a" * 64, "via": "email", "recipient": "x@example.com", "sent_at": now, "sent_by": me,
    }  # fmt: skip
    sent = Change("send_record", uuid7(), "create", record)
    assert "quote.not_approved" in fixed.lab.refusals(Commit("wangmin", [sent]))
    moved = Commit("wangmin", [sent, setting("quote", quote["id"], state="sent")])
    assert "judge.state_jump" in fixed.lab.refusals(moved)


def test_nobody_gives_himself_roles(fixed: Firm) -> None:
    def promote(work: Any, login: str) -> None:
        draft = users.load(work, fixed.lab.ids[login])
        draft.roles = [*draft.roles, Role.FINANCE.value]
        users.save(work, draft)

    assert fixed.lab.refusals(fixed.lab.hold("zhengkai", promote, "hemei")) == []
    assert "judge.own_roles" in fixed.lab.refusals(fixed.lab.hold("zhengkai", promote, "zhengkai"))
    honest = fixed.lab.hold("zhengkai", promote, "wangmin")
    assert "permission.role" in fixed.lab.refusals(Commit("wangmin", [c for c in honest.changes if c.kind == "user"]))


def test_only_the_server_rules(fixed: Firm) -> None:
    for kind in ("ruling", "quote_light", "file_receipt"):
        values = {c.name: None for c in REGISTRY[kind].table.columns} | {
            "subject_kind": "quote", "subject_id": fixed.ids["submitted"], "quote_id": fixed.ids["submitted"],
        }  # fmt: skip
        if kind == "file_receipt":
            values["scope"] = "org"  # in everybody's reach: that it is the server's to write is what is refused
        found = fixed.lab.refusals(Commit("zhoufang", [Change(kind, uuid7(), "create", values)]))
        assert found == ["judge.server_only"]
    assert fixed.lab.refusals(Commit("wangmin", [setting("quote", fixed.ids["submitted"], stale=True)]))


def test_records_are_not_deleted(fixed: Firm) -> None:
    for kind in ("customer", "case", "product", "price", "user", *DOCUMENTS):
        rows = fixed.lab.all(kind)
        for row in rows[:1]:
            assert fixed.lab.refusals(Commit("zhengkai", [Change(kind, row["id"], "delete")]))
            assert fixed.lab.refusals(Commit("zhaolei", [Change(kind, row["id"], "delete")]))


def test_somebody_who_has_left_sends_nothing(fixed: Firm) -> None:
    held = customer_edit(fixed)

    def leave(work: Any) -> None:
        draft = users.load(work, fixed.lab.ids["wangmin"])
        draft.active = False
        users.save(work, draft)

    gone = fixed.lab.hold("zhengkai", leave)
    # in one transaction that is taken back: the module's firm stays as it is
    from sqlalchemy.orm import Session

    with Session(fixed.lab.engine, autoflush=False) as session:
        judged = fixed.lab._judged(session, gone)
        verdict = fixed.lab.domain.judge(session, fixed.lab._context(gone), judged)
        fixed.lab._write(session, judged, verdict, fixed.lab.ids["zhengkai"])
        changes = fixed.lab._judged(session, held)
        refused = fixed.lab.domain.judge(session, fixed.lab._context(held), changes)
        assert fixed.lab.domain.grants(session, fixed.lab.ids["wangmin"]) == frozenset()
        session.rollback()
    assert [r.code for r in refused.refusals] == ["judge.who"]


def test_a_case_is_not_put_on_another_sellers_customer(fixed: Firm) -> None:
    def move(work: Any) -> None:
        draft = cases.load(work, fixed.world.case)
        draft.notes = "x"
        cases.save(work, draft)

    honest = fixed.lab.hold("wangmin", move)
    assert fixed.lab.refusals(honest) == []
    assert "judge.out_of_reach" in fixed.lab.refusals(honest.with_values("case", customer_id=fixed.ids["theirs"]))
