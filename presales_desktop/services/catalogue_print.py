"""What a product's datasheet shows: the product as everybody may see it, its pictures, the letterhead. No price, no cost."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from presales_desktop.services import catalogue, catalogue_images, company
from presales_desktop.services.catalogue import ProductShown
from presales_desktop.services.company import Letterhead
from presales_desktop.services.work import Work

PICTURES = 4


@dataclass(frozen=True)
class Datasheet:
    """A product ready for paper; `pictures` are image bytes, the first the largest."""

    letterhead: Letterhead
    product: ProductShown
    pictures: tuple[bytes, ...]
    day: dt.date


def datasheet(work: Work, product_id: UUID) -> Datasheet:
    """The datasheet of a product. Raises NotFound, PermissionDenied (product.view)."""
    rows = catalogue_images.images(work, product_id)[:PICTURES]
    found = catalogue_images.contents(work, [row.sha256 for row in rows])
    return Datasheet(
        company.letterhead(work),
        catalogue.show_public(work, product_id),
        tuple(found[row.sha256] for row in rows if row.sha256 in found),
        work.today,
    )
