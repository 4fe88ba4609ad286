"""The rows of an editable grid: a list of parts inside a Draft, read and written cell by cell."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Literal

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal

from presales_desktop.models.errors import Problem
from presales_desktop.models.fields import FieldType
from presales_desktop.texts import lookup, tr
from presales_desktop.views.kit import format as formats
from presales_desktop.views.kit import typed
from presales_desktop.views.kit.draft import Draft, copy_value
from presales_desktop.views.kit.line_columns import LineColumn
from presales_desktop.views.kit.popup import Choice

AnyIndex = QModelIndex | QPersistentModelIndex
RowKind = Literal["", "section", "note", "subtotal"]

_PLAIN = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemNeverHasChildren
_EDITABLE = _PLAIN | Qt.ItemFlag.ItemIsEditable


class LineModel(QAbstractTableModel):
    """`edited()` after any change of these rows, also by undo. The last row is the place for a new one (`can_add`)."""

    edited = Signal()
    kinds_changed = Signal()

    def __init__(
        self,
        draft: Draft,
        path: str,
        columns: Sequence[LineColumn],
        *,
        kind: str,
        today: Callable[[], dt.date],
        new_row: Callable[[], Any] | None = None,
        row_kind: Callable[[Any], str] | None = None,
        span_name: str = "name",
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.draft, self.path, self.columns, self.kind = draft, path, tuple(columns), kind
        self.new_row = new_row
        self.read_only = False
        self._today = today
        self._row_kind = row_kind
        self.span_name = span_name
        self._fields = [column.field for column in self.columns]
        self.rows: list[Any] = list(self._source())
        self._numbers: list[str] | None = None
        self._kinds: list[str] = []
        self._bad: dict[tuple[int, str], str] = {}
        self._problems: dict[tuple[int, str], Problem] = {}
        self._theirs: dict[tuple[int, str], tuple[Any, str]] = {}
        draft.changed.connect(self._value_changed)
        draft.structure_changed.connect(self._structure_changed)
        draft.replaced.connect(self._replaced)

    def _source(self) -> list[Any]:
        found: list[Any] = self.draft.get(self.path) if self.draft.value is not None else []
        return found

    # shape

    @property
    def can_add(self) -> bool:
        """Whether there is a place for a new row at the end."""
        return self.new_row is not None and not self.read_only

    def rowCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        return 0 if parent.isValid() else len(self.rows) + int(self.can_add)

    def columnCount(self, parent: AnyIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.columns)

    @property
    def has_kinds(self) -> bool:
        """Whether rows can be sections and notes."""
        return self._row_kind is not None

    def row_kind(self, number: int) -> str:
        """ "" for a line, "section", "note", "subtotal", or "new" for the place at the end."""
        if number >= len(self.rows):
            return "new"
        return self._row_kind(self.rows[number]) if self._row_kind is not None else ""

    def line_number(self, number: int) -> str:
        """The number that a row shows: lines count, sections and notes do not."""
        if self._row_kind is None:
            return str(number + 1) if number < len(self.rows) else ""
        if self._numbers is None:
            self._kinds = [self._row_kind(row) for row in self.rows]
            self._numbers, count = [], 0
            for kind in self._kinds:
                count += not kind
                self._numbers.append("" if kind else str(count))
        return self._numbers[number] if number < len(self._numbers) else ""

    def set_read_only(self, on: bool) -> None:
        """Nothing may be changed; the place for a new row goes."""
        if on == self.read_only:
            return
        self.beginResetModel()
        self.read_only = on
        self.endResetModel()

    # cells

    def editable(self, number: int, column: int) -> bool:
        """Whether a cell may be changed."""
        if self.read_only or self.draft.read_only:
            return False
        kind = self.row_kind(number)
        if kind == "new":
            return self.columns[column].editable is not False
        if kind in ("section", "note"):
            return column == 0
        if kind == "subtotal":
            return False
        allowed = self.columns[column].editable
        return allowed(self.rows[number]) if callable(allowed) else allowed

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        if self.columns[index.column()].type is not FieldType.FLAG and self.editable(index.row(), index.column()):
            return _EDITABLE
        return _PLAIN

    def name_at(self, number: int, column: int) -> str:
        """The attribute behind a cell: spanning rows show one."""
        return self.span_name if self.row_kind(number) in ("section", "note") else self.columns[column].name

    def _spanned_text(self, row: Any, number: int, column: int) -> str:
        """The name of a section or note in the first column; in a section also the figures that are sums."""
        if column == 0:
            return str(getattr(row, self.span_name, "") or "")
        spec = self.columns[column]
        sums = spec.sums and spec.read is not None and self.row_kind(number) == "section"
        return spec.read(row) if sums and spec.read is not None else ""

    def _subtotal_text(self, row: Any, column: int) -> str:
        """A subtotal has its name and its sums, and nothing of a line."""
        spec = self.columns[column]
        if spec.name == self.span_name:
            return str(getattr(row, self.span_name, "") or "") or tr("小计")
        return spec.read(row) if spec.sums and spec.read is not None else ""

    def text(self, number: int, column: int) -> str:
        """A cell as it is read."""
        if number >= len(self.rows):
            return ""
        row = self.rows[number]
        bad = self._bad.get((id(row), self.name_at(number, column)))
        if bad is not None:
            return bad
        if self.row_kind(number) in ("section", "note"):
            return self._spanned_text(row, number, column)
        if self.row_kind(number) == "subtotal":
            return self._subtotal_text(row, column)
        return self._cell_text(row, column)

    def _cell_text(self, row: Any, column: int) -> str:
        spec = self.columns[column]
        if spec.shows is not None and not spec.shows(row):
            return ""
        if spec.read is not None:
            return spec.read(row)
        value = getattr(row, spec.name, None)
        if value is None or value == "":
            return ""
        if spec.type is FieldType.CHOICE:
            return lookup.choice(self.kind, spec.name, value)
        if spec.type is FieldType.MONEY:
            return typed.money_text(value)
        if spec.type is FieldType.DATE:
            return formats.day(value)
        if spec.type is FieldType.FLAG:
            return "✓" if value else ""
        if spec.type in (FieldType.DECIMAL, FieldType.INTEGER):
            return typed.number_text(value, spec.places)
        if spec.type is FieldType.PERCENT:
            return f"{typed.text_of(self._fields[column], value)}%"
        return str(value) if spec.lead is None else f"{spec.lead(row)}{value}"

    def edit_text(self, number: int, column: int) -> str:
        """A cell as it is typed and copied."""
        if number >= len(self.rows):
            return ""
        row, spec = self.rows[number], self.columns[column]
        name = self.name_at(number, column)
        bad = self._bad.get((id(row), name))
        if bad is not None:
            return bad
        value = getattr(row, name, None)
        plain = name == spec.name and spec.type not in (FieldType.CHOICE, FieldType.REFERENCE, FieldType.FLAG)
        if plain and spec.read is None and value is not None:
            return typed.text_of(self._fields[column], value)
        return self.text(number, column)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid() or index.row() >= self.rowCount():
            return None
        number, column = index.row(), index.column()
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.text(number, column)
        if role == Qt.ItemDataRole.EditRole:
            return self.edit_text(number, column)
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.problem_text(number, column) or self._tip(number, column) or None
        if role == Qt.ItemDataRole.TextAlignmentRole and self.columns[column].right:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        return None

    def _tip(self, number: int, column: int) -> str:
        tip = self.columns[column].tip
        return tip(self.rows[number]) if tip is not None else ""

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if orientation == Qt.Orientation.Vertical:
            return self.line_number(section)
        return self.title(section) if 0 <= section < len(self.columns) else None

    def title(self, column: int) -> str:
        """The title of a column."""
        spec = self.columns[column]
        return tr(spec.title) if spec.title else lookup.label(self.kind, spec.name)

    # writing

    def setData(self, index: AnyIndex, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        return role == Qt.ItemDataRole.EditRole and self.set_text(index.row(), index.column(), str(value))

    def ensure_row(self, number: int) -> int:
        """The row's index; the place at the end becomes a row."""
        if number < len(self.rows):
            return number
        assert self.new_row is not None
        self.draft.append(self.path, self.new_row())
        return len(self.rows) - 1

    def set_text(self, number: int, column: int, text: str) -> bool:
        """Write what was typed; what cannot be read stays visible and is marked."""
        if not self.editable(number, column):
            return False
        if number >= len(self.rows):
            if not text.strip():
                return False
            with self.draft.macro(tr("添加一行")):
                return self.set_text(self.ensure_row(number), column, text)
        row, name = self.rows[number], self.name_at(number, column)
        try:
            value = self.parse(row, column, text, name)
        except (ValueError, ArithmeticError):
            self._bad[(id(row), name)] = text
            self._touch(number)
            return False
        self._bad.pop((id(row), name), None)
        self.write(number, column, name, value)
        self._touch(number)
        return True

    def write(self, number: int, column: int, name: str, value: Any) -> None:
        """Set a value; with what the column does after it as one step."""
        after = self.columns[column].after
        path = f"{self.path}.{number}.{name}"
        if after is None or name != self.columns[column].name:
            self.draft.set(path, value, merge=False)
            return
        with self.draft.macro(tr("修改{title}", title=self.title(column))):
            self.draft.set(path, value, merge=False)
            after(number)

    def parse(self, row: Any, column: int, text: str, name: str) -> Any:
        """The value that TEXT means for ROW's attribute NAME in COLUMN; nothing typed is its empty value. Raises ValueError."""
        spec = self.columns[column]
        if name != spec.name:
            return text
        if spec.type is FieldType.CHOICE:
            return self._parse_choice(spec, text)
        if spec.type is FieldType.REFERENCE:
            if text.strip():
                raise ValueError(text)
            return None
        value = typed.value_of(self._fields[column], text, self._today())
        if value is None or (value == "" and spec.type is not FieldType.TEXT):
            return blank_like(getattr(row, name, None), getattr(self.new_row() if self.new_row else row, name, None))
        return value

    def _parse_choice(self, spec: LineColumn, text: str) -> str:
        raw = text.strip()
        for value in spec.choices:
            if raw in (value, lookup.choice(self.kind, spec.name, value)):
                return value
        if raw:
            raise ValueError(text)
        return ""

    def clear_cell(self, number: int, column: int) -> None:
        """Empty a cell."""
        if self.row_kind(number) != "new" and self.editable(number, column):
            self.set_text(number, column, "0" if self.columns[column].type is FieldType.FLAG else "")

    def pick(self, number: int, column: int, choice: Choice) -> None:
        """Apply a choice of the completer as one step."""
        with self.draft.macro(tr("选择{title}", title=self.title(column))):
            at = self.ensure_row(number)
            spec = self.columns[column]
            self._bad.pop((id(self.rows[at]), spec.name), None)
            if spec.pick is not None:
                spec.pick(at, choice)
            else:
                self.draft.set(f"{self.path}.{at}.{spec.name}", choice.value, merge=False)
        self._touch(min(number, len(self.rows) - 1))

    def mark_bad(self, row: Any, name: str, text: str) -> None:
        """Keep a text that means nothing here."""
        self._bad[(id(row), name)] = text

    # following the draft

    def _touch(self, number: int) -> None:
        known = self._numbers is not None and number < min(len(self._kinds), len(self.rows))
        if known and self._row_kind is not None and self._kinds[number] != self._row_kind(self.rows[number]):
            self._numbers = None
            self.kinds_changed.emit()
        if 0 <= number < self.rowCount():
            self.dataChanged.emit(self.index(number, 0), self.index(number, len(self.columns) - 1))
        self.edited.emit()

    def _value_changed(self, path: str) -> None:
        if not path.startswith(f"{self.path}."):
            return
        rest = path.removeprefix(f"{self.path}.")
        number, _, name = rest.partition(".")
        if number.isdigit() and int(number) < len(self.rows):
            row = self.rows[int(number)]
            self._problems.pop((id(row), name), None)
            self._bad.pop((id(row), name), None)
            self._touch(int(number))

    def _structure_changed(self, path: str) -> None:
        if path != self.path:
            return
        new = list(self._source())
        old = self.rows
        self._numbers = None
        head, most = 0, min(len(old), len(new))
        while head < most and old[head] is new[head]:
            head += 1
        tail, most = 0, most - head
        while tail < most and old[-1 - tail] is new[-1 - tail]:
            tail += 1
        gone, come = len(old) - head - tail, len(new) - head - tail
        if gone:
            self.beginRemoveRows(QModelIndex(), head, head + gone - 1)
            self.rows = old[:head] + old[len(old) - tail :]
            self.endRemoveRows()
        if come:
            self.beginInsertRows(QModelIndex(), head, head + come - 1)
            self.rows = new
            self.endInsertRows()
        self._forget_gone()
        self.edited.emit()

    def _replaced(self) -> None:
        self.beginResetModel()
        self._numbers = None
        self.rows = list(self._source())
        self._bad.clear()
        self._problems.clear()
        self._theirs.clear()
        self.endResetModel()
        self.edited.emit()

    def _forget_gone(self) -> None:
        if not self._bad and not self._problems:
            return
        here = {id(row) for row in self.rows}
        for marks in (self._bad, self._problems):
            for key in [key for key in marks if key[0] not in here]:
                del marks[key]

    # problems

    def set_problems(self, problems: Sequence[Problem]) -> None:
        """Problems by path "lines.3.quantity"; a row's own ("lines.3") stands on its first cell."""
        self._problems.clear()
        for problem in problems:
            number, name = self.place_of(problem.field or "")
            if 0 <= number < len(self.rows):
                self._problems[(id(self.rows[number]), name or self.name_at(number, 0))] = problem
        if self.rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, len(self.columns) - 1))

    # a colleague

    def set_theirs(self, clashes: Sequence[tuple[str, Any]], who: str) -> None:
        """Cells by path where a colleague (WHO) made another value than stands here."""
        self._theirs = {}
        for path, value in clashes:
            number, name = self.place_of(path)
            if 0 <= number < len(self.rows):
                self._theirs[(id(self.rows[number]), name)] = (value, who)
        if self.rows:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.rows) - 1, len(self.columns) - 1))

    def theirs_at(self, number: int, column: int) -> tuple[Any, str] | None:
        """(value, who) of a cell that a colleague made different from mine."""
        if not self._theirs or number >= len(self.rows):
            return None
        row, name = self.rows[number], self.name_at(number, column)
        found = self._theirs.get((id(row), name))
        return None if found is None or found[0] == getattr(row, name, None) else found

    def _theirs_text(self, number: int, column: int) -> str:
        found = self.theirs_at(number, column)
        if found is None:
            return ""
        value, who = found
        theirs = copy_value(self.rows[number])
        setattr(theirs, self.name_at(number, column), value)
        spanned = self.row_kind(number) in ("section", "note")
        said = str(value or "") if spanned else self._cell_text(theirs, column)
        return tr("{who}改为：{value}", who=who, value=said or tr("（空）"))

    def take_theirs(self, number: int, column: int) -> None:
        """The colleague's value into a cell."""
        found = self.theirs_at(number, column)
        if found is not None:
            self.draft.set(f"{self.path}.{number}.{self.name_at(number, column)}", found[0], merge=False)

    def place_of(self, path: str) -> tuple[int, str]:
        """(row, attribute) of a path, (-1, "") for the list itself."""
        rest = path.removeprefix(self.path).removeprefix(".")
        number, _, name = rest.partition(".")
        return (int(number), name) if number.isdigit() else (-1, "")

    def problem_at(self, number: int, column: int) -> str:
        """ "bad", "amber" (a hint) or ""."""
        if number >= len(self.rows):
            return ""
        key = (id(self.rows[number]), self.name_at(number, column))
        if key in self._bad:
            return "bad"
        found = self._problems.get(key)
        if found is None:
            return "amber" if self.theirs_at(number, column) is not None else ""
        return "bad" if found.blocking else "amber"

    def problem_text(self, number: int, column: int) -> str:
        """What is wrong with a cell."""
        if number >= len(self.rows):
            return ""
        name = self.name_at(number, column)
        key = (id(self.rows[number]), name)
        if key in self._bad:
            return self._bad_sentence(name, self._bad[key])
        found = self._problems.get(key)
        if found is None:
            return self._theirs_text(number, column)
        return lookup.problem_text(dataclasses.replace(found, field=name), self.kind)  # the row is seen, only say what

    def _bad_sentence(self, name: str, text: str) -> str:
        return lookup.problem_text(self._bad_problem("", name, text), self.kind)

    def _bad_problem(self, path: str, name: str, text: str) -> Problem:
        kind = next((c.type for c in self.columns if c.name == name), FieldType.TEXT)
        return Problem("field.type", path or name, {"expected": kind.value, "found": text})

    def local_problems(self) -> list[Problem]:
        """Cells whose text cannot be read."""
        places = {id(row): i for i, row in enumerate(self.rows)}
        return [
            self._bad_problem(f"{self.path}.{places[key]}.{name}", name, text)
            for (key, name), text in self._bad.items()
            if key in places
        ]


def blank_like(now: Any, default: Any) -> Any:
    """The empty value of a field: None where None is its default, else zero or "" of its type."""
    if default is None:
        return None
    for kind, empty in ((bool, False), (int, 0), (Decimal, Decimal(0)), (str, "")):
        if isinstance(default, kind):
            return empty
    return now
