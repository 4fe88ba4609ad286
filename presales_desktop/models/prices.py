"""Price changes (rule book 3.4): what moved in the market, repricing by rule, notices to customers. Pure rules and records."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from typing import ClassVar, Final
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from presales_desktop.models.base import Record, ScaledDecimal
from presales_desktop.models.catalogue import CATEGORIES
from presales_desktop.models.errors import Problem
from presales_desktop.models.fields import Field, FieldType
from presales_desktop.models.workflow import Transition

EVENT_TYPES: Final = ("material", "competitor")
METHODS: Final = ("percent", "amount", "cost_plus")
# To how many fen a new price is rounded: 分, 角, 元, 十元.
ROUNDINGS: Final = ("1", "10", "100", "1000")
STATES: Final = ("draft", "applied", "rolled_back", "cancelled")
TRANSITIONS: Final = (
    Transition("apply", ("draft",), "applied", "price_change.edit"),
    Transition("roll_back", ("applied",), "rolled_back", "price_change.edit", ("reason!",)),
    Transition("cancel", ("draft",), "cancelled", "price_change.edit", ("reason!",)),
)
NOTICE_STATES: Final = ("drafted", "sent", "withdrawn")
VIA: Final = ("email", "wechat", "print", "phone")
NOTICE_TRANSITIONS: Final = (
    Transition("send", ("drafted",), "sent", "price_notice.edit", ("recipient!", "via!")),
    Transition("withdraw", ("drafted",), "withdrawn", "price_notice.edit", ("reason!",)),
)

_T = FieldType
EVENT_FIELDS: Final = (
    Field("type", _T.CHOICE, required=True, choices=EVENT_TYPES),
    Field("subject", _T.TEXT, required=True, max_length=120),
    Field("observed_on", _T.DATE, required=True),
    Field("value", _T.DECIMAL, required=True, low=0, high=10**9, places=3),
    Field("unit", _T.TEXT, required=True, max_length=40),
    Field("source", _T.TEXT, required=True, max_length=200),
    Field("notes", _T.MULTILINE, max_length=2000),
)
FIELDS: Final = (
    Field("number", _T.TEXT, read_only=True),
    Field("state", _T.CHOICE, choices=STATES, read_only=True),
    Field("title", _T.TEXT, required=True, max_length=120),
    Field("event_id", _T.REFERENCE, target="price_event"),
    Field("category", _T.CHOICE, choices=CATEGORIES),
    Field("brand", _T.TEXT, max_length=60),
    Field("series", _T.TEXT, max_length=60),
    Field("method", _T.CHOICE, required=True, choices=METHODS),
    Field("percent", _T.DECIMAL, unit="%", low=-90, high=900, places=2),
    Field("amount_fen", _T.MONEY, low=-(10**9), high=10**9),
    Field("rounding", _T.CHOICE, required=True, choices=ROUNDINGS),
    Field("breaks", _T.FLAG),
    Field("effective_on", _T.DATE, required=True),
    Field("reason", _T.MULTILINE, required=True, max_length=2000),
)
NOTICE_FIELDS: Final = (
    Field("state", _T.CHOICE, choices=NOTICE_STATES, read_only=True),
    Field("change_id", _T.REFERENCE, target="price_change", required=True),
    Field("customer_id", _T.REFERENCE, target="customer", required=True),
    Field("owner_id", _T.REFERENCE, target="user"),
    Field("title", _T.TEXT, required=True, max_length=200),
    Field("body", _T.MULTILINE, required=True, max_length=8000),
    Field("via", _T.CHOICE, choices=VIA, read_only=True),
    Field("recipient", _T.TEXT, read_only=True),
    Field("sent_on", _T.DATE, read_only=True),
)


class PriceEvent(Record):
    """Something that was seen in the market on a day: a material's index, a competitor's price, with where it was seen."""

    __tablename__ = "price_event"
    KIND: ClassVar[str] = "price_event"

    type: Mapped[str]
    subject: Mapped[str] = mapped_column(index=True)
    observed_on: Mapped[dt.date] = mapped_column(index=True)
    value: Mapped[Decimal] = mapped_column(ScaledDecimal(3))
    unit: Mapped[str] = mapped_column(default="")
    source: Mapped[str] = mapped_column(default="")
    notes: Mapped[str] = mapped_column(default="")

    def search_entry(self) -> tuple[str, str, str] | None:
        return self.subject, self.source, self.notes[:200]


class PriceChange(Record):
    """A repricing by one rule from a day on. Its prices are rows of the history that name it (Price.change_id)."""

    __tablename__ = "price_change"
    __table_args__ = (Index("ix_price_change_updated_at", "updated_at", "id"),)
    KIND: ClassVar[str] = "price_change"

    number: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(default="draft", index=True)
    title: Mapped[str]
    event_id: Mapped[UUID | None] = mapped_column(ForeignKey("price_event.id"))
    category: Mapped[str] = mapped_column(default="")
    brand: Mapped[str] = mapped_column(default="")
    series: Mapped[str] = mapped_column(default="")
    method: Mapped[str] = mapped_column(default="percent")
    percent: Mapped[Decimal | None] = mapped_column(ScaledDecimal(2))
    amount_fen: Mapped[int | None]
    rounding: Mapped[str] = mapped_column(default="100")
    breaks: Mapped[bool] = mapped_column(default=True)
    effective_on: Mapped[dt.date]
    reason: Mapped[str] = mapped_column(default="")
    applied_at: Mapped[dt.datetime | None]
    applied_by: Mapped[UUID | None]

    def search_entry(self) -> tuple[str, str, str] | None:
        return self.title, self.number, self.reason[:200]


class PriceNotice(Record):
    """A letter to one customer about one price change: drafted, then sent or printed by hand, and recorded."""

    __tablename__ = "price_notice"
    KIND: ClassVar[str] = "price_notice"

    change_id: Mapped[UUID] = mapped_column(ForeignKey("price_change.id"), index=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"), index=True)
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"), index=True)
    state: Mapped[str] = mapped_column(default="drafted", index=True)
    title: Mapped[str]
    body: Mapped[str]
    via: Mapped[str] = mapped_column(default="")
    recipient: Mapped[str] = mapped_column(default="")
    sent_on: Mapped[dt.date | None]
    sent_by: Mapped[UUID | None]

    def search_entry(self) -> tuple[str, str, str] | None:
        return None


VAT_PERCENT: Final = 13  # list prices hold it, costs don't


def rounded(fen: int, step: int) -> int:
    """FEN to a whole STEP, half up; never below one step."""
    return max(step, (2 * fen + step) // (2 * step) * step)


def new_price(
    old_fen: int,
    method: str,
    step: int,
    *,
    percent: Decimal | None,
    amount_fen: int | None,
    cost_fen: int | None = None,
) -> int | None:
    """The new list price in fen, tax included; None where the rule gives none (cost-plus without a cost).

    percent: old × (1 + p); amount: old + a; cost_plus: cost × (1 + p) × (1 + VAT). Rounded half up to STEP.
    """
    points = int((percent or 0) * 100)  # hundredths of a percent
    if method == "percent":
        return rounded((old_fen * (10_000 + points) * 2 + 10_000) // 20_000, step)
    if method == "amount":
        return rounded(max(1, old_fen + (amount_fen or 0)), step)
    if cost_fen is None:
        return None
    exact = Decimal(cost_fen) * (10_000 + points) * (100 + VAT_PERCENT) / 1_000_000
    return rounded(int(exact.quantize(Decimal(1), ROUND_HALF_UP)), step)


def rule_problems(draft: object) -> list[Problem]:
    """What the rule lacks: its figure."""
    method = getattr(draft, "method", "")
    name = "amount_fen" if method == "amount" else "percent"
    value = getattr(draft, name, None)
    missing = value is None or (value == 0 and method != "cost_plus")
    return [Problem("price_change.no_figure", name, {})] if missing else []
