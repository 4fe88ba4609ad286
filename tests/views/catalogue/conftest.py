"""Products on a real database, and pages that have finished loading."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget

from presales_desktop.views.kit.context import ViewContext

Show = Callable[..., Any]


@pytest.fixture
def show(qtbot: Any, settle: Callable[[ViewContext], None]) -> Show:
    """show(ctx, page) → the page, visible and loaded."""

    def make(ctx: ViewContext, page: QWidget, size: tuple[int, int] = (1366, 900)) -> QWidget:
        qtbot.addWidget(page)
        page.resize(*size)
        page.show()
        qtbot.waitExposed(page)
        settle(ctx)
        settle(ctx)
        return page

    return make
