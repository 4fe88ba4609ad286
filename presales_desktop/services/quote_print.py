"""A quote as it is printed: the revision whole with letterhead, pictures, signatures' names and, inside only, its costs."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from uuid import UUID

from presales_desktop.models.errors import InputError, NotFound
from presales_desktop.models.quotes import Quote
from presales_desktop.models.users import User
from presales_desktop.models.values import shanghai_day
from presales_desktop.services import attachments, company, quote_costs, quote_pages
from presales_desktop.services.company import Letterhead
from presales_desktop.services.quote_costs import CostSheet
from presales_desktop.services.quotes import QuoteShown
from presales_desktop.services.work import Work

PICTURE_PX = 200
_CLEAN = ("approved", "sent", "accepted")
# What makes paper of an approved revision no offer: it could be handed over without being sent.
_VOIDING = frozenset({"quote.altered", "quote.stale", "quote.design_not_passed"})
_MARKS = {
    "superseded": "superseded",
    "expired": "expired",
    "withdrawn": "void",
    "cancelled": "void",
    "declined": "void",
}


@dataclass(frozen=True)
class QuoteDocument:
    """`watermark`: "" for an approved, unchanged revision that may go out; else "unapproved", "superseded", "expired", "void"
    (I1). `pictures`: JPEG by SHA-256. `costs` only in the edition for ourselves. `key` binds the paper (models/proofs.py)."""

    quote: QuoteShown
    letterhead: Letterhead
    day: dt.date
    owner_phone: str
    watermark: str
    pictures: dict[str, bytes] = field(default_factory=dict)
    costs: CostSheet | None = None
    key: bytes = field(default=b"", repr=False)


def document(work: Work, quote_id: UUID, *, internal: bool = False, pictures: bool = True) -> QuoteDocument:
    """The document of a revision. INTERNAL needs cost.view: PermissionDenied otherwise."""
    costs = quote_costs.sheet(work, quote_id) if internal else None
    shown = quote_pages.show(work, quote_id)
    quote = work.get(Quote, quote_id)
    owner = work.session.get(User, quote.owner_id) if quote.owner_id else None
    return QuoteDocument(
        quote=shown,
        letterhead=company.letterhead(work),
        day=shanghai_day(quote.submitted_at or quote.updated_at),
        owner_phone=owner.phone if owner else "",
        watermark=watermark(shown),
        pictures=_pictures(work, shown) if pictures else {},
        costs=costs,
        key=company.document_key(work),
    )


def watermark(quote: QuoteShown) -> str:
    """Why the paper is no offer, or ""."""
    if quote.expired:
        return "expired"
    if quote.state in _CLEAN and not _VOIDING & set(quote.blocked):
        return ""
    return _MARKS.get(quote.state, "unapproved")


def _pictures(work: Work, quote: QuoteShown) -> dict[str, bytes]:
    """Small pictures; one that is gone or damaged leaves its cell empty rather than the quote unprinted."""
    found: dict[str, bytes] = {}
    for sha256 in {line.image_sha256 for line in quote.lines if line.image_sha256}:
        try:
            found[sha256] = attachments.printed(work, sha256, PICTURE_PX)
        except (NotFound, InputError):
            continue
    return found
