"""Search over everything: Chinese substrings and pinyin initials."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, tuple_

from presales_desktop.models.customers import Site
from presales_desktop.models.local import SearchEntry
from presales_desktop.models.users import User
from presales_desktop.services.work import Work
from presales_desktop.store import search as index
from presales_desktop.store.search import initials

__all__ = ["Hit", "find", "initials", "recent", "titles"]


@dataclass(frozen=True)
class Hit:
    """One record that was found."""

    kind: str
    id: UUID
    title: str
    subtitle: str


def find(work: Work, text: str, limit: int = 30, kind: str = "") -> tuple[Hit, ...]:
    """Records that contain every word of TEXT, or whose title's initials contain it; titles first, newest first."""
    return tuple(Hit(*row) for row in index.find(work.session.connection(), text, limit, kind))


def recent(work: Work, limit: int = 12, kind: str = "") -> tuple[Hit, ...]:
    """What changed last."""
    statement = select(SearchEntry).order_by(SearchEntry.updated_at.desc()).limit(limit)
    if kind:
        statement = statement.where(SearchEntry.kind == kind)
    return tuple(Hit(e.kind, e.record_id, e.title, e.subtitle) for e in work.session.scalars(statement))


def titles(work: Work, refs: Iterable[tuple[str, UUID]]) -> dict[tuple[str, UUID], str]:
    """Title by (kind, id); users by name, sites by their address. Unknown ones are left out."""
    wanted = list(dict.fromkeys(refs))
    people = [i for k, i in wanted if k == "user"]
    places = [i for k, i in wanted if k == "site"]
    others = [(k, i) for k, i in wanted if k not in ("user", "site")]
    found: dict[tuple[str, UUID], str] = {}
    if people:
        for row in work.session.execute(select(User.id, User.name).where(User.id.in_(people))):
            found["user", row.id] = row.name
    if places:
        for site in work.session.execute(select(Site.id, Site.label, Site.address).where(Site.id.in_(places))):
            found["site", site.id] = f"{site.label} {site.address}".strip()
    for start in range(0, len(others), 300):
        part = others[start : start + 300]
        statement = select(SearchEntry.kind, SearchEntry.record_id, SearchEntry.title).where(
            tuple_(SearchEntry.kind, SearchEntry.record_id).in_(part)
        )
        for entry in work.session.execute(statement):
            found[entry.kind, entry.record_id] = entry.title
    return found
