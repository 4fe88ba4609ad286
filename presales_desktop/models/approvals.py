"""Approvals (审批): required steps, who may decide, and what the decisions add up to. Pure; quotes and contracts share it.

Rule book 3.3 and business.md I2, I4, I13: every step is decided by another person, never by an author, on one exact content.
Nothing passes by itself: where nobody may decide a step, the document waits.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from presales_desktop.models import canonical
from presales_desktop.models.permissions import Actor, Verdict, may
from presales_desktop.models.values import shanghai_day
from presales_desktop.models.workflow import Transition


class Choice(StrEnum):
    """What somebody decides on a step."""

    APPROVE = "approve"
    RETURN = "return"
    REJECT = "reject"


NEEDS_COMMENT: Final = frozenset({Choice.RETURN, Choice.REJECT})


class Outcome(StrEnum):
    """What the decisions on one content add up to; the values are the states they lead to."""

    WAITING = "submitted"
    APPROVED = "approved"
    RETURNED = "returned"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Steps:
    """The steps that a kind needs, in no order. `above_author` steps are for the author's superiors only.

    The right of a step is "<subject_kind>.<step>", e.g. quote.finance.
    """

    subject_kind: str
    steps: tuple[str, ...]
    above_author: tuple[str, ...] = ("superior",)

    def right(self, step: str) -> str:
        """The right that STEP needs. Raises KeyError for a step that the kind does not have."""
        if step not in self.steps:
            raise KeyError(step)
        return f"{self.subject_kind}.{step}"


def decisions(steps: Steps) -> tuple[Transition, ...]:
    """approve, return and reject of a submitted document, each with the right of every step; which step it is, the decision says."""
    outcomes = (
        (Choice.APPROVE, Outcome.APPROVED, "comment"),
        (Choice.RETURN, Outcome.RETURNED, "comment!"),
        (Choice.REJECT, Outcome.REJECTED, "comment!"),
    )
    return tuple(
        Transition(choice.value, (Outcome.WAITING.value,), outcome.value, steps.right(step), ("step", comment))
        for choice, outcome, comment in outcomes
        for step in steps.steps
    )


QUOTE_STEPS: Final = Steps("quote", ("finance", "superior"))
CONTRACT_STEPS: Final = Steps("contract", ("legal", "sales", "finance"))


@dataclass(frozen=True)
class Author:
    """Whose work is decided: who submitted it, who else wrote it, and whether anybody stands above him."""

    id: UUID
    also: frozenset[UUID] = field(default_factory=frozenset)
    has_superior: bool = True

    @property
    def people(self) -> frozenset[UUID]:
        """Everybody who may decide nothing on it."""
        return self.also | {self.id}


@dataclass(frozen=True)
class Decided:
    """One decision as it was recorded; it counts only for `content_hash`."""

    step: str
    verdict: str
    by: UUID
    by_name: str
    at: dt.datetime
    comment: str
    content_hash: str
    revision: int
    behalf: UUID | None = None
    behalf_name: str = ""

    @property
    def people(self) -> frozenset[UUID]:
        """Whose decision it is: whoever made it, and in whose place."""
        return frozenset({self.by} | ({self.behalf} if self.behalf else set()))


def bound(decisions: Iterable[Decided], revision: int, content_hash: str) -> tuple[Decided, ...]:
    """Those that were made on exactly this revision and content (I2); none for a content that was never frozen."""
    if not content_hash:
        return ()
    return tuple(d for d in decisions if d.revision == revision and d.content_hash == content_hash)


DECISION_FORMAT: Final = "presales.decision/1"


def decision_bytes(decision: Any) -> bytes:
    """What the device key signs of DECISION (record, draft or row with its attributes): everything that says who decided what on
    which content, and when."""
    # What a decision in one's own name signs did not change when decisions in another's came.
    behalf = {"on_behalf_of": decision.on_behalf_of} if getattr(decision, "on_behalf_of", None) else {}
    return canonical.text(
        {
            **behalf,
            "format": DECISION_FORMAT,
            "subject": [decision.subject_kind, decision.subject_id],
            "revision": decision.revision,
            "content_hash": decision.content_hash,
            "step": decision.step,
            "verdict": decision.verdict,
            "comment": decision.comment,
            "decided_by": decision.decided_by,
            "decided_at": decision.decided_at,
        }
    ).encode("utf-8")


def objection(
    steps: Steps,
    decided: Decided,
    actor: Actor,
    author: Author,
    earlier: Sequence[Decided],
    *,
    state: str,
    revision: int,
    content_hash: str,
) -> str:
    """Why a decision that was recorded earlier does not take effect now, on a document as it stands now; "" when it does.

    EARLIER: the decisions that took effect on the same content. Codes: ruling.content (another revision or content), ruling.not_waiting,
    ruling.decided, ruling.right (revoked meanwhile), ruling.author, ruling.same_person, ruling.not_superior, ruling.no_mandate (made in
    another's place: the delegation did not hold on that day, or was revoked meanwhile).
    """
    if decided.revision != revision or decided.content_hash != content_hash:
        return "ruling.content"
    same = next((d for d in earlier if d.step == decided.step), None)
    if same is not None:
        return "ruling.decided"
    if state != Outcome.WAITING:
        return "ruling.not_waiting"
    found = _in_place_of(steps, decided.step, actor, decided.behalf, author, earlier, shanghai_day(decided.at))
    if found.allowed:
        return ""
    return {"permission.role": "ruling.right"}.get(found.code, found.code.replace("approval.", "ruling."))


def may_decide(
    steps: Steps, step: str, actor: Actor, author: Author, earlier: Sequence[Decided], day: dt.date | None = None
) -> Verdict:
    """Whether ACTOR may decide STEP, in his own name or else (on DAY) in the place of somebody who handed that over to him; EARLIER are
    the decisions bound to the same content.

    Refusals, of his own name: approval.decided, permission.role, approval.author, approval.same_person, approval.not_superior.
    """
    own = _in_place_of(steps, step, actor, None, author, earlier, day)
    if own.allowed or day is None:
        return own
    right = steps.right(step)
    for mandate in actor.mandates:
        if mandate.covers(right, day):
            found = _in_place_of(steps, step, actor, mandate.principal.id, author, earlier, day)
            if found.allowed:
                return found
    return own


def _in_place_of(
    steps: Steps,
    step: str,
    actor: Actor,
    behalf: UUID | None,
    author: Author,
    earlier: Sequence[Decided],
    day: dt.date | None,
) -> Verdict:
    """As `may_decide`, in the name of BEHALF (None: his own). approval.no_mandate where nothing was handed over on DAY."""
    if any(d.step == step for d in earlier):
        return Verdict(False, "approval.decided")
    right = steps.right(step)
    holder = actor
    if behalf is not None:
        given = [m for m in actor.mandates if m.principal.id == behalf and day is not None and m.covers(right, day)]
        if not given:
            return Verdict(False, "approval.no_mandate")
        holder = given[0].principal
    held = may(holder, right)
    if not held.allowed:
        return held
    people = {actor.id, holder.id}
    if people & author.people:
        return Verdict(False, "approval.author")
    if any(people & d.people for d in earlier):
        return Verdict(False, "approval.same_person")
    if step in steps.above_author and author.has_superior and author.id not in holder.reports:
        return Verdict(False, "approval.not_superior")
    return Verdict(True, principal=holder if behalf is not None else None)


def outcome(steps: Steps, decisions: Iterable[Decided]) -> Outcome:
    """What DECISIONS (bound to one content) add up to: one refusal is enough, an approval needs every step (I4, I5).

    Counted again here whatever was checked when they were made: a second approval by the same person is none.
    """
    approved: dict[str, frozenset[UUID]] = {}
    for decision in decisions:
        if decision.step not in steps.steps:
            continue
        if decision.verdict == Choice.REJECT:
            return Outcome.REJECTED
        if decision.verdict == Choice.RETURN:
            return Outcome.RETURNED
        if not any(decision.people & people for people in approved.values()):
            approved[decision.step] = decision.people
    return Outcome.APPROVED if set(approved) == set(steps.steps) else Outcome.WAITING
