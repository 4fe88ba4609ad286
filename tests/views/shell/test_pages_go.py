"""What a page made goes with it: every editor is opened and closed again and again (`make soak`: 20 times), and the window is as it was before."""

from __future__ import annotations

import os
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from presales_desktop.views.designs.light_feed import LightFeed
from presales_desktop.views.features import FEATURES
from presales_desktop.views.kit import jobs, theme
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.editor_page import EditorPage
from presales_desktop.views.shell.main_window import MainWindow

# Who may make what the seller may not.
MAKERS = {"product": "marketing", "clause": "legal", "credit_scheme": "management", "price_change": "finance"}
TIMES = 20 if os.environ.get("SOAK_STEPS") else 2


@pytest.fixture
def window(qtbot: Any, qapp: QApplication, make_ctx: Callable[[str], ViewContext], kind: str) -> MainWindow:
    theme.apply(qapp, "light")
    made = MainWindow(make_ctx(MAKERS.get(kind, "sales")), FEATURES, "灯港")
    qtbot.addWidget(made)
    made.resize(1366, 768)
    made.show()
    return made


def standing() -> Counter[str]:
    """Every widget of the program by its type."""
    return Counter(type(w).__name__ for w in QApplication.allWidgets())


def light_threads() -> int:
    return sum(t.name == "light" for t in threading.enumerate())


def turned(qtbot: Any, kind: str, window: MainWindow, *, whole: bool = True) -> None:
    """Open a new record of KIND and close it, once it stands (WHOLE) or in the middle of its building."""
    window.new(kind)
    page = window.pages.page
    assert isinstance(page, EditorPage)
    assert page.kind == kind
    if whole:
        qtbot.waitUntil(lambda: page.is_built, timeout=15_000)
    window.close_page()
    qtbot.waitUntil(lambda: not isValid(page), timeout=15_000)


KINDS = list(dict.fromkeys(f.kind for f in FEATURES))


@pytest.mark.parametrize("kind", KINDS)
def test_an_editor_leaves_nothing_behind(qtbot: Any, window: MainWindow, settle: Any, kind: str) -> None:
    settle(window.ctx)
    turned(qtbot, kind, window)  # the first of a kind fills caches
    settle(window.ctx)
    before, timers = standing(), len(window.findChildren(QTimer))

    for _ in range(TIMES):
        turned(qtbot, kind, window)
    settle(window.ctx)

    assert standing() - before == Counter()
    assert len(window.findChildren(QTimer)) <= timers
    qtbot.waitUntil(lambda: light_threads() == 0, timeout=5_000)


@pytest.mark.parametrize("kind", KINDS)
def test_an_editor_may_be_closed_while_it_is_built(qtbot: Any, window: MainWindow, settle: Any, kind: str) -> None:
    for _ in range(TIMES):
        turned(qtbot, kind, window, whole=False)
    settle(window.ctx)

    assert window.ctx.nav is window
    assert window.error_bar.text == ""
    assert window.crash.isHidden()
    qtbot.waitUntil(lambda: light_threads() == 0, timeout=5_000)


def test_the_light_ends_with_a_page_that_nobody_closed(qtbot: Any, qapp: QApplication) -> None:
    owner = QObject()
    feed = LightFeed(owner)
    assert light_threads() == 1

    owner.deleteLater()  # as when a whole window goes: no page hears `leave`

    qtbot.waitUntil(lambda: not isValid(feed) and light_threads() == 0, timeout=5_000)


def test_a_page_that_still_asks_after_its_window_was_retired_is_cancelled(
    qtbot: Any, make_ctx: Callable[[str], ViewContext]
) -> None:
    ctx = make_ctx("wangmin")
    ctx.db.close()
    ctx.pool.close()

    for asked in (ctx.db.run(lambda work: 1), ctx.pool.run(lambda: 1)):
        with pytest.raises(jobs.Cancelled):
            asked.result()
