"""Luminaire schedules: what hangs in which room, and the number that each product carries on the plan."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from presales_desktop.services.catalogue_facts import VariantFacts
from presales_desktop.services.design_drafts import LuminaireDraft, RoomDraft, room_at

# The heading of what hangs in no room; a word for it is chosen where it is shown.
OUTSIDE = ""


@dataclass(frozen=True)
class ScheduleItem:
    """One product in one room: how many, and which luminaires those are."""

    variant_id: UUID
    quantity: int
    luminaire_ids: tuple[UUID, ...]


@dataclass(frozen=True)
class ScheduleRoom:
    """A room with its products in the order of their position numbers. Name "" holds what hangs in no room."""

    name: str
    items: tuple[ScheduleItem, ...]
    room_id: UUID | None = None
    floor: str = ""


@dataclass(frozen=True)
class Schedule:
    """All rooms of a design that hold luminaires, in plan order. `positions`: number on the plan by variant, from 1."""

    rooms: tuple[ScheduleRoom, ...]
    positions: dict[UUID, int]

    @property
    def variant_ids(self) -> tuple[UUID, ...]:
        """Variants in the order of their position numbers."""
        return tuple(sorted(self.positions, key=lambda v: self.positions[v]))

    def quantity(self, variant_id: UUID) -> int:
        """How many of a variant hang in the whole design."""
        return sum(i.quantity for r in self.rooms for i in r.items if i.variant_id == variant_id)


@dataclass(frozen=True)
class ScheduleRow:
    """A line of the printed schedule. Watts and lumens of one piece; None where the catalogue does not know them."""

    room: str
    position: int
    variant_id: UUID
    name: str
    model_no: str
    spec: str
    quantity: int
    unit: str
    power_w: Decimal | None
    flux_lm: int | None


def schedule(rooms: Sequence[RoomDraft], luminaires: Iterable[LuminaireDraft]) -> Schedule:
    """The schedule of a plan: rooms in their order, what hangs in none of them last."""
    by_room: dict[UUID | None, dict[UUID, list[UUID]]] = {room.id: {} for room in rooms}
    by_room[None] = {}
    for luminaire in luminaires:
        if luminaire.variant_id is None or luminaire.id is None:
            continue
        room = room_at(rooms, luminaire.x_m, luminaire.y_m, luminaire.floor)
        by_room[room.id if room else None].setdefault(luminaire.variant_id, []).append(luminaire.id)
    positions: dict[UUID, int] = {}
    made: list[ScheduleRoom] = []
    for key, name, floor in [*((r.id, r.name, r.floor) for r in rooms), (None, OUTSIDE, "")]:
        held = by_room[key]
        for variant in held:
            positions.setdefault(variant, len(positions) + 1)
        if held:
            ordered = sorted(held, key=lambda v: positions[v])
            items = tuple(ScheduleItem(v, len(held[v]), tuple(held[v])) for v in ordered)
            made.append(ScheduleRoom(name, items, key, floor))
    return Schedule(tuple(made), positions)


def rows(made: Schedule, facts: dict[UUID, VariantFacts]) -> tuple[ScheduleRow, ...]:
    """Lines of the printed schedule; a variant that is gone keeps its line with its number of pieces."""
    lines = []
    for room in made.rooms:
        for item in room.items:
            known = facts.get(item.variant_id)
            lines.append(
                ScheduleRow(
                    room=room.name,
                    position=made.positions[item.variant_id],
                    variant_id=item.variant_id,
                    name=known.name if known else "?",
                    model_no=known.model_no if known else "",
                    spec=known.spec if known else "",
                    quantity=item.quantity,
                    unit=known.unit if known else "",
                    power_w=known.power_w if known else None,
                    flux_lm=known.flux_lm if known else None,
                )
            )
    return tuple(lines)
