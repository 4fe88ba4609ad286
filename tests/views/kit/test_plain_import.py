"""PySide's function in place of Python's `import` is taken out again."""

from __future__ import annotations

import builtins
import subprocess
import sys

import presales_desktop.views.kit  # noqa: F401  # puts it back


def test_import_is_pythons_own() -> None:
    assert builtins.__import__ is vars(builtins)["__orig_import__"]


def test_no_source_is_read_for_an_import() -> None:
    """In a process of its own: what a module imports after the kit leaves no lines in linecache."""
    code = (
        "import linecache, presales_desktop.views.kit; linecache.clearcache(); import colorsys;"
        " assert not any('colorsys' in name for name in linecache.cache), list(linecache.cache)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_parts_of_qt_still_answer_to_their_own_names() -> None:
    from PySide6.QtCore import QPoint

    assert QPoint(3, 4).manhattanLength() == 7
