"""What needs a person: refused commits, conflicts, work on rows that were taken away. Nothing leaves the inbox by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sync.client.book import Book, Edit, chunks, commit_of, marks, pack, unpack
from sync.client.rows import typed
from sync.client.tables import OPEN, SETTLED
from sync.merge import ALL, applied
from sync.overlay import Truth, view
from sync.wire import Change, FieldConflict, Refusal


class InboxProblem(Exception):
    """An entry that cannot be settled this way. `code`: sync.row_gone, sync.entry_settled, sync.nothing_to_apply."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Entry:
    """One entry. Fields are wire values; times µs since 1970, authors 16 bytes or empty."""

    id: int
    commit: bytes
    kind: str
    row_kind: str
    row_id: bytes
    op: str
    title: str
    mine: dict[str, Any]
    theirs: dict[str, Any]
    base: dict[str, Any]
    mine_at: int
    mine_by: bytes
    theirs_at: int
    theirs_by: bytes
    theirs_seq: int
    theirs_gone: bool
    code: str
    params: dict[str, Any]
    state: str
    outcome: str
    at: int
    settled_at: int


_COLUMNS = (
    "id, commit_id, kind, row_kind, row_id, op, title, mine, theirs, base, mine_at, mine_by, theirs_at, theirs_by, theirs_seq,"
    " theirs_gone, code, params, state, outcome, at, settled_at"
)
_BLOBS = (7, 8, 9, 17)


def entries(book: Book, *, open_only: bool = True, limit: int = 1000, ids: Sequence[int] | None = None) -> list[Entry]:
    """The newest entries first, or those of IDS."""
    sql = f"SELECT {_COLUMNS} FROM sync_inbox"
    if ids is not None:
        found: list[Any] = []
        for part in chunks(list(ids)):
            found += book.connection.exec_driver_sql(f"{sql} WHERE id IN ({marks(part)}) ORDER BY id", tuple(part))
    else:
        where = f" WHERE state = '{OPEN}'" if open_only else ""
        found = list(book.connection.exec_driver_sql(f"{sql}{where} ORDER BY id DESC LIMIT ?", (limit,)))
    made = []
    for row in found:
        values = [unpack(value) if n in _BLOBS else value for n, value in enumerate(row)]
        values[15] = bool(values[15])
        made.append(Entry(*values))
    return made


def settle(book: Book, ids: Sequence[int], outcome: str, now_us: int) -> int:
    """Close entries with what a person decided: "theirs", "mine", "dropped", "asked". How many were open."""
    closed = 0
    for part in chunks(list(ids)):
        sql = (
            f"UPDATE sync_inbox SET state = '{SETTLED}', outcome = ?, settled_at = ?"
            f" WHERE state = '{OPEN}' AND id IN ({marks(part)})"
        )
        closed += book.connection.exec_driver_sql(sql, (outcome, now_us, *part)).rowcount
    return closed


def of_commit(book: Book, commit: bytes) -> list[int]:
    """Open entries of one commit."""
    sql = f"SELECT id FROM sync_inbox WHERE commit_id = ? AND state = '{OPEN}' ORDER BY id"
    return [row[0] for row in book.connection.exec_driver_sql(sql, (commit,))]


def edits_of(book: Book, found: Sequence[Entry], fields: Sequence[str] | None) -> list[Edit]:
    """Own changes of entries as the edits of a new commit whose author has seen theirs.

    Raises InboxProblem sync.entry_settled, sync.row_gone, sync.nothing_to_apply.
    """
    edits: dict[tuple[str, bytes], Edit] = {}
    for entry in found:
        if entry.state != OPEN:
            raise InboxProblem("sync.entry_settled")
        kind = book.registry[entry.row_kind]
        now = typed(kind, book.connection).read(book.connection, [entry.row_id]).get(entry.row_id)
        mine = {k: v for k, v in entry.mine.items() if fields is None or k in fields}
        seen = {ALL: entry.theirs_seq} if entry.kind == "conflict" else None
        if entry.op == "create" and now is None:
            edits[(entry.row_kind, entry.row_id)] = Edit(entry.row_kind, entry.row_id, "create", {}, dict(entry.mine))
            continue
        if now is None:
            raise InboxProblem("sync.row_gone")
        held, seq = now
        if entry.op == "delete":
            edits[(entry.row_kind, entry.row_id)] = Edit(entry.row_kind, entry.row_id, "delete", held, {}, seq, seen)
            continue
        new = {k: applied(kind.merge_class(k), held.get(k), v) for k, v in mine.items() if k in kind.columns}
        new = {k: v for k, v in new.items() if kind.merge_class(k) not in ("stamp", "immutable")}
        edit = edits.setdefault(
            (entry.row_kind, entry.row_id), Edit(entry.row_kind, entry.row_id, "set", {}, {}, seq, seen)
        )
        edit.old.update({k: held.get(k) for k in new})
        edit.new.update(new)
    made = [edit for edit in edits.values() if edit.op != "set" or edit.new]
    if not made:
        raise InboxProblem("sync.nothing_to_apply")
    return made


def before_of(book: Book, n: int, change: Change) -> dict[str, Any]:
    """What the author of an own change had on screen."""
    sql = "SELECT before FROM sync_pending WHERE n = ? AND kind = ? AND id = ?"
    found = book.connection.exec_driver_sql(sql, (n, change.kind, change.id)).scalar()
    return {} if found is None else unpack(found)


def refused(book: Book, n: int, kind: str, refusals: Sequence[Refusal], now_us: int) -> None:
    """A commit of the outbox that did not take effect: one entry a row, the payload with it."""
    user, at, payload = book.connection.exec_driver_sql(
        "SELECT user_id, at, payload FROM sync_outbox WHERE n = ?", (n,)
    ).one()
    commit = commit_of(payload)
    by_row = {(r.kind, r.id): r for r in reversed(refusals)}
    general = refusals[0] if refusals else Refusal("sync.revoked")
    for change in commit.changes:
        why = by_row.get((change.kind, change.id), general)
        params = {**why.params, "field": why.field} if why.field else why.params
        theirs = {}
        if kind == "rejected" and change.kind in book.registry:
            truth = book.truths(change.kind, [change.id]).get(change.id, Truth(0, {}, True))
            fields = view(book.registry[change.kind], truth, []) or {}
            theirs = {name: fields[name] for name in change.fields if name in fields}
        _add(
            book,
            commit.id,
            kind,
            change,
            (change.fields, theirs, before_of(book, n, change)),
            (at, user),
            (0, b"", 0, False),
            (why.code, params),
            now_us,
        )


def conflicted(book: Book, n: int, kind: str, conflict: FieldConflict, now_us: int) -> None:
    """Fields of an acknowledged commit that somebody else had changed before."""
    user, at, payload = book.connection.exec_driver_sql(
        "SELECT user_id, at, payload FROM sync_outbox WHERE n = ?", (n,)
    ).one()
    commit = commit_of(payload)
    change = Change(conflict.kind, conflict.id, conflict.op, conflict.mine)
    sent = next((c for c in commit.changes if (c.kind, c.id) == (conflict.kind, conflict.id)), None)
    mine = {name: (sent.fields.get(name, v) if sent else v) for name, v in conflict.mine.items()}
    held = conflict.base or before_of(book, n, change)
    base = {name: value for name, value in held.items() if name in conflict.mine or name in conflict.theirs}
    about = (conflict.at, conflict.author, conflict.seq, conflict.gone)
    theirs = conflict.theirs
    if not _here(book, conflict.kind, conflict.id):  # taken away while the answer was on its way
        theirs, base = {}, {}
    _add(book, commit.id, kind, change, (mine, theirs, base), (at, user), about, ("sync.conflict", {}), now_us)


def _here(book: Book, kind: str, row_id: bytes) -> bool:
    """Whether this laptop holds the row, be it under an own delete."""
    truth = book.truths(kind, [row_id]).get(row_id)
    if truth is not None and not truth.gone:
        return True
    return kind in book.registry and bool(
        typed(book.registry[kind], book.connection).present(book.connection, [row_id])
    )


def _add(
    book: Book,
    commit: bytes,
    kind: str,
    change: Change,
    values: tuple[dict[str, Any], dict[str, Any], dict[str, Any]],
    mine: tuple[int, bytes],
    theirs: tuple[int, bytes, int, bool],
    why: tuple[str, dict[str, Any]],
    now_us: int,
) -> None:
    columns = _COLUMNS.removeprefix("id, ")
    given = (
        commit,
        kind,
        change.kind,
        change.id,
        change.op,
        "",
        *(pack(dict(value)) for value in values),
        *mine,
        theirs[0],
        theirs[1],
        theirs[2],
        int(theirs[3]),
        why[0],
        pack(why[1]),
        OPEN,
        "",
        now_us,
        0,
    )
    book.connection.exec_driver_sql(f"INSERT INTO sync_inbox ({columns}) VALUES ({marks(given)})", given)


def redact(book: Book, kind: str, row_id: bytes) -> None:
    """A row that this person may not see any more leaves the inbox, too; his own work stays."""
    book.connection.exec_driver_sql(
        "UPDATE sync_inbox SET theirs = ?, base = ? WHERE row_kind = ? AND row_id = ?",
        (pack({}), pack({}), kind, row_id),
    )
