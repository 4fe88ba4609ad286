"""Room types of GB/T 50034-2024 and the verdict on a room."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presales_desktop.models import standards
from presales_desktop.models.standards import Figures, find, judge, room_index, standard

OFFICE = Figures(320, 0.65, 130.0, 0.0, 20.0, 18.0, 2.05, 80)


@pytest.mark.parametrize(
    ("key", "lux", "u0", "ra", "ugr", "target", "limit"),
    [
        ("living", 100, None, 80, None, 4.0, 5.0),
        ("dining", 150, None, 80, None, 4.0, 5.0),
        ("office", 300, 0.6, 80, 19, 6.5, 8.0),
        ("office_high", 500, 0.6, 80, 19, 9.5, 13.5),
        ("shop", 300, 0.6, 80, 22, 7.0, 9.0),
        ("lobby", 200, 0.4, 80, None, 6.0, 8.0),
        ("corridor", 50, 0.4, 60, 25, 1.5, 2.0),
    ],
)
def test_rows_hold_the_standards_numbers(
    key: str, lux: int, u0: float | None, ra: int, ugr: int | None, target: float, limit: float
) -> None:
    row = find(key)
    assert row is not None
    assert (row.lux, row.u0, row.ra, row.ugr, row.lpd_target, row.lpd_limit) == (lux, u0, ra, ugr, target, limit)


def test_every_row_can_be_shown() -> None:
    found = standard()
    assert len(found.rows) > 60
    for row in found.rows.values():
        assert row.zh
        assert row.en
        assert row.group in found.groups
        assert row.plane in found.planes
        assert row.lpd_limit is None or row.lpd_target is None or row.lpd_target <= row.lpd_limit
        assert standards.source(row).startswith("GB/T 50034-2024")


def test_a_good_office_passes_and_names_its_row() -> None:
    verdict = judge("office", OFFICE)
    assert verdict.ok is True
    assert verdict.row is not None
    assert standards.source(verdict.row) == "GB/T 50034-2024 5.3.2"


@pytest.mark.parametrize(
    ("change", "failing"),
    [
        ({"average_lux": 299.4}, "average"),
        ({"uniformity": 0.59}, "uniformity"),
        ({"general_w": 161.0}, "lpd"),
        ({"lowest_ra": 70}, "ra"),
    ],
)
def test_one_failure_fails_the_room(change: dict[str, float], failing: str) -> None:
    verdict = judge("office", replace(OFFICE, **change))  # type: ignore[arg-type]
    assert verdict.ok is False
    assert [c.name for c in verdict.checks if c.ok is False and not c.hint] == [failing]


def test_the_aim_alone_is_only_a_hint() -> None:
    verdict = judge("office", replace(OFFICE, general_w=150.0))
    aim = verdict.check("lpd_target")
    assert aim is not None
    assert aim.ok is False
    assert aim.hint
    assert verdict.ok is True


def test_more_than_a_fifth_too_much_is_said() -> None:
    over = judge("office", replace(OFFICE, average_lux=361)).check("average")
    just = judge("office", replace(OFFICE, average_lux=360)).check("average")
    assert over is not None
    assert over.note == "over"
    assert over.ok
    assert just is not None
    assert just.note == ""


def test_decorative_fittings_count_half() -> None:
    assert replace(OFFICE, general_w=100.0, decorative_w=60.0).lpd == pytest.approx((100 + 30) / 20)


def test_a_room_index_of_one_or_less_raises_the_limit_by_a_fifth() -> None:
    small = Figures(320, 0.65, 38.0, 0.0, 4.0, 8.0, 2.05, 80)
    assert small.room_index is not None
    assert small.room_index <= 1
    check = judge("office", small).check("lpd")
    assert check is not None
    assert check.required == pytest.approx(9.6)
    assert check.note == "small_room"
    assert check.ok


def test_another_illuminance_changes_the_limit_in_proportion() -> None:
    check = judge("office", replace(OFFICE, average_lux=510), target_lux=500).check("lpd")
    assert check is not None
    assert check.required == pytest.approx(8.0 * 500 / 300)


def test_a_flat_is_judged_as_a_whole() -> None:
    bright = Figures(110, 0.5, 80.0, 0.0, 10.0, 13.0, 2.0, 90)
    dim = Figures(80, 0.5, 20.0, 0.0, 20.0, 18.0, 2.0, 90)
    whole = standards.dwelling_lpd([("living", bright), ("bedroom", dim), ("garage_lane", dim)])
    assert whole == pytest.approx(100 / 30)
    alone, together = judge("living", bright), judge("living", bright, dwelling_lpd=whole)
    assert alone.ok is False
    assert together.ok is True
    check = together.check("lpd")
    assert check is not None
    assert check.note == "dwelling"


def test_without_light_nothing_is_judged() -> None:
    assert judge("office", replace(OFFICE, average_lux=0.0, uniformity=0.0, lowest_ra=None)).ok is None


def test_a_target_without_a_type_is_judged_alone() -> None:
    verdict = judge("", OFFICE, target_lux=300)
    assert verdict.row is None
    assert [c.name for c in verdict.checks] == ["average"]
    assert judge("", OFFICE).checks == ()


@given(st.floats(0.5, 50), st.floats(0.5, 50), st.floats(0.1, 10))
def test_room_index_of_a_rectangle(width: float, depth: float, height: float) -> None:
    """RI = a b / (h (a + b)), the form for rectangles, equals 2 S / (h x perimeter)."""
    found = room_index(width * depth, 2 * (width + depth), height)
    assert found == pytest.approx(width * depth / (height * (width + depth)))
