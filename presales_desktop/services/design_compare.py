"""Designs of one case side by side: light, power and price by room, so that a variant is chosen by figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import select

from presales_desktop.models.designs import Design
from presales_desktop.models.errors import InputError
from presales_desktop.services import designs
from presales_desktop.services.design_light import LightScene, calculate, verdicts
from presales_desktop.services.design_print import scene_of
from presales_desktop.services.designs import DesignView
from presales_desktop.services.work import Work

MOST: Final = 3


@dataclass(frozen=True)
class Other:
    """A design that may stand beside: another one of the case or another revision."""

    id: UUID
    label: str
    title: str
    state: str


@dataclass(frozen=True)
class Material:
    """A design as it was read, to be calculated outside the transaction."""

    view: DesignView
    scene: LightScene


@dataclass(frozen=True)
class RoomFigures:
    """A room in one design; None where nothing is lit, asked for or priced. Illuminance in lx, `lpd` in W/m², price in fen."""

    lux: float | None
    target_lux: float | None
    uniformity: float | None
    ugr: float | None
    lpd: float | None
    count: int
    price_fen: int | None
    ok: bool | None


@dataclass(frozen=True)
class DesignFigures:
    """One column of the comparison; `rooms` by floor and name. Watts and price are sums over the rooms; price None where one has none."""

    id: UUID
    label: str
    title: str
    state: str
    count: int
    watts: float
    area_m2: float
    price_fen: int | None
    passed: int
    judged: int
    rooms: dict[tuple[str, str], RoomFigures]

    @property
    def lpd(self) -> float | None:
        """Power over the area of all rooms, W/m²."""
        return self.watts / self.area_m2 if self.area_m2 > 0 else None

    @property
    def price_per_m2_fen(self) -> int | None:
        """List price over the area of all rooms."""
        return round(self.price_fen / self.area_m2) if self.price_fen is not None and self.area_m2 > 0 else None


def others(work: Work, design_id: UUID) -> tuple[Other, ...]:
    """Designs of the same case but this one, the newest change first."""
    work.require("design.view")
    record = work.get(Design, design_id)
    rows = work.session.scalars(
        select(Design)
        .where(Design.case_id == record.case_id, Design.id != design_id)
        .order_by(Design.updated_at.desc(), Design.id)
    )
    return tuple(Other(d.id, f"{d.number}-R{d.revision}", d.title, d.state) for d in rows)


def material(work: Work, design_ids: Sequence[UUID]) -> tuple[Material, ...]:
    """What is calculated from. Raises NotFound, PermissionDenied; InputError design.compare_many for more than MOST."""
    if len(design_ids) > MOST:
        raise InputError("design.compare_many", limit=MOST)
    views = [designs.show(work, design_id) for design_id in design_ids]
    return tuple(Material(view, scene_of(work, view)) for view in views)


def figures(found: Material) -> DesignFigures:
    """The figures of one design, glare included: seconds for large plans, so on a worker."""
    view, lights = found.view, calculate(found.scene)
    judged = verdicts(view.rooms, lights, view.standard)
    rooms: dict[tuple[str, str], RoomFigures] = {}
    for room in view.rooms:
        light = lights.get(room.id) if room.id is not None else None
        verdict = judged.get(room.id) if room.id is not None else None
        glare = verdict.check("ugr") if verdict is not None else None
        lit = light is not None and light.lux is not None
        rooms[(room.floor, room.name)] = RoomFigures(
            light.figures.average_lux if light is not None and lit else None,
            verdict.target_lux if verdict is not None else None,
            light.figures.uniformity if light is not None and lit else None,
            glare.value if glare is not None else None,
            light.figures.lpd if light is not None and lit else None,
            light.count if light is not None else 0,
            light.price_fen if light is not None else None,
            verdict.ok if verdict is not None else None,
        )  # fmt: skip
    fixtures = [found.scene.fixtures.get(m.variant_id) if m.variant_id else None for m in view.luminaires]
    prices = [f.facts.list_fen if f is not None else None for f in fixtures]
    return DesignFigures(
        view.id, f"{view.number}-R{view.revision}", view.title, view.state, len(view.luminaires),
        sum(f.watts for f in fixtures if f is not None), sum(light.figures.area_m2 for light in lights.values()),
        None if None in prices else sum(p for p in prices if p is not None),
        sum(r.ok is True for r in rooms.values()), sum(r.ok is not None for r in rooms.values()), rooms,
    )  # fmt: skip


def room_keys(columns: Sequence[DesignFigures]) -> list[tuple[str, str]]:
    """Rooms of all COLUMNS, in the order of the first that has them."""
    return list(dict.fromkeys(key for column in columns for key in column.rooms))
