"""Reading and writing of the client's own tables on one connection; the caller owns the transaction.

`Book.record` is the one way in which an own commit comes into being: outbox, pending changes and the truth that they mask.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
from sqlalchemy import Connection

from sync import overlay
from sync.client.raw import run, scalar
from sync.client.rows import CHUNK, typed
from sync.client.tables import WAITING
from sync.kinds import KEY, Registry, SyncKind
from sync.merge import ALL, set_change, text_change
from sync.overlay import Epoch, Own, Truth
from sync.wire import Change, Commit, Op

Key = tuple[str, bytes]

_encode = msgspec.msgpack.Encoder().encode
_decode_any = msgspec.msgpack.Decoder().decode
_decode_change = msgspec.msgpack.Decoder(Change).decode
_decode_commit = msgspec.msgpack.Decoder(Commit).decode


def pack(given: Any) -> bytes:
    """A value of wire types as bytes."""
    return _encode(given)


def unpack(data: bytes) -> Any:
    """The value in bytes that `pack` made."""
    return _decode_any(data)


def commit_of(payload: bytes) -> Commit:
    """The commit in an outbox or settled payload."""
    return _decode_commit(payload)


def change_of(payload: bytes) -> Change:
    """The change in a pending row."""
    return _decode_change(payload)


@dataclass
class Edit:
    """What one unit of work did to one row. `old`: what the author had on screen of the columns he changed (a delete: of all);
    `new`: what he made of them (a create: all); `seq`: of the truth that he had on screen."""

    kind: str
    id: bytes
    op: Op
    old: dict[str, Any] = field(default_factory=dict)
    new: dict[str, Any] = field(default_factory=dict)
    seq: int = 0
    bases: dict[str, int] | None = None  # given by the inbox: what he had on screen there


@dataclass(frozen=True)
class Header:
    """What a commit says besides its changes."""

    id: bytes
    user: bytes
    hlc: int
    schema: int
    at: int


class Book:
    """The client's tables on CONNECTION."""

    def __init__(self, connection: Connection, registry: Registry) -> None:
        self.connection = connection
        self.registry = registry

    # --- facts ---------------------------------------------------------------------------------------------------------------

    def get(self, key: str, default: Any = None) -> Any:
        """A fact of sync_meta."""
        found = scalar(self.connection, "SELECT value FROM sync_meta WHERE key = ?", (key,))
        return default if found is None else unpack(found)

    def facts(self) -> dict[str, Any]:
        """All facts of sync_meta."""
        return {key: unpack(v) for key, v in run(self.connection, "SELECT key, value FROM sync_meta")}

    def put(self, **facts: Any) -> None:
        """Set facts; None removes one."""
        for key, fact in facts.items():
            if fact is None:
                run(self.connection, "DELETE FROM sync_meta WHERE key = ?", (key,))
            else:
                run(
                    self.connection,
                    "INSERT INTO sync_meta (key, value) VALUES (?, ?)"
                    " ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                    (key, pack(fact)),
                )

    def epoch(self) -> Epoch:
        """The server's epoch as far as it is known here."""
        sql = "SELECT key, value FROM sync_meta WHERE key IN ('epoch_number', 'epoch_start')"
        found = {key: unpack(packed) for key, packed in run(self.connection, sql)}
        return Epoch(found.get("epoch_number", 0), found.get("epoch_start", 0))

    # --- own unsettled changes -----------------------------------------------------------------------------------------------

    def masked(self, kind: str, ids: Sequence[bytes]) -> set[bytes]:
        """Those of IDS whose truth own changes mask."""
        if not scalar(self.connection, "SELECT EXISTS(SELECT 1 FROM sync_base)"):
            return set()
        found: set[bytes] = set()
        for part in chunks(ids):
            sql = f"SELECT id FROM sync_base WHERE kind = ? AND id IN ({marks(part)})"
            found.update(row[0] for row in run(self.connection, sql, (kind, *part)))
        return found

    def own(self, kind: str, ids: Sequence[bytes]) -> dict[bytes, list[Own]]:
        """Own changes of rows that no pull covers yet, in the order they were made."""
        found: dict[bytes, list[Own]] = {}
        for part in chunks(ids):
            sql = (
                "SELECT id, n, commit_id, epoch, change FROM sync_pending"
                f" WHERE kind = ? AND id IN ({marks(part)}) ORDER BY n"
            )
            for row_id, n, commit, epoch, change in run(self.connection, sql, (kind, *part)):
                found.setdefault(row_id, []).append(Own(n, commit, epoch, change_of(change)))
        return found

    def truths(self, kind: str, ids: Sequence[bytes]) -> dict[bytes, Truth]:
        """The truth under own changes, of those rows that have any."""
        found: dict[bytes, Truth] = {}
        for part in chunks(ids):
            sql = f"SELECT id, seq, body, gone FROM sync_base WHERE kind = ? AND id IN ({marks(part)})"
            for row_id, seq, body, gone in run(self.connection, sql, (kind, *part)):
                found[row_id] = Truth(seq, unpack(body), bool(gone))
        return found

    def put_truths(self, kind: str, truths: Mapping[bytes, Truth]) -> None:
        """Set the truth under own changes."""
        rows = [(kind, row_id, t.seq, pack(dict(t.fields)), int(t.gone)) for row_id, t in truths.items()]
        if rows:
            run(
                self.connection,
                "INSERT INTO sync_base (kind, id, seq, body, gone) VALUES (?, ?, ?, ?, ?) ON CONFLICT (kind, id)"
                " DO UPDATE SET seq = excluded.seq, body = excluded.body, gone = excluded.gone",
                rows,
            )

    def drop_truths(self, kind: str, ids: Iterable[bytes]) -> None:
        """Forget the truth of rows that nothing masks any more."""
        rows = [(kind, row_id) for row_id in ids]
        if rows:
            run(self.connection, "DELETE FROM sync_base WHERE kind = ? AND id = ?", rows)

    def drop_pending(self, numbers: Sequence[int]) -> set[Key]:
        """Take the changes of own commits out of the view; answers the rows they touched."""
        touched: set[Key] = set()
        for part in chunks(numbers):
            sql = f"DELETE FROM sync_pending WHERE n IN ({marks(part)}) RETURNING kind, id"
            touched.update((kind, row_id) for kind, row_id in run(self.connection, sql, tuple(part)))
        return touched

    # --- an own commit comes into being --------------------------------------------------------------------------------------

    def record(self, header: Header, edits: Sequence[Edit]) -> int:
        """Put one commit into the outbox; the typed rows hold the result already. Answers its n.

        Raises KeyError for a kind that the registry does not know.
        """
        epoch = self.epoch()
        by_kind: dict[str, list[Edit]] = {}
        for edit in edits:
            by_kind.setdefault(edit.kind, []).append(edit)
        own: dict[Key, list[Own]] = {}
        truths: dict[str, dict[bytes, Truth]] = {}
        for kind, group in by_kind.items():
            ids = [edit.id for edit in group]
            own.update({(kind, row_id): found for row_id, found in self.own(kind, ids).items()})
            truths[kind] = self._first_truths(self.registry[kind], group)
        changes = [self._change(edit, own.get((edit.kind, edit.id), []), epoch) for edit in edits]
        commit = Commit(header.id, header.hlc, header.schema, epoch.number, changes)
        payload = pack(commit)
        result = run(
            self.connection,
            "INSERT INTO sync_outbox (commit_id, user_id, hlc, schema, epoch, payload, changes, size, state, at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                header.id,
                header.user,
                header.hlc,
                header.schema,
                epoch.number,
                payload,
                len(changes),
                len(payload),
                WAITING,
                header.at,
            ),
        )
        n = int(result.lastrowid)
        self.add_pending(n, commit, {(edit.kind, edit.id): edit.old for edit in edits})
        for kind, found in truths.items():
            self.put_truths(kind, found)
        return n

    def add_pending(self, n: int, commit: Commit, before: Mapping[Key, Mapping[str, Any]]) -> None:
        """Let the changes of a commit mask the truth."""
        rows = [
            (c.kind, c.id, n, commit.id, commit.epoch, pack(c), pack(dict(before.get((c.kind, c.id), {}))))
            for c in commit.changes
        ]
        run(
            self.connection,
            "INSERT OR IGNORE INTO sync_pending (kind, id, n, commit_id, epoch, change, before)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            rows,
        )

    def _first_truths(self, kind: SyncKind, edits: Sequence[Edit]) -> dict[bytes, Truth]:
        """The truth of rows that were not masked before these edits."""
        known = self.masked(kind.name, [edit.id for edit in edits])
        made: dict[bytes, Truth] = {}
        changed = []
        for edit in edits:
            if edit.id in known:
                continue
            if edit.op == "create":
                made[edit.id] = Truth(0, {}, True)
            elif edit.op == "delete":
                made[edit.id] = Truth(edit.seq, edit.old)
            else:
                changed.append(edit)
        if changed:
            now = typed(kind, self.connection).read(self.connection, [edit.id for edit in changed])
            for edit in changed:
                fields, seq = now[edit.id]
                made[edit.id] = Truth(seq, {**fields, **edit.old})
        made.update(self._set_aside(kind.name, [row_id for row_id, truth in made.items() if not truth.gone]))
        return made

    def _set_aside(self, kind: str, ids: Sequence[bytes]) -> dict[bytes, Truth]:
        """What the server said of rows that could not be taken yet (quarantine): that is the truth under an own change from now on."""
        found: dict[bytes, Truth] = {}
        if not scalar(self.connection, "SELECT EXISTS(SELECT 1 FROM sync_quarantine)"):
            return found
        for part in chunks(ids):
            sql = f"DELETE FROM sync_quarantine WHERE kind = ? AND id IN ({marks(part)}) RETURNING id, seq, raw"
            for row_id, seq, raw in list(run(self.connection, sql, (kind, *part))):
                found[row_id] = Truth(seq, unpack(raw))
        return found

    def _change(self, edit: Edit, own: Sequence[Own], epoch: Epoch) -> Change:
        kind = self.registry[edit.kind]
        if edit.op == "create":
            return Change(edit.kind, edit.id, "create", edit.new, had=False)
        if edit.op == "delete":
            given = edit.bases if edit.bases is not None else overlay.delete_bases(edit.seq, own, epoch)
            return Change(edit.kind, edit.id, "delete", {}, given, overlay.own_commits(None, own))
        fields = {
            name: wire_change(kind, name, edit.old.get(name), new)
            for name, new in edit.new.items()
            if kind.merge_class(name) != "stamp"
        }
        found = overlay.bases(fields, edit.seq, own, epoch)
        if edit.bases is not None:
            found = {name: edit.bases.get(name, edit.bases.get(ALL, found[name])) for name in fields}
        return Change(edit.kind, edit.id, "set", fields, found, overlay.own_commits(fields or None, own))


def wire_change(kind: SyncKind, name: str, old: Any, new: Any) -> Any:
    """A new value of a column as a `set` carries it: lists and texts say what they were made from."""
    how = kind.merge_class(name)
    if how == "set" and isinstance(new, list):
        return set_change(old, new)
    if how == "text" and isinstance(new, str):
        return text_change(old, new)
    return new


def ordered(registry: Registry, edits: Iterable[Edit]) -> list[Edit]:
    """Parents before their parts, deletes last and the other way round."""
    made = list(edits)
    up = sorted((e for e in made if e.op != "delete"), key=lambda e: registry.rank(e.kind))
    down = sorted((e for e in made if e.op == "delete"), key=lambda e: -registry.rank(e.kind))
    return up + down


def chunks(values: Sequence[Any]) -> Iterable[Sequence[Any]]:
    """Parts that fit into one IN list."""
    return (values[start : start + CHUNK] for start in range(0, len(values), CHUNK))


def marks(values: Sequence[Any]) -> str:
    """Question marks for an IN list."""
    return ",".join("?" * len(values))


__all__ = [
    "KEY",
    "Book",
    "Edit",
    "Header",
    "Key",
    "chunks",
    "commit_of",
    "marks",
    "ordered",
    "pack",
    "unpack",
    "wire_change",
]
