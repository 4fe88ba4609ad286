"""Search over everything: Chinese substrings and pinyin initials."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import select, tuple_

from presales_desktop.models.customers import Site
from presales_desktop.models.local import SearchEntry
from presales_desktop.models.users import User
from presales_desktop.services import customer_merge
from presales_desktop.services.work import Work
from presales_desktop.store import search as index
from presales_desktop.store.search import initials
from presales_desktop.texts import tr

__all__ = ["Hit", "find", "initials", "living", "recent", "titles"]


@dataclass(frozen=True)
class Hit:
    """One record that was found."""

    kind: str
    id: UUID
    title: str
    subtitle: str


def find(work: Work, text: str, limit: int = 30, kind: str = "") -> tuple[Hit, ...]:
    """Records that contain every word of TEXT, or whose title's initials contain it; titles first, newest first."""
    return _signed(work, [Hit(*row) for row in index.find(work.session.connection(), text, limit, kind)])


def living(work: Work, text: str, limit: int = 30, kind: str = "") -> tuple[Hit, ...]:
    """As `find`, or what changed last when TEXT is blank, to choose from: a merged customer stands for the one it went to."""
    found = find(work, text, limit, kind) if text.strip() else recent(work, limit, kind)
    gone = customer_merge.survivors(work, [h.id for h in found if h.kind == "customer"])
    made: dict[tuple[str, UUID], Hit] = {}
    for hit in found:
        stays = gone.get(hit.id) if hit.kind == "customer" else None
        one = hit if stays is None else Hit("customer", stays.id, stays.name, f"{stays.number} ← {hit.title}")
        made.setdefault((one.kind, one.id), one)
    return tuple(made.values())


def _signed(work: Work, hits: list[Hit]) -> tuple[Hit, ...]:
    """Merged customers say where they went."""
    gone = customer_merge.survivors(work, [h.id for h in hits if h.kind == "customer"])
    return tuple(
        replace(h, subtitle=tr("已并入 {name}", name=gone[h.id].name)) if h.kind == "customer" and h.id in gone else h
        for h in hits
    )


def recent(work: Work, limit: int = 12, kind: str = "") -> tuple[Hit, ...]:
    """What changed last."""
    statement = select(SearchEntry).order_by(SearchEntry.updated_at.desc()).limit(limit)
    if kind:
        statement = statement.where(SearchEntry.kind == kind)
    return _signed(work, [Hit(e.kind, e.record_id, e.title, e.subtitle) for e in work.session.scalars(statement)])


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
