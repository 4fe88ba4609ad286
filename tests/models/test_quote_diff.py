"""Two revisions of a quote beside each other."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from presales_desktop.models.quote_diff import diff, pairs
from presales_desktop.services.quote_drafts import QuoteDraft, QuoteLineDraft


def line(name: str, variant: int = 0, room: str = "", **values: Any) -> QuoteLineDraft:
    known = UUID(int=variant) if variant else None
    return QuoteLineDraft(name=name, model=f"M-{name}", variant_id=known, room=room, **values)


OLD = [line("筒灯", 1, "大堂", quantity=Decimal(24)), line("吊灯", 2), line("洗墙灯", 3), line("筒灯", 1, "客房")]


def test_lines_are_found_again_wherever_they_went() -> None:
    new = [copy.deepcopy(OLD[3]), copy.deepcopy(OLD[0]), line("灯带", 9), copy.deepcopy(OLD[2])]
    new[1].quantity = Decimal(20)
    new[1].note = "  "
    found = diff(QuoteDraft(title="a"), QuoteDraft(title="b", freight_fen=5), OLD, new)
    assert found.pairs == {0: 3, 1: 0, 3: 2}
    assert [(c.how, c.place, c.old_place) for c in found.lines] == [
        ("changed", 1, 0),
        ("added", 2, None),
        ("removed", None, 1),
    ]
    assert [(f.name, f.before, f.after) for f in found.lines[0].facts] == [("quantity", Decimal(24), Decimal(20))]
    assert [f.name for f in found.head] == ["title", "freight_fen"]


def test_another_product_is_another_line_even_in_the_same_place() -> None:
    found = diff(QuoteDraft(), QuoteDraft(), [line("筒灯", 1)], [line("射灯", 2)])
    assert [c.how for c in found.lines] == ["added", "removed"]


def test_a_renamed_line_of_a_product_stays_the_same_line() -> None:
    found = diff(QuoteDraft(), QuoteDraft(), [line("筒灯", 1)], [line("防眩筒灯", 1)])
    assert [(c.how, [f.name for f in c.facts]) for c in found.lines] == [("changed", ["name", "model"])]


LINES = st.lists(st.builds(line, st.sampled_from("abc"), st.integers(0, 3), st.sampled_from(["", "x"])), max_size=12)


@given(LINES, LINES)
def test_each_line_has_at_most_one_line_before(old: list[QuoteLineDraft], new: list[QuoteLineDraft]) -> None:
    same = pairs(old, new)
    assert len(set(same.values())) == len(same)
    assert set(same) <= set(range(len(new)))
    found = diff(QuoteDraft(), QuoteDraft(), old, new)
    added = sum(c.how == "added" for c in found.lines)
    removed = sum(c.how == "removed" for c in found.lines)
    assert len(old) - removed == len(new) - added == len(same)


@given(LINES)
def test_nothing_is_other_than_itself(lines: list[QuoteLineDraft]) -> None:
    assert diff(QuoteDraft(), QuoteDraft(), lines, copy.deepcopy(lines)).same
