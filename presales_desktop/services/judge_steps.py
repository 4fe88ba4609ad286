"""What the judge asks of steps: from where to where, by whom, and whether the content is what its hash says.

A client may take every step of its people but one: what decisions add up to is found by the server (judge_decisions.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from sqlalchemy import select

from presales_desktop.models.contracts import Contract
from presales_desktop.models.designs import Design
from presales_desktop.models.progress import SIGNED
from presales_desktop.models.syncing import STEPPED
from presales_desktop.services import (
    design_drafts,
    design_steps,
)
from presales_desktop.services import designs as design_service
from presales_desktop.services.judge_contracts import judge_contract, judge_contract_made
from presales_desktop.services.judge_credit import judge_credit, judge_exception, judge_exception_made
from presales_desktop.services.judge_merges import judge_customer
from presales_desktop.services.judge_moves import (
    STEPS,
    family_of,
    frozen,
    moved,
    moved_to,
    next_made,
    row_of,
    step_of,
    submitted_by,
)
from presales_desktop.services.judge_prices import judge_change, judge_notice, judge_price
from presales_desktop.services.judge_quotes import judge_quote
from presales_desktop.services.judge_surveys import judge_report, judge_report_made, judge_survey
from presales_desktop.services.judge_world import Case, changed, ownership
from presales_desktop.services.work import Work
from sync.server.domain import Judged


def judge_steps(case: Case) -> None:
    """Judge each step of each record in the commit."""
    for change in case.changes:
        if change.after is None:
            continue
        if change.op == "create":
            _judge_made(case, change)
        elif changed(change) & frozenset(STEPPED.get(change.kind, ())) and change.kind in _JUDGES:
            _JUDGES[change.kind](case, change)


def _judge_made(case: Case, change: Judged) -> None:
    assert change.after is not None
    if change.kind == "survey_report":
        judge_report_made(case, change)
    elif change.kind == "price":
        judge_price(case, change)
    elif change.kind == "credit_exception":
        judge_exception_made(case, change)
    elif change.kind in ("design", "quote", "contract"):
        family = family_of(case, change)
        if change.after["revision"] != 1:
            _judge_revision(case, change, family)
        elif family:
            case.refuse("judge.revision_taken", change, number=family[0].number)
        elif change.kind == "contract":
            judge_contract_made(case, change)


def _judge_revision(case: Case, change: Judged, family: list[Any]) -> None:
    """The next revision of a family: after the newest, from one that may be revised, by who may edit it (I28)."""
    assert change.after is not None
    after = change.after
    if not family:
        return case.refuse("judge.revision_unknown", change, "family_id")
    newest = family[0]
    label = f"{newest.number}-R{newest.revision}"
    revisable = next(t.from_states for t in STEPS[change.kind] if t.action == "revise")
    sources = family[:1] if change.kind == "design" else family
    gone = ("cancelled", "superseded", *revisable)
    if after["revision"] != newest.revision + 1 or newest.state not in gone:
        return case.refuse("judge.revision_taken", change, number=label)
    if all(r.state not in revisable for r in sources):
        return case.refuse("judge.state_jump", change, "state", found=newest.state, wanted="revise")
    case.require(change, f"{change.kind}.edit", ownership(row_of(newest)))
    other = case.survivor(after["customer_id"]) != case.survivor(newest.customer_id)
    if other or after["case_id"] != newest.case_id:
        case.refuse("judge.other_customer", change, "customer_id")
    leaves = {"contract": ("submitted", "approved", "out_for_signature"), "design": ("submitted",)}
    if newest.state in leaves.get(change.kind, ()):
        case.amend(change.kind, newest.id, state="superseded")
    return None


def _case(case: Case, change: Judged) -> None:
    assert change.after is not None
    old, new = moved(change, "status")
    if new == "won" and any(
        c.after is not None and c.after["case_id"] == change.id and moved_to(c, "signed") for c in case.of("contract")
    ):
        return None  # part of recording the signature
    if old == new:
        return case.refuse("judge.fixed", change, "outcome_reason")
    if step_of(case, change, "status") is None:
        return None
    if new in ("won", "lost") and not change.after["outcome_reason"].strip():
        case.refuse("workflow.parameter_missing", change, "outcome_reason", action=new, missing="reason")
    signed = select(Contract.id).where(Contract.case_id == change.id, Contract.state.in_(SIGNED)).limit(1)
    if (new in ("lost", "paused") or old in ("won", "lost")) and case.session.scalar(signed) is not None:
        case.refuse("case.signed", change, number=change.after["number"])
    return None


def _design(case: Case, change: Judged) -> None:
    old, new = moved(change)
    assert change.before is not None
    if (old, new) == ("submitted", "superseded") and next_made(case, change):
        return  # taken back by its next revision, whose right was asked
    if step_of(case, change) is None:
        return
    submitted_by(case, change)

    def text(work: Work) -> str:
        design = work.get(Design, change.id)
        draft = design_service.load(work, change.id)
        found = [p for p in design_drafts.problems(draft) if p.blocking] + design_steps.submit_problems(work, draft)
        case.refuse_problems(change, found)
        return design_steps.content_text(work, design, draft)

    frozen(case, change, text)


_JUDGES: Final[Mapping[str, Callable[[Case, Judged], None]]] = {
    "customer": judge_customer, "case": _case, "survey": judge_survey, "survey_report": judge_report, "design": _design, "quote": judge_quote,
    "contract": judge_contract, "credit": judge_credit, "credit_exception": judge_exception, "price_change": judge_change,
    "price_notice": judge_notice,
}  # fmt: skip
