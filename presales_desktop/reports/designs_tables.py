"""The luminaire schedule as a table that others go on calculating with: CSV (what Excel opens) and XLSX with places and results on sheets of their own."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any, Final

import xlsxwriter

from presales_desktop.models.standards import RoomVerdict
from presales_desktop.services.design_drafts import room_at
from presales_desktop.services.design_light import calculate, verdicts
from presales_desktop.services.design_print import DesignDocument
from presales_desktop.texts import Language, tr_in

SCHEDULE: Final = ("房间", "序号", "产品", "型号", "规格", "数量", "单位", "W", "lm", "合计 W")
PLACES: Final = (
    "楼层",
    "房间",
    "序号",
    "型号",
    "X m",
    "Y m",
    "光源高度 m",
    "旋转 °",
    "倾角 °",
    "调光 %",
    "回路",
    "标记",
)
RESULTS: Final = (
    "楼层", "房间", "面积 m²", "平均照度 lx", "标准 lx", "最小 lx", "U0", "UGR", "W/m²", "结论",
)  # fmt: skip
# What a spreadsheet would take for a formula when it opens a CSV.
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


def csv_bytes(doc: DesignDocument, lang: Language = "zh") -> bytes:
    """The schedule by room; UTF-8 with its mark, so that Excel reads the Chinese."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow([_head(text, lang) for text in SCHEDULE])
    for row in _schedule(doc, lang):
        writer.writerow([_plain(cell) for cell in row])
    return out.getvalue().encode("utf-8-sig")


def xlsx_bytes(doc: DesignDocument, lang: Language = "zh") -> bytes:
    """Schedule, places of every luminaire, results by room."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    base = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "vcenter"}
    head = book.add_format(base | {"bold": True, "bg_color": "#E9EEF7", "bottom": 1, "bottom_color": "#B8BFCA"})
    text, number = book.add_format(base), book.add_format(base | {"num_format": "0.###"})
    for title, heads, rows in (
        ("灯具表", SCHEDULE, _schedule(doc, lang)),
        ("灯具坐标", PLACES, _places(doc)),
        ("照度计算结果", RESULTS, _results(doc, lang)),
    ):
        sheet = book.add_worksheet(tr_in(lang, title)[:31])
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(heads) - 1, 13)
        for n, word in enumerate(heads):
            sheet.write_string(0, n, _head(word, lang), head)
        last = 0
        for last, row in enumerate(rows, start=1):
            for n, cell in enumerate(row):
                if cell is None:
                    continue
                if isinstance(cell, str):
                    sheet.write_string(last, n, cell, text)
                else:
                    sheet.write_number(last, n, float(cell), number)
        if last:
            sheet.autofilter(0, 0, last, len(heads) - 1)
    book.close()
    return out.getvalue()


def _head(text: str, lang: Language) -> str:
    return text if text.isascii() else tr_in(lang, text)


def _plain(cell: Any) -> Any:
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return f"'{cell}"
    return cell


def _schedule(doc: DesignDocument, lang: Language) -> Iterator[Sequence[Any]]:
    for line in doc.rows:
        facts = doc.facts.get(line.variant_id)
        watts = line.power_w * line.quantity if line.power_w is not None else None
        yield (
            line.room or tr_in(lang, "房间以外"), line.position, line.name, facts.sku if facts else line.model_no, line.spec,
            line.quantity, line.unit, line.power_w, line.flux_lm, watts,
        )  # fmt: skip


def _places(doc: DesignDocument) -> Iterator[Sequence[Any]]:
    for each in doc.view.luminaires:
        room = room_at(doc.view.rooms, each.x_m, each.y_m, each.floor)
        facts = doc.facts.get(each.variant_id) if each.variant_id is not None else None
        position = doc.schedule.positions.get(each.variant_id) if each.variant_id is not None else None
        yield (
            each.floor, room.name if room else "", position, facts.sku if facts else "", round(each.x_m, 4), round(each.y_m, 4),
            round(each.z_m, 4), each.rotation_deg, each.tilt_deg, round(each.flux_factor * 100, 1), each.circuit, each.label,
        )  # fmt: skip


def _results(doc: DesignDocument, lang: Language) -> Iterator[Sequence[Any]]:
    lights = calculate(doc.scene)
    judged = verdicts(doc.view.rooms, lights, doc.view.standard)
    for room in doc.view.rooms:
        light = lights.get(room.id) if room.id is not None else None
        verdict = judged.get(room.id) if room.id is not None else None
        lux = light.lux if light is not None else None
        glare = verdict.check("ugr") if verdict is not None else None
        yield (
            room.floor, room.name, round(light.figures.area_m2, 2) if light else None,
            round(light.figures.average_lux, 1) if light and lux else None, verdict.target_lux if verdict else None,
            round(lux.minimum_lux, 1) if lux else None, round(light.figures.uniformity, 3) if light and lux else None,
            round(glare.value, 1) if glare is not None and glare.value is not None else None,
            round(light.figures.lpd, 2) if light else None, _word(verdict, lang),
        )  # fmt: skip


def _word(verdict: RoomVerdict | None, lang: Language) -> str:
    if verdict is None or verdict.ok is None:
        return tr_in(lang, "未定标准")
    return tr_in(lang, "达标") if verdict.ok else tr_in(lang, "未达标")
