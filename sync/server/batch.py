"""What one transaction of the committer holds back: rows as they become, written out in batches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from sync.kinds import Registry, SyncKind
from sync.merge import RowState
from sync.server import storage, typed
from sync.server.ring import Ring
from sync.server.storage import Entity, Key


@dataclass(slots=True)
class Slot:
    """One row of the transaction.

    Attributes:
        entity: as the database holds it when the transaction begins; None for a new row.
        state: as it is now; None while there is none.
        python: its Python values, filled when somebody asks.
        scope: what the judge said of its scope, if it did.
        in_table: whether the typed table holds the row at this moment (written by this transaction or before).
        touched: whether the transaction changed it.
        born: whether there was a living row at any moment of the transaction.
    """

    entity: Entity | None
    state: RowState | None
    python: dict[str, Any] | None = None
    scope: str | None = None
    in_table: bool = False
    touched: bool = False
    born: bool = False
    rescope_seq: int = 0


@dataclass
class Batch:
    """The rows that one transaction reads and changes."""

    connection: Connection
    registry: Registry
    ring: Ring | None
    slots: dict[Key, Slot] = field(default_factory=dict)
    _touched: dict[Key, Slot] = field(default_factory=dict)
    _dirty: dict[Key, Slot] = field(default_factory=dict)  # the typed table is behind their `state`

    @property
    def lazy(self) -> bool:
        """Whether rows are written from wire values: Python values are made only when somebody asks for them."""
        return self.connection.dialect.name == "postgresql"

    def load(self, keys: Iterable[Key]) -> None:
        """Make slots for KEYS: from memory where the ring is up to date, else from the database, in one statement."""
        wanted = [key for key in dict.fromkeys(keys) if key not in self.slots]
        missing = []
        for key in wanted:
            known = self.ring.row(key) if self.ring is not None else None
            if known is not None:
                self._keep(key, known)
            else:
                missing.append(key)
        if missing:
            found = storage.load(self.connection, missing)
            for key in missing:
                self._keep(key, found.get(key))

    def _keep(self, key: Key, entity: Entity | None) -> None:
        state = entity.state if entity is not None else None
        self.slots[key] = Slot(entity, state, None, None, state is not None and not state.deleted)

    def slot(self, key: Key) -> Slot:
        """The slot of KEY, loaded when it is not here yet."""
        if key not in self.slots:
            self.load([key])
        return self.slots[key]

    def python(self, slot: Slot, kind: SyncKind) -> dict[str, Any] | None:
        """The Python values of the row as it is now; None where there is none."""
        if slot.state is None or slot.state.deleted:
            return None
        if slot.python is None:
            slot.python = typed.python_values(kind, slot.state.fields)
        return slot.python

    def put(self, key: Key, state: RowState, python: dict[str, Any] | None) -> None:
        """The row becomes STATE."""
        slot = self.slots[key]
        slot.state = state
        slot.python = python
        slot.touched = True
        slot.born |= not state.deleted
        self._dirty[key] = self._touched[key] = slot

    def flush(self) -> None:
        """Write the typed rows that are behind: parents first, what goes last."""
        self._write(deletes_first=False)

    def _write(self, deletes_first: bool) -> None:
        news: dict[str, list[typed.Row]] = {}
        olds: dict[str, list[typed.Row]] = {}
        gone: dict[str, list[UUID]] = {}
        dirty, self._dirty = self._dirty, {}
        for (name, key), slot in dirty.items():
            if slot.state is None:
                continue
            if slot.state.deleted:
                if slot.in_table:
                    gone.setdefault(name, []).append(UUID(bytes=key))
                slot.in_table = False
                continue
            row = (key, slot.state.seq, slot.state.fields, slot.python)
            (olds if slot.in_table else news).setdefault(name, []).append(row)
            slot.in_table = True
        if deletes_first:
            self._delete(gone)
        for name in sorted({*news, *olds}, key=self.registry.rank):
            kind = self.registry[name]
            if name in news:
                typed.insert(self.connection, kind, news[name])
            if name in olds:
                typed.update(self.connection, kind, olds[name])
        if not deletes_first:
            self._delete(gone)

    def flush_deletes_first(self) -> None:
        """The same where a row that goes makes room for one that comes."""
        self._write(deletes_first=True)

    def _delete(self, gone: Mapping[str, list[UUID]]) -> None:
        for name in sorted(gone, key=self.registry.rank, reverse=True):
            typed.delete(self.connection, self.registry[name], gone[name])

    def rescope(self, key: Key, seq: int) -> None:
        """The row's scope is to be found anew; SEQ: of the commit that asks, for a row that it does not change otherwise."""
        slot = self.slots[key]
        slot.scope = None
        slot.rescope_seq = seq
        self._touched[key] = slot

    def touched(self) -> Iterable[tuple[Key, Slot]]:
        """What the transaction changed, rows whose scope is asked anew included."""
        return self._touched.items()
