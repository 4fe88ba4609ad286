"""Words of the area cases."""

from __future__ import annotations

from presales_desktop.texts.area import KindTexts

KINDS: dict[str, KindTexts] = {}

# error code → sentence: what happened, why, what to do now
ERRORS: dict[str, str] = {}
