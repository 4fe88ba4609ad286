"""A plugin of pytest for run_tests.py: the longest files first, so that both workers end at the same time; the ids of all tests for the count."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

# Minutes, not seconds: begun last, one worker would walk alone while the other has nothing left to do.
LONG = (
    "tests/sync/test_machine.py", "tests/end2end/company/", "tests/end2end/cli/test_cli_fuzz.py", "tests/end2end/test_tour.py",
    "tests/server/test_costs_stay.py", "tests/server/test_long_life.py", "tests/end2end/",
)  # fmt: skip


def _place(item: pytest.Item) -> int:
    return next((n for n, path in enumerate(LONG) if item.nodeid.startswith(path)), len(LONG))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Both workers collect the same order."""
    items.sort(key=_place)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(node: Any, ids: list[str]) -> None:
    """In the process that hands the tests out."""
    file = Path(os.environ["TEST_IDS"])
    if not file.exists():
        file.write_text("\n".join(ids), "utf-8")
