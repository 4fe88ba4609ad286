"""What the judge asks of credit: sheets by finance or credit while they assess, grades that are what their sheet comes to, exceptions
handed in whole. The grade on the customer is the server's to write."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from presales_desktop.models import canonical
from presales_desktop.models import credit_rules as rules
from presales_desktop.models.credit import ASSESSABLE, CreditApplication, CreditException
from presales_desktop.models.errors import Problem
from presales_desktop.services import credit, credit_exceptions, credit_schemes, credit_steps
from presales_desktop.services.judge_moves import frozen, moved, moved_to, only, step_of, submitted_by
from presales_desktop.services.judge_world import Case, applied, changed
from sync.server.domain import Judged

_RESULT = frozenset({"limit_fen", "score", "frozen"})
_GRADED = (
    "state", "assessor_id", "grade", "prepay_percent", "term_days", "guarantee", "valid_from", "valid_until", "scheme_on",
    "content_hash",
)  # fmt: skip
_ALLOWED = {
    "apply": ("state", "applied_at", "applied_by"), "take": ("state", "assessor_id"), "grade": _GRADED,
}  # fmt: skip


def judge_credit_part(case: Case, change: Judged) -> None:
    """A sheet or a statement: by an assessor who didn't apply, while the application is open to that; its result with the grade only."""
    row = change.after or change.before
    assert row is not None
    whole = case.world.before("credit", row["credit_id"])
    if whole is None:
        return case.refuse("record.not_found", change, kind="credit", id=str(row["credit_id"]))
    if not case.require(change, "credit.assess"):
        return None
    _not_own(case, change, whole)
    if whole["state"] not in ASSESSABLE:
        return case.refuse("credit.sheet_closed", change, number=whole["number"])
    grading = any(c.id == row["credit_id"] and moved_to(c, "graded") for c in case.of("credit"))
    if change.kind == "credit_sheet" and not grading:
        result = changed(change) & _RESULT if change.op == "set" else {n for n in _RESULT if row.get(n)}
        for name in sorted(result):
            case.refuse("judge.fixed", change, name)
    return None


def _not_own(case: Case, change: Judged, whole: Any) -> None:
    if case.actor.id in (whole["applied_by"], whole["owner_id"], whole["created_by"]):
        case.refuse("credit.own", change, number=whole["number"])


def judge_credit(case: Case, change: Judged) -> None:
    """A step of an application."""
    assert change.before is not None
    assert change.after is not None
    old, new = moved(change)
    if (old, new) == ("graded", "superseded") and _replaced(case, change):
        only(case, change, ("state",))
        return None
    if old == new:
        # A guarantee was accepted: the only thing that is written on a grade that stands.
        if old != "graded":
            return case.refuse("judge.fixed", change, "guarantee_note")
        if case.require(change, "credit.assess"):
            only(case, change, ("guarantee_note",))
        return None
    step = step_of(case, change)
    if step is None or not only(case, change, _ALLOWED.get(step.action, ("state",))):
        return None
    after = change.after
    if step.action == "apply":
        if after["applied_by"] != case.actor.id:
            case.refuse("judge.forged_author", change, "applied_by")
    elif step.right == "credit.assess" and step.action != "revoke":
        _not_own(case, change, change.before)
        if step.action in ("take", "grade") and after["assessor_id"] != case.actor.id:
            case.refuse("judge.forged_author", change, "assessor_id")
    if step.action == "grade":
        _graded(case, change)
    return None


def _replaced(case: Case, change: Judged) -> bool:
    """Whether the commit grades the same customer anew."""
    assert change.after is not None
    customer = change.after["customer_id"]
    return any(
        c.id != change.id and c.after is not None and c.after["customer_id"] == customer and moved_to(c, "graded")
        for c in case.of("credit")
    )


def _graded(case: Case, change: Judged) -> None:
    """The grade, its terms and its limit are what the sheet and the scheme of its day come to."""
    assert change.after is not None
    after = change.after
    day = after["valid_from"]
    with applied(case) as work:
        record = work.get(CreditApplication, change.id)
        sheet = credit.sheet_of(work, change.id)
        if sheet is None or day is None or abs((work.today - day).days) > 14:
            return case.refuse("judge.not_as_assessed", change, "valid_from")
        case.refuse_problems(change, rules.unanswered(sheet))
        scheme = credit_schemes.in_force(work, day)
        result = credit.result_of(work, record, day)
        given = after["grade"]
        known = given in scheme.grades and rules.worse(given, result.grade) == given
        if not known:
            return case.refuse("judge.not_as_assessed", change, "grade")
        terms = rules.terms_for(given, scheme)
        wanted: dict[str, Any] = {
            "prepay_percent": terms.prepay_percent, "term_days": terms.term_days, "guarantee": terms.guarantee,
            "scheme_on": scheme.effective_on, "valid_until": rules.valid_until(given, day, scheme),
        }  # fmt: skip
        wrong = [name for name, value in wanted.items() if after[name] != value]
        if sheet.limit_fen != credit_steps.limit(result, given, record, scheme) or sheet.score != int(
            result.score * 10
        ):
            wrong.append("content_hash")
        for name in wrong:
            case.refuse("judge.not_as_assessed", change, name)
        note = _note(sheet.frozen)
        text = canonical.text(credit_steps.content_of(work, record, result, given, note))
        if text != sheet.frozen or canonical.sha256(text) != after["content_hash"]:
            case.refuse("judge.hash", change, "content_hash")
        if given != result.grade and not note:
            case.refuse_problems(change, [Problem("credit.note_required", "note", {"computed": result.grade})])
    return None


def _note(text: str) -> str:
    import json

    try:
        return str(json.loads(text)["note"])
    except (ValueError, KeyError, TypeError):
        return ""


def judge_exception(case: Case, change: Judged) -> None:
    """A step of an exception: handed in as it stands, cancelled, revoked. What was decided follows from decisions."""
    step = step_of(case, change)
    if step is None:
        return
    allowed = ("state", "frozen", "content_hash", "submitted_at", "submitted_by") if step.action == "submit" else (
        "state",
    )  # fmt: skip
    if only(case, change, allowed) and step.action == "submit":
        submitted_by(case, change)
        frozen(case, change, lambda work: credit_exceptions.content_of(work.get(CreditException, change.id)))


def judge_exception_made(case: Case, change: Judged) -> None:
    """It stands on a case of the same customer."""
    assert change.after is not None
    found = case.world.after("case", change.after["case_id"])
    if found is not None and case.survivor(found["customer_id"]) != case.survivor(change.after["customer_id"]):
        case.refuse("judge.other_customer", change, "customer_id")


def grade_of(case: Case, customer_id: UUID) -> str:
    """The grade that stands for a customer after the commit: of the newest that was given and not taken back; "" for none."""
    table = CreditApplication.__table__
    rows = {
        r["id"]: dict(r)
        for r in case.session.execute(select(table).where(table.c.customer_id == customer_id)).mappings()
    }
    for change in case.of("credit"):
        if change.after is not None and change.after["customer_id"] == customer_id:
            rows[change.id] = {**change.after, "id": change.id}
        else:
            rows.pop(change.id, None)
    graded = [r for r in rows.values() if r["state"] == "graded" and r["valid_from"] is not None]
    return str(max(graded, key=lambda r: (r["valid_from"], r["id"]))["grade"]) if graded else ""
