"""What changed from one revision of a contract to the next: fields, goods, clauses; in clauses the words themselves. Pure.

A reviewer who approved R1 reads this instead of the whole R2.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final, TypeVar

from presales_desktop.models.contract_plan import ContractStepDraft
from presales_desktop.models.contract_text import Goods
from presales_desktop.models.contracts import FIELDS, ClauseDraft, ContractDraft
from presales_desktop.models.fields import FieldType

T = TypeVar("T")
# What every revision has of its own, or what is told as goods and clauses.
_LEFT_OUT: Final = frozenset(
    {"number", "revision", "state", "content_hash", "signed_on", "signed_by", "clauses", "steps", "total_fen"}
)
# Latin words and numbers whole, Chinese by the character.
_WORDS: Final = re.compile(r"[A-Za-z0-9.,%¥]+|\s+|.", re.DOTALL)
_STEP_FACTS: Final = ("amount_fen", "base", "days", "due_on", "note")
_FACTS: Final = ("quantity", "unit_price_fen", "discount", "amount_fen", "spec", "unit", "note")


@dataclass(frozen=True)
class Piece:
    """A run of words: `how` "same", "removed" or "added"."""

    how: str
    text: str


@dataclass(frozen=True)
class Change:
    """One difference. `area` "field", "goods", "step" or "clause"; `how` "added", "removed", "changed" or "moved"; `name`: the field's
    name, the product, the clause's heading; `fact`: which fact of a product. `pieces`: the words of a changed clause."""

    area: str
    how: str
    name: str
    before: Any = None
    after: Any = None
    fact: str = ""
    pieces: tuple[Piece, ...] = ()


def changes(
    old: ContractDraft, new: ContractDraft, old_goods: Sequence[Goods] = (), new_goods: Sequence[Goods] = ()
) -> tuple[Change, ...]:
    """Everything that both parties would read differently, in the order of the page."""
    return (
        *_fields(old, new),
        *_goods(old_goods, new_goods),
        *_steps(old.steps, new.steps),
        *_clauses(old.clauses, new.clauses),
    )


def words_changed(old: str, new: str) -> tuple[Piece, ...]:
    """NEW against OLD, word by word; the pieces that are not removed make NEW, those that are not added make OLD."""
    a, b = _WORDS.findall(old), _WORDS.findall(new)
    made: list[Piece] = []
    for how, i, j, k, m in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        if how == "equal":
            made.append(Piece("same", "".join(a[i:j])))
            continue
        if j > i:
            made.append(Piece("removed", "".join(a[i:j])))
        if m > k:
            made.append(Piece("added", "".join(b[k:m])))
    return tuple(made)


def _fields(old: ContractDraft, new: ContractDraft) -> Iterator[Change]:
    for field in FIELDS:
        if field.name in _LEFT_OUT or field.type is FieldType.PARTS:
            continue
        before, after = getattr(old, field.name), getattr(new, field.name)
        if before != after:
            yield Change("field", "changed", field.name, before, after)


def _pairs(
    old: Sequence[T], new: Sequence[T], key: Callable[[T], Hashable]
) -> tuple[list[tuple[T, T]], list[T], list[T]]:
    """Those that both have (the first with a key with the first), what is gone, what is new."""
    left: dict[Hashable, list[T]] = {}
    for each in old:
        left.setdefault(key(each), []).append(each)
    both, added = [], []
    for each in new:
        waiting = left.get(key(each))
        if waiting:
            both.append((waiting.pop(0), each))
        else:
            added.append(each)
    still = {id(each) for rest in left.values() for each in rest}
    return both, [each for each in old if id(each) in still], added


def _goods(old: Sequence[Goods], new: Sequence[Goods]) -> Iterator[Change]:
    both, gone, added = _pairs(old, new, lambda g: (g.room, g.name, g.model))
    for a, b in both:
        for fact in _FACTS:
            before, after = getattr(a, fact), getattr(b, fact)
            if before != after:
                yield Change("goods", "changed", _product(b), before, after, fact)
    for each in gone:
        yield Change("goods", "removed", _product(each), before=each.amount_fen, fact="amount_fen")
    for each in added:
        yield Change("goods", "added", _product(each), after=each.amount_fen, fact="amount_fen")


def _steps(old: Sequence[ContractStepDraft], new: Sequence[ContractStepDraft]) -> Iterator[Change]:
    """Steps of the plan by their kind and title."""
    both, gone, added = _pairs(old, new, lambda s: (s.kind, s.title.strip()))
    for a, b in both:
        for fact in _STEP_FACTS:
            before, after = getattr(a, fact), getattr(b, fact)
            if before != after:
                yield Change("step", "changed", b.title.strip(), before, after, fact)
    for each in gone:
        yield Change("step", "removed", each.title.strip(), before=each.amount_fen or None, fact="amount_fen")
    for each in added:
        yield Change("step", "added", each.title.strip(), after=each.amount_fen or None, fact="amount_fen")


def _product(goods: Goods) -> str:
    return " ".join(filter(None, (goods.room, goods.name, goods.model)))


def _clauses(old: Sequence[ClauseDraft], new: Sequence[ClauseDraft]) -> Iterator[Change]:
    """Clauses of the library by their key, own ones by their heading; a clause moved when its neighbours among those that
    both have are others."""
    both, gone, added = _pairs(old, new, lambda c: c.key or c.heading.strip())
    moved = _moved([id(a) for a, _ in both], old)
    for a, b in both:
        if (a.heading.strip(), a.body.strip()) != (b.heading.strip(), b.body.strip()):
            yield Change(
                "clause",
                "changed",
                b.heading,
                a.heading,
                b.heading,
                pieces=words_changed(a.body.strip(), b.body.strip()),
            )
        elif id(a) in moved:
            yield Change("clause", "moved", b.heading)
    for each in gone:
        yield Change("clause", "removed", each.heading, pieces=(Piece("removed", each.body.strip()),))
    for each in added:
        yield Change("clause", "added", each.heading, pieces=(Piece("added", each.body.strip()),))


def _moved(order: list[int], old: Sequence[ClauseDraft]) -> set[int]:
    """Of the clauses in their new ORDER those that do not belong to the longest run that kept the old order."""
    place = {id(each): n for n, each in enumerate(old)}
    was = sorted(order, key=place.__getitem__)
    kept: set[int] = set()
    for block in SequenceMatcher(None, was, order, autojunk=False).get_matching_blocks():
        kept.update(order[block.b : block.b + block.size])
    return set(order) - kept
