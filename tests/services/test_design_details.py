"""What a room's light comes to beyond its work plane: glare, task areas, doors, slopes, surroundings, and the verdict with its reasons."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from presales_desktop.lighting import standards as data
from presales_desktop.models import standards
from presales_desktop.services import design_space
from presales_desktop.services.catalogue_facts import VariantFacts
from presales_desktop.services.design_details import details
from presales_desktop.services.design_drafts import ItemDraft, LuminaireDraft, RoomDraft
from presales_desktop.services.design_fixtures import Fixture, cosine_lobe
from presales_desktop.services.design_light import LightPlan, LightScene, calculate, verdicts

VARIANT = UUID(int=7)
FACTS = VariantFacts(
    VARIANT, UUID(int=8), "PN-1", "PN", "面板灯", "", "panel", "", "个", 10_000, None, None, 3600, 4000, 80, None, None, None, "square",
    600, 600, 10, "recessed", None,
)  # fmt: skip
PANEL = Fixture(FACTS, cosine_lobe(120.0, "square", 0.6, 0.6), 30.0, 3.6)
SQUARE = ((0.0, 0.0), (6.0, 0.0), (6.0, 4.0), (0.0, 4.0))


def room(**values: object) -> RoomDraft:
    return replace(RoomDraft(uuid4(), name="办公室", room_type="office", polygon=SQUARE), **values)


def hung(places: list[tuple[float, float]], **values: object) -> tuple[LuminaireDraft, ...]:
    return tuple(replace(LuminaireDraft(uuid4(), "1F", VARIANT, x, y, 2.79), **values) for x, y in places)


FOUR = [(1.5, 1.0), (4.5, 1.0), (1.5, 3.0), (4.5, 3.0)]


def scene(*rooms: RoomDraft, items: tuple[ItemDraft, ...] = (), **values: object) -> LightScene:
    made = LightScene(rooms, hung(FOUR), {VARIANT: PANEL}, items=items)
    return replace(made, **values)


def item(kind: str, points: list[tuple[float, float]], **values: object) -> ItemDraft:
    return replace(ItemDraft(uuid4(), "1F", kind, points=tuple(points)), **values)


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The company's own folder of standards, empty."""
    folder = tmp_path / "standards"
    folder.mkdir()
    with monkeypatch.context() as patch:
        patch.setattr(data, "config_dir", lambda: tmp_path)
        standards.refresh()
        yield folder
    standards.refresh()


def test_the_company_s_row_is_the_one_that_judges(company: Path) -> None:
    mine = {"standard": standards.GB, "rows": [{"key": "office", "zh": "我们的办公室", "lux": 400, "lpd_limit": 9.0}]}
    (company / "own.json").write_text(json.dumps(mine), "utf-8")
    standards.refresh()
    r = room()
    lights = calculate(scene(r), whole=False)
    judged = verdicts((r,), lights)[r.id]  # type: ignore[index]
    assert judged.row is not None
    assert (judged.row.zh, judged.row.file, judged.target_lux) == ("我们的办公室", "own.json", 400.0)
    assert judged.check("uniformity") is None  # the company's row does not ask it
    assert standards.find("office", standards.EN).lux == 500  # type: ignore[union-attr]


def test_a_damaged_file_of_the_company_is_told_and_left_out(company: Path) -> None:
    (company / "broken.json").write_text("{not json", "utf-8")
    standards.refresh()
    assert [e.code for e in standards.troubles()] == ["scene.not_json"]
    assert standards.find("office").lux == 300  # type: ignore[union-attr]


def test_each_standard_judges_by_its_own_row_and_never_by_the_other_s() -> None:
    r = room()
    lights = calculate(scene(r))
    chinese, european = (verdicts((r,), lights, name)[r.id] for name in (standards.GB, standards.EN))  # type: ignore[index]
    assert (chinese.target_lux, european.target_lux) == (300, 500)
    assert european.check("cylindrical") is not None
    assert european.check("lpd") is None
    home = replace(r, room_type="living")
    nothing = verdicts((home,), {home.id: lights[r.id]}, standards.EN)[home.id]  # type: ignore[index,dict-item]
    assert nothing.row is None
    assert nothing.ok is None


def test_glare_is_pending_after_the_live_light_and_decides_once_it_is_known() -> None:
    r = room()
    plan, made = LightPlan(), scene(r)
    live = {x.room_id: x for x in plan.update(made)}
    before = verdicts((r,), live)[r.id]  # type: ignore[index]
    assert before.pending
    jobs = plan.jobs(made)
    assert [j.stamp for j in jobs] == [live[r.id].stamp]  # type: ignore[index]
    found = details(jobs[0])
    assert len(found.glare) == 4
    after = verdicts((r,), calculate(made))[r.id]  # type: ignore[index]
    assert not after.pending
    check = after.check("ugr")
    assert check is not None
    assert check.value == found.ugr == max(g.ugr for g in found.glare)
    assert (check.ok is False) == (round(found.ugr, 1) > 19)


def test_a_placed_observer_takes_the_place_of_those_at_the_walls() -> None:
    r = room()
    mine = item("observer", [(3.0, 2.0)], bottom_m=1.5, rotation_deg=90.0)
    light = calculate(scene(r, items=(mine,)))[r.id]  # type: ignore[index]
    assert light.details is not None
    assert [(g.item_id, g.eye_m, g.direction_deg) for g in light.details.glare] == [(mine.id, 1.5, 90.0)]


def test_a_task_area_decides_with_its_surround_by_name() -> None:
    r = room(room_type="", target_lux=50)
    desk = item("task", [(1, 1), (2.5, 1), (2.5, 2), (1, 2)], name="书桌", target_lux=5000.0)
    lights = calculate(scene(r, items=(desk,)))
    verdict = verdicts((r,), lights)[r.id]  # type: ignore[index]
    assert verdict.ok is False
    assert {(c.name, c.label) for c in verdict.reasons} == {("task", "书桌"), ("surround", "书桌")}
    found = lights[r.id].details  # type: ignore[index]
    assert found is not None
    average = lights[r.id].lux.average_lux  # type: ignore[index,union-attr]
    assert found.tasks[0].average_lux == pytest.approx(average, rel=0.35)
    assert found.tasks[0].surround_needed == 500


def test_a_column_takes_light_and_place_and_a_desk_at_the_plane_none() -> None:
    r = room()
    free = calculate(scene(r), whole=False)[r.id].lux  # type: ignore[index]
    wall = item("partition", [(3.0, 0.0), (3.0, 4.0)], thickness_m=0.2)
    split = calculate(replace(scene(r, items=(wall,)), luminaires=hung(FOUR[:1])), whole=False)[r.id].lux  # type: ignore[index]
    desk = item("furniture", [(2, 1), (3, 1), (3, 2), (2, 2)], top_m=0.75)
    under = calculate(scene(r, items=(desk,)), whole=False)[r.id].lux  # type: ignore[index]
    assert free is not None
    assert split is not None
    assert under is not None
    import numpy as np

    right = split.values_lux[:, split.x_m > 3.3]
    assert float(np.nanmax(right)) < 1.0  # light on one side of a full partition does not reach the other
    assert np.isnan(split.values_lux[:, np.abs(split.x_m - 3.0) < 0.1]).all()
    assert not np.isnan(under.values_lux).any()


def test_solids_that_meet_are_handed_over_apart() -> None:
    a = item("column", [(1, 1), (2, 1), (2, 2), (1, 2)])
    b = item("furniture", [(1.5, 1), (3, 1), (3, 2), (1.5, 2)], top_m=1.0)
    made = design_space.obstructions(room(), (a, b))
    assert [round(abs(_area(o.polygon_m)), 6) for o in made] == [1.0, 1.0]


def _area(corners: tuple[tuple[float, float], ...]) -> float:
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(corners, [*corners[1:], corners[0]], strict=True)) / 2


def test_a_slope_and_a_pane_change_the_room_and_a_door_joins_two() -> None:
    flat, sloped = room(), room(high_m=4.0, rise_deg=90.0)
    low, high = (calculate(scene(r), whole=False)[r.id].lux for r in (flat, sloped))  # type: ignore[index]
    assert low is not None
    assert high is not None
    assert high.average_lux < low.average_lux - 3
    dark = room(name="走廊", polygon=((6.1, 0.0), (9.0, 0.0), (9.0, 4.0), (6.1, 4.0)))
    door = item("door", [(6.05, 1.0), (6.05, 3.0)], top_m=2.1, reflectance=0.1)
    both = (flat, dark)
    assert design_space.neighbours(flat, both, (door,)) == [dark]
    alone = replace(scene(*both, items=(door,)), luminaires=(*hung(FOUR), *hung([(7.5, 2.0)])))
    found = calculate(alone)
    joined = found[dark.id].details  # type: ignore[index]
    assert joined is not None
    assert joined.joined_lux is not None
    assert joined.joined_lux > found[dark.id].lux.average_lux  # type: ignore[index,union-attr]
    window = replace(door, type="window")
    assert design_space.neighbours(flat, both, (window,)) == []


def test_surroundings_give_the_maintenance_factor_unless_one_is_typed() -> None:
    clean, dirty = (design_space.maintenance_of(room(environment=e), 0.8) for e in ("clean", "dirty"))
    assert clean[1] is not None
    assert clean[0] == pytest.approx(clean[1].llmf * clean[1].lsf * clean[1].lmf * clean[1].rsmf)
    assert dirty[0] < clean[0]
    assert design_space.maintenance_of(room(environment="dirty", maintenance_factor=0.7), 0.8) == (0.7, None)
    assert design_space.maintenance_of(room(), 0.8) == (0.8, None)
    r = room(environment="dirty")
    light = calculate(scene(r), whole=False)[r.id]  # type: ignore[index]
    plain = room()
    assert light.lux is not None
    other = calculate(scene(plain), whole=False)[plain.id].lux  # type: ignore[index]
    assert other is not None
    assert light.lux.average_lux == pytest.approx(other.average_lux * dirty[0] / 0.8, rel=1e-3)


def test_energy_price_and_hours() -> None:
    r = room(hours_per_year=1000.0)
    light = calculate(scene(r), whole=False)[r.id]  # type: ignore[index]
    assert light.energy_kwh == pytest.approx(4 * 30.0)
    assert (light.price_fen, light.price_per_m2_fen) == (40_000, round(40_000 / 24))
    half = replace(scene(r), luminaires=hung(FOUR, flux_factor=0.5))
    assert calculate(half, whole=False)[r.id].energy_kwh == pytest.approx(60.0)  # type: ignore[index]
    unpriced = replace(PANEL, facts=replace(FACTS, list_fen=None))
    assert calculate(replace(scene(r), fixtures={VARIANT: unpriced}), whole=False)[r.id].price_fen is None  # type: ignore[index]


def test_a_drag_step_makes_no_space_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    from presales_desktop.services import design_light

    made: list[object] = []
    real = design_light.space
    monkeypatch.setattr(design_light, "space", lambda *a: made.append(a) or real(*a))
    r = room()
    column = item("column", [(1, 1), (1.3, 1), (1.3, 1.3), (1, 1.3)])
    start = scene(r, items=(column,))
    plan = LightPlan()
    list(plan.update(start))
    count = len(made)
    moved = tuple(replace(x, x_m=x.x_m + 0.1) for x in start.luminaires)
    assert len(list(plan.update(replace(start, luminaires=moved)))) == 1
    assert len(made) == count
