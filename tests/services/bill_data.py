"""A bill of quantities as clients send it."""

from __future__ import annotations

import io

import openpyxl
from openpyxl.drawing.image import Image as SheetImage
from openpyxl.styles import Font, PatternFill
from PIL import Image


def workbook(*, two_heads: bool = True) -> bytes:
    """As clients send it: merged titles, a head of two rows, sections, sums, formulas, formats, a logo, a second sheet with sums."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "照明清单"
    sheet.merge_cells("A1:I1")
    sheet["A1"] = "星河湾酒店照明工程量清单"
    sheet["A1"].font = Font(size=18, bold=True, color="FF0000")
    sheet["A2"] = "招标编号：XHW-2026-11"
    sheet.append([])
    sheet.append(["序号", "物料编码", "灯具名称", "规格型号", "技术参数", "单位", "数量", "报价（元）", None, "备注"])
    if two_heads:
        sheet.append([None, None, None, None, None, None, None, "单价", "合价", None])
        sheet.merge_cells("H4:I4")
    else:
        sheet["H4"], sheet["I4"] = "单价", "合价"
    start = sheet.max_row + 1
    rows = [
        ["一", None, "大堂"],
        [1, "HT-01", "防眩筒灯", "DG-0-30", "10W 3000K", "套", 24, None, f"=G{start + 1}*H{start + 1}", "含驱动"],
        [2, "HT-02", "嵌入式筒灯", "XX-TD15", "15W 光通量≥1400lm 3000K Ra≥90 IP44", "套", "12套", None, None, None],
        ["二", None, "客房"],
        [3, "HT-03", "定制水晶艺术灯", "", "", "套", 3, None, None, "图纸另附"],
        [None, None, "合计", None, None, None, None, None, f"=SUM(I{start}:I{start + 4})"],
    ]
    for row in rows:
        sheet.append(row)
    for cell in sheet["H"]:
        cell.fill = PatternFill("solid", fgColor="FFFF99")
        cell.number_format = "#,##0.000"
    picture = io.BytesIO()
    Image.new("RGB", (20, 10), "red").save(picture, "PNG")
    sheet.add_image(SheetImage(io.BytesIO(picture.getvalue())), "L1")
    other = book.create_sheet("汇总")
    other["A1"], other["B1"] = "照明", f"=照明清单!I{start + 5}"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
