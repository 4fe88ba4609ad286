"""What can be done with the selection: copy, turn, mirror, align, spread, nudge, swap the product. No widgets here."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import Any, Literal
from uuid import UUID

from presales_desktop.models.errors import PresalesError
from presales_desktop.services.design_drafts import ItemDraft, LuminaireDraft, Point, RoomDraft, part_of
from presales_desktop.texts import tr
from presales_desktop.views.designs import geometry
from presales_desktop.views.designs.document import Part, PlanDocument, points_of, shifted
from sync.ids import uuid7

MIME_PARTS = "application/x-presales-plan"
PASTE_SHIFT_M = 0.5


_KINDS: dict[type[Any], str] = {RoomDraft: "room", LuminaireDraft: "luminaire", ItemDraft: "item"}


class PlanActions:
    """Everything here is one step of the history."""

    def __init__(self, document: PlanDocument) -> None:
        self.document = document

    def _luminaires(self, text: str, change: Callable[[Sequence[LuminaireDraft]], list[LuminaireDraft]]) -> None:
        chosen = self.document.selected_luminaires()
        if chosen:
            self.document.apply(text, {r.id: r for r in change(chosen) if r.id is not None})

    def align(self, how: geometry.Align) -> None:
        """On one line."""
        self._luminaires(tr("对齐"), lambda chosen: geometry.aligned(chosen, how))

    def distribute(self, axis: Literal["x", "y"]) -> None:
        """Equal distances."""
        self._luminaires(tr("等距分布"), lambda chosen: geometry.distributed(chosen, axis))

    def turn(self, degrees: float) -> None:
        """Together about their middle."""
        self._luminaires(tr("旋转"), lambda chosen: geometry.turned(chosen, degrees))

    def mirror(self, axis: Literal["x", "y"]) -> None:
        """Left-right or up-down; a room alone is mirrored, too."""
        chosen = self.document.selected_luminaires()
        rooms = self.document.selected_rooms()
        if chosen:
            self._luminaires(tr("镜像"), lambda found: geometry.mirrored(found, axis))
        elif rooms:
            self.document.apply(tr("镜像"), {r.id: _mirrored_room(r, axis) for r in rooms if r.id})

    def delete(self) -> None:
        """Take the selection away; what stands in a deleted room stays."""
        chosen = self.document.selection
        if chosen:
            self.document.apply(tr("删除 {n} 项", n=len(chosen)), dict.fromkeys(chosen))

    def select_all(self) -> None:
        """All luminaires of the floor, or of the selected rooms; without any, all rooms."""
        document = self.document
        here = [r for r in document.luminaires() if r.floor == document.floor]
        rooms = document.selected_rooms()
        if rooms:
            wanted = {room.id for room in rooms}
            inside = [r for r in here if (room := document.room_at(r.x_m, r.y_m)) is not None and room.id in wanted]
            here = inside or here
        ids = [r.id for r in here] or [r.id for r in document.rooms() if r.floor == document.floor]
        document.select([i for i in ids if i is not None])

    def swap(self, variant_id: UUID) -> int:
        """Another product in the same places; how many were swapped."""
        chosen = [r for r in self.document.selected_luminaires() if r.variant_id != variant_id]
        self.document.apply(tr("更换产品"), {r.id: replace(r, variant_id=variant_id) for r in chosen if r.id})
        return len(chosen)

    # copies

    def copied(self) -> bytes | None:
        """The selection for the clipboard; rooms bring their luminaires along."""
        parts = self._with_contents()
        if not parts:
            return None
        body = [{"kind": _KINDS[type(p)], **asdict(p)} for p in parts]
        return json.dumps(body, default=str).encode()

    def _with_contents(self) -> list[Part]:
        document = self.document
        rooms = document.selected_rooms()
        luminaires = document.selected_luminaires()
        items = document.selected_items()
        known = {r.id for r in luminaires} | {i.id for i in items}
        for r in document.luminaires():
            room = document.room_at(r.x_m, r.y_m)
            if r.id not in known and room is not None and room in rooms and r.floor == room.floor:
                luminaires.append(r)
        for item in document.items():
            inside = (
                item.points
                and item.floor == document.floor
                and document.room_at(*geometry.centre(item.points)) in rooms
            )
            if rooms and item.id not in known and inside:
                items.append(item)
        return [*rooms, *luminaires, *items]

    def paste(self, data: bytes, at: Point | None = None) -> bool:
        """Put copies on the plan: their middle AT a point, or a step beside the originals. False when DATA is foreign."""
        parts = read_parts(data)
        if not parts:
            return False
        if at is not None:
            points = [q for p in parts for q in points_of(p)]
            cx, cy = geometry.centre(points)
            dx, dy = at[0] - cx, at[1] - cy
        else:
            dx, dy = PASTE_SHIFT_M, -PASTE_SHIFT_M
        self._add_copies(tr("粘贴"), parts, dx, dy)
        return True

    def duplicate(self) -> None:
        """Copies a step beside."""
        parts = self._with_contents()
        if parts:
            self._add_copies(tr("再制"), parts, PASTE_SHIFT_M, -PASTE_SHIFT_M)

    def _add_copies(self, text: str, parts: Sequence[Part], dx: float, dy: float) -> None:
        sort = self.document.next_sort()
        groups: dict[UUID, UUID] = {}
        made: dict[UUID, Part] = {}
        for i, part in enumerate(parts):
            key = uuid7()
            copy = replace(shifted(part, dx, dy), id=key, floor=self.document.floor, sort=sort + i)
            if isinstance(copy, LuminaireDraft) and copy.group_id is not None:
                copy = replace(copy, group_id=groups.setdefault(copy.group_id, uuid7()))
            if isinstance(copy, RoomDraft):
                copy = replace(copy, name=self._free_name(copy.name), survey_space_id=None)
            made[key] = copy
        self.document.apply(text, made)
        rooms = [k for k, p in made.items() if isinstance(p, RoomDraft)]
        self.document.select(rooms or made)

    def _free_name(self, name: str) -> str:
        names = {r.name for r in self.document.rooms()}
        n = 2
        while f"{name} {n}" in names:
            n += 1
        return f"{name} {n}"


def read_parts(data: bytes) -> list[Part]:
    """Parts from the clipboard; [] for anything else."""
    try:
        listed = json.loads(data)
        made: list[Part] = []
        for entry in listed if isinstance(listed, list) else []:
            values = {k: v for k, v in entry.items() if k != "kind"}
            if entry["kind"] == "room":
                made.append(part_of(RoomDraft, _uuids(values), "rooms"))
            elif entry["kind"] == "item":
                made.append(part_of(ItemDraft, _uuids(values), "items"))
            else:
                made.append(part_of(LuminaireDraft, _uuids(values), "luminaires"))
    except (PresalesError, ValueError, TypeError, AttributeError, LookupError):
        return []
    return made


def _uuids(values: dict[str, Any]) -> dict[str, Any]:
    ids = ("id", "variant_id", "group_id", "survey_space_id")
    return {k: UUID(v) if k in ids and isinstance(v, str) else v for k, v in values.items()}


def _mirrored_room(room: RoomDraft, axis: Literal["x", "y"]) -> RoomDraft:
    cx, cy = geometry.centre(room.polygon)
    corners = [(2 * cx - x, y) if axis == "x" else (x, 2 * cy - y) for x, y in room.polygon]
    return replace(room, polygon=tuple(corners[::-1]))
