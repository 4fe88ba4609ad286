"""Contracts: list, editor with parties, goods and clauses, review by legal, sales and finance, signing."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from PySide6.QtWidgets import QWidget

from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.feature import Feature


def _list(ctx: ViewContext) -> QWidget:
    from presales_desktop.views.contracts.list import contracts_page

    return contracts_page(ctx)


def _editor(ctx: ViewContext, record_id: UUID | None, initial: dict[str, Any]) -> QWidget:
    from presales_desktop.views.contracts.editor import ContractEditor

    return ContractEditor(ctx, record_id, initial)


def _library(ctx: ViewContext) -> QWidget:
    from presales_desktop.views.contracts.library import library_page

    return library_page(ctx)


def _clause(ctx: ViewContext, record_id: UUID | None, initial: dict[str, Any]) -> QWidget:
    from presales_desktop.views.contracts.library import ClauseEditor

    return ClauseEditor(ctx, "clause", record_id, initial)


CLAUSES = Feature(
    key="clauses",
    kind="clause",
    title="条款库",
    icon="book-open",
    group="成交",
    list_page=_library,
    editor=_clause,
    right="contract.view",
    new_right="clause.edit",
    new_title="新建条款",
    modules=("presales_desktop.views.contracts.library",),
)

FEATURE = Feature(
    key="contracts",
    kind="contract",
    title="合同",
    icon="signature",
    group="成交",
    list_page=_list,
    editor=_editor,
    right="contract.view",
    new_right="contract.create",
    new_title="新建合同",
    modules=("presales_desktop.views.contracts.list", "presales_desktop.views.contracts.editor"),
)
