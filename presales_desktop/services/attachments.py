"""Files of records: added by content, found by record, shown as thumbnails."""

from __future__ import annotations

import hashlib
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
from presales_desktop.models.customers import Customer
from presales_desktop.models.designs import Design
from presales_desktop.models.errors import InputError, NotFound, UserError
from presales_desktop.models.permissions import Ownership
from presales_desktop.models.quotes import Quote
from presales_desktop.models.surveys import Survey
from presales_desktop.services.work import Work

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_BYTES = 100 * 1024 * 1024
MAX_PIXELS = 60_000_000
THUMBNAIL_PX = 256
_AT_ONCE = 500  # values in one statement
# Whose right it takes to put a file there or to take it off by hand: "<kind>.edit" on that record.
OWNERS: dict[str, type[Record]] = {
    model.KIND: model for model in (Customer, Case, Survey, Product, Design, Quote, Contract)
}
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


def put_blob(work: Work, data: bytes, media_type: str, name: str = "") -> str:
    """Keep bytes once; their SHA-256. Raises InputError file.empty, file.too_large."""
    return put_blobs(work, [(data, name)], media_type)[0]


def put_blobs(work: Work, files: Sequence[tuple[bytes, str]], media_type: str) -> list[str]:
    """Keep the bytes of files (content, name), each content once; their SHA-256s. Raises as `put_blob`."""
    contents: dict[str, bytes] = {}
    hashes = []
    for data, name in files:
        if not data:
            raise InputError("file.empty", file=name)
        if len(data) > MAX_BYTES:
            size, limit = f"{len(data) / 2**20:.0f} MB", f"{MAX_BYTES >> 20} MB"
            raise InputError("file.too_large", file=name, size=size, limit=limit)
        hashes.append(hashlib.sha256(data).hexdigest())
        contents[hashes[-1]] = data
    wanted = list(contents)
    for start in range(0, len(wanted), _AT_ONCE):
        part = wanted[start : start + _AT_ONCE]
        known = set(work.session.scalars(select(Blob.sha256).where(Blob.sha256.in_(part))))
        for sha256 in part:
            if sha256 not in known:
                data = contents[sha256]
                work.session.add(Blob(sha256=sha256, size=len(data), media_type=media_type, content=data))
    work.session.flush()
    return hashes


def blob(work: Work, sha256: str) -> bytes:
    """The bytes of a SHA-256; raises NotFound."""
    content = work.session.scalar(select(Blob.content).where(Blob.sha256 == sha256))
    if content is None:
        raise NotFound("record.not_found", kind="attachment", id=sha256[:12])
    return content


def add(work: Work, kind: str, record_id: UUID, role: str, name: str, data: bytes) -> UUID:
    """Attach a file for a service that has asked for its own right. Pictures (roles image, photo) are checked to be readable: InputError image.unreadable."""
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if role in ("image", "photo"):
        media_type = _check_image(data, name)
    sha256 = put_blob(work, data, media_type, name)
    last = work.session.scalar(
        select(func.max(Attachment.sort)).where(Attachment.subject_kind == kind, Attachment.subject_id == record_id)
    )
    row = work.add(
        Attachment(
            subject_kind=kind,
            subject_id=record_id,
            role=role,
            name=name,
            media_type=media_type,
            size=len(data),
            sha256=sha256,
            sort=(last or 0) + 1,
        )
    )
    return row.id


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
    work.require(f"{kind}.edit", Ownership(getattr(record, "owner_id", None), record.created_by))


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
        AttachmentRow(a.id, a.subject_kind, a.subject_id, a.role, a.name, a.media_type, a.size, a.sha256)
        for a in work.session.scalars(statement)
    )


def remove(work: Work, attachment_id: UUID) -> None:
    """Take a file off a record for a service that has asked for its own right; its bytes stay while another record holds them."""
    row = work.get(Attachment, attachment_id)
    work.remove(row)


def content(work: Work, attachment_id: UUID) -> bytes:
    """The bytes of an attachment."""
    return blob(work, work.get(Attachment, attachment_id).sha256)


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
    made = make(blob(work, sha256), edge_px)
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
