"""The house: what must load without Qt, and how large a room may grow."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent

BLOCKED = """
import importlib, pkgutil, sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("PySide6", "shiboken6", "qasync"):
            raise ImportError(f"{name} is not installed on a server")

sys.meta_path.insert(0, Blocker())
import presales_desktop, sync
count = 0
for package in ("models", "services", "store", "reports", "texts", "lighting", "cli"):
    root = importlib.import_module(f"presales_desktop.{package}")
    for info in pkgutil.walk_packages(root.__path__, root.__name__ + "."):
        if info.name.endswith("migrations.env"):
            continue
        importlib.import_module(info.name)
        count += 1
print(count)
"""


def test_everything_below_views_loads_without_qt() -> None:
    done = subprocess.run([sys.executable, "-c", BLOCKED], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert int(done.stdout) > 50


def test_importing_the_package_imports_nothing_else() -> None:
    code = "import sys; before = set(sys.modules); import presales_desktop; print(len(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert int(done.stdout) <= 2


def test_no_room_grows_into_a_hall() -> None:
    large = {
        str(path.relative_to(ROOT)): lines
        for path in (ROOT / "presales_desktop").rglob("*.py")
        if "migrations/versions" not in str(path) and (lines := len(path.read_text("utf-8").splitlines())) > 500
    }
    assert large == {}
