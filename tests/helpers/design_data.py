"""A small catalogue with light, a case, and a design to begin with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from presales_desktop.services import catalogue, designs
from presales_desktop.services.catalogue import ProductDraft, VariantDraft
from presales_desktop.services.catalogue_photometry import attach
from presales_desktop.services.design_drafts import DesignDraft, LuminaireDraft, RoomDraft
from sync.ids import uuid7
from tests.helpers.need_records import customer_and_case

Run = Callable[..., Any]


@dataclass(frozen=True)
class World:
    """`down`: a downlight of 1000 lm, 10 W with a photometric file; `panel`: 3600 lm, 36 W without one."""

    customer_id: UUID
    case_id: UUID
    down: UUID
    panel: UUID


def ies(candela: float = 318.31, watts: float = 10.0) -> bytes:
    """An LM-63 file of a Lambertian lamp: π I0 = 1000 lm at 318.31 cd."""
    import math

    gammas = range(0, 91, 5)
    values = " ".join(f"{candela * max(math.cos(math.radians(g)), 0.0):.3f}" for g in gammas)
    return (
        "IESNA:LM-63-2002\n[TEST] T1\n[MANUFAC] DenGang\n[LUMCAT] DL\nTILT=NONE\n"
        f"1 -1 1 {len(gammas)} 1 1 2 0 0 0\n1 1 {watts}\n"
        f"{' '.join(str(g) for g in gammas)}\n0\n{values}\n"
    ).encode()


def make_world(run: Run) -> World:
    """Two products and a case."""
    customer_id, case_id = run("sales", customer_and_case)
    down = ProductDraft(
        model_no="DL-1", name="星辰筒灯", category="downlight", shape="round", mounting="recessed", unit="只", length_mm=90,
        width_mm=90, height_mm=60,
        variants=[VariantDraft(sku="DL-1-30", power_w=Decimal(10), flux_lm=1000, cct_k=3000, ra=90, beam_deg=Decimal(120))],
    )  # fmt: skip
    panel = ProductDraft(
        model_no="PN-1", name="晨曦面板灯", category="panel", shape="square", mounting="recessed", unit="套", length_mm=600,
        width_mm=600, height_mm=30,
        variants=[VariantDraft(sku="PN-1-40", power_w=Decimal(36), flux_lm=3600, cct_k=4000, ra=80)],
    )  # fmt: skip
    down_id = run("technical", catalogue.save, down)
    panel_id = run("technical", catalogue.save, panel)
    down_variant = run("technical", catalogue.load, down_id).variants[0].id
    panel_variant = run("technical", catalogue.load, panel_id).variants[0].id
    run("technical", attach, down_id, "dl-1.ies", ies())
    return World(customer_id, case_id, down_variant, panel_variant)


def room(name: str = "客厅", x: float = 0.0, width: float = 6.0, depth: float = 4.0, **values: Any) -> RoomDraft:
    """A rectangle."""
    given = {"room_type": "living", "id": uuid7()} | values
    return RoomDraft(name=name, polygon=((x, 0.0), (x + width, 0.0), (x + width, depth), (x, depth)), **given)


def lamp(variant_id: UUID, x: float, y: float, **values: Any) -> LuminaireDraft:
    """A luminaire in the ceiling."""
    given = {"z_m": 2.79, "id": uuid7()} | values
    return LuminaireDraft(variant_id=variant_id, x_m=x, y_m=y, **given)


def draft_of(run: Run, world: World, **values: Any) -> DesignDraft:
    """A design that is not saved: two rooms, three lamps."""
    draft: DesignDraft = run("design", designs.new_draft, {"case_id": world.case_id, "title": "云栖大堂"})
    draft.rooms = [room(), room("卧室", 7.0, 3.0, 3.0, room_type="bedroom")]
    draft.luminaires = [lamp(world.down, 1.5, 2.0), lamp(world.down, 4.5, 2.0), lamp(world.panel, 8.5, 1.5)]
    for name, value in values.items():
        setattr(draft, name, value)
    return draft


def saved(run: Run, world: World, **values: Any) -> UUID:
    """The same, saved."""
    made: UUID = run("design", designs.save, draft_of(run, world, **values))
    return made
