"""Widgets of a form by field type: each shows a value, tells what the user made of it, and nothing else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QInputMethodEvent, QKeySequence, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QPlainTextEdit, QToolButton, QWidget

from presales_desktop.models.fields import Field, FieldType
from presales_desktop.texts import lookup, tr
from presales_desktop.views.kit import theme, typed
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.dressing import chip_sheet, own_sheet
from presales_desktop.views.kit.pickers import RecordPicker
from presales_desktop.views.kit.typed_edits import (
    DatePicker,
    MomentEdit,
    MoneyEdit,
    NumberEdit,
    PercentEdit,
    TypedEdit,
    today_of,
)

Options = Sequence[tuple[str, str]]


class UndoToPage(QObject):
    """Ctrl+Z and Ctrl+Y in a text field belong to the page's history, not to the field's own."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            matches = getattr(event, "matches", lambda _key: False)
            if matches(QKeySequence.StandardKey.Undo) or matches(QKeySequence.StandardKey.Redo):
                event.ignore()
                return True
        return False


class Adapter(QObject):
    """`edited(value)` by the user's hand only; `invalid` holds text that cannot be read; `left()` when typing ended."""

    edited = Signal(object)
    left = Signal()
    invalid_changed = Signal(str)

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.widget = widget
        widget.installEventFilter(self)
        self._undo = UndoToPage(self)
        widget.installEventFilter(self._undo)
        self._composing = False  # pinyin that is not a word yet

    @property
    def invalid(self) -> str:
        """Text that cannot be read, or ""."""
        return ""

    def load(self, value: Any) -> None:
        """Show VALUE; nothing is emitted."""
        raise NotImplementedError

    def renew(self, value: Any) -> None:
        """A colleague made it VALUE: show that, unless something is being typed here that the draft does not hold yet."""
        if not self._composing:
            self.load(value)

    def commit(self) -> None:
        """End of typing (before saving)."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut and watched is self.widget:
            self._composing = False
            self.left.emit()
        elif isinstance(event, QInputMethodEvent):
            self._composing = bool(event.preeditString())
        return False


class TextAdapter(Adapter):
    """One line."""

    def __init__(self) -> None:
        self.edit = QLineEdit()
        super().__init__(self.edit)
        self.edit.textEdited.connect(self.edited.emit)

    def load(self, value: Any) -> None:
        text = value or ""
        if self.edit.text() != text:
            place = self.edit.cursorPosition() if self.edit.hasFocus() else 0
            self.edit.setText(text)
            self.edit.setCursorPosition(min(place, len(text)))


class _Growing(QPlainTextEdit):
    """Grows with its text from two to ten lines; Tab leaves it."""

    def __init__(self) -> None:
        super().__init__()
        self.setTabChangesFocus(True)
        self.document().documentLayout().documentSizeChanged.connect(lambda _size: self._fit())
        self._fit()

    def _fit(self) -> None:
        line = self.fontMetrics().lineSpacing()
        lines = max(2, min(10, int(self.document().size().height())))
        self.setFixedHeight(lines * line + 20)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def sizeHint(self) -> QSize:
        return QSize(200, self.height())


class MultilineAdapter(Adapter):
    """Several lines."""

    def __init__(self) -> None:
        self.edit = _Growing()
        super().__init__(self.edit)
        self._loading = False
        self.edit.textChanged.connect(self._changed)

    def _changed(self) -> None:
        if not self._loading:
            self.edited.emit(self.edit.toPlainText())

    def load(self, value: Any) -> None:
        text = value or ""
        if self.edit.toPlainText() == text:
            return
        self._loading = True
        place = self.edit.textCursor().position()
        self.edit.setPlainText(text)
        cursor = self.edit.textCursor()
        cursor.setPosition(min(place, len(text)))
        self.edit.setTextCursor(cursor)
        self._loading = False


class TypedAdapter(Adapter):
    """A number, amount, day or moment."""

    def __init__(self, edit: TypedEdit) -> None:
        self.edit = edit
        super().__init__(edit)
        edit.value_changed.connect(self.edited.emit)
        edit.invalid_changed.connect(self.invalid_changed.emit)

    @property
    def invalid(self) -> str:
        return self.edit.invalid

    def load(self, value: Any) -> None:
        self.edit.set_value(value)

    def renew(self, value: Any) -> None:
        if self.edit.typing:
            self.edit.stand_on(value)
        else:
            self.edit.set_value(value)

    def commit(self) -> None:
        self.edit.commit()


class FlagAdapter(Adapter):
    """Yes or no."""

    def __init__(self, words: str) -> None:
        self.box = QCheckBox(words)
        super().__init__(self.box)
        self.box.clicked.connect(lambda on: self.edited.emit(on))

    def load(self, value: Any) -> None:
        self.box.setChecked(bool(value))


class ChoiceBox(QComboBox):
    """A combo box that the wheel does not change while the page is scrolled."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class ChoiceAdapter(Adapter):
    """One of a few."""

    def __init__(self, options: Options, *, required: bool) -> None:
        self.box = ChoiceBox()
        super().__init__(self.box)
        self._required = required
        self.box.setMinimumContentsLength(4)
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.set_options(options)
        self.box.activated.connect(lambda i: self.edited.emit(self.box.itemData(i)))

    def set_options(self, options: Options) -> None:
        """Other (value, word) pairs; the value stays."""
        value = self.box.currentData()
        self.box.clear()
        if not self._required:
            self.box.addItem(tr("未选择"), "")
        for found, word in options:
            self.box.addItem(word, found)
        self.load(value)

    def load(self, value: Any) -> None:
        place = self.box.findData(value or "")
        if place < 0 and value:
            self.box.addItem(str(value), value)
            place = self.box.count() - 1
        self.box.setCurrentIndex(place)


class ChoicesAdapter(Adapter):
    """Several of a few, as pills; ← → moves, Space switches."""

    def __init__(self, options: Options) -> None:
        self.holder = QWidget()
        super().__init__(self.holder)
        self._pills: list[tuple[str, QToolButton]] = []
        self._value: list[str] = []
        for value, word in options:
            pill = QToolButton()
            pill.setText(word)
            pill.setCheckable(True)
            pill.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            own_sheet(pill, chip_sheet)
            pill.clicked.connect(self._clicked)
            self._pills.append((value, pill))
        layout = FlowRow(self.holder)
        layout.set_parts([pill for _, pill in self._pills])
        if self._pills:
            self.holder.setFocusProxy(self._pills[0][1])

    def _clicked(self) -> None:
        self._value = [value for value, pill in self._pills if pill.isChecked()]
        self.edited.emit(list(self._value))

    def load(self, value: Any) -> None:
        self._value = list(value or ())
        for found, pill in self._pills:
            pill.setChecked(found in self._value)


class FlowRow(QObject):
    """Places widgets in lines that break at the holder's width."""

    def __init__(self, holder: QWidget) -> None:
        super().__init__(holder)
        self._holder = holder
        self._parts: list[QWidget] = []
        holder.installEventFilter(self)

    def set_parts(self, parts: Sequence[QWidget]) -> None:
        """What is placed."""
        self._parts = list(parts)
        for part in parts:
            part.setParent(self._holder)
            part.show()
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show):
            self._place()
        return False

    def _place(self) -> None:
        x = y = 0
        height = 30 if self._parts else 0
        for part in self._parts:
            part.ensurePolished()
            size = part.sizeHint().expandedTo(part.minimumSize()).boundedTo(part.maximumSize())
            if x and x + size.width() > self._holder.width():
                x, y, height = 0, y + height + 4, 30
            part.setGeometry(x, y, size.width(), size.height())
            x += size.width() + 6
            height = max(height, size.height())
        self._holder.setFixedHeight(y + height)


class ReferenceAdapter(Adapter):
    """Another record."""

    def __init__(self, picker: RecordPicker) -> None:
        self.picker = picker
        super().__init__(picker)
        picker.chosen.connect(self.edited.emit)

    def load(self, value: Any) -> None:
        self.picker.set_value(value)

    def renew(self, value: Any) -> None:
        if not self._composing and not self.picker.typing:
            self.picker.set_value(value)

    def commit(self) -> None:
        self.picker.settle()


class CustomAdapter(Adapter):
    """A feature's own widget: SHOW(value) displays, EDITED is its signal that carries the new value."""

    def __init__(self, widget: QWidget, show: Callable[[Any], None], edited: Any) -> None:
        super().__init__(widget)
        self._show_value = show
        edited.connect(self.edited.emit)

    def load(self, value: Any) -> None:
        self._show_value(value)


def options_of(kind: str, field: Field) -> list[tuple[str, str]]:
    """(value, word) pairs of a choice."""
    return [(value, lookup.choice(kind, field.name, value)) for value in field.choices]


def make_adapter(ctx: ViewContext, field: Field, kind: str) -> Adapter:
    """The adapter of a field's type."""

    def today() -> dt.date:
        return today_of(ctx)

    makers: dict[FieldType, Callable[[], Adapter]] = {
        FieldType.TEXT: TextAdapter,
        FieldType.MULTILINE: MultilineAdapter,
        FieldType.INTEGER: lambda: TypedAdapter(NumberEdit(field.unit or "", integer=True)),
        FieldType.DECIMAL: lambda: TypedAdapter(NumberEdit(field.unit or "", field.places)),
        FieldType.PERCENT: lambda: TypedAdapter(PercentEdit(fraction=typed.percent_is_fraction(field))),
        FieldType.MONEY: lambda: TypedAdapter(MoneyEdit()),
        FieldType.DATE: lambda: TypedAdapter(DatePicker(today)),
        FieldType.MOMENT: lambda: TypedAdapter(MomentEdit(today)),
        FieldType.FLAG: lambda: FlagAdapter(lookup.label(kind, field.name)),
        FieldType.CHOICE: lambda: ChoiceAdapter(options_of(kind, field), required=field.required),
        FieldType.CHOICES: lambda: ChoicesAdapter(options_of(kind, field)),
        FieldType.REFERENCE: lambda: ReferenceAdapter(RecordPicker(ctx, field.target or kind)),
    }
    if field.type not in makers:
        raise ValueError(f"{field.name}: parts are edited by a LineTable")
    return makers[field.type]()


def mark(widget: QWidget, problem: bool, *, clash: bool = False) -> None:
    """The red edge of a field with a problem, the amber one where a colleague made something else of it."""
    wanted = "true" if problem else "clash" if clash else "false"
    if (widget.property("problem") or "false") != wanted:
        theme.dress(widget, problem=wanted)


__all__ = ["Adapter", "ChoiceAdapter", "CustomAdapter", "FlowRow", "make_adapter", "mark", "options_of"]
