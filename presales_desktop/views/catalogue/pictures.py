"""Pictures of a product: a strip to look at, drop on, put in order."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QIcon, QImage, QKeyEvent, QPixmap
from PySide6.QtWidgets import QLabel, QListView, QListWidget, QListWidgetItem, QMenu, QVBoxLayout, QWidget

from presales_desktop.models.errors import InputError
from presales_desktop.services import catalogue_images
from presales_desktop.services.attachments import AttachmentRow
from presales_desktop.texts import tr
from presales_desktop.views.kit import icons, jobs, tokens
from presales_desktop.views.kit.basics import button, words
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.dialogs import choose_file
from presales_desktop.views.kit.thumbnails import Thumbnails

_LARGE = 248
_SMALL = 56
_ENDINGS = (".jpg", ".jpeg", ".png", ".webp")


def _prepare(path: Path) -> tuple[str, bytes]:
    """Read and re-encode on a worker; never more bytes than are allowed."""
    try:
        with path.open("rb") as stream:
            data = stream.read(catalogue_images.MAX_BYTES + 1)
    except OSError as error:
        raise InputError("file.unreadable", file=path.name, reason=error.strerror or str(error)) from None
    return catalogue_images.prepare(data, path.name)


class Pictures(QWidget):
    """The large picture and the strip under it. Empty, it says what to drop."""

    def __init__(self, ctx: ViewContext, page: QWidget, *, editable: bool) -> None:
        super().__init__()
        self._ctx, self._page, self._editable = ctx, page, editable
        self._product: UUID | None = None
        self.rows: tuple[AttachmentRow, ...] = ()
        self.setObjectName("product.pictures")
        self._thumbs = Thumbnails(ctx, _LARGE, self, ratio=self.devicePixelRatioF())
        self._thumbs.arrived.connect(self.show_chosen)
        self._large = QLabel()
        self._large.setObjectName("product.picture")
        self._large.setFixedHeight(_LARGE)
        self._large.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._hint = words("", "secondary", wrap=True)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._strip = _Strip(self)
        self.add_button = button(tr("添加图片"), self.choose, look="link", icon="plus", name="product.pictures.add")
        self.add_button.setVisible(editable)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(8)
        for part in (self._large, self._hint, self._strip):
            whole.addWidget(part)
        self.setAcceptDrops(editable)
        self.show_chosen()

    def load(self, product_id: UUID | None) -> None:
        """Show the pictures of a product."""
        self._product = product_id
        self.add_button.setEnabled(product_id is not None)
        if product_id is not None:
            jobs.start(self, self._load(product_id))
        else:
            self.show_chosen()

    async def _load(self, product_id: UUID) -> None:
        rows = await self._ctx.db.run(catalogue_images.images, product_id)
        if product_id == self._product:
            self.rows = rows
            self._strip.set_rows(rows)
            self.show_chosen()

    def show_chosen(self) -> None:
        """The large picture is the one chosen in the strip."""
        chosen = self._strip.currentRow()
        shown = self.rows[chosen] if 0 <= chosen < len(self.rows) else (self.rows[0] if self.rows else None)
        for place, each in enumerate(self.rows):
            found = self._thumbs.get(each.sha256)
            item = self._strip.item(place)
            if found is not None and item is not None:
                item.setIcon(QIcon(found))
        self._strip.setVisible(len(self.rows) > 1)
        self._large.setVisible(shown is not None)
        self._hint.setVisible(shown is None)
        if shown is None:
            can = self._editable and self._product is not None
            self._hint.setText(tr("把图片拖到这里（JPG、PNG、WebP）。") if can else tr("还没有图片。"))
            self._hint.setMinimumHeight(96)
            return
        pixmap = self._thumbs.get(shown.sha256)
        self._large.setPixmap(pixmap if pixmap is not None else icons.pixmap("image", 32, "faint"))
        self._large.setAccessibleName(shown.name)

    # adding

    def choose(self) -> None:
        """Ask for a picture."""
        jobs.start(self, self._choose(), self._failed)

    async def _choose(self) -> None:
        patterns = tr("图片 ({patterns})", patterns=" ".join(catalogue_images.PATTERNS))
        path = await choose_file(self._page, tr("选择图片"), [patterns])
        if path is not None:
            await self._add([path])

    def add_paths(self, paths: Sequence[Path]) -> None:
        """Add pictures that were dropped."""
        if paths and self._product is not None:
            jobs.start(self, self._add(paths), self._failed)

    async def _add(self, paths: Sequence[Path]) -> None:
        product_id = self._product
        if product_id is None:
            return
        try:
            for path in paths:
                name, data = await self._ctx.pool.run(_prepare, path)
                await self._ctx.db.run(catalogue_images.add_prepared, product_id, name, data, initiator=self._page)
        finally:
            self.load(product_id)

    def _failed(self, error: BaseException) -> None:
        self._ctx.nav.show_error(error, self._page)

    def make_first(self, place: int) -> None:
        """Let a picture stand for the product."""
        jobs.start(self, self._do(catalogue_images.make_first, place), self._failed)

    def remove(self, place: int) -> None:
        """Take a picture off; the message offers to put it back."""
        jobs.start(self, self._remove(place), self._failed)

    async def _do(self, step: object, place: int) -> None:
        if self._editable and 0 <= place < len(self.rows):
            await self._ctx.db.run(step, self.rows[place].id, initiator=self._page)  # type: ignore[arg-type]  # a service
            self.load(self._product)

    async def _remove(self, place: int) -> None:
        if not (self._editable and 0 <= place < len(self.rows)):
            return
        row = self.rows[place]
        kept = await self._ctx.db.run(catalogue_images.contents, [row.sha256])
        await self._do(catalogue_images.remove_image, place)

        def back() -> None:
            jobs.start(self, self._put_back(row.name, kept[row.sha256]), self._failed)

        self._ctx.nav.toast(tr("已移除 {file}", file=row.name), action=(tr("撤销"), back))

    async def _put_back(self, name: str, data: bytes) -> None:
        if self._product is not None:
            await self._ctx.db.run(catalogue_images.add_prepared, self._product, name, data, initiator=self._page)
            self.load(self._product)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _pictures(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        self.add_paths(_pictures(event))

    @property
    def editable(self) -> bool:
        """Whether pictures may be added and removed."""
        return self._editable


class _Strip(QListWidget):
    """Small pictures; Delete removes, Ctrl+Home makes it the first."""

    def __init__(self, owner: Pictures) -> None:
        super().__init__()
        self._owner = owner
        self.setObjectName("product.pictures.strip")
        self.setAccessibleName(tr("图片"))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setMovement(QListView.Movement.Static)
        self.setIconSize(QSize(_SMALL, _SMALL))
        self.setFixedHeight(_SMALL + 20)
        self.setFrameShape(QListWidget.Shape.NoFrame)
        self.setSpacing(tokens.SPACE)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.currentRowChanged.connect(lambda _row: owner.show_chosen())
        self.customContextMenuRequested.connect(lambda pos: self._menu().popup(self.mapToGlobal(pos)))

    def set_rows(self, rows: Sequence[AttachmentRow]) -> None:
        """Show ROWS."""
        self.clear()
        for each in rows:
            item = QListWidgetItem(QIcon(QPixmap.fromImage(QImage())), "")
            item.setToolTip(each.name)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, each.name)
            self.addItem(item)

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        if self._owner.editable:
            menu.addAction(tr("设为首图"), lambda: self._owner.make_first(self.currentRow())).setShortcut("Ctrl+Home")
            menu.addAction(tr("移除"), lambda: self._owner.remove(self.currentRow())).setShortcut("Del")
        return menu

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Delete:
            self._owner.remove(self.currentRow())
        elif event.key() == Qt.Key.Key_Home and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._owner.make_first(self.currentRow())
        else:
            super().keyPressEvent(event)


def _pictures(event: QDragEnterEvent | QDropEvent) -> list[Path]:
    paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
    return [p for p in paths if p.suffix.lower() in _ENDINGS]
