"""Where a case stands and what comes next: pure functions of what the case holds. Nothing here is typed in or stored.

Phase: the furthest thing the case holds that still lives. Next step: what that thing waits for, who owes it and by when. A step
that somebody wrote down by hand goes before the computed one as long as the case is open.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Final
from uuid import UUID

from presales_desktop.models.workdays import add_workdays


class Phase(StrEnum):
    """How far a case has come, in order; the last three end or interrupt it."""

    INQUIRY = "inquiry"
    SURVEY = "survey"
    DESIGN = "design"
    QUOTE = "quote"
    CONTRACT = "contract"
    WON = "won"
    PAUSED = "paused"
    LOST = "lost"


PIPELINE: Final = (Phase.INQUIRY, Phase.SURVEY, Phase.DESIGN, Phase.QUOTE, Phase.CONTRACT, Phase.WON)
OPEN_PHASES: Final = PIPELINE[:-1]
SIGNED: Final = ("signed", "effective")
# what no longer counts: another revision took its place, or it was given up before anybody saw it
GONE: Final = ("superseded", "cancelled")


@dataclass(frozen=True)
class Held:
    """One survey, design, quote or contract of a case, its latest revision only.

    `since`: day on which it came into its state (or changed last); `due`: a day that it names itself (planned day of a survey,
    validity of a quote); `waiting_for`: approval steps that nobody has decided yet, "finance", "superior", "legal" …
    """

    kind: str
    id: UUID
    state: str
    since: dt.date
    due: dt.date | None = None
    waiting_for: tuple[str, ...] = ()
    amount_fen: int | None = None


@dataclass(frozen=True)
class Facts:
    """All that phase and next step are computed from."""

    status: str
    created_on: dt.date
    today: dt.date
    owner_id: UUID | None = None
    designer_id: UUID | None = None
    manual_step: str = ""
    manual_due: dt.date | None = None
    held: tuple[Held, ...] = ()

    def of(self, kind: str) -> tuple[Held, ...]:
        """What it holds of one kind, newest first, without what is gone."""
        return self._by_kind.get(kind, ())

    @cached_property
    def phase(self) -> Phase:
        """Where the case stands: see `phase` of this module."""
        return _phase(self)

    @cached_property
    def _by_kind(self) -> Mapping[str, tuple[Held, ...]]:
        found: dict[str, tuple[Held, ...]] = {}
        for held in self.held:
            if held.state not in GONE:
                found[held.kind] = (*found.get(held.kind, ()), held)
        for kind, several in found.items():
            if len(several) > 1:
                found[kind] = tuple(sorted(several, key=lambda h: (h.since, str(h.id)), reverse=True))
        return found


@dataclass(frozen=True)
class NextStep:
    """What is to be done next.

    `action`: code whose words stand in texts/cases.py NEXT_STEPS, "manual" with `text` for one written by hand;
    `who`: "owner", "designer", "customer", or an approval step ("finance", "superior", "legal", "sales", "review");
    `user_id`: the person when one is known; `kind`, `record_id`: what it is done on, None when it is still to be made.
    """

    action: str
    who: str
    due: dt.date | None
    user_id: UUID | None = None
    kind: str = ""
    record_id: UUID | None = None
    text: str = ""
    overdue: bool = False


@dataclass(frozen=True)
class _Rule:
    """What a state of a kind waits for: action, who, working days after it came into the state; `own_due`: its own day counts."""

    action: str
    who: str
    days: int
    own_due: bool = False


_RULES: Final[Mapping[tuple[str, str], _Rule]] = {
    ("survey", "planned"): _Rule("hold_survey", "owner", 5, own_due=True),
    ("survey", "collecting"): _Rule("finish_survey_report", "owner", 3),
    ("survey", "report_draft"): _Rule("confirm_survey", "customer", 5),
    ("survey", "confirmed"): _Rule("start_design", "designer", 3),
    ("design", "draft"): _Rule("finish_design", "designer", 5),
    ("design", "submitted"): _Rule("review_design", "review", 2),
    ("design", "returned"): _Rule("revise_design", "designer", 3),
    ("design", "rejected"): _Rule("revise_design", "designer", 3),
    ("design", "approved"): _Rule("make_quote", "owner", 2),
    ("design", "approved_with_notes"): _Rule("make_quote", "owner", 2),
    ("quote", "draft"): _Rule("submit_quote", "owner", 2),
    ("quote", "submitted"): _Rule("approve_quote", "finance", 2),
    ("quote", "returned"): _Rule("revise_quote", "owner", 2),
    ("quote", "rejected"): _Rule("revise_quote", "owner", 3),
    ("quote", "approved"): _Rule("send_quote", "owner", 1),
    ("quote", "sent"): _Rule("ask_answer", "customer", 5, own_due=True),
    ("quote", "accepted"): _Rule("make_contract", "owner", 3),
    ("quote", "declined"): _Rule("answer_refusal", "owner", 2),
    ("quote", "expired"): _Rule("renew_quote", "owner", 1),
    ("quote", "withdrawn"): _Rule("renew_quote", "owner", 2),
    ("contract", "draft"): _Rule("submit_contract", "owner", 3),
    ("contract", "submitted"): _Rule("approve_contract", "legal", 3),
    ("contract", "returned"): _Rule("revise_contract", "owner", 2),
    ("contract", "rejected"): _Rule("revise_contract", "owner", 3),
    ("contract", "approved"): _Rule("send_contract", "owner", 2),
    ("contract", "out_for_signature"): _Rule("sign_contract", "customer", 7),
}
_FALLBACK: Final = {
    "survey": _Rule("finish_survey_report", "owner", 3),
    "design": _Rule("finish_design", "designer", 5),
    "quote": _Rule("submit_quote", "owner", 2),
    "contract": _Rule("submit_contract", "owner", 3),
}
# several live records of one kind: the one that is furthest counts, a declined quote less than the draft that follows it
_RANK: Final[Mapping[str, Sequence[str]]] = {
    "survey": ("planned", "collecting", "report_draft", "confirmed"),
    "design": ("rejected", "returned", "draft", "submitted", "approved_with_notes", "approved"),
    "quote": (
        "rejected", "withdrawn", "expired", "declined", "returned", "draft", "submitted", "approved", "sent", "accepted",
    ),
    "contract": ("rejected", "returned", "draft", "submitted", "approved", "out_for_signature", *SIGNED),
}  # fmt: skip
_ORDER: Final = (
    ("contract", Phase.CONTRACT),
    ("quote", Phase.QUOTE),
    ("design", Phase.DESIGN),
    ("survey", Phase.SURVEY),
)


def phase(facts: Facts) -> Phase:
    """Lost and paused as set by hand; won by hand or by a signed contract; otherwise the furthest kind that it holds."""
    return facts.phase


def _phase(facts: Facts) -> Phase:
    if facts.status == "lost":
        return Phase.LOST
    if facts.status == "won" or is_signed(facts):
        return Phase.WON
    if facts.status == "paused":
        return Phase.PAUSED
    for kind, found in _ORDER:
        if facts.of(kind):
            return found
    return Phase.INQUIRY


def is_signed(facts: Facts) -> bool:
    """Whether it holds a signed contract."""
    return any(h.state in SIGNED for h in facts.of("contract"))


def leading(facts: Facts, kind: str) -> Held | None:
    """Of several live records of a kind the one that is furthest, the newest of equals; None when there is none."""
    found = facts.of(kind)
    if len(found) < 2:
        return found[0] if found else None
    order = _RANK[kind]

    def rank(held: Held) -> tuple[int, dt.date]:
        return (order.index(held.state) if held.state in order else 0), held.since

    return max(found, key=rank)


def amount(facts: Facts, expected_fen: int | None) -> int | None:
    """What the case is worth in fen: its contract, else its leading quote, else what was expected; None when nothing is known."""
    for kind in ("contract", "quote"):
        held = leading(facts, kind)
        if held is not None and held.amount_fen:
            return held.amount_fen
    return expected_fen


def next_step(facts: Facts) -> NextStep | None:
    """What comes next; None for won and lost cases. A paused case waits for its manual date."""
    now = phase(facts)
    if now in (Phase.WON, Phase.LOST):
        return None
    if now is Phase.PAUSED:
        return _stamped(NextStep("resume", "owner", facts.manual_due, facts.owner_id, text=facts.manual_step), facts)
    if facts.manual_step.strip():
        step = NextStep("manual", "owner", facts.manual_due, facts.owner_id, text=facts.manual_step.strip())
        return _stamped(step, facts)
    step = _computed(facts)
    if facts.manual_due is not None:
        step = _with_due(step, facts.manual_due)
    return _stamped(step, facts)


def _computed(facts: Facts) -> NextStep:
    for kind, _ in _ORDER:
        held = leading(facts, kind)
        if held is not None:
            return _of_held(facts, held)
    return NextStep("plan_survey", "owner", add_workdays(facts.created_on, 2), facts.owner_id)


def _of_held(facts: Facts, held: Held) -> NextStep:
    rule = _RULES.get((held.kind, held.state), _FALLBACK[held.kind])
    who = held.waiting_for[0] if held.waiting_for else rule.who
    due = add_workdays(held.since, rule.days)
    if rule.own_due and held.due is not None:
        due = held.due if held.kind == "survey" else min(due, held.due)
    people = {"owner": facts.owner_id, "customer": facts.owner_id, "designer": facts.designer_id or facts.owner_id}
    return NextStep(rule.action, who, due, people.get(who), held.kind, held.id)


def _with_due(step: NextStep, due: dt.date) -> NextStep:
    return NextStep(step.action, step.who, due, step.user_id, step.kind, step.record_id, step.text)


def _stamped(step: NextStep, facts: Facts) -> NextStep:
    late = step.due is not None and step.due < facts.today
    return NextStep(step.action, step.who, step.due, step.user_id, step.kind, step.record_id, step.text, late)
