"""Customers: lists, the whole of one, editing with contacts and sites, archive, assignment, and the look for duplicates."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, not_, select

from presales_desktop.models import identity
from presales_desktop.models.cases import Case
from presales_desktop.models.contracts import Contract
from presales_desktop.models.customers import (
    CONTACT_FIELDS,
    FIELDS,
    SITE_FIELDS,
    STATES,
    TRANSITIONS,
    Contact,
    Customer,
    Site,
)
from presales_desktop.models.errors import NotFound, Problem, ValidationError
from presales_desktop.models.fields import Field, validate
from presales_desktop.models.permissions import Ownership, Role
from presales_desktop.models.quotes import Quote, yuan_total
from presales_desktop.models.users import User
from presales_desktop.services import customer_merge, numbered, parts, users
from presales_desktop.services.customer_rows import (
    ContactDraft,
    ContactRow,
    CustomerDraft,
    CustomerRow,
    CustomerWhole,
    Related,
    Sign,
    SiteDraft,
    SiteRow,
)
from presales_desktop.services.duplicates import DuplicateHit, find_duplicates
from presales_desktop.services.kinds import Kind
from presales_desktop.services.listing import Listing, ListQuery, Page
from presales_desktop.services.steps import take
from presales_desktop.services.work import Work

__all__ = [
    "KIND",
    "ContactDraft",
    "ContactRow",
    "CustomerDraft",
    "CustomerRow",
    "CustomerWhole",
    "DuplicateHit",
    "Related",
    "Sign",
    "SiteDraft",
    "SiteRow",
]

_SELLERS = frozenset({Role.SALES, Role.SALES_HEAD})


_EDITED = tuple(f.name for f in FIELDS if not f.read_only)


# lists ---------------------------------------------------------------------------------------------------------------


def _in_state(value: str) -> ColumnElement[bool]:
    if value == "merged":
        return Customer.merged_into.is_not(None)
    found = Customer.archived.is_(value == "archived")
    return and_(found, Customer.merged_into.is_(None)) if value == "archived" else found


def _not_in_state(value: str) -> ColumnElement[bool]:
    return Customer.archived.is_(True) if value == "active" else not_(_in_state(value))


def _filters(work: Work) -> Mapping[str, Callable[[str], ColumnElement[bool]]]:
    def owner(value: str) -> ColumnElement[bool]:
        return Customer.owner_id == (work.actor.id if value == "me" else users.resolve(work, value))

    return {
        "state": _in_state,
        "owner": owner,
        "importance": lambda v: Customer.importance.in_(v.split(",")),
        "industry": lambda v: Customer.industry == v,
        "source": lambda v: Customer.source == v,
        "kind": lambda v: Customer.kind == v,
        "region": lambda v: Customer.region.startswith(v, autoescape=True),
    }


def list_rows(work: Work, query: ListQuery) -> Page[CustomerRow]:
    """Customers. Filters: state active|archived|merged, owner (login, name or "me"), importance (several with commas), industry,
    source, kind, region (beginning)."""
    work.require("customer.view")
    open_cases = (
        select(func.count())
        .where(Case.customer_id == Customer.id, Case.status.in_(("open", "paused")))
        .scalar_subquery()
    )
    owner = select(User.name).where(User.id == Customer.owner_id).scalar_subquery()
    statement: Any = select(
        Customer.id, Customer.number, Customer.name, Customer.short_name, Customer.kind, Customer.importance,
        Customer.region, Customer.industry, Customer.phone, Customer.owner_id, func.coalesce(owner, ""),
        case((Customer.merged_into.is_not(None), "merged"), (Customer.archived, "archived"), else_="active"), open_cases, Customer.updated_at,
    )  # fmt: skip
    listing = Listing[CustomerRow](
        statement=statement,
        id_column=Customer.__table__.c.id,
        sortable={
            "updated_at": Customer.__table__.c.updated_at,
            "created_at": Customer.__table__.c.created_at,
            "name": Customer.__table__.c.name,
            "number": Customer.__table__.c.number,
            "region": Customer.__table__.c.region,
            "importance": Customer.__table__.c.importance,
        },
        filters=_filters(work),
        make=lambda row: CustomerRow(*row),
        default_sort="-updated_at",
        search_kind="customer",
        contrary={"state": _not_in_state},
    )
    return listing.page(work, query)


def resolve(work: Work, text: str) -> UUID:
    """A customer's id from UUID, number, or name when only one has it. Raises NotFound."""
    known = numbered.by_id(work, Customer, text)
    if known is not None:
        return known
    clean = text.strip()
    for column in (Customer.number, Customer.name):
        found = work.session.scalars(select(Customer.id).where(column == clean).limit(2)).all()
        if len(found) == 1:
            return found[0]
        if found:
            raise NotFound("record.ambiguous", kind="customer", id=text)
    raise NotFound("record.not_found", kind="customer", id=text)


# one -----------------------------------------------------------------------------------------------------------------


def _contacts(work: Work, customer_id: UUID) -> Sequence[Contact]:
    return work.session.scalars(
        select(Contact).where(Contact.customer_id == customer_id).order_by(Contact.sort, Contact.id)
    ).all()


def _sites(work: Work, customer_id: UUID) -> Sequence[Site]:
    return work.session.scalars(select(Site).where(Site.customer_id == customer_id).order_by(Site.sort, Site.id)).all()


def related(work: Work, customer_id: UUID, limit: int = 50) -> tuple[Related, ...]:
    """Cases, quotes and contracts of a customer, newest first; of quotes and contracts the latest revision only."""
    found = [
        Related("case", c.id, c.number, c.title, c.status, c.expected_amount_fen, c.updated_at)
        for c in work.session.scalars(
            select(Case).where(Case.customer_id == customer_id).order_by(Case.updated_at.desc()).limit(limit)
        )
    ]
    for kind, model in (("quote", Quote), ("contract", Contract)):
        latest: dict[UUID, Any] = {}
        rows = work.session.execute(
            select(
                model.id, model.family_id, model.number, model.revision, model.title, model.state,
                (yuan_total() if model is Quote else model.total_fen).label("total_fen"), model.updated_at,
            )
            .where(model.customer_id == customer_id)
            .order_by(model.revision.desc())
        )  # fmt: skip
        for row in rows:
            latest.setdefault(row.family_id, row)
        found += [
            Related(kind, r.id, f"{r.number}-R{r.revision}", r.title, r.state, r.total_fen, r.updated_at)
            for r in latest.values()
        ]
    return tuple(sorted(found, key=lambda r: r.updated_at, reverse=True)[:limit])


def show(work: Work, customer_id: UUID) -> CustomerWhole:
    """One customer whole."""
    work.require("customer.view")
    c = work.get(Customer, customer_id)
    owner = work.session.get(User, c.owner_id) if c.owner_id else None
    stays = work.get(Customer, c.merged_into) if c.merged_into else None
    return CustomerWhole(
        id=c.id, version=c.version, number=c.number, kind=c.kind, name=c.name, short_name=c.short_name, uscc=c.uscc,
        phone=c.phone, email=c.email, region=c.region, industry=c.industry, importance=c.importance, source=c.source,
        credit_grade=c.credit_grade, owner_id=c.owner_id, owner=owner.name if owner else "", created_by=c.created_by,
        state=c.state, notes=c.notes, created_at=c.created_at, updated_at=c.updated_at,
        contacts=tuple(
            ContactRow(p.id, p.name, p.title, p.phone, p.email, p.wechat, p.primary, p.notes)
            for p in _contacts(work, c.id)
        ),
        sites=tuple(
            SiteRow(s.id, s.kind, s.label, s.region, s.address, s.contact_name, s.contact_phone)
            for s in _sites(work, c.id)
        ),
        related=related(work, c.id), merged_into=c.merged_into, merged_name=stays.name if stays else "",
        signs=tuple(Sign(s.id, s.number, s.name) for s in customer_merge.signs(work, c.id)),
    )  # fmt: skip


# editing -------------------------------------------------------------------------------------------------------------


def new_draft(work: Work, initial: Mapping[str, Any]) -> CustomerDraft:
    """An empty customer; who sells becomes its owner."""
    work.require("customer.create")
    draft = CustomerDraft(owner_id=work.actor.id if work.actor.roles & _SELLERS else None)
    for name, value in initial.items():
        setattr(draft, name, value)
    return draft


def load(work: Work, customer_id: UUID) -> CustomerDraft:
    """A customer to edit."""
    work.require("customer.view")
    c = work.get(Customer, customer_id)
    return CustomerDraft(
        id=c.id,
        base_version=c.version,
        **{name: getattr(c, name) for name in _EDITED},
        contacts=[parts.to_draft(p, ContactDraft) for p in _contacts(work, c.id)],
        sites=[parts.to_draft(s, SiteDraft) for s in _sites(work, c.id)],
    )


def problems(draft: CustomerDraft) -> list[Problem]:
    """What is wrong with a draft; those with blocking=False are hints."""
    found = validate(FIELDS, draft)
    wrong_code = identity.uscc_problem(draft.uscc)
    found += [wrong_code] if wrong_code else []
    found += _reach_problems(draft.phone, draft.email, "")
    primaries = 0
    for i, contact in enumerate(draft.contacts):
        found += validate(CONTACT_FIELDS, contact, f"contacts.{i}.")
        found += _reach_problems(contact.phone, contact.email, f"contacts.{i}.")
        primaries += bool(contact.primary)
        if contact.primary and primaries == 2:
            found.append(Problem("customer.one_primary", f"contacts.{i}.primary"))
    for i, site in enumerate(draft.sites):
        found += validate(SITE_FIELDS, site, f"sites.{i}.")
    return found


def _reach_problems(phone: str, email: str, prefix: str) -> list[Problem]:
    found = []
    if isinstance(phone, str) and phone.strip() and not identity.phone_key(phone):
        found.append(Problem("customer.phone_short", f"{prefix}phone", {"found": phone[:40]}, blocking=False))
    wrong = identity.email_problem(email, f"{prefix}email") if isinstance(email, str) else None
    return found + ([wrong] if wrong else [])


def save(work: Work, draft: CustomerDraft) -> UUID:
    """Create or change a customer with its contacts and sites; empty lines are dropped, unchanged drafts save nothing.

    Raises PermissionDenied, ValidationError, ConflictError.
    """
    draft.contacts = [
        c for c in draft.contacts if not parts.is_blank(c, ("name", "title", "phone", "email", "wechat", "notes"))
    ]
    draft.sites = [
        s for s in draft.sites if not parts.is_blank(s, ("label", "region", "address", "contact_name", "contact_phone"))
    ]
    blocking = [p for p in problems(draft) if p.blocking]
    if draft.owner_id is not None and work.session.get(User, draft.owner_id) is None:
        blocking.append(Problem("customer.owner_unknown", "owner_id"))
    if blocking:
        raise ValidationError(blocking)
    if draft.contacts and not any(c.primary for c in draft.contacts):
        draft.contacts[0].primary = True
    return _create(work, draft) if draft.id is None else _change(work, draft, draft.id)


def _values(draft: CustomerDraft) -> dict[str, Any]:
    values = {name: getattr(draft, name) for name in _EDITED}
    for name, value in values.items():
        if isinstance(value, str):
            values[name] = value.strip()
    values["uscc"] = identity.uscc_clean(draft.uscc)
    values["name_key"] = identity.name_key(values["name"])
    values["phone_key"] = identity.phone_key(values["phone"])
    values["contact_words"] = " ".join(f"{c.name} {c.phone}".strip() for c in draft.contacts)
    return values


def _create(work: Work, draft: CustomerDraft) -> UUID:
    work.require("customer.create")
    customer = work.add(Customer(number=work.next_number("KH"), **_values(draft)))
    if draft.contacts or draft.sites:
        work.session.flush()  # parts refer to it
    _save_parts(work, customer, draft, (), ())
    work.audit(customer, "created", title=customer.name, customer_id=customer.id)
    return customer.id


def _change(work: Work, draft: CustomerDraft, customer_id: UUID) -> UUID:
    customer = work.get(Customer, customer_id)
    ownership = Ownership(customer.owner_id, customer.created_by)
    work.require("customer.edit", ownership)
    customer_merge.refuse_merged(work, customer)
    if draft.owner_id != customer.owner_id:
        work.require("customer.assign")
    values = _values(draft)
    changed = [n for n, v in values.items() if getattr(customer, n) != v and n in _EDITED]
    if customer.version != draft.base_version:
        work.touch(customer, draft.base_version)  # refused: somebody saved in between
    changed_parts = _save_parts(work, customer, draft, _contacts(work, customer.id), _sites(work, customer.id))
    if not changed and not changed_parts:
        return customer.id
    work.touch(customer, draft.base_version)
    for name, value in values.items():
        setattr(customer, name, value)
    work.audit(customer, "changed", title=customer.name, customer_id=customer.id, fields=changed + changed_parts)
    return customer.id


def _save_parts(
    work: Work, customer: Customer, draft: CustomerDraft, contacts: Sequence[Contact], sites: Sequence[Site]
) -> list[str]:
    """The names of the lists that changed; CONTACTS and SITES are the rows that are there."""
    changed = []
    groups: tuple[tuple[str, type[Any], Sequence[Any], Sequence[Any], tuple[Field, ...]], ...] = (
        ("contacts", Contact, contacts, draft.contacts, CONTACT_FIELDS),
        ("sites", Site, sites, draft.sites, SITE_FIELDS),
    )
    for name, model, records, drafts, fields in groups:

        def extra(part: Any, model: type[Any] = model) -> dict[str, Any]:
            return {"phone_key": identity.phone_key(part.phone)} if model is Contact else {}

        def make(values: dict[str, Any], model: type[Any] = model) -> Any:
            return model(customer_id=customer.id, **values)

        if parts.sync(work, records, drafts, fields, make, extra):
            changed.append(name)
    return changed


# steps ---------------------------------------------------------------------------------------------------------------


def do(work: Work, customer_id: UUID, action: str, parameters: Mapping[str, str]) -> UUID:
    """archive, restore, assign owner=LOGIN, merge into=CUSTOMER take=FIELD,… (answers the one that stays).

    Raises InvalidTransition, PermissionDenied, UserError.
    """
    customer = work.get(Customer, customer_id)
    if action == "merge":
        customer_merge.refuse_merged(work, customer)
    step = take(
        work,
        TRANSITIONS,
        customer.state,
        action,
        Ownership(customer.owner_id, customer.created_by),
        parameters,
    )
    if action == "assign":
        _assign(work, customer, users.resolve(work, parameters["owner"]))
        return customer.id
    if action == "merge":
        taken = [name.strip() for name in parameters.get("take", "").split(",") if name.strip()]
        return customer_merge.merge(work, customer.id, resolve(work, parameters["into"]), taken)
    work.touch(customer)
    customer.archived = step.to == "archived"
    work.audit(customer, "archived" if customer.archived else "restored", title=customer.name, customer_id=customer.id)
    return customer.id


def _assign(work: Work, customer: Customer, owner_id: UUID) -> None:
    customer_merge.refuse_merged(work, customer)
    if owner_id == customer.owner_id:
        return
    before = work.session.get(User, customer.owner_id) if customer.owner_id else None
    after = work.get(User, owner_id)
    work.touch(customer)
    customer.owner_id = owner_id
    work.audit(
        customer,
        "assigned",
        title=customer.name,
        customer_id=customer.id,
        before=before.name if before else "",
        to=after.name,
    )


def assign_many(work: Work, ids: Sequence[UUID], owner_id: UUID) -> int:
    """Give several customers to one owner; how many changed hands. All or none."""
    work.require("customer.assign")
    changed = 0
    for customer_id in ids:
        customer = work.get(Customer, customer_id)
        changed += customer.owner_id != owner_id
        _assign(work, customer, owner_id)
    return changed


def do_many(work: Work, ids: Sequence[UUID], action: str) -> int:
    """archive or restore several; those already there are left alone. All or none."""
    changed = 0
    for customer_id in ids:
        customer = work.get(Customer, customer_id)
        customer_merge.refuse_merged(work, customer)
        archived = customer.archived
        if archived != (action == "archive"):
            do(work, customer_id, action, {})
            changed += 1
    return changed


def duplicates(work: Work, draft: CustomerDraft, limit: int = 5) -> tuple[DuplicateHit, ...]:
    """Customers that may be the one being typed, best first; a warning, it never blocks."""
    work.require("customer.view")
    phones = [draft.phone, *(c.phone for c in draft.contacts)]
    return find_duplicates(work, draft.name, phones, draft.uscc, draft.id, person=draft.kind == "person", limit=limit)


def sites_of(work: Work, customer_id: UUID) -> tuple[SiteRow, ...]:
    """The places of a customer, for pickers."""
    return tuple(
        SiteRow(s.id, s.kind, s.label, s.region, s.address, s.contact_name, s.contact_phone)
        for s in _sites(work, customer_id)
    )


KIND = Kind(
    name="customer",
    fields=FIELDS,
    list_rows=list_rows,
    show=show,
    resolve=resolve,
    parts={"contacts": CONTACT_FIELDS, "sites": SITE_FIELDS},
    states=STATES,
    transitions=TRANSITIONS,
    new_draft=new_draft,
    load=load,
    save=save,
    do=do,
    rights={"create": "customer.create", "edit": "customer.edit"},
    filters=("state", "owner", "importance", "industry", "source", "kind", "region"),
    sorts=("updated_at", "created_at", "name", "number", "region", "importance"),
)
