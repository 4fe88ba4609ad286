"""A quote beside the plan it was made from."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from presales_desktop.services import designs, quote_hanging, quotes
from tests.helpers.design_data import World, draft_of, lamp, make_world, saved

Run = Callable[..., Any]


@pytest.fixture
def world(run: Run) -> World:
    return make_world(run)


def test_a_quote_says_where_its_lines_hang_and_what_differs(run: Run, world: World) -> None:
    design_id = saved(run, world)
    draft = run("sales", quotes.new_draft, {"design_id": design_id})
    found = run("sales", quote_hanging.against_design, draft)
    assert found.differing == ()
    item = next(n for n, line in enumerate(draft.lines) if line.type == "item")
    here = found.of_place(item)
    view = run("sales", designs.show, design_id)
    assert set(here.luminaire_ids) <= {r.id for r in view.luminaires}
    assert here.hung == draft.lines[item].quantity
    draft.lines[item].quantity += 2
    (row,) = run("sales", quote_hanging.against_design, draft).differing
    assert (row.quoted - row.hung, row.places) == (2, (item,))
    gone = draft.lines.pop(item)
    (row,) = run("sales", quote_hanging.against_design, draft).differing
    assert (row.quoted, row.hung, row.places) == (0, gone.quantity - 2, ())
    assert row.line is not None
    assert row.line.quantity == row.hung


def test_a_change_of_the_plan_is_seen_and_a_renamed_area_is_no_difference(run: Run, world: World) -> None:
    design_id = saved(run, world)
    draft = run("sales", quotes.new_draft, {"design_id": design_id})
    for line in draft.lines:
        line.room = "别的名字"
    assert run("sales", quote_hanging.against_design, draft).differing == ()
    plan = run("design", designs.load, design_id)
    plan.luminaires.append(lamp(world.panel, 2.0, 1.0))
    run("design", designs.save, plan)
    found = run("sales", quote_hanging.against_design, draft).differing
    assert [(row.variant_id, row.hung - row.quoted) for row in found] == [(world.panel, Decimal(1))]


def test_without_a_design_there_is_nothing_to_compare(run: Run, world: World) -> None:
    assert (
        run("sales", quote_hanging.against_design, run("sales", quotes.new_draft, {"case_id": world.case_id})) is None
    )
    assert draft_of(run, world).id is None
