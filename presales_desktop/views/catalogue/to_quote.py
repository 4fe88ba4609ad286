"""A product into a quote that is being drafted: which one, how many; said with a way to open it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from uuid import UUID

from PySide6.QtWidgets import QWidget

from presales_desktop.services import quotes_from
from presales_desktop.texts import tr
from presales_desktop.views.kit import dialogs
from presales_desktop.views.kit import format as formats
from presales_desktop.views.kit.basics import column, words
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.pickers import Choice, NumberEdit, RecordPicker


async def add_to_draft(page: QWidget, ctx: ViewContext, variant_id: UUID, name: str) -> None:
    """Ask for one of the user's open drafts, put VARIANT_ID into it."""

    async def find(text: str) -> Sequence[Choice]:
        found = await ctx.db.run(quotes_from.open_drafts, text)
        return [Choice(d.id, f"{d.label} {d.title}", d.customer, formats.money(d.total_fen)) for d in found]

    picker = RecordPicker(ctx, "quote", find=find)
    picker.setObjectName("product.to_quote.quote")
    picker.setAccessibleName(tr("报价单草稿"))
    picker.setPlaceholderText(tr("查找您的报价单草稿"))
    quantity = NumberEdit(places=3)
    quantity.setObjectName("product.to_quote.quantity")
    quantity.setAccessibleName(tr("数量"))
    quantity.set_value(Decimal(1))
    labels = [words(tr("报价单草稿"), "small"), words(tr("数量"), "small")]
    for label, edit in zip(labels, (picker, quantity), strict=True):
        label.setBuddy(edit)
    body = QWidget()
    body.setLayout(column(words(name, "strong", wrap=True), labels[0], picker, labels[1], quantity, gap=6))

    def valid() -> str:
        if picker.value is None:
            return tr("请选择一份报价单草稿。")
        many = quantity.value
        return "" if isinstance(many, (int, Decimal)) and many > 0 else tr("数量要大于 0。")

    asked = dialogs.ask(page, tr("加入已有报价单"), body, tr("加入报价"), valid=valid, name="product.to_quote")
    picker.setFocus()
    if not await asked or picker.value is None:
        return
    quote_id = picker.value
    label_ = await ctx.db.run(quotes_from.add_variant, quote_id, variant_id, Decimal(str(quantity.value)))
    ctx.nav.toast(
        tr("已加入 {label}", label=label_), tone="good", action=(tr("打开"), lambda: ctx.nav.open("quote", quote_id))
    )
