"""Where a quote's lines come from: a design's schedule, an Excel list, an earlier quote."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from presales_desktop.models.customers import Customer
from presales_desktop.models.designs import Design
from presales_desktop.models.errors import InputError, NotFound
from presales_desktop.models.permissions import may
from presales_desktop.models.quotes import Quote
from presales_desktop.services import catalogue_facts, cells, designs
from presales_desktop.services.catalogue_facts import VariantFacts
from presales_desktop.services.cells import Cell, CellProblem, header_key
from presales_desktop.services.design_schedule import Schedule
from presales_desktop.services.quote_drafts import QuoteDraft, QuoteLineDraft, line_of, lines_of
from presales_desktop.services.quotes import blank, label_of, load, ownership, records_of, save
from presales_desktop.services.spreadsheets import Sheet
from presales_desktop.services.work import Work

# field of a line → titles that company lists give the column
COLUMNS: dict[str, tuple[str, ...]] = {
    "room": ("区域", "房间", "空间", "位置", "安装位置", "使用区域", "楼层", "room", "area", "location"),
    "sku": (
        "型号",
        "规格型号",
        "产品型号",
        "产品编码",
        "编码",
        "货号",
        "sku",
        "model",
        "model no",
        "item code",
        "code",
    ),
    "code": ("客户编码", "客户物料号", "物料编码", "客户料号", "customer code", "item no"),
    "name": ("产品名称", "名称", "品名", "灯具名称", "货物名称", "设备名称", "name", "description", "product"),
    "spec": ("规格", "参数", "技术参数", "规格参数", "技术要求", "spec", "specification"),
    "quantity": ("数量", "工程量", "qty", "quantity"),
    "unit": ("单位", "计量单位", "unit"),
    "price": ("单价", "含税单价", "综合单价", "报价", "price", "unit price"),
    "note": ("备注", "说明", "note", "remark", "remarks"),
}
WORDS = tuple(word for words in COLUMNS.values() for word in words)
_STOP = frozenset(("合计", "总计", "小计", "total", "subtotal", "大写"))


@dataclass(frozen=True)
class ListProblem:
    """A row of a list that could not be read as it stands; it became a line all the same where it could."""

    line: int
    code: str
    values: dict[str, object]


@dataclass(frozen=True)
class ListResult:
    """What a list became. `matched` lines are the catalogue's, the others want a look (`attention`)."""

    lines: tuple[QuoteLineDraft, ...]
    matched: int
    unmatched: int
    problems: tuple[ListProblem, ...]
    columns: dict[str, str]


def design(work: Work, design_id: UUID) -> QuoteDraft:
    """A draft from a design's schedule, grouped by room, at list prices of today."""
    record = work.get(Design, design_id)
    schedule = designs.schedule_of(work, design_id)
    known = catalogue_facts.facts(work, [item.variant_id for room in schedule.rooms for item in room.items])
    draft = blank(work)
    draft.design_id, draft.case_id, draft.title = design_id, record.case_id, record.title
    for room, name in zip(schedule.rooms, room_names(schedule), strict=True):
        draft.lines.append(section(name))
        for item in room.items:
            facts = known.get(item.variant_id)
            if facts is not None:
                draft.lines.append(line_of(facts, Decimal(item.quantity), name))
    return draft


def room_names(schedule: Schedule) -> list[str]:
    """What the rooms of SCHEDULE are called in a quote: with their floor where there are several."""
    several = len({room.floor for room in schedule.rooms if room.floor}) > 1
    names = []
    for room in schedule.rooms:
        name = room.name or "公共区域"
        names.append(f"{room.floor} {name}" if several and room.floor else name)
    return names


def of_variants(work: Work, variant_ids: Sequence[UUID | str]) -> list[QuoteLineDraft]:
    """A line of one piece for each variant, as if it had been looked up in the table. Raises NotFound."""
    ids = [UUID(str(each)) for each in variant_ids]
    known = catalogue_facts.facts(work, ids)
    for each in ids:
        if each not in known:
            raise NotFound("record.not_found", kind="variant", id=str(each))
    return [line_of(known[each]) for each in ids]


@dataclass(frozen=True)
class OpenDraft:
    """A quote that a product can be put into."""

    id: UUID
    label: str
    title: str
    customer: str
    total_fen: int


def open_drafts(work: Work, words: str = "", limit: int = 20) -> tuple[OpenDraft, ...]:
    """Drafts that the actor may edit, those that changed last first; WORDS match number, title and customer."""
    work.require("quote.create")
    statement = (
        select(Quote, Customer.name)
        .join(Customer, Customer.id == Quote.customer_id)
        .where(Quote.state == "draft")
        .order_by(Quote.updated_at.desc(), Quote.id)
    )
    for word in words.split():
        like = f"%{word}%"
        statement = statement.where(or_(Quote.number.like(like), Quote.title.like(like), Customer.name.like(like)))
    found: list[OpenDraft] = []
    for quote, customer in work.session.execute(statement):
        if may(work.actor, "quote.edit", ownership(quote)).allowed:
            found.append(OpenDraft(quote.id, label_of(quote), quote.title, customer, quote.total_fen))
        if len(found) == limit:
            break
    return tuple(found)


def add_variant(work: Work, quote_id: UUID, variant_id: UUID, quantity: Decimal = Decimal(1)) -> str:
    """Put a line of the variant at the end of a draft quote; the quote's number and revision. Raises as quotes.save, NotFound."""
    draft = load(work, quote_id)
    (line,) = of_variants(work, [variant_id])
    draft.lines.append(replace(line, quantity=quantity))
    save(work, draft)
    return f"{draft.number}-R{draft.revision}"


def other_revision(work: Work, draft: QuoteDraft, design_id: UUID) -> QuoteDraft:
    """DRAFT standing on another revision of its design: rooms and quantities as that revision's schedule says.

    A product that stays keeps its price, discount and note; options, notes and lines from outside the catalogue stay at the end
    of their room, those of rooms that are gone at the end of all.
    """
    made = design(work, design_id)
    was = {(line.room, line.variant_id): line for line in reversed(draft.lines) if line.type == "item"}
    anywhere = {line.variant_id: line for line in reversed(draft.lines) if line.type == "item"}
    lines: list[QuoteLineDraft] = []
    for line in made.lines:
        before = was.get((line.room, line.variant_id)) or anywhere.get(line.variant_id)
        if line.type == "item" and line.variant_id is not None and before is not None:
            line = replace(before, id=None, room=line.room, quantity=line.quantity)
        lines.append(line)
    for kept in (each for each in draft.lines if _is_own(each)):
        room = [n for n, line in enumerate(lines) if line.room == kept.room]
        lines.insert(room[-1] + 1 if room else len(lines), replace(kept, id=None))
    return replace(draft, design_id=design_id, lines=lines)


def _is_own(line: QuoteLineDraft) -> bool:
    """A line that no schedule made."""
    return line.type != "section" and (line.type != "item" or line.variant_id is None)


def section(name: str) -> QuoteLineDraft:
    """A section line."""
    return QuoteLineDraft(type="section", name=name, room=name, quantity=Decimal(0), unit="")


def copy(work: Work, quote_id: UUID) -> QuoteDraft:
    """A new quote with another one's lines and terms: no number, no lineage, no approvals, no customer's case (I7)."""
    work.require("quote.view")
    source = work.get(Quote, quote_id)
    draft = blank(work)
    for name in (
        "title", "case_id", "customer_id", "contact_id", "currency", "exchange_rate", "rate_on", "language", "show_images", "tax_rate",
        "tax_included", "discount_percent", "discount_fen", "freight_fen", "installation_fen", "delivery", "delivery_place", "payment", "warranty", "notes",
    ):  # fmt: skip
        setattr(draft, name, getattr(source, name))
    draft.lines = lines_of(records_of(work, quote_id), keep_ids=False)
    return draft


def from_list(work: Work, sheet: Sheet, mapping: dict[str, str] | None = None) -> ListResult:
    """Lines from a table: rows with a known order number or model take the catalogue's facts, others become free lines.

    MAPPING (field → column title) replaces what the titles say. A price in the list is kept; without one the list price of
    today is taken. Raises InputError quote.list_columns where neither a name nor a model column is found.
    """
    columns = _columns(sheet, mapping)
    if "name" not in columns and "sku" not in columns:
        found = "、".join(sheet.headers[:12])
        raise InputError("quote.list_columns", file=sheet.file, line=sheet.header_line, found=found)
    places = {field: sheet.column(title) for field, title in columns.items()}
    rows = [(row.line, {f: row.cells[i] for f, i in places.items() if i is not None}) for row in sheet.rows]
    known = catalogue_facts.match_variants(work, [_text(row.get("sku")) for _, row in rows])
    lines: list[QuoteLineDraft] = []
    problems: list[ListProblem] = []
    room = ""
    for n, row in rows:
        texts = {name: _text(row.get(name)) for name in COLUMNS}
        if any(header_key(texts[name]) in _STOP for name in ("room", "name", "sku")):
            continue
        room = texts["room"] or room
        if not texts["name"] and not texts["sku"]:
            continue
        if _is_heading(texts, row):
            room = texts["name"] or room
            continue
        lines.append(_line(n, row, texts, known.get(texts["sku"], ()), room, problems))
    matched = sum(1 for line in lines if line.variant_id is not None)
    return ListResult(tuple(lines), matched, len(lines) - matched, tuple(problems), columns)


def _text(cell: Cell) -> str:
    return cells.text(cell)[:400]


def _columns(sheet: Sheet, mapping: dict[str, str] | None) -> dict[str, str]:
    """Which column holds which field: an exact title first, in the order that COLUMNS names them."""
    if mapping:
        return {field: title for field, title in mapping.items() if field in COLUMNS and title in sheet.headers}
    by_key = {header_key(header): header for header in reversed(sheet.headers)}
    found: dict[str, str] = {}
    taken: set[str] = set()
    for field, words in COLUMNS.items():
        for word in words:
            title = by_key.get(header_key(word))
            if title is not None and title not in taken:
                found[field] = title
                taken.add(title)
                break
    return found


def _is_heading(texts: dict[str, str], row: dict[str, Any]) -> bool:
    """A band like 一、客厅: a name and nothing else."""
    return bool(texts["name"]) and not any(
        _text(row.get(name)) for name in ("sku", "quantity", "price", "unit", "spec")
    )


def _line(
    n: int,
    row: dict[str, Any],
    texts: dict[str, str],
    found: Sequence[VariantFacts],
    room: str,
    problems: list[ListProblem],
) -> QuoteLineDraft:
    quantity = _number(n, row.get("quantity"), problems)
    price = _price(n, row.get("price"), problems)
    if len(found) == 1:
        line = line_of(found[0], quantity, room)
        if price is not None:
            line.unit_price_fen, line.attention = price, ""
    else:
        line = QuoteLineDraft(
            name=texts["name"][:200] or texts["sku"][:200],
            model=texts["sku"][:120],
            spec=texts["spec"],
            unit=texts["unit"][:12] or "套",
            quantity=quantity,
            unit_price_fen=price or 0,
            room=room[:80],
            attention="ambiguous" if found else "unmatched",
        )
    line.note, line.customer_code = texts["note"], texts["code"][:60]
    return line


def _number(n: int, cell: Cell, problems: list[ListProblem]) -> Decimal:
    """The quantity; one where the cell is empty or unreadable, which is told."""
    try:
        value = cells.as_decimal(cell)
        if value is None:
            return Decimal(1)
        rounded = round(value, 3)
        if not 0 < rounded <= 1_000_000:
            raise CellProblem("field.type", expected="decimal", found=cells.text(cell)[:40])
        return rounded
    except CellProblem as problem:
        problems.append(ListProblem(n, problem.code, dict(problem.values)))
        return Decimal(1)


def _price(n: int, cell: Cell, problems: list[ListProblem]) -> int | None:
    try:
        if isinstance(cell, float):
            cell = round(cell, 2)
        value = cells.as_fen(cell)
        if value is not None and not 0 <= value <= 10**12:
            raise CellProblem("field.type", expected="money", found=cells.text(cell)[:40])
        return value
    except CellProblem as problem:
        problems.append(ListProblem(n, problem.code, dict(problem.values)))
        return None
