"""The left column: products to drag onto the plan, with picture, light curve, data and price."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from PySide6.QtCore import (  # fmt: skip
    QAbstractListModel,
    QByteArray,
    QMimeData,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QDrag, QFontMetrics, QKeyEvent, QPainter, QPixmap
from PySide6.QtWidgets import (  # fmt: skip
    QAbstractItemView,
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
)

from presales_desktop.services import attachments
from presales_desktop.services.catalogue_facts import find_variants
from presales_desktop.services.design_light import Fixture, fixtures
from presales_desktop.services.design_symbols import symbol_of
from presales_desktop.services.work import Work
from presales_desktop.texts import tr
from presales_desktop.views.designs.canvas import MIME_VARIANT
from presales_desktop.views.designs.fixture_card import mini_curves, paint_mini
from presales_desktop.views.designs.paint_fixtures import draw_symbol
from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit import jobs, theme, tokens
from presales_desktop.views.kit.basics import words
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.search_edit import SearchEdit
from presales_desktop.views.kit.states import EmptyState

WIDTH = 236
ROW_HEIGHT = 80
TYPING_MS = 150
LIMIT = 60
THUMBNAIL_PX = 96
ROLE_FIXTURE = Qt.ItemDataRole.UserRole + 1


def search(work: Work, text: str) -> tuple[Fixture, ...]:
    """Products that give light first, in the order of the catalogue's own ranking."""
    found = find_variants(work, text, LIMIT)
    known = fixtures(work, [f.variant_id for f in found])
    listed = [known[f.variant_id] for f in found if f.variant_id in known]
    return tuple(sorted(listed, key=lambda f: f.photometry is None))


def pictures(work: Work, wanted: list[str]) -> dict[str, bytes]:
    """Small PNGs by SHA-256; unreadable ones are left out."""
    made = {}
    for sha256 in wanted:
        try:
            made[sha256] = attachments.thumbnail(work, sha256, THUMBNAIL_PX)
        except Exception:  # noqa: BLE001  # a broken picture costs its thumbnail, nothing else
            continue
    return made


class _Model(QAbstractListModel):
    """The products that were found."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: tuple[Fixture, ...] = ()
        self.pictures: dict[str, QPixmap] = {}

    def show(self, rows: tuple[Fixture, ...]) -> None:
        """Other products."""
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = QModelIndex()) -> int:  # noqa: B008  # Qt's signature
        """How many."""
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = 0) -> Any:
        """The product, its words for readers of the screen."""
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        fixture = self.rows[index.row()]
        if role == ROLE_FIXTURE:
            return fixture
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{fixture.facts.name} {fixture.facts.sku} {fixture.facts.spec}"
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"{fixture.facts.name}\n{fixture.facts.sku}\n{fixture.facts.spec}"
        return None

    def flags(self, index: QModelIndex | QPersistentModelIndex) -> Qt.ItemFlag:
        """They can be dragged."""
        own = super().flags(index)
        return own | Qt.ItemFlag.ItemIsDragEnabled if index.isValid() else own


class _Delegate(QStyledItemDelegate):
    """A card a row."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """All alike."""
        return QSize(WIDTH - 20, ROW_HEIGHT)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Picture or symbol, name, data, price, curve."""
        fixture = index.data(ROLE_FIXTURE)
        if fixture is None:
            return
        area = QRect(option.rect).adjusted(6, 2, -6, -2)
        state = option.state
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        if chosen or state & QStyle.StateFlag.State_MouseOver:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tokens.color("selection" if chosen else "hover"))
            painter.drawRoundedRect(area, tokens.RADIUS, tokens.RADIUS)
        self._picture(painter, QRect(area.left() + 6, area.top() + 13, 48, 48), fixture, index.model())
        left = area.left() + 62
        curve = QRectF(area.right() - 38, area.top() + 38, 32, 32)
        text = QRect(left, area.top() + 6, area.right() - left - 6, 18)
        painter.setFont(theme.font(tokens.BODY, tokens.SEMIBOLD))
        painter.setPen(tokens.color("text"))
        _line(painter, text, fixture.facts.name)
        painter.setFont(theme.font(11))
        painter.setPen(tokens.color("secondary"))
        narrow = QRect(left, text.bottom() + 1, int(curve.left()) - left - 4, 16)
        _line(painter, narrow.adjusted(0, 0, 36, 0), fixture.facts.sku)
        _line(painter, narrow.translated(0, 16), _short_spec(fixture))
        painter.setPen(tokens.color("text"))
        price = fmt.money(fixture.facts.list_fen) if fixture.facts.list_fen is not None else tr("暂无价格")
        _line(painter, narrow.translated(0, 32), price)
        paint_mini(painter, curve, fixture.photometry, estimated=fixture.estimated)
        painter.restore()

    def _picture(self, painter: QPainter, box: QRect, fixture: Fixture, model: Any) -> None:
        picture = model.pictures.get(fixture.facts.image_sha256 or "")
        if picture is not None:
            size = picture.size().scaled(box.size(), Qt.AspectRatioMode.KeepAspectRatio)
            place = QRect(QPoint(0, 0), size)
            place.moveCenter(box.center())
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawPixmap(place, picture)
            return
        painter.save()
        painter.translate(box.center())
        symbol = symbol_of(fixture.facts)
        draw_symbol(painter, symbol, 20 / max(symbol.reach, 0.01), 0, tokens.color("text"), tokens.color("amber_soft"))
        painter.restore()


def _line(painter: QPainter, box: QRect, text: str) -> None:
    shown = QFontMetrics(painter.font()).elidedText(text, Qt.TextElideMode.ElideRight, box.width())
    painter.drawText(box, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), shown)


def _short_spec(fixture: Fixture) -> str:
    facts = fixture.facts
    parts = [
        f"{facts.power_w.normalize():f}W" if facts.power_w is not None else "",
        f"{facts.flux_lm}lm" if facts.flux_lm else "",
        f"{facts.cct_k}K" if facts.cct_k else "",
    ]
    return " ".join(p for p in parts if p)


class _List(QListView):
    """Drags a product with its symbol under the mouse."""

    entered_on = Signal()

    def startDrag(self, actions: Qt.DropAction) -> None:
        """The variant's id travels; the canvas draws the rest."""
        fixture = self.currentIndex().data(ROLE_FIXTURE)
        if fixture is None:
            return
        drag = QDrag(self)
        data = QMimeData()
        data.setData(MIME_VARIANT, QByteArray(str(fixture.facts.variant_id).encode()))
        drag.setMimeData(data)
        empty = QPixmap(1, 1)
        empty.fill(Qt.GlobalColor.transparent)
        drag.setPixmap(empty)
        drag.exec(Qt.DropAction.CopyAction)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter takes the product into the hand."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered_on.emit()
            return
        super().keyPressEvent(event)


class PalettePanel(QFrame):
    """`chosen(fixture)`: another product; `wanted(fixture)`: Enter or double click, take it into the hand."""

    chosen = Signal(object)
    wanted = Signal(object)

    def __init__(self, ctx: ViewContext) -> None:
        super().__init__()
        self.ctx = ctx
        self.setObjectName("design.palette")
        self.setAccessibleName(tr("产品"))
        self.setFixedWidth(WIDTH)
        self.search = SearchEdit(tr("搜索产品：筒灯 10W 3000K"))
        self.search.setObjectName("design.palette.search")
        self.model = _Model()
        self.list = _List()
        self.list.setObjectName("design.palette.list")
        self.list.setAccessibleName(tr("产品"))
        self.list.setModel(self.model)
        self.list.setItemDelegate(_Delegate(self.list))
        self.list.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.list.setUniformItemSizes(True)
        self.list.setMouseTracking(True)
        self.list.setDragEnabled(True)
        self.list.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._empty = EmptyState()
        self._empty.set("package", tr("没有找到产品"), tr("换个词再试，或先在产品库中添加。"))
        self._empty.hide()
        self._hint = words(tr("拖到图上，或选中后按 L 放置、按 A 阵列"), "faint", wrap=True)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(10, 10, 8, 8)
        whole.setSpacing(8)
        whole.addWidget(self.search)
        whole.addWidget(self.list, 1)
        whole.addWidget(self._empty, 1)
        whole.addWidget(self._hint)
        self._later = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._later.timeout.connect(self.reload)
        self.search.textChanged.connect(lambda _: self._later.start())
        self.search.returnPressed.connect(self.list.setFocus)
        self.list.selectionModel().currentChanged.connect(lambda *_: self._current())
        self.list.doubleClicked.connect(lambda _: self._take())
        self.list.entered_on.connect(self._take)
        self._asked = 0

    def reload(self) -> None:
        """Look up what is typed."""
        jobs.start(self, self._load(self.search.text()))

    async def _load(self, text: str) -> None:
        self._asked += 1
        mine = self._asked
        rows = await self.ctx.db.run(search, text)
        # The curves are made away from the window: the first table of a file costs milliseconds.
        await self.ctx.pool.run(_warm, rows)
        if mine != self._asked:
            return
        before = self.current()
        self.model.show(rows)
        self.list.setVisible(bool(rows))
        self._empty.setVisible(not rows)
        place = next((i for i, f in enumerate(rows) if before and f.facts.variant_id == before.facts.variant_id), 0)
        if rows:
            self.list.setCurrentIndex(self.model.index(place))
        missing = [
            f.facts.image_sha256
            for f in rows
            if f.facts.image_sha256 and f.facts.image_sha256 not in self.model.pictures
        ]
        for start in range(0, len(missing), 12):
            for sha256, png in (await self.ctx.db.run(pictures, missing[start : start + 12])).items():
                pixmap = QPixmap()
                pixmap.loadFromData(png)
                self.model.pictures[sha256] = pixmap
            self.list.viewport().update()

    def current(self) -> Fixture | None:
        """The product that is chosen."""
        found = self.list.currentIndex().data(ROLE_FIXTURE)
        return found if isinstance(found, Fixture) else None

    def choose(self, variant_id: UUID) -> bool:
        """Choose a product that is listed."""
        for i, fixture in enumerate(self.model.rows):
            if fixture.facts.variant_id == variant_id:
                self.list.setCurrentIndex(self.model.index(i))
                return True
        return False

    def _current(self) -> None:
        fixture = self.current()
        if fixture is not None:
            self.chosen.emit(fixture)

    def _take(self) -> None:
        fixture = self.current()
        if fixture is not None:
            self.wanted.emit(fixture)


def _warm(rows: tuple[Fixture, ...]) -> None:
    for fixture in rows:
        if fixture.photometry is not None:
            mini_curves(fixture.photometry)
