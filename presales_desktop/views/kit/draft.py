"""What an editor edits: a mutable dataclass with a history. Widgets read `get(path)`, write `set(path, value)`, hear `changed`.

Paths are dotted: "name", "contacts.0.phone". Loading replaces the value and never lands in the history.
"""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from presales_desktop.texts import tr
from presales_desktop.views.kit.merging import Merge, Merged, copy_value, rebase

__all__ = ["Draft", "copy_value", "rebase", "step_into"]

_MERGE_SECONDS = 2.0
_LIMIT = 500


def step_into(owner: Any, part: str) -> Any:
    """One step of a path: list index, dict key or attribute."""
    if isinstance(owner, (list, tuple)):
        return owner[int(part)]
    if isinstance(owner, dict):
        return owner[part]
    return getattr(owner, part)


class _Anchor:
    """Where a step wrote, found again even when a colleague's rows came or went above it meanwhile."""

    def __init__(self, draft: Draft, path: str) -> None:
        self._owner_path, _, self.name = path.rpartition(".")
        self.owner = draft.get(self._owner_path)

    def path(self, draft: Draft) -> str | None:
        """Its path now; None when the row is not there any more."""
        found = draft.path_of(self.owner, self._owner_path)
        return None if found is None else f"{found}.{self.name}" if found else self.name


class _SetField(QUndoCommand):
    """One value; typing on in the same field within two seconds becomes one step."""

    def __init__(self, draft: Draft, path: str, old: Any, new: Any, *, merge: bool) -> None:
        super().__init__(tr("修改"))
        self.draft, self.path, self.old, self.new, self.merge = draft, path, old, new, merge
        self.anchor = _Anchor(draft, path)
        self.at = time.monotonic()

    def id(self) -> int:
        return 1 if self.merge else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _SetField) or other.path != self.path or not self.draft.merging:
            return False
        if other.anchor.owner is not self.anchor.owner or other.at - self.at > _MERGE_SECONDS:
            return False
        self.new, self.at = other.new, other.at
        return True

    def redo(self) -> None:
        self._write(self.new)

    def undo(self) -> None:
        self._write(self.old)

    def _write(self, value: Any) -> None:
        path = self.anchor.path(self.draft)
        if path is not None:
            self.draft.write(path, value)
        elif dataclasses.is_dataclass(self.anchor.owner):
            setattr(
                self.anchor.owner, self.anchor.name, value
            )  # the row is out of the list; another undo may bring it back

    def follow(self, base: Any, theirs: Any) -> None:
        """A colleague changed the field meanwhile: undoing mine shows theirs, not what both began with."""
        path = self.anchor.path(self.draft)
        known = None if path is None else (_twin(self.draft, path, base), _twin(self.draft, path, theirs))
        if known is not None and None not in known and known[0] == (self.old,) and known[1] is not None:
            self.old = known[1][0]


class _Rows(QUndoCommand):
    """Insert, remove or move a row of a list. The row is known by itself: where it stands may have changed meanwhile."""

    def __init__(
        self, draft: Draft, path: str, remove_at: int | None, insert_at: int | None, row: Any, text: str
    ) -> None:
        super().__init__(text)
        self.draft, self.path = draft, path
        self.anchor = _Anchor(draft, path)
        self.remove_at, self.insert_at, self.row = remove_at, insert_at, row
        place = (remove_at if insert_at is None else insert_at if remove_at is None else 0) or 0
        # The row above: brought back, the row stands under it again wherever that is by then.
        self.above = draft.get(path)[place - 1] if 0 < place <= len(draft.get(path)) else None

    def redo(self) -> None:
        self._do(self.remove_at, self.insert_at)

    def undo(self) -> None:
        self._do(self.insert_at, self.remove_at)

    def _do(self, remove_at: int | None, insert_at: int | None) -> None:
        path = self.anchor.path(self.draft)
        if path is None:
            return
        rows = self.draft.get(path)
        if remove_at is not None:
            place = _stands_at(rows, self.row, remove_at)
            if place is None:
                return
            rows.pop(place)
        if insert_at is not None:
            above = None if self.above is None else next((i for i, r in enumerate(rows) if r is self.above), None)
            rows.insert(min(insert_at, len(rows)) if above is None else above + 1, self.row)
        self.draft.structure_changed.emit(path)


def _stands_at(rows: list[Any], row: Any, hint: int) -> int | None:
    """Where ROW stands: by itself, else by its id (saving may have put another object in its place)."""
    if hint < len(rows) and rows[hint] is row:
        return hint
    found = next((i for i, each in enumerate(rows) if each is row), None)
    if found is not None or not dataclasses.is_dataclass(row):
        return found if found is not None else (hint if hint < len(rows) and rows[hint] == row else None)
    key = getattr(row, "id", None)
    if key is None:
        return hint if hint < len(rows) and getattr(rows[hint], "id", None) is None else None
    return next((i for i, each in enumerate(rows) if getattr(each, "id", None) == key), None)


def _twin(draft: Draft, path: str, other: Any) -> tuple[Any] | None:
    """The value in OTHER that stands for PATH of DRAFT, rows matched by id; None when there is none."""
    mine = draft.value
    for part in path.split("."):
        if isinstance(other, list):
            key = getattr(mine[int(part)], "id", None)
            other = next((row for row in other if key is not None and getattr(row, "id", None) == key), None)
            if other is None:
                return None
        elif isinstance(other, dict):
            if part not in other:
                return None
            other = other[part]
        elif hasattr(other, part):
            other = getattr(other, part)
        else:
            return None
        mine = step_into(mine, part)
    return (other,)


class _Whole(QUndoCommand):
    """Everything at once: taking over another state that can be undone."""

    def __init__(self, draft: Draft, old: Any, new: Any, text: str) -> None:
        super().__init__(text)
        self.draft, self.old, self.new = draft, old, new

    def redo(self) -> None:
        self.draft.put(self.new)

    def undo(self) -> None:
        self.draft.put(self.old)

    def follow(self, base: Any, theirs: Any) -> None:
        """A colleague saved meanwhile: the states before and after take what mine did not touch."""
        if self.old is not self.draft.value:
            self.old = rebase(self.old, base, theirs)
        if self.new is not self.draft.value:
            self.new = rebase(self.new, base, theirs)


@dataclasses.dataclass
class _Macro:
    text: str
    begun: bool = False


class Draft(QObject):
    """A dataclass being edited.

    `changed(path)`: a value, also by undo; `structure_changed(path)`: rows of a list came, went or moved;
    `replaced()`: everything; `dirty_changed(bool)`. `edited()`: any of these by the user's hand (autosave).
    `absorbed(Merged)`: a colleague's version was merged in; while that goes on `absorbing` is True.
    """

    changed = Signal(str)
    structure_changed = Signal(str)
    replaced = Signal()
    dirty_changed = Signal(bool)
    edited = Signal()
    absorbed = Signal(object)

    def __init__(self, value: Any, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.absorbing = False
        self.value = value
        self.merging = True
        self._macros: list[_Macro] = []
        self.read_only = False
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(_LIMIT)
        self.undo_stack.cleanChanged.connect(self._clean_changed)
        self.undo_stack.indexChanged.connect(self._index_changed)

    def _clean_changed(self, clean: bool) -> None:
        self.dirty_changed.emit(not clean)

    def _index_changed(self, _index: int) -> None:
        self.edited.emit()

    # reading

    def get(self, path: str) -> Any:
        """The value at PATH; raises AttributeError, IndexError or KeyError where there is none."""
        found = self.value
        for part in path.split(".") if path else ():
            found = step_into(found, part)
        return found

    def path_of(self, owner: Any, hint: str) -> str | None:
        """Where OWNER (a dataclass, dict or list of this draft) stands now; HINT: where it stood. None when it is gone."""
        try:
            there = self.get(hint)
        except (AttributeError, IndexError, KeyError, ValueError):
            there = None
        if there is owner:
            return hint
        found = _search(self.value, owner, "")
        if found is not None:
            return found
        # Saving puts new dicts in; rows that it made anew are known by their id.
        same = type(there) is type(owner) and getattr(there, "id", None) == getattr(owner, "id", None)
        return hint if same else None

    @property
    def dirty(self) -> bool:
        """Whether something was changed since it was loaded or saved."""
        return not self.undo_stack.isClean()

    def snapshot(self) -> Any:
        """A deep copy for another thread: saving, autosave."""
        return copy_value(self.value)

    # writing

    def set(self, path: str, value: Any, *, merge: bool = True) -> None:
        """Change one value; the same value again is no step. MERGE False makes it a step of its own."""
        old = self.get(path)
        if type(old) is type(value) and old == value:
            return
        self._push(_SetField(self, path, old, value, merge=merge))

    def insert(self, path: str, index: int, row: Any) -> None:
        """Put ROW into the list at PATH before INDEX."""
        self._push(_Rows(self, path, None, index, row, tr("添加一行")))

    def append(self, path: str, row: Any) -> None:
        """Put ROW at the end of the list at PATH."""
        self.insert(path, len(self.get(path)), row)

    def remove(self, path: str, index: int) -> None:
        """Take the row INDEX out of the list at PATH."""
        self._push(_Rows(self, path, index, None, self.get(path)[index], tr("删除一行")))

    def move(self, path: str, from_: int, to: int) -> None:
        """Move a row of the list at PATH so that it stands at index TO afterwards."""
        if from_ != to:
            self._push(_Rows(self, path, from_, to, self.get(path)[from_], tr("移动一行")))

    @contextmanager
    def macro(self, text: str) -> Iterator[None]:
        """What happens inside is one step of the history, named TEXT (already translated)."""
        entry = _Macro(text)
        self._macros.append(entry)
        try:
            yield
        finally:
            self._macros.pop()
            if entry.begun:
                self.undo_stack.endMacro()

    def _push(self, command: QUndoCommand) -> None:
        """Put a step on the history; macros begin with their first step, so that empty ones leave none."""
        for entry in self._macros:
            if not entry.begun:
                self.undo_stack.beginMacro(entry.text)
                entry.begun = True
        self.undo_stack.push(command)

    def seal(self) -> None:
        """End of typing in a field (focus left): the next change is a step of its own."""
        index = self.undo_stack.index() - 1
        command = self.undo_stack.command(index) if index >= 0 else None
        if isinstance(command, _SetField):
            command.at = float("-inf")

    # whole states

    def load(self, value: Any) -> None:
        """Show another value: no history, not dirty."""
        self.value = value
        self.undo_stack.clear()
        self.undo_stack.setClean()
        self.replaced.emit()

    def take_over(self, value: Any, text: str) -> None:
        """Replace everything as one step that can be undone (a recovered draft, the colleague's version)."""
        self._push(_Whole(self, self.value, value, text))

    def mark_saved(self) -> None:
        """What stands here now is what the database holds."""
        self.undo_stack.setClean()
        self.seal()

    def mark_dirty(self) -> None:
        """No state of the history is what the database holds."""
        self.undo_stack.resetClean()

    def adopt(self, stored: Any, sent: Any) -> bool:
        """After saving SENT, take what the service made of it (ids, numbers, version) but keep what was typed meanwhile.

        The history stays. Returns whether nothing was typed meanwhile.
        """
        if not _mergeable(self.value, sent, stored):
            same = bool(self.value == sent)
            if same:
                self.load(stored)
            else:
                for name in ("id", "base_version"):
                    if hasattr(self.value, name):
                        setattr(self.value, name, getattr(stored, name))
            return same
        same, touched = _merge(self.value, sent, stored, "")
        for path in touched:
            self.changed.emit(path)
        return same

    def absorb(self, base: Any, stored: Any, *, blind: bool = False) -> Merged:
        """Somebody saved STORED while this was open, made from BASE: take in place what was not touched here, keep what was.

        Only what changes is told, so that no field or cell is made anew under the user's hands; the history stays. Afterwards the
        draft is based on STORED. BLIND: see merging.Merge.
        """
        if (
            type(self.value) is not type(stored)
            or type(base) is not type(stored)
            or not dataclasses.is_dataclass(stored)
        ):
            self.put(copy_value(stored if self.value == base else self.value))
            return Merged()
        self.absorbing = True
        try:
            merge = Merge(self.changed.emit, self.structure_changed.emit, blind=blind)
            merge.fields(self.value, base, stored)
            for command in self._commands():
                follow = getattr(command, "follow", None)
                if callable(follow):
                    follow(base, stored)
        finally:
            self.absorbing = False
        if self.dirty and self.value == stored:
            self.mark_saved()
        self.seal()
        self.absorbed.emit(merge.merged)
        return merge.merged

    def _commands(self) -> Iterator[QUndoCommand]:
        """Every step of the history, those inside macros too."""
        waiting = [self.undo_stack.command(i) for i in range(self.undo_stack.count())]
        while waiting:
            command = waiting.pop()
            yield command
            waiting += [command.child(i) for i in range(command.childCount())]

    # used by commands

    def write(self, path: str, value: Any) -> None:
        """Set without history; signals go out."""
        owner_path, _, name = path.rpartition(".")
        owner = self.get(owner_path)
        if isinstance(owner, list):
            owner[int(name)] = value
        elif isinstance(owner, dict):
            owner[name] = value
        else:
            setattr(owner, name, value)
        self.changed.emit(path)

    def put(self, value: Any) -> None:
        """Replace without history; signals go out."""
        self.value = value
        self.replaced.emit()


def _search(value: Any, owner: Any, path: str) -> str | None:
    """The path of OWNER inside VALUE, by identity."""
    if value is owner:
        return path
    inner: Any = ()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        inner = ((f.name, getattr(value, f.name)) for f in dataclasses.fields(value))
    elif isinstance(value, list):
        inner = enumerate(value)
    elif isinstance(value, dict):
        inner = value.items()
    for name, each in inner:
        if isinstance(each, (list, dict)) or dataclasses.is_dataclass(each):
            found = _search(each, owner, f"{path}.{name}" if path else str(name))
            if found is not None:
                return found
    return None


def _mergeable(mine: Any, sent: Any, stored: Any) -> bool:
    if type(mine) is not type(stored):
        return False
    for field in dataclasses.fields(mine):
        a, b, c = (getattr(v, field.name) for v in (mine, sent, stored))
        if not isinstance(a, list):
            continue
        if not len(a) == len(b) == len(c):
            return False
        rows = zip(a, b, c, strict=True)
        if a and dataclasses.is_dataclass(a[0]) and not all(_mergeable(x, y, z) for x, y, z in rows):
            return False
    return True


def _merge(mine: Any, sent: Any, stored: Any, prefix: str) -> tuple[bool, list[str]]:
    same = True
    touched: list[str] = []
    for field in dataclasses.fields(mine):
        a, b, c = (getattr(v, field.name) for v in (mine, sent, stored))
        path = prefix + field.name
        if isinstance(a, list) and a and dataclasses.is_dataclass(a[0]):
            for i, (x, y, z) in enumerate(zip(a, b, c, strict=True)):
                if type(x) is type(y) is type(z):
                    inner_same, inner = _merge(x, y, z, f"{path}.{i}.")
                    same, touched = same and inner_same, touched + inner
        elif field.name in ("id", "base_version") or a == b:
            if type(a) is not type(c) or a != c:
                setattr(mine, field.name, c)
                touched.append(path)
        else:
            same = False
    return same, touched
