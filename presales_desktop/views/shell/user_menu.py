"""The menu under the user's name: who acts (in the demo), looks, language, preferences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QWidget

from presales_desktop.texts import language, tr
from presales_desktop.views.kit import icons

THEMES = (("system", "跟随系统", "sun-moon"), ("light", "浅色", "sun"), ("dark", "深色", "moon"))
LANGUAGES = (("zh", "中文"), ("en", "English"))
DENSITIES = (("comfortable", "宽松"), ("compact", "紧凑"))


@dataclass(frozen=True)
class DemoUser:
    """Somebody whom the demo lets you be."""

    login: str
    name: str
    title: str


@dataclass(frozen=True)
class UserMenuActions:
    """What the menu's entries do."""

    switch_user: Callable[[str], object]
    theme: Callable[[str], object]
    language: Callable[[str], object]
    density: Callable[[str], object]
    delegations: Callable[[], object]
    preferences: Callable[[], object]
    shortcuts: Callable[[], object]
    quit: Callable[[], object]


def build(
    parent: QWidget,
    name: str,
    users: Sequence[DemoUser],
    mode: str,
    density: str,
    actions: UserMenuActions,
) -> QMenu:
    """The menu; it goes when it closes."""
    menu = QMenu(parent)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.setObjectName("user.menu")
    if users:
        head = QAction(tr("以其他同事的身份体验"), menu)
        head.setEnabled(False)
        menu.addAction(head)
        group = QActionGroup(menu)
        for user in users:
            entry = menu.addAction(f"{user.name}　{user.title}", _call(actions.switch_user, user.login))
            entry.setCheckable(True)
            entry.setChecked(user.name == name)
            entry.setObjectName(f"user.{user.login}")
            group.addAction(entry)
        menu.addSeparator()
    themes = menu.addMenu(icons.icon("sun-moon"), tr("外观"))
    _choices(themes, [(key, tr(text)) for key, text, _ in THEMES], mode, actions.theme)
    themes.addSeparator()
    _choices(themes, [(key, tr(text)) for key, text in DENSITIES], density, actions.density)
    tongues = menu.addMenu(icons.icon("languages"), tr("语言 Language"))
    _choices(tongues, list(LANGUAGES), language(), actions.language)
    menu.addSeparator()
    menu.addAction(icons.icon("user-check"), tr("审批委托"), lambda: actions.delegations() and None)
    _entry(menu, "settings", tr("偏好设置"), "Ctrl+,", actions.preferences)
    _entry(menu, "keyboard", tr("键盘快捷键"), "Ctrl+/", actions.shortcuts)
    menu.addSeparator()
    _entry(menu, "log-out", tr("退出"), "Ctrl+Q", actions.quit)
    return menu


def _call(function: Callable[[str], object], value: str) -> Callable[[], None]:
    def call() -> None:
        function(value)

    return call


def _entry(menu: QMenu, icon: str, title: str, key: str, run: Callable[[], object]) -> None:
    menu.addAction(icons.icon(icon), f"{title}\t{key}", lambda: run() and None)


def _choices(menu: QMenu, choices: list[tuple[str, str]], now: str, run: Callable[[str], object]) -> None:
    group = QActionGroup(menu)
    for key, text in choices:
        entry = menu.addAction(text, _call(run, key))
        entry.setCheckable(True)
        entry.setChecked(key == now)
        group.addAction(entry)
