"""Designs of one case side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from presales_desktop.models.errors import InputError
from presales_desktop.services import design_compare, designs
from tests.helpers.design_data import World, draft_of, make_world, room, saved

Run = Callable[..., Any]


@pytest.fixture
def world(run: Run) -> World:
    return make_world(run)


def test_figures_of_two_variants_stand_beside_each_other_by_room(run: Run, world: World) -> None:
    first = saved(run, world)
    draft = draft_of(run, world, title="方案二")
    for lamp in draft.luminaires:
        lamp.variant_id = world.panel
    draft.rooms.append(room("书房", 20.0))
    second = run("design", designs.save, draft)
    (other,) = run("sales", design_compare.others, first)
    assert (other.id, other.title, other.state) == (second, "方案二", "draft")
    one, two = (design_compare.figures(m) for m in run("sales", design_compare.material, [first, second]))
    assert one.count == two.count == len(draft.luminaires)
    assert two.watts > one.watts
    assert design_compare.room_keys((one, two))[-1] == ("1F", "书房")
    key = next(k for k, figures in one.rooms.items() if figures.lux is not None)
    assert two.rooms[key].lux > one.rooms[key].lux
    assert two.rooms["1F", "书房"].lux is None
    assert (one.lpd, two.lpd) == (pytest.approx(one.watts / one.area_m2), pytest.approx(two.watts / two.area_m2))


def test_no_more_than_three_and_only_of_the_same_case(run: Run, world: World) -> None:
    first = saved(run, world)
    assert run("sales", design_compare.others, first) == ()
    with pytest.raises(InputError, match=r"design\.compare_many"):
        run("sales", design_compare.material, [first] * 4)
