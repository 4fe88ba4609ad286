"""Needs surveys: the five dimensions, needs per space, the report that the customer confirms."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from presales_desktop.models.base import Record, ScaledDecimal


class Survey(Record):
    """One survey of one case. `undecided` maps a dimension to the customer's reason for 客户未定."""

    __tablename__ = "survey"
    __table_args__ = (Index("ix_survey_updated_at", "updated_at", "id"),)
    KIND: ClassVar[str] = "survey"

    number: Mapped[str] = mapped_column(unique=True)
    case_id: Mapped[UUID] = mapped_column(ForeignKey("case.id"), index=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"), index=True)
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"), index=True)
    state: Mapped[str] = mapped_column(default="planned", index=True)
    revision: Mapped[int] = mapped_column(default=1)
    reason: Mapped[str] = mapped_column(default="important")
    method: Mapped[str] = mapped_column(default="interview")
    planned_on: Mapped[dt.date | None]
    held_on: Mapped[dt.date | None]
    people: Mapped[str] = mapped_column(default="")
    scene: Mapped[str] = mapped_column(default="")
    style: Mapped[str] = mapped_column(default="")
    functions: Mapped[str] = mapped_column(default="")
    budget_fen: Mapped[int | None]
    delivery_on: Mapped[dt.date | None]
    undecided: Mapped[dict[str, Any]] = mapped_column(default=dict)
    notes: Mapped[str] = mapped_column(default="")
    summary: Mapped[str] = mapped_column(default="")
    content_hash: Mapped[str] = mapped_column(default="")
    frozen: Mapped[str] = mapped_column(default="")
    confirmed_by: Mapped[str] = mapped_column(default="")
    confirmed_on: Mapped[dt.date | None]
    confirmed_how: Mapped[str] = mapped_column(default="")

    def search_entry(self) -> tuple[str, str, str] | None:
        return self.number, self.scene[:60], f"{self.style} {self.functions} {self.notes}"[:500]


class SurveySpace(Record):
    """What is wanted in one space."""

    __tablename__ = "survey_space"
    KIND: ClassVar[str] = "survey_space"

    survey_id: Mapped[UUID] = mapped_column(ForeignKey("survey.id"), index=True)
    name: Mapped[str]
    room_type: Mapped[str] = mapped_column(default="")
    area_m2: Mapped[Decimal | None] = mapped_column(ScaledDecimal(2))
    height_m: Mapped[Decimal | None] = mapped_column(ScaledDecimal(2))
    style: Mapped[str] = mapped_column(default="")
    functions: Mapped[str] = mapped_column(default="")
    target_lux: Mapped[int | None]
    cct_k: Mapped[int | None]
    ra: Mapped[int | None]
    glare: Mapped[str] = mapped_column(default="")
    dimming: Mapped[str] = mapped_column(default="")
    budget_fen: Mapped[int | None]
    notes: Mapped[str] = mapped_column(default="")
    sort: Mapped[int] = mapped_column(default=0)

    def owner_ref(self) -> tuple[str, UUID] | None:
        return "survey", self.survey_id


class SurveyNeed(Record):
    """One need or concern in the customer's words. `core` needs lead the report, `concern` marks a worry."""

    __tablename__ = "survey_need"
    KIND: ClassVar[str] = "survey_need"

    survey_id: Mapped[UUID] = mapped_column(ForeignKey("survey.id"), index=True)
    space_id: Mapped[UUID | None] = mapped_column(ForeignKey("survey_space.id"))
    dimension: Mapped[str] = mapped_column(default="other")
    text: Mapped[str]
    core: Mapped[bool] = mapped_column(default=False)
    concern: Mapped[bool] = mapped_column(default=False)
    weight: Mapped[int] = mapped_column(default=3)
    sort: Mapped[int] = mapped_column(default=0)

    def owner_ref(self) -> tuple[str, UUID] | None:
        return "survey", self.survey_id
