"""Hands and eyes for the tour: finds widgets by name, types, clicks, waits, takes pictures. The end-to-end test uses them, too."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_type_hints
from uuid import UUID

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QInputMethodEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from presales_desktop.views.kit import jobs
from presales_desktop.views.kit.dialogs import Sheet

if TYPE_CHECKING:
    from presales_desktop.app import Program
    from presales_desktop.views.shell.main_window import MainWindow

T = TypeVar("T")
TIMEOUT_MS = 15_000
WIDTH, HEIGHT = 1366, 768


class TourError(Exception):
    """Something that should be there did not come: says what was waited for."""


class Robot:
    """Drives the program's window. All waiting is for a condition, never for a time alone."""

    def __init__(self, program: Program, folder: Path) -> None:
        self.program = program
        self.folder = folder
        self.made: list[Path] = []
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def window(self) -> MainWindow:
        """The main window of now (switching users makes a new one)."""
        assert self.program.window is not None
        return self.program.window

    def fit(self) -> None:
        """The window as large as the pictures are to be, at the screen's corner."""
        self.window.resize(WIDTH, HEIGHT)
        self.window.move(0, 0)

    # --- eyes ---------------------------------------------------------------------------------------------------------------
    def find(self, name: str, kind: type[Any] = QWidget, inside: QWidget | None = None) -> Any:
        """The visible widget with that objectName."""
        root = inside or self.window
        for widget in root.findChildren(kind, name):
            if widget.isVisible():
                return widget
        raise TourError(f"no visible {kind.__name__} {name!r}")

    def there(self, name: str) -> bool:
        """Whether such a widget is visible."""
        return any(w.isVisible() for w in self.window.findChildren(QWidget, name))

    async def until(self, condition: Callable[[], Any], what: str, timeout_ms: int = TIMEOUT_MS) -> None:
        """Wait for CONDITION; raises TourError naming WHAT when it does not come."""
        end = time.monotonic() + timeout_ms / 1000
        while not condition():
            if time.monotonic() > end:
                self.window.grab().save(str(self.folder / "stuck.png"))
                raise TourError(f"waited in vain for: {what}")
            await jobs.sleep(20)

    async def see(self, name: str, kind: type[Any] = QWidget) -> Any:
        """Wait until the widget is visible and enabled; that widget."""
        await self.until(
            lambda: any(w.isVisible() and w.isEnabled() for w in self.window.findChildren(kind, name)), name
        )
        return self.find(name, kind)

    async def quiet(self) -> None:
        """Wait until the page is built, database and workers have nothing left to do, and all of it is painted."""
        await self._built()
        for _ in range(2):
            await self.window.ctx.db.run(_nothing)
            await self.window.ctx.pool.run(lambda: None)
            await self._built()
        await jobs.sleep(60)

    async def _built(self) -> None:
        await self.until(lambda: not getattr(self.window.pages.page, "building", False), "a page that is built")

    async def shot(self, name: str) -> Path:
        """Save the window as a picture."""
        await self.quiet()
        path = self.folder / f"{name}.png"
        self.window.grab().save(str(path))
        self.made.append(path)
        return path

    # --- hands --------------------------------------------------------------------------------------------------------------
    async def click(self, name: str) -> None:
        """Press a button as the mouse would."""
        button = await self.see(name)
        self.press(button)
        await jobs.sleep(0)

    def press(self, widget: QWidget) -> None:
        """Click the middle of WIDGET."""
        if isinstance(widget, QAbstractButton):
            widget.setFocus()
        QTest.mouseClick(
            widget,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
            QPoint(widget.width() // 2, widget.height() // 2),
        )

    async def type(self, name: str, text: str, *, enter: bool = False) -> None:
        """Replace what stands in a field by TEXT, key by key."""
        field = await self.see(name)
        target = field.focusProxy() or field
        target.setFocus()
        self.key("Ctrl+A", target)
        self.write(target, text)
        if enter:
            QTest.keyClick(target, Qt.Key.Key_Return)
        await jobs.sleep(0)

    def write(self, target: QWidget, text: str) -> None:
        """Type TEXT: ASCII key by key, Chinese as an input method hands it over."""
        if text.isascii():
            QTest.keyClicks(target, text)
            return
        committed = QInputMethodEvent()
        committed.setCommitString(text)
        QApplication.sendEvent(target, committed)

    def key(self, keys: str, target: QWidget | None = None) -> None:
        """Press a key combination such as "Ctrl+S" where the focus is."""
        self.activate()
        widget = target or QApplication.focusWidget() or self.window
        QTest.keySequence(widget, QKeySequence(keys))

    @property
    def page(self) -> Any:
        """The page that is shown."""
        return self.window.pages.page

    async def save(self, kind: str, ids: dict[str, UUID]) -> None:
        """Ctrl+S, and wait until the record is there; its id goes into IDS."""
        page = self.page
        self.key("Ctrl+S")
        await self.until(lambda: page.record_id is not None and not page.draft.dirty, f"{kind} saved")
        ids[kind] = page.record_id
        await self.quiet()

    async def offers(self, action: str) -> bool:
        """Whether the shown page offers a step now."""
        await self.quiet()
        return any(step.action == action and step.enabled for step in self.page.steps())

    async def step(self, action: str) -> None:
        """Take a step of the shown page: by its button in the head, or as its menu and the palette do."""
        await self.until(lambda: any(s.action == action and s.enabled for s in self.page.steps()), f"step {action}")
        name = f"{self.page.kind}.{action}"
        if self.there(name):
            await self.click(name)
        else:
            self.page.run_step(next(s for s in self.page.steps() if s.action == action))
        await self.quiet()

    async def go(self, kind: str, record_id: UUID) -> None:
        """Open a record and wait until it is shown."""
        self.window.open(kind, record_id)
        await self.until(lambda: self.page is not None and getattr(self.page, "record_id", None) == record_id, kind)
        await self.quiet()

    def sheet(self) -> Any:
        """The open sheet, or None."""
        return next((w for w in self.window.findChildren(Sheet) if w.isVisible()), None)

    async def confirm(self) -> None:
        """The open sheet's primary button."""
        await self.until(lambda: self.sheet() is not None, "sheet")
        sheet = self.sheet()
        self.press(sheet.primary)
        await self.until(lambda: self.sheet() is not sheet, "sheet closed")
        await self.quiet()

    def decided(self) -> bool:
        """Whether the acting user's decision on the shown quote is there."""
        return any(s.verdict and s.who == self.window.ctx.actor.name for s in self.page.shown.approvals)

    def part(self, kind: str, name: str, **values: Any) -> Any:
        """A new part of the shown draft, as the page's own table would make it."""
        part_type = get_args(get_type_hints(type(self.page.draft.value))[name])[0]
        return part_type(**values)

    def activate(self) -> None:
        """A virtual screen has no window manager to make the window active, and shortcuts need an active one."""
        if not self.window.isActiveWindow():
            self.window.activateWindow()
            with warnings.catch_warnings():
                # Deprecated without a replacement that works where nobody manages windows.
                warnings.simplefilter("ignore", DeprecationWarning)
                QApplication.setActiveWindow(self.window)

    async def run(self, function: Callable[..., T], *args: Any, **kwargs: Any) -> T:
        """A service as the acting user: to look something up, never to do what the window is for."""
        return await self.window.ctx.db.run(function, *args, **kwargs)

    async def become(self, login: str) -> None:
        """Switch the demo user through the window's own switch."""
        before = self.program.window
        self.program.switch_user(login)
        await self.until(lambda: self.program.window is not before, f"user {login}")
        self.fit()
        await self.quiet()


def _nothing(work: object) -> None:
    return None
