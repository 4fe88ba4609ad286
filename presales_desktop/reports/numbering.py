"""How the lines of a quote are numbered on paper, the same in every file."""

from __future__ import annotations

from collections.abc import Sequence

from presales_desktop.models.quotes import PRICED
from presales_desktop.services.quotes import QuoteLineShown


def numbered(lines: Sequence[QuoteLineShown]) -> list[tuple[QuoteLineShown, str]]:
    """Lines with their numbers: 1, 2, what rides on 2 is 2.1; sections and notes have none."""
    made: list[tuple[QuoteLineShown, str]] = []
    main = sub = 0
    for line in lines:
        if line.type in ("accessory", "component") and main:
            sub += 1
            made.append((line, f"{main}.{sub}"))
        elif line.type in PRICED or line.type == "component":
            main, sub = main + 1, 0
            made.append((line, str(main)))
        else:
            made.append((line, ""))
    return made
