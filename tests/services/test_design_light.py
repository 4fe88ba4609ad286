"""The light of a plan: what changes is calculated, what does not is not; figures of the task area; estimates without files."""

from __future__ import annotations

import dataclasses
import math
from decimal import Decimal
from typing import Any
from uuid import uuid4

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from presales_desktop.lighting.photometry import Photometry
from presales_desktop.services import design_light
from presales_desktop.services.catalogue_facts import VariantFacts
from presales_desktop.services.catalogue_photometry import PhotometryData
from presales_desktop.services.design_arrange import best, hang, meshes, places
from presales_desktop.services.design_drafts import LuminaireDraft, RoomDraft
from presales_desktop.services.design_light import (
    Fixture,
    LightPlan,
    LightScene,
    calculate,
    cosine_lobe,
    effective_margin,
    fixture_of,
    fixtures,
    verdicts,
)
from tests.helpers.design_data import ies, lamp, make_world, room


def facts(**values: Any) -> VariantFacts:
    """Facts of an invented variant."""
    given_ = {f.name: None for f in dataclasses.fields(VariantFacts)} | {
        "variant_id": uuid4(), "product_id": uuid4(), "sku": "X-1", "model_no": "X", "name": "灯", "flux_lm": 1000,
        "power_w": Decimal(10), "ra": 90, "shape": "round", "category": "downlight", "active": True,
    }  # fmt: skip
    return VariantFacts(**(given_ | values))  # type: ignore[arg-type]


FILE = PhotometryData(ies(), "dl.ies", "a" * 64, 1.0)
DOWN = fixture_of(facts(), FILE)
KNOWN = {DOWN.facts.variant_id: DOWN}


def lamps(count: int = 6) -> tuple[LuminaireDraft, ...]:
    return tuple(lamp(DOWN.facts.variant_id, 0.8 + i % 3 * 2, 1.0 + i // 3 * 2) for i in range(count))


def scene(rooms: tuple[RoomDraft, ...], held: tuple[LuminaireDraft, ...], **values: Any) -> LightScene:
    return LightScene(rooms, held, KNOWN, **values)


def test_a_file_gives_the_distribution_and_the_catalogue_the_watts() -> None:
    assert DOWN.photometry is not None
    assert DOWN.lumens == pytest.approx(1000, rel=0.01)
    assert DOWN.watts == 10
    assert not DOWN.estimated


def test_a_products_file_is_scaled_to_the_variant() -> None:
    scaled = fixture_of(facts(flux_lm=1500), PhotometryData(ies(), "dl.ies", "a" * 64, 1.5))
    assert scaled.lumens == pytest.approx(1500, rel=0.01)
    assert not scaled.doubtful


def test_a_file_that_contradicts_the_catalogue_is_doubted() -> None:
    assert fixture_of(facts(flux_lm=2000), FILE).doubtful


def test_without_a_file_light_is_estimated_from_flux_and_beam() -> None:
    made = fixture_of(facts(beam_deg=Decimal(60)), None)
    assert made.estimated
    assert made.lumens == pytest.approx(1000, rel=1e-6)
    assert made.photometry is not None
    table = made.photometry.lut()[0]
    assert table[30] / table[0] == pytest.approx(0.5, abs=0.01)


def test_without_file_and_flux_there_is_no_light() -> None:
    assert fixture_of(facts(flux_lm=None), None).photometry is None


def test_a_damaged_file_becomes_an_estimate_and_says_so() -> None:
    made = fixture_of(facts(), PhotometryData(b"IESNA:LM-63-2002\nTILT=NONE\n1 1000", "x.ies", "b" * 64, 1.0))
    assert made.estimated
    assert made.problem.startswith("photometry.")


@given(st.floats(5, 160))
@settings(max_examples=25, deadline=None)
def test_lobes_carry_a_thousand_lumens(beam: float) -> None:
    lobe = cosine_lobe(round(beam, 1))
    assert lobe.lumens == pytest.approx(1000, rel=1e-6)


def test_only_the_room_that_changed_is_calculated() -> None:
    rooms = (room(), room("卧室", 7.0))
    held = (*lamps(), lamp(DOWN.facts.variant_id, 9.0, 2.0))
    plan = LightPlan()
    assert len(list(plan.update(scene(rooms, held)))) == 2
    assert list(plan.update(scene(rooms, held))) == []
    moved = (dataclasses.replace(held[0], x_m=1.2), *held[1:])
    changed = list(plan.update(scene(rooms, moved)))
    assert [c.room_id for c in changed] == [rooms[0].id]
    assert len(list(plan.update(scene(rooms, moved, maintenance_factor=0.7)))) == 2


def test_a_drag_ends_where_a_fresh_calculation_would() -> None:
    rooms = (room(),)
    held = lamps()
    plan = LightPlan()
    list(plan.update(scene(rooms, held)))
    for i in range(1, 13):
        moved = (dataclasses.replace(held[0], x_m=0.8 + i * 0.1, y_m=1.0 + i * 0.05), *held[1:])
        dragged = list(plan.update(scene(rooms, moved)))[0]  # noqa: RUF015  # the whole update must run
    fresh = calculate(scene(rooms, moved))[rooms[0].id]  # type: ignore[index]
    assert dragged.lux is not None
    assert fresh.lux is not None
    assert dragged.lux.average_lux == pytest.approx(fresh.lux.average_lux, rel=1e-4)
    assert np.allclose(dragged.lux.values_lux, fresh.lux.values_lux, rtol=2e-3, equal_nan=True)


def test_a_luminaire_carried_into_the_next_room_lights_that_one() -> None:
    rooms = (room(), room("卧室", 7.0))
    plan = LightPlan()
    mine = lamp(DOWN.facts.variant_id, 3.0, 2.0)
    list(plan.update(scene(rooms, (mine,))))
    after = {c.room_id: c for c in plan.update(scene(rooms, (dataclasses.replace(mine, x_m=10.0),)))}
    assert after[rooms[0].id].lux is None  # type: ignore[index]
    lux = after[rooms[1].id].lux  # type: ignore[index]
    assert lux is not None and lux.average_lux > 0  # noqa: PT018


def test_light_doubles_with_the_flux() -> None:
    rooms = (room(),)
    dim = tuple(dataclasses.replace(r, flux_factor=0.5) for r in lamps())
    full, half = calculate(scene(rooms, lamps())), calculate(scene(rooms, dim))
    key = rooms[0].id
    assert half[key].lux.average_lux * 2 == pytest.approx(full[key].lux.average_lux, rel=1e-5)  # type: ignore[index, union-attr]


def test_figures_leave_out_the_margin_but_the_picture_does_not() -> None:
    rooms = (dataclasses.replace(room(), margin_m=0.5),)
    light = calculate(scene(rooms, lamps()))[rooms[0].id]  # type: ignore[index]
    lux = light.lux
    assert lux is not None
    values = lux.values_lux
    x, y = np.meshgrid(lux.x_m, lux.y_m)
    task = (x > 0.5) & (x < 5.5) & (y > 0.5) & (y < 3.5)
    assert lux.average_lux == pytest.approx(float(values[task].mean()), rel=1e-6)
    assert lux.minimum_lux == pytest.approx(float(values[task].min()), rel=1e-6)
    assert float(np.nanmin(values)) < lux.minimum_lux
    assert not np.isnan(values).any()


def test_a_narrow_room_has_a_narrow_margin() -> None:
    """EN 12464-1: 15 % of the short side, half a metre at most."""
    assert effective_margin(dataclasses.replace(room(width=9.0, depth=1.2), margin_m=0.5)) == pytest.approx(0.18)
    assert effective_margin(dataclasses.replace(room(width=9.0, depth=6.0), margin_m=0.5)) == 0.5


def test_the_dialux_room_within_one_percent() -> None:
    """lighting.md 2.3: 6 x 4 x 2.8, isotropic 1000 lm at (3, 2, 2.5), margin 0.5, MF 0.8: 23.2 lx, U0 0.46 (with a desk)."""
    gammas = np.arange(0.0, 181.0, 5.0)
    base = cosine_lobe(120.0)
    isotropic: Photometry = dataclasses.replace(
        base, gamma_angles_deg=gammas, candela=np.full((1, len(gammas)), 1000 / (4 * math.pi)), _cache={}
    )
    fixture = Fixture(facts(), isotropic, 10.0)
    where = (dataclasses.replace(room(), height_m=2.8, workplane_m=0.8, margin_m=0.5),)
    held = (lamp(fixture.facts.variant_id, 3.0, 2.0, z_m=2.5),)
    lit = calculate(LightScene(where, held, {fixture.facts.variant_id: fixture}, 0.8))[where[0].id]  # type: ignore[index]
    assert lit.lux is not None
    assert lit.lux.average_lux == pytest.approx(23.2, rel=0.01)
    # The lowest point depends on where the grid's outermost points stand.
    assert lit.lux.uniformity == pytest.approx(0.46, abs=0.02)


def test_a_luminaire_above_the_ceiling_is_named() -> None:
    rooms = (room(),)
    high = lamp(DOWN.facts.variant_id, 3.0, 2.0, z_m=3.5)
    light = calculate(scene(rooms, (*lamps(), high)))[rooms[0].id]  # type: ignore[index]
    assert light.outside == (high.id,)


def test_what_cannot_be_calculated_carries_its_reason() -> None:
    crossed = dataclasses.replace(room(), polygon=((0.0, 0.0), (4.0, 3.0), (4.0, 0.0), (0.0, 3.0)))
    held = (lamp(DOWN.facts.variant_id, 0.3, 1.5),)
    light = calculate(scene((crossed,), held))[crossed.id]  # type: ignore[index]
    assert light.lux is None
    assert light.problem == "room.not_simple"
    good = list(LightPlan().update(scene((room(),), lamps())))
    assert good[0].problem == ""


def test_an_overtaken_update_is_finished_later() -> None:
    rooms = (room(), room("卧室", 7.0))
    held = (*lamps(), lamp(DOWN.facts.variant_id, 9.0, 2.0))
    plan = LightPlan()
    answers = iter([False, True])
    first = list(plan.update(scene(rooms, held), lambda: next(answers)))
    second = list(plan.update(scene(rooms, held)))
    assert len(first) == 1
    assert {c.room_id for c in (*first, *second)} == {r.id for r in rooms}


def test_an_empty_room_is_made_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[str] = []
    original = design_light.LiveRoom

    def counted(room: Any, *args: Any) -> Any:
        built.append(room.rooms[0].name)
        return original(room, *args)

    monkeypatch.setattr(design_light, "LiveRoom", counted)
    rooms = (room(), room("卧室", 7.0))
    plan = LightPlan()
    empty = {c.room_id: c for c in plan.update(scene(rooms, ()))}
    assert all(c.lux is None for c in empty.values())
    plan.prepare(scene(rooms, ()))
    assert built == ["客厅", "卧室"]
    lit = list(plan.update(scene(rooms, lamps())))
    assert lit[0].lux is not None
    assert lit[0].lux.average_lux > 0
    assert built == ["客厅", "卧室"]


def test_verdicts_of_a_flat_share_their_power() -> None:
    rooms = (room(), room("卧室", 7.0, room_type="bedroom"))
    lights = calculate(scene(rooms, lamps()))
    judged = verdicts(rooms, lights)
    shares = {k: v.check("lpd").value for k, v in judged.items() if v.check("lpd")}  # type: ignore[union-attr]
    assert len(set(shares.values())) == 1


def test_fixtures_come_from_the_catalogue(run: Any) -> None:
    world = make_world(run)
    made = run("sales", fixtures, [world.down, world.panel, uuid4()])
    assert set(made) == {world.down, world.panel}
    assert not made[world.down].estimated
    assert made[world.panel].estimated
    again = run("design", fixtures, [world.down])
    assert again[world.down].photometry is made[world.down].photometry


# -- arranging ---------------------------------------------------------------------------------------------------------


@given(st.integers(1, 8), st.integers(1, 8))
def test_a_mesh_stands_half_a_spacing_from_the_walls(columns: int, rows: int) -> None:
    found = places(room().polygon, columns, rows)
    assert len(found) == columns * rows
    assert found[0] == pytest.approx((3 / columns, 2 / rows))
    assert found[-1] == pytest.approx((6 - 3 / columns, 4 - 2 / rows))


def test_places_outside_an_l_shaped_room_are_left_out() -> None:
    shape = ((0.0, 0.0), (6.0, 0.0), (6.0, 3.0), (3.0, 3.0), (3.0, 6.0), (0.0, 6.0))
    assert len(places(shape, 2, 2)) == 3


def test_meshes_begin_with_the_fewest_and_squarest() -> None:
    found = list(meshes(room(), 4, 12))
    assert found[0] in ((2, 2), (4, 1))
    counts = [c * r for c, r in found]
    assert counts == sorted(counts)


def test_the_best_mesh_meets_the_target() -> None:
    where = room()
    mesh = best(where, DOWN, 2.8, 0.8)
    assert mesh is not None
    assert mesh.meets
    held = tuple(hang(where, DOWN.facts.variant_id, (mesh.columns, mesh.rows), 2.8, mesh.flux_factor))
    light = calculate(scene((where,), held))[where.id]  # type: ignore[index]
    assert verdicts((where,), {where.id: light})[where.id].ok is True  # type: ignore[index, dict-item]


def test_no_target_no_mesh() -> None:
    assert best(room(room_type=""), DOWN, 2.8, 0.8) is None
