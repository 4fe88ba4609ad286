"""Quotes: a family of revisions, their lines, and what they cost us in rows of their own."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from presales_desktop.models.base import Record, ScaledDecimal


class Quote(Record):
    """One revision of a quote; revisions share `family_id` and `number`. Amounts in fen.

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
    currency: Mapped[str] = mapped_column(default="CNY")
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

    def search_entry(self) -> tuple[str, str, str] | None:
        return f"{self.number}-R{self.revision}", self.title, self.notes[:300]


class QuoteLine(Record):
    """One line. `type`: item, section, note, internal_note, subtotal. `room` groups items; facts are a snapshot of the catalogue."""

    __tablename__ = "quote_line"
    __table_args__ = (Index("ix_quote_line_quote_id", "quote_id", "sort"),)
    KIND: ClassVar[str] = "quote_line"

    quote_id: Mapped[UUID] = mapped_column(ForeignKey("quote.id"))
    sort: Mapped[int] = mapped_column(default=0)
    type: Mapped[str] = mapped_column(default="item")
    room: Mapped[str] = mapped_column(default="")
    variant_id: Mapped[UUID | None] = mapped_column(ForeignKey("variant.id"))
    name: Mapped[str] = mapped_column(default="")
    model: Mapped[str] = mapped_column(default="")
    spec: Mapped[str] = mapped_column(default="")
    unit: Mapped[str] = mapped_column(default="套")
    quantity: Mapped[Decimal] = mapped_column(ScaledDecimal(3), default=Decimal(1))
    list_price_fen: Mapped[int | None]
    unit_price_fen: Mapped[int] = mapped_column(default=0)
    discount_percent: Mapped[Decimal] = mapped_column(ScaledDecimal(4), default=Decimal(0))
    amount_fen: Mapped[int] = mapped_column(default=0)
    lead_days: Mapped[int | None]
    image_sha256: Mapped[str] = mapped_column(default="")
    note: Mapped[str] = mapped_column(default="")

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
