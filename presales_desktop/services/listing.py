"""Lists of any length: filters, search, sorting and pages in SQL; the window's tables and `presales list` use the same."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Subquery, and_, func, or_, select, text

from presales_desktop.models.errors import InputError
from presales_desktop.services.work import Work
from presales_desktop.store import search

T = TypeVar("T")


@dataclass(frozen=True)
class ListQuery:
    """What a list is asked for. `sort`: field name, "-name" for descending; `after`: id of the last row of the page before
    (keyset); `offset`: start row of a window (tables that jump). Filters: (field, value as text) pairs, all must hold."""

    search: str = ""
    filters: tuple[tuple[str, str], ...] = ()
    sort: str = ""
    limit: int = 100
    offset: int = 0
    after: UUID | None = None

    def filter(self, name: str) -> str | None:
        """The value of a filter, if set."""
        return next((v for k, v in self.filters if k == name), None)


@dataclass(frozen=True)
class Page(Generic[T]):
    """Rows `offset` … of `total`."""

    rows: tuple[T, ...]
    total: int
    offset: int = 0


@dataclass(frozen=True)
class Listing(Generic[T]):
    """How a kind is listed.

    Attributes:
        statement: Select whose rows `make` turns into frozen rows; it must not order or limit.
        id_column: the record's id in it.
        sortable: field → column; the first is the default, newest first when its name starts with "-" in `default_sort`.
        filters: field → function(value text) → condition.
        search_kind: kind in the full-text index, or "" for none.
        contrary: filter → its contrary, where `statement` is of one table and has no condition of its own. All rows are
            counted without reading them, so that counting the few archived takes a tenth of counting all others.
    """

    statement: Select[Any]
    id_column: ColumnElement[UUID]
    sortable: Mapping[str, ColumnElement[Any]]
    filters: Mapping[str, Callable[[str], ColumnElement[bool]]]
    make: Callable[[Any], T]
    default_sort: str
    search_kind: str = ""
    contrary: Mapping[str, Callable[[str], ColumnElement[bool]]] = field(default_factory=dict)

    def page(self, work: Work, query: ListQuery) -> Page[T]:
        """Rows and total. Raises InputError list.unknown_field for a filter or sort that does not exist."""
        statement = self.statement
        for name, value in query.filters:
            statement = statement.where(self._known(self.filters, name)(value))
        name = query.sort or self.default_sort
        column = self._known(self.sortable, name.removeprefix("-"))
        down = name.startswith("-")
        order = (column.desc(), self.id_column.desc()) if down else (column, self.id_column)
        if query.search.strip():
            if query.after is None:
                return self._found(work, statement, query, column, down)
            statement = self._searched(statement, query.search)
        total = self._total(work, statement, query)
        if query.after is not None:
            statement = statement.where(self._beyond(work, column, down, query.after))
        rows = work.session.execute(statement.order_by(*order).offset(query.offset or None).limit(query.limit)).all()
        return Page(tuple(self.make(row) for row in rows), total, query.offset)

    def _total(self, work: Work, statement: Select[Any], query: ListQuery) -> int:
        if query.search.strip() or len(query.filters) != 1 or query.filters[0][0] not in self.contrary:
            return self._count(work, statement)
        name, value = query.filters[0]
        whole = self.statement.with_only_columns(func.count(), maintain_column_froms=True)
        others = whole.where(self.contrary[name](value))
        return work.session.execute(whole).scalar_one() - work.session.execute(others).scalar_one()

    def _count(self, work: Work, statement: Select[Any]) -> int:
        ids = statement.with_only_columns(self.id_column).order_by(None).subquery()
        return work.session.execute(select(func.count()).select_from(ids)).scalar_one()

    def _found(
        self, work: Work, statement: Select[Any], query: ListQuery, column: ColumnElement[Any], down: bool
    ) -> Page[T]:
        """A page of search hits: one pass over them gives ids and total, then only the page's rows are made.

        Hits have to be sorted anyway, and what a row computes (names, counts) would else be computed for every hit. They are
        joined and kept as pairs of id and key: a list for IN, or a window for the count, each takes half as long again.
        """
        hits = self._hits(query.search)
        joined = statement.with_only_columns(
            self.id_column.label("id"), column.label("key"), maintain_column_froms=True
        )
        matched = joined.where(self.id_column == hits.c.record_id).order_by(None).cte("matched")
        matched = matched.prefix_with("MATERIALIZED")
        key, one = matched.c.key, matched.c.id
        total = select(func.count()).select_from(matched).scalar_subquery()
        ids = work.session.execute(
            select(one, total)
            .order_by(*((key.desc(), one.desc()) if down else (key, one)))
            .offset(query.offset or None)
            .limit(query.limit)
        ).all()
        if not ids:
            none = self._count(work, self._searched(statement, query.search)) if query.offset else 0
            return Page((), none, query.offset)
        order = (column.desc(), self.id_column.desc()) if down else (column, self.id_column)
        page = self.statement.where(self.id_column.in_([row[0] for row in ids])).order_by(*order)
        return Page(tuple(self.make(row) for row in work.session.execute(page)), ids[0][1], query.offset)

    def _known(self, table: Mapping[str, Any], name: str) -> Any:
        if name not in table:
            raise InputError("list.unknown_field", field=name, known="、".join(table))
        return table[name]

    def _beyond(self, work: Work, column: ColumnElement[Any], down: bool, after: UUID) -> ColumnElement[bool]:
        anchor = work.session.execute(select(column).where(self.id_column == after)).scalar()
        if down:
            return or_(column < anchor, and_(column == anchor, self.id_column < after))
        return or_(column > anchor, and_(column == anchor, self.id_column > after))

    def _hits(self, query: str) -> Subquery:
        condition, values = search.condition(self.search_kind, query)
        return text(condition).bindparams(**values).columns(record_id=self.id_column.type).subquery("hits")

    def _searched(self, statement: Select[Any], query: str) -> Select[Any]:
        return statement.where(self.id_column.in_(select(self._hits(query).c.record_id)))
