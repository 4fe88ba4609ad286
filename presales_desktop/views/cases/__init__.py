"""Cases (售前项目): list by phase and next step, the case page with its phase bar and all that it holds."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from PySide6.QtWidgets import QWidget

from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.feature import Feature


def _list(ctx: ViewContext) -> QWidget:
    from presales_desktop.views.cases.list import cases_page

    return cases_page(ctx)


def _editor(ctx: ViewContext, record_id: UUID | None, initial: dict[str, Any]) -> QWidget:
    from presales_desktop.views.cases.editor import CaseEditor

    return CaseEditor(ctx, "case", record_id, initial)


FEATURE = Feature(
    key="cases",
    kind="case",
    title="项目",
    icon="briefcase",
    group="客户",
    list_page=_list,
    editor=_editor,
    right="case.view",
    new_right="case.create",
    new_title="新建项目",
    modules=("presales_desktop.views.cases.list", "presales_desktop.views.cases.editor"),
)
