"""The content of a quote that an approval binds to (business.md 3.4, I2), written in the canonical form of canonical.py.

It holds what the customer sees; internal notes, owner and everything of the screen stay out, so that a remark between colleagues
voids no approval.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from presales_desktop.models import canonical
from presales_desktop.models.quote_pricing import Totals

FORMAT = "presales.quote/1"
SHORT = 8


def content(
    quote: Any,
    lines: Sequence[Any],
    totals: Totals,
    customer_name: str,
    attachments: Iterable[str] = (),
    customer_id: UUID | None = None,
) -> str:
    """The canonical JSON text of QUOTE (record or draft) with its LINES in order; ATTACHMENTS are SHA-256 sums.

    CUSTOMER_ID: whom a frozen paper was made for, when that customer was merged into another since.
    """
    visible = [(line, totals.amounts[i]) for i, line in enumerate(lines) if line.type != "internal_note"]
    made = {
        "format": FORMAT,
        "customer": {"id": customer_id or quote.customer_id, "name": customer_name},
        "title": quote.title,
        "currency": quote.currency,
        "tax": {"included": quote.tax_included, "rate": quote.tax_rate},
        "lines": [_line(sort, line, amount) for sort, (line, amount) in enumerate(visible)],
        "totals": {
            "lines": totals.lines_fen,
            "discount": totals.discount_fen,
            "discount_percent": quote.discount_percent,
            "freight": totals.freight_fen,
            "installation": totals.installation_fen,
            "net": totals.net_fen,
            "tax": totals.tax_fen,
            "gross": totals.gross_fen,
        },
        "delivery": quote.delivery,
        "delivery_place": quote.delivery_place,
        "payment": quote.payment,
        "valid_until": quote.valid_until,
        "warranty": quote.warranty,
        "notes": quote.notes,
        "attachments": sorted(attachments),
    }
    return canonical.text(made)


def _line(sort: int, line: Any, amount_fen: int) -> dict[str, Any]:
    return {
        "sort": sort,
        "type": line.type,
        "room": line.room,
        "sku": line.model,
        "description": line.name,
        "spec": line.spec,
        "quantity": line.quantity,
        "unit": line.unit,
        "unit_price": line.unit_price_fen,
        "discount": line.discount_percent,
        "amount": amount_fen,
        "lead_days": line.lead_days,
        "image": line.image_sha256,
        "note": line.note,
    }


def short(content_hash: str) -> str:
    """The eight characters that stand in the footer of the paper."""
    return content_hash[:SHORT]
