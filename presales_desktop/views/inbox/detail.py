"""One entry of the inbox: a sentence, mine, theirs and what it was, field by field, and what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QGridLayout, QLabel, QPushButton, QScrollArea, QWidget

from presales_desktop.models.fields import Field
from presales_desktop.services import registry
from presales_desktop.texts import lookup, tr
from presales_desktop.views.inbox import words as said
from presales_desktop.views.kit import shortcuts
from presales_desktop.views.kit.basics import Elided, button, clear, column, frame, line, row, words
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.states import Chip, EmptyState

if TYPE_CHECKING:
    from presales_desktop.services.syncing import InboxItem

KEYS = {
    "take_theirs": "Ctrl+Return",
    "reapply_mine": "Ctrl+Shift+Return",
    "edit": "Ctrl+E",
    "ask_owner": "Ctrl+Shift+M",
    "settle": "Ctrl+D",
}


def fields_of(kind: str) -> dict[str, Field]:
    """The fields of a kind by name, for reading values; parts are read by the fields of their whole's list."""
    if kind in registry.names():
        return {field.name: field for field in registry.kind(kind).fields}
    for whole in registry.names():
        found = registry.kind(whole)
        for name, fields in found.parts.items():
            if lookup.part_kind(whole, name) == kind:
                return {field.name: field for field in fields}
    return {}


class InboxDetail(QFrame):
    """`chosen(choice, names of the ticked fields)`; `open_record()`; `whole(choice)`: the same for all of the commit."""

    chosen = Signal(str, object)
    open_record = Signal()
    whole = Signal(str)

    def __init__(self, ctx: ViewContext) -> None:
        super().__init__()
        self.ctx = ctx
        self.item: InboxItem | None = None
        self.fields: dict[str, Field] = {}
        self.ticks: dict[str, QCheckBox] = {}
        self.buttons: dict[str, QPushButton] = {}
        self.setProperty("look", "sheet")
        self.setObjectName("inbox.detail")
        self._empty = EmptyState("inbox", tr("选一条看看"), tr("左边选中一条，这里会列出两边的内容。"))
        self._title = Elided("", "section")
        self._title.setObjectName("inbox.title")
        self._chip = Chip()
        self._sentence = words("", wrap=True, selectable=True)
        self._sentence.setObjectName("inbox.sentence")
        self._reason = words("", "bad", wrap=True, selectable=True)
        self._reason.setObjectName("inbox.reason")
        self._open = button(tr("打开记录"), self.open_record.emit, look="link", icon="external-link", name="inbox.open")
        self._grid_holder = QWidget()
        self._grid_holder.setObjectName("inbox.fields")
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFrameShape(QFrame.Shape.NoFrame)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setWidget(self._grid_holder)
        self._foot = row(gap=6, margins=(16, 8, 16, 8))
        self._more = row(gap=6, margins=(16, 0, 16, 10))
        self._settled = words("", "secondary")
        self._body = QWidget()
        body = column(gap=0)
        head = column(gap=4, margins=(16, 12, 16, 10))
        head.addLayout(row(self._chip, self._title, self._open))
        head.addWidget(self._sentence)
        head.addWidget(self._reason)
        body.addLayout(head)
        body.addWidget(line())
        body.addWidget(self._area, 1)
        body.addWidget(line())
        body.addLayout(self._foot)
        body.addLayout(self._more)
        self._body.setLayout(body)
        whole = column(self._empty, self._body, gap=0)
        self.setLayout(whole)
        self.show_item(None)

    # showing

    def show_item(self, item: InboxItem | None) -> None:
        """Everything of an entry; None: nothing is chosen."""
        self.item = item
        self._empty.setVisible(item is None)
        self._body.setVisible(item is not None)
        if item is None:
            return
        entry = item.row
        self.fields = fields_of(entry.record_kind)
        self._title.setText(f"{lookup.kind_title(entry.record_kind)} · {entry.title}" if entry.title else lookup.kind_title(entry.record_kind))  # fmt: skip
        self._chip.set(*said.chip(entry))
        self._sentence.setText(said.headline(item))
        why = said.reason(entry)
        self._reason.setText(why)
        self._reason.setVisible(bool(why))
        self._open.setVisible(not item.gone and entry.kind != "revoked")
        self._show_fields(item)
        self._show_choices(item)

    def _show_fields(self, item: InboxItem) -> None:
        self._grid_holder = QWidget()
        self._grid_holder.setObjectName("inbox.fields")
        self.ticks = {}
        grid = QGridLayout(self._grid_holder)
        grid.setContentsMargins(16, 10, 16, 12)
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(8)
        theirs = item.row.kind == "conflict"
        titles = ["", tr("我的"), *([tr("对方的")] if theirs else []), tr("原来")]
        for at, title in enumerate(titles):
            grid.addWidget(words(title, "group"), 0, at)
            grid.setColumnStretch(at, 0 if at == 0 else 1)
        grid.setColumnMinimumWidth(0, 120)
        pick = "reapply_mine" in item.choices and item.row.state != "settled"
        for n, field in enumerate(item.fields, 1):
            word = lookup.label(item.row.record_kind, field.name)
            tick = QCheckBox(word) if pick else None
            if tick is not None:
                tick.setChecked(True)
                tick.setObjectName(f"inbox.tick.{field.name}")
                tick.setToolTip(tr("勾选的内容会重新提交"))
                self.ticks[field.name] = tick
            grid.addWidget(tick or words(word, "secondary"), n, 0, Qt.AlignmentFlag.AlignTop)
            values = [field.mine, *([field.theirs] if theirs else []), field.base]
            for at, value in enumerate(values, 1):
                last = at == len(values)
                grid.addWidget(self._value(item, field.name, value, changed=not last and value != field.base), n, at)
        if not item.fields:
            grid.addWidget(words(tr("没有可以对照的内容。"), "secondary"), 1, 0, 1, len(titles))
        grid.setRowStretch(len(item.fields) + 2, 1)
        self._area.setWidget(self._grid_holder)  # the one of before goes with this

    def _value(self, item: InboxItem, name: str, value: object, *, changed: bool) -> QWidget:
        """A value; what differs from what it was stands on a ground."""
        text = words(said.value(item.row.record_kind, name, value, self.fields), "" if changed else "secondary", wrap=True, selectable=True)  # fmt: skip
        text.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        if not changed:
            text.setContentsMargins(8, 4, 8, 4)
            return text
        ground = frame("well")
        ground.setLayout(column(text, margins=(8, 4, 8, 4)))
        return ground

    def _show_choices(self, item: InboxItem) -> None:
        clear(self._foot)
        clear(self._more)
        self.buttons = {}
        if item.row.state == "settled":
            self._foot.addWidget(words(tr("已处理。"), "secondary"))
            return
        first = True
        for name in item.choices:
            verb, tip = said.CHOICES[name]
            made = button(
                tr(verb), partial(self.choose, name), look="primary" if first else "", name=f"inbox.{name}",
                tip=f"{tr(tip)}  {shortcuts.shown(KEYS[name])}",
            )  # fmt: skip
            made.setAccessibleDescription(tr(tip))
            first = False
            self.buttons[name] = made
            self._foot.addWidget(made)
        self._foot.addStretch(1)

    def show_company(self, count: int) -> None:
        """COUNT entries came of the same save: they can be settled at once."""
        clear(self._more)
        item = self.item
        if item is None or count < 2 or item.row.state == "settled":
            return
        self._more.addWidget(words(tr("同一次保存还有 {n} 项：", n=count - 1), "small"))
        for name in ("take_theirs", "reapply_mine", "settle"):
            if name in item.choices:
                title = {"take_theirs": tr("全部采用对方"), "reapply_mine": tr("全部重新提交我的"), "settle": tr("全部知道了")}[name]  # fmt: skip
                self._more.addWidget(
                    button(title, partial(self.whole.emit, name), look="link", name=f"inbox.all.{name}")
                )
        self._more.addStretch(1)

    # doing

    def ticked(self) -> Sequence[str]:
        """Names of the ticked fields; () stands for all of them."""
        names = [name for name, tick in self.ticks.items() if tick.isChecked()]
        return () if len(names) == len(self.ticks) else tuple(names)

    def choose(self, choice: str) -> None:
        """A button or its key."""
        item = self.item
        if item is None or item.row.state == "settled" or choice not in item.choices:
            return
        if choice == "reapply_mine" and self.ticks and not any(t.isChecked() for t in self.ticks.values()):
            self.ctx.nav.toast(tr("请至少勾选一项。"))
            return
        self.chosen.emit(choice, self.ticked())

    def labels(self) -> list[QLabel]:
        """Every text of the comparison (tests)."""
        return self._grid_holder.findChildren(QLabel)


__all__ = ["KEYS", "InboxDetail", "fields_of"]
