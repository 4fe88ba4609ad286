"""The unit of work: session, actor, clock and ids of one use case; it stamps rows, records what changed, writes the journal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Engine, select
from sqlalchemy.exc import DatabaseError
from sqlalchemy.orm import Session

from presales_desktop.models import numbers
from presales_desktop.models.base import Record
from presales_desktop.models.errors import ConflictError, NotFound
from presales_desktop.models.journal import AuditEvent
from presales_desktop.models.local import NumberCounter
from presales_desktop.models.permissions import Actor, Ownership, require
from presales_desktop.models.values import shanghai_day, utc_now
from presales_desktop.services import captured
from presales_desktop.store import search
from presales_desktop.store.engine import translate_database_error
from sync.ids import uuid7

R = TypeVar("R", bound=Record)
T = TypeVar("T")


@dataclass(frozen=True)
class ChangeSet:
    """What a committed unit of work changed: (kind, id) of wholes; parts count as their whole."""

    refs: frozenset[tuple[str, UUID]] = frozenset()

    @property
    def kinds(self) -> frozenset[str]:
        """Kinds touched."""
        return frozenset(kind for kind, _ in self.refs)

    def __bool__(self) -> bool:
        return bool(self.refs)


class Work:
    """One transaction of one actor. Only services see it; records never leave it."""

    def __init__(
        self,
        session: Session,
        actor: Actor,
        clock: Callable[[], dt.datetime] = utc_now,
        new_id: Callable[[], UUID] = uuid7,
        *,
        signer: Callable[[bytes], bytes] | None = None,
        device_number: int = 0,
    ) -> None:
        self.session = session
        self.actor = actor
        self.now = clock()
        self.today = shanghai_day(self.now)  # the Chinese calendar day of `now`
        self.new_id = new_id
        self.signer = signer
        self.device_number = device_number
        self._changed: dict[tuple[str, UUID], Record | None] = {}
        self._gone: set[tuple[str, UUID]] = set()
        self._last_event: tuple[int, str] | None = None
        # In a workspace with a server every change goes to the outbox in the transaction that makes it.
        self._watch = captured.watch(session)

    @property
    def connected(self) -> bool:
        """Whether a server has the last word: decisions are signed and wait for its ruling, numbers are provisional, costs that
        the actor may not see are not here."""
        return self.signer is not None

    def require(self, right: str, of: Ownership | None = None) -> None:
        """Raise PermissionDenied unless the actor has RIGHT (on OF)."""
        require(self.actor, right, of)

    def get(self, model: type[R], record_id: UUID) -> R:
        """The record, or NotFound."""
        found = self.session.get(model, record_id)
        if found is None:
            raise NotFound("record.not_found", kind=model.KIND, id=str(record_id))
        return found

    def add(self, record: R) -> R:
        """Put a new record in: id (unless set), author and times are filled in here."""
        if not getattr(record, "id", None):
            record.id = self.new_id()
        record.version = 1
        record.created_at = record.updated_at = self.now
        record.created_by = record.updated_by = self.actor.id
        self.session.add(record)
        self._note(record)
        return record

    def touch(self, record: Record, base_version: int | None = None) -> None:
        """Mark an existing record as changed by the actor now. BASE_VERSION: what the draft was loaded from.

        Raises ConflictError when somebody saved in between.
        """
        if base_version is not None and record.version != base_version:
            raise ConflictError("record.conflict", kind=record.KIND, mine=base_version, theirs=record.version)
        record.version += 1
        record.updated_at = self.now
        record.updated_by = self.actor.id
        self._note(record)

    def remove(self, record: Record) -> None:
        """Delete a record (parts and drafts; what was submitted is never deleted)."""
        self._note(record, gone=True)
        self.session.delete(record)

    def mark_changed(self, model: type[Record], record_id: UUID) -> None:
        """A record that was changed past the session (what a person took from the inbox): search and open pages follow."""
        record = self.session.get(model, record_id, populate_existing=True)
        if record is not None:
            self._note(record)

    def _note(self, record: Record, *, gone: bool = False) -> None:
        owner = record.owner_ref()
        if owner is not None:
            self._changed.setdefault(owner, None)
        self._changed[(record.KIND, record.id)] = None if gone else record
        if gone:
            self._gone.add((record.KIND, record.id))

    def audit(
        self,
        subject: Record,
        action: str,
        *,
        title: str = "",
        customer_id: UUID | None = None,
        case_id: UUID | None = None,
        **detail: Any,
    ) -> None:
        """Append to the hash-chained journal; timelines of customers and cases are read from it."""
        if self._last_event is None:
            self.session.flush()
            last = self.session.execute(
                select(AuditEvent.n, AuditEvent.hash).order_by(AuditEvent.n.desc()).limit(1)
            ).first()
            self._last_event = (last.n, last.hash) if last else (0, "")
        n, previous = self._last_event
        event = AuditEvent(
            n=n + 1,
            id=self.new_id(),
            at=self.now,
            actor_id=self.actor.id,
            actor_name=self.actor.name,
            subject_kind=subject.KIND,
            subject_id=subject.id,
            subject_title=title,
            action=action,
            detail=detail,
            customer_id=customer_id,
            case_id=case_id,
            previous=previous,
        )
        event.hash = event.expected_hash()
        self._last_event = (event.n, event.hash)
        self.session.add(event)

    def next_number(self, prefix: str) -> str:
        """The next number of a series and day, e.g. next_number("BJ") → "BJ20261123-007"; in a connected workspace a provisional one of
        this device ("临D7-0012") until the server gives the final one. Never given twice."""
        if self.connected:
            n = self._count(numbers.device_series(self.device_number))
            return numbers.provisional(self.device_number, n)
        series = numbers.series(prefix, self.today)
        return numbers.final(series, self._count(series))

    def _count(self, series: str) -> int:
        counter = self.session.get(NumberCounter, series)
        if counter is None:
            counter = NumberCounter(series=series, last=0)
            self.session.add(counter)
        counter.last += 1
        return counter.last

    def commit(self) -> ChangeSet:
        """Write all of it, the search index included, or nothing."""
        self.session.flush()
        connection = self.session.connection()
        for (kind, record_id), record in self._changed.items():
            if record is not None:
                entry = record.search_entry()
                if entry is not None:
                    search.index(connection, kind, record_id, entry, self.now)
            elif (kind, record_id) in self._gone:
                # An owner that only a part of it touched is None here, too, and keeps its entry.
                search.index(connection, kind, record_id, None, self.now)
        commits = self._watch.finish(self.actor.id) if self._watch is not None else []
        self.session.commit()
        if commits:
            captured.saved(self.session)
        return ChangeSet(frozenset(self._changed))


class Runner:
    """Runs use cases on one workspace for one actor: the window's database thread and the command line both use it.

    `signer` and `device_number` are set in a workspace that is connected to a server: the device's key signs decisions, its number
    stands in provisional numbers.
    """

    def __init__(
        self,
        engine: Engine,
        actor: Actor,
        clock: Callable[[], dt.datetime] = utc_now,
        *,
        signer: Callable[[bytes], bytes] | None = None,
        device_number: int = 0,
    ) -> None:
        self.engine = engine
        self.actor = actor
        self.clock = clock
        self.signer = signer
        self.device_number = device_number

    def run(self, function: Callable[..., T], /, *args: Any, **kwargs: Any) -> tuple[T, ChangeSet]:
        """FUNCTION(work, …) in a transaction of its own: its answer and what it changed.

        Any exception rolls everything back. Driver errors that are the environment's become EnvironmentProblem.
        """
        session = Session(self.engine, expire_on_commit=False, autoflush=True)
        try:
            work = Work(
                session, self.actor, self.clock, signer=self.signer, device_number=self.device_number
            )  # fmt: skip
            result = function(work, *args, **kwargs)
            return result, work.commit()
        except DatabaseError as error:
            session.rollback()
            problem = translate_database_error(error)
            if problem is None:
                raise
            raise problem from error
        finally:
            session.close()
