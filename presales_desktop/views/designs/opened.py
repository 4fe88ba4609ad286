"""What the page asks the database for, in one go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from presales_desktop.models import standards
from presales_desktop.models.designs import REVIEW_STEPS, Design
from presales_desktop.services import approvals, designs
from presales_desktop.services.approvals import StepStatus
from presales_desktop.services.design_light import Fixture, fixtures
from presales_desktop.services.designs import DesignDraft, DesignView
from presales_desktop.services.work import Work


@dataclass(frozen=True)
class Opened:
    """A design as the page needs it; `view` None while it is new."""

    draft: DesignDraft
    view: DesignView | None
    fixtures: dict[UUID, Fixture]
    review: tuple[StepStatus, ...] = ()
    comment: str = ""


def open_design(work: Work, design_id: UUID) -> Opened:
    """A design that exists, judged by the standards' files as they are now."""
    standards.refresh()
    draft = designs.load(work, design_id)
    known = fixtures(work, {r.variant_id for r in draft.luminaires if r.variant_id is not None})
    record = work.get(Design, design_id)
    review = approvals.status(work, record, REVIEW_STEPS)
    comment = next((s.comment for s in review if s.comment), "")
    return Opened(draft, designs.show(work, design_id), known, review, comment)


def begin_design(work: Work, initial: dict[str, Any]) -> Opened:
    """A new one."""
    standards.refresh()
    draft = designs.new_draft(work, initial)
    return Opened(draft, None, fixtures(work, {r.variant_id for r in draft.luminaires if r.variant_id is not None}))
