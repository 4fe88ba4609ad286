"""Credit before the judge: grades are what their sheets come to, figures stay with those who hold them, nobody helps himself."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from presales_desktop.models import syncing
from presales_desktop.services import credit, credit_schemes, credit_steps
from presales_desktop.services.credit import StatementDraft
from tests.helpers.graded import GOOD, applied, assessed, graded
from tests.server.conftest import Firm
from tests.server.lab import Change, Commit

_RUN = "wuting"


def waiting(firm: Firm, answers: dict[str, Any] | None = None) -> UUID:
    """An application whose sheet is filled in."""
    credit_id = applied(firm.run, firm.world.customer)
    assessed(firm.run, credit_id, answers or GOOD, assessor=_RUN)
    return credit_id


def test_a_grade_is_what_the_sheet_comes_to(firm: Firm) -> None:
    honest = firm.lab.hold("wuting", credit_steps.grade, waiting(firm))
    assert firm.lab.refusals(honest) == []
    for values in ({"grade": "A"}, {"prepay_percent": 0}, {"valid_until": None}, {"content_hash": "0" * 64}):
        assert firm.lab.refusals(honest.with_values("credit", **values)), values
    for values in ({"limit_fen": 10**12}, {"score": 999}, {"frozen": "{}"}):
        assert firm.lab.refusals(honest.with_values("credit_sheet", **values)), values
    assert "judge.out_of_reach" in firm.lab.refusals(honest.by("wangmin"))
    assert "permission.role" in firm.lab.refusals(honest.by("fengrui"))
    firm.lab.push(honest)
    assert firm.lab.row("customer", firm.world.customer)["credit_grade"] == "B"


def test_nobody_writes_a_customers_grade_by_hand(firm: Firm) -> None:
    graded(firm.run, firm.world.customer, assessor=_RUN)
    forged = Commit("wangmin", [Change("customer", firm.world.customer, "set", {"credit_grade": "A"})])
    firm.lab.push(forged)
    assert firm.lab.row("customer", firm.world.customer)["credit_grade"] == "B"
    credit_id = next(r["id"] for r in firm.lab.all("credit"))
    direct = Commit("wangmin", [Change("credit", credit_id, "set", {"grade": "A", "prepay_percent": 0})])
    assert firm.lab.refusals(direct)


def test_figures_go_to_nobody_who_may_not_see_them(firm: Firm) -> None:
    graded(firm.run, firm.world.customer, assessor=_RUN)
    rows = {(kind, r["id"]): r for kind in syncing.MODELS for r in firm.lab.all(kind)}

    def lookup(kind: str, row_id: UUID) -> dict[str, Any] | None:
        return rows.get((kind, row_id))

    for kind in ("credit_sheet", "credit_statement"):
        found = firm.lab.all(kind)
        assert found
        assert {syncing.scope(kind, r["id"], r, lookup) for r in found} == {syncing.CREDIT}
    sheet = firm.lab.all("credit_sheet")[0]
    file = {"subject_kind": "credit_sheet", "subject_id": sheet["id"]}
    assert syncing.scope("attachment", UUID(int=1), file, lookup) == syncing.CREDIT
    for roles, sees in ((("sales",), False), (("legal",), False), (("sales_head",), False), (("credit",), True)):
        assert syncing.holds(syncing.grants(roles, active=True), syncing.CREDIT) is sees


def test_statements_and_score_cards_are_judged_as_in_the_window(firm: Firm) -> None:
    credit_id = applied(firm.run, firm.world.customer)
    draft = firm.run(_RUN, credit.load, credit_id)
    draft.statements = [StatementDraft(None, 2025, 100, 10, 50, 10, 10, 100, 20, 40, 5)]
    honest = firm.lab.hold(_RUN, credit.save, draft)
    assert firm.lab.refusals(honest) == []
    assert "credit.part_larger" in firm.lab.refusals(honest.with_values("credit_statement", inventory_fen=10**9))
    scheme = firm.run("management", credit_schemes.new_draft, {})
    made = firm.lab.hold("fengrui", credit_schemes.save, scheme)
    assert firm.lab.refusals(made) == []
    card = {**made.of("credit_scheme").values["card"], "weight_basics": 90}
    assert "credit.weights" in firm.lab.refusals(made.with_values("credit_scheme", card=card))
    assert "permission.role" in firm.lab.refusals(made.by("zhoufang"))


@pytest.mark.parametrize("who", ["zhoufang", "wuting"])
def test_an_applicant_assesses_nothing_of_his_own(firm: Firm, who: str) -> None:
    other = "wuting" if who == "zhoufang" else "zhoufang"
    own = applied(firm.run, firm.world.customer, seller=who)
    taken = firm.lab.hold(other, credit_steps.take, own)
    assert firm.lab.refusals(taken) == []
    forged = taken.with_values("credit", assessor_id=firm.lab.ids[who]).by(who)
    assert "credit.own" in firm.lab.refusals(forged)
