"""Random walks over the real replica and the real server (a Hypothesis state machine): `make test` walks 20,000 steps, the same each
time; `make soak STEPS=n` walks n new ones and then tries the test itself on seeded faults, each of which must be found.

What can happen stands in walks.py, what must hold in the end in oracle.py, the world it happens in in universe.py.
"""

from __future__ import annotations

import gc
import logging
import os
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, Verbosity, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.sync import universe, walks
from tests.sync.faults import FAULTS, FIFTEEN, FOCUS

SOAK = int(os.environ.get("SOAK_STEPS") or 0)
TOTAL = max(SOAK, 20_000)
PARTS = 10
A_WALK = 100
FAULT_STEPS = 40_000  # each seeded fault must be found within so many
QUICK = ("own_push_cursor", "lww", "ack_early", "no_idempotency")
# The same in `make test`, so that what landed stays green; new ones in `make soak`.
FIRST = random.SystemRandom().randrange(1 << 40) if SOAK else 0


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Refusals and power cuts by the thousand say nothing new."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def run(machine: type[walks.Walk], number: int, steps: int, a_walk: int = A_WALK, **more: Any) -> int:
    """STEPS steps of MACHINE at least, in walks chosen by NUMBER; how many they were."""
    before = sum(walks.STEPS.values())
    universe.arena()
    gc.freeze()  # what is loaded by now need not be looked through again and again
    for again in range(20):  # some walks end early
        left = steps - (sum(walks.STEPS.values()) - before)
        if left <= 0:
            break
        run_state_machine_as_test(
            seed(number + (again << 41))(machine),
            settings=settings(
                max_examples=-(-left // a_walk),
                stateful_step_count=a_walk,
                deadline=None,
                database=None,
                derandomize=False,
                suppress_health_check=list(HealthCheck),
                **more,
            ),
        )
    return sum(walks.STEPS.values()) - before


DONE: dict[int, tuple[Counter[str], Counter[str]]] = {}


def walked(part: int) -> tuple[Counter[str], Counter[str]]:
    """What was done in a part of the steps and what came of it; walks it when that was not done yet."""
    if part not in DONE:
        steps, came = walks.STEPS.copy(), walks.CAME.copy()
        # Making a failure small takes minutes: `make soak` does that.
        phases = {} if SOAK else {"phases": [Phase.generate]}
        run(walks.walk(f"Walk{part}"), FIRST + part, TOTAL // PARTS, **phases)
        DONE[part] = (walks.STEPS - steps, walks.CAME - came)
    return DONE[part]


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(PARTS))
def test_random_walk_state_machine(part: int) -> None:
    steps, _ = walked(part)
    assert steps.total() >= TOTAL // PARTS, "fewer steps were walked than were asked for"


@pytest.mark.timeout(3600)
def test_all_the_state_machines_steps_are_walked_and_every_deed_is_among_them() -> None:
    steps = sum((walked(part)[0] for part in range(PARTS)), Counter[str]())
    came = sum((walked(part)[1] for part in range(PARTS)), Counter[str]())
    assert steps.total() >= TOTAL
    assert set(steps) == set(walks.EVERYTHING), "some deeds were never done"
    fair = TOTAL / sum(walks.EVERYTHING.values())
    assert all(n >= fair / 25 for n in steps.values()), f"deeds that are done too seldom: {steps}"
    assert all(came[what] for what in walks.MUST_COME), f"what a walk must meet and these did not: {came}"


def find(name: str, number: int, steps: int, patch: pytest.MonkeyPatch) -> bool:
    """Whether the walks that look where such faults live find this one within STEPS steps."""
    FAULTS[name](patch)
    machine = walks.walk(f"Seeded_{name}", FOCUS[name])
    try:
        run(machine, number, steps, 40, phases=[Phase.generate], verbosity=Verbosity.quiet)
    except Exception:  # noqa: BLE001 - whatever it broke
        return True
    return False


def test_all_fifteen_faults_can_be_seeded() -> None:
    assert len(FIFTEEN) == 15
    assert set(FAULTS) == set(FOCUS)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", FAULTS if SOAK else QUICK)
def test_the_state_machine_finds_a_seeded_fault(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find(name, FIRST + 1, FAULT_STEPS, monkeypatch), f"{name} was not found"
