"""Credit: applications with their assessment, exceptions from a grade's terms, the dated score cards."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from PySide6.QtWidgets import QWidget

from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.feature import Feature


def _list(ctx: ViewContext) -> QWidget:
    from presales_desktop.views.credit.list import credit_page

    return credit_page(ctx)


def _editor(ctx: ViewContext, record_id: UUID | None, initial: dict[str, Any]) -> QWidget:
    from presales_desktop.views.credit.editor import CreditEditor

    return CreditEditor(ctx, record_id, initial)


def _exceptions(ctx: ViewContext) -> QWidget:
    from presales_desktop.views.credit.list import exceptions_page

    return exceptions_page(ctx)


def _exception(ctx: ViewContext, record_id: UUID | None, initial: dict[str, Any]) -> QWidget:
    from presales_desktop.views.credit.exceptions import ExceptionEditor

    return ExceptionEditor(ctx, record_id, initial)


def _schemes(ctx: ViewContext) -> QWidget:
    from presales_desktop.views.credit.list import schemes_page

    return schemes_page(ctx)


def _scheme(ctx: ViewContext, record_id: UUID | None, initial: dict[str, Any]) -> QWidget:
    from presales_desktop.views.credit.schemes import SchemeEditor

    return SchemeEditor(ctx, record_id, initial)


FEATURE = Feature(
    key="credit",
    kind="credit",
    title="信用",
    icon="shield-check",
    group="成交",
    list_page=_list,
    editor=_editor,
    right="credit.view",
    new_right="credit.create",
    new_title="申请信用评估",
    modules=("presales_desktop.views.credit.list", "presales_desktop.views.credit.editor"),
)
EXCEPTIONS = Feature(
    key="credit_exceptions",
    kind="credit_exception",
    title="信用例外",
    icon="shield-alert",
    group="成交",
    list_page=_exceptions,
    editor=_exception,
    right="credit.view",
    new_right="credit_exception.create",
    new_title="申请信用例外",
    modules=("presales_desktop.views.credit.list", "presales_desktop.views.credit.exceptions"),
)
SCHEMES = Feature(
    key="credit_schemes",
    kind="credit_scheme",
    title="信用评分卡",
    icon="sliders-horizontal",
    group="成交",
    list_page=_schemes,
    editor=_scheme,
    right="credit.figures",
    new_right="credit.policy",
    new_title="制定评分卡",
    modules=("presales_desktop.views.credit.list", "presales_desktop.views.credit.schemes"),
)
