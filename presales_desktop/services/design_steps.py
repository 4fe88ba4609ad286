"""Steps of a design: submit (freezes the content), the review by somebody else, and the next revision."""

from __future__ import annotations

import dataclasses
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from presales_desktop.models import canonical, workflow
from presales_desktop.models.approvals import Outcome
from presales_desktop.models.cases import Case
from presales_desktop.models.designs import APPROVED, REVIEW_STEPS, TRANSITIONS, Design
from presales_desktop.models.errors import InputError, Problem, UserError, ValidationError
from presales_desktop.models.standards import RoomVerdict
from presales_desktop.services import approvals, catalogue_facts, customer_merge, design_light, designs
from presales_desktop.services.design_drafts import DesignDraft
from presales_desktop.services.work import Work

_VERDICTS = {"approve": "approve", "approve_with_notes": "approve", "return": "return", "reject": "reject"}
CANONICAL_FORM = 2


def submit(work: Work, design_id: UUID) -> str:
    """Freeze a draft and hand it to the review; its SHA-256. Raises ValidationError for an empty plan."""
    design = work.get(Design, design_id)
    step = workflow.find(TRANSITIONS, design.state, "submit")
    work.require(step.right, designs.ownership(design))
    draft = designs.load(work, design_id)
    found = submit_problems(work, draft)
    if found:
        raise ValidationError(found)
    design.frozen = content_text(work, design, draft)
    design.content_hash = canonical.sha256(design.frozen)
    design.submitted_at = work.now
    design.submitted_by = work.actor.id
    design.state = "submitted"
    work.touch(design)
    work.audit(
        design, "submitted", title=designs.title_of(design), customer_id=design.customer_id, case_id=design.case_id,
        content_hash=design.content_hash,
    )  # fmt: skip
    return design.content_hash


def submit_problems(work: Work, draft: DesignDraft) -> list[Problem]:
    """What keeps DRAFT from going to the review."""
    found: list[Problem] = []
    if not draft.rooms:
        found.append(Problem("design.no_rooms", "rooms"))
    if not draft.luminaires:
        found.append(Problem("design.no_luminaires", "luminaires"))
    known = catalogue_facts.facts(work, {r.variant_id for r in draft.luminaires if r.variant_id})
    gone = sorted({f.sku for f in known.values() if not f.active})
    if gone:
        found.append(Problem("design.variants_discontinued", "luminaires", {"skus": "、".join(gone[:5])}))
    return found


def content_text(work: Work, design: Design, draft: DesignDraft) -> str:
    """The content that a review binds to, as JSON: sorted keys, NFC texts, lengths in mm; who owns it and how the window
    stood are no part of it."""
    known = catalogue_facts.facts(work, {r.variant_id for r in draft.luminaires if r.variant_id})
    customer = customer_merge.party(work, design.customer_id, design.frozen)
    case = work.get(Case, design.case_id)
    content: dict[str, Any] = {
        "form": CANONICAL_FORM,
        "revision": design.revision,
        "title": design.title,
        "customer": {"id": str(customer.id), "name": customer.name},
        "case": {"id": str(case.id), "title": case.title},
        "maintenance_factor": draft.maintenance_factor,
        "grid_spacing_m": draft.grid_spacing_m,
        "standard": draft.standard,
        "hours_per_year": draft.hours_per_year,
        "moods": draft.moods,
        "notes": design.notes,
        "rooms": [_part(r) for r in draft.rooms],
        "luminaires": [_part(r) for r in draft.luminaires],
        "underlays": [_part(r) for r in draft.underlays],
        "items": [_part(r) for r in draft.items],
        "products": {
            str(v): {
                "sku": f.sku, "model_no": f.model_no, "name": f.name, "spec": f.spec, "power_w": f.power_w,
                "flux_lm": f.flux_lm, "photometry": f.photometry_sha256 or "",
            }
            for v, f in known.items()
        },
    }  # fmt: skip
    return canonical.text(_exact(content))


def _part(part: Any) -> dict[str, Any]:
    return {f.name: getattr(part, f.name) for f in dataclasses.fields(part) if f.name != "sort"}


def _exact(value: Any) -> Any:
    """Floats as decimals of a hundredth of a millimetre: less is noise of the mouse."""
    if isinstance(value, dict):
        return {str(k): _exact(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_exact(v) for v in value]
    if isinstance(value, float):
        return Decimal(f"{value:.5f}")
    return value


def decide(work: Work, design_id: UUID, action: str, comment: str = "", seen_hash: str = "") -> str:
    """A reviewer's verdict: approve, approve_with_notes, return or reject; the state that it leads to.

    Never the author (PermissionDenied approval.author); all but approve need a comment.
    """
    design = work.get(Design, design_id)
    step = workflow.find(TRANSITIONS, design.state, action)
    if action != "approve" and not comment.strip():
        raise ValidationError([Problem("approval.comment_required", "comment")])
    outcome = approvals.decide(
        work,
        design,
        REVIEW_STEPS,
        _VERDICTS[action],
        comment=comment,
        seen_hash=seen_hash,
        detail={"notes": True} if action == "approve_with_notes" else None,
    )
    if outcome is not Outcome.WAITING:
        assert step.to is not None
        design.state = step.to
    if design.state in APPROVED:
        _supersede_earlier(work, design)
    work.touch(design)
    return design.state


def _supersede_earlier(work: Work, design: Design) -> None:
    earlier = work.session.scalars(
        select(Design).where(
            Design.family_id == design.family_id, Design.revision < design.revision, Design.state.in_(APPROVED)
        )
    )
    for old in earlier:
        old.state = "superseded"
        work.touch(old)


def revise(work: Work, design_id: UUID) -> UUID:
    """The next revision as a draft with everything copied but decisions; a submitted one is taken back by it.

    Raises UserError design.newer_exists when there is a later revision already.
    """
    old = work.get(Design, design_id)
    step = workflow.find(TRANSITIONS, old.state, "revise")
    work.require(step.right, designs.ownership(old))
    last = work.session.scalar(select(func.max(Design.revision)).where(Design.family_id == old.family_id)) or 1
    if last > old.revision:
        raise UserError("design.newer_exists", number=f"{old.number}-R{last}")
    draft = designs.load(work, design_id)
    new = work.add(
        Design(
            number=old.number, family_id=old.family_id, revision=old.revision + 1, customer_id=old.customer_id,
            title=old.title, case_id=old.case_id, survey_id=old.survey_id, owner_id=old.owner_id, notes=old.notes,
            maintenance_factor=old.maintenance_factor, grid_spacing_m=old.grid_spacing_m, view=dict(old.view),
            standard=old.standard, hours_per_year=old.hours_per_year, moods=list(old.moods),
        )
    )  # fmt: skip
    work.session.flush()
    copy = dataclasses.replace(
        draft, id=new.id, base_version=new.version, revision=new.revision, state="draft", known=frozenset(),
        rooms=[dataclasses.replace(r, id=work.new_id()) for r in draft.rooms],
        luminaires=[dataclasses.replace(r, id=work.new_id()) for r in draft.luminaires],
        underlays=[dataclasses.replace(r, id=work.new_id()) for r in draft.underlays],
        items=[dataclasses.replace(r, id=work.new_id()) for r in draft.items],
    )  # fmt: skip
    designs.write_parts(work, new.id, copy)
    if old.state == "submitted":
        old.state = "superseded"
        work.touch(old)
    work.audit(
        new, "revised", title=designs.title_of(new), customer_id=new.customer_id, case_id=new.case_id,
        previous=str(old.id),
    )  # fmt: skip
    return new.id


@dataclasses.dataclass(frozen=True)
class RoomResult:
    """What `do design ID calculate` answers per room; lux and W/m², None without light."""

    room: str
    room_type: str
    average_lux: float | None
    minimum_lux: float | None
    maximum_lux: float | None
    uniformity: float | None
    watts: float
    lpd_w_m2: float
    target_lux: float | None
    passed: bool | None
    problem: str


def scene_of(work: Work, draft: DesignDraft) -> design_light.LightScene:
    """All that the light of a design depends on."""
    known = design_light.fixtures(work, {r.variant_id for r in draft.luminaires if r.variant_id})
    return design_light.LightScene(
        tuple(draft.rooms), tuple(draft.luminaires), known, draft.maintenance_factor, draft.grid_spacing_m,
        tuple(draft.items), draft.standard, draft.hours_per_year, tuple(draft.moods),
    )  # fmt: skip


def calculate(work: Work, design_id: UUID) -> tuple[RoomResult, ...]:
    """The light of every room, judged by the standard."""
    draft = designs.load(work, design_id)
    lights = design_light.calculate(scene_of(work, draft))
    judged = design_light.verdicts(draft.rooms, lights, draft.standard)
    return tuple(_result(r, lights[r.id], judged[r.id]) for r in draft.rooms if r.id is not None)


def _result(room: Any, light: design_light.RoomLight, judged: RoomVerdict) -> RoomResult:
    lux = light.lux
    return RoomResult(
        room=room.name,
        room_type=room.room_type,
        average_lux=lux.average_lux if lux else None,
        minimum_lux=lux.minimum_lux if lux else None,
        maximum_lux=lux.maximum_lux if lux else None,
        uniformity=lux.uniformity if lux else None,
        watts=light.figures.general_w + light.figures.decorative_w,
        lpd_w_m2=light.figures.lpd,
        target_lux=judged.target_lux,
        passed=judged.ok,
        problem=light.problem,
    )


def do(work: Work, design_id: UUID, action: str, parameters: dict[str, str]) -> Any:
    """A step by name, as the command line and the window's menu take it."""
    unknown = set(parameters) - {"comment"}
    if unknown:
        raise InputError("field.unknown", name=sorted(unknown)[0], known="comment")
    state = work.get(Design, design_id).state
    workflow.find(TRANSITIONS, state, action)
    if action == "submit":
        return {"content_hash": submit(work, design_id)}
    if action == "revise":
        return {"id": str(revise(work, design_id))}
    if action == "calculate":
        return {"rooms": calculate(work, design_id)}
    return {"state": decide(work, design_id, action, parameters.get("comment", ""))}
