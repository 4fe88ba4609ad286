"""Products are compared in the places of the selection before one is taken."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTableWidget

from presales_desktop.views.designs.swap_sheet import SwapBody
from tests.helpers.design_data import World, make_world, saved
from tests.views.designs import test_design_editor
from tests.views.designs.test_design_editor import Hand

Run = Callable[..., Any]
opened = test_design_editor.opened


@pytest.fixture
def world(run: Run) -> World:
    return make_world(run)


def test_a_product_is_compared_and_taken_by_keyboard_in_one_step(
    qtbot: Any,
    opened: Callable[..., Hand],
    run: Run,
    world: World,
) -> None:
    hand = opened(saved(run, world))
    document = hand.document
    chosen = {one.id for one in document.luminaires() if one.variant_id == world.down and one.id is not None}
    before = {one.id: one.variant_id for one in document.luminaires()}
    document.select(list(chosen))
    qtbot.keyClick(hand.canvas, Qt.Key.Key_H, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: hand.page.findChild(SwapBody) is not None, timeout=15_000)
    body = hand.page.findChild(SwapBody)
    assert isinstance(body, SwapBody)
    qtbot.waitUntil(lambda: "换个词" in body.state.text(), timeout=15_000)  # nothing alike
    assert body.problem()
    qtbot.keyClicks(body.search, "PN-1")
    table = body.table
    assert isinstance(table, QTableWidget)
    qtbot.waitUntil(lambda: table.rowCount() == 1, timeout=15_000)
    cells = [table.item(0, n).text() for n in range(table.columnCount())]  # type: ignore[union-attr]
    count = len(chosen)
    assert cells[:2] == ["晨曦面板灯", "PN-1-40"]
    assert cells[4] == f"{36 * count} W (+{26 * count})"
    qtbot.keyClick(body.search, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: {one.variant_id for one in document.luminaires()} == {world.panel}, timeout=15_000)
    hand.page.draft.undo_stack.undo()
    assert {one.id: one.variant_id for one in document.luminaires()} == before
