"""Where a quote's lines hang: its products against the luminaires of the design it was made from, room by room."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from presales_desktop.models.designs import Design
from presales_desktop.services import catalogue_facts, designs
from presales_desktop.services.quote_drafts import QuoteDraft, QuoteLineDraft, line_of
from presales_desktop.services.quotes_from import room_names
from presales_desktop.services.work import Work


@dataclass(frozen=True)
class Hanging:
    """A product in one room ("" for rooms that the design does not have): pieces on the quote and on the plan. `places`: its rows in
    the quote, from 0; `luminaire_ids`: which luminaires those are; `line`: what would be added for a product that the quote lacks."""

    room: str
    variant_id: UUID
    name: str
    quoted: Decimal
    hung: int
    places: tuple[int, ...]
    luminaire_ids: tuple[UUID, ...]
    line: QuoteLineDraft | None = None

    @property
    def differs(self) -> bool:
        """Whether quote and plan disagree."""
        return self.quoted != self.hung


@dataclass(frozen=True)
class Against:
    """A quote beside its design; `label` names the design's revision."""

    design_id: UUID
    label: str
    rows: tuple[Hanging, ...]

    @property
    def differing(self) -> tuple[Hanging, ...]:
        """Where they disagree."""
        return tuple(row for row in self.rows if row.differs)

    def of_place(self, place: int) -> Hanging | None:
        """What the line in row PLACE is on the plan."""
        return next((row for row in self.rows if place in row.places), None)


def against_design(work: Work, draft: QuoteDraft) -> Against | None:
    """DRAFT against its design as that is stored now; None without one. Raises NotFound, PermissionDenied."""
    if draft.design_id is None:
        return None
    work.require("design.view")
    record = work.get(Design, draft.design_id)
    schedule = designs.schedule_of(work, draft.design_id)
    hung: dict[tuple[str, UUID], list[UUID]] = {}
    names = room_names(schedule)
    for room, name in zip(schedule.rooms, names, strict=True):
        for item in room.items:
            hung.setdefault((name, item.variant_id), []).extend(item.luminaire_ids)
    known_rooms = set(names)
    quoted, places = _quoted(draft.lines, known_rooms)
    hung = _without_rooms(hung, quoted)
    keys = list(dict.fromkeys([*hung, *quoted]))
    facts = catalogue_facts.facts(work, [variant for _, variant in keys])
    rows = []
    for room_name, variant in keys:
        known = facts.get(variant)
        ids = hung.get((room_name, variant), [])
        missing = (room_name, variant) not in quoted and known is not None
        rows.append(
            Hanging(
                room_name, variant, known.name if known else "?", quoted.get((room_name, variant), Decimal(0)), len(ids),
                tuple(places.get((room_name, variant), ())), tuple(ids),
                line_of(known, Decimal(len(ids)), room_name) if missing and known is not None else None,
            )
        )  # fmt: skip
    return Against(record.id, f"{record.number}-R{record.revision}", tuple(rows))


def _quoted(
    lines: Sequence[QuoteLineDraft], known_rooms: set[str]
) -> tuple[dict[tuple[str, UUID], Decimal], dict[tuple[str, UUID], list[int]]]:
    pieces: dict[tuple[str, UUID], Decimal] = defaultdict(Decimal)
    places: dict[tuple[str, UUID], list[int]] = defaultdict(list)
    for place, line in enumerate(lines):
        if line.type != "item" or line.variant_id is None:
            continue
        key = (line.room if line.room in known_rooms else "", line.variant_id)
        pieces[key] += line.quantity
        places[key].append(place)
    return dict(pieces), dict(places)


def _without_rooms(
    hung: dict[tuple[str, UUID], list[UUID]], quoted: dict[tuple[str, UUID], Decimal]
) -> dict[tuple[str, UUID], list[UUID]]:
    """Where the quote has a product under another heading than its room, its luminaires of all rooms that the quote lacks stand together."""
    made: dict[tuple[str, UUID], list[UUID]] = {}
    for (room, variant), ids in hung.items():
        elsewhere = (room, variant) not in quoted and ("", variant) in quoted
        made.setdefault(("" if elsewhere else room, variant), []).extend(ids)
    return made
