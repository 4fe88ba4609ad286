"""Prices from a company's list: order number → list price, cost and floor from a day on. Nothing is overwritten: what changed
becomes a new row of the history. Costs and floors only by those who may see them; else a mapped column is refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from presales_desktop.models.errors import Problem
from presales_desktop.models.permissions import may
from presales_desktop.models.values import fen_to_yuan
from presales_desktop.services import catalogue_prices as prices
from presales_desktop.services import cells
from presales_desktop.services.catalogue_facts import VariantFacts, list_prices, match_variants, price_breaks
from presales_desktop.services.imports import ImportField, ImportRow, Resolved, Target
from presales_desktop.services.work import Work

_AMOUNTS: Final = ("list_fen", "cost_fen", "floor_fen")
_RIGHTS: Final = {"cost_fen": "cost.edit", "floor_fen": "price.floor"}


def money_text(fen: int | None) -> str:
    """¥1,280.00, or nothing."""
    return "" if fen is None else f"¥{fen_to_yuan(fen):,.2f}"


def prices_target() -> Target:
    """The target of `import prices` and of the prices' import page."""
    text, fen = cells.as_text, cells.as_fen
    return Target(
        key="prices",
        kind="price",
        fields=(
            ImportField("sku", ("订货号", "订货编码", "SKU", "货号", "物料编码", "产品编码", "型号", "产品型号", "规格型号", "编码", "Order code", "Item no", "Model"), text, required=True, key=True),
            ImportField("list_fen", ("面价", "含税面价", "零售价", "市场价", "标价", "含税单价", "单价", "售价", "销售价", "价格", "出厂价格", "List price", "Price"), fen, show=money_text),
            ImportField("min_quantity", ("起订量", "阶梯数量", "数量起", "起批量", "MOQ", "Min quantity", "From quantity"), cells.as_integer),
            ImportField("cost_fen", ("成本价", "成本", "不含税成本", "核算成本", "采购价", "进货价", "进价", "Cost"), fen, show=money_text),
            ImportField("floor_fen", ("底价", "最低价", "最低限价", "限价", "Floor price"), fen, show=money_text),
            ImportField("effective_on", ("生效日期", "执行日期", "生效时间", "启用日期", "Effective date", "Valid from"), cells.as_date),
            ImportField("supplier", ("供应商", "供货商", "Supplier"), text),
            ImportField("source", ("来源", "依据", "价目表", "Source"), text),
        ),
        right="price.edit",
        resolve=_resolve,
        write=_write,
    )  # fmt: skip


def _resolve(work: Work, rows: Sequence[ImportRow]) -> list[Resolved]:
    matches = match_variants(work, [str(row.values.get("sku", "")) for row in rows])
    by_day: dict[dt.date, set[UUID]] = {}
    for row in rows:
        found = matches[str(row.values.get("sku", ""))]
        if len(found) == 1:
            by_day.setdefault(_day(work, row), set()).add(found[0].variant_id)
    present = _present(work, by_day)
    return [_one(work, row, matches[str(row.values.get("sku", ""))], present) for row in rows]


def _day(work: Work, row: ImportRow) -> dt.date:
    day = row.values.get("effective_on")
    return day if isinstance(day, dt.date) else work.today


_Present = Mapping[tuple[str, dt.date], Mapping[UUID, int]]


def _present(work: Work, by_day: Mapping[dt.date, set[UUID]]) -> _Present:
    """Amounts in force by (field, day) and variant; of restricted ones only what the actor may see."""
    readers: dict[str, Callable[..., dict[UUID, int]]] = {"list_fen": list_prices}
    if may(work.actor, "cost.edit").allowed:
        readers["cost_fen"] = prices.costs
    if may(work.actor, "price.floor").allowed:
        readers["floor_fen"] = prices.floors
    return {(name, day): read(work, ids, day) for name, read in readers.items() for day, ids in by_day.items()}


def _one(work: Work, row: ImportRow, found: Sequence[VariantFacts], present: _Present) -> Resolved:
    values = dict(row.values)
    day = _day(work, row)
    problems = _problems(work, values, found)
    known = found[0] if len(found) == 1 else None
    if known is None:
        return Resolved(row, str(values.get("sku", "")), values=values, problems=tuple(problems))
    # The day, the supplier and the source say something of a new row; alone they change nothing.
    existing: dict[str, Any] = {name: values[name] for name in ("supplier", "source") if name in values}
    existing |= {"sku": known.sku, "effective_on": day}
    for name in _AMOUNTS:
        existing[name] = present.get((name, day), {}).get(known.variant_id)
    pieces = int(values.get("min_quantity", 1))
    if pieces > 1:
        existing["min_quantity"] = pieces
        existing["list_fen"] = dict(price_breaks(work, [known.variant_id], day).get(known.variant_id, ())).get(pieces)
    return Resolved(
        row=row,
        title=f"{known.sku} {known.name}",
        identity=(known.variant_id, day, pieces),
        existing_id=known.variant_id,
        existing=existing,
        values=values | {"sku": known.sku, "effective_on": day},
        problems=tuple(problems),
    )


def _problems(work: Work, values: Mapping[str, Any], found: Sequence[VariantFacts]) -> list[Problem]:
    problems: list[Problem] = []
    writing = str(values.get("sku", ""))[:60]
    if not found:
        problems.append(Problem("catalogue.sku_unknown", "sku", {"found": writing}))
    elif len(found) > 1:
        known = "、".join(f.sku for f in found[:8])
        problems.append(Problem("catalogue.sku_several", "sku", {"found": writing, "known": known}))
    for name, right in _RIGHTS.items():
        if name in values and not may(work.actor, right).allowed:
            problems.append(Problem("catalogue.cost_forbidden", name))
    if not 1 <= int(values.get("min_quantity", 1)) <= 1_000_000:
        problems.append(Problem("catalogue.amount_bounds", "min_quantity"))
    if values.get("min_quantity", 1) != 1 and any(name in values for name in ("cost_fen", "floor_fen")):
        problems.append(Problem("catalogue.break_list_only", "min_quantity"))
    for name in _AMOUNTS:
        low = 0 if name == "cost_fen" else 1
        if name in values and not low <= values[name] <= 10**12:
            problems.append(Problem("catalogue.amount_bounds", name))
    if not any(name in values for name in _AMOUNTS):
        problems.append(Problem("catalogue.price_row_empty", "list_fen"))
    return problems


def _write(work: Work, one: Resolved) -> UUID:
    variant_id = one.existing_id
    assert variant_id is not None  # rows without a variant are rejected
    day, source = one.values["effective_on"], str(one.values.get("source", ""))
    pieces = int(one.values.get("min_quantity", 1))
    changed = {n: one.values[n] for n in _AMOUNTS if n in one.values and one.values[n] != one.existing.get(n)}
    if "list_fen" in changed:
        prices.set_prices(work, [prices.PriceEntry(variant_id, changed["list_fen"], day, source, pieces)])
    if "cost_fen" in changed:
        supplier = str(one.values.get("supplier", ""))
        prices.set_costs(work, [prices.CostEntry(variant_id, changed["cost_fen"], day, supplier, source)])
    if "floor_fen" in changed:
        prices.set_floors(work, [prices.FloorEntry(variant_id, changed["floor_fen"], day)])
    return variant_id
