"""Whether a design revision has passed its review: what a quote that is made from it asks before it goes out (rule book 2.8)."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from presales_desktop.models import approvals as rules
from presales_desktop.models.designs import REVIEW_STEPS, Design, passed
from presales_desktop.services import approvals
from presales_desktop.services.work import Work


@dataclass(frozen=True)
class DesignBasis:
    """The revision a quote was made from. `newer_id`, `newer`: the newest passed revision of the same design, when it is
    another one."""

    id: UUID
    label: str
    title: str
    state: str
    passed: bool
    newer_id: UUID | None = None
    newer: str = ""


def basis(work: Work, design_id: UUID) -> DesignBasis:
    """Where the design stands, read from its decisions and not from its state alone. Raises NotFound."""
    design = work.get(Design, design_id)
    family = work.session.scalars(
        select(Design).where(Design.family_id == design.family_id).order_by(Design.revision.desc())
    )
    newest = next((d for d in family if has_passed(work, d)), None)
    other = newest if newest is not None and newest.id != design.id else None
    return DesignBasis(
        design.id, _label(design), design.title, design.state, has_passed(work, design),
        other.id if other else None, _label(other) if other else "",
    )  # fmt: skip


def has_passed(work: Work, design: Design) -> bool:
    """Whether DESIGN's own content was approved by all who must."""
    return passed(design.state, rules.outcome(REVIEW_STEPS, approvals.bound(work, design)))


def _label(design: Design) -> str:
    return f"{design.number}-R{design.revision}"
