"""Cases (售前项目): one customer's one need from first question to contract or loss. The spine that all else hangs on."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar, Final
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from presales_desktop.models.base import Record
from presales_desktop.models.fields import Field, FieldType
from presales_desktop.models.workflow import Transition

_T = FieldType

STATES: Final = ("open", "paused", "won", "lost")
BUILDING_TYPES: Final = (
    "hotel", "restaurant", "retail", "office", "villa", "apartment", "exhibition", "school", "hospital", "factory", "outdoor",
    "other",
)  # fmt: skip

TRANSITIONS: Final = (
    Transition("pause", ("open",), "paused", "case.edit", ("reason",)),
    Transition("resume", ("paused",), "open", "case.edit"),
    Transition("win", ("open",), "won", "case.close", ("reason!",)),
    Transition("lose", ("open", "paused"), "lost", "case.close", ("reason!",)),
    Transition("reopen", ("won", "lost"), "open", "case.close", ("reason!",)),
    Transition("assign", STATES, None, "customer.assign", ("owner!",)),
)

FIELDS: Final = (
    Field("number", _T.TEXT, read_only=True),
    Field("title", _T.TEXT, required=True, max_length=120),
    Field("customer_id", _T.REFERENCE, required=True, target="customer"),
    Field("site_id", _T.REFERENCE, target="site"),
    Field("building_type", _T.CHOICE, choices=BUILDING_TYPES),
    Field("expected_amount_fen", _T.MONEY, low=0, high=10**13),
    Field("expected_on", _T.DATE),
    Field("owner_id", _T.REFERENCE, target="user"),
    Field("designer_id", _T.REFERENCE, target="user"),
    Field("next_step", _T.TEXT, max_length=120),
    Field("next_due_on", _T.DATE),
    Field("status", _T.CHOICE, choices=STATES, read_only=True),
    Field("phase", _T.TEXT, read_only=True),
    Field("outcome_reason", _T.TEXT, read_only=True),
    Field("notes", _T.MULTILINE, max_length=4000),
)


class Case(Record):
    """`status` open, won, lost or paused is set by steps; the phase (survey, design, quote …) is computed, never stored."""

    __tablename__ = "case"
    __table_args__ = (
        Index("ix_case_updated_at", "updated_at", "id"),
        Index("ix_case_owner", "owner_id", "status", "updated_at", "id"),
    )
    KIND: ClassVar[str] = "case"

    number: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"), index=True)
    site_id: Mapped[UUID | None] = mapped_column(ForeignKey("site.id"))
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
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
