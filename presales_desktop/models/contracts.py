"""Contracts and the clause library: what a sales contract must hold before it may be submitted (rule book 5.1-5.3, business.md 6.3).

A contract stands on one approved, accepted quote revision (I12): its table of goods, total and terms are the quote's frozen content and
are never typed again. Clauses carry placeholders in 【】 that are filled from it.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from presales_desktop.models.approvals import CONTRACT_STEPS, decisions
from presales_desktop.models.base import Record
from presales_desktop.models.contract_plan import MAX_STEPS, STEP_FIELDS, ContractStepDraft, plan_problems
from presales_desktop.models.contract_text import Subject, open_placeholders, placeholder_values, yuan
from presales_desktop.models.errors import Problem
from presales_desktop.models.fields import Field, FieldType, validate
from presales_desktop.models.workflow import Transition
from presales_desktop.paths import resource

# The eight contents of Civil Code art. 470, in its order.
PARTS: Final = ("parties", "subject", "quantity", "quality", "price", "performance", "breach", "disputes")
STATES: Final = (
    "draft", "submitted", "approved", "returned", "rejected", "out_for_signature", "signed", "superseded", "cancelled",
)  # fmt: skip
# While one of these exists on a quote, no second contract may be made from it.
LIVE: Final = ("draft", "submitted", "approved", "returned", "out_for_signature", "signed")
REVISABLE: Final = ("submitted", "approved", "returned", "rejected", "out_for_signature")
# Civil Code art. 586: an earnest deposit (定金) beyond a fifth of the price has no effect (I16).
DEPOSIT_SHARE: Final = 5
MAX_CLAUSES: Final = 100
VIA: Final = ("email", "wechat", "print", "other")


TRANSITIONS: Final[tuple[Transition, ...]] = (
    Transition("submit", ("draft",), "submitted", "contract.submit"),
    *decisions(CONTRACT_STEPS),
    Transition("revise", REVISABLE, None, "contract.edit"),
    Transition("send", ("approved",), "out_for_signature", "contract.sign", ("recipient", "via")),
    Transition("sign", ("out_for_signature",), "signed", "contract.sign", ("on!", "by!", "note")),
    Transition("settle", ("signed",), None, "contract.settle", ("step!", "on")),
    Transition("cancel", ("draft",), "cancelled", "contract.edit", ("reason!",)),
)

_T = FieldType
# What is known of a party, beside its name; stands in the record's `parties`.
PARTY: Final = (
    "name", "uscc", "address", "legal_representative", "agent", "phone", "email", "bank", "account",
)  # fmt: skip


def _party_fields(side: str) -> tuple[Field, ...]:
    return tuple(
        Field(f"{side}_{name}", _T.TEXT, max_length=200, read_only=(side, name) == ("buyer", "name")) for name in PARTY
    )


FIELDS: Final = (
    Field("number", _T.TEXT, read_only=True),
    Field("revision", _T.INTEGER, read_only=True),
    Field("state", _T.CHOICE, choices=STATES, read_only=True),
    Field("title", _T.TEXT, required=True, max_length=120),
    Field("quote_id", _T.REFERENCE, required=True, target="quote"),
    Field("case_id", _T.REFERENCE, target="case", read_only=True),
    Field("customer_id", _T.REFERENCE, target="customer", read_only=True),
    Field("owner_id", _T.REFERENCE, target="user"),
    *_party_fields("buyer"),
    *_party_fields("seller"),
    Field("sign_place", _T.TEXT, max_length=120),
    Field("sign_on", _T.DATE),
    Field("copies", _T.INTEGER, required=True, low=2, high=20),
    Field("deposit_fen", _T.MONEY, low=0),
    Field("prepayment_fen", _T.MONEY, low=0),
    Field("total_fen", _T.MONEY, read_only=True),
    Field("notes", _T.MULTILINE, max_length=4000),
    Field("content_hash", _T.TEXT, read_only=True),
    Field("signed_on", _T.DATE, read_only=True),
    Field("signed_by", _T.TEXT, read_only=True),
    Field("clauses", _T.PARTS, target="contract_clause"),
    Field("steps", _T.PARTS, target="contract_step"),
)
CLAUSE_FIELDS: Final = (
    Field("heading", _T.TEXT, required=True, max_length=80),
    Field("body", _T.MULTILINE, required=True, max_length=8000),
    Field("part", _T.CHOICE, choices=PARTS),
    Field("key", _T.TEXT, max_length=60),
    Field("edition", _T.INTEGER, low=0),
)


class Clause(Record):
    """A later edition of a clause of the company's library. `part` is the content of art. 470 that it fulfils, or "".

    Edition 1 of each clause comes with the program (resources/templates/clauses.json); legal's changes are rows, none is overwritten.
    """

    __tablename__ = "clause"
    __table_args__ = (UniqueConstraint("key", "edition"),)
    KIND: ClassVar[str] = "clause"

    key: Mapped[str]
    edition: Mapped[int] = mapped_column(default=1)
    heading: Mapped[str]
    body: Mapped[str]
    heading_en: Mapped[str] = mapped_column(default="")
    body_en: Mapped[str] = mapped_column(default="")
    part: Mapped[str] = mapped_column(default="")
    pick: Mapped[str] = mapped_column(default="")
    use_when: Mapped[str] = mapped_column(default="")
    owner: Mapped[str] = mapped_column(default="")
    sort: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)


class Contract(Record):
    """One revision of a contract; `parties` holds both sides as printed, `quote_id` the accepted revision it stands on."""

    __tablename__ = "contract"
    __table_args__ = (UniqueConstraint("family_id", "revision"), Index("ix_contract_updated_at", "updated_at", "id"))
    KIND: ClassVar[str] = "contract"

    number: Mapped[str] = mapped_column(index=True)
    family_id: Mapped[UUID] = mapped_column(index=True)
    revision: Mapped[int] = mapped_column(default=1)
    title: Mapped[str]
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), index=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"), index=True)
    quote_id: Mapped[UUID] = mapped_column(ForeignKey("quote.id"), index=True)
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"), index=True)
    state: Mapped[str] = mapped_column(default="draft", index=True)
    sign_place: Mapped[str] = mapped_column(default="")
    sign_on: Mapped[dt.date | None]
    copies: Mapped[int] = mapped_column(default=4)
    parties: Mapped[dict[str, Any]] = mapped_column(default=dict)
    deposit_fen: Mapped[int] = mapped_column(default=0)
    prepayment_fen: Mapped[int] = mapped_column(default=0)
    total_fen: Mapped[int] = mapped_column(default=0)
    notes: Mapped[str] = mapped_column(default="")
    content_hash: Mapped[str] = mapped_column(default="")
    frozen: Mapped[str] = mapped_column(default="")
    submitted_at: Mapped[dt.datetime | None]
    submitted_by: Mapped[UUID | None]
    signed_on: Mapped[dt.date | None]
    signed_by: Mapped[str] = mapped_column(default="")

    def search_entry(self) -> tuple[str, str, str] | None:
        return self.title, f"{self.number}-R{self.revision}", str(self.parties.get("buyer", {}).get("name", ""))


class ContractClause(Record):
    """A clause as it stands in one contract; `key` and `edition` name the library's, empty when written for this contract."""

    __tablename__ = "contract_clause"
    KIND: ClassVar[str] = "contract_clause"

    contract_id: Mapped[UUID] = mapped_column(ForeignKey("contract.id"), index=True)
    key: Mapped[str] = mapped_column(default="")
    edition: Mapped[int] = mapped_column(default=0)
    heading: Mapped[str]
    body: Mapped[str]
    part: Mapped[str] = mapped_column(default="")
    sort: Mapped[int] = mapped_column(default=0)

    def owner_ref(self) -> tuple[str, UUID] | None:
        return "contract", self.contract_id


# ------------------------------------------------------------------------------------------------- drafts


@dataclass
class ClauseDraft:
    """A clause being edited."""

    id: UUID | None = None
    heading: str = ""
    body: str = ""
    part: str = ""
    key: str = ""
    edition: int = 0


@dataclass
class ContractDraft:
    """A contract being edited; both parties flat, as forms and the command line name them. `buyer_name` is the quote's customer."""

    id: UUID | None = None
    base_version: int = 0
    number: str = ""
    revision: int = 1
    state: str = "draft"
    title: str = ""
    quote_id: UUID | None = None
    case_id: UUID | None = None
    customer_id: UUID | None = None
    owner_id: UUID | None = None
    buyer_name: str = ""
    buyer_uscc: str = ""
    buyer_address: str = ""
    buyer_legal_representative: str = ""
    buyer_agent: str = ""
    buyer_phone: str = ""
    buyer_email: str = ""
    buyer_bank: str = ""
    buyer_account: str = ""
    seller_name: str = ""
    seller_uscc: str = ""
    seller_address: str = ""
    seller_legal_representative: str = ""
    seller_agent: str = ""
    seller_phone: str = ""
    seller_email: str = ""
    seller_bank: str = ""
    seller_account: str = ""
    sign_place: str = ""
    sign_on: dt.date | None = None
    copies: int = 4
    deposit_fen: int = 0
    prepayment_fen: int = 0
    total_fen: int = 0
    notes: str = ""
    clauses: list[ClauseDraft] = field(default_factory=list)
    steps: list[ContractStepDraft] = field(default_factory=list)


# ------------------------------------------------------------------------------------------------- library


@dataclass(frozen=True)
class LibraryClause:
    """A clause of the library in its newest edition. `pick`: "always", "deposit", "prepayment", "installation", "design", or "" for
    on demand."""

    key: str
    edition: int
    heading: str
    body: str
    heading_en: str
    body_en: str
    part: str
    pick: str
    use_when: str
    owner: str
    sort: int

    @property
    def draft(self) -> ClauseDraft:
        """The clause as it goes into a contract."""
        return ClauseDraft(None, self.heading, self.body, self.part, self.key, self.edition)


@cache
def shipped_library() -> tuple[LibraryClause, ...]:
    """Edition 1 of every clause, in the order in which they stand in a contract."""
    raw = json.loads(resource("templates/clauses.json").read_text("utf-8"))
    return tuple(
        LibraryClause(
            c["key"], 1, c["heading"], c["body"], c["heading_en"], c["body_en"], c["part"], c["pick"], c["use_when"],
            raw["owner"], i,
        )
        for i, c in enumerate(raw["clauses"])
    )  # fmt: skip


@cache
def use_when_english() -> dict[str, str]:
    """English of the shipped clauses' use-when sentences."""
    raw = json.loads(resource("templates/clauses.json").read_text("utf-8"))
    return {c["use_when"]: c["use_when_en"] for c in raw["clauses"]}


def picked(library: Iterable[LibraryClause], facts: Mapping[str, bool]) -> list[ClauseDraft]:
    """The clauses that a new contract starts with. FACTS: which occasions hold (deposit, prepayment, installation, design)."""
    return [c.draft for c in library if c.pick == "always" or facts.get(c.pick, False)]


# ------------------------------------------------------------------------------------------------- rules


@dataclass(frozen=True)
class PartCheck:
    """Whether one content of art. 470 is there, and by what: "table", "parties", or the numbers of clauses."""

    part: str
    present: bool
    by: tuple[str, ...]


def check_parts(draft: ContractDraft, subject: Subject | None) -> tuple[PartCheck, ...]:
    """The eight contents, in the law's order, each with what fulfils it. Clauses with blanks only don't count."""
    clauses: dict[str, list[str]] = {part: [] for part in PARTS}
    for n, clause in enumerate(draft.clauses, start=1):
        if clause.part in clauses and clause.body.strip():
            clauses[clause.part].append(str(n))
    goods = subject.goods if subject is not None else ()
    both = all(getattr(draft, f"{side}_{name}").strip() for side in ("buyer", "seller") for name in ("name", "address"))
    base: dict[str, tuple[bool, tuple[str, ...]]] = {
        "parties": (both, ("parties",)),
        "subject": (bool(goods), ("table",)),
        "quantity": (bool(goods) and all(g.quantity > 0 for g in goods), ("table",)),
        "price": (subject is not None and subject.total_fen > 0, ("table",)),
    }
    made = []
    for part in PARTS:
        found = tuple(clauses[part])
        if part in base:
            ok, by = base[part]
            made.append(PartCheck(part, ok, (*by, *found) if ok else found))
        else:
            made.append(PartCheck(part, bool(found), found))
    return tuple(made)


def problems(draft: ContractDraft) -> list[Problem]:
    """What keeps DRAFT from being saved."""
    found = validate(FIELDS, draft)
    if len(draft.clauses) > MAX_CLAUSES:
        found.append(Problem("contract.too_many_clauses", "clauses", {"limit": MAX_CLAUSES}))
    for i, clause in enumerate(draft.clauses):
        found += validate(CLAUSE_FIELDS, clause, f"clauses.{i}.")
    if len(draft.steps) > MAX_STEPS:
        found.append(Problem("contract.too_many_steps", "steps", {"limit": MAX_STEPS}))
    for i, step in enumerate(draft.steps):
        found += validate(STEP_FIELDS, step, f"steps.{i}.")
    return found


def submit_problems(draft: ContractDraft, subject: Subject) -> list[Problem]:
    """What keeps DRAFT from being submitted: a content of art. 470 missing, deposit over 20 % (I16), blanks in a clause."""
    found = [
        Problem(f"contract.part_{check.part}_missing", _PART_FIELD.get(check.part, "clauses"))
        for check in check_parts(draft, subject)
        if not check.present
    ]
    if not draft.clauses:
        found.append(Problem("contract.no_clauses", "clauses"))
    found += money_problems(draft, subject.total_fen)
    found += plan_problems(draft.steps, subject.total_fen, draft.deposit_fen + draft.prepayment_fen)
    if not draft.sign_place.strip():
        found.append(Problem("field.required", "sign_place"))
    values = placeholder_values(draft, subject)
    for i, clause in enumerate(draft.clauses):
        blanks = open_placeholders(clause.body, values) + open_placeholders(clause.heading, values)
        if blanks:
            said = {
                "n": i + 1,
                "heading": clause.heading,
                "names": "、".join(f"【{b}】" for b in dict.fromkeys(blanks)),
            }
            found.append(Problem("contract.blank_left", f"clauses.{i}.body", said))
    found += _clause_conflicts(draft.clauses)
    return found


_PART_FIELD: Final = {"parties": "buyer_address", "subject": "quote_id", "quantity": "quote_id", "price": "quote_id"}


def money_problems(draft: ContractDraft, total_fen: int) -> list[Problem]:
    """Deposit at most 20 % of the price (Civil Code art. 586, I16); deposit and prepayment together at most the price; both amounts
    need the clause that says what they are, and the clause the amount."""
    found = []
    limit = total_fen // DEPOSIT_SHARE
    if draft.deposit_fen * DEPOSIT_SHARE > total_fen:
        found.append(
            Problem("contract.deposit_over", "deposit_fen", {"deposit": yuan(draft.deposit_fen), "limit": yuan(limit)})
        )
    if draft.deposit_fen + draft.prepayment_fen > total_fen:
        found.append(Problem("contract.prepayment_over", "prepayment_fen", {"total": yuan(total_fen)}))
    keys = {c.key for c in draft.clauses}
    texts = "\n".join(c.heading + c.body for c in draft.clauses)
    for name, amount, word in (("deposit", draft.deposit_fen, "定金"), ("prepayment", draft.prepayment_fen, "预付款")):
        if amount and name not in keys and word not in texts:
            found.append(Problem(f"contract.{name}_without_clause", f"{name}_fen"))
    return found


def _clause_conflicts(clauses: Sequence[ClauseDraft]) -> list[Problem]:
    keys = [c.key for c in clauses if c.key]
    found = []
    for first, second in (("disputes_court", "disputes_arbitration"), ("risk", "retention")):
        if first in keys and second in keys:
            headings = [c.heading for c in clauses if c.key in (first, second)]
            found.append(
                Problem(
                    "contract.clauses_exclude",
                    f"clauses.{keys.index(second)}.body",
                    {"first": headings[0], "second": headings[1]},
                )
            )
    twice = next((c.heading for i, c in enumerate(clauses) if c.key and c.key in {o.key for o in clauses[:i]}), None)
    if twice:
        found.append(Problem("contract.clause_twice", "clauses", {"heading": twice}))
    return found


def hints(draft: ContractDraft, subject: Subject | None, credit_grade: str, *, new_customer: bool) -> list[Problem]:
    """What a careful drafter looks at once more; none of it blocks.

    Credit: a customer without a valid grade (I14; the assessment itself comes with the credit area).
    """
    found = []
    if not credit_grade.strip():
        code = "contract.credit_new" if new_customer else "contract.credit_unknown"
        found.append(Problem(code, None, {"customer": draft.buyer_name}, blocking=False))
    for i, clause in enumerate(draft.clauses):
        if "订金" in clause.body:
            found.append(Problem("contract.wrong_deposit_word", f"clauses.{i}.body", {"n": i + 1}, blocking=False))
    for name in ("uscc", "legal_representative", "bank", "account"):
        for side in ("buyer", "seller"):
            if not getattr(draft, f"{side}_{name}").strip():
                found.append(Problem("contract.party_incomplete", f"{side}_{name}", {}, blocking=False))
    if subject is not None and not draft.steps:
        found.append(Problem("contract.no_plan", "steps", {}, blocking=False))
    if subject is not None and not subject.warranty.strip():
        found.append(Problem("contract.no_warranty", "quote_id", {}, blocking=False))
    return found
