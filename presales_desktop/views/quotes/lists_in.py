"""Lists that come into a quote, the client's own workbook among them, and the way back into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from presales_desktop.services import bills, quotes_from, spreadsheets
from presales_desktop.services.quote_drafts import QuoteDraft, arrange
from presales_desktop.texts import tr
from presales_desktop.views.kit import dialogs
from presales_desktop.views.kit import format as formats
from presales_desktop.views.quotes import bill_sheet, outgoing, sheets

if TYPE_CHECKING:
    from presales_desktop.views.quotes.editor import QuoteEditor


async def import_list(page: QuoteEditor) -> None:
    """Lines from an Excel or CSV list, after a look at what it became."""
    if page.read_only():
        return
    patterns = " ".join(spreadsheets.PATTERNS)
    path = await dialogs.choose_file(page, tr("选择清单"), [f"{tr('表格')} ({patterns})"])
    if path is None:
        return
    sheet = await page.ctx.pool.run(spreadsheets.read_table, path, known=quotes_from.WORDS)
    result = await page.ctx.db.run(quotes_from.from_list, sheet)
    if not await sheets.confirm_list(page, path.name, result):
        return
    rows = arrange(result.lines)
    page.lines.insert_rows(rows, None, tr("从清单添加 {n} 行", n=len(result.lines)))


async def read_bill(page: QuoteEditor) -> None:
    """The client's own workbook: read, matched, looked at, taken as one step; kept with the quote so that prices can go back into it."""
    if page.read_only():
        return
    patterns = " ".join(spreadsheets.PATTERNS)
    path = await dialogs.choose_file(page, tr("选择客户的清单"), [f"{tr('表格')} ({patterns})"])
    if path is None or not await page.save_all() or page.record_id is None:
        return
    value: QuoteDraft = page.draft.value
    learned = await page.ctx.db.run(bills.learned, value.customer_id)
    bill = await page.ctx.pool.run(bills.read, path, path.name, learned)
    taken = await page.ctx.db.run(bills.take, bill, value.exchange_rate)
    rows = await bill_sheet.confirm_bill(page, page.ctx, taken)
    if rows is None:
        return
    made = await page.ctx.db.run(bill_sheet.chosen_lines, taken, rows, value.exchange_rate)
    page.lines.insert_rows(arrange(made), None, tr("读入客户清单：{n} 行", n=len(made)))
    data = await page.ctx.pool.run(path.read_bytes)
    await page.ctx.db.run(bills.keep, page.record_id, value.customer_id, bill, data, initiator=page)
    page.files.load("quote", page.record_id)


async def answer_bill(page: QuoteEditor) -> None:
    """The client's workbook with our prices in its own cells."""
    assert page.record_id is not None
    answered = await page.ctx.db.run(bills.answer, page.record_id)
    await outgoing.save_file(page, answered.file, answered.written.data)
    said = [tr("写回 {n} 个单价", n=answered.written.prices)]
    if answered.rounding_fen:
        said.append(tr("单价取到分，与报价合计差 {amount}", amount=formats.money(answered.rounding_fen)))
    if answered.changed:
        said.append(tr("{n} 行数量与客户的不同", n=answered.changed))
    if answered.missing:
        said.append(tr("{n} 行不在客户的清单里", n=answered.missing))
    if answered.written.refused:
        said.append(tr("{n} 个单价格里是客户的公式，没有写", n=answered.written.refused))
    page.ctx.nav.toast(tr("，").join(said))
