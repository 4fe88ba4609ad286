"""A feature: one entry of the navigation with its list page and its editor."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from PySide6.QtWidgets import QWidget

from presales_desktop.views.kit.context import ViewContext

ListFactory = Callable[[ViewContext], QWidget]
EditorFactory = Callable[[ViewContext, UUID | None, dict[str, Any]], QWidget]


@dataclass(frozen=True)
class Feature:
    """Attributes:
    key: "quotes"; kind: "quote"; title: Chinese text (translated when shown); icon: name of an SVG in resources/icons.
    group: heading in the rail: "", "客户", "方案", "成交", "支持", "管理".
    editor(ctx, record_id or None for a new one, initial values) → page; right: who sees the entry.
    shortcut: key sequence that opens the list.
    modules: what list and editor are made of. Only their factories import them, so that a start pays for no page but the first; app.py
    imports them in the background once the window stands.
    """

    key: str
    kind: str
    title: str
    icon: str
    group: str
    list_page: ListFactory
    editor: EditorFactory
    right: str
    new_right: str = ""
    new_title: str = ""
    shortcut: str = ""
    modules: tuple[str, ...] = ()
