"""The light of a plan: catalogue variants become light sources, rooms are calculated and judged, changes cost what they touch.

Everything below `fixtures` is pure and Qt-free: the editor runs it on its light thread, reports and the command line at once.
"""

from __future__ import annotations

import contextlib
import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

import numpy as np
import numpy.typing as npt
import shapely

from presales_desktop.lighting.errors import LightingError
from presales_desktop.lighting.live import Grid, LiveRoom, LuminaireInput, LuxResult
from presales_desktop.lighting.maintenance import Factor
from presales_desktop.lighting.rooms import Space
from presales_desktop.models import designs as rules
from presales_desktop.models import standards
from presales_desktop.models.standards import Check, Figures, RoomVerdict
from presales_desktop.services.design_details import DetailJob, Lamp, RoomDetails, TaskLight, details
from presales_desktop.services.design_drafts import ItemDraft, LuminaireDraft, RoomDraft, room_at
from presales_desktop.services.design_fixtures import Fixture, cosine_lobe, fixture_of, fixtures, source_of
from presales_desktop.services.design_space import (
    effective_margin,
    joined,
    maintenance_of,
    neighbours,
    short_side,
    space,
)

__all__ = [
    "DetailJob", "Fixture", "LightPlan", "LightScene", "RoomDetails", "RoomLight", "assign", "calculate", "cosine_lobe", "details",
    "effective_margin", "figures_of", "fixture_of", "fixtures", "grid_of", "over_task", "source_of", "task_area", "verdicts",
    "with_details",
]  # fmt: skip

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

# Never the same twice in a process: details are matched to their light by it.
_stamps = itertools.count(1)
# More points than this tell nothing more about a room, but cost at every drag.
MAX_POINTS = 6000


@dataclass(frozen=True)
class LightScene:
    """What light depends on. Parts are values here: whoever changes a part makes a new one."""

    rooms: tuple[RoomDraft, ...]
    luminaires: tuple[LuminaireDraft, ...]
    fixtures: Mapping[UUID, Fixture]
    maintenance_factor: float = 0.8
    grid_spacing_m: float = 0.25
    items: tuple[ItemDraft, ...] = ()
    standard: str = standards.GB
    hours_per_year: float = 2500.0
    moods: tuple[Mapping[str, object], ...] = ()


@dataclass(frozen=True, eq=False)
class RoomLight:
    """A room's light. `lux` None: no luminaires, or `problem` (a LightingError's code) says why it cannot be calculated.

    `stamp` numbers the calculations: `details` (None: not calculated yet) belong to the light with theirs. `price_fen`: list price
    of what hangs there; None where one of them has none, or it may not be seen. `factor`, `maintenance`: the maintenance factor and
    what it is made of where the surroundings gave it.
    """

    room_id: UUID
    lux: LuxResult | None
    figures: Figures
    count: int = 0
    estimated: bool = False
    outside: tuple[UUID, ...] = ()
    problem: str = ""
    values: dict[str, object] = field(default_factory=dict)
    stamp: int = 0
    price_fen: int | None = None
    energy_kwh: float = 0.0
    factor: float = 0.0
    maintenance: Factor | None = None
    details: RoomDetails | None = None

    @property
    def price_per_m2_fen(self) -> int | None:
        """List price per m² of floor."""
        if self.price_fen is None or self.figures.area_m2 <= 0:
            return None
        return round(self.price_fen / self.figures.area_m2)


def grid_of(room: RoomDraft, spacing_m: float) -> Grid:
    """The grid that a room's light is calculated on, wall to wall: the picture fills the room, the figures leave out the
    margin. The design's spacing, coarser where that would give more than 6000 points, finer in a small room."""
    spacing = max(spacing_m, math.sqrt(rules.area_m2(room.polygon) / MAX_POINTS))
    return Grid(room.workplane_m, max(min(spacing, short_side(room) / 8), 0.02), 0.0)


def task_area(room: RoomDraft, x_m: Floats, y_m: Floats) -> tuple[Bools, float]:
    """Which points [rows, columns] of a grid the averages count, and the area in m² that they stand for."""
    polygon = shapely.Polygon(room.polygon)
    inset = polygon.buffer(-effective_margin(room), join_style="mitre")
    zone = inset.buffer(1e-6, join_style="mitre")
    x, y = np.meshgrid(x_m, y_m)
    inside: Bools = shapely.contains_xy(zone, x, y)
    if not inside.any():
        return shapely.contains_xy(polygon, x, y), float(polygon.area)
    return inside, float(inset.area)


def over_task(lux: LuxResult, task: Bools, area_m2: float) -> LuxResult:
    """The same tables with the figures of the task area alone."""
    values = lux.values_lux[task & np.isfinite(lux.values_lux)].astype(np.float64)
    if not len(values):
        return lux
    average, low, high = float(values.mean()), float(values.min()), float(values.max())
    return replace(
        lux,
        average_lux=average,
        minimum_lux=low,
        maximum_lux=high,
        uniformity=low / average if average > 0 else 0.0,
        diversity=low / high if high > 0 else 0.0,
        lpd_workplane_w_m2=lux.watts / area_m2 if area_m2 > 0 else 0.0,
    )


def assign(rooms: Sequence[RoomDraft], luminaires: Iterable[LuminaireDraft]) -> dict[UUID, list[LuminaireDraft]]:
    """Luminaires by the room that they hang in; those in none are left out."""
    held: dict[UUID, list[LuminaireDraft]] = {room.id: [] for room in rooms if room.id is not None}
    for luminaire in luminaires:
        room = room_at(rooms, luminaire.x_m, luminaire.y_m, luminaire.floor)
        if room is not None and room.id is not None:
            held[room.id].append(luminaire)
    return held


def figures_of(
    room: RoomDraft, held: Sequence[LuminaireDraft], known: Mapping[UUID, Fixture], lux: LuxResult | None
) -> Figures:
    """What the standard judges: averages from the calculation, watts and Ra from the catalogue."""
    general = decorative = 0.0
    heights: list[float] = []
    ras: list[int] = []
    for luminaire in held:
        fixture = known.get(luminaire.variant_id) if luminaire.variant_id else None
        if fixture is None:
            continue
        if luminaire.decorative:
            decorative += fixture.watts
        else:
            general += fixture.watts
        heights.append(luminaire.z_m - room.workplane_m)
        if fixture.facts.ra is not None and not luminaire.decorative:
            ras.append(fixture.facts.ra)
    return Figures(
        average_lux=lux.average_lux if lux else 0.0,
        uniformity=lux.uniformity if lux else 0.0,
        general_w=general,
        decorative_w=decorative,
        area_m2=rules.area_m2(room.polygon),
        perimeter_m=rules.perimeter_m(room.polygon),
        mounting_height_m=sum(heights) / len(heights) if heights else None,
        lowest_ra=min(ras) if ras else None,
        wall_lux=_mean_wall(room, lux) if lux else None,
        ceiling_lux=lux.ceiling_average_lux if lux else None,
    )


def _mean_wall(room: RoomDraft, lux: LuxResult) -> float | None:
    """Mean of the walls by their lengths."""
    lengths = [math.dist(a, b) for a, b in zip(room.polygon, [*room.polygon[1:], *room.polygon[:1]], strict=True)]
    if len(lengths) != len(lux.wall_average_lux) or not sum(lengths):
        return None
    return sum(a * b for a, b in zip(lengths, lux.wall_average_lux, strict=True)) / sum(lengths)


def with_details(light: RoomLight, found: RoomDetails) -> RoomLight:
    """A room's light with its details, and the figures that the standard asks of them."""
    cylinder = found.cylindrical.average_lux if found.cylindrical is not None else None
    return replace(light, details=found, figures=replace(light.figures, ugr=found.ugr, cylindrical_lux=cylinder))


def _energy_kwh(held: Sequence[LuminaireDraft], known: Mapping[UUID, Fixture], hours: float) -> float:
    """W = P t / 1000 (EN 15193-1, without controls and standby); dimmed drivers draw about in proportion to their light."""
    watts = 0.0
    for luminaire in held:
        fixture = known.get(luminaire.variant_id) if luminaire.variant_id else None
        watts += fixture.watts * min(luminaire.flux_factor, 1.0) if fixture else 0.0
    return watts * hours / 1000.0


def _price_fen(held: Sequence[LuminaireDraft], known: Mapping[UUID, Fixture]) -> int | None:
    total = 0
    for luminaire in held:
        fixture = known.get(luminaire.variant_id) if luminaire.variant_id else None
        if fixture is None or fixture.facts.list_fen is None:
            return None
        total += fixture.facts.list_fen
    return total


def _upward_share(held: Iterable[Fixture]) -> float:
    lit = [f.photometry for f in held if f.photometry is not None]
    whole = sum(p.lumens for p in lit)
    return 1.0 - sum(p.lumens_down for p in lit) / whole if whole > 0 else 0.0


def verdicts(
    rooms: Iterable[RoomDraft], lights: Mapping[UUID, RoomLight], standard: str = standards.GB
) -> dict[UUID, RoomVerdict]:
    """The standard's word on every room that was calculated; rooms of a flat are judged together by floor."""
    present = [(r, lights[r.id]) for r in rooms if r.id is not None and r.id in lights]
    by_floor = {
        floor: standards.dwelling_lpd(((r.room_type, x.figures) for r, x in present if r.floor == floor), standard)
        for floor in {r.floor for r, _ in present}
    }
    return {
        r.id: _with_tasks(standards.judge(r.room_type, x.figures, r.target_lux, by_floor[r.floor], standard), x.details)
        for r, x in present
        if r.id is not None
    }


def _with_tasks(verdict: RoomVerdict, found: RoomDetails | None) -> RoomVerdict:
    """Task areas decide, too: each by its average, its uniformity and its surround."""
    if found is None or not found.tasks:
        return verdict
    checks = [c for task in found.tasks for c in _task_checks(task)]
    judged = [c.ok for c in (*verdict.checks, *checks) if c.ok is not None and not c.hint]
    return replace(verdict, checks=(*verdict.checks, *checks), ok=all(judged) if judged else None)


def _task_checks(task: TaskLight) -> list[Check]:
    made: list[Check] = []
    if task.target_lux is not None:
        ok = round(task.average_lux) >= round(task.target_lux)
        made.append(Check("task", task.average_lux, task.target_lux, ok, label=task.name))
        if task.needed_u0 is not None:
            even = round(task.uniformity, 2) >= task.needed_u0
            made.append(Check("task_u0", task.uniformity, task.needed_u0, even, label=task.name))
    if task.surround_ok is not None:
        made.append(Check("surround", task.surround_lux, task.surround_needed, task.surround_ok, label=task.name))
    return made


@dataclass(eq=False)
class _Held:
    """A room as it was last calculated."""

    geometry: tuple[object, ...]
    live: LiveRoom
    sources: dict[UUID, LuminaireInput]
    factor: float
    task: Bools
    task_m2: float
    space: Space


class LightPlan:
    """The light of a whole plan, kept up to date: `update` costs only what differs from the scene before.

    Belongs to one thread. Results are values and may go anywhere.
    """

    def __init__(self) -> None:
        self._rooms: dict[UUID, _Held] = {}
        self._last: dict[UUID, tuple[object, ...]] = {}
        self._stamps: dict[UUID, int] = {}
        self._spaces: dict[UUID, tuple[RoomDraft, list[ItemDraft], Space]] = {}
        self._near: dict[str, list[ItemDraft]] = {}

    def update(self, scene: LightScene, stop: Callable[[], bool] = lambda: False) -> Iterator[RoomLight]:
        """Rooms whose light changed, those that need no new geometry first. STOP is asked between rooms: what is not yet
        calculated then is done at the next update."""
        held = assign(scene.rooms, scene.luminaires)
        rooms = [r for r in scene.rooms if r.id is not None]
        self._near = {}
        for item in scene.items:
            if item.type not in rules.NOTES:
                self._near.setdefault(item.floor, []).append(item)
        for gone in set(self._rooms) - {r.id for r in rooms}:
            del self._rooms[gone]
        for gone in set(self._last) - {r.id for r in rooms}:
            del self._last[gone]
            self._spaces.pop(gone, None)
        changed = [r for r in rooms if self._last.get(r.id) != self._key(r, held[r.id], scene)]  # type: ignore[arg-type, index]
        changed.sort(key=lambda r: self._is_new(r, scene))
        for room in changed:
            if stop():
                return
            assert room.id is not None
            mine = held[room.id]
            light = self._room(room, mine, scene)
            self._last[room.id] = self._key(room, mine, scene)
            self._stamps[room.id] = stamp = next(_stamps)
            yield replace(light, stamp=stamp)

    def jobs(self, scene: LightScene) -> list[DetailJob]:
        """What is left to calculate of rooms that are lit, each with the stamp of the light that it belongs to."""
        held = assign(scene.rooms, scene.luminaires)
        made = []
        for room in scene.rooms:
            known = self._rooms.get(room.id) if room.id else None
            if room.id is None or known is None or room.id not in self._stamps or not known.sources:
                continue
            others = neighbours(room, scene.rooms, scene.items)
            whole = joined(room, others, scene.items) if others else known.space
            lamps = tuple(_lamps(held.get(r.id, ()) if r.id else (), scene.fixtures, r) for r in (room, *others))
            made.append(
                DetailJob(
                    self._stamps[room.id], room, scene.items, whole, lamps, known.factor, scene.standard, scene.moods,
                    known.live.transfer,
                )
            )  # fmt: skip
        return made

    def prepare(self, scene: LightScene, stop: Callable[[], bool] = lambda: False) -> None:
        """Make ready the rooms that hold no luminaire yet, so that the first one dragged in lights up at once."""
        for room in scene.rooms:
            if stop():
                return
            if room.id is not None and self._is_new(room, scene):
                # What cannot be calculated says so when it holds a luminaire.
                with contextlib.suppress(LightingError):
                    self._calculate(room, {}, scene, room.maintenance_factor or scene.maintenance_factor)

    def _key(self, room: RoomDraft, held: list[LuminaireDraft], scene: LightScene) -> tuple[object, ...]:
        used = [id(scene.fixtures.get(h.variant_id)) for h in held if h.variant_id is not None]
        near = list(self._near.get(room.floor, ()))
        behind = [
            [x for x in scene.luminaires if room_at((other,), x.x_m, x.y_m, x.floor) is not None] + [other]
            for other in neighbours(room, scene.rooms, near)
        ]
        return (
            room, held, used, scene.maintenance_factor, scene.grid_spacing_m, near, behind, scene.standard,
            scene.hours_per_year, scene.moods,
        )  # fmt: skip

    def _geometry(self, room: RoomDraft, scene: LightScene) -> tuple[object, ...]:
        return self._space(room), effective_margin(room), grid_of(room, scene.grid_spacing_m)

    def _space(self, room: RoomDraft) -> Space:
        """Made anew only when the room or something on its floor changed: this is asked at every step of a drag."""
        assert room.id is not None
        near = self._near.get(room.floor, [])
        known = self._spaces.get(room.id)
        if known is None or known[0] != room or known[1] != near:
            known = (room, list(near), space(room, near))
            self._spaces[room.id] = known
        return known[2]

    def _is_new(self, room: RoomDraft, scene: LightScene) -> bool:
        known = self._rooms.get(room.id) if room.id else None
        return known is None or known.geometry != self._geometry(room, scene)

    def _room(self, room: RoomDraft, held: list[LuminaireDraft], scene: LightScene) -> RoomLight:
        assert room.id is not None
        known = [(h, scene.fixtures.get(h.variant_id)) for h in held if h.variant_id is not None]
        pairs = [(h, f) for h, f in known if f is not None]
        sources = {s.key: s for s in (source_of(h, f) for h, f in pairs) if s is not None}
        estimated = any(f.estimated for _, f in pairs)
        try:
            factor = self._factor(room, [f for _, f in pairs], scene)[0]
            lux = self._calculate(room, sources, scene, factor) if sources else None  # type: ignore[arg-type]
        except LightingError as error:
            self._rooms.pop(room.id, None)
            return RoomLight(
                room.id, None, figures_of(room, held, scene.fixtures, None), len(held), estimated,
                problem=error.code, values=error.placeholders(),
            )  # fmt: skip
        outside = tuple(k for k in lux.outside if isinstance(k, UUID)) if lux else ()
        factor, made = self._factor(room, [f for _, f in pairs], scene)
        hours = room.hours_per_year if room.hours_per_year is not None else scene.hours_per_year
        return RoomLight(
            room.id, lux, figures_of(room, held, scene.fixtures, lux), len(held), estimated, outside,
            price_fen=_price_fen(held, scene.fixtures), energy_kwh=_energy_kwh(held, scene.fixtures, hours),
            factor=factor, maintenance=made,
        )  # fmt: skip

    def _factor(self, room: RoomDraft, used: Sequence[Fixture], scene: LightScene) -> tuple[float, Factor | None]:
        return maintenance_of(room, scene.maintenance_factor, _upward_share(used))

    def _calculate(
        self, room: RoomDraft, sources: dict[UUID, LuminaireInput], scene: LightScene, factor: float
    ) -> LuxResult:
        assert room.id is not None
        geometry = self._geometry(room, scene)
        known = self._rooms.get(room.id)
        if known is None or known.geometry != geometry:
            place = self._space(room)
            live = LiveRoom(place, grid_of(room, scene.grid_spacing_m), factor)
            live.set_luminaires(sources.values())
            result = live.result()
            task, area = task_area(room, result.x_m, result.y_m)
            self._rooms[room.id] = _Held(geometry, live, dict(sources), factor, task, area, place)
            return over_task(result, task, area)
        if known.factor != factor:
            known.live.set_maintenance_factor(factor)
            known.factor = factor
        self._differences(known, sources)
        return over_task(known.live.result(), known.task, known.task_m2)

    def _differences(self, known: _Held, sources: dict[UUID, LuminaireInput]) -> None:
        gone = [key for key in known.sources if key not in sources]
        changed = [s for key, s in sources.items() if known.sources.get(key) != s]
        if len(gone) + len(changed) > max(8, len(sources) // 2):
            known.live.set_luminaires(sources.values())
        else:
            for key in gone:
                known.live.remove(key)
            for source in changed:
                known.live.add(source)
        known.sources = dict(sources)


def _lamps(held: Sequence[LuminaireDraft], known: Mapping[UUID, Fixture], room: RoomDraft) -> tuple[Lamp, ...]:
    """Luminaires that light their room, with circuit and colour."""
    made = []
    for luminaire in held:
        fixture = known.get(luminaire.variant_id) if luminaire.variant_id else None
        source = source_of(luminaire, fixture) if fixture is not None else None
        if fixture is None or source is None or luminaire.z_m > max(room.height_m, room.high_m or 0.0) + 1e-6:
            continue
        facts = fixture.facts
        made.append(Lamp(source, luminaire.circuit, facts.cct_k, facts.ra, luminaire.decorative))
    return tuple(made)


def calculate(scene: LightScene, *, whole: bool = True) -> dict[UUID, RoomLight]:
    """All rooms of a scene at once (reports, command line); WHOLE: with glare and all that the window adds shortly after."""
    plan = LightPlan()
    lights = {light.room_id: light for light in plan.update(scene)}
    if whole:
        for job in plan.jobs(scene):
            found = details(job)
            lights[found.room_id] = with_details(lights[found.room_id], found)
    return lights
