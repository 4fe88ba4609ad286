"""How many luminaires, and where: the lumen method's count, then the exact calculation of regular arrays."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import shapely

from presales_desktop.lighting import rooms, scene_file, utilisation
from presales_desktop.lighting.errors import LightingError
from presales_desktop.lighting.fields import Fields, load
from presales_desktop.lighting.live import Grid, LiveRoom, LuminaireInput, LuxResult, Room
from presales_desktop.lighting.photometry import Photometry
from presales_desktop.lighting.scene_file import Photometries, read_grid, read_maintenance, read_room

MAX_LUMINAIRES = 1000
_MAX_TRIALS = 120
# Spacings along and across that differ more than this make a row, not an array.
_MOST_UNEQUAL = 2.5
_BELOW_CEILING_M = 0.01
# How many spacings the outer rows stand off the walls, the rule first.
_INSETS = (0.5, 0.4, 0.33, 0.6)
_MOST_FIXTURES = 20


@dataclass(frozen=True, slots=True, eq=False)
class Fixture:
    """A product that may be used: its photometry, what one costs (any currency; None: not told), watts of one."""

    name: str
    photometry: Photometry
    price: float | None = None
    watts: float | None = None
    flux_factor: float = 1.0

    @property
    def power_w(self) -> float:
        """Watts of one luminaire."""
        return self.photometry.watts if self.watts is None else self.watts


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """A room to be lit by one product to a maintained average."""

    room: Room
    photometry: Photometry
    target_lux: float
    grid: Grid = field(default_factory=Grid)
    maintenance_factor: float = 0.8
    mounting_height_m: float | None = None  # None: just under the ceiling
    rotation_deg: float = 0.0
    flux_factor: float = 1.0
    uniformity: float = 0.0  # least minimum / average
    watts: float | None = None
    ceiling_grid_m: tuple[float, float] | None = None  # luminaires sit in the middle of such tiles (600/625)
    ceiling_origin_m: tuple[float, float] | None = None  # a tile's corner; None: the tiles are centred in the room
    keep_out: tuple[shapely.Polygon, ...] = ()
    half_spacing: bool = True  # rows stand half a spacing off the walls; else offsets are searched, too


@dataclass(frozen=True, slots=True, eq=False)
class Arrangement:
    """The smallest array found that reaches the target."""

    rows: int  # along y
    columns: int  # along x
    positions_m: tuple[tuple[float, float, float], ...]
    result: LuxResult
    lumen_method_count: int


@dataclass(frozen=True, slots=True, eq=False)
class Offer:
    """What one product comes to: its arrangement, or why there is none."""

    fixture: Fixture
    arrangement: Arrangement | None
    price: float | None = None
    refusal: LightingError | None = None


def lumen_method(task: Task) -> int:
    """N = E A / (flux x CU x MF), rounded up; at least 1 (IES zonal cavity, floor 0.2).

    :raises LightingError: photometry.no_light
    """
    polygon = rooms.check(task.room)
    mounting = min(_mounting(task), (task.room.height_m + rooms.highest_ceiling(task.room)) / 2.0)
    light = task.room.reflectance
    rcr = utilisation.room_cavity_ratio(polygon.area, polygon.length, max(mounting - task.grid.height_m, 0.05))
    cu = utilisation.coefficient(task.photometry, rcr, light.ceiling, light.walls, light.floor)
    flux = (task.photometry.rated_lumens or task.photometry.lumens) * task.flux_factor
    if flux * cu <= 0:
        raise LightingError("photometry.no_light", field="photometry")
    area = float(polygon.area)
    return max(1, math.ceil(task.target_lux * area / (flux * cu * task.maintenance_factor) - 1e-9))


def arrange(task: Task, live: LiveRoom | None = None) -> Arrangement:
    """The array with the fewest luminaires that reaches target and uniformity; the evener of equals.

    :param live: the task's room with its grid, where it was made before; it is not changed
    :raises LightingError: arrange.unreachable with ``expected`` (target) and ``found`` (best average), room.*, grid.*
    """
    count = lumen_method(task)
    if count > MAX_LUMINAIRES:
        raise LightingError("arrange.too_many", field="target_lux", expected=MAX_LUMINAIRES, found=count)
    room = live.copy() if live is not None else LiveRoom(task.room, task.grid, task.maintenance_factor)
    polygon = rooms.check(task.room)
    start = _first_guess(task, room, polygon, count)
    best = 0.0
    trials = 0
    for rows, columns in _shapes(polygon, start):
        for positions in _variants(task, polygon, rows, columns):
            trials += 1
            result = _light(task, room, positions)
            best = max(best, result.average_lux)
            if result.average_lux >= task.target_lux and result.uniformity >= task.uniformity:
                return Arrangement(rows, columns, tuple(positions), result, count)
        if trials > _MAX_TRIALS or rows * columns > MAX_LUMINAIRES:
            break
    raise LightingError("arrange.unreachable", field="target_lux", expected=f"{task.target_lux:g}", found=f"{best:.0f}")


def cheapest(task: Task, fixtures: Sequence[Fixture]) -> list[Offer]:
    """Each product's smallest passing array, the cheapest first; what has no price follows by watts, what fails comes last.

    :raises LightingError: room.*, grid.*
    """
    live = LiveRoom(task.room, task.grid, task.maintenance_factor)
    offers = []
    for fixture in fixtures:
        mine = replace(
            task,
            photometry=fixture.photometry,
            watts=fixture.watts,
            flux_factor=task.flux_factor * fixture.flux_factor,
        )
        try:
            found = arrange(mine, live)
        except LightingError as error:
            offers.append(Offer(fixture, None, None, error))
            continue
        price = None if fixture.price is None else fixture.price * len(found.positions_m)
        offers.append(Offer(fixture, found, price))
    return sorted(offers, key=_rank)


def _rank(offer: Offer) -> tuple[int, float, float]:
    if offer.arrangement is None:
        return (2, 0.0, 0.0)
    watts = offer.arrangement.result.watts
    return (1, watts, 0.0) if offer.price is None else (0, offer.price, watts)


def places(
    polygon: shapely.Polygon, rows: int, columns: int, z: float, inset: float = 0.5
) -> list[tuple[float, float, float]]:
    """An array over the polygon's bounds, ``inset`` of a spacing off them; what is not inside is left out.

    0.5 is the half-spacing rule; less moves the outer rows toward the walls and the others apart.
    """
    x1, y1, x2, y2 = polygon.bounds
    xs, ys = _line(x1, x2, columns, inset), _line(y1, y2, rows, inset)
    x, y = np.meshgrid(xs, ys)
    inside = shapely.contains_xy(polygon, x, y)
    return [(round(float(a), 4), round(float(b), 4), z) for a, b in zip(x[inside], y[inside], strict=True)]


def _line(low: float, high: float, count: int, inset: float) -> npt.NDArray[np.float64]:
    """``count`` places: the ends ``inset`` spacings off the bounds."""
    spacing = (high - low) / (count - 1 + 2.0 * inset) if count > 1 else 0.0
    start = low + inset * spacing if count > 1 else (low + high) / 2.0
    return np.asarray(start + spacing * np.arange(count), dtype=np.float64)


def _variants(
    task: Task, polygon: shapely.Polygon, rows: int, columns: int
) -> Iterator[list[tuple[float, float, float]]]:
    """The array as asked: on the ceiling's tiles, clear of the zones, with other offsets where they are free."""
    z = _mounting(task)
    free = polygon.difference(shapely.union_all(task.keep_out)) if task.keep_out else polygon
    seen: set[tuple[tuple[float, float, float], ...]] = set()
    for inset in (0.5,) if task.half_spacing else _INSETS:
        found = places(polygon, rows, columns, z, inset)
        if task.ceiling_grid_m is not None:
            found = _on_tiles(task, polygon, found)
        # A luminaire that falls into a zone is left out, as it would be on site; the light that is left decides.
        kept = [place for place in found if shapely.contains_xy(free, place[0], place[1])]
        kept = [(x, y, min(z, _roof(task.room, x, y))) for x, y, _ in dict.fromkeys(kept)]
        key = tuple(kept)
        if kept and key not in seen:
            seen.add(key)
            yield kept


def _roof(room: Room, x: float, y: float) -> float:
    return max(float(rooms.ceiling_at(room, np.array(x), np.array(y))) - _BELOW_CEILING_M, 0.0)


def _on_tiles(
    task: Task, polygon: shapely.Polygon, found: list[tuple[float, float, float]]
) -> list[tuple[float, float, float]]:
    """Each place moved to the middle of the nearest whole tile."""
    assert task.ceiling_grid_m is not None
    x1, y1, x2, y2 = polygon.bounds
    middles = []
    for low, high, tile, origin in zip(
        (x1, y1), (x2, y2), task.ceiling_grid_m, task.ceiling_origin_m or (None, None), strict=True
    ):
        count = max(1, math.floor((high - low) / tile + 1e-9))
        start = (low + high - count * tile) / 2.0 if origin is None else low + (origin - low) % tile
        marks = start + tile * (np.arange(count) + 0.5)
        middles.append(marks[marks < high] if bool((marks < high).any()) else marks[:1])
    moved = []
    for x, y, z in found:
        near = [float(marks[int(np.abs(marks - v).argmin())]) for marks, v in zip(middles, (x, y), strict=True)]
        moved.append((round(near[0], 4), round(near[1], 4), z))
    return moved


def _mounting(task: Task) -> float:
    if task.mounting_height_m is not None:
        return task.mounting_height_m
    return max(rooms.highest_ceiling(task.room) - _BELOW_CEILING_M, 0.0)


def _light(task: Task, live: LiveRoom, positions: list[tuple[float, float, float]]) -> LuxResult:
    live.set_luminaires(
        LuminaireInput(place, task.photometry, place, task.rotation_deg, 0.0, task.flux_factor, task.watts)
        for place in positions
    )
    return live.result()


def _first_guess(task: Task, live: LiveRoom, polygon: shapely.Polygon, count: int) -> int:
    """The lumen method's count corrected by one exact calculation, a little low on purpose."""
    rows, columns = next(_shapes(polygon, count))
    positions = next(_variants(task, polygon, rows, columns), None)
    if not positions:
        return 1
    average = _light(task, live, positions).average_lux
    if average <= 0:
        return count
    return max(1, math.floor(0.93 * task.target_lux * len(positions) / average))


def _shapes(polygon: shapely.Polygon, least: int) -> Iterator[tuple[int, int]]:
    """(rows, columns) by their number, from ``least`` on, each number's evenest spacing first.

    In a room that fills its bounds in part only, an array loses what falls outside.
    """
    x1, y1, x2, y2 = polygon.bounds
    share = polygon.area / ((x2 - x1) * (y2 - y1))
    total = max(1, math.floor(least / share))
    for number in range(total, 2 * MAX_LUMINAIRES):
        shapes = [(rows, number // rows) for rows in range(1, number + 1) if number % rows == 0]
        unequal = [(abs(math.log((x2 - x1) / c / ((y2 - y1) / r))), r, c) for r, c in shapes]
        allowed = [item for item in unequal if item[0] <= math.log(_MOST_UNEQUAL)]
        # A long corridor has no even array of few: its evenest row must do.
        if not allowed and number <= max(x2 - x1, y2 - y1) / min(x2 - x1, y2 - y1):
            allowed = [min(unequal)]
        for _, rows, columns in sorted(allowed):
            yield rows, columns


def read_task(path: Path) -> tuple[Task, list[Fixture]]:
    """A task in a JSON file with the products that may be used: docs/scenes.md, "arrange".

    :raises LightingError: scene.*, room.*, photometry.*, file.*
    """
    fields = load(path)
    part = _room_part(fields)
    room = read_room(part)
    grid = read_grid(fields.part("grid", {}))
    scene_file.lay_grid(room, grid, path.name)
    fixtures = _fixtures(fields, Photometries(path.parent))
    rule = fields.text("spacing", "half")
    if rule not in {"half", "free"}:
        fields.fail("scene.out_of_range", "spacing", expected="half / free", found=rule[:40])
    ceiling = fields.part("ceiling_grid", {})
    size = ceiling.number("size_m", 0.6, low=0.1, high=5.0)
    task = Task(
        room=room,
        photometry=fixtures[0].photometry,
        target_lux=fields.number("target_lux", low=0.01, high=200_000.0),
        grid=grid,
        maintenance_factor=read_maintenance(fields),
        mounting_height_m=(
            fields.number("mounting_height_m", low=0.0, high=rooms.highest_ceiling(room))
            if fields.has("mounting_height_m")
            else None
        ),
        rotation_deg=fields.number("rotation_deg", 0.0),
        flux_factor=fields.number("flux_factor", 1.0, low=0.001, high=1000.0),
        uniformity=fields.number("uniformity", 0.0, low=0.0, high=1.0),
        watts=fixtures[0].watts,
        ceiling_grid_m=(size, ceiling.number("size_y_m", size, low=0.1, high=5.0))
        if fields.has("ceiling_grid")
        else None,
        ceiling_origin_m=_pair(ceiling, "origin_m") if ceiling.has("origin_m") else None,
        keep_out=tuple(_zone(zone) for zone in fields.parts("keep_out", [], limit=100)),
        half_spacing=rule == "half",
    )
    return task, fixtures


def _pair(fields: Fields, key: str) -> tuple[float, float]:
    x, y = fields.vector(key, 2)
    return x, y


def _zone(fields: Fields) -> shapely.Polygon:
    corners = fields.vectors("polygon_m", sizes=(2,), limit=rooms.MAX_CORNERS + 1)
    polygon = shapely.Polygon(corners) if len(corners) > 2 else shapely.Polygon()
    if not polygon.is_valid or polygon.area <= 0:
        fields.fail("room.not_simple", "polygon_m", found=len(corners))
    return polygon.buffer(fields.number("distance_m", 0.0, low=0.0, high=10.0))


def _fixtures(fields: Fields, photometries: Photometries) -> list[Fixture]:
    """One by "photometry" (or the first of "luminaires"), several by "fixtures" with their prices."""
    if fields.has("fixtures"):
        parts = fields.parts("fixtures", limit=_MOST_FIXTURES)
        if not parts:
            fields.fail("scene.field_missing", "fixtures")
        return [_fixture(part, photometries) for part in parts]
    holder = fields
    if not fields.has("photometry") and fields.has("luminaires"):
        holder = (fields.parts("luminaires", limit=1) or [fields])[0]
    made = _fixture(holder, photometries)
    watts = fields.number("watts", low=0.0) if fields.has("watts") else None
    return [replace(made, flux_factor=1.0, watts=watts if made.watts is None else made.watts)]


def _fixture(part: Fields, photometries: Photometries) -> Fixture:
    photometry = photometries.get(part, "photometry")
    return Fixture(
        name=part.text("name", photometry.catalog_number or part.text("photometry")),
        photometry=photometry,
        price=part.number("price", low=0.0, high=1e9) if part.has("price") else None,
        watts=part.number("watts", low=0.0) if part.has("watts") else None,
        flux_factor=part.number("flux_factor", 1.0, low=0.001, high=1000.0),
    )


def _room_part(fields: Fields) -> Fields:
    if fields.has("room"):
        return fields.part("room")
    parts = fields.parts("rooms", limit=1)
    if not parts:
        fields.fail("scene.empty", "rooms")
    return parts[0]


def arrange_answer(path: Path) -> dict[str, object]:
    """What `lighting arrange` answers: the positions and the figures that they reach.

    :raises LightingError: as :func:`read_task` and :func:`arrange`, with the file
    """
    task, fixtures = read_task(path)
    try:
        if len(fixtures) == 1:
            return _shown(task, fixtures[0], arrange(task), None)
        offers = cheapest(task, fixtures)
    except LightingError as error:
        error.file = error.file or path.name
        raise
    best = offers[0]
    if best.arrangement is None:
        refusal = best.refusal or LightingError("arrange.unreachable", field="target_lux")
        refusal.file = refusal.file or path.name
        raise refusal
    answer = _shown(task, best.fixture, best.arrangement, best.price)
    answer["offers"] = [_offered(offer) for offer in offers]
    return answer


def _offered(offer: Offer) -> dict[str, object]:
    found = offer.arrangement
    shown: dict[str, object] = {"name": offer.fixture.name, "price": offer.price, "ok": found is not None}
    if found is None:
        return {**shown, "refused": offer.refusal.code if offer.refusal else ""}
    result = found.result
    return {
        **shown,
        "count": len(found.positions_m),
        "average_lux": result.average_lux,
        "uniformity": result.uniformity,
        "watts": result.watts,
        "lpd_w_m2": result.lpd_w_m2,
    }


def _shown(task: Task, fixture: Fixture, found: Arrangement, price: float | None) -> dict[str, object]:
    result = found.result
    return {
        "name": task.room.name,
        "fixture": fixture.name,
        "price": price if price is not None else _total(fixture, found),
        "target_lux": task.target_lux,
        "lumen_method_count": found.lumen_method_count,
        "count": len(found.positions_m),
        "rows": found.rows,
        "columns": found.columns,
        "rotation_deg": task.rotation_deg,
        "positions_m": [list(place) for place in found.positions_m],
        "average_lux": result.average_lux,
        "minimum_lux": result.minimum_lux,
        "maximum_lux": result.maximum_lux,
        "uniformity": result.uniformity,
        "watts": result.watts,
        "lpd_w_m2": result.lpd_w_m2,
        "lpd_workplane_w_m2": result.lpd_workplane_w_m2,
    }


def _total(fixture: Fixture, found: Arrangement) -> float | None:
    return None if fixture.price is None else fixture.price * len(found.positions_m)
