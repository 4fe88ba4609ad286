"""Small pictures by SHA-256: read on the database thread, shrunk on a worker, kept; whoever paints asks and is told when they come."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence

from PySide6.QtCore import QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QPixmap

from presales_desktop.services import catalogue_images
from presales_desktop.views.kit import jobs
from presales_desktop.views.kit.context import ViewContext

_KEEP = 600
_BATCH = 40
_GATHER_MS = 15


class Thumbnails(QObject):
    """`get(sha)` → pixmap, or None while it is on its way; `arrived` after each batch. EDGE: longer side in logical pixels."""

    arrived = Signal()

    def __init__(self, ctx: ViewContext, edge: int, parent: QObject | None = None, ratio: float = 1.0) -> None:
        super().__init__(parent)
        self._ctx, self._edge, self._ratio = ctx, edge, ratio
        self._known: OrderedDict[str, QPixmap | None] = OrderedDict()
        self._wanted: OrderedDict[str, None] = OrderedDict()
        self._busy = False
        self._soon = QTimer(self, singleShot=True, interval=_GATHER_MS)
        self._soon.timeout.connect(self._begin)

    def get(self, sha256: str | None) -> QPixmap | None:
        """The picture when it is here (None also for one that cannot be read)."""
        if not sha256:
            return None
        if sha256 in self._known:
            self._known.move_to_end(sha256)
            return self._known[sha256]
        self._wanted[sha256] = None
        self._wanted.move_to_end(sha256)
        if not self._busy:
            self._soon.start()
        return None

    def _begin(self) -> None:
        if not self._busy and self._wanted:
            self._busy = True
            jobs.start(self, self._serve())

    async def _serve(self) -> None:
        try:
            while self._wanted:
                # What was asked for last is what is in view now.
                batch = [self._wanted.popitem()[0] for _ in range(min(_BATCH, len(self._wanted)))]
                found = await self._ctx.db.run(catalogue_images.contents, batch)
                edge = round(self._edge * self._ratio)
                images = await self._ctx.pool.run(_shrunk, list(found.items()), edge)
                made = dict(images)
                for sha256 in batch:
                    image = made.get(sha256)
                    self._known[sha256] = self._pixmap(image) if image is not None else None
                while len(self._known) > _KEEP:
                    self._known.popitem(last=False)
                self.arrived.emit()
        finally:
            self._busy = False

    def _pixmap(self, image: QImage) -> QPixmap:
        made = QPixmap.fromImage(image)
        made.setDevicePixelRatio(self._ratio)
        return made


def _shrunk(contents: Iterable[tuple[str, bytes]], edge: int) -> Sequence[tuple[str, QImage]]:
    """QImage may be used on any thread; damaged bytes give none."""
    made = []
    for sha256, data in contents:
        image = QImage.fromData(data)
        if not image.isNull():
            size = QSize(edge, edge)
            keep, smooth = Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
            made.append(
                (sha256, image if max(image.width(), image.height()) <= edge else image.scaled(size, keep, smooth))
            )
    return made
