"""No Python objects of layout items: the cause of the rare crash (docs/decisions/011)."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QHBoxLayout, QLabel, QLayout, QVBoxLayout, QWidget

import presales_desktop
from presales_desktop.views.kit import layout_items
from tests.views import standing

HOUSE = Path(presales_desktop.__file__).parent

Add = Callable[[QLayout, QLayout], object]
WAYS: dict[str, tuple[type[Any], Add]] = {
    "addLayout": (QVBoxLayout, lambda outer, inner: outer.addLayout(inner)),  # type: ignore[attr-defined]
    "insertLayout": (QVBoxLayout, lambda outer, inner: outer.insertLayout(0, inner, 1)),  # type: ignore[attr-defined]
    "in a grid": (QGridLayout, lambda outer, inner: outer.addLayout(inner, 0, 0)),  # type: ignore[attr-defined]
}


def filled() -> QHBoxLayout:
    """A word, a stretch, and a layout with a word in it."""
    inner, deeper = QHBoxLayout(), QVBoxLayout()
    inner.addWidget(QLabel("a"))
    inner.addStretch(1)
    deeper.addWidget(QLabel("b"))
    deeper.addSpacing(4)
    inner.addLayout(deeper)
    return inner


@pytest.mark.parametrize("way", WAYS)
def test_a_filled_layout_leaves_no_objects_of_its_items(qtbot: Any, way: str) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    kind, add = WAYS[way]
    add(kind(widget), filled())

    assert standing.layout_items() == []
    assert [label.text() for label in widget.findChildren(QLabel)] == ["a", "b"]
    assert {label.parent() for label in widget.findChildren(QLabel)} == {widget}


def test_what_is_let_go_is_still_laid_out(qtbot: Any) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    outer = QVBoxLayout(widget)
    outer.addLayout(filled())
    widget.resize(400, 100)
    widget.show()

    left, right = widget.findChildren(QLabel)
    assert left.width() > 0
    assert right.x() > 200, "the stretch between them stretches"


def test_pyside_still_needs_it(qtbot: Any) -> None:
    """When this fails after an upgrade of PySide: try the program of docs/decisions/011; kit/layout_items.py may go."""
    widget = QWidget()
    qtbot.addWidget(widget)
    inner = filled()
    QBoxLayout.addLayout.__wrapped__(QVBoxLayout(widget), inner)  # type: ignore[attr-defined]
    made = standing.layout_items()
    layout_items.let_go(inner)

    assert made == ["QSpacerItem", "QSpacerItem", "QWidgetItem", "QWidgetItem"]
    assert standing.layout_items() == []


# Layouts go while the outer one lives, and jobs come to stand where their spacers stood.
TURNS = """
from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QApplication, QHBoxLayout, QVBoxLayout, QWidget
import presales_desktop.views.kit

class Job(QObject):
    def __init__(self, parent):
        super().__init__(parent)
        self.running = True

def gone():
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)

app = QApplication([])
window = QWidget()
outer = QVBoxLayout(window)
for _ in range(300):
    line = QHBoxLayout()
    for _ in range(4):
        line.addStretch(1)
    outer.addLayout(line)
    line.deleteLater()
    del line
    gone()
    jobs = [Job(window) for _ in range(10)]
    for job in jobs:
        job.deleteLater()
    del job, jobs
    gone()
"""


def test_objects_may_come_to_stand_where_a_spacer_stood() -> None:
    done = subprocess.run([sys.executable, "-c", TURNS], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_nobody_asks_a_layout_for_its_items() -> None:
    own = HOUSE / "views" / "kit" / "layout_items.py"
    asking = [f for f in HOUSE.rglob("*.py") if f != own and ".itemAt(" in f.read_text("utf-8")]

    assert asking == []
