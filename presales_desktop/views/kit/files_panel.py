"""Files of a record: drop them in, open, save a copy, take them off."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path
from uuid import UUID

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QImage, QPixmap
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QMenu, QWidget

from presales_desktop.models.errors import InputError
from presales_desktop.services import attachments, contents
from presales_desktop.services.attachments import AttachmentRow
from presales_desktop.services.work import ChangeSet
from presales_desktop.texts import tr
from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit import icons, jobs, theme, tokens
from presales_desktop.views.kit.basics import Elided, clear, column, icon_button, words
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.side_panel import SidePanel

_THUMBNAIL = 36


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """Copies for other programs to open; the folder goes when the program ends."""
    return tempfile.TemporaryDirectory(prefix="presales-files-", ignore_cleanup_errors=True)


def _read(path: Path) -> bytes:
    """Bytes of a chosen file. Raises InputError file.unreadable, file.too_large before it is read."""
    try:
        count = path.stat().st_size
        if count > contents.MAX_BYTES:
            raise InputError(
                "file.too_large", file=path.name, size=fmt.size(count), limit=fmt.size(contents.MAX_BYTES)
            )
        return path.read_bytes()
    except OSError as error:
        raise InputError("file.unreadable", file=path.name, reason=error.strerror or str(error)) from None


def _write(path: Path, data: bytes) -> None:
    try:
        path.write_bytes(data)
    except OSError as error:
        raise InputError("file.not_writable", file=str(path), reason=error.strerror or str(error)) from None


class FilesPanel(SidePanel):
    """ROLES: (role, word) in which files are added here, the first when dropped; shows files of these roles (all when empty).

    `changed` after a file was added or removed. Before the record is saved (`load(kind, None)`) it says so and refuses.
    """

    changed = Signal()

    def __init__(
        self,
        ctx: ViewContext,
        kind: str,
        record_id: UUID | None,
        roles: Sequence[tuple[str, str]] = (("file", ""),),
        title: str = "",
    ) -> None:
        super().__init__(title or tr("文件"), key="files")
        self._ctx = ctx
        self._kind, self._id = kind, record_id
        self._roles = tuple(roles)
        self._read_only = False
        self.rows: tuple[AttachmentRow, ...] = ()
        self._empty = words("", "small", wrap=True)
        self._list = column(gap=2)
        self._add = icon_button("plus", tr("添加文件"), self.choose, name="files.add")
        self.add_tool(self._add)
        self.body.addWidget(self._empty)
        self.body.addLayout(self._list)
        self.setAcceptDrops(True)
        ctx.bus.changed.connect(self._bus)
        self.load(kind, record_id)

    def set_read_only(self, read_only: bool) -> None:
        """Nothing may be added or removed (a frozen revision)."""
        self._read_only = read_only
        self._add.setVisible(not read_only)
        self.set_rows(self.rows)

    def load(self, kind: str, record_id: UUID | None) -> None:
        """Show the files of another record."""
        self._kind, self._id = kind, record_id
        self._add.setEnabled(record_id is not None)
        if record_id is None:
            self.set_rows(())
        else:
            jobs.start(self, self._load())

    async def _load(self) -> None:
        asked = self._id
        if asked is None:
            return
        rows = await self._ctx.db.run(attachments.list_of, self._kind, asked)
        if asked == self._id:
            wanted = {role for role, _ in self._roles}
            self.set_rows([r for r in rows if r.role in wanted or not wanted])

    def _bus(self, changes: ChangeSet, _initiator: object) -> None:
        if self._id is not None and (self._kind, self._id) in changes.refs:
            self.load(self._kind, self._id)

    def set_rows(self, rows: Sequence[AttachmentRow]) -> None:
        """Show ROWS."""
        self.rows = tuple(rows)
        clear(self._list)
        self.set_note(str(len(rows)) if rows else "")
        self._empty.setVisible(not rows)
        if self._id is None:
            self._empty.setText(tr("保存之后就可以添加文件。"))
        else:
            self._empty.setText(tr("没有文件。") if self._read_only else tr("把文件拖到这里，或点“+”添加。"))
        for each in rows:
            self._list.addWidget(self._row(each))

    def _row(self, each: AttachmentRow) -> QWidget:
        holder = QWidget()
        inner = QHBoxLayout(holder)
        inner.setContentsMargins(0, 2, 0, 2)
        inner.setSpacing(8)
        picture = QLabel()
        picture.setFixedSize(_THUMBNAIL, _THUMBNAIL)
        picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        is_image = each.media_type.startswith("image/")
        picture.setPixmap(icons.pixmap("image" if is_image else "file-text", tokens.ICON_LARGE))
        if is_image:
            jobs.start(picture, self._thumbnail(picture, each.sha256), failed=lambda _: None)
        inner.addWidget(picture)
        told = column(Elided(each.name), Elided(self._about(each), "small"), gap=0)
        inner.addLayout(told, 1)
        inner.addWidget(icon_button("external-link", tr("打开 {name}", name=each.name), lambda: self.open(each)))
        more = icon_button("ellipsis", tr("更多：{name}", name=each.name))
        more.clicked.connect(lambda: self._menu(each).popup(more.mapToGlobal(more.rect().bottomLeft())))
        inner.addWidget(more)
        return holder

    def _about(self, each: AttachmentRow) -> str:
        word = dict(self._roles).get(each.role, "")
        return " · ".join(p for p in (tr(word) if word else "", fmt.size(each.size)) if p)

    async def _thumbnail(self, picture: QLabel, sha256: str) -> None:
        data = await self._ctx.db.run(attachments.preview, sha256, 128)
        ratio = self.devicePixelRatioF()
        small = await self._ctx.pool.run(attachments.shrink, data, round(_THUMBNAIL * ratio))
        shown = QPixmap.fromImage(QImage.fromData(small))
        shown.setDevicePixelRatio(ratio)
        picture.setPixmap(shown)

    def _menu(self, each: AttachmentRow) -> QMenu:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(icons.icon("external-link"), tr("打开"), lambda: self.open(each))
        menu.addAction(icons.icon("download"), tr("另存为…"), lambda: self.save_as(each))
        if not self._read_only and each.role != attachments.KEPT_ROLE:
            menu.addSeparator()
            menu.addAction(icons.icon("trash-2", "bad"), tr("移除"), lambda: self.remove(each))
        return menu

    # --- what can be done --------------------------------------------------------------------------------------------
    def choose(self) -> None:
        """Let the user choose files; with several roles a menu asks first what they are."""
        if len(self._roles) == 1:
            self._choose(self._roles[0][0])
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for role, word in self._roles:
            if role != attachments.KEPT_ROLE:
                menu.addAction(tr(word), partial(self._choose, role))
        menu.popup(self._add.mapToGlobal(self._add.rect().bottomLeft()))

    def _choose(self, role: str) -> None:
        dialog = QFileDialog(self, tr("添加文件"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.filesSelected.connect(lambda names: self.add_paths([Path(n) for n in names], role))
        dialog.open()

    def add_paths(self, paths: Sequence[Path], role: str = "") -> None:
        """Attach files from disk."""
        if self._id is not None and not self._read_only:
            jobs.start(self, self._add_paths(paths, role or self._roles[0][0]))

    async def _add_paths(self, paths: Sequence[Path], role: str) -> None:
        assert self._id is not None
        for path in paths:
            data = await self._ctx.pool.run(_read, path)
            await self._ctx.db.run(attachments.attach, self._kind, self._id, role, path.name, data)
        self.load(self._kind, self._id)
        self.changed.emit()

    def open(self, each: AttachmentRow) -> None:
        """Show a file in the program that the platform has for it."""
        jobs.start(self, self._show_outside(each))

    async def _show_outside(self, each: AttachmentRow) -> None:
        data = await self._ctx.db.run(attachments.content, each.id)
        folder = Path(_folder().name) / str(each.id)
        folder.mkdir(exist_ok=True)
        path = folder / Path(each.name).name
        await self._ctx.pool.run(_write, path, data)
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
            self._ctx.nav.toast(tr("没有程序能打开 {name}，可以另存后用别的程序打开。", name=each.name), tone="bad")

    def save_as(self, each: AttachmentRow) -> None:
        """Save a copy where the user wants it."""
        dialog = QFileDialog(self, tr("另存为"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.selectFile(each.name)
        dialog.fileSelected.connect(lambda name: jobs.start(self, self._save(each, Path(name))))
        dialog.open()

    async def _save(self, each: AttachmentRow, path: Path) -> None:
        data = await self._ctx.db.run(attachments.content, each.id)
        await self._ctx.pool.run(_write, path, data)
        self._ctx.nav.toast(tr("已保存 {name}", name=path.name), tone="good")

    def remove(self, each: AttachmentRow) -> None:
        """Take a file off; the toast offers to put it back."""
        jobs.start(self, self._remove(each))

    async def _remove(self, each: AttachmentRow) -> None:
        data = await self._ctx.db.run(attachments.content, each.id)
        await self._ctx.db.run(attachments.detach, each.id)
        self.load(self._kind, self._id)
        self.changed.emit()

        def back() -> None:
            jobs.start(self, self._put_back(each, data))

        self._ctx.nav.toast(tr("已移除 {name}", name=each.name), action=(tr("撤销"), back))

    async def _put_back(self, each: AttachmentRow, data: bytes) -> None:
        await self._ctx.db.run(attachments.attach, each.kind, each.record_id, each.role, each.name, data)
        if each.record_id == self._id:
            self.load(self._kind, self._id)
        self.changed.emit()

    # --- dropping ----------------------------------------------------------------------------------------------------
    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files from disk are welcome."""
        if self._id is not None and not self._read_only and event.mimeData().hasUrls():
            event.acceptProposedAction()
            theme.dress(self, look="drop")

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Back to the usual look."""
        theme.dress(self, look="section")

    def dropEvent(self, event: QDropEvent) -> None:
        """Attach what was dropped."""
        theme.dress(self, look="section")
        self.add_paths([Path(u.toLocalFile()) for u in event.mimeData().urls() if u.isLocalFile()])
        event.acceptProposedAction()
