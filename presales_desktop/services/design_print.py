"""What a design's paper shows: all of it read in one transaction; light and drawings are worked out where the paper is made."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from presales_desktop.services import designs, underlays
from presales_desktop.services.catalogue_facts import VariantFacts
from presales_desktop.services.catalogue_print import Datasheet, datasheet
from presales_desktop.services.company import Letterhead, letterhead
from presales_desktop.services.design_light import LightScene, fixtures
from presales_desktop.services.design_schedule import Schedule, ScheduleRow, rows, schedule
from presales_desktop.services.designs import DesignView
from presales_desktop.services.work import Work

# A set of plans is no catalogue.
MAX_SHEETS = 40


@dataclass(frozen=True)
class DesignDocument:
    """A design for paper. `plans`: bytes and name of each underlay by SHA-256."""

    view: DesignView
    scene: LightScene
    schedule: Schedule
    rows: tuple[ScheduleRow, ...]
    facts: dict[UUID, VariantFacts]
    plans: dict[str, tuple[bytes, str]]
    letterhead: Letterhead
    products: tuple[Datasheet, ...] = ()


def scene_of(work: Work, view: DesignView) -> LightScene:
    """A design's rooms and luminaires with the catalogue's light, to be calculated outside the transaction."""
    known = fixtures(work, {r.variant_id for r in view.luminaires if r.variant_id is not None})
    return LightScene(
        view.rooms, view.luminaires, known, view.maintenance_factor, view.grid_spacing_m, view.items, view.standard,
        view.hours_per_year, view.moods,
    )  # fmt: skip


def document(work: Work, design_id: UUID) -> DesignDocument:
    """Everything that the plan's paper needs. Raises NotFound, PermissionDenied."""
    view = designs.show(work, design_id)
    scene = scene_of(work, view)
    known = scene.fixtures
    made = schedule(view.rooms, view.luminaires)
    facts = {v: f.facts for v, f in known.items()}
    shown = {u.sha256: u.name for u in view.underlays if u.visible}
    plans = {sha256: (underlays.content(work, sha256), name) for sha256, name in shown.items()}
    products = dict.fromkeys(facts[v].product_id for v in made.variant_ids if v in facts)
    sheets = tuple(datasheet(work, p) for p in list(products)[:MAX_SHEETS])
    return DesignDocument(view, scene, made, rows(made, facts), facts, plans, letterhead(work), sheets)
