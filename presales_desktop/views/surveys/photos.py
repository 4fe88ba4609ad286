"""Photos of a survey or of one of its spaces: thumbnails in a row, dropped in or chosen, opened and taken off."""

from __future__ import annotations

import tempfile
from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from pathlib import Path
from uuid import UUID

from PySide6.QtCore import QSize, Qt, QUrl, Signal
from PySide6.QtGui import (
    QDesktopServices,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QIcon,
    QImage,
    QKeyEvent,
    QPixmap,
)
from PySide6.QtWidgets import QFrame, QToolButton, QVBoxLayout, QWidget

from presales_desktop.models.errors import InputError
from presales_desktop.services import attachments, contents, survey_photos, transfers
from presales_desktop.services.attachments import AttachmentRow
from presales_desktop.texts import tr
from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit import icons, jobs, theme
from presales_desktop.views.kit.adapters import FlowRow
from presales_desktop.views.kit.basics import words
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.dialogs import choose_file

EDGE = 72
PATTERNS = ("*.jpg", "*.jpeg", "*.png", "*.webp", "*.bmp", "*.heic", "*.tif")


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """Copies for other programs to open; the folder goes when the program ends."""
    return tempfile.TemporaryDirectory(prefix="presales-photos-", ignore_cleanup_errors=True)


def read_file(path: Path) -> bytes:
    """Bytes of a chosen file. Raises InputError file.unreadable, file.too_large before it is read."""
    try:
        size = path.stat().st_size
        if size > contents.MAX_IN_MEMORY:
            raise InputError(
                "file.too_large", file=path.name, size=fmt.size(size), limit=fmt.size(contents.MAX_IN_MEMORY)
            )
        return path.read_bytes()
    except OSError as error:
        raise InputError("file.unreadable", file=path.name, reason=error.strerror or str(error)) from None


class _Thumb(QToolButton):
    """One photo: Enter or a click opens it, Delete takes it off."""

    removed = Signal()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setFixedSize(EDGE + 8, EDGE + 8)
        self.setIconSize(QSize(EDGE, EDGE))
        self.setIcon(icons.icon("image", "secondary"))
        self.setProperty("look", "quiet")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(name)
        self.setToolTip(tr("{name}（回车打开，Delete 移除）", name=name))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self.removed.emit()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)


class PhotoStrip(QFrame):
    """The photos of one place. `space_id` None: the survey's own. SAVED(): saves the page first and answers the survey's id (or
    None when it could not be saved), since a photo needs a record to hang on. `changed` after one came or went."""

    changed = Signal()

    def __init__(self, ctx: ViewContext, saved: Callable[[], Awaitable[UUID | None]], name: str) -> None:
        super().__init__()
        self._ctx, self._saved = ctx, saved
        self._space: Callable[[], UUID | None] | None = None
        self._read_only = False
        self.rows: tuple[AttachmentRow, ...] = ()
        self.setObjectName(name)
        self.setAcceptDrops(True)
        self._hint = words(tr("把照片拖到这里，或点“+”选择。"), "faint")
        self._holder = QWidget()
        self._flow = FlowRow(self._holder)
        self._add = QToolButton(self._holder)
        self._add.setObjectName(f"{name}.add")
        self._add.setIcon(icons.icon("camera", "secondary"))
        self._add.setIconSize(QSize(20, 20))
        self._add.setFixedSize(EDGE + 8, EDGE + 8)
        self._add.setAccessibleName(tr("添加照片"))
        self._add.setToolTip(tr("添加照片"))
        self._add.clicked.connect(self.choose)
        inner = QVBoxLayout(self)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(4)
        inner.addWidget(self._holder)
        inner.addWidget(self._hint)
        self.set_rows(())

    def of_space(self, space: Callable[[], UUID | None]) -> None:
        """The photos of the space whose id SPACE() answers once it is saved."""
        self._space = space

    def set_read_only(self, on: bool) -> None:
        """Frozen in a report: nothing comes or goes."""
        self._read_only = on
        self.set_rows(self.rows)

    def set_rows(self, rows: Sequence[AttachmentRow]) -> None:
        """Show ROWS."""
        same = [r.id for r in rows] == [r.id for r in self.rows]
        self.rows = tuple(rows)
        self._hint.setVisible(not rows and not self._read_only)
        self._add.setVisible(not self._read_only)
        if same and self._flow_filled:
            self._flow.set_parts([*self._thumbs, *([] if self._read_only else [self._add])])
            return
        for old in self._thumbs:
            old.setParent(None)
            old.deleteLater()
        self._thumbs = [self._thumb(row) for row in rows]
        self._flow_filled = True
        self._flow.set_parts([*self._thumbs, *([] if self._read_only else [self._add])])

    _flow_filled = False
    _thumbs: list[_Thumb] = []  # noqa: RUF012  # replaced as a whole, never changed in place

    def _thumb(self, each: AttachmentRow) -> _Thumb:
        made = _Thumb(each.name)
        made.clicked.connect(lambda: jobs.start(self, self._open(each)))
        made.removed.connect(lambda: self.remove(each))
        jobs.start(made, self._picture(made, each.sha256), failed=lambda _: None)
        return made

    async def _picture(self, thumb: _Thumb, sha256: str) -> None:
        ratio = self.devicePixelRatioF()
        data = await self._ctx.db.run(attachments.preview, sha256, round(EDGE * ratio))
        small = await self._ctx.pool.run(attachments.shrink, data, round(EDGE * ratio))
        shown = QPixmap.fromImage(QImage.fromData(small))
        shown.setDevicePixelRatio(ratio)
        thumb.setIcon(QIcon(shown))

    def choose(self) -> None:
        """Let the user choose a photo."""
        jobs.start(self, self._choose())

    async def _choose(self) -> None:
        path = await choose_file(self, tr("添加照片"), [tr("图片 ({patterns})", patterns=" ".join(PATTERNS))])
        if path is not None:
            await self._add_paths([path])

    def add_paths(self, paths: Sequence[Path]) -> None:
        """Attach photos from disk."""
        if not self._read_only and paths:
            jobs.start(self, self._add_paths(paths))

    async def _add_paths(self, paths: Sequence[Path]) -> None:
        survey_id = await self._saved()
        if survey_id is None:
            return
        try:
            for path in paths:
                data = await self._ctx.pool.run(read_file, path)
                space = self._space() if self._space is not None else None
                await self._ctx.db.run(survey_photos.add, survey_id, path.name, data, space, initiator=self)
        finally:
            self.changed.emit()

    def remove(self, each: AttachmentRow) -> None:
        """Take a photo off; the toast offers to put it back."""
        if not self._read_only:
            jobs.start(self, self._remove(each))

    async def _remove(self, each: AttachmentRow) -> None:
        await self._ctx.db.run(survey_photos.remove, each.id, initiator=self)
        self.changed.emit()

        def back() -> None:
            jobs.start(self, self._put_back(each))

        self._ctx.nav.toast(tr("已移除 {name}", name=each.name), action=(tr("撤销"), back))

    async def _put_back(self, each: AttachmentRow) -> None:
        survey_id = await self._saved()
        if survey_id is not None:
            await self._ctx.db.run(survey_photos.put_back, survey_id, each, initiator=self)
            self.changed.emit()

    async def _open(self, each: AttachmentRow) -> None:
        place = (await self._ctx.db.run(transfers.places, [each.sha256]))[each.sha256]
        if not place.here:
            await self._ctx.db.run(transfers.fetch, each.sha256)
            self._ctx.nav.toast(tr("{name} 还在服务器上，正在取回；稍后再点一次。", name=each.name))
            return
        data = await self._ctx.db.run(attachments.content, each.id)
        path = Path(_folder().name) / f"{each.id.hex[:8]}-{Path(each.name).name}"
        await self._ctx.pool.run(path.write_bytes, data)
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
            self._ctx.nav.toast(tr("没有程序能打开 {name}，可以另存后用别的程序打开。", name=each.name), tone="bad")

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if not self._read_only and event.mimeData().hasUrls():
            event.acceptProposedAction()
            theme.dress(self, look="drop")

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        theme.dress(self, look="")

    def dropEvent(self, event: QDropEvent) -> None:
        theme.dress(self, look="")
        self.add_paths([Path(u.toLocalFile()) for u in event.mimeData().urls() if u.isLocalFile()])
        event.acceptProposedAction()
