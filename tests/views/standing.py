"""What is watched in every test of a page: models keep their word to views, and no layout has Python objects of its items."""

from __future__ import annotations

from collections.abc import Iterator
from functools import wraps
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import QAbstractItemModel
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QLayout, QLayoutItem

from presales_desktop.views.kit.line_model import LineModel

# Examined in every test. The examiner walks through all rows at each change: the others (a list shows a million rows, the palette changes at
# each key) are examined where they are small, see tests/views/kit/test_models.py and test_table.py.
MODELS: tuple[type[QAbstractItemModel], ...] = (LineModel,)


def watch(patch: pytest.MonkeyPatch, kind: type[QAbstractItemModel]) -> None:
    """Every model of KIND is followed by Qt's own examiner from its first moment: a missing beginInsertRows, a wrong parent …"""
    made = kind.__init__

    @wraps(made)
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        made(self, *args, **kwargs)
        if type(self) is kind:
            QAbstractItemModelTester(self, QAbstractItemModelTester.FailureReportingMode.Warning, self)

    patch.setattr(kind, "__init__", init)


def faults(log: Any) -> list[str]:
    """What the examiner found wrong, from pytest-qt's record of Qt's messages (None with `pytest -s`: they are printed then).

    pytest-qt itself would fail such tests if the messages named their category; those of release builds do not.
    """
    said = [record.message for record in log.records] if log is not None else []
    return [message for message in said if message.startswith("FAIL!")]


@pytest.fixture(autouse=True)
def _models_keep_their_word(request: pytest.FixtureRequest) -> Iterator[None]:
    log = getattr(request.node, "qt_log_capture", None)
    with pytest.MonkeyPatch.context() as patch:  # one of its own: a test may undo the fixture's
        for kind in () if request.node.get_closest_marker("many_rows") else MODELS:
            watch(patch, kind)
        yield
    assert faults(log) == []


def _items() -> list[QLayoutItem]:
    found = shiboken6.getAllValidWrappers()
    return [each for each in found if isinstance(each, QLayoutItem) and not isinstance(each, QLayout)]


def layout_items() -> list[str]:
    """The types of layout items that have a Python object now (see kit/layout_items.py)."""
    return sorted(type(each).__name__ for each in _items())


@pytest.fixture(autouse=True)
def _no_layout_items() -> Iterator[None]:
    yield
    found = layout_items()
    for each in _items():
        shiboken6.invalidate(each)  # the next test starts clean
    assert found == []
