"""What pages hold of a product: the draft being edited, and the product as it is shown to whom."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import UUID

from presales_desktop.services.catalogue_photometry import PhotometryRow
from presales_desktop.services.catalogue_prices import CostRow, FloorRow, PriceRow


@dataclass
class VariantDraft:
    """A variant being edited."""

    id: UUID | None = None
    sku: str = ""
    finish: str = ""
    power_w: Decimal | None = None
    flux_lm: int | None = None
    cct_k: int | None = None
    ra: int | None = None
    beam_deg: Decimal | None = None
    dimming: str = ""
    active: bool = True


@dataclass
class ProductDraft:
    """A product being edited, with its variants in order."""

    id: UUID | None = None
    base_version: int = 0
    model_no: str = ""
    name: str = ""
    brand: str = ""
    category: str = ""
    series: str = ""
    style: str = ""
    grade: str = ""
    functions: list[str] = field(default_factory=list)
    mounting: str = ""
    shape: str = ""
    length_mm: int | None = None
    width_mm: int | None = None
    height_mm: int | None = None
    cutout_mm: int | None = None
    ip_rating: str = ""
    certificates: str = ""
    warranty_years: int | None = None
    lead_days: int | None = None
    unit: str = "套"
    description: str = ""
    state: str = "active"
    variants: list[VariantDraft] = field(default_factory=list)


@dataclass(frozen=True)
class VariantShown:
    """A variant on its product's page. `list_fen`: today's list price in fen, None without one or without price.view."""

    id: UUID
    sku: str
    spec: str
    finish: str
    power_w: Decimal | None
    flux_lm: int | None
    cct_k: int | None
    ra: int | None
    beam_deg: Decimal | None
    dimming: str
    active: bool
    list_fen: int | None


@dataclass(frozen=True)
class ProductShown:
    """A product whole, as anybody who sees the catalogue may see it: neither cost nor floor in it."""

    id: UUID
    version: int
    model_no: str
    name: str
    brand: str
    category: str
    series: str
    style: str
    grade: str
    functions: tuple[str, ...]
    mounting: str
    shape: str
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    cutout_mm: int | None
    ip_rating: str
    certificates: str
    warranty_years: int | None
    lead_days: int | None
    unit: str
    description: str
    state: str
    demo: bool
    updated_at: dt.datetime
    variants: tuple[VariantShown, ...]
    prices: tuple[PriceRow, ...]
    photometry: tuple[PhotometryRow, ...]
    image_sha256: str | None


@dataclass(frozen=True)
class ProductShownToFinance(ProductShown):
    """The same for actors with cost.view."""

    costs: tuple[CostRow, ...] = ()
    floors: tuple[FloorRow, ...] = ()


@dataclass(frozen=True)
class ProductShownWithFloors(ProductShown):
    """The same for actors with price.floor alone."""

    floors: tuple[FloorRow, ...] = ()
