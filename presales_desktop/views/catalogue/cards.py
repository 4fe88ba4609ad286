"""Products as cards with their pictures, over the same windowed rows as the table."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPainterPath, QPen, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from presales_desktop.services.catalogue_lists import ProductRow
from presales_desktop.texts import lookup, tr
from presales_desktop.views.catalogue import words
from presales_desktop.views.kit import icons, theme, tokens
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.delegate import Elider, paint_chip
from presales_desktop.views.kit.thumbnails import Thumbnails
from presales_desktop.views.kit.window_model import WindowedModel

WIDTH, HEIGHT, PICTURE = 200, 258, 156
_GAP = 12


class CardDelegate(QStyledItemDelegate):
    """Paints one card: picture, name, model, figures, price."""

    def __init__(self, view: CardGrid, model: WindowedModel, pictures: Thumbnails) -> None:
        super().__init__(view)
        self._view, self._model, self._pictures = view, model, pictures
        self._grounds: dict[str, QColor] = {}  # a picture's own ground goes on to the card's edges
        theme.notifier.theme_changed.connect(self._take_theme)
        self._take_theme()

    def _take_theme(self) -> None:
        self._name = Elider(theme.font(tokens.BODY, tokens.SEMIBOLD))
        self._small = Elider(theme.font(tokens.SMALL))
        self._view.viewport().update()

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return self._view.cell()

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        place: QRect = option.rect
        state: QStyle.StateFlag = option.state
        card = place.adjusted(_GAP // 2, _GAP // 2, -_GAP // 2, -_GAP // 2)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        selected = bool(state & QStyle.StateFlag.State_Selected)
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        path = QPainterPath()
        path.addRoundedRect(QRectF(card).adjusted(0.5, 0.5, -0.5, -0.5), tokens.RADIUS, tokens.RADIUS)
        painter.fillPath(path, tokens.color("selection" if selected else "hover" if hovered else "panel"))
        row = self._model.row(index.row())
        painter.setClipPath(path)
        self._paint_picture(painter, QRect(card.left(), card.top(), card.width(), PICTURE), row)
        painter.setClipping(False)
        edge = "accent" if selected else "hairline"
        painter.setPen(QPen(tokens.color(edge), 1.6 if selected and self._view.hasFocus() else 1.0))
        painter.drawPath(path)
        if row is not None:
            self._paint_words(painter, card.adjusted(12, PICTURE + 8, -12, -8), row)
        painter.restore()

    def _paint_picture(self, painter: QPainter, area: QRect, row: ProductRow | None) -> None:
        painter.fillRect(area, tokens.color("neutral_soft"))
        found = self._pictures.get(row.image_sha256) if row is not None else None
        if found is None:
            icons.paint(painter, QRectF(area.center().x() - 16, area.center().y() - 16, 32, 32), "image", "faint")
            return
        assert row is not None
        ground = self._grounds.get(row.image_sha256 or "")
        if ground is None:
            ground = self._grounds[row.image_sha256 or ""] = found.toImage().pixelColor(0, 0)
        painter.fillRect(area, ground)
        size = found.deviceIndependentSize()
        scale = min(area.width() / size.width(), area.height() / size.height())
        width, height = size.width() * scale, size.height() * scale
        target = QRectF(area.center().x() - width / 2 + 0.5, area.center().y() - height / 2 + 0.5, width, height)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawPixmap(target, found, QRectF(found.rect()))

    def _paint_words(self, painter: QPainter, area: QRect, row: ProductRow) -> None:
        flags = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        line = QRect(area.left(), area.top(), area.width(), 19)
        painter.setFont(self._name.font)
        painter.setPen(tokens.color("text"))
        painter.drawText(line, flags, self._name.fit(row.name, line.width()))
        painter.setFont(self._small.font)
        painter.setPen(tokens.color("secondary"))
        line.translate(0, 20)
        category = lookup.choice("product", "category", row.category)
        painter.drawText(line, flags, self._small.fit(f"{row.model_no} · {category}", line.width()))
        line.translate(0, 18)
        figures = " · ".join(p for p in (words.power(row), words.flux(row)) if p)
        painter.drawText(line, flags, self._small.fit(figures or words.ccts(row), line.width()))
        line.translate(0, 22)
        painter.setFont(self._name.font)
        said = words.price(row)
        painter.setPen(tokens.color("text" if said else "faint"))
        painter.drawText(line, flags, self._name.fit(said or tr("未定价"), line.width()))
        if row.state == "discontinued":
            word = lookup.state("product", row.state)
            wide = self._small.metrics.horizontalAdvance(word) + 16
            paint_chip(
                painter, QRect(line.right() - wide, line.top(), wide, line.height()), word, "neutral", self._small
            )


class CardGrid(QListView):
    """A grid over MODEL. `opened(row)`, `preview_asked()`, `menu_asked(QPoint)` as the table's."""

    opened = Signal(object)
    preview_asked = Signal()
    menu_asked = Signal(QPoint)

    def __init__(self, ctx: ViewContext, model: WindowedModel) -> None:
        super().__init__()
        self.setObjectName("products.cards")
        self.setAccessibleName(tr("产品卡片"))
        self._windowed = model
        self.pictures = Thumbnails(ctx, WIDTH, self, ratio=self.devicePixelRatioF())
        self.setModel(model)
        self.setModelColumn(0)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setMovement(QListView.Movement.Static)
        self.setUniformItemSizes(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFrameShape(QListView.Shape.NoFrame)
        self.setMouseTracking(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_Hover)
        self._delegate = CardDelegate(self, model, self.pictures)
        self.setItemDelegate(self._delegate)
        self.setViewportMargins(tokens.MARGIN - _GAP // 2, 4, tokens.MARGIN - _GAP // 2 - 6, 0)
        self.pictures.arrived.connect(self.viewport().update)
        self.verticalScrollBar().valueChanged.connect(lambda _value: self._look())
        self.customContextMenuRequested.connect(lambda pos: self.menu_asked.emit(self.viewport().mapToGlobal(pos)))
        self.doubleClicked.connect(lambda index: self._open(index.row()))
        model.loaded.connect(self._look)
        self._cell = QSize(WIDTH + _GAP, HEIGHT + _GAP)

    def cell(self) -> QSize:
        """The place of one card with its gaps; as wide as makes the rows full."""
        return self._cell

    def resizeEvent(self, event: QResizeEvent) -> None:
        room = self.viewport().width() - 1
        each = WIDTH + _GAP
        columns = max(1, room // each)
        self._cell = QSize(min(room // columns, round(each * 1.35)), HEIGHT + _GAP)
        self.setGridSize(self._cell)
        super().resizeEvent(event)
        self._look()
        # Other columns move the card that the keyboard is on: keep it in view once the grid is laid out anew.
        QTimer.singleShot(0, self, self._keep_current)

    def _keep_current(self) -> None:
        if self.currentIndex().isValid() and self.isVisible():
            self.scrollTo(self.currentIndex())

    def columns(self) -> int:
        """Cards side by side now."""
        return max(1, (self.viewport().width() - 1) // max(1, self._cell.width()))

    def _look(self) -> None:
        """Tell the model which rows are in view: it loads their pages first."""
        top = self.verticalScrollBar().value()
        first = max(0, top // max(1, self._cell.height())) * self.columns()
        count = (self.viewport().height() // max(1, self._cell.height()) + 2) * self.columns()
        self._windowed.look_at(first, first + count)

    def _open(self, number: int) -> None:
        row = self._windowed.cached(number)
        if row is not None:
            self.opened.emit(row)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.key()
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._open(self.currentIndex().row())
            return
        if key == Qt.Key.Key_Space:
            self.preview_asked.emit()
            return
        super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusIn and not self.currentIndex().isValid() and self._windowed.total:
            self.setCurrentIndex(self._windowed.index(0, 0))
        return super().event(event)
