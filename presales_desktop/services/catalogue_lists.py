"""The list of products: filters and search in SQL, what the variants say gathered for one page at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, String, cast, func, select

from presales_desktop.models.catalogue import Photometry, Product, Variant
from presales_desktop.services.catalogue_facts import batches, first_images, list_prices
from presales_desktop.services.listing import Listing, ListQuery, Page
from presales_desktop.services.work import Work


@dataclass(frozen=True)
class ProductRow:
    """A product in the list. Ranges run over its variants that can be ordered; amounts in fen, None without price.view."""

    id: UUID
    model_no: str
    name: str
    brand: str
    category: str
    series: str
    style: str
    grade: str
    mounting: str
    ip_rating: str
    lead_days: int | None
    unit: str
    state: str
    demo: bool
    updated_at: dt.datetime
    variants: int
    power_from: Decimal | None
    power_to: Decimal | None
    flux_from: int | None
    flux_to: int | None
    ccts: tuple[int, ...]
    list_from_fen: int | None
    list_to_fen: int | None
    photometry: int
    image_sha256: str | None


def _equals(column: ColumnElement[str]) -> Callable[[str], ColumnElement[bool]]:
    return lambda value: column == value


_COLUMNS = Product.__table__.c
_EQUAL = ("category", "style", "grade", "mounting", "state", "brand", "series")
LISTING = Listing[Product](
    statement=select(Product),
    id_column=_COLUMNS.id,
    sortable={name: _COLUMNS[name] for name in ("model_no", "name", "category", "brand", "series", "updated_at")},
    filters={
        **{name: _equals(_COLUMNS[name]) for name in _EQUAL},
        "function": lambda value: func.instr(cast(Product.functions, String), f'"{value}"') > 0,
        "cct": lambda value: Product.id.in_(select(Variant.product_id).where(Variant.cct_k == _whole(value))),
        "photometry": lambda value: _has_photometry(value),
    },
    make=lambda row: row[0],
    default_sort="model_no",
    search_kind="product",
)


def _whole(text: str) -> int:
    digits = text.strip().lower().removesuffix("k")
    return int(digits) if digits.isdigit() and len(digits) < 7 else -1


def _has_photometry(value: str) -> ColumnElement[bool]:
    with_file = Product.id.in_(select(Photometry.product_id))
    return with_file if value.lower() in ("1", "true", "yes", "是") else ~with_file


def list_rows(work: Work, query: ListQuery) -> Page[ProductRow]:
    """Products. Search: name, model, order number, brand, series, category and style in Chinese, initials of the name."""
    work.require("product.view")
    page = LISTING.page(work, query)
    ids = [product.id for product in page.rows]
    images = first_images(work, ids)
    variants = _variants(work, ids)
    prices = list_prices(work, [v.id for rows in variants.values() for v in rows])
    files = _photometry_counts(work, ids)
    rows = tuple(_row(p, variants.get(p.id, []), prices, files.get(p.id, 0), images.get(p.id)) for p in page.rows)
    return Page(rows, page.total, page.offset)


@dataclass(frozen=True)
class _Variant:
    id: UUID
    power_w: Decimal | None
    flux_lm: int | None
    cct_k: int | None


def _variants(work: Work, product_ids: list[UUID]) -> dict[UUID, list[_Variant]]:
    found: dict[UUID, list[_Variant]] = {}
    for part in batches(product_ids):
        for product_id, variant_id, power_w, flux_lm, cct_k in work.session.execute(
            select(Variant.product_id, Variant.id, Variant.power_w, Variant.flux_lm, Variant.cct_k)
            .where(Variant.product_id.in_(part), Variant.active)
            .order_by(Variant.sort)
        ):
            found.setdefault(product_id, []).append(_Variant(variant_id, power_w, flux_lm, cct_k))
    return found


def _photometry_counts(work: Work, product_ids: list[UUID]) -> dict[UUID, int]:
    found: dict[UUID, int] = {}
    for part in batches(product_ids):
        statement = (
            select(Photometry.product_id, func.count())
            .where(Photometry.product_id.in_(part))
            .group_by(Photometry.product_id)
        )
        found.update((product_id, count) for product_id, count in work.session.execute(statement))
    return found


def _row(p: Product, variants: list[_Variant], prices: dict[UUID, int], files: int, image: str | None) -> ProductRow:
    powers = [v.power_w for v in variants if v.power_w is not None]
    fluxes = [v.flux_lm for v in variants if v.flux_lm is not None]
    amounts = [prices[v.id] for v in variants if v.id in prices]
    return ProductRow(
        id=p.id,
        model_no=p.model_no,
        name=p.name,
        brand=p.brand,
        category=p.category,
        series=p.series,
        style=p.style,
        grade=p.grade,
        mounting=p.mounting,
        ip_rating=p.ip_rating,
        lead_days=p.lead_days,
        unit=p.unit,
        state=p.state,
        demo=p.demo,
        updated_at=p.updated_at,
        variants=len(variants),
        power_from=min(powers, default=None),
        power_to=max(powers, default=None),
        flux_from=min(fluxes, default=None),
        flux_to=max(fluxes, default=None),
        ccts=tuple(sorted({v.cct_k for v in variants if v.cct_k is not None})),
        list_from_fen=min(amounts, default=None),
        list_to_fen=max(amounts, default=None),
        photometry=files,
        image_sha256=image,
    )


def series_and_brands(work: Work) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Series and brands in use, for suggestions and filters."""
    work.require("product.view")
    series = work.session.scalars(
        select(Product.series).where(Product.series != "").distinct().order_by(Product.series)
    )
    brands = work.session.scalars(select(Product.brand).where(Product.brand != "").distinct().order_by(Product.brand))
    return tuple(series), tuple(brands)
