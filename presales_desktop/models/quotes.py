"""Quotes: a family of revisions, their lines, what they cost us in rows of their own; fields, states, steps and policy.

Prices are computed in quote_pricing.py, the content that approvals bind to is written in quote_content.py.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, ForeignKey, Index, UniqueConstraint, case, type_coerce
from sqlalchemy.orm import Mapped, mapped_column

from presales_desktop.models import taxes
from presales_desktop.models.approvals import QUOTE_STEPS, decisions
from presales_desktop.models.base import Record, ScaledDecimal
from presales_desktop.models.errors import Problem
from presales_desktop.models.fields import Field, FieldType
from presales_desktop.models.values import plain
from presales_desktop.models.workflow import Transition

LINE_TYPES: Final = (
    "item", "accessory", "kit", "component", "lot", "option", "alternative", "freight", "installation", "section", "subtotal",
    "note", "internal_note",
)  # fmt: skip
# An accessory (lamp, driver, bracket) rides on the fixture above it: its quantity is per fixture. Components stand under a kit
# (quantity per kit) or a lot (quantity of the whole lot) and are paid for by its one price.
PRICED: Final = frozenset({"item", "accessory", "kit", "lot", "option", "alternative", "freight", "installation"})
# An accessory counts with the line that it rides on (quote_pricing.counts).
COUNTED: Final = frozenset({"item", "accessory", "kit", "lot", "freight", "installation"})
OPTIONAL: Final = frozenset({"option", "alternative"})
SERVICES: Final = frozenset({"freight", "installation"})
# What can cost us something per unit: services are passed on, a kit or lot may be known by its components.
COSTED: Final = frozenset({"item", "accessory", "kit", "component", "lot"})
RIDDEN: Final = frozenset({"item", "kit", "lot", "option", "alternative"})
# What nothing rides over.
BREAKS: Final = frozenset({"section", "subtotal", "freight", "installation"})
CURRENCIES: Final = ("CNY", "USD", "EUR", "GBP", "HKD", "SGD", "AUD", "AED")
HOME: Final = "CNY"
LANGUAGES: Final = ("zh", "en")
ATTENTION: Final = ("", "unmatched", "ambiguous", "no_price", "substitute")
VIA: Final = ("email", "wechat", "print", "other")

STATES: Final = (
    "draft", "submitted", "approved", "returned", "rejected", "sent", "accepted", "declined", "expired", "withdrawn",
    "superseded", "cancelled",
)  # fmt: skip
LIVE: Final = ("approved", "sent")
REVISABLE: Final = ("approved", "returned", "rejected", "sent", "declined", "expired", "withdrawn")


TRANSITIONS: Final[tuple[Transition, ...]] = (
    Transition("submit", ("draft",), "submitted", "quote.submit"),
    *decisions(QUOTE_STEPS),
    Transition("revise", REVISABLE, None, "quote.edit"),
    Transition("send", LIVE, "sent", "quote.send", ("via!", "recipient!")),
    Transition("accept", ("sent",), "accepted", "quote.edit", ("on", "note")),
    Transition("decline", ("sent",), "declined", "quote.edit", ("reason!", "on")),
    Transition("withdraw", ("submitted", "approved", "sent"), "withdrawn", "quote.edit", ("reason",)),
    Transition("expire", LIVE, "expired", "quote.edit"),
    Transition("cancel", ("draft",), "cancelled", "quote.edit"),
    Transition("convert", ("draft",), None, "quote.edit", ("currency!", "rate", "on")),
    Transition("target", ("draft",), None, "quote.edit", ("total!", "swap")),
    Transition("bill", ("draft",), None, "quote.edit", ("file!", "map")),
)

_T = FieldType
_DISCOUNT: Final[dict[str, Any]] = {"low": 0, "high": 1, "places": 4}

FIELDS: Final = (
    Field("number", _T.TEXT, read_only=True),
    Field("revision", _T.INTEGER, read_only=True),
    Field("state", _T.CHOICE, choices=STATES, read_only=True),
    Field("title", _T.TEXT, required=True, max_length=120),
    Field("case_id", _T.REFERENCE, required=True, target="case"),
    Field("customer_id", _T.REFERENCE, target="customer", read_only=True),
    Field("contact_id", _T.REFERENCE, target="contact"),
    Field("design_id", _T.REFERENCE, target="design"),
    Field("owner_id", _T.REFERENCE, target="user"),
    Field("currency", _T.CHOICE, required=True, choices=CURRENCIES),
    Field("exchange_rate", _T.DECIMAL, required=True, low=Decimal("0.0001"), high=10_000, places=6),
    Field("rate_on", _T.DATE),
    Field("language", _T.CHOICE, required=True, choices=LANGUAGES),
    Field("show_images", _T.FLAG),
    Field("tax_included", _T.FLAG),
    Field("tax_rate", _T.PERCENT, required=True, **_DISCOUNT),
    Field("discount_percent", _T.PERCENT, **_DISCOUNT),
    Field("discount_fen", _T.MONEY, low=0),
    Field("freight_fen", _T.MONEY, low=0),
    Field("installation_fen", _T.MONEY, low=0),
    Field("total_fen", _T.MONEY, read_only=True),
    Field("valid_until", _T.DATE),
    Field("delivery", _T.TEXT, max_length=200),
    Field("delivery_place", _T.TEXT, max_length=200),
    Field("payment", _T.TEXT, max_length=400),
    Field("warranty", _T.TEXT, max_length=200),
    Field("notes", _T.MULTILINE, max_length=4000),
    Field("internal_notes", _T.MULTILINE, max_length=4000),
    Field("lines", _T.PARTS, target="quote_line"),
)

LINE_FIELDS: Final = (
    Field("type", _T.CHOICE, required=True, choices=LINE_TYPES),
    Field("room", _T.TEXT, max_length=80),
    Field("variant_id", _T.REFERENCE, target="variant"),
    Field("sku", _T.TEXT, max_length=80),
    Field("customer_code", _T.TEXT, max_length=60),
    Field("name", _T.TEXT, max_length=200),
    Field("model", _T.TEXT, max_length=120),
    Field("spec", _T.TEXT, max_length=400),
    Field("unit", _T.TEXT, max_length=12),
    Field("quantity", _T.DECIMAL, low=0, high=1_000_000, places=3),
    Field("list_price_fen", _T.MONEY, low=0),
    Field("unit_price_fen", _T.MONEY, low=0, high=10**12),
    Field("discount_percent", _T.PERCENT, **_DISCOUNT),
    Field("tax_rate", _T.PERCENT, **_DISCOUNT),
    Field("lead_days", _T.INTEGER, low=0, high=1000),
    Field("note", _T.TEXT, max_length=400),
    Field("attention", _T.CHOICE, choices=ATTENTION),
    Field("source", _T.TEXT, max_length=200),
)


@dataclass(frozen=True)
class QuotePolicy:
    """The company's rules for quotes; a decision names the version it was made under.

    `margin_floor` and `line_floor` are fractions of the net amount; `cost_drift` the change of the total cost (as a fraction)
    from which an approval is stale; `valid_days` what a new quote proposes.
    """

    version: int = 1
    margin_floor: Decimal = Decimal("0.20")
    line_floor: Decimal = Decimal("0.08")
    cost_drift: Decimal = Decimal("0.05")
    valid_days: int = 30
    delivery: str = "合同生效并收到预付款后 30 天内发货"
    payment: str = "合同签订后 5 日内预付 30%，发货前付 65%，验收合格满一年付 5% 质保金"
    warranty: str = "整灯质保 3 年，LED 驱动质保 3 年"


def submit_problems(quote: Any, lines: Sequence[Any], today: dt.date) -> list[Problem]:
    """What keeps a quote from being submitted, beyond what keeps it from being saved (rule book 3.2, I8)."""
    problems = [
        Problem("field.required", name, {}) for name in ("delivery", "payment") if not getattr(quote, name).strip()
    ]
    if quote.valid_until is None:
        problems.append(Problem("quote.validity_missing", "valid_until"))
    elif quote.valid_until < today:
        problems.append(Problem("quote.validity_past", "valid_until", {"day": quote.valid_until.isoformat()}))
    if not any(line.type in COUNTED - SERVICES for line in lines):
        problems.append(Problem("quote.no_items", "lines"))
    if quote.currency != HOME and quote.rate_on is None:
        problems.append(Problem("quote.rate_undated", "rate_on", {"currency": quote.currency}))
    problems += _tax_problems(quote, lines, today)
    problems += place_problems(lines)
    for n, line in enumerate(lines):
        if line.type not in PRICED and line.type != "component":
            continue
        if line.quantity <= 0:
            problems.append(Problem("quote.line_quantity", f"lines.{n}.quantity", {"n": n + 1}))
        if line.attention and line.unit_price_fen == 0 and line.type in PRICED:
            problems.append(
                Problem("quote.line_unpriced", f"lines.{n}.unit_price_fen", {"n": n + 1, "name": line.name})
            )
    return problems


def place_problems(lines: Sequence[Any]) -> list[Problem]:
    """Accessories without a fixture above them and components without a kit or lot; notes in between do not part them."""
    problems: list[Problem] = []
    fixture = holder = False
    for n, line in enumerate(lines):
        if line.type == "component" and not holder:
            problems.append(Problem("quote.component_alone", f"lines.{n}.type", {"n": n + 1, "name": line.name}))
        elif line.type == "accessory" and not fixture:
            problems.append(Problem("quote.accessory_alone", f"lines.{n}.type", {"n": n + 1, "name": line.name}))
        elif line.type in RIDDEN or line.type in BREAKS:
            fixture, holder = line.type in RIDDEN, line.type in ("kit", "lot")
    return problems


def _tax_problems(quote: Any, lines: Sequence[Any], today: dt.date) -> list[Problem]:
    """Rates that the tax table does not know on the day."""
    known = taxes.rates(today)
    found = [("tax_rate", quote.tax_rate)]
    found += [(f"lines.{n}.tax_rate", line.tax_rate) for n, line in enumerate(lines) if line.tax_rate is not None]
    said = "、".join(f"{plain(rate * 100)}%" for rate in known)
    return [
        Problem("quote.tax_unknown", path, {"rate": f"{plain(rate * 100)}%", "day": today.isoformat(), "known": said})
        for path, rate in found
        if rate not in known
    ]


def is_expired(state: str, valid_until: dt.date | None, today: dt.date) -> bool:
    """Whether a live quote's validity has passed: computed, no one needs to set it."""
    return state in LIVE and valid_until is not None and valid_until < today


class Quote(Record):
    """One revision of a quote; revisions share `family_id` and `number`. Amounts in fen (hundredths of `currency`).

    `exchange_rate`: yuan for one unit of the currency, as known on `rate_on`; 1 for yuan. `language`: of the paper that goes out.

    `frozen` is the canonical content as text and `content_hash` its SHA-256, both set by submit and never again.
    """

    __tablename__ = "quote"
    __table_args__ = (UniqueConstraint("family_id", "revision"), Index("ix_quote_updated_at", "updated_at", "id"))
    KIND: ClassVar[str] = "quote"

    number: Mapped[str] = mapped_column(index=True)
    family_id: Mapped[UUID] = mapped_column(index=True)
    revision: Mapped[int] = mapped_column(default=1)
    title: Mapped[str] = mapped_column(default="")
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), index=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"), index=True)
    contact_id: Mapped[UUID | None] = mapped_column(ForeignKey("contact.id"))
    design_id: Mapped[UUID | None] = mapped_column(ForeignKey("design.id"))
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"), index=True)
    state: Mapped[str] = mapped_column(default="draft", index=True)
    currency: Mapped[str] = mapped_column(default=HOME)
    exchange_rate: Mapped[Decimal] = mapped_column(ScaledDecimal(6), default=Decimal(1))
    rate_on: Mapped[dt.date | None]
    language: Mapped[str] = mapped_column(default="zh")
    show_images: Mapped[bool] = mapped_column(default=True)
    tax_rate: Mapped[Decimal] = mapped_column(ScaledDecimal(4), default=Decimal("0.13"))
    tax_included: Mapped[bool] = mapped_column(default=True)
    discount_percent: Mapped[Decimal] = mapped_column(ScaledDecimal(4), default=Decimal(0))
    discount_fen: Mapped[int] = mapped_column(default=0)
    freight_fen: Mapped[int] = mapped_column(default=0)
    installation_fen: Mapped[int] = mapped_column(default=0)
    valid_until: Mapped[dt.date | None]
    delivery: Mapped[str] = mapped_column(default="")
    delivery_place: Mapped[str] = mapped_column(default="")
    payment: Mapped[str] = mapped_column(default="")
    warranty: Mapped[str] = mapped_column(default="")
    notes: Mapped[str] = mapped_column(default="")
    internal_notes: Mapped[str] = mapped_column(default="")
    total_fen: Mapped[int] = mapped_column(default=0)
    content_hash: Mapped[str] = mapped_column(default="")
    frozen: Mapped[str] = mapped_column(default="")
    submitted_at: Mapped[dt.datetime | None]
    submitted_by: Mapped[UUID | None]
    answered_on: Mapped[dt.date | None]
    answer_note: Mapped[str] = mapped_column(default="")
    # Kept by the server for those who hold no costs: costs have moved so far since the submission that an approval is stale (I10).
    stale: Mapped[bool] = mapped_column(default=False)

    def search_entry(self) -> tuple[str, str, str] | None:
        return f"{self.number}-R{self.revision}", self.title, self.notes[:300]


def yuan_total() -> ColumnElement[int]:
    """What a quote comes to in fen of yuan, for sums and comparisons over quotes of several currencies (quote_pricing.in_yuan)."""
    rate = type_coerce(Quote.exchange_rate, BigInteger)  # as it is stored: millionths
    return case((Quote.currency == HOME, Quote.total_fen), else_=(Quote.total_fen * rate + 500_000) // 1_000_000)


class QuoteLine(Record):
    """One line. `type` is one of LINE_TYPES; options and alternatives are priced but not counted. `room` is the section it
    stands in; name to image are a snapshot of the catalogue. `customer_code`: the customer's own item number. `tax_rate`: where it
    is another than the quote's. `discount_percent` of a section holds for its goods. `attention`: why a line wants a look."""

    __tablename__ = "quote_line"
    __table_args__ = (Index("ix_quote_line_quote_id", "quote_id", "sort"),)
    KIND: ClassVar[str] = "quote_line"

    quote_id: Mapped[UUID] = mapped_column(ForeignKey("quote.id"))
    sort: Mapped[int] = mapped_column(default=0)
    type: Mapped[str] = mapped_column(default="item")
    room: Mapped[str] = mapped_column(default="")
    variant_id: Mapped[UUID | None] = mapped_column(ForeignKey("variant.id"), index=True)
    name: Mapped[str] = mapped_column(default="")
    model: Mapped[str] = mapped_column(default="")
    spec: Mapped[str] = mapped_column(default="")
    unit: Mapped[str] = mapped_column(default="套")
    quantity: Mapped[Decimal] = mapped_column(ScaledDecimal(3), default=Decimal(1))
    list_price_fen: Mapped[int | None]
    unit_price_fen: Mapped[int] = mapped_column(default=0)
    discount_percent: Mapped[Decimal] = mapped_column(ScaledDecimal(4), default=Decimal(0))
    amount_fen: Mapped[int] = mapped_column(default=0)
    customer_code: Mapped[str] = mapped_column(default="")
    tax_rate: Mapped[Decimal | None] = mapped_column(ScaledDecimal(4))
    lead_days: Mapped[int | None]
    image_sha256: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")
    attention: Mapped[str] = mapped_column(default="")
    # Where it stands in the client's own workbook (services/bills.py); no part of the content.
    source: Mapped[str] = mapped_column(default="")

    def owner_ref(self) -> tuple[str, UUID] | None:
        return "quote", self.quote_id


class QuoteLineCost(Record):
    """What a line costs us per unit, net of tax, as known when the revision was submitted: its own scope."""

    __tablename__ = "quote_line_cost"
    KIND: ClassVar[str] = "quote_line_cost"

    quote_id: Mapped[UUID] = mapped_column(ForeignKey("quote.id"), index=True)
    line_id: Mapped[UUID] = mapped_column(ForeignKey("quote_line.id"), index=True)
    unit_cost_fen: Mapped[int]
    source_id: Mapped[UUID | None]


class QuoteLight(Record):
    """The margin of a submitted revision as a light ("good", "watch", "bad"), made by the server for superiors without cost.view: a row
    of its own, so that it is never on a seller's disk (business.md 3.3: "margin band only")."""

    __tablename__ = "quote_light"
    KIND: ClassVar[str] = "quote_light"

    quote_id: Mapped[UUID] = mapped_column(ForeignKey("quote.id"), unique=True)
    light: Mapped[str]
