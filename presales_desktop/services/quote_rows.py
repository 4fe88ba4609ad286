"""What lists, pages and the command line are given of quotes: frozen rows, none with a cost in it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from presales_desktop.models.quote_pricing import TaxShare
from presales_desktop.services.approvals import StepStatus
from presales_desktop.services.design_reviews import DesignBasis
from presales_desktop.services.quote_drafts import FactChange


@dataclass(frozen=True)
class QuoteRow:
    """A quote's revision as lists show it. `label` is number and revision; `expired` is computed from the day."""

    id: UUID
    number: str
    revision: int
    label: str
    title: str
    customer_id: UUID
    customer: str
    case_id: UUID
    case_number: str
    case_title: str
    owner_id: UUID | None
    owner: str
    state: str
    currency: str
    total_fen: int
    valid_until: dt.date | None
    expired: bool
    submitted_at: dt.datetime | None
    updated_at: dt.datetime


@dataclass(frozen=True)
class QuoteLineShown:
    """A line as everybody who sees the quote may see it: no cost in it. `pieces`: how many it comes to with what it rides on."""

    id: UUID
    type: str
    room: str
    variant_id: UUID | None
    name: str
    model: str
    spec: str
    unit: str
    quantity: Decimal
    list_price_fen: int | None
    unit_price_fen: int
    discount_percent: Decimal
    amount_fen: int
    pieces: Decimal
    counted: bool
    customer_code: str
    tax_rate: Decimal | None
    lead_days: int | None
    image_sha256: str
    note: str
    attention: str
    source: str = ""


@dataclass(frozen=True)
class DecisionRow:
    """A decision as it was made, on whichever revision of the family."""

    revision: int
    step: str
    verdict: str
    who: str
    at: dt.datetime
    comment: str
    holds: bool


@dataclass(frozen=True)
class SendRow:
    """One time it went out."""

    at: dt.datetime
    who: str
    via: str
    recipient: str
    revision: int
    file_sha256: str


@dataclass(frozen=True)
class RevisionRow:
    """One revision of the family."""

    id: UUID
    revision: int
    state: str
    total_fen: int


@dataclass(frozen=True)
class QuoteShown:
    """A revision whole. `blocked`: codes that keep it from being sent now; `design`: the revision it was
    made from and whether that has passed its review; `margin_band` "good", "watch" or "bad" for the
    superior of a submitted revision who may not see figures, else ""."""

    id: UUID
    version: int
    number: str
    revision: int
    label: str
    title: str
    state: str
    expired: bool
    case_id: UUID
    case_number: str
    case_title: str
    customer_id: UUID
    customer: str
    contact_id: UUID | None
    contact: str
    contact_phone: str
    design_id: UUID | None
    design: DesignBasis | None
    owner_id: UUID | None
    owner: str
    created_by: UUID | None
    currency: str
    exchange_rate: Decimal
    rate_on: dt.date | None
    language: str
    show_images: bool
    tax_included: bool
    tax_rate: Decimal
    discount_percent: Decimal
    discount_fen: int
    freight_fen: int
    installation_fen: int
    lines_fen: int
    sections_off_fen: int
    discount_total_fen: int
    net_fen: int
    tax_fen: int
    taxes: tuple[TaxShare, ...]
    total_fen: int
    valid_until: dt.date | None
    delivery: str
    delivery_place: str
    payment: str
    warranty: str
    notes: str
    internal_notes: str
    content_hash: str
    hash_short: str
    submitted_at: dt.datetime | None
    submitted_by: str
    answered_on: dt.date | None
    answer_note: str
    latest: bool
    lines: tuple[QuoteLineShown, ...]
    approvals: tuple[StepStatus, ...]
    decisions: tuple[DecisionRow, ...]
    sends: tuple[SendRow, ...]
    revisions: tuple[RevisionRow, ...]
    blocked: tuple[str, ...]
    changes: tuple[FactChange, ...]
    margin_band: str

    @property
    def paper(self) -> str:
        """The edition that goes to the customer: with pictures or without."""
        return "pdf" if self.show_images else "plain.pdf"


@dataclass(frozen=True)
class ContactRow:
    """A person at the customer's, as the quote's head offers him."""

    id: UUID
    name: str
    title: str
    phone: str
