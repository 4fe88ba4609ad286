"""Contracts and the clause library."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from presales_desktop.models.base import Record


class Clause(Record):
    """A clause of the company's library in one version. `part` is the content of Civil Code art. 470 that it fulfils, or ""."""

    __tablename__ = "clause"
    __table_args__ = (UniqueConstraint("key", "edition"),)
    KIND: ClassVar[str] = "clause"

    key: Mapped[str]
    edition: Mapped[int] = mapped_column(default=1)
    heading: Mapped[str]
    body: Mapped[str]
    part: Mapped[str] = mapped_column(default="")
    use_when: Mapped[str] = mapped_column(default="")
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

    def search_entry(self) -> tuple[str, str, str] | None:
        return self.title, f"{self.number}-R{self.revision}", ""


class ContractClause(Record):
    """A clause as it stands in one contract; `clause_id` the library's, empty when written for this contract."""

    __tablename__ = "contract_clause"
    KIND: ClassVar[str] = "contract_clause"

    contract_id: Mapped[UUID] = mapped_column(ForeignKey("contract.id"), index=True)
    clause_id: Mapped[UUID | None] = mapped_column(ForeignKey("clause.id"))
    heading: Mapped[str]
    body: Mapped[str]
    part: Mapped[str] = mapped_column(default="")
    sort: Mapped[int] = mapped_column(default=0)

    def owner_ref(self) -> tuple[str, UUID] | None:
        return "contract", self.contract_id
