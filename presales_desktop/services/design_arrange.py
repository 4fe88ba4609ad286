"""Luminaires for a room's target: the mesh that meets it, found by calculating, not by rule of thumb. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID, uuid5

from presales_desktop.models import standards
from presales_desktop.models.designs import area_m2, contains
from presales_desktop.services.design_drafts import LuminaireDraft, Point, RoomDraft
from presales_desktop.services.design_light import Fixture, LightPlan, LightScene, verdicts

# First guess of the utilisation factor; the calculation corrects it.
GUESSED_UTILISATION = 0.6
MOST = 400
_SPACE = UUID("6f2c7a52-5c1e-4d0b-9f0d-0d5a5f1e7c11")


@dataclass(frozen=True)
class Mesh:
    """Columns x rows with half a spacing to the walls, dimmed to `flux_factor`, and the figures that it reaches."""

    columns: int
    rows: int
    flux_factor: float
    average_lux: float
    uniformity: float
    meets: bool


def places(polygon: Sequence[Point], columns: int, rows: int) -> list[Point]:
    """The places of a mesh over a room's bounds that lie in the room, row by row from the bottom left."""
    xs, ys = [p[0] for p in polygon], [p[1] for p in polygon]
    left, bottom = min(xs), min(ys)
    sx, sy = (max(xs) - left) / columns, (max(ys) - bottom) / rows
    found = [(left + sx * (c + 0.5), bottom + sy * (r + 0.5)) for r in range(rows) for c in range(columns)]
    return [p for p in found if contains(polygon, *p)]


def guess(room: RoomDraft, lumens: float, target_lux: float, factor: float) -> float:
    """Pieces by the lumen method: N = E A / (flux x MF x U) (GB/T 50034 notes; U = 0.6)."""
    return target_lux * area_m2(room.polygon) / max(lumens * factor * GUESSED_UTILISATION, 1e-9)


def meshes(room: RoomDraft, least: float, most: float) -> Iterator[tuple[int, int]]:
    """Meshes of LEAST to MOST pieces, fewest first, squarest first among equals; never more than thrice longer than wide."""
    xs, ys = [p[0] for p in room.polygon], [p[1] for p in room.polygon]
    width, depth = max(xs) - min(xs), max(ys) - min(ys)
    found = []
    for columns in range(1, 31):
        for rows in range(1, 31):
            pieces = columns * rows
            shape = abs(math.log((width / columns) / max(depth / rows, 1e-9)))
            if least <= pieces <= min(most, MOST) and shape <= math.log(3.0):
                found.append((pieces, shape, columns, rows))
    for _, _, columns, rows in sorted(found):
        yield columns, rows


def hang(
    room: RoomDraft, variant_id: UUID, mesh: tuple[int, int], z_m: float, flux_factor: float = 1.0
) -> list[LuminaireDraft]:
    """Luminaires of a mesh, with ids that depend on nothing but room and place."""
    return [
        LuminaireDraft(
            id=uuid5(_SPACE, f"{room.id}/{i}"), floor=room.floor, variant_id=variant_id, x_m=round(x, 4), y_m=round(y, 4),
            z_m=z_m, flux_factor=flux_factor,
        )
        for i, (x, y) in enumerate(places(room.polygon, *mesh))
    ]  # fmt: skip


def best(
    room: RoomDraft, fixture: Fixture, z_m: float, factor: float, *, tries: int = 14, plan: LightPlan | None = None
) -> Mesh | None:
    """The fewest luminaires that meet the room's target, uniformity and power limit; dimmed where they give too much.

    PLAN: handed in again for the same room with another fixture, it keeps the room's geometry. None when the room has no target or the fixture no light; `meets` False when nothing tried met all of it.
    """
    row = standards.find(room.room_type)
    target = room.target_lux or (float(row.lux) if row else None)
    if target is None or fixture.lumens <= 0 or room.id is None:
        return None
    expected = guess(room, fixture.lumens, target, factor)
    plan = plan or LightPlan()
    closest: Mesh | None = None
    for n, mesh in enumerate(meshes(room, expected * 0.6, expected * 3 + 3)):
        if n >= tries:
            break
        made = _try(plan, room, fixture, mesh, z_m, factor, target)
        if made.meets:
            return made
        if closest is None or abs(made.average_lux - target) < abs(closest.average_lux - target):
            closest = made
    return closest


def _try(
    plan: LightPlan, room: RoomDraft, fixture: Fixture, mesh: tuple[int, int], z_m: float, factor: float, target: float
) -> Mesh:
    variant = fixture.facts.variant_id
    known: Mapping[UUID, Fixture] = {variant: fixture}
    scene = LightScene((room,), tuple(hang(room, variant, mesh, z_m)), known, factor)
    light = next(plan.update(scene))
    if light.lux is None:
        return Mesh(*mesh, 1.0, 0.0, 0.0, False)
    average = light.lux.average_lux
    flux = 1.0 if average <= target * 1.15 else max(0.1, math.ceil(target * 1.06 / average * 20) / 20)
    figures = replace(light.figures, average_lux=average * flux)
    judged = verdicts((room,), {light.room_id: replace(light, figures=figures)})[light.room_id]
    return Mesh(*mesh, flux, average * flux, light.lux.uniformity, bool(judged.ok) and flux >= 0.55)
