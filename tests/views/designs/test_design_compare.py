"""Variants are ticked and read side by side."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from presales_desktop.services import designs
from presales_desktop.views.designs.compare_sheet import CompareBody
from tests.helpers.design_data import World, draft_of, make_world, saved
from tests.views.designs import test_design_editor
from tests.views.designs.test_design_editor import Hand

Run = Callable[..., Any]
opened = test_design_editor.opened


@pytest.fixture
def world(run: Run) -> World:
    return make_world(run)


def test_another_design_of_the_case_stands_beside(
    qtbot: Any, opened: Callable[..., Hand], run: Run, world: World
) -> None:
    first = saved(run, world)
    draft = draft_of(run, world, title="方案二")
    for lamp in draft.luminaires:
        lamp.variant_id = world.panel
    run("design", designs.save, draft)
    hand = opened(first)
    step = next(s for s in hand.page.steps() if s.action == "compare")
    hand.page.run_step(step)
    qtbot.waitUntil(lambda: hand.page.findChild(CompareBody) is not None, timeout=15_000)
    body = hand.page.findChild(CompareBody)
    assert isinstance(body, CompareBody)
    qtbot.waitUntil(lambda: len(body.columns) == 2, timeout=30_000)
    titles = [body.table.verticalHeaderItem(n).text() for n in range(body.table.rowCount())]
    power = titles.index("总功率")
    assert body.table.item(power, 1).text() == f"{body.columns[1].watts:,.0f} W"
    for box in body.boxes.values():
        box.setChecked(False)
    qtbot.waitUntil(lambda: len(body.columns) == 1, timeout=30_000)
