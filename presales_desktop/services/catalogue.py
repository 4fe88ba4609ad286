"""Products and their variants: lists, pages, drafts, steps; the public door of the area (facts, prices, photometry)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from presales_desktop.models.catalogue import (
    FIELDS,
    STATES,
    TRANSITIONS,
    VARIANT_FIELDS,
    Photometry,
    Price,
    PriceFloor,
    Product,
    Variant,
    VariantCost,
    duplicate_skus,
)
from presales_desktop.models.designs import Luminaire
from presales_desktop.models.errors import NotFound, Problem, UserError, ValidationError
from presales_desktop.models.fields import Field, FieldType, validate
from presales_desktop.models.permissions import may
from presales_desktop.models.quotes import QuoteLine
from presales_desktop.models.workflow import find
from presales_desktop.services import numbered
from presales_desktop.services.catalogue_drafts import (
    ProductDraft,
    ProductShown,
    ProductShownToFinance,
    ProductShownWithFloors,
    VariantDraft,
    VariantShown,
)
from presales_desktop.services.catalogue_facts import (
    VariantFacts,
    batches,
    facts,
    find_variants,
    match_variant,
    match_variants,
    spec_of,
)
from presales_desktop.services.catalogue_lists import ProductRow, list_rows, series_and_brands
from presales_desktop.services.catalogue_photometry import PhotometryData, photometries, photometry
from presales_desktop.services.catalogue_photometry import rows_of as photometry_rows
from presales_desktop.services.catalogue_prices import (
    cost_history,
    costs,
    floor_history,
    floors,
    price_history,
    price_on,
    snapshot_costs,
    snapshot_floors,
)
from presales_desktop.services.kinds import Kind
from presales_desktop.services.work import Work
from presales_desktop.texts.catalogue import KINDS as WORDS

__all__ = [
    "KIND", "PhotometryData", "ProductDraft", "ProductRow", "ProductShown", "VariantDraft", "VariantFacts", "VariantShown",
    "costs", "do", "facts", "find_variants", "floors", "list_rows", "load", "match_variant", "match_variants", "new_draft",
    "photometries", "photometry", "price_on", "resolve", "save", "series_and_brands", "show", "snapshot_costs",
    "snapshot_floors", "spec_of", "variant_ids",
]  # fmt: skip

_PLAIN = tuple(f for f in FIELDS if f.type is not FieldType.PARTS and not f.read_only)


def show(work: Work, product_id: UUID) -> ProductShown:
    """The product with variants, prices and photometry; costs and floors are fields only of what their holders get."""
    values = _values(work, product_id)
    sees_floors = may(work.actor, "price.floor").allowed
    if may(work.actor, "cost.view").allowed:
        return ProductShownToFinance(
            **values,
            costs=cost_history(work, product_id),
            floors=floor_history(work, product_id) if sees_floors else (),
        )
    if sees_floors:
        return ProductShownWithFloors(**values, floors=floor_history(work, product_id))
    return ProductShown(**values)


def show_public(work: Work, product_id: UUID) -> ProductShown:
    """The product as everybody may see it, whoever asks: for paper that goes to customers."""
    return ProductShown(**_values(work, product_id))


def _values(work: Work, product_id: UUID) -> dict[str, Any]:
    work.require("product.view")
    product = work.get(Product, product_id)
    variants = variants_of(work, product_id)
    known = facts(work, [v.id for v in variants])
    return {f.name: getattr(product, f.name) for f in _PLAIN} | {
        "id": product.id,
        "version": product.version,
        "functions": tuple(product.functions),
        "state": product.state,
        "demo": product.demo,
        "updated_at": product.updated_at,
        "variants": tuple(_shown(v, known[v.id]) for v in variants),
        "prices": price_history(work, product_id) if may(work.actor, "price.view").allowed else (),
        "photometry": photometry_rows(work, product_id),
        "image_sha256": next((f.image_sha256 for f in known.values()), None),
    }


def _shown(v: Variant, known: VariantFacts) -> VariantShown:
    return VariantShown(
        v.id, v.sku, known.spec, v.finish, v.power_w, v.flux_lm, v.cct_k, v.ra, v.beam_deg, v.dimming, v.active,
        known.list_fen,
    )  # fmt: skip


def variants_of(work: Work, product_id: UUID) -> list[Variant]:
    """The records of a product's variants, in order; for services of this area only."""
    return list(
        work.session.scalars(
            select(Variant).where(Variant.product_id == product_id).order_by(Variant.sort, Variant.sku, Variant.id)
        )
    )


def variant_ids(work: Work, product_ids: Iterable[UUID]) -> dict[UUID, list[UUID]]:
    """Ids of the variants by product, in order."""
    found: dict[UUID, list[UUID]] = {}
    for part in batches(product_ids):
        for product_id, variant_id in work.session.execute(
            select(Variant.product_id, Variant.id)
            .where(Variant.product_id.in_(part))
            .order_by(Variant.sort, Variant.sku)
        ):
            found.setdefault(product_id, []).append(variant_id)
    return found


def resolve(work: Work, text: str) -> UUID:
    """A product's id from UUID, model or one of its order numbers. Raises NotFound."""
    known = numbered.by_id(work, Product, text)
    if known is not None:
        return known
    wanted = text.strip().lower()
    found = work.session.scalar(select(Product.id).where(func.lower(Product.model_no) == wanted))
    found = found or work.session.scalar(select(Variant.product_id).where(func.lower(Variant.sku) == wanted))
    if found is None:
        raise NotFound("record.not_found", kind="product", id=text)
    return found


def new_draft(work: Work, initial: dict[str, Any]) -> ProductDraft:
    """An empty product with one empty variant; INITIAL fills fields."""
    work.require("product.create")
    draft = ProductDraft(**initial)
    if not draft.variants:
        draft.variants = [VariantDraft()]
    return draft


def load(work: Work, product_id: UUID) -> ProductDraft:
    """A product to edit."""
    work.require("product.view")
    product = work.get(Product, product_id)
    values = {f.name: getattr(product, f.name) for f in _PLAIN}
    values["functions"] = list(product.functions)
    draft = ProductDraft(id=product.id, base_version=product.version, state=product.state, **values)
    for v in variants_of(work, product_id):
        draft.variants.append(VariantDraft(v.id, *(getattr(v, f.name) for f in VARIANT_FIELDS)))
    return draft


def save(work: Work, draft: ProductDraft, *, demo: bool = False) -> UUID:
    """Create or change a product and its variants. Text is trimmed; variants keep the draft's order.

    Raises PermissionDenied, ConflictError, ValidationError (catalogue.model_taken, sku_taken, sku_twice, no_variant), and
    UserError catalogue.variant_in_use for a removed variant that a quote or a design holds.
    """
    work.require("product.create" if draft.id is None else "product.edit")
    _trim(draft, _PLAIN)
    for part in draft.variants:
        _trim(part, VARIANT_FIELDS)
    problems = check(work, draft)
    if problems:
        raise ValidationError(problems)
    values = _row(draft)
    told = False
    if draft.id is None:
        product = work.add(Product(**values, state="active", demo=demo))
        work.session.flush()
    else:
        product = work.get(Product, draft.id)
        # An import saves a product once a line: one entry in the journal is enough.
        told = product.updated_at == work.now
        work.touch(product, draft.base_version)
        for name, value in values.items():
            setattr(product, name, value)
        _settle_variants(work, product.id, draft.variants)
    _save_variants(work, product.id, draft.variants)
    if not told:
        work.audit(product, "created" if draft.id is None else "changed", title=f"{product.model_no} {product.name}")
    return product.id


def create_many(work: Work, drafts: Sequence[ProductDraft], *, demo: bool = False) -> list[UUID]:
    """Create products together: as `save` makes each, with a handful of queries instead of a handful for each. Raises as `save`."""
    work.require("product.create")
    for draft in drafts:
        _trim(draft, _PLAIN)
        for part in draft.variants:
            _trim(part, VARIANT_FIELDS)
    problems = [p for draft, taken in zip(drafts, _taken(work, drafts), strict=True) for p in _own(draft) + taken]
    if problems:
        raise ValidationError(problems)
    products = [work.add(Product(**_row(draft), state="active", demo=demo)) for draft in drafts]
    work.session.flush()
    for product, draft in zip(products, drafts, strict=True):
        _save_variants(work, product.id, draft.variants)
    for product in products:
        work.audit(product, "created", title=f"{product.model_no} {product.name}")
    return [product.id for product in products]


def check(work: Work, draft: ProductDraft) -> list[Problem]:
    """What is wrong with a draft, the same for `save` and for an import's preview."""
    return _own(draft) + _taken(work, [draft])[0]


def _own(draft: ProductDraft) -> list[Problem]:
    """What is wrong with a draft by itself."""
    problems = validate(FIELDS, draft)
    for place, part in enumerate(draft.variants):
        problems += validate(VARIANT_FIELDS, part, f"variants.{place}.")
    if not draft.variants:
        problems.append(Problem("catalogue.no_variant", "variants", {}))
    return problems + duplicate_skus([v.sku for v in draft.variants])


def _taken(work: Work, drafts: Sequence[ProductDraft]) -> list[list[Problem]]:
    """By draft: its model number and order numbers that another product has, or a draft before it."""
    models, skus = _known_models(work, drafts), _known_skus(work, drafts)
    found = []
    for number, draft in enumerate(drafts):
        me, model_no, problems = draft.id or number, draft.model_no.strip(), list[Problem]()
        owner, name = models.setdefault(model_no.lower(), (me, draft.name))
        if owner != me:
            problems.append(Problem("catalogue.model_taken", "model_no", {"model_no": model_no, "name": name}))
        for place, sku in enumerate(v.sku.strip() for v in draft.variants):
            owner, other, known = skus.setdefault(sku.lower(), (me, model_no, sku))
            if sku and owner != me:
                problems.append(
                    Problem("catalogue.sku_taken", f"variants.{place}.sku", {"sku": known, "model_no": other})
                )
        found.append(problems)
    return found


def _known_models(work: Work, drafts: Sequence[ProductDraft]) -> dict[str, tuple[UUID | int, str]]:
    """Product and its name by model number in small letters."""
    found: dict[str, tuple[UUID | int, str]] = {}
    for part in batches(draft.model_no.strip().lower() for draft in drafts):
        lower = func.lower(Product.model_no)
        for key, product_id, name in work.session.execute(
            select(lower, Product.id, Product.name).where(lower.in_(part))
        ):
            found[key] = product_id, name
    return found


def _known_skus(work: Work, drafts: Sequence[ProductDraft]) -> dict[str, tuple[UUID | int, str, str]]:
    """Product, its model number and the order number as it is written, by order number in small letters."""
    found: dict[str, tuple[UUID | int, str, str]] = {}
    for part in batches(v.sku.strip().lower() for draft in drafts for v in draft.variants):
        lower = func.lower(Variant.sku)
        rows = work.session.execute(
            select(lower, Variant.product_id, Product.model_no, Variant.sku)
            .join(Product, Product.id == Variant.product_id)
            .where(lower.in_(part))
        )
        for key, product_id, model_no, sku in rows:
            found[key] = product_id, model_no, sku
    return found


def _row(draft: ProductDraft) -> dict[str, Any]:
    values = {f.name: getattr(draft, f.name) for f in _PLAIN} | {"keywords": keywords(draft)}
    values["functions"] = list(draft.functions)
    return values


def _trim(draft: Any, fields: Iterable[Field]) -> None:
    for f in fields:
        value = getattr(draft, f.name)
        if isinstance(value, str):
            setattr(draft, f.name, value.strip())


def keywords(draft: ProductDraft) -> str:
    """Chinese words of the choices and the order numbers: what the full-text search finds beside name and model."""
    words = [
        WORDS["product"].choices[name].get(getattr(draft, name), "")
        for name in ("category", "style", "mounting", "grade")
    ]
    words += [v.sku for v in draft.variants]
    return " ".join(w for w in words if w)


def _settle_variants(work: Work, product_id: UUID, drafts: list[VariantDraft]) -> None:
    """Take out what the draft no longer has, and free the order numbers that change places within the product: the unique
    index must not see both at once."""
    before = {v.id: v for v in variants_of(work, product_id)}
    kept = {d.id: d for d in drafts if d.id is not None}
    for variant in before.values():
        if variant.id not in kept:
            _remove_variant(work, variant)
    moving = [v for v in before.values() if v.id in kept and kept[v.id].sku != v.sku]
    for variant in moving:
        variant.sku = str(variant.id)
    work.session.flush()


def _save_variants(work: Work, product_id: UUID, drafts: list[VariantDraft]) -> None:
    for place, draft in enumerate(drafts):
        values = {f.name: getattr(draft, f.name) for f in VARIANT_FIELDS} | {"sort": place}
        known = work.session.get(Variant, draft.id) if draft.id is not None else None
        if known is None:
            work.add(Variant(product_id=product_id, **values))
        elif any(getattr(known, name) != value for name, value in values.items()):
            for name, value in values.items():
                setattr(known, name, value)
            work.touch(known)


def _remove_variant(work: Work, variant: Variant) -> None:
    for table in (QuoteLine, Luminaire):
        if work.session.scalar(select(table.id).where(table.variant_id == variant.id).limit(1)) is not None:
            raise UserError("catalogue.variant_in_use", sku=variant.sku)
    for rows in (Price, PriceFloor, VariantCost, Photometry):
        for row in work.session.scalars(select(rows).where(rows.variant_id == variant.id)):
            work.remove(row)
    work.session.flush()
    work.remove(variant)


def do(work: Work, product_id: UUID, action: str, parameters: dict[str, str]) -> dict[str, str]:
    """A step: discontinue (reason=…) or reactivate. Raises InvalidTransition, PermissionDenied."""
    product = work.get(Product, product_id)
    step = find(TRANSITIONS, product.state, action)
    work.require(step.right)
    product.state = step.to or product.state
    work.touch(product)
    work.audit(
        product, "discontinued" if action == "discontinue" else "reactivated",
        title=f"{product.model_no} {product.name}", reason=parameters.get("reason", "").strip(),
    )  # fmt: skip
    return {"state": product.state}


KIND = Kind(
    name="product",
    fields=FIELDS,
    parts={"variants": VARIANT_FIELDS},
    states=STATES,
    transitions=TRANSITIONS,
    list_rows=list_rows,
    show=show,
    resolve=resolve,
    new_draft=new_draft,
    load=load,
    save=save,
    do=do,
    rights={"create": "product.create", "edit": "product.edit"},
    filters=("category", "style", "grade", "mounting", "state", "brand", "series", "function", "cct", "photometry"),
    sorts=("model_no", "name", "category", "brand", "series", "updated_at"),
)
