"""The area quotes in the window."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from PySide6.QtWidgets import QWidget

from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.feature import Feature


def _list(ctx: ViewContext) -> QWidget:
    from presales_desktop.views.quotes.list_page import make_page

    return make_page(ctx)


def _editor(ctx: ViewContext, record_id: UUID | None, initial: dict[str, Any]) -> QWidget:
    from presales_desktop.views.quotes.editor import QuoteEditor

    return QuoteEditor(ctx, record_id, initial)


def _desk(ctx: ViewContext) -> QWidget:
    from presales_desktop.views.quotes.desk import Desk

    return Desk(ctx)


FEATURE = Feature(
    key="quotes",
    kind="quote",
    title="报价",
    icon="receipt-text",
    group="成交",
    list_page=_list,
    editor=_editor,
    right="quote.view",
    new_right="quote.create",
    new_title="新建报价单",
    modules=("presales_desktop.views.quotes.list_page", "presales_desktop.views.quotes.editor"),
)
# Its records are quotes, which open in the editor of FEATURE.
DESK = Feature(
    key="quote_desk",
    kind="quote",
    title="审批台",
    icon="list-checks",
    group="成交",
    list_page=_desk,
    editor=_editor,
    right="quote.desk",
    modules=("presales_desktop.views.quotes.desk", "presales_desktop.views.quotes.editor"),
)
