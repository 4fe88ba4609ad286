"""Rooms of a plan as the engine sees them: slopes, what stands in them, doors and windows, and their maintenance factor. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

import shapely

from presales_desktop.lighting import maintenance
from presales_desktop.lighting.live import Reflectance, Room
from presales_desktop.lighting.maintenance import Factor
from presales_desktop.lighting.rooms import Doorway, Obstruction, Space
from presales_desktop.models import designs as rules
from presales_desktop.services.design_drafts import ItemDraft, Point, RoomDraft

# A door's line may lie this far from the wall that it opens: walls of neighbours and what hands draw; m.
DOOR_REACH_M = 0.6
# Smaller pieces of a solid than this hide nothing that could be measured; m².
_LEAST_M2 = 1e-4
_SAME_M = 1e-3
# The top of a desk at the height of the work plane is that plane: the points lie on it, not in it; m.
_DESK_M = 0.03


def effective_margin(room: RoomDraft) -> float:
    """The edge zone in m that the averages leave out: the room's own, at most 15 % of its short side (EN 12464-1:2021 4.4)."""
    return min(room.margin_m, 0.15 * short_side(room)) if len(room.polygon) > 2 else room.margin_m


def short_side(room: RoomDraft) -> float:
    """The shorter side of the outline's bounds, m."""
    xs, ys = zip(*room.polygon, strict=True)
    return float(min(max(xs) - min(xs), max(ys) - min(ys)))


def footprint(item: ItemDraft) -> tuple[Point, ...]:
    """The outline of a solid; a partition's is its line with half its thickness to either side."""
    if item.type != "partition":
        return item.points
    line = shapely.LineString(item.points).buffer(item.thickness_m / 2, cap_style="flat", join_style="mitre")
    return tuple((float(x), float(y)) for x, y in line.exterior.coords[:-1])


def in_room(room: RoomDraft, items: Iterable[ItemDraft], types: Sequence[str]) -> list[ItemDraft]:
    """Items of TYPES on the room's floor that reach into it (areas, solids) or stand in it (places)."""
    outline = shapely.Polygon(room.polygon)
    found = []
    for item in items:
        if item.type not in types or item.floor != room.floor or not item.points:
            continue
        low, _ = rules.ITEM_POINTS[item.type]
        if low == 1:
            inside = rules.contains(room.polygon, *item.points[0])
        else:
            inside = shapely.intersection(outline, shapely.Polygon(footprint(item))).area > _LEAST_M2
        if inside:
            found.append(item)
    return found


def obstructions(room: RoomDraft, items: Iterable[ItemDraft]) -> tuple[Obstruction, ...]:
    """The solids in a room. The engine wants them apart: where two meet at the same height the earlier one keeps the place."""
    ceiling = min(room.height_m, room.high_m if room.high_m is not None else room.height_m)
    placed: list[tuple[shapely.Geometry, float, float]] = []
    made: list[Obstruction] = []
    for item in in_room(room, items, rules.SOLIDS):
        top = None if item.top_m is None or item.top_m >= ceiling - _SAME_M else item.top_m
        if item.bottom_m >= ceiling - _SAME_M:
            continue
        if top is not None and abs(top - room.workplane_m) < _DESK_M and top - _DESK_M > item.bottom_m:
            top = room.workplane_m - _DESK_M
        reach = top if top is not None else 1e3
        area: shapely.Geometry = shapely.Polygon(footprint(item))
        for other, low, high in placed:
            if low < reach and item.bottom_m < high:
                area = shapely.difference(area, other)
        for piece in shapely.get_parts(area):
            if piece.geom_type == "Polygon" and piece.area > _LEAST_M2 and not len(piece.interiors):
                corners = tuple((float(x), float(y)) for x, y in piece.exterior.coords[:-1])
                made.append(Obstruction(corners, item.bottom_m, top, item.reflectance, item.name))
        placed.append((shapely.Polygon(footprint(item)), item.bottom_m, reach))
    return tuple(made)


def engine_room(room: RoomDraft, items: Iterable[ItemDraft] = ()) -> Room:
    """A room for the engine."""
    sloped = room.high_m is not None and room.high_m != room.height_m
    return Room(
        room.polygon,
        room.height_m,
        Reflectance(room.reflectance_ceiling, room.reflectance_walls, room.reflectance_floor),
        room.name,
        obstructions(room, items),
        room.high_m if sloped else None,
        room.rise_deg if sloped else 0.0,
    )


def doorways(room: RoomDraft, items: Sequence[ItemDraft]) -> tuple[Doorway, ...]:
    """Doors and windows along the room's walls."""
    if not any(item.type in rules.OPENINGS for item in items):
        return ()
    wall = shapely.LinearRing(room.polygon) if len(room.polygon) > 2 else None
    ceiling = max(room.height_m, room.high_m or room.height_m)
    made = []
    for item in items:
        if wall is None or item.type not in rules.OPENINGS or item.floor != room.floor or len(item.points) != 2:
            continue
        if max(wall.distance(shapely.Point(p)) for p in item.points) > DOOR_REACH_M:
            continue
        top = min(item.top_m if item.top_m is not None else ceiling, ceiling)
        if top > item.bottom_m + _SAME_M:
            made.append(Doorway((item.points[0], item.points[1]), item.bottom_m, top, item.reflectance))
    return tuple(made)


def space(room: RoomDraft, items: Iterable[ItemDraft] = ()) -> Space:
    """A room alone: its doors and windows are panes of their reflectance."""
    listed = list(items)
    return Space((engine_room(room, listed),), doorways(room, listed))


def neighbours(room: RoomDraft, rooms: Iterable[RoomDraft], items: Iterable[ItemDraft]) -> list[RoomDraft]:
    """Other rooms that a door (not a window) of this one leads to."""
    listed = [i for i in items if i.type == "door" and i.floor == room.floor]
    mine = {d.line_m for d in doorways(room, listed)} if listed else set()
    if not mine:
        return []
    others = [r for r in rooms if r.id != room.id and r.floor == room.floor and len(r.polygon) > 2]
    return [r for r in others if mine & {d.line_m for d in doorways(r, listed)}]


def joined(first: RoomDraft, others: Sequence[RoomDraft], items: Sequence[ItemDraft]) -> Space:
    """A room with those behind its doors, the room itself first."""
    rooms = (first, *others)
    lines = dict.fromkeys(d for r in rooms for d in doorways(r, items))
    return Space(tuple(engine_room(r, items) for r in rooms), tuple(lines))


@lru_cache(maxsize=256)
def _factor(environment: str, housing: str, cleaning_years: float, upward: float) -> Factor:
    return maintenance.factor(environment, luminaire=housing, cleaning_years=cleaning_years, upward_share=upward)


def maintenance_of(room: RoomDraft, design_factor: float, upward_share: float = 0.0) -> tuple[float, Factor | None]:
    """The room's maintenance factor: its own where one is typed, else by its surroundings (with what it is made of), else the
    design's. UPWARD_SHARE: of its luminaires' flux.

    Raises LightingError for a table of the company that cannot be read.
    """
    if room.maintenance_factor is not None:
        return room.maintenance_factor, None
    if not room.environment:
        return design_factor, None
    made = _factor(room.environment, room.housing, room.cleaning_years, round(upward_share, 2))
    return made.total, made
