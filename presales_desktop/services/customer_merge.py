"""Two customers that are one firm: what hangs on the one goes to the other, which stays; the first is left as a sign that points there.

One transaction of ordinary changes of rows, so that it travels like any other work. Frozen papers keep the name they were made for:
`party` finds it, so that what was approved is still what was approved.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, select

from presales_desktop.models import identity
from presales_desktop.models.cases import Case
from presales_desktop.models.contracts import Contract
from presales_desktop.models.credit import CreditApplication, CreditException
from presales_desktop.models.customers import FIELDS, MERGED_FIELDS, Contact, Customer, Site
from presales_desktop.models.designs import Design
from presales_desktop.models.errors import InputError, Problem, UserError, ValidationError
from presales_desktop.models.fields import validate
from presales_desktop.models.permissions import Ownership, may
from presales_desktop.models.prices import PriceNotice
from presales_desktop.models.quotes import Quote
from presales_desktop.models.surveys import Survey
from presales_desktop.models.users import User
from presales_desktop.services.work import Work

# What hangs on a customer by its own column, wholes before parts.
HANGING: Final[Mapping[str, type[Any]]] = {
    "contact": Contact, "site": Site, "case": Case, "survey": Survey, "design": Design, "quote": Quote, "contract": Contract,
    "credit": CreditApplication, "credit_exception": CreditException, "price_notice": PriceNotice,
}  # fmt: skip


@dataclass(frozen=True)
class Side:
    """One of the two as it is compared: its values by field, `owner` by name, and how much hangs on it by kind."""

    id: UUID
    version: int
    number: str
    name: str
    owner: str
    values: Mapping[str, Any]
    hanging: Mapping[str, int]


@dataclass(frozen=True)
class Comparison:
    """The one that goes beside the one that stays; `differing`: fields whose values differ. `may_assign`: whether the actor may take
    over the owner, too."""

    gone: Side
    kept: Side
    differing: tuple[str, ...]
    may_assign: bool


def compare(work: Work, gone_id: UUID, kept_id: UUID) -> Comparison:
    """Both side by side. Raises PermissionDenied; UserError customer.merge_self, customer.merged."""
    gone, kept = _both(work, gone_id, kept_id)
    one, other = _side(work, gone), _side(work, kept)
    differing = tuple(n for n in MERGED_FIELDS if one.values[n] != other.values[n])
    return Comparison(one, other, differing, may(work.actor, "customer.assign").allowed)


def merge(
    work: Work, gone_id: UUID, kept_id: UUID, take: Iterable[str] = (), versions: tuple[int, int] | None = None
) -> UUID:
    """Move all that hangs on one customer to the other and leave a sign; the id of the one that stays.

    TAKE: fields whose value the one that goes gives to the one that stays. VERSIONS (of both, in that order): what was compared.
    It can't be undone. Raises PermissionDenied, UserError, InputError for an unknown field, ValidationError, ConflictError.
    """
    gone, kept = _both(work, gone_id, kept_id)
    taken = _known(take)
    if "owner_id" in taken and gone.owner_id != kept.owner_id:
        work.require("customer.assign")
    work.touch(gone, versions[0] if versions else None)
    work.touch(kept, versions[1] if versions else None)
    before = {name: getattr(kept, name) for name in taken}
    for name in taken:
        setattr(kept, name, getattr(gone, name))
    problems = [p for p in validate(FIELDS, kept) if p.blocking and p.field in taken]
    if problems:
        raise ValidationError(problems)
    kept.name_key, kept.phone_key = identity.name_key(kept.name), identity.phone_key(kept.phone)
    moved = _move(work, gone, kept)
    kept.contact_words = _contact_words(work, kept.id)
    gone.contact_words = ""
    gone.archived, gone.merged_into = True, kept.id
    for earlier in work.session.scalars(select(Customer).where(Customer.merged_into == gone.id)):
        work.touch(earlier)
        earlier.merged_into = kept.id
    changed = [name for name in taken if before[name] != getattr(kept, name)]
    work.audit(
        gone, "merged", title=gone.name, customer_id=gone.id, into=str(kept.id), name=kept.name, number=kept.number
    )
    work.audit(
        kept, "absorbed", title=kept.name, customer_id=kept.id, gone=str(gone.id), name=gone.name, number=gone.number,
        moved=moved, fields=changed,
    )  # fmt: skip
    return kept.id


def _known(take: Iterable[str]) -> tuple[str, ...]:
    taken = tuple(dict.fromkeys(take))
    for name in taken:
        if name not in MERGED_FIELDS:
            raise InputError("customer.merge_field", field=name, known="、".join(MERGED_FIELDS))
    return taken


def _both(work: Work, gone_id: UUID, kept_id: UUID) -> tuple[Customer, Customer]:
    gone, kept = work.get(Customer, gone_id), work.get(Customer, kept_id)
    for each in (gone, kept):
        work.require("customer.merge", Ownership(each.owner_id, each.created_by))
    if gone.id == kept.id:
        raise UserError("customer.merge_self", name=gone.name)
    for each in (gone, kept):
        refuse_merged(work, each)
    return gone, kept


def refuse_merged(work: Work, customer: Customer) -> None:
    """Raise UserError customer.merged for one that is only a sign."""
    if customer.merged_into is not None:
        stays = work.get(Customer, customer.merged_into)
        raise UserError("customer.merged", name=customer.name, into=stays.name, number=stays.number)


def merged_problem(work: Work, customer: Customer, field: str) -> list[Problem]:
    """What keeps a record from being put on CUSTOMER."""
    if customer.merged_into is None:
        return []
    stays = work.get(Customer, customer.merged_into)
    return [Problem("customer.merged", field, {"name": customer.name, "into": stays.name, "number": stays.number})]


def _side(work: Work, customer: Customer) -> Side:
    owner = work.session.get(User, customer.owner_id) if customer.owner_id else None
    hanging = {
        kind: work.session.scalar(select(func.count()).where(model.customer_id == customer.id)) or 0
        for kind, model in HANGING.items()
    }
    return Side(
        customer.id, customer.version, customer.number, customer.name, owner.name if owner else "",
        {name: getattr(customer, name) for name in MERGED_FIELDS}, hanging,
    )  # fmt: skip


def _move(work: Work, gone: Customer, kept: Customer) -> dict[str, int]:
    """Move the rows; how many by kind. The same person or place twice is left once, unless a record names it."""
    moved: dict[str, int] = {}
    folded = {c.id for c in (*_same_people(work, gone, kept), *_same_places(work, gone, kept))}
    for kind, model in HANGING.items():
        rows = work.session.scalars(select(model).where(model.customer_id == gone.id).order_by(model.id)).all()
        count = 0
        offset = 1 + (work.session.scalar(select(func.max(model.sort)).where(model.customer_id == kept.id)) or 0) if (
            kind in ("contact", "site")
        ) else 0  # fmt: skip
        has_primary = kind == "contact" and bool(
            work.session.scalar(select(func.count()).where(Contact.customer_id == kept.id, Contact.primary))
        )
        for row in rows:
            if row.id in folded:
                work.remove(row)
                continue
            work.touch(row)
            row.customer_id = kept.id
            count += 1
            if offset:
                row.sort += offset
            if has_primary and row.primary:
                row.primary = False
        if count:
            moved[kind] = count
    work.session.flush()
    return moved


def _same_people(work: Work, gone: Customer, kept: Customer) -> Sequence[Contact]:
    """Contacts of GONE that KEPT has, too (name and number), no quote names them: what they know more is taken over."""
    there = {(c.name, c.phone_key): c for c in work.session.scalars(select(Contact).filter_by(customer_id=kept.id))}
    named = select(Quote.contact_id).where(Quote.customer_id == gone.id, Quote.contact_id.is_not(None))
    named_ids = set(work.session.scalars(named))
    found = []
    for one in work.session.scalars(select(Contact).filter_by(customer_id=gone.id)):
        same = there.get((one.name, one.phone_key)) if one.phone_key else None
        if same is None or one.id in named_ids:
            continue
        found.append(one)
        missing = [
            n for n in ("title", "email", "wechat", "notes") if getattr(one, n) and not getattr(same, n)
        ]  # fmt: skip
        if missing:
            work.touch(same)
        for name in missing:
            setattr(same, name, getattr(one, name))
    return found


def _same_places(work: Work, gone: Customer, kept: Customer) -> Sequence[Site]:
    there = {(s.kind, s.address) for s in work.session.scalars(select(Site).filter_by(customer_id=kept.id))}
    named = set(
        work.session.scalars(select(Case.site_id).where(Case.customer_id == gone.id, Case.site_id.is_not(None)))
    )
    return [
        s
        for s in work.session.scalars(select(Site).filter_by(customer_id=gone.id))
        if (s.kind, s.address) in there and s.id not in named
    ]


def _contact_words(work: Work, customer_id: UUID) -> str:
    people = work.session.scalars(select(Contact).filter_by(customer_id=customer_id).order_by(Contact.sort, Contact.id))
    return " ".join(f"{c.name} {c.phone}".strip() for c in people)


# reading -------------------------------------------------------------------------------------------------------------


def signs(work: Work, customer_id: UUID) -> Sequence[Customer]:
    """The customers that were merged into this one."""
    return work.session.scalars(
        select(Customer).where(Customer.merged_into == customer_id).order_by(Customer.updated_at.desc())
    ).all()


def survivors(work: Work, ids: Iterable[UUID]) -> dict[UUID, Customer]:
    """For those of IDS that are only signs, the customer they point to."""
    wanted = list(dict.fromkeys(ids))
    found: dict[UUID, Customer] = {}
    for start in range(0, len(wanted), 300):
        merged = work.session.execute(
            select(Customer.id, Customer.merged_into).where(
                Customer.id.in_(wanted[start : start + 300]), Customer.merged_into.is_not(None)
            )
        ).all()
        for row in merged:
            found[row.id] = work.get(Customer, row.merged_into)
    return found


def party(work: Work, customer_id: UUID, frozen: str) -> Customer:
    """The customer of a paper: of a FROZEN one (canonical text, "" for none) the one it was made for, when that was merged since."""
    customer = work.get(Customer, customer_id)
    if (
        not frozen
        or work.session.scalar(select(Customer.id).where(Customer.merged_into == customer_id).limit(1)) is None
    ):
        return customer
    content = json.loads(frozen)
    named = content["customer"]["id"] if "customer" in content else content.get("customer_id")
    made_for = work.session.get(Customer, UUID(named)) if named else None
    if made_for is None or made_for.merged_into != customer_id:
        return customer
    return made_for
