"""What a start loads: libraries that only some work needs stay away until that work is done; the window opens and closes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from presales_desktop.models.permissions import Actor
from presales_desktop.views.features import FEATURES

# Each takes a tenth of a second and more, or tens of megabytes.
HEAVY = (
    "PIL", "alembic", "chinese_calendar", "contourpy", "ezdxf", "fontTools", "numpy", "openpyxl", "pypinyin", "python_calamine",
    "rapidfuzz", "reportlab", "shapely", "xlsxwriter",
)  # fmt: skip
REPORT = "import json, sys; sys.stderr.write('LOADED' + json.dumps(sorted(sys.modules)) + '\\n')"


def loaded(code: str, *arguments: str) -> set[str]:
    """The modules that a Python of its own has after CODE."""
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen", "PRESALES_NO_KEYRING": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    line = next(line for line in done.stderr.splitlines() if line.startswith("LOADED"))
    return set(json.loads(line.removeprefix("LOADED")))


def test_the_guard_sees_what_is_loaded() -> None:
    assert "openpyxl" in loaded(f"import openpyxl; {REPORT}")


def test_help_loads_neither_qt_nor_anything_heavy() -> None:
    code = (
        f"import atexit; atexit.register(lambda: exec({REPORT!r})); from presales_desktop.__main__ import main; main()"
    )
    found = loaded(code, "--help")
    assert "presales_desktop.cli.main" in found
    assert not found & {*HEAVY, "PySide6", "qasync"}


def test_the_first_window_waits_for_no_library_of_the_database() -> None:
    found = loaded(f"import presales_desktop.app; {REPORT}")
    assert "PySide6.QtWidgets" in found
    assert not found & {*HEAVY, "sqlalchemy", "sqlcipher3", "filelock", "asyncio", "qasync", "keyring", "argon2"}
    assert "presales_desktop.views.features" not in found


# Opens the workspace, says what is loaded when the main window stands and again when the pages have been imported behind it, then quits.
WINDOW = f"""
import json, sys
import presales_desktop.app as app
from PySide6.QtCore import QTimer
sys.excepthook = lambda kind, error, trace: (sys.stderr.write(repr(error)), app.os._exit(3))
original, warm = app.Program._ready, app.Program._warm
def ready(self):
    {REPORT}
    original(self)
async def warmed(self):
    await warm(self)
    sys.stderr.write('PAGES' + json.dumps(sorted(sys.modules)) + '\\n')
    self.quit()
app.Program._ready, app.Program._warm = ready, warmed
sys.exit(app.run_window(["--profile", sys.argv[1]]))
"""


@pytest.fixture
def started(tmp_path: Path, template_folder: tuple[Path, dict[str, Actor]], monkeypatch: pytest.MonkeyPatch) -> Any:
    """The program's answer after it opened a workspace by its passphrase."""
    from tests.conftest import PASSPHRASE

    folder = tmp_path / "workspace"
    shutil.copytree(template_folder[0], folder)
    environment = os.environ | {
        "QT_QPA_PLATFORM": "offscreen",
        "PRESALES_NO_KEYRING": "1",
        "PRESALES_PASSPHRASE": PASSPHRASE,
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
    }
    done = subprocess.run(
        [sys.executable, "-c", WINDOW, str(folder)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    lines = done.stderr.splitlines()
    return {
        word: set(json.loads(line.removeprefix(word)))
        for word in ("LOADED", "PAGES")
        for line in lines
        if line.startswith(word)
    }


def test_the_main_window_needs_one_page_and_the_others_follow(started: dict[str, set[str]]) -> None:
    pages = {module for feature in FEATURES for module in feature.modules}
    assert not started["LOADED"] & {*HEAVY, *pages}
    assert "presales_desktop.views.workbench.page" in started["LOADED"]
    assert pages <= started["PAGES"]


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.key)
def test_every_feature_names_the_modules_of_its_pages(feature: Any) -> None:
    package = f"presales_desktop.views.{feature.modules[0].split('.')[2]}"
    assert feature.modules
    named = set()
    for factory in (feature.list_page, feature.editor):
        assert factory.__module__ == package, "the package itself is light: its factories import"
        named |= {word for word in factory.__code__.co_names if word.startswith("presales_desktop.")}
    assert named == set(feature.modules)
