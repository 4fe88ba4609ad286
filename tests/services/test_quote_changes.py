"""Remarks on lines go with the decision and stand beside the lines of the next revision, answered or not."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from presales_desktop.models.approvals import Choice
from presales_desktop.models.errors import ValidationError
from presales_desktop.services import quote_changes, quote_steps, quotes
from tests.services.quote_data import World, make, make_world

Run = Callable[..., Any]


@pytest.fixture
def world(run: Run) -> World:
    return make_world(run)


def test_remarks_lead_the_next_revision(run: Run, world: World) -> None:
    first = make(run, world)
    lines = run("sales", quotes.load, first).lines
    run("sales", quote_steps.submit, first)
    assert run("sales", quote_changes.since_last, first).diff is None
    said = {lines[1].id: " 单价偏低 ", lines[4].id: "是否含驱动？", lines[2].id: "  "}
    run("finance", quote_steps.decide, first, Choice.RETURN, comment="见行批注", remarks=said)
    assert [r.place for r in run("sales", quote_changes.since_last, first).remarks] == [1, 4]
    second = run("sales", quote_steps.revise, first)
    draft = run("sales", quotes.load, second)
    draft.lines[1].unit_price_fen += 100
    moved = draft.lines.pop(2)
    draft.lines.append(moved)
    run("sales", quotes.save, draft)
    found = run("sales", quote_changes.since_last, second)
    assert found.revision == 1
    assert [(r.text, r.step, r.place, r.changed) for r in found.remarks] == [
        ("单价偏低", "finance", 1, True),
        ("是否含驱动？", "finance", 3, False),
    ]
    assert [(c.how, c.place, [f.name for f in c.facts]) for c in found.diff.lines] == [
        ("changed", 1, ["unit_price_fen"])
    ]
    draft = run("sales", quotes.load, second)
    del draft.lines[3]
    run("sales", quotes.save, draft)
    found = run("sales", quote_changes.since_last, second)
    assert [(r.place, r.changed) for r in found.remarks] == [(1, True), (None, True)]
    run("sales", quote_steps.submit, second)
    run("finance", quote_steps.decide, second, Choice.APPROVE)
    run("sales_head", quote_steps.decide, second, Choice.APPROVE)
    assert run("sales", quotes.show, second).state == "approved"


def test_remarks_are_on_lines_of_this_revision_and_short(run: Run, world: World) -> None:
    first = make(run, world)
    line = run("sales", quotes.load, first).lines[1].id
    run("sales", quote_steps.submit, first)
    for remarks in ({UUID(int=7): "x"}, {line: "x" * 401}):
        with pytest.raises(ValidationError):
            run("finance", quote_steps.decide, first, Choice.RETURN, comment="x", remarks=remarks)
    assert run("sales", quotes.show, first).state == "submitted"


def test_a_new_quote_has_nothing_before_it(run: Run, world: World) -> None:
    found = run("sales", quote_changes.since_last, make(run, world, discount_percent=Decimal("0.05")))
    assert (found.revision, found.diff, found.remarks) == (0, None, ())
