"""A form from a kind's fields: label, widget by type, unit, problem beside the field; two columns, one when narrow."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from presales_desktop.models.errors import Problem
from presales_desktop.models.fields import Field, FieldType
from presales_desktop.services import search
from presales_desktop.texts import lookup, tr
from presales_desktop.views.kit import format as formats
from presales_desktop.views.kit import jobs, typed
from presales_desktop.views.kit.adapters import Adapter, ChoiceAdapter, make_adapter, mark, options_of
from presales_desktop.views.kit.basics import Elided, button, row, words
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.draft import Draft
from presales_desktop.views.kit.editor_parts import PartMark

_NARROW = 440
_FIELDS_A_TURN = 3
_WIDE_TYPES = (FieldType.MULTILINE, FieldType.CHOICES)


def read_text(kind: str, field: Field, value: Any) -> str:
    """A value for reading, with its unit; "" for nothing. References are looked up by who calls."""
    if value is None or value == "" or value == []:
        return ""
    if field.type is FieldType.MONEY:
        return formats.money(value)
    if field.type is FieldType.DATE:
        return formats.day(value)
    # A text that has words for some of its values (a room's type) says the word, too.
    if field.type is FieldType.CHOICE or str(value) in lookup.chinese_choices(kind, field.name):
        return lookup.choice(kind, field.name, value)
    if field.type is FieldType.CHOICES:
        return tr("、").join(lookup.choice(kind, field.name, v) for v in value)
    text = typed.text_of(field, value)
    unit = "%" if field.type is FieldType.PERCENT else field.unit
    return f"{text}{formats.THIN}{unit}" if unit else text


class FieldBox(QWidget):
    """One field: its word, its widget (or plain text when it may not be changed), its problem."""

    def __init__(self, ctx: ViewContext, kind: str, field: Field, adapter: Adapter) -> None:
        super().__init__()
        self.field, self.adapter, self.kind = field, adapter, kind
        self._ctx = ctx
        self._value: Any = None
        self.setObjectName(f"{kind}.{field.name}.box")
        word = lookup.label(kind, field.name)
        self.label = QLabel(word if field.type is not FieldType.FLAG else "")
        self.label.setProperty("role", "small")
        self.label.setBuddy(adapter.widget)
        self._star = words("*", "bad")
        if not field.required:  # never shown by hand: without a parent it would become a window
            self._star.hide()
        self._star.setToolTip(tr("必填"))
        adapter.widget.setObjectName(f"{kind}.{field.name}")
        hint = lookup.hint(kind, field.name)
        adapter.widget.setAccessibleName(tr("{label}（必填）", label=word) if field.required else word)
        adapter.widget.setAccessibleDescription(hint)
        if hint:
            adapter.widget.setToolTip(hint)
            self.label.setToolTip(hint)
        self._reading = words("", wrap=True, selectable=True)
        self._reading.setObjectName(f"{kind}.{field.name}.text")
        self._reading.hide()
        self._problem = words("", "bad", wrap=True)
        self._problem.setObjectName(f"{kind}.{field.name}.problem")
        self._problem.hide()
        inner = QVBoxLayout(self)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(3)
        # The star is taller than the words: its room is there in every field, so that neighbours stand level.
        self.label.setFixedHeight(self._star.sizeHint().height())
        inner.addLayout(row(self.label, self._star, None, gap=3))
        inner.addWidget(adapter.widget)
        inner.addWidget(self._reading)
        inner.addWidget(self._problem)
        self._theirs: QWidget | None = None
        inner.addStretch(1)
        self.read_only = False

    def load(self, value: Any) -> None:
        """Show VALUE."""
        self._value = value
        self.adapter.load(value)
        if self.read_only:
            self._show_reading()

    def renew(self, value: Any) -> None:
        """A colleague's value, under what is being typed."""
        self._value = value
        self.adapter.renew(value)
        if self.read_only:
            self._show_reading()

    def set_read_only(self, on: bool) -> None:
        """Plain text instead of the widget."""
        self.read_only = on
        self.adapter.widget.setVisible(not on)
        self._reading.setVisible(on)
        self._star.setVisible(self.field.required and not on)
        self.label.setText(
            lookup.label(self.kind, self.field.name) if on or self.field.type is not FieldType.FLAG else ""
        )
        if on:
            self._show_reading()

    def _show_reading(self) -> None:
        if self.field.type is FieldType.REFERENCE and self._value is not None:
            jobs.start(self, self._show_title(self._value))
            return
        text = read_text(self.kind, self.field, self._value)
        self._reading.setText(text or "—")

    async def _show_title(self, value: UUID) -> None:
        target = self.field.target or self.kind
        found = await self._ctx.db.run(search.titles, [(target, value)])
        if self._value == value:
            self._reading.setText(found.get((target, value), "—"))

    def show_problem(self, text: str, *, blocking: bool = True) -> None:
        """Say what is wrong, "" for nothing."""
        self._problem.setText(text)
        self._problem.setProperty("role", "bad" if blocking else "amber")
        self._problem.setVisible(bool(text))
        mark(self.adapter.widget, bool(text) and blocking, clash=self._theirs is not None)

    @property
    def problem(self) -> str:
        """What it says now."""
        return self._problem.text()

    def show_theirs(self, value: Any, who: str, take: Callable[[], object] | None) -> None:
        """A colleague (WHO) made the field VALUE while it was edited here: say so and offer it; TAKE None: nothing to say."""
        if self._theirs is not None:
            self._theirs.hide()
            self._theirs.setParent(None)
            self._theirs.deleteLater()
            self._theirs = None
        mark(self.adapter.widget, bool(self._problem.text()) and not self._problem.isHidden(), clash=take is not None)
        if take is None:
            return
        said = Elided(self._theirs_text(value, who), "amber")
        said.setObjectName(f"{self.kind}.{self.field.name}.theirs")
        self._theirs = QWidget(self)
        self._theirs.setLayout(
            row(said, button(tr("采用"), take, look="link", name=f"{self.kind}.{self.field.name}.take"), gap=4)
        )
        inner = self.layout()
        assert isinstance(inner, QVBoxLayout)
        inner.insertWidget(inner.indexOf(self._problem) + 1, self._theirs)
        if self.field.type is FieldType.REFERENCE and value is not None:
            jobs.start(said, self._name_theirs(said, value, who))

    def _theirs_text(self, value: Any, who: str) -> str:
        shown = "…" if self.field.type is FieldType.REFERENCE and value else read_text(self.kind, self.field, value)
        if self.field.type is FieldType.FLAG:
            shown = tr("是") if value else tr("否")
        return tr("{who}改为：{value}", who=who, value=shown or tr("（空）"))

    async def _name_theirs(self, said: Elided, value: UUID, who: str) -> None:
        target = self.field.target or self.kind
        found = await self._ctx.db.run(search.titles, [(target, value)])
        said.setText(tr("{who}改为：{value}", who=who, value=found.get((target, value), "—")))


class Form(PartMark, QWidget):
    """FIELDS of KIND bound to DRAFT; PREFIX ("contacts.0.") when they are a part's.

    OMIT: names left out; ADAPTERS: name → a feature's own Adapter; WIDE: names that take the whole width. Fields that are
    `restricted` to a right the user lacks are left out, `read_only` ones are shown as text. LATER: empty until `fill()` has run.
    `edited(path)` by the user.
    """

    edited = Signal(str)

    def __init__(
        self,
        ctx: ViewContext,
        draft: Draft,
        fields: Sequence[Field],
        kind: str,
        *,
        columns: int = 2,
        prefix: str = "",
        omit: Collection[str] = (),
        wide: Collection[str] = (),
        adapters: Mapping[str, Adapter] | None = None,
        later: bool = False,
    ) -> None:
        super().__init__()
        self.ctx, self.draft, self.kind, self.prefix = ctx, draft, kind, prefix
        self.setObjectName(f"{kind}.form")
        self._columns = columns
        self._wide = frozenset(wide)
        self._loading = False
        self._read_only = False
        self.boxes: dict[str, FieldBox] = {}
        self._problems: dict[str, Problem] = {}
        self._theirs: dict[str, Any] = {}
        self._hidden: set[str] = set()
        self._wanted = [
            field
            for field in fields
            if field.name not in omit
            and field.type is not FieldType.PARTS
            and (not field.restricted or ctx.may(field.restricted).allowed)
        ]
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(10)
        self._shown_columns = 0
        draft.changed.connect(self._changed)
        draft.replaced.connect(self.load)
        draft.structure_changed.connect(self._structure_changed)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)
        self._filling = self._fill(dict(adapters or {}))
        if not later:
            for _ in self._filling:
                pass

    def fill(self) -> Iterator[None]:
        """Make the fields of a form that was made with LATER, yielding after each few: `yield from form.fill()` in a page's build()."""
        yield from self._filling

    def _fill(self, adapters: dict[str, Adapter]) -> Iterator[None]:
        for n, field in enumerate(self._wanted, 1):
            self._add(field, adapters.get(field.name) or make_adapter(self.ctx, field, self.kind))
            if n % _FIELDS_A_TURN == 0:
                yield
        self._arrange(self._shown_columns or self._columns)
        yield
        self.load()

    def _add(self, field: Field, adapter: Adapter) -> None:
        box = FieldBox(self.ctx, self.kind, field, adapter)
        path = self.prefix + field.name
        self.boxes[field.name] = box
        adapter.edited.connect(lambda value: self._edited(path, value))
        adapter.left.connect(self.draft.seal)
        adapter.invalid_changed.connect(lambda text: self._invalid(field, text))
        if field.read_only:
            box.set_read_only(True)

    # layout

    def minimumSizeHint(self) -> QSize:
        return QSize(160, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        columns = 1 if self.width() < _NARROW else self._columns
        if columns != self._shown_columns:
            self._arrange(columns)

    def _arrange(self, columns: int) -> None:
        self._shown_columns = columns
        for box in self.boxes.values():
            # not takeAt: its item would live on in Python, and the new one would never forget a height it measured
            self._grid.removeWidget(box)
        for i in range(self._columns):
            self._grid.setColumnStretch(i, 1 if i < columns else 0)
            self._grid.setColumnMinimumWidth(i, 0)
        line = place = 0
        for name, box in self.boxes.items():
            if name in self._hidden:
                continue
            if box.field.type in _WIDE_TYPES or name in self._wide:
                line += 1 if place else 0
                self._grid.addWidget(box, line, 0, 1, columns)
                line, place = line + 1, 0
                continue
            self._grid.addWidget(box, line, place)
            place += 1
            if place >= columns:
                line, place = line + 1, 0
        previous: QWidget | None = None
        for name, box in self.boxes.items():
            if name not in self._hidden:
                if previous is not None:
                    QWidget.setTabOrder(previous, box.adapter.widget)
                previous = box.adapter.widget

    def set_visible(self, name: str, on: bool) -> None:
        """Show or hide a field (a choice made it meaningless)."""
        if on == (name not in self._hidden):
            return
        self._hidden.symmetric_difference_update({name})
        self.boxes[name].setVisible(on)
        self._arrange(self._shown_columns)

    def set_choices(self, name: str, values: Sequence[str] | None, options: Sequence[tuple[str, str]] = ()) -> None:
        """Other values of a choice field: VALUES with the words of texts/, or OPTIONS (value, word)."""
        box = self.boxes[name]
        if isinstance(box.adapter, ChoiceAdapter):
            known = dict(options_of(self.kind, box.field))
            pairs = [(v, known.get(v) or lookup.choice(self.kind, name, v)) for v in values or ()]
            box.adapter.set_options([*pairs, *options])

    def set_read_only(self, on: bool) -> None:
        """All fields as text."""
        self._read_only = on
        for box in self.boxes.values():
            box.set_read_only(on or box.field.read_only)

    def set_field_read_only(self, name: str, on: bool) -> None:
        """One field as text."""
        self.boxes[name].set_read_only(on or self._read_only or self.boxes[name].field.read_only)

    def widget(self, name: str) -> QWidget:
        """The widget of a field."""
        return self.boxes[name].adapter.widget

    # values

    def load(self) -> None:
        """Show the draft's values; nothing is written."""
        self._loading = True
        for name, box in self.boxes.items():
            try:
                box.load(self.draft.get(self.prefix + name))
            except (IndexError, AttributeError, KeyError):
                break  # the part that this form shows was removed; the form goes with it
        self._loading = False

    def _changed(self, path: str) -> None:
        if not path.startswith(self.prefix):
            return
        box = self.boxes.get(path.removeprefix(self.prefix))
        if box is not None:
            self._loading = True
            if self.draft.absorbing:
                box.renew(self.draft.get(path))
            else:
                box.load(self.draft.get(path))
            self._loading = False
            self._settle(path)

    def _structure_changed(self, path: str) -> None:
        if self.prefix.startswith(f"{path}."):
            self.load()

    def _edited(self, path: str, value: Any) -> None:
        if self._loading:
            return
        self._clear_problem(path)
        typing = isinstance(self.boxes[path.removeprefix(self.prefix)].adapter, ChoiceAdapter)
        self.draft.set(path, value, merge=not typing)
        self.edited.emit(path)

    def commit(self) -> None:
        """End of typing in every field, before saving."""
        for box in self.boxes.values():
            if not box.read_only and box.adapter.widget.hasFocus():
                box.adapter.commit()

    # a colleague

    def set_theirs(self, clashes: Sequence[tuple[str, Any]], who: str) -> None:
        """Beside the fields at these paths: what a colleague made of them; the other fields say nothing."""
        found = {path: value for path, value in clashes if self.owns(path)}
        for path in self._theirs.keys() - found.keys():
            box = self._box(path)
            if box is not None:
                box.show_theirs(None, "", None)
        self._theirs = found
        for path, value in found.items():
            box = self._box(path)
            if box is not None:
                box.show_theirs(value, who or tr("同事"), partial(self._take, path))

    def _take(self, path: str) -> None:
        value = self._theirs.get(path)
        self.draft.set(path, value, merge=False)
        self.focus_path(path)

    def _settle(self, path: str) -> None:
        """Nothing to say any more once both sides are the same."""
        if path in self._theirs and self._theirs[path] == self.draft.get(path):
            box = self._box(path)
            if box is not None:
                box.show_theirs(None, "", None)
            del self._theirs[path]

    # problems

    def _invalid(self, field: Field, text: str) -> None:
        path = self.prefix + field.name
        if text:
            self._show(Problem("field.type", path, {"expected": field.type.value, "found": text}))
        else:
            self._clear_problem(path)

    def local_problems(self) -> list[Problem]:
        """Texts that cannot be read as the field's type: the draft still holds the value before."""
        return [
            Problem("field.type", self.prefix + n, {"expected": b.field.type.value, "found": b.adapter.invalid})
            for n, b in self.boxes.items()
            if b.adapter.invalid
        ]

    def set_problems(self, problems: Iterable[Problem]) -> None:
        """Show the problems of this form's fields beside them; those of before go."""
        self._problems.clear()
        for box in self.boxes.values():
            box.show_problem("")
        for problem in problems:
            self._show(problem)

    def _show(self, problem: Problem) -> None:
        box = self._box(problem.field)
        if box is not None and problem.field is not None:
            self._problems[problem.field] = problem
            box.show_problem(self.describe(problem), blocking=problem.blocking)

    def _clear_problem(self, path: str) -> None:
        self._problems.pop(path, None)
        box = self._box(path)
        if box is not None:
            box.show_problem("")

    def _box(self, path: str | None) -> FieldBox | None:
        if path is None or not path.startswith(self.prefix):
            return None
        return self.boxes.get(path.removeprefix(self.prefix))

    def owns(self, path: str | None) -> bool:
        """Whether PATH is one of this form's fields."""
        return self._box(path) is not None

    def describe(self, problem: Problem) -> str:
        """The sentence of a problem."""
        plain = problem.field.removeprefix(self.prefix) if problem.field else None
        return lookup.problem_text(dataclasses.replace(problem, field=plain), self.kind)

    def focus_path(self, path: str) -> bool:
        """Put the keyboard into a field; False when it is not here."""
        box = self._box(path)
        if box is None:
            return False
        target = box.adapter.widget
        target.setFocus(Qt.FocusReason.OtherFocusReason)
        return True
