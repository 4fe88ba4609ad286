"""What the judge asks of steps: from where to where, by whom, and whether the content is what its hash says.

A client may take every step of its people but one: what decisions add up to is found by the server (judge_decisions.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from sqlalchemy import select

from presales_desktop.models import canonical, cases, contracts, customers, designs, quote_content, quotes, surveys
from presales_desktop.models.contracts import Contract
from presales_desktop.models.designs import Design
from presales_desktop.models.errors import PresalesError
from presales_desktop.models.journal import SendRecord
from presales_desktop.models.progress import SIGNED
from presales_desktop.models.quotes import LIVE, Quote
from presales_desktop.models.surveys import Survey, SurveyReport
from presales_desktop.models.syncing import MODELS, STEPPED
from presales_desktop.models.values import shanghai_day
from presales_desktop.models.workflow import Transition
from presales_desktop.services import (
    contract_steps,
    contracts_from,
    design_drafts,
    design_steps,
    quote_steps,
    survey_steps,
)
from presales_desktop.services import contracts as contract_service
from presales_desktop.services import designs as design_service
from presales_desktop.services import quotes as quotes_service
from presales_desktop.services import surveys as survey_service
from presales_desktop.services.judge_merges import judge_customer
from presales_desktop.services.judge_world import Case, applied, changed, ownership
from presales_desktop.services.work import Work
from sync.server.domain import Judged

# What only the decisions of several people add up to: a client that writes it is refused.
_DECIDED: Final = frozenset({"approve", "approve_with_notes", "return", "reject"})
_STEPS: Final[Mapping[str, tuple[Transition, ...]]] = {
    "customer": customers.TRANSITIONS, "case": cases.TRANSITIONS, "survey": surveys.TRANSITIONS, "design": designs.TRANSITIONS,
    "quote": quotes.TRANSITIONS, "contract": contracts.TRANSITIONS,
}  # fmt: skip
# How long after it happened something may still be reported with its own time; older claims count from now.


def judge_steps(case: Case) -> None:
    """Judge each step of each record in the commit."""
    for change in case.changes:
        if change.after is None:
            continue
        if change.op == "create":
            _judge_made(case, change)
        elif changed(change) & frozenset(STEPPED.get(change.kind, ())) and change.kind in _JUDGES:
            _JUDGES[change.kind](case, change)


def _moved(change: Judged, column: str = "state") -> tuple[Any, Any]:
    assert change.before is not None
    assert change.after is not None
    return change.before[column], change.after[column]


def _step(case: Case, change: Judged, column: str = "state") -> Transition | None:
    """The transition that the change is, its right asked for; None after a refusal."""
    old, new = _moved(change, column)
    found = [
        t
        for t in _STEPS[change.kind]
        if t.to == new and old in t.from_states and t.action not in _DECIDED and old != new
    ]
    if not found:
        case.refuse("judge.state_jump", change, column, found=str(old), wanted=str(new))
        return None
    assert change.before is not None
    return found[0] if case.require(change, found[0].right, ownership(change.before)) else None


def _only(case: Case, change: Judged, allowed: Iterable[str]) -> bool:
    """Whether the step writes nothing but what belongs to it."""
    further = changed(change) & frozenset(STEPPED[change.kind]) - frozenset(allowed)
    for name in sorted(further):
        case.refuse("judge.fixed", change, name)
    return not further


def _family(case: Case, change: Judged) -> list[Any]:
    """The revisions that the server has of the change's family, newest first."""
    assert change.after is not None
    model = MODELS[change.kind]
    return list(
        case.session.scalars(
            select(model).where(model.family_id == change.after["family_id"]).order_by(model.revision.desc())
        )
    )


def _frozen(case: Case, change: Judged, text: Callable[[Work], str]) -> None:
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


def _submitted_by(case: Case, change: Judged) -> None:
    assert change.after is not None
    if change.after["submitted_by"] != case.actor.id:
        case.refuse("judge.forged_author", change, "submitted_by")
    at = change.after["submitted_at"]
    if at is None or at > case.context.now:
        case.amend(change.kind, change.id, submitted_at=case.context.now)


# ------------------------------------------------------------------------------------------------- made


def _judge_made(case: Case, change: Judged) -> None:
    assert change.after is not None
    if change.kind == "survey_report":
        _report_made(case, change)
    elif change.kind in ("design", "quote", "contract"):
        family = _family(case, change)
        if change.after["revision"] != 1:
            _judge_revision(case, change, family)
        elif family:
            case.refuse("judge.revision_taken", change, number=family[0].number)
        elif change.kind == "contract":
            _contract_made(case, change)


def _judge_revision(case: Case, change: Judged, family: list[Any]) -> None:
    """The next revision of a family: after the newest, from one that may be revised, by who may edit it (I28)."""
    assert change.after is not None
    after = change.after
    if not family:
        return case.refuse("judge.revision_unknown", change, "family_id")
    newest = family[0]
    label = f"{newest.number}-R{newest.revision}"
    revisable = next(t.from_states for t in _STEPS[change.kind] if t.action == "revise")
    sources = family[:1] if change.kind == "design" else family
    gone = ("cancelled", "superseded", *revisable)
    if after["revision"] != newest.revision + 1 or newest.state not in gone:
        return case.refuse("judge.revision_taken", change, number=label)
    if all(r.state not in revisable for r in sources):
        return case.refuse("judge.state_jump", change, "state", found=newest.state, wanted="revise")
    case.require(change, f"{change.kind}.edit", ownership(_row(newest)))
    other = case.survivor(after["customer_id"]) != case.survivor(newest.customer_id)
    if other or after["case_id"] != newest.case_id:
        case.refuse("judge.other_customer", change, "customer_id")
    leaves = {"contract": ("submitted", "approved", "out_for_signature"), "design": ("submitted",)}
    if newest.state in leaves.get(change.kind, ()):
        case.amend(change.kind, newest.id, state="superseded")
    return None


def _row(record: Any) -> dict[str, Any]:
    return {c.name: getattr(record, c.name) for c in record.__table__.columns}


def _next_made(case: Case, change: Judged) -> bool:
    """Whether the commit makes the next revision of the change's family."""
    assert change.before is not None
    return any(
        c.op == "create"
        and c.after is not None
        and c.after["family_id"] == change.before["family_id"]
        and c.after["revision"] > change.before["revision"]
        for c in case.of(change.kind)
    )


# ------------------------------------------------------------------------------------------------- cases


def _case(case: Case, change: Judged) -> None:
    assert change.after is not None
    old, new = _moved(change, "status")
    if new == "won" and any(
        c.after is not None and c.after["case_id"] == change.id and moved_to(c, "signed") for c in case.of("contract")
    ):
        return None  # part of recording the signature
    if old == new:
        return case.refuse("judge.fixed", change, "outcome_reason")
    if _step(case, change, "status") is None:
        return None
    if new in ("won", "lost") and not change.after["outcome_reason"].strip():
        case.refuse("workflow.parameter_missing", change, "outcome_reason", action=new, missing="reason")
    signed = select(Contract.id).where(Contract.case_id == change.id, Contract.state.in_(SIGNED)).limit(1)
    if (new in ("lost", "paused") or old in ("won", "lost")) and case.session.scalar(signed) is not None:
        case.refuse("case.signed", change, number=change.after["number"])
    return None


def moved_to(change: Judged, state: str) -> bool:
    return change.before is not None and change.after is not None and _moved(change) != (state, state) and (
        change.after["state"] == state
    )  # fmt: skip


# ------------------------------------------------------------------------------------------------- surveys


def _survey(case: Case, change: Judged) -> None:
    assert change.before is not None
    assert change.after is not None
    before, after = change.before, change.after
    step = _step(case, change)
    if step is None:
        return
    if step.action == "start":
        _only(case, change, ("state",))
    elif step.action == "report":
        if _only(case, change, ("state", "frozen", "content_hash")):
            _report_step(case, change)
    elif step.action == "confirm":
        if _only(case, change, ("state", "confirmed_by", "confirmed_on", "confirmed_how")):
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

    return _frozen(case, change, text)


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


def _report_made(case: Case, change: Judged) -> None:
    """A report comes with the step that makes it: nothing else writes one."""
    assert change.after is not None
    survey = next((c for c in case.of("survey") if c.id == change.after["survey_id"]), None)
    if survey is None or not moved_to(survey, "report_draft"):
        case.refuse("judge.report_missing", change, number="")


def _report(case: Case, change: Judged) -> None:
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


# ------------------------------------------------------------------------------------------------- designs


def _design(case: Case, change: Judged) -> None:
    old, new = _moved(change)
    assert change.before is not None
    if (old, new) == ("submitted", "superseded") and _next_made(case, change):
        return  # taken back by its next revision, whose right was asked
    if _step(case, change) is None:
        return
    _submitted_by(case, change)

    def text(work: Work) -> str:
        design = work.get(Design, change.id)
        draft = design_service.load(work, change.id)
        found = [p for p in design_drafts.problems(draft) if p.blocking] + design_steps.submit_problems(work, draft)
        case.refuse_problems(change, found)
        return design_steps.content_text(work, design, draft)

    _frozen(case, change, text)


# ------------------------------------------------------------------------------------------------- quotes


def _quote(case: Case, change: Judged) -> None:
    if "stale" in changed(change):
        return case.refuse("judge.server_only", change, "stale")
    old, new = _moved(change)
    if new == "superseded" and old in LIVE and _sent_later(case, change):
        return None  # the later revision that goes out takes its place
    step = _step(case, change)
    if step is None:
        return None
    allowed = {
        "submit": ("state", "frozen", "content_hash", "submitted_at", "submitted_by"),
        "accept": ("state", "answered_on", "answer_note"),
        "decline": ("state", "answered_on", "answer_note"),
    }
    if _only(case, change, allowed.get(step.action, ("state",))):
        further = _QUOTE_STEPS.get(step.action)
        if further is not None:
            further(case, change)
    return None


def _quote_submit(case: Case, change: Judged) -> None:
    _submitted_by(case, change)

    def text(work: Work) -> str:
        quote = work.get(Quote, change.id)
        lines = quotes_service.records_of(work, change.id)
        found = quote_steps.submission_problems(quote, lines, work.today)
        case.refuse_problems(change, found)
        # An earlier format binds less than the paper says: what is frozen now is frozen in the newest.
        if quote_content.format_of(quote.frozen) != quote_content.NEWEST:
            case.refuse("judge.content_differs", change, "frozen", number=quote.number)
        return quote_steps.current_content(work, quote, lines)

    _frozen(case, change, text)


def _quote_send(case: Case, change: Judged) -> None:
    """Without the record of what went to whom there is no sending; that is judged in `judge_sends`."""
    if not any(c.after is not None and c.after["subject_id"] == change.id for c in case.of("send_record")):
        case.refuse("judge.send_missing", change)


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


_QUOTE_STEPS: Final[Mapping[str, Callable[[Case, Judged], None]]] = {
    "submit": _quote_submit, "send": _quote_send, "accept": _quote_answer, "decline": _quote_answer,
    "expire": _quote_expire,
}  # fmt: skip


# ------------------------------------------------------------------------------------------------- contracts


def _contract_made(case: Case, change: Judged) -> None:
    """A contract stands on one accepted quote, whose customer, case and total it takes over (I5, I8, I12)."""
    assert change.after is not None
    after = change.after
    work = case.work()

    def basis() -> None:
        quote = quote_steps.basis_for_contract(work, after["quote_id"])
        contracts_from.refuse_second(work, quote, after["family_id"])
        subject = contracts_from.subject_of(work, quote.id)
        taken = (case.survivor(quote.customer_id), quote.case_id, subject.customer_name)
        if taken != (
            case.survivor(after["customer_id"]),
            after["case_id"],
            str(after["parties"].get("buyer", {}).get("name", "")),
        ):
            case.refuse("judge.not_as_quoted", change, "customer_id")
        if after["total_fen"] != subject.total_fen:
            case.amend("contract", change.id, total_fen=subject.total_fen)

    case.attempt(change, basis)


def _contract(case: Case, change: Judged) -> None:
    assert change.before is not None
    _, new = _moved(change)
    if new == "superseded" and change.before["state"] in contracts.REVISABLE and _next_made(case, change):
        return
    step = _step(case, change)
    if step is None:
        return
    allowed = {
        "submit": ("state", "frozen", "content_hash", "submitted_at", "submitted_by"),
        "sign": ("state", "signed_on", "signed_by"),
    }
    if not _only(case, change, allowed.get(step.action, ("state",))):
        return
    if step.action == "submit":
        _contract_submit(case, change)
    elif step.action == "send":
        _quote_send(case, change)
    elif step.action == "sign":
        _contract_sign(case, change)


def _contract_submit(case: Case, change: Judged) -> None:
    assert change.after is not None
    after = change.after
    _submitted_by(case, change)

    def text(work: Work) -> str:
        contract_steps.check_basis(work, work.get(Contract, change.id))
        draft = contract_service.load(work, change.id)
        subject = contracts_from.subject_of(work, after["quote_id"])
        case.refuse_problems(change, contracts.submit_problems(draft, subject))
        return canonical.text(contract_steps.content_of(work, draft, subject))

    _frozen(case, change, text)


def _contract_sign(case: Case, change: Judged) -> None:
    assert change.after is not None
    after = change.after
    work = case.work()
    case.attempt(change, lambda: contract_steps.refuse_unapproved(work, work.get(Contract, change.id)))
    if not after["signed_by"].strip():
        case.refuse("workflow.parameter_missing", change, "signed_by", action="sign", missing="by")
    sent = work.session.scalars(
        select(SendRecord.sent_at).where(SendRecord.subject_id == change.id).order_by(SendRecord.sent_at).limit(1)
    ).first()
    first = shanghai_day(sent) if sent is not None else work.today
    day = after["signed_on"]
    if day is None or not first <= day <= work.today:
        values = {"day": str(day), "from": first.isoformat(), "to": work.today.isoformat()}
        case.refuse("contract.sign_day", change, "signed_on", **values)


_JUDGES: Final[Mapping[str, Callable[[Case, Judged], None]]] = {
    "customer": judge_customer, "case": _case, "survey": _survey, "survey_report": _report, "design": _design, "quote": _quote,
    "contract": _contract,
}  # fmt: skip
