"""Users: who works here, and the actor that a user becomes (roles, superiors, reports)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from presales_desktop.models.errors import NotFound, Problem, ValidationError
from presales_desktop.models.fields import Field, FieldType, validate
from presales_desktop.models.permissions import DEPARTMENTS, Actor, Role
from presales_desktop.models.users import User
from presales_desktop.services import company, numbered
from presales_desktop.services.kinds import Kind
from presales_desktop.services.listing import Listing, ListQuery, Page
from presales_desktop.services.work import Work

FIELDS = (
    Field("login", FieldType.TEXT, required=True, max_length=40),
    Field("name", FieldType.TEXT, required=True, max_length=40),
    Field("department", FieldType.CHOICE, required=True, choices=DEPARTMENTS),
    Field("roles", FieldType.CHOICES, required=True, choices=tuple(r.value for r in Role)),
    Field("superior_id", FieldType.REFERENCE, target="user"),
    Field("phone", FieldType.TEXT, max_length=40),
    Field("email", FieldType.TEXT, max_length=120),
    Field("active", FieldType.FLAG),
)


@dataclass(frozen=True)
class UserRow:
    """A user as lists, pickers and pages see him."""

    id: UUID
    login: str
    name: str
    department: str
    roles: tuple[str, ...]
    superior_id: UUID | None
    phone: str
    email: str
    active: bool
    version: int = 0


@dataclass
class UserDraft:
    """A user being edited."""

    id: UUID | None = None
    base_version: int = 0
    login: str = ""
    name: str = ""
    department: str = "sales"
    roles: list[str] = field(default_factory=list)
    superior_id: UUID | None = None
    phone: str = ""
    email: str = ""
    active: bool = True


def _row(user: User) -> UserRow:
    return UserRow(
        user.id, user.login, user.name, user.department, tuple(user.roles), user.superior_id,
        user.phone, user.email, user.active, user.version,
    )  # fmt: skip


def list_rows(work: Work, query: ListQuery) -> Page[UserRow]:
    """Users; search matches name and login."""
    statement = select(User)
    if query.search.strip():
        like = f"%{query.search.strip()}%"
        statement = statement.where(or_(User.name.like(like), User.login.like(like)))
    listing = Listing[UserRow](
        statement=statement,
        id_column=User.__table__.c.id,
        sortable={
            "name": User.__table__.c.name,
            "login": User.__table__.c.login,
            "department": User.__table__.c.department,
        },
        filters={
            "department": lambda v: User.department == v,
            "active": lambda v: User.active.is_(v.lower() in ("1", "true", "yes", "是")),
        },
        make=lambda row: _row(row[0]),
        default_sort="login",
    )
    plain = ListQuery("", query.filters, query.sort, query.limit, query.offset, query.after)
    return listing.page(work, plain)


def show(work: Work, user_id: UUID) -> UserRow:
    """One user."""
    return _row(work.get(User, user_id))


def resolve(work: Work, text: str) -> UUID:
    """A user's id from UUID, login or unique name."""
    known = numbered.by_id(work, User, text)
    if known is not None:
        return known
    found = work.session.scalars(select(User.id).where(or_(User.login == text, User.name == text))).all()
    if len(found) != 1:
        raise NotFound("record.not_found" if not found else "record.ambiguous", kind="user", id=text)
    return found[0]


def names(work: Work) -> dict[UUID, str]:
    """Name by id of all users, gone ones too: lists show owners with it."""
    return {row.id: row.name for row in work.session.execute(select(User.id, User.name))}


def new_draft(work: Work, initial: dict[str, Any]) -> UserDraft:
    """An empty user."""
    return UserDraft(**initial)


def load(work: Work, user_id: UUID) -> UserDraft:
    """A user to edit."""
    user = work.get(User, user_id)
    return UserDraft(
        user.id, user.version, user.login, user.name, user.department, list(user.roles), user.superior_id,
        user.phone, user.email, user.active,
    )  # fmt: skip


def save(work: Work, draft: UserDraft) -> UUID:
    """Create or change a user. Raises ValidationError for a taken login or a superior that reports to him."""
    work.require("user.edit")
    problems = validate(FIELDS, draft)
    taken = work.session.scalar(select(User.id).where(User.login == draft.login))
    if taken is not None and taken != draft.id:
        problems.append(Problem("user.login_taken", "login", {"login": draft.login}))
    if draft.id is not None and draft.superior_id in {draft.id, *reports_of(work, draft.id)}:
        problems.append(Problem("user.superior_circle", "superior_id", {}))
    if problems:
        raise ValidationError(problems)
    values = {f.name: getattr(draft, f.name) for f in FIELDS}
    if draft.id is None:
        user = work.add(User(**values))
        work.audit(user, "created", title=user.name)
        return user.id
    user = work.get(User, draft.id)
    work.touch(user, draft.base_version)
    before = list(user.roles)
    for name, value in values.items():
        setattr(user, name, value)
    # A decision that was made while somebody still had the right is told from a forged one by this.
    detail: dict[str, Any] = {"roles_before": before} if set(before) != set(draft.roles) else {}
    work.audit(user, "changed", title=user.name, **detail)
    return user.id


def reports_of(work: Work, user_id: UUID) -> frozenset[UUID]:
    """Everybody who reports to the user, directly or further down."""
    below: dict[UUID | None, list[UUID]] = {}
    for person, superior in work.session.execute(select(User.id, User.superior_id)):
        below.setdefault(superior, []).append(person)
    found: set[UUID] = set()
    queue = [user_id]
    while queue:
        for person in below.get(queue.pop(), []):
            if person not in found:
                found.add(person)
                queue.append(person)
    return frozenset(found)


def superiors_of(work: Work, user_id: UUID) -> tuple[UUID, ...]:
    """The user's superior, his superior, and so on upwards."""
    up = {row.id: row.superior_id for row in work.session.execute(select(User.id, User.superior_id))}
    chain: list[UUID] = []
    current = up.get(user_id)
    while current is not None and current not in chain:
        chain.append(current)
        current = up.get(current)
    return tuple(chain)


def actor_of(work: Work, user_id: UUID) -> Actor:
    """The actor that a user is. Raises NotFound for an unknown or disabled user."""
    user = work.session.get(User, user_id)
    if user is None or not user.active:
        raise NotFound("record.not_found", kind="user", id=str(user_id))
    return Actor(
        user.id, user.name, frozenset(Role(r) for r in user.roles), user.department, user.superior_id,
        reports_of(work, user.id),
    )  # fmt: skip


# Makes the first rows of an empty workspace, before there is any user who could; and reads who acts.
FOUNDER = Actor(UUID(int=0), "系统", frozenset(Role), "management")
ACTING = "acting"


def acting(work: Work) -> Actor:
    """Whom this workspace's window and commands act as. Raises NotFound when nobody was set."""
    found = company.fact(work, ACTING).get("user_id")
    if not found:
        raise NotFound("record.not_found", kind="user", id="")
    return actor_of(work, UUID(str(found)))


def set_acting(work: Work, user_id: UUID) -> None:
    """From now on act as USER_ID."""
    company.put(work, ACTING, {"user_id": str(user_id)})


def found(work: Work, name: str, roles: tuple[Role, ...], company_name: str = "") -> UUID:
    """Make the first user of a new workspace (administrator beside ROLES) and act as him; his id."""
    if not name.strip():
        raise ValidationError([Problem("field.required", "name", {})])
    department = next(
        (r.value for r in roles if r.value in DEPARTMENTS), "sales" if Role.SALES_HEAD in roles else "management"
    )
    user = work.add(
        User(
            login=name.strip(),
            name=name.strip(),
            department=department,
            roles=[r.value for r in dict.fromkeys((*roles, Role.ADMIN))],
            superior_id=None,
            active=True,
        )
    )
    if company_name.strip():
        company.save_letterhead(work, company.Letterhead(name=company_name.strip()))
    company.make_document_key(work)
    set_acting(work, user.id)
    work.audit(user, "created", title=user.name)
    return user.id


KIND = Kind(
    name="user",
    fields=FIELDS,
    list_rows=list_rows,
    show=show,
    resolve=resolve,
    new_draft=new_draft,
    load=load,
    save=save,
    rights={"create": "user.edit", "edit": "user.edit"},
    filters=("department", "active"),
    sorts=("name", "login", "department"),
)
