"""What the product hands to the server: its kinds, its rules, who sees what. sync itself knows no customer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from sync.ids import uuid_of
from sync.kinds import Registry
from sync.wire import Op, Refusal

Values = Mapping[str, Any]


class Judged:
    """One change of a commit as it would take effect: Python values of all columns before (None: new) and after (None: deleted).

    `changed`: the columns whose value really differs after merging; those in conflict are not among them. BEFORE and AFTER may be given as
    functions, the id as bytes: what nobody looks at is not made.
    """

    __slots__ = ("_after", "_before", "_id", "changed", "kind", "op")

    def __init__(
        self,
        kind: str,
        id: UUID | bytes,  # noqa: A002 - the column's name
        op: Op,
        before: Values | Callable[[], Values] | None,
        after: dict[str, Any] | Callable[[], dict[str, Any]] | None,
        changed: frozenset[str],
    ) -> None:
        self.kind = kind
        self._id = id
        self.op = op
        self.changed = changed
        self._before = before
        self._after = after

    @property
    def id(self) -> UUID:
        """The row's id."""
        if isinstance(self._id, bytes):
            self._id = uuid_of(self._id)
        return self._id

    @property
    def before(self) -> Values | None:
        """The row as it was; None for a new one."""
        if callable(self._before):
            self._before = self._before()
        return self._before

    @property
    def after(self) -> dict[str, Any] | None:
        """The row as it would become; None for one that is deleted."""
        if callable(self._after):
            self._after = self._after()
        return self._after


@dataclass(frozen=True)
class CommitContext:
    """Who sent the commit and when the server judges it. `public_key`: the device's Ed25519 key (32 bytes). `conflicted`: rows that the
    commit wanted to change and where others had been first, so that of these changes nothing, or not all, is among those to be judged."""

    actor: UUID
    device: UUID
    commit: UUID
    now: dt.datetime
    public_key: bytes
    signature: bytes = b""
    conflicted: frozenset[tuple[str, UUID]] = frozenset()


@dataclass(frozen=True)
class Create:
    """A row that the server makes besides, in the same commit: Python values of its columns; stamps are filled in by the server."""

    kind: str
    id: UUID
    values: dict[str, Any]


@dataclass
class Verdict:
    """What the judge says of one commit.

    Attributes:
        refusals: any one refuses the whole commit.
        amendments: values that the server sets besides (final numbers, states that follow), by (kind, id), on rows of the commit or on
            any other; they are part of the same commit and reach everybody, the author too. An empty mapping changes nothing of the
            row but its scope, which is found anew (its whole went to another customer).
        creates: rows that the server makes besides (snapshots of costs, rulings on decisions, events that follow).
        scopes: where the changed, amended and created rows belong after this commit, as far as the judge knows; `Domain.scope` is
            asked for the others.
    """

    refusals: list[Refusal] = field(default_factory=list)
    amendments: dict[tuple[str, UUID], dict[str, Any]] = field(default_factory=dict)
    creates: list[Create] = field(default_factory=list)
    scopes: dict[tuple[str, UUID], str] = field(default_factory=dict)


class Domain(Protocol):
    """The product's part of the server. `session` sees the organisation's typed tables with everything applied so far."""

    registry: Registry

    def judge(self, session: Session, context: CommitContext, changes: Sequence[Judged]) -> Verdict:
        """Authorise and validate one commit with the product's own models and services.

        SESSION sees the tables as they are before this commit. The judge may write into it inside a savepoint that it rolls back;
        what it leaves behind (numbers given) is part of the group's transaction.
        """

    def needs_session(self, changes: Sequence[Judged]) -> bool:
        """Whether `judge` will read other rows than those in CHANGES: if so the committer writes out what it holds back first."""

    def scope(self, session: Session, kind: str, row_id: UUID, row: Mapping[str, Any]) -> str:
        """The scope that a row belongs to ("org", "cost", "floor", "c:<id>", "u:<id>")."""

    def grants(self, session: Session, user: UUID) -> frozenset[str]:
        """Every scope that USER may hold now; "c:*" stands for all scopes that begin with "c:"."""

    def regrants(self, session: Session, changes: Sequence[Judged]) -> frozenset[UUID]:
        """Users whose grants may differ after these changes."""
