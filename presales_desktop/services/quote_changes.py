"""What is other since the revision before, and what its reviewers remarked on single lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from presales_desktop.models.errors import Problem, ValidationError
from presales_desktop.models.journal import Decision
from presales_desktop.models.quote_diff import QuoteDiff, diff
from presales_desktop.models.quotes import Quote, QuoteLine
from presales_desktop.services.quotes import records_of
from presales_desktop.services.work import Work
from presales_desktop.texts.delegations import in_place_of

# Under this name a decision keeps its remarks: line id → words.
KEY: Final = "lines"
MAX_REMARKS: Final = 200
MAX_LENGTH: Final = 400


@dataclass(frozen=True)
class LineRemark:
    """What a reviewer said of one line. `place`: its row from 0 in the revision that is shown, None when it is gone; `changed`: whether
    the line is other than the one that was remarked on."""

    step: str
    who: str
    text: str
    name: str
    place: int | None
    changed: bool


@dataclass(frozen=True)
class QuoteSince:
    """`revision`, `id`: what is compared with, 0 and None for a first revision; `old_lines`: its lines in order."""

    id: UUID | None
    revision: int
    diff: QuoteDiff | None
    old_lines: tuple[QuoteLine, ...]
    remarks: tuple[LineRemark, ...]


def kept(quote: Quote, lines: list[QuoteLine], remarks: Mapping[UUID, str]) -> dict[str, str]:
    """REMARKS as a decision keeps them. Raises ValidationError quote.remark_line for a line of another revision, quote.remarks_many,
    field.too_long."""
    known = {line.id for line in lines}
    found = {line_id: text.strip() for line_id, text in remarks.items() if text.strip()}
    problems = [Problem("quote.remark_line", None, {}) for line_id in found if line_id not in known]
    if len(found) > MAX_REMARKS:
        problems.append(Problem("quote.remarks_many", None, {"limit": MAX_REMARKS}))
    problems += [
        Problem("field.too_long", None, {"limit": MAX_LENGTH, "length": len(t)}) for t in found.values() if len(t) > MAX_LENGTH
    ]  # fmt: skip
    if problems:
        raise ValidationError(problems[:1])
    return {str(line_id): text for line_id, text in found.items()}


def since_last(work: Work, quote_id: UUID) -> QuoteSince:
    """Against the revision before (of a submitted one: the remarks on itself, too). Raises NotFound, PermissionDenied."""
    work.require("quote.view")
    quote = work.get(Quote, quote_id)
    lines = records_of(work, quote_id)
    before = work.session.scalars(
        select(Quote)
        .where(Quote.family_id == quote.family_id, Quote.revision < quote.revision)
        .order_by(Quote.revision.desc())
        .limit(1)
    ).first()
    own = [
        LineRemark(step, who, text, lines[n].name, n, changed=False)
        for step, who, line_id, text in _remarks(work, quote)
        for n in [next((i for i, line in enumerate(lines) if line.id == line_id), -1)]
        if n >= 0
    ]
    if before is None:
        return QuoteSince(None, 0, None, (), tuple(own))
    old = records_of(work, before.id)
    found = diff(before, quote, old, lines)
    return QuoteSince(before.id, before.revision, found, tuple(old), (*own, *_answered(work, before, old, found)))


def _answered(work: Work, before: Quote, old: list[QuoteLine], found: QuoteDiff) -> list[LineRemark]:
    places = {line.id: n for n, line in enumerate(old)}
    now = {was: place for place, was in found.pairs.items()}
    changed = {change.place for change in found.lines if change.how == "changed"}
    made = []
    for step, who, line_id, text in _remarks(work, before):
        was = places.get(line_id)
        if was is None:
            continue
        place = now.get(was)
        made.append(LineRemark(step, who, text, old[was].name, place, place is None or place in changed))
    return made


def _remarks(work: Work, quote: Quote) -> list[tuple[str, str, UUID, str]]:
    """(step, who, line, words) of the decisions on one revision; what does not look like a remark is none."""
    rows = work.session.scalars(
        select(Decision)
        .where(Decision.subject_kind == Quote.KIND, Decision.subject_id == quote.id)
        .order_by(Decision.decided_at, Decision.id)
    )
    made = []
    for row in rows:
        said: Any = row.detail.get(KEY) if isinstance(row.detail, dict) else None
        for key, text in said.items() if isinstance(said, dict) else ():
            try:
                line_id = UUID(str(key))
            except ValueError:
                continue
            if isinstance(text, str):
                who = in_place_of(row.decided_by_name, row.on_behalf_of_name)
                made.append((row.step, who, line_id, text[:MAX_LENGTH]))
    return made
