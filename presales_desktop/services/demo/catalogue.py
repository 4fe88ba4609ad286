"""The demo catalogue: 300 products with variants, dated prices, costs, floors, computed photometry and drawn pictures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random
from typing import Final
from uuid import UUID

from presales_desktop.lighting.photometry import Opening
from presales_desktop.services import attachments, catalogue
from presales_desktop.services.catalogue import ProductDraft, VariantDraft
from presales_desktop.services.catalogue_photometry import NewFile, add_files
from presales_desktop.services.catalogue_prices import (
    CostEntry,
    FloorEntry,
    PriceEntry,
    set_costs,
    set_floors,
    set_prices,
)
from presales_desktop.services.demo import catalogue_light as light
from presales_desktop.services.demo.catalogue_pictures import picture
from presales_desktop.services.demo.catalogue_ranges import RANGES, Range, Size
from presales_desktop.services.demo.stage import Stage
from presales_desktop.services.work import Work

PRODUCTS: Final = 300
BRAND: Final = "灯港"
MOST_VARIANTS: Final = 4
# Categories that get a second generation, in the order in which their ranges get one.
_RENEWED = ("downlight", "spotlight", "track", "linear", "panel", "strip", "flood", "highbay", "ceiling", "wall")
_SUPPLIERS = ("古镇恒辉压铸厂", "中山锐芯光电", "江门博裕型材", "东莞晶透光学", "本厂自制")
_MATERIALS_UP = dt.timedelta(days=120)
# Shapes that throw toward C0: a long fitting stands across it.
_ACROSS = frozenset({"wallwash", "upwall", "wall", "desk"})
_CERTIFICATES = {"economy": "CCC", "standard": "CCC、CQC", "premium": "CCC、CQC、CE", "custom": "CCC"}


@dataclass(frozen=True)
class _Made:
    """A saved variant and what its prices start from, in yuan."""

    variant_id: UUID
    yuan: float
    cost_share: float


def fill(stage: Stage) -> None:
    """Make the catalogue; ids["product"] and ids["variant"] (of products that can be ordered)."""
    start = stage.day(420, 9)
    made, old = stage.run("sunhao", _products, stage.rng, stage)
    stage.day(419, 14)
    stage.run("zhoufang", _prices, made, start, stage.today, Random(7))
    stage.day(60, 11)
    for product_id in old:
        stage.run("sunhao", catalogue.do, product_id, "discontinue", {"reason": "已由二代产品替代"})


def planned() -> Iterator[tuple[Range, Size, bool]]:
    """The 300 products: (range, size, whether a newer generation replaced it)."""
    second = [_second_generation(r) for category in _RENEWED for r in RANGES if r.category == category]
    count = 0
    renewed = {r.prefix.removesuffix("2") for r in second[:2]}
    for each in (*RANGES, *second):
        for size in each.sizes:
            if count == PRODUCTS:
                return
            count += 1
            # Of the ranges renewed first, the two smallest of the old generation are no longer made.
            yield each, size, each.prefix in renewed and size in each.sizes[:2]


def _second_generation(old: Range) -> Range:
    base, a_watt = old.yuan
    return replace(
        old,
        prefix=f"{old.prefix}2",
        series=f"{old.series}二代",
        efficacy=round(old.efficacy * 1.12),
        ra=max(old.ra, 90),
        yuan=(base * 1.1, a_watt * 1.06),
        warranty=5,
    )


def _products(work: Work, rng: Random, stage: Stage) -> tuple[list[_Made], list[UUID]]:
    made: list[_Made] = []
    old: list[UUID] = []
    files: list[NewFile] = []
    plan = list(planned())
    drafts = [_draft(each, size) for each, size, _ in plan]
    products = [stage.note("product", made_id) for made_id in catalogue.create_many(work, drafts, demo=True)]
    known = catalogue.variant_ids(work, products)
    for number, ((each, size, replaced), draft, product_id) in enumerate(zip(plan, drafts, products, strict=True)):
        share = rng.uniform(0.43, 0.56)
        for place, variant_id in enumerate(known[product_id]):
            made.append(_Made(variant_id, _yuan(each, size, place), share))
            if not replaced:
                stage.note("variant", variant_id)
        if replaced:
            old.append(product_id)
        if each.light[0] != "none":
            files += _files(each, size, draft, product_id, known[product_id], ldt=number % 4 == 3)
    add_files(work, files, demo=True)
    pictures = [
        (product_id, f"{draft.model_no}.png", _drawn(each, size))
        for (each, size, _), draft, product_id in zip(plan, drafts, products, strict=True)
    ]
    attachments.add_first_images(work, "product", pictures)
    return made, old


def _drawn(each: Range, size: Size) -> bytes:
    return picture(each.category, each.shape, each.mounting, each.finishes[0], each.ccts[0], _ratio(size))


def _ratio(size: Size) -> float:
    return round(4 * size.height / size.length) / 4 or round(size.height / size.length, 2)


def _draft(each: Range, size: Size) -> ProductDraft:
    model = f"{each.prefix}-{size.code}"
    lit = each.light[0] != "none"
    return ProductDraft(
        model_no=model,
        name=f"{each.series}{each.noun} {size.word}" if lit else size.word,
        brand=BRAND,
        category=each.category,
        series=each.series,
        style=each.style,
        grade=each.grade,
        functions=list(each.functions),
        mounting=each.mounting,
        shape=each.shape,
        length_mm=size.length,
        width_mm=size.width,
        height_mm=size.height,
        cutout_mm=size.cutout,
        ip_rating=each.ip,
        certificates=_CERTIFICATES[each.grade],
        warranty_years=each.warranty,
        lead_days=each.lead,
        unit=each.unit,
        description="演示产品：数据为示例，光度由公式计算，非实测。",
        variants=_variants(each, size, model, lit),
    )


def _variants(each: Range, size: Size, model: str, lit: bool) -> list[VariantDraft]:
    """Up to four: by colour temperature, finish, beam or dimming, as the range is sold."""
    ccts = each.ccts if "cct" in each.vary else each.ccts[:1]
    finishes = each.finishes if "finish" in each.vary else each.finishes[:1]
    beams: tuple[float, ...] = each.beams if each.vary == "beam" else (_beam(each),)
    dimming = each.dimming if each.vary == "dimming" else each.dimming[:1]
    drafts = []
    for cct, finish, beam, dim in ((c, f, b, d) for f in finishes for b in beams for d in dimming for c in ccts):
        parts = [f"{cct // 100}" if len(ccts) > 1 else "", f"{beam:g}D" if len(beams) > 1 else ""]
        parts += [_letter(finish) if len(finishes) > 1 else "", dim[:2].upper() if len(dimming) > 1 else ""]
        code = "".join(p for p in parts if p)
        drafts.append(
            VariantDraft(
                sku=f"{model}-{code}" if code else model,
                finish=finish,
                power_w=Decimal(str(size.watts)) if size.watts else None,
                flux_lm=_flux(each, size, cct) if lit else None,
                cct_k=cct if lit else None,
                ra=each.ra if lit else None,
                beam_deg=Decimal(str(beam)) if lit and beam else None,
                dimming=dim,
            )
        )
    return drafts[:MOST_VARIANTS]


def _letter(finish: str) -> str:
    return {
        "哑白": "W", "白": "W", "哑黑": "B", "黑": "B", "香槟金": "G", "沙金": "G", "银灰": "S", "深灰": "S", "古铜": "C",
        "原木白": "Y", "墨绿": "L", "橘粉": "P", "做旧铁": "T", "胡桃木": "H", "黑檀": "B", "深空灰": "S",
    }.get(finish, "X")  # fmt: skip


def _beam(each: Range) -> float:
    return each.light[1] if each.light[1] and each.light[0] not in ("wallwash", "wall", "desk") else 0.0


def _flux(each: Range, size: Size, cct_k: int) -> int:
    """Warm white gives less than cool white of the same chip; rounded as catalogues do."""
    factor = {2700: 0.92, 3000: 0.95, 3500: 0.97}.get(cct_k, 1.0)
    lumens = size.watts * each.efficacy * factor
    return int(round(lumens / 10) * 10) if lumens > 200 else int(round(lumens / 5) * 5)


def _files(
    each: Range, size: Size, draft: ProductDraft, product_id: UUID, ids: list[UUID], *, ldt: bool
) -> Iterator[NewFile]:
    """One file for the product; where variants differ in beam, a file for each."""
    kind, angle = each.light
    by_beam = each.vary == "beam"
    for variant_id, variant in zip(ids, draft.variants, strict=True):
        model = variant.sku if by_beam else draft.model_no
        made = light.photometry(
            (kind, float(variant.beam_deg or angle) if by_beam else angle),
            float(variant.flux_lm or 0),
            float(variant.power_w or 0),
            _opening(each, size),
            model=model,
            name=draft.name,
            lamp=f"LED {variant.cct_k}K Ra{variant.ra}",
        )
        made = replace(made, format="EULUMDAT" if ldt else "LM-63-2002", _cache={})
        data = light.file(made, ldt=ldt)
        yield NewFile(product_id, f"{model}.{'ldt' if ldt else 'ies'}", data, made, variant_id if by_beam else None)
        if not by_beam:
            return


def _opening(each: Range, size: Size) -> Opening:
    """The luminous opening in metres: a little smaller than the body; the sides of globes and shades shine, too."""
    side = round(0.6 * size.height / 1000, 3) if each.light[0] in ("globe", "lamp") else 0.0
    length, width = round(0.92 * size.length / 1000, 3), round(0.92 * size.width / 1000, 3)
    if each.shape in ("round", "ring"):
        return Opening("cylinder" if side else "circle", length, length, side)
    return Opening("rectangle", length, width, 0.0, 90 if each.light[0] in _ACROSS else 0)


def _yuan(each: Range, size: Size, place: int) -> float:
    base, a_watt = each.yuan
    larger = size.length / 1000 * base * 0.3 if each.shape in ("linear", "ring") and each.category != "strip" else 0.0
    return (base + a_watt * size.watts + larger) * (1 + 0.03 * (place // 2))


def _prices(work: Work, made: list[_Made], start: dt.date, today: dt.date, rng: Random) -> None:
    """Prices of the first day, a rise with the materials for two in five, a rise to come for some."""
    prices, costs, floors = [], [], []
    for one in made:
        first = _neat(one.yuan)
        cost = round(first / 1.13 * one.cost_share)
        supplier = rng.choice(_SUPPLIERS)
        prices.append(PriceEntry(one.variant_id, first, start, "年度价目表"))
        costs.append(CostEntry(one.variant_id, cost, start, supplier, "年度核价"))
        floors.append(FloorEntry(one.variant_id, round(first * 0.7), start))
        if rng.random() < 0.4:
            day = today - _MATERIALS_UP
            raised = _neat(one.yuan * rng.uniform(1.03, 1.08))
            prices.append(PriceEntry(one.variant_id, raised, day, "铜铝上涨调价"))
            costs.append(CostEntry(one.variant_id, round(cost * rng.uniform(1.02, 1.07)), day, supplier, "来料涨价"))
            floors.append(FloorEntry(one.variant_id, round(raised * 0.7), day))
            if rng.random() < 0.3:
                prices.append(
                    PriceEntry(one.variant_id, _neat(raised * 1.05 / 100), today + dt.timedelta(days=38), "来年价目表")
                )
    set_prices(work, prices, journal=False)
    set_costs(work, costs, journal=False)
    set_floors(work, floors, journal=False)


def _neat(yuan: float) -> int:
    """A list price as people write them: under 20 to the half yuan, under 500 to the yuan, above to ten; in fen."""
    if yuan < 20:
        return round(yuan * 2) * 50
    return round(yuan) * 100 if yuan < 500 else round(yuan / 10) * 1000
