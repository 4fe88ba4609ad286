"""Files that belong to records: content once by its SHA-256, names as often as wanted."""

from __future__ import annotations

from typing import ClassVar, Final
from uuid import UUID, uuid5

from sqlalchemy import Index, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, deferred, mapped_column

from presales_desktop.models.base import Base, Record

# Where the bytes of a content lie: in the encrypted database, in an encrypted file beside it, or only on the server.
IN_DATABASE: Final = "database"
IN_FILE: Final = "file"
REMOTE: Final = "remote"
_RECEIPTS: Final = UUID("6b1d7a52-3f4e-4c58-9a0b-7c1f2f0d9e11")


class Blob(Base):
    """Bytes, addressed by what they are. Small ones lie in the encrypted database (`content`), larger ones in an encrypted file of
    their own beside it (store/files); of remote ones this computer has only the name until somebody asks for them."""

    __tablename__ = "blob"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int]
    media_type: Mapped[str]
    stored: Mapped[str] = mapped_column(default=IN_DATABASE, server_default=IN_DATABASE)
    content: Mapped[bytes | None] = deferred(mapped_column(LargeBinary))


class FileReceipt(Record):
    """The server's word that it holds a content, whole and verified, for those who hold `scope`: nobody else learns that there is such a
    file. Only the server makes these rows."""

    __tablename__ = "file_receipt"
    __table_args__ = (UniqueConstraint("sha256", "scope"),)
    KIND: ClassVar[str] = "file_receipt"

    sha256: Mapped[str]
    size: Mapped[int]
    scope: Mapped[str]


def receipt_id(sha256: str, scope: str) -> UUID:
    """The id of a content's receipt in a scope: the same on every server process, so there is never a second one."""
    return uuid5(_RECEIPTS, f"{sha256} {scope}")


class Attachment(Record):
    """A file of a record: photo of a room, image of a product, underlay of a plan, scan of a contract. Its bytes may arrive later
    than the row (sync), so the row does not refer to them by a key.

    `role` says what it is for: "photo", "image", "photometry", "underlay", "scan", "file". `thumbnail_sha256`: a small picture of a
    large one, a content of its own that arrives first; "" where there is none.
    """

    __tablename__ = "attachment"
    __table_args__ = (Index("ix_attachment_subject", "subject_kind", "subject_id"),)
    KIND: ClassVar[str] = "attachment"

    subject_kind: Mapped[str]
    subject_id: Mapped[UUID]
    role: Mapped[str]
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(index=True)
    thumbnail_sha256: Mapped[str] = mapped_column(default="", server_default="")
    sort: Mapped[int] = mapped_column(default=0)

    def owner_ref(self) -> tuple[str, UUID] | None:
        return self.subject_kind, self.subject_id
