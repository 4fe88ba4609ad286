"""The demo's customers and cases: believable, complete, the same every time."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import Engine

from presales_desktop.models.identity import uscc_problem
from presales_desktop.models.permissions import Actor
from presales_desktop.services import cases, customers
from presales_desktop.services.customers import CustomerDraft
from presales_desktop.services.demo import cases as demo_cases
from presales_desktop.services.demo import customers as demo_customers
from presales_desktop.services.demo.stage import Stage
from presales_desktop.services.listing import ListQuery

TODAY = dt.date(2026, 11, 23)


@pytest.fixture
def stage(engine: Engine, template_folder: tuple[object, dict[str, Actor]]) -> Stage:
    """The two areas, filled."""
    made = Stage(engine, template_folder[1], TODAY)
    demo_customers.fill(made)
    demo_cases.fill(made)
    made.day(0)
    return made


def test_sixty_customers_and_forty_cases_in_several_phases(stage: Stage) -> None:
    rows = stage.run("wangmin", customers.list_rows, ListQuery(limit=200)).rows
    assert len(rows) == 60
    assert {r.owner for r in rows} == {"王敏", "李强"}
    assert {r.state for r in rows} == {"active", "archived"}
    found = stage.run("wangmin", cases.list_rows, ListQuery(limit=200)).rows
    assert len(found) == 40
    assert {r.phase for r in found} >= {"inquiry", "paused", "lost"}
    assert {"manual", "plan_survey"} <= {r.next_action for r in found}
    assert all(r.amount_fen for r in found)


def test_codes_are_valid_and_no_two_customers_look_the_same(stage: Stage) -> None:
    for row in stage.run("wangmin", customers.list_rows, ListQuery(limit=200)).rows:
        whole = stage.run("wangmin", customers.show, row.id)
        assert uscc_problem(whole.uscc) is None
        assert whole.sites
        draft = stage.run("wangmin", customers.load, row.id)
        assert [h for h in stage.run("wangmin", customers.duplicates, draft) if h.score >= 92] == []
    hits = stage.run("wangmin", customers.duplicates, CustomerDraft(name="锦绣湾酒店（珠海）"))
    assert [h.reason for h in hits] == ["name"]
