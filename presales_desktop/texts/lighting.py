"""Words of the light engine."""

from __future__ import annotations

ERRORS: dict[str, str] = {}
WARNINGS: dict[str, str] = {}
