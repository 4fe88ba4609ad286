"""What a report is: how its document is loaded, and how it is written."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from presales_desktop.services.work import Work
from presales_desktop.texts import Language


@dataclass(frozen=True)
class Report:
    """`load(work, id)` → frozen document (in the transaction, with rights); `render(document, lang)` → bytes (any thread)."""

    load: Callable[[Work, UUID], Any]
    render: Callable[[Any, Language], bytes]
