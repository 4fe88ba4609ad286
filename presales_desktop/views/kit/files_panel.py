"""Files of a record: drop them in, open, save a copy, take them off; where each one is."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtCore import Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QImage, QPixmap
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QMenu, QWidget

from presales_desktop.services import attachments, contents, transfers
from presales_desktop.services.attachments import AttachmentRow
from presales_desktop.services.transfers import Place
from presales_desktop.services.work import ChangeSet
from presales_desktop.texts import tr
from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit import icons, jobs, theme, tokens
from presales_desktop.views.kit.basics import Elided, clear, column, icon_button, words
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.side_panel import SidePanel
from presales_desktop.views.kit.states import ProgressPanel

if TYPE_CHECKING:
    from presales_desktop.store.files import FileStore

_THUMBNAIL = 36


@cache
def _folder() -> tempfile.TemporaryDirectory[str]:
    """Copies for other programs to open; the folder goes when the program ends."""
    return tempfile.TemporaryDirectory(prefix="presales-files-", ignore_cleanup_errors=True)


# While something is under way its progress is looked at so often.
_LOOK_MS = 1000


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
        self.places: dict[str, Place] = {}
        self._look = QTimer(self, interval=_LOOK_MS)
        self._look.timeout.connect(lambda: jobs.start(self, self._look_again(), failed=lambda _: None))
        self._adding = column(gap=6)
        self._empty = words("", "small", wrap=True)
        self._list = column(gap=2)
        self._add = icon_button("plus", tr("添加文件"), self.choose, name="files.add")
        self.add_tool(self._add)
        self.body.addWidget(self._empty)
        self.body.addLayout(self._list)
        self.body.addLayout(self._adding)
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
        rows, places = await self._ctx.db.run(transfers.list_placed, self._kind, asked)
        if asked == self._id:
            wanted = {role for role, _ in self._roles}
            self.set_rows([r for r in rows if r.role in wanted or not wanted], places)

    async def _look_again(self) -> None:
        if not self.isVisible():
            return
        places = await self._ctx.db.run(transfers.places, [row.sha256 for row in self.rows])
        if places != self.places:
            self.set_rows(self.rows, places)

    def _bus(self, changes: ChangeSet, _initiator: object) -> None:
        if self._id is not None and (self._kind, self._id) in changes.refs:
            self.load(self._kind, self._id)

    def set_rows(self, rows: Sequence[AttachmentRow], places: Mapping[str, Place] | None = None) -> None:
        """Show ROWS; PLACES by SHA-256 where they are not simply here."""
        self.rows = tuple(rows)
        self.places = dict(places if places is not None else self.places)
        moving = {self._place(row).state for row in rows} & {"up", "down", "elsewhere"}
        (self._look.start if moving else self._look.stop)()
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
        place = self._place(each)
        is_image = each.media_type.startswith("image/")
        picture.setPixmap(icons.pixmap("image" if is_image else "file-text", tokens.ICON_LARGE))
        if is_image:
            jobs.start(picture, self._thumbnail(picture, each.sha256), failed=lambda _: None)
        inner.addWidget(picture)
        told = column(Elided(each.name), Elided(self._about(each), "small"), gap=0)
        inner.addLayout(told, 1)
        inner.addWidget(self._first_button(each, place))
        more = icon_button("ellipsis", tr("更多：{name}", name=each.name))
        more.clicked.connect(lambda: self._menu(each).popup(more.mapToGlobal(more.rect().bottomLeft())))
        inner.addWidget(more)
        return holder

    def _place(self, each: AttachmentRow) -> Place:
        return self.places.get(each.sha256, Place("here"))

    def _first_button(self, each: AttachmentRow, place: Place) -> QWidget:
        """What most people want of a file in this place: open it, fetch it, stop fetching it, try again."""
        if place.state == "failed":
            return icon_button(
                "refresh-cw", tr("重试 {name}", name=each.name), lambda: self.retry(each), name="files.retry"
            )
        if place.state == "down":
            return icon_button(
                "x", tr("停止取回 {name}", name=each.name), lambda: self.give_up(each), name="files.stop"
            )
        if place.state == "server":
            return icon_button(
                "download", tr("取回 {name}", name=each.name), lambda: self.fetch(each), name="files.fetch"
            )
        made = icon_button("external-link", tr("打开 {name}", name=each.name), lambda: self.open(each))
        made.setEnabled(place.here)
        return made

    def _about(self, each: AttachmentRow) -> str:
        word = dict(self._roles).get(each.role, "")
        told = _place_words(self._place(each))
        return " · ".join(p for p in (tr(word) if word else "", told, fmt.size(each.size)) if p)

    async def _thumbnail(self, picture: QLabel, sha256: str) -> None:
        ratio = self.devicePixelRatioF()
        data = await self._ctx.db.run(attachments.preview, sha256, round(_THUMBNAIL * ratio))
        small = await self._ctx.pool.run(attachments.shrink, data, round(_THUMBNAIL * ratio))
        shown = QPixmap.fromImage(QImage.fromData(small))
        shown.setDevicePixelRatio(ratio)
        picture.setPixmap(shown)

    def _menu(self, each: AttachmentRow) -> QMenu:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        place = self._place(each)
        menu.addAction(icons.icon("external-link"), tr("打开"), lambda: self.open(each)).setEnabled(place.here)
        menu.addAction(icons.icon("download"), tr("另存为…"), lambda: self.save_as(each)).setEnabled(place.here)
        if place.state == "here" and place.secured and each.size > transfers.AUTOMATIC:
            menu.addAction(icons.icon("cloud"), tr("只留在服务器上"), lambda: self.let_go(each))
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
        kind, record_id = self._kind, self._id
        store = await self._ctx.db.run(contents.shelf)
        try:
            for path in paths:
                await self._add_path(store, kind, record_id, role, path)
        except GeneratorExit:  # the page has been closed, and all its parts with it
            raise
        except BaseException:
            self._added(kind, record_id)  # also after a failure or 取消: what was added before it is there
            raise
        self._added(kind, record_id)

    def _added(self, kind: str, record_id: UUID) -> None:
        if self._id == record_id:
            self.load(kind, record_id)
        self.changed.emit()

    async def _add_path(self, store: FileStore, kind: str, record_id: UUID, role: str, path: Path) -> None:
        progress = jobs.Progress(self)
        shown = ProgressPanel(tr("正在添加 {name}", name=path.name), progress)
        shown.setObjectName("files.adding")
        shown.hide()
        progress.changed.connect(lambda done, total, _what: shown.setVisible(done < total))
        self._adding.addWidget(shown)

        def step(done: int, total: int) -> None:
            # In thousandths: two gigabytes do not fit into the bar's numbers.
            progress.step(done * 1000 // max(1, total), 1000, f"{fmt.size(done)} / {fmt.size(total)}")

        try:
            staged = await self._ctx.pool.run(contents.stage, store, path, step)
            await self._ctx.db.run(attachments.attach_staged, kind, record_id, role, staged)
        finally:
            with suppress(RuntimeError):  # the page may have been closed meanwhile, and all its parts with it
                self._adding.removeWidget(shown)
                shown.deleteLater()
                progress.deleteLater()

    def open(self, each: AttachmentRow) -> None:
        """Show a file in the program that the platform has for it; fetch it first when it is not here."""
        if self._place(each).state == "server":
            self.fetch(each)
        else:
            jobs.start(self, self._show_outside(each))

    async def _show_outside(self, each: AttachmentRow) -> None:
        source = await self._ctx.db.run(contents.open_stream, each.sha256)
        folder = Path(_folder().name) / str(each.id)
        folder.mkdir(exist_ok=True)
        path = folder / Path(each.name).name
        await self._ctx.pool.run(contents.save_to, source, path)
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
        source = await self._ctx.db.run(contents.open_stream, each.sha256)
        await self._ctx.pool.run(contents.save_to, source, path)
        self._ctx.nav.toast(tr("已保存 {name}", name=path.name), tone="good")

    # --- where they are ----------------------------------------------------------------------------------------------
    def fetch(self, each: AttachmentRow) -> None:
        """Bring a file from the server, before all others."""
        jobs.start(self, self._ask(transfers.fetch, each))

    def give_up(self, each: AttachmentRow) -> None:
        """Stop bringing it."""
        jobs.start(self, self._ask(transfers.give_up, each))

    def retry(self, each: AttachmentRow) -> None:
        """Try again what failed."""
        jobs.start(self, self._ask(transfers.retry, each))

    def let_go(self, each: AttachmentRow) -> None:
        """Keep it on the server only."""
        jobs.start(self, self._ask(transfers.let_go, each))

    async def _ask(self, service: Callable[..., object], each: AttachmentRow) -> None:
        await self._ctx.db.run(service, each.sha256)
        await self._load()

    def remove(self, each: AttachmentRow) -> None:
        """Take a file off; the toast offers to put it back."""
        jobs.start(self, self._remove(each))

    async def _remove(self, each: AttachmentRow) -> None:
        await self._ctx.db.run(attachments.detach, each.id)
        self.load(self._kind, self._id)
        self.changed.emit()

        def back() -> None:
            jobs.start(self, self._put_back(each))

        self._ctx.nav.toast(tr("已移除 {name}", name=each.name), action=(tr("撤销"), back))

    async def _put_back(self, each: AttachmentRow) -> None:
        await self._ctx.db.run(attachments.put_back, each)
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


def _place_words(place: Place) -> str:
    if place.state == "failed":
        return tr("没能取回：{why}", why=_why(place)) if not place.here else tr("没能上传：{why}", why=_why(place))
    if place.state == "up":
        return tr("正在上传 {percent}%", percent=place.percent) if place.percent else tr("等待上传")
    if place.state == "down":
        return tr("正在取回 {percent}%", percent=place.percent)
    return {"server": tr("在服务器上"), "elsewhere": tr("还在添加它的电脑上")}.get(place.state, "")


def _why(place: Place) -> str:
    """A failure in few words; the sentences of errors are too long for a row."""
    return {
        "store.file_missing": tr("内容丢失"),
        "store.file_damaged": tr("内容已损坏"),
        "file.damaged": tr("内容已损坏"),
        "blob.size": tr("文件太大"),
        "blob.unknown": tr("服务器上没有"),
        "blob.store": tr("服务器空间不足"),
    }.get(place.error, tr("传输有误"))
