"""What a list page is made of, as data: features declare it, ListPage shows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtWidgets import QWidget

from presales_desktop.views.kit.columns import Column
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.list_bars import FilterChoice, ListAction, SavedView
from presales_desktop.views.kit.window_model import Query


@dataclass(frozen=True)
class EmptyText:
    """What an empty list says: what belongs here, and its first action (the new button's, unless ACTION_TITLE is given)."""

    icon: str
    title: str
    hint: str
    action_title: str = ""


@dataclass(frozen=True)
class HeaderAction:
    """A button beside 新建 (导入, 导出 …) that needs no rows."""

    title: str
    icon: str
    callback: Callable[[], Any]
    shortcut: str = ""
    right: str = ""


@dataclass(frozen=True)
class ListSpec:
    """What a list page is made of; texts in Chinese, translated when shown.

    key: the feature's key ("customers"); kind: what rows are ("customer"), opened by Enter and made by 新建.
    query: services.<area>.list_rows; views: tabs, the first is shown at first; filters: chips.
    preview(ctx, row) → widget or None; actions on rows; header: further buttons; paste(text): rows pasted from Excel.
    new: replaces ctx.nav.new(kind); open: replaces ctx.nav.open(kind, row.id); also: further kinds whose changes matter.
    """

    key: str
    kind: str
    title: str
    icon: str
    columns: Sequence[Column]
    query: Query
    empty: EmptyText
    views: Sequence[SavedView] = ()
    filters: Sequence[FilterChoice] = ()
    new_right: str = ""
    new_title: str = ""
    preview: Callable[[ViewContext, Any], QWidget | None] | None = None
    actions: Sequence[ListAction] = ()
    header: Sequence[HeaderAction] = ()
    paste: Callable[[str], Any] | None = None
    new: Callable[[], Any] | None = None
    open: Callable[[Any], Any] | None = None
    also: Sequence[str] = ()
    search_hint: str = ""
