"""What the judge asks of every step: a transition that exists, the right to it, nothing written beside it, content that is what its hash says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from sqlalchemy import select

from presales_desktop.models import canonical, cases, contracts, credit, customers, designs, prices, quotes, surveys
from presales_desktop.models.errors import PresalesError
from presales_desktop.models.syncing import MODELS, STEPPED
from presales_desktop.models.workflow import Transition
from presales_desktop.services.judge_world import Case, applied, changed, ownership
from presales_desktop.services.work import Work
from sync.server.domain import Judged

# What only the decisions of several people add up to: a client that writes it is refused.
_DECIDED: Final = frozenset({"approve", "approve_with_notes", "return", "reject"})
STEPS: Final[Mapping[str, tuple[Transition, ...]]] = {
    "customer": customers.TRANSITIONS, "case": cases.TRANSITIONS, "survey": surveys.TRANSITIONS, "design": designs.TRANSITIONS,
    "quote": quotes.TRANSITIONS, "contract": contracts.TRANSITIONS, "credit": credit.TRANSITIONS,
    "credit_exception": credit.EXCEPTION_TRANSITIONS, "price_change": prices.TRANSITIONS, "price_notice": prices.NOTICE_TRANSITIONS,
}  # fmt: skip


def moved(change: Judged, column: str = "state") -> tuple[Any, Any]:
    assert change.before is not None
    assert change.after is not None
    return change.before[column], change.after[column]


def step_of(case: Case, change: Judged, column: str = "state") -> Transition | None:
    """The transition that the change is, its right asked for; None after a refusal."""
    old, new = moved(change, column)
    found = [
        t
        for t in STEPS[change.kind]
        if t.to == new and old in t.from_states and t.action not in _DECIDED and old != new
    ]
    if not found:
        case.refuse("judge.state_jump", change, column, found=str(old), wanted=str(new))
        return None
    assert change.before is not None
    return found[0] if case.require(change, found[0].right, ownership(change.before)) else None


def only(case: Case, change: Judged, allowed: Iterable[str]) -> bool:
    """Whether the step writes nothing but what belongs to it."""
    further = changed(change) & frozenset(STEPPED[change.kind]) - frozenset(allowed)
    for name in sorted(further):
        case.refuse("judge.fixed", change, name)
    return not further


def family_of(case: Case, change: Judged) -> list[Any]:
    """The revisions that the server has of the change's family, newest first."""
    assert change.after is not None
    model = MODELS[change.kind]
    return list(
        case.session.scalars(
            select(model).where(model.family_id == change.after["family_id"]).order_by(model.revision.desc())
        )
    )


def frozen(case: Case, change: Judged, text: Callable[[Work], str]) -> None:
    """The content that was handed in is what is stored, and its hash is its hash (I2)."""
    assert change.after is not None
    after = change.after
    if canonical.sha256(after["frozen"]) != after["content_hash"]:
        return case.refuse("judge.hash", change, "content_hash")
    with applied(case) as work:
        try:
            found = text(work)
        except PresalesError as error:
            return case.refuse_error(change, error)
    if found != after["frozen"]:
        case.refuse("judge.content_differs", change, "frozen", number=after["number"])
    return None


def submitted_by(case: Case, change: Judged) -> None:
    assert change.after is not None
    if change.after["submitted_by"] != case.actor.id:
        case.refuse("judge.forged_author", change, "submitted_by")
    at = change.after["submitted_at"]
    if at is None or at > case.context.now:
        case.amend(change.kind, change.id, submitted_at=case.context.now)


def row_of(record: Any) -> dict[str, Any]:
    return {c.name: getattr(record, c.name) for c in record.__table__.columns}


def next_made(case: Case, change: Judged) -> bool:
    """Whether the commit makes the next revision of the change's family."""
    assert change.before is not None
    return any(
        c.op == "create"
        and c.after is not None
        and c.after["family_id"] == change.before["family_id"]
        and c.after["revision"] > change.before["revision"]
        for c in case.of(change.kind)
    )


def moved_to(change: Judged, state: str) -> bool:
    return change.before is not None and change.after is not None and moved(change) != (state, state) and (
        change.after["state"] == state
    )  # fmt: skip


def sent_on_record(case: Case, change: Judged) -> None:
    """Without the record of what went to whom there is no sending; that is judged in `judge_sends`."""
    if not any(c.after is not None and c.after["subject_id"] == change.id for c in case.of("send_record")):
        case.refuse("judge.send_missing", change)
