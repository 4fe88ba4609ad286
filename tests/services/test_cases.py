"""Cases: phase and next step from what they hold, rights, steps, lists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from presales_desktop.models.contracts import Contract
from presales_desktop.models.designs import Design
from presales_desktop.models.errors import (
    InputError,
    InvalidTransition,
    NotFound,
    PermissionDenied,
    UserError,
    ValidationError,
)
from presales_desktop.models.journal import Decision
from presales_desktop.models.quotes import Quote
from presales_desktop.models.surveys import Survey
from presales_desktop.services import cases, customers, timeline
from presales_desktop.services.cases import CaseDraft
from presales_desktop.services.customers import ContactDraft, CustomerDraft, SiteDraft
from presales_desktop.services.listing import ListQuery
from presales_desktop.services.work import Work
from tests.conftest import Clock

Run = Callable[..., Any]


@pytest.fixture
def customer(run: Run) -> UUID:
    """A customer of 王敏 with one contact and one site."""
    draft = run("sales", customers.new_draft, {})
    draft.name = "锦绣湾酒店"
    draft.contacts = [ContactDraft(name="林经理", phone="13900001111")]
    draft.sites = [SiteDraft(kind="site", label="一期", address="珠海市情侣路 1 号")]
    found: UUID = run("sales", customers.save, draft)
    return found


@pytest.fixture
def case(run: Run, customer: UUID) -> UUID:
    """A case of 王敏 with that customer."""
    draft = run("sales", cases.new_draft, {"customer_id": customer})
    draft.title, draft.expected_amount_fen = "锦绣湾大堂照明", 50_000_00
    found: UUID = run("sales", cases.save, draft)
    return found


def quote(work: Work, case_id: UUID, state: str, family: UUID | None = None, **more: Any) -> UUID:
    c = work.get(cases.Case, case_id)
    values = {"revision": 1, "total_fen": 1000, "tax_rate": Decimal("0.13")} | more
    one = Quote(
        number="BJ1", family_id=family or uuid4(), case_id=c.id, customer_id=c.customer_id, state=state, **values
    )
    return work.add(one).id


def test_a_new_case_takes_owner_and_site_from_its_customer(run: Run, customer: UUID) -> None:
    draft = run("sales", cases.new_draft, {"customer_id": customer})
    assert draft.site_id == run("sales", customers.show, customer).sites[0].id
    by_service = run("service", cases.new_draft, {"customer_id": customer})
    assert by_service.owner_id == draft.owner_id is not None


def test_the_case_page_shows_what_it_holds(run: Run, case: UUID) -> None:
    def fill(work: Work) -> None:
        c = work.get(cases.Case, case)
        base = {"case_id": c.id, "customer_id": c.customer_id}
        work.add(Survey(number="DY1", scene="酒店大堂", state="confirmed", **base))
        family = uuid4()
        work.add(Design(number="FA1", family_id=family, revision=1, title="大堂", state="superseded", **base))
        work.add(Design(number="FA1", family_id=family, revision=2, title="大堂", state="approved", **base))
        same = uuid4()
        quote(work, case, "superseded", same, revision=1, total_fen=1)
        quote(work, case, "sent", same, revision=2, total_fen=48_000_00, valid_until=dt.date(2026, 11, 25))

    run("sales", fill)
    whole = run("sales", cases.show, case)
    assert (whole.phase, whole.amount_fen, whole.number[:10]) == ("quote", 48_000_00, "XM20261123")
    assert sorted((i.kind, i.revision, i.state) for i in whole.items) == [
        ("design", 2, "approved"),
        ("quote", 2, "sent"),
        ("survey", 1, "confirmed"),
    ]
    assert whole.next is not None
    assert (whole.next.action, whole.next.due, whole.next_person) == ("ask_answer", dt.date(2026, 11, 25), "王敏")
    assert (whole.contact.name, whole.site) == ("林经理", "一期 珠海市情侣路 1 号")
    row = run("sales", cases.list_rows, ListQuery()).rows[0]
    assert (row.phase, row.next_action, row.next_due, row.amount_fen) == (
        "quote",
        "ask_answer",
        whole.next.due,
        48_000_00,
    )


def test_a_submitted_quote_waits_for_those_who_have_not_decided_this_content(
    run: Run, case: UUID, clock: Clock
) -> None:
    def fill(work: Work) -> UUID:
        one = quote(work, case, "submitted", content_hash="new")
        for content, step in (("old", "superior"), ("new", "finance")):
            work.add(
                Decision(
                    subject_kind="quote", subject_id=one, revision=1, content_hash=content, step=step, verdict="approve",
                    decided_by=work.actor.id, decided_by_name="x", decided_at=work.now, detail={},
                )
            )  # fmt: skip
        return one

    run("finance", fill)
    step = run("sales", cases.show, case).next
    assert (step.action, step.who) == ("approve_quote", "superior")
    clock.forward(days=9)
    assert run("sales", cases.show, case).next.overdue


def test_lists_filter_by_phase_owner_due_and_text(run: Run, case: UUID, customer: UUID, clock: Clock) -> None:
    late = run(
        "sales2",
        cases.save,
        CaseDraft(title="别墅改造", customer_id=customer, next_step="回访", next_due_on=dt.date(2026, 11, 20)),
    )
    quoted = run(
        "sales", cases.save, CaseDraft(title="全日餐厅", customer_id=customer, next_due_on=dt.date(2027, 3, 1))
    )
    run("sales", quote, quoted, "draft")
    lost = run("sales", cases.save, CaseDraft(title="健身房", customer_id=customer))
    run("sales", cases.do, lost, "lose", {"reason": "价格"})

    def ids(**query: Any) -> set[UUID]:
        filters = tuple((k, v) for k, v in query.pop("filters", {}).items())
        return {r.id for r in run("sales", cases.list_rows, ListQuery(filters=filters, **query)).rows}

    assert ids() == {case, late, quoted, lost}
    assert ids(filters={"owner": "me"}) == {case}
    assert ids(filters={"open": "yes"}) == {case, late, quoted}
    assert ids(filters={"phase": "lost"}) == {lost}
    assert ids(filters={"phase": "quote,inquiry"}) == {case, late, quoted}
    assert ids(filters={"phase": "quote"}) == {quoted}
    assert ids(filters={"due": "late"}) == {late}
    assert ids(filters={"due": "week"}) == {case, late}
    assert ids(filters={"due": "today", "phase": "quote"}) == set()
    assert ids(filters={"customer": "锦绣湾酒店"}) == ids(filters={"customer": str(customer)}) == ids()
    assert ids(search="餐厅") == {quoted}
    with pytest.raises(InputError, match=r"due_unknown"):
        ids(filters={"due": "someday"})


def test_phase_in_sql_says_the_same_as_the_rule(run: Run, customer: UUID) -> None:
    states = {
        Quote: ("draft", "sent", "superseded", "cancelled"),
        Contract: ("draft", "signed", "superseded"),
    }

    def fill(work: Work) -> None:
        for status in ("open", "paused", "won", "lost"):
            for q in states[Quote]:
                for k in states[Contract]:
                    c = work.add(cases.Case(number=f"{status}{q}{k}", title="x", customer_id=customer, status=status))
                    work.session.flush()
                    found = quote(work, c.id, q)
                    work.session.flush()
                    work.add(
                        Contract(
                            number="HT", family_id=uuid4(), title="x", case_id=c.id, customer_id=customer, quote_id=found,
                            state=k, parties={},
                        )
                    )  # fmt: skip

    run("sales", fill)
    rows = run("sales", cases.list_rows, ListQuery(limit=100)).rows
    assert len(rows) == 48
    for phase in {r.phase for r in rows}:
        by_sql = {r.id for r in run("sales", cases.list_rows, ListQuery(filters=(("phase", phase),), limit=100)).rows}
        assert by_sql == {r.id for r in rows if r.phase == phase}, phase


def test_steps_lead_from_state_to_state_with_reasons(run: Run, case: UUID) -> None:
    with pytest.raises(UserError, match=r"parameter_missing"):
        run("sales", cases.do, case, "lose", {"reason": "  "})
    run("sales", cases.do, case, "pause", {"reason": "客户装修延期"})
    assert run("sales", cases.show, case).phase == "paused"
    with pytest.raises(InvalidTransition):
        run("sales", cases.do, case, "win", {"reason": "x"})
    run("sales", cases.do, case, "resume", {})
    run("sales", cases.do, case, "lose", {"reason": "竞争对手价格更低"})
    whole = run("sales", cases.show, case)
    assert (whole.phase, whole.next, whole.outcome_reason) == ("lost", None, "竞争对手价格更低")
    assert whole.closed_at is not None
    run("sales", cases.do, case, "reopen", {"reason": "客户重新考虑"})
    whole = run("sales", cases.show, case)
    assert (whole.phase, whole.outcome_reason, whole.closed_at) == ("inquiry", "", None)
    actions = [(e.action, e.detail.get("reason")) for e in run("sales", timeline.of, "case", case)]
    assert actions[0] == ("reopened", "客户重新考虑")
    assert actions[-1][0] == "created"


def test_a_signed_contract_wins_the_case_for_good(run: Run, case: UUID, customer: UUID) -> None:
    def sign(work: Work) -> None:
        found = quote(work, case, "accepted")
        work.session.flush()
        work.add(
            Contract(
                number="HT1", family_id=uuid4(), title="合同", case_id=case, customer_id=customer, quote_id=found,
                state="signed", parties={}, total_fen=47_000_00,
            )
        )  # fmt: skip
        cases.contract_signed(work, case, "HT1-R1")

    run("sales", sign)
    whole = run("sales", cases.show, case)
    assert (whole.phase, whole.status, whole.amount_fen, whole.next) == ("won", "won", 47_000_00, None)
    with pytest.raises(UserError, match=r"case.signed"):
        run("sales", cases.do, case, "reopen", {"reason": "x"})


def test_rights(run: Run, case: UUID, customer: UUID) -> None:
    for who in ("finance", "design", "legal"):
        with pytest.raises(PermissionDenied):
            run(who, cases.save, CaseDraft(title="x", customer_id=customer))
        with pytest.raises(PermissionDenied):
            run(who, cases.do, case, "pause", {})
        assert run(who, cases.show, case).title
    with pytest.raises(PermissionDenied):
        run("sales2", cases.do, case, "lose", {"reason": "x"})
    with pytest.raises(PermissionDenied):
        run("sales", cases.do, case, "assign", {"owner": "liqiang"})
    run("sales_head", cases.do, case, "assign", {"owner": "liqiang"})
    assert run("sales", cases.show, case).owner == "李强"


def test_what_does_not_fit_together_is_refused(run: Run, case: UUID, customer: UUID) -> None:
    other = run("sales", customers.save, CustomerDraft(name="云境设计"))
    draft = run("sales", cases.load, case)
    draft.customer_id = other
    with pytest.raises(ValidationError) as caught:
        run("sales", cases.save, draft)
    assert caught.value.code == "case.site_other_customer"
    run("sales", quote, case, "draft")
    draft.site_id = None
    with pytest.raises(ValidationError) as caught:
        run("sales", cases.save, draft)
    assert caught.value.code == "case.customer_fixed"
    for values, code in (
        ({"title": ""}, "field.required"),
        ({"customer_id": None}, "field.required"),
        ({"customer_id": uuid4()}, "case.customer_unknown"),
        ({"designer_id": uuid4()}, "case.person_unknown"),
        ({"expected_amount_fen": -1}, "field.low"),
    ):
        with pytest.raises(ValidationError) as caught:
            run("sales", cases.save, CaseDraft(**({"title": "x", "customer_id": customer} | values)))
        assert caught.value.code == code
    with pytest.raises(NotFound):
        run("sales", cases.resolve, "XM404")


def test_the_pipeline_counts_open_cases_with_their_amounts(run: Run, case: UUID, customer: UUID) -> None:
    two = run("sales2", cases.save, CaseDraft(title="二", customer_id=customer))
    run("sales", quote, two, "sent", total_fen=7_00)
    gone = run("sales", cases.save, CaseDraft(title="三", customer_id=customer, expected_amount_fen=99))
    run("sales_head", cases.do, gone, "lose", {"reason": "x"})
    rows = {r.phase: (r.count, r.amount_fen) for r in run("sales", cases.pipeline)}
    assert rows == {
        "inquiry": (1, 50_000_00),
        "survey": (0, 0),
        "design": (0, 0),
        "quote": (1, 7_00),
        "contract": (0, 0),
    }
    assert sum(r.count for r in run("sales", cases.pipeline, mine=True)) == 1


def test_what_i_owe_comes_with_the_most_urgent_first(run: Run, case: UUID, customer: UUID) -> None:
    urgent = run("sales", cases.save, _mine(run, customer, "急", dt.date(2026, 11, 1)))
    run("sales2", cases.save, CaseDraft(title="别人的", customer_id=customer))
    assert [r.id for r in run("sales", cases.owed)] == [urgent, case]
    assert run("sales", cases.owed, limit=1)[0].overdue


def _mine(run: Run, customer: UUID, title: str, due: dt.date) -> CaseDraft:
    draft: CaseDraft = run("sales", cases.new_draft, {"customer_id": customer, "title": title})
    draft.next_due_on = due
    return draft
