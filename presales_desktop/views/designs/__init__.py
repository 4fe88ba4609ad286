"""Designs: the list, and the plan editor with light that is alive under the mouse."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from PySide6.QtWidgets import QWidget

from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.feature import Feature


def _list(ctx: ViewContext) -> QWidget:
    from presales_desktop.views.designs.list import designs_page

    return designs_page(ctx)


def _editor(ctx: ViewContext, record_id: UUID | None, initial: dict[str, Any]) -> QWidget:
    from presales_desktop.views.designs.editor import DesignEditor

    return DesignEditor(ctx, "design", record_id, initial)


FEATURE = Feature(
    key="designs",
    kind="design",
    title="方案设计",
    icon="drafting-compass",
    group="方案",
    list_page=_list,
    editor=_editor,
    right="design.view",
    new_right="design.create",
    new_title="新建方案",
    modules=("presales_desktop.views.designs.list", "presales_desktop.views.designs.editor"),
)
