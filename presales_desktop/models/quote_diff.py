"""What changed from one revision of a quote to the next: terms and lines, each fact with its old value. Pure.

A reviewer who returned R1 reads this instead of the whole R2, and a seller sees which remark has been answered.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Final

# Facts of a line that are compared; amounts follow from them.
LINE_FACTS: Final = (
    "type", "name", "model", "spec", "unit", "quantity", "unit_price_fen", "discount_percent", "tax_rate", "lead_days",
    "customer_code", "note",
)  # fmt: skip
HEAD_FACTS: Final = (
    "title", "valid_until", "currency", "exchange_rate", "tax_included", "tax_rate", "discount_percent", "discount_fen",
    "freight_fen", "installation_fen", "delivery", "delivery_place", "payment", "warranty", "notes", "language",
)  # fmt: skip
# What makes two lines the same line, the surest first. A line that was made from another product is another line.
_KEYS: Final[tuple[Callable[[Any], Hashable], ...]] = (
    lambda row: (row.type, row.variant_id, row.name, row.model, row.room),
    lambda row: (row.type, row.variant_id, row.room) if row.variant_id is not None else object(),
    lambda row: (row.type, row.model or row.name),
)


@dataclass(frozen=True)
class Fact:
    """One value that is other now."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True)
class LineChange:
    """A line that is new, gone or changed. `place`, `old_place`: its row from 0 in the new and in the old revision, None where it is not."""

    how: str
    name: str
    place: int | None
    old_place: int | None
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True)
class QuoteDiff:
    """All differences. `pairs`: row in the old revision by row in the new."""

    head: tuple[Fact, ...]
    lines: tuple[LineChange, ...]
    pairs: dict[int, int]

    @property
    def same(self) -> bool:
        """Whether nothing is other."""
        return not self.head and not self.lines


def pairs(old: Sequence[Any], new: Sequence[Any]) -> dict[int, int]:
    """Which row of OLD each row of NEW was: by product, name and area first, then by product, then by model; each at most once, in order."""
    found: dict[int, int] = {}
    left_old, left_new = list(range(len(old))), list(range(len(new)))
    for key in _KEYS:
        waiting: dict[Hashable, list[int]] = {}
        for place in left_old:
            waiting.setdefault(key(old[place]), []).append(place)
        for place in left_new:
            same = waiting.get(key(new[place]))
            if same:
                found[place] = same.pop(0)
        taken = set(found.values())
        left_old = [n for n in left_old if n not in taken]
        left_new = [n for n in left_new if n not in found]
    return found


def facts(old: Any, new: Any, names: Sequence[str]) -> tuple[Fact, ...]:
    """Of NAMES those whose values differ."""
    return tuple(
        Fact(n, getattr(old, n), getattr(new, n)) for n in names if _plain(getattr(old, n)) != _plain(getattr(new, n))
    )


def diff(old: Any, new: Any, old_lines: Sequence[Any], new_lines: Sequence[Any]) -> QuoteDiff:
    """OLD and NEW (quotes or drafts) with their lines, in the order of the new revision; what is gone comes last."""
    same = pairs(old_lines, new_lines)
    found: list[LineChange] = []
    for place, line in enumerate(new_lines):
        if place not in same:
            found.append(LineChange("added", _name(line), place, None))
            continue
        other = facts(old_lines[same[place]], line, LINE_FACTS)
        if other:
            found.append(LineChange("changed", _name(line), place, same[place], other))
    kept = set(same.values())
    found += [LineChange("removed", _name(line), None, n) for n, line in enumerate(old_lines) if n not in kept]
    return QuoteDiff(facts(old, new, HEAD_FACTS), tuple(found), same)


def _name(line: Any) -> str:
    return " ".join(part for part in (str(line.name).strip(), str(line.model).strip()) if part)


def _plain(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value
