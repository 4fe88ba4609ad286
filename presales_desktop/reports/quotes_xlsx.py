"""The quotation as a workbook: one sheet that a customer can go on calculating with."""

from __future__ import annotations

import datetime as dt
import io
import re
from typing import Any

import xlsxwriter

from presales_desktop.models.capitals import in_words
from presales_desktop.models.quotes import HOME
from presales_desktop.models.values import currency_symbol, fen_to_yuan
from presales_desktop.reports.figures import day, money, percent
from presales_desktop.reports.numbering import numbered
from presales_desktop.services.quote_print import QuoteDocument
from presales_desktop.services.quotes import QuoteLineShown
from presales_desktop.texts import Language, tr_in

_MONEY = "¥#,##0.00"
_NUMBERED = re.compile(r"[0-9]+")
_MARKS = {"unapproved": "未审核", "superseded": "已被取代", "expired": "已过期", "void": "已作废"}


def render(document: QuoteDocument, lang: Language) -> bytes:
    """XLSX bytes; costs and margins only where the document carries them. The same document gives the same bytes."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties(
        {
            "title": document.quote.label,
            "author": document.letterhead.name,
            "created": dt.datetime.combine(document.day, dt.time(), dt.UTC).replace(tzinfo=None),
        }
    )
    _Sheet(book, document, lang).write()
    book.close()
    return out.getvalue()


class _Sheet:
    def __init__(self, book: Any, document: QuoteDocument, lang: Language) -> None:
        self.document, self.quote, self.lang = document, document.quote, lang
        self.costs = {row.line_id: row for row in document.costs.rows} if document.costs else {}
        self.sheet = book.add_worksheet(self.say("报价单"))
        amount = _MONEY.replace(
            "¥", "" if document.quote.currency == HOME else f'"{currency_symbol(document.quote.currency)}"'
        )
        amount = _MONEY if document.quote.currency == HOME else amount
        base = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "vcenter"}
        line = base | {"bottom": 4, "bottom_color": "#B8BFCA", "text_wrap": True}
        self.formats = {
            name: book.add_format(found)
            for name, found in {
                "title": base | {"bold": True, "font_size": 16, "align": "center"},
                "mark": base | {"bold": True, "font_size": 14, "font_color": "#B3261E", "align": "center"},
                "plain": base,
                "grey": base | {"font_color": "#5C6470"},
                "head": base | {"bold": True, "bg_color": "#E9EEF7", "border": 1, "border_color": "#B8BFCA", "text_wrap": True, "align": "center"},
                "section": base | {"bold": True, "bg_color": "#F3F5F8"},
                "section_money": base | {"bold": True, "bg_color": "#F3F5F8", "num_format": amount},
                "text": line,
                "number": line | {"num_format": "#,##0.###", "align": "right"},
                "money": line | {"num_format": amount, "align": "right"},
                "yuan": line | {"num_format": _MONEY, "align": "right"},
                "percent": line | {"num_format": "0.##%", "align": "right"},
                "total": base | {"bold": True, "num_format": amount, "top": 1},
                "total_name": base | {"bold": True, "align": "right", "top": 1},
                "sum": base | {"num_format": amount},
                "sum_name": base | {"align": "right"},
            }.items()
        }  # fmt: skip
        self.row = 0

    def say(self, text: str, **values: object) -> str:
        return tr_in(self.lang, text, **values)

    def write(self) -> None:
        columns = self._columns()
        last = len(columns) - 1
        if self.document.watermark:
            mark = self.say(_MARKS[self.document.watermark])
            self.sheet.set_header(f"&C&20{mark}")
            self.sheet.merge_range(self.row, 0, self.row, last, mark, self.formats["mark"])
            self.row += 1
        self.sheet.merge_range(self.row, 0, self.row, last, self.document.letterhead.name, self.formats["grey"])
        self.sheet.merge_range(
            self.row + 1, 0, self.row + 1, last, f"{self.say('报价单')} {self.quote.label}", self.formats["title"]
        )
        self.row += 2
        for name, value in self._facts():
            self._text(0, name, "grey")
            self._text(2, value, "plain")
            self.row += 1
        self.row += 1
        for i, (title, width, _, _) in enumerate(columns):
            self.sheet.set_column(i, i, width)
            self.sheet.write_string(self.row, i, title, self.formats["head"])
        self.sheet.freeze_panes(self.row + 1, 0)
        self.sheet.repeat_rows(self.row)
        self.row += 1
        self._lines(columns)
        self._totals(columns)
        self._terms()
        self.sheet.set_paper(9)
        self.sheet.set_landscape()
        self.sheet.fit_to_pages(1, 0)
        foot = self.quote.label + (f" {self.quote.hash_short}" if self.quote.hash_short else "")
        self.sheet.set_footer(f"&L{foot}&R&P / &N")

    def _text(self, column: int, value: str, look: str) -> None:
        self.sheet.write_string(self.row, column, value, self.formats[look])

    def _facts(self) -> list[tuple[str, str]]:
        quote = self.quote
        tax = self.say("含 {rate} 增值税") if quote.tax_included else self.say("不含税，另加 {rate} 增值税")
        return [
            (self.say("客户"), quote.customer),
            (self.say("联系人"), "  ".join(filter(None, (quote.contact, quote.contact_phone)))),
            (self.say("项目名称"), quote.title),
            (self.say("日期"), day(self.document.day)),
            (self.say("有效期至"), day(quote.valid_until)),
            (self.say("报价人"), quote.owner),
            (self.say("单价"), tax.format(rate=percent(quote.tax_rate))),
        ]

    def _columns(self) -> list[tuple[str, float, str, Any]]:
        made: list[tuple[str, float, str, Any]] = [
            (self.say("序号"), 6, "text", None),
            (self.say("区域"), 14, "text", lambda line: line.room),
            (self.say("产品名称"), 26, "text", lambda line: line.name),
            (self.say("规格型号"), 20, "text", lambda line: line.model),
            (self.say("技术参数"), 36, "text", lambda line: line.spec),
            (self.say("单位"), 7, "text", lambda line: line.unit),
            (self.say("数量"), 9, "number", lambda line: line.pieces),
            (
                self.say("单价"),
                13,
                "money",
                lambda line: None if line.type == "component" else fen_to_yuan(line.unit_price_fen),
            ),
            (self.say("折扣"), 8, "percent", lambda line: line.discount_percent or None),
            (
                self.say("金额"),
                15,
                "money",
                lambda line: None if line.type == "component" else fen_to_yuan(line.amount_fen),
            ),
            (self.say("交货天数"), 10, "number", lambda line: line.lead_days),
            (self.say("备注"), 24, "text", lambda line: line.note),
        ]
        if any(line.customer_code for line in self.quote.lines):
            made.append((self.say("客户编码"), 16, "text", lambda line: line.customer_code))
        if len(self.quote.taxes) > 1:
            made.append((self.say("税率"), 8, "percent", self._rate))
        if self.costs:
            made += [
                (self.say("不含税净额"), 14, "yuan", lambda line: self._cost(line, "net_fen")),
                (self.say("单位成本"), 13, "yuan", lambda line: self._cost(line, "unit_cost_fen")),
                (self.say("毛利率"), 9, "percent", lambda line: self._cost(line, "margin")),
            ]
        return made

    def _rate(self, line: QuoteLineShown) -> Any:
        return self.quote.tax_rate if line.tax_rate is None else line.tax_rate

    def _cost(self, line: QuoteLineShown, name: str) -> Any:
        row = self.costs.get(line.id)
        value = getattr(row, name) if row is not None else None
        return fen_to_yuan(value) if name.endswith("_fen") and value is not None else value

    def _lines(self, columns: list[tuple[str, float, str, Any]]) -> None:
        for line, number in numbered(self.quote.lines):
            if line.type == "internal_note" and not self.costs:
                continue
            if line.type in ("section", "subtotal"):
                for i in range(len(columns)):
                    self.sheet.write_blank(self.row, i, None, self.formats["section"])
                self._text(1, line.name or self.say("小计"), "section")
                self.sheet.write_number(self.row, 9, fen_to_yuan(line.amount_fen), self.formats["section_money"])
            elif line.type in ("note", "internal_note"):
                self._text(1, line.name or line.note, "grey")
            else:
                self._item(line, number, columns)
            self.row += 1

    def _item(self, line: QuoteLineShown, number: str, columns: list[tuple[str, float, str, Any]]) -> None:
        for i, (_, _, look, read) in enumerate(columns):
            value: Any = (int(number) if _NUMBERED.fullmatch(number) else number) if read is None else read(line)
            if value is None:
                self.sheet.write_blank(self.row, i, None, self.formats[look])
            elif isinstance(value, str):
                self._text(i, value, look)
            else:
                self.sheet.write_number(self.row, i, value, self.formats[look])
        if line.type in ("accessory", "component"):
            self._text(2, f"└ {line.name}", "text")
        if not line.counted and line.type != "component":
            mark = self.say("（替代）") if line.type == "alternative" else self.say("（可选）")
            self._text(2, line.name + mark, "text")
            # Not counted: it stands in the remark's column, so that a sum over the column stays right.
            self.sheet.write_blank(self.row, 9, None, self.formats["money"])
            amount = self.say("不计入合计：{amount}", amount=money(line.amount_fen, self.quote.currency))
            self._text(11, f"{line.note} {amount}".strip(), "text")

    def _totals(self, columns: list[tuple[str, float, str, Any]]) -> None:
        quote = self.quote
        rows = [(self.say("小计"), quote.lines_fen), (self.say("优惠"), -quote.discount_total_fen)]
        rows += [(self.say("运费"), quote.freight_fen), (self.say("安装费"), quote.installation_fen)]
        for name, fen in (row for row in rows if row[1]):
            self._sum(name, fen, "sum")
        self._sum(self.say("不含税合计"), quote.net_fen, "sum")
        for share in quote.taxes:
            self._sum(self.say("增值税（{rate}）", rate=percent(share.rate)), share.tax_fen, "sum")
        self._sum(self.say("价税合计"), quote.total_fen, "total")
        said = in_words(quote.total_fen, quote.currency)
        self._text(1, self.say("合计大写：{words}", words=said) if quote.currency == HOME else said, "plain")
        self.row += 2

    def _sum(self, name: str, fen: int, look: str) -> None:
        self._text(8, name, f"{look}_name")
        self.sheet.write_number(self.row, 9, fen_to_yuan(fen), self.formats[look])
        self.row += 1

    def _terms(self) -> None:
        quote = self.quote
        terms = [
            (self.say("付款方式"), quote.payment),
            (self.say("交货期"), quote.delivery),
            (self.say("交货地点"), quote.delivery_place),
            (self.say("质保"), quote.warranty),
            (self.say("说明"), quote.notes),
        ]
        costs = self.document.costs
        if costs is not None:
            terms.append((self.say("毛利率"), f"{percent(costs.margin, 1)} / {percent(costs.policy.margin_floor, 1)}"))
        for name, value in ((n, v) for n, v in terms if v):
            self._text(0, name, "grey")
            self._text(2, value, "plain")
            self.row += 1
