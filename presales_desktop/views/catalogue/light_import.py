"""Many photometric files at once: each goes to the product whose model it names; a sheet says what became of every one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QVBoxLayout, QWidget

from presales_desktop.lighting import gldf
from presales_desktop.lighting.textfile import MAX_BYTES
from presales_desktop.models.errors import PresalesError
from presales_desktop.services import catalogue_photometry
from presales_desktop.services.catalogue_photometry import FileResult, PhotometryImport, reason_text
from presales_desktop.texts import lookup, tr
from presales_desktop.views.kit import jobs
from presales_desktop.views.kit.basics import Elided, icon_label, row, words
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.dialogs import Sheet
from presales_desktop.views.kit.jobs import Pending
from presales_desktop.views.kit.states import ProgressPanel

_MOST = 2000
_CHUNK = 20


def choose_light_files(page: QWidget, *, several: bool = True) -> Pending[list[Path]]:
    """Ask for IES and LDT files."""
    pending: Pending[list[Path]] = Pending()
    dialog = QFileDialog(page.window(), tr("选择光度文件"), str(Path.home()))
    # A container belongs to several products at once: only where several files are asked for.
    patterns = tr("光度文件 ({patterns})", patterns="*.ies *.ldt *.IES *.LDT" + (" *.gldf *.GLDF" if several else ""))
    dialog.setNameFilters([patterns, tr("所有文件 (*)")])
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles if several else QFileDialog.FileMode.ExistingFile)

    def finished(result: int) -> None:
        chosen = [Path(name) for name in dialog.selectedFiles()] if result else []
        dialog.deleteLater()
        pending.resolve(chosen)

    dialog.finished.connect(finished)
    dialog.open()
    return pending


def read_files(paths: Sequence[Path]) -> tuple[list[tuple[str, bytes]], list[FileResult]]:
    """Names and bytes (never more of a file than a photometry may have), and what could not be read."""
    found, failed = [], []
    for path in paths:
        try:
            with path.open("rb") as stream:
                limit = gldf.MAX_BYTES if path.suffix.lower() == ".gldf" else MAX_BYTES
                found.append((path.name, stream.read(limit + 1)))
        except OSError as error:
            values = (("file", path.name), ("reason", error.strerror or str(error)))
            failed.append(FileResult(path.name, "failed", code="file.unreadable", values=values))
    return found, failed


class LightImport(QObject):
    """Reads files on a worker and attaches them in small transactions; `sheet` shows the results."""

    def __init__(self, page: QWidget, ctx: ViewContext) -> None:
        super().__init__(page)
        self._page, self._ctx = page, ctx
        self.results: list[FileResult] = []
        self.sheet: Sheet | None = None

    def start(self, paths: Sequence[Path]) -> None:
        """Attach PATHS."""
        self._progress = ProgressPanel(tr("正在导入光度文件"))
        self._list = QVBoxLayout()
        self._list.setSpacing(4)
        self._summary = words("", "section", wrap=True)
        self._summary.setObjectName("light.summary")
        body = QWidget()
        inner = QVBoxLayout(body)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(10)
        inner.addWidget(self._progress)
        inner.addWidget(self._summary)
        inner.addLayout(self._list)
        self.sheet = Sheet(self._page, tr("导入光度文件"), body, name="light.import", width=560)
        jobs.start(self, self._run(list(paths)[:_MOST]), self._failed)

    def _failed(self, error: BaseException) -> None:
        self._progress.hide()
        if self.sheet is not None and isinstance(error, PresalesError):
            self.sheet.show_problem(lookup.error_text(error))
        else:
            self._ctx.nav.show_error(error, self._page)

    async def _run(self, paths: list[Path]) -> None:
        progress = jobs.Progress(self)
        self._progress.bind(progress)
        try:
            for start in range(0, len(paths), _CHUNK):
                self._progress.set_step(start, len(paths), paths[start].name)
                part, unreadable = await self._ctx.pool.run(read_files, paths[start : start + _CHUNK])
                done: PhotometryImport = await self._ctx.db.run(catalogue_photometry.import_photometry, part)
                for result in (*done.files, *unreadable):
                    self.results.append(result)
                    self._list.addWidget(_line(result))
                progress.step(min(start + _CHUNK, len(paths)), len(paths))
        finally:
            self._progress.hide()
            self._tell()

    def _tell(self) -> None:
        count = {o: sum(r.outcome == o for r in self.results) for o in ("matched", "unmatched", "failed")}
        self._summary.setText(tr("已添加 {matched} 个，未匹配 {unmatched} 个，读不出 {failed} 个", **count))


def _line(result: FileResult) -> QWidget:
    icon, tone = {
        "matched": ("circle-check", "good"),
        "unmatched": ("circle-help", "amber"),
        "failed": ("circle-x", "bad"),
    }[result.outcome]
    holder = QWidget()
    told = QVBoxLayout()
    told.setSpacing(1)
    head = row(Elided(result.name, "strong"), gap=8)
    head.setStretch(0, 1)
    head.addWidget(words(result.model_no, "secondary"))
    told.addLayout(head)
    reason = reason_text(result)
    if reason:
        told.addWidget(words(reason, "secondary", wrap=True))
    whole = row(icon_label(icon, tone=tone), gap=10)
    whole.addLayout(told, 1)
    holder.setLayout(whole)
    holder.setAccessibleName(f"{result.name} {result.model_no} {reason}")
    return holder
