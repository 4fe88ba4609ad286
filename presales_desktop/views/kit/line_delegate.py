"""Cells of a line table: how they look, and the field that opens in them while typing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPolygon
from PySide6.QtWidgets import QLineEdit, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from presales_desktop.models.fields import FieldType
from presales_desktop.texts import lookup, tr
from presales_desktop.views.kit import theme, tokens
from presales_desktop.views.kit.adapters import UndoToPage
from presales_desktop.views.kit.delegate import Elider, tabular
from presales_desktop.views.kit.line_columns import LineColumn
from presales_desktop.views.kit.line_model import LineModel
from presales_desktop.views.kit.pickers import LookupEdit
from presales_desktop.views.kit.popup import Choice

if TYPE_CHECKING:
    from presales_desktop.views.kit.line_table import LineTable

AnyIndex = QModelIndex | QPersistentModelIndex
PAD = 8
_LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
_RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
_OPEN_KEYS = (
    Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown, Qt.Key.Key_Return, Qt.Key.Key_Enter,
    Qt.Key.Key_Escape,
)  # fmt: skip


class LineDelegate(QStyledItemDelegate):
    """Paints LineModel's cells in one go and edits them spreadsheet-like."""

    def __init__(self, table: LineTable, model: LineModel) -> None:
        super().__init__(table)
        self._table, self._model = table, model
        self.editor: QLineEdit | None = None
        self._place: tuple[int, int] = (-1, -1)
        self._before = ""
        self._undo = UndoToPage(self)
        theme.notifier.theme_changed.connect(self._take_theme)
        self._take_theme()

    def _take_theme(self) -> None:
        self._text = Elider(tabular(theme.font(tokens.BODY)))
        self._strong = Elider(tabular(theme.font(tokens.BODY, tokens.SEMIBOLD)))
        names = ("text", "secondary", "faint", "accent", "amber", "good", "bad", "bad_soft", "selection", "hairline",
                 "panel", "window", "neutral_soft")  # fmt: skip
        self._colors = {name: tokens.color(name) for name in names}

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        width = self._text.metrics.horizontalAdvance(self._model.text(index.row(), index.column()))
        return QSize(width + 2 * PAD + 4, tokens.row_height())

    # painting

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        place: QRect = option.rect
        state: QStyle.StateFlag = option.state
        number, column = index.row(), index.column()
        model, colors = self._model, self._colors
        kind = model.row_kind(number)
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(place, colors["selection"])
        elif kind in ("section", "subtotal"):
            painter.fillRect(place, colors["neutral_soft"])
        painter.setPen(colors["hairline"])
        painter.drawLine(place.left(), place.bottom(), place.right(), place.bottom())
        if kind not in ("section", "note"):
            painter.drawLine(place.right(), place.top(), place.right(), place.bottom())
        inner = place.adjusted(PAD, 0, -PAD, 0)
        if kind == "new":
            self._paint_new(painter, inner, column)
        else:
            self._paint_text(painter, inner, number, column, kind)
        self._paint_problem(painter, place, number, column)
        if index == self._table.currentIndex() and self._table.hasFocus():
            painter.setPen(colors["accent"])
            painter.drawRect(place.adjusted(0, 0, -1, -1))
            painter.drawRect(place.adjusted(1, 1, -2, -2))

    def _paint_new(self, painter: QPainter, inner: QRect, column: int) -> None:
        if column != self._table.first_text_column():
            return
        painter.setFont(self._text.font)
        painter.setPen(self._colors["faint"])
        painter.drawText(inner, _LEFT, self._text.fit(tr("＋ 添加一行"), inner.width()))

    def _paint_text(self, painter: QPainter, inner: QRect, number: int, column: int, kind: str) -> None:
        model = self._model
        spec, row = model.columns[column], model.rows[number]
        if spec.pixmap is not None and not kind:
            picture = spec.pixmap(row)
            if picture is not None and not picture.isNull():
                side = inner.height() - 6
                painter.drawPixmap(QRect(inner.left(), inner.top() + 3, side, side), picture)
            return
        text = model.text(number, column)
        if not text and kind not in ("section", "note"):
            return
        elider = self._strong if kind in ("section", "subtotal") or spec.strong else self._text
        painter.setFont(elider.font)
        painter.setPen(self._colors[self._tone(number, column, kind)])
        if kind in ("section", "note") and not text:
            painter.setPen(self._colors["faint"])
            text = tr("分区名称") if kind == "section" else tr("说明文字")
        flags = _RIGHT if spec.right and kind not in ("section", "note") else _LEFT
        width = self._paint_sums(painter, inner, number) if kind == "section" else inner.width()
        painter.drawText(inner, flags, elider.fit(text, width))

    def _paint_sums(self, painter: QPainter, inner: QRect, number: int) -> int:
        """The sums of a section under their columns' figures; the width that is left for its name."""
        model, table = self._model, self._table
        left = inner.width()
        for column, spec in enumerate(model.columns):
            text = model.text(number, column) if spec.sums and not table.isColumnHidden(column) else ""
            if not text:
                continue
            start = table.columnViewportPosition(column)
            place = QRect(start + PAD, inner.top(), table.columnWidth(column) - 2 * PAD, inner.height())
            painter.drawText(place, _RIGHT, self._strong.fit(text, place.width()))
            left = min(left, start - PAD - inner.left())
        return max(left, 0)

    def _tone(self, number: int, column: int, kind: str) -> str:
        if self._model.problem_at(number, column) == "bad":
            return "bad"
        if kind == "note":
            return "secondary"
        spec = self._model.columns[column]
        if spec.tone is not None and not kind:
            return spec.tone(self._model.rows[number])
        if not kind and not self._model.read_only and not self._model.editable(number, column):
            return "secondary"
        return "text"

    def _paint_problem(self, painter: QPainter, place: QRect, number: int, column: int) -> None:
        tone = self._model.problem_at(number, column)
        if not tone:
            return
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._colors[tone])
        right, top = place.right() - 1, place.top()
        corner = QPolygon([QPoint(right - 7, top), QPoint(right, top), QPoint(right, top + 7)])
        painter.drawPolygon(corner)
        painter.fillRect(place.left() + PAD, place.bottom() - 4, place.width() - 2 * PAD, 1, self._colors[tone])
        painter.setBrush(Qt.BrushStyle.NoBrush)

    # editing

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: AnyIndex) -> QWidget:
        number, column = index.row(), index.column()
        spec = self._model.columns[column]
        spanning = self._model.row_kind(number) in ("section", "note")
        edit: QLineEdit
        if spec.completer is not None and not spanning:
            edit = self._lookup(spec.completer, free=True)
        elif spec.type is FieldType.CHOICE and not spanning:
            edit = self._lookup(self._words_of(spec), free=True)
        else:
            edit = QLineEdit()
        edit.setParent(parent)
        edit.setFrame(False)
        edit.setStyleSheet(
            f"QLineEdit {{ border: 2px solid {tokens.palette().accent}; border-radius: 0; padding: 0 {PAD - 2}px;"
            f" min-height: 0; background: {tokens.palette().field}; }}"
        )
        if spec.right and not spanning:
            edit.setAlignment(Qt.AlignmentFlag.AlignRight)
        edit.setAccessibleName(self._model.title(column))
        edit.setObjectName(f"{self._table.objectName()}.edit")
        edit.installEventFilter(self._undo)
        self.editor, self._place = edit, (number, column)
        return edit

    def _lookup(self, find: object, *, free: bool) -> LookupEdit:
        edit = LookupEdit(find, free=free)  # type: ignore[arg-type]  # async callable(text) → choices
        edit.mark_first = True
        edit.foot = tr("Enter 选用 · Esc 保留输入的文字")
        edit.picked.connect(self._picked)
        return edit

    def _words_of(self, spec: LineColumn) -> object:
        kind = self._model.kind

        async def find(text: str) -> Sequence[Choice]:
            pairs = [(value, lookup.choice(kind, spec.name, value)) for value in spec.choices]
            hits = [Choice(v, w) for v, w in pairs if text in w or v.startswith(text.lower())]
            return hits or [Choice(v, w) for v, w in pairs]

        return find

    def _picked(self, choice: Choice | None) -> None:
        if choice is None or self.editor is None:
            return
        number, column = self._place
        editor = self.editor
        self._before = editor.text()
        self.editor = None
        self.closeEditor.emit(editor, QStyledItemDelegate.EndEditHint.NoHint)
        self._model.pick(number, column, choice)
        self._table.go(0, 1)

    def setEditorData(self, editor: QWidget, index: AnyIndex) -> None:
        assert isinstance(editor, QLineEdit)
        text = self._model.edit_text(index.row(), index.column())
        if editor.isModified() and editor.text() != self._before:
            return  # the row changed under the cell (a colleague, a total): what is being typed stays
        place = editor.cursorPosition() if editor.isVisible() and editor.text() == self._before else -1
        self._before = text
        if editor.text() != text:
            editor.setText(text)
            if place >= 0:
                editor.setCursorPosition(min(place, len(text)))

    def setModelData(self, editor: QWidget, model: object, index: AnyIndex) -> None:
        assert isinstance(editor, QLineEdit)
        if editor.text() != self._before:
            self._model.set_text(index.row(), index.column(), editor.text())

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        place: QRect = option.rect
        editor.setGeometry(place)

    def destroyEditor(self, editor: QWidget, index: AnyIndex) -> None:
        if self.editor is editor:
            self.editor = None
        super().destroyEditor(editor, index)

    def finish(self) -> None:
        """End of typing: what stands in the open cell is written."""
        if self.editor is not None:
            editor = self.editor
            self.commitData.emit(editor)
            self.editor = None
            self.closeEditor.emit(editor, QStyledItemDelegate.EndEditHint.NoHint)

    def cancel(self) -> None:
        """Close the open cell; what was typed goes."""
        if self.editor is not None:
            editor, self.editor = self.editor, None
            self.closeEditor.emit(editor, QStyledItemDelegate.EndEditHint.RevertModelCache)

    def eventFilter(self, editor: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and editor is self.editor:
            return self._key(event)
        if event.type() == QEvent.Type.FocusOut and editor is not self.editor:
            return False
        return super().eventFilter(editor, event)

    def _key(self, event: QKeyEvent) -> bool:
        """What a key means while a cell is open; the list under it comes first, Enter there must not submit."""
        key = Qt.Key(event.key())
        popup = self.editor.popup if isinstance(self.editor, LookupEdit) else None
        if popup is not None and popup.is_open:
            if key in _OPEN_KEYS and (key not in (Qt.Key.Key_Return, Qt.Key.Key_Enter) or popup.current() is not None):
                return False
            if key == Qt.Key.Key_Tab and popup.take_current():
                return True
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        moves = {
            Qt.Key.Key_Return: (-1 if shift else 1, 0),
            Qt.Key.Key_Enter: (-1 if shift else 1, 0),
            Qt.Key.Key_Tab: (0, 1),
            Qt.Key.Key_Backtab: (0, -1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
        }
        if key == Qt.Key.Key_Escape:
            self.cancel()
            return True
        if key == Qt.Key.Key_Down and popup is not None:
            return False
        if key in moves and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.finish()
            self._table.go(*moves[key])
            return True
        return False
