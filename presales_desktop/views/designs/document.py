"""What the editor shows: the parts of a design by id, a preview over them while the mouse draws, and unlimited undo.

Parts are values: whoever changes one makes a new one. Every change, undo and redo goes through `put`, so that the canvas, the
light and the panels hear of it in one way: `changed` with the ids whose effective part is another now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar
from uuid import UUID

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from presales_desktop.services.design_drafts import DesignDraft, LuminaireDraft, RoomDraft, UnderlayDraft, room_at
from presales_desktop.services.design_light import Fixture, LightScene
from sync.ids import uuid7

Part = RoomDraft | LuminaireDraft | UnderlayDraft
P = TypeVar("P", RoomDraft, LuminaireDraft, UnderlayDraft)
HEAD = UUID(int=0)
_MERGE_IDS: dict[str, int] = {}


@dataclass(frozen=True)
class Head:
    """The design's own fields."""

    title: str = ""
    case_id: UUID | None = None
    survey_id: UUID | None = None
    owner_id: UUID | None = None
    maintenance_factor: float = 0.8
    grid_spacing_m: float = 0.25
    notes: str = ""


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
        return _MERGE_IDS.setdefault(self.merge_key, len(_MERGE_IDS) + 1) if self.merge_key else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Typing a value or nudging: one step."""
        if (
            not isinstance(other, ChangeParts)
            or other.merge_key != self.merge_key
            or set(other.after) != set(self.after)
        ):
            return False
        self.after = dict(other.after)
        return True

    def redo(self) -> None:
        """Put the new parts."""
        self._document.put(self.after)

    def undo(self) -> None:
        """Put the old parts back."""
        self._document.put(self._before)


class PlanDocument(QObject):
    """Signals: changed(set of ids), selection_changed(), head_changed(), replaced(), dirty_changed(bool)."""

    changed = Signal(object)
    selection_changed = Signal()
    head_changed = Signal()
    replaced = Signal()
    dirty_changed = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.undo_stack = QUndoStack(self)
        self.undo_stack.cleanChanged.connect(lambda clean: self.dirty_changed.emit(not clean))
        self.draft = DesignDraft()
        self.head = Head()
        self.fixtures: dict[UUID, Fixture] = {}
        self.floor = "1F"
        self.read_only = False
        self._parts: dict[UUID, Part] = {}
        self._preview: dict[UUID, Part | None] = {}
        self._selection: tuple[UUID, ...] = ()
        self._stale: set[UUID] = set()

    # loading and saving

    def load(self, draft: DesignDraft, *, keep_history: bool = False) -> None:
        """Show a draft; the history starts anew unless it is kept (after a save)."""
        self.draft = draft
        names = ("title", "case_id", "survey_id", "owner_id", "maintenance_factor", "grid_spacing_m", "notes")
        self.head = Head(**{n: getattr(draft, n) for n in names})
        self._preview = {}
        self._parts = {}
        parts: list[Part] = [*draft.rooms, *draft.luminaires, *draft.underlays]
        for part in parts:
            key = part.id or uuid7()
            self._parts[key] = part if part.id else replace(part, id=key)
        self._selection = tuple(i for i in self._selection if i in self._parts)
        floors = [p.floor for p in self._parts.values()]
        if floors and self.floor not in floors:
            self.floor = floors[0]
        if not keep_history:
            self.undo_stack.clear()
        self.replaced.emit()

    def to_draft(self) -> DesignDraft:
        """The draft to save: stored parts only, never a preview."""
        rooms = sorted((p for p in self._parts.values() if isinstance(p, RoomDraft)), key=lambda p: p.sort)
        luminaires = sorted((p for p in self._parts.values() if isinstance(p, LuminaireDraft)), key=lambda p: p.sort)
        underlays = sorted((p for p in self._parts.values() if isinstance(p, UnderlayDraft)), key=lambda p: p.sort)
        head = {n: getattr(self.head, n) for n in Head.__dataclass_fields__}
        return replace(self.draft, rooms=rooms, luminaires=luminaires, underlays=underlays, **head)

    def adopt(self, saved: DesignDraft) -> None:
        """After a save: the number, version and known parts of what was stored; parts edited meanwhile stay as they are."""
        self.draft = saved

    @property
    def dirty(self) -> bool:
        """Whether there is something to save."""
        return not self.undo_stack.isClean()

    # reading

    def stored(self, key: UUID) -> Any:
        """The part as it is stored, without preview; HEAD gives the design's own fields; None: not there."""
        return self.head if key == HEAD else self._parts.get(key)

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
            self.head.maintenance_factor, self.head.grid_spacing_m,
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
            if key == HEAD:
                self.head = part
            elif part is None:
                self._parts.pop(key, None)
            else:
                self._parts[key] = part
        selection = tuple(i for i in self._selection if i in self._parts)
        self.changed.emit(touched)
        if selection != self._selection:
            self._selection = selection
            self.selection_changed.emit()
        if HEAD in parts:
            self.head_changed.emit()

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

    def set_head(self, merge_key: str = "", **values: Any) -> None:
        """Change the design's own fields."""
        self.apply("", {HEAD: replace(self.head, **values)}, merge_key)

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

    def selected_underlay(self) -> UnderlayDraft | None:
        """The selected underlay, if one alone is."""
        if len(self._selection) != 1:
            return None
        found = self.part(self._selection[0])
        return found if isinstance(found, UnderlayDraft) else None


_NOTHING: Any = object()
