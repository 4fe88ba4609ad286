"""Somebody else saved what is open here: three-way merging of drafts, field by field and row by row. Pure: no widget.

What I did not touch since BASE takes THEIRS; what I touched stays mine. Where both sides changed the same field to different values,
mine stays and the clash is told, so that the page can show both.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

_STAMPS = ("id", "base_version")


# Thousands of lines are copied each time a quote is opened or kept: what is immutable is not looked at twice.
_PLAIN = frozenset({str, int, bool, bytes, float, type(None), Decimal, UUID, dt.date, dt.datetime})


@functools.cache
def _names(kind: type) -> tuple[str, ...] | None:
    """Fields of a dataclass, None for everything else."""
    return tuple(f.name for f in dataclasses.fields(kind)) if dataclasses.is_dataclass(kind) else None


def copy_value(value: Any) -> Any:
    """A deep copy of a draft (dataclasses, lists, dicts; other values are immutable): quicker than copy.deepcopy."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    names = _names(kind)  # type: ignore[arg-type]  # a class is hashable
    if names is not None:
        made = object.__new__(kind)
        for name in names:
            item = getattr(value, name)
            object.__setattr__(made, name, item if type(item) in _PLAIN else copy_value(item))
        return made
    if isinstance(value, list):
        return [copy_value(item) for item in value]
    if isinstance(value, dict):
        return {key: copy_value(item) for key, item in value.items()}
    return value


@dataclass(frozen=True)
class Clash:
    """Both sides changed one thing. `owner`: the dataclass whose attribute `name` it is; `mine` stands, `theirs` is what they made of it.

    gone: "" for a field; "theirs" when they removed a row that I changed (it stays, as a new one); "mine" when I removed a row that
    they changed (it stays away). Rows have no name.
    """

    path: str
    owner: Any
    name: str
    mine: Any
    theirs: Any
    gone: str = ""


@dataclass
class Merged:
    """What came of it: how many fields and rows were taken from them, and where mine stands against theirs."""

    taken: int = 0
    clashes: list[Clash] = dataclasses.field(default_factory=list)


class Merge:
    """Merges THEIRS into a draft in place. CHANGED(path) and STRUCTURE(path of a list) are told as it goes.

    BLIND: nobody knows what mine was made from (recovered words): every difference of a field is a clash, no row goes.
    """

    def __init__(
        self, changed: Callable[[str], object], structure: Callable[[str], object], *, blind: bool = False
    ) -> None:
        self._changed, self._structure, self._blind = changed, structure, blind
        self.merged = Merged()

    def fields(self, mine: Any, base: Any, theirs: Any, prefix: str = "") -> None:
        """Merge the fields of one dataclass."""
        for field in dataclasses.fields(mine):
            name, path = field.name, prefix + field.name
            a, b, c = getattr(mine, name), getattr(base, name), getattr(theirs, name)
            if name in _STAMPS:
                setattr(mine, name, c)
            elif are_parts(a) and are_parts(b) and are_parts(c) and _named(b) and _named(c):
                self._rows(a, b, c, path)
            elif _is_part(a) and type(a) is type(b) is type(c):
                self.fields(a, b, c, f"{path}.")
            else:
                self._field(mine, name, path, a, b, c)

    def _field(self, mine: Any, name: str, path: str, a: Any, b: Any, c: Any) -> None:
        if a == c:
            return
        if a == b and not self._blind:
            setattr(mine, name, copy_value(c))
            self.merged.taken += 1
            self._changed(path)
        elif b != c or self._blind:
            self.merged.clashes.append(Clash(path, mine, name, a, c))

    # rows

    def _rows(self, mine: list[Any], base: list[Any], theirs: list[Any], path: str) -> None:
        before = {row.id: row for row in base}
        now = {row.id: row for row in theirs}
        ordered = [r.id for r in mine if r.id in before] == [r.id for r in base if any(r.id == m.id for m in mine)]
        self._take_removals(mine, before, now, path)
        self._take_new(mine, before, theirs, path)
        if ordered and not self._blind:
            self._take_order(mine, theirs, path)
        for i, row in enumerate(mine):
            if row.id is not None and row.id in now:
                # Without a base of its own a row is as if it were theirs: what differs is mine.
                self.fields(row, before.get(row.id, now[row.id]), now[row.id], f"{path}.{i}.")
        here = {row.id for row in mine}
        for key, row in now.items():
            if key in before and key not in here and row != before[key]:
                self.merged.clashes.append(Clash(path, None, "", None, row, "mine"))

    def _take_removals(self, mine: list[Any], before: dict[Any, Any], now: dict[Any, Any], path: str) -> None:
        for row in list(mine):
            if row.id is None or row.id not in before or row.id in now:
                continue
            if row == before[row.id] and not self._blind:
                del mine[_place(mine, row)]
                self.merged.taken += 1
                self._structure(path)
            else:
                row.id = None  # it is saved as a new one
                self.merged.clashes.append(Clash(path, row, "", row, None, "theirs"))

    def _take_new(self, mine: list[Any], before: dict[Any, Any], theirs: list[Any], path: str) -> None:
        for i, row in enumerate(theirs):
            if row.id in before or any(m.id == row.id for m in mine):
                continue
            mine.insert(self._after(mine, theirs[:i]), copy_value(row))
            self.merged.taken += 1
            self._structure(path)

    @staticmethod
    def _after(mine: list[Any], above: list[Any]) -> int:
        """Where a row belongs that stands under ABOVE with them."""
        places = {row.id: i for i, row in enumerate(mine) if row.id is not None}
        return next((places[row.id] + 1 for row in reversed(above) if row.id in places), 0)

    def _take_order(self, mine: list[Any], theirs: list[Any], path: str) -> None:
        by_id = {row.id: row for row in mine if row.id is not None}
        wanted = [by_id[row.id] for row in theirs if row.id in by_id]
        slots = [i for i, row in enumerate(mine) if any(row is w for w in wanted)]
        if all(mine[i] is row for i, row in zip(slots, wanted, strict=True)):
            return
        for i, row in zip(slots, wanted, strict=True):
            mine[i] = row
        self.merged.taken += 1
        self._structure(path)


def rebase(mine: Any, base: Any, theirs: Any) -> Any:
    """A new value: MINE upon THEIRS, with their version. For states of the history, which nobody looks at now."""
    if not _is_part(mine) or type(mine) is not type(theirs) or type(mine) is not type(base):
        return copy_value(theirs if mine == base else mine)
    made = copy_value(mine)
    Merge(_nobody, _nobody).fields(made, base, theirs)
    return made


def _nobody(_path: str) -> None:
    """Nobody hears of states of the history."""


def are_parts(value: Any) -> bool:
    """Whether VALUE is a list of rows that can be told apart."""
    return isinstance(value, list) and all(_is_part(row) and hasattr(row, "id") for row in value)


def _is_part(value: Any) -> bool:
    return dataclasses.is_dataclass(value) and not isinstance(value, type)


def _named(rows: list[Any]) -> bool:
    ids = [row.id for row in rows]
    return None not in ids and len(set(ids)) == len(ids)


def _place(rows: list[Any], row: Any) -> int:
    return next(i for i, each in enumerate(rows) if each is row)


__all__ = ["Clash", "Merge", "Merged", "are_parts", "copy_value", "rebase"]
