"""Delegations before the judge: made by their principal only, and a stand-in's decision counts while it holds, not a day longer."""

from __future__ import annotations

import datetime as dt
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from presales_desktop.models.approvals import decision_bytes
from presales_desktop.services import approvals, delegations, quotes
from presales_desktop.services.delegations import DelegationDraft
from presales_desktop.texts.lookup import sentence
from sync.ids import uuid7
from tests.server.conftest import Firm
from tests.server.lab import Change, Commit, Refused

DAY = dt.date(2026, 11, 24)


@pytest.fixture
def waiting(firm: Firm, quote: UUID) -> UUID:
    """A submitted quote."""
    firm.run("sales", quotes.do, quote, "submit", {})
    return quote


def wanted(firm: Firm, delegate: str = "wuting", *, days: int = 7, **more: Any) -> DelegationDraft:
    given = {
        "rights": ["quote.finance"],
        "from_day": DAY,
        "to_day": DAY + dt.timedelta(days=days - 1),
        "reason": "出差",
    }
    return DelegationDraft(delegate_id=firm.lab.ids[delegate], **{**given, **more})


def rulings(firm: Firm) -> list[tuple[bool, str]]:
    return [(r["effective"], r["reason"]) for r in firm.lab.all("ruling")]


def test_a_stand_ins_decision_takes_effect_and_names_both(firm: Firm, waiting: UUID) -> None:
    firm.run("finance", delegations.save, wanted(firm))
    firm.run("wuting", quotes.do, waiting, "approve", {})
    firm.run("sales_head", quotes.do, waiting, "approve", {})
    assert rulings(firm) == [(True, ""), (True, "")]
    assert firm.lab.row("quote", waiting)["state"] == "approved"
    row = next(d for d in firm.lab.all("decision") if d["step"] == "finance")
    assert (row["decided_by_name"], row["on_behalf_of_name"]) == ("吴婷", "周芳")
    assert {s.step: s.who for s in firm.lab.read("wangmin", quotes.show, waiting).approvals}[
        "finance"
    ] == "吴婷（代 周芳）"


def test_taken_back_while_the_decision_was_on_its_way_it_has_no_effect_and_says_why(firm: Firm, waiting: UUID) -> None:
    made = firm.run("finance", delegations.save, wanted(firm))
    offline = firm.lab.hold("wuting", quotes.do, waiting, "approve", {})
    firm.run("finance", delegations.revoke, made)
    firm.lab.push(offline)
    assert rulings(firm) == [(False, "ruling.no_mandate")]
    decision = firm.lab.all("ruling")[0]["decision_id"]
    for login in ("wangmin", "wuting"):
        found = firm.lab.read(login, approvals.rulings, [decision])[decision]
        assert "委托" in sentence(found.reason, found.values, kind="quote")
    firm.run("finance", quotes.do, waiting, "approve", {})
    assert rulings(firm)[-1] == (True, "")


@pytest.mark.parametrize(("later", "counts"), [(1, True), (3, True), (4, False)])
def test_made_on_the_last_day_it_may_arrive_a_little_later(firm: Firm, waiting: UUID, later: int, counts: bool) -> None:
    firm.run("finance", delegations.save, wanted(firm, days=1))
    offline = firm.lab.hold("wuting", quotes.do, waiting, "approve", {})
    firm.lab.now += dt.timedelta(days=later)
    firm.lab.push(offline)
    assert rulings(firm) == [(counts, "" if counts else "ruling.no_mandate")]


def test_only_the_principal_hands_over_and_what_was_made_is_never_changed(firm: Firm) -> None:
    honest = firm.lab.hold("zhoufang", delegations.save, wanted(firm))
    assert "judge.delegation" in firm.lab.refusals(
        honest.by("wuting").with_values("delegation", created_by=None, updated_by=None)
    )
    more = {**honest.of("delegation").values, "rights": ["quote.superior"]}
    assert firm.lab.refusals(honest.with_values("delegation", **more)) == ["delegation.not_yours"]
    seller = honest.with_values("delegation", delegate_id=firm.lab.ids["wangmin"])
    assert firm.lab.refusals(seller) == ["delegation.sees_too_little"]
    firm.lab.push(honest)
    made = honest.of("delegation").id
    for login, values in (
        ("zhoufang", {"to_day": DAY + dt.timedelta(days=900)}),
        ("wuting", {"revoked_at": firm.lab.now}),
        ("wuting", {"delegate_id": firm.lab.ids["fengrui"]}),
    ):
        assert firm.lab.refusals(Commit(login, [Change("delegation", made, "set", values)])), values
    assert firm.lab.refusals(Commit("zhoufang", [Change("delegation", made, "delete")])) == ["judge.no_delete"]
    firm.run("admin", delegations.revoke, made)
    back = Commit("zhoufang", [Change("delegation", made, "set", {"revoked_at": None})])
    assert firm.lab.refusals(back) == ["judge.delegation"]


def _forged(firm: Firm, waiting: UUID, login: str, principal: str, step: str = "finance") -> Commit:
    """A decision of LOGIN in PRINCIPAL's place as a tampered program signs it, with nothing handed over."""
    honest = firm.lab.hold("zhoufang", quotes.do, waiting, "approve", {}).of("decision").values
    me = firm.lab.ids[login]
    name = firm.lab.row("user", me)["name"]
    values = honest | {
        "decided_by": me, "decided_by_name": name, "step": step, "on_behalf_of": firm.lab.ids[principal],
        "on_behalf_of_name": firm.lab.row("user", firm.lab.ids[principal])["name"], "created_by": me, "updated_by": me,
    }  # fmt: skip
    values["signature"] = firm.lab.keys[login].sign(decision_bytes(SimpleNamespace(**values))).hex()
    return Commit(login, [Change("decision", uuid7(), "create", values)])


def test_a_place_that_nobody_gave_is_forged(firm: Firm, waiting: UUID) -> None:
    assert firm.lab.refusals(_forged(firm, waiting, "wuting", "zhoufang")) == ["judge.no_mandate"]
    firm.run("finance", delegations.save, wanted(firm))
    assert firm.lab.refusals(_forged(firm, waiting, "wuting", "zhaolei", "superior")) == ["judge.no_mandate"]
    honest = firm.lab.hold("wuting", quotes.do, waiting, "approve", {})
    # in whose place is signed, and by his name
    assert firm.lab.refusals(honest.with_values("decision", on_behalf_of=None, on_behalf_of_name="")) == [
        "judge.signature"
    ]
    assert firm.lab.refusals(honest.with_values("decision", on_behalf_of_name="冯锐")) == ["judge.decision_shape"]
    firm.lab.push(honest)


def test_one_person_does_not_take_both_steps_by_delegation(firm: Firm, waiting: UUID) -> None:
    firm.run("finance", delegations.save, wanted(firm, "fengrui"))
    firm.run("sales_head", delegations.save, wanted(firm, "fengrui", rights=["quote.superior"]))
    one = firm.lab.hold("fengrui", quotes.do, waiting, "approve", {"step": "finance"})
    two = firm.lab.hold("fengrui", quotes.do, waiting, "approve", {"step": "superior"})
    firm.lab.push(one)
    firm.lab.push(two)
    assert rulings(firm) == [(True, ""), (False, "ruling.same_person")]
    assert firm.lab.row("quote", waiting)["state"] == "submitted"


def test_an_author_is_not_helped_by_a_delegation(firm: Firm, waiting: UUID) -> None:
    """Who wrote it is refused in his own name as in any other: the seller cannot even be handed a decision."""
    with pytest.raises(Refused):
        firm.lab.push(_forged(firm, waiting, "wangmin", "zhoufang"))
