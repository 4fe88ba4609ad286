"""A laptop's clock for people and audit: it never goes back by itself and recovers from a year it was wrong by."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sync.hlc import COUNTER_BITS, MAX_AHEAD_MS, HybridClock, milliseconds

MOMENT = 1_795_000_000_000  # ms; the autumn of 2026
YEAR = 365 * 24 * 3600 * 1000
STEPS = st.lists(
    st.tuples(st.sampled_from(["goes", "tick", "observe"]), st.integers(-MAX_AHEAD_MS // 4, MAX_AHEAD_MS // 4)),
    max_size=30,
)


class Wall:
    """A clock on the wall that somebody may set."""

    def __init__(self, now: int = MOMENT) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


def test_readings_carry_the_time_and_grow_within_one_millisecond() -> None:
    clock = HybridClock(Wall())
    readings = [clock.tick() for _ in range(5)]
    assert [milliseconds(one) for one in readings] == [MOMENT] * 5
    assert readings == sorted(set(readings))


def test_more_readings_in_a_millisecond_than_the_counter_holds_run_into_the_next_one() -> None:
    clock = HybridClock(Wall(), (MOMENT << COUNTER_BITS) + (1 << COUNTER_BITS) - 1)
    assert milliseconds(clock.tick()) == MOMENT + 1


@given(STEPS)
def test_a_clock_set_back_by_hours_never_makes_a_reading_go_back(steps: list[tuple[str, int]]) -> None:
    wall = Wall()
    clock = HybridClock(wall)
    last = 0
    for what, value in steps:
        if what == "goes":  # at most a day in all, to and fro
            wall.now = MOMENT + value
        elif what == "observe":
            clock.observe((MOMENT + value) << COUNTER_BITS)
        else:
            reading = clock.tick()
            assert reading > last
            last = reading


def test_a_clock_that_was_a_year_ahead_comes_back() -> None:
    wall = Wall(MOMENT + YEAR)
    clock = HybridClock(wall)
    clock.tick()
    wall.now = MOMENT
    assert milliseconds(clock.tick()) == MOMENT


def test_a_clock_that_was_a_year_behind_goes_on_at_once() -> None:
    wall = Wall(MOMENT - YEAR)
    clock = HybridClock(wall)
    clock.tick()
    wall.now = MOMENT
    assert milliseconds(clock.tick()) == MOMENT


def test_a_reading_of_another_clock_is_followed_when_it_is_believable() -> None:
    clock = HybridClock(Wall())
    hours = MOMENT + 3 * 3600 * 1000
    clock.observe(hours << COUNTER_BITS)
    assert clock.tick() > hours << COUNTER_BITS
    fooled = HybridClock(Wall())
    fooled.observe((MOMENT + YEAR) << COUNTER_BITS)
    assert milliseconds(fooled.tick()) == MOMENT


def test_after_a_restart_readings_go_on_from_the_last_one_kept() -> None:
    kept = ((MOMENT + 1000) << COUNTER_BITS) + 7
    assert HybridClock(Wall(), kept).tick() == kept + 1
