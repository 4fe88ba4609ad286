"""A customer with a case, products with prices and costs: what the quotes' tests begin with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from presales_desktop.services import cases, catalogue, customers, quotes
from presales_desktop.services.catalogue_prices import CostEntry, PriceEntry, set_costs, set_prices
from presales_desktop.services.quotes import QuoteLineDraft
from tests.services.catalogue_data import draft as product

Run = Callable[..., Any]
DAY = dt.date(2026, 1, 1)
PRICES = (12_800, 268_000, 36_900)
COSTS = (6_731, 131_317, 19_993)


@dataclass(frozen=True)
class World:
    """Ids of what there is: a case of the seller wangmin and three variants with price and cost."""

    customer: UUID
    case: UUID
    variants: tuple[UUID, ...]


def make_world(run: Run) -> World:
    """Through the same services as people."""
    customer = run("sales", customers.new_draft, {})
    customer.name, customer.phone = "深圳前海星河湾酒店管理有限公司", "0755-83201234"
    customer.contacts.append(customers.ContactDraft(name="林晓峰", phone="13802345678", primary=True))
    customer_id = run("sales", customers.save, customer)
    case = run("sales", cases.new_draft, {"customer_id": customer_id})
    case.customer_id, case.title = customer_id, "星河湾酒店大堂照明"
    case_id = run("sales", cases.save, case)
    variants = []
    for n, (price, cost) in enumerate(zip(PRICES, COSTS, strict=True)):
        name = ("防眩筒灯", "双环吊灯", "洗墙灯")[n]
        product_id = run("technical", catalogue.save, product(f"DG-{n}", name, variants=[_variant(n)]))
        variant = run("technical", catalogue.load, product_id).variants[0].id
        run("finance", set_prices, [PriceEntry(variant, price, DAY)])
        run("finance", set_costs, [CostEntry(variant, cost, DAY)])
        variants.append(variant)
    return World(customer_id, case_id, tuple(variants))


def _variant(n: int) -> catalogue.VariantDraft:
    return catalogue.VariantDraft(sku=f"DG-{n}-30", power_w=Decimal(10), cct_k=3000, ra=90)


def draft(run: Run, world: World, **values: Any) -> quotes.QuoteDraft:
    """An unsaved quote of two rooms with three products."""
    made = run("sales", quotes.new_draft, {"case_id": world.case})
    made.lines = [
        QuoteLineDraft(type="section", name="大堂", quantity=Decimal(0)),
        QuoteLineDraft(variant_id=world.variants[0], quantity=Decimal(24)),
        QuoteLineDraft(variant_id=world.variants[1], quantity=Decimal(2)),
        QuoteLineDraft(type="section", name="客房", quantity=Decimal(0)),
        QuoteLineDraft(variant_id=world.variants[2], quantity=Decimal(12), note="含驱动"),
    ]
    for name, value in values.items():
        setattr(made, name, value)
    return made


def make(run: Run, world: World, **values: Any) -> UUID:
    """A saved quote."""
    return run("sales", quotes.save, draft(run, world, **values))  # type: ignore[no-any-return]


def approved(run: Run, world: World, **values: Any) -> UUID:
    """A quote that finance and the superior have approved."""
    quote_id = make(run, world, **values)
    run("sales", quotes.do, quote_id, "submit", {})
    run("finance", quotes.do, quote_id, "approve", {})
    run("sales_head", quotes.do, quote_id, "approve", {"comment": "同意"})
    return quote_id


SEND = {"via": "email", "recipient": "lin@example.com"}
