"""What moved in the market: material indices and competitors' prices, each with day, figure and source."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from presales_desktop.models.errors import NotFound, ValidationError
from presales_desktop.models.fields import validate
from presales_desktop.models.permissions import Ownership
from presales_desktop.models.prices import EVENT_FIELDS, PriceEvent
from presales_desktop.models.users import User
from presales_desktop.services import attachments, numbered
from presales_desktop.services.attachments import AttachmentRow
from presales_desktop.services.kinds import Kind
from presales_desktop.services.listing import Listing, ListQuery, Page
from presales_desktop.services.work import Work

_HEAD: Final = tuple(f.name for f in EVENT_FIELDS)


@dataclass
class PriceEventDraft:
    """Something seen in the market."""

    id: UUID | None = None
    base_version: int = 0
    type: str = "material"
    subject: str = ""
    observed_on: dt.date | None = None
    value: Decimal | None = None
    unit: str = ""
    source: str = ""
    notes: str = ""


@dataclass(frozen=True)
class PriceEventRow:
    """One event; `change_percent` against the one before it of the same subject and unit, None for the first."""

    id: UUID
    type: str
    subject: str
    observed_on: dt.date
    value: Decimal
    unit: str
    change_percent: Decimal | None
    source: str
    notes: str
    made_by: str
    created_by: UUID | None
    files: tuple[AttachmentRow, ...] = ()


def list_rows(work: Work, query: ListQuery) -> Page[PriceEventRow]:
    """Events, the newest day first; filters type, subject."""
    work.require("price.view")
    names = {u.id: u.name for u in work.session.scalars(select(User))}
    table = PriceEvent.__table__.c
    listing = Listing[PriceEventRow](
        statement=select(PriceEvent),
        id_column=table.id,
        sortable={"observed_on": table.observed_on, "subject": table.subject, "type": table.type, "value": table.value},
        filters={"type": lambda v: PriceEvent.type == v, "subject": lambda v: PriceEvent.subject == v},
        make=lambda row: _row(work, row[0], names),
        default_sort="-observed_on",
        search_kind="price_event",
    )
    return listing.page(work, query)


def _row(work: Work, found: PriceEvent, names: dict[UUID, str], files: tuple[AttachmentRow, ...] = ()) -> PriceEventRow:
    by = names.get(found.created_by, "") if found.created_by is not None else ""
    return PriceEventRow(
        found.id, found.type, found.subject, found.observed_on, found.value, found.unit, _change(work, found),
        found.source, found.notes, by, found.created_by, files,
    )  # fmt: skip


def _change(work: Work, found: PriceEvent) -> Decimal | None:
    before = work.session.scalars(
        select(PriceEvent.value)
        .where(
            PriceEvent.type == found.type, PriceEvent.subject == found.subject, PriceEvent.unit == found.unit,
            PriceEvent.observed_on < found.observed_on,
        )
        .order_by(PriceEvent.observed_on.desc(), PriceEvent.id.desc())
        .limit(1)
    ).first()  # fmt: skip
    if not before:
        return None
    return ((found.value / before - 1) * 100).quantize(Decimal("0.01"), ROUND_HALF_UP)


def show(work: Work, event_id: UUID) -> PriceEventRow:
    """One event with its files."""
    work.require("price.view")
    names = {u.id: u.name for u in work.session.scalars(select(User))}
    found = work.get(PriceEvent, event_id)
    return _row(work, found, names, attachments.list_of(work, "price_event", event_id))


def resolve(work: Work, text: str) -> UUID:
    """By its id. Raises NotFound."""
    found = numbered.by_id(work, PriceEvent, text)
    if found is None:
        raise NotFound("record.not_found", kind="price_event", id=text)
    return found


def new_draft(work: Work, initial: dict[str, Any]) -> PriceEventDraft:
    """Something seen today."""
    work.require("price_event.create")
    return PriceEventDraft(**{"observed_on": work.today, **initial})


def load(work: Work, event_id: UUID) -> PriceEventDraft:
    """An event to edit."""
    work.require("price.view")
    found = work.get(PriceEvent, event_id)
    return PriceEventDraft(found.id, found.version, **{name: getattr(found, name) for name in _HEAD})


def save(work: Work, draft: PriceEventDraft) -> UUID:
    """Record an event or correct one's own. Raises ValidationError, PermissionDenied, ConflictError."""
    found = validate(EVENT_FIELDS, draft)
    if found:
        raise ValidationError(found)
    values = {n: v.strip() if isinstance(v := getattr(draft, n), str) else v for n in _HEAD}
    if draft.id is None:
        work.require("price_event.create")
        made = work.add(PriceEvent(**values))
    else:
        made = work.get(PriceEvent, draft.id)
        work.require("price_event.edit", Ownership(None, made.created_by))
        work.touch(made, draft.base_version)
        for name, value in values.items():
            setattr(made, name, value)
    work.audit(made, "created" if draft.id is None else "changed", title=made.subject)
    return made.id


KIND: Final = Kind(
    name="price_event",
    fields=EVENT_FIELDS,
    list_rows=list_rows,
    show=show,
    resolve=resolve,
    new_draft=new_draft,
    load=load,
    save=save,
    rights={"create": "price_event.create", "edit": "price_event.edit"},
    filters=("type", "subject"),
    sorts=("observed_on", "subject", "type", "value"),
)
