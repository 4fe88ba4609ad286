"""The catalogue: products as table or cards, product page with prices, pictures and light, imports."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from PySide6.QtWidgets import QWidget

from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.feature import Feature


def _list(ctx: ViewContext) -> QWidget:
    from presales_desktop.views.catalogue.list import ProductsPage

    return ProductsPage(ctx)


def _editor(ctx: ViewContext, record_id: UUID | None, initial: dict[str, Any]) -> QWidget:
    from presales_desktop.views.catalogue.editor import ProductEditor

    return ProductEditor(ctx, "product", record_id, initial)


FEATURE = Feature(
    key="products",
    kind="product",
    title="产品",
    icon="lamp-ceiling",
    group="方案",
    list_page=_list,
    editor=_editor,
    right="product.view",
    new_right="product.create",
    new_title="新建产品",
    modules=("presales_desktop.views.catalogue.list", "presales_desktop.views.catalogue.editor"),
)
