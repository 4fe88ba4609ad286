"""What the judge asks of contracts: made from what was accepted, handed in whole, signed when approved."""

from __future__ import annotations

from sqlalchemy import select

from presales_desktop.models import canonical, contracts
from presales_desktop.models.contracts import Contract
from presales_desktop.models.journal import SendRecord
from presales_desktop.models.values import shanghai_day
from presales_desktop.services import (
    contract_steps,
    contracts_from,
    quote_steps,
)
from presales_desktop.services import contracts as contract_service
from presales_desktop.services.judge_moves import (
    frozen,
    moved,
    next_made,
    only,
    sent_on_record,
    step_of,
    submitted_by,
)
from presales_desktop.services.judge_world import Case
from presales_desktop.services.work import Work
from sync.server.domain import Judged


def judge_contract_made(case: Case, change: Judged) -> None:
    """A contract stands on one accepted quote, whose customer, case and total it takes over (I5, I8, I12)."""
    assert change.after is not None
    after = change.after
    work = case.work()

    def basis() -> None:
        quote = quote_steps.basis_for_contract(work, after["quote_id"])
        contracts_from.refuse_second(work, quote, after["family_id"])
        subject = contracts_from.subject_of(work, quote.id)
        taken = (case.survivor(quote.customer_id), quote.case_id, subject.customer_name)
        if taken != (
            case.survivor(after["customer_id"]),
            after["case_id"],
            str(after["parties"].get("buyer", {}).get("name", "")),
        ):
            case.refuse("judge.not_as_quoted", change, "customer_id")
        if after["total_fen"] != subject.total_fen:
            case.amend("contract", change.id, total_fen=subject.total_fen)

    case.attempt(change, basis)


def judge_contract(case: Case, change: Judged) -> None:
    assert change.before is not None
    _, new = moved(change)
    if new == "superseded" and change.before["state"] in contracts.REVISABLE and next_made(case, change):
        return
    step = step_of(case, change)
    if step is None:
        return
    allowed = {
        "submit": ("state", "frozen", "content_hash", "submitted_at", "submitted_by"),
        "sign": ("state", "signed_on", "signed_by"),
    }
    if not only(case, change, allowed.get(step.action, ("state",))):
        return
    if step.action == "submit":
        _contract_submit(case, change)
    elif step.action == "send":
        sent_on_record(case, change)
    elif step.action == "sign":
        _contract_sign(case, change)


def _contract_submit(case: Case, change: Judged) -> None:
    assert change.after is not None
    after = change.after
    submitted_by(case, change)

    def text(work: Work) -> str:
        contract_steps.check_basis(work, work.get(Contract, change.id))
        draft = contract_service.load(work, change.id)
        subject = contracts_from.subject_of(work, after["quote_id"])
        case.refuse_problems(change, contracts.submit_problems(draft, subject))
        return canonical.text(contract_steps.content_of(work, draft, subject))

    frozen(case, change, text)


def _contract_sign(case: Case, change: Judged) -> None:
    assert change.after is not None
    after = change.after
    work = case.work()
    case.attempt(change, lambda: contract_steps.refuse_unapproved(work, work.get(Contract, change.id)))
    if not after["signed_by"].strip():
        case.refuse("workflow.parameter_missing", change, "signed_by", action="sign", missing="by")
    sent = work.session.scalars(
        select(SendRecord.sent_at).where(SendRecord.subject_id == change.id).order_by(SendRecord.sent_at).limit(1)
    ).first()
    first = shanghai_day(sent) if sent is not None else work.today
    day = after["signed_on"]
    if day is None or not first <= day <= work.today:
        values = {"day": str(day), "from": first.isoformat(), "to": work.today.isoformat()}
        case.refuse("contract.sign_day", change, "signed_on", **values)
