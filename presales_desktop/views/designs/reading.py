"""Reading a plan file away from the window: how far it is, in the page's own bar, and a way out."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from presales_desktop.services.underlays import Plan
from presales_desktop.services.watching import Step
from presales_desktop.texts import tr
from presales_desktop.views.kit import jobs
from presales_desktop.views.kit.states import ProgressPanel

if TYPE_CHECKING:
    from presales_desktop.views.designs.editor import DesignEditor

# A file that is read at once shows no bar.
_SHOWN_AFTER_MS = 300
Read = Callable[[Path, Step], tuple[bytes, Plan]]


async def watched(page: DesignEditor, path: Path, read: Read) -> tuple[bytes, Plan]:
    """READ(path, step) on a worker, with progress and 取消 above the canvas. Raises what READ raises, jobs.Cancelled.

    Cancelled, the page goes on at once; the worker stops at its next step, and what it had is dropped.
    """
    progress = jobs.Progress(page)
    panel = ProgressPanel(tr("正在读取 {file}…", file=path.name), progress)
    panel.setObjectName("design.reading")
    panel.hide()
    page.add_bar(panel)
    QTimer.singleShot(_SHOWN_AFTER_MS, panel, panel.show)
    ended: jobs.Pending[tuple[bytes, Plan]] = jobs.Pending()
    panel.cancelled.connect(lambda: ended.reject(jobs.Cancelled()))
    work = page.ctx.pool.run(read, path, progress.step)

    def arrived() -> None:
        try:
            ended.resolve(work.result())
        except Exception as error:  # noqa: BLE001  # handed on to who waits
            ended.reject(error)

    work.add_done(arrived)
    try:
        return await ended
    finally:
        progress.cancel()  # a page that is closed while it reads stops the worker, too
        with suppress(RuntimeError):  # the page took it along
            panel.hide()
            panel.deleteLater()
