"""Chinese working days: weekends, public holidays and make-up workdays as announced; Monday to Friday where nothing is yet."""

from __future__ import annotations

import datetime as dt
from functools import lru_cache
from typing import Final

_MONDAY_TO_FRIDAY: Final = 5


# The library looks through all holidays at every call, and a workbench of 2,000 cases asks 7,000 times.
@lru_cache(maxsize=4096)
def is_workday(day: dt.date) -> bool:
    """Whether people work on DAY in China. The State Council announces a year in the autumn before; until then weekdays count."""
    from chinese_calendar import is_workday as announced

    try:
        return bool(announced(day))
    except NotImplementedError:
        return day.weekday() < _MONDAY_TO_FRIDAY


@lru_cache(maxsize=8192)
def add_workdays(day: dt.date, count: int) -> dt.date:
    """The COUNTth working day after DAY (COUNT >= 1), or DAY itself for 0."""
    found = day
    left = count
    while left > 0:
        found += dt.timedelta(days=1)
        if is_workday(found):
            left -= 1
    return found
