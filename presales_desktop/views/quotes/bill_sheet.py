"""The client's workbook on its way into a quote: each of its lines beside what the catalogue has for it, with reasons; others can be taken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from PySide6.QtWidgets import QVBoxLayout, QWidget

from presales_desktop.models.fields import FieldType
from presales_desktop.services import bill_match, bills
from presales_desktop.services.bill_files import letters
from presales_desktop.services.bill_match import Candidate, LineMatch
from presales_desktop.services.bills import Bill, Taken
from presales_desktop.services.quote_drafts import QuoteLineDraft
from presales_desktop.services.work import Work
from presales_desktop.texts import tr
from presales_desktop.views.kit import dialogs, jobs
from presales_desktop.views.kit.basics import words
from presales_desktop.views.kit.context import ViewContext
from presales_desktop.views.kit.draft import Draft
from presales_desktop.views.kit.line_table import Choice, LineColumn, LineTable

_WIDTH = 940
_FIELDS = {
    "code": "客户编码", "room": "区域", "name": "产品名称", "model": "规格型号", "spec": "技术参数", "unit": "单位", "quantity": "数量",
    "price": "单价", "amount": "金额", "note": "备注",
}  # fmt: skip
_KINDS = {
    bill_match.EXACT: ("型号一致", "good"),
    bill_match.EQUAL: ("等同或更优", "accent"),
    bill_match.NEAR: ("有偏差", "amber"),
    bill_match.NONE: ("目录外", "secondary"),
}


@dataclass
class MatchRow:
    """One line of the client's with what was chosen for it; None: it stays in the client's own words."""

    place: int
    asked: str
    quantity: Decimal | None
    product: str
    chosen: Candidate | None
    match: LineMatch


@dataclass
class _Rows:
    lines: list[MatchRow] = field(default_factory=list)


class BillTable(LineTable):
    """`lines.rows` are what is chosen now."""

    def __init__(self, ctx: ViewContext, taken: Taken) -> None:
        rows = [_row(n, found) for n, found in enumerate(taken.matches)]
        columns = (
            LineColumn("asked", "客户清单", width=250, editable=False),
            LineColumn("quantity", type=FieldType.DECIMAL, width=60, editable=False),
            LineColumn("product", "我们的产品", width=190, completer=self._find, pick=self._pick),
            LineColumn("verdict", "匹配", width=92, editable=False, read=_verdict, tone=_tone),
            LineColumn(
                "evidence", "依据", width=300, editable=False, read=_evidence, stretch=True, tone=lambda _: "secondary"
            ),
        )
        super().__init__(ctx, Draft(_Rows(rows)), "lines", columns, kind="quote_line", key="quote.bill", fit=14)
        self.setObjectName("quote.bill.lines")
        self.setAccessibleName(tr("客户清单"))

    async def _find(self, text: str) -> Sequence[Choice]:
        """What the catalogue has for the current line; a typed text narrows it."""
        number = self.current_line()
        if number < 0:
            return ()
        row: MatchRow = self.lines.rows[number]
        said = text.strip().lower()
        found = [
            Choice(c.variant_id, c.name, f"{c.sku} · {_reasons(c)}", _WORD[c.met](), c)
            for c in row.match.candidates
            if not said or said == row.product.lower() or said in f"{c.name} {c.sku}".lower()
        ]
        return [*found, Choice(None, tr("保留客户的文字"), tr("目录外，单价自己填"), "", None)]

    def _pick(self, number: int, choice: Choice) -> None:
        chosen = choice.extra if isinstance(choice.extra, Candidate) else None
        self.draft.set(f"lines.{number}.chosen", chosen, merge=False)
        self.draft.set(f"lines.{number}.product", f"{chosen.sku} {chosen.name}" if chosen else "", merge=False)


_WORD = {True: lambda: tr("等同或更优"), False: lambda: tr("有偏差")}


def _row(place: int, found: LineMatch) -> MatchRow:
    taken = found.candidates[0] if found.kind in (bill_match.EXACT, bill_match.EQUAL) else None
    said = "  ".join(filter(None, (found.line.name, found.line.model, found.line.spec)))
    return MatchRow(place, said, found.line.quantity, f"{taken.sku} {taken.name}" if taken else "", taken, found)


def _kind(row: MatchRow) -> str:
    if row.chosen is None:
        return bill_match.NONE
    if row.match.kind == bill_match.EXACT and row.chosen in row.match.candidates:
        return bill_match.EXACT
    return bill_match.EQUAL if row.chosen.met else bill_match.NEAR


def _verdict(row: MatchRow) -> str:
    if row.chosen is None and row.match.candidates:
        return tr("有 {n} 个相近", n=len(row.match.candidates))
    return tr(_KINDS[_kind(row)][0])


def _tone(row: MatchRow) -> str:
    return "amber" if row.chosen is None and row.match.candidates else _KINDS[_kind(row)][1]


def _evidence(row: MatchRow) -> str:
    shown = row.chosen or (row.match.candidates[0] if row.match.candidates else None)
    return _reasons(shown) if shown is not None else tr("清单里没有可以比对的参数")


def _reasons(candidate: Candidate) -> str:
    """Worst first: what is short, what is unknown, what is met."""
    order = {"worse": 0, "unknown": 1, "better": 2, "equal": 3}
    marks = {"worse": "✗ ", "unknown": "? ", "better": "↑ ", "equal": "✓ "}
    found = sorted(candidate.evidence, key=lambda e: order[e.verdict])
    return "  ".join(marks[e.verdict] + bills.evidence_words(e) for e in found)


def columns_said(bill: Bill) -> str:
    """Which column was read as what."""
    sheet = bill.sheets[0]
    said = (
        f"{tr(_FIELDS[name])} ← {letters(column)}" for name, column in sorted(sheet.columns.items(), key=lambda i: i[1])
    )
    return tr("、").join(said)


async def confirm_bill(page: QWidget, ctx: ViewContext, taken: Taken) -> list[MatchRow] | None:
    """The matches to look at and change; None when closed."""
    body = QWidget()
    inner = QVBoxLayout(body)
    inner.setContentsMargins(0, 0, 0, 0)
    inner.setSpacing(8)
    inner.addWidget(words(taken.bill.file, "strong", wrap=True))
    counts = {kind: taken.counts.get(kind, 0) for kind in _KINDS}
    said = tr("{exact} 行型号一致，{equal} 行有等同或更优的产品，{near} 行只有相近的，{none} 行目录里没有。")
    inner.addWidget(words(said.format(**counts), wrap=True))
    known = tr("按这家客户上次的列读取：{columns}") if taken.bill.learned else tr("按表头读取：{columns}")
    inner.addWidget(words(known.format(columns=columns_said(taken.bill)), "small", wrap=True))
    table = BillTable(ctx, taken)
    inner.addWidget(table, 1)
    inner.addWidget(
        words(
            tr("在“我们的产品”里按 Enter 或直接输入，可以换一个；↑ 更优  ✓ 等同  ✗ 不足  ? 未注明"), "faint", wrap=True
        )
    )
    title = tr("读入客户清单：{n} 行", n=len(taken.matches))
    pending: jobs.Pending[bool] = jobs.Pending()
    sheet = dialogs.Sheet(page, title, body, tr("加入报价"), name="quote.bill.sheet", width=_WIDTH)
    sheet.closed.connect(pending.resolve)
    table.show_cell(0, 2)
    table.setFocus()
    return list(table.lines.rows) if await pending else None


def chosen_lines(work: Work, taken: Taken, rows: Sequence[MatchRow], rate: Decimal) -> list[QuoteLineDraft]:
    """Quote lines for what was chosen in the sheet."""
    made = []
    for row in rows:
        line, found = taken.lines[row.place], row.match
        first = found.candidates[0] if found.kind in (bill_match.EXACT, bill_match.EQUAL) else None
        if row.chosen == first:
            made.append(line)
        elif row.chosen is None:
            made.append(bills.in_own_words(line, found))
        else:
            made.append(bills.choose(work, line, found, row.chosen, rate))
    return made
