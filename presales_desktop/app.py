"""Composition root of the window: the only file that knows workspace, threads, shell and features together.

How a start is laid out, because imports are most of it:
1. the top of this file imports only what the first paint needs;
2. once the first window is painted, one worker finds the key (argon2id, the keyring: neither holds Python's lock) while the other imports
   database, services, shell and the first page;
3. the pages of the features are imported in the background once the main window stands (kit/feature.Feature.modules).
Libraries that only some work needs (numpy, shapely, ezdxf, reportlab, openpyxl, pypinyin …) are imported inside the functions that use
them, or in modules that nothing above imports; tests/end2end/test_start.py keeps it so.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QApplication, QWidget

from presales_desktop import bytecode, paths, timing
from presales_desktop.later import imported_later
from presales_desktop.models.errors import EnvironmentProblem, InputError, PresalesError
from presales_desktop.settings import DeviceSettings
from presales_desktop.texts import language, set_language, tr
from presales_desktop.views.kit import jobs, qt_words, theme
from presales_desktop.views.kit.first_paint import FirstPaint
from presales_desktop.views.kit.garbage import UiCollector
from presales_desktop.views.shell.start_window import StartWindow

if TYPE_CHECKING:
    from presales_desktop.services.work import Runner
    from presales_desktop.store.keys import Unlocked
    from presales_desktop.store.workspace import Workspace
    from presales_desktop.views.kit.db import ChangeBus
    from presales_desktop.views.kit.sync_desk import LinkLike, SyncDesk
    from presales_desktop.views.shell.connect_page import ConnectWanted
    from presales_desktop.views.shell.main_window import MainWindow
    from presales_desktop.views.shell.welcome import NewWorkspace

# The first page's figures come first; then the other pages are imported.
_WARM_MS = 400
_FIRST_PAINT_S = 0.3


@dataclass
class StartOptions:
    """What the command line says about the window. `profile` None: the last one, else the platform's folder."""

    profile: Path | None = None
    lang: str | None = None
    passphrase: str | None = None
    settings_file: Path | None = None


class Program(QObject):
    """From the first window to the last: which workspace, which user, and what closes when."""

    def __init__(self, app: QApplication, options: StartOptions) -> None:
        super().__init__()
        self.app = app
        self.options = options
        self.settings = DeviceSettings(options.settings_file)
        self.pool = jobs.Pool(2)
        self.collector = UiCollector(self)
        self.workspace: Workspace | None = None
        self.window: MainWindow | None = None
        self.start_window: StartWindow | None = None
        self.desk: SyncDesk | None = None
        self.link_of: Callable[[Workspace, Any], tuple[Runner, LinkLike | None]] = _link_of
        self.on_ready: Callable[[], object] = lambda: None
        self.on_failed: Callable[[BaseException], object] = lambda error: None
        self.painted = self.closed = False
        self._loading: jobs.Pending[None] | None = None
        self._warm_later = QTimer(self, singleShot=True, interval=_WARM_MS)
        self._warm_later.timeout.connect(lambda: self._begin(self._warm()))
        set_language("en" if (options.lang or self.settings.language) == "en" else "zh")
        qt_words.speak(language())
        theme.apply(app, self.settings.theme, self.settings.density)

    # --- which workspace -----------------------------------------------------------------------------------------------------
    def start(self) -> None:
        """Show the first window, then open the workspace or ask for one."""
        folder = self.options.profile or Path(self.settings.last_profile or paths.default_profile())
        start = self._start_window(folder)
        if (folder / "workspace.json").is_file():
            start.show_progress(tr("正在打开工作区"), jobs.Progress(start), cancellable=False)
            # Loading the libraries would hold Python's lock: the window is painted first.
            self._after_paint(start, lambda: self._begin(self._open(folder, self.options.passphrase)))
        else:
            start.show_welcome()
            self._after_paint(start, self._load)

    def _after_paint(self, window: QWidget, then: Callable[[], object]) -> None:
        def painted() -> None:
            self.painted = True
            timing.mark("first_paint")
            then()

        FirstPaint(window, painted)

    def _start_window(self, folder: Path) -> StartWindow:
        if self.start_window is None:
            keyring = not os.environ.get("PRESALES_NO_KEYRING")  # whether it may be offered; asked on a thread later
            self.start_window = StartWindow(folder, keyring=keyring, settings=self.settings)
            self.start_window.demo.connect(lambda: self._begin(self._make_demo(folder)))
            self.start_window.new.connect(lambda wanted: self._begin(self._make_new(wanted)))
            self.start_window.open.connect(lambda chosen: self._begin(self._open(Path(chosen), None)))
            self.start_window.connect_server.connect(lambda wanted: self._begin(self._connect(wanted)))
            self.start_window.closed.connect(self._start_closed)
        return self.start_window

    def _begin(self, coroutine: Any) -> None:
        jobs.start(self, coroutine, self._failed)

    def _start_closed(self) -> None:
        if self.window is None:
            self.quit()

    def _failed(self, error: BaseException) -> None:
        if not isinstance(error, PresalesError):
            sys.excepthook(type(error), error, error.__traceback__)
            return
        self.on_failed(error)
        start = self._start_window(self.options.profile or paths.default_profile())
        start.show_error(error)
        start.show()

    def _load(self) -> jobs.Pending[None]:
        """Import what the main window needs, once; on one worker only, for modules must not be imported by two at a time."""
        if self._loading is None:
            self.collector.pause()
            self._loading = self.pool.run(_load_program)
            self._loading.add_done(self.collector.loaded)
        return self._loading

    async def _open(self, folder: Path, passphrase: str | None) -> None:
        start = self._start_window(folder)
        try:
            unlocking = self.pool.run(_unlock, folder, passphrase)
            loading = self._load()
            unlocked = await unlocking
            await loading
            workspace = await self.pool.run(_open_workspace, folder, unlocked)
        except EnvironmentProblem as error:
            if error.code not in ("store.passphrase_needed", "store.passphrase_wrong"):
                start.show_welcome()
                raise
            if start.unlock is None or error.code == "store.passphrase_needed":
                page = start.show_unlock(folder)
                page.submitted.connect(lambda text: self._begin(self._open(folder, text)))
            if error.code == "store.passphrase_wrong":
                raise
            return
        await self._enter(workspace)

    async def _make_demo(self, folder: Path) -> None:
        start = self._start_window(folder)
        progress = jobs.Progress(start)
        start.show_progress(tr("正在布置演示公司"), progress)
        target = paths.free_folder(folder)
        try:
            await self._load()
            workspace = await self.pool.run(_create_demo, target, self.options.passphrase, progress.step)
        except jobs.Cancelled:
            start.show_welcome()
            return
        await self._enter(workspace)

    async def _make_new(self, wanted: NewWorkspace) -> None:
        start = self._start_window(wanted.folder)
        start.show_progress(tr("正在建立工作区"), jobs.Progress(start), cancellable=False)
        await self._load()
        await self._enter(await self.pool.run(_create_new, wanted))

    async def _connect(self, wanted: ConnectWanted) -> None:
        """Log in and load what the user may see. Failing leads back to the form as it was typed."""
        start = self._start_window(wanted.folder)
        progress = jobs.Progress(start)
        start.show_progress(tr("正在连接 {url}", url=wanted.url), progress)
        try:
            await self._load()
            workspace = await self.pool.run(_connect_workspace, wanted, progress.step)
        except jobs.Cancelled:
            start.show_welcome()
            return
        except PresalesError as error:
            start.show_welcome()
            self.on_failed(error)
            start.show_error(error)
            return
        start.welcome.connecting.forget()
        await self._enter(workspace)

    # --- the main window -----------------------------------------------------------------------------------------------------
    async def _enter(self, workspace: Workspace) -> None:
        self.workspace = workspace
        if self.options.profile is None:
            self.settings.last_profile = str(workspace.folder)
        await self._show(workspace, await self.pool.run(_facts, workspace))

    async def _show(self, workspace: Workspace, facts: tuple[Any, str, list[tuple[str, str, str]]]) -> None:
        actor, company, people = facts
        runner, link = await self.pool.run(self.link_of, workspace, actor)
        company = company or (link.status.organisation if link is not None else "")
        self._show_main(actor, company, people, runner, link)

    def _show_main(
        self, actor: Any, company: str, people: Sequence[Any], runner: Runner, link: LinkLike | None
    ) -> None:
        from presales_desktop.views.features import FEATURES
        from presales_desktop.views.kit.context import ViewContext
        from presales_desktop.views.kit.db import ChangeBus, Db
        from presales_desktop.views.shell.main_window import DemoUser, MainWindow, WorkspaceInfo

        assert self.workspace is not None
        bus = ChangeBus()
        nothing: Any = None  # the window puts itself in as navigation
        self.desk = self._desk_for(bus, link)
        ctx = ViewContext(Db(runner, bus), self.pool, bus, nothing, self.settings, actor, self.desk)
        header = self.workspace.header
        old = self.window
        self.window = MainWindow(
            ctx,
            FEATURES,
            company or tr("我的公司"),
            tuple(DemoUser(*person) for person in people) if self.workspace.demo else (),
            on_switch_user=self.switch_user,
            on_close=self.quit,
            workspace=WorkspaceInfo(self.workspace.folder, header.key_source, header.demo),
        )
        self.window.show()
        if old is not None:
            _retire(old)
        if self.start_window is not None:
            self.start_window.closed.disconnect()
            self.start_window.close()
            self.start_window.deleteLater()
            self.start_window = None
        # Usable once the first page shows what the database says (or why it does not).
        first: Any = self.window.pages.page
        first.settled.connect(lambda: QTimer.singleShot(0, self._ready), Qt.ConnectionType.SingleShotConnection)

    def _desk_for(self, bus: ChangeBus, link: LinkLike | None) -> SyncDesk | None:
        """The window's side of the link; it starts once the window is usable."""
        if self.desk is not None:
            self.desk.close()
        if link is None:
            return None
        from presales_desktop.views.kit.sync_desk import SyncDesk

        return SyncDesk(bus, self.pool, link, self)

    def _ready(self) -> None:
        timing.mark("usable")
        self.on_ready()
        if not self.closed:
            self._warm_later.start()
            if self.desk is not None:
                self.desk.start()

    async def _warm(self) -> None:
        """Import the features' pages one by one, so that the first click on each does not wait for it."""
        from presales_desktop.views.features import FEATURES

        self.collector.pause()
        try:
            for module in [name for feature in FEATURES for name in feature.modules]:
                if self.closed:
                    return
                await self.pool.run(import_module, module)
        finally:
            self.collector.loaded()
        if not self.closed:
            await self.pool.run(bytecode.keep)

    def switch_user(self, login: str) -> None:
        """Act as another demo user: a new window on the same workspace."""
        self._begin(self._switch_user(login))

    async def _switch_user(self, login: str) -> None:
        assert self.workspace is not None
        await self._show(self.workspace, await self.pool.run(_switch, self.workspace, login))

    def quit(self) -> None:
        """Close what is open, the database last."""
        self.closed = True
        self._warm_later.stop()
        if self.desk is not None:
            self.desk.close()
        if self.window is not None:
            self.window.ctx.db.close()
        self.pool.close()
        bytecode.keep()
        self.collector.stop()
        if self.workspace is not None:
            self.workspace.close()
            self.workspace = None
        self.app.quit()


def _retire(old: MainWindow) -> None:
    """The window of the user before: its pages write what was typed and end what they started, then its database thread ends.

    Closing it must not end the program.
    """
    old.pages.drop_all()
    old.ctx.db.close()
    old.hide()
    old.deleteLater()


# --- on the worker thread ---------------------------------------------------------------------------------------------------------
def _unlock(folder: Path, passphrase: str | None) -> Unlocked:
    from presales_desktop.store import keys

    return keys.unlock(folder, passphrase)


def _load_program() -> None:
    """Import database, services, shell and first page while the first window already stands, and say how paper is made."""
    with imported_later("asyncio", "importlib.metadata"):
        import_module("sqlalchemy.orm")
        import_module("sqlalchemy.dialects.sqlite")
    import presales_desktop.services.company
    import presales_desktop.services.users
    import presales_desktop.store.workspace
    import presales_desktop.views.features
    import presales_desktop.views.shell.main_window
    import presales_desktop.views.workbench.page  # noqa: F401  # only loaded here
    from presales_desktop.reports import printer

    printer.install()


def _open_workspace(folder: Path, unlocked: Unlocked) -> Workspace:
    from presales_desktop.store import workspace

    return workspace.open_workspace(folder, unlocked=unlocked)


def _create_demo(folder: Path, passphrase: str | None, step: Callable[[int, int, str], None]) -> Workspace:
    from presales_desktop.services.demo.fill import fill
    from presales_desktop.store import workspace

    made = workspace.create(folder, passphrase=passphrase, demo=True)
    try:
        fill(made.engine, lambda done, total, what: step(done, total, tr(what) if what else ""))
    except BaseException:
        made.close()
        workspace.discard(folder)
        raise
    return made


def _create_new(wanted: NewWorkspace) -> Workspace:
    from presales_desktop.models.permissions import Role
    from presales_desktop.services import users
    from presales_desktop.services.work import Runner
    from presales_desktop.store import workspace

    made = workspace.create(wanted.folder, passphrase=wanted.passphrase)
    try:
        Runner(made.engine, users.FOUNDER).run(users.found, wanted.name, (Role(wanted.role),), wanted.company)
    except BaseException:
        made.close()
        workspace.discard(wanted.folder)
        raise
    return made


def _connect_workspace(wanted: ConnectWanted, step: Callable[[int, int, str], None]) -> Workspace:
    from presales_desktop.services import link

    return link.connect(
        wanted.folder, wanted.url, wanted.user, wanted.password, wanted.passphrase, wanted.device_name,
        lambda done, total, what: step(done, total, tr(what) if what else ""),
        new_password=wanted.new_password, authority=wanted.authority,
    )  # fmt: skip


def _link_of(workspace: Workspace, actor: Any) -> tuple[Runner, LinkLike | None]:
    """Who runs use cases, and the link when the workspace belongs to a server: only then HTTP and cryptography are imported."""
    from presales_desktop.services import captured
    from presales_desktop.services.work import Runner

    if captured.capture_of(workspace.engine) is None:
        return Runner(workspace.engine, actor), None
    from presales_desktop.services import link

    made = link.Link(workspace)
    return made.runner(actor), made


def _facts(workspace: Workspace) -> tuple[Any, str, list[tuple[str, str, str]]]:
    """The acting user, the company's name, and the demo's people (login, name, title)."""
    from presales_desktop.services import company, users
    from presales_desktop.services.listing import ListQuery
    from presales_desktop.services.work import Runner, Work
    from presales_desktop.texts.common import ROLES

    def read(work: Work) -> tuple[Any, str, list[tuple[str, str, str]]]:
        people = users.list_rows(work, ListQuery(filters=(("active", "true"),), limit=100)).rows
        named = [(p.login, p.name, tr(ROLES[p.roles[0]])) for p in people]
        return users.acting(work), company.letterhead(work).name, named

    return Runner(workspace.engine, users.FOUNDER).run(read)[0]


def _switch(workspace: Workspace, login: str) -> tuple[Any, str, list[tuple[str, str, str]]]:
    from presales_desktop.services import users
    from presales_desktop.services.work import Runner

    Runner(workspace.engine, users.FOUNDER).run(lambda work: users.set_acting(work, users.resolve(work, login)))
    return _facts(workspace)


# --- entry ----------------------------------------------------------------------------------------------------------------------
def _let_paint(program: Program) -> None:
    """Let the first window appear; a platform that never paints it (another virtual desktop) does not hold the start up."""
    until = time.perf_counter() + _FIRST_PAINT_S
    while not program.painted and time.perf_counter() < until:
        program.app.processEvents()
        time.sleep(0.001)


def make_application(arguments: Sequence[str]) -> QApplication:
    """The QApplication with name, icon and input method settled."""
    if os.environ.get("QT_IM_MODULE", "").startswith("fcitx"):
        # The wheels bring no fcitx plugin; fcitx answers the ibus protocol.
        os.environ["QT_IM_MODULE"] = "ibus"
    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(list(arguments))
    app.setApplicationName("presales")
    app.setDesktopFileName("presales-desktop")
    app.setWindowIcon(QIcon(str(paths.resource("icons/app.svg"))))
    app.setQuitOnLastWindowClosed(False)
    jobs.prepare()
    return app


def _parse(arguments: Sequence[str]) -> StartOptions:
    options = StartOptions(settings_file=paths.config_dir() / "settings.json")
    words = list(arguments)
    while words:
        word = words.pop(0)
        name, _, value = word.partition("=")
        if name in ("--profile", "--lang"):
            value = value or (words.pop(0) if words else "")
            if not value or (name == "--lang" and value not in ("zh", "en")):
                raise InputError("usage.wrong", reason=word, help="presales --help")
            if name == "--profile":
                options.profile = Path(value)
            else:
                options.lang = value
        elif word == "--passphrase-stdin":
            options.passphrase = sys.stdin.readline().rstrip("\r\n")
        else:
            raise InputError("usage.wrong", reason=word, help="presales --help")
    options.passphrase = options.passphrase or os.environ.get("PRESALES_PASSPHRASE") or None
    return options


def _refuse(error: PresalesError) -> int:
    """Say on the terminal why there is no window; loaded only then, for it brings the services along."""
    from presales_desktop.cli.output import print_error

    print_error(error, as_json=False)
    return error.exit_code


def run_window(arguments: Sequence[str]) -> int:
    """Open the window; the exit code when it is closed."""
    try:
        options = _parse(arguments)
    except InputError as error:
        return _refuse(error)
    if sys.platform.startswith("linux") and not any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    ):
        return _refuse(EnvironmentProblem("window.no_display"))
    app = make_application([sys.argv[0]])
    program = Program(app, options)
    program.start()
    _let_paint(program)
    if program.closed:
        return 0
    for name in (signal.SIGINT, signal.SIGTERM):
        # Python looks for signals when it runs: at the latest with the collector's next look.
        signal.signal(name, lambda *_: program.quit())
    app.exec()
    return 0
