"""The design on paper (方案图纸): results against the standard, schedule by room, plan and light of each floor to scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from reportlab.lib.pagesizes import A3
from reportlab.platypus import Flowable, PageBreak

from presales_desktop.models import standards
from presales_desktop.models.errors import InputError
from presales_desktop.models.standards import Check, RoomVerdict
from presales_desktop.models.values import plain
from presales_desktop.reports import catalogue, designs_dxf, designs_tables, pages
from presales_desktop.reports.designs_plan import BORDER, LEGEND_WIDTH, PlanDrawing, PlanSheet, floors_of, scale_for
from presales_desktop.reports.frame import FOOTER, MARGIN, Gap, Pairs, Sheet, Text, build
from presales_desktop.reports.grid import Col, Grid, Row
from presales_desktop.reports.letterhead import Head
from presales_desktop.reports.report import Report
from presales_desktop.services import underlays
from presales_desktop.services.design_drafts import RoomDraft
from presales_desktop.services.design_light import RoomLight, calculate, verdicts
from presales_desktop.services.design_print import DesignDocument, document
from presales_desktop.services.underlays import Plan
from presales_desktop.texts import Language, tr_in
from presales_desktop.texts.designs import KINDS

# A plan that would be smaller than this on A4 gets A3.
SMALLEST_ON_A4 = 100
NARROW = 34.0
# Sharp on a screen and on A4; a floor is some 2,300 x 1,650 dots.
DOTS_PER_INCH = 200.0


@dataclass(frozen=True)
class _LargeSheet(Sheet):
    """A3 across."""

    @property
    def size(self) -> tuple[float, float]:
        wide, high = A3
        return high, wide


def render(doc: DesignDocument, lang: Language = "zh") -> bytes:
    """The PDF. Raises InputError report.glyph_missing."""
    return _Paper(doc, lang).pdf()


class _Paper:
    """One printing."""

    def __init__(self, doc: DesignDocument, lang: Language) -> None:
        self.doc, self.lang, self.view = doc, lang, doc.view
        self.lights = calculate(doc.scene)
        self.judged = verdicts(doc.view.rooms, self.lights, doc.view.standard)
        self.plans = self._plans()

    def say(self, text: str, **values: object) -> str:
        return tr_in(self.lang, text, **values)

    def _plans(self) -> dict[str, Plan]:
        made = {}
        for sha256, (data, name) in self.doc.plans.items():
            try:
                made[sha256] = underlays.read(data, name)
            except InputError:
                # It was readable when it was imported; the drawing goes without it rather than not at all.
                continue
        return made

    def pdf(self) -> bytes:
        view = self.view
        label = f"{view.number}-R{view.revision}"
        company = (self.doc.letterhead.name_en if self.lang == "en" else "") or self.doc.letterhead.name
        footer = " · ".join(filter(None, (label, company, view.content_hash and f"SHA-256 {view.content_hash[:8]}")))
        marks = {"approved": "", "approved_with_notes": "", "superseded": self.say("已被新版取代")}
        mark = marks.get(view.state, self.say("未评审"))
        sheets = [self._sheet_of(floor) for floor in floors_of(view.rooms, view.luminaires)]
        kind = _LargeSheet if any(self._scale(s) > SMALLEST_ON_A4 for s in sheets) else Sheet
        sheet = kind(
            title=f"{self.say('照明方案')} {label}", footer=footer, running=f"{view.customer}  ·  {view.title} {label}",
            watermark=mark, landscape=True, lang=self.lang, author=self.doc.letterhead.name, subject=view.title,
        )  # fmt: skip
        story: list[Flowable] = [
            Head(self.doc.letterhead, self.lang, self.say("照明方案"), label),
            *self._cover(sheets),
            PageBreak(),
            Text(self.say("照度计算结果"), "section"),
            self._results(),
            Text(self._method(), "small"),
            Text(self.say("灯具表"), "section"),
            self._schedule(),
        ]
        if view.notes.strip():
            story += [Text(self.say("设计说明"), "section"), Text(view.notes, "body")]
        for part in sheets:
            where = f" {part.floor}" if len(sheets) > 1 else ""
            story += [PageBreak(), PlanDrawing(part, self.say, self.say("灯具布置图") + where, heat=False)]
            if any(light.lux is not None for light in part.lights.values()):
                story += [PageBreak(), PlanDrawing(part, self.say, self.say("照度分布图") + where, heat=True)]
        used = {r.variant_id for r in view.luminaires if r.variant_id is not None}
        for product in self.doc.products:
            story += [PageBreak(), *catalogue.body(product, self.lang, sheet.width, used)]
        return build(sheet, story)

    def png(self) -> bytes:
        """Each floor's page at DOTS_PER_INCH."""
        sheets = [self._sheet_of(floor) for floor in floors_of(self.view.rooms, self.view.luminaires)]
        lit = any(light.lux is not None for light in self.lights.values())
        story: list[Flowable] = []
        for part in sheets:
            where = f" {part.floor}" if len(sheets) > 1 else ""
            title = f"{self.view.title} {self.view.number}-R{self.view.revision}{where}"
            story += [PlanDrawing(part, self.say, title, heat=lit), PageBreak()]
        sheet = Sheet(title=self.view.title, landscape=True, lang=self.lang)
        return pages.picture(build(sheet, story[:-1]), DOTS_PER_INCH)

    def _cover(self, sheets: Sequence[PlanSheet]) -> list[Flowable]:
        """The first page: what it is, for whom, and what follows."""
        view = self.view
        contents = [self.say("照度计算结果"), self.say("灯具表")]
        lit = any(light.lux is not None for light in self.lights.values())
        for part in sheets:
            where = f" {part.floor}" if len(sheets) > 1 else ""
            contents += [self.say("灯具布置图") + where, *([self.say("照度分布图") + where] if lit else [])]
        if self.doc.products:
            contents.append(self.say("产品资料") + "：" + "、".join(p.product.model_no for p in self.doc.products[:12]))
        return [
            Gap(64),
            Text(view.title, "title", size=26),
            Text(f"{view.customer}  ·  {view.case_title}", "subtitle", size=13),
            Gap(28),
            *self._facts(),
            Gap(20),
            Text(self.say("目录"), "section"),
            *(Text(f"{n}.  {text}", "body") for n, text in enumerate(contents, start=1)),
        ]

    def _scale(self, sheet: PlanSheet) -> int:
        left, bottom, right, top = sheet.bounds()
        wide, high = Sheet(title="", landscape=True).size
        inner = wide - 2 * MARGIN - LEGEND_WIDTH - 12 - 2 * BORDER
        return scale_for(right - left, top - bottom, inner, high - MARGIN - FOOTER - 40 - 2 * BORDER)

    def _sheet_of(self, floor: str) -> PlanSheet:
        view = self.view
        rooms = tuple(r for r in view.rooms if r.floor == floor)
        lights = {r.id: self.lights[r.id] for r in rooms if r.id in self.lights and r.id is not None}
        return PlanSheet(
            floor=floor,
            rooms=rooms,
            luminaires=tuple(r for r in view.luminaires if r.floor == floor),
            underlays=tuple(u for u in view.underlays if u.floor == floor),
            plans=self.plans,
            lights=lights,
            passed={k: v.ok for k, v in self.judged.items()},
            facts=self.doc.facts,
            positions=self.doc.schedule.positions,
            upper=_upper(self.lights.values(), self.judged.values()),
        )

    def _facts(self) -> list[Flowable]:
        view = self.view
        state = self.say(KINDS["design"].states.get(view.state, view.state))
        watts = sum(
            f.watts for r in view.luminaires if r.variant_id and (f := self.doc.scene.fixtures.get(r.variant_id))
        )
        area = sum(light.figures.area_m2 for light in self.lights.values())
        pairs = [
            (self.say("方案名称"), view.title),
            (self.say("客户"), view.customer),
            (self.say("项目"), f"{view.case_number} {view.case_title}"),
            (self.say("设计负责人"), view.owner),
            (self.say("状态"), state),
            (self.say("维护系数"), f"{view.maintenance_factor:.2f}"),
            (self.say("灯具"), self.say("{n} 盏，共 {watts} W", n=len(view.luminaires), watts=f"{watts:.0f}")),
            (self.say("面积"), f"{area:.1f} m²"),
        ]
        return [Pairs(pairs, 2, 80.0), Gap(4)]

    def _method(self) -> str:
        found = standards.standard(self.view.standard)
        return self.say(
            "照度为维持平均照度，含直射光与各表面的相互反射；靠墙区域不计入平均值。标准：{standard}；功率密度限值：{limit}。",
            standard=found.standard, limit=found.limit_standard or "—",
        )  # fmt: skip

    def _results(self) -> Grid:
        columns = (
            Col(self.say("房间"), weight=1.3), Col(self.say("房间类型（标准条文）"), weight=2.2),
            Col(self.say("面积 m²"), 46, align="right", nowrap=True),
            Col(self.say("平均照度 lx"), 62, align="right", nowrap=True),
            Col(self.say("标准 lx"), 46, align="right", nowrap=True),
            Col(self.say("最小 lx"), 46, align="right", nowrap=True),
            Col("U0", NARROW, align="right", nowrap=True), Col(self.say("标准"), NARROW, align="right", nowrap=True),
            Col("UGR", NARROW, align="right", nowrap=True), Col(self.say("标准"), NARROW, align="right", nowrap=True),
            Col("W/m²", 38, align="right", nowrap=True), Col(self.say("限值"), NARROW, align="right", nowrap=True),
            Col(self.say("结论"), 66, align="right"),
        )  # fmt: skip
        rows = [self._result(r) for r in self.view.rooms]
        return Grid(columns, rows or [Row((self.say("还没有房间"),), span=len(columns), look="note")])

    def _result(self, room: RoomDraft) -> Row:
        light, judged = self.lights.get(room.id), self.judged.get(room.id)  # type: ignore[arg-type]
        row = standards.find(room.room_type, self.view.standard)
        kind = f"{row.name(self.lang)}（{standards.source(row)}）" if row else "—"
        lux = light.lux if light else None
        uniformity = judged.check("uniformity") if judged else None
        glare = judged.check("ugr") if judged else None
        lpd = judged.check("lpd") if judged else None
        return Row(
            (
                room.name,
                kind,
                f"{light.figures.area_m2:.2f}" if light else "—",
                f"{lux.average_lux:.0f}" if lux else "—",
                f"{judged.target_lux:.0f}" if judged and judged.target_lux else "—",
                f"{lux.minimum_lux:.0f}" if lux else "—",
                f"{lux.uniformity:.2f}" if lux else "—",
                _required(uniformity, 2),
                f"{glare.value:.1f}" if glare is not None and glare.value is not None else "—",
                _required(glare, 0),
                f"{(lpd.value if lpd and lpd.value is not None else light.figures.lpd):.1f}" if light else "—",
                _required(lpd, 1),
                self._word(light, judged),
            ),
            strong=frozenset({3, 12}),
        )

    def _word(self, light: RoomLight | None, judged: RoomVerdict | None) -> str:
        if light is None or light.lux is None:
            return self.say("无法计算") if light is not None and light.problem else self.say("无灯具")
        if judged is None or judged.ok is None:
            return self.say("未定标准")
        return self.say("达标") if judged.ok else self.say("未达标")

    def _schedule(self) -> Grid:
        columns = (
            Col(self.say("序号"), 32, align="right", nowrap=True), Col(self.say("产品"), weight=1.6),
            Col(self.say("型号"), weight=1.2), Col(self.say("规格"), weight=2.4),
            Col(self.say("数量"), 44, align="right", nowrap=True), Col(self.say("单位"), 34),
            Col("W", 44, align="right", nowrap=True), Col("lm", 54, align="right", nowrap=True),
            Col(self.say("合计 W"), 52, align="right", nowrap=True),
        )  # fmt: skip
        rows: list[Row] = []
        room = ""
        for line in self.doc.rows:
            name = line.room or self.say("房间以外")
            if name != room:
                room = name
                rows.append(Row((room,), look="section", span=len(columns)))
            facts = self.doc.facts.get(line.variant_id)
            rows.append(
                Row(
                    (
                        str(line.position), line.name, facts.sku if facts else line.model_no, line.spec,
                        str(line.quantity), line.unit, plain(line.power_w) if line.power_w is not None else "—",
                        str(line.flux_lm) if line.flux_lm is not None else "—",
                        plain(line.power_w * line.quantity) if line.power_w is not None else "—",
                    )
                )
            )  # fmt: skip
        total = sum(line.quantity for line in self.doc.rows)
        watts = sum(line.power_w * line.quantity for line in self.doc.rows if line.power_w is not None)
        if rows:
            cells: tuple[Any, ...] = (
                self.say("合计"),
                None,
                None,
                None,
                str(total),
                "",
                "",
                "",
                plain(watts) if watts else "",
            )
            rows.append(Row(cells, look="total", span=4))
        return Grid(columns, rows or [Row((self.say("还没有灯具"),), span=len(columns), look="note")])


def _required(check: Check | None, places: int) -> str:
    return f"{check.required:.{places}f}" if check is not None and check.required is not None else "—"


def _upper(lights: Any, judged: Sequence[RoomVerdict] | Any) -> float:
    """The colour scale's end: half as much again as the highest target, at a round value."""
    targets = [v.target_lux for v in judged if v.target_lux]
    wanted = max(targets) * 1.6 if targets else max((x.lux.average_lux * 1.5 for x in lights if x.lux), default=500.0)
    exponent = math.floor(math.log10(max(wanted, 1.0)))
    return float(next(f * 10**exponent for f in (1, 2, 3, 4, 5, 6, 8, 10) if f * 10**exponent >= wanted * 0.999))


def render_png(doc: DesignDocument, lang: Language = "zh") -> bytes:
    """The floors' plans to scale, with light where there is any, one below the other, as a picture."""
    return _Paper(doc, lang).png()


REPORTS: dict[str, dict[str, Report]] = {
    "design": {
        "pdf": Report(document, render),
        "png": Report(document, render_png),
        "dxf": Report(document, designs_dxf.render),
        "csv": Report(document, designs_tables.csv_bytes),
        "xlsx": Report(document, designs_tables.xlsx_bytes),
    }
}
