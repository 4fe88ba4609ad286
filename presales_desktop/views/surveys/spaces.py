"""Needs by space: a list of spaces at the left, the chosen one as a card with quick values, questions and photos; or all as a table."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import Any
from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from presales_desktop.models.fields import Field, FieldType
from presales_desktop.models.standards import find, source, standard
from presales_desktop.models.survey_prompts import questions_of_room
from presales_desktop.models.surveys import CCTS, SPACE_FIELDS, SpaceDraft
from presales_desktop.services.attachments import AttachmentRow
from presales_desktop.texts import language, lookup, tr
from presales_desktop.texts import surveys as texts
from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit import tokens
from presales_desktop.views.kit.adapters import ChoiceBox, CustomAdapter
from presales_desktop.views.kit.basics import Elided, button, clear, column, icon_button, row, words
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.draft import Draft, copy_value
from presales_desktop.views.kit.form import Form
from presales_desktop.views.kit.line_table import LineColumn, LineTable
from presales_desktop.views.kit.row_button import RowButton
from presales_desktop.views.surveys.photos import PhotoStrip
from presales_desktop.views.surveys.quick import AnswerPills, ValuePills

_BY_NAME = {f.name: f for f in SPACE_FIELDS}
_RAS = ((80, "80"), (90, "90"), (95, "95"))
_LIST_WIDTH = 200
_CARDS_KEPT = 8


class RoomTypeBox(ChoiceBox):
    """The room types of the standard by group; `chosen(key)` by the user's hand."""

    chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumContentsLength(10)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.addItem(tr("未选择"), "")
        group = ""
        for key, room in standard().rows.items():
            if room.group != group:
                group = room.group
                self.insertSeparator(self.count())
            self.addItem(room.name(language()), key)
        self.activated.connect(lambda i: self.chosen.emit(str(self.itemData(i) or "")))

    def show_value(self, value: Any) -> None:
        """Show VALUE; what the standard does not know is shown as it is."""
        place = self.findData(value or "")
        if place < 0:
            self.addItem(str(value), value)
            place = self.count() - 1
        self.setCurrentIndex(place)


def defaults_of(room_type: str) -> dict[str, Any]:
    """What the standard proposes for a room type: illuminance, Ra, glare."""
    row_ = find(room_type)
    if row_ is None:
        return {}
    glare = str(row_.ugr) if row_.ugr is not None else ""
    return {"target_lux": round(row_.lux), "ra": row_.ra, "glare": glare}


class SpaceCard(QFrame):
    """One space of the draft at INDEX. `build()` makes it, in parts: what is below the first fields may wait for a turn of the loop."""

    def __init__(self, ctx: ViewContext, draft: Draft, index: int, saved: Callable[[], Awaitable[UUID | None]]) -> None:
        super().__init__()
        self._draft, self.index = draft, index
        self.prefix = f"spaces.{index}."
        self.setObjectName("survey.space.card")
        self._ctx, self._saved = ctx, saved
        self._proposed: dict[str, Any] = {}

    def build(self) -> Iterator[None]:
        """The card's fields, then quick values, questions and photos."""
        ctx, draft = self._ctx, self._draft
        types = RoomTypeBox()
        self._type = CustomAdapter(types, types.show_value, types.chosen)
        facts = ("name", "room_type", "area_m2", "height_m", "target_lux", "cct_k", "ra", "glare", "budget_fen")
        self.form = Form(
            ctx, draft, [_BY_NAME[n] for n in facts], "survey_space", columns=3, prefix=self.prefix,
            adapters={"room_type": self._type},
        )  # fmt: skip
        inner = QVBoxLayout(self)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(8)
        inner.addWidget(self.form)
        yield
        # Dimming is chosen by its pills; as a field it only shows what was chosen once nothing can be changed any more.
        self.more = Form(
            ctx, draft, [_BY_NAME[n] for n in ("dimming", "style", "functions", "notes")], "survey_space", columns=1,
            prefix=self.prefix,
        )  # fmt: skip
        self.more.set_visible("dimming", False)
        types.chosen.connect(self._take_defaults)
        self._standard = words("", "small", wrap=True)
        self._questions = words("", "faint", wrap=True)
        ccts = [(k, f"{k} K") for k in CCTS]
        dimmings = [(v, tr(w)) for v, w in texts.DIMMINGS.items()]
        self._quick = (
            ("色温", ValuePills(draft, f"{self.prefix}cct_k", ccts)),
            ("显色指数", ValuePills(draft, f"{self.prefix}ra", _RAS)),
            ("调光", ValuePills(draft, f"{self.prefix}dimming", dimmings, "")),
            ("风格", AnswerPills(draft, f"{self.prefix}style", "style")),
        )
        yield
        self.photos = PhotoStrip(ctx, self._saved, "survey.space.photos")
        self.photos.of_space(self._space_id)
        inner.addWidget(self._standard)
        self._labels = []
        for word, pills in self._quick:
            label = words(tr(word), "small")
            label.setFixedWidth(64 if language() == "zh" else 116)
            label.setFixedHeight(26)
            pills.setAccessibleName(tr(word))
            self._labels.append(label)
            line = row(label, pills, gap=6)
            line.setAlignment(label, Qt.AlignmentFlag.AlignTop)
            inner.addLayout(line)
        inner.addWidget(self.more)
        inner.addWidget(self._questions)
        inner.addWidget(words(tr("现场照片"), "small"))
        inner.addWidget(self.photos)
        inner.addStretch(1)
        draft.changed.connect(self._changed)
        self.show_standard()

    def _space(self) -> SpaceDraft | None:
        spaces = self._draft.value.spaces
        return spaces[self.index] if self.index < len(spaces) else None

    def _space_id(self) -> UUID | None:
        space = self._space()
        return space.id if space is not None else None

    def _changed(self, path: str) -> None:
        if path == f"{self.prefix}room_type":
            self.show_standard()

    def _take_defaults(self, room_type: str) -> None:
        """The standard's values go into what is empty or still as it was proposed for another type, as one step with the choice."""
        space = self._space()
        if space is None or self._draft.read_only:
            return
        proposed = defaults_of(room_type)
        changes = {}
        for name, value in proposed.items():
            now = getattr(space, name)
            untouched = now in (None, "") or (name in self._proposed and now == self._proposed[name])
            if untouched and now != value and not (now in (None, "") and value in (None, "")):
                changes[name] = value
        self._proposed = proposed
        if changes:
            with self._draft.macro(tr("按标准填写")):
                for name, value in changes.items():
                    self._draft.set(f"{self.prefix}{name}", value, merge=False)

    def show_standard(self) -> None:
        """What the standard asks of the room's type, and what to ask the customer."""
        space = self._space()
        room = find(space.room_type) if space is not None else None
        said = ""
        if room is not None:
            parts = [fmt.lux(room.lux), f"Ra ≥ {room.ra}" if room.ra else "", f"UGR ≤ {room.ugr}" if room.ugr else ""]
            said = tr("标准：{values}（{source}）", values=" · ".join(p for p in parts if p), source=source(room))
        self._standard.setText(said)
        self._standard.setVisible(bool(said))
        asked = questions_of_room(space.room_type if space is not None else "", language())
        self._questions.setText(tr("可以这样问：{questions}", questions="　".join(asked)))

    def set_read_only(self, on: bool) -> None:
        """Frozen in a report."""
        self.photos.set_read_only(on)
        self._questions.setVisible(not on)
        for label, (_, pills) in zip(self._labels, self._quick, strict=True):
            label.setVisible(not on)
            pills.setVisible(not on)
        self.more.set_visible("dimming", on)


class Spaces(QWidget):
    """All spaces; `current` is the index of the one whose card is shown."""

    def __init__(self, ctx: ViewContext, draft: Draft, saved: Callable[[], Awaitable[UUID | None]]) -> None:
        super().__init__()
        self._ctx, self._draft, self._saved = ctx, draft, saved
        self.current = 0
        self.card: SpaceCard | None = None
        self.table: LineTable | None = None
        self._rows: tuple[AttachmentRow, ...] = ()
        self._read_only = False
        self._buttons: list[RowButton] = []
        self._list = column(gap=2)
        self._list.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._add = button(tr("添加空间"), self.add, look="link", icon="plus", name="survey.space.add")
        left = QWidget()
        left.setFixedWidth(_LIST_WIDTH)
        side = QVBoxLayout(left)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(4)
        side.addLayout(self._list)
        side.addWidget(self._add, 0, Qt.AlignmentFlag.AlignLeft)
        side.addStretch(1)
        self._place = QVBoxLayout()
        self._place.setContentsMargins(0, 0, 0, 0)
        self._kept: list[SpaceCard] = []
        self._hint = words(tr("一个空间一张卡：名称、面积、照度、色温、预算和照片。"), "secondary", wrap=True)
        self._hint.hide()
        self._place.addWidget(self._hint, 0, Qt.AlignmentFlag.AlignTop)
        self._tools = QWidget()
        self._tools.hide()
        self._tools.setLayout(
            row(
                None,
                icon_button("copy", tr("复制这个空间"), self.duplicate, name="survey.space.copy"),
                icon_button("arrow-up", tr("上移"), lambda: self.shift(-1), name="survey.space.up"),
                icon_button("arrow-down", tr("下移"), lambda: self.shift(1), name="survey.space.down"),
                icon_button("trash-2", tr("删除这个空间"), self.remove, name="survey.space.remove"),
                gap=2,
            )
        )
        self._place.addWidget(self._tools)
        cards = QWidget()
        both = QHBoxLayout(cards)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(tokens.GAP)
        both.addWidget(left)
        both.addWidget(_vertical())
        both.addLayout(self._place, 1)
        self._cards = cards
        self._whole = QVBoxLayout(self)
        self._whole.setContentsMargins(0, 0, 0, 0)
        self._whole.addWidget(cards)
        self.toggle = button(tr("表格"), self.switch, look="quiet", icon="table", name="survey.spaces.table")
        self.toggle.setCheckable(True)
        self.toggle.setToolTip(tr("在卡片和表格之间切换"))
        draft.changed.connect(self._changed)
        draft.structure_changed.connect(lambda path: self.rebuild() if path == "spaces" else None)
        draft.replaced.connect(self.rebuild)

    # the list

    def fill(self) -> Iterator[None]:
        """List and card for the first time, in parts."""
        self._list_spaces()
        yield
        yield from self._make_card()

    def rebuild(self) -> None:
        """Spaces came, went or moved: list and card anew."""
        self._list_spaces()
        self._show_card()

    def _list_spaces(self) -> None:
        spaces = self._draft.value.spaces
        self.current = max(0, min(self.current, len(spaces) - 1))
        clear(self._list)
        self._buttons = []
        for i, space in enumerate(spaces):
            self._list.addWidget(self._entry(i, space))

    def _entry(self, i: int, space: SpaceDraft) -> RowButton:
        made = RowButton(space.name or tr("未命名空间"), partial(self.choose, i))
        made.setObjectName(f"survey.space.{i}")
        inner = QVBoxLayout(made)
        inner.setContentsMargins(8, 5, 6, 5)
        inner.setSpacing(0)
        title = Elided(space.name or tr("未命名空间"), "strong" if i == self.current else "")
        inner.addLayout(row(title, gap=4))
        facts = " · ".join(
            p for p in (
                fmt.number(space.area_m2, "m²") if space.area_m2 else "",
                fmt.lux(space.target_lux) if space.target_lux else "",
            ) if p
        )  # fmt: skip
        inner.addWidget(Elided(facts or tr("还没有数据"), "small" if facts else "faint"))
        self._buttons.append(made)
        return made

    def _changed(self, path: str) -> None:
        parts = path.split(".")
        if parts[0] == "spaces" and len(parts) == 3 and parts[2] in ("name", "area_m2", "target_lux"):
            self._refresh_entry(int(parts[1]))

    def _refresh_entry(self, i: int) -> None:
        spaces = self._draft.value.spaces
        if i < len(spaces) and i < len(self._buttons):
            old = self._buttons[i]
            made = self._entry(i, spaces[i])
            self._buttons.pop()
            self._buttons[i] = made
            self._list.removeWidget(old)
            self._list.insertWidget(i, made)
            old.hide()
            old.deleteLater()

    def choose(self, i: int) -> None:
        """Show the card of space I."""
        before, self.current = self.current, i
        for place in (before, i):
            self._refresh_entry(place)
        self._show_card()
        if i < len(self._buttons):
            self._buttons[i].setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_card(self) -> None:
        if self.card is not None and self.card.index == self.current and self.current < len(self._draft.value.spaces):
            self._load_card(self.card)
            return
        for _ in self._make_card():
            pass

    def _load_card(self, card: SpaceCard) -> None:
        card.form.load()
        card.more.load()
        card.show_standard()
        self._show_photos()

    def _make_card(self) -> Iterator[None]:
        """The card of the current space: one that was shown before comes back with today's values, else it is made in parts."""
        self.card = None
        spaces = self._draft.value.spaces
        for card in self._kept:
            card.hide()
        self._hint.setVisible(not spaces)
        self._tools.setVisible(bool(spaces) and not self._read_only)
        if not spaces:
            return
        made = next((card for card in self._kept if card.index == self.current), None)
        if made is None:
            made = SpaceCard(self._ctx, self._draft, self.current, self._saved)
            # Into the layout first: a widget without a parent that is shown becomes a window for a moment.
            self._place.addWidget(made)
            yield from made.build()
            made.photos.changed.connect(self.photos_changed)
            self._kept.append(made)
            if len(self._kept) > _CARDS_KEPT:
                self._drop(self._kept[0])
        else:
            self._load_card(made)
        made.form.set_read_only(self._read_only)
        made.more.set_read_only(self._read_only)
        made.set_read_only(self._read_only)
        made.show()
        self.card = made
        self._show_photos()

    def _drop(self, card: SpaceCard) -> None:
        self._kept.remove(card)
        self._place.removeWidget(card)
        card.hide()
        card.deleteLater()

    photos_changed = Signal()

    # what can be done

    def add(self) -> None:
        """A new space, its name ready to be typed."""
        self.current = len(self._draft.value.spaces)
        self._draft.append("spaces", SpaceDraft())
        if self.card is not None:
            self.card.form.focus_path(f"{self.card.prefix}name")

    def duplicate(self) -> None:
        """A copy of the current space under a name of its own."""
        space = copy_value(self._draft.value.spaces[self.current])
        space.id, space.name = None, tr("{name}（副本）", name=space.name)
        self.current += 1
        self._draft.insert("spaces", self.current, space)

    def remove(self) -> None:
        """Take the current space away; needs that named it belong to the whole. One step for undo."""
        name = self._draft.value.spaces[self.current].name.strip()
        with self._draft.macro(tr("删除空间")):
            for i, need in enumerate(self._draft.value.needs):
                if name and need.space.strip() == name:
                    self._draft.set(f"needs.{i}.space", "", merge=False)
            self.card = None
            self._draft.remove("spaces", self.current)

    def shift(self, step: int) -> None:
        """Move the current space up or down."""
        to = self.current + step
        if 0 <= to < len(self._draft.value.spaces):
            from_, self.current = self.current, to
            self._draft.move("spaces", from_, to)

    def switch(self) -> None:
        """Cards or table."""
        if self.table is None:
            self.table = LineTable(
                self._ctx, self._draft, "spaces", _table_columns(), kind="survey_space", new_row=SpaceDraft, fit=14
            )
            self.table.setObjectName("survey.spaces.grid")
            self.table.set_read_only(self._read_only)
            self._whole.addWidget(self.table)
        self._cards.setVisible(not self.toggle.isChecked())
        self.table.setVisible(self.toggle.isChecked())
        if self.toggle.isChecked():
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_path(self, path: str) -> bool:
        """Bring the card of a path's space up before it gets the keyboard."""
        parts = path.split(".")
        if parts[0] != "spaces" or len(parts) < 2 or not parts[1].isdigit():
            return False
        if int(parts[1]) != self.current:
            self.choose(int(parts[1]))
        return True

    def set_read_only(self, on: bool) -> None:
        """Frozen in a report."""
        self._read_only = on
        self._add.setVisible(not on)
        if self.card is not None:
            self.card.set_read_only(on)
            self._tools.setVisible(not on)

    def set_photos(self, rows: tuple[AttachmentRow, ...]) -> None:
        """Photos of all spaces."""
        self._rows = rows
        self._show_photos()

    def _show_photos(self) -> None:
        spaces = self._draft.value.spaces
        if self.card is not None and self.card.index < len(spaces):
            own = spaces[self.card.index].id
            self.card.photos.set_rows([p for p in self._rows if own is not None and p.record_id == own])


def _vertical() -> QFrame:
    made = QFrame()
    made.setProperty("look", "line-v")
    return made


def _table_columns() -> tuple[LineColumn, ...]:
    widths = {"name": 130, "room_type": 150, "dimming": 100, "glare": 100, "budget_fen": 110, "style": 140}
    names = (
        "name",
        "room_type",
        "area_m2",
        "height_m",
        "target_lux",
        "cct_k",
        "ra",
        "dimming",
        "glare",
        "budget_fen",
        "style",
    )
    return tuple(_column(_BY_NAME[name], widths.get(name, 74)) for name in names)


def _column(field: Field, width: int) -> LineColumn:
    choices = tuple(standard().rows) if field.name == "room_type" else field.choices
    kind = FieldType.CHOICE if field.name == "room_type" else field.type
    return LineColumn(
        field.name, lookup.kinds()["survey_space"].labels[field.name], kind, width, choices=choices, unit=field.unit,
        places=field.places, stretch=field.name == "name", strong=field.name == "name",
    )  # fmt: skip
