"""Products, variants, prices, costs (rows of their own: a seller's laptop never holds them) and photometry."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any, ClassVar, Final, Protocol, TypeVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from presales_desktop.models.base import Record, ScaledDecimal
from presales_desktop.models.errors import Problem
from presales_desktop.models.fields import Field, FieldType
from presales_desktop.models.values import plain
from presales_desktop.models.workflow import Transition

# Values of choices; the words a person reads stand in texts/catalogue.py.
CATEGORIES: Final = (
    "downlight", "spotlight", "track", "linear", "panel", "pendant", "ceiling", "wall", "table", "floor", "strip",
    "flood", "inground", "highbay", "control", "accessory", "other",
)  # fmt: skip
STYLES: Final = ("modern", "minimalist", "nordic", "chinese", "luxury", "classic", "industrial", "commercial")
GRADES: Final = ("economy", "standard", "premium", "custom")
FUNCTIONS: Final = (
    "general", "accent", "ambient", "task", "wallwash", "antiglare", "tunable", "smart", "sensor", "emergency", "outdoor",
)  # fmt: skip
MOUNTINGS: Final = (
    "recessed", "surface", "pendant", "track", "wall", "table", "floor", "ground", "pole", "adhesive", "none",
)  # fmt: skip
SHAPES: Final = ("round", "square", "rectangle", "linear", "ring", "other")
DIMMINGS: Final = ("none", "triac", "0_10v", "dali", "dmx", "bluetooth", "zigbee")
UNITS: Final = ("套", "盏", "只", "个", "米", "卷", "件", "台")
STATES: Final = ("active", "discontinued")
TRANSITIONS: Final = (
    Transition("discontinue", ("active",), "discontinued", "product.edit", ("reason",)),
    Transition("reactivate", ("discontinued",), "active", "product.edit"),
)

_T = FieldType
FIELDS: Final = (
    Field("model_no", _T.TEXT, required=True, max_length=60),
    Field("name", _T.TEXT, required=True, max_length=120),
    Field("brand", _T.TEXT, max_length=60),
    Field("category", _T.CHOICE, required=True, choices=CATEGORIES),
    Field("series", _T.TEXT, max_length=60),
    Field("style", _T.CHOICE, choices=STYLES),
    Field("grade", _T.CHOICE, choices=GRADES),
    Field("functions", _T.CHOICES, choices=FUNCTIONS),
    Field("mounting", _T.CHOICE, choices=MOUNTINGS),
    Field("shape", _T.CHOICE, choices=SHAPES),
    Field("length_mm", _T.INTEGER, unit="mm", low=1, high=50_000),
    Field("width_mm", _T.INTEGER, unit="mm", low=1, high=50_000),
    Field("height_mm", _T.INTEGER, unit="mm", low=1, high=50_000),
    Field("cutout_mm", _T.INTEGER, unit="mm", low=1, high=10_000),
    Field("ip_rating", _T.TEXT, max_length=10),
    Field("certificates", _T.TEXT, max_length=200),
    Field("warranty_years", _T.INTEGER, low=0, high=30),
    Field("lead_days", _T.INTEGER, low=0, high=400),
    Field("unit", _T.TEXT, required=True, max_length=8),
    Field("description", _T.MULTILINE),
    Field("state", _T.CHOICE, choices=STATES, read_only=True),
    Field("variants", _T.PARTS, target="variant"),
)
VARIANT_FIELDS: Final = (
    Field("sku", _T.TEXT, required=True, max_length=60),
    Field("finish", _T.TEXT, max_length=40),
    Field("power_w", _T.DECIMAL, unit="W", low=Decimal("0.01"), high=20_000, places=2),
    Field("flux_lm", _T.INTEGER, unit="lm", low=1, high=2_000_000),
    Field("cct_k", _T.INTEGER, unit="K", low=1000, high=20_000),
    Field("ra", _T.INTEGER, low=0, high=100),
    Field("beam_deg", _T.DECIMAL, unit="°", low=Decimal("0.5"), high=360, places=1),
    Field("dimming", _T.CHOICE, choices=DIMMINGS),
    Field("active", _T.FLAG),
)
PRICE_FIELDS: Final = (
    Field("list_fen", _T.MONEY, required=True, low=1, high=10**12),
    Field("min_quantity", _T.INTEGER, low=1, high=1_000_000),
    Field("effective_on", _T.DATE, required=True),
    Field("source", _T.TEXT, max_length=120),
)
FLOOR_FIELDS: Final = (
    Field("floor_fen", _T.MONEY, required=True, low=1, high=10**12, restricted="price.floor"),
    Field("effective_on", _T.DATE, required=True),
)
COST_FIELDS: Final = (
    Field("cost_fen", _T.MONEY, required=True, low=0, high=10**12, restricted="cost.view"),
    Field("effective_on", _T.DATE, required=True),
    Field("supplier", _T.TEXT, max_length=120, restricted="cost.view"),
    Field("source", _T.TEXT, max_length=120, restricted="cost.view"),
)


class _Dated(Protocol):
    effective_on: Any


D = TypeVar("D", bound=_Dated)


def in_force(rows: Iterable[D], day: dt.date) -> D | None:
    """The row that counts on DAY: of those that began on or before it the one that began last (of equals the later one
    in the order given). None when none had begun."""
    best: D | None = None
    for row in rows:
        if row.effective_on <= day and (best is None or row.effective_on >= best.effective_on):
            best = row
    return best


def spec_text(
    power_w: Decimal | None,
    flux_lm: int | None,
    cct_k: int | None,
    ra: int | None,
    beam_deg: Decimal | None,
    ip_rating: str = "",
    further: Sequence[str] = (),
) -> str:
    """One line of technical data, e.g. "10W 900lm 3000K Ra90 36° IP44 哑白": what is unknown is left out."""
    parts = [
        f"{plain(power_w)}W" if power_w is not None else "",
        f"{flux_lm}lm" if flux_lm is not None else "",
        f"{cct_k}K" if cct_k is not None else "",
        f"Ra{ra}" if ra is not None else "",
        f"{plain(beam_deg)}°" if beam_deg is not None else "",
        ip_rating,
        *further,
    ]
    return " ".join(part for part in parts if part)


def duplicate_skus(skus: Sequence[str]) -> list[Problem]:
    """A problem for each variant (by place) whose order number an earlier one of the same product has."""
    seen: set[str] = set()
    problems = []
    for place, sku in enumerate(skus):
        key = sku.strip().casefold()
        if key and key in seen:
            problems.append(Problem("catalogue.sku_twice", f"variants.{place}.sku", {"sku": sku.strip()}))
        seen.add(key)
    return problems


class Product(Record):
    """A luminaire or an accessory as the catalogue names it; what is sold are its variants."""

    __tablename__ = "product"
    __table_args__ = (Index("ix_product_updated_at", "updated_at", "id"),)
    KIND: ClassVar[str] = "product"

    model_no: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str] = mapped_column(index=True)
    brand: Mapped[str] = mapped_column(default="")
    category: Mapped[str] = mapped_column(default="", index=True)
    series: Mapped[str] = mapped_column(default="")
    style: Mapped[str] = mapped_column(default="")
    grade: Mapped[str] = mapped_column(default="")
    functions: Mapped[list[str]] = mapped_column(default=list)
    mounting: Mapped[str] = mapped_column(default="")
    shape: Mapped[str] = mapped_column(default="")
    length_mm: Mapped[int | None]
    width_mm: Mapped[int | None]
    height_mm: Mapped[int | None]
    cutout_mm: Mapped[int | None]
    ip_rating: Mapped[str] = mapped_column(default="")
    certificates: Mapped[str] = mapped_column(default="")
    warranty_years: Mapped[int | None]
    lead_days: Mapped[int | None]
    unit: Mapped[str] = mapped_column(default="套")
    description: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="active", index=True)
    keywords: Mapped[str] = mapped_column(default="")
    demo: Mapped[bool] = mapped_column(default=False)

    def search_entry(self) -> tuple[str, str, str] | None:
        # keywords: Chinese words of the choices and the order numbers, written by the service that saves.
        return self.name, self.model_no, f"{self.brand} {self.series} {self.keywords}"


class Variant(Record):
    """What is ordered: one power, flux, colour temperature and finish of a product."""

    __tablename__ = "variant"
    KIND: ClassVar[str] = "variant"

    product_id: Mapped[UUID] = mapped_column(ForeignKey("product.id"), index=True)
    sku: Mapped[str] = mapped_column(unique=True)
    finish: Mapped[str] = mapped_column(default="")
    power_w: Mapped[Decimal | None] = mapped_column(ScaledDecimal(2))
    flux_lm: Mapped[int | None]
    cct_k: Mapped[int | None]
    ra: Mapped[int | None]
    beam_deg: Mapped[Decimal | None] = mapped_column(ScaledDecimal(1))
    dimming: Mapped[str] = mapped_column(default="")
    sort: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)

    def owner_ref(self) -> tuple[str, UUID] | None:
        return "product", self.product_id


class Price(Record):
    """List price of a variant from a day on, tax included, in fen. History is kept: a new price is a new row.

    `min_quantity`: from how many pieces it holds; 1 is the list price itself, others are quantity breaks.
    """

    __tablename__ = "price"
    __table_args__ = (Index("ix_price_variant_id_effective_on", "variant_id", "effective_on"),)
    KIND: ClassVar[str] = "price"

    variant_id: Mapped[UUID] = mapped_column(ForeignKey("variant.id"))
    list_fen: Mapped[int]
    min_quantity: Mapped[int] = mapped_column(default=1)
    effective_on: Mapped[dt.date]
    source: Mapped[str] = mapped_column(default="")
    # The repricing that it came from (models/prices.py); no key: prices and their change come in one commit.
    change_id: Mapped[UUID | None] = mapped_column(index=True)


class PriceFloor(Record):
    """The lowest price somebody may offer without more approval; only for roles with price.floor."""

    __tablename__ = "price_floor"
    __table_args__ = (Index("ix_price_floor_variant_id_effective_on", "variant_id", "effective_on"),)
    KIND: ClassVar[str] = "price_floor"

    variant_id: Mapped[UUID] = mapped_column(ForeignKey("variant.id"))
    floor_fen: Mapped[int]
    effective_on: Mapped[dt.date]


class VariantCost(Record):
    """What a variant costs us, net of tax, from a day on: its own scope, never on a seller's disk."""

    __tablename__ = "variant_cost"
    __table_args__ = (Index("ix_variant_cost_variant_id_effective_on", "variant_id", "effective_on"),)
    KIND: ClassVar[str] = "variant_cost"

    variant_id: Mapped[UUID] = mapped_column(ForeignKey("variant.id"))
    cost_fen: Mapped[int]
    effective_on: Mapped[dt.date]
    supplier: Mapped[str] = mapped_column(default="")
    source: Mapped[str] = mapped_column(default="")


class Photometry(Record):
    """A photometric file of a product (of one variant, or of all where variant_id is empty) and its key figures."""

    __tablename__ = "photometry"
    KIND: ClassVar[str] = "photometry"

    product_id: Mapped[UUID] = mapped_column(ForeignKey("product.id"), index=True)
    variant_id: Mapped[UUID | None] = mapped_column(ForeignKey("variant.id"), index=True)
    name: Mapped[str]
    format: Mapped[str]
    sha256: Mapped[str]
    figures: Mapped[dict[str, Any]]
    demo: Mapped[bool] = mapped_column(default=False)

    def owner_ref(self) -> tuple[str, UUID] | None:
        return "product", self.product_id
