"""The rules of the domain as the server uses them: those of services/server_domain, and the console, whom nobody judges."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from uuid import UUID, uuid5

from sqlalchemy import exists, or_, select, true
from sqlalchemy.orm import Session

from presales_desktop.models.attachments import FileReceipt, receipt_id
from presales_desktop.models.syncing import REGISTRY
from presales_desktop.models.values import utc_now
from presales_desktop.services import transfers
from presales_desktop.services.server_domain import ServerDomain
from presales_desktop.store.server_schema import HEAD, MIGRATIONS, server_metadata
from sync import codec
from sync.server import blobs, tables
from sync.server.database import Part
from sync.server.domain import CommitContext, Judged, Verdict
from sync.wire import Change

TYPED_PART: Final = Part("typed", server_metadata(), MIGRATIONS, HEAD)
# Who sits at the server's console: no account has this id, so no token can name it.
CONSOLE: Final = uuid5(UUID(int=0), "presales-server console")
EVERY_CUSTOMER: Final = "c:*"
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
# Kind → its columns that name a content.
_NAMING: Final[dict[str, list[str]]] = {}
for _model, _column in transfers.NAMED:
    _NAMING.setdefault(_model.KIND, []).append(_column)


class ConsoleDomain(ServerDomain):
    """The judge of people; the administrator at the console acts with the operating system's rights."""

    def judge(self, session: Session, context: CommitContext, changes: Sequence[Judged]) -> Verdict:
        """See ServerDomain."""
        if context.actor == CONSOLE:
            return Verdict()
        verdict = super().judge(session, context, changes)
        if not verdict.refusals:
            self._link(session, context.actor, changes)
        return verdict

    def _link(self, session: Session, actor: UUID, changes: Sequence[Judged]) -> None:
        """Rows that name a file which their author may have are linked to it; a hash that somebody merely knows links nothing."""
        for change in changes:
            for column in _NAMING.get(change.kind, ()) if change.after is not None else ():
                name = change.after[column] if change.after and column in change.changed else ""
                if not name or not _SHA256.fullmatch(name):
                    continue
                sha256, connection = bytes.fromhex(name), session.connection()
                if blobs.holds(connection, sha256, actor.bytes) or self.may_read_file(session, actor, name, past=True):
                    blobs.link_rows(connection, sha256, [change.id.bytes])

    def link_own(self, session: Session, user_id: UUID, sha256: str) -> None:
        """Somebody has brought a file (or may read it): the rows in which he named it are linked to it."""
        found: list[bytes] = []
        for model, column in transfers.NAMED:
            # What a line shows may be changed by others later; what the others name is fixed when they are made.
            author = model.updated_by if model.KIND == "quote_line" else model.created_by
            found += [
                i.bytes
                for i in session.scalars(select(model.id).where(getattr(model, column) == sha256, author == user_id))
            ]
        blobs.link_rows(session.connection(), bytes.fromhex(sha256), found)

    def receipts_due(self, session: Session, sha256: bytes | None = None) -> list[Change]:
        """Receipts that are not yet there: one for each scope in which a row is linked to a verified file (to SHA256, or to any)."""
        entity, link, blob = tables.entity.c, blobs.link.c, blobs.blob.c
        query = (
            select(link.sha256, entity.scope, blob.size)
            .join(tables.entity, entity.id == link.row_id)
            .join(blobs.blob, blob.sha256 == link.sha256)
            .where(entity.deleted.is_(False), blob.state == blobs.VERIFIED)
            .distinct()
        )
        if sha256 is not None:
            query = query.where(link.sha256 == sha256)
        due = [(bytes(name).hex(), scope, size) for name, scope, size in session.execute(query)]
        return [
            self.receipt(name, scope, size)
            for name, scope, size in due
            if session.get(FileReceipt, receipt_id(name, scope)) is None
        ]

    def may_read_file(self, session: Session, user_id: UUID, sha256: str, *, past: bool = False) -> bool:
        """Whether a row within the person's scopes rightly names the file; with PAST also one that was taken off (and is put back)."""
        held = self.grants(session, user_id)
        entity = tables.entity.c
        rightly = set(blobs.linked(session.connection(), bytes.fromhex(sha256)))
        if rightly and not past:
            rightly &= {row_id.bytes for row_id in transfers.named_by(session, sha256)}
        if not rightly:
            return False
        scoped = (
            or_(entity.scope.in_(held), entity.scope.like("c:%")) if EVERY_CUSTOMER in held else entity.scope.in_(held)
        )
        here = true() if past else entity.deleted.is_(False)
        found = select(exists().where(entity.id.in_(rightly), here, scoped))
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

    def receipt(self, sha256: str, scope: str, size: int) -> Change:
        """The row that tells those who hold SCOPE: the server has this file, whole."""
        now = utc_now()
        values = {
            "sha256": sha256, "size": size, "scope": scope, "version": 1, "created_at": now, "updated_at": now, "created_by": None,
            "updated_by": None,
        }  # fmt: skip
        kind = self.registry[FileReceipt.KIND]
        return Change(kind.name, receipt_id(sha256, scope).bytes, "create", codec.to_wire(kind, values))
