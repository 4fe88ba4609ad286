"""Steps of the survey editor: start, report, confirmation, reopen, on to the design; printing."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING
from uuid import UUID

from presales_desktop.models.permissions import Ownership
from presales_desktop.models.values import shanghai_day
from presales_desktop.services import survey_steps
from presales_desktop.services.survey_steps import SurveyDocument
from presales_desktop.texts import Language, language, tr
from presales_desktop.views.kit.dialogs import ask, ask_text
from presales_desktop.views.kit.editor_page import Step
from presales_desktop.views.kit.paper import show_paper
from presales_desktop.views.surveys.confirm import ConfirmBody
from presales_desktop.views.surveys.photos import read_file

if TYPE_CHECKING:
    from presales_desktop.views.surveys.editor import SurveyEditor


def _id(page: SurveyEditor) -> UUID:
    assert page.record_id is not None
    return page.record_id


def of(page: SurveyEditor) -> list[Step]:
    """Steps in the state that PAGE shows."""
    view = page.view
    if view is None:
        return []
    may = page.ctx.may("survey.edit", Ownership(view.owner_id, view.created_by))
    why = "" if may.allowed else tr("只有调研人和上级可以执行这一步。")
    made: list[Step] = []
    if view.state == "planned":
        made.append(
            Step(action="start", title=tr("开始调研"), callback=lambda: _start(page), primary=True, icon="play",
                 enabled=may.allowed, why=why)
        )  # fmt: skip
    if view.state in ("planned", "collecting"):
        made.append(
            Step(action="report", title=tr("生成调研报告"), callback=lambda: _report(page), icon="file-check",
                 primary=view.state == "collecting", enabled=may.allowed, why=why)
        )  # fmt: skip
    if view.state == "report_draft":
        made.append(
            Step(action="confirm", title=tr("记录客户确认"), callback=lambda: _confirm(page), primary=True,
                 icon="user-check", enabled=may.allowed, why=why)
        )  # fmt: skip
    if view.state in ("report_draft", "confirmed"):
        design = page.ctx.may("design.create")
        made.append(
            Step(action="design", title=tr("开始方案设计"), callback=lambda: _design(page), icon="drafting-compass",
                 primary=view.state == "confirmed", enabled=design.allowed, why=tr("您的岗位不能新建方案设计。"), saves=False,
                 reloads=False)
        )  # fmt: skip
        made.append(
            Step(action="reopen", title=tr("重新调研"), callback=lambda: _reopen(page), icon="rotate-ccw",
                 enabled=may.allowed, why=why)
        )  # fmt: skip
    made.append(
        Step(action="print", title=tr("打印报告"), callback=lambda: print_report(page), icon="printer", shortcut="Ctrl+P",
             reloads=False)
    )  # fmt: skip
    return made


async def _start(page: SurveyEditor) -> None:
    await page.ctx.db.run(survey_steps.start, _id(page), initiator=page)


async def _report(page: SurveyEditor) -> None:
    await page.ctx.db.run(survey_steps.make_report, _id(page), initiator=page)
    page.ctx.nav.toast(tr("报告已生成，请交给客户确认。"), tone="good")


async def _confirm(page: SurveyEditor) -> None:
    def today() -> object:
        return shanghai_day(page.ctx.db.runner.clock())

    body = ConfirmBody(page, page.draft.value.people, today)  # type: ignore[arg-type]  # a date
    if not await ask(page, tr("记录客户确认"), body, tr("记录确认"), valid=body.problem, name="survey.confirm"):
        return
    # The sheet goes with the next turn: what was typed into it is taken now.
    said = {"by": body.by, "how": body.how, "on": body.on, "note": body.note}
    evidence, scan = body.evidence, None
    if evidence is not None:
        scan = (evidence.name, await page.ctx.pool.run(read_file, evidence))
    await page.ctx.db.run(survey_steps.confirm, _id(page), **said, scan=scan, initiator=page)
    page.ctx.nav.toast(tr("客户确认已记录。"), tone="good")


async def _reopen(page: SurveyEditor) -> None:
    hint = tr("现在的报告保持原样；修改后会生成下一版，需要客户重新确认。")
    reason = await ask_text(page, tr("重新调研"), tr("原因"), primary=tr("重新调研"), hint=hint, name="survey.reopen")
    if reason is not None:
        await page.ctx.db.run(survey_steps.reopen, _id(page), reason, initiator=page)


def _design(page: SurveyEditor) -> None:
    view = page.view
    if view is not None:
        page.ctx.nav.new("design", case_id=view.case_id, survey_id=view.id)


def _render(document: SurveyDocument, lang: Language) -> bytes:
    from presales_desktop.reports import surveys as reports

    return reports.render(document, lang)


async def print_report(page: SurveyEditor, revision: int | None = None) -> None:
    """The report as it is printed, inside the page; of an earlier REVISION when given."""
    if page.record_id is None:
        page.ctx.nav.toast(tr("保存之后才能打印。"))
        return
    document = await page.ctx.db.run(survey_steps.document, page.record_id, revision)
    title = f"{tr('需求调研报告')}-{document.number}-R{document.revision}"
    data = await page.ctx.pool.run(_render, dataclasses.replace(document), language())
    await show_paper(page, title, data, f"{title}.pdf")
