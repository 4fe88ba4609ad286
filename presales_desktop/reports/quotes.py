"""The quotation on paper (business.md 6.2): the customer's edition, the one for ourselves with cost and margin, and a workbook."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from reportlab.platypus import CondPageBreak, Flowable, KeepTogether

from presales_desktop.models import proofs
from presales_desktop.models.capitals import in_words
from presales_desktop.models.proofs import Proof
from presales_desktop.models.quotes import HOME
from presales_desktop.models.values import plain
from presales_desktop.reports.figures import day, moment, money, percent, quantity
from presales_desktop.reports.frame import Gap, Image, Pairs, Sheet, Signatures, Text, build
from presales_desktop.reports.grid import Col, Grid, Row
from presales_desktop.reports.letterhead import Head
from presales_desktop.reports.numbering import numbered
from presales_desktop.reports.report import Report
from presales_desktop.services import bills, quote_print
from presales_desktop.services.quote_print import QuoteDocument
from presales_desktop.services.quotes import QuoteLineShown, QuoteShown
from presales_desktop.services.work import Work
from presales_desktop.texts import Language, tr_in
from presales_desktop.texts.quotes import KINDS, STEPS

MARKS = {"unapproved": "未审核", "superseded": "已被取代", "expired": "已过期", "void": "已作废"}
TAGS = {"option": "（可选）", "alternative": "（替代）"}
_INDENT = "└ "
_Maker = Callable[[QuoteLineShown, str], str | Image | None]


def render_pdf(document: QuoteDocument, lang: Language) -> bytes:
    """The PDF; internal when the document carries costs. Raises InputError report.glyph_missing."""
    paper = _Paper(document, lang)
    sheet = _sheet(paper)
    return proofs.bind(build(sheet, paper.story(sheet)), paper.proof, document.key)


def render_docx(document: QuoteDocument, lang: Language) -> bytes:
    """The same as a Word document, without pictures."""
    from presales_desktop.reports import word

    paper = _Paper(document, lang)
    sheet = _sheet(paper)
    return word.build(sheet, paper.story(sheet))


def _sheet(paper: _Paper) -> Sheet:
    document, quote = paper.document, paper.quote
    footer = f"{quote.label}"
    if quote.hash_short:
        footer += f" · {paper.say('校验码')} {quote.hash_short}"
    if document.letterhead.name:
        footer += f" · {paper.company}"
    if document.costs is not None:
        footer += f" · {paper.say('内部资料，不得外传')}"
    return Sheet(
        title=f"{paper.say('报价单')} {quote.label}",
        footer=footer,
        running=f"{quote.label}  {quote.title}",
        watermark=paper.say(MARKS[document.watermark]) if document.watermark else "",
        landscape=bool(document.pictures) or document.costs is not None or _is_wide(quote),
        lang=paper.lang,
        author=document.letterhead.name,
        subject=quote.title,
        keywords=paper.proof.name,
    )


def _is_wide(quote: QuoteShown) -> bool:
    """Whether the table has so many columns that names would become towers on an upright page."""
    lines = quote.lines
    more = (
        any(x.customer_code for x in lines),
        any(x.discount_percent for x in lines),
        len(quote.taxes) > 1,
        any(x.note for x in lines),
    )
    return sum(more) >= 3


class _Paper:
    """One document in one language."""

    def __init__(self, document: QuoteDocument, lang: Language) -> None:
        self.document, self.quote, self.lang = document, document.quote, lang
        self.images = {sha: Image.read(data, sha[:8]) for sha, data in sorted(document.pictures.items())}
        head = document.letterhead
        self.company = (head.name_en or head.name) if lang == "en" else head.name
        self.costs = {row.line_id: row for row in document.costs.rows} if document.costs else {}
        edition = f"{'internal.' if document.costs else '' if document.pictures else 'plain.'}pdf {lang}"
        of = self.quote
        self.proof = Proof("quote", str(of.id), of.label, of.content_hash, of.total_fen, document.watermark, edition)

    def money(self, fen: int | None) -> str:
        """An amount of the quote in its currency."""
        return money(fen, self.quote.currency)

    def head(self, title: str) -> str:
        """A column's title: in English a short one where the column is narrow."""
        return title if self.lang == "zh" else self.say(f"{title}#column")

    def say(self, text: str, **values: object) -> str:
        return tr_in(self.lang, text, **values)

    def story(self, sheet: Sheet) -> list[Flowable]:
        title = self.say("报价单（内部版）") if self.document.costs else self.say("报价单")
        made: list[Flowable] = [
            Head(self.document.letterhead, self.lang, title, self.quote.label, self._code()),
            Pairs(self._facts(), 3 if sheet.landscape else 2, 56 if self.lang == "zh" else 78),
            Gap(6),
            self._table(sheet),
            CondPageBreak(self._totals_height()),
            *self._totals(sheet),
        ]
        if self.document.costs is not None:
            made += self._margin()
        closing = [
            Text(self.say("商务条款"), "section"),
            Pairs(self._terms(), 1, 72),
            Gap(6),
            Signatures(self._signatures()),
        ]
        return [*made, Gap(4), KeepTogether(closing)]

    def _code(self) -> str:
        """What the QR code says; only paper that may go out has one."""
        return "" if self.document.watermark else proofs.code(self.proof, self.document.key)

    def _facts(self) -> list[tuple[str, str]]:
        quote = self.quote
        tax = self.say("含 {rate} 增值税") if quote.tax_included else self.say("不含税，另加 {rate} 增值税")
        return [
            (self.say("客户"), quote.customer),
            (self.say("联系人"), "  ".join(filter(None, (quote.contact, quote.contact_phone))) or "—"),
            (self.say("日期"), day(self.document.day)),
            (self.say("项目名称"), quote.title),
            (self.say("报价人"), "  ".join(filter(None, (quote.owner, self.document.owner_phone))) or "—"),
            (self.say("有效期至"), day(quote.valid_until) or "—"),
            (self.say("币种"), self.say(KINDS["quote"].choices["currency"][quote.currency])),
            (self.say("单价"), tax.format(rate=percent(quote.tax_rate))),
            (self.say("项目编号"), quote.case_number),
        ]

    def _table(self, sheet: Sheet) -> Grid:
        columns = self._columns(sheet)
        rows = []
        for line, number in numbered(self.quote.lines):
            if line.type == "internal_note" and self.document.costs is None:
                continue
            rows.append(self._row(line, number, columns))
        return Grid([c for c, _ in columns], rows, size=7.6, picture_height=36, follow=self._totals_height() + 12)

    def _totals_height(self) -> float:
        """Points that the totals take at most: they never stand on a page of their own."""
        return 16.0 * (6 + len(self.quote.taxes)) + 36.0 + 14.0 * len(self.quote.taxes)

    def _columns(self, sheet: Sheet) -> list[tuple[Col, _Maker]]:
        discounted = any(line.discount_percent for line in self.quote.lines)
        wide = sheet.landscape
        made: list[tuple[Col, _Maker]] = [(Col(self.say("序号"), 28, align="center"), lambda line, n: n)]
        if any(line.customer_code for line in self.quote.lines):
            made.append((Col(self.head("客户编码"), weight=0.8), lambda line, n: line.customer_code))
        if self.images and not self.costs:
            made.append((Col(self.say("图片"), 48, align="center"), lambda line, n: self.images.get(line.image_sha256)))
        made += [
            (Col(self.say("产品名称"), weight=1.7), lambda line, n: self._name(line)),
            (Col(self.say("规格型号"), weight=1.3), lambda line, n: line.model),
            (Col(self.say("技术参数"), weight=2.2), lambda line, n: line.spec),
            (Col(self.head("单位"), 28, align="center"), lambda line, n: self.say(line.unit)),
            (Col(self.head("数量"), 36, align="right", nowrap=True), lambda line, n: quantity(line.pieces)),
            (
                Col(self.say("单价"), 58 if wide else 54, align="right", nowrap=True),
                lambda line, n: self._unit_price(line),
            ),
        ]
        if discounted:
            made.append((Col(self.head("折扣"), 32, align="right", nowrap=True), lambda line, n: _discount(line)))
        made.append(
            (
                Col(self.say("金额"), 70 if wide else 62, align="right", nowrap=True),
                lambda line, n: "" if line.type == "component" else self.money(line.amount_fen),
            )
        )
        if len(self.quote.taxes) > 1:
            rate = self.quote.tax_rate
            made.append(
                (
                    Col(self.head("税率"), 30, align="right", nowrap=True),
                    lambda line, n: _rate_of(line, rate),
                )
            )
        if self.costs:
            made += self._cost_columns()
        made.append((Col(self.head("交货期"), 40 if wide else 34, align="center"), lambda line, n: self._lead(line)))
        if wide or any(line.note for line in self.quote.lines):
            made.append((Col(self.say("备注"), weight=1.1), lambda line, n: line.note))
        return made

    def _name(self, line: QuoteLineShown) -> str:
        """The name; what rides is set in, what does not count says so."""
        lead = _INDENT if line.type in ("accessory", "component") else ""
        kind = "option" if line.type == "accessory" and not line.counted else line.type
        return lead + line.name + self.say(TAGS.get(kind, ""))

    def _unit_price(self, line: QuoteLineShown) -> str:
        return self.say("含") if line.type == "component" else self.money(line.unit_price_fen)

    def _cost_columns(self) -> list[tuple[Col, _Maker]]:
        def of(line: QuoteLineShown, name: str) -> Any:
            row = self.costs.get(line.id)
            return getattr(row, name) if row is not None else None

        return [
            (Col(self.say("不含税净额"), 62, align="right", nowrap=True), lambda line, n: money(of(line, "net_fen"))),
            (
                Col(self.say("单位成本"), 54, align="right", nowrap=True),
                lambda line, n: money(of(line, "unit_cost_fen")),
            ),
            (Col(self.say("毛利率"), 40, align="right", nowrap=True), lambda line, n: percent(of(line, "margin"), 1)),
        ]

    def _lead(self, line: QuoteLineShown) -> str:
        return self.say("{n} 天", n=line.lead_days) if line.lead_days is not None else ""

    def _row(
        self, line: QuoteLineShown, number: str, columns: Sequence[tuple[Col, Callable[[QuoteLineShown, str], Any]]]
    ) -> Row:
        width = len(columns)
        if line.type == "section":
            name = line.name or self.say("未命名区域")
            if line.discount_percent:
                off = percent(line.discount_percent)
                name = self.say("{name}（区域折扣 {percent}，合计已减）", name=name, percent=off)
            return self._band(name, line, "section", columns)
        if line.type == "subtotal":
            return self._band(line.name or self.say("小计"), line, "total", columns)
        if line.type in ("note", "internal_note"):
            mark = self.say("内部备注：") if line.type == "internal_note" else ""
            return Row((f"{mark}{line.name or line.note}",), "note", width)
        return Row(tuple(make(line, number) for _, make in columns), "" if line.counted else "note")

    def _band(self, name: str, line: QuoteLineShown, look: str, columns: Sequence[tuple[Col, Any]]) -> Row:
        """A line across the table with its sum under the amounts."""
        at = next(i for i, (column, _) in enumerate(columns) if column.title == self.say("金额"))
        return Row((name, *[None] * (at - 1), self.money(line.amount_fen)), look, at)

    def _totals(self, sheet: Sheet) -> list[Flowable]:
        quote = self.quote
        rows: list[tuple[str, int, str]] = [(self.say("小计"), quote.lines_fen, "")]
        if quote.discount_total_fen:
            whole = quote.discount_total_fen - quote.sections_off_fen
            if quote.sections_off_fen:
                rows.append((self.say("区域折扣"), -quote.sections_off_fen, ""))
            if whole:
                rows.append((self._discount_words(), -whole, ""))
        if quote.freight_fen:
            rows.append((self.say("运费"), quote.freight_fen, ""))
        if quote.installation_fen:
            rows.append((self.say("安装费"), quote.installation_fen, ""))
        inside = []
        if quote.tax_included:
            rows.append((self.say("合计（含税）"), quote.total_fen, "total"))
            inside = [
                self.say(
                    "其中不含税金额 {net}，税额（{rate}）{tax}",
                    net=self.money(share.net_fen), rate=percent(share.rate), tax=self.money(share.tax_fen),
                )
                for share in quote.taxes
            ]  # fmt: skip
        else:
            rows.append((self.say("不含税合计"), quote.net_fen, ""))
            for share in quote.taxes:
                rows.append((self.say("增值税（{rate}）", rate=percent(share.rate)), share.tax_fen, ""))
            rows.append((self.say("价税合计"), quote.total_fen, "total"))
        left = sheet.width - 250
        table = [Row(("", name, self.money(fen)), look) for name, fen, look in rows]
        made: list[Flowable] = [
            Grid(
                (Col("", left), Col("", 130, align="right"), Col("", 120, align="right", nowrap=True)),
                table,
                header=False,
                size=8.6,
                lined=False,
                pad=1.5,
            )
        ]
        said = in_words(quote.total_fen, quote.currency)
        home = quote.currency == HOME
        made.append(Text(self.say("合计大写：{words}", words=said) if home else said, "strong", align="right"))
        made += [Text(each, "small", align="right") for each in inside]
        if not home and self.document.costs is not None:
            rate = self.say("汇率 {rate}（{day}）", rate=plain(quote.exchange_rate), day=day(quote.rate_on))
            made.append(Text(rate, "small", align="right"))
        return made

    def _discount_words(self) -> str:
        if self.quote.discount_percent and not self.quote.discount_fen:
            return self.say("折扣（{percent}）", percent=percent(self.quote.discount_percent))
        return self.say("优惠")

    def _margin(self) -> list[Flowable]:
        costs = self.document.costs
        assert costs is not None
        said = self.say(
            "毛利：净额 {net}，成本 {cost}，毛利 {profit}，毛利率 {margin}（底线 {floor}）",
            net=money(costs.net_fen), cost=money(costs.cost_fen), profit=money(costs.profit_fen),
            margin=percent(costs.margin, 1) or "—", floor=percent(costs.policy.margin_floor, 1),
        )  # fmt: skip
        made: list[Flowable] = [Text(said, "strong", color="#b3261e" if costs.low else "#1a7f4b")]
        notes = [
            self.say("成本为提交审核时的快照，均不含税；运费和安装费不计入毛利。")
            if costs.frozen
            else self.say("成本为今天的成本，均不含税；运费和安装费不计入毛利。")
        ]
        if costs.missing:
            notes.append(self.say("有 {n} 行没有成本，未计入毛利。", n=costs.missing))
        if costs.drift:
            notes.append(self.say("提交后成本变动 {drift}。", drift=percent(costs.drift)))
        made.append(Text("".join(notes), "small"))
        return made

    def _terms(self) -> list[tuple[str, str]]:
        quote, head = self.quote, self.document.letterhead
        made = [
            (self.say("付款方式"), quote.payment),
            (self.say("交货期"), quote.delivery),
            (self.say("交货地点"), quote.delivery_place),
            (self.say("质保"), quote.warranty),
            (
                self.say("报价有效期"),
                self.say("本报价至 {day} 有效。", day=day(quote.valid_until)) if quote.valid_until else "",
            ),
            (self.say("收款账户"), "  ".join(filter(None, (head.name, head.bank, head.account)))),
            (self.say("税号"), head.tax_no),
            (self.say("说明"), quote.notes),
        ]
        if self.document.costs is not None:
            made.append((self.say("内部备注"), quote.internal_notes))
        return [(name, value) for name, value in made if value]

    def _signatures(self) -> list[tuple[str, list[str]]]:
        quote = self.quote
        boxes = [(self.say("报价人"), [quote.owner, day(self.document.day)])]
        for step in quote.approvals:
            done = step.verdict == "approve" and step.at is not None
            said = [step.who, moment(step.at)] if done else [self.say("姓名："), self.say("日期：")]
            boxes.append((self.say(STEPS[step.step]), said))
        boxes.append((self.say("公司盖章"), [self.company]))
        boxes.append((self.say("客户确认（签字盖章）"), [self.say("姓名："), self.say("日期：")]))
        return boxes


def _rate_of(line: QuoteLineShown, rate: Decimal) -> str:
    return "" if line.type == "component" else percent(rate if line.tax_rate is None else line.tax_rate)


def _discount(line: QuoteLineShown) -> str:
    return f"-{percent(line.discount_percent)}" if line.discount_percent else ""


def _customer(work: Work, quote_id: UUID) -> QuoteDocument:
    return quote_print.document(work, quote_id)


def customer_pdf(work: Work, quote_id: UUID) -> bytes:
    """The paper that goes to the customer: in the quote's language, with pictures or without as the quote says."""
    document = quote_print.document(work, quote_id)
    if not document.quote.show_images:
        document = quote_print.document(work, quote_id, pictures=False)
    return render_pdf(document, "en" if document.quote.language == "en" else "zh")


def _plain(work: Work, quote_id: UUID) -> QuoteDocument:
    return quote_print.document(work, quote_id, pictures=False)


def _internal(work: Work, quote_id: UUID) -> QuoteDocument:
    return quote_print.document(work, quote_id, internal=True, pictures=False)


def render_xlsx(document: QuoteDocument, lang: Language) -> bytes:
    """The workbook (reports/quotes_xlsx.py)."""
    from presales_desktop.reports import quotes_xlsx

    return quotes_xlsx.render(document, lang)


REPORTS: dict[str, dict[str, Report]] = {
    "quote": {
        "pdf": Report(_customer, render_pdf),
        "plain.pdf": Report(_plain, render_pdf),
        "internal.pdf": Report(_internal, render_pdf),
        "xlsx": Report(_plain, render_xlsx),
        "bill.xlsx": Report(bills.answer, lambda answered, _lang: answered.written.data),
        "internal.xlsx": Report(_internal, render_xlsx),
        "docx": Report(_plain, render_docx),
        "internal.docx": Report(_internal, render_docx),
    }
}
