"""What credit asks of a contract (I14, I15): a valid grade, its terms or an exception that was signed, exposure within the limit."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from presales_desktop.models import approvals as approval_rules
from presales_desktop.models.approvals import Outcome
from presales_desktop.models.contract_plan import ContractStep
from presales_desktop.models.contract_plan import term_days as term_of
from presales_desktop.models.contracts import Contract
from presales_desktop.models.credit import EXCEPTION_STEPS, CreditApplication, CreditException, CreditSheet
from presales_desktop.models.credit_rules import Softened, Terms, is_valid, requirements_for, shortfalls
from presales_desktop.models.customers import Customer
from presales_desktop.models.errors import Problem, ValidationError
from presales_desktop.services import approvals
from presales_desktop.services.credit_exposure import exposure_of
from presales_desktop.services.work import Work


@dataclass(frozen=True)
class Standing:
    """How a customer stands today: `grade` "" without a valid one; `required` the terms for a case, exceptions counted in;
    `expired`: there was a grade; `guaranteed`: finance or credit has accepted a guarantee; `may_exceed`: an exception says so."""

    credit_id: UUID | None
    grade: str
    required: Terms | None
    expired: bool
    guaranteed: bool
    may_exceed: bool
    exceptions: tuple[UUID, ...]


def current(work: Work, customer_id: UUID) -> CreditApplication | None:
    """The grade that counts: the newest that was given, still valid or not."""
    return work.session.scalars(
        select(CreditApplication)
        .where(CreditApplication.customer_id == customer_id, CreditApplication.state == "graded")
        .order_by(CreditApplication.valid_from.desc(), CreditApplication.id.desc())
        .limit(1)
    ).first()


def standing(work: Work, customer_id: UUID, case_id: UUID | None = None) -> Standing:
    """How CUSTOMER stands today, for one case."""
    credit = current(work, customer_id)
    if credit is None or not is_valid(credit, work.today):
        return Standing(credit.id if credit else None, "", None, credit is not None, False, False, ())
    given = _exceptions(work, customer_id, case_id) if case_id is not None else []
    soft = [Softened(e.prepay_percent, e.term_days, e.waive_guarantee, e.over_limit) for e in given]
    terms = Terms(credit.grade, credit.prepay_percent, credit.term_days, credit.guarantee)
    return Standing(
        credit.id, credit.grade, requirements_for(terms, soft), False,
        bool(credit.guarantee_note), any(s.over_limit for s in soft), tuple(e.id for e in given),
    )  # fmt: skip


def _exceptions(work: Work, customer_id: UUID, case_id: UUID) -> list[CreditException]:
    """Exceptions of a case that hold today: approved, and finance and management really decided exactly that."""
    found = work.session.scalars(
        select(CreditException).where(
            CreditException.customer_id == customer_id,
            CreditException.case_id == case_id,
            CreditException.state == "approved",
            CreditException.expires_on >= work.today,
        )
    )
    return [
        e
        for e in found
        if approval_rules.outcome(EXCEPTION_STEPS, approvals.bound(work, e)) is Outcome.APPROVED
    ]  # fmt: skip


def problems_of(
    work: Work,
    customer_id: UUID,
    case_id: UUID | None,
    *,
    total_fen: int,
    prepaid_fen: int,
    family_id: UUID | None = None,
    term_days: int | None = None,
) -> list[Problem]:
    """What credit has against a contract with these figures; empty when it may be signed. Texts name no restricted figure."""
    found = standing(work, customer_id, case_id)
    if found.required is None:
        name = work.get(Customer, customer_id).name
        return [Problem("credit.expired" if found.expired else "credit.none", None, {"customer": name})]
    problems = shortfalls(
        found.required, total_fen=total_fen, prepaid_fen=prepaid_fen, guaranteed=found.guaranteed, term_days=term_days
    )
    assert found.credit_id is not None
    limit = work.session.scalar(select(CreditSheet.limit_fen).where(CreditSheet.credit_id == found.credit_id))
    # Where the sheet is not on this computer the server asks, which has it.
    if limit is not None and not (found.may_exceed or found.guaranteed):
        owed = max(0, total_fen - prepaid_fen) + exposure_of(work, customer_id, without=family_id).firm_fen
        if owed > limit:
            problems.append(Problem("credit.over_limit", None, {"customer": work.get(Customer, customer_id).name}))
    return problems


def of_contract(work: Work, contract: Contract) -> list[Problem]:
    """What credit has against CONTRACT as it stands, its plan of payments included."""
    plan = work.session.scalars(
        select(ContractStep).where(ContractStep.contract_id == contract.id).order_by(ContractStep.sort, ContractStep.id)
    ).all()
    return problems_of(
        work, contract.customer_id, contract.case_id, total_fen=contract.total_fen,
        prepaid_fen=contract.deposit_fen + contract.prepayment_fen, family_id=contract.family_id,
        term_days=term_of(plan),
    )  # fmt: skip


def refuse(work: Work, contract: Contract) -> None:
    """Raise ValidationError with all that credit has against CONTRACT (I14, I15)."""
    found = of_contract(work, contract)
    if found:
        raise ValidationError(found)
