"""The bar of the demo's making: it only goes on, names its areas, and stops where it is told to."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from presales_desktop.services.demo import fill
from presales_desktop.services.demo.stage import Stage


class StoppedError(Exception):
    """Somebody pressed 取消."""


def _run(stage: Stage, transactions: int) -> None:
    for _ in range(transactions):
        stage.on_begin()
        stage.begun += 1


def test_the_bar_goes_on_and_names_each_area_even_when_there_is_more_to_make_than_was_thought() -> None:
    nothing: Any = None
    stage = Stage(nothing, {}, dt.date(2026, 11, 23))
    told: list[tuple[int, int, str]] = []
    areas = tuple(fill.AREAS)
    bar = fill._Bar(lambda *step: told.append(step), stage, areas)
    for area in areas:
        bar.area(area)
        _run(stage, fill.SHARES[area][1] * 2)
    bar.end()
    assert set(fill.SHARES) == set(fill.TITLES) == set(areas)
    assert [done for done, _, _ in told] == sorted(done for done, _, _ in told)
    total = sum(share for share, _ in fill.SHARES.values())
    assert told[0] == (0, total, "客户")
    assert told[-1] == (total, total, "")
    assert 60 <= len(told) <= total + len(areas) + 1
    lines: list[str] = []
    say = fill.each_area(lambda _done, _total, what: lines.append(what))
    for step in told:
        say(*step)
    assert lines == [fill.TITLES[area] for area in areas]


def test_who_stops_it_stops_it_at_the_next_transaction() -> None:
    def refuse(done: int, _total: int, _what: str) -> None:
        if done > 3:
            raise StoppedError

    nothing: Any = None
    stage = Stage(nothing, {}, dt.date(2026, 11, 23))
    bar = fill._Bar(refuse, stage, fill.AREAS)
    bar.area("customers")
    with pytest.raises(StoppedError):
        _run(stage, 64)
    assert 0 < stage.begun < 64
