"""How a quote's state is shown: word and tone, the same in lists, heads and panels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from presales_desktop.texts import lookup, tr

TONES: Final[Mapping[str, str]] = {
    "draft": "neutral",
    "submitted": "amber",
    "approved": "good",
    "returned": "bad",
    "rejected": "bad",
    "sent": "accent",
    "accepted": "good",
    "declined": "bad",
    "expired": "neutral",
    "withdrawn": "neutral",
    "superseded": "neutral",
    "cancelled": "neutral",
}


def state_word(state: str, *, expired: bool = False) -> tuple[str, str]:
    """(word, tone) of a state; a live quote past its validity says so."""
    if expired:
        return tr("{state}，已过期", state=lookup.state("quote", state)), "amber"
    return lookup.state("quote", state), TONES.get(state, "neutral")
