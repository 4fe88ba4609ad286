"""The rejected rows of an import as a workbook that people correct and import again."""

from __future__ import annotations

import datetime as dt
from io import BytesIO
from typing import Any

from presales_desktop.services.cells import Cell, text
from presales_desktop.services.imports import Preview, reasons
from presales_desktop.texts import tr


def annotated(seen: Preview) -> bytes:
    """The rejected rows as .xlsx: original columns, the line in the original file, and the reason. Corrected, it can be
    imported again as it is."""
    import xlsxwriter

    out = BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(out, {**options, "default_date_format": "yyyy-mm-dd", "remove_timezone": True})
    page = book.add_worksheet(tr("未导入的行"))
    head = book.add_format({"bold": True, "bg_color": "#EEF1F5", "border": 1, "border_color": "#D0D5DD"})
    why = book.add_format({"font_color": "#B42318", "text_wrap": True, "valign": "top"})
    for column, title in enumerate((tr("原因"), tr("原文件行号"), *seen.sheet.headers)):
        page.write_string(0, column, title, head)
    for n, row in enumerate(seen.rejected, start=1):
        page.write_string(n, 0, reasons(row, seen.target.kind), why)
        page.write_number(n, 1, row.line)
        for column, cell in enumerate(row.cells, start=2):
            _write_cell(page, n, column, cell)
    page.set_column(0, 0, 48)
    page.set_column(1, 1, 10)
    page.set_column(2, 1 + max(1, len(seen.sheet.headers)), 18)
    page.freeze_panes(1, 0)
    book.close()
    return out.getvalue()


def _write_cell(page: Any, row: int, column: int, cell: Cell) -> None:
    if cell is None or cell == "":
        return
    if isinstance(cell, (bool, dt.datetime, dt.date, dt.time, dt.timedelta)):
        page.write(row, column, cell)
    elif isinstance(cell, (int, float)) and abs(cell) < 10**15:
        page.write_number(row, column, cell)
    else:
        page.write_string(row, column, text(cell)[:32_000])
