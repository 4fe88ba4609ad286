"""List prices, price floors and costs of variants: dated rows, each read as of a day. Costs and floors only with their rights."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from presales_desktop.models.catalogue import (
    COST_FIELDS,
    FLOOR_FIELDS,
    PRICE_FIELDS,
    Price,
    PriceFloor,
    Product,
    Variant,
    VariantCost,
)
from presales_desktop.models.errors import Problem, ValidationError
from presales_desktop.models.fields import Field, validate
from presales_desktop.services.catalogue_facts import as_of, batches, list_prices
from presales_desktop.services.work import Work


@dataclass(frozen=True)
class PriceRow:
    """One list price of the history: fen with tax, from `effective_on` on, for `min_quantity` pieces or more."""

    id: UUID
    variant_id: UUID
    sku: str
    list_fen: int
    effective_on: dt.date
    source: str
    in_force: bool
    min_quantity: int = 1


@dataclass(frozen=True)
class FloorRow:
    """One price floor of the history."""

    id: UUID
    variant_id: UUID
    sku: str
    floor_fen: int
    effective_on: dt.date
    in_force: bool


@dataclass(frozen=True)
class CostRow:
    """One cost of the history: fen without tax."""

    id: UUID
    variant_id: UUID
    sku: str
    cost_fen: int
    effective_on: dt.date
    supplier: str
    source: str
    in_force: bool


@dataclass
class PriceEntry:
    """A list price to be set: fen with tax; `min_quantity` above 1 makes it a quantity break."""

    variant_id: UUID
    list_fen: int
    effective_on: dt.date
    source: str = ""
    min_quantity: int = 1


@dataclass
class FloorEntry:
    """A price floor to be set."""

    variant_id: UUID
    floor_fen: int
    effective_on: dt.date


@dataclass
class CostEntry:
    """A cost to be set: fen without tax."""

    variant_id: UUID
    cost_fen: int
    effective_on: dt.date
    supplier: str = ""
    source: str = ""


def price_on(work: Work, variant_id: UUID, day: dt.date | None = None) -> int | None:
    """List price in fen on DAY (today when None); None where none was in force. Raises PermissionDenied (price.view)."""
    work.require("price.view")
    return list_prices(work, [variant_id], day).get(variant_id)


def costs(work: Work, variant_ids: Iterable[UUID], day: dt.date | None = None) -> dict[UUID, int]:
    """Cost in fen without tax by variant on DAY. Raises PermissionDenied without cost.view; never a partial answer."""
    work.require("cost.view")
    return snapshot_costs(work, variant_ids, day)


def snapshot_costs(work: Work, variant_ids: Iterable[UUID], day: dt.date | None = None) -> dict[UUID, int]:
    """Costs for a row that the actor never sees (a submitted quote's cost snapshot). Never show or return the answer."""
    return as_of(work, VariantCost.cost_fen, variant_ids, day or work.today)


def floors(work: Work, variant_ids: Iterable[UUID], day: dt.date | None = None) -> dict[UUID, int]:
    """Price floor in fen by variant on DAY. Raises PermissionDenied without price.floor."""
    work.require("price.floor")
    return snapshot_floors(work, variant_ids, day)


def snapshot_floors(work: Work, variant_ids: Iterable[UUID], day: dt.date | None = None) -> dict[UUID, int]:
    """Floors for rules that decide who else must approve; the actor sees the verdict, never the figure."""
    return as_of(work, PriceFloor.floor_fen, variant_ids, day or work.today)


def price_history(work: Work, product_id: UUID) -> tuple[PriceRow, ...]:
    """All list prices of a product's variants, newest first. Raises PermissionDenied without price.view."""
    work.require("price.view")
    rows = _history(work, Price, product_id)
    return tuple(
        PriceRow(p.id, p.variant_id, sku, p.list_fen, p.effective_on, p.source, now, p.min_quantity)
        for p, sku, now in rows
    )


def floor_history(work: Work, product_id: UUID) -> tuple[FloorRow, ...]:
    """All price floors of a product's variants, newest first. Raises PermissionDenied without price.floor."""
    work.require("price.floor")
    rows = _history(work, PriceFloor, product_id)
    return tuple(FloorRow(f.id, f.variant_id, sku, f.floor_fen, f.effective_on, now) for f, sku, now in rows)


def cost_history(work: Work, product_id: UUID) -> tuple[CostRow, ...]:
    """All costs of a product's variants, newest first. Raises PermissionDenied without cost.view."""
    work.require("cost.view")
    rows = _history(work, VariantCost, product_id)
    return tuple(
        CostRow(c.id, c.variant_id, sku, c.cost_fen, c.effective_on, c.supplier, c.source, now) for c, sku, now in rows
    )


def _history(work: Work, record: Any, product_id: UUID) -> list[tuple[Any, str, bool]]:
    """Dated rows of a product's variants, newest first, each with the order number and whether it counts today (one a variant,
    and one a quantity break)."""
    in_force: set[tuple[UUID, int]] = set()
    found: list[tuple[Any, str, bool]] = []
    for row, sku in work.session.execute(
        select(record, Variant.sku)
        .join(Variant, Variant.id == record.variant_id)
        .where(Variant.product_id == product_id)
        .order_by(Variant.sort, Variant.sku, record.effective_on.desc(), record.id.desc())
    ):
        place = (row.variant_id, getattr(row, "min_quantity", 1))
        counts = row.effective_on <= work.today and place not in in_force
        if counts:
            in_force.add(place)
        found.append((row, sku, counts))
    return found


def set_prices(work: Work, entries: Sequence[PriceEntry], *, journal: bool = True) -> int:
    """Put list prices into the history, one row each; how many. Raises PermissionDenied (price.edit), ValidationError."""
    work.require("price.edit")
    products = _checked(work, entries, PRICE_FIELDS)
    for e in entries:
        work.add(
            Price(
                variant_id=e.variant_id,
                list_fen=e.list_fen,
                min_quantity=e.min_quantity,
                effective_on=e.effective_on,
                source=e.source.strip(),
            )
        )
    if journal:
        _journal(work, entries, products, "price_changed")
    return len(entries)


def set_floors(work: Work, entries: Sequence[FloorEntry], *, journal: bool = True) -> int:
    """Put price floors into the history. Raises PermissionDenied (price.floor and price.edit), ValidationError."""
    work.require("price.floor")
    work.require("price.edit")
    products = _checked(work, entries, FLOOR_FIELDS)
    for e in entries:
        work.add(PriceFloor(variant_id=e.variant_id, floor_fen=e.floor_fen, effective_on=e.effective_on))
    if journal:
        _journal(work, entries, products, "floor_changed")
    return len(entries)


def set_costs(work: Work, entries: Sequence[CostEntry], *, journal: bool = True) -> int:
    """Put costs into the history. Raises PermissionDenied (cost.edit), ValidationError without any figure in it."""
    work.require("cost.edit")
    products = _checked(work, entries, COST_FIELDS)
    for e in entries:
        work.add(
            VariantCost(
                variant_id=e.variant_id,
                cost_fen=e.cost_fen,
                effective_on=e.effective_on,
                supplier=e.supplier.strip(),
                source=e.source.strip(),
            )
        )
    if journal:
        _journal(work, entries, products, "cost_changed")
    return len(entries)


def adjust(
    work: Work,
    new_prices: Sequence[PriceEntry] = (),
    new_floors: Sequence[FloorEntry] = (),
    new_costs: Sequence[CostEntry] = (),
) -> int:
    """Set prices, floors and costs in one transaction: all or nothing; how many rows. Raises as the three do."""
    done = set_prices(work, new_prices) if new_prices else 0
    done += set_floors(work, new_floors) if new_floors else 0
    return done + (set_costs(work, new_costs) if new_costs else 0)


Entry = PriceEntry | FloorEntry | CostEntry


def _checked(work: Work, entries: Sequence[Entry], fields: tuple[Field, ...]) -> dict[UUID, Product]:
    """Product by variant id. Raises ValidationError; money of restricted fields never stands in a problem's values."""
    products: dict[UUID, Product] = {}
    for part in batches(e.variant_id for e in entries):
        owners = dict(work.session.execute(select(Variant.id, Variant.product_id).where(Variant.id.in_(part))).all())
        rows = work.session.scalars(select(Product).where(Product.id.in_(set(owners.values()))))
        found = {product.id: product for product in rows}
        products.update((variant_id, found[product_id]) for variant_id, product_id in owners.items())
    problems: list[Problem] = []
    for place, entry in enumerate(entries):
        problems += validate(fields, entry, f"{place}.")
        if entry.variant_id not in products:
            problems.append(Problem("catalogue.variant_unknown", f"{place}.variant_id", {"id": str(entry.variant_id)}))
    if problems:
        raise ValidationError(problems)
    return products


def _journal(work: Work, entries: Sequence[Entry], products: dict[UUID, Product], action: str) -> None:
    """One event a product and day. It says that, never how much: the journal is read by everybody."""
    days: dict[tuple[UUID, dt.date], Product] = {}
    for entry in entries:
        product = products[entry.variant_id]
        days[product.id, entry.effective_on] = product
    for (_, day), product in days.items():
        work.audit(product, action, title=f"{product.model_no} {product.name}", note=day.isoformat())
