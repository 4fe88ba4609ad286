"""What the quote page does with chosen lines: their kind, the discount of their section, the currency of all prices."""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QComboBox, QMenu, QVBoxLayout, QWidget

from presales_desktop.models.quotes import CURRENCIES, HOME
from presales_desktop.services import quote_currency
from presales_desktop.services.quote_drafts import QuoteDraft, QuoteLineDraft
from presales_desktop.texts import lookup, tr
from presales_desktop.views.kit import dialogs, shortcuts
from presales_desktop.views.kit.basics import words
from presales_desktop.views.kit.typed_edits import DatePicker, NumberEdit, PercentEdit, today_of
from presales_desktop.views.quotes.lines import TABLE_KINDS
from presales_desktop.views.quotes.pricing import ask_target

if TYPE_CHECKING:
    from presales_desktop.views.quotes.editor import QuoteEditor


class LineTools:
    """The tools of one page."""

    def __init__(self, page: QuoteEditor) -> None:
        self._page = page

    def register_keys(self) -> None:
        """Everything by keyboard."""
        page = self._page
        shortcuts.register(page, "Ctrl+Shift+K", tr("行类型"), self.pop_kinds)
        shortcuts.register(page, "Ctrl+Shift+A", tr("附件（随上面的灯具）"), lambda: self.set_kind("accessory"))
        shortcuts.register(page, "Ctrl+Shift+O", tr("可选项（不计入合计）"), lambda: self.set_kind("option"))
        shortcuts.register(page, "Ctrl+Shift+T", tr("小计"), self.add_subtotal)
        shortcuts.register(page, "Ctrl+Shift+Y", tr("按目标价"), lambda: page.run(lambda: ask_target(page)))
        shortcuts.register(page, "Ctrl+Shift+D", tr("区域折扣"), lambda: page.run(self.discount_section))

    def menu(self) -> QMenu:
        """Kinds for the chosen lines, and what else can be put in."""
        page = self._page
        made = QMenu(page)
        made.setObjectName("quote.kinds")
        can = not page.read_only() and bool(page.lines.selected_lines())
        keys = {"accessory": "Ctrl+Shift+A", "option": "Ctrl+Shift+O"}
        for kind in TABLE_KINDS:
            title = lookup.choice("quote_line", "type", kind)
            shown = f"{title}\t{shortcuts.shown(keys[kind])}" if kind in keys else title
            entry = made.addAction(shown, partial(self.set_kind, kind))
            entry.setObjectName(f"quote.kind.{kind}")
            entry.setEnabled(can)
        made.addSeparator()
        for title, key, name, do in (
            (tr("插入小计"), "Ctrl+Shift+T", "subtotal", self.add_subtotal),
            (tr("区域折扣…"), "Ctrl+Shift+D", "section_discount", lambda: page.run(self.discount_section)),
            (tr("按目标价…"), "Ctrl+Shift+Y", "target", lambda: page.run(lambda: ask_target(page))),
            (tr("换算币种…"), "", "convert", lambda: page.run(self.convert)),
        ):
            entry = made.addAction(f"{title}\t{shortcuts.shown(key)}" if key else title, do)
            entry.setObjectName(f"quote.{name}")
            entry.setEnabled(not page.read_only())
        return made

    def pop_kinds(self) -> None:
        """The menu under its button."""
        button = self._page.tools["kind"]
        self.menu().popup(button.mapToGlobal(QPoint(0, button.height())))

    def set_kind(self, kind: str) -> None:
        """Make the chosen lines of KIND."""
        if not self._page.read_only():
            self._page.lines.set_kind(kind)
            self._page.lines.setFocus()

    def add_subtotal(self) -> None:
        """A line with the sum of what stands above it."""
        page = self._page
        if not page.read_only():
            made = QuoteLineDraft(type="subtotal", quantity=Decimal(0), unit="")
            page.lines.insert_rows([made], page.lines.place(), tr("插入小计"))

    async def discount_section(self) -> None:
        """Ask for the discount of the section that the current line stands in."""
        page = self._page
        place = page.lines.section_here()
        if page.read_only():
            return
        if place < 0:
            page.ctx.nav.toast(tr("请先把光标放在一个区域里：区域折扣只作用于那个区域的产品。"))
            return
        row = page.draft.get(f"lines.{place}")
        edit = PercentEdit(fraction=True)
        edit.setObjectName("quote.section.discount")
        edit.setAccessibleName(tr("区域折扣"))
        edit.set_value(row.discount_percent or None)
        hint = words(tr("从这个区域的产品合计里减去；运费和安装不打折。"), "faint", wrap=True)
        body = _body(words(row.name or tr("分区名称"), "strong"), edit, hint)

        def valid() -> str:
            value = edit.value if edit.value is not None else Decimal(0)
            fits = 0 <= value <= 1 and value == round(value, 4)
            return "" if fits else tr("折扣应在 0% 到 100% 之间，最多两位小数。")

        if await dialogs.ask(page, tr("区域折扣"), body, tr("应用"), valid=valid, name="quote.section.sheet"):
            page.draft.set(f"lines.{place}.discount_percent", edit.value or Decimal(0), merge=False)
            page.recompute()

    async def convert(self) -> None:
        """Ask for a currency and its rate, and put all prices into it as one step that can be undone."""
        page = self._page
        if page.read_only():
            return
        now: QuoteDraft = page.draft.value
        choice = QComboBox()
        choice.setObjectName("quote.convert.currency")
        choice.setAccessibleName(lookup.label("quote", "currency"))
        for code in CURRENCIES:
            choice.addItem(f"{code} {lookup.choice('quote', 'currency', code)}", code)
        choice.setCurrentIndex(CURRENCIES.index("USD" if now.currency == HOME else HOME))
        rate = NumberEdit("", 6)
        rate.setObjectName("quote.convert.rate")
        rate.setAccessibleName(lookup.label("quote", "exchange_rate"))
        day = DatePicker(lambda: today_of(page.ctx))
        day.setAccessibleName(lookup.label("quote", "rate_on"))
        day.set_value(today_of(page.ctx))
        hint = words(tr("一个单位合多少元人民币；留空则用最近一份该币种报价的汇率。"), "faint", wrap=True)
        body = _body(choice, words(lookup.label("quote", "exchange_rate"), "small"), rate, hint,
                     words(lookup.label("quote", "rate_on"), "small"), day)  # fmt: skip

        def valid() -> str:
            value = rate.value
            if choice.currentData() == HOME or value is None:
                return ""
            return "" if Decimal("0.0001") <= value <= 10_000 else tr("汇率应在 0.0001 到 10000 之间。")

        if not await dialogs.ask(page, tr("换算币种"), body, tr("换算"), valid=valid, name="quote.convert.sheet"):
            return
        currency = str(choice.currentData())
        made = await page.ctx.db.run(quote_currency.converted, page.draft.snapshot(), currency, rate.value, day.value)
        if currency != HOME:
            made.language = "en"
        page.draft.take_over(made, tr("换算币种"))
        page.bases.forget()
        page.recompute()
        page.ctx.nav.toast(tr("价格已换算为{currency}，Ctrl+Z 可撤销", currency=currency))


def _body(*parts: QWidget) -> QWidget:
    made = QWidget()
    inner = QVBoxLayout(made)
    inner.setContentsMargins(0, 0, 0, 0)
    for part in parts:
        inner.addWidget(part)
    return made
