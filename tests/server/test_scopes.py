"""Who holds what: grants as business.md 3.3 has them, scopes that follow their whole, and who is asked anew after a change."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from presales_desktop.models import syncing
from presales_desktop.models.permissions import RIGHTS, Role
from presales_desktop.services import cases, customers, quotes, users
from sync.ids import uuid7
from sync.server.domain import Judged
from tests.server.conftest import Firm
from tests.server.lab import Change, Commit


def test_costs_and_floors_are_granted_to_exactly_the_holders_of_their_rights() -> None:
    for role in Role:
        held = syncing.grants([role.value], active=True)
        assert (syncing.COST in held) == (role in RIGHTS["cost.view"])
        assert (syncing.FLOOR in held) == (role in RIGHTS["price.floor"])
        assert (syncing.EVERY_CUSTOMER in held) == (role not in (Role.SALES, Role.ADMIN))
        assert syncing.grants([role.value], active=False) == frozenset()


def test_every_kind_is_shared_and_every_column_of_it_known() -> None:
    for name, columns in (*syncing.FIXED.items(), *syncing.STEPPED.items(), *syncing.DERIVED.items()):
        assert set(columns) <= set(syncing.REGISTRY[name].table.columns.keys()), name
    for kind in syncing.REGISTRY:
        for group in kind.groups:
            assert set(group) <= set(kind.columns), kind.name
        if kind.name not in syncing.APPEND_ONLY:
            assert kind.numbered, kind.name


def test_a_seller_holds_his_own_customers_and_a_superior_those_of_his_people(fixed: Firm) -> None:
    mine, theirs = syncing.of_customer(fixed.world.customer), syncing.of_customer(fixed.ids["theirs"])
    assert fixed.lab.grants("wangmin") == {"org", mine}
    assert fixed.lab.grants("liqiang") == {"org", theirs}
    assert fixed.lab.grants("zhaolei") == {"org", "floor", "c:*"}
    assert fixed.lab.grants("zhoufang") == {"org", "cost", "credit", "floor", "c:*"}
    assert fixed.lab.grants("chenjing") == {"org", "c:*"}


def test_what_is_handed_over_leaves_the_one_and_reaches_the_other(firm: Firm) -> None:
    scope = syncing.of_customer(firm.world.customer)
    late = firm.lab.hold("wangmin", customers.do, firm.world.customer, "archive", {})
    handed = firm.lab.hold("zhaolei", customers.do, firm.world.customer, "assign", {"owner": "liqiang"})
    judged = firm.lab.ask(handed)[1]
    firm.lab.push(handed)
    # the case is still his, so the customer is, too
    assert scope in firm.lab.grants("wangmin")
    firm.run("sales_head", cases.do, firm.world.case, "assign", {"owner": "liqiang"})
    assert scope not in firm.lab.grants("wangmin")
    assert scope in firm.lab.grants("liqiang")
    assert set(firm.lab.refusals(late)) == {"judge.out_of_reach"}
    again = _regrants(firm, judged)
    assert {firm.lab.ids[n] for n in ("wangmin", "liqiang", "zhaolei")} <= again
    assert firm.lab.ids["zhoufang"] not in again


def _regrants(firm: Firm, judged: list[Judged]) -> frozenset[UUID]:
    from sqlalchemy.orm import Session

    with Session(firm.lab.engine) as session:
        return firm.lab.domain.regrants(session, judged)


def test_new_roles_ask_for_grants_anew(fixed: Firm) -> None:
    def promote(work: Any) -> None:
        draft = users.load(work, fixed.lab.ids["wangmin"])
        draft.roles = [Role.FINANCE.value]
        users.save(work, draft)

    judged = fixed.lab.ask(fixed.lab.hold("zhengkai", promote))[1]
    assert fixed.lab.ids["wangmin"] in _regrants(fixed, judged)


def test_parts_follow_a_draft_to_another_customer(firm: Firm, quote: UUID) -> None:
    draft = firm.run("sales", customers.new_draft, {})
    draft.name = "中山小榄家居广场有限公司"
    other = firm.run("sales", customers.save, draft)
    case = firm.run("sales", cases.new_draft, {"customer_id": other})
    case.title = "小榄展厅"
    case_id = firm.run("sales", cases.save, case)

    def move(work: Any) -> None:
        loaded = quotes.load(work, quote)
        loaded.case_id, loaded.contact_id = case_id, None
        quotes.save(work, loaded)

    commit = firm.lab.hold("wangmin", move)
    verdict, _ = firm.lab.ask(commit)
    assert verdict.refusals == []
    assert isinstance(other, UUID)
    assert verdict.scopes["quote", quote] == syncing.of_customer(other)
    lines = {row["id"] for row in firm.lab.all("quote_line", quote_id=quote)}
    assert {row_id for (kind, row_id) in verdict.amendments if kind == "quote_line"} == lines


@pytest.mark.parametrize(
    ("kind", "scope"),
    [
        ("variant_cost", "cost"),
        ("quote_line_cost", "cost"),
        ("quote_light", "floor"),
        ("product", "org"),
        ("user", "org"),
    ],
)
def test_rows_of_their_own_scope(fixed: Firm, kind: str, scope: str) -> None:
    from sqlalchemy.orm import Session

    rows = fixed.lab.all(kind)
    assert rows
    with Session(fixed.lab.engine) as session:
        for row in rows:
            assert fixed.lab.domain.scope(session, kind, row["id"], row) == scope


def test_all_that_hangs_on_a_customer_has_his_scope(fixed: Firm) -> None:
    from sqlalchemy.orm import Session

    wanted = syncing.of_customer(fixed.world.customer)
    rows = [(kind, row) for kind in ("case", "contact", "quote", "quote_line") for row in fixed.lab.all(kind)]
    events = [e for e in fixed.lab.all("audit_event") if e["subject_kind"] == "quote"]
    with Session(fixed.lab.engine) as session:
        for kind, row in rows:
            assert fixed.lab.domain.scope(session, kind, row["id"], row) == wanted
        assert {fixed.lab.domain.scope(session, "audit_event", e["id"], e) for e in events} == {wanted}


def test_no_row_names_another_customers(fixed: Firm) -> None:
    contact = {
        "customer_id": fixed.world.customer, "name": "x", "title": "", "phone": "", "phone_key": "", "email": "",
        "wechat": "", "primary": False, "notes": "", "sort": 0,
    }  # fmt: skip
    made = Change("contact", uuid7(), "create", {**contact, "customer_id": fixed.ids["theirs"]})
    used = Change("quote", fixed.ids["draft"], "set", {"contact_id": made.id})
    found = fixed.lab.refusals(Commit("zhaolei", [made, used]))
    assert found == ["judge.other_customer"]
