"""The rules of the domain as the server uses them: those of services/server_domain, and the console, whom nobody judges."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID, uuid5

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from presales_desktop.models.attachments import Attachment, FileReceipt, receipt_id
from presales_desktop.models.syncing import REGISTRY
from presales_desktop.models.values import utc_now
from presales_desktop.services.server_domain import ServerDomain
from presales_desktop.store.server_schema import HEAD, MIGRATIONS, server_metadata
from sync import codec
from sync.server import tables
from sync.server.database import Part
from sync.server.domain import CommitContext, Judged, Verdict
from sync.wire import Change

TYPED_PART: Final = Part("typed", server_metadata(), MIGRATIONS, HEAD)
# Who sits at the server's console: no account has this id, so no token can name it.
CONSOLE: Final = uuid5(UUID(int=0), "presales-server console")
EVERY_CUSTOMER: Final = "c:*"


class ConsoleDomain(ServerDomain):
    """The judge of people; the administrator at the console acts with the operating system's rights."""

    def judge(self, session: Session, context: CommitContext, changes: Sequence[Judged]) -> Verdict:
        """See ServerDomain."""
        if context.actor == CONSOLE:
            return Verdict()
        return super().judge(session, context, changes)

    def may_read_file(self, session: Session, user_id: UUID, sha256: str) -> bool:
        """Whether a row within the person's scopes names the file: an attachment, or a photometry of the catalogue."""
        held = self.grants(session, user_id)
        entity = tables.entity.c
        ids = list(session.scalars(select(Attachment.id).where(Attachment.sha256 == sha256)))
        ids += self.files_of_catalogue(session, sha256)
        if not ids:
            return False
        scoped = (
            or_(entity.scope.in_(held), entity.scope.like("c:%")) if EVERY_CUSTOMER in held else entity.scope.in_(held)
        )
        found = select(exists().where(entity.id.in_([i.bytes for i in ids]), entity.deleted.is_(False), scoped))
        return bool(session.scalar(found))

    @staticmethod
    def files(session: Session) -> set[str]:
        """SHA-256 (hex) of every file that a row of the organisation names."""
        named: set[str] = set()
        for kind in REGISTRY:
            for column in kind.table.columns if kind.name != FileReceipt.KIND else ():
                if column.name == "sha256" or column.name.endswith("_sha256"):
                    named.update(session.scalars(select(column).where(column != "").distinct()))
        return {name for name in named if len(name) == 64}

    def receipt(self, sha256: str, size: int) -> Change:
        """The row that tells every laptop: the server has this file, whole."""
        now = utc_now()
        values = {
            "sha256": sha256, "size": size, "version": 1, "created_at": now, "updated_at": now, "created_by": None,
            "updated_by": None,
        }  # fmt: skip
        kind = self.registry[FileReceipt.KIND]
        return Change(kind.name, receipt_id(sha256).bytes, "create", codec.to_wire(kind, values))
