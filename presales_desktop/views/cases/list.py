"""The list of cases: mine, open, due this week, won, lost."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from presales_desktop.models.permissions import Ownership
from presales_desktop.models.values import shanghai_day
from presales_desktop.services import cases
from presales_desktop.services.cases import CaseRow
from presales_desktop.texts import lookup, tr
from presales_desktop.texts.cases import KINDS, PHASES
from presales_desktop.views.cases.words import (
    due_tone,
    due_words,
    phase_chip,
    row_step,
    who_words,
)
from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit.basics import row, words
from presales_desktop.views.kit.columns import Column, choice_text
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.dialogs import ask_text
from presales_desktop.views.kit.list_page import EmptyText, FilterChoice, ListAction, ListPage, ListSpec, SavedView
from presales_desktop.views.kit.states import Chip


class CasesPage(ListPage):
    """The list with the steps that need no look at the case."""

    def __init__(self, ctx: ViewContext) -> None:
        super().__init__(ctx, _spec(self, ctx))

    async def pause(self, rows: list[CaseRow]) -> None:
        """Let open cases rest, with a reason."""
        reason = await ask_text(
            self, tr("暂停 {n} 个项目", n=len(rows)), tr("原因"), primary=tr("暂停"), required=False
        )
        if reason is not None:
            for each in rows:
                await self.ctx.db.run(cases.do, each.id, "pause", {"reason": reason})

    async def resume(self, rows: list[CaseRow]) -> None:
        """Take rested cases up again."""
        for each in rows:
            await self.ctx.db.run(cases.do, each.id, "resume", {})


def _spec(page: CasesPage, ctx: ViewContext) -> ListSpec:
    def today() -> dt.date:
        return shanghai_day(ctx.db.runner.clock())

    def allowed(status: str) -> Callable[[list[CaseRow]], bool]:
        return lambda rows: all(
            r.status == status and ctx.may("case.edit", Ownership(r.owner_id)).allowed for r in rows
        )

    return ListSpec(
        key="cases",
        kind="case",
        title="项目",
        icon="briefcase",
        columns=(
            Column("title", "项目名称", 230, strong=True, stretch=True),
            Column("customer", "客户", 190, tone=lambda _: "secondary", sortable=False),
            Column("phase", "阶段", 92, chip=lambda r: phase_chip(r.phase), sortable=False),
            Column("next_action", "下一步", 190, text=row_step, sortable=False),
            Column("next_who", "由谁", 112, text=_who, tone=lambda _: "secondary", sortable=False),
            Column(
                "next_due", "期限", 84, text=lambda r: due_words(r.next_due, today()),
                tone=lambda r: due_tone(r.next_due, today()), sortable=False,
            ),
            Column("amount_fen", "金额", 124, align="right", format=fmt.money, sort="expected_amount_fen"),
            Column("owner", "负责人", 76, sortable=False),
            Column("building_type", "项目类型", 90, format=choice_text("case", "building_type"), sortable=False, hidden=True),
            Column("expected_on", "预计成交日", 110, format=fmt.day_short, hidden=True),
            Column("updated_at", "更新时间", 110, format=fmt.ago, tone=lambda _: "secondary", hidden=True),
            Column("number", "编号", 140, tone=lambda _: "secondary", hidden=True),
        ),
        query=cases.list_rows,
        views=(
            SavedView("我的项目", (("owner", "me"), ("open", "yes")), "-updated_at"),
            SavedView("进行中", (("open", "yes"),), "-updated_at"),
            SavedView("本周到期", (("due", "week"),), "-updated_at"),
            SavedView("已成交", (("phase", "won"),), "-updated_at"),
            SavedView("已流失", (("phase", "lost"),), "-updated_at"),
            SavedView("全部", (), "-updated_at"),
        ),
        filters=(
            FilterChoice("phase", "阶段", lambda: [(value, tr(word)) for value, word in PHASES.items()]),
            FilterChoice("due", "期限", lambda: [("late", tr("已逾期")), ("today", tr("今天")), ("week", tr("本周"))]),
            FilterChoice(
                "building_type", "项目类型",
                lambda: [(v, tr(w)) for v, w in KINDS["case"].choices["building_type"].items()],
            ),
        ),
        empty=EmptyText("briefcase", "还没有项目", "一个项目是一位客户的一项需求，从第一次咨询到签订合同都在这里。"),
        new_right="case.create",
        new_title="新建项目",
        preview=lambda _ctx, found: CasePreview(found, today()),
        actions=(
            ListAction("暂停", "pause", partial(_call, page, "pause"), "", allowed("open")),
            ListAction("恢复", "play", partial(_call, page, "resume"), "", allowed("paused")),
        ),
        also=("customer", "survey", "design", "quote", "contract", "user", "decision"),
        search_hint="搜索项目名称、编号或拼音首字母",
    )  # fmt: skip


def _call(page: CasesPage, name: str, rows: list[CaseRow]) -> object:
    return getattr(page, name)(rows)


def _who(found: CaseRow) -> str:
    return who_words(found.next_who, found.next_person) if found.next_action else ""


class CasePreview(QWidget):
    """A case at a glance: made of the row alone."""

    def __init__(self, found: CaseRow, today: dt.date) -> None:
        super().__init__()
        whole = QVBoxLayout(self)
        whole.setContentsMargins(16, 12, 16, 16)
        whole.setSpacing(10)
        whole.addWidget(words(found.title, "section", wrap=True, selectable=True))
        whole.addLayout(row(words(found.number, "secondary", selectable=True), Chip(*phase_chip(found.phase)), None))
        whole.addWidget(words(fmt.money(found.amount_fen), "figure"))
        for name, value in (
            ("customer", found.customer),
            ("next_action", row_step(found)),
            ("next_who", _who(found)),
            ("next_due", due_words(found.next_due, today)),
            ("owner", found.owner),
            (
                "building_type",
                lookup.choice("case", "building_type", found.building_type) if found.building_type else "",
            ),
            ("expected_on", fmt.day(found.expected_on) if found.expected_on else ""),
        ):
            if value:
                word = words(lookup.label("case", name), "small")
                word.setFixedWidth(84)
                word.setAlignment(Qt.AlignmentFlag.AlignTop)
                said = words(value, wrap=True, selectable=True)
                line = row(word, gap=8)
                line.addWidget(said, 1)
                whole.addLayout(line)
        whole.addStretch(1)


def cases_page(ctx: ViewContext) -> QWidget:
    """The page behind 项目 in the rail."""
    return CasesPage(ctx)
