"""The main window: puts rail, top bar and pages together and is where features meet (the Navigation of kit/context.py)."""

from __future__ import annotations

import builtins
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from PySide6.QtCore import QByteArray, QPoint, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QMouseEvent, QShortcut
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from presales_desktop.services import workbench
from presales_desktop.services.search import Hit
from presales_desktop.services.work import ChangeSet
from presales_desktop.texts import language, lookup, set_language, tr, tr_place
from presales_desktop.texts.common import ROLES
from presales_desktop.views.kit import icons, jobs, qt_words, shortcuts, theme
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.feature import Feature
from presales_desktop.views.kit.states import ErrorBar, ToastHost
from presales_desktop.views.shell import user_menu
from presales_desktop.views.shell.commands import Command
from presales_desktop.views.shell.crash import CrashPanel
from presales_desktop.views.shell.errors import Presenter
from presales_desktop.views.shell.pages import Pages
from presales_desktop.views.shell.palette import Palette
from presales_desktop.views.shell.places import Place
from presales_desktop.views.shell.preferences import PreferenceActions, WorkspaceInfo
from presales_desktop.views.shell.rail import Entry, Rail
from presales_desktop.views.shell.shortcut_overlay import ShortcutOverlay
from presales_desktop.views.shell.standard import DELEGATIONS, INBOX, SYNC, WORKBENCH, StandardPages, commands
from presales_desktop.views.shell.top_bar import TopBar
from presales_desktop.views.shell.user_menu import DemoUser, UserMenuActions

__all__ = ["DemoUser", "MainWindow", "WorkspaceInfo"]

_COUNT_MS = 400


class MainWindow(QWidget):
    """CTX gets this window as its `nav`. ON_SWITCH_USER(login) and ON_CLOSE() are app.py's; ON_LANGUAGE(code) is told after
    the language was switched and the window rebuilt."""

    def __init__(
        self,
        ctx: ViewContext,
        features: tuple[Feature, ...],
        company: str,
        demo_users: tuple[DemoUser, ...] = (),
        on_switch_user: Callable[[str], object] = lambda login: None,
        on_language: Callable[[str], object] = lambda code: None,
        on_close: Callable[[], object] = lambda: None,
        *,
        workspace: WorkspaceInfo | None = None,
    ) -> None:
        super().__init__()
        self.ctx = ctx
        ctx.nav = self
        self._all_features = features
        self._company = company
        self._users = demo_users
        self._on_switch_user, self._on_language, self._on_close = on_switch_user, on_language, on_close
        self._workspace = workspace
        self._number = 0
        self.setObjectName("main")
        self.setWindowTitle(f"{company} · {tr('灯饰售前工作台')}")
        self.setMinimumSize(860, 480)  # a screen of 1366x768 at 150 %
        self._layout = QHBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self.toasts = ToastHost(self)
        self._count_later = QTimer(self, singleShot=True, interval=_COUNT_MS)
        self._count_later.timeout.connect(lambda: jobs.start(self, self._count(), failed=lambda _: None))
        ctx.bus.changed.connect(self._changed)
        if ctx.sync is not None:
            ctx.sync.changed.connect(self._sync_changed)
        jobs.set_reporter(self.show_error)
        self._build()
        self._restore_geometry()
        self.pages.go(WORKBENCH)
        self._count_later.start(0)

    # --- building ----------------------------------------------------------------------------------------------------
    @property
    def features(self) -> tuple[Feature, ...]:
        """The features whose list the acting user may see."""
        return tuple(f for f in self._all_features if self.ctx.may(f.right).allowed)

    def _build(self) -> None:
        """Everything that carries words; made anew when the language changes."""
        actor = self.ctx.actor
        title = next((u.title for u in self._users if u.name == actor.name), lookup_role(self.ctx))
        self.rail = Rail(self._company, self._entries(), self.ctx.settings.rail_collapsed)
        self.rail.chosen.connect(self._rail_chosen)
        self.rail.collapsed.connect(self._remember_rail)
        self.top = TopBar(actor.name, title, demo=bool(self._users), connected=self.ctx.sync is not None)
        self.top.sync.connect(lambda: self._go(SYNC))
        self.error_bar = ErrorBar()
        self.error_bar.setObjectName("window.error")
        self.standard = StandardPages(self.ctx, self._preference_actions(), self._workspace)
        self.pages = Pages(self._make)
        self.pages.moved.connect(self._moved)
        self.pages.titled.connect(self._show_crumbs)
        self._body = QWidget()
        column = QVBoxLayout(self._body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.top)
        column.addWidget(self.error_bar)
        column.addWidget(self.pages, 1)
        self._layout.addWidget(self.rail)
        self._layout.addWidget(self._body, 1)
        self.palette_overlay = Palette(self, self.ctx, self.commands, self._recent)
        self.shortcut_overlay = ShortcutOverlay(self)
        self.palette_overlay.home = self.shortcut_overlay.home = self.pages.currentWidget
        self.crash = CrashPanel(self)
        self._presenter = Presenter(self.error_bar, self._bug)
        self.top.back.connect(self.pages.back)
        self.top.forward.connect(self.pages.forward)
        self.top.search.connect(self.palette_overlay.open)
        self.top.new.connect(self.show_new_menu)
        self.top.user.connect(self.show_user_menu)
        self.top.crumb.connect(self._crumb)
        self._keys()
        self._show_sync()

    def _entries(self) -> list[Entry]:
        entries = [Entry(WORKBENCH.key, tr("工作台"), "layout-dashboard", "", "Alt+1")]
        for n, feature in enumerate(self.features, 2):
            key = feature.shortcut or (f"Alt+{n}" if n < 10 else "")
            entries.append(Entry(feature.key, tr_place(feature.title), feature.icon, tr_place(feature.group), key))
        if self.ctx.sync is not None:
            entries.insert(1, Entry(INBOX.key, tr("收件箱"), "inbox", "", "Alt+0"))
        return entries

    def _keys(self) -> None:
        self._shortcuts: builtins.list[QShortcut | None] = []

        def add(key: str, title: str, run: Callable[[], object]) -> None:
            made = shortcuts.register(self, key, title, run, context=Qt.ShortcutContext.WindowShortcut)
            self._shortcuts.append(made)

        add("Ctrl+K", tr("搜索或输入命令"), self.palette_overlay.open)
        add("Ctrl+N", tr("新建"), self.show_new_menu)
        add("Alt+Left", tr("后退"), self.pages.back)
        add("Alt+Right", tr("前进"), self.pages.forward)
        for entry in self._entries():
            if entry.shortcut:
                add(entry.shortcut, entry.title, partial(self._rail_chosen, entry.key))
        add("Ctrl+W", tr("关闭这一页"), self.close_page)
        add("Ctrl+B", tr("收起或展开导航"), self.rail.toggle)
        add("Ctrl+,", tr("偏好设置"), lambda: self.pages.go(Place("page", "preferences")))
        add("Ctrl+/", tr("显示全部快捷键"), self.shortcut_overlay.open)
        if self.ctx.sync is not None:
            add("Ctrl+Shift+Y", tr("同步中心"), lambda: self._go(SYNC))
            add("Ctrl+Shift+U", tr("立即同步"), self.ctx.sync.sync_now)
        add("F6", tr("在导航、顶栏和页面之间切换"), self._next_area)
        add("Ctrl+Q", tr("退出"), self.close)

    def rebuild(self) -> None:
        """Make every word anew (after a change of language); the open page and the way to it stay."""
        history = self.pages.history
        self.pages.drop_all()
        for made in self._shortcuts:
            if made is not None:
                made.setEnabled(False)
                made.deleteLater()
        shortcuts.forget(self)
        for old in (self.rail, self._body, self.palette_overlay, self.shortcut_overlay, self.crash):
            self._layout.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._build()
        self.setWindowTitle(f"{self._company} · {tr('灯饰售前工作台')}")
        self.pages.history = history
        if history.current is not None:
            self.pages.go(history.current)
        self._count_later.start(0)

    # --- Navigation --------------------------------------------------------------------------------------------------
    def open(self, kind: str, record_id: UUID, parts: Sequence[UUID] = ()) -> None:
        """Open the editor of a record, led to PARTS of it."""
        if self._feature_of(kind) is None:
            self.toast(tr("{kind}没有自己的页面。", kind=lookup.kind_title(kind)))
            return
        self._go(Place("record", kind, record_id))
        show_parts = getattr(self.pages.page, "show_parts", None)
        if parts and show_parts is not None:
            show_parts(tuple(parts))

    def new(self, kind: str, **initial: Any) -> None:
        """Open an empty editor."""
        self._number += 1
        self._go(Place("new", kind, None, self._number, dict(initial)))

    def list(self, key: str, **filters: str) -> None:
        """Show a feature's list, or one of the shell's own pages ("inbox", "sync", "delegations")."""
        own = next((place for place in (INBOX, SYNC, DELEGATIONS, WORKBENCH) if place.key == key), None)
        page = self._go(own or Place("list", key))
        narrow = getattr(page, "set_filters", None)
        if filters and callable(narrow):
            narrow(**filters)

    def toast(self, text: str, *, tone: str = "neutral", action: tuple[str, Callable[[], None]] | None = None) -> None:
        """A short message at the bottom."""
        self.toasts.show(text, tone, action)

    def show_error(self, error: BaseException, page: QWidget | None = None) -> None:
        """The one presenter of errors."""
        self._presenter.show(error, page or self.pages.page)

    def close_page(self) -> None:
        """Close the page that is shown; the workbench stays."""
        place = self.pages.place
        if place is not None and place != WORKBENCH:
            self.pages.close_place(place)
            if self.pages.place is None:
                self.pages.go(WORKBENCH)

    # --- pages -------------------------------------------------------------------------------------------------------
    def _go(self, place: Place) -> QWidget | None:
        self.error_bar.clear()
        try:
            return self.pages.go(place)
        except Exception as error:  # noqa: BLE001  # a page that can't be made must not take the window with it
            self.show_error(error)
            return None

    def _feature_of(self, kind: str) -> Feature | None:
        return next((f for f in self._all_features if f.kind == kind), None)

    def _make(self, place: Place) -> QWidget:
        if place.type == "page":
            return self.standard.make(place.key)
        if place.type == "list":
            feature = next(f for f in self._all_features if f.key == place.key)
            page = feature.list_page(self.ctx)
            if not page.windowTitle():
                page.setWindowTitle(tr(feature.title))
            return page
        found = self._feature_of(place.key)
        if found is None:
            raise KeyError(place.key)
        return found.editor(self.ctx, place.id, dict(place.initial))

    def _moved(self) -> None:
        self.top.set_way(can_back=self.pages.history.can_back, can_forward=self.pages.history.can_forward)
        place = self.pages.place
        feature = None if place is None else self._feature_at(place)
        self.rail.set_current(feature.key if feature is not None else (place.key if place is not None else ""))
        self._show_crumbs()

    def _feature_at(self, place: Place) -> Feature | None:
        if place.type == "list":
            return next((f for f in self._all_features if f.key == place.key), None)
        return self._feature_of(place.key) if place.type in ("record", "new") else None

    def _show_crumbs(self) -> None:
        place = self.pages.place
        if place is None:
            return
        title = self.pages.title(self.pages.page)
        feature = self._feature_at(place)
        if feature is None or place.type == "list":
            self.top.set_crumbs([tr_place(feature.title) if feature is not None else title])
        else:
            self.top.set_crumbs([tr_place(feature.title), title or lookup.kind_title(feature.kind)])

    def _crumb(self, _index: int) -> None:
        place = self.pages.place
        feature = self._feature_at(place) if place is not None else None
        if feature is not None:
            self.list(feature.key)

    def _rail_chosen(self, key: str) -> None:
        if key in (WORKBENCH.key, INBOX.key):
            self._go(Place("page", key))
        else:
            self.list(key)
        self._moved()

    def _recent(self) -> builtins.list[Hit]:
        found = []
        for place in self.pages.history.recent(6):
            title = self.pages.titles.get(place, "")
            if title and place.id is not None:
                found.append(Hit(place.key, place.id, title, ""))
        return found

    def _next_area(self) -> None:
        """From the rail to the top bar to the page and round again."""
        areas = (self.rail, self.top, self.pages)
        focus = self.focusWidget()
        at = next((i for i, a in enumerate(areas) if focus is not None and a.isAncestorOf(focus)), 2)
        shortcuts.focus_first(areas[(at + 1) % 3])

    # --- menus and commands ------------------------------------------------------------------------------------------
    def _new_features(self) -> builtins.list[Feature]:
        return [f for f in self.features if f.new_right and self.ctx.may(f.new_right).allowed]

    def new_menu(self) -> QMenu:
        """What can be made."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setObjectName("new.menu")
        for feature in self._new_features():
            title = tr(feature.new_title) if feature.new_title else lookup.kind_title(feature.kind)
            entry = menu.addAction(icons.icon(feature.icon), title, partial(self.new, feature.kind))
            entry.setObjectName(f"new.{feature.kind}")
        if menu.isEmpty():
            menu.addAction(tr("您的岗位没有可以新建的内容")).setEnabled(False)
        return menu

    def show_new_menu(self) -> None:
        """Under the 新建 button; the first entry is chosen, so that Enter makes it."""
        menu = self.new_menu()
        menu.popup(self.top.new_button.mapToGlobal(self.top.new_button.rect().bottomLeft()))
        menu.setActiveAction(menu.actions()[0])

    def show_user_menu(self) -> None:
        """Under the user's name."""
        actions = UserMenuActions(
            self._on_switch_user, self.set_theme, self.set_language, self.set_density,
            lambda: self._go(DELEGATIONS), lambda: self._go(Place("page", "preferences")), self.shortcut_overlay.open, self.close,
        )  # fmt: skip
        settings = self.ctx.settings
        menu = user_menu.build(self, self.ctx.actor.name, self._users, settings.theme, settings.density, actions)
        below = self.top.user_button.mapToGlobal(self.top.user_button.rect().bottomRight())
        menu.popup(below - QPoint(menu.sizeHint().width(), 0))

    def commands(self) -> builtins.list[Command]:
        """What the palette offers now."""
        return commands(self, self.features, self._new_features(), self._users, self._on_switch_user)

    # --- looks and language ------------------------------------------------------------------------------------------
    def _preference_actions(self) -> PreferenceActions:
        return PreferenceActions(self.set_language, self.set_theme, self.set_density)

    def set_theme(self, mode: str) -> None:
        """Light, dark or as the platform is."""
        self.ctx.settings.theme = mode
        self._dress()

    def set_density(self, density: str) -> None:
        """Comfortable or compact."""
        self.ctx.settings.density = density
        self._dress()

    def _dress(self) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        theme.apply(app, self.ctx.settings.theme, self.ctx.settings.density)
        for page in self.pages.open_pages.values():
            page.updateGeometry()

    def set_language(self, code: str) -> None:
        """Chinese or English; everything is made anew, the page stays."""
        if code == language():
            return
        self.ctx.settings.language = code
        set_language("en" if code == "en" else "zh")
        qt_words.speak(language())
        # Not inside the signal of a button that is about to be deleted.
        QTimer.singleShot(0, self, partial(self._speak, code))

    def _speak(self, code: str) -> None:
        self.rebuild()
        self._on_language(code)

    # --- what waits --------------------------------------------------------------------------------------------------
    def _changed(self, _changes: ChangeSet, _initiator: object) -> None:
        self._count_later.start()

    async def _count(self) -> None:
        found = await self.ctx.db.run(workbench.counts)
        if self.ctx.sync is not None:
            found = {**found, INBOX.key: self.ctx.sync.status.inbox}
        self.rail.set_counts(found)

    def _sync_changed(self, _status: object) -> None:
        self._show_sync()
        self._count_later.start()

    def _show_sync(self) -> None:
        if self.ctx.sync is not None and self.top.sync_button is not None:
            self.top.sync_button.show_status(self.ctx.sync.status)

    # --- window ------------------------------------------------------------------------------------------------------
    def _bug(self, error: BaseException, page: QWidget | None) -> None:
        self.crash.show_error(error, page.objectName() if page is not None else "")

    def _remember_rail(self, narrow: bool) -> None:
        self.ctx.settings.rail_collapsed = narrow

    def _restore_geometry(self) -> None:
        kept = self.ctx.settings.window.get("geometry")
        if not isinstance(kept, str) or not self.restoreGeometry(QByteArray.fromBase64(kept.encode())):
            screen = self.screen().availableGeometry()
            self.resize(min(1440, screen.width()), min(900, screen.height()))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The back and forward buttons of the mouse."""
        if event.button() == Qt.MouseButton.BackButton:
            self.pages.back()
        elif event.button() == Qt.MouseButton.ForwardButton:
            self.pages.forward()
        else:
            super().mousePressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Let the pages write what was typed, remember the window."""
        kept = bytes(self.saveGeometry().toBase64().data()).decode()
        self.ctx.settings.window = {**self.ctx.settings.window, "geometry": kept}
        self.pages.drop_all()
        super().closeEvent(event)
        self._on_close()


def lookup_role(ctx: ViewContext) -> str:
    """The word of the acting user's first role."""
    return tr(ROLES[min(r.value for r in ctx.actor.roles)]) if ctx.actor.roles else ""
