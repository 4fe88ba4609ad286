"""What the judge asks of the steps of quotes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from sqlalchemy import select

from presales_desktop.models import canonical, quote_content, quotes
from presales_desktop.models.journal import SendRecord
from presales_desktop.models.quotes import LIVE, Quote
from presales_desktop.models.values import shanghai_day
from presales_desktop.services import (
    quote_steps,
)
from presales_desktop.services import quotes as quotes_service
from presales_desktop.services.judge_moves import frozen, moved, moved_to, only, sent_on_record, step_of, submitted_by
from presales_desktop.services.judge_world import Case, changed
from presales_desktop.services.work import Work
from sync.server.domain import Judged


def judge_quote(case: Case, change: Judged) -> None:
    if "stale" in changed(change):
        return case.refuse("judge.server_only", change, "stale")
    old, new = moved(change)
    if new == "superseded" and old in LIVE and _sent_later(case, change):
        return None  # the later revision that goes out takes its place
    step = step_of(case, change)
    if step is None:
        return None
    allowed = {
        "submit": ("state", "frozen", "content_hash", "submitted_at", "submitted_by"),
        "accept": ("state", "answered_on", "answer_note"),
        "decline": ("state", "answered_on", "answer_note"),
    }
    if only(case, change, allowed.get(step.action, ("state",))):
        further = _STEPS.get(step.action)
        if further is not None:
            further(case, change)
    return None


def _quote_submit(case: Case, change: Judged) -> None:
    submitted_by(case, change)

    def text(work: Work) -> str:
        quote = work.get(Quote, change.id)
        lines = quotes_service.records_of(work, change.id)
        found = quote_steps.submission_problems(quote, lines, work.today)
        case.refuse_problems(change, found)
        # An earlier format binds less than the paper says: what is frozen now is frozen in the newest.
        if quote_content.format_of(quote.frozen) != quote_content.NEWEST:
            case.refuse("judge.content_differs", change, "frozen", number=quote.number)
        return quote_steps.current_content(work, quote, lines)

    frozen(case, change, text)


def _sent_later(case: Case, change: Judged) -> bool:
    assert change.before is not None
    family, revision = change.before["family_id"], change.before["revision"]
    return any(
        moved_to(c, "sent")
        and c.after is not None
        and c.after["family_id"] == family
        and c.after["revision"] > revision
        for c in case.of("quote")
    )


def _quote_answer(case: Case, change: Judged) -> None:
    assert change.after is not None
    after = change.after
    work = case.work()
    day, valid = after["answered_on"], after["valid_until"]
    first = work.session.scalar(
        select(SendRecord.sent_at).where(SendRecord.subject_id == change.id).order_by(SendRecord.sent_at).limit(1)
    )
    if day is None or day > work.today or (first is not None and day < shanghai_day(first)):
        return case.refuse("quote.answer_day", change, "answered_on", day=str(day))
    label = f"{after['number']}-R{after['revision']}"
    if after["state"] == "declined":
        if not after["answer_note"].strip():
            case.refuse("workflow.parameter_missing", change, "answer_note", action="decline", missing="reason")
        return None
    if valid is not None and day > valid:
        case.refuse("quote.expired", change, number=label, day=str(valid))
    quote = work.get(Quote, change.id)
    if canonical.sha256(quote_steps.current_content(work, quote)) != quote.content_hash:
        case.refuse("quote.altered", change, number=label)
    return None


def _quote_expire(case: Case, change: Judged) -> None:
    assert change.before is not None
    row = change.before
    if not quotes.is_expired(row["state"], row["valid_until"], case.work().today):
        label = f"{row['number']}-R{row['revision']}"
        case.refuse("quote.not_expired", change, number=label, day=str(row["valid_until"]))


_STEPS: Final[Mapping[str, Callable[[Case, Judged], None]]] = {
    "submit": _quote_submit, "send": sent_on_record, "accept": _quote_answer, "decline": _quote_answer,
    "expire": _quote_expire,
}  # fmt: skip
