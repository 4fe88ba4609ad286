"""What is watched in every test of a page: models keep their word to views, and no layout has Python objects of its items.

A model's fault arrives as a warning of Qt's category qt.modeltest, on which pytest-qt fails the test.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import wraps
from typing import Any

import pytest
import shiboken6
from PySide6.QtCore import QAbstractItemModel
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QLayout, QLayoutItem

from presales_desktop.views.designs.palette_panel import _Model as FixtureModel
from presales_desktop.views.kit.line_model import LineModel
from presales_desktop.views.kit.window_model import WindowedModel
from presales_desktop.views.shell.palette_list import PaletteModel

# tests/views/kit/test_layout_items.py checks that this is every model of the program.
MODELS: tuple[type[QAbstractItemModel], ...] = (FixtureModel, LineModel, WindowedModel, PaletteModel)


def watch(patch: pytest.MonkeyPatch, kind: type[QAbstractItemModel]) -> None:
    """Every model of KIND is followed by Qt's own examiner from its first moment: a missing beginInsertRows, a wrong parent …"""
    made = kind.__init__

    @wraps(made)
    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        made(self, *args, **kwargs)
        if type(self) is kind:
            QAbstractItemModelTester(self, QAbstractItemModelTester.FailureReportingMode.Warning, self)

    patch.setattr(kind, "__init__", init)


@pytest.fixture(autouse=True)
def _models_keep_their_word(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in MODELS:
        watch(monkeypatch, kind)


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
