"""The datasheet of a product (产品资料): picture, facts, order numbers, light distribution. It goes to customers: no price on it."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

from reportlab.platypus import Flowable, KeepTogether

from presales_desktop.models.values import plain
from presales_desktop.reports.figures import day, quantity
from presales_desktop.reports.frame import (
    ACCENT,
    AMBER,
    FAINT,
    HAIRLINE,
    Gap,
    Image,
    Pairs,
    Picture,
    Sheet,
    Style,
    Text,
    build,
    draw_line,
    ink,
)
from presales_desktop.reports.grid import Col, Grid, Row
from presales_desktop.reports.letterhead import Head
from presales_desktop.reports.report import Report
from presales_desktop.services.catalogue import ProductShown, VariantShown
from presales_desktop.services.catalogue_photometry import PhotometryRow
from presales_desktop.services.catalogue_print import Datasheet, datasheet
from presales_desktop.texts import Language, tr_in
from presales_desktop.texts.catalogue import KINDS

_Say = Callable[..., str]
_RING = Style(size=6.5, color=FAINT)
_LEGEND = Style(size=7)
_CURVES = (("c0", "c180", "C0–C180", ACCENT), ("c90", "c270", "C90–C270", AMBER))


class Beside(Flowable):  # type: ignore[misc]  # reportlab has no types
    """Two flowables side by side, their upper edges in line; the left one WIDTH points wide."""

    def __init__(self, left: Flowable, right: Flowable, width: float, gap: float = 16.0) -> None:
        super().__init__()
        self.left, self.right, self.left_width, self.gap = left, right, width, gap

    def wrap(self, space: float, height: float) -> tuple[float, float]:
        _, left = self.left.wrap(self.left_width, height)
        _, right = self.right.wrap(space - self.left_width - self.gap, height)
        self._heights = left, right
        self.width, self.height = space, max(left, right)
        return space, self.height

    def draw(self) -> None:
        left, right = self._heights
        self.left.drawOn(self.canv, 0, self.height - left)
        self.right.drawOn(self.canv, self.left_width + self.gap, self.height - right)


class Stack(Flowable):  # type: ignore[misc]
    """Flowables one under the other as one, for `Beside`."""

    def __init__(self, parts: Sequence[Flowable]) -> None:
        super().__init__()
        self.parts = list(parts)

    def wrap(self, space: float, height: float) -> tuple[float, float]:
        self.width = space
        self._heights = [part.wrap(space, height)[1] + part.getSpaceAfter() for part in self.parts]
        self.height = sum(self._heights)
        return space, self.height

    def draw(self) -> None:
        y = self.height
        for part, high in zip(self.parts, self._heights, strict=True):
            y -= high
            part.drawOn(self.canv, 0, y + part.getSpaceAfter())


class Polar(Flowable):  # type: ignore[misc]
    """The polar diagram of a stored photometry: cd per klm, nadir down, one closed curve per pair of C planes."""

    def __init__(self, figures: dict[str, Any], size: float) -> None:
        super().__init__()
        self.size = size
        lumens = float(figures.get("lumens") or 0.0)
        factor = 1000.0 / lumens if lumens > 0 else 1.0
        self.curves = {k: [cd * factor for cd in v] for k, v in figures.get("curves", {}).items()}
        self.peak = max((cd for curve in self.curves.values() for cd in curve), default=0.0)
        self.up = any(cd > 0.02 * self.peak for curve in self.curves.values() for cd in curve[len(curve) // 2 + 2 :])

    def wrap(self, space: float, _height: float) -> tuple[float, float]:
        self.width = min(space, self.size)
        radius = self.width / 2 - 14
        self.height = (2 if self.up else 1) * radius + 44
        return self.width, self.height

    def draw(self) -> None:
        radius = self.width / 2 - 14
        x, y = self.width / 2, self.height - 10 - (radius if self.up else 0)
        step, rings = _rings(self.peak)
        scale = radius / (step * rings)
        canvas = self.canv
        canvas.setLineWidth(0.4)
        canvas.setStrokeColor(ink(HAIRLINE))
        for n in range(1, rings + 1):
            reach = n * step * scale
            canvas.arc(x - reach, y - reach, x + reach, y + reach, 0 if self.up else 180, 360 if self.up else 180)
        for angle in range(-180 if self.up else -90, 181 if self.up else 91, 30):
            end = _at(x, y, angle, radius)
            canvas.line(x, y, *end)
            label = _at(x, y, angle, radius + 8)
            if angle > -180:
                draw_line(canvas, f"{abs(angle)}°", label[0] - 8, label[1] - 2, _centered(_RING), 16)
        for right, left, _, color in _CURVES:
            self._draw_curve(x, y, scale, right, left, color)
        for n in range(1, rings + 1):
            at = _at(x, y, 15, n * step * scale)
            draw_line(canvas, f"{n * step:g}", at[0] - 10, at[1] - 2, _centered(_RING), 20)
        self._draw_legend()

    def _draw_curve(self, x: float, y: float, scale: float, right: str, left: str, color: str) -> None:
        one, other = self.curves.get(right, []), self.curves.get(left, [])
        if len(one) < 2 or len(other) < 2:
            return
        points = [(-180.0 * n / (len(other) - 1), cd) for n, cd in enumerate(other)][::-1]
        points += [(180.0 * n / (len(one) - 1), cd) for n, cd in enumerate(one)]
        path = self.canv.beginPath()
        path.moveTo(*_at(x, y, points[0][0], points[0][1] * scale))
        for angle, cd in points[1:]:
            path.lineTo(*_at(x, y, angle, cd * scale))
        self.canv.setStrokeColor(ink(color))
        self.canv.setLineWidth(1.1)
        self.canv.drawPath(path, stroke=1, fill=0)

    def _draw_legend(self) -> None:
        at = 2.0
        for _, _, word, color in _CURVES:
            self.canv.setStrokeColor(ink(color))
            self.canv.setLineWidth(1.4)
            self.canv.line(at, 5, at + 10, 5)
            draw_line(self.canv, word, at + 13, 2.5, _LEGEND)
            at += 62
        draw_line(self.canv, "cd/klm", self.width - 40, 2.5, Style(size=7, color=FAINT, align="right"), 40)


def _centered(of: Style) -> Style:
    return Style(of.font, of.size, of.leading, of.color, "center")


def _at(x: float, y: float, angle_deg: float, reach: float) -> tuple[float, float]:
    turn = math.radians(angle_deg)
    return x + reach * math.sin(turn), y - reach * math.cos(turn)


def _rings(peak: float) -> tuple[float, int]:
    """A round step and how many of them hold PEAK: three to six rings."""
    if peak <= 0:
        return 100.0, 3
    raw = peak / 4
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * m for m in (1, 2, 2.5, 5, 10) if power * m >= raw)
    return step, max(1, math.ceil(peak / step - 1e-9))


def render_pdf(document: Datasheet, lang: Language = "zh") -> bytes:
    """The PDF. Raises InputError report.glyph_missing, image.unreadable."""
    product = document.product

    def say(text: str, **values: object) -> str:
        return tr_in(lang, text, **values)

    company = document.letterhead.name_en or document.letterhead.name if lang == "en" else document.letterhead.name
    sheet = Sheet(
        title=f"{say('产品资料')} {product.model_no}",
        footer="  ·  ".join(filter(None, (company, product.model_no, day(document.day)))),
        running=f"{product.model_no}  {product.name}",
        lang=lang,
        author=document.letterhead.name,
        subject=product.name,
    )
    story: list[Flowable] = [
        Head(document.letterhead, lang, say("产品资料"), product.model_no),
        *body(document, lang, sheet.width),
    ]
    notes = [say("本资料以实际产品为准，技术改进恕不另行通知。")]
    if product.demo or any(row.demo for row in product.photometry):
        notes.append(say("光度数据为演示数据，由公式计算，非实测。"))
    return build(sheet, [*story, Gap(6), Text(" ".join(notes), "small")])


def body(document: Datasheet, lang: Language, width: float, only: Collection[UUID] | None = None) -> list[Flowable]:
    """What stands below the letterhead, WIDTH points wide; of all variants and their light only those in ONLY, when given."""
    product = document.product
    if only is not None:
        shown = tuple(v for v in product.variants if v.id in only)
        lights = tuple(p for p in product.photometry if p.variant_id in only)
        # The product's own light stands for variants that have none.
        lights = lights or tuple(p for p in product.photometry if p.variant_id is None)[:1]
        product = replace(product, variants=shown, photometry=lights)

    def say(text: str, **values: object) -> str:
        return tr_in(lang, text, **values)

    made: list[Flowable] = [
        Text(product.name, "title", size=15),
        Text("  ·  ".join(filter(None, (product.brand, product.series, _word("category", product, say)))), "subtitle"),
        _opening(document, say, width),
    ]
    if product.description:
        made += [Gap(6), Text(product.description)]
    made += [Text(say("规格与订货号"), "section"), _variants(product, say)]
    for row in product.photometry:
        made += [KeepTogether([Text(_photometry_title(row, say), "section"), _light(row, say)])]
    return made


def _word(name: str, product: ProductShown, say: _Say) -> str:
    value = getattr(product, name)
    words = KINDS["product"].choices[name]
    values = value if isinstance(value, tuple) else (value,)
    return say("、").join(say(words[v]) for v in values if v in words)


def _opening(document: Datasheet, say: _Say, width: float) -> Flowable:
    facts = Pairs(_facts(document.product, say), 1, 74)
    if not document.pictures:
        return facts
    first, *more = [Image.read(content) for content in document.pictures]
    parts: list[Flowable] = [Picture(first, 170, 170)]
    parts += [Picture(image, 170, 90) for image in more[:2]]
    return Beside(Stack(parts), facts, 170, 22)


def _facts(product: ProductShown, say: _Say) -> list[tuple[str, str]]:
    labels = KINDS["product"].labels
    sizes = [
        f"{say(labels[name])} {getattr(product, name)} mm"
        for name in ("length_mm", "width_mm", "height_mm")
        if getattr(product, name)
    ]
    pairs = [
        (labels["style"], _word("style", product, say)),
        (labels["functions"], _word("functions", product, say)),
        (labels["mounting"], _word("mounting", product, say)),
        (labels["shape"], _word("shape", product, say)),
        ("尺寸", "  ".join(sizes)),
        (labels["cutout_mm"], f"{product.cutout_mm} mm" if product.cutout_mm else ""),
        (labels["ip_rating"], product.ip_rating),
        (labels["certificates"], product.certificates),
        (labels["warranty_years"], str(product.warranty_years) if product.warranty_years else ""),
        (labels["lead_days"], str(product.lead_days) if product.lead_days else ""),
    ]
    return [(say(label), value) for label, value in pairs if value]


def _variants(product: ProductShown, say: _Say) -> Grid:
    labels = KINDS["variant"].labels
    columns: list[tuple[Col, Callable[[VariantShown], str]]] = [
        (Col(say(labels["sku"]), weight=1.8, nowrap=True), lambda v: v.sku),
        (Col(say(labels["power_w"]), 48, align="right", nowrap=True), lambda v: _unit(v.power_w, "W")),
        (Col(say(labels["flux_lm"]), 56, align="right", nowrap=True), lambda v: _unit(v.flux_lm, "lm")),
        (Col(say("光效"), 52, align="right", nowrap=True), _efficacy),
        (Col(say(labels["cct_k"]), 64, align="right", nowrap=True), lambda v: f"{v.cct_k} K" if v.cct_k else ""),
        (Col("Ra", 34, align="right", nowrap=True), lambda v: str(v.ra) if v.ra else ""),
        (Col(say(labels["beam_deg"]), 44, align="right", nowrap=True), lambda v: _unit(v.beam_deg, "°", "")),
        (Col(say(labels["finish"])), lambda v: v.finish),
        (Col(say(labels["dimming"]), weight=1.2), lambda v: _dimming(v, say)),
    ]
    active = [v for v in product.variants if v.active]
    used = [(c, read) for c, read in columns if any(read(v) for v in active)]
    return Grid([c for c, _ in used], [Row(tuple(read(v) for _, read in used)) for v in active], size=7.6)


def _unit(value: Decimal | int | None, unit: str, space: str = " ") -> str:
    if value is None:
        return ""
    return f"{quantity(value) if isinstance(value, Decimal) else f'{value:,}'}{space}{unit}"


def _efficacy(v: VariantShown) -> str:
    return f"{v.flux_lm / float(v.power_w):.0f} lm/W" if v.flux_lm and v.power_w else ""


def _dimming(v: VariantShown, say: _Say) -> str:
    word = KINDS["variant"].choices["dimming"].get(v.dimming)
    return say(word) if word else ""


def _photometry_title(row: PhotometryRow, say: _Say) -> str:
    return f"{say('光度数据')}  {row.sku}" if row.sku else say("光度数据")


def _light(row: PhotometryRow, say: _Say) -> Flowable:
    figures = row.figures
    pairs = [(say(label), value) for label, value in light_figures(figures)]
    pairs += [(say("文件名"), row.name), (say("格式"), row.format)]
    return Beside(Polar(figures, 210), Pairs(pairs, 1, 86), 210)


def light_figures(figures: dict[str, Any]) -> list[tuple[str, str]]:
    """(Chinese label, value) of a photometry's key figures that are known: flux, efficacy, angles, peak, share down and up."""
    lumens, down = float(figures.get("lumens") or 0), float(figures.get("lumens_down") or 0)
    up = float(figures.get("lumens_up") or 0)
    pairs = [
        ("光通量", f"{lumens:,.0f} lm"),
        (
            "功率",
            f"{plain(Decimal(str(round(float(figures.get('watts') or 0), 2))))} W" if figures.get("watts") else "",
        ),
        ("光效", f"{figures['efficacy_lm_w']:.1f} lm/W" if figures.get("efficacy_lm_w") else ""),
        ("光束角（50%）", _degrees(figures.get("beam_angle_deg"))),
        ("光场角（10%）", _degrees(figures.get("field_angle_deg"))),
        ("最大光强", f"{float(figures.get('max_candela') or 0):,.0f} cd"),
        ("下射 / 上射", f"{100 * down / lumens:.0f} % / {100 * up / lumens:.0f} %" if lumens > 0 else ""),
        ("灯具效率", f"{100 * figures['lor']:.0f} %" if figures.get("lor") else ""),
    ]
    return [(label, value) for label, value in pairs if value]


def _degrees(value: Any) -> str:
    return f"{float(value):.0f}°" if value else ""


REPORTS: dict[str, dict[str, Report]] = {"product": {"pdf": Report(datasheet, render_pdf)}}
