"""Columns of an editable grid, as a page declares them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtGui import QPixmap

from presales_desktop.models.fields import Field, FieldType
from presales_desktop.views.kit.popup import Choice

_NUMBERS = (FieldType.INTEGER, FieldType.DECIMAL, FieldType.PERCENT, FieldType.MONEY)


@dataclass(frozen=True)
class LineColumn:
    """One column of a line table.

    Attributes:
        name: attribute of the row; title: Chinese, translated when shown (default: the label of texts/<area>.py).
        type: how cells are typed and shown; choices: values of a CHOICE.
        editable: True, False, or callable(row).
        completer: async callable(text) → choices, looked up while typing; other text is allowed when the type is TEXT.
        pick: callable(row index, Choice) applies a chosen one (sets several fields); the default sets `name` to its value.
        read: callable(row) → text, for computed cells; tone: callable(row) → palette name; pixmap: callable(row) → thumbnail.
        known: further titles that a pasted block may give the column in its first row.
        shows: callable(row), False leaves the cell of such a row empty whatever its value.
        lead: callable(row) → text that is shown before the value and is no part of it (an indent).
        after: callable(row index) once a typed, pasted or filled value stands: further changes of the same step.
        tip: callable(row) → what the mouse is told over the cell.
        stretch: takes the width that is left over; sums: section rows show it, too (the sum of what stands below them).
    """

    name: str
    title: str = ""
    type: FieldType = FieldType.TEXT
    width: int = 110
    editable: bool | Callable[[Any], bool] = True
    completer: Callable[[str], Awaitable[Sequence[Choice]]] | None = None
    pick: Callable[[int, Choice], Any] | None = None
    read: Callable[[Any], str] | None = None
    choices: tuple[str, ...] = ()
    unit: str | None = None
    places: int | None = None
    tone: Callable[[Any], str] | None = None
    pixmap: Callable[[Any], QPixmap | None] | None = None
    lead: Callable[[Any], str] | None = None
    after: Callable[[int], None] | None = None
    known: tuple[str, ...] = ()
    shows: Callable[[Any], bool] | None = None
    stretch: bool = False
    strong: bool = False
    sums: bool = False
    tip: Callable[[Any], str] | None = None

    @property
    def right(self) -> bool:
        """Figures stand at the right."""
        return self.type in _NUMBERS

    @property
    def field(self) -> Field:
        """For parsing and showing."""
        return Field(self.name, self.type, unit=self.unit, places=self.places, choices=self.choices)
