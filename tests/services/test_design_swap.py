"""What other products would do in the same places."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from presales_desktop.services import design_swap
from presales_desktop.services.catalogue_photometry import PhotometryData
from presales_desktop.services.design_light import LightPlan, LightScene, fixture_of
from presales_desktop.services.design_swap import Swap, SwapFigures, compare, ranked
from tests.helpers.design_data import ies, lamp, make_world, room
from tests.services.test_design_light import DOWN, facts, lamps

Run = Callable[..., Any]
DOUBLE = fixture_of(
    facts(flux_lm=2000, power_w=Decimal(15), list_fen=9_000, sku="X-2"),
    PhotometryData(ies(636.62), "b.ies", "c" * 64, 1.0),
)
NOW = dataclasses.replace(DOWN, facts=dataclasses.replace(DOWN.facts, list_fen=5_000))


def scene(held: tuple[Any, ...]) -> LightScene:
    return LightScene((room(), room("卧室", 7.0)), held, {NOW.facts.variant_id: NOW})


def test_twice_the_flux_is_twice_the_lux_and_power_and_price_are_those_of_the_chosen() -> None:
    held = (*lamps(), lamp(NOW.facts.variant_id, 9.0, 2.0))
    chosen = {one.id for one in held[:6] if one.id is not None}
    (swap,) = compare(scene(held), chosen, [DOUBLE])
    assert swap.before.lux is not None
    assert swap.after.lux == pytest.approx(2 * swap.before.lux, rel=1e-4)
    assert swap.more_lux == pytest.approx(swap.before.lux, rel=1e-4)
    assert (swap.before.watts, swap.after.watts, swap.more_watts) == (60, 90, 30)
    assert (swap.before.price_fen, swap.after.price_fen, swap.more_fen) == (30_000, 54_000, 24_000)


def test_the_figures_are_those_of_the_plan_after_the_swap() -> None:
    held = lamps()
    chosen = {one.id for one in held[:3] if one.id is not None}
    (swap,) = compare(scene(held), chosen, [DOUBLE])
    variant_id = DOUBLE.facts.variant_id
    swapped = tuple(dataclasses.replace(one, variant_id=variant_id) if one.id in chosen else one for one in held)
    known = {NOW.facts.variant_id: NOW, variant_id: DOUBLE}
    after = next(r for r in LightPlan().update(LightScene((room(),), swapped, known)) if r.lux is not None)
    assert after.lux is not None
    assert swap.after.lux == pytest.approx(after.figures.average_lux, rel=1e-6)
    assert swap.after.uniformity == pytest.approx(after.figures.uniformity, rel=1e-6)


def test_without_a_price_or_a_room_nothing_is_made_up() -> None:
    outside = lamp(NOW.facts.variant_id, 99.0, 99.0)
    free = dataclasses.replace(DOUBLE, facts=dataclasses.replace(DOUBLE.facts, list_fen=None))
    (swap,) = compare(scene((outside,)), {outside.id}, [free])  # type: ignore[arg-type]
    assert (swap.more_lux, swap.more_fen, swap.after.passes) == (None, None, None)
    assert swap.more_watts == 5


def test_a_comparison_that_nobody_waits_for_ends() -> None:
    held = lamps()
    assert list(compare(scene(held), {one.id for one in held if one.id}, [DOUBLE, DOUBLE], lambda: True)) == []


def test_what_passes_comes_first_and_of_that_the_cheapest() -> None:
    def swap(name: str, passes: bool | None, fen: int | None) -> Swap:
        fixture = dataclasses.replace(DOWN, facts=dataclasses.replace(DOWN.facts, sku=name))
        before = SwapFigures(100.0, 0.5, 10, 1_000, True)
        return Swap(fixture, before, SwapFigures(100.0, 0.5, 10, fen, passes))

    found = ranked(
        [swap("dark", False, 10), swap("unknown", True, None), swap("dear", True, 900), swap("cheap", True, 800)]
    )
    assert [s.fixture.facts.sku for s in found] == ["cheap", "dear", "unknown", "dark"]


def test_candidates_are_alike_or_what_was_searched_for(run: Run) -> None:
    world = make_world(run)
    alike = run("design", design_swap.candidates, world.down)
    assert alike == ()  # the only downlight there is
    found = run("design", design_swap.candidates, world.down, "面板灯")
    assert [f.facts.sku for f in found] == ["PN-1-40"]
    assert run("design", design_swap.candidates, None, "")
