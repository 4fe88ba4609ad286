"""The demo's surveys and contracts are believable: every state, photos, contradictions, reviews by the right people."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
from sqlalchemy import Engine

from presales_desktop.models.permissions import Actor
from presales_desktop.models.survey_analysis import analyse
from presales_desktop.reports import printer
from presales_desktop.services import contract_steps, contracts, survey_steps, surveys, timeline
from presales_desktop.services.demo import cases, catalogue, customers
from presales_desktop.services.demo import contracts as demo_contracts
from presales_desktop.services.demo import credit as demo_credit
from presales_desktop.services.demo import quotes as demo_quotes
from presales_desktop.services.demo import surveys as demo_surveys
from presales_desktop.services.demo.stage import Stage
from presales_desktop.services.listing import ListQuery

TODAY = dt.date(2026, 11, 23)


@pytest.fixture
def stage(engine: Engine, template_folder: tuple[object, dict[str, Actor]]) -> Stage:
    made = Stage(engine, template_folder[1], TODAY)
    customers.fill(made)
    cases.fill(made)
    return made


def test_demo_surveys_in_every_state_with_photos_and_contradictions(stage: Stage) -> None:
    demo_surveys.fill(stage)
    stage.day(0)
    rows = stage.run("zhaolei", surveys.list_rows, ListQuery(limit=100)).rows
    assert len(rows) == len(demo_surveys.PLANS) == 14
    assert Counter(r.state for r in rows) == {"confirmed": 5, "report_draft": 3, "collecting": 4, "planned": 2}
    assert [r.late for r in rows].count(True) == 1
    assert {r.owner for r in rows} == {"王敏", "李强"}
    views = [stage.run("zhaolei", surveys.show, r.id) for r in rows]
    assert sum(len(v.photos) for v in views) > 20
    found = Counter(f.code for v in views for f in analyse(v.draft, TODAY).findings)
    assert {"budget_short", "delivery_soon", "scene_without_dimming", "cool_for_rest", "high_ceiling"} <= set(found)
    for view in views:
        if view.reports:
            assert stage.run("zhaolei", survey_steps.document, view.id, view.reports[-1].revision).content["spaces"]


@pytest.mark.slow
def test_demo_contracts_in_every_state_from_accepted_quotes(stage: Stage) -> None:
    printer.install()
    catalogue.fill(stage)
    demo_quotes.fill(stage)
    demo_credit.fill(stage)
    demo_contracts.fill(stage)
    rows = stage.run("zhaolei", contracts.list_rows, ListQuery(limit=100)).rows
    states = Counter(r.state for r in rows)
    assert {"draft", "submitted", "approved", "returned", "out_for_signature", "signed"} <= set(states)
    assert states["signed"] >= 2
    for row in rows:
        shown = stage.run("zhaolei", contracts.show, row.id)
        assert shown.subject.total_fen == shown.total_fen
        assert shown.draft.deposit_fen * 5 <= shown.total_fen
        if shown.state in ("approved", "out_for_signature", "signed"):
            assert {(s.step, s.who) for s in shown.steps} == {("legal", "郑凯"), ("sales", "赵磊"), ("finance", "周芳")}
        if shown.state == "signed":
            assert [f.role for f in shown.files] == ["sent"]
            assert stage.run("zhaolei", contract_steps.document, row.id).clear
    assert stage.run("zhaolei", timeline.verify) is None
