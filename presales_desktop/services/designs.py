"""Lighting designs: lists, drafts saved part by part, and the schedule that a quote is made from. Steps: design_steps.py."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from presales_desktop.models import designs as rules
from presales_desktop.models.base import Record
from presales_desktop.models.cases import Case
from presales_desktop.models.customers import Customer
from presales_desktop.models.designs import Design, Luminaire, PlanItem, Room, Underlay
from presales_desktop.models.errors import Problem, UserError, ValidationError
from presales_desktop.models.permissions import Ownership
from presales_desktop.models.standards import find as find_room_type
from presales_desktop.models.surveys import Survey, SurveySpace
from presales_desktop.models.users import User
from presales_desktop.services import catalogue_facts, numbered
from presales_desktop.services.design_drafts import (
    PARTS,
    DesignDraft,
    ItemDraft,
    LuminaireDraft,
    RoomDraft,
    UnderlayDraft,
    columns,
    normalised,
    problems,
)
from presales_desktop.services.design_schedule import Schedule, ScheduleItem, ScheduleRoom, schedule
from presales_desktop.services.kinds import Kind
from presales_desktop.services.listing import Listing, ListQuery, Page
from presales_desktop.services.work import Work
from presales_desktop.texts import tr

__all__ = [
    "KIND",
    "DesignDraft",
    "DesignRow",
    "DesignView",
    "ItemDraft",
    "LuminaireDraft",
    "RoomDraft",
    "Schedule",
    "ScheduleItem",
    "ScheduleRoom",
    "UnderlayDraft",
    "do",
    "list_rows",
    "load",
    "new_draft",
    "resolve",
    "save",
    "schedule_of",
    "show",
]

_RECORDS: dict[str, type[Record]] = {"rooms": Room, "luminaires": Luminaire, "underlays": Underlay, "items": PlanItem}
_HEAD = (
    "title", "case_id", "survey_id", "maintenance_factor", "grid_spacing_m", "standard", "hours_per_year", "moods", "view", "notes",
)  # fmt: skip
_COPIED_HEAD = (*_HEAD, "owner_id")


@dataclass(frozen=True)
class DesignRow:
    """A design as lists show it."""

    id: UUID
    number: str
    revision: int
    title: str
    state: str
    customer_id: UUID
    customer: str
    case_id: UUID
    case_number: str
    case_title: str
    owner_id: UUID | None
    owner: str
    rooms: int
    luminaires: int
    submitted_at: dt.datetime | None
    updated_at: dt.datetime


@dataclass(frozen=True)
class DesignView:
    """A design whole, as `show` and the window's header read it."""

    id: UUID
    version: int
    number: str
    revision: int
    title: str
    state: str
    customer_id: UUID
    customer: str
    case_id: UUID
    case_number: str
    case_title: str
    survey_id: UUID | None
    owner_id: UUID | None
    owner: str
    created_by: UUID | None
    maintenance_factor: float
    grid_spacing_m: float
    notes: str
    content_hash: str
    submitted_at: dt.datetime | None
    submitted_by: UUID | None
    latest: bool
    rooms: tuple[RoomDraft, ...]
    luminaires: tuple[LuminaireDraft, ...]
    underlays: tuple[UnderlayDraft, ...]
    items: tuple[ItemDraft, ...] = ()
    standard: str = ""
    hours_per_year: float = 0.0
    moods: tuple[dict[str, Any], ...] = ()


def ownership(design: Design) -> Ownership:
    """Whose the design is, for rights of the scope "own"."""
    return Ownership(design.owner_id, design.created_by)


def title_of(design: Design) -> str:
    """How the journal names it: number, revision and title."""
    return f"{design.number}-R{design.revision} {design.title}".strip()


# -- lists -------------------------------------------------------------------------------------------------------------


def _count(model: type[Room] | type[Luminaire]) -> Any:
    return select(func.count()).where(model.design_id == Design.id).correlate(Design).scalar_subquery()


def list_rows(work: Work, query: ListQuery) -> Page[DesignRow]:
    """Designs, newest change first; filters state, states, case, customer, owner, latest; search by title and number."""
    work.require("design.view")
    statement = (
        select(
            Design, Customer.name, Case.number, Case.title, User.name,
            _count(Room).label("rooms"), _count(Luminaire).label("luminaires"),
        )
        .join(Customer, Customer.id == Design.customer_id)
        .join(Case, Case.id == Design.case_id)
        .outerjoin(User, User.id == Design.owner_id)
    )  # fmt: skip
    table = Design.__table__.c
    listing = Listing[DesignRow](
        statement=statement,
        id_column=table.id,
        sortable={
            "updated_at": table.updated_at, "number": table.number, "title": table.title, "state": table.state,
            "customer": Customer.__table__.c.name, "submitted_at": table.submitted_at, "revision": table.revision,
        },
        filters={
            "state": lambda v: Design.state == v,
            "states": lambda v: Design.state.in_(v.split(",")),
            "case_id": lambda v: Design.case_id == UUID(v),
            "customer_id": lambda v: Design.customer_id == UUID(v),
            "family_id": lambda v: Design.family_id == UUID(v),
            "owner_id": lambda v: Design.owner_id == (work.actor.id if v == "me" else UUID(v)),
            "latest": lambda v: numbered.wanted(v, numbered.is_newest(Design)),
        },
        make=_row,
        default_sort="-updated_at",
        search_kind="design",
    )  # fmt: skip
    return listing.page(work, query)


def _row(row: Any) -> DesignRow:
    design, customer, case_number, case_title, owner, rooms, luminaires = row
    return DesignRow(
        design.id, design.number, design.revision, design.title, design.state, design.customer_id, customer,
        design.case_id, case_number, case_title, design.owner_id, owner or "", rooms, luminaires,
        design.submitted_at, design.updated_at,
    )  # fmt: skip


def resolve(work: Work, text: str) -> UUID:
    """A design's id from UUID, number (its latest revision) or number with revision ("FA20261123-001-R2")."""
    return numbered.resolve_revision(work, Design, "design", text)


# -- drafts ------------------------------------------------------------------------------------------------------------


def new_draft(work: Work, initial: dict[str, Any]) -> DesignDraft:
    """An empty design, or one that starts from a survey (survey_id): a room for each space with its size and target."""
    work.require("design.create")
    draft = DesignDraft(**{"owner_id": work.actor.id, **initial})
    for name in ("case_id", "survey_id", "owner_id", "customer_id"):
        value = getattr(draft, name)
        if isinstance(value, str):
            setattr(draft, name, UUID(value) if value else None)
    if draft.survey_id is not None:
        survey = work.get(Survey, draft.survey_id)
        draft.case_id = draft.case_id or survey.case_id
        if not draft.rooms:
            draft.rooms = _rooms_of_survey(work, survey.id)
    if draft.case_id is not None:
        case = work.get(Case, draft.case_id)
        draft.customer_id = case.customer_id
        draft.title = draft.title or tr("{case} 照明方案", case=case.title)
    return normalised(draft)


def _rooms_of_survey(work: Work, survey_id: UUID) -> list[RoomDraft]:
    """Rectangles of the spaces' areas, 4:3, side by side with a metre between: a start to be pulled into shape."""
    spaces = work.session.scalars(
        select(SurveySpace).where(SurveySpace.survey_id == survey_id).order_by(SurveySpace.sort, SurveySpace.id)
    )
    made: list[RoomDraft] = []
    x = 0.0
    for place, space in enumerate(spaces):
        area = float(space.area_m2 or 16)
        width, depth = round((area * 4 / 3) ** 0.5, 2), round((area * 3 / 4) ** 0.5, 2)
        row = find_room_type(space.room_type)
        made.append(
            RoomDraft(
                id=work.new_id(),
                name=space.name,
                room_type=space.room_type if row else "",
                polygon=((x, 0.0), (x + width, 0.0), (x + width, depth), (x, depth)),
                height_m=float(space.height_m or 2.8),
                workplane_m=row.plane_m if row else 0.75,
                target_lux=float(space.target_lux) if space.target_lux else None,
                survey_space_id=space.id,
                sort=place,
            )
        )
        x += width + 1.0
    return made


def load(work: Work, design_id: UUID) -> DesignDraft:
    """A design to edit (or to look at: save refuses what is frozen)."""
    work.require("design.view")
    design = work.get(Design, design_id)
    draft = DesignDraft(
        id=design.id,
        base_version=design.version,
        number=design.number,
        revision=design.revision,
        state=design.state,
        customer_id=design.customer_id,
        **{name: getattr(design, name) for name in _COPIED_HEAD},
    )
    for name in PARTS:
        setattr(draft, name, _load_parts(work, name, design_id))
    draft.known = frozenset(p.id for name in PARTS for p in getattr(draft, name))
    return normalised(draft)


def _records(work: Work, name: str, design_id: UUID) -> Sequence[Any]:
    model: Any = _RECORDS[name]
    return work.session.scalars(select(model).where(model.design_id == design_id).order_by(model.sort, model.id)).all()


def _load_parts(work: Work, name: str, design_id: UUID) -> list[Any]:
    part = PARTS[name][0]
    names = columns(part)
    return [part(id=r.id, **{n: _from_column(getattr(r, n)) for n in names}) for r in _records(work, name, design_id)]


def _from_column(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(tuple(v) if isinstance(v, list) else v for v in value)
    return value


def _to_column(value: Any) -> Any:
    if isinstance(value, tuple):
        return [list(v) if isinstance(v, tuple) else v for v in value]
    return value


def save(work: Work, draft: DesignDraft) -> UUID:
    """Create or change a design; only parts that differ are written, so that two people's changes can meet by object.

    Raises ValidationError, UserError design.frozen, ConflictError, PermissionDenied.
    """
    clean = normalised(draft)
    found = [p for p in problems(clean) if p.blocking]
    if clean.case_id is not None:
        clean.customer_id = work.get(Case, clean.case_id).customer_id
    found += _unknown_variants(work, clean)
    if found:
        raise ValidationError(found)
    assert clean.case_id is not None
    assert clean.customer_id is not None
    if clean.id is None:
        return _create(work, clean).id
    design = work.get(Design, clean.id)
    work.require("design.edit", ownership(design))
    if design.state != "draft":
        raise UserError("design.frozen", number=f"{design.number}-R{design.revision}", state=design.state)
    work.touch(design, clean.base_version)
    for name in (*_COPIED_HEAD, "customer_id"):
        value = getattr(clean, name)
        if getattr(design, name) != value:
            setattr(design, name, value)
    written = write_parts(work, design.id, clean)
    work.audit(
        design, "changed", title=title_of(design), customer_id=design.customer_id, case_id=design.case_id, parts=written
    )
    return design.id


def _create(work: Work, draft: DesignDraft) -> Design:
    work.require("design.create")
    design_id = work.new_id()
    design = work.add(
        Design(
            id=design_id,
            family_id=design_id,
            number=work.next_number("FA"),
            customer_id=draft.customer_id,
            **{name: getattr(draft, name) for name in _COPIED_HEAD},
        )
    )
    if design.owner_id is None:
        design.owner_id = work.actor.id
    work.session.flush()
    write_parts(work, design.id, draft)
    work.audit(design, "created", title=title_of(design), customer_id=design.customer_id, case_id=design.case_id)
    return design


def write_parts(work: Work, design_id: UUID, draft: DesignDraft) -> int:
    """Write the rooms, luminaires and underlays that differ; how many rows were touched."""
    return sum(_save_parts(work, design_id, name, getattr(draft, name), draft.known) for name in PARTS)


def _save_parts(work: Work, design_id: UUID, name: str, parts: Sequence[Any], known: frozenset[UUID]) -> int:
    """Write the differences of one list of parts; how many rows were touched."""
    model: Any = _RECORDS[name]
    names = columns(PARTS[name][0])
    existing = {r.id: r for r in _records(work, name, design_id)}
    kept: set[UUID] = set()
    written = 0
    for place, part in zip(_places(parts), parts, strict=True):
        values = {n: _to_column(getattr(part, n)) for n in names} | {"sort": place}
        record = existing.get(part.id)
        if record is None:
            work.add(model(id=part.id, design_id=design_id, **values))
            written += 1
            continue
        kept.add(record.id)
        changed = [n for n in values if _differs(getattr(record, n), values[n])]
        if changed:
            work.touch(record)
            for n in changed:
                setattr(record, n, values[n])
            written += 1
    for record_id, record in existing.items():
        # What somebody else added since this draft was loaded stays.
        if record_id not in kept and record_id in known:
            work.remove(record)
            written += 1
    return written


def _places(parts: Sequence[Any]) -> list[int]:
    """The parts' own order numbers where they rise; counted anew where they do not (a file that gives none)."""
    given = [part.sort for part in parts]
    rising = all(a < b for a, b in pairwise(given)) and all(v >= 0 for v in given)
    return given if rising else list(range(len(parts)))


def _differs(old: Any, new: Any) -> bool:
    return bool(old != new)


def _unknown_variants(work: Work, draft: DesignDraft) -> list[Problem]:
    wanted = {r.variant_id for r in draft.luminaires if r.variant_id is not None}
    missing = wanted - set(catalogue_facts.facts(work, wanted)) if wanted else set()
    return [
        Problem("design.variant_unknown", f"luminaires.{i}.variant_id", {"id": str(r.variant_id)})
        for i, r in enumerate(draft.luminaires)
        if r.variant_id in missing
    ][:20]


# -- reading -----------------------------------------------------------------------------------------------------------


def show(work: Work, design_id: UUID) -> DesignView:
    """A design whole, with the names that a page shows."""
    work.require("design.view")
    design = work.get(Design, design_id)
    customer = work.get(Customer, design.customer_id)
    case = work.get(Case, design.case_id)
    owner = work.session.get(User, design.owner_id) if design.owner_id else None
    newer = work.session.scalar(
        select(func.count()).where(Design.family_id == design.family_id, Design.revision > design.revision)
    )
    draft = load(work, design_id)
    return DesignView(
        id=design.id, version=design.version, number=design.number, revision=design.revision, title=design.title,
        state=design.state, customer_id=customer.id, customer=customer.name, case_id=case.id, case_number=case.number,
        case_title=case.title, survey_id=design.survey_id, owner_id=design.owner_id, owner=owner.name if owner else "",
        created_by=design.created_by, maintenance_factor=design.maintenance_factor,
        grid_spacing_m=design.grid_spacing_m, notes=design.notes, content_hash=design.content_hash,
        submitted_at=design.submitted_at, submitted_by=design.submitted_by, latest=not newer,
        rooms=tuple(draft.rooms), luminaires=tuple(draft.luminaires), underlays=tuple(draft.underlays),
        items=tuple(draft.items), standard=design.standard, hours_per_year=design.hours_per_year, moods=tuple(design.moods),
    )  # fmt: skip


def revisions(work: Work, design_id: UUID) -> tuple[DesignRow, ...]:
    """All revisions of the design's family, newest first."""
    family = work.get(Design, design_id).family_id
    return list_rows(work, ListQuery(filters=(("family_id", str(family)),), sort="-revision", limit=1000)).rows


def schedule_of(work: Work, design_id: UUID) -> Schedule:
    """The luminaire schedule of a design, by room: what a quote is made from."""
    draft = load(work, design_id)
    return schedule(draft.rooms, draft.luminaires)


def do(work: Work, design_id: UUID, action: str, parameters: dict[str, str]) -> Any:
    """A step by name; the steps stand in design_steps.py, which needs this module."""
    from presales_desktop.services import design_steps

    return design_steps.do(work, design_id, action, parameters)


KIND = Kind(
    name="design",
    fields=rules.FIELDS,
    list_rows=list_rows,
    show=show,
    resolve=resolve,
    parts={name: fields for name, (_, fields) in PARTS.items()},
    states=rules.STATES,
    transitions=rules.TRANSITIONS,
    new_draft=new_draft,
    load=load,
    save=save,
    do=do,
    rights={"create": "design.create", "edit": "design.edit"},
    filters=("state", "states", "case_id", "customer_id", "owner_id", "latest", "family_id"),
    sorts=("updated_at", "number", "title", "state", "customer", "submitted_at", "revision"),
)
