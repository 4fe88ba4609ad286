"""Needs surveys: lists, drafts with their spaces and needs, photos. Steps and the frozen report: survey_steps.py."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, text

from presales_desktop.models.cases import Case
from presales_desktop.models.customers import Contact, Customer
from presales_desktop.models.errors import Problem, UserError, ValidationError
from presales_desktop.models.fields import FieldType
from presales_desktop.models.permissions import Ownership
from presales_desktop.models.surveys import (
    DIMENSIONS,
    EDITABLE,
    FIELDS,
    FROZEN,
    NEED_FIELDS,
    SPACE_FIELDS,
    STATES,
    TRANSITIONS,
    Completeness,
    NeedDraft,
    SpaceDraft,
    Survey,
    SurveyDraft,
    SurveyNeed,
    SurveyReport,
    SurveySpace,
    completeness,
    problems,
)
from presales_desktop.models.users import User
from presales_desktop.services import attachments, numbered
from presales_desktop.services.attachments import AttachmentRow
from presales_desktop.services.kinds import Kind
from presales_desktop.services.listing import Listing, ListQuery, Page
from presales_desktop.services.work import Work
from presales_desktop.store import search

__all__ = [
    "KIND",
    "CaseFacts",
    "NeedDraft",
    "ReportRow",
    "SpaceDraft",
    "SurveyDraft",
    "SurveyRow",
    "SurveyView",
    "case_facts",
    "list_rows",
    "load",
    "new_draft",
    "photos",
    "resolve",
    "save",
    "show",
]

_HEAD = tuple(
    f.name for f in FIELDS if not f.read_only and f.type is not FieldType.PARTS and not f.name.endswith("_undecided")
)
_SPACE = tuple(f.name for f in SPACE_FIELDS)


@dataclass(frozen=True)
class SurveyRow:
    """A survey as lists show it. `late`: planned for a day that has gone by."""

    id: UUID
    number: str
    revision: int
    state: str
    method: str
    reason: str
    customer_id: UUID
    customer: str
    case_id: UUID
    case_number: str
    case_title: str
    owner_id: UUID | None
    owner: str
    planned_on: dt.date | None
    held_on: dt.date | None
    spaces: int
    area_m2: Decimal | None
    budget_fen: int | None
    completeness: int
    late: bool
    updated_at: dt.datetime


@dataclass(frozen=True)
class ReportRow:
    """One revision's report: when it was frozen, and what became of it."""

    id: UUID
    revision: int
    content_hash: str
    made_at: dt.datetime
    made_by: str
    confirmed_by: str
    confirmed_on: dt.date | None
    confirmed_how: str
    confirmed_note: str
    reopened_reason: str


@dataclass(frozen=True)
class SurveyView:
    """A survey whole, as `show` and the page's header and panels read it."""

    id: UUID
    version: int
    number: str
    revision: int
    state: str
    customer_id: UUID
    customer: str
    case_id: UUID
    case_number: str
    case_title: str
    owner_id: UUID | None
    owner: str
    created_by: UUID | None
    draft: SurveyDraft
    completeness: Completeness
    content_hash: str
    confirmed_by: str
    confirmed_on: dt.date | None
    confirmed_how: str
    reports: tuple[ReportRow, ...]
    photos: tuple[AttachmentRow, ...]
    scans: tuple[AttachmentRow, ...]
    updated_at: dt.datetime


@dataclass(frozen=True)
class CaseFacts:
    """What the editor shows of the case that was chosen: customer, and whom to talk to."""

    case_id: UUID
    case_number: str
    case_title: str
    customer_id: UUID
    customer: str
    people: str
    building_type: str


def ownership(survey: Survey) -> Ownership:
    """Whose the survey is, for rights of the scope "own"."""
    return Ownership(survey.owner_id, survey.created_by)


def title_of(survey: Survey) -> str:
    """How the journal names it."""
    return f"{survey.number}-R{survey.revision}"


# -- lists -------------------------------------------------------------------------------------------------------------


def list_rows(work: Work, query: ListQuery) -> Page[SurveyRow]:
    """Surveys, newest change first; search by number, wishes, customer and case; filters state, states, owner_id (or "me"),
    customer_id, case_id, method, late."""
    work.require("survey.view")
    spaces = select(func.count()).where(SurveySpace.survey_id == Survey.id).correlate(Survey).scalar_subquery()
    area = (
        select(func.sum(SurveySpace.area_m2)).where(SurveySpace.survey_id == Survey.id).correlate(Survey)
    ).scalar_subquery()
    statement = (
        select(Survey, Customer.name, Case.number, Case.title, User.name, spaces, area)
        .join(Customer, Customer.id == Survey.customer_id)
        .join(Case, Case.id == Survey.case_id)
        .outerjoin(User, User.id == Survey.owner_id)
    )
    if query.search.strip():
        statement = statement.where(_found(query.search))
    table = Survey.__table__.c
    listing = Listing[SurveyRow](
        statement=statement,
        id_column=table.id,
        sortable={
            "updated_at": table.updated_at, "number": table.number, "state": table.state,
            "customer": Customer.__table__.c.name, "planned_on": table.planned_on, "held_on": table.held_on,
            "budget_fen": table.budget_fen, "completeness": table.completeness,
        },
        filters={
            "state": lambda v: Survey.state == v,
            "states": lambda v: Survey.state.in_(v.split(",")),
            "method": lambda v: Survey.method == v,
            "case_id": lambda v: Survey.case_id == UUID(v),
            "customer_id": lambda v: Survey.customer_id == UUID(v),
            "owner_id": lambda v: Survey.owner_id == (work.actor.id if v == "me" else UUID(v)),
            "late": lambda v: _late(work.today, v),
        },
        make=lambda row: _row(row, work.today),
        default_sort="-updated_at",
    )  # fmt: skip
    plain = ListQuery("", query.filters, query.sort, query.limit, query.offset, query.after)
    return listing.page(work, plain)


def _found(words: str) -> ColumnElement[bool]:
    """Surveys whose own words match, or whose customer or case does: people look for a survey by its customer."""
    conditions: list[ColumnElement[bool]] = []
    for kind, column in (("survey", Survey.id), ("customer", Survey.customer_id), ("case", Survey.case_id)):
        sql, values = search.condition(kind, words)
        # Three of them stand in one statement: their parameters need names of their own.
        sql = re.sub(r":(\w+)", rf":{kind}_\1", sql)
        hits = text(sql).bindparams(**{f"{kind}_{name}": value for name, value in values.items()}).columns()
        conditions.append(column.in_(select(text("record_id")).select_from(hits.subquery(f"hits_{kind}"))))
    return or_(*conditions)


def _late(today: dt.date, value: str) -> ColumnElement[bool]:
    late = (Survey.state == "planned") & Survey.planned_on.is_not(None) & (Survey.planned_on < today)
    return late if value.lower() in ("1", "true", "yes", "是") else ~late


def _row(row: Any, today: dt.date) -> SurveyRow:
    survey, customer, case_number, case_title, owner, spaces, area = row
    late = survey.state == "planned" and survey.planned_on is not None and survey.planned_on < today
    return SurveyRow(
        survey.id, survey.number, survey.revision, survey.state, survey.method, survey.reason, survey.customer_id,
        customer, survey.case_id, case_number, case_title, survey.owner_id, owner or "", survey.planned_on,
        survey.held_on, spaces, area if area is not None else survey.total_area_m2, survey.budget_fen,
        survey.completeness, late, survey.updated_at,
    )  # fmt: skip


def resolve(work: Work, given: str) -> UUID:
    """A survey's id from UUID or number. Raises NotFound."""
    return numbered.resolve(work, Survey, "survey", given.partition("-R")[0])


# -- drafts ------------------------------------------------------------------------------------------------------------


def case_facts(work: Work, case_id: UUID) -> CaseFacts:
    """Customer and people of a case. Raises NotFound."""
    case = work.get(Case, case_id)
    customer = work.get(Customer, case.customer_id)
    contacts = work.session.scalars(
        select(Contact)
        .where(Contact.customer_id == customer.id)
        .order_by(Contact.primary.desc(), Contact.sort)
        .limit(3)
    )
    people = "、".join(f"{c.name}{f'（{c.title}）' if c.title else ''}" for c in contacts)
    return CaseFacts(case.id, case.number, case.title, customer.id, customer.name, people, case.building_type)


def new_draft(work: Work, initial: dict[str, Any]) -> SurveyDraft:
    """An empty survey for a case (case_id), planned for today, with the customer's people to talk to."""
    work.require("survey.create")
    values = {"owner_id": work.actor.id, "planned_on": work.today, **initial}
    draft = SurveyDraft(**values)
    for name in ("case_id", "customer_id", "owner_id"):
        value = getattr(draft, name)
        if isinstance(value, str):
            setattr(draft, name, UUID(value) if value else None)
    if draft.case_id is not None:
        facts = case_facts(work, draft.case_id)
        draft.customer_id = facts.customer_id
        draft.people = draft.people or facts.people
    return draft


def load(work: Work, survey_id: UUID) -> SurveyDraft:
    """A survey to edit."""
    work.require("survey.view")
    survey = work.get(Survey, survey_id)
    draft = SurveyDraft(
        id=survey.id, base_version=survey.version, number=survey.number, revision=survey.revision, state=survey.state,
        customer_id=survey.customer_id,
    )  # fmt: skip
    for name in _HEAD:
        setattr(draft, name, getattr(survey, name))
    for dimension in DIMENSIONS:
        setattr(draft, f"{dimension}_undecided", str(survey.undecided.get(dimension, "")))
    spaces = _spaces(work, survey_id)
    names = {s.id: s.name for s in spaces}
    draft.spaces = [SpaceDraft(id=s.id, **{name: getattr(s, name) for name in _SPACE}) for s in spaces]
    draft.needs = [
        NeedDraft(
            n.id, n.text, n.dimension, names.get(n.space_id, "") if n.space_id else "", n.weight, n.core, n.concern
        )
        for n in _needs(work, survey_id)
    ]
    return draft


def _spaces(work: Work, survey_id: UUID) -> list[SurveySpace]:
    statement = select(SurveySpace).where(SurveySpace.survey_id == survey_id).order_by(SurveySpace.sort, SurveySpace.id)
    return list(work.session.scalars(statement))


def _needs(work: Work, survey_id: UUID) -> list[SurveyNeed]:
    statement = select(SurveyNeed).where(SurveyNeed.survey_id == survey_id).order_by(SurveyNeed.sort, SurveyNeed.id)
    return list(work.session.scalars(statement))


def save(work: Work, draft: SurveyDraft) -> UUID:
    """Create or change a survey with its spaces and needs.

    Raises ValidationError; UserError survey.frozen once the report is made; ConflictError; PermissionDenied.
    """
    found = problems(draft)
    case = work.session.get(Case, draft.case_id) if draft.case_id is not None else None
    if draft.case_id is not None and case is None:
        found.append(Problem("record.not_found", "case_id", {"kind": "case", "id": str(draft.case_id)}))
    if found or case is None:
        raise ValidationError(found)
    if draft.id is None:
        survey = _create(work, draft, case)
    else:
        survey = open_for_change(work, draft.id)
        work.touch(survey, draft.base_version)
    _fill(survey, draft, case)
    work.session.flush()
    names = _save_spaces(work, survey.id, draft.spaces)
    _save_needs(work, survey.id, draft.needs, names)
    survey.completeness = completeness(draft, len(photos(work, survey.id))).percent
    action = "created" if draft.id is None else "changed"
    work.audit(survey, action, title=title_of(survey), customer_id=survey.customer_id, case_id=survey.case_id)
    return survey.id


def _create(work: Work, draft: SurveyDraft, case: Case) -> Survey:
    work.require("survey.create")
    return work.add(
        Survey(number=work.next_number("XQ"), case_id=case.id, customer_id=case.customer_id, undecided={}, revision=1)
    )


def open_for_change(work: Work, survey_id: UUID) -> Survey:
    """The survey, if it may be changed by the actor and is not frozen."""
    survey = work.get(Survey, survey_id)
    work.require("survey.edit", ownership(survey))
    if survey.state not in EDITABLE:
        raise UserError("survey.frozen", kind="survey", number=survey.number, revision=survey.revision)
    return survey


def _fill(survey: Survey, draft: SurveyDraft, case: Case) -> None:
    for name in _HEAD:
        value = getattr(draft, name)
        setattr(survey, name, value.strip() if isinstance(value, str) else value)
    survey.customer_id = case.customer_id
    survey.undecided = {d: r for d in DIMENSIONS if (r := getattr(draft, f"{d}_undecided").strip())}


def _save_spaces(work: Work, survey_id: UUID, given: list[SpaceDraft]) -> dict[str, UUID]:
    """Write spaces in the draft's order; those that are gone go with their photos. Id by name."""
    stored = {s.id: s for s in _spaces(work, survey_id)}
    names: dict[str, UUID] = {}
    for sort, draft in enumerate(given):
        values = {n: v.strip() if isinstance(v := getattr(draft, n), str) else v for n in _SPACE}
        space = stored.pop(draft.id, None) if draft.id is not None else None
        if space is None:
            space = work.add(SurveySpace(survey_id=survey_id, sort=sort, **values))
            draft.id = space.id
        elif any(getattr(space, n) != v for n, v in (*values.items(), ("sort", sort))):
            for name, value in (*values.items(), ("sort", sort)):
                setattr(space, name, value)
            work.touch(space)
        names[space.name] = space.id
    for space in stored.values():
        _forget_space(work, space)
    work.session.flush()
    return names


def _forget_space(work: Work, space: SurveySpace) -> None:
    for need in work.session.scalars(select(SurveyNeed).where(SurveyNeed.space_id == space.id)):
        need.space_id = None
    for photo in attachments.list_of(work, "survey_space", space.id):
        attachments.remove(work, photo.id)
    work.session.flush()
    work.remove(space)


def _save_needs(work: Work, survey_id: UUID, given: list[NeedDraft], spaces: dict[str, UUID]) -> None:
    stored = {n.id: n for n in _needs(work, survey_id)}
    for sort, draft in enumerate(given):
        values = {
            "text": draft.text.strip(),
            "dimension": draft.dimension,
            "space_id": spaces.get(draft.space.strip()),
            "weight": draft.weight,
            "core": draft.core,
            "concern": draft.concern,
            "sort": sort,
        }
        need = stored.pop(draft.id, None) if draft.id is not None else None
        if need is None:
            draft.id = work.add(SurveyNeed(survey_id=survey_id, **values)).id
        elif any(getattr(need, n) != v for n, v in values.items()):
            for name, value in values.items():
                setattr(need, name, value)
            work.touch(need)
    for need in stored.values():
        work.remove(need)


# -- photos ------------------------------------------------------------------------------------------------------------


def photos(work: Work, survey_id: UUID) -> tuple[AttachmentRow, ...]:
    """Photos of the survey and of its spaces, the survey's own first."""
    own = attachments.list_of(work, "survey", survey_id, "photo")
    return own + tuple(
        photo
        for space in _spaces(work, survey_id)
        for photo in attachments.list_of(work, "survey_space", space.id, "photo")
    )


# -- whole -------------------------------------------------------------------------------------------------------------


def show(work: Work, survey_id: UUID) -> SurveyView:
    """A survey whole."""
    draft = load(work, survey_id)
    survey = work.get(Survey, survey_id)
    facts = case_facts(work, survey.case_id)
    owner = work.session.get(User, survey.owner_id) if survey.owner_id else None
    pictures = photos(work, survey_id)
    return SurveyView(
        id=survey.id, version=survey.version, number=survey.number, revision=survey.revision, state=survey.state,
        customer_id=survey.customer_id, customer=facts.customer, case_id=survey.case_id, case_number=facts.case_number,
        case_title=facts.case_title, owner_id=survey.owner_id, owner=owner.name if owner else "",
        created_by=survey.created_by, draft=draft, completeness=completeness(draft, len(pictures)),
        content_hash=survey.content_hash if survey.state in FROZEN else "", confirmed_by=survey.confirmed_by,
        confirmed_on=survey.confirmed_on, confirmed_how=survey.confirmed_how, reports=_reports(work, survey_id),
        photos=pictures, scans=attachments.list_of(work, "survey", survey_id, "scan"), updated_at=survey.updated_at,
    )  # fmt: skip


def _reports(work: Work, survey_id: UUID) -> tuple[ReportRow, ...]:
    rows = work.session.execute(
        select(SurveyReport, User.name)
        .outerjoin(User, User.id == SurveyReport.created_by)
        .where(SurveyReport.survey_id == survey_id)
        .order_by(SurveyReport.revision.desc())
    )
    return tuple(
        ReportRow(
            r.id, r.revision, r.content_hash, r.created_at, name or "", r.confirmed_by, r.confirmed_on, r.confirmed_how,
            r.confirmed_note, r.reopened_reason,
        )
        for r, name in rows
    )  # fmt: skip


def do(work: Work, survey_id: UUID, action: str, parameters: dict[str, str]) -> UUID:
    """A step of the workflow: see survey_steps.do."""
    from presales_desktop.services import survey_steps

    return survey_steps.do(work, survey_id, action, parameters)


KIND = Kind(
    name="survey",
    fields=FIELDS,
    parts={"spaces": SPACE_FIELDS, "needs": NEED_FIELDS},
    states=STATES,
    transitions=TRANSITIONS,
    list_rows=list_rows,
    show=show,
    resolve=resolve,
    new_draft=new_draft,
    load=load,
    save=save,
    do=do,
    rights={"create": "survey.create", "edit": "survey.edit"},
    filters=("state", "states", "method", "case_id", "customer_id", "owner_id", "late"),
    sorts=("updated_at", "number", "state", "customer", "planned_on", "held_on", "budget_fen", "completeness"),
)
