"""Decisions at the server: who is it that decided, does it take effect, and what do all decisions add up to (I2, I4, I5, I13).

A forged decision is refused. An honest one that comes too late or on something else is recorded, and a ruling beside it says why it
has no effect. The document's state follows here and nowhere else.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any, Final
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select

from presales_desktop.models import approvals as rules
from presales_desktop.models import canonical
from presales_desktop.models.approvals import (
    CONTRACT_STEPS,
    NEEDS_COMMENT,
    QUOTE_STEPS,
    Author,
    Choice,
    Decided,
    Outcome,
    Steps,
    decision_bytes,
)
from presales_desktop.models.contracts import Contract
from presales_desktop.models.credit import EXCEPTION_STEPS, CreditException
from presales_desktop.models.designs import APPROVED, REVIEW_STEPS, Design
from presales_desktop.models.journal import AuditEvent, Ruling
from presales_desktop.models.permissions import RIGHTS, Role
from presales_desktop.models.quotes import Quote
from presales_desktop.services import (
    approvals,
    contract_steps,
    credit_exceptions,
    credit_gate,
    delegations,
    quote_costs,
    quote_steps,
)
from presales_desktop.services.judge_world import Case
from presales_desktop.services.work import Work
from sync.ids import uuid7
from sync.server.domain import Create, Judged

_STEPS: Final[Mapping[str, tuple[type[Any], Steps]]] = {
    "quote": (Quote, QUOTE_STEPS), "contract": (Contract, CONTRACT_STEPS), "design": (Design, REVIEW_STEPS),
    "credit_exception": (CreditException, EXCEPTION_STEPS),
}  # fmt: skip


def judge_decisions(case: Case) -> None:
    """Refuse what is forged; rule on the rest and let the document follow."""
    rest = [change for change in case.of("decision") if _authentic(case, change)]
    if case.refused:
        return
    made: dict[UUID, list[Decided]] = {}
    for change in rest:
        assert change.after is not None
        row = change.after
        if row["subject_kind"] == "survey":
            _ruling(case, change, row, "", {}, "confirmed")
        else:
            _rule(case, change, row, made.setdefault(row["subject_id"], []))


def _authentic(case: Case, change: Judged) -> bool:
    """Refusals: judge.forged_author, judge.signature, judge.decision_shape, approval.comment_required, record.not_found."""
    assert change.after is not None
    row = change.after
    before = len(case.verdict.refusals)
    if row["decided_by"] != case.actor.id or row["decided_by_name"] != case.actor.name:
        case.refuse("judge.forged_author", change, "decided_by")
    elif not _signed(case.context.public_key, row):
        case.refuse("judge.signature", change, "signature")
    elif row["subject_kind"] == "survey":
        _customer_confirmed(case, change, row)
    elif row["subject_kind"] not in _STEPS or not _is_choice(row) or not _names_principal(case, row):
        case.refuse("judge.decision_shape", change, "step")
    elif case.world.before(row["subject_kind"], row["subject_id"]) is None:
        case.refuse("record.not_found", change, kind=row["subject_kind"], id=str(row["subject_id"]))
    elif row["verdict"] in NEEDS_COMMENT and not row["comment"].strip():
        case.refuse("approval.comment_required", change, "comment")
    else:
        _entitled(case, change, row)
    return len(case.verdict.refusals) == before


def _is_choice(row: Mapping[str, Any]) -> bool:
    steps = _STEPS[row["subject_kind"]][1]
    return row["step"] in steps.steps and row["verdict"] in {c.value for c in Choice} and len(row["comment"]) <= 4000


def _names_principal(case: Case, row: Mapping[str, Any]) -> bool:
    """Whether in whose place it was decided is somebody by his name, or nobody."""
    principal = row.get("on_behalf_of")
    if principal is None:
        return not row.get("on_behalf_of_name")
    person = case.people.by_id.get(principal)
    return person is not None and person.name == row.get("on_behalf_of_name")


def _signed(public_key: bytes, row: Mapping[str, Any]) -> bool:
    try:
        signature = bytes.fromhex(row["signature"])
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, decision_bytes(SimpleNamespace(**row)))
    except (InvalidSignature, ValueError, TypeError):
        return False
    return True


def _customer_confirmed(case: Case, change: Judged, row: Mapping[str, Any]) -> None:
    """The customer's word on a report, recorded together with the step that it is."""
    survey = next((c for c in case.of("survey") if c.id == row["subject_id"]), None)
    fits = (
        survey is not None
        and survey.after is not None
        and survey.after["state"] == "confirmed"
        and (row["step"], row["verdict"]) == ("customer", "approve")
        and (row["revision"], row["content_hash"]) == (survey.after["revision"], survey.after["content_hash"])
    )
    if not fits:
        case.refuse("judge.decision_shape", change, "step")


def _entitled(case: Case, change: Judged, row: Mapping[str, Any]) -> None:
    """Nobody decides on his own work, and nobody who never had the right to: that is no decision that came late but a forgery."""
    model, steps = _STEPS[row["subject_kind"]]
    record = case.session.get(model, row["subject_id"])
    if record is None:
        return
    if case.actor.id in approvals.author_of(case.work(), record).people:
        case.refuse("approval.author", change, "decided_by", kind=row["subject_kind"], number=record.number)
        return
    right = steps.right(row["step"])
    principal = row.get("on_behalf_of")
    if principal is not None:
        if not delegations.ever_stood_in(case.work(), case.actor.id, principal, right):
            case.refuse("judge.no_mandate", change, "on_behalf_of")
        return
    if not case.may(right) and not had_right(case, right):
        case.require(change, right)


def had_right(case: Case, right: str) -> bool:
    """Whether the author of the commit once had RIGHT: the journal keeps the roles that were taken from him."""
    events = case.session.scalars(
        select(AuditEvent.detail).where(
            AuditEvent.subject_kind == "user", AuditEvent.subject_id == case.actor.id, AuditEvent.action == "changed"
        )
    )
    roles = {str(role) for detail in events for role in detail.get("roles_before", ())}
    return any(Role(role) in RIGHTS[right] for role in roles if role in {r.value for r in Role})


def _rule(case: Case, change: Judged, row: Mapping[str, Any], made: list[Decided]) -> None:
    model, steps = _STEPS[row["subject_kind"]]
    record = case.session.get(model, row["subject_id"])
    assert record is not None
    work = case.work()
    decided = Decided(
        row["step"], row["verdict"], row["decided_by"], row["decided_by_name"], row["decided_at"], row["comment"],
        row["content_hash"], row["revision"], row.get("on_behalf_of"), row.get("on_behalf_of_name") or "",
    )  # fmt: skip
    actor = delegations.standing_in(work, case.actor)
    earlier = (*approvals.bound(work, record), *made)
    author: Author = approvals.author_of(work, record)
    reason = rules.objection(
        steps, decided, actor, author, earlier, state=record.state, revision=record.revision,
        content_hash=record.content_hash,
    ) or _stale(work, record, decided)  # fmt: skip
    label = f"{record.number}-R{record.revision}"
    if reason:
        said = _values(case, record, decided, earlier, label)
        _ruling(case, change, row, reason, said, record.state)
        _event(case, record, "decision.void", step=row["step"], ruling=reason, values=said)
        return
    made.append(decided)
    state = _state_after(case, steps, record, row, (*earlier, decided))
    _ruling(case, change, row, "", {}, state)
    if state != record.state:
        case.amend(record.KIND, record.id, state=state)
        if record.KIND != "design":
            _event(case, record, state, total_fen=record.total_fen, revision=record.revision)
        if record.KIND == "design" and state in APPROVED:
            _supersede(case, record)


def _stale(work: Work, record: Any, decided: Decided) -> str:
    """What is stored is no longer what was submitted, or its costs have moved beyond the policy (I10): no approval stands on that."""
    if record.KIND == "quote":
        if canonical.sha256(quote_steps.current_content(work, record)) != record.content_hash:
            return "ruling.altered"
        if decided.verdict == Choice.APPROVE and quote_costs.is_stale(work, record):
            return "ruling.cost_drift"
    if record.KIND == "contract" and not contract_steps.unaltered(work, record):
        return "ruling.altered"
    if record.KIND == "credit_exception" and not credit_exceptions.unaltered(record):
        return "ruling.altered"
    if record.KIND == "contract" and (decided.verdict, decided.step) == (Choice.APPROVE, "finance"):
        found = credit_gate.of_contract(work, record)  # I14: finance answers for the grade
        return "ruling.credit" if found else ""
    return ""


def _values(case: Case, record: Any, decided: Decided, earlier: Sequence[Decided], label: str) -> dict[str, str | int]:
    """What the sentence of a reason says."""
    model = type(record)
    newest = case.session.scalar(
        select(model.revision).where(model.family_id == record.family_id).order_by(model.revision.desc()).limit(1)
    )
    same = next((d for d in earlier if d.step == decided.step), None)
    return {
        "kind": record.KIND, "number": label, "step": decided.step, "state": record.state, "revision": decided.revision,
        "newer": f"{record.number}-R{newest}", "by": same.by_name if same else "", "user": case.actor.name,
    }  # fmt: skip


def _state_after(case: Case, steps: Steps, record: Any, row: Mapping[str, Any], bound: Sequence[Decided]) -> str:
    found = rules.outcome(steps, bound)
    if found is Outcome.WAITING:
        return str(record.state)
    if record.KIND == "design" and found is Outcome.APPROVED and row["detail"].get("notes"):
        return "approved_with_notes"
    return found.value


def _supersede(case: Case, design: Design) -> None:
    earlier = case.session.scalars(
        select(Design.id).where(
            Design.family_id == design.family_id, Design.revision < design.revision, Design.state.in_(APPROVED)
        )
    )
    for design_id in earlier:
        case.amend("design", design_id, state="superseded")


def _ruling(
    case: Case, change: Judged, row: Mapping[str, Any], reason: str, values: dict[str, str | int], state: str
) -> None:
    case.verdict.creates.append(
        Create(
            Ruling.KIND,
            uuid7(),
            {
                "decision_id": change.id, "subject_kind": row["subject_kind"], "subject_id": row["subject_id"],
                "effective": not reason, "reason": reason, "detail": values, "state": state,
            },
        )
    )  # fmt: skip


def _event(case: Case, record: Any, action: str, **detail: Any) -> None:
    """What follows stands in everybody's timeline, in the name of whose decision it follows from."""
    case.verdict.creates.append(server_event(case, record, action, case.context.now, detail))


def server_event(case: Case, record: Any, action: str, at: dt.datetime, detail: Mapping[str, Any]) -> Create:
    """An entry of the journal that the server writes beside the author's own."""
    return Create(
        "audit_event",
        uuid7(),
        {
            "at": at, "actor_id": case.actor.id, "actor_name": case.actor.name, "subject_kind": record.KIND,
            "subject_id": record.id,
            "subject_title": f"{record.number}-R{record.revision} {record.title}".strip(), "action": action,
            "detail": dict(detail), "customer_id": record.customer_id, "case_id": record.case_id,
        },
    )  # fmt: skip
