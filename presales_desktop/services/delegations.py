"""Delegations: hand decisions to a colleague for a period, take them back, and who stands in for whom when something is decided."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Any, Final
from uuid import UUID

from sqlalchemy import or_, select

from presales_desktop.models import delegations as rules
from presales_desktop.models.delegations import FIELDS, STATES, TRANSITIONS, Delegation
from presales_desktop.models.errors import NotFound, UserError, ValidationError
from presales_desktop.models.fields import validate
from presales_desktop.models.permissions import Actor, may
from presales_desktop.services import numbered, users
from presales_desktop.services.kinds import Kind
from presales_desktop.services.listing import Listing, ListQuery, Page
from presales_desktop.services.work import Work


@dataclass(frozen=True)
class DelegationRow:
    """One delegation. `state`: standing or revoked; `phase` where it stands today: planned, running, over, revoked. `mine`: the acting
    user handed over; otherwise he stands in, or reads of others."""

    id: UUID
    principal_id: UUID
    principal: str
    delegate_id: UUID
    delegate: str
    rights: tuple[str, ...]
    from_day: dt.date
    to_day: dt.date
    reason: str
    revoked_at: dt.datetime | None
    state: str
    phase: str
    mine: bool
    version: int = 0


@dataclass
class DelegationDraft:
    """A delegation being made."""

    id: UUID | None = None
    base_version: int = 0
    delegate_id: UUID | None = None
    rights: list[str] = field(default_factory=list)
    from_day: dt.date | None = None
    to_day: dt.date | None = None
    reason: str = ""


@dataclass(frozen=True)
class Candidate:
    """Somebody who could stand in for RIGHTS."""

    id: UUID
    name: str
    rights: tuple[str, ...]


def _row(work: Work, found: Delegation, names: dict[UUID, str]) -> DelegationRow:
    return DelegationRow(
        found.id, found.principal_id, names.get(found.principal_id, ""), found.delegate_id,
        names.get(found.delegate_id, ""), tuple(found.rights), found.from_day, found.to_day, found.reason,
        found.revoked_at, "standing" if found.revoked_at is None else "revoked", rules.phase(found, work.today),
        found.principal_id == work.actor.id, found.version,
    )  # fmt: skip


def list_rows(work: Work, query: ListQuery) -> Page[DelegationRow]:
    """Delegations, the newest period first; filters principal, delegate (ids), mine=1: those that the acting user made or stands in by."""
    table = Delegation.__table__
    names = users.names(work)
    me = work.actor.id
    listing = Listing[DelegationRow](
        statement=select(Delegation),
        id_column=table.c.id,
        sortable={"from_day": table.c.from_day, "to_day": table.c.to_day},
        filters={
            "principal": lambda v: Delegation.principal_id == UUID(v),
            "delegate": lambda v: Delegation.delegate_id == UUID(v),
            "mine": lambda v: or_(Delegation.principal_id == me, Delegation.delegate_id == me),
        },
        make=lambda row: _row(work, row[0], names),
        default_sort="-from_day",
    )
    return listing.page(work, ListQuery("", query.filters, query.sort, query.limit, query.offset, query.after))


def show(work: Work, delegation_id: UUID) -> DelegationRow:
    """One delegation."""
    return _row(work, work.get(Delegation, delegation_id), users.names(work))


def resolve(work: Work, text: str) -> UUID:
    """By its id, the only thing that people have of it. Raises NotFound."""
    found = numbered.by_id(work, Delegation, text)
    if found is None:
        raise NotFound("record.not_found", kind="delegation", id=text)
    return found


def own_rights(work: Work) -> tuple[str, ...]:
    """What the acting user could hand over."""
    return tuple(right for right in rules.DELEGABLE if may(work.actor, right).allowed)


def candidates(work: Work) -> tuple[Candidate, ...]:
    """Who could stand in for the acting user, and for which of his decisions."""
    own = own_rights(work)
    found = []
    for row in users.list_rows(work, ListQuery(filters=(("active", "true"),), sort="name", limit=1000)).rows:
        if row.id == work.actor.id:
            continue
        roles = users.actor_of(work, row.id).roles
        rights = tuple(right for right in own if not rules.can_take(roles, right))
        if rights:
            found.append(Candidate(row.id, row.name, rights))
    return tuple(found)


def new_draft(work: Work, initial: dict[str, Any]) -> DelegationDraft:
    """From today for a week, of everything that the acting user may hand over."""
    given = {"from_day": work.today, "to_day": work.today + dt.timedelta(days=6), "rights": list(own_rights(work))}
    return DelegationDraft(**{**given, **initial})


def load(work: Work, delegation_id: UUID) -> DelegationDraft:
    """One to look at; a delegation is made and revoked, never changed."""
    found = work.get(Delegation, delegation_id)
    return DelegationDraft(
        found.id, found.version, found.delegate_id, list(found.rights), found.from_day, found.to_day, found.reason
    )


def save(work: Work, draft: DelegationDraft) -> UUID:
    """Hand over. Raises ValidationError, UserError delegation.fixed for one that is there already."""
    work.require("delegation.create")
    if draft.id is not None:
        raise UserError("delegation.fixed")
    problems = validate(FIELDS, draft)
    delegate = _actor(work, draft.delegate_id)
    if not problems:
        problems = rules.problems_of(work.actor, delegate, draft, work.today)
    if problems:
        raise ValidationError(problems)
    values = {f.name: getattr(draft, f.name) for f in FIELDS}
    made = work.add(Delegation(principal_id=work.actor.id, **values))
    assert delegate is not None
    work.audit(made, "created", title=_title(work.actor.name, delegate.name), **_period(made))
    return made.id


def revoke(work: Work, delegation_id: UUID) -> None:
    """Take it back at once: by whoever handed over, or by an administrator of people. Raises PermissionDenied, UserError
    delegation.revoked."""
    found = work.get(Delegation, delegation_id)
    if found.principal_id != work.actor.id:
        work.require("user.edit")
    if found.revoked_at is not None:
        raise UserError("delegation.revoked")
    work.touch(found)
    found.revoked_at = work.now
    names = users.names(work)
    title = _title(names.get(found.principal_id, ""), names.get(found.delegate_id, ""))
    work.audit(found, "revoked", title=title, **_period(found))


def do(work: Work, delegation_id: UUID, action: str, parameters: dict[str, str]) -> DelegationRow:
    """Steps by name: revoke."""
    if action != "revoke":
        raise UserError("workflow.unknown_action", action=action, state="standing", allowed="")
    revoke(work, delegation_id)
    return show(work, delegation_id)


# --- who stands in ----------------------------------------------------------------------------------------------------------------
def standing_in(work: Work, actor: Actor | None = None) -> Actor:
    """ACTOR (left out: the acting user) with what others handed to him and did not take back. The days are asked when something is
    decided; what is over for longer than a decision may be on its way is left out."""
    who = actor if actor is not None else work.actor
    last = work.today - dt.timedelta(days=rules.GRACE_DAYS)
    found = work.session.scalars(
        select(Delegation)
        .where(Delegation.delegate_id == who.id, Delegation.revoked_at.is_(None), Delegation.to_day >= last)
        .order_by(Delegation.from_day, Delegation.id)
    )
    mandates = []
    for delegation in found:
        principal = _actor(work, delegation.principal_id)
        if principal is not None and all(not rules.can_take(who.roles, right) for right in delegation.rights):
            mandates.append(rules.mandate(delegation, principal))
    return replace(who, mandates=tuple(mandates))


def ever_stood_in(work: Work, delegate: UUID, principal: UUID, right: str) -> bool:
    """Whether PRINCIPAL once handed RIGHT to DELEGATE, revoked or over by now."""
    given = work.session.scalars(
        select(Delegation.rights).where(Delegation.delegate_id == delegate, Delegation.principal_id == principal)
    )
    return any(right in rights for rights in given)


def _actor(work: Work, user_id: UUID | None) -> Actor | None:
    """The actor that a user is; None for nobody, and for somebody who has left."""
    if user_id is None:
        return None
    try:
        return users.actor_of(work, user_id)
    except NotFound:
        return None


def _title(principal: str, delegate: str) -> str:
    return f"{principal} → {delegate}"


def _period(found: Delegation) -> dict[str, Any]:
    return {
        "rights": list(found.rights), "from_day": found.from_day.isoformat(), "to_day": found.to_day.isoformat(),
    }  # fmt: skip


KIND: Final = Kind(
    name=Delegation.KIND,
    fields=FIELDS,
    list_rows=list_rows,
    show=show,
    resolve=resolve,
    states=STATES,
    transitions=TRANSITIONS,
    new_draft=new_draft,
    load=load,
    save=save,
    do=do,
    rights={"create": "delegation.create"},
    filters=("principal", "delegate", "mine"),
    sorts=("from_day", "to_day"),
)

__all__ = [
    "KIND", "Candidate", "DelegationDraft", "DelegationRow", "candidates", "ever_stood_in", "list_rows", "new_draft",
    "own_rights", "revoke", "save", "show", "standing_in",
]  # fmt: skip
