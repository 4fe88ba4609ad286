"""Rules of designs: outlines, fields of floats, areas."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presales_desktop.models import designs as rules
from presales_desktop.services.design_drafts import RoomDraft

SQUARE = ((0.0, 0.0), (4.0, 0.0), (4.0, 3.0), (0.0, 3.0))


def test_area_and_sense() -> None:
    assert rules.area_m2(SQUARE) == 12
    assert rules.signed_area(SQUARE[::-1]) == -12
    assert rules.perimeter_m(SQUARE) == 14


@pytest.mark.parametrize(
    ("polygon", "code"),
    [
        (((0.0, 0.0), (4.0, 3.0), (4.0, 0.0), (0.0, 3.0)), "design.outline_crossing"),
        (((0.0, 0.0), (4.0, 3.0)), "design.outline_corners"),
        (((0.0, 0.0), (4.0, 0.0), (8.0, 0.0)), "design.outline_crossing"),
        (((0.0, 0.0), (2000.0, 0.0), (2000.0, 3.0)), "design.outline_too_large"),
        (((0.0, 0.0), (math.nan, 0.0), (2.0, 3.0)), "design.outline_crossing"),
        ((("a", 0.0), (1.0, 0.0), (2.0, 3.0)), "design.outline_malformed"),
    ],
)
def test_what_is_no_room(polygon: tuple[tuple[float, float], ...], code: str) -> None:
    assert [p.code for p in rules.outline_problems(polygon, 2.8, "polygon")] == [code]


def test_a_room_is_a_room() -> None:
    assert rules.outline_problems(SQUARE, 2.8, "polygon") == []


def test_floats_are_checked_like_decimals() -> None:
    room = RoomDraft(name="客厅", polygon=SQUARE, height_m=0.2, reflectance_walls=1.5)
    codes = {(p.code, p.field) for p in rules.problems(rules.ROOM_FIELDS, room, "rooms.0.")}
    assert codes == {("field.low", "rooms.0.height_m"), ("field.high", "rooms.0.reflectance_walls")}


@given(st.floats(0.01, 3.99), st.floats(0.01, 2.99))
def test_points_inside_and_outside(x: float, y: float) -> None:
    assert rules.contains(SQUARE, x, y)
    assert not rules.contains(SQUARE, x + 4, y)
    assert not rules.contains(SQUARE, x, y - 3)
