"""What sync knows of a table: its columns and how two people's changes of one column meet."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from sqlalchemy import Column, Table

MergeClass = Literal["conflict", "set", "text", "immutable", "stamp", "last"]
# conflict: a field changed by two is a conflict. set: a list merged by members. text: merged by lines, else a conflict.
# immutable: set by the create only. stamp: kept by the server (version, updated_at …), never a conflict.
# last: taken as the author wants it, never a conflict; the product's judge says whether it may be, from what the server has now
# (a state of a document: a step that is no longer possible is refused with its reason, which says more than a conflict).

KEY = "id"
SEQ = "sync_seq"  # of the row's truth that this database holds; kinds without this column are append-only


@dataclass(frozen=True, eq=False)
class SyncKind:
    """One synced table. Its primary key is the column `id` (UUIDv7).

    Attributes:
        name: the kind's name on the wire, e.g. "quote_line".
        table: the typed table, the same on client and server.
        merge: merge class of each column that is not "conflict".
        groups: columns that are one value to a person (x, y, z): they conflict and win together.
        local: columns that never leave this database.
        append_only: rows are created and never set or deleted.
        fill: gives rows the values of their `local` columns, in place. Called with the connection and all rows (column → Python value)
            of one INSERT, in their order, right before it is executed; never for rows that are there already.
        mend: called with the connection once after rows of the kind have left this database (refused, scope lost), so that what is
            left is whole again (a hash chain).
    """

    name: str
    table: Table
    merge: Mapping[str, MergeClass] = field(default_factory=dict)
    groups: tuple[tuple[str, ...], ...] = ()
    local: frozenset[str] = frozenset()
    append_only: bool = False
    fill: Callable[[Any, list[dict[str, Any]]], None] | None = None
    mend: Callable[[Any], None] | None = None

    @cached_property
    def columns(self) -> dict[str, Column[Any]]:
        """The synced columns but the key, by name, in the table's order."""
        return {str(c.name): c for c in self.table.columns if c.name not in (KEY, SEQ) and c.name not in self.local}

    @cached_property
    def numbered(self) -> bool:
        """Whether the typed rows carry the seq of their truth."""
        return SEQ in self.table.columns

    @cached_property
    def group_of(self) -> dict[str, tuple[str, ...]]:
        """The group that a column belongs to; a column alone is its own group."""
        found: dict[str, tuple[str, ...]] = {name: (name,) for name in self.columns}
        for group in self.groups:
            found.update(dict.fromkeys(group, group))
        return found

    def merge_class(self, column: str) -> MergeClass:
        """How COLUMN merges; unknown columns (of a newer client) are "conflict"."""
        return self.merge.get(column, "conflict")


class Registry:
    """The kinds of one product, parents before children."""

    def __init__(self, kinds: Iterable[SyncKind], schema_version: int = 1) -> None:
        given = {kind.name: kind for kind in kinds}
        by_table = {kind.table: kind for kind in given.values()}
        metadata = next(iter(by_table)).metadata if by_table else None
        order = [by_table[t] for t in metadata.sorted_tables if t in by_table] if metadata is not None else []
        self.kinds: dict[str, SyncKind] = {kind.name: kind for kind in order}
        self.schema_version = schema_version
        self._rank = {name: n for n, name in enumerate(self.kinds)}

    def __getitem__(self, name: str) -> SyncKind:
        return self.kinds[name]

    def __contains__(self, name: object) -> bool:
        return name in self.kinds

    def __iter__(self) -> Iterator[SyncKind]:
        return iter(self.kinds.values())

    def rank(self, name: str) -> int:
        """Place in dependency order: creates go up, deletes go down."""
        return self._rank[name]

    def of_table(self, table: str) -> SyncKind | None:
        """The kind whose table is called TABLE."""
        return next((kind for kind in self.kinds.values() if kind.table.name == table), None)
