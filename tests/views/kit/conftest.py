"""The sample kind's words, and windows that are really active (shortcuts and focus need that)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget

from presales_desktop.texts import lookup
from tests.views.kit import samples


@pytest.fixture
def plan_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kind "plan" has words."""
    known = dict(lookup.kinds())
    monkeypatch.setattr(lookup, "kinds", lambda: {**known, "plan": samples.TEXTS})


@pytest.fixture
def show(qtbot: Any) -> Callable[..., QWidget]:
    """show(widget, width, height): on the screen, active."""

    kept: list[QWidget] = []

    def shown(widget: QWidget, width: int = 1000, height: int = 700) -> QWidget:
        qtbot.addWidget(widget)
        kept.append(widget)
        widget.resize(width, height)
        with qtbot.waitActive(widget):
            widget.show()
            widget.activateWindow()
        return widget

    return shown
