"""The lists of price changes, market events and letters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from presales_desktop.services import price_changes, price_events, price_notices
from presales_desktop.texts import prices as texts
from presales_desktop.texts import tr
from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit.columns import Column, choice_text, state_chip
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.list_page import EmptyText, FilterChoice, ListPage, ListSpec, SavedView

TONES: Final[Mapping[str, str]] = {
    "draft": "neutral", "applied": "good", "rolled_back": "amber", "cancelled": "neutral",
}  # fmt: skip
NOTICE_TONES: Final[Mapping[str, str]] = {"drafted": "amber", "sent": "good", "withdrawn": "neutral"}


def rule_text(row: Any) -> str:
    """The rule's figure in short: +5 %, +¥12.00, cost plus 30 %."""
    if row.method == "amount":
        return f"{'+' if (row.amount_fen or 0) > 0 else ''}{fmt.money(row.amount_fen)}"
    said = f"{row.percent.normalize():+f}%" if row.percent is not None else ""
    return f"{tr(texts.METHODS['cost_plus'])} {said}" if row.method == "cost_plus" else said


def signed(value: Any) -> str:
    """A percentage with its sign; nothing for None."""
    return f"{value:+.2f}%" if value is not None else ""


def changes_page(ctx: ViewContext) -> ListPage:
    """The page behind 调价 in the rail."""
    return ListPage(
        ctx,
        ListSpec(
            key="price_changes",
            kind="price_change",
            title="调价",
            icon="percent",
            columns=(
                Column("number", "编号", 140, tone=lambda _: "secondary"),
                Column("title", "名称", 260, strong=True, stretch=True),
                Column("state", "状态", 100, chip=state_chip("price_change", dict(TONES))),
                Column("method", "规则", 170, text=rule_text, sortable=False),
                Column("effective_on", "生效日期", 120, format=str),
                Column("made_by", "制定人", 90, sortable=False),
                Column("updated_at", "更新时间", 100, format=fmt.ago, tone=lambda _: "secondary"),
            ),
            query=price_changes.list_rows,
            views=(SavedView("全部", (), "-updated_at"), SavedView("草稿", (("state", "draft"),), "-updated_at")),
            filters=(FilterChoice("state", "状态", lambda: [(k, tr(v)) for k, v in texts.STATES.items()]),),
            empty=EmptyText(
                "percent",
                "还没有调价",
                "材料涨价或对手降价时，按规则一次调整一批目录价：先看预览和受影响的报价，再从某天起执行，随时可以撤回。",
            ),
            new_right="price_change.edit",
            new_title="新建调价",
            search_hint="搜索名称、编号或理由",
        ),
    )


def events_page(ctx: ViewContext) -> ListPage:
    """The page behind 市场动态 in the rail."""
    return ListPage(
        ctx,
        ListSpec(
            key="price_events",
            kind="price_event",
            title="市场动态",
            icon="chart-line",
            columns=(
                Column("observed_on", "日期", 120, format=str),
                Column("type", "类别", 100, format=choice_text("price_event", "type")),
                Column("subject", "对象", 240, strong=True, stretch=True),
                Column("value", "数值", 110, align="right", format=lambda v: f"{v.normalize():f}"),
                Column("unit", "单位", 90, sortable=False),
                Column("change_percent", "较上次（%）", 110, align="right", format=signed, sortable=False),
                Column("source", "来源", 180, sortable=False),
                Column("made_by", "记录人", 80, sortable=False),
            ),
            query=price_events.list_rows,
            views=(SavedView("全部", (), "-observed_on"),),
            filters=(FilterChoice("type", "类别", lambda: [(k, tr(v)) for k, v in texts.TYPES.items()]),),
            empty=EmptyText(
                "chart-line",
                "还没有市场动态",
                "把看到的原材料指数和竞争对手价格记在这里：日期、数值、来源和截图，调价时有据可查。",
            ),
            new_right="price_event.create",
            new_title="记录市场动态",
            search_hint="搜索对象、来源或说明",
        ),
    )


def notices_page(ctx: ViewContext) -> ListPage:
    """The page behind 调价通知函 in the rail."""
    return ListPage(
        ctx,
        ListSpec(
            key="price_notices",
            kind="price_notice",
            title="调价通知函",
            icon="mail",
            columns=(
                Column("customer", "客户", 260, strong=True, stretch=True),
                Column("state", "状态", 100, chip=state_chip("price_notice", dict(NOTICE_TONES))),
                Column("change", "调价", 240, sortable=False),
                Column("owner", "负责人", 80, sortable=False),
                Column("recipient", "收件人", 140, sortable=False),
                Column("sent_on", "发送日期", 110, format=str, sortable=False),
                Column("updated_at", "更新时间", 100, format=fmt.ago, tone=lambda _: "secondary"),
            ),
            query=price_notices.list_rows,
            views=(
                SavedView("待我发送", (("owner_id", "me"), ("state", "drafted")), "-updated_at"),
                SavedView("全部", (), "-updated_at"),
            ),
            filters=(FilterChoice("state", "状态", lambda: [(k, tr(v)) for k, v in texts.NOTICE_STATES.items()]),),
            empty=EmptyText("mail", "还没有通知函", "调价执行后，在调价页一次起草给所有受影响客户的通知函。"),
            search_hint="搜索客户",
        ),
    )
