"""The demo's quotes on a small company: every state is there, made by the right people, and each sent one is as approved."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import Engine

from presales_desktop.models.permissions import Actor
from presales_desktop.models.quotes import STATES
from presales_desktop.reports import printer
from presales_desktop.services import printing, quote_pages, quotes, timeline
from presales_desktop.services.demo import quotes as demo
from presales_desktop.services.demo.stage import Stage
from presales_desktop.services.listing import ListQuery
from tests.services.quote_data import make_world


@pytest.fixture(autouse=True)
def _printer() -> Iterator[None]:
    printer.install()
    yield
    printing.set_printer(None)


def test_the_demo_has_quotes_in_every_state(run: Callable[..., Any], engine: Engine, template_folder: Any) -> None:
    actors: dict[str, Actor] = template_folder[1]
    world = make_world(run)
    stage = Stage(engine, actors, dt.date(2026, 11, 23))
    stage.ids["variant"] = list(world.variants)
    demo.fill(stage)
    page = run("sales", quotes.list_rows, ListQuery(limit=500))
    assert 42 <= page.total <= 60
    states = Counter(row.state for row in page.rows)
    assert set(states) == set(STATES)
    for row in page.rows:
        shown = run("sales", quote_pages.show, row.id)
        people = {d.who for d in shown.decisions if d.revision == shown.revision}
        assert "王敏" not in people
        assert "李强" not in people
        if row.state in ("sent", "accepted", "declined"):
            assert {s.verdict for s in shown.approvals} == {"approve"}
            assert shown.sends
            assert "quote.altered" not in shown.blocked
    assert run("sales", timeline.verify) is None
