"""What other areas know of variants: facts in batches, look-up while typing, exact matches for lists. No cost, no floor."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select

from presales_desktop.models.attachments import Attachment
from presales_desktop.models.catalogue import Photometry, Price, Product, Variant, spec_text
from presales_desktop.models.permissions import may
from presales_desktop.services.work import Work
from presales_desktop.store import search
from presales_desktop.texts.catalogue import KINDS

# SQLite takes 32766 values in a statement; shorter lists keep its plan cache useful.
BATCH = 500
T = TypeVar("T")
_POWER = re.compile(r"(\d+(?:\.\d+)?)(?:w|瓦)", re.IGNORECASE)
_CCT = re.compile(r"(\d{4,5})k", re.IGNORECASE)
_BEAM = re.compile(r"(\d+(?:\.\d+)?)(?:°|度)")


@dataclass(frozen=True)
class VariantFacts:
    """What may be shown of a variant anywhere and to anybody who sees the catalogue.

    `list_fen`: list price with tax in fen on the day asked for; None without a price or without the right price.view.
    `breaks`: (from how many pieces, price in fen), the fewest first. `category`, `mounting`, `shape`: codes of models/catalogue.py. Lengths in mm. `photometry_sha256`: the variant's own
    file, else the product's.
    """

    variant_id: UUID
    product_id: UUID
    sku: str
    model_no: str
    name: str
    brand: str
    category: str
    spec: str
    unit: str
    list_fen: int | None
    lead_days: int | None
    power_w: Decimal | None
    flux_lm: int | None
    cct_k: int | None
    ra: int | None
    beam_deg: Decimal | None
    warranty_years: int | None
    image_sha256: str | None
    shape: str
    length_mm: int | None
    width_mm: int | None
    height_mm: int | None
    mounting: str
    photometry_sha256: str | None
    finish: str = ""
    dimming: str = ""
    active: bool = True
    breaks: tuple[tuple[int, int], ...] = ()


def batches(ids: Iterable[T]) -> list[list[T]]:
    """IDS (or other keys) without repetition, in order, in lists that fit one statement."""
    unique = list(dict.fromkeys(ids))
    return [unique[i : i + BATCH] for i in range(0, len(unique), BATCH)]


def facts(work: Work, variant_ids: Iterable[UUID], day: dt.date | None = None) -> dict[UUID, VariantFacts]:
    """Facts by variant id, with the list price of DAY (today when None). Unknown ids are left out."""
    work.require("product.view")
    found: dict[UUID, VariantFacts] = {}
    for part in batches(variant_ids):
        rows = work.session.execute(
            select(Variant, Product).join(Product, Product.id == Variant.product_id).where(Variant.id.in_(part))
        ).all()
        products = [product.id for _, product in rows]
        images = first_images(work, products)
        files = _photometry_files(work, products)
        prices = list_prices(work, part, day)
        tiers = price_breaks(work, part, day)
        for variant, product in rows:
            photometry = files.get((product.id, variant.id)) or files.get((product.id, None))
            made = _facts(variant, product, prices.get(variant.id), images.get(product.id), photometry)
            found[variant.id] = replace(made, breaks=tiers[variant.id]) if variant.id in tiers else made
    return found


def _facts(
    variant: Variant, product: Product, list_fen: int | None, image: str | None, photometry: str | None
) -> VariantFacts:
    return VariantFacts(
        variant_id=variant.id,
        product_id=product.id,
        sku=variant.sku,
        model_no=product.model_no,
        name=product.name,
        brand=product.brand,
        category=product.category,
        spec=spec_of(variant, product.ip_rating),
        unit=product.unit,
        list_fen=list_fen,
        lead_days=product.lead_days,
        power_w=variant.power_w,
        flux_lm=variant.flux_lm,
        cct_k=variant.cct_k,
        ra=variant.ra,
        beam_deg=variant.beam_deg,
        warranty_years=product.warranty_years,
        image_sha256=image,
        shape=product.shape,
        length_mm=product.length_mm,
        width_mm=product.width_mm,
        height_mm=product.height_mm,
        mounting=product.mounting,
        photometry_sha256=photometry,
        finish=variant.finish,
        dimming=variant.dimming,
        active=variant.active and product.state == "active",
    )


def spec_of(variant: Any, ip_rating: str) -> str:
    """The one line of technical data of a variant (record, draft or row), in Chinese."""
    dimming = "" if variant.dimming in ("", "none") else KINDS["variant"].choices["dimming"][variant.dimming]
    return spec_text(
        variant.power_w,
        variant.flux_lm,
        variant.cct_k,
        variant.ra,
        variant.beam_deg,
        ip_rating,
        (variant.finish, dimming),
    )


def list_prices(work: Work, variant_ids: Iterable[UUID], day: dt.date | None = None) -> dict[UUID, int]:
    """List price in fen by variant on DAY (today when None); empty for an actor without price.view."""
    if not may(work.actor, "price.view").allowed:
        return {}
    return as_of(work, Price.list_fen, variant_ids, day or work.today)


def price_breaks(
    work: Work, variant_ids: Iterable[UUID], day: dt.date | None = None
) -> dict[UUID, tuple[tuple[int, int], ...]]:
    """Quantity breaks in force on DAY (today when None) of those variants that have any: (from how many pieces, price in fen), the
    fewest first; empty for an actor without price.view."""
    if not may(work.actor, "price.view").allowed:
        return {}
    found: dict[UUID, dict[int, int]] = {}
    for part in batches(variant_ids):
        for variant_id, pieces, fen in work.session.execute(
            select(Price.variant_id, Price.min_quantity, Price.list_fen)
            .where(Price.variant_id.in_(part), Price.effective_on <= (day or work.today), Price.min_quantity > 1)
            .order_by(Price.effective_on, Price.id)
        ):
            found.setdefault(variant_id, {})[pieces] = fen
    return {variant_id: tuple(sorted(tiers.items())) for variant_id, tiers in found.items()}


def as_of(work: Work, amount: Any, variant_ids: Iterable[UUID], day: dt.date) -> dict[UUID, int]:
    """AMOUNT (the fen column of a dated price record) by variant on DAY: the last row in force. No rights are asked here."""
    record = amount.class_
    whole = (Price.min_quantity == 1,) if record is Price else ()  # breaks are read by price_breaks
    found: dict[UUID, int] = {}
    for part in batches(variant_ids):
        # Ascending: the last row in force stays; of two of one day the one entered later (ids grow with time).
        for variant_id, fen in work.session.execute(
            select(record.variant_id, amount)
            .where(record.variant_id.in_(part), record.effective_on <= day, *whole)
            .order_by(record.effective_on, record.id)
        ):
            found[variant_id] = fen
    return found


def first_images(work: Work, product_ids: Iterable[UUID]) -> dict[UUID, str]:
    """SHA-256 of the first image by product."""
    found: dict[UUID, str] = {}
    for part in batches(product_ids):
        for product_id, sha256 in work.session.execute(
            select(Attachment.subject_id, Attachment.sha256)
            .where(Attachment.subject_kind == "product", Attachment.role == "image", Attachment.subject_id.in_(part))
            .order_by(Attachment.sort, Attachment.id)
        ):
            found.setdefault(product_id, sha256)
    return found


def _photometry_files(work: Work, product_ids: Sequence[UUID]) -> dict[tuple[UUID, UUID | None], str]:
    rows = work.session.execute(
        select(Photometry.product_id, Photometry.variant_id, Photometry.sha256)
        .where(Photometry.product_id.in_(set(product_ids)))
        .order_by(Photometry.id)
    )
    return {(product_id, variant_id): sha256 for product_id, variant_id, sha256 in rows}


def find_variants(work: Work, text: str, limit: int = 20) -> tuple[VariantFacts, ...]:
    """Look-up while typing: active variants by model, name, pinyin initials, brand, series, category or order number.

    Words like "10W", "3000K" and "36°" narrow by technical data: "筒灯 10W 3000K". Exact and leading matches come first.
    """
    work.require("product.view")
    statement = (
        select(Variant.id)
        .join(Product, Product.id == Variant.product_id)
        .where(Variant.active, Product.state == "active")
    )
    plain_words, technical = _read_query(text)
    if technical:
        statement = statement.where(*technical)
    query = " ".join(plain_words)
    if query:
        lowered = unicodedata.normalize("NFKC", query).lower()
        statement = statement.where(_named(work, query)).order_by(
            func.lower(Variant.sku) != lowered,
            func.lower(Product.model_no) != lowered,
            func.instr(func.lower(Variant.sku), lowered) != 1,
            func.instr(func.lower(Product.model_no), lowered) != 1,
        )
    statement = statement.order_by(Product.name, Product.model_no, Variant.sort, Variant.sku).limit(limit)
    ids = list(work.session.scalars(statement))
    known = facts(work, ids)
    return tuple(known[i] for i in ids)


def _named(work: Work, query: str) -> ColumnElement[bool]:
    hits = search.find(work.session.connection(), query, limit=400, kind="product")
    like = "%" + query.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    return or_(Product.id.in_([hit[1] for hit in hits]), Variant.sku.like(like, escape="\\"))


def _read_query(text: str) -> tuple[list[str], list[ColumnElement[bool]]]:
    """Words to look for, and conditions on technical data."""
    words: list[str] = []
    conditions: list[ColumnElement[bool]] = []
    for word in text.split():
        if match := _CCT.fullmatch(word):
            conditions.append(Variant.cct_k == int(match[1][:5]))
        elif (match := _POWER.fullmatch(word)) and len(match[1]) <= 8:
            conditions.append(Variant.power_w == round(Decimal(match[1]), 2))
        elif (match := _BEAM.fullmatch(word)) and len(match[1]) <= 6:
            conditions.append(Variant.beam_deg == round(Decimal(match[1]), 1))
        else:
            words.append(word)
    return words, conditions


def match_key(text: str) -> str:
    """What two writings of one model or order number share: full width folded, spaces gone, lower case."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).lower()


def match_variants(work: Work, texts: Iterable[str]) -> dict[str, tuple[VariantFacts, ...]]:
    """For each text the variants whose order number it is, else those of the product whose model it is.

    One variant is a match, several need a person's choice, an empty tuple is unknown. Active ones win over discontinued.
    """
    work.require("product.view")
    wanted = {text: match_key(text) for text in texts}
    keys = {key for key in wanted.values() if key}
    by_key: dict[str, list[tuple[int, UUID]]] = {}
    folded_sku = func.lower(func.replace(Variant.sku, " ", ""))
    folded_model = func.lower(func.replace(Product.model_no, " ", ""))
    for some in [list(keys)[i : i + BATCH] for i in range(0, len(keys), BATCH)]:
        rows = work.session.execute(
            select(Variant.id, folded_sku, folded_model, and_(Variant.active, Product.state == "active"))
            .join(Product, Product.id == Variant.product_id)
            .where(or_(folded_sku.in_(some), folded_model.in_(some)))
            .order_by(Variant.sort, Variant.sku)
        )
        for variant_id, sku, model, active in rows:
            rank = (0 if active else 2) + (0 if sku in keys else 1)
            by_key.setdefault(sku if sku in keys else model, []).append((rank, variant_id))
    best = {key: [i for rank, i in rows if rank == min(r for r, _ in rows)] for key, rows in by_key.items()}
    known = facts(work, [i for ids in best.values() for i in ids])
    return {text: tuple(known[i] for i in best.get(key, [])) for text, key in wanted.items()}


def match_variant(work: Work, text: str) -> VariantFacts | None:
    """The one variant that TEXT names by order number, or by model where the product has one variant; None otherwise."""
    found = match_variants(work, [text])[text]
    return found[0] if len(found) == 1 else None
