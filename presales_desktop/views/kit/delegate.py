"""Painting of list cells: one Python call a cell, no QStyleOption round trips, elided texts remembered."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QItemSelectionRange, QModelIndex, QPersistentModelIndex, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from presales_desktop.views.kit import icons, theme, tokens
from presales_desktop.views.kit.columns import Column
from presales_desktop.views.kit.window_model import WindowedModel

PAD = 10
CHIP_PAD = 8


def tabular(font: QFont) -> QFont:
    """FONT with figures of one width, so that columns of numbers line up."""
    made = QFont(font)
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


def parts_of(view: QAbstractItemView) -> list[QItemSelectionRange]:
    """The ranges that are selected in VIEW."""
    selection = view.selectionModel().selection()
    return [selection.at(i) for i in range(selection.count())]


class Elider:
    """Texts cut to a width, remembered: measuring costs more than drawing."""

    def __init__(self, font: QFont) -> None:
        self.font = font
        self.metrics = QFontMetrics(font)
        self._known: dict[tuple[str, int], str] = {}

    def fit(self, text: str, width: int) -> str:
        """TEXT, shortened with … when it is wider than WIDTH px."""
        key = (text, width)
        found = self._known.get(key)
        if found is None:
            if len(self._known) > 8000:
                self._known.clear()
            single = text.replace("\n", " ") if "\n" in text else text
            found = self.metrics.elidedText(single, Qt.TextElideMode.ElideRight, width)
            self._known[key] = found
        return found


class CellDelegate(QStyledItemDelegate):
    """Paints WindowedModel's rows: selection, hover, icon, text with detail, or a chip."""

    def __init__(self, view: QAbstractItemView, model: WindowedModel) -> None:
        super().__init__(view)
        self._view = view
        self._model = model
        self.hovered = -1
        self.first = 0  # the column at the left edge: its text stands in line with the page's title
        self._colors: dict[str, QColor] = {}
        theme.notifier.theme_changed.connect(self._take_theme)
        self._take_theme()

    def _take_theme(self) -> None:
        body = tabular(theme.font(tokens.BODY))
        self._text = Elider(body)
        self._strong = Elider(tabular(theme.font(tokens.BODY, tokens.SEMIBOLD)))
        self._small = Elider(tabular(theme.font(tokens.SMALL)))
        self._colors = {
            name: tokens.color(name)
            for name in ("text", "secondary", "faint", "accent", "amber", "good", "bad", "selection", "hover", "hairline", "neutral_soft")
        }  # fmt: skip

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        column = self._model.columns[index.column()]
        row = self._model.cached(index.row())
        text = "" if row is None else column.value_text(row)
        extra = 2 * CHIP_PAD if column.chip is not None else 0
        extra += tokens.ICON + 6 if column.icon is not None else 0
        width = self._text.metrics.horizontalAdvance(text) + 2 * PAD + extra + 4
        return QSize(width, tokens.row_height())

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        place: QRect = option.rect
        state: QStyle.StateFlag = option.state
        number = index.row()
        colors = self._colors
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(place, colors["selection"])
        elif number == self.hovered:
            painter.fillRect(place, colors["hover"])
        painter.setPen(colors["hairline"])
        bottom = place.bottom()
        painter.drawLine(place.left(), bottom, place.right(), bottom)
        row = self._model.row(number)
        inner = place.adjusted(tokens.MARGIN if index.column() == self.first else PAD, 0, -PAD, 0)
        if row is None:
            waiting = QRect(inner.left(), inner.center().y() - 4, max(8, min(inner.width(), 90) * 2 // 3), 8)
            painter.fillRect(waiting, colors["neutral_soft"])
            return
        self._paint_cell(painter, inner, self._model.columns[index.column()], row)

    def _paint_cell(self, painter: QPainter, inner: QRect, column: Column, row: Any) -> None:
        if column.icon is not None:
            name = column.icon(row)
            if name:
                icons.paint(painter, QRectF(inner.left(), inner.center().y() - 8, 16, 16), name)
            inner = inner.adjusted(tokens.ICON + 6, 0, 0, 0)
        if column.chip is not None:
            found = column.chip(row)
            if found:
                paint_chip(painter, inner, found[0], found[1], self._small)
            return
        text = column.value_text(row)
        if not text:
            return
        elider = self._strong if column.strong else self._text
        painter.setFont(elider.font)
        painter.setPen(self._colors[column.tone(row)] if column.tone is not None else self._colors["text"])
        shown = elider.fit(text, inner.width())
        flags = _FLAGS[column.align]
        painter.drawText(inner, flags, shown)
        if column.detail is not None and shown == text:
            self._paint_detail(painter, inner, elider.metrics.horizontalAdvance(text) + 8, column.detail(row))

    def _paint_detail(self, painter: QPainter, inner: QRect, used: int, text: str) -> None:
        room = inner.width() - used
        if not text or room < 24:
            return
        painter.setFont(self._small.font)
        painter.setPen(self._colors["faint"])
        painter.drawText(inner.adjusted(used, 0, 0, 0), _FLAGS["left"], self._small.fit(text, room))


_FLAGS = {
    "left": int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter),
    "right": int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter),
    "center": int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter),
}


def paint_chip(painter: QPainter, inner: QRect, word: str, tone: str, elider: Elider) -> int:
    """Draw a chip at the left of INNER; its width. The same look as states.Chip."""
    words, ground = tokens.tone_colors(tone)
    shown = elider.fit(word, max(8, inner.width() - 2 * CHIP_PAD))
    width = elider.metrics.horizontalAdvance(shown) + 2 * CHIP_PAD
    height = min(20, inner.height() - 4)
    box = QRect(QPoint(inner.left(), inner.center().y() - height // 2 + 1), QSize(width, height))
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(ground)
    painter.drawRoundedRect(box, height / 2, height / 2)
    painter.restore()
    painter.setFont(elider.font)
    painter.setPen(words)
    painter.drawText(box, _FLAGS["center"], shown)
    return width
