"""Fields that find records while typing: RecordPicker (customers, products, users …) and its base LookupEdit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit

from presales_desktop.services import search, users
from presales_desktop.services.listing import ListQuery
from presales_desktop.texts import lookup, tr
from presales_desktop.views.kit import icons, jobs
from presales_desktop.views.kit.basics import icon_button
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.popup import Choice, PopupList
from presales_desktop.views.kit.typed_edits import DatePicker, MomentEdit, MoneyEdit, NumberEdit, PercentEdit

__all__ = [
    "Choice", "DatePicker", "LookupEdit", "MomentEdit", "MoneyEdit", "NumberEdit", "PercentEdit", "RecordPicker", "find_records",
]  # fmt: skip

Find = Callable[[str], Awaitable[Sequence[Choice]]]

_TYPING_MS = 90


async def find_records(ctx: ViewContext, kind: str, text: str, limit: int = 30) -> list[Choice]:
    """Records of KIND that TEXT finds (nothing typed: those that changed last); active users for "user"."""
    if kind == "user":
        query = ListQuery(search=text, filters=(("active", "true"),), sort="name", limit=limit)
        page = await ctx.db.run(users.list_rows, query)
        return [Choice(u.id, u.name, lookup.choice("user", "department", u.department)) for u in page.rows]
    hits = await ctx.db.run(search.living, text, limit, kind)
    return [Choice(hit.id, hit.title, hit.subtitle) for hit in hits]


class LookupEdit(QLineEdit):
    """Type to find. `picked(Choice | None)`: chosen by the user, None when emptied; FREE: other text is allowed, `typed(str)`.

    Without FREE, text that was not chosen goes back to the last choice when the focus leaves.
    """

    picked = Signal(object)
    typed = Signal(str)

    def __init__(self, find: Find, *, free: bool = False) -> None:
        super().__init__()
        self._find, self._free = find, free
        self.mark_first = not free
        self.foot = ""  # stands under the choices
        self._current: Choice | None = None
        self._touched = False
        self._asked = 0
        self._popup = PopupList(self)
        self._popup.chosen.connect(self._take)
        self._later = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._later.timeout.connect(self.look_up)
        self.textEdited.connect(self._on_typing)

    @property
    def current(self) -> Choice | None:
        """What is chosen."""
        return self._current

    @property
    def popup(self) -> PopupList:
        """The list under the field."""
        return self._popup

    @property
    def typing(self) -> bool:
        """Whether something is being looked up here."""
        return self.hasFocus() and (self._touched or self._popup.is_open)

    def show_choice(self, choice: Choice | None) -> None:
        """Show a choice without telling anybody."""
        self._current = choice
        self._touched = False
        self.setText(choice.title if choice else "")
        self.setCursorPosition(0)
        self.setToolTip(choice.title if choice and len(choice.title) > 24 else "")

    def _on_typing(self, text: str) -> None:
        self._touched = True
        if self._free:
            self.typed.emit(text)
        self._later.start()

    def look_up(self) -> None:
        """Ask for what the text finds and show it."""
        self._later.stop()
        if self.isReadOnly():
            return
        self._asked += 1
        text = self.text() if self._touched else ""  # opened without typing: everything is offered
        jobs.start(self, self._ask(text.strip(), self._asked))

    async def _ask(self, text: str, number: int) -> None:
        found = await self._find(text)
        if number != self._asked or not (self.hasFocus() or self._popup.is_open):
            return
        choices = [*found, *self.further(text)]
        hint = self.foot if choices else (tr("没有找到“{text}”", text=text) if text else self.nothing_yet())
        self._popup.show_choices(choices, hint, mark_first=self.mark_first)

    def further(self, text: str) -> Sequence[Choice]:
        """Choices after those that were found (新建 …)."""
        return ()

    def nothing_yet(self) -> str:
        """What stands there when nothing was typed and there is nothing to offer."""
        return tr("输入名称、编号或拼音首字母")

    def _take(self, choice: Choice) -> None:
        self._asked += 1
        self._later.stop()
        self.show_choice(choice)
        self.picked.emit(choice)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._popup.handle_key(event):
            event.accept()
            return
        if event.key() == Qt.Key.Key_Down and not self.isReadOnly():
            self.look_up()
            return
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if not self.isReadOnly() and not self._popup.is_open:
            self.selectAll()
            self.look_up()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self.settle()
        super().focusOutEvent(event)

    def settle(self) -> None:
        """End of typing: an emptied field chooses nothing, half-typed text goes back (unless FREE)."""
        self._asked += 1
        self._later.stop()
        self._popup.hide()
        text = self.text().strip()
        if not text and self._current is not None:
            self._current = None
            self.setToolTip("")
            self.picked.emit(None)
        elif not self._free and text != (self._current.title if self._current else ""):
            self.show_choice(self._current)


class RecordPicker(LookupEdit):
    """A record of KIND. `chosen(UUID | None)` by the user; `set_value(UUID | None)` shows its title.

    FIND: async callable(text) → choices, instead of the search over all of the kind. CREATE(text): offered as 新建“text”.
    """

    chosen = Signal(object)

    def __init__(
        self,
        ctx: ViewContext,
        kind: str,
        *,
        find: Find | None = None,
        create: Callable[[str], Any] | None = None,
    ) -> None:
        super().__init__(find or (lambda text: find_records(ctx, kind, text)))
        self._ctx, self._kind, self._create = ctx, kind, create
        self.setPlaceholderText(tr("查找{kind}", kind=lookup.kind_noun(kind)) if kind != "user" else tr("查找同事"))
        self.picked.connect(self._on_picked)
        self.setTextMargins(0, 0, 20, 0)
        self._link = icon_button("external-link", tr("打开"), self.open_record, shortcut="Alt+Return")
        self._link.setParent(self)
        self._link.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._link.setCursor(Qt.CursorShape.ArrowCursor)
        self._link.setIconSize(icons.size(14))
        self._link.setStyleSheet("QToolButton { border: none; background: transparent; padding: 0; min-height: 0; }")
        self._link.hide()

    @property
    def value(self) -> UUID | None:
        """The chosen record."""
        return self.current.value if self.current else None

    def set_value(self, value: UUID | None) -> None:
        """Show a record; its title comes from the search index."""
        if value == self.value:
            return
        self.show_choice(None if value is None else Choice(value, "…"))
        self._link.setVisible(value is not None and self._kind != "user")
        if value is not None:
            jobs.start(self, self._fetch_title(value))

    async def _fetch_title(self, value: UUID) -> None:
        found = await self._ctx.db.run(search.titles, [(self._kind, value)])
        if self.value == value:
            self.show_choice(Choice(value, found.get((self._kind, value), tr("（已删除）"))))

    def further(self, text: str) -> Sequence[Choice]:
        if self._create is None or not text:
            return ()
        return (Choice(None, tr("新建“{text}”", text=text), extra=text),)

    def _on_picked(self, choice: Choice | None) -> None:
        if choice is not None and choice.value is None and self._create is not None:
            self.show_choice(None)
            self._create(str(choice.extra))
            return
        self._link.setVisible(choice is not None and self._kind != "user")
        self.chosen.emit(choice.value if choice else None)

    def open_record(self) -> None:
        """Open the record's editor."""
        if self.value is not None and self._kind != "user":
            self._ctx.nav.open(self._kind, self.value)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Return and event.modifiers() & Qt.KeyboardModifier.AltModifier:
            self.open_record()
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._link.setGeometry(self.width() - 26, (self.height() - 20) // 2, 20, 20)
