"""The domain as the sync server knows it: kinds, judge, scopes and grants."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from presales_desktop.models import syncing
from presales_desktop.services.judge import judge
from presales_desktop.services.judge_world import People, World, own_customers
from sync.server.domain import CommitContext, Judged, Verdict

# Whose change may give somebody a customer or take one away.
_OWNING = frozenset({"owner_id", "created_by", "designer_id", "customer_id"})
_OF_PEOPLE = frozenset({"roles", "superior_id", "active"})


class ServerDomain:
    """Implements sync.server.domain.Domain; one for all organisations, safe to share between threads."""

    registry = syncing.REGISTRY

    def __init__(self) -> None:
        self._people: WeakKeyDictionary[Engine, tuple[tuple[int, int], People]] = WeakKeyDictionary()
        self._lock = threading.Lock()

    def judge(self, session: Session, context: CommitContext, changes: Sequence[Judged]) -> Verdict:
        """Authorise and validate one commit; see services/judge.py."""
        return judge(session, context, changes, self.people(session))

    def needs_session(self, changes: Sequence[Judged]) -> bool:
        """Always: rights hang on wholes, and those lie in the tables."""
        return True

    def scope(self, session: Session, kind: str, row_id: UUID, row: Mapping[str, Any]) -> str:
        """Where a row belongs."""
        return syncing.scope(kind, row_id, row, World(session, ()).after)

    def grants(self, session: Session, user: UUID) -> frozenset[str]:
        """What USER holds now."""
        people = self.people(session)
        person = people.by_id.get(user)
        if person is None:
            return frozenset()
        held = syncing.grants(person.roles, active=person.active)
        if held and syncing.EVERY_CUSTOMER not in held and person.roles & {r.value for r in syncing.OWN_ONLY}:
            own = own_customers(session, {user, *people.reports_of(user)})
            held = syncing.grants(person.roles, active=person.active, own_customers=own)
        return held

    def regrants(self, session: Session, changes: Sequence[Judged]) -> frozenset[UUID]:
        """Whose grants may differ: who owns or owned what changed, and everybody above him."""
        people = self.people(session)
        touched: set[UUID] = set()
        for change in changes:
            if change.kind == "user":
                touched |= _of_user(change, people)
            elif change.kind in syncing.OWNED and (change.op != "set" or change.changed & _OWNING):
                for row in (change.before, change.after):
                    touched |= {row[n] for n in ("owner_id", "created_by", "designer_id") if row and row.get(n)}
        return frozenset(touched | {superior for user in touched for superior in people.above(user)})

    def people(self, session: Session) -> People:
        """Everybody, read anew as soon as a user has changed."""
        bind = session.get_bind()
        stamp = People.stamp(session)
        with self._lock:
            known = self._people.get(bind.engine)
        if known is None or known[0] != stamp:
            known = stamp, People.read(session)
            with self._lock:
                self._people[bind.engine] = known
        return known[1]


def _of_user(change: Judged, people: People) -> set[UUID]:
    if change.op == "set" and not change.changed & _OF_PEOPLE:
        return set()
    found = {change.id}
    for row in (change.before, change.after):
        superior = row.get("superior_id") if row else None
        if superior is not None:
            found |= {superior, *people.above(superior)}
    return found
