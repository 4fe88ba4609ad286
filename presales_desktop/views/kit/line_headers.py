"""The head of a line table and the gutter at its left: row numbers, and the drag that puts rows elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QMouseEvent, QPainter
from PySide6.QtWidgets import QApplication, QHeaderView

from presales_desktop.views.kit import theme, tokens
from presales_desktop.views.kit.delegate import parts_of, tabular

if TYPE_CHECKING:
    from presales_desktop.views.kit.line_table import LineTable

_GUTTER = 40


class LineHeader(QHeaderView):
    """Column titles, figures at the right."""

    def __init__(self, table: LineTable) -> None:
        super().__init__(Qt.Orientation.Horizontal, table)
        self._table = table
        self.setHighlightSections(False)
        self.setMinimumSectionSize(32)
        self.setSectionsClickable(False)
        self.setFixedHeight(28)

    def paintSection(self, painter: QPainter, rect: QRect, logical: int) -> None:
        if not rect.isValid() or logical >= len(self._table.lines.columns):
            return
        painter.fillRect(rect, tokens.color("panel"))
        painter.setPen(tokens.color("border"))
        painter.drawLine(rect.left(), rect.bottom(), rect.right(), rect.bottom())
        painter.setPen(tokens.color("hairline"))
        painter.drawLine(rect.right(), rect.top() + 6, rect.right(), rect.bottom() - 6)
        right = self._table.lines.columns[logical].right
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        inner = rect.adjusted(8, 0, -8, 0)
        painter.setFont(theme.font(tokens.SMALL))
        painter.setPen(tokens.color("secondary"))
        text = self._table.lines.title(logical)
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, inner.width())
        painter.drawText(inner, int(side | Qt.AlignmentFlag.AlignVCenter), shown)


class RowGutter(QHeaderView):
    """Row numbers; press selects the row, drag moves the selected rows."""

    def __init__(self, table: LineTable) -> None:
        super().__init__(Qt.Orientation.Vertical, table)
        self._table = table
        self._pressed = QPoint(-1, -1)
        self._dragging = False
        self._kept = -1
        self.setFixedWidth(_GUTTER)
        self.setSectionsClickable(True)
        self.setHighlightSections(False)

    def paintSection(self, painter: QPainter, rect: QRect, logical: int) -> None:
        if not rect.isValid():
            return
        lines = self._table.lines
        kind = lines.row_kind(logical) if logical < lines.rowCount() else ""
        here = logical == self._table.currentIndex().row() and self._table.hasFocus()
        painter.fillRect(rect, tokens.color("neutral_soft" if kind in ("section", "subtotal") else "panel"))
        painter.setPen(tokens.color("hairline"))
        painter.drawLine(rect.left(), rect.bottom(), rect.right(), rect.bottom())
        painter.drawLine(rect.right(), rect.top(), rect.right(), rect.bottom())
        painter.setFont(tabular(theme.font(tokens.SMALL)))
        painter.setPen(tokens.color("accent" if here else "faint"))
        text = "＋" if kind == "new" else lines.line_number(logical)
        painter.drawText(rect, int(Qt.AlignmentFlag.AlignCenter), text)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        row = self.logicalIndexAt(event.position().toPoint())
        if row in self._table.selected_lines() and self._whole_rows():
            self._pressed = event.position().toPoint()  # keep the selection: it may be dragged
            self._kept = row if event.button() == Qt.MouseButton.LeftButton and not event.modifiers() else -1
            return
        super().mousePressEvent(event)
        self._pressed = event.position().toPoint()
        self._table.setFocus()

    def _whole_rows(self) -> bool:
        last = len(self._table.lines.columns) - 1
        return all(part.left() == 0 and part.right() == last for part in parts_of(self._table))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        where = event.position().toPoint()
        far = (where - self._pressed).manhattanLength() >= QApplication.startDragDistance()
        held = bool(event.buttons() & Qt.MouseButton.LeftButton) and self._pressed.y() >= 0
        if not held or self._table.lines.read_only or not (far or self._dragging):
            return
        if not self._dragging:
            self._dragging = True
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
        self._table.drop_at = self._target(where.y())
        self._table.viewport().update()

    def _target(self, y: int) -> int:
        table = self._table
        row = table.rowAt(y)
        if row < 0 or row >= len(table.lines.rows):
            return len(table.lines.rows) if y > 0 else 0
        return row + int(y > table.rowViewportPosition(row) + table.rowHeight(row) // 2)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        target, dragging, kept = self._table.drop_at, self._dragging, self._kept
        self._pressed, self._dragging, self._kept = QPoint(-1, -1), False, -1
        self._table.drop_at = -1
        self.unsetCursor()
        self._table.viewport().update()
        if dragging and target >= 0:
            self._table.move_to(self._table.selected_lines(), target)
            return
        if kept >= 0:  # a plain click after all: this row alone, or Ctrl+Delete would take the others along
            self._table.selectRow(kept)
            self._table.setFocus()
            return
        super().mouseReleaseEvent(event)
