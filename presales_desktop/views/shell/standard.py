"""The shell's own pages (workbench, preferences, gallery) and the commands that belong to no feature."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from presales_desktop.texts import language, lookup, tr, tr_place
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.feature import Feature
from presales_desktop.views.shell.commands import Command
from presales_desktop.views.shell.places import Place
from presales_desktop.views.shell.preferences import PreferenceActions, PreferencesPage, WorkspaceInfo
from presales_desktop.views.shell.user_menu import DENSITIES, LANGUAGES, THEMES, DemoUser

if TYPE_CHECKING:
    from presales_desktop.views.shell.main_window import MainWindow

WORKBENCH = Place("page", "workbench")
INBOX = Place("page", "inbox")
SYNC = Place("page", "sync")
DELEGATIONS = Place("page", "delegations")


class StandardPages:
    """Makes the shell's own pages."""

    def __init__(self, ctx: ViewContext, actions: PreferenceActions, workspace: WorkspaceInfo | None) -> None:
        self._ctx, self._actions, self._workspace = ctx, actions, workspace

    def make(self, key: str) -> QWidget:
        """The page KEY."""
        if key == "preferences":
            settings = self._ctx.settings
            return PreferencesPage(settings.theme, settings.density, self._workspace, self._actions)
        if key == "gallery":
            from presales_desktop.views.kit.gallery import GalleryPage

            return GalleryPage(self._ctx)
        if key == "inbox":
            from presales_desktop.views.inbox.page import InboxPage

            return InboxPage(self._ctx)
        if key == "sync":
            from presales_desktop.views.shell.sync_centre import SyncCentre

            return SyncCentre(self._ctx)
        if key == "delegations":
            from presales_desktop.views.shell.delegations_page import DelegationsPage

            return DelegationsPage(self._ctx)
        from presales_desktop.views.workbench.page import WorkbenchPage

        return WorkbenchPage(self._ctx)


def commands(
    window: MainWindow,
    features: Sequence[Feature],
    makeable: Sequence[Feature],
    users: Sequence[DemoUser],
    switch_user: Callable[[str], object],
) -> list[Command]:
    """What the palette offers now: the page's steps first, then new, places, looks, people."""
    found = page_commands(window.pages.page)
    new, go, looks, other = tr("新建"), tr("前往"), tr("显示"), tr("其他")
    for feature in makeable:
        title = tr(feature.new_title) if feature.new_title else lookup.kind_title(feature.kind)
        kind = feature.kind
        found.append(Command(f"new.{kind}", title, "plus", _later(window.new, kind), new, words=feature.new_title))
    found.append(
        Command("go.workbench", tr("工作台"), "layout-dashboard", lambda: window.pages.go(WORKBENCH), go, "Alt+1")
    )
    for n, feature in enumerate(features, 2):
        key = feature.shortcut or (f"Alt+{n}" if n < 10 else "")
        run = _later(window.list, feature.key)
        found.append(Command(f"go.{feature.key}", tr_place(feature.title), feature.icon, run, go, key, feature.title))
    for mode, text, icon in THEMES:
        title = tr("外观：{name}", name=tr(text))
        found.append(Command(f"theme.{mode}", title, icon, _later(window.set_theme, mode), looks, words=text))
    for density, text in DENSITIES:
        title = tr("密度：{name}", name=tr(text))
        found.append(
            Command(f"density.{density}", title, "rows-3", _later(window.set_density, density), looks, words=text)
        )
    for code, name in LANGUAGES:
        if code != language():
            title = tr("切换语言：{name}", name=name)
            found.append(
                Command(
                    f"language.{code}", title, "languages", _later(window.set_language, code), looks, words="language"
                )
            )
    found += _other(window, other)
    for user in users:
        if user.name != window.ctx.actor.name:
            title = tr("切换为 {name}（{title}）", name=user.name, title=user.title)
            found.append(
                Command(
                    f"user.{user.login}", title, "user-round", _later(switch_user, user.login), other, words=user.login
                )
            )
    return found


def _other(window: MainWindow, group: str) -> list[Command]:
    def go(key: str) -> Callable[[], object]:
        return lambda: window.pages.go(Place("page", key))

    desk, found = window.ctx.sync, []
    if desk is not None:
        found = [
            Command("inbox", tr("收件箱"), "inbox", go("inbox"), group, "Alt+0", "inbox conflict"),
            Command("sync", tr("同步中心"), "cloud", go("sync"), group, "Ctrl+Shift+Y", "sync server"),
            Command("sync.now", tr("立即同步"), "refresh-cw", desk.sync_now, group, "Ctrl+Shift+U", "sync"),
        ]
    return [
        *found,
        Command(
            "delegations",
            tr("审批委托"),
            "user-check",
            go("delegations"),
            group,
            words="delegation stand in weituo daili",
        ),
        Command("preferences", tr("偏好设置"), "settings", go("preferences"), group, "Ctrl+,"),
        Command("shortcuts", tr("显示全部快捷键"), "keyboard", window.shortcut_overlay.open, group, "Ctrl+/"),
        Command("rail", tr("收起或展开导航"), "panel-left", window.rail.toggle, group, "Ctrl+B"),
        Command("gallery", tr("组件图库"), "palette", go("gallery"), group),
    ]


def _later(function: Callable[[str], Any], value: str) -> Callable[[], object]:
    return lambda: function(value)


def page_commands(page: QWidget | None) -> list[Command]:
    """The steps that the shown page offers right now."""
    steps = getattr(page, "steps", None)
    if not callable(steps):
        return []
    here = tr("这一页")
    run = getattr(page, "run_step", None)

    def runner(step: Any) -> Callable[[], object]:
        return (lambda: run(step)) if callable(run) else step.callback

    return [
        Command(
            f"step.{step.action}",
            step.title,
            step.icon or "zap",
            runner(step),
            here,
            "Ctrl+Enter" if step.primary else step.shortcut,
        )
        for step in steps()
        if step.enabled
    ]
