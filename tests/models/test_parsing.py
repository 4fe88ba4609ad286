"""What people type is understood, or refused with ValueError: never a wrong value, never another exception."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from presales_desktop.models.parsing import add_months, parse_day, parse_flag, parse_moment, parse_money, parse_number
from presales_desktop.models.values import SHANGHAI

TODAY = dt.date(2026, 11, 23)  # a Monday


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", "12"),
        ("1,280.50", "1280.50"),
        ("１２.５", "12.5"),
        ("1.28万", "12800"),
        ("2亿", "200000000"),
        ("3k", "3000"),
        ("-3", "-3"),
        (".5", "0.5"),
        ("5.", "5"),
        (" 1 280 ", "1280"),
    ],
)
def test_numbers_as_people_write_them(text: str, value: str) -> None:
    assert parse_number(text) == Decimal(value)


@pytest.mark.parametrize("text", ["abc", "1.2.3", "万", "--1", "1e5", "NaN", "Infinity", "十二", "1/2"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_number(text)


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("¥12,800", 1280000),
        ("￥12.8", 1280),
        ("1.28万", 1280000),
        ("12800元", 1280000),
        ("100元整", 10000),
        ("-5.01", -501),
    ],
)
def test_money_in_yuan_becomes_fen(text: str, fen: int) -> None:
    assert parse_money(text) == fen


@pytest.mark.parametrize("text", ["0.001", "1.234", "abc", "99999999999999999"])
def test_no_fractions_of_a_fen_and_no_nonsense(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_money(text)


@given(st.integers(min_value=-(10**14), max_value=10**14))
def test_every_amount_comes_back_from_its_text(fen: int) -> None:
    assert parse_money(f"¥{Decimal(fen).scaleb(-2):,.2f}") == fen


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-11-30", dt.date(2026, 11, 30)),
        ("2026/1/5", dt.date(2026, 1, 5)),
        ("20261130", dt.date(2026, 11, 30)),
        ("26-11-30", dt.date(2026, 11, 30)),
        ("2026-11-30 周一", dt.date(2026, 11, 30)),
        ("2026年11月30日", dt.date(2026, 11, 30)),
        ("11-30", dt.date(2026, 11, 30)),
        ("11月30日", dt.date(2026, 11, 30)),
        ("3-1", dt.date(2027, 3, 1)),
        ("25", dt.date(2026, 11, 25)),
        ("5", dt.date(2026, 12, 5)),
        ("31", dt.date(2026, 12, 31)),
        ("今天", TODAY),
        ("明天", dt.date(2026, 11, 24)),
        ("后天", dt.date(2026, 11, 25)),
        ("+7", dt.date(2026, 11, 30)),
        ("+2周", dt.date(2026, 12, 7)),
        ("+1月", dt.date(2026, 12, 23)),
        ("-3", dt.date(2026, 11, 20)),
        ("周五", dt.date(2026, 11, 27)),
        ("周一", TODAY),
        ("下周一", dt.date(2026, 11, 30)),
        ("tomorrow", dt.date(2026, 11, 24)),
    ],
)
def test_days_as_people_write_them(text: str, day: dt.date) -> None:
    assert parse_day(text, TODAY) == day


@pytest.mark.parametrize("text", ["abc", "13-40", "2026-02-30", "32", "0", "明年", "1-2-3-4", "2026-11-30 foo"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_day(text, TODAY)


@given(st.dates(min_value=dt.date(1970, 1, 1), max_value=dt.date(2199, 12, 31)))
def test_every_day_comes_back_from_its_text(day: dt.date) -> None:
    assert parse_day(day.isoformat(), TODAY) == day


@given(st.text(max_size=12))
def test_any_text_is_a_day_or_a_value_error(text: str) -> None:
    for parse in (
        parse_number,
        parse_money,
        lambda t: parse_day(t, TODAY),
        lambda t: parse_moment(t, TODAY),
        parse_flag,
    ):
        try:
            parse(text)
        except (ValueError, OverflowError) as error:
            assert isinstance(error, ValueError)  # noqa: PT017  # either is possible


def test_nothing_typed_is_no_value() -> None:
    assert parse_number(" ") is None
    assert parse_money("¥") is None
    assert parse_day("", TODAY) is None
    assert parse_moment("", TODAY) is None


def test_a_moment_needs_a_time_and_is_chinese_time() -> None:
    assert parse_moment("11-30 14:05", TODAY) == dt.datetime(2026, 11, 30, 14, 5, tzinfo=SHANGHAI)
    assert parse_moment("明天 9点", TODAY) == dt.datetime(2026, 11, 24, 9, 0, tzinfo=SHANGHAI)
    assert parse_moment("8:30", TODAY) == dt.datetime(2026, 11, 23, 8, 30, tzinfo=SHANGHAI)
    with pytest.raises(ValueError, match=r".*"):
        parse_moment("11-30", TODAY)
    with pytest.raises(ValueError, match=r".*"):
        parse_moment("明天 25:00", TODAY)


def test_months_end_where_they_end() -> None:
    assert add_months(dt.date(2026, 1, 31), 1) == dt.date(2026, 2, 28)
    assert add_months(dt.date(2027, 12, 31), 2) == dt.date(2028, 2, 29)
    assert add_months(dt.date(2026, 3, 15), -13) == dt.date(2025, 2, 15)
