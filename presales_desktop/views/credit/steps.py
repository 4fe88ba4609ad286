"""What can be done with an application now, and its report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from presales_desktop.models.credit import GRADES
from presales_desktop.models.errors import InputError
from presales_desktop.services import credit_steps
from presales_desktop.services.credit_steps import CreditDocument
from presales_desktop.texts import Language, language, lookup, tr
from presales_desktop.views.kit import jobs
from presales_desktop.views.kit.adapters import ChoiceBox
from presales_desktop.views.kit.basics import Elided, button, row, words
from presales_desktop.views.kit.dialogs import ask, ask_text, choose_file
from presales_desktop.views.kit.editor_page import Step
from presales_desktop.views.kit.paper import show_paper

if TYPE_CHECKING:
    from presales_desktop.views.credit.editor import CreditEditor


def _id(page: CreditEditor) -> UUID:
    assert page.record_id is not None
    return page.record_id


def _step(page: CreditEditor, action: str, callback: Any, right: str, **more: Any) -> Step:
    allowed, why = page.mine(right), tr("只有申请人和他的上级可以做这一步。")
    if right == "credit.assess":
        why = tr("由财务或信用管理评估。")
        if allowed and page.is_own() and action not in ("revoke", "guarantee"):
            allowed, why = False, tr("这份申请由您提出或负责，请由其他同事评估。")
    given: dict[str, Any] = {"enabled": allowed, "why": "" if allowed else why} | more
    return Step(action=action, title=lookup.action("credit", action), callback=callback, **given)


def _reasoned(page: CreditEditor, action: str, right: str, **more: Any) -> Step:
    return _step(page, action, lambda: _with_reason(page, action), right, saves=False, **more)


def steps_of(page: CreditEditor) -> list[Step]:
    """By the state of what is stored; one that was never saved can be handed in, too."""
    state = page.shown.state if page.shown is not None else "draft"
    made: list[Step] = []
    if state == "draft":
        made.append(_step(page, "apply", lambda: _apply(page), "credit.edit", primary=True, icon="send"))
    if state == "applied":
        made.append(_step(page, "take", lambda: _take(page), "credit.assess", primary=True, icon="play"))
    if state in ("applied", "assessing"):
        given = state == "assessing"
        made += [
            _step(page, "grade", lambda: _grade(page), "credit.assess", primary=given, icon="shield-check"),
            _reasoned(page, "ask_back", "credit.assess", icon="undo-2"),
            _reasoned(page, "refuse", "credit.assess", icon="ban", tone="bad"),
        ]
    if state == "graded":
        again = Step(
            action="again", title=tr("重新评估"), callback=lambda: _again(page), icon="rotate-ccw", saves=False,
            reloads=False, primary=page.shown is not None and page.shown.phase in ("due", "expired"),
            enabled=page.ctx.may("credit.create").allowed, why=tr("由销售、财务或信用管理申请。"),
        )  # fmt: skip
        made += [
            again,
            _step(page, "guarantee", lambda: _guarantee(page), "credit.assess", icon="handshake", saves=False),
            _reasoned(page, "revoke", "credit.assess", icon="ban", tone="bad"),
        ]
    if state in ("draft", "applied") and page.shown is not None:
        made.append(_reasoned(page, "cancel", "credit.edit", icon="ban", tone="bad"))
    if page.sees and page.record_id is not None:
        made.append(
            Step(action="print", title=tr("评估报告"), callback=lambda: show_report(page), icon="printer", reloads=False)
        )  # fmt: skip
    return made


async def _apply(page: CreditEditor) -> None:
    await page.ctx.db.run(credit_steps.apply, _id(page), initiator=page)
    page.ctx.nav.toast(tr("已提交：财务和信用管理可以开始评估。"), tone="good")


async def _take(page: CreditEditor) -> None:
    await page.ctx.db.run(credit_steps.take, _id(page), initiator=page)


async def _with_reason(page: CreditEditor, action: str) -> None:
    word = lookup.action("credit", action)
    reason = await ask_text(page, word, tr("原因"), primary=word, name=f"credit.{action}")
    if reason is not None:
        await page.ctx.db.run(credit_steps.step, _id(page), action, reason, initiator=page)


def _again(page: CreditEditor) -> None:
    if page.shown is not None:
        page.ctx.nav.new("credit", customer_id=page.shown.customer_id, reason="expired")


class _Body(QWidget):
    def __init__(self) -> None:
        super().__init__()
        self.inner = QVBoxLayout(self)
        self.inner.setContentsMargins(0, 0, 0, 0)
        self.inner.setSpacing(4)

    def add(self, word: str, widget: QWidget, name: str) -> None:
        """A labelled widget."""
        widget.setObjectName(name)
        widget.setAccessibleName(word)
        label = words(word, "small")
        label.setBuddy(widget)
        self.inner.addSpacing(6)
        self.inner.addWidget(label)
        self.inner.addWidget(widget)


async def _grade(page: CreditEditor) -> None:
    shown = page.shown
    assert shown is not None
    fresh = await page.ctx.db.run(_computed, _id(page))
    body = _Body()
    box = ChoiceBox()
    for grade in GRADES[GRADES.index(fresh) :]:
        box.addItem(tr("{grade} 级", grade=grade), grade)
    note = QPlainTextEdit()
    note.setTabChangesFocus(True)
    note.setFixedHeight(72)
    body.inner.addWidget(
        words(tr("按评分卡应为 {grade} 级；可以评得更严，但要写明理由。", grade=fresh), "small", wrap=True)
    )
    body.add(tr("等级"), box, "credit.grade.choice")
    body.add(tr("说明"), note, "credit.grade.note")
    hint = tr("评级后内容冻结，等级和条件写到客户资料，合同按它检查。")
    body.inner.addWidget(words(hint, "faint", wrap=True))

    def valid() -> str:
        stricter = box.currentData() != fresh
        return tr("评得更严时请写明理由。") if stricter and not note.toPlainText().strip() else ""

    if not await ask(page, tr("给出等级"), body, tr("给出等级"), valid=valid, name="credit.grade"):
        return
    wanted, said = str(box.currentData()), note.toPlainText().strip()
    given = await page.ctx.db.run(credit_steps.grade, _id(page), wanted, said, initiator=page)
    page.ctx.nav.toast(tr("已评为 {grade} 级。", grade=given), tone="good")


def _computed(work: Any, credit_id: UUID) -> str:
    """The grade that the saved sheet comes to; open questions come to their fields first."""
    return credit_steps.computed(work, credit_id)


async def _guarantee(page: CreditEditor) -> None:
    body = _Body()
    note = QLineEdit()
    note.setPlaceholderText(tr("例如：母公司连带责任保证，至 2027-12-31"))
    chosen: list[Path] = []
    name = Elided(tr("没有选择文件"), "secondary")

    async def choose() -> None:
        path = await choose_file(page, tr("担保文件"), [tr("图片和 PDF (*.pdf *.jpg *.jpeg *.png)")])
        if path is not None:
            chosen[:] = [path]
            name.setText(path.name)

    pick = button(tr("选择文件…"), lambda: jobs.start(body, choose()), icon="paperclip", name="credit.guarantee.file")
    body.add(tr("谁担保多少、到什么时候"), note, "credit.guarantee.note")
    body.inner.addSpacing(6)
    body.inner.addLayout(row(pick, name))

    def valid() -> str:
        return "" if note.text().strip() else tr("请写明担保的内容。")

    if not await ask(page, tr("接受担保"), body, tr("接受担保"), valid=valid, name="credit.guarantee"):
        return
    file = (chosen[0].name, await page.ctx.pool.run(_read, chosen[0])) if chosen else None
    await page.ctx.db.run(credit_steps.accept_guarantee, _id(page), note.text().strip(), file, initiator=page)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError("file.unreadable", file=path.name, reason=error.strerror or str(error)) from None


def _render(document: CreditDocument, lang: Language) -> bytes:
    """On a worker: reportlab is loaded there."""
    from presales_desktop.reports import credit as reports

    return reports.render(document, lang)


async def show_report(page: CreditEditor) -> None:
    """The assessment report inside the page; for who may see figures."""
    if page.record_id is None or not page.sees:
        page.ctx.nav.toast(tr("保存之后，由财务、信用管理和管理层打印评估报告。"))
        return
    document = await page.ctx.db.run(credit_steps.document, _id(page))
    title = f"{tr('信用评估报告')}-{document.number}"
    data = await page.ctx.pool.run(_render, document, language())
    await show_paper(page, title, data, f"{title}.pdf")
