"""Columns of a list: what a row shows, how wide, how it sorts. Data only, no widget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from presales_desktop.texts import lookup, tr

Align = Literal["left", "right", "center"]
Chip = tuple[str, str]  # word, tone ("neutral", "accent", "amber", "good", "bad")


@dataclass(frozen=True)
class Column:
    """One column.

    Attributes:
        name: attribute of the row that is the value, and the name of the sort in ListQuery unless `sort` says otherwise.
        title: Chinese text, translated when shown.
        width: pixels at first; the user's width is remembered.
        format: value → text; the default is `str`, with nothing for None.
        text: row → text, instead of name and format.
        tone: row → "text", "secondary", "faint", "accent", "amber", "good", "bad".
        chip: row → (word, tone) or None; painted instead of the text.
        icon: row → name of an icon before the text, or "".
        detail: row → second, fainter text after the first in the same line.
        stretch: takes the width that is left over (else the first left-aligned column does).
        strong: weight 600.
    """

    name: str
    title: str
    width: int = 120
    align: Align = "left"
    format: Callable[[Any], str] | None = None
    tone: Callable[[Any], str] | None = None
    chip: Callable[[Any], Chip | None] | None = None
    icon: Callable[[Any], str] | None = None
    sortable: bool = True
    hidden: bool = False
    sort: str = ""
    text: Callable[[Any], str] | None = None
    detail: Callable[[Any], str] | None = None
    stretch: bool = False
    strong: bool = False

    @property
    def sort_name(self) -> str:
        """The name in ListQuery.sort."""
        return self.sort or self.name

    def shown_title(self) -> str:
        """The title in the current language."""
        return tr(self.title)

    def value_text(self, row: Any) -> str:
        """The cell as text: what is painted, copied and read aloud (a chip's word)."""
        if self.chip is not None:
            found = self.chip(row)
            return found[0] if found else ""
        if self.text is not None:
            return self.text(row)
        value = getattr(row, self.name, None)
        if value is None:
            return ""
        return self.format(value) if self.format is not None else str(value)


def state_chip(kind: str, tones: dict[str, str], name: str = "state") -> Callable[[Any], Chip | None]:
    """A chip of the row's state: word from texts/<area>.py, tone by state ("neutral" for those not named)."""

    def chip(row: Any) -> Chip | None:
        value = getattr(row, name, "")
        return (lookup.state(kind, value), tones.get(value, "neutral")) if value else None

    return chip


def choice_text(kind: str, name: str) -> Callable[[Any], str]:
    """Format of a choice: its word."""
    return lambda value: lookup.choice(kind, name, value) if value else ""
