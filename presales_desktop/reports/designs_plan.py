"""The plan on paper: to a standard scale, underlay in grey, rooms, numbered luminaires; and the same with its light."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import numpy as np
import numpy.typing as npt
from reportlab.lib.utils import ImageReader
from reportlab.platypus import Flowable

from presales_desktop.lighting.live import LuxResult
from presales_desktop.models.designs import contains
from presales_desktop.reports.frame import BAD, FAINT, GOOD, GREY, HAIRLINE, INK, Style, draw_line, ink
from presales_desktop.reports.typeset import BOLD, REGULAR, clean, fit, width
from presales_desktop.services.catalogue_facts import VariantFacts
from presales_desktop.services.design_drafts import LuminaireDraft, Point, RoomDraft, UnderlayDraft
from presales_desktop.services.design_light import RoomLight
from presales_desktop.services.design_symbols import Symbol, symbol_of
from presales_desktop.services.underlays import Plan

Floats32 = npt.NDArray[np.float32]
Say = Callable[..., str]

SCALES: Final = (20, 25, 30, 40, 50, 75, 100, 125, 150, 200, 250, 300, 400, 500, 750, 1000, 1500, 2000)
POINTS_PER_METRE: Final = 72 / 0.0254
LEGEND_WIDTH: Final = 158.0
BORDER: Final = 26.0
# The anchors of viridis (CC0): even in perceived lightness, readable in grey.
COLOURS: Final = (
    (68, 1, 84), (72, 40, 120), (62, 74, 137), (49, 104, 142), (38, 130, 142),
    (31, 158, 137), (53, 183, 121), (109, 205, 89), (180, 222, 44), (253, 231, 37),
)  # fmt: skip
_SMOOTH = 6


@dataclass(frozen=True)
class PlanSheet:
    """One floor for drawing. `plans` are parsed underlays by SHA-256; `upper` the end of the colour scale in lux."""

    floor: str
    rooms: tuple[RoomDraft, ...]
    luminaires: tuple[LuminaireDraft, ...]
    underlays: tuple[UnderlayDraft, ...]
    plans: Mapping[str, Plan]
    lights: Mapping[UUID, RoomLight]
    passed: Mapping[UUID, bool | None]
    facts: Mapping[UUID, VariantFacts]
    positions: Mapping[UUID, int]
    upper: float

    def bounds(self) -> tuple[float, float, float, float]:
        """(left, bottom, right, top) of what is drawn, metres; the underlay counts only where there is no room."""
        points: list[Point] = [p for r in self.rooms for p in r.polygon]
        points += [(r.x_m, r.y_m) for r in self.luminaires]
        if not points:
            for underlay in self.underlays:
                plan = self.plans.get(underlay.sha256)
                if plan is not None:
                    s = underlay.metres_per_unit or plan.first_scale()
                    points += [
                        (underlay.x_m, underlay.y_m),
                        (underlay.x_m + plan.width * s, underlay.y_m + plan.height * s),
                    ]
        if not points:
            return 0.0, 0.0, 10.0, 6.0
        xs, ys = [p[0] for p in points], [p[1] for p in points]
        return min(xs), min(ys), max(xs), max(ys)


def scale_for(width_m: float, height_m: float, wide: float, high: float) -> int:
    """The largest standard scale (1:N) at which a plan fits WIDE x HIGH points."""
    for n in SCALES:
        per_metre = POINTS_PER_METRE / n
        if width_m * per_metre <= wide and height_m * per_metre <= high:
            return n
    return SCALES[-1]


class PlanDrawing(Flowable):  # type: ignore[misc]  # reportlab has no types
    """A whole page: title line, drawing, legend at the right. HEAT: with light in colours, else the layout."""

    def __init__(self, sheet: PlanSheet, say: Say, title: str, *, heat: bool) -> None:
        super().__init__()
        self.sheet, self.say, self.title, self.heat = sheet, say, title, heat

    def wrap(self, space: float, height: float) -> tuple[float, float]:
        """As much as the page gives."""
        self.width, self.height = space, height - 1
        return self.width, self.height

    def draw(self) -> None:
        """Title, frame, drawing, legend."""
        c = self.canv
        draw_line(c, clean(self.title), 0, self.height - 13, Style(BOLD, 13), self.width - 120, shrink=True)
        wide, high = self.width - LEGEND_WIDTH - 12, self.height - 26
        left, bottom, right, top = self.sheet.bounds()
        n = scale_for(right - left, top - bottom, wide - 2 * BORDER, high - 2 * BORDER)
        per_metre = POINTS_PER_METRE / n
        c.setStrokeColor(ink(HAIRLINE))
        c.setLineWidth(0.6)
        c.rect(0, 0, wide, high)
        c.saveState()
        clip = c.beginPath()
        clip.rect(0, 0, wide, high)
        c.clipPath(clip, stroke=0, fill=0)
        c.translate(wide / 2 - (left + right) / 2 * per_metre, high / 2 - (bottom + top) / 2 * per_metre)
        self._plan(per_metre)
        c.restoreState()
        self._scale_bar(8, 8, per_metre, n)
        self._north(wide - 20, high - 34)
        text = self.say("比例 1:{n}", n=n)
        draw_line(c, text, 0, self.height - 13, Style(BOLD, 10, align="right"), self.width)
        self._legend(wide + 12, high)

    # the plan, in points with the plan's origin at (0, 0)

    def _plan(self, k: float) -> None:
        self._underlays(k)
        for room in self.sheet.rooms:
            if self.heat:
                self._light(room, k)
        for room in self.sheet.rooms:
            self._room(room, k)
        for luminaire in self.sheet.luminaires:
            self._luminaire(luminaire, k)
        for room in self.sheet.rooms:
            self._badge(room, k)

    def _underlays(self, k: float) -> None:
        c = self.canv
        for underlay in self.sheet.underlays:
            plan = self.sheet.plans.get(underlay.sha256)
            if plan is None or not underlay.visible:
                continue
            s = (underlay.metres_per_unit or plan.first_scale()) * k
            c.saveState()
            c.translate(underlay.x_m * k, underlay.y_m * k)
            c.rotate(underlay.rotation_deg)
            if plan.format == "image":
                c.setFillAlpha(0.45)
                c.drawImage(ImageReader(io.BytesIO(plan.picture)), 0, 0, plan.width * s, plan.height * s)
            else:
                self._lines(plan, underlay, s)
            c.restoreState()

    def _lines(self, plan: Plan, underlay: UnderlayDraft, s: float) -> None:
        c = self.canv
        c.setStrokeColor(ink("#b4bac4"))
        c.setLineWidth(0.35)
        for layer in plan.layers:
            if layer.name in underlay.hidden_layers:
                continue
            path = c.beginPath()
            for line in layer.lines():
                points = (line * s).tolist()
                path.moveTo(*points[0])
                for point in points[1:]:
                    path.lineTo(*point)
            c.drawPath(path, stroke=1, fill=0)

    def _outline(self, room: RoomDraft, k: float) -> Any:
        path = self.canv.beginPath()
        path.moveTo(room.polygon[0][0] * k, room.polygon[0][1] * k)
        for x, y in room.polygon[1:]:
            path.lineTo(x * k, y * k)
        path.close()
        return path

    def _room(self, room: RoomDraft, k: float) -> None:
        c = self.canv
        c.setStrokeColor(ink(INK))
        c.setLineWidth(1.1)
        c.drawPath(self._outline(room, k), stroke=1, fill=0)
        if self.heat:
            return
        corners = room.polygon
        for (x1, y1), (x2, y2) in zip(corners, [*corners[1:], *corners[:1]], strict=True):
            length = math.hypot(x2 - x1, y2 - y1)
            if length * k < 34:
                continue
            # Counter-clockwise outline: inside is to the left, dimensions stand there.
            nx, ny = -(y2 - y1) / length, (x2 - x1) / length
            c.saveState()
            c.translate((x1 + x2) / 2 * k + nx * 5, (y1 + y2) / 2 * k + ny * 5)
            turn = math.degrees(math.atan2(y2 - y1, x2 - x1))
            c.rotate(turn if -90 < turn <= 90 else turn + 180)
            draw_line(c, f"{length * 1000:.0f}", -30, -2, Style(REGULAR, 5.5, color=GREY, align="center"), 60)
            c.restoreState()

    def _luminaire(self, r: LuminaireDraft, k: float) -> None:
        c = self.canv
        facts = self.sheet.facts.get(r.variant_id) if r.variant_id else None
        symbol = symbol_of(facts)
        size = max(k, 2.6 / max(symbol.reach, 0.01))
        c.saveState()
        c.translate(r.x_m * k, r.y_m * k)
        draw_symbol(c, symbol, size, r.rotation_deg)
        number = self.sheet.positions.get(r.variant_id, 0) if r.variant_id else 0
        if number:
            offset = min(symbol.reach * size, 20.0) * 0.75 + 1.5
            text = str(number)
            wide = width(text, BOLD, 5.5)
            c.setFillColor(ink("#ffffff", 0.85))
            c.rect(offset - 0.8, offset - 1.2, wide + 1.6, 6.4, stroke=0, fill=1)
            draw_line(c, text, offset, offset, Style(BOLD, 5.5))
        c.restoreState()

    def _badge(self, room: RoomDraft, k: float) -> None:
        light = self.sheet.lights.get(room.id) if room.id else None
        xs = [p[0] for p in room.polygon]
        space = (max(xs) - min(xs)) * k - 6
        if space < 22:
            return
        words = [clean(room.name)]
        if light is not None and light.lux is not None:
            words.append(f"{light.lux.average_lux:.0f} lx · U0 {light.lux.uniformity:.2f}")
        c = self.canv
        size = 7.0
        sizes = [fit(w, BOLD if i == 0 else REGULAR, size, space, 4.0) for i, w in enumerate(words)]
        wide = max(width(w, BOLD if i == 0 else REGULAR, s) for i, (w, s) in enumerate(zip(words, sizes, strict=True)))
        x, y = self._badge_place(room, k, wide, 9.2 * len(words))
        c.setFillColor(ink("#ffffff", 0.82))
        c.roundRect(x - 2, y - 9.2 * len(words), wide + 4, 9.2 * len(words) + 1, 1.5, stroke=0, fill=1)
        passed = self.sheet.passed.get(room.id) if room.id else None
        colour = INK if passed is None else GOOD if passed else BAD
        for i, word in enumerate(words):
            of = Style(BOLD if i == 0 else REGULAR, sizes[i], color=INK if i == 0 else colour)
            draw_line(c, word, x, y - 7 - 9 * i, of)

    def _badge_place(self, room: RoomDraft, k: float, wide: float, high: float) -> tuple[float, float]:
        """Left end and top of the badge: the corner of the room that covers the fewest luminaires."""
        xs, ys = [p[0] for p in room.polygon], [p[1] for p in room.polygon]
        left, right, bottom, top = min(xs) * k, max(xs) * k, min(ys) * k, max(ys) * k
        places = [
            (left + 4, top - 5), (right - wide - 4, top - 5), (left + 4, bottom + high + 3),
            (right - wide - 4, bottom + high + 3), ((left + right - wide) / 2, (bottom + top + high) / 2),
        ]  # fmt: skip

        def covered(place: tuple[float, float]) -> float:
            x, y = place
            corners = ((x, y), (x + wide, y), (x, y - high), (x + wide, y - high))
            beside = sum(not contains(room.polygon, px / k, py / k) for px, py in corners)
            under = sum(
                x - 5 <= r.x_m * k <= x + wide + 5 and y - high - 5 <= r.y_m * k <= y + 5 for r in self.sheet.luminaires
            )
            return beside * 10 + under

        return min(places, key=covered)

    def _light(self, room: RoomDraft, k: float) -> None:
        light = self.sheet.lights.get(room.id) if room.id else None
        if light is None or light.lux is None:
            return
        c = self.canv
        lux = light.lux
        c.saveState()
        c.clipPath(self._outline(room, k), stroke=0, fill=0)
        x, y, w, h = _extent(lux)
        c.drawImage(ImageReader(heat_image(lux.values_lux, self.sheet.upper)), x * k, y * k, w * k, h * k)
        self._isolines(lux, k)
        c.restoreState()

    def _isolines(self, lux: LuxResult, k: float) -> None:
        from contourpy import contour_generator

        if min(lux.values_lux.shape) < 2:
            return
        c = self.canv
        c.setStrokeColor(ink("#ffffff", 0.85))
        c.setLineWidth(0.5)
        lines = contour_generator(lux.x_m, lux.y_m, np.ma.masked_invalid(lux.values_lux))
        low, high = float(np.nanmin(lux.values_lux)), float(np.nanmax(lux.values_lux))
        step = self.sheet.upper / 10
        for level in (step * i for i in range(1, 30)):
            if not low < level < high:
                continue
            for line in lines.lines(level):
                points = (np.asarray(line) * k).tolist()
                path = c.beginPath()
                path.moveTo(*points[0])
                for point in points[1:]:
                    path.lineTo(*point)
                c.drawPath(path, stroke=1, fill=0)
                if len(points) > 16:
                    px, py = points[len(points) // 2]
                    draw_line(
                        c, f"{level:.0f}", px - 10, py - 1.5, Style(BOLD, 4.6, color="#ffffff", align="center"), 20
                    )

    # around it

    def _scale_bar(self, x: float, y: float, per_metre: float, n: int) -> None:
        step = next(s for s in (0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200) if s * per_metre * 4 >= 80)
        c = self.canv
        c.setFillColor(ink("#ffffff", 0.9))
        c.rect(x - 3, y - 3, step * per_metre * 4 + 34, 20, stroke=0, fill=1)
        for i in range(4):
            c.setFillColor(ink(INK if i % 2 == 0 else "#ffffff"))
            c.setStrokeColor(ink(INK))
            c.setLineWidth(0.4)
            c.rect(x + i * step * per_metre, y, step * per_metre, 3.4, stroke=1, fill=1)
        for i in (0, 2, 4):
            text = f"{step * i:g}" + (" m" if i == 4 else "")
            draw_line(c, text, x + i * step * per_metre - 1, y + 6, Style(REGULAR, 6, color=GREY))

    def _north(self, x: float, y: float) -> None:
        c = self.canv
        c.setFillColor(ink(INK))
        path = c.beginPath()
        path.moveTo(x, y + 18)
        path.lineTo(x + 5, y)
        path.lineTo(x, y + 4)
        path.lineTo(x - 5, y)
        path.close()
        c.drawPath(path, stroke=0, fill=1)
        draw_line(c, "N", x - 6, y + 20, Style(BOLD, 8, align="center"), 12)

    def _legend(self, x: float, high: float) -> None:
        c = self.canv
        y = high - 10
        draw_line(c, self.say("图例"), x, y, Style(BOLD, 9))
        y -= 8
        if self.heat:
            y = self._colour_legend(x, y)
        for variant, number in sorted(self.sheet.positions.items(), key=lambda item: item[1]):
            here = sum(1 for r in self.sheet.luminaires if r.variant_id == variant)
            if not here or y < 30:
                continue
            y = self._legend_line(x, y, number, self.sheet.facts.get(variant), here)
        draw_line(c, self.say("北向按图纸上方"), x, 4, Style(REGULAR, 6, color=FAINT))
        draw_line(c, self.say("尺寸单位：毫米"), x, 13, Style(REGULAR, 6, color=FAINT))

    def _legend_line(self, x: float, y: float, number: int, facts: VariantFacts | None, here: int) -> float:
        c = self.canv
        symbol = symbol_of(facts)
        c.saveState()
        c.translate(x + 10, y - 12)
        draw_symbol(c, symbol, 8.0 / max(symbol.reach, 0.01), 0)
        c.restoreState()
        name = clean(facts.name) if facts else "?"
        draw_line(c, f"{number}  {name}", x + 24, y - 8, Style(BOLD, 7), LEGEND_WIDTH - 26, shrink=True)
        detail = clean(f"{facts.sku} × {here}") if facts else f"× {here}"
        draw_line(c, detail, x + 24, y - 16, Style(REGULAR, 6, color=GREY), LEGEND_WIDTH - 26, shrink=True)
        if facts:
            draw_line(
                c, clean(facts.spec), x + 24, y - 23, Style(REGULAR, 6, color=GREY), LEGEND_WIDTH - 26, shrink=True
            )
        return y - 30

    def _colour_legend(self, x: float, y: float) -> float:
        c = self.canv
        bands = 60
        for i in range(bands):
            c.setFillColor(ink("#{:02x}{:02x}{:02x}".format(*colour(i / (bands - 1)))))
            c.rect(x + i * (LEGEND_WIDTH - 14) / bands, y - 10, (LEGEND_WIDTH - 14) / bands + 0.4, 8, stroke=0, fill=1)
        for i in range(5):
            text = f"{self.sheet.upper * i / 4:.0f}" + (" lx" if i == 4 else "")
            draw_line(c, text, x + i * (LEGEND_WIDTH - 14) / 4 - 4, y - 18, Style(REGULAR, 6, color=GREY))
        return y - 28


def draw_symbol(c: Any, symbol: Symbol, size: float, rotation_deg: float) -> None:
    """A plan symbol around (0, 0), SIZE points a metre."""
    c.saveState()
    c.rotate(rotation_deg)
    c.setStrokeColor(ink(INK))
    c.setFillColor(ink("#fbe3a6"))
    c.setLineWidth(0.55)
    if symbol.outline:
        path = c.beginPath()
        path.moveTo(symbol.outline[0][0] * size, symbol.outline[0][1] * size)
        for px, py in symbol.outline[1:]:
            path.lineTo(px * size, py * size)
        path.close()
        c.drawPath(path, stroke=1, fill=1)
    if symbol.circle:
        c.circle(0, 0, symbol.circle * size, stroke=1, fill=1)
    for px, py, radius in symbol.circles:
        c.circle(px * size, py * size, radius * size, stroke=1, fill=0)
    for line in symbol.lines:
        path = c.beginPath()
        path.moveTo(line[0][0] * size, line[0][1] * size)
        for px, py in line[1:]:
            path.lineTo(px * size, py * size)
        c.drawPath(path, stroke=1, fill=0)
    c.restoreState()


def colour(share: float) -> tuple[int, int, int]:
    """The scale's colour at SHARE of its end."""
    place = min(max(share, 0.0), 1.0) * (len(COLOURS) - 1)
    low = min(int(place), len(COLOURS) - 2)
    part = place - low
    a, b = COLOURS[low], COLOURS[low + 1]
    return (
        round(a[0] + (b[0] - a[0]) * part), round(a[1] + (b[1] - a[1]) * part), round(a[2] + (b[2] - a[2]) * part),
    )  # fmt: skip


def heat_image(values: Floats32, upper: float) -> Any:
    """A smooth picture of lux, the top row the largest y; unknown cells take their neighbours' light (the outline clips)."""
    from PIL import Image

    table = np.array([colour(i / 255) for i in range(256)], dtype=np.uint8)
    # One more cell all round: the grid may end short of the walls, the outline clips what is too much.
    known = np.nan_to_num(np.pad(_spread(values), 1, mode="edge"), nan=0.0)
    share = (known / max(upper, 1e-6)).clip(0, 1)
    grey = Image.fromarray((share[::-1] * 255).astype(np.uint8))
    smooth = grey.resize((grey.width * _SMOOTH, grey.height * _SMOOTH), Image.Resampling.BICUBIC)
    return Image.fromarray(table[np.asarray(smooth)])


def _spread(values: Floats32) -> Floats32:
    """Known light carried outward cell by cell until nothing is unknown."""
    table = values.copy()
    for _ in range(sum(table.shape)):
        gaps = np.isnan(table)
        if not gaps.any() or gaps.all():
            break
        padded = np.pad(table, 1, constant_values=np.nan)
        around = np.stack([padded[1:-1, :-2], padded[1:-1, 2:], padded[:-2, 1:-1], padded[2:, 1:-1]])
        found = ~np.isnan(around)
        count = found.sum(axis=0)
        mean = np.where(found, around, 0.0).sum(axis=0) / np.maximum(count, 1)
        table = np.where(gaps & (count > 0), mean, table).astype(np.float32)
    return table


def _extent(lux: LuxResult) -> tuple[float, float, float, float]:
    dx = float(lux.x_m[1] - lux.x_m[0]) if len(lux.x_m) > 1 else 0.25
    dy = float(lux.y_m[1] - lux.y_m[0]) if len(lux.y_m) > 1 else 0.25
    return (
        float(lux.x_m[0]) - dx * 1.5,
        float(lux.y_m[0]) - dy * 1.5,
        float(lux.x_m[-1] - lux.x_m[0]) + dx * 3,
        float(lux.y_m[-1] - lux.y_m[0]) + dy * 3,
    )


def floors_of(rooms: Sequence[RoomDraft], luminaires: Sequence[LuminaireDraft]) -> list[str]:
    """Floors in the order of their names."""
    return sorted({r.floor for r in rooms} | {r.floor for r in luminaires}) or ["1F"]
