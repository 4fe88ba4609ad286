"""The steps in the page's head, and who reviewed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from presales_desktop.models.permissions import Ownership
from presales_desktop.services import design_steps
from presales_desktop.services.designs import DesignView
from presales_desktop.texts import lookup, tr
from presales_desktop.views.designs.compare_sheet import compare_designs
from presales_desktop.views.designs.opened import Opened
from presales_desktop.views.kit.basics import words
from presales_desktop.views.kit.dialogs import ask_text
from presales_desktop.views.kit.editor_page import Step
from presales_desktop.views.kit.side_panel import SidePanel

if TYPE_CHECKING:
    from presales_desktop.views.designs.editor import DesignEditor


def steps_of(page: DesignEditor) -> list[Step]:
    """What can be done with the design now."""
    view = page.view
    made: list[Step] = []
    if view is not None:
        made += _review_steps(page, view) if view.state == "submitted" else []
        made += _author_steps(page, view)
    made.append(_quote_step(page, view))
    made.append(
        Step(
            action="pdf",
            title=tr("导出图纸 PDF"),
            callback=page.files.save_pdf,
            icon="file-down",
            reloads=False,
            enabled=view is not None,
            why=tr("请先保存方案"),
        )
    )
    made.append(
        Step(
            action="compare",
            title=tr("与其他方案比较…"),
            callback=lambda: compare_designs(page),
            icon="columns-3",
            shortcut="Ctrl+Shift+V",
            reloads=False,
            enabled=view is not None,
            why=tr("请先保存方案"),
        )
    )
    made.append(
        Step(
            action="export",
            title=tr("导出 DXF、表格或图片…"),
            callback=page.files.export,
            icon="download",
            shortcut="Ctrl+Shift+E",
            reloads=False,
            enabled=view is not None,
            why=tr("请先保存方案"),
        )
    )
    return made


def _author_steps(page: DesignEditor, view: DesignView) -> list[Step]:
    of = Ownership(view.owner_id, view.created_by)
    made = []
    if view.state == "draft":
        may = page.ctx.may("design.submit", of)
        made.append(
            Step(
                action="submit",
                title=lookup.action("design", "submit"),
                callback=lambda: _run(page, design_steps.submit),
                primary=True,
                enabled=may.allowed,
                why=lookup.sentence(may.code, {"user": page.ctx.actor.name, "right": ""}),
                icon="send",
            )
        )
    elif view.latest and view.state != "superseded":
        may = page.ctx.may("design.edit", of)
        made.append(
            Step(
                action="revise",
                title=lookup.action("design", "revise"),
                callback=lambda: _revise(page),
                primary=view.state in ("returned", "rejected"),
                enabled=may.allowed,
                icon="file-pen",
                reloads=False,
                why=lookup.sentence(may.code, {"user": page.ctx.actor.name, "right": ""}),
            )
        )
    return made


def _review_steps(page: DesignEditor, view: DesignView) -> list[Step]:
    review = page.opened.review if page.opened else ()
    may = review[0].may if review else page.ctx.may("design.review")
    why = lookup.sentence(may.code, {"user": page.ctx.actor.name, "right": tr("方案评审")}) if may.code else ""
    made = []
    for action, primary, tone, icon in (
        ("approve", True, "", "circle-check"), ("approve_with_notes", False, "", "list-checks"),
        ("return", False, "", "undo-2"), ("reject", False, "bad", "circle-x"),
    ):  # fmt: skip
        made.append(
            Step(
                action=action,
                title=lookup.action("design", action),
                callback=_deciding(page, action, view),
                primary=primary and may.allowed,
                tone=tone,
                enabled=may.allowed,
                why=why,
                icon=icon,
            )
        )
    return made


def _quote_step(page: DesignEditor, view: DesignView | None) -> Step:
    passed = view is not None and view.state in ("approved", "approved_with_notes")
    allowed = page.ctx.may("quote.create").allowed
    return Step(
        action="quote",
        title=tr("生成报价"),
        callback=lambda: _quote(page),
        primary=passed and allowed,
        enabled=view is not None and bool(page.draft.value.luminaires) and allowed,
        icon="receipt-text",
        reloads=False,
        why=tr("没有新建报价的权限") if not allowed else tr("请先布置灯具并保存方案"),
    )


def _quote(page: DesignEditor) -> None:
    if page.record_id is not None:
        page.ctx.nav.new("quote", design_id=page.record_id)


async def _run(page: DesignEditor, service: Callable[..., Any]) -> None:
    assert page.record_id is not None
    await page.ctx.db.run(service, page.record_id, initiator=page)
    page.ctx.nav.toast(tr("已提交评审，等待评审人处理"), tone="good")


async def _revise(page: DesignEditor) -> None:
    assert page.record_id is not None
    new = await page.ctx.db.run(design_steps.revise, page.record_id)
    page.ctx.nav.open("design", new)


def _deciding(page: DesignEditor, action: str, view: DesignView) -> Callable[[], Any]:
    async def decide() -> None:
        assert page.record_id is not None
        comment = ""
        if action != "approve":
            said = await ask_text(
                page,
                lookup.action("design", action),
                tr("审核意见"),
                primary=lookup.action("design", action),
                tone="bad" if action == "reject" else "",
                name=f"design.{action}.comment",
            )
            if said is None:
                return
            comment = said
        await page.ctx.db.run(design_steps.decide, page.record_id, action, comment, view.content_hash, initiator=page)

    return decide


class ReviewPanel(QWidget):
    """Who decided, and what was said."""

    def __init__(self) -> None:
        super().__init__()
        self._panel = SidePanel(tr("评审"), key="design.review")
        self._text = words("", "secondary", wrap=True, selectable=True)
        self._panel.body.addWidget(self._text)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._panel)

    def show_review(self, opened: Opened) -> None:
        """From what was loaded."""
        view = opened.view
        self.setVisible(view is not None and view.state != "draft")
        if view is None or view.state == "draft":
            return
        said = []
        for step in opened.review:
            if step.verdict:
                said.append(tr("{who}：{verdict}", who=step.who, verdict=lookup.state("design", view.state)))
                said += [step.comment] if step.comment else []
            else:
                said.append(tr("等待设计、技术或销售主管中的另一人评审"))
        if view.content_hash:
            said.append(tr("内容指纹 {hash}", hash=view.content_hash[:8]))
        self._text.setText("\n".join(said))
