"""What a unit of work changed becomes one outbox commit in the very transaction that writes the rows.

`watch(session)` before the work, `finish(user)` after its last flush and before its commit. A statement that would change synced rows
past the session (bulk UPDATE, DELETE, INSERT) raises: nobody would ever hear of what it did.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, TextClause, event, inspect
from sqlalchemy.orm import ORMExecuteState, Session, UOWTransaction
from sqlalchemy.orm.base import NO_VALUE, PASSIVE_NO_INITIALIZE

from sync import codec
from sync.client.book import Book, Edit, Header, Key, ordered
from sync.client.rows import typed
from sync.hlc import HybridClock
from sync.ids import uuid7
from sync.kinds import KEY, SEQ, Registry, SyncKind
from sync.wire import MAX_COMMIT

_DML = re.compile(
    r"\s*(?:insert\s+(?:or\s+\w+\s+)?into|update|delete\s+from|replace\s+into)\s+[\"`\[]?(\w+)", re.IGNORECASE
)


class BypassedCapture(Exception):
    """A statement would have changed a synced table past the outbox. It is a programming error."""


def _now_us() -> int:
    return time.time_ns() // 1000


class Capture:
    """Watches sessions on one database. NOW_US: microseconds since 1970."""

    def __init__(
        self, registry: Registry, now_us: Callable[[], int] = _now_us, new_id: Callable[[], UUID] = uuid7
    ) -> None:
        self.registry = registry
        self.now_us = now_us
        self.new_id = new_id
        self.kinds = {kind.table.name: kind for kind in registry}
        self._clock: HybridClock | None = None

    def watch(self, session: Session) -> Watch:
        """Collect what SESSION flushes from now on."""
        return Watch(self, session)

    def header(self, book: Book, user: bytes) -> Header:
        """What a commit made now says besides its changes."""
        if self._clock is None:
            last = book.connection.exec_driver_sql(
                "SELECT max((SELECT coalesce(max(hlc), 0) FROM sync_outbox), (SELECT coalesce(max(hlc), 0) FROM sync_settled))"
            ).scalar_one()
            self._clock = HybridClock(lambda: self.now_us() // 1000, last)
        return Header(self.new_id().bytes, user, self._clock.tick(), self.registry.schema_version, self.now_us())


def connected(engine: Engine) -> bool:
    """Whether the workspace on ENGINE belongs to a server: only then is there anything to capture. A server's database is none."""
    if engine.dialect.name != "sqlite":
        return False
    with engine.connect() as connection:
        sql = "SELECT EXISTS(SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'sync_meta')"
        if not connection.exec_driver_sql(sql).scalar_one():
            return False
        sql = "SELECT EXISTS(SELECT 1 FROM sync_meta WHERE key = 'device')"
        return bool(connection.exec_driver_sql(sql).scalar_one())


class Watch:
    """One unit of work."""

    def __init__(self, capture: Capture, session: Session) -> None:
        self.capture = capture
        self.session = session
        self._edits: dict[Key, Edit] = {}
        event.listen(session, "before_flush", self._before_flush)
        event.listen(session, "after_flush", self._after_flush)
        event.listen(session, "do_orm_execute", self._refuse_bulk)
        event.listen(session, "after_rollback", self._forget)
        self._added: list[tuple[SyncKind, Any]] = []

    def close(self) -> None:
        """Stop watching."""
        event.remove(self.session, "before_flush", self._before_flush)
        event.remove(self.session, "after_flush", self._after_flush)
        event.remove(self.session, "do_orm_execute", self._refuse_bulk)
        event.remove(self.session, "after_rollback", self._forget)

    def finish(self, user: UUID) -> list[bytes]:
        """Put what was flushed into the outbox as one commit, which the server takes whole or not at all; its id.

        Only what is larger than a request may be (wire.MAX_COMMIT: an import of tens of thousands of rows) becomes several, wholes
        before parts: the server judges each of them alone.
        """
        edits = [edit for edit in ordered(self.capture.registry, self._edits.values()) if not _nothing(edit)]
        self._edits.clear()
        if not edits:
            return []
        book = Book(self.session.connection(), self.capture.registry)
        self._read_new(book, edits)
        made = []
        for start in range(0, len(edits), MAX_COMMIT):
            header = self.capture.header(book, user.bytes)
            book.record(header, edits[start : start + MAX_COMMIT])
            made.append(header.id)
        return made

    def _read_new(self, book: Book, edits: Iterable[Edit]) -> None:
        """The new values as the database holds them, defaults included."""
        by_kind: dict[str, list[Edit]] = {}
        for edit in edits:
            if edit.op != "delete":
                by_kind.setdefault(edit.kind, []).append(edit)
        for name, group in by_kind.items():
            kind = self.capture.registry[name]
            rows = typed(kind, book.connection).read(book.connection, [edit.id for edit in group])
            for edit in group:
                values = rows[edit.id][0]
                if edit.op == "create":
                    edit.new = values
                    continue
                changed = {name for name in edit.old if values[name] != edit.old[name]}
                wanted = {member for name in changed for member in kind.group_of[name]}
                for member in kind.columns:
                    if member in wanted:
                        edit.new[member] = values[member]
                        edit.old.setdefault(member, values[member])

    # --- events --------------------------------------------------------------------------------------------------------------

    def _kind(self, record: Any) -> SyncKind | None:
        return self.capture.kinds.get(inspect(record).mapper.local_table.name)

    def _before_flush(self, session: Session, _context: UOWTransaction, _instances: Any) -> None:
        for record in session.new:
            kind = self._kind(record)
            if kind is not None:
                self._added.append((kind, record))
        for record in session.dirty:
            kind = self._kind(record)
            if kind is not None and session.is_modified(record):
                self._changed(kind, record)
        for record in session.deleted:
            kind = self._kind(record)
            if kind is not None:
                self._deleted(kind, record)

    def _after_flush(self, _session: Session, _context: UOWTransaction) -> None:
        # An id may come from a column default: it is known only now.
        for kind, record in self._added:
            key = (kind.name, getattr(record, KEY).bytes)
            gone = self._edits.get(key)
            if gone is not None and gone.op == "delete":
                self._edits[key] = Edit(kind.name, key[1], "set", gone.old, {}, gone.seq)
            else:
                self._edits[key] = Edit(kind.name, key[1], "create")
        self._added.clear()

    def _changed(self, kind: SyncKind, record: Any) -> None:
        state = inspect(record)
        key = (kind.name, getattr(record, KEY).bytes)
        edit = self._edits.get(key)
        if edit is not None and edit.op == "create":
            return
        old: dict[str, Any] = {}
        unknown = []
        for attribute in state.mapper.column_attrs:
            name = attribute.columns[0].name
            if name not in kind.columns:
                continue
            history = state.attrs[attribute.key].load_history() if attribute.key not in state.dict else None
            history = history or state.get_history(attribute.key, PASSIVE_NO_INITIALIZE)
            if not (history.added or history.deleted):
                continue
            if history.deleted and history.deleted[0] is not NO_VALUE:
                old[name] = history.deleted[0]
            else:
                unknown.append(name)
        seq = state.dict.get(SEQ)
        before = codec.to_wire(kind, old)
        if unknown or seq is None:
            connection = self.session.connection()
            values, found = typed(kind, connection).read(connection, [key[1]])[key[1]]
            before.update({name: values[name] for name in unknown})
            seq = found if seq is None else seq
        if edit is None:
            edit = self._edits[key] = Edit(kind.name, key[1], "set", {}, {}, seq)
        edit.old = {**before, **edit.old}

    def _deleted(self, kind: SyncKind, record: Any) -> None:
        key = (kind.name, getattr(record, KEY).bytes)
        edit = self._edits.pop(key, None)
        if edit is not None and edit.op == "create":
            return
        connection = self.session.connection()
        found = typed(kind, connection).read(connection, [key[1]]).get(key[1])
        if found is None:
            return
        values, seq = found
        loaded = inspect(record).dict.get(SEQ)
        if edit is not None:
            values, seq = {**values, **edit.old}, edit.seq
        elif loaded is not None:
            seq = min(seq, loaded)
        self._edits[key] = Edit(kind.name, key[1], "delete", values, {}, seq)

    def _forget(self, _session: Session) -> None:
        self._edits.clear()
        self._added.clear()

    def _refuse_bulk(self, state: ORMExecuteState) -> None:
        statement: Any = state.statement
        name = None
        if isinstance(statement, TextClause):
            found = _DML.match(statement.text)
            name = found and found.group(1)
        elif state.is_update or state.is_delete or state.is_insert:
            name = statement.table.name
        if name in self.capture.kinds:
            raise BypassedCapture(str(name))


def _nothing(edit: Edit) -> bool:
    """A row that came and went within one unit of work leaves no edit; this one was made and is as it was."""
    return edit.op == "set" and not edit.old
