"""Which documents there are: kind → ending → how its content is loaded and how it is written.

Import this only where a report is made: it brings reportlab along (0.4 s). Each area's module declares `REPORTS`.
The ending of a file chooses: "quote.pdf" the customer's edition, "quote.internal.pdf" the one with cost and margin.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from presales_desktop.models.errors import InputError
from presales_desktop.services.work import Work
from presales_desktop.texts import Language


@dataclass(frozen=True)
class Report:
    """`load(work, id)` → frozen document (in the transaction, with rights); `render(document, lang)` → bytes (any thread)."""

    load: Callable[[Work, UUID], Any]
    render: Callable[[Any, Language], bytes]


REPORTS: dict[str, dict[str, Report]] = {}


def find(kind: str, file: str | Path) -> Report:
    """The report of KIND whose ending FILE has, the longest that fits. Raises InputError report.unknown."""
    known = REPORTS.get(kind, {})
    name = Path(file).name.lower()
    fitting = [suffix for suffix in known if name.endswith(f".{suffix}")]
    if not fitting:
        raise InputError("report.unknown", file=str(file), kind=kind, known="、".join(f".{s}" for s in known) or "—")
    return known[max(fitting, key=len)]
