"""The demo designs: every state, and a mesh that meets the standard whether it was found before or has to be found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import Engine

from presales_desktop.models.permissions import Actor
from presales_desktop.models.standards import find
from presales_desktop.services import design_steps, designs
from presales_desktop.services.demo import designs as demo
from presales_desktop.services.demo.stage import Stage
from presales_desktop.services.listing import ListQuery
from tests.helpers.design_data import make_world

Run = Callable[..., Any]


def test_plans_name_known_rooms_and_every_state() -> None:
    for plan in demo.PLANS:
        for space in plan.spaces:
            assert find(space.room_type) is not None, space.room_type
    assert {p.end for p in demo.PLANS} == {
        "draft",
        "submitted",
        "approved",
        "approved_with_notes",
        "returned",
        "rejected",
        "revised",
    }
    names = {f"{p.case}/{s.name}" for p in demo.PLANS for s in p.spaces if s.query}
    assert set(demo._layouts()) == names


@pytest.mark.parametrize("end", ["draft", "approved", "revised", "rejected"])
def test_a_plan_is_lit_and_reviewed(
    run: Run, engine: Engine, template_folder: tuple[Any, dict[str, Actor]], monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    make_world(run)
    space = demo.Space("客厅", "living", (0, 0, 6.0, 4.0), "筒灯", per_m2=0.3)
    monkeypatch.setattr(demo, "PLANS", (demo.Plan("云栖酒店大堂改造", "试验", (space,), end, 20),))
    stage = Stage(engine, template_folder[1], dt.date(2026, 11, 23))
    demo.fill(stage)
    view = run("design", designs.show, stage.ids["design"][0])
    assert view.state == {"draft": "draft", "approved": "approved", "revised": "approved", "rejected": "rejected"}[end]
    assert view.revision == (2 if end == "revised" else 1)
    result = run("design", design_steps.calculate, view.id)[0]
    assert result.passed is True
    assert 100 <= result.average_lux <= 120


def test_without_its_case_a_plan_is_left_out(
    engine: Engine, run: Run, template_folder: tuple[Any, dict[str, Actor]]
) -> None:
    demo.fill(Stage(engine, template_folder[1], dt.date(2026, 11, 23)))
    assert run("design", designs.list_rows, ListQuery()).total == 0
