"""What can be done with a quote now, as the head of its page offers it: one primary step, the rest in the menu."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from presales_desktop.texts import lookup, tr
from presales_desktop.views.kit import dialogs
from presales_desktop.views.kit.editor_page import Step
from presales_desktop.views.quotes import lists_in
from presales_desktop.views.quotes.words import blocked_sentence

if TYPE_CHECKING:
    from presales_desktop.views.quotes.editor import QuoteEditor


def steps_of(page: QuoteEditor) -> list[Step]:
    """Steps by the state of the stored revision; a draft that was never saved can be submitted, too."""
    state = page.shown.state if page.shown is not None else "draft"
    made = _BY_STATE.get(state, _after)(page)
    return [*made, *_always(page)]


def _step(page: QuoteEditor, action: str, callback: Callable[[], Any], right: str = "quote.edit", **more: Any) -> Step:
    allowed = page.mine(right)
    why = "" if allowed else tr("只有报价人和他的上级可以做这一步。")
    given: dict[str, Any] = {"enabled": allowed, "why": why} | more
    return Step(action=action, title=lookup.action("quote", action), callback=callback, **given)


def _draft(page: QuoteEditor) -> list[Step]:
    made = [_step(page, "submit", lambda: page.do("submit"), "quote.submit", primary=True, icon="send")]
    if page.shown is not None:
        made.append(_step(page, "cancel", lambda: _cancel(page), tone="bad", icon="ban", saves=False))
    return made


async def _cancel(page: QuoteEditor) -> None:
    label = page.shown.label if page.shown else ""
    consequence = tr("{label} 会留在记录里，但不能再编辑或提交。", label=label)
    if await dialogs.confirm_danger(page, tr("取消这份报价？"), consequence, tr("取消报价")):
        await page.do("cancel")


def _submitted(page: QuoteEditor) -> list[Step]:
    shown = page.shown
    made: list[Step] = []
    if shown is not None and any(s.may.allowed for s in shown.approvals):
        made = [
            Step(action="approve", title=lookup.action("quote", "approve"), primary=True, icon="circle-check",
                 callback=lambda: page.decide("approve")),
            Step(action="return", title=lookup.action("quote", "return"), icon="undo-2",
                 callback=lambda: _refuse(page, "return")),
            Step(action="reject", title=lookup.action("quote", "reject"), icon="circle-x", tone="bad",
                 callback=lambda: _refuse(page, "reject")),
        ]  # fmt: skip
    made.append(_step(page, "withdraw", lambda: _withdraw(page), icon="undo-2"))
    return made


async def _refuse(page: QuoteEditor, verdict: str) -> None:
    """With the remark from the panel; without one it is asked for."""
    if not page.approvals.remark.toPlainText().strip():
        title = lookup.action("quote", verdict)
        said = await dialogs.ask_text(page, title, tr("原因"), primary=title, tone="bad", name="quote.refuse")
        if said is None:
            return
        page.approvals.remark.setPlainText(said)
    await page.decide(verdict)


async def _withdraw(page: QuoteEditor) -> None:
    said = await dialogs.ask_text(
        page, tr("撤回报价"), tr("原因"), primary=tr("撤回"), required=False, hint=tr("撤回后可以修订出下一版。")
    )
    if said is not None:
        await page.do("withdraw", reason=said)


def _approved(page: QuoteEditor) -> list[Step]:
    return [_send(page, primary=True), _revise(page), _step(page, "withdraw", lambda: _withdraw(page), icon="undo-2")]


def _send(page: QuoteEditor, *, primary: bool, title: str = "") -> Step:
    shown = page.shown
    blocked = shown.blocked[0] if shown is not None and shown.blocked else ""
    why = blocked_sentence(shown, blocked) if shown is not None and blocked else ""
    allowed = page.mine("quote.send")
    return Step(
        action="send", title=title or lookup.action("quote", "send"), callback=page.send, primary=primary, icon="mail",
        enabled=allowed and not blocked, why=why or tr("只有报价人和他的上级可以做这一步。"),
    )  # fmt: skip


def _revise(page: QuoteEditor, *, primary: bool = False) -> Step:
    shown = page.shown
    newest = shown is None or shown.latest
    why = "" if newest else tr("已有更新的版本，请在新版上继续。")
    allowed = page.mine("quote.edit")
    return Step(
        action="revise", title=lookup.action("quote", "revise"), callback=lambda: _open_revision(page), primary=primary,
        icon="git-branch", enabled=allowed and newest, why=why or tr("只有报价人和他的上级可以做这一步。"), reloads=False,
    )  # fmt: skip


async def _open_revision(page: QuoteEditor) -> None:
    made = await page.do("revise")
    page.ctx.nav.open("quote", made)


def _sent(page: QuoteEditor) -> list[Step]:
    if page.shown is not None and page.shown.expired:
        return [_revise(page, primary=True), _step(page, "expire", lambda: page.do("expire"), icon="clock")]
    return [
        _step(page, "accept", lambda: _accept(page), primary=True, icon="handshake"),
        _step(page, "decline", lambda: _decline(page), icon="thumbs-down"),
        _send(page, primary=False, title=tr("再次发送")),
        _revise(page),
        _step(page, "withdraw", lambda: _withdraw(page), icon="undo-2"),
    ]


async def _accept(page: QuoteEditor) -> None:
    hint = tr("例如：客户邮件确认、口头确认、收到回签件。")
    said = await dialogs.ask_text(
        page, tr("客户接受"), tr("凭据"), primary=tr("记录接受"), required=False, hint=hint, name="quote.accept.sheet"
    )
    if said is not None:
        await page.do("accept", note=said)


async def _decline(page: QuoteEditor) -> None:
    said = await dialogs.ask_text(page, tr("客户拒绝"), tr("原因"), primary=tr("记录拒绝"), name="quote.decline.sheet")
    if said is not None:
        await page.do("decline", reason=said)


def _accepted(page: QuoteEditor) -> list[Step]:
    allowed = page.ctx.may("contract.create").allowed

    def draft_contract() -> None:
        page.ctx.nav.new("contract", quote_id=page.record_id)

    return [
        Step(action="contract", title=tr("起草合同"), callback=draft_contract, primary=True, icon="signature",
             enabled=allowed, why=tr("您的岗位不能起草合同。"), reloads=False)
    ]  # fmt: skip


def _after(page: QuoteEditor) -> list[Step]:
    return []


def _revisable(page: QuoteEditor) -> list[Step]:
    return [_revise(page, primary=True)]


def _always(page: QuoteEditor) -> list[Step]:
    made = [
        Step(action="print", title=tr("生成 PDF"), callback=lambda: page.export("pdf"), icon="printer", reloads=False),
        Step(action="plain", title=tr("生成 PDF（不带图片）"), callback=lambda: page.export("plain.pdf"), icon="file-text", reloads=False),
        Step(action="word", title=tr("导出 Word"), callback=lambda: page.export("docx"), icon="file-text", reloads=False),
        Step(action="excel", title=tr("导出 Excel"), callback=lambda: page.export("xlsx"), icon="file-spreadsheet", reloads=False),
    ]  # fmt: skip
    if page.sees_costs:
        made.append(
            Step(action="internal", title=tr("生成内部版 PDF"), callback=lambda: page.export("internal.pdf"), icon="lock", reloads=False)
        )  # fmt: skip
    shown = page.shown
    if shown is not None and any(line.source for line in shown.lines):
        free = shown.state in ("approved", "sent", "accepted") and not shown.blocked and not shown.expired
        made.append(
            Step(action="answer_bill", title=tr("价格写回客户清单"), callback=lambda: lists_in.answer_bill(page), icon="file-spreadsheet", reloads=False,
                 enabled=free, why=tr("审核通过且在有效期内的报价才能写回客户的文件。"))
        )  # fmt: skip
    if page.record_id is not None and page.ctx.may("quote.create").allowed:
        made.append(
            Step(action="copy", title=tr("复制为新报价"), icon="copy", reloads=False,
                 callback=lambda: page.ctx.nav.new("quote", copy_of=page.record_id))
        )  # fmt: skip
    return made


_BY_STATE: dict[str, Callable[[QuoteEditor], list[Step]]] = {
    "draft": _draft,
    "submitted": _submitted,
    "approved": _approved,
    "sent": _sent,
    "accepted": _accepted,
    "returned": _revisable,
    "rejected": _revisable,
    "declined": _revisable,
    "expired": _revisable,
    "withdrawn": _revisable,
}
