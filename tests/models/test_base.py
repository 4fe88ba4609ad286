"""Records are declared as SQLAlchemy would declare them from the same annotations, only without its reading of each annotation."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

import pytest
from sqlalchemy import Float, ForeignKey, LargeBinary, MetaData, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Mapped, deferred, mapped_column
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.types import JSON, NullType

from presales_desktop.models.base import _TYPES, Base, Record, ScaledDecimal, UtcDateTime, _Plain

# Their dialects declare no types.
_DIALECTS: Any = (sqlite.dialect(), postgresql.dialect())  # type: ignore[no-untyped-call]


def _theirs() -> type[DeclarativeBase]:
    class Theirs(DeclarativeBase):
        metadata = MetaData(naming_convention=Base.metadata.naming_convention)
        type_annotation_map: ClassVar[dict[Any, Any]] = {
            int: _TYPES["int"],
            float: _TYPES["float"],
            dt.datetime: UtcDateTime,
            Decimal: ScaledDecimal(3),
            dict[str, Any]: JSON,
            list[Any]: JSON,
            list[str]: JSON,
        }

    return Theirs


def _ours() -> type[DeclarativeBase]:
    class Ours(DeclarativeBase, metaclass=_Plain):
        metadata = MetaData(naming_convention=Base.metadata.naming_convention)

    return Ours


def _declare(base: type[DeclarativeBase]) -> list[Table]:
    class Stamped(base):  # type: ignore[misc, valid-type]
        __abstract__ = True
        id: Mapped[UUID] = mapped_column(primary_key=True)
        late: Mapped[int] = mapped_column(default=0, sort_order=99)

    class House(Stamped):
        __tablename__ = "house"
        KIND: ClassVar[str] = "house"
        name: Mapped[str] = mapped_column(default="", server_default="x", unique=True)
        note: Mapped[str | None]
        built: Mapped[dt.date | None]
        seen_at: Mapped[dt.datetime]
        big: Mapped[int | None]
        measured: Mapped[float]
        coarse: Mapped[float] = mapped_column(Float)
        area: Mapped[Decimal | None] = mapped_column(ScaledDecimal(2))
        weight: Mapped[Decimal]
        on: Mapped[bool] = mapped_column(default=True)
        picture: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))
        facts: Mapped[dict[str, Any]] = mapped_column(default=dict)
        words: Mapped[list[str]]
        things: Mapped[list[Any] | None]

    class Room(Stamped):
        __tablename__ = "room"
        house_id: Mapped[UUID] = mapped_column(ForeignKey("house.id"), index=True)
        door_id: Mapped[UUID | None] = mapped_column(ForeignKey("room.id"))
        must: Mapped[str | None] = mapped_column(nullable=False)

    return [House.__table__, Room.__table__]


def _facts(table: Table) -> list[str]:
    said = [str(CreateTable(table).compile(dialect=d)) for d in _DIALECTS]
    said += sorted(str(CreateIndex(index)) for index in table.indexes)
    return said + [
        f"{c.name} {c.type!r} {c.nullable} {c.default is None} {getattr(c.type, 'places', '')}" for c in table.columns
    ]


@pytest.mark.parametrize("number", [0, 1])
def test_our_reading_of_annotations_gives_the_same_tables(number: int) -> None:
    assert _facts(_declare(_ours())[number]) == _facts(_declare(_theirs())[number])


def test_a_type_without_a_meaning_is_refused() -> None:
    with pytest.raises(KeyError, match="complex"):

        class Odd(_ours()):  # type: ignore[misc]
            __tablename__ = "odd"
            id: Mapped[UUID] = mapped_column(primary_key=True)
            number: Mapped[complex]


def test_no_column_of_a_record_lost_its_type() -> None:
    assert not [str(c) for t in Base.metadata.tables.values() for c in t.columns if isinstance(c.type, NullType)]
    assert Record.__annotations__.keys() == {"KIND"}
