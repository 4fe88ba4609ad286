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
    before = gc.get_threshold()
    gc.set_threshold(700, 10, 10)  # Python's own, whatever ran here before
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
        gc.set_threshold(*before)
    assert not gc.isenabled(), "threads that still end would collect what is left of the window"


def test_what_was_loaded_is_not_gone_through_again(qapp: Any) -> None:
    before = gc.get_threshold()
    gc.set_threshold(700, 10, 10)  # Python's own, whatever ran here before
    collector = UiCollector()
    try:
        before = gc.get_freeze_count()
        kept = [Node() for _ in range(2000)]
        collector.pause()
        collector.loaded()
        assert gc.get_freeze_count() >= before + len(kept)
        node = Node()
        gone = weakref.ref(node)
        del node
        gc.collect()
        assert gone() is None, "what comes after it is collected as before"
    finally:
        collector.stop()
    assert gc.get_freeze_count() == 0
    collector.loaded()
    assert gc.get_freeze_count() == 0, "a window that closes while it loads gives nothing away"
