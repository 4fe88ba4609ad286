"""The light of a plan: catalogue variants become light sources, rooms are calculated and judged, changes cost what they touch.

Everything below `fixtures` is pure and Qt-free: the editor runs it on its light thread, reports and the command line at once.
"""

from __future__ import annotations

import contextlib
import math
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from uuid import UUID

import numpy as np
import numpy.typing as npt
import shapely

from presales_desktop.lighting.errors import LightingError
from presales_desktop.lighting.live import Grid, LiveRoom, LuminaireInput, LuxResult, Reflectance, Room
from presales_desktop.lighting.photometry import Opening, Photometry
from presales_desktop.lighting.read import read
from presales_desktop.models import designs as rules
from presales_desktop.models import standards
from presales_desktop.models.standards import Figures, RoomVerdict
from presales_desktop.services.catalogue_facts import VariantFacts, facts
from presales_desktop.services.catalogue_photometry import PhotometryData, photometries
from presales_desktop.services.design_drafts import LuminaireDraft, RoomDraft, room_at
from presales_desktop.services.work import Work

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

# More points than this tell nothing more about a room, but cost at every drag.
MAX_POINTS = 6000
# A variant's own file whose flux differs more than this from the catalogue's is used, and said so.
FLUX_TOLERANCE = 0.10
_CACHE_SIZE = 512


@dataclass(frozen=True, eq=False)
class Fixture:
    """A variant as a light source.

    `photometry` None: it gives no light (nothing is known of it). `estimated`: no file, a cosine lobe of the catalogue's flux
    and beam stands in. `flux_scale`: what the file's intensities are multiplied by; `doubtful`: file and catalogue differ by more than 10 %.
    """

    facts: VariantFacts
    photometry: Photometry | None
    watts: float
    flux_scale: float = 1.0
    estimated: bool = False
    doubtful: bool = False
    problem: str = ""

    @property
    def lumens(self) -> float:
        """Flux of one luminaire, lm."""
        return self.photometry.lumens * self.flux_scale if self.photometry else 0.0

    @property
    def size_m(self) -> tuple[float, float]:
        """Extent in the plan along C0 and C90, m; 0.1 where the catalogue does not say."""
        length = (self.facts.length_mm or self.facts.width_mm or 100) / 1000
        width = (self.facts.width_mm or self.facts.length_mm or 100) / 1000
        return length, width


class _PhotometryCache:
    """Parsed files by SHA-256: the engine's tables hang on the object, so one content must stay one object."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[str, Photometry | str] = {}

    def get(self, sha256: str, load: Callable[[], bytes]) -> Photometry | str:
        with self._lock:
            if sha256 in self._held:
                return self._held[sha256]
        try:
            made: Photometry | str = read(load(), sha256[:12])
        except LightingError as error:
            made = error.code
        with self._lock:
            if len(self._held) >= _CACHE_SIZE:
                self._held.pop(next(iter(self._held)))
            return self._held.setdefault(sha256, made)


_cache = _PhotometryCache()


def fixtures(work: Work, variant_ids: Iterable[UUID]) -> dict[UUID, Fixture]:
    """Light sources by variant; unknown variants are left out. A damaged file becomes an estimate with its `problem`."""
    wanted = list(variant_ids)
    files = photometries(work, wanted)
    return {v: fixture_of(known, files.get(v)) for v, known in facts(work, wanted).items()}


def fixture_of(known: VariantFacts, file: PhotometryData | None) -> Fixture:
    """Put facts and file together: the catalogue gives watts, a product's file is scaled to the variant's flux."""
    watts = float(known.power_w) if known.power_w is not None else 0.0
    parsed = _cache.get(file.sha256, lambda: file.data) if file else None
    if file is not None and isinstance(parsed, Photometry) and parsed.lumens > 0:
        lumens = parsed.lumens * file.flux_factor
        doubtful = bool(known.flux_lm) and abs(lumens / (known.flux_lm or 1) - 1.0) > FLUX_TOLERANCE
        return Fixture(known, parsed, watts or parsed.watts, file.flux_factor, doubtful=doubtful)
    problem = parsed if isinstance(parsed, str) else "photometry.no_light" if parsed else ""
    if not known.flux_lm:
        return Fixture(known, None, watts, problem=problem)
    beam = float(known.beam_deg) if known.beam_deg else 120.0
    return Fixture(known, cosine_lobe(round(beam, 1)), watts, known.flux_lm / 1000.0, estimated=True, problem=problem)


@lru_cache(maxsize=64)
def cosine_lobe(beam_deg: float) -> Photometry:
    """1000 lm downwards as I0 cosⁿ γ with half of I0 at half of BEAM_DEG (flux 2π I0/(n+1)); a Lambertian panel is 120°."""
    half = math.radians(min(max(beam_deg, 4.0), 170.0) / 2)
    exponent = math.log(0.5) / math.log(max(math.cos(half), 1e-6))
    gamma = np.arange(0.0, 90.5, 0.5)
    peak = 1000.0 * (exponent + 1) / (2 * math.pi)
    candela = peak * np.cos(np.radians(gamma)).clip(0.0) ** exponent
    lobe = Photometry(
        format="estimate", type="C", manufacturer="", catalog_number="", luminaire="", lamp="", keywords={},
        rated_lumens=None, watts=0.0, opening=Opening(), c_angles_deg=np.array([0.0]), gamma_angles_deg=gamma,
        candela=candela[None, :], symmetry="axial", absolute=True,
    )  # fmt: skip
    # The half-degree steps integrate to within 0.1 %; scaled so that it is exactly 1000 lm.
    return replace(lobe, candela=lobe.candela * (1000.0 / lobe.lumens), _cache={}, _lock=threading.Lock())


@dataclass(frozen=True)
class LightScene:
    """What light depends on. Parts are values here: whoever changes a part makes a new one."""

    rooms: tuple[RoomDraft, ...]
    luminaires: tuple[LuminaireDraft, ...]
    fixtures: Mapping[UUID, Fixture]
    maintenance_factor: float = 0.8
    grid_spacing_m: float = 0.25


@dataclass(frozen=True, eq=False)
class RoomLight:
    """A room's light. `lux` None: no luminaires, or `problem` (a LightingError's code) says why it cannot be calculated."""

    room_id: UUID
    lux: LuxResult | None
    figures: Figures
    count: int = 0
    estimated: bool = False
    outside: tuple[UUID, ...] = ()
    problem: str = ""
    values: dict[str, object] = field(default_factory=dict)


def effective_margin(room: RoomDraft) -> float:
    """The edge zone in m that the averages leave out: the room's own, at most 15 % of its short side (EN 12464-1:2021 4.4)."""
    if len(room.polygon) < 3:
        return room.margin_m
    return min(room.margin_m, 0.15 * _short_side(room))


def _short_side(room: RoomDraft) -> float:
    xs, ys = zip(*room.polygon, strict=True)
    return float(min(max(xs) - min(xs), max(ys) - min(ys)))


def grid_of(room: RoomDraft, spacing_m: float) -> Grid:
    """The grid that a room's light is calculated on, wall to wall: the picture fills the room, the figures leave out the
    margin. The design's spacing, coarser where that would give more than 6000 points, finer in a small room."""
    spacing = max(spacing_m, math.sqrt(rules.area_m2(room.polygon) / MAX_POINTS))
    return Grid(room.workplane_m, max(min(spacing, _short_side(room) / 8), 0.02), 0.0)


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


def source_of(luminaire: LuminaireDraft, fixture: Fixture) -> LuminaireInput | None:
    """A placed luminaire for the engine; None when it gives no light."""
    if fixture.photometry is None or luminaire.id is None:
        return None
    return LuminaireInput(
        key=luminaire.id,
        photometry=fixture.photometry,
        position_m=(luminaire.x_m, luminaire.y_m, luminaire.z_m),
        rotation_deg=luminaire.rotation_deg,
        tilt_deg=luminaire.tilt_deg,
        flux_factor=luminaire.flux_factor * fixture.flux_scale,
        watts=fixture.watts,
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
    )


def verdicts(rooms: Iterable[RoomDraft], lights: Mapping[UUID, RoomLight]) -> dict[UUID, RoomVerdict]:
    """The standard's word on every room that was calculated; rooms of a flat are judged together by floor."""
    present = [(r, lights[r.id].figures) for r in rooms if r.id is not None and r.id in lights]
    by_floor = {
        floor: standards.dwelling_lpd((r.room_type, f) for r, f in present if r.floor == floor)
        for floor in {r.floor for r, _ in present}
    }
    return {
        r.id: standards.judge(r.room_type, figures, r.target_lux, by_floor[r.floor])
        for r, figures in present
        if r.id is not None
    }


@dataclass(eq=False)
class _Held:
    """A room as it was last calculated."""

    geometry: tuple[object, ...]
    live: LiveRoom
    sources: dict[UUID, LuminaireInput]
    factor: float
    task: Bools
    task_m2: float


class LightPlan:
    """The light of a whole plan, kept up to date: `update` costs only what differs from the scene before.

    Belongs to one thread. Results are values and may go anywhere.
    """

    def __init__(self) -> None:
        self._rooms: dict[UUID, _Held] = {}
        self._last: dict[UUID, tuple[object, ...]] = {}

    def update(self, scene: LightScene, stop: Callable[[], bool] = lambda: False) -> Iterator[RoomLight]:
        """Rooms whose light changed, those that need no new geometry first. STOP is asked between rooms: what is not yet
        calculated then is done at the next update."""
        held = assign(scene.rooms, scene.luminaires)
        rooms = [r for r in scene.rooms if r.id is not None]
        for gone in set(self._rooms) - {r.id for r in rooms}:
            del self._rooms[gone]
        for gone in set(self._last) - {r.id for r in rooms}:
            del self._last[gone]
        changed = [r for r in rooms if self._last.get(r.id) != self._key(r, held[r.id], scene)]  # type: ignore[arg-type, index]
        changed.sort(key=lambda r: self._is_new(r, scene))
        for room in changed:
            if stop():
                return
            assert room.id is not None
            mine = held[room.id]
            light = self._room(room, mine, scene)
            self._last[room.id] = self._key(room, mine, scene)
            yield light

    def prepare(self, scene: LightScene, stop: Callable[[], bool] = lambda: False) -> None:
        """Make ready the rooms that hold no luminaire yet, so that the first one dragged in lights up at once."""
        for room in scene.rooms:
            if stop():
                return
            if room.id is not None and self._is_new(room, scene):
                # What cannot be calculated says so when it holds a luminaire.
                with contextlib.suppress(LightingError):
                    self._calculate(room, {}, scene)

    def _key(self, room: RoomDraft, held: list[LuminaireDraft], scene: LightScene) -> tuple[object, ...]:
        used = [id(scene.fixtures.get(h.variant_id)) for h in held if h.variant_id is not None]
        return (room, held, used, scene.maintenance_factor, scene.grid_spacing_m)

    def _geometry(self, room: RoomDraft, scene: LightScene) -> tuple[object, ...]:
        return (
            room.polygon, room.height_m, room.reflectance_ceiling, room.reflectance_walls, room.reflectance_floor,
            effective_margin(room), grid_of(room, scene.grid_spacing_m),
        )  # fmt: skip

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
            lux = self._calculate(room, sources, scene) if sources else None  # type: ignore[arg-type]
        except LightingError as error:
            self._rooms.pop(room.id, None)
            return RoomLight(
                room.id, None, figures_of(room, held, scene.fixtures, None), len(held), estimated,
                problem=error.code, values=error.placeholders(),
            )  # fmt: skip
        outside = tuple(k for k in lux.outside if isinstance(k, UUID)) if lux else ()
        return RoomLight(room.id, lux, figures_of(room, held, scene.fixtures, lux), len(held), estimated, outside)

    def _calculate(self, room: RoomDraft, sources: dict[UUID, LuminaireInput], scene: LightScene) -> LuxResult:
        assert room.id is not None
        geometry = self._geometry(room, scene)
        factor = room.maintenance_factor or scene.maintenance_factor
        known = self._rooms.get(room.id)
        if known is None or known.geometry != geometry:
            reflectance = Reflectance(room.reflectance_ceiling, room.reflectance_walls, room.reflectance_floor)
            live = LiveRoom(
                Room(room.polygon, room.height_m, reflectance, room.name), grid_of(room, scene.grid_spacing_m), factor
            )
            live.set_luminaires(sources.values())
            result = live.result()
            task, area = task_area(room, result.x_m, result.y_m)
            self._rooms[room.id] = _Held(geometry, live, dict(sources), factor, task, area)
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


def calculate(scene: LightScene) -> dict[UUID, RoomLight]:
    """All rooms of a scene at once (reports, command line)."""
    return {light.room_id: light for light in LightPlan().update(scene)}
