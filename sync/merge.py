"""Pure: one change meets one row. What becomes of the row, which fields are in conflict, what is refused (docs/sync.md, rules 1 and 5).

A field is known to an author when the commit that last wrote it lies at or below the base of that field, or is one of his own.
Unknown and different is a conflict; unknown and equal is none.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sync.kinds import MergeClass, SyncKind
from sync.wire import Change, FieldConflict, Op, Refusal

ALL = "*"
JOINED = b""
NO_CAP = 1 << 62
_MAX_LINES = 5_000
_GONE = object()

Stamp = tuple[int, bytes]  # seq and id of a commit


@dataclass(slots=True)
class RowState:
    """One row as the server has it.

    Attributes:
        fields: wire values; empty when deleted.
        fv: field → who wrote it last; "*" stands for every field not named (the commit that made, or deleted, the row). A value that
            was joined of two authors' (lines, members) has JOINED in place of a commit: on neither one's screen it stood as it is.
        seq: the newest commit that touched the row.
        deleted: whether it is a tombstone.
    """

    fields: dict[str, Any]
    fv: dict[str, Stamp]
    seq: int
    deleted: bool = False

    def stamp(self, name: str) -> Stamp:
        """Who wrote field NAME last."""
        return self.fv.get(name) or self.fv[ALL]

    @property
    def born(self) -> int:
        """Seq of the commit that made the row (or deleted it)."""
        return self.fv[ALL][0]

    def changed_since(self, seq: int) -> dict[str, Any]:
        """The fields written after SEQ."""
        if self.born > seq:
            return self.fields
        return {name: self.fields[name] for name, stamp in self.fv.items() if stamp[0] > seq and name in self.fields}


@dataclass(slots=True)
class Merged:
    """What a change comes to. `op` is what really happens to the row, None for nothing; `after` is a new state (None: no row)."""

    after: RowState | None
    op: Op | None = None
    changed: frozenset[str] = frozenset()
    conflicts: list[FieldConflict] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)


def cap_of(epoch: int, starts: Mapping[int, int]) -> int:
    """The highest base that an author in EPOCH can truly have seen: numbers of a lost epoch say nothing past the restore.

    STARTS: epoch number → the seq at which it began.
    """
    if epoch not in starts:  # of an epoch that was lost as a whole: where its history left this one is not known
        return 0
    return min((start for number, start in starts.items() if number > epoch), default=NO_CAP)


def merge(kind: SyncKind, row: RowState | None, change: Change, seq: int, commit: bytes, cap: int = NO_CAP) -> Merged:
    """CHANGE of the commit numbered SEQ meets ROW. ROW is left as it is."""
    if row is None and change.op == "create":
        return _made(kind, change, seq, commit)
    know = _Knowledge(change, commit, cap)
    if change.op == "create":
        return _create(kind, row, change, know, seq, commit)
    if kind.append_only:
        return Merged(row, refusals=[Refusal("sync.append_only", change.kind, change.id)])
    if change.op == "delete":
        return _delete(kind, row, change, know, seq, commit)
    if row is None or row.deleted:
        if change.had or (row is not None and not know.stamp(row.fv[ALL], ALL)):
            return Merged(row, conflicts=[_gone(row, change)])
        return _create(kind, None, change, know, seq, commit)
    return _set(kind, row, change, know, seq, commit)


class _Knowledge:
    """What the author of a change had on screen."""

    __slots__ = ("_bases", "_cap", "_floor", "_own")

    def __init__(self, change: Change, commit: bytes, cap: int) -> None:
        self._bases = change.bases
        self._own = {commit, *change.own}
        self._cap = cap
        self._floor = change.bases.get(ALL, 0)

    def has_seen(self) -> bool:
        """Whether he had the row from the server."""
        return self._floor > 0

    def stamp(self, stamp: Stamp, name: str) -> bool:
        """Whether he knew what STAMP wrote into field NAME."""
        return stamp[0] <= min(self._bases.get(name, self._floor), self._cap) or stamp[1] in self._own

    def group(self, row: RowState, group: Iterable[str]) -> bool:
        """Whether he knew all fields of a group. A member that he did not write has the oldest base of those he wrote."""
        given = [self._bases[name] for name in group if name in self._bases]
        base = min([*given, self._cap]) if given else min(self._floor, self._cap)
        for name in group:
            if name not in row.fields:
                continue
            at, by = row.stamp(name)
            if at > min(self._bases.get(name, base), self._cap) and by not in self._own:
                return False
        return True


def _create(kind: SyncKind, row: RowState | None, change: Change, know: _Knowledge, seq: int, commit: bytes) -> Merged:
    if row is not None and not row.deleted:
        theirs = {name: value for name, value in row.fields.items() if change.fields.get(name, _GONE) != value}
        if not any(row.fields.get(name, _GONE) != value for name, value in change.fields.items()):
            return Merged(row)
        return Merged(row, conflicts=[_conflict(change, change.fields, theirs, row.seq)])
    if row is not None and not know.stamp(row.fv[ALL], ALL):
        return Merged(row, conflicts=[_gone(row, change)])
    return _made(kind, change, seq, commit)


def _made(kind: SyncKind, change: Change, seq: int, commit: bytes) -> Merged:
    fields = dict(change.fields)
    if dict in map(type, fields.values()):
        for name, value in change.fields.items():
            if type(value) is dict:
                fields[name] = applied(kind.merge_class(name), None, value)
    after = RowState(fields, {ALL: (seq, commit)}, seq)
    return Merged(after, "create", frozenset(fields))


def _delete(kind: SyncKind, row: RowState | None, change: Change, know: _Knowledge, seq: int, commit: bytes) -> Merged:
    if row is None and know.has_seen():
        # The server was put back to before the row: whoever made it offers it again, and must hear that it was deleted since.
        return Merged(RowState({}, {ALL: (seq, commit)}, seq, True), "delete")
    if row is None or row.deleted:
        return Merged(row)  # both wanted it gone
    unknown = {
        name: value
        for name, value in row.fields.items()
        if kind.merge_class(name) != "stamp" and not know.stamp(row.stamp(name), name)
    }
    if unknown:
        newest = max(row.stamp(name)[0] for name in unknown)
        return Merged(row, conflicts=[_conflict(change, {}, unknown, newest)])
    return Merged(RowState({}, {ALL: (seq, commit)}, seq, True), "delete", frozenset(row.fields))


def _set(kind: SyncKind, row: RowState, change: Change, know: _Knowledge, seq: int, commit: bytes) -> Merged:
    merged = Merged(row)
    values: dict[str, Any] = {}
    done: set[str] = set()
    joined: set[str] = set()
    for name, value in change.fields.items():
        how = kind.merge_class(name)
        if how == "stamp" or name in done:
            continue
        if how == "immutable":
            if row.fields.get(name, _GONE) != value:
                merged.refusals.append(Refusal("sync.immutable", change.kind, change.id, name))
        elif how == "last":
            values[name] = value
        elif how in ("set", "text"):
            if _set_one(how, name, value, row, change, know, values, merged):
                joined.add(name)
        else:
            group = kind.group_of.get(name) or (name,)
            if len(group) > 1:
                done.update(group)
            elif row.fields.get(name, _GONE) == value:
                continue
            _set_group(group, row, change, know, values, merged)
    changed = {name: value for name, value in values.items() if row.fields.get(name, _GONE) != value}
    if changed and not merged.refusals:
        stamps = {**row.fv, **{name: (seq, JOINED if name in joined else commit) for name in changed}}
        merged.after = RowState({**row.fields, **changed}, stamps, seq)
        merged.op = "set"
        merged.changed = frozenset(changed)
    return merged


def _set_group(
    group: tuple[str, ...], row: RowState, change: Change, know: _Knowledge, values: dict[str, Any], merged: Merged
) -> None:
    mine = {name: change.fields[name] for name in group if name in change.fields}
    if all(row.fields.get(name, _GONE) == value for name, value in mine.items()):
        return
    if know.group(row, group):
        values.update(mine)
        return
    theirs = {name: row.fields[name] for name in group if name in row.fields}
    newest = max(row.stamp(name)[0] for name in theirs)
    merged.conflicts.append(_conflict(change, mine, theirs, newest))


def _set_one(
    how: MergeClass,
    name: str,
    value: Any,
    row: RowState,
    change: Change,
    know: _Knowledge,
    values: dict[str, Any],
    merged: Merged,
) -> bool:
    """Write, join or refuse one set or text; whether it was joined with what the author did not know."""
    current = row.fields.get(name)
    if name not in row.fields or know.stamp(row.stamp(name), name):
        values[name] = applied(how, current, value)
        return False
    found = merged_value(how, current, value)
    if found is not _GONE:
        values[name] = found
        return True
    mine = {name: applied(how, current, value)}
    merged.conflicts.append(_conflict(change, mine, {name: current}, row.stamp(name)[0]))
    return False


# --- values that say what they were made from ----------------------------------------------------------------------------------


def set_change(old: Iterable[Any] | None, new: Iterable[Any] | None) -> dict[str, list[Any]]:
    """A new list as the members that came and went: the wire value of a "set" column in a `set`."""
    before, after = list(old or ()), list(new or ())
    return {"+": [m for m in after if m not in before], "-": [m for m in before if m not in after]}


def text_change(old: str | None, new: str | None) -> dict[str, str]:
    """A new text with the one it was made from: the wire value of a "text" column in a `set`."""
    return {"from": old or "", "to": new or ""}


def applied(how: MergeClass, current: Any, value: Any) -> Any:
    """What CURRENT becomes under the wire VALUE of a change whose author knew CURRENT (or whose change goes on top of it)."""
    if not isinstance(value, dict):
        return value
    if how == "text" and value.keys() == {"from", "to"}:
        joined = merged_lines(value["from"], current or "", value["to"])
        return value["to"] if joined is None else joined
    if how == "set" and value.keys() == {"+", "-"}:
        kept = [m for m in current or () if m not in value["-"]]
        return kept + [m for m in value["+"] if m not in kept]
    return value


def merged_value(how: MergeClass, current: Any, value: Any) -> Any:
    """The same for a CURRENT that the author did not know; a private mark when the two cannot be joined."""
    if value == current:
        return current
    if isinstance(value, dict):
        if how == "set" and value.keys() == {"+", "-"}:
            return applied(how, current, value)
        if how == "text" and value.keys() == {"from", "to"}:
            joined = merged_lines(value["from"], current or "", value["to"])
            return _GONE if joined is None else joined
    return _GONE


def merged_lines(base: str, theirs: str, mine: str) -> str | None:
    """Two texts made from BASE as one, by lines; None where both changed the same place."""
    if theirs in (base, mine):
        return mine
    if mine == base:
        return theirs
    old = base.splitlines(keepends=True)
    if max(len(old), theirs.count("\n"), mine.count("\n")) > _MAX_LINES:
        return None
    hunks = sorted({*_hunks(old, theirs), *_hunks(old, mine)})
    out: list[str] = []
    at = 0
    last = (-1, -1)
    for begin, end, lines in hunks:
        if begin < at or (begin, begin) == last or (begin == end == at and last != (-1, -1) and last[1] == begin):
            return None
        out += old[at:begin]
        out += lines
        at, last = end, (begin, end)
    return "".join([*out, *old[at:]])


def _hunks(old: list[str], text: str) -> list[tuple[int, int, tuple[str, ...]]]:
    new = text.splitlines(keepends=True)
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    return [(i, j, tuple(new[k:m])) for tag, i, j, k, m in matcher.get_opcodes() if tag != "equal"]


def _conflict(change: Change, mine: dict[str, Any], theirs: dict[str, Any], seq: int) -> FieldConflict:
    return FieldConflict(change.kind, change.id, change.op, dict(mine), dict(theirs), {}, seq=seq)


def _gone(row: RowState | None, change: Change) -> FieldConflict:
    seq = row.seq if row is not None else 0
    return FieldConflict(change.kind, change.id, change.op, dict(change.fields), {}, {}, seq=seq, gone=True)
