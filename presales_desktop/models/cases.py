"""Cases (售前项目): one customer's one need from first question to contract or loss. The spine that all else hangs on."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from presales_desktop.models.base import Record


class Case(Record):
    """`status` open, won, lost or paused is set by steps; the phase (survey, design, quote …) is computed, never stored."""

    __tablename__ = "case"
    __table_args__ = (Index("ix_case_updated_at", "updated_at", "id"),)
    KIND: ClassVar[str] = "case"

    number: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"), index=True)
    site_id: Mapped[UUID | None] = mapped_column(ForeignKey("site.id"))
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"), index=True)
    designer_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    status: Mapped[str] = mapped_column(default="open", index=True)
    building_type: Mapped[str] = mapped_column(default="")
    expected_amount_fen: Mapped[int | None]
    expected_on: Mapped[dt.date | None]
    next_step: Mapped[str] = mapped_column(default="")
    next_due_on: Mapped[dt.date | None]
    outcome_reason: Mapped[str] = mapped_column(default="")
    closed_at: Mapped[dt.datetime | None]
    notes: Mapped[str] = mapped_column(default="")

    def search_entry(self) -> tuple[str, str, str] | None:
        return self.title, self.number, self.notes[:500]
