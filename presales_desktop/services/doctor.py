"""Whether the workspace is sound: database, references, journal, files, search index. Finds, never repairs silently."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func, select, text

from presales_desktop.models.attachments import IN_FILE, REMOTE, Blob, FileReceipt
from presales_desktop.models.local import SearchEntry
from presales_desktop.services import contents, timeline
from presales_desktop.services.work import Work
from presales_desktop.store import search


@dataclass(frozen=True)
class Finding:
    """The result of one check: `check` names it, `sound` the verdict, `detail` what was found (counts, first place)."""

    check: str
    sound: bool
    detail: str


def _database(work: Work) -> Finding:
    rows = work.session.execute(text("PRAGMA integrity_check(5)")).scalars().all()
    return Finding("database", list(rows) == ["ok"], "; ".join(str(r) for r in rows))


def _encryption(work: Work) -> Finding:
    rows = work.session.execute(text("PRAGMA cipher_integrity_check")).scalars().all()
    return Finding("encryption", not rows, "; ".join(str(r) for r in rows[:5]) or "ok")


def _references(work: Work) -> Finding:
    rows = work.session.execute(text("PRAGMA foreign_key_check")).all()
    return Finding("references", not rows, f"{rows[0][0]} rowid {rows[0][1]} → {rows[0][2]}" if rows else "ok")


def _journal(work: Work) -> Finding:
    broken = timeline.verify(work)
    return Finding("journal", broken is None, "ok" if broken is None else f"n={broken}")


def _files(work: Work) -> Finding:
    checked, store = 0, contents.shelf(work)
    receipts = set(work.session.scalars(select(FileReceipt.sha256)))
    rows = work.session.execute(select(Blob.sha256, Blob.stored)).all()
    for sha256, stored in rows:
        if stored == REMOTE:
            sound = sha256 in receipts
        elif stored == IN_FILE:
            sound = store.sound(sha256)
        else:
            content = work.session.scalar(select(Blob.content).where(Blob.sha256 == sha256))
            sound = content is not None and hashlib.sha256(content).hexdigest() == sha256
        if not sound:
            return Finding("files", False, sha256)
        checked += stored != REMOTE
    return Finding("files", True, str(checked))


def _search(work: Work) -> Finding:
    entries = work.session.scalar(select(func.count()).select_from(SearchEntry)) or 0
    grams = work.session.execute(text("SELECT count(*) FROM search_gram")).scalar_one()
    return Finding("search", entries == grams, f"{entries} / {grams}")


CHECKS: tuple[Callable[[Work], Finding], ...] = (_database, _encryption, _references, _journal, _files, _search)


def examine(work: Work) -> tuple[Finding, ...]:
    """All checks."""
    return tuple(check(work) for check in CHECKS)


def rebuild_search(work: Work) -> int:
    """Make the search index anew; the number of entries."""
    return search.rebuild(work.session.connection())
