"""From the client's own workbook to a quote and back: read any bill of quantities, know its columns again, price it, write the prices back.

The workbook is kept with the quote (role "bill"); each line knows its sheet, row and columns in it (`QuoteLine.source`). How a client's
columns are called is learned when a bill is taken and kept in this workspace, by client.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from presales_desktop.models import bills as rules
from presales_desktop.models import quote_pricing
from presales_desktop.models.bills import BillLine, Evidence, Head
from presales_desktop.models.errors import InputError, UserError
from presales_desktop.models.quote_pricing import half_up
from presales_desktop.models.quotes import TRANSITIONS, Quote
from presales_desktop.models.workflow import find
from presales_desktop.services import (
    attachments,
    bill_files,
    bill_match,
    catalogue_facts,
    cells,
    company,
    quotes,
    spreadsheets,
)
from presales_desktop.services.bill_files import CellPrice, Written
from presales_desktop.services.bill_match import Candidate, LineMatch
from presales_desktop.services.cells import Cell, CellProblem
from presales_desktop.services.quote_drafts import QuoteLineDraft, line_of
from presales_desktop.services.work import Work
from presales_desktop.texts import lookup, tr

ROLE: Final = "bill"
_LEARNED: Final = "bill_columns:"
_MOST_LEARNED: Final = 20


@dataclass(frozen=True)
class BillSheet:
    """One sheet that holds a table: its head, which column is what (field → index), and its lines."""

    name: str
    head: Head
    columns: Mapping[str, int]
    lines: tuple[BillLine, ...]


@dataclass(frozen=True)
class Bill:
    """A workbook as it was read. `learned`: whether the columns were known from an earlier bill of the client."""

    file: str
    sheets: tuple[BillSheet, ...]
    learned: bool = False

    @property
    def lines(self) -> tuple[BillLine, ...]:
        """The lines of all sheets in order."""
        return tuple(line for sheet in self.sheets for line in sheet.lines)


@dataclass(frozen=True)
class Taken:
    """What a bill became: quote lines, and the match of each line that came from the table."""

    bill: Bill
    matches: tuple[LineMatch, ...]
    lines: tuple[QuoteLineDraft, ...]
    counts: Mapping[str, int] = field(default_factory=dict)


def read(
    source: Path | bytes,
    name: str = "",
    learned: Mapping[str, Mapping[str, str]] | None = None,
    columns: Mapping[str, int] | None = None,
) -> Bill:
    """Every sheet of a workbook (.xlsx, .xlsm, .xls, .csv) that holds a table with a name and lines. Needs no workspace.

    LEARNED: by signature of a head, field → title; COLUMNS: field → column as a person says, for all sheets.
    Raises InputError as spreadsheets.grids, bill.no_table, bill.no_lines.
    """
    shown = name or (source.name if isinstance(source, Path) else "")
    found, known = [], False
    for title, grid in spreadsheets.grids(source, shown):
        rows = [[cells.text(cell) for cell in row] for row in grid]
        head = rules.find_head(rows)
        if head is None:
            continue
        before = _before(head, learned or {})
        known = known or bool(before)
        places = dict(rules.guess(head, before))
        if columns:
            places = {n: c for n, c in places.items() if c not in columns.values()} | dict(columns)
        if "name" not in places and "model" not in places:
            continue
        numbers = _quantities(grid, places.get("quantity"))
        found.append(BillSheet(title, head, places, tuple(rules.lines_of(title, rows, head, places, numbers))))
    if not found:
        raise InputError("bill.no_table", file=shown)
    if not any(sheet.lines for sheet in found):
        raise InputError("bill.no_lines", file=shown)
    return Bill(shown, tuple(sheet for sheet in found if sheet.lines), known)


def _before(head: Head, learned: Mapping[str, Mapping[str, str]]) -> Mapping[str, str]:
    """What was learned of this very head, else of the titles of any other one of this client."""
    if head.signature in learned:
        return learned[head.signature]
    keys = {rules.key(title) for title in head.titles}
    merged = {n: t for each in learned.values() for n, t in each.items() if rules.key(t) in keys}
    return merged if len(merged) >= 2 else {}


def _quantities(grid: Sequence[Sequence[Cell]], column: int | None) -> dict[int, Decimal]:
    """Numbers of the quantity's column by row; "12套" is twelve."""
    made: dict[int, Decimal] = {}
    for n, row in enumerate(grid):
        cell = row[column] if column is not None and column < len(row) else None
        if isinstance(cell, str):
            cell = cell.strip().rstrip("套盏只个米卷件台支条根项批组PCSpcsm ")
        try:
            value = cells.as_decimal(cell)
        except CellProblem:
            continue
        if value is not None and 0 <= value <= 1_000_000:
            made[n] = round(value, 3)
    return made


def learned(work: Work, customer_id: UUID | None) -> dict[str, dict[str, str]]:
    """How this client's columns were read before, by signature of the head."""
    if customer_id is None:
        return {}
    kept = company.fact(work, f"{_LEARNED}{customer_id}").get("heads", {})
    return {str(k): {str(n): str(t) for n, t in v.items()} for k, v in kept.items()} if isinstance(kept, dict) else {}


def learn(work: Work, customer_id: UUID, bill: Bill) -> None:
    """Keep how BILL's columns were read."""
    heads = learned(work, customer_id)
    for sheet in bill.sheets:
        heads.pop(sheet.head.signature, None)
        heads[sheet.head.signature] = {
            name: sheet.head.titles[column]
            for name, column in sheet.columns.items()
            if column < len(sheet.head.titles) and sheet.head.titles[column]
        }
    latest = dict(list(heads.items())[-_MOST_LEARNED:])
    company.put(work, f"{_LEARNED}{customer_id}", {"heads": latest})


def take(work: Work, bill: Bill, rate: Decimal = Decimal(1)) -> Taken:
    """Quote lines for BILL: the product that the line names, else the best that is equal or better, else the client's own words to be
    priced by hand. What was not exactly named wants a look (`attention`). Several sheets or rooms become sections."""
    matches = bill_match.match(work, bill.lines)
    chosen = [m.candidates[0].variant_id for m in matches if m.kind in (bill_match.EXACT, bill_match.EQUAL)]
    known = catalogue_facts.facts(work, chosen)
    several = len(bill.sheets) > 1
    places = {sheet.name: sheet.columns for sheet in bill.sheets}
    lines: list[QuoteLineDraft] = []
    counts: dict[str, int] = {}
    for found in matches:
        counts[found.kind] = counts.get(found.kind, 0) + 1
        room = " ".join(filter(None, (found.line.sheet if several else "", found.line.room)))[:80]
        candidate = found.candidates[0] if found.kind in (bill_match.EXACT, bill_match.EQUAL) else None
        facts = known.get(candidate.variant_id) if candidate is not None else None
        made = _own_words(found.line, room)
        if candidate is not None and facts is not None:
            made = line_of(facts, made.quantity, room, rate)
            made.attention = made.attention or _attention(found, candidate)
            made.note = evidence_text(found.line, candidate) if found.kind == bill_match.EQUAL else found.line.note
        made.customer_code = found.line.code
        made.source = _source(found.line, places[found.line.sheet])
        lines.append(made)
    return Taken(bill, matches, tuple(lines), counts)


def _attention(found: LineMatch, candidate: Candidate) -> str:
    if found.kind == bill_match.EQUAL:
        return "substitute"
    if len(found.candidates) > 1 and not candidate.met:
        return "ambiguous"
    return "" if all(e.verdict != "worse" for e in candidate.evidence) else "ambiguous"


def _own_words(line: BillLine, room: str) -> QuoteLineDraft:
    """The line as the client wrote it."""
    return QuoteLineDraft(
        name=line.name or line.model or line.spec[:80], model=line.model, spec=line.spec, unit=line.unit or "套",
        quantity=line.quantity if line.quantity is not None else Decimal(1), room=room, note=line.note, attention="unmatched",
    )  # fmt: skip


def in_own_words(line: QuoteLineDraft, found: LineMatch) -> QuoteLineDraft:
    """LINE as the client wrote it, to be priced by hand."""
    return replace(_own_words(found.line, line.room), id=line.id, customer_code=line.customer_code, source=line.source)


def choose(
    work: Work, line: QuoteLineDraft, found: LineMatch, candidate: Candidate, rate: Decimal = Decimal(1)
) -> QuoteLineDraft:
    """LINE with another CANDIDATE of its match. Raises NotFound for a variant that is gone."""
    facts = catalogue_facts.facts(work, [candidate.variant_id])[candidate.variant_id]
    made = line_of(facts, line.quantity, line.room, rate)
    note = evidence_text(found.line, candidate)
    return replace(
        made, id=line.id, customer_code=line.customer_code, source=line.source, attention="substitute", note=note
    )


def evidence_text(line: BillLine, candidate: Candidate) -> str:
    """What stands for it that the product is equal or better, for the client: 对应 XX：光通量 900 lm（要求 850）…"""
    said = [
        evidence_words(each) for each in candidate.evidence if each.name != "category" and each.verdict != "unknown"
    ]
    asked = line.model or line.name
    text = tr("对应“{asked}”：{evidence}", asked=asked[:60], evidence=tr("；").join(said)) if said else line.note
    return text[:400]


def evidence_words(each: Evidence) -> str:
    """One property: name, offered and asked."""
    kind, name = _LABEL.get(each.name, ("variant", each.name))
    label = lookup.label(kind, name) if each.name != "size_mm" else tr("尺寸")
    unit = _UNITS.get(each.name, "")
    asked, offered = _shown(each.name, each.asked), _shown(each.name, each.offered)
    if each.verdict == "unknown":
        return tr("{label} 目录未注明（要求 {asked}{unit}）", label=label, asked=asked, unit=unit)
    return tr("{label} {offered}{unit}（要求 {asked}{unit}）", label=label, offered=offered, asked=asked, unit=unit)


_LABEL: Final = {
    "ip": ("product", "ip_rating"),
    "category": ("product", "category"),
    "size_mm": ("product", "length_mm"),
}
_UNITS: Final = {"power_w": " W", "flux_lm": " lm", "cct_k": " K", "beam_deg": "°", "size_mm": " mm"}


def _shown(name: str, value: Any) -> str:
    if name in ("category", "dimming") and value:
        return lookup.choice("product" if name == "category" else "variant", name, str(value))
    if name == "ip" and value:
        return f"IP{value}"
    return f"{value:g}" if isinstance(value, float) else str(value if value is not None else "—")


def _source(line: BillLine, columns: Mapping[str, int]) -> str:
    """Sheet, row and the columns of price, amount and quantity, as text."""
    said = [line.sheet[:100], line.row, *(columns.get(name) for name in ("price", "amount", "quantity"))]
    return json.dumps(said, ensure_ascii=False)


# ------------------------------------------------------------------------------------------------- with a quote


def apply(work: Work, quote_id: UUID, file: str, mapping: str = "") -> dict[str, int]:
    """Read the workbook FILE into a draft quote, keep it with the quote, learn its columns; how many lines of each kind.

    MAPPING: "price=F,quantity=E" where the titles do not say it. Raises as `read` and quotes.save, InputError bill.map_wrong."""
    draft = quotes.load(work, quote_id)
    find(TRANSITIONS, draft.state, "bill")
    path = Path(file)
    bill = read(path, path.name, learned(work, draft.customer_id), columns_of(mapping))
    taken = take(work, bill, draft.exchange_rate)
    draft.lines = [*draft.lines, *taken.lines]
    quotes.save(work, draft)
    keep(work, quote_id, draft.customer_id, bill, path.read_bytes())
    return dict(taken.counts)


def keep(work: Work, quote_id: UUID, customer_id: UUID | None, bill: Bill, data: bytes) -> None:
    """Keep the client's workbook with the quote, and how its columns are called."""
    work.require("quote.edit", quotes.ownership(work.get(Quote, quote_id)))
    attachments.add(work, Quote.KIND, quote_id, ROLE, bill.file, data)
    if customer_id is not None:
        learn(work, customer_id, bill)


def columns_of(text: str) -> dict[str, int]:
    """Field → column (from 0) from "price=F,quantity=E". Raises InputError bill.map_wrong."""
    made: dict[str, int] = {}
    for part in filter(None, (p.strip() for p in text.replace("，", ",").split(","))):
        name, _, said = part.partition("=")
        name, said = name.strip(), said.strip().upper()
        if name not in rules.COLUMNS or not (said.isascii() and said.isalpha() and len(said) <= 3):
            raise InputError("bill.map_wrong", text=part, known="、".join(rules.FIELDS))
        made[name] = bill_files.number(said)
    return made


@dataclass(frozen=True)
class Answered:
    """The client's workbook with prices. `rounding_fen`: Σ (price written x the quote's pieces) less the quote's goods, since a price has
    two decimals; `changed`: lines whose quantity is not the client's any more; `missing`: lines of the quote that are not in it."""

    file: str
    written: Written
    rounding_fen: int
    changed: int
    missing: int


def answer(work: Work, quote_id: UUID) -> Answered:
    """The client's own workbook with the prices of an approved quote in it, after all discounts, everything else as it was.

    Only what may go out is written (I1): raises UserError quote.not_approved and whatever else keeps it from being sent; UserError bill.none;
    InputError bill.not_xlsx, bill.no_price_column, bill.sheet_gone.
    """
    from presales_desktop.services import quote_print

    work.require("quote.view")
    shown = quotes.show(work, quote_id)
    # A later revision answers the same workbook as the one it was taken into.
    held = [row for other in reversed(shown.revisions) for row in attachments.list_of(work, Quote.KIND, other.id, ROLE)]
    if not held:
        raise UserError("bill.none", number=shown.label)
    mark = quote_print.watermark(shown)
    if mark:
        raise UserError(
            shown.blocked[0] if shown.blocked else "quote.not_approved", number=shown.label, day=str(shown.valid_until)
        )
    file = held[-1]
    records = quotes.records_of(work, quote_id)
    quote = work.get(Quote, quote_id)
    totals = quote_pricing.price(records, quote)
    prices: list[CellPrice] = []
    rounding = missing = 0
    for i, line in enumerate(records):
        place = _place(line.source)
        if not totals.counted[i] or line.type in ("freight", "installation"):
            continue
        if place is None:
            missing += 1
            continue
        sheet, row, price_column, amount_column, quantity_column = place
        if price_column is None:
            raise InputError("bill.no_price_column", file=file.name)
        pieces = totals.pieces[i]
        unit = half_up(totals.goods_lines[i] * 1000, pieces) if pieces else line.unit_price_fen
        rounding += half_up(unit * pieces, 1000) - totals.goods_lines[i]
        prices.append(
            CellPrice(sheet, row, price_column, amount_column, quantity_column, unit, half_up(unit * pieces, 1000))
        )
    data = attachments.content(work, file.id)
    written = bill_files.write(data, prices, file.name)
    return Answered(file.name, written, rounding, _changed(data, file.name, records), missing)


def _place(source: str) -> tuple[str, int, int | None, int | None, int | None] | None:
    try:
        sheet, row, price, amount, quantity = json.loads(source) if source else (None,) * 5
    except (ValueError, TypeError):
        return None
    if not isinstance(sheet, str) or not isinstance(row, int):
        return None
    columns = [
        c if isinstance(c, int) and 0 <= c < spreadsheets.MAX_COLUMNS else None for c in (price, amount, quantity)
    ]
    return sheet, row, columns[0], columns[1], columns[2]


def _changed(data: bytes, name: str, records: Sequence[Any]) -> int:
    """Lines whose quantity is another one than in the client's table."""
    grids = dict(spreadsheets.grids(data, name))
    changed = 0
    for line in records:
        place = _place(line.source)
        if place is None or place[4] is None or place[0] not in grids:
            continue
        found = _quantities(grids[place[0]][place[1] - 1 : place[1]], place[4]).get(0)
        changed += found is not None and found != line.quantity
    return changed
