"""What is typed while a tool draws."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presales_desktop.views.designs.typed import (
    Length,
    Place,
    Polar,
    Size,
    Typed,
    parse,
    parse_angle,
    parse_count,
    parse_counts,
    parse_length,
    target_of,
)


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("6x4", Size(6, 4)),
        ("6X4", Size(6, 4)),
        ("6*4.5", Size(6, 4.5)),
        ("6×4", Size(6, 4)),
        ("3600x4200", Size(3.6, 4.2)),
        ("3600x4200mm", Size(3.6, 4.2)),
        ("3.6m x 4.2m", Size(3.6, 4.2)),
        ("120mx80m", Size(120, 80)),
        ("3.5", Length(3.5)),
        ("3500", Length(3.5)),
        ("350cm", Length(3.5)),
        ("３．５", Length(3.5)),
        ("3.5米", Length(3.5)),
        ("3.5<45", Polar(3.5, 45)),
        ("3500<-90°", Polar(3.5, -90)),
        ("1.2,3.4", Place(1.2, 3.4, False)),
        ("1.2，3.4", Place(1.2, 3.4, False)),
        ("@1,-0.5", Place(1, -0.5, True)),
        ("@1200,0", Place(1.2, 0, True)),
    ],
)
def test_what_people_type(text: str, meant: Typed) -> None:
    assert parse(text) == meant


@pytest.mark.parametrize(
    "text", ["", "x", "6x", "x4", "0x4", "-6x4", "3.5<", "1,2,3", "abc", "1e9", "9999999999m", "6x4x2", "@", "<45"]
)
def test_what_means_nothing(text: str) -> None:
    assert parse(text) is None


@given(st.text(max_size=70))
def test_any_text_is_taken_without_a_word(text: str) -> None:
    parse(text)
    parse_counts(text)
    parse_count(text)
    parse_angle(text)
    parse_length(text)


@given(st.floats(0.01, 99.0), st.floats(0.01, 99.0))
def test_sizes_survive_being_written(width: float, height: float) -> None:
    w, h = f"{width:.3f}", f"{height:.3f}"
    if float(w) > 0 and float(h) > 0:
        assert parse(f"{w}x{h}") == Size(float(w), float(h))


def test_counts() -> None:
    assert parse_counts("4x3") == (4, 3)
    assert parse_counts("0x3") is None
    assert parse_counts("999x999") is None
    assert parse_count("12") == 12
    assert parse_count("0") is None


def test_angles() -> None:
    assert parse_angle("-30°") == -30
    assert parse_angle("3.5<45") is None


@pytest.mark.parametrize(
    ("meant", "target"),
    [
        (Size(6, 4), (7.0, 5.0)),
        (Length(5), (1 + 3.0, 1 + 4.0)),
        (Polar(2, 90), (1.0, 3.0)),
        (Place(2, 3, False), (2.0, 3.0)),
        (Place(2, 3, True), (3.0, 4.0)),
    ],
)
def test_targets_follow_the_mouse(meant: Typed, target: tuple[float, float]) -> None:
    assert target_of(meant, (1.0, 1.0), (4.0, 5.0)) == pytest.approx(target)


def test_a_size_grows_into_the_mouses_quadrant() -> None:
    assert target_of(Size(6, 4), (0.0, 0.0), (-1.0, -1.0)) == (-6.0, -4.0)
