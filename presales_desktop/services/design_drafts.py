"""What is edited of a design: the draft and its parts, their normal form, and what is wrong with them. Pure but for models."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from presales_desktop.models import designs as rules
from presales_desktop.models.errors import InputError, Problem

P = TypeVar("P", "RoomDraft", "LuminaireDraft", "UnderlayDraft", "ItemDraft")
Point = tuple[float, float]


@dataclass
class RoomDraft:
    """A room: metres in the plan's axes (x right, y up), reflectances and factors as shares."""

    id: UUID | None = None
    floor: str = "1F"
    name: str = ""
    room_type: str = ""
    polygon: tuple[Point, ...] = ()
    height_m: float = 2.8
    workplane_m: float = 0.75
    margin_m: float = 0.5
    reflectance_ceiling: float = 0.7
    reflectance_walls: float = 0.5
    reflectance_floor: float = 0.2
    maintenance_factor: float | None = None
    target_lux: float | None = None
    survey_space_id: UUID | None = None
    environment: str = ""
    housing: str = "enclosed"
    cleaning_years: float = 1.0
    hours_per_year: float | None = None
    eye_m: float = 1.2
    cylindrical: bool = False
    vertical: bool = False
    high_m: float | None = None
    rise_deg: float = 0.0
    sort: int = 0


@dataclass
class LuminaireDraft:
    """One placed luminaire: metres and degrees (counter-clockwise from above), `flux_factor` 1 for undimmed."""

    id: UUID | None = None
    floor: str = "1F"
    variant_id: UUID | None = None
    x_m: float = 0.0
    y_m: float = 0.0
    z_m: float = 2.75
    rotation_deg: float = 0.0
    tilt_deg: float = 0.0
    flux_factor: float = 1.0
    decorative: bool = False
    group_id: UUID | None = None
    circuit: str = ""
    label: str = ""
    sort: int = 0


@dataclass
class UnderlayDraft:
    """A plan under the drawing. `calibration`: the two points in the file's units and the length a person typed."""

    id: UUID | None = None
    floor: str = "1F"
    format: str = "dxf"
    name: str = ""
    sha256: str = ""
    metres_per_unit: float | None = None
    calibration: dict[str, Any] = field(default_factory=dict)
    x_m: float = 0.0
    y_m: float = 0.0
    rotation_deg: float = 0.0
    hidden_layers: tuple[str, ...] = ()
    opacity: float = 0.6
    locked: bool = True
    visible: bool = True
    sort: int = 0


@dataclass
class ItemDraft:
    """A solid, an opening, an area or a note on the plan: models/designs.PlanItem says what its values mean."""

    id: UUID | None = None
    floor: str = "1F"
    type: str = "column"
    name: str = ""
    points: tuple[Point, ...] = ()
    thickness_m: float = 0.1
    bottom_m: float = 0.0
    top_m: float | None = None
    reflectance: float = 0.5
    rotation_deg: float = 0.0
    target_lux: float | None = None
    uniformity: float | None = None
    surround_m: float = 0.5
    text: str = ""
    sort: int = 0


@dataclass
class DesignDraft:
    """A design being edited. `known`: the parts that were loaded, so that save removes only what this draft has seen."""

    id: UUID | None = None
    base_version: int = 0
    number: str = ""
    revision: int = 1
    state: str = "draft"
    title: str = ""
    case_id: UUID | None = None
    customer_id: UUID | None = None
    survey_id: UUID | None = None
    owner_id: UUID | None = None
    maintenance_factor: float = 0.8
    grid_spacing_m: float = 0.25
    standard: str = "GB/T 50034-2024"
    hours_per_year: float = 2500.0
    moods: list[dict[str, Any]] = field(default_factory=list)
    view: dict[str, Any] = field(default_factory=dict)
    notes: str = ""
    rooms: list[RoomDraft] = field(default_factory=list)
    luminaires: list[LuminaireDraft] = field(default_factory=list)
    underlays: list[UnderlayDraft] = field(default_factory=list)
    items: list[ItemDraft] = field(default_factory=list)
    known: frozenset[UUID] = frozenset()


PARTS: Mapping[str, tuple[type[Any], tuple[Any, ...]]] = {
    "rooms": (RoomDraft, rules.ROOM_FIELDS),
    "luminaires": (LuminaireDraft, rules.LUMINAIRE_FIELDS),
    "underlays": (UnderlayDraft, rules.UNDERLAY_FIELDS),
    "items": (ItemDraft, rules.ITEM_FIELDS),
}


def columns(part: type[Any]) -> tuple[str, ...]:
    """Names of a part's fields that are also columns of its record, without the id."""
    return tuple(f.name for f in dataclasses.fields(part) if f.name != "id")


def part_of(kind: type[P], given: object, where: str) -> P:
    """GIVEN (a draft, or a mapping as a JSON file holds it) as a part with floats and tuples.

    Raises InputError field.unknown for a name that the part does not have.
    """
    if isinstance(given, Mapping):
        known = [f.name for f in dataclasses.fields(kind)]
        for name in given:
            if name not in known:
                raise InputError("field.unknown", field=where, name=str(name), known="、".join(known))
        given = kind(**given)
    if not isinstance(given, kind):
        raise InputError("design.part_malformed", field=where)
    changes: dict[str, Any] = {}
    for f in dataclasses.fields(kind):
        value = getattr(given, f.name)
        plain = _plain(f.name, value)
        if plain is not value:
            changes[f.name] = plain
    return dataclasses.replace(given, **changes) if changes else given


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if name.endswith("_id") or name == "id":
        return UUID(value) if isinstance(value, str) and value else (value or None)
    if name in ("polygon", "points") and not _is_outline(value):
        return _outline(value)
    if name == "hidden_layers" and isinstance(value, list):
        return tuple(value)
    if isinstance(value, int) and not isinstance(value, bool) and name != "sort":
        return float(value)
    return value


def _is_outline(value: Any) -> bool:
    return isinstance(value, tuple) and all(
        isinstance(p, tuple) and len(p) == 2 and type(p[0]) is float and type(p[1]) is float for p in value
    )


def _outline(value: Any) -> Any:
    """Corners as tuples of floats; left as it is when it cannot be read: the check of the outline then says so."""
    try:
        return tuple((float(x), float(y)) for x, y in value)
    except (TypeError, ValueError):
        return value


def normalised(draft: DesignDraft) -> DesignDraft:
    """The draft with floats, tuples and counter-clockwise outlines, whatever it was filled from."""
    made = dataclasses.replace(
        draft,
        maintenance_factor=float(draft.maintenance_factor),
        grid_spacing_m=float(draft.grid_spacing_m),
        hours_per_year=float(draft.hours_per_year),
        rooms=[part_of(RoomDraft, r, f"rooms.{i}") for i, r in enumerate(draft.rooms)],
        luminaires=[part_of(LuminaireDraft, r, f"luminaires.{i}") for i, r in enumerate(draft.luminaires)],
        underlays=[part_of(UnderlayDraft, r, f"underlays.{i}") for i, r in enumerate(draft.underlays)],
        items=[part_of(ItemDraft, r, f"items.{i}") for i, r in enumerate(draft.items)],
    )
    made.rooms = [
        dataclasses.replace(r, polygon=r.polygon[::-1])
        if _is_outline(r.polygon) and len(r.polygon) > 2 and rules.signed_area(r.polygon) < 0
        else r
        for r in made.rooms
    ]
    return made


def problems(draft: DesignDraft) -> list[Problem]:
    """What keeps DRAFT (normalised) from being saved, and hints."""
    found = rules.problems((f for f in rules.FIELDS if f.type.value != "parts"), draft)
    if len(draft.rooms) > rules.MAX_ROOMS:
        found.append(Problem("design.too_many_rooms", "rooms", {"limit": rules.MAX_ROOMS}))
    if len(draft.luminaires) > rules.MAX_LUMINAIRES:
        found.append(Problem("design.too_many_luminaires", "luminaires", {"limit": rules.MAX_LUMINAIRES}))
    for i, room in enumerate(draft.rooms):
        prefix = f"rooms.{i}."
        own = rules.problems(rules.ROOM_FIELDS, room, prefix)
        if not any(p.field == f"{prefix}polygon" for p in own):
            own += rules.outline_problems(room.polygon, room.height_m, f"{prefix}polygon")
        if room.workplane_m >= min(room.height_m, room.high_m or room.height_m):
            own.append(Problem("design.plane_above_ceiling", f"{prefix}workplane_m", {"name": room.name}))
        found += own
    for i, luminaire in enumerate(draft.luminaires):
        found += rules.problems(rules.LUMINAIRE_FIELDS, luminaire, f"luminaires.{i}.")
    for i, underlay in enumerate(draft.underlays):
        found += rules.problems(rules.UNDERLAY_FIELDS, underlay, f"underlays.{i}.")
    if len(draft.items) > rules.MAX_ITEMS:
        found.append(Problem("design.too_many_items", "items", {"limit": rules.MAX_ITEMS}))
    for i, item in enumerate(draft.items):
        own = rules.problems(rules.ITEM_FIELDS, item, f"items.{i}.")
        found += own if own else rules.item_problems(item, f"items.{i}.")
    return found


def room_at(rooms: Iterable[RoomDraft], x: float, y: float, floor: str) -> RoomDraft | None:
    """The room that a point lies in; of nested rooms the smallest."""
    best: RoomDraft | None = None
    smallest = 0.0
    for room in rooms:
        if room.floor == floor and len(room.polygon) > 2 and rules.contains(room.polygon, x, y):
            size = rules.area_m2(room.polygon)
            if best is None or size < smallest:
                best, smallest = room, size
    return best
