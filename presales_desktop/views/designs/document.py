"""What the editor shows: the parts of a design by id, a preview over them while the mouse draws, and unlimited undo.

Parts are values: whoever changes one makes a new one. They lie in the page's kit Draft (a DesignDraft), whose history, autosave and
saving this uses. Every change, undo and redo goes through `put`, so that the canvas, the light and the panels hear of it in
one way: `changed` with the ids whose effective part is another now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, TypeVar
from uuid import UUID

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from presales_desktop.services.design_drafts import (
    DesignDraft,
    ItemDraft,
    LuminaireDraft,
    Point,
    RoomDraft,
    UnderlayDraft,
    room_at,
)
from presales_desktop.services.design_light import Fixture, LightScene
from presales_desktop.views.kit.draft import Draft, rebase
from sync.ids import uuid7

Part = RoomDraft | LuminaireDraft | UnderlayDraft | ItemDraft
P = TypeVar("P", RoomDraft, LuminaireDraft, UnderlayDraft, ItemDraft)
_LISTS: dict[str, type[Any]] = {
    "rooms": RoomDraft,
    "luminaires": LuminaireDraft,
    "underlays": UnderlayDraft,
    "items": ItemDraft,
}
_LIGHT_FIELDS = ("maintenance_factor", "grid_spacing_m", "standard", "hours_per_year", "moods")
_MERGE_IDS: dict[str, int] = {}
# Far from the ids that the kit's own commands merge by.
_FIRST_MERGE_ID = 100_000

Changes = Mapping[UUID, Any]


class ChangeParts(QUndoCommand):
    """Parts before and after; None stands for "not there". Steps of one merge key on the same parts become one."""

    def __init__(self, document: PlanDocument, text: str, after: Changes, merge_key: str = "") -> None:
        super().__init__(text)
        self._document = document
        self._before = {key: document.stored(key) for key in after}
        self.after = dict(after)
        self.merge_key = merge_key

    def id(self) -> int:
        """Qt merges only commands of one positive id."""
        if not self.merge_key:
            return -1
        return _MERGE_IDS.setdefault(self.merge_key, _FIRST_MERGE_ID + len(_MERGE_IDS))

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Typing a value or nudging: one step."""
        if not isinstance(other, ChangeParts) or other.merge_key != self.merge_key:
            return False
        if set(other.after) != set(self.after):
            return False
        self.after = dict(other.after)
        return True

    def follow(self, base: DesignDraft, theirs: DesignDraft) -> None:
        """A colleague saved meanwhile: what this step does not change takes theirs, before and after it."""
        old, new = _by_id(base), _by_id(theirs)
        for states in (self._before, self.after):
            for key, part in states.items():
                if part is not None and key in old and key in new:
                    states[key] = rebase(part, old[key], new[key])

    def redo(self) -> None:
        """Put the new parts."""
        self._document.put(self.after)

    def undo(self) -> None:
        """Put the old parts back."""
        self._document.put(self._before)


class PlanDocument(QObject):
    """Signals: changed(set of ids), selection_changed(), head_changed(), replaced() when everything is another."""

    changed = Signal(object)
    selection_changed = Signal()
    head_changed = Signal()
    replaced = Signal()

    def __init__(self, draft: Draft | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.draft = draft if draft is not None else Draft(DesignDraft(), self)
        self.fixtures: dict[UUID, Fixture] = {}
        self.floor = "1F"
        self._parts: dict[UUID, Part] = {}
        self._preview: dict[UUID, Part | None] = {}
        self._selection: tuple[UUID, ...] = ()
        self._stale: set[UUID] = set()
        self._writing = False
        self.draft.replaced.connect(self._draft_replaced)
        self.draft.changed.connect(self._draft_changed)
        self.draft.absorbed.connect(lambda merged: self._draft_replaced() if merged.taken else None)
        if self.draft.value is not None:
            self._draft_replaced()

    @property
    def undo_stack(self) -> QUndoStack:
        """The history, unlimited: the plan's steps are small."""
        return self.draft.undo_stack

    @property
    def head(self) -> DesignDraft:
        """The design's own fields."""
        value: DesignDraft = self.draft.value
        return value

    @property
    def read_only(self) -> bool:
        """Whether the design is frozen or belongs to somebody else."""
        return self.draft.read_only

    def _draft_replaced(self) -> None:
        self._preview = {}
        self._parts = {}
        parts: list[Part] = [*self.head.rooms, *self.head.luminaires, *self.head.underlays, *self.head.items]
        for part in parts:
            key = part.id or uuid7()
            self._parts[key] = part if part.id else replace(part, id=key)
        self._selection = tuple(i for i in self._selection if i in self._parts)
        floors = [p.floor for p in self._parts.values()]
        if floors and self.floor not in floors:
            self.floor = floors[0]
        self.replaced.emit()
        self.selection_changed.emit()

    def _draft_changed(self, path: str) -> None:
        """A field was changed by a form, by undo, or by what the service answered after saving."""
        name = path.partition(".")[0]
        if self._writing:
            return
        if name in _LISTS:
            if not self.draft.absorbing:  # else once, when all of it has come in
                self._draft_replaced()
            return
        self.head_changed.emit()
        if name in _LIGHT_FIELDS:
            self.changed.emit(set())

    # reading

    def stored(self, key: UUID) -> Any:
        """The part as it is stored, without preview; None: not there."""
        return self._parts.get(key)

    def part(self, key: UUID) -> Part | None:
        """The part as it is shown now."""
        return self._preview[key] if key in self._preview else self._parts.get(key)

    def parts(self) -> list[Part]:
        """All parts as they are shown now, in order."""
        effective = [p for k, p in self._parts.items() if k not in self._preview]
        effective += [p for p in self._preview.values() if p is not None]
        return sorted(effective, key=lambda p: p.sort)

    def _of(self, kind: type[P]) -> list[P]:
        return [p for p in self.parts() if isinstance(p, kind)]

    def rooms(self) -> list[RoomDraft]:
        """Rooms of all floors."""
        return self._of(RoomDraft)

    def luminaires(self) -> list[LuminaireDraft]:
        """Luminaires of all floors."""
        return self._of(LuminaireDraft)

    def underlays(self) -> list[UnderlayDraft]:
        """Underlays of all floors."""
        return self._of(UnderlayDraft)

    def items(self) -> list[ItemDraft]:
        """Solids, openings, areas and notes of all floors."""
        return self._of(ItemDraft)

    def room_at(self, x: float, y: float) -> RoomDraft | None:
        """The room of the current floor at a point."""
        return room_at(self.rooms(), x, y, self.floor)

    def floors(self) -> list[str]:
        """Floors in use, the current one included, in order of their names."""
        return sorted({self.floor, *(p.floor for p in self._parts.values())})

    def next_sort(self) -> int:
        """The place after all parts."""
        return max((p.sort for p in self._parts.values()), default=-1) + 1

    def scene(self) -> LightScene:
        """What light depends on, as shown now (preview included)."""
        return LightScene(
            tuple(self.rooms()), tuple(self.luminaires()), dict(self.fixtures),
            self.head.maintenance_factor, self.head.grid_spacing_m, tuple(self.items()), self.head.standard,
            self.head.hours_per_year, tuple(self.head.moods),
        )  # fmt: skip

    # changing

    def apply(self, text: str, changes: Changes, merge_key: str = "") -> None:
        """One step of the history. Changes that change nothing make none."""
        real = {key: part for key, part in changes.items() if part != self.stored(key)}
        had_preview = set(self._preview)
        self._preview = {}
        if self.read_only or not real:
            if had_preview:
                self.changed.emit(had_preview)
            return
        self._stale = had_preview
        self.undo_stack.push(ChangeParts(self, text, real, merge_key))

    def put(self, parts: Changes) -> None:
        """Store parts without history: only the commands call this."""
        touched = set(parts) | self._stale | set(self._preview)
        self._stale = set()
        self._preview = {}
        for key, part in parts.items():
            if part is None:
                self._parts.pop(key, None)
            else:
                self._parts[key] = part
        self._write_back()
        selection = tuple(i for i in self._selection if i in self._parts)
        self.changed.emit(touched)
        if selection != self._selection:
            self._selection = selection
            self.selection_changed.emit()

    def _write_back(self) -> None:
        """The draft's lists are made from the parts, so that saving and autosave see what the window shows."""
        self._writing = True
        try:
            ordered = sorted(self._parts.values(), key=lambda p: p.sort)
            for name, kind in _LISTS.items():
                setattr(self.head, name, [p for p in ordered if isinstance(p, kind)])
            self.draft.changed.emit("luminaires")
        finally:
            self._writing = False

    def preview(self, parts: Mapping[UUID, Part | None]) -> None:
        """Show parts that are not stored yet (a drag, a fixture under the mouse); light follows it."""
        if self.read_only:
            return
        touched = {k for k in {*self._preview, *parts} if self._preview.get(k, _NOTHING) != parts.get(k, _NOTHING)}
        self._preview = dict(parts)
        if touched:
            self.changed.emit(touched)

    def previewing(self) -> bool:
        """Whether a preview is shown."""
        return bool(self._preview)

    def cancel_preview(self) -> None:
        """Back to what is stored."""
        self.preview({})

    def commit_preview(self, text: str) -> None:
        """Store what is previewed, as one step."""
        self.apply(text, dict(self._preview))

    def set_head(self, **values: Any) -> None:
        """Change the design's own fields."""
        if not self.read_only:
            for name, value in values.items():
                self.draft.set(name, value)

    def set_floor(self, floor: str) -> None:
        """Show another floor."""
        if floor != self.floor:
            self.floor = floor
            self.select(())
            self.replaced.emit()

    # selection

    @property
    def selection(self) -> tuple[UUID, ...]:
        """Selected ids, in the order they were chosen."""
        return self._selection

    def select(self, ids: Iterable[UUID]) -> None:
        """Select exactly these."""
        new = tuple(dict.fromkeys(i for i in ids if self.part(i) is not None))
        if new != self._selection:
            self._selection = new
            self.selection_changed.emit()

    def toggle(self, ids: Iterable[UUID]) -> None:
        """Add what is not selected, take out what is."""
        chosen = list(self._selection)
        for i in ids:
            if i in chosen:
                chosen.remove(i)
            else:
                chosen.append(i)
        self.select(chosen)

    def selected_luminaires(self) -> list[LuminaireDraft]:
        """The selected luminaires as shown now."""
        found = (self.part(i) for i in self._selection)
        return [p for p in found if isinstance(p, LuminaireDraft)]

    def selected_rooms(self) -> list[RoomDraft]:
        """The selected rooms as shown now."""
        found = (self.part(i) for i in self._selection)
        return [p for p in found if isinstance(p, RoomDraft)]

    def selected_items(self) -> list[ItemDraft]:
        """The selected solids, openings, areas and notes as shown now."""
        found = (self.part(i) for i in self._selection)
        return [p for p in found if isinstance(p, ItemDraft)]

    def selected_underlay(self) -> UnderlayDraft | None:
        """The selected underlay, if one alone is."""
        if len(self._selection) != 1:
            return None
        found = self.part(self._selection[0])
        return found if isinstance(found, UnderlayDraft) else None


_NOTHING: Any = object()


def _by_id(design: DesignDraft) -> dict[UUID, Part]:
    parts: list[Part] = [*design.rooms, *design.luminaires, *design.underlays, *design.items]
    return {part.id: part for part in parts if part.id is not None}


def shifted(part: Part, dx: float, dy: float) -> Part:
    """A part elsewhere."""
    if isinstance(part, RoomDraft):
        return replace(part, polygon=tuple((x + dx, y + dy) for x, y in part.polygon))
    if isinstance(part, ItemDraft):
        return replace(part, points=tuple((x + dx, y + dy) for x, y in part.points))
    return replace(part, x_m=part.x_m + dx, y_m=part.y_m + dy)


def points_of(part: Part) -> tuple[Point, ...]:
    """The points that a part stands on."""
    if isinstance(part, RoomDraft):
        return part.polygon
    return part.points if isinstance(part, ItemDraft) else ((part.x_m, part.y_m),)
