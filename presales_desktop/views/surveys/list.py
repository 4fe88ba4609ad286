"""The list of surveys: mine in work, waiting for the customer, confirmed; a preview that says what the customer wants."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from presales_desktop.models.survey_analysis import analyse
from presales_desktop.models.values import shanghai_day
from presales_desktop.services import surveys
from presales_desktop.services.surveys import SurveyRow, SurveyView
from presales_desktop.texts import lookup, tr
from presales_desktop.texts import surveys as texts
from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit import jobs
from presales_desktop.views.kit.basics import Elided, clear, column, row, words
from presales_desktop.views.kit.columns import Column, choice_text, state_chip
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.list_page import EmptyText, FilterChoice, ListPage, ListSpec, SavedView
from presales_desktop.views.kit.states import Chip

TONES = {"planned": "neutral", "collecting": "accent", "report_draft": "amber", "confirmed": "good"}
_chip = state_chip("survey", TONES)


def chip(row_: Any) -> tuple[str, str] | None:
    """The state; a plan whose day has gone by says so."""
    return (tr("计划已过期"), "bad") if getattr(row_, "late", False) else _chip(row_)


def _percent(value: int) -> str:
    return f"{value}%"


class Preview(QWidget):
    """What the customer wants, in a glance."""

    def __init__(self, ctx: ViewContext, row_: SurveyRow) -> None:
        super().__init__()
        self._ctx, self._row = ctx, row_
        self._body = QVBoxLayout(self)
        self._body.setContentsMargins(0, 0, 0, 0)
        self._body.setSpacing(8)
        self._body.setAlignment(Qt.AlignmentFlag.AlignTop)
        jobs.start(self, self._load())

    async def _load(self) -> None:
        view = await self._ctx.db.run(surveys.show, self._row.id)
        clear(self._body)
        self._fill(view)

    def _fill(self, view: SurveyView) -> None:
        draft = view.draft
        self._body.addLayout(row(words(view.number, "secondary"), None, Chip(*(chip(self._row) or ("", "neutral")))))
        self._body.addWidget(words(view.customer, "section", wrap=True))
        self._body.addWidget(words(view.case_title, "secondary", wrap=True))
        for label, value in (
            (texts.DIMENSIONS["scene"], draft.scene or self._open(draft.scene_undecided)),
            (texts.DIMENSIONS["style"], draft.style or self._open(draft.style_undecided)),
            (texts.DIMENSIONS["functions"], draft.functions or self._open(draft.functions_undecided)),
            (texts.DIMENSIONS["budget"], fmt.money(draft.budget_fen) if draft.budget_fen else self._open(draft.budget_undecided)),
            (texts.DIMENSIONS["delivery"], fmt.day(draft.delivery_on) if draft.delivery_on else self._open(draft.delivery_undecided)),
        ):  # fmt: skip
            self._body.addLayout(column(words(tr(label), "small"), words(value, wrap=True), gap=0))
        for space in draft.spaces[:8]:
            facts = " · ".join(
                p for p in (
                    fmt.number(space.area_m2, "m²") if space.area_m2 else "",
                    fmt.lux(space.target_lux) if space.target_lux else "",
                    f"{space.cct_k} K" if space.cct_k else "",
                ) if p
            )  # fmt: skip
            self._body.addLayout(row(Elided(space.name, "strong"), None, words(facts, "secondary")))
        if len(draft.spaces) > 8:
            self._body.addWidget(words(tr("还有 {n} 个空间", n=len(draft.spaces) - 8), "faint"))
        found = analyse(draft, draft.held_on or shanghai_day(view.updated_at))
        if found.conflicts:
            self._body.addWidget(Chip(tr("{n} 处矛盾", n=len(found.conflicts)), "bad"))

    def _open(self, reason: str) -> str:
        return tr("客户未定：{reason}", reason=reason) if reason else "—"


def _words_of(name: str) -> list[tuple[str, str]]:
    return [(value, tr(word)) for value, word in lookup.kinds()["survey"].choices[name].items()]


def surveys_page(ctx: ViewContext) -> QWidget:
    """The page behind 需求调研 in the rail."""
    own = ctx.may("survey.create").allowed
    mine = SavedView("我的调研", (("owner_id", "me"), ("states", "planned,collecting,report_draft")), "-updated_at")
    views = (
        *((mine,) if own else ()),
        SavedView("待客户确认", (("state", "report_draft"),), "-updated_at"),
        SavedView("全部", (), "-updated_at"),
        SavedView("客户已确认", (("state", "confirmed"),), "-updated_at"),
    )
    return ListPage(
        ctx,
        ListSpec(
            key="surveys",
            kind="survey",
            title="需求调研",
            icon="clipboard-list",
            columns=(
                Column("number", "编号", 132, tone=lambda _: "secondary"),
                Column("customer", "客户", 210, strong=True, stretch=True, detail=lambda r: r.case_title),
                Column("state", "状态", 128, chip=chip),
                Column("method", "方式", 84, format=choice_text("survey", "method"), sortable=False),
                Column("planned_on", "计划日期", 100, format=str),
                Column("spaces", "空间", 52, align="right", sortable=False),
                Column("area_m2", "面积", 88, align="right", format=lambda v: fmt.number(v, "m²"), sortable=False),
                Column("budget_fen", "预算", 118, align="right", format=fmt.money),
                Column("completeness", "完成度", 70, align="right", format=_percent),
                Column("owner", "调研人", 70, sortable=False),
                Column("updated_at", "更新时间", 96, format=fmt.ago, tone=lambda _: "secondary"),
                Column("held_on", "调研日期", 130, format=fmt.day, hidden=True),
            ),
            query=surveys.list_rows,
            views=views,
            filters=tuple(
                FilterChoice(name, title, partial(_words_of, name))
                for name, title in (("state", "状态"), ("method", "方式"))
            ),
            empty=EmptyText(
                "clipboard-list",
                "还没有需求调研",
                "和客户谈一次：按空间记下用途、照度、色温和预算，矛盾当场就能看到。",
            ),
            new_right="survey.create",
            new_title="新建调研",
            preview=Preview,
            also=("case", "customer"),
            search_hint="搜索编号、客户、项目或需求",
        ),
    )
