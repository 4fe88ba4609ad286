"""The content of a quote that an approval binds to (business.md 3.4, I2), written in the canonical form of canonical.py.

It holds what the customer sees; internal notes, owner and everything of the screen stay out, so that a remark between colleagues
voids no approval. What a revision was frozen in keeps its format for ever (docs/decisions/015): `content` writes the one that
`quote.frozen` has, and the newest for a revision that is not frozen yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from presales_desktop.models import canonical
from presales_desktop.models.quote_pricing import Totals

FORMATS: Final = {1: "presales.quote/1", 2: "presales.quote/2"}
NEWEST: Final = 2
FORMAT: Final = FORMATS[NEWEST]
SHORT = 8


def format_of(frozen: str) -> int:
    """In which format a revision was frozen; the newest for one that is not."""
    # Inside a text every quotation mark is escaped, so this can only be the key itself.
    return 1 if f'"format":"{FORMATS[1]}"' in frozen else NEWEST


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
    version = format_of(getattr(quote, "frozen", "") or "")
    visible = [(i, line) for i, line in enumerate(lines) if line.type != "internal_note"]
    made = {
        "format": FORMATS[version],
        "customer": {"id": customer_id or quote.customer_id, "name": customer_name},
        "title": quote.title,
        "currency": quote.currency,
        "tax": {"included": quote.tax_included, "rate": quote.tax_rate},
        "lines": [_line(version, sort, line, totals, i) for sort, (i, line) in enumerate(visible)],
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
    if version > 1:
        made["exchange"] = {"rate": quote.exchange_rate, "on": quote.rate_on}
        made["paper"] = {"language": quote.language, "images": quote.show_images}
        made["tax"]["shares"] = [{"rate": s.rate, "net": s.net_fen, "tax": s.tax_fen} for s in totals.taxes]
    return canonical.text(made)


def _line(version: int, sort: int, line: Any, totals: Totals, index: int) -> dict[str, Any]:
    made = {
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
        "amount": totals.amounts[index],
        "lead_days": line.lead_days,
        "image": line.image_sha256,
        "note": line.note,
    }
    if version > 1:
        made["customer_code"] = line.customer_code
        made["tax_rate"] = line.tax_rate
        made["pieces"] = totals.pieces_of(index)
        made["counted"] = totals.counted[index]
    return made


def short(content_hash: str) -> str:
    """The eight characters that stand in the footer of the paper."""
    return content_hash[:SHORT]
