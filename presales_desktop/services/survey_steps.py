"""Steps of a survey: start, make the report (freeze), the customer's confirmation, reopen; and the report's content."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from presales_desktop.models import canonical
from presales_desktop.models.errors import NotFound, Problem, UserError, ValidationError
from presales_desktop.models.journal import Decision
from presales_desktop.models.survey_analysis import Analysis, analyse, undecided
from presales_desktop.models.surveys import (
    CONFIRMED_HOW,
    DIMENSIONS,
    FROZEN,
    TRANSITIONS,
    Survey,
    SurveyDraft,
    SurveyReport,
    completeness,
    report_problems,
)
from presales_desktop.models.users import User
from presales_desktop.services import approvals, attachments, company, customer_merge, surveys
from presales_desktop.services.company import Letterhead
from presales_desktop.services.steps import take
from presales_desktop.services.work import Work

PHOTO_EDGE_PX = 900


@dataclass(frozen=True)
class Photo:
    """A photo as the report prints it."""

    space: str
    name: str
    picture: bytes


@dataclass(frozen=True)
class SurveyDocument:
    """What the report prints: `content` is the frozen content (or, before the report is made, what it would be)."""

    number: str
    revision: int
    state: str
    content_hash: str
    content: dict[str, Any]
    letterhead: Letterhead
    made_on: dt.date
    photos: tuple[Photo, ...]
    confirmed_by: str = ""
    confirmed_on: dt.date | None = None
    confirmed_how: str = ""
    case_number: str = ""


def do(work: Work, survey_id: UUID, action: str, parameters: dict[str, str]) -> UUID:
    """Take a step by name, as the command line does; the survey's id. Raises InvalidTransition, PermissionDenied, UserError."""
    survey = work.get(Survey, survey_id)
    take(work, TRANSITIONS, survey.state, action, surveys.ownership(survey), parameters)
    given = {k: v.strip() for k, v in parameters.items()}
    if action == "start":
        start(work, survey_id, _day(given.get("held_on", ""), "held_on"))
    elif action == "report":
        make_report(work, survey_id)
    elif action == "confirm":
        confirm(
            work, survey_id, by=given["by"], how=given.get("how") or "signature", on=_day(given.get("on", ""), "on"),
            note=given.get("note", ""),
        )  # fmt: skip
    else:
        reopen(work, survey_id, given["reason"])
    return survey_id


def _day(text: str, field: str) -> dt.date | None:
    if not text:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise ValidationError([Problem("field.type", field, {"expected": "date", "found": text[:40]})]) from None


def _step(work: Work, survey_id: UUID, action: str, base_version: int | None, **given: str) -> Survey:
    survey = work.get(Survey, survey_id)
    step = take(work, TRANSITIONS, survey.state, action, surveys.ownership(survey), given)
    work.touch(survey, base_version)
    survey.state = step.to or survey.state
    return survey


def _audit(work: Work, survey: Survey, action: str, **detail: Any) -> None:
    work.audit(
        survey, action, title=surveys.title_of(survey), customer_id=survey.customer_id, case_id=survey.case_id, **detail
    )


def start(work: Work, survey_id: UUID, held_on: dt.date | None = None, base_version: int | None = None) -> None:
    """The interview begins: planned → collecting, on HELD_ON (today)."""
    survey = _step(work, survey_id, "start", base_version)
    survey.held_on = held_on or survey.held_on or work.today
    _audit(work, survey, "started", held_on=survey.held_on.isoformat())


def make_report(work: Work, survey_id: UUID, base_version: int | None = None) -> str:
    """Freeze the report of this revision; its SHA-256.

    Raises ValidationError survey.dimension_open for each dimension neither answered nor 客户未定 with a reason (rule book 1.5),
    survey.no_spaces.
    """
    survey = _step(work, survey_id, "report", base_version)
    survey.held_on = survey.held_on or work.today
    work.session.flush()
    draft = surveys.load(work, survey_id)
    check_report(draft)
    text = canonical.text(content_of(work, survey, draft))
    survey.frozen, survey.content_hash = text, canonical.sha256(text)
    work.add(
        SurveyReport(
            survey_id=survey.id, revision=survey.revision, content_hash=survey.content_hash, frozen=text,
            confirmed_by="", confirmed_on=None, confirmed_how="", confirmed_note="", reopened_reason="",
        )
    )  # fmt: skip
    _audit(work, survey, "reported", revision=survey.revision, content_hash=survey.content_hash)
    return survey.content_hash


def check_report(draft: SurveyDraft) -> None:
    """Raise ValidationError when the report of DRAFT may not be made yet (rule book 1.5)."""
    found = report_problems(draft)
    if found:
        raise ValidationError(found)


def confirm(
    work: Work,
    survey_id: UUID,
    *,
    by: str,
    how: str = "signature",
    on: dt.date | None = None,
    note: str = "",
    scan: tuple[str, bytes] | None = None,
    base_version: int | None = None,
) -> None:
    """Record that the customer (BY, a person's name) confirmed exactly this report; SCAN (name, bytes) is kept as evidence.

    Raises ValidationError survey.confirm_day when ON lies before the report or in the future.
    """
    if how not in CONFIRMED_HOW:
        raise ValidationError(
            [Problem("field.choice", "confirmed_how", {"found": how, "choices": "、".join(CONFIRMED_HOW)})]
        )
    survey = _step(work, survey_id, "confirm", base_version, by=by)
    day = on or work.today
    report = _report(work, survey.id, survey.revision)
    made_on = _shanghai(report.created_at)
    if not made_on <= day <= work.today:
        values: dict[str, object] = {"day": day.isoformat(), "from": made_on.isoformat(), "to": work.today.isoformat()}
        raise ValidationError([Problem("survey.confirm_day", "confirmed_on", values)])
    for target in (survey, report):
        target.confirmed_by, target.confirmed_on, target.confirmed_how = by.strip(), day, how
    report.confirmed_note = note.strip()
    work.touch(report)
    evidence = ""
    if scan is not None:
        name, data = scan
        attachments.add(work, "survey", survey.id, "scan", name, data)
        evidence = name
    decision = work.add(
        Decision(
            subject_kind="survey", subject_id=survey.id, revision=survey.revision, content_hash=survey.content_hash,
            step="customer", verdict="approve", comment=note.strip(),
            detail={"by": by.strip(), "on": day.isoformat(), "how": how, "evidence": evidence},
            decided_by=work.actor.id, decided_by_name=work.actor.name, decided_at=work.now, signature="",
        )
    )  # fmt: skip
    approvals.sign(work, decision)
    _audit(
        work, survey, "confirmed", by=by.strip(), on=day.isoformat(), how=how, evidence=evidence,
        content_hash=survey.content_hash,
    )  # fmt: skip


def reopen(work: Work, survey_id: UUID, reason: str, base_version: int | None = None) -> None:
    """Go back to collecting: the report so far stays as it was, the next one is revision n+1. A confirmation does not travel."""
    survey = _step(work, survey_id, "reopen", base_version, reason=reason)
    report = _report(work, survey.id, survey.revision)
    report.reopened_reason = reason.strip()
    work.touch(report)
    survey.revision += 1
    survey.frozen = survey.content_hash = survey.confirmed_by = survey.confirmed_how = ""
    survey.confirmed_on = None
    _audit(work, survey, "reopened", reason=reason.strip(), revision=survey.revision)


def _report(work: Work, survey_id: UUID, revision: int) -> SurveyReport:
    found = work.session.scalar(
        select(SurveyReport).where(SurveyReport.survey_id == survey_id, SurveyReport.revision == revision)
    )
    if found is None:
        raise NotFound("record.not_found", kind="survey_report", id=f"R{revision}")
    return found


def _shanghai(moment: dt.datetime) -> dt.date:
    from presales_desktop.models.values import shanghai_day

    return shanghai_day(moment)


# -- content -----------------------------------------------------------------------------------------------------------


def content_of(work: Work, survey: Survey, draft: SurveyDraft) -> dict[str, Any]:
    """What the customer is asked to confirm, ready for the canonical text: needs by space, dimensions, analysis, photos."""
    facts = surveys.case_facts(work, survey.case_id)
    customer = customer_merge.party(work, survey.customer_id, survey.frozen)
    owner = work.session.get(User, survey.owner_id) if survey.owner_id else None
    pictures = surveys.photos(work, survey.id)
    space_of = {s.id: s.name for s in draft.spaces}
    return {
        "revision": survey.revision,
        "customer": {"id": customer.id, "name": customer.name},
        "case": {"id": survey.case_id, "title": facts.case_title},
        "surveyor": owner.name if owner else "",
        "reason": draft.reason,
        "method": draft.method,
        "held_on": draft.held_on,
        "people": draft.people,
        "dimensions": {
            "scene": draft.scene.strip(),
            "style": draft.style.strip(),
            "functions": draft.functions.strip(),
            "budget_fen": draft.budget_fen,
            "delivery_on": draft.delivery_on,
        },
        "undecided": dict(undecided(draft)),
        "total_area_m2": draft.total_area_m2,
        "spaces": [{k: v for k, v in asdict(s).items() if k != "id"} for s in draft.spaces],
        "needs": [{k: v for k, v in asdict(n).items() if k != "id"} for n in draft.needs],
        "summary": draft.summary.strip(),
        "notes": draft.notes.strip(),
        "analysis": _analysis(analyse(draft, draft.held_on or work.today)),
        "completeness": completeness(draft, len(pictures)).percent,
        "photos": [
            {
                "space": space_of.get(p.record_id, "") if p.kind == "survey_space" else "",
                "name": p.name,
                "sha256": p.sha256,
            }
            for p in pictures
        ],
    }


def _analysis(found: Analysis) -> dict[str, Any]:
    def need(n: Any) -> dict[str, Any]:
        return {
            "rank": n.rank, "text": n.text, "dimension": n.dimension, "space": n.space, "weight": n.weight,
            "reasons": list(n.reasons),
        }  # fmt: skip

    return {
        "core": [need(n) for n in found.core],
        "concerns": [need(n) for n in found.concerns],
        "others": [need(n) for n in found.others],
        "findings": [
            {"code": f.code, "severity": f.severity, "values": f.values, "space": f.space} for f in found.findings
        ],
    }


def document(work: Work, survey_id: UUID, revision: int | None = None) -> SurveyDocument:
    """The report to print: the frozen content of REVISION (the current one), or a preview while it is still being collected.

    Raises NotFound for a revision that has no report.
    """
    work.require("survey.view")
    survey = work.get(Survey, survey_id)
    if revision is None and survey.state not in FROZEN:
        content = json.loads(canonical.text(content_of(work, survey, surveys.load(work, survey_id))))
        return _document(work, survey, survey.revision, survey.state, "", content, work.today)
    report = _report(work, survey_id, revision or survey.revision)
    if canonical.sha256(report.frozen) != report.content_hash:
        raise UserError("survey.report_altered", number=survey.number, revision=report.revision)
    state = "superseded" if report.reopened_reason else survey.state
    return _document(
        work, survey, report.revision, state, report.content_hash, json.loads(report.frozen), _shanghai(report.created_at),
        report,
    )  # fmt: skip


def _document(
    work: Work,
    survey: Survey,
    revision: int,
    state: str,
    content_hash: str,
    content: dict[str, Any],
    made_on: dt.date,
    report: SurveyReport | None = None,
) -> SurveyDocument:
    pictures = tuple(
        Photo(p["space"], p["name"], attachments.printed(work, p["sha256"], PHOTO_EDGE_PX)) for p in content["photos"]
    )
    return SurveyDocument(
        survey.number, revision, state, content_hash, content, company.letterhead(work), made_on, pictures,
        report.confirmed_by if report else "", report.confirmed_on if report else None,
        report.confirmed_how if report else "", surveys.case_facts(work, survey.case_id).case_number,
    )  # fmt: skip


def dimension_answers(content: dict[str, Any]) -> list[tuple[str, Any, str]]:
    """(dimension, answer or None, reason for 客户未定) of a frozen content, in the order of the interview."""
    names = {"budget": "budget_fen", "delivery": "delivery_on"}
    return [(d, content["dimensions"][names.get(d, d)] or None, content["undecided"].get(d, "")) for d in DIMENSIONS]
