"""What cases hold, read for many cases with few queries: the facts that phase and next step are computed from."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, case, exists, or_, select

from presales_desktop.models.approvals import CONTRACT_STEPS, QUOTE_STEPS, Steps
from presales_desktop.models.cases import Case
from presales_desktop.models.contracts import Contract
from presales_desktop.models.designs import Design
from presales_desktop.models.journal import Decision
from presales_desktop.models.progress import GONE, SIGNED, Facts, Held
from presales_desktop.models.quotes import Quote, yuan_total
from presales_desktop.models.surveys import Survey
from presales_desktop.models.values import shanghai_day
from presales_desktop.services.work import Work

_CHUNK: Final = 400
Cases = Sequence[UUID] | Select[UUID]


@dataclass(frozen=True)
class CaseItem:
    """A survey, design, quote or contract of a case in its latest revision; `amount_fen` None where it has none."""

    kind: str
    id: UUID
    number: str
    title: str
    state: str
    revision: int
    amount_fen: int | None
    updated_at: dt.datetime
    due: dt.date | None = None
    waiting_for: tuple[str, ...] = ()


def phase_expression() -> ColumnElement[str]:
    """The phase in SQL, for filters: says the same as models.progress.phase."""

    def holds(model: Any) -> ColumnElement[bool]:
        return exists().where(model.case_id == Case.id, model.state.not_in(GONE))

    return case(
        (Case.status == "lost", "lost"),
        (or_(Case.status == "won", exists().where(Contract.case_id == Case.id, Contract.state.in_(SIGNED))), "won"),
        (Case.status == "paused", "paused"),
        (holds(Contract), "contract"),
        (holds(Quote), "quote"),
        (holds(Design), "design"),
        (holds(Survey), "survey"),
        else_="inquiry",
    )


def items_of(work: Work, case_ids: Sequence[UUID]) -> dict[UUID, list[CaseItem]]:
    """What each case holds: of designs, quotes and contracts the latest revision that still counts; newest first."""
    found: dict[UUID, list[CaseItem]] = {one: [] for one in case_ids}
    for start in range(0, len(case_ids), _CHUNK):
        found |= items_in(work, case_ids[start : start + _CHUNK])
    return found


def items_in(work: Work, cases: Cases) -> dict[UUID, list[CaseItem]]:
    """The same for CASES, at most 400 ids or a SELECT of any number; cases that hold nothing are left out."""
    found: dict[UUID, list[CaseItem]] = {}
    for read in (_surveys, _designs, _quotes, _contracts):
        for case_id, item in read(work, cases):
            found.setdefault(case_id, []).append(item)
    for items in found.values():
        if len(items) > 1:
            items.sort(key=lambda i: i.updated_at, reverse=True)
    return found


def _surveys(work: Work, cases: Cases) -> Iterator[tuple[UUID, CaseItem]]:
    rows = work.session.execute(
        select(
            Survey.id, Survey.case_id, Survey.number, Survey.scene, Survey.state, Survey.revision, Survey.updated_at,
            Survey.planned_on,
        ).where(Survey.case_id.in_(cases), Survey.state.not_in(GONE))
    )  # fmt: skip
    for r in rows:
        yield (
            r.case_id,
            CaseItem("survey", r.id, r.number, r.scene[:60], r.state, r.revision, None, r.updated_at, r.planned_on),
        )


def _latest(rows: Iterable[Any]) -> list[Any]:
    best: dict[UUID, Any] = {}
    for row in rows:
        if row.family_id not in best or row.revision > best[row.family_id].revision:
            best[row.family_id] = row
    return list(best.values())


def _designs(work: Work, cases: Cases) -> Iterator[tuple[UUID, CaseItem]]:
    rows = work.session.execute(
        select(
            Design.id, Design.family_id, Design.case_id, Design.number, Design.title, Design.state, Design.revision,
            Design.updated_at,
        ).where(Design.case_id.in_(cases), Design.state.not_in(GONE))
    )  # fmt: skip
    for r in _latest(rows):
        waiting = ("review",) if r.state == "submitted" else ()
        item = CaseItem("design", r.id, r.number, r.title, r.state, r.revision, None, r.updated_at, None, waiting)
        yield r.case_id, item


def _quotes(work: Work, cases: Cases) -> Iterator[tuple[UUID, CaseItem]]:
    rows = _latest(
        work.session.execute(
            select(
                Quote.id, Quote.family_id, Quote.case_id, Quote.number, Quote.title, Quote.state, Quote.revision,
                Quote.updated_at, yuan_total().label("total_fen"), Quote.valid_until, Quote.content_hash,
            ).where(Quote.case_id.in_(cases), Quote.state.not_in(GONE))
        )
    )  # fmt: skip
    waiting = _undecided(work, rows, QUOTE_STEPS)
    for r in rows:
        yield r.case_id, CaseItem(
            "quote", r.id, r.number, r.title, r.state, r.revision, r.total_fen, r.updated_at, r.valid_until,
            waiting.get(r.id, ()),
        )  # fmt: skip


def _contracts(work: Work, cases: Cases) -> Iterator[tuple[UUID, CaseItem]]:
    rows = _latest(
        work.session.execute(
            select(
                Contract.id, Contract.family_id, Contract.case_id, Contract.number, Contract.title, Contract.state,
                Contract.revision, Contract.updated_at, Contract.total_fen, Contract.content_hash,
            ).where(Contract.case_id.in_(cases), Contract.state.not_in(GONE))
        )
    )  # fmt: skip
    waiting = _undecided(work, rows, CONTRACT_STEPS)
    for r in rows:
        yield r.case_id, CaseItem(
            "contract", r.id, r.number, r.title, r.state, r.revision, r.total_fen, r.updated_at, None,
            waiting.get(r.id, ()),
        )  # fmt: skip


def _undecided(work: Work, rows: Sequence[Any], steps: Steps) -> dict[UUID, tuple[str, ...]]:
    """Approval steps that nobody has decided on the content as it was submitted."""
    waiting = {r.id: r for r in rows if r.state == "submitted"}
    if not waiting:
        return {}
    done: dict[UUID, set[str]] = {one: set() for one in waiting}
    for d in work.session.execute(
        select(Decision.subject_id, Decision.step, Decision.content_hash).where(
            and_(Decision.subject_kind == steps.subject_kind, Decision.subject_id.in_(list(waiting)))
        )
    ):
        if d.content_hash == waiting[d.subject_id].content_hash:
            done[d.subject_id].add(d.step)
    return {one: tuple(s for s in steps.steps if s not in done[one]) for one in waiting}


def facts(work: Work, record: Any, items: Iterable[CaseItem]) -> Facts:
    """The facts of one case. RECORD: anything with the columns of Case (a row will do)."""
    return Facts(
        status=record.status,
        created_on=shanghai_day(record.created_at),
        today=work.today,
        owner_id=record.owner_id,
        designer_id=record.designer_id,
        manual_step=record.next_step,
        manual_due=record.next_due_on,
        held=tuple(
            Held(i.kind, i.id, i.state, shanghai_day(i.updated_at), i.due, i.waiting_for, i.amount_fen) for i in items
        ),
    )
