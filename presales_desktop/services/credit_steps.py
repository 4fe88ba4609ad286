"""Steps of a credit application: apply, take, grade (freeze), refuse, ask back, revoke, cancel; the content of its report."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from presales_desktop.models import canonical
from presales_desktop.models import credit_rules as rules
from presales_desktop.models.credit import GRADES, STATEMENT_FIELDS, TRANSITIONS, CreditApplication
from presales_desktop.models.credit_rules import Result, Scheme
from presales_desktop.models.customers import Customer
from presales_desktop.models.errors import Problem, UserError, ValidationError
from presales_desktop.models.users import User
from presales_desktop.services import attachments, company, credit_schemes
from presales_desktop.services.credit import SHEET, audit, ownership, refuse_own, result_of, sheet_of, statements_of
from presales_desktop.services.credit_exposure import Exposure, exposure_of
from presales_desktop.services.steps import take as take_step
from presales_desktop.services.work import Work

FORMAT: Final = "presales.credit/1"


@dataclass(frozen=True)
class CreditDocument:
    """What the report prints; `content` is the frozen assessment, or what it would be now."""

    number: str
    state: str
    customer: str
    uscc: str
    reason: str
    applicant: str
    assessor: str
    notes: str
    content: dict[str, Any]
    content_hash: str
    valid_from: dt.date | None
    valid_until: dt.date | None
    exposure: Exposure
    letterhead: company.Letterhead
    made_on: dt.date


def do(work: Work, credit_id: UUID, action: str, parameters: dict[str, str]) -> UUID:
    """ACTION with text PARAMETERS, as the command line gives them."""
    given = {k: v.strip() for k, v in parameters.items()}
    credit = work.get(CreditApplication, credit_id)
    take_step(work, TRANSITIONS, credit.state, action, ownership(credit), given)
    if action == "apply":
        apply(work, credit_id)
    elif action == "take":
        take(work, credit_id)
    elif action == "grade":
        grade(work, credit_id, given.get("grade", ""), given.get("note", ""))
    elif action == "guarantee":
        accept_guarantee(work, credit_id, given["note"])
    else:
        _plain(work, credit_id, action, given["reason"])
    return credit_id


def _begin(work: Work, credit_id: UUID, action: str, given: dict[str, str] | None = None) -> CreditApplication:
    credit = work.get(CreditApplication, credit_id)
    take_step(work, TRANSITIONS, credit.state, action, ownership(credit), given or {})
    return credit


def _move(work: Work, credit: CreditApplication, state: str, action: str, **detail: Any) -> None:
    credit.state = state
    work.touch(credit)
    audit(work, credit, action, **detail)


def apply(work: Work, credit_id: UUID) -> None:
    """Hand the application to finance and credit."""
    credit = _begin(work, credit_id, "apply")
    credit.applied_at, credit.applied_by = work.now, work.actor.id
    _move(work, credit, "applied", "applied")


def take(work: Work, credit_id: UUID) -> None:
    """Begin the assessment. Raises UserError credit.own for whoever applied."""
    credit = _begin(work, credit_id, "take")
    refuse_own(work, credit)
    credit.assessor_id = work.actor.id
    _move(work, credit, "assessing", "assessing")


def grade_of(result: Result, wanted: str, note: str) -> str:
    """The grade to give: the computed one, or a worse one with a NOTE that says why. Raises ValidationError."""
    if not wanted or wanted == result.grade:
        return result.grade
    if wanted not in GRADES:
        raise ValidationError([Problem("field.choice", "grade", {"found": wanted[:20], "choices": "、".join(GRADES)})])
    if rules.worse(wanted, result.grade) != wanted:
        raise ValidationError([Problem("credit.grade_better", "grade", {"grade": wanted, "computed": result.grade})])
    if not note:
        raise ValidationError([Problem("credit.note_required", "note", {"computed": result.grade})])
    return wanted


def grade(work: Work, credit_id: UUID, wanted: str = "", note: str = "", base_version: int | None = None) -> str:
    """Give the grade that the sheet comes to (or a worse one, with a note): freeze the assessment, put the grade on the customer,
    supersede his earlier one. The grade.

    Raises ValidationError with every question that is still open; UserError credit.own; ConflictError, PermissionDenied.
    """
    credit = _begin(work, credit_id, "grade")
    refuse_own(work, credit)
    sheet = sheet_of(work, credit_id)
    missing = rules.unanswered(sheet) if sheet is not None else [Problem("credit.no_sheet", None, {})]
    if missing or sheet is None:
        raise ValidationError(missing)
    result = result_of(work, credit)
    given = grade_of(result, wanted, note)
    scheme = credit_schemes.in_force(work, work.today)
    if base_version is not None and credit.version != base_version:
        work.touch(credit, base_version)
    _fill(work, credit, given, scheme)
    work.touch(sheet)
    sheet.score = int(result.score * 10)
    sheet.limit_fen = limit(result, given, credit, scheme)
    sheet.frozen = canonical.text(content_of(work, credit, result, given, note))
    credit.content_hash = canonical.sha256(sheet.frozen)
    _supersede(work, credit)
    customer = work.get(Customer, credit.customer_id)
    customer.credit_grade = given
    work.touch(customer)
    _move(work, credit, "graded", "graded", grade=given, valid_until=credit.valid_until.isoformat())  # type: ignore[union-attr]
    return given


def computed(work: Work, credit_id: UUID) -> str:
    """The grade that the sheet comes to. Raises ValidationError with every question that is still open."""
    work.require("credit.figures")
    sheet = sheet_of(work, credit_id)
    missing = rules.unanswered(sheet) if sheet is not None else [Problem("credit.no_sheet", None, {})]
    if missing:
        raise ValidationError(missing)
    return result_of(work, work.get(CreditApplication, credit_id)).grade


def limit(result: Result, given: str, credit: CreditApplication, scheme: Scheme) -> int:
    """The limit of the grade that was given."""
    return rules.limit_of(given, credit.monthly_fen, result.ratios, scheme)


def _fill(work: Work, credit: CreditApplication, given: str, scheme: Scheme) -> None:
    terms = rules.terms_for(given, scheme)
    credit.grade, credit.prepay_percent = given, terms.prepay_percent
    credit.term_days, credit.guarantee = terms.term_days, terms.guarantee
    credit.valid_from, credit.valid_until = work.today, rules.valid_until(given, work.today, scheme)
    credit.scheme_on, credit.assessor_id = scheme.effective_on, work.actor.id


def _supersede(work: Work, credit: CreditApplication) -> None:
    earlier = work.session.scalars(
        select(CreditApplication).where(
            CreditApplication.customer_id == credit.customer_id,
            CreditApplication.state == "graded",
            CreditApplication.id != credit.id,
        )
    ).all()
    for one in earlier:
        _move(work, one, "superseded", "superseded", by=credit.number)


def content_of(work: Work, credit: CreditApplication, result: Result, given: str, note: str) -> dict[str, Any]:
    """The assessment as it is frozen: what was applied for, every answer, the statements, what it came to."""
    sheet = sheet_of(work, credit.id)
    scheme = credit_schemes.in_force(work, credit.scheme_on or work.today)
    names = [f.name for f in STATEMENT_FIELDS]
    return {
        "format": FORMAT,
        "credit": credit.id,
        "monthly_fen": credit.monthly_fen,
        "answers": {name: getattr(sheet, name, None) for name in SHEET},
        "statements": [{n: getattr(s, n) for n in names} for s in statements_of(work, credit.id)],
        "scheme_on": scheme.effective_on,
        "result": rules.result_values(result),
        "grade": given,
        "limit_fen": limit(result, given, credit, scheme) if given else 0,
        "note": note,
        "terms": {
            "prepay_percent": credit.prepay_percent, "term_days": credit.term_days, "guarantee": credit.guarantee,
        },
    }  # fmt: skip


def _plain(work: Work, credit_id: UUID, action: str, reason: str) -> None:
    """refuse, ask_back, revoke, cancel: each with its reason."""
    credit = _begin(work, credit_id, action, {"reason": reason})
    if action in ("refuse", "ask_back"):
        refuse_own(work, credit)
    to = next(t.to for t in TRANSITIONS if t.action == action)
    assert to is not None
    if action == "revoke":
        customer = work.get(Customer, credit.customer_id)
        customer.credit_grade = ""
        work.touch(customer)
    _move(work, credit, to, {"ask_back": "asked_back"}.get(action, to), reason=reason)


def accept_guarantee(work: Work, credit_id: UUID, note: str, file: tuple[str, bytes] | None = None) -> None:
    """Record that a guarantee (who stands for how much until when) was looked at and is good, with its paper when there is one."""
    credit = _begin(work, credit_id, "guarantee", {"note": note})
    if file is not None:
        sheet = sheet_of(work, credit_id)
        assert sheet is not None  # no grade without one
        attachments.add(work, "credit_sheet", sheet.id, "guarantee", *file)
    credit.guarantee_note = note.strip()[:400]
    _move(work, credit, credit.state, "guaranteed", note=credit.guarantee_note)


def step(work: Work, credit_id: UUID, action: str, reason: str) -> None:
    """A step with a reason, for the page."""
    _plain(work, credit_id, action, reason)


def document(work: Work, credit_id: UUID) -> CreditDocument:
    """The report's content: the frozen assessment once graded. Raises PermissionDenied without credit.figures, UserError
    credit.altered when what is stored is not what was frozen."""
    work.require("credit.figures")
    credit = work.get(CreditApplication, credit_id)
    customer = work.get(Customer, credit.customer_id)
    sheet = sheet_of(work, credit_id)
    if sheet is not None and sheet.frozen:
        if canonical.sha256(sheet.frozen) != credit.content_hash:
            raise UserError("credit.altered", number=credit.number)
        content = json.loads(sheet.frozen)
    else:
        content = json.loads(canonical.text(content_of(work, credit, result_of(work, credit), "", "")))
    return CreditDocument(
        credit.number, credit.state, customer.name, customer.uscc, credit.reason, _user(work, credit.applied_by),
        _user(work, credit.assessor_id), credit.notes, content, credit.content_hash, credit.valid_from,
        credit.valid_until, exposure_of(work, customer.id), company.letterhead(work), work.today,
    )  # fmt: skip


def _user(work: Work, user_id: UUID | None) -> str:
    found = work.session.get(User, user_id) if user_id is not None else None
    return found.name if found is not None else ""
