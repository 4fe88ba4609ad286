"""The credit assessment report (信用评估报告): internal; grade, limit and terms, the four dimensions, statements with ratios, exposure."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from reportlab.platypus import CondPageBreak, Flowable, KeepTogether

from presales_desktop.models.credit import STATEMENT_FIELDS
from presales_desktop.models.credit_rules import RATIOS
from presales_desktop.reports.figures import day, money
from presales_desktop.reports.frame import Gap, Pairs, Sheet, Signatures, Text, build
from presales_desktop.reports.grid import Col, Grid, Row
from presales_desktop.reports.letterhead import Head
from presales_desktop.reports.report import Report
from presales_desktop.services.credit_steps import CreditDocument, document
from presales_desktop.texts import Language, lookup, tr_in
from presales_desktop.texts import credit as words

ROOM: Final = 96.0
_ANSWERS: Final = {
    "basics": ("years", "capital_fen", "ownership", "licence"),
    "operations": ("market", "premises", "staff"),
    "record": ("paid", "court", "tax_level", "agency", "reputation"),
}
_Say = Callable[..., str]


def render(doc: CreditDocument, lang: Language = "zh") -> bytes:
    """The PDF. Raises InputError report.glyph_missing."""

    def say(text: str, **values: object) -> str:
        return tr_in(lang, text, **values)

    footer = f"{doc.letterhead.name}  ·  {doc.number}  ·  {say('内部资料')}"
    if doc.content_hash:
        footer += f"  ·  SHA-256 {doc.content_hash[:8]}"
    marks = {"graded": "", "superseded": say("已被新评级取代"), "revoked": say("已撤销")}
    sheet = Sheet(
        title=f"{say('信用评估报告')} {doc.number}",
        footer=footer,
        running=f"{doc.customer}  ·  {say('信用评估报告')} {doc.number}",
        watermark=marks.get(doc.state, say("未评级")),
        lang=lang,
        author=doc.letterhead.name,
        subject=doc.customer,
    )
    story: list[Flowable] = [
        *_head(doc, say, lang),
        *_dimensions(doc, say),
        *_answers(doc, say),
        *_statements(doc, say),
        *_exposure(doc, say, lang),
        _signatures(doc, say),
    ]
    return build(sheet, story)


def _head(doc: CreditDocument, say: _Say, lang: Language) -> list[Flowable]:
    content = doc.content
    terms = content["terms"]
    grade = content["grade"]
    pairs = [
        (say("客户"), doc.customer),
        (say("统一社会信用代码"), doc.uscc or "—"),
        (say("申请原因"), say(words.REASONS[doc.reason])),
        (say("预计月采购额"), money(content["monthly_fen"])),
        (say("申请人"), doc.applicant or "—"),
        (say("评估人"), doc.assessor or "—"),
    ]
    if grade:
        pairs += [
            (say("等级"), say("{grade} 级", grade=grade)),
            (say("信用额度"), money(content["limit_fen"])),
            (say("最低预付比例"), f"{terms['prepay_percent']}%"),
            (say("最长账期"), say("{n} 天", n=terms["term_days"])),
            (say("担保"), say(words.GUARANTEES[terms["guarantee"]])),
            (say("有效期"), f"{day(doc.valid_from)} — {day(doc.valid_until)}"),
        ]
    made: list[Flowable] = [Head(doc.letterhead, lang, say("信用评估报告"), doc.number), Pairs(pairs), Gap(4)]
    if content["note"]:
        made += [Text(say("评级说明"), "section"), Text(content["note"])]
    if doc.notes:
        made += [Text(say("申请说明"), "section"), Text(doc.notes)]
    return made


def _dimensions(doc: CreditDocument, say: _Say) -> list[Flowable]:
    result = doc.content["result"]
    rows = []
    for one in result["dimensions"]:
        score = Decimal(one["score"]) if one["score"] is not None else None
        part = f"{score * one['weight'] / 100:.1f}" if score is not None else "0.0"
        said = f"{score}" if score is not None else say("未评")
        rows.append(Row((say(words.DIMENSIONS[one["name"]]), f"{one['weight']}%", said, part)))
    rows.append(Row((say("合计"), "100%", "", str(result["score"])), look="total"))
    columns = (
        Col(say("方面")), Col(say("权重"), width=70, align="right"), Col(say("得分"), width=70, align="right"),
        Col(say("加权得分"), width=80, align="right"),
    )  # fmt: skip
    made: list[Flowable] = [Text(say("一、评分"), "heading"), Grid(columns, rows)]
    said = say("得分对应 {grade} 级。", grade=result["computed"])
    caps = "；".join(say(words.CAPS[c]) for c in result["caps"])
    return [*made, Text(f"{said}{caps}", "small")]


def _answers(doc: CreditDocument, say: _Say) -> list[Flowable]:
    answers = doc.content["answers"]
    points = {n: p for d in doc.content["result"]["dimensions"] for n, p in d["points"].items()}
    labels, choices = words.KINDS["credit"].labels, words.KINDS["credit"].choices
    rows: list[Row] = []
    for name, fields in _ANSWERS.items():
        rows.append(Row((say(words.DIMENSIONS[name]),), look="section", span=3))
        for field in fields:
            value = answers[field]
            rows.append(
                Row((say(labels[field]), _answer(field, value, choices, say), str(points.get(field, "—"))))
            )  # fmt: skip
        if answers[f"{name}_note"]:
            rows.append(Row((say("说明"), answers[f"{name}_note"], ""), look="note"))
    columns = (Col(say("项目"), width=110), Col(say("评估结果")), Col(say("得分"), width=50, align="right"))
    return [CondPageBreak(ROOM), Text(say("二、基本情况、经营与信用记录"), "heading"), Grid(columns, rows)]


def _answer(field: str, value: Any, choices: Any, say: _Say) -> str:
    if value in (None, ""):
        return "—"
    if field.endswith("_fen"):
        return money(int(value))
    if field in choices:
        return say(choices[field].get(value, str(value)))
    return say("{n} 年", n=value) if field == "years" else say("{n} 人", n=value)


def _statements(doc: CreditDocument, say: _Say) -> list[Flowable]:
    made: list[Flowable] = [CondPageBreak(ROOM), Text(say("三、财务状况"), "heading")]
    statements = doc.content["statements"]
    if not statements:
        return [*made, Text(say("没有取得财务报表。"), "small")]
    labels = words.KINDS["credit_statement"].labels
    columns = (
        Col(say("单位：元")), *(Col(str(s["year"]), width=120, align="right", nowrap=True) for s in statements[:3]),
    )  # fmt: skip
    rows = [
        Row((say(labels[f.name]), *(money(s[f.name]) or "—" for s in statements[:3])))
        for f in STATEMENT_FIELDS
        if f.name != "year"
    ]
    made.append(Grid(columns, rows))
    found = doc.content["result"]["ratios"]
    if found is not None:
        pairs = [(say(words.RATIOS[n]), _ratio(n, found[n], say)) for n in RATIOS]
        made += [Gap(6), Pairs(pairs, label_width=110)]
    if doc.content["answers"]["finances_note"]:
        made += [Gap(4), Text(doc.content["answers"]["finances_note"])]
    return made


def _ratio(name: str, value: Any, say: _Say) -> str:
    if value is None:
        return "—"
    exact = Decimal(str(value))
    if name == "receivable_days":
        return say("{n} 天", n=f"{exact:.0f}")
    return f"{exact:.2f}" if name in ("current", "quick") else f"{exact * 100:.1f}%"


def _exposure(doc: CreditDocument, say: _Say, lang: Language) -> list[Flowable]:
    found = doc.exposure
    if not found.rows:
        return []
    columns = (
        Col(say("单据"), width=130, nowrap=True), Col(say("名称")), Col(say("状态"), width=64),
        Col(say("未预付金额"), width=100, align="right", nowrap=True),
    )  # fmt: skip
    rows = [Row((r.label, r.title, say(_state(r.kind, r.state)), money(r.open_fen))) for r in found.rows]
    rows.append(Row((say("已成合同合计"), None, None, money(found.firm_fen)), look="total", span=3))
    note = say("截至 {day}。已签合同按未预付部分计一年；报价单列出可能形成的占用，不计入额度。", day=day(doc.made_on))
    return [CondPageBreak(ROOM), Text(say("四、信用占用"), "heading"), Grid(columns, rows), Text(note, "small")]


def _state(kind: str, state: str) -> str:
    return lookup.kinds()[kind].states.get(state, state)


def _signatures(doc: CreditDocument, say: _Say) -> Flowable:
    boxes = (
        (say("评估人：{name}", name=doc.assessor or "—"), [say("签字："), say("日期：")]),
        (say("复核："), [say("签字："), say("日期：")]),
    )
    return KeepTogether([Gap(10), Signatures(boxes, height=72)])


def _load(work: Any, credit_id: Any) -> CreditDocument:
    return document(work, credit_id)


REPORTS: Final[dict[str, dict[str, Report]]] = {"credit": {"pdf": Report(_load, render)}}
