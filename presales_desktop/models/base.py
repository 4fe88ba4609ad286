"""The base of every record: UUIDv7 id, who and when, a version that a draft must name to be saved."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    DateTime,
    Dialect,
    Double,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Uuid,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedColumn, mapped_column
from sqlalchemy.orm.decl_api import DeclarativeAttributeIntercept
from sqlalchemy.types import JSON, NullType, TypeDecorator, TypeEngine

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[dt.datetime]):
    """A moment with zone, stored as UTC; naive values are refused."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a zone")
        return value.astimezone(dt.UTC).replace(tzinfo=None)

    def process_result_value(self, value: dt.datetime | None, dialect: Dialect) -> dt.datetime | None:
        return None if value is None else value.replace(tzinfo=dt.UTC)


class ScaledDecimal(TypeDecorator[Decimal]):
    """A Decimal with a fixed number of places, stored as an integer: exact, sortable and summable on every database."""

    impl = BigInteger
    cache_ok = True

    def __init__(self, places: int = 3) -> None:
        super().__init__()
        self.places = places

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        scaled = Decimal(value).scaleb(self.places)
        if scaled != scaled.to_integral_value():
            raise ValueError(f"more than {self.places} places: {value}")
        return int(scaled)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-self.places)


# What `Mapped[…]` of a record means on disk. Amounts in fen pass 32 bits at 21 million yuan: PostgreSQL would refuse them.
_TYPES: Final[dict[str, TypeEngine[Any]]] = {
    "bool": Boolean(),
    "bytes": LargeBinary(),
    "Decimal": ScaledDecimal(3),
    "dict[str, Any]": JSON(),
    "dt.date": Date(),
    "dt.datetime": UtcDateTime(),
    "float": Double(),
    "int": BigInteger().with_variant(Integer(), "sqlite"),
    "list[Any]": JSON(),
    "list[str]": JSON(),
    "str": String(),
    "UUID": Uuid(),
}


class _Plain(DeclarativeAttributeIntercept):
    """Gives each column the type and nullability of its annotation and takes the annotation away.

    SQLAlchemy would evaluate 640 annotation strings and take their types apart, half of what loading the records costs a start.
    """

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> Any:
        said = namespace.get("__annotations__", {})
        # In the order of the annotations: it is the order of the columns.
        columns = {
            key: _column(word[7:-1], namespace.pop(key, None))
            for key, word in said.items()
            if word.startswith("Mapped[")
        }
        rest = {key: word for key, word in said.items() if key not in columns}
        return super().__new__(cls, name, bases, namespace | columns | {"__annotations__": rest})


def _column(word: str, given: Any) -> Any:
    """The column that `Mapped[WORD]` declares; what is GIVEN on the right wins. Raises KeyError for a type that has no meaning."""
    bare = word.removesuffix(" | None")
    made = mapped_column() if given is None else given
    if not isinstance(made, MappedColumn):  # deferred(…) says all of it
        return made
    column = made.column
    if not made._has_nullable:  # noqa: SLF001  # nothing public says whether nullable=… was written
        column.nullable = bare != word
    # A foreign key takes the type of the column it names.
    if isinstance(column.type, NullType) and not column.foreign_keys:
        column.type = _TYPES[bare]
    return made


class Base(DeclarativeBase, metaclass=_Plain):
    """One metadata for client and server."""

    metadata = MetaData(naming_convention=NAMING)


class Record(Base):
    """A business row.

    `KIND` is the singular English noun that window, command line and sync use. A part row (a quote line) names its owner
    through `owner_ref()`, so that a change of the part counts as a change of the whole. `sync_seq` is the server's number of
    the row's truth that this database holds (0: the server has not sent the row yet); only sync writes it.
    """

    __abstract__ = True
    KIND: ClassVar[str] = ""

    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[dt.datetime]
    created_by: Mapped[UUID | None]
    updated_at: Mapped[dt.datetime]
    updated_by: Mapped[UUID | None]
    sync_seq: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0", sort_order=9999)

    def owner_ref(self) -> tuple[str, UUID] | None:
        """(kind, id) of the record that this row is a part of; None for a whole."""
        return None

    def search_entry(self) -> tuple[str, str, str] | None:
        """(title, subtitle, further text) for the full-text search; None keeps the row out of it."""
        return None
