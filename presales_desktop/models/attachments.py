"""Files that belong to records: content once by its SHA-256, names as often as wanted."""

from __future__ import annotations

from typing import ClassVar
from uuid import UUID

from sqlalchemy import Index, LargeBinary
from sqlalchemy.orm import Mapped, deferred, mapped_column

from presales_desktop.models.base import Base, Record


class Blob(Base):
    """Bytes, addressed by what they are. They lie in the encrypted database, so they are encrypted at rest."""

    __tablename__ = "blob"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    size: Mapped[int]
    media_type: Mapped[str]
    content: Mapped[bytes] = deferred(mapped_column(LargeBinary))


class Attachment(Record):
    """A file of a record: photo of a room, image of a product, underlay of a plan, scan of a contract. Its bytes may arrive later
    than the row (sync), so the row does not refer to them by a key.

    `role` says what it is for: "photo", "image", "photometry", "underlay", "scan", "file".
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
    sort: Mapped[int] = mapped_column(default=0)

    def owner_ref(self) -> tuple[str, UUID] | None:
        return self.subject_kind, self.subject_id
