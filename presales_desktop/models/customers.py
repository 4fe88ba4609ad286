"""Customers, their contacts and their places."""

from __future__ import annotations

from typing import ClassVar, Final
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from presales_desktop.models.base import Record
from presales_desktop.models.fields import Field, FieldType
from presales_desktop.models.workflow import Transition

_T = FieldType

KINDS: Final = ("company", "person")
IMPORTANCE: Final = ("key", "important", "normal")
INDUSTRIES: Final = (
    "hotel", "developer", "design_studio", "retail", "restaurant", "villa", "office", "factory", "hospital", "school",
    "government", "engineering", "distributor", "other",
)  # fmt: skip
SOURCES: Final = ("phone", "email", "online", "store", "referral", "exhibition", "repeat", "partner", "other")
SITE_KINDS: Final = ("office", "site", "delivery", "invoice", "shop")
STATES: Final = ("active", "archived", "merged")

TRANSITIONS: Final = (
    Transition("archive", ("active",), "archived", "customer.edit"),
    Transition("restore", ("archived",), "active", "customer.edit"),
    Transition("assign", ("active", "archived"), None, "customer.assign", ("owner!",)),
    # of two customers that are one firm: all that hangs on this one goes to the other, for good
    Transition("merge", ("active", "archived"), "merged", "customer.merge", ("into!", "take")),
)

CONTACT_FIELDS: Final = (
    Field("name", _T.TEXT, required=True, max_length=60),
    Field("title", _T.TEXT, max_length=60),
    Field("phone", _T.TEXT, max_length=60),
    Field("email", _T.TEXT, max_length=120),
    Field("wechat", _T.TEXT, max_length=60),
    Field("primary", _T.FLAG),
    Field("notes", _T.TEXT, max_length=400),
)

SITE_FIELDS: Final = (
    Field("kind", _T.CHOICE, required=True, choices=SITE_KINDS),
    Field("label", _T.TEXT, max_length=60),
    Field("region", _T.TEXT, max_length=60),
    Field("address", _T.TEXT, required=True, max_length=200),
    Field("contact_name", _T.TEXT, max_length=60),
    Field("contact_phone", _T.TEXT, max_length=60),
)

FIELDS: Final = (
    Field("number", _T.TEXT, read_only=True),
    Field("name", _T.TEXT, required=True, max_length=120),
    Field("kind", _T.CHOICE, required=True, choices=KINDS),
    Field("short_name", _T.TEXT, max_length=40),
    Field("uscc", _T.TEXT, max_length=40),
    Field("phone", _T.TEXT, max_length=60),
    Field("email", _T.TEXT, max_length=120),
    Field("region", _T.TEXT, max_length=60),
    Field("industry", _T.CHOICE, choices=INDUSTRIES),
    Field("importance", _T.CHOICE, required=True, choices=IMPORTANCE),
    Field("source", _T.CHOICE, choices=SOURCES),
    Field("owner_id", _T.REFERENCE, target="user"),
    Field("credit_grade", _T.TEXT, read_only=True),
    Field("state", _T.CHOICE, choices=STATES, read_only=True),
    Field("notes", _T.MULTILINE, max_length=4000),
)


# What of the one that goes may be taken over by the one that stays; owner and importance are decided there, too.
MERGED_FIELDS: Final = (
    "name", "kind", "short_name", "uscc", "phone", "email", "region", "industry", "importance", "source", "owner_id", "notes",
)  # fmt: skip


def state_of(archived: bool, merged_into: UUID | None) -> str:
    """Where a customer stands."""
    if merged_into is not None:
        return "merged"
    return "archived" if archived else "active"


class Customer(Record):
    """A company or a person that buys light. `name_key` and `phone_key` are what duplicates are found by; `contact_words` holds
    names and numbers of its contacts, so that a search for a person finds the customer. `merged_into`: the customer that this one
    turned out to be; what is left is a sign that points there. Chains are kept flat: it never names a merged one."""

    __tablename__ = "customer"
    __table_args__ = (
        Index("ix_customer_name_key", "name_key"),
        Index("ix_customer_uscc", "uscc"),
        # lists count and page in these alone: the encrypted table is never scanned
        Index("ix_customer_updated_at", "archived", "updated_at", "id"),
        Index("ix_customer_owner", "owner_id", "archived", "updated_at", "id"),
        Index("ix_customer_importance", "importance", "archived", "updated_at", "id"),
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
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("user.id"))
    notes: Mapped[str] = mapped_column(default="")
    archived: Mapped[bool] = mapped_column(default=False)
    merged_into: Mapped[UUID | None] = mapped_column(index=True)
    name_key: Mapped[str] = mapped_column(default="")
    phone_key: Mapped[str] = mapped_column(default="", index=True)
    contact_words: Mapped[str] = mapped_column(default="")

    @property
    def state(self) -> str:
        """One of STATES."""
        return state_of(self.archived, self.merged_into)

    def search_entry(self) -> tuple[str, str, str] | None:
        further = f"{self.short_name} {self.uscc} {self.phone} {self.contact_words}"
        return self.name, f"{self.number} {self.region}".strip(), further


class Contact(Record):
    """A person at the customer's."""

    __tablename__ = "contact"
    KIND: ClassVar[str] = "contact"

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"), index=True)
    name: Mapped[str]
    title: Mapped[str] = mapped_column(default="")
    phone: Mapped[str] = mapped_column(default="")
    phone_key: Mapped[str] = mapped_column(default="", index=True)
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
