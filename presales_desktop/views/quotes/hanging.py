"""The quote beside the plan it was made from: where a line hangs, which quantities differ, and taking them over."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from presales_desktop.services import quote_hanging
from presales_desktop.services.quote_hanging import Against, Hanging
from presales_desktop.texts import tr
from presales_desktop.views.kit import format as formats
from presales_desktop.views.kit import jobs, shortcuts
from presales_desktop.views.kit.basics import button, clear, column, row, words
from presales_desktop.views.kit.panels import RowButton, SidePanel
from presales_desktop.views.kit.states import Chip

if TYPE_CHECKING:
    from presales_desktop.views.quotes.editor import QuoteEditor

_LATER_MS = 400


class HangingPanel(SidePanel):
    """Differences between quote and plan, live while either changes; the current line's place on the plan."""

    def __init__(self, page: QuoteEditor) -> None:
        super().__init__(tr("与方案核对"), key="quote.hanging")
        self.setObjectName("quote.hanging")
        self._page = page
        self.against: Against | None = None
        self._asked = 0
        self._summary = words("", "small", wrap=True)
        self._list = column(gap=2)
        self._take = button(tr("按方案更新数量"), self.take, look="link", icon="refresh-cw", name="quote.hanging.take")
        self._find = button(
            tr("在方案中定位当前行"),
            self.locate,
            look="link",
            icon="map-pin",
            name="quote.hanging.locate",
            tip="Ctrl+L",
        )
        for part in (self._summary,):
            self.body.addWidget(part)
        self.body.addLayout(self._list)
        self.body.addLayout(row(self._take, None))
        self.body.addLayout(row(self._find, None))
        self._later = QTimer(self, singleShot=True, interval=_LATER_MS)
        self._later.timeout.connect(self.load)
        shortcuts.register(page, "Ctrl+L", tr("在方案中定位当前行"), self.locate)
        self.hide()

    def soon(self) -> None:
        """Something was typed."""
        if self._page.draft.value is not None and self._page.draft.value.design_id is not None:
            self._later.start()

    def load(self) -> None:
        """Compare what stands in the draft with the plan as it is stored."""
        value = self._page.draft.value
        self._asked += 1
        if value is None or value.design_id is None:
            self._show(None)
            return
        jobs.start(self, self._read(self._asked))

    async def _read(self, asked: int) -> None:
        found = await self._page.ctx.db.run(quote_hanging.against_design, self._page.draft.snapshot())
        if asked == self._asked:
            self._show(found)

    def _show(self, found: Against | None) -> None:
        self.against = found
        clear(self._list)
        self.setVisible(found is not None)
        if found is None:
            return
        differing = found.differing
        self.set_note(str(len(differing)) if differing else "")
        self._summary.setText(
            tr("与 {label} 有 {n} 处不同：", label=found.label, n=len(differing))
            if differing
            else tr("产品和数量与 {label} 一致。", label=found.label)
        )
        for each in differing:
            self._list.addWidget(self._row(each))
        self._take.setVisible(bool(differing) and not self._page.read_only())

    def _row(self, each: Hanging) -> QWidget:
        where = each.room or tr("其他区域")
        said = tr("报价 {quoted} · 方案 {hung}", quoted=formats.number(each.quoted), hung=each.hung)
        go = (
            partial(self._page.focus_path, f"lines.{each.places[0]}.quantity")
            if each.places
            else partial(self._lead, each)
        )
        made = RowButton(f"{each.name} {where} {said}", go)
        word = tr("方案没有") if not each.hung else tr("报价没有") if not each.places else tr("数量不同")
        inner = column(gap=0, margins=(4, 3, 4, 3))
        inner.addLayout(row(words(each.name, "strong", wrap=True), None, Chip(word, "amber")))
        inner.addWidget(words(f"{where} · {said}", "small", wrap=True))
        made.setLayout(inner)
        return made

    def locate(self) -> None:
        """The current line's luminaires, selected on the plan."""
        against, place = self.against, self._page.lines.current_line()
        found = against.of_place(place) if against is not None else None
        if found is None or not found.luminaire_ids:
            self._page.ctx.nav.toast(tr("这一行在方案中没有对应的灯具"))
            return
        self._lead(found)

    def _lead(self, found: Hanging) -> None:
        if self.against is not None:
            self._page.ctx.nav.open("design", self.against.design_id, found.luminaire_ids)

    def take(self) -> None:
        """Quantities of the plan into the quote, as one step that can be undone; what the plan does not have stays for the person to
        decide."""
        page = self._page
        if self.against is None or page.read_only():
            return
        kept = 0
        with page.draft.macro(tr("按方案更新数量")):
            for each in self.against.differing:
                if not each.hung:
                    kept += 1
                elif each.places:
                    first, *others = each.places
                    page.draft.set(
                        f"lines.{first}.quantity",
                        Decimal(each.hung) - sum(page.draft.value.lines[n].quantity for n in others),
                    )
            for each in self.against.differing:
                if each.line is not None and each.hung:
                    page.lines.insert_rows([each.line], self._end_of(each.room), tr("按方案更新数量"))
        page.ctx.nav.toast(
            tr("已按方案更新，{n} 种产品方案中没有，未改动", n=kept) if kept else tr("已按方案更新，Ctrl+Z 可撤销")
        )

    def _end_of(self, room: str) -> int:
        lines = self._page.draft.value.lines
        return max((n + 1 for n, line in enumerate(lines) if line.room == room), default=len(lines))
