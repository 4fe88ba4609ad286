"""A list of choices under a field or a cell, inside the window: the field keeps the keyboard and hands over ↑ ↓ Enter Esc."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from presales_desktop.views.kit import theme, tokens
from presales_desktop.views.kit.basics import words

_ROW = 30
_ROW_TWO = 44
_MOST = 8


@dataclass(frozen=True)
class Choice:
    """One thing to choose: VALUE (an id, a word), TITLE, SUBTITLE under it, DETAIL at the right (a price), EXTRA for who asked."""

    value: Any
    title: str
    subtitle: str = ""
    detail: str = ""
    extra: Any = None


class _Painter(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        choice: Choice = index.data(Qt.ItemDataRole.UserRole)
        return QSize(100, _ROW_TWO if choice.subtitle else _ROW)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        choice: Choice = index.data(Qt.ItemDataRole.UserRole)
        place: QRect = option.rect
        state: QStyle.StateFlag = option.state
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(place, tokens.color("selection"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(place, tokens.color("hover"))
        inner = place.adjusted(10, 0, -10, 0)
        painter.setFont(theme.font(tokens.SMALL))
        metrics = painter.fontMetrics()
        if choice.detail:
            painter.setPen(tokens.color("secondary"))
            painter.drawText(inner, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), choice.detail)
            inner.setRight(inner.right() - metrics.horizontalAdvance(choice.detail) - 12)
        side = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        if choice.subtitle:
            lower = inner.adjusted(0, inner.height() // 2 - 1, 0, -4)
            painter.setPen(tokens.color("secondary"))
            cut = metrics.elidedText(choice.subtitle, Qt.TextElideMode.ElideRight, inner.width())
            painter.drawText(lower, side, cut)
            inner = inner.adjusted(0, 4, 0, -inner.height() // 2 + 1)
        painter.setFont(theme.font(tokens.BODY))
        painter.setPen(tokens.color("text"))
        cut = painter.fontMetrics().elidedText(choice.title, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, side, cut)


class PopupList(QFrame):
    """Under ANCHOR; `chosen(Choice)`. The anchor forwards its keys to `handle_key`."""

    chosen = Signal(object)

    def __init__(self, anchor: QWidget) -> None:
        super().__init__(anchor)
        self._anchor = anchor
        self.setObjectName("popup.list")
        self.setProperty("look", "raised")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list = QListWidget()
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setItemDelegate(_Painter(self._list))
        self._list.setMouseTracking(True)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.itemClicked.connect(lambda item: self._take(item))
        self._hint: QLabel = words("", "faint", wrap=True)
        self._hint.setContentsMargins(10, 6, 10, 6)
        inner = QVBoxLayout(self)
        inner.setContentsMargins(4, 4, 4, 4)
        inner.setSpacing(0)
        inner.addWidget(self._list)
        inner.addWidget(self._hint)
        anchor.destroyed.connect(self._gone)
        self._host: QWidget | None = None
        self.hide()

    def _gone(self) -> None:
        self.deleteLater()

    def show_choices(self, choices: Sequence[Choice], hint: str = "", *, mark_first: bool = True) -> None:
        """Show CHOICES; HINT stands under them, or instead of them."""
        self._list.clear()
        for choice in choices:
            item = QListWidgetItem(choice.title)
            item.setData(Qt.ItemDataRole.UserRole, choice)
            self._list.addItem(item)
        self._list.setVisible(bool(choices))
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))
        if not choices and not hint:
            self.hide()
            return
        if mark_first and choices:
            self._list.setCurrentRow(0)
        heights = [(_ROW_TWO if c.subtitle else _ROW) for c in choices[:_MOST]]
        self._list.setFixedHeight(sum(heights))
        self._place(sum(heights))

    def _place(self, list_height: int) -> None:
        window = self._anchor.window()
        if self._host is not window:
            if self._host is not None:
                self._host.removeEventFilter(self)
            self._host = window
            self.setParent(window)
            window.installEventFilter(self)
        width = min(max(self._anchor.width(), 280), window.width() - 16)
        height = list_height + 10 + (self._hint.heightForWidth(width - 10) if not self._hint.isHidden() else 0)
        below = self._anchor.mapTo(window, QPoint(0, self._anchor.height() + 2))
        top = below.y()
        if top + height > window.height() - 4:
            above = below.y() - self._anchor.height() - 4 - height
            top = above if above >= 4 else max(4, window.height() - 4 - height)
        self.setGeometry(min(below.x(), window.width() - width - 8), top, width, height)
        self.show()
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._host and event.type() in (QEvent.Type.Resize, QEvent.Type.WindowDeactivate):
            self.hide()
        return False

    @property
    def is_open(self) -> bool:
        """Whether it is shown."""
        return not self.isHidden()

    def count(self) -> int:
        """How many choices stand there."""
        return self._list.count()

    def current(self) -> Choice | None:
        """The marked choice."""
        item = self._list.currentItem() if self._list.count() else None
        return item.data(Qt.ItemDataRole.UserRole) if item is not None else None

    def handle_key(self, event: QKeyEvent) -> bool:
        """Do what the key means for the list; False: it means nothing here."""
        if not self.is_open:
            return False
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: _MOST, Qt.Key.Key_PageUp: -_MOST}
        step = steps.get(Qt.Key(event.key()), 0)
        if step and self._list.count():
            row = self._list.currentRow() + step
            self._list.setCurrentRow(max(0, min(self._list.count() - 1, row)))
            return True
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current() is not None:
            self._take(self._list.currentItem())
            return True
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
            return True
        return False

    def take_current(self) -> bool:
        """Choose what is marked (Tab)."""
        if not self.is_open or self.current() is None:
            return False
        self._take(self._list.currentItem())
        return True

    def _take(self, item: QListWidgetItem) -> None:
        choice = item.data(Qt.ItemDataRole.UserRole)
        self.hide()
        self.chosen.emit(choice)
