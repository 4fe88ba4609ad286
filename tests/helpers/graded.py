"""A customer with a credit grade, given through the real services, for tests of what stands on one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any
from uuid import UUID

from presales_desktop.models.credit import CreditApplication
from presales_desktop.models.customers import Customer
from presales_desktop.services import credit, credit_steps
from presales_desktop.services.credit import CreditDraft, StatementDraft
from presales_desktop.services.work import Work

Run = Callable[..., Any]
# What a good customer answers; with statements, since a new customer's is B at best.
GOOD: dict[str, Any] = {
    "years": 12, "capital_fen": 5_000_000_000, "ownership": "state", "licence": "verified", "market": "leading",
    "premises": "owned", "staff": 200, "paid": "prompt", "court": "none", "tax_level": "A", "agency": "AA",
    "reputation": "good",
}  # fmt: skip
WEAK: dict[str, Any] = {
    "years": 0, "capital_fen": 10_000_000, "ownership": "individual", "licence": "unverified", "market": "shrinking",
    "premises": "none", "staff": 2, "paid": "late_90", "court": "past", "tax_level": "C", "agency": "none",
    "reputation": "mixed",
}  # fmt: skip


def statement(year: int = 2025, **changes: int) -> StatementDraft:
    """A sound year of a middling firm; equity 1,2 hundred million yuan."""
    values = {
        "revenue_fen": 30_000_000_000, "net_profit_fen": 3_000_000_000, "current_assets_fen": 12_000_000_000,
        "inventory_fen": 2_000_000_000, "receivables_fen": 4_000_000_000, "assets_fen": 20_000_000_000,
        "current_liabilities_fen": 5_000_000_000, "liabilities_fen": 8_000_000_000, "operating_cash_fen": 2_000_000_000,
    }  # fmt: skip
    return StatementDraft(None, year, **{**values, **changes})


def applied(run: Run, customer_id: UUID, monthly_fen: int = 1_000_000_000, seller: str = "sales") -> UUID:
    """An application that was handed in."""
    draft: CreditDraft = run(seller, credit.new_draft, {"customer_id": customer_id})
    draft.monthly_fen = monthly_fen
    credit_id: UUID = run(seller, credit.save, draft)
    run(seller, credit_steps.apply, credit_id)
    return credit_id


def assessed(
    run: Run, credit_id: UUID, answers: dict[str, Any], *, statements: bool = True, assessor: str = "finance"
) -> None:
    """Its sheet, filled in."""
    run(assessor, credit_steps.take, credit_id)
    draft: CreditDraft = run(assessor, credit.load, credit_id)
    for name, value in answers.items():
        setattr(draft, name, value)
    draft.statements = [statement(2025), statement(2024, revenue_fen=25_000_000_000)] if statements else []
    run(assessor, credit.save, draft)


def best_grade(work: Work, customer_id: UUID) -> None:
    """An A without conditions as a row, for tests that are about something else."""
    day = work.today
    work.add(
        CreditApplication(
            number=work.next_number("XY"), customer_id=customer_id, state="graded", grade="A", prepay_percent=0,
            term_days=60, guarantee="none", valid_from=day, valid_until=day + dt.timedelta(days=365),
            scheme_on=day, monthly_fen=0,
        )
    )  # fmt: skip
    work.get(Customer, customer_id).credit_grade = "A"


def graded(run: Run, customer_id: UUID, answers: dict[str, Any] | None = None, **facts: Any) -> UUID:
    """An application with its grade: B for a new customer who answers GOOD."""
    assessor = facts.pop("assessor", "finance")
    statements = facts.pop("statements", True)
    credit_id = applied(run, customer_id, **facts)
    assessed(run, credit_id, answers or GOOD, statements=statements, assessor=assessor)
    run(assessor, credit_steps.grade, credit_id)
    return credit_id
