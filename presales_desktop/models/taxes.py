"""Rates of Chinese value added tax by day: data (resources/tax/china.json), so that a quote is judged by the table of its day."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from decimal import Decimal
from functools import cache

from presales_desktop.paths import resource


@dataclass(frozen=True)
class TaxRate:
    """A rate (fraction) for a use, from a day on; `until` is its last day, None while it is in force."""

    rate: Decimal
    use: str
    since: dt.date
    until: dt.date | None
    source: str

    def holds(self, day: dt.date) -> bool:
        """Whether the rate is in force on DAY."""
        return self.since <= day and (self.until is None or day <= self.until)


@cache
def table() -> tuple[TaxRate, ...]:
    """All rows, as they stand in the data."""
    rows = json.loads(resource("tax/china.json").read_text(encoding="utf-8"))["rates"]
    return tuple(
        TaxRate(
            Decimal(row["rate"]), row["use"], dt.date.fromisoformat(row["since"]),
            dt.date.fromisoformat(row["until"]) if row["until"] else None, row["source"],
        )
        for row in rows
    )  # fmt: skip


def in_force(day: dt.date) -> tuple[TaxRate, ...]:
    """The rows that hold on DAY."""
    return tuple(row for row in table() if row.holds(day))


def rates(day: dt.date) -> tuple[Decimal, ...]:
    """Rates that hold on DAY, the highest first."""
    return tuple(sorted({row.rate for row in in_force(day)}, reverse=True))
