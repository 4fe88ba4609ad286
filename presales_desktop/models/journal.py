"""What is only ever added to: audit events (hash chain), decisions, and what was handed out.

Database triggers (store/migrations) refuse UPDATE and DELETE on these tables.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, Connection, Index, Integer, select, update
from sqlalchemy.orm import Mapped, mapped_column

from presales_desktop.models.base import Base, Record

APPEND_ONLY_TABLES = ("audit_event", "decision", "ruling", "send_record")


class AuditEvent(Base):
    """One thing that happened, chained to the one before it: timelines are read from here, too.

    `hash` = SHA-256 over the canonical JSON of the other fields including `previous`.
    """

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_subject", "subject_kind", "subject_id", "n"),
        Index("ix_audit_event_customer", "customer_id", "n"),
        Index("ix_audit_event_case", "case_id", "n"),
    )

    n: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    id: Mapped[UUID] = mapped_column(unique=True)
    at: Mapped[dt.datetime]
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    subject_title: Mapped[str] = mapped_column(default="")
    action: Mapped[str]
    detail: Mapped[dict[str, Any]]
    customer_id: Mapped[UUID | None]
    case_id: Mapped[UUID | None]
    previous: Mapped[str]
    hash: Mapped[str]

    def expected_hash(self) -> str:
        """What `hash` must be for the row to be unaltered."""
        content = {
            "id": str(self.id),
            "at": self.at.astimezone(dt.UTC).isoformat(),
            "actor": str(self.actor_id),
            "subject": [self.subject_kind, str(self.subject_id)],
            "action": self.action,
            "detail": self.detail,
            "previous": self.previous,
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def chain_on(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Give ROWS (column → value), about to be inserted in this order, their place in this database's chain."""
    table = AuditEvent.__table__
    last = connection.execute(select(table.c.n, table.c.hash).order_by(table.c.n.desc()).limit(1)).first()
    n, previous = (last.n, last.hash) if last else (0, "")
    for row in rows:
        n += 1
        row["n"], row["previous"] = n, previous
        row["hash"] = previous = AuditEvent(**row).expected_hash()


def mend_chain(connection: Connection) -> None:
    """Close the gaps that rows left behind which this database may no longer hold (a refused commit, a customer handed over).

    Only a replica does that, with the triggers that guard the table out of the way: the whole chain is the server's.
    """
    table: Any = AuditEvent.__table__
    n, previous = 0, ""
    for row in connection.execute(select(table).order_by(table.c.n)).mappings().all():
        n += 1
        if row["n"] == n and row["previous"] == previous:
            previous = row["hash"]
            continue
        event = AuditEvent(**{**row, "n": n, "previous": previous})
        previous = event.expected_hash()
        values = {"n": n, "previous": event.previous, "hash": previous}
        connection.execute(update(table).where(table.c.id == event.id).values(**values))


class Decision(Record):
    """A verdict on one exact content: it names the revision and its hash and is void for any other (I2, I4, I13).

    subject_kind "quote"|"contract"|"design"|"survey"; subject_id the revision's id; step "finance", "superior", "legal", "sales",
    "design", "technical", "customer"; verdict "approve", "return", "reject". `signature` is filled by the device key
    once there is one (sync issue).
    """

    __tablename__ = "decision"
    __table_args__ = (Index("ix_decision_subject", "subject_kind", "subject_id"),)
    KIND: ClassVar[str] = "decision"

    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    revision: Mapped[int]
    content_hash: Mapped[str]
    step: Mapped[str]
    verdict: Mapped[str]
    comment: Mapped[str] = mapped_column(default="")
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    decided_by: Mapped[UUID]
    decided_by_name: Mapped[str]
    decided_at: Mapped[dt.datetime]
    # In whose place it was decided (models/delegations.py), where it was not in one's own.
    on_behalf_of: Mapped[UUID | None]
    on_behalf_of_name: Mapped[str] = mapped_column(default="")
    signature: Mapped[str] = mapped_column(default="")


class Ruling(Record):
    """What the server found of one decision: whether it takes effect, and the code of the reason when it does not.

    Made by the server only, a row of its own because a decision is never changed. A decision without a ruling is one that has not
    been there yet, or one of a workspace that has no server: it counts. `detail`: values for the reason's sentence.
    """

    __tablename__ = "ruling"
    __table_args__ = (Index("ix_ruling_subject", "subject_kind", "subject_id"),)
    KIND: ClassVar[str] = "ruling"

    decision_id: Mapped[UUID] = mapped_column(unique=True)
    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    effective: Mapped[bool]
    reason: Mapped[str] = mapped_column(default="")
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(default="")


class SendRecord(Record):
    """That a document went to the customer: which revision, which content, which file, how, to whom, when."""

    __tablename__ = "send_record"
    __table_args__ = (Index("ix_send_record_subject", "subject_kind", "subject_id"),)
    KIND: ClassVar[str] = "send_record"

    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    revision: Mapped[int]
    content_hash: Mapped[str]
    file_sha256: Mapped[str]
    via: Mapped[str]
    recipient: Mapped[str]
    sent_at: Mapped[dt.datetime]
    sent_by: Mapped[UUID]
