"""What customers look like outside the services: rows of lists, the whole of one, drafts being edited."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from uuid import UUID


@dataclass(frozen=True)
class CustomerRow:
    """A customer as lists show it. `open_cases`: cases neither won nor lost."""

    id: UUID
    number: str
    name: str
    short_name: str
    kind: str
    importance: str
    region: str
    industry: str
    phone: str
    owner_id: UUID | None
    owner: str
    state: str
    open_cases: int
    updated_at: dt.datetime


@dataclass(frozen=True)
class ContactRow:
    """A person at the customer's."""

    id: UUID
    name: str
    title: str
    phone: str
    email: str
    wechat: str
    primary: bool
    notes: str


@dataclass(frozen=True)
class SiteRow:
    """A place of the customer."""

    id: UUID
    kind: str
    label: str
    region: str
    address: str
    contact_name: str
    contact_phone: str


@dataclass(frozen=True)
class Related:
    """Something that hangs on the customer: case, quote or contract; `amount_fen` None where it has none."""

    kind: str
    id: UUID
    number: str
    title: str
    state: str
    amount_fen: int | None
    updated_at: dt.datetime


@dataclass(frozen=True)
class Sign:
    """What is left of a customer that was merged into this one."""

    id: UUID
    number: str
    name: str


@dataclass(frozen=True)
class CustomerWhole:
    """One customer with contacts, sites and what hangs on it. `merged_into`, `merged_name`: where it went when it was merged; `signs`:
    those that were merged into it."""

    id: UUID
    version: int
    number: str
    kind: str
    name: str
    short_name: str
    uscc: str
    phone: str
    email: str
    region: str
    industry: str
    importance: str
    source: str
    credit_grade: str
    owner_id: UUID | None
    owner: str
    created_by: UUID | None
    state: str
    notes: str
    created_at: dt.datetime
    updated_at: dt.datetime
    contacts: tuple[ContactRow, ...]
    sites: tuple[SiteRow, ...]
    related: tuple[Related, ...]
    merged_into: UUID | None = None
    merged_name: str = ""
    signs: tuple[Sign, ...] = ()


@dataclass
class ContactDraft:
    """A contact being edited."""

    id: UUID | None = None
    name: str = ""
    title: str = ""
    phone: str = ""
    email: str = ""
    wechat: str = ""
    primary: bool = False
    notes: str = ""


@dataclass
class SiteDraft:
    """A site being edited."""

    id: UUID | None = None
    kind: str = "site"
    label: str = ""
    region: str = ""
    address: str = ""
    contact_name: str = ""
    contact_phone: str = ""


@dataclass
class CustomerDraft:
    """A customer being edited; `owner_id` is changed by those who hold customer.assign only."""

    id: UUID | None = None
    base_version: int = 0
    kind: str = "company"
    name: str = ""
    short_name: str = ""
    uscc: str = ""
    phone: str = ""
    email: str = ""
    region: str = ""
    industry: str = ""
    importance: str = "normal"
    source: str = ""
    owner_id: UUID | None = None
    notes: str = ""
    contacts: list[ContactDraft] = field(default_factory=list)
    sites: list[SiteDraft] = field(default_factory=list)
