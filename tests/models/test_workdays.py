"""Working days: what is kept of the calendar is what the calendar says."""

from __future__ import annotations

import datetime as dt

import chinese_calendar
from hypothesis import given
from hypothesis import strategies as st

from presales_desktop.models.workdays import add_workdays, is_workday


@given(st.dates(dt.date(2020, 1, 1), dt.date(2024, 12, 31)))
def test_asked_twice_a_day_is_what_was_announced(day: dt.date) -> None:
    assert is_workday(day) == is_workday(day) == chinese_calendar.is_workday(day)


@given(st.dates(dt.date(2015, 1, 1), dt.date(2060, 1, 1)), st.integers(0, 30))
def test_the_days_between_hold_as_many_working_days(day: dt.date, count: int) -> None:
    due = add_workdays(day, count)
    between = [day + dt.timedelta(days=n) for n in range(1, (due - day).days + 1)]
    assert sum(is_workday(one) for one in between) == count
    assert due == day or is_workday(due)


def test_a_made_up_sunday_counts_and_a_year_not_announced_goes_by_weekdays() -> None:
    assert is_workday(dt.date(2024, 2, 4))  # Sunday before the Spring Festival
    assert not is_workday(dt.date(2024, 2, 12))  # Monday in it
    assert is_workday(dt.date(2059, 1, 1)) == (dt.date(2059, 1, 1).weekday() < 5)
