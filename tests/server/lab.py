"""Commits as real laptops make them, before the real judge: services run on the server's rows, what they changed is the commit.

A laptop here is the server's database inside a transaction that is rolled back; `hold` keeps a commit back to push it late.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine, create_engine, delete, event, insert, select, update
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from presales_desktop.models import syncing
from presales_desktop.models.journal import chain_on
from presales_desktop.models.syncing import REGISTRY, STAMPS
from presales_desktop.models.tables import METADATA
from presales_desktop.services import users
from presales_desktop.services.server_domain import ServerDomain
from presales_desktop.services.users import FOUNDER
from presales_desktop.services.work import Work
from presales_desktop.store import files
from sync.ids import uuid7
from sync.kinds import KEY, SEQ
from sync.server.domain import CommitContext, Judged, Verdict

Rows = dict[tuple[str, UUID], dict[str, Any]]
COSTS = ("variant_cost", "quote_line_cost")


@dataclass(frozen=True)
class Change:
    """What a commit does to one row: all columns of a create, the changed ones of a set."""

    kind: str
    id: UUID
    op: str
    values: dict[str, Any] = field(default_factory=dict)


@dataclass
class Commit:
    """What one service call of one person changed."""

    login: str
    changes: list[Change]
    answer: Any = None

    def of(self, kind: str) -> Change:
        """The only change of a kind."""
        found = [c for c in self.changes if c.kind == kind]
        assert len(found) == 1, (kind, [c.kind for c in self.changes])
        return found[0]

    def with_values(self, kind: str, **values: Any) -> Commit:
        """The commit with the change of a kind altered: what a tampered client would send."""
        one = self.of(kind)
        changes = [replace(c, values={**c.values, **values}) if c is one else c for c in self.changes]
        return Commit(self.login, changes, self.answer)

    def plus(self, *changes: Change) -> Commit:
        """The commit with more in it."""
        return Commit(self.login, [*self.changes, *changes], self.answer)

    def by(self, login: str) -> Commit:
        """The same changes sent by somebody else."""
        return Commit(login, self.changes, self.answer)


class Refused(Exception):
    """The judge said no."""

    def __init__(self, verdict: Verdict) -> None:
        self.codes = [r.code for r in verdict.refusals]
        super().__init__(str([(r.code, r.kind, r.field, r.params) for r in verdict.refusals]))


def _engine(*, empty: bool = False) -> Engine:
    engine = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _plain(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN")

    if not empty:
        METADATA.create_all(engine)
    return engine


_USED = " UNION ALL ".join(
    f"SELECT '{kind.table.name}' WHERE EXISTS (SELECT 1 FROM \"{kind.table.name}\")" for kind in REGISTRY
)


class Lab:
    """A server with people, and laptops for each of them."""

    def __init__(self, people: Sequence[tuple[str, str, str, tuple[Any, ...], str | None]], folder: Path) -> None:
        self.engine = _engine()
        files.attach(self.engine, folder / "lab.db", bytes(32))
        self.domain = ServerDomain()
        self.now = dt.datetime(2026, 11, 24, 2, 0, tzinfo=dt.UTC)
        self.keys: dict[str, Ed25519PrivateKey] = {}
        self.ids: dict[str, UUID] = {}
        with Session(self.engine) as session:
            work = Work(session, FOUNDER, self.clock)
            for login, name, department, roles, superior in people:
                draft = users.UserDraft(
                    login=login, name=name, department=department, roles=[r.value for r in roles],
                    superior_id=self.ids[superior] if superior else None,
                )  # fmt: skip
                self.ids[login] = users.save(work, draft)
                session.flush()
                self.keys[login] = Ed25519PrivateKey.generate()
            session.commit()

    def copy(self, folder: Path) -> Lab:
        """Another server that stands where this one does; what happens there is not seen here."""
        made = object.__new__(Lab)
        made.__dict__.update(self.__dict__)
        made.engine, made.domain = _engine(empty=True), ServerDomain()
        made.keys, made.ids = dict(self.keys), dict(self.ids)
        with self.engine.connect() as source, made.engine.connect() as target:
            # SQLite copies its pages: a hundred times as fast as making the company anew.
            source.connection.driver_connection.backup(target.connection.driver_connection)  # type: ignore[union-attr]
        files.attach(made.engine, folder / "lab.db", bytes(32))
        return made

    def clock(self) -> dt.datetime:
        """Goes on by a millisecond at each look."""
        self.now += dt.timedelta(milliseconds=1)
        return self.now

    # -- laptops

    def hold(self, login: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Commit:
        """Run FUNCTION as LOGIN on a laptop without a network: the commit that lies in its outbox."""
        with Session(self.engine, expire_on_commit=False) as session:
            actor = users.actor_of(Work(session, FOUNDER, self.clock), self.ids[login])
            held = self.domain.grants(session, actor.id)
            self._forget(session, held)
            before = self.rows(session)
            session.expire_all()
            work = Work(session, actor, self.clock, signer=self.keys[login].sign, device_number=7)
            answer = function(work, *args, **kwargs)
            session.flush()
            after = self.rows(session)
            session.rollback()
        return Commit(login, _difference(before, after), answer)

    def _forget(self, session: Session, held: frozenset[str]) -> None:
        """Rows that this person's laptop does not hold."""
        rows = self.rows(session)

        def lookup(kind: str, row_id: UUID) -> dict[str, Any] | None:
            return rows.get((kind, row_id))

        gone = [
            (kind, row_id)
            for (kind, row_id), row in rows.items()
            if not syncing.holds(held, syncing.scope(kind, row_id, row, lookup))
        ]
        for kind, row_id in sorted(gone, key=lambda k: -REGISTRY.rank(k[0])):
            table = REGISTRY[kind].table
            session.execute(delete(table).where(table.c.id == row_id))

    def do(self, login: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Run FUNCTION as LOGIN, push at once; its answer. Raises Refused."""
        commit = self.hold(login, function, *args, **kwargs)
        self.push(commit)
        return commit.answer

    # -- server

    def ask(self, commit: Commit) -> tuple[Verdict, list[Judged]]:
        """What the judge says of COMMIT now; nothing is written."""
        with Session(self.engine, autoflush=False, expire_on_commit=False) as session:
            judged = self._judged(session, commit)
            verdict = self.domain.judge(session, self._context(commit), judged)
            session.rollback()
        return verdict, judged

    def refusals(self, commit: Commit) -> list[str]:
        """The codes with which COMMIT is refused."""
        return [r.code for r in self.ask(commit)[0].refusals]

    def push(self, commit: Commit) -> Verdict:
        """Judge COMMIT and write what it brings. Raises Refused."""
        with Session(self.engine, autoflush=False, expire_on_commit=False) as session:
            judged = self._judged(session, commit)
            verdict = self.domain.judge(session, self._context(commit), judged)
            if verdict.refusals:
                session.rollback()
                raise Refused(verdict)
            self._write(session, judged, verdict, self.ids[commit.login])
            session.commit()
        return verdict

    def _context(self, commit: Commit) -> CommitContext:
        key = self.keys[commit.login].public_key().public_bytes_raw()
        return CommitContext(self.ids[commit.login], UUID(int=7), uuid7(), self.clock(), key)

    def _judged(self, session: Session, commit: Commit) -> list[Judged]:
        """As the core hands them over after merging: before is what the server has now."""
        rows = self.rows(session)
        found = []
        for change in commit.changes:
            before = rows.get((change.kind, change.id))
            if change.op == "delete":
                if before is not None:
                    found.append(Judged(change.kind, change.id, "delete", before, None, frozenset()))
                continue
            if change.op == "create":
                found.append(
                    Judged(change.kind, change.id, "create", None, dict(change.values), frozenset(change.values))
                )
                continue
            assert before is not None
            changed = frozenset(n for n, v in change.values.items() if before[n] != v and n not in STAMPS)
            if changed:
                found.append(
                    Judged(change.kind, change.id, "set", before, {**before, **change.values}, changed)
                )  # fmt: skip
        return found

    def _write(self, session: Session, judged: list[Judged], verdict: Verdict, actor: UUID) -> None:
        ranked = sorted(judged, key=lambda c: REGISTRY.rank(c.kind))
        for change in ranked:
            if change.op == "create":
                assert change.after is not None
                self._insert(session, change.kind, change.id, change.after, actor)
        for change in reversed(ranked):
            table = REGISTRY[change.kind].table
            if change.op == "set":
                assert change.after is not None
                values = {n: change.after[n] for n in (*change.changed, *STAMPS) if n in table.c}
                session.execute(update(table).where(table.c.id == change.id).values(**values))
            elif change.op == "delete":
                session.execute(delete(table).where(table.c.id == change.id))
        for one in verdict.creates:
            self._insert(session, one.kind, one.id, one.values, actor)
        for (kind, row_id), values in verdict.amendments.items():
            if values:
                table = REGISTRY[kind].table
                session.execute(update(table).where(table.c.id == row_id).values(**values))

    def _insert(self, session: Session, kind: str, row_id: UUID, values: dict[str, Any], actor: UUID) -> None:
        table = REGISTRY[kind].table
        row = {**{n: v for n, v in values.items() if n in table.c}, KEY: row_id}
        if SEQ in table.c:
            row[SEQ] = 0
        if "version" in table.c:
            stamps = dict.fromkeys(("created_at", "updated_at"), self.now) | {"created_by": actor, "updated_by": actor}
            row = {"version": 1, **stamps, **row}
        if kind == "audit_event":
            chain_on(session.connection(), [row])
        session.execute(insert(table).values(**row))

    def rows(self, session: Session) -> Rows:
        """Every synced row. Most kinds have none: asking which ones do is one statement, and this is asked all the time."""
        session.flush()
        used = set(session.connection().exec_driver_sql(_USED).scalars())
        return {
            (kind.name, row[KEY]): {n: v for n, v in row.items() if n in kind.columns}
            for kind in REGISTRY
            if kind.table.name in used
            for row in session.execute(select(kind.table)).mappings()
        }

    def row(self, kind: str, row_id: UUID) -> dict[str, Any]:
        """One row as the server has it."""
        with Session(self.engine) as session:
            table = REGISTRY[kind].table
            return dict(session.execute(select(table).where(table.c.id == row_id)).mappings().one())

    def all(self, kind: str, **where: Any) -> list[dict[str, Any]]:
        """Rows of a kind as the server has them, oldest first."""
        with Session(self.engine) as session:
            table = REGISTRY[kind].table
            rows = session.execute(select(table).filter_by(**where).order_by(table.c.id)).mappings()
            return [dict(r) for r in rows]

    def read(self, login: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """What FUNCTION answers on LOGIN's laptop."""
        return self.hold(login, function, *args, **kwargs).answer

    def grants(self, login: str) -> frozenset[str]:
        """Scopes of a user."""
        with Session(self.engine) as session:
            return self.domain.grants(session, self.ids[login])


def _difference(before: Rows, after: Rows) -> list[Change]:
    made = [Change(k, i, "create", dict(row)) for (k, i), row in after.items() if (k, i) not in before]
    gone = [Change(k, i, "delete") for (k, i) in before if (k, i) not in after]
    sets = []
    for (kind, row_id), row in after.items():
        old = before.get((kind, row_id))
        if old is not None and old != row:
            sets.append(Change(kind, row_id, "set", {n: v for n, v in row.items() if old[n] != v}))
    return made + sets + gone
