"""Timelines: what happened to a record, or to all that a customer or a case holds, read from the journal."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select

from presales_desktop.models import numbers
from presales_desktop.models.customers import Customer
from presales_desktop.models.journal import AuditEvent
from presales_desktop.models.tables import METADATA
from presales_desktop.services.work import Work


@dataclass(frozen=True)
class TimelineRow:
    """One event, newest first."""

    at: dt.datetime
    actor: str
    kind: str
    subject_id: UUID
    title: str
    action: str
    detail: dict[str, Any]


def of(work: Work, kind: str, record_id: UUID, limit: int = 200) -> tuple[TimelineRow, ...]:
    """Events of a record; for a customer or a case also those of what it holds."""
    own = and_(AuditEvent.subject_kind == kind, AuditEvent.subject_id == record_id)
    if kind == "customer":
        merged = select(Customer.id).where(Customer.merged_into == record_id)
        condition = or_(own, AuditEvent.customer_id == record_id, AuditEvent.customer_id.in_(merged))
    elif kind == "case":
        condition = or_(own, AuditEvent.case_id == record_id)
    else:
        condition = own
    events = work.session.scalars(
        select(AuditEvent).where(condition).order_by(AuditEvent.at.desc(), AuditEvent.n.desc()).limit(limit)
    )
    return tuple(
        TimelineRow(e.at, e.actor_name, e.subject_kind, e.subject_id, _title(work, e), e.action, e.detail)
        for e in events
    )


def _title(work: Work, event: AuditEvent) -> str:
    """How the record was called then; with its final number where it had a provisional one."""
    if numbers.PROVISIONAL not in event.subject_title or event.subject_kind not in numbers.SERIES:
        return event.subject_title
    table = METADATA.tables[event.subject_kind]
    number = work.session.scalar(select(table.c.number).where(table.c.id == event.subject_id))
    return numbers.with_final(event.subject_title, number or numbers.PROVISIONAL)


def verify(work: Work) -> int | None:
    """The number of the first journal row that was altered or is missing, None when the chain is whole."""
    previous = ""
    expected_n = 1
    for event in work.session.scalars(select(AuditEvent).order_by(AuditEvent.n)).yield_per(500):
        if event.n != expected_n or event.previous != previous or event.hash != event.expected_hash():
            return event.n
        previous = event.hash
        expected_n += 1
    return None
