"""A few large figures side by side; a module of its own, for the first page of a start needs nothing else of the panels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from presales_desktop.views.kit.basics import clear, words


@dataclass(frozen=True)
class Figure:
    """A large figure and what it is; `tone` colours it; `note` stands small beneath."""

    value: str
    label: str
    tone: str = ""
    note: str = ""


class KeyFigures(QFrame):
    """A few large figures side by side."""

    def __init__(self, figures: Sequence[Figure] = ()) -> None:
        super().__init__()
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(28)
        self.set_figures(figures)

    def set_figures(self, figures: Sequence[Figure]) -> None:
        """Show FIGURES."""
        clear(self._row)
        for figure in figures:
            holder = QWidget()
            value = words(figure.value, "figure")
            if figure.tone:
                value.setProperty("tone", figure.tone)
            inner = QVBoxLayout(holder)
            inner.setContentsMargins(0, 0, 0, 0)
            inner.setSpacing(0)
            inner.addWidget(words(figure.label, "small"))
            inner.addWidget(value)
            if figure.note:
                inner.addWidget(words(figure.note, "faint"))
            holder.setAccessibleName(f"{figure.label} {figure.value}")
            self._row.addWidget(holder, 0, Qt.AlignmentFlag.AlignTop)
        self._row.addStretch(1)
