"""Contracts on a real database: only from an accepted quote (I12), three approvals on one hash (I13), frozen, revised, signed."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from presales_desktop.models.approvals import Choice, Outcome
from presales_desktop.models.contracts import Clause, ClauseDraft, Contract
from presales_desktop.models.credit import CreditApplication
from presales_desktop.models.errors import (
    ConflictError,
    InvalidTransition,
    NotFound,
    PermissionDenied,
    UserError,
    ValidationError,
)
from presales_desktop.services import (
    cases,
    clauses,
    contract_steps,
    contracts,
    contracts_from,
    plain,
    quote_steps,
    timeline,
)
from presales_desktop.services.listing import ListQuery
from presales_desktop.services.work import Work
from tests.conftest import Clock
from tests.helpers.accepted_quotes import PDF, accepted_quote, draft_quote

Run = Callable[..., Any]


@pytest.fixture
def quote_id(run: Run) -> UUID:
    return accepted_quote(run)


def make(work: Work, quote_id: UUID) -> UUID:
    return contracts.save(work, contracts.new_draft(work, {"quote_id": quote_id}))


@pytest.fixture
def contract_id(run: Run, quote_id: UUID) -> UUID:
    return run("sales", make, quote_id)


def approve_all(run: Run, contract_id: UUID) -> None:
    for who in ("legal", "sales_head", "finance"):
        run(who, contract_steps.decide, contract_id, Choice.APPROVE)


@pytest.fixture
def approved(run: Run, contract_id: UUID) -> UUID:
    run("sales", contract_steps.submit, contract_id)
    approve_all(run, contract_id)
    return contract_id


def code_of(action: Callable[[], Any]) -> str:
    with pytest.raises(UserError) as error:
        action()
    return error.value.code


def test_draft_takes_goods_total_parties_and_terms_from_the_accepted_quote(run: Run, quote_id: UUID) -> None:
    draft = run("sales", contracts.new_draft, {"quote_id": str(quote_id)})
    assert draft.total_fen == 2_560_000
    assert (draft.buyer_name, draft.buyer_address) == (
        "广州天河云栖酒店管理有限公司",
        "广东省广州市天河区体育西路 191 号",
    )
    assert (draft.seller_name, draft.seller_legal_representative) == ("中山市灯港照明科技有限公司", "冯锐")
    assert draft.sign_place == "广东省中山市"
    subject = run("sales", contracts_from.subject_of, quote_id)
    assert [(g.model, g.quantity) for g in subject.goods] == [("DG-DL-001", 10), ("DG-DL-002", 10)], "no option in it"
    assert "installation" not in [c.key for c in draft.clauses]


def test_installation_in_the_quote_brings_its_clause(run: Run) -> None:
    quote_id = accepted_quote(run, installation_fen=50_000)
    draft = run("sales", contracts.new_draft, {"quote_id": quote_id})
    assert "installation" in [c.key for c in draft.clauses]


def test_no_contract_without_an_accepted_quote(run: Run) -> None:
    quote_id = run("sales", draft_quote)
    assert code_of(lambda: run("sales", make, quote_id)) == "quote.not_accepted"
    run("sales", quote_steps.submit, quote_id)
    run("finance", quote_steps.decide, quote_id, Choice.APPROVE)
    assert code_of(lambda: run("sales", make, quote_id)) == "quote.not_accepted"
    with pytest.raises(ValidationError) as error:
        run("sales", contracts.save, run("sales", contracts.new_draft, {}))
    assert error.value.code == "contract.quote_missing"


def test_no_contract_from_an_expired_quote_neither_made_nor_submitted(
    run: Run, quote_id: UUID, contract_id: UUID, clock: Clock
) -> None:
    clock.forward(days=31)
    assert code_of(lambda: run("sales", contract_steps.submit, contract_id)) == "quote.expired"
    run("sales", contract_steps.cancel, contract_id, {"reason": "过期"})
    assert code_of(lambda: run("sales", make, quote_id)) == "quote.expired"


def test_one_live_contract_per_quote(run: Run, quote_id: UUID, contract_id: UUID) -> None:
    assert code_of(lambda: run("sales", make, quote_id)) == "contract.quote_used"
    run("sales", contracts.do, contract_id, "cancel", {"reason": "重做"})
    assert run("sales", make, quote_id) != contract_id


def test_what_the_quote_says_cannot_be_changed_by_a_form(run: Run, contract_id: UUID) -> None:
    draft = run("sales", contracts.load, contract_id)
    draft.total_fen, draft.buyer_name, draft.quote_id = 1, "别的公司", None
    run("sales", contracts.save, draft)
    again = run("sales", contracts.load, contract_id)
    assert (again.total_fen, again.buyer_name) == (2_560_000, "广州天河云栖酒店管理有限公司")
    assert again.quote_id is not None


def test_clauses_are_reordered_rewritten_added_and_removed(run: Run, contract_id: UUID) -> None:
    draft = run("sales", contracts.load, contract_id)
    first = draft.clauses.pop(0)
    draft.clauses.append(first)
    draft.clauses[0].body = "改写后的内容。"
    draft.clauses.insert(1, ClauseDraft(heading="样板间", body="先做样板间。"))
    removed = draft.clauses.pop(2)
    run("sales", contracts.save, draft)
    again = run("sales", contracts.load, contract_id).clauses
    assert [c.heading for c in again] == [c.heading for c in draft.clauses]
    assert again[0].body == "改写后的内容。"
    assert removed.heading not in [c.heading for c in again]


def test_deposit_over_a_fifth_is_not_even_saved(run: Run, contract_id: UUID) -> None:
    draft = run("sales", contracts.load, contract_id)
    draft.deposit_fen = 512_001
    with pytest.raises(ValidationError) as error:
        run("sales", contracts.save, draft)
    assert (error.value.code, error.value.field) == ("contract.deposit_over", "deposit_fen")
    draft.deposit_fen = 512_000
    run("sales", contracts.save, draft)


def test_submit_lists_everything_that_is_missing_and_changes_nothing(run: Run, contract_id: UUID) -> None:
    draft = run("sales", contracts.load, contract_id)
    draft.clauses = [c for c in draft.clauses if c.part not in ("quality", "disputes")]
    draft.buyer_address = ""
    run("sales", contracts.save, draft)
    with pytest.raises(ValidationError) as error:
        run("sales", contract_steps.submit, contract_id)
    assert [p.code for p in error.value.problems] == [
        "contract.part_parties_missing", "contract.part_quality_missing", "contract.part_disputes_missing",
    ]  # fmt: skip
    shown = run("sales", contracts.show, contract_id)
    assert (shown.state, shown.content_hash) == ("draft", "")
    assert [p.part for p in shown.parts if not p.present] == ["parties", "quality", "disputes"]


def test_submitted_content_is_frozen_for_services_and_for_the_database(run: Run, contract_id: UUID) -> None:
    made = run("sales", contract_steps.submit, contract_id)
    draft = run("sales", contracts.load, contract_id)
    draft.title = "想改"
    assert code_of(lambda: run("sales", contracts.save, draft)) == "contract.frozen"
    for sql in (
        "UPDATE contract SET frozen = 'x'",
        "UPDATE contract SET content_hash = 'x'",
        "UPDATE contract_clause SET body = 'x'",
        "DELETE FROM contract_clause",
    ):
        with pytest.raises(IntegrityError, match="frozen"):
            run("sales", lambda work, sql=sql: work.session.execute(text(sql)))
    content = json.loads(run("sales", lambda work: work.get(Contract, contract_id).frozen))
    assert content["totals"]["gross"] == 2_560_000
    assert "人民币贰万伍仟陆佰元整" in "".join(c["body"] for c in content["clauses"])
    assert run("sales", contracts.show, contract_id).content_hash == made


def test_three_departments_decide_on_one_hash_in_any_order(run: Run, contract_id: UUID) -> None:
    made = run("sales", contract_steps.submit, contract_id)
    assert run("finance", contract_steps.decide, contract_id, Choice.APPROVE, seen_hash=made) is Outcome.WAITING
    assert run("legal", contract_steps.decide, contract_id, Choice.APPROVE) is Outcome.WAITING
    assert code_of(lambda: run("finance", contract_steps.decide, contract_id, Choice.APPROVE)) == "approval.decided"
    assert run("sales_head", contract_steps.decide, contract_id, Choice.APPROVE) is Outcome.APPROVED
    shown = run("sales", contracts.show, contract_id)
    assert shown.state == "approved"
    assert {(d.step, d.by) for d in shown.decisions} == {("finance", "周芳"), ("legal", "郑凯"), ("sales", "赵磊")}
    assert all(d.bound for d in shown.decisions)


def test_neither_author_nor_outsider_decides_and_nobody_twice(run: Run, quote_id: UUID) -> None:
    # the head of sales writes it himself: then he may not be its sales reviewer
    contract_id = run("sales_head", make, quote_id)
    run("sales_head", contract_steps.submit, contract_id)
    for who in ("sales_head", "design", "sales2"):
        with pytest.raises(PermissionDenied):
            run(who, contract_steps.decide, contract_id, Choice.APPROVE)
    run("manager", contract_steps.decide, contract_id, Choice.APPROVE)
    with pytest.raises((PermissionDenied, UserError)):
        run("manager", contract_steps.decide, contract_id, Choice.APPROVE)
    assert run("sales", contracts.show, contract_id).state == "submitted"


def test_a_decider_who_saw_another_content_is_stopped(run: Run, contract_id: UUID) -> None:
    run("sales", contract_steps.submit, contract_id)
    seen = lambda: run("legal", contract_steps.decide, contract_id, Choice.APPROVE, seen_hash="00" * 32)  # noqa: E731
    assert code_of(seen) == "approval.content_changed"


def test_returning_needs_a_reason_and_leads_to_the_next_revision_without_approvals(run: Run, contract_id: UUID) -> None:
    run("sales", contract_steps.submit, contract_id)
    run("finance", contract_steps.decide, contract_id, Choice.APPROVE)
    with pytest.raises(ValidationError) as error:
        run("legal", contract_steps.decide, contract_id, Choice.RETURN)
    assert error.value.code == "approval.comment_required"
    run("legal", contract_steps.decide, contract_id, Choice.RETURN, comment="争议解决改仲裁")
    assert run("sales", contracts.show, contract_id).state == "returned"
    second = run("sales", contracts.do, contract_id, "revise", {})
    shown = run("sales", contracts.show, second)
    assert (shown.revision, shown.state, shown.number) == (2, "draft", "HT20261123-001")
    assert [s.verdict for s in shown.steps] == [None, None, None]
    assert [(d.verdict, d.revision, d.bound) for d in shown.decisions] == [("return", 1, False), ("approve", 1, False)]
    assert code_of(lambda: run("sales", contract_steps.revise, contract_id)) == "contract.newer_open"
    run("sales", contract_steps.submit, second)
    approve_all(run, second)
    assert run("sales", contracts.show, contract_id).state == "returned"
    assert [r.id for r in run("sales", contracts.list_rows, ListQuery(filters=(("latest", "1"),))).rows] == [second]


def test_no_signature_without_all_three_approvals_on_the_same_content(run: Run, contract_id: UUID) -> None:
    send = lambda: run("sales", contract_steps.send, contract_id, "print", "林晓", PDF)  # noqa: E731
    assert code_of(send) == "contract.not_approved"
    run("sales", contract_steps.submit, contract_id)
    run("legal", contract_steps.decide, contract_id, Choice.APPROVE)
    run("finance", contract_steps.decide, contract_id, Choice.APPROVE)
    assert code_of(send) == "contract.not_approved"

    def force(work: Work) -> None:
        work.get(Contract, contract_id).state = "approved"

    run("sales", force)
    assert code_of(send) == "contract.not_approved", "the state alone opens nothing (I13)"


def test_an_approved_contract_whose_parties_were_altered_does_not_go_out(run: Run, approved: UUID) -> None:
    def alter(work: Work) -> None:
        contract = work.get(Contract, approved)
        contract.parties = contract.parties | {"seller": contract.parties["seller"] | {"account": "6222 0000"}}

    run("sales", alter)
    assert code_of(lambda: run("sales", contract_steps.send, approved, "print", "", PDF)) == "contract.altered"


def test_sent_and_signed_are_recorded_and_then_nothing_changes_any_more(run: Run, approved: UUID, clock: Clock) -> None:
    run("sales", contract_steps.send, approved, "wechat", "林晓", PDF)
    clock.forward(days=3)
    for day in (dt.date(2026, 11, 22), dt.date(2026, 11, 27)):
        with pytest.raises(ValidationError) as error:
            run("sales", contract_steps.sign, approved, on=day, by="陈总")
        assert error.value.code == "contract.sign_day"
    run("sales", contract_steps.sign, approved, on=dt.date(2026, 11, 25), by="陈总", scan=("签字页.pdf", PDF))
    shown = run("sales", contracts.show, approved)
    assert (shown.state, shown.signed_on, shown.signed_by) == ("signed", dt.date(2026, 11, 25), "陈总")
    assert [f.role for f in shown.files] == ["sent", "scan"]
    for action in ("revise", "cancel", "send", "submit"):
        with pytest.raises(InvalidTransition):
            run("sales", contracts.do, approved, action, {"reason": "x"})
    case = run("sales", cases.show, shown.case_id)
    assert (case.status, case.phase, case.next) == ("won", "won", None)
    won = run("sales", timeline.of, "case", shown.case_id)[0]
    assert (won.kind, won.action, won.detail["note"]) == ("case", "won", f"{shown.number}-R1")
    actions = [e.action for e in run("sales", timeline.of, "contract", approved)]
    assert actions[:3] == ["signed", "out_for_signature", "approved"]
    assert actions[-1] == "created"


@pytest.mark.parametrize("action", ["pause", "lose"])
def test_a_signature_wins_a_case_that_was_given_up(run: Run, approved: UUID, action: str) -> None:
    case_id = run("sales", contracts.show, approved).case_id
    run("sales", contract_steps.send, approved, "print", "林晓", PDF)
    run("sales", cases.do, case_id, action, {"reason": "客户没有回音"})
    run("sales", contract_steps.sign, approved, on=dt.date(2026, 11, 23), by="陈总")
    case = run("sales", cases.show, case_id)
    assert (case.status, case.phase, case.outcome_reason) == ("won", "won", "")


def test_a_signature_that_fails_leaves_the_case_open(run: Run, approved: UUID) -> None:
    run("sales", contract_steps.send, approved, "print", "林晓", PDF)
    with pytest.raises(ValidationError):
        run("sales", contract_steps.sign, approved, on=dt.date(2026, 12, 1), by="陈总")
    assert run("sales", cases.show, run("sales", contracts.show, approved).case_id).status == "open"


def test_steps_by_name_as_the_command_line_takes_them(run: Run, contract_id: UUID) -> None:
    run("sales", contracts.do, contract_id, "submit", {})
    run("legal", contracts.do, contract_id, "approve", {"step": "legal"})
    run("sales_head", contracts.do, contract_id, "approve", {})
    run("finance", contracts.do, contract_id, "approve", {})
    run("sales", contract_steps.send, contract_id, "print", "", PDF)
    with pytest.raises(ValidationError):
        run("sales", contracts.do, contract_id, "sign", {"on": "昨天", "by": "陈总"})
    run("sales", contracts.do, contract_id, "sign", {"on": "2026-11-23", "by": "陈总"})
    shown = run("sales", contracts.show, run("sales", contracts.resolve, "HT20261123-001"))
    assert shown.state == "signed"
    assert "陈总" in json.dumps(plain.to_plain(shown), ensure_ascii=False)


def test_revising_an_approved_contract_supersedes_it(run: Run, approved: UUID) -> None:
    second = run("sales", contract_steps.revise, approved)
    assert run("sales", contracts.show, approved).state == "superseded"
    assert run("sales", contracts.resolve, "HT20261123-001") == second
    assert run("sales", contracts.resolve, "HT20261123-001-R1") == approved
    with pytest.raises(NotFound):
        run("sales", contracts.resolve, "HT20261123-009")


def test_lists_by_state_by_me_and_waiting_for_me(run: Run, contract_id: UUID) -> None:
    def count(who: str, *filters: tuple[str, str], search: str = "") -> int:
        return int(run(who, contracts.list_rows, ListQuery(search=search, filters=filters)).total)

    assert count("sales", ("owner_id", "me"), ("state", "draft")) == 1
    assert count("sales2", ("owner_id", "me")) == 0
    assert count("legal", ("waiting", "me")) == 0
    run("sales", contract_steps.submit, contract_id)
    assert [count(who, ("waiting", "me")) for who in ("legal", "sales_head", "finance", "sales")] == [1, 1, 1, 0]
    run("legal", contract_steps.decide, contract_id, Choice.APPROVE)
    assert count("legal", ("waiting", "me")) == 0
    assert count("sales", search="云栖") == 1
    assert count("sales", search="学校") == 0


def test_credit_is_a_hint_until_a_grade_is_there(run: Run, contract_id: UUID) -> None:
    assert not [p for p in run("sales", contracts.show, contract_id).hints if "credit" in p.code]

    def revoke(work: Work) -> None:
        work.session.scalars(select(CreditApplication)).one().state = "revoked"

    run("sales", revoke)
    found = {p.code for p in run("sales", contracts.show, contract_id).hints}
    assert "contract.credit_new" in found


def test_two_people_editing_one_contract_is_a_conflict(run: Run, contract_id: UUID) -> None:
    mine, theirs = run("sales", contracts.load, contract_id), run("sales_head", contracts.load, contract_id)
    run("sales_head", contracts.save, theirs)
    with pytest.raises(ConflictError):
        run("sales", contracts.save, mine)
    with pytest.raises(PermissionDenied):
        run("sales2", contracts.save, run("sales2", contracts.load, contract_id))


def test_legal_alone_makes_the_next_edition_and_old_contracts_keep_theirs(run: Run, contract_id: UUID) -> None:
    draft = run("legal", clauses.load, "breach")
    draft.body = draft.body.replace("万分之五", "万分之三")
    with pytest.raises(PermissionDenied):
        run("sales", clauses.save, draft)
    assert run("legal", clauses.save, draft) == 2
    with pytest.raises(ConflictError):
        run("legal", clauses.save, draft)
    newest = next(c for c in run("sales", clauses.library) if c.key == "breach")
    assert (newest.edition, "万分之三" in newest.body) == (2, True)
    stands = next(c for c in run("sales", contracts.load, contract_id).clauses if c.key == "breach")
    assert (stands.edition, "万分之五" in stands.body) == (1, True)


def test_new_and_retired_library_clauses(run: Run) -> None:
    draft = clauses.LibraryDraft(key="green", heading="环保", body="产品符合 RoHS。", part="quality", pick="always")
    assert run("legal", clauses.save, draft) == 1
    assert "green" in [c.key for c in run("legal", clauses.library)]
    with pytest.raises(ValidationError) as error:
        run("legal", clauses.save, draft)
    assert error.value.code == "contract.clause_key_taken"
    retired = run("legal", clauses.load, "green")
    retired.active = False
    run("legal", clauses.save, retired)
    assert "green" not in [c.key for c in run("legal", clauses.library)]
    with pytest.raises(NotFound):
        run("legal", clauses.load, "green")
    stored = run("legal", lambda work: work.session.scalars(select(Clause.edition)).all())
    assert list(stored) == [1, 2]


def test_english_stands_beside_unchanged_clauses_only(run: Run, contract_id: UUID) -> None:
    draft = run("sales", contracts.load, contract_id)
    draft.clauses[0].body += "另有约定。"
    run("sales", contracts.save, draft)
    content = run("sales", contract_steps.document, contract_id).content
    assert content["clauses"][0]["body_en"] == ""
    assert content["clauses"][1]["heading_en"] == "Quantity"


def test_candidates_are_accepted_unexpired_quotes_without_a_contract(run: Run, quote_id: UUID, clock: Clock) -> None:
    assert [c.quote_id for c in run("sales", contracts_from.candidates)] == [quote_id]
    assert [c.quote_id for c in run("sales", contracts_from.candidates, "云栖 BJ")] == [quote_id]
    assert run("sales", contracts_from.candidates, "学校") == ()
    contract_id = run("sales", make, quote_id)
    assert run("sales", contracts_from.candidates) == ()
    run("sales", contract_steps.cancel, contract_id, {"reason": "重做"})
    clock.forward(days=31)
    assert run("sales", contracts_from.candidates) == ()
