"""The survey report (调研报告): what the customer said, by dimension and space, what matters most, and what has to be settled together.

Printed from the frozen content alone, so that the paper is what was confirmed.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Final

from reportlab.platypus import CondPageBreak, Flowable, KeepTogether

from presales_desktop.models.values import plain
from presales_desktop.reports.figures import day, money, quantity
from presales_desktop.reports.frame import (
    Gap,
    Image,
    Pairs,
    Sheet,
    Signatures,
    Text,
    build,
)
from presales_desktop.reports.grid import Col, Grid, Row
from presales_desktop.reports.letterhead import Head
from presales_desktop.reports.report import Report
from presales_desktop.services.survey_steps import Photo, SurveyDocument, dimension_answers, document
from presales_desktop.texts import Language, tr_in
from presales_desktop.texts import surveys as words

PHOTO_COLUMNS: Final = 3
PHOTO_HEIGHT: Final = 112.0
# A heading needs this much of the page below it, so that it never stands alone at the bottom.
ROOM: Final = 96.0

_Say = Callable[..., str]


def render(doc: SurveyDocument, lang: Language = "zh") -> bytes:
    """The PDF. Raises InputError report.glyph_missing, image.unreadable."""

    def say(text: str, **values: object) -> str:
        return tr_in(lang, text, **values)

    number = f"{doc.number}-R{doc.revision}"
    mark = {"planned": say("草稿"), "collecting": say("草稿"), "superseded": say("已被新版取代")}.get(doc.state, "")
    footer = f"{doc.letterhead.name}  ·  {number}"
    if doc.content_hash:
        footer += f"  ·  SHA-256 {doc.content_hash[:8]}"
    sheet = Sheet(
        title=f"{say('需求调研报告')} {number}",
        footer=footer,
        running=f"{doc.content['customer']['name']}  ·  {say('需求调研报告')} {number}",
        watermark=mark,
        lang=lang,
        author=doc.letterhead.name,
        subject=doc.content["case"]["title"],
    )
    story: list[Flowable] = [
        *_head(doc, say, lang),
        *_dimensions(doc, say, lang),
        *_needs(doc, say, lang),
        *_spaces(doc, say, lang, sheet.width),
        *_findings(doc, say, lang),
        *_rest(doc, say),
        *_photos(doc.photos, say),
        *_confirmation(doc, say),
    ]
    return build(sheet, story)


def _head(doc: SurveyDocument, say: _Say, lang: Language) -> list[Flowable]:
    content = doc.content
    pairs = [
        (say("客户"), content["customer"]["name"]),
        (say("项目"), f"{content['case']['title']}（{doc.case_number}）"),
        (say("访谈对象"), content["people"] or "—"),
        (say("调研人"), content["surveyor"] or "—"),
        (say("调研日期"), content["held_on"] or "—"),
        (say("方式"), say(words.METHODS.get(content["method"], content["method"]))),
        (say("客户确认"), f"{doc.confirmed_by}  {day(doc.confirmed_on)}" if doc.confirmed_by else say("待确认")),
        (say("报告日期"), day(doc.made_on)),
    ]
    made: list[Flowable] = [
        Head(doc.letterhead, lang, say("需求调研报告"), f"{doc.number}-R{doc.revision}"),
        Pairs(pairs),
        Gap(4),
    ]
    if content["summary"]:
        made += [Text(say("小结"), "section"), Text(content["summary"])]
    return made


def _dimensions(doc: SurveyDocument, say: _Say, lang: Language) -> list[Flowable]:
    rows = []
    for dimension, answer, reason in dimension_answers(doc.content):
        said = _answer(dimension, answer)
        if not said:
            said = say("客户未定：{reason}", reason=reason) if reason else "—"
        rows.append(Row((say(words.DIMENSIONS[dimension]), said), strong=frozenset({0})))
    return [
        Text(say("一、五个方面"), "heading"),
        Grid((Col(say("方面"), width=92), Col(say("客户的回答"))), rows),
    ]


def _answer(dimension: str, answer: Any) -> str:
    if answer is None:
        return ""
    if dimension == "budget":
        return money(int(answer))
    return str(answer)


def _needs(doc: SurveyDocument, say: _Say, lang: Language) -> list[Flowable]:
    found = doc.content["analysis"]
    made: list[Flowable] = [CondPageBreak(ROOM), Text(say("二、核心需求与关注点"), "heading")]
    columns = (
        Col("", width=24, align="right"),
        Col(say("客户的原话"), weight=3),
        Col(say("空间"), weight=1),
        Col(say("方面"), width=62),
        Col(say("依据"), weight=1.4),
    )
    rows: list[Row] = []
    for key, title in (("core", "核心需求"), ("concerns", "关注点"), ("others", "其他需求")):
        needs = found[key]
        if not needs:
            continue
        rows.append(Row((say(title),), look="section", span=5))
        rows += [_need(n, i, say) for i, n in enumerate(needs, start=1)]
    if not rows:
        return [*made, Text(say("没有记录到单独的需求。"), "small")]
    return [*made, Grid(columns, rows)]


def _need(need: dict[str, Any], place: int, say: _Say) -> Row:
    why = say("、").join(say(words.RANK_REASONS[r]) for r in need["reasons"] if r in words.RANK_REASONS)
    return Row(
        (
            str(place),
            need["text"],
            need["space"] or say("整体"),
            say(words.DIMENSIONS.get(need["dimension"], "其他")),
            why,
        )
    )


def _spaces(doc: SurveyDocument, say: _Say, lang: Language, width: float) -> list[Flowable]:
    columns = (
        Col(say("空间"), weight=1.5),
        Col(say("房间类型"), weight=1.7),
        Col(say("面积\nm²"), width=44, align="right", nowrap=True),
        Col(say("层高\nm"), width=40, align="right", nowrap=True),
        Col(say("照度\nlx"), width=36, align="right", nowrap=True),
        Col(say("色温\nK"), width=36, align="right", nowrap=True),
        Col("Ra", width=24, align="right", nowrap=True),
        Col(say("眩光"), width=50),
        Col(say("调光"), width=52),
        Col(say("预算"), width=66, align="right", nowrap=True),
    )
    rows: list[Row] = []
    for space in doc.content["spaces"]:
        rows.append(
            Row(
                (
                    space["name"],
                    words.room_type_name(space["room_type"], lang) or "—",
                    _figure(space["area_m2"]),
                    _figure(space["height_m"]),
                    _figure(space["target_lux"]),
                    _figure(space["cct_k"], plain_number=True),
                    _figure(space["ra"]),
                    say(words.GLARES[space["glare"]]) if space["glare"] else "—",
                    say(words.DIMMINGS[space["dimming"]]) if space["dimming"] else "—",
                    money(space["budget_fen"]) or "—",
                ),
                strong=frozenset({0}),
            )
        )
        said = [
            f"{say(title)}：{space[key]}"
            for key, title in (("style", "风格"), ("functions", "用途与功能"), ("notes", "备注"))
            if space[key]
        ]
        if said:
            rows.append(Row(("　".join(said),), look="note", span=len(columns)))
    areas = [Decimal(s["area_m2"]) for s in doc.content["spaces"] if s["area_m2"] is not None]
    if len(areas) > 1:
        rows.append(Row((say("合计"), "", _figure(plain(sum(areas, Decimal(0))))), look="total"))
    return [CondPageBreak(ROOM), Text(say("三、各空间的需求"), "heading"), Grid(columns, rows, size=7.6)]


def _figure(value: Any, *, plain_number: bool = False) -> str:
    if value is None:
        return "—"
    return str(value) if plain_number else quantity(Decimal(str(value)))


def _findings(doc: SurveyDocument, say: _Say, lang: Language) -> list[Flowable]:
    found = doc.content["analysis"]["findings"]
    made: list[Flowable] = [CondPageBreak(ROOM), Text(say("四、需要一起确认的事项"), "heading")]
    if not found:
        return [*made, Text(say("各项需求之间没有发现矛盾。"))]
    rows = [
        Row(
            (
                say(words.SEVERITIES[f["severity"]]),
                f"{words.finding_title(f['code'], lang)}\n{words.finding_text(f['code'], f['values'], lang)}",
            ),
            strong=frozenset({0}),
        )
        for f in found
    ]
    return [*made, Grid((Col("", width=52), Col("")), rows, header=False)]


def _rest(doc: SurveyDocument, say: _Say) -> list[Flowable]:
    notes = doc.content["notes"]
    return [Text(say("五、备注"), "heading"), Text(notes)] if notes else []


def _photos(photos: tuple[Photo, ...], say: _Say) -> list[Flowable]:
    if not photos:
        return []
    columns = tuple(Col("", weight=1) for _ in range(PHOTO_COLUMNS))
    made: list[Flowable] = []
    for i in range(0, len(photos), PHOTO_COLUMNS):
        group = photos[i : i + PHOTO_COLUMNS]
        empty = [None] * (PHOTO_COLUMNS - len(group))
        rows = [
            Row((*(Image.read(p.picture, p.name) for p in group), *empty), least=PHOTO_HEIGHT),
            Row((*(p.space or say("整体") for p in group), *empty), look="note"),
        ]
        grid = Grid(columns, rows, header=False, picture_height=PHOTO_HEIGHT, lined=False)
        # A picture and the space it shows stay on one page, the heading with the first of them.
        made.append(KeepTogether([grid] if made else [Text(say("现场照片"), "heading"), grid]))
    return made


def _confirmation(doc: SurveyDocument, say: _Say) -> list[Flowable]:
    text = say("本报告记录了调研中了解到的需求，作为产品推荐和方案设计的依据。请核对，如有出入请注明。")
    made: list[Flowable] = [Gap(8), Text(text, "small")]
    theirs = [say("签字："), say("日期：")]
    if doc.confirmed_by:
        how = say(words.HOW.get(doc.confirmed_how, doc.confirmed_how))
        theirs = [
            say("已确认：{name}（{how}）", name=doc.confirmed_by, how=how),
            say("日期：{day}", day=day(doc.confirmed_on)),
        ]
    boxes = (
        (
            say("调研人：{name}", name=doc.content["surveyor"] or "—"),
            [say("签字："), say("日期：{day}", day=day(doc.made_on))],
        ),
        (say("客户确认：{name}", name=doc.content["customer"]["name"]), theirs),
    )
    made.append(Signatures(boxes, height=72))
    return [KeepTogether(made)]


def _load(work: Any, survey_id: Any) -> SurveyDocument:
    return document(work, survey_id)


REPORTS: Final[dict[str, dict[str, Report]]] = {"survey": {"pdf": Report(_load, render)}}
