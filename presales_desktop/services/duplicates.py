"""The look for a customer that is already there, quick enough for every keystroke at 100,000 customers (target 50 ms).

Exact matches come from indexes (统一社会信用代码, phone of customer or contact, name key); similar names from a prefilter in the
full-text index (three characters in a row in common) that rapidfuzz then measures.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final
from uuid import UUID

from sqlalchemy import select, text

from presales_desktop.models import identity
from presales_desktop.models.customers import Contact, Customer
from presales_desktop.models.users import User
from presales_desktop.services.work import Work
from presales_desktop.store import search

SIMILAR_FROM: Final = 80
_CANDIDATES: Final = 1500
_EXACT_LIMIT: Final = 20


@dataclass(frozen=True)
class DuplicateHit:
    """A customer that may be the same. `reason`: uscc, phone, contact_phone, name, similar_name; `score` 0…100."""

    id: UUID
    number: str
    name: str
    owner: str
    reason: str
    score: int
    archived: bool = False


def find_duplicates(
    work: Work,
    name: str,
    phones: Sequence[str],
    uscc: str,
    but: UUID | None = None,
    *,
    person: bool = False,
    limit: int = 5,
) -> tuple[DuplicateHit, ...]:
    """Customers that share code, phone or name key, or whose name is near; best first. BUT: the customer itself.

    Persons often share a name: for them equal names count less, similar ones not at all.
    """
    found: dict[UUID, tuple[int, str]] = {}

    def note(ids: Iterable[UUID], reason: str, score: int) -> None:
        for one in ids:
            if one != but and score > found.get(one, (0, ""))[0]:
                found[one] = (score, reason)

    code = identity.uscc_clean(uscc)
    if len(code) == identity.USCC_LENGTH:
        note(work.session.scalars(select(Customer.id).where(Customer.uscc == code).limit(_EXACT_LIMIT)), "uscc", 100)
    keys = [k for k in dict.fromkeys(identity.phone_key(p) for p in phones) if k]
    if keys:
        by_phone = select(Customer.id).where(Customer.phone_key.in_(keys)).limit(_EXACT_LIMIT)
        by_contact = select(Contact.customer_id).where(Contact.phone_key.in_(keys)).limit(_EXACT_LIMIT)
        note(work.session.scalars(by_phone), "phone", 96)
        note(work.session.scalars(by_contact), "contact_phone", 94)
    key = identity.name_key(name) if len(identity.folded(name)) >= 2 else ""
    if key:
        same = select(Customer.id).where(Customer.name_key == key).limit(_EXACT_LIMIT)
        note(work.session.scalars(same), "name", 60 if person else 92)
        if not person:
            for one, score in _similar(work, key):
                note([one], "similar_name", score)
    return _hits(work, found, limit)


def _similar(work: Work, key: str) -> list[tuple[UUID, int]]:
    from rapidfuzz import fuzz, process

    match = _match(key)
    if not match:
        return []
    rows = work.session.execute(
        text(
            "SELECT c.id, c.name_key FROM search_gram g JOIN search_entry e ON e.n = g.rowid"
            " JOIN customer c ON c.id = e.record_id WHERE search_gram MATCH :match AND e.kind = 'customer' LIMIT :limit"
        ),
        {"match": match, "limit": _CANDIDATES},
    ).all()
    near = process.extract(key, [r[1] for r in rows], scorer=fuzz.ratio, score_cutoff=SIMILAR_FROM, limit=_EXACT_LIMIT)
    # never as sure as the same key
    return [(UUID(rows[index][0]), min(90, round(score))) for _, score, index in near]


def _match(key: str) -> str:
    """An FTS expression for names that share three characters in a row (two for a key of two)."""
    pairs = [search.grams(key[i : i + 2])[1] for i in range(len(key) - 1)]  # [character, pair, character]
    runs = [f'("{a}" AND "{b}")' for a, b in pairwise(pairs)]
    return " OR ".join(runs[:12])


def _hits(work: Work, found: dict[UUID, tuple[int, str]], limit: int) -> tuple[DuplicateHit, ...]:
    best = sorted(found, key=lambda one: found[one][0], reverse=True)[:limit]
    if not best:
        return ()
    owner = select(User.name).where(User.id == Customer.owner_id).scalar_subquery()
    rows = work.session.execute(
        select(Customer.id, Customer.number, Customer.name, owner, Customer.archived).where(
            Customer.id.in_(best), Customer.merged_into.is_(None)
        )
    )
    hits = [DuplicateHit(r[0], r[1], r[2], r[3] or "", found[r[0]][1], found[r[0]][0], r[4]) for r in rows]
    return tuple(sorted(hits, key=lambda h: (-h.score, h.name)))
