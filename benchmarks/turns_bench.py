"""How long the window holds still: the longest turn of the UI thread while each page opens, in the real program on a demo workspace.

A turn is what the thread does between two looks at keys, mouse and paint. Measured is the thread's own processor time, so that what other
programs or the database thread do meanwhile does not count. Each page is opened for two records: the first time with what only a first time
costs, and again.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

TARGET_MS = 50
EDITORS = ("customer", "case", "survey", "product", "design", "quote", "contract")
_FAILED = "the window did not come"


class Turns:
    """The longest turn since `begin`, told by the event dispatcher, which wakes up once a turn."""

    def __init__(self) -> None:
        from PySide6.QtCore import QAbstractEventDispatcher

        self.longest_s = 0.0
        self.turns = 0
        self._last = time.thread_time()
        dispatcher = QAbstractEventDispatcher.instance()
        if dispatcher is None:
            raise RuntimeError(_FAILED)
        self._dispatcher = dispatcher
        dispatcher.awake.connect(self._awake)

    def _awake(self) -> None:
        now = time.thread_time()
        self.longest_s = max(self.longest_s, now - self._last)
        self.turns += 1
        self._last = now

    def begin(self) -> None:
        """What was before is not counted, what this turn still does is."""
        self._last = time.thread_time()
        self.longest_s, self.turns = 0.0, 0


def measure(profile: Path) -> list[dict[str, object]]:
    """Open the program on PROFILE, each list and each kind's editor twice; this process's own window. Figures by page."""
    from presales_desktop.__main__ import prepare_window

    prepare_window()
    from presales_desktop import app
    from presales_desktop.views.kit import jobs

    figures: list[dict[str, object]] = []
    warm = app.Program._warm  # noqa: SLF001  # the pages are imported then; what follows is what a click costs

    async def warmed(program: Any) -> None:
        await warm(program)
        try:
            figures.extend(await _walk(program, Turns(), jobs.sleep))
        finally:
            program.quit()

    app.Program._warm = warmed  # type: ignore[method-assign,assignment]  # noqa: SLF001
    if app.run_window(["--profile", str(profile)]) or not figures:
        raise RuntimeError(_FAILED)
    return figures


async def _walk(program: Any, turns: Turns, pause: Callable[[int], Any]) -> list[dict[str, object]]:
    window = program.window
    found = []
    for feature in window.features:
        turns.begin()
        window.list(feature.key)
        await _quiet(turns, pause, lambda: True)
        found.append(_figure(f"turns.list_{feature.key}", turns.longest_s))
    for kind in EDITORS:
        ids = await window.ctx.db.run(_records, kind)
        for place, record_id in zip(("first", "again"), ids, strict=False):
            turns.begin()
            window.open(kind, record_id)
            await _quiet(turns, pause, lambda: _is_built(window.pages.page))
            found.append(_figure(f"turns.open_{kind}_{place}", turns.longest_s))
    return found


def _is_built(page: Any) -> bool:
    return bool(getattr(page, "is_built", True))


async def _quiet(turns: Turns, pause: Callable[[int], Any], done: Callable[[], bool]) -> None:
    """Until the page is built and the thread has had nothing to do for a while."""
    until = time.perf_counter() + 30
    calm = 0
    while calm < 6 and time.perf_counter() < until:
        before, longest = time.thread_time(), turns.longest_s
        await pause(50)
        calm = calm + 1 if done() and time.thread_time() - before < 0.01 and longest == turns.longest_s else 0


def _records(work: Any, kind: str) -> list[Any]:
    """The two records of KIND, among its first forty, that hold most."""
    from presales_desktop.services import registry
    from presales_desktop.services.listing import ListQuery

    found = registry.kind(kind)
    rows = found.list_rows(work, ListQuery(limit=40)).rows
    return sorted((row.id for row in rows), key=lambda record_id: len(repr(found.show(work, record_id))))[:-3:-1]


def _figure(name: str, seconds: float) -> dict[str, object]:
    return {"name": name, "value": round(seconds * 1000, 1), "unit": "ms", "n": 1, "target": TARGET_MS}


def run() -> list[dict[str, object]]:
    """The longest turn of the UI thread while each page opens, ms of its processor time; in a process of its own."""
    from presales_desktop.reports import printer
    from presales_desktop.services.demo.fill import fill
    from presales_desktop.store import workspace as store

    with tempfile.TemporaryDirectory() as folder:
        profile = Path(folder) / "workspace"
        environment = os.environ | {
            "PRESALES_NO_KEYRING": "1",
            "QT_QPA_PLATFORM": "offscreen",
            "XDG_CONFIG_HOME": str(Path(folder) / "config"),
            "XDG_CACHE_HOME": str(Path(folder) / "cache"),
        }
        os.environ["PRESALES_NO_KEYRING"] = "1"
        printer.install()
        with store.create(profile, demo=True) as made:
            fill(made.engine)
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.turns_bench", str(profile)],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise RuntimeError(done.stderr)
        found: list[dict[str, object]] = json.loads(done.stdout)
        return found


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1])) if sys.argv[1:] else run(), indent=1))
