"""The steps of a quote: submit, decide, revise, send, and the customer's answer (business.md 3.2, invariants I1 to I10)."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select

from presales_desktop.models import approvals as rules
from presales_desktop.models import canonical, quote_pricing
from presales_desktop.models.approvals import QUOTE_STEPS, Choice, Outcome
from presales_desktop.models.attachments import Attachment
from presales_desktop.models.errors import Problem, UserError, ValidationError
from presales_desktop.models.journal import SendRecord
from presales_desktop.models.quote_content import content
from presales_desktop.models.quotes import (
    LIVE,
    TRANSITIONS,
    VIA,
    Quote,
    QuoteLine,
    is_expired,
    submit_problems,
)
from presales_desktop.models.values import shanghai_day
from presales_desktop.models.workflow import find
from presales_desktop.services import (
    approvals,
    attachments,
    customer_merge,
    design_reviews,
    printing,
    quote_changes,
    quote_costs,
    quote_policy,
    steps,
)
from presales_desktop.services.quote_drafts import LINE_COLUMNS
from presales_desktop.services.quotes import label_of, ownership, records_of, title_of
from presales_desktop.services.work import Work

# Files that go out with the quote are part of its content; scans and working files are not.
ENCLOSED = "enclosure"
_COPIED = (
    "title", "case_id", "customer_id", "contact_id", "design_id", "owner_id", "currency", "exchange_rate", "rate_on",
    "language", "show_images", "tax_rate", "tax_included", "discount_percent", "discount_fen", "freight_fen", "installation_fen", "delivery", "delivery_place", "payment",
    "warranty", "notes", "internal_notes", "total_fen",
)  # fmt: skip
_DECISIONS = {"approve": Choice.APPROVE, "return": Choice.RETURN, "reject": Choice.REJECT}


def do(work: Work, quote_id: UUID, action: str, parameters: dict[str, str]) -> Any:
    """ACTION with text PARAMETERS, as the command line gives them. `revise` answers the next revision's id."""
    if action in _DECISIONS:
        decide(
            work,
            quote_id,
            _DECISIONS[action],
            step=parameters.get("step", "").strip(),
            comment=parameters.get("comment", ""),
        )
        return None
    if action == "submit":
        submit(work, quote_id)
        return None
    if action == "revise":
        return revise(work, quote_id)
    if action == "send":
        return send(work, quote_id, parameters.get("via", ""), parameters.get("recipient", ""))
    answer(work, quote_id, action, parameters)
    return None


def current_content(work: Work, quote: Quote, lines: list[QuoteLine] | None = None) -> str:
    """The canonical text of what is stored now: compared with what was approved before anything goes out."""
    found = records_of(work, quote.id) if lines is None else lines
    enclosed = work.session.scalars(
        select(Attachment.sha256).where(
            Attachment.subject_kind == Quote.KIND, Attachment.subject_id == quote.id, Attachment.role == ENCLOSED
        )
    )
    totals = quote_pricing.price(found, quote)
    customer = customer_merge.party(work, quote.customer_id, quote.frozen)
    return content(quote, found, totals, customer.name, enclosed, customer.id)


def submission_problems(quote: Quote, lines: list[QuoteLine], today: dt.date) -> list[Problem]:
    """Everything that keeps the revision from being submitted."""
    return submit_problems(quote, lines, today) + quote_pricing.problems(lines, quote)


def submit(work: Work, quote_id: UUID) -> str:
    """Freeze the revision: canonical content, its SHA-256 (answered), today's costs. Raises ValidationError, PermissionDenied."""
    quote = work.get(Quote, quote_id)
    steps.take(work, TRANSITIONS, quote.state, "submit", ownership(quote), {})
    lines = records_of(work, quote_id)
    problems = submission_problems(quote, lines, work.today)
    if problems:
        raise ValidationError(problems)
    totals = quote_pricing.price(lines, quote)
    for line, amount in zip(lines, totals.amounts, strict=True):
        if line.amount_fen != amount:
            line.amount_fen = amount
    # The lines must be written before the freeze: afterwards the database refuses to.
    work.session.flush()
    text = current_content(work, quote, lines)
    quote_costs.snapshot(work, quote, lines)
    quote.total_fen = totals.gross_fen
    quote.frozen = text
    quote.content_hash = canonical.sha256(text)
    quote.submitted_at = work.now
    quote.submitted_by = work.actor.id
    _move(work, quote, "submitted", "submitted", content_hash=quote.content_hash)
    return quote.content_hash


def _move(work: Work, quote: Quote, state: str, action: str, **detail: Any) -> None:
    quote.state = state
    work.touch(quote)
    work.audit(
        quote, action, title=title_of(quote), customer_id=quote.customer_id, case_id=quote.case_id,
        revision=quote.revision, total_fen=quote.total_fen, **detail,
    )  # fmt: skip


def decide(
    work: Work,
    quote_id: UUID,
    verdict: str,
    *,
    step: str = "",
    comment: str = "",
    seen_hash: str = "",
    remarks: Mapping[UUID, str] | None = None,
) -> Outcome:
    """The actor's decision on the step that is his (or on STEP); the quote follows when they add up to something.

    SEEN_HASH: the content the decider had before his eyes; REMARKS: words on single lines, which the next revision shows beside them. Raises as approvals.decide, and UserError quote.altered when what
    is stored is not what was submitted.
    """
    quote = work.get(Quote, quote_id)
    find(TRANSITIONS, quote.state, Choice(verdict).value)
    if canonical.sha256(current_content(work, quote)) != quote.content_hash:
        raise UserError("quote.altered", number=label_of(quote))
    policy = quote_policy.policy(work)
    kept = quote_changes.kept(quote, records_of(work, quote_id), remarks or {})
    said = {quote_changes.KEY: kept} if kept else {}
    found = approvals.decide(
        work,
        quote,
        QUOTE_STEPS,
        verdict,
        step=step,
        comment=comment,
        seen_hash=seen_hash,
        detail={"policy_version": policy.version, "cost_snapshot": str(quote.id), **said},
    )
    if found is Outcome.WAITING:
        work.touch(quote)
    else:
        _move(work, quote, found.value, found.value)
    return found


def revise(work: Work, quote_id: UUID) -> UUID:
    """The next revision as a draft with the same content and none of the approvals (I7); its id.

    Raises UserError quote.newer_open when a newer revision is being worked on already.
    """
    quote = work.get(Quote, quote_id)
    steps.take(work, TRANSITIONS, quote.state, "revise", ownership(quote), {})
    newest = work.session.scalars(
        select(Quote).where(Quote.family_id == quote.family_id).order_by(Quote.revision.desc()).limit(1)
    ).one()
    if newest.revision > quote.revision and newest.state in ("draft", "submitted", "approved", "sent", "accepted"):
        raise UserError("quote.newer_open", number=label_of(quote), newer=label_of(newest))
    valid_until = quote.valid_until
    if valid_until is None or valid_until < work.today:
        valid_until = work.today + dt.timedelta(days=quote_policy.policy(work).valid_days)
    made = work.add(
        Quote(
            number=quote.number,
            family_id=quote.family_id,
            revision=newest.revision + 1,
            state="draft",
            valid_until=valid_until,
            **{name: getattr(quote, name) for name in _COPIED},
        )
    )
    work.session.flush()
    for line in records_of(work, quote_id):
        values = {name: getattr(line, name) for name in LINE_COLUMNS}
        work.add(QuoteLine(quote_id=made.id, sort=line.sort, amount_fen=line.amount_fen, **values))
    work.audit(
        made, "revised", title=title_of(made), customer_id=made.customer_id, case_id=made.case_id,
        source=label_of(quote), revision=made.revision,
    )  # fmt: skip
    return made.id


def design_problem(work: Work, quote: Quote) -> Problem | None:
    """That the design which the quote was made from has not passed its review (rule book 2.8)."""
    if quote.design_id is None:
        return None
    basis = design_reviews.basis(work, quote.design_id)
    if basis.passed:
        return None
    return Problem("quote.design_not_passed", None, {"number": label_of(quote), "design": basis.label})


def send_problems(work: Work, quote: Quote) -> list[Problem]:
    """Everything that keeps the revision from going to the customer now (rule book 2.8; I1, I5, I6, I8, I10)."""
    found = []
    decided = rules.outcome(QUOTE_STEPS, approvals.bound(work, quote))
    if quote.state not in LIVE or decided is not Outcome.APPROVED:
        found.append(Problem("quote.not_approved", None, {"number": label_of(quote)}))
    if not quote.frozen or canonical.sha256(current_content(work, quote)) != quote.content_hash:
        found.append(Problem("quote.altered", None, {"number": label_of(quote)}))
    if (unreviewed := design_problem(work, quote)) is not None:
        found.append(unreviewed)
    if is_expired(quote.state, quote.valid_until, work.today):
        found.append(Problem("quote.expired", "valid_until", {"day": str(quote.valid_until)}))
    newer = work.session.scalars(
        select(Quote).where(
            Quote.family_id == quote.family_id,
            Quote.revision > quote.revision,
            Quote.state.in_(("sent", "accepted", "declined")),
        )
    ).first()
    if newer is not None:
        found.append(Problem("quote.newer_sent", None, {"number": label_of(quote), "newer": label_of(newer)}))
    if quote.state == "approved" and quote_costs.is_stale(work, quote):
        found.append(Problem("quote.stale", None, {"number": label_of(quote)}))
    return found


def send(work: Work, quote_id: UUID, via: str, recipient: str, file: bytes | None = None) -> dict[str, str]:
    """Record that the approved revision goes to RECIPIENT by VIA, with the FILE that goes (printed here when not given).

    Earlier live revisions become superseded. Answers the file's SHA-256. Raises PermissionDenied, InvalidTransition,
    ValidationError, UserError with the first reason of `send_problems`.
    """
    quote = work.get(Quote, quote_id)
    if quote.state not in LIVE:
        # The reason a seller wants to read is not "wrong state" but that it isn't approved.
        work.require("quote.send", ownership(quote))
        raise UserError("quote.not_approved", number=label_of(quote))
    steps.take(work, TRANSITIONS, quote.state, "send", ownership(quote), {"via": via, "recipient": recipient})
    if via not in VIA:
        raise ValidationError([Problem("field.choice", "via", {"found": via, "choices": "、".join(VIA)})])
    for problem in send_problems(work, quote):
        raise refusal(problem)
    data = file if file is not None else printing.pdf(work, Quote.KIND, quote_id)
    if not data.startswith(b"%PDF-"):
        raise ValidationError([Problem("quote.file_not_pdf", "file")])
    name = f"{label_of(quote)}.pdf"
    sha256 = hashlib.sha256(data).hexdigest()
    if all(row.sha256 != sha256 for row in attachments.list_of(work, Quote.KIND, quote_id, "sent")):
        attachments.add(work, Quote.KIND, quote_id, "sent", name, data)
    work.add(
        SendRecord(
            subject_kind=Quote.KIND,
            subject_id=quote.id,
            revision=quote.revision,
            content_hash=quote.content_hash,
            file_sha256=sha256,
            via=via,
            recipient=recipient.strip(),
            sent_at=work.now,
            sent_by=work.actor.id,
        )
    )
    _move(work, quote, "sent", "sent", via=via, recipient=recipient.strip(), file_sha256=sha256)
    _supersede(work, quote)
    return {"file_sha256": sha256}


def refusal(problem: Problem) -> UserError:
    """A problem of the whole as the error that refuses a step."""
    error = UserError(problem.code, field=problem.field)
    error.values = dict(problem.values)
    return error


def _supersede(work: Work, quote: Quote) -> None:
    earlier = work.session.scalars(
        select(Quote).where(Quote.family_id == quote.family_id, Quote.revision < quote.revision, Quote.state.in_(LIVE))
    )
    for other in earlier:
        _move(work, other, "superseded", "superseded", by=label_of(quote))


def answer(work: Work, quote_id: UUID, action: str, parameters: dict[str, str]) -> None:
    """accept, decline, withdraw, expire, cancel. `on` is the day the customer answered (today when left out).

    Raises InvalidTransition, PermissionDenied, ValidationError, UserError quote.expired, quote.not_expired, quote.altered.
    """
    quote = work.get(Quote, quote_id)
    step = steps.take(work, TRANSITIONS, quote.state, action, ownership(quote), parameters)
    detail = {k: v.strip() for k, v in parameters.items() if v.strip()}
    if action in ("accept", "decline"):
        quote.answered_on = _answer_day(work, quote, detail.get("on", ""))
        quote.answer_note = detail.get("reason") or detail.get("note") or ""
    if action == "accept":
        if quote.valid_until is not None and quote.answered_on is not None and quote.answered_on > quote.valid_until:
            raise UserError("quote.expired", number=label_of(quote), day=str(quote.valid_until))
        if canonical.sha256(current_content(work, quote)) != quote.content_hash:
            raise UserError("quote.altered", number=label_of(quote))
    if action == "expire" and not is_expired(quote.state, quote.valid_until, work.today):
        raise UserError("quote.not_expired", number=label_of(quote), day=str(quote.valid_until))
    assert step.to is not None
    _move(work, quote, step.to, step.to, **detail)


def _answer_day(work: Work, quote: Quote, text: str) -> dt.date:
    if not text:
        return work.today
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise ValidationError([Problem("field.type", "on", {"expected": "date", "found": text[:40]})]) from None
    first = work.session.scalar(
        select(SendRecord.sent_at).where(SendRecord.subject_id == quote.id).order_by(SendRecord.sent_at).limit(1)
    )
    if day > work.today or (first is not None and day < shanghai_day(first)):
        raise ValidationError([Problem("quote.answer_day", "on", {"day": text})])
    return day


def expire_due(work: Work) -> int:
    """Mark every live revision whose validity has passed; how many. For the start of the day; needs no person's right."""
    due = work.session.scalars(
        select(Quote).where(Quote.state.in_(LIVE), Quote.valid_until.is_not(None), Quote.valid_until < work.today)
    ).all()
    for quote in due:
        _move(work, quote, "expired", "expired")
    return len(due)


def basis_for_contract(work: Work, quote_id: UUID) -> Quote:
    """The record a contract may stand on: accepted, approved by everybody, unchanged, accepted within its validity (I5, I8, I12).

    For the contracts service. Raises UserError quote.not_accepted, quote.not_approved, quote.altered, quote.expired.
    """
    quote = work.get(Quote, quote_id)
    if quote.state != "accepted":
        raise UserError("quote.not_accepted", number=label_of(quote))
    if rules.outcome(QUOTE_STEPS, approvals.bound(work, quote)) is not Outcome.APPROVED:
        raise UserError("quote.not_approved", number=label_of(quote))
    if canonical.sha256(current_content(work, quote)) != quote.content_hash:
        raise UserError("quote.altered", number=label_of(quote))
    if quote.valid_until is None or quote.valid_until < work.today:
        raise UserError("quote.expired", number=label_of(quote), day=str(quote.valid_until))
    return quote
