"""Excel workbooks and delimited text as tables: the header row found under merged titles, each row with its line in the file.

    sheets = read(path)                    every sheet that holds a table
    sheet = read_table(path, known=words)  the one whose header fits best

Whatever is handed over (truncated, garbled, huge, foreign, protected) ends in InputError with the file and, where there is one,
the line; nothing else is raised. Limits: 50 MB, 200,000 rows, 512 columns, 10 million cells, 500 MB unpacked.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Collection, Iterator, Sequence
from copy import copy
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final

from presales_desktop.models.errors import InputError
from presales_desktop.services.cells import Cell, header_key, text
from presales_desktop.services.delimited import read_delimited

MAX_BYTES: Final = 50 * 1024 * 1024
MAX_UNPACKED: Final = 500 * 1024 * 1024
MAX_ROWS: Final = 200_000
MAX_COLUMNS: Final = 512
MAX_CELLS: Final = 10_000_000
HEADER_SEARCH_ROWS: Final = 40
PATTERNS: Final = ("*.xlsx", "*.xlsm", "*.xls", "*.et", "*.csv", "*.tsv", "*.txt")

_KNOWN_TYPES = "、".join(pattern[1:] for pattern in PATTERNS)
_ZIP = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
# a workbook with an opening password is a compound file with this stream
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
# PDF, pictures and archives: told by their first bytes, not taken for badly encoded text
_OTHER = {
    b"%PDF": "PDF", b"\x89PNG": "PNG", b"\xff\xd8\xff": "JPEG", b"GIF8": "GIF", b"Rar!": "RAR", b"7z\xbc\xaf": "7z",
    b"\x1f\x8b": "gzip", b"{\\rtf": "RTF",
}  # fmt: skip
# a cell with something in it: self-closing cells only carry a format, people format whole columns
_FILLED_CELL = re.compile(rb'<(?:\w+:)?c\s(?:[^<>]*?\s)?r="([A-Z]{1,3})([0-9]{1,7})"(?:[^<>]*[^/<>])?>')
_CHUNK = 1 << 20
_OVERLAP = 512


@dataclass(frozen=True)
class SheetRow:
    """One row under the header. `line`: its number in the file as Excel shows it (CSV: physical line), from 1."""

    line: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Sheet:
    """A table. `headers` are unique (a second 电话 reads "电话 (2)") and as many as each row has cells; `titles` are the texts
    above the header; `hits` how many headers are among the known words."""

    file: str
    name: str
    headers: tuple[str, ...]
    rows: tuple[SheetRow, ...]
    header_line: int
    titles: tuple[str, ...] = ()
    hits: int = 0

    def column(self, header: str) -> int | None:
        """Index of a column by its header, None when there is none of that name."""
        try:
            return self.headers.index(header)
        except ValueError:
            return None

    def samples(self, header: str, limit: int = 3) -> tuple[str, ...]:
        """The first different values of a column, as text: shown beside the mapping."""
        index = self.column(header)
        if index is None:
            return ()
        found: dict[str, None] = {}
        for row in self.rows:
            value = text(row.cells[index])
            if value:
                found[value] = None
                if len(found) >= limit:
                    break
        return tuple(found)


def read(source: Path | bytes, name: str = "", *, known: Collection[str] = ()) -> tuple[Sheet, ...]:
    """Every sheet of SOURCE (a path, or the content with its file NAME) that holds a table, in the book's order.

    KNOWN: column titles that may be expected; the header is the row with most of them, else the first that looks like one.
    Raises InputError: file.unreadable, file.empty, file.too_large, file.type_unknown, import.damaged, import.protected,
    import.web_page, import.not_text, import.broken_quotes, import.too_many_rows, import.too_many_cells, import.no_header.
    """
    shown = name or (source.name if isinstance(source, Path) else "")
    data = source if isinstance(source, bytes) else _content(source, shown)
    if not data.strip(b"\x00 \t\r\n"):
        raise InputError("file.empty", file=shown)
    if len(data) > MAX_BYTES:
        raise InputError("file.too_large", file=shown, size=_megabytes(len(data)), limit=_megabytes(MAX_BYTES))
    words = frozenset(header_key(word) for word in known)
    sheets, problem = [], None
    for title, rows in _tables(data, shown):
        try:
            sheets.append(_sheet(shown, title, rows, words))
        except InputError as error:
            problem = problem or error
    if not sheets:
        raise problem or InputError("file.empty", file=shown)
    return tuple(sheets)


def read_table(source: Path | bytes, name: str = "", *, known: Collection[str] = ()) -> Sheet:
    """The sheet whose header has most of the KNOWN words, the first when none has any. Raises as `read`."""
    sheets = read(source, name, known=known)
    return max(sheets, key=lambda sheet: sheet.hits)


def grids(source: Path | bytes, name: str = "") -> tuple[tuple[str, list[list[Cell]]], ...]:
    """Every visible sheet of SOURCE as rows of cells from A1 on, whatever stands in it. Raises as `read`, except import.no_header."""
    shown = name or (source.name if isinstance(source, Path) else "")
    data = source if isinstance(source, bytes) else _content(source, shown)
    if not data.strip(b"\x00 \t\r\n"):
        raise InputError("file.empty", file=shown)
    if len(data) > MAX_BYTES:
        raise InputError("file.too_large", file=shown, size=_megabytes(len(data)), limit=_megabytes(MAX_BYTES))
    return tuple((title, [list(row) for _, row in rows]) for title, rows in _tables(data, shown))


def _megabytes(size: int) -> str:
    return f"{size / 1024 / 1024:.0f} MB"


def _content(path: Path, shown: str) -> bytes:
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise InputError("file.too_large", file=shown, size=_megabytes(size), limit=_megabytes(MAX_BYTES))
        return path.read_bytes()
    except OSError as error:
        raise InputError("file.unreadable", file=shown, reason=error.strerror or type(error).__name__) from None


def _tables(data: bytes, shown: str) -> Iterator[tuple[str, list[tuple[int, list[Cell]]]]]:
    if data.startswith(_ZIP):
        _check_package(data, shown)
        yield from _workbook(data, shown)
    elif data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise InputError("import.protected", file=shown)
        yield from _workbook(data, shown)
    elif data.startswith(tuple(_OTHER)):
        raise InputError("file.not_a_table", file=shown, found=next(n for b, n in _OTHER.items() if data.startswith(b)))
    else:
        yield "", read_delimited(data, shown, MAX_ROWS + HEADER_SEARCH_ROWS)


# workbooks -----------------------------------------------------------------------------------------------------------


def _check_package(data: bytes, shown: str) -> None:
    """Refuse what would exhaust memory before the reader unpacks it: bombs, and one cell in the last corner of the sheet."""
    total = 0
    try:
        with zipfile.ZipFile(BytesIO(data)) as package:
            names = {info.filename for info in package.infolist()}
            if "xl/workbook.xml" not in names:
                raise InputError("file.type_unknown", file=shown, known=_KNOWN_TYPES)
            for info in package.infolist():
                if info.filename.startswith("xl/") and info.filename.endswith((".xml", ".rels")):
                    total = _scan_part(package, info, total, shown)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError):
        # RuntimeError: an encrypted zip member
        raise InputError("import.damaged", file=shown) from None


def _scan_part(package: zipfile.ZipFile, info: zipfile.ZipInfo, total: int, shown: str) -> int:
    honest = copy(info)
    honest.file_size = 1 << 40  # count what really comes out, whatever the directory claims
    is_sheet = info.filename.startswith("xl/worksheets/") and info.filename.endswith(".xml")
    last_row = last_column = 0
    tail = b""
    with package.open(honest) as part:
        while chunk := part.read(_CHUNK):
            total += len(chunk)
            if total > MAX_UNPACKED:
                raise InputError("file.too_large", file=shown, size=_megabytes(total), limit=_megabytes(MAX_UNPACKED))
            if not is_sheet:
                continue
            for column, row in _FILLED_CELL.findall(tail + chunk):
                last_row = max(last_row, int(row))
                last_column = max(last_column, _column_number(column))
            _check_area(last_row, last_column, shown)
            tail = chunk[-_OVERLAP:]
    return total


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _check_area(rows: int, columns: int, shown: str) -> None:
    if rows > MAX_ROWS + HEADER_SEARCH_ROWS:
        raise InputError("import.too_many_rows", file=shown, found=rows, limit=MAX_ROWS)
    if columns > MAX_COLUMNS or rows * columns > MAX_CELLS:
        raise InputError("import.too_many_cells", file=shown, rows=rows, columns=columns, limit=MAX_COLUMNS)


def _workbook(data: bytes, shown: str) -> Iterator[tuple[str, list[tuple[int, list[Cell]]]]]:
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    book: Any = _guarded(shown, lambda: CalamineWorkbook.from_filelike(BytesIO(data)))
    for meta in book.sheets_metadata:
        if meta.typ == SheetTypeEnum.WorkSheet and meta.visible == SheetVisibleEnum.Visible:
            rows: list[list[Cell]] = _guarded(shown, lambda name=meta.name: _grid(book, name, shown))
            if rows:
                yield meta.name, [(i + 1, row) for i, row in enumerate(rows)]


def _grid(book: Any, name: str, shown: str) -> list[list[Cell]]:
    sheet = book.get_sheet_by_name(name)
    _check_area(sheet.total_height, sheet.total_width, shown)
    found: list[list[Cell]] = sheet.to_python(skip_empty_area=False)
    return found


def _guarded(shown: str, call: Any) -> Any:
    from python_calamine import PasswordError

    try:
        return call()
    except InputError:
        raise
    except PasswordError:
        raise InputError("import.protected", file=shown) from None
    except Exception as error:  # noqa: BLE001  # the reader raises what its parsers raise; the file is at fault
        if "password" in str(error).lower():
            raise InputError("import.protected", file=shown) from None
        raise InputError("import.damaged", file=shown) from None
    except BaseException as error:
        # a panic of the Rust reader is no Exception; anything else (Ctrl+C) goes on
        if type(error).__name__ != "PanicException":
            raise
        raise InputError("import.damaged", file=shown) from None


# tables --------------------------------------------------------------------------------------------------------------


def _sheet(shown: str, name: str, rows: list[tuple[int, list[Cell]]], known: frozenset[str]) -> Sheet:
    at, hits = _header_row(rows, known, shown)
    line, cells = rows[at]
    body = [(n, row) for n, row in rows[at + 1 :] if not all(_blank(cell) for cell in row)]
    if len(body) > MAX_ROWS:
        raise InputError("import.too_many_rows", file=shown, found=len(body), limit=MAX_ROWS)
    headers = [text(cell).replace("\n", "") for cell in cells]
    width = max([i + 1 for i, header in enumerate(headers) if header], default=0)
    width = max([width, *(_used_width(row) for _, row in body)])
    headers = (headers + [""] * width)[:width]
    return Sheet(
        file=shown,
        name=name,
        headers=_unique(headers),
        rows=tuple(SheetRow(n, tuple((row + [None] * width)[:width])) for n, row in body),
        header_line=line,
        titles=tuple(words for _, row in rows[:at] if (words := " ".join(t for c in row if (t := text(c))))),
        hits=hits,
    )


def _blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _used_width(row: Sequence[Cell]) -> int:
    for i in range(len(row), 0, -1):
        if not _blank(row[i - 1]):
            return i
    return 0


def _header_row(rows: list[tuple[int, list[Cell]]], known: frozenset[str], shown: str) -> tuple[int, int]:
    """(index, hits) of the header: most known words; a title line is one long cell and never more than one word."""
    best, best_hits = -1, 0
    for i, (_, row) in enumerate(rows[:HEADER_SEARCH_ROWS]):
        hits = len({key for cell in row if (key := header_key(text(cell))) in known})
        if hits > best_hits:
            best, best_hits = i, hits
    if best_hits >= 2 or (best_hits == 1 and _filled(rows[best][1]) == 1):
        return best, best_hits
    for i, (_, row) in enumerate(rows[:HEADER_SEARCH_ROWS]):
        if _looks_like_header(row):
            return (best, best_hits) if best_hits and best >= i else (i, 0)
    if best_hits:
        return best, best_hits
    line = next((n for n, row in rows if _filled(row)), 1)
    raise InputError("import.no_header", file=shown, line=line)


def _filled(row: Sequence[Cell]) -> int:
    return sum(1 for cell in row if not _blank(cell))


def _looks_like_header(row: Sequence[Cell]) -> bool:
    words = [text(cell) for cell in row if text(cell)]
    return len(words) >= 2 and len(set(words)) == len(words) and all(isinstance(c, str) for c in row if text(c))


def _unique(headers: Sequence[str]) -> tuple[str, ...]:
    """Empty headers become 第 C 列 so that they can be mapped; repeated ones get a number."""
    seen: dict[str, int] = {}
    made = []
    for i, header in enumerate(headers):
        base = header[:120] or f"({_letters(i)})"
        seen[base] = seen.get(base, 0) + 1
        made.append(base if seen[base] == 1 else f"{base} ({seen[base]})")
    return tuple(made)


def _letters(index: int) -> str:
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
