"""Decisions on submitted documents, the same for quotes and contracts: append-only rows that name revision and hash.

The calling service owns the state of its record: it calls `decide` and moves the record to the outcome's state.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, false, not_, or_, select
from sqlalchemy.orm import aliased

from presales_desktop.models import approvals as rules
from presales_desktop.models.approvals import NEEDS_COMMENT, Author, Choice, Decided, Outcome, Steps
from presales_desktop.models.errors import PermissionDenied, Problem, UserError, ValidationError
from presales_desktop.models.journal import Decision, Ruling
from presales_desktop.models.permissions import Actor, Verdict, may
from presales_desktop.models.users import User
from presales_desktop.services import delegations
from presales_desktop.services.work import Work
from presales_desktop.texts.delegations import in_place_of


class Submitted(Protocol):
    """What a record needs to be decided on: Quote and Contract have it."""

    KIND: ClassVar[str]
    id: Any
    number: Any
    title: Any
    revision: Any
    content_hash: Any
    state: Any
    owner_id: Any
    created_by: Any
    submitted_by: Any
    customer_id: Any
    case_id: Any


@dataclass(frozen=True)
class StepStatus:
    """Where one step stands, and whether the acting user may decide it (`may.code` says why not)."""

    step: str
    verdict: str | None
    who: str
    at: dt.datetime | None
    comment: str
    may: Verdict


def author_of(work: Work, record: Submitted, headed: dict[UUID, bool] | None = None) -> Author:
    """Who wrote and submitted RECORD; superiors that have left don't count as such. HEADED remembers for the next record who has one."""
    also = frozenset(p for p in (record.owner_id, record.created_by) if p is not None)
    submitted_by = record.submitted_by or record.created_by
    known = headed if headed is not None else {}
    if submitted_by not in known:
        known[submitted_by] = _has_superior(work, submitted_by)
    return Author(submitted_by, also, known[submitted_by])


def _has_superior(work: Work, user_id: UUID) -> bool:
    seen = {user_id}
    user = work.session.get(User, user_id)
    while user is not None and user.superior_id is not None and user.superior_id not in seen:
        seen.add(user.superior_id)
        user = work.session.get(User, user.superior_id)
        if user is not None and user.active:
            return True
    return False


def decisions(work: Work, subject_kind: str, subject_id: UUID) -> tuple[Decided, ...]:
    """All decisions on one revision's record, oldest first, but those that the server found to be without effect."""
    rows = work.session.execute(
        select(Decision)
        .where(Decision.subject_kind == subject_kind, Decision.subject_id == subject_id, not_(_void()))
        .order_by(Decision.decided_at, Decision.id)
    ).scalars()
    return tuple(_decided(d) for d in rows)


def _decided(d: Decision) -> Decided:
    return Decided(
        d.step, d.verdict, d.decided_by, d.decided_by_name, d.decided_at, d.comment, d.content_hash, d.revision,
        d.on_behalf_of, d.on_behalf_of_name,
    )  # fmt: skip


def bound_of(work: Work, kind: str, records: Sequence[Any]) -> dict[UUID, tuple[Decided, ...]]:
    """`bound` of many records of KIND (or rows with id, revision and content_hash) with one query, by id."""
    by_id: dict[UUID, list[Decided]] = {record.id: [] for record in records}
    rows = work.session.execute(
        select(Decision)
        .where(Decision.subject_kind == kind, Decision.subject_id.in_(by_id), not_(_void()))
        .order_by(Decision.decided_at, Decision.id)
    ).scalars()
    for d in rows:
        by_id[d.subject_id].append(_decided(d))
    return {r.id: rules.bound(by_id[r.id], r.revision, r.content_hash) for r in records}


def who(decided: Decided) -> str:
    """Who decided, and in whose place."""
    return in_place_of(decided.by_name, decided.behalf_name)


def _void() -> ColumnElement[bool]:
    return exists().where(Ruling.decision_id == Decision.id, Ruling.effective.is_(False))


@dataclass(frozen=True)
class RulingRow:
    """What the server found of a decision: `reason` is a code with `values` for its sentence, "" for one that takes effect."""

    effective: bool
    reason: str
    values: dict[str, Any]
    at: dt.datetime


def rulings(work: Work, decision_ids: Iterable[UUID]) -> dict[UUID, RulingRow]:
    """Rulings by decision; one without has not been at the server yet (or there is none)."""
    rows = work.session.scalars(select(Ruling).where(Ruling.decision_id.in_(list(decision_ids))))
    return {r.decision_id: RulingRow(r.effective, r.reason, r.detail, r.created_at) for r in rows}


def sign(work: Work, decision: Decision) -> Decision:
    """Put the device's signature on DECISION where this workspace has a device key."""
    if work.signer is not None:
        decision.signature = work.signer(rules.decision_bytes(decision)).hex()
    return decision


def bound(work: Work, record: Submitted) -> tuple[Decided, ...]:
    """The decisions that hold for RECORD as it stands."""
    return rules.bound(decisions(work, record.KIND, record.id), record.revision, record.content_hash)


def status(work: Work, record: Submitted, steps: Steps) -> tuple[StepStatus, ...]:
    """Each step in declared order; nobody may decide while the record is not waiting for it."""
    earlier = bound(work, record)
    waiting = record.state == Outcome.WAITING
    author = author_of(work, record) if waiting else None
    actor = delegations.standing_in(work) if waiting else work.actor
    made = []
    for step in steps.steps:
        found = next((d for d in earlier if d.step == step), None)
        allowed = (
            rules.may_decide(steps, step, actor, author, earlier, work.today)
            if author is not None
            else Verdict(False, "approval.not_waiting")
        )
        made.append(
            StepStatus(
                step,
                found.verdict if found else None,
                who(found) if found else "",
                found.at if found else None,
                found.comment if found else "",
                allowed,
            )
        )
    return tuple(made)


def decide(
    work: Work,
    record: Submitted,
    steps: Steps,
    verdict: str,
    *,
    step: str = "",
    comment: str = "",
    seen_hash: str = "",
    detail: dict[str, Any] | None = None,
) -> Outcome:
    """Record the actor's VERDICT on STEP (left out: the one step that is his) and say what all decisions add up to.

    SEEN_HASH is the content that the decider looked at, when he looked at one. DETAIL goes on the decision (policy version,
    cost snapshot's id; never a cost). The caller checks with its transitions that the record waits for decisions.
    In a connected workspace the answer is always "waiting": what the decisions add up to is the server's to say.
    Raises UserError approval.step_unknown, approval.content_changed, approval.decided, approval.not_waiting;
    ValidationError approval.comment_required; PermissionDenied.
    """
    choice = Choice(verdict)
    if record.state != Outcome.WAITING or not record.content_hash:
        raise UserError("approval.not_waiting", kind=record.KIND, number=record.number)
    if seen_hash and seen_hash != record.content_hash:
        raise UserError("approval.content_changed", kind=record.KIND, number=record.number)
    if choice in NEEDS_COMMENT and not comment.strip():
        raise ValidationError([Problem("approval.comment_required", "comment")])
    earlier = bound(work, record)
    author = author_of(work, record)
    actor = delegations.standing_in(work)
    chosen = step or _own_step(work, steps, actor, author, earlier)
    if chosen not in steps.steps:
        raise UserError("approval.step_unknown", step=chosen, known="、".join(steps.steps))
    allowed = rules.may_decide(steps, chosen, actor, author, earlier, work.today)
    if not allowed.allowed:
        values = {"right": steps.right(chosen), "user": work.actor.name, "number": record.number, "step": chosen}
        error = UserError if allowed.code == "approval.decided" else PermissionDenied
        raise error(allowed.code, kind=record.KIND, **values)
    made = _record(work, record, chosen, choice, comment, detail, allowed.principal)
    behalf = {"behalf": allowed.principal.name} if allowed.principal is not None else {}
    work.audit(
        record,  # type: ignore[arg-type]  # a Record of the calling area; the protocol names only what is needed here
        f"decision.{choice.value}",
        title=f"{record.number}-R{record.revision} {record.title}".strip(),
        customer_id=record.customer_id,
        case_id=record.case_id,
        step=chosen,
        comment=made.comment,
        content_hash=record.content_hash,
        **behalf,
    )
    work.session.flush()
    return Outcome.WAITING if work.connected else rules.outcome(steps, bound(work, record))


def _record(
    work: Work,
    record: Submitted,
    chosen: str,
    choice: Choice,
    comment: str,
    detail: dict[str, Any] | None,
    principal: Actor | None,
) -> Decision:
    made = work.add(
        Decision(
            subject_kind=record.KIND,
            subject_id=record.id,
            revision=record.revision,
            content_hash=record.content_hash,
            step=chosen,
            verdict=choice.value,
            comment=comment.strip(),
            detail=detail or {},
            decided_by=work.actor.id,
            decided_by_name=work.actor.name,
            decided_at=work.now,
            on_behalf_of=principal.id if principal is not None else None,
            on_behalf_of_name=principal.name if principal is not None else "",
        )
    )
    return sign(work, made)


def _own_step(work: Work, steps: Steps, actor: Actor, author: Author, earlier: tuple[Decided, ...]) -> str:
    """The first open step that the actor may decide; else the first that he holds the right to, so that the refusal says why."""
    for step in steps.steps:
        if rules.may_decide(steps, step, actor, author, earlier, work.today).allowed:
            return step
    for step in steps.steps:
        if may(work.actor, steps.right(step)).allowed:
            return step
    return steps.steps[0]


def waiting_for_actor(work: Work, model: Any, steps: Steps) -> ColumnElement[bool]:
    """SQL condition on MODEL (Quote, Contract): records of which the actor may decide a step now ("待我审批"), in his own name or in
    another's place.

    The same rule as `may_decide`, as far as SQL can say it; `decide` checks again.
    """
    actor = delegations.standing_in(work)
    own = _open_to(model, steps, actor, actor, steps.steps)
    others = [
        _open_to(model, steps, actor, m.principal, [s for s in steps.steps if m.covers(steps.right(s), work.today)])
        for m in actor.mandates
    ]
    return and_(model.state == Outcome.WAITING.value, or_(own, *others))


def _open_to(model: Any, steps: Steps, actor: Actor, holder: Actor, which: Sequence[str]) -> ColumnElement[bool]:
    """Records with an undecided step of WHICH that HOLDER may decide, by himself or by ACTOR, and in which neither has a hand."""
    made = _decision_on(model)
    people = {actor.id, holder.id}
    mine = exists().where(made, or_(Decision.decided_by.in_(people), Decision.on_behalf_of.in_(people)))
    writers = (model.submitted_by, model.owner_id, model.created_by)
    open_steps: list[ColumnElement[bool]] = []
    for step in which:
        if not may(holder, steps.right(step)).allowed:
            continue
        undecided = not_(exists().where(made, Decision.step == step))
        open_steps.append(and_(undecided, _reports(holder, model)) if step in steps.above_author else undecided)
    return and_(
        *(or_(person.is_(None), person.not_in(people)) for person in writers), not_(mine), or_(false(), *open_steps)
    )


def _decision_on(model: Any) -> ColumnElement[bool]:
    return and_(
        Decision.subject_kind == model.KIND,
        Decision.subject_id == model.id,
        Decision.content_hash == model.content_hash,
        not_(_void()),
    )


def _reports(holder: Actor, model: Any) -> ColumnElement[bool]:
    author = aliased(User)
    headless = exists().where(author.id == model.submitted_by, author.superior_id.is_(None))
    return or_(model.submitted_by.in_(holder.reports), headless)
