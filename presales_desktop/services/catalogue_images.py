"""Pictures of products: read with limits, made upright, re-encoded (nothing of the camera's own data stays), thumbnails in batches."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import PurePath
from typing import Final
from uuid import UUID

from sqlalchemy import select

from presales_desktop.models.attachments import Attachment
from presales_desktop.models.catalogue import Product
from presales_desktop.models.errors import InputError, UserError
from presales_desktop.services import attachments
from presales_desktop.services import contents as kept
from presales_desktop.services.attachments import AttachmentRow
from presales_desktop.services.work import Work

FORMATS: Final = ("JPEG", "PNG", "WEBP")
PATTERNS: Final = ("*.jpg", "*.jpeg", "*.png", "*.webp")
MAX_BYTES: Final = 20 * 1024 * 1024
MAX_PIXELS: Final = 50_000_000
MAX_EDGE: Final = 1600
MAX_IMAGES: Final = 12
_QUALITY = 88


def prepare(data: bytes, name: str) -> tuple[str, bytes]:
    """Pure: the picture as it is kept, at most 1600 px on its longer side, and its name. Transparent ones become PNG, others JPEG.

    Raises InputError file.empty, catalogue.image_too_large, catalogue.image_type, image.unreadable.
    """
    from PIL import Image, ImageOps, UnidentifiedImageError

    if not data:
        raise InputError("file.empty", file=name)
    if len(data) > MAX_BYTES:
        raise _too_large(name, f"{len(data) / 2**20:.0f} MB", f"{MAX_BYTES >> 20} MB")
    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.format not in FORMATS:
                raise InputError("catalogue.image_type", file=name, found=image.format or "")
            if image.width * image.height > MAX_PIXELS:
                limit = f"{MAX_PIXELS // 10**6} MP"
                raise _too_large(name, f"{image.width} x {image.height}", limit)
            image.draft("RGB", (MAX_EDGE, MAX_EDGE))
            made: Image.Image = ImageOps.exif_transpose(image)
            made.thumbnail((MAX_EDGE, MAX_EDGE))
            transparent = made.mode in ("RGBA", "LA", "PA") or "transparency" in made.info
            made = made.convert("RGBA" if transparent else "RGB")
    except UnidentifiedImageError:
        raise InputError("catalogue.image_type", file=name, found="") from None
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise InputError("image.unreadable", file=name) from None
    out = io.BytesIO()
    if transparent:
        made.save(out, "PNG", optimize=True)
    else:
        made.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return f"{PurePath(name).stem[:120]}.{'png' if transparent else 'jpg'}", out.getvalue()


def _too_large(name: str, found: str, limit: str) -> InputError:
    return InputError("catalogue.image_too_large", file=name, found=found, limit=limit)


def add_image(work: Work, product_id: UUID, name: str, data: bytes) -> UUID:
    """Add a picture to a product. Raises PermissionDenied (product.edit), those of `prepare`, UserError catalogue.images_full."""
    return add_prepared(work, product_id, *prepare(data, name))


def add_prepared(work: Work, product_id: UUID, name: str, data: bytes) -> UUID:
    """`add_image` for what `prepare` made, on another thread."""
    work.require("product.edit")
    product = work.get(Product, product_id)
    if len(images(work, product_id)) >= MAX_IMAGES:
        raise UserError("catalogue.images_full", limit=MAX_IMAGES)
    added = attachments.add(work, "product", product_id, "image", name, data)
    work.audit(product, "image_added", title=f"{product.model_no} {product.name}", note=name)
    return added


def images(work: Work, product_id: UUID) -> tuple[AttachmentRow, ...]:
    """A product's pictures; the first stands for it in lists."""
    work.require("product.view")
    return attachments.list_of(work, "product", product_id, "image")


def make_first(work: Work, image_id: UUID) -> None:
    """Let this picture stand for its product. Raises PermissionDenied (product.edit), NotFound."""
    work.require("product.edit")
    chosen = work.get(Attachment, image_id)
    rows = work.session.scalars(
        select(Attachment)
        .where(Attachment.subject_kind == "product", Attachment.subject_id == chosen.subject_id)
        .where(Attachment.role == "image")
        .order_by(Attachment.sort, Attachment.id)
    ).all()
    for place, row in enumerate([chosen, *(r for r in rows if r.id != chosen.id)], start=1):
        if row.sort != place:
            row.sort = place
            work.touch(row)


def remove_image(work: Work, image_id: UUID) -> None:
    """Take a picture off its product. Raises PermissionDenied (product.edit), NotFound."""
    work.require("product.edit")
    row = work.get(Attachment, image_id)
    product = work.get(Product, row.subject_id)
    attachments.remove(work, image_id)
    work.audit(product, "image_removed", title=f"{product.model_no} {product.name}", note=row.name)


def contents(work: Work, hashes: Iterable[str]) -> dict[str, bytes]:
    """Bytes of pictures by SHA-256, for thumbnails made on another thread; those that are not on this computer are left out."""
    work.require("product.view")
    wanted = list(dict.fromkeys(hashes))[:400]
    return kept.blobs(work, wanted)
