"""Products from a company's list: one line a variant, lines of one model make one product.

A line updates the variant of the same order number; without a column of order numbers, the variant of that model with the same
technical data; else it makes a new variant, and a new product where the model is new. An empty cell changes nothing.
Prices have an import of their own (services/catalogue_price_imports.py): other people may do it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from sqlalchemy import func, or_, select

from presales_desktop.models.catalogue import FIELDS, VARIANT_FIELDS, Product, Variant
from presales_desktop.models.errors import Problem
from presales_desktop.models.fields import validate
from presales_desktop.models.values import plain
from presales_desktop.services import catalogue, cells
from presales_desktop.services import catalogue_cells as own
from presales_desktop.services.catalogue_facts import BATCH
from presales_desktop.services.catalogue_price_imports import prices_target
from presales_desktop.services.imports import ImportField, ImportRow, Resolved, Target
from presales_desktop.services.work import Work
from presales_desktop.texts import tr
from presales_desktop.texts.catalogue import KINDS

__all__ = ["prices_target", "products_target"]

_PRODUCT: Final = tuple(f.name for f in FIELDS if f.name not in ("variants", "state"))
_VARIANT: Final = tuple(f.name for f in VARIANT_FIELDS)
# By which variants of one model are told apart where a list has no order numbers, and how an order number is made of them.
_TELLING: Final[tuple[tuple[str, Callable[[Any], str]], ...]] = (
    ("power_w", lambda v: f"{plain(v)}W"),
    ("cct_k", lambda v: f"{v}K"),
    ("beam_deg", lambda v: f"{plain(v)}D"),
    ("finish", str),
    ("dimming", lambda v: str(v).upper()),
)
CATEGORY_WORDS: Final = {
    "筒射灯": "downlight", "天花灯": "spotlight", "牛眼灯": "spotlight", "斗胆灯": "spotlight", "格栅灯": "spotlight",
    "轨道射灯": "track", "导轨灯": "track", "磁吸灯": "track", "线条灯": "linear", "线形灯": "linear", "办公灯": "linear",
    "洗墙灯": "linear", "平板灯": "panel", "格栅灯盘": "panel", "教室灯": "panel", "吊线灯": "pendant", "水晶灯": "pendant",
    "枝形灯": "pendant", "花灯": "pendant", "床头灯": "wall", "壁挂灯": "wall", "护眼灯": "table", "立灯": "floor",
    "灯条": "strip", "霓虹灯": "strip", "软灯条": "strip", "泛光灯": "flood", "射树灯": "flood", "插地灯": "flood",
    "埋地灯": "inground", "天棚灯": "highbay", "三防灯": "highbay", "工厂灯": "highbay", "控制器": "control", "网关": "control",
    "驱动": "accessory", "电源": "accessory", "导轨": "accessory", "轨道条": "accessory",
}  # fmt: skip
MOUNTING_WORDS: Final = {
    "嵌入": "recessed", "暗装": "recessed", "开孔": "recessed", "明装式": "surface", "吸顶": "surface", "吊线": "pendant",
    "悬挂": "pendant", "吊装式": "pendant", "导轨": "track", "轨道": "track", "磁吸": "track", "壁挂": "wall", "落地": "floor",
    "台式": "table", "地埋式": "ground", "埋地": "ground", "插地": "ground",
}  # fmt: skip
SHAPE_WORDS: Final = {
    "圆": "round",
    "方": "square",
    "正方形": "square",
    "长方形": "rectangle",
    "条形": "linear",
    "圆环": "ring",
}
STYLE_WORDS: Final = {
    "现代简约": "modern",
    "简约": "minimalist",
    "中式": "chinese",
    "欧式": "classic",
    "美式": "classic",
}
DIMMING_WORDS: Final = {
    "不调光": "none", "否": "none", "不可调": "none", "可控硅": "triac", "TRIAC": "triac", "0-10V": "0_10v", "1-10V": "0_10v",
    "DALI": "dali", "DMX": "dmx", "蓝牙": "bluetooth", "蓝牙Mesh": "bluetooth", "Zigbee": "zigbee",
}  # fmt: skip
FUNCTION_WORDS: Final = {
    "防眩光": "antiglare",
    "调色温": "tunable",
    "双色": "tunable",
    "智能": "smart",
    "人体感应": "sensor",
}


def _choices(name: str, synonyms: Mapping[str, str], kind: str = "product") -> cells.CellReader:
    # Read late: English words come from resources that need not be loaded to show a list of targets.
    def read(cell: cells.Cell) -> object:
        return own.choice_within(KINDS[kind].choices[name], synonyms)(cell)

    return read


def _word(name: str, kind: str = "product") -> Callable[[Any], str]:
    words = KINDS[kind].choices[name]

    def show(value: Any) -> str:
        values = value if isinstance(value, (list, tuple)) else [value] if value else []
        return "、".join(tr(words.get(str(v), str(v))) for v in values)

    return show


def _number(value: Any) -> str:
    return "" if value is None else plain(value) if isinstance(value, Decimal) else str(value)


def products_target() -> Target:
    """The target of `import products` and of the products' import page."""
    text = cells.as_text
    functions = own.several_choices(KINDS["product"].choices["functions"], FUNCTION_WORDS)
    return Target(
        key="products",
        kind="product",
        fields=(
            ImportField("model_no", ("型号", "产品型号", "规格型号", "型号规格", "款号", "Model", "Model no", "Model number"), text, required=True, key=True),
            ImportField("sku", ("订货号", "订货编码", "SKU", "货号", "物料编码", "物料号", "产品编码", "编码", "条码", "Order code", "Item no"), text, key=True),
            ImportField("name", ("品名", "产品名称", "名称", "灯具名称", "产品", "Name", "Product", "Description of goods"), text, required=True),
            ImportField("category", ("类别", "产品类别", "分类", "品类", "产品分类", "种类", "Category", "Type"), _choices("category", CATEGORY_WORDS), show=_word("category")),
            ImportField("brand", ("品牌", "Brand"), text),
            ImportField("series", ("系列", "产品系列", "Series"), text),
            ImportField("style", ("风格", "Style"), _choices("style", STYLE_WORDS), show=_word("style")),
            ImportField("grade", ("档次", "等级", "定位", "Grade"), _choices("grade", {}), show=_word("grade")),
            ImportField("functions", ("功能", "Functions"), functions, show=_word("functions")),
            ImportField("mounting", ("安装方式", "安装", "Mounting", "Installation"), _choices("mounting", MOUNTING_WORDS), show=_word("mounting")),
            ImportField("shape", ("外形", "形状", "Shape"), _choices("shape", SHAPE_WORDS), show=_word("shape")),
            ImportField("spec", ("规格", "技术参数", "参数", "规格参数", "Specification", "Spec"), own.spec, show=lambda v: ""),
            ImportField("size", ("尺寸", "外形尺寸", "产品尺寸", "灯体尺寸", "Dimensions", "Size"), own.size, show=lambda v: ""),
            ImportField("length_mm", ("长度", "长", "直径", "Length", "Diameter"), own.millimetres),
            ImportField("width_mm", ("宽度", "宽", "Width"), own.millimetres),
            ImportField("height_mm", ("高度", "高", "厚度", "Height"), own.millimetres),
            ImportField("cutout_mm", ("开孔尺寸", "开孔", "嵌入尺寸", "Cutout", "Cut-out"), own.millimetres),
            ImportField("ip_rating", ("防护等级", "IP等级", "IP", "防水等级", "IP rating"), own.ip_rating),
            ImportField("certificates", ("认证", "证书", "Certificates"), text),
            ImportField("warranty_years", ("质保年限", "质保", "质保期", "保修", "保修期", "Warranty"), own.measure(("年", "years", "year", "a"), "3年")),
            ImportField("lead_days", ("交货期", "交期", "货期", "供货周期", "Lead time", "Delivery"), own.days),
            ImportField("unit", ("单位", "计量单位", "Unit"), text),
            ImportField("power_w", ("功率", "额定功率", "瓦数", "Power", "Wattage"), own.measure(("w", "瓦"), "10W", places=2), show=_number),
            ImportField("flux_lm", ("光通量", "流明", "光通", "Luminous flux", "Flux", "Lumens"), own.measure(("lm", "流明", "lumens"), "900lm")),
            ImportField("cct_k", ("色温", "CCT", "Colour temperature", "Color temperature"), own.measure(("k",), "3000K", before=("暖白", "暖白光", "中性光", "自然光", "白光", "正白", "正白光", "冷白"))),
            ImportField("ra", ("显色指数", "显指", "Ra", "CRI"), own.measure(("ra", "以上"), "Ra90", before=("ra", "cri"))),
            ImportField("beam_deg", ("光束角", "发光角度", "角度", "Beam angle", "Beam"), own.measure(("°", "度", "deg"), "36°", places=1), show=_number),
            ImportField("finish", ("表面颜色", "颜色", "外观颜色", "灯体颜色", "Finish", "Colour", "Color"), text),
            ImportField("dimming", ("调光方式", "调光", "Dimming"), _choices("dimming", DIMMING_WORDS, "variant"), show=_word("dimming", "variant")),
            ImportField("description", ("说明", "产品说明", "备注", "描述", "Description", "Remarks", "Notes"), text),
        ),
        right="product.edit",
        resolve=_resolve,
        write=_write,
    )  # fmt: skip


@dataclass
class _Known:
    """What the catalogue holds that rows may mean: products by model, variants by order number and by product."""

    products: dict[str, Product] = field(default_factory=dict)
    by_id: dict[UUID, Product] = field(default_factory=dict)
    by_sku: dict[str, Variant] = field(default_factory=dict)
    variants: dict[UUID, list[Variant]] = field(default_factory=dict)


def _read(work: Work, rows: Sequence[dict[str, Any]]) -> _Known:
    known = _Known()
    models = list({_key(r.get("model_no")) for r in rows} - {""})
    skus = list({_key(r.get("sku")) for r in rows} - {""})
    for start in range(0, max(len(models), len(skus)), BATCH):
        some, others = models[start : start + BATCH], skus[start : start + BATCH]
        with_sku = select(Variant.product_id).where(func.lower(Variant.sku).in_(others))
        for product in work.session.scalars(
            select(Product).where(or_(func.lower(Product.model_no).in_(some), Product.id.in_(with_sku)))
        ):
            known.products[_key(product.model_no)] = product
            known.by_id[product.id] = product
    ids = list(known.by_id)
    for start in range(0, len(ids), BATCH):
        found = select(Variant).where(Variant.product_id.in_(ids[start : start + BATCH])).order_by(Variant.sort)
        for variant in work.session.scalars(found):
            known.by_sku[_key(variant.sku)] = variant
            known.variants.setdefault(variant.product_id, []).append(variant)
    return known


def _key(value: Any) -> str:
    return str(value or "").strip().lower()


def _resolve(work: Work, rows: Sequence[ImportRow]) -> list[Resolved]:
    values = [_flat(row.values) for row in rows]
    known = _read(work, values)
    wrong = _disagreements(rows, values)
    return [
        _one(row, each, known, [*_name_variant(each, known), *problems])
        for row, each, problems in zip(rows, values, wrong, strict=True)
    ]


def _flat(read: Mapping[str, Any]) -> dict[str, Any]:
    """A row's values, with what 规格 and 尺寸 say where there is no column of its own for it."""
    values = {k: v for k, v in read.items() if k not in ("spec", "size")}
    for name in ("size", "spec"):
        for key, value in (read.get(name) or {}).items():
            values.setdefault(key, value)
    return values


def _name_variant(values: dict[str, Any], known: _Known) -> list[Problem]:
    """Give a row without an order number that of the one existing variant of its model with the same technical data, else one
    made of the model and the data: it depends on the row alone, so the same list gives the same numbers again."""
    if values.get("sku") or not values.get("model_no"):
        return []
    product = known.products.get(_key(values["model_no"]))
    existing = known.variants.get(product.id, []) if product else []
    same = [e for e in existing if all(values.get(n) in (None, getattr(e, n)) for n, _ in _TELLING)]
    if len(same) > 1:
        skus = "、".join(e.sku for e in same[:8])
        return [Problem("catalogue.sku_several", "sku", {"found": values["model_no"], "known": skus})]
    if same:
        values["sku"] = same[0].sku
        return []
    parts = [show(values[name]) for name, show in _TELLING if values.get(name) not in (None, "", "none")]
    values["sku"] = "-".join([str(values["model_no"]).strip(), *parts])
    return []


def _disagreements(rows: Sequence[ImportRow], values: Sequence[dict[str, Any]]) -> list[list[Problem]]:
    """Rows of one model must say the same of the product; the first row's word counts."""
    first: dict[tuple[str, str], tuple[int, Any]] = {}
    found: list[list[Problem]] = []
    for row, each in zip(rows, values, strict=True):
        wrong = []
        for name in _PRODUCT:
            if name in ("model_no", "description") or name not in each:
                continue
            line, expected = first.setdefault((_key(each.get("model_no")), name), (row.line, each[name]))
            if expected != each[name]:
                said = {"found": _shown(name, each[name]), "expected": _shown(name, expected)}
                wrong.append(
                    Problem("catalogue.row_disagrees", name, {"model_no": each.get("model_no"), "row": line, **said})
                )
        found.append(wrong)
    return found


def _shown(name: str, value: Any) -> str:
    words = KINDS["product"].choices.get(name, {})
    values = value if isinstance(value, list) else [value]
    return "、".join(words.get(str(v), str(v)) for v in values)


def _one(row: ImportRow, values: dict[str, Any], known: _Known, wrong: list[Problem]) -> Resolved:
    problems = list(wrong)
    variant = known.by_sku.get(_key(values.get("sku")))
    product = known.products.get(_key(values.get("model_no")))
    if variant is not None:
        of = known.by_id[variant.product_id]
        if product is None or of.id != product.id:
            problems.append(Problem("catalogue.sku_taken", "sku", {"sku": variant.sku, "model_no": of.model_no}))
    if product is None:
        _complete_new(values, problems)
    if not any(p.blocking for p in problems):
        problems += _checked(values, product)
    return Resolved(
        row=row,
        title=f"{values.get('model_no', '')} {values.get('name', '')}".strip(),
        identity=_key(values.get("sku")) or None,
        existing_id=variant.id if variant else None,
        base_version=variant.version if variant else 0,
        existing=_present(product, variant, values) if product and variant else {},
        values=_canonical(values, product, variant),
        problems=tuple(problems),
    )


def _canonical(values: dict[str, Any], product: Product | None, variant: Variant | None) -> dict[str, Any]:
    """Model and order number as the catalogue writes them: a list in other case does not rename."""
    if product is not None:
        values["model_no"] = product.model_no
    if variant is not None:
        values["sku"] = variant.sku
    return values


def _complete_new(values: dict[str, Any], problems: list[Problem]) -> None:
    """A new product needs a category: from its name where there is no column for it."""
    if not values.get("category"):
        words = {word: value for value, word in KINDS["product"].choices["category"].items()} | CATEGORY_WORDS
        found = own.inside(str(values.get("name", "")), {cells.header_key(w): v for w, v in words.items()})
        if found is None:
            problems.append(Problem("field.required", "category"))
            return
        values["category"] = found
        problems.append(Problem("catalogue.category_guessed", "category", {}, blocking=False))


def _checked(values: dict[str, Any], product: Product | None) -> list[Problem]:
    """Out of bounds, too long, unknown: the rules of the editor under the import's names."""
    draft = catalogue.ProductDraft(unit="套")
    part = catalogue.VariantDraft()
    _put(draft, part, values)
    names = {p.name for p in FIELDS} - {"variants"}
    if product is not None:
        names &= values.keys()
    found = [p for p in validate(FIELDS, draft) if p.field in names and p.field not in ("model_no", "name")]
    return found + [p for p in validate(VARIANT_FIELDS, part) if p.field in values]


def _present(product: Product, variant: Variant, values: Mapping[str, Any]) -> dict[str, Any]:
    return {n: getattr(product, n) for n in _PRODUCT if n in values} | {
        n: getattr(variant, n) for n in _VARIANT if n in values
    }


def _put(draft: catalogue.ProductDraft, part: catalogue.VariantDraft, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if name in _PRODUCT:
            setattr(draft, name, list(value) if isinstance(value, list) else value)
        elif name in _VARIANT:
            setattr(part, name, value)


def _write(work: Work, one: Resolved) -> UUID:
    """Save the product with this line's variant; the variant's id. Lines of one product become one entry in the journal."""
    model = _key(one.values.get("model_no"))
    product_id = work.session.scalar(select(Product.id).where(func.lower(Product.model_no) == model))
    draft = catalogue.ProductDraft() if product_id is None else catalogue.load(work, product_id)
    sku = _key(one.values.get("sku"))
    place = next((n for n, v in enumerate(draft.variants) if _key(v.sku) == sku), len(draft.variants))
    if place == len(draft.variants):
        draft.variants.append(catalogue.VariantDraft())
    _put(draft, draft.variants[place], one.values)
    saved = catalogue.save(work, draft)
    return catalogue.variant_ids(work, [saved])[saved][place]
