"""The list inside the palette: headings and rows, painted; what was typed is marked in what it found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from presales_desktop.views.kit import icons, theme, tokens

_ROW, _HEAD = 38, 28
Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class PaletteRow:
    """A row that does something, or a heading (run is None)."""

    title: str
    icon: str = ""
    subtitle: str = ""
    note: str = ""
    run: Callable[[], object] | None = None


class PaletteModel(QAbstractListModel):
    """Rows of the palette."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[PaletteRow] = []

    def set_rows(self, rows: Sequence[PaletteRow]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self.rows = list(rows)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008  # Qt's own signature
        """How many."""
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """The row itself for painting, its words for readers."""
        if not 0 <= index.row() < len(self.rows):
            return None
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.UserRole:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return f"{row.title} {row.subtitle}".strip()
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Headings can't be chosen."""
        if not 0 <= index.row() < len(self.rows) or self.rows[index.row()].run is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable


class _Delegate(QStyledItemDelegate):
    def __init__(self, view: PaletteView) -> None:
        super().__init__(view)
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        row: PaletteRow = index.data(Qt.ItemDataRole.UserRole)
        return QSize(200, _HEAD if row.run is None else _ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: PaletteRow = index.data(Qt.ItemDataRole.UserRole)
        box = QRectF(option.rect)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if row.run is None:
            painter.setFont(theme.font(tokens.SMALL, tokens.SEMIBOLD))
            painter.setPen(tokens.color("faint"))
            painter.drawText(box.adjusted(12, 4, -12, 0), int(Qt.AlignmentFlag.AlignVCenter), row.title)
        else:
            self._paint_row(painter, box, row, chosen)
        painter.restore()

    def _paint_row(self, painter: QPainter, box: QRectF, row: PaletteRow, chosen: bool) -> None:
        if chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tokens.color("selection"))
            painter.drawRoundedRect(box.adjusted(4, 1, -4, -1), tokens.RADIUS, tokens.RADIUS)
        icons.paint(
            painter,
            QRectF(box.left() + 14, box.center().y() - 8, 16, 16),
            row.icon,
            "accent" if chosen else "secondary",
        )
        right = box.right() - 14
        if row.note:
            painter.setFont(theme.font(11))
            painter.setPen(tokens.color("faint"))
            width = QFontMetricsF(painter.font()).horizontalAdvance(row.note)
            align = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
            painter.drawText(QRectF(right - width - 2, box.top(), width + 2, box.height()), align, row.note)
            right -= width + 14
        left = box.left() + 42
        used = self._paint_title(painter, QRectF(left, box.top(), right - left, box.height()), row.title)
        if row.subtitle and left + used + 40 < right:
            painter.setFont(theme.font(tokens.SMALL))
            painter.setPen(tokens.color("secondary"))
            room = QRectF(left + used + 12, box.top(), right - left - used - 12, box.height())
            shown = QFontMetricsF(painter.font()).elidedText(row.subtitle, Qt.TextElideMode.ElideRight, room.width())
            painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter), shown)

    def _paint_title(self, painter: QPainter, room: QRectF, title: str) -> float:
        """The title with what was typed set bold; the width that it took."""
        plain, bold = theme.font(tokens.BODY), theme.font(tokens.BODY, tokens.SEMIBOLD)
        shown = QFontMetricsF(bold).elidedText(title, Qt.TextElideMode.ElideRight, room.width())
        at = shown.lower().find(self._view.typed.lower()) if self._view.typed else -1
        end = at + len(self._view.typed) if at >= 0 else -1
        pieces = [(shown, False)] if at < 0 else [(shown[:at], False), (shown[at:end], True), (shown[end:], False)]
        x = room.left()
        for piece, marked in pieces:
            painter.setFont(bold if marked else plain)
            painter.setPen(tokens.color("accent" if marked else "text"))
            width = QFontMetricsF(painter.font()).horizontalAdvance(piece)
            painter.drawText(QRectF(x, room.top(), width + 2, room.height()), int(Qt.AlignmentFlag.AlignVCenter), piece)
            x += width
        return x - room.left()


class PaletteView(QListView):
    """The rows; the input keeps the keyboard and moves the choice with `step`."""

    def __init__(self) -> None:
        super().__init__()
        self.typed = ""
        self.rows = PaletteModel()
        self.setModel(self.rows)
        self.setItemDelegate(_Delegate(self))
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setMouseTracking(True)
        self.setStyleSheet("QListView { background: transparent; }")

    def show_rows(self, rows: Sequence[PaletteRow], typed: str) -> None:
        """Show ROWS and choose the first that does something."""
        self.typed = typed.strip()
        self.rows.set_rows(rows)
        self.step(1, start=-1)
        self.scrollToTop()

    def height_wanted(self) -> int:
        """As high as the rows."""
        return sum(_HEAD if row.run is None else _ROW for row in self.rows.rows) + 4

    def step(self, by: int, start: int | None = None) -> None:
        """Choose the next row in the direction of BY, past headings, around the ends."""
        count = len(self.rows.rows)
        at = self.currentIndex().row() if start is None else start
        for _ in range(count):
            at = (at + (1 if by > 0 else -1)) % count
            if self.rows.rows[at].run is not None:
                self.setCurrentIndex(self.rows.index(at))
                return

    def chosen(self) -> PaletteRow | None:
        """The chosen row."""
        row = self.currentIndex().row()
        return self.rows.rows[row] if 0 <= row < len(self.rows.rows) else None
