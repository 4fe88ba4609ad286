"""What is shared between laptops and server: every kind, how two people's changes of it meet, to whom its rows belong.

Pure: merge classes and scopes are data and functions of rows. Who may change what is judged in services/judge.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final
from uuid import UUID

from presales_desktop.models.attachments import Attachment, FileReceipt
from presales_desktop.models.base import Base
from presales_desktop.models.cases import Case
from presales_desktop.models.catalogue import Photometry, Price, PriceFloor, Product, Variant, VariantCost
from presales_desktop.models.company import CompanyFact
from presales_desktop.models.contract_plan import ContractStep
from presales_desktop.models.contracts import Clause, Contract, ContractClause
from presales_desktop.models.credit import (
    CreditApplication,
    CreditException,
    CreditScheme,
    CreditSheet,
    CreditStatement,
)
from presales_desktop.models.customers import Contact, Customer, Site
from presales_desktop.models.delegations import Delegation
from presales_desktop.models.designs import Design, Luminaire, PlanItem, Room, Underlay
from presales_desktop.models.journal import AuditEvent, Decision, Ruling, SendRecord, chain_on, mend_chain
from presales_desktop.models.permissions import RIGHTS, Role
from presales_desktop.models.prices import PriceChange, PriceEvent, PriceNotice
from presales_desktop.models.quotes import Quote, QuoteLight, QuoteLine, QuoteLineCost
from presales_desktop.models.surveys import Survey, SurveyNeed, SurveyReport, SurveySpace
from presales_desktop.models.users import User
from sync.kinds import MergeClass, Registry, SyncKind

SCHEMA_VERSION: Final = 1
STAMPS: Final = ("version", "created_at", "created_by", "updated_at", "updated_by")
# Recomputed by the server from what they are made of, whatever a client says: they never conflict.
DERIVED: Final[Mapping[str, tuple[str, ...]]] = {
    "customer": ("name_key", "phone_key", "contact_words", "credit_grade"),
    "contact": ("phone_key",),
    "product": ("keywords",),
    "survey": ("completeness",),
    "quote": ("total_fen",),
    "quote_line": ("amount_fen",),
    "contract": ("total_fen",),
}
# Where something stands and what a step writes: the judge asks the transitions whether it may be, from what the server has.
STEPPED: Final[Mapping[str, tuple[str, ...]]] = {
    "customer": ("archived", "merged_into"),
    "case": ("status", "outcome_reason", "closed_at"),
    "survey": ("state", "revision", "content_hash", "frozen", "confirmed_by", "confirmed_on", "confirmed_how"),
    "survey_report": ("confirmed_by", "confirmed_on", "confirmed_how", "confirmed_note", "reopened_reason"),
    "product": ("state",),
    "design": ("state", "content_hash", "frozen", "submitted_at", "submitted_by"),
    "quote": ("state", "content_hash", "frozen", "submitted_at", "submitted_by", "answered_on", "answer_note", "stale"),
    "contract": ("state", "content_hash", "frozen", "submitted_at", "submitted_by", "signed_on", "signed_by"),
    "contract_step": ("done_on",),
    "delegation": ("revoked_at",),
    "credit": (
        "state",
        "applied_at",
        "applied_by",
        "assessor_id",
        "grade",
        "prepay_percent",
        "term_days",
        "guarantee",
        "guarantee_note",
        "valid_from",
        "valid_until",
        "scheme_on",
        "content_hash",
    ),
    "credit_sheet": ("limit_fen", "score", "frozen"),
    "price_change": ("state", "applied_at", "applied_by"),
    "price_notice": ("state", "via", "recipient", "sent_on", "sent_by"),
    "credit_exception": ("state", "content_hash", "frozen", "submitted_at", "submitted_by"),
}
# What makes a row this row: set when it is made, by nobody changed. The server alone gives numbers.
FIXED: Final[Mapping[str, tuple[str, ...]]] = {
    "customer": ("number",),
    "case": ("number",),
    "survey": ("number",),
    "survey_space": ("survey_id",),
    "survey_need": ("survey_id",),
    "survey_report": ("survey_id", "revision", "content_hash", "frozen"),
    "product": ("demo",),
    "variant": ("product_id",),
    "price": ("variant_id", "change_id"),
    "price_floor": ("variant_id",),
    "variant_cost": ("variant_id",),
    "photometry": ("product_id", "variant_id", "sha256", "format", "figures", "demo"),
    "design": ("number", "family_id", "revision"),
    "underlay": ("design_id", "sha256", "format"),
    "room": ("design_id",),
    "luminaire": ("design_id",),
    "plan_item": ("design_id", "type"),
    "quote": ("number", "family_id", "revision"),
    "quote_line": ("quote_id",),
    "quote_line_cost": ("quote_id", "line_id"),
    "quote_light": ("quote_id",),
    "clause": ("key", "edition"),
    "contract": ("number", "family_id", "revision", "quote_id", "case_id"),
    "contract_clause": ("contract_id",),
    "contract_step": ("contract_id",),
    "credit": ("number",),
    "price_change": ("number",),
    "price_notice": ("change_id",),
    "credit_sheet": ("credit_id",),
    "credit_statement": ("credit_id",),
    "credit_scheme": ("effective_on", "card", "note"),
    "credit_exception": ("number", "family_id", "revision", "case_id"),
    "attachment": ("subject_kind", "subject_id", "role", "sha256", "size", "media_type", "thumbnail_sha256"),
    "file_receipt": ("sha256", "size", "scope"),
    "company_fact": ("key",),
    "delegation": ("principal_id", "delegate_id", "rights", "from_day", "to_day", "reason"),
}
_LAST: Final[Mapping[str, tuple[str, ...]]] = {"design": ("view",)}
_SETS: Final[Mapping[str, tuple[str, ...]]] = {
    "user": ("roles",),
    "product": ("functions",),
    "underlay": ("hidden_layers",),
}
# Long notes of several people; the words of a contract are not among them: nobody signs what no one has read as it stands.
_TEXTS: Final[Mapping[str, tuple[str, ...]]] = {
    "customer": ("notes",),
    "case": ("notes",),
    "survey": ("scene", "functions", "notes", "summary"),
    "survey_space": ("functions", "notes"),
    "product": ("description",),
    "design": ("notes",),
    "quote": ("notes", "internal_notes"),
    "contract": ("notes",),
}
_GROUPS: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "case": (("customer_id", "site_id"), ("next_step", "next_due_on")),
    "survey": (("case_id", "customer_id"),),
    "design": (("case_id", "customer_id", "survey_id"),),
    "underlay": (("x_m", "y_m", "rotation_deg", "metres_per_unit", "calibration"),),
    "luminaire": (("x_m", "y_m", "z_m", "rotation_deg", "tilt_deg"),),
    "plan_item": (("points", "rotation_deg"), ("bottom_m", "top_m")),
    "quote": (
        ("case_id", "customer_id", "contact_id"),
        ("tax_included", "tax_rate"),
        ("currency", "exchange_rate", "rate_on"),
        ("discount_percent", "discount_fen"),
    ),
    "quote_line": (
        ("quantity", "unit_price_fen", "discount_percent"),
        ("variant_id", "name", "model", "spec", "unit", "list_price_fen", "lead_days", "image_sha256"),
    ),
    "contract": (("deposit_fen", "prepayment_fen"),),
    "contract_clause": (("heading", "body", "key", "edition"),),
    "contract_step": (("kind", "base", "days", "due_on"),),
}
APPEND_ONLY: Final = frozenset({"decision", "ruling", "send_record", "audit_event"})

_RECORDS: Final[tuple[type[Any], ...]] = (
    User, CompanyFact, Customer, Contact, Site, Case, Survey, SurveySpace, SurveyNeed, SurveyReport, Product, Variant, Price,
    PriceFloor, VariantCost, Photometry, Design, Underlay, Room, Luminaire, PlanItem, Quote, QuoteLine, QuoteLineCost, QuoteLight, Clause,
    Contract, ContractClause, ContractStep, CreditApplication, CreditSheet, CreditStatement, CreditScheme, CreditException, PriceEvent, PriceChange, PriceNotice,
    Attachment, FileReceipt,
    Decision, Ruling, SendRecord, Delegation,
)  # fmt: skip
MODELS: Final[Mapping[str, type[Any]]] = {r.KIND: r for r in _RECORDS} | {"audit_event": AuditEvent}


def _kind(name: str, record: type[Base]) -> SyncKind:
    columns = record.__table__.columns
    merge: dict[str, MergeClass] = {}
    for given, found in (
        (("sort",), "last"),
        (DERIVED.get(name, ()), "last"),
        (STEPPED.get(name, ()), "last"),
        (_LAST.get(name, ()), "last"),
        (_SETS.get(name, ()), "set"),
        (_TEXTS.get(name, ()), "text"),
        (FIXED.get(name, ()), "immutable"),
        (STAMPS, "stamp"),
    ):
        merge.update({column: found for column in given if column in columns})  # type: ignore[misc]
    if name != "audit_event":
        return SyncKind(
            name, record.__table__, merge, _GROUPS.get(name, ()), append_only=name in APPEND_ONLY  # type: ignore[arg-type]
        )  # fmt: skip
    return SyncKind(
        name, record.__table__, local=frozenset({"n", "previous", "hash"}), append_only=True, fill=chain_on,  # type: ignore[arg-type]
        mend=mend_chain,
    )  # fmt: skip


REGISTRY: Final = Registry((_kind(name, record) for name, record in MODELS.items()), SCHEMA_VERSION)

# ------------------------------------------------------------------------------------------------- wholes and parts

# The whole that a part belongs to, and the column that names it.
PARENTS: Final[Mapping[str, tuple[str, str]]] = {
    "contact": ("customer", "customer_id"),
    "site": ("customer", "customer_id"),
    "survey_space": ("survey", "survey_id"),
    "survey_need": ("survey", "survey_id"),
    "survey_report": ("survey", "survey_id"),
    "variant": ("product", "product_id"),
    "photometry": ("product", "product_id"),
    "price": ("variant", "variant_id"),
    "price_floor": ("variant", "variant_id"),
    "variant_cost": ("variant", "variant_id"),
    "underlay": ("design", "design_id"),
    "room": ("design", "design_id"),
    "luminaire": ("design", "design_id"),
    "plan_item": ("design", "design_id"),
    "quote_line": ("quote", "quote_id"),
    "quote_line_cost": ("quote", "quote_id"),
    "quote_light": ("quote", "quote_id"),
    "contract_clause": ("contract", "contract_id"),
    "contract_step": ("contract", "contract_id"),
    "credit_sheet": ("credit", "credit_id"),
    "credit_statement": ("credit", "credit_id"),
}
# Kinds that name their whole by kind and id.
SUBJECTS: Final = frozenset({"attachment", "decision", "ruling", "send_record", "audit_event"})
DOCUMENTS: Final = ("survey", "design", "quote", "contract")
OF_CUSTOMER: Final = ("case", *DOCUMENTS, "credit", "credit_exception", "price_notice")
OWNED: Final = ("customer", "case", *DOCUMENTS)

Row = Mapping[str, Any]
Lookup = Callable[[str, UUID], Row | None]


def whole_of(kind: str, row_id: UUID, row: Row, lookup: Lookup) -> tuple[str, UUID]:
    """(kind, id) of the whole that a row belongs to; of a whole itself. A subject that is unknown is its own answer."""
    for _ in range(8):
        if kind in SUBJECTS:
            up = str(row["subject_kind"]), row["subject_id"]
        elif kind in PARENTS:
            up = PARENTS[kind][0], row[PARENTS[kind][1]]
        else:
            break
        if up[0] not in REGISTRY or up == (kind, row_id):
            return up
        found = lookup(*up)
        if found is None:
            return up
        kind, row_id, row = *up, found
    return kind, row_id


# ------------------------------------------------------------------------------------------------- scopes and grants

ORG: Final = "org"
COST: Final = "cost"
FLOOR: Final = "floor"
CREDIT: Final = "credit"
EVERY_CUSTOMER: Final = "c:*"
_SCOPE_OF: Final[Mapping[str, str]] = {
    "variant_cost": COST, "quote_line_cost": COST, "price_floor": FLOOR, "quote_light": FLOOR,
    "credit_sheet": CREDIT, "credit_statement": CREDIT,
}  # fmt: skip


def of_customer(customer_id: UUID) -> str:
    """The scope of all that hangs on a customer."""
    return f"c:{customer_id}"


def survivor(customer_id: UUID, lookup: Lookup) -> UUID:
    """The customer itself, or the one that it was merged into: what is left of it is seen by whoever sees that one."""
    found = lookup("customer", customer_id)
    return (found.get("merged_into") if found is not None else None) or customer_id


def customer_in(scope: str) -> UUID | None:
    """The customer of a scope; None for the others."""
    return UUID(scope[2:]) if scope.startswith("c:") and scope != EVERY_CUSTOMER else None


def scope(kind: str, row_id: UUID, row: Row, lookup: Lookup) -> str:
    """The scope that a row belongs to. LOOKUP finds the rows above it."""
    if kind in _SCOPE_OF:
        return _SCOPE_OF[kind]
    if kind == "file_receipt":
        return str(row["scope"])
    if kind in SUBJECTS and row["subject_kind"] in _SCOPE_OF:
        return _SCOPE_OF[row["subject_kind"]]  # a file of a restricted row
    if kind == "audit_event" and row.get("customer_id") is not None:
        return of_customer(survivor(row["customer_id"], lookup))
    whole, whole_id = whole_of(kind, row_id, row, lookup)
    if whole == "customer":
        own = row.get("merged_into") if kind == "customer" else None
        return of_customer(own or survivor(whole_id, lookup))
    if whole in OF_CUSTOMER:
        found = row if (whole, whole_id) == (kind, row_id) else lookup(whole, whole_id)
        if found is not None:
            return of_customer(survivor(found["customer_id"], lookup))
    return ORG


# Whose laptop holds every customer (business.md 3.3): all whose table says more than "own". A seller holds his own ones; an
# administrator of people holds none. Reasons: docs/decisions/010-who-holds-what.md.
EVERYBODY: Final = frozenset(Role) - {Role.SALES, Role.ADMIN}
OWN_ONLY: Final = frozenset({Role.SALES})


def grants(roles: Iterable[str], *, active: bool, own_customers: Iterable[UUID] = ()) -> frozenset[str]:
    """Every scope of a user with ROLES; OWN_CUSTOMERS count for those who don't hold all. Somebody who has left holds nothing."""
    held = frozenset(Role(r) for r in roles)
    if not active or not held:
        return frozenset()
    found = {ORG}
    if held & RIGHTS["cost.view"].keys():
        found.add(COST)
    if held & RIGHTS["price.floor"].keys():
        found.add(FLOOR)
    if held & RIGHTS["credit.figures"].keys():
        found.add(CREDIT)
    if held & EVERYBODY:
        found.add(EVERY_CUSTOMER)
    elif held & OWN_ONLY:
        found |= {of_customer(customer) for customer in own_customers}
    return frozenset(found)


def holds(held: frozenset[str], wanted: str) -> bool:
    """Whether grants HELD contain the scope WANTED."""
    return wanted in held or (wanted.startswith("c:") and EVERY_CUSTOMER in held)
