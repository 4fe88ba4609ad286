"""Delegations (委托): somebody hands decisions to a colleague for a period. Pure rules: what may be handed over, to whom, and when it counts.

What is handed over is the deciding, never more sight: who stands in must see by himself what the decision is about. That keeps costs
where they are (business.md 3.3). No chain: what was handed over is not handed on. I4 stands: whoever wrote a document decides nothing
on it, in nobody's name, and no person takes two steps of one content, be it once in his own name and once in another's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any, ClassVar, Final
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from presales_desktop.models.base import Record
from presales_desktop.models.errors import Problem
from presales_desktop.models.fields import Field, FieldType
from presales_desktop.models.permissions import RIGHTS, Actor, Mandate, Role, may
from presales_desktop.models.workflow import Transition

DELEGABLE: Final = ("quote.finance", "quote.superior", "contract.legal", "contract.sales", "contract.finance")
# Deciding these means weighing costs.
_NEEDS_COSTS: Final = frozenset({"quote.finance", "contract.finance"})
# So many days after the last one a decision may still arrive that was made in time, without a network.
GRACE_DAYS: Final = 3
LONGEST_DAYS: Final = 92

FIELDS = (
    Field("delegate_id", FieldType.REFERENCE, required=True, target="user"),
    Field("rights", FieldType.CHOICES, required=True, choices=DELEGABLE),
    Field("from_day", FieldType.DATE, required=True),
    Field("to_day", FieldType.DATE, required=True),
    Field("reason", FieldType.TEXT, max_length=200),
)
STATES: Final = ("standing", "revoked")
PHASES: Final = ("planned", "running", "over", "revoked")
TRANSITIONS = (Transition("revoke", ("standing",), "revoked", "delegation.create"),)


class Delegation(Record):
    """PRINCIPAL's decisions are made by DELEGATE, too, from `from_day` through `to_day` (Chinese calendar days), until it is revoked."""

    __tablename__ = "delegation"
    KIND: ClassVar[str] = "delegation"

    principal_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    delegate_id: Mapped[UUID] = mapped_column(ForeignKey("user.id"))
    rights: Mapped[list[str]]
    from_day: Mapped[dt.date]
    to_day: Mapped[dt.date]
    reason: Mapped[str] = mapped_column(default="")
    revoked_at: Mapped[dt.datetime | None]

    def search_entry(self) -> tuple[str, str, str] | None:
        return None


def phase(delegation: Any, today: dt.date) -> str:
    """Where a delegation (record or row with its attributes) stands on a day; one of PHASES."""
    if delegation.revoked_at is not None:
        return "revoked"
    if today < delegation.from_day:
        return "planned"
    return "running" if today <= delegation.to_day else "over"


def can_take(roles: Iterable[Role], right: str) -> str:
    """Why somebody with ROLES cannot decide RIGHT in another's place; "" when he can. He has to see every customer's papers, and
    costs where those are weighed."""
    held = frozenset(roles)
    if not held - {Role.SALES, Role.ADMIN}:
        return "delegation.sees_too_little"
    if right in _NEEDS_COSTS and not held & RIGHTS["cost.view"].keys():
        return "delegation.sees_no_costs"
    return ""


def problems_of(principal: Actor, delegate: Actor | None, wanted: Any, today: dt.date) -> list[Problem]:
    """What speaks against a delegation that PRINCIPAL wants to make today; WANTED has its fields."""
    found: list[Problem] = []
    if delegate is None:
        found.append(Problem("delegation.nobody", "delegate_id", {}))
    elif delegate.id == principal.id:
        found.append(Problem("delegation.oneself", "delegate_id", {}))
    for right in wanted.rights:
        if right not in DELEGABLE or not may(principal, right).allowed:
            found.append(Problem("delegation.not_yours", "rights", {"right": right}))
        elif delegate is not None and (why := can_take(delegate.roles, right)):
            found.append(Problem(why, "delegate_id", {"user": delegate.name, "right": right}))
    if wanted.from_day is not None and wanted.to_day is not None:
        if wanted.to_day < wanted.from_day or wanted.to_day < today:
            found.append(Problem("delegation.period", "to_day", {}))
        elif (wanted.to_day - wanted.from_day).days >= LONGEST_DAYS:
            found.append(Problem("delegation.too_long", "to_day", {"days": LONGEST_DAYS}))
    return found


def mandate(delegation: Any, principal: Actor) -> Mandate:
    """What a delegation gives whoever stands in."""
    return Mandate(principal, frozenset(delegation.rights), delegation.from_day, delegation.to_day)
