"""Fields of the property panel: one value for everything that is selected, or "several" where they differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLineEdit, QWidget

from presales_desktop.models.values import plain
from presales_desktop.texts import lookup, tr
from presales_desktop.views.designs import typed
from presales_desktop.views.kit import tokens
from presales_desktop.views.kit.basics import words
from presales_desktop.views.kit.theme import dress

SEVERAL = object()


def common(values: Sequence[Any]) -> Any:
    """The one value that all share, or SEVERAL."""
    first = values[0] if values else None
    return first if all(v == first for v in values) else SEVERAL


class NumberField(QLineEdit):
    """A number with its unit. LENGTH: read as a length ("3600" is 3.6 m). Emits through `changed(value)` at Enter or leaving;
    arrow keys step by STEP. OPTIONAL: empty means None."""

    def __init__(
        self,
        changed: Callable[[float | None], None],
        *,
        unit: str = "",
        low: float = -1e9,
        high: float = 1e9,
        places: int = 3,
        step: float = 0.1,
        length: bool = False,
        optional: bool = False,
        placeholder: str = "",
        factor: float = 1.0,
    ) -> None:
        super().__init__()
        self._changed, self._unit, self._low, self._high = changed, unit, low, high
        self._places, self._step, self._length, self._optional = places, step, length, optional
        self._factor, self._empty = factor, placeholder
        self._value: Any = None
        self.setTextMargins(0, 0, 8 + 8 * len(unit) if unit else 0, 0)
        self.editingFinished.connect(self.commit)

    def show_value(self, value: Any) -> None:
        """Show a value, SEVERAL, or None."""
        self._value = value
        several = value is SEVERAL
        self.setPlaceholderText(tr("多个值") if several else self._empty)
        if not (self.hasFocus() and self.isModified()):
            self.setText("" if several or value is None else self._text(value))
            self.setModified(False)
        dress(self, problem=False)

    def _text(self, value: float) -> str:
        return plain(round(Decimal(repr(float(value) * self._factor)), self._places))

    def _read(self) -> float | None:
        """The typed value; raises ValueError."""
        text = self.text().strip()
        if not text:
            if self._optional:
                return None
            raise ValueError
        if self._length:
            metres = typed.parse_length(text)
            if metres is None:
                raise ValueError
            return metres
        return float(text.removesuffix(self._unit).replace("％", "%").rstrip("%").strip()) / self._factor

    def commit(self) -> None:
        """Take what was typed; what cannot be read is marked and stays."""
        if not self.isModified():
            return
        try:
            value = self._read()
        except ValueError:
            if self._value is SEVERAL and not self.text().strip():
                self.setModified(False)
                return
            self._refuse()
            return
        if value is not None and not self._low <= value <= self._high:
            self._refuse()
            return
        self.setModified(False)
        dress(self, problem=False)
        self.setToolTip("")
        if value != self._value:
            self._changed(value)

    def _refuse(self) -> None:
        dress(self, problem=True)
        self.setToolTip(tr("请输入 {low} 到 {high} 之间的数", low=self._text(self._low), high=self._text(self._high)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows step, Enter takes, Esc gives the old value back."""
        step = {Qt.Key.Key_Up: self._step, Qt.Key.Key_Down: -self._step}.get(Qt.Key(event.key()))
        if step is not None and not self.isReadOnly() and isinstance(self._value, (int, float)):
            value = min(self._high, max(self._low, round(self._value + step, 9)))
            self.setModified(False)
            self._changed(value)
            return
        if event.key() == Qt.Key.Key_Escape:
            self.setModified(False)
            self.show_value(self._value)
            self.clearFocus()
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The unit at the right."""
        super().paintEvent(event)
        if self._unit:
            painter = QPainter(self)
            painter.setPen(tokens.color("secondary"))
            box = self.rect().adjusted(0, 0, -9, 0)
            painter.drawText(box, int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter), self._unit)


class TextField(QLineEdit):
    """A text; `changed(text)` while typing."""

    def __init__(self, changed: Callable[[str], None], *, limit: int = 60) -> None:
        super().__init__()
        self.setMaxLength(limit)
        self.textEdited.connect(changed)

    def show_value(self, value: Any) -> None:
        """Show a value or SEVERAL."""
        self.setPlaceholderText(tr("多个值") if value is SEVERAL else "")
        text = "" if value is SEVERAL or value is None else str(value)
        if self.text() != text:
            self.setText(text)


class ChoiceField(QComboBox):
    """A choice of (value, word); a value of None makes a heading."""

    def __init__(self, changed: Callable[[Any], None]) -> None:
        super().__init__()
        self.setMaxVisibleItems(18)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)
        self.activated.connect(lambda _: changed(self.currentData()))

    def set_options(self, options: Sequence[tuple[Any, str]], headings: frozenset[int] = frozenset()) -> None:
        """What can be chosen; entries whose index is in HEADINGS only structure the list."""
        self.clear()
        for index, (value, word) in enumerate(options):
            self.addItem(word, value)
            if index in headings:
                item = self.model().index(index, 0)
                self.model().setData(item, 0, Qt.ItemDataRole.UserRole - 1)

    def show_value(self, value: Any) -> None:
        """Show a value or SEVERAL."""
        self.setPlaceholderText(tr("多个值"))
        self.setCurrentIndex(-1 if value is SEVERAL else self.findData(value))


class FlagField(QCheckBox):
    """Yes, no, or both."""

    def __init__(self, text: str, changed: Callable[[bool], None]) -> None:
        super().__init__(text)
        self.clicked.connect(lambda _: self._clicked(changed))

    def _clicked(self, changed: Callable[[bool], None]) -> None:
        self.setTristate(False)
        changed(self.isChecked())

    def show_value(self, value: Any) -> None:
        """Show a value or SEVERAL."""
        if value is SEVERAL:
            self.setTristate(True)
            self.setCheckState(Qt.CheckState.PartiallyChecked)
        else:
            self.setTristate(False)
            self.setChecked(bool(value))


Field = NumberField | TextField | ChoiceField | FlagField


class FieldGrid(QWidget):
    """Labels and fields in rows; two narrow ones may share a row."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self._kind = kind
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(6)
        self._grid.setColumnStretch(1, 1)
        self.fields: dict[str, Field] = {}

    def add(self, name: str, field: Field, *, label: str = "", full: bool = False) -> None:
        """One row; its word comes from texts unless LABEL is given."""
        word = label or lookup.label(self._kind, name)
        hint = lookup.hint(self._kind, name)
        field.setObjectName(f"design.{self._kind}.{name}")
        field.setAccessibleName(word)
        if hint:
            field.setToolTip(hint)
        row = self._grid.rowCount()
        if full or isinstance(field, FlagField):
            self._grid.addWidget(field, row, 0, 1, 2)
        else:
            said = words(word, "small")
            said.setBuddy(field)
            self._grid.addWidget(said, row, 0)
            self._grid.addWidget(field, row, 1)
        self.fields[name] = field

    def show_parts(self, parts: Sequence[Any]) -> None:
        """Show what the parts share."""
        for name, field in self.fields.items():
            field.show_value(common([getattr(p, name) for p in parts]))

    def set_read_only(self, on: bool) -> None:
        """Only to look at."""
        for field in self.fields.values():
            field.setEnabled(not on)
