"""Price changes: what moved in the market, repricing by rule with preview, letters to customers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from PySide6.QtWidgets import QWidget

from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.feature import Feature


def _changes(ctx: ViewContext) -> QWidget:
    from presales_desktop.views.prices.list import changes_page

    return changes_page(ctx)


def _change(ctx: ViewContext, record_id: UUID | None, initial: dict[str, Any]) -> QWidget:
    from presales_desktop.views.prices.change import PriceChangeEditor

    return PriceChangeEditor(ctx, record_id, initial)


def _events(ctx: ViewContext) -> QWidget:
    from presales_desktop.views.prices.list import events_page

    return events_page(ctx)


def _event(ctx: ViewContext, record_id: UUID | None, initial: dict[str, Any]) -> QWidget:
    from presales_desktop.views.prices.event import PriceEventEditor

    return PriceEventEditor(ctx, record_id, initial)


def _notices(ctx: ViewContext) -> QWidget:
    from presales_desktop.views.prices.list import notices_page

    return notices_page(ctx)


def _notice(ctx: ViewContext, record_id: UUID | None, initial: dict[str, Any]) -> QWidget:
    from presales_desktop.views.prices.notice import PriceNoticeEditor

    return PriceNoticeEditor(ctx, record_id, initial)


CHANGES = Feature(
    key="price_changes",
    kind="price_change",
    title="调价",
    icon="percent",
    group="成交",
    list_page=_changes,
    editor=_change,
    right="price.view",
    new_right="price_change.edit",
    new_title="新建调价",
    modules=("presales_desktop.views.prices.list", "presales_desktop.views.prices.change"),
)
EVENTS = Feature(
    key="price_events",
    kind="price_event",
    title="市场动态",
    icon="chart-line",
    group="成交",
    list_page=_events,
    editor=_event,
    right="price.view",
    new_right="price_event.create",
    new_title="记录市场动态",
    modules=("presales_desktop.views.prices.list", "presales_desktop.views.prices.event"),
)
NOTICES = Feature(
    key="price_notices",
    kind="price_notice",
    title="调价通知函",
    icon="mail",
    group="成交",
    list_page=_notices,
    editor=_notice,
    right="price_notice.edit",
    modules=("presales_desktop.views.prices.list", "presales_desktop.views.prices.notice"),
)
