"""Credit: applications, assessment sheets, statements, dated schemes and exceptions (rule book 5.4-5.6, business.md 3.2, I14, I15).

What a seller may know (state, grade, terms, validity) stands in the application, with the customer. Figures (answers, statements, score,
limit) stand in rows of their own scope, so that a seller's laptop never holds them.
"""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from presales_desktop.models.approvals import Steps, decisions
from presales_desktop.models.base import Record
from presales_desktop.models.fields import Field, FieldType
from presales_desktop.models.workflow import Transition

GRADES: Final = ("A", "B", "C", "D")  # the best first
STATES: Final = ("draft", "applied", "assessing", "graded", "refused", "superseded", "revoked", "cancelled")
OPEN: Final = ("draft", "applied", "assessing")
# The sheet is written from the application on until the grade.
ASSESSABLE: Final = ("applied", "assessing")
REASONS: Final = ("new_customer", "unclear", "expired", "larger_limit", "event")
GUARANTEES: Final = ("none", "or_prepay", "required")
# So many days before a grade ends somebody is asked to assess anew.
REASSESS_DAYS: Final = 30

OWNERSHIP: Final = ("state", "private", "individual", "government")
LICENCES: Final = ("verified", "unverified", "abnormal")
MARKETS: Final = ("leading", "steady", "starting", "shrinking")
PREMISES: Final = ("owned", "leased", "none", "not_visited")
PAID: Final = ("prompt", "late_30", "late_90", "overdue", "none")
COURT: Final = ("none", "past", "current")
TAX_LEVELS: Final = ("A", "B", "M", "C", "D", "unknown")
AGENCIES: Final = ("AAA", "AA", "A", "BBB", "below", "none")
REPUTATION: Final = ("good", "mixed", "bad", "unknown")

TRANSITIONS: Final = (
    Transition("apply", ("draft",), "applied", "credit.edit"),
    Transition("take", ("applied",), "assessing", "credit.assess"),
    Transition("grade", ASSESSABLE, "graded", "credit.assess", ("grade", "note")),
    Transition("refuse", ASSESSABLE, "refused", "credit.assess", ("reason!",)),
    Transition("ask_back", ASSESSABLE, "draft", "credit.assess", ("reason!",)),
    Transition("guarantee", ("graded",), None, "credit.assess", ("note!",)),
    Transition("revoke", ("graded",), "revoked", "credit.assess", ("reason!",)),
    Transition("cancel", ("draft", "applied"), "cancelled", "credit.edit", ("reason!",)),
)

_T = FieldType
_FIGURES: Final = "credit.figures"


def _answer(name: str, choices: tuple[str, ...]) -> Field:
    return Field(name, _T.CHOICE, choices=choices, restricted=_FIGURES)


def _note(name: str) -> Field:
    return Field(name, _T.MULTILINE, max_length=4000, restricted=_FIGURES)


# What the applicant says.
APPLICATION_FIELDS: Final = (
    Field("customer_id", _T.REFERENCE, required=True, target="customer"),
    Field("owner_id", _T.REFERENCE, target="user"),
    Field("reason", _T.CHOICE, required=True, choices=REASONS),
    Field("monthly_fen", _T.MONEY, required=True, low=0),
    Field("notes", _T.MULTILINE, max_length=4000),
)
# What finance or credit finds, in its four dimensions.
SHEET_FIELDS: Final = (
    Field("years", _T.INTEGER, low=0, high=200, restricted=_FIGURES),
    Field("capital_fen", _T.MONEY, low=0, restricted=_FIGURES),
    _answer("ownership", OWNERSHIP),
    _answer("licence", LICENCES),
    _note("basics_note"),
    _answer("market", MARKETS),
    _answer("premises", PREMISES),
    Field("staff", _T.INTEGER, low=0, high=1_000_000, restricted=_FIGURES),
    _note("operations_note"),
    _note("finances_note"),
    _answer("paid", PAID),
    _answer("court", COURT),
    _answer("tax_level", TAX_LEVELS),
    _answer("agency", AGENCIES),
    _answer("reputation", REPUTATION),
    _note("record_note"),
)
FIELDS: Final = (
    Field("number", _T.TEXT, read_only=True),
    Field("state", _T.CHOICE, choices=STATES, read_only=True),
    *APPLICATION_FIELDS,
    *SHEET_FIELDS,
    Field("statements", _T.PARTS, target="credit_statement", restricted=_FIGURES),
    Field("grade", _T.TEXT, read_only=True),
    Field("prepay_percent", _T.INTEGER, unit="%", read_only=True),
    Field("term_days", _T.INTEGER, read_only=True),
    Field("guarantee", _T.CHOICE, choices=GUARANTEES, read_only=True),
    Field("guarantee_note", _T.TEXT, read_only=True),
    Field("valid_from", _T.DATE, read_only=True),
    Field("valid_until", _T.DATE, read_only=True),
    Field("content_hash", _T.TEXT, read_only=True),
)
STATEMENT_FIELDS: Final = (
    Field("year", _T.INTEGER, required=True, low=1990, high=2100),
    Field("revenue_fen", _T.MONEY, required=True, low=0),
    Field("net_profit_fen", _T.MONEY, required=True),
    Field("current_assets_fen", _T.MONEY, required=True, low=0),
    Field("inventory_fen", _T.MONEY, required=True, low=0),
    Field("receivables_fen", _T.MONEY, required=True, low=0),
    Field("assets_fen", _T.MONEY, required=True, low=1),
    Field("current_liabilities_fen", _T.MONEY, required=True, low=0),
    Field("liabilities_fen", _T.MONEY, required=True, low=0),
    Field("operating_cash_fen", _T.MONEY),
)
MAX_STATEMENTS: Final = 10


class CreditApplication(Record):
    """One assessment of one customer, from the application to the grade. `scheme_on`: which dated scheme it was graded by;
    `content_hash`: of the frozen assessment, which lies with the sheet;
    `guarantee_note`: which guarantee finance or credit has accepted, "" without one."""

    __tablename__ = "credit"
    __table_args__ = (Index("ix_credit_updated_at", "updated_at", "id"),)
    KIND: ClassVar[str] = "credit"

    number: Mapped[str] = mapped_column(unique=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"), index=True)
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"), index=True)
    state: Mapped[str] = mapped_column(default="draft", index=True)
    reason: Mapped[str] = mapped_column(default="new_customer")
    monthly_fen: Mapped[int] = mapped_column(default=0)
    notes: Mapped[str] = mapped_column(default="")
    applied_at: Mapped[dt.datetime | None]
    applied_by: Mapped[UUID | None]
    assessor_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    grade: Mapped[str] = mapped_column(default="")
    prepay_percent: Mapped[int] = mapped_column(default=0)
    term_days: Mapped[int] = mapped_column(default=0)
    guarantee: Mapped[str] = mapped_column(default="none")
    guarantee_note: Mapped[str] = mapped_column(default="")
    valid_from: Mapped[dt.date | None]
    valid_until: Mapped[dt.date | None]
    scheme_on: Mapped[dt.date | None]
    content_hash: Mapped[str] = mapped_column(default="")

    def search_entry(self) -> tuple[str, str, str] | None:
        return None  # found by its customer


class CreditSheet(Record):
    """The assessment itself, one row an application; its own scope. `limit_fen` and `score` (tenths) are set with the grade."""

    __tablename__ = "credit_sheet"
    KIND: ClassVar[str] = "credit_sheet"

    credit_id: Mapped[UUID] = mapped_column(ForeignKey("credit.id"), unique=True)
    years: Mapped[int | None]
    capital_fen: Mapped[int | None]
    ownership: Mapped[str] = mapped_column(default="")
    licence: Mapped[str] = mapped_column(default="")
    basics_note: Mapped[str] = mapped_column(default="")
    market: Mapped[str] = mapped_column(default="")
    premises: Mapped[str] = mapped_column(default="")
    staff: Mapped[int | None]
    operations_note: Mapped[str] = mapped_column(default="")
    finances_note: Mapped[str] = mapped_column(default="")
    paid: Mapped[str] = mapped_column(default="")
    court: Mapped[str] = mapped_column(default="")
    tax_level: Mapped[str] = mapped_column(default="")
    agency: Mapped[str] = mapped_column(default="")
    reputation: Mapped[str] = mapped_column(default="")
    record_note: Mapped[str] = mapped_column(default="")
    limit_fen: Mapped[int | None]
    score: Mapped[int | None]
    frozen: Mapped[str] = mapped_column(default="")

    def owner_ref(self) -> tuple[str, UUID] | None:
        return "credit", self.credit_id


class CreditStatement(Record):
    """One year's figures from the customer's statements, in fen."""

    __tablename__ = "credit_statement"
    KIND: ClassVar[str] = "credit_statement"

    credit_id: Mapped[UUID] = mapped_column(ForeignKey("credit.id"), index=True)
    year: Mapped[int]
    revenue_fen: Mapped[int]
    net_profit_fen: Mapped[int]
    current_assets_fen: Mapped[int]
    inventory_fen: Mapped[int]
    receivables_fen: Mapped[int]
    assets_fen: Mapped[int]
    current_liabilities_fen: Mapped[int]
    liabilities_fen: Mapped[int]
    operating_cash_fen: Mapped[int | None]
    sort: Mapped[int] = mapped_column(default=0)

    def owner_ref(self) -> tuple[str, UUID] | None:
        return "credit", self.credit_id


# ------------------------------------------------------------------------------------------------- schemes


def _of_grade(grade: str) -> tuple[Field, ...]:
    g = grade.lower()
    return (
        Field(f"prepay_{g}", _T.INTEGER, required=True, unit="%", low=0, high=100),
        Field(f"days_{g}", _T.INTEGER, required=True, low=0, high=365),
        Field(f"guarantee_{g}", _T.CHOICE, required=True, choices=GUARANTEES),
        Field(f"factor_{g}", _T.INTEGER, required=True, unit="%", low=0, high=500),
        Field(f"months_{g}", _T.INTEGER, required=True, low=1, high=36),
    )


DIMENSIONS: Final = ("basics", "operations", "finances", "record")
SCHEME_FIELDS: Final = (
    Field("effective_on", _T.DATE, required=True),
    *(Field(f"weight_{name}", _T.INTEGER, required=True, unit="%", low=0, high=100) for name in DIMENSIONS),
    *(Field(f"from_{g}", _T.INTEGER, required=True, low=0, high=100) for g in "abc"),
    Field("cap_new", _T.CHOICE, required=True, choices=GRADES),
    Field("cap_no_statements", _T.CHOICE, required=True, choices=GRADES),
    Field("equity_percent", _T.INTEGER, required=True, unit="%", low=0, high=100),
    *(field for grade in GRADES for field in _of_grade(grade)),
    Field("note", _T.TEXT, max_length=400),
)


class CreditScheme(Record):
    """The score card from a day on: weights, bands, what each grade means. A new one is a new row; old grades keep theirs."""

    __tablename__ = "credit_scheme"
    KIND: ClassVar[str] = "credit_scheme"

    effective_on: Mapped[dt.date] = mapped_column(index=True)
    card: Mapped[dict[str, Any]] = mapped_column(default=dict)
    note: Mapped[str] = mapped_column(default="")


# ------------------------------------------------------------------------------------------------- exceptions

EXCEPTION_STEPS: Final = Steps("credit_exception", ("finance", "management"), above_author=())
EXCEPTION_STATES: Final = ("draft", "submitted", "approved", "returned", "rejected", "revoked", "cancelled")
EXCEPTION_TRANSITIONS: Final = (
    Transition("submit", ("draft",), "submitted", "credit_exception.edit"),
    *decisions(EXCEPTION_STEPS),
    Transition("revoke", ("approved",), "revoked", "credit_exception.management", ("reason!",)),
    Transition("cancel", ("draft",), "cancelled", "credit_exception.edit", ("reason!",)),
)
LONGEST_EXCEPTION_DAYS: Final = 366
EXCEPTION_FIELDS: Final = (
    Field("number", _T.TEXT, read_only=True),
    Field("state", _T.CHOICE, choices=EXCEPTION_STATES, read_only=True),
    Field("case_id", _T.REFERENCE, required=True, target="case"),
    Field("customer_id", _T.REFERENCE, target="customer", read_only=True),
    Field("owner_id", _T.REFERENCE, target="user"),
    Field("prepay_percent", _T.INTEGER, unit="%", low=0, high=100),
    Field("term_days", _T.INTEGER, low=0, high=365),
    Field("waive_guarantee", _T.FLAG),
    Field("over_limit", _T.FLAG),
    Field("reason", _T.MULTILINE, required=True, max_length=2000),
    Field("expires_on", _T.DATE, required=True),
    Field("content_hash", _T.TEXT, read_only=True),
)


class CreditException(Record):
    """Softer terms than the grade's for one case, until a day, signed by finance and management on one content (I15)."""

    __tablename__ = "credit_exception"
    __table_args__ = (Index("ix_credit_exception_updated_at", "updated_at", "id"),)
    KIND: ClassVar[str] = "credit_exception"

    number: Mapped[str] = mapped_column(index=True)
    # What the machinery of decisions asks of a paper; an exception has one revision, a second is another exception.
    family_id: Mapped[UUID]
    revision: Mapped[int] = mapped_column(default=1)
    title: Mapped[str] = mapped_column(default="")
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), index=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"), index=True)
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"), index=True)
    state: Mapped[str] = mapped_column(default="draft", index=True)
    prepay_percent: Mapped[int | None]
    term_days: Mapped[int | None]
    waive_guarantee: Mapped[bool] = mapped_column(default=False)
    over_limit: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(default="")
    expires_on: Mapped[dt.date]
    frozen: Mapped[str] = mapped_column(default="")
    content_hash: Mapped[str] = mapped_column(default="")
    submitted_at: Mapped[dt.datetime | None]
    submitted_by: Mapped[UUID | None]

    @property
    def total_fen(self) -> None:
        """Nothing is sold by it; the timeline of decisions asks."""

    def search_entry(self) -> tuple[str, str, str] | None:
        return None
