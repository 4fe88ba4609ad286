"""Customers, their contacts and their places."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from presales_desktop.models.base import Record


class Customer(Record):
    """A company or a person that buys light. `name_key` and `phone_key` are what duplicates are found by."""

    __tablename__ = "customer"
    __table_args__ = (
        Index("ix_customer_name_key", "name_key"),
        Index("ix_customer_uscc", "uscc"),
        Index("ix_customer_updated_at", "updated_at", "id"),
        Index("ix_customer_name", "name", "id"),
    )
    KIND: ClassVar[str] = "customer"

    number: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(default="company")
    name: Mapped[str]
    short_name: Mapped[str] = mapped_column(default="")
    uscc: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    region: Mapped[str] = mapped_column(default="")
    industry: Mapped[str] = mapped_column(default="")
    importance: Mapped[str] = mapped_column(default="normal")
    source: Mapped[str] = mapped_column(default="")
    credit_grade: Mapped[str] = mapped_column(default="")
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"), index=True)
    notes: Mapped[str] = mapped_column(default="")
    archived: Mapped[bool] = mapped_column(default=False)
    name_key: Mapped[str] = mapped_column(default="")
    phone_key: Mapped[str] = mapped_column(default="", index=True)

    def search_entry(self) -> tuple[str, str, str] | None:
        return self.name, f"{self.number} {self.region}".strip(), f"{self.short_name} {self.uscc} {self.phone}"


class Contact(Record):
    """A person at the customer's."""

    __tablename__ = "contact"
    KIND: ClassVar[str] = "contact"

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"), index=True)
    name: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    wechat: Mapped[str] = mapped_column(default="")
    primary: Mapped[bool] = mapped_column(default=False)
    notes: Mapped[str] = mapped_column(default="")
    sort: Mapped[int] = mapped_column(default=0)

    def owner_ref(self) -> tuple[str, UUID] | None:
        return "customer", self.customer_id


class Site(Record):
    """A place of the customer: registered office, delivery, building site, invoice address."""

    __tablename__ = "site"
    KIND: ClassVar[str] = "site"

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"), index=True)
    kind: Mapped[str] = mapped_column(default="site")
    label: Mapped[str] = mapped_column(default="")
    region: Mapped[str] = mapped_column(default="")
    address: Mapped[str]
    contact_name: Mapped[str] = mapped_column(default="")
    contact_phone: Mapped[str] = mapped_column(default="")
    sort: Mapped[int] = mapped_column(default=0)

    def owner_ref(self) -> tuple[str, UUID] | None:
        return "customer", self.customer_id
