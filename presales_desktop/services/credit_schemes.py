"""The dated score cards of credit: the one in force on a day, the company's own ones as records that are added, never changed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select

from presales_desktop.models.credit import SCHEME_FIELDS, CreditScheme
from presales_desktop.models.credit_rules import DEFAULT, DEFAULT_VALUES, Scheme, scheme_of, scheme_problems
from presales_desktop.models.errors import NotFound, Problem, UserError, ValidationError
from presales_desktop.models.fields import validate
from presales_desktop.models.users import User
from presales_desktop.services import numbered
from presales_desktop.services.kinds import Kind
from presales_desktop.services.listing import Listing, ListQuery, Page
from presales_desktop.services.work import Work


@dataclass(frozen=True)
class SchemeRow:
    """One score card; `phase`: planned, running, over."""

    id: UUID
    effective_on: dt.date
    weights: str
    bands: str
    note: str
    phase: str
    made_by: str
    created_at: dt.datetime


@dataclass
class SchemeDraft:
    """A score card being made, every figure a field of its own."""

    id: UUID | None = None
    base_version: int = 0
    effective_on: dt.date | None = None
    weight_basics: int = 0
    weight_operations: int = 0
    weight_finances: int = 0
    weight_record: int = 0
    from_a: int = 0
    from_b: int = 0
    from_c: int = 0
    cap_new: str = "B"
    cap_no_statements: str = "B"
    equity_percent: int = 10
    prepay_a: int = 0
    days_a: int = 0
    guarantee_a: str = "none"
    factor_a: int = 0
    months_a: int = 12
    prepay_b: int = 0
    days_b: int = 0
    guarantee_b: str = "none"
    factor_b: int = 0
    months_b: int = 12
    prepay_c: int = 0
    days_c: int = 0
    guarantee_c: str = "none"
    factor_c: int = 0
    months_c: int = 12
    prepay_d: int = 0
    days_d: int = 0
    guarantee_d: str = "none"
    factor_d: int = 0
    months_d: int = 12
    note: str = ""


_CARD: Final = tuple(f.name for f in SCHEME_FIELDS if f.name not in ("effective_on", "note"))


def in_force(work: Work, day: dt.date) -> Scheme:
    """The scheme of DAY; the shipped one before the company's first."""
    row = _row_on(work, day)
    return DEFAULT if row is None else scheme_of(row.card, row.effective_on)


def _row_on(work: Work, day: dt.date) -> CreditScheme | None:
    return work.session.scalars(
        select(CreditScheme)
        .where(CreditScheme.effective_on <= day)
        .order_by(CreditScheme.effective_on.desc(), CreditScheme.id.desc())
        .limit(1)
    ).first()


def list_rows(work: Work, query: ListQuery) -> Page[SchemeRow]:
    """Score cards, the newest day first."""
    work.require("credit.view")
    names = {u.id: u.name for u in work.session.scalars(select(User))}
    running = _row_on(work, work.today)
    table = CreditScheme.__table__.c
    listing = Listing[SchemeRow](
        statement=select(CreditScheme),
        id_column=table.id,
        sortable={"effective_on": table.effective_on, "created_at": table.created_at},
        filters={},
        make=lambda row: _row(row[0], names, running, work.today),
        default_sort="-effective_on",
    )
    return listing.page(work, ListQuery("", query.filters, query.sort, query.limit, query.offset, query.after))


def _row(found: CreditScheme, names: dict[UUID, str], running: CreditScheme | None, today: dt.date) -> SchemeRow:
    scheme = scheme_of(found.card, found.effective_on)
    if found.effective_on > today:
        phase = "planned"
    else:
        phase = "running" if running is not None and running.id == found.id else "over"
    by = names.get(found.created_by, "") if found.created_by is not None else ""
    return SchemeRow(
        found.id, found.effective_on, " / ".join(f"{w}%" for w in scheme.weights.values()),
        " / ".join(str(b) for b in scheme.bands), found.note, phase, by, found.created_at,
    )  # fmt: skip


def show(work: Work, scheme_id: UUID) -> SchemeDraft:
    """One score card whole."""
    return load(work, scheme_id)


def resolve(work: Work, text: str) -> UUID:
    """By its id or its first day (2026-11-24). Raises NotFound."""
    found = numbered.by_id(work, CreditScheme, text)
    if found is None:
        try:
            day = dt.date.fromisoformat(text.strip())
        except ValueError:
            raise NotFound("record.not_found", kind="credit_scheme", id=text) from None
        row = work.session.scalars(select(CreditScheme).where(CreditScheme.effective_on == day)).first()
        found = row.id if row is not None else None
    if found is None:
        raise NotFound("record.not_found", kind="credit_scheme", id=text)
    return found


def new_draft(work: Work, initial: dict[str, Any]) -> SchemeDraft:
    """The next score card: what holds today, from tomorrow on."""
    work.require("credit.policy")
    row = _row_on(work, work.today)
    card = {**DEFAULT_VALUES, **(row.card if row is not None else {})}
    given = {"effective_on": work.today + dt.timedelta(days=1), **card, **initial}
    return SchemeDraft(**given)


def load(work: Work, scheme_id: UUID) -> SchemeDraft:
    """One to look at; what was set is never changed."""
    work.require("credit.view")
    found = work.get(CreditScheme, scheme_id)
    card = {**DEFAULT_VALUES, **found.card}
    return SchemeDraft(found.id, found.version, found.effective_on, note=found.note, **card)


def problems_of(work: Work, draft: SchemeDraft) -> list[Problem]:
    """What speaks against a new score card."""
    found = validate(SCHEME_FIELDS, draft)
    if found:
        return found
    found = scheme_problems(draft)
    assert draft.effective_on is not None
    if draft.effective_on < work.today:
        found.append(Problem("credit.scheme_past", "effective_on", {}))
    same = select(CreditScheme.id).where(CreditScheme.effective_on == draft.effective_on)
    if work.session.scalar(same) is not None:
        found.append(Problem("credit.scheme_day", "effective_on", {"day": draft.effective_on.isoformat()}))
    return found


def save(work: Work, draft: SchemeDraft) -> UUID:
    """Set a score card from a day on. Raises PermissionDenied, ValidationError; UserError credit.scheme_fixed."""
    work.require("credit.policy")
    if draft.id is not None:
        raise UserError("credit.scheme_fixed")
    found = problems_of(work, draft)
    if found:
        raise ValidationError(found)
    card = {name: getattr(draft, name) for name in _CARD}
    made = work.add(CreditScheme(effective_on=draft.effective_on, card=card, note=draft.note.strip()))
    assert draft.effective_on is not None
    work.audit(made, "created", title=draft.effective_on.isoformat())
    return made.id


KIND: Final = Kind(
    name="credit_scheme",
    fields=SCHEME_FIELDS,
    list_rows=list_rows,
    show=show,
    resolve=resolve,
    new_draft=new_draft,
    load=load,
    save=save,
    rights={"create": "credit.policy"},
    sorts=("effective_on", "created_at"),
)
