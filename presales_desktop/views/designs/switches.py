"""What the canvas shows and what it snaps to; remembered with the design."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from presales_desktop.views.designs.snapping import SWITCHES


@dataclass
class Switches:
    """Layers of the picture that can be switched."""

    heat: bool = True
    isolines: bool = False
    values: bool = False
    underlay: bool = True
    grid: bool = True
    numbers: bool = True
    badges: bool = True
    snaps: tuple[str, ...] = SWITCHES

    def to_json(self) -> dict[str, Any]:
        """For Design.view."""
        return {f.name: list(v) if isinstance(v := getattr(self, f.name), tuple) else v for f in fields(self)}

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Switches:
        """What of STORED makes sense; the defaults for the rest."""
        made = cls()
        for f in fields(cls):
            value = stored.get(f.name)
            if f.name == "snaps":
                if isinstance(value, list):
                    made.snaps = tuple(s for s in SWITCHES if s in value)
            elif isinstance(value, bool):
                setattr(made, f.name, value)
        return made
