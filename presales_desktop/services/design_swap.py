"""Other products in the same places: what each would do to the light, the power and the price, before one is chosen. Qt-free."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import func, select

from presales_desktop.models.catalogue import Product, Variant
from presales_desktop.services.catalogue_facts import facts, find_variants
from presales_desktop.services.design_drafts import LuminaireDraft
from presales_desktop.services.design_fixtures import Fixture, fixtures
from presales_desktop.services.design_light import LightPlan, LightScene, RoomLight, assign, verdicts
from presales_desktop.services.work import Work

LIMIT = 12


@dataclass(frozen=True)
class SwapFigures:
    """What the chosen luminaires and the rooms that they hang in come to.

    `lux`: mean over the rooms by their area, `uniformity`: the lowest of them, both None where nothing is lit; `watts` and `price_fen`
    (list, None where one has no price) of the chosen luminaires alone; `passes`: whether every room meets its standard, None where
    nothing is asked of one of them; glare is not among it, for it takes longer than a glance.
    """

    lux: float | None
    uniformity: float | None
    watts: float
    price_fen: int | None
    passes: bool | None


@dataclass(frozen=True)
class Swap:
    """One product in the places of the chosen luminaires, beside what hangs there now."""

    fixture: Fixture
    before: SwapFigures
    after: SwapFigures

    @property
    def more_lux(self) -> float | None:
        """Change of the mean illuminance, lx."""
        if self.before.lux is None or self.after.lux is None:
            return None
        return self.after.lux - self.before.lux

    @property
    def more_watts(self) -> float:
        """Change of the power, W."""
        return self.after.watts - self.before.watts

    @property
    def more_fen(self) -> int | None:
        """Change of the list price, fen."""
        if self.before.price_fen is None or self.after.price_fen is None:
            return None
        return self.after.price_fen - self.before.price_fen


def candidates(work: Work, variant_id: UUID | None, text: str = "", limit: int = LIMIT) -> tuple[Fixture, ...]:
    """Products that could hang in the place of VARIANT_ID: what TEXT finds, or of its category those nearest in flux; they give light."""
    if text.strip() or variant_id is None:
        ids = [f.variant_id for f in find_variants(work, text, limit + 1)]
    else:
        ids = _alike(work, variant_id, limit)
    known = fixtures(work, [i for i in ids if i != variant_id])
    return tuple(known[i] for i in ids if i in known and known[i].photometry is not None)[:limit]


def _alike(work: Work, variant_id: UUID, limit: int) -> list[UUID]:
    now = facts(work, [variant_id]).get(variant_id)
    if now is None:
        return []
    far = func.abs(func.coalesce(Variant.flux_lm, 0) - (now.flux_lm or 0))
    return list(
        work.session.scalars(
            select(Variant.id)
            .join(Product, Product.id == Variant.product_id)
            .where(
                Variant.active, Product.state == "active", Product.category == now.category, Variant.id != variant_id
            )
            .order_by(Product.mounting != now.mounting, far, Variant.sku)
            .limit(limit * 2)
        )
    )


def compare(
    scene: LightScene, chosen: Collection[UUID], products: Sequence[Fixture], stop: Callable[[], bool] = lambda: False
) -> Iterator[Swap]:
    """Each of PRODUCTS in the places of the CHOSEN luminaires of SCENE. STOP is asked before each. The rooms' geometry is made once."""
    ours = [lamp for lamp in scene.luminaires if lamp.id in chosen]
    touched = {room_id for room_id, held in assign(scene.rooms, ours).items() if held}
    here = replace(scene, rooms=tuple(r for r in scene.rooms if r.id in touched))
    plan = LightPlan()
    lights: dict[UUID, RoomLight] = {}
    before = _figures(plan, here, ours, lights)
    for product in products:
        if stop():
            return
        variant_id = product.facts.variant_id
        swapped = tuple(replace(m, variant_id=variant_id) if m.id in chosen else m for m in scene.luminaires)
        known: Mapping[UUID, Fixture] = {**scene.fixtures, variant_id: product}
        there = replace(here, luminaires=swapped, fixtures=known)
        after = _figures(plan, there, [m for m in swapped if m.id in chosen], lights)
        yield Swap(product, before, after)


def _figures(
    plan: LightPlan, scene: LightScene, ours: Sequence[LuminaireDraft], lights: dict[UUID, RoomLight]
) -> SwapFigures:
    lights.update((light.room_id, light) for light in plan.update(scene))
    lit = [light for light in lights.values() if light.lux is not None]
    area = sum(light.figures.area_m2 for light in lit)
    mean = sum(light.figures.average_lux * light.figures.area_m2 for light in lit) / area if area > 0 else None
    said = [verdict.ok for verdict in verdicts(scene.rooms, lights, scene.standard).values()]
    hung = [scene.fixtures.get(lamp.variant_id) if lamp.variant_id else None for lamp in ours]
    prices = [fixture.facts.list_fen if fixture is not None else None for fixture in hung]
    return SwapFigures(
        lux=mean,
        uniformity=min((light.figures.uniformity for light in lit), default=None),
        watts=sum(fixture.watts for fixture in hung if fixture is not None),
        price_fen=None if None in prices else sum(p for p in prices if p is not None),
        passes=None if not said or None in said else all(said),
    )


def ranked(found: Sequence[Swap]) -> list[Swap]:
    """What passes first, of those the cheapest; then what comes nearest to today's light."""

    def place(swap: Swap) -> tuple[bool, bool, int, float]:
        price = swap.after.price_fen
        return (not swap.after.passes, price is None, price or 0, abs(swap.more_lux or 0.0))

    return sorted(found, key=place)
