"""The plan as DXF, for the architect's own drawing: millimetres, a block per product with what it is as attributes, layers per floor and kind.

Read back by anything that reads AutoCAD 2013; floors share their coordinates and stand on layers of their own, only the first is on.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import ezdxf
import numpy as np
from ezdxf import units
from ezdxf.enums import TextEntityAlignment
from ezdxf.layouts.blocklayout import BlockLayout
from ezdxf.layouts.layout import Modelspace

from presales_desktop.lighting.diagram import isolines
from presales_desktop.models.designs import NOTES, OPENINGS, SOLIDS
from presales_desktop.models.values import plain
from presales_desktop.reports.designs_plan import floors_of
from presales_desktop.services.design_drafts import ItemDraft, LuminaireDraft, RoomDraft
from presales_desktop.services.design_light import RoomLight, calculate
from presales_desktop.services.design_print import DesignDocument
from presales_desktop.services.design_symbols import Point, Symbol, symbol_of
from presales_desktop.texts import Language, tr_in

MM: Final = 1000.0
VERSION: Final = "R2013"
# Kind of layer → AutoCAD colour index; what is printed is black or grey, light is coloured.
LAYERS: Final = {
    "ROOMS": 7, "ROOM-TEXT": 8, "SOLIDS": 8, "OPENINGS": 5, "NOTES": 8, "LUMINAIRES": 30, "LUMINAIRE-TEXT": 30,
    "ISOLUX": 3, "LUX-VALUES": 9,
}  # fmt: skip
LEGEND: Final = "LEGEND"
STYLE: Final = "PRESALES"
TEXT_MM: Final = 150.0
SMALL_MM: Final = 90.0
# A value every so many metres: what a person reads, not every point of the calculation.
VALUES_M: Final = 0.5
_LEVELS: Final = (5, 10, 20, 30, 50, 75, 100, 150, 200, 300, 400, 500, 750, 1000, 1500, 2000, 3000, 5000)
_FORBIDDEN: Final = re.compile(r"[<>/\\\":;?*|=`,\x00-\x1f]+")


def render(doc: DesignDocument, lang: Language = "zh") -> bytes:
    """The drawing."""
    made = _Drawing(doc, lang)
    made.draw()
    out = io.StringIO(newline="")
    made.dxf.write(out)
    return out.getvalue().encode("utf-8")


def safe(name: str) -> str:
    """NAME as DXF allows it for layers and blocks."""
    return _FORBIDDEN.sub("_", name).strip()[:60] or "_"


class _Drawing:
    def __init__(self, doc: DesignDocument, lang: Language) -> None:
        self.doc, self.lang = doc, lang
        self.dxf = ezdxf.new(VERSION)  # type: ignore[attr-defined]  # not declared as exported
        self.dxf.units = units.MM
        self.dxf.header["$MEASUREMENT"] = 1
        self.dxf.styles.add(STYLE, font="simhei.ttf")
        self.space: Modelspace = self.dxf.modelspace()
        self.lights: dict[UUID, RoomLight] = calculate(doc.scene, whole=False)
        self.blocks: dict[UUID | None, str] = {}

    def say(self, text: str, **values: object) -> str:
        return tr_in(self.lang, text, **values)

    def draw(self) -> None:
        """All floors and the legend."""
        view = self.doc.view
        for n, floor in enumerate(floors_of(view.rooms, view.luminaires)):
            for kind, colour in LAYERS.items():
                layer = self.dxf.layers.add(self.layer(floor, kind), color=colour)
                # Values hide the plan: on when somebody wants them.
                if n or kind == "LUX-VALUES":
                    layer.off()
            for room in view.rooms:
                if room.floor == floor:
                    self._room(room)
            for item in view.items:
                if item.floor == floor:
                    self._item(item)
            for luminaire in view.luminaires:
                if luminaire.floor == floor:
                    self._luminaire(luminaire)
        self._legend()

    def layer(self, floor: str, kind: str) -> str:
        """A floor's layer of one KIND."""
        return f"{safe(floor)}-{kind}"

    def _line(self, points: Any, layer: str, *, closed: bool = False, **more: Any) -> None:
        attributes = {"layer": layer, **more}
        self.space.add_lwpolyline([(x * MM, y * MM) for x, y in points], close=closed, dxfattribs=attributes)

    def _text(
        self, text: str, x_m: float, y_m: float, layer: str, size: float = TEXT_MM, *, middle: bool = False
    ) -> None:
        made = self.space.add_text(
            " ".join(text.split()), height=size, dxfattribs={"layer": layer, "style": STYLE}
        )  # fmt: skip
        where = TextEntityAlignment.MIDDLE_CENTER if middle else TextEntityAlignment.LEFT
        made.set_placement((x_m * MM, y_m * MM), align=where)

    def _room(self, room: RoomDraft) -> None:
        self._line(room.polygon, self.layer(room.floor, "ROOMS"), closed=True, lineweight=50)
        light = self.lights.get(room.id) if room.id is not None else None
        x, y = np.mean(np.array(room.polygon), axis=0)
        lines = [room.name]
        if light is not None:
            lines.append(f"{light.figures.area_m2:.2f} m²  H={room.height_m:g} m")
            if light.lux is not None:
                figures = light.figures
                lines.append(f"{figures.average_lux:.0f} lx  U0={figures.uniformity:.2f}  {figures.lpd:.1f} W/m²")
        for n, text in enumerate(lines):
            self._text(text, float(x), float(y) - n * 0.25, self.layer(room.floor, "ROOM-TEXT"), middle=True)
        if light is not None and light.lux is not None:
            self._light(room, light)

    def _light(self, room: RoomDraft, light: RoomLight) -> None:
        lux = light.lux
        assert lux is not None
        low, high = float(np.nanmin(lux.values_lux)), float(np.nanmax(lux.values_lux))
        levels = [float(level) for level in _LEVELS if low < level < high]
        layer = self.layer(room.floor, "ISOLUX")
        for level, lines in isolines(lux.x_m, lux.y_m, lux.values_lux, levels).items():
            for line in lines:
                self._line(line.tolist(), layer)
                if len(line) > 12:
                    x, y = line[len(line) // 2]
                    self._text(f"{level:.0f}", float(x), float(y), layer, SMALL_MM, middle=True)
        spacing = float(lux.x_m[1] - lux.x_m[0]) if len(lux.x_m) > 1 else VALUES_M
        every = max(1, round(VALUES_M / spacing)) if spacing > 0 else 1
        values = self.layer(room.floor, "LUX-VALUES")
        for row in range(every // 2, len(lux.y_m), every):
            for column in range(every // 2, len(lux.x_m), every):
                value = float(lux.values_lux[row, column])
                if not np.isnan(value):
                    self._text(
                        f"{value:.0f}", float(lux.x_m[column]), float(lux.y_m[row]), values, SMALL_MM, middle=True
                    )

    def _item(self, item: ItemDraft) -> None:
        kind = "OPENINGS" if item.type in OPENINGS else "SOLIDS" if item.type in SOLIDS else "NOTES"
        layer = self.layer(item.floor, kind)
        if len(item.points) > 1:
            self._line(item.points, layer, closed=len(item.points) > 2 and item.type not in NOTES)
        said = item.text or item.name
        if said and item.points:
            self._text(said, item.points[0][0], item.points[0][1], layer, SMALL_MM)

    # -- luminaires ----------------------------------------------------------------------------------------------------

    def _luminaire(self, luminaire: LuminaireDraft) -> None:
        name = self._block(luminaire.variant_id)
        place = (luminaire.x_m * MM, luminaire.y_m * MM, luminaire.z_m * MM)
        made = self.space.add_blockref(
            name, place,
            dxfattribs={"layer": self.layer(luminaire.floor, "LUMINAIRES"), "rotation": luminaire.rotation_deg},
        )  # fmt: skip
        made.add_auto_attribs(self._attributes(luminaire.variant_id, luminaire))
        for attribute in made.attribs:
            attribute.dxf.layer = self.layer(luminaire.floor, "LUMINAIRE-TEXT")

    def _attributes(self, variant_id: UUID | None, luminaire: LuminaireDraft) -> dict[str, str]:
        facts = self.doc.facts.get(variant_id) if variant_id is not None else None
        position = self.doc.schedule.positions.get(variant_id) if variant_id is not None else None
        return {
            "INDEX": str(position) if position is not None else "?",
            "MODEL": facts.sku if facts else "",
            "NAME": facts.name if facts else "",
            "POWER_W": _number(facts.power_w if facts else None),
            "FLUX_LM": _number(facts.flux_lm if facts else None),
            "CCT_K": _number(facts.cct_k if facts else None),
            "CRI": _number(facts.ra if facts else None),
            "HEIGHT_M": f"{luminaire.z_m:g}",
            "TILT_DEG": f"{luminaire.tilt_deg:g}",
            "DIMMING": f"{luminaire.flux_factor:.0%}",
            "CIRCUIT": luminaire.circuit,
            "LABEL": luminaire.label,
        }

    def _block(self, variant_id: UUID | None) -> str:
        """The block of a product, made when it is met first; two products of one model number get two blocks."""
        if variant_id in self.blocks:
            return self.blocks[variant_id]
        facts = self.doc.facts.get(variant_id) if variant_id is not None else None
        name = safe(facts.sku if facts else "UNKNOWN")
        if name in self.dxf.blocks:
            name = f"{name}_{len(self.blocks) + 1}"
        block = self.dxf.blocks.new(name)
        block.block_record.dxf.units = units.MM
        symbol = symbol_of(facts)
        _draw(block, symbol)
        place = (symbol.reach * MM + 40, symbol.reach * MM + 40)
        block.add_attdef("INDEX", place, height=TEXT_MM, dxfattribs={"style": STYLE})
        for tag in tuple(self._attributes(None, LuminaireDraft()))[1:]:
            block.add_attdef(tag, (0, 0), height=SMALL_MM, dxfattribs={"style": STYLE, "flags": 1})
        self.blocks[variant_id] = name
        return name

    # -- legend --------------------------------------------------------------------------------------------------------

    def _legend(self) -> None:
        """The schedule as a table right of the plan."""
        rows = list(self._legend_rows())
        if len(rows) < 2:
            return
        self.dxf.layers.add(LEGEND, color=7)
        corners = [p for room in self.doc.view.rooms for p in room.polygon]
        corners += [(m.x_m, m.y_m) for m in self.doc.view.luminaires]
        left, top = max(x for x, _ in corners) + 1.5, max(y for _, y in corners)
        widths = [max(0.4, 0.14 * max(_wide(row[n]) for row in rows) + 0.2) for n in range(len(rows[0]))]
        height = 0.35
        for n, row in enumerate(rows):
            x = left
            for text, width in zip(row, widths, strict=True):
                self._text(text, x + 0.08, top - (n + 1) * height + 0.1, LEGEND)
                x += width
        edges = np.concatenate([[0.0], np.cumsum(widths)]) + left
        bottom = top - len(rows) * height
        for n in range(len(rows) + 1):
            self._line([(edges[0], top - n * height), (edges[-1], top - n * height)], LEGEND)
        for x in edges.tolist():
            self._line([(x, top), (x, bottom)], LEGEND)

    def _legend_rows(self) -> Iterator[tuple[str, ...]]:
        heads = ("序号", "型号", "产品", "W", "lm", "数量")
        yield tuple(self.say(text) if not text.isascii() else text for text in heads)
        for variant_id in self.doc.schedule.variant_ids:
            facts = self.doc.facts.get(variant_id)
            yield (
                str(self.doc.schedule.positions[variant_id]), facts.sku if facts else "", facts.name if facts else "?",
                _number(facts.power_w if facts else None), _number(facts.flux_lm if facts else None),
                str(self.doc.schedule.quantity(variant_id)),
            )  # fmt: skip


def _draw(block: BlockLayout, symbol: Symbol) -> None:
    if symbol.circle:
        block.add_circle((0, 0), symbol.circle * MM)
    for x, y, radius in symbol.circles:
        block.add_circle((x * MM, y * MM), radius * MM)
    if symbol.outline:
        block.add_lwpolyline(_mm(symbol.outline), close=True)
    for line in symbol.lines:
        block.add_lwpolyline(_mm(line))


def _mm(points: tuple[Point, ...]) -> list[Point]:
    return [(x * MM, y * MM) for x, y in points]


def _number(value: Decimal | int | None) -> str:
    return "" if value is None else plain(Decimal(value))


def _wide(text: str) -> int:
    """Columns that TEXT takes: Chinese is as wide as two letters."""
    return sum(2 if ord(c) > 0x2E7F else 1 for c in text)
