"""Customers: list with preview and import, editor with contacts, sites, duplicates, timeline."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from PySide6.QtWidgets import QWidget

from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.feature import Feature


def _list(ctx: ViewContext) -> QWidget:
    from presales_desktop.views.customers.list import customers_page

    return customers_page(ctx)


def _editor(ctx: ViewContext, record_id: UUID | None, initial: dict[str, Any]) -> QWidget:
    from presales_desktop.views.customers.editor import CustomerEditor

    return CustomerEditor(ctx, "customer", record_id, initial)


FEATURE = Feature(
    key="customers",
    kind="customer",
    title="客户",
    icon="building-2",
    group="客户",
    list_page=_list,
    editor=_editor,
    right="customer.view",
    new_right="customer.create",
    new_title="新建客户",
    modules=("presales_desktop.views.customers.list", "presales_desktop.views.customers.editor"),
)
