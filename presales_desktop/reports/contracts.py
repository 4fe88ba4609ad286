"""The sales contract on paper (business.md 6.3): parties, goods with the total in capitals, numbered clauses, places for signature and seal.

Printed from the frozen content alone; 未审核 stands across every page until legal, sales and finance have approved exactly it.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from reportlab.platypus import CondPageBreak, Flowable, KeepTogether

from presales_desktop.models import proofs
from presales_desktop.models.capitals import capitals
from presales_desktop.models.contracts import PARTY
from presales_desktop.models.numerals import numeral
from presales_desktop.models.proofs import Proof
from presales_desktop.reports import calendars
from presales_desktop.reports.codes import CodeAtRight
from presales_desktop.reports.figures import day, money, percent, quantity
from presales_desktop.reports.frame import Gap, Pairs, Rule, Sheet, Signatures, Text, build
from presales_desktop.reports.grid import Col, Grid, Row
from presales_desktop.reports.report import Report
from presales_desktop.services import contract_plans
from presales_desktop.services.contract_steps import ContractDocument, document
from presales_desktop.services.work import Work
from presales_desktop.texts import Language, tr_in
from presales_desktop.texts.contracts import PARTY as PARTY_WORDS
from presales_desktop.texts.contracts import SIDES, STEP_AT, STEP_BASES, STEP_KINDS

BLANK: Final = "________________"
# Clauses that weigh on the other party are set bold, so that attention is drawn to them (Civil Code art. 496).
BOLD_KEYS: Final = ("deposit", "retention", "liability_notice", "guarantee", "disputes_court", "disputes_arbitration")
MARKS: Final = {"superseded": "已被取代", "cancelled": "已作废", "rejected": "已作废"}


def render(doc: ContractDocument, lang: Language = "zh") -> bytes:
    """The PDF. Raises InputError report.glyph_missing."""
    paper = _Paper(doc, lang)
    return proofs.bind(build(paper.sheet(), paper.story()), paper.proof, doc.key)


def render_docx(doc: ContractDocument, lang: Language = "zh") -> bytes:
    """The same as a Word document: what the other party's lawyers write their remarks into."""
    from presales_desktop.reports import word

    paper = _Paper(doc, lang)
    return word.build(paper.sheet(), paper.story())


class _Paper:
    """One contract in one language."""

    def __init__(self, doc: ContractDocument, lang: Language) -> None:
        self.doc, self.content, self.lang = doc, doc.content, lang
        self.label = f"{doc.number}-R{doc.revision}" if doc.number else self.say("草稿")
        self.mark = "" if doc.clear else MARKS.get(doc.state, "未审核")
        self.proof = Proof(
            "contract", str(doc.id), self.label, doc.content_hash, doc.total_fen, self.mark, f"pdf {lang}"
        )

    def say(self, text: str, **values: object) -> str:
        return tr_in(self.lang, text, **values)

    def sheet(self) -> Sheet:
        """The page it is set on."""
        seller = self.content["parties"]["seller"]["name"]
        footer = self.label
        if self.doc.content_hash:
            footer += f" · {self.say('校验码')} {self.doc.content_hash[:8]}"
        return Sheet(
            title=f"{self.say('照明产品买卖合同')} {self.label}",
            footer=f"{footer} · {seller}" if seller else footer,
            running=f"{self.say('照明产品买卖合同')} {self.label}",
            watermark=self.say(self.mark) if self.mark else "",
            lang=self.lang,
            author=seller,
            subject=self.content["title"],
            keywords=self.proof.name,
        )

    def story(self) -> list[Flowable]:
        """The whole document."""
        return [*self._head(), *self._body(), *self._plan(), *self._signatures()]

    def _head(self) -> list[Flowable]:
        content = self.content
        made: list[Flowable] = [
            Gap(4),
            CodeAtRight("" if not self.doc.clear else proofs.code(self.proof, self.doc.key)),
            Text(self.say("照明产品买卖合同"), "title", align="center"),
            Text(content["title"], "subtitle", align="center"),
            Pairs(
                [
                    (self.say("合同编号"), self.label),
                    (self.say("签订地点"), content["sign_place"] or BLANK),
                    (self.say("依据报价单"), f"{content['quote']['label']}（{content['quote']['hash'][:8]}）"),
                    (self.say("签订日期"), content["sign_on"] or BLANK),
                ],
                label_width=70 if self.lang == "zh" else 92,
            ),
            Gap(2),
            self._parties(),
        ]
        if self.lang == "en":
            made.append(Text(self.say("本文为参考译文，以中文文本为准。"), "small"))
        law = self.say(
            "甲乙双方根据《中华人民共和国民法典》等法律法规，在平等、自愿、协商一致的基础上，就照明产品的买卖订立本合同，共同遵守。"
        )
        made += [Gap(2), Text(law), Gap(2)]
        return made

    def _parties(self) -> Grid:
        columns = (Col("", width=92 if self.lang == "zh" else 120), *(Col(self.say(word)) for word in SIDES.values()))
        parties = self.content["parties"]
        rows = [
            Row(
                (self.say(PARTY_WORDS[name]), *(parties[side][name] or BLANK for side in SIDES)),
                strong=frozenset({1, 2}) if name == "name" else frozenset(),
            )
            for name in PARTY
            if name != "agent" or any(parties[side][name] for side in SIDES)
        ]
        return Grid(columns, rows)

    def _body(self) -> list[Flowable]:
        made: list[Flowable] = []
        shown = False
        for n, clause in enumerate(self.content["clauses"], start=1):
            made += self._clause(n, clause)
            if clause["part"] == "subject" and not shown:
                made += self._goods()
                shown = True
        return made if shown else [*self._goods(), *made]

    def _clause(self, n: int, clause: dict[str, Any]) -> list[Flowable]:
        english = self.lang == "en"
        heading = (clause["heading_en"] if english else "") or clause["heading"]
        body = (clause["body_en"] if english else "") or clause["body"]
        bold = (clause["part"] == "breach" and clause["key"] != "force_majeure") or clause["key"] in BOLD_KEYS
        number = str(n) if english else self.say("第{n}条", n=numeral(n))
        made: list[Flowable] = [CondPageBreak(46), Text(f"{number}　{heading}", "section")]
        made += [Text(line.strip(), "strong" if bold else "body") for line in body.split("\n") if line.strip()]
        return made

    def _goods(self) -> list[Flowable]:
        goods = self.content["goods"]
        discounted = any(Decimal(g["discount"]) for g in goods)
        columns = [
            Col(self.say("序号"), 26, align="center"),
            Col(self.say("产品名称"), weight=1.6),
            Col(self.say("规格型号"), weight=1.3),
            Col(self.say("技术参数"), weight=1.9),
            Col(self.say("单位"), 28, align="center"),
            Col(self.say("数量"), 44, align="right", nowrap=True),
            Col(self.say("单价"), 58, align="right", nowrap=True),
            *([Col(self.say("折扣"), 34, align="right", nowrap=True)] if discounted else []),
            Col(self.say("金额"), 68, align="right", nowrap=True),
        ]
        rows: list[Row] = []
        room = None
        for item in goods:
            if item["room"] != room and (item["room"] or room is not None):
                rows.append(Row((item["room"] or self.say("其他"),), look="section", span=len(columns)))
            room = item["room"]
            rows.append(self._good(item, discounted))
        rows += self._totals(len(columns))
        said = self.say("合计人民币（大写）：{words}", words=capitals(self.content["totals"]["gross"]))
        return [Gap(2), Grid(columns, rows, size=7.8), Text(said, "strong"), Gap(4)]

    def _good(self, item: dict[str, Any], discounted: bool) -> Row:
        name = f"{item['name']}（{item['note']}）" if item["note"] else item["name"]
        discount = [percent(Decimal(item["discount"])) if Decimal(item["discount"]) else ""] if discounted else []
        return Row(
            (
                str(item["n"]), name, item["model"], item["spec"], self.say(item["unit"]),
                quantity(Decimal(item["quantity"])), money(item["unit_price_fen"]), *discount, money(item["amount_fen"]),
            )
        )  # fmt: skip

    def _totals(self, columns: int) -> list[Row]:
        totals = self.content["totals"]
        rate = percent(Decimal(self.content["tax"]["rate"]))
        tax = "其中增值税（{rate}）" if self.content["tax"]["included"] else "增值税（{rate}）"
        lines = [
            (self.say("产品小计"), totals["lines"], True),
            (self.say("折扣"), -totals["discount"], bool(totals["discount"])),
            (self.say("运费"), totals["freight"], bool(totals["freight"])),
            (self.say("安装费"), totals["installation"], bool(totals["installation"])),
            (self.say(tax, rate=rate), totals["tax"], True),
        ]
        empty = [""] * (columns - 3)
        made = [Row(("", word, *empty, money(fen))) for word, fen, told in lines if told]
        return [*made, Row(("", self.say("合计（含税）"), *empty, money(totals["gross"])), look="total")]

    def _plan(self) -> list[Flowable]:
        """Payments, deliveries and acceptances in their order; part of what is signed."""
        plan = self.content.get("plan") or []
        if not plan:
            return []
        columns = (
            Col(self.say("序号"), 30, align="center"),
            Col(self.say("类型"), 52 if self.lang == "zh" else 64),
            Col(self.say("事项"), weight=1.4),
            Col(self.say("期限"), weight=1.5),
            Col(self.say("金额"), 84, align="right", nowrap=True),
            Col(self.say("说明"), weight=1.3),
        )
        rows = [
            Row(
                (
                    str(n), self.say(STEP_KINDS[step["kind"]]), step["title"], self._when(step),
                    money(step["amount"]) if step["kind"] == "payment" else "", step["note"],
                )
            )
            for n, step in enumerate(plan, start=1)
        ]  # fmt: skip
        total = sum(step["amount"] for step in plan if step["kind"] == "payment")
        rows.append(Row(("", self.say("付款合计"), "", "", money(total), ""), look="total"))
        heading = Text(self.say("附：付款与交付计划"), "section")
        note = Text(self.say("期限为自然日，从所述事项完成之日起算。"), "small")
        return [CondPageBreak(90), heading, Grid(columns, rows, size=8.2), note, Gap(4)]

    def _when(self, step: dict[str, Any]) -> str:
        if step["base"] == "day":
            return str(step["due_on"])
        if not step["days"]:
            return self.say(STEP_AT[step["base"]])
        return self.say("{what} {n} 日内", what=self.say(STEP_BASES[step["base"]]), n=step["days"])

    def _signatures(self) -> list[Flowable]:
        lines = [
            self.say("（盖公章或合同专用章）"),
            "",
            self.say("法定代表人或授权代表（签字）："),
            self.say("日期：　　　　年　　月　　日"),
        ]
        boxes = [(f"{self.say(word)}：{self.content['parties'][side]['name']}", lines) for side, word in SIDES.items()]
        note = self.say("各页右侧骑缝处加盖双方骑缝章；印章名称应与甲乙双方名称一致，由代理人签字的附授权委托书。")
        made: list[Flowable] = [Gap(6), Rule(), Text(self.say("以下为签署页"), "small"), Signatures(boxes, height=126)]
        if self.doc.signed_on is not None:
            signed = self.say(
                "已签订：{day}，客户签署人 {name}。", day=day(self.doc.signed_on), name=self.doc.signed_by
            )
            made += [Gap(4), Text(signed, "strong")]
        made += [Gap(4), Text(note, "small")]
        return [KeepTogether(made)]


def _load(work: Work, contract_id: UUID) -> ContractDocument:
    return document(work, contract_id)


REPORTS: Final[dict[str, dict[str, Report]]] = {
    "contract": {
        "pdf": Report(_load, render),
        "docx": Report(_load, render_docx),
        "ics": Report(contract_plans.calendar, calendars.render),
    }
}
