"""What of a room's light takes longer than a drag allows: glare, cylinders, task areas, light through doors, colour, scenes. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import numpy as np
import shapely

from presales_desktop.lighting import glare, scene_lux
from presales_desktop.lighting.direct import LuminaireInput
from presales_desktop.lighting.errors import LightingError
from presales_desktop.lighting.glare import Observer
from presales_desktop.lighting.grids import Grid
from presales_desktop.lighting.radiosity import Transfer
from presales_desktop.lighting.rooms import Space
from presales_desktop.lighting.scene_file import Mood, Placed, Scene, TaskArea, Wishes
from presales_desktop.models import designs as rules
from presales_desktop.models import standards
from presales_desktop.services.design_drafts import ItemDraft, RoomDraft
from presales_desktop.services.design_space import effective_margin, in_room

# Glare below this is said as "< 10": nobody sees the difference (CIE 117).
LOWEST_UGR = 10.0
# The work plane once more with the light of the neighbours: as many points as an average needs.
_POINTS = 150
_TASK_SPACING_M = 0.2
_TASK_POINTS = 400


@dataclass(frozen=True)
class Lamp:
    """A luminaire of the room or of one behind a door, with what is not light."""

    source: LuminaireInput
    circuit: str = ""
    cct_k: float | None = None
    ra: float | None = None
    decorative: bool = False


@dataclass(frozen=True, eq=False)
class DetailJob:
    """All that the details of one room depend on. `stamp`: of the light that they belong to; `space`: the room first."""

    stamp: int
    room: RoomDraft
    items: tuple[ItemDraft, ...]
    space: Space
    lamps: tuple[tuple[Lamp, ...], ...]
    factor: float
    standard: str
    moods: tuple[Mapping[str, Any], ...] = ()
    transfer: Transfer | None = None


@dataclass(frozen=True)
class GlareAt:
    """UGR at an observer (0: nothing glares there); `item_id` where a person placed it, None in the middle of a wall."""

    x_m: float
    y_m: float
    eye_m: float
    direction_deg: float
    ugr: float
    item_id: UUID | None = None


@dataclass(frozen=True)
class Upright:
    """Cylindrical (`direction_deg` None) or vertical illuminance at eye height, lx."""

    average_lux: float
    minimum_lux: float
    uniformity: float
    direction_deg: float | None = None


@dataclass(frozen=True)
class TaskLight:
    """A task area and the band around it; `ok` None where nothing is asked."""

    item_id: UUID | None
    name: str
    average_lux: float
    minimum_lux: float
    uniformity: float
    target_lux: float | None
    needed_u0: float | None
    ok: bool | None
    surround_lux: float | None = None
    surround_needed: float | None = None
    surround_ok: bool | None = None


@dataclass(frozen=True)
class MoodLight:
    """A lighting scene's average on the work plane, its uniformity, and its watts."""

    name: str
    average_lux: float
    uniformity: float
    watts: float


@dataclass(frozen=True)
class RoomDetails:
    """See the module. `ugr`: the highest; 0 where nothing glares, None without an observer.

    `joined_lux`: the average with the light of the rooms behind open doors, None where there is none.
    """

    room_id: UUID
    stamp: int
    glare: tuple[GlareAt, ...] = ()
    ugr: float | None = None
    cylindrical: Upright | None = None
    vertical: tuple[Upright, ...] = ()
    tasks: tuple[TaskLight, ...] = ()
    joined_lux: float | None = None
    cct_k: float | None = None
    moods: tuple[MoodLight, ...] = ()
    problem: str = ""
    values: dict[str, object] = field(default_factory=dict)


def details(job: DetailJob) -> RoomDetails:
    """Calculate one room's details; what cannot be calculated says why in `problem`."""
    assert job.room.id is not None
    try:
        return _details(job, job.room.id)
    except LightingError as error:
        return RoomDetails(job.room.id, job.stamp, problem=error.code, values=error.placeholders())


def _details(job: DetailJob, room_id: UUID) -> RoomDetails:
    observers, known = _observers(job)
    row = standards.find(job.room.room_type, job.standard)
    asked_cylinder = job.room.cylindrical or (row is not None and row.cylindrical is not None)
    areas = [i for i in in_room(job.room, job.items, ("task",)) if i.id is not None]
    wishes = Wishes(
        tasks=tuple(_area(job, item) for item in areas),
        observers=tuple(observers),
        cylindrical_m=job.room.eye_m if asked_cylinder else None,
        vertical_m=job.room.eye_m if job.room.vertical else None,
    )
    answer = _answer(job, wishes)
    rated = [_glare_at(o, g, i) for o, g, i in zip(observers, answer.get("ugr", ()), known, strict=False)]
    moods = [
        MoodLight(str(m["name"]), m["average_lux"] or 0.0, m["uniformity"] or 0.0, m["watts"])
        for m in answer.get("scenes", ())
    ]
    colour = answer.get("colour") or {}
    return RoomDetails(
        room_id,
        job.stamp,
        glare=tuple(rated),
        ugr=max((g.ugr for g in rated), default=None),
        cylindrical=_upright(answer.get("cylindrical")),
        vertical=tuple(u for v in answer.get("vertical", ()) if (u := _upright(v)) is not None),
        tasks=tuple(_task(job, item, t) for item, t in zip(areas, answer.get("tasks", ()), strict=True)),
        joined_lux=answer["average_lux"] if len(job.space.rooms) > 1 else None,
        cct_k=colour.get("cct_k"),
        moods=tuple(moods),
    )


def _answer(job: DetailJob, wishes: Wishes) -> dict[str, Any]:
    room = job.room
    area = rules.area_m2(room.polygon)
    spacing = max(math.sqrt(area / _POINTS), 0.05)
    others = (Wishes(),) * (len(job.space.rooms) - 1)
    scene = Scene(
        rooms=job.space.rooms,
        luminaires=tuple(
            tuple(Placed(x.source, x.circuit, x.cct_k, x.ra, x.decorative) for x in lamps) for lamps in job.lamps
        ),
        points=(np.zeros((0, 6)),) * len(job.space.rooms),
        grid=Grid(room.workplane_m, spacing, effective_margin(room)),
        maintenance_factor=job.factor,
        interreflection=True,
        wishes=(wishes, *others),
        doorways=job.space.doorways,
        moods=tuple(Mood(str(m.get("name", "")), _levels(m)) for m in job.moods),
    )
    found: Any = scene_lux.lux(scene, room.name, only=0, transfer=job.transfer)
    answer: dict[str, Any] = found["rooms"][0]
    return answer


def _levels(mood: Mapping[str, Any]) -> dict[str, float]:
    levels = mood.get("levels")
    return {str(k): float(v) for k, v in levels.items()} if isinstance(levels, Mapping) else {}


def _observers(job: DetailJob) -> tuple[list[Observer], list[UUID | None]]:
    """Those that a person placed, else one in the middle of each wall."""
    placed = in_room(job.room, job.items, ("observer",))
    if placed:
        made = [Observer((*i.points[0], i.bottom_m or job.room.eye_m), i.rotation_deg) for i in placed]
        return made, [i.id for i in placed]
    usual = glare.default_observers(job.space.rooms[0], job.room.eye_m)
    return usual, [None] * len(usual)


def _glare_at(observer: Observer, found: Mapping[str, Any], item_id: UUID | None) -> GlareAt:
    x, y, eye = observer.position_m
    return GlareAt(x, y, eye, observer.direction_deg, max(found["ugr"] or 0.0, 0.0), item_id)


def _upright(found: Mapping[str, Any] | None) -> Upright | None:
    if found is None or found["average_lux"] is None:
        return None
    return Upright(found["average_lux"], found["minimum_lux"], found["uniformity"], found.get("direction_deg"))


def _area(job: DetailJob, item: ItemDraft) -> TaskArea:
    polygon = shapely.Polygon(item.points)
    spacing = max(_TASK_SPACING_M, math.sqrt(max(polygon.area, 1e-6) / _TASK_POINTS))
    spacing = min(spacing, math.sqrt(max(polygon.area, 1e-6)) / 3)
    height = item.bottom_m if item.bottom_m > 0 else job.room.workplane_m
    return TaskArea(item.name, polygon, Grid(height, spacing, 0.0), None, None, item.surround_m)


def _task(job: DetailJob, item: ItemDraft, found: Mapping[str, Any]) -> TaskLight:
    """Its own target, else the room type's; the surround by the standard's ladder."""
    from presales_desktop.lighting import standards as data

    row = standards.find(job.room.room_type, job.standard)
    target = item.target_lux or (float(row.lux) if row is not None else None)
    needed = item.uniformity if item.uniformity is not None else (row.u0 if row is not None else None)
    average, u0 = found["average_lux"], found["uniformity"]
    ok = None
    if target is not None:
        ok = round(average) >= round(target) and (needed is None or round(u0, 2) >= needed)
    band = found.get("surround")
    around = band["average_lux"] if band else None
    asked = data.surround_lux(target, european=job.standard.startswith("EN")) if target is not None and band else None
    return TaskLight(
        item.id, item.name, average, found["minimum_lux"], u0, target, needed, ok, around, asked,
        round(around) >= round(asked) if around is not None and asked is not None else None,
    )  # fmt: skip
