"""Who may do what: the matrix of the rule book in one place, as data. Services enforce it, the window greys out, the server
runs the same function again. Source: knowledge business.md 3.3 (roles x rights).

A right is "area.action". A scope says on which records: ALL, OWN (owner or creator, or somebody who reports to the actor),
DEPARTMENT (somebody of the actor's department owns it).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from uuid import UUID

from presales_desktop.models.errors import PermissionDenied


class Role(StrEnum):
    """Roles; the first ten are also the departments."""

    SERVICE = "service"
    MARKETING = "marketing"
    SALES = "sales"
    DESIGN = "design"
    TECHNICAL = "technical"
    FINANCE = "finance"
    CREDIT = "credit"
    LEGAL = "legal"
    MANAGEMENT = "management"
    SUPERVISION = "supervision"
    SALES_HEAD = "sales_head"
    MANAGER = "manager"
    ADMIN = "admin"


DEPARTMENTS: Final = (
    "service", "marketing", "sales", "design", "technical", "finance", "credit", "legal", "management", "supervision",
)  # fmt: skip


class Scope(StrEnum):
    """On which records a right holds."""

    OWN = "own"
    DEPARTMENT = "department"
    ALL = "all"


_EVERYONE: dict[Role, Scope] = {role: Scope.ALL for role in Role if role is not Role.ADMIN}


def _grant(*roles: Role, scope: Scope = Scope.ALL) -> dict[Role, Scope]:
    return dict.fromkeys(roles, scope)


_R = Role
_SELLERS_OWN = _grant(_R.SALES, scope=Scope.OWN) | _grant(_R.SALES_HEAD)

RIGHTS: Final[dict[str, dict[Role, Scope]]] = {
    # customers and cases
    "customer.view": _EVERYONE,
    "customer.create": _grant(_R.SERVICE, _R.MARKETING, _R.SALES, _R.SALES_HEAD),
    "customer.edit": _SELLERS_OWN | _grant(_R.SERVICE, _R.MARKETING),
    "customer.assign": _grant(_R.SALES_HEAD, _R.MANAGEMENT, _R.MANAGER),
    "customer.merge": _grant(_R.SALES_HEAD, _R.MARKETING),
    "customer.delete": _grant(_R.SALES_HEAD),
    "case.view": _EVERYONE,
    "case.create": _grant(_R.SERVICE, _R.MARKETING, _R.SALES, _R.SALES_HEAD),
    "case.edit": _SELLERS_OWN | _grant(_R.MARKETING),
    "case.close": _SELLERS_OWN | _grant(_R.MANAGEMENT),
    # surveys
    "survey.view": _EVERYONE,
    "survey.create": _grant(_R.MARKETING, _R.SALES, _R.SALES_HEAD),
    "survey.edit": _SELLERS_OWN | _grant(_R.MARKETING),
    # catalogue
    "product.view": _EVERYONE | _grant(_R.ADMIN),
    "product.create": _grant(_R.MARKETING, _R.TECHNICAL),
    "product.edit": _grant(_R.MARKETING, _R.TECHNICAL),
    "price.view": _EVERYONE,
    "price.edit": _grant(_R.FINANCE),
    "price.floor": _grant(_R.FINANCE, _R.SALES_HEAD, _R.MANAGEMENT, _R.MANAGER),
    "price_event.create": _grant(_R.MARKETING, _R.SALES, _R.SALES_HEAD, _R.FINANCE),
    "price_event.edit": _SELLERS_OWN | _grant(_R.MARKETING, _R.FINANCE),
    "price_change.edit": _grant(_R.FINANCE),
    "price_notice.edit": _SELLERS_OWN | _grant(_R.MARKETING, _R.FINANCE),
    "cost.view": _grant(_R.FINANCE, _R.CREDIT, _R.MANAGEMENT, _R.MANAGER, _R.SUPERVISION),
    "cost.edit": _grant(_R.FINANCE),
    # designs
    "design.view": _EVERYONE,
    "design.create": _grant(_R.DESIGN, _R.SALES, _R.SALES_HEAD),
    "design.edit": _grant(_R.DESIGN, _R.TECHNICAL) | _SELLERS_OWN,
    "design.submit": _grant(_R.DESIGN) | _SELLERS_OWN,
    "design.review": _grant(_R.DESIGN, _R.TECHNICAL, _R.SALES_HEAD, _R.FINANCE),
    # quotes
    "quote.view": _EVERYONE,
    "quote.create": _grant(_R.SALES, _R.SALES_HEAD),
    "quote.edit": _SELLERS_OWN,
    "quote.submit": _SELLERS_OWN,
    "quote.finance": _grant(_R.FINANCE),
    "quote.superior": _grant(_R.SALES_HEAD, _R.MANAGER, _R.MANAGEMENT),
    # the approval desk: who decides quotes, and who may stand in for finance
    "quote.desk": _grant(_R.FINANCE, _R.CREDIT, _R.SALES_HEAD, _R.MANAGER, _R.MANAGEMENT),
    "quote.send": _SELLERS_OWN,
    # contracts
    "contract.view": _EVERYONE,
    "contract.create": _grant(_R.SALES, _R.SALES_HEAD),
    "contract.edit": _SELLERS_OWN,
    "contract.submit": _SELLERS_OWN,
    "contract.legal": _grant(_R.LEGAL),
    "contract.sales": _grant(_R.SALES_HEAD, _R.MANAGER),
    "contract.finance": _grant(_R.FINANCE),
    "contract.settle": _SELLERS_OWN | _grant(_R.FINANCE),
    "contract.sign": _SELLERS_OWN | _grant(_R.MANAGEMENT, _R.MANAGER),
    "clause.edit": _grant(_R.LEGAL),
    # credit: grade and terms for those who deal with the customer, figures for those who answer for the money
    "credit.view": _grant(
        _R.SALES, _R.SALES_HEAD, _R.FINANCE, _R.CREDIT, _R.LEGAL, _R.MANAGEMENT, _R.MANAGER, _R.SUPERVISION
    ),
    "credit.create": _grant(_R.SALES, _R.SALES_HEAD, _R.FINANCE, _R.CREDIT),
    "credit.edit": _SELLERS_OWN | _grant(_R.FINANCE, _R.CREDIT),
    "credit.assess": _grant(_R.FINANCE, _R.CREDIT),
    "credit.figures": _grant(_R.FINANCE, _R.CREDIT, _R.MANAGEMENT, _R.MANAGER, _R.SUPERVISION),
    "credit.policy": _grant(_R.MANAGEMENT, _R.MANAGER),
    "credit_exception.create": _grant(_R.SALES, _R.SALES_HEAD),
    "credit_exception.edit": _SELLERS_OWN,
    "credit_exception.finance": _grant(_R.FINANCE),
    "credit_exception.management": _grant(_R.MANAGEMENT, _R.MANAGER),
    # people and the workspace
    "delegation.create": _EVERYONE | _grant(_R.ADMIN),
    "user.view": _EVERYONE | _grant(_R.ADMIN),
    "user.edit": _grant(_R.ADMIN),
    "policy.edit": _grant(_R.ADMIN, _R.MANAGEMENT),
    "audit.view": _grant(_R.SUPERVISION, _R.MANAGEMENT),
}


@dataclass(frozen=True)
class Actor:
    """Who acts: a user with roles, department, and the users that report to him directly or further down."""

    id: UUID
    name: str
    roles: frozenset[Role]
    department: str
    superior_id: UUID | None = None
    reports: frozenset[UUID] = field(default_factory=frozenset)
    mandates: tuple[Mandate, ...] = ()


@dataclass(frozen=True)
class Mandate:
    """What somebody decides in another's place: whose (PRINCIPAL, with what he may now), which rights, first and last day."""

    principal: Actor
    rights: frozenset[str]
    from_day: dt.date
    to_day: dt.date

    def covers(self, right: str, day: dt.date) -> bool:
        """Whether RIGHT was handed over on DAY."""
        return right in self.rights and self.from_day <= day <= self.to_day


@dataclass(frozen=True)
class Ownership:
    """Of whom a record is: what a scope is measured against."""

    owner_id: UUID | None = None
    created_by: UUID | None = None
    department: str | None = None


@dataclass(frozen=True)
class Verdict:
    """The answer of `may` (and of rules that ask more); `code` names the reason for a refusal."""

    allowed: bool
    code: str = ""
    # In whose place, where it is not in one's own.
    principal: Actor | None = None


def may(actor: Actor, right: str, of: Ownership | None = None) -> Verdict:
    """Whether ACTOR has RIGHT, on the record OF when one is given. Unknown rights raise KeyError: a typo is a bug."""
    grants = RIGHTS[right]
    scopes = {grants[role] for role in actor.roles if role in grants}
    if not scopes:
        return Verdict(False, "permission.role")
    if of is None or Scope.ALL in scopes:
        return Verdict(True)
    people = {of.owner_id, of.created_by} - {None}
    if Scope.OWN in scopes and (actor.id in people or people & actor.reports):
        return Verdict(True)
    if Scope.DEPARTMENT in scopes and of.department == actor.department:
        return Verdict(True)
    return Verdict(False, "permission.not_own")


def require(actor: Actor, right: str, of: Ownership | None = None) -> None:
    """Raise PermissionDenied unless ACTOR has RIGHT."""
    verdict = may(actor, right, of)
    if not verdict.allowed:
        raise PermissionDenied(verdict.code, right=right, user=actor.name)


def holders(right: str) -> tuple[Role, ...]:
    """Roles that hold RIGHT, for `describe` and for "who can do this" hints."""
    return tuple(RIGHTS[right])
