"""A plan file that takes long to read: the page says how far it is and lets go of it when asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QProgressBar, QPushButton

from presales_desktop.views.designs import files as plan_files
from presales_desktop.views.designs.editor import DesignEditor
from presales_desktop.views.kit import jobs
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.states import ProgressPanel
from tests.helpers.design_data import make_world


@pytest.fixture
def editor(qtbot: Any, run: Callable[..., Any], make_ctx: Callable[[str], ViewContext]) -> Iterator[DesignEditor]:
    page = DesignEditor(make_ctx("design"), "design", None, {"case_id": make_world(run).case_id})
    qtbot.addWidget(page)
    page.resize(1366, 720)
    page.show()
    qtbot.waitUntil(lambda: page.document is not None and page.palette_panel.model.rowCount() > 0, timeout=10000)
    yield page
    page.leave()


def test_a_long_reading_shows_its_progress_and_cancelled_leaves_nothing(
    editor: DesignEditor, tmp_path: Path, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "town.dxf"
    path.write_bytes(b"never read")
    asked, stopped = threading.Event(), threading.Event()

    def slow(_path: Path, step: Callable[[int, int], None]) -> Any:
        step(40, 100)
        asked.wait(20)
        try:
            step(41, 100)
        except jobs.Cancelled:
            stopped.set()
            raise

    monkeypatch.setattr(plan_files, "read_file", slow)
    before = editor.draft.undo_stack.count()
    editor.run(lambda: editor.files.add(path))
    panel = editor.findChild(ProgressPanel, "design.reading")
    qtbot.waitUntil(lambda: not panel.isHidden(), timeout=5000)
    bar = panel.findChild(QProgressBar)
    qtbot.waitUntil(lambda: bar.value() == 40 and bar.maximum() == 100, timeout=5000)
    panel.findChild(QPushButton, "progress.cancel").click()
    # The page is free at once, while the worker is still in the foreign parser.
    assert panel.isHidden()
    asked.set()
    assert stopped.wait(20)
    qtbot.waitUntil(lambda: editor.findChild(ProgressPanel, "design.reading") is None, timeout=5000)
    assert editor.document is not None
    assert editor.document.underlays() == []
    assert editor.canvas.plans == {}
    assert editor.draft.undo_stack.count() == before
    assert editor.ctx.nav.errors == []  # type: ignore[attr-defined]
