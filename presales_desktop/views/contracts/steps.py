"""What can be done with a contract now: one primary step, the rest in the menu; and its paper."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from presales_desktop.models.approvals import Choice
from presales_desktop.models.values import shanghai_day
from presales_desktop.services import contract_steps
from presales_desktop.services.contract_steps import ContractDocument
from presales_desktop.services.contracts import ContractShown
from presales_desktop.services.saving import replace_file
from presales_desktop.texts import Language, language, lookup, tr, tr_in
from presales_desktop.views.contracts.plan import export_calendar, settle
from presales_desktop.views.contracts.returned import check_returned, read_file
from presales_desktop.views.contracts.sheets import ask_send, ask_signed
from presales_desktop.views.kit import dialogs
from presales_desktop.views.kit.editor_page import Step
from presales_desktop.views.kit.mailing import open_mail
from presales_desktop.views.kit.paper import show_paper

if TYPE_CHECKING:
    from presales_desktop.views.contracts.editor import ContractEditor


# A client may answer to a revision that was superseded meanwhile, and what was signed is compared before it is filed.
_WENT_OUT = ("out_for_signature", "signed", "superseded")


def _id(page: ContractEditor) -> UUID:
    assert page.record_id is not None
    return page.record_id


def steps_of(page: ContractEditor) -> list[Step]:
    """Steps by the state of the stored revision; a draft that was never saved can be submitted, too."""
    state = page.shown.state if page.shown is not None else "draft"
    made = _BY_STATE.get(state, _none)(page)
    printing = Step(
        action="print", title=tr("生成 PDF"), callback=lambda: print_contract(page), icon="printer", reloads=False
    )
    word = Step(
        action="word",
        title=tr("导出 Word"),
        callback=lambda: print_contract(page, "docx"),
        icon="file-text",
        reloads=False,
    )
    if page.shown is not None and state in _WENT_OUT:
        made.append(
            Step(action="returned", title=tr("核对返回的文件…"), callback=lambda: check_returned(page),
                 icon="file-search", shortcut="Ctrl+Shift+K", saves=False)
        )  # fmt: skip
    days = Step(
        action="calendar",
        title=tr("导出到日历…"),
        callback=lambda: export_calendar(page),
        icon="calendar",
        reloads=False,
    )
    planned = [days] if page.shown is not None and page.draft.value.steps else []
    return [*made, printing, word, *planned]


def _none(page: ContractEditor) -> list[Step]:
    return []


def _step(
    page: ContractEditor, action: str, callback: Callable[[], Any], right: str = "contract.edit", **more: Any
) -> Step:
    allowed = page.mine(right)
    why = "" if allowed else tr("只有合同负责人和他的上级可以做这一步。")
    given: dict[str, Any] = {"enabled": allowed, "why": why} | more
    return Step(action=action, title=lookup.action("contract", action), callback=callback, **given)


def _draft(page: ContractEditor) -> list[Step]:
    made = [_step(page, "submit", lambda: _submit(page), "contract.submit", primary=True, icon="send")]
    if page.shown is not None:
        made.append(_step(page, "cancel", lambda: _cancel(page), tone="bad", icon="ban", saves=False))
    return made


async def _submit(page: ContractEditor) -> None:
    await page.ctx.db.run(contract_steps.submit, _id(page), initiator=page)
    page.ctx.nav.toast(tr("已提交：法务、销售和财务会同时审核。"), tone="good")


async def _cancel(page: ContractEditor) -> None:
    hint = tr("合同会留在记录里，但不能再编辑；报价单可以另起草合同。")
    title = tr("取消这份合同？")
    reason = await dialogs.ask_text(
        page, title, tr("原因"), primary=tr("取消合同"), hint=hint, tone="bad", name="contract.cancel"
    )
    if reason is not None:
        await page.ctx.db.run(contract_steps.cancel, _id(page), {"reason": reason}, initiator=page)


def _submitted(page: ContractEditor) -> list[Step]:
    shown = page.shown
    made: list[Step] = []
    if shown is not None and any(s.may.allowed for s in shown.steps):
        made = [
            Step(action="approve", title=lookup.action("contract", "approve"), primary=True, icon="circle-check",
                 callback=lambda: _decide(page, Choice.APPROVE, "")),
            Step(action="return", title=lookup.action("contract", "return"), icon="undo-2",
                 callback=lambda: _refuse(page, Choice.RETURN)),
            Step(action="reject", title=lookup.action("contract", "reject"), icon="circle-x", tone="bad",
                 callback=lambda: _refuse(page, Choice.REJECT)),
        ]  # fmt: skip
    made.append(_revise(page))
    return made


async def _decide(page: ContractEditor, verdict: Choice, comment: str) -> None:
    """On exactly the content that stands on the page."""
    seen = page.shown.content_hash if page.shown is not None else ""
    await page.ctx.db.run(
        contract_steps.decide, _id(page), verdict, comment=comment, seen_hash=seen, initiator=page
    )  # fmt: skip


async def _refuse(page: ContractEditor, verdict: Choice) -> None:
    title = lookup.action("contract", verdict.value)
    hint = tr("写明哪一条、为什么、怎么改，起草人会看到。")
    said = await dialogs.ask_text(page, title, tr("意见"), primary=title, hint=hint, tone="bad", name="contract.refuse")
    if said is not None:
        await _decide(page, verdict, said)


def _revise(page: ContractEditor, *, primary: bool = False) -> Step:
    newest = page.shown is None or page.shown.latest
    more: dict[str, Any] = {} if newest else {"enabled": False, "why": tr("已有更新的版本，请在新版上继续。")}
    return _step(
        page, "revise", lambda: _open_revision(page), primary=primary, icon="git-branch", reloads=False, **more
    )


async def _open_revision(page: ContractEditor) -> None:
    made = await page.ctx.db.run(contract_steps.revise, _id(page), initiator=page)
    page.ctx.nav.open("contract", made)
    page.reload()


def _approved(page: ContractEditor) -> list[Step]:
    send = _step(page, "send", lambda: _send(page), "contract.sign", primary=True, icon="mail")
    return [send, _revise(page)]


async def _send(page: ContractEditor) -> None:
    buyer = page.draft.value.buyer_agent or page.draft.value.buyer_legal_representative or page.draft.value.buyer_name
    answer = await ask_send(page, buyer)
    if answer is None:
        return
    data = await render(page, "zh")
    await page.ctx.db.run(contract_steps.send, _id(page), *answer, data, initiator=page)
    follow = None
    if answer[0] == "email" and page.shown is not None:
        # Only after the sending was allowed and recorded, with the very bytes whose hash stands there.
        name = f"{page.shown.number}-R{page.shown.revision}"
        letter = await page.ctx.pool.run(_letter, page.shown, answer[1], f"{name}.pdf", data)
        follow = (tr("打开邮件草稿"), lambda: page.run(lambda: open_mail(page, f"{name}.eml", letter)))
    page.ctx.nav.toast(tr("已送签，PDF 已归档。"), tone="good", action=follow)


def _letter(shown: ContractShown, recipient: str, name: str, pdf: bytes) -> bytes:
    """The e-mail that carries the contract, in the language of its binding text."""
    from presales_desktop.reports import mail

    about = f"{shown.number}-R{shown.revision} {shown.title}".strip()
    said = [
        tr_in("zh", "{name}，您好：", name=recipient.split("<")[0].strip() or shown.customer),
        "",
        tr_in("zh", "附件是合同 {about}，请审阅。确认后请签字盖章，并寄回或回传扫描件。", about=about),
        tr_in("zh", "如有疑问请随时与我联系。"),
    ]
    return mail.draft(recipient, tr_in("zh", "合同 {about}", about=about), "\n".join(said) + "\n", name, pdf)


def _out(page: ContractEditor) -> list[Step]:
    sign = _step(page, "sign", lambda: _sign(page), "contract.sign", primary=True, icon="signature")
    return [sign, _revise(page)]


async def _sign(page: ContractEditor) -> None:
    def today() -> dt.date:
        return shanghai_day(page.ctx.db.runner.clock())

    by = page.draft.value.buyer_agent or page.draft.value.buyer_legal_representative
    signed = await ask_signed(page, by, today)
    if signed is None:
        return
    scan = None
    if signed.scan is not None:
        scan = (signed.scan.name, await page.ctx.pool.run(read_file, signed.scan))
    await page.ctx.db.run(
        contract_steps.sign, _id(page), on=signed.on, by=signed.by, note=signed.note, scan=scan, initiator=page
    )
    page.ctx.nav.toast(tr("合同已签订。"), tone="good")


def _signed(page: ContractEditor) -> list[Step]:
    plan = page.draft.value.steps
    if not plan:
        return []
    still = any(step.done_on is None for step in plan)
    return [
        _step(page, "settle", lambda: settle(page), "contract.settle", primary=still, icon="calendar-days",
              shortcut="Ctrl+Shift+D")
    ]  # fmt: skip


def _revisable(page: ContractEditor) -> list[Step]:
    return [_revise(page, primary=True)]


_BY_STATE: dict[str, Callable[[ContractEditor], list[Step]]] = {
    "draft": _draft,
    "submitted": _submitted,
    "approved": _approved,
    "out_for_signature": _out,
    "signed": _signed,
    "returned": _revisable,
    "rejected": _revisable,
}


# -- paper -------------------------------------------------------------------------------------------------------------


def _render(document: ContractDocument, lang: Language, ending: str) -> bytes:
    """On a worker: reportlab is loaded there, not on the screen's thread."""
    from presales_desktop.reports import contracts as reports

    return reports.render(document, lang) if ending == "pdf" else reports.render_docx(document, lang)


async def render(page: ContractEditor, lang: Language, ending: str = "pdf") -> bytes:
    """The paper's bytes."""
    document = await page.ctx.db.run(contract_steps.document, _id(page))
    data: bytes = await page.ctx.pool.run(_render, document, lang, ending)
    return data


def _paper_name(page: ContractEditor) -> str:
    shown = page.shown
    label = f"{shown.number}-R{shown.revision}" if shown is not None else ""
    return f"{tr('照明产品买卖合同')}-{label}"


async def show_contract(page: ContractEditor) -> None:
    """The contract as it will be printed, inside the page."""
    if page.record_id is None:
        page.ctx.nav.toast(tr("保存之后才能打印。"))
        return
    await show_paper(page, _paper_name(page), await render(page, language()), f"{_paper_name(page)}.pdf")


async def print_contract(page: ContractEditor, ending: str = "pdf") -> None:
    """Write the contract as PDF (or "docx") where the user wants it."""
    if page.record_id is None:
        page.ctx.nav.toast(tr("保存之后才能打印。"))
        return
    name = f"{_paper_name(page)}.{ending}"
    title, kinds = (
        (tr("生成 PDF"), tr("PDF 文件 (*.pdf)")) if ending == "pdf" else (tr("导出 Word"), tr("Word 文件 (*.docx)"))
    )
    path = await dialogs.choose_save(page, title, name, [kinds])
    if path is None:
        return
    data = await render(page, language(), ending)
    await page.ctx.pool.run(replace_file, path, data)
    page.ctx.nav.toast(tr("已保存 {name}", name=path.name), tone="good")
