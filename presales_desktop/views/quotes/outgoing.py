"""What leaves the quote page: the sending that is recorded, the e-mail draft, files, the paper to look at."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

from presales_desktop.services import quote_steps
from presales_desktop.services.quotes import QuoteShown
from presales_desktop.services.saving import replace_file
from presales_desktop.texts import Language, language, tr
from presales_desktop.views.kit import dialogs
from presales_desktop.views.kit.mailing import open_mail
from presales_desktop.views.kit.paper import show_paper
from presales_desktop.views.quotes import printing, sheets

if TYPE_CHECKING:
    from presales_desktop.views.quotes.editor import QuoteEditor


async def send(page: QuoteEditor) -> None:
    """Ask how, print the file, record the sending."""
    assert page.record_id is not None
    shown = page.shown
    told = await sheets.ask_send(page, (shown.contact or shown.customer) if shown else "")
    if told is None:
        return
    data = await printing.render(page.ctx, page.record_id, shown.paper if shown else "pdf", _paper_language(shown))
    await page.ctx.db.run(quote_steps.send, page.record_id, told[0], told[1], data, initiator=page)
    name = f"{shown.label}.pdf" if shown else "quote.pdf"
    follow = (tr("另存 PDF"), lambda: page.run(lambda: save_file(page, name, data)))
    if told[0] == "email" and shown is not None:
        # Only after the sending was allowed and recorded, with the very bytes whose hash stands there.
        letter = await page.ctx.pool.run(sheets.letter, shown, told[1], _paper_language(shown), name, data)
        follow = (tr("打开邮件草稿"), lambda: page.run(lambda: open_mail(page, f"{shown.label}.eml", letter)))
    page.ctx.nav.toast(tr("已记录发送"), tone="good", action=follow)


async def save_file(page: QuoteEditor, name: str, data: bytes) -> None:
    """Ask where, and write."""
    suffix = name.rsplit(".", 1)[-1]
    path = await dialogs.choose_save(page, tr("保存文件"), name, [f"{suffix.upper()} (*.{suffix})"])
    if path is not None:
        await page.ctx.pool.run(replace_file, path, data)
        page.ctx.nav.toast(tr("已保存 {name}", name=path.name), tone="good", action=(tr("打开"), lambda: _open(path)))


async def export(page: QuoteEditor, ending: str) -> None:
    """A file of the page's revision."""
    if page.record_id is None:
        return
    data = await printing.render(page.ctx, page.record_id, ending, language())
    label = page.shown.label if page.shown else "quote"
    await save_file(page, f"{label}.{ending}", data)


async def preview(page: QuoteEditor) -> None:
    """The customer's paper inside the page."""
    if page.record_id is None:
        return
    edition = page.shown.paper if page.shown else "pdf"
    data = await printing.render(page.ctx, page.record_id, edition, _paper_language(page.shown))
    label = page.shown.label if page.shown else "quote"
    await show_paper(page, tr("报价单 {label}", label=label), data, f"{label}.pdf")


def _paper_language(shown: QuoteShown | None) -> Language:
    """In which language the paper goes out."""
    return "en" if shown is not None and shown.language == "en" else "zh"


def _open(path: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
