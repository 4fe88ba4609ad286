"""How a quote's state is shown: word and tone, the same in lists, heads and panels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from presales_desktop.services.quotes import QuoteShown
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


def blocked_sentence(shown: QuoteShown, code: str) -> str:
    """Why the revision may not go out, one of `shown.blocked`."""
    newest = f"{shown.number}-R{shown.revisions[0].revision}" if shown.revisions else ""
    design = shown.design.label if shown.design is not None else ""
    return lookup.sentence(
        code, {"number": shown.label, "day": str(shown.valid_until), "newer": newest, "design": design}
    )
