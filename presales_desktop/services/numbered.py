"""Finding a record by what people call it: its id, its number, or a number with revision ("BJ20261123-007-R2").

Quotes, designs and contracts come in families: one number, rising revisions, the newest of which is meant when none is named.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, not_, select
from sqlalchemy.orm import aliased

from presales_desktop.models.errors import NotFound
from presales_desktop.services.work import Work

_YES = ("1", "true", "yes", "是")


def by_id(work: Work, model: Any, text: str) -> UUID | None:
    """The id that `text` writes out, of a record that exists; None where it is no UUID. Raises NotFound for an unknown one."""
    try:
        wanted = UUID(text.strip())
    except ValueError:
        return None
    found: UUID = work.get(model, wanted).id
    return found


def resolve(work: Work, model: Any, kind: str, text: str) -> UUID:
    """A record's id from UUID or number. Raises NotFound."""
    found = by_id(work, model, text) or work.session.scalar(select(model.id).where(model.number.in_(_written(text))))
    if found is None:
        raise NotFound("record.not_found", kind=kind, id=text)
    return found


def resolve_revision(work: Work, model: Any, kind: str, text: str) -> UUID:
    """A revision's id from UUID, number (its newest revision) or number with revision. Raises NotFound."""
    known = by_id(work, model, text)
    if known is not None:
        return known
    number, _, revision = text.strip().upper().rpartition("-R")
    statement = select(model.id).order_by(model.revision.desc()).limit(1)
    if number and revision.isdigit():
        statement = statement.where(model.number == number, model.revision == int(revision))
    else:
        statement = statement.where(model.number.in_(_written(text)))
    found: UUID | None = work.session.scalar(statement)
    if found is None:
        raise NotFound("record.not_found", kind=kind, id=text)
    return found


def is_newest(model: Any) -> ColumnElement[bool]:
    """No later revision of the same family exists."""
    later = aliased(model)
    return not_(exists().where(later.family_id == model.family_id, later.revision > model.revision))


def wanted(value: str, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """A yes-or-no filter: the condition for yes ("1", "true", "yes", "是"), its opposite for all else."""
    return condition if value.lower() in _YES else not_(condition)


def _written(text: str) -> tuple[str, ...]:
    """As typed, and in capitals as numbers are given out."""
    clean = text.strip()
    return tuple({clean, clean.upper()})
