"""The server's judgement of one commit: the same fields, rights, states and services as on every laptop, asked again.

First every row by itself, then steps, decisions and what goes out, then the journal; only what nothing speaks against gets what the
server adds. A refusal names code, record and field; its sentence stands in texts/judge.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from presales_desktop.services.judge_decisions import judge_decisions
from presales_desktop.services.judge_follow import derive, follow_costs, judge_events, number, place
from presales_desktop.services.judge_merges import follow_merges
from presales_desktop.services.judge_rows import judge_rows
from presales_desktop.services.judge_sends import judge_sends
from presales_desktop.services.judge_steps import judge_steps
from presales_desktop.services.judge_world import Case, People, World
from sync.server.domain import CommitContext, Judged, Verdict
from sync.wire import Refusal

_JUDGES = (judge_rows, judge_steps, judge_sends, judge_decisions, judge_events)
_FOLLOWS = (derive, follow_costs, follow_merges, place, number)


def judge(session: Session, context: CommitContext, changes: Sequence[Judged], people: People | None = None) -> Verdict:
    """What becomes of CHANGES, one commit of context.actor on context.device. SESSION as sync.server.domain.Domain.judge says."""
    verdict = Verdict()
    known = people if people is not None else People.read(session)
    actor = known.actor(context.actor)
    if actor is None:
        verdict.refusals.append(Refusal("judge.who"))
        return verdict
    case = Case(session, context, changes, actor, known, World(session, changes), verdict)
    for ask in _JUDGES:
        ask(case)
        if case.refused:
            return _without_additions(verdict)
    for follow in _FOLLOWS:
        follow(case)
    return verdict


def _without_additions(verdict: Verdict) -> Verdict:
    return Verdict(refusals=verdict.refusals)
