"""What a person sees: the server's truth under the own changes that no pull covers yet. And what he had seen when he typed.

Pure functions. A change's base of a field is the seq of the row that its author had on screen (rule 1). While an own unsettled
write masks a field its author sees nothing newer of it, so the base stays what it was at the first of them (rule 3).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sync.kinds import SyncKind
from sync.merge import ALL, applied
from sync.wire import Change

# A long chain of own commits on one row: the newest and the last writer of each field say enough. What falls out of the
# list can only make the server see a conflict where there is none.
MAX_OWN = 64


@dataclass(frozen=True)
class Truth:
    """A row as the server has it, as far as this laptop knows. `gone`: there is none."""

    seq: int
    fields: Mapping[str, Any] = field(default_factory=dict)
    gone: bool = False


@dataclass(frozen=True)
class Own:
    """An own change that no pull covers yet; `epoch` is the number of the epoch that its bases belong to."""

    n: int
    commit: bytes
    epoch: int
    change: Change


@dataclass(frozen=True)
class Epoch:
    """The server's epoch: its number and the seq that it began with."""

    number: int = 0
    start: int = 0

    def clamp(self, base: int, epoch: int) -> int:
        """What a base of EPOCH says today: nothing when the server was put back since (rule 5).

        The point at which its history left this one is known to the server only; a base of nothing can make it see a conflict where
        there is none, never the other way round.
        """
        return base if epoch == self.number else 0


def view(kind: SyncKind, truth: Truth, own: Iterable[Change]) -> dict[str, Any] | None:
    """The row's fields under own changes in the order they were made; None when there is no such row to see.

    Lists and texts are merged as the server will merge them. A set on a row that is gone does not bring it back.
    """
    fields = None if truth.gone else dict(truth.fields)
    for change in own:
        if change.op == "delete":
            fields = None
        elif change.op == "create":
            fields = {**(fields or {}), **change.fields}
        elif fields is not None:
            for name, value in change.fields.items():
                fields[name] = applied(kind.merge_class(name), fields.get(name), value)
    return fields


def with_groups(kind: SyncKind, changed: Iterable[str]) -> tuple[str, ...]:
    """The changed columns and those that are one value with them, in the table's order."""
    wanted: set[str] = set()
    for name in changed:
        wanted.update(kind.group_of.get(name, (name,)))
    return tuple(name for name in kind.columns if name in wanted)


def bases(fields: Iterable[str], seq: int, own: Sequence[Own], epoch: Epoch) -> dict[str, int]:
    """The base of each of FIELDS, of a row whose truth on screen has SEQ."""
    return {name: _base(name, seq, own, epoch) for name in fields}


def delete_bases(seq: int, own: Sequence[Own], epoch: Epoch) -> dict[str, int]:
    """What the author of a delete had seen: SEQ of everything, but less of the fields that own changes mask."""
    found = {ALL: seq}
    for name in {name for held in own for name in held.change.fields}:
        base = _base(name, seq, own, epoch)
        if base != seq:
            found[name] = base
    return found


def _base(name: str, seq: int, own: Sequence[Own], epoch: Epoch) -> int:
    for held in own:
        change = held.change
        if name in change.fields:
            return epoch.clamp(change.bases.get(name, 0), held.epoch)
    return seq


def own_commits(fields: Iterable[str] | None, own: Sequence[Own]) -> list[bytes]:
    """Own unsettled commits that the author had on screen, for a change of FIELDS (None: of the whole row), oldest first.

    At most MAX_OWN of the newest, and always the last writer of each field.
    """
    if len(own) <= MAX_OWN:
        return [held.commit for held in own]
    wanted = None if fields is None else set(fields)
    last: dict[str, int] = {}
    for held in own:
        for name in held.change.fields:
            if wanted is None or name in wanted:
                last[name] = held.n
    keep = set(last.values()) | {held.n for held in own[-MAX_OWN:]}
    return [held.commit for held in own if held.n in keep]
