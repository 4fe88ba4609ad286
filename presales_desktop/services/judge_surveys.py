"""What the judge asks of the steps of surveys and of their reports."""

from __future__ import annotations

from sqlalchemy import select

from presales_desktop.models import canonical, surveys
from presales_desktop.models.surveys import Survey, SurveyReport
from presales_desktop.models.values import shanghai_day
from presales_desktop.services import (
    survey_steps,
)
from presales_desktop.services import surveys as survey_service
from presales_desktop.services.judge_moves import (
    frozen,
    moved_to,
    only,
    step_of,
)
from presales_desktop.services.judge_world import Case, changed
from presales_desktop.services.work import Work
from sync.server.domain import Judged


def judge_survey(case: Case, change: Judged) -> None:
    assert change.before is not None
    assert change.after is not None
    before, after = change.before, change.after
    step = step_of(case, change)
    if step is None:
        return
    if step.action == "start":
        only(case, change, ("state",))
    elif step.action == "report":
        if only(case, change, ("state", "frozen", "content_hash")):
            _report_step(case, change)
    elif step.action == "confirm":
        if only(case, change, ("state", "confirmed_by", "confirmed_on", "confirmed_how")):
            _confirm_step(case, change)
    elif after["revision"] != before["revision"] + 1 or after["frozen"] or after["content_hash"]:
        case.refuse("judge.fixed", change, "revision")
    elif after["confirmed_by"] or after["confirmed_on"] is not None:
        case.refuse("judge.fixed", change, "confirmed_by")


def _report_step(case: Case, change: Judged) -> None:
    assert change.after is not None
    after = change.after
    made = [c.after for c in case.of("survey_report") if c.op == "create" and c.after is not None]
    wanted = (change.id, after["revision"], after["content_hash"], after["frozen"])
    if [(r["survey_id"], r["revision"], r["content_hash"], r["frozen"]) for r in made] != [wanted]:
        return case.refuse("judge.report_missing", change, number=after["number"])

    def text(work: Work) -> str:
        draft = survey_service.load(work, change.id)
        survey_steps.check_report(draft)
        return canonical.text(survey_steps.content_of(work, work.get(Survey, change.id), draft))

    return frozen(case, change, text)


def _confirm_step(case: Case, change: Judged) -> None:
    assert change.after is not None
    after = change.after
    if not after["confirmed_by"].strip():
        case.refuse("workflow.parameter_missing", change, "confirmed_by", action="confirm", missing="by")
    if after["confirmed_how"] not in surveys.CONFIRMED_HOW:
        choices = "、".join(surveys.CONFIRMED_HOW)
        case.refuse("field.choice", change, "confirmed_how", found=str(after["confirmed_how"]), choices=choices)
    report = case.session.scalar(
        select(SurveyReport).where(SurveyReport.survey_id == change.id, SurveyReport.revision == after["revision"])
    )
    today = shanghai_day(case.context.now)
    first = shanghai_day(report.created_at) if report is not None else today
    day = after["confirmed_on"]
    if day is None or not first <= day <= today:
        values = {"day": str(day), "from": first.isoformat(), "to": today.isoformat()}
        case.refuse("survey.confirm_day", change, "confirmed_on", **values)
    decided = [c.after for c in case.of("decision") if c.after is not None and c.after["subject_id"] == change.id]
    if not decided:
        case.refuse("judge.decision_missing", change, number=after["number"])


def judge_report_made(case: Case, change: Judged) -> None:
    """A report comes with the step that makes it: nothing else writes one."""
    assert change.after is not None
    survey = next((c for c in case.of("survey") if c.id == change.after["survey_id"]), None)
    if survey is None or not moved_to(survey, "report_draft"):
        case.refuse("judge.report_missing", change, number="")


def judge_report(case: Case, change: Judged) -> None:
    """Confirmation and reopening stand on the report as on its survey."""
    assert change.before is not None
    assert change.after is not None
    survey = next((c for c in case.of("survey") if c.id == change.before["survey_id"]), None)
    if survey is None or survey.before is None or survey.after is None:
        return case.refuse("judge.report_missing", change, number="")
    columns = changed(change)
    if survey.before["revision"] != change.before["revision"]:
        return case.refuse("judge.fixed", change, "revision")
    if moved_to(survey, "confirmed"):
        same = all(change.after[n] == survey.after[n] for n in ("confirmed_by", "confirmed_on", "confirmed_how"))
        if not same or columns & {"reopened_reason"}:
            case.refuse("judge.fixed", change, "confirmed_by")
    elif not (moved_to(survey, "collecting") and columns <= {"reopened_reason"}):
        case.refuse("judge.fixed", change, min(columns, default=""))
    elif not change.after["reopened_reason"].strip():
        case.refuse("workflow.parameter_missing", change, "reopened_reason", action="reopen", missing="reason")
    return None
