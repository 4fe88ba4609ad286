"""Products that the catalogue's tests begin with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

from presales_desktop.services import catalogue
from presales_desktop.services.catalogue import ProductDraft, VariantDraft
from presales_desktop.services.catalogue_prices import (
    CostEntry,
    FloorEntry,
    PriceEntry,
    set_costs,
    set_floors,
    set_prices,
)

Run = Callable[..., Any]
COST_FEN = 731_317
FLOOR_FEN = 919_193


def variant(sku: str, **values: Any) -> VariantDraft:
    """A plausible variant."""
    given = {"power_w": Decimal(10), "flux_lm": 900, "cct_k": 3000, "ra": 90, "beam_deg": Decimal(36), "finish": "哑白"}
    return VariantDraft(sku=sku, **(given | values))


def draft(model_no: str = "DL-8010", name: str = "星辰嵌入式筒灯", **values: Any) -> ProductDraft:
    """A plausible product with two variants."""
    given: dict[str, Any] = {
        "brand": "灯港",
        "category": "downlight",
        "series": "星辰",
        "style": "modern",
        "mounting": "recessed",
        "shape": "round",
        "ip_rating": "IP44",
        "functions": ["general", "antiglare"],
        "lead_days": 7,
        "warranty_years": 3,
        "unit": "只",
        "variants": [variant(f"{model_no}-30"), variant(f"{model_no}-40", cct_k=4000)],
    }
    return ProductDraft(model_no=model_no, name=name, **(given | values))


def make(run: Run, *args: Any, **values: Any) -> tuple[UUID, list[UUID]]:
    """A saved product: its id and the ids of its variants, in order."""
    product_id = run("technical", catalogue.save, draft(*args, **values))
    return product_id, [v.id for v in run("technical", catalogue.load, product_id).variants]


def price(run: Run, variant_id: UUID, fen: int, day: dt.date) -> None:
    """A list price from a day on."""
    run("finance", set_prices, [PriceEntry(variant_id, fen, day)])


def make_secret(run: Run, variant_id: UUID) -> None:
    """A cost and a floor with tell-tale figures."""
    day = dt.date(2026, 1, 1)
    run("finance", set_costs, [CostEntry(variant_id, COST_FEN, day, supplier="古镇铝材厂")])
    run("finance", set_floors, [FloorEntry(variant_id, FLOOR_FEN, day)])
