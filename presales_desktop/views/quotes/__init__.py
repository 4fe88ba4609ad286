"""The area quotes in the window."""

from __future__ import annotations

from presales_desktop.views.kit.feature import Feature
from presales_desktop.views.quotes.editor import QuoteEditor
from presales_desktop.views.quotes.list_page import make_page

FEATURE = Feature(
    key="quotes",
    kind="quote",
    title="报价",
    icon="receipt-text",
    group="成交",
    list_page=make_page,
    editor=QuoteEditor,
    right="quote.view",
    new_right="quote.create",
    new_title="新建报价单",
)
