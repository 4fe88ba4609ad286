"""What others do to records that are shared: who saved one last, and to which whole a part belongs that came back."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import aliased

from presales_desktop.models.base import Record
from presales_desktop.models.syncing import MODELS
from presales_desktop.models.tables import METADATA
from presales_desktop.models.users import User
from presales_desktop.services.work import Work


@dataclass(frozen=True)
class LastSave:
    """Who and when; `mine`: the acting user (in another window, or on another laptop)."""

    name: str
    at: dt.datetime
    mine: bool


def last_save(work: Work, kind: str, record_id: UUID) -> LastSave | None:
    """The last save of a record by its stamps; None when it is gone. A name that is not here (a colleague who was purged) is ""."""
    table, author = METADATA.tables[kind], aliased(User)
    found = work.session.execute(
        select(table.c.updated_by, table.c.updated_at, author.name)
        .join(author, author.id == table.c.updated_by, isouter=True)
        .where(table.c.id == record_id)
    ).first()
    if found is None:
        return None
    return LastSave(found[2] or "", found[1], found[0] == work.actor.id)


def whole_of(work: Work, kind: str, record_id: UUID) -> tuple[str, UUID] | None:
    """The record that has an editor of its own: the same one, or the whole of a part. None when it is not here."""
    record = work.session.get(MODELS[kind], record_id) if kind in MODELS else None
    while isinstance(record, Record):
        owner = record.owner_ref()
        if owner is None or owner == (record.KIND, record.id) or owner[0] not in MODELS:
            return record.KIND, record.id
        record = work.session.get(MODELS[owner[0]], owner[1])
    return None
