"""Questions of the quote page: how and to whom it goes, what a list became."""

from __future__ import annotations

from PySide6.QtWidgets import QButtonGroup, QLineEdit, QRadioButton, QVBoxLayout, QWidget

from presales_desktop.models.quotes import VIA
from presales_desktop.services.quotes import QuoteShown
from presales_desktop.services.quotes_from import ListResult
from presales_desktop.texts import Language, lookup, tr, tr_in
from presales_desktop.views.kit import dialogs
from presales_desktop.views.kit import format as formats
from presales_desktop.views.kit.basics import column, row, words

_SHOWN = 14


async def ask_send(page: QWidget, recipient: str) -> tuple[str, str] | None:
    """(via, recipient), None when closed."""
    body = QWidget()
    inner = QVBoxLayout(body)
    inner.setContentsMargins(0, 0, 0, 0)
    inner.addWidget(words(tr("发送方式"), "small"))
    group = QButtonGroup(body)
    options = []
    for n, via in enumerate(VIA):
        option = QRadioButton(lookup.choice("quote", "via", via))
        option.setObjectName(f"quote.send.{via}")
        option.setChecked(n == 0)
        group.addButton(option, n)
        options.append(option)
    inner.addLayout(row(*options, None, gap=14))
    label = words(tr("收件人"), "small")
    edit = QLineEdit(recipient)
    edit.setObjectName("quote.send.recipient")
    edit.setAccessibleName(tr("收件人"))
    label.setBuddy(edit)
    inner.addWidget(label)
    inner.addWidget(edit)
    hint = tr("会生成这一版的 PDF，连同发送时间和文件校验值一起记录。邮件或微信请用您平时的方式发出。")
    inner.addWidget(words(hint, "faint", wrap=True))

    def valid() -> str:
        return "" if edit.text().strip() else tr("请填写收件人。")

    confirmed = await dialogs.ask(
        page, tr("发送客户"), body, tr("生成并记录发送"), valid=valid, name="quote.send.sheet"
    )
    return (VIA[group.checkedId()], edit.text().strip()) if confirmed else None


def letter(shown: QuoteShown, recipient: str, lang: Language, name: str, pdf: bytes) -> bytes:
    """The e-mail draft that carries the sent PDF, in the language of the paper."""
    from presales_desktop.reports import mail

    about = " ".join(filter(None, (shown.label, shown.title)))
    said = [
        tr_in(lang, "{name}，您好：", name=shown.contact or shown.customer),
        "",
        tr_in(lang, "附件是报价单 {about}，请查收。", about=about),
    ]
    if shown.valid_until is not None:
        said.append(tr_in(lang, "报价有效期至 {day}。", day=shown.valid_until.isoformat()))
    said.append(tr_in(lang, "如有疑问请随时与我联系。"))
    return mail.draft(recipient, tr_in(lang, "报价单 {about}", about=about), "\n".join(said) + "\n", name, pdf)


async def confirm_list(page: QWidget, name: str, result: ListResult) -> bool:
    """What a list became, before it goes in."""
    body = QWidget()
    inner = column()
    inner.setContentsMargins(0, 0, 0, 0)
    body.setLayout(inner)
    inner.addWidget(words(name, "strong", wrap=True))
    said = tr("{matched} 行对上了目录，{unmatched} 行是目录外的，会标出来等您核对。")
    inner.addWidget(words(said.format(matched=result.matched, unmatched=result.unmatched), wrap=True))
    used = tr("、").join(f"{lookup.label('quote_line', _label(f))} ← {title}" for f, title in result.columns.items())
    inner.addWidget(words(used, "small", wrap=True))
    for problem in result.problems[:6]:
        text = lookup.sentence(problem.code, problem.values, kind="quote_line")
        inner.addWidget(words(tr("第 {n} 行：{text}", n=problem.line, text=text), "amber", wrap=True))
    for line in result.lines[:_SHOWN]:
        amount = formats.money(line.unit_price_fen) if line.unit_price_fen else tr("未定价")
        text = f"{line.room}  {line.name}  {line.model}  × {formats.number(line.quantity)}  {amount}".strip()
        inner.addWidget(words(text, "amber" if line.attention else "small", wrap=True))
    if len(result.lines) > _SHOWN:
        inner.addWidget(words(tr("还有 {n} 行", n=len(result.lines) - _SHOWN), "faint"))
    title = tr("从清单添加 {n} 行", n=len(result.lines))
    return bool(await dialogs.ask(page, title, body, tr("加入报价"), name="quote.list.sheet"))


def _label(field: str) -> str:
    return {"price": "unit_price_fen", "sku": "model", "code": "customer_code"}.get(field, field)
