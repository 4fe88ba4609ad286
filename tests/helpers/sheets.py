"""Spreadsheets as companies keep them, written for tests: merged title rows, GB18030 text."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import xlsxwriter


def workbook(*sheets: tuple[str, Sequence[Sequence[Any]]], title: str = "") -> bytes:
    """An .xlsx with the given (name, rows); TITLE stands in a merged row above the rows of the first sheet."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out, {"in_memory": True, "strings_to_formulas": False, "default_date_format": "yyyy-mm-dd"}
    )
    for name, rows in sheets:
        page = book.add_worksheet(name)
        start = 0
        if title and name == sheets[0][0]:
            page.merge_range(0, 0, 0, max(1, len(rows[0]) - 1), title)
            start = 1
        for n, row in enumerate(rows, start=start):
            for column, value in enumerate(row):
                if value is not None:
                    page.write(n, column, value)
    book.close()
    return out.getvalue()


def text(
    rows: Sequence[Sequence[Any]], encoding: str = "gb18030", delimiter: str = ",", newline: str = "\r\n"
) -> bytes:
    """Delimited text."""
    return newline.join(delimiter.join(str(v) for v in row) for row in rows).encode(encoding)
