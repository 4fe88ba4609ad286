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

_MERGE_SECONDS = 2.0
_LIMIT = 500


def copy_value(value: Any) -> Any:
    """A deep copy of a draft (dataclasses, lists, dicts; other values are immutable): quicker than copy.deepcopy."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        made = object.__new__(type(value))
        for field in dataclasses.fields(value):
            object.__setattr__(made, field.name, copy_value(getattr(value, field.name)))
        return made
    if isinstance(value, list):
        return [copy_value(item) for item in value]
    if isinstance(value, dict):
        return {key: copy_value(item) for key, item in value.items()}
    return value


def step_into(owner: Any, part: str) -> Any:
    """One step of a path: list index, dict key or attribute."""
    if isinstance(owner, (list, tuple)):
        return owner[int(part)]
    if isinstance(owner, dict):
        return owner[part]
    return getattr(owner, part)


class _SetField(QUndoCommand):
    """One value; typing on in the same field within two seconds becomes one step."""

    def __init__(self, draft: Draft, path: str, old: Any, new: Any, *, merge: bool) -> None:
        super().__init__(tr("修改"))
        self.draft, self.path, self.old, self.new, self.merge = draft, path, old, new, merge
        self.at = time.monotonic()

    def id(self) -> int:
        return 1 if self.merge else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _SetField) or other.path != self.path or not self.draft.merging:
            return False
        if other.at - self.at > _MERGE_SECONDS:
            return False
        self.new, self.at = other.new, other.at
        return True

    def redo(self) -> None:
        self.draft.write(self.path, self.new)

    def undo(self) -> None:
        self.draft.write(self.path, self.old)


class _Rows(QUndoCommand):
    """Insert, remove or move a row of a list."""

    def __init__(
        self, draft: Draft, path: str, remove_at: int | None, insert_at: int | None, row: Any, text: str
    ) -> None:
        super().__init__(text)
        self.draft, self.path = draft, path
        self.remove_at, self.insert_at, self.row = remove_at, insert_at, row

    def redo(self) -> None:
        self._do(self.remove_at, self.insert_at)

    def undo(self) -> None:
        self._do(self.insert_at, self.remove_at)

    def _do(self, remove_at: int | None, insert_at: int | None) -> None:
        rows = self.draft.get(self.path)
        if remove_at is not None:
            rows.pop(remove_at)
        if insert_at is not None:
            rows.insert(insert_at, self.row)
        self.draft.structure_changed.emit(self.path)


class _Whole(QUndoCommand):
    """Everything at once: taking over another state that can be undone."""

    def __init__(self, draft: Draft, old: Any, new: Any, text: str) -> None:
        super().__init__(text)
        self.draft, self.old, self.new = draft, old, new

    def redo(self) -> None:
        self.draft.put(self.new)

    def undo(self) -> None:
        self.draft.put(self.old)


@dataclasses.dataclass
class _Macro:
    text: str
    begun: bool = False


class Draft(QObject):
    """A dataclass being edited.

    `changed(path)`: a value, also by undo; `structure_changed(path)`: rows of a list came, went or moved;
    `replaced()`: everything; `dirty_changed(bool)`. `edited()`: any of these by the user's hand (autosave).
    """

    changed = Signal(str)
    structure_changed = Signal(str)
    replaced = Signal()
    dirty_changed = Signal(bool)
    edited = Signal()

    def __init__(self, value: Any, parent: QObject | None = None) -> None:
        super().__init__(parent)
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


def rebase(mine: Any, base: Any, theirs: Any) -> Any:
    """MINE upon THEIRS: fields that I did not touch since BASE take their value, those that I touched keep mine.

    Lists of parts are merged row by row when all three have the same rows (by id, else by number), otherwise the changed
    side wins, mine before theirs. Returns a new value with THEIRS' version.
    """
    if not dataclasses.is_dataclass(mine) or type(mine) is not type(theirs) or type(mine) is not type(base):
        return copy_value(theirs if mine == base else mine)
    made = copy_value(mine)
    for field in dataclasses.fields(mine):
        a, b, c = getattr(mine, field.name), getattr(base, field.name), getattr(theirs, field.name)
        if field.name in ("id", "base_version"):
            value = c
        elif isinstance(a, list) and _same_rows(a, b, c):
            value = [rebase(x, y, z) for x, y, z in zip(a, b, c, strict=True)]
        else:
            value = copy_value(c if a == b else a)
        object.__setattr__(made, field.name, value)
    return made


def _same_rows(a: list[Any], b: list[Any], c: list[Any]) -> bool:
    return (
        [getattr(r, "id", i) for i, r in enumerate(a)]
        == [getattr(r, "id", i) for i, r in enumerate(b)]
        == [getattr(r, "id", i) for i, r in enumerate(c)]
    )


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
