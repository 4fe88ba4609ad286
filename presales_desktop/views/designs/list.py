"""The list of designs: latest revisions first, what waits for review, mine; the preview shows rooms and the schedule."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QVBoxLayout, QWidget

from presales_desktop.models.designs import STATES
from presales_desktop.services import designs
from presales_desktop.services.design_schedule import ScheduleRow, rows, schedule
from presales_desktop.services.designs import DesignRow
from presales_desktop.services.work import Work
from presales_desktop.texts import lookup, tr
from presales_desktop.views.designs.words import TONES
from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit import jobs
from presales_desktop.views.kit.basics import words
from presales_desktop.views.kit.columns import Column, state_chip
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.list_page import EmptyText, FilterChoice, ListPage, ListSpec, SavedView


def designs_page(ctx: ViewContext) -> QWidget:
    """The page."""
    return ListPage(
        ctx,
        ListSpec(
            key="designs",
            kind="design",
            title="方案设计",
            icon="drafting-compass",
            query=designs.list_rows,
            columns=(
                Column("number", "编号", 168, text=lambda r: f"{r.number}-R{r.revision}", tone=lambda r: "secondary"),
                Column("title", "名称", 260, stretch=True, strong=True),
                Column("state", "状态", 142, chip=state_chip("design", TONES)),
                Column("customer", "客户", 220),
                Column("owner", "设计负责人", 100, sortable=False),
                Column("rooms", "房间", 64, align="right", sortable=False),
                Column("luminaires", "灯具", 88, align="right", sortable=False),
                Column("updated_at", "更新", 112, format=fmt.ago, tone=lambda r: "secondary"),
            ),
            views=(
                SavedView("当前版本", (("latest", "1"),), "-updated_at"),
                SavedView("我负责的", (("latest", "1"), ("owner_id", "me")), "-updated_at"),
                SavedView("待评审", (("state", "submitted"),), "submitted_at"),
                SavedView("全部版本", (), "-updated_at"),
            ),
            filters=(FilterChoice("state", "状态", tuple((s, lookup.state("design", s)) for s in STATES)),),
            empty=EmptyText(
                "drafting-compass", "还没有方案", "在客户的桌前画出房间，把灯拖进去：灯还在鼠标下，照度已经看得见。"
            ),
            new_right="design.create",
            new_title="新建方案",
            preview=preview,
            also=("customer", "case"),
        ),
    )


def _facts(work: Work, row: DesignRow) -> tuple[ScheduleRow, ...]:
    from presales_desktop.services.catalogue_facts import facts

    draft = designs.load(work, row.id)
    made = schedule(draft.rooms, draft.luminaires)
    return rows(made, facts(work, made.variant_ids))


class _Preview(QWidget):
    """Rooms with what hangs in them."""

    def __init__(self, ctx: ViewContext, row: DesignRow) -> None:
        super().__init__()
        self.ctx, self.row = ctx, row
        self._inner = QVBoxLayout(self)
        self._inner.setSpacing(4)
        self._inner.addWidget(words(row.title, "section", wrap=True))
        self._inner.addWidget(words(f"{row.customer} · {row.case_number}", "secondary", wrap=True))
        self._inner.addStretch(1)
        jobs.start(self, self._load())

    async def _load(self) -> None:
        found = await self.ctx.db.run(_facts, self.row)
        room: Any = None
        for line in found:
            if line.room != room:
                room = line.room
                self._put(words(room or tr("房间以外"), "strong"))
            self._put(words(f"{line.position}  {line.name} {line.model_no} × {line.quantity}", "secondary", wrap=True))
        if not found:
            self._put(words(tr("还没有灯具"), "faint"))

    def _put(self, widget: QWidget) -> None:
        self._inner.insertWidget(self._inner.count() - 1, widget)


def preview(ctx: ViewContext, row: Any) -> QWidget:
    """What Space shows."""
    return _Preview(ctx, row)
