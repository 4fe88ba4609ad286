"""The tables that the figures of sync are made with: the kinds of `sync_records` as typed tables, on the server and in a laptop's encrypted
database, each with an index on what its rows hang on; and a domain without rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Column, Date, Double, Integer, MetaData, String, Table, Uuid
from sqlalchemy.orm import Session, registry

from presales_desktop.models.base import UtcDateTime
from sync.client.tables import client_tables
from sync.kinds import Registry, SyncKind
from sync.server.caller import Caller
from sync.server.domain import CommitContext, Judged, Verdict

_STAMPS: dict[str, Any] = dict.fromkeys(("version", "created_at", "created_by", "updated_at", "updated_by"), "stamp")
TABLES = MetaData()
CLIENT = MetaData()
client_tables(CLIENT)


def _table(name: str, *own: Column[Any]) -> Table:
    return Table(
        name, TABLES, Column("id", Uuid, primary_key=True), *own,
        Column("version", Integer, nullable=False), Column("created_at", UtcDateTime, nullable=False), Column("created_by", Uuid),
        Column("updated_at", UtcDateTime, nullable=False), Column("updated_by", Uuid),
        Column("sync_seq", BigInteger, nullable=False, default=0),
    )  # fmt: skip


def _of(kind: Any, *names: str) -> list[Column[Any]]:
    return [Column(name, kind) for name in names]


_items = _table(
    "sketch_item", Column("design_id", Uuid, index=True), Column("product_id", Uuid), *_of(Double, "x", "y", "z"),
    *_of(Integer, "rotation", "dim"), Column("label", String),
)  # fmt: skip
_table("quote_line", Column("quote_id", Uuid, index=True), Column("position", Integer), *_of(String, "model", "name", "spec", "unit"),
       *_of(BigInteger, "quantity", "unit_price_fen"), Column("discount", Integer))  # fmt: skip
_table("survey", Column("customer_id", Uuid, index=True), Column("room", String), *_of(Integer, "area_m2", "height_mm", "lux"),
       *_of(String, "needs", "note"), Column("day", Date))  # fmt: skip
_table("customer", *_of(String, "number", "name", "contact", "phone", "address", "industry"), Column("owner_id", Uuid, index=True),
       Column("archived", Boolean))  # fmt: skip
_table(
    "stock_move",
    Column("product_id", Uuid, index=True),
    *_of(Integer, "by"),
    Column("why", String),
    Column("day", Date),
)
REGISTRY = Registry([SyncKind(name, table, _STAMPS) for name, table in TABLES.tables.items()])


class Item:
    """A sketch item as the ORM gives it to somebody who edits."""

    x: float
    y: float
    version: int


registry().map_imperatively(Item, _items)


class Free:
    """A domain without rules; everything in one scope that everybody holds."""

    registry = REGISTRY

    def judge(self, session: Session, context: CommitContext, changes: Sequence[Judged]) -> Verdict:
        return Verdict()

    def needs_session(self, changes: Sequence[Judged]) -> bool:
        return False

    def scope(self, session: Session, kind: str, row_id: UUID, row: Mapping[str, Any]) -> str:
        return "org"

    def grants(self, session: Session, user: UUID) -> frozenset[str]:
        return frozenset({"org"})

    def regrants(self, session: Session, changes: Sequence[Judged]) -> frozenset[UUID]:
        return frozenset()


def caller(number: int) -> Caller:
    """The person with device NUMBER. Those of the crowd (1,000 and above) have the same rights: one person stands for all."""
    return Caller(UUID(int=(1 << 100) + min(number, 1_000)), UUID(int=(2 << 100) + number))
