"""What is other since the last revision, and what reviewers remarked on single lines: in a panel, and in colour in the table."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from presales_desktop.models.quote_diff import LINE_FACTS, Fact, LineChange
from presales_desktop.services import quote_changes
from presales_desktop.services.quote_changes import LineRemark, QuoteSince
from presales_desktop.texts import lookup, tr
from presales_desktop.views.kit import dialogs, events, jobs, shortcuts
from presales_desktop.views.kit import format as formats
from presales_desktop.views.kit.basics import button, clear, column, row, words
from presales_desktop.views.kit.panels import RowButton, SidePanel
from presales_desktop.views.kit.states import Chip

if TYPE_CHECKING:
    from presales_desktop.views.quotes.editor import QuoteEditor

HOW: Final = {"added": ("新增", "good"), "removed": ("删去", "bad"), "changed": ("修改", "amber")}
MAX_SHOWN: Final = 60


def value_text(name: str, value: Any) -> str:
    """A value as a person reads it."""
    if value is None or value == "":
        return "—"
    if name.endswith("_fen"):
        return formats.money(int(value))
    if name in ("discount_percent", "tax_rate"):
        return formats.percent(value)
    if name in ("type", "currency", "language"):
        return lookup.choice("quote_line" if name == "type" else "quote", name, str(value))
    if isinstance(value, bool):
        return tr("是") if value else tr("否")
    return formats.number(value) if name == "quantity" else str(value)


def fact_text(fact: Fact, kind: str = "quote_line") -> str:
    """单价 ¥120.00 → ¥98.00."""
    return f"{lookup.label(kind, fact.name)} {value_text(fact.name, fact.before)} → {value_text(fact.name, fact.after)}"


class Marks:
    """Which rows and cells of the table stand out: by the id of the line, against its values in the revision before."""

    def __init__(self) -> None:
        self._old: dict[UUID, Any] = {}
        self._compared = False
        self._said: dict[UUID, str] = {}

    def take(self, found: QuoteSince | None, rows: list[Any]) -> None:
        """The revision before, line by line; ROWS as they were read with it."""
        self._old, self._said, self._compared = {}, {}, False
        if found is None:
            return
        if found.diff is not None:
            self._compared = True
            self._old = {
                rows[new].id: found.old_lines[old] for new, old in found.diff.pairs.items() if new < len(rows) and rows[new].id
            }  # fmt: skip
        for remark in found.remarks:
            if remark.place is not None and remark.place < len(rows) and rows[remark.place].id:
                line = f"{events.step_word(remark.step)} {remark.who}：{remark.text}"
                before = self._said.get(rows[remark.place].id)
                self._said[rows[remark.place].id] = f"{before}\n{line}" if before else line

    def tone(self, line: Any, name: str) -> str:
        """ "good" for a new line, "amber" for a value that is other, "bad" for a remark on an unchanged line, else ""."""
        if not self._compared and not self._said:
            return ""
        old = self._old.get(line.id) if line.id is not None else None
        if name == "name":
            if self._compared and old is None:
                return "good"
            if line.id in self._said and not (old is not None and self._differs(line, old)):
                return "bad"
        return "amber" if old is not None and getattr(old, name) != getattr(line, name) else ""

    def tip(self, line: Any, name: str) -> str:
        """The old value, and on the name what was remarked."""
        old = self._old.get(line.id) if line.id is not None else None
        said = [self._said[line.id]] if name == "name" and line.id in self._said else []
        if old is not None and getattr(old, name) != getattr(line, name):
            said.append(tr("上一版：{value}", value=value_text(name, getattr(old, name))))
        return "\n".join(said)

    @staticmethod
    def _differs(line: Any, old: Any) -> bool:
        return any(getattr(line, n) != getattr(old, n) for n in LINE_FACTS)


class SincePanel(SidePanel):
    """Changes of terms and lines, remarks with whether they were answered; a click leads to the line. `pending`: what the reviewer
    at the screen has remarked and not handed in yet."""

    def __init__(self, page: QuoteEditor) -> None:
        super().__init__(tr("版本变化与批注"), key="quote.since")
        self.setObjectName("quote.since")
        self._page = page
        self.pending: dict[UUID, str] = {}
        self._asked = 0
        self.texts: list[str] = []
        self._list = column(gap=4)
        self.body.addLayout(self._list)
        self._add = button(
            tr("批注当前行…"), lambda: page.run(self.remark), look="link", icon="message-square", name="quote.remark.add",
            tip="Ctrl+M",
        )  # fmt: skip
        self.body.addLayout(row(self._add, None))
        shortcuts.register(page, "Ctrl+M", tr("批注当前行"), lambda: page.run(self.remark) if self.may_remark else None)
        self.hide()

    @property
    def may_remark(self) -> bool:
        """Only who decides now remarks."""
        return self._page.approvals.can_decide

    def load(self, quote_id: UUID | None) -> None:
        """Read it after the page stands; what was asked before is dropped."""
        self._asked += 1
        if quote_id is None:
            self._show(None)
            return
        jobs.start(self, self._read(quote_id, self._asked))

    async def _read(self, quote_id: UUID, asked: int) -> None:
        found = await self._page.ctx.db.run(quote_changes.since_last, quote_id)
        if asked == self._asked:
            self._show(found)

    def _show(self, found: QuoteSince | None) -> None:
        page = self._page
        page.marks.take(found, list(page.draft.value.lines) if page.draft.value is not None else [])
        page.lines.viewport().update()
        clear(self._list)
        self.texts = []
        self.set_note(tr("和 R{n} 相比", n=found.revision) if found is not None and found.diff is not None else "")
        for line_id, text in self.pending.items():
            self._list.addWidget(self._pending_row(line_id, text))
        for remark in found.remarks if found is not None else ():
            self._list.addWidget(self._remark_row(remark))
        self._changes(found)
        self._add.setVisible(self.may_remark)
        self.setVisible(bool(self.texts) or self.may_remark or bool(self.pending))

    def _changes(self, found: QuoteSince | None) -> None:
        if found is None or found.diff is None:
            return
        if found.diff.same:
            self._say(words(tr("和 R{n} 相比没有变化。", n=found.revision), "small"), tr("没有变化"))
        for fact in found.diff.head:
            said = fact_text(fact, "quote")
            self._say(words(said, "small", wrap=True), said)
        for change in found.diff.lines[:MAX_SHOWN]:
            self._list.addWidget(self._change_row(change))
        more = len(found.diff.lines) - MAX_SHOWN
        if more > 0:
            said = tr("还有 {n} 行有变化，在表中以颜色标出。", n=more)
            self._say(words(said, "faint", wrap=True), said)

    def _say(self, widget: QWidget, said: str) -> None:
        self.texts.append(said)
        self._list.addWidget(widget)

    def _change_row(self, change: LineChange) -> QWidget:
        word, tone = HOW[change.how]
        facts = "；".join(fact_text(f) for f in change.facts)
        head = change.name or tr("（未命名）")
        if change.place is not None:
            head = f"{self._number(change.place)}{head}"
        return self._row(head, facts, (tr(word), tone), partial(self._go, change.place))

    def _remark_row(self, remark: LineRemark) -> QWidget:
        if remark.place is None:
            chip = (tr("已删去"), "neutral")
        else:
            chip = (tr("已修改"), "good") if remark.changed else (tr("未修改"), "amber")
        who = f"{events.step_word(remark.step)} {remark.who}"
        return self._row(
            f"{self._number(remark.place)}{remark.name}", f"{who}：{remark.text}", chip, partial(self._go, remark.place)
        )

    def _pending_row(self, line_id: UUID, text: str) -> QWidget:
        lines = self._page.draft.value.lines
        place = next((n for n, line in enumerate(lines) if line.id == line_id), None)
        name = lines[place].name if place is not None else ""
        chip = (tr("随决定提交"), "accent")
        return self._row(f"{self._number(place)}{name}", text, chip, partial(self._go, place))

    def _number(self, place: int | None) -> str:
        """The line's number as the table and the paper have it: areas and notes have none."""
        number = self._page.lines.lines.line_number(place) if place is not None else None
        return f"{number}. " if number else ""

    def _row(self, head: str, text: str, chip: tuple[str, str], go: Callable[[], None]) -> QWidget:
        made = RowButton(f"{chip[0]} {head}：{text}", go)
        inner = column(gap=1, margins=(4, 3, 4, 3))
        inner.addLayout(row(words(head, "strong", wrap=True), None, Chip(*chip)))
        if text:
            inner.addWidget(words(text, "small", wrap=True))
        made.setLayout(inner)
        made.setCursor(Qt.CursorShape.PointingHandCursor)
        self.texts.append(f"{chip[0]} {head}：{text}")
        return made

    def _go(self, place: int | None) -> None:
        if place is not None:
            self._page.focus_path(f"lines.{place}.name")

    async def remark(self) -> None:
        """Words on the current line; they go with the decision."""
        page = self._page
        place = page.lines.current_line()
        lines = page.draft.value.lines
        if not self.may_remark or not 0 <= place < len(lines) or lines[place].id is None:
            page.ctx.nav.toast(tr("先选中要批注的行"))
            return
        line = lines[place]
        said = await dialogs.ask_text(
            page, tr("批注：{name}", name=f"{self._number(place)}{line.name}"), tr("批注"), primary=tr("批注"), required=False,
            text=self.pending.get(line.id, ""), hint=tr("随您的决定一起提交；下一版会在这一行旁边显示。"), name="quote.remark.sheet",
        )  # fmt: skip
        if said is None:
            return
        self.pending.pop(line.id, None)
        if said.strip():
            self.pending[line.id] = said.strip()
        self.load(page.record_id)
