"""What cases look like outside the services: rows of lists, the whole of one, the draft being edited, the pipeline."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from presales_desktop.models.progress import NextStep
from presales_desktop.services.case_facts import CaseItem


@dataclass(frozen=True)
class CaseRow:
    """A case as lists show it. `amount_fen`: contract, else leading quote, else what was expected. `next_action`, `next_who`:
    codes of models.progress.NextStep, "" when nothing is left to do; `next_person`: the user's name where it is one person."""

    id: UUID
    number: str
    title: str
    customer_id: UUID
    customer: str
    owner_id: UUID | None
    owner: str
    status: str
    phase: str
    building_type: str
    amount_fen: int | None
    expected_on: dt.date | None
    next_action: str
    next_text: str
    next_who: str
    next_person: str
    next_due: dt.date | None
    overdue: bool
    updated_at: dt.datetime


@dataclass(frozen=True)
class ContactLine:
    """The person to call."""

    name: str
    title: str
    phone: str


@dataclass(frozen=True)
class CaseWhole:
    """One case with all that it holds; `next` None when nothing is left to do."""

    id: UUID
    version: int
    number: str
    title: str
    customer_id: UUID
    customer: str
    contact: ContactLine | None
    site_id: UUID | None
    site: str
    building_type: str
    expected_amount_fen: int | None
    amount_fen: int | None
    expected_on: dt.date | None
    owner_id: UUID | None
    owner: str
    designer_id: UUID | None
    designer: str
    created_by: UUID | None
    status: str
    phase: str
    next: NextStep | None
    next_person: str
    outcome_reason: str
    closed_at: dt.datetime | None
    notes: str
    created_at: dt.datetime
    updated_at: dt.datetime
    items: tuple[CaseItem, ...]


@dataclass
class CaseDraft:
    """A case being edited. `next_step`, `next_due_on`: written by hand, before the computed ones; empty for the computed."""

    id: UUID | None = None
    base_version: int = 0
    title: str = ""
    customer_id: UUID | None = None
    site_id: UUID | None = None
    building_type: str = ""
    expected_amount_fen: int | None = None
    expected_on: dt.date | None = None
    owner_id: UUID | None = None
    designer_id: UUID | None = None
    next_step: str = ""
    next_due_on: dt.date | None = None
    notes: str = ""


@dataclass(frozen=True)
class PipelineRow:
    """Open cases of one phase: how many, worth how much."""

    phase: str
    count: int
    amount_fen: int
