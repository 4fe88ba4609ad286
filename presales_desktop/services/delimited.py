"""Delimited text (.csv, .tsv, .txt): the encoding found by its marks and by strict decoding, the delimiter by the even width."""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from io import StringIO
from typing import Final

from presales_desktop.models.errors import InputError
from presales_desktop.services.cells import Cell

DELIMITERS: Final = (",", "\t", ";", "|", "，", "；")
SNIFF_LINES: Final = 60
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")
_MARKUP = re.compile(r"^\s*<(!doctype|html|table|\?xml|head|meta|style)", re.IGNORECASE)


def read_delimited(data: bytes, shown: str, max_rows: int) -> list[tuple[int, list[Cell]]]:
    """(line, cells) of each record. Raises InputError import.not_text, import.web_page, import.broken_quotes,
    import.too_many_rows."""
    content = decode(data, shown)
    if _MARKUP.match(content[:400]):
        raise InputError("import.web_page", file=shown)
    delimiter = sniff(content)
    rows: list[tuple[int, list[Cell]]] = []
    reader = csv.reader(StringIO(content, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for record in reader:
            rows.append((line, list(record)))
            line = reader.line_num + 1
            if len(rows) > max_rows:
                raise InputError("import.too_many_rows", file=shown, found=len(rows), limit=max_rows)
            if len(record) > 512:
                raise InputError(
                    "import.too_many_cells", file=shown, line=line - 1, rows=1, columns=len(record), limit=512
                )
    except csv.Error:
        raise InputError("import.broken_quotes", file=shown, line=line) from None
    return rows


def decode(data: bytes, shown: str) -> str:
    """Text of DATA: byte order mark first, then UTF-8, then UTF-16 without a mark, then GB18030 (Excel's habit in China).

    Raises InputError import.not_text with the line where decoding broke off.
    """
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF32_LE, ""),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return _checked(_decoded(data, encoding or "utf-32", shown), shown)
    if b"\x00" in data:
        # text has no zero bytes but as the halves of UTF-16 letters and line ends: first halves when big-endian
        first, second = data[::2].count(b"\x00"), data[1::2].count(b"\x00")
        guess = "utf-16-be" if first > second else "utf-16-le"
        return _checked(_decoded(data, guess, shown), shown)
    try:
        return _checked(data.decode("utf-8"), shown)
    except UnicodeDecodeError:
        return _checked(_decoded(data, "gb18030", shown), shown)


def _decoded(data: bytes, encoding: str, shown: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        raise InputError("import.not_text", file=shown, line=data[: error.start].count(b"\n") + 1) from None


def _checked(content: str, shown: str) -> str:
    found = _CONTROL.search(content)
    if found:
        raise InputError("import.not_text", file=shown, line=content.count("\n", 0, found.start()) + 1)
    return content.replace("\r\n", "\n").replace("\r", "\n")


def sniff(content: str) -> str:
    """The delimiter that cuts the first lines into the most equal pieces; a comma when nothing does."""
    lines = [line for line in content.split("\n", SNIFF_LINES)[:SNIFF_LINES] if line.strip()]
    best, best_score = ",", 0
    for delimiter in DELIMITERS:
        widths = Counter(_width(line, delimiter) for line in lines)
        widths.pop(1, None)
        if not widths:
            continue
        width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
        score = count * 100 + min(width, 50)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _width(line: str, delimiter: str) -> int:
    quoted = False
    pieces = 1
    for char in line[:20_000]:
        if char == '"':
            quoted = not quoted
        elif char == delimiter and not quoted:
            pieces += 1
    return pieces
