"""Places a user can be at, and the way he came: back and forward like in a browser."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Literal
from uuid import UUID

PlaceType = Literal["page", "list", "record", "new"]


@dataclass(frozen=True)
class Place:
    """type "page": one of the shell's own ("workbench", "preferences"); "list": key of a feature; "record": kind and id;
    "new": kind and a number that tells two unsaved ones apart. `initial` is handed to the factory of a new editor.
    """

    type: PlaceType
    key: str
    id: UUID | None = None
    number: int = 0
    initial: dict[str, Any] = field(default_factory=dict, compare=False, hash=False)


class History:
    """Where the user was, with a finger on where he is."""

    LIMIT = 60

    def __init__(self) -> None:
        self.places: list[Place] = []
        self.at = -1

    @property
    def current(self) -> Place | None:
        """Where he is."""
        return self.places[self.at] if 0 <= self.at < len(self.places) else None

    @property
    def can_back(self) -> bool:
        """Whether there is a place before this one."""
        return self.at > 0

    @property
    def can_forward(self) -> bool:
        """Whether he came back from somewhere."""
        return self.at < len(self.places) - 1

    def go(self, place: Place) -> None:
        """Somewhere new: what lay ahead is forgotten; staying where one is adds nothing."""
        if place == self.current:
            return
        self.places = [*self.places[: self.at + 1], place][-self.LIMIT :]
        self.at = len(self.places) - 1

    def back(self) -> Place | None:
        """One step back."""
        if self.can_back:
            self.at -= 1
        return self.current

    def forward(self) -> Place | None:
        """One step forward."""
        if self.can_forward:
            self.at += 1
        return self.current

    def became(self, old: Place, new: Place) -> None:
        """A new record got its id: every mention of OLD means NEW from now on."""
        self.places = [replace(new) if p == old else p for p in self.places]
        self._tidy()

    def forget(self, place: Place) -> None:
        """PLACE is gone (closed, deleted)."""
        before = sum(1 for p in self.places[: self.at + 1] if p == place)
        self.places = [p for p in self.places if p != place]
        self.at = min(max(self.at - before, 0), len(self.places) - 1)
        self._tidy()

    def _tidy(self) -> None:
        """Two equal places in a row are one."""
        kept: list[Place] = []
        at = self.at
        for i, place in enumerate(self.places):
            if kept and kept[-1] == place:
                if i <= self.at:
                    at -= 1
                continue
            kept.append(place)
        self.places, self.at = kept, at

    def recent(self, limit: int = 8) -> list[Place]:
        """Records visited last, the newest first, without the current one."""
        found: dict[Place, None] = {}
        for place in reversed(self.places):
            if place.type == "record" and place != self.current:
                found.setdefault(place, None)
        return list(found)[:limit]
