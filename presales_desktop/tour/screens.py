"""Every screen as a picture: Chinese and English, light and dark, 1366x768."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from PySide6.QtWidgets import QScrollArea

from presales_desktop.services import registry
from presales_desktop.services.listing import ListQuery
from presales_desktop.services.work import Work
from presales_desktop.settings import DeviceSettings
from presales_desktop.tour.robot import Robot
from presales_desktop.views.kit import jobs
from presales_desktop.views.shell.places import Place
from presales_desktop.views.shell.start_window import StartWindow

LISTS = ("customers", "cases", "surveys", "products", "designs", "quotes", "contracts")
RECORDS = ("customer", "case", "survey", "product", "design", "quote", "contract")
PAGES = ("workbench", "preferences", "gallery")
# Finance sees what others do not; the seller starts where he works.
PEOPLE = (("wangmin", ""), ("zhoufang", "-finance"))


async def take_all(robot: Robot) -> None:
    """All screens in all four dresses."""
    folder = robot.folder
    for lang in ("zh", "en"):
        robot.window.set_language(lang)
        for mode in ("light", "dark"):
            robot.window.set_theme(mode)
            robot.folder = folder / f"{lang}-{mode}"
            robot.folder.mkdir(parents=True, exist_ok=True)
            await _start(robot)
            for login, mark in PEOPLE:
                await robot.become(login)
                await _window(robot, mark)


async def _start(robot: Robot) -> None:
    """The first choice and the passphrase, before there is a window."""
    start = StartWindow(Path("workspace"), keyring=True, settings=DeviceSettings(None))
    start.show_welcome()
    await jobs.sleep(80)
    _grab(robot, start, "00-welcome")
    start.welcome.show_connect()
    await jobs.sleep(80)
    _grab(robot, start, "00-connect")
    start.show_unlock(Path("workspace"))
    await jobs.sleep(80)
    _grab(robot, start, "00-unlock")
    start.deleteLater()


def _grab(robot: Robot, widget: Any, name: str) -> None:
    path = robot.folder / f"{name}.png"
    widget.grab().save(str(path))
    robot.made.append(path)


async def _window(robot: Robot, mark: str) -> None:
    window = robot.window
    for name in PAGES if not mark else PAGES[:1]:
        window.pages.go(Place("page", name))
        await robot.shot(f"10-{name}{mark}")
    for name in LISTS:
        if mark and name != "quotes":
            continue
        window.list(name)
        await robot.shot(f"20-{name}{mark}")
    for kind in RECORDS:
        if mark and kind not in ("quote", "product"):
            continue
        record_id = await robot.run(_richest, kind)
        if record_id is not None:
            await robot.go(kind, record_id)
            if kind == "design":
                await robot.until(lambda: _calculated(robot.page), "light of every room")
            await robot.shot(f"30-{kind}{mark}")
            await _lower(robot, f"30-{kind}{mark}")
    if not mark:
        for kind in RECORDS[:6]:
            if window.ctx.may(f"{kind}.create").allowed:
                window.new(kind)
                await robot.shot(f"40-new-{kind}")
        window.palette_overlay.open()
        await robot.shot("50-palette")
        window.palette_overlay.close()
        window.shortcut_overlay.open()
        await robot.shot("51-shortcuts")
        window.shortcut_overlay.close()


def _calculated(page: Any) -> bool:
    lights = page.light.lights
    return all(room.id in lights for room in page.document.rooms())


async def _lower(robot: Robot, name: str) -> None:
    """What lies below the window's edge, window by window."""
    areas = [a for a in robot.page.findChildren(QScrollArea) if a.isVisible() and a.widget() is not None]
    longest = max(areas, key=lambda a: a.width() * a.verticalScrollBar().maximum(), default=None)
    bar = longest.verticalScrollBar() if longest is not None else None
    for n in range(2, 5):
        if bar is None or bar.value() >= bar.maximum():
            return
        bar.setValue(bar.value() + bar.pageStep() - 40)
        await robot.shot(f"{name}-{n}")


def _richest(work: Work, name: str) -> UUID | None:
    """A record of the kind with something in it: the newest that went furthest."""
    kind = registry.kind(name)
    states = {"quote": "submitted", "contract": "submitted", "survey": "confirmed", "design": "approved"}
    far = (("state", states[name]),) if name in states and "state" in kind.filters else ()
    own = (("owner", str(work.actor.id)),) if "owner" in kind.filters else ()
    for filters in ((*far, *own), far, own, ()):
        rows = kind.list_rows(work, ListQuery(filters=filters, limit=1)).rows
        if rows:
            return rows[0].id  # type: ignore[no-any-return]  # rows of every kind have one
    return None
