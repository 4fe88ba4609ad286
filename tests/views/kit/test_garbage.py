"""The cycle collector stays on the UI thread while the window lives."""

from __future__ import annotations

import gc
import threading
import weakref
from typing import Any

from presales_desktop.views.kit.garbage import UiCollector


class Node:
    def __init__(self) -> None:
        self.me = self


def test_cycles_are_collected_by_the_ui_thread_only(qapp: Any) -> None:
    collector = UiCollector()
    try:
        assert not gc.isenabled()
        node = Node()
        gone = weakref.ref(node)
        del node
        churn = threading.Thread(target=lambda: [Node() for _ in range(5000)])
        churn.start()
        churn.join()
        assert gone() is not None, "no thread collects on its own"

        collector.look()

        assert gone() is None
    finally:
        collector.stop()
    assert not gc.isenabled(), "threads that still end would collect what is left of the window"
