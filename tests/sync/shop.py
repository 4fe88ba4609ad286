"""A small product for the tests of sync: plans of customers, items on them, their costs, moves of stock. Knows nothing of lighting."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Double,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Uuid,
    select,
)
from sqlalchemy.orm import Session

from presales_desktop.models.base import ScaledDecimal, UtcDateTime
from sync import codec
from sync.ids import uuid7
from sync.kinds import Registry, SyncKind
from sync.server.caller import Caller
from sync.server.domain import CommitContext, Judged, Verdict
from sync.wire import PROTOCOL, Change, Commit, PushRequest, Refusal

TABLES = MetaData()
STAMPS: dict[str, Any] = dict.fromkeys(("version", "created_at", "created_by", "updated_at", "updated_by"), "stamp")


def _stamps() -> list[Column[Any]]:
    return [
        Column("version", Integer, nullable=False, default=0),
        Column("created_at", UtcDateTime, nullable=False),
        Column("created_by", Uuid),
        Column("updated_at", UtcDateTime, nullable=False),
        Column("updated_by", Uuid),
        Column("sync_seq", BigInteger, nullable=False, default=0),
    ]


plan = Table(
    "plan",
    TABLES,
    Column("id", Uuid, primary_key=True),
    Column("customer", String, nullable=False),
    Column("name", String(80), nullable=False),
    Column("number", String, unique=True),
    Column("state", String, nullable=False, default="draft"),
    Column("notes", String, nullable=False, default=""),
    Column("tags", JSON, nullable=False, default=list),
    Column("due", Date),
    *_stamps(),
)
item = Table(
    "item",
    TABLES,
    Column("id", Uuid, primary_key=True),
    Column("plan_id", Uuid, ForeignKey("plan.id"), nullable=False),
    Column("label", String, nullable=False, default=""),
    Column("x", Double, nullable=False, default=0.0),
    Column("y", Double, nullable=False, default=0.0),
    Column("z", Double, nullable=False, default=0.0),
    Column("count", Integer, nullable=False, default=1),
    Column("weight", ScaledDecimal(3)),
    Column("dimmed", Boolean, nullable=False, default=False),
    Column("picture", LargeBinary),
    Column("origin", String, nullable=False, default=""),
    CheckConstraint("count >= 0", name="count"),
    *_stamps(),
)
cost = Table(
    "cost",
    TABLES,
    Column("id", Uuid, ForeignKey("item.id"), primary_key=True),
    Column("fen", BigInteger, nullable=False),
    *_stamps(),
)
move = Table(
    "move",
    TABLES,
    Column("n", Integer, nullable=False),
    Column("id", Uuid, primary_key=True),
    Column("what", String, nullable=False),
    Column("by", Integer, nullable=False),
)
# Append-only: made and signed by a person; the server rules on each (a row of the same id). See shop_decisions.
decision = Table(
    "decision",
    TABLES,
    Column("id", Uuid, primary_key=True),
    Column("plan_id", Uuid, nullable=False),
    Column("saw", String, nullable=False),
    Column("signature", LargeBinary, nullable=False),
)
ruling = Table(
    "ruling",
    TABLES,
    Column("id", Uuid, primary_key=True),
    Column("outcome", String, nullable=False),
)


def _fill_move(connection: Any, rows: list[dict[str, Any]]) -> None:
    last = connection.execute(select(move.c.n).order_by(move.c.n.desc()).limit(1)).scalar() or 0
    for n, row in enumerate(rows, last + 1):
        row["n"] = n


KINDS = (
    SyncKind("plan", plan, {**STAMPS, "notes": "text", "tags": "set", "state": "last"}),
    SyncKind("item", item, {**STAMPS, "origin": "immutable"}, groups=(("x", "y", "z"),)),
    SyncKind("cost", cost, STAMPS),
    SyncKind("move", move, append_only=True, local=frozenset({"n"}), fill=_fill_move),
    SyncKind("decision", decision, append_only=True),
    SyncKind("ruling", ruling, append_only=True),
)
REGISTRY = Registry(KINDS, schema_version=3)


class Shop:
    """The domain: rights and rules as far as the tests need them. `staff`: user → scopes."""

    def __init__(self, staff: Mapping[UUID, frozenset[str]] | None = None) -> None:
        self.registry = REGISTRY
        self.staff: dict[UUID, frozenset[str]] = dict(staff or {})
        self.judges: Callable[[Session, CommitContext, Sequence[Judged]], Verdict] | None = None
        self.reads = False
        self.regrants_of: set[UUID] = set()
        self.seen: list[tuple[CommitContext, list[Judged]]] = []

    def judge(self, session: Session, context: CommitContext, changes: Sequence[Judged]) -> Verdict:
        self.seen.append((context, list(changes)))
        if self.judges is not None:
            return self.judges(session, context, changes)
        return Verdict(
            [
                Refusal("shop.forbidden", change.kind, change.id.bytes, "name")
                for change in changes
                if change.after is not None and change.after.get("name") == "forbidden"
            ]
        )

    def needs_session(self, changes: Sequence[Judged]) -> bool:
        return self.reads

    def scope(self, session: Session, kind: str, row_id: UUID, row: Mapping[str, Any]) -> str:
        if kind == "plan":
            return f"c:{row['customer']}" if row["customer"] else "org"
        if kind == "item":
            owner = session.execute(select(plan.c.customer).where(plan.c.id == row["plan_id"])).scalar_one()
            return f"c:{owner}" if owner else "org"
        return "cost" if kind == "cost" else "org"

    def grants(self, session: Session, user: UUID) -> frozenset[str]:
        return self.staff.get(user, frozenset())

    def regrants(self, session: Session, changes: Sequence[Judged]) -> frozenset[UUID]:
        found = frozenset(self.regrants_of)
        self.regrants_of.clear()
        return found


MANAGER = frozenset({"org", "cost", "c:*"})
NOW = dt.datetime(2026, 11, 23, 2, 0, tzinfo=dt.UTC)


def person() -> Caller:
    """Somebody with a device."""
    return Caller(uuid7(), uuid7(), b"k" * 32)


def hlc(at: dt.datetime = NOW) -> int:
    """What a device's clock says."""
    return int(at.timestamp() * 1000) * 65536


def commit(*changes: Change, epoch: int = 1, schema: int = 3, commit_id: bytes | None = None) -> Commit:
    """One user action."""
    return Commit(commit_id or uuid7().bytes, hlc(), schema, epoch, list(changes))


def request(caller: Caller, *commits: Commit, epoch: bytes = b"") -> PushRequest:
    """A push."""
    return PushRequest(PROTOCOL, caller.device.bytes, epoch, list(commits))


def new_plan(customer: str = "1", name: str = "plan", row_id: bytes | None = None, **more: Any) -> Change:
    """A create."""
    fields = {"customer": customer, "name": name, "state": "draft", "notes": "", "tags": [], **more}
    return Change("plan", row_id or uuid7().bytes, "create", fields, had=False)


def new_item(plan_id: bytes, row_id: bytes | None = None, **more: Any) -> Change:
    """A create."""
    fields = {"plan_id": plan_id, "label": "L", "x": 1.0, "y": 2.0, "z": 3.0, "count": 1, **more}
    return Change("item", row_id or uuid7().bytes, "create", fields, had=False)


def edit(kind: str, row_id: bytes, base: int, own: Sequence[bytes] = (), **fields: Any) -> Change:
    """A set whose author saw the row at BASE."""
    return Change(kind, row_id, "set", fields, dict.fromkeys(fields, base), list(own))


def remove(kind: str, row_id: bytes, base: int, own: Sequence[bytes] = ()) -> Change:
    """A delete."""
    return Change(kind, row_id, "delete", {}, {"*": base}, list(own))


def wire_of(kind: str, **values: Any) -> dict[str, Any]:
    """Python values as they travel."""
    return codec.to_wire(REGISTRY[kind], values)


WEIGHT = Decimal("1.250")
