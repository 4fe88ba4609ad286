"""A small world for the tests of the replica: the shop's tables in plain SQLite files, the real server in this process."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Engine, MetaData, create_engine, event
from sqlalchemy.orm import Session, registry

from sync.client.replica import Applied, Position, Replica
from sync.client.tables import client_tables
from sync.ids import uuid7
from sync.server.caller import Caller
from sync.server.core import Core
from tests.sync import shop

T = TypeVar("T")
CLIENT = MetaData()
client_tables(CLIENT)
mapping = registry()
MOMENT = dt.datetime(2026, 11, 23, 2, 0, tzinfo=dt.UTC)


class Record:
    """Attributes of the mapped rows."""

    id: UUID
    version: int
    sync_seq: int

    def __init__(self, **values: Any) -> None:
        for name, value in values.items():
            setattr(self, name, value)


class Plan(Record): ...


class Item(Record): ...


class Cost(Record): ...


class Move(Record): ...


class Decision(Record): ...


for _model, _table in (
    (Plan, shop.plan), (Item, shop.item), (Cost, shop.cost), (Move, shop.move), (Decision, shop.decision),
):  # fmt: skip
    mapping.map_imperatively(_model, _table)


def stamps() -> dict[str, Any]:
    """What every new record has."""
    return {"version": 1, "created_at": MOMENT, "updated_at": MOMENT}


def plan(name: str = "p", customer: str = "1", **more: Any) -> Plan:
    """A new plan."""
    return Plan(id=uuid7(), customer=customer, name=name, **stamps(), **more)


def item(plan_id: UUID, **more: Any) -> Item:
    """A new item."""
    return Item(id=uuid7(), plan_id=plan_id, **stamps(), **more)


def laptop_engine(path: Path, *, durable: bool = False) -> Engine:
    """A laptop's database."""
    engine = create_engine(f"sqlite:///{path}")

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'OFF'}")

    with engine.begin() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode = WAL")
        shop.TABLES.create_all(connection)
        CLIENT.create_all(connection)
    return engine


class Laptop:
    """One person's laptop."""

    def __init__(self, engine: Engine, user: UUID, **options: Any) -> None:
        self.engine = engine
        self.user = user
        self.replica = Replica(engine, shop.REGISTRY, **options)
        self.device = uuid7()
        self.replica.connect(device=self.device, user=user, server="here", organisation="o")

    @property
    def caller(self) -> Caller:
        return Caller(self.user, UUID(bytes=self.replica.facts()["device"]))

    def do(self, work: Callable[[Session], T]) -> T:
        """One unit of work, as services do it."""
        with Session(self.engine, expire_on_commit=False) as session:
            watch = self.replica.capture.watch(session)
            found = work(session)
            session.flush()
            watch.finish(self.user)
            session.commit()
            return found

    def add(self, *records: Any) -> Any:
        """New records, in one commit; the first one's id."""
        self.do(lambda session: session.add_all(records))
        return records[0].id

    def set(self, model: type[Any], row_id: UUID, **values: Any) -> None:
        """Change fields of a record."""

        def work(session: Session) -> None:
            record = session.get_one(model, row_id)
            record.version += 1
            for name, value in values.items():
                setattr(record, name, value)

        self.do(work)

    def remove(self, model: type[Any], row_id: UUID) -> None:
        """Delete a record."""
        self.do(lambda session: session.delete(session.get_one(model, row_id)))

    def get(self, model: type[T], row_id: UUID) -> T | None:
        """A record as a person sees it."""
        with Session(self.engine, expire_on_commit=False) as session:
            return session.get(model, row_id)

    def rows(self, table: str, columns: str = "*") -> list[Any]:
        """Raw rows of a table."""
        with self.engine.connect() as connection:
            return [tuple(row) for row in connection.exec_driver_sql(f"SELECT {columns} FROM {table}")]

    def push(self, core: Core) -> bool:
        """One push and its answer; whether there was anything that the server could settle (in a new epoch it cannot before a pull)."""
        request = self.replica.take_push()
        if request is None:
            return False
        return not self.replica.acknowledged(core.push(self.caller, request)).stale

    def pull(self, core: Core, limit: int = 5000, *, confirm: bool = False) -> Applied:
        """Pulls until there is no more."""
        while True:
            at: Position = self.replica.position()
            answer = core.pull(self.caller, at.epoch, at.cursor, limit, at.place)
            found = self.replica.apply(
                answer, at, lambda segment: core.segment(self.caller, segment.sha256), confirm=confirm
            )
            if not found.more:
                return found

    def sync(self, core: Core) -> None:
        """A whole round; the first one only pulls, so that the epoch is known."""
        if not self.replica.position().epoch:
            self.pull(core)
        while self.push(core):
            pass
        self.pull(core)
