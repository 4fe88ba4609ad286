"""The tour: the whole chain driven through the real window, as pictures and PDFs; also every screen as a picture."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from argparse import Namespace
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer

from presales_desktop.app import Program, StartOptions, make_application
from presales_desktop.cli.session import Options
from presales_desktop.models.errors import EnvironmentProblem
from presales_desktop.reports import printer
from presales_desktop.services.demo.fill import each_area, fill
from presales_desktop.store import workspace as store
from presales_desktop.texts import tr
from presales_desktop.tour.robot import Robot
from presales_desktop.views.kit import jobs

Script = Callable[[Robot], Coroutine[Any, Any, object]]


def run_tour(options: Options, args: Namespace) -> int:
    """`presales tour DIR`: pictures and PDFs into DIR, their paths printed; 3 when something did not come."""
    from presales_desktop.tour.chain import walk

    return drive(Path(args.folder), lambda robot: walk(robot, args.steps or None), options.lang)


def run_screenshots(options: Options, args: Namespace) -> int:
    """`presales screenshots DIR`: every screen, zh and en, light and dark."""
    from presales_desktop.tour.screens import take_all

    return drive(Path(args.folder), take_all, options.lang)


def drive(folder: Path, script: Script, lang: str) -> int:
    """Make a demo workspace in a temporary profile, open the window on it, run SCRIPT, close."""
    if sys.platform.startswith("linux") and not any(
        os.environ.get(n) for n in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    ):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    # The tour is repeatable on any machine: it asks no keyring.
    os.environ["PRESALES_NO_KEYRING"] = "1"
    printer.install()
    profile = Path(tempfile.mkdtemp(prefix="presales-tour-"))
    try:
        with store.create(profile / "workspace", demo=True) as made:
            fill(made.engine, each_area(_say))
        failure = show(profile / "workspace", folder, script, lang)
    finally:
        shutil.rmtree(profile, ignore_errors=True)
    if failure is not None:
        _say(0, 0, f"✗ {failure}")
        return EnvironmentProblem.exit_code
    return 0


def _say(done: int, total: int, what: str) -> None:
    if what:
        sys.stderr.write(f"{done}/{total} {tr(what)}\n" if total else f"{what}\n")


def show(profile: Path, folder: Path, script: Script, lang: str) -> BaseException | None:
    """Open the workspace in PROFILE, run SCRIPT, close; what went wrong, or None. Closes whatever happens."""
    app = make_application([sys.argv[0]])
    program = Program(app, StartOptions(profile=profile, lang=lang))
    robot = Robot(program, folder)
    failed: list[BaseException] = []

    async def whole() -> None:
        program.on_ready = lambda: None
        robot.fit()
        try:
            await script(robot)
        finally:
            for path in robot.made:
                sys.stdout.write(f"{path}\n")
            QTimer.singleShot(0, program.quit)

    def went_wrong(error: BaseException) -> None:
        failed.append(error)

    program.on_ready = lambda: jobs.start(program, whole(), went_wrong)

    def never_opened(error: BaseException) -> None:
        failed.append(error)
        program.quit()

    program.on_failed = never_opened
    QTimer.singleShot(0, program.start)
    app.exec()
    return failed[0] if failed else None
