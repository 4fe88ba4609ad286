"""Products, variants, prices, costs (rows of their own: a seller's laptop never holds them) and photometry."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from presales_desktop.models.base import Record, ScaledDecimal


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
    status: Mapped[str] = mapped_column(default="active", index=True)
    demo: Mapped[bool] = mapped_column(default=False)

    def search_entry(self) -> tuple[str, str, str] | None:
        return self.name, self.model_no, f"{self.brand} {self.series} {self.category} {self.style}"


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
    """List price of a variant from a day on, tax included, in fen. History is kept: a new price is a new row."""

    __tablename__ = "price"
    __table_args__ = (Index("ix_price_variant_id_effective_on", "variant_id", "effective_on"),)
    KIND: ClassVar[str] = "price"

    variant_id: Mapped[UUID] = mapped_column(ForeignKey("variant.id"))
    list_fen: Mapped[int]
    effective_on: Mapped[dt.date]
    source: Mapped[str] = mapped_column(default="")


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
    sha256: Mapped[str] = mapped_column(ForeignKey("blob.sha256"))
    figures: Mapped[dict[str, Any]]
    demo: Mapped[bool] = mapped_column(default=False)

    def owner_ref(self) -> tuple[str, UUID] | None:
        return "product", self.product_id
