"""The line table of a quote: its columns, the product look-up in them, and what goes in from a list or the catalogue."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any

from PySide6.QtGui import QImage, QPixmap

from presales_desktop.models.fields import FieldType
from presales_desktop.models.quote_diff import LINE_FACTS
from presales_desktop.models.quotes import COSTED, LINE_TYPES, OPTIONAL, PRICED
from presales_desktop.services import attachments, catalogue_facts, quotes, quotes_from
from presales_desktop.services.catalogue_facts import VariantFacts
from presales_desktop.services.quote_drafts import FACTS, QuoteLineDraft, follow_breaks, take_facts
from presales_desktop.texts import lookup, tr
from presales_desktop.views.kit import format as formats
from presales_desktop.views.kit import jobs
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.draft import Draft, copy_value
from presales_desktop.views.kit.line_table import Choice, LineColumn, LineTable
from presales_desktop.views.quotes.since import Marks

# Kinds that are lines of the table; the others span it.
TABLE_KINDS = tuple(kind for kind in LINE_TYPES if kind in PRICED or kind == "component")
_RIDING = frozenset({"accessory", "component"})
_INDENT = "└ "
_FOUND = 12
_THUMBNAIL = 64


def row_kind(row: QuoteLineDraft) -> str:
    """How the table shows a line."""
    if row.type in TABLE_KINDS:
        return ""
    return {"section": "section", "subtotal": "subtotal"}.get(row.type, "note")


def new_section(name: str = "") -> QuoteLineDraft:
    """An area."""
    return QuoteLineDraft(type="section", name=name, quantity=Decimal(0), unit="")


def new_note(*, internal: bool = False) -> QuoteLineDraft:
    """A note for the customer, or one for ourselves."""
    return QuoteLineDraft(type="internal_note" if internal else "note", quantity=Decimal(0), unit="")


class QuoteLines(LineTable):
    """LINE_OF(row) answers amounts and margins that the page has computed for a row."""

    def __init__(self, ctx: ViewContext, draft: Draft, computed: Computed, marks: Marks, *, with_costs: bool) -> None:
        self._pictures = Pictures(ctx, self._repaint)
        self._computed = computed
        self.breaks: dict[Any, VariantFacts] = {}
        super().__init__(
            ctx, draft, "lines", [_marked(c, marks) for c in self._make_columns(computed, with_costs)], kind="quote_line", new_row=QuoteLineDraft,
            row_kind=row_kind, key="quote", fit=0,
        )  # fmt: skip
        self.setObjectName("quote.lines")

    def _repaint(self) -> None:
        self.viewport().update()

    def _make_columns(self, computed: Computed, with_costs: bool) -> tuple[LineColumn, ...]:
        kind = FieldType
        pictures = self._pictures
        made = [
            LineColumn(
                "image_sha256", "图片", width=44, editable=False, pixmap=lambda row: pictures.of(row.image_sha256)
            ),
            LineColumn(
                "name",
                width=146,
                completer=self._find,
                pick=self._pick,
                stretch=True,
                tone=_attention_tone,
                lead=lambda row: _INDENT if row.type in _RIDING else "",
                known=_words("name"),
            ),
            LineColumn("model", width=106, completer=self._find, pick=self._pick, known=_words("sku")),
            LineColumn("quantity", type=kind.DECIMAL, width=54, after=self._follow_breaks, known=_words("quantity")),
            LineColumn("unit", width=44, known=_words("unit")),
            LineColumn(
                "unit_price_fen",
                type=kind.MONEY,
                width=76,
                tone=_price_tone,
                known=_words("price"),
                editable=_is_priced,
                shows=_is_priced,
            ),
            LineColumn(
                "discount_percent", type=kind.PERCENT, width=60, read=_discount_text, sums=True, editable=_is_priced
            ),
            LineColumn(
                "amount_fen", type=kind.MONEY, width=90, editable=False, strong=True, sums=True, read=computed.amount
            ),
        ]
        if with_costs:
            cost = LineColumn(
                "unit_cost_fen", "单位成本", type=kind.MONEY, width=78, editable=False, read=computed.cost
            )
            made.append(cost)
            made.append(
                LineColumn(
                    "margin", "毛利率", type=kind.DECIMAL, width=60, editable=False, read=computed.margin,
                    tone=computed.margin_tone,
                )
            )  # fmt: skip
        made += [
            LineColumn("spec", width=200, known=_words("spec")),
            LineColumn("note", width=130, known=_words("note")),
            LineColumn(
                "type", "类型", type=kind.CHOICE, width=76, choices=TABLE_KINDS, tone=lambda row: "secondary",
                after=self._follow_breaks,
            ),
            LineColumn("customer_code", width=96, known=_words("code")),
            LineColumn("tax_rate", type=kind.PERCENT, width=54, editable=_is_priced),
        ]  # fmt: skip
        return tuple(made)

    async def _find(self, text: str) -> Sequence[Choice]:
        if not text.strip():
            return ()
        found: tuple[VariantFacts, ...] = await self.ctx.db.run(catalogue_facts.find_variants, text, _FOUND)
        return [
            Choice(f.variant_id, f.name, f"{f.sku} · {f.spec}", formats.money(f.list_fen) if f.list_fen is not None else tr("无目录价"), f)
            for f in found
        ]  # fmt: skip

    def _pick(self, number: int, choice: Choice) -> None:
        facts = choice.extra
        if not isinstance(facts, VariantFacts):
            return
        line = copy_value(self.draft.get(f"lines.{number}"))
        line.variant_id = facts.variant_id
        line.list_price_fen = line.unit_price_fen  # the price follows the product that was chosen
        take_facts(line, facts, self.rate)
        if facts.breaks:
            self.breaks[facts.variant_id] = facts
        line.attention = "" if facts.list_fen is not None else "no_price"
        with self.draft.macro(tr("选择产品")):
            self.put_line(number, line, tr("选择产品"))
            self._follow_breaks(number)
        jobs.start(self, self._ask_code(facts.variant_id))

    @property
    def rate(self) -> Decimal:
        """Yuan for one unit of the quote's currency."""
        found: Decimal | None = self.draft.value.exchange_rate
        return found or Decimal(1)

    def _follow_breaks(self, _number: int) -> None:
        """Prices of a variant go with how many of it the whole quote has, where nobody set another price."""
        if self.breaks:
            for number, fen in follow_breaks(self.draft.get("lines"), self.breaks, self.rate).items():
                self.draft.set(f"lines.{number}.unit_price_fen", fen, merge=False)

    async def _ask_code(self, variant_id: Any) -> None:
        """The customer's own number for a product, when an earlier quote of his had it."""
        customer_id = self.draft.value.customer_id
        if customer_id is None:
            return
        code = (await self.ctx.db.run(quotes.customer_codes, customer_id, [variant_id])).get(variant_id)
        for number, row in enumerate(self.draft.get("lines") if code else ()):
            if row.variant_id == variant_id and not row.customer_code:
                self.draft.set(f"lines.{number}.customer_code", code)

    def set_kind(self, kind: str) -> int:
        """Make the chosen lines of KIND (one of TABLE_KINDS), as one step; how many changed."""
        if self.lines.read_only:
            return 0
        rows = self.draft.get("lines")
        wanted = [n for n in self.selected_lines() if rows[n].type in TABLE_KINDS and rows[n].type != kind]
        if wanted:
            with self.draft.macro(tr("行类型：{kind}", kind=lookup.choice("quote_line", "type", kind))):
                for number in wanted:
                    self.draft.set(f"lines.{number}.type", kind, merge=False)
                self._follow_breaks(wanted[0])
        return len(wanted)

    def section_here(self) -> int:
        """The section that the current line stands in, -1 for none."""
        rows = self.draft.get("lines")
        return next((n for n in range(self.current_line(), -1, -1) if rows[n].type == "section"), -1)

    def put_line(self, number: int, line: QuoteLineDraft, text: str) -> None:
        """Write what differs in LINE as one step."""
        with self.draft.macro(text):
            for name in ("variant_id", *FACTS, "unit_price_fen", "attention"):
                self.draft.set(f"lines.{number}.{name}", getattr(line, name), merge=False)

    def take_over(self, facts: dict[Any, VariantFacts]) -> int:
        """Put today's catalogue facts into every line that has a variant; how many lines changed."""
        changed = 0
        with self.draft.macro(tr("采用目录的最新资料")):
            for number, row in enumerate(self.draft.get("lines")):
                known = facts.get(row.variant_id)
                if known is None or row.type not in TABLE_KINDS:
                    continue
                line = copy_value(row)
                take_facts(line, known, self.rate)
                if line != row:
                    changed += 1
                    for name in (*FACTS, "unit_price_fen"):
                        self.draft.set(f"lines.{number}.{name}", getattr(line, name), merge=False)
        return changed

    def repaint_rows(self, rows: set[int]) -> None:
        """Paint the rows (by id of the line) whose figures changed, and no others: a keystroke must not cost a screen."""
        first = max(0, self.rowAt(0))
        last = self.rowAt(self.viewport().height() - 1)
        lines = self.lines.rows
        for number in range(first, len(lines) if last < 0 else min(last + 1, len(lines))):
            if id(lines[number]) in rows:
                top, high = self.rowViewportPosition(number), self.rowHeight(number)
                self.viewport().update(0, top, self.viewport().width(), high)

    def place(self) -> int:
        """Where something new goes: under the current line, at the end when there is none."""
        now = self.current_line()
        return len(self.draft.get("lines")) if now < 0 else now + 1


# Columns whose values the revision before is compared in.
_COMPARED = frozenset(LINE_FACTS)


def _marked(made: LineColumn, marks: Marks) -> LineColumn:
    """The column with what changed since the last revision in colour and the old value told."""
    if made.name not in _COMPARED:
        return made
    own = made.tone
    return dataclasses.replace(
        made,
        tone=lambda line: marks.tone(line, made.name) or (own(line) if own is not None else "text"),
        tip=lambda line: marks.tip(line, made.name),
    )


def _words(field: str) -> tuple[str, ...]:
    """Titles that lists from outside give a column."""
    return quotes_from.COLUMNS[field]


def _is_priced(row: QuoteLineDraft) -> bool:
    """Components are paid for by their kit."""
    return row.type != "component"


def _attention_tone(row: QuoteLineDraft) -> str:
    return "amber" if row.attention else "text"


def _price_tone(row: QuoteLineDraft) -> str:
    if row.unit_price_fen == 0 and row.type != "component":
        return "amber"
    return "text"


def _discount_text(row: QuoteLineDraft) -> str:
    if not row.discount_percent:
        return ""
    if row.type == "section":
        return "−" + formats.percent(row.discount_percent, 2).replace(".00%", "%")
    return formats.percent(row.discount_percent, 2).replace(".00%", "%")


class Computed:
    """Amounts and margins by row, as the page last computed them; the table's cells read from here."""

    def __init__(self) -> None:
        self.amounts: dict[int, int] = {}
        self.costs: dict[int, int] = {}
        self.margins: dict[int, Decimal | None] = {}
        self.low: set[int] = set()
        self.optional: set[int] = set()  # accessories of options

    def shown(self) -> tuple[dict[int, int], dict[int, int], dict[int, Decimal | None]]:
        """What the cells read now; to be compared after computing anew."""
        return self.amounts, self.costs, self.margins

    def changed_since(self, before: tuple[dict[int, int], dict[int, int], dict[int, Decimal | None]]) -> set[int]:
        """Lines (by id) whose figures are other than BEFORE."""
        found: set[int] = set()
        pairs: Iterable[tuple[dict[int, Any], dict[int, Any]]] = zip(before, self.shown(), strict=True)
        for old, new in pairs:
            found.update(key for key, _ in old.items() ^ new.items())
        return found

    def amount(self, row: Any) -> str:
        fen = self.amounts.get(id(row))
        if fen is None:
            return ""
        if row.type == "component":
            return tr("含")
        text = formats.money(fen, symbol=False)
        return f"({text})" if row.type in OPTIONAL or id(row) in self.optional else text

    def cost(self, row: Any) -> str:
        fen = self.costs.get(id(row))
        return formats.money(fen, symbol=False) if fen is not None else ("—" if row.type in COSTED else "")

    def margin(self, row: Any) -> str:
        if id(row) not in self.margins:
            return "—" if row.type in COSTED and row.type != "component" and id(row) not in self.optional else ""
        return formats.percent(self.margins[id(row)])

    def margin_tone(self, row: Any) -> str:
        return "bad" if id(row) in self.low else "text"


class Pictures:
    """Thumbnails by SHA-256, fetched once when a row shows them."""

    def __init__(self, ctx: ViewContext, arrived: Callable[[], None]) -> None:
        self._ctx, self._arrived = ctx, arrived
        self._held: dict[str, QPixmap | None] = {}

    def of(self, sha256: str) -> QPixmap | None:
        """The picture, None while it is on its way or when there is none."""
        if not sha256:
            return None
        if sha256 not in self._held:
            self._held[sha256] = None
            jobs.start(self._ctx.bus, self._fetch(sha256), lambda _error: None)
        return self._held[sha256]

    async def _fetch(self, sha256: str) -> None:
        data = await self._ctx.db.run(attachments.preview, sha256, _THUMBNAIL)
        small = await self._ctx.pool.run(attachments.shrink, data, _THUMBNAIL)
        self._held[sha256] = QPixmap.fromImage(QImage.fromData(small))
        self._arrived()


def attention_word(row: QuoteLineDraft) -> str:
    """Why a line wants a look."""
    return lookup.choice("quote_line", "attention", row.attention) if row.attention else ""
