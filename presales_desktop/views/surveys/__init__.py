"""Needs surveys: list, interview editor with live analysis, report."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from PySide6.QtWidgets import QWidget

from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.feature import Feature


def _list(ctx: ViewContext) -> QWidget:
    from presales_desktop.views.surveys.list import surveys_page

    return surveys_page(ctx)


def _editor(ctx: ViewContext, record_id: UUID | None, initial: dict[str, Any]) -> QWidget:
    from presales_desktop.views.surveys.editor import SurveyEditor

    return SurveyEditor(ctx, record_id, initial)


FEATURE = Feature(
    key="surveys",
    kind="survey",
    title="需求调研",
    icon="clipboard-list",
    group="客户",
    list_page=_list,
    editor=_editor,
    right="survey.view",
    new_right="survey.create",
    new_title="新建调研",
    modules=("presales_desktop.views.surveys.list", "presales_desktop.views.surveys.editor"),
)
