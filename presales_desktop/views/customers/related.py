"""What hangs on a customer as rows of a panel."""

from __future__ import annotations

from collections.abc import Iterable

from presales_desktop.services.customers import Related, Sign
from presales_desktop.texts import lookup
from presales_desktop.views.kit import format as fmt
from presales_desktop.views.kit.panels import RelatedRow

_TONES = {
    "won": "good", "accepted": "good", "approved": "good", "signed": "good", "effective": "good", "open": "accent",
    "sent": "accent", "submitted": "amber", "paused": "amber", "returned": "bad", "rejected": "bad", "declined": "bad",
    "lost": "bad", "expired": "bad",
}  # fmt: skip


def related_rows(found: Iterable[Related]) -> list[RelatedRow]:
    """Title first, number and amount beneath, the state as a chip."""
    return [
        RelatedRow(
            r.kind,
            r.id,
            r.title or r.number,
            " · ".join(p for p in (r.number, fmt.money(r.amount_fen) if r.amount_fen else "") if p),
            (lookup.state(r.kind, r.state), _TONES.get(r.state, "neutral")),
        )
        for r in found
    ]


def sign_rows(signs: Iterable[Sign]) -> list[RelatedRow]:
    """The customers that were merged into this one."""
    return [
        RelatedRow("customer", s.id, s.name, s.number, (lookup.state("customer", "merged"), "neutral")) for s in signs
    ]
