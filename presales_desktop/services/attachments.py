"""Files of records: added by content, found by record, shown as thumbnails."""

from __future__ import annotations

import io
import mimetypes
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import func, select

from presales_desktop.models.attachments import Attachment, Blob
from presales_desktop.models.base import Record
from presales_desktop.models.cases import Case
from presales_desktop.models.catalogue import Product
from presales_desktop.models.contracts import Contract
from presales_desktop.models.credit import CreditApplication, CreditSheet
from presales_desktop.models.customers import Customer
from presales_desktop.models.designs import Design
from presales_desktop.models.errors import InputError, UserError
from presales_desktop.models.permissions import Ownership
from presales_desktop.models.prices import PriceEvent
from presales_desktop.models.quotes import Quote
from presales_desktop.models.surveys import Survey
from presales_desktop.services.contents import (
    MAX_IN_MEMORY,
    Staged,
    blob,
    here,
    put_blob,
    put_blobs,
    put_staged,
)
from presales_desktop.services.work import Work

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_PIXELS = 60_000_000
THUMBNAIL_PX = 256
# Pictures larger than this get a small one of their own, that arrives first on other computers.
LARGE_PICTURE = 256 * 1024
# Whose right it takes to put a file there or to take it off by hand: "<kind>.edit" on that record.
OWNERS: dict[str, type[Record]] = {
    model.KIND: model
    for model in (Customer, Case, Survey, Product, Design, Quote, Contract, CreditApplication, CreditSheet, PriceEvent)
}
# Kinds whose files take another right.
_RIGHTS = {"credit_sheet": "credit.assess"}
# What a step filed as the proof of what went out: never made and never taken off by hand.
KEPT_ROLE = "sent"


@dataclass(frozen=True)
class AttachmentRow:
    """A file as a page lists it."""

    id: UUID
    kind: str
    record_id: UUID
    role: str
    name: str
    media_type: str
    size: int
    sha256: str
    thumbnail_sha256: str = ""


def add(work: Work, kind: str, record_id: UUID, role: str, name: str, data: bytes) -> UUID:
    """Attach a file for a service that has asked for its own right. Pictures (roles image, photo) are checked to be readable: InputError image.unreadable."""
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if role in ("image", "photo"):
        media_type = _check_image(data, name)
    sha256 = put_blob(work, data, media_type, name)
    small = _thumbnail_of(work, data, name) if media_type.startswith("image/") else ""
    return _add_row(work, kind, record_id, role, name, media_type, len(data), sha256, small)


def _add_row(
    work: Work, kind: str, record_id: UUID, role: str, name: str, media_type: str, size: int, sha256: str, small: str
) -> UUID:
    last = work.session.scalar(
        select(func.max(Attachment.sort)).where(Attachment.subject_kind == kind, Attachment.subject_id == record_id)
    )
    row = Attachment(
        subject_kind=kind,
        subject_id=record_id,
        role=role,
        name=name,
        media_type=media_type,
        size=size,
        sha256=sha256,
        thumbnail_sha256=small,
        sort=(last or 0) + 1,
    )
    return work.add(row).id


def _thumbnail_of(work: Work, data: bytes, name: str) -> str:
    """The SHA-256 of a small picture of a large one; "" for what is small itself, or no picture after all."""
    if len(data) <= LARGE_PICTURE:
        return ""
    try:
        return put_blob(work, flatten(data, THUMBNAIL_PX, name), "image/jpeg", name)
    except InputError:
        return ""


def add_first_images(work: Work, kind: str, pictures: Sequence[tuple[UUID, str, bytes]]) -> None:
    """The first image of each of many new records: (record, name, PNG), for a service that has asked for its own right.

    Raises as `add`.
    """
    for data, name in {data: name for _, name, data in pictures}.items():
        _check_image(data, name)
    hashes = put_blobs(work, [(data, name) for _, name, data in pictures], "image/png")
    for (record_id, name, data), sha256 in zip(pictures, hashes, strict=True):
        work.add(
            Attachment(
                subject_kind=kind,
                subject_id=record_id,
                role="image",
                name=name,
                media_type="image/png",
                size=len(data),
                sha256=sha256,
                sort=1,
            )
        )


def attach(work: Work, kind: str, record_id: UUID, role: str, name: str, data: bytes) -> UUID:
    """Attach a file by hand. Raises PermissionDenied ("<kind>.edit" on the record), NotFound, UserError file.kept, those of `add`."""
    _require(work, kind, record_id)
    if role == KEPT_ROLE:
        raise UserError("file.kept", file=name)
    return add(work, kind, record_id, role, name, data)


def attach_staged(work: Work, kind: str, record_id: UUID, role: str, staged: Staged) -> UUID:
    """Attach by hand what `stage` has read from disk; pictures are looked at as a whole. Raises as `attach`."""
    media_type = mimetypes.guess_type(staged.name)[0] or "application/octet-stream"
    if staged.data is not None:
        return attach(work, kind, record_id, role, staged.name, staged.data)
    _require(work, kind, record_id)
    if role == KEPT_ROLE:
        raise UserError("file.kept", file=staged.name)
    sha256, small = put_staged(work, staged, media_type), ""
    if role in ("image", "photo") or (media_type.startswith("image/") and staged.size <= MAX_IN_MEMORY):
        data = blob(work, sha256)
        media_type = _check_image(data, staged.name) if role in ("image", "photo") else media_type
        small = _thumbnail_of(work, data, staged.name)
    return _add_row(work, kind, record_id, role, staged.name, media_type, staged.size, sha256, small)


def put_back(work: Work, row: AttachmentRow) -> UUID:
    """Attach by hand again what was just taken off: its content is still known. Raises as `attach`."""
    _require(work, row.kind, row.record_id)
    if row.role == KEPT_ROLE:
        raise UserError("file.kept", file=row.name)
    return restore(work, row)


def restore(work: Work, row: AttachmentRow) -> UUID:
    """`put_back` for a service that has asked for its own right."""
    return _add_row(
        work, row.kind, row.record_id, row.role, row.name, row.media_type, row.size, row.sha256, row.thumbnail_sha256
    )


def detach(work: Work, attachment_id: UUID) -> None:
    """Take a file off by hand. Raises PermissionDenied ("<kind>.edit" on the record), NotFound, UserError file.kept."""
    row = work.get(Attachment, attachment_id)
    _require(work, row.subject_kind, row.subject_id)
    if row.role == KEPT_ROLE:
        raise UserError("file.kept", file=row.name)
    remove(work, attachment_id)


def _require(work: Work, kind: str, record_id: UUID) -> None:
    if kind not in OWNERS:
        raise InputError("record.kind_unknown", kind=kind, known="、".join(OWNERS))
    record = work.get(OWNERS[kind], record_id)
    right = _RIGHTS.get(kind, f"{kind}.edit")
    work.require(right, Ownership(getattr(record, "owner_id", None), record.created_by))


def list_of(work: Work, kind: str, record_id: UUID, role: str = "") -> tuple[AttachmentRow, ...]:
    """Files of a record, in order; of one role when given."""
    statement = (
        select(Attachment)
        .where(Attachment.subject_kind == kind, Attachment.subject_id == record_id)
        .order_by(Attachment.sort, Attachment.id)
    )
    if role:
        statement = statement.where(Attachment.role == role)
    return tuple(
        AttachmentRow(
            a.id, a.subject_kind, a.subject_id, a.role, a.name, a.media_type, a.size, a.sha256, a.thumbnail_sha256
        )
        for a in work.session.scalars(statement)
    )


def remove(work: Work, attachment_id: UUID) -> None:
    """Take a file off a record for a service that has asked for its own right; its bytes stay while another record holds them."""
    row = work.get(Attachment, attachment_id)
    work.remove(row)


def content(work: Work, attachment_id: UUID) -> bytes:
    """The bytes of an attachment."""
    return blob(work, work.get(Attachment, attachment_id).sha256)


def preview(work: Work, sha256: str, edge_px: int = THUMBNAIL_PX) -> bytes:
    """A picture's bytes for showing it EDGE_PX large: its small one where that is enough or all that is here, else itself.

    Raises as `blob`.
    """
    small = work.session.scalar(
        select(Attachment.thumbnail_sha256)
        .where(Attachment.sha256 == sha256, Attachment.thumbnail_sha256 != "")
        .limit(1)
    )
    if small and here(work, small) and (edge_px <= THUMBNAIL_PX or not here(work, sha256)):
        return blob(work, small)
    return blob(work, sha256)


def thumbnail(work: Work, sha256: str, edge_px: int = THUMBNAIL_PX) -> bytes:
    """A PNG of at most edge_px on its longer side. Raises NotFound, InputError image.unreadable."""
    return _kept(work, sha256, edge_px, shrink)


def printed(work: Work, sha256: str, edge_px: int) -> bytes:
    """The picture as it goes on paper: a JPEG on white of at most edge_px on its longer side.

    Paper takes a JPEG as it is; a PNG it unpacks and packs again, ten times as large for photos.
    Raises NotFound, InputError image.unreadable.
    """
    return _kept(work, sha256, edge_px, flatten)


_small: OrderedDict[tuple[str, int, str], bytes] = OrderedDict()
_KEPT = 256  # of 256 px and about 30 KB each


def _kept(work: Work, sha256: str, edge_px: int, make: Callable[[bytes, int], bytes]) -> bytes:
    """Made once per content while the program runs; the content is still asked for, since a file may have gone."""
    key = (sha256, edge_px, make.__name__)
    if key in _small and work.session.scalar(select(Blob.size).where(Blob.sha256 == sha256)) is not None:
        with suppress(KeyError):
            _small.move_to_end(key)
            return _small[key]
    made = make(preview(work, sha256, edge_px) if make is shrink else blob(work, sha256), edge_px)
    if edge_px <= THUMBNAIL_PX:
        _small[key] = made
        if len(_small) > _KEPT:
            _small.popitem(last=False)
    return made


def shrink(data: bytes, edge_px: int, name: str = "") -> bytes:
    """Pure: image bytes to PNG bytes of at most edge_px; decompression bombs are refused."""
    small, out = _smaller(data, edge_px, name), io.BytesIO()
    # Level 1: three times as fast as the usual 6, a tenth larger.
    small.convert("RGBA" if _see_through(small) else "RGB").save(out, "PNG", compress_level=1)
    return out.getvalue()


def flatten(data: bytes, edge_px: int, name: str = "") -> bytes:
    """Pure: image bytes to JPEG bytes of at most edge_px on white; decompression bombs are refused."""
    from PIL import Image

    small, out = _smaller(data, edge_px, name), io.BytesIO()
    if _see_through(small):
        card = Image.new("RGBA", small.size, "white")
        card.alpha_composite(small.convert("RGBA"))
        small = card
    small.convert("RGB").save(out, "JPEG", quality=90, subsampling=0)
    return out.getvalue()


def _see_through(image: Image) -> bool:
    return image.mode in ("RGBA", "LA", "P")


def _smaller(data: bytes, edge_px: int, name: str) -> Image:
    from PIL import Image, ImageOps, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.width * image.height > MAX_PIXELS:
                raise InputError("image.unreadable", file=name)
            image.draft("RGB", (edge_px, edge_px))
            small = ImageOps.exif_transpose(image)
            small.thumbnail((edge_px, edge_px))
            return small
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise InputError("image.unreadable", file=name) from None


def _check_image(data: bytes, name: str) -> str:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.width * image.height > MAX_PIXELS:
                raise InputError("image.unreadable", file=name)
            image.load()
            return Image.MIME.get(image.format or "", "image/png")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise InputError("image.unreadable", file=name) from None


def transfer_counts(work: Work) -> tuple[int, int, int]:
    """Files that wait to be sent, files that wait to be fetched, and their bytes."""
    from presales_desktop.services import transfers

    found = transfers.counts(work)
    return found.up, found.down, found.bytes
