"""Views of a list that a user keeps for himself, and the filters he left on: read from and written to the settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu

from presales_desktop.settings import DeviceSettings
from presales_desktop.texts import tr
from presales_desktop.views.kit import icons, jobs
from presales_desktop.views.kit.basics import button
from presales_desktop.views.kit.dialogs import ask_text
from presales_desktop.views.kit.list_bars import FilterChip, SavedView, ViewTabs

if TYPE_CHECKING:
    from presales_desktop.views.kit.list_page import ListPage

MAX_VIEWS = 12
MAX_TITLE = 20


@dataclass(frozen=True)
class Left:
    """How a list was left: the title of its tab ("" the first) and what its chips said."""

    tab: str = ""
    chips: Mapping[str, str] = field(default_factory=dict)


def own_views(settings: DeviceSettings, key: str) -> tuple[SavedView, ...]:
    """The user's own views of the list KEY, oldest first; what is damaged is left out."""
    kept = _state(settings, key).get("views")
    found: dict[str, SavedView] = {}
    for each in kept if isinstance(kept, list) else ():
        view = _view(each)
        if view is not None:
            found.setdefault(view.title, view)
    return tuple(found.values())[:MAX_VIEWS]


def keep_view(settings: DeviceSettings, key: str, view: SavedView) -> None:
    """Keep VIEW; one of the same title is replaced where it stands."""
    views = list(own_views(settings, key))
    at = next((i for i, v in enumerate(views) if v.title == view.title), len(views))
    views[at : at + 1] = [view]
    _write(settings, key, views=[_plain(v) for v in views])


def drop_view(settings: DeviceSettings, key: str, title: str) -> None:
    """Forget the user's view TITLE."""
    _write(settings, key, views=[_plain(v) for v in own_views(settings, key) if v.title != title])


def left(settings: DeviceSettings, key: str) -> Left:
    """How the list KEY was left."""
    state = _state(settings, key)
    tab, chips = state.get("tab"), state.get("filters")
    return Left(tab if isinstance(tab, str) else "", _texts(chips) if isinstance(chips, dict) else {})


def leave(settings: DeviceSettings, key: str, how: Left) -> None:
    """Remember how the list KEY is left; nothing is written when nothing changed."""
    if how != left(settings, key):
        _write(settings, key, tab=how.tab, filters=dict(how.chips))


def _state(settings: DeviceSettings, key: str) -> dict[str, Any]:
    state = settings.tables.get(key)
    return dict(state) if isinstance(state, dict) else {}


def _write(settings: DeviceSettings, key: str, **values: Any) -> None:
    settings.tables = {**settings.tables, key: {**_state(settings, key), **values}}


def _texts(given: dict[Any, Any]) -> dict[str, str]:
    return {k: v for k, v in given.items() if isinstance(k, str) and isinstance(v, str) and v}


def _view(given: Any) -> SavedView | None:
    if not isinstance(given, dict):
        return None
    title, filters, sort = given.get("title"), given.get("filters"), given.get("sort", "")
    if not isinstance(title, str) or not title.strip() or not isinstance(filters, dict) or not isinstance(sort, str):
        return None
    return SavedView(title, tuple(_texts(filters).items()), sort)


def _plain(view: SavedView) -> dict[str, Any]:
    return {"title": view.title, "filters": dict(view.filters), "sort": view.sort}


class OwnViews:
    """The tabs of a list page: those it was declared with, then the user's own, kept, renamed and dropped here."""

    def __init__(self, page: ListPage, tabs: ViewTabs) -> None:
        self._page, self._tabs = page, tabs
        self._settings, self._key = page.ctx.settings, page.spec.key
        self.save = button(tr("保存为视图"), self._ask_new, look="link", name=f"{self._key}.keep")
        self.save.hide()
        self.views: tuple[SavedView, ...] = ()
        tabs.menu_asked.connect(self._menu)
        self._show("")

    def current(self) -> SavedView | None:
        """The view that is on, None where a list has none."""
        number = self._tabs.current()
        return self.views[number] if 0 <= number < len(self.views) else None

    def restore(self, chips: Sequence[FilterChip]) -> None:
        """Tab and chips as the user left them; what does not exist any more is passed over."""
        how = left(self._settings, self._key)
        self._mark(how.tab)
        for chip in chips:
            value = how.chips.get(chip.choice.name, "")
            if value in {known for known, _ in chip.options()}:
                chip.set_value(value)

    def leave(self, chips: Sequence[FilterChip]) -> None:
        """Remember tab and chips."""
        view = self.current()
        first = view is None or self._tabs.current() == 0
        leave(
            self._settings,
            self._key,
            Left("" if first or view is None else view.title, {c.choice.name: c.value for c in chips if c.value}),
        )

    def _show(self, title: str) -> None:
        declared = self._page.spec.views
        own = own_views(self._settings, self._key)
        self.views = (*declared, *own)
        self._tabs.set_titles([*(tr(v.title) for v in declared), *(v.title for v in own)])
        self._mark(title)

    def _mark(self, title: str) -> None:
        self._tabs.select(next((i for i, v in enumerate(self.views) if v.title == title), 0) if self.views else -1)

    # --- keeping -------------------------------------------------------------------------------------------------------------
    def _ask_new(self) -> None:
        jobs.start(self._page, self._keep_new())

    async def _keep_new(self) -> None:
        page = self._page
        said = await self._ask_title(tr("保存为视图"), "")
        if said:
            keep_view(self._settings, self._key, SavedView(said, page.filters(), page.model.query.sort))
            self._show(said)
            page.set_filters()
            page.show_view(self._tabs.current())
            page.ctx.nav.toast(tr("已保存视图 {name}", name=said), tone="good")

    async def _ask_title(self, title: str, text: str) -> str:
        """A title that is free, "" when it was given up."""
        hint = tr("只给您自己，记在这台电脑上；右键可以改名或删除。")
        said = await ask_text(
            self._page,
            title,
            tr("视图名称"),
            primary=tr("保存"),
            multiline=False,
            text=text,
            hint=hint,
            name="list.keep",
        )
        said = (said or "").strip()[:MAX_TITLE]
        if said and said in {tr(v.title) for v in self._page.spec.views} | {v.title for v in self._page.spec.views}:
            self._page.ctx.nav.toast(tr("已有同名的视图，请换个名称。"), tone="bad")
            return ""
        return said

    # --- the menu of one's own -------------------------------------------------------------------------------------------------
    def _menu(self, number: int, where: QPoint) -> None:
        if number < len(self._page.spec.views):
            return
        view = self.views[number]
        menu = QMenu(self._page)
        menu.setObjectName(f"{self._key}.view.menu")
        menu.aboutToHide.connect(menu.deleteLater)
        menu.addAction(icons.icon("pencil"), tr("重命名…"), partial(self._ask_rename, view))
        menu.addAction(icons.icon("trash-2", "bad"), tr("删除视图"), partial(self.drop, view))
        menu.popup(where)

    def _ask_rename(self, view: SavedView) -> None:
        jobs.start(self._page, self._rename(view))

    async def _rename(self, view: SavedView) -> None:
        said = await self._ask_title(tr("重命名…"), view.title)
        if said and said != view.title:
            drop_view(self._settings, self._key, view.title)
            keep_view(self._settings, self._key, replace(view, title=said))
            self._show(said)
            self._page.show_view(self._tabs.current())

    def drop(self, view: SavedView) -> None:
        """Forget a view of one's own; the toast offers to put it back."""
        drop_view(self._settings, self._key, view.title)
        self._show("")
        self._page.show_view(0)
        back = (tr("撤销"), partial(self._put_back, view))
        self._page.ctx.nav.toast(tr("已删除视图 {name}", name=view.title), action=back)

    def _put_back(self, view: SavedView) -> None:
        keep_view(self._settings, self._key, view)
        self._show(view.title)
        self._page.show_view(self._tabs.current())
