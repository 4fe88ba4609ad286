"""What the judge looks at: rows before and after one commit, the people, and the tables as they would be after it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Uuid, bindparam, delete, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session

from presales_desktop.models import syncing
from presales_desktop.models.errors import PresalesError, Problem, ValidationError
from presales_desktop.models.permissions import Actor, Ownership, Role, may
from presales_desktop.models.syncing import MODELS, OWNED, REGISTRY, STAMPS
from presales_desktop.models.users import User
from presales_desktop.services.work import Work
from sync.kinds import KEY, SEQ
from sync.server.domain import CommitContext, Judged, Verdict
from sync.wire import Refusal

_STAMP: Final = select(func.count(), func.coalesce(func.sum(User.version), 0)).select_from(User)
Key = tuple[str, UUID]
Row = Mapping[str, Any]
MAX_REFUSALS = 20
_LATE = dt.timedelta(days=14)


@dataclass(frozen=True)
class Person:
    """A user as far as rights go."""

    id: UUID
    name: str
    roles: frozenset[str]
    department: str
    superior_id: UUID | None
    active: bool


class People:
    """Everybody of the organisation; read once and kept while nobody of them changed."""

    def __init__(self, rows: Sequence[Person]) -> None:
        self.by_id = {p.id: p for p in rows}
        self._below: dict[UUID | None, list[UUID]] = {}
        for person in rows:
            self._below.setdefault(person.superior_id, []).append(person.id)

    @classmethod
    def read(cls, session: Session) -> People:
        """All users as the session sees them."""
        table = User.__table__.c
        rows = session.execute(
            select(table.id, table.name, table.roles, table.department, table.superior_id, table.active)
        )
        return cls([Person(r.id, r.name, frozenset(r.roles), r.department, r.superior_id, r.active) for r in rows])

    @staticmethod
    def stamp(session: Session) -> tuple[int, int]:
        """Differs as soon as a user was changed or added."""
        row = session.execute(_STAMP).one()
        return int(row[0]), int(row[1])

    def reports_of(self, user_id: UUID) -> frozenset[UUID]:
        """Everybody who reports to the user, directly or further down."""
        found: set[UUID] = set()
        queue = [user_id]
        while queue:
            for person in self._below.get(queue.pop(), []):
                if person not in found:
                    found.add(person)
                    queue.append(person)
        return frozenset(found)

    def above(self, user_id: UUID | None) -> tuple[UUID, ...]:
        """The user's superiors upwards; without end only where the chain has a circle, which is cut."""
        chain: list[UUID] = []
        person = self.by_id.get(user_id) if user_id is not None else None
        while person is not None and person.superior_id is not None and person.superior_id not in chain:
            chain.append(person.superior_id)
            person = self.by_id.get(person.superior_id)
        return tuple(chain)

    def actor(self, user_id: UUID) -> Actor | None:
        """The actor that a user is; None for an unknown or disabled one."""
        person = self.by_id.get(user_id)
        if person is None or not person.active:
            return None
        known = {r.value for r in Role}
        roles = frozenset(Role(r) for r in person.roles if r in known)
        return Actor(
            person.id, person.name, roles, person.department, person.superior_id, self.reports_of(person.id)
        )  # fmt: skip


class World:
    """Rows by kind and id, before and after the commit. What the commit doesn't touch is read once from the tables."""

    def __init__(self, session: Session, changes: Sequence[Judged]) -> None:
        self.session = session
        self._before: dict[Key, Row | None] = {(c.kind, c.id): c.before for c in changes}
        self._after: dict[Key, Row | None] = {(c.kind, c.id): c.after for c in changes}
        self._stored: dict[Key, Row | None] = {}

    def before(self, kind: str, row_id: UUID) -> Row | None:
        """The row as the server has it; None where there is none."""
        key = kind, row_id
        return self._before[key] if key in self._before else self._read(key)

    def after(self, kind: str, row_id: UUID) -> Row | None:
        """The row as it would be after the commit."""
        key = kind, row_id
        return self._after[key] if key in self._after else self._read(key)

    def any(self, kind: str, row_id: UUID) -> Row | None:
        """The row after the commit, or before it when the commit deletes it."""
        return self.after(kind, row_id) or self.before(kind, row_id)

    def created(self, kind: str, row_id: UUID) -> bool:
        """Whether this commit makes the row."""
        key = kind, row_id
        return key in self._before and self._before[key] is None and self._after[key] is not None

    def _read(self, key: Key) -> Row | None:
        if key not in self._stored:
            table = REGISTRY[key[0]].table
            row = self.session.execute(select(table).where(table.c.id == key[1])).mappings().first()
            self._stored[key] = dict(row) if row is not None else None
        return self._stored[key]


@dataclass
class Case:
    """One commit before the judge: who, when, what, and what is said of it so far."""

    session: Session
    context: CommitContext
    changes: Sequence[Judged]
    actor: Actor
    people: People
    world: World
    verdict: Verdict
    by_kind: dict[str, list[Judged]] = field(default_factory=dict)
    _owned: dict[UUID, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for change in self.changes:
            self.by_kind.setdefault(change.kind, []).append(change)
        self._granted = syncing.grants((r.value for r in self.actor.roles), active=True)

    @property
    def refused(self) -> bool:
        """Whether anything was refused."""
        return bool(self.verdict.refusals)

    def of(self, kind: str) -> list[Judged]:
        """The changes of one kind."""
        return self.by_kind.get(kind, [])

    def work(self, actor: Actor | None = None) -> Work:
        """A unit of work on the session, for services that read."""
        now = self.context.now
        return Work(self.session, actor or self.actor, lambda: now)

    def may(self, right: str, of: Ownership | None = None) -> bool:
        """Whether the author of the commit has RIGHT."""
        return may(self.actor, right, of).allowed

    def require(self, change: Judged, right: str, of: Ownership | None = None) -> bool:
        """Refuse CHANGE unless the author has RIGHT; whether he has."""
        verdict = may(self.actor, right, of)
        if not verdict.allowed:
            self.refuse(verdict.code, change, right=right, user=self.actor.name)
        return verdict.allowed

    def refuse(self, code: str, change: Judged | None = None, column: str = "", **values: object) -> None:
        """Refuse the commit for CHANGE."""
        if len(self.verdict.refusals) >= MAX_REFUSALS:
            return
        self.verdict.refusals.append(
            Refusal(
                code, change.kind if change else "", change.id.bytes if change else b"", column,
                {name: _plain(value) for name, value in values.items()},
            )
        )  # fmt: skip

    def refuse_problems(self, change: Judged, problems: Sequence[Problem]) -> None:
        """Refuse for each blocking problem."""
        for problem in problems:
            if problem.blocking:
                self.refuse(problem.code, change, problem.field or "", **problem.values)

    def refuse_error(self, change: Judged, error: PresalesError) -> None:
        """Refuse with the code and values of an error that a service raised."""
        if isinstance(error, ValidationError):
            self.refuse_problems(change, error.problems)
        else:
            self.refuse(error.code, change, error.field or "", **error.values)

    def attempt(self, change: Judged, check: Callable[[], None]) -> bool:
        """Run CHECK of a service; its error refuses the commit. Whether it went through."""
        try:
            check()
        except PresalesError as error:
            self.refuse_error(change, error)
            return False
        return True

    def amend(self, kind: str, row_id: UUID, **values: Any) -> None:
        """Set VALUES besides."""
        self.verdict.amendments.setdefault((kind, row_id), {}).update(values)

    def scope(self, kind: str, row_id: UUID, row: Row, *, before: bool = False) -> str:
        """Where a row belongs, before or after the commit."""
        return syncing.scope(kind, row_id, row, self.world.before if before else self.world.any)

    def survivor(self, customer_id: UUID) -> UUID:
        """The customer itself, or the one that it was merged into (after this commit)."""
        return syncing.survivor(customer_id, self.world.any)

    def moved_by_merge(self, change: Judged) -> bool:
        """Whether the change's row goes to another customer because this commit merges the two."""
        if change.before is None or change.after is None or "customer_id" not in change.changed:
            return False
        gone = self.world.after("customer", change.before["customer_id"])
        was = self.world.before("customer", change.before["customer_id"])
        return (
            gone is not None
            and was is not None
            and was["merged_into"] is None
            and gone["merged_into"] is not None
            and gone["merged_into"] == change.after["customer_id"]
        )

    def holds(self, scope: str) -> bool:
        """Whether the author is given the rows of SCOPE. A customer that this commit makes is his who makes it."""
        if syncing.holds(self._granted, scope):
            return True
        customer = syncing.customer_in(scope)
        if customer is None or not self.actor.roles & syncing.OWN_ONLY:
            return False
        if customer not in self._owned:
            self._owned[customer] = self._own(customer)
        return self._owned[customer]

    def _own(self, customer: UUID) -> bool:
        people = {self.actor.id, *self.actor.reports}
        row = self.world.before("customer", customer)
        if row is None:
            return self.world.created("customer", customer)
        return row["owner_id"] in people or owns_customer(self.session, people, customer)


def _plain(value: object) -> Any:
    return value if isinstance(value, (str, int, float, bool)) or value is None else str(value)


def changed(change: Judged) -> frozenset[str]:
    """The columns that the author changed, but the stamps."""
    return change.changed - frozenset(STAMPS)


def ownership(row: Row) -> Ownership:
    """Whose a row is."""
    return Ownership(row.get("owner_id"), row.get("created_by"))


def own_conditions(model: Any, people: Any) -> Any:
    """SQL: a record counts as one of PEOPLE who own it, or who made it while nobody owns it (what was handed over has left)."""
    owned = model.owner_id.in_(people)
    made = model.owner_id.is_(None) & model.created_by.in_(people)
    return or_(owned, made, model.designer_id.in_(people)) if model.KIND == "case" else or_(owned, made)


def own_customers(session: Session, people: set[UUID]) -> set[UUID]:
    """The customers that sellers among PEOPLE hold: their own, and those of what they own."""
    found: set[UUID] = set()
    for kind in OWNED:
        model = MODELS[kind]
        column = model.id if kind == "customer" else model.customer_id
        found.update(session.scalars(select(column).where(own_conditions(model, people)).distinct()))
    return found


def owns_customer(session: Session, people: set[UUID], customer: UUID) -> bool:
    """Whether CUSTOMER is among `own_customers`, asked for one."""
    return bool(session.scalar(_owns(), {"customer": customer, "people": list(people)}))


@cache
def _owns() -> Any:
    """The question with its values left open: building it costs more than asking it."""
    customer, people = bindparam("customer", type_=Uuid()), bindparam("people", type_=Uuid(), expanding=True)
    asked = []
    for kind in OWNED:
        model = MODELS[kind]
        column = model.id if kind == "customer" else model.customer_id
        asked.append(exists().where(column == customer, own_conditions(model, people)))
    return select(or_(*asked))


@contextmanager
def applied(case: Case) -> Iterator[Work]:
    """The tables as they would be after the commit, inside a savepoint that is taken back; a unit of work on them.

    The journal is left out. Parts are changed before their wholes: a whole that freezes lets nothing in any more.
    """
    session = case.session
    session.flush()
    session.expire_all()
    savepoint = session.begin_nested()
    try:
        _apply(session, [c for c in case.changes if c.kind != "audit_event"])
        yield case.work()
    finally:
        savepoint.rollback()
        session.expire_all()


def _apply(session: Session, changes: Sequence[Judged]) -> None:
    ranked = sorted(changes, key=lambda c: REGISTRY.rank(c.kind))
    for change in ranked:
        if change.before is None and change.after is not None:
            table = REGISTRY[change.kind].table
            values = {k: v for k, v in change.after.items() if k in table.c} | {KEY: change.id}
            if SEQ in table.c:
                values.setdefault(SEQ, 0)
            session.execute(insert(table).values(**values))
    for change in reversed(ranked):
        table = REGISTRY[change.kind].table
        if change.after is None:
            session.execute(delete(table).where(table.c.id == change.id))
        elif change.before is not None and change.changed:
            values = {k: change.after[k] for k in change.changed if k in table.c}
            session.execute(update(table).where(table.c.id == change.id).values(**values))


def claimed(case: Case, at: dt.datetime | None) -> dt.datetime:
    """When something happened: as the author says when that is lately, else now. A clock that is wrong by a year moves nothing."""
    now = case.context.now
    return at if at is not None and now - _LATE <= at <= now else now
