"""Every model of the program is examined by Qt's own examiner (tests/views/standing.py), and a fault is found."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import QAbstractTableModel, QModelIndex

import presales_desktop
from presales_desktop.views.designs.palette_panel import _Model as FixtureModel
from presales_desktop.views.kit.window_model import WindowedModel
from presales_desktop.views.shell.palette_list import PaletteModel, PaletteRow
from tests.views import standing

HOUSE = Path(presales_desktop.__file__).parent


class Forgetful(QAbstractTableModel):
    """Says that rows have rows."""

    def __init__(self, wrong: bool) -> None:
        super().__init__()
        self._wrong = wrong

    def rowCount(self, parent: Any = QModelIndex()) -> int:  # noqa: B008  # Qt's own default
        return 2 if self._wrong or not parent.isValid() else 0

    def columnCount(self, parent: Any = QModelIndex()) -> int:  # noqa: B008
        return 2 if self._wrong or not parent.isValid() else 0

    def data(self, index: Any, role: int = 0) -> Any:
        return None


@pytest.mark.parametrize("wrong", [False, True])
def test_a_fault_is_found(qtlog: Any, monkeypatch: pytest.MonkeyPatch, wrong: bool) -> None:
    standing.watch(monkeypatch, Forgetful)
    model = Forgetful(wrong)
    found = standing.faults(qtlog)
    qtlog._records.clear()  # or this test would fail for it, too

    assert bool(found) == wrong
    assert model.rowCount() == 2


def test_the_palettes_models_keep_their_word(qtlog: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for kind in (PaletteModel, FixtureModel):
        standing.watch(monkeypatch, kind)
    palette, fixtures = PaletteModel(), FixtureModel()
    facts = SimpleNamespace(name="a", sku="b", spec="c")
    for count in (0, 3, 1, 0):
        palette.set_rows([PaletteRow(f"{n}", run=None if n else list) for n in range(count)])
        fixtures.show(tuple(SimpleNamespace(facts=facts) for _ in range(count)))  # type: ignore[misc]

    assert standing.faults(qtlog) == []


def test_every_model_is_examined() -> None:
    known = {kind.__name__ for kind in (*standing.MODELS, PaletteModel, FixtureModel, WindowedModel)}
    declared = {
        line.split("class ")[1].split("(")[0]
        for file in (HOUSE / "views").rglob("*.py")
        for line in file.read_text("utf-8").splitlines()
        if line.startswith("class ") and "Model)" in line and "(Q" in line
    }

    assert declared == known
    assert "QAbstractItemModelTester(" in (Path(__file__).parent / "test_table.py").read_text("utf-8")
